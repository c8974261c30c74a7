// A file may be dropped anywhere on the page; without this the input and the button do all there is to do.
document.addEventListener("DOMContentLoaded", () => {
  const zone = document.querySelector("[data-drop]");
  if (!zone) return;
  const input = zone.querySelector("input[type=file]");
  input.hasChangeListener = true; // else Unfold writes the name into a field of its own widget, which is not here
  const said = zone.querySelector("[role=status]");
  const button = input.form.querySelector("button[type=submit]");
  const size = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });

  const tooLarge = () => input.files.length > 0 && input.files[0].size > Number(zone.dataset.most);
  const show = () => {
    const [file] = input.files;
    const words = file ? `${file.name}, ${size.format(file.size / 2 ** 20)}` : "";
    said.textContent = tooLarge() ? `${words}. ${zone.dataset.tooLarge}` : words;
  };
  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");

  input.addEventListener("change", show);
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.add("desk-over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.classList.remove("desk-over");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.remove("desk-over");
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    show();
    if (!tooLarge()) input.form.requestSubmit(button);
  });
  input.form.addEventListener("submit", (event) => {
    if (tooLarge()) {
      event.preventDefault();
    } else if (input.files.length) {
      button.disabled = true;
      said.textContent = zone.dataset.busy;
    }
  });
  window.addEventListener("pageshow", () => {
    button.disabled = false;
    show();
  });
});

// Unfold opens its menus by a click on elements that no keyboard can reach: make buttons of them.
document.addEventListener("DOMContentLoaded", () => {
  const openers = document.querySelectorAll("span[x-on\\:click], div[x-on\\:click*='openUserLinks'], a[x-on\\:click]:not([href])");
  for (const opener of openers) {
    opener.setAttribute("role", "button");
    opener.tabIndex = 0;
    opener.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        opener.click();
      }
    });
  }
});

// Where the main thing is: Unfold's frame names no landmarks.
document.addEventListener("DOMContentLoaded", () => {
  const main = document.getElementById("content") ?? document.querySelector("#page > div");
  main?.setAttribute("role", "main");
  document.getElementById("header-inner")?.setAttribute("role", "banner");
});

// The lists that are searched by typing say what they are lists of; jQuery has made them by the time it calls back.
document.addEventListener("DOMContentLoaded", () => {
  const name = (select, field) => {
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (label && field) field.setAttribute("aria-label", label.textContent.trim());
  };
  const jQuery = window.django?.jQuery;
  // Every choice has a cross of its own; the one for all would stand where a list may have nothing but its items.
  for (const select of document.querySelectorAll("select[multiple][data-allow-clear]")) select.dataset.allowClear = "false";
  jQuery?.(() => {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible"))
      for (const field of select.nextElementSibling?.querySelectorAll(".select2-search__field, [role=combobox], [role=textbox]") ?? [])
        name(select, field);
  });
  jQuery?.(document).on("select2:open", (event) =>
    name(event.target, document.querySelector(".select2-container--open .select2-search__field")),
  );
});

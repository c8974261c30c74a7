// A part of a page that is fetched again and again says so when nobody answers any more.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const note = document.getElementById("stale");
  if (note && detail.elt.hasAttribute("data-live")) note.hidden = Boolean(detail.successful);
});

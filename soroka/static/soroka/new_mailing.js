// The lists that are searched by typing tell jQuery alone that something was chosen: tell htmx as well.
document.addEventListener("DOMContentLoaded", () => {
  window.django?.jQuery(".desk-form").on("change", "select", (event) => {
    if (!event.originalEvent) event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
});

// What follows the form says so where it could not; a page in its place, as that of the login, is no answer.
(() => {
  const part = (event) => event.detail.elt?.closest(".desk-live");
  const mark = (event, isStale) => part(event)?.classList.toggle("desk-stale", isStale);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const isOther = xhr.responseURL && new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, location).pathname;
    if (part(event) && isOther) event.detail.shouldSwap = false;
    mark(event, isOther || xhr.status >= 400);
  });
  document.addEventListener("htmx:sendError", (event) => mark(event, true));
})();

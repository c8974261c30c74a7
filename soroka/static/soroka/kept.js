// Parts of a page that are fetched anew keep what the viewer did to them: what he opened, how far he scrolled, and
// where the focus is. A part has an id, and so has whatever is opened or scrolled in it.
(() => {
  const FOCUSABLE = "a[href], button, input, select, summary, [tabindex]";
  const kept = new Map(); // id of a part -> what was done to it

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const part = detail.target;
    if (!part.id) return;
    kept.set(part.id, {
      open: [...part.querySelectorAll("details[open][id]")].map(({ id }) => id),
      scrolled: [...part.querySelectorAll("[id]")].filter(({ scrollTop }) => scrollTop).map((each) => [each.id, each.scrollTop]),
      focus: [...part.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement),
    });
  });

  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, { open, scrolled, focus }] of kept) {
      const part = document.getElementById(id);
      kept.delete(id);
      if (!part) continue;
      for (const each of open) document.getElementById(each)?.setAttribute("open", "");
      for (const [each, top] of scrolled) document.getElementById(each)?.scrollTo({ top });
      if (focus >= 0) part.querySelectorAll(FOCUSABLE)[focus]?.focus({ preventScroll: true });
    }
  });
})();

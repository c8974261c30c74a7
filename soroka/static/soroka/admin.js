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

// Unfold draws the charts of a page once it is loaded; those of a part that came later are drawn here, once.
document.addEventListener("htmx:afterSettle", () => {
  const canvas = document.querySelector("canvas.chart:not([data-drawn])");
  if (canvas) {
    canvas.dataset.drawn = "";
    renderCharts();
  }
});

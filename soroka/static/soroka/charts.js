// Draws every canvas.chart, also of the parts that htmx brings, and takes away those that it swapped out. The markup
// is that of Unfold's chart components; Unfold's own drawing is kept from it, for it draws a page once and only once.
(() => {
  const drawn = new Map(); // canvas -> {chart, data}
  const THIN = "\u202f";

  const language = () => document.documentElement.lang || "ru";
  const grouped = (number) =>
    new Intl.NumberFormat(language(), { maximumFractionDigits: 2 })
      .formatToParts(number)
      .map(({ type, value }) => (type === "group" ? THIN : value))
      .join("");

  const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const resolved = (colour) => {
    const name = typeof colour === "string" && colour.match(/^var\((--[\w-]+)\)$/);
    return name ? variable(name[1]) : colour;
  };
  const inColour = (dataset) => {
    const mixed = { ...dataset };
    for (const name of ["borderColor", "backgroundColor", "pointBackgroundColor", "hoverBackgroundColor"]) {
      if (Array.isArray(mixed[name])) mixed[name] = mixed[name].map(resolved);
      else if (mixed[name]) mixed[name] = resolved(mixed[name]);
    }
    return mixed;
  };

  const suffix = (chart) => {
    const words = chart.data.datasets.find((dataset) => dataset.suffixYAxis)?.suffixYAxis;
    return words ? ` ${words}` : "";
  };
  const isSpread = (context) => ["pie", "doughnut", "radar", "polarArea"].includes(context.chart.config.type);
  const valueTick = function (value) {
    // The axis of the categories has words; the other has numbers.
    const isNumber = this.type === "linear" || this.type === "logarithmic";
    return isNumber ? grouped(value) + (this.axis === "y" ? suffix(this.chart) : "") : this.getLabelForValue(value);
  };
  const tooltipLabel = (context) => {
    const { parsed, dataset, label, chart } = context;
    const across = chart.options.indexAxis === "y";
    const number = typeof parsed === "number" ? parsed : (across ? parsed.x : parsed.y) ?? parsed.r;
    const words = dataset.label || (isSpread(context) ? label : "");
    return `${words ? `${words}: ` : ""}${number === null || number === undefined ? "–" : grouped(number)}${suffix(chart)}`;
  };

  const ours = () => ({
    animation: false,
    maxBarThickness: 28,
    interaction: { mode: "index", intersect: false },
    datasets: { bar: { borderRadius: 2, borderSkipped: "start" }, line: { pointRadius: 0, pointHitRadius: 12, tension: 0 } },
    plugins: {
      legend: { labels: { boxHeight: 8, boxWidth: 8 } },
      tooltip: { callbacks: { label: tooltipLabel } },
    },
    scales: {
      x: { ticks: { callback: valueTick, maxRotation: 0, autoSkipPadding: 12 } },
      y: { beginAtZero: true, ticks: { callback: valueTick, display: (context) => !isSpread(context), precision: 0, maxTicksLimit: 6 } },
    },
  });

  const paint = ({ chart, data }) => {
    const isDark = document.documentElement.classList.contains("dark");
    const ink = variable(isDark ? "--color-base-300" : "--color-base-600");
    const line = variable(isDark ? "--color-base-700" : "--color-base-200");
    chart.data.datasets = data.datasets.map(inColour);
    chart.options.plugins.legend.labels.color = ink;
    for (const scale of Object.values(chart.options.scales ?? {})) {
      if (scale.ticks) scale.ticks.color = ink;
      if (scale.grid) scale.grid.color = line;
    }
    chart.update("none");
  };

  // What the figures of a canvas are is said beside it as text; here it only gets its name.
  const name = (canvas, data) => {
    canvas.setAttribute("role", "img");
    if (canvas.hasAttribute("aria-label")) return;
    const around = canvas.closest("[data-chart-label], figure, section, .desk-panel");
    const heading = around?.dataset.chartLabel || around?.querySelector("figcaption, h2, h3")?.textContent.trim();
    const labels = data.datasets.map((dataset) => dataset.label).filter(Boolean).join(", ");
    canvas.setAttribute("aria-label", [heading, labels].filter(Boolean).join(": "));
  };

  const draw = (canvas) => {
    const data = JSON.parse(canvas.dataset.value);
    const given = canvas.dataset.options ? JSON.parse(canvas.dataset.options) : {};
    canvas.removeAttribute("data-value"); // Unfold draws what has one
    const options = Chart.helpers.merge({}, [DEFAULT_CHART_OPTIONS, ours(), given]);
    if (canvas.dataset.type === "radar") options.scales = { r: { ticks: { backdropColor: "transparent" } } };
    options.plugins.legend.display = given.plugins?.legend?.display ?? data.datasets.filter((set) => set.label).length > 1;
    Chart.defaults.font.family = "Inter";
    Chart.defaults.font.size = 12;
    name(canvas, data);
    const chart = new Chart(canvas, {
      type: canvas.dataset.type || "bar",
      data: { ...data, datasets: data.datasets.map(inColour) },
      options,
    });
    drawn.set(canvas, { chart, data });
    paint(drawn.get(canvas));
  };

  const remove = (canvas) => {
    drawn.get(canvas)?.chart.destroy();
    drawn.delete(canvas);
  };

  const drawAll = () => {
    for (const canvas of drawn.keys()) if (!canvas.isConnected) remove(canvas);
    for (const canvas of document.querySelectorAll("canvas.chart[data-value]")) draw(canvas);
  };

  document.addEventListener("DOMContentLoaded", () => {
    drawAll();
    new MutationObserver(() => drawn.forEach(paint)).observe(document.documentElement, { attributeFilter: ["class"] });
  });
  document.addEventListener("htmx:afterSwap", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("htmx:beforeCleanupElement", (event) => remove(event.target));
  // A sheet of paper has another width.
  window.addEventListener("beforeprint", () => drawn.forEach(({ chart }) => chart.resize()));
  window.addEventListener("afterprint", () => drawn.forEach(({ chart }) => chart.resize()));
})();

// Draws what the server wrote into data-chart; the same stands beside it as a table.
"use strict";
(() => {
  const looks = {
    actual: { borderColor: "#0d5c63", backgroundColor: "#0d5c63", borderWidth: 3, pointRadius: 3 },
    expected: { borderColor: "#8a97a3", borderDash: [5, 4], borderWidth: 2, pointRadius: 0 },
    target: { borderColor: "#b35c00", borderWidth: 2, pointRadius: 0 },
    low: { borderColor: "#7aa9ad", backgroundColor: "#7aa9ad", showLine: false, pointRadius: 4, pointStyle: "line" },
    middle: { borderColor: "#0d5c63", backgroundColor: "#fff", showLine: false, pointRadius: 6, pointStyle: "rectRot", borderWidth: 2 },
    high: { borderColor: "#7aa9ad", backgroundColor: "#7aa9ad", showLine: false, pointRadius: 4, pointStyle: "line" },
    bar: { backgroundColor: "#7aa9ad" },
    step: {},
  };
  // Neither red nor green: what leaves the pipeline is not bad in itself.
  const steps = { whole: "#0d5c63", up: "#7aa9ad", down: "#b98a4a" };
  const length = (item) => (Array.isArray(item.raw) ? item.raw[1] - item.raw[0] : item.parsed.y);
  const language = document.documentElement.lang;
  const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const full = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    const wanted = JSON.parse(canvas.dataset.chart);
    const sign = wanted.unit === "ratio" ? "%" : "";
    new Chart(canvas, {
      type: wanted.kind,
      data: {
        labels: wanted.labels,
        datasets: wanted.series.map((one) => ({
          label: one.label,
          data: one.values,
          type: wanted.kind === "bar" && !["bar", "step"].includes(one.role) ? "line" : wanted.kind,
          spanGaps: false,
          ...looks[one.role],
          ...(one.roles ? { backgroundColor: one.roles.map((role) => steps[role]) } : {}),
        })),
      },
      options: {
        animation: still ? false : { duration: 300 },
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        scales: {
          y: { beginAtZero: true, ticks: { precision: 0, callback: (value) => short.format(value) + sign } },
          x: { grid: { display: false } },
        },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, boxHeight: 6 } },
          tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${full.format(length(item))}${sign}` } },
        },
      },
    });
  }
})();

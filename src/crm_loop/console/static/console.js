// Small things that a page can do without: everything works with plain forms, too.
"use strict";
document.addEventListener("submit", (event) => {
  const question = event.target.getAttribute("data-ask");
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  // A second press of the same button changes nothing, but people press again when it takes long.
  for (const button of event.target.querySelectorAll("button[type=submit]")) {
    window.setTimeout(() => { button.disabled = true; button.dataset.waits = "1"; }, 0);
  }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[data-waits]")) button.disabled = false;
});

"use strict";
// Filters and sorts what is in the page. It adds no text of its own but numbers, and asks nobody for anything.
const tools = document.querySelector(".tools");
const [text, look, model] = ["filter", "only-look", "only-model"].map((id) => document.getElementById(id));
const count = document.getElementById("count");
const rows = [...document.querySelectorAll("[data-row]")].map((node) => ({ node, words: node.textContent.toLowerCase() }));
const folds = [...document.querySelectorAll("details")];
const open = new Map(folds.map((fold) => [fold, fold.open]));

function filter() {
  const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const marked = look.checked || model.checked;
  let shown = 0;
  for (const { node, words } of rows) {
    const grant = "grant" in node.dataset;
    const fits = wanted.every((word) => words.includes(word)) &&
      (!grant || ((!look.checked || "look" in node.dataset) && (!model.checked || "model" in node.dataset)));
    node.hidden = !fits;
    shown += fits;
  }
  for (const fold of folds) fold.open = wanted.length || marked ? true : open.get(fold);
  count.textContent = wanted.length || marked ? `${shown} of ${rows.length} rows` : "";
}

function sort(head) {
  const table = head.closest("table");
  const column = [...head.parentNode.children].indexOf(head);
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const key = (row) => row.children[column].dataset.key ?? row.children[column].textContent;
  const order = (a, b) => key(a).localeCompare(key(b), "en", { numeric: true });
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort((a, b) => (ascending ? order(a, b) : order(b, a))));
}

for (const head of document.querySelectorAll("thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  button.addEventListener("click", () => sort(head));
  head.replaceChildren(button);
}
for (const control of [text, look, model]) control.addEventListener("input", filter);
model.parentElement.hidden = !document.querySelector("[data-model]");
tools.hidden = false;

// On paper: every table open, the map at the size of the page, the sheet as large as was asked for.
import { element } from "./looks.js";

// Pixels of the map on a sheet lying down, beside its key.
const SHEETS = { A4: [700, 405], A3: [1085, 740] };

function label(table, heads) {
  for (const row of table.tBodies[0].rows)
    heads.forEach((head, k) => row.cells[k] && k && row.cells[k].setAttribute("data-label", head));
}

// `sites` draws them anew for paper.
export function forPaper(map, tables, sites, refit) {
  const box = map.getContainer();
  const root = document.documentElement;
  const style = element("style");
  document.head.append(style);
  let sheet = "A4";
  let before = null;

  // A wide table is set row by row, each cell under the name of its column.
  for (const table of document.querySelectorAll(".ap-many")) {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells].map((head) => head.textContent);
    new MutationObserver(() => label(table, heads)).observe(table.tBodies[0], { childList: true });
    label(table, heads);
  }

  function lay() {
    if (before) return;
    const folded = [...document.querySelectorAll("main details:not([open])")];
    before = { folded, width: box.style.width, height: box.style.height, centre: map.getCenter(), zoom: map.getZoom() };
    for (const details of folded) details.open = true;
    tables.unroll();
    root.classList.toggle("ap-a3", sheet === "A3");
    style.textContent = `@page { size: ${sheet} landscape; }`;
    const [width, height] = SHEETS[sheet];
    box.style.width = `${width}px`;
    box.style.height = `${height}px`;
    map.invalidateSize({ animate: false, pan: false });
    refit();
    sites.print(true);
  }
  function lift() {
    if (!before) return;
    for (const details of before.folded) details.open = false;
    tables.roll();
    sites.print(false);
    root.classList.remove("ap-a3");
    box.style.width = before.width;
    box.style.height = before.height;
    map.invalidateSize({ animate: false, pan: false });
    map.setView(before.centre, before.zoom, { animate: false });
    before = null;
    sheet = "A4";
  }
  globalThis.addEventListener("beforeprint", lay);
  globalThis.addEventListener("afterprint", lift);

  const bar = element("p", { class: "ap-print" });
  for (const size of Object.keys(SHEETS)) {
    const button = element("button", { type: "button", class: "ap-button" }, `Print on ${size}`);
    button.addEventListener("click", () => {
      sheet = size;
      lay();
      globalThis.print();
    });
    bar.append(button);
  }
  return bar;
}

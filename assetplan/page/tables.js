// The tables of the page: long ones by the page, all of them to be copied or taken away as CSV.
import { element } from "./looks.js";

const PAGE = 100;
const PRINTED = 1000;

// What a spreadsheet would run as a formula is preceded by an apostrophe; plain numbers and a lone dash are left alone.
export function plainCell(text) {
  const harmless = text.length < 2 || /^[+-]?\d[\d,]*(\.\d+)?$/.test(text);
  return /^[=+\-@\t\r\n'＝＋－＠]/.test(text) && !harmless ? `'${text}` : text;
}

export function csvOf(rows) {
  const cell = (text) => {
    const plain = plainCell(text);
    return /[",\r\n]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
  };
  return `\ufeff${rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
}

export const tabbed = (rows) =>
  rows.map((row) => row.map((text) => plainCell(text).replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n");

// A name for a file: words of a title joined by hyphens.
export function fileName(title, suffix) {
  const plain = title
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `${plain.slice(0, 60).replace(/-$/, "") || "table"}${suffix}`;
}

async function copy(text) {
  if (navigator.clipboard?.writeText) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // A browser may refuse a page from a file; the older way follows.
    }
  }
  const area = element("textarea", { class: "ap-hidden", "aria-hidden": "true", tabindex: "-1" });
  area.value = text;
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus({ preventScroll: true });
  return done;
}

export function download(name, text, type = "text/csv") {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = element("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// One table: its rows from the page itself, or from the page's data where it is too long to stand there.
function sheet(block, packed) {
  const table = block.querySelector("table");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  const looks = heads.map((head) => head.className);
  const columns = heads.map((head) => head.textContent);
  const stacked = table.classList.contains("ap-stacked");
  const standing = [...body.rows].filter((row) => row.dataset.site !== undefined);
  const count = packed ? packed.sites.length : standing.length;
  const siteOf = (i) => (packed ? packed.sites[i] : Number(standing[i].dataset.site));
  const textOf = (cell) => (cell.querySelector(".ap-cell") || cell).textContent;
  const cells = (i) => (packed ? packed.columns.map((column) => column.at(i)) : [...standing[i].cells].map(textOf));

  // A row as the page's template writes it.
  function made(i) {
    const site = siteOf(i);
    const row = element("tr", { "data-site": site, tabindex: "-1" });
    cells(i).forEach((text, k) => {
      if (k) {
        const look = looks[k] ? { class: looks[k] } : {};
        row.append(element("td", stacked ? { ...look, "data-label": columns[k] } : look, text));
        return;
      }
      const head = element("th", { scope: "row" }, element("span", { class: "ap-cell" }, text));
      if (site >= 0) {
        const name = element("span", { class: "ap-hidden" }, ` ${text}`);
        head.append(
          " ",
          element("button", { type: "button", class: "ap-show", "data-site": site }, "Show on map", name),
        );
      }
      row.append(head);
    });
    return row;
  }
  return { block, body, columns, count, siteOf, cells, row: (i) => (packed ? made(i) : standing[i]) };
}

function drawSheet(one, title) {
  const { block, body } = one;
  const size = one.count > PAGE * 5 ? PAGE : one.count || 1;
  const caption = block.querySelector("caption").textContent;
  let listed = Array.from({ length: one.count }, (_, i) => i);
  let page = 0;
  let marked = -1;
  const said = element("span", { class: "ap-said", role: "status" });
  const button = (text, press) => {
    const node = element("button", { type: "button", class: "ap-button" }, text);
    node.addEventListener("click", press);
    return node;
  };
  const hush = element("span", { class: "ap-hidden" }, ` of ${caption}`);
  const copying = button("Copy table", async () => {
    const done = await copy(tabbed([one.columns, ...listed.map(one.cells)]));
    said.textContent = done
      ? `Copied ${listed.length.toLocaleString("en-GB")} rows.`
      : "This browser does not let a page copy.";
  });
  copying.append(hush.cloneNode(true));
  const saving = button("Download CSV", () =>
    download(fileName(`${title} ${block.dataset.id}`, ".csv"), csvOf([one.columns, ...listed.map(one.cells)])),
  );
  saving.append(hush.cloneNode(true));
  const earlier = button("Previous rows", () => turn(page - 1));
  const later = button("Next rows", () => turn(page + 1));
  earlier.append(hush.cloneNode(true));
  later.append(hush.cloneNode(true));
  const where = element("span", { class: "ap-where" });
  const tools = element("div", { class: "ap-tools" }, copying, saving);
  if (one.count > size) tools.append(earlier, later);
  tools.append(where, said);
  block.querySelector(".ap-scroll").before(tools);
  block.querySelector(".ap-rest")?.remove();

  function show(from, to) {
    const rows = listed.slice(from, to).map(one.row);
    const none = element("tr", null, element("td", { colspan: one.columns.length }, "None."));
    body.replaceChildren(...(rows.length ? rows : [none]));
    for (const row of rows) row.classList.toggle("ap-current", Number(row.dataset.site) === marked && marked >= 0);
    const number = (n) => n.toLocaleString("en-GB");
    const all = listed.length === one.count ? "" : ` chosen of ${number(one.count)}`;
    where.textContent =
      listed.length > rows.length
        ? `Rows ${number(from + 1)} to ${number(Math.min(to, listed.length))} of ${number(listed.length)}${all}`
        : `${number(listed.length)} ${listed.length === 1 ? "row" : "rows"}${all}`;
  }
  function turn(to) {
    const last = Math.max(0, Math.ceil(listed.length / size) - 1);
    page = Math.min(Math.max(to, 0), last);
    earlier.disabled = page === 0;
    later.disabled = page === last;
    show(page * size, (page + 1) * size);
  }
  turn(0);
  return {
    // Only rows of chosen sites, and rows of no site; all where `chosen` is null.
    choose(chosen) {
      listed = Array.from({ length: one.count }, (_, i) => i).filter(
        (i) => !chosen || one.siteOf(i) < 0 || chosen[one.siteOf(i)],
      );
      turn(0);
    },
    mark(site) {
      marked = site;
      for (const row of body.rows) row.classList.toggle("ap-current", Number(row.dataset.site) === site && site >= 0);
    },
    has: (site) => listed.some((i) => one.siteOf(i) === site),
    // Turn to the row of a site and put the focus on it.
    goTo(site) {
      const place = listed.findIndex((i) => one.siteOf(i) === site);
      if (place < 0) return;
      const folded = block.closest("details");
      if (folded) folded.open = true;
      turn(Math.floor(place / size));
      const row = body.rows[place % size];
      row.tabIndex = -1;
      row.focus({ preventScroll: true });
      row.scrollIntoView({ block: "center" });
    },
    // On paper a long table goes on to a thousand rows.
    unroll: () => show(0, PRINTED),
    roll: () => turn(page),
  };
}

// All tables of the page. `press` is called with the site whose row asks to be shown on the map.
export function drawTables(view, title, press) {
  const sheets = [...document.querySelectorAll(".ap-table-block")].map((block) => {
    const drawn = drawSheet(sheet(block, view.tables.get(Number(block.dataset.table))), title);
    block.addEventListener("click", (event) => {
      const button = event.target.closest("button.ap-show");
      if (button) press(Number(button.dataset.site));
    });
    return { id: block.dataset.id, ...drawn };
  });
  const first = sheets.find((one) => one.id === "sites");
  return {
    choose: (chosen) => first?.choose(chosen),
    mark: (site) => first?.mark(site),
    has: (site) => Boolean(first?.has(site)),
    goTo: (site) => first?.goTo(site),
    unroll: () => sheets.forEach((one) => one.unroll()),
    roll: () => sheets.forEach((one) => one.roll()),
  };
}

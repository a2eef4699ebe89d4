// Finding, tables, measuring and looks: what the page does with text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, random } from "./load.mjs";

const { askedFor, folded, haystackOf, matching } = await load("finding.js");
const { csvOf, fileName, plainCell, tabbed } = await load("tables.js");
const { inMetres } = await load("measure.js");
const { has, plainColour, statusKey } = await load("looks.js");

const column = (values) => ({ at: (i) => values[i], length: values.length });
function estate(count) {
  const next = random(5);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const rows = Array.from({ length: count }, (_, i) => ({
    name: `${pick(["Café", "Depot", "School"])} ${i}`,
    owner: Math.floor(next() * 3),
    status: pick(["operational", "surplus", "__proto__"]),
    use: pick(["office", "school"]),
    area: pick([null, 0.5, 2, 9]),
    uprn: String(1000 + i),
  }));
  const owners = [{ name: "County" }, { name: "District" }, { name: "NHS" }];
  return {
    rows,
    sites: {
      count,
      id: column(rows.map((_, i) => `x:${i}`)),
      name: column(rows.map((row) => row.name)),
      status: column(rows.map((row) => row.status)),
      use: column(rows.map((row) => row.use)),
      organisation: Int32Array.from(rows, (row) => row.owner),
      owner: (i) => owners[rows[i].owner],
      area: (i) => rows[i].area,
      searched: [column(rows.map((row) => row.uprn))],
    },
  };
}

test("choosing sites is what looking at each of them gives", () => {
  const { rows, sites } = estate(400);
  const haystack = haystackOf(sites);
  const next = random(9);
  const nothing = { text: " ", owner: -1, status: "", use: "", least: null, most: null };
  assert.equal(matching(sites, haystack, nothing), null);
  let some = 0;
  for (let round = 0; round < 200; round++) {
    const choices = {
      text: ["", "cafe", "CAFÉ 1", "nhs depot", "1012", "nowhere"][Math.floor(next() * 6)],
      owner: Math.floor(next() * 4) - 1,
      status: ["", "surplus", "unknown"][Math.floor(next() * 3)],
      use: ["", "school"][Math.floor(next() * 2)],
      least: [null, 0.5, 3][Math.floor(next() * 3)],
      most: [null, 2][Math.floor(next() * 2)],
    };
    const found = matching(sites, haystack, choices);
    rows.forEach((row, i) => {
      const text = `${row.name} x:${i} ${["County", "District", "NHS"][row.owner]} ${row.uprn}`;
      const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
      const status = row.status === "__proto__" ? "unknown" : row.status;
      const bounded = choices.least !== null || choices.most !== null;
      const fits =
        folded(choices.text).split(" ").every((word) => plain.includes(word)) &&
        (choices.owner < 0 || row.owner === choices.owner) &&
        (!choices.status || status === choices.status) &&
        (!choices.use || row.use === choices.use) &&
        (!bounded || (row.area !== null && row.area >= (choices.least ?? 0) && row.area <= (choices.most ?? 99))); // prettier-ignore
      if (found) assert.equal(found[i] === 1, fits);
      some += fits && found ? 1 : 0;
    });
  }
  assert.ok(some > 500);
});

test("a link asks for an identifier, whatever stands in it", () => {
  assert.equal(askedFor("#site=rdc%3AHQ%20%3Cb%3E"), "rdc:HQ <b>");
  for (const address of ["", "#", "#site=", "#row-1", "#site=%", "#site=%E0%A4%A", "#xsite=a"]) {
    assert.equal(askedFor(address), null, address);
  }
});

test("CSV: quoted where it must be, and nothing runs in a spreadsheet", () => {
  for (const text of ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\tx", "\rx", "'x", "＝1"]) {
    assert.equal(plainCell(text), `'${text}`);
  }
  for (const text of ["-", "-5", "-1,250.50", "+44", "", "Fish & Chips", "a=b"]) assert.equal(plainCell(text), text);
  assert.equal(csvOf([["a", 'b "c"', "d,e"], ["f\r\ng", "", "=x"]]), '\ufeffa,"b ""c""","d,e"\r\n"f\r\ng",,\'=x\r\n'); // prettier-ignore
  assert.equal(tabbed([["a\tb", "c\nd"], ["=x", "y"]]), "a b\tc d\n'=x\ty"); // prettier-ignore
});

test("file names are words", () => {
  assert.equal(fileName("../../etc/<script>{{7*191}}", ".csv"), "etc-script-7-191.csv");
  assert.equal(fileName("Ysgol Dŵr", ".csv"), "ysgol-dwr.csv");
  assert.equal(fileName("\u202e", ".csv"), "table.csv");
  assert.ok(fileName("x".repeat(900), ".csv").length <= 64);
});

test("distances as people say them", () => {
  assert.equal(inMetres(12.4), "about 12 m");
  assert.equal(inMetres(846), "about 850 m");
  assert.equal(inMetres(1234), "about 1.23 km");
  assert.equal(inMetres(45678), "about 45.7 km");
});

test("only a plain colour is a colour, only a known status a status", () => {
  assert.equal(plainColour("#0072B2"), "#0072B2");
  for (const text of ["red", "#fff", "url(https://x.example)", "#0072B2;background:url(//x)", "", "#0072B2 "]) {
    assert.notEqual(plainColour(text), text);
    assert.match(plainColour(text), /^#[0-9a-f]{6}$/);
  }
  for (const name of ["constructor", "__proto__", "toString", "nonsense"]) {
    assert.equal(statusKey(name), "unknown");
    assert.equal(has({}, name), false);
  }
  assert.equal(statusKey("surplus"), "surplus");
});

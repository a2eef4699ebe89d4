// Walking from site to neighbour: who lies by whom, and what a card says of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, random } from "./load.mjs";

// As much of a document as a card needs.
class Fake {
  constructor(tag) {
    Object.assign(this, { tag, attributes: {}, children: [], pressed: null, style: {} });
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  append(...parts) {
    this.children.push(...parts);
  }
  prepend(...parts) {
    this.children.unshift(...parts);
  }
  addEventListener(name, press) {
    this.pressed = press;
  }
  get textContent() {
    return this.children.map((child) => (typeof child === "string" ? child : child.textContent)).join("");
  }
  all(tag) {
    const inner = this.children.flatMap((child) => (typeof child === "string" ? [] : child.all(tag)));
    return this.tag === tag ? [this, ...inner] : inner;
  }
}
globalThis.document = {
  createElement: (tag) => new Fake(tag),
  createElementNS: (_, tag) => new Fake(tag),
  body: new Fake("body"),
};

const { neighbourIndex, neighbourPart } = await load("walk.js");
const ORDER = ["overlapping", "touching", "opposite", "near"];
const column = (values) => ({ at: (i) => values[i] });

function estate(count, pairs, names = Array.from({ length: count }, (_, i) => `Site ${i % 7}`)) {
  const owner = { name: "County <b>Council</b>", letter: "C", colour: "#0072b2", pattern: "plain" };
  const sites = {
    count,
    name: column(names),
    precision: column(names.map((_, i) => (i % 3 ? "point" : "postcode"))),
    owner: (i) => (i % 2 ? owner : undefined),
  };
  const relations = {
    count: pairs.length,
    a: Int32Array.from(pairs, ([a]) => a),
    b: Int32Array.from(pairs, ([, b]) => b),
    kind: column(pairs.map(([, , kind]) => kind)),
    gap: Int32Array.from(pairs, ([, , , gap]) => gap),
    measure: column(pairs.map(([, , , gap]) => `${gap} m away`)),
  };
  return { sites, relations };
}

function drawn(count, number, seed) {
  const next = random(seed);
  const pairs = new Map();
  while (pairs.size < number) {
    const [a, b] = [Math.floor(next() * count), Math.floor(next() * count)];
    if (a === b || pairs.has(`${b} ${a}`)) continue;
    const kind = ORDER[Math.floor(next() * 4)];
    pairs.set(`${a} ${b}`, [a, b, kind, kind === "touching" ? -1 : Math.floor(next() * 9)]);
  }
  return [...pairs.values()];
}

test("the neighbours of each site are those that looking through all pairs finds, by kind, nearest first", () => {
  const pairs = drawn(60, 300, 3);
  const { sites, relations } = estate(60, pairs);
  const of = neighbourIndex(sites, relations);
  let some = 0;
  for (let i = 0; i < 60; i++) {
    const found = of(i);
    const looked = pairs.filter(([a, b]) => a === i || b === i).map(([a, b, kind]) => `${a === i ? b : a} ${kind}`);
    assert.deepEqual(found.map((one) => `${one.site} ${one.kind}`).sort(), looked.sort());
    const keys = found.map((one) => [ORDER.indexOf(one.kind), one.gap, one.name, one.site]);
    keys.slice(1).forEach((key, k) => {
      const at = key.findIndex((part, j) => part !== keys[k][j]);
      assert.ok(keys[k][at] < key[at], `${keys[k]} before ${key}`);
    });
    some += found.length;
  }
  assert.equal(some, 600);
});

test("pairs are looked through when the first card opens, and once", () => {
  const { sites, relations } = estate(4, [[0, 1, "near", 5], [1, 2, "near", 3]]); // prettier-ignore
  const read = relations.a;
  let reads = 0;
  relations.a = new Proxy(read, { get: (of, name) => (/^\d+$/.test(name) && reads++, of[name]) });
  const of = neighbourIndex(sites, relations);
  assert.equal(reads, 0);
  of(3);
  const first = reads;
  assert.ok(first > 0);
  of(3);
  assert.equal(reads, first);
});

test("a card lists the first twelve neighbours under their kinds and counts the rest", () => {
  const kinds = ["near", "opposite", "near", "touching", "overlapping"];
  const pairs = Array.from({ length: 15 }, (_, k) => [k + 1, 0, kinds[k % 5], k]);
  const { sites, relations } = estate(16, pairs);
  const list = neighbourIndex(sites, relations)(0);
  const gone = [];
  const part = neighbourPart(sites, 0, { list, reach: 25, go: (i) => gone.push(i) });
  const buttons = part.all("button");
  assert.equal(buttons.length, 12);
  for (const button of buttons) button.pressed();
  assert.deepEqual(
    gone,
    list.slice(0, 12).map((one) => one.site),
  );
  const said = part.all("p").map((node) => node.textContent);
  assert.deepEqual(said, ["overlapping (3)", "touching (3)", "across a road (3)", "near (6)", "And 3 more, in the table."]); // prettier-ignore
  assert.match(buttons[0].textContent, /Site \d, (County <b>Council<\/b>|owner unknown), \d+ m away$/);
});

test("no neighbour is told from not measured", () => {
  const { sites } = estate(3, []);
  const said = (i) => neighbourPart(sites, i, { list: [], reach: 25, go: null }).all("p")[0].textContent;
  assert.equal(said(1), "No known neighbour within 25 m.");
  assert.equal(said(0), "Not measured: placed by a postcode only.");
});

test("a hostile name is only ever text", () => {
  const names = ["<img src=x onerror=alert(1)>", "${7*191}", "__proto__"];
  const { sites, relations } = estate(3, [[0, 1, "constructor", 2], [0, 2, "near", 1]], names); // prettier-ignore
  const part = neighbourPart(sites, 0, { list: neighbourIndex(sites, relations)(0), reach: 25, go: null });
  assert.deepEqual([...new Set(part.all("img"))], []);
  const told = part.all("button").map((button) => button.textContent);
  assert.ok(told[0].includes("__proto__") && told[1].includes("${7*191}"), told);
});

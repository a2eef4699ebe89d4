// Co-location options: what is saved of a reviewer's answers, and the curves along which services move.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, random } from "./load.mjs";

globalThis.document = { createElement: () => ({}), createElementNS: () => ({}) };
const { answersOf, arrowBetween, bends, tidy } = await load("options.js");

const view = {
  options: [
    { option_id: "a-1", host: "A", services: ["x", "y"], shown: "12", name: "A" },
    { option_id: "b-2", host: "B", services: ["z"], shown: "34", name: "B" },
  ],
  reviewing: {
    heading: { format: "f", version: 1, estate: "E", audience: "r", as_of: null },
    bodies: [],
    most: [10, 5],
  },
};

test("only what is marked is saved, with what is known of it", () => {
  const marks = [
    { answer: "", comment: "" },
    { answer: "needs work", comment: " two\nlines  and more " },
  ];
  assert.deepEqual(answersOf(view, marks, "body", "Head of property"), {
    format: "f",
    version: 1,
    estate: "E",
    audience: "r",
    as_of: null,
    body: "body",
    post: "Head",
    answers: { "b-2": { host: "B", services: ["z"], shown: "34", answer: "needs work", comment: "two lines" } },
  });
  assert.deepEqual(answersOf(view, [marks[0], marks[0]], "", "").answers, {});
});

test("what is typed is saved as one line without hidden characters, and not too long", () => {
  assert.equal(tidy("a\u202eb\u0000c\u200bd\ufeff\u{e0041}", 99), "a b c d");
  assert.equal(tidy("half \ud83d of it", 99), "half of it");
  assert.equal(tidy("<b>=1+1</b>", 99), "<b>=1+1</b>");
  assert.equal([...tidy("\u{1f600}".repeat(20), 10)].length, 10);
  assert.equal(tidy("x".repeat(9) + " y", 10), "x".repeat(9));
});

test("every character that a file of answers may not hold is left out", () => {
  // As assetplan.text has them.
  const ranges = [
    [0x00, 0x08], [0x0b, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x34f, 0x34f], [0x61c, 0x61c], [0x115f, 0x1160],
    [0x17b4, 0x17b5], [0x180b, 0x180f], [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0x3164, 0x3164],
    [0xfdd0, 0xfdef], [0xfe00, 0xfe0f], [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff0, 0xfffb], [0xfffe, 0xffff],
    [0x13430, 0x13438], [0x1bca0, 0x1bca3], [0x1d173, 0x1d17a], [0xe0000, 0xe0fff], [0xd800, 0xdfff],
  ]; // prettier-ignore
  for (const [low, high] of ranges)
    for (let code = low; code <= high; code++)
      assert.equal(tidy(`a${String.fromCodePoint(code)}b`, 9), "a b", code.toString(16));
});

test("an arrow goes from its place and stops short of the host, whichever way it leads", () => {
  const next = random(7);
  for (let i = 0; i < 200; i++) {
    const [from, to] = [0, 1].map(() => ({ x: next() * 1000, y: next() * 1000 }));
    const found = arrowBetween(from, to, 0.12);
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    if (length < 32) {
      assert.equal(found, null);
      continue;
    }
    assert.deepEqual(found.line[0], from);
    const [tip] = found.head;
    const off = Math.hypot(tip.x - to.x, tip.y - to.y);
    assert.ok(off > 7 && off < 34, `${off} of ${length}`);
    for (const { x, y } of [...found.line, ...found.head]) assert.ok(Number.isFinite(x) && Number.isFinite(y));
  }
  assert.equal(arrowBetween({ x: 1, y: 1 }, { x: 1, y: 1 }, 0.1), null);
});

test("moves lie side by side", () => {
  const found = bends(8);
  assert.equal(new Set(found.map((bend) => bend.toFixed(3))).size, 8);
  assert.ok(found.every((bend) => Math.abs(bend) >= 0.1 && Math.abs(bend) < 0.5));
  assert.deepEqual(bends(0), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { load, random } from "./load.mjs";

const { numbers, shapes, starts, streamed, texts } = await load("unpack.js");

// The writer's side of a stream, written again from its description.
function written(values) {
  const bytes = [];
  let before = 0;
  for (const value of values) {
    const difference = BigInt(value - before);
    before = value;
    let plain = difference < 0n ? -difference * 2n - 1n : difference * 2n;
    do {
      bytes.push(Number(plain & 127n) | (plain > 127n ? 128 : 0));
      plain >>= 7n;
    } while (plain > 0n);
  }
  return Uint8Array.from(bytes);
}

test("numbers from differences, from one value, and as they are", () => {
  assert.deepEqual([...numbers([5, -3, 0, 10])], [5, 2, 2, 12]);
  assert.deepEqual([...numbers({ all: 7, count: 3 })], [7, 7, 7]);
  assert.deepEqual([...numbers([])], []);
  const read = Int32Array.of(1, 2);
  assert.equal(numbers(read), read);
});

test("a stream gives back what was written, at the edges of the world too", () => {
  const next = random(1);
  const values = [180e6, -180e6, 180e6, 0, -1, 1, 63, 64, -64, -65];
  for (let i = 0; i < 5000; i++) values.push(Math.round((next() - 0.5) * 10 ** Math.floor(next() * 9)) + 0);
  const bytes = written(values);
  assert.deepEqual([...streamed(bytes, 0, values.length)], values);
  const shifted = Uint8Array.from([1, 2, 3, ...bytes]);
  assert.deepEqual([...streamed(shifted, 3, values.length)], values);
});

test("texts by their place, runs by their beginning", () => {
  const column = texts({ text: [1, -1, 1] }, ["a", "b"]);
  assert.deepEqual([column.at(0), column.at(1), column.at(2), column.length, column.code(1)], ["b", "a", "b", 3, 0]);
  assert.deepEqual([...starts([2, 0, 1])], [0, 2, 2, 3]);
});

test("shapes: a polygon with a hole, a multipoint, a line", () => {
  const shape = shapes({
    kind: [2, -2, 1],
    parts: [1, 1, -1],
    rings: [2, -1, 0, 0],
    vertices: [3, 0, -2, 0, 1],
    y: [0, 1e6, 0, -9e5, 1e5, 0, 0, 0, 0, 0],
    x: [0, 0, 1e6, -9e5, 0, 1e5, 0, 0, 0, 0],
  });
  assert.equal(shape.count, 3);
  assert.deepEqual([shape.kind(0), shape.kind(1), shape.kind(2)], ["polygon", "point", "line"]);
  assert.deepEqual(shape.nested(0), [
    [
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
      [
        [0.1, 0.1],
        [0.2, 0.1],
        [0.2, 0.2],
      ],
    ],
  ]);
  assert.equal(shape.nested(1).length, 2);
  assert.deepEqual(shape.span(0), [0, 6]);
});

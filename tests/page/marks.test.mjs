import assert from "node:assert/strict";
import { test } from "node:test";
import { load, random } from "./load.mjs";

const { spread } = await load("marks.js");
const { BANDS, bandOf, desksInWords, minutesSpoken, minutesText, pinRadius, reachesByName } = await load("ways.js");

const meet = (a, b, more = 0) =>
  Math.abs(a.x - b.x) < (a.width + b.width) / 2 + more && Math.abs(a.y - b.y) < (a.height + b.height) / 2 + more;

test("marks leave one another room, and what is taken stays free, while there is room", () => {
  const next = random(7);
  const places = Array.from({ length: 40 }, () => [next() * 1200, next() * 800]);
  const taken = places.map(([x, y]) => ({ x, y, width: 18, height: 18 }));
  const spots = Array.from({ length: 90 }, (_, k) => {
    const [x, y] = places[k % places.length];
    const wide = k % 3 === 0 ? 60 : 16 + next() * 24;
    return { x, y, width: wide, height: k % 3 === 0 ? 22 : wide, beside: k % 2 === 0 };
  });
  const before = JSON.stringify(spots);
  const stood = spread(spots, taken).map(([dx, dy], k) => ({ ...spots[k], x: spots[k].x + dx, y: spots[k].y + dy }));
  assert.equal(JSON.stringify(spots), before);
  stood.forEach((one, k) => {
    for (const other of stood.slice(k + 1)) {
      assert.ok(!meet(one, other), `${k}`);
      // Two buttons are 24 pixels apart, one way at least.
      assert.ok(Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y)) >= 22);
    }
    for (const other of taken) assert.ok(!meet(one, other), `${k}`);
  });
  assert.deepEqual(spread(spots, taken), spread(spots, taken));
});

test("a mark alone stands on its place, one beside it does not, and no crowd makes it fail", () => {
  const one = { x: 5, y: 5, width: 20, height: 20 };
  assert.deepEqual(spread([one]), [[0, 0]]);
  const [[dx, dy]] = spread([{ ...one, beside: true }]);
  assert.ok(dx > 0 && dy < 0);
  const crowd = Array.from({ length: 400 }, () => one);
  const stood = spread(crowd);
  assert.equal(stood.length, 400);
  assert.ok(stood.flat().every(Number.isFinite));
});

test("pins grow with the desks wanted, and not known is no size of its own among them", () => {
  const sizes = [0, 1, 4, 25, 100, 1e6].map(pinRadius);
  assert.ok(sizes.every((size, k) => !k || size > sizes[k - 1]));
  assert.equal(pinRadius(1e9), 22);
  assert.ok(Number.isFinite(pinRadius(null)));
  assert.deepEqual([null, 0, 1, 1200].map(desksInWords), ["desks not known", "0 desks", "1 desk", "1,200 desks"]);
});

test("minutes in a mark: whole, what is not known is said, and an arrow only where the number changes", () => {
  assert.equal(minutesText(8.4), "8");
  assert.equal(minutesText(null), "?");
  assert.equal(minutesText(8.4, 12.1), "▲8→12");
  assert.equal(minutesText(12.1, 8.4), "▼12→8");
  assert.equal(minutesText(8.4, 8.3), "8→8");
  assert.equal(minutesText(null, 8), "?→8");
  assert.equal(minutesText(8, null), "8→?");
  assert.equal(minutesSpoken(null), "minutes not known");
  assert.equal(minutesSpoken(3, null), "before 3 min, after minutes not known");
});

test("each minute falls into one band, an edge into the lower one", () => {
  assert.deepEqual([0, 5, 5.1, 10, 20, 20.1, 1e6].map(bandOf), [0, 0, 1, 1, 3, 4, 4]);
  assert.ok(BANDS.every(({ weight }, k) => !k || weight > BANDS[k - 1].weight));
});

test("ground of one name comes with its limits, the least first", () => {
  const rows = [{ name: "a", limit: 10 }, { name: "b", limit: 5 }, { name: "a", limit: 5 }]; // prettier-ignore
  const named = reachesByName(rows);
  assert.deepEqual([...named.keys()], ["a", "b"]);
  assert.deepEqual(named.get("a").map(({ limit }) => limit), [5, 10]); // prettier-ignore
  assert.equal(rows[0].limit, 10);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { load, random } from "./load.mjs";

const { boxes, gathered, holds, mercatorX, mercatorY, mixInWords, mixOf, parted } = await load("crowd.js");
const { shapes } = await load("unpack.js");

const differences = (values) => values.map((value, i) => value - (i ? values[i - 1] : 0));
function polygon(rings) {
  const all = rings.flat();
  return shapes({
    kind: [2],
    parts: [1],
    rings: [rings.length],
    vertices: differences(rings.map((ring) => ring.length)),
    y: differences(all.map(([y]) => y)),
    x: differences(all.map(([, x]) => x)),
  });
}

test("Web Mercator at zoom 0", () => {
  assert.equal(mercatorX(-180e6), 0);
  assert.equal(mercatorX(0), 128);
  assert.ok(Math.abs(mercatorY(0) - 128) < 1e-9);
  assert.ok(Math.abs(mercatorY(85.05112878e6)) < 1e-6);
});

// A second way: the sum of the angles under which the edges are seen.
function winds(ring, y, x) {
  let turn = 0;
  ring.forEach(([y1, x1], i) => {
    const [y2, x2] = ring[(i + 1) % ring.length];
    const angle = Math.atan2(y2 - y, x2 - x) - Math.atan2(y1 - y, x1 - x);
    turn += angle > Math.PI ? angle - 2 * Math.PI : angle < -Math.PI ? angle + 2 * Math.PI : angle;
  });
  return Math.abs(turn) > Math.PI;
}

test("a place is in a polygon where its edges wind round it, and not in its hole", () => {
  const next = random(7);
  let inside = 0;
  for (let round = 0; round < 300; round++) {
    const count = 3 + Math.floor(next() * 9);
    const turns = Array.from({ length: count }, () => next() * 2 * Math.PI).sort((a, b) => a - b);
    const ring = turns.map((turn) => {
      const far = 300 + next() * 700;
      return [Math.round(54e6 + far * Math.sin(turn)), Math.round(-0.8e6 + far * Math.cos(turn))];
    });
    const hole = ring.map(([y, x]) => [Math.round(54e6 + (y - 54e6) * 0.3), Math.round(-0.8e6 + (x + 0.8e6) * 0.3)]);
    const [whole, pierced] = [polygon([ring]), polygon([ring, hole])];
    for (let k = 0; k < 20; k++) {
      const [y, x] = [54e6 + (next() - 0.5) * 2000 + 0.37, -0.8e6 + (next() - 0.5) * 2000 + 0.41];
      const wanted = winds(ring, y, x);
      inside += wanted;
      assert.equal(holds(whole, 0, y, x), wanted);
      assert.equal(holds(pierced, 0, y, x), wanted !== winds(hole, y, x));
    }
    const ys = ring.map(([y]) => y);
    const xs = ring.map(([, x]) => x);
    assert.deepEqual([...boxes(whole)], [Math.min(...ys), Math.min(...xs), Math.max(...ys), Math.max(...xs)]);
  }
  assert.ok(inside > 300);
});

test("gathering loses no site and tells none twice; rings stand apart", () => {
  const next = random(3);
  const count = 4000;
  const x = Float64Array.from({ length: count }, () => 127 + next());
  const y = Float64Array.from({ length: count }, () => 80 + next());
  const members = Array.from({ length: count }, (_, i) => i);
  const radius = (n) => 9 + Math.log2(n);
  for (const zoom of [6, 9, 12]) {
    const groups = parted(gathered(members, x, y, 2 ** zoom, 46), radius);
    assert.deepEqual(
      groups.flatMap((group) => group.members).sort((a, b) => a - b),
      members,
    );
    let touching = 0;
    groups.forEach((one, i) =>
      groups.slice(i + 1).forEach((other) => {
        const apart = Math.hypot(one.x - other.x, one.y - other.y);
        touching += apart < Math.max(radius(one.members.length), radius(other.members.length));
      }),
    );
    assert.equal(touching, 0);
  }
});

test("the mix of owners sums to the sites, the most first", () => {
  const sites = { organisation: Int32Array.of(2, 0, 2, 1, 2, 0) };
  const mix = mixOf(sites, [0, 1, 2, 3, 4, 5], 3);
  assert.deepEqual(mix, [
    [2, 3],
    [0, 2],
    [1, 1],
  ]);
  const owners = [{ name: "A" }, { name: "B" }, { name: "C" }];
  assert.equal(mixInWords(owners, mix, 6), "6 sites close together: C 3, A 2, B 1");
  const many = Array.from({ length: 9 }, (_, i) => [i, 1]);
  const names = many.map((_, i) => ({ name: `o${i}` }));
  assert.match(mixInWords(names, many, 9), /and|3 other owners$/);
});

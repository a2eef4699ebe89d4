import assert from "node:assert/strict";
import { test } from "node:test";
import { load, random } from "./load.mjs";

const { arrange } = await load("labels.js");

test("no two names cover one another, nor what is taken, and letters keep other names away", () => {
  const next = random(11);
  const taken = [[100, 100, 160, 160]];
  const items = Array.from({ length: 400 }, (_, k) => {
    const isLetter = k < 100;
    const [width, height] = isLetter ? [14, 14] : [40 + next() * 120, 14];
    const [x, y] = [next() * 900, next() * 600];
    const offers = isLetter ? [[x - 7, y - 7]] : [[x + 10, y], [x - 10 - width, y], [x, y + 12]]; // prettier-ignore
    const far = isLetter ? null : [[x + 40, y + 40], [x - 60, y - 60]]; // prettier-ignore
    return {
      width,
      height,
      offers,
      far,
      point: { x, y },
      rank: isLetter ? 0 : 2,
      site: k % 100,
      room: isLetter ? 8 : 0,
    };
  });
  const placed = arrange(items, taken);
  const boxes = placed.flatMap(({ corner }, k) =>
    corner ? [{ k, box: [corner[0], corner[1], corner[0] + items[k].width, corner[1] + items[k].height] }] : [],
  );
  assert.ok(boxes.length > 80);
  assert.ok(placed.some(({ corner, lead }) => corner && lead));
  const apart = (a, b, more = 0) => a[0] >= b[2] + more || a[2] <= b[0] - more || a[1] >= b[3] || a[3] <= b[1];
  boxes.forEach((one, i) => {
    assert.ok(apart(one.box, taken[0]));
    for (const other of boxes.slice(i + 1)) {
      assert.ok(apart(one.box, other.box));
      if (items[one.k].room && !items[other.k].room && items[one.k].site !== items[other.k].site) {
        assert.ok(apart(one.box, other.box, 7));
      }
    }
  });
});

test("a name whose frame is given stands wholly in it", () => {
  const item = { width: 50, height: 10, offers: [[-10, 5], [20, 5]], frame: [0, 0, 100, 100], rank: 2, site: 0 }; // prettier-ignore
  assert.deepEqual(arrange([item])[0].corner, [20, 5]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { load, random } from "./load.mjs";

const { arrange, comesIn } = await load("labels.js");

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

test("the name of a line stands where the line first comes into the frame", () => {
  const next = random(5);
  const frame = [100, 50, 400, 250];
  const isIn = ([x, y], more = 0) =>
    x >= frame[0] - more && x <= frame[2] + more && y >= frame[1] - more && y <= frame[3] + more;
  let met = 0;
  for (let k = 0; k < 500; k++) {
    const points = Array.from({ length: 2 + (k % 4) }, () => [next() * 600 - 50, next() * 400 - 50]);
    const found = comesIn(points, frame);
    // The same by walking along the line in small steps.
    let walked = null;
    for (let s = 1; s < points.length && !walked; s++) {
      for (let t = 0; t <= 4000 && !walked; t++) {
        const at = [0, 1].map((axis) => points[s - 1][axis] + ((points[s][axis] - points[s - 1][axis]) * t) / 4000);
        if (isIn(at)) walked = at;
      }
    }
    if (walked) {
      met++;
      assert.ok(found && isIn(found, 1e-6));
      assert.ok(Math.hypot(found[0] - walked[0], found[1] - walked[1]) < 1);
    } else if (found) {
      assert.ok(isIn(found, 1e-6)); // it cuts a corner between two steps
    }
  }
  assert.ok(met > 100 && met < 500);
  assert.equal(comesIn([[0, 0], [0, 300]], frame), null); // prettier-ignore
  assert.deepEqual(comesIn([[0, 60], [500, 60]], frame), [100, 60]); // prettier-ignore
});

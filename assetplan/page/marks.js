// Marks that stand beside their places, spread so that none covers another or the letter of a site; a line leads to the place.
import { asButton, reachOf, standOff, trimmed } from "./paths.js";

export const FEW_MARKS = 300;
const APART = 24; // pixels between the middles of two, the least target of WCAG 2.2 (2.5.8)
const REACHES = 48; // pixels, more than two marks that touch are apart
const RINGS = [0, 10, 22, 36, 52, 70, 90];
const TURNS = 12;

// How many pixels each mark stands off its place. `spots` are {x, y, r, beside}, in pixels, in the order in which they choose; one
// that stands `beside` its place leaves room for what is there. `taken` are {x, y, r} that stay free. Where all is full, marks meet.
export function spread(spots, taken = []) {
  const cells = new Map();
  const cellOf = (x, y) => Math.floor(x / REACHES) * 2 ** 24 + Math.floor(y / REACHES);
  const put = (spot) => {
    const key = cellOf(spot.x, spot.y);
    const found = cells.get(key);
    if (found) found.push(spot);
    else cells.set(key, [spot]);
  };
  const free = (x, y, r) => {
    for (let across = -1; across <= 1; across++)
      for (let down = -1; down <= 1; down++)
        for (const other of cells.get(cellOf(x + across * REACHES, y + down * REACHES)) || []) {
          const far = Math.max(r + other.r + 2, other.fixed ? 0 : APART);
          if (Math.hypot(x - other.x, y - other.y) < far) return false;
        }
    return true;
  };
  for (const spot of taken) put({ ...spot, fixed: true });
  return spots.map(({ x, y, r, beside }) => {
    let found = null;
    for (const ring of RINGS) {
      const far = ring + (beside || ring ? r + 12 : 0);
      // Up and to the right first, then to either side of it in turn.
      for (let turn = 0; turn < (far ? TURNS : 1) && !found; turn++) {
        const side = (turn % 2 ? 1 : -1) * Math.ceil(turn / 2);
        const angle = -Math.PI / 4 + (side * 2 * Math.PI) / TURNS;
        const at = [far * Math.cos(angle), far * Math.sin(angle)];
        if (free(x + at[0], y + at[1], r)) found = at;
      }
      if (found) break;
    }
    found = found || [(r + 12) * Math.SQRT1_2, -(r + 12) * Math.SQRT1_2];
    put({ x: x + found[0], y: y + found[1], r });
    return found.map(Math.round);
  });
}

// Where the marks of all layers stand: `anchors` are the places that stay free. A layer says which of its marks are on the map.
export function stageOf(map, anchors, moved) {
  const sets = new Map();
  let laid = new Map();
  let laidAt = null;
  function layout() {
    const zoom = map.getZoom();
    if (laidAt === zoom) return laid;
    const marks = [...sets.values()].flat();
    const spot = (at) => map.project(at, zoom);
    const offsets = spread(
      marks.map(({ at, radius, beside }) => ({ x: spot(at).x, y: spot(at).y, r: radius, beside })),
      anchors.map((at) => ({ x: spot(at).x, y: spot(at).y, r: 9 })),
    );
    laid = new Map(marks.map((mark, k) => [mark, offsets[k]]));
    laidAt = zoom;
    return laid;
  }
  return {
    // The pixels by which a mark stands off its place; null while it is not on the map.
    shift: (mark) => layout().get(mark) || null,
    set(key, marks) {
      if (!marks.length && !sets.get(key)?.length) return;
      sets.set(key, marks);
      laidAt = null;
      for (const mark of [...sets.values()].flat()) for (const path of mark.paths || []) if (path._map) path._reset();
      moved();
    },
  };
}

// The outline of a mark: a box with round corners, a circle where it is as high as it is wide and round.
function outline({ x, y }, { width, height, corner }) {
  const [w, h] = [width / 2 - corner, height / 2 - corner];
  const arc = (dx, dy) => `a${corner} ${corner} 0 0 1 ${dx} ${dy}`;
  return [
    `M${x - w} ${y - h - corner}h${2 * w}${arc(corner, corner)}v${2 * h}${arc(-corner, corner)}`,
    `h${-2 * w}${arc(-corner, -corner)}v${-2 * h}${arc(corner, -corner)}Z`,
  ].join("");
}

// Draw one mark: {at, radius, width, height, corner, look, name}. `press` is told where it stands and what it is.
export function drawMark(mark, stage, renderers, group, press) {
  const shift = () => stage.shift(mark) || [0, 0];
  const common = { pane: "ap-marks", renderer: renderers.marks };
  const lead = L.circleMarker(mark.at, { ...common, interactive: false, fill: false, weight: 1, className: "ap-lead" });
  lead._updatePath = function lay() {
    const { x, y } = this._point;
    const [dx, dy] = shift();
    this._renderer._setPath(this, dx || dy ? `M${x} ${y}l${dx} ${dy}` : "M0 0");
  };
  const shape = L.circleMarker(mark.at, { ...common, radius: mark.radius, ...mark.look });
  shape._updatePath = function lay() {
    this._renderer._setPath(this, outline(this._point, mark));
  };
  const show = () => press(shape.stand(), shape);
  const reach = reachOf(mark.at, renderers.under, show, shift);
  mark.paths = [lead, standOff(shape, shift), reach];
  reach.addTo(group);
  lead.addTo(group);
  lead.on("add", () => lead.bringToBack());
  asButton(shape, mark.name, show).addTo(group);
}

export const renderersOf = (map) => ({ marks: trimmed(map, "ap-marks"), under: trimmed(map, "ap-reach") });

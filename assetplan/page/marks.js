// Marks that stand beside their places, spread so that none covers another or the letter of a site; a line leads to the place.
import { asButton, reachOf, standOff, trimmed } from "./paths.js";

export const FEW_MARKS = 300;
const APART = 24; // pixels between the middles of two, the least target of WCAG 2.2 (2.5.8)
const EDGE = 4; // pixels that the outline of a mark adds to it
const RINGS = [0, 8, 18, 30, 44, 60, 78, 98];
const TURNS = 12;
const REACHES = 72; // pixels, no less than the middles of two marks that touch are apart

// How many pixels each mark stands off its place. `spots` are {x, y, width, height, beside}, in pixels, in the order in which they
// choose; one that stands `beside` its place leaves room for what is there. `taken` are {x, y, width, height} that stay free. Where all
// is full, marks meet.
export function spread(spots, taken = []) {
  const cells = new Map();
  const cellOf = (x, y) => Math.floor(x / REACHES) * 2 ** 24 + Math.floor(y / REACHES);
  const put = (spot) => {
    const key = cellOf(spot.x, spot.y);
    const found = cells.get(key);
    if (found) found.push(spot);
    else cells.set(key, [spot]);
  };
  const free = (x, y, width, height) => {
    for (let across = -1; across <= 1; across++)
      for (let down = -1; down <= 1; down++)
        for (const other of cells.get(cellOf(x + across * REACHES, y + down * REACHES)) || []) {
          const least = other.fixed ? 0 : APART;
          const [dx, dy] = [Math.abs(x - other.x), Math.abs(y - other.y)];
          const [wide, high] = [(width + other.width) / 2 + 2, (height + other.height) / 2 + 2];
          if (dx < Math.max(wide, least) && dy < Math.max(high, least)) return false;
        }
    return true;
  };
  for (const spot of taken) put({ ...spot, fixed: true });
  return spots.map(({ x, y, width, height, beside }) => {
    // One beside its place goes up and to the right first, another stands on its place or goes to the right; then to either side in turn.
    const first = beside ? -Math.PI / 4 : 0;
    const [wide, high] = beside ? [width / 2 + 12, height / 2 + 12] : [width + 4, height + 4];
    const offers = beside ? [] : [[0, 0]];
    for (const ring of RINGS)
      for (let turn = 0; turn < TURNS; turn++) {
        const angle = first + ((turn % 2 ? 1 : -1) * Math.ceil(turn / 2) * 2 * Math.PI) / TURNS;
        offers.push([(ring + wide) * Math.cos(angle), (ring + high) * Math.sin(angle)].map(Math.round));
      }
    const found = offers.find((offer) => free(x + offer[0], y + offer[1], width, height)) || offers[0];
    put({ x: x + found[0], y: y + found[1], width, height });
    return found;
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
    const spot = (at) => ({ x: map.project(at, zoom).x, y: map.project(at, zoom).y });
    const offsets = spread(
      marks.map(({ at, width, height, beside }) => ({
        ...spot(at),
        width: width + EDGE,
        height: height + EDGE,
        beside,
      })),
      anchors.map((at) => ({ ...spot(at), width: 18, height: 18 })),
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
function boxShape({ x, y }, { width, height, corner }) {
  const [w, h] = [width / 2 - corner, height / 2 - corner];
  const arc = (dx, dy) => `a${corner} ${corner} 0 0 1 ${dx} ${dy}`;
  return [
    `M${x - w} ${y - h - corner}h${2 * w}${arc(corner, corner)}v${2 * h}${arc(-corner, corner)}`,
    `h${-2 * w}${arc(-corner, -corner)}v${-2 * h}${arc(corner, -corner)}Z`,
  ].join("");
}

// Draw one mark: {at, width, height, corner, look, name}, or with an `outline` of its own instead of a corner. `press` is told where it stands and what it is.
export function drawMark(mark, stage, renderers, group, press) {
  const shift = () => stage.shift(mark) || [0, 0];
  const common = { pane: "ap-marks", renderer: renderers.marks };
  const lead = L.circleMarker(mark.at, {
    ...common,
    interactive: false,
    fill: false,
    weight: 1.5,
    className: "ap-lead",
  });
  lead._updatePath = function lay() {
    const { x, y } = this._point;
    const [dx, dy] = shift();
    this._renderer._setPath(this, dx || dy ? `M${x - 2} ${y}a2 2 0 0 1 4 0a2 2 0 0 1 -4 0m2 0l${dx} ${dy}` : "M0 0");
  };
  const shape = L.circleMarker(mark.at, { ...common, radius: Math.max(mark.width, mark.height) / 2, ...mark.look });
  shape._updatePath = function lay() {
    this._renderer._setPath(this, (mark.outline || boxShape)(this._point, mark));
  };
  const show = () => press(shape.stand(), shape);
  const reach = reachOf(mark.at, renderers.under, show, shift);
  mark.paths = [lead, standOff(shape, shift), reach];
  reach.addTo(group);
  lead.on("add", () => lead.bringToBack());
  lead.addTo(group);
  asButton(shape, mark.name, show).addTo(group);
}

export const renderersOf = (map) => ({ marks: trimmed(map, "ap-marks"), under: trimmed(map, "ap-reach") });

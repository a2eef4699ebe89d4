// Names on the map that never cover one another: the more important one stays, the other waits for a closer zoom.
import { element, svg } from "./looks.js";

const MOST = 1200;

const ROOM = 8;
const FEW_NAMES = 80;

const meets = (box, other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1];

// Where a name may stand beside its point, best first: [left, top] of its box.
function places(at, width, height, gap, above) {
  const over = [at.x - width / 2, at.y - gap - height];
  const under = [at.x - width / 2, at.y + gap];
  const low = at.y + gap * 0.5;
  const high = at.y - gap * 0.5 - height;
  return [
    ...(above ? [over, under] : [under, over]),
    [at.x + gap, at.y - height / 2],
    [at.x - gap - width, at.y - height / 2],
    [at.x + gap, low],
    [at.x - gap - width, low],
    [at.x + gap, high],
    [at.x - gap - width, high],
  ];
}

// Where a name may stand farther off, with a line to its point.
function fartherPlaces(at, width, height, most = 115) {
  const out = [];
  for (const far of [24, 36, 50, 68, 90, 115].filter((distance) => distance <= most)) {
    for (let turn = 0; turn < 16; turn++) {
      const x = Math.abs(turn % 8) === 4 ? 0 : Math.cos((turn * Math.PI) / 8);
      const y = Math.sin((turn * Math.PI) / 8);
      const left = at.x + x * far - (x < 0 ? width : x ? 0 : width / 2);
      out.push([left, at.y + y * far - height / 2]);
    }
  }
  return out;
}

// The point of a box that is nearest to a place.
const nearest = (box, at) => ({
  x: Math.min(Math.max(at.x, box[0]), box[2]),
  y: Math.min(Math.max(at.y, box[1]), box[3]),
});

// Where each item can stand without touching one already placed: [left, top], or null. A letter (`room`) keeps other sites' names at a
// distance, so that none seems to be its own. What found no place beside its point is tried farther off (`far`), where the line to
// it crosses no other name; `lead` in the answer then says so. Items come by rank.
export function arrange(items, taken = []) {
  const placed = taken.map((box) => ({ box }));
  const free = (box, item) =>
    (!item.frame ||
      (box[0] >= item.frame[0] && box[1] >= item.frame[1] && box[2] <= item.frame[2] && box[3] <= item.frame[3])) &&
    !placed.some(({ box: other, room, site }) => {
      const more = room && !item.room && !item.roam && site !== item.site ? room : 0;
      return meets(box, [other[0] - more, other[1], other[2] + more, other[3]]);
    });
  const boxOf = (item, [left, top]) => [left - 1, top - 1, left + item.width + 1, top + item.height + 1];
  const put = (item, offers, fits) => {
    for (const corner of offers) {
      const box = boxOf(item, corner);
      if (free(box, item) && fits(box)) {
        placed.push({ box, room: item.room, site: item.site });
        return corner;
      }
    }
    return null;
  };
  const out = [];
  let waiting = [];
  // Those of one rank that found no place beside their point come before all of a lower rank.
  const settle = () => {
    for (const k of waiting) {
      const item = items[k];
      const clear = (box) => {
        const to = nearest(box, item.point);
        for (let step = 0.2; step < 1; step += 0.1) {
          const x = item.point.x + (to.x - item.point.x) * step;
          const y = item.point.y + (to.y - item.point.y) * step;
          const spot = [x - 1, y - 1, x + 1, y + 1];
          if (placed.some(({ box: other, site }) => site !== item.site && meets(spot, other))) return false;
        }
        return true;
      };
      out[k] = { corner: put(item, item.far, clear), lead: true };
    }
    waiting = [];
  };
  items.forEach((item, k) => {
    if (waiting.length && items[waiting[0]].rank !== item.rank) settle();
    out[k] = { corner: put(item, item.offers, () => true), lead: false };
    if (!out[k].corner && item.far) waiting.push(k);
  });
  settle();
  return out;
}

// Where a line first comes into a frame, from its start: [x, y], or null where it stays outside. Points and frame in pixels.
export function comesIn(points, [left, top, right, bottom]) {
  for (let k = 1; k < points.length; k++) {
    const [from, to] = [points[k - 1], points[k]];
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let [start, end] = [0, 1];
    // Liang and Barsky's way to cut a line at a box.
    for (const [step, room] of [
      [-dx, from[0] - left],
      [dx, right - from[0]],
      [-dy, from[1] - top],
      [dy, bottom - from[1]],
    ]) {
      if (step === 0 && room < 0) end = -1;
      else if (step < 0) start = Math.max(start, room / step);
      else if (step > 0) end = Math.min(end, room / step);
    }
    if (start <= end) return [from[0] + dx * start, from[1] + dy * start];
  }
  return null;
}

// The places of the map's own controls, which names must not run under, as boxes in pixels of the layer.
function controlBoxes(map) {
  const frame = map.getContainer().getBoundingClientRect();
  return [...map.getContainer().querySelectorAll(".leaflet-control")].map((control) => {
    const { left, top, right, bottom } = control.getBoundingClientRect();
    const low = map.containerPointToLayerPoint([left - frame.left, top - frame.top]);
    const high = map.containerPointToLayerPoint([right - frame.left, bottom - frame.top]);
    return [low.x, low.y, high.x, high.y];
  });
}

// Items: {text, at, rank, group, look, gap, minZoom, above, colour, site, ends, lead, roam, line, shift, size}. A gap of 0 centres the
// text on its point. The name of a `line` stands where the line comes into view. `shift` gives the pixels by which the thing stands off
// its place, or null while it is not drawn; a text with a `size`, [width, height], fills that box.
export function labelLayer(items) {
  const shown = new Set();
  const standing = items.filter((item) => item.text && item.at).sort((one, other) => one.rank - other.rank);
  let sorted = standing;
  let passing = [];
  let taken = [];
  let chosen = null;
  let holder = null;
  let map = null;
  const leaders = svg("path", { class: "ap-leaders" });

  // A name of a site, or of something between sites, stands only where all of them are chosen.
  const isChosen = (item) =>
    !chosen || ((item.site === undefined || chosen[item.site]) && (!item.ends || item.ends.every((i) => chosen[i])));

  function measure(item) {
    if (!item.node) {
      item.node = element("span", { class: `ap-label ${item.look} leaflet-zoom-hide` }, item.text);
      if (item.colour) item.node.style.borderColor = item.colour;
      if (item.size) {
        const [width, height] = ([item.width, item.height] = item.size).map((length) => `${length}px`);
        Object.assign(item.node.style, { width, height, lineHeight: height });
      }
      holder.append(item.node);
    }
  }

  function layout() {
    const zoom = map.getZoom();
    const view = map.getBounds().pad(0.3);
    const wanted = [];
    for (const item of sorted) {
      const fits =
        shown.has(item.group) &&
        zoom >= (item.minZoom || 0) &&
        wanted.length < MOST &&
        isChosen(item) &&
        (!item.shift || item.shift()) &&
        (item.line || view.contains(item.at));
      if (fits) {
        measure(item);
        item.node.style.display = "";
        wanted.push(item);
      } else if (item.node) {
        item.node.style.display = "none";
      }
    }
    // A name whose point is in the frame stands wholly in it, or not at all.
    const seen = map.getBounds();
    const [low, high] = [map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(map.getSize())];
    const frame = [low.x, low.y, high.x, high.y];
    const inset = [low.x + 34, low.y + 12, high.x - 34, high.y - 12];
    const leads = wanted.filter((item) => item.lead).length <= FEW_NAMES;
    for (const item of wanted) {
      item.width = item.width || item.node.offsetWidth;
      item.height = item.height || item.node.offsetHeight;
      let at = map.latLngToLayerPoint(item.at);
      if (item.shift) at = at.add(item.shift());
      if (item.line) {
        const points = item.line.map((spot) => map.latLngToLayerPoint(spot)).map(({ x, y }) => [x, y]);
        const found = comesIn(points, inset);
        at = found ? L.point(found) : L.point(-1e6, -1e6);
      }
      item.point = at;
      item.room = item.gap ? 0 : ROOM;
      item.frame = item.gap && (item.line || seen.contains(item.at)) ? frame : null;
      item.offers = item.gap
        ? places(at, item.width, item.height, item.gap, item.above)
        : [[at.x - item.width / 2, at.y - item.height / 2]];
      if (item.roam) item.offers.push(...fartherPlaces(at, item.width, item.height, 36));
      item.far = item.lead && leads ? fartherPlaces(at, item.width, item.height) : null;
    }
    const lines = [];
    arrange(wanted, [...taken, ...controlBoxes(map)]).forEach(({ corner, lead }, index) => {
      const { node, point, width, height } = wanted[index];
      if (!corner) {
        node.style.display = "none";
        return;
      }
      const [left, top] = corner.map(Math.round);
      L.DomUtil.setPosition(node, L.point(left, top));
      if (!lead) return;
      const to = nearest([left, top, left + width, top + height], point);
      lines.push(`M${Math.round(point.x)} ${Math.round(point.y)}L${to.x} ${to.y}`);
    });
    leaders.setAttribute("d", lines.join(""));
  }

  const Labels = L.Layer.extend({
    onAdd(owner) {
      map = owner;
      const drawing = svg(
        "svg",
        { class: "ap-leading leaflet-zoom-hide", width: 1, height: 1, focusable: "false" },
        leaders,
      );
      holder = element("div", { class: "ap-labels", "aria-hidden": "true" }, drawing);
      this.getPane("ap-labels").append(holder);
      layout();
    },
    onRemove() {
      holder.remove();
      for (const item of sorted) delete item.node;
    },
    getEvents: () => ({ moveend: layout, zoomend: layout, viewreset: layout, resize: layout }),
    // Names that stand only as long as the map shows what it shows now, and boxes on it that no name may cover.
    offer(more, boxes) {
      taken = boxes;
      for (const item of passing) item.node?.remove();
      passing = more;
      sorted = [...standing, ...passing].sort((one, other) => one.rank - other.rank);
      if (this._map) layout();
    },
    // Names of sites that `mask` leaves out are not shown; null shows all.
    choose(mask) {
      chosen = mask;
      if (this._map) layout();
    },
    // Place the names anew: what they name has moved.
    refresh() {
      if (this._map) layout();
    },
    // Show only these of some groups of names.
    among(groups, wanted) {
      for (const group of groups) shown.delete(group);
      for (const group of wanted) shown.add(group);
      if (this._map) layout();
    },
    // Show or hide one group of names.
    show(group, on) {
      if (on) shown.add(group);
      else shown.delete(group);
      if (this._map) layout();
    },
  });
  return new Labels();
}

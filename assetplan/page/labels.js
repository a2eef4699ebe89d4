// Names on the map that never cover one another: the more important one stays, the other waits for a closer zoom.
import { element } from "./looks.js";

const MOST = 1200;

const clashes = (box, placed) =>
  placed.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);

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

// Which of the boxes offered to each item, in order, can stand without touching one already placed.
export function arrange(items, taken = []) {
  const placed = [...taken];
  return items.map((item) => {
    for (const [left, top] of item.offers) {
      const box = [left - 1, top - 1, left + item.width + 1, top + item.height + 1];
      if (!clashes(box, placed)) {
        placed.push(box);
        return [left, top];
      }
    }
    return null;
  });
}

// Items: {text, at, rank, group, look, gap, minZoom, above, colour, site, ends}. A gap of 0 centres the text on its point.
export function labelLayer(items) {
  const shown = new Set();
  const standing = items.filter((item) => item.text && item.at).sort((one, other) => one.rank - other.rank);
  let sorted = standing;
  let passing = [];
  let taken = [];
  let chosen = null;
  let holder = null;
  let map = null;

  // A name of a site, or of something between sites, stands only where all of them are chosen.
  const isChosen = (item) =>
    !chosen || ((item.site === undefined || chosen[item.site]) && (!item.ends || item.ends.every((i) => chosen[i])));

  function measure(item) {
    if (!item.node) {
      item.node = element("span", { class: `ap-label ${item.look} leaflet-zoom-hide` }, item.text);
      if (item.colour) item.node.style.borderColor = item.colour;
      holder.append(item.node);
    }
  }

  function layout() {
    const zoom = map.getZoom();
    const view = map.getBounds().pad(0.3);
    const wanted = [];
    for (const item of sorted) {
      const fits =
        shown.has(item.group) && zoom >= (item.minZoom || 0) && wanted.length < MOST && view.contains(item.at);
      if (fits) {
        measure(item);
        item.node.style.display = "";
        wanted.push(item);
      } else if (item.node) {
        item.node.style.display = "none";
      }
    }
    for (const item of wanted) {
      item.width = item.width || item.node.offsetWidth;
      item.height = item.height || item.node.offsetHeight;
      const at = map.latLngToLayerPoint(item.at);
      item.offers = item.gap
        ? places(at, item.width, item.height, item.gap, item.above)
        : [[at.x - item.width / 2, at.y - item.height / 2]];
    }
    arrange(wanted, taken).forEach((corner, index) => {
      const node = wanted[index].node;
      if (corner) L.DomUtil.setPosition(node, L.point(Math.round(corner[0]), Math.round(corner[1])));
      else node.style.display = "none";
    });
  }

  const Labels = L.Layer.extend({
    onAdd(owner) {
      map = owner;
      holder = element("div", { class: "ap-labels", "aria-hidden": "true" });
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
    // Show or hide one group of names.
    show(group, on) {
      if (on) shown.add(group);
      else shown.delete(group);
      if (this._map) layout();
    },
  });
  return new Labels();
}

// The sites of a large estate on one canvas: single sites where there is room, rings that show the mix of owners where there is
// not. A button lies over each thing that is drawn, so that the keyboard and a screen reader reach what the mouse does.
import { STATUS, statusKey, plainColour, organisationFill, organisationTile, element, svg } from "./looks.js";
import { NOBODY, siteLabels, spoken } from "./sites.js";
import { MICRO } from "./unpack.js";
import { svgPen } from "./vector.js";

// Up to so many sites are drawn one element each (sites.js).
const MANY = 200;
const CELL = 46;
const CLOSE_CELL = 18;
const CLOSE = 18;
const DRAWN = 14;
const NAMED = 250;
const BUTTONS = 400;

export const isCrowd = (sites) => sites.count > MANY;

// Web Mercator at zoom 0, where the world is 256 pixels wide.
export const mercatorX = (longitude) => ((longitude / MICRO + 180) / 360) * 256;
export function mercatorY(latitude) {
  const sine = Math.sin((latitude / MICRO) * (Math.PI / 180));
  return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
}

// Whether a place lies in a polygon of some shapes, holes left out: rays across all its rings, counted odd.
export function holds(shape, i, y, x) {
  let inside = false;
  for (let r = shape.ring[shape.part[i]]; r < shape.ring[shape.part[i + 1]]; r++) {
    const [from, to] = [shape.vertex[r], shape.vertex[r + 1]];
    for (let v = from, w = to - 1; v < to; w = v++) {
      const [vy, wy] = [shape.y[v], shape.y[w]];
      if (vy > y !== wy > y && x < ((shape.x[w] - shape.x[v]) * (y - vy)) / (wy - vy) + shape.x[v]) inside = !inside;
    }
  }
  return inside;
}

// The box of every shape in micro-degrees: south, west, north, east, four numbers each.
export function boxes(shape) {
  const out = new Int32Array(shape.count * 4);
  for (let i = 0; i < shape.count; i++) {
    const [from, to] = shape.span(i);
    let south = shape.y[from];
    let west = shape.x[from];
    let north = south;
    let east = west;
    for (let v = from + 1; v < to; v++) {
      const y = shape.y[v];
      const x = shape.x[v];
      if (y < south) south = y;
      else if (y > north) north = y;
      if (x < west) west = x;
      else if (x > east) east = x;
    }
    out[i * 4] = south;
    out[i * 4 + 1] = west;
    out[i * 4 + 2] = north;
    out[i * 4 + 3] = east;
  }
  return out;
}

// Sites that stand too close to be told apart, together: cells of some pixels on the world at one zoom.
// Gives [{members, x, y}] with x, y the middle of the members, in world pixels; the order is that of the first members.
export function gathered(members, worldX, worldY, scale, cell) {
  const cells = new Map();
  for (const i of members) {
    const key = Math.floor((worldX[i] * scale) / cell) * 2 ** 26 + Math.floor((worldY[i] * scale) / cell);
    const found = cells.get(key);
    if (found) found.push(i);
    else cells.set(key, [i]);
  }
  return [...cells.values()].map((group) => {
    let [x, y] = [0, 0];
    for (const i of group) {
      x += worldX[i];
      y += worldY[i];
    }
    return { members: group, x: (x / group.length) * scale, y: (y / group.length) * scale };
  });
}

// Groups that would cover one another become one, the larger taking in the smaller.
export function parted(groups, radiusOf) {
  const kept = [];
  for (const group of [...groups].sort((one, other) => other.members.length - one.members.length)) {
    const room = radiusOf(group.members.length);
    const near = kept.find(
      (other) => Math.hypot(other.x - group.x, other.y - group.y) < room + radiusOf(other.members.length),
    );
    if (!near) {
      kept.push({ ...group });
      continue;
    }
    const [n, more] = [near.members.length, group.members.length];
    near.x = (near.x * n + group.x * more) / (n + more);
    near.y = (near.y * n + group.y * more) / (n + more);
    near.members = near.members.concat(group.members);
  }
  return kept;
}

// How many of some sites each owner has, the most first; ties by the order of organisations.
export function mixOf(sites, members, owners) {
  const counts = new Int32Array(owners);
  for (const i of members) counts[sites.organisation[i]]++;
  const mix = [];
  counts.forEach((count, owner) => count && mix.push([owner, count]));
  return mix.sort((one, other) => other[1] - one[1] || one[0] - other[0]);
}

export function mixInWords(organisations, mix, count) {
  const named = mix.slice(0, 6).map(([owner, number]) => `${organisations[owner].name} ${number}`);
  if (mix.length > 6) named.push(`${mix.length - 6} other owners`);
  return `${count} sites close together: ${named.join(", ")}`;
}

const ringRadius = (count) => (count === 1 ? 9 : Math.min(27, 11.5 + 2.4 * Math.log2(count)));

export function drawCrowd(map, view, names, press, open) {
  const { sites, organisations } = view;
  const { shape } = sites;
  const box = boxes(shape);
  const worldX = new Float64Array(sites.count);
  const worldY = new Float64Array(sites.count);
  for (let i = 0; i < sites.count; i++) {
    worldX[i] = mercatorX(sites.at.x[i]);
    worldY[i] = mercatorY(sites.at.y[i]);
  }
  const flatX = new Float64Array(shape.x.length);
  const flatY = new Float64Array(shape.y.length);
  const flat = new Uint8Array(sites.count);
  const patterns = new Map();
  let chosen = null;
  let outlined = true;
  let current = -1;
  let drawn = { single: [], rings: [], areas: [] };

  // The vertices of a polygon on the world, worked out when it is first drawn large enough to be seen.
  function flatten(i) {
    if (flat[i]) return;
    const [from, to] = shape.span(i);
    for (let v = from; v < to; v++) {
      flatX[v] = mercatorX(shape.x[v]);
      flatY[v] = mercatorY(shape.y[v]);
    }
    flat[i] = 1;
  }

  const paper = () => getComputedStyle(map.getContainer());
  const inks = () => ({
    ink: paper().getPropertyValue("--ap-ink").trim() || "#1c252e",
    ground: paper().getPropertyValue("--ap-surface").trim() || "#ffffff",
    accent: paper().getPropertyValue("--ap-accent").trim() || "#0b4f8a",
  });

  function fillOf(pen, owner) {
    if (!pen.createPattern) return organisationFill(owner);
    if (!patterns.has(owner.id)) patterns.set(owner.id, pen.createPattern(organisationTile(owner), "repeat"));
    return patterns.get(owner.id);
  }

  // What lies in a window: polygons large enough to be drawn, the rest gathered.
  function choose(bounds, scale, zoom) {
    const [south, west, north, east] = [
      Math.floor(bounds.getSouth() * MICRO),
      Math.floor(bounds.getWest() * MICRO),
      Math.ceil(bounds.getNorth() * MICRO),
      Math.ceil(bounds.getEast() * MICRO),
    ];
    const areas = [];
    const small = [];
    // At this latitude a micro-degree of latitude is so many pixels.
    const pixel = (scale * 256) / 360 / MICRO / Math.cos((((south + north) / 2 / MICRO) * Math.PI) / 180);
    for (let i = 0; i < sites.count; i++) {
      const b = i * 4;
      if (chosen && !chosen[i]) continue;
      if (box[b] > north || box[b + 2] < south || box[b + 1] > east || box[b + 3] < west) continue;
      if (shape.kind(i) === "polygon" && (box[b + 2] - box[b]) * pixel >= DRAWN) areas.push(i);
      else small.push(i);
    }
    const groups = parted(gathered(small, worldX, worldY, scale, zoom >= CLOSE ? CLOSE_CELL : CELL), ringRadius);
    const rings = groups.filter((group) => group.members.length > 1);
    for (const ring of rings) ring.mix = mixOf(sites, ring.members, organisations.length);
    return { areas, single: groups.filter((group) => group.members.length === 1), rings };
  }

  function outline(pen, i, width) {
    const look = outlined ? STATUS[statusKey(sites.status.at(i))] : { weight: 1.5, dashArray: null, lineCap: "round" };
    pen.lineWidth = Math.max(1.2, look.weight * width);
    pen.lineCap = look.lineCap;
    pen.setLineDash(look.dashArray ? look.dashArray.split(" ").map(Number) : []);
  }

  function draw(pen, origin, scale, zoom, { ink, ground, accent }) {
    const factor = Math.min(1, Math.max(0.5, 0.5 + (zoom - 13) * 0.2));
    for (const i of drawn.areas) {
      flatten(i);
      pen.beginPath();
      for (let r = shape.ring[shape.part[i]]; r < shape.ring[shape.part[i + 1]]; r++) {
        for (let v = shape.vertex[r]; v < shape.vertex[r + 1]; v++) {
          const [x, y] = [flatX[v] * scale - origin.x, flatY[v] * scale - origin.y];
          if (v === shape.vertex[r]) pen.moveTo(x, y);
          else pen.lineTo(x, y);
        }
        pen.closePath();
      }
      pen.globalAlpha = 0.82;
      pen.fillStyle = fillOf(pen, sites.owner(i) || NOBODY);
      pen.fill("evenodd");
      pen.globalAlpha = 1;
      pen.strokeStyle = i === current ? accent : ink;
      outline(pen, i, i === current ? 1.6 : factor);
      pen.stroke();
    }
    for (const group of drawn.single) {
      const i = group.members[0];
      const owner = sites.owner(i) || NOBODY;
      const hollow = sites.precision.at(i) === "postcode";
      pen.beginPath();
      pen.arc(worldX[i] * scale - origin.x, worldY[i] * scale - origin.y, ringRadius(1), 0, 2 * Math.PI);
      pen.fillStyle = hollow ? ground : fillOf(pen, owner);
      pen.fill();
      pen.strokeStyle = i === current ? accent : hollow ? plainColour(owner.colour) : ink;
      outline(pen, i, i === current ? 1.8 : factor);
      pen.stroke();
    }
    pen.setLineDash([]);
    for (const group of drawn.rings) {
      const [x, y] = [group.x - origin.x, group.y - origin.y];
      const radius = ringRadius(group.members.length);
      let angle = -Math.PI / 2;
      for (const [owner, count] of group.mix) {
        const end = angle + (count / group.members.length) * 2 * Math.PI;
        pen.beginPath();
        pen.moveTo(x, y);
        pen.arc(x, y, radius, angle, end);
        pen.closePath();
        pen.fillStyle = fillOf(pen, organisations[owner] || NOBODY);
        pen.fill();
        angle = end;
      }
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      pen.lineWidth = 1.4;
      pen.strokeStyle = ink;
      pen.stroke();
      pen.beginPath();
      pen.arc(x, y, radius * 0.62, 0, 2 * Math.PI);
      pen.fillStyle = ground;
      pen.fill();
      pen.fillStyle = ink;
      pen.font = `700 ${group.members.length < 1000 ? 11 : 10}px system-ui, "Segoe UI", Arial, sans-serif`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(group.members.length.toLocaleString("en-GB"), x, y + 0.5);
    }
  }

  // A ring opens where its sites part; where they never do, a list of them opens.
  function enter(group) {
    const spots = group.members.map((i) => sites.at.at(i));
    const bounds = L.latLngBounds(spots);
    const closer = map.getBoundsZoom(bounds, false, L.point(60, 60));
    if (closer > map.getZoom() + 0.5 && map.getZoom() < CLOSE) {
      map.fitBounds(bounds, { padding: [60, 60], maxZoom: CLOSE, animate: false });
      return true;
    }
    open(group.members, bounds.getCenter());
    return false;
  }

  const middleOf = (group) =>
    group.members.length === 1
      ? sites.at.at(group.members[0])
      : L.CRS.EPSG3857.pointToLatLng(L.point(group.x, group.y), layer._zoom);

  const hit = (latlng) => {
    const scale = 2 ** layer._zoom;
    const x = mercatorX(latlng.lng * MICRO) * scale;
    const y = mercatorY(latlng.lat * MICRO) * scale;
    const ring = drawn.rings.find((g) => Math.hypot(g.x - x, g.y - y) <= ringRadius(g.members.length));
    if (ring) return { ring };
    const single = drawn.single.filter((g) => Math.hypot(g.x - x, g.y - y) <= 12).pop();
    if (single) return { site: single.members[0] };
    const [lat, lng] = [latlng.lat * MICRO, latlng.lng * MICRO];
    for (let k = drawn.areas.length - 1; k >= 0; k--) {
      const i = drawn.areas[k];
      const b = i * 4;
      if (box[b] <= lat && box[b + 2] >= lat && box[b + 1] <= lng && box[b + 3] >= lng && holds(shape, i, lat, lng))
        return { site: i };
    }
    return null;
  };

  const Crowd = L.Renderer.extend({
    initialize() {
      L.setOptions(this, { pane: "ap-sites", padding: 0.25 });
      L.Util.stamp(this);
      this._layers = {};
    },
    _initContainer() {
      this._container = element("canvas", { class: "ap-crowd", "aria-hidden": "true" });
      this._pen = this._container.getContext("2d");
      this._buttons = new Map();
    },
    _destroyContainer() {
      this.print(false);
      this._container.remove();
      this._holder.remove();
      this._buttons.clear();
    },
    onAdd(owner) {
      this._holder = element("div", {
        class: "ap-buttons",
        role: "group",
        "aria-label": "Sites and groups of sites in view",
      });
      this._holder.style.pointerEvents = "none";
      L.Renderer.prototype.onAdd.call(this, owner);
      this.getPane().append(this._holder);
      map.on("click", this._pressed, this);
      map.on("mousemove", this._hovered, this);
    },
    onRemove() {
      map.off("click", this._pressed, this);
      map.off("mousemove", this._hovered, this);
      map.getContainer().classList.remove("ap-over-site");
      L.Renderer.prototype.onRemove.call(this);
      names.offer([], []);
    },
    getEvents() {
      return { ...L.Renderer.prototype.getEvents.call(this), move: this._moved };
    },
    _updatePaths() {},
    _pressed(event) {
      const found = hit(event.latlng);
      if (!found) return;
      if (found.ring) enter(found.ring);
      else press(found.site, event.latlng);
    },
    _hovered(event) {
      if (this._asked) return;
      this._asked = requestAnimationFrame(() => {
        this._asked = 0;
        map.getContainer().classList.toggle("ap-over-site", Boolean(hit(event.latlng)));
      });
    },
    // While the map is dragged past what was drawn, draw on.
    _moved() {
      const seen = L.bounds(map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(map.getSize()));
      if (this._bounds && map.getZoom() === this._zoom && !this._bounds.contains(seen)) this._update();
    },
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      const sharp = Math.min(2, globalThis.devicePixelRatio || 1);
      const canvas = this._container;
      L.DomUtil.setPosition(canvas, this._bounds.min);
      canvas.width = size.x * sharp;
      canvas.height = size.y * sharp;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
      this.redraw();
    },
    redraw() {
      if (!this._map) return;
      const zoom = this._zoom;
      const scale = 2 ** zoom;
      const sharp = Math.min(2, globalThis.devicePixelRatio || 1);
      const origin = map.getPixelOrigin().add(this._bounds.min);
      const bounds = L.latLngBounds(
        map.layerPointToLatLng(this._bounds.getBottomLeft()),
        map.layerPointToLatLng(this._bounds.getTopRight()),
      );
      drawn = choose(bounds, scale, zoom);
      this._pen.setTransform(sharp, 0, 0, sharp, 0, 0);
      this._pen.clearRect(0, 0, this._container.width, this._container.height);
      draw(this._pen, origin, scale, zoom, inks());
      if (this._sheet) this.print(true);
      this._label();
      this._cover();
    },
    // For paper, the same drawing as shapes in place of the canvas.
    print(on) {
      this._sheet?.remove();
      this._sheet = null;
      this._container.style.display = on ? "none" : "";
      if (!on || !this._map) return;
      const size = this._bounds.getSize();
      this._sheet = svg("svg", { class: "ap-sheet", width: size.x, height: size.y, "aria-hidden": "true" });
      L.DomUtil.setPosition(this._sheet, this._bounds.min);
      const colours = { ink: "var(--ap-ink)", ground: "var(--ap-surface)", accent: "var(--ap-accent)" };
      draw(svgPen(this._sheet), map.getPixelOrigin().add(this._bounds.min), 2 ** this._zoom, this._zoom, colours);
      this.getPane().append(this._sheet);
    },
    // Names for the single sites in view, where they are few enough to be read.
    _label() {
      const view = map.getBounds();
      const one = [...drawn.areas, ...drawn.single.map((group) => group.members[0])].filter((i) =>
        view.contains(sites.at.at(i)),
      );
      // No name lies over a ring.
      const taken = drawn.rings.map((group) => {
        const { x, y } = map.latLngToLayerPoint(middleOf(group));
        const radius = ringRadius(group.members.length);
        return [x - radius, y - radius, x + radius, y + radius];
      });
      names.offer(one.length > NAMED ? [] : one.flatMap((i) => siteLabels(sites, i)), taken);
    },
    // A button over everything drawn in the frame, kept where the same thing was drawn before.
    _cover() {
      const wanted = new Map();
      const frame = map.getBounds();
      const put = (key, name, at, press_) => {
        if (wanted.size < BUTTONS && frame.contains(at)) wanted.set(key, { name, at, press: press_ });
      };
      for (const group of drawn.rings) {
        const at = middleOf(group);
        put(
          `g${group.members[0]}-${group.members.length}`,
          mixInWords(organisations, group.mix, group.members.length),
          at,
          () => enter(group),
        );
      }
      for (const group of drawn.single)
        put(`s${group.members[0]}`, spoken(sites, group.members[0]), middleOf(group), () =>
          press(group.members[0], null),
        );
      for (const i of drawn.areas) put(`s${i}`, spoken(sites, i), sites.at.at(i), () => press(i, null));
      for (const [key, button] of this._buttons) {
        if (!wanted.has(key)) {
          if (button === document.activeElement) map.getContainer().focus({ preventScroll: true });
          button.remove();
          this._buttons.delete(key);
        }
      }
      for (const [key, { name, at, press: press_ }] of wanted) {
        let button = this._buttons.get(key);
        if (!button) {
          button = element("button", { type: "button", class: "ap-cover" });
          this._buttons.set(key, button);
          this._holder.append(button);
        }
        button.setAttribute("aria-label", name);
        // The map would take the press for one beside every site, and close the card again.
        button.onclick = (event) => {
          event.stopPropagation();
          press_();
        };
        L.DomUtil.setPosition(button, map.latLngToLayerPoint(at).subtract([14, 14]).round());
      }
    },
  });

  const layer = new Crowd();
  globalThis.matchMedia?.("(prefers-color-scheme: dark)").addEventListener?.("change", () => {
    patterns.clear();
    layer.redraw();
  });
  return {
    layer,
    showStatus(on) {
      if (on === outlined) return;
      outlined = on;
      layer.redraw();
    },
    choose(mask) {
      chosen = mask;
      layer.redraw();
    },
    mark(i) {
      current = i;
      layer.redraw();
    },
    print: (on) => layer._map && layer.print(on),
    origin: (i) => ({ getElement: () => (layer._buttons && layer._buttons.get(`s${i}`)) || null }),
  };
}

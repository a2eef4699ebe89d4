// What lies under the sites: roads, railway, river, coast, grid, places; given by the estate, never fetched.
import { has, svg } from "./looks.js";
import { linesOf, pathsOf, pointsOf } from "./paths.js";

const kindOf = (text) => text.toLowerCase().replace(/[_-]+/g, " ").trim();
const longest = (lines) => lines.reduce((best, line) => (line.length > best.length ? line : best), []);
const middle = (line) => line[Math.floor(line.length / 2)];
// The middle of the box of a ring: the name of an area stands in it, not on its edge.
const centre = (ring) =>
  [0, 1].map((axis) => {
    const values = ring.map((spot) => spot[axis]);
    return (values.reduce((a, b) => Math.min(a, b)) + values.reduce((a, b) => Math.max(a, b))) / 2;
  });

// Widths in pixels at zoom 16; they halve with every two steps out.
const GROUND = {
  graticule: [{ class: "ap-graticule", width: 1, fixed: true }],
  coast: [{ class: "ap-coast", width: 2, fixed: true }],
  river: [{ class: "ap-river", width: 13 }],
  road: [
    { class: "ap-road-edge", width: 8 },
    { class: "ap-road", width: 5.5 },
  ],
  rail: [
    { class: "ap-rail", width: 3 },
    { class: "ap-rail-ties", width: 2, dash: "7 7" },
  ],
  bridge: [
    { class: "ap-bridge-edge", width: 12 },
    { class: "ap-bridge", width: 7.5 },
  ],
  limits: [{ class: "ap-limits", width: 2.2, fixed: true, dash: "12 4 2 4" }],
  boundary: [{ class: "ap-boundary", width: 1.6, fixed: true, dash: "6 3" }],
  water: [{ class: "ap-river", width: 2 }],
  woodland: [{ class: "ap-woodland", width: 1, fixed: true }],
  building: [{ class: "ap-building", width: 1, fixed: true }],
  path: [{ class: "ap-path", width: 1.2, fixed: true, dash: "3 3" }],
  other: [{ class: "ap-other", width: 1.5, fixed: true }],
};
const GROUND_ORDER = [
  "woodland",
  "graticule",
  "coast",
  "water",
  "river",
  "building",
  "other",
  "path",
  "road",
  "rail",
  "bridge",
  "boundary",
  "limits",
];
const groundKind = (kind) => (kind === "development limits" ? "limits" : has(GROUND, kind) ? kind : "other");

function crossingSymbol() {
  return svg(
    "svg",
    { width: 18, height: 18, viewBox: "0 0 18 18", class: "ap-crossing", "aria-hidden": "true" },
    svg("circle", { cx: 9, cy: 9, r: 8 }),
    svg("path", { d: "M5 5L13 13M13 5L5 13" }),
  );
}
function bridgeSymbol() {
  return svg(
    "svg",
    { width: 18, height: 12, viewBox: "0 0 18 12", class: "ap-bridge-sign", "aria-hidden": "true" },
    svg("path", { d: "M1 1C4 5 14 5 17 1M1 11C4 7 14 7 17 11" }),
  );
}
export const groundSymbol = { "level crossing": crossingSymbol, bridge: bridgeSymbol };

export function drawGround(map, view, labels) {
  const groups = { ground: L.layerGroup(), limits: L.layerGroup() };
  const scaled = [];
  const names = new Map();
  const renderer = L.svg({ pane: "ap-ground", padding: 0.5 });
  const parts = view.backdrop.map((line) => ({ ...line, kind: kindOf(line.kind) }));
  for (const kind of GROUND_ORDER) {
    const lines = parts.filter(
      (part) => groundKind(part.kind) === kind && part.kind !== "level crossing" && part.shape.type !== "point",
    );
    const group = kind === "limits" ? groups.limits : groups.ground;
    for (const look of GROUND[kind]) {
      for (const line of lines) {
        const isArea = line.shape.type === "polygon";
        const filled = isArea && kind !== "limits" && kind !== "coast";
        const options = {
          pane: "ap-ground",
          renderer,
          interactive: false,
          weight: filled ? 1 : look.width,
          fill: filled,
          lineJoin: "round",
          className: `${look.class}${filled ? " ap-area" : ""}`,
          lineCap: look.dash || kind === "bridge" ? "butt" : "round",
        };
        if (look.dash) options.dashArray = look.dash;
        for (const path of pathsOf(line.shape, options, 4)) {
          if (!look.fixed && !filled) scaled.push([path, look.width]);
          path.addTo(group);
        }
      }
    }
  }
  for (const part of parts) {
    const symbol = groundSymbol[part.kind];
    const isPoint = part.shape.type === "point" || part.kind === "level crossing";
    const all = isPoint ? pointsOf(part.shape) : [];
    const spots = part.shape.type === "point" ? all : all.slice(0, 1);
    for (const at of spots) {
      const html = symbol
        ? symbol()
        : svg(
            "svg",
            { width: 8, height: 8, viewBox: "0 0 8 8", class: "ap-dot", "aria-hidden": "true" },
            svg("circle", { cx: 4, cy: 4, r: 3 }),
          );
      const [width, height] = [Number(html.getAttribute("width")), Number(html.getAttribute("height"))];
      const icon = L.divIcon({ html, className: "ap-symbol", iconSize: [width, height] });
      L.marker(at, { icon, pane: "ap-ground", interactive: false, keyboard: false }).addTo(groups.ground);
    }
    const line = isPoint ? [spots[0]] : longest(linesOf(part.shape));
    const key = `${part.kind} ${part.name}`;
    if (part.name && line.length && (names.get(key)?.length || 0) < line.length)
      names.set(key, { part, line, length: line.length, isPoint });
  }
  // A place named like a line of the backdrop ("River Derwent") is that line; the coast is named by the key.
  const lineNames = new Set([...names.values()].filter(({ isPoint }) => !isPoint).map(({ part }) => part.name));
  for (const { part, line, isPoint } of names.values()) {
    const isLimit = groundKind(part.kind) === "limits";
    const isArea = part.shape.type === "polygon";
    if (part.kind === "graticule") {
      labels.push({ text: part.name, at: line[0], line, rank: 8, group: "ground", look: "ap-label-grid", gap: 0 });
    } else if (!isLimit && part.kind !== "coast") {
      const rank = { river: 4, "level crossing": 4.1, bridge: 4.2, rail: 5, road: 6 }[part.kind] || 7;
      const look = part.kind === "river" ? "ap-label-water" : "ap-label-line";
      const minZoom = { road: 15, bridge: 15, "level crossing": 15 }[part.kind] || 0;
      labels.push({
        text: part.name,
        at: isPoint ? line[0] : isArea ? centre(line) : middle(line),
        rank,
        group: "ground",
        look,
        minZoom,
        gap: isPoint ? 11 : isArea ? 0 : 7,
      });
    }
  }
  for (const place of view.places) {
    if (lineNames.has(place.name)) continue;
    const size = kindOf(place.kind);
    const big = /city|town/.test(size);
    const small = /hamlet|locality|suburb|neighbourhood|street|farm/.test(size);
    labels.push({
      text: place.name,
      at: place.at,
      // A town is what people look for first; its name may stand a little off.
      rank: big ? 0.5 : small ? 3.5 : 3,
      roam: big,
      group: "ground",
      look: big ? "ap-label-town" : "ap-label-place",
      gap: 4,
    });
  }
  const rescale = () => {
    const factor = Math.min(3, Math.max(0.22, 2 ** ((map.getZoom() - 16) / 2)));
    for (const [path, width] of scaled) path.setStyle({ weight: width * factor });
  };
  map.on("zoomend", rescale);
  rescale();
  return {
    ...groups,
    kinds: new Set(parts.map((part) => (part.kind === "level crossing" ? part.kind : groundKind(part.kind)))),
  };
}

// What the switch of the backdrop is called: the kinds it holds, as the key names them.
export function groundName(kinds, anyPlaces) {
  const words = {
    road: "roads",
    rail: "railway",
    river: "river",
    coast: "coast",
    graticule: "grid",
    boundary: "boundaries",
  };
  const named = Object.entries(words)
    .filter(([kind]) => kinds.has(kind))
    .map(([, text]) => text);
  if (anyPlaces) named.push("place names");
  return named.length ? `Backdrop: ${named.join(", ")}` : "Backdrop";
}

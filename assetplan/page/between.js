// What lies on and between the sites: constraints, neighbours, assemblies, and places not known to be public estate.
import { MIX, RELATION, STATE, constraintFill, element, mixKey, rankingKey, relationKey, stateKey } from "./looks.js";
import { asButton, pathsOf, reachOf, trimmed } from "./paths.js";

const FEW = 600;

// A layer of many things draws those in view; where they would be too many to be told apart, it draws none and says so.
// `boxOf` gives south, west, north and east of thing i. Things that have kinds (`kindOf`) are drawn once their kind is shown. `ready` is
// told which things are drawn, none while the layer is off.
export function inView(map, what, count, boxOf, draw, { kindOf = null, few = FEW, ready = null } = {}) {
  const group = L.layerGroup();
  const hint = element(
    "p",
    { class: "ap-hint", role: "status" },
    `Zoom in to see ${what}: there are too many in view.`,
  );
  const shown = new Set();
  let drawn = null;
  let wanted = () => true;
  // The things to draw, or null where they are too many.
  function near() {
    const view = map.getBounds();
    const [low, left, high, right] = [view.getSouth(), view.getWest(), view.getNorth(), view.getEast()];
    const found = [];
    for (let i = 0; i < count; i++) {
      if (!wanted(i) || (kindOf && !shown.has(kindOf(i)))) continue;
      if (count > few) {
        const [south, west, north, east] = boxOf(i);
        if (south > high || north < low || west > right || east < left) continue;
      }
      if (found.length === few) return null;
      found.push(i);
    }
    return found;
  }
  const refresh = () => {
    const found = (drawn = near());
    group.clearLayers();
    ready?.(found && map.hasLayer(group) ? found : []);
    if (found) found.forEach((i) => draw(i, group));
    if (!found && map.hasLayer(group)) map.getContainer().append(hint);
    else hint.remove();
  };
  // Only the things for which `is` holds are drawn.
  group.choose = (is) => {
    wanted = is;
    refresh();
  };
  // Show or hide things of one kind; while any is shown, the layer is on the map.
  group.show = (kind, on) => {
    if (on) shown.add(kind);
    else shown.delete(kind);
    if (shown.size) group.addTo(map);
    else group.remove();
    refresh();
  };
  refresh();
  if (ready && count <= few) group.on("add", refresh);
  if (ready) group.on("remove", () => ready([]));
  if (count > few) {
    // What is drawn stays where it is the same, and with it the focus: the map says that it moved even where it did not.
    const follow = () => {
      const found = near();
      const same = found && drawn && found.length === drawn.length && found.every((i, k) => i === drawn[k]);
      if (!same) refresh();
    };
    group.on("add", () => {
      map.on("moveend", follow);
      refresh();
    });
    group.on("remove", () => {
      map.off("moveend", follow);
      hint.remove();
    });
  }
  return group;
}

export function drawContext(map, view, labels, press) {
  const renderer = trimmed(map, "ap-context");
  const under = trimmed(map, "ap-reach");
  const Diamond = L.CircleMarker.extend({
    _updatePath() {
      const { x, y } = this._point;
      const r = this._radius;
      this._renderer._setPath(this, `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`);
    },
  });
  // They are there for orientation: far out, where many crowd, they stay small.
  const size = () => (map.getZoom() >= 14 || view.context.length <= 20 ? 8 : 4);
  for (const place of view.context) {
    labels.push({
      text: place.name,
      at: place.at,
      rank: 5.5,
      group: "context",
      look: "ap-label-context",
      gap: 11,
      minZoom: 15,
    });
  }
  const draw = (i, group) => {
    const place = view.context[i];
    const marker = new Diamond(place.at, {
      pane: "ap-context",
      renderer,
      radius: size(),
      weight: 2,
      className: "ap-diamond",
    });
    const show = () => press(place, place.at, marker);
    reachOf(place.at, under, show).addTo(group);
    asButton(marker, `${place.name}, not known to be public estate`, show).addTo(group);
  };
  const group = inView(
    map,
    "places not known to be public estate",
    view.context.length,
    (i) => [...view.context[i].at, ...view.context[i].at],
    draw,
  );
  map.on("zoomend", () => group.eachLayer((marker) => marker instanceof Diamond && marker.setRadius(size())));
  return group;
}

export function drawConstraints(map, view, press) {
  const group = L.layerGroup();
  const renderer = trimmed(map, "ap-constraints");
  for (const constraint of view.constraints) {
    const state = stateKey(constraint.state);
    const options = {
      pane: "ap-constraints",
      renderer,
      color: STATE[state].colour,
      weight: state === "no" ? 1.2 : 2,
      fill: state !== "no",
      fillColor: constraintFill(constraint),
      fillOpacity: 0.9,
      className: `ap-constraint ap-is-${state}`,
      dashArray: { yes: null, arguable: "8 4", unknown: "1 4", no: "2 6" }[state],
    };
    for (const path of pathsOf(constraint.shape, options, 12)) {
      const centre = () => (path.getBounds ? path.getBounds().getCenter() : path.getLatLng());
      asButton(path, `${constraint.name}, ${constraint.kind}, ${STATE[state].text}`, (at) =>
        press(constraint, at || centre(), path),
      );
      path.addTo(group);
    }
  }
  return group;
}

export function drawRelations(map, view, labels, press) {
  const { sites, relations } = view;
  const renderer = trimmed(map, "ap-relations");
  const under = trimmed(map, "ap-reach");
  const kindOf = (i) => relationKey(relations.kind.at(i));
  const ends = (i) => [sites.at.at(relations.a[i]), sites.at.at(relations.b[i])];
  const centreOf = ([from, to]) => [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  for (let i = 0; i < relations.count && relations.count <= FEW; i++) {
    if (relations.gap[i] < 0) continue;
    labels.push({
      text: `${relations.gap[i]} m`,
      at: centreOf(ends(i)),
      rank: 1.5,
      group: `relations ${kindOf(i)}`,
      look: "ap-label-relation",
      gap: 8,
      ends: [relations.a[i], relations.b[i]],
    });
  }
  const boxOf = (i) => {
    const [from, to] = ends(i);
    return [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])];
  };
  const draw = (i, group) => {
    const line = ends(i);
    const centre = centreOf(line);
    const kind = kindOf(i);
    const look = RELATION[kind];
    const common = { pane: "ap-relations", renderer, interactive: false };
    L.polyline(line, { ...common, weight: look.weight + 3, className: "ap-relation-edge" }).addTo(group);
    L.polyline(line, {
      ...common,
      weight: look.weight,
      dashArray: look.dashArray,
      className: `ap-relation ap-is-${kind}`,
    }).addTo(group);
    const knot = L.circleMarker(centre, { pane: "ap-relations", renderer, radius: 6, weight: 2, className: "ap-knot" });
    const names = `${sites.name.at(relations.a[i])} and ${sites.name.at(relations.b[i])}`;
    const relation = { kind, text: relations.text.at(i), sites: [relations.a[i], relations.b[i]] };
    const show = (at) => press(relation, at || centre, knot, names);
    reachOf(centre, under, show).addTo(group);
    asButton(knot, `${names}: ${relation.text}`, show).addTo(group);
  };
  return inView(map, "neighbours", relations.count, boxOf, draw, { kindOf });
}

export function drawComponents(map, view, labels, press) {
  const { rows } = view.components;
  const renderer = trimmed(map, "ap-assemblies");
  const kindOf = (i) => mixKey(rows[i].mix);
  const bounds = rows.map(({ shape }) => L.latLngBounds(shape.parts.flat(2)));
  if (rows.length <= FEW)
    rows.forEach((row, i) =>
      labels.push({
        text: row.name,
        at: [bounds[i].getNorth(), bounds[i].getCenter().lng],
        rank: 1.3,
        minZoom: rows.length > 40 ? 15 : 0,
        group: `components ${kindOf(i)}`,
        look: "ap-label-assembly",
        gap: 4,
        above: true,
      }),
    );
  const boxOf = (i) => [bounds[i].getSouth(), bounds[i].getWest(), bounds[i].getNorth(), bounds[i].getEast()];
  const draw = (i, group) => {
    const kind = kindOf(i);
    const { weight, dashArray } = MIX[kind];
    const options = { pane: "ap-assemblies", renderer, weight, dashArray, fill: true };
    for (const path of pathsOf(rows[i].shape, { ...options, className: `ap-together ap-mix-${kind}` }, 12)) {
      const show = (at) => press(rows[i], at || bounds[i].getCenter(), path);
      asButton(path, `Sites that hang together: ${rows[i].name}`, show).addTo(group);
    }
  };
  const group = inView(map, "sites that hang together", rows.length, boxOf, draw, { kindOf });
  // A group stands while any of its sites is chosen.
  group.chosen = (mask) => group.choose((i) => !mask || rows[i].sites.some((site) => mask[site]));
  return group;
}

// Groups that lie together, and of the others, which overlap one another, one at a time: the first, or the one asked for.
export function drawAssemblies(map, view, labels, press) {
  const { sites } = view;
  const renderer = trimmed(map, "ap-assemblies");
  const isArea = (i) => sites.shape.kind(i) === "polygon";
  const shapes = view.assemblies.map((assembly, k) => {
    if (!assembly.sites.length) return null;
    const areas = assembly.sites.filter(isArea).flatMap((i) => sites.shape.nested(i));
    const spots = assembly.sites.filter((i) => !isArea(i)).map((i) => sites.at.at(i));
    const options = {
      pane: "ap-assemblies",
      renderer,
      weight: 20,
      lineJoin: "round",
      fill: true,
      className: `ap-assembly ap-${rankingKey(assembly.ranking)}`,
    };
    const shape = areas.length ? L.polygon(areas, options) : L.polyline(spots, { ...options, fill: false });
    const bounds = shape.getBounds();
    labels.push({
      text: assembly.name,
      at: [bounds.getNorth(), bounds.getCenter().lng],
      rank: 1.2,
      group: `assembly ${k}`,
      look: "ap-label-assembly",
      gap: 12,
      above: true,
    });
    const show = (where) => press(assembly, where || bounds.getCenter(), shape);
    asButton(shape, `Assembly: ${assembly.name}, ${assembly.sites.length} sites`, show);
    return { shape, bounds };
  });
  const kindOf = (k) => rankingKey(view.assemblies[k].ranking);
  const places = shapes.map((_, k) => k).filter((k) => shapes[k]);
  const counts = new Map();
  view.assemblies.forEach((_, k) => counts.set(kindOf(k), (counts.get(kindOf(k)) || 0) + 1));
  const on = new Set();
  let chosen = places.find((k) => kindOf(k) === "deliverable");
  const isOn = (k) => on.has(kindOf(k)) && (kindOf(k) !== "deliverable" || k === chosen);
  function draw(showLabel) {
    for (const k of places) {
      if (isOn(k)) shapes[k].shape.addTo(map);
      else shapes[k].shape.remove();
      showLabel(`assembly ${k}`, isOn(k));
    }
  }
  return {
    counts,
    show(kind, wanted, showLabel) {
      if (wanted) on.add(kind);
      else on.delete(kind);
      draw(showLabel);
    },
    // Draw one group instead of the one that stands, and bring it into view.
    choose(k, showLabel) {
      if (!shapes[k]) return;
      chosen = k;
      map.closePopup();
      map.fitBounds(shapes[k].bounds, { padding: [40, 40], maxZoom: 17, animate: false });
      draw(showLabel);
      shapes[k].shape.getElement()?.focus({ preventScroll: true });
    },
  };
}

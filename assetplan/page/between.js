// What lies on and between the sites: constraints, neighbours, assemblies, and places not known to be public estate.
import { RELATION, STATE, constraintFill, element, relationKey, stateKey } from "./looks.js";
import { asButton, pathsOf, trimmed } from "./paths.js";

const FEW = 600;

// A layer of many things draws those in view; where they would be too many to be told apart, it draws none and says so.
function inView(map, what, all, boundsOf, draw) {
  const group = L.layerGroup();
  const hint = element("p", { class: "ap-hint", role: "status" }, `Zoom in to see ${what}: there are too many in view.`);
  let wanted = all;
  const refresh = () => {
    const view = map.getBounds();
    const near = wanted.length <= FEW ? wanted : wanted.filter((one) => view.intersects(boundsOf(one)));
    group.clearLayers();
    if (near.length <= FEW) near.forEach((one) => draw(one, group));
    if (near.length > FEW && map.hasLayer(group)) map.getContainer().append(hint);
    else hint.remove();
  };
  // Only the things for which `is` holds are drawn.
  group.choose = (is) => {
    wanted = all.filter(is);
    refresh();
  };
  refresh();
  if (all.length > FEW) {
    group.on("add", () => {
      map.on("moveend", refresh);
      refresh();
    });
    group.on("remove", () => {
      map.off("moveend", refresh);
      hint.remove();
    });
  }
  return group;
}

export function drawContext(map, view, labels, press) {
  const renderer = trimmed(map, "ap-context");
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
  const draw = (place, group) => {
    const marker = new Diamond(place.at, { pane: "ap-context", renderer, radius: size(), weight: 2, className: "ap-diamond" });
    asButton(marker, `${place.name}, not known to be public estate`, () => press(place, place.at, marker));
    marker.addTo(group);
  };
  const group = inView(map, "places not known to be public estate", view.context, (place) => L.latLngBounds([place.at]), draw);
  map.on("zoomend", () => group.eachLayer((marker) => marker.setRadius(size())));
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
  const { sites } = view;
  const renderer = trimmed(map, "ap-relations");
  const ends = (relation) => [sites.at.at(relation.a), sites.at.at(relation.b)];
  const centreOf = ([from, to]) => [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  for (const relation of view.relations) {
    if (relation.label && view.relations.length <= FEW)
      labels.push({
        text: relation.label,
        at: centreOf(ends(relation)),
        rank: 1.5,
        group: "relations",
        look: "ap-label-relation",
        gap: 8,
        ends: [relation.a, relation.b],
      });
  }
  const draw = (relation, group) => {
    const line = ends(relation);
    const centre = centreOf(line);
    const kind = relationKey(relation.kind);
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
    const names = `${sites.name.at(relation.a)} and ${sites.name.at(relation.b)}`;
    asButton(knot, `${names}: ${relation.text}`, (at) => press(relation, at || centre, knot, names)).addTo(group);
  };
  return inView(map, "neighbours", view.relations, (relation) => L.latLngBounds(ends(relation)), draw);
}

export function drawAssemblies(map, view, labels, press) {
  const group = L.layerGroup();
  const { sites } = view;
  const renderer = trimmed(map, "ap-assemblies");
  for (const assembly of view.assemblies) {
    const isArea = (i) => sites.shape.kind(i) === "polygon";
    const areas = assembly.sites.filter(isArea).flatMap((i) => sites.shape.nested(i));
    const spots = assembly.sites.filter((i) => !isArea(i)).map((i) => sites.at.at(i));
    if (!assembly.sites.length) continue;
    const options = { pane: "ap-assemblies", renderer, weight: 20, lineJoin: "round", fill: true, className: "ap-assembly" };
    const shape = areas.length ? L.polygon(areas, options) : L.polyline(spots, { ...options, fill: false });
    const at = () => shape.getBounds().getCenter();
    asButton(shape, `Assembly: ${assembly.name}, ${assembly.sites.length} sites`, (where) =>
      press(assembly, where || at(), shape),
    ).addTo(group);
    const bounds = shape.getBounds();
    labels.push({
      text: assembly.name,
      at: [bounds.getNorth(), bounds.getCenter().lng],
      rank: 1.2,
      group: "assemblies",
      look: "ap-label-assembly",
      gap: 12,
      above: true,
    });
  }
  return group;
}

// Brings the map, its key, the finder and the tables together. Started by the one line of script that folium writes for the layer.
import { drawAssemblies, drawComponents, drawConstraints, drawContext, drawRelations } from "./between.js";
import {
  assemblyCard,
  cards,
  componentCard,
  constraintCard,
  contextCard,
  crowdCard,
  placeCard,
  reachCard,
  relationCard,
  serviceCard,
  siteCard,
  stayCard,
} from "./cards.js";
import { drawCrowd, isCrowd } from "./crowd.js";
import { drawFinder } from "./finding.js";
import { drawGround, groundName } from "./ground.js";
import { labelLayer } from "./labels.js";
import { WAYS_KEY, drawKey } from "./legend.js";
import { MIX, RANKING, RELATION, element, svg } from "./looks.js";
import { renderersOf, stageOf } from "./marks.js";
import { drawMeasure } from "./measure.js";
import { drawAnswers, drawFlows } from "./options.js";
import { forPaper } from "./paper.js";
import { makePanes } from "./paths.js";
import { drawSites } from "./sites.js";
import { drawTables } from "./tables.js";
import { inflate, readView } from "./unpack.js";
import { neighbourIndex } from "./walk.js";
import { drawMinutes, drawReaches, drawServices, drawVillages, minutesKey, reachesByName } from "./ways.js";
import { drawYears } from "./years.js";

const CLOSE_ZOOM = 17;

// This script stands before the map's own, so these hold for the map that follows.
function prepare() {
  const calm = globalThis.matchMedia && matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (calm) {
    // Leaflet has no option for this: it pans for an opened card, and for arrow keys, by gliding.
    const glide = L.Map.prototype.panBy;
    L.Map.include({
      panBy(offset, options) {
        return glide.call(this, offset, { ...options, animate: false });
      },
    });
  }
  L.Map.mergeOptions({
    maxZoom: 20,
    zoomSnap: 0.25,
    ...(calm ? { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false } : {}),
  });
}

function dress(map, title) {
  const box = map.getContainer();
  box.classList.add("ap-map");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `${title}: arrow keys move it, plus and minus zoom, Tab reaches each site`);
  if (!Number.isFinite(map.getMaxZoom())) map.setMaxZoom(20);
  if (map.attributionControl) map.attributionControl.setPrefix(false);
  if (!box.querySelector(".leaflet-control-scale")) L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  const north = L.control({ position: "topright" });
  north.onAdd = () =>
    element(
      "div",
      { class: "ap-north", role: "img", "aria-label": "North is up" },
      svg(
        "svg",
        { width: 14, height: 18, viewBox: "0 0 14 18", "aria-hidden": "true" },
        svg("path", { d: "M7 1L12.5 16L7 12.5L1.5 16Z" }),
      ),
      "N",
    );
  north.addTo(map);
  // A wheel over the map scrolls the page until the map is used.
  map.scrollWheelZoom.disable();
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
}

// In a notebook there is no page around the map: the key folds away in a corner of it.
function floatingKey(map, view, kinds, layers) {
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    const holder = element("details", { class: "ap-key ap-key-floating" }, element("summary", null, "Layers and key"));
    drawKey(holder, view, kinds, layers);
    L.DomEvent.disableClickPropagation(holder);
    L.DomEvent.disableScrollPropagation(holder);
    return holder;
  };
  control.addTo(map);
}

// The layers of services and of the ways to them, each only where there is any; those in `paper` are shown whole on paper.
function waysOf(map, view, labels, names, press) {
  const { sites, services, villages, minutes, reaches } = view;
  const crowded = isCrowd(sites);
  const anchors = crowded ? [] : Array.from({ length: sites.count }, (_, i) => sites.at.at(i));
  const tools = { stage: stageOf(map, anchors, () => names.layer?.refresh()), renderers: renderersOf(map) };
  const groups = {};
  const layers = [];
  const on = (key, group) => (shown) => {
    if (shown) group.addTo(map);
    else group.remove();
    names.layer.show(key, shown);
  };
  const seen = new Map();
  const all = (key, places) => {
    const bounds = L.latLngBounds(places.map(({ at }) => at));
    seen.set(key, bounds);
    return places.length > 1 ? () => map.fitBounds(bounds, { padding: [40, 40], animate: false }) : null;
  };
  if (services.length) {
    groups.services = drawServices(map, view, labels, tools, press.service);
    const key = { title: "Services", entries: WAYS_KEY.services(view) };
    layers.push({ name: "Services", on: false, show: on("services", groups.services), key });
  }
  if (villages.length) {
    groups.villages = drawVillages(map, view, labels, tools, press.village);
    const key = { title: "People", entries: WAYS_KEY.people(), all: all("villages", villages) };
    layers.push({ name: "People (demand points)", on: false, show: on("villages", groups.villages), key });
  }
  // One kind of a layer; the names that all its kinds share stand while any of them is `lit`.
  const partOf = (group, key, name, count, lit = new Set()) => ({
    name,
    count,
    show(shown) {
      if (shown) lit.add(name);
      else lit.delete(name);
      group.show(key.group, shown);
      names.layer.show(key.names, shown);
      if (key.shared) names.layer.show(key.shared, lit.size > 0);
    },
  });
  minutes.forEach((layer, k) => {
    const group = (groups[`minutes ${k}`] = drawMinutes(map, layer, k, labels, tools, press.minutes(layer)));
    const note = `${layer.note.split(". ")[0].replace(/\.$/, "")}.`;
    const key = { title: layer.name, entries: WAYS_KEY.minutes(layer), note };
    const lit = new Set();
    const parts = layer.times.map((time) => {
      const one = minutesKey(k, time);
      const keys = { group: one, names: one, shared: `minutes ${k}` };
      return partOf(group, keys, time || "all places", layer.places.length, lit);
    });
    layers.push({ name: layer.name, on: false, parts, key: { ...key, all: all(`minutes ${k}`, layer.places) } });
  });
  if (reaches.length) {
    groups.reaches = drawReaches(map, view, labels, press.reach);
    for (const [name, limits] of reachesByName(reaches)) {
      const title = `Within ${limits.map(({ limit }) => limit).join(", ")} minutes ${name}`;
      const { show } = partOf(groups.reaches, { group: name, names: `reaches ${name}` }, name, limits.length);
      layers.push({ name: title, on: false, show, key: { title, entries: WAYS_KEY.within(limits) } });
    }
  }
  return {
    layers: layers.map((layer) => ({ ...layer, any: true })),
    services: groups.services,
    tools,
    // The ground that is shown whole on paper: what it is without these layers, and all places of those that are on.
    extent(bounds) {
      const whole = L.latLngBounds(bounds);
      for (const [key, more] of seen) if (map.hasLayer(groups[key])) whole.extend(more);
      return whole;
    },
  };
}

function build(map, view, inPage) {
  const { sites } = view;
  const heading = document.querySelector(".ap-page h1");
  const title = heading ? heading.textContent : "Map";
  dress(map, heading ? `Map of ${title}` : "Map of public estate");
  makePanes(map);
  const fit = (bounds) => map.fitBounds(bounds, { padding: [18, 18], maxZoom: CLOSE_ZOOM, animate: false });
  if (view.bounds.length === 2) fit(view.bounds);

  const opened = cards(map);
  const neighboursOf = neighbourIndex(sites, view.relations);
  const labels = [];
  const ground = drawGround(map, view, labels);
  const drawnLabels = [];
  // The layer of names needs all names that stand for good, so the sites of a small estate are drawn before it.
  const names = {};
  const press = (i, at, path) => openSite(i, at, path);
  const group = isCrowd(sites)
    ? drawCrowd(map, view, { offer: (more, boxes) => names.layer.offer(more, boxes) }, press, (members, at) =>
        opened.open(crowdCard(sites, members, goTo), at, null, `${members.length} sites in one place`),
      )
    : drawSites(map, sites, drawnLabels, press);
  labels.push(...drawnLabels);

  const groups = {
    ground: ground.ground,
    limits: ground.limits,
    sites: group.layer,
    context: drawContext(map, view, labels, (place, at, marker) =>
      opened.open(contextCard(place), at, marker, place.name),
    ),
    constraints: drawConstraints(map, view, (constraint, at, path) =>
      opened.open(constraintCard(constraint), at, path, constraint.name),
    ),
    relations: drawRelations(map, view, labels, (relation, at, path, pair) =>
      opened.open(relationCard(sites, relation, pair, goTo), at, path, pair),
    ),
    assemblies: drawAssemblies(map, view, labels, (assembly, at, path) =>
      opened.open(assemblyCard(assembly), at, path, assembly.name),
    ),
    components: drawComponents(map, view, labels, (component, at, path) =>
      opened.open(componentCard(sites, component, goTo), at, path, component.name),
    ),
  };
  const ways = waysOf(map, view, labels, names, {
    service: (i, at, path) => openService(i, at, path),
    village: (place, at, path) => opened.open(placeCard(place, "where people start from"), at, path, place.name),
    minutes: (layer) => (place, at, path, said) =>
      opened.open(placeCard(place, layer.name, layer.note), at, path, said),
    reach: (reach, at, path) => opened.open(reachCard(reach), at, path, `Within ${reach.limit} minutes`),
  });
  const flows = drawFlows(map, view, labels, (key, on) => names.layer.show(key, on));
  const years = view.years.length
    ? drawYears(map, view, labels, names, ways.tools, (stay, owner, at, path) =>
        opened.open(stayCard(stay, owner), at, path, stay.name),
      )
    : null;
  names.layer = labelLayer(labels);
  names.layer.addTo(map);

  const shows = (key) => (on) => {
    if (on) groups[key].addTo(map);
    else groups[key].remove();
    names.layer.show(key, on);
  };
  // The kinds of a layer that are there, each to be shown by itself.
  const parts = (key, looks, counts) =>
    Object.keys(looks)
      .filter((kind) => counts.get(kind))
      .map((kind) => ({
        name: looks[kind].text,
        count: counts.get(kind),
        show(on) {
          groups[key].show(kind, on);
          names.layer.show(`${key} ${kind}`, on);
        },
      }));
  const layers = [
    { name: "Sites by organisation", on: true, show: shows("sites"), any: sites.count },
    { name: "Status outline", on: true, show: group.showStatus, any: sites.count },
    { name: "Names of sites", on: true, show: (on) => names.layer.show("labels", on), any: sites.count },
    {
      name: groundName(ground.kinds, view.places.length > 0),
      on: true,
      show: shows("ground"),
      any: view.backdrop.length + view.places.length,
    },
    { name: "Development limits", on: true, show: shows("limits"), any: ground.kinds.has("limits") },
    { name: "Constraints", on: false, show: shows("constraints"), any: view.constraints.length },
    {
      name: "Neighbours",
      on: view.relationsOn,
      parts: parts("relations", RELATION, view.relations.counts),
      any: view.relations.count,
    },
    {
      name: "Assemblies",
      on: false,
      parts: Object.keys(RANKING)
        .filter((kind) => groups.assemblies.counts.get(kind))
        .map((kind) => ({
          name: RANKING[kind].text,
          count: groups.assemblies.counts.get(kind),
          show: (on) => groups.assemblies.show(kind, on, names.layer.show.bind(names.layer)),
        })),
      any: view.assemblies.length,
    },
    {
      name: "Sites that hang together",
      on: false,
      parts: parts("components", MIX, view.components.counts),
      any: view.components.rows.length,
    },
    { name: "Moves of a co-location option", on: false, show: flows.show, any: view.options.length },
    ...(years ? [years.layer] : []),
    ...ways.layers,
    { name: "Places not known to be public estate", on: true, show: shows("context"), any: view.context.length },
  ].filter((layer) => layer.any);
  for (const layer of layers) layer.show?.(layer.on);

  const holder = document.getElementById("ap-key");
  if (inPage && holder) drawKey(holder, view, ground.kinds, layers);
  else floatingKey(map, view, ground.kinds, layers);

  // A group told of in a card beside the map is drawn instead of the one that stands there.
  const assemblies = layers.find((layer) => layer.name === "Assemblies");
  for (const button of document.querySelectorAll(".ap-show-group[data-group]")) {
    button.addEventListener("click", () => {
      assemblies.turnOnPart(RANKING.deliverable.text);
      map.getContainer().scrollIntoView({ block: "nearest" });
      groups.assemblies.choose(Number(button.dataset.group), names.layer.show.bind(names.layer));
    });
  }

  // The moves of one option are drawn instead of those that stand there.
  const moves = layers.find((layer) => layer.name === "Moves of a co-location option");
  for (const button of document.querySelectorAll(".ap-show-option")) {
    button.addEventListener("click", () => {
      moves.turnOn?.();
      map.getContainer().scrollIntoView({ block: "nearest" });
      flows.choose(Number(button.dataset.option));
    });
  }
  if (inPage) drawAnswers(view, title);

  const yearBar = document.getElementById("ap-years");
  if (years && inPage && yearBar) years.controls(yearBar);
  for (const button of document.querySelectorAll(".ap-show-scenario")) {
    button.addEventListener("click", () => {
      (yearBar || map.getContainer()).scrollIntoView({ block: "nearest" });
      map.getContainer().scrollIntoView({ block: "nearest" });
      years?.choose(Number(button.dataset.scenario));
    });
  }

  const tables = drawTables(view, title, goTo);
  let finder = null;
  const servicesAt = new Map();
  view.services.forEach((service, i) => {
    if (service.pin === i) servicesAt.set(service.site, [...(servicesAt.get(service.site) || []), [i, service]]);
  });

  // Bring the map to the pin of a service and open the service's card.
  function openService(i, at, path) {
    const service = view.services[i];
    layers.find((layer) => layer.name === "Services").turnOn?.();
    if (service.site >= 0 && finder) finder.reveal(service.site);
    if (!path) {
      map.getContainer().scrollIntoView({ block: "nearest" });
      const zoom = isCrowd(sites) ? CLOSE_ZOOM + 1 : CLOSE_ZOOM - 1;
      if (!map.getBounds().contains(service.at) || !ways.services.origin(i)?._map)
        map.setView(service.at, Math.max(map.getZoom(), zoom), { animate: false });
    }
    const pin = { getElement: () => ways.services.origin(i)?.getElement() };
    opened.open(
      serviceCard(view, i, (k) => openService(k), goTo),
      at || ways.services.standsAt(i),
      pin,
      service.name,
    );
  }
  // `trail` are the sites from which a walk has come, the last one last.
  function openSite(i, at, path, trail = []) {
    const toRow = tables.has(i) ? () => tables.goTo(i) : null;
    const go = (next) => showSite(next, [...trail, i]);
    const around = view.reach === null ? null : { list: neighboursOf(i), reach: view.reach, go };
    const before = trail[trail.length - 1];
    const back = trail.length && { name: sites.name.at(before), go: () => showSite(before, trail.slice(0, -1)) };
    const content = siteCard(sites, i, {
      toRow,
      around,
      back,
      services: { list: servicesAt.get(i) || [], go: (k) => openService(k) },
    });
    opened.open(content, at || sites.at.at(i), path || group.origin(i), sites.name.at(i));
    group.mark(i);
    tables.mark(i);
  }
  // Bring the map to a site and open its card.
  function showSite(i, trail) {
    if (!(i >= 0 && i < sites.count)) return;
    if (layers[0].turnOn) layers[0].turnOn();
    if (finder) finder.reveal(i);
    map.getContainer().scrollIntoView({ block: "nearest" });
    map.setView(sites.at.at(i), Math.max(map.getZoom(), isCrowd(sites) ? CLOSE_ZOOM + 1 : CLOSE_ZOOM - 1), {
      animate: false,
    });
    openSite(i, null, null, trail);
  }
  function goTo(i) {
    showSite(i, []);
  }

  if (!sites.count && !view.context.length) {
    const hint = "Nothing here says where its sites lie, so the map shows none; the tables list them.";
    map.getContainer().append(element("p", { class: "ap-hint" }, hint));
  }
  if (!inPage) return;
  drawMeasure(map);
  const place = document.getElementById("ap-find");
  if (place && sites.count > 1) {
    const choose = (chosen) => {
      group.choose(chosen);
      names.layer.choose(chosen);
      const { a, b } = view.relations;
      groups.relations.choose((i) => !chosen || (chosen[a[i]] && chosen[b[i]]));
      groups.components.chosen(chosen);
      ways.services?.chosen(chosen);
      tables.choose(chosen);
    };
    finder = drawFinder(place, view, choose, goTo);
    finder.follow();
  }
  const paper = {
    print(on) {
      group.print(on);
      years?.print(on);
    },
  };
  const bar = forPaper(map, tables, paper, () => view.bounds.length === 2 && fit(ways.extent(view.bounds)));
  document.querySelector(".ap-map-frame")?.after(bar);
}

// Start the page on a map. `source` is the packed view, or the id of the element that holds it.
export async function start(map, source) {
  const inPage = typeof source === "string";
  document.documentElement.classList.add("ap-js");
  try {
    const packed = inPage ? JSON.parse(document.getElementById(source).textContent) : source;
    build(map, readView(packed.deflate ? await inflate(packed) : packed), inPage);
    map.getContainer().classList.add("ap-ready");
  } catch (error) {
    const message = `The map could not be drawn: ${error.message}. The words and tables on this page hold what it shows.`;
    map.getContainer().append(element("p", { class: "ap-failed", role: "alert" }, message));
    throw error;
  }
}

if (globalThis.L) prepare();

// Scenarios on the map, year by year: where their services are, what moves where, which places are worked on, empty or gone.
import { element, letterOf, plainColour, svg, swatch } from "./looks.js";
import { drawMark } from "./marks.js";
import { arrowBetween, bends } from "./options.js";
import { pathsOf, trimmed } from "./paths.js";
import { NOBODY } from "./sites.js";

const DOT = 18; // pixels
const SMALL = 34; // pixels, the size of a place below which a ring stands for its outline
const RADIUS = 16;

// How a place is outlined by what happens to it.
export const HAPPENS = {
  works: { weight: 4, dashArray: "10 6", text: "works in hand" },
  open: { weight: 5, dashArray: null, text: "new or rebuilt, open" },
  empty: { weight: 4, dashArray: "1 7", text: "left empty, still held" },
  gone: { weight: 4, dashArray: "14 4 2 4", text: "sold, let or given up" },
};
const happensKey = (kind) => (Object.prototype.hasOwnProperty.call(HAPPENS, kind) ? kind : "works");

// A financial year by its start.
export const yearText = (year) => `${year}/${String((year + 1) % 100).padStart(2, "0")}`;

// What the slider stands at, in words: the place before the first year is before anything happens.
export function standsAt({ first, last }, year) {
  if (year < first) return "before";
  return year >= last ? `${yearText(last)}, after all of it` : yearText(year);
}

// What is on the map in a year. Moves of one body between the same places in the same year are one arrow.
export function inYear(scenario, year) {
  const now = ({ first, last }) => first <= year && (last === null || year <= last);
  const flows = new Map();
  for (const move of scenario.moves) {
    if (move.year > year) continue;
    const key = JSON.stringify([move.origin, move.to, move.year, move.organisation]);
    const found = flows.get(key);
    if (found) found.names.push(move.name);
    else flows.set(key, { ...move, key, names: [move.name], current: move.year === year });
  }
  return {
    stays: scenario.stays.filter(now),
    states: scenario.states.filter(now),
    flows: [...flows.values()],
  };
}

// What happens in a year, in sentences.
export function saidOf(scenario, year) {
  if (year < scenario.first) return "Before: services are where they are today.";
  const texts = scenario.says.filter(([when]) => when === year).map(([, text]) => text);
  const told = texts.length ? texts.join(" ") : "Nothing happens in this year.";
  return `${standsAt(scenario, year).replace(/^./, (letter) => letter.toUpperCase())}: ${told}`;
}

// How far each arrow leans: those between the same two places lie side by side.
export function leans(flows) {
  const pairs = new Map();
  const pairOf = ({ origin, to }) => JSON.stringify([origin, to].sort());
  for (const flow of flows) pairs.set(pairOf(flow), (pairs.get(pairOf(flow)) || 0) + 1);
  const used = new Map();
  return flows.map((flow) => {
    const pair = pairOf(flow);
    const at = used.get(pair) || 0;
    used.set(pair, at + 1);
    return bends(pairs.get(pair))[at];
  });
}

const flowName = ({ names }, owner) =>
  names.length > 2 ? `${names.length} services of ${owner.name}` : names.join(", ");

function keyOf(now) {
  const line = (parts) => swatch(...parts);
  const entry = (sample, text) =>
    element("li", { class: "ap-entry" }, sample, element("span", { class: "ap-entry-text" }, text));
  const arrow = (weight, look) => [
    svg("path", { d: "M2 15Q14 3 24 9", fill: "none", "stroke-width": weight, class: look }),
    svg("path", { d: "M32 12L22 13L26 4Z", class: "ap-year-head" }),
  ];
  const outline = ([kind, { weight, dashArray }]) => {
    const box = { x: 4, y: 4, width: 26, height: 14, "stroke-width": weight, class: `ap-year ap-year-${kind}` };
    return svg("rect", dashArray ? { ...box, "stroke-dasharray": dashArray } : box);
  };
  return [
    element("li", { class: "ap-entry" }, now),
    entry(
      line([svg("circle", { cx: 17, cy: 11, r: 8, class: "ap-year-pin" })]),
      "service of the scenario, where it is",
    ),
    entry(line(arrow(4, "ap-year-flow")), "moves in this year"),
    entry(line(arrow(1.8, "ap-year-flow ap-year-past")), "moved in an earlier year"),
    ...Object.entries(HAPPENS).map(([kind, look]) => entry(line([outline([kind, look])]), look.text)),
  ];
}

// The layer of scenarios: one at a time, in one year. `names` places and shows the labels; `press` opens what is told of a service.
export function drawYears(map, view, labels, names, tools, press) {
  const { years, organisations, sites } = view;
  const [still, outlines, arrows] = [L.layerGroup(), L.layerGroup(), L.layerGroup()];
  const group = L.layerGroup([outlines, arrows, still]);
  const renderer = trimmed(map, "ap-flows");
  const ownerOf = ({ organisation }) => organisations[organisation] || NOBODY;
  const told = []; // the groups of names of this layer
  const standing = new Map(); // the mark of each stay
  const chips = [];
  let chosen = 0;
  let year = years[0].last;
  let on = false;
  let before = null;

  const label = (name, text, at, look, more) => {
    told.push(name);
    labels.push({ text, at, rank: 0.5, group: name, look, ...more });
  };
  years.forEach((scenario, k) => {
    scenario.stays.forEach((stay, i) => {
      if (!stay.at) return;
      const owner = ownerOf(stay);
      const mark = {
        at: stay.at,
        beside: true,
        width: DOT,
        height: DOT,
        corner: DOT / 2,
        name: `Service: ${stay.name}, ${owner.name}, at ${stay.place}`,
        look: { weight: 3, color: plainColour(owner.colour), fill: true, fillOpacity: 1, className: "ap-year-pin" },
      };
      standing.set(stay, mark);
      const shift = () => tools.stage.shift(mark);
      label(`stay ${k} ${i}`, letterOf(owner), stay.at, "ap-label-pin", { rank: -1, gap: 0, size: [12, 12], shift });
      labels.push({ text: stay.name, at: stay.at, rank: 2.5, group: `stay ${k} ${i}`, look: "ap-label-context", gap: 12, minZoom: 16, shift }); // prettier-ignore
    });
    scenario.states.forEach((state, i) => {
      if (state.at)
        label(`state ${k} ${i}`, state.label, state.at, "ap-label-year", {
          rank: 0.4,
          gap: 14,
          lead: true,
          site: state.site < 0 ? undefined : state.site,
        });
    });
    for (const flow of inYear(scenario, Infinity).flows) {
      if (!flow.start || !flow.end) continue;
      const [p, q] = [map.project(flow.start, 17), map.project(flow.end, 17)];
      const found = arrowBetween(p, q, 0.12);
      const at = found ? map.unproject([found.middle.x, found.middle.y], 17) : L.latLng(flow.start);
      const owner = ownerOf(flow);
      const look = { gap: 4, colour: plainColour(owner.colour) };
      label(`flow ${k} ${flow.key}`, flowName(flow, owner), [at.lat, at.lng], "ap-label-flow", look);
    }
  });

  function drawArrows(flows) {
    arrows.clearLayers();
    const common = { pane: "ap-flows", renderer, interactive: false };
    const back = ({ x, y }) => map.unproject([x, y]);
    const bent = leans(flows);
    flows.forEach((flow, i) => {
      if (!flow.start || !flow.end) return;
      const found = arrowBetween(map.project(flow.start), map.project(flow.end), bent[i]);
      if (!found) return;
      const [colour, line] = [plainColour(ownerOf(flow).colour), found.line.map(back)];
      const look = flow.current ? "ap-year-flow" : "ap-year-flow ap-year-past";
      const weight = flow.current ? 4 : 1.8;
      L.polyline(line, { ...common, weight: weight + 3, className: "ap-flow-edge" }).addTo(arrows);
      L.polyline(line, { ...common, weight, color: colour, dashArray: flow.current ? null : "6 4", className: look }).addTo(arrows); // prettier-ignore
      const head = { ...common, weight: 1.5, color: colour, fillColor: colour, fillOpacity: flow.current ? 1 : 0.5 };
      L.polygon(found.head.map(back), { ...head, className: "ap-year-head" }).addTo(arrows);
    });
  }

  // A place that is small on the map as it stands has a ring round it.
  function drawState(state) {
    const key = happensKey(state.kind);
    const look = { pane: "ap-flows", renderer, interactive: false, fill: false, lineJoin: "round" };
    const { weight, dashArray } = HAPPENS[key];
    const kind = state.site >= 0 ? sites.shape.kind(state.site) : "point";
    let shape = kind === "point" ? null : { type: kind, parts: sites.shape.nested(state.site) };
    if (shape) {
      const [low, high] = ((box) => [box.getSouthWest(), box.getNorthEast()])(L.latLngBounds(shape.parts.flat(2)));
      const [p, q] = [map.project(low), map.project(high)];
      if (Math.max(q.x - p.x, p.y - q.y) < SMALL) shape = null;
    }
    if (!shape && !state.at) return;
    shape = shape || { type: "point", parts: [[[state.at]]] };
    for (const path of pathsOf(shape, { ...look, weight: weight + 3, className: "ap-flow-edge" }, RADIUS))
      path.addTo(outlines);
    const outline = { ...look, weight, dashArray, lineCap: dashArray === "1 7" ? "round" : "butt" };
    for (const path of pathsOf(shape, { ...outline, className: `ap-year ap-year-${key}` }, RADIUS))
      path.addTo(outlines);
  }

  // What changes with the zoom: arrows, and outlines of places that may become small.
  function drawMoving(now) {
    outlines.clearLayers();
    now.states.forEach(drawState);
    drawArrows(now.flows);
  }

  function draw() {
    still.clearLayers();
    const scenario = years[chosen];
    const now = inYear(scenario, year);
    const [stays, wanted] = [[], []];
    if (on) {
      scenario.stays.forEach((stay, i) => {
        const mark = standing.get(stay);
        if (!mark || !now.stays.includes(stay)) return;
        stays.push(mark);
        wanted.push(`stay ${chosen} ${i}`);
      });
      scenario.states.forEach((state, i) => now.states.includes(state) && wanted.push(`state ${chosen} ${i}`));
      for (const flow of now.flows) if (flow.current) wanted.push(`flow ${chosen} ${flow.key}`);
    }
    tools.stage.set("years", stays);
    for (const stay of on ? now.stays : []) {
      const mark = standing.get(stay);
      if (mark) drawMark(mark, tools.stage, tools.renderers, still, (at, path) => press(stay, ownerOf(stay), at, path));
    }
    drawMoving(on ? now : { states: [], flows: [] });
    names.layer.among(told, wanted);
  }
  map.on("zoomend", () => on && drawMoving(inYear(years[chosen], year)));

  // The ground of a scenario's places.
  const groundOf = ({ moves, states, stays }) => {
    const spots = [...moves.flatMap(({ start, end }) => [start, end]), ...[...states, ...stays].map(({ at }) => at)];
    return L.latLngBounds(spots.filter(Boolean));
  };
  const all = () => {
    const bounds = groundOf(years[chosen]);
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [50, 50], maxZoom: 17, animate: false });
  };
  const shownNow = element("strong");
  const layer = {
    name: "Scenario, year by year",
    on: view.yearsOn === true,
    any: true,
    key: { title: "Scenario, year by year", entries: keyOf(shownNow), all },
    show(wanted) {
      on = wanted;
      if (on) group.addTo(map);
      else group.remove();
      draw();
      tell();
    },
  };

  function tell() {
    const scenario = years[chosen];
    shownNow.textContent = `${scenario.name}: ${standsAt(scenario, year)}`;
    for (const chip of chips) chip(scenario);
  }
  function set(k, to) {
    const { first, last } = years[k];
    const moved = k !== chosen;
    chosen = k;
    year = Math.min(Math.max(to, first - 1), last);
    map.closePopup();
    layer.turnOn?.();
    if (moved && groundOf(years[k]).isValid() && !map.getBounds().contains(groundOf(years[k]))) all();
    draw();
    tell();
  }

  // The bar over the map: which scenario, which year, and what happens in it.
  function controls(holder) {
    const button = (parts, go) => {
      const node = element("button", { type: "button", class: "ap-button" }, ...parts);
      node.addEventListener("click", go);
      return node;
    };
    const picker = element("select", { autocomplete: "off" });
    years.forEach(({ name }, k) => picker.append(element("option", { value: String(k) }, name)));
    picker.addEventListener("change", () => set(Number(picker.value), years[Number(picker.value)].last));
    const slider = element("input", { type: "range", step: "1", autocomplete: "off", id: "ap-year-slider" });
    slider.addEventListener("input", () => set(chosen, Number(slider.value)));
    const shown = element("output", { class: "ap-year-shown", for: "ap-year-slider", "aria-hidden": "true" });
    const step = (text, more, go) => button([text, element("span", { class: "ap-hidden" }, more)], go);
    const turns = [
      step("Before", " the scenario", () => set(chosen, years[chosen].first - 1)),
      step("Earlier", " year", () => set(chosen, year - 1)),
      step("Later", " year", () => set(chosen, year + 1)),
      step("After", " the scenario", () => set(chosen, years[chosen].last)),
    ];
    const said = element("p", { role: "status" });
    const text = element(
      "div",
      { class: "ap-year-said", tabindex: "0", role: "group", "aria-label": "What happens" },
      said,
    );
    chips.push((scenario) => {
      const { first, last } = scenario;
      picker.value = String(chosen);
      Object.assign(slider, { min: String(first - 1), max: String(last) });
      slider.value = String(year);
      slider.setAttribute("aria-valuetext", standsAt(scenario, year));
      shown.textContent = year < first ? "Before" : yearText(year);
      const [toBefore, earlier, later, toAfter] = turns;
      toBefore.setAttribute("aria-pressed", String(on && year < first));
      toAfter.setAttribute("aria-pressed", String(on && year === last));
      // A button that has the focus keeps it: it is told as disabled, and does nothing.
      earlier.setAttribute("aria-disabled", String(year < first));
      later.setAttribute("aria-disabled", String(year >= last));
      said.textContent = on ? saidOf(scenario, year) : "Not on the map: choose a scenario or a year.";
    });
    const labelled = (name, control) => element("label", { class: "ap-field" }, name, control);
    holder.append(
      element("h3", { class: "ap-hidden" }, "Scenario on the map, year by year"),
      element(
        "div",
        { class: "ap-year-bar" },
        labelled("Scenario on the map", picker),
        element("div", { class: "ap-field ap-year-field" }, labelled("Year", slider), shown),
        element(
          "div",
          { class: "ap-year-steps", role: "group", "aria-label": "Before, after, and year by year" },
          ...turns,
        ),
      ),
      text,
    );
    tell();
  }
  return {
    layer,
    controls,
    choose: (k) => set(k, years[k].last),
    // On paper the last year stands.
    print(wanted) {
      if (wanted && on) {
        before = year;
        set(chosen, years[chosen].last);
      } else if (!wanted && before !== null) {
        set(chosen, before);
        before = null;
      }
    },
  };
}

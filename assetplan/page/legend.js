// The key beside the map: switches for its layers, and what every look on it means.
import {
  MIX,
  PRECISION,
  RANKING,
  RELATION,
  STATE,
  STATUS,
  constraintFill,
  element,
  ownerSwatch,
  precisionKey,
  rankingKey,
  stateKey,
  statusKey,
  stroke,
  svg,
  swatch,
} from "./looks.js";
import { groundSymbol } from "./ground.js";
import { isCrowd } from "./crowd.js";
import { BANDS, PIN, WITHIN, markSample, minutesText, personShape, pinRadius } from "./ways.js";

const box = (attributes) => svg("rect", { x: 4, y: 4, width: 26, height: 14, rx: 2, ...attributes });
const line = (attributes) => svg("path", { d: "M2 11H32", fill: "none", ...attributes });
const disc = (attributes) => svg("circle", { cx: 17, cy: 11, r: 7, ...attributes });

function entry(sample, text, count) {
  return element(
    "li",
    { class: "ap-entry" },
    sample,
    element("span", { class: "ap-entry-text" }, text),
    count === undefined ? "" : element("span", { class: "ap-count" }, count.toLocaleString("en-GB")),
  );
}

// A long list (many organisations) scrolls by itself, also by keyboard.
function section(title, entries) {
  if (!entries.length) return "";
  const isLong = entries.length > 12;
  const list = element("ul", isLong ? { class: "ap-long", tabindex: "0", "aria-label": title } : null, ...entries);
  return element("div", { class: "ap-key-part" }, element("h4", null, title), list);
}

// A body that owns no site here but runs a service has no count.
const organisations = (view) =>
  view.organisations.map((one) => entry(ownerSwatch(one), one.name, one.sites || undefined));

function services(view) {
  const pin = (desks, look) => {
    const size = 2 * pinRadius(desks) - PIN.weight;
    return markSample({ width: size, height: size, corner: size / 2 }, { class: "ap-key-pin", ...look });
  };
  const pins = view.services.filter((service, i) => service.pin === i);
  const known = pins.some(({ desks }) => desks !== null);
  const sizes = known ? [2, 20, 100].map((desks) => entry(pin(desks), `service: ${desks} desks on the peak day`)) : [];
  const square = { width: 15, height: 15, corner: 2 };
  if (pins.some(({ desks }) => desks === null))
    sizes.push(entry(pin(null, { class: "ap-key-unknown" }), "desks on the peak day not known"));
  if (view.services.some(({ bays }) => bays))
    sizes.push(
      entry(markSample(square, { class: "ap-key-pin" }), "square: needs bays for vehicles; round: none stated"),
    );
  return sizes;
}

const people = () => [
  entry(swatch(svg("path", { d: personShape({ x: 17, y: 11 }), class: "ap-key-village" })), "where people start from"),
];

function minutes(layer) {
  const values = layer.places.flatMap(({ before, after }) => (layer.changes ? after : before));
  const used = BANDS.map(({ most }, n) => values.some((m) => m !== null && m <= most && (!n || m > BANDS[n - 1].most)));
  const ring = { width: 22, height: 18, corner: 9 };
  const rings = BANDS.map((band, n) =>
    entry(markSample(ring, { class: `ap-minutes ap-time-0 ap-band-${n}`, "stroke-width": band.weight }), band.text),
  ).filter((_, n) => used[n]);
  if (values.includes(null)) {
    const look = { class: "ap-minutes ap-time-0 ap-band-unknown", "stroke-width": 2, "stroke-dasharray": "2 3" };
    rings.push(entry(markSample(ring, look, "?"), "minutes not known"));
  }
  const times = layer.times.length > 1 ? layer.times : [];
  const sorts = times.map((time, t) =>
    entry(markSample(ring, { class: `ap-minutes ap-time-${t % 2}`, "stroke-width": 1 }), `minutes ${time}`),
  );
  if (layer.changes) {
    const [longer, shorter] = [minutesText(9, 12), minutesText(12, 9)];
    sorts.push(element("li", { class: "ap-entry" }, `${longer} longer than before, ${shorter} shorter`));
  }
  return [...sorts, ...rings];
}

const within = (limits) =>
  limits.map(({ limit }, n) => {
    const dashArray = WITHIN[Math.min(n, WITHIN.length - 1)];
    const look = { class: "ap-within", ...stroke({ weight: 1.5, dashArray }) };
    return entry(
      swatch(box({ ...look, style: `fill-opacity: ${0.1 * (limits.length - n)}` })),
      `within ${limit} minutes`,
    );
  });

// What the key says of a layer of services or of ways to them, while it is on.
export const WAYS_KEY = { services, people, minutes, within };

// What a column holds, by what `key` makes of it.
function keysOf(of, column, key) {
  const codes = new Map();
  for (let i = 0; i < of.count; i++) codes.set(column.code(i), i);
  return new Set([...codes.values()].map((i) => key(column.at(i))));
}

function statuses(view) {
  const shown = keysOf(view.sites, view.sites.status, statusKey);
  return Object.entries(STATUS)
    .filter(([status]) => shown.has(status))
    .map(([status, look]) =>
      entry(swatch(box({ class: `ap-key-site ap-is-${status.replace(" ", "-")}`, ...stroke(look) })), look.text),
    );
}

function precisions(view) {
  const shown = keysOf(view.sites, view.sites.precision, precisionKey);
  const drawn = {
    polygon: () => box({ class: "ap-key-solid" }),
    point: () => disc({ class: "ap-key-solid" }),
    postcode: () => disc({ class: "ap-key-hollow" }),
  };
  const entries = Object.entries(PRECISION)
    .filter(([precision]) => shown.has(precision))
    .map(([precision, text]) => entry(swatch(drawn[precision]()), text));
  if (isCrowd(view.sites)) {
    const ring = [disc({ class: "ap-key-ring" }), disc({ class: "ap-key-core", r: 4 })];
    entries.push(entry(swatch(...ring), "several sites close together: the ring shows whose, the number how many"));
  }
  if (view.context.length) {
    entries.push(
      entry(
        swatch(svg("path", { d: "M17 4L24 11L17 18L10 11Z", class: "ap-key-diamond" })),
        "listed, not known to be public estate",
        view.context.length,
      ),
    );
  }
  return entries;
}

const relations = (counts) =>
  Object.entries(RELATION)
    .filter(([kind]) => counts.get(kind))
    .map(([kind, look]) =>
      entry(swatch(line({ class: "ap-key-relation", ...stroke(look) })), look.text, counts.get(kind)),
    );

const components = (counts) =>
  Object.entries(MIX)
    .filter(([mix]) => counts.get(mix))
    .map(([mix, look]) =>
      entry(
        swatch(box({ class: `ap-together ap-mix-${mix}`, ...stroke(look) })),
        `hang together: ${look.text}`,
        counts.get(mix),
      ),
    );

function constraints(view) {
  const present = new Set(view.constraints.map((constraint) => stateKey(constraint.state)));
  const plain = { yes: "diagonal", arguable: "diagonal" };
  const states = Object.entries(STATE)
    .filter(([state]) => present.has(state))
    .map(([state, look]) => {
      const fill = plain[state] ? constraintFill({ state, kind: "open space" }) : constraintFill({ state, kind: "" });
      const dash = { yes: null, arguable: "8 4", unknown: "1 4", no: "2 6" }[state];
      return entry(swatch(box({ fill, stroke: look.colour, ...stroke({ weight: 1.6, dashArray: dash }) })), look.text);
    });
  const kinds = [
    ...new Set(
      view.constraints
        .filter((constraint) => ["yes", "arguable"].includes(stateKey(constraint.state)))
        .map((constraint) => constraint.kind),
    ),
  ];
  const hatches = kinds.map((kind) =>
    entry(swatch(box({ fill: constraintFill({ state: "yes", kind }), class: "ap-key-hatch" })), kind),
  );
  return [...states, ...hatches];
}

function ground(kinds) {
  const drawn = {
    river: ["river", () => [line({ class: "ap-river", "stroke-width": 7 })]],
    road: [
      "road",
      () => [line({ class: "ap-road-edge", "stroke-width": 7 }), line({ class: "ap-road", "stroke-width": 4.5 })],
    ],
    rail: [
      "railway",
      () => [
        line({ class: "ap-rail", "stroke-width": 4 }),
        line({ class: "ap-rail-ties", "stroke-width": 2.4, "stroke-dasharray": "6 6" }),
      ],
    ],
    "level crossing": ["level crossing", () => [...nested("level crossing", 8, 2)]],
    bridge: ["bridge", () => [line({ class: "ap-river", "stroke-width": 7 }), ...nested("bridge", 8, 5)]],
    limits: [
      "development limits",
      () => [line({ class: "ap-limits", "stroke-width": 2.2, "stroke-dasharray": "12 4 2 4" })],
    ],
    water: ["water", () => [box({ class: "ap-river ap-area" })]],
    woodland: ["woodland", () => [box({ class: "ap-woodland ap-area" })]],
    building: ["building", () => [box({ class: "ap-building ap-area" })]],
    path: ["path", () => [line({ class: "ap-path", "stroke-width": 1.2, "stroke-dasharray": "3 3" })]],
    boundary: ["boundary", () => [line({ class: "ap-boundary", "stroke-width": 1.6, "stroke-dasharray": "6 3" })]],
    coast: ["coast", () => [line({ class: "ap-coast", "stroke-width": 2 })]],
    graticule: ["National Grid lines", () => [line({ class: "ap-graticule", "stroke-width": 1 })]],
  };
  return Object.entries(drawn)
    .filter(([kind]) => kinds.has(kind))
    .map(([, [text, parts]]) => entry(swatch(...parts()), text));
}

function nested(kind, left, top) {
  const symbol = groundSymbol[kind]();
  symbol.setAttribute("x", left);
  symbol.setAttribute("y", top);
  return [symbol];
}

function check(...name) {
  const input = element("input", { type: "checkbox" });
  return [input, element("label", { class: "ap-check" }, input, element("span", null, ...name))];
}

// The kinds of a layer have switches of their own; the layer's switches all of them, and is neither on nor off while some are.
function partSwitches(layer, whole) {
  const inputs = [];
  const told = () => {
    const on = inputs.filter((input) => input.checked).length;
    whole.checked = on === inputs.length;
    whole.indeterminate = on > 0 && on < inputs.length;
  };
  const list = element("div", { class: "ap-parts" });
  for (const part of layer.parts) {
    const [input, label] = check(
      element("span", { class: "ap-hidden" }, `${layer.name}: `),
      `${part.name} (${part.count.toLocaleString("en-GB")})`,
    );
    input.addEventListener("change", () => {
      part.show(input.checked);
      told();
    });
    inputs.push(input);
    list.append(label);
  }
  layer.turnOnPart = (name) => {
    const k = layer.parts.findIndex((part) => part.name === name);
    if (k < 0 || inputs[k].checked) return;
    inputs[k].checked = true;
    layer.parts[k].show(true);
    told();
  };
  const all = () =>
    layer.parts.forEach((part, k) => {
      if (inputs[k].checked === whole.checked) return;
      inputs[k].checked = whole.checked;
      part.show(whole.checked);
    });
  whole.addEventListener("change", all);
  whole.checked = Boolean(layer.on);
  all();
  return list;
}

// The part of the key that tells of one layer stands while the layer is on.
function followed(layer, part) {
  const show = layer.show;
  const on = new Set();
  const told = () => (part.hidden = !on.size);
  const follow = (name, turn) => (shown) => {
    if (shown) on.add(name);
    else on.delete(name);
    told();
    turn(shown);
  };
  if (layer.parts) for (const one of layer.parts) one.show = follow(one.name, one.show);
  else layer.show = follow("", show);
  if (!layer.parts && layer.on) on.add("");
  told();
}

// The parts of the key that come and go.
function passing(layers) {
  return layers
    .filter((layer) => layer.key)
    .map((layer) => {
      const { title, entries, note, all } = layer.key;
      const part = section(title, entries);
      part.classList.add("ap-key-passing");
      if (note) part.append(element("p", { class: "ap-fine" }, note));
      if (all) {
        const button = element("button", { type: "button", class: "ap-button" }, "Show all places");
        button.append(element("span", { class: "ap-hidden" }, ` of ${layer.name}`));
        button.addEventListener("click", all);
        part.append(button);
      }
      followed(layer, part);
      return part;
    });
}

export function drawKey(holder, view, kinds, layers) {
  const ways = passing(layers);
  if (view.organisations.length > 30) holder.parentElement?.classList.add("ap-many-owners");
  const switches = element("fieldset", { class: "ap-layers" }, element("legend", null, "Layers"));
  for (const layer of layers) {
    const [input, label] = check(layer.name);
    switches.append(label);
    if (layer.parts) {
      switches.append(partSwitches(layer, input));
      continue;
    }
    input.checked = layer.on;
    input.addEventListener("change", () => layer.show(input.checked));
    layer.turnOn = () => {
      if (input.checked) return;
      input.checked = true;
      layer.show(true);
    };
  }
  const rankings = view.assemblies.map((assembly) => rankingKey(assembly.ranking));
  const assembly = Object.entries(RANKING)
    .map(([key, look]) => [key, look, rankings.filter((one) => one === key).length])
    .filter(([, , count]) => count)
    .map(([key, look, count]) =>
      entry(swatch(box({ class: `ap-key-assembly ap-${key}` })), `considered together: ${look.text}`, count),
    );
  const side = element(
    "div",
    { class: "ap-key-side" },
    switches,
    element("h3", { class: "ap-key-title" }, "Key"),
    section("Whose: colour, pattern, letter", organisations(view)),
    ...ways,
  );
  const under = element(
    "div",
    { class: "ap-key-under" },
    section("Status: outline", statuses(view)),
    section("How exactly placed", precisions(view)),
    section("Between neighbours", relations(view.relations.counts)),
    section("Constraints", constraints(view)),
    section("Groups of sites", [...assembly, ...components(view.components.counts)]),
    section("Backdrop", ground(kinds)),
  );
  holder.append(side, under);
}

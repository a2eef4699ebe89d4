// The visual language of the page: colours, patterns, outlines and lines, the same on the map and in its key.
const SVG = "http://www.w3.org/2000/svg";
const GREY = "#6f7780";

// Whether a name stands in one of the tables below; data may be called "constructor".
export const has = (table, name) => Object.prototype.hasOwnProperty.call(table, name);

// An HTML element with attributes and children; strings become text, never markup.
export function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export const letterOf = (organisation) => [...organisation.letter].slice(0, 2).join("");

// Only a plain hexadecimal colour is a colour: anything else could be an address.
export const plainColour = (value) => (/^#[0-9a-f]{6}$/i.test(value) ? value : GREY);

const isDark = (hex) => {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  return 0.2126 * red ** 2.2 + 0.7152 * green ** 2.2 + 0.0722 * blue ** 2.2 < 0.32;
};

// How a status is outlined.
export const STATUS = {
  operational: { weight: 2, dashArray: null, lineCap: "round", text: "operational" },
  "under review": { weight: 2.5, dashArray: "9 5", lineCap: "butt", text: "under review" },
  surplus: { weight: 5.5, dashArray: null, lineCap: "round", text: "surplus" },
  vacant: { weight: 3, dashArray: "0.5 5.5", lineCap: "round", text: "vacant" },
  disposed: { weight: 1, dashArray: "14 4 1 4", lineCap: "butt", text: "disposed of" },
  unknown: { weight: 1.4, dashArray: "2 4", lineCap: "butt", text: "status unknown" },
};
export const statusKey = (status) => (has(STATUS, status) ? status : "unknown");
export const PLAIN = { weight: 1.5, dashArray: null, lineCap: "round" };

export const PRECISION = {
  polygon: "drawn outline",
  point: "a point, extent not drawn",
  postcode: "a postcode only, place approximate",
};
export const precisionKey = (precision) => (has(PRECISION, precision) ? precision : "postcode");

// Of how many bodies the sites of a group are.
export const MIX = {
  one: { weight: 2, dashArray: "2 5", text: "one body" },
  two: { weight: 2.5, dashArray: "11 5", text: "two bodies" },
  more: { weight: 3.5, dashArray: null, text: "three bodies or more" },
  unclear: { weight: 2, dashArray: "11 4 1 4", text: "an owner unknown" },
};
export const mixKey = (mix) => (has(MIX, mix) ? mix : "unclear");

// The two rankings of groups, which are kept apart.
export const RANKING = {
  largest: { text: "largest connected" },
  deliverable: { text: "best deliverable, one at a time" },
};
export const rankingKey = (ranking) => (ranking === "best deliverable" ? "deliverable" : "largest");

// How two sites lie to one another.
export const RELATION = {
  overlapping: { weight: 5, dashArray: null, text: "overlapping" },
  touching: { weight: 2.5, dashArray: null, text: "touching" },
  opposite: { weight: 3, dashArray: "0.5 6", text: "across a road" },
  near: { weight: 2.5, dashArray: "7 5", text: "near" },
};
export const relationKey = (kind) => (has(RELATION, kind) ? kind : "near");

// A constraint's colour is its state, its hatch its kind; unknown has a look of its own.
export const STATE = {
  yes: { colour: "#7a3fa0", text: "applies" },
  arguable: { colour: "#b36b00", text: "arguable" },
  unknown: { colour: "#5f6973", text: "not known" },
  no: { colour: "#5f6973", text: "checked: does not apply" },
};
export const stateKey = (state) => (has(STATE, state) ? state : "unknown");
const HATCHES = ["diagonal", "counter", "vertical", "horizontal", "cross", "grid", "broken"];
const HATCH_OF = [
  [/flood/i, "horizontal"],
  [/conserv/i, "counter"],
  [/monument|heritage|archaeolog|listed/i, "vertical"],
  [/covenant/i, "cross"],
  [/access/i, "grid"],
  [/consent/i, "broken"],
  [/open space|lock|field/i, "diagonal"],
];
export function hatchOf(kind) {
  const known = HATCH_OF.find(([word]) => word.test(kind));
  if (known) return known[1];
  let sum = 0;
  for (const character of kind) sum = (sum * 31 + character.codePointAt(0)) >>> 0;
  return HATCHES[sum % HATCHES.length];
}

// One hidden drawing holds all pattern definitions; every fill on the page refers to them.
let definitions = null;
const made = new Map();

function define(key, size, turn, parts) {
  if (made.has(key)) return made.get(key);
  if (!definitions) {
    definitions = svg("defs");
    const holder = svg("svg", {
      width: 0,
      height: 0,
      "aria-hidden": "true",
      focusable: "false",
      class: "ap-patterns",
    });
    holder.append(definitions);
    document.body.prepend(holder);
  }
  const id = `ap-pattern-${made.size + 1}`;
  const attributes = { id, width: size, height: size, patternUnits: "userSpaceOnUse" };
  if (turn) attributes.patternTransform = `rotate(${turn})`;
  definitions.append(svg("pattern", attributes, ...parts));
  made.set(key, `url(#${id})`);
  return made.get(key);
}

function strokes(pattern, size, paint) {
  const across = svg("path", { d: `M0 ${size / 2}H${size}`, fill: "none", ...paint });
  const down = svg("path", { d: `M${size / 2} 0V${size}`, fill: "none", ...paint });
  if (pattern === "broken") across.setAttribute("stroke-dasharray", `${size * 0.6} ${size * 0.4}`);
  return pattern === "cross" || pattern === "grid" ? [across, down] : [across];
}

const TURN = { diagonal: -45, counter: 45, horizontal: 0, vertical: 90, cross: 45, grid: 0, broken: -45 };

// The fill of an organisation: its colour with its pattern.
export function organisationFill(organisation) {
  const colour = plainColour(organisation.colour);
  const pattern = organisation.pattern;
  if (pattern === "unknown") {
    return define("organisation unknown", 10, 0, [
      svg("rect", { width: 10, height: 10, class: "ap-unowned" }),
      svg("path", { d: "M1 3H4M6 8H9", "stroke-width": 1.2, class: "ap-unowned-mark" }),
    ]);
  }
  const key = `${colour} ${pattern}`;
  const ground = (size) => svg("rect", { width: size, height: size, fill: colour });
  const ink = isDark(colour) ? "#ffffff" : "#1c252e";
  if (pattern === "dots") {
    return define(key, 7, 0, [ground(7), svg("circle", { cx: 3.5, cy: 3.5, r: 1.3, fill: ink, "fill-opacity": 0.75 })]);
  }
  if (has(TURN, pattern)) {
    const paint = { stroke: ink, "stroke-width": 1.3, "stroke-opacity": 0.6 };
    return define(key, 7, TURN[pattern], [ground(7), ...strokes(pattern, 7, paint)]);
  }
  return colour;
}

// The same fill for a canvas: a tile of it, to be repeated.
export function organisationTile(organisation) {
  const pattern = organisation.pattern;
  const size = pattern === "unknown" ? 10 : 7;
  const tile = element("canvas", { width: size * 4, height: size * 4 });
  const pen = tile.getContext("2d");
  const ours = getComputedStyle(document.documentElement);
  const unowned = (name, plain) => ours.getPropertyValue(name).trim() || plain;
  const colour = pattern === "unknown" ? unowned("--ap-unowned", "#dfe2e4") : plainColour(organisation.colour);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, size * 4, size * 4);
  pen.strokeStyle =
    pattern === "unknown" ? unowned("--ap-unowned-mark", "#59636d") : isDark(colour) ? "#ffffff" : "#1c252e";
  pen.fillStyle = pen.strokeStyle;
  pen.lineWidth = 1.3;
  pen.globalAlpha = pattern === "unknown" ? 1 : 0.6;
  const slope = { diagonal: -1, counter: 1 };
  for (let a = -4; a < 8; a++) {
    const at = a * size + size / 2;
    pen.beginPath();
    if (pattern === "horizontal" || pattern === "grid") pen.rect(0, at, size * 4, 0);
    if (pattern === "vertical" || pattern === "grid") pen.rect(at, 0, 0, size * 4);
    for (const turn of pattern === "cross" ? [-1, 1] : has(slope, pattern) ? [slope[pattern]] : []) {
      pen.moveTo(at, turn > 0 ? 0 : size * 4);
      pen.lineTo(at + size * 4, turn > 0 ? size * 4 : 0);
    }
    pen.stroke();
    for (let b = 0; b < 4; b++) {
      if (pattern === "dots" && a >= 0) pen.fillRect(at - 1.1, b * size + 2.4, 2.2, 2.2);
      if (pattern === "unknown" && a >= 0) pen.fillRect(a * size + (b % 2) * 5 + 1, b * size + 3, 3, 1.2);
    }
  }
  return tile;
}

// The hatch of a constraint: lines without ground, so that what lies under it stays visible.
export function constraintFill(constraint) {
  const state = stateKey(constraint.state);
  const colour = STATE[state].colour;
  if (state === "no") return "none";
  if (state === "unknown") {
    return define("constraint unknown", 9, 30, [
      svg("circle", { cx: 2.5, cy: 2.5, r: 1.5, fill: colour }),
      svg("circle", { cx: 7, cy: 7, r: 0.9, fill: colour }),
    ]);
  }
  const pattern = hatchOf(constraint.kind);
  const paint = { stroke: colour, "stroke-width": 1.6 };
  return define(`constraint ${state} ${pattern}`, 10, TURN[pattern], strokes(pattern, 10, paint));
}

export const stroke = (look) => {
  const attributes = { "stroke-width": look.weight, "stroke-linecap": look.lineCap || "round" };
  if (look.dashArray) attributes["stroke-dasharray"] = look.dashArray;
  return attributes;
};

// A small drawing for the key; the words beside it say the same, so it is hidden from screen readers.
export function swatch(...parts) {
  return svg(
    "svg",
    { class: "ap-swatch", width: 34, height: 22, viewBox: "0 0 34 22", "aria-hidden": "true", focusable: "false" },
    ...parts,
  );
}

// The look of an organisation beside its name: colour, pattern and letter.
export function ownerSwatch(organisation) {
  const box = { x: 1, y: 1, width: 32, height: 20, rx: 3, fill: organisationFill(organisation) };
  const letter = { x: 17, y: 15.5, "text-anchor": "middle", class: "ap-swatch-letter" };
  return swatch(
    svg("rect", { ...box, class: "ap-swatch-box" }),
    svg("rect", { x: 10.5, y: 4.5, width: 13, height: 13, rx: 3, class: "ap-swatch-chip" }),
    svg("text", letter, letterOf(organisation)),
  );
}

// From a site to its neighbours: who lies by whom, and the buttons on a card that go there.
import { RELATION, element, ownerSwatch, relationKey } from "./looks.js";
import { NOBODY } from "./sites.js";

const MOST_STEPS = 12;
const ORDER = Object.keys(RELATION);

// The neighbours of a site: [{site, kind, measure}], by kind, the nearest first, then by name. Whose pairs are whose is
// looked up the first time anybody asks.
export function neighbourIndex(sites, relations) {
  const { count, a, b } = relations;
  let from = null;
  let pairs = null;
  function index() {
    from = new Int32Array(sites.count + 1);
    for (let k = 0; k < count; k++) {
      from[a[k] + 1]++;
      from[b[k] + 1]++;
    }
    for (let i = 0; i < sites.count; i++) from[i + 1] += from[i];
    const next = from.slice();
    pairs = new Int32Array(2 * count);
    for (let k = 0; k < count; k++) {
      pairs[next[a[k]]++] = k;
      pairs[next[b[k]]++] = k;
    }
  }
  const compare = (one, other) =>
    ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind) ||
    one.gap - other.gap ||
    (one.name < other.name ? -1 : Number(one.name > other.name)) ||
    one.site - other.site;
  return (i) => {
    if (!from) index();
    return Array.from(pairs.subarray(from[i], from[i + 1]), (k) => {
      const site = a[k] === i ? b[k] : a[k];
      const kind = relationKey(relations.kind.at(k));
      return { site, kind, gap: relations.gap[k], measure: relations.measure.at(k), name: sites.name.at(site) };
    }).sort(compare);
  };
}

// A button that goes to a site: its owner's colour and letter, its name, and what is said beside it.
export function stepTo(sites, i, beside, go) {
  const owner = sites.owner(i) || NOBODY;
  const button = element(
    "button",
    { type: "button", class: "ap-step" },
    ownerSwatch(owner),
    element(
      "span",
      null,
      element("span", { class: "ap-step-name" }, sites.name.at(i)),
      element("span", { class: "ap-hidden" }, `, ${owner.name},`),
      beside ? element("span", { class: "ap-fine" }, ` ${beside}`) : "",
    ),
  );
  button.addEventListener("click", () => go(i));
  return button;
}

// A list of such buttons, the first of many; `where` tells where the rest is.
export function stepList(sites, members, go, where) {
  const list = element("ul", { class: "ap-steps" });
  for (const { site, measure } of members.slice(0, MOST_STEPS))
    list.append(element("li", null, stepTo(sites, site, measure, go)));
  const rest = members.length - MOST_STEPS;
  return rest > 0
    ? [list, element("p", { class: "ap-fine" }, `And ${rest.toLocaleString("en-GB")} more, in ${where}.`)]
    : [list];
}

// The part of a site's card that leads on. `around` gives the site's neighbours, the metres within which they were looked for, and
// what goes to one; a site placed by postcode only has none, because it was not measured.
export function neighbourPart(sites, i, { list, reach, go }) {
  const part = element("div", { class: "ap-around" }, element("h4", null, "Neighbours"));
  const precision = sites.precision.at(i);
  if (!list.length) {
    const none = precision === "polygon" || precision === "point";
    const said = none ? `No known neighbour within ${reach} m.` : "Not measured: placed by a postcode only.";
    part.append(element("p", { class: none ? "ap-fine" : "ap-fine ap-unknown" }, said));
    return part;
  }
  const shown = list.slice(0, MOST_STEPS);
  for (const kind of ORDER) {
    const some = shown.filter((one) => one.kind === kind);
    if (!some.length) continue;
    const all = list.filter((one) => one.kind === kind).length;
    part.append(
      element("p", { class: "ap-fine ap-first-capital" }, `${RELATION[kind].text} (${all.toLocaleString("en-GB")})`),
      ...stepList(sites, some, go),
    );
  }
  const rest = list.length - shown.length;
  if (rest) part.append(element("p", { class: "ap-fine" }, `And ${rest.toLocaleString("en-GB")} more, in the table.`));
  return part;
}

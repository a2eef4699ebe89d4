// Finding a site: by words of its name, address, UPRN, use or body; by body, status, use and area; by a link to it.
import { STATUS, element, statusKey } from "./looks.js";
import { spoken } from "./sites.js";

const OFFERED = 8;
const USES = 200;

// Text as it is compared: lower case, without accents.
export const folded = (text) =>
  text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();

// The sites that hold all words of a text and fit the choices; null where nothing is chosen.
// Choices: {text, owner, status, use, least, most}; an empty choice leaves all sites in. An unknown area fits no bound.
export function matching(sites, haystack, choices) {
  const words = folded(choices.text).split(/\s+/).filter(Boolean);
  const { owner, status, use, least, most } = choices;
  if (!words.length && owner < 0 && !status && !use && least === null && most === null) return null;
  const out = new Uint8Array(sites.count);
  for (let i = 0; i < sites.count; i++) {
    if (owner >= 0 && sites.organisation[i] !== owner) continue;
    if (status && statusKey(sites.status.at(i)) !== status) continue;
    if (use && sites.use.at(i) !== use) continue;
    if (least !== null || most !== null) {
      const area = sites.area(i);
      if (area === null || (least !== null && area < least) || (most !== null && area > most)) continue;
    }
    if (words.length) {
      const text = haystack(i);
      if (!words.every((word) => text.includes(word))) continue;
    }
    out[i] = 1;
  }
  return out;
}

// What is looked through for each site, written down the first time it is asked for.
export function haystackOf(sites) {
  const texts = new Array(sites.count);
  return (i) => {
    if (texts[i] === undefined) {
      const owner = sites.owner(i);
      const parts = [sites.name.at(i), sites.id.at(i), owner ? owner.name : "owner unknown"];
      texts[i] = folded([...parts, ...sites.searched.map((column) => column.at(i))].join(" \n "));
    }
    return texts[i];
  };
}

// The site a page's address asks for: its identifier, or null.
export function askedFor(address) {
  const found = /^#site=(.+)$/.exec(address);
  if (!found) return null;
  try {
    return decodeURIComponent(found[1]);
  } catch {
    return null;
  }
}

// How many sites have each value of a column, by what `key` makes of it.
function counted(sites, column, key) {
  const codes = new Map();
  const first = new Map();
  for (let i = 0; i < sites.count; i++) {
    const code = column.code(i);
    codes.set(code, (codes.get(code) || 0) + 1);
    if (!first.has(code)) first.set(code, i);
  }
  const counts = new Map();
  for (const [code, count] of codes) {
    const value = key(column.at(first.get(code)));
    if (value) counts.set(value, (counts.get(value) || 0) + count);
  }
  return counts;
}

const field = (label, control) => element("label", { class: "ap-field" }, element("span", null, label), control);

function chooser(label, options) {
  const control = element("select", null, element("option", { value: "" }, "Any"));
  for (const [value, text] of options) control.append(element("option", { value }, text));
  return [control, field(label, control)];
}

// Draw the panel. `choose` is told which sites are chosen, `go` which one to open.
export function drawFinder(holder, view, choose, go) {
  const { sites, organisations } = view;
  const haystack = haystackOf(sites);
  const search = element("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const [owner, ownerField] = chooser(
    "Body",
    organisations
      .map((one, i) => [i, `${one.name} (${one.sites.toLocaleString("en-GB")})`])
      .filter(([i]) => organisations[i].sites),
  );
  const statuses = counted(sites, sites.status, statusKey);
  const [status, statusField] = chooser(
    "Status",
    Object.entries(STATUS)
      .filter(([key]) => statuses.has(key))
      .map(([key, look]) => [key, `${look.text} (${statuses.get(key).toLocaleString("en-GB")})`]),
  );
  const uses = [...counted(sites, sites.use, (text) => text)].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const [use, useField] = chooser(
    "Use",
    uses.slice(0, USES).map(([text, count]) => [text, `${text} (${count.toLocaleString("en-GB")})`]),
  );
  const number = () => element("input", { type: "number", min: "0", step: "any", inputmode: "decimal" });
  const [least, most] = [number(), number()];
  const said = element("p", { class: "ap-said", role: "status" });
  const offers = element("ul", { class: "ap-offers", "aria-label": "Sites found" });
  const clear = element("button", { type: "button", class: "ap-button" }, "Show all");
  const wide = globalThis.matchMedia("(min-width: 60rem)").matches;
  const more = element(
    "details",
    wide ? { class: "ap-filters", open: "" } : { class: "ap-filters" },
    element("summary", null, "Filter"),
  );
  const fields = element("div", { class: "ap-fields" }, ownerField);
  if (statuses.size > 1) fields.append(statusField);
  if (uses.length > 1) fields.append(useField);
  const anyArea = Array.from({ length: sites.count }, (_, i) => sites.area(i)).some((area) => area !== null);
  if (anyArea) fields.append(field("Area from (ha)", least), field("Area to (ha)", most));
  more.append(fields);
  const form = element(
    "form",
    { class: "ap-find", role: "search", "aria-label": "Find sites" },
    field("Find by name, address, UPRN or body", search),
    more,
    clear,
    said,
    offers,
  );
  holder.append(form);

  const value = (input) => (input.value === "" || !Number.isFinite(input.valueAsNumber) ? null : input.valueAsNumber);
  const choices = () => ({
    text: search.value,
    owner: owner.value === "" ? -1 : Number(owner.value),
    status: status.value,
    use: use.value,
    least: value(least),
    most: value(most),
  });

  let found = [];
  function apply() {
    const chosen = matching(sites, haystack, choices());
    found = [];
    if (chosen) for (let i = 0; i < sites.count; i++) if (chosen[i]) found.push(i);
    const total = sites.count.toLocaleString("en-GB");
    said.textContent = chosen ? `${found.length.toLocaleString("en-GB")} of ${total} sites shown.` : "";
    clear.hidden = !chosen;
    const named = search.value.trim() ? found.slice(0, OFFERED) : [];
    offers.replaceChildren(
      ...named.map((i) => {
        const button = element("button", { type: "button", class: "ap-offer" }, spoken(sites, i));
        button.addEventListener("click", () => go(i));
        return element("li", null, button);
      }),
    );
    choose(chosen);
  }
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 180);
  };
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => event.preventDefault());
  // Enter in the search box goes to the first site found. A form of several fields without a submit button never submits.
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(waiting);
    apply();
    if (search.value.trim() && found.length) go(found[0]);
  });
  clear.addEventListener("click", () => {
    form.reset();
    apply();
    search.focus();
  });
  clear.hidden = true;

  // A link opens its site, and says so where the page has none of that name.
  const follow = () => {
    const id = askedFor(globalThis.location.hash);
    if (id === null) return;
    const i = sites.find(id);
    if (i < 0) said.textContent = "The link asks for a site that is not on this page.";
    else go(i);
  };
  globalThis.addEventListener("hashchange", follow);
  return {
    follow,
    // Let a site be seen that the choices leave out.
    reveal(i) {
      const chosen = matching(sites, haystack, choices());
      if (!chosen || chosen[i]) return;
      form.reset();
      apply();
    },
  };
}

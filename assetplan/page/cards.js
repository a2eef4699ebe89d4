// Popups: what is known of a thing, where it comes from, and what is missing. Built from text only.
import {
  PRECISION,
  RELATION,
  STATE,
  element,
  letterOf,
  organisationFill,
  precisionKey,
  relationKey,
  stateKey,
  svg,
  swatch,
} from "./looks.js";
import { NOBODY } from "./sites.js";
import { neighbourPart, stepList } from "./walk.js";
import { desksInWords } from "./ways.js";

// Each line says by a number where it comes from: one register tells most of a site, and is named once, at the foot.
function factLine(fact, sources) {
  const unknown = fact.unknown || !fact.value;
  const value = element("dd", { class: unknown ? "ap-unknown" : "ap-known" }, fact.value || "unknown");
  if (fact.illustrative)
    value.append(" ", element("span", { class: "ap-i", role: "img", "aria-label": "illustrative" }, "i"));
  if (fact.source) {
    if (!sources.includes(fact.source)) sources.push(fact.source);
    const number = element("sup", { class: "ap-source" }, element("span", { class: "ap-hidden" }, "source "));
    number.append(`${sources.indexOf(fact.source) + 1}`);
    value.append(" ", number);
  }
  return [element("dt", null, fact.label), value];
}

function facts(list, sources) {
  const lines = element("dl", { class: "ap-facts" });
  for (const fact of list) lines.append(...factLine(fact, sources));
  return list.length ? lines : "";
}

function sourceList(sources) {
  if (!sources.length) return "";
  const heading = element("p", { class: "ap-fine" }, sources.length === 1 ? "Source" : "Sources");
  const items = sources.map((source) => element("li", null, source));
  return element("div", { class: "ap-cited" }, heading, element("ol", { class: "ap-fine" }, ...items));
}

function card(title, ...parts) {
  return element("div", { class: "ap-card" }, element("h3", { class: "ap-card-title" }, title), ...parts);
}

const paragraph = (text, look) => (text ? element("p", look ? { class: look } : null, text) : "");

// The address of this page with a site opened.
export const linkTo = (id) => `#site=${encodeURIComponent(id)}`;

// A label within a sentence: abbreviations keep their capitals.
const inText = (label) => (/^[A-Z]{2}/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1));

const missingOf = (list) => {
  const labels = list.filter((fact) => fact.unknown).map((fact) => inText(fact.label.split(" (")[0]));
  return labels.length ? `Not known: ${labels.join(", ")}.` : "";
};

function linkButton(text, press) {
  const button = element("button", { type: "button", class: "ap-link" }, text);
  button.addEventListener("click", press);
  return button;
}

// What stands at the head of a card on a walk: the way back to the site before, and the way down to the neighbours.
function walkLine(back, around, next) {
  const line = element("p", { class: "ap-walk" });
  if (back) line.append(linkButton(`Back to ${back.name}`, back.go));
  if (around?.list.length) {
    const down = () => {
      const content = next.closest(".leaflet-popup-content");
      content.scrollTop = next.offsetTop - content.offsetTop;
      next.querySelector("button").focus({ preventScroll: true });
    };
    const count = around.list.length;
    line.append(linkButton(count === 1 ? "1 neighbour" : `${count.toLocaleString("en-GB")} neighbours`, down));
  }
  return line.childElementCount ? line : "";
}

// The services at a site, each a button to its card; `list` holds [number, service].
function servicePart(title, list, go) {
  if (!list.length) return "";
  const items = list.map(([i, service]) => {
    const button = element("button", { type: "button", class: "ap-step" });
    button.append(
      element(
        "span",
        null,
        element("span", { class: "ap-step-name" }, service.name),
        element("span", { class: "ap-fine" }, ` ${desksInWords(service.desks)}`),
      ),
    );
    button.addEventListener("click", () => go(i));
    return element("li", null, button);
  });
  return element(
    "div",
    { class: "ap-around" },
    element("h4", null, `${title} (${list.length.toLocaleString("en-GB")})`),
    element("ul", { class: "ap-steps" }, ...items),
  );
}

// What a card ends with: what is not known, what is illustrative, and where it all comes from.
function footOf(list, sources, ...more) {
  const mark = element("span", { class: "ap-i", "aria-hidden": "true" }, "i");
  const marked = list.some((fact) => fact.illustrative)
    ? element("p", { class: "ap-fine" }, mark, " illustrative: invented for this reconstruction")
    : "";
  const missing = paragraph(missingOf(list), "ap-fine ap-missing");
  return element("div", { class: "ap-card-foot" }, missing, marked, sourceList(sources), ...more);
}

// The card of a service: of which site, of what it is a part, what is known of it, and its parts. `go` opens another service, `toSite`
// the site.
export function serviceCard(view, i, go, toSite) {
  const { services, sites, organisations } = view;
  const service = services[i];
  const owner = organisations[service.organisation] || NOBODY;
  const sample = swatch(svg("rect", { x: 1, y: 2, width: 32, height: 18, rx: 3, fill: organisationFill(owner) }));
  const ways = element("p", { class: "ap-walk" });
  if (service.site >= 0) ways.append(linkButton(`At ${sites.name.at(service.site)}`, () => toSite(service.site)));
  if (service.pin !== i) ways.append(linkButton(`Part of ${services[service.pin].name}`, () => go(service.pin)));
  const parts = service.pin === i ? services.map((part, k) => [k, part]).filter(([k, part]) => k !== i && part.pin === i) : []; // prettier-ignore
  const sources = [];
  const lines = facts(service.facts, sources);
  return card(
    service.name,
    ways.childElementCount ? ways : "",
    element("p", { class: "ap-owner" }, sample, `${letterOf(owner)} · ${owner.name}`),
    lines,
    servicePart("Its parts here", parts, go),
    footOf(service.facts, sources),
  );
}

// The card of a place people start from, or of the minutes there.
export function placeCard(place, about, ...notes) {
  const sources = [];
  const lines = facts(place.facts, sources);
  return card(
    place.name,
    paragraph(about, "ap-owner ap-first-capital"),
    lines,
    ...notes.map((note) => paragraph(note, "ap-fine")),
    footOf(place.facts, sources),
  );
}

export const reachCard = (reach) =>
  card(`Within ${reach.limit} minutes`, paragraph(reach.name, "ap-owner ap-first-capital"), paragraph(reach.text));

// The card of a site. `toRow` goes to its row in the table, `around` to its neighbours, `back` to the site before it on a walk, `services`
// lists those there; without one of them there is no such part.
export function siteCard(sites, i, { toRow, around, back, services }) {
  const known = sites.owner(i) || NOBODY;
  const sample = swatch(svg("rect", { x: 1, y: 2, width: 32, height: 18, rx: 3, fill: organisationFill(known) }));
  const owner = element("p", { class: "ap-owner" }, sample, `${letterOf(known)} · ${known.name}`);
  const precision = precisionKey(sites.precision.at(i));
  const place = paragraph(precision === "polygon" ? "" : `On the map: ${PRECISION[precision]}.`, "ap-fine");
  const list = sites.facts(i);
  const sources = [];
  const lines = facts(list, sources);
  const said = sites.notes(i);
  const notes = said.length
    ? element("ul", { class: "ap-notes" }, ...said.map((note) => element("li", null, note)))
    : "";
  const ways = element("p", { class: "ap-ways" });
  if (toRow) {
    const button = element("button", { type: "button", class: "ap-to-row" }, "Row in the table");
    button.addEventListener("click", toRow);
    ways.append(button, " ");
  }
  ways.append(element("a", { href: linkTo(sites.id.at(i)), class: "ap-link" }, "Link to this site"));
  const next = around ? neighbourPart(sites, i, around) : "";
  const there = services ? servicePart("Services", services.list, services.go) : "";
  const foot = footOf(list, sources, ways);
  return card(sites.name.at(i), walkLine(back, around, next), owner, lines, notes, place, there, next, foot);
}

// Several sites in one place: a list to choose from. At most so many are named; the table has them all.
export function crowdCard(sites, members, go) {
  const named = members.slice(0, 50).map((i) => {
    return element(
      "li",
      null,
      linkButton(sites.name.at(i), () => go(i)),
      ` ${(sites.owner(i) || NOBODY).name}`,
    );
  });
  const rest = members.length - named.length;
  return card(
    `${members.length} sites in one place`,
    element("ul", { class: "ap-notes" }, ...named),
    paragraph(rest ? `And ${rest} more, in the table.` : "", "ap-fine"),
  );
}

export const contextCard = (place) =>
  card(
    place.name,
    paragraph(place.text),
    paragraph("Not known to be public estate; shown for orientation only.", "ap-fine"),
  );

// Where a service of a scenario is, since when and until when.
export const stayCard = (stay, owner) => card(stay.name, paragraph(owner.name), paragraph(stay.text));

const steps = (sites, members, go) =>
  stepList(
    sites,
    members.map((site) => ({ site, measure: "" })),
    go,
    "the table",
  );

export const relationCard = (sites, relation, names, go) =>
  card(
    names,
    paragraph(RELATION[relationKey(relation.kind)].text, "ap-owner ap-first-capital"),
    paragraph(relation.text),
    ...steps(sites, relation.sites, go),
  );

export const componentCard = (sites, component, go) =>
  card(
    component.name,
    paragraph("Sites that hang together", "ap-owner"),
    paragraph(component.text),
    ...steps(sites, component.sites, go),
  );

export function constraintCard(constraint) {
  const sources = [];
  return card(
    constraint.name,
    element(
      "p",
      { class: `ap-owner ap-state-${stateKey(constraint.state)}` },
      `${constraint.kind}: ${STATE[stateKey(constraint.state)].text}`,
    ),
    paragraph(constraint.text),
    facts(
      [
        { label: "State", value: constraint.state, unknown: constraint.state === "unknown", source: constraint.source },
        {
          label: "What it says",
          value: constraint.says,
          source: constraint.source,
          illustrative: constraint.illustrative,
        },
      ],
      sources,
    ),
    sourceList(sources),
  );
}

export const assemblyCard = (assembly) =>
  card(
    assembly.name,
    paragraph(assembly.text),
    facts(assembly.facts, []),
    paragraph(assembly.reasons[0]),
    assembly.blockers.length ? element("p", { class: "ap-owner" }, "What could stop it") : "",
    assembly.blockers.length
      ? element("ul", { class: "ap-notes" }, ...assembly.blockers.map((text) => element("li", null, text)))
      : "",
  );

// One popup at a time; it takes the focus, Escape closes it, and the focus goes back to what it is about.
export function cards(map) {
  let origin = null;

  function giveBack(popup) {
    const inside = popup.getElement();
    const focused = document.activeElement;
    if (!origin || (focused !== document.body && !(inside && inside.contains(focused)))) return;
    const node = origin.getElement && origin.getElement();
    (node || map.getContainer()).focus({ preventScroll: true });
  }

  map.on("popupclose", (event) => {
    map.getContainer().classList.remove("ap-popup-open");
    if (event.popup.apCard) giveBack(event.popup);
  });

  return {
    open(content, at, path, title) {
      const size = map.getSize();
      const popup = L.popup({
        maxWidth: Math.max(180, Math.min(350, size.x - 66)),
        minWidth: Math.max(180, Math.min(260, size.x - 66)),
        maxHeight: Math.max(160, size.y - 90),
        autoPanPaddingTopLeft: [size.x > 560 ? 96 : 12, 12],
        autoPanPaddingBottomRight: [size.x > 560 ? 52 : 12, 12],
        className: "ap-popup",
      })
        .setLatLng(at)
        .setContent(content);
      popup.apCard = true;
      // The focus goes to the new card, not back to what the old one was about.
      origin = null;
      map.closePopup();
      origin = path;
      popup.openOn(map);
      map.getContainer().classList.add("ap-popup-open");
      const node = popup.getElement();
      node.setAttribute("role", "dialog");
      node.setAttribute("aria-label", title);
      node.setAttribute("tabindex", "-1");
      const close = node.querySelector(".leaflet-popup-close-button");
      if (close) close.setAttribute("aria-label", `Close: ${title}`);
      node.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        map.closePopup(popup);
      });
      node.focus({ preventScroll: true });
      return popup;
    },
  };
}

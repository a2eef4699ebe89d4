// The sites of a small estate, one element each: hatched, focusable, as sharp on paper as on the screen.
import { STATUS, PLAIN, statusKey, precisionKey, plainColour, letterOf, organisationFill } from "./looks.js";
import { asButton, pathsOf, trimmed } from "./paths.js";

export const NOBODY = { id: "", name: "owner unknown", letter: "?", colour: "", pattern: "unknown" };

// What a site is called where only words tell: by a screen reader, in a list.
export const spoken = (sites, i) =>
  `${sites.name.at(i)}, ${(sites.owner(i) || NOBODY).name}, ${STATUS[statusKey(sites.status.at(i))].text}`;

// The names that stand by a site: its owner's letter and its own name.
export function siteLabels(sites, i) {
  const owner = sites.owner(i) || NOBODY;
  const drawn = precisionKey(sites.precision.at(i)) === "polygon";
  const at = sites.at.at(i);
  return [
    {
      text: letterOf(owner),
      at,
      rank: 0,
      group: "sites",
      look: drawn ? "ap-label-chip" : "ap-label-letter",
      gap: 0,
      colour: plainColour(owner.colour),
      site: i,
    },
    {
      text: sites.name.at(i),
      at,
      rank: 2,
      group: "labels",
      look: "ap-label-site",
      gap: drawn ? 12 : 15,
      site: i,
      lead: true,
    },
  ];
}

export function drawSites(map, sites, labels, press) {
  const group = L.layerGroup();
  const renderer = trimmed(map, "ap-sites");
  const all = [];
  for (let i = 0; i < sites.count; i++) {
    const owner = sites.owner(i) || NOBODY;
    const status = statusKey(sites.status.at(i));
    const hollow = precisionKey(sites.precision.at(i)) === "postcode";
    const options = {
      pane: "ap-sites",
      renderer,
      fill: true,
      fillOpacity: hollow ? 0.85 : 0.82,
      lineJoin: "round",
      color: plainColour(owner.colour),
      fillColor: hollow ? "none" : organisationFill(owner),
      className: `ap-site ap-is-${status.replace(" ", "-")}${hollow ? " ap-hollow" : ""}`,
      ...STATUS[status],
    };
    const paths = pathsOf({ type: sites.shape.kind(i), parts: sites.shape.nested(i) }, options, 12);
    paths.forEach((path, part) => {
      asButton(path, spoken(sites, i), (at) => press(i, at, path));
      if (part) path.on("add", () => path.getElement().setAttribute("tabindex", "-1"));
      path.addTo(group);
    });
    all.push(paths);
    labels.push(...siteLabels(sites, i));
  }

  let outlined = true;
  const outline = () => {
    // Far out a site is small: a full outline would hide its colour.
    const factor = Math.min(1, Math.max(0.5, 0.5 + (map.getZoom() - 13) * 0.2));
    all.forEach((paths, i) => {
      const look = outlined ? STATUS[statusKey(sites.status.at(i))] : PLAIN;
      const weight = Math.max(1.2, look.weight * factor);
      for (const path of paths) path.setStyle({ weight, dashArray: look.dashArray, lineCap: look.lineCap });
    });
  };
  map.on("zoomend", outline);

  let marked = [];
  return {
    layer: group,
    showStatus(on) {
      outlined = on;
      map.getContainer().classList.toggle("ap-no-status", !on);
      outline();
    },
    // Only the sites that `chosen` marks are on the map; all where it is null.
    choose(chosen) {
      all.forEach((paths, i) => {
        for (const path of paths) {
          if (!chosen || chosen[i]) group.addLayer(path);
          else group.removeLayer(path);
        }
      });
    },
    mark(i) {
      for (const path of marked) path.getElement()?.classList.remove("ap-current");
      marked = all[i] || [];
      for (const path of marked) path.getElement()?.classList.add("ap-current");
    },
    print() {},
    origin: (i) => all[i][0],
  };
}

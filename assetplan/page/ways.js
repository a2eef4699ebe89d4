// Services and the ways to them: pins beside sites, places people start from, minutes by village, ground within so many minutes.
import { inView } from "./between.js";
import { letterOf, plainColour, svg } from "./looks.js";
import { FEW_MARKS, drawMark } from "./marks.js";
import { asButton, pathsOf, trimmed } from "./paths.js";
import { NOBODY } from "./sites.js";

// The radius of a pin, in pixels, by the desks wanted on a peak day; null is not known.
export const pinRadius = (desks) => (desks === null ? 9 : Math.min(22, 7 + 0.9 * Math.sqrt(desks)));

export const desksInWords = (desks) =>
  desks === null ? "desks not known" : `${desks.toLocaleString("en-GB")} ${desks === 1 ? "desk" : "desks"}`;

// A pin is a ring in the colour of the body that runs the service, so that it looks like no site.
export const PIN = { weight: 4 };

// How a band of minutes is drawn: up to so many, the ring the wider the more.
export const BANDS = [
  { most: 5, weight: 1.5, text: "5 minutes or less" },
  { most: 10, weight: 2.5, text: "over 5 to 10 minutes" },
  { most: 15, weight: 3.5, text: "over 10 to 15 minutes" },
  { most: 20, weight: 4.5, text: "over 15 to 20 minutes" },
  { most: Infinity, weight: 5.5, text: "over 20 minutes" },
];
export const bandOf = (minutes) => BANDS.findIndex(({ most }) => minutes <= most);

// What stands in a mark: whole minutes, and where a change is shown what they become, with an arrow where they grow or shrink.
const whole = (minutes) => (minutes === null ? "?" : String(Math.min(999, Math.round(minutes))));
export function minutesText(before, after) {
  if (after === undefined) return whole(before);
  const known = before !== null && after !== null;
  const change = known ? Math.round(after) - Math.round(before) : 0;
  const sign = change > 0 ? "▲" : change < 0 ? "▼" : "";
  return `${sign}${whole(before)}→${whole(after)}`;
}

// The same for a screen reader.
export function minutesSpoken(before, after) {
  const said = (minutes) => (minutes === null ? "minutes not known" : `${whole(minutes)} min`);
  return after === undefined ? said(before) : `before ${said(before)}, after ${said(after)}`;
}

const spot = (at) => [at[0], at[1], at[0], at[1]];

// Pins of services; a service that is a part of another at the same place is told of on that one's card.
export function drawServices(map, view, labels, { stage, renderers }, press) {
  const { services, organisations } = view;
  const pins = services.map((_, i) => i).filter((i) => services[i].pin === i);
  const withBays = new Set(services.filter(({ bays }) => bays).map(({ pin }) => pin));
  const marks = new Map();
  for (const i of pins) {
    const service = services[i];
    const owner = organisations[service.organisation] || NOBODY;
    const radius = pinRadius(service.desks);
    const known = service.desks !== null;
    const square = withBays.has(i);
    const mark = {
      at: service.at,
      beside: true,
      width: 2 * radius - PIN.weight,
      height: 2 * radius - PIN.weight,
      corner: square ? 2 : radius - PIN.weight / 2,
      name: `Service: ${service.name}, ${owner.name}, ${desksInWords(service.desks)}${square ? ", needs vehicle bays" : ""}`,
      look: {
        weight: known ? PIN.weight : 2,
        color: plainColour(owner.colour),
        fill: true,
        fillOpacity: 1,
        dashArray: known ? null : "3 3",
        className: `ap-pin${known ? "" : " ap-pin-unknown"}`,
      },
    };
    marks.set(i, mark);
    const shift = () => stage.shift(mark);
    const common = { at: service.at, group: "services", shift, site: service.site < 0 ? undefined : service.site };
    labels.push(
      { ...common, text: letterOf(owner), rank: -1, look: "ap-label-pin", gap: 0, size: [12, 12] },
      { ...common, text: service.name, rank: 2.5, look: "ap-label-context", gap: radius + 3, minZoom: 16 },
    );
  }
  const draw = (k, group) => {
    const mark = marks.get(pins[k]);
    drawMark(mark, stage, renderers, group, (at, path) => press(pins[k], at, path));
  };
  const group = inView(map, "services", pins.length, (k) => spot(services[pins[k]].at), draw, {
    few: FEW_MARKS,
    ready: (found) => stage.set("services", found.map((k) => marks.get(pins[k]))), // prettier-ignore
  });
  // A pin stands while its site is chosen.
  group.chosen = (mask) => {
    const isChosen = (k) => !mask || services[pins[k]].site < 0 || mask[services[pins[k]].site];
    group.choose(isChosen);
  };
  // What gives the focus back to the pin of a service, and the place where it stands.
  group.origin = (i) => marks.get(services[i].pin).paths?.[1];
  group.standsAt = (i) => (group.origin(i)?._map ? group.origin(i).stand() : services[i].at);
  return group;
}

// A person, head and shoulders.
export const personShape = ({ x, y }) =>
  `M${x - 6} ${y + 7}a6 7 0 0 1 12 0ZM${x - 3.2} ${y - 4.5}a3.2 3.2 0 0 1 6.4 0a3.2 3.2 0 0 1 -6.4 0Z`;

export function drawVillages(map, view, labels, { stage, renderers }, press) {
  const { villages } = view;
  const look = { weight: 1.5, fill: true, fillOpacity: 1, className: "ap-village" };
  const marks = villages.map(({ name, people, at }) => {
    const mark = { at, width: 12, height: 15, outline: personShape, name: `People: ${name}, ${people}`, look };
    const common = { at, group: "villages", shift: () => stage.shift(mark) };
    const minZoom = villages.length > 80 ? 14 : 0;
    labels.push(
      // Nothing to read, but no name may stand here.
      { ...common, text: "\u00a0", rank: -1, look: "ap-label-pin", gap: 0, size: [12, 15] },
      { ...common, text: `${name}: ${people}`, rank: 2.6, look: "ap-label-village", gap: 11, minZoom },
    );
    return mark;
  });
  const draw = (i, group) => drawMark(marks[i], stage, renderers, group, (at, path) => press(villages[i], at, path));
  return inView(map, "where people live", marks.length, (i) => spot(marks[i].at), draw, {
    few: FEW_MARKS,
    ready: (found) => stage.set("villages", found.map((i) => marks[i])), // prettier-ignore
  });
}

// One layer of minutes, number `k`: a mark for each place and each of its times, the second time light on dark.
export function drawMinutes(map, layer, k, labels, { stage, renderers }, press) {
  const { places, times } = layer;
  const key = (time) => minutesKey(k, time);
  const marks = places.flatMap((place, i) => {
    const { name, at } = place;
    labels.push({ text: name, at, rank: 1.9, group: `minutes ${k}`, look: "ap-label-village", gap: 13 });
    return times.map((time, t) => {
      const [before, after] = [place.before[t], place.after[t]];
      const text = minutesText(before, after);
      const width = Math.max(22, 12 + 7 * text.length);
      const now = after === undefined ? before : after;
      const band = now === null ? null : BANDS[bandOf(now)];
      const mark = {
        i,
        time,
        at: place.at,
        width,
        height: 22,
        corner: 11,
        name: `${layer.name}, ${place.name}${time ? `, ${time}` : ""}: ${minutesSpoken(before, after)}`,
        look: {
          weight: band ? band.weight : 2,
          fill: true,
          fillOpacity: 1,
          dashArray: band ? null : "2 3",
          className: `ap-minutes ap-time-${t % 2} ${band ? `ap-band-${bandOf(now)}` : "ap-band-unknown"}`,
        },
      };
      labels.push({
        text,
        at: place.at,
        rank: -2,
        group: key(time),
        look: `ap-label-minutes ap-time-${t % 2}`,
        gap: 0,
        shift: () => stage.shift(mark),
        size: [width, 20],
      });
      return mark;
    });
  });
  const draw = (n, group) =>
    drawMark(marks[n], stage, renderers, group, (at, path) => press(places[marks[n].i], at, path, marks[n].name));
  return inView(map, layer.name, marks.length, (n) => spot(marks[n].at), draw, {
    kindOf: (n) => key(marks[n].time),
    few: FEW_MARKS,
    ready: (found) => stage.set(`minutes ${k}`, found.map((n) => marks[n])), // prettier-ignore
  });
}

export const minutesKey = (k, time) => `minutes ${k} ${time}`;

// How the outline of the n-th smallest limit is dashed.
export const WITHIN = [null, "10 4", "5 4", "2 4"];

// The names of what ground is shown for, each with its limits, the smallest first.
export function reachesByName(reaches) {
  const names = new Map();
  for (const reach of reaches) names.set(reach.name, [...(names.get(reach.name) || []), reach]);
  for (const limits of names.values()) limits.sort((one, other) => one.limit - other.limit);
  return names;
}

export function drawReaches(map, view, labels, press) {
  const names = reachesByName(view.reaches);
  const renderer = trimmed(map, "ap-within");
  const rows = [...names.values()].flatMap((limits) => limits.map((reach, n) => ({ reach, n })).reverse());
  const bounds = rows.map(({ reach }) => L.latLngBounds(reach.shape.parts.flat(2)));
  for (const { reach } of rows) {
    const ring = reach.shape.parts.flat().reduce((best, one) => (one.length > best.length ? one : best), []);
    const text = `${reach.limit} min${names.size > 1 ? ` ${reach.name.split(",")[0]}` : ""}`;
    labels.push({
      text,
      at: ring[0],
      line: [...ring, ring[0]],
      rank: 2.2,
      group: `reaches ${reach.name}`,
      look: "ap-label-within",
      gap: 5,
    });
  }
  const boxOf = (k) => [bounds[k].getSouth(), bounds[k].getWest(), bounds[k].getNorth(), bounds[k].getEast()];
  const draw = (k, group) => {
    const { reach, n } = rows[k];
    const options = {
      pane: "ap-within",
      renderer,
      weight: 1.5,
      dashArray: WITHIN[Math.min(n, WITHIN.length - 1)],
      fill: true,
      className: "ap-within",
    };
    for (const path of pathsOf(reach.shape, options, 8)) {
      const show = (at) => press(reach, at || bounds[k].getCenter(), path);
      asButton(path, `Within ${reach.limit} minutes ${reach.name}`, show).addTo(group);
    }
  };
  return inView(map, "ground within so many minutes", rows.length, boxOf, draw, { kindOf: (k) => rows[k].reach.name });
}

// A sample of a mark for the key.
export function markSample(mark, look, text) {
  const [width, height] = [Math.max(34, mark.width + 4), Math.max(22, mark.height + 4)];
  const shape = svg("rect", {
    x: (width - mark.width) / 2,
    y: (height - mark.height) / 2,
    width: mark.width,
    height: mark.height,
    rx: mark.corner,
    ...look,
  });
  const words = text
    ? [svg("text", { x: width / 2, y: height / 2 + 4, "text-anchor": "middle", class: "ap-key-number" }, text)]
    : [];
  return svg(
    "svg",
    { class: "ap-swatch ap-swatch-mark", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    shape,
    ...words,
  );
}

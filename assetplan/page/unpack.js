// The page's data as assetplan/page/packing.py wrote it: texts by their place in a pool, numbers as differences, shapes as rings.

import { mixKey, relationKey } from "./looks.js";

export const MICRO = 1e6;

// Whole numbers from their differences; a column of one value says so; a column of a stream has been read already.
export function numbers(packed) {
  if (packed instanceof Int32Array) return packed;
  if (!Array.isArray(packed)) return new Int32Array(packed.count).fill(packed.all);
  const out = new Int32Array(packed.length);
  let value = 0;
  for (let i = 0; i < packed.length; i++) out[i] = value += packed[i];
  return out;
}

// Texts by place: at(i) is the text of entry i, code(i) its place in the pool.
export function texts(packed, pool) {
  const places = numbers(packed.text);
  return { length: places.length, at: (i) => pool[places[i]], code: (i) => places[i] };
}

// Where each of some runs begins: counts [2, 1] give [0, 2, 3].
export function starts(counts) {
  const out = new Int32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) out[i + 1] = out[i] + counts[i];
  return out;
}

const KINDS = ["point", "line", "polygon"];

// Shapes in micro-degrees. A shape has parts, a part rings, a ring vertices; the first vertex closes a ring of a polygon.
export function shapes(packed) {
  const kind = numbers(packed.kind);
  const part = starts(numbers(packed.parts));
  const ring = starts(numbers(packed.rings));
  const vertex = starts(numbers(packed.vertices));
  const y = numbers(packed.y);
  const x = numbers(packed.x);
  const position = (v) => [y[v] / MICRO, x[v] / MICRO];
  const range = (from, to, make) => Array.from({ length: to - from }, (_, i) => make(from + i));
  return {
    count: kind.length,
    kind: (i) => KINDS[kind[i]],
    part,
    ring,
    vertex,
    y,
    x,
    // The first and the last but one vertex of a shape.
    span: (i) => [vertex[ring[part[i]]], vertex[ring[part[i + 1]]]],
    // Nested lists for Leaflet: parts of rings of [latitude, longitude].
    nested: (i) =>
      range(part[i], part[i + 1], (p) => range(ring[p], ring[p + 1], (r) => range(vertex[r], vertex[r + 1], position))),
  };
}

export function positions(packed) {
  const y = numbers(packed.y);
  const x = numbers(packed.x);
  return { length: y.length, y, x, at: (i) => [y[i] / MICRO, x[i] / MICRO] };
}

// Where the names of sites stand: on their only point, where `same` says so, else where `at` says.
function standing(packed, shape) {
  const same = numbers(packed.same);
  const given = positions(packed.at);
  const y = new Int32Array(same.length);
  const x = new Int32Array(same.length);
  let next = 0;
  for (let i = 0; i < same.length; i++) {
    const vertex = same[i] ? shape.span(i)[0] : next++;
    y[i] = same[i] ? shape.y[vertex] : given.y[vertex];
    x[i] = same[i] ? shape.x[vertex] : given.x[vertex];
  }
  return { length: y.length, y, x, at: (i) => [y[i] / MICRO, x[i] / MICRO] };
}

// Records from columns: [{name: text, ...}, ...], with what `more` says of each.
function records(packed, pool, names, count, more) {
  const columns = names.map((name) => texts(packed[name], pool));
  return Array.from({ length: count }, (_, i) => {
    const row = more ? more(i) : {};
    names.forEach((name, k) => (row[name] = columns[k].at(i)));
    return row;
  });
}

const ILLUSTRATIVE = 1;
const UNKNOWN = 2;

function readSites(packed, pool, organisations) {
  const organisation = numbers(packed.organisation);
  const area = numbers(packed.area);
  const facts = packed.facts.map((column) => ({
    label: column.label,
    searched: column.searched,
    value: texts(column.value, pool),
    source: texts(column.source, pool),
    flags: numbers(column.flags),
  }));
  const shape = shapes(packed.shape);
  const columns = Object.fromEntries(
    ["id", "name", "status", "precision", "use"].map((name) => [name, texts(packed[name], pool)]),
  );
  const notes = new Map();
  const noteText = texts(packed.notes.text, pool);
  numbers(packed.notes.site).forEach((site, i) => notes.set(site, [...(notes.get(site) || []), noteText.at(i)]));
  return {
    count: packed.count,
    ...columns,
    organisation,
    owner: (i) => organisations[organisation[i]],
    // Hectares, or null where no area is known.
    area: (i) => (area[i] < 0 ? null : area[i] / 1e4),
    at: standing(packed, shape),
    shape,
    notes: (i) => notes.get(i) || [],
    // The lines of a site's card.
    facts: (i) =>
      facts
        .map((fact) => ({
          label: fact.label,
          value: fact.value.at(i),
          source: fact.source.at(i),
          illustrative: (fact.flags[i] & ILLUSTRATIVE) > 0,
          unknown: (fact.flags[i] & UNKNOWN) > 0,
        }))
        .filter((fact) => fact.value),
    // What is looked through when somebody looks for a site.
    searched: facts.filter((fact) => fact.searched).map((fact) => fact.value),
    // The site of an identifier, or -1.
    find(id) {
      for (let i = 0; i < packed.count; i++) if (columns.id.at(i) === id) return i;
      return -1;
    },
  };
}

function shaped(packed, pool, names, more) {
  const shape = shapes(packed.shape);
  return records(packed, pool, names, shape.count, (i) => ({
    shape: { type: shape.kind(i), parts: shape.nested(i) },
    ...(more ? more(i) : {}),
  }));
}

function tally(count, keyOf) {
  const counts = new Map();
  for (let i = 0; i < count; i++) counts.set(keyOf(i), (counts.get(keyOf(i)) || 0) + 1);
  return counts;
}

function readComponents(packed, pool) {
  const from = starts(numbers(packed.counts));
  const members = numbers(packed.sites);
  const rows = shaped(packed, pool, ["name", "mix", "text"], (i) => ({
    sites: [...members.subarray(from[i], from[i + 1])],
  }));
  return { rows, counts: tally(rows.length, (i) => mixKey(rows[i].mix)) };
}

// The lines of some cards, one list for each.
function lists(packed, pool) {
  const from = starts(numbers(packed.counts));
  const flags = numbers(packed.flags);
  const lines = records(packed, pool, ["label", "value", "source"], flags.length, (i) => ({
    illustrative: (flags[i] & ILLUSTRATIVE) > 0,
    unknown: (flags[i] & UNKNOWN) > 0,
  }));
  return (i) => lines.slice(from[i], from[i + 1]);
}

const tenths = (packed) => Array.from(numbers(packed), (value) => (value < 0 ? null : value / 10));

function readServices(packed, pool) {
  if (!packed) return [];
  const [site, organisation, pin, bays] = ["site", "organisation", "pin", "bays"].map((key) => numbers(packed[key]));
  const [desks, at, facts] = [tenths(packed.desks), positions(packed.at), lists(packed.facts, pool)];
  return records(packed, pool, ["name"], site.length, (i) => ({
    site: site[i],
    organisation: organisation[i],
    // The service whose pin tells of this one: itself, or the whole it is a part of.
    pin: pin[i],
    bays: bays[i] === 1,
    desks: desks[i],
    at: at.at(i),
    facts: facts(i),
  }));
}

function readVillages(packed, pool, columns) {
  if (!packed) return [];
  const [at, facts] = [positions(packed.at), lists(packed.facts, pool)];
  return records(packed, pool, columns, at.length, (i) => ({ at: at.at(i), facts: facts(i) }));
}

// A layer of minutes: of each place the minutes by each time, before a change and, where one is shown, after it.
function readMinutes(packed, pool) {
  const [before, after] = [packed.before.map(tenths), packed.after.map(tenths)];
  const places = readVillages(packed, pool, ["name"]).map((place, i) => ({
    ...place,
    before: before.map((column) => column[i]),
    after: after.map((column) => column[i]),
  }));
  return { name: packed.title, times: packed.times, note: packed.note, changes: after.length > 0, places };
}

function readReaches(packed, pool) {
  if (!packed) return [];
  const limit = tenths(packed.limit);
  return shaped(packed, pool, ["name", "text"], (i) => ({ limit: limit[i] }));
}

// The whole view from its packed form.
export function readView(packed) {
  const { pool, organisations } = packed;
  const context = positions(packed.context.at);
  const places = positions(packed.places.at);
  const [a, b] = [numbers(packed.relations.a), numbers(packed.relations.b)];
  const kind = texts(packed.relations.kind, pool);
  const illustrative = numbers(packed.constraints.illustrative);
  return {
    organisations,
    bounds: packed.bounds,
    relationsOn: packed.relations_on === true,
    sites: readSites(packed.sites, pool, organisations),
    context: records(packed.context, pool, ["name", "text"], context.length, (i) => ({ at: context.at(i) })),
    relations: {
      count: a.length,
      a,
      b,
      kind,
      // How many pairs are of which kind.
      counts: tally(a.length, (i) => relationKey(kind.at(i))),
      text: texts(packed.relations.text, pool),
      measure: texts(packed.relations.measure, pool),
      // Whole metres, or -1 where the two meet.
      gap: numbers(packed.relations.gap),
    },
    // The metres within which neighbours were looked for; null where they were not.
    reach: packed.reach,
    constraints: shaped(packed.constraints, pool, ["name", "kind", "state", "text", "says", "source"], (i) => ({
      illustrative: illustrative[i] === 1,
    })),
    assemblies: packed.assemblies,
    components: readComponents(packed.components, pool),
    backdrop: shaped(packed.backdrop, pool, ["kind", "name"]),
    places: records(packed.places, pool, ["name", "kind"], places.length, (i) => ({ at: places.at(i) })),
    services: readServices(packed.services, pool),
    villages: readVillages(packed.villages, pool, ["name", "people"]),
    minutes: (packed.minutes || []).map((layer) => readMinutes(layer, pool)),
    reaches: readReaches(packed.reaches, pool),
    options: packed.options || [],
    reviewing: packed.reviewing || null,
    years: packed.years || [],
    yearsOn: packed.years_on === true,
    tables: new Map(
      Object.entries(packed.tables).map(([number, table]) => [
        Number(number),
        { columns: table.columns.map((column) => texts(column, pool)), sites: numbers(table.sites) },
      ]),
    ),
  };
}

// Numbers of a stream: seven bits a byte, the sign in the lowest bit, the eighth set where more follows.
export function streamed(bytes, from, count) {
  const out = new Int32Array(count);
  let value = 0;
  let at = from;
  for (let i = 0; i < count; i++) {
    let byte = bytes[at++];
    let plain = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++];
      plain |= (byte & 127) << shift;
    }
    out[i] = value += (plain >>> 1) ^ -(plain & 1);
  }
  return out;
}

// The same value with every column of the stream read.
function filled(value, bytes) {
  if (value === null || typeof value !== "object" || (Array.isArray(value) && typeof value[0] !== "object"))
    return value;
  if (value.from !== undefined) return streamed(bytes, value.from, value.count);
  for (const [key, part] of Object.entries(value)) value[key] = filled(part, bytes);
  return value;
}

// The packed form out of its deflated one.
export async function inflate(source) {
  if (typeof DecompressionStream === "undefined") throw new Error("this browser cannot unpack the page's data");
  const letters = atob(source.deflate);
  const squeezed = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) squeezed[i] = letters.charCodeAt(i);
  const stream = new Blob([squeezed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const head = 4 + new DataView(bytes.buffer).getUint32(0, true);
  return filled(JSON.parse(new TextDecoder().decode(bytes.subarray(4, head))), bytes.subarray(head));
}

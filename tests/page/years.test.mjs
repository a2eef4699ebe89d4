// Scenarios year by year: what stands on the map in a year, and what is said of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

globalThis.document = { createElement: () => ({}), createElementNS: () => ({}) };
const { inYear, leans, saidOf, standsAt, yearText } = await load("years.js");

const move = (name, origin, to, year, organisation = 0) => ({
  name,
  organisation,
  origin,
  to,
  start: [54, -1],
  end: [54.1, -1],
  year,
});
const scenario = {
  scenario_id: "s",
  name: "Hub",
  first: 2010,
  last: 2014,
  moves: [
    move("a", "A", "H", 2012),
    move("b", "A", "H", 2012),
    move("c", "A", "H", 2012, 1),
    move("d", "B", "H", 2014),
  ],
  stays: [
    { name: "a", first: 2009, last: 2012 },
    { name: "a", first: 2012, last: null },
  ],
  states: [
    { kind: "works", first: 2011, last: 2011 },
    { kind: "gone", first: 2013, last: null },
  ],
  says: [
    [2011, "Works begin."],
    [2012, "A moves."],
    [2012, "B too."],
  ],
};

test("a financial year is named by its start, also at the turn of a century", () => {
  assert.equal(yearText(2010), "2010/11");
  assert.equal(yearText(1999), "1999/00");
  assert.equal(yearText(2098), "2098/99");
});

test("moves of one body between the same places in a year are one arrow; later ones are not there yet", () => {
  assert.deepEqual(inYear(scenario, 2011).flows, []);
  const flows = inYear(scenario, 2012).flows;
  assert.deepEqual(
    flows.map(({ names, current }) => [names, current]),
    [
      [["a", "b"], true],
      [["c"], true],
    ],
  );
  assert.deepEqual(
    inYear(scenario, 2014).flows.map(({ current }) => current),
    [false, false, true],
  );
  assert.equal(inYear(scenario, 2009).flows.length, 0);
});

test("a service with double running is in both places, and what a place is ends with its last year", () => {
  const told = (year) => inYear(scenario, year).stays.map(({ first }) => first);
  assert.deepEqual([2009, 2011, 2012, 2013].map(told), [[2009], [2009], [2009, 2012], [2012]]);
  const kinds = (year) => inYear(scenario, year).states.map(({ kind }) => kind);
  assert.deepEqual([2010, 2011, 2012, 2013, 2014].map(kinds), [[], ["works"], [], ["gone"], ["gone"]]);
});

test("every year is said in words, those in which nothing happens too", () => {
  assert.equal(saidOf(scenario, 2009), "Before: services are where they are today.");
  assert.equal(saidOf(scenario, 2010), "2010/11: Nothing happens in this year.");
  assert.equal(saidOf(scenario, 2012), "2012/13: A moves. B too.");
  assert.equal(saidOf(scenario, 2014), "2014/15, after all of it: Nothing happens in this year.");
  assert.equal(standsAt(scenario, 2009), "before");
});

test("arrows between the same two places lean apart, whichever way they lead", () => {
  const flows = [
    { origin: "A", to: "B" },
    { origin: "B", to: "A" },
    { origin: "A", to: "C" },
    { origin: "A", to: "B" },
  ];
  const found = leans(flows);
  assert.equal(new Set([found[0], found[1], found[3]].map((lean) => lean.toFixed(3))).size, 3);
  assert.equal(found[2], leans([flows[2]])[0]);
  assert.deepEqual(leans([]), []);
});

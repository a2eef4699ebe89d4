"""Figures beside money that can be walked back: how far people go, how soon crews come, and what is counted of whether it can be done."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assetplan.figures.explanation import Explanation, Part
from assetplan.hubs.reviewing import WILLING
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assetplan.effects.deliverable import Deliverability
    from assetplan.results.result import Appraisal

    Row = Mapping[str, Any]

_PEOPLE = {
    "people_farther": ("people", "People with a way to some service that is longer by half a minute or more"),
    "people_nearer": ("people", "People with a way to some service that is shorter by half a minute or more"),
    "worst_change_min": ("minutes", "How much the way grows that grows most"),
}


class Ways:
    """How far people go before and after, by mode, function and place."""

    def __init__(self, result: Appraisal) -> None:
        self._result = result

    @cached_property
    def _totals(self) -> Mapping[str, Row]:
        return {str(row["mode"]): row for row in records(self._result.access.totals)}

    @cached_property
    def _functions(self) -> Mapping[tuple[str, str], Row]:
        return {(row["mode"], _key(row["function"])): row for row in records(self._result.access.functions)}

    @cached_property
    def _places(self) -> Mapping[tuple[str, str, str], Row]:
        rows = records(self._result.access.places)
        return {(row["mode"], _key(row["function"]), str(row["demand_id"])): row for row in rows}

    def ids(self) -> Iterator[str]:
        """The figures."""
        for mode in self._totals:
            yield from (f"{name}/{mode}" for name in ("people_minutes_change", *_PEOPLE))
        yield from (f"people_minutes_change/{'/'.join(key)}" for key in self._functions)
        for key in self._places:
            path = "/".join(key)
            yield f"people_minutes_change/{path}"
            yield from (f"access/{path}/{end}" for end in ("before_min", "after_min", "change_min"))

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        head, *path = figure_id.split("/")
        if head == "access" and len(path) >= 4:
            return self._way(figure_id, (path[0], path[1], "/".join(path[2:-1])), path[-1])
        if head in _PEOPLE and len(path) == 1 and path[0] in self._totals:
            unit, name = _PEOPLE[head]
            row = self._totals[path[0]]
            where = (
                f" It is {row['worst_place']}, to {row['worst_function']}."
                if head == "worst_change_min" and row["worst_place"]
                else ""
            )
            how = f"Found among the ways of every place, by {path[0]}; nobody counts twice.{where}"
            return _found(figure_id, f"{name}, by {path[0]}", row[head], unit, how, self._below((path[0],)))
        if head != "people_minutes_change":
            return None
        if len(path) == 1 and path[0] in self._totals:
            row, said = self._totals[path[0]], "every service that people come to and that ends up elsewhere"
        elif len(path) == 2 and tuple(path) in self._functions:
            row, said = self._functions[path[0], path[1]], "every place that people start from"
        elif len(path) >= 3 and (path[0], path[1], "/".join(path[2:])) in self._places:
            return self._of_place(figure_id, (path[0], path[1], "/".join(path[2:])))
        else:
            return None
        of = f" to {row['function']}" if len(path) == 2 else ""
        how = f"The sum over {said}: people times the minutes by which their way{of} changes, one way, each once. Not known where one of them is not."
        return Explanation(
            figure_id, f"People-minutes a trip{of}, by {path[0]}, after less before", _number(row["people_minutes_change"]), None, None,
            "people-minutes", "", how, "sum", self._below(tuple(path)),
        )  # fmt: skip

    def _below(self, path: tuple[str, ...]) -> tuple[Part, ...]:
        keys: list[tuple[str, ...]] = [key for key in self._functions if key[:1] == path] if len(path) == 1 else []
        keys = keys or [key for key in self._places if key[:2] == path]
        parts = []
        for key in keys:
            value = self._change(key)
            if value is not None:
                parts.append(Part(f"people_minutes_change/{'/'.join(key)}", self._called(key), value))
        return tuple(parts)

    def _change(self, key: tuple[str, ...]) -> float | None:
        if len(key) == 2:
            return _number(self._functions[key[0], key[1]]["people_minutes_change"])
        row = self._places[key[0], key[1], key[2]]
        people, minutes = _number(row["population"]), _number(row["change_min"])
        return None if people is None or minutes is None else people * minutes

    def _called(self, key: tuple[str, ...]) -> str:
        return str(
            self._functions[key[0], key[1]]["function"]
            if len(key) == 2
            else self._places[key[0], key[1], key[2]]["name"]
        )

    def _of_place(self, figure_id: str, key: tuple[str, str, str]) -> Explanation:
        row = self._places[key]
        people, minutes = _number(row["population"]), _number(row["change_min"])
        parts = (
            () if minutes is None else (Part(f"access/{'/'.join(key)}/change_min", "minutes more, one way", minutes),)
        )
        how = f"People of {row['name']}, times the minutes by which their way changes." + _missing(row)
        return Explanation(
            figure_id, f"People-minutes of {row['name']} to {row['function']}", self._change(key), None, None, "people-minutes", "", how, "product",
            parts, (), people if people is not None else 1.0,
        )  # fmt: skip

    def _way(self, figure_id: str, key: tuple[str, str, str], end: str) -> Explanation | None:
        row = self._places.get(key)
        if row is None or end not in {"before_min", "after_min", "change_min"}:
            return None
        name = f"way of {row['name']} to the nearest {row['function']}, by {key[0]}"
        notes = " ".join(self._result.access.notes)
        return _minutes(
            figure_id, row, end, name, notes, f"access/{'/'.join(key)}", ("facility_before", "facility_after")
        )


class Crews:
    """How soon the first crew is at each place, before and after."""

    def __init__(self, result: Appraisal) -> None:
        self._result = result

    @cached_property
    def _places(self) -> Mapping[tuple[str, str, str, str], Row]:
        rows = records(self._result.response.places)
        return {(row["response"], _key(row["crews"]), row["time"], str(row["demand_id"])): row for row in rows}

    def ids(self) -> Iterator[str]:
        """The figures."""
        for key in self._places:
            yield from (f"response/{'/'.join(key)}/{end}" for end in ("before_min", "after_min", "change_min"))

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        head, *path = figure_id.split("/")
        if head != "response" or len(path) < 5:
            return None
        key = path[0], path[1], path[2], "/".join(path[3:-1])
        row = self._places.get(key)
        if row is None or path[-1] not in {"before_min", "after_min", "change_min"}:
            return None
        name = f"first {row['response']} crew ({row['crews']}) at {row['name']} by {row['time']}"
        notes = " ".join(self._result.response.notes)
        return _minutes(
            figure_id, row, path[-1], name, notes, f"response/{'/'.join(key)}", ("crew_before", "crew_after")
        )


class Counts:
    """What is counted of whether a scenario can be done, and how sure its figures are."""

    def __init__(self, result: Appraisal) -> None:
        self._result = result

    @cached_property
    def _found(self) -> Mapping[str, tuple[float, str, str]]:
        found: Deliverability = self._result.deliverability
        sought = sum(one.sought for one in found.consents)
        sure = found.confidence
        sources = {given.source for given in self._result.inputs.values() if given.source}
        ready = sum(one.says in {WILLING, "committed"} for one in found.stances)
        counts: dict[str, tuple[float, str, str]] = {
            "count/refused": (
                found.refused,
                "things that cannot be as they are written",
                "What a check of the scenario refuses.",
            ),
            "count/to_confirm": (
                found.to_confirm,
                "things somebody has to confirm",
                "What a check of the scenario leaves to be confirmed.",
            ),
            "count/consents_sought": (
                sought,
                "consents that it seeks",
                "Its releases and what else has to be agreed to.",
            ),
            "count/consents_not_sought": (
                len(found.consents) - sought,
                "consents that it does not seek",
                "What binds its land and no action is about.",
            ),
            "count/bodies": (
                len(found.stances),
                "bodies that it needs",
                "Those whose services, buildings or land it is about.",
            ),
            "count/bodies_ready": (ready, "bodies willing or committed", "Of those that it needs."),
            "count/figures": (
                sure.wanted,
                "figures that it rests on",
                "Its inputs, and what its actions do not state.",
            ),
            "count/figures_sourced": (
                sure.own,
                "figures with a source of their own",
                "Those that are neither invented for an example nor come with assetplan.",
            ),
            "count/figures_general": (
                sure.general,
                "general figures that come with assetplan",
                "Those that nobody states for this place.",
            ),
            "count/figures_illustrative": (
                sure.illustrative,
                "illustrative figures",
                "Those that are invented for an example.",
            ),
            "count/plans": (
                len(found.aspirations or ()),
                "plans for its places",
                "What bodies plan, by the estate's plans.",
            ),
            "count/sources": (len(sources), "sources that its figures come from", "Those of its inputs, each once."),
            "count/not_counted": (
                len(self._result.unknown),
                "things that are not counted",
                "What nothing states, each told.",
            ),
        }
        chain = found.chain
        more = " Some of its actions do not state months, so that it is longer." if chain.not_stated else ""
        actions = ", ".join(str(link.action) for link in chain.links)
        how = f"Actions {actions}, one after another.{more}"
        counts["chain_months"] = (chain.months, "months of its longest chain", how)
        return counts

    def ids(self) -> Iterator[str]:
        """The figures."""
        yield from self._found

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        found = self._found.get(figure_id) if figure_id.startswith(("count/", "chain_months")) else None
        if found is None:
            return None
        value, name, how = found
        unit = "months" if figure_id == "chain_months" else ""
        return _found(figure_id, name, value, unit, how, ())


def _found(figure_id: str, name: str, value: Any, unit: str, how: str, parts: tuple[Part, ...]) -> Explanation:
    number = _number(value)
    return Explanation(figure_id, name, number, number, number, unit, "", how, "found", parts)


def _minutes(
    figure_id: str, row: Row, end: str, name: str, notes: str, path: str, ends: tuple[str, str]
) -> Explanation:
    value = _number(row[end])
    if end == "change_min":
        before, after = _number(row["before_min"]), _number(row["after_min"])
        parts: tuple[Part, ...] = ()
        if before is not None and after is not None:
            parts = (
                Part(f"{path}/after_min", "after", after),
                Part(f"{path}/before_min", "before", before, times=-1.0),
            )
        how = f"After less before.{_missing(row)}"
        return Explanation(figure_id, f"Change of the {name}", value, None, None, "minutes", "", how, "sum", parts)
    at = row[ends[end == "after_min"]]
    when = "after the whole scenario" if end == "after_min" else "today"
    how = f"{'From ' + str(at) + '. ' if at else ''}{notes}{_missing(row)}"
    return Explanation(
        figure_id, f"{name[:1].upper()}{name[1:]}, {when}", value, value, value, "minutes", "", how, "found"
    )


def _missing(row: Row) -> str:
    return f" {row['why_not_known']}" if row["why_not_known"] else ""


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _key(word: object) -> str:
    return str(word).replace(" ", "-")

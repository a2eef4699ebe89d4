"""Figures of what a scenario does to the people of a ward or parish, walked back to the places they start from."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assetplan.effects.responding import ANY
from assetplan.effects.wards import ACCESS, ALL
from assetplan.figures.explanation import Explanation, Part
from assetplan.tables import records
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assetplan.figures.explanation import Joined
    from assetplan.results.result import Appraisal

    Row = Mapping[str, Any]

HEAD = "by_ward"
_SAID = {
    "people_minutes_change": ("People-minutes a trip, after less before", "people-minutes"),
    "people_farther": ("People with a time that is longer by half a minute or more", "people"),
    "mean_before_min": ("Mean time of its people today", "minutes"),
    "mean_after_min": ("Mean time of its people after the whole scenario", "minutes"),
    "mean_change_min": ("Change of the mean time of its people", "minutes"),
    "worst_change_min": ("How much the time grows that grows most", "minutes"),
}


def ward_figure(row: Row, measure: str) -> str:
    """What a figure of a row of `assetplan.effects.wards.WardEffect.frame` is known by."""
    return "/".join((HEAD, row["kind"], row["area_id"], row["of"], row["by"], _key(row["function"]), measure))


class Wards:
    """How far people of a ward or parish go, and how soon crews come to them."""

    def __init__(self, result: Appraisal) -> None:
        self._result = result

    @cached_property
    def _rows(self) -> Mapping[str, tuple[Row, str]]:
        return {
            ward_figure(row, measure): (row, measure)
            for row in records(self._result.by_ward.frame)
            for measure in _SAID
            if _number(row[measure]) is not None
        }

    @cached_property
    def _places(self) -> Mapping[tuple[str, ...], Row]:
        """Ways and crews by what they are asked by, and place."""
        ways, crews = self._result.access.places, self._result.response.places
        found = {
            (ACCESS, row["mode"], _key(row["function"]), str(row["demand_id"])): row
            for row in records(ways)
        }  # fmt: skip
        return found | {
            ("response", row["time"], _key(row["response"]), str(row["demand_id"])): row
            for row in records(crews[crews["crews"] == ANY])
        }

    def ids(self) -> Iterator[str]:
        """The figures."""
        yield from self._rows

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        if not figure_id.startswith(f"{HEAD}/"):
            return None
        found = self._rows.get(figure_id)
        if found is None:
            return None
        row, measure = found
        said, unit = _SAID[measure]
        what = (
            "every service that people come to and that ends up elsewhere"
            if row["function"] == ALL
            else row["function"]
        )
        how = (
            f"The first {row['function']} crew by {row['by']}" if row["of"] != ACCESS else f"To {what}, by {row['by']}"
        )
        parts, joined = self._parts(row, measure)
        worst = f" It is {row['worst_place']}." if measure == "worst_change_min" and row["worst_place"] else ""
        lack = f" Not known of {row['people_not_known']:,.0f} people." if row["people_not_known"] else ""
        drawn = (
            f"the {row['kind']} {visible(row['area'])}"
            if row["area_id"]
            else f"people in no {row['kind']} that is drawn"
        )
        value = _number(row[measure])
        return Explanation(
            figure_id,
            f"{said}: {drawn}",
            value,
            None,
            None,
            unit,
            "",
            f"{how}; of {drawn}.{worst}{lack}",
            joined,
            parts,
        )

    def _parts(self, row: Row, measure: str) -> tuple[tuple[Part, ...], Joined]:
        if measure == "mean_change_min":
            after, before = (ward_figure(row, f"mean_{end}_min") for end in ("after", "before"))
            return (
                Part(after, "after", row["mean_after_min"]),
                Part(before, "before", row["mean_before_min"], times=-1.0),
            ), "sum"
        here = {} if row["function"] == ALL else self._here(row)
        if measure == "people_minutes_change":
            if row["function"] == ALL:
                return tuple(self._functions(row)), "sum"
            path = f"people_minutes_change/{row['by']}/{_key(row['function'])}"
            return tuple(
                Part(f"{path}/{key}", str(one["name"]), one["population"] * one["change_min"])
                for key, one in here.items()
            ), "sum"
        if measure in {"mean_before_min", "mean_after_min"}:
            end, people = measure.removeprefix("mean_"), sum(one["population"] for one in here.values())
            head, way = f"{row['of']}/{row['by']}/{_key(row['function'])}", row["function"]
            path = head if row["of"] == ACCESS else f"response/{way}/{ANY}/{row['by']}"
            return tuple(
                Part(f"{path}/{key}/{end}", str(one["name"]), one[end], times=one["population"] / people)
                for key, one in here.items()
            ), "sum"
        return (), "found"

    def _here(self, row: Row) -> dict[str, Row]:
        """The places of an area of which both times and the people are known."""
        members = self._result.by_ward.members[row["kind"], row["area_id"]]
        found = {key: self._places.get((row["of"], row["by"], _key(row["function"]), key)) for key in members}
        return {
            key: one
            for key, one in found.items()
            if one is not None and _number(one["change_min"]) is not None and _number(one["population"])
        }

    def _functions(self, row: Row) -> Iterator[Part]:
        same = ("kind", "area_id", "of", "by")
        for other in records(self._result.by_ward.frame):
            value = _number(other["people_minutes_change"])
            if other["function"] != ALL and value is not None and all(other[name] == row[name] for name in same):
                yield Part(ward_figure(other, "people_minutes_change"), str(other["function"]), value)


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _key(word: object) -> str:
    return str(word).replace(" ", "-")

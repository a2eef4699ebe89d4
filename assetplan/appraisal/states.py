"""What becomes of each place in a scenario, year by year: in use, works, new, empty, gone.

What is dated in a year happens at its start: a building whose last service moves in 2012 is empty in 2012, and one sold in 2013 costs nothing
from then on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from assetplan.figures.explanation import financial
from assetplan.scenarios.actions import Build, Dispose, Refurbish, Retain, Surrender

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assetplan.appraisal.stated import Stated
    from assetplan.scenarios.course import Course

StateKind = Literal["in use", "works", "empty", "gone"]
_ALL_BUT = 0.9
"""Services with this share of a building's staff are taken to be all it holds, as where `assetplan.benchmark` asks what could close."""


@dataclass(frozen=True)
class State:
    """How a place is in a year, the action by which it came to be so (0: none) and why, in words."""

    kind: StateKind
    action: int = 0
    because: str = ""


IN_USE = State("in use")


class States:
    """How each place is in each year.

    Parameters
    ----------
    course
        The scenario on its estate.
    stated
        What the estate states.
    years
        The financial years that are looked at.
    """

    def __init__(self, course: Course, stated: Stated, years: Iterable[int]) -> None:
        self.course, self.stated = course, stated
        self.years = tuple(years)
        self.touched = self._touched()
        self._known = {place: self._of(place) for place in sorted(self.touched)}

    def of(self, place: str, year: int) -> State:
        """How a place is in a year: before those that are looked at as it is today, after them as in the last."""
        if place not in self._known or year < self.years[0]:
            return IN_USE
        return self._known[place][min(year, self.years[-1])]

    def leaves_in(self, place: str) -> int | None:
        """The first year in which a place that is used today is no longer in use as it is; None where it always is."""
        return next((year for year in self.years if self.of(place, year).kind != "in use"), None)

    def changed_by(self, place: str) -> int:
        """The first action on a place by itself, for what ends there in no other way; 0 where there is none."""
        own = (at for at, action in self.course.actions if getattr(action, "asset", "") == place)
        return next(own, 0)

    def _touched(self) -> set[str]:
        """Assets of which anything may be otherwise than in a scenario without actions."""
        places = (
            {move.origin for move in self.course.moves}
            | {move.to for move in self.course.moves}
            | set(self.course.gone)
        )
        for _, action in self.course.actions:
            if isinstance(action, (Build, Dispose, Refurbish, Retain)):
                places.add(action.asset)
            elif isinstance(action, Surrender):
                places.add(str(self.course.ground.interests[action.interest]["subject"]))
        return {place for place in places if place in self.stated.assets}

    def _of(self, place: str) -> Mapping[int, State]:
        goes, ends, rebuilt = self._goes(place), self._lease_ends(place), self._rebuilt(place)
        out: dict[int, State] = {}
        last = IN_USE
        for year in self.years:
            left = self._left(place, year)
            if goes is not None and year >= goes[0]:
                state = State("gone", goes[1], goes[2])
            elif rebuilt is not None and year >= rebuilt[0]:
                state = State("works", rebuilt[1], rebuilt[2])
            elif left is None:
                state = IN_USE
            elif ends is not None and year >= ends[0]:
                state = State("gone", ends[1], ends[2])
            else:
                state = left
            last = state if state.kind != last.kind else last
            out[year] = last
        return out

    def _goes(self, place: str) -> tuple[int, int, str] | None:
        gone = self.course.gone.get(place, ())
        if gone:
            return (
                gone[0].year,
                gone[0].at,
                f"it goes by {gone[0].action.by} in {financial(gone[0].year)} (action {gone[0].at})",
            )
        last = self.course.last_part(place)
        if last is None:
            return None
        return last.year, last.at, f"the last part of it goes in {financial(last.year)} (action {last.at})"

    def _lease_ends(self, place: str) -> tuple[int, int, str] | None:
        held = {str(row["interest_id"]) for row, _ in self.stated.rents(place)}
        ends = [
            (action.year, at, action)
            for at, action in self.course.actions
            if isinstance(action, Surrender) and action.interest in held
        ]
        if not ends or len(ends) < len(held):
            return None
        year, at, action = max(ends, key=lambda one: one[:2])
        return year, at, f"{action.interest} ends by {action.by} in {financial(year)} (action {at})"

    def _rebuilt(self, place: str) -> tuple[int, int, str] | None:
        works = [
            (action.year, at)
            for at, action in self.course.actions
            if isinstance(action, Build) and action.asset == place and not action.new_asset
        ]
        if not works:
            return None
        year, at = min(works)
        return year, at, f"what stands there makes way in {financial(year)} for what is built (action {at})"

    def _left(self, place: str, year: int) -> State | None:
        """That all has left a place by a year, where that is known."""
        if place not in self._closable or self.course.there(place, year):
            return None
        moves = [move for move in self.course.moves if move.origin == place and max(move.year, move.left_in) <= year]
        if not moves:
            return None
        last = max(moves, key=lambda move: (max(move.year, move.left_in), move.at))
        return State(
            "empty",
            last.at,
            f"the last of its services leaves in {financial(max(last.year, last.left_in))} (action {last.at})",
        )

    @cached_property
    def _closable(self) -> frozenset[str]:
        """Assets of which all that is in them is known by name, as far as numbers of staff tell."""
        out = set()
        ground = self.course.ground
        for place, services in ground.at_home.items():
            if not place or place not in self.stated.assets or not services:
                continue
            fte = self.stated.assets[place]["fte"]
            wholes = [key for key in services if ground.home.get(str(ground.services[key]["part_of"] or "")) != place]
            told = [ground.services[key]["fte"] for key in wholes]
            known = sum(one for one in told if one is not None and not math.isnan(one))
            if fte is None or math.isnan(fte) or known >= _ALL_BUT * fte:
                out.add(place)
        return frozenset(out)

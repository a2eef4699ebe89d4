"""How long a place stands empty once the last service known in it has left: from which year until which, and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.scenarios.actions import Build, Meanwhile, Refurbish, Sublet, Surrender
from assetplan.scenarios.course import done_in
from assetplan.text import clean, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assetplan.effects.groundwork import Groundwork
    from assetplan.scenarios.course import Course


def vacated_in(course: Course, place: str, first: int, last: int) -> list[tuple[int, tuple[str, ...]]]:
    """The years at whose end a place has nobody certain in it who was there a year before, with whoever may still be there in part."""
    out = []
    before = course.there(place, first - 1)
    for year in range(first, last + 1):
        now = course.there(place, year)
        if any(before.values()) and not any(now.values()):
            out.append((year, tuple(now)))
        before = now
    return out


def voids(groundwork: Groundwork, course: Course, place: str, start: int) -> Iterator[tuple[int, int | None, str]]:
    """The years in which a place that is vacated stands empty: from, until (None: nothing says) and what ends it, in words.

    It is empty no longer when it goes, whole or part by part, is given up by whoever holds it, is built on, is refurbished, is let, is used
    meanwhile or is moved into; after a use in the meantime, or works after which nobody moves in, it is empty again.
    """
    while True:
        coming = sorted(one for one in _used_again(groundwork, course, place) if one[0] >= start)
        if not coming:
            yield start, None, ""
            return
        year, why, until = coming[0]
        if year > start:
            yield start, year, why
        if not until or any(course.there(place, until)):
            return
        start = max(until, year + 1)


def _used_again(groundwork: Groundwork, course: Course, place: str) -> Iterator[tuple[int, str, int]]:
    """What ends an empty time of a place: the year, in words, and the year from which it may be empty again (0: none)."""
    for gone in course.gone.get(place, ()):
        yield gone.year, f"it goes by {gone.action.by}", 0
    for move in course.moves:
        if move.to == place and move.origin != place:
            yield move.year, f"{groundwork.name(move.service)} moves in", 0
    for _, action in course.actions:
        match action:
            case Build(asset=asset, new_asset=new) if asset == place and not new:
                yield action.year, "it is built on", 0
            case Refurbish(asset=asset) if asset == place:
                yield action.year, "works begin", done_in(action)
            case Meanwhile(asset=asset) if asset == place:
                yield action.year, f"it is used for {shown_name(clean(action.use))}", done_in(action)
            case Sublet(asset=asset) if asset == place:
                yield action.year, "it is let", 0
            case Surrender() if _own(groundwork, place, action):
                yield action.year, "it is given up", 0
    in_parts = last_part(course, place)
    if in_parts is not None:
        yield in_parts[0], f"the last part of it goes by {in_parts[1]}", 0


def _own(groundwork: Groundwork, place: str, action: Surrender) -> bool:
    """Whether the interest given up is that on which whoever has a place holds it: a guest's licence frees nobody of the place."""
    row = groundwork.ground.interests[action.interest]
    return bool(row["subject"] == place and row["holder"] == groundwork.owner(place))


def last_part(course: Course, place: str) -> tuple[int, str] | None:
    """When and how the last part of a place goes, once nothing of its site is left; None while something is, or its area is not stated."""
    last = course.last_part(place)
    return None if last is None else (last.year, last.action.by)

"""Actions that cannot all be: two destinations, two sales, a move into what is not open or is gone, a circle of moves."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import networkx as nx

from assetplan.leases import last_day_to_serve
from assetplan.scenarios.actions import (
    Acquire,
    Appropriate,
    Assemble,
    Build,
    Dispose,
    Meanwhile,
    Refurbish,
    Release,
    Retain,
    Split,
    Sublet,
    Surrender,
)
from assetplan.scenarios.course import Course, financial_year
from assetplan.scenarios.problem import CONFIRM, REFUSED, ScenarioProblem, problem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.course import Gone, Move

    Record = Mapping[str, Any]

_OPENS = {"acquire": "is acquired", "build": "is built", "refurbish": "is refurbished", "dispose": "comes in return"}
_NO_RETURN = ("sale", "swap", "transfer")
_LATER_TOO = ("ground lease", "joint venture")


def clashes(course: Course, start_year: int | None) -> Iterator[ScenarioProblem]:
    """What cannot be in a scenario as it stands."""
    yield from _repeated(course)
    yield from _too_early(course, start_year)
    yield from _two_destinations(course)
    yield from _circles(course)
    yield from _not_open(course)
    yield from _gone(course)
    yield from _sold_twice(course)
    yield from _parts(course)
    yield from _endings(course)


def _repeated(course: Course) -> Iterator[ScenarioProblem]:
    seen: dict[Action, int] = {}
    keys: dict[tuple[type, str], int] = {}
    for at, action in course.actions:
        first = seen.setdefault(action, at)
        if first != at:
            yield problem(
                REFUSED, at, action, "year", "stated-twice", "", f"this is action {first} once more.", "Remove one."
            )
            continue
        name = ""
        if isinstance(action, Build):
            name = action.new_asset
        elif isinstance(action, Release):
            name = action.constraint
        elif isinstance(action, Surrender):
            name = action.interest
        if not name:
            continue
        other = keys.setdefault((type(action), name), at)
        if other != at:
            field = {"build": "new_asset", "release": "constraint", "surrender": "interest"}[action.word]
            yield problem(
                REFUSED, at, action, field, "clash", name, f"action {other} does this to {name!r} already.", "Keep one."
            )


def _too_early(course: Course, start_year: int | None) -> Iterator[ScenarioProblem]:
    for at, action in course.actions:
        if start_year is not None and action.year < start_year:
            yield problem(
                REFUSED, at, action, "year", "before-the-start", str(action.year),
                f"{action.year} is before {start_year}, from which the scenario is reckoned.", "Date it later, or give an earlier start_year.",
            )  # fmt: skip


def _two_destinations(course: Course) -> Iterator[ScenarioProblem]:
    asked: dict[tuple[str, int], list[Move]] = defaultdict(list)
    for move in course.moves:
        asked[move.service, move.year].append(move)
    for (service, year), every in sorted(asked.items()):
        moves = sorted(every, key=lambda move: move.at)
        for move in moves[1:]:
            yield problem(
                REFUSED, move.at, move.action, move.field, "two-destinations", move.to,
                f"{service!r} moves to {moves[0].to!r} in {year} by action {moves[0].at} already.", "Keep one, or date them in different years.",
            )  # fmt: skip
        for move in moves:
            if move.origin != move.to:
                continue
            yield problem(
                CONFIRM, move.at, move.action, move.field, "no-move", move.to, f"{service!r} is in {move.to!r} already.",
                "Remove it, or name another place.",
            )  # fmt: skip


def _circles(course: Course) -> Iterator[ScenarioProblem]:
    """Places that in one year each wait for another to be left: no order of the moves works without somewhere to wait."""
    by_year: dict[int, list[Move]] = defaultdict(list)
    for move in course.moves:
        if move.origin and move.origin != move.to:
            by_year[move.year].append(move)
    for year, moves in sorted(by_year.items()):
        graph = nx.DiGraph([(move.origin, move.to) for move in moves])
        for group in sorted(sorted(found) for found in nx.strongly_connected_components(graph) if len(found) > 1):
            inside = [move for move in moves if move.origin in group and move.to in group]
            first = min(inside, key=lambda move: (move.at, move.service))
            what = "; ".join(
                f"{move.service} from {move.origin} to {move.to}"
                for move in sorted(inside, key=lambda m: (m.at, m.service))
            )
            yield problem(
                REFUSED, first.at, first.action, first.field, "circle-of-moves", "; ".join(group),
                f"in {year} each of these waits for another place to be left: {what}.",
                "Move one of them in an earlier year to a place where it can wait.", year=year,
            )  # fmt: skip


def _not_open(course: Course) -> Iterator[ScenarioProblem]:
    for move in _first_of_each(course):
        for works in course.works.get(move.to, ()):
            if move.year >= works.done:
                continue
            if isinstance(works.action, Refurbish) and move.year < works.begins:
                continue  # it may be used as it stands until works begin
            if isinstance(works.action, (Acquire, Dispose)) and course.land_of(move.to) in course.ground.held:
                continue  # a public body has it today
            why = _OPENS[works.action.word]
            yield problem(
                REFUSED, move.at, move.action, move.field, "not-open", move.to,
                f"{move.service!r} moves in {move.year}, and {move.to!r} {why} by {works.done} only (action {works.at}).",
                f"Date the move {works.done} or later.",
            )  # fmt: skip


def _first_of_each(course: Course) -> list[Move]:
    """One move for each action and destination: what is said of the destination need be said once."""
    out: dict[tuple[int, str], Move] = {}
    for move in course.moves:
        out.setdefault((move.at, move.to), move)
    return list(out.values())


def _gone(course: Course) -> Iterator[ScenarioProblem]:
    for move in _first_of_each(course):
        gone = _first(course, move.to)
        if gone is not None and gone.year <= move.year and gone.action.by != "transfer":
            yield problem(
                REFUSED, move.at, move.action, move.field, "gone", move.to,
                f"{move.to!r} is disposed of in {gone.year} (action {gone.at}), and {move.service!r} moves there in {move.year}.",
                "Move it elsewhere, or keep the place.",
            )  # fmt: skip
    for at, action in course.actions:
        if isinstance(action, Build) and action.built_by:
            continue  # whoever takes the land builds on it
        if not isinstance(action, (Retain, Refurbish, Build, Meanwhile, Sublet, Appropriate, Assemble)):
            continue
        for place in action.assets if isinstance(action, Assemble) else (action.asset,):
            field = "assets" if isinstance(action, Assemble) else "asset"
            gone = _first(course, place)
            if gone is None:
                continue
            if gone.year < action.year:
                yield problem(
                    REFUSED, at, action, field, "gone", place,
                    f"{place!r} is disposed of in {gone.year} (action {gone.at}), before this.", "Remove one, or change the years.",
                )  # fmt: skip
            elif isinstance(action, (Retain, Refurbish, Build, Meanwhile)) and gone.year < _last(action):
                verdict = CONFIRM if isinstance(action, Meanwhile) else REFUSED
                yield problem(
                    verdict, at, action, field, "gone-meanwhile", place,
                    f"{place!r} is disposed of in {gone.year} (action {gone.at}), while this goes on into {_last(action) - 1}.",
                    "End it before, or dispose of it later.", year=gone.year,
                )  # fmt: skip


def _last(action: Action) -> int:
    """The year after the last one in which an action goes on."""
    months = getattr(action, "months", None) or 0
    return action.year + max(1, -(-int(months) // 12))


def _first(course: Course, place: str) -> Gone | None:
    return next(iter(course.gone.get(place, ())), None)


def _sold_twice(course: Course) -> Iterator[ScenarioProblem]:
    told: set[tuple[int, int]] = set()
    for place, every in sorted(course.gone.items()):
        for before, after in pairwise(every):
            if before.action.by in _LATER_TOO and after.action.by in _NO_RETURN and before.year < after.year:
                continue  # what is left of it, the reversion, may be sold
            if (before.at, after.at) in told:
                continue
            told.add((before.at, after.at))
            yield problem(
                REFUSED, after.at, after.action, "asset", "disposed-of-twice", place,
                f"{place!r} is disposed of by {before.action.by} in {before.year} already (action {before.at}).", "Keep one.",
            )  # fmt: skip


def _parts(course: Course) -> Iterator[ScenarioProblem]:
    split: dict[str, tuple[int, Action]] = {}
    for at, action in course.actions:
        if not isinstance(action, Split):
            continue
        known = course.parts_of(action.service)
        for part in action.parts:
            if part not in known:
                more = f" Its parts: {', '.join(known)}." if known else " It has none."
                yield problem(
                    REFUSED, at, action, "parts", "no-part", part, f"{part!r} is no part of {action.service!r}.{more}",
                )  # fmt: skip
            elif part in split:
                yield problem(
                    REFUSED,
                    at,
                    action,
                    "parts",
                    "clash",
                    part,
                    f"action {split[part][0]} parts {part!r} already.",
                    "Keep one.",
                )
            else:
                split[part] = at, action
    for move in course.moves:
        if move.service in split and move.year < split[move.service][1].year and course.parts_of(move.service) == ():
            at, action = split[move.service]
            whole = str(course.ground.services[move.service]["part_of"])
            if not any(other.at == move.at and other.service == whole for other in course.moves):
                yield problem(
                    REFUSED, move.at, move.action, "service", "not-split-yet", move.service,
                    f"{move.service!r} moves in {move.year}, and is parted from {whole!r} in {action.year} only (action {at}).",
                    f"Date the move {action.year} or later.",
                )  # fmt: skip


def _endings(course: Course) -> Iterator[ScenarioProblem]:
    rows, as_of = course.ground.interests, course.ground.estate.as_of
    for at, action in course.actions:
        if isinstance(action, Surrender) and action.interest in rows:
            yield from _ending(at, action, rows[action.interest], as_of)


def _ending(at: int, action: Surrender, row: Record, as_of: dt.date | None) -> Iterator[ScenarioProblem]:
    if row["interest"] == "freehold":
        yield problem(
            REFUSED, at, action, "interest", "freehold", action.interest, f"{action.interest!r} is a freehold, which is not given up.",
            "Dispose of it instead.",
        )  # fmt: skip
        return
    column = {"break": "break_date", "expiry": "expiry"}.get(action.by)
    expiry = row["expiry"]
    if expiry is not None and financial_year(expiry) < action.year:
        yield problem(
            REFUSED, at, action, "year", "ended-before", str(action.year), f"{action.interest!r} ends on {expiry} anyway.",
            f"Date it {financial_year(expiry)}.",
        )  # fmt: skip
        return
    if column is None:
        return
    day = row[column]
    what = "break" if action.by == "break" else "end of its term"
    if day is None:
        yield problem(
            CONFIRM, at, action, "by", "date-not-known", action.by, f"no {what} is recorded of {action.interest!r}.",
            "Look it up in the deed, or write by surrender.",
        )  # fmt: skip
        return
    if financial_year(day) != action.year:
        yield problem(
            REFUSED, at, action, "year", "not-then", str(action.year), f"the {what} of {action.interest!r} is on {day}.",
            f"Date it {financial_year(day)}, or write by surrender.",
        )  # fmt: skip
    elif action.by == "break":
        if row["notice_months"] is None:
            yield problem(
                CONFIRM, at, action, "by", "notice-not-known", action.interest, f"the notice to break {action.interest!r} is not recorded.",
                "Look it up in the deed.",
            )  # fmt: skip
            return
        serve = last_day_to_serve(day, float(row["notice_months"]))
        if serve is not None and as_of is not None and serve < as_of:
            yield problem(
                REFUSED, at, action, "by", "notice-passed", str(serve),
                f"notice to break {action.interest!r} on {day} had to be served by {serve}, before the estate's date.",
                "Write by surrender, or expiry.",
            )  # fmt: skip

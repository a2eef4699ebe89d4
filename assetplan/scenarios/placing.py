"""Whether places are empty when they go, and whether those who act on them hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.scenarios.actions import (
    Appropriate,
    Assemble,
    Build,
    Dispose,
    Meanwhile,
    Refurbish,
    Retain,
    Sublet,
    Surrender,
)
from assetplan.scenarios.problem import CONFIRM, REFUSED, ScenarioProblem, problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.course import Course

_ON_ONE = (Retain, Refurbish, Build, Dispose, Appropriate, Sublet, Meanwhile)
_EMPTY = "Date it after the last of them has left, or move them."


def occupied(course: Course) -> Iterator[ScenarioProblem]:
    """Places that go, or whose lease ends, while services are still in them."""
    told: set[tuple[int, str]] = set()
    for place, every in sorted(course.gone.items()):
        for gone in every:
            if (gone.at, place) in told:
                continue
            told.add((gone.at, place))
            by_transfer = gone.action.by == "transfer"
            for certain, services in _split(course.there(place, gone.year)):
                verdict = REFUSED if certain and not by_transfer else CONFIRM
                doubt = "" if certain else "whether all of it has left is not known: "
                what = "these stay under whoever takes it" if by_transfer else "still in it at the end of that year"
                yield problem(
                    verdict, gone.at, gone.action, "asset", "occupied", place,
                    f"{place!r} goes by {gone.action.by} in {gone.year}; {doubt}{what}: {', '.join(services)}.",
                    "Say by what right they stay." if by_transfer else _EMPTY,
                )  # fmt: skip
    for at, action in course.actions:
        if isinstance(action, Surrender):
            row = course.ground.interests[action.interest]
            own = {key for key, service in course.ground.services.items() if service["organisation"] == row["holder"]}
            inside = {key: sure for key, sure in course.there(str(row["subject"]), action.year).items() if key in own}
            for certain, services in _split(inside):
                doubt = "" if certain else "whether all of it has left is not known: "
                yield problem(
                    REFUSED if certain else CONFIRM, at, action, "interest", "homeless", action.interest,
                    f"{doubt}without a place when {action.interest!r} ends in {action.year}: {', '.join(services)}.", _EMPTY,
                )  # fmt: skip
        elif isinstance(action, Build) and not action.new_asset:
            inside = course.there(action.asset, action.year)
            if inside:
                yield problem(
                    CONFIRM, at, action, "asset", "in-the-way", action.asset,
                    f"in {action.asset!r} while it is built on: {', '.join(sorted(inside))}.", "Say where they wait, or that they need not.",
                )  # fmt: skip


def _split(services: Mapping[str, bool | None]) -> Iterator[tuple[bool, list[str]]]:
    for certain in (True, False):
        names = sorted(key for key, sure in services.items() if bool(sure) == certain)
        if names:
            yield certain, names


def held(course: Course) -> Iterator[ScenarioProblem]:
    """Actions on places that no body of the estate holds at the time, and on those held on a lease or by a title to be confirmed."""
    ground = course.ground
    for at, action in course.actions:
        for field, place in _acted_on(action):
            land = course.land_of(place)
            site = ground.sites.get(ground.site_of.get(land, ""))
            yield from _not_held(course, at, action, field, land)
            if isinstance(action, Dispose) and ground.tenure.get(place) == "leasehold":
                yield problem(
                    CONFIRM, at, action, field, "leasehold", place, f"{place!r} is held on a lease.",
                    "A lease is assigned or surrendered: name the interest in an action to surrender, or say who buys the term.",
                )  # fmt: skip
            if (
                isinstance(action, (Dispose, Build, Assemble))
                and site is not None
                and site["holder_status"] == "to confirm"
            ):
                yield problem(
                    CONFIRM, at, action, field, "title", place, f"who holds {place!r} is to be confirmed.", "Look at the title at HM Land Registry.",
                )  # fmt: skip
            if isinstance(action, (Build, Assemble, Dispose)) and site is not None and not site["developable"]:
                yield problem(
                    REFUSED, at, action, field, "locked", place, f"{place!r} is locked: nothing is to be built or changed there.", "Leave it out.",
                )  # fmt: skip
        if isinstance(action, Sublet):
            yield from _letting(course, at, action)
        if isinstance(action, Assemble):
            joined = {ground.site_of.get(course.land_of(place), place) for place in action.assets}
            if len(joined) < 2:
                yield problem(
                    REFUSED, at, action, "assets", "one-site", "; ".join(action.assets), "all of these lie on one site.", "Name two sites at least.",
                )  # fmt: skip


def _letting(course: Course, at: int, action: Sublet) -> Iterator[ScenarioProblem]:
    """What the lease or licence on which its body holds an asset says of letting others in."""
    bodies = course.ground.names["organisation"]
    for key, row in sorted(course.ground.interests.items()):
        if row["subject"] != action.asset or row["interest"] == "freehold" or row["holder"] not in bodies:
            continue
        if row["sharing"] == "no":
            yield problem(
                REFUSED, at, action, "asset", "no-letting", key, f"by {key!r} its holder may let nobody in.",
                "Agree another clause first, or leave it out.",
            )  # fmt: skip
        elif row["sharing"] != "yes" or row["consent"] != "no":
            yield problem(
                CONFIRM, at, action, "asset", "landlord", key, f"whether {key!r} allows it, and with whose consent, is to be asked.",
                "Read the deed.",
            )  # fmt: skip


def _acted_on(action: Action) -> list[tuple[str, str]]:
    if isinstance(action, Assemble):
        return [("assets", place) for place in action.assets]
    if isinstance(action, _ON_ONE):
        return [("asset", action.asset)]
    return []


def _not_held(course: Course, at: int, action: Action, field: str, place: str) -> Iterator[ScenarioProblem]:
    if place in course.ground.held or isinstance(action, Retain):
        return  # a body may pay for what it only uses
    bought = course.acquired(place)
    if bought is None:
        yield problem(
            REFUSED, at, action, field, "not-held", place, f"no body of this estate is known to hold {place!r}.",
            "Acquire it first, or leave it out; where its register belongs to a body, say which in estate.toml.",
        )  # fmt: skip
    elif isinstance(action, Assemble):
        return  # what is agreed may be about land that is still to be bought
    elif action.year < bought.done:
        yield problem(
            REFUSED, at, action, field, "not-acquired", place,
            f"{place!r} is acquired by {bought.done} only (action {bought.at}).", f"Date this {bought.done} or later.",
        )  # fmt: skip

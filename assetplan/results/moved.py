"""What a scenario moves, builds and disposes of, in words, and whether one body alone does all of it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.figures.explanation import financial
from assetplan.scenarios.actions import Dispose, Relocate, Retain, Share
from assetplan.text import visible

if TYPE_CHECKING:
    from assetplan.results.result import Appraisal
    from assetplan.scenarios.actions import Action

_WORDS = {
    "refurbish": "{} refurbished",
    "split": "{} parted",
    "build": "building at {}",
    "acquire": "{} acquired",
    "assemble": "{} put together",
    "release": "{} released",
    "appropriate": "{} appropriated",
    "surrender": "{} given up",
    "sublet": "{} sublet",
    "meanwhile": "{} used meanwhile",
}
_SUBJECTS = ("asset", "assets", "service", "constraint", "interest")
_NAMED = {"asset": "place", "assets": "place", "host": "place", "to": "place", "swap_for": "place", "service": "service", "services": "service",
          "interest": "interest"}  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """One thing that a scenario does: `what` in words, and `told` with its financial year."""

    what: str
    told: str


def moves_of(result: Appraisal) -> tuple[Moved, ...]:
    """What a scenario does, services that move first, each named once; what it keeps as it is is no move."""
    course = result.run.course
    going = {(move.service, move.to, move.year) for move in course.moves}
    services = course.ground.services
    by_place: dict[tuple[str, int], list[str]] = defaultdict(list)
    for move in course.moves:
        if (str(services[move.service]["part_of"] or ""), move.to, move.year) in going:
            continue  # a part goes along with its whole
        by_place[move.to, move.year].append(move.service)
    out = []
    for (to, year), movers in by_place.items():
        out += [
            Moved(f"{service_name(result, one)} to {place_name(result, to)}", f"{service_name(result, one)} to "
                  f"{place_name(result, to)} ({financial(year)})")
            for one in movers
        ]  # fmt: skip
    for action in result.scenario.actions:
        if isinstance(action, (Relocate, Share, Retain)):
            continue
        what = _what(result, action)
        out.append(Moved(what, f"{what} ({financial(action.year)})"))
    return tuple(dict.fromkeys(out))


def kept_by(result: Appraisal) -> int:
    """How many places a scenario says are kept as they are."""
    return sum(isinstance(action, Retain) for action in result.scenario.actions)


def _what(result: Appraisal, action: Action) -> str:
    if isinstance(action, Dispose):
        part = f" ({action.area_ha:g} ha)" if action.area_ha is not None else ""
        return f"{place_name(result, action.asset)}{part} by {action.by}"
    stated = action.stated()
    subject = next((stated[field] for field in _SUBJECTS if field in stated), "")
    names = [_name(result, one) for one in (subject if isinstance(subject, tuple) else (subject,))]
    together = " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
    return _WORDS.get(action.word, f"{action.word} {{}}").format(together)


def _name(result: Appraisal, key: str) -> str:
    if key in result.run.course.ground.services:
        return service_name(result, key)
    return constraint_name(result, key) or place_name(result, key)


def constraint_name(result: Appraisal, key: str) -> str:
    """What a constraint is called; blank where there is none."""
    constraints = result.estate.constraints
    if "name" in constraints:
        for name in constraints.loc[constraints["constraint_id"] == key, "name"]:
            return visible(str(name)) if name else visible(key)
    return ""


def service_name(result: Appraisal, service: str) -> str:
    """What a service is called."""
    row = result.run.course.ground.services.get(service)
    return visible(str(row["name"] or service)) if row else visible(service)


def place_name(result: Appraisal, place: str) -> str:
    """What an asset, a parcel or what is built on one is called; its identifier where it has no name."""
    return visible(result.run.course.called(place, result.groundwork.name))


def in_names(result: Appraisal, text: str) -> str:
    """A sentence in which what stands between quotes is called by its name, where it has one."""

    def name(match: re.Match[str]) -> str:
        key, course = match[1], result.run.course
        if key in course.ground.services:
            return service_name(result, key)
        return place_name(result, key) if course.land_of(key) in course.ground.site_of else match[0]

    told = visible(re.sub(r"'([^']+)'", name, text))
    return f"{told[:1].upper()}{told[1:]}"


def alone_of(result: Appraisal) -> str:
    """The body of which every action of a scenario is, blank where several or none are: such a scenario is that body going alone."""
    ground, bodies = result.run.course.ground, set()
    for action in result.scenario.actions:
        for field, value in action.stated().items():
            for key in value if isinstance(value, tuple) else (value,):
                if field in _NAMED:
                    bodies.add(_body(result, _NAMED[field], str(key)))
        if action.organisation:
            bodies.add(action.organisation)
    bodies.discard("")
    return bodies.pop() if len(bodies) == 1 and ground is not None else ""


def _body(result: Appraisal, kind: str, key: str) -> str:
    ground = result.run.course.ground
    if kind == "service":
        row = ground.services.get(key)
        return str(row["organisation"] or "") if row else ""
    if kind == "interest":
        row = ground.interests.get(key)
        return str(row["holder"] or "") if row else ""
    land = result.run.course.land_of(key)
    if land in result.estate.assets.index:
        return str(result.estate.assets.at[land, "organisation"] or "")
    row = ground.sites.get(ground.site_of.get(land, ""))
    return str(row["organisation"] or "") if row else ""

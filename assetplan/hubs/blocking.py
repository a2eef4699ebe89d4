"""What stands in the way of an option, what it needs and what nobody knows, each with its source, and who could find out.

The response gate, covenants, leases, consents, conflicts, room and the rest are judged one service at a time by `assetplan.hosts`; here they are
put together for all that move. What services would find beside them is judged as it would be once all have moved. Nothing here is a legal conclusion.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetplan.hosts.rooms import ROOMS
from assetplan.hosts.verdicts import AFTER_WORKS, BLOCKED, FITS, VERDICTS, source_of
from assetplan.hubs.option import ACQUIRE, BUILD, REFURBISH, Step
from assetplan.tables import records
from assetplan.vocabulary import SPACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assetplan.estate import Estate
    from assetplan.hosts.fitting import Suitability
    from assetplan.hubs.company import Company
    from assetplan.hubs.generating import Places
    from assetplan.hubs.joint import JointRoom, Shared

FORBIDDEN, ARGUABLE, ASKED, NEEDED, NOT_KNOWN = "forbidden", "arguable", "to be settled", "needed", "not known"
STATES = (FORBIDDEN, ARGUABLE, ASKED, NEEDED, NOT_KNOWN)
"""How far something stands in the way: stated as forbidding; for counsel; for others to agree to; to be paid for; not known."""

_ROOM = {*(f"{kind}_room" if kind in SPACES else kind.replace(" ", "_") for kind in ROOMS)}
_KINDS = {
    **dict.fromkeys(_ROOM, "capacity"),
    "needs": "needs", "area": "capacity", "ground_floor": "place", "town_centre": "place", "main_road": "place", "bus": "place",
    "condition": "condition", "ict": "networks", "vetting": "vetting", "entrance": "company", "near": "company", "apart": "conflict",
    "commitment": "commitment", "title": "title", "holding": "lease", "term": "lease", "covenant": "covenant",
    "unread_covenant": "covenant", "consent": "consent", "access": "access", "flood": "flood", "response": "response",
}  # fmt: skip
# A gap of these kinds is for somebody else to agree to; of the others it is paid for.
_AGREED = {"commitment", "lease", "consent", "conflict", "response", "flood", "access"}


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way of an option: its kind, how far, in a sentence, of which services, and who says so."""

    kind: str
    state: str
    services: tuple[str, ...]
    says: str
    source: str
    illustrative: bool = False


@dataclass(frozen=True)
class Finding:
    """Who could find something out, about what that costs (GBP) and how long it takes (months), and whether it could rule a move out."""

    who: str
    gbp: tuple[float, float]
    months: tuple[float, float]
    forbids: bool
    source: str


@cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("obstacles.toml").read_text(encoding="utf-8"))


def finding_out(kind: str, state: str = NOT_KNOWN) -> Finding:
    """Who could find out about an obstacle of a kind, and what that takes.

    Examples
    --------
    >>> finding_out("covenant", "arguable").who
    'counsel, on the wording, instructed by the holder'
    """
    part = _document()["finding"]["arguable" if state == ARGUABLE else "company" if kind == "conflict" else kind]
    return Finding(part["who"], tuple(part["gbp"]), tuple(part["months"]), part["forbids"], _document()["source"])


def step_months(step: str) -> tuple[float, float]:
    """About how many months a step takes, the least and the most: assumptions, to be checked."""
    low, high = _document()["step"][step]["months"]
    return float(low), float(high)


class Obstacles:
    """What stands in the way of services of an estate in its hosts."""

    def __init__(self, estate: Estate, found: Suitability, joint: JointRoom, company: Company, places: Places) -> None:
        self._found, self._joint, self._company, self._places = found, joint, company, places
        self._name_of = {label: name for name, label in found.criteria.items()}
        self._against: dict[tuple[str, str], list[tuple[str, str, Any]]] = {}
        self._bodies = estate.organisations
        self._rules = {str(row["service_id"]): row for row in records(estate.services)}

    def of(self, host: str, services: Sequence[str], bodies: Iterable[str]) -> tuple[Obstacle, ...]:
        """Everything that stands in the way of some services in one host, the gravest first; each thing once."""
        out: list[Obstacle] = []
        there = self._places.inside.get(host, ())
        for service in services:
            others = [other for other in (*services, *there) if other != service]
            for label, word, finding in self._pair(service, host):
                name = self._name_of[label]
                if name in _ROOM or (name == "near" and self._met(service, others)):
                    continue
                out.append(
                    Obstacle(
                        _KINDS[name], _state(name, word), (service,), finding.says, finding.source, finding.illustrative
                    )
                )
        out += [self._room(services, one) for one in self._joint.told(services, host) if one.code > FITS]
        out += self._among(services)
        out += self._uncommitted(bodies)
        return _merged(out)

    def _pair(self, service: str, host: str) -> list[tuple[str, str, Any]]:
        if (service, host) not in self._against:
            self._against[service, host] = [
                row for row in self._found.against(service, host) if self._name_of[row[0]] != "commitment"
            ]
        return self._against[service, host]

    def _met(self, service: str, others: Iterable[str]) -> bool:
        """Whether what a service should be beside would be there with it."""
        rows = self._company.rows
        there = {str(rows[other]["function"]) for other in others}
        return set(rows[service]["near"] or ()) <= there

    def _room(self, services: Sequence[str], one: Shared) -> Obstacle:
        state = FORBIDDEN if one.code == BLOCKED else NEEDED if one.code == AFTER_WORKS else NOT_KNOWN
        works = f" Works stated at about £{one.works_gbp:,.0f}." if state == NEEDED and one.works_gbp else ""
        return Obstacle("capacity", state, tuple(services), f"{one.says}{works}", one.source, one.illustrative)

    def _among(self, services: Sequence[str]) -> Iterable[Obstacle]:
        """What services that move in together would be to one another."""
        rows = self._company.rows
        for i, a in enumerate(services):
            for b in services[i + 1 :]:
                # Those that are in one building already are used to one another.
                if self._places.at[a] is not None and self._places.at[a] == self._places.at[b]:
                    continue
                for tie in self._company.between(a, b):
                    if tie.points < 0:
                        state = FORBIDDEN if tie.parts else ASKED
                        yield Obstacle("conflict", state, (a, b), tie.says, tie.source, tie.illustrative)
                if {rows[a]["security"], rows[b]["security"]} == {"open", "secure"}:
                    says = f"{rows[a]['name']} is {rows[a]['security']} and {rows[b]['name']} {rows[b]['security']}: they need doors of their own."
                    source = "; ".join(dict.fromkeys((source_of(rows[a]), source_of(rows[b]))))
                    marked = rows[a]["illustrative"] is True or rows[b]["illustrative"] is True
                    yield Obstacle("company", NEEDED, (a, b), says, source, marked)

    def _uncommitted(self, bodies: Iterable[str]) -> Iterable[Obstacle]:
        for body in sorted(bodies):
            organisation = self._bodies.get(body)
            commitment = "none" if organisation is None else organisation.commitment
            if commitment != "committed":
                name = body if organisation is None else organisation.name
                what = "commitment pending" if commitment == "pending" else "no commitment is recorded"
                yield Obstacle("commitment", ASKED, (), f"{name}: {what}.", "estate.toml")


def _state(name: str, word: str) -> str:
    if word == VERDICTS[BLOCKED]:
        return FORBIDDEN
    if word in {"arguable", "not known"}:
        return ARGUABLE if word == "arguable" else NOT_KNOWN
    return ASKED if _KINDS[name] in _AGREED else NEEDED


def _merged(found: Iterable[Obstacle]) -> tuple[Obstacle, ...]:
    """Each thing once, with all the services it is said of; the gravest first."""
    by_words: dict[tuple[str, str, str, str, bool], list[str]] = {}
    for one in found:
        services = by_words.setdefault((one.kind, one.state, one.says, one.source, one.illustrative), [])
        services += [service for service in one.services if service not in services]
    out = [
        Obstacle(kind, state, tuple(services), says, source, marked)
        for (kind, state, says, source, marked), services in by_words.items()
    ]
    return tuple(sorted(out, key=lambda one: (STATES.index(one.state), one.kind, one.services, one.says)))


def before_moving(host_kind: str, obstacles: Iterable[Obstacle]) -> tuple[Step, ...]:
    """What a host needs before anybody moves in, as far as is known: to be bought and built on, or refurbished."""
    found = list(obstacles)
    if host_kind == "parcel":
        bought = any(one.kind == "lease" and one.state != FORBIDDEN for one in found)
        return tuple(_step(action) for action in ((ACQUIRE, BUILD) if bought else (BUILD,)))
    works = any(one.kind in {"capacity", "condition"} and one.state in {NEEDED, NOT_KNOWN} for one in found)
    return (Step(REFURBISH, step_months("works")[1]),) if works else ()


def _step(action: str) -> Step:
    return Step(action, step_months(action)[1])

"""Whether there is room in a building for what a service needs, by kind of space, by places and by the hour, as the folder states it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.tables import records
from assetplan.vocabulary import HOURS, PLACES_FOR, SPACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

NOW, WORKS, NOT_KNOWN_ROOM, TOO_LITTLE = ROOM = ("room now", "room after works", "not known", "too little now")
# Net over gross internal area of buildings for offices and the public: an assumption, wide on purpose. Where a basis is not stated it may
# be either.
NET_OF_GROSS = (0.70, 0.90)
_PLACES = (
    ("peak_desks", "desks"),
    ("counters", "counters"),
    ("vehicle_bays", "vehicle bays"),
    ("parking_spaces", "parking spaces"),
)


@dataclass(frozen=True)
class Need:
    """So much of a kind of space in m2, or of a kind of place, at some hours; an amount of None is not known."""

    space: str
    amount: float | None
    unit: str
    basis: str | None
    hours: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """Whether there is room, why, who says so, and whether any of it is illustrative."""

    room: str
    why: str
    sources: tuple[str, ...] = ()
    illustrative: bool = False


def needs_of(service: Mapping[str, Any] | None, parts: Sequence[Mapping[str, Any]] = ()) -> list[Need]:
    """What a service needs: kinds of space as it states them, else as its parts do; places; one need of unknown size where nothing is said.

    A blank number of desks is not known; of counters, bays and parking spaces a blank is none wanted. Blank hours are all hours.
    """
    if service is None:
        return [Need("space", None, "m2", None, HOURS)]
    hours = service["hours"] or HOURS
    basis = service["area_basis"]
    spaces = [Need(space, service[f"{space}_m2"], "m2", basis, hours) for space in SPACES if service[f"{space}_m2"]]
    if not spaces and parts:
        return [need for part in parts for need in needs_of(part)]
    places = [Need(name, service[column], "places", None, hours) for column, name in _PLACES if service[column]]
    if service["peak_desks"] is None:
        places.append(Need("desks", None, "places", None, hours))
    if not spaces:
        spaces.append(Need("space of a kind not stated", service["area_m2"] or None, "m2", basis, hours))
    return [*spaces, *places]


class Rooms:
    """The room that a folder states for each host; `capacity` as the estate has it."""

    def __init__(self, capacity: pd.DataFrame) -> None:
        self._rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in records(capacity):
            self._rows[str(row["subject"]), row["space"]].append(row)

    def fit(self, needs: Iterable[Need], host: str) -> Answer:
        """Whether a host has room for some needs together: the worst of the kinds, at the hour when it is tightest."""
        by_space: dict[str, list[Need]] = defaultdict(list)
        for need in needs:
            by_space[need.space].append(need)
        if not by_space:
            return Answer(NOW, "it needs no space")
        said = {space: self._one(space, wanted, host) for space, wanted in by_space.items()}
        worst = max((room for room, _ in said.values()), key=ROOM.index)
        rows = [row for space in said for row in self._rows.get((host, space), ())]
        return Answer(
            worst,
            _in_short([why for room, why in said.values() if room == worst]),
            tuple(dict.fromkeys(str(row["source"]) for row in rows if row["source"])),
            any(row["illustrative"] is True for row in rows),
        )

    def _one(self, space: str, wanted: Sequence[Need], host: str) -> tuple[str, str]:
        if any(need.amount is None for need in wanted):
            return NOT_KNOWN_ROOM, f"{space}: how much is needed is not stated"
        if space not in (*SPACES, *PLACES_FOR):
            return (
                NOT_KNOWN_ROOM,
                f"what kind of space it needs is not stated ({sum(need.amount or 0 for need in wanted):g} m2 in all)",
            )
        rows = self._rows.get((host, space), [])
        if not rows:
            return NOT_KNOWN_ROOM, f"{space}: nothing is said of the host"
        told = []
        for hour in HOURS:
            at = [need for need in wanted if hour in need.hours]
            if at:
                there = [row for row in rows if not row["hours"] or hour in row["hours"]]
                told.append(_at_hour(space, at, there, hour))
        return max(told, key=lambda answer: ROOM.index(answer[0]))


def _in_short(reasons: Iterable[str]) -> str:
    """Reasons of the form ``space: what is said of it``, spaces of which the same is said together."""
    spaces: dict[str, list[str]] = {}
    for reason in reasons:
        space, colon, why = reason.partition(": ")
        spaces.setdefault(why if colon else "", []).append(space)
    return "; ".join(f"{', '.join(names)}: {why}" if why else "; ".join(names) for why, names in spaces.items())


def _at_hour(space: str, wanted: Sequence[Need], rows: Sequence[Mapping[str, Any]], hour: str) -> tuple[str, str]:
    unit = wanted[0].unit
    amount = sum(need.amount or 0.0 for need in wanted)
    head = f"{space}: {amount:g} {'m2 ' if unit == 'm2' else ''}needed"
    if not rows:
        return NOT_KNOWN_ROOM, f"{head}, nothing is said of {hour} hours"
    bases = {need.basis for need in wanted}
    basis = bases.pop() if len(bases) == 1 else None
    best = max(
        (_one_row(amount, basis, row, unit) for row in rows),
        key=lambda answer: (-ROOM.index(answer[0]), answer[1]),
    )
    return best[0], f"{head}, {best[2]}"


def _one_row(amount: float, basis: str | None, row: Mapping[str, Any], unit: str) -> tuple[str, float, str]:
    """The room one row states against an amount: which, how much, and the words."""
    now, later = row["available"], row["after_works"]
    low, high = (1.0, 1.0) if unit != "m2" else _in_basis(row["area_basis"], basis)
    states = [None if has is None else _against(amount, has * low, has * high) for has in (now, later)]
    mixed = "" if low == high else ", measured on another basis or on one not stated"
    free = "what is free now is not known" if now is None else f"{now:g} free now"
    works = "after works not surveyed" if later is None else f"{later:g} after works"
    text = f"{free}, {works}{mixed}"
    if states[0] == NOW:
        return NOW, float(now), f"{free}{mixed}"
    if states[1] == NOW:
        return WORKS, float(later), text
    known = [state for state in states if state is not None]
    room = TOO_LITTLE if known and set(known) == {TOO_LITTLE} and now is not None else NOT_KNOWN_ROOM
    if now is None and states[1] == TOO_LITTLE:
        room = TOO_LITTLE  # what is free after works holds what is free now
    return room, float(now or 0.0), text


def _against(amount: float, low: float, high: float) -> str:
    if amount <= low + 1e-9:
        return NOW
    return TOO_LITTLE if amount > high + 1e-9 else NOT_KNOWN_ROOM


def _in_basis(stated: str | None, wanted: str | None) -> tuple[float, float]:
    """What an area on one basis comes to on another, as the least and the most."""
    low, high = NET_OF_GROSS
    match stated, wanted:
        case ("NIA", "NIA") | ("GIA", "GIA"):
            return 1.0, 1.0
        case "GIA", "NIA":
            return low, high
        case "NIA", "GIA":
            return 1 / high, 1 / low
        case "GIA", None:
            return low, 1.0  # the need may be net
        case "NIA", None:
            return 1.0, 1 / low
        case None, "NIA":
            return low, 1.0
        case None, "GIA":
            return 1.0, 1 / low
        case _:
            return low, 1 / low

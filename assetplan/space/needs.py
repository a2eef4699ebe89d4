"""What services need of a host: kinds of space in m2 and numbers of places, at some hours, with what of it nobody states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.vocabulary import HOURS, PLACES_FOR, SPACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KINDS = (*SPACES, *PLACES_FOR)
"""Kinds of room that a host may state: spaces in m2, then places."""
WANTED = {
    **{space: f"{space}_m2" for space in SPACES},
    "desks": "peak_desks",
    "counters": "counters",
    "vehicle bays": "vehicle_bays",
    "parking spaces": "parking_spaces",
}
"""For each kind of room the column of services that states how much of it is wanted."""
INDOORS = tuple(space for space in SPACES if space != "yard")
"""Spaces that are measured as NIA or GIA."""
KIND_NOT_STATED = "floor space of a kind not stated"
SPACE_NOT_STATED = "space"
UNPLACED = {"beds": "beds", "pupil_places": "pupil places"}


@dataclass(frozen=True)
class Need:
    """So much of a kind of room at some hours.

    `kind` is one of `KINDS`, or words for something that no host states room for. `amount` is in m2 or places, None where it is not known.
    `basis` is what an area is measured as, None where that is not said; `hours` are empty where nobody says which.
    """

    kind: str
    amount: float | None
    basis: str | None = None
    hours: tuple[str, ...] = ()
    source: str = ""
    illustrative: bool = False


def need_of(service: Mapping[str, Any], kind: str) -> Need | None:
    """What a service needs of one kind of room; None where it asks for none. A blank number of desks is not known."""
    value = figure(service[WANTED[kind]])
    unknown = kind == "desks" and math.isnan(value) and states_needs(service)
    if not unknown and not value > 0:
        return None
    basis = service["area_basis"] if kind in INDOORS else None
    return _need(service, kind, None if unknown else value, basis)


def needs_of(service: Mapping[str, Any] | None, parts: Sequence[Mapping[str, Any]] = ()) -> list[Need]:
    """What a service needs.

    Parameters
    ----------
    service
        A row of services; None where nothing is known of one.
    parts
        The rows of its parts, whose needs stand for it where it states no kind of space itself.

    Returns
    -------
    list of Need
        Blank areas, counters, bays and parking spaces are not asked for; a blank number of desks is not known. Floor space of a kind that
        is not stated, beds and places for pupils are needs that no host states room for. Where no floor space is stated but some places, or
        nothing at all, there is a need of unknown size; where none is wanted there is none.
    """
    if service is None:
        return [Need(SPACE_NOT_STATED, None)]
    if parts and not any((service[WANTED[space]] or 0) > 0 for space in SPACES):
        return [need for part in parts for need in needs_of(part)]
    needs = [need for kind in KINDS if (need := need_of(service, kind)) is not None]
    needs += [
        _need(service, kind, float(service[column])) for column, kind in UNPLACED.items() if (service[column] or 0) > 0
    ]
    if (rest := unsaid_m2(service)) > 0:
        needs.append(_need(service, KIND_NOT_STATED, rest, service["area_basis"]))
    if space_unsaid(service):
        needs.append(_need(service, SPACE_NOT_STATED, None))
    return needs


def unsaid_m2(service: Mapping[str, Any]) -> float:
    """Of the floor area of a service, in m2, how much is of a kind it does not state."""
    named = sum(service[WANTED[space]] or 0.0 for space in SPACES)
    return max(float(service["area_m2"] or 0.0) - named, 0.0)


def space_unsaid(service: Mapping[str, Any]) -> bool:
    """Whether a service that wants some places, or states nothing at all, leaves open how much floor space it wants."""
    if any(service[name] is not None for name in (*(WANTED[space] for space in SPACES), "area_m2")):
        return False
    return not states_needs(service) or any((service[WANTED[kind]] or 0) > 0 for kind in PLACES_FOR)


def states_needs(service: Mapping[str, Any]) -> bool:
    """Whether a service states what it wants: any area or number of places, none included."""
    return any(service[name] is not None for name in (*WANTED.values(), "area_m2"))


def wanted_of(kinds: Iterable[str]) -> list[tuple[str, str]]:
    """For kinds of room the column of services that states how much is wanted, and the words for it."""
    return [(WANTED[kind], f"m2 {kind}" if kind in SPACES else kind) for kind in kinds]


def mask_of(hours: Iterable[str]) -> int:
    """Hours as bits of `HOURS`.

    Examples
    --------
    >>> mask_of(("office", "weekend")), mask_of(())
    (5, 0)
    """
    return sum(1 << HOURS.index(hour) for hour in set(hours))


def _need(service: Mapping[str, Any], kind: str, amount: float | None, basis: str | None = None) -> Need:
    source = str(service.get("source") or "source not stated")
    return Need(kind, amount, basis, tuple(service["hours"]), source, service.get("illustrative") is True)


def figure(value: Any) -> float:
    """A number, NaN for none."""
    return float("nan") if value is None else float(value)

"""Room in hosts as criteria of suitability: each kind of space and of places by itself, in words that name what is wanted and stated.

What room is, now and after works, and what is not known of it, is for `assetplan.space.room`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.hosts.verdicts import (
    AFTER_WORKS,
    BLOCKED,
    FITS,
    NOT_ASKED,
    SHORT_NOW,
    UNKNOWN,
    Finding,
    source_of,
    sources,
)
from assetplan.space import room
from assetplan.space.needs import INDOORS, KINDS, mask_of, need_of, space_unsaid, states_needs, unsaid_m2
from assetplan.space.room import Rooms, in_range
from assetplan.text import number
from assetplan.vocabulary import HOURS, ROOM, SPACES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import pandas as pd

    from assetplan.hosts.verdicts import Codes, Criterion, Positions
    from assetplan.space.room import Standing

CODES = {
    room.NOW: FITS,
    room.AFTER_WORKS: AFTER_WORKS,
    room.NOT_KNOWN: UNKNOWN,
    room.SHORT_NOW: SHORT_NOW,
    room.TOO_LITTLE: BLOCKED,
}
"""The number that each answer about room stands for."""
_OF_ANSWERS = np.array([CODES[answer] for answer in ROOM], dtype=np.int8)


class Room:
    """Room of one kind: m2 of a space, or a number of places."""

    def __init__(self, rooms: Rooms, kind: str, unbuilt: Collection[int]) -> None:
        self.kind, self._rooms, self._unbuilt = kind, rooms, frozenset(unbuilt)
        self.name = f"{kind}_room" if kind in SPACES else kind.replace(" ", "_")
        self.label = f"{kind} space" if kind in SPACES else kind

    def codes(self, service: Mapping[str, Any], hosts: Positions) -> Codes:
        """See `assetplan.hosts.verdicts.Criterion`."""
        need = need_of(service, self.kind)
        if need is None:
            return np.full(len(hosts), NOT_ASKED, dtype=np.int8)
        return _OF_ANSWERS[self._rooms.together([need], hosts)]

    def told(self, service: Mapping[str, Any], host: int, code: int) -> Finding:
        """See `assetplan.hosts.verdicts.Criterion`."""
        need = need_of(service, self.kind)
        if need is None or need.amount is None:
            says = f"Nothing says how many {self.kind} it wants."
            return Finding("not stated", "", says, source_of(service), service["illustrative"] is True)
        rows = self._rooms.said.get((host, self.kind), [])
        at = hours_in_words(service["hours"])
        basis = f" {service['area_basis'] or 'basis not stated'}" if self.kind in INDOORS else ""
        wanted = f"{number(need.amount)} m2{basis}, {at}" if self.kind in SPACES else f"{self._of(need.amount)}, {at}"
        if not rows:
            says, told = f"Nothing says what {self.label} it has room for.", service["illustrative"] is True
            return Finding(wanted, "nothing stated", says, source_of(service), told)
        found = self._rooms.standing(self.kind, [need], host)
        measure, lacking = " m2" if self.kind in SPACES else "", ""
        if code == FITS:
            says = f"There is room now for the {self._of(need.amount)} wanted."
        elif code == AFTER_WORKS:
            says = f"There would be room only {self._once(host)}: {self._range(found.after)}, {self._surveyed(rows)}."
        elif code == BLOCKED:
            lacking = f"{self.label} ({in_range(found.short_after)}{measure} too little)"
            still = f"{self._once(host)} {self._range(found.short_after)} too little still"
            says = f"{self._range(found.short_now)} too little now, and {still}."
        elif code == SHORT_NOW:
            lacking = f"{self.label} {self._once(host)} ({in_range(found.short_now)}{measure} too little now)"
            says = f"{self._range(found.short_now)} too little now; what works would add is not known."
        else:
            says = self._unknown(service, found, rows)
        if found.need[0] < found.need[1]:
            says += f" Areas are on different bases: {room.assumed()}."
        offer = "; ".join(self._row(row) for row in rows)
        marked = any(row["illustrative"] is True for row in (service, *rows))
        return Finding(wanted, offer, says, sources([service, *rows]), marked, lacking)

    def _once(self, host: int) -> str:
        return "once something is built" if host in self._unbuilt else "after works"

    def _of(self, amount: float) -> str:
        """An amount with its unit."""
        return self._range((amount, amount))

    def _range(self, ends: tuple[float, float]) -> str:
        if self.kind in SPACES:
            return f"{in_range(ends)} m2 of {self.label}"
        return f"{in_range(ends)} {self.kind.removesuffix('s') if ends == (1, 1) else self.kind}"

    def _surveyed(self, rows: Iterable[Mapping[str, Any]]) -> str:
        dates = sorted(row["surveyed"] for row in rows if row["surveyed"] is not None)
        cost = max((row["works_gbp"] for row in rows if row["works_gbp"] is not None), default=None)
        said = f"surveyed {dates[-1].isoformat()}" if dates else "with redevelopment, not surveyed"
        return said + (f", works stated at about £{cost:,.0f}" if cost else ", cost not stated")

    def _unknown(self, service: Mapping[str, Any], found: Standing, rows: Sequence[Mapping[str, Any]]) -> str:
        wanted, stated = mask_of(service["hours"]), [mask_of(row["hours"]) for row in rows]
        if all(stated) and wanted & ~int(np.bitwise_or.reduce(stated)):
            free = _and(list(dict.fromkeys(hours_in_words(row["hours"]) for row in rows)))
            at = hours_in_words(service["hours"])
            return f"It is stated as free {free} only, and is wanted {at}; whether there is room then is not known."
        if found.now == (0.0, np.inf):
            return f"How much {self.label} is free is not known."
        return f"Whether the {self.label} stated is enough cannot be told."

    def _row(self, row: Mapping[str, Any]) -> str:
        basis = f" {row['area_basis'] or 'basis not stated'}" if self.kind in INDOORS else ""
        unit = f" m2{basis}" if self.kind in SPACES else ""
        now = "now not known" if row["available"] is None else f"{number(row['available'])}{unit} now"
        after = (
            "after works not known" if row["after_works"] is None else f"{number(row['after_works'])}{unit} after works"
        )
        return f"{now}, {after}, {hours_in_words(row['hours'], at_all='at all hours')}"


class Area:
    """Floor space that a service wants without saying of which kind: whether there is room for it is not known."""

    name, label = "area", "floor space in all"

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def codes(self, service: Mapping[str, Any], hosts: Positions) -> Codes:
        """See `assetplan.hosts.verdicts.Criterion`."""
        return np.full(len(hosts), UNKNOWN if unsaid_m2(service) > 0 else NOT_ASKED, dtype=np.int8)

    def told(self, service: Mapping[str, Any], host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        """See `assetplan.hosts.verdicts.Criterion`."""
        ends = self._rooms.offer(mask_of(service["hours"]), service["area_basis"])
        indoors = [KINDS.index(kind) for kind in INDOORS]
        here, then = (float(ends[end][indoors, host].sum()) for end in (0, 2))
        need = f"{number(service['area_m2'])} m2 {service['area_basis'] or 'basis not stated'} in all"
        rows = [row for kind in INDOORS for row in self._rooms.said.get((host, kind), ())]
        enough = "enough in all" if here >= service["area_m2"] else "enough in all only after works"
        comes = enough if then >= service["area_m2"] else "less than that, and there may be more"
        says = f"The kind of space wanted is not stated; what is stated of all kinds comes to {comes}."
        marked = any(row["illustrative"] is True for row in (service, *rows))
        offer = f"at least {here:,.0f} m2 now, {then:,.0f} m2 after works"
        return Finding(need, offer, says, sources([service, *rows]), marked)


class Needs:
    """Whether what a service wants is stated at all, and in terms that capacity.csv knows."""

    name, label = "needs", "what it wants"

    def codes(self, service: Mapping[str, Any], hosts: Positions) -> Codes:
        """See `assetplan.hosts.verdicts.Criterion`."""
        return np.full(len(hosts), UNKNOWN if self._unmet(service) else NOT_ASKED, dtype=np.int8)

    def told(self, service: Mapping[str, Any], host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        """See `assetplan.hosts.verdicts.Criterion`."""
        return Finding("", "", self._unmet(service), source_of(service), service["illustrative"] is True)

    @staticmethod
    def _unmet(service: Mapping[str, Any]) -> str:
        if (service["beds"] or 0) > 0:
            return f"It has {number(service['beds'])} beds, and no table states room for beds."
        if (service["pupil_places"] or 0) > 0:
            return f"It has {number(service['pupil_places'])} places for pupils, and no table states room for pupils."
        if not states_needs(service):
            return "Nothing says what space or how many places it wants."
        return (
            "Nothing says what floor space it wants beside its places; 0 where it wants none."
            if space_unsaid(service)
            else ""
        )


def room_criteria(capacity: pd.DataFrame, at: Mapping[str, int], unbuilt: Collection[int] = ()) -> list[Criterion]:
    """The criteria that are about room, for hosts at some positions; `unbuilt` are those on which nothing stands."""
    rooms = Rooms(capacity, at)
    return [Needs(), *(Room(rooms, kind, unbuilt) for kind in KINDS), Area(rooms)]


def hours_in_words(hours: Iterable[str], at_all: str = "hours not stated") -> str:
    """Hours as words of a sentence: by office hours and evenings."""
    names = {"office": "in office hours", "evening": "in the evening", "weekend": "at the weekend", "night": "at night"}
    given = [names[hour] for hour in HOURS if hour in set(hours)]
    return at_all if not given else "day and night" if len(given) == len(HOURS) else _and(given)


def _and(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)

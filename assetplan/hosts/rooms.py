"""Room in hosts against what services want of it: by kind of space and by places, at the hours wanted, now and after works.

Room that is not stated may be any. A figure that is stated holds at the hours its row names; at others there is none now, and what works
would add is not known. Where several rows hold at one hour the largest counts, for one may be part of another. Net and gross areas are
compared as intervals. Too little now is a fault only where what works would add is known and is too little as well.
"""

from __future__ import annotations

from collections import defaultdict
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
    number,
    source_of,
    sources,
)
from assetplan.tables import records
from assetplan.vocabulary import HOURS, PLACES_FOR, SPACES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from assetplan.hosts.verdicts import Codes, Criterion, Positions

    Floats = NDArray[np.float64]

NIA_OF_GIA = (0.70, 0.90)
"""Net internal area as a share of gross, least and most: an assumption, to be checked for each building. Offices are commonly within it."""
ASSUMED = f"net area taken as {NIA_OF_GIA[0]:.0%} to {NIA_OF_GIA[1]:.0%} of gross: an assumption, to be checked"

ROOMS = (*SPACES, *PLACES_FOR)
_WANTED = {
    **{space: f"{space}_m2" for space in SPACES},
    "desks": "peak_desks",
    "counters": "counters",
    "vehicle bays": "vehicle_bays",
    "parking spaces": "parking_spaces",
}
_INDOORS = [i for i, space in enumerate(ROOMS) if space in SPACES and space != "yard"]
_ALL = (1 << len(HOURS)) - 1


class Rooms:
    """What capacity.csv states of some hosts."""

    def __init__(self, capacity: pd.DataFrame, at: Mapping[str, int], unbuilt: Collection[int] = ()) -> None:
        self.count, self.unbuilt = len(at), frozenset(unbuilt)
        self.said: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
        kept = [row for row in records(capacity) if row["subject"] in at and row["space"] in ROOMS]
        for row in kept:
            self.said[at[row["subject"]], ROOMS.index(row["space"])].append(row)
        self._host = np.array([at[row["subject"]] for row in kept], dtype=np.intp)
        self._space = np.array([ROOMS.index(row["space"]) for row in kept], dtype=np.intp)
        self._hours = np.array([mask_of(row["hours"]) or _ALL for row in kept], dtype=np.int64)
        self._now = np.array([_figure(row["available"]) for row in kept], dtype=float)
        self._after = np.fmax(np.array([_figure(row["after_works"]) for row in kept], dtype=float), self._now)
        self._after[[_figure(row["after_works"]) != _figure(row["after_works"]) for row in kept]] = np.nan
        measured = self._space < len(SPACES)
        inside = measured & (self._space != ROOMS.index("yard"))
        basis = np.array([row["area_basis"] or "" for row in kept], dtype=object)
        self._gross, self._unsaid = inside & (basis == "GIA"), inside & (basis == "")
        self._net = inside & (basis == "NIA")
        self._found: dict[tuple[int, str], tuple[Floats, Floats, Floats, Floats]] = {}

    def offer(self, hours: int, basis: str) -> tuple[Floats, Floats, Floats, Floats]:
        """Room of each kind in each host at all of some hours, by rows of `ROOMS`: least and most now, least and most after works.

        `hours` are bits of `HOURS`; 0 where nobody says which. The most is infinite where nothing rules it out. `basis` is what
        areas are given as, NIA or GIA.
        """
        if (hours, basis) not in self._found:
            self._found[hours, basis] = self._offer(hours, basis)
        return self._found[hours, basis]

    def _offer(self, hours: int, basis: str) -> tuple[Floats, Floats, Floats, Floats]:
        low, high = NIA_OF_GIA
        least, most = np.ones(len(self._now)), np.ones(len(self._now))
        if basis == "GIA":
            least[self._net], most[self._net] = 1 / high, 1 / low
            most[self._unsaid] = 1 / low
        else:
            least[self._gross], most[self._gross] = low, high
            least[self._unsaid] = low
        known_now, known_after = ~np.isnan(self._now), ~np.isnan(self._after)
        now = np.nan_to_num(self._now)
        after = np.where(known_after, np.nan_to_num(self._after), now)
        ends = (
            now * least,
            np.where(known_now, now, np.where(known_after, after, np.inf)) * most,
            after * least,
            np.where(known_after, after * most, np.inf),
        )
        shape = (len(ROOMS), self.count)
        stated = np.zeros(shape, dtype=bool)
        stated[self._space, self._host] = True
        each = [bit for bit in range(len(HOURS)) if not hours or hours >> bit & 1]
        out: list[Floats] = []
        for which, amount in enumerate(ends):
            # Nobody says when: what is there at the worst of all hours is there, and more than at the best is not.
            widest = not hours and which in {1, 3}
            total = np.zeros(shape) if widest else np.full(shape, np.inf)
            for bit in each:
                open_ = (self._hours >> bit & 1).astype(bool)
                here = np.zeros(shape)
                if which == 3:
                    here[:] = np.inf
                    here[self._space[open_], self._host[open_]] = 0.0
                np.maximum.at(here, (self._space[open_], self._host[open_]), amount[open_])
                total = np.maximum(total, here) if widest else np.minimum(total, here)
            out.append(np.where(stated, total, 0.0 if which in {0, 2} else np.inf))
        return out[0], out[1], out[2], out[3]


class Room:
    """Room of one kind: m2 of a space, or a number of places."""

    def __init__(self, rooms: Rooms, kind: str) -> None:
        self.kind, self._rooms, self._index = kind, rooms, ROOMS.index(kind)
        self.name = f"{kind}_room" if kind in SPACES else kind.replace(" ", "_")
        self.label = f"{kind} space" if kind in SPACES else kind

    def codes(self, service: Mapping[str, Any], hosts: Positions) -> Codes:
        """See `assetplan.hosts.verdicts.Criterion`."""
        need = _figure(service[_WANTED[self.kind]])
        if np.isnan(need):
            unsaid = self.kind == "desks" and states_needs(service)
            return np.full(len(hosts), UNKNOWN if unsaid else NOT_ASKED, dtype=np.int8)
        if need <= 0:
            return np.full(len(hosts), NOT_ASKED, dtype=np.int8)
        least, most = _between(need, service["area_basis"] if self.kind in SPACES else "NIA", self.kind)
        ends = self._rooms.offer(mask_of(service["hours"]), service["area_basis"] or "NIA")
        return _judged(least, most, *(end[self._index, hosts] for end in ends))

    def told(self, service: Mapping[str, Any], host: int, code: int) -> Finding:
        """See `assetplan.hosts.verdicts.Criterion`."""
        need = _figure(service[_WANTED[self.kind]])
        if np.isnan(need):
            return Finding(
                "not stated",
                "",
                f"Nothing says how many {self.kind} it wants.",
                source_of(service),
                service["illustrative"] is True,
            )
        rows = self._rooms.said.get((host, self._index), [])
        at = hours_in_words(service["hours"])
        basis = f" {service['area_basis'] or 'basis not stated'}" if self._inside() else ""
        wanted = f"{number(need)} m2{basis}, {at}" if self.kind in SPACES else f"{self._of(need)}, {at}"
        ends = self._rooms.offer(mask_of(service["hours"]), service["area_basis"] or "NIA")
        now, after = (float(ends[i][self._index, host]) for i in (0, 2))
        least, _ = _between(need, service["area_basis"] if self.kind in SPACES else "NIA", self.kind)
        short = f"{self._of(max(least - now, 0))} too little now"
        says = {
            FITS: f"There is room now for the {self._of(need)} wanted.",
            AFTER_WORKS: f"There would be room only {self._once(host)}: {self._of(after)}, {self._surveyed(rows)}.",
            BLOCKED: f"{short}, and {self._once(host)} {self._of(max(least - after, 0))} too little still.",
            SHORT_NOW: f"{short}; what works would add is not known.",
        }.get(code, self._unknown(rows))
        if code == SHORT_NOW and not self._at_all(service, host):
            free = _and(list(dict.fromkeys(hours_in_words(row["hours"]) for row in rows)))
            says = f"It is stated as free {free} only, and is wanted {at}; what works would add is not known."
        if self._mixed(service, rows):
            says += f" Areas are on different bases: {ASSUMED}."
        source = sources([service, *rows])
        told = any(row["illustrative"] is True for row in (service, *rows))
        measure = " m2" if self.kind in SPACES else ""
        lacking = {
            BLOCKED: f"{self.label} ({number(max(least - after, 0))}{measure} too little)",
            SHORT_NOW: f"{self.label} {self._once(host)} ({number(max(least - now, 0))}{measure} too little now)",
        }
        offer = "; ".join(self._row(row) for row in rows) or "nothing stated"
        return Finding(wanted, offer, says, source, told, lacking.get(code, ""))

    def _once(self, host: int) -> str:
        return "once something is built" if host in self._rooms.unbuilt else "after works"

    def _of(self, amount: float) -> str:
        """An amount with its unit."""
        if self.kind in SPACES:
            return f"{number(amount)} m2 of {self.label}"
        return f"{number(amount)} {self.kind.removesuffix('s') if amount == 1 else self.kind}"

    def _inside(self) -> bool:
        return self.kind in SPACES and self.kind != "yard"

    def _at_all(self, service: Mapping[str, Any], host: int) -> bool:
        """Whether some row holds at each of the hours wanted."""
        masks = [mask_of(row["hours"]) or _ALL for row in self._rooms.said.get((host, self._index), [])]
        wanted = mask_of(service["hours"])
        return not wanted or wanted & ~int(np.bitwise_or.reduce(masks or [0])) == 0

    def _mixed(self, service: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> bool:
        bases = {row["area_basis"] for row in rows} | {service["area_basis"]}
        return self._inside() and bool(rows) and (len(bases) > 1 or None in bases)

    def _surveyed(self, rows: Iterable[Mapping[str, Any]]) -> str:
        dates = sorted(row["surveyed"] for row in rows if row["surveyed"] is not None)
        cost = max((row["works_gbp"] for row in rows if row["works_gbp"] is not None), default=None)
        said = f"surveyed {dates[-1].isoformat()}" if dates else "with redevelopment, not surveyed"
        return said + (f", works stated at about £{cost:,.0f}" if cost else ", cost not stated")

    def _unknown(self, rows: Sequence[Mapping[str, Any]]) -> str:
        if not rows:
            return f"Nothing says what {self.label} it has room for."
        if all(row["available"] is None for row in rows):
            return f"How much {self.label} is free is not known."
        return f"Whether the {self.label} stated is enough cannot be told."

    def _row(self, row: Mapping[str, Any]) -> str:
        basis = f" {row['area_basis'] or 'basis not stated'}" if self._inside() else ""
        unit = f" m2{basis}" if self.kind in SPACES else ""
        now = "now not known" if row["available"] is None else f"{number(row['available'])}{unit} now"
        after = (
            "after works not known" if row["after_works"] is None else f"{number(row['after_works'])}{unit} after works"
        )
        return f"{now}, {after}, {hours_in_words(row['hours'], at_all='at all hours')}"


class Area:
    """Floor space that a service wants without saying of which kind."""

    name, label = "area", "floor space in all"

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def codes(self, service: Mapping[str, Any], hosts: Positions) -> Codes:
        """See `assetplan.hosts.verdicts.Criterion`."""
        if not _unsaid_kind(service):
            return np.full(len(hosts), NOT_ASKED, dtype=np.int8)
        now, _, after, _ = self._rooms.offer(mask_of(service["hours"]), service["area_basis"] or "NIA")
        _, most = _between(float(service["area_m2"]), service["area_basis"], "office")
        enough = now[_INDOORS][:, hosts].sum(axis=0) >= most
        later = after[_INDOORS][:, hosts].sum(axis=0) >= most
        return np.where(enough, FITS, np.where(later, AFTER_WORKS, UNKNOWN)).astype(np.int8)

    def told(self, service: Mapping[str, Any], host: int, code: int) -> Finding:
        """See `assetplan.hosts.verdicts.Criterion`."""
        now, _, after, _ = self._rooms.offer(mask_of(service["hours"]), service["area_basis"] or "NIA")
        here, then = (float(end[_INDOORS][:, host].sum()) for end in (now, after))
        need = f"{number(service['area_m2'])} m2 {service['area_basis'] or 'basis not stated'} in all"
        rows = [row for i in _INDOORS for row in self._rooms.said.get((host, i), ())]
        says = {
            FITS: "What is stated comes to enough now; the kind of space wanted is not stated.",
            AFTER_WORKS: "What is stated comes to enough after works only; the kind of space wanted is not stated.",
        }.get(
            code,
            "What is stated does not come to enough, and there may be more; the kind of space wanted is not stated.",
        )
        source = sources([service, *rows])
        told = any(row["illustrative"] is True for row in (service, *rows))
        return Finding(need, f"at least {here:,.0f} m2 now, {then:,.0f} m2 after works", says, source, told)


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
        return "" if states_needs(service) else "Nothing says what space or how many places it wants."


def room_criteria(capacity: pd.DataFrame, at: Mapping[str, int], unbuilt: Collection[int] = ()) -> list[Criterion]:
    """The criteria that are about room, for hosts at some positions; `unbuilt` are those on which nothing stands."""
    rooms = Rooms(capacity, at, unbuilt)
    return [Needs(), *(Room(rooms, kind) for kind in ROOMS), Area(rooms)]


def wanted_of(kinds: Iterable[str]) -> list[tuple[str, str]]:
    """For kinds of room the column of services that states how much is wanted, and the words for it."""
    return [(_WANTED[kind], f"m2 {kind}" if kind in SPACES else kind) for kind in kinds]


def states_needs(service: Mapping[str, Any]) -> bool:
    """Whether a service states what it wants: any area or number of places, none included."""
    return any(service[name] is not None for name in (*_WANTED.values(), "area_m2"))


def mask_of(hours: Iterable[str]) -> int:
    """Hours as bits of `HOURS`.

    Examples
    --------
    >>> mask_of(("office", "weekend")), mask_of(())
    (5, 0)
    """
    return sum(1 << HOURS.index(hour) for hour in set(hours))


def hours_in_words(hours: Iterable[str], at_all: str = "hours not stated") -> str:
    """Hours as words of a sentence: by office hours and evenings."""
    names = {"office": "in office hours", "evening": "in the evening", "weekend": "at the weekend", "night": "at night"}
    given = [names[hour] for hour in HOURS if hour in set(hours)]
    return at_all if not given else "day and night" if len(given) == len(HOURS) else _and(given)


def _and(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _unsaid_kind(service: Mapping[str, Any]) -> bool:
    named = sum(service[f"{space}_m2"] or 0.0 for space in SPACES)
    return service["area_m2"] is not None and service["area_m2"] > named


def _between(need: float, basis: str | None, kind: str) -> tuple[float, float]:
    """What a need comes to in the basis it is compared in, least and most."""
    return (need, need) if basis is not None or kind == "yard" else (need * NIA_OF_GIA[0], need)


def _judged(least: float, most: float, now: Floats, now_most: Floats, after: Floats, after_most: Floats) -> Codes:
    short, never = now_most < least, after_most < least
    rest = np.where(short & never, BLOCKED, np.where(short, SHORT_NOW, UNKNOWN))
    return np.where(now >= most, FITS, np.where(after >= most, AFTER_WORKS, rest)).astype(np.int8)


def _figure(value: Any) -> float:
    return float("nan") if value is None else float(value)

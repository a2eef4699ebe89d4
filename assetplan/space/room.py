"""One model of room: what services need of a host, by kind of space, by places and by the hour, against what is stated to be free there.

What several services need of one kind at one hour adds up. A row of capacity.csv holds at the hours it names, at all hours where it names
none; what is free at other hours is not known. Where several rows of one kind hold at one hour the largest counts, for one may be part of
another. A blank figure may be any; after works there is at least what there is now. Hours of a need that nobody states may be any.

Areas are compared in the measure that the row is in, NIA or GIA, as intervals: `assetplan.space.standards.published_factors`. So there is
room where there is in every world that the figures allow, too little where there is in none, and between the two it is not known.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.space.needs import INDOORS, KINDS, UNPLACED, Need, figure, mask_of
from assetplan.space.standards import published_factors
from assetplan.tables import records
from assetplan.text import number
from assetplan.vocabulary import AREA_BASES, HOURS, PLACES_FOR, ROOM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from assetplan.space.standards import Factor

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

NOW, AFTER_WORKS, NOT_KNOWN, SHORT_NOW, TOO_LITTLE = ROOM
"""The answers, best first. With too little now it is not known what works would add; with too little there is not enough after works either."""
_BASES = (*AREA_BASES, None)
_NOW_LEAST, _NOW_MOST, _AFTER_LEAST, _AFTER_MOST = range(4)
_SLACK = 1e-9
_AT = {kind: i for i, kind in enumerate(KINDS)}
_HOW_MUCH, _OF_HOST = "how much is needed is not stated", "nothing is said of the host"


@dataclass(frozen=True)
class Standing:
    """How one kind of room stands in one host, at the hours when it is tightest.

    `room` is one of `assetplan.vocabulary.ROOM`. Figures are in m2 of `basis` (the measure of the host's row) or in places, least and most;
    the most is infinite where nothing rules it out, and what is needed is NaN where it is not known. `unsaid` says what nobody has stated at
    all; with `and_more` some of the needs are not known.
    """

    kind: str
    room: str
    hours: tuple[str, ...]
    basis: str | None
    need: tuple[float, float]
    now: tuple[float, float]
    after: tuple[float, float]
    unsaid: str = ""
    and_more: bool = False

    @property
    def says(self) -> str:
        """The same in words."""
        head = self.kind
        if self.need[1] > 0:
            unit, more = " m2" if self.unit == "m2" else "", " and more" if self.and_more else ""
            head = f"{self.kind}: {in_range(self.need)}{unit}{more} needed"
        if self.unsaid:
            return f"{head}, {self.unsaid}"
        free = "what is free now is not known" if self.now == (0.0, math.inf) else f"{in_range(self.now)} free now"
        works = f", {in_range(self.after)} after works" if self.after[1] < math.inf else ", after works not known"
        mixed = ", measured on another basis or on one not stated" if self.need[0] < self.need[1] else ""
        return f"{head}, {free}{'' if self.now[0] + _SLACK >= self.need[1] else works}{mixed}"

    @property
    def unit(self) -> str:
        """What it is counted in: m2 or places."""
        return "places" if self.kind in {*PLACES_FOR, *UNPLACED.values()} else "m2"

    @property
    def short_now(self) -> tuple[float, float]:
        """How much is missing now, least and most: what works would have to add. Where it is not known whether any is, the least is 0."""
        return self._short(self.now)

    @property
    def short_after(self) -> tuple[float, float]:
        """How much is missing after the works that are stated, least and most; the least is 0 but where there is surely too little."""
        return self._short(self.after)

    def _short(self, there: tuple[float, float]) -> tuple[float, float]:
        least = 0.0 if self.room == NOT_KNOWN else max(self.need[0] - there[1], 0.0)
        return least, max(self.need[1] - there[0], 0.0)


@dataclass(frozen=True)
class Answer:
    """Whether a host has room for some needs together, kind by kind, who says so, and whether any of it is illustrative."""

    room: str
    kinds: tuple[Standing, ...] = ()
    sources: tuple[str, ...] = ()
    illustrative: bool = False

    @property
    def why(self) -> str:
        """The kinds that decide it, in words."""
        if not self.kinds:
            return "it needs no space"
        alike = [one.says for one in self.kinds if one.room == self.room]
        return "; ".join(alike or [one.says for one in self.kinds if one.room != NOW])

    @property
    def short(self) -> tuple[Standing, ...]:
        """The kinds of which there is, or may be, too little now: `Standing.short_now` is what works would have to add."""
        return tuple(one for one in self.kinds if one.room != NOW)


class Rooms:
    """The room that capacity.csv states for some hosts.

    Parameters
    ----------
    capacity
        The table, as an estate has it.
    at
        Positions of hosts by identifier, from 0; those that the table names where none are given. Room of others is not known.
    factors
        What turns one measure of floor area into another, by name: the package's assumptions where none are given.

    Examples
    --------
    >>> import assetplan as ap
    >>> rooms = Rooms(ap.read_estate("data/malton").capacity)
    >>> needs = [Need("office", 100.0, "NIA", ("office",)), Need("office", 20.0, "NIA", ("office", "evening"))]
    >>> answer = rooms.fit_together(needs, "rdc:A0007")
    >>> answer.room, answer.short[0].short_now
    ('too little now', (10.0, 10.0))
    """

    def __init__(
        self,
        capacity: pd.DataFrame,
        at: Mapping[str, int] | None = None,
        *,
        factors: Mapping[str, Factor] | None = None,
    ) -> None:
        rows = [row for row in records(capacity) if row["space"] in KINDS]
        names = sorted({str(row["subject"]) for row in rows})
        self.at: Mapping[str, int] = {name: i for i, name in enumerate(names)} if at is None else at
        self.nowhere = len(self.at)
        """The position of a host of which nothing is stated."""
        self.said: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            if str(row["subject"]) in self.at:
                self.said[self.at[str(row["subject"])], row["space"]].append(row)
        self.factors = published_factors() if factors is None else factors
        self._low, self._high = _multipliers(self.factors)
        self._ends, self._here = self._stated()
        self._found: dict[tuple[int, str | None], Floats] = {}

    def together(self, needs: Iterable[Need], hosts: NDArray[np.intp]) -> NDArray[np.int8]:
        """For each host, by position, whether it has room for all of some needs at once, as a place in `assetplan.vocabulary.ROOM`.

        Notes
        -----
        Needs whose hours nobody states are taken to be at all hours where room is to be shown, and each at the hour that suits it best
        where a lack is: of several such needs a lack that only comes of all of them together is told as not known.
        """
        met = np.ones((4, len(hosts)), dtype=bool)
        for kind, wants in _by_kind(needs).items():
            met &= self._met(kind, wants, hosts)
        return _answers(met)

    def fit_together(self, needs: Iterable[Need], host: str) -> Answer:
        """Whether one host has room for the needs of several services at once, with the reasons.

        Parameters
        ----------
        needs
            What all of them need: `needs_of` each, one after the other.
        host
            An identifier; of one that states nothing it is not known.

        Returns
        -------
        Answer
            As `together` gives it, with each kind of room as it stands when it is tightest.
        """
        every = list(needs)
        at = self.at.get(host, self.nowhere)
        by_kind = _by_kind(every)
        found = [self._standing(kind, wants, at) for kind, wants in by_kind.items()]
        # All kinds are met in a world only where each is.
        met = (all(part) for part in zip(*(met for _, met in found), strict=True)) if found else (True,) * 4
        rows = [*every, *(_said_by(row) for kind in by_kind for row in self.said.get((at, kind), ()))]
        return Answer(
            _answer(*met),
            tuple(standing for standing, _ in found),
            tuple(dict.fromkeys(row.source for row in rows if row.source)),
            any(row.illustrative for row in rows),
        )

    def standing(self, kind: str, wants: Sequence[Need], at: int) -> Standing:
        """How needs of one kind stand in the host at a position, at the hours when it is tightest."""
        return self._standing(kind, wants, at)[0]

    def _standing(self, kind: str, wants: Sequence[Need], at: int) -> tuple[Standing, tuple[bool, ...]]:
        """How needs of one kind stand in a host, and whether they are met, surely and perhaps, now and after works."""
        nothing, any_, maybe = (math.nan, math.nan), (0.0, math.inf), (False, True, False, True)
        known, more = sum(map(_known, wants)), any(need.amount is None for need in wants)
        if not known:
            return Standing(kind, NOT_KNOWN, (), None, nothing, any_, any_, _HOW_MUCH), maybe
        if kind not in KINDS:
            unsaid = "which no host states room for"
            return Standing(kind, NOT_KNOWN, (), None, (known, known), any_, any_, unsaid), maybe
        if not self.said.get((at, kind)):
            basis = wants[0].basis if len({need.basis for need in wants}) == 1 else "NIA"
            size = (known, known)
            if any(need.basis != basis for need in wants):
                low, high = (
                    sum(_known(need) * float(by[_AT[kind], _BASES.index(need.basis), 0]) for need in wants)
                    for by in (self._low, self._high)
                )
                size = (low, high)
            named = basis if kind in INDOORS else None
            hours = tuple(hour for hour in HOURS if any(hour in (need.hours or HOURS) for need in wants))
            return Standing(kind, NOT_KNOWN, hours, named, size, any_, any_, _OF_HOST, more), maybe
        tight = self._by_the_hour(kind, wants, at)
        first = max(tight, key=lambda one: one.rank)
        hours = tuple(HOURS[one.hour] for one in tight if one.rank == first.rank)
        if more or not all(need.hours for need in wants):
            met = tuple(bool(part[0]) for part in self._met(kind, wants, np.array([at])))
        else:
            met = tuple(all(part) for part in zip(*(one.met for one in tight), strict=True))
        unsaid = "" if first.stated else "nothing is said of the host at those hours"
        named = _BASES[first.basis] if kind in INDOORS else None
        return Standing(kind, _answer(*met), hours, named, first.need, first.now, first.after, unsaid, more), met

    def offer(self, hours: int, basis: str | None) -> Floats:
        """Room of each kind in each host at all of some hours, as areas of one basis.

        Parameters
        ----------
        hours
            Bits of `assetplan.vocabulary.HOURS` (`mask_of`); 0 where nobody says which.
        basis
            What areas are given as; None for areas of which nobody says it.

        Returns
        -------
        ndarray
            By ends (least and most now, least and most after works), `KINDS` and positions, one more for a host that states nothing. The
            most is infinite where nothing rules it out.
        """
        if (hours, basis) not in self._found:
            which = _BASES.index(basis)
            each = [bit for bit in range(len(HOURS)) if not hours or hours >> bit & 1]
            out = np.empty((4, len(KINDS), self.nowhere + 1))
            for end in range(4):
                most = end in {_NOW_MOST, _AFTER_MOST}
                by = (self._low if most else self._high)[:, which]
                whole = (self._ends[end] / by.T[:, :, None, None]).max(axis=0)[:, each]
                # Nobody says when: what is there at the worst of all hours is there, and more than at the best is not.
                out[end] = whole.max(axis=1) if most and not hours else whole.min(axis=1)
            self._found[hours, basis] = out
        return self._found[hours, basis]

    def _stated(self) -> tuple[Floats, Flags]:
        """The ends of room by basis, kind, hour and host, each in its own basis; and where a row says anything."""
        shape = (len(_BASES), len(KINDS), len(HOURS), self.nowhere + 1)
        ends, here = np.zeros((4, *shape)), np.zeros(shape, dtype=bool)
        rows = [(at, _AT[kind], row) for (at, kind), said in self.said.items() for row in said]
        host, space = (np.array([row[i] for row in rows], dtype=np.intp) for i in (0, 1))
        basis = np.array(
            [_BASES.index(row["area_basis"] or None) if row["space"] in INDOORS else 0 for *_, row in rows],
            dtype=np.intp,
        )
        hours = np.array([mask_of(row["hours"]) or (1 << len(HOURS)) - 1 for *_, row in rows], dtype=np.int64)
        now, then = (
            np.array([figure(row[name]) for *_, row in rows], dtype=float) for name in ("available", "after_works")
        )
        after = np.where(np.isnan(then), np.nan, np.fmax(then, now))
        floor = np.nan_to_num(now, nan=0.0)
        sizes = (
            floor,
            np.where(np.isnan(now), np.nan_to_num(after, nan=np.inf), now),
            np.where(np.isnan(after), floor, after),
            np.nan_to_num(after, nan=np.inf),
        )
        for bit in range(len(HOURS)):
            open_ = (hours >> bit & 1).astype(bool)
            where = (basis[open_], space[open_], host[open_])
            for end, size in zip(ends, sizes, strict=True):
                np.maximum.at(end[:, :, bit, :], where, size[open_])
            here[:, :, bit, :][where] = True
        unsaid = ~here.any(axis=0)
        for which in (_NOW_MOST, _AFTER_MOST):
            ends[which, 0][unsaid] = np.inf
        return ends, here

    def _wanted(self, kind: str, wants: Iterable[Need]) -> tuple[Floats, Floats, Floats]:
        """What needs of one kind come to, by hour and by the basis of a row.

        The least without those whose hours nobody states, the most with them at all hours, and the least with them.
        """
        fixed, free = np.zeros((2, len(HOURS), len(_BASES)))
        for need in wants:
            hours = [HOURS.index(hour) for hour in need.hours]
            (fixed if hours else free)[hours or slice(None), _BASES.index(need.basis)] += _known(need)
        low, high = self._low[_AT[kind]], self._high[_AT[kind]]
        if not free.any():
            return fixed @ low, fixed @ high, fixed @ low
        return fixed @ low, (fixed + free) @ high, (fixed + free) @ low

    def _met(self, kind: str, wants: Sequence[Need], hosts: NDArray[np.intp]) -> Flags:
        """Whether needs of one kind are met, for each end of room (where it is the least surely, where it is the most perhaps) and host."""
        met = np.ones((4, len(hosts)), dtype=bool)
        if kind in KINDS:
            alike = {(need.hours, need.basis) for need in wants}
            if len(alike) == 1 and (len(wants) == 1 or wants[0].hours):
                room = self.offer(mask_of(wants[0].hours), wants[0].basis)[:, _AT[kind]]
                met = room[:, hosts] + _SLACK >= sum(map(_known, wants))
            else:
                met = self._met_by_the_hour(kind, wants, hosts)
        if kind not in KINDS or any(need.amount is None for need in wants):
            met[[_NOW_LEAST, _AFTER_LEAST]] = False
        return met

    def _met_by_the_hour(self, kind: str, wants: Iterable[Need], hosts: NDArray[np.intp]) -> Flags:
        room = self._ends[:, :, _AT[kind]][..., hosts] + _SLACK
        low, high, _ = self._wanted(kind, wants)

        def enough(end: int, wanted: Floats) -> Flags:
            return np.asarray((room[end] >= wanted.T[:, :, None]).any(axis=0))

        met = np.ones((4, len(hosts)), dtype=bool)
        for end in (_NOW_LEAST, _AFTER_LEAST):
            met[end] = enough(end, high).all(axis=0)
        for end in (_NOW_MOST, _AFTER_MOST):
            met[end] = enough(end, low).all(axis=0)
            for need in wants:
                if not need.hours:
                    alone = low + _known(need) * self._low[_AT[kind], _BASES.index(need.basis)]
                    met[end] &= enough(end, alone).any(axis=0)
        return met

    def _by_the_hour(self, kind: str, wants: Sequence[Need], at: int) -> list[_Hour]:
        """How needs stand in one host at each hour at which there are any, as the row tells that decides it."""
        low, high, low_in_all = (part.tolist() for part in self._wanted(kind, wants))
        ends = self._ends[:, :, _AT[kind], :, at].tolist()
        here = self._here[:, _AT[kind], :, at].tolist()
        own = {_BASES.index(need.basis) for need in wants}
        every, out = range(len(_BASES)), []
        for hour, (least, most) in enumerate(zip(low, high, strict=True)):
            if not any(most):
                continue
            room = [[end[basis][hour] for basis in every] for end in ends]
            lack = [
                [ask - there for ask, there in zip(asks, part, strict=True)]
                for asks, part in zip((most, least, most, least), room, strict=True)
            ]
            met = tuple(min(part) <= _SLACK for part in lack)
            stated = [basis for basis in every if here[basis][hour]]
            order = [(lack[0][b] > _SLACK, lack[2][b] > _SLACK, lack[1][b], lack[0][b]) for b in every]
            basis = min((order[b], b) for b in stated or (own if len(own) == 1 else {0}))[1]
            out.append(
                _Hour(
                    (ROOM.index(_answer(*met)), lack[0][basis]),
                    hour,
                    basis,
                    bool(stated),
                    met,
                    (low_in_all[hour][basis], most[basis]),
                    (room[0][basis], max(room[1])),
                    (room[2][basis], max(room[3])),
                )
            )
        return out


@dataclass(frozen=True)
class _Hour:
    """How needs of one kind stand at one hour: how tight it is, the basis of the row that decides it, and the figures in that basis.

    `met` says whether they are met, surely and perhaps, now and after works.
    """

    rank: tuple[int, float]
    hour: int
    basis: int
    stated: bool
    met: tuple[bool, ...]
    need: tuple[float, float]
    now: tuple[float, float]
    after: tuple[float, float]


def in_range(ends: tuple[float, float]) -> str:
    """A range of amounts in words; of one that nothing bounds only the least.

    Examples
    --------
    >>> in_range((40.0, 40.0)), in_range((42.0, 54.5)), in_range((60.0, float("inf")))
    ('40', '42 to 54.5', 'at least 60')
    """
    low, high = (number(round(end, 1)) if np.isfinite(end) else "" for end in ends)
    if not high:
        return f"at least {low}"
    return low if low == high else f"{low} to {high}"


def assumed(factors: Mapping[str, Factor] | None = None) -> str:
    """What is taken of areas that are not on one basis, in words.

    Examples
    --------
    >>> assumed()
    'net area taken as 70% to 85% of gross for office space and 60% to 90% for other space: assumptions, to be checked'
    """
    used = published_factors() if factors is None else factors
    office, other = (used[f"{name}_nia_per_gia"] for name in ("office", "other"))
    return (
        f"net area taken as {office.low:.0%} to {office.high:.0%} of gross for office space and {other.low:.0%} to {other.high:.0%} for other "
        "space: assumptions, to be checked"
    )


def factor_of(kind: str, factors: Mapping[str, Factor]) -> Factor | None:
    """What net is of gross for a kind of room; None for what is not measured as either."""
    return factors["office_nia_per_gia" if kind == "office" else "other_nia_per_gia"] if kind in INDOORS else None


def _multipliers(factors: Mapping[str, Factor]) -> tuple[Floats, Floats]:
    """What an amount comes to, least and most, by kind, by its own basis and by the basis of the row it is compared with."""
    low, high = np.ones((2, len(KINDS), len(_BASES), len(_BASES)))
    for i, kind in enumerate(KINDS):
        if (factor := factor_of(kind, factors)) is not None:
            least, most = max(factor.low, _SLACK), max(factor.high, _SLACK)
            low[i] = [[1, 1 / most, 1], [least, 1, least], [least, 1, least]]
            high[i] = [[1, 1 / least, 1 / least], [most, 1, 1], [1, 1 / least, 1 / least]]
    return low, high


def _answer(now: bool, maybe_now: bool, after: bool, maybe_after: bool) -> str:  # noqa: FBT001 - as `_answers` has them
    if now or after:
        return NOW if now else AFTER_WORKS
    return TOO_LITTLE if not maybe_after else NOT_KNOWN if maybe_now else SHORT_NOW


def _answers(met: Flags) -> NDArray[np.int8]:
    """Places in `ROOM` for what is met at each end of room."""
    rest = np.where(met[_NOW_MOST], ROOM.index(NOT_KNOWN), ROOM.index(SHORT_NOW))
    rest = np.where(met[_AFTER_MOST], rest, ROOM.index(TOO_LITTLE))
    rest = np.where(met[_AFTER_LEAST], ROOM.index(AFTER_WORKS), rest)
    return np.where(met[_NOW_LEAST], ROOM.index(NOW), rest).astype(np.int8)


def _by_kind(needs: Iterable[Need]) -> dict[str, list[Need]]:
    out: dict[str, list[Need]] = defaultdict(list)
    for need in needs:
        if need.amount is None or need.amount > 0:
            out[need.kind].append(need)
    return dict(out)


def _said_by(row: Mapping[str, Any]) -> Need:
    return Need("", 0.0, source=str(row["source"] or "source not stated"), illustrative=row["illustrative"] is True)


def _known(need: Need) -> float:
    return need.amount or 0.0

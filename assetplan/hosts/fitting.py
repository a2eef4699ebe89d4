"""Which hosts could take which services in: what fits, what is missing, what forbids it, and what is not known, each with its source.

Every service, or part of one, is judged against every plausible host by one criterion after the other. A criterion that forbids makes the
pair blocked, whatever else fits; else one that is not known makes it not known; else one that is missing makes it a gap. Nothing is added up
to a score. How far away a host is is told in a straight line; what that means for those who travel is another question.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from assetplan.declared import guessed
from assetplan.errors import SubjectError
from assetplan.hosts.clauses import clause_criteria
from assetplan.hosts.hosting import Hosts, hosts_of
from assetplan.hosts.premises import premises_criteria, spots_of
from assetplan.hosts.rooms import room_criteria
from assetplan.hosts.verdicts import (
    AFTER_WORKS,
    BLOCKED,
    CLASSES,
    FITS,
    GAP,
    MOVES,
    NOT_ASKED,
    SHORT_NOW,
    STAYS,
    UNKNOWN,
    VERDICTS,
    Finding,
    source_of,
)
from assetplan.space.needs import KINDS
from assetplan.tables import records
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.estate import Estate
    from assetplan.hosts.verdicts import Codes, Criterion, Positions

    Gate = Callable[[Estate, str, list[str]], Mapping[str, Any]]
    Progress = Callable[[str, float], None]

REACH_KM = 10.0
PAIR_VERDICTS = (*STAYS, *MOVES)
COUNTS = ("fits", "gaps", "blockers", "unknowns")
EXPLAINED = ("criterion", "verdict", "need", "offer", "says", "source", "illustrative")
_ROOM_NAMES = {"area", *(f"{kind}_room" for kind in KINDS), *(kind.replace(" ", "_") for kind in KINDS)}
_BEST = 3


@dataclass(frozen=True, eq=False, repr=False)
class Suitability:
    """Services against hosts.

    Attributes
    ----------
    pairs
        One row for each service and plausible host, by identifiers: ``service_id``, ``host``, ``host_kind`` (asset or parcel), ``verdict``
        (fits, gap, not known or blocked; here now where it is the service's present place; stays for a service that is fixed), how many
        criteria ``fits``, ``gaps``, ``blockers`` and ``unknowns`` come to, ``distance_m`` in a straight line from where the service is now
        (NaN where either is not known), ``same_body``, and a number for each criterion: `assetplan.hosts.verdicts.VERDICTS` has its word.
    left_out
        Assets and parcels that are no hosts: ``host`` and ``why``.
    criteria
        The criteria in order, with what each is called.
    reach_km
        How far hosts were looked for.
    """

    pairs: pd.DataFrame
    left_out: pd.DataFrame
    criteria: Mapping[str, str]
    reach_km: float
    _judges: tuple[Criterion, ...] = field(repr=False)
    _services: Mapping[str, Mapping[str, Any]] = field(repr=False)
    _hosts: Hosts = field(repr=False)
    _spans: Mapping[str, slice] = field(repr=False)
    _codes: NDArray[np.int8] = field(repr=False)

    def explain(self, service_id: str, host: str) -> pd.DataFrame:
        """One pair, criterion by criterion, the worst first.

        Returns
        -------
        pandas.DataFrame
            ``criterion``, ``verdict`` (a word of `assetplan.hosts.verdicts.VERDICTS`, or note), ``need``, ``offer``, ``says`` (a sentence),
            ``source`` and ``illustrative``. Criteria that do not bear on the pair are left out.

        Raises
        ------
        SubjectError
            Where the pair is none of these.

        Examples
        --------
        >>> import assetplan as ap
        >>> found = ap.suitability(ap.read_estate("data/malton"))
        >>> told = found.explain("police-neighbourhood", "rdc:A0001").set_index("criterion")
        >>> told.loc["covenant", "verdict"]
        'arguable'
        """
        codes = self._codes[:, self._pair(service_id, host)].tolist()
        service, at = self._services[service_id], self._hosts.at.get(host, -1)
        found: list[tuple[str, int, Finding]] = []
        for judge, code in zip(self._judges, codes, strict=True):
            if code != NOT_ASKED:
                found.append((judge.label, code, judge.told(service, at, code)))
        found.sort(key=lambda told: -CLASSES[told[1]])
        said = [(label, VERDICTS[code], finding) for label, code, finding in found]
        said += [("note", "note", finding) for finding in _notes(service, self._services)]
        rows = [
            (label, word, one.need, one.offer, one.says, one.source or "source not stated", one.illustrative)
            for label, word, one in said
        ]
        return pd.DataFrame(rows, columns=list(EXPLAINED), dtype=object)

    def against(self, service_id: str, host: str) -> list[tuple[str, str, Finding]]:
        """What stands in the way of a pair, the worst first: what each criterion is called, the word for its number, and the finding."""
        return list(self._against(service_id, host, self._pair(service_id, host)))

    def _against(self, service_id: str, host: str, pair: int) -> Iterator[tuple[str, str, Finding]]:
        codes = self._codes[:, pair].tolist()
        order = [(judge, code) for judge, code in zip(self._judges, codes, strict=True) if code > FITS]
        order.sort(key=lambda judged: -CLASSES[judged[1]])
        service, at = self._services[service_id], self._hosts.at.get(host, -1)
        for judge, code in order:
            yield judge.label, VERDICTS[code], judge.told(service, at, code)

    def best_first(self, service_id: str) -> pd.DataFrame:
        """The pairs of a service: fits, then gaps, then not known, then blocked; within each the fewest of these, then the nearest.

        Raises
        ------
        SubjectError
            Where there is no such service.
        """
        if service_id not in self._services:
            raise SubjectError(
                f"{visible(service_id)!r} is no service of this estate.{guessed(service_id, self._services)}"
            )
        return self.pairs.iloc[self._order(self._spans.get(service_id, slice(0, 0)))]

    def table(self, most: int = _BEST, services: Iterable[str] | None = None) -> pd.DataFrame:
        """The best hosts of each service, or of some, at most so many, with what stands most in the way of each.

        Returns
        -------
        pandas.DataFrame
            ``service_id``, ``rank``, ``host``, ``verdict``, the counts, ``distance_m``, ``main_reason``. A service that stays has one row.
        """
        rows = []
        names = ["host", "verdict", *COUNTS, "distance_m"]
        verdicts = self._keys["verdict"]
        chosen: list[tuple[str, Positions]] = []
        for service in (
            self._spans if services is None else _chosen(services, self._spans, "service with a plausible host")
        ):
            order = self._order(self._spans[service])
            moves = order[verdicts[order] >= len(STAYS)][:most]
            chosen.append((service, moves if len(moves) else order[:1]))
        at = np.concatenate([np.zeros(0, dtype=np.intp), *(found for _, found in chosen)])
        brief = iter(zip(records(self.pairs[names].iloc[at]), at.tolist(), strict=True))
        for service, found in chosen:
            for rank, (row, pair) in enumerate(itertools.islice(brief, len(found)), start=1):
                judged = verdicts[pair] >= len(STAYS)
                first = next(self._against(service, str(row["host"]), pair), None) if judged else None
                rows.append({"service_id": service, "rank": rank, **row, "main_reason": first[2].says if first else ""})
        columns = ["service_id", "rank", "host", "verdict", *COUNTS, "distance_m", "main_reason"]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    @cached_property
    def _keys(self) -> dict[str, NDArray[Any]]:
        """What pairs are ordered by, the last key first, as bare arrays: a column of a frame is slow to cut 5,000 times."""
        named = ((name, self.pairs[name]) for name in ("host", "distance_m", "gaps", "unknowns", "blockers", "verdict"))
        keys = {name: (key.cat.codes if key.dtype == "category" else key).to_numpy() for name, key in named}
        return {**keys, "distance_m": np.where(np.isnan(keys["distance_m"]), np.inf, keys["distance_m"])}

    def _order(self, span: slice) -> Positions:
        """Rows of `pairs`, those of one service, best first."""
        return np.lexsort([key[span] for key in self._keys.values()]) + span.start

    def _pair(self, service_id: str, host: str) -> int:
        """The row of `pairs` of a service and a host."""
        span = self._spans.get(service_id, slice(0, 0))
        at = self.pairs["host"].cat.categories.get_indexer([host])[0]
        found = np.flatnonzero(self._keys["host"][span] == at)
        if at < 0 or not len(found):
            why = dict(zip(self.left_out["host"], self.left_out["why"], strict=True)).get(host)
            more = f" It is left out: {visible(str(why))}." if why else ""
            raise SubjectError(f"{visible(service_id)!r} was not judged against {visible(host)!r}.{more}")
        return span.start + int(found[0])

    def __repr__(self) -> str:
        counts = self.pairs["verdict"].value_counts()
        told = ", ".join(f"{counts.get(word, 0):,} {word}" for word in MOVES)
        return (
            f"<Suitability of {self.pairs['host'].nunique():,} hosts for {self.pairs['service_id'].nunique():,} services: "
            f"{len(self.pairs):,} pairs, {told}; {len(self.left_out):,} left out>"
        )


def suitability(
    estate: Estate,
    *,
    services: Iterable[str] | None = None,
    hosts: Iterable[str] | None = None,
    reach_km: float = REACH_KM,
    gate: Gate | None = None,
    progress: Progress | None = None,
) -> Suitability:
    """Judge each service of an estate against each plausible host.

    Parameters
    ----------
    estate
        The estate, for any reader. Whether that reader may be shown the result is for the caller: see `Estate.released`.
    services, hosts
        Identifiers of those to judge; all where none are given.
    reach_km
        Hosts up to so far from where a service is now, in a straight line, are plausible. Beyond it, and for a service of which nothing
        says where it is, only a host whose stated room would do, now or after works.
    gate
        Says what a move does to emergency response: called with the estate, a service and hosts, it gives for each host an object with
        ``verdict`` (holds, fails, to be asked, not known), ``hard`` (whether it forbids), ``reasons`` and ``sources``. Without one the
        response of services that give any is not known.
    progress
        Called now and then with a word and the share that is done, from 0 to 1.

    Raises
    ------
    SubjectError
        Where there is no such service, or no such host.
    ValueError
        Where `reach_km` is no length.

    Notes
    -----
    Blank wants of a service are not asked for, but for desks, whose number is then not known. What is not recorded of a host, such as a
    covenant nobody has entered, has not been searched for. Room that a host states counts for each service by itself: two may want it.

    Examples
    --------
    >>> import assetplan as ap
    >>> found = ap.suitability(ap.read_estate("data/malton").for_audience("public"))
    >>> bool((found.pairs["host"] == "nhs:B82025").any())
    False
    """
    if not (np.isfinite(reach_km) and reach_km >= 0):
        raise ValueError(f"reach_km: a length of nothing or more is wanted, not {reach_km!r}.")
    every = hosts_of(estate)
    by_id = {str(row["service_id"]): row for row in records(estate.services)}
    wanted = [by_id[service] for service in _chosen(services, by_id, "service")]
    judges: list[Criterion] = [
        *room_criteria(estate.capacity, every.at, np.flatnonzero(every.unbuilt).tolist()),
        *premises_criteria(estate, every),
        *clause_criteria(estate, every),
        _Response(estate, every, gate),
    ]
    plausible = _Plausible(estate, every, hosts, judges, reach_km)
    chosen = [plausible.of(service) for service in wanted]
    if progress is not None:
        progress("hosts in reach", 0.1)
    codes = _judged(judges, wanted, chosen, plausible, progress)
    pairs = _pairs(estate, wanted, every, plausible, chosen, codes, judges)
    labels = {judge.name: judge.label for judge in judges}
    ends = np.cumsum([0, *(len(positions) for positions in chosen)]).tolist()
    spans = {
        str(service["service_id"]): slice(first, last)
        for service, first, last in zip(wanted, ends, ends[1:], strict=False)
        if last > first
    }
    return Suitability(pairs, every.left_out, labels, reach_km, tuple(judges), by_id, every, spans, codes)


def _chosen(asked: Iterable[str] | None, known: Mapping[str, Any], what: str) -> list[str]:
    if asked is None:
        return sorted(known)
    names = sorted(set(asked))
    if strange := [name for name in names if name not in known]:
        raise SubjectError(
            f"{visible(str(strange[0]))!r} is no {what} of this estate.{guessed(str(strange[0]), known)}"
        )
    return names


class _Plausible:
    """The hosts that are looked at for a service: those in reach, those whose stated room would do, and its own place, host or not."""

    def __init__(
        self, estate: Estate, hosts: Hosts, asked: Iterable[str] | None, judges: list[Criterion], reach_km: float
    ) -> None:
        among = _chosen(asked, hosts.at, "host")
        spots = spots_of(estate.assets.geometry.to_numpy())
        self._spots = dict(zip(map(str, estate.assets.index), spots, strict=True))
        own = {str(asset) for asset in estate.services["asset_id"]} & set(self._spots)
        self.ids = tuple(sorted({*among, *(own if asked is None else own & set(among))}))
        self._at = {place: i for i, place in enumerate(self.ids)}
        self.host = np.array([hosts.at.get(place, -1) for place in self.ids], dtype=np.intp)
        east_north = [
            hosts.place[i] if i >= 0 else self._spots[place] for place, i in zip(self.ids, self.host, strict=True)
        ]
        self.place = np.array(east_north, dtype=float).reshape(-1, 2)
        self._placed = np.flatnonzero((self.host >= 0) & ~np.isnan(self.place).any(axis=1))
        self._tree = cKDTree(self.place[self._placed]) if len(self._placed) else None
        self._stated = np.flatnonzero((self.host >= 0) & np.append(hosts.stated, False)[self.host])
        self._rooms = [judge for judge in judges if judge.name in _ROOM_NAMES]
        self._reach_m = 1000 * reach_km

    def here(self, service: Mapping[str, Any]) -> int:
        """The place a service is in now, -1 where nothing says."""
        return self._at.get(str(service["asset_id"]), -1)

    def spot(self, service: Mapping[str, Any]) -> tuple[float, float]:
        """Easting and northing of where a service is now, NaN where nothing says."""
        return self._spots.get(str(service["asset_id"]), (np.nan, np.nan))

    def of(self, service: Mapping[str, Any]) -> Positions:
        """Positions of the places, in order; of a service that stays its own alone."""
        here = self.here(service)
        own = np.array([here] if here >= 0 else [], dtype=np.intp)
        if service["fixed"] is True:
            return own
        spot, chosen = self.spot(service), np.zeros(len(self.ids), dtype=bool)
        if self._tree is not None and not np.isnan(spot[0]):
            chosen[self._placed[self._tree.query_ball_point(spot, self._reach_m)]] = True
        else:
            chosen[own] = True
        far = self._stated[~chosen[self._stated]]
        if len(far):
            room, asked = np.zeros(len(far), dtype=np.int8), np.zeros(len(far), dtype=np.int8)
            for judge in self._rooms:
                codes = judge.codes(service, self.host[far])
                room, asked = np.maximum(room, codes), np.maximum(asked, codes)
            chosen[far[(room <= AFTER_WORKS) & (asked > NOT_ASKED)]] = True
        chosen[own] = True
        return np.flatnonzero(chosen)


def _judged(
    judges: list[Criterion],
    services: Sequence[Mapping[str, Any]],
    chosen: list[Positions],
    plausible: _Plausible,
    progress: Progress | None,
) -> NDArray[np.int8]:
    """The numbers of all pairs, a row a criterion; none for a service where it is now."""
    ends = np.cumsum([0, *(len(positions) for positions in chosen)])
    out = np.zeros((len(judges), int(ends[-1])), dtype=np.int8)
    for i, (service, positions) in enumerate(zip(services, chosen, strict=True)):
        away = np.flatnonzero(positions != plausible.here(service))
        if len(away):
            hosts = plausible.host[positions[away]]
            for j, judge in enumerate(judges):
                out[j, ends[i] + away] = judge.codes(service, hosts)
        if progress is not None and i % 250 == 249:
            progress("services judged", 0.1 + 0.9 * (i + 1) / len(services))
    return out


def _pairs(
    estate: Estate,
    services: Sequence[Mapping[str, Any]],
    hosts: Hosts,
    plausible: _Plausible,
    chosen: list[Positions],
    codes: NDArray[np.int8],
    judges: list[Criterion],
) -> pd.DataFrame:
    place = np.concatenate([*chosen, np.zeros(0, dtype=np.intp)]).astype(np.int32)
    service = np.repeat(np.arange(len(services), dtype=np.int32), [len(positions) for positions in chosen])
    now = np.array([plausible.here(row) for row in services], dtype=np.int32)
    fixed = np.array([row["fixed"] is True for row in services], dtype=bool)
    spots = np.array([plausible.spot(row) for row in services], dtype=float).reshape(-1, 2)
    owners = [
        str(estate.assets.at[name, "organisation"] if i < 0 else hosts.rows[i]["organisation"])
        for name, i in zip(plausible.ids, plausible.host, strict=True)
    ]
    bodies = {body: i for i, body in enumerate(sorted({*owners, *(str(row["organisation"]) for row in services)}))}
    owner = np.array([bodies[body] for body in owners], dtype=np.int32)
    body = np.array([bodies[str(row["organisation"])] for row in services], dtype=np.int32)
    parcel = np.array([i >= 0 and hosts.kinds[i] == "parcel" for i in plausible.host], dtype=np.int8)
    worst = codes.max(axis=0, initial=NOT_ASKED)
    rank = (len(STAYS) + np.searchsorted(_STEPS, worst, side="right")).astype(np.int8)
    rank[place == now[service]] = STAYS.index("here now")
    rank[fixed[service]] = STAYS.index("stays")
    gap = plausible.place[place] - spots[service]
    names = pd.Index([str(row["service_id"]) for row in services], dtype=object)
    frame = {
        "service_id": pd.Categorical.from_codes(service, categories=names),
        "host": pd.Categorical.from_codes(place, categories=pd.Index(plausible.ids, dtype=object)),
        "host_kind": pd.Categorical.from_codes(parcel[place], categories=["asset", "parcel"]),
        "verdict": pd.Categorical.from_codes(rank, categories=list(PAIR_VERDICTS), ordered=True),
        **{name: _count(codes, low, high) for name, low, high in _COUNTED},
        "distance_m": np.hypot(gap[:, 0], gap[:, 1]).round(1),
        "same_body": owner[place] == body[service],
        **{judge.name: codes[j] for j, judge in enumerate(judges)},
    }
    return pd.DataFrame(frame, copy=False)


_STEPS = (AFTER_WORKS, SHORT_NOW, BLOCKED)
_COUNTED = (
    ("fits", FITS, FITS),
    ("gaps", AFTER_WORKS, GAP),
    ("blockers", BLOCKED, BLOCKED),
    ("unknowns", SHORT_NOW, UNKNOWN),
)


def _count(codes: NDArray[np.int8], low: int, high: int) -> NDArray[np.uint8]:
    """How many criteria lie between two numbers, without a table of flags of all of them at once."""
    out = np.zeros(codes.shape[1], dtype=np.uint8)
    for row in codes:
        out += (row >= low) & (row <= high)
    return out


def _notes(service: Mapping[str, Any], every: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """What a move has to respect that no criterion judges: the rule in the folder's words, and what parting costs."""
    out = []
    told = service["illustrative"] is True
    if service["rule"]:
        rule = str(service["rule"])
        out.append(Finding("", "", f"To be respected: {rule}.", source_of(service), told))
    whole = every.get(str(service["part_of"]))
    if service["part_of"] is not None:
        name = str(service["part_of"] if whole is None else whole["name"])
        once, yearly = service["splitting_gbp"], service["splitting_gbp_pa"]
        cost = " and ".join(
            said
            for said in (
                f"£{once:,.0f} once" if once is not None else "",
                f"£{yearly:,.0f} a year" if yearly is not None else "",
            )
            if said
        )
        out.append(
            Finding(
                "",
                "",
                f"Parting it from {name} costs {cost or 'an amount that is not stated'}.",
                source_of(service),
                told,
            )
        )
    return out


class _Response:
    """What a move does to emergency response, by whoever works it out."""

    name, label = "response", "emergency response"

    def __init__(self, estate: Estate, hosts: Hosts, gate: Gate | None) -> None:
        self._estate, self._hosts, self._gate = estate, hosts, gate
        self._found: dict[tuple[str, str], Any] = {}

    def codes(self, service: Mapping[str, Any], hosts: Positions) -> Codes:
        if service["response"] is None:
            return np.zeros(len(hosts), dtype=np.int8)
        if self._gate is None or not len(hosts):
            return np.full(len(hosts), UNKNOWN, dtype=np.int8)
        key, names = str(service["service_id"]), [self._hosts.ids[host] for host in hosts]
        answers = self._gate(self._estate, key, names)
        self._found |= {(key, name): answers[name] for name in names}
        return np.array([self._code(answers[name]) for name in names], dtype=np.int8)

    def told(self, service: Mapping[str, Any], host: int, code: int) -> Finding:
        need, made_up = f"{service['response']} response kept", service["illustrative"] is True
        answer = self._found.get((str(service["service_id"]), self._hosts.ids[host]))
        if answer is None:
            return Finding(
                need, "", "What the move would do to response times was not worked out.", source_of(service), made_up
            )
        says = " ".join(map(str, answer.reasons)) or f"Emergency response: {VERDICTS[code]}."
        return Finding(need, str(answer.verdict), says, "; ".join(map(str, answer.sources)), made_up)

    @staticmethod
    def _code(answer: Any) -> int:
        """A hard gate that fails forbids; a soft one is to be asked of the authority, whatever its figures."""
        if answer.verdict == "holds":
            return FITS
        if answer.verdict == "fails":
            return BLOCKED if answer.hard else GAP
        return GAP if answer.verdict == "to be asked" else UNKNOWN

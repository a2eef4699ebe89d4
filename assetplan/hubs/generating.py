"""Which options are looked at: grown host by host from services that something links, not every set of services there is.

What links services: an affinity, the wish of one to be beside another, the same work for two bodies, emergencies both answer, the same building
that they would empty together. What links a service to a host: a service there to which it is linked, or a site next door to its own. Of each host
only so many services and so many sets are kept, the best first, and what was not gone through is counted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.estate import sites as sites_of
from assetplan.hosts.verdicts import BLOCKED
from assetplan.relations import adjacent_pairs
from assetplan.tables import records
from assetplan.text import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from assetplan.estate import Estate
    from assetplan.hosts.fitting import Suitability
    from assetplan.hubs.company import Company
    from assetplan.hubs.joint import JointRoom

CANDIDATES = 24  # services looked at for one host
ALIKE = 3  # of one function
HOSTS = 300  # hosts grown on
BEAM = 24  # sets of one size kept for one host
KEPT = 24  # sets kept for one host
NEXT_DOOR_M = 25.0
_UNKNOWN, _GAP = (
    0.3,
    0.1,
)  # what a thing not known, or missing, takes off where sets are compared before they are measured


@dataclass(frozen=True)
class Bundle:
    """Some services that could move into one host together; `barred` says that the response of one of them forbids it."""

    host: str
    services: tuple[str, ...]
    reasons: tuple[str, ...]
    barred: bool = False


@dataclass(frozen=True, eq=False)
class OptionSearch:
    """What a search through the options of an estate found.

    Attributes
    ----------
    bundles
        Sets of services with their host that are worth measuring.
    seen
        How many sets were looked at.
    too_little_room
        How many of these could not be in their host together, whatever works are done.
    missed
        Sentences about what was not gone through.
    folded
        By the identifier of an option the sets of services much like it that are folded into it.
    """

    bundles: tuple[Bundle, ...]
    seen: int = 0
    too_little_room: int = 0
    missed: tuple[str, ...] = ()
    folded: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)


class Places:
    """Which services and bodies are in each host now, and which sites adjoin."""

    def __init__(self, estate: Estate) -> None:
        rows = records(estate.services)
        at = {str(row["service_id"]): row["asset_id"] for row in rows}
        self.at = {key: None if asset is None else str(asset) for key, asset in at.items()}
        self.whole = {str(row["service_id"]): row["part_of"] for row in rows}
        parted = {(row["part_of"], row["asset_id"]) for row in rows if row["part_of"] is not None}
        inside: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            if row["asset_id"] is not None and (row["service_id"], row["asset_id"]) not in parted:
                inside[str(row["asset_id"])].append(str(row["service_id"]))
        self.inside = {asset: tuple(sorted(services)) for asset, services in inside.items()}
        self.body = {str(row["service_id"]): str(row["organisation"]) for row in rows}
        self.owner = {
            str(key): str(body) for key, body in zip(estate.assets.index, estate.assets["organisation"], strict=True)
        }
        self.staff = {str(key): value for key, value in zip(estate.assets.index, estate.assets["fte"], strict=True)}
        sites = sites_of(estate)
        self.site = {
            str(item): str(site)
            for site, assets, parcels in zip(sites.index, sites["assets"], sites["parcels"], strict=True)
            for item in (*assets, *parcels)
        }
        self._estate = estate
        self._next: dict[str, dict[str, str]] | None = None

    def bodies(self, host: str, guests: Iterable[str]) -> tuple[str, ...]:
        """The bodies that would be in a host together with some guests.

        A building in which nobody names a service is that of the body which lists staff there.
        """
        there = {self.body[service] for service in (*self.inside.get(host, ()), *guests)}
        staff = self.staff.get(host)
        if (
            not self.inside.get(host)
            and staff is not None
            and staff > 0
            and self.owner.get(host) in self._estate.organisations
        ):
            there.add(self.owner[host])
        return tuple(sorted(there))

    def next_door(self, host: str, asset: str | None) -> str:
        """How the site of an asset adjoins that of a host; empty where it does not or is the same."""
        if self._next is None:
            self._next = defaultdict(dict)
            used = {self.site[item] for item in self.inside if item in self.site}
            pairs = adjacent_pairs(sites_of(self._estate), NEXT_DOOR_M, self._estate.roads)
            for a, b, relation in zip(pairs["site_a"], pairs["site_b"], pairs["relation"], strict=True):
                if a in used or b in used:
                    self._next[str(a)][str(b)] = self._next[str(b)][str(a)] = str(relation)
        if asset is None:
            return ""
        return self._next.get(self.site.get(host, ""), {}).get(self.site.get(asset, ""), "")

    def alike(self, a: str, b: str) -> bool:
        """Whether one service is a part of the other."""
        for one, other in ((a, b), (b, a)):
            above = self.whole.get(one)
            while above is not None:
                if above == other:
                    return True
                above = self.whole.get(str(above))
        return False


def generate(
    found: Suitability,
    stated: Collection[str],
    joint: JointRoom,
    company: Company,
    places: Places,
    *,
    max_guests: int,
    most: int,
) -> OptionSearch:
    """Go through the hosts of an estate, and grow sets of services that something links.

    Parameters
    ----------
    found
        The `assetplan.suitability` of the services, with the response gate.
    stated
        The hosts of which something says what room they have; others are gone through only where there are none of these.
    joint, company, places
        Room for several services at once, what there is between services, and where they are.
    max_guests
        Most services that move into one host.
    most
        Most sets that are worth measuring, over all hosts.
    """
    hosts = _Candidates(found, stated, company, places)
    unsaid = hosts.unsaid
    chosen, missed = hosts.promising()
    bundles: list[tuple[float, Bundle]] = []
    seen = refused = cut = 0
    for host in chosen:
        growing = _Growing(host, hosts.of(host), joint, company, places, max_guests)
        bundles += growing.grown()
        seen, refused, cut = seen + growing.seen, refused + growing.refused, cut + growing.cut
    bundles.sort(key=lambda one: (-round(one[0], 9), one[1].host, one[1].services))
    told = []
    if unsaid:
        told.append(
            f"{counted(unsaid, 'host')} of which nothing says what room there is, not gone through; ask for one by name."
        )
    told += (
        [f"{counted(missed, 'host')} with linked services, those with the weakest links, not gone through."]
        if missed
        else []
    )
    if hosts.passed_over:
        told.append(
            f"{hosts.passed_over:,} pairs of a service and a host passed over: of one function or for one host there were better or nearer ones."
        )
    if cut:
        told.append(
            f"{counted(cut, 'set')} of services grown no further: their host had others with more to say for them."
        )
    if len(bundles) > most:
        told.append(
            f"{len(bundles) - most:,} of {len(bundles):,} options not measured: those with least to say for them."
        )
    return OptionSearch(
        tuple(bundle for _, bundle in bundles[:most]),
        seen,
        refused,
        tuple(said[:1].upper() + said[1:] for said in told),
    )


@dataclass(frozen=True)
class _Candidate:
    service: str
    unknowns: int
    gaps: int
    barred: bool


class _Candidates:
    """The services looked at for each host, the best first."""

    def __init__(self, found: Suitability, stated: Collection[str], company: Company, places: Places) -> None:
        pairs = found.pairs
        self._company, self._places = company, places
        self._names = list(pairs["service_id"].cat.categories)
        self._hosts = list(pairs["host"].cat.categories)
        words = list(pairs["verdict"].cat.categories)
        code = pairs["verdict"].cat.codes.to_numpy()
        blocked = code == words.index("blocked")
        barred = blocked & (pairs["blockers"].to_numpy() == 1) & (pairs["response"].to_numpy() == BLOCKED)
        usable = ((code >= words.index("fits")) & ~blocked) | barred
        host_of = pairs["host"].cat.codes.to_numpy()
        said = np.array([host in stated for host in self._hosts], dtype=bool)[host_of]
        self.unsaid = len(np.unique(host_of[usable & ~said])) if (usable & said).any() else 0
        at = np.flatnonzero(usable & said if self.unsaid else usable)
        service, host = pairs["service_id"].cat.codes.to_numpy()[at], host_of[at].astype(np.int64)
        functions = sorted({str(company.rows[name]["function"]) for name in self._names})
        number = {function: i for i, function in enumerate(functions)}
        function = np.array([number[str(company.rows[name]["function"])] for name in self._names], dtype=np.int64)
        unknowns, gaps = (pairs[name].to_numpy()[at].astype(np.int64) for name in ("unknowns", "gaps"))
        distance = np.nan_to_num(pairs["distance_m"].to_numpy()[at], nan=np.inf)
        # Rows are in order of services: where all else is the same they stay so.
        kind = host * max(len(functions), 1) + function[service]
        worth = code[at].astype(np.int64) * 256 + unknowns
        order = np.lexsort((distance, worth, kind))
        order = order[_place(kind[order]) < ALIKE]
        order = order[np.lexsort((service[order], distance[order], worth[order], host[order]))]
        order = order[_place(host[order]) < CANDIDATES]
        self.passed_over = len(at) - len(order)
        self._rows: dict[str, list[_Candidate]] = defaultdict(list)
        for i in order.tolist():
            self._rows[self._hosts[host[i]]].append(
                _Candidate(self._names[service[i]], int(unknowns[i]), int(gaps[i]), bool(barred[at[i]]))
            )
        self._links = self._by_function(functions)

    def _by_function(self, functions: list[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The most that speaks for services of two functions being together; minus infinity where nothing links them."""
        some: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._company.rows):
            some[str(self._company.rows[name]["function"])].append(name)
        out = np.full((len(functions), len(functions)), -np.inf)
        for i, one in enumerate(functions):
            for j, other in enumerate(functions[: i + 1]):
                # Ties are between functions, but for what single services wish: a few of each tell.
                ties = [
                    sum(tie.points for tie in self._company.between(a, b))
                    for a in some[one][:ALIKE]
                    for b in some[other][-ALIKE:]
                    if a != b and self._company.linked(a, b)
                ]
                out[i, j] = out[j, i] = max(ties, default=-np.inf)
        self._number = {function: i for i, function in enumerate(functions)}
        return out

    def of(self, host: str) -> list[_Candidate]:
        """The services looked at for one host."""
        return self._rows[host]

    def promising(self) -> tuple[list[str], int]:
        """Hosts for which something links services, those with the strongest links where there are many; and how many were left."""
        worth: dict[str, float] = {}
        for host, rows in self._rows.items():
            kinds = np.array(
                [self._number[str(self._company.rows[row.service]["function"])] for row in rows], dtype=np.intp
            )
            less = _UNKNOWN * np.array([row.unknowns for row in rows]) + _GAP * np.array([row.gaps for row in rows])
            both = self._links[np.ix_(kinds, kinds)] - less[:, None] - less[None, :]
            np.fill_diagonal(both, -np.inf)
            best = float(both.max(initial=-np.inf))
            there = [
                self._number[str(self._company.rows[service]["function"])]
                for service in self._places.inside.get(host, ())
                if str(self._company.rows[service]["function"]) in self._number
            ]
            if there:
                best = max(best, float((self._links[kinds][:, there].max(axis=1) - less).max(initial=-np.inf)))
            beside = [
                off
                for row, off in zip(rows, less, strict=True)
                if self._places.next_door(host, self._places.at[row.service])
            ]
            best = max([best, *(1.0 - float(off) for off in beside)])
            if best > -np.inf:
                worth[host] = best
        order = sorted(worth, key=lambda host: (-round(worth[host], 9), host))
        return sorted(order[:HOSTS]), max(len(order) - HOSTS, 0)


def _place(*keys: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The place of each row among those with the same keys, which stand one after the other."""
    count = len(keys[0])
    first = np.ones(count, dtype=bool)
    if count > 1:
        first[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    starts = np.flatnonzero(first)
    return np.asarray(np.arange(count) - np.repeat(starts, np.diff(np.append(starts, count))), dtype=np.intp)


class _Growing:
    """The sets of services that could move into one host together."""

    def __init__(
        self,
        host: str,
        candidates: list[_Candidate],
        joint: JointRoom,
        company: Company,
        places: Places,
        max_guests: int,
    ) -> None:
        self.host, self.joint, self.company, self.places, self.max_guests = host, joint, company, places, max_guests
        self.there = places.inside.get(host, ())
        self.by_name = {
            one.service: one
            for one in candidates
            if not any(company.parted(one.service, other) for other in self.there)
        }
        self.open = [name for name, one in self.by_name.items() if not one.barred]
        self.seen = self.refused = self.cut = 0
        self._linked_here = {
            name: any(company.linked(name, other) for other in self.there)
            or bool(places.next_door(host, places.at[name]))
            for name in self.by_name
        }
        self._linked: dict[str, set[str]] = {name: set() for name in self.by_name}
        self._beside: dict[str, set[str]] = {name: set() for name in self.by_name}
        self._never: dict[str, set[str]] = {name: set() for name in self.by_name}
        self._points: dict[str, dict[str, float]] = {name: {} for name in self.by_name}
        self._here = {
            name: sum(tie.points for other in self.there for tie in company.between(name, other))
            for name in self.by_name
        }
        for a, b in combinations(self.by_name, 2):
            points = sum(tie.points for tie in company.between(a, b))
            never = places.alike(a, b) or company.parted(a, b)
            for one, other in ((a, b), (b, a)):
                self._points[one][other] = points
                if never:
                    self._never[one].add(other)
                elif company.linked(a, b):
                    self._linked[one].add(other)
                elif places.at[a] is not None and places.at[a] == places.at[b]:
                    self._beside[one].add(other)

    def grown(self) -> Iterator[tuple[float, Bundle]]:
        """The sets kept, each with how much there is to say for it."""
        singles = [frozenset((name,)) for name in self.open if self._linked_here[name]]
        level = self._kept(singles)
        kept: dict[frozenset[str], float] = dict(level)
        grown: set[frozenset[str]] = set(level)
        for size in range(2, self.max_guests + 1):
            wider = {one | {name} for one in level for name in self.open if name not in one and self._joins(name, one)}
            if size == 2:
                wider |= {
                    frozenset((a, b))
                    for i, a in enumerate(self.open)
                    for b in self.open[i + 1 :]
                    if b in self._linked[a]
                }
            level = self._kept(wider - grown)
            grown |= set(level)
            kept |= level
        best = sorted(
            ((value, one) for one, value in kept.items() if len(self.places.bodies(self.host, one)) > 1),
            key=lambda pair: (-round(pair[0], 9), sorted(pair[1])),
        )
        self.cut += max(len(best) - KEPT, 0)
        best = best[:KEPT]
        for value, one in best:
            yield value, Bundle(self.host, tuple(sorted(one)), self._reasons(one))
        yield from self._barred([one for _, one in best])

    def _barred(self, kept: list[frozenset[str]]) -> Iterator[tuple[float, Bundle]]:
        """Sets kept with one service more, whose response forbids the host."""
        for name, one in self.by_name.items():
            if not one.barred:
                continue
            level = self._kept(
                {other | {name} for other in (*kept, *(frozenset((known,)) for known in self.open)) if len(other) < self.max_guests
                 and self._joins(name, other)}
            )  # fmt: skip
            best = sorted(level, key=lambda found: (-round(level[found], 9), sorted(found)))
            for found in best[:ALIKE]:
                if len(self.places.bodies(self.host, found)) > 1:
                    yield level[found], Bundle(self.host, tuple(sorted(found)), self._reasons(found), barred=True)

    def _joins(self, name: str, one: frozenset[str]) -> bool:
        """Whether a service may be added: nothing forbids it, and it is linked to one that moves, or in one building with it now."""
        return not self._never[name] & one and bool(self._linked[name] & one or self._beside[name] & one)

    def _kept(self, sets: Iterable[frozenset[str]]) -> dict[frozenset[str], float]:
        """The best of some sets of one size for which there may be room, with how much there is to say for each."""
        found = {}
        for one in sorted(sets, key=sorted):
            self.seen += 1
            if self.joint.refused(sorted(one), self.host):
                self.refused += 1
            else:
                found[one] = self._value(one)
        order = sorted(found, key=lambda one: (-round(found[one], 9), sorted(one)))
        self.cut += max(len(order) - BEAM, 0)
        return {one: found[one] for one in order[:BEAM]}

    def _value(self, one: frozenset[str]) -> float:
        points = sum(self._points[a][b] for a, b in combinations(one, 2)) + sum(self._here[name] for name in one)
        off = sum(_UNKNOWN * self.by_name[name].unknowns + _GAP * self.by_name[name].gaps for name in one)
        origins = {self.places.at[name] for name in one} - {None}
        emptied = sum(set(self.places.inside.get(str(origin), ())) <= one for origin in origins)
        return points + emptied + 0.5 * len(self.places.bodies(self.host, one)) - off / max(len(one), 1)

    def _reasons(self, one: frozenset[str]) -> tuple[str, ...]:
        """Why these services are looked at together, and with those there."""
        names = sorted(one)
        ties = [
            tie
            for i, a in enumerate(names)
            for b in (*names[i + 1 :], *self.there)
            for tie in self.company.between(a, b)
            if tie.points >= 0
        ]
        ties.sort(key=lambda tie: (-tie.points, tie.says))
        said = [tie.says for tie in ties]
        for name in names:
            if relation := self.places.next_door(self.host, self.places.at[name]):
                service = self.company.rows[name]["name"]
                said.append(f"The site that {service} is on now adjoins it ({relation}).")
        return tuple(dict.fromkeys(said))

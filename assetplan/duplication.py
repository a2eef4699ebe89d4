"""The same function run by different bodies a few minutes apart: whether one building could take in both, and what the other would release.

Nothing here says that two services ought to be one. Whether an interest, a covenant or a rule lets a host take others in is a question of
its own; room is what the folder states, and where nothing is stated it is not known, never none.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from assetplan.grid import BRITISH_GRID
from assetplan.holding import is_estate
from assetplan.land import not_built_on
from assetplan.schema import table
from assetplan.site import UNKNOWN
from assetplan.space.needs import needs_of
from assetplan.space.room import AFTER_WORKS, NOT_KNOWN, NOW, SHORT_NOW, TOO_LITTLE, Rooms
from assetplan.tables import records
from assetplan.text import words
from assetplan.travel.times import Travel
from assetplan.travelling import knows, travel_of
from assetplan.vocabulary import ROOM, SPACES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from assetplan.estate import Estate
    from assetplan.space.needs import Need

MINUTES = 10.0
STREET_M = 250.0
"""Straight distance, in metres, within which two buildings are said to be a short walk apart."""
HALF_USED = 60.0
"""Share in use, in a hundred, up to which a building is told as half empty."""
COLUMNS = tuple(table("duplicates"))
# Where people live; what is no building in which a service is run; land.
_LIVED_IN = re.compile(
    r"\b(care homes?|nursing homes?|child(?:ren)? ?s homes?|homes? for|refuges?|hostels?|sheltered|supported living|extra care|dwellings?|houses?|"
    r"flats?|housing|bungalows?|almshouses?|residential)\b"
)
_NO_SERVICE = re.compile(
    r"\b(car parks?|parking|garages?|land|sites?|ground|farms?|shops?|retail|investment|kiosks?|toilets?|conveniences?|shelters?|"
    r"sub ?stations?|monuments?|memorials?|markets?|other|various|mixed|unknown|vacant|disused|former|leased out|let)\b"
)
_IDLE = {"surplus", "vacant", "disposed"}


@dataclass(frozen=True)
class _Item:
    """A service, or a building that no service names and whose use stands for one."""

    key: str
    function: str
    organisation: str
    body: str
    asset: str
    of_use: bool


def find_duplicates(
    estate: Estate,
    *,
    minutes: float = MINUTES,
    travel: Travel | None = None,
    straight_km: float | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> pd.DataFrame:
    """Services of one function that different bodies run within reach of one another, by the space that joining them would release.

    Parameters
    ----------
    estate
        The estate, as its reader may know it. Show what comes out only where ``estate.released("options")``.
    minutes
        Longest time between two of them, in minutes: the longer of there and back counts.
    travel
        Times of travel; where none are given the estate's own (`assetplan.travel_of`): those of its matrix or over its network by car, and
        as the crow flies, made longer by a factor, where it has neither or they know none of the buildings.
    straight_km
        Instead of a time the longest straight distance, in km.
    progress
        Called now and then with a word and the share that is done, from 0 to 1.

    Returns
    -------
    pandas.DataFrame
        One row a pair with ``service_a < service_b``, columns as ``assetplan columns --table duplicates`` lists them. First those for
        which room is stated now, then after works, then those of which it is not known, then those with too little now, last
        those with too little after works too; among these by the space released, most first. `attrs` hold ``note``, what the times rest
        on, and ``left_out``, what was not compared and why.

    Raises
    ------
    ValueError
        Where a limit is no number above 0, or both `travel` and `straight_km` are given.

    Notes
    -----
    Never compared: services that stay where they are, schools, places where people live, and whatever is in premises not known to be
    public. A building that no service names counts by its use, as its register gives it. Money is told only where a whole building would be
    emptied: all that is in it could go, nobody else holds a part of it, and no more staff are stated there than its services have.

    Examples
    --------
    >>> import assetplan as ap
    >>> found = ap.find_duplicates(ap.read_estate("data/malton"))
    >>> found[["service_a", "service_b", "moves", "host", "room"]].values.tolist()
    [['fire-store', 'rdc-store', 'fire-store', 'rdc:A0023', 'room now']]
    """
    for name, limit in (("minutes", minutes), ("straight_km", straight_km)):
        if limit is not None and not (math.isfinite(limit) and limit > 0):
            raise ValueError(f"{name}: {limit!r} is no number above 0.")
    if travel is not None and straight_km is not None:
        raise ValueError("travel, straight_km: give times or a distance, not both.")
    left_out: list[tuple[str, str]] = []
    groups: dict[str, list[_Item]] = defaultdict(list)
    for item in _items(estate, left_out):
        groups[words_of_function(item.function)].append(item)
    if travel is None and straight_km is None:
        travel = _own_travel(estate, {item.asset for items in groups.values() for item in items})
    buildings = _Buildings(estate)
    rows: list[dict[str, Any]] = []
    for count, (function, items) in enumerate(sorted(groups.items()), 1):
        near = _near(estate, items, minutes, travel, straight_km, left_out)
        pairs = [(a, b, time) for a, b, time in near if _other_body(a, b)]
        first = _first_of_group(pairs)
        for a, b, time in pairs:
            if a.asset == b.asset:
                left_out.append((f"{a.key}, {b.key}", "in one building already"))
                continue
            told = buildings.pair(a, b)
            basis = "straight distance" if travel is None else travel.basis
            rows.append({"function": function, "group": first[a.key], "minutes": time, "basis": basis, **told})
        if progress is not None:
            progress("functions compared", count / len(groups))
    rows.sort(key=_rank)
    for number, row in enumerate(rows, start=1):
        row["rank"] = number
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    note = (
        travel.note
        if travel is not None
        else f"Within {straight_km:g} km in a straight line; rivers and roads are not seen."
    )
    frame.attrs = {"note": note, "left_out": tuple(sorted(set(left_out)))}
    return frame


def words_of_function(text: str) -> str:
    """A function or use as functions are compared: lower case, without what stands in brackets, its last word in the singular.

    Examples
    --------
    >>> words_of_function("Libraries (part)"), words_of_function("Police desk"), words_of_function("Offices")
    ('library', 'police desk', 'office')
    """
    said = words(re.sub(r"\([^)]*\)", " ", text))
    if said.endswith("ies") and len(said) > 5:
        return f"{said[:-3]}y"
    return said[:-1] if said.endswith("s") and not said.endswith(("ss", "us")) and len(said) > 3 else said


def _own_travel(estate: Estate, assets: Iterable[str]) -> Travel:
    """The estate's own times by car; straight lines where it has a matrix that knows none of these buildings."""
    own = travel_of(estate)
    if own.basis != "matrix" or any(knows(own, asset) for asset in assets):
        return own
    straight = Travel.straight()
    return replace(straight, note=f"{straight.note} That is because the folder's times are between other places.")


# ------------------------------------------------------------------------------------------------------- what is compared


def _items(estate: Estate, left_out: list[tuple[str, str]]) -> Iterator[_Item]:
    """Services, then buildings that no service names; what is left out is told with the reason."""
    assets = estate.assets
    rows = dict(zip(map(str, assets.index), records(assets[_OF_ASSETS]), strict=True))
    for row in records(estate.services):
        key, asset = str(row["service_id"]), row["asset_id"]
        held = rows.get(str(asset)) if asset is not None else None
        why = _why_not(row["function"], held)
        if row["fixed"] is True:
            why = "stays where it is"
        elif asset is None:
            why = "which building it is in is not known"
        if why:
            left_out.append((key, why))
        else:
            yield _Item(
                key,
                str(row["function"]),
                str(row["organisation"]),
                words(str(row["body"] or "")),
                str(asset),
                of_use=False,
            )
    named = {str(asset) for asset in estate.services["asset_id"] if asset is not None}
    for asset, held in rows.items():
        if asset in named or not held["use"] or held["status"] in _IDLE or not (held["gia_m2"] or held["nia_m2"]):
            continue
        for use in dict.fromkeys(filter(None, map(words_of_function, str(held["use"]).split(";")))):
            if _why_not(use, held) or _NO_SERVICE.search(use):
                continue
            if held["organisation"] == UNKNOWN:
                left_out.append((asset, "whose building it is is not known"))
            else:
                yield _Item(asset, use, str(held["organisation"]), words(str(held["body"] or "")), asset, of_use=True)


_OF_ASSETS = [
    "organisation", "body", "name", "address", "use", "status", "kind", "ownership", "operator", "location_precision", "gia_m2", "nia_m2",
    "running_cost_gbp_pa", "fte", "empty_percent", "utilisation_percent", "register", "row", "illustrative", "geometry",
]  # fmt: skip


def _why_not(function: str, held: Mapping[str, Any] | None) -> str:
    """Why what is run in a building is not compared; "" where it is."""
    if held is None:
        return ""
    if not is_estate(held["kind"], held["ownership"], held["operator"]):
        return "in premises not known to be public"
    if held["status"] == "disposed":
        return "in a building that is disposed of"
    said = (words(function), words(str(held["use"] or "")))
    if any(map(not_built_on, said)):
        return "a school, church, park or the like"
    if any(_LIVED_IN.search(text) for text in said):
        return "people live there"
    if held["geometry"] is None or held["location_precision"] == "none":
        return "in a building without a place"
    return ""


def _other_body(a: _Item, b: _Item) -> bool:
    return a.organisation != b.organisation or bool(a.body and b.body and a.body != b.body)


def _near(
    estate: Estate,
    items: Sequence[_Item],
    minutes: float,
    travel: Travel | None,
    straight_km: float | None,
    left_out: list[tuple[str, str]],
) -> list[tuple[_Item, _Item, float | None]]:
    """Pairs of one function within reach, each once, with the longer of the two times."""
    if len({(item.organisation, item.body) for item in items}) < 2:
        return []
    by_asset: dict[str, list[_Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item.key):
        by_asset[item.asset].append(item)
    names = sorted(by_asset)
    places = estate.assets.geometry.loc[names].representative_point()
    points = gpd.GeoSeries(places.to_numpy(), index=pd.Index(names, dtype=object), crs=BRITISH_GRID)
    if travel is None:
        close = KDTree(np.column_stack((points.x, points.y))).query_pairs((straight_km or 0.0) * 1_000)
        timed: dict[tuple[str, str], float | None] = {(names[i], names[j]): None for i, j in close}
        timed |= {(name, name): None for name in names}
    else:
        timed = dict(_timed(travel, points, minutes, left_out))
    found = {}
    for (one, other), time in timed.items():
        for a in by_asset[one]:
            for b in by_asset[other]:
                if a.key != b.key:
                    first, second = sorted((a, b), key=lambda item: item.key)
                    found[first.key, second.key] = (first, second, time)
    return [found[key] for key in sorted(found)]


def _timed(
    travel: Travel, points: gpd.GeoSeries, minutes: float, left_out: list[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], float]]:
    """Pairs of buildings with the longer of the times there and back, where that is within reach; each building with itself."""
    whole = (
        travel.basis == "matrix"
    )  # a hole in a matrix is told; over a network what is not within reach is not looked for
    table_of_times = travel.minutes(points, points, max_min=None if whole else minutes)
    there = {
        (str(one), str(other)): float(time)
        for one, other, time in table_of_times[["origin", "destination", "minutes"]].itertuples(index=False, name=None)
        if time == time  # noqa: PLR0124
    }
    names = sorted(map(str, points.index))
    timed = {name for pair in there for name in pair}
    left_out += [(name, "no time to or from it is known") for name in names if name not in timed]
    yield from (((name, name), 0.0) for name in names)
    if whole:
        known = [name for name in names if name in timed]
        left_out += [
            (f"{one}, {other}", "the time between them is not known")
            for i, one in enumerate(known)
            for other in known[i + 1 :]
            if (one, other) not in there or (other, one) not in there
        ]
    for (one, other), time in there.items():
        back = there.get((other, one))
        if one < other and back is not None and max(time, back) <= minutes:
            yield (one, other), max(time, back)


def _first_of_group(pairs: Iterable[tuple[_Item, _Item, float | None]]) -> dict[str, str]:
    """For each of some pairs' services the first of all that hang together with it."""
    graph = nx.Graph((a.key, b.key) for a, b, _ in pairs)
    return {key: min(group) for group in nx.connected_components(graph) for key in group}


# ------------------------------------------------------------------------------------------------------- what a pair would release


class _Buildings:
    """What is in the buildings of an estate, and what moving it would need and release."""

    def __init__(self, estate: Estate) -> None:
        assets = estate.assets
        self.assets = dict(zip(map(str, assets.index), records(assets[_OF_ASSETS]), strict=True))
        self.services = {str(row["service_id"]): row for row in records(estate.services)}
        self.parts: dict[str, list[str]] = defaultdict(list)
        self.inside: dict[str, list[str]] = defaultdict(list)
        for key, row in self.services.items():
            if row["part_of"] is not None:
                self.parts[str(row["part_of"])].append(key)
            if row["asset_id"] is not None:
                self.inside[str(row["asset_id"])].append(key)
        self.rooms = Rooms(estate.capacity)
        self._needed: dict[str, list[Need]] = {}
        self.holders: dict[str, list[str]] = defaultdict(list)
        for subject, holder, interest in zip(
            estate.interests["subject"], estate.interests["holder"], estate.interests["interest"], strict=True
        ):
            if interest not in {"freehold", "option"}:
                self.holders[str(subject)].append(str(holder))
        self.points = dict(zip(map(str, assets.index), assets.geometry, strict=True))

    def pair(self, a: _Item, b: _Item) -> dict[str, Any]:
        """A row for a pair: the better of moving the one and moving the other, and what is to be said of both."""
        ways = sorted((self._way(a, b), self._way(b, a)), key=_better)
        best, other = ways
        apart = self.points[a.asset].distance(self.points[b.asset])
        rows = [row for row in (self.services.get(a.key), self.services.get(b.key)) if row is not None]
        rows += [self.assets[item.asset] for item in (a, b) if item.of_use]
        sources = [row["source"] if "source" in row else f"{row['register']}, line {row['row']}" for row in rows]
        return {
            "service_a": a.key, "service_b": b.key, "organisation_a": a.organisation, "organisation_b": b.organisation,
            "asset_a": a.asset, "asset_b": b.asset, "rests_on": "uses" if a.of_use or b.of_use else "services",
            "straight_m": round(float(apart), 1), **best, "other_room": other["room"], "other_why": other["room_why"],
            "note": self._note(a, b, apart),
            "source": "; ".join(dict.fromkeys([*(str(source or "source not stated") for source in sources), *best["sources"], *other["sources"]])),
            "illustrative": any(row["illustrative"] is True for row in rows) or best["marked"] or other["marked"],
        }  # fmt: skip

    def _way(self, moving: _Item, host: _Item) -> dict[str, Any]:
        need = self._needs([moving.key])
        answer = self.rooms.fit_together(need, host.asset)
        empties, empties_why = self._empties(moving, host)
        building = self.assets[moving.asset]
        area, basis = building["gia_m2"], "GIA of the building"
        if area is None:
            area, basis = building["nia_m2"], "NIA of the building"
        cost = building["running_cost_gbp_pa"]
        if empties != "yes":
            area, basis, cost = self._area(moving), "space in part of a building", None
        return {
            "moves": moving.key, "host": host.asset, "room": answer.room, "room_why": answer.why, "empties": empties, "empties_why": empties_why,
            "releasable_m2": area, "releasable_basis": basis if area is not None else None, "running_cost_gbp_pa": cost,
            "sources": answer.sources, "marked": answer.illustrative,
        }  # fmt: skip

    def _needs(self, services: Iterable[str]) -> list[Need]:
        out: list[Need] = []
        for key in services:
            if key not in self._needed:
                self._needed[key] = needs_of(
                    self.services.get(key), [self.services[p] for p in self.parts.get(key, ())]
                )
            out += self._needed[key]
        return out

    def _area(self, moving: _Item) -> float | None:
        row = self.services.get(moving.key)
        if row is None:
            return None
        known = [need.amount for need in self._needs([moving.key]) if need.kind in SPACES and need.amount is not None]
        return row["area_m2"] if row["area_m2"] is not None else sum(known) if known else None

    def _empties(self, moving: _Item, host: _Item) -> tuple[str, str]:
        """Whether the move would leave a whole building empty, and why or why not."""
        inside = self.inside.get(moving.asset, [])
        rest = sorted(key for key in inside if key != moving.key and key not in self._below(moving.key))
        own = {moving.organisation, str(self.assets[moving.asset]["organisation"])}
        others = sorted({holder for holder in self.holders.get(moving.asset, ()) if holder not in own})
        if others:
            return "no", "part of a building: others have a lease or licence there"
        if any(self.services[key]["fixed"] is True for key in rest):
            return "no", "part of a building: a service there stays where it is"
        if rest:
            top = [key for key in inside if self.services[key]["part_of"] not in inside]
            together = self.rooms.fit_together(self._needs(top), host.asset)
            if together.room == TOO_LITTLE:
                return "no", f"part of a building: there is not room for all that is in it ({together.why})"
            if together.room in {NOT_KNOWN, SHORT_NOW}:
                return (
                    "not known",
                    f"part of a building: whether all that is in it could go is not known ({together.why})",
                )
        staff = self.assets[moving.asset]["fte"]
        listed = [self.services[key]["fte"] for key in inside if self.services[key]["part_of"] not in inside]
        if staff is not None and inside and (None in listed or staff > sum(listed) + 0.5):
            counted = "not all known" if None in listed else f"{sum(listed):g}"
            return "not known", f"the register has {staff:g} FTE there, its services {counted}: others may work there"
        use = self.assets[moving.asset]["use"]
        called = f" (its register calls it: {use})" if use else ""
        return "yes", f"{'all that is listed there could go' if rest else 'nothing else is listed there'}{called}"

    def _below(self, service: str) -> set[str]:
        found: set[str] = set()
        for part in self.parts.get(service, ()):
            found |= {part, *self._below(part)}
        return found

    def _note(self, a: _Item, b: _Item, apart: float) -> str | None:
        said = [f"a short walk apart ({apart:.0f} m)"] if apart <= STREET_M else []
        for item in (a, b):
            row = self.assets[item.asset]
            used = row["utilisation_percent"]
            if used is None and row["empty_percent"] is not None:
                used = 100.0 - row["empty_percent"]
            if used is not None and used <= HALF_USED:
                said.append(f"{row['name'] or item.asset} is used to {used:g}%, as its register measures it")
        return "; ".join(said) or None


_KNOWN = {NOW, AFTER_WORKS}


def _size(way: Mapping[str, Any]) -> float:
    return -1.0 if way["releasable_m2"] is None else float(way["releasable_m2"])


def _better(way: Mapping[str, Any]) -> tuple[int, int, float, str]:
    """Of two ways the one with room; then the one that empties a building. Where room is known the one that releases more, else less."""
    size = _size(way)
    most_first = -size if way["room"] in _KNOWN else size if size >= 0 else math.inf
    return ROOM.index(way["room"]), way["empties"] != "yes", most_first, way["moves"]


def _rank(row: Mapping[str, Any]) -> tuple[int, float, float, str, str]:
    apart = row["straight_m"] if row["minutes"] is None else row["minutes"]
    return ROOM.index(row["room"]), -_size(row), apart, row["service_a"], row["service_b"]

"""Whose land is: the tables an estate's sites are formed from, as look-ups, and who holds what in a group of their rows.

Assets and parcels that make up a site are its members, written ``a:`` and ``p:`` before their identifiers.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from assetplan.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

UNKNOWN = "unknown"

_ASSET_COLUMNS = (
    "organisation", "register", "row", "kind", "reference", "site_reference", "name", "address", "body", "use", "status",
    "decided_by", "tenure", "ownership", "operator", "holder_status", "title_no", "uprn", "gia_m2", "shown", "illustrative",
    "location_precision", "parcels", "join_reason", "geometry",
)  # fmt: skip


def is_estate(kind: str, ownership: str | None, operator: str | None = None) -> bool:
    """Whether a row of a register of that kind is public estate rather than context.

    An ownership register lists what its publisher holds. Planning registers and service lists name land that may be private:
    their rows count only where the row itself says that the land is publicly owned, or a public body runs what is there.
    """
    held = kind == "ownership" or (kind == "service list" and operator == "public")
    return ownership == "public" or (held and ownership != "private")


@dataclass(frozen=True, eq=False)
class Known:
    """The tables as look-ups by identifier, which is how the site rule goes through them."""

    assets: Mapping[str, Mapping[str, Any]]
    land: Mapping[str, Mapping[str, Any]]
    facts: Mapping[str, Sequence[Mapping[str, Any]]]
    held: Mapping[str, Sequence[tuple[str, str]]]
    named: frozenset[str]
    organisations: Mapping[str, str]
    by_name: Mapping[str, str]


def look_ups(
    assets: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    facts: pd.DataFrame,
    interests: pd.DataFrame,
    constraints: gpd.GeoDataFrame,
    organisations: Mapping[str, str],
    named: Iterable[str],
) -> Known:
    """The tables of an estate as look-ups; `named` are parcels that an override names."""
    said: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for fact in facts[facts["in_force"].astype(bool)].to_dict("records"):
        said[str(fact["subject"])].append(fact)
    held: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subject, holder, interest in zip(interests["subject"], interests["holder"], interests["interest"], strict=True):
        held[str(subject)].append((str(holder), str(interest)))
    every = {str(subject) for frame in (facts, interests, constraints) for subject in frame["subject"].dropna()}
    by_name: dict[str, str] = {}
    for key, name in organisations.items():
        by_name.setdefault(words(name), key)
    return Known(
        _by_id(assets, [name for name in _ASSET_COLUMNS if name in assets]),
        _by_id(land, list(land.columns)),
        said,
        held,
        frozenset({*every, *named}),
        organisations,
        by_name,
    )


def _by_id(frame: gpd.GeoDataFrame, columns: list[str]) -> dict[str, dict[str, Any]]:
    rows = zip(*(frame[name].to_numpy().tolist() for name in columns), strict=True)
    return {str(key): dict(zip(columns, row, strict=True)) for key, row in zip(frame.index, rows, strict=True)}


@dataclass(frozen=True)
class Holding:
    """Whose a group is: one organisation or unknown, a freeholder from outside, who else is there, and rival claimants."""

    owner: str
    freeholder: str | None
    occupiers: tuple[str, ...]
    claimants: tuple[str, ...]


def holding_of(known: Known, members: Sequence[str]) -> Holding:
    """Whose a group of members is.

    The holder of the freehold by interests.csv, else the one ownership register that lists it as freehold, else the only
    lister, else the only public body that runs what is there. Two claimants at the same step leave it unknown.
    """
    rows = [known.assets[item[2:]] for item in members if item.startswith("a:")]
    listed = [
        (str(row["organisation"]), row["tenure"])
        for row in rows
        if row["kind"] == "ownership" and row["organisation"] != UNKNOWN
    ]
    runs = {str(row["organisation"]) for row in rows if row["operator"] == "public"} - {UNKNOWN}
    freeholders: set[str] = set()
    others: set[str] = set()
    for item in members:
        for holder, interest in known.held.get(item[2:], ()):
            (freeholders if interest == "freehold" else others).add(_holder(known, holder))
    listers = {organisation for organisation, _ in listed} or runs
    claimants = freeholders or {organisation for organisation, tenure in listed if tenure == "freehold"} or listers
    if len(claimants) == 1:
        (owner,) = claimants
        occupiers = tuple(sorted(listers | others))
        if owner in known.organisations:
            return Holding(owner, None, occupiers, ())
        return Holding(UNKNOWN, owner, occupiers, ())
    return Holding(UNKNOWN, None, tuple(sorted(listers | others | claimants)), tuple(sorted(claimants)))


def _holder(known: Known, holder: str) -> str:
    """The identifier of an organisation named by identifier or name; any other holder as named."""
    return holder if holder in known.organisations else known.by_name.get(words(holder), holder)


def shape_of(known: Known, members: Sequence[str]) -> tuple[Any, str]:
    """The best shape of a group and what it rests on: polygons before points before postcodes."""
    polygons: list[Any] = []
    points: list[Any] = []
    postcodes: list[Any] = []
    for item in members:
        if item.startswith("p:"):
            shape = known.land[item[2:]]["geometry"]
            if shape is not None:
                polygons.append(shape)
            continue
        row = known.assets[item[2:]]
        shape, precision = row["geometry"], row["location_precision"]
        if shape is not None:
            {"polygon": polygons, "point": points, "postcode": postcodes}[precision].append(shape)
    for shapes, precision in ((polygons, "polygon"), (points, "point"), (postcodes, "postcode")):
        if shapes:
            return (shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)), precision
    return None, "none"

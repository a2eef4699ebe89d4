"""An estate by wards, parishes or other areas: what lies in each, by organisation, and everything about one of them.

Areas of one kind are taken as parts of the ground of which nothing counts twice. What a list of members names belongs there; else a
building belongs to the area that covers its point. A point on a border, or in several areas of the kind, belongs to the first of them by
identifier. Hectares alone are parted by the shapes, and are called notional where a border runs through a site.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from rapidfuzz import fuzz, process, utils

from assetplan.errors import SubjectError
from assetplan.estate import sites as sites_of
from assetplan.holding import is_estate
from assetplan.leases import MONTHS, Places, lease_events
from assetplan.schema import table
from assetplan.site import UNKNOWN
from assetplan.text import clean, visible
from assetplan.vocabulary import AREA_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from assetplan.estate import Estate

    _Counter = Callable[[Iterable[Any], str], dict[str, Any]]

IN_NONE = "in no area"
NOT_PLACED = "place not known"
COLUMNS = tuple(table("localities"))
FIGURES = ("gia_m2", "fte", "running_cost_gbp_pa", "backlog_gbp")
_OUTSIDE, _NOT_PLACED = -1, -2
_NAMED = 12  # of the areas there are, how many an error names
_COUNTED = (
    "sites", "sites_with_area", "assets", *(f"{name}_known" for name in FIGURES), "context", "services", "interests", "lease_events",
    "constraints", "capacity", "facts", "demand", "people_known",
)  # fmt: skip
_SUMMED = ("area_ha", *FIGURES, "people")
_SLIVER = 1e-6  # of a site: less than this of it beyond a border is no part


def by_area(estate: Estate, *, kind: str = "ward", months: int = MONTHS) -> pd.DataFrame:
    """An estate rolled up by the areas of one kind and by organisation.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    kind
        Kind of area, such as ``ward``: kinds are never mixed.
    months
        How many months ahead lease events count, from the estate's ``as_of``; where it has none they are not known.

    Returns
    -------
    pandas.DataFrame
        One row for each area and organisation with anything there, and one for each area with no organisation, which holds its people;
        columns as ``assetplan columns --table localities`` lists them. After the areas come rows for what lies in none of them and for
        what has no place, so that every column adds up to the whole estate. `attrs` hold ``in_several``, the assets, sites and places
        that lie in more than one area of the kind.

    Raises
    ------
    SubjectError
        Where this reader knows no area of the kind.
    ValueError
        Where there is no such kind of area.

    Notes
    -----
    Figures of buildings are whole: none is shared out. Beside each stands of how many assets it is known; blank figures are not known and
    add nothing. A constraint counts once for each site it reaches, and once by its own place where it reaches none.

    Examples
    --------
    >>> import assetplan as ap
    >>> wards = ap.by_area(ap.read_estate("data/malton").for_audience("public"))
    >>> wards.groupby("area", sort=False)["sites"].sum().to_dict()["Malton"]
    17
    """
    ground = _Ground.of(estate, kind)
    parts = [*_of_sites(estate, ground), *_of_assets(estate, ground), *_of_subjects(estate, ground, months)]
    every = pd.concat(
        [frame for part in parts if len(frame := pd.DataFrame(part))] or [pd.DataFrame({"code": []})], ignore_index=True
    )
    every["organisation"] = every["organisation"].astype(object) if "organisation" in every else None
    for name in (*_COUNTED, *_SUMMED, "notional"):
        every[name] = every[name].astype(float) if name in every else np.nan
    keys = [every["code"].astype(int), every["organisation"].where(every["organisation"].notna(), "")]
    summed = every[list(_SUMMED)].groupby(keys).sum(min_count=1)
    counted = every[list(_COUNTED)].groupby(keys).sum()
    notional = every["notional"].groupby(keys).max().fillna(0).astype(bool)
    lone = [(code, "") for code in range(len(ground.ids)) if (code, "") not in summed.index]
    index = pd.MultiIndex.from_tuples([*summed.index, *lone], names=["code", "organisation"])
    order = sorted(index, key=lambda key: (key[0] if key[0] >= 0 else len(ground.ids) - key[0], key[1] == "", key[1]))
    counts = counted.reindex(order, fill_value=0).astype(np.int64)
    out = pd.concat([summed.reindex(order), counts], axis=1)
    out["notional"] = notional.reindex(order, fill_value=False).to_numpy()
    codes = [code for code, _ in order]
    out["area_id"] = pd.Series(
        [ground.ids[code] if code >= 0 else None for code in codes], index=out.index, dtype=object
    )
    out["area"] = [ground.name(code) for code in codes]
    out["kind"] = kind
    out["organisation"] = pd.Series([organisation or None for _, organisation in order], index=out.index, dtype=object)
    if estate.as_of is None:
        out["lease_events"] = pd.Series([None] * len(out), index=out.index, dtype=object)
    out = out.reset_index(drop=True)[list(COLUMNS)]
    out.attrs = {"in_several": ground.in_several(), "kind": kind}
    return out


def area_extract(estate: Estate, area_id: str, *, months: int = MONTHS) -> dict[str, pd.DataFrame]:
    """Everything about one area: the rows of each table that belong to it.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    area_id
        Identifier of the area.
    months
        As for `by_area`.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``assets, services, interests, lease_events, capacity, facts, demand``: what `by_area` counts there, of all organisations.
        ``sites``: every site of which some part lies there, with ``share_inside`` from 0 to 1 and ``counted_here``. ``constraints``:
        those that reach one of these sites, name something in the area, or whose shape comes into it. All have the columns of the
        estate's own tables.

    Raises
    ------
    SubjectError
        Where this reader knows no such area.

    Examples
    --------
    >>> import assetplan as ap
    >>> parts = ap.area_extract(ap.read_estate("data/malton").for_audience("public"), "old-malton-road")
    >>> len(parts["sites"]), len(parts["assets"])
    (6, 7)
    """
    row = estate.areas[estate.areas["area_id"] == area_id]
    if row.empty:
        known = ", ".join(sorted(map(visible, map(str, estate.areas["area_id"])))) or "none"
        raise SubjectError(f"There is no area {visible(str(area_id))!r} here. The areas are: {known}.")
    ground = _Ground.of(estate, str(row["kind"].iloc[0]))
    code = ground.ids.index(area_id)
    sites = sites_of(estate)
    inside = {site: share for site, at, share, _ in ground.shares(sites) if at == code}
    own = ground.sites(sites) == code
    some = own | np.array([str(site) in inside for site in sites.index], dtype=bool)
    shares = [inside.get(str(site), 0.0) for site in sites.index[some]]
    touched = sites[some].assign(share_inside=shares, counted_here=own[some])
    at_subject = ground.subjects(estate)

    def of_subject(frame: pd.DataFrame, column: str) -> pd.DataFrame:
        return frame[
            np.array([at_subject.get(str(subject), _NOT_PLACED) == code for subject in frame[column]], dtype=bool)
        ]

    events = lease_events(estate, months=months) if estate.as_of is not None else None
    return {
        "sites": touched,
        "assets": estate.assets[ground.assets(estate) == code],
        "services": of_subject(estate.services, "asset_id"),
        "interests": of_subject(estate.interests, "subject"),
        **({} if events is None else {"lease_events": of_subject(events, "subject")}),
        "constraints": _constraints_of(
            estate, touched, of_subject(estate.constraints, "subject"), row.geometry.iloc[0]
        ),
        "capacity": of_subject(estate.capacity, "subject"),
        "facts": of_subject(estate.facts, "subject"),
        "demand": estate.demand[ground.demand(estate) == code],
    }


def area_called(estate: Estate, wanted: str) -> str:
    """The identifier of the one area of that identifier or name, whatever its capitals.

    Raises
    ------
    SubjectError
        Where this reader knows none, or several of that name.
    """
    known = dict(zip(map(str, estate.areas["area_id"]), map(str, estate.areas["name"]), strict=True))
    found = (
        [wanted] if wanted in known else [key for key, name in known.items() if name.casefold() == wanted.casefold()]
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise SubjectError(
            f"Several areas are called {visible(wanted)!r}: {', '.join(map(visible, found))}. Say which."
        )
    near = process.extract(
        clean(wanted),
        [*known.values(), *known],
        scorer=fuzz.token_set_ratio,
        processor=utils.default_process,
        limit=2,
        score_cutoff=60,
    )
    if near:
        raise SubjectError(
            f"There is no area {visible(wanted)!r} here. Did you mean {' or '.join(visible(str(name)) for name, *_ in near)}?"
        )
    names = sorted(map(visible, known.values()))
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    raise SubjectError(
        f"There is no area {visible(wanted)!r} here. The areas are: {', '.join(names[:_NAMED]) or 'none'}{more}."
    )


def kinds_of(estate: Estate) -> list[str]:
    """The kinds of area an estate has, in the order of the vocabulary."""
    there = set(estate.areas["kind"])
    return [kind for kind in AREA_KINDS if kind in there]


# ------------------------------------------------------------------------------------------------------- where things are


@dataclass(frozen=True, eq=False)
class _Ground:
    """The areas of one kind, counted from 0 in order of their identifiers; -1 is none of them, -2 that the place is not known."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    shapes: NDArray[np.object_]
    members: Mapping[str, int]
    repeated: frozenset[str]
    several: set[str]

    @classmethod
    def of(cls, estate: Estate, kind: str) -> _Ground:
        if kind not in AREA_KINDS:
            raise ValueError(f"kind: {visible(str(kind))!r} is no kind of area; it is one of {', '.join(AREA_KINDS)}.")
        frame = estate.areas[estate.areas["kind"] == kind].sort_values("area_id", kind="stable")
        if frame.empty:
            known = ", ".join(kinds_of(estate)) or "there are no areas; put an areas.geojson into the estate folder"
            raise SubjectError(f"{estate.name}: there is no area of the kind {kind} here. Kinds here: {known}.")
        members: dict[str, int] = {}
        repeated = set()
        for code, named in enumerate(frame["members"]):
            for member in named:
                repeated |= {str(member)} if members.setdefault(str(member), code) != code else set()
        names = tuple(str(name) for name in frame["name"])
        return cls(
            tuple(map(str, frame["area_id"])), names, frame.geometry.to_numpy(), members, frozenset(repeated), set()
        )

    def name(self, code: int) -> str:
        return self.names[code] if code >= 0 else IN_NONE if code == _OUTSIDE else NOT_PLACED

    def in_several(self) -> tuple[str, ...]:
        return tuple(sorted(self.several | set(self.repeated)))

    def at(self, points: Iterable[Any], keys: Iterable[str]) -> NDArray[np.intp]:
        """The area each point is in, the first of several; a shape counts by a point in it."""
        shapes = np.array(list(points), dtype=object)
        spots = shapely.point_on_surface(shapes)
        drawn = np.array([shape is not None for shape in self.shapes], dtype=bool)
        # Where areas are lists of members, whatever they do not name is in none of them, wherever it is.
        known = ~(shapely.is_missing(spots) | shapely.is_empty(spots)) | (not drawn.any())
        out = np.where(known, _OUTSIDE, _NOT_PLACED).astype(np.intp)
        at, area = shapely.STRtree(self.shapes).query(spots, predicate="intersects")
        first = np.full(len(out), len(self.ids), dtype=np.intp)
        np.minimum.at(first, at, area)
        names = list(keys)
        self.several.update(names[i] for i in np.flatnonzero(np.bincount(at, minlength=len(out)) > 1))
        return np.where(first < len(self.ids), first, out)

    def assets(self, estate: Estate) -> NDArray[np.intp]:
        """The area of each asset: one that names it or a parcel it stands on, else one that covers its point."""
        frame = estate.assets
        codes = self.at(frame.geometry, map(str, frame.index))
        for i, (asset, parcels) in enumerate(zip(frame.index, frame["parcels"], strict=True)):
            codes[i] = self._member((str(asset), *map(str, parcels)), codes[i])
        return codes

    def sites(self, sites: gpd.GeoDataFrame) -> NDArray[np.intp]:
        """The area of each site: one that names something of it, else one that covers a point inside it."""
        codes = self.at(sites.geometry, map(str, sites.index))
        for i, (assets, parcels) in enumerate(zip(sites["assets"], sites["parcels"], strict=True)):
            codes[i] = self._member((*map(str, assets), *map(str, parcels)), codes[i])
        return codes

    def demand(self, estate: Estate) -> NDArray[np.intp]:
        """The area of each place that people start from."""
        keys = [str(key) for key in estate.demand["demand_id"]]
        codes = self.at(estate.demand.geometry, keys)
        return np.array([self._member((key,), code) for key, code in zip(keys, codes, strict=True)], dtype=np.intp)

    def subjects(self, estate: Estate) -> dict[str, int]:
        """The area of each asset, and of each parcel: that of its site, else its own."""
        land = estate.land
        at_land = self.at(land.geometry, map(str, land.index))
        out = {str(key): int(self._member((str(key),), code)) for key, code in zip(land.index, at_land, strict=True)}
        sites = sites_of(estate)
        for parcels, code in zip(sites["parcels"], self.sites(sites), strict=True):
            out |= {str(parcel): int(code) for parcel in parcels}
        return out | {str(key): int(code) for key, code in zip(estate.assets.index, self.assets(estate), strict=True)}

    def _member(self, keys: Iterable[str], otherwise: int) -> int:
        found = [self.members[key] for key in keys if key in self.members]
        return min(found) if found else int(otherwise)

    def shares(self, sites: gpd.GeoDataFrame) -> list[tuple[str, int, float, bool]]:
        """For each site the areas it lies in, the share of it in each, and whether that is a part: together they make 1."""
        codes = self.sites(sites)
        zones = self._zones()
        tree = shapely.STRtree(zones)
        out = []
        for site, shape, code, assets, parcels in zip(
            sites.index, sites.geometry, codes, sites["assets"], sites["parcels"], strict=True
        ):
            named = any(str(key) in self.members for key in (*assets, *parcels))
            if named or shape is None or shapely.area(shape) == 0:
                out.append((str(site), int(code), 1.0, False))
                continue
            whole = shapely.area(shape)
            reached = sorted(tree.query(shape, predicate="intersects"))
            parts = {
                int(area): float(shapely.area(shapely.intersection(zones[area], shape))) / whole for area in reached
            }
            parts[_OUTSIDE] = max(0.0, 1.0 - sum(parts.values()))
            parts = {area: share for area, share in parts.items() if share > _SLIVER} or {int(code): 1.0}
            all_of_it = sum(parts.values())
            out += [(str(site), area, share / all_of_it, len(parts) > 1) for area, share in parts.items()]
        return out

    def _zones(self) -> NDArray[np.object_]:
        """The shapes without what an earlier one has already, so that no ground is in two."""
        zones = self.shapes.copy()
        tree = shapely.STRtree(self.shapes)
        for code, shape in enumerate(self.shapes):
            if shape is None:
                continue
            earlier = [other for other in tree.query(shape, predicate="intersects") if other < code]
            overlapping = [
                self.shapes[o] for o in earlier if shapely.area(shapely.intersection(self.shapes[o], shape)) > 0
            ]
            if overlapping:
                zones[code] = shapely.difference(shape, shapely.union_all(overlapping))
        return zones


# ------------------------------------------------------------------------------------------------------- what is counted

_Part = dict[str, Any]


def _of_sites(estate: Estate, ground: _Ground) -> list[_Part]:
    sites = sites_of(estate)
    owner = dict(zip(map(str, sites.index), sites["organisation"], strict=True))
    hectares = dict(zip(map(str, sites.index), sites["area_ha"], strict=True))
    shares = [row for row in ground.shares(sites) if pd.notna(hectares[row[0]])]
    codes = ground.sites(sites)
    by_site = dict(zip(map(str, sites.index), codes, strict=True))
    links = [
        (site, key) for site, keys in zip(map(str, sites.index), sites["constraints"], strict=True) for key in keys
    ]
    return [
        {
            "code": codes,
            "organisation": list(sites["organisation"]),
            "sites": 1,
            "sites_with_area": sites["area_ha"].notna().astype(int),
        },
        {
            "code": [code for _, code, _, _ in shares],
            "organisation": [owner[site] for site, _, _, _ in shares],
            "area_ha": [share * float(hectares[site]) for site, _, share, _ in shares],
            "notional": [split for _, _, _, split in shares],
        },
        {
            "code": [by_site[site] for site, _ in links],
            "organisation": [owner[site] for site, _ in links],
            "constraints": 1,
        },
    ]


def _of_assets(estate: Estate, ground: _Ground) -> list[_Part]:
    frame, codes = estate.assets, ground.assets(estate)
    own = np.array(
        [is_estate(*row) for row in zip(frame["kind"], frame["ownership"], frame["operator"], strict=True)], dtype=bool
    )
    figures: _Part = {"code": codes[own], "organisation": list(frame["organisation"][own]), "assets": 1}
    for name in FIGURES:
        values = frame[name][own].astype(float).to_numpy()
        figures |= {name: values, f"{name}_known": (~np.isnan(values)).astype(int)}
    people = estate.demand["population"].astype(float).to_numpy()
    return [
        figures,
        {"code": codes[~own], "organisation": list(frame["organisation"][~own]), "context": 1},
        {
            "code": ground.demand(estate),
            "organisation": None,
            "demand": 1,
            "people": people,
            "people_known": (~np.isnan(people)).astype(int),
        },
    ]


def _of_subjects(estate: Estate, ground: _Ground, months: int) -> list[_Part]:
    """Rows that speak of an asset or parcel, where that is; facts about an organisation or the whole estate are in no area."""
    at_subject, place = ground.subjects(estate), Places(estate)

    def counted(subjects: Iterable[Any], name: str) -> _Part:
        keys = [str(subject) for subject in subjects]
        codes = [at_subject.get(key, _NOT_PLACED) for key in keys]
        return {"code": codes, "organisation": [place.organisation(key) or UNKNOWN for key in keys], name: 1}

    services = estate.services
    at_service = [
        _NOT_PLACED if asset is None else at_subject.get(str(asset), _NOT_PLACED) for asset in services["asset_id"]
    ]
    parts = [
        {"code": at_service, "organisation": list(services["organisation"]), "services": 1},
        counted(estate.interests["subject"], "interests"),
        counted(estate.capacity["subject"], "capacity"),
        *_facts(estate, counted),
        *_constraints_without_site(estate, ground, counted),
    ]
    if estate.as_of is not None:
        parts.append(counted(lease_events(estate, months=months)["subject"], "lease_events"))
    return parts


def _facts(estate: Estate, counted: _Counter) -> list[_Part]:
    kinds = estate.facts["subject_kind"]
    wide = kinds.isin(("organisation", "estate"))
    of_bodies = [
        str(subject) if kind == "organisation" and subject is not None else None
        for kind, subject in zip(kinds[wide], estate.facts["subject"][wide], strict=True)
    ]
    return [
        counted(estate.facts["subject"][~wide], "facts"),
        {"code": [_OUTSIDE] * len(of_bodies), "organisation": of_bodies, "facts": 1},
    ]


def _constraints_without_site(estate: Estate, ground: _Ground, counted: _Counter) -> list[_Part]:
    reached = {key for keys in sites_of(estate)["constraints"] for key in keys}
    frame = estate.constraints[~estate.constraints["constraint_id"].isin(reached)]
    named = frame["subject"].notna()
    drawn = frame[~named]
    codes = ground.at(drawn.geometry, map(str, drawn["constraint_id"]))
    return [
        counted(frame["subject"][named], "constraints"),
        {"code": codes, "organisation": None, "constraints": 1},
    ]


def _constraints_of(estate: Estate, sites: gpd.GeoDataFrame, named: pd.DataFrame, shape: Any) -> gpd.GeoDataFrame:
    frame = estate.constraints
    wanted: dict[str, set[str]] = defaultdict(set)
    wanted["sites"] = {str(key) for keys in sites["constraints"] for key in keys}
    wanted["named"] = set(map(str, named["constraint_id"]))
    if shape is not None:
        inside = shapely.intersects(frame.geometry.to_numpy(), shape)
        wanted["shape"] = set(map(str, frame["constraint_id"][inside]))
    return frame[frame["constraint_id"].isin(set().union(*wanted.values()))]

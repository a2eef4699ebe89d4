"""The site rule: which assets and parcels are one site, whose it is, and why.

A site is land of one owner on which one or more assets stand. Assets and parcels belong together when they share a site
reference, a title, a parcel or a UPRN, when a fact says so, or when the smaller overlaps the larger by half or more in one
ownership. Touching alone never merges: two schools of one county side by side are two sites, and an issue suggests the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetplan.grid import BRITISH_GRID
from assetplan.issues import Issue
from assetplan.schema import STATUSES, table
from assetplan.tables import settled
from assetplan.text import digest, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

UNKNOWN = "unknown"
TOUCH_TOLERANCE_M = 0.05
SITE_COLUMNS = tuple(name for name in table("sites") if name != "site_id")
_FILE = "sites"


@dataclass(eq=False)
class _Groups:
    """Disjoint groups of nodes, with pairs that may never share one, and the reason of each union."""

    apart: list[tuple[str, str]]
    parent: dict[str, str] = field(default_factory=dict)
    reasons: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)

    def find(self, node: str) -> str:
        root = node
        while self.parent.setdefault(root, root) != root:
            root = self.parent[root]
        while self.parent[node] != root:
            self.parent[node], node = root, self.parent[node]
        return root

    def join(self, a: str, b: str, reason: str) -> bool:
        """Make one group of two, unless a fact keeps any of their members apart; whether they are one now."""
        one, other = self.find(a), self.find(b)
        if one == other:
            return True
        for c, d in self.apart:
            if {self.find(c), self.find(d)} == {one, other}:
                self.refused.append((c, d, reason))
                return False
        self.parent[max(one, other)] = min(one, other)
        self.reasons.append((a, reason))
        return True


@dataclass(frozen=True, eq=False)
class _Tables:
    """The tables as look-ups by identifier, which is how the rule goes through them."""

    assets: Mapping[str, Mapping[str, Any]]
    land: Mapping[str, Mapping[str, Any]]
    facts: Mapping[str, Sequence[Mapping[str, Any]]]
    held: Mapping[str, Sequence[tuple[str, str]]]
    named: frozenset[str]
    organisations: Mapping[str, str]


def _look_ups(
    assets: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    facts: pd.DataFrame,
    interests: pd.DataFrame,
    constraints: gpd.GeoDataFrame,
    organisations: Mapping[str, str],
) -> _Tables:
    said: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for fact in facts[facts["in_force"].astype(bool)].to_dict("records"):
        said[str(fact["subject"])].append(fact)
    held: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subject, holder, interest in zip(interests["subject"], interests["holder"], interests["interest"], strict=True):
        held[str(subject)].append((str(holder), str(interest)))
    named = {str(subject) for frame in (facts, interests, constraints) for subject in frame["subject"].dropna()}
    named |= {str(fact["typed"]) for fact in facts.to_dict("records") if fact["field"] == "same_as"}
    return _Tables(
        dict(zip(map(str, assets.index), assets.to_dict("records"), strict=True)),
        dict(zip(map(str, land.index), land.to_dict("records"), strict=True)),
        said,
        held,
        frozenset(named),
        organisations,
    )


def form_sites(
    assets: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    facts: pd.DataFrame,
    interests: pd.DataFrame,
    constraints: gpd.GeoDataFrame,
    organisations: Mapping[str, str],
) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Sites of an estate's tables, and the issues met on the way.

    Parameters
    ----------
    assets, land
        Indexed by ``asset_id`` and ``parcel_id``, in EPSG:27700.
    facts, interests, constraints
        Typed tables of the estate.
    organisations
        Identifier to name.

    Returns
    -------
    tuple
        GeoDataFrame indexed by ``site_id`` in EPSG:27700, in the order of its identifiers, and a list of issues.
    """
    tables = _look_ups(assets, land, facts, interests, constraints, organisations)
    issues: list[Issue] = []
    groups = _merge(tables, issues)
    records = [_site(tables, members, reasons, issues) for members, reasons in groups]
    frame = pd.DataFrame(records, columns=["site_id", *SITE_COLUMNS, "geometry"], dtype=object)
    frame["site_id"] = _unique_ids(records)
    frame = frame.sort_values("site_id", kind="stable").set_index("site_id")
    sites = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(frame["geometry"], crs=BRITISH_GRID), crs=BRITISH_GRID)
    for name in ("easting", "northing", "area_ha"):
        sites[name] = pd.to_numeric(sites[name])
    _reach(sites, constraints)
    issues += _touching(sites)
    return sites[[*SITE_COLUMNS, "geometry"]], issues


def is_estate(kind: str, ownership: str | None, operator: str | None = None) -> bool:
    """Whether a row of a register of that kind is public estate rather than context.

    An ownership register lists what its publisher holds. Planning registers and service lists name land that may be private:
    their rows count only where the row itself says that the land is publicly owned, or a public body runs what is there.
    """
    held = kind == "ownership" or (kind == "service list" and operator == "public")
    return ownership == "public" or (held and ownership != "private")


# ------------------------------------------------------------------------------------------------------- which belong together


def _merge(tables: _Tables, issues: list[Issue]) -> list[tuple[list[str], list[str]]]:
    """Groups of assets ("a:...") and parcels ("p:...") that are one site each, with the reasons."""
    assets, land = tables.assets, tables.land
    asset_ids = [asset for asset, row in assets.items() if is_estate(row["kind"], row["ownership"], row["operator"])]
    claimed = {parcel for asset in asset_ids for parcel in assets[asset]["parcels"]}
    parcels = [parcel for parcel in land if parcel in claimed or parcel in tables.named]
    node = {**{asset: f"a:{asset}" for asset in asset_ids}, **{parcel: f"p:{parcel}" for parcel in parcels}}

    def said(name: str) -> list[tuple[str, str]]:
        pairs = [
            (node.get(subject), node.get(str(fact["typed"])))
            for subject, facts in tables.facts.items()
            for fact in facts
            if fact["field"] == name
        ]
        return sorted({(min(a, b), max(a, b)) for a, b in pairs if a and b and a != b})

    groups = _Groups(apart=said("not_same_as"))
    for item in node.values():
        groups.find(item)
    for a, b in said("same_as"):
        groups.join(a, b, "a fact says they are one site")
    keys: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for asset in asset_ids:
        row = assets[asset]
        for rank, (name, label) in enumerate(
            (("site_reference", "site reference"), ("title_no", "title"), ("uprn", "UPRN"))
        ):
            if row[name]:
                key = f"{row['organisation']} {row[name]}" if name == "site_reference" else str(row[name])
                keys[rank, label, key].append(node[asset])
        for parcel in row["parcels"]:
            keys[3, "parcel", parcel].append(node[asset])
            if parcel in node:
                keys[3, "parcel", parcel].append(node[parcel])
    for parcel in parcels:
        if title := land[parcel]["title_no"]:
            keys[1, "title", str(title)].append(node[parcel])
    for (_, label, key), members in sorted(keys.items()):
        ordered = sorted(set(members))
        reason = f"share {label} {key}" if label != "parcel" else f"stand on parcel {key}"
        for place, other in enumerate(ordered[1:], start=1):
            any(groups.join(earlier, other, reason) for earlier in ordered[:place])
    _merge_overlaps(tables, groups, list(node.values()))
    for a, b, reason in sorted(set(groups.refused)):
        issues.append(
            Issue(
                _FILE,
                f"{a[2:]}; {b[2:]}",
                "not_same_as",
                "kept-apart",
                "",
                f"kept apart by a fact although assets and parcels {reason}",
                "Kept apart. Check that the fact is meant.",
            )
        )
    members_of: dict[str, list[str]] = defaultdict(list)
    for item in sorted(node.values()):
        members_of[groups.find(item)].append(item)
    reasons_of: dict[str, set[str]] = defaultdict(set)
    for item, reason in groups.reasons:
        reasons_of[groups.find(item)].add(reason)
    return [(members, sorted(reasons_of[root])) for root, members in sorted(members_of.items())]


def _shape(tables: _Tables, members: Sequence[str]) -> tuple[Any, str]:
    """The best shape of a group and what it rests on: polygons before points before postcodes."""
    polygons: list[Any] = []
    points: list[Any] = []
    postcodes: list[Any] = []
    for item in members:
        if item.startswith("p:"):
            shape = tables.land[item[2:]]["geometry"]
            if shape is not None:
                polygons.append(shape)
            continue
        row = tables.assets[item[2:]]
        shape, precision = row["geometry"], row["location_precision"]
        if shape is not None:
            {"polygon": polygons, "point": points, "postcode": postcodes}[precision].append(shape)
    for shapes, precision in ((polygons, "polygon"), (points, "point"), (postcodes, "postcode")):
        if shapes:
            return (shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)), precision
    return None, "none"


def _merge_overlaps(tables: _Tables, groups: _Groups, nodes: list[str]) -> None:
    """Merge groups of one owner of which the smaller lies by half or more in the larger, until none is left."""
    while True:
        members: dict[str, list[str]] = defaultdict(list)
        for item in sorted(nodes):
            members[groups.find(item)].append(item)
        roots, shapes, owners = [], [], []
        for root, items in sorted(members.items()):
            shape, precision = _shape(tables, items)
            owner = _holding(tables, items).owner
            if precision == "polygon" and owner != UNKNOWN:
                roots.append(root)
                shapes.append(shape)
                owners.append(owner)
        if len(roots) < 2:
            return
        drawn = np.array(shapes, dtype=object)
        left, right = shapely.STRtree(drawn).query(drawn, predicate="intersects")
        pairs = [(i, j) for i, j in zip(left.tolist(), right.tolist(), strict=True) if i < j and owners[i] == owners[j]]
        if not pairs:
            return
        one, other = drawn[[i for i, _ in pairs]], drawn[[j for _, j in pairs]]
        shared = shapely.area(shapely.intersection(one, other))
        half = shared >= 0.5 * np.minimum(shapely.area(one), shapely.area(other))
        before = len(groups.reasons)
        for (i, j), merge in zip(pairs, half & (shared > 0), strict=True):
            if merge:
                groups.join(roots[i], roots[j], "overlap by half or more of the smaller")
        if len(groups.reasons) == before:
            return


# ------------------------------------------------------------------------------------------------------- whose


@dataclass(frozen=True)
class _Holding:
    """Whose a group is: one organisation or unknown, a freeholder from outside, who else is there, and rival claimants."""

    owner: str
    freeholder: str | None
    occupiers: tuple[str, ...]
    claimants: tuple[str, ...]


def _holding(tables: _Tables, members: Sequence[str]) -> _Holding:
    rows = [tables.assets[item[2:]] for item in members if item.startswith("a:")]
    listed = [
        (str(row["organisation"]), row["tenure"])
        for row in rows
        if row["kind"] == "ownership" and row["organisation"] != UNKNOWN
    ]
    runs = {str(row["organisation"]) for row in rows if row["operator"] == "public"} - {UNKNOWN}
    freeholders: set[str] = set()
    others: set[str] = set()
    for item in members:
        for holder, interest in tables.held.get(item[2:], ()):
            (freeholders if interest == "freehold" else others).add(_holder(tables, holder))
    listers = {organisation for organisation, _ in listed} or runs
    claimants = freeholders or {organisation for organisation, tenure in listed if tenure == "freehold"} or listers
    if len(claimants) == 1:
        (owner,) = claimants
        occupiers = tuple(sorted(listers | others))
        if owner in tables.organisations:
            return _Holding(owner, None, occupiers, ())
        return _Holding(UNKNOWN, owner, occupiers, ())
    return _Holding(UNKNOWN, None, tuple(sorted(listers | others | claimants)), tuple(sorted(claimants)))


def _holder(tables: _Tables, holder: str) -> str:
    """The identifier of an organisation named by identifier or name; any other holder as named."""
    if holder in tables.organisations:
        return holder
    low = words(holder)
    return next((key for key, name in tables.organisations.items() if words(name) == low), holder)


# ------------------------------------------------------------------------------------------------------- one site


def _site(tables: _Tables, members: list[str], reasons: list[str], issues: list[Issue]) -> dict[str, Any]:
    asset_ids = [item[2:] for item in members if item.startswith("a:")]
    parcels = [item[2:] for item in members if item.startswith("p:")]
    rows = [tables.assets[asset] for asset in asset_ids]
    holding = _holding(tables, members)
    shape, precision = _shape(tables, members)
    facts = [fact for item in members for fact in tables.facts.get(item[2:], ())]

    def values(name: str) -> set[str]:
        """What a fact about the site as a whole says of a column, else what its assets say."""
        fact = settled(facts, name)
        if fact is not None:
            return set() if fact["typed"] is None else {str(fact["typed"])}
        return {str(row[name]) for row in rows if row[name]}

    lands = [tables.land[parcel] for parcel in parcels]
    titles = sorted({str(row["title_no"]) for row in (*rows, *lands) if row["title_no"]})
    references = sorted({str(row["site_reference"]) for row in rows if row["site_reference"]})
    statuses = sorted(values("status"), key=STATUSES.index)
    status = statuses[0] if statuses else None
    decided = (
        values("decided_by")
        if settled(facts, "status")
        else {str(row["decided_by"]) for row in rows if row["decided_by"] and row["status"] == status}
    )
    owned = values("ownership")
    held = any(row["kind"] == "ownership" for row in rows) or any(tables.held.get(item[2:]) for item in members)
    public = (holding.owner != UNKNOWN and held) or "public" in owned
    ownership = "private" if "private" in owned else "public" if public else "unknown"
    inner = shapely.point_on_surface(shape) if shape is not None else None
    key = (
        references[:1] or titles[:1] or sorted(parcels)[:1] or sorted(asset.split(":", 1)[1] for asset in asset_ids)[:1]
    )
    record = {
        "site_id": f"{holding.owner}:{key[0]}",
        "organisation": holding.owner,
        "freeholder": holding.freeholder,
        "claimants": holding.claimants,
        "occupiers": holding.occupiers,
        "name": min(values("name"), default=None) if settled(facts, "name") else _name(rows, lands, parcels),
        "body": "; ".join(sorted(values("body"))) or None,
        "use": "; ".join(sorted(values("use"))) or None,
        "status": status,
        "decided_by": "; ".join(sorted(decided)) or None,
        "holder_status": "to confirm" if "to confirm" in values("holder_status") else None,
        "ownership": ownership,
        "developable": True,
        "easting": round(float(inner.x), 2) if inner is not None else None,
        "northing": round(float(inner.y), 2) if inner is not None else None,
        "area_ha": round(float(shape.area) / 10_000, 4) if precision == "polygon" else None,
        "precision": precision,
        "assets": tuple(sorted(asset_ids)),
        "parcels": tuple(sorted(parcels)),
        "titles": tuple(titles),
        "constraints": (),
        "shown": tuple(dict.fromkeys(pair for row in rows for pair in row["shown"])),
        "reason": _reason(asset_ids, parcels, reasons),
        "illustrative": any(row["illustrative"] for row in rows)
        or any(tables.land[parcel]["illustrative"] is True for parcel in parcels),
        "geometry": shape,
    }
    if holding.claimants:
        issues.append(
            Issue(
                _FILE,
                record["site_id"],
                "organisation",
                "two-claimants",
                "; ".join(holding.claimants),
                f"{len(holding.claimants)} organisations claim this site",
                "Held as unknown. Add the freehold to interests.csv.",
            )
        )
    return record


def _name(rows: list[Mapping[str, Any]], lands: list[Mapping[str, Any]], parcels: list[str]) -> str | None:
    """The name of the largest named asset, else an address, a reference, or what the land is called."""
    for column in ("name", "address", "reference"):
        named = [(-(row["gia_m2"] or 0.0), str(row[column])) for row in rows if row[column]]
        if named:
            return min(named)[1]
    return min((str(land["name"]) for land in lands if land["name"]), default=parcels[0] if parcels else None)


def _reason(assets: list[str], parcels: list[str], reasons: list[str]) -> str:
    if len(assets) + len(parcels) == 1:
        return "one asset by itself" if assets else "a parcel that no register claims, named by a statement"
    return "; ".join(reasons)


def _unique_ids(records: list[dict[str, Any]]) -> list[str]:
    """Site identifiers, a site that shares its with another named by what is its own: parcel, smallest asset, then a hash."""
    ids = [str(record["site_id"]) for record in records]
    for rank in range(3):
        times = Counter(ids)
        if len(times) == len(ids):
            break
        for i, record in enumerate(records):
            own = _own_keys(record)[rank]
            if times[ids[i]] > 1 and own:
                ids[i] = f"{record['organisation']}:{own}"
    return ids


def _own_keys(record: Mapping[str, Any]) -> tuple[str, str, str]:
    """What a site can be named by when its first name is taken."""
    members = (*record["assets"], *record["parcels"])
    return (
        record["parcels"][0] if record["parcels"] else "",
        record["assets"][0].split(":", 1)[1] if record["assets"] else "",
        digest("\x1f".join(members)),
    )


# ------------------------------------------------------------------------------------------------------- what reaches them


def _reach(sites: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame) -> None:
    """Fill in `constraints` and `developable`: constraints that name a site's asset or parcel, or whose shape reaches it."""
    if constraints.empty or sites.empty:
        return
    site_of = {
        member: site
        for site, assets, parcels in zip(sites.index, sites["assets"], sites["parcels"], strict=True)
        for member in (*assets, *parcels)
    }
    reached: dict[str, set[str]] = defaultdict(set)
    locked: set[str] = set()
    shapes: NDArray[np.object_] = sites.geometry.to_numpy()
    for row in constraints.itertuples(index=False):
        if row.subject:
            hit = [site_of[row.subject]] if row.subject in site_of else []
        elif row.geometry is not None:
            met = shapely.intersection(shapes, row.geometry)
            met[(sites["precision"] == "postcode").to_numpy()] = (
                None  # a postcode's centre says nothing of what reaches the site
            )
            area = shapely.area(shapes)
            hit = list(
                sites.index[
                    np.where(
                        area > 0, shapely.area(met) > 0.01 * area, ~shapely.is_missing(met) & ~shapely.is_empty(met)
                    )
                ]
            )
        else:
            hit = []
        for site in hit:
            reached[site].add(str(row.constraint_id))
            if row.kind == "lock" and row.state == "yes":
                locked.add(site)
    sites["constraints"] = pd.Series(
        [tuple(sorted(reached[site])) for site in sites.index], index=sites.index, dtype=object
    )
    sites["developable"] = pd.Series([site not in locked for site in sites.index], index=sites.index, dtype=object)


def _touching(sites: gpd.GeoDataFrame) -> list[Issue]:
    """An issue for each two sites of one owner that touch: perhaps one site, but touching alone does not say so."""
    drawn = sites[(sites["precision"] == "polygon") & (sites["organisation"] != UNKNOWN)]
    shapes = drawn.geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCH_TOLERANCE_M)
    owners = drawn["organisation"].to_numpy()
    pairs = sorted(
        (str(drawn.index[i]), str(drawn.index[j]))
        for i, j in zip(left, right, strict=True)
        if i < j and owners[i] == owners[j]
    )
    return [
        Issue(
            _FILE,
            f"{a}; {b}",
            "",
            "touching-one-owner",
            "",
            "two sites of one owner touch",
            "Kept as two sites. If they are one, say so with a same_as row in facts.csv.",
        )
        for a, b in pairs
    ]

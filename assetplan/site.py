"""The site rule: which assets and parcels are one site, whose it is, and why.

A site is land of one owner on which one or more assets stand. Assets and parcels belong together when they share a site
reference, a title, a parcel or a UPRN, when a fact says so, or when the smaller overlaps the larger by half or more in one
ownership; a point that lies inside its owner's land is on that site (`assetplan.merging`). Touching alone never merges: two schools
of one county side by side are two sites, and an issue suggests the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetplan.grid import BRITISH_GRID
from assetplan.holding import UNKNOWN, holding_of, is_estate, look_ups, shape_of
from assetplan.issues import Issue
from assetplan.merging import members_of, merge
from assetplan.outlines import TOUCH_TOLERANCE_M, site_issues
from assetplan.overrides import without_site
from assetplan.schema import table
from assetplan.tables import settled
from assetplan.text import digest
from assetplan.vocabulary import STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.holding import Known
    from assetplan.merging import Merged
    from assetplan.overrides import Override

__all__ = ["SITE_COLUMNS", "TOUCH_TOLERANCE_M", "UNKNOWN", "form_sites", "is_estate"]

SITE_COLUMNS = tuple(name for name in table("sites") if name != "site_id")
_FILE = "sites"


def form_sites(
    assets: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    facts: pd.DataFrame,
    interests: pd.DataFrame,
    constraints: gpd.GeoDataFrame,
    organisations: Mapping[str, str],
    overrides: Sequence[Override] = (),
    facts_file: str = "facts.csv",
) -> tuple[gpd.GeoDataFrame, Merged, list[Issue]]:
    """Sites of an estate's tables, why each is one, and the issues met on the way.

    Parameters
    ----------
    assets, land
        Indexed by ``asset_id`` and ``parcel_id``, in EPSG:27700.
    facts, interests, constraints
        Typed tables of the estate.
    organisations
        Identifier to name.
    overrides
        What facts say of sites, as `assetplan.overrides.overrides_of` brings it to assets and parcels.
    facts_file
        What the table of facts is called.

    Returns
    -------
    tuple
        GeoDataFrame indexed by ``site_id`` in EPSG:27700, in the order of its identifiers; the groups it was formed from with
        the links between their members; and a list of issues.
    """
    spoken = {
        item[2:] for override in overrides if override.field == "same_as" for item in (*override.one, *override.other)
    }
    known = look_ups(assets, land, facts, interests, constraints, organisations, spoken)
    issues = without_site(list(overrides), set(members_of(known)), facts_file)
    merged = merge(known, overrides)
    issues += [
        Issue(
            _FILE,
            f"{refusal.apart.one[2:]}; {refusal.apart.other[2:]}",
            "not_same_as",
            "kept-apart",
            "",
            f"kept apart by {refusal.apart.said} although assets and parcels {refusal.link.reason}: "
            f"{refusal.link.member[2:]} is not joined to {refusal.link.other[2:]} by it",
            "Kept apart. Check that the fact is meant.",
        )
        for refusal in merged.refused
    ]
    records = [
        _site(known, members, sorted({link.reason for link in links}), issues)
        for members, links in zip(merged.groups, merged.links, strict=True)
    ]
    frame = pd.DataFrame(records, columns=["site_id", *SITE_COLUMNS, "geometry"], dtype=object)
    frame["site_id"] = _unique_ids(records)
    frame = frame.sort_values("site_id", kind="stable").set_index("site_id")
    sites = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(frame["geometry"], crs=BRITISH_GRID), crs=BRITISH_GRID)
    _measure(sites)
    _reach(sites, constraints)
    issues += site_issues(sites)
    return sites[[*SITE_COLUMNS, "geometry"]], merged, issues


# ------------------------------------------------------------------------------------------------------- one site


def _site(known: Known, members: Sequence[str], reasons: list[str], issues: list[Issue]) -> dict[str, Any]:
    asset_ids = [item[2:] for item in members if item.startswith("a:")]
    parcels = [item[2:] for item in members if item.startswith("p:")]
    rows = [known.assets[asset] for asset in asset_ids]
    holding = holding_of(known, members)
    shape, precision = shape_of(known, members)
    facts = [fact for item in members for fact in known.facts.get(item[2:], ())]

    def values(name: str) -> set[str]:
        """What a fact about the site as a whole says of a column, else what its assets say."""
        fact = settled(facts, name) if facts else None
        if fact is not None:
            return set() if fact["typed"] is None else {str(fact["typed"])}
        return {str(row[name]) for row in rows if row[name]}

    lands = [known.land[parcel] for parcel in parcels]
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
    held = any(row["kind"] == "ownership" for row in rows) or any(known.held.get(item[2:]) for item in members)
    public = (holding.owner != UNKNOWN and held) or "public" in owned
    ownership = "private" if "private" in owned else "public" if public else "unknown"
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
        "easting": None,
        "northing": None,
        "area_ha": None,
        "precision": precision,
        "assets": tuple(sorted(asset_ids)),
        "parcels": tuple(sorted(parcels)),
        "titles": tuple(titles),
        "constraints": (),
        "shown": tuple(dict.fromkeys(pair for row in rows for pair in row["shown"])),
        "reason": _reason(asset_ids, parcels, reasons),
        "illustrative": any(row["illustrative"] for row in rows)
        or any(known.land[parcel]["illustrative"] is True for parcel in parcels),
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


# ------------------------------------------------------------------------------------------------------- where they lie


def _measure(sites: gpd.GeoDataFrame) -> None:
    """Fill in a point inside each site and the area of its polygon."""
    shapes = sites.geometry.to_numpy()
    inner = shapely.point_on_surface(shapes)
    sites["easting"] = np.round(shapely.get_x(inner), 2)
    sites["northing"] = np.round(shapely.get_y(inner), 2)
    area = np.round(shapely.area(shapes) / 10_000, 4)
    sites["area_ha"] = np.where((sites["precision"] == "polygon").to_numpy(), area, np.nan)


def _reach(sites: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame) -> None:
    """Fill in `constraints` and `developable`: constraints that name a site's asset or parcel, or whose shape reaches it.

    A shape reaches a polygon of which it covers more than a hundredth, and a point that lies in it; of a postcode, whose centre
    says nothing of what reaches the site, nothing.
    """
    if constraints.empty or sites.empty:
        return
    site_of = {
        member: site
        for site, assets, parcels in zip(sites.index, sites["assets"], sites["parcels"], strict=True)
        for member in (*assets, *parcels)
    }
    reached: dict[str, set[str]] = defaultdict(set)
    locked: set[str] = set()
    shapes: NDArray[np.object_] = sites.geometry.to_numpy().copy()
    shapes[(sites["precision"] == "postcode").to_numpy()] = None
    area = shapely.area(shapes)
    tree = shapely.STRtree(shapes)
    for row in constraints.itertuples(index=False):
        if row.subject:
            hit = [site_of[row.subject]] if row.subject in site_of else []
        elif row.geometry is not None:
            at = tree.query(row.geometry, predicate="intersects")
            met = shapely.area(shapely.intersection(shapes[at], row.geometry))
            hit = list(sites.index[at[(area[at] == 0) | (met > 0.01 * area[at])]])
        else:
            hit = []
        for site in hit:
            reached[site].add(str(row.constraint_id))
            if row.kind == "lock" and row.state == "yes":
                locked.add(site)
    sites["constraints"] = pd.Series(
        [tuple(sorted(reached.get(site, ()))) for site in sites.index], index=sites.index, dtype=object
    )
    sites["developable"] = pd.Series([site not in locked for site in sites.index], index=sites.index, dtype=object)

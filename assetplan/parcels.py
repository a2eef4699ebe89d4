"""Which parcels each asset stands on, and why.

What a register says goes before where things lie: the parcel it names, then its title, then its UPRN. Where none of these finds a
parcel, an outline stands on each parcel that holds `HALF` of it or more, so that a wall drawn some centimetres over a boundary makes
no difference; else an asset stands on the parcels in which its point lies. An outline that covers half or more of a parcel stands
on it too, unless another organisation's asset stands there or covers it as well: a large outline is no claim to land that somebody
else lists. Slivers are left out of all that goes by place (`assetplan.outlines`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from assetplan.issues import Issue
from assetplan.merging import HALF
from assetplan.outlines import are_slivers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

_HOLDS = "half or more of its outline lies in the parcel"
_COVERS = "its outline covers half or more of the parcel"
_POINT = "its point lies in the parcel"


def join_land(assets: pd.DataFrame, land: gpd.GeoDataFrame, issues: list[Issue]) -> None:
    """Write into `assets` the parcels each stands on and why, and a place for those that have none but their parcel's.

    Parameters
    ----------
    assets
        With ``asset_id`` and shapes in EPSG:27700; `parcels`, `join_reason` and the columns of its place are written.
    land
        Parcels with ``parcel_id`` in EPSG:27700.
    issues
        Takes an issue for each parcel named that is not there.
    """
    if land.empty or assets.empty:
        return
    by_id = {str(parcel): i for i, parcel in enumerate(land["parcel_id"])}
    by_title: dict[str, list[int]] = defaultdict(list)
    by_uprn: dict[str, list[int]] = defaultdict(list)
    for i, (title, uprn) in enumerate(zip(land["title_no"], land["uprn"], strict=True)):
        if title:
            by_title[title].append(i)
        if uprn:
            by_uprn[uprn].append(i)
    wanted = assets["parcel_id"].tolist()
    keys = zip(wanted, assets["title_no"], assets["uprn"], strict=True)
    stands: list[tuple[list[int], str]] = []
    for parcel, title, uprn in keys:
        if parcel in by_id:
            stands.append(([by_id[parcel]], f"parcel {parcel} named for it"))
        elif title in by_title:
            stands.append((by_title[title], f"title {title}"))
        elif uprn in by_uprn:
            stands.append((by_uprn[uprn], f"UPRN {uprn}"))
        else:
            stands.append(([], ""))
    for i, parcel in enumerate(wanted):
        if parcel and parcel not in by_id:
            issues.append(
                Issue(
                    str(assets["register"].iat[i]),
                    str(assets["row"].iat[i]),
                    "parcel_id",
                    "unknown-parcel",
                    str(parcel),
                    "there is no such parcel",
                    "Joined by the next best means. Correct the parcel.",
                )
            )
    _by_place(assets, land.geometry.to_numpy(), stands)
    names = land["parcel_id"].astype(str).to_numpy()
    joined = [(tuple(sorted(names[found].tolist())), reason or None) for found, reason in stands]
    assets["parcels"] = pd.Series([parcels for parcels, _ in joined], index=assets.index, dtype=object)
    assets["join_reason"] = pd.Series([reason for _, reason in joined], index=assets.index, dtype=object)
    _placed_by_land(assets, land.geometry.to_numpy(), stands)


def _by_place(assets: pd.DataFrame, shapes: NDArray[np.object_], stands: list[tuple[list[int], str]]) -> None:
    """Find the parcels of assets that no name, title or UPRN finds, by their outline, else by a point in them."""
    geometry = assets["geometry"].to_numpy()
    precision = assets["location_precision"].to_numpy()
    free = np.array([not found for found, _ in stands], dtype=bool)
    ground = shapes.copy()
    ground[are_slivers(shapes)] = None
    tree = shapely.STRtree(ground)
    drawn = np.flatnonzero(free & (precision == "polygon"))
    i, j = tree.query(geometry[drawn], predicate="intersects")
    i = drawn[i]
    shared = shapely.area(shapely.intersection(geometry[i], ground[j]))
    within = (shared > 0) & (shared >= HALF * shapely.area(geometry[i]))
    covered = (shared > 0) & (shared >= HALF * shapely.area(ground[j]))
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for asset, parcel in zip(i[within].tolist(), j[within].tolist(), strict=True):
        found[asset][parcel] = _HOLDS
    placed = np.flatnonzero(free & np.isin(precision, ("point", "polygon")))
    placed = placed[[asset not in found for asset in placed.tolist()]]
    for at, parcel in tree.query(shapely.point_on_surface(geometry[placed]), predicate="intersects").T.tolist():
        found[int(placed[at])][parcel] = _POINT
    owner = assets["organisation"].tolist()
    on: dict[int, set[str]] = defaultdict(set)
    for asset, (parcels, _) in enumerate(stands):
        for parcel in (*parcels, *found.get(asset, ())):
            on[parcel].add(owner[asset])
    over = list(zip(i[covered].tolist(), j[covered].tolist(), strict=True))
    for asset, parcel in over:
        on[parcel].add(owner[asset])
    for asset, parcel in over:
        if on[parcel] == {owner[asset]}:
            found[asset].setdefault(parcel, _COVERS)
    for asset, reasons in found.items():
        stands[asset] = (sorted(reasons), "; ".join(sorted(set(reasons.values()), reverse=True)))


def _placed_by_land(assets: pd.DataFrame, shapes: NDArray[np.object_], stands: list[tuple[list[int], str]]) -> None:
    """Give assets placed by a postcode, or not at all, the outline of the parcels they stand on."""
    loose = assets["location_precision"].isin(["postcode", "none"]).to_numpy()
    at = [i for i in np.flatnonzero(loose).tolist() if stands[i][0]]
    if not at:
        return
    new = np.array(
        [shapes[stands[i][0][0]] if len(stands[i][0]) == 1 else shapely.union_all(shapes[stands[i][0]]) for i in at],
        dtype=object,
    )
    inner = shapely.point_on_surface(new)
    values: Mapping[str, list[object]] = {
        "geometry": list(new),
        "easting": shapely.get_x(inner).tolist(),
        "northing": shapely.get_y(inner).tolist(),
        "location_precision": ["polygon"] * len(at),
        "placed_by": [f"its parcel: {stands[i][1]}" for i in at],
    }
    for name, given in values.items():
        column = assets[name].to_numpy(dtype=object).copy()
        for place, value in zip(at, given, strict=True):
            column[place] = value
        assets[name] = pd.Series(column, index=assets.index, dtype=object)

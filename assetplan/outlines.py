"""What is odd about outlines of land as they are really drawn, and the tolerances by which it is told.

Outlines are never changed here. Land of a cadastre is digitised to about half a metre, so that parcels which share a boundary on
the ground overlap, leave hairs between them, or leave slivers. What that means for sites:

- a **gap** of at most `TOUCH_TOLERANCE_M` counts as none: parts of one site so close are one part. The hair belongs to nobody and
  is added to no area;
- an **overlap** of two sites of one owner by less than half of the smaller stays two sites, and is told from `OVERLAP_M2` on;
- outlines that are the **same** to a millimetre are one site where one body owns them, and told where not;
- a **sliver** is a parcel of less than `SLIVER_M2`, or narrower on average than `SLIVER_WIDTH_M`. It is kept and told. An asset is
  on it only if its register names the parcel, its title or its UPRN: a point says nothing on land narrower than its own error;
- a site of which a part lies farther than `SCATTERED_M` from the rest is told, with the reason why it is one site.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import shapely

from assetplan.holding import UNKNOWN
from assetplan.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

TOUCH_TOLERANCE_M = 0.05
SLIVER_M2 = 1.0
SLIVER_WIDTH_M = 0.5
OVERLAP_M2 = 1.0
SCATTERED_M = 250.0
_SAME_TO_DIGITS = 3  # of a metre
_FILE = "sites"


def are_slivers(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which outlines are slivers: smaller than `SLIVER_M2`, or on average narrower than `SLIVER_WIDTH_M`.

    The average width of an outline is twice its area over its perimeter, which for a long strip is the width of the strip.

    Examples
    --------
    >>> import numpy, shapely
    >>> are_slivers(numpy.array([shapely.box(0, 0, 100, 0.4), shapely.box(0, 0, 100, 2)])).tolist()
    [True, False]
    """
    area = shapely.area(shapes)
    perimeter = shapely.length(shapes)
    width = np.divide(2 * area, perimeter, out=np.zeros(len(shapes)), where=perimeter > 0)
    return ~shapely.is_missing(shapes) & ((area < SLIVER_M2) | (width < SLIVER_WIDTH_M))


def land_issues(land: gpd.GeoDataFrame, site_of: Mapping[str, str], file: str) -> list[Issue]:
    """Slivers among parcels, and parcels of one outline that are not all on sites.

    Parameters
    ----------
    land
        Parcels by identifier, in EPSG:27700.
    site_of
        The site of each parcel that is on one.
    file
        What the table of parcels is called.
    """
    shapes = land.geometry.to_numpy()
    thin = are_slivers(shapes)
    out = [
        Issue(
            file,
            str(land.index[i]),
            "geometry",
            "sliver",
            f"{shapely.area(shapes[i]):.2f} m2",
            f"the parcel is smaller than {SLIVER_M2:g} m2 or on average narrower than {SLIVER_WIDTH_M:g} m",
            "Kept. An asset is on it only if its register names the parcel, its title or its UPRN.",
        )
        for i in np.flatnonzero(thin)
    ]
    for group in _alike(shapes):
        parcels = [str(land.index[i]) for i in group]
        if all(parcel in site_of for parcel in parcels):
            continue  # the sites are told, or are one
        out.append(
            Issue(
                file,
                "; ".join(parcels),
                "geometry",
                "same-outline",
                "",
                f"{len(parcels)} parcels have the same outline",
                "Kept. Remove the one too many, or say what each is: titles of one building lie above one another.",
            )
        )
    return out


def site_issues(sites: gpd.GeoDataFrame) -> list[Issue]:
    """Sites of one owner that touch or overlap, sites of one outline, and sites that lie scattered."""
    return [*_touching(sites), *_same_outline(sites), *_scattered(sites)]


def _touching(sites: gpd.GeoDataFrame) -> list[Issue]:
    """Each two sites of one owner that touch, or overlap by less than half: perhaps one site, perhaps drawn amiss."""
    drawn = sites[((sites["precision"] == "polygon") & (sites["organisation"] != UNKNOWN)).to_numpy(dtype=bool)]
    shapes = drawn.geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCH_TOLERANCE_M)
    owners = drawn["organisation"].to_numpy()
    keep = (left < right) & (owners[left] == owners[right])
    left, right = left[keep], right[keep]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    smaller = np.minimum(shapely.area(shapes[left]), shapely.area(shapes[right]))
    out = []
    for i, j, common, least in sorted(
        zip(left.tolist(), right.tolist(), shared.tolist(), smaller.tolist(), strict=True)
    ):
        where = f"{drawn.index[i]}; {drawn.index[j]}"
        if common < OVERLAP_M2:
            out.append(
                Issue(
                    _FILE,
                    where,
                    "",
                    "touching-one-owner",
                    "",
                    "two sites of one owner touch",
                    "Kept as two sites. If they are one, say so with a same_as row in facts.csv.",
                )
            )
            continue
        share = "less than 1%" if common < 0.01 * least else f"{common / least:.0%}"
        out.append(
            Issue(
                _FILE,
                where,
                "",
                "overlap-one-owner",
                f"{common:,.0f} m2",
                f"two sites of one owner overlap by {common:,.0f} m2, {share} of the smaller",
                "Kept as two sites. If they are one, say so with a same_as row in facts.csv; if not, draw one of them again.",
            )
        )
    return out


def _same_outline(sites: gpd.GeoDataFrame) -> list[Issue]:
    drawn = sites[(sites["precision"] == "polygon").to_numpy(dtype=bool)]
    return [
        Issue(
            _FILE,
            "; ".join(str(drawn.index[i]) for i in group),
            "geometry",
            "same-outline",
            "",
            f"{len(group)} sites have the same outline, and nothing says that one body owns them",
            "Kept as overlapping sites. Add the freehold to interests.csv, or a same_as row to facts.csv.",
        )
        for group in _alike(drawn.geometry.to_numpy())
    ]


def _alike(shapes: NDArray[np.object_]) -> list[list[int]]:
    """Groups of outlines that are the same once their coordinates are rounded to a millimetre, wherever their rings begin."""
    rounded = shapely.normalize(shapely.transform(shapes, lambda xy: np.round(xy, _SAME_TO_DIGITS)))
    groups: dict[bytes, list[int]] = defaultdict(list)
    for i, key in enumerate(shapely.to_wkb(rounded)):
        if key is not None:
            groups[key].append(i)
    return [group for group in groups.values() if len(group) > 1]


def _scattered(sites: gpd.GeoDataFrame) -> list[Issue]:
    """Each site of which a part lies farther from the rest than `SCATTERED_M`."""
    shapes = sites.geometry.to_numpy()
    placed = sites["precision"].isin(["polygon", "point"]).to_numpy()
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        wide = np.hypot(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) > SCATTERED_M
    out = []
    for i in np.flatnonzero(placed & wide & (shapely.get_num_geometries(shapes) > 1)).tolist():
        places = _brought_together(shapely.get_parts(shapes[i]), SCATTERED_M)
        if len(places) < 2:
            continue
        _, apart = shapely.STRtree(places).query_nearest(
            places, exclusive=True, all_matches=False, return_distance=True
        )
        far = f"{float(apart.max()):,.0f} m"
        out.append(
            Issue(
                _FILE,
                str(sites.index[i]),
                "geometry",
                "scattered-site",
                far,
                f"the site lies in {len(places)} places, one of them {far} from the rest; it is one because its assets and parcels "
                f"{sites['reason'].iloc[i]}",
                "Kept as one site. Correct what they share, or say they are several with not_same_as rows in facts.csv.",
            )
        )
    return out


def _brought_together(parts: NDArray[np.object_], distance: float) -> NDArray[np.object_]:
    """Parts in groups, each with those within a distance of one of its own."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(parts)))
    graph.add_edges_from(shapely.STRtree(parts).query(parts, predicate="dwithin", distance=distance).T.tolist())
    groups = sorted(sorted(group) for group in nx.connected_components(graph))
    return np.array([shapely.geometrycollections(parts[group]) for group in groups], dtype=object)

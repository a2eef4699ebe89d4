"""Points taken to a network: the node at which each joins it, how far off, and what is to be told of those that do not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetplan.grid import BRITISH_GRID
from assetplan.issues import Issue
from assetplan.text import counted
from assetplan.travel.osm import named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assetplan.travel.network import Network

    Floats = NDArray[np.float64]

Points: TypeAlias = "gpd.GeoSeries | gpd.GeoDataFrame"
SNAP_M = 500.0
DIGITS = 9  # of a minute: so that 20 links of 0.1 minutes are 2 minutes, and no rounding error more


def snap(network: Network, points: Points, *, max_m: float = SNAP_M) -> pd.DataFrame:
    """The node of a network at which each point joins it.

    Parameters
    ----------
    network
        The network.
    points
        Points by identifier, in EPSG:27700; of another shape a point within it is taken.
    max_m
        Longest gap, in metres.

    Returns
    -------
    pandas.DataFrame
        In the order of the points, with their index: `node`, the place of the node in the network, -1 where there is none within
        reach or the point has no place; `gap_m`, the distance to it in metres, or to the nearest node where that is too far, NaN
        where there is none; `component` of the node, -1 where there is none; `passed`, whether a nearer node was passed over because
        it is on a scrap of the network that is cut off (less than 1 km of links). A point that lies by a larger part that is
        cut off joins that part: beyond a river without a bridge no time is known, and none is made up. No journey begins on a
        motorway. What lies in the gap is not looked at: it may be water.

    Raises
    ------
    TypeError, ValueError
        Where the points are no frame or series of shapes in EPSG:27700, identifiers repeat, or the distance is none.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from assetplan.travel.network import network_of
    >>> lane = shapely.LineString([(0, 0), (80, 0)])
    >>> network = network_of(geopandas.GeoDataFrame({"kind": ["road"]}, geometry=[lane], crs=27700))
    >>> homes = geopandas.GeoSeries([shapely.Point(70, 30), shapely.Point(5000, 0)], index=["near", "far"], crs=27700)
    >>> snap(network, homes)["node"].to_dict()
    {'near': 1, 'far': -1}
    """
    node, gap, passed = nodes_of(network, points, max_m)
    component = np.full(len(node), -1, dtype=np.int64)
    component[node >= 0] = network.component[node[node >= 0]]
    return pd.DataFrame({"node": node, "gap_m": gap, "component": component, "passed": passed}, index=points.index)


def nodes_of(network: Network, points: Points, max_m: float) -> tuple[NDArray[np.intp], Floats, NDArray[np.bool_]]:
    """The node of each point, the gap to it in metres, and whether a scrap was passed over: what `snap` tells, as arrays."""
    if not (math.isfinite(max_m) and max_m >= 0):
        raise ValueError(f"max_m: {max_m!r} is no distance of 0 m or more.")
    places = places_of(points, "points")
    node = np.full(len(places), -1, dtype=np.intp)
    gap = np.full(len(places), np.nan)
    passed = np.zeros(len(places), dtype=bool)
    known = np.flatnonzero(np.isfinite(places).all(axis=1))
    for nodes, tree in network.doors if len(known) else ():
        far, nearest = tree.query(places[known])
        free = node[known] < 0
        passed[known] = ~free & (far < gap[known])
        better = free & ((far <= max_m) | ~(far >= gap[known]))
        gap[known[better]] = far[better]
        within = free & (far <= max_m)
        node[known[within]] = nodes[nearest[within]]
    return node, gap, passed


def snap_issues(
    snapped: pd.DataFrame, what: str = "point", source: str = "", max_m: float = SNAP_M
) -> tuple[Issue, ...]:
    """What is to be told of points taken to a network: those with no place, too far from it, or on an island of it.

    Parameters
    ----------
    snapped
        What `snap` gives.
    what
        What a point is, in the singular.
    source
        What the points are from.
    max_m
        The longest gap asked for, in metres.
    """
    ids = list(map(str, snapped.index))
    node, gap = snapped["node"].to_numpy(), snapped["gap_m"].to_numpy()
    island = snapped["component"].to_numpy() > 0
    found = []
    for where, code, message, action in (
        (
            (node < 0) & np.isnan(gap),
            "point-without-place",
            "without a place, or with no network to join",
            "No time is known for it. Give its place.",
        ),
        (
            (node < 0) & ~np.isnan(gap),
            "point-off-network",
            f"further than {max_m:g} m from any way that can be travelled",
            "No time is known for it. Check its place, or add the way that leads to it.",
        ),
        (
            island,
            "point-on-island",
            "joined to a part of the network that is cut off from the largest",
            "Times to and from the rest are not known. Join the lines there.",
        ),
        (
            snapped["passed"].to_numpy(dtype=bool),
            "point-past-scrap",
            "beside a scrap of the network that is cut off, joined to the nearest way beyond it",
            "Times are from there. Join the lines, or open the way in, to be sure.",
        ),
    ):
        at = np.flatnonzero(where)
        if len(at):
            shown = (
                f"{gap[at].min():,.0f} to {gap[at].max():,.0f} m"
                if code in {"point-off-network", "point-past-scrap"}
                else ""
            )
            found.append(
                Issue(source, named(ids, at), "geometry", code, shown, f"{counted(len(at), what)} {message}", action)
            )
    return tuple(found)


def places_of(points: Points, name: str) -> Floats:
    """Eastings and northings of points by identifier, NaN where there is none."""
    if not isinstance(points, (gpd.GeoSeries, gpd.GeoDataFrame)):
        raise TypeError(f"{name}: a GeoSeries or GeoDataFrame is wanted, not {type(points).__name__}.")
    if points.crs is None:
        raise ValueError(f"{name}: there is no CRS. Set it with set_crs, or convert with to_crs(27700).")
    if points.crs.to_epsg() != 27700:
        raise ValueError(
            f"{name}: times need {BRITISH_GRID}, not {points.crs.to_string()}. Convert with to_crs(27700)."
        )
    if not points.index.is_unique:
        raise ValueError(f"{name}: identifiers repeat. Give each point its own.")
    shapes = np.asarray(points.geometry.to_numpy(), dtype=object)
    others = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes) & (shapely.get_type_id(shapes) != 0)
    if others.any():
        shapes = shapes.copy()
        shapes[others] = shapely.point_on_surface(shapes[others])
    return np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)]).astype(np.float64)


def limit_of(max_min: float | None) -> float:
    """A longest time as a number, infinite where none is given."""
    if max_min is None:
        return math.inf
    if not (math.isfinite(max_min) and max_min >= 0):
        raise ValueError(f"max_min: {max_min!r} is no number of minutes, 0 or more.")
    return float(max_min)


def just_above(limit: float) -> float:
    """A little more than a limit, so that what lies on it is not lost to rounding; it is cut to the limit later."""
    return limit * (1 + 1e-9) + 1e-9


def tidy(origins: pd.Index, destinations: pd.Index, minutes: Floats, max_min: float | None) -> pd.DataFrame:
    """Minutes by origin and destination as rows, in that order; only those within a limit where there is one."""
    row, column = np.indices(minutes.shape).reshape(2, -1) if max_min is None else np.nonzero(minutes <= max_min)
    return in_rows(origins[row], destinations[column], minutes[row, column])


def in_rows(origins: pd.Index, destinations: pd.Index, minutes: Floats) -> pd.DataFrame:
    """Rows of an origin, a destination and minutes."""
    return pd.DataFrame(
        {"origin": origins.array, "destination": destinations.array, "minutes": np.asarray(minutes, dtype=np.float64)}
    )

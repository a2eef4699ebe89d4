"""Times of travel over a network: from point to point, to and from the nearest of several, and the area within reach.

Every time is from a node to a node: a point is taken to the node nearest to it (`assetplan.travel.snapping.snap`). The gap between them is
reported and takes no time, so that times keep to the triangle inequality and to zero from a point to itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from assetplan.grid import BRITISH_GRID
from assetplan.travel.snapping import DIGITS, SNAP_M, in_rows, just_above, limit_of, nodes_of, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from assetplan.travel.network import Network
    from assetplan.travel.snapping import Points

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

Towards = Literal["facility", "origin"]
# How far to each side of a way its surroundings count as reached, in an isochrone.
WIDTH_M = 100.0
_CELLS = 8_000_000  # times held at once: 64 MB


class FromNearest(NamedTuple):
    """The nearest facility of each node of a network.

    `minutes` are NaN and `which` is -1 where no way is known; else `which` is a place in `facilities`, the identifiers in the order
    of their text. The last of these is None, so that ``facilities[which]`` names the facility of every node.
    """

    minutes: Floats
    which: NDArray[np.signedinteger]
    facilities: NDArray[np.object_]


def travel_minutes(
    network: Network,
    origins: Points,
    destinations: Points,
    *,
    max_min: float | None = None,
    max_snap_m: float = SNAP_M,
) -> pd.DataFrame:
    """Minutes from each origin to each destination, by the quickest way over the network.

    Parameters
    ----------
    network
        The network.
    origins, destinations
        Points by identifier, in EPSG:27700. The direction counts: one-way roads make there and back differ.
    max_min
        Longest time of interest, in minutes: only pairs known to be within it are given.
    max_snap_m
        Longest gap from a point to the network, in metres. The gap takes no time.

    Returns
    -------
    pandas.DataFrame
        `origin`, `destination` and `minutes`, in the order of the origins, then of the destinations. NaN where no way is known: a
        point is too far from the network, or nothing leads from the one to the other.

    Raises
    ------
    TypeError, ValueError
        As `snap`, or where the longest time is none.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from assetplan.travel.network import network_of
    >>> lane = geopandas.GeoDataFrame(
    ...     {"kind": ["road"], "speed_kph": [60]}, geometry=[shapely.LineString([(0, 0), (3000, 0)])], crs=27700
    ... )
    >>> ends = geopandas.GeoSeries([shapely.Point(0, 0), shapely.Point(3000, 0)], index=["a", "b"], crs=27700)
    >>> travel_minutes(network_of(lane), ends[:1], ends)["minutes"].round(6).tolist()
    [0.0, 3.0]
    """
    limit = limit_of(max_min)
    start, *_ = nodes_of(network, origins, max_snap_m)
    stop, *_ = nodes_of(network, destinations, max_snap_m)
    sources, from_source = np.unique(start, return_inverse=True)
    targets, to_target = np.unique(stop, return_inverse=True)
    # One search serves all from one node: begun from whichever are fewer, against the direction where these are the destinations.
    turned = (targets >= 0).sum() < (sources >= 0).sum()
    parts: Iterator[tuple[Ints, Ints, Floats]]
    if turned:
        parts = (
            (columns, rows, found) for rows, columns, found in _searches(network.backwards, targets, sources, limit)
        )
    else:
        parts = _searches(network.minutes, sources, targets, limit)
    if max_min is None:
        times = np.full((len(sources), len(targets)), np.nan)
        for rows, columns, found in parts:
            times[rows, columns] = found
        minutes = times[from_source][:, to_target] if times.size else np.empty((len(start), len(stop)))
        return tidy(origins.index, destinations.index, minutes, None)
    empty = np.empty(0, dtype=np.intp)
    rows, columns, found = map(np.concatenate, zip((empty, empty, np.empty(0)), *parts, strict=True))
    pairs = (
        pd.DataFrame({"source": rows, "target": columns, "minutes": found})
        .merge(pd.DataFrame({"source": from_source, "row": np.arange(len(start))}), on="source")
        .merge(pd.DataFrame({"target": to_target, "column": np.arange(len(stop))}), on="target")
        .sort_values(["row", "column"])
    )
    return in_rows(origins.index[pairs["row"]], destinations.index[pairs["column"]], pairs["minutes"].to_numpy())


def minutes_from_nearest(
    network: Network,
    facilities: Points,
    *,
    towards: Towards = "facility",
    max_min: float | None = None,
    max_snap_m: float = SNAP_M,
) -> FromNearest:
    """For every node of a network the minutes to or from the nearest of several facilities, and which that is.

    Parameters
    ----------
    network
        The network.
    facilities
        Points by identifier, in EPSG:27700.
    towards
        ``facility`` where people travel to it, ``origin`` where an engine or a visitor comes from it.
    max_min
        Longest time of interest, in minutes.
    max_snap_m
        Longest gap from a facility to the network, in metres.

    Returns
    -------
    FromNearest
        Arrays in the order of the nodes. Of facilities equally near the one whose identifier sorts first is named.

    Raises
    ------
    TypeError, ValueError
        As `assetplan.travel.snapping.snap`, or where `towards` or the longest time is none.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from assetplan.travel.network import network_of
    >>> lane = geopandas.GeoDataFrame(
    ...     {"kind": ["road"], "speed_kph": [6]}, geometry=[shapely.LineString([(0, 0), (400, 0)])], crs=27700
    ... )
    >>> posts = geopandas.GeoSeries([shapely.Point(0, 0), shapely.Point(400, 0)], index=["a", "b"], crs=27700)
    >>> found = minutes_from_nearest(network_of(lane), posts)
    >>> found.minutes.tolist(), found.facilities[found.which].tolist()
    ([0.0, 1.0, 2.0, 1.0, 0.0], ['a', 'a', 'a', 'b', 'b'])
    """
    if towards not in {"facility", "origin"}:
        raise ValueError(f"towards: {towards!r} is neither 'facility' nor 'origin'.")
    limit = limit_of(max_min)
    at, *_ = nodes_of(network, facilities, max_snap_m)
    ids = facilities.index.tolist()
    texts = list(map(str, ids))
    order = [place for place in sorted(range(len(ids)), key=texts.__getitem__) if at[place] >= 0]
    names = np.array([*(ids[place] for place in order), None], dtype=object)
    minutes = np.full(len(network.nodes), np.nan)
    which = np.full(len(network.nodes), -1, dtype=np.int32)
    if order:
        outward = towards == "origin"
        graph = network.minutes if outward else network.backwards
        tails = network.tails if outward else network.tails_backwards
        sources, rank = np.unique(at[order], return_index=True)
        minutes, _, source = dijkstra(
            graph, indices=sources, min_only=True, return_predecessors=True, limit=just_above(limit)
        )
        lost = source < 0
        source[lost] = sources[0]
        which[sources] = rank
        which = _first_of_equals(graph, tails, minutes, which[source])
        np.round(minutes, DIGITS, out=minutes)
        lost |= minutes > limit
        minutes[lost] = np.nan
        which[lost] = -1
    return FromNearest(minutes, which, names)


def nearest(
    network: Network,
    origins: Points,
    facilities: Points,
    *,
    max_snap_m: float = SNAP_M,
    towards: Towards = "facility",
) -> pd.DataFrame:
    """For each origin the nearest of several facilities, and the minutes to or from it.

    Parameters
    ----------
    network
        The network.
    origins, facilities
        Points by identifier, in EPSG:27700.
    max_snap_m
        Longest gap from a point to the network, in metres.
    towards
        ``facility`` where people travel to it, ``origin`` where an engine or a visitor comes from it.

    Returns
    -------
    pandas.DataFrame
        In the order of the origins, with their index: `facility`, of those equally near the one whose identifier sorts first, None
        where no way is known; `minutes`, NaN there.

    Raises
    ------
    TypeError, ValueError
        As `minutes_from_nearest`.

    Examples
    --------
    An engine comes down a one-way street; people would have to go round:

    >>> import geopandas, shapely
    >>> from assetplan.travel.network import network_of
    >>> street = geopandas.GeoDataFrame(
    ...     {"kind": ["road"], "one_way": ["yes"], "speed_kph": [60]},
    ...     geometry=[shapely.LineString([(0, 0), (1000, 0)])],
    ...     crs=27700,
    ... )
    >>> station = geopandas.GeoSeries([shapely.Point(0, 0)], index=["station"], crs=27700)
    >>> home = geopandas.GeoSeries([shapely.Point(1000, 0)], index=["home"], crs=27700)
    >>> round(float(nearest(network_of(street), home, station, towards="origin").loc["home", "minutes"]), 6)
    1.0
    >>> nearest(network_of(street), home, station)["facility"].tolist()
    [None]
    """
    node, *_ = nodes_of(network, origins, max_snap_m)
    found = minutes_from_nearest(network, facilities, towards=towards, max_snap_m=max_snap_m)
    # A point without a node is at -1, the last.
    which, minutes = np.append(found.which, -1)[node], np.append(found.minutes, np.nan)[node]
    return by_origin(origins, found.facilities[which], minutes)


def by_origin(origins: Points, facility: NDArray[np.object_], minutes: Floats) -> pd.DataFrame:
    """The nearest facility of each origin as a table."""
    return pd.DataFrame({"facility": pd.Series(facility, index=origins.index, dtype=object), "minutes": minutes})


def isochrone(
    network: Network,
    facilities: Points,
    limits_min: Sequence[float] = (5, 10, 15, 20),
    *,
    towards: Towards = "facility",
    width_m: float = WIDTH_M,
    max_snap_m: float = SNAP_M,
) -> gpd.GeoDataFrame:
    """The area within some minutes of the nearest of several facilities.

    Parameters
    ----------
    network
        The network.
    facilities
        Points by identifier, in EPSG:27700.
    limits_min
        Times, in minutes.
    towards
        As for `nearest`.
    width_m
        How far beside a way its surroundings count, in metres.
    max_snap_m
        Longest gap from a facility to the network, in metres.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a limit, the least first: `limit_min`, `nodes`, the number of nodes within it, and an area in EPSG:27700, empty
        where there are none. It contains every node within the time and no other node, and the area of every lesser limit.

    Raises
    ------
    TypeError, ValueError
        As `minutes_from_nearest`, or where a limit or the width is no positive number.

    Notes
    -----
    The ways between nodes within the time, and these nodes, are widened by `width_m`. Out of that go discs around the nodes that
    are not within it: of a third of the distance to the nearest node that is, and at most half the width. So no disc reaches a
    node within the time, and each holds its own. Last the area of the lesser limit is joined to it, which holds nodes within the time
    only.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from assetplan.travel.network import network_of
    >>> lane = geopandas.GeoDataFrame(
    ...     {"kind": ["road"], "speed_kph": [60]}, geometry=[shapely.LineString([(0, 0), (9000, 0)])], crs=27700
    ... )
    >>> station = geopandas.GeoSeries([shapely.Point(0, 0)], index=["station"], crs=27700)
    >>> isochrone(network_of(lane), station, [2, 5])["nodes"].tolist()
    [21, 51]
    """
    limits = sorted({float(limit) for limit in limits_min})
    if not all(math.isfinite(limit) and limit > 0 for limit in limits):
        raise ValueError(f"limits_min: {list(limits_min)!r} are not all minutes above 0.")
    if not (math.isfinite(width_m) and width_m > 0):
        raise ValueError(f"width_m: {width_m!r} is no distance above 0 m.")
    times = minutes_from_nearest(
        network, facilities, towards=towards, max_min=limits[-1] if limits else 1.0, max_snap_m=max_snap_m
    ).minutes
    a, b = (network.links[name].to_numpy() for name in ("a", "b"))
    at_link = np.fmax(times[a], times[b])
    at_link[np.isnan(times[a]) | np.isnan(times[b])] = np.inf
    areas, counts = [], []
    wide = area = shapely.Polygon()
    done = 0.0
    for limit in limits:
        within = times <= limit
        fresh = network.links.geometry.to_numpy()[(at_link > done) & (at_link <= limit)]
        spots = shapely.points(network.nodes[within & ~(times <= done)] if done else network.nodes[within])
        wide = shapely.union_all(
            [wide, *shapely.buffer(fresh, width_m, quad_segs=2), *shapely.buffer(spots, width_m, quad_segs=2)]
        )
        area = shapely.union(_without(wide, network.nodes, within, width_m), area)
        areas.append(area)
        counts.append(int(within.sum()))
        done = limit
    return gpd.GeoDataFrame({"limit_min": limits, "nodes": counts}, geometry=areas, crs=BRITISH_GRID)


# ------------------------------------------------------------------------------------------------------- parts


def _searches(graph: csr_array, sources: Ints, targets: Ints, limit: float) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Which source leads to which target within the limit, by their places, and the minutes; some sources at a time, -1 is no node."""
    rows, columns = np.flatnonzero(sources >= 0), np.flatnonzero(targets >= 0)
    some = max(1, _CELLS // max(1, graph.shape[0]))
    for at in range(0, len(rows) if len(columns) else 0, some):
        part = rows[at : at + some]
        every = dijkstra(graph, indices=sources[part], limit=just_above(limit))
        found = np.round(every[:, targets[columns]], DIGITS)
        one, other = np.nonzero(np.isfinite(found) & (found <= limit))
        yield part[one], columns[other], found[one, other]


def _first_of_equals(
    graph: csr_array, row: NDArray[np.int32], minutes: Floats, label: NDArray[np.signedinteger]
) -> NDArray[np.signedinteger]:
    """Of facilities equally near to a node the first: labels handed on along every link that lies on a quickest way."""
    column = graph.indices
    if label.max() < 2**15:
        label = label.astype(np.int16)  # half the memory to go through
    while True:
        lower = np.flatnonzero(label.take(row) < label.take(column))
        lower = lower[minutes[row[lower]] + graph.data[lower] == minutes[column[lower]]]
        if not len(lower):
            return label
        np.minimum.at(label, column[lower], label[row[lower]])


def _without(wide: shapely.Geometry, nodes: Floats, within: NDArray[np.bool_], width_m: float) -> shapely.Geometry:
    """An area without discs around the nodes in it that are not within the time."""
    others = np.flatnonzero(~within)
    if not len(others) or not within.any():
        return wide
    shapely.prepare(wide)
    inside = others[shapely.dwithin(shapely.points(nodes[others]), wide, 0.001)]
    if not len(inside):
        return wide
    gap, _ = KDTree(nodes[within]).query(nodes[inside])
    discs = shapely.buffer(shapely.points(nodes[inside]), np.minimum(gap / 3, width_m / 2), quad_segs=2)
    return shapely.difference(wide, shapely.union_all(discs))

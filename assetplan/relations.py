"""How two sites lie to one another: exactly one relation for each pair, and the graph of them.

In order of precedence a pair is *overlapping* (deeper than the touch tolerance), *touching* (gap at most 0.05 m), *opposite*
(the centreline of a road crosses the shortest link, at most 40 m long) or *near* (gap at most ``max_gap_m``). Sites known only
as points are never overlapping, touching or opposite, only near. Sites placed by postcode, or not at all, have no relations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import shapely

from assetplan.grid import BRITISH_GRID
from assetplan.schema import BETWEEN, table
from assetplan.site import TOUCH_TOLERANCE_M

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

OPPOSITE_M = 40.0
RELATION_COLUMNS = tuple(table("relations"))
# A corner lies within the tolerance of the other boundary for a stretch on either side of it; below this it is a corner.
_CORNER_M = 4 * TOUCH_TOLERANCE_M
_POINTS = (0, 4)


def adjacent_pairs(
    sites: gpd.GeoDataFrame, max_gap_m: float = 25.0, roads: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Pairs of sites that overlap, touch, face one another across a road, or lie near.

    Parameters
    ----------
    sites
        Sites by identifier, in EPSG:27700, as `assetplan.sites` gives them. A ``precision`` column, where there is one, tells
        which are placed by postcode only; these are left out.
    max_gap_m
        Longest gap that still counts as near, in metres.
    roads
        Lines in EPSG:27700. Where they have a ``kind`` only ``road`` counts: a river or railway makes nothing opposite.
        Without roads no pair is opposite.

    Returns
    -------
    pandas.DataFrame
        ``site_a, site_b, relation, basis, gap_m, shared_boundary_m, between, across``, one row a pair with ``site_a < site_b``, in
        order of the identifiers. `between` and `across` tell what kinds of line the shortest link crosses and what they are called:
        both are None where no lines are given, and a link that crosses none lies over ``other land``.
        `shared_boundary_m` is the mean of the lengths of the two boundaries within 0.05 m of the other boundary; a
        corner has none.

    Raises
    ------
    ValueError
        Where the frame is not in EPSG:27700, its identifiers repeat, or the gap is not a positive number.

    Examples
    --------
    >>> import geopandas, shapely
    >>> squares = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(30, 0, 40, 10)]
    >>> frame = geopandas.GeoDataFrame(geometry=squares, index=["a", "b", "c"], crs=27700)
    >>> adjacent_pairs(frame)[["site_a", "site_b", "relation", "gap_m"]].values.tolist()
    [['a', 'b', 'touching', 0.0], ['a', 'c', 'near', 20.0], ['b', 'c', 'near', 10.0]]
    """
    _check(sites, "sites")
    if not sites.index.is_unique:
        raise ValueError("sites: identifiers repeat. Give each site its own.")
    if not (np.isfinite(max_gap_m) and max_gap_m >= 0):
        raise ValueError(f"max_gap_m: a number of metres, 0 or more, is wanted, not {max_gap_m!r}.")
    drawn = _drawn(roads)
    lines = _centrelines(drawn)
    shapes = sites.geometry.to_numpy()
    usable = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    if "precision" in sites:
        usable &= (sites["precision"] != "postcode").to_numpy()
    order = np.array(sorted(np.flatnonzero(usable), key=lambda i: str(sites.index[i])), dtype=np.intp)
    shapes, ids = shapes[order], np.asarray(sites.index, dtype=object)[order]
    reach = max(max_gap_m, TOUCH_TOLERANCE_M, OPPOSITE_M if len(lines) else 0.0)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach)
    left, right = left[left < right], right[left < right]
    arrange = np.lexsort((right, left))
    left, right = left[arrange], right[arrange]
    a, b = shapes[left], shapes[right]
    gap = shapely.distance(a, b)
    point = np.isin(shapely.get_type_id(a), _POINTS) | np.isin(shapely.get_type_id(b), _POINTS)

    relation = np.full(len(left), "", dtype=object)
    relation[gap <= max_gap_m] = "near"
    facing = ~point & (gap > TOUCH_TOLERANCE_M) & (gap <= OPPOSITE_M)
    relation[_crossed(a, b, facing, lines)] = "opposite"
    touch = ~point & (gap <= TOUCH_TOLERANCE_M)
    relation[touch] = "touching"
    relation[_deep(a, b, touch & (gap == 0))] = "overlapping"
    shared = np.zeros(len(left))
    abut = touch & np.isin(relation, ("touching", "overlapping"))
    shared[abut] = _shared_boundary(a[abut], b[abut])
    keep = relation != ""
    between, across = _between(a[keep], b[keep], ~np.isin(relation[keep], ("touching", "overlapping")), drawn)
    return pd.DataFrame(
        {
            "site_a": ids[left[keep]],
            "site_b": ids[right[keep]],
            "relation": relation[keep],
            "basis": np.where(point[keep], "point", "polygon").astype(object),
            "gap_m": gap[keep],
            "shared_boundary_m": shared[keep],
            "between": between,
            "across": across,
        },
        columns=list(RELATION_COLUMNS),
    )


def adjacency(sites: gpd.GeoDataFrame, max_gap_m: float = 25.0, roads: gpd.GeoDataFrame | None = None) -> nx.Graph:
    """The adjacency graph: every site a node, every pair of `adjacent_pairs` an edge with that row's values.

    Examples
    --------
    >>> import geopandas, shapely
    >>> squares = geopandas.GeoSeries(
    ...     [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], index=["a", "b"], crs=27700
    ... )
    >>> graph = adjacency(geopandas.GeoDataFrame(geometry=squares))
    >>> graph.edges["a", "b"]["relation"]
    'touching'
    """
    pairs = adjacent_pairs(sites, max_gap_m=max_gap_m, roads=roads)
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(sorted(sites.index, key=str))
    for pair in pairs.to_dict("records"):
        graph.add_edge(pair["site_a"], pair["site_b"], **{name: pair[name] for name in RELATION_COLUMNS[2:]})
    return graph


def components(graph: nx.Graph) -> list[tuple[str, ...]]:
    """Groups of sites that hang together by any relation but `opposite`, largest first, ties by identifier.

    Examples
    --------
    >>> import networkx
    >>> graph = networkx.Graph()
    >>> graph.add_edge("a", "b", relation="near")
    >>> graph.add_edge("b", "c", relation="opposite")
    >>> components(graph)
    [('a', 'b'), ('c',)]
    """
    groups = [tuple(sorted(group)) for group in nx.connected_components(joined(graph))]
    return sorted(groups, key=lambda group: (-len(group), group))


def joined(graph: nx.Graph) -> nx.Graph:
    """The nodes of a graph with the edges that make one of two sites: all but those across a road (`opposite`)."""
    out: nx.Graph = nx.Graph()
    out.add_nodes_from(graph.nodes)
    out.add_edges_from((a, b) for a, b, relation in graph.edges(data="relation") if relation != "opposite")
    return out


def _check(frame: gpd.GeoDataFrame, name: str) -> None:
    if frame.crs is None:
        raise ValueError(f"{name}: the frame has no CRS. Set it with set_crs, or convert with to_crs(27700).")
    if frame.crs.to_epsg() != 27700:
        raise ValueError(
            f"{name}: distances need {BRITISH_GRID}, not {frame.crs.to_string()}. Convert with to_crs(27700)."
        )


def _drawn(roads: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """The lines that have a shape, or None where there are none."""
    if roads is None or roads.empty:
        return None
    _check(roads, "roads")
    shapes = roads.geometry.to_numpy()
    return roads[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]


def _centrelines(drawn: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    if drawn is None:
        return np.empty(0, dtype=object)
    chosen = drawn[drawn["kind"] == "road"] if "kind" in drawn else drawn
    return np.asarray(chosen.geometry.to_numpy())


def _between(
    a: NDArray[np.object_], b: NDArray[np.object_], apart: NDArray[np.bool_], drawn: gpd.GeoDataFrame | None
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """What kinds of line the shortest link of each pair crosses, and what they are called."""
    kinds, names = np.full(len(a), None, dtype=object), np.full(len(a), None, dtype=object)
    if drawn is None:
        return kinds, names
    at = np.flatnonzero(apart)
    links = shapely.shortest_line(a[at], b[at])
    met, line = shapely.STRtree(drawn.geometry.to_numpy()).query(links, predicate="intersects")
    kind = drawn["kind"].to_numpy() if "kind" in drawn else np.full(len(drawn), "road", dtype=object)
    name = drawn["name"].to_numpy() if "name" in drawn else np.full(len(drawn), None, dtype=object)
    crossed: dict[int, set[tuple[int, str]]] = {}
    for i, j in zip(met.tolist(), line.tolist(), strict=True):
        said = "water" if kind[j] == "river" else str(kind[j])
        crossed.setdefault(int(at[i]), set()).add((BETWEEN.index(said), str(name[j] or "")))
    for i in range(len(a)):
        found = sorted(crossed.get(i, ()))
        kinds[i] = tuple(dict.fromkeys(BETWEEN[rank] for rank, _ in found))
        names[i] = tuple(dict.fromkeys(called for _, called in found if called))
        if apart[i] and not found:
            kinds[i] = ("other land",)
    return kinds, names


def _crossed(
    a: NDArray[np.object_], b: NDArray[np.object_], wanted: NDArray[np.bool_], roads: NDArray[np.object_]
) -> NDArray[np.bool_]:
    """Whether a road crosses the shortest link of each wanted pair."""
    out = np.zeros(len(a), dtype=bool)
    at = np.flatnonzero(wanted)
    if not len(at) or not len(roads):
        return out
    links = shapely.shortest_line(a[at], b[at])
    out[at[np.unique(shapely.STRtree(roads).query(links, predicate="intersects")[0])]] = True
    return out


def _deep(a: NDArray[np.object_], b: NDArray[np.object_], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the overlap of each wanted pair is wider than the touch tolerance somewhere."""
    out = np.zeros(len(a), dtype=bool)
    at = np.flatnonzero(wanted)
    if len(at):
        core = shapely.buffer(shapely.intersection(a[at], b[at]), -TOUCH_TOLERANCE_M / 2)
        out[at] = ~shapely.is_empty(core)
    return out


def _shared_boundary(a: NDArray[np.object_], b: NDArray[np.object_]) -> NDArray[np.float64]:
    def within(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.float64]:
        near = shapely.buffer(shapely.boundary(other), TOUCH_TOLERANCE_M)
        return np.asarray(shapely.length(shapely.intersection(shapely.boundary(one), near)))

    length = (within(a, b) + within(b, a)) / 2
    return np.where(length < _CORNER_M, 0.0, length)

"""How two sites lie to one another: exactly one relation for each pair, and the graph of them.

In order of precedence a pair is *overlapping* (deeper than the touch tolerance), *touching* (gap at most 0.05 m), *opposite*
(the centreline of a road crosses the shortest link, at most 40 m long) or *near* (gap at most ``max_gap_m``). Sites known only
as points are never overlapping, touching or opposite, only near. Sites placed by postcode, or not at all, have no relations.

Pairs are found in steps, some ten thousand at a time from south to north: boxes that come within reach of one another, each pair
once (`assetplan.boxes`); how the boundaries lie of those whose boxes meet (`assetplan.abutting`); the exact distance of the rest;
and of pairs apart, what lies between them (`assetplan.between`). The pairs and their distances are those of a raw query of shapely's
tree.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from assetplan.abutting import Sides, as_land, overlap_deeply, sides
from assetplan.between import Lines
from assetplan.boxes import runs, within_reach
from assetplan.grid import BRITISH_GRID
from assetplan.schema import table
from assetplan.site import TOUCH_TOLERANCE_M
from assetplan.vocabulary import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

OPPOSITE_M = 40.0
RELATION_COLUMNS = tuple(table("relations"))
_OVERLAPPING, _TOUCHING, _OPPOSITE, _NEAR = (
    RELATIONS.index(name) for name in ("overlapping", "touching", "opposite", "near")
)
_NONE = -1
_BASES = ("polygon", "point")


def adjacent_pairs(
    sites: gpd.GeoDataFrame, max_gap_m: float = 25.0, roads: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Pairs of sites that overlap, touch, face one another across a road, or lie near.

    Parameters
    ----------
    sites
        Sites by identifier, in EPSG:27700, as `assetplan.sites` gives them. A ``precision`` column, where there is one, tells
        which are placed by postcode only; these are left out, as are sites without a shape and those whose coordinates are no
        numbers. Of a collection that holds areas these alone count.
    max_gap_m
        Longest gap that still counts as near, in metres.
    roads
        Lines in EPSG:27700. Where they have a ``kind`` only ``road`` counts: a river or railway makes nothing opposite.
        A ``name`` is told where it is crossed. Without roads no pair is opposite.

    Returns
    -------
    pandas.DataFrame
        ``site_a, site_b, relation, basis, gap_m, shared_boundary_m, between, across``, one row a pair with ``site_a < site_b``, in
        order of the identifiers. `between` and `across` tell what kinds of line the shortest link crosses and what they are called,
        each once: both are None where no lines are given, and a link that crosses none lies over ``other land``. A link that
        crosses the railway within 15 m of a level crossing lies at the level crossing.
        `shared_boundary_m` is the mean of the lengths of the two boundaries within 0.05 m of the other boundary; a
        corner has none.

    Raises
    ------
    TypeError
        Where a frame is no GeoDataFrame.
    ValueError
        Where a frame is not in EPSG:27700, identifiers repeat, the gap is no number of metres, or a line is of unknown kind.

    Examples
    --------
    >>> import geopandas, shapely
    >>> squares = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(30, 0, 40, 10)]
    >>> frame = geopandas.GeoDataFrame(geometry=squares, index=["a", "b", "c"], crs=27700)
    >>> adjacent_pairs(frame)[["site_a", "site_b", "relation", "gap_m"]].values.tolist()
    [['a', 'b', 'touching', 0.0], ['a', 'c', 'near', 20.0], ['b', 'c', 'near', 10.0]]
    """
    _check(sites, "sites")
    names, order = _in_order(sites.index)
    if not (np.isfinite(max_gap_m) and max_gap_m >= 0):
        raise ValueError(f"max_gap_m: a number of metres, 0 or more, is wanted, not {max_gap_m!r}.")
    lines = None
    if roads is not None and not roads.empty:
        _check(roads, "roads")
        lines = Lines.of(roads)
    found = _Pairs.together(_Ground(_shapes(sites, order), max_gap_m, lines).pairs())
    return pd.DataFrame(
        {
            "site_a": names.take(found.left).array,
            "site_b": names.take(found.right).array,
            "relation": pd.Series(RELATIONS).take(found.relation).array,
            "basis": pd.Series(_BASES).take(found.point).array,
            "gap_m": found.gap,
            "shared_boundary_m": found.shared,
            "between": found.between,
            "across": found.across,
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
    return graph_of(sites, adjacent_pairs(sites, max_gap_m=max_gap_m, roads=roads))


def graph_of(sites: gpd.GeoDataFrame, pairs: pd.DataFrame) -> nx.Graph:
    """The adjacency graph of sites whose `adjacent_pairs` are at hand."""
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(sorted(sites.index, key=str))
    rows = zip(*(pairs[name].tolist() for name in RELATION_COLUMNS), strict=True)
    graph.add_edges_from((a, b, dict(zip(RELATION_COLUMNS[2:], row, strict=True))) for a, b, *row in rows)
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
    edges = list(graph.edges(data="relation"))
    return connected_groups(graph.nodes, pd.DataFrame(edges, columns=["site_a", "site_b", "relation"]))


def connected_groups(sites: Iterable[str], pairs: pd.DataFrame) -> list[tuple[str, ...]]:
    """The same as `components` from the table of pairs, without a graph: for a great many sites.

    Parameters
    ----------
    sites
        Identifiers of all sites, such as the index of the frame that `adjacent_pairs` was given.
    pairs
        Columns ``site_a``, ``site_b`` and ``relation``, as `adjacent_pairs` gives them.

    Returns
    -------
    list of tuple of str
        Every site once. Groups are the largest first, ties by identifier; identifiers are in order within each.

    Raises
    ------
    ValueError
        Where identifiers repeat, or a pair names a site that is not among `sites`.

    Examples
    --------
    >>> pairs = pd.DataFrame({"site_a": ["a", "b"], "site_b": ["b", "c"], "relation": ["near", "opposite"]})
    >>> connected_groups(["a", "b", "c"], pairs)
    [('a', 'b'), ('c',)]
    """
    names, _ = _in_order(sites if isinstance(sites, pd.Index) else pd.Index(list(sites), dtype=object))
    count = len(names)
    known, told = pd.factorize(pd.concat([names, pairs["site_a"], pairs["site_b"]]), use_na_sentinel=False)
    if len(told) > count:
        raise ValueError(f"pairs: {told[count]!r} is not among the sites. Give connected_groups all of them.")
    linked = (pairs["relation"] != "opposite").to_numpy(dtype=bool)
    least = _least_of_group(count, *known[count:].reshape(2, -1)[:, linked])
    member, size = _by_size(least)
    ids = names.take(member).tolist()
    ends = np.cumsum(size[size > 1]).tolist()
    groups = [tuple(ids[low:high]) for low, high in zip([0, *ends], ends, strict=False)]
    groups.extend(zip(ids[ends[-1] if ends else 0 :]))
    return groups


def _by_size(least: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions group by group, the largest group first, ties and members in order; and the size of each group."""
    size = np.bincount(least, minlength=len(least))
    member, start = np.argsort(least, kind="stable"), np.cumsum(size) - size
    group = np.flatnonzero(size)
    group = group[np.argsort(-size[group], kind="stable")]
    return member[runs(start[group], size[group])], size[group]


def _least_of_group(count: int, left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.intp]:
    """The least position that each position hangs together with by these pairs.

    Each round hangs the greater of two trees that a pair joins below the lesser one, then lifts every position to its root (union by
    hooking and pointer jumping, after Shiloach and Vishkin, 1982).
    """
    root = np.arange(count)
    while len(left):
        np.minimum.at(root, np.maximum(left, right), np.minimum(left, right))
        while not np.array_equal(root, above := root[root]):
            root = above
        left, right = root[left], root[right]
        open_pairs = left != right
        left, right = left[open_pairs], right[open_pairs]
    return root


def joined(graph: nx.Graph) -> nx.Graph:
    """The nodes of a graph with the edges that make one of two sites: all but those across a road (`opposite`)."""
    out: nx.Graph = nx.Graph()
    out.add_nodes_from(graph.nodes)
    out.add_edges_from((a, b) for a, b, relation in graph.edges(data="relation") if relation != "opposite")
    return out


def _check(frame: object, name: str) -> None:
    if not isinstance(frame, gpd.GeoDataFrame):
        raise TypeError(f"{name}: a GeoDataFrame is wanted, not {type(frame).__name__}.")
    if frame.crs is None:
        raise ValueError(f"{name}: the frame has no CRS. Set it with set_crs, or convert with to_crs(27700).")
    if frame.crs.to_epsg() != 27700:
        raise ValueError(
            f"{name}: distances need {BRITISH_GRID}, not {frame.crs.to_string()}. Convert with to_crs(27700)."
        )


def _in_order(index: pd.Index) -> tuple[pd.Series, NDArray[np.intp]]:
    """Identifiers as a column of a table, in the order of their text, and where in the index each stands.

    Raises
    ------
    ValueError
        Where identifiers repeat.
    """
    plain = index.dtype == "str" and not index.hasnans
    names = pd.Series(index.array if plain else np.asarray(index, dtype=object))
    if plain:
        order = np.asarray(names.array.argsort())
        names = names.take(order)
        repeat = (names.array[1:] == names.array[:-1]).any()
    else:
        text = [str(name) for name in names.tolist()]
        order = np.array(sorted(range(len(text)), key=text.__getitem__), dtype=np.intp)
        names = names.take(order)
        repeat = not names.is_unique
    if repeat:
        raise ValueError("sites: identifiers repeat. Give each site its own.")
    return names, order


def _shapes(sites: gpd.GeoDataFrame, order: NDArray[np.intp]) -> NDArray[np.object_]:
    """Shapes in that order; None for what is placed by postcode only, or has an edge whose coordinates are no numbers."""
    shapes = sites.geometry.to_numpy()[order]
    shapes[~np.isfinite(shapely.length(shapes))] = None
    if "precision" in sites:
        coarse = (sites["precision"] == "postcode").to_numpy(dtype=bool, na_value=False)
        shapes[coarse[order]] = None
    return as_land(shapes)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of sites by position, the lower first, and what is known of each."""

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    relation: NDArray[np.int8]
    point: NDArray[np.int8]
    gap: NDArray[np.float64]
    shared: NDArray[np.float64]
    between: NDArray[np.object_]
    across: NDArray[np.object_]

    @classmethod
    def together(cls, chunks: Iterable[_Pairs]) -> _Pairs:
        """The pairs of all chunks, by the first site and then the second."""
        held = list(chunks)
        parts = {field.name: [getattr(chunk, field.name) for chunk in held] for field in fields(cls)}
        del held
        order = np.lexsort((np.concatenate(parts["right"]), np.concatenate(parts["left"])))
        return cls(*(np.concatenate(parts.pop(field.name))[order] for field in fields(cls)))


@dataclass(frozen=True, eq=False)
class _Ground:
    """Shapes in order of their identifiers, and what lies on the ground between them. One without finite bounds is nowhere."""

    shapes: NDArray[np.object_]
    max_gap_m: float
    lines: Lines | None

    @cached_property
    def box(self) -> NDArray[np.float64]:
        return np.asarray(shapely.bounds(self.shapes))

    @cached_property
    def point(self) -> NDArray[np.bool_]:
        return np.asarray(shapely.get_type_id(self.shapes) == 0)

    @cached_property
    def wide(self) -> NDArray[np.bool_]:
        """Whether each is more than points, so that it can touch."""
        return np.asarray(shapely.get_dimensions(self.shapes) > 0)

    def pairs(self) -> Iterator[_Pairs]:
        """Related pairs, so many at a time, in the order in which the sites lie."""
        reach = max(self.max_gap_m, TOUCH_TOLERANCE_M, OPPOSITE_M if self.lines else 0.0) + 1e-6
        for left, right in within_reach(self.box, reach):
            yield self.related(np.minimum(left, right), np.maximum(left, right))

    def related(self, left: NDArray[np.intp], right: NDArray[np.intp]) -> _Pairs:
        """What is known of each of these pairs; those that are not related are left out."""
        areas = self.wide[left] & self.wide[right]
        side = self.sides(left, right, areas)
        gap = np.zeros(len(left))
        gap[~side.meet] = self.gap(left[~side.meet], right[~side.meet])
        touch = areas & (gap <= TOUCH_TOLERANCE_M)
        relation = np.where(gap <= self.max_gap_m, _NEAR, _NONE).astype(np.int8)
        between, across = np.full((2, len(left)), None, dtype=object)
        if self.lines:
            facing = areas & ~touch & (gap <= OPPOSITE_M)
            at = np.flatnonzero((gap > TOUCH_TOLERANCE_M) & ((relation == _NEAR) | facing))
            crossed = self.lines.crossed(shapely.shortest_line(self.shapes[left[at]], self.shapes[right[at]]))
            relation[at[crossed.road & facing[at]]] = _OPPOSITE
            between, across = crossed.told(at, len(left))
        relation[touch] = _TOUCHING
        meeting = np.flatnonzero(touch & (gap == 0) & ~side.apart)
        relation[meeting[overlap_deeply(self.shapes, left[meeting], right[meeting])]] = _OVERLAPPING
        keep = np.flatnonzero(relation != _NONE)
        return _Pairs(
            left[keep], right[keep], relation[keep], (~areas[keep]).astype(np.int8), gap[keep],
            np.where(touch, side.shared_m, 0.0)[keep], between[keep], across[keep],
        )  # fmt: skip

    def sides(self, left: NDArray[np.intp], right: NDArray[np.intp], areas: NDArray[np.bool_]) -> Sides:
        """How the boundaries lie of those pairs of areas whose boxes are within the touch tolerance."""
        close = areas.copy()
        for k in (0, 1):
            low, high = self.box[:, k], self.box[:, k + 2]
            close &= np.maximum(low[left], low[right]) - np.minimum(high[left], high[right]) <= TOUCH_TOLERANCE_M + 1e-9
        at = np.flatnonzero(close)
        used, place = np.unique(np.concatenate((left[at], right[at])), return_inverse=True)
        out = Sides(np.zeros(len(left)), np.zeros(len(left), dtype=bool), np.zeros(len(left), dtype=bool))
        found = sides(self.shapes[used], self.box[used], place[: len(at)], place[len(at) :])
        for column, values in zip(out, found, strict=True):
            column[at] = values
        return out

    def gap(self, left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.float64]:
        """Shortest distance of each pair, in metres; of two points by Pythagoras, as GEOS does, which is quicker."""
        out = np.empty(len(left))
        points = self.point[left] & self.point[right]
        apart = self.box[left[points], :2] - self.box[right[points], :2]
        out[points] = np.sqrt(apart[:, 0] ** 2 + apart[:, 1] ** 2)
        out[~points] = shapely.distance(self.shapes[left[~points]], self.shapes[right[~points]])
        return out

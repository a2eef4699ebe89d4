"""Lines cut into pieces where they meet: what meets, what only crosses, and where the nodes of a network stand.

Two lines meet where they share a vertex. In data that is not drawn node by node the end of a line also meets the line it lies on,
within `JOIN_M`. Lines that only cross do not meet: one of them may be a bridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]
    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]

# How near the end of a line must come to another to join it: a drawing error, not a gap that a vehicle could not cross.
JOIN_M = 0.5
# An end this near another line that does not join is told: it may have been meant to.
MISS_M = 5.0
# Vertices are the same where they agree to a millimetre.
_PER_M = 1000
_EDGE_M = 2_000_000.0


@dataclass(frozen=True, eq=False)
class Pieces:
    """Lines cut where they meet.

    `nodes` are eastings and northings, each once, in the order of both. Of each piece `line` is the place of the line it is of, `a`
    and `b` the places of its nodes, in the direction of the line. `joined` counts ends joined to a line near which they lie,
    `crossings` and `misses` are points at which lines cross, and ends that nearly touch one, without meeting it.
    """

    nodes: Floats
    line: Ints
    a: Ints
    b: Ints
    length_m: Floats
    shapes: Shapes
    joined: int
    pointless: Ints
    crossings: Floats
    misses: Floats


def within_grid(shapes: Shapes) -> NDArray[np.bool_]:
    """Which lines have all their vertices where a place in metres can be."""
    xy, line = shapely.get_coordinates(shapes, return_index=True)
    placed = np.isfinite(xy).all(axis=1) & (np.abs(xy) < _EDGE_M).all(axis=1)
    return np.bincount(line[~placed], minlength=len(shapes)) == 0


def pieces_of(shapes: Shapes, *, ends_join: bool, bridge: NDArray[np.bool_], step_m: float) -> Pieces:
    """Cut lines where they meet, and long pieces into equal ones of at most `step_m`.

    Parameters
    ----------
    shapes
        LineStrings in metres, none empty, all `within_grid`.
    ends_join
        Whether an end also joins the line on whose course it lies within `JOIN_M`. A bridge is so joined at its ends only.
    bridge
        Which of the lines are bridges.
    step_m
        Longest piece, in metres.
    """
    if not len(shapes):
        return _nothing(np.empty(0, dtype=np.intp))
    xy, line = shapely.get_coordinates(shapes, return_index=True)
    unit = _units(xy)
    if ends_join:
        xy, line, same = _with_joints(shapes, bridge, xy, line, unit)
        unit = _units(xy)
    else:
        same = np.empty((0, 2), dtype=np.uint64)
    names = np.unique(unit)
    point = np.searchsorted(names, unit)
    if len(same):
        pair = np.searchsorted(names, same)
        links = coo_array((np.ones(len(pair)), (pair[:, 0], pair[:, 1])), shape=(len(names), len(names)))
        _, group = connected_components(links, directed=False)
        first = np.full(group.max() + 1, len(names), dtype=np.intp)
        np.minimum.at(first, group, np.arange(len(names)))
        point = first[group][point]
    keep = np.ones(len(point), dtype=bool)
    keep[1:] = (line[1:] != line[:-1]) | (point[1:] != point[:-1])
    several = np.bincount(line[keep], minlength=len(shapes)) > 1
    pointless = np.flatnonzero(~several)
    keep &= several[line]
    xy, line, point = xy[keep], line[keep], point[keep]
    if not len(xy):
        return _nothing(pointless)
    edge = line[1:] != line[:-1]
    first, last = np.append(True, edge), np.append(edge, True)
    junction = np.bincount(point, minlength=len(names)) > 1
    junction[point[first | last]] = True
    node = np.where(junction[point], point, -1)
    place = np.full((len(names), 2), np.nan)
    place[point[::-1]] = xy[::-1]
    if len(same):  # a node stands where its first point by place stands
        at = np.flatnonzero(junction)
        place[at] = _places(names[at])
    xy, line, node, place = _with_steps(xy, line, node, place, step_m)
    return _cut(xy, line, node, place, pointless, joined=len(same), ends_join=ends_join)


def _units(xy: Floats) -> NDArray[np.uint64]:
    """Each place as one whole number of millimetres east and north."""
    whole = np.rint((xy + _EDGE_M) * _PER_M).astype(np.uint64)
    return np.asarray((whole[:, 0] << np.uint64(32)) | whole[:, 1], dtype=np.uint64)


def _places(units: NDArray[np.uint64]) -> Floats:
    east, north = units >> np.uint64(32), units & np.uint64(0xFFFFFFFF)
    return np.column_stack([east.astype(np.float64), north.astype(np.float64)]) / _PER_M - _EDGE_M


def _nothing(pointless: Ints) -> Pieces:
    none, no_points = np.empty(0, dtype=np.intp), np.empty((0, 2))
    return Pieces(
        no_points, none, none, none, np.empty(0), np.empty(0, dtype=object), 0, pointless, no_points, no_points
    )


def _segments(xy: Floats, line: Ints) -> tuple[Floats, Floats]:
    """The length from each vertex to the next of its line (0 from its last), and the length run through before each vertex."""
    long = np.zeros(len(xy))
    long[:-1] = np.where(line[1:] == line[:-1], np.hypot(*(xy[1:] - xy[:-1]).T), 0.0)
    return long, np.concatenate([[0.0], np.cumsum(long)[:-1]])


def _with_joints(
    shapes: Shapes, bridge: NDArray[np.bool_], xy: Floats, line: Ints, unit: NDArray[np.uint64]
) -> tuple[Floats, Ints, NDArray[np.uint64]]:
    """The vertices with those where ends meet the course of a line, and pairs of vertices that stand for one place."""
    edge = line[1:] != line[:-1]
    first, last = np.append(True, edge), np.append(edge, True)
    start, stop = np.flatnonzero(first), np.flatnonzero(last)
    row = np.full(len(shapes), -1, dtype=np.intp)
    row[line[start]] = np.arange(len(start))
    ends, at = np.unique(unit[first | last], return_index=True)
    spot = xy[first | last][at]
    points = shapely.points(spot)
    end, other = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=JOIN_M)
    of_line = pd.MultiIndex.from_arrays([line, unit])
    fresh = ~pd.MultiIndex.from_arrays([other, ends[end]]).isin(of_line)
    end, other = end[fresh], other[fresh]
    if not len(end):
        return xy, line, np.empty((0, 2), dtype=np.uint64)
    _, run = _segments(xy, line)
    along = run[start[row[other]]] + shapely.line_locate_point(shapes[other], points[end])
    before = np.searchsorted(run, along, side="right") - 1
    before = np.clip(before, start[row[other]], np.maximum(stop[row[other]] - 1, start[row[other]]))
    gaps = np.column_stack([np.hypot(*(xy[before + step] - spot[end]).T) for step in (0, 1)])
    # Of a bridge only the ends are met.
    at_end = np.column_stack([first[before], last[before + 1]])
    gaps[bridge[other][:, None] & ~at_end] = np.inf
    vertex = before + (gaps[:, 1] < gaps[:, 0])
    near = gaps.min(axis=1) <= JOIN_M
    same = np.column_stack([ends[end[near]], unit[vertex[near]]])
    new = ~near & ~bridge[other]
    order = np.lexsort((ends[end[new]], along[new]))
    into, which = before[new][order], end[new][order]
    xy = np.insert(xy, into + 1, spot[which], axis=0)
    line = np.insert(line, into + 1, other[new][order])
    inserted = np.column_stack([ends[which], ends[which]])  # a pair with itself, so that what was joined is counted
    return xy, line, np.concatenate([same, inserted])


def _with_steps(xy: Floats, line: Ints, node: Ints, place: Floats, step_m: float) -> tuple[Floats, Ints, Ints, Floats]:
    """The vertices with nodes set between those of a long piece, at equal lengths, and one at least on a piece that comes back."""
    start, stop = _ranges(line, node)
    long, run = _segments(xy, line)
    length = np.add.reduceat(long, start)
    parts = np.maximum(np.ceil(length / step_m - 1e-9), 1.0).astype(np.intp)
    parts[(node[start] == node[stop]) & (parts == 1)] = 2
    piece = np.repeat(np.arange(len(start)), parts - 1)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(parts - 1) - (parts - 1), parts - 1) + 1
    along = run[start[piece]] + length[piece] * number / parts[piece]
    before = np.clip(np.searchsorted(run, along, side="right") - 1, start[piece], stop[piece] - 1)
    share = np.clip((along - run[before]) / np.where(long[before] > 0, long[before], 1.0), 0.0, 1.0)
    spot = xy[before] + share[:, None] * (xy[before + 1] - xy[before])
    # No two nodes stand on one place: a step that would fall on another node is not made.
    taken = np.unique(node[node >= 0])
    unit = _units(spot)
    free = ~np.isin(unit, _units(place[taken])) & ~pd.Series(unit).duplicated(keep=False).to_numpy()
    spot, before = spot[free], before[free]
    fresh = len(place) + np.arange(len(spot))
    return (
        np.insert(xy, before + 1, spot, axis=0),
        np.insert(line, before + 1, line[before]),
        np.insert(node, before + 1, fresh),
        np.concatenate([place, spot]),
    )


def _ranges(line: Ints, node: Ints) -> tuple[Ints, Ints]:
    """The first and the last vertex of each piece: it runs from a node to the next one of its line."""
    edge = line[1:] != line[:-1]
    at = node >= 0
    return np.flatnonzero(at & ~np.append(edge, True)), np.flatnonzero(at & ~np.append(True, edge))


def _cut(xy: Floats, line: Ints, node: Ints, place: Floats, pointless: Ints, *, joined: int, ends_join: bool) -> Pieces:
    start, stop = _ranges(line, node)
    long, _ = _segments(xy, line)
    length = np.add.reduceat(long, start)
    real = (node[start] != node[stop]) & (length > 0)
    start, stop, length = start[real], stop[real], length[real]
    if not len(start):
        return _nothing(pointless)
    size = stop - start + 1
    vertex = np.repeat(start - (np.cumsum(size) - size), size) + np.arange(size.sum())
    shapes = shapely.linestrings(xy[vertex], indices=np.repeat(np.arange(len(size)), size))
    used, ends = np.unique(np.concatenate([node[start], node[stop]]), return_inverse=True)
    nodes = place[used]
    order = np.argsort(_units(nodes))
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    a, b = rank[ends[: len(start)]], rank[ends[len(start) :]]
    crossings = misses = np.empty((0, 2))
    if ends_join:
        crossings, misses = _crossings(shapes, a, b), _misses(shapes, a, b, nodes[order])
    by = np.lexsort((line[start], length, np.maximum(a, b), np.minimum(a, b)))
    return Pieces(
        nodes[order], line[start][by], a[by], b[by], length[by], shapes[by], joined, pointless, crossings, misses
    )


def _crossings(shapes: Shapes, a: Ints, b: Ints) -> Floats:
    """Where pieces cross that share no node."""
    one, other = shapely.STRtree(shapes).query(shapes)  # by their boxes: most that meet share a node
    apart = (one < other) & ~_share(a, b, one, other)
    one, other = one[apart], other[apart]
    crossed = shapely.crosses(shapes[one], shapes[other])
    spots = shapely.point_on_surface(shapely.intersection(shapes[one[crossed]], shapes[other[crossed]]))
    return np.unique(np.round(shapely.get_coordinates(spots), 3), axis=0)


def _misses(shapes: Shapes, a: Ints, b: Ints, nodes: Floats) -> Floats:
    """Ends of lines that nothing else meets and that lie near another line: nearer along no way than across the gap."""
    free = np.flatnonzero(np.bincount(np.concatenate([a, b]), minlength=len(nodes)) == 1)
    end, piece = shapely.STRtree(shapes).query(shapely.points(nodes[free]), predicate="dwithin", distance=MISS_M)
    own = np.zeros(len(nodes), dtype=np.intp)
    own[a], own[b] = np.arange(len(a)), np.arange(len(b))
    mine = own[free[end]]
    apart = (mine != piece) & ~_share(a, b, mine, piece)
    return nodes[np.unique(free[end[apart]])]


def _share(a: Ints, b: Ints, one: Ints, other: Ints) -> NDArray[np.bool_]:
    return np.asarray((a[one] == a[other]) | (a[one] == b[other]) | (b[one] == a[other]) | (b[one] == b[other]))

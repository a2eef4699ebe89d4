"""How deep two sites overlap and how much boundary they share: asked only of pairs that touch.

Both are exact for straight edges, to the rounding of their coordinates: no circle is drawn as a polygon to find them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from assetplan.site import TOUCH_TOLERANCE_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

# A corner lies within the tolerance of the other boundary for a stretch on either side of it; below this it is a corner.
CORNER_M = 4 * TOUCH_TOLERANCE_M
_REACH_M = TOUCH_TOLERANCE_M + 1e-9
_COLLECTION = 7
_CORNERS_AT_ONCE = 100_000
_EDGE_PAIRS_AT_ONCE = 400_000
_EDGE_PAIRS_IN_A_TREE = 40_000


def as_land(shapes: Shapes) -> Shapes:
    """Shapes in which a collection that holds areas is those areas alone; all others as they are."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION)
    if not len(mixed):
        return shapes
    out = shapes.copy()
    for i in mixed:
        areas = _areas(shapes[i])
        if areas:
            out[i] = shapely.union_all([shapely.make_valid(area) for area in areas])
    return out


def _repaired(shapes: Shapes) -> Shapes:
    """Areas whose rings neither cross nor overlap: a shape that is not valid is made so, and loses what has no area."""
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    if not len(bad):
        return shapes
    out = shapes.copy()
    for i in bad:
        areas = _areas(shapely.make_valid(shapes[i]))
        out[i] = shapely.union_all(areas) if areas else shapely.Polygon()
    return out


def _areas(shape: shapely.Geometry) -> list[shapely.Geometry]:
    parts = shapely.get_parts(shape)
    while np.any(shapely.get_type_id(parts) > 3):
        parts = shapely.get_parts(parts)
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]


class Sides(NamedTuple):
    """How the boundaries of pairs of shapes lie to one another."""

    shared_m: Floats
    """Mean of the lengths of the two boundaries within the touch tolerance of the other; a corner has none."""
    meet: NDArray[np.bool_]
    """Whether they have an edge in common to the last bit, so that there is no gap; where not, there may be one."""
    apart: NDArray[np.bool_]
    """Whether an edge parts them, so that they cannot overlap deeply; where not, they may."""


def sides(shapes: Shapes, box: Floats, left: Places, right: Places) -> Sides:
    """How the boundaries of pairs of areas lie to one another; what is no area has no boundary.

    Parameters
    ----------
    shapes
        Shapes in metres.
    box
        Their bounds, one row a shape.
    left, right
        Pairs, as positions in `shapes`.

    Notes
    -----
    What lies within a distance of a straight edge is convex, so the points of another straight edge within that distance are one
    stretch. The stretches of each edge are found by arithmetic, and their union is measured.
    """
    out = Sides(np.zeros(len(left)), np.zeros(len(left), dtype=bool), np.zeros(len(left), dtype=bool))
    if not len(left):
        return out
    edges, first = _edges(shapes)
    polygon = shapely.get_type_id(shapes) == 3
    count = np.diff(first)
    step = np.cumsum(count[left] + count[right]) // _CORNERS_AT_ONCE
    for some in np.split(np.arange(len(left)), np.flatnonzero(np.diff(step)) + 1):
        one, other = left[some], right[some]
        a = _edges_near(edges, first, one, box[other])
        b = _edges_near(edges, first, other, box[one])
        i, j = _edge_pairs(edges, a, b, len(some))
        same = _same(edges, a.edge[i], b.edge[j])
        ours, length = _along(edges, a, b, i, j, same)
        theirs, other_length = _along(edges, b, a, j, i, same)
        both = np.bincount(a.pair[ours], length, len(some)) + np.bincount(b.pair[theirs], other_length, len(some))
        out.shared_m[some] = np.where(both < 2 * CORNER_M, 0.0, both / 2)
        out.meet[some[a.pair[i[same]]]] = True
        beside = np.full(len(some), -1)
        most = ours[np.argsort(length, kind="stable")]
        beside[a.pair[most]] = a.edge[most]
        out.apart[some] = _on_either_side(edges, first, one, other, beside)
        open_question = out.meet[some] & ~out.apart[some] & polygon[one] & polygon[other]
        out.apart[some[open_question]] = _fit(edges, first, (one, other), (a, b), (i, j), same, open_question)[
            open_question
        ]
    return out


def overlap_deeply(shapes: Shapes, left: Places, right: Places) -> NDArray[np.bool_]:
    """Whether a circle as wide as the touch tolerance fits into what both shapes of each pair cover.

    Parameters
    ----------
    shapes
        Shapes in metres. Those that are not valid are repaired first.
    left, right
        Pairs, as positions in `shapes`.
    """
    used, place = np.unique(np.concatenate((left, right)), return_inverse=True)
    areas, one, other = _repaired(shapes[used]), place[: len(left)], place[len(left) :]
    out = np.zeros(len(left), dtype=bool)
    radius = TOUCH_TOLERANCE_M / 2
    at = np.flatnonzero(~shapely.touches(areas[one], areas[other]))
    common = shapely.intersection(areas[one[at]], areas[other[at]])
    size = shapely.area(common)
    # The area of a shape without holes is at most its perimeter times the radius of the widest circle in it (Bonnesen).
    whole = (shapely.get_type_id(common) == 3) & (shapely.get_num_interior_rings(common) == 0)
    out[at] = whole & (size > 1.01 * radius * shapely.length(common))
    open_question = ~out[at] & (size > 3 * radius**2)
    out[at[open_question]] = ~shapely.is_empty(shapely.buffer(common[open_question], -radius))
    return out


def _edges(areas: Shapes) -> tuple[Floats, Places]:
    """Edges as columns of x, y, x, y, and where those of each area begin."""
    whole = (shapely.get_type_id(areas) == 3) & (shapely.get_num_interior_rings(areas) == 0)
    rings, area = areas[whole], np.flatnonzero(whole)
    if not whole.all():
        parts, several = shapely.get_parts(areas[~whole], return_index=True)
        others, part = shapely.get_rings(parts, return_index=True)
        rings = np.concatenate((rings, others))
        area = np.concatenate((area, np.flatnonzero(~whole)[several[part]]))
        order = np.argsort(area, kind="stable")
        rings, area = rings[order], area[order]
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = corners.T
    real = np.flatnonzero((ring[:-1] == ring[1:]) & ((x[:-1] != x[1:]) | (y[:-1] != y[1:])))
    edges = np.stack((x[real], y[real], x[real + 1], y[real + 1]))
    return edges, np.searchsorted(area[ring[real]], np.arange(len(areas) + 1))


def runs(start: Places, count: Places) -> Places:
    """Positions of several runs, one after the other: ``runs([3, 9], [2, 1])`` is 3, 4, 9."""
    before = np.cumsum(count) - count
    return np.arange(count.sum()) + np.repeat(start - before, count)


class _Near(NamedTuple):
    """Edges of one area of each pair that may be within the tolerance of the other area, and the pair of each."""

    edge: Places
    pair: Places


def _edges_near(edges: Floats, first: Places, of: Places, box: Floats) -> _Near:
    count = first[of + 1] - first[of]
    edge, pair = runs(first[of], count), np.repeat(np.arange(len(of)), count)
    for k in (0, 1):
        one, two = edges[k][edge], edges[k + 2][edge]
        near = (np.maximum(one, two) >= box[:, k][pair] - _REACH_M) & (
            np.minimum(one, two) <= box[:, k + 2][pair] + _REACH_M
        )
        edge, pair = edge[near], pair[near]
    return _Near(edge, pair)


def _edge_pairs(edges: Floats, a: _Near, b: _Near, pairs: int) -> tuple[Places, Places]:
    """Positions in `a` and `b` of edges of one pair that may be within the tolerance of one another."""
    start = np.searchsorted(b.pair, np.arange(pairs + 1))
    others = np.diff(start)
    many = np.bincount(a.pair, minlength=pairs) * others > _EDGE_PAIRS_IN_A_TREE
    found = [_edge_pairs_by_tree(edges, a, b, int(pair)) for pair in np.flatnonzero(many)]
    few = np.flatnonzero(~many[a.pair])
    step = np.cumsum(others[a.pair[few]]) // _EDGE_PAIRS_AT_ONCE
    for some in np.split(few, np.flatnonzero(np.diff(step)) + 1):
        count = others[a.pair[some]]
        i, j = np.repeat(some, count), runs(start[a.pair[some]], count)
        for k in (0, 1):
            one, two = edges[k, a.edge[i]], edges[k + 2, a.edge[i]]
            three, four = edges[k, b.edge[j]], edges[k + 2, b.edge[j]]
            near = np.maximum(one, two) >= np.minimum(three, four) - _REACH_M
            near &= np.maximum(three, four) >= np.minimum(one, two) - _REACH_M
            i, j = i[near], j[near]
        found.append((i, j))
    return np.concatenate([i for i, _ in found]), np.concatenate([j for _, j in found])


def _edge_pairs_by_tree(edges: Floats, a: _Near, b: _Near, pair: int) -> tuple[Places, Places]:
    """The same for one pair of long outlines, in a tree."""
    low, high = np.searchsorted(a.pair, (pair, pair + 1))
    start, end = np.searchsorted(b.pair, (pair, pair + 1))
    ours = edges[:, a.edge[low:high]]
    theirs = shapely.linestrings(edges[:, b.edge[start:end]].T.reshape(-1, 2, 2))
    corners = np.minimum(ours[:2], ours[2:]) - _REACH_M, np.maximum(ours[:2], ours[2:]) + _REACH_M
    i, j = shapely.STRtree(theirs).query(shapely.linestrings(np.stack([corner.T for corner in corners], axis=1)))
    return i + low, j + start


def _same(edges: Floats, one: Places, other: Places) -> NDArray[np.bool_]:
    """Whether two edges are one, in either direction."""
    out = np.zeros(len(one), dtype=bool)
    at = np.flatnonzero(edges[0, one] + edges[2, one] == edges[0, other] + edges[2, other])
    x0, y0, x1, y1 = (corner[one[at]] for corner in edges)
    u0, v0, u1, v1 = (corner[other[at]] for corner in edges)
    out[at] = ((x0 == u0) & (y0 == v0) & (x1 == u1) & (y1 == v1)) | ((x0 == u1) & (y0 == v1) & (x1 == u0) & (y1 == v0))
    return out


def _along(edges: Floats, a: _Near, b: _Near, i: Places, j: Places, same: NDArray[np.bool_]) -> tuple[Places, Floats]:
    """Edges of `a`, as positions there, and lengths of theirs within the tolerance of the edges `j` of `b` beside them."""
    whole = np.zeros(len(a.edge), dtype=bool)
    whole[i[same]] = True  # an edge that both have needs no measuring
    part = np.flatnonzero(~whole[i])
    i, j = i[part], j[part]
    at, covered = _covered(i, *_stretch(edges[:, a.edge[i]], edges[:, b.edge[j]]))
    shared = np.flatnonzero(whole)
    return np.concatenate((shared, at)), np.concatenate((_direction(edges[:, a.edge[shared]])[2], covered))


def _covered(i: Places, low: Floats, high: Floats) -> tuple[Places, Floats]:
    """What each stretch adds to those before it of the same edge, edge by edge."""
    some = low < high
    i, low, high = i[some], low[some], high[some]
    order = np.lexsort((high, low, i))
    i, low, high = i[order], low[order], high[order]
    # The furthest that any stretch up to this one reaches, within each edge: maxima over 2, 4, 8... of them.
    furthest, step = high, 1
    while step < len(i) and (same := i[step:] == i[:-step]).any():
        further = np.where(same, np.maximum(furthest[step:], furthest[:-step]), furthest[step:])
        furthest = np.concatenate((furthest[:step], further))
        step *= 2
    begun = np.zeros(len(i))
    begun[1:] = np.where(i[1:] == i[:-1], furthest[:-1], -np.inf)
    return i, np.maximum(high - np.maximum(low, begun), 0.0)


def _on_either_side(edges: Floats, first: Places, left: Places, right: Places, beside: Places) -> NDArray[np.bool_]:
    """Whether each pair lies so on either side of one edge that what both cover is narrower than the tolerance."""
    at = np.flatnonzero(beside >= 0)
    x, y, _ = _direction(edges[:, beside[at]])
    sides = []
    for of in (left[at], right[at]):
        count = first[of + 1] - first[of]
        corner, pair = runs(first[of], count), np.repeat(np.arange(len(of)), count)
        start = beside[at][pair]
        off = x[pair] * (edges[1, corner] - edges[1, start]) - y[pair] * (edges[0, corner] - edges[0, start])
        begin = np.cumsum(count) - count
        sides += [np.minimum.reduceat(off, begin), np.maximum.reduceat(off, begin)] if len(at) else [off, off]
    out = np.zeros(len(left), dtype=bool)
    out[at] = np.minimum(sides[1] - sides[2], sides[3] - sides[0]) < TOUCH_TOLERANCE_M - 1e-6
    return out


def _fit(
    edges: Floats,
    first: Places,
    of: tuple[Places, Places],
    near: tuple[_Near, _Near],
    beside: tuple[Places, Places],
    same: NDArray[np.bool_],
    asked: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Whether two polygons of a pair that have an edge in common have no more than edges and corners in common.

    Where their boundaries meet at common edges and common corners only, what is left of either boundary lies piece by piece within the
    other polygon or without, as the middles of its edges do. Where all lie without, neither polygon reaches into the other, for the
    inside of a polygon hangs together; two polygons of the same edges are the same land, and do not fit.
    """
    out = asked.copy()
    i, j = (place[~same & asked[near[0].pair[beside[0]]]] for place in beside)
    out[near[0].pair[i[~_clear(edges, near[0].edge[i], near[1].edge[j])]]] = False
    for k in (0, 1):
        common = np.zeros(len(near[k].edge), dtype=bool)
        common[beside[k][same]] = True
        out &= np.bincount(near[k].pair[common], minlength=len(out)) < first[of[k] + 1] - first[of[k]]
        rest = np.flatnonzero(~common & out[near[k].pair])
        x0, y0, x1, y1 = (corner[near[k].edge[rest]] for corner in edges)
        other = of[1 - k][near[k].pair[rest]]
        count = first[other + 1] - first[other]
        edge = runs(first[other], count)
        x, y = np.repeat((x0 + x1) / 2, count), np.repeat((y0 + y1) / 2, count)
        u0, v0, u1, v1 = (corner[edge] for corner in edges)
        at = np.flatnonzero((v0 > y) != (v1 > y))
        right = x[at] < u0[at] + (y[at] - v0[at]) * (u1[at] - u0[at]) / (v1[at] - v0[at])
        crossings = np.bincount(np.repeat(np.arange(len(rest)), count)[at[right]], minlength=len(rest))
        out[near[k].pair[rest[crossings % 2 == 1]]] = False
    return out


def _clear(edges: Floats, one: Places, other: Places) -> NDArray[np.bool_]:
    """Whether two edges that are not the same plainly have at most an end in common."""
    ax0, ay0, ax1, ay1 = (corner[one] for corner in edges)
    bx0, by0, bx1, by1 = (corner[other] for corner in edges)
    ax, ay, bx, by, x, y = ax1 - ax0, ay1 - ay0, bx1 - bx0, by1 - by0, bx0 - ax0, by0 - ay0
    turn = ax * by - ay * bx
    b0, a0 = ax * y - ay * x, by * x - bx * y
    b1, a1 = b0 + turn, a0 - turn
    hair_a, hair_b = 1e-8 * (np.abs(ax) + np.abs(ay)), 1e-8 * (np.abs(bx) + np.abs(by))
    off_a = (np.minimum(b0, b1) > hair_a) | (np.maximum(b0, b1) < -hair_a)
    off_b = (np.minimum(a0, a1) > hair_b) | (np.maximum(a0, a1) < -hair_b)
    start = ((ax0 == bx0) & (ay0 == by0)) | ((ax1 == bx1) & (ay1 == by1))
    end = ((ax0 == bx1) & (ay0 == by1)) | ((ax1 == bx0) & (ay1 == by0))
    ahead = ax * bx + ay * by
    bent = np.abs(turn) > np.maximum(hair_a, hair_b)
    return off_a | off_b | (start & (bent | (ahead < 0))) | (end & (bent | (ahead > 0)))


def _stretch(edge: Floats, other: Floats) -> tuple[Floats, Floats]:
    """From where to where, in metres along each edge, it lies within the tolerance of the other; where not at all, from >= to.

    What lies within the tolerance of `other` is a strip along it and a circle about either end. A line meets each in one stretch,
    and the stretches hang together.
    """
    reach = TOUCH_TOLERANCE_M
    along_x, along_y, long = _direction(edge)
    beside_x, beside_y, wide = _direction(other)
    low, high = np.full(len(long), np.inf), np.full(len(long), -np.inf)
    for end in (0, 2):
        x, y = edge[0] - other[end], edge[1] - other[end + 1]
        half = reach**2 - (along_x * y - along_y * x) ** 2
        meets = half >= 0
        half = np.sqrt(np.where(meets, half, 0.0))
        middle = -(along_x * x + along_y * y)
        low = np.where(meets, np.minimum(low, middle - half), low)
        high = np.where(meets, np.maximum(high, middle + half), high)
    x, y = edge[0] - other[0], edge[1] - other[1]
    off = _within(beside_x * y - beside_y * x, beside_x * along_y - beside_y * along_x, -reach, reach)
    by = _within(beside_x * x + beside_y * y, beside_x * along_x + beside_y * along_y, 0.0, wide)
    strip_low, strip_high = np.maximum(off[0], by[0]), np.minimum(off[1], by[1])
    strip = strip_low <= strip_high
    low = np.where(strip, np.minimum(low, strip_low), low)
    high = np.where(strip, np.maximum(high, strip_high), high)
    return np.maximum(low, 0.0), np.minimum(high, long)


def _direction(edges: Floats) -> tuple[Floats, Floats, Floats]:
    """Unit vector and length of each edge."""
    x, y = edges[2] - edges[0], edges[3] - edges[1]
    length = np.sqrt(x * x + y * y)
    return x / length, y / length, length


def _within(start: Floats, rate: Floats, least: float, most: Floats | float) -> tuple[Floats, Floats]:
    """From where to where ``start + rate * s`` lies between two bounds."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (least - start) / rate, (most - start) / rate
    still = rate == 0
    inside = (start >= least) & (start <= most)
    low = np.where(still, np.where(inside, -np.inf, np.inf), np.minimum(one, two))
    high = np.where(still, np.where(inside, np.inf, -np.inf), np.maximum(one, two))
    return low, high

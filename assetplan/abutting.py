"""How deep two sites overlap and how much boundary they share: asked only of pairs that touch.

Both are exact for straight edges, to the rounding of their coordinates: no circle is drawn as a polygon to find them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
_AREAS = (3, 6)
_COLLECTION = 7
_CORNERS_AT_ONCE = 400_000
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


def repaired(shapes: Shapes) -> Shapes:
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


def overlap_deeply(areas: Shapes, left: Places, right: Places) -> NDArray[np.bool_]:
    """Whether a circle as wide as the touch tolerance fits into what both areas of a pair cover.

    Parameters
    ----------
    areas
        Valid areas in metres.
    left, right
        Pairs, as positions in `areas`.
    """
    out = np.zeros(len(left), dtype=bool)
    radius = TOUCH_TOLERANCE_M / 2
    box = shapely.bounds(areas)
    with np.errstate(invalid="ignore"):  # what has no area left has no bounds
        common = np.minimum(box[left, 2:], box[right, 2:]) - np.maximum(box[left, :2], box[right, :2])
        at = np.flatnonzero((common > TOUCH_TOLERANCE_M - 1e-9).all(axis=1))
    at = at[~shapely.touches(areas[left[at]], areas[right[at]])]
    shared = shapely.intersection(areas[left[at]], areas[right[at]])
    size = shapely.area(shared)
    # The area of a shape without holes is at most its perimeter times the radius of the widest circle in it (Bonnesen).
    whole = (shapely.get_type_id(shared) == 3) & (shapely.get_num_interior_rings(shared) == 0)
    out[at] = whole & (size > 1.01 * radius * shapely.length(shared))
    open_question = ~out[at] & (size > 3 * radius**2)
    out[at[open_question]] = ~shapely.is_empty(shapely.buffer(shared[open_question], -radius))
    return out


def shared_boundary(areas: Shapes, left: Places, right: Places) -> Floats:
    """Mean of the lengths of the two boundaries of each pair that lie within the touch tolerance of the other.

    The points of a straight edge within a distance of another straight edge are one stretch, for what lies within a distance
    of a segment is convex. Each edge's stretches are found and their union is measured.

    Parameters
    ----------
    areas
        Valid areas in metres.
    left, right
        Pairs, as positions in `areas`.
    """
    out = np.zeros(len(left))
    if not len(left):
        return out
    edges, first = _edges(areas)
    box = shapely.bounds(areas)
    count = np.diff(first)
    step = np.cumsum(count[left] + count[right]) // _CORNERS_AT_ONCE
    for some in np.split(np.arange(len(left)), np.flatnonzero(np.diff(step)) + 1):
        a, a_pair = _edges_near(edges, first, left[some], box[right[some]])
        b, b_pair = _edges_near(edges, first, right[some], box[left[some]])
        i, j = _edge_pairs(edges, a, a_pair, b, b_pair, len(some))
        out[some] = (_length(edges, i, j, a_pair, a, b, len(some)) + _length(edges, j, i, b_pair, b, a, len(some))) / 2
    return np.where(out < CORNER_M, 0.0, out)


def _edges(areas: Shapes) -> tuple[Floats, Places]:
    """Edges as rows of x, y, x, y, and where those of each area begin."""
    parts, area = shapely.get_parts(areas, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    edges = np.hstack((corners[:-1], corners[1:]))
    real = (ring[:-1] == ring[1:]) & (corners[:-1] != corners[1:]).any(axis=1)
    owner = area[part[ring[:-1][real]]]
    return edges[real], np.searchsorted(owner, np.arange(len(areas) + 1))


def _runs(start: Places, count: Places) -> Places:
    """Positions of several runs, one after the other: ``_runs([3, 9], [2, 1])`` is 3, 4, 9."""
    before = np.cumsum(count) - count
    return np.arange(count.sum()) + np.repeat(start - before, count)


def _edges_near(edges: Floats, first: Places, of: Places, box: Floats) -> tuple[Places, Places]:
    """Edges of one area of each pair that may be within the tolerance of the other area, and the pair of each."""
    count = first[of + 1] - first[of]
    edge, pair = _runs(first[of], count), np.repeat(np.arange(len(of)), count)
    x0, y0, x1, y1 = edges[edge].T
    low_x, low_y, high_x, high_y = box[pair].T
    reach = TOUCH_TOLERANCE_M + 1e-9
    near = (np.maximum(x0, x1) >= low_x - reach) & (np.minimum(x0, x1) <= high_x + reach)
    near &= (np.maximum(y0, y1) >= low_y - reach) & (np.minimum(y0, y1) <= high_y + reach)
    return edge[near], pair[near]


def _edge_pairs(
    edges: Floats, a: Places, a_pair: Places, b: Places, b_pair: Places, pairs: int
) -> tuple[Places, Places]:
    """Positions in `a` and `b` of edges of one pair that may be within the tolerance of one another."""
    start = np.searchsorted(b_pair, np.arange(pairs + 1))
    others = np.diff(start)
    many = np.bincount(a_pair, minlength=pairs) * others > _EDGE_PAIRS_IN_A_TREE
    found = [_edge_pairs_by_tree(edges, a, a_pair, b, start, int(pair)) for pair in np.flatnonzero(many)]
    few = np.flatnonzero(~many[a_pair])
    reach = TOUCH_TOLERANCE_M + 1e-9
    step = np.cumsum(others[a_pair[few]]) // _EDGE_PAIRS_AT_ONCE
    for some in np.split(few, np.flatnonzero(np.diff(step)) + 1):
        count = others[a_pair[some]]
        i, j = np.repeat(some, count), _runs(start[a_pair[some]], count)
        for k in (0, 1):
            one, two, three, four = edges[a[i], k], edges[a[i], k + 2], edges[b[j], k], edges[b[j], k + 2]
            near = np.maximum(one, two) >= np.minimum(three, four) - reach
            near &= np.maximum(three, four) >= np.minimum(one, two) - reach
            i, j = i[near], j[near]
        found.append((i, j))
    return np.concatenate([i for i, _ in found]), np.concatenate([j for _, j in found])


def _edge_pairs_by_tree(
    edges: Floats, a: Places, a_pair: Places, b: Places, start: Places, pair: int
) -> tuple[Places, Places]:
    """The same for one pair of long outlines, in a tree."""
    low, high = np.searchsorted(a_pair, (pair, pair + 1))
    ours = edges[a[low:high]]
    theirs = shapely.linestrings(edges[b[start[pair] : start[pair + 1]]].reshape(-1, 2, 2))
    reach = TOUCH_TOLERANCE_M + 1e-9
    boxes = shapely.box(
        np.minimum(ours[:, 0], ours[:, 2]) - reach, np.minimum(ours[:, 1], ours[:, 3]) - reach,
        np.maximum(ours[:, 0], ours[:, 2]) + reach, np.maximum(ours[:, 1], ours[:, 3]) + reach,
    )  # fmt: skip
    i, j = shapely.STRtree(theirs).query(boxes)
    return i + low, j + start[pair]


def _length(edges: Floats, i: Places, j: Places, pair: Places, a: Places, b: Places, pairs: int) -> Floats:
    """Length of the edges `i` of `a` that lies within the tolerance of the edges `j` of `b`, for each pair."""
    low, high = _stretch(edges[a[i]], edges[b[j]])
    some = low < high
    i, low, high = i[some], low[some], high[some]
    order = np.lexsort((high, low, i))
    i, low, high = i[order], low[order], high[order]
    # The furthest that any stretch up to this one reaches, within each edge: maxima over 2, 4, 8... of them.
    furthest, step = high, 1
    while step < len(i) and (same := i[step:] == i[:-step]).any():
        furthest = np.concatenate(
            (furthest[:step], np.where(same, np.maximum(furthest[step:], furthest[:-step]), furthest[step:]))
        )
        step *= 2
    begun = np.zeros(len(i))
    begun[1:] = np.where(i[1:] == i[:-1], furthest[:-1], -np.inf)
    return np.bincount(pair[i], weights=np.maximum(high - np.maximum(low, begun), 0.0), minlength=pairs)


def _stretch(edge: Floats, other: Floats) -> tuple[Floats, Floats]:
    """From where to where, in metres along each edge, it lies within the tolerance of the other; where not at all, from >= to.

    What lies within the tolerance of `other` is a strip along it and a circle about either end. A line meets each in one stretch,
    and the stretches hang together.
    """
    reach = TOUCH_TOLERANCE_M
    along, long = _direction(edge)
    beside, wide = _direction(other)
    low, high = np.full(len(edge), np.inf), np.full(len(edge), -np.inf)
    for end in (0, 2):
        x, y = edge[:, 0] - other[:, end], edge[:, 1] - other[:, end + 1]
        half = reach**2 - (along[:, 0] * y - along[:, 1] * x) ** 2
        meets = half >= 0
        half = np.sqrt(np.where(meets, half, 0.0))
        middle = -(along[:, 0] * x + along[:, 1] * y)
        low = np.where(meets, np.minimum(low, middle - half), low)
        high = np.where(meets, np.maximum(high, middle + half), high)
    x, y = edge[:, 0] - other[:, 0], edge[:, 1] - other[:, 1]
    off = _within(
        beside[:, 0] * y - beside[:, 1] * x, beside[:, 0] * along[:, 1] - beside[:, 1] * along[:, 0], -reach, reach
    )
    by = _within(
        beside[:, 0] * x + beside[:, 1] * y, beside[:, 0] * along[:, 0] + beside[:, 1] * along[:, 1], 0.0, wide
    )
    strip_low, strip_high = np.maximum(off[0], by[0]), np.minimum(off[1], by[1])
    strip = strip_low <= strip_high
    low = np.where(strip, np.minimum(low, strip_low), low)
    high = np.where(strip, np.maximum(high, strip_high), high)
    return np.maximum(low, 0.0), np.minimum(high, long)


def _direction(edges: Floats) -> tuple[Floats, Floats]:
    vector = edges[:, 2:] - edges[:, :2]
    length = np.sqrt((vector**2).sum(axis=1))
    return vector / length[:, None], length


def _within(start: Floats, rate: Floats, least: float, most: Floats | float) -> tuple[Floats, Floats]:
    """From where to where ``start + rate * s`` lies between two bounds."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (least - start) / rate, (most - start) / rate
    still = rate == 0
    inside = (start >= least) & (start <= most)
    low = np.where(still, np.where(inside, -np.inf, np.inf), np.minimum(one, two))
    high = np.where(still, np.where(inside, np.inf, -np.inf), np.maximum(one, two))
    return low, high

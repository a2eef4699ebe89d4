"""Which boxes come within reach of one another: each pair once, so many at a time, in memory that does not grow with the pairs.

The ground is cut into strips from west to east, and gone through from south to north, some strips at a time, with the boxes that
begin there and those that reach into them from before. In each strip boxes lie in the order of their western ends, and those that
begin before a box and its reach end follow it in one run. A pair belongs to the first strip in which both lie.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]
    Strips = NDArray[np.int64]

_BOXES_AT_ONCE = 50_000
_PAIRS_AT_ONCE = 12_000
_STRIP_M = 100.0
_STRIPS = 10_000


def within_reach(box: Floats, reach: float) -> Iterator[tuple[Places, Places]]:
    """Pairs of boxes no further apart than `reach` both ways, by position; no pairs once where no box is anywhere.

    Parameters
    ----------
    box
        West, south, east and north in metres, one row a box. One whose ends are not all finite is nowhere.
    reach
        In metres, above 0.
    """
    order, first, last = _strips(box, reach)
    if not len(order):
        yield order, order
        return
    begins = first[order]
    cuts = np.unique(np.searchsorted(begins, begins[::_BOXES_AT_ONCE])).tolist()
    del begins
    here = order[:0]
    for start, end in pairwise([*cuts, len(order)]):
        south, north = first[order[start]], first[order[end - 1]]
        here = np.concatenate((here[last[here] >= south], order[start:end]))
        yield from _strip_by_strip(
            box, reach, here, first, np.maximum(first[here], south), np.minimum(last[here], north)
        )


def _strips(box: Floats, reach: float) -> tuple[Places, Strips, Strips]:
    """Boxes that are somewhere, in the order in which they begin; and of all the first and last strip that they reach into."""
    placed = np.isfinite(box).all(axis=1)
    south, north = (np.where(placed, box[:, k], 0.0) for k in (1, 3))
    height = max(_STRIP_M, 2 * reach)
    while ((north - south) / height).sum() > 4 * len(south) + _STRIPS:  # shapes of absurd height
        height *= 2
    first, last = (np.floor(end / height).astype(np.int64) for end in (south - reach, north))
    order = np.flatnonzero(placed)
    return order[np.argsort(first[order])], first, last


def _strip_by_strip(
    box: Floats, reach: float, here: Places, first: Strips, low: Strips, high: Strips
) -> Iterator[tuple[Places, Places]]:
    """Pairs of some boxes that belong to the strips from `low` to `high`."""
    west, south, east, north = box.T
    site, strip = np.repeat(here, high - low + 1), runs(low, high - low + 1)
    order = np.lexsort((west[site], strip))
    site, strip = site[order], strip[order]
    # Western ends, strip by strip one after the other, so that they rise all the way and one search serves all strips.
    # That loses some of the digits behind the point, for which a millimetre more than makes up: distances decide in the end.
    width = east[here].max() - west[here].min() + 2 * reach
    lane = np.cumsum(np.diff(strip, prepend=strip[:1]) != 0) * width
    follow = np.searchsorted(lane + west[site], lane + east[site] + reach + 1e-3, side="right")
    follow -= np.arange(1, len(site) + 1)
    for some in portions(follow, _PAIRS_AT_ONCE):
        one = np.repeat(np.arange(some.start, some.stop), follow[some])
        left, right = site[one], site[runs(np.arange(some.start, some.stop) + 1, follow[some])]
        near = (south[left] <= north[right] + reach) & (south[right] <= north[left] + reach)
        near &= strip[one] == np.maximum(first[left], first[right])
        yield left[near], right[near]


def runs(start: Places, count: Places) -> Places:
    """Positions of several runs, one after the other: ``runs([3, 9], [2, 1])`` is 3, 4, 9."""
    before = np.cumsum(count) - count
    return np.arange(count.sum()) + np.repeat(start - before, count)


def portions(weight: Places, most: int) -> Iterator[slice]:
    """Positions cut into runs that weigh some `most` each; one run of none where there are none."""
    cuts = np.flatnonzero(np.diff(np.cumsum(weight) // most)) + 1
    return (slice(start, end) for start, end in pairwise([0, *cuts.tolist(), len(weight)]))

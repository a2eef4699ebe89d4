"""Connected groups of sites, all of them where that can be done: streamed, never listed.

A component of up to `EXACT` sites is gone through whole: every subset is a number of as many bits, and those that hang together are
found a million at a time by flooding each from its lowest bit. Beyond that groups grow site by site, every connected group of one
size giving those of the next, until there are more than can be
held of one size (`WIDTH`, fewer of a large component): then the best of them go on, and the search says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

EXACT = 25
WIDTH = 200_000
_WORK = 5_000_000  # groups of one size times sites of the component: what takes a second or two to go through
_NARROWEST = 1_000
_CHUNK = 1 << 17
_CELLS = 1 << 25  # most of a table of groups by sites that is made at once
_HALF = 13


def connected_subsets(adjacent: Flags, smallest: int, largest: int) -> Iterator[Flags]:
    """Every connected subset of at most `EXACT` sites, some at a time.

    Parameters
    ----------
    adjacent
        Which sites adjoin which, square and symmetric.
    smallest, largest
        Sizes of the subsets, both included.

    Yields
    ------
    numpy.ndarray
        A row a subset, true for its sites.

    Raises
    ------
    ValueError
        Where there are more than `EXACT` sites.

    Examples
    --------
    >>> import numpy
    >>> path = numpy.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=bool)
    >>> sum(len(rows) for rows in connected_subsets(path, 2, 3))
    3
    """
    n = len(adjacent)
    if n > EXACT:
        raise ValueError(f"{n} sites: at most {EXACT} are gone through whole.")
    around = (adjacent.astype(np.uint32) << np.arange(n, dtype=np.uint32)).sum(axis=1, dtype=np.uint32)
    low, high = _tables(around)
    for start in range(0, 1 << n, _CHUNK):
        subsets = np.arange(start, min(start + _CHUNK, 1 << n), dtype=np.uint32)
        size = np.bitwise_count(subsets)
        subsets = subsets[(size >= smallest) & (size <= largest)]
        reached = subsets & (~subsets + np.uint32(1))
        while True:
            more = (low[reached & ((1 << _HALF) - 1)] | high[reached >> _HALF] | reached) & subsets
            if (more == reached).all():
                break
            reached = more
        whole = subsets[reached == subsets]
        if len(whole):
            yield ((whole[:, None] >> np.arange(n, dtype=np.uint32)) & 1).astype(bool)


def _tables(around: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The neighbours of every set of sites among the first thirteen, and among the rest."""
    out = []
    for part in (around[:_HALF], around[_HALF:]):
        found = np.zeros(1, dtype=np.uint32)
        for neighbours in part:
            found = np.concatenate([found, found | neighbours])
        out.append(found)
    return out[0], out[1]


def growing_groups(
    adjacent: Flags, smallest: int, largest: int, worth: Callable[[Flags], NDArray[np.float64]]
) -> Iterator[tuple[Flags, bool]]:
    """Connected subsets of any number of sites, size by size, and whether all of that size are among them.

    Parameters
    ----------
    adjacent, smallest, largest
        As for `connected_subsets`.
    worth
        Gives each subset a worth; where there are too many of one size those worth most go on.

    Yields
    ------
    tuple
        A row a subset, true for its sites; and whether the subsets of this size are complete.
    """
    n = len(adjacent)
    neighbours = [np.flatnonzero(row) for row in adjacent]
    most = max((len(row) for row in neighbours), default=0)
    beside = np.full((n, max(most, 1)), -1, dtype=np.int32)
    for site, row in enumerate(neighbours):
        beside[site, : len(row)] = row
    groups = np.arange(n, dtype=np.int32)[:, None]
    complete = True
    step = max(1, min(_CHUNK, _CELLS // max(n, 1)))
    width = min(WIDTH, max(_NARROWEST, _WORK // max(n, 1)))
    for size in range(1, largest + 1):
        if size >= smallest:
            for start in range(0, len(groups), step):
                yield _members(groups[start : start + step], n), complete
        if size == largest or not len(groups):
            return
        groups = _grown(groups, beside)
        if len(groups) > width:
            worths = np.concatenate([worth(_members(groups[i : i + step], n)) for i in range(0, len(groups), step)])
            groups = groups[np.sort(np.argsort(-worths, kind="stable")[:width])]
            complete = False


def _members(groups: NDArray[np.int32], n: int) -> Flags:
    out = np.zeros((len(groups), n), dtype=bool)
    np.put_along_axis(out, groups.astype(np.intp), values=True, axis=1)
    return out


def _grown(groups: NDArray[np.int32], beside: NDArray[np.int32]) -> NDArray[np.int32]:
    """Every group with one site more that adjoins it, each once, its sites in order."""
    found = []
    step = max(1, _CHUNK * 8 // (groups.shape[1] * beside.shape[1]))
    for start in range(0, len(groups), step):
        some = groups[start : start + step]
        more = beside[some].reshape(len(some), -1)
        row, column = np.nonzero((more >= 0) & ~(more[:, :, None] == some[:, None, :]).any(axis=2))
        new = np.sort(np.column_stack([some[row], more[row, column]]), axis=1)
        found.append(np.unique(new, axis=0))
    return np.unique(np.concatenate(found), axis=0) if found else groups[:0]

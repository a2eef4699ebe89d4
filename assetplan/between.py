"""What lies between two sites that do not touch: the roads, railways and rivers that their shortest link crosses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from assetplan.vocabulary import BETWEEN, ROAD_KINDS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

# A link that crosses the railway this near a level crossing passes over it. Half the width of a two-lane road with footways is
# 6 m, a crossing askew by 45 degrees takes 1.4 times as much of the railway, and two lines of a 1:10,000 map are each some 3.5 m out.
LEVEL_CROSSING_M = 15.0
_SAID = {kind: "water" if kind == "river" else kind for kind in ROAD_KINDS}
_BIT = {name: 1 << rank for rank, name in enumerate(BETWEEN)}
_TUPLES = [tuple(name for name in BETWEEN if bits & _BIT[name]) for bits in range(1 << len(BETWEEN))]


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines that a link may cross, in EPSG:27700, and the tree that finds them."""

    shapes: NDArray[np.object_]
    rank: NDArray[np.intp]
    """What each is, as a position in `BETWEEN`."""
    called: NDArray[np.intp]
    """What each is called, as a position in `names`; -1 where it has no name."""
    names: tuple[str, ...]
    tree: shapely.STRtree
    level_crossings: shapely.STRtree

    @classmethod
    def of(cls, roads: gpd.GeoDataFrame) -> Lines:
        """Lines of a frame of roads; where it has no column ``kind`` all are roads.

        Raises
        ------
        ValueError
            Where a kind is none of `ROAD_KINDS`.
        """
        shapes = roads.geometry.to_numpy()
        shown = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
        shapes, roads = shapes[shown], roads[shown]
        kinds = roads["kind"].tolist() if "kind" in roads else ["road"] * len(roads)
        strange = sorted({str(kind) for kind in kinds if kind not in _SAID})
        if strange:
            raise ValueError(f"roads: unknown kind {', '.join(map(repr, strange))}. Known are {', '.join(ROAD_KINDS)}.")
        rank = np.array([BETWEEN.index(_SAID[kind]) for kind in kinds], dtype=np.intp)
        names = ["" if pd.isna(name) else str(name) for name in roads["name"]] if "name" in roads else [""] * len(roads)
        known = tuple(sorted(set(names) - {""}))
        place = {name: i for i, name in enumerate(known)} | {"": -1}
        return cls(
            shapes, rank, np.array([place[name] for name in names], dtype=np.intp), known,
            shapely.STRtree(shapes), shapely.STRtree(shapes[rank == BETWEEN.index("level crossing")]),
        )  # fmt: skip

    def crossed(self, links: NDArray[np.object_]) -> Crossings:
        """What each link crosses."""
        link, line = self.tree.query(links, predicate="intersects")
        rank, called = self.rank[line], self.called[line]
        rail = np.flatnonzero(rank == BETWEEN.index("rail"))
        if len(self.level_crossings) and len(rail):
            where = shapely.intersection(links[link[rail]], self.shapes[line[rail]])
            near, which = self.level_crossings.query(where, predicate="dwithin", distance=LEVEL_CROSSING_M)
            level = np.flatnonzero(self.rank == BETWEEN.index("level crossing"))[which]
            rank[rail[near]] = BETWEEN.index("level crossing")
            link = np.concatenate((link, link[rail[near]]))
            rank, called = np.concatenate((rank, self.rank[level])), np.concatenate((called, self.called[level]))
        bits = np.zeros(len(links), dtype=np.uint8)
        np.bitwise_or.at(bits, link, (1 << rank).astype(np.uint8))
        said = called >= 0
        found = np.unique(np.column_stack((link[said], rank[said], called[said])), axis=0)
        return Crossings(bits, found[:, 0], found[:, 2], self.names)


@dataclass(frozen=True, eq=False)
class Crossings:
    """What some links cross: kinds as bits in the order of `BETWEEN`, and their names, link by link in that order."""

    kinds: NDArray[np.uint8]
    link: NDArray[np.intp]
    called: NDArray[np.intp]
    names: tuple[str, ...]

    @property
    def road(self) -> NDArray[np.bool_]:
        """Whether each link crosses a road."""
        return (self.kinds & _BIT["road"]) > 0

    def told(self, at: NDArray[np.intp], pairs: int) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Kinds and names as tuples for so many pairs, of which those `at` these positions have a link.

        A link that crosses nothing lies over ``other land``; a name is told once. Pairs without a link have nothing between them.
        """
        kinds, names, tuples = np.empty((3, max(pairs, len(_TUPLES))), dtype=object)
        tuples[: len(_TUPLES)] = _TUPLES
        kinds.fill(())
        names.fill(())
        kinds[at] = tuples[np.where(self.kinds == 0, _BIT["other land"], self.kinds)]
        for i, j in zip(at[self.link].tolist(), self.called.tolist(), strict=True):
            if self.names[j] not in names[i]:
                names[i] += (self.names[j],)
        return kinds[:pairs], names[:pairs]

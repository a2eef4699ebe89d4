"""What a map shows of an estate, worked out for its scale: ground, sites as marks, looks and names. Metres, EPSG:27700.

Sites that would hide one another become one mark, a pie of their owners; where there are too many to draw, they are counted by
squares of the National Grid.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.backdrop import backdrop_file, backdrop_of, places_of
from assetplan.estate import sites as sites_of
from assetplan.ground import coast_within, extent_of
from assetplan.imprint import attributions_of, backdrop_sources, sources_of
from assetplan.looks import NOBODY, Look, look_of
from assetplan.site import UNKNOWN

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from assetplan.estate import Estate
    from assetplan.ground import Bounds

MOST_DRAWN = 1_500
"""Sites beyond which they are counted by squares."""

_SQUARES_M = tuple(step * 10**power for power in range(2, 6) for step in (1, 2, 5))
GROUND_KINDS = ("river", "road", "rail", "level crossing", "bridge", "limits", "other", "coast", "graticule")
"""The kinds of backdrop in the order of a key."""

_DRAWN_AS = {"water": "river", "boundary": "other", "woodland": "", "building": "", "path": ""}


@dataclass(frozen=True, eq=False)
class Content:
    """What is to be drawn: all sites, those with a place, listed places, ground by kind, and the look and name of every owner."""

    frame: gpd.GeoDataFrame
    drawn: gpd.GeoDataFrame
    context: gpd.GeoDataFrame
    ground: Mapping[str, list[tuple[str, Any]]]
    places: list[tuple[str, str, float, float]]
    looks: Mapping[str, Look]
    names: Mapping[str, str]
    bounds: Bounds
    sources: tuple[str, ...]
    attributions: tuple[str, ...]

    @property
    def is_crowded(self) -> bool:
        """Whether sites are counted by squares because there are too many to draw."""
        return len(self.drawn) > MOST_DRAWN

    def within(self, extent: Bounds) -> Content:
        """The same with only that ground which an extent shows."""
        window = shapely.box(*extent)
        kept: dict[str, list[tuple[str, Any]]] = {}
        for kind, named in self.ground.items():
            if kind == "graticule":
                kept[kind] = named
                continue
            here = named
            if kind == "coast" and all(name == "Coast" for name, _ in named):
                here = [("", line) for line in coast_within(extent)]
            if seen := [(name, shape) for name, shape in here if shapely.intersects(shape, window)]:
                kept[kind] = seen
        return replace(self, ground=kept)


@dataclass(frozen=True, eq=False)
class Mark:
    """A site as drawn, or several at one place or in one square: where, how placed, whose, and under which names."""

    x: float
    y: float
    precision: str
    owners: tuple[tuple[str, int], ...]
    status: object = None
    names: tuple[str, ...] = ()
    shape: Any = None

    @property
    def count(self) -> int:
        """How many sites the mark stands for."""
        return sum(number for _, number in self.owners)


def content_of(estate: Estate, backdrop: str | os.PathLike[str] | None = None, backdrop_licence: str = "") -> Content:
    """What the map of an estate shows."""
    frame = sites_of(estate)
    drawn = frame[frame["precision"] != "none"]
    context = estate.context()
    context = context[context["location_precision"] != "none"]
    looks, names = {UNKNOWN: NOBODY}, {UNKNOWN: "Owner unknown"}
    for key, organisation in estate.organisations.items():
        looks[key] = look_of(key, organisation.sector, organisation.name)
        names[key] = organisation.name
    bounds = extent_of((drawn, estate.assets))
    file = backdrop_file(estate, bounds, backdrop, licence=backdrop_licence)
    ground_by: dict[str, list[tuple[str, Any]]] = {}
    lines = backdrop_of(estate, bounds, file)
    for kind, name, shape in zip(lines["kind"], lines["name"], lines.geometry, strict=True):
        word = _DRAWN_AS.get(kind, kind)
        if word in GROUND_KINDS:
            ground_by.setdefault(word, []).append((name, shape))
    named = places_of(estate, bounds, file)
    places = [
        (name, kind.lower(), float(point.x), float(point.y))
        for name, kind, point in zip(named["name"], named["kind"], named.geometry, strict=True)
    ]
    sources = (*sources_of(estate), *backdrop_sources(estate, lines, named))
    attributions = tuple(attributions_of(estate, file, backdrop_licence))
    return Content(frame, drawn, context, ground_by, places, looks, names, bounds, sources, attributions)


# ------------------------------------------------------------------------------------------------------- marks


def radius_of(content: Content, size: float) -> float:
    """The radius of a site's mark in points: smaller where there are many. `size` is that of names."""
    return size * (0.8 if len(content.drawn) <= 60 else 0.62 if len(content.drawn) <= 400 else 0.44)


def marks_of(content: Content, metres: float, size: float) -> list[Mark]:
    """The sites as they are drawn where a point of the sheet is so many metres: large ones first, so that small ones lie on them."""
    if content.is_crowded:
        return _squares(content, square_of(metres))
    radius = radius_of(content, size) * metres
    shapes: list[tuple[float, Mark]] = []
    points: list[Mark] = []
    for row in content.drawn.itertuples():
        shape, precision = row.geometry, str(row.precision)
        if precision == "polygon":
            if shape.area < 0.4 * math.pi * radius**2:
                precision, shape = "small", None
        else:
            shape = None
        owners = ((str(row.organisation), 1),)
        name = str(row.name or row.Index)
        mark = Mark(float(row.easting), float(row.northing), precision, owners, row.status, (name,), shape)
        if shape is None:
            points.append(mark)
        else:
            shapes.append((-shape.area, mark))
    shapes.sort(key=lambda pair: pair[0])
    return [*(mark for _, mark in shapes), *_together(points, radius * 0.8)]


def _together(points: Sequence[Mark], reach: float) -> list[Mark]:
    """Marks that would hide one another as one; each takes in what lies within `reach` and is not taken yet."""
    if not points:
        return []
    tree = shapely.STRtree(shapely.points([(mark.x, mark.y) for mark in points]))
    taken = np.zeros(len(points), dtype=bool)
    out = []
    for n, mark in enumerate(points):
        if taken[n]:
            continue
        near = np.sort(tree.query(shapely.Point(mark.x, mark.y), predicate="dwithin", distance=reach))
        members = [points[int(i)] for i in near if not taken[i]]
        taken[near] = True
        out.append(mark if len(members) == 1 else _sum(members, mark.x, mark.y, "several"))
    return out


def _sum(members: Sequence[Mark], x: float, y: float, precision: str) -> Mark:
    counts: Counter[str] = Counter()
    for member in members:
        counts.update(dict(member.owners))
    statuses = {member.status for member in members}
    names = tuple(name for member in members for name in member.names)
    return Mark(x, y, precision, _by_size(counts), statuses.pop() if len(statuses) == 1 else "several", names)


def _by_size(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def square_of(metres: float) -> int:
    """The side in metres of the squares sites are counted in: an even length, at least 24 points on the sheet."""
    return next((step for step in _SQUARES_M if step >= 24 * metres), _SQUARES_M[-1])


def _squares(content: Content, side: int) -> list[Mark]:
    cells: dict[tuple[int, int], Counter[str]] = {}
    columns = (content.drawn[name] for name in ("easting", "northing", "organisation"))
    for easting, northing, owner in zip(*columns, strict=True):
        cells.setdefault((int(easting // side), int(northing // side)), Counter())[str(owner)] += 1
    return [
        Mark((x + 0.5) * side, (y + 0.5) * side, "square", _by_size(counts)) for (x, y), counts in sorted(cells.items())
    ]

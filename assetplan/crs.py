"""From a coordinate reference system to the National Grid, exact to OSTN15, and back."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from assetplan.errors import EstateError
from assetplan.grid import BRITISH_GRID, WGS84, to_degrees, to_grid
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Way = Callable[[Floats, Floats], tuple[Floats, Floats]]

Bounds = tuple[float, float, float, float]
# Where Great Britain and its waters lie: in degrees, in the National Grid and in Web Mercator, each (west, south, east, north).
_IN_DEGREES = (-14.0, 48.0, 4.5, 63.0)
_IN_GRID = (-200_000.0, -200_000.0, 900_000.0, 1_500_000.0)
_IN_MERCATOR = (-1_560_000.0, 6_100_000.0, 500_000.0, 9_100_000.0)
_WEB_MERCATOR = "EPSG:3857"
_CORNERS = np.array([[100_000.0, 400_000.0, 650_000.0], [50_000.0, 450_000.0, 1_200_000.0]])  # across Great Britain


def way_to_grid(crs: str) -> Way | None:
    """The way from a CRS to the National Grid: a function of x and y, in the units and the order of GIS, to eastings and northings.

    Degrees on WGS84 or ETRS89, and what is projected from them, go through OSTN15 (Ordnance Survey, 0.1 m); what is projected from
    OSGB36 needs no shift. Heights are left out of account.

    Parameters
    ----------
    crs
        What pyproj reads as a CRS: ``"EPSG:3857"``, well-known text, a name.

    Returns
    -------
    Callable or None
        Takes arrays of x (easting, longitude) and y (northing, latitude) and gives arrays in metres (EPSG:27700), NaN where a
        projection does not reach. None where the text names no CRS, or no exact way leads from it.

    Examples
    --------
    >>> way = way_to_grid("EPSG:3857")
    >>> [round(float(value[0])) for value in way([-88_052.0], [7_195_906.0])]
    [479091, 471773]
    >>> way_to_grid("no such thing") is None
    True
    """
    ways = None if _known(crs) is None else _ways(crs)
    return None if ways is None else ways[0]


def is_crs(text: str) -> bool:
    """Whether a text names a CRS at all."""
    return not text.strip().isdigit() and _known(text) is not None


# What PROJ would look up in files or on other hosts.
_ELSEWHERE = re.compile(r"init\s*=|grids\s*=|^\s*[@/]|^\s*https?://(?!www\.opengis\.net/def/crs/)", re.IGNORECASE)


@cache
def _known(text: str) -> pyproj.CRS | None:
    if _ELSEWHERE.search(text):
        return None
    try:
        return pyproj.CRS.from_user_input(text)
    except (pyproj.exceptions.CRSError, UnicodeError):
        return None


@cache
def epsg_name(text: str) -> str:
    """A CRS as a file states it, by its EPSG code where it is known to have one, else as it stands.

    Axes are taken in the order of GIS: east or longitude first.

    Examples
    --------
    >>> epsg_name("urn:ogc:def:crs:OGC:1.3:CRS84"), epsg_name("OSGB36 / British National Grid"), epsg_name("")
    ('EPSG:4326', 'EPSG:27700', '')
    """
    if not text or re.match(r'\w+\["(undefined|unknown)', text, re.IGNORECASE) or text.lower().startswith("undefined"):
        return ""
    found = _known(text)
    if found is None:
        return text
    while found.is_bound and found.source_crs is not None:
        found = found.source_crs
    if found.is_geographic and re.fullmatch(r"(gcs )?wgs (19)?84( \(crs84\))?", found.name.replace("_", " ").lower()):
        return WGS84
    if not found.is_geographic and (way := way_to_grid(text)) is not None:
        east, north = way(*_CORNERS)
        if np.abs(np.concatenate((east - _CORNERS[0], north - _CORNERS[1]))).max() < 1e-3:  # metres
            return BRITISH_GRID
    code = found.to_epsg()
    return f"EPSG:{code}" if code else text


@cache
def _ways(crs: str) -> tuple[Way, Way] | None:
    """From a CRS to the National Grid and back, exact to OSTN15; None where there is no such way.

    Raises
    ------
    pyproj.exceptions.CRSError
        Where the text names no CRS.
    """
    found: pyproj.CRS | None = pyproj.CRS.from_user_input(crs)
    while found is not None and (found.is_bound or found.is_compound):
        # TOWGS84 adds a rougher shift, heights do not matter.
        found = found.source_crs if found.is_bound else found.sub_crs_list[0]
    if found is not None and (code := found.to_epsg()):
        found = pyproj.CRS.from_epsg(code)
    base = found.geodetic_crs if found is not None else None
    if found is None or base is None:
        return None
    if "british national grid" in found.name.replace("_", " ").lower():
        return _as_is, _as_is
    projection = None if found.is_geographic else pyproj.Proj(found)
    datums = " | ".join((base.name, base.datum.name if base.datum else "")).replace("_", " ").lower()
    if re.search(
        r"\bwgs (19)?84\b|world geodetic system 1984|\betrs ?(19)?89\b|european terrestrial reference system 1989",
        datums,
    ):
        to: Way = to_grid
        back: Way = to_degrees
    elif "osgb" in datums or "ordnance survey of great britain 1936" in datums:
        airy = pyproj.Proj(BRITISH_GRID)
        to, back = _projected(airy, inverse=False), _projected(airy, inverse=True)
    else:
        return None
    if projection is None:
        return to, back
    from_plane, onto_plane = _projected(projection, inverse=True), _projected(projection, inverse=False)
    return (lambda x, y: to(*from_plane(x, y))), (lambda x, y: onto_plane(*back(x, y)))


def _as_is(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return x, y


def _projected(projection: pyproj.Proj, *, inverse: bool) -> Way:
    def way(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        east, north = projection(x, y, inverse=inverse)
        east, north = np.asarray(east), np.asarray(north)
        lost = ~(np.isfinite(east) & np.isfinite(north))
        return np.where(lost, np.nan, east), np.where(lost, np.nan, north)

    return way


def bounds_in(crs: str, bounds: Bounds) -> Bounds | None:
    """A rectangle of a CRS around one of the National Grid; None where that cannot be told."""
    try:
        ways = _ways(crs)
    except pyproj.exceptions.CRSError:
        return None
    if ways is None:
        return None
    west, south, east, north = bounds
    ring = shapely.segmentize(shapely.box(*bounds).exterior, max(east - west, north - south) / 32)
    x, y = ways[1](*shapely.get_coordinates(ring).T)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return None
    slack = 1e-3 * max(float(np.ptp(x)), float(np.ptp(y)))
    return float(x.min()) - slack, float(y.min()) - slack, float(x.max()) + slack, float(y.max()) + slack


def on_grid(
    shapes: NDArray[np.object_], crs: str, name: str, *, stated: bool = True
) -> tuple[NDArray[np.object_], str]:
    """Shapes in EPSG:27700, without Z and M, and a remark where their CRS was told by their values.

    Degrees on WGS84 or ETRS89, and whatever is projected from them (Web Mercator, UTM), go through OSTN15; what is projected from
    OSGB36 needs no shift. Vertices beyond a projection become NaN.

    Raises
    ------
    EstateError
        Where the CRS is not said and the values do not tell it, where they contradict it, or where no exact way leads from it.
    """
    box = shapely.total_bounds(shapes)
    remark = ""
    if not np.isfinite(box).all():
        return shapely.force_2d(shapes), ""
    if not crs or (not stated and not _within(box, (-180.0, -90.0, 180.0, 90.0))):
        crs, remark = _told_by(box, name)
    try:
        ways = _ways(crs)
    except pyproj.exceptions.CRSError:
        ways = None
    if ways is None:
        raise EstateError(
            f"{name}: from the CRS {_short(crs)} no exact way leads to the National Grid here. Save the file in EPSG:27700 or EPSG:4326."
        )
    degrees = pyproj.CRS.from_user_input(crs).is_geographic
    if degrees and not _within(box, (-360.0, -90.001, 360.0, 90.001)):
        raise EstateError(
            f"{name}: the file says {_short(crs)}, degrees, but its values reach {np.abs(box).max():,.0f}. Give it the CRS it is in."
        )
    if ways[0] is _as_is and _within(box, _IN_DEGREES):
        raise EstateError(
            f"{name}: the file says {_short(crs)}, metres, but its values are degrees. Give it the CRS it is in."
        )
    return (
        np.asarray(
            shapely.transform(shapely.force_2d(shapes), lambda xy: np.column_stack(ways[0](xy[:, 0], xy[:, 1])))
        ),
        remark,
    )


def _told_by(box: NDArray[np.float64], name: str) -> tuple[str, str]:
    for crs, area in ((WGS84, _IN_DEGREES), (BRITISH_GRID, _IN_GRID), (_WEB_MERCATOR, _IN_MERCATOR)):
        if _within(box, area):
            return crs, f"{name} does not say its CRS; by its values it is {crs}."
    extent = ", ".join(f"{value:,.6g}" for value in box)
    raise EstateError(
        f"{name}: the file does not say its CRS, and its values ({extent}) are those of no CRS of Great Britain. Save it in EPSG:27700."
    )


def _within(box: NDArray[np.float64], area: Bounds) -> bool:
    return bool(box[0] >= area[0] and box[1] >= area[1] and box[2] <= area[2] and box[3] <= area[3])


def _short(crs: str) -> str:
    try:
        found = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        return repr(visible(crs[:60]))
    return visible(f"EPSG:{found.to_epsg()}" if found.to_epsg() else found.name)

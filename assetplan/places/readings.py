"""What two numbers may mean: every reading that registers have been met with, each as a way onto the National Grid.

A reading is a coordinate system, the order of the two numbers, and what may have happened to them: a lost minus, metres written as
kilometres. Brownfield registers of 2017 to 2020 hold all of them, geocentric coordinates without their Z included.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from assetplan.crs import way_to_grid
from assetplan.grid import BRITISH_GRID, WGS84, to_grid
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Range = tuple[float, float]

# West to south of Northern Ireland's own extent on the grid, which is extended there: OSTN15 ends at the coast of Great Britain.
REACH = (-20_000.0, 0.0, 700_000.0, 1_300_000.0)
_ANY: Range = (-np.inf, np.inf)
_UTM_X, _UTM_Y = (-900_000.0, 1_400_000.0), (5_400_000.0, 6_900_000.0)
GEOCENTRIC = "EPSG:4936"
_IRISH_X, _IRISH_Y = (130_000.0, 400_000.0), (250_000.0, 480_000.0)
_ITM_X, _ITM_Y = (540_000.0, 780_000.0), (800_000.0, 960_000.0)


@dataclass(frozen=True)
class Reading:
    """One way to read two numbers; `natural` needs no evidence, as numbers of such a size can hardly mean anything else.

    `name` tells it to a person. `x_range` and `y_range` bound x (easting, longitude) and y in the system's own units.
    """

    crs: str
    name: str
    x_range: Range = _ANY
    y_range: Range = _ANY
    swapped: bool = False
    lost_minus: bool = False
    scale: float = 1.0
    natural: bool = False

    def axes(self, first: Floats, second: Floats) -> tuple[Floats, Floats]:
        """The two numbers as x and y of the reading's system, mended as the reading says."""
        x, y = (second, first) if self.swapped else (first, second)
        if self.lost_minus and self.crs == GEOCENTRIC:
            return x, -y  # there Y runs east
        return (-x if self.lost_minus else x) * self.scale, y * self.scale

    def fits(self, first: Floats, second: Floats) -> NDArray[np.bool_]:
        """Where two numbers lie in the range of the system around Great Britain and Northern Ireland."""
        x, y = self.axes(first, second)
        with np.errstate(invalid="ignore"):
            fit = (x > self.x_range[0]) & (x < self.x_range[1]) & (y > self.y_range[0]) & (y < self.y_range[1])
            if self.lost_minus:
                fit &= (y if self.crs == GEOCENTRIC else x) < 0
            if self.crs == BRITISH_GRID and self.scale == 1:  # else any degrees would be a corner of the sea off Scilly
                fit &= (np.abs(x) > 1000) | (np.abs(y) > 1000)
        return np.asarray(fit)

    def points(self, first: Floats, second: Floats) -> tuple[Floats, Floats]:
        """Eastings and northings in metres (EPSG:27700); NaN beyond the reach of the grid."""
        x, y = self.axes(first, second)
        east, north = _way(self.crs)(x, y)
        with np.errstate(invalid="ignore"):
            out = ~((east > REACH[0]) & (east < REACH[2]) & (north > REACH[1]) & (north < REACH[3]))
        return np.where(out, np.nan, east), np.where(out, np.nan, north)


def _geocentric(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """From X and Y of ETRS89 whose Z is not given: on the ellipsoid, so that ground h metres above it lies about 0.8 h metres off."""
    a, e2 = 6_378_137.0, 0.006_694_380_022_90  # GRS80
    across = np.hypot(x, y)
    # On the ellipsoid across = N cos(latitude) with N = a / sqrt(1 - e2 sin(latitude)^2), solved for the latitude.
    with np.errstate(invalid="ignore"):
        cos2 = (across**2) * (1 - e2) / (a**2 - e2 * across**2)
        latitude = np.degrees(np.arccos(np.sqrt(cos2)))
    return to_grid(np.degrees(np.arctan2(y, x)), latitude)


@cache
def _way(crs: str) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    if crs == GEOCENTRIC:
        return _geocentric
    way = way_to_grid(crs)
    if way is not None:
        return way
    transformer = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)  # Irish grids: no OSTN15 there, some metres

    def through_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        longitude, latitude = transformer.transform(x, y)
        longitude, latitude = np.asarray(longitude), np.asarray(latitude)
        finite = np.isfinite(longitude) & np.isfinite(latitude)
        return to_grid(np.where(finite, longitude, np.nan), np.where(finite, latitude, np.nan))

    return through_degrees


_DEGREES = ((-9.5, 2.5), (49.0, 61.5))
_GRID = ((REACH[0], REACH[2]), (REACH[1], REACH[3]))
_PLANES: tuple[tuple[str, str, Range, Range], ...] = (
    *((f"EPSG:{25800 + zone}", f"UTM zone {zone} (ETRS89)", _UTM_X, _UTM_Y) for zone in (30, 31, 32, 29)),
    ("EPSG:3035", "the European grid ETRS89-LAEA", (2_900_000.0, 3_900_000.0), (2_900_000.0, 4_500_000.0)),
    ("EPSG:3034", "the European grid ETRS89-LCC", (2_850_000.0, 3_800_000.0), (2_500_000.0, 4_100_000.0)),
    (GEOCENTRIC, "geocentric X and Y (ETRS89, height nought)", (2_950_000.0, 4_250_000.0), (-620_000.0, 160_000.0)),
)
_IRISH: tuple[tuple[str, str, Range, Range], ...] = (
    ("EPSG:29903", "the Irish Grid", _IRISH_X, _IRISH_Y),
    ("EPSG:2157", "Irish Transverse Mercator", _ITM_X, _ITM_Y),
)


def _swapped(crs: str, name: str, x: Range, y: Range) -> Reading:
    return Reading(crs, f"{name}, axes swapped", x, y, swapped=True)


@cache
def readings(*, irish: bool = False) -> tuple[Reading, ...]:
    """Every reading tried, the likeliest first; those of the Irish grids where `irish`, as their numbers fit Great Britain too.

    Examples
    --------
    >>> [reading.name for reading in readings()][:2]
    ['eastings and northings', 'longitude and latitude']
    """
    grid = (BRITISH_GRID, "eastings and northings", *_GRID)
    mercator = ("EPSG:3857", "Web Mercator", (-1_070_000.0, 290_000.0), (6_250_000.0, 8_800_000.0))
    degrees = (WGS84, "longitude and latitude", *_DEGREES)
    lost = "the minus of the longitude lost"
    planes = (*_IRISH, *_PLANES) if irish else _PLANES
    return (
        Reading(*grid, natural=True),
        Reading(*degrees, natural=True),
        Reading(WGS84, "latitude and longitude", *_DEGREES, swapped=True, natural=True),
        Reading(*mercator, natural=True),
        Reading(WGS84, f"longitude and latitude, {lost}", *_DEGREES, lost_minus=True),
        Reading(WGS84, f"latitude and longitude, {lost}", *_DEGREES, swapped=True, lost_minus=True),
        _swapped(*grid),
        *(Reading(*plane) for plane in planes),
        *(_swapped(*plane) for plane in (mercator, *planes)),
        *(
            Reading(*plane, swapped=swapped, lost_minus=True)
            for plane, swapped in ((lost_x, swapped) for lost_x in (mercator, _PLANES[-1]) for swapped in (False, True))
        ),
        Reading(BRITISH_GRID, "eastings and northings without their last figure", *_GRID, scale=10.0),
        Reading(BRITISH_GRID, "eastings and northings in kilometres", *_GRID, scale=1000.0),
        Reading(BRITISH_GRID, "eastings and northings in hundreds of metres", *_GRID, scale=100.0),
    )


def readings_of(crs: str) -> tuple[Reading, ...]:
    """The readings of one coordinate system that a person states; empty where no exact way leads from it."""
    known = tuple(reading for reading in readings(irish=True) if reading.crs == crs)
    if known:
        return known
    if way_to_grid(crs) is None:
        return ()
    return (Reading(crs, crs, natural=True), Reading(crs, f"{crs}, axes swapped", swapped=True))


def check_stated(crs: str, where: str) -> str:
    """What is wrong with a coordinate system that a person states, "" where it can be read.

    Examples
    --------
    >>> check_stated("EPSG:25830", "crs")
    ''
    >>> check_stated("EPSG:1", "crs")
    "crs: EPSG:27700, EPSG:4326 or another CRS with an exact way to the National Grid is wanted, not 'EPSG:1'."
    """
    if not crs or readings_of(crs.upper()):
        return ""
    return f"{where}: EPSG:27700, EPSG:4326 or another CRS with an exact way to the National Grid is wanted, not {visible(crs)[:60]!r}."


def said_by(label: str, reading: Reading) -> bool:
    """Whether a label of a coordinate system, or of a family of them, says what a reading says.

    Examples
    --------
    >>> said_by("ETRS89", readings()[1]), said_by("EPSG:27700", readings()[1])
    (True, False)
    """
    if label == "ETRS89":
        return reading.crs in {WGS84, "EPSG:3035", "EPSG:3034", GEOCENTRIC} or reading.crs.startswith("EPSG:258")
    if label == "UTM" or label.startswith("EPSG:326"):
        return reading.crs.startswith("EPSG:258") and (label == "UTM" or label[-2:] == reading.crs[-2:])
    if label in {"EPSG:29902", "EPSG:29903"}:
        return reading.crs == "EPSG:29903"
    return reading.crs == label or (label == "EPSG:4258" and reading.crs == WGS84)

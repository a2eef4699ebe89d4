"""Where the rows of a register lie: shapes or coordinates as they stand, read in the way that suits most rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from assetplan import grid
from assetplan.cells import MISSING, CellError, coordinate, parse
from assetplan.files import readable_shapes
from assetplan.issues import Issue
from assetplan.schema import ASSETS
from assetplan.text import clean, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from assetplan.files import Cells

GRID_BOUNDS = (0.0, 0.0, 700_000.0, 1_300_000.0)
_DEGREES = (-9.5, 49.0, 2.5, 61.5)
# Issues that say of one row that its place was mended, is doubted, or was not found.
PLACING_CODES = frozenset({"not-in-britain", "empty-shape", "shape-not-area", "shape-mended"})
_NOT_AREA_OR_POINT = (1, 2, 5, 7)  # lines, rings and collections, by shapely's type numbers


def _inside(
    x: NDArray[np.float64], y: NDArray[np.float64], bounds: tuple[float, float, float, float]
) -> NDArray[np.bool_]:
    return np.asarray((x > bounds[0]) & (x < bounds[2]) & (y > bounds[1]) & (y < bounds[3]))


def _numbers(positions: Iterable[int], rows: list[list[str]]) -> NDArray[np.float64]:
    (position,) = positions
    out = np.full(len(rows), np.nan)
    for i, row in enumerate(rows):
        try:
            out[i] = coordinate(row[position])
        except CellError:
            continue
    return out


def locate(
    file: str,
    chosen: Mapping[str, list[int]],
    rows: list[list[str]],
    lines: list[int],
    cells: Cells,
    keep: list[int],
    stated: str,
) -> tuple[NDArray[np.object_], str, list[Issue]]:
    """Geometry of each row in EPSG:27700, the CRS read, and issues."""
    n = len(rows)
    geometry = np.full(n, None, dtype=object)
    issues: list[Issue] = []
    crs = ""
    if cells.shapes is not None and n:
        geometry, crs = cells.shapes[keep], stated or cells.crs
        geometry, crs = _shapes_to_grid(file, geometry, crs, issues, checked=bool(stated))
    elif "wkt" in chosen and n:
        (position,) = chosen["wkt"]
        geometry = readable_shapes([None if clean(row[position]).lower() in MISSING else row[position] for row in rows])
        geometry, crs = _shapes_to_grid(file, geometry, stated, issues, checked=bool(stated))
    elif n and (("easting" in chosen and "northing" in chosen) or "coordinates" in chosen):
        if "easting" in chosen and "northing" in chosen:
            x, y = _numbers(chosen["easting"], rows), _numbers(chosen["northing"], rows)
            texts_of = [f"{row[chosen['easting'][0]]}, {row[chosen['northing'][0]]}" for row in rows]
        else:
            x, y, texts_of = _pairs(chosen["coordinates"], rows)
        geometry, crs = _points(file, x, y, stated, issues)
        for i in np.flatnonzero(shapely.is_missing(geometry)):
            if any(clean(part).lower() not in MISSING for part in texts_of[i].split(", ")):
                issues.append(
                    Issue(
                        file,
                        str(lines[i]),
                        "coordinates",
                        "not-in-britain",
                        visible(clean(texts_of[i]))[:100],
                        "the coordinates do not lie in Great Britain as the other rows are read",
                        "Row kept, not located. Check for swapped axes, a lost sign or lost digits.",
                    )
                )
    return _sound(file, geometry, lines, issues), crs, issues


def _pairs(positions: list[int], rows: list[list[str]]) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    (position,) = positions
    x, y = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for i, row in enumerate(rows):
        try:
            value = parse(ASSETS["coordinates"], row[position])
        except CellError:
            continue
        if isinstance(value, tuple) and len(value) == 2:
            x[i], y[i] = float(value[0]), float(value[1])
    return x, y, [row[position] for row in rows]


def _crs_issue(file: str, crs: str) -> Issue:
    what = (
        "eastings and northings of the National Grid"
        if crs == grid.BRITISH_GRID
        else "degrees of latitude and longitude"
    )
    return Issue(
        file,
        "",
        "",
        "crs-from-values",
        crs,
        f"the file does not say which coordinates it holds; the values are {what}",
        "Read so. State crs in estate.toml to be sure.",
    )


def _points(
    file: str, x: NDArray[np.float64], y: NDArray[np.float64], stated: str, issues: list[Issue]
) -> tuple[NDArray[np.object_], str]:
    """Points from two columns of numbers, read in the way that suits most rows."""
    readings = {
        "grid": _inside(x, y, GRID_BOUNDS) & ((np.abs(x) > 1000) | (np.abs(y) > 1000)),
        "lon, lat": _inside(x, y, _DEGREES) & ~((x == 0) & (y == 0)),
        "lat, lon": _inside(y, x, _DEGREES),
    }
    if stated:
        readings = {key: value for key, value in readings.items() if (key == "grid") == (stated == grid.BRITISH_GRID)}
    best = max(readings, key=lambda key: int(readings[key].sum()))
    good = readings[best]
    geometry = np.full(len(x), None, dtype=object)
    if not good.any():
        return geometry, stated
    if best == "grid":
        geometry[good] = shapely.points(x[good], y[good])
        crs = grid.BRITISH_GRID
    else:
        longitude, latitude = (x, y) if best == "lon, lat" else (y, x)
        geometry[good] = shapely.points(*grid.to_grid(longitude[good], latitude[good]))
        crs = grid.WGS84
    if not stated:
        issues.append(_crs_issue(file, crs))
    return geometry, crs


def _shapes_to_grid(
    file: str, geometry: NDArray[np.object_], crs: str, issues: list[Issue], *, checked: bool
) -> tuple[NDArray[np.object_], str]:
    bounds = shapely.bounds(geometry)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return geometry, crs
    degrees = int((np.abs(bounds) <= 180).all(axis=1).sum())
    seen = grid.WGS84 if 2 * degrees > len(bounds) else grid.BRITISH_GRID
    if 2 * degrees == len(bounds) and crs:
        seen = crs
    if not checked and crs != seen:
        if crs:
            issues.append(
                Issue(
                    file,
                    "",
                    "",
                    "crs-contradicted",
                    crs,
                    f"the file says {crs}, most values can only be {seen}",
                    f"Read as {seen}. State crs in estate.toml to be sure.",
                )
            )
        else:
            issues.append(_crs_issue(file, seen))
        crs = seen
    return (grid.geometries_to_grid(geometry) if crs == grid.WGS84 else np.asarray(shapely.force_2d(geometry))), crs


def _area_or_point(shape: shapely.Geometry) -> tuple[shapely.Geometry, str]:
    """What a line or a collection stands for: the areas in it, else one point on it."""
    areas = [part for part in shapely.get_parts(shape) if part.geom_type in {"Polygon", "MultiPolygon"}]
    if areas:
        return shapely.union_all(
            [shapely.make_valid(area) for area in areas]
        ), "only the areas of the collection are used"
    return shapely.point_on_surface(shape), "the shape has no area; a point on it is used"


def _sound(file: str, geometry: NDArray[np.object_], lines: list[int], issues: list[Issue]) -> NDArray[np.object_]:
    """Geometry with what cannot be used taken out and what can be mended mended, an issue for each."""
    out = geometry.copy()
    present = ~shapely.is_missing(out)
    bounds = shapely.bounds(out)
    bad = present & (shapely.is_empty(out) | ~np.isfinite(bounds).all(axis=1))
    with np.errstate(invalid="ignore"):
        outside = (
            present
            & ~bad
            & ((bounds[:, :2] < GRID_BOUNDS[:2]).any(axis=1) | (bounds[:, 2:] > GRID_BOUNDS[2:]).any(axis=1))
        )
        tiny = present & ~bad & (bounds[:, 2:] < 1000).all(axis=1)
    for i in np.flatnonzero(bad | outside | tiny):
        issues.append(
            Issue(
                file,
                str(lines[i]),
                "geometry",
                "empty-shape" if bad[i] else "not-in-britain",
                "",
                "the shape holds no usable coordinate" if bad[i] else "the shape does not lie in Great Britain",
                "Row kept, not located. Correct the shape.",
            )
        )
        out[i] = None
    for i in np.flatnonzero(np.isin(shapely.get_type_id(out), _NOT_AREA_OR_POINT)):
        out[i], message = _area_or_point(out[i])
        issues.append(
            Issue(
                file,
                str(lines[i]),
                "geometry",
                "shape-not-area",
                geometry[i].geom_type,
                message,
                "Row kept. Draw the land as a polygon.",
            )
        )
    invalid = ~shapely.is_missing(out) & ~shapely.is_valid(out)
    for i in np.flatnonzero(invalid):
        mended = shapely.make_valid(out[i])
        parts = [part for part in shapely.get_parts(mended) if part.geom_type in {"Polygon", "MultiPolygon"}]
        out[i] = shapely.union_all(parts) if parts else None
        issues.append(
            Issue(
                file,
                str(lines[i]),
                "geometry",
                "shape-mended" if parts else "empty-shape",
                shapely.is_valid_reason(geometry[i])[:100],
                "the ring crosses or touches itself",
                f"Mended; area {shapely.area(out[i]) if parts else 0:.0f} m2. Draw it again to be sure.",
            )
        )
    return out

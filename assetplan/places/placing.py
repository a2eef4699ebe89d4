"""Where the rows of a register lie: shapes as they stand, and points for the rows that have none (`assetplan.places.points`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from assetplan import grid
from assetplan.cells import MISSING
from assetplan.crs import is_crs, way_to_grid
from assetplan.formats.files import readable_shapes
from assetplan.issues import Issue
from assetplan.places.evidence import Evidence
from assetplan.places.points import Numbers, Points, labels_of
from assetplan.places.readings import REACH
from assetplan.text import clean, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.formats.files import Cells
    from assetplan.places.evidence import Places

_NOT_AREA_OR_POINT = (1, 2, 5, 7)  # lines, rings and collections, by shapely's type numbers


@dataclass(frozen=True, eq=False)
class Located:
    """Each row's shape in EPSG:27700 or None, what it rests on (`assetplan.vocabulary.PRECISIONS`), how it came there, the CRS, issues."""

    geometry: NDArray[np.object_]
    precision: NDArray[np.object_]
    placed_by: NDArray[np.object_]
    crs: str
    issues: tuple[Issue, ...]


def locate(
    file: str,
    chosen: Mapping[str, list[int]],
    rows: list[list[str]],
    lines: list[int],
    cells: Cells,
    keep: list[int],
    stated: str,
    bodies: Sequence[str] = (),
    postcodes: Sequence[str | None] = (),
    place_of: Places | None = None,
) -> Located:
    """Where the rows of one register lie.

    Parameters
    ----------
    file
        What to call the file; a GSS code in its name tells its district.
    chosen
        Positions of recognised columns.
    rows, lines
        The accepted rows, and their lines in the file.
    cells, keep
        The file, for its shapes, and the positions of the accepted rows in it.
    stated
        The CRS estate.toml or the command states, "" where none.
    bodies
        The name of each row's organisation: its district is evidence.
    postcodes
        Each row's postcode.
    place_of
        Gives eastings and northings (n by 2, metres, NaN where unknown) of postcodes; None where there is no directory.
    """
    n = len(rows)
    geometry = np.full(n, None, dtype=object)
    placed = np.full(n, None, dtype=object)
    precision = np.full(n, "none", dtype=object)
    issues: list[Issue] = []
    crs = ""
    if not n:
        return Located(geometry, precision, placed, crs, ())
    if cells.shapes is not None:
        geometry, crs = _shapes_to_grid(
            file, cells.shapes[keep], stated or cells.crs, lines, issues, checked=bool(stated)
        )
    elif "wkt" in chosen:
        (position,) = chosen["wkt"]
        texts = [None if clean(row[position]).lower() in MISSING else row[position] for row in rows]
        geometry, crs = _shapes_to_grid(file, readable_shapes(texts), stated, lines, issues, checked=bool(stated))
    geometry = _sound(file, geometry, lines, issues)
    drawn = ~shapely.is_missing(geometry)
    placed[drawn] = "its shape"
    precision[drawn] = np.where(np.isin(shapely.get_type_id(geometry[drawn]), (3, 6)), "polygon", "point")
    numbers = Numbers.of(chosen, rows)
    if numbers is not None:
        evidence = Evidence.of(file, bodies, postcodes, place_of, n)
        points = Points(file, lines, numbers, labels_of(chosen, rows), evidence, stated.upper(), ~drawn, issues)
        crs = points.place() or crs
        at = ~np.isnan(points.east)
        geometry[at] = shapely.points(points.east[at], points.north[at])
        precision[at] = points.precision[at]
        told = ~drawn & (points.placed_by != "")
        placed[told] = points.placed_by[told]
    return Located(geometry, precision, placed, crs or stated, tuple(issues))


# ------------------------------------------------------------------------------------------------------- shapes


_DEGREES = (-14.0, 48.0, 4.5, 63.0)  # around Great Britain and Northern Ireland: longitudes and latitudes
_OF_UNITS = {
    grid.BRITISH_GRID: "eastings and northings of the National Grid",
    grid.WGS84: "degrees of latitude and longitude",
}


def _file_issue(file: str, code: str, value: str, message: str, action: str) -> Issue:
    return Issue(file, "", "", code, visible(value)[:100], message, action)


def _shapes_to_grid(
    file: str, shapes: NDArray[np.object_], crs: str, lines: list[int], issues: list[Issue], *, checked: bool
) -> tuple[NDArray[np.object_], str]:
    """Shapes in EPSG:27700 without heights, and the CRS they were read in.

    The CRS is what the file or the cells state, unless most values can only be in other units; `checked` says that a person stated it.
    A shape that the way from that CRS does not reach is none, with an issue.
    """
    bounds = shapely.bounds(shapes)
    there = np.isfinite(bounds).all(axis=1)
    if not there.any():
        return shapes, crs
    srids = set(shapely.get_srid(shapes[there]).tolist()) - {0}
    crs = crs or (f"EPSG:{srids.pop()}" if len(srids) == 1 else "")
    if not checked:
        crs = _believed(file, crs, bounds[there], issues)
    way = way_to_grid(crs)
    if way is None:
        issues.append(_file_issue(file, "crs-unknown", crs, "from this CRS no exact way leads to the National Grid",
                                  "Rows kept, not located. Save the layer in EPSG:27700 or EPSG:4326."))  # fmt: skip
        return np.full(len(shapes), None, dtype=object), crs
    if shapely.has_z(shapes).any() or shapely.has_m(shapes).any():
        issues.append(_file_issue(file, "heights-dropped", "", "corners have a height ( Z ) or a measure ( M ) beside their two coordinates",
                                  "Nothing to do: heights are not used."))  # fmt: skip
    flat = np.asarray(shapely.force_2d(shapes))
    if _is_degrees(crs) and _are_swapped(bounds[there]):
        flat = np.asarray(shapely.transform(flat, lambda xy: xy[:, ::-1]))
        issues.append(_file_issue(file, "axes-swapped", crs, "latitudes stand where longitudes should: as they stand, no shape lies in Britain",
                                  "Read the other way round. Export the layer with x before y."))  # fmt: skip
    places, of = shapely.get_coordinates(flat, return_index=True)
    x, y = way(places[:, 0], places[:, 1])
    lost = np.zeros(len(shapes), dtype=bool)
    lost[of[~(np.isfinite(x) & np.isfinite(y)) & np.isfinite(places).all(axis=1)]] = True
    for i in np.flatnonzero(lost & there).tolist():
        issues.append(
            Issue(file, str(lines[i]), "geometry", "not-in-britain", ", ".join(f"{value:.6g}" for value in bounds[i]),
                  f"the shape's numbers are no place in {visible(crs)[:60]}, in which the others are", "Row kept, not located. Correct the shape.")
        )  # fmt: skip
    flat[lost] = None
    return np.asarray(shapely.transform(flat, lambda xy: np.column_stack(way(xy[:, 0], xy[:, 1])))), crs


def _believed(file: str, crs: str, bounds: NDArray[np.float64], issues: list[Issue]) -> str:
    """The CRS of shapes: the one stated, unless most of them are of the other units, degrees or metres."""
    degrees = int((np.abs(bounds) <= 180).all(axis=1).sum())
    seen = grid.WGS84 if 2 * degrees > len(bounds) else grid.BRITISH_GRID
    units = _OF_UNITS[seen]
    if not crs:
        issues.append(_file_issue(file, "crs-from-values", seen, f"the file does not say which coordinates it holds; the values are {units}",
                                  "Read so. State crs in estate.toml to be sure."))  # fmt: skip
        return seen
    if 2 * degrees == len(bounds) or not is_crs(crs) or _is_degrees(crs) == (seen == grid.WGS84):
        return crs
    issues.append(_file_issue(file, "crs-contradicted", crs, f"the file says {visible(crs)[:60]}, most values can only be {units}",
                              f"Read as {seen}. State crs in estate.toml to be sure."))  # fmt: skip
    return seen


def _is_degrees(crs: str) -> bool:
    return bool(pyproj.CRS.from_user_input(crs).is_geographic)


def _are_swapped(bounds: NDArray[np.float64]) -> bool:
    """Whether most shapes lie around Britain when x and y change places, and none does as they stand."""
    west, south, east, north = _DEGREES

    def inside(x: NDArray[np.float64], y: NDArray[np.float64]) -> int:
        return int(((x > west) & (x < east) & (y > south) & (y < north)).sum())

    x, y = bounds[:, 0], bounds[:, 1]
    return inside(x, y) == 0 and 2 * inside(y, x) > len(bounds)


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
        outside = present & ~bad & ((bounds[:, :2] < REACH[:2]).any(axis=1) | (bounds[:, 2:] > REACH[2:]).any(axis=1))
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
                shapely.is_valid_reason(geometry[i]).split("[")[
                    0
                ],  # without the coordinate: an outline may be licensed
                "the ring crosses or touches itself",
                f"Mended; area {shapely.area(out[i]) if parts else 0:.0f} m2. Draw it again to be sure.",
            )
        )
    return out

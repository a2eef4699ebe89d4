"""Where the rows of a register lie: shapes as they stand, and points for the rows that have none (`assetplan.points`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from assetplan import grid
from assetplan.cells import MISSING
from assetplan.evidence import Evidence
from assetplan.files import readable_shapes
from assetplan.issues import Issue
from assetplan.points import Numbers, Points, labels_of
from assetplan.readings import REACH
from assetplan.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.evidence import Places
    from assetplan.files import Cells

_NOT_AREA_OR_POINT = (1, 2, 5, 7)  # lines, rings and collections, by shapely's type numbers


@dataclass(frozen=True, eq=False)
class Located:
    """Each row's shape in EPSG:27700 or None, what it rests on (`assetplan.schema.PRECISIONS`), how it came there, the CRS, issues."""

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
        geometry, crs = _shapes_to_grid(file, cells.shapes[keep], stated or cells.crs, issues, checked=bool(stated))
    elif "wkt" in chosen:
        (position,) = chosen["wkt"]
        texts = [None if clean(row[position]).lower() in MISSING else row[position] for row in rows]
        geometry, crs = _shapes_to_grid(file, readable_shapes(texts), stated, issues, checked=bool(stated))
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
                shapely.is_valid_reason(geometry[i])[:100],
                "the ring crosses or touches itself",
                f"Mended; area {shapely.area(out[i]) if parts else 0:.0f} m2. Draw it again to be sure.",
            )
        )
    return out

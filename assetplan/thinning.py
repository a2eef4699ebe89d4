"""Shapes made as light as a page can carry: cut to a window, joined, simplified to what can be seen, kept under a cap of vertices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.products import IMPORTANCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERTEX_CAP = 150_000
_COARSEST = 8

Drawn = tuple[str, str, Any]


def clipped(shape: Any, window: tuple[float, float, float, float]) -> list[Any]:
    """The single parts of a shape in a window (west, south, east, north), of its own dimension; what crosses itself is mended.

    Examples
    --------
    >>> clipped(shapely.LineString([(-5, 1), (5, 1)]), (0, 0, 3, 3))
    [<LINESTRING (0 1, 3 1)>]
    """
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    west, south, east, north = shape.bounds
    if west < window[0] or south < window[1] or east > window[2] or north > window[3]:
        shape = shapely.clip_by_rect(shape, *window)
    parts, queue = [], [shape]
    while queue:
        part = queue.pop()
        if part.geom_type.startswith(("Multi", "Geometry")):
            queue += list(shapely.get_parts(part))[::-1]
        elif not part.is_empty:
            parts.append(shapely.LineString(part.coords) if part.geom_type == "LinearRing" else part)
    most = max((shapely.get_dimensions(part) for part in parts), default=0)
    return [part for part in parts if shapely.get_dimensions(part) == most]


def thin(
    shapes: Mapping[tuple[str, str], Sequence[Any]], tolerance: float, cap: int = VERTEX_CAP
) -> tuple[list[Drawn], list[str]]:
    """Shapes simplified and kept under a cap of vertices.

    Parameters
    ----------
    shapes
        Points, lines and polygons in metres, by kind (of `assetplan.products.IMPORTANCE`) and name.
    tolerance
        How far a line may be moved, in metres. Areas less than twice as far across are left out.
    cap
        How many vertices there may be. To keep under it the tolerance is raised eightfold at most, then kinds are left out, the least
        important first, and at last the smallest pieces.

    Returns
    -------
    tuple
        Rows of kind, name and shape, lines of one kind and name joined; and in words what was left out.
    """
    whole = [
        (kind, name, shape)
        for (kind, name), parts in shapes.items()
        for shape in _joined(parts, whole=kind == "building")
    ]
    wanted = tolerance
    rows, tiny = _simplified(whole, tolerance)
    while _vertices(rows) > cap and tolerance < _COARSEST * wanted:
        tolerance *= 2
        rows, tiny = _simplified(whole, tolerance)
    notes = []
    if tiny:
        notes.append(f"{tiny:,} areas less than {2 * tolerance:,.3g} m across are left out.")
    if tolerance > wanted:
        notes.append(f"drawn only to {tolerance:,.3g} m, to keep the page small.")
    dropped: list[str] = []
    for kind in reversed(IMPORTANCE):
        present = {row[0] for row in rows}
        if _vertices(rows) <= cap or present == {kind}:
            break
        if kind in present:
            dropped.append(kind)
            rows = [row for row in rows if row[0] != kind]
    if dropped:
        notes.append(
            f"too much to draw; left out, the least important first: {', '.join(dropped)}. Choose fewer layers."
        )
    if _vertices(rows) > cap:
        pieces = sorted(
            ((kind, name, part) for kind, name, shape in rows for part in shapely.get_parts(shape)),
            key=lambda row: (-row[2].length, row[2].wkb),
        )
        count = np.cumsum(shapely.get_num_coordinates([piece for _, _, piece in pieces]))
        rows = pieces[: int(np.searchsorted(count, cap, side="right"))]
        notes.append(
            f"too much to draw; {len(pieces) - len(rows):,} of the smallest pieces are left out. Choose fewer layers."
        )
    return rows, notes


def _joined(parts: Sequence[Any], *, whole: bool) -> list[Any]:
    """Lines joined to one shape; areas each by itself, for they may overlap, unless they are to be one."""
    areas = [part for part in parts if part.geom_type == "Polygon"]
    lines = [part for part in parts if part.geom_type == "LineString"]
    points = [part for part in parts if part.geom_type == "Point"]
    out = [shapely.multipolygons(areas)] if whole and areas else areas
    return [*out, *([shapely.line_merge(shapely.multilinestrings(lines))] if lines else []), *points]


def _simplified(rows: Sequence[Drawn], tolerance: float) -> tuple[list[Drawn], int]:
    """Rows simplified, without areas too small to be seen, and how many of those there were."""
    kept, tiny = [], 0
    for kind, name, shape in rows:
        if shapely.get_dimensions(shape) == 2:
            parts = shapely.get_parts(shape)
            box = shapely.bounds(parts)
            seen = np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) >= 2 * tolerance
            tiny += int((~seen).sum())
            if not seen.any():
                continue
            shape = shape if seen.all() else shapely.multipolygons(parts[seen])
        kept.append((kind, name, shape))
    shapes = np.array([shape for _, _, shape in kept], dtype=object)
    areas = shapely.get_dimensions(shapes) == 2
    shapes[areas] = shapely.simplify(shapes[areas], tolerance)
    # Lines may cross, and not to look whether they do is far quicker.
    shapes[~areas] = shapely.simplify(shapes[~areas], tolerance, preserve_topology=False)
    rows = [(kind, name, shape) for (kind, name, _), shape in zip(kept, shapes, strict=True)]
    return [row for row in rows if not row[2].is_empty], tiny


def _vertices(rows: Sequence[Drawn]) -> int:
    return int(shapely.get_num_coordinates(np.array([shape for _, _, shape in rows], dtype=object)).sum())

"""Shapes made as light as a page can carry: cut to a window, joined, simplified to what can be seen, kept under a cap of vertices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.products import IMPORTANCE
from assetplan.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

VERTEX_CAP = 150_000
_COARSEST = 8
# A screen of 1,920 by 1,080 pixels has 6,000 pixels along its edge: an outline that fills it shows no more vertices than that.
OUTLINE_CAP = 6_000
_SCREEN = 2_000
_HOPELESS = 5
_RUN = 1_000
# No register measures to less, and sites as near as this count as touching.
_FINEST_M = 0.05

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


@dataclass(frozen=True, eq=False)
class Lightened:
    """Outlines as a page carries them, in the order given: how many were simplified, the most a line moved (metres), how many are heavy still."""

    shapes: NDArray[np.object_]
    number: int
    moved_m: float
    heavy: int

    def in_words(self, one: str, many: str = "") -> str:
        """What was done, in a sentence for whoever reads the page; nothing where every outline is whole.

        Examples
        --------
        >>> lightened(np.array([shapely.Point(0, 0)])).in_words("site outline")
        ''
        """
        out = []
        if self.number:
            who, stand = self._who(self.number, one, many)
            out.append(f"{who} and {stand} drawn simplified: no line is moved by more than {self.moved_m:,g} m.")
        if self.heavy:
            who, stand = self._who(self.heavy, one, many)
            out.append(f"{who} and {stand} drawn so, for fewer would show: the page is slow and large with them.")
        return " ".join(out)

    def _who(self, number: int, one: str, many: str) -> tuple[str, str]:
        said = counted(number, one, many)
        have, stand = ("has", "is") if number == 1 else ("have", "are")
        return (
            f"{said[0].upper()}{said[1:]} {have} more corners (vertices) than a screen can show, over {OUTLINE_CAP:,},",
            stand,
        )


def lightened(shapes: NDArray[np.object_], cap: int = OUTLINE_CAP) -> Lightened:
    """Outlines without the vertices that no screen can show.

    Parameters
    ----------
    shapes
        Geometries in metres (EPSG:27700), some of which may be missing.
    cap
        How many vertices a shape may have before it is simplified at all. Those with no more stay vertex for vertex.

    Returns
    -------
    Lightened
        A heavier shape is simplified (Douglas and Peucker, rings neither lost nor crossed) by the smallest of the tolerances 0.05 m,
        0.1 m, 0.2 m ... that brings it about to the cap. None is coarser than a two-thousandth of its extent, a pixel where it
        fills a screen; a shape that would still have many times the cap then stays as it is.

    Examples
    --------
    >>> around = np.linspace(0, 2 * np.pi, 50_000, endpoint=False)
    >>> heavy = shapely.Polygon(np.column_stack([np.cos(around), np.sin(around)]) * 300)
    >>> light = lightened(np.array([heavy, heavy.envelope]))
    >>> light.number, light.moved_m, shapely.get_num_coordinates(light.shapes).tolist()
    (1, 0.05, [257, 5])
    >>> light.in_words("site outline").split(", and ")[1]
    'is drawn simplified: no line is moved by more than 0.05 m.'
    """
    out, number, moved = shapes.copy(), 0, 0.0
    heavy = np.flatnonzero(shapely.get_num_coordinates(shapes) > cap)
    for place in heavy:
        whole = shapes[place]
        west, south, east, north = whole.bounds
        coarsest = max(east - west, north - south) / _SCREEN
        tolerance = _FINEST_M
        while (left := _vertices_left(whole, tolerance)) > cap and tolerance * 2 <= coarsest:
            tolerance *= 2
        # To simplify what hardly gets lighter takes time with the square of its vertices.
        if left <= _HOPELESS * cap:
            out[place] = whole.simplify(tolerance)
            number, moved = number + 1, max(moved, tolerance)
    return Lightened(out, number, moved, len(heavy) - number)


def _vertices_left(shape: Any, tolerance: float) -> int:
    """About how many vertices a shape would keep, found in short runs, so that no shape takes long."""
    points = shapely.get_coordinates(shape)
    run = np.arange(len(points)) // _RUN
    whole = np.bincount(run)[run] > 1  # a line has two ends
    runs = shapely.linestrings(points[whole], indices=run[whole])
    rings = (
        shapely.get_num_geometries(shape)
        if shapely.get_dimensions(shape) < 2
        else len(shapely.get_rings(shapely.get_parts(shape)))
    )
    kept = int(shapely.get_num_coordinates(shapely.simplify(runs, tolerance, preserve_topology=False)).sum())
    return max(kept, (shapely.get_dimensions(shape) + 2) * rings)

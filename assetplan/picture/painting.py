"""Shapes painted on the axes of a picture: fills with patterns, outlines, pies, roads and water, in the colours of the page.

Every function takes the axes to paint on and `unit`, the length of one point (1/72 inch) in the units of those axes, so that
the same code paints a site on the map, where the unit is metres, and its swatch in the key, where it is points.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import Stroke

from assetplan.looks import NOBODY, STATUS_OUTLINES, Look, Outline, ink_on
from assetplan.picture.lettering import font, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from numpy.typing import NDArray

    from assetplan.picture.lettering import Face

# The colours of page.css on paper.
INK = "#1c252e"
MUTED = "#4b5661"
RULE = "#ccd2d6"
PAPER = "#f7f6f1"
SURFACE = "#ffffff"
STAMP = "#9c1c1c"
WATER = "#a9d3e8"
WATER_INK = "#17597d"
ROAD = "#ffffff"
ROAD_EDGE = "#b4b7ae"
RAIL = "#5b656e"
LIMITS = "#8a4b2a"
DIAMOND = "#68727c"
OTHER = "#7b858e"

PX = 0.75
"""Points in a pixel of the page (1/96 inch)."""

_PERIOD = 7 * PX
_DIRECTIONS: dict[str, tuple[float, ...]] = {
    "diagonal": (45,),
    "counter": (-45,),
    "horizontal": (0,),
    "vertical": (90,),
    "cross": (45, -45),
}
NOBODY_GROUND, _NOBODY_DASH = "#dfe2e4", "#59636d"
_NO_FILL: Literal["none"] = "none"


def path_of(shape: Any) -> Path:
    """The polygons of a shape as one path, holes cut out."""
    rings = [
        ring
        for part in shapely.get_parts(shapely.orient_polygons(shape))
        if part.geom_type == "Polygon" and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]
    paths = [Path(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings]
    return Path.make_compound_path(*paths) if paths else Path(np.empty((0, 2)))


def disc(x: float, y: float, radius: float) -> Any:
    """A circle as a polygon."""
    return shapely.Point(x, y).buffer(radius, quad_segs=12)


def paint(
    axes: Axes,
    shape: Any,
    *,
    face: str = _NO_FILL,
    edge: str = _NO_FILL,
    width: float = 0.0,
    dashes: Sequence[float] = (),
    cap: Literal["butt", "round"] = "butt",
    opacity: float = 1.0,
    level: float = 1.0,
) -> None:
    """A polygon with a face and an edge; width and dashes in points."""
    patch = PathPatch(path_of(shape), facecolor=face, edgecolor=edge, linewidth=width, joinstyle="round", capstyle=cap)
    if dashes and width:
        # Matplotlib takes dashes in multiples of the line's width.
        patch.set_linestyle((0, tuple(dash / width for dash in dashes)))
    patch.set_alpha(opacity)
    patch.set_zorder(level)
    # add_patch would work out the extent of every curve, though the extent of the map is set already.
    axes.add_artist(patch)


def stroke(
    axes: Axes,
    lines: Iterable[Any],
    colour: str,
    width: float,
    *,
    dashes: Sequence[float] = (),
    cap: Literal["butt", "round"] = "round",
    opacity: float = 1.0,
    level: float = 1.0,
) -> None:
    """Lines, given as geometries or as arrays of points; width and dashes in points."""
    segments = [np.asarray(getattr(line, "coords", line))[:, :2] for line in lines]
    if not segments:
        return
    drawn = LineCollection(segments, colors=colour, linewidths=width, capstyle=cap, joinstyle="round", zorder=level)
    if dashes:
        drawn.set_linestyle([(0, tuple(dash / width for dash in dashes))])
    drawn.set_alpha(opacity)
    axes.add_collection(drawn, autolim=False)


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    face: Face = "plain",
    colour: str = INK,
    align: Literal["left", "center", "right"] = "left",
    middle: bool = False,
    halo: str = "",
    level: float = 5.0,
) -> Text:
    """A line of text, never read as mathematics, its baseline (or its middle) at y; with a halo it stands out from what lies under it."""

    def put() -> Text:
        return axes.text(
            x,
            y,
            shown(text),
            fontproperties=font(face),
            fontsize=size,
            color=colour,
            ha=align,
            va="center_baseline" if middle else "baseline",
            parse_math=False,
            zorder=level,
            clip_on=False,
        )

    if halo:
        # A halo turns letters into shapes, so the text itself is written once more: it can be searched and copied in a PDF.
        under = put()
        under.set_path_effects([Stroke(linewidth=size * 0.28, foreground=halo, joinstyle="round")])
        under.set_gid("halo")
    return put()


# ------------------------------------------------------------------------------------------------------- organisations


def fill(axes: Axes, shape: Any, look: Look, unit: float, *, level: float = 1.0, fine: float = 1.0) -> None:
    """A shape in the colour and pattern of an organisation; `fine` scales the pattern down for what is small."""
    unknown = look.pattern == NOBODY.pattern
    paint(axes, shape, face=NOBODY_GROUND if unknown else look.colour, opacity=0.9, level=level)
    ink = _NOBODY_DASH if unknown else ink_on(look.colour)
    if look.pattern == "dots":
        paint(axes, _dots(shape, unit * fine), face=ink, opacity=0.75, level=level)
        return
    width = (1.2 if unknown else 1.3) * PX * fine
    stroke(
        axes,
        _pattern(shape, look.pattern, unit * fine),
        ink,
        width,
        opacity=0.9 if unknown else 0.6,
        cap="butt",
        level=level,
    )


def _dots(shape: Any, unit: float) -> Any:
    """Dots wholly inside a shape, on one lattice."""
    west, south, east, north = shape.bounds
    step = _PERIOD * unit
    x, y = (axis.ravel() for axis in np.meshgrid(_lattice(west, east, step), _lattice(south, north, step)))
    # Every second row is shifted, which reads as dots sooner than a square lattice does.
    x = x + np.where(np.round(y / step) % 2 == 1, step / 2, 0.0)
    inside = shapely.contains_xy(shape, x, y)
    dots = shapely.buffer(shapely.points(x[inside], y[inside]), 1.3 * PX * unit, quad_segs=3)
    return shapely.MultiPolygon(list(dots))


def _pattern(shape: Any, pattern: str, unit: float) -> list[Any]:
    """The lines of a pattern inside a shape. They lie on one lattice for the whole map, so that neighbours do not jar."""
    if pattern == "unknown":
        lines = _dashes(shape.bounds, unit)
    else:
        lines = [line for turn in _DIRECTIONS.get(pattern, ()) for line in _parallels(shape.bounds, turn, unit)]
    if not lines:
        return []
    cut = shapely.get_parts(shapely.intersection(shapely.linestrings(np.array(lines)), shape))
    return [part for part in cut if part.geom_type == "LineString" and not part.is_empty]


def _lattice(low: float, high: float, step: float) -> NDArray[np.floating]:
    return np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step


def _parallels(bounds: tuple[float, ...], turn: float, unit: float) -> list[Any]:
    along = np.array([math.cos(math.radians(turn)), math.sin(math.radians(turn))])
    across = np.array([-along[1], along[0]])
    corners = np.array([(bounds[i], bounds[j]) for i in (0, 2) for j in (1, 3)])
    start, end = (corners @ along).min(), (corners @ along).max()
    offsets = _lattice((corners @ across).min(), (corners @ across).max(), _PERIOD * unit)
    return [(start * along + offset * across, end * along + offset * across) for offset in offsets]


def _dashes(bounds: tuple[float, ...], unit: float) -> list[Any]:
    """Short dashes in rows, every second row shifted."""
    step = 5 * PX * unit
    out = []
    for y in _lattice(bounds[1], bounds[3], step):
        shift = step if round(y / step) % 2 else 0.0
        out += [
            [(x + shift, y), (x + shift + 0.6 * step, y)] for x in _lattice(bounds[0] - 2 * step, bounds[2], 2 * step)
        ]
    return out


def outline(
    axes: Axes, shape: Any, look: Outline, *, colour: str = INK, finer: float = 1.0, level: float = 1.0
) -> None:
    """The edge that says a site's status; `finer` thins it for what is small."""
    width = max(0.6, look.weight * PX * finer)
    dashes = [dash * PX * max(finer, 0.6) for dash in look.dashes]
    if look == STATUS_OUTLINES["unknown"]:
        colour = MUTED
    paint(axes, shape, edge=colour, width=width, dashes=dashes, cap=look.cap, level=level)


def ring(axes: Axes, x: float, y: float, radius: float, look: Look, unit: float, *, level: float = 1.0) -> None:
    """A hollow mark: a place that is only approximate."""
    whole, hole = disc(x, y, radius * unit), disc(x, y, radius * 0.55 * unit)
    fill(axes, shapely.difference(whole, hole), look, unit, level=level, fine=0.6)
    paint(axes, hole, face=SURFACE, level=level)


def pie(
    axes: Axes,
    x: float,
    y: float,
    radius: float,
    shares: Sequence[tuple[Look, int]],
    unit: float,
    *,
    level: float = 1.0,
) -> None:
    """A disc parted by owners, from twelve o'clock clockwise in the order given."""
    total = sum(count for _, count in shares)
    whole = disc(x, y, radius * unit)
    start = 0.0
    for look, count in shares:
        end = start + count / total
        part = whole
        if count < total:
            turns = np.linspace(start, end, max(3, round(96 * (end - start)))) * 2 * math.pi
            rim = np.column_stack([x + radius * unit * np.sin(turns), y + radius * unit * np.cos(turns)])
            part = shapely.Polygon([(x, y), *rim])
        fill(axes, part, look, unit, level=level, fine=0.7)
        unknown = look.pattern == NOBODY.pattern
        paint(
            axes,
            part,
            edge=_NOBODY_DASH if unknown else SURFACE,
            width=0.5,
            dashes=(1.5, 1) if unknown else (),
            level=level,
        )
        start = end
    paint(axes, whole, edge=INK, width=0.7, level=level)


def diamond(axes: Axes, x: float, y: float, radius: float, unit: float, *, level: float = 1.0) -> None:
    """A place that is listed and not known to be public estate."""
    r = radius * unit
    shape = shapely.Polygon([(x, y - r), (x + r, y), (x, y + r), (x - r, y)])
    paint(axes, shape, face=SURFACE, edge=DIAMOND, width=1.3, level=level)


def chip(axes: Axes, x: float, y: float, text: str, size: float, edge: str, unit: float, *, level: float = 4.0) -> None:
    """Letters on a small white plate."""
    wide = max(size * 1.25, size * 0.72 * len(text) + size * 0.5) * unit / 2
    high = size * 0.62 * unit
    core = shapely.box(x - wide + high / 2, y - high / 2, x + wide - high / 2, y + high / 2)
    paint(axes, core.buffer(high / 2, quad_segs=4), face=SURFACE, edge=edge, width=0.9, level=level)
    write(axes, x, y, text, size, face="bold", align="center", middle=True, level=level + 0.1)


# ------------------------------------------------------------------------------------------------------- the ground

GROUND_TEXTS = {
    "river": "river",
    "road": "road",
    "rail": "railway",
    "level crossing": "level crossing",
    "bridge": "bridge",
    "limits": "development limits",
    "other": "other line",
    "coast": "coast",
    "graticule": "National Grid lines",
}
"""The kinds of backdrop in the order of the key, with their words."""

# Edge and core of each kind, lowest first: colour, width in pixels at street scale, dashes in pixels. What does not shrink with the scale is fixed.
_LINES: dict[str, list[tuple[str, float, tuple[float, ...]]]] = {
    "river": [(WATER, 13, ())],
    "road": [(ROAD_EDGE, 8, ()), (ROAD, 5.5, ())],
    "rail": [(RAIL, 3, ()), (PAPER, 2, (7, 7))],
    "bridge": [(RAIL, 12, ()), (ROAD, 7.5, ())],
}
_FIXED: dict[str, list[tuple[str, float, tuple[float, ...]]]] = {
    "graticule": [(RULE, 0.8, ())],
    "coast": [(WATER_INK, 1.2, ())],
    "other": [(OTHER, 1.5, ())],
    "limits": [(LIMITS, 1.8, (12, 4, 2, 4))],
}
GROUND_ORDER = ("graticule", "coast", "river", "other", "road", "rail", "bridge", "limits", "level crossing")


def ground(axes: Axes, kind: str, shapes: Iterable[Any], unit: float, factor: float, *, level: float = 0.5) -> None:
    """Shapes of one kind of backdrop; `factor` scales the width of roads and rivers to the scale of the map."""
    parts = [part for shape in shapes for part in shapely.get_parts(shape) if not part.is_empty]
    areas = [part for part in parts if part.geom_type == "Polygon"]
    lines = [part for part in parts if part.geom_type in {"LineString", "LinearRing"}]
    if kind in {"limits", "coast", "graticule"}:
        lines += [ring_ for part in areas for ring_ in (part.exterior, *part.interiors)]
    else:
        for part in areas:
            paint(
                axes,
                part,
                face=WATER if kind == "river" else RULE,
                opacity=1.0 if kind == "river" else 0.5,
                level=level,
            )
    looks = _LINES.get(kind) or _FIXED.get(kind, [])
    if kind in _FIXED:
        factor = 1.0
    for n, (colour, width, dashes) in enumerate(looks):
        wide = max(0.35, width * PX * factor)
        cap: Literal["butt", "round"] = "butt" if dashes or kind == "bridge" else "round"
        stroke(
            axes,
            lines,
            colour,
            wide,
            dashes=[dash * PX * max(factor, 0.5) for dash in dashes],
            cap=cap,
            level=level + n / 100,
        )
    for part in parts:
        if part.geom_type == "Point":
            spot(axes, kind, float(part.x), float(part.y), unit, level=level + 0.1)


def spot(axes: Axes, kind: str, x: float, y: float, unit: float, *, level: float = 1.0) -> None:
    """The sign of a point of the backdrop: a cross in a circle for a level crossing, a dot for the rest."""
    if kind != "level crossing":
        paint(axes, disc(x, y, 1.8 * unit), face=OTHER, level=level)
        return
    paint(axes, disc(x, y, 3.8 * unit), face=SURFACE, edge=RAIL, width=0.9, level=level)
    arm = 1.9 * unit
    cross = [[(x - arm, y - arm), (x + arm, y + arm)], [(x - arm, y + arm), (x + arm, y - arm)]]
    stroke(axes, cross, STAMP, 1.3, cap="butt", level=level + 0.01)

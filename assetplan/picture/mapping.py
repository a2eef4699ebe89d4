"""The drawing of a map on the axes of a picture: ground, sites, names, scale bar and north. Metres, EPSG:27700."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import shapely

from assetplan.ground import grid_lines
from assetplan.looks import NOBODY, Look, ink_on, outline_of
from assetplan.picture.lettering import Room, width_of
from assetplan.picture.marks import radius_of, square_of
from assetplan.picture.naming import Map, Name, draw_names
from assetplan.picture.painting import (
    DIAMOND,
    GROUND_ORDER,
    INK,
    MUTED,
    NOBODY_GROUND,
    PAPER,
    SURFACE,
    WATER_INK,
    chip,
    disc,
    fill,
    ground,
    outline,
    paint,
    pie,
    ring,
    write,
)
from assetplan.site import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from assetplan.picture.lettering import Box, Face
    from assetplan.picture.marks import Content, Mark

# Kinds of backdrop whose names are written, with their rank among names and whether only a street map has room for them.
_NAMED = {
    "river": (4.0, False),
    "rail": (5.0, False),
    "level crossing": (4.1, True),
    "bridge": (4.2, True),
    "road": (6.0, True),
}
_STREET_SCALE_M = 12.0


# ------------------------------------------------------------------------------------------------------- drawing


def draw_content(
    axes: Axes, content: Content, marks: Sequence[Mark], frame: Box, metres: float, *, size: float, scale: str
) -> int:
    """Draw everything on axes whose extent is set; `size` is that of site names in points, `scale` is written by the scale bar.

    Returns
    -------
    int
        How many sites are drawn whose name found no place.
    """
    inner = (frame[0] + 2, frame[1] + 2, frame[2] - 2, frame[3] - 2)
    sheet = Map(axes, frame, metres, size, Room(inner))
    _scale_bar(sheet, scale)
    _north(sheet)
    names = _draw_ground(sheet, content)
    names += _draw_context(sheet, content)
    names += _draw_marks(sheet, content, marks)
    return draw_names(sheet, names, marks)


def _draw_ground(sheet: Map, content: Content) -> list[Name]:
    extent = sheet.extent
    factor = min(3.0, max(0.22, math.sqrt(1.4 * 72 / 96 / sheet.metres)))
    names: list[Name] = []
    window = shapely.box(*extent)
    for level, kind in enumerate(GROUND_ORDER):
        if kind not in content.ground:
            continue
        named = content.ground[kind]
        shapes: list[Any] = [shape for _, shape in named]
        if kind == "graticule":
            shapes = _draw_grid(sheet)
        ground(sheet.axes, kind, shapes, sheet.metres, factor, level=0.1 + level / 20)
        rank, streets_only = _NAMED.get(kind, (7.0, True))
        if kind in _NAMED and not (streets_only and sheet.metres > _STREET_SCALE_M):
            sign = kind in {"bridge", "level crossing"}
            look: tuple[Face, str] = ("italic", WATER_INK) if kind == "river" else ("plain", MUTED)
            for text, at in _longest(named, window).items():
                if sign:
                    sheet.room.take(sheet.around(at.x, at.y, 4))
                box = sheet.around(at.x, at.y, 4 if sign else 0)
                names.append(Name((rank,), text, box, sheet.size * 0.9, look[0], look[1], is_over=not sign))
    seen = {name.text for name in names}
    for text, kind, x, y in content.places:
        if text in seen:
            continue
        big = "city" in kind or "town" in kind
        water = "river" in kind
        size = sheet.size * (1.45 if big else 0.95 if water else 1.1)
        look = ("bold", INK) if big else ("italic", WATER_INK) if water else ("plain", MUTED)
        names.append(Name((1.0 if big else 3.0,), text, sheet.around(x, y, 0), size, look[0], look[1], is_over=True))
    return names


def _longest(named: Sequence[tuple[str, Any]], window: Any) -> dict[str, Any]:
    """For each name the middle of the longest line of that name in the window."""
    best: dict[str, tuple[float, Any]] = {}
    for name, shape in named:
        for part in shapely.get_parts(shapely.intersection(shape, window)):
            length = part.length
            if name and not part.is_empty and length >= best.get(name, (0.0, None))[0]:
                middle = (
                    shapely.line_interpolate_point(part, 0.5, normalized=True)
                    if "Line" in part.geom_type
                    else shapely.point_on_surface(part)
                )
                best[name] = (length, middle)
    return {name: point for name, (_, point) in best.items()}


def _draw_grid(sheet: Map) -> list[Any]:
    """The lines of the National Grid, each named where it meets the left or the lower edge of the map."""
    west, south, east, north = sheet.extent
    size = sheet.size * 0.82
    lines = []
    for axis, at, name in grid_lines(sheet.extent):
        upright = axis == "E"
        lines.append(shapely.LineString([(at, south), (at, north)] if upright else [(west, at), (east, at)]))
        left, bottom = sheet.on_sheet(at, south) if upright else sheet.on_sheet(west, at)
        wide = width_of(name, size)
        box = (
            (left + 2, bottom + 3, left + 2 + wide, bottom + 3 + size)
            if upright
            else (left + 3, bottom + 2, left + 3 + wide, bottom + 2 + size)
        )
        if sheet.room.first_free([box]):
            write(sheet.axes, *sheet.in_metres(box[0], box[1]), name, size, colour=MUTED, halo=PAPER, level=3.0)
    return lines


def _draw_context(sheet: Map, content: Content) -> list[Name]:
    """Listed places as diamonds, all in one shape: there may be thousands."""
    many = len(content.context)
    if not many:
        return []
    radius = sheet.size * (0.75 if many <= 60 else 0.45 if many <= 400 else 0.25)
    r = radius * sheet.metres
    places = list(zip(content.context["easting"], content.context["northing"], strict=True))
    shapes = [shapely.Polygon([(x, y - r), (x + r, y), (x, y + r), (x - r, y)]) for x, y in places]
    paint(sheet.axes, shapely.MultiPolygon(shapes), face=SURFACE, edge=DIAMOND, width=min(1.3, radius * 0.3), level=1.9)
    names: list[Name] = []
    for (key, row), (x, y) in zip(content.context.iterrows(), places, strict=True):
        box = sheet.around(x, y, radius)
        if many <= 400:
            sheet.room.take(box)
            text = str(row["name"] or row["address"] or key)
            names.append(Name((5.5, len(names)), text, box, sheet.size * 0.85, "plain", MUTED))
    return names


def _draw_marks(sheet: Map, content: Content, marks: Sequence[Mark]) -> list[Name]:
    radius = radius_of(content, sheet.size)
    most = max((mark.count for mark in marks), default=1)
    side = square_of(sheet.metres) / sheet.metres
    names: list[Name] = []
    for n, mark in enumerate(marks):
        level = 2.0 + n / (len(marks) + 1)
        look = content.looks[mark.owners[0][0]]
        edge = MUTED if mark.owners[0][0] == UNKNOWN else INK
        text = mark.names[0] if mark.names else ""
        if mark.precision == "square":
            wide = side / 2 * (0.36 + 0.58 * math.sqrt(mark.count / most))
            _draw_pie(sheet, content, mark, wide, level)
            continue
        if mark.precision == "several":
            names_here = sorted(set(mark.names))
            text = "; ".join(names_here) if len(names_here) <= 2 else f"{text} and {mark.count - 1:,} more"
            box = sheet.around(mark.x, mark.y, radius * 1.25)
            _draw_pie(sheet, content, mark, radius * 1.25, level)
            if mark.status != "several":
                outline(
                    sheet.axes,
                    disc(mark.x, mark.y, radius * 1.25 * sheet.metres),
                    outline_of(mark.status),
                    colour=edge,
                    finer=0.4,
                    level=level,
                )
        elif mark.shape is not None:
            fill(sheet.axes, mark.shape, look, sheet.metres, level=level)
            wide = math.sqrt(mark.shape.area) / sheet.metres
            outline(
                sheet.axes,
                mark.shape,
                outline_of(mark.status),
                colour=edge,
                finer=min(1.0, max(0.45, wide / 30)),
                level=level,
            )
            box = _draw_chip(sheet, mark, look)
            whole = sheet.box(mark.shape.bounds)
            large = whole[2] - whole[0] > 40 * sheet.size / 6
            at = box if large else whole
            names.append(Name((2.0, n), text, at, sheet.size, "bold", is_site=True, is_inside=large, own=n))
            continue
        else:
            _draw_point(sheet, mark, look, edge, radius, level)
            box = sheet.around(mark.x, mark.y, radius + 0.5)
        sheet.room.take(box)
        names.append(Name((2.0, n), text, box, sheet.size, "bold", is_site=True, own=n))
    return names


def _draw_pie(sheet: Map, content: Content, mark: Mark, radius: float, level: float) -> None:
    shares = [(content.looks[owner], number) for owner, number in mark.owners]
    pie(sheet.axes, mark.x, mark.y, radius, shares, sheet.metres, level=level)
    text = f"{mark.count:,}"
    # The number lies on the pie without a plate, which would hide the owners; a long one is smaller.
    size = min(sheet.size, radius * (1.15 if len(text) < 3 else 2.4 / len(text)))
    _sign(sheet, mark, text, size, INK, SURFACE, level + 0.0004)


def _sign(sheet: Map, mark: Mark, text: str, size: float, colour: str, halo: str, level: float) -> None:
    """A letter or number in the middle of a mark."""
    write(
        sheet.axes,
        mark.x,
        mark.y,
        text,
        size,
        face="bold",
        colour=colour,
        align="center",
        middle=True,
        halo=halo,
        level=level,
    )


def _draw_point(sheet: Map, mark: Mark, look: Look, edge: str, radius: float, level: float) -> None:
    """A filled mark, or a hollow one where only the postcode is known, with the owner's letter."""
    whole = disc(mark.x, mark.y, radius * sheet.metres)
    unknown = look == NOBODY
    if mark.precision == "postcode":
        ring(sheet.axes, mark.x, mark.y, radius, look, sheet.metres, level=level)
    else:
        fill(
            sheet.axes,
            whole,
            NOBODY if unknown else Look(look.colour, "plain", ""),
            sheet.metres,
            level=level,
            fine=0.6,
        )
    outline(sheet.axes, whole, outline_of(mark.status), colour=edge, finer=0.45, level=level)
    colour = INK if unknown or mark.precision == "postcode" else ink_on(look.colour)
    size = radius * (0.95 if mark.precision == "postcode" else 1.2)
    _sign(sheet, mark, look.letter, size, colour, NOBODY_GROUND if unknown else "", level + 0.0005)


def _draw_chip(sheet: Map, mark: Mark, look: Look) -> Box:
    """The owner's letter on a plate inside a drawn site, moved a little where another's is in the way."""
    size = sheet.size * 0.92
    if mark.shape.area < (2.2 * size * sheet.metres) ** 2:
        # A plate would hide a site this small.
        box = sheet.around(mark.x, mark.y, size * 0.55)
        colours = (INK, NOBODY_GROUND) if look == NOBODY else (ink_on(look.colour), look.colour)
        _sign(sheet, mark, look.letter, size, *colours, 3.2)
        sheet.room.take(box)
        return box
    high, wide = size * 0.7, size * 0.75
    x, y = sheet.on_sheet(mark.x, mark.y)
    step = size * 0.8
    boxes = [
        (x + dx - wide, y + dy - high, x + dx + wide, y + dy + high)
        for dx, dy in ((0, 0), (step, 0), (-step, 0), (0, step), (0, -step))
    ]
    inside = [
        box
        for box in boxes
        if shapely.contains_xy(mark.shape, *sheet.in_metres((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
    ]
    box = sheet.room.first_free(inside) or boxes[0]
    at = sheet.in_metres((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    chip(sheet.axes, *at, look.letter, size, look.colour, sheet.metres, level=3.2)
    return box


# ------------------------------------------------------------------------------------------------------- furniture


def scale_bar_length(metres: float, most: float) -> float:
    """The longest even length in metres (1, 2 or 5 times a power of ten) that takes no more than `most` points.

    Examples
    --------
    >>> scale_bar_length(7.0, 110)
    500.0
    """
    reach = metres * most
    power = 10.0 ** math.floor(math.log10(reach))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= reach)


def _scale_bar(sheet: Map, scale: str) -> None:
    length = scale_bar_length(sheet.metres, 22 * sheet.size)
    unit, per = ("km", 1000.0) if length >= 1000 else ("m", 1.0)
    left, bottom = sheet.frame[0] + 6, sheet.frame[1] + 6
    size = sheet.size * 0.95
    wide = length / sheet.metres
    last = f"{length / per:g} {unit}"
    plate = (
        left,
        bottom,
        left + max(wide, width_of(scale, size)) + width_of(last, size) / 2 + 3.2 * size,
        bottom + 4.4 * size,
    )
    _plate(sheet, plate)
    x0, y0 = left + 1.3 * size, bottom + 0.9 * size + size * 0.75
    for n, colour in enumerate((INK, SURFACE)):
        x, y = sheet.in_metres(x0 + n * wide / 2, y0)
        bar = shapely.box(x, y, x + length / 2, y + 0.42 * size * sheet.metres)
        paint(sheet.axes, bar, face=colour, edge=INK, width=0.7, level=6.1)
        sheet.axes.patches[-1].set_gid("scale-bar")
    for at, text in ((0.0, "0"), (0.5, f"{length / 2 / per:g}"), (1.0, last)):
        write(sheet.axes, *sheet.in_metres(x0 + at * wide, y0 + 0.75 * size), text, size, align="center", level=6.2)
    write(sheet.axes, *sheet.in_metres(x0 - 0.3 * size, y0 - 1.25 * size), scale, size * 0.95, colour=MUTED, level=6.2)


def _north(sheet: Map) -> None:
    size = sheet.size
    right, top = sheet.frame[2] - 6, sheet.frame[3] - 6
    left, bottom = right - 2.6 * size, top - 4.0 * size
    _plate(sheet, (left, bottom, right, top))
    x = (left + right) / 2
    arrow = [
        (x, top - 0.4 * size),
        (x + 0.7 * size, top - 2.4 * size),
        (x, top - 1.9 * size),
        (x - 0.7 * size, top - 2.4 * size),
    ]
    paint(sheet.axes, shapely.Polygon([sheet.in_metres(*corner) for corner in arrow]), face=INK, level=6.1)
    write(sheet.axes, *sheet.in_metres(x, bottom + 0.45 * size), "N", size, face="bold", align="center", level=6.2)


def _plate(sheet: Map, box: Box) -> None:
    """A clear ground for what stands on the map but is no part of it."""
    shape = shapely.box(*sheet.in_metres(box[0], box[1]), *sheet.in_metres(box[2], box[3]))
    paint(sheet.axes, shape, face=SURFACE, opacity=0.93, level=6.0)
    sheet.room.take((box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2))

"""What a picture shows on its map, and the drawing of it: ground, sites, names, scale bar and north. Metres, EPSG:27700."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.estate import sites as sites_of
from assetplan.ground import coast_within, extent_of, grid_lines
from assetplan.lettering import Room, beside, shown, width_of, wrap
from assetplan.looks import NOBODY, Look, ink_on, look_of, outline_of
from assetplan.painting import (
    DIAMOND,
    GROUND_ORDER,
    GROUND_TEXTS,
    INK,
    MUTED,
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
    stroke,
    write,
)
from assetplan.site import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from assetplan.estate import Estate
    from assetplan.ground import Bounds
    from assetplan.lettering import Box, Face

MOST_DRAWN = 1_500
"""Sites beyond which they are counted by squares."""

_SQUARES_M = tuple(step * 10**power for power in range(2, 6) for step in (1, 2, 5))
# Kinds of backdrop whose names are written, with their rank among names and whether only a street map has room for them.
_NAMED = {"river": (4.0, False), "rail": (5.0, False), "level crossing": (4.1, True), "bridge": (4.2, True), "road": (6.0, True)}  # fmt: skip
_STREET_SCALE_M = 12.0
_KIND_WORDS = str.maketrans("_-", "  ")


@dataclass(frozen=True, eq=False)
class Content:
    """What is to be drawn: all sites, those with a place, listed places, ground by kind, and the look and name of every owner."""

    frame: gpd.GeoDataFrame
    drawn: gpd.GeoDataFrame
    context: gpd.GeoDataFrame
    ground: Mapping[str, list[tuple[str, Any]]]
    places: list[tuple[str, str, float, float]]
    looks: Mapping[str, Look]
    names: Mapping[str, str]
    bounds: Bounds

    @property
    def is_crowded(self) -> bool:
        """Whether sites are counted by squares because there are too many to draw."""
        return len(self.drawn) > MOST_DRAWN

    def within(self, axes: Axes) -> Content:
        """The same with only that ground which the extent of the axes shows."""
        (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
        window = shapely.box(west, south, east, north)
        kept: dict[str, list[tuple[str, Any]]] = {}
        for kind, named in self.ground.items():
            if kind == "graticule":
                kept[kind] = named
                continue
            here = [("", line) for line in coast_within((west, south, east, north))] if kind == "coast" else named
            if seen := [(name, shape) for name, shape in here if shapely.intersects(shape, window)]:
                kept[kind] = seen
        return replace(self, ground=kept)


@dataclass(frozen=True, eq=False)
class Mark:
    """A site as drawn, or several at one place or in one square: where, how placed, whose, and under which names."""

    x: float
    y: float
    precision: str
    owners: tuple[tuple[str, int], ...]
    status: object = None
    names: tuple[str, ...] = ()
    shape: Any = None

    @property
    def count(self) -> int:
        """How many sites the mark stands for."""
        return sum(number for _, number in self.owners)


def content_of(estate: Estate) -> Content:
    """What the map of an estate shows."""
    frame = sites_of(estate)
    drawn = frame[frame["precision"] != "none"]
    context = estate.context()
    context = context[context["location_precision"] != "none"]
    looks, names = {UNKNOWN: NOBODY}, {UNKNOWN: "Owner unknown"}
    for key, organisation in estate.organisations.items():
        looks[key] = look_of(key, organisation.sector, organisation.name)
        names[key] = organisation.name
    ground_by: dict[str, list[tuple[str, Any]]] = {}
    for kind, name, shape in zip(estate.roads["kind"], estate.roads["name"], estate.roads.geometry, strict=True):
        if shape is not None:
            word = str(kind or "").lower().translate(_KIND_WORDS).strip()
            ground_by.setdefault(word if word in GROUND_TEXTS else "other", []).append((str(name or ""), shape))
    limits = estate.constraints[estate.constraints["designation"] == "development limits"]
    if found := [(str(name or ""), shape) for name, shape in zip(limits["name"], limits.geometry, strict=True) if shape]:
        ground_by["limits"] = found
    if not len(estate.roads):
        ground_by |= {"coast": [], "graticule": []}
    places = []
    for name, kind, shape in zip(estate.places["name"], estate.places["kind"], estate.places.geometry, strict=True):
        if shape is not None:
            inner = shapely.point_on_surface(shape)
            places.append((str(name), str(kind or "").lower(), float(inner.x), float(inner.y)))
    return Content(frame, drawn, context, ground_by, places, looks, names, extent_of((drawn, estate.assets)))


# ------------------------------------------------------------------------------------------------------- marks


def radius_of(content: Content, size: float) -> float:
    """The radius of a site's mark in points: smaller where there are many. `size` is that of names."""
    return size * (0.8 if len(content.drawn) <= 60 else 0.62 if len(content.drawn) <= 400 else 0.44)


def marks_of(content: Content, metres: float, size: float) -> list[Mark]:
    """The sites as they are drawn where a point of the sheet is so many metres: large ones first, so that small ones lie on them."""
    if content.is_crowded:
        return _squares(content, square_of(metres))
    radius = radius_of(content, size) * metres
    shapes: list[tuple[float, Mark]] = []
    points: list[Mark] = []
    for row in content.drawn.itertuples():
        shape, precision = row.geometry, str(row.precision)
        if precision == "polygon":
            if shape.area < 0.4 * math.pi * radius**2:
                precision, shape = "small", None
        else:
            shape = None
        owners = ((str(row.organisation), 1),)
        name = str(row.name or row.Index)
        mark = Mark(float(row.easting), float(row.northing), precision, owners, row.status, (name,), shape)
        if shape is None:
            points.append(mark)
        else:
            shapes.append((-shape.area, mark))
    shapes.sort(key=lambda pair: pair[0])
    return [*(mark for _, mark in shapes), *_together(points, radius * 0.8)]


def _together(points: Sequence[Mark], reach: float) -> list[Mark]:
    """Marks that would hide one another as one; each takes in what lies within `reach` and is not taken yet."""
    if not points:
        return []
    tree = shapely.STRtree(shapely.points([(mark.x, mark.y) for mark in points]))
    taken = np.zeros(len(points), dtype=bool)
    out = []
    for n, mark in enumerate(points):
        if taken[n]:
            continue
        near = np.sort(tree.query(shapely.Point(mark.x, mark.y), predicate="dwithin", distance=reach))
        members = [points[int(i)] for i in near if not taken[i]]
        taken[near] = True
        out.append(mark if len(members) == 1 else _sum(members, mark.x, mark.y, "several"))
    return out


def _sum(members: Sequence[Mark], x: float, y: float, precision: str) -> Mark:
    counts: Counter[str] = Counter()
    for member in members:
        counts.update(dict(member.owners))
    statuses = {member.status for member in members}
    names = tuple(name for member in members for name in member.names)
    return Mark(x, y, precision, _by_size(counts), statuses.pop() if len(statuses) == 1 else "several", names)


def _by_size(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def square_of(metres: float) -> int:
    """The side in metres of the squares sites are counted in: an even length, at least 24 points on the sheet."""
    return next((step for step in _SQUARES_M if step >= 24 * metres), _SQUARES_M[-1])


def _squares(content: Content, side: int) -> list[Mark]:
    cells: dict[tuple[int, int], Counter[str]] = {}
    columns = (content.drawn[name] for name in ("easting", "northing", "organisation"))
    for easting, northing, owner in zip(*columns, strict=True):
        cells.setdefault((int(easting // side), int(northing // side)), Counter())[str(owner)] += 1
    return [
        Mark((x + 0.5) * side, (y + 0.5) * side, "square", _by_size(counts))
        for (x, y), counts in sorted(cells.items())
    ]


# ------------------------------------------------------------------------------------------------------- drawing


@dataclass(frozen=True, eq=False)
class _Name:
    """A name that wants a place: the box of what it names, in points of the sheet, and how it is written."""

    rank: tuple[float, ...]
    text: str
    at: Box
    size: float
    face: Face = "plain"
    colour: str = INK
    gap: float = 1.5
    is_site: bool = False
    is_over: bool = False
    is_inside: bool = False
    own: int = -1


@dataclass(frozen=True, eq=False)
class _Map:
    """The axes of the map with its frame on the sheet (points) and the length of a point in metres."""

    axes: Axes
    frame: Box
    metres: float
    size: float
    room: Room

    @property
    def extent(self) -> Box:
        (west, east), (south, north) = self.axes.get_xlim(), self.axes.get_ylim()
        return (west, south, east, north)

    def on_sheet(self, x: float, y: float) -> tuple[float, float]:
        west, south, _, _ = self.extent
        return self.frame[0] + (x - west) / self.metres, self.frame[1] + (y - south) / self.metres

    def in_metres(self, left: float, bottom: float) -> tuple[float, float]:
        west, south, _, _ = self.extent
        return west + (left - self.frame[0]) * self.metres, south + (bottom - self.frame[1]) * self.metres

    def around(self, x: float, y: float, radius: float) -> Box:
        left, bottom = self.on_sheet(x, y)
        return (left - radius, bottom - radius, left + radius, bottom + radius)

    def box(self, bounds: Iterable[float]) -> Box:
        west, south, east, north = bounds
        return (*self.on_sheet(west, south), *self.on_sheet(east, north))


def draw_content(axes: Axes, content: Content, marks: Sequence[Mark], frame: Box, metres: float, *, size: float, scale: str) -> int:  # fmt: skip
    """Draw everything on axes whose extent is set; `size` is that of site names in points, `scale` is written by the scale bar.

    Returns
    -------
    int
        How many sites are drawn whose name found no place.
    """
    inner = (frame[0] + 2, frame[1] + 2, frame[2] - 2, frame[3] - 2)
    sheet = _Map(axes, frame, metres, size, Room(inner))
    _scale_bar(sheet, scale)
    _north(sheet)
    names = _draw_ground(sheet, content)
    names += _draw_context(sheet, content)
    names += _draw_marks(sheet, content, marks)
    return _draw_names(sheet, names, marks)


def _draw_ground(sheet: _Map, content: Content) -> list[_Name]:
    extent = sheet.extent
    factor = min(3.0, max(0.22, math.sqrt(1.4 * 72 / 96 / sheet.metres)))
    names: list[_Name] = []
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
            water = kind == "river"
            for name, at in _longest(named, window).items():
                if kind in {"bridge", "level crossing"}:
                    sheet.room.take(sheet.around(at.x, at.y, 4))
                names.append(
                    _Name((rank,), name, sheet.around(at.x, at.y, 4 if streets_only and kind != "road" else 0), sheet.size * 0.9, "italic" if water else "plain", WATER_INK if water else MUTED, is_over=kind != "level crossing" and kind != "bridge")
                )  # fmt: skip
    seen = {name.text for name in names}
    for text, kind, x, y in content.places:
        if text in seen:
            continue
        big = "city" in kind or "town" in kind
        water = "river" in kind
        size = sheet.size * (1.45 if big else 0.95 if water else 1.1)
        look: tuple[Face, str] = ("bold", INK) if big else ("italic", WATER_INK) if water else ("plain", MUTED)
        names.append(_Name((1.0 if big else 3.0,), text, sheet.around(x, y, 0), size, *look, is_over=True))
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


def _draw_grid(sheet: _Map) -> list[Any]:
    """The lines of the National Grid, each named where it meets the left or the lower edge of the map."""
    west, south, east, north = sheet.extent
    size = sheet.size * 0.82
    lines = []
    for axis, at, name in grid_lines(sheet.extent):
        upright = axis == "E"
        lines.append(shapely.LineString([(at, south), (at, north)] if upright else [(west, at), (east, at)]))
        left, bottom = sheet.on_sheet(at, south) if upright else sheet.on_sheet(west, at)
        wide = width_of(name, size)
        box = (left + 2, bottom + 3, left + 2 + wide, bottom + 3 + size) if upright else (left + 3, bottom + 2, left + 3 + wide, bottom + 2 + size)  # fmt: skip
        if sheet.room.first_free([box]):
            write(sheet.axes, *sheet.in_metres(box[0], box[1]), name, size, colour=MUTED, halo=PAPER, level=3.0)
    return lines


def _draw_context(sheet: _Map, content: Content) -> list[_Name]:
    """Listed places as diamonds, all in one shape: there may be thousands."""
    many = len(content.context)
    if not many:
        return []
    radius = sheet.size * (0.75 if many <= 60 else 0.45 if many <= 400 else 0.25)
    r = radius * sheet.metres
    places = list(zip(content.context["easting"], content.context["northing"], strict=True))
    shapes = [shapely.Polygon([(x, y - r), (x + r, y), (x, y + r), (x - r, y)]) for x, y in places]
    paint(sheet.axes, shapely.multipolygons(shapes), face=SURFACE, edge=DIAMOND, width=min(1.3, radius * 0.3), level=1.9)  # fmt: skip
    names = []
    for (key, row), (x, y) in zip(content.context.iterrows(), places, strict=True):
        box = sheet.around(x, y, radius)
        if many <= 400:
            sheet.room.take(box)
            text = str(row["name"] or row["address"] or key)
            names.append(_Name((5.5, len(names)), text, box, sheet.size * 0.85, "plain", MUTED))
    return names


def _draw_marks(sheet: _Map, content: Content, marks: Sequence[Mark]) -> list[_Name]:
    radius = radius_of(content, sheet.size)
    most = max((mark.count for mark in marks), default=1)
    side = square_of(sheet.metres) / sheet.metres
    names = []
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
            text = "; ".join(mark.names) if mark.count == 2 else f"{text} and {mark.count - 1:,} more"
            box = sheet.around(mark.x, mark.y, radius * 1.25)
            _draw_pie(sheet, content, mark, radius * 1.25, level)
            if mark.status != "several":
                outline(sheet.axes, disc(mark.x, mark.y, radius * 1.25 * sheet.metres), outline_of(mark.status), colour=edge, finer=0.4, level=level)  # fmt: skip
        elif mark.shape is not None:
            fill(sheet.axes, mark.shape, look, sheet.metres, level=level)
            wide = math.sqrt(mark.shape.area) / sheet.metres
            outline(sheet.axes, mark.shape, outline_of(mark.status), colour=edge, finer=min(1.0, max(0.45, wide / 30)), level=level)  # fmt: skip
            box = _draw_chip(sheet, mark, look)
            whole = sheet.box(mark.shape.bounds)
            large = whole[2] - whole[0] > 40 * sheet.size / 6
            at = box if large else whole
            names.append(_Name((2.0, n), text, at, sheet.size, "bold", is_site=True, is_inside=large, own=n))
            continue
        else:
            _draw_point(sheet, mark, look, edge, radius, level)
            box = sheet.around(mark.x, mark.y, radius + 0.5)
        sheet.room.take(box)
        names.append(_Name((2.0, n), text, box, sheet.size, "bold", is_site=True, own=n))
    return names


def _draw_pie(sheet: _Map, content: Content, mark: Mark, radius: float, level: float) -> None:
    shares = [(content.looks[owner], number) for owner, number in mark.owners]
    pie(sheet.axes, mark.x, mark.y, radius, shares, sheet.metres, level=level)
    text = f"{mark.count:,}"
    # The number lies on the pie without a plate, which would hide the owners; a long one is smaller.
    size = min(sheet.size, radius * (1.15 if len(text) < 3 else 2.4 / len(text)))
    write(sheet.axes, mark.x, mark.y, text, size, face="bold", align="center", middle=True, halo=SURFACE, level=level + 0.0004)


def _draw_point(sheet: _Map, mark: Mark, look: Look, edge: str, radius: float, level: float) -> None:
    """A filled mark, or a hollow one where only the postcode is known, with the owner's letter."""
    whole = disc(mark.x, mark.y, radius * sheet.metres)
    unknown = look == NOBODY
    if mark.precision == "postcode":
        ring(sheet.axes, mark.x, mark.y, radius, look, sheet.metres, level=level)
    else:
        fill(sheet.axes, whole, NOBODY if unknown else Look(look.colour, "plain", ""), sheet.metres, level=level, fine=0.6)  # fmt: skip
    outline(sheet.axes, whole, outline_of(mark.status), colour=edge, finer=0.45, level=level)
    colour = INK if unknown or mark.precision == "postcode" else ink_on(look.colour)
    write(sheet.axes, mark.x, mark.y, look.letter, radius * (0.95 if mark.precision == "postcode" else 1.2), face="bold", colour=colour, align="center", middle=True, halo="#dfe2e4" if unknown else "", level=level + 0.0005)  # fmt: skip


def _draw_chip(sheet: _Map, mark: Mark, look: Look) -> Box:
    """The owner's letter on a plate inside a drawn site, moved a little where another's is in the way."""
    size = sheet.size * 0.92
    if mark.shape.area < (2.2 * size * sheet.metres) ** 2:
        # A plate would hide a site this small.
        box = sheet.around(mark.x, mark.y, size * 0.55)
        dark = look == NOBODY or ink_on(look.colour) == INK
        ground_colour = "#dfe2e4" if look == NOBODY else look.colour
        write(sheet.axes, mark.x, mark.y, look.letter, size, face="bold", colour=INK if dark else SURFACE, align="center", middle=True, halo=ground_colour, level=3.2)  # fmt: skip
        sheet.room.take(box)
        return box
    high, wide = size * 0.7, size * 0.75
    x, y = sheet.on_sheet(mark.x, mark.y)
    step = size * 0.8
    boxes = [
        (x + dx - wide, y + dy - high, x + dx + wide, y + dy + high)
        for dx, dy in ((0, 0), (step, 0), (-step, 0), (0, step), (0, -step))
    ]
    inside = [box for box in boxes if shapely.contains_xy(mark.shape, *sheet.in_metres((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))]  # fmt: skip
    box = sheet.room.first_free(inside) or boxes[0]
    at = sheet.in_metres((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    chip(sheet.axes, *at, look.letter, size, look.colour, sheet.metres, level=3.2)
    return box


# ------------------------------------------------------------------------------------------------------- names


def _draw_names(sheet: _Map, names: Sequence[_Name], marks: Sequence[Mark]) -> int:
    """Write names where there is room, the more important first; how many sites stay without."""
    shapes = [mark.shape for mark in marks if mark.shape is not None]
    owners = np.array([n for n, mark in enumerate(marks) if mark.shape is not None])
    tree = shapely.STRtree(shapes)
    many = sum(name.is_site for name in names) > 150
    unnamed = 0
    for name in sorted(names, key=lambda name: name.rank):
        size = name.size * (0.85 if many and name.is_site else 1.0)
        lines = wrap(shown(name.text), 16 * size, size, name.face, most=2)
        wide, line_high = max((width_of(line, size, name.face) for line in lines), default=0.0), size * 1.12
        high = len(lines) * line_high
        boxes = _over(name.at, wide, high) if name.is_over else beside(name.at, wide, high, name.gap, below=name.is_inside)
        near = len(boxes)
        if name.is_site and not many:
            boxes += [box for gap in (1.5, 3.0, 5.0) for box in beside(name.at, wide, high, gap * sheet.size)]
        order = range(len(boxes))
        if name.is_site and shapes:
            # A name that would lie across another's site stands further off rather.
            order = sorted(order, key=lambda n: _covered(sheet, boxes[n], tree, owners, name.own))
        box = sheet.room.first_free([_padded(boxes[n]) for n in order]) if lines else None
        if box is None:
            unnamed += marks[name.own].count if name.is_site else 0
            continue
        if box in {_padded(far) for far in boxes[near:]}:
            _lead(sheet, box, name.at)
        for n, line in enumerate(lines):
            at = sheet.in_metres((box[0] + box[2]) / 2, box[3] - 0.7 - (n + 0.8) * line_high)
            drawn = write(sheet.axes, *at, line, size, face=name.face, colour=name.colour, align="center", halo=PAPER, level=4.5)  # fmt: skip
            drawn.set_gid("name")
    return unnamed


def _lead(sheet: _Map, box: Box, at: Box) -> None:
    """A thin line from a name that stands apart to what it names."""
    x, y = (at[0] + at[2]) / 2, (at[1] + at[3]) / 2
    start = (min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3]))
    line = [[sheet.in_metres(*start), sheet.in_metres(x, y)]]
    stroke(sheet.axes, line, PAPER, 1.8, opacity=0.8, level=1.9)
    stroke(sheet.axes, line, MUTED, 0.6, level=1.95)


def _padded(box: Box) -> Box:
    return (box[0] - 0.7, box[1] - 0.7, box[2] + 0.7, box[3] + 0.7)


def _over(at: Box, wide: float, high: float) -> list[Box]:
    x, y = (at[0] + at[2]) / 2, (at[1] + at[3]) / 2
    shifts = [(0, 0), (0, high * 1.1), (0, -high * 1.1), (wide * 0.6, 0), (-wide * 0.6, 0), (wide * 0.6, high), (-wide * 0.6, -high)]  # fmt: skip
    return [(x + dx - wide / 2, y + dy - high / 2, x + dx + wide / 2, y + dy + high / 2) for dx, dy in shifts]


def _covered(sheet: _Map, box: Box, tree: shapely.STRtree, owners: NDArray[np.intp], own: int) -> int:
    """How many other sites a name would lie across."""
    bounds = (*sheet.in_metres(box[0], box[1]), *sheet.in_metres(box[2], box[3]))
    hit = owners[tree.query(shapely.box(*bounds), predicate="intersects")]
    return int((hit != own).sum())


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


def _scale_bar(sheet: _Map, scale: str) -> None:
    length = scale_bar_length(sheet.metres, 22 * sheet.size)
    unit, per = ("km", 1000.0) if length >= 1000 else ("m", 1.0)
    left, bottom = sheet.frame[0] + 6, sheet.frame[1] + 6
    size = sheet.size * 0.95
    wide = length / sheet.metres
    last = f"{length / per:g} {unit}"
    plate = (left, bottom, left + max(wide, width_of(scale, size)) + width_of(last, size) / 2 + 3.2 * size, bottom + 4.4 * size)  # fmt: skip
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


def _north(sheet: _Map) -> None:
    size = sheet.size
    right, top = sheet.frame[2] - 6, sheet.frame[3] - 6
    left, bottom = right - 2.6 * size, top - 4.0 * size
    _plate(sheet, (left, bottom, right, top))
    x = (left + right) / 2
    arrow = [(x, top - 0.4 * size), (x + 0.7 * size, top - 2.4 * size), (x, top - 1.9 * size), (x - 0.7 * size, top - 2.4 * size)]  # fmt: skip
    paint(sheet.axes, shapely.Polygon([sheet.in_metres(*corner) for corner in arrow]), face=INK, level=6.1)
    write(sheet.axes, *sheet.in_metres(x, bottom + 0.45 * size), "N", size, face="bold", align="center", level=6.2)


def _plate(sheet: _Map, box: Box) -> None:
    """A clear ground for what stands on the map but is no part of it."""
    shape = shapely.box(*sheet.in_metres(box[0], box[1]), *sheet.in_metres(box[2], box[3]))
    paint(sheet.axes, shape, face=SURFACE, opacity=0.93, level=6.0)
    sheet.room.take((box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2))

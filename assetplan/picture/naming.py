"""Names on the map of a picture: where each may stand, which wins, and the lines to what they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.picture.lettering import beside, shown, width_of, wrap
from assetplan.picture.painting import INK, PAPER, disc, paint, stroke, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    from assetplan.picture.lettering import Box, Face, Room
    from assetplan.picture.marks import Mark

# How far from its site a name may stand with a line to it, in sizes of its text, and in which directions the name of a place
# may be moved.
_FURTHER = (1.5, 3.0, 5.0, 7.0, 9.0)
_ROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (-1, 1), (1, -1))
_ROUNDS = 5


@dataclass(frozen=True, eq=False)
class Name:
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
class Map:
    """The axes of the map with its frame on the sheet (points) and the length of a point in metres."""

    axes: Axes
    frame: Box
    metres: float
    size: float
    room: Room

    @property
    def extent(self) -> Box:
        """West, south, east and north in metres."""
        (west, east), (south, north) = self.axes.get_xlim(), self.axes.get_ylim()
        return (west, south, east, north)

    def on_sheet(self, x: float, y: float) -> tuple[float, float]:
        """Where on the sheet an easting and northing lie."""
        west, south, _, _ = self.extent
        return self.frame[0] + (x - west) / self.metres, self.frame[1] + (y - south) / self.metres

    def in_metres(self, left: float, bottom: float) -> tuple[float, float]:
        """The easting and northing of a place on the sheet."""
        west, south, _, _ = self.extent
        return west + (left - self.frame[0]) * self.metres, south + (bottom - self.frame[1]) * self.metres

    def around(self, x: float, y: float, radius: float) -> Box:
        """The box on the sheet about an easting and northing."""
        left, bottom = self.on_sheet(x, y)
        return (left - radius, bottom - radius, left + radius, bottom + radius)

    def box(self, bounds: Iterable[float]) -> Box:
        """The box on the sheet of bounds in metres."""
        west, south, east, north = bounds
        return (*self.on_sheet(west, south), *self.on_sheet(east, north))


@dataclass(frozen=True, eq=False)
class _Offer:
    """A place for a name: its box on the sheet, how ill it stands there, and the mark a line leads to."""

    box: Box
    cost: float = 0.0
    to: Mark | None = None


@dataclass(frozen=True, eq=False)
class _Wanted:
    """A name in lines of text at its size, with the places it may take, best first."""

    name: Name
    lines: list[str]
    size: float
    offers: list[_Offer]


def draw_names(sheet: Map, names: Sequence[Name], marks: Sequence[Mark]) -> int:
    """Write names where there is room, the more important first; how many sites stay without.

    Where sites are few, those with most others about them choose first. What found no place then chooses before all others,
    for a few rounds; the round that leaves the fewest sites without a name is drawn.
    """
    few = sum(name.is_site for name in names) <= 60
    wanted = _wanted(sheet, names, marks, few=few)
    best: list[tuple[_Wanted, _Offer]] = []
    least = -1
    first: list[_Wanted] = []
    for _ in range(_ROUNDS if few else 1):
        placed, without = _arrange(sheet, [*first, *(item for item in wanted if item not in first)])
        unnamed = sum(marks[item.name.own].count for item in without)
        if least < 0 or unnamed < least:
            best, least = placed, unnamed
        if not without:
            break
        first = [*without, *(item for item in first if item not in without)]
    for item, offer in best:
        _draw_name(sheet, item, offer)
    return max(least, 0)


def _arrange(sheet: Map, wanted: Sequence[_Wanted]) -> tuple[list[tuple[_Wanted, _Offer]], list[_Wanted]]:
    """The names that find a place, in the order given, and the sites that find none."""
    room = sheet.room.copy()
    placed, without = [], []
    for item in wanted:
        offer = next((offer for offer in item.offers if _take(sheet, room, offer)), None)
        if offer is not None:
            placed.append((item, offer))
        elif item.name.is_site:
            without.append(item)
    return placed, without


def _wanted(sheet: Map, names: Sequence[Name], marks: Sequence[Mark], *, few: bool) -> list[_Wanted]:
    many = sum(name.is_site for name in names) > 150
    shaped = [n for n, mark in enumerate(marks) if mark.shape is not None]
    tree = shapely.STRtree([marks[n].shape for n in shaped])
    owners = np.array(shaped, dtype=int)
    places = [shapely.Point(sheet.on_sheet(mark.x, mark.y)) for mark in marks] if few else []
    about = [sum(place.dwithin(other, 12 * sheet.size) for other in places) for place in places]

    def is_on_another(shape: Any, own: int) -> bool:
        return bool((owners[tree.query(shape, predicate="intersects")] != own).any())

    out = []
    for name in sorted(names, key=lambda n: (n.rank[0], -about[n.own] if n.is_site and few else 0, n.rank)):
        size = name.size * (0.85 if many and name.is_site else 1.0)
        lines = wrap(shown(name.text), 16 * size, size, name.face, most=2)
        if not lines:
            continue
        wide, high = max(width_of(line, size, name.face) for line in lines), len(lines) * size * 1.12
        if not name.is_site:
            boxes = (
                _over(name.at, wide, high, is_town=name.rank < (2.0,))
                if name.is_over
                else beside(name.at, wide, high, name.gap)
            )
            out.append(_Wanted(name, lines, size, [_Offer(_padded(box)) for box in boxes]))
            continue
        mark = marks[name.own]
        offers = [_Offer(_padded(box)) for box in beside(name.at, wide, high, name.gap, below=name.is_inside)]
        for far, gap in enumerate(_FURTHER if few else (), 1):
            offers += [_Offer(_padded(box), far, mark) for box in beside(name.at, wide, high, gap * sheet.size)]
        weighed = []
        for offer in offers:
            corner, other = sheet.in_metres(*offer.box[:2]), sheet.in_metres(*offer.box[2:])
            # A name on another's site would be taken for that site's. It stands further off, with a line, or is left out.
            if is_on_another(shapely.box(*corner, *other), name.own):
                continue
            near = (min(max(mark.x, corner[0]), other[0]), min(max(mark.y, corner[1]), other[1]))
            crosses = offer.to is not None and is_on_another(shapely.LineString([near, (mark.x, mark.y)]), name.own)
            weighed.append(_Offer(offer.box, offer.cost + 1.8 * crosses, offer.to))
        out.append(_Wanted(name, lines, size, sorted(weighed, key=lambda offer: offer.cost)))
    return out


def _padded(box: Box) -> Box:
    return (box[0] - 0.7, box[1] - 0.7, box[2] + 0.7, box[3] + 0.7)


def _over(at: Box, wide: float, high: float, *, is_town: bool) -> list[Box]:
    """Where the name of a place may stand, best first: on it or beside it, that of a town further off rather than nowhere."""
    x, y = (at[0] + at[2]) / 2, (at[1] + at[3]) / 2
    shifts = [(0.0, 0.0)]
    for k in (1.1, 2.2) if is_town else (1.1,):
        shifts += [(across * wide * k / 2, up * high * k) for across, up in _ROUND]
    return [(x + dx - wide / 2, y + dy - high / 2, x + dx + wide / 2, y + dy + high / 2) for dx, dy in shifts]


def _line(sheet: Map, box: Box, to: Mark) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ends of the line on the sheet from a name to its mark."""
    x, y = sheet.on_sheet(to.x, to.y)
    a, b = min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])
    length = float(np.hypot(x - a, y - b))
    share = max(0.0, 1 - 0.85 * sheet.size / length) if length else 0.0
    return (a, b), (a + (x - a) * share, b + (y - b) * share)


def _take(sheet: Map, room: Room, offer: _Offer) -> bool:
    """Take the place of a name if it is free, and that of its line."""
    boxes = [offer.box]
    if offer.to is not None:
        (a, b), (x, y) = _line(sheet, offer.box, offer.to)
        # The line may end in the box its own mark has taken, so the last of it is not asked for.
        reach = float(np.hypot(x - a, y - b))
        share = max(0.0, 1 - 0.6 * sheet.size / reach) if reach else 0.0
        along = np.linspace(0, share, max(2, round(reach / 2))).tolist()
        boxes += [
            (a + (x - a) * t - 0.5, b + (y - b) * t - 0.5, a + (x - a) * t + 0.5, b + (y - b) * t + 0.5) for t in along
        ]
    if not all(map(room.is_free, boxes)):
        return False
    for box in boxes:
        room.take(box)
    return True


def _draw_name(sheet: Map, item: _Wanted, offer: _Offer) -> None:
    name, size, box = item.name, item.size, offer.box
    if offer.to is not None:
        start, end = _line(sheet, box, offer.to)
        drawn = [[sheet.in_metres(*start), sheet.in_metres(*end)]]
        stroke(sheet.axes, drawn, PAPER, 2.0, opacity=0.85, level=3.1)
        stroke(sheet.axes, drawn, INK, 0.6, level=3.11)
        paint(sheet.axes, disc(*sheet.in_metres(*end), 1.1 * sheet.metres), face=INK, level=3.11)
    for n, line in enumerate(item.lines):
        at = sheet.in_metres((box[0] + box[2]) / 2, box[3] - 0.7 - (n + 0.8) * size * 1.12)
        text = write(
            sheet.axes, *at, line, size, face=name.face, colour=name.colour, align="center", halo=PAPER, level=4.5
        )
        text.set_gid("name")

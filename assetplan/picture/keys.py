"""The key of a picture: what every look on it means, in columns that fit the sheet. All lengths in points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import shapely

from assetplan.looks import NOBODY, PRECISION_TEXTS, Look, Outline
from assetplan.picture.lettering import shown, width_of, wrap
from assetplan.picture.painting import (
    DIAMOND,
    INK,
    MUTED,
    SURFACE,
    WATER,
    chip,
    diamond,
    disc,
    fill,
    ground,
    outline,
    paint,
    pie,
    ring,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

SWATCH_WIDE, SWATCH_HIGH = 20.0, 12.5
_GAP = 5.0


@dataclass(frozen=True)
class Entry:
    """A swatch, drawn about its middle, with words and, where it counts something, a number."""

    swatch: Callable[[Axes, float, float], None] | None
    text: str
    count: int | None = None


@dataclass(frozen=True)
class Section:
    """Entries under a heading; what a long one leaves out is said by `rest`, given the entries left out."""

    title: str
    entries: tuple[Entry, ...]
    rest: Callable[[Sequence[Entry]], str] | None = None


@dataclass(frozen=True)
class _Line:
    """What takes a place in a column: a heading or an entry, its lines of text and its height."""

    entry: Entry
    lines: tuple[str, ...]
    height: float
    is_heading: bool = False


@dataclass(frozen=True)
class Key:
    """A key laid out: its columns, the width of each, and the size of its text."""

    columns: tuple[tuple[_Line, ...], ...]
    column: float
    size: float

    @property
    def width(self) -> float:
        """The width of all columns with the gaps between them."""
        return len(self.columns) * self.column + (len(self.columns) - 1) * 2 * _GAP


def lay_out(sections: Sequence[Section], height: float, *, size: float, column: float, columns: int) -> Key:
    """A key no higher than `height`: in one column if it fits, then smaller, then in more columns.

    Where even that is too little, the section that can say so leaves out its smallest entries and says how many.
    """
    wanted = [section for section in sections if section.entries]
    trials = [(n, scale) for n in range(1, columns + 1) for scale in (1.0, 0.88)]
    for n, scale in trials:
        found = _flow(wanted, height, n, column * (1.0 if n == 1 else 0.92), size * scale)
        if found:
            return found
    n, scale = trials[-1]
    long = max((section for section in wanted if section.rest), key=lambda s: len(s.entries), default=None)
    if long is not None:
        for kept in range(len(long.entries) - 1, 0, -1):
            found = _flow([_cut(s, kept) if s is long else s for s in wanted], height, n, column * 0.92, size * scale)
            if found:
                return found
    # Nothing more can be left out: the key runs on below its frame rather than lose a line.
    return _flow(wanted, float("inf"), 1, column, size * scale) or Key((), column, size)


def _cut(section: Section, kept: int) -> Section:
    """A section with only its largest entries, in their order, and a line that counts the others."""
    assert section.rest is not None
    order = sorted(range(len(section.entries)), key=lambda i: (-(section.entries[i].count or 0), i))
    keep = set(order[:kept])
    left = [entry for i, entry in enumerate(section.entries) if i not in keep]
    said = Entry(None, section.rest(left), None)
    return replace(section, entries=(*(e for i, e in enumerate(section.entries) if i in keep), said))


def _flow(sections: Sequence[Section], height: float, columns: int, column: float, size: float) -> Key | None:
    """The sections in columns, no heading left alone at a column's foot; None where they do not fit."""
    out: list[list[_Line]] = [[]]
    left = height
    for section in sections:
        lines = [_heading(section.title, column, size), *(_entry(entry, column, size) for entry in section.entries)]
        for n, line in enumerate(lines):
            need = line.height + (lines[1].height if n == 0 else 0.0)
            if need > left and out[-1]:
                if len(out) == columns:
                    return None
                out.append([])
                left = height
            out[-1].append(line)
            left -= line.height
    return Key(tuple(map(tuple, out)), column, size) if left >= 0 else None


def _heading(title: str, column: float, size: float) -> _Line:
    lines = tuple(wrap(title, column, size * 0.97, "bold"))
    return _Line(Entry(None, title), lines, len(lines) * size * 1.25 + size * 0.9, is_heading=True)


def _entry(entry: Entry, column: float, size: float) -> _Line:
    room = column - (SWATCH_WIDE + _GAP)
    if entry.count is not None:
        room -= width_of(f"{entry.count:,}", size) + _GAP
    lines = tuple(wrap(shown(entry.text), room, size, most=3))
    return _Line(entry, lines, max(SWATCH_HIGH + 2.0, len(lines) * size * 1.18 + 2.5))


def draw(axes: Axes, key: Key, left: float, top: float) -> None:
    """A key on axes measured in points, its upper left corner at (left, top)."""
    for n, column in enumerate(key.columns):
        x = left + n * (key.column + 2 * _GAP)
        y = top
        for i, line in enumerate(column):
            if line.is_heading:
                y -= key.size * (0.9 if i else 0.0)
                for text in line.lines:
                    y -= key.size * 1.25
                    write(axes, x, y + key.size * 0.3, text, key.size * 0.97, face="bold", colour=MUTED)
                continue
            middle = y - line.height / 2
            if line.entry.swatch:
                line.entry.swatch(axes, x + SWATCH_WIDE / 2, middle)
            first = middle + (len(line.lines) - 1) * key.size * 1.18 / 2
            for n_line, text in enumerate(line.lines):
                at = first - n_line * key.size * 1.18
                write(axes, x + SWATCH_WIDE + _GAP, at, text, key.size, middle=True)
            if line.entry.count is not None:
                write(
                    axes,
                    x + key.column,
                    first,
                    f"{line.entry.count:,}",
                    key.size,
                    colour=MUTED,
                    align="right",
                    middle=True,
                )
            y -= line.height


# ------------------------------------------------------------------------------------------------------- swatches


def _box(x: float, y: float, inset: float = 0.0) -> Any:
    wide, high = SWATCH_WIDE / 2 - inset, SWATCH_HIGH / 2 - inset
    return shapely.box(x - wide, y - high, x + wide, y + high)


def organisation_swatch(look: Look) -> Callable[[Axes, float, float], None]:
    """Colour, pattern and letter of an organisation; that of an unknown owner has a dashed edge."""
    unknown = look.pattern == NOBODY.pattern

    def swatch(axes: Axes, x: float, y: float) -> None:
        fill(axes, _box(x, y), look, 1.0)
        paint(
            axes, _box(x, y), edge=MUTED if unknown else INK, width=0.8, dashes=(2.5, 1.5) if unknown else (), level=1.5
        )
        chip(axes, x, y, look.letter, 6.0, look.colour, 1.0, level=2)

    return swatch


def outline_swatch(look: Outline) -> Callable[[Axes, float, float], None]:
    """The outline of a status."""

    def swatch(axes: Axes, x: float, y: float) -> None:
        paint(axes, _box(x, y, 2.0), face=SURFACE)
        outline(axes, _box(x, y, 2.0), look, finer=0.85, level=1.5)

    return swatch


def precision_swatch(precision: str) -> Callable[[Axes, float, float], None]:
    """How a site of a precision is drawn: an outline, a filled or a hollow mark."""
    grey = Look(DIAMOND, "plain", "")

    def swatch(axes: Axes, x: float, y: float) -> None:
        if precision == "polygon":
            paint(axes, _box(x, y, 2.0), face=grey.colour, edge=INK, width=0.8)
        elif precision == "point":
            paint(axes, disc(x, y, 4.5), face=grey.colour, edge=INK, width=0.8)
        else:
            ring(axes, x, y, 4.5, grey, 1.0)
            paint(axes, disc(x, y, 4.5), edge=INK, width=0.8, level=1.5)

    return swatch


PRECISION_SWATCHES = {precision: precision_swatch(precision) for precision in PRECISION_TEXTS}


def diamond_swatch(axes: Axes, x: float, y: float) -> None:
    """A place listed, not known to be public."""
    diamond(axes, x, y, 5.0, 1.0)


def pie_swatch(axes: Axes, x: float, y: float) -> None:
    """Several sites told together."""
    shares = [(Look("#56B4E9", "plain", ""), 3), (Look("#D55E00", "plain", ""), 2), (NOBODY, 1)]
    pie(axes, x, y, 6.0, shares, 1.0)


def ground_swatch(kind: str) -> Callable[[Axes, float, float], None]:
    """A kind of backdrop."""

    def swatch(axes: Axes, x: float, y: float) -> None:
        line = shapely.LineString([(x - SWATCH_WIDE / 2, y), (x + SWATCH_WIDE / 2, y)])
        if kind == "level crossing":
            ground(axes, kind, [shapely.Point(x, y)], 1.0, 1.0)
        elif kind == "bridge":
            across = shapely.LineString([(x, y - SWATCH_HIGH / 2), (x, y + SWATCH_HIGH / 2)])
            paint(axes, line.buffer(2.4, cap_style="flat"), face=WATER)
            ground(axes, kind, [across], 1.0, 0.45, level=1.5)
        else:
            ground(axes, kind, [line], 1.0, 0.55)

    return swatch

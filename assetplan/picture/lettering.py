"""Text in a picture: the one font, what text from data may look like in it, its measured size, and names that do not overlap.

The font is the DejaVu Sans that comes with matplotlib, named by file: a font that happens to be on one computer would give
that computer other pictures. Lengths are in points (1/72 inch) unless a name says otherwise.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import text_to_path

from assetplan.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Face = Literal["plain", "bold", "italic"]
Box = tuple[float, float, float, float]
"""Left, bottom, right and top."""

_FILES: dict[Face, str] = {"plain": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "italic": "DejaVuSans-Oblique.ttf"}


@cache
def font(face: Face) -> FontProperties:
    """A face of the font; whoever draws with it sets the size."""
    return FontProperties(fname=_file(face))


def _file(face: Face) -> str:
    return str(Path(mpl.get_data_path()) / "fonts" / "ttf" / _FILES[face])


@cache
def _drawable() -> frozenset[int]:
    """The characters every face has a glyph for."""
    faces = [set(get_font(_file(face)).get_charmap()) for face in _FILES]
    return frozenset(set.intersection(*faces))


def shown(text: object) -> str:
    r"""Text as a picture shows it: one line, with characters that are hidden or that the font lacks as their code points.

    Examples
    --------
    >>> shown("Caf\u00e9 \u202e \u6f22")
    'Café [U+202E] [U+6F22]'
    """
    return "".join(c if ord(c) in _drawable() else f"[U+{ord(c):04X}]" for c in clean(str(text)))


@lru_cache(maxsize=4096)
def width_of(text: str, size: float, face: Face = "plain") -> float:
    """The width of a line of text as drawn at a size, not rounded to any device's pixels."""
    properties = font(face).copy()
    properties.set_size(size)
    return float(text_to_path.get_text_width_height_descent(text, properties, ismath=False)[0]) if text else 0.0


def wrap(text: str, width: float, size: float, face: Face = "plain", *, most: int = 0) -> list[str]:
    """Text in lines no wider than a width; words too long for a line are broken. With `most`, further lines become an ellipsis."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width_of(longer, size, face) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while len(line) > 1 and width_of(line, size, face) > width:
            fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or width_of(line[:n], size, face) <= width)
            lines.append(line[:fits])
            line = line[fits:]
    lines += [line] if line else []
    if most and len(lines) > most:
        last = lines[most - 1]
        while last and width_of(last + "…", size, face) > width:
            last = last.rpartition(" ")[0] or last[:-1]
        lines = [*lines[: most - 1], f"{last.rstrip()}…"]
    return lines


# ------------------------------------------------------------------------------------------------------- names that do not overlap


class Room:
    """The boxes already taken on a sheet, found quickly: a coarse grid of cells, each with the boxes that reach into it."""

    def __init__(self, frame: Box, cell: float = 24.0) -> None:
        self.frame = frame
        self._cell = cell
        self._taken: dict[tuple[int, int], list[Box]] = {}

    def copy(self) -> Room:
        """The same room, to try something out in."""
        other = Room(self.frame, self._cell)
        other._taken = {cell: list(boxes) for cell, boxes in self._taken.items()}
        return other

    def _cells(self, box: Box) -> Iterator[tuple[int, int]]:
        left, bottom, right, top = (int(edge // self._cell) for edge in box)
        return ((x, y) for x in range(left, right + 1) for y in range(bottom, top + 1))

    def is_free(self, box: Box) -> bool:
        """Whether a box lies inside the frame and touches none that is taken."""
        left, bottom, right, top = box
        if left < self.frame[0] or bottom < self.frame[1] or right > self.frame[2] or top > self.frame[3]:
            return False
        return not any(
            left < other[2] and right > other[0] and bottom < other[3] and top > other[1]
            for cell in self._cells(box)
            for other in self._taken.get(cell, ())
        )

    def take(self, box: Box) -> None:
        """Keep everything else off a box."""
        for cell in self._cells(box):
            self._taken.setdefault(cell, []).append(box)

    def first_free(self, boxes: Sequence[Box]) -> Box | None:
        """The first of the boxes that is free, which is then taken."""
        for box in boxes:
            if self.is_free(box):
                self.take(box)
                return box
        return None


def beside(mark: Box, width: float, height: float, gap: float, *, below: bool = False) -> list[Box]:
    """Where a name may stand beside a mark, best first: right, left, below, above, then the corners; or below and above first."""
    left, bottom, right, top = mark
    x, y = (left + right) / 2, (bottom + top) / 2
    corners = [
        *([(x - width / 2, bottom - gap - height), (x - width / 2, top + gap)] if below else []),
        (right + gap, y - height / 2),
        (left - gap - width, y - height / 2),
        (x - width / 2, bottom - gap - height),
        (x - width / 2, top + gap),
        (right + gap, bottom - height / 2),
        (right + gap, top - height / 2),
        (left - gap - width, bottom - height / 2),
        (left - gap - width, top - height / 2),
        (right - width * 0.25, bottom - gap - height),
        (left - width * 0.75, bottom - gap - height),
        (right - width * 0.25, top + gap),
        (left - width * 0.75, top + gap),
    ]
    return [(x0, y0, x0 + width, y0 + height) for x0, y0 in corners]

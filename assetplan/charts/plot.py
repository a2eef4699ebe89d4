"""What is drawn over years: the frame of columns with its ticks, and the key of bodies under a title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.charts.canvas import SMALL, SMALL_WIDE, tick_pounds, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetplan.charts.canvas import Body, Canvas, Scale

_LEFT, _RIGHT = 16.0, 97.0
_PER_LETTER = 7.2  # pixels of a letter of small text, as wide as common fonts have it


@dataclass(frozen=True)
class Columns:
    """A frame with a column for each year: where a column and a value lie."""

    count: int
    scale: Scale
    top: float
    height: float

    def middle(self, column: int) -> float:
        """The middle of a column, in shares of a hundred of the drawing."""
        return _LEFT + (_RIGHT - _LEFT) * (column + 0.5) / self.count

    def sides(self, column: int, part: float = 0.7) -> tuple[float, float]:
        """Both sides of what takes up a part of a column."""
        half = (_RIGHT - _LEFT) / self.count * part / 2
        return self.middle(column) - half, self.middle(column) + half

    def down(self, value: float) -> float:
        """How far down a value lies, in pixels."""
        return self.top + self.height * (1.0 - self.scale.share(value))


def columns_of(canvas: Canvas, years: Sequence[int], scale: Scale, height: float) -> Columns:
    """Draw the frame of a chart over years, in pounds, with nought as its strongest line; what stands in it is drawn after."""
    top = canvas.down(12)
    frame = Columns(max(1, len(years)), scale, top, height)
    for tick in scale.ticks:
        y = frame.down(tick)
        nought = abs(tick) < scale.step / 2
        canvas.line((_LEFT, _RIGHT), (y, y), ink="muted" if nought else "rule", weight=1.5 if nought else 1)
        canvas.mark_text(tick_pounds(tick, scale.step), f"{_LEFT - 1.2:g}%", y + 4, anchor="end")
    every = _years_apart(len(years))
    low = top + height
    for column, year in enumerate(years):
        if column % every == 0:
            x = frame.middle(column)
            canvas.line((x, x), (low, low + 4), ink="muted")
            canvas.mark_text(str(year), f"{x:.2f}%", low + 16)
    canvas.down(height + 22)
    return frame


def _years_apart(count: int) -> int:
    """Every how many years one is named, so that the names fit the narrowest telephone."""
    return next(step for step in (1, 2, 5, 10, 20, 50, 100) if count / step <= 7.01 or step == 100)


def whisker(canvas: Canvas, frame: Columns, column: int, low: float, high: float, figure: str) -> None:
    """The range of what a column stands for: a line from the least to the most with a short bar at either end."""
    x, (left, right) = frame.middle(column), frame.sides(column, 0.3)
    for weight, ink in ((4.0, "paper"), (1.6, "ink")):
        canvas.line(
            (x, x), (frame.down(low), frame.down(high)), ink=ink, weight=weight, figure=figure if ink == "ink" else ""
        )
    for end in (low, high):
        canvas.line((left, right), (frame.down(end), frame.down(end)), ink="ink", weight=1.6)


def key_of(canvas: Canvas, bodies: Sequence[Body]) -> None:
    """The key of bodies: colour, pattern, letter and name, as many on a line as fit the narrowest telephone."""
    room, left = SMALL_WIDE * _PER_LETTER, 0.0
    canvas.down(6)
    for body in bodies:
        wide = 22 + width_of(body.name) * _PER_LETTER
        if left and left + wide > room:
            canvas.down(20)
            left = 0.0
        canvas.swatch(body.look, canvas.y, left + 0.5)
        name = body.name if wide <= room else f"{body.name[: SMALL_WIDE - 5].rstrip()}\u2026"
        canvas.mark_text(name, f"{left + 22:g}", canvas.y + 12.5, anchor="start", size=SMALL, ink="ink")
        left += wide + 14
    canvas.down(20 if bodies else 0)

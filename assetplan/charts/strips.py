"""What is drawn in rows, one strip under the words of each: where a value lies across, its range, and the axis under the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from assetplan.charts.canvas import Canvas, Scale

EDGE = 2.0
"""Shares of a hundred that are kept free at either side for the stroke of a mark."""


def across(scale: Scale, value: float) -> float:
    """Where a value lies across, in shares of a hundred."""
    return EDGE + (100 - 2 * EDGE) * scale.share(value)


def range_at(canvas: Canvas, low: float, high: float, y: float) -> None:
    """A range over a bar: a line from the least to the most with a short bar at either end."""
    for weight, ink in ((5.0, "paper"), (1.8, "ink")):
        canvas.line((low, high), (y, y), ink=ink, weight=weight)
    for end in (low, high):
        canvas.line((end, end), (y - 5, y + 5), ink="ink", weight=1.8)


def unknown_at(canvas: Canvas, y: float, height: float) -> None:
    """What is not known: a dashed box with a question mark, never the look of none."""
    canvas.box((EDGE, 100 - EDGE), (y, y + height), "paper", ink="muted", dashes="4 3", weight=1.2)
    canvas.mark_text("?", "50%", y + height / 2 + 4, bold=True, ink="ink")


def axis_of(canvas: Canvas, scale: Scale, told: Callable[[float], str]) -> None:
    """The axis under the rows; `told` says a tick in words."""
    y = canvas.down(6)
    canvas.line((EDGE, 100 - EDGE), (y, y), ink="muted")
    ticks = scale.ticks
    for tick in ticks:
        x = across(scale, tick)
        anchor = "start" if tick == ticks[0] else "end" if tick == ticks[-1] else "middle"
        at = 0.0 if anchor == "start" else 100.0 if anchor == "end" else x
        canvas.line((x, x), (y, y + 4), ink="muted")
        canvas.mark_text(told(tick), f"{at:.2f}%", y + 16, anchor=anchor)
    canvas.down(18)

"""A receipt from gross to usable: what is taken off on the way, step by step, and what the rest may be used for, by whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.charts.canvas import SMALL, SMALL_WIDE, Amount, Canvas, said, scale_of, tick_pounds
from assetplan.charts.strips import EDGE, across, axis_of, range_at, unknown_at
from assetplan.charts.tabling import Cell, Told, cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assetplan.charts.canvas import Scale


@dataclass(frozen=True)
class Step:
    """One step of a waterfall: a sum that stands (gross, usable), or what is taken off, by its size."""

    label: str
    amount: Amount
    stands: bool
    note: str = ""


@dataclass(frozen=True)
class Waterfall:
    """A receipt, or those of one scenario or body together, from gross to usable.

    Attributes
    ----------
    title
        What it is of.
    steps
        In their order. The first and the last usually stand, those between them are taken off.
    caption
        Units, price base and basis, in sentences.
    """

    title: str
    steps: tuple[Step, ...]
    caption: str


def waterfall_scale(charts: Iterable[Waterfall]) -> Scale:
    """One scale for several waterfalls."""
    ends: list[float] = []
    for chart in charts:
        level = 0.0
        for step in chart.steps:
            if not step.amount.known:
                continue
            level = step.amount.central if step.stands else level - abs(step.amount.central)
            ends += [level, *((step.amount.low, step.amount.high) if step.stands else ())]
    return scale_of(ends, ticks=4)


def waterfall_svg(chart: Waterfall, key: str, scale: Scale | None = None) -> str:
    """A waterfall as SVG: a row for each step; sums that stand are filled, what is taken off is hatched and hangs where the last ended.

    Parameters
    ----------
    chart
        What to draw. A step that is not known is a dashed box.
    key
        A word that no other drawing of the page has.
    scale
        The scale of pounds, by default its own.

    Returns
    -------
    str
        One ``<svg>`` element; the same characters for the same chart.
    """
    scale = scale or waterfall_scale([chart])
    canvas = Canvas(key)
    canvas.say(chart.title, size=15, bold=True, wide=38)
    canvas.say(chart.caption, size=SMALL, ink="muted", wide=SMALL_WIDE, most=6)
    level = 0.0
    ends: tuple[float, float] | None = None
    for step in chart.steps:
        canvas.down(6)
        amount = step.amount
        canvas.say(f"{step.label}: ", said(amount, bold=True), bold=False, wide=SMALL_WIDE - 5)
        if step.note:
            canvas.say(step.note, size=SMALL, ink="muted", wide=SMALL_WIDE)
        y = canvas.down(8)
        if ends:
            for from_y in (ends[1], y - 6):
                canvas.line((ends[0], ends[0]), (from_y, from_y + 6), ink="muted")
        canvas.line((EDGE, 100 - EDGE), (y + 8, y + 8))
        if not amount.known:
            unknown_at(canvas, y + 1, 14)
            canvas.down(20)
            continue
        start, end = (0.0, amount.central) if step.stands else (level, level - abs(amount.central))
        fill = "accent" if step.stands else canvas.hatch("diagonal", "limit")
        canvas.box((across(scale, start), across(scale, end)), (y, y + 16), fill, figure=amount.figure)
        if step.stands and amount.low < amount.high:
            range_at(canvas, across(scale, amount.low), across(scale, amount.high), y + 8)
        level = end
        ends = (across(scale, end), y + 16)
        canvas.down(18)
    axis_of(canvas, scale, lambda tick: tick_pounds(tick, scale.step))
    return canvas.finish(
        f"{chart.title}: from the gross receipt to what is usable, step by step. The table with it says the same."
    )


def waterfall_told(chart: Waterfall) -> Told:
    """The same in a table: a row for each step."""
    rows = tuple((Cell(step.label), cell(step.amount), Cell(step.note or "-")) for step in chart.steps)
    return Told(("Step", "Pounds", "What is said of it"), rows, ("Pounds",))

"""Which input moves the result most: a bar for each from its result at one end to that at the other, with the break-even written on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.charts.canvas import BOLD_WIDE, SMALL, SMALL_WIDE, Amount, Canvas, Run, said, scale_of, tick_pounds
from assetplan.charts.strips import EDGE, across, axis_of
from assetplan.charts.tabling import Cell, Told
from assetplan.ranges import pounds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assetplan.charts.canvas import Scale

MOST_BARS = 10
"""Bars of a drawing; the table has the rest."""


@dataclass(frozen=True)
class Swing:
    """What one input does to the result.

    Attributes
    ----------
    name
        The input in words.
    figure, given
        What its figures are known by, and the input: the result at its ends and the break-even end with ``/low``, ``/high`` and
        ``/break_even``.
    low_said, high_said
        The two ends of the input in words, with their unit.
    at_low_gbp, at_high_gbp
        The result with the input at its low and its high end, in pounds.
    break_even
        At which value of the input the result is nought, in words, with whether that is within its range; empty where at none.
    """

    name: str
    figure: str
    given: str
    low_said: str
    high_said: str
    at_low_gbp: float
    at_high_gbp: float
    break_even: str = ""


@dataclass(frozen=True)
class Tornado:
    """The swings of one scenario, widest first, round its central result."""

    title: str
    result: Amount
    swings: tuple[Swing, ...]
    caption: str


def tornado_scale(charts: Iterable[Tornado]) -> Scale:
    """One scale for several tornadoes."""
    drawn = list(charts)
    ends = [end for one in drawn for swing in one.swings for end in (swing.at_low_gbp, swing.at_high_gbp)]
    return scale_of([*ends, *(one.result.central for one in drawn)], ticks=4)


def tornado_svg(chart: Tornado, key: str, scale: Scale | None = None) -> str:
    """A tornado as SVG.

    Parameters
    ----------
    chart
        What to draw; of many swings the first `MOST_BARS`.
    key
        A word that no other drawing of the page has.
    scale
        The scale of pounds, by default its own.

    Returns
    -------
    str
        One ``<svg>`` element; the same characters for the same chart.
    """
    scale = scale or tornado_scale([chart])
    canvas = Canvas(key)
    canvas.say(chart.title, size=15, bold=True, wide=38)
    canvas.say(chart.caption, size=SMALL, ink="muted", wide=SMALL_WIDE, most=6)
    canvas.say("Central case: ", Run(pounds(chart.result.central) if chart.result.known else "not known", chart.result.figure, bold=True),
               " (dashed line). Range: ", said(chart.result), ".", size=SMALL, wide=SMALL_WIDE)  # fmt: skip
    y = canvas.down(7)
    canvas.box((0, 5), (y, y + 12), canvas.hatch("diagonal", "accent"))
    canvas.mark_text("input at its low end", "6.5%", y + 10, anchor="start", size=SMALL, ink="ink")
    canvas.box((50, 55), (y, y + 12), "accent")
    canvas.mark_text("at its high end", "56.5%", y + 10, anchor="start", size=SMALL, ink="ink")
    canvas.down(12)
    middle, nought = across(scale, chart.result.central), across(scale, 0.0)
    for swing in chart.swings[:MOST_BARS]:
        canvas.down(9)
        canvas.say(Run(swing.name, bold=True), wide=BOLD_WIDE, most=3)
        canvas.say(
            "At ",
            Run(swing.low_said, swing.given),
            ": ",
            Run(pounds(swing.at_low_gbp), f"{swing.figure}/low"),
            "; at ",
            Run(swing.high_said, swing.given),
            ": ",
            Run(pounds(swing.at_high_gbp), f"{swing.figure}/high"),
            size=SMALL,
            ink="muted",
            wide=SMALL_WIDE,
        )
        y = canvas.down(7)
        canvas.line((EDGE, 100 - EDGE), (y + 8, y + 8))
        hatched = canvas.hatch("diagonal", "accent")
        for value, fill, end in ((swing.at_low_gbp, hatched, "low"), (swing.at_high_gbp, "accent", "high")):
            x = across(scale, value)
            if abs(x - middle) > 0.05:
                canvas.box((middle, x), (y, y + 16), fill, figure=f"{swing.figure}/{end}")
        canvas.line((middle, middle), (y - 4, y + 20), ink="ink", weight=1.5, dashes="3 2")
        canvas.line((nought, nought), (y - 4, y + 20), ink="limit", weight=2)
        canvas.down(17)
        at = Run(swing.break_even, f"{swing.figure}/break_even") if swing.break_even else Run("no value it could have")
        canvas.say("Nought at ", at, size=SMALL, ink="limit", wide=SMALL_WIDE)
    axis_of(canvas, scale, lambda tick: tick_pounds(tick, scale.step))
    rest = len(chart.swings) - MOST_BARS
    if rest > 0:
        canvas.say(f"{rest:,} more inputs stand in the table.", size=SMALL, ink="muted")
    return canvas.finish(f"{chart.title}: how far each input moves the result. The table with it says the same.")


def tornado_told(chart: Tornado) -> Told:
    """The same in a table: a row for each input."""
    heads = ("Input", "Low end", "Result there", "High end", "Result there, high", "Nought at")
    rows = tuple(
        (
            Cell(swing.name),
            Cell(swing.low_said, swing.given),
            Cell(pounds(swing.at_low_gbp), f"{swing.figure}/low"),
            Cell(swing.high_said, swing.given),
            Cell(pounds(swing.at_high_gbp), f"{swing.figure}/high"),
            Cell(swing.break_even or "no value it could have",
                 f"{swing.figure}/break_even" if swing.break_even else ""),
        )
        for swing in chart.swings
    )  # fmt: skip
    return Told(heads, rows, ("Result there", "Result there, high"))

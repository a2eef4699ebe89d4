"""Cash by year: a column for each year, stacked by body, up where money comes in and down where it goes out, and what it adds up to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.charts.canvas import SMALL, SMALL_WIDE, Amount, Body, Canvas, said, scale_of, year_in_words
from assetplan.charts.plot import columns_of, key_of
from assetplan.charts.tabling import Cell, Told, cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assetplan.charts.canvas import Scale
    from assetplan.charts.plot import Columns


@dataclass(frozen=True)
class BodyCash:
    """What one body pays (below nought) or gets (above) in each year, in pounds."""

    body: Body
    amounts: tuple[Amount, ...]


@dataclass(frozen=True)
class Cash:
    """Cash by year of one scenario.

    Attributes
    ----------
    title
        What it is of, such as the name of the scenario.
    years
        Financial years by their start, ascending.
    bodies
        In the order in which they are stacked, each with an amount for each year.
    running
        What all of it adds up to by the end of each year.
    caption
        Units, price base and basis, in sentences.
    """

    title: str
    years: tuple[int, ...]
    bodies: tuple[BodyCash, ...]
    running: tuple[Amount, ...]
    caption: str


def cash_scale(charts: Iterable[Cash]) -> Scale:
    """One scale for several charts, so that they can be compared."""
    ends: list[float] = []
    for chart in charts:
        for column in range(len(chart.years)):
            given = [body.amounts[column].central for body in chart.bodies if body.amounts[column].known]
            ends += [sum(amount for amount in given if amount > 0), sum(amount for amount in given if amount < 0)]
        ends += [end for amount in chart.running if amount.known for end in (amount.low, amount.high)]
    return scale_of(ends, ticks=6)


def cash_svg(chart: Cash, key: str, scale: Scale | None = None) -> str:
    """Cash by year as SVG.

    Parameters
    ----------
    chart
        What to draw. Years in which a body's amount is not known are marked by a question mark.
    key
        A word that no other drawing of the page has.
    scale
        The scale of pounds, by default its own.

    Returns
    -------
    str
        One ``<svg>`` element; the same characters for the same chart.
    """
    canvas = Canvas(key)
    canvas.say(chart.title, size=15, bold=True, wide=38)
    canvas.say(chart.caption, size=SMALL, ink="muted", wide=SMALL_WIDE, most=6)
    key_of(canvas, [one.body for one in chart.bodies])
    canvas.line((0, 8), (canvas.down(8), canvas.y), ink="ink", weight=2.5)
    canvas.shape("M-3 -3H3V3H-3Z", 4, canvas.y, "paper", weight=1.5)
    canvas.mark_text("all bodies, added up over the years", "9.5%", canvas.y + 4, anchor="start", size=SMALL, ink="ink")
    if chart.running:
        last = chart.running[-1]
        canvas.down(6)
        by = year_in_words(chart.years[-1])
        canvas.say(f"Added up by the end of {by}: ", said(last, bold=True), ".", size=SMALL, wide=SMALL_WIDE)
    frame = columns_of(canvas, chart.years, scale or cash_scale([chart]), 230)
    unknown = set()
    for column in range(len(chart.years)):
        up = down = 0.0
        for one in chart.bodies:
            amount = one.amounts[column]
            if not amount.known:
                unknown.add(column)
                continue
            start = up if amount.central > 0 else down
            if abs(frame.down(start + amount.central) - frame.down(start)) >= 0.3:
                canvas.box(
                    frame.sides(column, 0.78),
                    (frame.down(start), frame.down(start + amount.central)),
                    canvas.fill_of(one.body.look),
                    figure=amount.figure,
                    weight=0.6,
                )
            if amount.central > 0:
                up += amount.central
            else:
                down += amount.central
    for column in sorted(unknown):
        canvas.mark_text(
            "?", f"{frame.middle(column):.2f}%", frame.down(0) - 5, size=13, ink="limit", bold=True, halo=True
        )
    _running(canvas, chart, frame)
    return canvas.finish(
        f"{chart.title}: cash by year and body, with what it adds up to. The table with it says the same."
    )


def _running(canvas: Canvas, chart: Cash, frame: Columns) -> None:
    """What is added up, as a line with a mark in each year, its range as a thin line through the mark."""
    spots = [
        (frame.middle(column), frame.down(amount.central), amount)
        for column, amount in enumerate(chart.running)
        if amount.known
    ]
    for (x, y, _), (to_x, to_y, _) in itertools.pairwise(spots):
        canvas.line((x, to_x), (y, to_y), ink="paper", weight=5)
        canvas.line((x, to_x), (y, to_y), ink="ink", weight=2.2)
    for x, y, amount in spots:
        canvas.line((x, x), (frame.down(amount.low), frame.down(amount.high)), ink="ink", weight=1)
        canvas.shape("M-2 -2H2V2H-2Z", x, y, "paper", weight=1.4, figure=amount.figure)


def cash_told(chart: Cash) -> Told:
    """The same in a table: a row for each year."""
    heads = ("Year", *(one.body.name for one in chart.bodies), "Added up")
    rows = tuple(
        (
            Cell(year_in_words(year)),
            *(cell(one.amounts[column]) for one in chart.bodies),
            cell(chart.running[column]),
        )
        for column, year in enumerate(chart.years)
    )
    return Told(heads, rows, heads[1:])

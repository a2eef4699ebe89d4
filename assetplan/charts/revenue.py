"""The revenue effect by year on each body, against nought: what a finance officer signs. Up is good for the body, down is bad."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.charts.canvas import SMALL, SMALL_WIDE, Amount, Body, Canvas, Run, said, scale_of, year_in_words
from assetplan.charts.plot import columns_of, whisker
from assetplan.charts.tabling import Cell, Told, cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assetplan.charts.canvas import Scale

_WRITTEN = 6
"""Up to so many years have their amounts written over them; of more the table tells."""


@dataclass(frozen=True)
class Revenue:
    """The revenue effect of one scenario on one body by year.

    Attributes
    ----------
    body
        The body.
    years
        Financial years by their start, ascending.
    amounts
        One for each year, in pounds: above nought the body's budget is better off than in the baseline.
    says
        What is said of it in a sentence or two, as runs of text.
    """

    body: Body
    years: tuple[int, ...]
    amounts: tuple[Amount, ...]
    says: tuple[Run, ...] = ()


def revenue_scale(charts: Iterable[Revenue]) -> Scale:
    """One scale for several bodies or scenarios."""
    ends = [end for chart in charts for one in chart.amounts if one.known for end in (one.low, one.high)]
    return scale_of(ends, ticks=4)


def revenue_svg(title: str, caption: str, charts: Iterable[Revenue], key: str, scale: Scale | None = None) -> str:
    """The revenue effect as SVG, a panel for each body, all on one scale.

    Parameters
    ----------
    title, caption
        What it is of; units, price base and basis, which way is better. A caption may be empty where something else on the page says it.
    charts
        The bodies, in the order in which they are drawn. An amount that is not known is a question mark.
    key
        A word that no other drawing of the page has.
    scale
        The scale of pounds, by default its own.

    Returns
    -------
    str
        One ``<svg>`` element; the same characters for the same charts.
    """
    drawn = list(charts)
    scale = scale or revenue_scale(drawn)
    canvas = Canvas(key)
    canvas.say(title, size=15, bold=True, wide=38)
    canvas.say(caption, size=SMALL, ink="muted", wide=SMALL_WIDE, most=6)
    for chart in drawn:
        canvas.down(10)
        canvas.swatch(chart.body.look, canvas.y)
        canvas.say(chart.body.name, bold=True, left=22, wide=39, most=2)
        if chart.says:
            canvas.say(*chart.says, size=SMALL, ink="muted", wide=SMALL_WIDE)
        frame = columns_of(canvas, chart.years, scale, 105)
        for column, amount in enumerate(chart.amounts):
            if not amount.known:
                x = f"{frame.middle(column):.2f}%"
                canvas.mark_text("?", x, frame.down(0) - 5, size=13, ink="limit", bold=True, halo=True)
                continue
            canvas.box(
                frame.sides(column), (frame.down(0), frame.down(amount.central)), canvas.fill_of(chart.body.look),
                figure=amount.figure,
            )  # fmt: skip
            whisker(canvas, frame, column, amount.low, amount.high, amount.figure)
        if len(chart.years) <= _WRITTEN:
            _written(canvas, chart)
    return canvas.finish(f"{title}: revenue effect by year on each body. The table with it says the same.")


def _written(canvas: Canvas, chart: Revenue) -> None:
    """The amounts in words, each with its year."""
    runs: list[Run] = []
    for year, amount in zip(chart.years, chart.amounts, strict=True):
        runs += [Run(f"{'; ' if runs else ''}{year_in_words(year)} "), said(amount)]
    canvas.say(*runs, size=SMALL, wide=SMALL_WIDE, most=len(chart.years))


def revenue_told(charts: Iterable[Revenue]) -> Told:
    """The same in a table: a row for each body."""
    drawn = list(charts)
    heads = ("Body", *(year_in_words(year) for year in (drawn[0].years if drawn else ())))
    rows = tuple((Cell(chart.body.name), *map(cell, chart.amounts)) for chart in drawn)
    return Told(heads, rows, heads[1:])

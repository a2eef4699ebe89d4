"""What happens when: a row for each place, service or pot of money, a strip of years in it, a shape of its own for each kind of event."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assetplan.charts.canvas import BOLD_WIDE, LABEL, SMALL, SMALL_WIDE, Canvas, Run, years_in_words
from assetplan.charts.tabling import Cell, Told

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["works", "acquire", "move", "vacate", "double", "consent", "sale", "lease", "money", "funding"]

KINDS: dict[Kind, str] = {
    "works": "works",
    "acquire": "acquired",
    "move": "service moves",
    "double": "both places run",
    "vacate": "left empty",
    "consent": "consent sought",
    "sale": "sold or let",
    "lease": "lease ends or breaks",
    "money": "money stated",
    "funding": "money lapses",
}
"""Every kind in words, in the order of the key."""

_MARKS: dict[Kind, str] = {
    "move": "M-7 -3H0V-7L8 0L0 7V3H-7Z",
    "acquire": "M-2.5 -7H2.5V-2.5H7V2.5H2.5V7H-2.5V2.5H-7V-2.5H-2.5Z",
    "vacate": "M-6.5 -6.5H6.5V6.5H-6.5ZM-6.5 6.5L6.5 -6.5",
    "double": "M-7 -5H7V-1.5H-7ZM-7 1.5H7V5H-7Z",
    "consent": "M0 -8L8 0L0 8L-8 0Z",
    "sale": "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0Z",
    "money": "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0Z",
    "lease": "M-5 8V-8H7L4 -4L7 0H-5",
    "funding": "M-6 -6L6 6M6 -6L-6 6",
}
_LANE = 22
_POUNDS = re.compile(r"(-?£[\d.,]*\d[km]?(?: to -?£[\d.,]*\d[km]?)?)")

MOST_SUBJECTS = 40
"""Rows of a drawing; the table has the rest."""


@dataclass(frozen=True)
class Event:
    """Something that happens to a subject in some financial years, both ends included.

    Attributes
    ----------
    kind
        What kind of thing it is.
    start, end
        Financial years by their start; `end` None where it goes on beyond what is drawn.
    label
        What it is, in a few words.
    figure
        The identity of a figure in the label, if there is one.
    """

    kind: Kind
    start: int
    end: int | None
    label: str
    figure: str = ""


@dataclass(frozen=True)
class Row:
    """A subject and what happens to it."""

    subject: str
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Timeline:
    """The moves of one scenario, from one financial year to another."""

    title: str
    first: int
    last: int
    rows: tuple[Row, ...]
    caption: str


def timeline_svg(chart: Timeline, key: str) -> str:
    """A timeline as SVG: words first, a strip of years under them.

    Parameters
    ----------
    chart
        What to draw; events outside its years are told, and drawn at the edge.
    key
        A word that no other drawing of the page has.

    Returns
    -------
    str
        One ``<svg>`` element; the same characters for the same chart.
    """
    canvas = Canvas(key)
    canvas.say(chart.title, size=15, bold=True, wide=38)
    canvas.say(chart.caption, size=SMALL, ink="muted", wide=SMALL_WIDE, most=6)
    kinds = [kind for kind in KINDS if any(event.kind == kind for row in chart.rows for event in row.events)]
    _key(canvas, kinds)
    _years(canvas, chart)
    for row in chart.rows[:MOST_SUBJECTS]:
        canvas.down(8)
        canvas.say(Run(row.subject, bold=True), size=LABEL, wide=BOLD_WIDE, most=2)
        lanes = _lanes(row.events)
        for event in row.events:
            canvas.say(
                *_told(event),
                ": " if event.label else "",
                years_in_words(event.start, event.end),
                size=SMALL,
                ink="muted",
                wide=SMALL_WIDE,
                most=3,
            )
        top = canvas.down(6)
        count = max(lanes, default=0) + 1
        _grid(canvas, chart, top, count * _LANE)
        for event, lane in zip(row.events, lanes, strict=True):
            _event(canvas, chart, event, top + lane * _LANE + _LANE / 2)
        canvas.down(count * _LANE)
    _years(canvas, chart)
    if len(chart.rows) > MOST_SUBJECTS:
        canvas.say(f"{len(chart.rows) - MOST_SUBJECTS:,} more rows stand in the table.", size=SMALL, ink="muted")
    return canvas.finish(f"{chart.title}: what happens in which year. The table with it says the same.")


def _told(event: Event) -> list[Run]:
    """The label of an event, the pounds in it by the figure that they are."""
    parts = _POUNDS.split(event.label)
    return [Run(part, event.figure if place % 2 else "") for place, part in enumerate(parts) if part]


def _span(chart: Timeline) -> int:
    return max(1, chart.last - chart.first + 1)


def _at(chart: Timeline, year: float) -> float:
    """Where the start of a year lies, in shares of a hundred."""
    return 2 + 96 * min(max((year - chart.first) / _span(chart), 0.0), 1.0)


def _years(canvas: Canvas, chart: Timeline) -> None:
    canvas.down(6)
    every = next(step for step in (1, 2, 5, 10, 20, 50) if _span(chart) / step <= 8.01 or step == 50)
    for year in range(chart.first, chart.last + 1, every):
        canvas.mark_text(str(year), f"{(_at(chart, year) + _at(chart, year + 1)) / 2:.2f}%", canvas.y + 9)
    canvas.down(12)


def _grid(canvas: Canvas, chart: Timeline, top: float, height: float) -> None:
    canvas.box((2, 98), (top, top + height), "paper", ink="rule")
    for year in range(chart.first + 1, chart.last + 1):
        x = _at(chart, year)
        canvas.line((x, x), (top, top + height))


def _lanes(events: Sequence[Event]) -> list[int]:
    """In which lane of its row each event goes, so that none covers another."""
    ends: list[float] = []
    out = []
    for event in events:
        end = float("inf") if event.end is None else event.end
        lane = next((lane for lane, taken in enumerate(ends) if taken < event.start), len(ends))
        if lane == len(ends):
            ends.append(end)
        else:
            ends[lane] = end
        out.append(lane)
    return out


def _event(canvas: Canvas, chart: Timeline, event: Event, y: float) -> None:
    end = chart.last if event.end is None else event.end
    left, right = _at(chart, event.start), _at(chart, end + 1)
    if event.kind == "works":
        canvas.box((left, right), (y - 6, y + 6), canvas.hatch("diagonal", "accent"), figure=event.figure)
        return
    longer = event.end is None or event.end > event.start
    if longer:
        dashes = "" if event.kind == "move" else "4 3"
        canvas.line((left, right), (y, y), ink="accent" if event.kind == "move" else "muted", weight=3, dashes=dashes)
    middle = (_at(chart, event.start) + _at(chart, event.start + 1)) / 2
    _mark(canvas, event.kind, middle, y, event.figure)


def _mark(canvas: Canvas, kind: Kind, x: float, y: float, figure: str = "") -> None:
    fill = {"move": "accent", "sale": "ink", "lease": "limit"}.get(kind, "paper")
    ink = "limit" if kind in {"lease", "funding"} else "ink"
    canvas.shape(_MARKS[kind], x, y, fill, ink=ink, weight=3 if kind == "funding" else 1.5, figure=figure)
    if kind in {"sale", "money"}:
        canvas.mark_text("£", f"{x:.2f}%", y + 4, size=11, ink="paper" if kind == "sale" else "ink", bold=True)


def _key(canvas: Canvas, kinds: Sequence[Kind]) -> None:
    for number, kind in enumerate(kinds):
        if number % 2 == 0:
            canvas.down(21)
        left = 4 + 48 * (number % 2)
        if kind == "works":
            canvas.box((left - 2.5, left + 2.5), (canvas.y - 6, canvas.y + 6), canvas.hatch("diagonal", "accent"))
        else:
            _mark(canvas, kind, left, canvas.y)
        canvas.mark_text(KINDS[kind], f"{left + 4.5}%", canvas.y + 4, anchor="start", size=SMALL, ink="ink")
    canvas.down(10 if kinds else 0)


def timeline_told(chart: Timeline) -> Told:
    """The same in a table: a row for each event."""
    rows = tuple(
        (
            Cell(row.subject),
            Cell(KINDS[event.kind]),
            Cell(years_in_words(event.start, event.end)),
            Cell(event.label or "-", event.figure if _POUNDS.search(event.label) else ""),
        )
        for row in chart.rows
        for event in row.events
    )
    return Told(("Subject", "What", "When", "In words"), rows)

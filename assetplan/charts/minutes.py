"""Minutes of a fire engine by village, before and after: two dots on a line, the standard as a line across, the crew by its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assetplan.charts.canvas import BOLD_WIDE, SMALL, SMALL_WIDE, Canvas, Run, scale_of
from assetplan.charts.strips import EDGE, across, axis_of, unknown_at
from assetplan.charts.tabling import Cell, Told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assetplan.charts.canvas import Scale

Crew = Literal["on station", "on call", "not known"]

MOST_WAYS = 30
"""Villages of a drawing; the table has the rest."""

_SHAPES = {
    "on station": "M-6 -6H6V6H-6Z",
    "on call": "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0Z",
    "not known": "M-6 5L0 -7L6 5Z",
}


@dataclass(frozen=True)
class Way:
    """The way of the first engine to one village at one time of day, in minutes; None where not known.

    Attributes
    ----------
    village
        Its name.
    people
        How many live there in words; empty where not known.
    before_min, after_min
        Minutes from the call to the engine's arrival, before and after.
    before_crew, after_crew
        What crew it is that comes first.
    figure
        What its figures are known by: the identity of each ends with ``/before_min``, ``/after_min`` or ``/change_min``.
    """

    village: str
    people: str
    before_min: float | None
    after_min: float | None
    before_crew: Crew
    after_crew: Crew
    figure: str


@dataclass(frozen=True)
class FireMinutes:
    """Minutes by village at one time of day.

    Attributes
    ----------
    title
        What it is of, such as "By day".
    ways
        The villages, in the order in which they are drawn.
    standards
        Minutes of a standard, and what it is in words with its source.
    caption
        What the minutes are and rest on.
    """

    title: str
    ways: tuple[Way, ...]
    standards: tuple[tuple[float, str], ...]
    caption: str


def minutes_scale(charts: Iterable[FireMinutes]) -> Scale:
    """One scale for several times of day or scenarios."""
    drawn = list(charts)
    ends = [end for one in drawn for way in one.ways for end in (way.before_min, way.after_min) if end is not None]
    return scale_of([*ends, *(minutes for one in drawn for minutes, _ in one.standards)], ticks=5)


def minutes_svg(chart: FireMinutes, key: str, scale: Scale | None = None) -> str:
    """Minutes before and after as SVG, a row for each village.

    Parameters
    ----------
    chart
        What to draw. A dot without ground is before, a filled one after; its shape is the crew; what is not known is a dashed box.
    key
        A word that no other drawing of the page has.
    scale
        The scale of minutes, by default its own.

    Returns
    -------
    str
        One ``<svg>`` element; the same characters for the same chart.
    """
    scale = scale or minutes_scale([chart])
    canvas = Canvas(key)
    canvas.say(chart.title, size=15, bold=True, wide=38)
    canvas.say(chart.caption, size=SMALL, ink="muted", wide=SMALL_WIDE, most=6)
    for _, words in chart.standards:
        y = canvas.y + 9
        canvas.line((2, 2), (y - 6, y + 7), ink="limit", weight=2.5)
        canvas.say(words, size=SMALL, ink="limit", left=18, wide=SMALL_WIDE - 3)
    _key(canvas, chart)
    for way in chart.ways[:MOST_WAYS]:
        _row(canvas, chart, way, scale)
    axis_of(canvas, scale, lambda tick: f"{tick:g} min" if tick else "0")
    if len(chart.ways) > MOST_WAYS:
        canvas.say(f"{len(chart.ways) - MOST_WAYS:,} more villages stand in the table.", size=SMALL, ink="muted")
    return canvas.finish(
        f"{chart.title}: minutes of the first fire engine by village, before and after. The table with it says the same."
    )


def _key(canvas: Canvas, chart: FireMinutes) -> None:
    crews = [crew for crew in _SHAPES if any(crew in (way.before_crew, way.after_crew) for way in chart.ways)]
    y = canvas.down(14)
    canvas.shape(_SHAPES["on call"], 3, y, "paper", weight=2)
    canvas.mark_text("hollow: before", "7%", y + 4, anchor="start", size=SMALL, ink="ink")
    canvas.shape(_SHAPES["on call"], 53, y, "accent", weight=1.5)
    canvas.mark_text("filled: after", "57%", y + 4, anchor="start", size=SMALL, ink="ink")
    for number, crew in enumerate(crews):
        if number % 2 == 0:
            y = canvas.down(20)
        left = 3 + 50 * (number % 2)
        canvas.shape(_SHAPES[crew], left, y, "rule", weight=1.5)
        canvas.mark_text(_CREWS[crew], f"{left + 4}%", y + 4, anchor="start", size=SMALL, ink="ink")
    canvas.down(6)


_CREWS = {
    "on station": "crew on station",
    "on call": "on-call crew",
    "not known": "crew not known",
}


def _row(canvas: Canvas, chart: FireMinutes, way: Way, scale: Scale) -> None:
    canvas.down(7)
    people = f", {way.people}" if way.people else ""
    canvas.say(Run(way.village, bold=True), people, wide=BOLD_WIDE, most=2)
    canvas.say(
        Run(_said(way.before_min), f"{way.figure}/before_min"),
        f"{_by(way.before_min, way.before_crew)} before, ",
        Run(_said(way.after_min), f"{way.figure}/after_min"),
        f"{_by(way.after_min, way.after_crew)} after",
        ": " if _change(way) else "",
        Run(_change(way), f"{way.figure}/change_min"),
        size=SMALL,
        ink="muted",
        wide=SMALL_WIDE,
    )
    y = canvas.down(14)
    if way.before_min is None and way.after_min is None:
        unknown_at(canvas, y - 7, 14)
        canvas.down(12)
        return
    canvas.line((EDGE, 100 - EDGE), (y, y))
    for minutes, _ in chart.standards:
        x = across(scale, minutes)
        canvas.line((x, x), (y - 11, y + 11), ink="limit", weight=2.5)
    spots = [None if minutes is None else across(scale, minutes) for minutes in (way.before_min, way.after_min)]
    if spots[0] is not None and spots[1] is not None:
        canvas.line((spots[0], spots[1]), (y, y), ink="accent", weight=3)
    crews, fills, ends = (way.before_crew, way.after_crew), ("paper", "accent"), ("before_min", "after_min")
    for spot, crew, fill, end in zip(spots, crews, fills, ends, strict=True):
        if spot is None:
            other = next(one for one in spots if one is not None)
            canvas.mark_text(
                "?", f"{other + (6 if other < 90 else -6):.2f}%", y + 5, size=13, ink="limit", bold=True, halo=True
            )
        else:
            same = fill == "paper" and spots[1] is not None and abs(spot - spots[1]) < 2.5
            canvas.shape(
                _LARGER if same else _SHAPES[crew],
                spot,
                y,
                fill,
                weight=2 if fill == "paper" else 1.5,
                figure=f"{way.figure}/{end}",
            )
    canvas.down(11)


_LARGER = "M-9.5 0a9.5 9.5 0 1 0 19 0a9.5 9.5 0 1 0 -19 0Z"
"""What stands round a dot that has not moved: the two are then seen as one in the other."""


def _by(minutes: float | None, crew: Crew) -> str:
    if minutes is None:
        return ""
    return " by a crew not known" if crew == "not known" else f" by {_CREWS[crew]}"


def _said(minutes: float | None) -> str:
    return "not known" if minutes is None else f"about {minutes:.0f} min"


def _change(way: Way) -> str:
    if way.before_min is None or way.after_min is None:
        return ""
    change = way.after_min - way.before_min
    if abs(change) < 0.05:
        return "no change"
    return f"{abs(change):.1f} min {'longer' if change > 0 else 'shorter'}"


def minutes_told(charts: Iterable[FireMinutes]) -> Told:
    """The same in a table: a row for each village and time of day."""
    rows = tuple(
        (
            Cell(way.village),
            Cell(chart.title),
            Cell(way.people or "not known"),
            Cell(_said(way.before_min), f"{way.figure}/before_min"),
            Cell(way.before_crew),
            Cell(_said(way.after_min), f"{way.figure}/after_min"),
            Cell(way.after_crew),
            Cell(_change(way) or "not known", f"{way.figure}/change_min"),
        )
        for chart in charts
        for way in chart.ways
    )
    return Told(("Village", "When", "People", "Before", "Crew before", "After", "Crew after", "Change"), rows)

"""The benchmark drawn: a panel for each kind of building, a bar from the least to the most for each, and the standard as a line.

What is drawn is worked out here as plain data, and as SVG for a page. Widths of the SVG are shares of what room there is and its text
has a fixed size, so that it can be read on a telephone and on paper. What is not known has a mark of its own, with the reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.charts.canvas import pattern_of, width_of
from assetplan.looks import NOBODY, Look, ink_on, look_of
from assetplan.page.text import safe_text
from assetplan.site import UNKNOWN
from assetplan.space.benchmarking import PER_FTE, groups_by, limit_for
from assetplan.space.buildings import KINDS, OFFICE, PLACES
from assetplan.space.standards import Standard
from assetplan.tables import records
from assetplan.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from assetplan.estate import Estate
    from assetplan.space.benchmarking import Benchmark

MOST_ROWS = 24
"""Rows of one part of a panel; of more the first are drawn and the rest counted."""

AREA_LOOK = Look("#4b5661", "plain", "")
"""How a locality is drawn, which is nobody's."""


@dataclass(frozen=True)
class Bar:
    """A row: what it is of, its look, and its ends; NaN where they are not known, with the reason in `detail`."""

    label: str
    detail: str
    look: Look
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there is anything to draw but that it is not known."""
        return math.isfinite(self.low) and math.isfinite(self.high)


@dataclass(frozen=True)
class Guide:
    """A standard: a line, or a band where it is a range, with what it is in words."""

    low: float
    high: float
    text: str
    limit: bool


@dataclass(frozen=True)
class Panel:
    """One kind of building by one measure: parts with a heading and rows, the standards, and the end of the axis."""

    title: str
    unit: str
    parts: tuple[tuple[str, tuple[Bar, ...]], ...]
    guides: tuple[Guide, ...]
    step: float
    end: float
    more: tuple[str, ...] = field(default=())


def panels_of(estate: Estate, found: Benchmark) -> list[Panel]:
    """What a benchmark looks like, a panel for each kind of building that is measured by something.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> [panel.title for panel in panels_of(estate, ap.benchmark(estate))][:2]
    ['Offices: floor area by staff', 'Schools: floor area by pupil places']
    """
    by_body, _ = groups_by(estate, found.buildings, "organisation", found.area_kind)
    by_area, _ = groups_by(estate, found.buildings, "area", found.area_kind)
    looks = {key: look_of(key, body.sector, body.name) for key, body in estate.organisations.items()}
    areas = estate.areas[estate.areas["kind"] == found.area_kind]
    area_names = dict(zip(map(str, areas["area_id"]), map(str, areas["name"]), strict=True))
    out = []
    for kind in KINDS:
        mine = found.buildings[found.buildings["kind"] == kind]
        if mine.empty or (kind != OFFICE and kind not in PLACES):
            continue
        measure = PER_FTE if kind == OFFICE else f"m2 per {PLACES[kind][0]}"
        unit = "m2 NIA/FTE" if kind == OFFICE else f"m2 GIA/{PLACES[kind][0]}"
        column = "m2_per_fte" if kind == OFFICE else "m2_per_place"
        owners = {key: (body.name, looks[key]) for key, body in estate.organisations.items()}
        buildings = [
            _bar(str(row["name"]), owners.get(row["organisation"], ("owner not known", NOBODY))[1], row[f"{column}_low"],
                 row[f"{column}_high"], unit,
                 [owners.get(row["organisation"], ("owner not known", NOBODY))[0], area_names.get(row["area"] or "", "")],
                 row["missing"], kind)
            for row in records(mine)
        ]  # fmt: skip
        parts = [("Buildings", buildings)]
        for heading, groups in (("Bodies, all their buildings of the kind together", by_body), ("Localities", by_area)):
            rows = groups[(groups["kind"] == kind) & (groups["measure"] == measure)]
            if len(rows) > 1 or (heading == "Localities" and len(mine) > 1 and len(rows)):
                parts.append((heading, [_of_group(row, heading, owners, unit) for row in records(rows)]))
        out.append(_panel(kind, unit, parts, _guides(estate, found, mine, kind)))
    return out


def _of_group(row: Mapping[str, Any], heading: str, owners: Mapping[str, tuple[str, Look]], unit: str) -> Bar:
    look = AREA_LOOK if heading == "Localities" else owners.get(row["group"], ("", NOBODY))[1]
    name = "Owner not known" if row["group"] == UNKNOWN else str(row["name"])
    known = "" if row["rests_on"] else "no building measured"
    return _bar(name, look, row["low"], row["high"], unit, [rests_on(row)],
                (known,) if known else (), "")  # fmt: skip


def rests_on(row: Mapping[str, Any]) -> str:
    """On how many of how many buildings a figure rests.

    Examples
    --------
    >>> rests_on({"rests_on": 2, "buildings": 3})
    '2 of 3 buildings'
    """
    return f"{row['rests_on']:,} of {row['buildings']:,} building{'' if row['buildings'] == 1 else 's'}"


def _bar(
    name: str, look: Look, low: float, high: float, unit: str, more: Iterable[str], missing: Iterable[str], kind: str
) -> Bar:
    known = math.isfinite(low) and math.isfinite(high)
    rest = [text for text in more if text]
    if known:
        return Bar(clean(name), "; ".join([f"{ends_in_words(low, high)} {unit}", *rest]), look, float(low), float(high))
    needed = (
        "how much",
        "floor area",
        "staff",
        "nobody based",
        "no building",
        "places for",
        *(f"{place}s" for place, _ in PLACES.values()),
    )
    why = [text for text in missing if text.startswith(needed)] or ["not measured"]
    said = f"not known: {', '.join(why)}" if kind else why[0]
    return Bar(clean(name), "; ".join([said, *rest]), look, float("nan"), float("nan"))


def ends_in_words(low: float, high: float) -> str:
    """The ends of a measure, to three figures at most: it is no more certain than that.

    Examples
    --------
    >>> ends_in_words(13.588, 16.5), ends_in_words(206.67, 206.67), ends_in_words(0.62, 0.62)
    ('13.6 to 16.5', '207', '0.62')
    """
    said = [_figures(end) for end in (low, high)]
    return said[0] if said[0] == said[1] else f"{said[0]} to {said[1]}"


def _figures(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.1f}" if abs(number) >= 1 else f"{number:.2f}"


def _guides(estate: Estate, found: Benchmark, mine: pd.DataFrame, kind: str) -> list[Guide]:
    """The limits that bodies here are held to, and the published range."""
    if kind != OFFICE:
        return []
    standards = tuple(Standard(**row) for row in records(found.standards))
    limits = {
        one.standard_id: one
        for owner in sorted(set(mine["organisation"]))
        for one in [limit_for(str(owner), standards)]
    }
    chosen = [*limits.values(), *(one for one in standards if one.standard_id == "ogc-ipd-2007-range")]
    whose = {key: body.name for key, body in estate.organisations.items()}
    out = []
    for one in chosen:
        limit = one.basis == "limit"
        of = f" for {whose.get(one.organisation, one.organisation)}" if one.organisation else ""
        ends = f"{one.low:g}" if one.low == one.high else f"{one.low:g} to {one.high:g}"
        said = f"{'at most ' if limit else ''}{ends} m2 {one.area_basis or '(NIA or GIA not stated)'} a person{of}"
        out.append(Guide(one.low, one.high, f"{said}: {one.source.split(':')[0]}, {one.edition}", limit))
    return out


def _panel(kind: str, unit: str, parts: list[tuple[str, list[Bar]]], guides: list[Guide]) -> Panel:
    more, kept = [], []
    for heading, bars in parts:
        order = sorted(bars, key=lambda bar: (not bar.known, -bar.high if bar.known else 0.0, bar.label))
        kept.append((heading, tuple(order[:MOST_ROWS])))
        if len(order) > MOST_ROWS:
            more.append(f"{heading}: {len(order) - MOST_ROWS:,} more stand in the table.")
    ends = [bar.high for _, bars in kept for bar in bars if bar.known] + [guide.high for guide in guides]
    top = max(ends, default=1.0) or 1.0
    step = _step(top)
    by = "staff" if kind == OFFICE else {"pupil place": "pupil places"}.get(PLACES[kind][0], f"{PLACES[kind][0]}s")
    title = f"{kind[:1].upper()}{kind[1:]}s: floor area by {by}"
    return Panel(title, unit, tuple(kept), tuple(guides), step, math.ceil(top / step - 1e-9) * step, tuple(more))


def _step(top: float) -> float:
    """A distance between ticks that people count in, so that there are three to six of them."""
    power = 10.0 ** math.floor(math.log10(top / 4))
    return next(step for step in (power, 2 * power, 2.5 * power, 5 * power, 10 * power) if top / step <= 5.001)


# ------------------------------------------------------------------------------------------------------- as SVG

_INK, _MUTED, _RULE, _LIMIT_INK, _BAND = "#1c252e", "#4b5661", "#ccd2d6", "#9c1c1c", "#f1dcdc"
_LINE, _SMALL, _BAR, _LEFT = 17, 15, 13, 22
_LABEL_WIDE, _DETAIL_WIDE, _TEXT_WIDE = 36, 42, 46


def in_svg(estate: Estate, found: Benchmark) -> str:
    """The benchmark as SVG to stand in a page: text that can be searched, every text from data made inert, nothing loaded from elsewhere.

    Returns
    -------
    str
        One ``<svg>`` element as wide as its place, the same characters every time; empty where no kind of building is measured.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> in_svg(estate, ap.benchmark(estate)).startswith("<svg ")
    True
    """
    panels = panels_of(estate, found)
    if not panels:
        return ""
    pen = _Pen()
    for panel in panels:
        _draw(pen, panel)
    height = math.ceil(pen.y + 4)
    name = safe_text(
        "Floor area by what buildings hold, as ranges, against the standard. The tables beside it say the same."
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="benchmark" role="img" aria-label="{name}" width="100%" height="{height}" '
        f'font-family="inherit"><defs>{"".join(pen.patterns.values())}</defs>{"".join(pen.out)}</svg>'
    )


class _Pen:
    """Where the next line goes, and what has been drawn."""

    def __init__(self) -> None:
        self.y = 4.0
        self.out: list[str] = []
        self.patterns: dict[Look, str] = {}

    def text(self, words: str, *, size: int = 13, left: float = 0, colour: str = _INK, bold: bool = False, wide: int = _TEXT_WIDE,
             most: int = 4) -> None:  # fmt: skip
        for line in wrapped(words, wide, most):
            self.y += size + 3
            weight = ' font-weight="700"' if bold else ""
            self.out.append(
                f'<text x="{left:g}" y="{self.y:g}" font-size="{size}" fill="{colour}"{weight}>{safe_text(line)}</text>'
            )

    def fill_of(self, look: Look) -> str:
        if look.pattern == "plain":
            return look.colour
        if look not in self.patterns:
            self.patterns[look] = pattern_of(f"bm-{len(self.patterns)}", look)
        return f"url(#bm-{list(self.patterns).index(look)})"


def _draw(pen: _Pen, panel: Panel) -> None:
    pen.y += 10
    pen.text(panel.title, size=16, bold=True, wide=38)
    pen.text(panel.unit, size=12, colour=_MUTED)
    for guide in panel.guides:
        y = pen.y + 10
        pen.text(guide.text, size=12, left=_LEFT, colour=_LIMIT_INK if guide.limit else _MUTED, wide=_DETAIL_WIDE)
        if guide.limit:
            pen.out.append(
                f'<line x1="8" x2="8" y1="{y - 6:g}" y2="{y + 8:g}" stroke="{_LIMIT_INK}" stroke-width="2"/>'
            )
        else:
            pen.out.append(f'<rect x="1" y="{y - 6:g}" width="14" height="13" fill="{_BAND}" stroke="{_RULE}"/>')
    for heading, bars in panel.parts:
        pen.y += 8
        pen.text(heading, size=13, bold=True, colour=_MUTED)
        for bar in bars:
            _row(pen, panel, bar)
        _axis(pen, panel)
    for line in panel.more:
        pen.text(line, size=12, colour=_MUTED)


def _row(pen: _Pen, panel: Panel, bar: Bar) -> None:
    pen.y += 6
    top = pen.y
    if bar.look.letter:
        fill = pen.fill_of(bar.look)
        ground = "#dfe2e4" if bar.look == NOBODY else bar.look.colour
        ink = _INK if bar.look == NOBODY else ink_on(bar.look.colour)
        pen.out.append(
            f'<rect x="0.5" y="{top + 2.5:g}" width="15" height="15" fill="{ground}" stroke="{_INK}" stroke-width="1"/>'
            f'<text x="8" y="{top + 14.5:g}" font-size="12" font-weight="700" text-anchor="middle" fill="{ink}">{safe_text(bar.look.letter)}</text>'
        )
    left = _LEFT if bar.look.letter else 0
    pen.text(bar.label, left=left, wide=_LABEL_WIDE, most=2)
    pen.text(bar.detail, size=12, left=left, colour=_MUTED, wide=_DETAIL_WIDE)
    pen.y += 9
    y = pen.y
    for guide in panel.guides if bar.known else ():
        if not guide.limit:
            low, wide = _share(guide.low, panel), _share(guide.high, panel) - _share(guide.low, panel)
            pen.out.append(
                f'<rect x="{low:.2f}%" y="{y - 2:g}" width="{wide:.2f}%" height="{_BAR + 4}" fill="{_BAND}"/>'
            )
    middle = y + _BAR / 2
    pen.out.append(f'<line x1="0" x2="100%" y1="{middle:g}" y2="{middle:g}" stroke="{_RULE}"/>')
    if not bar.known:
        pen.out.append(
            f'<rect x="0.5%" y="{y + 1:g}" width="99%" height="{_BAR - 2}" fill="#f4f5f6" stroke="#59636d" stroke-width="1.2" '
            f'stroke-dasharray="4 3"/><text x="50%" y="{y + _BAR - 3:g}" font-size="11" font-weight="700" text-anchor="middle" '
            f'fill="{_INK}">?</text>'
        )
    else:
        low, high = _share(bar.low, panel), _share(bar.high, panel)
        fill = pen.fill_of(bar.look)
        if high - low < 0.8:
            pen.out.append(f'<line x1="{low:.2f}%" x2="{low:.2f}%" y1="{y - 1:g}" y2="{y + _BAR + 1:g}" stroke="{_INK}" stroke-width="7"/>'
                           f'<line x1="{low:.2f}%" x2="{low:.2f}%" y1="{y:g}" y2="{y + _BAR:g}" stroke="{bar.look.colour}" '
                           'stroke-width="4"/>')  # fmt: skip
        else:
            pen.out.append(
                f'<rect x="{low:.2f}%" y="{y:g}" width="{high - low:.2f}%" height="{_BAR}" fill="{fill}" stroke="{_INK}"/>'
            )
    for guide in panel.guides if bar.known else ():
        if guide.limit:
            x = _share(guide.high, panel)
            pen.out.append(
                f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{y - 4:g}" y2="{y + _BAR + 4:g}" stroke="{_LIMIT_INK}" stroke-width="2"/>'
            )
    pen.y += _BAR + 4


def _share(value: float, panel: Panel) -> float:
    """Where a value lies across the room there is, in a hundred; the edge is kept free for the stroke of a mark."""
    return 1.5 + 97.0 * value / panel.end


def _axis(pen: _Pen, panel: Panel) -> None:
    pen.y += 3
    pen.out.append(f'<line x1="0" x2="100%" y1="{pen.y:g}" y2="{pen.y:g}" stroke="{_MUTED}"/>')
    for tick in np.arange(0.0, panel.end + panel.step / 2, panel.step):
        x = _share(float(tick), panel)
        anchor = "start" if tick == 0 else "end" if tick > panel.end - panel.step / 2 else "middle"
        at = 0.0 if tick == 0 else 100.0 if anchor == "end" else x
        pen.out.append(f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{pen.y:g}" y2="{pen.y + 4:g}" stroke="{_MUTED}"/>'
                       f'<text x="{at:.2f}%" y="{pen.y + 16:g}" font-size="11" text-anchor="{anchor}" fill="{_MUTED}">{tick:g}</text>')  # fmt: skip
    pen.y += 20


def wrapped(words: str, wide: int, most: int) -> list[str]:
    """Text in lines of at most so many narrow characters, wide ones counting double; what does not fit becomes an ellipsis.

    Examples
    --------
    >>> wrapped("Ryedale House, district council offices", 20, 2)
    ['Ryedale House,', 'district council…']
    """
    lines: list[str] = []
    line = ""
    for word in clean(words).split():
        rest = word
        while rest:
            joined = f"{line} {rest}" if line else rest
            if width_of(joined) <= wide:
                line, rest = joined, ""
            elif line:
                lines, line = [*lines, line], ""
            else:
                cut = next((n for n in range(len(rest), 0, -1) if width_of(rest[:n]) <= wide), 1)
                lines, rest = [*lines, rest[:cut]], rest[cut:]
    lines += [line] if line else []
    if len(lines) > most:
        last = lines[most - 1]
        while width_of(last) >= wide:
            last = last[:-1]
        return [*lines[: most - 1], f"{last.rstrip()}…"]
    return lines

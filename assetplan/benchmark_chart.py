"""The benchmark as a picture for a committee paper: PNG, PDF or SVG, the same bytes every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from assetplan.benchmark_figure import AREA_LOOK, Bar, Panel, panels_of
from assetplan.benchmark_words import MARK, NOT_RELEASED
from assetplan.errors import ReaderError
from assetplan.imprint import dates_of, stamp_of, title_of
from assetplan.looks import NOBODY, ink_on
from assetplan.picture.lettering import shown, wrap
from assetplan.picture.painting import INK, MUTED, NOBODY_GROUND, RULE, STAMP, SURFACE, fill, paint, stroke, write
from assetplan.picture.sheet import save_picture
from assetplan.space.benchmarking import benchmark

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from matplotlib.axes import Axes

    from assetplan.estate import Estate
    from assetplan.space.benchmarking import Benchmark

_WIDE = 210 * 72 / 25.4
_MARGIN = 36.0
_BAND, _DASH = "#f1dcdc", "#59636d"
_BAR, _ROW = 8.0, 12.5
_NAMES = 205.0  # room for names, left of the bars
_TEXT, _SMALL = 7.6, 6.6


def save_benchmark_chart(
    estate: Estate, path: str | os.PathLike[str], *, found: Benchmark | None = None, area_kind: str = "ward"
) -> Path:
    """Write the benchmark of an estate as a picture: by building, body and locality, against the standard.

    Parameters
    ----------
    estate
        The estate for its reader.
    path
        ``.png``, ``.pdf`` or ``.svg``; as wide as A4 and as high as it needs to be. The file is replaced whole or not at all.
    found
        The `assetplan.benchmark` of the estate, where it is at hand.
    area_kind
        Which kind of area localities are, where it is not.

    Returns
    -------
    pathlib.Path
        The file written. The same estate gives the same bytes.

    Raises
    ------
    ReaderError
        Where benchmarks are not released to this estate's reader.
    OutputError
        Where the suffix is not one of these, or the file cannot be written.

    Examples
    --------
    >>> import assetplan as ap, pathlib, tempfile
    >>> ap.save_benchmark_chart(ap.read_estate("data/malton"), pathlib.Path(tempfile.mkdtemp()) / "space.svg").name
    'space.svg'
    """
    if not estate.released("benchmarks"):
        raise ReaderError(NOT_RELEASED)
    found = benchmark(estate, area_kind=area_kind) if found is None else found
    return save_picture(draw_benchmark(estate, found), path)


def draw_benchmark(estate: Estate, found: Benchmark) -> Figure:
    """The picture of `save_benchmark_chart` as a figure, in points from the lower left corner."""
    panels = panels_of(estate, found)
    blank = _Paper(None, 0.0)
    _whole(blank, estate, found, panels)
    height = _MARGIN - blank.y + _MARGIN / 2
    figure = Figure(
        figsize=(_WIDE / 72, height / 72),
        dpi=150,
        facecolor=SURFACE,
        label=shown(f"{title_of(estate)}: space and cost"),
    )
    FigureCanvasAgg(figure)
    page = figure.add_axes((0.0, 0.0, 1.0, 1.0), label="sheet")
    page.set(xlim=(0, _WIDE), ylim=(0, height))
    page.set_axis_off()
    _whole(_Paper(page, height - _MARGIN), estate, found, panels)
    return figure


class _Paper:
    """Where the next line goes; without axes only the height is worked out."""

    def __init__(self, axes: Axes | None, y: float) -> None:
        self.axes, self.y = axes, y

    def lines(self, text: str, size: float, *, left: float = _MARGIN, wide: float = _WIDE - 2 * _MARGIN, bold: bool = False,
              colour: str = INK, most: int = 4) -> None:  # fmt: skip
        face = "bold" if bold else "plain"
        for line in wrap(shown(text), wide, size, "bold" if bold else "plain", most=most):
            self.y -= size * 1.28
            if self.axes is not None:
                write(self.axes, left, self.y, line, size, face="bold" if face == "bold" else "plain", colour=colour)


def _whole(paper: _Paper, estate: Estate, found: Benchmark, panels: list[Panel]) -> None:
    if stamp := stamp_of(estate):
        paper.lines(stamp, 8, bold=True, colour=STAMP)
    paper.lines(f"{title_of(estate)}: space and what it holds", 13, bold=True)
    paper.lines(estate.banner, 7)
    paper.lines("  ·  ".join(f"{label}: {value}" for label, value in dates_of(estate)), 7, colour=MUTED)
    if not panels:
        paper.y -= 8
        paper.lines("No kind of building here is measured by what it holds, so there is nothing to draw.", 9)
    for panel in panels:
        paper.y -= 12
        _panel(paper, panel)
    paper.y -= 10
    mark = [MARK.replace("(i) marks what", "Much of this")] if found.buildings["illustrative"].any() else []
    for said in (*mark, *found.note):
        paper.lines(said, 6.4, colour=MUTED)
    for name in ("office_nia_per_gia", "other_nia_per_gia"):
        factor = found.factors[name]
        paper.lines(f"{'Offices' if name.startswith('office') else 'Other buildings'}: {factor.low:g} to {factor.high:g} {factor.unit}: "
                    f"{factor.source}.", 6.4, colour=MUTED)  # fmt: skip


def _panel(paper: _Paper, panel: Panel) -> None:
    axes = paper.axes
    paper.lines(f"{panel.title} ({panel.unit})", 10, bold=True)
    for guide in panel.guides:
        top = paper.y
        paper.lines(
            guide.text, _SMALL, left=_MARGIN + 14, wide=_WIDE - 2 * _MARGIN - 14, colour=STAMP if guide.limit else MUTED
        )
        if axes is not None:
            if guide.limit:
                stroke(axes, [[(_MARGIN + 5, top - 9), (_MARGIN + 5, top - 1)]], STAMP, 1.5, cap="butt")
            else:
                paint(axes, shapely.box(_MARGIN, top - 8.5, _MARGIN + 10, top - 1.5), face=_BAND, edge=RULE, width=0.5)
    for heading, bars in panel.parts:
        paper.y -= 3
        paper.lines(heading, _TEXT, bold=True, colour=MUTED)
        for bar in bars:
            _row(paper, panel, bar)
    paper.y -= 3
    if axes is not None:
        stroke(axes, [[(_at(0, panel), paper.y), (_at(panel.end, panel), paper.y)]], MUTED, 0.6, cap="butt")
        for tick in np.arange(0.0, panel.end + panel.step / 2, panel.step):
            x = _at(float(tick), panel)
            stroke(axes, [[(x, paper.y), (x, paper.y - 3)]], MUTED, 0.6, cap="butt")
            write(axes, x, paper.y - 10, f"{tick:g}", _SMALL, colour=MUTED, align="center")
    paper.y -= 12
    for line in panel.more:
        paper.lines(line, _SMALL, colour=MUTED)


def _at(value: float, panel: Panel) -> float:
    left, right = _MARGIN + _NAMES, _WIDE - _MARGIN - 6
    return left + (right - left) * value / panel.end


def _row(paper: _Paper, panel: Panel, bar: Bar) -> None:
    axes, top = paper.axes, paper.y - 2
    text = _Paper(axes, top)
    left = _MARGIN + 13
    text.lines(bar.label, _TEXT, left=left, wide=_NAMES - 20, most=2)
    text.lines(bar.detail, _SMALL, left=left, wide=_NAMES - 20, colour=MUTED, most=3)
    paper.y = min(text.y, top - _ROW) - 2
    if axes is None:
        return
    if bar.look != AREA_LOOK:
        unknown = bar.look == NOBODY
        box = shapely.box(_MARGIN, top - 10.5, _MARGIN + 9.5, top - 1)
        paint(axes, box, face=NOBODY_GROUND if unknown else bar.look.colour, edge=INK, width=0.5)
        ink = INK if unknown else ink_on(bar.look.colour)
        write(axes, _MARGIN + 4.75, top - 8.4, bar.look.letter, _SMALL, face="bold", colour=ink, align="center")
    y = (top + paper.y) / 2
    ends = (_at(0, panel), _at(panel.end, panel))
    for guide in panel.guides if bar.known else ():
        if not guide.limit:
            paint(
                axes,
                shapely.box(_at(guide.low, panel), y - _BAR / 2 - 2, _at(guide.high, panel), y + _BAR / 2 + 2),
                face=_BAND,
            )
    stroke(axes, [[(ends[0], y), (ends[1], y)]], RULE, 0.5, cap="butt")
    if not bar.known:
        box = shapely.box(ends[0], y - _BAR / 2, ends[1], y + _BAR / 2)
        paint(axes, box, face="#f4f5f6", edge=_DASH, width=0.8, dashes=(3, 2))
        said = "? not known"
        write(axes, sum(ends) / 2, y, said, _SMALL, colour=INK, align="center", middle=True)
    else:
        low, high = _at(bar.low, panel), _at(bar.high, panel)
        low, high = (low, high) if high - low >= 3 else ((low + high) / 2 - 1.5, (low + high) / 2 + 1.5)
        box = shapely.box(low, y - _BAR / 2, high, y + _BAR / 2)
        fill(axes, box, bar.look, 1.0, level=2.0, fine=0.7)
        paint(axes, box, edge=INK, width=0.6, level=2.1)
    for guide in panel.guides if bar.known else ():
        if guide.limit:
            x = _at(guide.high, panel)
            stroke(axes, [[(x, y - _BAR / 2 - 2.5), (x, y + _BAR / 2 + 2.5)]], STAMP, 1.5, cap="butt", level=3.0)

"""What every chart is drawn with: text that wraps, scales that people count in, fills of bodies, and figures that carry their identity.

Widths are shares of what room there is and text has a fixed size, so that one drawing can be read on a telephone, a screen and paper. Inks
are classes of the page's style sheet with plain inks behind them, so that a chart also stands alone. Every text is made inert here.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assetplan.looks import NOBODY, Look, ink_on
from assetplan.page.text import safe_text
from assetplan.ranges import span
from assetplan.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

INKS = {
    "ink": "#1c252e",
    "muted": "#4b5661",
    "rule": "#ccd2d6",
    "paper": "#ffffff",
    "limit": "#9c1c1c",
    "accent": "#0b4f8a",
}
"""The inks of a chart by name, as they are where no style sheet says otherwise."""

LABEL, SMALL, TICK = 13, 12, 11
"""Sizes of text, in pixels."""
WIDE, SMALL_WIDE, BOLD_WIDE = 43, 47, 40
"""So many narrow characters go on one line of the narrowest telephone: of labels, of small text, of bold labels."""


@dataclass(frozen=True)
class Body:
    """An organisation as charts show it: identifier, name, and its colour, pattern and letter."""

    key: str
    name: str
    look: Look


@dataclass(frozen=True)
class Amount:
    """A figure with its range, in its own unit (pounds unless a chart says otherwise), and its identity; NaN where it is not known.

    Examples
    --------
    >>> Amount(1_040_000, 1_100_000, 1_260_000, "npv_gbp").words
    '£1.0m to £1.3m'
    """

    low: float
    central: float
    high: float
    figure: str

    @property
    def known(self) -> bool:
        """Whether all of it is known."""
        return all(math.isfinite(value) for value in (self.low, self.central, self.high))

    @property
    def words(self) -> str:
        """The range in pounds, rounded; or that it is not known."""
        return span((self.low, self.high)) if self.known else "not known"


@dataclass(frozen=True)
class Run:
    """Words of one line that go together: those of a figure stay on one line, and carry its identity."""

    text: str
    figure: str = ""
    bold: bool = False


def said(amount: Amount, *, bold: bool = False) -> Run:
    """An amount as a run of text."""
    return Run(amount.words, amount.figure, bold)


# ------------------------------------------------------------------------------------------------------- scales


@dataclass(frozen=True)
class Scale:
    """An axis: its ends and the distance of its ticks."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> list[float]:
        """Where its ticks are."""
        return [self.step * n for n in range(round(self.low / self.step), round(self.high / self.step) + 1)]

    def share(self, value: float) -> float:
        """Where a value lies between the ends, from 0 to 1; one beyond them at the end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def scale_of(values: Iterable[float], *, ticks: int = 5, with_zero: bool = True) -> Scale:
    """A scale that holds values, with ticks that people count in; those that are not known do not count.

    Examples
    --------
    >>> scale_of([-7.1, 1.9]).ticks
    [-8.0, -6.0, -4.0, -2.0, 0.0, 2.0]
    >>> scale_of([]).ticks
    [0.0, 0.5, 1.0]
    """
    known = [float(value) for value in values if math.isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if with_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-9:
        high = low + max(1.0, abs(low) * 0.1)
        ticks = 2
    power = 10.0 ** math.floor(math.log10((high - low) / ticks))
    step = next(m * power for m in (1, 2, 2.5, 5, 10, 20) if (high - low) / (m * power) <= ticks + 0.001)
    return Scale(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step)


def tick_pounds(value: float, step: float) -> str:
    """A tick of an axis of pounds: as many digits as the step needs.

    Examples
    --------
    >>> tick_pounds(-2_500_000, 500_000), tick_pounds(40_000, 20_000), tick_pounds(0, 5)
    ('-£2.5m', '£40k', '£0')
    """
    size = abs(value)
    if size < step / 2:
        return "£0"
    if step >= 100_000:
        told = f"£{size / 1e6:,.{0 if step % 1e6 == 0 else 1 if step % 1e5 == 0 else 2}f}m"
    elif step >= 100:
        told = f"£{size / 1e3:,.{0 if step % 1e3 == 0 else 1 if step % 100 == 0 else 2}f}k"
    else:
        told = f"£{size:,.{0 if step >= 1 else 2}f}"
    return f"-{told}" if value < 0 else told


def year_in_words(year: int) -> str:
    """A financial year by its start.

    Examples
    --------
    >>> year_in_words(2010), year_in_words(2099)
    ('2010/11', '2099/00')
    """
    return f"{year}/{(year + 1) % 100:02d}"


def years_in_words(start: int, end: int | None) -> str:
    """From one financial year to another.

    Examples
    --------
    >>> years_in_words(2010, 2012), years_in_words(2010, 2010), years_in_words(2010, None)
    ('2010/11 to 2012/13', '2010/11', 'from 2010/11')
    """
    if end is None:
        return f"from {year_in_words(start)}"
    return year_in_words(start) if start == end else f"{year_in_words(start)} to {year_in_words(end)}"


# ------------------------------------------------------------------------------------------------------- text


def width_of(text: str) -> int:
    """How many narrow characters wide a text is; wide ones count double.

    Examples
    --------
    >>> width_of("abc"), width_of("\u4e2d")
    (3, 2)
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def lines_of(runs: Iterable[Run], wide: int, most: int) -> list[list[Run]]:
    """Runs in lines of at most so many narrow characters; what does not fit into the lines becomes an ellipsis.

    Examples
    --------
    >>> [
    ...     [run.text for run in line]
    ...     for line in lines_of([Run("turns at"), Run(" "), Run("£3.4m a year", "x"), Run(", or so")], 14, 3)
    ... ]
    [['turns at'], ['£3.4m a year', ','], ['or so']]
    """
    words: list[list[Run]] = [[]]
    for run in runs:
        parts = [run.text] if run.figure else re.split(r"(\s+)", run.text)
        for part in parts:
            if not part.strip():
                if part and words[-1]:
                    words.append([])
                continue
            words[-1].append(Run(clean(part), run.figure, run.bold))
    lines: list[list[Run]] = []
    line: list[list[Run]] = []
    for word in itertools.chain.from_iterable(_pieces(one, wide) for one in words if one):
        if line and sum(_word_width(one) + 1 for one in line) + _word_width(word) > wide:
            lines.append(_joined(line))
            line = []
        line.append(word)
    lines += [_joined(line)] if line else []
    if len(lines) > most:
        last = lines[most - 1]
        while last and sum(width_of(run.text) for run in last) >= wide:
            cut = last[-1].text[:-1]
            last = [*last[:-1], Run(cut, last[-1].figure, last[-1].bold)] if cut else last[:-1]
        last = last or [Run("")]
        tail = last[-1]
        lines = [*lines[: most - 1], [*last[:-1], Run(f"{tail.text.rstrip()}\u2026", tail.figure, tail.bold)]]
    return lines


def _word_width(word: Sequence[Run]) -> int:
    return sum(width_of(run.text) for run in word)


def _pieces(word: list[Run], wide: int) -> list[list[Run]]:
    """A word, in pieces where it alone is wider than a line."""
    if _word_width(word) <= wide:
        return [word]
    out: list[list[Run]] = []
    for run in word:
        rest = run.text
        while rest:
            cut = next((n for n in range(len(rest), 0, -1) if width_of(rest[:n]) <= wide), 1)
            out.append([Run(rest[:cut], run.figure, run.bold)])
            rest = rest[cut:]
    return out


def _joined(words: list[list[Run]]) -> list[Run]:
    """Words as runs again: neighbours of the same kind are one, and a space before a figure is not part of it."""
    out: list[Run] = []
    for number, word in enumerate(words):
        for place, run in enumerate(word):
            space = " " if number and not place else ""
            if out and (out[-1].figure, out[-1].bold) == (run.figure, run.bold):
                out[-1] = replace(out[-1], text=f"{out[-1].text}{space}{run.text}")
                continue
            if space and not run.figure:
                out.append(replace(run, text=f" {run.text}"))
                continue
            if space:
                out[-1] = replace(out[-1], text=f"{out[-1].text} ")
            out.append(run)
    return out


# ------------------------------------------------------------------------------------------------------- drawing


class Canvas:
    """Where the next line goes, and what has been drawn.

    Parameters
    ----------
    key
        A word of letters, digits and hyphens that no other drawing of the same page has: fills are named by it.
    """

    def __init__(self, key: str) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", key):
            message = f"the key of a drawing is {key!r}: give small letters, digits and hyphens, a letter first."
            raise ValueError(message)
        self.key = key
        self.y = 2.0
        self.out: list[str] = []
        self._fills: dict[Look, str] = {}
        self._hatches: dict[str, str] = {}

    def down(self, pixels: float) -> float:
        """Go down, and say where that is."""
        self.y += pixels
        return self.y

    def say(
        self,
        *runs: Run | str,
        size: int = LABEL,
        left: float = 0,
        ink: str = "ink",
        bold: bool = False,
        wide: int = WIDE,
        most: int = 4,
    ) -> None:
        """Text in as many lines as it needs, up to `most`."""
        given = [Run(run) if isinstance(run, str) else run for run in runs]
        for line in lines_of(given, wide, most):
            self.y += size + 3.5
            spans = "".join(self._span(run) for run in line)
            weight = ' font-weight="700"' if bold else ""
            self.out.append(f'<text x="{left:g}" y="{self.y:g}" font-size="{size}" {paint(ink)}{weight}>{spans}</text>')

    @staticmethod
    def _span(run: Run) -> str:
        text = safe_text(run.text)
        if not (run.figure or run.bold):
            return text
        weight = ' font-weight="700"' if run.bold else ""
        return f"<tspan{of_figure(run.figure)}{weight}>{text}</tspan>"

    def mark_text(
        self,
        text: str,
        x: str,
        y: float,
        *,
        anchor: str = "middle",
        size: int = TICK,
        ink: str = "muted",
        figure: str = "",
        bold: bool = False,
        halo: bool = False,
    ) -> None:
        """One line of text at a place; `x` is a share such as ``12.5%`` or pixels. Text of no figure here is a mark of the axis."""
        weight = ' font-weight="700"' if bold else ""
        around = ' paint-order="stroke" stroke-width="3" stroke-linejoin="round"' if halo else ""
        self.out.append(
            f'<text x="{x}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" {paint(ink, "paper" if halo else "")}{weight}{around}'
            f"{of_figure(figure)}>{safe_text(text)}</text>"
        )

    def line(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        ink: str = "rule",
        weight: float = 1,
        dashes: str = "",
        figure: str = "",
    ) -> None:
        """A straight line; `x` in shares of a hundred, `y` in pixels."""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.out.append(
            f'<line x1="{x[0]:.2f}%" x2="{x[1]:.2f}%" y1="{y[0]:.1f}" y2="{y[1]:.1f}" {paint(stroke=ink)} '
            f'stroke-width="{weight:g}"{dashed}{of_figure(figure)}/>'
        )

    def box(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        fill: str,
        *,
        figure: str = "",
        ink: str = "ink",
        weight: float = 1,
        dashes: str = "",
    ) -> None:
        """A box; `x` in shares of a hundred, `y` in pixels; `fill` an ink, or as `fill_of` and `hatch` give it."""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        left, right = min(x), max(x)
        top, bottom = min(y), max(y)
        self.out.append(
            f'<rect x="{left:.2f}%" width="{right - left:.2f}%" y="{top:.1f}" height="{bottom - top:.1f}" {paint(fill, ink)} '
            f'stroke-width="{weight:g}"{dashed}{of_figure(figure)}/>'
        )

    def shape(
        self, path: str, x: float, y: float, fill: str, *, ink: str = "ink", weight: float = 1.5, figure: str = ""
    ) -> None:
        """A small shape round a place: `path` in pixels from there, `x` in shares of a hundred."""
        self.out.append(
            f'<svg x="{x:.2f}%" y="{y:.1f}" overflow="visible" width="1" height="1"{of_figure(figure)}>'
            f'<path d="{path}" {paint(fill, ink)} stroke-width="{weight:g}" stroke-linejoin="round"/></svg>'
        )

    def swatch(self, look: Look, y: float, x: float = 0.5) -> None:
        """The look of a body beside its name: colour, pattern and letter; `x` and `y` in pixels, of its upper left corner."""
        if not look.letter:
            return
        self.out.append(
            f'<rect x="{x:g}" y="{y:g}" width="16" height="16" rx="2" {paint(self.fill_of(look), "ink")}/>'
            f'<rect x="{x + 3.5:g}" y="{y + 2.5:g}" width="9" height="11" rx="2" {paint("paper")}/>'
            f'<text x="{x + 8:g}" y="{y + 12:g}" font-size="10.5" font-weight="700" text-anchor="middle" {paint("ink")}>'
            f"{safe_text(look.letter)}</text>"
        )

    def fill_of(self, look: Look) -> str:
        """The fill of a body: its colour with its pattern."""
        if look.pattern == "plain":
            return look.colour
        if look not in self._fills:
            self._fills[look] = pattern_of(f"{self.key}-{len(self._fills)}", look)
        return f"url(#{self.key}-{list(self._fills).index(look)})"

    def hatch(self, kind: str, ink: str = "muted") -> str:
        """A fill of lines without a ground of colour, for what belongs to nobody: ``diagonal``, ``counter``, ``dots`` or ``cross``."""
        name = f"{self.key}-h-{kind}-{ink}"
        if name not in self._hatches:
            body = (
                f'<circle cx="3" cy="3" r="1.2" {paint(ink)}/>'
                if kind == "dots"
                else f'<path d="{_LINES[kind]}" {paint("none", ink)} stroke-width="1.4"/>'
            )
            ground = f'<rect width="7" height="7" {paint("paper")}/>'
            self._hatches[name] = (
                f'<pattern id="{name}" width="7" height="7" patternUnits="userSpaceOnUse">{ground}{body}</pattern>'
            )
        return f"url(#{name})"

    def finish(self, name: str) -> str:
        """The drawing as one ``<svg>`` element as wide as its place; `name` says to who cannot see it what it shows."""
        height = math.ceil(self.y + 6)
        definitions = "".join([*self._fills.values(), *self._hatches.values()])
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="ap-drawing" role="img" aria-label="{safe_text(name)}" width="100%" '
            f'height="{height}" font-family="inherit">{f"<defs>{definitions}</defs>" if definitions else ""}{"".join(self.out)}</svg>'
        )


def paint(fill: str = "", stroke: str = "") -> str:
    """Fill and stroke as attributes. An ink goes by its name, as a class that the page's style sheet changes by the reader's settings too.

    Examples
    --------
    >>> paint("rule"), paint("none", "ink")
    ('class="ap-fill-rule" fill="#ccd2d6"', 'class="ap-stroke-ink" fill="none" stroke="#1c252e"')
    """
    given = {"fill": fill, "stroke": stroke}
    classes = " ".join(f"ap-{what}-{name}" for what, name in given.items() if name in INKS)
    paints = [f'{what}="{INKS.get(name, name)}"' for what, name in given.items() if name]
    return " ".join([*([f'class="{classes}"'] if classes else []), *paints])


def of_figure(figure: str) -> str:
    """The attribute that says which figure is drawn; nothing where none is."""
    return f' data-figure="{safe_text(figure)}"' if figure else ""


_LINES = {
    "diagonal": "M-2 2L2 -2M0 7L7 0M5 9L9 5",
    "counter": "M-2 5L2 9M0 0L7 7M5 -2L9 2",
    "horizontal": "M0 3.5H7",
    "vertical": "M3.5 0V7",
    "cross": "M0 7L7 0M0 0L7 7",
    "unknown": "M0 3.5H4",
}


def pattern_of(name: str, look: Look) -> str:
    """The pattern of a body as a definition by that name."""
    ink = ink_on(look.colour)
    ground = "#dfe2e4" if look == NOBODY else look.colour
    body = (
        f'<circle cx="3.5" cy="3.5" r="1.3" fill="{ink}" fill-opacity="0.75"/>'
        if look.pattern == "dots"
        else f'<path d="{_LINES[look.pattern]}" stroke="{"#59636d" if look == NOBODY else ink}" stroke-opacity="0.6" stroke-width="1.3"/>'
    )
    return f'<pattern id="{name}" width="7" height="7" patternUnits="userSpaceOnUse"><rect width="7" height="7" fill="{ground}"/>{body}</pattern>'

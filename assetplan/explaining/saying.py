"""Figures of an appraisal in words, each kept with what it is known by: nothing is printed that `Appraisal.explain` cannot walk back.

Words round: pounds by `assetplan.ranges`, because no figure here is known to the pound.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Protocol

from assetplan.figures.explanation import financial, in_unit
from assetplan.ranges import pounds, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assetplan.figures.explanation import Explanation

NOT_KNOWN = "not known"
NUMBERS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
"""The numbers of a text, without signs and units."""


@dataclass(frozen=True)
class Said:
    """A figure as it was said: what it is known by, its value, and the words."""

    figure_id: str
    value: float | None
    text: str


class Explained(Protocol):
    """What figures can be asked of: an appraisal, or a comparison of several."""

    def explain(self, figure_id: str) -> Explanation:
        """A figure."""


class Sayer:
    """Says figures and keeps what was said.

    Parameters
    ----------
    of
        An appraisal, or a comparison.
    said
        Where to keep it; a list of its own where none is given.
    """

    def __init__(self, of: Explained, said: list[Said] | None = None) -> None:
        self._of = of
        self.said: list[Said] = [] if said is None else said

    def _keep(self, found: Explanation, text: str) -> str:
        self.said.append(Said(found.figure_id, found.value, text))
        return text

    def span(self, figure_id: str) -> str:
        """Pounds from the least to the most: ``-£1.2m to £385k``."""
        found = self._of.explain(figure_id)
        if found.range is None:
            return self.about(figure_id)
        return self._keep(found, span(found.range))

    def about(self, figure_id: str) -> str:
        """Pounds in the middle of their range: ``-£415k``."""
        found = self._of.explain(figure_id)
        return NOT_KNOWN if found.value is None else self._keep(found, pounds(found.value))

    def rough(self, figure_id: str) -> str:
        """Pounds from the least to the most; where no range is known that they are about so much: ``about -£415k``."""
        found = self._of.explain(figure_id)
        if found.range is not None or found.value is None:
            return self.span(figure_id)
        said = pounds(found.value)
        return self._keep(found, said if said == "£0" else f"about {said}")

    def whole(self, figure_id: str) -> str:
        """Both: ``about -£415k (-£1.2m to £385k)``; once only where the ends are said alike."""
        found = self._of.explain(figure_id)
        if found.value is None:
            return NOT_KNOWN
        middle = pounds(found.value)
        if found.range is None or {pounds(end) for end in found.range} == {middle}:
            return self._keep(found, middle if middle == "£0" else f"about {middle}")
        return self._keep(found, f"about {middle} ({span(found.range)})")

    def ratio(self, figure_id: str) -> str:
        """A ratio from its least to its most: ``0.4 to 1.4``."""
        found = self._of.explain(figure_id)
        if found.range is None:
            return "none"
        low, high = f"{found.range[0]:,.1f}", f"{found.range[2]:,.1f}"
        return self._keep(found, low if low == high else f"{low} to {high}")

    def year(self, figure_id: str) -> str:
        """A financial year: ``2015/16``; ``never`` where there is none."""
        found = self._of.explain(figure_id)
        return "never" if found.value is None else self._keep(found, financial(int(found.value)))

    def exact(self, figure_id: str) -> str:
        """Pounds to the pound, where figures are to be added up: ``-£1,234``."""
        found = self._of.explain(figure_id)
        return NOT_KNOWN if found.value is None else self._keep(found, in_unit(found.value, found.unit))

    def within(self, text: str, figure_ids: Iterable[str]) -> str:
        """A text that others wrote and that tells some figures: those of them whose digits stand in it are kept."""
        for figure_id in figure_ids:
            found = self._of.explain(figure_id)
            if found.value is None:
                continue
            for told in dict.fromkeys(_tellings(found.value)):
                if told in NUMBERS.findall(text):
                    self._keep(found, told)
        return text

    def sentence(self, figure_id: str, text: str) -> str:
        """A sentence that is about a figure and told by it; that figure explains it."""
        return self._keep(self._of.explain(figure_id), text)

    def measured(self, figure_id: str) -> str:
        """A figure with its unit, to two figures that count where it is a share: ``63%``."""
        found = self._of.explain(figure_id)
        if found.value is None:
            return NOT_KNOWN
        if found.range is not None and found.range[0] != found.range[2]:
            low, high = (_measured(end, found.unit) for end in (found.range[0], found.range[2]))
            return self._keep(found, low if low == high else f"{low.removesuffix('%')} to {high}")
        return self._keep(found, _measured(found.value, found.unit))


def _measured(value: float, unit: str) -> str:
    if unit != "percent":
        return in_unit(value, unit)
    if 99 < value < 100:
        return f"{int(value * 10) / 10:g}%"  # nearly all is not all
    return f"{value:.0f}%" if abs(value) >= 10 else f"{value:.2g}%"


def _tellings(value: float) -> Iterator[str]:
    """The digits by which a number may be told: whole, with one decimal, and to two figures that count."""
    size = abs(value)
    yield from (f"{size:,.0f}", f"{size:.0f}", f"{size:,.1f}")
    if size:
        step = 10.0 ** (floor(log10(size)) - 1)
        yield f"{round(size / step) * step:,.0f}"

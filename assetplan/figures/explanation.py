"""What a figure is: its range, how it was reckoned, and the figures it was reckoned from, down to the row that states a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from assetplan.ranges import span
from assetplan.text import counted, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assetplan.figures.inputs import Input

Joined = Literal["sum", "product", "ratio", "found", "stated"]
DEPTH = 2
_SHOWN = 12  # parts of one figure that are told one by one
_MONEY = "GBP"


@dataclass(frozen=True)
class Part:
    """A figure that another is reckoned from, where it counts as ``plus + times * value``."""

    figure_id: str
    name: str
    value: float
    plus: float = 0.0
    times: float = 1.0

    @property
    def worth(self) -> float:
        """What it counts for."""
        return self.plus + self.times * self.value


@dataclass(frozen=True, eq=False)
class Explanation:
    """A figure with where it comes from.

    Attributes
    ----------
    figure_id
        What it is known by: a path, like ``npv_gbp/rdc/premises``.
    name
        What it is, in words.
    value
        The figure with everything in the middle of its range; None where it is not known, or there is none.
    low, high
        The least and the most it may be; None where no range is reckoned.
    unit, price_base
        GBP, GBP a year, year, percent and so on; of pounds, of which year they are and whether discounted.
    how
        How it was reckoned.
    joined
        How its parts make it: as a sum, as a product (with `constant`), as a ratio of the first to the second, as something found among
        them, or that it is stated and has none.
    parts
        The figures that it is reckoned from.
    inputs
        The stated numbers that it rests on in the end, each with its source and the row that states it.
    constant
        What a product is multiplied by besides its parts.
    """

    figure_id: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    price_base: str
    how: str
    joined: Joined
    parts: tuple[Part, ...] = ()
    inputs: tuple[Input, ...] = ()
    constant: float = 1.0
    ask: Callable[[str], Explanation] | None = field(default=None, repr=False)

    @property
    def range(self) -> tuple[float, float, float] | None:
        """Least, central, most; None where that is not known."""
        if self.value is None or self.low is None or self.high is None:
            return None
        return self.low, self.value, self.high

    def __str__(self) -> str:
        return self.tree()

    def tree(self, depth: int = DEPTH) -> str:
        """The figure, and below it what it is reckoned from, indented, some levels deep.

        Figures are given to the pound so that they can be added up; none of them is known to the pound.
        """
        head = f"{visible(self.name)} [{visible(self.figure_id)}]"
        lines = [head, f"  {self._told()}", f"  How: {visible(self.how)}"]
        if self.parts and depth > 0:
            lines += [f"  {self._head()}", *(f"  {line}" for line in self._below(depth))]
        if self.joined == "stated":
            lines += [f"  {_source(given)}" for given in self.inputs]
        elif self.inputs:
            lines.append(f"  It rests on {counted(len(self.inputs), 'stated number')} in the end.")
        return "\n".join(lines)

    def _head(self) -> str:
        """How its parts make it."""
        if self.joined == "product" and self.constant != 1.0:
            return (
                "It is the product, taken away, of:"
                if self.constant == -1.0
                else f"It is {self.constant:,.6g} times the product of:"
            )
        return _HEADS[self.joined]

    def _told(self) -> str:
        if self.value is None:
            return "There is no such figure here." if self.unit != _MONEY else "Not known."
        said = in_unit(self.value, self.unit)
        if self.low is not None and self.high is not None and (self.low, self.high) != (self.value, self.value):
            said += f", from {in_unit(self.low, self.unit)} to {in_unit(self.high, self.unit)}"
            if self.unit.startswith(_MONEY):
                said += f" ({span((self.low, self.high))})"
        return f"{said}; {self.price_base}" if self.price_base else said

    def _below(self, depth: int) -> Iterator[str]:
        for part in self.parts[:_SHOWN]:
            below = self.ask(part.figure_id) if self.ask is not None else None
            unit = below.unit if below is not None else self.unit
            counts = "" if (part.plus, part.times) == (0.0, 1.0) else f", counted as {part.worth:,.6g}"
            yield f"  {in_unit(part.value, unit)}{counts}: {visible(part.name)} [{visible(part.figure_id)}]"
            if below is None:
                continue
            if below.joined == "stated":
                yield from (f"    {_source(given)}" for given in below.inputs)
            elif depth > 1:
                if below.joined != "sum":
                    away = " It is taken away." if (below.joined, below.constant) == ("product", -1.0) else ""
                    yield f"    {visible(below.how)}{away}"
                yield from (f"  {line}" for line in below._below(depth - 1))
        rest = self.parts[_SHOWN:]
        if rest:
            total = sum(part.worth for part in rest)
            said = f", together {in_unit(total, self.unit)}" if self.joined == "sum" else ""
            yield f"  and {counted(len(rest), 'further figure')}{said}"


_HEADS = {
    "sum": "It is the sum of:",
    "product": "It is the product of:",
    "ratio": "It is the first of these over the second:",
    "found": "It is found from:",
    "stated": "It is stated:",
}


def _source(given: Input) -> str:
    said = [
        given.source or "source not stated",
        given.edition,
        given.where,
        "illustrative" if given.illustrative else "",
        given.note,
    ]
    return f"Source: {visible('; '.join(part for part in said if part))}"


def in_unit(value: float, unit: str) -> str:
    """A number with its unit, pounds to the pound: for adding up, not for quoting.

    Examples
    --------
    >>> in_unit(-1234.5, "GBP"), in_unit(62.5, "percent"), in_unit(2015, "year"), in_unit(0.9335, "")
    ('-£1,234', '62.5%', '2015/16', '0.9335')
    """
    if unit.startswith(_MONEY):
        size = f"£{abs(value):,.0f}" if abs(value) >= 100 or value == round(value) else f"£{abs(value):,.2f}"
        said = f"-{size}" if value < 0 and size not in {"£0", "£0.00"} else size
        return said + unit.removeprefix(_MONEY)
    if unit == "percent":
        return f"{value:,.4g}%"
    if unit == "year":
        return financial(int(value))
    said = f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"
    return f"{said} {unit}".rstrip()


def financial(year: int) -> str:
    """A financial year by its start, as it is written.

    Examples
    --------
    >>> financial(1999), financial(2012)
    ('1999/00', '2012/13')
    """
    return f"{year}/{(year + 1) % 100:02d}"

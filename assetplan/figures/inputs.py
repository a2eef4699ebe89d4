"""The numbers an appraisal rests on, each as somebody stated it, and how one of them enters a product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from assetplan.scenarios.values import Range

Case = Literal["low", "central", "high"]
OWN = "assetplan's own figures"
"""Where a figure comes from that no folder states."""


@dataclass(frozen=True)
class Input:
    """One number that somebody stated: a cell of a register, a field of a scenario, a figure of the assumptions.

    Attributes
    ----------
    key
        What it is known by, as a path: ``asset/rdc:A0001/running_cost_gbp_pa``, ``action/3/cost_gbp``, ``figure/cash_percent``,
        ``figure/cash_percent@rdc:A0001`` where it is another one at one site.
    name
        The same in words.
    value
        Low, central and high, in `unit`.
    unit
        GBP, GBP a year, percent, months and so on; pounds are of the estate's price base.
    source, edition
        Who says so, and in which edition.
    where
        The row, action or file that states it.
    illustrative
        Whether it is invented for an example.
    draw
        How chance takes it: ``"triangular"`` between its ends, or ``"chance"``: 1 with the probability `chance`, else 0.
    chance
        That probability, for an input of that kind.
    note
        What else is to be known of it: who overrides it and why, how far its source was read.

    Examples
    --------
    >>> from assetplan.scenarios.values import Range
    >>> rate = Input("figure/cash_percent", "share that turns to cash", Range(50, 62.5, 75), "percent")
    >>> Factor(rate, times=0.01).at("low"), Factor(rate, plus=1, times=-0.01).at("low")
    (0.5, 0.5)
    """

    key: str
    name: str
    value: Range
    unit: str
    source: str = ""
    edition: str = ""
    where: str = ""
    illustrative: bool = False
    draw: Literal["triangular", "chance"] = "triangular"
    chance: float = 1.0
    note: str = ""

    def __hash__(self) -> int:
        return hash(self.key)  # one key is one number within an appraisal; equality looks at the rest

    @property
    def varies(self) -> bool:
        """Whether it may be anything but its central number."""
        return self.value.low != self.value.high or self.draw == "chance"


@dataclass(frozen=True)
class Factor:
    """How an input enters a product: as ``plus + times * x``."""

    input: Input
    plus: float = 0.0
    times: float = 1.0

    def __hash__(self) -> int:
        """As quick as that of its input."""
        return hash((self.input.key, self.plus, self.times))

    @overload
    def of(self, number: float) -> float: ...

    @overload
    def of(self, number: NDArray[np.float64]) -> NDArray[np.float64]: ...

    def of(self, number: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
        """What it is worth where the input is some number."""
        return self.plus + self.times * number

    def at(self, case: Case) -> float:
        """What it is worth with the input at one end or in the middle."""
        return self.of(float(getattr(self.input.value, case)))


def percent(given: Input) -> Factor:
    """A percentage as a share."""
    return Factor(given, times=0.01)


def rest_of(given: Input) -> Factor:
    """What a percentage leaves, as a share."""
    return Factor(given, plus=1.0, times=-0.01)


def and_more(given: Input) -> Factor:
    """One and a percentage on top of it."""
    return Factor(given, plus=1.0, times=0.01)

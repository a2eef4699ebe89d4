"""What a line of an appraisal is made of: numbers that somebody stated, and what each is worth in a product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from assetplan.assumptions import Case
    from assetplan.scenarios.values import Range

Draw = Literal["triangular", "chance"]


@dataclass(frozen=True)
class Input:
    """One number that somebody stated: a cell of a register, a field of an action, a figure of the assumptions.

    Attributes
    ----------
    key
        What it is, as a path: ``asset/rdc:A0001/running_cost_gbp_pa``, ``action/3/cost_gbp``, ``figure/cash_percent``,
        ``figure/cash_percent@rdc:A0001``. Inputs of one key are one number, and are drawn together.
    name
        What it is, in words.
    value
        From the least to the most, in its own unit.
    unit
        Such as ``GBP``, ``GBP a year``, ``percent``, ``months``.
    source, edition
        Who says so, and of when; the edition is blank where none is stated.
    where
        Where it is stated: a row of a register, an action, assumptions.toml, the package's own figures.
    illustrative
        Whether it is invented for an example.
    draw
        ``triangular`` between its ends about its central value; ``chance`` where it is a probability in percent of what either
        happens or does not.
    """

    key: str
    name: str
    value: Range
    unit: str
    source: str
    edition: str
    where: str
    illustrative: bool = False
    draw: Draw = "triangular"


@dataclass(frozen=True)
class Factor:
    """An input as one factor of a product: worth `plus` and `times` the input.

    A percentage has ``times=0.01``; what is left of it, ``plus=1, times=-0.01``.

    Examples
    --------
    >>> from assetplan.scenarios.values import Range
    >>> share = Input(
    ...     "figure/share", "share", Range(20, 25, 30), "percent", "assumption", "2025/26", "assumptions.toml"
    ... )
    >>> Factor(share, times=0.01).at("central"), Factor(share, plus=1, times=-0.01).at("low")
    (0.25, 0.8)
    """

    input: Input
    plus: float = 0.0
    times: float = 1.0

    def at(self, case: Case) -> float:
        """What it is worth where the input is at its low end, as expected, or at its high end."""
        value: float = getattr(self.input.value, case)
        return self.plus + self.times * value

"""Optimism bias: by how much works have cost more and taken longer than was expected of them at the outset."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from assetplan.declared import guessed
from assetplan.errors import ScenarioError
from assetplan.scenarios.values import Range
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

Measure = Literal["capex", "duration", "opex"]
STANDARD, NON_STANDARD = "standard building", "non-standard building"


class Published(NamedTuple):
    """Where the bounds come from, and how far they were read there."""

    source: str
    edition: str
    checked: str


@cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("optimism.toml").read_text(encoding="utf-8"))


def optimism_source() -> Published:
    """Where the bounds of optimism bias come from.

    Examples
    --------
    >>> optimism_source().edition
    '2002'
    """
    return Published(*(str(_document()[key]) for key in Published._fields))


def optimism_bounds(of: Measure = "capex") -> dict[str, tuple[float, float]]:
    """By kind of project the lower and the upper bound, in percent.

    Examples
    --------
    >>> optimism_bounds()["non-standard building"], optimism_bounds("duration")["standard building"]
    ((4.0, 51.0), (1.0, 4.0))
    """
    if of not in {"capex", "duration", "opex"}:
        raise ScenarioError(f"Optimism bias of capex, duration or opex is wanted, not of {visible(str(of))!r}.")
    return {kind: (float(part["lower"]), float(part["upper"])) for kind, part in _document()[of].items()}


def optimism_bias(shares: Mapping[str, float], mitigated_percent: float = 0.0, of: Measure = "capex") -> Range:
    """The optimism bias of a project of one or several kinds of work, in percent to be added.

    Parameters
    ----------
    shares
        By kind of project its share of the cost (for duration: of the time), in percent; together 100.
    mitigated_percent
        How much of the upper bound is managed away, with evidence.
    of
        ``capex`` for capital cost, ``duration`` for the time works take, ``opex`` for outsourced running cost.

    Returns
    -------
    Range
        The lower bound; the upper bound less what is mitigated, never below the lower one; the upper bound.

    Raises
    ------
    ScenarioError
        Where a kind is not known, the shares are not 100 together, or a percentage is not from 0 to 100.

    Notes
    -----
    Mott MacDonald (2002) for HM Treasury, and the supplementary guidance to the Green Book on optimism bias. It belongs to the economic case;
    a financial case has a contingency instead.

    Examples
    --------
    >>> shares = {"non-standard building": 30, "standard building": 70}
    >>> round(optimism_bias(shares).high, 1), round(optimism_bias(shares, of="duration").high, 1)
    (32.1, 14.5)
    >>> round(optimism_bias({"non-standard building": 100}, mitigated_percent=92).central, 2)
    4.08
    """
    bounds = optimism_bounds(of)
    problems = [
        f"there is no kind of project {visible(str(kind))!r}.{guessed(kind, bounds) or ' Known: ' + ', '.join(bounds) + '.'}"
        for kind in shares
        if kind not in bounds
    ]
    for name, number in (*shares.items(), ("mitigated_percent", mitigated_percent)):
        if not 0 <= number <= 100:
            problems.append(f"{visible(str(name))}: a percentage from 0 to 100 is wanted, not {number!r}.")
    if not problems and not math.isclose(sum(shares.values()), 100, abs_tol=1e-9):
        problems.append(f"the shares add up to {sum(shares.values()):g}, not to 100.")
    if problems:
        raise ScenarioError("No optimism bias can be given", problems)
    lower, upper = (sum(share / 100 * bounds[kind][end] for kind, share in shares.items()) for end in (0, 1))
    return Range(lower, max(lower, upper * (1 - mitigated_percent / 100)), upper)

"""How a scenario stands among others: whether it is worth doing in nearly every case, who loses by it, whether anybody has farther to go."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.ranges import NIL_GBP
from assetplan.results.moved import alone_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assetplan.results.result import Appraisal

NEARLY_EVERY, MOST_STRESSES = 0.9, 0.5
"""Shares of draws, and of named stresses, in which a scenario must be worth doing to be good in nearly every case."""
FORGONE_IN = 95.0
"""Of a hundred draws, how many forgo no more than is said."""
NO_SCENARIO = "do nothing else"
"""What a body is held against where nothing that it would do alone is compared."""


@dataclass(frozen=True)
class Loss:
    """What a scenario does to one body, against what it would have alone where that is better for it than the baseline, else against that.

    Attributes
    ----------
    scenario, organisation
        Which, and whom.
    against
        The scenario of that body alone; blank where there is none, or it would do worse by it than by nothing, and the baseline is meant.
    low, central, high
        Present value in pounds; below 0 it is worse off.
    figure_id
        By which `Comparison.explain` knows it.
    """

    scenario: str
    organisation: str
    against: str
    low: float
    central: float
    high: float
    figure_id: str

    @property
    def loses(self) -> bool:
        """Whether it is worse off with everything in the middle."""
        return self.central < -NIL_GBP

    @property
    def may_lose(self) -> bool:
        """Whether it is worse off with everything at its worst."""
        return self.low < -NIL_GBP


@dataclass(frozen=True, eq=False)
class Standing:
    """Where a scenario stands among those it is compared with.

    Attributes
    ----------
    result
        Its appraisal.
    rank
        1 for that which is least regretted; None where it is refused.
    good
        Share of draws in which its net present value is not below nought.
    stressed, withstood
        How many named stresses it is put to, and in how many of them it is still worth doing.
    forgone_gbp
        What is forgone by it at most in 19 of 20 draws, against the best of those that are not refused, or nothing at all.
    losses
        What it does to each body, worst first.
    farther
        Whether anybody has a longer way to a service; None where that is not known.
    """

    result: Appraisal
    rank: int | None
    good: float
    stressed: int
    withstood: int
    forgone_gbp: float
    losses: tuple[Loss, ...]
    farther: bool | None

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.result.scenario.name

    @property
    def nearly_always_good(self) -> bool:
        """Whether it is worth doing in nearly every draw, and where most of what is named goes wrong."""
        return self.good >= NEARLY_EVERY and self.withstood > MOST_STRESSES * self.stressed

    @property
    def losers(self) -> tuple[Loss, ...]:
        """The bodies that it makes worse off, worst first."""
        return tuple(loss for loss in self.losses if loss.loses)

    @property
    def worst_off(self) -> Loss | None:
        """The body to which it does worst, better off or not; None where it does nothing to any."""
        touched = any(max(map(abs, (loss.low, loss.central, loss.high))) >= NIL_GBP for loss in self.losses)
        return self.losses[0] if touched else None

    @property
    def failed(self) -> int:
        """How many of the three questions it fails; what is not known is failed."""
        return (not self.nearly_always_good) + bool(self.losers) + (self.farther is not False)

    @property
    def no_regret(self) -> bool:
        """Whether it fails none of them."""
        return self.result.refused == () and self.failed == 0


def stresses_of(one: Appraisal) -> tuple[int, int]:
    """How many named stresses a scenario can be put to, and in how many of them it is still worth doing."""
    npv = one.stress()["npv_gbp"].dropna()
    return len(npv), int((npv >= -NIL_GBP).sum())


def measure_of(body: str) -> str:
    """The figure by which a body is better or worse off: the present value of its own cash, nought where it has no part."""
    return f"financial_npv_gbp/{body}"


def losses_of(one: Appraisal, alone: Mapping[str, Sequence[Appraisal]]) -> Iterator[Loss]:
    """What a scenario does to each body, worst first; ``alone`` has by body the scenarios that it would do by itself."""
    found = []
    bodies = one.financial.bodies
    for body in sorted({*bodies, *alone}):
        measure = measure_of(body)
        low, central, high = one.explain(measure).range or (math.nan, math.nan, math.nan)
        against = ""
        others = [
            other for other in alone.get(body, ()) if not other.refused and (other.explain(measure).value or 0.0) > 0
        ]
        if others and alone_of(one) != body:
            best = max(others, key=lambda other: (other.explain(measure).value or 0.0, other.scenario.name))
            own = best.explain(measure).range or (math.nan, math.nan, math.nan)
            low, central, high, against = low - own[2], central - own[1], high - own[0], best.scenario.name
        found.append(
            Loss(one.scenario.name, body, against, low, central, high, f"{one.scenario.name}/against_alone_gbp/{body}")
        )
    yield from sorted(found, key=lambda loss: (loss.central, loss.organisation))


def farther_of(result: Appraisal) -> bool | None:
    """Whether anybody has a longer way to a service by what moves, or an engine fails its gate; None where that is not known, or to be asked."""
    if not result.run.course.moves:
        return False
    row, verdict = result.access.total(), result.response.verdict
    if verdict == "fails" or row["people_farther"] > 0:
        return True
    unsure = bool(result.access.unknowns) or row["functions_not_known"] or verdict in {"not known", "to be asked"}
    return None if unsure else False

"""The return that givers of grants ask for: benefits by class within the years they count, against the grant times what they ask.

It is asked of money that primes the pump, never of building capital, which nothing would ever bring back five times over. Grants out of one pot are
put together, since the benefits of a scenario are the same for each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from assetplan.appraisal.economic import Ends
from assetplan.appraisal.flow import PUBLIC, classed
from assetplan.errors import ScenarioError
from assetplan.figures.explanation import financial
from assetplan.ranges import pounds, span
from assetplan.scenarios.paying import lapses
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from assetplan.appraisal.cases import Cases
    from assetplan.appraisal.flow import BenefitClass, Flow
    from assetplan.scenarios.funding import Funding

GRANT_COLUMNS = (
    "figure_id", "funding", "organisations", "plan", "grant_gbp", "pays_for", "roi_required", "required_gbp", "first_year", "last_year",
    "cashable_gbp", "cashable_low_gbp", "cashable_high_gbp", "receipts_gbp", "avoided_gbp", "non_cash_gbp", "costs_gbp", "run_instead_gbp",
    "roi_gross",
    "roi_gross_with_avoided", "roi_gross_with_all", "roi_net", "met", "words",
)  # fmt: skip
Met = Literal[
    "yes",
    "no",
    "before what is run instead only",
    "at its best only",
    "with repairs avoided only",
    "with benefits that no budget sees only",
    "lapsed",
    "none asked",
    "not known",
]


def roi_required(grant_gbp: float, times: float) -> float:
    """The return that a grant has to bring: the grant times what its giver asks.

    Parameters
    ----------
    grant_gbp
        The grant, in pounds.
    times
        Pounds that are asked back for each pound.

    Returns
    -------
    float
        Pounds.

    Raises
    ------
    ScenarioError
        Where one of them is no number, or below 0.

    Examples
    --------
    >>> roi_required(750_000, 5)
    3750000.0
    """
    for name, number in (("grant_gbp", grant_gbp), ("times", times)):
        if not math.isfinite(number) or number < 0:
            raise ScenarioError(f"{name}: a number, 0 or more, is wanted, not {visible(str(number))}.")
    return float(grant_gbp * times)


@dataclass(frozen=True)
class GrantReturn:
    """Grants out of one pot, what is asked of them, and what comes within the years that count, in real pounds, not discounted.

    Attributes
    ----------
    grants
        The grants with their numbers.
    years
        The first and the last financial year that count; None where no return is asked.
    cashable, avoided, non_cash
        Benefits by class: at their worst, in the middle, at their best.
    receipts_gbp
        How much of the cashable ones is receipts.
    costs_gbp
        What the scenario costs in these years, optimism bias on works among it.
    run_instead_gbp
        How much of that is running what takes the place of what is closed: without it the saving in running cost is less.
    lapsed_after
        The last financial year in which it could be spent, where that is before it is to be spent: nothing of it is counted then.
    """

    grants: tuple[tuple[int, Funding], ...]
    years: tuple[int, int] | None
    cashable: Ends
    avoided: Ends
    non_cash: Ends
    receipts_gbp: float
    costs_gbp: float
    run_instead_gbp: float
    lapsed_after: int | None = None

    @property
    def funding(self) -> Funding:
        """The first of them."""
        return self.grants[0][1]

    @property
    def grant_gbp(self) -> float | None:
        """What they come to, each in the middle of its range; None where one is not stated, or they come to nothing."""
        amounts = [one.amount_gbp for _, one in self.grants]
        total = sum(amount.central for amount in amounts if amount is not None)
        return total if total > 0 and None not in amounts else None

    @property
    def required_gbp(self) -> float | None:
        """What is asked in return; None where nothing is, or the grant is not known."""
        times = self.funding.roi_required
        return None if times is None or self.grant_gbp is None else roi_required(self.grant_gbp, times)

    def times(self, amount: float) -> float | None:
        """An amount in times the grant, where a return is asked for."""
        tested = self.required_gbp is not None and self.lapsed_after is None
        return amount / self.grant_gbp if tested and self.grant_gbp else None

    @property
    def gross(self) -> float | None:
        """Cashable benefits to a pound of grant."""
        return self.times(self.cashable.central)

    @property
    def net(self) -> float | None:
        """Cashable benefits less what the scenario costs in these years, to a pound of grant."""
        return self.times(self.cashable.central - self.costs_gbp)

    @property
    def met(self) -> Met:
        """Whether what is asked comes, and by what kind of benefit."""
        if self.lapsed_after is not None:
            return "lapsed"
        asked = self.required_gbp
        if self.funding.roi_required is None:
            return "none asked"
        if asked is None:
            return "not known"
        if self.cashable.central - self.run_instead_gbp >= asked:
            return "yes"
        if self.cashable.central >= asked:
            return "before what is run instead only"
        if self.cashable.high >= asked:
            return "at its best only"
        if self.cashable.central + self.avoided.central >= asked:
            return "with repairs avoided only"
        if self.cashable.central + self.avoided.central + self.non_cash.central >= asked:
            return "with benefits that no budget sees only"
        return "no"

    def __str__(self) -> str:
        funding = self.funding
        bodies = ", ".join(dict.fromkeys(visible(one.organisation) for _, one in self.grants))
        numbers = ", ".join(str(at) for at, _ in self.grants)
        named = f"{'Grant' if len(self.grants) == 1 else 'Grants'} to {bodies} (funding {numbers})"
        if self.lapsed_after is not None:
            years = ", ".join(dict.fromkeys(financial(one.year) for _, one in self.grants))
            much = "" if self.grant_gbp is None else f", {pounds(self.grant_gbp)},"
            return f"{named}{much} lapses after {financial(self.lapsed_after)} and is to be spent in {years}: nothing of it is counted."
        if funding.roi_required is None:
            kind = "building capital" if funding.pays_for == "capital" else "it"
            return f"{named}: no return is asked of {kind}, and none is tested."
        if self.required_gbp is None or self.grant_gbp is None or self.years is None:
            return f"{named}: how much it is, is not stated: whether {funding.roi_required:g} times as much comes is not known."
        first, last = self.years
        when = f"from {financial(first)} to {financial(last)}"
        asked = f"{named}: {funding.roi_required:g} times {pounds(self.grant_gbp)} is asked, {pounds(self.required_gbp)}, {when}"
        comes = f"cashable benefits come to {span(self.cashable)}, about {pounds(self.cashable.central)} or {self.gross:.1f} times"
        comes += f" ({pounds(self.receipts_gbp)} of it receipts)" if self.receipts_gbp else ""
        if self.run_instead_gbp:
            left = self.cashable.central - self.run_instead_gbp
            comes += f", of which {pounds(left)} is left once what takes the place of what is closed is run too"
        both = self.cashable.central + self.avoided.central
        more = f"with repairs avoided about {pounds(both)}, with benefits that no budget sees too about {pounds(both + self.non_cash.central)}"
        verdict = {
            "yes": "met on these figures"
            if self.cashable.low >= self.required_gbp
            else "met in the middle of their range, not at its worst",
            "no": "not met",
            "at its best only": "met only with every input at its best",
            "before what is run instead only": "met only before that is paid",
        }
        return (
            f"{asked}; {comes}; {more}: {verdict.get(self.met, f'met {self.met}')}. Less what it costs in these years, cashable benefits are "
            f"{self.net:.1f} times the grant. Benefits are the scenario's, whoever pays for it; what the giver counts is for the giver to say."
        )


def grant_returns(result: Cases) -> list[GrantReturn]:
    """The grants of a scenario by pot and by what is asked of them; those of which no return is asked with nothing counted."""
    ground = result.run.course.ground
    pots: dict[tuple[Any, ...], list[tuple[int, Funding]]] = {}
    for at, funding in enumerate(result.scenario.funding, start=1):
        if funding.kind == "grant":
            last = lapses(funding, ground.plans.get(funding.plan))
            late = last if last is not None and funding.year > last else None
            own = (funding.plan,) if funding.plan and funding.roi_required is not None else ("", at)
            pots.setdefault((*own, funding.roi_required, funding.roi_years, late), []).append((at, funding))
    return [
        GrantReturn(tuple(grants), None, _NONE, _NONE, _NONE, 0.0, 0.0, 0.0, key[-1])
        if key[-1] is not None
        else _tested(result, tuple(grants))
        for key, grants in pots.items()
    ]


def _tested(result: Cases, grants: tuple[tuple[int, Funding], ...]) -> GrantReturn:
    funding = grants[0][1]
    if funding.roi_required is None:
        return GrantReturn(grants, None, _NONE, _NONE, _NONE, 0.0, 0.0, 0.0)
    first = min(one.year for _, one in grants)
    count = max(1, math.ceil(funding.roi_years or len(result.years)))
    years = range(first, min(first + count - 1, result.years[-1]) + 1)
    cash, avoided, other = (result.economic.ends(_within(years, [name])) for name in _CLASSES)
    cost = _within(years, ["cost"])
    costs = -result.economic.ends(cost).central
    instead = -result.economic.ends(lambda flow: cost(flow) if flow.line in _RUN else 0.0).central
    cashable = _within(years, ["cashable"])
    receipts = result.economic.ends(lambda flow: cashable(flow) if flow.kind == "receipt" else 0.0).central
    counted = (years[0], years[-1]) if years else (first, first)
    return GrantReturn(grants, counted, cash, avoided, other, receipts + 0.0, costs + 0.0, instead + 0.0)


_NONE = Ends(0.0, 0.0, 0.0)
_RUN = {"premises", "overheads", "rent"}
_CLASSES: tuple[BenefitClass, ...] = ("cashable", "avoided", "non-cash")


def _within(years: range, classes: Iterable[str]) -> Callable[[Flow], float]:
    wanted = set(classes)
    return lambda flow: float(flow.year in years and flow.organisation != PUBLIC and classed(flow) in wanted)


def grant_frame(grants: Iterable[GrantReturn]) -> pd.DataFrame:
    """Grants as rows.

    Returns
    -------
    pandas.DataFrame
        One row for each pot of which grants are given and what is asked of it, in the order of the scenario's funding. ``figure_id``, ``funding``
        (their numbers), ``organisations``, ``plan`` (the pot), ``grant_gbp``, ``pays_for``, ``roi_required`` in times, ``required_gbp``;
        ``first_year`` and ``last_year`` that count, by their starts, the year of the grant the first; ``cashable_gbp`` with its ends,
        ``receipts_gbp`` among it, ``avoided_gbp`` and ``non_cash_gbp``, benefits within them, ``costs_gbp``, and ``run_instead_gbp`` among
        these, what takes the place of what is closed, all real and not discounted;
        ``roi_gross`` of cashable benefits, the same with repairs avoided and with all, ``roi_net``, less costs, in times the grant;
        ``met``, or that it has lapsed; ``words``. These are blank of a grant that has lapsed, and of one of which no return is asked: a return
        is never asked of building capital.
    """
    rows = []
    for one in grants:
        asked = one.required_gbp is not None and one.lapsed_after is None
        both = one.cashable.central + one.avoided.central
        years = one.years or (None, None)
        amounts = (
            (
                *one.cashable,
                one.receipts_gbp,
                one.avoided.central,
                one.non_cash.central,
                one.costs_gbp,
                one.run_instead_gbp,
            )
            if asked
            else (np.nan,) * 8
        )
        central, low, high = (amounts[1], amounts[0], amounts[2])
        numbers = "; ".join(str(at) for at, _ in one.grants)
        bodies = "; ".join(dict.fromkeys(grant.organisation for _, grant in one.grants))
        rows.append((
            f"grant/{one.grants[0][0]}", numbers, bodies, one.funding.plan, _or_nan(one.grant_gbp), one.funding.pays_for,
            _or_nan(one.funding.roi_required), _or_nan(one.required_gbp), years[0], years[1],
            central, low, high, *amounts[3:], _or_nan(one.gross), _or_nan(one.times(both)),
            _or_nan(one.times(both + one.non_cash.central)), _or_nan(one.net), one.met, str(one),
        ))  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(GRANT_COLUMNS))
    return frame.astype({"first_year": "Int64", "last_year": "Int64"})


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value

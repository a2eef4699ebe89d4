"""Both cases of a scenario: what they come to for the whole and for each body, and their lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from assetplan.appraisal.bridging import bridge_frame
from assetplan.appraisal.budgets import (
    WorstOff,
    capital_frame,
    losers_frame,
    organisations_frame,
    receipts_frame,
    revenue_frame,
    self_funding_frame,
    worst_off,
)
from assetplan.appraisal.economic import Economic, Ends, economic_lines
from assetplan.appraisal.flow import PUBLIC, classed
from assetplan.appraisal.postings import Postings
from assetplan.declared import guessed
from assetplan.errors import ScenarioError
from assetplan.scenarios.problem import REFUSED
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assetplan.appraisal.financial import Financial
    from assetplan.appraisal.flow import Flow
    from assetplan.appraisal.running import Baseline, Run
    from assetplan.effects.groundwork import Groundwork
    from assetplan.estate import Estate
    from assetplan.figures.inputs import Input
    from assetplan.figures.published import Figures
    from assetplan.scenarios.problem import ScenarioProblem
    from assetplan.scenarios.scenario import Scenario

_PENNY = 0.005


class Ratio(NamedTuple):
    """A ratio at its worst, in the middle and at its best."""

    low: float
    central: float
    high: float


@dataclass(frozen=True, eq=False)
class Cases:
    """Both cases of a scenario against a baseline, and what they come to for the whole and for each body.

    Attributes
    ----------
    estate
        The estate, as its reader knows it.
    scenario, baseline
        What was appraised, and what it is held against.
    base_year
        Financial year, by its start, that is not discounted; of its prices are real pounds.
    years
        The financial years that are counted, the base year first.
    economic
        The economic case: real, discounted, by lines.
    financial
        The financial case: each body's own cash and revenue, in pounds of each year.
    run
        The scenario by year: where services are and how places are.
    figures
        The figures it rests on.
    problems
        Everything that speaks against it. Those that are refused mean that it cannot be as it is written.
    unknown
        What is not counted because nothing states it, each with the number of its action (0: none).
    groundwork
        What the effects of scenarios of one estate rest on, worked out once.
    least
        The baseline, by which the scenario dated otherwise can be run again.
    flows
        All that the scenario does and its baseline does not, for both cases.
    """

    estate: Estate
    scenario: Scenario
    baseline: Scenario
    base_year: int
    years: tuple[int, ...]
    economic: Economic
    financial: Financial
    run: Run
    figures: Figures
    problems: tuple[ScenarioProblem, ...]
    unknown: tuple[tuple[int, str], ...]
    groundwork: Groundwork
    least: Baseline
    flows: tuple[Flow, ...]

    @property
    def refused(self) -> tuple[ScenarioProblem, ...]:
        """What stands in the way for certain: it is appraised all the same, as a question, and never recommended."""
        return tuple(one for one in self.problems if one.verdict == REFUSED)

    @cached_property
    def inputs(self) -> Mapping[str, Input]:
        """Every number that its cases rest on, by key."""
        return dict(sorted({**self.economic.ledger.inputs, **self.financial.ledger.inputs}.items()))

    # ------------------------------------------------------------------------------------------- the whole

    @cached_property
    def _npv(self) -> Ends:
        return self.economic.ends(self.economic.npv)

    @property
    def npv_gbp(self) -> float:
        """Net present value to the bodies and the exchequer, real pounds of the base year."""
        return self._npv.central

    @property
    def npv_range_gbp(self) -> tuple[float, float]:
        """The same with every input at its worst end for it, and at its best: wider than any one of them makes it."""
        return self._npv.low, self._npv.high

    @cached_property
    def public_value_range_gbp(self) -> Ends:
        """Net present value with the lines of the public, at its worst, in the middle and at its best."""
        return self.economic.ends(self.economic.discounted)

    @property
    def public_value_gbp(self) -> float:
        """Net present value with the monetised lines of the public."""
        return self.public_value_range_gbp.central

    @cached_property
    def capital_range_gbp(self) -> Ends:
        """Capital that the scenario spends, with optimism bias, real and undiscounted: least, central, most."""
        return _turned(self.economic.ends(self.economic.capital))

    @property
    def capital_gbp(self) -> float:
        """Capital that the scenario spends, with optimism bias, real and undiscounted."""
        return self.capital_range_gbp.central

    @cached_property
    def receipts_range_gbp(self) -> Ends:
        """Receipts from outside, net of what disposing costs and of what is taken back: least, central, most."""
        return self.economic.ends(self.economic.receipts)

    @property
    def receipts_gbp(self) -> float:
        """Receipts from outside, net of what disposing costs and of what is taken back, real and undiscounted."""
        return self.receipts_range_gbp.central

    @cached_property
    def running_cost_change_range_gbp_pa(self) -> Ends:
        """Change of running cost a year once all is in place: least, central, most; below 0 it is a saving."""
        return _turned(self.economic.ends(self.economic.running))

    @property
    def running_cost_change_gbp_pa(self) -> float:
        """Change of running cost a year once all is in place, business rates apart, which are no cost to the whole; below 0 a saving."""
        return self.running_cost_change_range_gbp_pa.central

    def benefit(self, *classes: str) -> Ends:
        """Present value of what is above 0 of some classes of benefit."""
        return self.economic.ends(lambda flow: self.economic.discounted(flow) if classed(flow) in classes else 0.0)

    @cached_property
    def bcr(self) -> Ratio | None:
        """Present value of benefits, the public's among them, over that of costs, at the ends of its inputs; None where there are no costs.

        Benefits are savings, costs avoided and receipts; transfers are neither. It is a comparison, not a pass mark (Green Book, 2026).
        """
        benefits = self.benefit("cashable", "avoided", "non-cash", "public")
        costs = self.benefit("cost")
        if not costs.central < 0:
            return None
        return Ratio(*sorted(benefit / max(-cost, 1.0) for benefit, cost in zip(benefits, costs, strict=True)))

    @cached_property
    def payback_year(self) -> int | None:
        """The first financial year from which what has been saved has covered what was spent; None where it never is, or nothing was spent.

        Real and undiscounted, of the whole, public lines apart.
        """
        below = self._below
        if not below.any() or below.iloc[-1]:
            return None
        return int(below.index[below.to_numpy().nonzero()[0][-1] + 1])

    @cached_property
    def payback_range(self) -> tuple[int | None, int | None]:
        """The same at its best and at its worst, each year reckoned with every input at its best, or worst, for what is saved by then.

        None where it is never; the base year where nothing is ever owed.
        """

        def by(year: int) -> Callable[[Flow], float]:
            return lambda flow: float(flow.year <= year and flow.organisation != PUBLIC)

        ends = [self.economic.ends(by(year)) for year in self.years]
        found = []
        for so_far in ([end.high for end in ends], [end.low for end in ends]):
            owing = [year for year, value in zip(self.years, so_far, strict=True) if value < -_PENNY]
            last = owing[-1] if owing else self.years[0] - 1
            found.append(last + 1 if last < self.years[-1] else None)
        return found[0], found[1]

    @property
    def owes(self) -> bool:
        """Whether at the end of the years that are counted more has been spent than saved and received; real, undiscounted, public lines apart."""
        return bool(self._below.iloc[-1])

    @cached_property
    def _below(self) -> pd.Series:
        return self.economic.yearly.drop(index=[PUBLIC], errors="ignore").sum().cumsum() < -_PENNY

    # ------------------------------------------------------------------------------------------- each body

    def by_organisation(self) -> pd.DataFrame:
        """What it does to each body, and to the exchequer.

        Returns
        -------
        DataFrame
            By organisation: `npv_gbp` of the economic case, which together come to that of the whole; `financial_npv_gbp`, the body's own cash
            before its own financing at its own cost of capital; `capital_gbp` and `capital_avoided_gbp`; `receipts_gbp` gross,
            `usable_receipts_gbp` and `restricted_receipts_gbp` net; `borrowing_peak_gbp` and `borrowing_peak_year`; the effect on revenue in the
            worst year and in the years 0 to 5. Where there are ``_low_gbp`` and ``_high_gbp`` they are the ends. Everything but `npv_gbp` is in
            pounds of each year, and empty for the exchequer.
        """
        return organisations_frame(self.economic, self.financial)

    def revenue(self) -> pd.DataFrame:
        """The effect on revenue by body and year, in pounds of each year; above 0 is good for the body.

        Returns
        -------
        DataFrame
            `organisation`, `year`; the parts `running_gbp`, `one_off_gbp`, `charges_gbp` (between bodies), `vat_gbp`, `interest_gbp` (of an NHS
            body the dividend on public dividend capital), `mrp_gbp` (minimum revenue provision; of an NHS body depreciation) and `funding_gbp`,
            which add up to `revenue_effect_gbp`; its ends `low_gbp` and `high_gbp`; `from_repairs_avoided_gbp`, which is cash only as far as those
            repairs are in the programme, and `without_repairs_avoided_gbp`.

        Examples
        --------
        >>> import assetplan as ap
        >>> estate = ap.read_estate("data/malton")
        >>> result = ap.appraise(estate, ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml"))
        >>> revenue = result.revenue().set_index(["organisation", "year"])
        >>> bool(revenue.loc[("rdc", 2013), "high_gbp"] < 0), result.worst_off.organisation
        (True, 'rdc')
        >>> result.bridge("rdc")["step"].iloc[0]
        'economic case, real and undiscounted'
        """
        return revenue_frame(self.financial)

    def receipts(self) -> pd.DataFrame:
        """From what each sale brings to what may be used of it, for what, by whom and from when: a row for each receipt.

        Returns
        -------
        DataFrame
            In pounds of its year: `gross_gbp`, `costs_gbp` and what of them is met from it, `clawback_gbp`, `revenue_gbp` where it is too small to
            be capital, `net_gbp`, and of that `restricted_gbp` in a `pot` of its own and `usable_gbp`; `usable_for`, `usable_by`, `usable_from`,
            `because`, and the consents and releases it `hangs_on`. Indicative, no valuation and no legal advice.
        """
        return receipts_frame(self.financial)

    def capital(self) -> pd.DataFrame:
        """What pays for capital by body and year."""
        return capital_frame(self.financial)

    def self_funding(self) -> pd.DataFrame:
        """How much of its capital each body's own usable receipts meet, and each restricted pot by itself; pooled as an illustration only."""
        return self_funding_frame(self.financial)

    def losers(self) -> pd.DataFrame:
        """The bodies that are worse off, or may be: by how much, when, and by which measure.

        Returns
        -------
        DataFrame
            `organisation`; `verdict`: worse off (its own cash, or its revenue in the fifth year, is below 0), worse off for a time (its revenue in
            another year is), or may be worse off (only with its inputs at their worst); `financial_npv_gbp`, the effect on revenue in its
            `worst_year` and in `year_5`, each with its ends; and `why`, in words. Worst first.
        """
        return losers_frame(self.financial)

    @property
    def worst_off(self) -> WorstOff | None:
        """The body whose own cash is worth least, where that is less than nothing."""
        return worst_off(self.financial)

    def bridge(self, organisation: str) -> pd.DataFrame:
        """From a body's part in the economic case to the effect on its revenue, step by step, each summed from lines by itself.

        Raises
        ------
        ScenarioError
            Where the estate has no such body.
        """
        if organisation not in self.estate.organisations:
            guess = guessed(organisation, self.estate.organisations)
            raise ScenarioError(f"There is no organisation {visible(organisation)!r}.{guess}")
        return bridge_frame(self.economic, self.financial, self.postings, organisation)

    # ------------------------------------------------------------------------------------------- lines

    @cached_property
    def postings(self) -> Postings:
        """The lines of the financial case, with what each that is reckoned rests on."""
        return Postings(self.financial)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Every line of both cases. Those of the financial case are real pounds; what prices rise by is lines of its own."""
        return pd.concat([economic_lines(self.economic), self.postings.frame], ignore_index=True)


def _turned(ends: Ends) -> Ends:
    """A cost told above 0: its worst is its most."""
    return Ends(*sorted(ends))

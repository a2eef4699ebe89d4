"""What a scenario is worth where something named goes wrong: receipts late or low, all of it late, works dearer, savings as elsewhere.

Each stress is a list of flows in place of the scenario's own, so that the economic case, each body's money and draws can all be had of it. What is
dated otherwise is run again, with the same figures against the same baseline: an empty building that waits for its sale costs what it costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from assetplan.appraisal.economic import Economic, Ends
from assetplan.appraisal.flow import EXCHEQUER, PUBLIC, Flow, classed
from assetplan.appraisal.running import stops
from assetplan.errors import ScenarioError
from assetplan.figures.discounting import discount_factor
from assetplan.figures.inputs import Factor, percent, rest_of
from assetplan.ranges import NIL_GBP, pounds
from assetplan.scenarios.checking import checked
from assetplan.scenarios.course import done_in
from assetplan.scenarios.paying import lapses
from assetplan.scenarios.values import Range
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from assetplan.appraisal.cases import Cases
    from assetplan.appraisal.running import Run
    from assetplan.figures.inputs import Input
    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.scenario import Scenario

STRESS_COLUMNS = (
    "figure_id",
    "name",
    "npv_gbp",
    "low_gbp",
    "high_gbp",
    "change_gbp",
    "public_value_gbp",
    "financial",
    "words",
)
HOLD_COLUMNS = (
    "figure_id", "action", "asset", "name", "sold_in", "held_years", "holding_gbp", "npv_gbp", "change_gbp", "growth_percent_pa", "words",
)  # fmt: skip
BASELINES = "baseline/"
"""How keys of numbers begin that a baseline of one's own states."""
LONGEST_HOLD = 5
_SAVED = {"premises", "rates", "overheads", "rent", "saving", "income", "benefit"}
"""Lines of what running the estate costs and brings: what programmes report as running cost saved."""
_WORKS, _LAND = {"works": "life_refurbishment_years", "build": "life_building_years"}, "land"
_OTHER_RATES = (2.5, 5.0)


@dataclass(frozen=True, eq=False)
class Stressed:
    """What a scenario does, less what its baseline does, where something named goes wrong.

    Attributes
    ----------
    key, name
        What goes wrong, as a path and in words.
    words
        What is taken to happen, and what could not be.
    flows
        All flows, for both cases; None where the scenario cannot be so.
    factors
        What a pound of each year counts in the economic case.
    financial
        Whether it says anything of the bodies' own money; what is only counted in the economic case does not.
    run, scenario
        The scenario as it is then by year, and as it is then written; None where it is as it was.
    """

    key: str
    name: str
    words: str
    flows: tuple[Flow, ...] | None
    factors: Mapping[int, float]
    financial: bool = True
    run: Run | None = None
    scenario: Scenario | None = None

    def economic(self, base_year: int, years: tuple[int, ...]) -> Economic | None:
        """Its economic case; None where it cannot be."""
        return None if self.flows is None else Economic(self.flows, base_year, years, self.factors)


class Rerun(NamedTuple):
    """A scenario dated otherwise: its run and flows against the same baseline, or what stands in its way; funding, by number, that lapses."""

    scenario: Scenario
    run: Run | None
    flows: tuple[Flow, ...]
    why_not: str
    lost: tuple[int, ...]


def rerun(result: Cases, scenario: Scenario) -> Rerun:
    """Run another scenario with the figures, the years and the baseline of an appraisal; money that lapses by then is lost, and not counted."""
    ground = result.run.course.ground
    found = [problem for problem in checked(ground, scenario) if stops(problem)]
    if found:
        return Rerun(scenario, None, (), str(found[0]), ())
    own, _, flows = result.least.against(scenario, result.figures, result.base_year, result.years)
    before, after = (
        {at for at, one in enumerate(plan.funding, start=1) if (last := lapses(one, ground.plans.get(one.plan))) and one.year > last}
        for plan in (result.scenario, scenario)
    )  # fmt: skip
    return Rerun(scenario, own, tuple(flows), "", tuple(sorted(after - before)))


def dated_otherwise(result: Cases, dated: Callable[[], Scenario]) -> Rerun:
    """What `rerun` gives for the scenario that a function dates; years later than any that can be written stand in its way."""
    try:
        scenario = dated()
    except ScenarioError as error:
        return Rerun(result.scenario, None, (), " ".join(error.problems), ())
    return rerun(result, scenario)


# ------------------------------------------------------------------------------------------------------- receipts


def sales(flows: Iterable[Flow]) -> dict[int, Input]:
    """The scenario's own receipts from outside the bodies, by the number of the action that brings them; not those its baseline would bring."""
    return {
        flow.action: flow.factors[0].input
        for flow in sorted(flows, key=lambda one: one.action)
        if flow.line == "receipt" and flow.benefit_class != "transfer" and not flow.factors[0].input.key.startswith(BASELINES)
    }  # fmt: skip


def rests_on(flow: Flow, receipts: Iterable[Input]) -> bool:
    """Whether a flow is a share of one of some receipts: the receipt itself, what selling costs, what is taken back."""
    keys = {given.key for given in receipts}
    return any(factor.input.key in keys for factor in flow.factors)


def later(flows: Iterable[Flow], receipts: Iterable[Input], years: int, last: int) -> tuple[Flow, ...]:
    """The same flows with the money of some receipts some years later; what would come after the last year is left out."""
    wanted = list(receipts)
    moved = (replace(flow, year=flow.year + years) if rests_on(flow, wanted) else flow for flow in flows)
    return tuple(flow for flow in moved if flow.year <= last)


def sold_later(result: Cases, years: int, only: int | None = None) -> tuple[Stressed, dict[int, str]]:
    """A scenario with its sales some years later, each moved where that can be; where not, its money alone is late.

    Returns
    -------
    Stressed
    dict of int to str
        The sales that cannot be moved, by their actions, and why.
    """
    found = sales(result.flows)
    moving = [at for at in found if only in {None, at}]
    actions = list(result.scenario.actions)
    stuck: dict[int, str] = {}
    done = Rerun(result.scenario, result.run, result.flows, "", ())
    together = _delayed(result, actions, moving, years)
    if together.run is not None:
        done = together
    else:
        moved: list[int] = []
        for at in moving:
            one = _delayed(result, actions, [*moved, at], years)
            if one.run is None:
                stuck[at] = one.why_not
            else:
                moved, done = [*moved, at], one
    flows = later(done.flows, [found[at] for at in stuck], years, result.years[-1])
    named = "; ".join(f"{visible(found[at].name)} (action {at}) cannot: {why}" for at, why in stuck.items())
    words = f"What is sold is sold {_years(years)} later, and held until then at what that costs."
    if stuck and len(stuck) == len(moving):
        words = f"Nothing can be sold later; money alone is {_years(years)} late: {named}"
    elif stuck:
        words += f" Its money alone is late where the sale cannot be: {named}"
    return Stressed(
        "stress/late",
        f"Receipts {_years(years)} late",
        words,
        flows,
        result.economic.factors,
        run=done.run,
        scenario=done.scenario,
    ), stuck


def _delayed(result: Cases, actions: list[Action], which: list[int], years: int) -> Rerun:
    def dated() -> Scenario:
        moved = (action.delayed(years) if at in which else action for at, action in enumerate(actions, start=1))
        return replace(result.scenario, actions=tuple(moved))

    return dated_otherwise(result, dated)


def lower(flows: Iterable[Flow], receipts: Iterable[Input], by: Factor) -> tuple[Flow, ...]:
    """The same flows with some receipts times a factor."""
    wanted = list(receipts)
    return tuple(replace(flow, factors=(*flow.factors, by)) if rests_on(flow, wanted) else flow for flow in flows)


# ------------------------------------------------------------------------------------------------------- savings


def delivered(result: Cases, saved: Input, received: Input) -> tuple[Flow, ...]:
    """The flows of which savings in running cost, net by body and year, and receipts come to a share only; where it costs more, it costs that."""
    net: dict[tuple[str, int], float] = {}
    for flow in result.flows:
        if _is_running(flow):
            key = (flow.organisation, flow.year)
            net[key] = net.get(key, 0.0) + flow.amount()
    share = percent(saved)
    scaled = {flow for flow in result.flows if _is_running(flow) and net[flow.organisation, flow.year] > 0}
    rates = {(flow.year, flow.subject, flow.factors) for flow in scaled if flow.line == "rates"}
    flows = (
        replace(flow, factors=(*flow.factors, share)) if flow in scaled or _other_side(flow, rates) else flow
        for flow in result.flows
    )
    return lower(flows, sales(result.flows).values(), percent(received))


def _is_running(flow: Flow) -> bool:
    return flow.line in _SAVED and flow.economic and flow.organisation not in {PUBLIC, EXCHEQUER}


def _other_side(flow: Flow, rates: Collection[tuple[int, str, tuple[Factor, ...]]]) -> bool:
    """Whether a flow is what the exchequer gets of business rates that a body pays."""
    return flow.organisation == EXCHEQUER and flow.line == "rates" and (flow.year, flow.subject, flow.factors) in rates


# ------------------------------------------------------------------------------------------------------- what is left


def residual(result: Cases) -> tuple[Flow, ...]:
    """What is left after the last year: the rest of the life of what is built, and land bought; against that what was sold, at what it brought.

    Lives are used up by straight line. What works cost above their estimate adds nothing to what is left, nor does what others build.
    """
    end = result.years[-1] + 1
    actions = dict(result.run.course.actions)
    given_away = {flow.action for flow in result.flows if flow.line == "land forgone"}
    out = []
    for flow in result.flows:
        if not flow.economic or flow.benefit_class == "transfer":
            continue
        share, why = 0.0, ""
        if (
            flow.line in _WORKS
            and flow.kind == "capital"
            and not getattr(actions.get(flow.action), "built_by", "others")
        ):
            life = result.figures.input(_WORKS[flow.line], flow.subject).value.central
            share = max(0.0, 1 - (end - done_in(actions[flow.action])) / life)
            why = f"{share:.0%} of a life of {life:g} years is left"
        elif flow.line == _LAND and flow.kind == "capital":
            share, why = 1.0, "land that was bought is there still"
        elif flow.line == "receipt" and flow.action not in given_away:
            share, why = 1.0, "what was sold is no longer there"
        if share:
            out.append(replace(flow, year=end, line="residual", benefit_class="non-cash", constant=-flow.constant * share, bias=None, vat=False,
                               cash=False, basis=f"{why}: {flow.basis}"))  # fmt: skip
    return tuple(out)


# ------------------------------------------------------------------------------------------------------- all of them


def stresses(result: Cases) -> Iterator[Stressed]:
    """The named stresses of a scenario, the scenario as it is written first."""
    yield Stressed(
        "stress/as written", "As it is written", "Nothing goes wrong.", result.flows, result.economic.factors
    )
    yield from _receipts(result)
    if result.scenario.actions or result.scenario.funding or result.scenario.benefits:
        yield _all_late(result)
    yield from _dearer(result)
    yield from _as_elsewhere(result)
    yield from _left_out(result)
    yield from _longer(result)
    yield from _discounted(result)


def _receipts(result: Cases) -> Iterator[Stressed]:
    receipts = sales(result.flows)
    if not receipts:
        return
    years = round(result.figures.input("receipt_late_years").value.central)
    fall = result.figures.input("receipt_fall_percent")
    less, falls = f"{fall.value.central:g}% lower", rest_of(fall)
    words = f"What is sold brings {fall.value.central:g}% less."
    late, _ = sold_later(result, years)
    yield late
    flows = lower(result.flows, receipts.values(), falls)
    yield Stressed("stress/lower", f"Receipts {less}", words, flows, late.factors)
    both = lower(late.flows or (), receipts.values(), falls)
    yield replace(
        late, key="stress/late and lower", name=f"{late.name} and {less}", words=f"{late.words} {words}", flows=both
    )


def _dearer(result: Cases) -> Iterator[Stressed]:
    if all(flow.bias is None for flow in result.flows):
        return
    most = tuple(replace(flow, bias=_at_most(flow.bias)) for flow in result.flows)
    words = "Optimism bias at its upper bound, none of it managed away."
    name = "Works as far above estimate as works have been"
    yield Stressed("stress/optimism", name, words, most, result.economic.factors, financial=False)


def _left_out(result: Cases) -> Iterator[Stressed]:
    """Without benefits of which somebody might say that they are none."""
    flows, factors = result.flows, result.economic.factors
    seen = tuple(
        flow for flow in flows if not (classed(flow) == "non-cash" and flow.economic and flow.organisation != PUBLIC)
    )
    if len(seen) < len(flows):
        words = "Savings that turn to no cash are left out; costs of the kind stay."
        yield Stressed(
            "stress/cash only", "Without benefits that no budget sees", words, seen, factors, financial=False
        )
    kept = tuple(flow for flow in flows if flow.benefit_class != "avoided")
    if len(kept) < len(flows):
        words = "As if these repairs were in no programme, and would not be spent anyhow."
        yield Stressed("stress/no repairs", "Without repairs that are avoided", words, kept, factors)


def _longer(result: Cases) -> Iterator[Stressed]:
    left = residual(result)
    if not left:
        return
    end = result.years[-1] + 1
    factors = {**result.economic.factors, end: discount_factor(end - result.base_year)}
    words = (
        "The rest of the life of what is built, by straight line, and land bought, less what was sold at what it brought; no price of land is taken "
        "to rise or fall, and repairs are taken to be used up."
    )
    yield Stressed(
        "stress/residual", "With what is left at the end", words, (*result.flows, *left), factors, financial=False
    )


def _discounted(result: Cases) -> Iterator[Stressed]:
    for rate in _OTHER_RATES if result.flows else ():
        flat = {year: (1 + rate / 100) ** -max(0, year - result.base_year) for year in result.economic.factors}
        words = "Another rate for every year: the schedule in force is under review."
        key, name = f"stress/discounted at {rate:g}%", f"Discounted at {rate:g}% a year"
        yield Stressed(key, name, words, result.flows, flat, financial=False)


def _all_late(result: Cases) -> Stressed:
    late = dated_otherwise(result, lambda: result.scenario.delayed(1))
    words = f"It cannot be: {late.why_not}" if late.run is None else (
        "Every action, its funding and its benefits a year later; the years that are counted stay." + _lost(late.lost)
    )  # fmt: skip
    flows = None if late.run is None else late.flows
    return Stressed(
        "stress/a year later",
        "Everything a year later",
        words,
        flows,
        result.economic.factors,
        run=late.run,
        scenario=late.scenario,
    )


def _lost(lost: Collection[int]) -> str:
    """That money has lapsed by then, in words; nothing where none has."""
    return f" Money lapses and is lost: funding {', '.join(map(str, lost))}." if lost else ""


def _at_most(bias: Factor | None) -> Factor | None:
    return None if bias is None else replace(bias, input=pinned(bias.input, bias.input.value.high))


def pinned(given: Input, number: float) -> Input:
    """An input that is one number and no other."""
    return replace(given, value=Range(number, number, number), draw="triangular")


def _as_elsewhere(result: Cases) -> Iterator[Stressed]:
    """Savings and receipts as a national programme delivered them, by each of two accounts of what it had forecast."""
    saved, received = (result.figures.input(f"{name}_delivered_percent") for name in ("benefits", "receipts"))
    for end, account in (("central", "by one account of its forecast"), ("low", "by another account of its forecast")):
        both = [pinned(given, getattr(given.value, end)) for given in (saved, received)]
        flows = delivered(result, *both)
        if flows == result.flows:
            return
        yield Stressed(
            f"stress/delivered/{end}", f"Savings and receipts as a national programme delivered them, {account}",
            f"{both[0].value.central:g}% of each body's net saving in running cost and {both[1].value.central:g}% of receipts come; costs stay. "
            "Of other projects and years: a stress and not a rate.", flows, result.economic.factors,
        )  # fmt: skip


def stress_frame(result: Cases) -> pd.DataFrame:
    """The named stresses with what the scenario is then worth.

    Returns
    -------
    pandas.DataFrame
        The scenario as it is written, then one row for each stress that bears on it. ``figure_id``, ``name``; ``npv_gbp`` with ``low_gbp`` and
        ``high_gbp``, all other inputs at their worst and best, ``change_gbp`` against the first row, ``public_value_gbp``, all NaN where the
        scenario cannot be so; ``financial``, whether it bears on the bodies' own money too; ``words``, what is taken to happen.
    """
    rows: list[tuple[str, str, float, float, float, float, float, bool, str]] = []
    for one in stresses(result):
        case = one.economic(result.base_year, result.years)
        ends = Ends(np.nan, np.nan, np.nan) if case is None else case.ends(case.npv)
        value = np.nan if case is None else float(case.total(case.discounted)[0])
        change = ends.central - (rows[0][2] if rows else ends.central)
        rows.append((one.key, one.name, ends.central, ends.low, ends.high, change, value, one.financial, one.words))
    return pd.DataFrame(rows, columns=list(STRESS_COLUMNS))


# ------------------------------------------------------------------------------------------------------- hold or sell


def hold_frame(result: Cases) -> pd.DataFrame:
    """For each sale, what holding on for one to five more years costs, and by how much its price would have to rise to make up for it.

    Returns
    -------
    pandas.DataFrame
        By action and years. ``figure_id``, ``action``, ``asset``, ``name``, ``sold_in``; ``held_years``; ``holding_gbp``, what that costs, real and
        undiscounted; ``npv_gbp`` of the scenario with that sale later at the same price and ``change_gbp``; ``growth_percent_pa``, the real growth
        of its price a year at which holding comes to the same; ``words``. NaN where the sale cannot be held so long.

    Notes
    -----
    Where a receipt net of what selling costs is R, holding costs H a year and the discount rate is r, a year's growth of ``r + H/R (1 + r)`` makes
    up for a year. It is indicative and no valuation.
    """
    rows = []
    case = result.economic
    own = float(case.total(case.npv)[0])
    for at, receipt in sales(result.flows).items():
        action = result.scenario.actions[at - 1]
        asset = str(getattr(action, "asset", ""))
        for years in range(1, LONGEST_HOLD + 1):
            row = (f"hold/{at}/{years}", at, asset, receipt.name, action.year, years)
            held = _delayed(result, list(result.scenario.actions), [at], years)
            if held.run is None or action.year + years > result.years[-1]:
                why = held.why_not or "it would be sold after the last year that is counted"
                rows.append((*row, np.nan, np.nan, np.nan, np.nan, f"It cannot be held so long: {why}"))
                continue
            then = Economic(held.flows, result.base_year, result.years)
            npv = float(then.total(then.npv)[0])
            holding = _beside(case, receipt) - _beside(then, receipt) + 0.0
            growth = _growth(own - npv, float(then.total(_counted(then.npv, receipt))[0]), years)
            rows.append(
                (
                    *row,
                    holding,
                    npv,
                    npv - own,
                    np.nan if growth is None else growth,
                    _hold_words(years, growth, holding),
                )
            )
    return pd.DataFrame(rows, columns=list(HOLD_COLUMNS))


def _counted(count: Callable[[Flow], float], receipt: Input) -> Callable[[Flow], float]:
    return lambda flow: count(flow) if rests_on(flow, [receipt]) else 0.0


def _beside(case: Economic, receipt: Input) -> float:
    """What all but a receipt comes to, undiscounted."""
    return float(case.total(lambda flow: 0.0 if flow.organisation == PUBLIC or rests_on(flow, [receipt]) else 1.0)[0])


def _growth(lost: float, receipt: float, years: int) -> float | None:
    """Percent a year by which a receipt has to grow to make up for what is lost; None where there is none that grows."""
    if receipt <= 0 or lost <= -receipt:
        return None
    return float(((1 + lost / receipt) ** (1 / years) - 1) * 100)


def _hold_words(years: int, growth: float | None, holding: float) -> str:
    if growth is None:
        return "There is no receipt that could grow: holding it cannot be weighed."
    cost = (
        f"holding it costs about {pounds(holding)}" if holding > NIL_GBP else "holding it costs nothing that is stated"
    )
    return (
        f"Held {_years(years)} longer, it has to fetch about {growth:.1f}% a year more than prices in general for this to come to the same; {cost}. "
        "Indicative, and no valuation."
    )


def _years(count: int) -> str:
    return "a year" if count == 1 else f"{count} years"

"""What premises cost year by year: in use, empty, gone, built anew; the repairs that wait, and what moves do to buildings that stay open.

A building in use costs its running cost, in three shares: what turns to cash where it closes, business rates among that, and overheads that
its body goes on paying for elsewhere. Closing frees the first; the overheads are a benefit that no budget sees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assetplan.appraisal.flow import EXCHEQUER, Flow
from assetplan.appraisal.stated import of_action
from assetplan.figures.inputs import Factor, Input, percent, rest_of
from assetplan.scenarios.actions import Build, Refurbish, Retain
from assetplan.scenarios.course import done_in
from assetplan.scenarios.values import Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assetplan.appraisal.stated import Stated
    from assetplan.appraisal.states import States
    from assetplan.figures.published import Figures
    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.course import Course

_SPENT_ON = {"operational", "under review", None}
"""Status of assets whose backlog a do-minimum spends; what is surplus or empty is not repaired."""


@dataclass
class Gathering:
    """What flows are made of: the scenario on its estate, its inputs and its years; and what could not be counted.

    Attributes
    ----------
    retained
        By asset, the years in which the do-minimum spends its backlog, the share of each, the action that says so (0: none) and what it
        costs where that is stated.
    places
        The assets that are looked at: of any other nothing is otherwise than in the baseline.
    unknown
        What was not counted because nothing states it, in words, each with the number of its action (0: none).
    """

    course: Course
    stated: Stated
    states: States
    figures: Figures
    base_year: int
    years: tuple[int, ...]
    retained: Mapping[str, Retained]
    places: frozenset[str]
    unknown: list[tuple[int, str]] = field(default_factory=list)

    def holder(self, place: str) -> str:
        """Whose a place is: of what is built anew whose money builds it, of what is acquired who acquires it."""
        for works in self.course.works.get(place, ()):
            if works.action.organisation and (isinstance(works.action, Build) or not self.stated.holder(place)):
                return works.action.organisation
        return self.stated.holder(self.course.land_of(place))


@dataclass(frozen=True)
class Retained:
    """When the backlog of an asset is spent: the years, the action that says so (0: the do-minimum does) and what it costs, where stated."""

    years: tuple[int, ...]
    action: int = 0
    cost: Input | None = None


def do_minimum(stated: Stated, figures: Figures, base_year: int) -> dict[str, Retained]:
    """What a do-minimum spends where no scenario says so: the backlog of what is in use, evenly from the year after the base year.

    Leaseholds are left out: what a tenant has to put right is dilapidations, which an end of a lease states.
    """
    count = max(1, round(figures.input("backlog_years").value.central))
    years = tuple(range(base_year + 1, base_year + 1 + count))
    return {
        asset: Retained(years)
        for asset, row in stated.assets.items()
        if stated.holder(asset)
        and row["backlog_gbp"]
        and row["status"] in _SPENT_ON
        and row["tenure"] != "leasehold"
        and row["ownership"] != "private"
    }


def retained_by(actions: Iterable[tuple[int, Action]]) -> dict[str, Retained]:
    """What the actions to retain of a scenario spend."""
    out = {}
    for at, action in actions:
        if isinstance(action, Retain):
            years = tuple(year for year, _ in spread(action.year, action.months))
            out[action.asset] = Retained(
                years, at, of_action(at, action, "cost_gbp", f"cost of keeping {action.asset} in use")
            )
    return out


def spread(year: int, months: float | None) -> list[tuple[int, float]]:
    """The financial years over which something of so many months is spent, with equal shares.

    Examples
    --------
    >>> spread(2011, 24), spread(2011, None), spread(2011, 13)
    ([(2011, 0.5), (2012, 0.5)], [(2011, 1.0)], [(2011, 0.5), (2012, 0.5)])
    """
    count = max(1, math.ceil((months or 12) / 12))
    return [(year + step, 1 / count) for step in range(count)]


# ------------------------------------------------------------------------------------------------------- running


def premises(made: Gathering) -> Iterator[Flow]:
    """The running cost of every asset in every year, and of what is built anew."""
    for asset in sorted(made.places):
        row, body = made.stated.assets[asset], made.stated.holder(asset)
        cost = made.stated.of_asset(asset, "running_cost_gbp_pa", "running cost", "GBP a year")
        if not body or row["ownership"] == "private":
            continue
        if cost is None:
            if made.states.leaves_in(asset) is not None:
                made.unknown.append(
                    (0, f"what {made.stated.name(asset)} costs to run is not stated: nothing is counted for it.")
                )
            continue
        yield from _of_asset(made, asset, body, cost)
    yield from _built(made)
    yield from _moved(made)


def _of_asset(made: Gathering, asset: str, body: str, cost: Input) -> Iterator[Flow]:
    rents = made.stated.rents(asset)
    total = sum(rent.value.central for _, rent in rents)
    rest = cost
    if rents and total <= cost.value.central:
        left = cost.value.central - total
        rest = Input(
            f"asset/{asset}/running_cost_without_rent", f"running cost of {made.stated.name(asset)} without rent", Range(left, left, left),
            "GBP a year", source=cost.source, where=f"{cost.where}; {'; '.join(rent.where for _, rent in rents)}", illustrative=cost.illustrative,
            note="running cost less rent: a register's premises cost is taken to hold the rent",
        )  # fmt: skip
        for row, rent in rents:
            for year in made.years:
                if made.states.of(asset, year).kind != "gone":
                    yield Flow(
                        year,
                        body,
                        "rent",
                        "revenue",
                        "cashable",
                        -1.0,
                        (Factor(rent),),
                        asset,
                        0,
                        f"rent of {row['interest_id']}",
                    )
    name = made.stated.name(asset)
    for year in made.years:
        state = made.states.of(asset, year)
        if state.kind == "in use":
            yield from running(made, year, body, asset, Factor(rest), 0, f"{name} is in use")
            continue
        yield _overheads(made, year, body, asset, Factor(rest), "overheads go on elsewhere")
        if state.kind == "empty":
            yield from _empty(made, year, body, asset, rest, state.action, f"{name} is empty: {state.because}")


def running(made: Gathering, year: int, body: str, place: str, cost: Factor, action: int, basis: str) -> Iterator[Flow]:
    """What a building in use costs in a year."""
    cash, rates = made.figures.input("cash_percent", place), made.figures.input("rates_percent", place)
    yield Flow(year, body, "premises", "revenue", "cashable", -1.0, (cost, percent(cash), rest_of(rates)), place, action,
               f"{basis}: running cost, the share that turns to cash, business rates apart")  # fmt: skip
    yield from rated(year, body, place, (cost, percent(cash), percent(rates)), action, f"{basis}: business rates")
    overheads = _overheads(made, year, body, place, cost, f"{basis}: overheads, which turn to no cash")
    yield overheads
    yield replace(overheads, cash=False, economic=True)


def rated(year: int, body: str, place: str, factors: tuple[Factor, ...], action: int, basis: str) -> Iterator[Flow]:
    """Business rates: paid by a body, received by the exchequer, nothing to the whole."""
    yield Flow(year, body, "rates", "revenue", "transfer", -1.0, factors, place, action, basis)
    yield Flow(year, EXCHEQUER, "rates", "revenue", "transfer", 1.0, factors, place, action, basis, cash=False)


def _overheads(made: Gathering, year: int, body: str, place: str, cost: Factor, basis: str) -> Flow:
    """Overheads as a body's budget sees them, which go on when a building closes."""
    factors = (cost, rest_of(made.figures.input("cash_percent", place)))
    return Flow(year, body, "overheads", "revenue", "non-cash", -1.0, factors, place, 0, basis, economic=False)


def _empty(made: Gathering, year: int, body: str, asset: str, cost: Input, action: int, basis: str) -> Iterator[Flow]:
    yield Flow(year, body, "void", "revenue", "cashable", -1.0, (Factor(cost), percent(made.figures.input("void_percent", asset))), asset, action,
               f"{basis}: security, insurance, least upkeep")  # fmt: skip
    factors = [
        Factor(cost),
        percent(made.figures.input("cash_percent", asset)),
        percent(made.figures.input("rates_percent", asset)),
    ]
    if made.states.of(asset, year - 1).kind != "empty":
        free = made.figures.input("empty_rates_free_months")
        within = Range(*(min(months, 12.0) for months in free.value))  # at most the first year is free
        factors.append(Factor(replace(free, value=within), plus=1.0, times=-1 / 12))
    yield from rated(year, body, asset, tuple(factors), action, f"{basis}: rates on an empty building")


def _built(made: Gathering) -> Iterator[Flow]:
    for at, action in made.course.actions:
        if not isinstance(action, Build) or action.built_by:
            continue
        place = action.new_asset or action.asset
        body = made.holder(place)
        gone = [gone.year for gone in made.course.gone.get(place, ())]
        cost = of_action(at, action, "running_cost_gbp_pa", "running cost of what is built")
        area = of_action(at, action, "gia_m2", "area of what is built")
        if cost is not None:
            factors: tuple[Factor, ...] = (Factor(cost),)
        elif area is not None:
            factors = (Factor(area), Factor(made.figures.input("new_running_gbp_m2", place)))
        else:
            made.unknown.append(
                (at, "what running what is built costs is not stated, nor its area: nothing is counted for it.")
            )
            continue
        for year in made.years:
            if year < done_in(action) or (gone and year >= min(gone)):
                continue
            basis = f"what is built is in use from {done_in(action)} (action {at})"
            cash, rates = made.figures.input("cash_percent", place), made.figures.input("rates_percent", place)
            yield Flow(year, body, "premises", "revenue", "cashable", -1.0, (*factors, percent(cash), rest_of(rates)), place, at,
                       f"{basis}: running cost, business rates and overheads apart")  # fmt: skip
            yield from rated(
                year, body, place, (*factors, percent(cash), percent(rates)), at, f"{basis}: business rates"
            )
            yield Flow(
                year,
                body,
                "overheads",
                "revenue",
                "non-cash",
                -1.0,
                (*factors, rest_of(cash)),
                place,
                at,
                f"{basis}: overheads, which turn to no cash: those of the old place go on in its body's budget",
                cash=False,
            )


def _moved(made: Gathering) -> Iterator[Flow]:
    """What moves do to buildings that stay open: little of a share of the floor turns to cash, one way or the other."""
    for service in _leaves(made):
        home = made.course.ground.home[service]
        moves = [move for move in made.course.moves if move.service == service]
        area = made.stated.of_service(service, "area_m2", "floor area", "m2")
        for year in made.years:
            here = made.course.place(service, year)
            if here == home:
                continue
            at = next(move.at for move in reversed(moves) if move.year <= year)
            for place, sign in ((home, 1.0), (here, -1.0)):
                if place not in made.stated.assets or made.states.of(place, year).kind != "in use":
                    continue
                cost = made.stated.of_asset(place, "running_cost_gbp_pa", "running cost", "GBP a year")
                gia = made.stated.of_asset(place, "gia_m2", "gross internal area", "m2")
                body, name = made.stated.holder(place), made.course.called(place, made.stated.name)
                if cost is None or gia is None or area is None or not body or not gia.value.central:
                    if year == moves[0].year:
                        made.unknown.append(
                            (
                                at,
                                f"how much of {name} {service} takes is not known: no change in its running cost is counted.",
                            )
                        )
                    continue
                part = min(1.0, area.value.central / gia.value.central)
                share = Input(
                    f"share/{service}/{place}", f"share of {name} that {service} takes",
                    Range(part, part, part), "share of the floor", source=f"{area.source}; {gia.source}", where=f"{area.where}; {gia.where}",
                    illustrative=area.illustrative or gia.illustrative,
                    note=f"{area.value.central:,.0f} m2 it needs of {gia.value.central:,.0f} m2 gross",
                )  # fmt: skip
                factors = (Factor(cost), Factor(share), percent(made.figures.input("open_cash_percent", place)))
                does = "leaves" if sign > 0 else "comes into"
                yield Flow(year, body, "premises", "revenue", "cashable", sign, factors, place, at,
                           f"{service} {does} {name}, which stays open (action {at})")  # fmt: skip


def _leaves(made: Gathering) -> list[str]:
    """Services that move, each once: a whole by its parts where they are all of it, else by itself without them."""
    moved = sorted({move.service for move in made.course.moves})
    out = []
    for service in moved:
        whole = str(made.course.ground.services[service]["part_of"] or "")
        if whole in moved and not made.course.all_of_it(whole):
            continue
        if made.course.parts_of(service) and made.course.all_of_it(service):
            continue
        out.append(service)
    return out


# ------------------------------------------------------------------------------------------------------- repairs


def backlog(made: Gathering) -> Iterator[Flow]:
    """Repairs that wait: as the do-minimum spends them, less of them in what is left, none of those that works do away with."""
    for asset, plan in sorted(made.retained.items()):
        if asset not in made.places:
            continue
        body = made.stated.holder(asset)
        cost = plan.cost or made.stated.of_asset(asset, "backlog_gbp", "backlog of repair", "GBP")
        if cost is None or not body:
            continue
        whole: list[Factor] = [Factor(cost)]
        if plan.cost is None:
            whole.append(percent(made.figures.input("backlog_spent_percent", asset)))
        leaves = made.states.leaves_in(asset)
        before = [year for year in plan.years if leaves is None or year < leaves]
        share, factors = 1 / len(plan.years), list(whole)
        basis = "backlog of the register, spent evenly" if plan.cost is None else "keeping it in use, as that is stated"
        if leaves is not None and before and len(before) < len(plan.years):
            leaving = made.figures.input("leaving_backlog_percent", asset)
            basis = f"backlog before {made.stated.name(asset)} is left in {leaves}"
            if leaving.value.central / 100 < len(before) / len(plan.years):
                factors.append(percent(leaving))
                share = 1 / len(before)
        for year in before:
            if year not in made.years:
                continue
            yield Flow(
                year, body, "backlog", "capital", "avoided", -share, tuple(factors), asset, plan.action, basis, vat=True
            )
            for at, done in _done_away_with(made, asset, year):
                yield Flow(year, body, "backlog", "capital", "avoided", share, (*factors, done), asset, at,
                           f"part of the backlog that the works of action {at} do away with")  # fmt: skip


def _done_away_with(made: Gathering, asset: str, year: int) -> Iterator[tuple[int, Factor]]:
    """The share of a backlog that works which have begun do away with: the share of the floor they cover, where none is stated."""
    for at, action in made.course.actions:
        if not isinstance(action, Refurbish) or action.asset != asset or action.year > year:
            continue
        stated = of_action(
            at, action, "backlog_percent", f"share of the backlog of {made.stated.name(asset)} that works do away with"
        )
        if stated is not None:
            yield at, percent(stated)
            return
        gia = made.stated.of_asset(asset, "gia_m2", "gross internal area", "m2")
        if action.area_m2 is None:
            part = 1.0
        elif gia is None or not gia.value.central:
            return
        else:
            part = min(1.0, action.area_m2 / gia.value.central)
        yield at, Factor(Input(
            f"action/{at}/share_of_floor", f"share of {made.stated.name(asset)} that is refurbished", Range(part, part, part), "share of the floor",
            source=action.source, where=f"the scenario, action {at}" + (f"; {gia.where}" if gia else ""), illustrative=action.illustrative,
            note="the backlog is taken to lie evenly over the floor",
        ))  # fmt: skip
        return

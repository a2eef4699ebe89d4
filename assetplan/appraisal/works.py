"""What works cost and bring: refurbishing, building, acquiring, uses in the meantime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.appraisal.flow import Flow
from assetplan.appraisal.paying import paid, yearly
from assetplan.appraisal.premises import spread
from assetplan.appraisal.stated import of_action
from assetplan.figures.explanation import financial
from assetplan.figures.inputs import Factor, Input, and_more
from assetplan.figures.optimism import optimism_bias
from assetplan.scenarios.actions import Acquire, Build, Meanwhile, Refurbish
from assetplan.scenarios.course import done_in
from assetplan.scenarios.values import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assetplan.appraisal.premises import Gathering

_BLUE_LIGHT = {"blue-light centre", "blue light centre", "fire station", "police station", "ambulance station"}


def refurbish(action: Refurbish, at: int, made: Gathering) -> Iterator[Flow]:
    """What refurbishing costs, and what running the building costs less afterwards."""
    body = action.organisation or made.holder(action.asset)
    name = made.stated.name(action.asset)
    basis = f"{name} is refurbished from {financial(action.year)} (action {at})"
    bias = _optimism(at, action)
    if action.cost_gbp is None:
        area = of_action(at, action, "area_m2", f"area of {name} that is refurbished") or made.stated.of_asset(
            action.asset, "gia_m2", "gross internal area", "m2"
        )
        if area is None:
            made.unknown.append(
                (at, f"what refurbishing {name} costs is not stated, nor its area: nothing is counted for it.")
            )
        else:
            rate = made.figures.input("works_refurbish_gbp_m2", action.asset)
            for year, part in spread(action.year, action.months):
                yield Flow(year, body, "works", "capital", "cost", -part, (Factor(area), Factor(rate)), action.asset, at,
                           f"{basis}; at a rate for each m2, as no cost is stated", bias=bias, vat=True)  # fmt: skip
    else:
        yield from paid(made, at, action, body, "works", "cost_gbp", f"cost of refurbishing {name}", "capital", basis, subject=action.asset,
                         bias=bias, months=action.months)  # fmt: skip
    saving = of_action(at, action, "saving_gbp_pa", f"what running {name} costs less afterwards")
    if saving is not None:
        yield from yearly(
            made,
            at,
            body,
            "saving",
            saving,
            1.0,
            action.asset,
            f"{name} costs less to run after works (action {at})",
            first=done_in(action),
        )


def build(action: Build, at: int, made: Gathering) -> Iterator[Flow]:
    """What building costs the body that does it, or what it puts in where somebody else builds."""
    place = action.new_asset or action.asset
    body = action.organisation or made.holder(place)
    basis = f"built from {financial(action.year)} (action {at})" + (
        f" by {action.built_by}: what this body puts in" if action.built_by else ""
    )
    bias = None if action.built_by else _optimism(at, action)
    if action.cost_gbp is None and action.gia_m2 is not None and not action.built_by:
        kind = "works_blue_light_gbp_m2" if action.use in _BLUE_LIGHT else "works_civic_gbp_m2"
        area, rate = of_action(at, action, "gia_m2", "area of what is built"), made.figures.input(kind, place)
        for year, part in spread(action.year, action.months):
            if area is not None:
                yield Flow(year, body, "build", "capital", "cost", -part, (Factor(area), Factor(rate)), place, at,
                           f"{basis}; at a rate for each m2, as no cost is stated", bias=bias, vat=True)  # fmt: skip
        return
    yield from paid(made, at, action, body, "build", "cost_gbp", f"cost of building on {made.stated.name(action.asset)}", "capital", basis,
                     subject=place, bias=bias, months=action.months, vat=not action.built_by, wanted=not action.built_by)  # fmt: skip


def acquire(action: Acquire, at: int, made: Gathering) -> Iterator[Flow]:
    """The price of what is bought, or the rent of what is leased."""
    body = action.organisation or made.holder(action.asset)
    name = made.stated.name(action.asset)
    yield from paid(made, at, action, body, "land", "cost_gbp", f"price of {name} and cost of acquiring it", "capital",
                     f"{name} is acquired (action {at})", subject=action.asset, months=action.months, vat=False,
                     wanted=action.rent_gbp_pa is None)  # fmt: skip
    rent = of_action(at, action, "rent_gbp_pa", f"rent of {name}")
    if rent is not None:
        yield from yearly(made, at, body, "rent", rent, -1.0, action.asset, f"{name} is rented (action {at})", first=done_in(action),
                           months=action.term_months)  # fmt: skip


def meanwhile(action: Meanwhile, at: int, made: Gathering) -> Iterator[Flow]:
    """What a use in the meantime brings and costs."""
    body = action.organisation or made.holder(action.asset)
    basis = f"{made.stated.name(action.asset)} is used for {action.use} in the meantime (action {at})"
    income = of_action(at, action, "income_gbp_pa", "what a use in the meantime brings in")
    if income is not None:
        yield from yearly(
            made, at, body, "income", income, 1.0, action.asset, basis, first=action.year, months=action.months
        )
    yield from paid(made, at, action, body, "works", "cost_gbp", "cost of making it fit for a use in the meantime", "revenue", basis,
                     subject=action.asset, wanted=False)  # fmt: skip


def _optimism(at: int, action: Build | Refurbish) -> Factor:
    """Optimism bias on works: of refurbishment as non-standard building, of what is built new as standard, where nothing else is stated."""
    odd = (
        action.non_standard_percent
        if action.non_standard_percent is not None
        else 100.0 * isinstance(action, Refurbish)
    )
    mitigated = action.mitigated_percent
    bias = optimism_bias(
        {"non-standard building": odd, "standard building": 100.0 - odd},
        mitigated_percent=0.0 if mitigated is None else mitigated.central,
    )
    managed = "none of it managed away" if mitigated is None else f"{mitigated.central:g}% of it managed away"
    return and_more(Input(
        f"action/{at}/optimism", "optimism bias on works", Range(bias.low, bias.central, bias.high), "percent",
        source="Mott MacDonald, Review of Large Public Procurement in the UK, for HM Treasury", edition="2002",
        where=f"the scenario, action {at}", illustrative=action.illustrative,
        note=f"{odd:g}% of the works taken as non-standard building, {managed}; from the lower bound to the upper",
    ))  # fmt: skip

"""What each action of a scenario costs and brings, to whom and when."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from assetplan.appraisal.flow import EXCHEQUER, PUBLIC, Flow
from assetplan.appraisal.inputs import Factor, Input, and_more, percent
from assetplan.appraisal.optimism import optimism_bias
from assetplan.appraisal.premises import spread
from assetplan.appraisal.stated import of_action, of_entry
from assetplan.scenarios.actions import (
    Acquire,
    Action,
    Appropriate,
    Assemble,
    Build,
    Dispose,
    Meanwhile,
    Refurbish,
    Relocate,
    Release,
    Share,
    Split,
    Sublet,
    Surrender,
)
from assetplan.scenarios.course import done_in
from assetplan.scenarios.values import Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assetplan.appraisal.flow import BenefitClass, Kind
    from assetplan.appraisal.premises import Gathering
    from assetplan.scenarios.scenario import Scenario

FINDS_OUT = "search or advice"
"""The route of a release that finds out what binds and releases nothing."""


def doings(made: Gathering, scenario: Scenario) -> Iterator[Flow]:
    """The flows of every action, funding and benefit of a scenario."""
    for at, action in made.course.actions:
        yield from _of(action, at, made)
    yield from _benefits(made, scenario)
    yield from _given(made, scenario)


@singledispatch
def _of(action: Action, at: int, made: Gathering) -> Iterator[Flow]:
    """The flows of one action; one that costs and brings nothing by itself has none."""
    return iter(())


def _paid(made: Gathering, at: int, action: Action, body: str, line: str, field: str, name: str, kind: Kind, basis: str, *, subject: str,
          share: float = 1.0, vat: bool = True, bias: Factor | None = None, months: float | None = None, wanted: bool = True) -> Iterator[Flow]:  # fmt: skip
    """What an action costs as it states it, over its months; noted as not counted where it states nothing."""
    cost = of_action(at, action, field, name)
    if cost is None:
        if wanted:
            made.unknown.append((at, f"{name} is not stated: nothing is counted for it."))
        return
    if not body:
        made.unknown.append((at, f"who pays {name} is not known: nothing is counted for it."))
        return
    for year, part in spread(action.year, months):
        yield Flow(year, body, line, kind, "cost", -share * part, (Factor(cost),), subject, at, basis, bias=bias, vat=vat)


def _yearly(made: Gathering, at: int, body: str, line: str, given: Input, sign: float, subject: str, basis: str, *, first: int,
            months: float | None = None, share: float = 1.0, benefit_class: BenefitClass = "cashable") -> Iterator[Flow]:  # fmt: skip
    """So much a year from a year on, to the end or for so many months."""
    for year in made.years:
        part = 1.0 if months is None else min(1.0, (first * 12 + months - year * 12) / 12)
        if year >= first and part > 0 and body:
            yield Flow(year, body, line, "revenue", benefit_class, sign * share * part, (Factor(given),), subject, at, basis)


def between(flow: Flow, other: str, kind: Kind | None = None) -> Iterator[Flow]:
    """A flow of one body with the same the other way round of another: a transfer, nothing to the whole."""
    mine = Flow(flow.year, flow.organisation, flow.line, flow.kind, "transfer", flow.constant, flow.factors, flow.subject, flow.action, flow.basis,
                cash=flow.cash)  # fmt: skip
    yield mine
    yield Flow(flow.year, other, flow.line, kind or flow.kind, "transfer", -flow.constant, flow.factors, flow.subject, flow.action, flow.basis,
               cash=flow.cash and other not in {EXCHEQUER, PUBLIC})  # fmt: skip


# ------------------------------------------------------------------------------------------------------- works


def _optimism(made: Gathering, at: int, action: Build | Refurbish) -> Factor:
    """Optimism bias on works: of refurbishment as non-standard building, of what is built new as standard, where nothing else is stated."""
    odd = action.non_standard_percent if action.non_standard_percent is not None else 100.0 * isinstance(action, Refurbish)
    mitigated = action.mitigated_percent
    bias = optimism_bias({"non-standard building": odd, "standard building": 100.0 - odd}, mitigated_percent=0.0 if mitigated is None else mitigated.central)
    managed = "none of it managed away" if mitigated is None else f"{mitigated.central:g}% of it managed away"
    return and_more(Input(
        f"action/{at}/optimism", "optimism bias on works", Range(bias.low, bias.central, bias.high), "percent",
        source="Mott MacDonald, Review of Large Public Procurement in the UK, for HM Treasury", edition="2002",
        where=f"the scenario, action {at}", illustrative=action.illustrative,
        note=f"{odd:g}% of the works taken as non-standard building, {managed}; from the lower bound to the upper",
    ))  # fmt: skip


@_of.register
def _(action: Refurbish, at: int, made: Gathering) -> Iterator[Flow]:
    body = action.organisation or made.holder(action.asset)
    name = made.stated.name(action.asset)
    basis = f"{name} is refurbished from {action.year} (action {at})"
    bias = _optimism(made, at, action)
    if action.cost_gbp is None:
        area = of_action(at, action, "area_m2", f"area of {name} that is refurbished") or made.stated.of_asset(
            action.asset, "gia_m2", "gross internal area", "m2"
        )
        if area is None:
            made.unknown.append((at, f"what refurbishing {name} costs is not stated, nor its area: nothing is counted for it."))
        else:
            rate = made.figures.input("works_refurbish_gbp_m2", action.asset)
            for year, part in spread(action.year, action.months):
                yield Flow(year, body, "works", "capital", "cost", -part, (Factor(area), Factor(rate)), action.asset, at,
                           f"{basis}; at a rate for each m2, as no cost is stated", bias=bias, vat=True)  # fmt: skip
    else:
        yield from _paid(made, at, action, body, "works", "cost_gbp", f"cost of refurbishing {name}", "capital", basis, subject=action.asset,
                         bias=bias, months=action.months)  # fmt: skip
    saving = of_action(at, action, "saving_gbp_pa", f"what running {name} costs less afterwards")
    if saving is not None:
        yield from _yearly(made, at, body, "saving", saving, 1.0, action.asset, f"{name} costs less to run after works (action {at})", first=done_in(action))


@_of.register
def _(action: Build, at: int, made: Gathering) -> Iterator[Flow]:
    place = action.new_asset or action.asset
    body = action.organisation or made.holder(place)
    basis = f"built from {action.year} (action {at})" + (f" by {action.built_by}: what this body puts in" if action.built_by else "")
    bias = None if action.built_by else _optimism(made, at, action)
    if action.cost_gbp is None and action.gia_m2 is not None and not action.built_by:
        kind = "works_blue_light_gbp_m2" if action.use in _BLUE_LIGHT else "works_civic_gbp_m2"
        area, rate = of_action(at, action, "gia_m2", "area of what is built"), made.figures.input(kind, place)
        for year, part in spread(action.year, action.months):
            if area is not None:
                yield Flow(year, body, "build", "capital", "cost", -part, (Factor(area), Factor(rate)), place, at,
                           f"{basis}; at a rate for each m2, as no cost is stated", bias=bias, vat=True)  # fmt: skip
        return
    yield from _paid(made, at, action, body, "build", "cost_gbp", f"cost of building on {made.stated.name(action.asset)}", "capital", basis,
                     subject=place, bias=bias, months=action.months, vat=not action.built_by, wanted=not action.built_by)  # fmt: skip


_BLUE_LIGHT = {"blue-light centre", "blue light centre", "fire station", "police station", "ambulance station"}


@_of.register
def _(action: Acquire, at: int, made: Gathering) -> Iterator[Flow]:
    body = action.organisation or made.holder(action.asset)
    name = made.stated.name(action.asset)
    yield from _paid(made, at, action, body, "land", "cost_gbp", f"price of {name} and cost of acquiring it", "capital",
                     f"{name} is acquired (action {at})", subject=action.asset, months=action.months, vat=False,
                     wanted=action.rent_gbp_pa is None)  # fmt: skip
    rent = of_action(at, action, "rent_gbp_pa", f"rent of {name}")
    if rent is not None:
        yield from _yearly(made, at, body, "rent", rent, -1.0, action.asset, f"{name} is rented (action {at})", first=done_in(action),
                           months=action.term_months)  # fmt: skip


# ------------------------------------------------------------------------------------------------------- moves


@_of.register
def _(action: Relocate, at: int, made: Gathering) -> Iterator[Flow]:
    yield from _moving(action, at, made, [action.service], action.to, None)


@_of.register
def _(action: Share, at: int, made: Gathering) -> Iterator[Flow]:
    yield from _moving(action, at, made, list(action.services), action.host, action.term_months)


def _moving(action: Relocate | Share, at: int, made: Gathering, services: list[str], to: str, term: float | None) -> Iterator[Flow]:
    parts = _parted(made, services, action.organisation)
    basis = f"{', '.join(services)} to {made.stated.name(to)} in {action.year} (action {at})"
    if action.cost_gbp is None:
        for service in services:
            yield from _reckoned_move(action, at, made, service, basis)
    for body, share in parts.items():
        yield from _paid(made, at, action, body, "move", "cost_gbp", "cost of moving and fitting", "revenue", basis, subject=to, share=share, wanted=False)
        yield from _paid(made, at, action, body, "ict", "ict_gbp", "cost of ICT", "revenue", basis, subject=to, share=share, wanted=False)
        yield from _paid(made, at, action, body, "redundancy", "redundancy_gbp", "cost of redundancy", "revenue", basis, subject=to, share=share,
                         vat=False, wanted=False)  # fmt: skip
        saving = of_action(at, action, "saving_gbp_pa", "what running it costs less afterwards")
        if saving is not None:
            yield from _yearly(made, at, body, "saving", saving, 1.0, to, f"it costs less to run afterwards: {basis}", first=action.year, share=share)
        charge = of_action(at, action, "charge_gbp_pa", "charge that is paid to the host")
        host = made.holder(to)
        if charge is not None and host and host != body:
            for flow in _yearly(made, at, body, "charge", charge, -1.0, to, f"charge to the host: {basis}", first=action.year, months=term, share=share):
                yield from between(flow, host)
    if isinstance(action, Relocate) and (action.double_running_months or 0) % 12:
        yield from _double(action, at, made)


def _parted(made: Gathering, services: list[str], payer: str) -> dict[str, float]:
    """The bodies of some services with the share of each in what they do together: by staff, equally where that is not known."""
    if payer:
        return {payer: 1.0}
    fte = {service: made.stated.of_service(service, "fte", "staff", "FTE") for service in services}
    known = {service: given.value.central for service, given in fte.items() if given is not None}
    total = sum(known.values())
    out: dict[str, float] = {}
    for service in services:
        share = known[service] / total if len(known) == len(services) and total else 1 / len(services)
        body = str(made.course.ground.services[service]["organisation"])
        out[body] = out.get(body, 0.0) + share
    return out


def _reckoned_move(action: Relocate | Share, at: int, made: Gathering, service: str, basis: str) -> Iterator[Flow]:
    """What a move costs where nothing is stated: by staff and desks."""
    body = action.organisation or str(made.course.ground.services[service]["organisation"])
    fte = made.stated.of_service(service, "fte", "staff", "FTE")
    if fte is None:
        made.unknown.append((at, f"what moving {service} costs is not stated, nor its staff: nothing is counted for it."))
        return
    said = f"{basis}; at a rate for each member of staff, as no cost is stated"
    yield Flow(action.year, body, "move", "revenue", "cost", -1.0, (Factor(fte), Factor(made.figures.input("move_gbp_fte"))), service, at, said, vat=True)
    desks = made.stated.of_service(service, "peak_desks", "desks", "desks")
    if desks is not None and action.ict_gbp is None:
        yield Flow(action.year, body, "ict", "revenue", "cost", -1.0, (Factor(desks), Factor(made.figures.input("ict_gbp_desk"))), service, at,
                   f"{basis}; at a rate for each desk, as no cost is stated", vat=True)  # fmt: skip


def _double(action: Relocate, at: int, made: Gathering) -> Iterator[Flow]:
    """The old place run on for some months after a move, where it is empty by then."""
    old = next((move.origin for move in made.course.moves if move.at == at and move.service == action.service), "")
    cost = made.stated.of_asset(old, "running_cost_gbp_pa", "running cost", "GBP a year") if old else None
    left = action.year + int((action.double_running_months or 0) // 12)
    months = of_action(at, action, "double_running_months", "months in which both places are run")
    if cost is None or months is None or made.states.of(old, left).kind == "in use":
        return
    body = made.stated.holder(old)
    rest = Factor(months, plus=-12.0 * (left - action.year) / 12, times=1 / 12)
    yield Flow(left, body, "double running", "revenue", "cost", -1.0, (Factor(cost), percent(made.figures.input("cash_percent", old)), rest), old, at,
               f"{made.stated.name(old)} is run on beside the new place (action {at})")  # fmt: skip


@_of.register
def _(action: Split, at: int, made: Gathering) -> Iterator[Flow]:
    row = made.course.ground.services[action.service]
    body = action.organisation or str(row["organisation"])
    for field, column, name, kind in (
        ("cost_gbp", "splitting_gbp", "cost of parting it", "once"),
        ("cost_gbp_pa", "splitting_gbp_pa", "cost a year of running it in two places", "yearly"),
    ):
        own = of_action(at, action, field, name)
        given = [own] if own is not None else [made.stated.of_service(part, column, name, "GBP" if kind == "once" else "GBP a year") for part in action.parts]
        for one in given:
            basis = f"{action.service} is parted (action {at})"
            if one is None:
                made.unknown.append((at, f"{name} is not stated for {action.service}: nothing is counted for it."))
            elif kind == "once":
                yield Flow(action.year, body, "splitting", "revenue", "cost", -1.0, (Factor(one),), action.service, at, basis, vat=True)
            else:
                yield from _yearly(made, at, body, "splitting", one, -1.0, action.service, basis, first=action.year)


# ------------------------------------------------------------------------------------------------------- going


@_of.register
def _(action: Dispose, at: int, made: Gathering) -> Iterator[Flow]:
    body = action.organisation or made.holder(action.asset)
    name = made.stated.name(action.asset)
    basis = f"{name} goes by {action.by} in {action.year} (action {at})"
    receipt = of_action(at, action, "receipt_gbp", f"receipt of {name}")
    taker = _body(made, action.recipient)
    hangs_on = _chances(made, action)
    if receipt is None and action.by == "sale":
        made.unknown.append((at, f"what {name} brings is not stated: nothing is counted for it."))
    if receipt is not None and receipt.value.high > 0:
        flow = Flow(action.year, body, "receipt", "receipt", "cashable", 1.0, (Factor(receipt), *hangs_on), action.asset, at, basis)
        if taker and taker != body:
            yield from between(flow, taker, "capital")
        else:
            yield flow
        clawback = of_action(at, action, "clawback_percent", f"share of the receipt of {name} that a former funder takes back")
        if clawback is not None:
            yield from between(
                Flow(action.year, body, "clawback", "receipt", "transfer", -1.0, (Factor(receipt), percent(clawback), *hangs_on), action.asset, at, basis),
                EXCHEQUER,
            )
    if action.cost_gbp is not None:
        yield from _paid(made, at, action, body, "disposal", "cost_gbp", f"cost of disposing of {name}", "revenue", basis, subject=action.asset)
    elif receipt is not None and receipt.value.high > 0 and not taker:
        rate = made.figures.input("sale_cost_percent", action.asset)
        yield Flow(action.year, body, "disposal", "revenue", "cost", -1.0, (Factor(receipt), percent(rate), *hangs_on), action.asset, at,
                   f"{basis}; at a share of the receipt, as no cost is stated", vat=True)  # fmt: skip
    value = of_action(at, action, "value_gbp", f"market value of {name}")
    if value is not None and not taker:
        said = f"{basis}: what it would have fetched, less what it does"
        yield Flow(action.year, body, "land forgone", "receipt", "cost", -1.0, (Factor(value),), action.asset, at, said, cash=False)
        if receipt is not None and receipt.value.high > 0:
            yield Flow(action.year, body, "land forgone", "receipt", "cost", 1.0, (Factor(receipt), *hangs_on), action.asset, at, said, cash=False)
    rent = of_action(at, action, "rent_gbp_pa", f"ground rent of {name}")
    if rent is not None:
        yield from _yearly(made, at, body, "ground rent", rent, 1.0, action.asset, basis, first=action.year, months=action.term_months)


def _body(made: Gathering, name: str) -> str:
    """The body of the estate that a recipient is, by its identifier or its name; blank for anybody else."""
    bodies = made.course.ground.estate.organisations
    return next((key for key, body in bodies.items() if name and name.casefold() in {key.casefold(), body.name.casefold()}), "")


def _chances(made: Gathering, action: Dispose) -> tuple[Factor, ...]:
    """For each constraint of the land that the scenario has released by then with a chance, whether that succeeds: once 1, once 0."""
    bound = {str(row["constraint_id"]) for row in made.course.ground.bound.get(made.course.land_of(action.asset), ())}
    out = []
    for at, other in made.course.actions:
        if not isinstance(other, Release) or other.constraint not in bound or other.route == FINDS_OUT or done_in(other) > action.year:
            continue
        chance = other.probability_percent
        if chance is None:
            made.unknown.append((at, f"how likely the release of {other.constraint} is, is not stated: it is taken to succeed."))
            continue
        out.append(Factor(Input(
            f"action/{at}/succeeds", f"whether the release of {other.constraint} succeeds", Range(0.0, 1.0, 1.0), "1 if it does, 0 if not",
            source=other.source, where=f"the scenario, action {at}", illustrative=other.illustrative, draw="chance", chance=chance.central / 100,
            note=f"as written it succeeds; in draws it does so with a chance of {chance.central:g}%",
        )))  # fmt: skip
    return tuple(out)


@_of.register
def _(action: Assemble, at: int, made: Gathering) -> Iterator[Flow]:
    bodies = [action.organisation] if action.organisation else sorted({made.holder(asset) for asset in action.assets} - {""})
    for body in bodies:
        yield from _paid(made, at, action, body, "agreement", "cost_gbp", "cost of agreeing", "revenue", f"sites are joined (action {at})",
                         subject="; ".join(action.assets), share=1 / len(bodies), wanted=False)  # fmt: skip


@_of.register
def _(action: Release, at: int, made: Gathering) -> Iterator[Flow]:
    bound = made.course.ground.bound
    places = sorted(place for place, rows in bound.items() if any(row["constraint_id"] == action.constraint for row in rows))
    body = action.organisation or next((holder for place in places if (holder := made.holder(place))), "")
    yield from _paid(made, at, action, body, "consent", "cost_gbp", f"cost of releasing {action.constraint}", "revenue",
                     f"{action.constraint}: {action.route} (action {at})", subject=action.constraint, wanted=False)  # fmt: skip


@_of.register
def _(action: Appropriate, at: int, made: Gathering) -> Iterator[Flow]:
    yield from _paid(made, at, action, action.organisation or made.holder(action.asset), "consent", "cost_gbp", "cost of appropriating", "revenue",
                     f"appropriated to {action.to_purpose} (action {at})", subject=action.asset, wanted=False)  # fmt: skip


@_of.register
def _(action: Surrender, at: int, made: Gathering) -> Iterator[Flow]:
    row = made.course.ground.interests[action.interest]
    holder = str(row["holder"]) if row["holder"] in made.course.ground.estate.organisations else ""
    yield from _paid(made, at, action, action.organisation or holder, "dilapidations", "cost_gbp", f"what ending {action.interest} costs", "revenue",
                     f"{action.interest} ends by {action.by} in {action.year} (action {at})", subject=str(row["subject"]), vat=False)  # fmt: skip


@_of.register
def _(action: Sublet, at: int, made: Gathering) -> Iterator[Flow]:
    body = action.organisation or made.holder(action.asset)
    basis = f"{made.stated.name(action.asset)} is let (action {at})"
    rent = of_action(at, action, "rent_gbp_pa", "rent that is received")
    taker = _body(made, action.recipient)
    if rent is None:
        made.unknown.append((at, "the rent of what is let is not stated: nothing is counted for it."))
    else:
        for flow in _yearly(made, at, body, "income", rent, 1.0, action.asset, basis, first=action.year, months=action.term_months):
            yield from between(flow, taker) if taker and taker != body else (flow,)
    yield from _paid(made, at, action, body, "move", "cost_gbp", "cost of letting and fitting", "revenue", basis, subject=action.asset, wanted=False)


@_of.register
def _(action: Meanwhile, at: int, made: Gathering) -> Iterator[Flow]:
    body = action.organisation or made.holder(action.asset)
    basis = f"{made.stated.name(action.asset)} is used for {action.use} in the meantime (action {at})"
    income = of_action(at, action, "income_gbp_pa", "what a use in the meantime brings in")
    if income is not None:
        yield from _yearly(made, at, body, "income", income, 1.0, action.asset, basis, first=action.year, months=action.months)
    yield from _paid(made, at, action, body, "works", "cost_gbp", "cost of making it fit for a use in the meantime", "revenue", basis,
                     subject=action.asset, wanted=False)  # fmt: skip


# ------------------------------------------------------------------------------------------------------- stated beside actions


def _benefits(made: Gathering, scenario: Scenario) -> Iterator[Flow]:
    for at, benefit in enumerate(scenario.benefits, start=1):
        given = of_entry("benefit", at, benefit, "amount_gbp_pa", benefit.name)
        if given is None:
            continue
        for year in made.years:
            if benefit.year <= year <= (benefit.until or year):
                yield Flow(year, benefit.organisation, "benefit", "revenue", benefit.benefit_class, 1.0, (Factor(given),), benefit.name, 0,
                           f"{benefit.name}: {benefit.basis} (benefit {at})", cash=benefit.benefit_class == "cashable")  # fmt: skip


def _given(made: Gathering, scenario: Scenario) -> Iterator[Flow]:
    """Money from one body of the estate to another, and grants from outside: to the whole, nothing but transfers."""
    for at, funding in enumerate(scenario.funding, start=1):
        given = of_entry("funding", at, funding, "amount_gbp", f"{funding.kind} to {funding.organisation}")
        if given is None or funding.kind not in {"grant", "contribution"}:
            continue
        line = "grant" if funding.kind == "grant" else "contribution"
        kind: Kind = "capital" if funding.pays_for == "capital" else "revenue"
        flow = Flow(funding.year, funding.organisation, line, kind, "transfer", 1.0, (Factor(given),), f"funding {at}", 0, f"{funding.kind} (funding {at})")
        yield from between(flow, funding.from_organisation or EXCHEQUER)



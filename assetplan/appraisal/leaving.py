"""What giving up, letting, joining and releasing places costs and brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.appraisal.flow import EXCHEQUER, Flow
from assetplan.appraisal.paying import between, paid, yearly
from assetplan.appraisal.stated import of_action
from assetplan.figures.explanation import financial
from assetplan.figures.inputs import Factor, Input, percent
from assetplan.scenarios.actions import Appropriate, Assemble, Dispose, Release, Sublet, Surrender
from assetplan.scenarios.course import done_in
from assetplan.scenarios.using import FINDS_OUT
from assetplan.scenarios.values import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assetplan.appraisal.premises import Gathering


def dispose(action: Dispose, at: int, made: Gathering) -> Iterator[Flow]:
    """What a place brings that goes: receipt, cost of disposing, what is taken back, ground rent, and what land would have fetched."""
    body = action.organisation or made.holder(action.asset)
    name = made.stated.name(action.asset)
    basis = f"{name} goes by {action.by} in {financial(action.year)} (action {at})"
    receipt = of_action(at, action, "receipt_gbp", f"receipt of {name}")
    taker = _body(made, action.recipient)
    hangs_on = _chances(made, action)
    if receipt is None and action.by == "sale":
        made.unknown.append((at, f"what {name} brings is not stated: nothing is counted for it."))
    if receipt is not None and receipt.value.high > 0:
        flow = Flow(
            action.year,
            body,
            "receipt",
            "receipt",
            "cashable",
            1.0,
            (Factor(receipt), *hangs_on),
            action.asset,
            at,
            basis,
        )
        if taker and taker != body:
            yield from between(flow, taker, "capital")
        else:
            yield flow
        clawback = of_action(
            at, action, "clawback_percent", f"share of the receipt of {name} that a former funder takes back"
        )
        if clawback is not None:
            yield from between(
                Flow(
                    action.year,
                    body,
                    "clawback",
                    "receipt",
                    "transfer",
                    -1.0,
                    (Factor(receipt), percent(clawback), *hangs_on),
                    action.asset,
                    at,
                    basis,
                ),
                EXCHEQUER,
            )
    if action.cost_gbp is not None:
        yield from paid(
            made,
            at,
            action,
            body,
            "disposal",
            "cost_gbp",
            f"cost of disposing of {name}",
            "revenue",
            basis,
            subject=action.asset,
        )
    elif receipt is not None and receipt.value.high > 0 and not taker:
        rate = made.figures.input("sale_cost_percent", action.asset)
        yield Flow(action.year, body, "disposal", "revenue", "cost", -1.0, (Factor(receipt), percent(rate), *hangs_on), action.asset, at,
                   f"{basis}; at a share of the receipt, as no cost is stated", vat=True)  # fmt: skip
    value = of_action(at, action, "value_gbp", f"market value of {name}")
    if value is not None and not taker:
        said = f"{basis}: what it would have fetched, less what it does"
        yield Flow(
            action.year,
            body,
            "land forgone",
            "receipt",
            "cost",
            -1.0,
            (Factor(value),),
            action.asset,
            at,
            said,
            cash=False,
        )
        if receipt is not None and receipt.value.high > 0:
            yield Flow(
                action.year,
                body,
                "land forgone",
                "receipt",
                "cost",
                1.0,
                (Factor(receipt), *hangs_on),
                action.asset,
                at,
                said,
                cash=False,
            )
    rent = of_action(at, action, "rent_gbp_pa", f"ground rent of {name}")
    if rent is not None:
        yield from yearly(
            made, at, body, "ground rent", rent, 1.0, action.asset, basis, first=action.year, months=action.term_months
        )


def assemble(action: Assemble, at: int, made: Gathering) -> Iterator[Flow]:
    """What agreeing to join sites costs, equally to those who hold them."""
    bodies = (
        [action.organisation] if action.organisation else sorted({made.holder(asset) for asset in action.assets} - {""})
    )
    for body in bodies:
        yield from paid(made, at, action, body, "agreement", "cost_gbp", "cost of agreeing", "revenue", f"sites are joined (action {at})",
                         subject="; ".join(action.assets), share=1 / len(bodies), wanted=False)  # fmt: skip


def release(action: Release, at: int, made: Gathering) -> Iterator[Flow]:
    """What having a constraint released costs."""
    bound = made.course.ground.bound
    places = sorted(
        place for place, rows in bound.items() if any(row["constraint_id"] == action.constraint for row in rows)
    )
    body = action.organisation or next((holder for place in places if (holder := made.holder(place))), "")
    yield from paid(made, at, action, body, "consent", "cost_gbp", f"cost of releasing {action.constraint}", "revenue",
                     f"{action.constraint}: {action.route} (action {at})", subject=action.constraint, wanted=False)  # fmt: skip


def appropriate(action: Appropriate, at: int, made: Gathering) -> Iterator[Flow]:
    """What moving land from one function to another costs."""
    yield from paid(made, at, action, action.organisation or made.holder(action.asset), "consent", "cost_gbp", "cost of appropriating", "revenue",
                     f"appropriated to {action.to_purpose} (action {at})", subject=action.asset, wanted=False)  # fmt: skip


def surrender(action: Surrender, at: int, made: Gathering) -> Iterator[Flow]:
    """What ending a lease or licence costs whoever holds it."""
    row = made.course.ground.interests[action.interest]
    holder = str(row["holder"]) if row["holder"] in made.course.ground.estate.organisations else ""
    yield from paid(made, at, action, action.organisation or holder, "dilapidations", "cost_gbp", f"what ending {action.interest} costs", "revenue",
                     f"{action.interest} ends by {action.by} in {financial(action.year)} (action {at})", subject=str(row["subject"]),
                     vat=False)  # fmt: skip


def sublet(action: Sublet, at: int, made: Gathering) -> Iterator[Flow]:
    """What letting brings and costs."""
    body = action.organisation or made.holder(action.asset)
    basis = f"{made.stated.name(action.asset)} is let (action {at})"
    rent = of_action(at, action, "rent_gbp_pa", "rent that is received")
    taker = _body(made, action.recipient)
    if rent is None:
        made.unknown.append((at, "the rent of what is let is not stated: nothing is counted for it."))
    else:
        for flow in yearly(
            made, at, body, "income", rent, 1.0, action.asset, basis, first=action.year, months=action.term_months
        ):
            yield from between(flow, taker) if taker and taker != body else (flow,)
    yield from paid(
        made,
        at,
        action,
        body,
        "move",
        "cost_gbp",
        "cost of letting and fitting",
        "revenue",
        basis,
        subject=action.asset,
        wanted=False,
    )


def _body(made: Gathering, name: str) -> str:
    """The body of the estate that a recipient is, by its identifier or its name; blank for anybody else."""
    bodies = made.course.ground.estate.organisations
    return next(
        (key for key, body in bodies.items() if name and name.casefold() in {key.casefold(), body.name.casefold()}), ""
    )


def _chances(made: Gathering, action: Dispose) -> tuple[Factor, ...]:
    """For each constraint of the land that the scenario has released by then with a chance, whether that succeeds: once 1, once 0."""
    bound = {str(row["constraint_id"]) for row in made.course.ground.bound.get(made.course.land_of(action.asset), ())}
    out = []
    for at, other in made.course.actions:
        if (
            not isinstance(other, Release)
            or other.constraint not in bound
            or other.route == FINDS_OUT
            or done_in(other) > action.year
        ):
            continue
        chance = other.probability_percent
        if chance is None:
            made.unknown.append(
                (at, f"how likely the release of {other.constraint} is, is not stated: it is taken to succeed.")
            )
            continue
        out.append(Factor(Input(
            f"action/{at}/succeeds", f"whether the release of {other.constraint} succeeds", Range(0.0, 1.0, 1.0), "1 if it does, 0 if not",
            source=other.source, where=f"the scenario, action {at}", illustrative=other.illustrative, draw="chance", chance=chance.central / 100,
            note=f"as written it succeeds; in draws it does so with a chance of {chance.central:g}%",
        )))  # fmt: skip
    return tuple(out)

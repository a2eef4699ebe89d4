"""What moves cost and bring: services that relocate, share a host or are parted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.appraisal.flow import Flow
from assetplan.appraisal.paying import between, paid, yearly
from assetplan.appraisal.stated import of_action
from assetplan.figures.explanation import financial
from assetplan.figures.inputs import Factor, percent
from assetplan.scenarios.actions import Relocate, Share, Split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assetplan.appraisal.premises import Gathering


def relocate(action: Relocate, at: int, made: Gathering) -> Iterator[Flow]:
    """What moving one service costs and brings."""
    yield from _moving(action, at, made, [action.service], action.to, None)


def share_host(action: Share, at: int, made: Gathering) -> Iterator[Flow]:
    """What services that move in with another body cost and bring, with what they pay the host."""
    yield from _moving(action, at, made, list(action.services), action.host, action.term_months)


def split(action: Split, at: int, made: Gathering) -> Iterator[Flow]:
    """What parting a service costs, once and each year."""
    row = made.course.ground.services[action.service]
    body = action.organisation or str(row["organisation"])
    for field, column, name, kind in (
        ("cost_gbp", "splitting_gbp", "cost of parting it", "once"),
        ("cost_gbp_pa", "splitting_gbp_pa", "cost a year of running it in two places", "yearly"),
    ):
        own = of_action(at, action, field, name)
        given = (
            [own]
            if own is not None
            else [
                made.stated.of_service(part, column, name, "GBP" if kind == "once" else "GBP a year")
                for part in action.parts
            ]
        )
        for one in given:
            basis = f"{action.service} is parted (action {at})"
            if one is None:
                made.unknown.append((at, f"{name} is not stated for {action.service}: nothing is counted for it."))
            elif kind == "once":
                yield Flow(
                    action.year,
                    body,
                    "splitting",
                    "revenue",
                    "cost",
                    -1.0,
                    (Factor(one),),
                    action.service,
                    at,
                    basis,
                    vat=True,
                )
            else:
                yield from yearly(made, at, body, "splitting", one, -1.0, action.service, basis, first=action.year)


def _moving(
    action: Relocate | Share, at: int, made: Gathering, services: list[str], to: str, term: float | None
) -> Iterator[Flow]:
    parts = _parted(made, services, action.organisation)
    basis = (
        f"{', '.join(services)} to {made.course.called(to, made.stated.name)} in {financial(action.year)} (action {at})"
    )
    if action.cost_gbp is None:
        for service in services:
            yield from _reckoned_move(action, at, made, service, basis)
    for body, share in parts.items():
        yield from paid(
            made,
            at,
            action,
            body,
            "move",
            "cost_gbp",
            "cost of moving and fitting",
            "revenue",
            basis,
            subject=to,
            share=share,
            wanted=False,
        )
        yield from paid(
            made,
            at,
            action,
            body,
            "ict",
            "ict_gbp",
            "cost of ICT",
            "revenue",
            basis,
            subject=to,
            share=share,
            wanted=False,
        )
        yield from paid(made, at, action, body, "redundancy", "redundancy_gbp", "cost of redundancy", "revenue", basis, subject=to, share=share,
                         vat=False, wanted=False)  # fmt: skip
        saving = of_action(at, action, "saving_gbp_pa", "what running it costs less afterwards")
        if saving is not None:
            yield from yearly(
                made,
                at,
                body,
                "saving",
                saving,
                1.0,
                to,
                f"it costs less to run afterwards: {basis}",
                first=action.year,
                share=share,
            )
        charge = of_action(at, action, "charge_gbp_pa", "charge that is paid to the host")
        host = made.holder(to)
        if charge is not None and host and host != body:
            for flow in yearly(
                made,
                at,
                body,
                "charge",
                charge,
                -1.0,
                to,
                f"charge to the host: {basis}",
                first=action.year,
                months=term,
                share=share,
            ):
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
        made.unknown.append(
            (at, f"what moving {service} costs is not stated, nor its staff: nothing is counted for it.")
        )
        return
    said = f"{basis}; at a rate for each member of staff, as no cost is stated"
    yield Flow(
        action.year,
        body,
        "move",
        "revenue",
        "cost",
        -1.0,
        (Factor(fte), Factor(made.figures.input("move_gbp_fte"))),
        service,
        at,
        said,
        vat=True,
    )
    travel, years = made.figures.input("disturbance_gbp_fte_pa"), made.figures.input("disturbance_years")
    for year in range(action.year, action.year + round(years.value.central)):
        yield Flow(year, body, "disturbance", "revenue", "cost", -1.0, (Factor(fte), Factor(travel)), service, at,
                   f"{basis}: travel of staff for {years.value.central:g} years; at a rate for each, as no cost is stated")  # fmt: skip
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
               f"{made.course.called(old, made.stated.name)} is run on beside the new place (action {at})")  # fmt: skip

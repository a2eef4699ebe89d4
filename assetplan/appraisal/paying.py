"""What an action costs once or brings each year, as flows; and the same between two bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.appraisal.flow import EXCHEQUER, PUBLIC, Flow
from assetplan.appraisal.premises import spread
from assetplan.appraisal.stated import of_action
from assetplan.figures.inputs import Factor, Input

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assetplan.appraisal.flow import BenefitClass, Kind
    from assetplan.appraisal.premises import Gathering
    from assetplan.scenarios.actions import Action


def paid(made: Gathering, at: int, action: Action, body: str, line: str, field: str, name: str, kind: Kind, basis: str, *,
         subject: str, share: float = 1.0, vat: bool = True, bias: Factor | None = None, months: float | None = None,
         wanted: bool = True) -> Iterator[Flow]:  # fmt: skip
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
        yield Flow(
            year, body, line, kind, "cost", -share * part, (Factor(cost),), subject, at, basis, bias=bias, vat=vat
        )


def yearly(made: Gathering, at: int, body: str, line: str, given: Input, sign: float, subject: str, basis: str, *, first: int,
           months: float | None = None, share: float = 1.0, benefit_class: BenefitClass = "cashable") -> Iterator[Flow]:  # fmt: skip
    """So much a year from a year on, to the end or for so many months."""
    for year in made.years:
        part = 1.0 if months is None else min(1.0, (first * 12 + months - year * 12) / 12)
        if year >= first and part > 0 and body:
            yield Flow(
                year, body, line, "revenue", benefit_class, sign * share * part, (Factor(given),), subject, at, basis
            )


def between(flow: Flow, other: str, kind: Kind | None = None) -> Iterator[Flow]:
    """A flow of one body with the same the other way round of another: a transfer, nothing to the whole."""
    mine = Flow(flow.year, flow.organisation, flow.line, flow.kind, "transfer", flow.constant, flow.factors, flow.subject, flow.action, flow.basis,
                cash=flow.cash)  # fmt: skip
    yield mine
    yield Flow(flow.year, other, flow.line, kind or flow.kind, "transfer", -flow.constant, flow.factors, flow.subject, flow.action, flow.basis,
               cash=flow.cash and other not in {EXCHEQUER, PUBLIC})  # fmt: skip

"""What a scenario costs and brings, to whom and when: its actions, its stated benefits, and what passes between bodies to pay for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assetplan.appraisal.flow import BENEFIT_CLASSES, EXCHEQUER, Flow
from assetplan.appraisal.leaving import appropriate, assemble, dispose, release, sublet, surrender
from assetplan.appraisal.moving import relocate, share_host, split
from assetplan.appraisal.paying import between
from assetplan.appraisal.stated import of_entry
from assetplan.appraisal.works import acquire, build, meanwhile, refurbish
from assetplan.figures.inputs import Factor
from assetplan.scenarios.actions import (
    Acquire,
    Action,
    Appropriate,
    Assemble,
    Build,
    Dispose,
    Meanwhile,
    Refurbish,
    Release,
    Relocate,
    Share,
    Split,
    Sublet,
    Surrender,
)
from assetplan.scenarios.paying import lapses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assetplan.appraisal.flow import BenefitClass, Kind
    from assetplan.appraisal.premises import Gathering
    from assetplan.scenarios.scenario import Scenario

_FLOWS: dict[type[Action], Callable[[Any, int, Gathering], Iterator[Flow]]] = {
    Acquire: acquire, Appropriate: appropriate, Assemble: assemble, Build: build, Dispose: dispose, Meanwhile: meanwhile, Refurbish: refurbish,
    Relocate: relocate, Release: release, Share: share_host, Split: split, Sublet: sublet, Surrender: surrender,
}  # fmt: skip
# To retain is in no list: what it spends is backlog.


def doings(made: Gathering, scenario: Scenario) -> Iterator[Flow]:
    """The flows of every action, benefit and transfer of a scenario."""
    for at, action in made.course.actions:
        if type(action) in _FLOWS:
            yield from _FLOWS[type(action)](action, at, made)
    yield from _benefits(made, scenario)
    yield from _given(made, scenario)


def _benefits(made: Gathering, scenario: Scenario) -> Iterator[Flow]:
    for at, benefit in enumerate(scenario.benefits, start=1):
        given = of_entry("benefit", at, benefit, "amount_gbp_pa", benefit.name)
        if given is None:
            continue
        for year in made.years:
            if benefit.year <= year <= (benefit.until or year):
                yield Flow(year, benefit.organisation, "benefit", "revenue", _class_of(benefit.benefit_class), 1.0, (Factor(given),), benefit.name, 0,
                           f"{benefit.name}: {benefit.basis} (benefit {at})", cash=benefit.benefit_class == "cashable")  # fmt: skip


def _class_of(word: str) -> BenefitClass:
    return next(known for known in BENEFIT_CLASSES if known == word)


def _given(made: Gathering, scenario: Scenario) -> Iterator[Flow]:
    """Money from one body of the estate to another, and grants from outside: to the whole, nothing but transfers."""
    for at, funding in enumerate(scenario.funding, start=1):
        given = of_entry("funding", at, funding, "amount_gbp", f"{funding.kind} to {funding.organisation}")
        if given is None or funding.kind not in {"grant", "contribution"}:
            continue
        last = lapses(funding, made.stated.ground.plans.get(funding.plan))
        if last is not None and funding.year > last:
            made.unknown.append(
                (0, f"funding {at}, {funding.kind}, can be spent until {last}: nothing is counted for it.")
            )
            continue
        line = "grant" if funding.kind == "grant" else "contribution"
        kind: Kind = "capital" if funding.pays_for == "capital" else "revenue"
        flow = Flow(
            funding.year,
            funding.organisation,
            line,
            kind,
            "transfer",
            1.0,
            (Factor(given),),
            f"funding {at}",
            0,
            f"{funding.kind} (funding {at})",
        )
        yield from between(flow, funding.from_organisation or EXCHEQUER)

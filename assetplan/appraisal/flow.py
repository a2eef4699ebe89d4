"""A flow: one amount of one body in one year, as a product of named inputs with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from assetplan.figures.inputs import Case, Factor

Kind = Literal["capital", "receipt", "revenue"]
BenefitClass = Literal["cashable", "avoided", "non-cash", "cost", "transfer", "public"]
BENEFIT_CLASSES: tuple[BenefitClass, ...] = ("cashable", "avoided", "non-cash", "cost", "transfer", "public")
EXCHEQUER, PUBLIC = "exchequer", "public"
"""Who stands for taxes and rates, and for everybody outside the bodies, among the organisations of lines."""

LINES: dict[str, str] = {
    "premises": "running cost of premises",
    "rates": "business rates",
    "overheads": "overheads of premises",
    "rent": "rent",
    "backlog": "backlog of repair",
    "works": "refurbishment",
    "build": "building",
    "land": "land and buildings acquired",
    "move": "moving and fitting",
    "ict": "information and communications technology",
    "redundancy": "redundancy",
    "disturbance": "travel of staff, for a time",
    "double running": "both places run at once",
    "void": "holding an empty building",
    "receipt": "receipts",
    "disposal": "cost of disposing",
    "clawback": "receipt taken back by a former funder",
    "ground rent": "ground rent received",
    "land forgone": "what land would have fetched",
    "charge": "charges between bodies",
    "contribution": "contributions between bodies",
    "grant": "grants",
    "dilapidations": "dilapidations and reinstatement",
    "consent": "consents and releases",
    "agreement": "agreements",
    "splitting": "parting a service",
    "saving": "saving in running a service",
    "income": "income",
    "benefit": "stated benefits",
    "residual": "what is left at the end",
}
"""What lines are about, by code."""


@dataclass(frozen=True)
class Flow:
    """One amount in one year: ``constant`` times its factors. Above 0 it is good for its organisation, below 0 bad.

    Attributes
    ----------
    year
        Financial year, by its start.
    organisation
        A body of the estate, `EXCHEQUER` or `PUBLIC`.
    line
        What it is about: a key of `LINES`.
    kind
        Capital, receipt or revenue, in that body's accounts.
    benefit_class
        What kind of benefit it is where it is above 0; what is below 0 is a cost. Transfers, public lines and repairs avoided, of which a
        part may be spent after all, are so either way.
    constant, factors
        The product. Pounds are real, of the estate's price base, without VAT.
    subject
        Asset, service, interest or constraint it is about.
    action
        Number of the action that brings it about; 0 where none does.
    basis
        Why, and how it was reckoned, in words.
    bias
        Optimism bias on it, in the economic case.
    vat
        Whether VAT is charged on it at the standard rate.
    cash, economic
        Whether it is of the financial case, and of the economic one.
    """

    year: int
    organisation: str
    line: str
    kind: Kind
    benefit_class: BenefitClass
    constant: float
    factors: tuple[Factor, ...]
    subject: str
    action: int
    basis: str
    bias: Factor | None = None
    vat: bool = False
    cash: bool = True
    economic: bool = True

    def amount(self, case: Case = "central") -> float:
        """The amount, optimism bias apart."""
        return self.constant * prod(factor.at(case) for factor in self.factors)


def classed(flow: Flow) -> BenefitClass:
    """What class a flow is of, now that its sign is known.

    Examples
    --------
    >>> classed(Flow(2012, "council", "void", "revenue", "cashable", -1.0, (), "council:1", 3, "empty until sold"))
    'cost'
    """
    if flow.benefit_class in {"transfer", "public", "avoided"} or flow.amount() > 0:
        return flow.benefit_class
    return "cost"


def difference(
    scenario: Iterable[Flow], baseline: Iterable[Flow], because: Callable[[Flow], tuple[int, str]]
) -> list[Flow]:
    """What a scenario does against a baseline: equal flows cancel, and what the baseline alone has is turned round.

    Parameters
    ----------
    scenario, baseline
        The flows of the whole estate in both.
    because
        Says of a flow that the baseline alone has which action ends it, by number, and why in words.
    """
    found: dict[tuple[object, ...], tuple[Flow, bool, list[float]]] = {}
    for flows, sign in ((scenario, 1.0), (baseline, -1.0)):
        for flow in flows:
            key: tuple[object, ...] = (
                flow.year, flow.organisation, flow.line, flow.kind, flow.subject, flow.factors, flow.bias, flow.vat, flow.cash, flow.economic,
            )  # fmt: skip
            found.setdefault(key, (flow, sign > 0, [0.0]))[2][0] += sign * flow.constant
    out = []
    for flow, own, (constant,) in found.values():
        if abs(constant) < _NOTHING:
            continue
        if own:
            out.append(replace(flow, constant=constant))
            continue
        action, why = because(flow)
        basis = f"not spent, where it otherwise would be: {flow.basis}; {why}"
        out.append(replace(flow, constant=constant, action=action, basis=basis))
    return out


_NOTHING = 1e-12

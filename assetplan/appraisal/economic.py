"""The economic case: what a scenario is worth to the whole against a baseline, with its lines and the ends of every sum."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from assetplan.appraisal.flow import PUBLIC, classed
from assetplan.appraisal.ledger import Ledger
from assetplan.figures.discounting import discount_factor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.appraisal.flow import Flow

    Floats = NDArray[np.float64]

LINE_COLUMNS = (
    "line_id", "year", "organisation", "case", "line", "benefit_class", "kind", "subject", "action", "amount_gbp", "low_gbp", "high_gbp", "basis",
    "sources",
)  # fmt: skip
_GROSS = {"works", "build", "land"}
"""Lines that are a scenario's own capital."""


class Ends(NamedTuple):
    """A figure with every input at the end that is worst for it, in the middle, and with every input at its best end."""

    low: float
    central: float
    high: float


class Economic:
    """The economic case of a scenario: real pounds, discounted, without VAT, interest or MRP; transfers come to nothing.

    Parameters
    ----------
    flows
        What the scenario does that its baseline does not.
    base_year
        Financial year, by its start, whose pounds are not discounted.
    years
        Financial years that are counted.
    factors
        What a pound of each year counts; by the schedule in force where none are given.
    """

    def __init__(
        self,
        flows: Sequence[Flow],
        base_year: int,
        years: tuple[int, ...],
        factors: Mapping[int, float] | None = None,
    ) -> None:
        self.base_year, self.years = base_year, years
        self.ledger = Ledger(sorted((flow for flow in flows if flow.economic), key=order), biased=True)
        self.factors: Mapping[int, float] = (
            factors if factors is not None else {year: discount_factor(year - base_year) for year in years}
        )

    def discounted(self, flow: Flow) -> float:
        """What one pound of a flow counts today."""
        return self.factors.get(flow.year, 0.0)

    def total(self, count: Callable[[Flow], float], values: Floats | None = None) -> Floats:
        """A sum of flows for each row of values of the inputs, the central ones where none are given."""
        return self.ledger.sums(self.ledger.weights(count), values)[:, 0]

    def ends(self, count: Callable[[Flow], float]) -> Ends:
        """A sum of flows at its worst, in the middle and at its best."""
        weights = self.ledger.weights(count)
        worst, best = self.ledger.ends(weights)
        rows = np.vstack([worst, self.ledger.values(), best])
        low, central, high = self.ledger.sums(weights, rows)[:, 0]
        return Ends(float(low), float(central), float(high))

    # ------------------------------------------------------------------------------------------- what is counted

    def npv(self, flow: Flow) -> float:
        """Net present value of the bodies and the exchequer: public lines apart."""
        return self.discounted(flow) if flow.organisation != PUBLIC else 0.0

    def capital(self, flow: Flow) -> float:
        """Capital that the scenario itself spends, undiscounted, as a cost above 0; transfers apart."""
        return -1.0 if flow.line in _GROSS and flow.kind == "capital" and flow.benefit_class != "transfer" else 0.0

    def receipts(self, flow: Flow) -> float:
        """Receipts from outside net of what disposing costs and former funders take back, undiscounted."""
        return 1.0 if flow.line in {"receipt", "clawback", "disposal"} and flow.benefit_class != "public" else 0.0

    def running(self, flow: Flow) -> float:
        """Change of running cost in the last year, when all is in place; above 0 it costs more."""
        return -1.0 if flow.kind == "revenue" and flow.year == self.years[-1] and flow.organisation != PUBLIC else 0.0

    # ------------------------------------------------------------------------------------------- by year

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """Undiscounted real pounds by body and year: what the cash chart stacks."""
        frame = pd.DataFrame(
            {
                "organisation": [flow.organisation for flow in self.ledger.flows],
                "year": [flow.year for flow in self.ledger.flows],
                "amount_gbp": self.ledger.amounts()[0] if self.ledger.flows else [],
            }
        )
        out = frame.pivot_table(
            index="organisation", columns="year", values="amount_gbp", aggfunc="sum", fill_value=0.0
        )
        return out.reindex(columns=list(self.years), fill_value=0.0)


def order(flow: Flow) -> tuple[Any, ...]:
    """The order in which lines stand: by year, body, what they are about; the same whatever the order of the actions."""
    return (
        flow.year, flow.organisation, flow.line, flow.kind, flow.subject, flow.constant, tuple(factor.input.key for factor in flow.factors),
        flow.action, flow.basis, flow.cash, flow.economic,
    )  # fmt: skip


def sources_of(flow: Flow, *, biased: bool = True) -> tuple[str, ...]:
    """Who says what a flow is a product of, each once."""
    factors = (*flow.factors, flow.bias) if biased and flow.bias is not None else flow.factors
    said = (
        f"{factor.input.name}: {factor.input.source or 'source not stated'}, {factor.input.where}" for factor in factors
    )
    return tuple(dict.fromkeys(said))


def bounds(flow: Flow, *, biased: bool = True) -> tuple[float, float]:
    """The least and the most that a flow may be."""
    low = high = flow.constant
    for factor in (*flow.factors, flow.bias) if biased and flow.bias is not None else flow.factors:
        ends = sorted((factor.at("low"), factor.at("high")))
        both = [low * end for end in ends] + [high * end for end in ends]
        low, high = min(both), max(both)
    return low, high


def economic_lines(case: Economic) -> pd.DataFrame:
    """The lines of the economic case and those of the public."""
    amounts = case.ledger.amounts()[0] if case.ledger.flows else []
    rows = []
    for number, (flow, amount) in enumerate(zip(case.ledger.flows, amounts, strict=True), start=1):
        low, high = bounds(flow)
        rows.append((
            f"e{number}", flow.year, flow.organisation, "public" if flow.organisation == PUBLIC else "economic", flow.line, classed(flow), flow.kind,
            flow.subject, flow.action, float(amount), low, high, flow.basis, "; ".join(sources_of(flow)),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(LINE_COLUMNS))

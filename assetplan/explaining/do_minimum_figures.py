"""What a baseline itself spends: what the places that a scenario is about cost to run and to repair where nothing is done with them.

A scenario is told by its difference from that. Whoever decides asks first whether doing nothing is told honestly: what is spent anyhow, by whom
and when, and what is not counted there as nobody states it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assetplan.appraisal.economic import Ends, order
from assetplan.appraisal.ledger import Ledger
from assetplan.explaining.line_figures import Booked, Lines, Sum, Sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assetplan.appraisal.flow import Flow
    from assetplan.figures.explanation import Explanation
    from assetplan.figures.inputs import Input
    from assetplan.results.result import Appraisal

BASELINE_COLUMNS = (
    "organisation",
    "year",
    "running_gbp",
    "repairs_gbp",
    "other_gbp",
    "spent_gbp",
    "low_gbp",
    "high_gbp",
)
_RUNNING = {"premises", "rates", "overheads", "rent", "void"}
_PARTS = ("running", "repairs", "other")


def part_of(flow: Flow) -> str:
    """Whether a flow of a baseline is for running a place, for its repairs, or for something else that the baseline does."""
    return "running" if flow.line in _RUNNING else "repairs" if flow.line == "backlog" else "other"


class DoingNothing:
    """What the baseline of an appraisal spends on the places that the scenario, or the baseline itself, is about.

    Parameters
    ----------
    result
        The appraisal. Other places cost in the scenario what they cost in the baseline, and are not looked at.
    """

    def __init__(self, result: Appraisal) -> None:
        run = result.least.beside(result.run, result.scenario, result.figures, result.base_year)
        bodies = result.estate.organisations
        self.flows = sorted((flow for flow in run.flows if flow.cash and flow.organisation in bodies), key=order)
        self.unknown = tuple(dict.fromkeys((*run.unknown, *_unstated(result))))
        self.years = result.years
        self._ledger = Ledger(self.flows, biased=False)
        self.amounts = self._ledger.amounts()[0] if self.flows else np.zeros(0)

    @property
    def bodies(self) -> tuple[str, ...]:
        """Who spends, by identifier."""
        return tuple(sorted({flow.organisation for flow in self.flows}))

    @property
    def inputs(self) -> Mapping[str, Input]:
        """The stated numbers that it rests on, by key."""
        return self._ledger.inputs

    def ends(self, count: Callable[[Flow], float]) -> Ends:
        """A sum of flows at its worst, in the middle and at its best."""
        weights = self._ledger.weights(count)
        worst, best = self._ledger.ends(weights)
        low, central, high = self._ledger.sums(weights, np.vstack([worst, self._ledger.values(), best]))[:, 0]
        return Ends(float(low), float(central), float(high))

    def frame(self) -> pd.DataFrame:
        """By body and year, what is spent, above 0: see `Appraisal.doing_nothing`."""
        rows = []
        for body in self.bodies:
            for year in self.years:
                of = dict.fromkeys(_PARTS, 0.0)
                for flow, amount in zip(self.flows, self.amounts, strict=True):
                    if (flow.organisation, flow.year) == (body, year):
                        of[part_of(flow)] -= float(amount)
                spent = self.ends(lambda flow, key=(body, year): -1.0 if (flow.organisation, flow.year) == key else 0.0)  # type: ignore[misc]
                rows.append(
                    (
                        body,
                        year,
                        *(of[part] + 0.0 for part in _PARTS),
                        spent.central + 0.0,
                        *sorted((spent.low, spent.high)),
                    )
                )
        return pd.DataFrame(rows, columns=list(BASELINE_COLUMNS))


def _unstated(result: Appraisal) -> Iterator[tuple[int, str]]:
    """Places of which it is not stated what waits to be repaired: nothing is spent on them, which is not to say that nothing has to be."""
    stated = result.least.stated
    touched = result.run.states.touched & set(stated.assets)
    blank = sorted(
        stated.name(asset)
        for asset in touched
        if stated.holder(asset) and _not_known(stated.assets[asset]["backlog_gbp"])
    )
    if blank:
        yield 0, f"what waits to be repaired is not stated for {', '.join(blank)}: no repairs are counted for it."


def _not_known(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124 - what is not known is not equal to itself


class Undone:
    """Figures of what a baseline spends: ``baseline_running_gbp/rdc/2013``, ``baseline_repairs_gbp/rdc``, down to ``line/b12``."""

    def __init__(self, result: Appraisal, names: Mapping[str, str], prices: str) -> None:
        self._result, self._names, self._prices = result, names, prices

    @cached_property
    def _chapters(self) -> tuple[Sums, Lines]:
        done = self._result.undone
        numbers = [f"b{number}" for number in range(1, len(done.flows) + 1)]
        booked = Booked(done.flows, done.amounts, numbers, done.ends, self._names, biased=False)
        sums = [_sum(part, name, self._prices) for part, name in _NAMED.items()]
        return Sums(booked, sums), Lines(booked, self._prices)

    def ids(self) -> Iterator[str]:
        """The figures."""
        for chapter in self._chapters:
            yield from chapter.ids()

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        if not figure_id.startswith(("baseline_", "line/b")):
            return None
        for chapter in self._chapters:
            found = chapter.explain(figure_id)
            if found is not None:
                return found
        return None


_NAMED = {
    "running": "What the baseline spends on running the places concerned",
    "repairs": "What the baseline spends on repairing them",
    "other": "What the baseline spends on what else it does",
}


def _sum(part: str, name: str, prices: str) -> Sum:
    how = "What is spent where the scenario is not done, above 0: a cost of the baseline itself, and no difference."
    by = ("organisation", "year", "line")
    return Sum(
        f"baseline_{part}_gbp", name, "GBP", prices, how, lambda flow: -1.0 if part_of(flow) == part else 0.0, by
    )

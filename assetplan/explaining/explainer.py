"""Walks from a figure of an appraisal to the lines it is a sum of, to their factors, and to the rows and figures that state them.

Figures are known by paths. A sum is parted by body, line and year, and then into its lines: ``npv_gbp``, ``npv_gbp/rdc``,
``npv_gbp/rdc/premises``, ``npv_gbp/rdc/premises/2013``, ``npv_gbp/rdc/premises/2013/e57``. Words of lines are joined by hyphens there.
``line/e57`` is a line, ``input/action/3/cost_gbp`` a number that somebody stated, ``discount_factor/2013`` that of a year.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from assetplan.appraisal.flow import EXCHEQUER, PUBLIC, classed
from assetplan.declared import guessed
from assetplan.errors import SubjectError
from assetplan.explaining.account_figures import Accounted
from assetplan.explaining.capital_figures import Capital
from assetplan.explaining.do_minimum_figures import Undone
from assetplan.explaining.doubt_figures import Doubt
from assetplan.explaining.effect_figures import Counts, Crews, Ways
from assetplan.explaining.line_figures import Booked, DiscountFactors, Inputs, Lines, Sum, Sums
from assetplan.explaining.revenue_figures import Revenue
from assetplan.explaining.strain_figures import Strained
from assetplan.explaining.ward_figures import Wards
from assetplan.figures.explanation import Explanation, Part, financial
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from assetplan.appraisal.flow import Flow
    from assetplan.results.result import Appraisal


class Chapter(Protocol):
    """Some figures of an appraisal."""

    def ids(self) -> Iterable[str]:
        """What they are known by."""

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them; None where it is none of these."""


class Explainer:
    """Every figure of one appraisal, by what it is known by."""

    def __init__(self, chapters: Sequence[Chapter]) -> None:
        self.chapters = tuple(chapters)
        self._found: dict[str, Explanation] = {}

    def ids(self) -> Iterator[str]:
        """Every figure, the great sums first."""
        for chapter in self.chapters:
            yield from chapter.ids()

    def knows(self, figure_id: str) -> bool:
        """Whether there is such a figure."""
        try:
            return self._look_up(figure_id) is not None
        except SubjectError:
            return False

    def explain(self, figure_id: str) -> Explanation:
        """One figure.

        Raises
        ------
        SubjectError
            Where there is none of that name, with a guess at what was meant.
        """
        found = self._look_up(figure_id)
        if found is None:
            raise SubjectError(_unknown(figure_id, list(self.ids())))
        return found

    def _look_up(self, figure_id: str) -> Explanation | None:
        if figure_id not in self._found:
            found = next((one for chapter in self.chapters if (one := chapter.explain(figure_id)) is not None), None)
            if found is None:
                return None
            self._found[figure_id] = replace(found, ask=self.explain)
        return self._found[figure_id]


def _unknown(figure_id: str, known: list[str]) -> str:
    heads = list(dict.fromkeys(one.split("/")[0] for one in known))
    parts = figure_id.split("/")
    hint = guessed(figure_id, known if parts[0] in heads else heads)
    return f"There is no figure {visible(figure_id)!r} in this appraisal.{hint} Figures begin with {', '.join(sorted(heads))}."


# ------------------------------------------------------------------------------------------------------- the economic case


class Whole:
    """Figures that are found among sums: the ratio of benefits to costs, and the year in which what was spent is saved."""

    def __init__(self, result: Appraisal, ask: Callable[[str], Explanation]) -> None:
        self._result, self._ask = result, ask

    def ids(self) -> Iterator[str]:
        """The figures."""
        yield from ("bcr", "payback_year")
        yield from (f"cumulative_gbp/{year}" for year in self._result.years)

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        if figure_id == "bcr":
            return self._bcr()
        if figure_id == "payback_year":
            return self._payback()
        head, _, rest = figure_id.partition("/")
        if head == "cumulative_gbp" and rest.isdecimal() and int(rest) in self._result.years:
            return self._cumulative(int(rest))
        return None

    def _bcr(self) -> Explanation:
        parts = tuple(
            Part(one, self._ask(one).name, self._ask(one).value or 0.0) for one in ("benefits_gbp", "costs_gbp")
        )
        ratio = self._result.bcr
        low, central, high = ratio if ratio is not None else (None, None, None)
        how = "Present value of benefits over that of costs, transfers being neither; at its ends both at their worst, or at their best. "
        how += "A comparison, not a pass mark." if ratio else "There are no costs, so there is none."
        return Explanation(
            "bcr",
            "Benefits for each pound of costs",
            central,
            low,
            high,
            "",
            "",
            how,
            "ratio",
            parts,
            self._ask("npv_gbp").inputs,
        )

    def _payback(self) -> Explanation:
        year, years = self._result.payback_year, self._result.years
        asked = [one for one in (year - 1, year) if one in years] if year is not None else [years[-1]]
        parts = tuple(
            Part(
                f"cumulative_gbp/{one}",
                f"by the end of {financial(one)}",
                self._ask(f"cumulative_gbp/{one}").value or 0.0,
            )
            for one in asked
        )
        how = "The first financial year by whose end what was saved and received covers what was spent, and from then on; real, undiscounted, "
        how += "of the bodies and the exchequer." + (
            ""
            if year is not None
            else f" There is none up to {financial(years[-1])}."
            if self._result.owes
            else " At no time had more been spent than saved and received."
        )
        inputs = self._ask("npv_gbp").inputs
        return Explanation("payback_year", "Payback year", year, None, None, "year", "", how, "found", parts, inputs)

    def _cumulative(self, year: int) -> Explanation:
        parts = []
        for one in self._result.years:
            if one <= year:
                below = self._ask(f"yearly_gbp/{one}")
                if below.parts:
                    parts.append(Part(below.figure_id, financial(one), below.value or 0.0))
        economic = self._result.economic
        low, central, high = economic.ends(
            lambda flow: float(flow.year <= year and flow.organisation != PUBLIC and flow.year in economic.factors)
        )
        return Explanation(
            f"cumulative_gbp/{year}", f"Saved and received less spent, up to the end of {financial(year)}", central, low, high, "GBP",
            prices_of(self._result), "The sum of the years so far.", "sum", tuple(parts), self._ask("npv_gbp").inputs,
        )  # fmt: skip


def prices_of(result: Appraisal, *, discounted: bool = False) -> str:
    """Of which year pounds are, in words."""
    base = visible(result.estate.price_base)
    said = f"real pounds at {base} prices" if base else "real pounds, of which year's prices is not known"
    return f"{said}, discounted to {financial(result.base_year)}" if discounted else said


def bodies_of(result: Appraisal) -> dict[str, str]:
    """What the bodies of an estate are called, and who stands beside them."""
    names = {key: organisation.name for key, organisation in result.estate.organisations.items()}
    return {**names, EXCHEQUER: "the exchequer, for taxes and business rates", PUBLIC: "the public"}


def economic_sums(result: Appraisal) -> list[Sum]:
    """The great sums of the economic case."""
    case = result.economic
    real, discounted = prices_of(result), prices_of(result, discounted=True)
    by_body = ("organisation", "line", "year")

    def classes(*wanted: str) -> Callable[[Flow], float]:
        return lambda flow: case.discounted(flow) if classed(flow) in wanted else 0.0

    def running(wanted: frozenset[str]) -> Callable[[Flow], float]:
        return lambda flow: case.running(flow) if classed(flow) in wanted else 0.0

    sums = [
        Sum(
            "npv_gbp", "Net present value to the bodies and the exchequer", "GBP", discounted,
            "What the scenario does that the baseline does not, each line at what a pound of its year is worth in the base year.", case.npv, by_body,
            discounted=True,
        ),
        Sum(
            "public_value_gbp", "Net present value with what the public gains and loses", "GBP", discounted,
            "The net present value with the lines of the public that have a price.", case.discounted, by_body, discounted=True,
        ),
        Sum(
            "capital_gbp", "Capital that the scenario spends", "GBP", real, "Works, building and land, with optimism bias, undiscounted.",
            case.capital, by_body,
        ),
        Sum(
            "receipts_gbp", "Receipts from outside", "GBP", real,
            "What is sold, net of what disposing costs and of what former funders take back, undiscounted.", case.receipts, by_body,
        ),
        Sum(
            "running_cost_change_gbp_pa", "Change of running cost a year, once all is in place", "GBP a year", real,
            f"The revenue lines of {financial(result.years[-1])}; below nought it is a saving.", case.running,
            ("benefit class", "organisation", "line"),
        ),
        Sum(
            "benefits_gbp", "Present value of benefits", "GBP", discounted, "What is saved, avoided, received, or worth something to the public.",
            classes("cashable", "avoided", "non-cash", "public"), ("benefit class", *by_body), discounted=True,
        ),
        Sum(
            "costs_gbp", "Present value of costs", "GBP", discounted, "What is spent; below nought.", classes("cost"), ("benefit class", *by_body),
            discounted=True,
        ),
    ]  # fmt: skip

    for figure_id, name, wanted in (
        ("running_cash_change_gbp_pa", "in cash", frozenset({"cashable", "cost", "transfer"})),
        ("running_avoided_change_gbp_pa", "avoided", frozenset({"avoided"})),
        ("running_not_cash_change_gbp_pa", "that is not cash", frozenset({"non-cash"})),
        ("running_other_change_gbp_pa", "avoided or not cash", frozenset({"avoided", "non-cash"})),
    ):
        sums.append(
            Sum(
                figure_id, f"Change of running cost {name} a year, once all is in place", "GBP a year", real,
                f"The part {name} of the revenue lines of {financial(result.years[-1])}; below nought it is a saving.",
                running(wanted), ("organisation", "line"),
            )
        )  # fmt: skip

    def of_year(year: int) -> Callable[[Flow], float]:
        return lambda flow: float(flow.year == year and flow.organisation != PUBLIC)

    def of_public(year: int) -> Callable[[Flow], float]:
        return lambda flow: float(flow.year == year and flow.organisation == PUBLIC)

    for year in result.years:
        sums.append(
            Sum(
                f"yearly_gbp/{year}", f"Saved and received less spent in {financial(year)}", "GBP", real,
                "The lines of the bodies and the exchequer in that year, undiscounted.", of_year(year), ("organisation", "line"),
            )
        )  # fmt: skip
    if any(flow.organisation == PUBLIC for flow in case.ledger.flows):
        sums += [
            Sum(
                f"yearly_public_gbp/{year}", f"What the public gains less what it loses in {financial(year)}", "GBP", real,
                "The lines of the public in that year, undiscounted.", of_public(year), ("organisation", "line"),
            )
            for year in result.years
        ]  # fmt: skip
    return sums


def explainer_of(result: Appraisal) -> Explainer:
    """Every figure of an appraisal."""
    case = result.economic
    flows = case.ledger.flows
    amounts = case.ledger.amounts()[0] if flows else np.zeros(0)
    booked = Booked(flows, amounts, [f"e{number}" for number in range(1, len(flows) + 1)], case.ends, bodies_of(result))
    chapters: list[Any] = [
        Sums(booked, economic_sums(result)),
        Lines(booked, prices_of(result)),
        *(chapter(result, booked.names, prices_of(result)) for chapter in (Revenue, Capital, Accounted)),
        Undone(result, booked.names, prices_of(result)),
        Inputs(result.inputs, lambda: result.undone.inputs),
        DiscountFactors(case),
        Ways(result),
        Crews(result),
        Wards(result),
        Counts(result),
        Doubt(result, prices_of(result, discounted=True)),
        Strained(result, booked.names),
    ]
    made = Explainer(chapters)
    made.chapters = (chapters[0], Whole(result, made.explain), *chapters[1:])
    return made

"""Walks from a figure of an appraisal to the lines it is a sum of, to their factors, and to the rows and figures that state them.

Figures are known by paths. A sum is parted by body, line and year, and then into its lines: ``npv_gbp``, ``npv_gbp/rdc``,
``npv_gbp/rdc/premises``, ``npv_gbp/rdc/premises/2013``, ``npv_gbp/rdc/premises/2013/e57``. Words of lines are joined by hyphens there.
``line/e57`` is a line, ``input/action/3/cost_gbp`` a number that somebody stated, ``discount_factor/2013`` that of a year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from assetplan.appraisal.discounting import DEFAULT_SCHEDULE, discount_schedules
from assetplan.appraisal.doubt_figures import Doubt
from assetplan.appraisal.economic import bounds
from assetplan.appraisal.effect_figures import Counts, Crews, Ways
from assetplan.appraisal.explanation import Explanation, Part, financial
from assetplan.appraisal.finance_figures import Finance
from assetplan.appraisal.flow import EXCHEQUER, LINES, PUBLIC, classed
from assetplan.declared import guessed
from assetplan.errors import SubjectError
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.appraisal.economic import Economic, Ends
    from assetplan.appraisal.flow import Flow
    from assetplan.appraisal.inputs import Factor, Input
    from assetplan.appraisal.result import Appraisal

CLASSES = {
    "cashable": "cashable",
    "avoided": "costs avoided",
    "non-cash": "not cash",
    "cost": "costs",
    "transfer": "transfers between bodies",
    "public": "of the public",
}
"""What classes of benefit are called."""


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
            self.explain(figure_id)
        except SubjectError:
            return False
        return True

    def explain(self, figure_id: str) -> Explanation:
        """One figure.

        Raises
        ------
        SubjectError
            Where there is none of that name, with a guess at what was meant.
        """
        if figure_id not in self._found:
            for chapter in self.chapters:
                found = chapter.explain(figure_id)
                if found is not None:
                    self._found[figure_id] = replace(found, ask=self.explain)
                    break
            else:
                raise SubjectError(_unknown(figure_id, list(self.ids())))
        return self._found[figure_id]


def _unknown(figure_id: str, known: list[str]) -> str:
    heads = list(dict.fromkeys(one.split("/")[0] for one in known))
    parts = figure_id.split("/")
    hint = guessed(figure_id, known if parts[0] in heads else heads)
    return f"There is no figure {visible(figure_id)!r} in this appraisal.{hint} Figures begin with {', '.join(sorted(heads))}."


# ------------------------------------------------------------------------------------------------------- sums


@dataclass(frozen=True)
class Sum:
    """A figure that is a sum of flows: how much each counts, and by what it is parted.

    Attributes
    ----------
    figure_id, name, unit, prices, how
        As an explanation has them.
    weight
        How much a flow counts: 0 where it does not, a discount factor, 1, or -1 where a cost is told above 0.
    by
        By what it is parted, first to last: ``organisation``, ``benefit class``, ``line``, ``year``.
    discounted
        Whether weights are discount factors.
    """

    figure_id: str
    name: str
    unit: str
    prices: str
    how: str
    weight: Callable[[Flow], float]
    by: tuple[str, ...]
    discounted: bool = False


class Booked(NamedTuple):
    """The flows of one case: what each comes to, what it is known by, and the ends of any sum of them."""

    flows: Sequence[Flow]
    amounts: NDArray[np.float64]
    line_ids: Sequence[str]
    ends: Callable[[Callable[[Flow], float]], Ends]
    names: Mapping[str, str]
    biased: bool = True


def key_of(flow: Flow, by: str) -> str:
    """By what a flow is known where a sum is parted."""
    match by:
        case "organisation":
            return flow.organisation
        case "benefit class":
            return classed(flow)
        case "line":
            return flow.line.replace(" ", "-")
        case _:
            return str(flow.year)


def named(key: str, by: str, bodies: Mapping[str, str]) -> str:
    """What a part of a sum is called."""
    match by:
        case "organisation":
            return bodies.get(key, key)
        case "benefit class":
            return CLASSES.get(key, key)
        case "line":
            return LINES.get(key.replace("-", " "), LINES.get(key, key))
        case _:
            return financial(int(key))


class Sums:
    """Figures that are sums of flows, with everything they are parted into."""

    def __init__(self, booked: Booked, sums: Iterable[Sum]) -> None:
        self._booked = booked
        self._sums = {one.figure_id: one for one in sums}
        self._paths: dict[str, dict[tuple[str, ...], list[int]]] = {}
        self._weights: dict[str, NDArray[np.float64]] = {}

    def ids(self) -> Iterator[str]:
        """The sums, then what each is parted into, then their lines where they count as anything but themselves."""
        yield from self._sums
        for head, one in self._sums.items():
            paths = self._parted(one)
            yield from ("/".join((head, *path)) for path in paths if path)
            for path, rows in paths.items():
                if len(path) == len(one.by):
                    yield from (
                        part.figure_id
                        for part in (self._leaf(one, path, row) for row in rows)
                        if part.figure_id.startswith(head)
                    )

    def explain(self, figure_id: str) -> Explanation | None:
        """A sum, a part of one, or a line as it counts in one."""
        head = max(
            (one for one in self._sums if figure_id == one or figure_id.startswith(f"{one}/")), key=len, default=""
        )
        if not head:
            return None
        one = self._sums[head]
        path = tuple(figure_id.removeprefix(head).removeprefix("/").split("/")) if figure_id != head else ()
        paths = self._parted(one)
        if len(path) == 1 and one.by[0] == "organisation" and path[0] in self._booked.names:
            paths = {path: [], **paths}  # of a body for which nothing changes that is the figure: nought
        if path in paths:
            return self._sum(one, path, paths)
        if len(path) == len(one.by) + 1 and path[:-1] in paths:
            for row in paths[path[:-1]]:
                if self._booked.line_ids[row] == path[-1]:
                    return self._counted(one, path[:-1], row)
        return None

    def _parted(self, one: Sum) -> dict[tuple[str, ...], list[int]]:
        if one.figure_id not in self._paths:
            weights = np.array([one.weight(flow) for flow in self._booked.flows], dtype=np.float64)
            paths: dict[tuple[str, ...], list[int]] = {(): []}
            for row in np.flatnonzero(weights):
                flow = self._booked.flows[row]
                keys = tuple(key_of(flow, by) for by in one.by)
                for depth in range(len(keys) + 1):
                    paths.setdefault(keys[:depth], []).append(int(row))
            self._paths[one.figure_id], self._weights[one.figure_id] = paths, weights
        return self._paths[one.figure_id]

    def _value(self, one: Sum, rows: list[int]) -> float:
        return float((self._weights[one.figure_id][rows] * self._booked.amounts[rows]).sum()) if rows else 0.0

    def _called(self, one: Sum, path: tuple[str, ...]) -> str:
        parts = [named(key, by, self._booked.names) for key, by in zip(path, one.by, strict=False)]
        return f"{one.name}: {', '.join(parts)}" if parts else one.name

    def _sum(self, one: Sum, path: tuple[str, ...], paths: Mapping[tuple[str, ...], list[int]]) -> Explanation:
        rows = paths[path]
        if len(path) < len(one.by):
            by = one.by[len(path)]
            below = [key for key in paths if len(key) == len(path) + 1 and key[:-1] == path]
            parts = [
                Part(
                    "/".join((one.figure_id, *key)),
                    named(key[-1], by, self._booked.names),
                    self._value(one, paths[key]),
                )
                for key in below
            ]
            parts.sort(
                key=(lambda part: (0.0, part.figure_id))
                if by == "year"
                else (lambda part: (-abs(part.value), part.figure_id))
            )
            said = f"The sum over each {by} of it."
        else:
            parts = [self._leaf(one, path, row) for row in rows]
            said = "The sum of its lines."
        chosen = {id(self._booked.flows[row]) for row in rows}
        low, _, high = self._booked.ends(lambda flow: one.weight(flow) if id(flow) in chosen else 0.0)
        inputs = _inputs((self._booked.flows[row] for row in rows), biased=self._booked.biased)
        how = f"{one.how} {said}" if rows else f"{one.how} Nothing is other than in the baseline."
        return Explanation(
            "/".join((one.figure_id, *path)), self._called(one, path), self._value(one, rows), low, high, one.unit, one.prices, how, "sum",
            tuple(parts), inputs,
        )  # fmt: skip

    def _leaf(self, one: Sum, path: tuple[str, ...], row: int) -> Part:
        flow, line, weight = self._booked.flows[row], self._booked.line_ids[row], self._weights[one.figure_id][row]
        amount = float(self._booked.amounts[row])
        if weight == 1.0 and not one.discounted:
            return Part(f"line/{line}", flow.basis, amount)
        return Part("/".join((one.figure_id, *path, line)), flow.basis, amount * float(weight))

    def _counted(self, one: Sum, path: tuple[str, ...], row: int) -> Explanation:
        """A line as it counts in a sum: discounted, or turned round."""
        flow, line = self._booked.flows[row], self._booked.line_ids[row]
        weight, amount = float(self._weights[one.figure_id][row]), float(self._booked.amounts[row])
        low, high = sorted(weight * end for end in bounds(flow, biased=self._booked.biased))
        inputs = _inputs([flow], biased=self._booked.biased)
        if one.discounted:
            parts: tuple[Part, ...] = (
                Part(f"line/{line}", flow.basis, amount),
                Part(f"discount_factor/{flow.year}", f"discount factor of {financial(flow.year)}", weight),
            )
            how = "The line, at what a pound of its year is worth in the base year."
        else:
            parts = (Part(f"line/{line}", flow.basis, amount, times=weight),)
            how = "The line, turned round: a cost is told above nought."
        return Explanation(
            "/".join((one.figure_id, *path, line)), f"{self._called(one, path)}: {flow.basis}", amount * weight, low, high, one.unit, one.prices,
            how, "product", parts, inputs,
        )  # fmt: skip


def _factors(flow: Flow, *, biased: bool) -> tuple[Factor, ...]:
    return (*flow.factors, flow.bias) if biased and flow.bias is not None else flow.factors


def _inputs(flows: Iterable[Flow], *, biased: bool) -> tuple[Input, ...]:
    found = {factor.input.key: factor.input for flow in flows for factor in _factors(flow, biased=biased)}
    return tuple(found[key] for key in sorted(found))


# ------------------------------------------------------------------------------------------------------- lines and inputs


class Lines:
    """Lines of a case, each a product of stated numbers."""

    def __init__(self, booked: Booked, prices: str) -> None:
        self._booked, self._prices = booked, prices
        self._row = {f"line/{line}": row for row, line in enumerate(booked.line_ids)}

    def ids(self) -> Iterator[str]:
        """The lines."""
        yield from self._row

    def explain(self, figure_id: str) -> Explanation | None:
        """A line."""
        row = self._row.get(figure_id)
        if row is None:
            return None
        flow, biased = self._booked.flows[row], self._booked.biased
        low, high = bounds(flow, biased=biased)
        parts = tuple(
            Part(f"input/{one.input.key}", one.input.name, one.input.value.central, one.plus, one.times)
            for one in _factors(flow, biased=biased)
        )
        body = self._booked.names.get(flow.organisation, flow.organisation)
        by = f" Brought about by action {flow.action}." if flow.action else ""
        much = (
            ""
            if flow.constant in {1.0, -1.0} and parts
            else f" {flow.constant:,.6g} times the product of what it rests on."
        )
        return Explanation(
            figure_id, f"{LINES.get(flow.line, flow.line)} of {body}, {financial(flow.year)} ({flow.subject})", float(self._booked.amounts[row]), low,
            high, "GBP", self._prices, f"{flow.basis}.{by}{much}", "product", parts, _inputs([flow], biased=biased), flow.constant,
        )  # fmt: skip


class Inputs:
    """Stated numbers."""

    def __init__(self, inputs: Mapping[str, Input]) -> None:
        self._inputs = inputs

    def ids(self) -> Iterator[str]:
        """The inputs."""
        yield from (f"input/{key}" for key in self._inputs)

    def explain(self, figure_id: str) -> Explanation | None:
        """An input."""
        given = self._inputs.get(figure_id.removeprefix("input/")) if figure_id.startswith("input/") else None
        if given is None:
            return None
        low, central, high = given.value
        how = f"It is stated: {given.where}." if given.where else "It is stated."
        if given.draw == "chance":
            how += f" It happens, with a chance of {given.chance:.0%}, or it does not."
        return Explanation(figure_id, given.name, central, low, high, given.unit, "", how, "stated", (), (given,))


class DiscountFactors:
    """What a pound of each year is worth in the base year."""

    def __init__(self, economic: Economic) -> None:
        self._economic = economic

    def ids(self) -> Iterator[str]:
        """The factors by year."""
        yield from (f"discount_factor/{year}" for year in self._economic.factors)

    def explain(self, figure_id: str) -> Explanation | None:
        """A factor."""
        head, _, rest = figure_id.partition("/")
        if head != "discount_factor" or not rest.isdecimal() or int(rest) not in self._economic.factors:
            return None
        year, schedule = int(rest), discount_schedules()[DEFAULT_SCHEDULE]
        value, base = self._economic.factors[year], self._economic.base_year
        how = (
            f"What a pound of {financial(year)} is worth in {financial(base)}, in real terms: {schedule.source}, {schedule.edition}; "
            f"{year - base} years at its rates by year."
        )
        return Explanation(
            figure_id, f"discount factor of {financial(year)}", value, value, value, "", "", how, "stated"
        )


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
            "" if year is not None else " There is none, or nothing was spent."
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
            f"The revenue lines of {financial(result.years[-1])}; below nought it is a saving.", case.running, ("benefit class", "organisation", "line"),
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
        ("running_cash_change_gbp_pa", "in cash", {"cashable", "cost", "transfer"}),
        ("running_avoided_change_gbp_pa", "avoided", {"avoided"}),
        ("running_not_cash_change_gbp_pa", "that is not cash", {"non-cash"}),
        ("running_other_change_gbp_pa", "avoided or not cash", {"avoided", "non-cash"}),
    ):
        sums.append(
            Sum(
                figure_id, f"Change of running cost {name} a year, once all is in place", "GBP a year", real,
                f"The part {name} of the revenue lines of {financial(result.years[-1])}; below nought it is a saving.",
                (lambda wanted: lambda flow: case.running(flow) if classed(flow) in wanted else 0.0)(wanted), ("organisation", "line"),
            )
        )  # fmt: skip

    def of_year(year: int) -> Callable[[Flow], float]:
        return lambda flow: float(flow.year == year and flow.organisation != PUBLIC)

    for year in result.years:
        sums.append(
            Sum(
                f"yearly_gbp/{year}", f"Saved and received less spent in {financial(year)}", "GBP", real,
                "The lines of the bodies and the exchequer in that year, undiscounted.", of_year(year), ("organisation", "line"),
            )
        )  # fmt: skip
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
        Finance(result, booked.names, prices_of(result)),
        Inputs(result.inputs),
        DiscountFactors(case),
        Ways(result),
        Crews(result),
        Counts(result),
        Doubt(result, prices_of(result, discounted=True)),
    ]
    made = Explainer(chapters)
    made.chapters = (chapters[0], Whole(result, made.explain), *chapters[1:])
    return made

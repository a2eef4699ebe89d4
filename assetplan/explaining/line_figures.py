"""Sums of lines, lines and stated numbers as what can be walked back.

A sum is parted by body, line and year, and then into its lines: ``npv_gbp/rdc/premises/2013/e57``. Words of lines are joined by hyphens there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from assetplan.appraisal.economic import bounds
from assetplan.appraisal.flow import LINES, classed
from assetplan.figures.discounting import DEFAULT_SCHEDULE, discount_schedules
from assetplan.figures.explanation import Explanation, Part, financial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.appraisal.economic import Economic, Ends
    from assetplan.appraisal.flow import Flow
    from assetplan.figures.inputs import Factor, Input

CLASSES = {
    "cashable": "cashable",
    "avoided": "costs avoided",
    "non-cash": "not cash",
    "cost": "costs",
    "transfer": "transfers between bodies",
    "public": "of the public",
}
"""What classes of benefit are called."""


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
            for row in np.flatnonzero(weights).tolist():
                flow = self._booked.flows[row]
                keys = tuple(key_of(flow, by) for by in one.by)
                for depth in range(len(keys) + 1):
                    paths.setdefault(keys[:depth], []).append(row)
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
    """Stated numbers.

    Parameters
    ----------
    inputs
        By key.
    further
        Gives those that only the baseline rests on, when they are asked for.
    """

    def __init__(self, inputs: Mapping[str, Input], further: Callable[[], Mapping[str, Input]]) -> None:
        self._own, self._further = inputs, further

    @cached_property
    def _inputs(self) -> Mapping[str, Input]:
        return {**self._further(), **self._own}

    def ids(self) -> Iterator[str]:
        """The inputs."""
        yield from (f"input/{key}" for key in self._inputs)

    def explain(self, figure_id: str) -> Explanation | None:
        """An input."""
        if not figure_id.startswith("input/"):
            return None
        key = figure_id.removeprefix("input/")
        given = self._own.get(key) or self._inputs.get(key)
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

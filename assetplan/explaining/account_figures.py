"""The accounts of the financial case as what can be walked back: each body's parts by year, their lines, and how prices rise.

``account/rdc/running/2013`` is what falls in one part of a body's accounts in a year, ``line/f12`` a line of the financial case, and
``price_index/2013`` what prices are then.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assetplan.appraisal.accounts import AVOIDED, CHARGES, FUNDED, ONE_OFF, RUNNING, VAT
from assetplan.appraisal.economic import bounds
from assetplan.appraisal.flow import Flow
from assetplan.appraisal.postings import FINANCIAL_LINES, Posting
from assetplan.figures.explanation import Explanation, Part, financial
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assetplan.appraisal.accounts import Cell
    from assetplan.appraisal.financial import Financial
    from assetplan.results.result import Appraisal

PARTS = {
    RUNNING: "running costs",
    ONE_OFF: "what is spent once",
    CHARGES: "charges between bodies",
    VAT: "VAT that stays with the body",
    "interest": "interest, or the dividend on public dividend capital",
    "mrp": "minimum revenue provision, or depreciation",
    FUNDED: "money from outside and own money for revenue",
}
"""What makes the effect on revenue, by the names of `Appraisal.revenue`."""
CHARGED = {"interest": ("interest", "dividend"), "mrp": ("provision", "depreciation")}
"""The lines that are what capital charges to revenue, by the part they make."""
NOTHING = 0.005


class Books:
    """What chapters of the financial case have in common.

    Parameters
    ----------
    result
        The appraisal.
    names
        What bodies are called.
    prices
        Of which year real pounds are, in words.
    """

    def __init__(self, result: Appraisal, names: Mapping[str, str], prices: str) -> None:
        self._result, self._names, self._real = result, names, prices
        self._case: Financial = result.financial
        self._nominal = "pounds of each year"

    @property
    def of_body(self) -> Mapping[str, Callable[[str, str], Explanation]]:
        """Figures of a body, by the word that they begin with."""
        return {}

    @property
    def of_year(self) -> Mapping[str, Callable[[str, str, int], Explanation]]:
        """Figures of a body and a year, by the word that they begin with."""
        return {}

    def otherwise(self, figure_id: str, head: str, path: list[str]) -> Explanation | None:  # noqa: ARG002 - for chapters that have more
        """A figure that is none of these."""
        return None

    def ids(self) -> Iterator[str]:
        """The figures."""
        for body in self._case.bodies:
            yield from (f"{head}/{body}" for head in self.of_body)
            yield from (f"{head}/{body}/{year}" for year in self._case.years for head in self.of_year)

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        head, *path = figure_id.split("/")
        if path and path[0] in self._case.at_body:
            if len(path) == 1 and head in self.of_body:
                return self.of_body[head](figure_id, path[0])
            if len(path) == 2 and head in self.of_year and (year := self._year(path[1])) is not None:
                return self.of_year[head](figure_id, path[0], year)
        return self.otherwise(figure_id, head, path)

    def _year(self, text: str) -> int | None:
        return int(text) if text.isdecimal() and int(text) in self._case.at_year else None

    def _series(self, name: str, body: str, year: int) -> float:
        return float(self._case.central.series[name][0, self._case.at_body[body], self._case.at_year[year]])

    def _money(
        self, figure_id: str, name: str, value: float, how: str, parts: list[Part], *, joined: Any = "sum", ends: Any = None, inputs: Any = ()
    ) -> Explanation:  # fmt: skip
        low, high = ends if ends is not None else (None, None)
        return Explanation(
            figure_id, name, value, low, high, "GBP", self._nominal, how, joined, tuple(parts), tuple(inputs)
        )

    def _body_name(self, body: str) -> str:
        return self._names.get(body, body)

    # ------------------------------------------------------------------------------------------- accounts

    @cached_property
    def _accounts(self) -> Mapping[tuple[str, str, int], list[int]]:
        """By body, part of its accounts and year, the flows that fall in it."""
        out: dict[tuple[str, str, int], list[int]] = defaultdict(list)
        for row, cell in enumerate(self._case.accounts.cells):
            out[cell.organisation, cell.part, cell.year].append(row)
        return dict(sorted(out.items()))

    @cached_property
    def _columns(self) -> Mapping[tuple[str, str, int], list[int]]:
        out: dict[tuple[str, str, int], list[int]] = defaultdict(list)
        for column, cell in enumerate(self._case.accounts.sums):
            out[cell.organisation, cell.part, cell.year].append(column)
        return out

    @cached_property
    def _line_of(self) -> Mapping[int, str]:
        return {id(origin): line for line, origin in self._result.postings.origins.items()}

    @cached_property
    def _posted(self) -> Mapping[tuple[str, int, str, str], list[tuple[str, float, str]]]:
        """By body, year, line and kind, what is reckoned: line, amount, basis."""
        out: dict[tuple[str, int, str, str], list[tuple[str, float, str]]] = defaultdict(list)
        for row in records(self._result.postings.frame):
            if isinstance(self._result.postings.origins[row["line_id"]], Posting):
                out[row["organisation"], int(row["year"]), row["line"], row["kind"]].append(
                    (f"line/{row['line_id']}", row["amount_gbp"], row["basis"])
                )
        return out

    @cached_property
    def _amounts(self) -> Any:
        ledger = self._case.ledger
        return ledger.amounts()[0] if ledger.flows else []

    def _risen(self, body: str, part: str, year: int) -> float:
        columns = self._columns.get((body, part, year), [])
        return float(self._case.central.risen[0, columns].sum()) if columns else 0.0

    def _account_value(self, body: str, part: str, year: int) -> float:
        rows = self._accounts.get((body, part, year), [])
        return float(sum(self._amounts[row] for row in rows)) + self._risen(body, part, year)

    def _index_value(self, year: int) -> float:
        rate = self._case.accounts.figures.input("inflation_percent").value.central
        return float((1 + rate / 100) ** (year - self._case.base_year))

    def _over_years(self, figure_id: str, head: str, body: str, name: str, how: str) -> Explanation:
        parts = []
        for year in self._case.years:
            found = self.of_year[head](f"{head}/{body}/{year}", body, year)
            if found.value:
                parts.append(Part(found.figure_id, financial(year), found.value))
        total = sum(part.value for part in parts)
        return self._money(figure_id, f"{name}: {self._body_name(body)}", total, how, parts)

    def _reckoned(self, body: str, year: int, line: str, kind: str) -> list[Part]:
        return [Part(key, basis, amount) for key, amount, basis in self._posted.get((body, year, line, kind), [])]

    def _is_avoided(self, line: str) -> bool:
        origin = self._result.postings.origins[line.removeprefix("line/")]
        return isinstance(origin, Posting) and origin.benefit_class == "avoided"


class Accounted(Books):
    """Parts of bodies' accounts by year, lines, and prices."""

    def ids(self) -> Iterator[str]:
        """The figures."""
        for body, part, year in self._accounts:
            yield f"account/{body}/{slug(part)}/{year}"
            if self._risen(body, part, year):
                yield f"account/{body}/{slug(part)}/{year}/inflation"
        yield from (f"price_index/{year}" for year in self._case.years)
        yield from (f"line/{line}" for line in self._result.postings.origins)

    def otherwise(self, figure_id: str, head: str, path: list[str]) -> Explanation | None:
        """A part of accounts, a line, or an index of prices."""
        if head == "line" and len(path) == 1 and path[0] in self._result.postings.origins:
            return self._line(figure_id, path[0])
        if head == "price_index" and len(path) == 1 and (year := self._year(path[0])) is not None:
            return self._index(figure_id, year)
        if head == "account" and path:
            return self._account(figure_id, path[0], path[1:])
        return None

    def _account(self, figure_id: str, body: str, path: list[str]) -> Explanation | None:
        known = {slug(part): part for _, part, _ in self._accounts}
        if len(path) < 2 or path[0] not in known or not path[1].isdecimal():
            return None
        part, year = known[path[0]], int(path[1])
        if (body, part, year) not in self._accounts:
            return None
        risen = self._risen(body, part, year)
        of = f"{self._body_name(body)}, {PARTS.get(part, part)}, {financial(year)}"
        if len(path) == 3 and path[2] == "inflation" and risen:
            how = f"What is spent and saved in pounds of {financial(self._case.base_year)}, times {self._index_value(year) - 1:.4g}."
            parts = self._risen_lines(lambda cell: (cell.organisation, cell.part, cell.year) == (body, part, year))
            given = self._case.accounts.figures.input("inflation_percent")
            return self._money(figure_id, f"Rise of prices: {of}", risen, how, parts, inputs=(given,))
        if len(path) != 2:
            return None
        found = []
        flows = self._case.accounts.flows
        for row in self._accounts[body, part, year]:
            line = self._line_of.get(id(flows[row]))
            key = f"line/{line}" if line else f"{figure_id}/own"
            found.append(Part(key, flows[row].basis, float(self._amounts[row])))
        joined = "sum" if all(not one.figure_id.endswith("/own") for one in found) else "found"
        found = [one for one in found if not one.figure_id.endswith("/own")]
        if risen:
            found.append(Part(f"{figure_id}/inflation", "rise of prices", risen))
        value = self._account_value(body, part, year)
        return self._money(
            figure_id,
            f"Accounts of {of}",
            value,
            "The lines that fall in this part of its accounts.",
            found,
            joined=joined,
        )

    def _index(self, figure_id: str, year: int) -> Explanation:
        given = self._case.accounts.figures.input("inflation_percent")
        parts = (Part(f"input/{given.key}", given.name, given.value.central),)
        value, base = self._index_value(year), self._case.base_year
        how = f"Prices of {financial(year)} where those of {financial(base)} are 1: {year - base} years at that rate."
        low, high = ((1 + end / 100) ** (year - base) for end in (given.value.low, given.value.high))
        return Explanation(
            figure_id, f"prices of {financial(year)}", value, low, high, "", "", how, "found", parts, (given,)
        )

    def _line(self, figure_id: str, line: str) -> Explanation:
        origin = self._result.postings.origins[line]
        if isinstance(origin, Flow):
            low, high = bounds(origin, biased=False)
            parts = tuple(
                Part(f"input/{one.input.key}", one.input.name, one.input.value.central, one.plus, one.times)
                for one in origin.factors
            )
            name = f"{FINANCIAL_LINES.get(origin.line, origin.line)} of {self._body_name(origin.organisation)}, {financial(origin.year)}"
            name += f" ({origin.subject})" if origin.subject else ""
            by = f" Brought about by action {origin.action}." if origin.action else ""
            inputs = tuple({one.input.key: one.input for one in origin.factors}.values())
            return Explanation(
                figure_id, name, origin.amount(), low, high, "GBP", self._real, f"{origin.basis}.{by}", "product", parts, inputs, origin.constant,
            )  # fmt: skip
        return self._posting(figure_id, line, origin)

    def _posting(self, figure_id: str, line: str, origin: Posting) -> Explanation:
        at = int(line.removeprefix("f")) - 1
        row = self._result.postings.frame.iloc[at]
        value = float(row["amount_gbp"])
        name = f"{FINANCIAL_LINES.get(origin.line, origin.line)} of {self._body_name(origin.organisation)}, {financial(origin.year)}"
        low, high = float(row["low_gbp"]), float(row["high_gbp"])
        if origin.line == "inflation":
            key = (origin.organisation, origin.year, origin.kind, origin.subject)
            parts = self._risen_lines(lambda cell: (cell.organisation, cell.year, cell.kind, cell.line) == key)
            index = self._index_value(origin.year)
            how = f"{origin.basis}: what is spent and saved in pounds of {financial(self._case.base_year)}, times {index - 1:.4g}."
            return self._money(figure_id, name, value, how, parts, ends=(low, high), inputs=origin.inputs)
        parts = [Part(f"input/{one.key}", one.name, one.value.central) for one in origin.inputs]
        parts += self._behind(origin)
        return self._money(
            figure_id, name, value, f"{origin.basis}.", parts, joined="found", ends=(low, high), inputs=origin.inputs
        )

    def _behind(self, origin: Posting) -> Iterator[Part]:
        """The figures that a line is reckoned from beside what is stated."""
        body, year = origin.organisation, origin.year
        charged = {line for lines in CHARGED.values() for line in lines}
        if origin.line in charged and origin.benefit_class == "avoided":
            for owner, part, then in self._accounts:
                if owner == body and part == AVOIDED and then <= year:
                    value = self._account_value(owner, part, then)
                    yield Part(f"account/{body}/{AVOIDED}/{then}", f"repairs avoided, {financial(then)}", value)
        elif origin.line in charged:
            if year - 1 in self._case.at_year and (value := self._series("debt", body, year - 1)):
                yield Part(f"outstanding_gbp/{body}/{year - 1}", f"owed at the end of {financial(year - 1)}", value)
            if value := self._series("capital", body, year):
                yield Part(f"financial_capital_gbp/{body}/{year}", "capital of the year", value)
        elif origin.line in {"cost met", "small receipt"}:
            for (owner, action, subject, then, _), found in self._case.central.sales.items():
                if (owner, action, subject, then) == (body, origin.action, origin.subject, year):
                    step = "met" if origin.line == "cost met" else "small"
                    yield Part(f"receipt/{owner}/{action}/{subject}/{step}", origin.basis, float(found[step][0]))
        elif origin.kind == "funding" or origin.line == "revenue to capital":
            value = self._series("capital", body, year)
            yield Part(f"financial_capital_gbp/{body}/{year}", "capital of the year", value)

    def _risen_lines(self, wanted: Callable[[Cell], bool]) -> list[Part]:
        """Lines that rise with prices, each counted by how much it rises."""
        out = []
        for flow, cell, amount in zip(self._case.accounts.flows, self._case.accounts.cells, self._amounts, strict=True):
            line = self._line_of.get(id(flow))
            if line and cell.priced and wanted(cell):
                out.append(Part(f"line/{line}", flow.basis, float(amount), times=self._index_value(cell.year) - 1))
        return out


def slug(words: str) -> str:
    """Words as a part of what a figure is known by."""
    return words.replace(" ", "-")

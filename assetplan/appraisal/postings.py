"""The lines of the financial case: real pounds as the economic case has them, and everything on top as lines of its own.

Of each body and year the lines of kind ``revenue`` add up to the effect on its revenue; those of kind ``capital``, ``receipt`` and ``funding``
add up to nothing, as all capital is paid for by something.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from assetplan.appraisal.accounts import AVOIDED, CAPITAL, GIVEN, OWN_CAPITAL, OWN_REVENUE
from assetplan.appraisal.economic import LINE_COLUMNS, bounds, sources_of
from assetplan.appraisal.financing import BORROWED, ORDER
from assetplan.appraisal.flow import LINES, classed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from assetplan.appraisal.financial import Financial, Outcome, SaleKey
    from assetplan.appraisal.flow import Flow
    from assetplan.figures.inputs import Input

    Floats = NDArray[np.float64]

FINANCIAL_LINES: dict[str, str] = {
    **LINES,
    "vat": "VAT that stays with the body",
    "contingency": "contingency of the budget for works",
    "inflation": "rise of prices since the base year",
    "interest": "interest",
    "provision": "minimum revenue provision",
    "depreciation": "depreciation",
    "dividend": "dividend on public dividend capital",
    "cost met": "cost of disposing that the receipt bears",
    "small receipt": "receipt too small to be capital",
    "revenue to capital": "revenue that pays for capital",
    "borrowing": "borrowing",
    "capital to find": "capital to be found within the year's limit",
    "held": "money in hand that is not yet used",
    "given back": "money given back as it has lapsed",
    **{kind: kind for kind in ORDER if kind not in LINES},
}
"""What lines of the financial case are about, by code."""
_NOTHING = 0.005
_FROM_LINES = "reckoned from other lines of this body"


@dataclass(frozen=True)
class Posting:
    """A line that is reckoned from others: interest, a provision, the rise of prices, what pays for capital.

    Attributes
    ----------
    year, organisation, line, kind, benefit_class, subject, action, basis
        As of a line.
    inputs
        The numbers it rests on beside the lines it is reckoned from.
    figure
        Takes it from an outcome, for each row.
    """

    year: int
    organisation: str
    line: str
    kind: str
    benefit_class: str
    subject: str
    action: int
    basis: str
    inputs: tuple[Input, ...]
    figure: Callable[[Outcome], Floats]


class Entry(NamedTuple):
    """A line with what it is known by: a flow, in real pounds, or what is reckoned from others; its kind, and its ends."""

    line_id: str
    source: Flow | Posting
    kind: str
    amount_gbp: float
    low_gbp: float
    high_gbp: float


class _Series(NamedTuple):
    """A series of the financial case as a kind of line: its sign, and what is said of it."""

    name: str
    sign: float
    line: str
    kind: str
    benefit_class: str
    said: str


class Postings:
    """The lines of the financial case.

    Parameters
    ----------
    financial
        The case.
    """

    def __init__(self, financial: Financial) -> None:
        self.financial = financial
        self.accounts = financial.accounts

    @cached_property
    def reckoned(self) -> tuple[Posting, ...]:
        """The lines that are no flows, by year and body."""
        found = [*self._inflation(), *self._sales(), *self._financing()]
        return tuple(
            sorted(found, key=lambda one: (one.year, one.organisation, one.line, one.kind, one.subject, one.action))
        )

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All lines of the financial case, by year and body: flows, and what is reckoned from others."""
        ledger = self.financial.ledger
        amounts = ledger.amounts()[0].tolist() if ledger.flows else []
        found: list[tuple[int, str, Flow | Posting, str, float, float, float]] = []
        for flow, cell, amount in zip(ledger.flows, self.accounts.cells, amounts, strict=True):
            if cell.part not in {OWN_CAPITAL, OWN_REVENUE}:  # what is used of them is a line
                kind = "funding" if cell.part == GIVEN else flow.kind
                found.append((flow.year, flow.organisation, flow, kind, amount, *bounds(flow, biased=False)))
        worst, central, best = self.financial.ends(self._figures)
        for one, low, amount, high in zip(self.reckoned, worst.tolist(), central.tolist(), best.tolist(), strict=True):
            found.append((one.year, one.organisation, one, one.kind, amount, low, high))
        found.sort(key=lambda one: one[:2])
        return tuple(Entry(f"f{number}", *one[2:]) for number, one in enumerate(found, start=1))

    @cached_property
    def origins(self) -> Mapping[str, Flow | Posting]:
        """By line, what it is: a flow, or what is reckoned from others."""
        return {entry.line_id: entry.source for entry in self.entries}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All lines of the financial case."""
        rows = []
        for entry in self.entries:
            one = entry.source
            benefit_class = one.benefit_class if isinstance(one, Posting) else classed(one)
            rows.append((
                entry.line_id, one.year, one.organisation, "financial", one.line, benefit_class, entry.kind, one.subject, one.action,
                entry.amount_gbp, entry.low_gbp, entry.high_gbp, one.basis, "; ".join(said_by(one)),
            ))  # fmt: skip
        return pd.DataFrame(rows, columns=list(LINE_COLUMNS))

    def _figures(self, outcome: Outcome) -> Floats:
        if not self.reckoned:
            return np.zeros((len(outcome.npv), 0))
        return np.column_stack([posting.figure(outcome) for posting in self.reckoned])

    # ------------------------------------------------------------------------------------------- prices

    def _inflation(self) -> Iterator[Posting]:
        """What each line of a body and year is more by in the pounds of that year."""
        inflation = self.accounts.figures.input("inflation_percent")
        base, rate = self.financial.base_year, inflation.value.central
        found: dict[tuple[int, str, str, str], list[int]] = defaultdict(list)
        for column, cell in enumerate(self.accounts.sums):
            if cell.priced and cell.year != base:
                found[cell.year, cell.organisation, cell.kind, cell.line].append(column)
        for (year, body, kind, line), columns in found.items():
            basis = f"{FINANCIAL_LINES[line]}: prices rise by {rate:g}% a year for {year - base} years from {base}"
            benefit_class = "cost" if self._risen(columns)(self.financial.central)[0] < 0 else "cashable"
            yield Posting(
                year, body, "inflation", kind, benefit_class, line, 0, basis, (inflation,), self._risen(columns)
            )

    @staticmethod
    def _risen(columns: list[int]) -> Callable[[Outcome], Floats]:
        def figure(outcome: Outcome) -> Floats:
            return np.asarray(outcome.risen[:, columns].sum(axis=1))

        return figure

    # ------------------------------------------------------------------------------------------- receipts

    def _sales(self) -> Iterator[Posting]:
        """Costs that receipts bear, and receipts too small to be capital: from one kind of line to another."""
        cap = self.accounts.figures.input("disposal_cap_percent")
        for key, found in sorted(self.financial.central.sales.items()):
            if abs(found["met"][0]) >= _NOTHING:
                said = f"cost of disposing, up to {cap.value.central:g}% of the receipt, is met from it"
                if self.financial.charging(key.organisation) == "NHS":
                    said = "cost of disposing is met from the receipt"
                yield from self._both(key, "cost met", "met", said, (cap,))
            if abs(found["small"][0]) >= _NOTHING:
                yield from self._both(
                    key, "small receipt", "small", "a receipt of no more than 10,000 pounds is revenue, not capital", ()
                )

    @staticmethod
    def _both(key: SaleKey, line: str, part: str, said: str, inputs: tuple[Input, ...]) -> Iterator[Posting]:
        for kind, sign in (("revenue", 1.0), ("receipt", -1.0)):

            def figure(outcome: Outcome, sign: float = sign) -> Floats:
                return sign * outcome.sales[key][part]

            yield Posting(
                key.year, key.organisation, line, kind, "transfer", key.subject, key.action, said, inputs, figure
            )

    # ------------------------------------------------------------------------------------------- financing

    def _financing(self) -> Iterator[Posting]:
        for body in self.financial.bodies:
            inputs = self._of_capital(body)
            for year in self.financial.years:
                for series, extra in self._told(body, year):
                    yield from self._posting(body, year, series, inputs if extra else ())

    def _of_capital(self, body: str) -> tuple[Input, ...]:
        """The rate and the lives by which a body's capital is charged."""
        figures = self.accounts.figures
        lives = sorted(
            {
                str(cell.detail[0])
                for cell in self.accounts.sums
                if cell.organisation == body and cell.part in {CAPITAL, AVOIDED}
            }
        )
        return (figures.input(self.financial.rate_figure(body)), *(figures.input(life) for life in lives))

    def _told(self, body: str, year: int) -> Iterator[tuple[_Series, bool]]:
        """The series that are lines of a body in a year, in words; and whether rate and lives are among their sources."""
        nhs = self.financial.charging(body) == "NHS"
        rate = self.accounts.figures.input(self.financial.rate_figure(body))
        interest, provision = ("dividend", "depreciation") if nhs else ("interest", "provision")
        borrowed = "capital to find" if nhs else "borrowing"
        owed = "what it is worth in the books" if nhs else "what is outstanding"
        said = f"{FINANCIAL_LINES[interest]} at {rate.value.central:g}% ({rate.edition}) on {owed}"
        said += f": {self._outstanding(body, year):,.0f} pounds at the start"
        lives = "; ".join(f"{one.name} {one.value.central:g} years" for one in self._of_capital(body)[1:])
        charged = f"equal instalments from the year after it is in use; {lives}"
        yield (
            _Series(
                "interest_paid", -1.0, interest, "revenue", "cost", f"{said}, and on half of what is spent in the year"
            ),
            True,
        )
        yield (
            _Series("provision_paid", -1.0, provision, "revenue", "cost", f"{FINANCIAL_LINES[provision]} by {charged}"),
            True,
        )
        avoided = "on repairs avoided, which are cash only as far as they are in the programme"
        yield (
            _Series("interest_avoided", 1.0, interest, "revenue", "avoided", f"{FINANCIAL_LINES[interest]} {avoided}"),
            True,
        )
        yield (
            _Series(
                "provision_avoided", 1.0, provision, "revenue", "avoided", f"{FINANCIAL_LINES[provision]} {avoided}"
            ),
            True,
        )
        yield (
            _Series(
                "own_revenue",
                1.0,
                "reserve",
                "revenue",
                "transfer",
                "its own reserve, or receipts under a direction for flexible use, that is stated for revenue",
            ),
            False,
        )
        yield (
            _Series(
                "revenue_to_capital", -1.0, "revenue to capital", "revenue", "transfer", "revenue that pays for capital"
            ),
            False,
        )
        for kind in ("reserve", "capital receipts", "revenue"):
            yield (
                _Series(kind, 1.0, kind, "funding", "transfer", f"{kind}, as the scenario states it, pays for capital"),
                False,
            )
        yield (
            _Series(
                "borrowed",
                1.0,
                borrowed,
                "funding",
                "transfer",
                f"{FINANCIAL_LINES[borrowed]} for what nothing else pays for, less what is repaid",
            ),
            False,
        )
        yield (
            _Series(
                "capital_avoided",
                -1.0,
                borrowed,
                "funding",
                "transfer",
                f"{FINANCIAL_LINES[borrowed]} that repairs avoided do without",
            ),
            False,
        )
        yield (
            _Series(
                "lost", -1.0, "given back", "funding", "transfer", "money from outside that lapses before it is needed"
            ),
            False,
        )
        yield (
            _Series(
                "put_by",
                -1.0,
                "held",
                "funding",
                "transfer",
                "receipts, and money from outside, put by (-) or taken (+)",
            ),
            False,
        )

    def _outstanding(self, body: str, year: int) -> float:
        t = self.financial.at_year[year]
        return float(self.financial.central.series["debt"][0, self.financial.at_body[body], t - 1]) if t else 0.0

    def _posting(self, body: str, year: int, series: _Series, inputs: tuple[Input, ...]) -> Iterator[Posting]:
        b, t = self.financial.at_body[body], self.financial.at_year[year]

        def figure(outcome: Outcome) -> Floats:
            return np.asarray(series.sign * _series(outcome, series.name, b, t))

        if abs(figure(self.financial.central)[0]) >= _NOTHING:
            yield Posting(
                year, body, series.line, series.kind, series.benefit_class, "", 0, series.said, inputs, figure
            )


def _series(outcome: Outcome, name: str, b: int, t: int) -> Floats:
    found = outcome.series
    if name in {"interest_paid", "provision_paid"}:
        base = name.removesuffix("_paid")
        return np.asarray(found[f"{base}_avoided"][:, b, t] - found[base][:, b, t])
    if name == "borrowed":
        return np.asarray(found[BORROWED][:, b, t])
    if name == "put_by":
        before = found["held"][:, b, t - 1] if t else 0.0
        return np.asarray(found["held"][:, b, t] - before)
    return np.asarray(found[name][:, b, t])


def said_by(origin: Flow | Posting) -> tuple[str, ...]:
    """Who says what a line of the financial case comes from, each once."""
    if not isinstance(origin, Posting):
        return sources_of(origin, biased=False)
    said = (
        f"{one.name}: {one.source or 'source not stated'}{f', {one.edition}' if one.edition else ''}, {one.where}"
        for one in origin.inputs
    )
    return tuple(dict.fromkeys(said)) or (_FROM_LINES,)

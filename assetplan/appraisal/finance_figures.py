"""Figures of the financial case that can be walked back: each body's cash and revenue, what pays for capital, receipts, and their lines.

``account/rdc/running/2013`` is what falls in one part of a body's accounts in a year; ``revenue_effect_gbp/rdc/2013`` is made of such parts,
``financial_npv_gbp/rdc`` of its cash year by year, ``receipt/nycc/5/nycc:NY/0431/net`` is one step of what a sale leaves.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assetplan.appraisal.accounts import CAPITAL, CHARGES, DISPOSAL, FUNDED, ONE_OFF, RUNNING, VAT
from assetplan.appraisal.bridging import bridge_frame
from assetplan.appraisal.economic import bounds
from assetplan.appraisal.explanation import Explanation, Part, financial
from assetplan.appraisal.financing import SOURCES
from assetplan.appraisal.flow import Flow
from assetplan.appraisal.postings import FINANCIAL_LINES, Posting
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assetplan.appraisal.financial import Financial, Outcome, SaleKey
    from assetplan.appraisal.inputs import Input
    from assetplan.appraisal.result import Appraisal

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
_CHARGED = {"interest": ("interest", "dividend"), "mrp": ("provision", "depreciation")}
_NOT_CASH = {"interest", "dividend", "provision", "depreciation", "reserve", "revenue to capital"}
_GIVEN = {"grant", "contribution", "developer contribution", "given back"}
_STEPS = {
    "gross": "gross receipt",
    "clawback": "taken back by a former funder",
    "costs": "cost of disposing",
    "met": "cost of disposing that the receipt bears",
    "small": "revenue, as it is too small to be capital",
    "net": "net receipt",
    "usable": "usable receipt",
    "restricted": "receipt for a restricted use",
}
_NOTHING = 0.005


class Finance:
    """Figures of the financial case.

    Parameters
    ----------
    result
        The appraisal.
    names
        What bodies are called.
    price_base
        Of which year the estate's pounds are, in words.
    """

    def __init__(self, result: Appraisal, names: Mapping[str, str], price_base: str) -> None:
        self._result, self._names, self._real = result, names, price_base
        self._case: Financial = result.financial
        self._nominal = "pounds of each year"

    # ------------------------------------------------------------------------------------------- what there is

    def ids(self) -> Iterator[str]:
        """The figures."""
        case = self._case
        yield "usable_receipts_gbp"
        yield from (f"revenue_effect_of_year_gbp/{year}" for year in case.years)
        for body in case.bodies:
            yield from (f"{head}/{body}" for head in self._of_body)
            yield f"financial_capital_gbp/{body}"
        for body in case.bodies:
            for year in case.years:
                yield from (f"{head}/{body}/{year}" for head in self._of_year)
                yield from (
                    f"revenue_effect_gbp/{body}/{year}/{part}" for part in PARTS if self._part_value(body, year, part)
                )
                yield from (f"capital_paid_gbp/{body}/{year}/{_slug(source)}" for source in SOURCES)
        for body, part, year in self._accounts:
            yield f"account/{body}/{_slug(part)}/{year}"
            if self._risen(body, part, year):
                yield f"account/{body}/{_slug(part)}/{year}/inflation"
        yield from (f"receipt/{path}/{step}" for path in self._sales for step in _STEPS)
        yield from (f"self_funding_percent/{path}" for path in self._tests)
        for body in case.bodies:
            yield from (f"bridge/{body}/{number}" for number in range(1, len(self._bridges(body)) + 1))
        yield from (f"price_index/{year}" for year in case.years)
        yield from (f"line/{line}" for line in self._result.postings.origins)

    @property
    def _of_body(self) -> Mapping[str, Callable[[str, str], Explanation]]:
        return {
            "financial_npv_gbp": self._npv,
            "revenue_effect_gbp": self._all_years,
            "borrowing_peak_gbp": self._peak,
        }

    @property
    def _of_year(self) -> Mapping[str, Callable[[str, str, int], Explanation]]:
        return {
            "revenue_effect_gbp": self._effect,
            "from_repairs_avoided_gbp": self._spared,
            "without_repairs_avoided_gbp": self._without,
            "financial_npv_gbp": self._npv_of_year,
            "financial_cash_gbp": self._cash,
            "cost_of_capital_factor": self._factor,
            "outstanding_gbp": self._outstanding,
            "financial_capital_gbp": self._spent,
        }

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        head, *path = figure_id.split("/")
        found = self._known(figure_id, head, path)
        return found

    def _known(self, figure_id: str, head: str, path: list[str]) -> Explanation | None:
        bodies, years = self._case.at_body, self._case.at_year
        if head == "line":
            return (
                self._line(figure_id, path[0]) if len(path) == 1 and path[0] in self._result.postings.origins else None
            )
        if head == "price_index":
            return (
                self._index(figure_id, int(path[0]))
                if len(path) == 1 and path[0].isdecimal() and int(path[0]) in years
                else None
            )
        if head == "usable_receipts_gbp" and not path:
            return self._usable(figure_id)
        if head == "revenue_effect_of_year_gbp" and len(path) == 1 and path[0].isdecimal() and int(path[0]) in years:
            return self._of_all(figure_id, int(path[0]))
        if head == "receipt":
            return self._receipt(figure_id, "/".join(path[:-1]), path[-1])
        if head == "self_funding_percent":
            return self._self_funding(figure_id, "/".join(path))
        if not path or path[0] not in bodies:
            return None
        body = path[0]
        if len(path) == 1:
            if head == "financial_capital_gbp":
                return self._over_years(
                    figure_id, head, body, "Capital that it spends", "What it spends on capital, year by year.", -1
                )
            make = self._of_body.get(head)
            return make(figure_id, body) if make else None
        if head == "bridge":
            return self._bridge(figure_id, body, path[1]) if len(path) == 2 else None
        if head == "account":
            return self._account(figure_id, body, path[1:])
        if not path[1].isdecimal() or int(path[1]) not in years:
            return None
        year = int(path[1])
        if len(path) == 2:
            made = self._of_year.get(head)
            return made(figure_id, body, year) if made else None
        if head == "revenue_effect_gbp" and len(path) == 3 and path[2] in PARTS:
            return self._part(figure_id, body, year, path[2])
        if head == "capital_paid_gbp" and len(path) == 3:
            return self._paid(figure_id, body, year, path[2])
        return None

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

    # ------------------------------------------------------------------------------------------- accounts and prices

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

    def _account(self, figure_id: str, body: str, path: list[str]) -> Explanation | None:
        known = {_slug(part): part for _, part, _ in self._accounts}
        if len(path) < 2 or path[0] not in known or not path[1].isdecimal():
            return None
        part, year = known[path[0]], int(path[1])
        if (body, part, year) not in self._accounts:
            return None
        risen = self._risen(body, part, year)
        of = f"{self._body_name(body)}, {PARTS.get(part, part)}, {financial(year)}"
        if len(path) == 3 and path[2] == "inflation" and risen:
            index = self._index_value(year)
            how = f"What is spent and saved in pounds of {financial(self._case.base_year)}, times how much prices have risen since."
            parts = (Part(f"price_index/{year}", f"prices of {financial(year)}", index, plus=-1.0),)
            return Explanation(
                figure_id,
                f"Rise of prices: {of}",
                risen,
                None,
                None,
                "GBP",
                self._nominal,
                how,
                "product",
                parts,
                (),
                risen / (index - 1),
            )
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

    def _index_value(self, year: int) -> float:
        rate = self._case.accounts.figures.input("inflation_percent").value.central
        return float((1 + rate / 100) ** (year - self._case.base_year))

    def _index(self, figure_id: str, year: int) -> Explanation:
        given = self._case.accounts.figures.input("inflation_percent")
        parts = (Part(f"input/{given.key}", given.name, given.value.central),)
        value, base = self._index_value(year), self._case.base_year
        how = f"Prices of {financial(year)} where those of {financial(base)} are 1: {year - base} years at that rate."
        low, high = ((1 + end / 100) ** (year - base) for end in (given.value.low, given.value.high))
        return Explanation(
            figure_id, f"prices of {financial(year)}", value, low, high, "", "", how, "found", parts, (given,)
        )

    # ------------------------------------------------------------------------------------------- revenue

    def _over_years(self, figure_id: str, head: str, body: str, name: str, how: str, sign: int = 1) -> Explanation:
        parts = []
        for year in self._case.years:
            found = self._of_year[head](f"{head}/{body}/{year}", body, year)
            if found.value:
                parts.append(Part(found.figure_id, financial(year), found.value))
        total = sum(part.value for part in parts)
        return self._money(figure_id, f"{name}: {self._body_name(body)}", total, how, parts)

    def _all_years(self, figure_id: str, body: str) -> Explanation:
        return self._over_years(
            figure_id, "revenue_effect_gbp", body, "Effect on revenue, all years", "The sum over its years."
        )

    def _effect(self, figure_id: str, body: str, year: int) -> Explanation:
        parts = [
            Part(f"{figure_id}/{part}", words, self._part_value(body, year, part))
            for part, words in PARTS.items()
            if self._part_value(body, year, part)
        ]
        low, _, high = (
            float(each[self._case.at_body[body], self._case.at_year[year]]) for each in self._case.revenue_ends
        )
        how = "Running costs, what is spent once, charges, VAT, what capital charges, and money for revenue; above nought is good for the body."
        name = f"Effect on revenue of {self._body_name(body)}, {financial(year)}"
        inputs = self._case.ledger.inputs.values()
        return self._money(
            figure_id, name, self._series("revenue_effect", body, year), how, parts, ends=(low, high), inputs=inputs
        )

    def _part_value(self, body: str, year: int, part: str) -> float:
        value = self._series({"mrp": "provision"}.get(part, part), body, year)
        return value if abs(value) >= _NOTHING else 0.0

    def _part(self, figure_id: str, body: str, year: int, part: str) -> Explanation | None:
        if not self._part_value(body, year, part):
            return None
        found: list[Part] = []
        if part in _CHARGED:
            for line in _CHARGED[part]:
                found += self._reckoned(body, year, line, "revenue")
        else:
            for own in (part, *((DISPOSAL,) if part == ONE_OFF else ())):
                if (body, own, year) in self._accounts:
                    found.append(
                        Part(
                            f"account/{body}/{_slug(own)}/{year}",
                            PARTS.get(own, "cost of disposing"),
                            self._account_value(body, own, year),
                        )
                    )
            for line in {ONE_OFF: ("cost met", "small receipt"), FUNDED: ("reserve", "revenue to capital")}.get(
                part, ()
            ):
                found += self._reckoned(body, year, line, "revenue")
        value = self._series({"mrp": "provision"}.get(part, part), body, year)
        name = f"{PARTS[part][:1].upper()}{PARTS[part][1:]}: {self._body_name(body)}, {financial(year)}"
        return self._money(figure_id, name, value, "What falls in this part of its accounts in that year.", found)

    def _reckoned(self, body: str, year: int, line: str, kind: str) -> list[Part]:
        return [Part(key, basis, amount) for key, amount, basis in self._posted.get((body, year, line, kind), [])]

    def _spared(self, figure_id: str, body: str, year: int) -> Explanation:
        parts = [
            one
            for lines in _CHARGED.values()
            for line in lines
            for one in self._reckoned(body, year, line, "revenue")
            if self._is_avoided(one.figure_id)
        ]
        how = "What capital for repairs that it does without would have charged: cash only as far as these repairs are in the programme."
        name = f"Effect on revenue from repairs avoided: {self._body_name(body)}, {financial(year)}"
        return self._money(figure_id, name, self._series("repairs_avoided", body, year), how, parts)

    def _is_avoided(self, line: str) -> bool:
        origin = self._result.postings.origins[line.removeprefix("line/")]
        return isinstance(origin, Posting) and origin.benefit_class == "avoided"

    def _without(self, figure_id: str, body: str, year: int) -> Explanation:
        effect, spared = self._series("revenue_effect", body, year), self._series("repairs_avoided", body, year)
        parts = [
            Part(f"revenue_effect_gbp/{body}/{year}", "with repairs avoided", effect),
            Part(f"from_repairs_avoided_gbp/{body}/{year}", "from repairs avoided", spared, times=-1.0),
        ]
        name = f"Effect on revenue without repairs avoided: {self._body_name(body)}, {financial(year)}"
        return self._money(
            figure_id, name, effect - spared, "The effect on revenue less what comes from repairs avoided.", parts
        )

    def _of_all(self, figure_id: str, year: int) -> Explanation:
        """The effect on revenue of all bodies together: for reading only, for none pays for another."""
        parts = [
            Part(f"revenue_effect_gbp/{body}/{year}", self._body_name(body), self._series("revenue_effect", body, year))
            for body in self._case.bodies
        ]
        t = self._case.at_year[year]
        low, central, high = (
            float(each[0])
            for each in self._case.ends(lambda found: found.series["revenue_effect"][:, :, t].sum(axis=1)[:, None])
        )
        how = "The sum over the bodies. Money of one does not pay for another's."
        inputs = self._case.ledger.inputs.values()
        return self._money(
            figure_id,
            f"Effect on revenue of all bodies, {financial(year)}",
            central,
            how,
            parts,
            ends=(low, high),
            inputs=inputs,
        )

    def _usable(self, figure_id: str) -> Explanation:
        def figure(outcome: Outcome) -> Any:
            return (outcome.series["net_receipts"] - outcome.series["restricted"]).sum(axis=(1, 2))[:, None]

        parts = []
        for path, key in self._sales.items():
            net = float(self._case.central.sales[key]["net"][0])
            if not key.pot and net:
                parts.append(Part(f"receipt/{path}/usable", f"{key.subject}, {self._body_name(key.organisation)}", net))
        low, central, high = (float(each[0]) for each in self._case.ends(figure))
        how = "What sales leave that is for no restricted use. Each body's receipts pay for its own capital or debt alone."
        inputs = self._case.ledger.inputs.values()
        return self._money(
            figure_id, "Receipts net and usable, all bodies", central, how, parts, ends=(low, high), inputs=inputs
        )

    # ------------------------------------------------------------------------------------------- own cash

    def _npv(self, figure_id: str, body: str) -> Explanation:
        parts = []
        for year in self._case.years:
            cash = self._series("cash", body, year)
            if abs(cash) >= _NOTHING:
                parts.append(
                    Part(f"financial_npv_gbp/{body}/{year}", financial(year), cash * self._factor_value(body, year))
                )
        ends = self._case.npv(body)
        rate = self._case.accounts.figures.input(self._case.rate_figure(body))
        how = f"Its own cash before its own financing, year by year, at its cost of capital: {rate.name}, {rate.value.central:g}%."
        name = f"Present value of its own cash: {self._body_name(body)}"
        inputs = self._case.ledger.inputs.values()
        return self._money(figure_id, name, ends.central, how, parts, ends=(ends.low, ends.high), inputs=inputs)

    def _npv_of_year(self, figure_id: str, body: str, year: int) -> Explanation:
        cash, factor = self._series("cash", body, year), self._factor_value(body, year)
        parts = [
            Part(f"financial_cash_gbp/{body}/{year}", "cash before its own financing", cash),
            Part(f"cost_of_capital_factor/{body}/{year}", "at its cost of capital", factor),
        ]
        name = f"Present value of its own cash of {financial(year)}: {self._body_name(body)}"
        return self._money(
            figure_id, name, cash * factor, "Its cash of that year, at its cost of capital.", parts, joined="product"
        )

    def _factor_value(self, body: str, year: int) -> float:
        rate = self._case.accounts.figures.input(self._case.rate_figure(body)).value.central
        return float((1 + rate / 100) ** (self._case.base_year - year))

    def _factor(self, figure_id: str, body: str, year: int) -> Explanation:
        given = self._case.accounts.figures.input(self._case.rate_figure(body))
        value = self._factor_value(body, year)
        how = f"What a pound of {financial(year)} is worth in {financial(self._case.base_year)} at the body's cost of capital."
        parts = (Part(f"input/{given.key}", given.name, given.value.central),)
        name = f"Cost of capital of {self._body_name(body)}, {financial(year)}"
        return Explanation(figure_id, name, value, None, None, "", "", how, "found", parts, (given,))

    @cached_property
    def _cash_lines(self) -> Mapping[tuple[str, int], list[Part]]:
        out: dict[tuple[str, int], list[Part]] = defaultdict(list)
        for row in records(self._result.postings.frame):
            own = (
                row["kind"] == "revenue"
                and row["line"] in _NOT_CASH
                and isinstance(self._result.postings.origins[row["line_id"]], Posting)
            )
            if own or (row["kind"] == "funding" and row["line"] not in _GIVEN):
                continue
            out[row["organisation"], int(row["year"])].append(
                Part(f"line/{row['line_id']}", row["basis"], row["amount_gbp"])
            )
        return out

    def _cash(self, figure_id: str, body: str, year: int) -> Explanation:
        how = "Its lines of the financial case, but for interest, provision, and what it pays itself."
        name = f"Cash before its own financing: {self._body_name(body)}, {financial(year)}"
        return self._money(
            figure_id, name, self._series("cash", body, year), how, self._cash_lines.get((body, year), [])
        )

    # ------------------------------------------------------------------------------------------- capital

    def _spent(self, figure_id: str, body: str, year: int) -> Explanation:
        key = (body, CAPITAL, year)
        parts = []
        if key in self._accounts:
            parts.append(
                Part(f"account/{body}/{CAPITAL}/{year}", "its capital lines", self._account_value(*key), times=-1.0)
            )
        name = f"Capital that it spends: {self._body_name(body)}, {financial(year)}"
        return self._money(
            figure_id, name, self._series("capital", body, year), "Its capital lines, told above nought.", parts
        )

    def _paid(self, figure_id: str, body: str, year: int, slug: str) -> Explanation | None:
        source = next((one for one in SOURCES if _slug(one) == slug), None)
        if source is None:
            return None
        how = f"Capital of the year less what is paid for by what goes before it: {', '.join(SOURCES)}."
        name = f"Capital paid for by {source}: {self._body_name(body)}, {financial(year)}"
        parts = [
            Part(f"financial_capital_gbp/{body}/{year}", "capital of the year", self._series("capital", body, year))
        ]
        return self._money(figure_id, name, self._series(source, body, year), how, parts, joined="found")

    def _outstanding(self, figure_id: str, body: str, year: int) -> Explanation:
        value = self._series("debt", body, year)
        parts = []
        if year - 1 in self._case.at_year:
            parts.append(
                Part(
                    f"outstanding_gbp/{body}/{year - 1}",
                    "at the end of the year before",
                    self._series("debt", body, year - 1),
                )
            )
        borrowed = SOURCES[-1]
        parts.append(
            Part(
                f"capital_paid_gbp/{body}/{year}/{_slug(borrowed)}",
                "borrowed in the year",
                self._series(borrowed, body, year),
            )
        )
        parts += [
            one
            for line in _CHARGED["mrp"]
            for one in self._reckoned(body, year, line, "revenue")
            if not self._is_avoided(one.figure_id)
        ]
        how = "What was owed the year before, what is borrowed, and what is set aside to repay it or repaid from receipts."
        return self._money(
            figure_id,
            f"Owed for it at the end of {financial(year)}: {self._body_name(body)}",
            value,
            how,
            parts,
            joined="found",
        )

    def _peak(self, figure_id: str, body: str) -> Explanation:
        ends, year = self._case.peaks[body]
        parts = (
            []
            if year is None
            else [Part(f"outstanding_gbp/{body}/{year}", f"at the end of {financial(year)}", ends.central)]
        )
        how = f"The most it owes for the scenario at the end of a year{'' if year is None else f': {financial(year)}'}."
        name = f"Peak of borrowing: {self._body_name(body)}"
        return self._money(
            figure_id,
            name,
            ends.central,
            how,
            parts,
            joined="found",
            ends=(ends.low, ends.high),
            inputs=self._case.ledger.inputs.values(),
        )

    # ------------------------------------------------------------------------------------------- receipts

    @cached_property
    def _sales(self) -> Mapping[str, SaleKey]:
        out: dict[str, SaleKey] = {}
        for key in sorted(self._case.central.sales):
            path = f"{key.organisation}/{key.action}/{key.subject}"
            out[path if path not in out else f"{path}/{key.year}"] = key
        return out

    @cached_property
    def _receipt_rows(self) -> Mapping[tuple[Any, ...], Mapping[str, Any]]:
        rows = records(self._result.receipts())
        return {(row["organisation"], row["action"], row["subject"], row["year"], row["pot"]): row for row in rows}

    def _receipt(self, figure_id: str, path: str, step: str) -> Explanation | None:
        key = self._sales.get(path)
        if key is None or step not in _STEPS:
            return None
        row = self._receipt_rows[key.organisation, key.action, key.subject, key.year, key.pot]
        found = {name: float(values[0]) for name, values in self._case.central.sales[key].items()}
        net = found["net"]
        found |= {"usable": 0.0 if key.pot else net, "restricted": net if key.pot else 0.0}
        parts: list[Part] = []
        joined, how = "found", "As the financial case has it."
        ends = None
        if step in {"gross", "costs", "clawback"}:
            lines = {"gross": ("receipt",), "costs": ("disposal",), "clawback": ("clawback",)}[step]
            own = self._sale_lines(key, lines)
            index = self._index_value(key.year)
            if len(own) == 1:
                joined, how = "product", "The line, at the prices of its year."
                parts = [own[0], Part(f"price_index/{key.year}", f"prices of {financial(key.year)}", index)]
            ends = (row["gross_low_gbp"], row["gross_high_gbp"]) if step == "gross" else None
        elif step == "net" and abs(found["small"]) < _NOTHING:
            joined, how = "sum", "Gross, less what is taken back and what of the costs the receipt bears."
            parts = [
                self._step(path, "gross", found),
                self._step(path, "clawback", found),
                self._step(path, "met", found, -1.0),
            ]
            ends = row["net_low_gbp"], row["net_high_gbp"]
        elif step in {"usable", "restricted"} and found[step]:
            joined, how = "sum", f"The net receipt. {row['because']}".strip()
            parts = [self._step(path, "net", found)]
            ends = row["net_low_gbp"], row["net_high_gbp"]
        name = f"{_STEPS[step][:1].upper()}{_STEPS[step][1:]}: {key.subject}, {self._body_name(key.organisation)}, {financial(key.year)}"
        return self._money(figure_id, name, found[step], how, parts, joined=joined, ends=ends)

    @staticmethod
    def _step(path: str, step: str, found: Mapping[str, float], times: float = 1.0) -> Part:
        return Part(f"receipt/{path}/{step}", _STEPS[step], found[step], times=times)

    def _sale_lines(self, key: SaleKey, wanted: tuple[str, ...]) -> list[Part]:
        out = []
        for line, origin in self._result.postings.origins.items():
            if (
                isinstance(origin, Flow)
                and (origin.organisation, origin.action, origin.subject, origin.year) == key[:4]
                and origin.line in wanted
            ):
                out.append(Part(f"line/{line}", origin.basis, origin.amount()))
        return out

    @cached_property
    def _tests(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            f"{row['organisation']}/{_slug(row['pot'])}".rstrip("/"): row
            for row in records(self._result.self_funding())
        }

    def _self_funding(self, figure_id: str, path: str) -> Explanation | None:
        row = self._tests.get(path)
        if row is None:
            return None
        known = [
            None if row[key] is None or row[key] != row[key] else float(row[key])
            for key in ("share_percent", "share_low_percent", "share_high_percent")
        ]
        how = "Its usable receipts as a share of the capital that they may pay for, whatever the year in which either falls."
        how += (
            " Pooled over bodies: an illustration only, for money of one does not pay for another's."
            if row["illustration"]
            else ""
        )
        return Explanation(
            figure_id,
            f"How much of its capital its own receipts meet: {path}",
            known[0],
            known[1],
            known[2],
            "percent",
            "",
            how,
            "found",
        )

    # ------------------------------------------------------------------------------------------- bridge

    @cached_property
    def _bridged(self) -> dict[str, list[Mapping[str, Any]]]:
        return {}

    def _bridges(self, body: str) -> list[Mapping[str, Any]]:
        if body not in self._bridged:
            frame = bridge_frame(self._result.economic, self._case, self._result.postings, body).astype(object)
            self._bridged[body] = records(frame.where(frame.notna(), None))
        return self._bridged[body]

    def _bridge(self, figure_id: str, body: str, number: str) -> Explanation | None:
        rows = self._bridges(body)
        if not number.isdecimal() or not 1 <= int(number) <= len(rows):
            return None
        at = int(number) - 1
        row = rows[at]
        name = f"{row['step']}: {self._body_name(body)}"
        if row["amount_gbp"] is not None:
            return self._money(figure_id, name, float(row["amount_gbp"]), str(row["basis"]), [], joined="found")
        parts = []
        for before in range(at - 1, -1, -1):
            value = rows[before]["amount_gbp"]
            total = rows[before]["total_gbp"]
            parts.append(
                Part(f"bridge/{body}/{before + 1}", str(rows[before]["step"]), float(total if value is None else value))
            )
            if value is None:
                break
        joined = "sum" if parts else "found"
        return self._money(figure_id, name, float(row["total_gbp"]), str(row["basis"]), parts[::-1], joined=joined)

    # ------------------------------------------------------------------------------------------- lines

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
        parts: tuple[Part, ...] = tuple(
            Part(f"input/{one.key}", one.name, one.value.central) for one in _inputs(origin)
        )
        if origin.line == "inflation":
            index = self._index_value(origin.year)
            parts = (Part(f"price_index/{origin.year}", f"prices of {financial(origin.year)}", index, plus=-1.0),)
            return Explanation(
                figure_id, name, value, float(row["low_gbp"]), float(row["high_gbp"]), "GBP", self._nominal, f"{origin.basis}.", "product", parts,
                origin.inputs, value / (index - 1) if index != 1 else 0.0,
            )  # fmt: skip
        return Explanation(
            figure_id, name, value, float(row["low_gbp"]), float(row["high_gbp"]), "GBP", self._nominal, f"{origin.basis}.", "found", parts,
            origin.inputs,
        )  # fmt: skip


def _inputs(origin: Posting) -> tuple[Input, ...]:
    return origin.inputs


def _slug(words: str) -> str:
    return words.replace(" ", "-")

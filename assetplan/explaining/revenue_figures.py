"""Revenue and own cash of each body as what can be walked back.

``revenue_effect_gbp/rdc/2013`` is made of parts like ``revenue_effect_gbp/rdc/2013/running``, ``financial_npv_gbp/rdc`` of
``financial_npv_gbp/rdc/2013``, the cash of a year at the body's cost of capital.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from assetplan.appraisal.accounts import DISPOSAL, FUNDED, ONE_OFF
from assetplan.appraisal.postings import Posting
from assetplan.explaining.account_figures import CHARGED, NOTHING, PARTS, Books, slug
from assetplan.figures.explanation import Explanation, Part, financial
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_NOT_CASH = {"interest", "dividend", "provision", "depreciation", "reserve", "revenue to capital"}
_GIVEN = {"grant", "contribution", "developer contribution", "given back"}


class Revenue(Books):
    """What a scenario does to each body's revenue and own cash."""

    @property
    def of_body(self) -> Mapping[str, Callable[[str, str], Explanation]]:
        """Present value of own cash, and the effect on revenue of all years."""
        return {"financial_npv_gbp": self._npv, "revenue_effect_gbp": self._all_years}

    @property
    def of_year(self) -> Mapping[str, Callable[[str, str, int], Explanation]]:
        """The effect on revenue with and without repairs avoided, and cash."""
        return {
            "revenue_effect_gbp": self._effect,
            "from_repairs_avoided_gbp": self._spared,
            "without_repairs_avoided_gbp": self._without,
            "financial_npv_gbp": self._npv_of_year,
            "financial_cash_gbp": self._cash,
            "cost_of_capital_factor": self._factor,
        }

    def ids(self) -> Iterator[str]:
        """The figures."""
        for year in self._case.years:
            yield from (f"revenue_effect_of_year_gbp/{year}", f"without_repairs_avoided_of_year_gbp/{year}")
        yield from super().ids()
        for body in self._case.bodies:
            for year in self._case.years:
                known = (part for part in PARTS if self._part_value(body, year, part))
                yield from (f"revenue_effect_gbp/{body}/{year}/{part}" for part in known)

    def otherwise(self, figure_id: str, head: str, path: list[str]) -> Explanation | None:
        """A part of the effect on revenue, that of all bodies, or the cash of a body that has no part in the scenario."""
        if head == "financial_npv_gbp" and len(path) == 1 and path[0] in self._result.estate.organisations:
            name = f"Present value of its own cash: {self._body_name(path[0])}"
            return self._money(figure_id, name, 0.0, "It has no part in the scenario.", [], ends=(0.0, 0.0))
        if head == "revenue_effect_of_year_gbp" and len(path) == 1 and (year := self._year(path[0])) is not None:
            return self._of_all(figure_id, year)
        if (
            head == "without_repairs_avoided_of_year_gbp"
            and len(path) == 1
            and (year := self._year(path[0])) is not None
        ):
            return self._of_all_without(figure_id, year)
        if head == "revenue_effect_gbp" and len(path) == 3 and path[0] in self._case.at_body and path[2] in PARTS:
            year = self._year(path[1])
            return None if year is None else self._part(figure_id, path[0], year, path[2])
        return None

    # ------------------------------------------------------------------------------------------- revenue

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
        return value if abs(value) >= NOTHING else 0.0

    def _part(self, figure_id: str, body: str, year: int, part: str) -> Explanation | None:
        if not self._part_value(body, year, part):
            return None
        found: list[Part] = []
        if part in CHARGED:
            for line in CHARGED[part]:
                found += self._reckoned(body, year, line, "revenue")
        else:
            for own in (part, *((DISPOSAL,) if part == ONE_OFF else ())):
                if (body, own, year) in self._accounts:
                    found.append(
                        Part(
                            f"account/{body}/{slug(own)}/{year}",
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

    def _spared(self, figure_id: str, body: str, year: int) -> Explanation:
        parts = [
            one
            for lines in CHARGED.values()
            for line in lines
            for one in self._reckoned(body, year, line, "revenue")
            if self._is_avoided(one.figure_id)
        ]
        how = "What capital for repairs that it does without would have charged: cash only as far as these repairs are in the programme."
        name = f"Effect on revenue from repairs avoided: {self._body_name(body)}, {financial(year)}"
        return self._money(figure_id, name, self._series("repairs_avoided", body, year), how, parts)

    def _without(self, figure_id: str, body: str, year: int) -> Explanation:
        effect, spared = self._series("revenue_effect", body, year), self._series("repairs_avoided", body, year)
        parts = [
            Part(f"revenue_effect_gbp/{body}/{year}", "with repairs avoided", effect),
            Part(f"from_repairs_avoided_gbp/{body}/{year}", "from repairs avoided", spared, times=-1.0),
        ]
        name = f"Effect on revenue without repairs avoided: {self._body_name(body)}, {financial(year)}"
        at = self._case.at_body[body], self._case.at_year[year]
        low, _, high = (float(each[at]) for each in self._case.without_repairs_ends[0])
        how = "The effect on revenue less what comes from repairs avoided."
        inputs = self._case.ledger.inputs.values()
        return self._money(figure_id, name, effect - spared, how, parts, ends=(low, high), inputs=inputs)

    def _of_all(self, figure_id: str, year: int) -> Explanation:
        """The effect on revenue of all bodies together: for reading only, for none pays for another."""
        parts = [
            Part(f"revenue_effect_gbp/{body}/{year}", self._body_name(body), self._series("revenue_effect", body, year))
            for body in self._case.bodies
        ]
        low, central, high = (float(each[self._case.at_year[year]]) for each in self._case.revenue_ends_of_all)
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

    def _of_all_without(self, figure_id: str, year: int) -> Explanation:
        parts = []
        for body in self._case.bodies:
            value = self._series("revenue_effect", body, year) - self._series("repairs_avoided", body, year)
            parts.append(Part(f"without_repairs_avoided_gbp/{body}/{year}", self._body_name(body), value))
        name = f"Effect on revenue of all bodies without repairs avoided, {financial(year)}"
        how = "The sum over the bodies. Money of one does not pay for another's."
        low, central, high = (float(each[self._case.at_year[year]]) for each in self._case.without_repairs_ends[1])
        inputs = self._case.ledger.inputs.values()
        return self._money(figure_id, name, central, how, parts, ends=(low, high), inputs=inputs)

    # ------------------------------------------------------------------------------------------- own cash

    def _npv(self, figure_id: str, body: str) -> Explanation:
        parts = []
        for year in self._case.years:
            cash = self._series("cash", body, year)
            if abs(cash) >= NOTHING:
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

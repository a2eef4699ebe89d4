"""Capital, receipts and the bridge between the cases as what can be walked back.

``capital_paid_gbp/rdc/2011/reserve`` is what one source pays, ``receipt/nycc/5/nycc:NY/0431/net`` one step of what a sale leaves,
``bridge/rdc/3`` one step from the economic case to the effect on revenue.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from assetplan.appraisal.accounts import CAPITAL
from assetplan.appraisal.bridging import bridge_frame
from assetplan.appraisal.financing import SOURCES
from assetplan.appraisal.flow import Flow
from assetplan.explaining.account_figures import CHARGED, NOTHING, Books, slug
from assetplan.figures.explanation import Explanation, Part, financial
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assetplan.appraisal.financial import SaleKey

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


class Capital(Books):
    """What a scenario does to each body's capital: what is spent, what pays for it, what is owed, what sales leave."""

    @property
    def of_body(self) -> Mapping[str, Callable[[str, str], Explanation]]:
        """Capital of all years, and the most that is owed."""
        return {"financial_capital_gbp": self._all_spent, "borrowing_peak_gbp": self._peak}

    @property
    def of_year(self) -> Mapping[str, Callable[[str, str, int], Explanation]]:
        """Capital, and what is owed."""
        return {"financial_capital_gbp": self._spent, "outstanding_gbp": self._outstanding}

    def ids(self) -> Iterator[str]:
        """The figures."""
        yield "usable_receipts_gbp"
        yield from super().ids()
        for body in self._case.bodies:
            for year in self._case.years:
                yield from (f"capital_paid_gbp/{body}/{year}/{slug(source)}" for source in SOURCES)
        yield from (f"receipt/{path}/{step}" for path in self._sales for step in _STEPS)
        yield from (f"self_funding_percent/{path}" for path in self._tests)
        for body in self._case.bodies:
            yield from (f"bridge/{body}/{number}" for number in range(1, len(self._bridges(body)) + 1))

    def otherwise(self, figure_id: str, head: str, path: list[str]) -> Explanation | None:
        """What pays for capital, receipts, self-funding, the bridge."""
        match head:
            case "usable_receipts_gbp" if not path:
                return self._usable(figure_id)
            case "receipt" if path:
                return self._receipt(figure_id, "/".join(path[:-1]), path[-1])
            case "self_funding_percent":
                return self._self_funding(figure_id, "/".join(path))
            case "bridge" if len(path) == 2 and path[0] in self._case.at_body:
                return self._bridge(figure_id, path[0], path[1])
            case "capital_paid_gbp" if len(path) == 3 and path[0] in self._case.at_body:
                year = self._year(path[1])
                return None if year is None else self._paid(figure_id, path[0], year, path[2])
        return None

    def _all_spent(self, figure_id: str, body: str) -> Explanation:
        how = "What it spends on capital, year by year."
        return self._over_years(figure_id, "financial_capital_gbp", body, "Capital that it spends", how)

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

    def _paid(self, figure_id: str, body: str, year: int, paid_by: str) -> Explanation | None:
        source = next((one for one in SOURCES if slug(one) == paid_by), None)
        if source is None:
            return None
        how = f"Capital of the year less what is paid for by what goes before it: {', '.join(SOURCES)}."
        name = f"Capital paid for by {source}: {self._body_name(body)}, {financial(year)}"
        spent = self._series("capital", body, year)
        parts = [Part(f"financial_capital_gbp/{body}/{year}", "capital of the year", spent)] if spent else []
        return self._money(figure_id, name, self._series(source, body, year), how, parts, joined="found")

    def _outstanding(self, figure_id: str, body: str, year: int) -> Explanation:
        value, borrowed = self._series("debt", body, year), SOURCES[-1]
        parts = []
        if year - 1 in self._case.at_year and (before := self._series("debt", body, year - 1)):
            parts.append(Part(f"outstanding_gbp/{body}/{year - 1}", "at the end of the year before", before))
        if new := self._series(borrowed, body, year):
            parts.append(Part(f"capital_paid_gbp/{body}/{year}/{slug(borrowed)}", "borrowed in the year", new))
        for line in CHARGED["mrp"]:
            found = self._reckoned(body, year, line, "revenue")
            parts += [one for one in found if not self._is_avoided(one.figure_id)]
        how = "What was owed the year before, what is borrowed, and what is set aside to repay it or repaid from receipts."
        name = f"Owed for it at the end of {financial(year)}: {self._body_name(body)}"
        return self._money(figure_id, name, value, how, parts, joined="found")

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
        elif step in {"met", "small"}:
            how = (
                "Up to its cap, and of capital receipts alone."
                if step == "met"
                else "A receipt of 10,000 pounds or less is revenue, not capital."
            )
            parts = [
                self._step(path, one, found) for one in (("gross", "costs") if step == "met" else ("gross", "clawback"))
            ]
        elif step == "net" and abs(found["small"]) < NOTHING:
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
            f"{row['organisation']}/{slug(row['pot'])}".rstrip("/"): row for row in records(self._result.self_funding())
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
    def _bridged(self) -> dict[str, list[dict[str, Any]]]:
        return {}

    def _bridges(self, body: str) -> list[dict[str, Any]]:
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

    def _usable(self, figure_id: str) -> Explanation:
        parts = []
        for path, key in self._sales.items():
            net = float(self._case.central.sales[key]["net"][0])
            if not key.pot and net:
                parts.append(Part(f"receipt/{path}/usable", f"{key.subject}, {self._body_name(key.organisation)}", net))
        low, central, high = self._case.usable_ends_of_all
        how = "What sales leave that is for no restricted use. Each body's receipts pay for its own capital or debt alone."
        inputs = self._case.ledger.inputs.values()
        return self._money(
            figure_id, "Receipts net and usable, all bodies", central, how, parts, ends=(low, high), inputs=inputs
        )

"""The financial case: what a scenario does to each body's own money, year by year, in the pounds of each year.

It comes from the same flows as the economic case and never from its sums: prices rise, VAT sticks, contingency stands in place of optimism
bias, overheads go on, and what capital costs is what it charges to revenue.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from assetplan.appraisal.accounts import (
    AVOIDED,
    CAPITAL,
    CLAWBACK,
    DISPOSAL,
    FUNDED,
    GIVEN,
    ONE_OFF,
    OWN_CAPITAL,
    OWN_REVENUE,
    RECEIPT,
    REVENUE,
    Accounts,
    Cell,
    Tranche,
)
from assetplan.appraisal.economic import Ends
from assetplan.appraisal.financing import SOURCES, Financed, Means, charged, financed
from assetplan.appraisal.receipts import GENERAL, LEAST_GBP
from assetplan.figures.borrowing import capital_rules
from assetplan.ranges import pounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from assetplan.appraisal.financing import Charging
    from assetplan.appraisal.ledger import Ledger

    Floats = NDArray[np.float64]

BORROWS: Mapping[str, Charging] = {"provision": "provision", "not known": "provision", "NHS": "NHS", "none": "none"}
"""How capital is charged, by what is known of a sector: where nothing is, as a council's, and that is told."""
SERIES = (
    *REVENUE, "interest", "provision", "repairs_avoided", "revenue_effect", "capital", "capital_avoided", "gross", "clawback", "costs_met", "small",
    "net_receipts", "restricted", "received", "lost", "held", "debt", "interest_avoided", "provision_avoided", "cash", "revenue_to_capital",
    "own_revenue", *SOURCES,
)  # fmt: skip
"""What is reckoned by body and year: see `Outcome`."""


class SaleKey(NamedTuple):
    """One receipt: of a body, by an action, from a place, in a year, into a pot."""

    organisation: str
    action: int
    subject: str
    year: int
    pot: str


@dataclass
class Outcome:
    """The financial case for rows of values of the inputs.

    Attributes
    ----------
    series
        By name, rows by bodies by years, in pounds of each year. `running`, `one_off`, `charges`, `vat`, `funding`, `interest` and `provision`
        add up to `revenue_effect`, each above 0 where it is good for the body. `capital` is spent, `capital_avoided` is what the baseline
        would spend and the scenario does not; the sources of `SOURCES` add up to `capital`. `cash` is everything before the body's own
        financing.
    npv
        `cash` at the body's cost of capital: rows by bodies.
    risen
        How much each cell of the accounts is more than before prices rose: rows by cells.
    sales
        By receipt: gross, clawback, costs, costs met from it, what is revenue as it is small, and net; each by row.
    by_pot
        By body and restricted pot, the capital that it may pay for; by row.
    """

    series: dict[str, Floats]
    npv: Floats
    risen: Floats
    sales: dict[SaleKey, dict[str, Floats]]
    by_pot: dict[tuple[str, str], Floats]


class Financial:
    """The financial case of a scenario, for each body.

    Parameters
    ----------
    accounts
        The flows of the scenario in the accounts of its bodies.
    base_year
        Financial year, by its start, of whose prices real pounds are.
    """

    def __init__(self, accounts: Accounts, base_year: int) -> None:
        self.accounts, self.base_year, self.years = accounts, base_year, accounts.years
        self.at_year = {year: t for t, year in enumerate(self.years)}

    @property
    def bodies(self) -> tuple[str, ...]:
        """Who has a part in the scenario, by identifier."""
        return self.accounts.bodies

    @property
    def ledger(self) -> Ledger:
        """The flows, and all inputs of the case."""
        return self.accounts.ledger

    @cached_property
    def at_body(self) -> Mapping[str, int]:
        """By body, its place among them."""
        return {body: b for b, body in enumerate(self.bodies)}

    @cached_property
    def _cells(self) -> Mapping[str, Mapping[str, list[tuple[int, Cell]]]]:
        out: dict[str, dict[str, list[tuple[int, Cell]]]] = {body: defaultdict(list) for body in self.bodies}
        for column, cell in enumerate(self.accounts.sums):
            out[cell.organisation][cell.part].append((column, cell))
        return out

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What is to be told beside the figures, each with its body."""
        return tuple(dict.fromkeys((*self.accounts.notes, *self._unspent())))

    def charging(self, body: str) -> Charging:
        """How a body's capital is charged to its revenue."""
        return BORROWS[capital_rules(self.accounts.organisations[body].sector).charges]

    def rate_figure(self, body: str) -> str:
        """The figure that is a body's cost of capital."""
        return "pdc_percent" if self.charging(body) == "NHS" else "borrowing_percent"

    # ------------------------------------------------------------------------------------------- reckoning

    def at(self, values: Floats) -> Outcome:
        """The case for each row of values of the inputs of its ledger."""
        rows = len(values)
        shape = (rows, len(self.bodies), len(self.years))
        rise = 1 + self.accounts.given("inflation_percent", values) / 100
        index = rise[:, None] ** (np.array(self.years) - self.base_year)
        amounts = self.accounts.real(values)
        priced = np.array([cell.priced for cell in self.accounts.sums], dtype=bool)
        columns = [self.at_year[cell.year] for cell in self.accounts.sums]
        risen = amounts * np.where(priced, index[:, columns] - 1, 0.0) if columns else amounts
        amounts = amounts + risen
        out = Outcome({name: np.zeros(shape) for name in SERIES}, np.zeros(shape[:2]), risen, {}, {})
        for body in self.bodies:
            self._body(body, amounts, values, out)
        return out

    def _body(self, body: str, amounts: Floats, values: Floats, out: Outcome) -> None:
        b, rows = self.at_body[body], len(values)
        mine = {name: series[:, b, :] for name, series in out.series.items()}
        cells = self._cells[body]

        def add(name: str, cell: Cell, amount: Floats) -> None:
            mine[name][:, self.at_year[cell.year]] += amount

        for part in REVENUE:
            for column, cell in cells[part]:
                add(part, cell, amounts[:, column])
        for column, cell in cells[OWN_REVENUE]:
            add("own_revenue", cell, amounts[:, column])
        capital, avoided = self._by_tranche(cells[CAPITAL], -amounts), self._by_tranche(cells[AVOIDED], amounts)
        receipts = self._receipts(body, amounts, values, out)
        taken = np.minimum(receipts[GENERAL], 0.0)  # a sale that only the baseline has is money that has to be found
        for t in np.flatnonzero(taken.any(axis=0)).tolist():
            tranche = Tranche("life_land_years", self.years[t] + 1)
            capital.setdefault(tranche, np.zeros((rows, len(self.years))))[:, t] -= taken[:, t]
        receipts[GENERAL] = np.maximum(receipts[GENERAL], 0.0)
        for tranche, spent in capital.items():
            if tranche.pot != GENERAL:
                out.by_pot[body, tranche.pot] = out.by_pot.get((body, tranche.pot), np.zeros(rows)) + spent.sum(axis=1)
        mine["capital"] += sum(capital.values())
        mine["capital_avoided"] += sum(avoided.values())
        stated = {
            int(str(cell.detail[0])): self._series([(column, cell)], amounts)
            for column, cell in (*cells[GIVEN], *cells[OWN_CAPITAL])
        }
        means = Means([pot for pot in self.accounts.pots.get(body, ()) if pot.number in stated], stated, receipts)
        charging, lives = self.charging(body), self._lives(values)
        rate = self.accounts.given(self.rate_figure(body), values) / 100
        done = financed(capital, means, self.years, lives, rate, charging)
        saved = charged(avoided, self.years, lives, rate, charging)
        self._post(mine, done, rows)
        mine["interest_avoided"] += saved.interest
        mine["provision_avoided"] += saved.provision
        mine["repairs_avoided"] += saved.interest + saved.provision
        mine["interest"] += saved.interest - done.charge.interest
        mine["provision"] += saved.provision - done.charge.provision
        # Until here the part for funding is what comes from outside for revenue.
        mine["cash"] += (
            sum(mine[part] for part in REVENUE) + mine["gross"] + mine["clawback"] - mine["small"] - mine["costs_met"]
            - mine["capital"] - taken + mine["capital_avoided"] + done.received - done.lost
        )  # fmt: skip
        mine[FUNDED] += mine["own_revenue"] - mine["revenue_to_capital"]
        mine["revenue_effect"] += sum(mine[part] for part in REVENUE) + mine["interest"] + mine["provision"]
        steps = np.array(self.years) - self.base_year
        out.npv[:, b] = (mine["cash"] * (1 + rate[:, None]) ** -steps).sum(axis=1)

    @staticmethod
    def _post(mine: Mapping[str, Floats], done: Financed, rows: int) -> None:
        for source in SOURCES:
            mine[source] += done.used[source]
        mine["revenue_to_capital"] += done.used["revenue"]
        mine["received"] += done.received
        mine["lost"] += done.lost
        mine["held"] += sum(done.held.values(), np.zeros((rows, 1)))
        mine["debt"] += done.charge.outstanding

    def _series(self, cells: list[tuple[int, Cell]], amounts: Floats) -> Floats:
        out = np.zeros((len(amounts), len(self.years)))
        for column, cell in cells:
            out[:, self.at_year[cell.year]] += amounts[:, column]
        return out

    def _by_tranche(self, cells: list[tuple[int, Cell]], amounts: Floats) -> dict[Tranche, Floats]:
        found: dict[Tranche, list[tuple[int, Cell]]] = defaultdict(list)
        for column, cell in cells:
            life, first, pot = cell.detail
            found[Tranche(str(life), int(str(first)), str(pot))].append((column, cell))
        return {tranche: self._series(found[tranche], amounts) for tranche in sorted(found)}

    def _lives(self, values: Floats) -> dict[str, Floats]:
        return {
            name: np.maximum(np.rint(self.accounts.given(name, values)), 1.0)
            for name in ("life_refurbishment_years", "life_building_years", "life_land_years")
        }

    def _receipts(self, body: str, amounts: Floats, values: Floats, out: Outcome) -> dict[str, Floats]:
        """What each receipt comes to, net of what it has to bear; by pot and year, what is usable."""
        rows, b, rule = len(values), self.at_body[body], self.charging(body)
        found: dict[SaleKey, dict[str, Floats]] = defaultdict(
            lambda: {part: np.zeros(rows) for part in (RECEIPT, CLAWBACK, DISPOSAL)}
        )
        for part in (RECEIPT, CLAWBACK, DISPOSAL):
            for column, cell in self._cells[body][part]:
                action, subject, pot = cell.detail
                found[SaleKey(body, int(str(action)), str(subject), cell.year, str(pot))][part] += amounts[:, column]
        pots: dict[str, Floats] = {GENERAL: np.zeros((rows, len(self.years)))}
        cap = self.accounts.given("disposal_cap_percent", values) / 100
        for key in sorted(found):
            gross, claw, cost = (found[key][part] for part in (RECEIPT, CLAWBACK, DISPOSAL))
            small = np.where((rule != "NHS") & (np.abs(gross) <= LEAST_GBP), gross + claw, 0.0)
            is_capital = small == 0.0
            most = np.inf if rule == "NHS" else cap * gross
            met = np.where(is_capital, np.clip(np.minimum(np.minimum(-cost, most), gross + claw), 0.0, None), 0.0)
            net = np.where(is_capital, gross + claw - met, 0.0)
            t = self.at_year[key.year]
            for name, amount in (("gross", gross), ("clawback", claw), ("costs_met", met), ("small", small), ("net_receipts", net),
                                 (ONE_OFF, cost + met + small), *([("restricted", net)] if key.pot else [])):  # fmt: skip
                out.series[name][:, b, t] += amount
            pots.setdefault(key.pot, np.zeros((rows, len(self.years))))[:, t] += net
            out.sales[key] = {"gross": gross, "clawback": claw, "costs": cost, "met": met, "small": small, "net": net}
        return pots

    # ------------------------------------------------------------------------------------------- central figures and their ends

    @cached_property
    def central(self) -> Outcome:
        """The case with every input in the middle."""
        return self.at(self.ledger.values())

    @cached_property
    def _one_at_a_time(self) -> Outcome:
        return self.at(self.ledger.one_at_a_time())

    def ends(self, of: Callable[[Outcome], Floats]) -> tuple[Floats, Floats, Floats]:
        """Figures at their worst, in the middle and at their best: every input at the end that is so while the others are in the middle.

        Parameters
        ----------
        of
            Takes the figures, each good where it is more, from an outcome: rows by figures.
        """
        central = of(self.central)[0]
        if not self.ledger.inputs or not len(central):
            return central, central, central
        both = of(self._one_at_a_time).reshape(len(self.ledger.inputs), 2, -1)
        patterns, which = np.unique((both[:, 1] >= both[:, 0]).T, axis=0, return_inverse=True)
        which = which.reshape(-1)
        low, high = self.ledger.values("low")[0], self.ledger.values("high")[0]
        figures = np.arange(len(central))
        at_worst = of(self.at(np.where(patterns, low, high)))[which, figures]
        at_best = of(self.at(np.where(patterns, high, low)))[which, figures]
        stacked = np.vstack([at_worst, central, at_best])
        return stacked.min(axis=0), central, stacked.max(axis=0)

    def ends_of(self, name: str) -> tuple[Floats, Floats, Floats]:
        """A series at its worst, in the middle and at its best: bodies by years."""
        shape = (len(self.bodies), len(self.years))
        worst, central, best = self.ends(lambda found: found.series[name].reshape(len(found.npv), -1))
        return worst.reshape(shape), central.reshape(shape), best.reshape(shape)

    @cached_property
    def _main_ends(self) -> dict[str, tuple[Floats, Floats, Floats]]:
        """The figures that are always asked for, reckoned together: by body, and for `revenue_effect` by body and year."""

        def figures(found: Outcome) -> Floats:
            series = found.series
            usable = (series["net_receipts"] - series["restricted"]).sum(axis=2)
            effect = series["revenue_effect"]
            of_all = [effect.sum(axis=1), usable.sum(axis=1)[:, None]]
            bodies = [found.npv, -series["debt"].max(axis=2), -series["capital"].sum(axis=2), usable]
            return np.hstack([*of_all, *bodies, effect.reshape(len(found.npv), -1)])

        found, count, years = self.ends(figures), len(self.bodies), len(self.years)
        out = {"revenue_effect_of_all": _three(each[:years] for each in found)}
        widths = {
            "usable_of_all": 1,
            **dict.fromkeys(("npv", "peak", "capital", "usable"), count),
            "revenue_effect": count * years,
        }
        begins = years
        for part, width in widths.items():
            out[part] = _three(each[begins : begins + width] for each in found)
            begins += width
        return {**out, "revenue_effect": _three(each.reshape(count, years) for each in out["revenue_effect"])}

    @cached_property
    def without_repairs_ends(self) -> tuple[tuple[Floats, Floats, Floats], tuple[Floats, Floats, Floats]]:
        """The effect on revenue without repairs avoided, at its worst, in the middle and at its best: bodies by years; and all together."""

        def figures(found: Outcome) -> Floats:
            without = found.series["revenue_effect"] - found.series["repairs_avoided"]
            return np.hstack([without.sum(axis=1), without.reshape(len(found.npv), -1)])

        found, years = self.ends(figures), len(self.years)
        shape = (len(self.bodies), years)
        return _three(each[years:].reshape(shape) for each in found), _three(each[:years] for each in found)

    @property
    def revenue_ends_of_all(self) -> tuple[Floats, Floats, Floats]:
        """The effect on revenue of all bodies together by year, at its worst, in the middle and at its best: for reading only."""
        return self._main_ends["revenue_effect_of_all"]

    @property
    def usable_ends_of_all(self) -> Ends:
        """What sales leave that is for no restricted use, of all bodies together."""
        return Ends(*(float(each[0]) for each in self._main_ends["usable_of_all"]))

    @property
    def revenue_ends(self) -> tuple[Floats, Floats, Floats]:
        """The effect on revenue: bodies by years, at its worst, in the middle and at its best."""
        return self._main_ends["revenue_effect"]

    def _by_body(self, part: str, sign: float = 1.0) -> dict[str, Ends]:
        found = self._main_ends[part]
        return {body: Ends(*sorted(sign * float(each[b]) for each in found)) for b, body in enumerate(self.bodies)}

    @cached_property
    def npv_ends(self) -> dict[str, Ends]:
        """By body, its own cash before its own financing, at its cost of capital."""
        return self._by_body("npv")

    @cached_property
    def capital_ends(self) -> dict[str, Ends]:
        """By body, what it spends on capital, repairs avoided apart: least, central, most."""
        return self._by_body("capital", -1.0)

    @cached_property
    def usable_ends(self) -> dict[str, Ends]:
        """By body, its receipts net of what they bear, restricted ones apart."""
        return self._by_body("usable")

    def npv(self, body: str) -> Ends:
        """What `npv_ends` gives; nothing for a body that has no part in the scenario."""
        return self.npv_ends.get(body, Ends(0.0, 0.0, 0.0))

    @cached_property
    def peaks(self) -> dict[str, tuple[Ends, int | None]]:
        """By body, the most that it owes for the scenario at the end of a year, at its least, in the middle and at its most; and the year.

        An NHS body does not borrow. It is not known (NaN) of a body of which it is not settled how it pays for its capital.
        """
        out: dict[str, tuple[Ends, int | None]] = {}
        for body, ends in self._by_body("peak", -1.0).items():
            if self.charging(body) != "provision":
                unknown = self.charging(body) == "none" and self.capital_ends[body].high > 0
                out[body] = Ends(*[np.nan if unknown else 0.0] * 3), None
                continue
            at = int(self.central.series["debt"][0, self.at_body[body]].argmax())
            out[body] = ends, self.years[at] if ends.central > 0 else None
        return out

    def drawn(self, draws: int, seed: int, of: Callable[[Outcome], Floats], block: int = 1_000) -> Floats:
        """Figures for draws of all inputs: draws by figures, reckoned in blocks."""
        values = self.ledger.drawn(draws, seed)
        return np.vstack([of(self.at(values[start : start + block])) for start in range(0, len(values), block)])

    def _unspent(self) -> Iterator[tuple[str, str]]:
        """Money from outside for capital that the capital does not use, and receipts that pay for nothing here."""
        for body in self.bodies:
            b = self.at_body[body]
            lost, left = self.central.series["lost"][0, b].sum(), self.central.series["held"][0, b, -1]
            if lost >= 1:
                yield (
                    body,
                    f"About {pounds(lost)} of what is given towards its capital is more than that needs before it lapses: given back.",
                )
            if left >= 1:
                said = f"About {pounds(left)} of receipts and of what is given to it pay for nothing in this scenario: they stay in hand"
                yield body, f"{said}, and what they could spare elsewhere is not counted."


def _three(found: Iterable[Floats]) -> tuple[Floats, Floats, Floats]:
    worst, central, best = found
    return worst, central, best

"""Where each flow falls in the accounts of its body, with the VAT and the contingency that go with it.

The flows are those of the economic case; here they are sorted by what a treasurer asks of them: capital by the life over which it is charged,
receipts by what they may be used for, revenue by what it is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from assetplan.appraisal.economic import order
from assetplan.appraisal.flow import Flow
from assetplan.appraisal.ledger import Ledger
from assetplan.appraisal.receipts import GENERAL, Sale, pays_for, sales, use_of
from assetplan.appraisal.stated import of_entry
from assetplan.figures.borrowing import capital_rules
from assetplan.figures.inputs import OWN, Factor, Input, percent
from assetplan.figures.taxes import stamp_duty_gbp, stamp_duty_relief, vat_rate_percent, vat_stuck
from assetplan.ranges import pounds
from assetplan.scenarios.actions import Acquire, Build, Dispose, Refurbish
from assetplan.scenarios.course import done_in
from assetplan.scenarios.paying import lapses
from assetplan.scenarios.values import Range
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from scipy import sparse

    from assetplan.appraisal.stated import Stated
    from assetplan.figures.published import Figures
    from assetplan.scenarios.course import Course
    from assetplan.scenarios.funding import Funding
    from assetplan.scenarios.scenario import Scenario

    Floats = NDArray[np.float64]

RUNNING, ONE_OFF, CHARGES, VAT, FUNDED = "running", "one_off", "charges", "vat", "funding"
"""Parts of revenue."""
REVENUE = (RUNNING, ONE_OFF, CHARGES, VAT, FUNDED)
CAPITAL, AVOIDED, RECEIPT, CLAWBACK, DISPOSAL, GIVEN, OWN_CAPITAL, OWN_REVENUE = (
    "capital", "avoided", "receipt", "clawback", "disposal", "given", "own for capital", "own for revenue",
)  # fmt: skip
_PARTS = {
    **dict.fromkeys(("premises", "rates", "overheads", "rent", "ground rent", "saving", "income", "benefit"), RUNNING),
    **dict.fromkeys(("move", "ict", "redundancy", "disturbance", "double running", "void", "dilapidations", "consent", "agreement"), ONE_OFF),
    "charge": CHARGES, "grant": FUNDED, "contribution": FUNDED, "vat": VAT,
}  # fmt: skip
_PURCHASE = {
    "works": "works",
    "build": "works",
    "backlog": "works",
    "ict": "equipment",
    "disposal": "fees",
    "consent": "fees",
}
"""What VAT is on, by line; everything else is a service."""
LIVES = {
    "works": "life_refurbishment_years",
    "backlog": "life_refurbishment_years",
    "land": "life_land_years",
    "receipt": "life_land_years",
}
_BUILDING_LIFE = "life_building_years"
FINANCE = (
    "inflation_percent", "borrowing_percent", "pdc_percent", "disposal_cap_percent", "life_refurbishment_years", "life_building_years",
    "life_land_years",
)  # fmt: skip
"""Figures that enter the financial case otherwise than as a factor of a flow."""


class Tranche(NamedTuple):
    """Capital that is charged alike: the figure of its life, the year of the first charge, and the restricted pot that may pay for it."""

    life: str
    first: int
    pot: str = GENERAL


class Cell(NamedTuple):
    """A sum of flows: of a body, a part of its accounts, what of it, a line, in a year; ``priced`` says that it rises with prices."""

    organisation: str
    part: str
    detail: tuple[object, ...]
    line: str
    year: int
    priced: bool

    @property
    def kind(self) -> str:
        """The kind of lines that are summed in it."""
        if self.part in {CAPITAL, AVOIDED}:
            return "capital"
        if self.part in {GIVEN, OWN_CAPITAL}:
            return "funding"
        return "receipt" if self.part in {RECEIPT, CLAWBACK} else "revenue"


@dataclass(frozen=True)
class Pot:
    """A funding that a scenario states for capital, as its pot: in force until it expires."""

    number: int
    kind: str
    year: int
    expires: int | None
    external: bool


class Accounts:
    """The flows of a scenario in the accounts of its bodies.

    Parameters
    ----------
    flows
        What a scenario does that its baseline does not.
    scenario, course
        The scenario, and how it goes on its estate.
    stated, figures
        What the estate states, and the figures of the appraisal.
    years
        Financial years that are counted.
    """

    def __init__(
        self, flows: Iterable[Flow], scenario: Scenario, course: Course, stated: Stated, figures: Figures, years: tuple[int, ...]
    ) -> None:  # fmt: skip
        self.course, self.stated, self.figures, self.years = course, stated, figures, years
        self.organisations = stated.ground.estate.organisations
        self._given, self._scenario = flows, scenario
        self._notes: list[tuple[str, str]] = []
        self._pots: dict[str, list[Pot]] = defaultdict(list)

    @cached_property
    def _filed(self) -> tuple[tuple[Flow, Cell], ...]:
        """Every flow with the cell it falls in; what is told and the pots come about as they are sorted in."""
        cash = [
            flow
            for flow in self._given
            if flow.cash and flow.organisation in self.organisations and flow.year in self.years
        ]
        self._avoided = self._avoided_of(cash)
        sorted_in = [
            *((flow, self._cell(flow)) for flow in cash),
            *((more, self._beside(flow, more)) for flow in cash for more in self._on_top(flow)),
            *self._own(),
        ]
        sorted_in.sort(key=lambda one: (order(one[0]), str(one[1])))
        self._say([cell for _, cell in sorted_in])
        return tuple(sorted_in)

    @cached_property
    def sales(self) -> Mapping[tuple[int, str], Sale]:
        """The disposals that bring receipts, by number of the action and what goes."""
        return sales(self.course, self.stated)

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """The flows of cash, with VAT, contingency and what pays for the scenario among them, in a fixed order."""
        return tuple(flow for flow, _ in self._filed)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """What each of them is summed in."""
        return tuple(cell for _, cell in self._filed)

    @cached_property
    def bodies(self) -> tuple[str, ...]:
        """Who has any of them, by identifier."""
        return tuple(sorted({flow.organisation for flow in self.flows}))

    @property
    def pots(self) -> Mapping[str, Sequence[Pot]]:
        """By body, what the scenario states for its capital."""
        return self._pots if self._filed else {}

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What is to be told beside the figures, each with its body."""
        _ = self._filed
        return tuple(self._notes)

    # ------------------------------------------------------------------------------------------- sums

    @cached_property
    def ledger(self) -> Ledger:
        """The flows with all inputs of the financial case."""
        return Ledger(self.flows, biased=False, also=(self.figures.input(name) for name in FINANCE))

    @cached_property
    def sums(self) -> tuple[Cell, ...]:
        """The cells that have anything in them, each once."""
        return tuple(
            sorted(
                dict.fromkeys(self.cells),
                key=lambda cell: (cell.organisation, cell.part, str(cell.detail), cell.line, cell.year, cell.priced),
            )
        )

    @cached_property
    def _matrix(self) -> sparse.csr_matrix:
        at = {cell: column for column, cell in enumerate(self.sums)}
        return self.ledger.summing([at[cell] for cell in self.cells], len(at))

    def real(self, values: Floats) -> Floats:
        """What each cell comes to before prices rise, for each row of values of the inputs: rows by cells."""
        return np.asarray(self.ledger.products(values) @ self._matrix)

    def given(self, name: str, values: Floats) -> Floats:
        """A figure that is no factor of a flow, for each row of values."""
        return np.asarray(values[:, self.ledger.columns[self.figures.input(name).key]])

    # ------------------------------------------------------------------------------------------- where flows fall

    def _avoided_of(self, flows: Sequence[Flow]) -> frozenset[tuple[object, ...]]:
        """Capital that the baseline would spend and the scenario does not: where the sum of a place, line and year is above 0."""
        sums: dict[tuple[object, ...], float] = defaultdict(float)
        for flow in flows:
            if flow.kind == "capital" and flow.line not in {"grant", "contribution"}:
                sums[_spent_on(flow)] += flow.amount()
        return frozenset(key for key, amount in sums.items() if amount > 0)

    @cached_property
    def _restricted(self) -> dict[str, tuple[str, ...]]:
        out: dict[str, list[str]] = defaultdict(list)
        for sale in self.sales.values():
            if sale.pot != GENERAL:
                out[sale.organisation].append(sale.pot)
        return {body: tuple(sorted(set(pots))) for body, pots in out.items()}

    def _cell(self, flow: Flow) -> Cell:
        part, detail = self._part(flow)
        priced = flow.line not in {"grant", "contribution"}
        return Cell(flow.organisation, part, detail, flow.line, flow.year, priced)

    def _beside(self, flow: Flow, more: Flow) -> Cell:
        """VAT and contingency go where what they are on goes; VAT on revenue has a part of its own."""
        part, detail = self._part(flow)
        if flow.kind == "revenue" and more.line == "vat":
            part, detail = VAT, ()
        return Cell(more.organisation, part, detail, more.line, more.year, priced=True)

    def _part(self, flow: Flow) -> tuple[str, tuple[object, ...]]:
        if flow.kind == "receipt":
            key = (flow.action, flow.subject)
            return (CLAWBACK if flow.line == "clawback" else RECEIPT), (*key, self._pot_of(flow))
        if flow.kind == "capital":
            if flow.line in {"grant", "contribution"} and flow.amount() > 0:
                return GIVEN, (self._number(flow),)
            return (AVOIDED if _spent_on(flow) in self._avoided else CAPITAL), tuple(self._tranche(flow))
        if flow.line == "disposal":
            return DISPOSAL, (flow.action, flow.subject, self._pot_of(flow))
        if flow.line == "splitting":
            return (RUNNING if any(factor.input.unit.endswith("a year") for factor in flow.factors) else ONE_OFF), ()
        return _PARTS.get(flow.line, RUNNING), ()

    def _pot_of(self, flow: Flow) -> str:
        sale = self.sales.get((flow.action, flow.subject))
        return sale.pot if sale is not None and sale.organisation == flow.organisation else GENERAL

    def _tranche(self, flow: Flow) -> Tranche:
        used = self._used_from(flow)
        use = use_of(self.course, self.stated, flow.subject)
        pots = self._restricted.get(flow.organisation, ())
        pot = next((pot for pot in pots if pays_for(pot, flow.subject, use)), GENERAL)
        return Tranche(LIVES.get(flow.line, _BUILDING_LIFE), max(flow.year, used) + 1, pot)

    def _used_from(self, flow: Flow) -> int:
        """The year from which what capital pays for is in use: land on which something is built, once that is."""
        if _spent_on(flow) in self._avoided:
            return flow.year
        actions = dict(self.course.actions)
        own = actions.get(flow.action)
        if isinstance(own, Build | Refurbish):
            return done_in(own)
        if flow.line in {"land", "receipt"}:
            site = self.stated.ground.site_of
            place = site.get(flow.subject, flow.subject)
            built = [
                done_in(one)
                for one in actions.values()
                if isinstance(one, Build) and site.get(one.asset, one.asset) == place
            ]
            return max([*built, done_in(own) if isinstance(own, Acquire) else flow.year])
        return flow.year

    # ------------------------------------------------------------------------------------------- what goes on top

    def _on_top(self, flow: Flow) -> Iterator[Flow]:
        """Contingency on works, in place of optimism bias; the VAT on what is bought that its body cannot recover."""
        bases = [flow]
        if flow.kind == "capital" and flow.bias is not None:
            share = percent(self.figures.input("works_contingency_percent", flow.subject))
            extra = replace(
                flow, line="contingency", factors=(*flow.factors, share), bias=None, economic=False,
                basis=f"contingency of a budget, in place of optimism bias: {flow.basis}",
            )  # fmt: skip
            bases.append(extra)
            yield extra
        if not flow.vat:
            return
        stuck = vat_stuck(self.organisations[flow.organisation].sector, _PURCHASE.get(flow.line, "services"))
        if stuck.value.high == 0:
            return
        for base in bases:
            yield replace(
                base, line="vat", factors=(*base.factors, percent(self._vat), percent(stuck)), bias=None, vat=False, economic=False,
                benefit_class=flow.benefit_class if flow.benefit_class == "avoided" else "cost", basis=f"VAT that stays with it: {base.basis}",
            )  # fmt: skip

    @cached_property
    def _vat(self) -> Input:
        rate = vat_rate_percent(self.stated.ground.estate.law_as_of)
        return Input(
            "tax/vat_percent", "standard rate of VAT", Range(rate, rate, rate), "percent", "Value Added Tax Act 1994, section 2",
            f"law at {self.stated.ground.estate.law_as_of or 'the newest known'}", OWN,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------- what pays for it

    def _number(self, flow: Flow) -> int:
        """The number of the funding that a flow is of; it has its pot from here on."""
        number = int(flow.subject.split()[-1])
        if all(pot.number != number for pot in self._pots[flow.organisation]):
            stated = dict(enumerate(self._scenario.funding, start=1)).get(number)
            expires = self._lapses(stated) if stated is not None and stated.kind == flow.line else None
            self._pots[flow.organisation].append(Pot(number, flow.line, flow.year, expires, external=True))
        return number

    def _lapses(self, funding: Funding) -> int | None:
        """The last year in which it can be spent: as it says, else as the pot says on which it draws."""
        return lapses(funding, self.stated.ground.plans.get(funding.plan))

    def _own(self) -> Iterator[tuple[Flow, Cell]]:
        """What a body pays from its own pots, and what developers give: no flow of the economic case."""
        for at, funding in enumerate(self._scenario.funding, start=1):
            last = self._lapses(funding)
            if last is not None and funding.year > last:
                said = f"Funding {at}, {funding.kind}, can be spent until {last} and is stated for {funding.year}: it has lapsed and is not used."
                self._notes.append((funding.organisation, said))
                continue
            if funding.year not in self.years:
                self._notes.append(
                    (
                        funding.organisation,
                        f"Funding {at}, {funding.kind}, is of {funding.year}, outside the years counted: not used.",
                    )
                )
                continue
            given = of_entry("funding", at, funding, "amount_gbp", f"{funding.kind} of {funding.organisation}")
            if given is None or funding.kind in {"grant", "contribution"}:
                continue
            capital = funding.pays_for == "capital"
            if funding.kind == "revenue" and not capital:
                self._notes.append(
                    (
                        funding.organisation,
                        f"Funding {at}: its revenue pays for revenue in any case; nothing changes by it.",
                    )
                )
                continue
            if funding.kind == "capital receipts" and not capital:
                said = f"Funding {at}: receipts pay for revenue only as the direction on their flexible use allows: to be confirmed."
                self._notes.append((funding.organisation, said))
            if funding.kind == "reserve":
                self._notes.append(
                    (
                        funding.organisation,
                        f"Funding {at}: the interest that the reserve would have earned is not counted.",
                    )
                )
            flow = Flow(
                funding.year, funding.organisation, funding.kind, "capital" if capital else "revenue", "transfer", 1.0, (Factor(given),),
                f"funding {at}", 0, f"{funding.kind} (funding {at})", economic=False,
            )  # fmt: skip
            part, detail = self._own_part(at, funding, capital=capital)
            yield flow, Cell(funding.organisation, part, detail, funding.kind, funding.year, priced=False)

    def _own_part(self, at: int, funding: Funding, *, capital: bool) -> tuple[str, tuple[object, ...]]:
        external = funding.kind == "developer contribution"
        if not capital:
            return (FUNDED if external else OWN_REVENUE), ()
        self._pots[funding.organisation].append(Pot(at, funding.kind, funding.year, self._lapses(funding), external))
        return (GIVEN if external else OWN_CAPITAL), (at,)

    # ------------------------------------------------------------------------------------------- what is told

    def _say(self, cells: Sequence[Cell]) -> None:
        for body in sorted({cell.organisation for cell in cells}):
            sector = self.organisations[body].sector
            rules = capital_rules(sector)
            capital = any(cell.organisation == body and cell.part == CAPITAL for cell in cells)
            if rules.charges == "not known":
                self._notes.append((body, (
                    f"Its sector is {visible(sector)!r}, of which nothing is laid down: VAT is taken as recovered from nothing to all of it, "
                    "and capital as borrowed and charged like a council's."
                )))  # fmt: skip
            elif rules.charges == "none" and capital:
                self._notes.append(
                    (
                        body,
                        f"How it pays for its capital is not settled: no interest and no provision is counted ({rules.basis}).",
                    )
                )
            elif rules.charges == "NHS" and any(cell.organisation == body and cell.part == RECEIPT for cell in cells):
                self._notes.append((body, (
                    "What a sale saves it in depreciation and dividend hangs on the book value of what is sold, which is not in the register: "
                    "nothing is counted."
                )))  # fmt: skip
        self._notes += self._stamp_duty()

    def _stamp_duty(self) -> Iterator[tuple[str, str]]:
        """Where stamp duty is due and what is said of it: the stated cost of acquiring has it, an exchange and a transfer do not."""
        day = self.stated.ground.estate.law_as_of
        for at, action in self.course.actions:
            if isinstance(action, Acquire) and action.cost_gbp is not None:
                body = action.organisation or self.stated.holder(action.asset)
                duty = float(stamp_duty_gbp(action.cost_gbp.central, day))
                said = f"Action {at}: stamp duty land tax is taken to be in the stated cost; on all of that it would be about {pounds(duty)}."
                yield body, self._relieved(body, said)
            elif isinstance(action, Dispose) and action.by == "swap":
                body = action.organisation or self.stated.holder(self.course.land_of(action.asset))
                yield (
                    body,
                    f"Action {at}: an exchange is two chargeable transactions; the stamp duty land tax of neither is counted.",
                )
            elif (
                isinstance(action, Dispose)
                and action.receipt_gbp is not None
                and (sale := self.sales[at, action.asset]).to_taker
            ):
                duty = float(stamp_duty_gbp(action.receipt_gbp.central, day))
                if duty:
                    said = f"Action {at}: stamp duty land tax of about {pounds(duty)} may be due on what it pays; it is not counted."
                    yield sale.to_taker, self._relieved(sale.to_taker, said)

    def _relieved(self, body: str, said: str) -> str:
        relief = stamp_duty_relief(self.organisations[body].sector) if body in self.organisations else ""
        return f"{said} {relief}." if relief else said


def _spent_on(flow: Flow) -> tuple[object, ...]:
    return flow.organisation, flow.subject, flow.line, flow.year

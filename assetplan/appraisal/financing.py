"""How a body pays for the capital of a scenario year by year, and what that charges to its revenue.

What is stated for it goes first, then its own receipts from the year in which they are in hand, then borrowing (or, for an NHS body, capital
to be found within the year's limit). Money that comes after the spending repays what was borrowed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from assetplan.appraisal.receipts import GENERAL
from assetplan.figures.borrowing import FIRST_YEAR_SHARE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.appraisal.accounts import Pot, Tranche

    Floats = NDArray[np.float64]

Charging = Literal["provision", "NHS", "none"]
RECEIPTS, BORROWED = "usable receipts", "borrowing"
ORDER = ("grant", "developer contribution", "contribution", "reserve", "capital receipts", "revenue")
"""In which order fundings that are stated are used: what comes from outside first; of one kind, what lapses first."""
SOURCES = (*ORDER, RECEIPTS, BORROWED)
"""What pays for capital, in the order in which it is used; what an NHS body has to find within its limit stands as borrowing."""


@dataclass
class Charge:
    """What capital charges by year: provision (or depreciation), interest (or dividend), and what is outstanding at the end of each year."""

    provision: Floats
    interest: Floats
    outstanding: Floats


@dataclass
class Financed:
    """How a body's capital is paid for by year: rows of values by years.

    Attributes
    ----------
    used
        By source, what of it pays in each year for capital, or repays what was borrowed; borrowing is less what is repaid.
    received
        Money from outside that is stated for capital, when it comes.
    lost
        What of it has to be given back, as it lapses unspent.
    receipts
        Receipts that come in by year, by pot, net and usable.
    held
        By pot, what of the receipts is not used at the end of each year; under ``stated``, what of the money from outside.
    charge
        What it charges to revenue.
    """

    used: dict[str, Floats]
    received: Floats
    lost: Floats
    receipts: Mapping[str, Floats]
    held: dict[str, Floats]
    charge: Charge


@dataclass
class Debt:
    """What is outstanding of some tranches, charged off by equal instalments over their lives.

    Whatever is paid off early lessens all that is outstanding alike, and so every instalment that is left.
    """

    tranches: Sequence[Tranche]
    lives: Mapping[str, Floats]
    rows: int
    out: list[Floats] = field(init=False)

    def __post_init__(self) -> None:
        self.out = [np.zeros(self.rows) for _ in self.tranches]

    @property
    def total(self) -> Floats:
        """What is outstanding."""
        return np.sum(self.out, axis=0) if self.out else np.zeros(self.rows)

    def instalment(self, year: int) -> Floats:
        """Charge off a year's instalments: what is outstanding over the years that are left, from each tranche's first on."""
        paid = np.zeros(self.rows)
        for at, tranche in enumerate(self.tranches):
            if year >= tranche.first:
                left = self.lives[tranche.life] - (year - tranche.first)
                part = np.where(left > 0, self.out[at] / np.maximum(left, 1.0), 0.0)
                self.out[at] = self.out[at] - part
                paid = paid + part
        return paid

    def add(self, amounts: Sequence[Floats]) -> None:
        """Add to each tranche."""
        self.out = [mine + more for mine, more in zip(self.out, amounts, strict=True)]

    def repay(self, money: Floats, pot: str | None = None) -> Floats:
        """Pay off what money there is for, all tranches alike, or those only that a restricted pot may pay for; what is paid."""
        mine = [at for at, tranche in enumerate(self.tranches) if pot is None or tranche.pot == pot]
        total = np.sum([self.out[at] for at in mine], axis=0) if mine else np.zeros(self.rows)
        paid = np.clip(np.minimum(money, total), 0.0, None)
        share = np.divide(paid, total, out=np.zeros(self.rows), where=total > 0)
        for at in mine:
            self.out[at] = self.out[at] * (1.0 - share)
        return paid


def charged(
    capital: Mapping[Tranche, Floats],
    years: Sequence[int],
    lives: Mapping[str, Floats],
    rate: Floats,
    charging: Charging,
) -> Charge:
    """What capital charges that is paid for by borrowing alone: for repairs avoided, what they would have.

    Parameters
    ----------
    capital
        By tranche, what is spent in each year: rows by years.
    years
        The financial years.
    lives
        By figure, the life in whole years, for each row.
    rate
        Interest or dividend a year as a share, for each row.
    charging
        How the body's capital is charged.
    """
    rows = len(rate)
    debt = Debt(list(capital), lives, rows)
    out = Charge(*(np.zeros((rows, len(years))) for _ in range(3)))
    for t, year in enumerate(years):
        before = debt.total
        paid = debt.instalment(year)
        spent = [amounts[:, t] for amounts in capital.values()]
        debt.add(spent)
        _charge(out, t, before, paid, np.sum(spent, axis=0) if spent else np.zeros(rows), debt.total, rate, charging)
    return out


def _charge(
    out: Charge, t: int, before: Floats, paid: Floats, added: Floats, left: Floats, rate: Floats, charging: Charging
) -> None:
    if charging == "none":
        return
    out.provision[:, t] = paid
    out.outstanding[:, t] = left
    mean = (before + left) / 2 if charging == "NHS" else before + FIRST_YEAR_SHARE * added
    out.interest[:, t] = rate * mean


@dataclass(frozen=True)
class Means:
    """What there is to pay with, by year: fundings stated with their money, and usable receipts by pot."""

    pots: Sequence[Pot]
    stated: Mapping[int, Floats]
    receipts: Mapping[str, Floats]


def financed(capital: Mapping[Tranche, Floats], means: Means, years: Sequence[int], lives: Mapping[str, Floats], rate: Floats,
             charging: Charging) -> Financed:  # fmt: skip
    """How capital is paid for, year by year.

    Parameters
    ----------
    capital, years, lives, rate, charging
        As for `charged`; above 0 is spent.
    means
        What there is to pay with.

    Returns
    -------
    Financed

    Notes
    -----
    An NHS body's receipts pay for what is spent when or after they are in hand. What it spends is charged in any case, whatever it is paid from,
    but for what is given to it.
    """
    rows, shape = len(rate), (len(rate), len(years))
    debt = Debt(list(capital), lives, rows)
    out = Financed({kind: np.zeros(shape) for kind in SOURCES}, np.zeros(shape), np.zeros(shape), means.receipts,
                   {pot: np.zeros(shape) for pot in (*means.receipts, "stated")}, Charge(*(np.zeros(shape) for _ in range(3))))  # fmt: skip
    pots = sorted(means.pots, key=lambda pot: (ORDER.index(pot.kind), pot.expires or _NEVER, pot.year, pot.number))
    left: dict[int, Floats] = defaultdict(lambda: np.zeros(rows))
    in_hand = {pot: np.zeros(rows) for pot in means.receipts}
    for t, year in enumerate(years):
        before = debt.total
        paid = debt.instalment(year)
        need = [amounts[:, t].copy() for amounts in capital.values()]
        for pot in pots:
            money = means.stated[pot.number][:, t]
            late = pot.expires is not None and year > pot.expires
            if pot.external:
                out.received[:, t] += money
                out.lost[:, t] += money * late
            if late:
                continue
            left[pot.number] = left[pot.number] + money
            used, need = _pay(need, left[pot.number], range(len(need)))
            out.used[pot.kind][:, t] += used
            left[pot.number] = left[pot.number] - used
        to_charge = [each.copy() for each in need]
        for name in sorted(in_hand, reverse=True):  # restricted pots first: the general one is last by name
            in_hand[name] = in_hand[name] + means.receipts[name][:, t]
            mine = [at for at, tranche in enumerate(debt.tranches) if name in {GENERAL, tranche.pot}]
            used, need = _pay(need, in_hand[name], mine)
            out.used[RECEIPTS][:, t] += used
            in_hand[name] = in_hand[name] - used
        debt.add(to_charge if charging == "NHS" else need)
        out.used[BORROWED][:, t] = np.sum(need, axis=0) if need else np.zeros(rows)
        if charging == "provision":
            _repay(out, t, debt, pots, left, in_hand)
        _charge(out.charge, t, before, paid, debt.total + paid - before, debt.total, rate, charging)
        for pot in pots:
            if pot.external and pot.expires == year:
                out.lost[:, t] += left[pot.number]
            if pot.expires == year:
                left[pot.number] = np.zeros(rows)
            if pot.external:
                out.held["stated"][:, t] += left[pot.number]
        for name, money in in_hand.items():
            out.held[name][:, t] = money
    return out


def _pay(need: list[Floats], money: Floats, of: Sequence[int]) -> tuple[Floats, list[Floats]]:
    """Pay for what is wanted of some tranches, all alike, as far as the money goes: what is paid, and what is still wanted."""
    wanted = np.sum([np.clip(need[at], 0.0, None) for at in of], axis=0) if len(of) else np.zeros_like(money)
    paid = np.clip(np.minimum(money, wanted), 0.0, None)
    share = np.divide(paid, wanted, out=np.zeros_like(paid), where=wanted > 0)
    out = list(need)
    for at in of:
        out[at] = np.where(need[at] > 0, need[at] * (1.0 - share), need[at])
    return paid, out


def _repay(
    out: Financed, t: int, debt: Debt, pots: Sequence[Pot], left: dict[int, Floats], in_hand: dict[str, Floats]
) -> None:
    """Repay what was borrowed before from money that has come since."""
    for pot in pots:
        paid = debt.repay(left[pot.number])
        left[pot.number] = left[pot.number] - paid
        out.used[pot.kind][:, t] += paid
        out.used[BORROWED][:, t] -= paid
    for name in sorted(in_hand, reverse=True):
        paid = debt.repay(in_hand[name], None if name == GENERAL else name)
        in_hand[name] = in_hand[name] - paid
        out.used[RECEIPTS][:, t] += paid
        out.used[BORROWED][:, t] -= paid


_NEVER = 10_000

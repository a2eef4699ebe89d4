"""What capital does to revenue: loans, interest and minimum revenue provision of bodies that borrow; capital charges of the NHS.

Years are financial years. Every charge is so much to each pound of capital, so it is a matrix: what is spent in each year, times the matrix,
is what is charged in each year. Nothing here is advice on a body's own policy, which goes before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from assetplan.errors import ScenarioError
from assetplan.text import visible

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Repaid = Literal["annuity", "equal instalments", "maturity"]
Provision = Literal["equal instalments", "annuity"]
_REPAID = ("annuity", "equal instalments", "maturity")
FIRST_YEAR_SHARE = 0.5
"""Of a year's interest on what is spent in it: works are spent evenly over a year."""


@dataclass(frozen=True)
class CapitalRules:
    """How bodies of one sector pay for capital: whether they borrow for it, and what it then does to their revenue.

    `borrows` is None where that is not known. `charges` is ``provision`` (interest, and a minimum revenue provision), ``NHS`` (depreciation,
    and a dividend on public dividend capital), ``none``, or ``not known``.
    """

    sector: str
    borrows: bool | None
    charges: Literal["provision", "NHS", "none", "not known"]
    basis: str
    checked: str


_PRUDENTIAL = (
    True, "provision", "Local Government Act 2003, part 1; Public Works Loan Board; minimum revenue provision, regulations 27 and 28 of SI 2003/3146",
    "general knowledge; to be checked with the body's finance officer",
)  # fmt: skip
_NHS = (
    False, "NHS", "capital counts against the Department's limit (CDEL) in its year; depreciation, and a dividend on public dividend capital",
    "the dividend read in an account of NHS finance; the rest general knowledge, to be checked",
)  # fmt: skip
_RULES = {
    **dict.fromkeys(("county", "district", "unitary", "police", "fire"), _PRUDENTIAL),
    **dict.fromkeys(("nhs", "ambulance"), _NHS),
    "parish": (
        True, "none", "may borrow with the Secretary of State's approval for each loan; the loan's own repayments are charged, no provision",
        "general knowledge; to be checked",
    ),
    "school": (
        False, "none", "an academy borrows only with consent; a maintained school's capital is its council's or its trustees'",
        "general knowledge; to be checked",
    ),
    "central": (False, "none", "voted capital budgets", "general knowledge; to be checked"),
}  # fmt: skip


def capital_rules(sector: str) -> CapitalRules:
    """How bodies of a sector pay for capital; not known for a sector of which nothing is laid down here.

    Examples
    --------
    >>> capital_rules("district").charges, capital_rules("nhs").borrows, capital_rules("other").borrows
    ('provision', False, None)
    """
    found = _RULES.get(sector)
    if found is None:
        return CapitalRules(sector, None, "not known", "not known how it pays for capital", "ask the body")
    return CapitalRules(sector, *found)  # type: ignore[arg-type]


def _check(rate_percent: float, years: int) -> None:
    problems = []
    if not (math.isfinite(rate_percent) and 0 <= rate_percent <= 100):
        problems.append(f"rate_percent: a percentage from 0 to 100 is wanted, not {rate_percent!r}.")
    if isinstance(years, bool) or not float(years).is_integer() or years < 1:
        problems.append(f"years: whole years, 1 or more, are wanted, not {years!r}.")
    if problems:
        raise ScenarioError("This cannot be borrowed", problems)


def annuity_payment(principal_gbp: ArrayLike, rate_percent: float, years: int) -> NDArray[np.float64]:
    """The level payment a year, in arrears, that pays off a loan with its interest.

    Parameters
    ----------
    principal_gbp
        What is borrowed, in GBP; any shape.
    rate_percent
        Interest a year.
    years
        Term, in whole years.

    Returns
    -------
    ndarray
        GBP a year, of the same shape.

    Notes
    -----
    ``P r / (1 - (1 + r)^-n)``, and ``P / n`` where there is no interest.

    Examples
    --------
    >>> float(annuity_payment(7_000_000, 5.5, 40).round(-3))
    436000.0
    """
    _check(rate_percent, years)
    rate = rate_percent / 100
    each = rate / -math.expm1(-years * math.log1p(rate)) if rate else 1 / years
    return np.asarray(principal_gbp, dtype=float) * each


@dataclass(frozen=True)
class Loan:
    """A loan by year: what is paid off, the interest, and what is owed at the end of each, in GBP; arrays of one length."""

    principal: NDArray[np.float64]
    interest: NDArray[np.float64]
    owed: NDArray[np.float64]

    @property
    def payment(self) -> NDArray[np.float64]:
        """Principal and interest together."""
        return self.principal + self.interest


def loan(
    principal_gbp: float, rate_percent: float, years: int, repaid: Repaid = "annuity", payments_a_year: int = 1
) -> Loan:
    """A fixed-rate loan, year by year.

    Parameters
    ----------
    principal_gbp, rate_percent, years
        What is borrowed, the interest a year, and the term.
    repaid
        ``annuity`` (level payments), ``equal instalments`` of principal, or ``maturity`` (all of it at the end).
    payments_a_year
        1, or 2 as the Public Works Loan Board has it: half the rate, half-yearly.

    Raises
    ------
    ScenarioError
        For a negative loan, a rate, term or way of repaying that cannot be.

    Examples
    --------
    >>> found = loan(1000, 5, 2)
    >>> found.payment.round(2).tolist(), found.interest.round(2).tolist(), found.owed.round(2).tolist()
    ([537.8, 537.8], [50.0, 25.61], [512.2, 0.0])
    """
    _check(rate_percent, years)
    if repaid not in _REPAID:
        raise ScenarioError(f"repaid: {visible(str(repaid))!r} is none of {', '.join(_REPAID)}.")
    if payments_a_year not in {1, 2} or not (math.isfinite(principal_gbp) and principal_gbp >= 0):
        raise ScenarioError(
            f"A loan of 0 pounds or more with 1 or 2 payments a year is wanted, not {principal_gbp!r} and {payments_a_year!r}."
        )
    periods, rate = years * payments_a_year, rate_percent / payments_a_year
    each = _repayments(rate, periods, repaid)
    owed = np.clip(1 - np.cumsum(each), 0.0, None)
    interest = np.concatenate(([1.0], owed[:-1])) * rate / 100
    by_year = (years, payments_a_year)
    return Loan(
        principal_gbp * each.reshape(by_year).sum(axis=1),
        principal_gbp * interest.reshape(by_year).sum(axis=1),
        principal_gbp * owed.reshape(by_year)[:, -1],
    )


def _repayments(rate_percent: float, periods: int, repaid: str) -> NDArray[np.float64]:
    """Of each pound borrowed, what is paid off in each period; together one pound."""
    if repaid == "maturity":
        return np.concatenate((np.zeros(periods - 1), [1.0]))
    if repaid == "equal instalments" or not rate_percent:
        return np.full(periods, 1 / periods)
    growth = (1 + rate_percent / 100) ** np.arange(periods)
    return growth / growth.sum()


@dataclass(frozen=True)
class Charges:
    """What capital charges to revenue, by year in GBP, all of the shape of the capital.

    `provision` is the minimum revenue provision, or depreciation for an NHS body (which is no cash); `interest` is interest, or the dividend on
    public dividend capital; `outstanding` is what is left to be charged at the end of the year: the capital financing requirement, or the
    net book value.
    """

    provision: NDArray[np.float64]
    interest: NDArray[np.float64]
    outstanding: NDArray[np.float64]

    @property
    def total(self) -> NDArray[np.float64]:
        """Provision and interest together."""
        return self.provision + self.interest


def borrowing_charges(
    capital_gbp: ArrayLike,
    rate_percent: float,
    life_years: int,
    in_use: int | None = None,
    provision: Provision = "equal instalments",
    first_year_share: float = FIRST_YEAR_SHARE,
) -> Charges:
    """Interest and minimum revenue provision of capital that is paid for by borrowing.

    Parameters
    ----------
    capital_gbp
        What is spent from borrowing in each year, in GBP; years along the last axis, so that many draws are charged at once.
    rate_percent
        Interest a year.
    life_years
        Life of the asset, over which the provision is made.
    in_use
        Year, by its place along that axis, in which the asset comes into use; None where it does so in the year of spending. The first
        provision is made the year after, or after the spending where that is later.
    provision
        By ``equal instalments``, or by ``annuity``, which grows with the interest saved: two of the options of the guidance.
    first_year_share
        Of a year's interest, what is due on capital in the year it is spent.

    Returns
    -------
    Charges

    Raises
    ------
    ScenarioError
        For a rate or life that cannot be.

    Notes
    -----
    Statutory guidance on minimum revenue provision (England), asset life method; interest is on what is outstanding when a year begins,
    whether a loan is taken or the body's own balances are used. With ``annuity``, provision and interest of each year are together the
    level payment of a loan at that rate over that life. Interest is not capitalised while works go on.

    Examples
    --------
    >>> found = borrowing_charges([1000.0, 0, 0, 0], 5, 2)
    >>> found.provision.tolist(), found.interest.tolist(), found.outstanding.tolist()
    ([0.0, 500.0, 500.0, 0.0], [25.0, 50.0, 25.0, 0.0], [1000.0, 500.0, 0.0, 0.0])
    """
    _check(rate_percent, life_years)
    if provision not in {"equal instalments", "annuity"}:
        raise ScenarioError(f"provision: {visible(str(provision))!r} is neither equal instalments nor annuity.")
    capital = np.atleast_1d(np.asarray(capital_gbp, dtype=float))
    growing = float(rate_percent) if provision == "annuity" else 0.0
    each = _matrices(capital.shape[-1], growing, int(life_years), in_use, provision)
    charged, outstanding = (capital @ matrix for matrix in each)
    before = outstanding + charged - capital
    return Charges(charged, (before + first_year_share * capital) * (rate_percent / 100), outstanding)


def nhs_charges(capital_gbp: ArrayLike, pdc_percent: float, life_years: int, in_use: int | None = None) -> Charges:
    """Depreciation, and the dividend on public dividend capital, of what an NHS body spends on an asset.

    Parameters
    ----------
    capital_gbp, life_years, in_use
        As for `borrowing_charges`; depreciation is straight-line from the year after the asset comes into use.
    pdc_percent
        Dividend a year.

    Returns
    -------
    Charges
        Depreciation is no cash; the dividend is, on the mean of what is left at the beginning and the end of each year.

    Notes
    -----
    Revaluation is left out: a specialised building is valued each year, and its charges follow.

    Examples
    --------
    >>> found = nhs_charges([1000.0, 0, 0], 3.5, 2)
    >>> found.provision.tolist(), found.interest.round(2).tolist()
    ([0.0, 500.0, 500.0], [17.5, 26.25, 8.75])
    """
    _check(pdc_percent, life_years)
    capital = np.atleast_1d(np.asarray(capital_gbp, dtype=float))
    each = _matrices(capital.shape[-1], 0.0, int(life_years), in_use, "equal instalments")
    charged, left = (capital @ matrix for matrix in each)
    before = left + charged - capital
    return Charges(charged, (before + left) / 2 * (pdc_percent / 100), left)


@lru_cache(maxsize=256)
def _matrices(
    years: int, rate_percent: float, life: int, in_use: int | None, provision: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each pound spent in a year (row), what is charged in each year (column), and what is outstanding at its end."""
    repaid = _repayments(rate_percent, life, provision)
    charged = np.zeros((years, years))
    for spent in range(years):
        first = max(spent, in_use or 0) + 1
        reached = repaid[: max(years - first, 0)]
        charged[spent, first : first + len(reached)] = reached
    outstanding = np.triu(np.ones((years, years))) - np.cumsum(charged, axis=1)
    outstanding[np.abs(outstanding) < 1e-12] = 0.0
    for matrix in (charged, outstanding):
        matrix.setflags(write=False)
    return charged, outstanding

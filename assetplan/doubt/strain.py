"""Whether each body still pays its bills where something named goes wrong: its own money in every stress that bears on money."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from assetplan.appraisal.accounts import Accounts
from assetplan.appraisal.financial import Financial
from assetplan.doubt.stress import stresses
from assetplan.figures.explanation import financial as financial_year
from assetplan.ranges import NIL_GBP, pounds
from assetplan.text import visible

if TYPE_CHECKING:
    from assetplan.appraisal.cases import Cases

STRAIN_COLUMNS = (
    "figure_id", "stress", "organisation", "financial_npv_gbp", "financial_npv_change_gbp", "borrowing_peak_gbp", "borrowing_peak_change_gbp",
    "worst_year", "worst_year_gbp", "year_5", "year_5_gbp", "year_5_change_gbp", "words",
)  # fmt: skip
SIGNED_FOR = 5
"""Years after the base year for which a finance officer signs."""


class _Money(NamedTuple):
    """Of one body: its cash at its own cost of capital, the most it owes, and the effect on its revenue by year."""

    npv: float
    peak: float
    revenue: tuple[float, ...]


def strain_frame(result: Cases) -> pd.DataFrame:
    """What stresses do to each body's own money, in pounds of each year, with all inputs in the middle.

    Returns
    -------
    pandas.DataFrame
        One row for each stress that bears on money and each body, the scenario as it is written first; bodies by name. ``figure_id``, ``stress``
        (its name), ``organisation``; ``financial_npv_gbp``, the body's own cash at its own cost of capital, ``borrowing_peak_gbp``, the most that
        it owes for the scenario at the end of a year, both with their change against the first rows; ``worst_year`` of its revenue among all
        years and ``worst_year_gbp`` (blank and 0 where no year is worse); ``year_5``, ``year_5_gbp`` and ``year_5_change_gbp``; ``words``. Numbers
        are NaN where the scenario cannot be so.
    """
    rows = []
    written: dict[str, _Money] = {}
    for one in stresses(result):
        if not one.financial:
            continue
        found: dict[str, _Money] | None = None
        if one.flows is not None:
            run, scenario = one.run or result.run, one.scenario or result.scenario
            accounts = Accounts(one.flows, scenario, run.course, result.least.stated, result.figures, result.years)
            found = _money(Financial(accounts, result.base_year))
        written = written or found or {}
        for body in sorted({*written, *(found or {})}):
            was, now = written.get(body, _nothing(result)), None if found is None else found.get(body, _nothing(result))
            rows.append(
                (
                    f"{one.key.replace('stress', 'strain', 1)}/{body}",
                    one.name,
                    body,
                    *_row(result, body, was, now, one.words),
                )
            )
    frame = pd.DataFrame(rows, columns=list(STRAIN_COLUMNS))
    return frame.astype({"worst_year": "Int64", "year_5": "Int64"})


def _nothing(result: Cases) -> _Money:
    return _Money(0.0, 0.0, (0.0,) * len(result.years))


def _money(case: Financial) -> dict[str, _Money]:
    found = case.central
    debt, revenue = found.series["debt"][0], found.series["revenue_effect"][0]
    return {
        body: _Money(float(found.npv[0, b]), float(debt[b].max()), tuple(map(float, revenue[b])))
        for b, body in enumerate(case.bodies)
    }


def _row(result: Cases, body: str, was: _Money, now: _Money | None, why_not: str) -> tuple[object, ...]:
    at = min(SIGNED_FOR, len(result.years) - 1)
    if now is None:
        return (*(np.nan,) * 4, None, np.nan, result.years[at], np.nan, np.nan, why_not)
    worst = min(range(len(now.revenue)), key=lambda t: (now.revenue[t], t))
    lowest = now.revenue[worst] if now.revenue[worst] < -NIL_GBP else 0.0
    year = result.years[worst] if lowest else None
    five, before = now.revenue[at], was.revenue[at]
    owes = max(abs(now.peak), abs(was.peak)) >= NIL_GBP
    said = [
        _said("its own cash comes to", now.npv, was.npv),
        _said("it owes at most", now.peak, was.peak) if owes else "it borrows nothing",
    ]
    said.append(_said(f"its revenue in {financial_year(result.years[at])} is", five, before, signed=True))
    if year is not None:
        said.append(f"its worst year is {financial_year(year)}, {pounds(-lowest)} worse off")
    words = f"{visible(body)}: {'; '.join(said)}."
    return (
        now.npv,
        now.npv - was.npv,
        now.peak,
        now.peak - was.peak,
        year,
        lowest,
        result.years[at],
        five,
        five - before,
        words,
    )


def _said(what: str, now: float, was: float, *, signed: bool = False) -> str:
    def size(amount: float) -> str:
        if not signed or abs(amount) < NIL_GBP:
            return pounds(amount) if not signed else "as before"
        return f"{pounds(abs(amount))} {'better' if amount > 0 else 'worse'}"

    return f"{what} about {size(now)}" + ("" if size(now) == size(was) else f" instead of {size(was)}")

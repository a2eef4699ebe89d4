"""What a finance officer reads of the financial case, as frames: revenue by year, receipts, what pays for capital, who loses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from assetplan.appraisal.accounts import CAPITAL, REVENUE
from assetplan.appraisal.financing import SOURCES
from assetplan.appraisal.flow import PUBLIC
from assetplan.appraisal.receipts import GENERAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from assetplan.appraisal.economic import Economic, Ends
    from assetplan.appraisal.financial import Financial, Outcome, SaleKey

    Floats = NDArray[np.float64]

SIGNED_FOR = 5
"""Years after the base year for which a finance officer signs: the medium-term plan."""
POOLED = "all bodies"
"""Who stands for the purse as a whole where self-funding is shown pooled, as an illustration."""
REVENUE_COLUMNS = (
    "organisation", "year", "running_gbp", "one_off_gbp", "charges_gbp", "vat_gbp", "interest_gbp", "mrp_gbp", "funding_gbp", "revenue_effect_gbp",
    "low_gbp", "high_gbp", "from_repairs_avoided_gbp", "without_repairs_avoided_gbp",
)  # fmt: skip
RECEIPT_COLUMNS = (
    "organisation", "year", "subject", "action", "gross_gbp", "gross_low_gbp", "gross_high_gbp", "costs_gbp", "costs_met_gbp", "clawback_gbp",
    "revenue_gbp", "net_gbp", "net_low_gbp", "net_high_gbp", "restricted_gbp", "usable_gbp", "pot", "usable_for", "usable_by", "usable_from",
    "because", "hangs_on",
)  # fmt: skip
CAPITAL_COLUMNS = (
    "organisation", "year", "capital_gbp", "grant_gbp", "developer_contribution_gbp", "contribution_gbp", "reserve_gbp", "capital_receipts_gbp",
    "revenue_gbp", "usable_receipts_gbp", "borrowing_gbp", "to_find_gbp", "outstanding_gbp", "repairs_avoided_gbp", "how",
)  # fmt: skip
SELF_FUNDING_COLUMNS = (
    "organisation", "pot", "receipts_gbp", "receipts_low_gbp", "receipts_high_gbp", "capital_gbp", "share_percent", "share_low_percent",
    "share_high_percent", "first_spent", "last_receipt", "illustration",
)  # fmt: skip
LOSER_COLUMNS = (
    "organisation", "verdict", "financial_npv_gbp", "npv_low_gbp", "npv_high_gbp", "worst_year", "worst_year_gbp", "worst_year_low_gbp",
    "worst_year_high_gbp", "year_5", "year_5_gbp", "year_5_low_gbp", "year_5_high_gbp", "without_repairs_avoided_gbp", "why",
)  # fmt: skip
WORSE, FOR_A_TIME, MAY_BE = "worse off", "worse off for a time", "may be worse off"
_PENNY = 0.005


class WorstOff(NamedTuple):
    """The body that is worst off by its own cash, by how much, at the worst, in the middle and at the best."""

    organisation: str
    gbp: float
    low_gbp: float
    high_gbp: float


def revenue_frame(case: Financial) -> pd.DataFrame:
    """The effect on revenue by body and year, in pounds of each year, with its parts; above 0 is good for the body."""
    series = {name: values[0] for name, values in case.central.series.items()}
    low, effect, high = case.revenue_ends
    rows = []
    for b, body in enumerate(case.bodies):
        for t, year in enumerate(case.years):
            parts = [float(series[name][b, t]) for name in (*REVENUE[:4], "interest", "provision", "funding")]
            spared = float(series["repairs_avoided"][b, t])
            rows.append(
                (
                    body,
                    year,
                    *parts,
                    float(effect[b, t]),
                    float(low[b, t]),
                    float(high[b, t]),
                    spared,
                    float(effect[b, t]) - spared,
                )
            )
    return pd.DataFrame(rows, columns=list(REVENUE_COLUMNS))


def receipts_frame(case: Financial) -> pd.DataFrame:
    """From what a sale brings to what may be used of it, in pounds of its year: one row for each receipt."""
    keys = sorted(case.central.sales, key=lambda key: (key.year, key.organisation, key.subject, key.action))
    gross = case.ends(_of_sales(keys, "gross"))
    net = case.ends(_of_sales(keys, "net"))
    rows = []
    for at, key in enumerate(keys):
        found = {name: float(values[0]) for name, values in case.central.sales[key].items()}
        sale = case.accounts.sales.get((key.action, key.subject))
        mine = sale is not None and sale.organisation == key.organisation
        said = (
            (sale.usable_for, sale.usable_by, sale.year, sale.because, sale.hangs_on)
            if sale is not None and mine
            else _FORGONE
        )
        restricted = float(net[1][at]) if key.pot != GENERAL else 0.0
        rows.append((
            key.organisation, key.year, key.subject, key.action, float(gross[1][at]), float(gross[0][at]), float(gross[2][at]), found["costs"],
            found["met"], found["clawback"], found["small"], float(net[1][at]), float(net[0][at]), float(net[2][at]), restricted,
            float(net[1][at]) - restricted, key.pot, *said,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(RECEIPT_COLUMNS))


_FORGONE = ("", "", None, "a receipt of the baseline, which the scenario does without", "")


def _of_sales(keys: list[SaleKey], part: str) -> Callable[[Outcome], Floats]:
    def figures(outcome: Outcome) -> Floats:
        if not keys:
            return np.zeros((len(outcome.npv), 0))
        return np.column_stack([outcome.sales[key][part] for key in keys])

    return figures


def capital_frame(case: Financial) -> pd.DataFrame:
    """What pays for capital by body and year, in pounds of each year: the sources add up to what is spent.

    `borrowing_gbp` is less what is repaid; `to_find_gbp` is what a body that does not borrow has to find. `outstanding_gbp` is what is owed for it
    at the end of the year; of an NHS body, what it is worth in the books.
    """
    series = {name: values[0] for name, values in case.central.series.items()}
    rows = []
    for b, body in enumerate(case.bodies):
        how = {
            "provision": "borrowing, with a provision from the year after use",
            "NHS": "to be found within the capital limit (CDEL) of the year",
            "none": "to be found: how is not settled",
        }
        for t, year in enumerate(case.years):
            paid = [float(series[source][b, t]) for source in SOURCES]
            borrowed = paid.pop()
            paid += [borrowed, 0.0] if case.charging(body) == "provision" else [0.0, borrowed]
            spent, spared = float(series["capital"][b, t]), float(series["capital_avoided"][b, t])
            if max(map(abs, (spent, spared, *paid))) < _PENNY:
                continue
            rows.append((body, year, spent, *paid, float(series["debt"][b, t]), spared, how[case.charging(body)]))
    return pd.DataFrame(rows, columns=list(CAPITAL_COLUMNS))


def self_funding_frame(case: Financial) -> pd.DataFrame:
    """How much of its capital each body's own usable receipts meet, and each restricted pot by itself; pooled last, as an illustration only."""
    wanted = list(_tests(case))
    figures = case.ends(_figures_of(case, wanted))
    width = len(wanted)
    rows = []
    for at, (body, pot) in enumerate(wanted):
        receipts = [float(each[at]) for each in figures]
        share = [float(each[2 * width + at]) for each in figures]
        spent = float(figures[1][width + at])
        first, last = _dates(case, body, pot)
        rows.append(
            (
                body,
                pot,
                receipts[1],
                receipts[0],
                receipts[2],
                -spent,
                share[1],
                share[0],
                share[2],
                first,
                last,
                body == POOLED,
            )
        )
    return pd.DataFrame(rows, columns=list(SELF_FUNDING_COLUMNS))


def _tests(case: Financial) -> Iterator[tuple[str, str]]:
    for body in case.bodies:
        pots = {key.pot for key in case.central.sales if key.organisation == body}
        if pots or any(cell.organisation == body and cell.part == CAPITAL for cell in case.accounts.sums):
            yield from ((body, pot) for pot in sorted({GENERAL} | pots))
    yield POOLED, GENERAL


def _figures_of(case: Financial, wanted: list[tuple[str, str]]) -> Callable[[Outcome], Floats]:
    def figures(outcome: Outcome) -> Floats:
        receipts, spent = [], []
        for body, pot in wanted:
            mine = [
                sale["net"]
                for key, sale in outcome.sales.items()
                if body == POOLED or (key.organisation == body and key.pot == pot)
            ]
            receipts.append(np.sum(mine, axis=0) if mine else np.zeros(len(outcome.npv)))
            spent.append(_spent(case, outcome, body, pot))
        shares = [
            np.divide(100 * got, paid, out=np.full_like(got, np.nan), where=paid > _PENNY) for got, paid in zip(receipts, spent, strict=True)
        ]  # fmt: skip
        return np.column_stack([*receipts, *(-one for one in spent), *shares])

    return figures


def _spent(case: Financial, outcome: Outcome, body: str, pot: str) -> Floats:
    """What is spent on capital that a pot may pay for: of a body's own pot all of it."""
    if body == POOLED:
        return np.asarray(outcome.series["capital"].sum(axis=(1, 2)))
    if pot == GENERAL:
        return np.asarray(outcome.series["capital"][:, case.at_body[body], :].sum(axis=1))
    return np.asarray(outcome.by_pot.get((body, pot), np.zeros(len(outcome.npv))))


def _dates(case: Financial, body: str, pot: str) -> tuple[int | None, int | None]:
    """The first year in which capital is spent, and the last in which a receipt comes."""
    spent = (
        case.central.series["capital"][0].sum(axis=0)
        if body == POOLED
        else case.central.series["capital"][0, case.at_body[body]]
    )
    first = next((year for year, amount in zip(case.years, spent, strict=True) if amount > _PENNY), None)
    last = max(
        (key.year for key in case.central.sales if body == POOLED or (key.organisation == body and key.pot == pot)),
        default=None,
    )
    return first, last


def losers_frame(case: Financial) -> pd.DataFrame:
    """The bodies that are worse off, or may be: by their own cash, by the worst year for their revenue, and by the fifth year.

    A body is `worse off` where its own cash or its revenue in the fifth year is below 0, `worse off for a time` where only another year is so, and
    `may be worse off` where any of these is so at its worst only.
    """
    low, effect, high = case.revenue_ends
    spared = case.central.series["repairs_avoided"][0]
    fifth = min(SIGNED_FOR, len(case.years) - 1)
    rows = []
    for b, body in enumerate(case.bodies):
        npv = case.npv(body)
        worst = int(effect[b].argmin())
        if effect[b, worst] >= -_PENNY:
            worst = int(low[b].argmin())
        why = {
            "its own cash is worth less than nothing": npv.central < -_PENNY,
            f"its revenue is down in {case.years[fifth]}": effect[b, fifth] < -_PENNY,
            f"its revenue is down in {case.years[worst]}": effect[b, worst] < -_PENNY and worst != fifth,
        }
        told = [words for words, true in why.items() if true]
        if npv.central < -_PENNY or effect[b, fifth] < -_PENNY:
            verdict = WORSE
        elif told:
            verdict = FOR_A_TIME
        elif npv.low < -_PENNY or low[b].min() < -_PENNY:
            verdict, told = MAY_BE, ["only with its inputs at their worst"]
        else:
            continue
        rows.append((
            body, verdict, npv.central, npv.low, npv.high, case.years[worst], *(float(each[b, worst]) for each in (effect, low, high)),
            case.years[fifth], *(float(each[b, fifth]) for each in (effect, low, high)), float(effect[b, fifth] - spared[b, fifth]), "; ".join(told),
        ))  # fmt: skip
    rows.sort(key=lambda row: ((WORSE, FOR_A_TIME, MAY_BE).index(row[1]), row[2], row[0]))
    return pd.DataFrame(rows, columns=list(LOSER_COLUMNS))


def worst_off(case: Financial) -> WorstOff | None:
    """The body whose own cash is worth least, where that is less than nothing."""
    found = sorted((case.npv(body).central, body) for body in case.bodies)
    if not found or found[0][0] >= -_PENNY:
        return None
    npv = case.npv(found[0][1])
    return WorstOff(found[0][1], npv.central, npv.low, npv.high)


def organisations_frame(economic: Economic, case: Financial) -> pd.DataFrame:
    """What a scenario does to each body in both cases; the exchequer has a part in the economic one only."""
    own = {flow.organisation for flow in economic.ledger.flows} - {PUBLIC}
    effect = case.revenue_ends[1]
    series = {name: values[0] for name, values in case.central.series.items()}
    rows = {}
    for body in sorted(own | set(case.bodies)):
        ends = economic.ends(lambda flow, body=body: economic.npv(flow) if flow.organisation == body else 0.0)  # type: ignore[misc]
        rows[body] = [ends.central, ends.low, ends.high]
        if body not in case.at_body:
            rows[body] += [np.nan] * (len(_OWN_COLUMNS) + SIGNED_FOR + 1)
            continue
        b = case.at_body[body]
        npv, (peak, year) = case.npv(body), case.peaks[body]
        worst = int(effect[b].argmin())
        rows[body] += [
            *_middle_first(npv), *_middle_first(case.capital_ends[body]), float(series["capital_avoided"][b].sum()), float(series["gross"][b].sum()),
            *_middle_first(case.usable_ends[body]), float(series["restricted"][b].sum()), *_middle_first(peak), np.nan if year is None else year,
            case.years[worst], float(effect[b, worst]), *(float(effect[b, t]) if t < len(case.years) else np.nan for t in range(SIGNED_FOR + 1)),
        ]  # fmt: skip
    columns = [
        "npv_gbp",
        "npv_low_gbp",
        "npv_high_gbp",
        *_OWN_COLUMNS,
        *(f"revenue_effect_year_{t}_gbp" for t in range(SIGNED_FOR + 1)),
    ]
    out = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("organisation")
    return out.astype(dict.fromkeys(("borrowing_peak_year", "worst_year"), "Int64"))


def _middle_first(ends: Ends) -> tuple[float, float, float]:
    return ends.central, ends.low, ends.high


_OWN_COLUMNS = (
    "financial_npv_gbp", "financial_npv_low_gbp", "financial_npv_high_gbp", "capital_gbp", "capital_low_gbp", "capital_high_gbp",
    "capital_avoided_gbp", "receipts_gbp", "usable_receipts_gbp", "usable_receipts_low_gbp", "usable_receipts_high_gbp", "restricted_receipts_gbp",
    "borrowing_peak_gbp", "borrowing_peak_low_gbp", "borrowing_peak_high_gbp", "borrowing_peak_year", "worst_year", "worst_year_revenue_effect_gbp",
)  # fmt: skip

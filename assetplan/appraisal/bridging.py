"""The bridge from a body's part in the economic case to its financial case: each step summed from lines by itself, closing to the penny."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from assetplan.appraisal.postings import FINANCIAL_LINES

if TYPE_CHECKING:
    from collections.abc import Callable

    from assetplan.appraisal.economic import Economic
    from assetplan.appraisal.financial import Financial
    from assetplan.appraisal.flow import Flow
    from assetplan.appraisal.postings import Postings

BRIDGE_COLUMNS = ("step", "amount_gbp", "total_gbp", "basis")
_ON_TOP = ("contingency", "vat")


def bridge_frame(economic: Economic, financial: Financial, postings: Postings, body: str) -> pd.DataFrame:
    """From a body's real, undiscounted part in the economic case to the effect on its revenue over all years, step by step.

    Parameters
    ----------
    economic, financial, postings
        Both cases, and the lines of the financial one.
    body
        The body.

    Returns
    -------
    DataFrame
        `step`, `amount_gbp` (empty where a row is a total), `total_gbp` (empty where it is none) and `basis`. Every amount is summed from
        flows or lines by itself; totals are taken from the cases, so that a step that is wrong does not close.
    """
    flows = [flow for flow in economic.ledger.flows if flow.organisation == body]
    unbiased = sum(flow.amount() for flow in flows)
    biased = sum(_biased(flow) for flow in flows)
    cash = [
        (flow, cell) for flow, cell in zip(financial.accounts.flows, financial.accounts.cells, strict=True) if cell.organisation == body
    ]  # fmt: skip
    frame = postings.frame
    lines = frame[frame["organisation"] == body]

    def no_cash(wanted: Callable[[Flow], bool]) -> float:
        return sum(flow.amount() for flow in flows if not flow.cash and wanted(flow))

    def on_top(line: str) -> float:
        return sum(flow.amount() for flow, _ in cash if flow.line == line)

    def posted(line: str, *kinds: str) -> float:
        return float(lines.loc[(lines["line"] == line) & lines["kind"].isin(kinds), "amount_gbp"].sum())

    def of_kind(kind: str) -> float:
        return float(lines.loc[lines["kind"] == kind, "amount_gbp"].sum())

    own = [line for line in ("reserve", "revenue to capital") if posted(line, "revenue")]
    budget_only = sum(
        flow.amount() for flow, _ in cash if not flow.economic and flow.line not in _ON_TOP and flow.line not in _OWN
    )
    developers = sum(flow.amount() for flow, _ in cash if flow.line == "developer contribution")
    interest = [line for line in ("interest", "dividend", "provision", "depreciation") if posted(line, "revenue")]
    b = financial.at_body.get(body)
    series = {} if b is None else {name: values[0, b].sum() for name, values in financial.central.series.items()}
    given = float(lines.loc[(lines["kind"] == "funding") & lines["line"].isin(_GIVEN), "amount_gbp"].sum())
    steps: list[tuple[str, float | None, float | None, str]] = [
        ("economic case, real and undiscounted", None, biased, "its lines of the economic case"),
        ("less optimism bias", unbiased - biased, None, "the financial case has contingency in its place"),
        ("less what no budget sees", -no_cash(lambda flow: flow.line != "land forgone"), None, "benefits and costs that are no cash"),
        ("less land forgone", -no_cash(lambda flow: flow.line == "land forgone"), None, "what land would have fetched is no cash"),
        ("plus overheads that go on, and what else a budget alone sees", budget_only, None, "cash that is no cost to the whole"),
        ("plus contingency", on_top("contingency"), None, "on works"),
        ("plus VAT that stays with it", on_top("vat"), None, "by its sector and by what is bought"),
        ("plus money from developers", developers, None, "as the scenario states it"),
        ("plus the rise of prices", posted("inflation", "revenue", "capital", "receipt"), None, "to pounds of each year"),
        ("less money given back", posted("given back", "funding"), None, "money from outside that lapses before it is needed"),
        ("cash before its own financing", None, float(series.get("cash", 0.0)), "in pounds of each year"),
        ("less capital, which is financed", -of_kind("capital"), None, "spending, less repairs avoided"),
        ("less receipts that are capital", -of_kind("receipt"), None, "net of what they bear"),
        ("less money from outside for capital", -given - posted("given back", "funding"), None, "grants and contributions"),
        *((f"plus {FINANCIAL_LINES[line]}", posted(line, "revenue"), None, "what capital charges to revenue") for line in interest),
        *((f"plus {_OWN_SAID[line]}", posted(line, "revenue"), None, "as the scenario states it") for line in own),
        ("effect on revenue", None, float(series.get("revenue_effect", 0.0)), "all years, in pounds of each year"),
    ]  # fmt: skip
    frame_of_steps = pd.DataFrame(steps, columns=list(BRIDGE_COLUMNS))
    frame_of_steps[["amount_gbp", "total_gbp"]] += 0.0  # no step is minus nothing
    return frame_of_steps


def gap_of(bridge: pd.DataFrame) -> float:
    """By how much the totals of a bridge differ from its steps, at most: nothing, but for what a computer rounds."""
    running, gap = 0.0, 0.0
    for at, (amount, total) in enumerate(zip(bridge["amount_gbp"], bridge["total_gbp"], strict=True)):
        if pd.isna(total):
            running += amount
            continue
        gap = max(gap, abs(total - running)) if at else gap
        running = total
    return gap


def _biased(flow: Flow) -> float:
    return flow.amount() * (flow.bias.at("central") if flow.bias is not None else 1.0)


_OWN = {"reserve", "capital receipts", "revenue", "developer contribution"}
_GIVEN = ["grant", "contribution", "developer contribution"]
_OWN_SAID = {"reserve": "its own money for revenue", "revenue to capital": "revenue that pays for capital"}

"""Appraisals and explanations as records, for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.appraisal.economic import sources_of
from assetplan.appraisal.flow import EXCHEQUER
from assetplan.appraisal.postings import said_by
from assetplan.results.moved import moves_of
from assetplan.results.signing import sales_of, sign_offs
from assetplan.tables import records

if TYPE_CHECKING:
    from assetplan.figures.explanation import Explanation
    from assetplan.figures.inputs import Input
    from assetplan.results.comparing import Comparison
    from assetplan.results.result import Appraisal
    from assetplan.results.standing import Standing

YEAR_COLUMNS = (
    "organisation", "year", "saved_less_spent_gbp", "running_gbp", "one_off_gbp", "charges_gbp", "vat_gbp", "interest_gbp", "mrp_gbp", "funding_gbp",
    "revenue_effect_gbp", "low_gbp", "high_gbp", "from_repairs_avoided_gbp", "without_repairs_avoided_gbp",
)  # fmt: skip


def as_record(one: Standing, comparison: Comparison, organisation: str = "") -> dict[str, Any]:
    """An appraisal with where it stands in a comparison, as JSON has it; lines of one body only where one is named.

    ``npv_gbp`` is the sum of the economic lines times the discount factor of their year, and the sum of the bodies' ``npv_gbp``.
    """
    result = one.result
    return {
        "scenario": one.name,
        "base_year": result.base_year,
        "price_base": result.estate.price_base,
        "npv_gbp": result.npv_gbp,
        "npv_range_gbp": list(result.npv_range_gbp),
        "public_value_gbp": result.public_value_gbp,
        "bcr": None if result.bcr is None else result.bcr.central,
        "bcr_range": None if result.bcr is None else [result.bcr.low, result.bcr.high],
        "roi_gross": result.roi_gross,
        "roi_net": result.roi_net,
        "payback_year": result.payback_year,
        "payback_year_range": list(result.payback_range),
        "capital_gbp": result.capital_gbp,
        "receipts_gbp": result.receipts_gbp,
        "running_cost_change_gbp_pa": result.running_cost_change_gbp_pa,
        "by_organisation": _by_organisation(result, organisation),
        "standing": {
            "rank": one.rank,
            "good_percent": 100 * one.good,
            "stresses": one.stressed,
            "stresses_withstood": one.withstood,
            "forgone_gbp": one.forgone_gbp,
            "draws": comparison.draws,
            "seed": comparison.seed,
            "losers": [
                {"organisation": loss.organisation, "against": loss.against, "low_gbp": loss.low, "gbp": loss.central, "high_gbp": loss.high}
                for loss in one.losers
            ],
            "farther": one.farther,
        },
        "moves": [move.told for move in moves_of(result)],
        "access": {"people_minutes_change": _known(result.access.total()["people_minutes_change"]), "in_words": result.access.in_words()},
        "response": result.response.verdict,
        "by_ward": _rows(result.by_ward.frame),
        "deliverability": dict(result.deliverability.cells),
        "promised": _rows(result.deliverability.promises()),
        "sign_offs": _rows(sign_offs(result)),
        "sales": _rows(sales_of(result)),
        "problems": [
            {"verdict": found.verdict, "action": found.action, "where": found.where, "code": found.code, "value": found.value,
             "message": found.message, "fix": found.fix}
            for found in result.problems
        ],
        "doing_nothing": _doing_nothing(result, organisation),
        "not_counted": [{"action": action, "what": what} for action, what in result.unknown],
        "break_evens": [
            {"figure": found.figure_id, "name": found.name, "value": found.value, "unit": found.unit, "now": found.central, "within": found.within,
             "in_words": found.sentence}
            for found in result.break_evens()
        ],
        "stress": _rows(result.stress()),
        "grants": _rows(result.grants()),
        "discount_factors": {str(year): factor for year, factor in result.economic.factors.items()},
        **_lines(result, organisation),
    }  # fmt: skip


def _by_organisation(result: Appraisal, organisation: str) -> dict[str, dict[str, Any]]:
    frame, revenue = result.by_organisation(), result.revenue()
    out: dict[str, dict[str, Any]] = {}
    for body in [*result.estate.organisations, EXCHEQUER]:
        if organisation not in ("", body):
            continue
        found = result.explain(f"npv_gbp/{body}")
        row: dict[str, Any] = {"npv_gbp": found.value, "npv_range_gbp": [found.low, found.high]}
        if body in result.financial.at_body:
            mine = revenue[revenue["organisation"] == body]
            own = {
                str(key): value
                for key, value in frame.loc[body].items()
                if not str(key).startswith(("npv_", "revenue_effect_"))
            }
            row |= {
                key: None if pd.isna(value) else int(value) if key.endswith("_year") else float(value)
                for key, value in own.items()
            }
            for name in ("revenue_effect_gbp", "without_repairs_avoided_gbp", "low_gbp", "high_gbp"):
                key = name if name.startswith("revenue") else f"revenue_effect_{name}"
                row[key] = {str(year): float(value) for year, value in zip(mine["year"], mine[name], strict=True)}
        out[body] = row
    return out


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{key: None if value is pd.NA else value for key, value in row.items()} for row in records(frame)]


def _doing_nothing(result: Appraisal, organisation: str) -> dict[str, Any]:
    """What the baseline itself spends, by body and year, and what is not counted there."""
    frame = result.doing_nothing()
    rows = frame[frame["organisation"] == organisation] if organisation else frame
    return {"spent": rows.to_dict("records"), "not_counted": [what for _, what in result.undone.unknown]}


def _lines(result: Appraisal, organisation: str) -> dict[str, Any]:
    """The lines, each with identifiers of who says what it comes from, and what these stand for, once."""
    lines = result.lines
    rows = lines[lines["organisation"] == organisation] if organisation else lines
    flows, origins = result.economic.ledger.flows, result.postings.origins
    ids: dict[str, str] = {}
    told = []
    for row in rows.drop(columns="sources").to_dict("records"):
        key = str(row["line_id"])
        said = sources_of(flows[int(key[1:]) - 1]) if key.startswith("e") else said_by(origins[key])
        own = [ids.setdefault(one, f"s{len(ids) + 1}") for one in said]
        told.append({**{str(name): value for name, value in row.items()}, "source_ids": own})
    return {"sources": {key: said for said, key in ids.items()}, "lines": told}


def years_of(result: Appraisal, organisation: str = "") -> pd.DataFrame:
    """What each body saves and receives less what it spends, real and undiscounted, and the effect on its revenue in pounds of each year."""
    yearly, revenue = result.economic.yearly, result.revenue()
    effects = {(row["organisation"], int(row["year"])): row for row in revenue.to_dict("records")}
    bodies = [body for body in dict.fromkeys([*yearly.index, *result.financial.bodies]) if organisation in ("", body)]
    rows = []
    for body in sorted(bodies):
        for year in result.years:
            effect = effects.get((body, year), {})
            saved = float(yearly.at[body, year]) if body in yearly.index else 0.0
            rows.append((body, year, saved, *(effect.get(name) for name in YEAR_COLUMNS[3:])))
    return pd.DataFrame(rows, columns=list(YEAR_COLUMNS))


def explained(found: Explanation, depth: int) -> dict[str, Any]:
    """An explanation and what is below it, so many levels deep."""
    below = found.ask
    parts = []
    for part in found.parts:
        row: dict[str, Any] = {
            "figure": part.figure_id,
            "name": part.name,
            "value": part.value,
            "plus": part.plus,
            "times": part.times,
        }
        if depth > 1 and below is not None:
            row["explained"] = explained(below(part.figure_id), depth - 1)
        parts.append(row)
    return {
        "figure": found.figure_id,
        "name": found.name,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "unit": found.unit,
        "price_base": found.price_base,
        "how": found.how,
        "joined": found.joined,
        "constant": found.constant,
        "parts": parts if depth > 0 else [],
        "inputs": [_input(given) for given in found.inputs],
    }


def _input(given: Input) -> dict[str, Any]:
    return {
        "figure": f"input/{given.key}",
        "name": given.name,
        "low": given.value.low,
        "central": given.value.central,
        "high": given.value.high,
        "unit": given.unit,
        "source": given.source,
        "edition": given.edition,
        "where": given.where,
        "illustrative": given.illustrative,
        "note": given.note,
    }


def _known(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 - what is not known is null

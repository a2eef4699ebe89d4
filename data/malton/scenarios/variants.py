"""Fifty variants of the town front door: when the library is sold, and what refurbishing costs.

Prints a table of what each is worth, to whom it does worst, and what speaks against it.

Run it from the folder that holds ``data``: ``python data/malton/scenarios/variants.py``. Figures are invented for this example.
"""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

import assetplan as ap

HERE = Path(__file__).parent
COLUMNS = [
    "scenario", "npv_low_gbp", "npv_gbp", "npv_high_gbp", "worst_off", "refused", "to_be_confirmed", "first_refused",
]  # fmt: skip


def variants() -> list[ap.Scenario]:
    """The scenarios, each a value of its own."""
    base = ap.read_scenario(HERE / "s2-town-front-door.toml")
    sale = next(action for action in base.actions if isinstance(action, ap.Dispose))
    works = next(action for action in base.actions if isinstance(action, ap.Refurbish))
    rest = base.without(sale, works)
    return [
        rest.plus(
            replace(sale, year=year),
            replace(works, cost_gbp=tuple(500 * rate for rate in (rate - 200, rate, rate + 500))),
        ).renamed(f"Library sold in {year}, works about £{rate:,} a m2")
        for year in range(2011, 2021)
        for rate in (1_000, 1_250, 1_500, 1_750, 2_000)
    ]


def worth_of(result: ap.Appraisal) -> tuple[float, float, float]:
    """Net present value at its worst, in the middle and at its best."""
    low, high = result.npv_range_gbp
    return low, result.npv_gbp, high


def worst_of(result: ap.Appraisal) -> str:
    """The body whose own cash is worth least, where that is below nothing."""
    return result.worst_off.organisation if result.worst_off else ""


def told() -> pd.DataFrame:
    """One row for each variant: what it is worth, whom it leaves worst off, how much is refused and to be confirmed, and the first thing refused."""
    estate = ap.read_estate(HERE.parent)
    problems = ap.check_scenarios(estate, variants())
    possible = [
        one
        for one, found in zip(variants(), problems, strict=True)
        if not any(problem.verdict == "refused" for problem in found)
    ]
    results = {one.scenario.name: one for one in ap.appraise_scenarios(estate, possible)}
    rows = []
    for scenario, found in zip(variants(), problems, strict=True):
        refused = [problem for problem in found if problem.verdict == "refused"]
        result = results.get(scenario.name)
        worth = [None] * 4 if result is None else [*worth_of(result), worst_of(result)]
        rows.append(
            (scenario.name, *worth, len(refused), len(found) - len(refused), str(refused[0]) if refused else "")
        )
    return pd.DataFrame(rows, columns=COLUMNS)


if __name__ == "__main__":
    told().to_csv(sys.stdout, index=False)

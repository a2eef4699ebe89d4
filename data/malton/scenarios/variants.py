"""Fifty variants of the town front door: when the library is sold, and what refurbishing costs. Prints a table of what speaks against each.

Run it from the folder that holds ``data``: ``python data/malton/scenarios/variants.py``. Figures are invented for this example.
"""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

import assetplan as ap

HERE = Path(__file__).parent


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


def told() -> pd.DataFrame:
    """One row for each variant: how much is refused, how much is to be confirmed, and the first thing refused."""
    estate = ap.read_estate(HERE.parent)
    rows = []
    for scenario, problems in zip(variants(), ap.check_scenarios(estate, variants()), strict=True):
        refused = [problem for problem in problems if problem.verdict == "refused"]
        first = str(refused[0]) if refused else ""
        rows.append((scenario.name, len(refused), len(problems) - len(refused), first))
    return pd.DataFrame(rows, columns=["scenario", "refused", "to_be_confirmed", "first_refused"])


if __name__ == "__main__":
    told().to_csv(sys.stdout, index=False)

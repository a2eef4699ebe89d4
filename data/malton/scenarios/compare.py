"""Malton's scenarios beside one another, with a few variants of each, in one frame. Prints it as CSV, least regret first, what is refused last.

Run it from the folder that holds ``data``: ``python data/malton/scenarios/compare.py``. Figures are invented for this example; that nothing has
been tuned is part of it, and most of these scenarios are worth less than doing the minimum.
"""

import sys
from pathlib import Path

import pandas as pd

import assetplan as ap

HERE = Path(__file__).parent
SHOWN = [
    "rank", "npv_low_gbp", "npv_gbp", "npv_high_gbp", "capital_gbp", "usable_receipts_gbp", "worst_off", "worst_off_gbp", "losers",
    "people_minutes_change", "good_percent", "stresses_withstood", "stresses",
]  # fmt: skip


def scenarios() -> list[ap.Scenario]:
    """Every scenario of this folder; where something is sold, the same with nothing sold; and each a year later."""
    found = []
    for file in sorted(HERE.glob("s[0-9]*.toml")):
        scenario = ap.read_scenario(file)
        found.append(scenario)
        if any(isinstance(action, ap.Dispose) and action.by == "sale" for action in scenario.actions):
            kept = [action for action in scenario.actions if isinstance(action, ap.Dispose) and action.by == "sale"]
            found.append(scenario.without(*kept).renamed(f"{scenario.name}, nothing sold"))
        if scenario.actions and not file.stem.startswith("s0"):
            found.append(scenario.delayed(1).renamed(f"{scenario.name}, a year later"))
    return found


def compared() -> pd.DataFrame:
    """One row for each that can be: where it stands, its value from worst to best, who loses, who has farther to go."""
    estate = ap.read_estate(HERE.parent)
    results = []
    for scenario in scenarios():
        try:
            results.append(ap.appraise(estate, scenario))
        except ap.ScenarioError as error:
            sys.stderr.write(f"{error}\n")
    return ap.compare(results).frame[SHOWN]


if __name__ == "__main__":
    compared().to_csv(sys.stdout)

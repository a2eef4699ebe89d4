"""Malton and its scenarios appraised, read and made once in a process for all tests that only look: nobody may change them."""

from __future__ import annotations

from functools import cache

from commands import ROOT

import assetplan as ap

FOLDER = ROOT / "data" / "malton"
SCENARIOS = FOLDER / "scenarios"
NAMES = tuple(path.stem for path in sorted(SCENARIOS.glob("*.toml")))


@cache
def malton() -> ap.Estate:
    """The estate, for its keeper."""
    return ap.read_estate(FOLDER)


@cache
def appraised() -> dict[str, ap.Appraisal]:
    """Every scenario beside it appraised against the do-minimum, by the name of its file."""
    asked = [ap.read_scenario(SCENARIOS / f"{name}.toml") for name in NAMES]
    return dict(zip(NAMES, ap.appraise_scenarios(malton(), asked), strict=True))

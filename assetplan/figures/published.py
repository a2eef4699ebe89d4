"""The figures an appraisal rests on: what a scenario overrides, else what the estate states, else what is published here with its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assetplan.assumptions import APPRAISAL_FIGURES
from assetplan.declared import guessed
from assetplan.errors import ScenarioError
from assetplan.figures.inputs import OWN, Input
from assetplan.scenarios.actions import Build
from assetplan.scenarios.values import Range
from assetplan.space.standards import published_factors
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.assumptions import Figure
    from assetplan.estate import Estate
    from assetplan.scenarios.ground import Ground
    from assetplan.scenarios.scenario import Scenario

PRICE_BASE = "2025/26"
"""The price year of the published figures that are in pounds."""
_STATED = "assumptions.toml"
_OTHER_PRICES = (
    f"Figures published with assetplan are in {PRICE_BASE} prices and this estate's in those of {{base}}; nothing is converted. "
    "State your own under [appraisal] in assumptions.toml."
)
_NO_PRICES = (
    f"Figures published with assetplan are in {PRICE_BASE} prices; of which year's this estate's pounds are is not known, and nothing is converted. "
    "State price_base in estate.toml."
)


@dataclass(frozen=True)
class Published:
    """A figure that comes with the package: its range and unit, its source and edition, and how far it was read in that source."""

    name: str
    low: float
    central: float
    high: float
    unit: str
    source: str
    edition: str
    checked: str
    meaning: str


@cache
def published_figures() -> Mapping[str, Published]:
    """The figures that come with the package, by name.

    Examples
    --------
    >>> found = published_figures()
    >>> found["empty_rates_free_months"].central, found["cash_percent"].low, found["cash_percent"].high
    (3.0, 50.0, 75.0)
    """
    document = tomllib.loads(Path(__file__).with_name("figures.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _published(name, document[name]) for name in APPRAISAL_FIGURES})


def _published(name: str, part: Mapping[str, Any]) -> Published:
    meaning = APPRAISAL_FIGURES[name].meaning
    if "factor" in part:
        factor = published_factors()[part["factor"]]
        ends = Range(factor.low * 100, (factor.low + factor.high) * 50, factor.high * 100)
        checked = "the middle of the range is taken as central"
        return Published(name, *ends, part["unit"], factor.source, factor.edition, checked, meaning)
    ends = Range(*(float(part[end]) for end in Range._fields))
    unit, source, edition, checked = (str(part[key]) for key in ("unit", "source", "edition", "checked"))
    return Published(name, *ends, unit, source, edition, checked, meaning)


class Figures:
    """The figures of one scenario on one estate, looked up by name and, where a site has its own, by asset.

    Attributes
    ----------
    notes
        What is to be said beside figures taken from here: that their price year is another than the estate's.
    """

    def __init__(self, estate: Estate, scenario: Scenario, ground: Ground) -> None:
        self._valued: Mapping[str, Figure] = {} if estate.assumptions is None else estate.assumptions.figures
        self._stated: Mapping[str, Figure] = {} if estate.assumptions is None else estate.assumptions.appraisal
        self._site_of = dict(ground.site_of)
        for action in scenario.actions:
            if isinstance(action, Build) and action.new_asset:
                self._site_of.setdefault(action.new_asset, self._site(action.asset))
        self._overrides: dict[tuple[str, str], Input] = {}
        for at, override in enumerate(scenario.overrides, start=1):
            name, site = override.figure, self._site(override.asset)
            if override.value is None or not self._known(name):
                continue  # told by check_scenario
            unit, meaning = self._unit_and_meaning(name)
            self._overrides[name, site] = Input(
                f"figure/{name}@{override.asset}" if override.asset else f"figure/{name}",
                meaning,
                override.value,
                unit,
                f"{override.reason} ({override.author})",
                "",
                f"scenario, override {at}",
            )
        self._found: dict[str, Input] = {}
        base = estate.price_base
        self.notes: tuple[str, ...] = ()
        if base != PRICE_BASE:
            self.notes = (_OTHER_PRICES.format(base=visible(base)) if base else _NO_PRICES,)

    def input(self, name: str, asset: str = "") -> Input:
        """A figure as an input.

        Parameters
        ----------
        name
            Of the appraisal's figures, or of those a valuation rests on.
        asset
            Asset, parcel, or what a scenario builds; a figure overridden for its site goes before one for everywhere.

        Raises
        ------
        ScenarioError
            Where there is no such figure.
        """
        own = self._overrides.get((name, self._site(asset))) or self._overrides.get((name, ""))
        if own is None and name not in self._found:
            self._found[name] = self._given(name)
        return own or self._found[name]

    def _given(self, name: str) -> Input:
        stated = self._stated.get(name) or self._valued.get(name)
        if stated is not None:
            return _as_input(stated, _STATED, illustrative=stated.illustrative)
        if name in APPRAISAL_FIGURES:
            return _as_input(published_figures()[name], OWN, illustrative=False)
        raise ScenarioError(
            f"There is no figure {visible(name)!r}.{guessed(name, [*APPRAISAL_FIGURES, *self._valued])}"
        )

    def _site(self, asset: str) -> str:
        return self._site_of.get(asset, asset)

    def _known(self, name: str) -> bool:
        return name in APPRAISAL_FIGURES or name in self._valued

    def _unit_and_meaning(self, name: str) -> tuple[str, str]:
        spec = APPRAISAL_FIGURES.get(name) or self._valued[name]
        return spec.unit, spec.meaning


def _as_input(figure: Figure | Published, where: str, *, illustrative: bool) -> Input:
    value = Range(figure.low, figure.central, figure.high)
    return Input(
        f"figure/{figure.name}", figure.meaning, value, figure.unit, figure.source, figure.edition, where, illustrative
    )


def figures_of(estate: Estate, scenario: Scenario, ground: Ground) -> Figures:
    """The figures of a scenario on an estate.

    Parameters
    ----------
    estate
        The estate, as its reader knows it: assumptions that are not for that reader are not used.
    scenario
        Its overrides go before everything else, those of a site before those of everywhere.
    ground
        The ground of the estate, by which an override of an asset stands for its whole site.

    Returns
    -------
    Figures

    Examples
    --------
    >>> import assetplan as ap
    >>> from assetplan.scenarios.ground import Ground
    >>> estate = ap.read_estate("data/malton")
    >>> cheaper = ap.Override(figure="works_civic_gbp_m2", value=4_000, reason="tender", author="rdc")
    >>> figures = figures_of(estate, ap.Scenario("Hub", overrides=(cheaper,)), Ground(estate))
    >>> figures.input("works_civic_gbp_m2").value.central, figures.input("works_civic_gbp_m2").source
    (4000.0, 'tender (rdc)')
    >>> figures.input("empty_rates_free_months").where
    "assetplan's own figures"
    """
    return Figures(estate, scenario, ground)

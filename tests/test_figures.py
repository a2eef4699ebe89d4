"""The figures of an appraisal: published with their sources, stated by an estate, overridden by a scenario, at a site or everywhere."""

import re
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import shared

import assetplan as ap
from assetplan.assumptions import APPRAISAL_FIGURES, FIGURES, read_assumptions, wrong_number
from assetplan.errors import EstateError, ScenarioError
from assetplan.figures.inputs import OWN, Factor
from assetplan.figures.published import figures_of, published_figures
from assetplan.scenarios.ground import Ground
from assetplan.space.standards import published_factors

FOLDER = Path(__file__).parents[1] / "data" / "malton"
OWN_FIGURES = """
price_base = "2025/26"
audience = "rdc"
[appraisal.cash_percent]
low = 40
central = 55
high = 60
unit = "percent"
source = "outturn of three closures"
edition = "2024/25"
"""


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def ground(malton: ap.Estate) -> Ground:
    return Ground(malton)


def override(figure: str, value: object, asset: str = "") -> ap.Override:
    return ap.Override(figure=figure, value=value, asset=asset, reason="tender of June", author="rdc")  # type: ignore[arg-type]


def test_every_published_figure_has_its_range_unit_and_source() -> None:
    file = Path(ap.__file__).with_name("figures") / "figures.toml"
    assert set(tomllib.loads(file.read_text(encoding="utf-8"))) == set(APPRAISAL_FIGURES)
    assert not set(APPRAISAL_FIGURES) & set(FIGURES), "an override would name two figures"
    for name, figure in published_figures().items():
        assert figure.low <= figure.central <= figure.high, name
        assert figure.unit == APPRAISAL_FIGURES[name].unit, name
        assert all((figure.source, figure.edition, figure.checked, figure.meaning)), name
        assert not any(wrong_number(end, figure.unit) for end in (figure.low, figure.central, figure.high)), name
    closed = published_factors()["closed_cash_share"]
    assert published_figures()["cash_percent"].low == closed.low * 100
    assert published_figures()["cash_percent"].source == closed.source


def test_what_a_scenario_says_goes_before_what_the_estate_says(malton: ap.Estate, ground: Ground) -> None:
    everywhere, here = override("cash_percent", [50, 60, 70]), override("cash_percent", 40, asset="nycc:NY/0431")
    scenario = ap.Scenario("Case", overrides=(everywhere, here))
    found = figures_of(malton, scenario, ground)
    own, other = found.input("cash_percent", "nycc:NY/0431"), found.input("cash_percent", "rdc:A0001")
    assert (own.key, own.value.central, own.where) == ("figure/cash_percent@nycc:NY/0431", 40, "scenario, override 2")
    assert (other.key, tuple(other.value)) == ("figure/cash_percent", (50, 60, 70))
    assert other.source == "tender of June (rdc)"
    site = ground.site_of["nycc:NY/0431"]
    for place in (*ground.on_site[site][0], *ground.on_site[site][1]):
        assert found.input("cash_percent", place) is own
    assert found.input("rates_percent", "nycc:NY/0431") is found.input("rates_percent")
    assert found.input("rates_percent").where == OWN
    assert (
        found.input("market_value_gbp_m2").where == "assumptions.toml"
    )  # what land is valued with can be looked up as well
    with pytest.raises(ScenarioError, match="Did you mean 'rates_percent'"):
        found.input("rate_percent")
    assert not found.notes
    assert "are in 2025/26 prices" in figures_of(replace(malton, price_base="2010/11"), scenario, ground).notes[0]


def test_what_is_built_is_on_the_site_of_its_land(malton: ap.Estate, ground: Ground) -> None:
    build = ap.Build(asset="rdc:A0001", year=2012, months=12, new_asset="hub", cost_gbp=1, source="x")
    scenario = ap.Scenario("Hub", [build], overrides=(override("new_running_gbp_m2", 100, asset="rdc:A0001"),))
    assert figures_of(malton, scenario, ground).input("new_running_gbp_m2", "hub").value.central == 100


def test_an_estate_may_state_figures_of_an_appraisal_and_no_others(tmp_path: Path) -> None:
    folder = tmp_path / "malton"
    shutil.copytree(FOLDER, folder)
    (folder / "assumptions.toml").write_text(OWN_FIGURES, encoding="utf-8")
    estate = ap.read_estate(folder)
    none = ap.Scenario("None")
    found = figures_of(estate, none, Ground(estate)).input("cash_percent")
    assert (tuple(found.value), found.where, found.edition) == ((40, 55, 60), "assumptions.toml", "2024/25")
    public = estate.for_audience("public")
    assert figures_of(public, none, Ground(public)).input("cash_percent").where == OWN
    assert estate.land_figures is None
    with pytest.raises(EstateError, match="so nothing is valued"):
        ap.land_of(estate)
    assert set(ap.find_assemblies(estate, ap.adjacency(ap.sites(estate)))["ranking"]) == {"largest connected"}


def test_what_is_wrong_with_an_estates_own_is_told_together(tmp_path: Path) -> None:
    path = tmp_path / "assumptions.toml"
    bad = re.sub("central = 55", "central = 155", OWN_FIGURES).replace('unit = "percent"', 'unit = "share"')
    bad += '[appraisal.life_bilding_years]\ncentral = 3\n[appraisal.backlog_years]\ncentral = 2.5\nunit = "years"\nsource = "x"\n'
    path.write_text(bad, encoding="utf-8")
    with pytest.raises(EstateError) as told:
        read_assumptions(path)
    text = "\n".join(told.value.problems)
    assert "unknown key 'life_bilding_years'. Did you mean 'life_building_years'" in text
    assert "appraisal.cash_percent.central: a percentage from 0 to 100 is wanted, not 155." in text
    assert "appraisal.cash_percent.unit: 'percent' is wanted, not 'share'." in text
    assert "appraisal.backlog_years.central: whole years from 1 to 125 are wanted, not 2.5." in text
    assert "figures" not in text  # nothing is asked of a valuation
    path.write_text(OWN_FIGURES + "[uses.offices]\n", encoding="utf-8")
    with pytest.raises(EstateError, match="homes_per_ha"):
        read_assumptions(path)


def test_overrides_that_cannot_be_are_refused(malton: ap.Estate) -> None:
    scenario = ap.Scenario(
        "Bad",
        audience="rdc",
        overrides=(
            override("cash_pecent", 10),
            override("cash_percent", 110),
            override("life_land_years", 10.5),
            override("borrowing_percent", 5),
            override("borrowing_percent", 6),
            override("market_value_gbp_m2", 3_600),
        ),
    )
    told = [str(problem) for problem in ap.check_scenario(malton, scenario)]
    assert len(told) == 4, told
    assert "Did you mean 'cash_percent'" in told[0]
    assert any("override 2: value: cash_percent: a percentage from 0 to 100" in text for text in told)
    assert any("override 3: value: life_land_years: whole years" in text for text in told)
    assert any(
        "override 5: figure: override 4 sets 'borrowing_percent' for the same place already" in text for text in told
    )


def test_a_factor_is_linear_in_its_input(malton: ap.Estate, ground: Ground) -> None:
    own = figures_of(malton, ap.Scenario("None"), ground).input("cash_percent")
    share, rest = Factor(own, times=0.01), Factor(own, plus=1, times=-0.01)
    for case in ("low", "central", "high"):
        assert share.at(case) + rest.at(case) == pytest.approx(1)
    assert (share.at("low"), share.at("high")) == (0.5, 0.75)

"""What a baseline itself spends, by hand; and that what nobody states is told and never taken for nought."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from small import closing, hub, small_estate
from tiny import tiny_estate

import assetplan as ap
from assetplan import appraisal_words as words
from assetplan.answers import in_sections
from assetplan.results.appraising import appraise_scenarios
from assetplan.results.comparing import compare

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    return small_estate(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def result(small: ap.Estate) -> ap.Appraisal:
    return ap.appraise(small, hub())


def told(result: ap.Appraisal) -> str:
    return " ".join(in_sections(words.told(result)).split())


def test_what_is_spent_if_nothing_is_done_by_hand(result: ap.Appraisal) -> None:
    """The town runs its hall and its library and repairs both in five years; the shire's offices are on a lease, which repairs are no part of."""
    spent = result.doing_nothing().set_index(["organisation", "year"])
    assert spent.at[("town", 2025), "running_gbp"] == pytest.approx(100_000 + 40_000)
    assert spent.at[("shire", 2025), "running_gbp"] == pytest.approx(60_000)  # with its rent of 24,000
    for year in result.years:
        repairs = (500_000 + 100_000) / 5 if 2026 <= year <= 2030 else 0
        assert spent.at[("town", year), "repairs_gbp"] == pytest.approx(repairs)
        assert spent.at[("town", year), "running_gbp"] == pytest.approx(140_000)
        assert spent.at[("shire", year), "repairs_gbp"] == 0
    assert (spent["low_gbp"] <= spent["spent_gbp"] + 1e-6).all()
    assert (spent["spent_gbp"] <= spent["high_gbp"] + 1e-6).all()
    assert spent["spent_gbp"].tolist() == pytest.approx(
        spent[["running_gbp", "repairs_gbp", "other_gbp"]].sum(axis=1).tolist()
    )


def test_what_is_spent_if_nothing_is_done_can_be_walked_back(result: ap.Appraisal) -> None:
    spent = result.doing_nothing()
    town = spent[spent["organisation"] == "town"]
    assert result.explain("baseline_running_gbp/town").value == pytest.approx(town["running_gbp"].sum())
    assert result.explain("baseline_repairs_gbp/town/2027").value == pytest.approx(120_000)
    ids = [one for one in result.figure_ids() if one.startswith("baseline_")]
    for figure_id in ids:
        found = result.explain(figure_id)
        if found.joined == "sum":
            assert sum(part.worth for part in found.parts) == pytest.approx(found.value)
    assert "backlog_gbp" in {given.key.split("/")[-1] for given in result.explain("baseline_repairs_gbp/town").inputs}
    assert "IF NOTHING IS DONE" in told(result)


def test_a_baseline_of_ones_own_is_told_as_it_is(small: ap.Estate) -> None:
    own = ap.Scenario(
        "Keep the library", [ap.Retain(asset="town:L", year=2026, months=12, cost_gbp=90_000, source="survey")]
    )
    result = ap.appraise(small, hub(), own)
    spent = result.doing_nothing().groupby("organisation")[["running_gbp", "repairs_gbp"]].sum()
    assert spent.at["town", "repairs_gbp"] == pytest.approx(90_000)
    assert "no renewal later" not in told(result)


def test_repairs_that_nobody_states_are_told(tmp_path: Path) -> None:
    bare = tiny_estate(
        tmp_path, [{"organisation": "town", "ref": "A", "x": 0, "y": 0, "use": "Offices", "tenure": "freehold"}]
    )
    sold = ap.Scenario(
        "Sold", [ap.Dispose(asset="town:A", by="sale", year=2026, receipt_gbp=100_000, source="agent")], start_year=2026
    )
    result = ap.appraise(bare, sold)
    assert result.doing_nothing().empty
    assert any("what waits to be repaired is not stated" in what for _, what in result.undone.unknown)
    said = told(result)
    assert "£0 may stand for what is not known" in said
    assert "Figures published with assetplan are in" in said
    assert "nothing to pay back" in said
    assert not result.owes
    sure = result.deliverability.confidence
    assert sure.own == 1  # the receipt; all else comes with assetplan, and what nobody states is wanted
    assert sure.wanted == sure.own + sure.general + len(result.unknown)
    assert sure.level == "low"


def test_paid_back_never_is_not_said_of_years_that_are_not_counted(small: ap.Estate) -> None:
    result = ap.appraise(small, ap.Scenario("Works", hub().actions[:1]))
    assert result.payback_year is None
    assert result.owes
    assert "not by 2055/56" in told(result)
    assert "never" not in told(result)


def test_money_that_is_not_used_is_told(small: ap.Estate) -> None:
    funding = ap.Funding(
        kind="reserve",
        organisation="town",
        year=2027,
        amount_gbp=10_000,
        pays_for="capital",
        expires=2026,
        source="invented",
    )
    result = ap.appraise(small, replace(hub(), funding=(*hub().funding, funding)))
    assert any("has lapsed and is not used" in what for _, what in result.financial.notes)
    assert "has lapsed and is not used" in told(result)


def test_scenarios_from_other_years_are_named(small: ap.Estate) -> None:
    one, other = (replace(closing(), start_year=year, name=f"From {year}") for year in (2025, 2026))
    results = [*appraise_scenarios(small, [one]), *appraise_scenarios(small, [other])]
    with pytest.raises(ap.ScenarioError, match="From 2025 from 2025, From 2026 from 2026"):
        compare(results)


def test_a_return_on_a_grant_is_not_met_by_what_it_costs_to_run_instead(small: ap.Estate) -> None:
    row = ap.appraise(small, hub()).grants().iloc[0]
    instead = row["run_instead_gbp"]
    assert 0 < instead < row["costs_gbp"]
    between = (row["cashable_gbp"] - instead / 2) / row["grant_gbp"]
    asked = replace(hub(), funding=(replace(hub().funding[0], roi_required=between),))
    found = ap.appraise(small, asked).grants().iloc[0]
    assert found["met"] == "before what is run instead only"
    assert "met only before that is paid" in found["words"]


def test_numbers_of_a_baseline_are_not_those_of_a_scenario(small: ap.Estate) -> None:
    """Both have an action 1 that states a cost: the 90,000 of one and the 2,000,000 of the other are two numbers."""
    keep = ap.Retain(asset="town:L", year=2027, months=12, cost_gbp=90_000, source="survey")
    own = ap.Scenario("Keep the library", [keep])
    result = ap.appraise(small, hub(), own)
    lines = result.lines
    of = lines[(lines["case"] == "economic") & (lines["line"] == "backlog")]
    assert result.inputs["action/1/cost_gbp"].value.central == 2_000_000
    assert set(of["subject"]) <= {"town:L"}
    assert abs(of["amount_gbp"].sum()) <= 90_000
    alone = ap.appraise(small, closing(2026), own)  # the library is sold before it would be repaired
    saved = alone.lines[(alone.lines["case"] == "economic") & (alone.lines["line"] == "backlog")]
    assert saved["amount_gbp"].tolist() == [90_000]
    assert alone.inputs["baseline/action/1/cost_gbp"].where == "the baseline, action 1"


def test_what_a_scenario_and_its_baseline_both_do_is_no_difference(small: ap.Estate) -> None:
    """Whatever their order: the works are the same works, with the same number behind them."""
    both = ap.Scenario("Works", hub().actions[:1])
    more = ap.Scenario("Works and more", [*closing(2028).actions, *hub().actions[:1]])
    assert ap.appraise(small, both, both).npv_range_gbp == (0, 0)
    result = ap.appraise(small, more, both)
    assert "works" not in set(result.lines["line"])
    assert result.capital_range_gbp == (0, 0, 0)


def test_where_capital_comes_from_is_told_by_body_and_year(small: ap.Estate) -> None:
    """Works of 2,000,000 with a tenth of contingency, over two years, of which a reserve pays 300,000: the rest is borrowed."""
    works = ap.Scenario("Works", hub().actions[:1], funding=(
        ap.Funding(kind="reserve", organisation="town", year=2026, amount_gbp=300_000, pays_for="capital", source="invented"),
    ))  # fmt: skip
    result = ap.appraise(small, works)
    said = told(result)
    assert "WHERE THE CAPITAL COMES FROM" in said
    assert "No plan or programme is named for it." in said
    first = result.capital().set_index(["organisation", "year"]).loc[("town", 2026)]
    assert first["capital_gbp"] == pytest.approx(first["reserve_gbp"] + first["borrowing_gbp"])
    assert first["capital_gbp"] == pytest.approx(
        2_000_000 / 2 * 1.1 * 1.02 * 1.2
    )  # a rise of prices; VAT, as its sector is not stated
    assert first["reserve_gbp"] == 300_000
    assert "No capital is spent." in told(ap.appraise(small, closing()))


def test_what_is_told_of_a_body_that_has_no_cash_of_its_own_in_a_scenario(small: ap.Estate) -> None:
    given = ap.Funding(
        kind="grant",
        organisation="shire",
        year=2027,
        amount_gbp=5_000,
        pays_for="capital",
        expires=2026,
        source="invented",
    )
    result = ap.appraise(small, replace(closing(), funding=(given,)))
    assert "shire" in dict(result.financial.notes)
    assert "has lapsed and is not used" in told(result)

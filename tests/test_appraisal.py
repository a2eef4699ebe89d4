"""The economic case, line by line against sums done by hand on a small estate, and on Malton against published rules of thumb."""

import dataclasses
import random
from collections import defaultdict

import pytest
from shared import appraised
from tiny import tiny_estate

import assetplan as ap
from assetplan.appraisal.flow import EXCHEQUER
from assetplan.appraisal.running import DO_MINIMUM

SAID = {"source": "invented"}
CASH, RATES, VOID, OPEN, LEAVING = 0.625, 0.40, 0.20, 0.25, 0.30
"""The central figures that come with the package, which the sums below use."""
BASE = 2025


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    """A hall and a library of a town, offices of a shire on a lease, a school with land that may be released."""

    def service(key: str, body: str, asset: str, fte: float, area: float, **more: object) -> dict[str, object]:
        return {"service_id": key, "organisation": body, "name": key, "function": key, "asset_id": asset, "fte": fte, "area_m2": area,
                "area_basis": "NIA", **more}  # fmt: skip

    return tiny_estate(
        tmp_path_factory.mktemp("small"),
        [
            {"organisation": "town", "ref": "H", "x": 0, "y": 0, "use": "Offices", "tenure": "freehold", "status": "Operational", "gia_m2": 1_000,
             "fte": 50, "running_cost_gbp_pa": 100_000, "backlog_gbp": 500_000},
            {"organisation": "town", "ref": "L", "x": 300, "y": 0, "use": "Library", "tenure": "freehold", "status": "Operational", "gia_m2": 400,
             "fte": 4, "running_cost_gbp_pa": 40_000, "backlog_gbp": 100_000},
            {"organisation": "shire", "ref": "O", "x": 600, "y": 0, "use": "Offices", "tenure": "leasehold", "status": "Operational", "gia_m2": 300,
             "fte": 10, "running_cost_gbp_pa": 60_000, "backlog_gbp": 30_000},
            {"organisation": "shire", "ref": "S", "x": 900, "y": 0, "use": "Primary school", "tenure": "freehold", "status": "Operational"},
        ],
        toml="as_of = 2025-06-30\nprice_base = '2025/26'\n",
        services=[service("hq", "town", "town:H", 50, 800), service("library", "town", "town:L", 4, 200), service("care", "shire", "shire:O", 10, 100)],
        interests=[{"interest_id": "lease", "subject": "shire:O", "holder": "shire", "interest": "lease", "expiry": "2028-03-31", "rent_gbp_pa": 24_000}],
        constraints=[({"constraint_id": "school", "kind": "consent", "name": "School land", "state": "yes", "subject": "shire:S", "source": "law"}, None)],
    )  # fmt: skip


def summed(result: ap.Appraisal) -> dict[tuple[str, str], float]:
    """Undiscounted pounds by body and line."""
    out: dict[tuple[str, str], float] = defaultdict(float)
    for row in result.lines[result.lines["case"] == "economic"].to_dict("records"):
        out[row["organisation"], row["line"]] += row["amount_gbp"]
    return {key: pytest.approx(value, abs=0.01) for key, value in out.items() if abs(value) > 0.005}


def closing(**sale: object) -> ap.Scenario:
    return ap.Scenario(
        "Library into the hall",
        [
            ap.Relocate(service="library", to="town:H", year=2028, cost_gbp=20_000, **SAID),
            ap.Dispose(
                **{
                    "asset": "town:L",
                    "by": "sale",
                    "year": 2029,
                    "receipt_gbp": 250_000,
                    "cost_gbp": 5_000,
                    **SAID,
                    **sale,
                }
            ),  # type: ignore[arg-type]
        ],
    )


def test_closing_a_building_by_hand(small: ap.Estate) -> None:
    """Base year 2025, to 2055. The library leaves in 2028 (28 years without it), is empty for one year, and is sold in 2029."""
    result = ap.appraise(small, closing())
    years = 28
    own = 200 / 1_000 * OPEN * 100_000 * years  # what it takes of the hall, which stays open
    assert summed(result) == {
        ("town", "premises"): 40_000 * CASH * (1 - RATES) * years - own,
        ("town", "overheads"): 40_000 * (1 - CASH) * years,
        ("town", "rates"): 40_000 * CASH * RATES * years
        - 40_000 * CASH * RATES * 9 / 12,  # three months empty are free
        (EXCHEQUER, "rates"): -(40_000 * CASH * RATES * years - 40_000 * CASH * RATES * 9 / 12),
        ("town", "void"): -40_000 * VOID,
        ("town", "move"): -20_000,
        ("town", "receipt"): 250_000,
        ("town", "disposal"): -5_000,
        # Spent evenly in 2026 to 2030; who leaves in 2028 spends three tenths of it before.
        ("town", "backlog"): 100_000 * (1 - LEAVING),
    }
    assert result.base_year == BASE
    assert (result.years[0], result.years[-1]) == (2025, 2055)
    assert result.receipts_gbp == pytest.approx(245_000)
    assert result.capital_gbp == 0
    assert result.running_cost_change_gbp_pa == pytest.approx(
        -(40_000 - 40_000 * CASH * RATES) + 200 / 1_000 * OPEN * 100_000
    )
    assert result.baseline.name == DO_MINIMUM


def test_no_rates_on_an_empty_building_are_ever_paid_back(small: ap.Estate) -> None:
    """Free for longer than a year is free for the whole of the first year, and no more."""
    long = ap.Override(figure="empty_rates_free_months", value=36, reason="a listed building", author="town")
    found = summed(ap.appraise(small, dataclasses.replace(closing(), overrides=(long,))))
    assert found["town", "rates"] == 40_000 * CASH * RATES * 28


def test_what_is_sold_early_spends_no_more_than_the_do_minimum_would(small: ap.Estate) -> None:
    """Gone in 2027 after one year of five of repairs: a fifth is spent, not three tenths."""
    early = ap.Scenario("Early", [action.delayed(-1) for action in closing().actions])
    assert summed(ap.appraise(small, early))["town", "backlog"] == 100_000 * 4 / 5
    earlier = ap.Scenario("Earlier", [action.delayed(-2) for action in closing().actions])
    assert summed(ap.appraise(small, earlier))["town", "backlog"] == 100_000
    late = ap.Scenario("Late", [action.delayed(3) for action in closing().actions])
    assert ("town", "backlog") not in summed(ap.appraise(small, late))


def test_a_lease_that_ends_ends_its_rent_and_the_rest_by_its_shares(small: ap.Estate) -> None:
    scenario = ap.Scenario(
        "Care into the hall",
        [
            ap.Share(host="town:H", services=("care",), instrument="licence", year=2027, charge_gbp_pa=9_000, term_months=18, cost_gbp=10_000, **SAID),
            ap.Surrender(interest="lease", by="expiry", year=2027, cost_gbp=15_000, **SAID),
        ],
    )  # fmt: skip
    found = summed(ap.appraise(small, scenario))
    years, rest = 29, 60_000 - 24_000
    assert found == {
        ("shire", "rent"): 24_000 * years,
        ("shire", "premises"): rest * CASH * (1 - RATES) * years,
        ("shire", "overheads"): rest * (1 - CASH) * years,
        ("shire", "rates"): rest * CASH * RATES * years,
        (EXCHEQUER, "rates"): -rest * CASH * RATES * years,
        ("shire", "charge"): -9_000 * 1.5,
        ("town", "charge"): 9_000 * 1.5,
        ("shire", "move"): -10_000,
        ("shire", "dilapidations"): -15_000,
        ("town", "premises"): -100 / 1_000 * OPEN * 100_000 * years,
    }


def test_works_carry_optimism_bias_and_do_away_with_their_share_of_the_backlog(small: ap.Estate) -> None:
    works = ap.Refurbish(
        asset="town:H",
        year=2027,
        months=24,
        area_m2=500,
        cost_gbp=400_000,
        mitigated_percent=50,
        saving_gbp_pa=7_000,
        **SAID,
    )
    result = ap.appraise(small, ap.Scenario("Works", [works]))
    assert summed(result) == {
        ("town", "works"): -400_000 * 1.255,  # 51 per cent for non-standard building, half of it managed
        ("town", "backlog"): 500_000 * 0.5 * 4 / 5,  # half the floor; one of five years is spent before works begin
        ("town", "saving"): 7_000 * 27,
    }
    by_year = result.lines[(result.lines["case"] == "economic") & (result.lines["line"] == "works")].set_index("year")[
        "amount_gbp"
    ]
    assert by_year.to_dict() == {2027: pytest.approx(-251_000), 2028: pytest.approx(-251_000)}
    stated = ap.appraise(small, ap.Scenario("Works", [dataclasses.replace(works, backlog_percent=80)]))
    assert summed(stated)["town", "backlog"] == 500_000 * 0.8 * 4 / 5


def test_what_is_built_in_place_of_a_building_costs_its_own_running(small: ap.Estate) -> None:
    scenario = ap.Scenario(
        "New library",
        [
            ap.Relocate(service="library", to="town:H", year=2026, cost_gbp=1_000, **SAID),
            ap.Build(
                asset="town:L", year=2026, months=24, gia_m2=300, cost_gbp=900_000, running_cost_gbp_pa=25_000, **SAID
            ),
            ap.Relocate(service="library", to="town:L", year=2028, cost_gbp=1_000, **SAID),
        ],
    )
    result = ap.appraise(small, scenario)
    found = summed(result)
    assert found["town", "build"] == -900_000 * 1.24
    without, with_new = 30, 28  # from 2026, from 2028
    assert found["town", "overheads"] == (40_000 * without - 25_000 * with_new) * (1 - CASH)
    assert found[EXCHEQUER, "rates"] == -(40_000 * without - 25_000 * with_new) * CASH * RATES
    assert result.running_cost_change_gbp_pa == pytest.approx(-15_000 + 15_000 * CASH * RATES)


def test_a_release_that_may_fail_takes_its_receipt_with_it(small: ap.Estate) -> None:
    scenario = ap.Scenario(
        "School land",
        [
            ap.Release(
                constraint="school",
                route="consent",
                months=12,
                year=2026,
                probability_percent=40,
                cost_gbp=8_000,
                **SAID,
            ),
            ap.Dispose(asset="shire:S", by="sale", year=2028, area_ha=0.2, receipt_gbp=100_000, cost_gbp=0, **SAID),
        ],
    )
    result = ap.appraise(small, scenario)
    assert summed(result) == {("shire", "receipt"): 100_000, ("shire", "consent"): -8_000}
    case = result.economic
    weights = case.ledger.weights(case.npv)
    drawn = case.ledger.sums(weights, case.ledger.drawn(20_000, seed=1))[:, 0]
    succeeds = drawn > 0
    assert succeeds.mean() == pytest.approx(0.40, abs=0.02)
    assert set(drawn[~succeeds].round(2)) == {round(-8_000 / 1.035, 2)}
    assert result.npv_range_gbp[0] == pytest.approx(-8_000 / 1.035)


def test_land_that_goes_to_another_body_is_nothing_to_the_whole(small: ap.Estate) -> None:
    within = ap.appraise(small, closing(by="transfer", recipient="Shire Council"))
    outside = ap.appraise(small, closing())
    assert summed(within)["shire", "receipt"] == -250_000
    assert outside.npv_gbp - within.npv_gbp == pytest.approx(250_000 / 1.035**4)
    below = ap.appraise(small, closing(receipt_gbp=100_000, value_gbp=250_000))
    assert summed(below)["town", "land forgone"] == -150_000


def test_what_nothing_states_is_told_and_never_nought(small: ap.Estate) -> None:
    scenario = ap.Scenario(
        "Blank",
        [
            ap.Refurbish(asset="shire:S", year=2026, months=12),
            ap.Dispose(asset="shire:S", by="sale", year=2028, area_ha=0.1),
        ],
    )
    result = ap.appraise(small, scenario)
    assert result.lines.empty
    assert [at for at, _ in result.unknown] == [1, 2]
    assert all("not stated" in words for _, words in result.unknown)
    rated = ap.appraise(
        small, ap.Scenario("By area", [ap.Refurbish(asset="town:L", year=2026, months=12, area_m2=100)])
    )
    assert summed(rated)["town", "works"] == -100 * 1_500 * 1.51


def test_the_order_of_actions_does_not_matter(small: ap.Estate) -> None:
    base = closing()
    shuffled = list(base.actions)
    random.Random(3).shuffle(shuffled)
    one, other = ap.appraise(small, base), ap.appraise(small, ap.Scenario("Other", shuffled))
    assert one.npv_gbp == pytest.approx(other.npv_gbp, abs=1e-9)
    kept = ["year", "organisation", "line", "amount_gbp"]
    assert sorted(map(tuple, one.lines[kept].round(4).to_numpy())) == sorted(
        map(tuple, other.lines[kept].round(4).to_numpy())
    )


def test_what_cannot_be_appraised_is_told_at_once(small: ap.Estate) -> None:
    bad = ap.Scenario(
        "Bad", [ap.Relocate(service="libary", to="town:H", year=2026), ap.Dispose(asset="town:H", by="sale", year=2027)]
    )
    with pytest.raises(ap.ScenarioError) as caught:
        ap.appraise(small, bad)
    told = " ".join(caught.value.problems)
    assert "Did you mean 'library'?" in told
    assert "still in it at the end of that year: hq" in told


# ------------------------------------------------------------------------------------------------------- Malton


@pytest.fixture(scope="module")
def malton() -> dict[str, ap.Appraisal]:
    return {result.scenario.name[:2]: result for result in appraised().values()}


def test_do_minimum_against_itself_is_nothing(malton: dict[str, ap.Appraisal]) -> None:
    assert malton["S0"].npv_gbp == 0
    assert malton["S0"].lines.empty


def test_the_district_alone_by_rules_of_thumb(malton: dict[str, ap.Appraisal]) -> None:
    """1,600 m2 at £4,400 with 24% in years 2 and 3, £195,000 a year less from year 4, £0.5m in year 5, 80% of the backlog not spent."""
    factor = [1.035**-year for year in range(31)]
    saved = 0.8 * 3_250_000 / 5 * sum(factor[1:6]) + 195_000 * sum(factor[4:]) + 490_000 * factor[5]
    spent = 1_600 * 4_400 * 1.24 / 2 * (factor[2] + factor[3]) + 250_000 * factor[4]
    assert malton["S8"].npv_gbp == pytest.approx(saved - spent, rel=0.12)
    assert malton["S8"].npv_gbp < 0


def test_the_gate_is_told_and_the_figures_stand_as_a_question(malton: dict[str, ap.Appraisal]) -> None:
    assert [problem.code for problem in malton["S6"].refused] == ["response"]
    assert all(not malton[key].refused for key in malton if key != "S6")


def test_bodies_and_the_exchequer_sum_to_the_whole(malton: dict[str, ap.Appraisal]) -> None:
    for result in malton.values():
        lines = result.lines[result.lines["case"] == "economic"]
        by_body = {
            body: sum(row.amount_gbp * result.economic.factors[row.year] for row in rows.itertuples())
            for body, rows in lines.groupby("organisation")
        }
        assert sum(by_body.values()) == pytest.approx(result.npv_gbp, abs=0.01)
        transfers = lines[lines["benefit_class"] == "transfer"].groupby("year")["amount_gbp"].sum()
        assert transfers.abs().max() < 0.005 or transfers.empty
        low, high = result.npv_range_gbp
        assert low <= result.npv_gbp <= high
        assert (lines["low_gbp"] <= lines["amount_gbp"] + 1e-9).all()
        assert (lines["amount_gbp"] <= lines["high_gbp"] + 1e-9).all()
        assert lines["basis"].str.len().gt(10).all()
        assert lines["sources"].str.len().gt(10).all()

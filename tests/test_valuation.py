"""Land value apart and together: against a recomputation that shares no code with it, and under changes whose effect is known."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetplan.assumptions import CASES, Assumptions, read_assumptions
from assetplan.errors import EstateError, SubjectError
from assetplan.residual import LAND_COLUMNS, REASONS, Land
from assetplan.valuation import constraint_prices, group_values, value_group

MALTON = Path(__file__).parents[1] / "data" / "malton"
OWN = read_assumptions(MALTON / "assumptions.toml")
# Everything that makes the whole differ from its parts, switched off by figures alone.
OFF = {
    "layout_setback_m": 0, "scheme_fixed_gbp": 0, "access_frontage_m": 0, "ransom_percent": 0, "affordable_threshold_homes": 0,
    "s106_threshold_homes": 0, "cil_gbp_m2": 0,
}  # fmt: skip


def land(
    rows: dict[str, dict[str, object]],
    bonds: list[tuple[str, str, float]] = (),
    barred: dict[str, dict[str, frozenset[str]]] | None = None,
) -> Land:  # type: ignore[assignment]
    plain = {
        "organisation": "council", "net_ha": 1.0, "homes": 30.0, "existing_m2": 0.0, "abnormals_gbp": 0.0, "as_it_stands_gbp": np.nan,
        "frontage_m": 50.0, "landlocked": False, "by_rule": True,
    }  # fmt: skip
    frame = pd.DataFrame([{**plain, **row} for row in rows.values()], index=list(rows), columns=list(LAND_COLUMNS))
    return Land(frame, pd.DataFrame(bonds, columns=["site_a", "site_b", "shared_boundary_m"]), barred or {})


FOUR = land(
    {
        "amb": {
            "organisation": "nhs",
            "net_ha": 0.2,
            "homes": 6,
            "existing_m2": 350,
            "abnormals_gbp": 80_000,
            "as_it_stands_gbp": 200_000,
        },
        "care": {
            "organisation": "county",
            "net_ha": 0.8,
            "homes": 24,
            "existing_m2": 1_500,
            "abnormals_gbp": 250_000,
            "as_it_stands_gbp": 250_000,
        },
        "hq": {"organisation": "district", "net_ha": 1.4, "homes": 42, "existing_m2": 3_300, "abnormals_gbp": 450_000},
        "pol": {
            "organisation": "police",
            "net_ha": 0.35,
            "homes": 10,
            "existing_m2": 750,
            "abnormals_gbp": 160_000,
            "as_it_stands_gbp": 300_000,
        },
    },
    [("amb", "care", 55.0), ("hq", "pol", 110.0)],
)


def by_hand(homes: float, existing: float, works: float, a: Assumptions, case: str) -> float:
    """The residual of a scheme of homes, line by line in plain arithmetic, from the figures alone."""
    v = {name: a.figures[name].at(case) for name in a.figures}  # type: ignore[arg-type]
    part = v["affordable_percent"] / 100 if homes >= v["affordable_threshold_homes"] else 0
    sold, let = homes * (1 - part), homes * part
    sold_m2, let_m2 = sold * v["market_m2_per_home"], let * v["affordable_m2_per_home"]
    market = sold_m2 * v["market_value_gbp_m2"]
    below = let_m2 * v["market_value_gbp_m2"] * v["affordable_value_percent"] / 100
    build = (sold_m2 + let_m2) * v["build_gbp_m2"] * (1 + v["externals_percent"] / 100)
    cost = build * (1 + v["fees_percent"] / 100 + v["contingency_percent"] / 100) + works
    cost += (market + below) * v["finance_percent"] / 100 + market * v["sales_percent"] / 100
    cost += market * v["profit_market_percent"] / 100 + below * v["profit_affordable_percent"] / 100
    if homes >= v["s106_threshold_homes"]:
        cost += homes * v["s106_gbp_per_home"]
    cost += max(0.0, sold_m2 - existing) * v["cil_gbp_m2"]
    return market + below - cost


@pytest.mark.parametrize("case", CASES)
def test_a_site_by_itself_is_worth_what_arithmetic_says(case: str) -> None:
    found = group_values(FOUR, [[site] for site in FOUR.sites.index], OWN)
    for site, row in zip(FOUR.sites.itertuples(), found.itertuples(), strict=True):
        stands = (
            0
            if np.isnan(site.as_it_stands_gbp)
            else site.as_it_stands_gbp * {"low": 0.8, "central": 1, "high": 1.2}[case]
        )
        cleared = by_hand(site.homes, site.existing_m2, site.abnormals_gbp, OWN, case)
        assert getattr(row, f"apart_{case}_gbp") == pytest.approx(max(cleared, stands, 0))
        assert getattr(row, f"together_{case}_gbp") == pytest.approx(cleared)


def test_the_headquarters_is_worth_what_the_published_order_of_magnitude_says() -> None:
    """About £490,000 cleared for 42 homes, from nothing to a million: the order that shared practice gives for Malton."""
    found = value_group(FOUR, ["hq"], OWN)
    low, central, high = found.together_gbp
    assert central == pytest.approx(490_000, abs=10_000)
    assert 0 < low < 150_000
    assert 850_000 < high < 1_050_000


@pytest.mark.parametrize("case", CASES)
def test_the_whole_is_worth_what_arithmetic_says(case: str) -> None:
    v = {name: OWN.figures[name].at(case) for name in OWN.figures}  # type: ignore[arg-type]
    gained = (55 + 110) * 2 * v["layout_setback_m"] * v["net_developable_percent"] / 100 / 10_000
    homes = 82 + gained * v["homes_per_ha"]
    together = by_hand(homes, 350 + 1_500 + 3_300 + 750, 940_000 - 3 * v["scheme_fixed_gbp"], OWN, case)
    found = value_group(FOUR, FOUR.sites.index, OWN)
    place = CASES.index(case)  # type: ignore[arg-type]
    assert found.together_gbp[place] == pytest.approx(together)
    assert found.marriage_value_gbp[place] == pytest.approx(together - found.apart_gbp[place])
    if case == "central":
        assert found.homes == pytest.approx(homes)


def test_reasons_and_lines_add_up() -> None:
    found = value_group(FOUR, FOUR.sites.index, OWN)
    for place, case in enumerate(CASES):
        assert found.reasons[case].sum() == pytest.approx(found.marriage_value_gbp[place], abs=0.01)
        assert found.lines[case].sum() == pytest.approx(found.together_gbp[place], abs=0.01)
    assert list(found.reasons.index) == list(REASONS)
    central = found.reasons["central"]
    assert central["stand-alone value lost"] < 0
    assert central["threshold"] < 0  # six homes escape affordable homes alone, not in a scheme of 82
    assert central["layout"] > 0
    assert central["shared works"] == pytest.approx(3 * OWN.value("scheme_fixed_gbp"))
    assert central["ransom removed"] == central["access"] == central["uses placed"] == 0


def test_many_groups_at_once_are_worth_what_each_is_alone() -> None:
    groups = [list(group) for n in range(1, 5) for group in itertools.combinations(FOUR.sites.index, n)]
    frame = group_values(FOUR, groups, OWN)
    for group, row in zip(groups, frame.itertuples(), strict=True):
        one = value_group(FOUR, group, OWN)
        assert (row.together_low_gbp, row.together_central_gbp, row.together_high_gbp) == pytest.approx(
            one.together_gbp
        )
        assert (row.marriage_low_gbp, row.marriage_central_gbp, row.marriage_high_gbp) == pytest.approx(
            one.marriage_value_gbp
        )


def test_with_every_effect_off_the_whole_is_the_sum_of_its_parts() -> None:
    off = OWN.changed(OFF, source="this test")
    free = land(
        {site: {**row, "as_it_stands_gbp": np.nan} for site, row in FOUR.sites.iloc[[0, 1, 2, 3]].T.to_dict().items()},
        [("hq", "pol", 110.0)],
    )
    kind = off.changed({"build_gbp_m2": 1_500}, source="this test")  # so that no site is worth less than nothing
    found = value_group(free, free.sites.index, kind)
    assert found.marriage_value_gbp == pytest.approx((0, 0, 0), abs=1e-6)
    assert found.reasons.abs().to_numpy().max() < 1e-6


money = [name for name, figure in OWN.figures.items() if figure.unit.startswith("GBP")]


@given(factor=st.floats(0.1, 10), members=st.sets(st.sampled_from(sorted(FOUR.sites.index)), min_size=1))
@settings(max_examples=25, deadline=None)
def test_money_of_another_unit_changes_nothing_but_the_unit(factor: float, members: set[str]) -> None:
    scaled = replace(
        OWN,
        figures={
            name: replace(f, low=f.low * factor, central=f.central * factor, high=f.high * factor)
            if name in money
            else f
            for name, f in OWN.figures.items()
        },
    )
    sites = FOUR.sites.assign(
        abnormals_gbp=FOUR.sites["abnormals_gbp"] * factor, as_it_stands_gbp=FOUR.sites["as_it_stands_gbp"] * factor
    )
    before = value_group(FOUR, members, OWN)
    after = value_group(replace(FOUR, sites=sites), members, scaled)
    assert after.marriage_value_gbp == pytest.approx(
        [factor * x for x in before.marriage_value_gbp], abs=1e-6 * factor * 1e6
    )


def split(site: str, share: float) -> Land:
    """The four sites with one of them in two hands, along a new boundary of 40 m."""
    a = OWN
    area, per, setback, net = 2.0, 600.0, a.value("layout_setback_m"), a.value("net_developable_percent") / 100

    def ruled(hectares: float, metres: float) -> dict[str, object]:
        ha = (hectares - setback * metres / 10_000) * net
        return {
            "net_ha": ha,
            "homes": ha * a.value("homes_per_ha"),
            "abnormals_gbp": a.value("scheme_fixed_gbp") + a.value("abnormals_gbp_per_ha") * hectares,
            "existing_m2": 1_000 * hectares,
            "frontage_m": 40 * hectares,
        }

    rest: dict[str, dict[str, object]] = {"other": {"organisation": "county", **ruled(1.0, 400.0)}}
    if site == "whole":
        return land({"whole": ruled(area, per), **rest}, [("other", "whole", 100.0)])
    one, two = area * share, area * (1 - share)
    return land(
        {
            "w1": ruled(one, per * share + 40),
            "w2": {"organisation": "police", **ruled(two, per * (1 - share) + 40)},
            **rest,
        },
        [("w1", "w2", 40.0), ("other", "w1", 60.0), ("other", "w2", 40.0)],
    )


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_a_parcel_in_two_hands_leaves_the_whole_worth_what_it_was(share: float) -> None:
    before = value_group(split("whole", share), ["other", "whole"], OWN)
    after = value_group(split("parts", share), ["other", "w1", "w2"], OWN)
    assert after.together_gbp == pytest.approx(before.together_gbp)


def test_a_site_behind_another_pays_for_its_way_and_joined_it_does_not() -> None:
    rows = {"back": {"frontage_m": 0.0, "landlocked": True}, "front": {"organisation": "county"}}
    open_, shut = (
        value_group(land({**rows, "back": {}}), ["back", "front"], OWN),
        value_group(land(rows), ["back", "front"], OWN),
    )
    assert shut.together_gbp == pytest.approx(open_.together_gbp)
    ransom = OWN.value("ransom_percent") / 100 * open_.by_site.at["back", "cleared"]
    assert shut.reasons.at["ransom removed", "central"] == pytest.approx(ransom)
    assert open_.reasons.at["ransom removed", "central"] == 0
    assert shut.marriage_value_gbp[1] - open_.marriage_value_gbp[1] == pytest.approx(ransom)


def test_a_group_that_reaches_no_road_pays_for_its_way_as_a_whole() -> None:
    rows = {site: {"frontage_m": 0.0, "landlocked": True} for site in ("a", "b")}
    shut, reached = value_group(land(rows), ["a", "b"], OWN), value_group(land({"a": {}, "b": {}}), ["a", "b"], OWN)
    left = 1 - OWN.value("ransom_percent") / 100
    assert shut.together_gbp[1] == pytest.approx(left * reached.together_gbp[1])


def test_a_narrow_front_limits_homes_until_a_neighbour_brings_a_wider_one() -> None:
    narrow = {"frontage_m": 6.0}
    alone = value_group(land({"a": narrow}), ["a"], OWN)
    assert alone.homes == OWN.value("access_homes_limit")
    joined = value_group(land({"a": narrow, "b": {}}), ["a", "b"], OWN)
    assert joined.homes == 60
    assert joined.reasons.at["access", "central"] > 0


def test_affordable_homes_and_obligations_have_a_threshold_each() -> None:
    """A scheme of 30 homes under thresholds of 20 and 40, either way round."""
    for affordable, obliged in ((20, 40), (40, 20)):
        own = OWN.changed(
            {"affordable_threshold_homes": affordable, "s106_threshold_homes": obliged}, source="this test"
        )
        found = value_group(land({"a": {}}), ["a"], own)
        assert found.together_gbp[1] == pytest.approx(by_hand(30, 0, 0, own, "central"))
        assert (found.lines.at["affordable homes", "central"] > 0) == (affordable == 20)
        assert (found.lines.at["planning obligations", "central"] < 0) == (obliged == 20)


def test_frontage_that_is_not_known_limits_nothing_and_lifts_nothing() -> None:
    unknown = value_group(land({"a": {"frontage_m": np.nan, "landlocked": None}}), ["a"], OWN)
    assert unknown.homes == 30
    joined = value_group(
        land({"a": {"frontage_m": np.nan, "landlocked": None}, "b": {"frontage_m": 6.0}}), ["a", "b"], OWN
    )
    assert joined.homes == 30 + OWN.value("access_homes_limit")


# ------------------------------------------------------------------------------------------------------- covenants

COVENANT = {"a": {"old deed": frozenset({"health", "leisure"})}}


@pytest.mark.parametrize("mix", ["housing", "homes and extra care", "homes and shared offices"])
def test_a_covenant_that_permits_all_of_a_mix_costs_nothing(mix: str) -> None:
    prices = constraint_prices(land({"a": {}, "b": {}}, barred=COVENANT), ["a", "b"], OWN, mix)
    assert prices.loc["old deed"].tolist() == [0, 0, 0]


def test_a_covenant_costs_something_only_where_the_mix_needs_what_it_bars() -> None:
    worth = OWN.changed({"health.value_gbp_m2": 6_000}, source="this test")
    alone = constraint_prices(land({"a": {}}, barred=COVENANT), ["a"], worth, "homes and health").at[
        "old deed", "central"
    ]
    assert alone > 0
    # With as much land again free of it, health goes there and the covenant bites no more.
    beside = land({"a": {}, "b": {}}, barred=COVENANT)
    assert constraint_prices(beside, ["a", "b"], worth, "homes and health").at["old deed", "central"] == pytest.approx(
        0, abs=1e-6
    )
    placed = value_group(beside, ["a", "b"], worth, "homes and health")
    assert placed.reasons.at["uses placed", "central"] > 0


@pytest.mark.parametrize("mix", sorted(OWN.mixes))
def test_releasing_a_covenant_changes_value_by_exactly_its_price(mix: str) -> None:
    bound = land({"a": {}, "b": {"net_ha": 0.2, "homes": 6}}, barred=COVENANT)
    price = constraint_prices(bound, ["a", "b"], OWN, mix)
    free = value_group(replace(bound, barred={}), ["a", "b"], OWN, mix)
    held = value_group(bound, ["a", "b"], OWN, mix)
    assert np.subtract(free.together_gbp, held.together_gbp).tolist() == pytest.approx(price.loc["old deed"].tolist())
    assert (price.to_numpy() >= -1e-6).all()


# ------------------------------------------------------------------------------------------------------- asked wrongly


def test_wrong_names_are_guessed() -> None:
    with pytest.raises(EstateError, match="Did you mean 'homes and health'"):
        group_values(FOUR, [["hq"]], OWN, mix="homes and helth")
    with pytest.raises(SubjectError, match="none of the sites"):
        value_group(FOUR, ["town hall"], OWN)
    with pytest.raises(EstateError, match="market_value_gbp_m2"):
        OWN.value("market_value_gbp_m")
    with pytest.raises(EstateError) as told:
        OWN.changed({"affordable_percent": 120, "build_gbp": 5, "homes_per_ha": float("nan")}, source="x")
    assert len(told.value.problems) == 3


def test_no_groups_give_no_rows() -> None:
    assert group_values(FOUR, [], OWN).empty

"""What a councillor asks beside money: what was promised, what it means for a ward, and who has signed; and what is told of a lapsed grant."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from commands import ROOT
from scraping import printed

import assetplan as ap
from assetplan import appraisal_words as words
from assetplan.doubt.uncertainty import share_of_draws
from assetplan.effects.deliverable import PROMISE_COLUMNS
from assetplan.effects.wards import ALL, WARD_COLUMNS
from assetplan.explaining.ward_figures import ward_figure
from assetplan.results.signing import NOBODY, NOT_SIGNED_OFF, sales_of, sign_offs
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SCENARIOS = ROOT / "data" / "malton" / "scenarios"


@cache
def estate() -> ap.Estate:
    return ap.read_estate(ROOT / "data" / "malton")


@cache
def appraised(name: str) -> ap.Appraisal:
    return ap.appraise(estate(), ap.read_scenario(SCENARIOS / f"{name}.toml"))


def told(result: ap.Appraisal, heading: str) -> str:
    return printed([section for section in words.told(result) if section.heading == heading])


# ------------------------------------------------------------------------------------------------------- wards


@pytest.mark.parametrize("mode", ["car", "foot"])
def test_wards_and_who_is_in_none_add_up_to_the_whole(mode: str) -> None:
    result = appraised("s2-town-front-door")
    frame = result.by_ward.frame
    assert tuple(frame.columns) == WARD_COLUMNS
    mine = frame[frame["by"].eq(mode) & frame["function"].eq(ALL)]
    total = result.access.total(mode)
    for kind in ("ward", "parish"):
        here = mine[mine["kind"] == kind]
        for name in ("people", "people_not_known", "people_farther", "people_nearer", "people_minutes_change"):
            assert here[name].sum() == pytest.approx(total[name]), (kind, name)
        assert here["worst_change_min"].max() == pytest.approx(total["worst_change_min"])
    for function in set(result.access.functions["function"]):
        own = frame[frame["by"].eq(mode) & frame["function"].eq(function) & frame["kind"].eq("ward")]
        row = next(
            row for row in records(result.access.functions) if (row["mode"], row["function"]) == (mode, function)
        )
        assert own["people_minutes_change"].sum() == pytest.approx(row["people_minutes_change"])


def test_minutes_of_a_ward_are_means_of_its_people_and_can_be_walked_back() -> None:
    result = appraised("s6-blue-light-fire")
    wards = result.by_ward
    fire = wards.frame[wards.frame["of"].eq("response") & wards.frame["function"].eq("fire")]
    assert len(fire) > 4
    places = result.response.places
    places = places[places["response"].eq("fire") & places["crews"].eq("any")]
    for row in records(fire):
        here = places[
            places["time"].eq(row["by"]) & places["demand_id"].isin(wards.members[row["kind"], row["area_id"]])
        ]
        mean = (here["population"] * here["after_min"]).sum() / here["population"].sum()
        assert row["mean_after_min"] == pytest.approx(mean)
        assert math.isnan(row["people_minutes_change"])
    for row in records(wards.frame):
        for measure in ("people_minutes_change", "mean_after_min", "mean_change_min", "worst_change_min"):
            if row[measure] is not None and row[measure] == row[measure]:
                found = result.explain(ward_figure(row, measure))
                assert found.value == pytest.approx(row[measure])
                assert not found.parts or sum(part.worth for part in found.parts) == pytest.approx(found.value)
                for part in found.parts:
                    assert result.explain(part.figure_id).value == pytest.approx(part.value)


def test_a_ward_whose_times_are_not_known_in_part_says_so() -> None:
    nowhere = replace(estate(), areas=estate().areas.iloc[:0])
    result = ap.appraise(nowhere, appraised("s2-town-front-door").scenario)
    assert result.by_ward.frame.empty
    assert list(result.by_ward.frame.columns) == list(WARD_COLUMNS)
    assert "not known: no wards or parishes are drawn here" in told(result, "Ward by ward")
    assert not told(appraised("s0-do-minimum"), "Ward by ward"), "nothing moves that anybody comes to"


def test_only_crews_that_set_out_from_their_station_are_told_by_ward_and_buses_are_not_modelled() -> None:
    with_fire, without = (appraised(name) for name in ("s6-blue-light-fire", "s5-blue-light"))
    assert "fire crew by night" in told(with_fire, "Ward by ward")
    assert "crew" not in told(without, "Ward by ward")
    assert "Buses are not modelled." in told(without, "People")


# ------------------------------------------------------------------------------------------------------- promises


def told_plans(**cells: Any) -> ap.Estate:
    row: dict[str, Any] = {**dict.fromkeys(estate().plans.columns), **cells}
    return replace(estate(), plans=pd.concat([estate().plans, pd.DataFrame([row])], ignore_index=True))


def test_promises_and_earlier_schemes_for_its_places_are_quoted_the_later_ones_as_not_known_then() -> None:
    hub = appraised("s2-town-front-door").scenario
    later = estate().as_of.replace(year=2015)  # type: ignore[union-attr]
    own: Mapping[str, Any] = {
        "kind": "commitment",
        "organisation": "nycc",
        "subjects": ("nycc:NY/0431",),
        "illustrative": True,
    }
    plans = told_plans(
        plan_id="stays", name="A library in the town", detail="Said at a meeting.", source="minutes", as_of=later, **own
    )
    result = ap.appraise(plans, hub)
    frame = result.deliverability.promises()
    assert tuple(frame.columns) == PROMISE_COLUMNS
    assert frame["plan"].iloc[-1] == "stays"
    assert set(frame["kind"]) <= {"commitment", "previous scheme"}
    said = told(result, "Promised and tried before")
    assert "- Commitment, North Yorkshire County Council: A library in the town. Said at a meeting." in said
    assert "(minutes; 24 June 2015; illustrative) Later: nobody knew it then." in said
    assert "no promise" in told(appraised("s4-extra-care"), "Promised and tried before")
    unknown = ap.appraise(replace(estate(), plans=estate().plans.iloc[:0]), replace(hub, funding=()))
    assert "is not known" in told(unknown, "Promised and tried before")


def test_a_reader_is_told_of_no_promise_that_it_may_not_know() -> None:
    hub = appraised("s2-town-front-door").scenario
    own: Mapping[str, Any] = {
        "kind": "commitment",
        "organisation": "nycc",
        "subjects": ("nycc:NY/0431",),
        "name": "Kept",
        "audience": "nycc",
    }
    plans = told_plans(plan_id="kept", **own)
    assert "kept" in set(ap.appraise(plans, hub).deliverability.promises()["plan"])
    assert "kept" not in set(ap.appraise(plans.for_audience("rdc"), hub).deliverability.promises()["plan"])


# ------------------------------------------------------------------------------------------------------- signatures


def test_nothing_is_signed_and_each_body_that_pays_has_its_own_officers() -> None:
    result = appraised("s7-full-package")
    frame = sign_offs(result)
    assert set(frame["state"]) == {NOT_SIGNED_OFF}
    assert set(frame.loc[frame["matter"] == "money", "organisation"]) == set(result.financial.bodies)
    roles = {(row["organisation"], row["matter"]): row["role"] for row in records(frame)}
    assert roles["rdc", "money"] == roles["nycc", "money"] == "section 151 officer"
    assert (roles["police", "money"], roles["nhs", "money"]) == ("chief finance officer", "director of finance")
    assert roles["rdc", "powers"] == "monitoring officer"
    assert ("nhs", "staff") in roles
    said = told(result, "Who has still to sign")
    assert said.count("not signed off") == len(frame)
    assert "opinion" in said
    assert sign_offs(appraised("s0-do-minimum")).empty


def test_each_sale_is_valued_by_nobody_and_judged_by_its_own_body() -> None:
    frame = sales_of(appraised("s7-full-package"))
    assert set(frame["valued_by"]) == {NOBODY}
    rules = dict(zip(frame["organisation"], frame["rule"], strict=True))
    assert "section 123" in rules["nycc"]
    assert not any("section 123" in rules[body] for body in ("police", "nhs"))
    assert all(rule.endswith("to judge") for rule in rules.values())
    assert sales_of(appraised("s0-do-minimum")).empty
    said = told(appraised("s7-full-package"), "Who has still to sign")
    assert said.count("valued by: nobody stated") == frame["organisation"].nunique()


# ------------------------------------------------------------------------------------------------------- grants, draws, paying back


def test_a_grant_that_has_lapsed_is_told_as_lapsed_and_counts_nothing() -> None:
    scenario = appraised("s7-full-package").scenario
    late = tuple(
        replace(one, year=2018) if one.kind == "grant" and one.roi_required is not None else one
        for one in scenario.funding
    )
    result = ap.appraise(estate(), replace(scenario, funding=late))
    rows = [row for row in records(result.grants()) if row["met"] == "lapsed"]
    assert rows
    for row in rows:
        assert "lapses after 2014/15 and is to be spent in 2018/19: nothing of it is counted." in row["words"]
        assert row["roi_gross"] is None or math.isnan(row["roi_gross"])
    assert result.roi_gross is None
    assert "lapses after 2014/15" in told(result, "What its grants ask")


def test_all_and_none_are_said_of_draws_and_never_as_certain() -> None:
    assert share_of_draws(1.0, 1_000) == "all of 1,000 draws"
    assert share_of_draws(0.0, 1_000) == "none of 1,000 draws"
    assert share_of_draws(0.9996, 10_000) == "more than 99% of 10,000 draws"
    assert share_of_draws(0.0004) == "less than 1% of draws"


def test_the_year_in_which_it_is_paid_back_has_a_best_and_a_worst() -> None:
    for name in ("s4-extra-care", "s2-town-front-door"):
        result = appraised(name)
        best, worst = result.payback_range
        middle = result.payback_year or math.inf
        assert (best or math.inf) <= middle <= (worst or math.inf)
        first = next((year for year in result.years if result.explain(f"cumulative_gbp/{year}").range[2] >= 0), None)  # type: ignore[index]
        assert best is None or first is None or best >= first

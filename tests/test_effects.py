"""What a scenario does to people and whether it can be delivered: by brute force on Malton and on a row of buildings drawn here."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny import EAST, NORTH, box, tiny_estate

import assetplan as ap
from assetplan.effects.asking import asked_of
from assetplan.effects.chaining import longest_chain, waits
from assetplan.effects.delivering import deliverability
from assetplan.effects.groundwork import Groundwork
from assetplan.effects.journeys import WEEKDAYS_PA, access_effect, visited
from assetplan.effects.responding import response_effect
from assetplan.effects.timing import KINDS, TIMELINE_COLUMNS, timeline
from assetplan.hubs.joint import room_of
from assetplan.hubs.reviewing import Review

MALTON = Path(__file__).parents[1] / "data" / "malton"
FILES = sorted((MALTON / "scenarios").glob("*.toml"))
FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def groundwork(malton: ap.Estate) -> Groundwork:
    return Groundwork(malton)


@pytest.fixture(scope="module")
def every() -> dict[str, ap.Scenario]:
    return {path.name[:2]: ap.read_scenario(path) for path in FILES}


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    return folder(tmp_path_factory.mktemp("row"), {"public", "town"})


def folder(path: Path, readers: set[str]) -> ap.Estate:
    """Buildings A to E a kilometre apart, people in five places; two libraries, desks, stores, two fire stations; some for the town alone."""

    def rows(*some: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in some if one["audience"] in readers]

    def service(name: str, asset: str, function: str, **more: Any) -> dict[str, Any]:
        given = {
            "service_id": name,
            "organisation": "town",
            "name": f"The {name}",
            "function": function,
            "asset_id": asset,
        }
        blank = dict.fromkeys(("part_of", "visits_per_day", "hours", "counters", "security", "response"), "")
        return {**blank, **given, "audience": "public", **more}

    def people(name: str, x: float, number: float | str, **more: Any) -> dict[str, Any]:
        given = {
            "demand_id": name,
            "name": f"Place {name}",
            "easting": EAST + x,
            "northing": NORTH,
            "population": number,
        }
        return {
            **given,
            "over_65": 10,
            "disabled": 5,
            "no_car": 20,
            "imd_decile": 2,
            "rural": "yes",
            "audience": "public",
            **more,
        }

    return tiny_estate(
        path,
        [
            *({"organisation": "town", "ref": ref, "x": 1_000 * i, "y": 0, "tenure": "freehold"} for i, ref in enumerate("ABCDE")),
            {"organisation": "shire", "ref": "S", "x": 2_500, "y": 0, "tenure": "leasehold"},
            {"organisation": "town", "ref": "LOST", "tenure": "freehold"},
        ],
        land=[({"parcel_id": "P", "source": "drawn"}, box(4_500, 0, 40, 40))],
        demand=rows(
            people("p1", 0, 100), people("p2", 1_500, 300), people("p3", 3_000, 50, imd_decile=9, rural="no"), people("p4", 4_000, ""),
            people("p5", 3_500, 70, audience="town"),
        ),
        services=rows(
            service("lib", "town:A", "library", visits_per_day=100, hours="office;weekend"),
            service("lib2", "town:D", "Library", visits_per_day=40, hours="office"),
            service("desk", "town:B", "desk", counters=1),
            service("store", "town:B", "store", security="staff only"),
            service("quiet", "town:C", "advice"),
            service("nowhere", "", "clinic", visits_per_day=10, hours="office"),
            service("secret", "town:C", "shelter", visits_per_day=7, hours="office", audience="town"),
            service("fire-a", "town:A", "fire station", response="fire", security="secure"),
            service("fire-e", "town:E", "fire station", response="fire", security="secure"),
            service("police-c", "town:C", "police", response="police", audience="town", security="secure"),
        ),
        crews=rows(
            {"crew_id": "a", "response": "fire", "service_id": "fire-a", "kind": "on station", "turnout_min": 1.5, "needed": 4, "turn_in": "", "audience": "public"},
            {"crew_id": "e", "response": "fire", "service_id": "fire-e", "kind": "on call", "turnout_min": 2, "needed": 2, "turn_in": "p1:1;p3:2", "audience": "public"},
            {"crew_id": "c", "response": "police", "service_id": "police-c", "kind": "on station", "turnout_min": 1, "needed": "", "turn_in": "", "audience": "town"},
        ),
        interests=rows(
            {"interest_id": "lease", "subject": "shire:S", "holder": "shire", "interest": "lease", "start": "2020-04-01", "expiry": "2030-03-31",
             "break_date": "2027-09-29", "notice_months": 6, "audience": "public"},
            {"interest_id": "club", "subject": "town:B", "holder": "a club", "interest": "licence", "expiry": "2028-06-30", "audience": "town"},
        ),
        areas=[({"area_id": "east", "kind": "other", "name": "East", "source": "drawn"}, box(4_400, -100, 400, 400))],
        plans=rows(
            {"plan_id": "pot", "kind": "funding", "organisation": "shire", "name": "Pot", "subjects": "town:A", "to_year": 2028, "amount_gbp": 1e5,
             "pays_for": "either", "status": "approved", "as_of": "2025-01-01", "source": "minute", "audience": "public"},
            {"plan_id": "keep", "kind": "commitment", "organisation": "town", "name": "Keep it", "subjects": "town:C", "status": "committed",
             "as_of": "2025-01-01", "source": "minute", "audience": "town"},
            {"plan_id": "after", "kind": "plan", "organisation": "town", "name": "After", "subjects": "town:A", "status": "idea", "as_of": "2027-06-01",
             "source": "minute", "audience": "public"},
            {"plan_id": "east", "kind": "plan", "organisation": "town", "name": "All the east", "subjects": "east", "as_of": "2025-01-01", "source": "minute",
             "audience": "public"},
            {"plan_id": "loose", "kind": "funding", "organisation": "town", "name": "Loose", "amount_gbp": 10, "status": "committed", "as_of": "2025-01-01",
             "source": "minute", "audience": "public"},
        ),
        constraints=[
            ({"constraint_id": "cov", "kind": "consent", "name": "Old consent", "state": "yes", "subject": "town:C", "source": "deed"}, None),
        ],
    )  # fmt: skip


def move(service: str, to: str, year: int = 2026, **more: Any) -> ap.Relocate:
    return ap.Relocate(service=service, to=to, year=year, **more)


def made(*actions: Any, name: str = "one", **more: Any) -> ap.Scenario:
    return ap.Scenario(name, actions, **{"start_year": 2025, "audience": "town;shire;public", **more})


# ------------------------------------------------------------------------------------------------------- ways


def by_hand(estate: ap.Estate, function: str, moves: dict[str, str], mode: str) -> pd.DataFrame:
    """Minutes to the nearest service of a function, before and after, from all pairs."""
    travel = ap.travel_of(estate, mode)
    spots = estate.demand.set_index("demand_id").geometry
    home = {
        row["service_id"]: row["asset_id"]
        for row in estate.services.to_dict("records")
        if str(row["function"]).casefold() == function.casefold() and row["asset_id"] is not None
    }
    out = {}
    for when, at in (("before", home), ("after", {**home, **moves})):
        points = pd.concat([estate.assets.geometry, estate.land.geometry]).loc[sorted(set(at.values()))]
        points = points.map(lambda shape: shape if shape.geom_type == "Point" else shape.point_on_surface())
        pairs = travel.minutes(spots, points.set_crs(27700))
        out[when] = pairs.groupby("origin")["minutes"].min().reindex(spots.index)
    frame = pd.DataFrame(out)
    return frame.assign(
        change=frame["after"] - frame["before"], people=estate.demand.set_index("demand_id")["population"].astype(float)
    )


@pytest.mark.parametrize("which", ["s1", "s2", "s5", "s7", "s8"])
def test_ways_are_those_of_all_pairs(
    malton: ap.Estate, groundwork: Groundwork, every: dict[str, ap.Scenario], which: str
) -> None:
    effect = access_effect(malton, every[which], groundwork=groundwork)
    assert len(effect.functions)
    assert not effect.unknowns
    for row in effect.functions.to_dict("records"):
        moves = {service: groundwork.moved(groundwork.course(every[which]))[service][1] for service in row["services"]}
        hand = by_hand(malton, row["function"], moves, row["mode"])
        mine = effect.places[(effect.places["mode"] == row["mode"]) & (effect.places["function"] == row["function"])]
        assert np.allclose(mine.set_index("demand_id")["change_min"].reindex(hand.index), hand["change"], atol=1e-5)
        assert row["people_minutes_change"] == pytest.approx((hand["change"] * hand["people"]).sum(), abs=0.5)
        assert row["people_farther"] == hand["people"][hand["change"].round(6) >= 0.5].sum()
        assert row["worst_change_min"] == pytest.approx(hand["change"].max(), abs=1e-5)
    for row in effect.totals.to_dict("records"):
        each = effect.places[effect.places["mode"] == row["mode"]].pivot_table("change_min", "demand_id", "function")
        people = malton.demand.set_index("demand_id")["population"].reindex(each.index)
        assert row["people_farther"] == people[(each >= 0.5).any(axis=1)].sum()
        assert row["people_nearer"] == people[(each <= -0.5).any(axis=1)].sum()
        sums = effect.functions.loc[effect.functions["mode"] == row["mode"], "people_minutes_change"].sum()
        assert row["people_minutes_change"] == row["known_people_minutes_change"] == pytest.approx(sums)
        groups = effect.groups[effect.groups["mode"] == row["mode"]].set_index("group")
        assert groups.loc["everyone", "people_farther"] == row["people_farther"]
        elderly = malton.demand.set_index("demand_id")["over_65"].reindex(each.index)
        assert groups.loc["65 and over", "people_farther"] == elderly[(each >= 0.5).any(axis=1)].sum()
        parts = groups[groups["parts"] == "deprivation"]["people_minutes_change"]
        assert parts.sum() == pytest.approx(row["people_minutes_change"])


def test_what_stays_on_its_land_and_what_nobody_comes_to_changes_no_way(
    malton: ap.Estate, groundwork: Groundwork, every: dict[str, ap.Scenario]
) -> None:
    for which in ("s0", "s3", "s4"):
        effect = access_effect(malton, every[which], groundwork=groundwork)
        assert effect.functions.empty
        assert effect.places.empty
        assert effect.total("foot")["people_minutes_change"] == 0
        assert "nothing that people come to" in effect.in_words()
    with pytest.raises(KeyError):
        effect.total("cycle")


def test_visits_by_hand(row: ap.Estate) -> None:
    """Those nearest to the library at A, p1 and p2, go a kilometre further or nearer; at weekends it opens on 52 to 104 days more."""
    effect = access_effect(row, made(move("lib", "town:B")), modes=("foot",))
    one = effect.functions.iloc[0]
    hand = by_hand(row, "library", {"lib": "town:B"}, "foot")
    nearest = effect.places.set_index("demand_id")["facility_before"]
    assert nearest[["p1", "p2", "p3"]].tolist() == ["lib", "lib", "lib2"]
    each = (100 * hand.at["p1", "change"] + 300 * hand.at["p2", "change"]) / 400
    expected = [100 * (WEEKDAYS_PA + more) * 2 * each for more in (52, 104)]
    assert sorted(expected) == pytest.approx([one["visit_minutes_low_pa"], one["visit_minutes_high_pa"]])
    assert one["why_no_visits"] == ""
    assert one["services"] == ("lib",)
    other = access_effect(row, made(move("lib2", "town:E")), modes=("foot",)).functions.iloc[0]
    assert "people or times of some places nearest to The lib2" in other["why_no_visits"]
    assert math.isnan(other["visit_minutes_low_pa"])
    assert other["people_minutes_change"] > 0


def test_two_of_a_function_go_together_and_back_is_no_move(row: ap.Estate) -> None:
    swapped = made(move("lib", "town:D"), move("lib2", "town:A"))
    effect = access_effect(row, swapped)
    assert effect.functions["services"].tolist() == [("lib", "lib2")] * 2
    assert (effect.places["change_min"].dropna() == 0).all()
    back = made(move("lib", "town:E", 2026), move("lib", "town:A", 2028))
    assert access_effect(row, back).functions.empty


def test_what_is_not_known_is_told_and_is_no_nought(row: ap.Estate) -> None:
    effect = access_effect(
        row, made(move("nowhere", "town:E"), move("quiet", "town:E"), move("store", "town:E"), move("desk", "town:E"))
    )
    total = effect.total("car")
    assert (total["functions"], total["functions_not_known"]) == (2, 1)
    assert math.isnan(total["people_minutes_change"])
    assert total["known_people_minutes_change"] > 0
    told = " ".join(effect.unknowns)
    assert "nothing says where The nowhere is today" in told
    assert "Whether people come to The quiet, which moves, is not known." in told
    assert "how many people come to The desk is not stated" in told
    assert "The store" not in told
    assert "of what is known; not known of 1 of 2 functions" in effect.in_words()
    assert effect.groups["people_minutes_change"].isna().all()
    lost = access_effect(row, made(move("lib", "town:LOST")))
    assert lost.functions["people_minutes_change"].isna().all()
    assert "nothing says where it lies" in lost.unknowns[0]
    assert lost.in_words() == "By car: not known."
    empty = replace(row, demand=row.demand.iloc[:0])
    assert (
        access_effect(empty, made(move("lib", "town:B"))).functions["why_not_known"].iloc[0]
        == "nothing says where people live."
    )
    misnamed = access_effect(row, made(move("lib", "town:NONE")))
    assert misnamed.functions.empty
    assert "names what is not known here" in misnamed.unknowns[0]
    assert misnamed.in_words() == "By car: not known."


@FEW
@given(
    moves=st.dictionaries(
        st.sampled_from(["lib", "lib2", "desk"]), st.sampled_from(["town:A", "town:B", "town:E", "P"]), min_size=1
    )
)
def test_any_moves_by_all_pairs(row: ap.Estate, moves: dict[str, str]) -> None:
    effect = access_effect(row, made(*(move(service, to) for service, to in moves.items())), modes=("foot",))
    home = dict(zip(row.services["service_id"], row.services["asset_id"], strict=True))
    moved = {service: to for service, to in moves.items() if home[service] != to}
    hands = {
        function: by_hand(row, function, {key: moved[key] for key in names if key in moved}, "foot")
        for function, names in (("library", ("lib", "lib2")), ("desk", ("desk",)))
        if any(key in moved for key in names)
    }
    assert sorted(name.casefold() for name in effect.functions["function"]) == sorted(hands)
    known = sum((hand["change"] * hand["people"]).sum() for hand in hands.values())
    assert effect.total("foot")["people_minutes_change"] == pytest.approx(known, abs=0.01)


def test_a_service_is_visited_where_something_says_so() -> None:
    nothing = dict.fromkeys(("visits_per_day", "counters", "public_m2", "security"))
    for known, expected in (
        ({"visits_per_day": 0.0, "security": "open"}, False), ({"counters": 1.0}, True), ({"public_m2": 20.0, "security": "secure"}, True),
        ({"security": "secure"}, False), ({"counters": 0.0}, None),
    ):  # fmt: skip
        assert visited({**nothing, **known}) is expected


# ------------------------------------------------------------------------------------------------------- response


def test_one_move_is_what_the_gate_says(
    malton: ap.Estate, groundwork: Groundwork, every: dict[str, ap.Scenario]
) -> None:
    effect = response_effect(malton, every["s6"], groundwork=groundwork)
    change = ap.response_change(malton, "fire-malton", "MAL-13")
    first = effect.places[(effect.places["response"] == "fire") & (effect.places["crews"] == "any")]
    for name in (
        "demand_id",
        "time",
        "before_min",
        "after_min",
        "change_min",
        "result",
        "crew_before",
        "crew_after",
        "kind_before",
        "kind_after",
    ):
        assert first[name].tolist() == change.places[name].tolist(), name
    leg = effect.legs.set_index("service").loc["fire-malton"]
    assert (leg["verdict"], leg["hard"], leg["to"]) == ("fails", True, "MAL-13")
    assert effect.verdict == "fails"
    assert leg["reasons"] == tuple(reason.text for reason in change.reasons)
    pd.testing.assert_frame_equal(
        effect.standards[effect.standards["step"] == leg["step"]].drop(columns="step").reset_index(drop=True),
        change.standards,
    )
    worst = effect.worst("fire")
    assert worst is not None
    assert worst["change_min"] == change.places["change_min"].max()
    assert "Fire, fails: later in 22 places" in effect.in_words
    kinds = effect.places[effect.places["response"] == "fire"]
    best = kinds[kinds["crews"] != "any"].groupby(["demand_id", "time"])[["before_min", "after_min"]].min()
    pd.testing.assert_frame_equal(best, first.groupby(["demand_id", "time"])[["before_min", "after_min"]].min())
    assert set(kinds["result"][kinds["crews"] == "on station"]) == {"later", "sooner", "same", "no crew"}


def test_moves_are_judged_on_top_of_one_another(row: ap.Estate) -> None:
    """By hand: turnout, the second person in to E from the nearer place, and the drive; both stations move."""
    both = made(move("fire-a", "town:C", 2026), move("fire-e", "town:B", 2027))
    effect = response_effect(row, both)
    assert effect.legs["service"].tolist() == ["fire-a", "fire-e"]
    assert effect.legs["year"].tolist() == [2026, 2027]
    travel = ap.travel_of(row, "car")
    spots = row.demand.set_index("demand_id").geometry
    minutes = travel.minutes(spots, row.assets.geometry.dropna()).set_index(["origin", "destination"])["minutes"]

    def first(place: str, a: str, e: str) -> float:
        in_time = sorted([minutes["p1", e], minutes["p3", e], minutes["p3", e]])[1]
        return min(1.5 + minutes[place, a], in_time + 2 + minutes[place, e])

    mine = effect.places[effect.places["crews"] == "any"].set_index(["demand_id", "time"])
    for place, time in mine.index:
        assert mine.at[(place, time), "before_min"] == pytest.approx(first(place, "town:A", "town:E"), abs=1e-6)
        assert mine.at[(place, time), "after_min"] == pytest.approx(first(place, "town:C", "town:B"), abs=1e-6)
    alone = ap.response_change(row, "fire-e", "town:B")
    assert alone.reasons
    assert effect.legs["reasons"].iloc[1]
    away = response_effect(row, made(move("fire-a", "town:E", 2026), move("fire-a", "town:A", 2028)))
    assert len(away.legs) == 2
    assert set(away.places["result"]) == {"same"} | ({"no crew"} & set(away.places["result"]))
    assert away.worst("fire") is None
    same_year = response_effect(row, made(move("fire-e", "town:B"), move("fire-a", "town:C")))
    pd.testing.assert_frame_equal(same_year.places, effect.places)


def test_how_people_come_in_to_a_station_is_not_known_of_another(row: ap.Estate) -> None:
    """Minutes that are stated for a station as a whole do not go with its crew, nor do coordinates of its own."""
    stated = row.crews.assign(turn_in=[() for _ in range(len(row.crews))])
    stated.loc[stated["crew_id"] == "e", ["turn_in_min", "easting", "northing"]] = (4.0, EAST, NORTH)
    estate = replace(row, crews=stated)
    effect = response_effect(estate, made(move("fire-e", "town:D"), move("fire-a", "town:B", 2027)))
    on_call = effect.places[effect.places["crews"] == "on call"]
    assert on_call["before_min"].notna().all()
    assert on_call["after_min"].isna().all()
    assert on_call["why_not_known"].eq("e: how its on-call people come in is not known").all()
    assert set(on_call["result"]) == {"not known"}
    assert effect.verdict == "not known"
    unplaced = response_effect(estate, made(move("fire-e", "town:LOST")))
    assert unplaced.places.loc[unplaced.places["crews"] == "on call", "after_min"].isna().all()


def test_a_station_that_goes_where_nobody_knows_is_not_known(row: ap.Estate) -> None:
    effect = response_effect(row, made(move("fire-a", "town:LOST")))
    assert effect.verdict == "not known"
    assert effect.unknowns
    any_crew = effect.places[effect.places["crews"] == "any"]
    assert any_crew["after_min"].isna().any() or (any_crew["crew_after"] == "e").all()
    nothing = response_effect(row, made(move("store", "town:E")))
    assert nothing.legs.empty
    assert nothing.places.empty
    assert nothing.verdict == ""
    assert list(nothing.places.columns) == list(effect.places.columns)


# ------------------------------------------------------------------------------------------------------- years


def test_years_of_malton(malton: ap.Estate, groundwork: Groundwork, every: dict[str, ap.Scenario]) -> None:
    rows = timeline(malton, every["s5"], groundwork=groundwork)
    told = {
        (one["kind"], one["what"], one["subject"]): (one["start_year"], one["end_year"])
        for one in rows.to_dict("records")
    }
    assert told["acquire", "acquire", "MAL-13"] == (2011, 2012)
    assert told["works", "build", "MAL-13"] == (2012, 2014)
    assert told["vacate", "void", "nhs:RX8-MAL"] == (2014, 2016)
    assert told["vacate", "void", "police:NYP-0117"] == (
        2014,
        2015,
    )
    assert told["sale", "sale", "nhs:RX8-MAL"] == (2016, 2016)
    assert told["move", "double running", "nhs-ambulance"] == (
        2014,
        2014,
    )
    homes = timeline(
        malton, every["s4"], groundwork=groundwork
    )  # 0.55 ha in 2012 and the rest, 0.25 ha, in the year in which it is left
    assert homes.loc[homes["kind"] == "vacate", "what"].tolist() == ["vacated"]
    sooner = [one for one in every["s4"].actions if one.stated().get("area_ha") != 0.25]
    rest = timeline(malton, replace(every["s4"], actions=tuple(sooner)), groundwork=groundwork)
    assert rest.loc[rest["what"] == "void", "end_year"].isna().tolist() == [True]
    assert rows["action"].dropna().between(1, len(every["s5"].actions)).all()
    full = timeline(malton, every["s7"], groundwork=groundwork)
    release = full[(full["what"] == "release") & (full["subject"] == "malton-primary-school-land")].iloc[0]
    assert (release["months"], release["chance_low_percent"], release["chance_high_percent"], release["end_year"]) == (
        12,
        20,
        60,
        2014,
    )
    parts = full[(full["kind"] == "move") & (full["what"] == "move")]["subject"].tolist()
    assert "rdc-hq" in parts
    assert "rdc-front-desk" not in parts
    for scenario in every.values():
        rows, problems = (
            timeline(malton, scenario, groundwork=groundwork),
            ap.check_scenario(malton, scenario, room=room_of(malton, groundwork.ground.hosts), gate=ap.gates),
        )
        assert list(rows.columns) == list(TIMELINE_COLUMNS)
        assert set(rows["kind"]) <= set(KINDS)
        assert sorted(rows["label"][rows["kind"] == "conflict"]) == sorted(
            f"{one.message} {one.fix}".strip() for one in problems
        )
        starts = rows["start_year"].dropna()
        assert starts.is_monotonic_increasing
        assert (rows["end_year"] >= rows["start_year"]).fillna(value=True).all()


def test_a_break_needs_its_notice_before(malton: ap.Estate, groundwork: Groundwork) -> None:
    """The lease of the area office: break on 24 June 2011, six months' notice, so 23 December 2010 at the latest."""
    out = ap.Surrender(interest="area-office-lease", by="break", year=2011)
    rows = timeline(malton, ap.Scenario("Out", [out], audience="nycc", start_year=2010), groundwork=groundwork)
    lease = rows[rows["kind"] == "lease"]
    assert lease[["what", "start_year", "date", "action"]].values.tolist() == [
        ["notice by", 2010, dt.date(2010, 12, 23), 1], ["break", 2011, dt.date(2011, 6, 24), 1],
    ]  # fmt: skip


def test_empty_places_by_looking_at_each_year(row: ap.Estate) -> None:
    actions = [
        move("lib", "town:C", 2026, double_running_months=14), move("fire-a", "town:C", 2026),
        ap.Meanwhile(asset="town:A", use="market", months=24, year=2029), ap.Dispose(asset="town:A", by="sale", year=2034),
        move("lib2", "P", 2027), move("lib2", "town:B", 2029), move("fire-e", "town:D", 2030), move("fire-e", "town:E", 2032),
    ]  # fmt: skip
    rows = timeline(row, made(*actions))
    voids = [
        tuple(one)
        for one in rows.loc[rows["what"] == "void", ["subject", "start_year", "end_year"]].itertuples(index=False)
    ]
    assert ("P", 2029, pd.NA) in voids
    assert [one[1:] for one in voids if one[0] == "town:A"] == [(2027, 2029), (2031, 2034)]
    assert next(one[1:] for one in voids if one[0] == "town:D") == (2027, 2030)
    assert [one[1:] for one in voids if one[0] == "town:E"] == [(2030, 2032)]
    decant = rows[rows["what"] == "decant"].set_index("subject")
    assert decant.loc["lib2", ["start_year", "end_year"]].tolist() == [2027, 2029]
    double = rows[rows["what"] == "double running"].iloc[0]
    assert (double["months"], double["start_year"], double["end_year"]) == (14, 2026, 2027)
    course = Groundwork(row).course(made(*actions))
    for place, start, end in voids:
        until = 2036 if end is pd.NA else end
        assert not any(course.there(place, year) for year in range(start, until))
    club = timeline(row, made(move("desk", "town:E"), move("store", "town:E")))
    guest = timeline(
        row,
        made(move("desk", "town:E"), move("store", "town:E"), ap.Surrender(interest="club", by="surrender", year=2027)),
    )
    assert guest.loc[guest["what"] == "void", "end_year"].isna().all()
    assert "a club may still be in it" in club.loc[club["what"] == "vacated", "label"].iloc[0]


def test_money_that_lapses(row: ap.Estate) -> None:
    pots = (
        ap.Funding(kind="grant", organisation="town", year=2027, amount_gbp=(1e5, 2e5, 3e5), pays_for="capital", expires=2026, source="a letter"),
        ap.Funding(kind="reserve", organisation="shire", year=2026, amount_gbp=5e4, pays_for="revenue", plan="pot", source="a letter"),
    )  # fmt: skip
    rows = timeline(row, made(move("lib", "town:B"), funding=pots))
    funding = rows[rows["kind"] == "funding"]
    assert funding[["what", "start_year", "verdict"]].values.tolist() == [
        ["lapses", 2026, "refused"], ["reserve", 2026, ""], ["grant", 2027, ""], ["lapses", 2028, ""],
    ]  # fmt: skip
    assert funding["label"].tolist() == [
        "Town Council: grant lapses after 2026/27, and is to be spent in 2027/28", "Shire Council: about £50k reserve for revenue",
        "Town Council: £100k to £300k grant for capital", "Shire Council: reserve lapses after 2028/29",
    ]  # fmt: skip
    stops = deliverability(row, made(move("lib", "town:B"), funding=pots)).stops
    assert stops[0].code == "lapsed"
    assert stops[0].who == "whoever gives or holds the money"


def test_what_is_planned_for_its_places(row: ap.Estate) -> None:
    def planned(scenario: ap.Scenario, estate: ap.Estate = row) -> list[tuple[str, bool]]:
        return [(one.plan, one.later) for one in deliverability(estate, scenario).aspirations or ()]

    assert planned(made(move("lib", "town:C"))) == [("pot", False), ("keep", False), ("after", True)]
    assert planned(made(move("lib", "town:C")), row.for_audience("public")) == [("pot", False), ("after", True)]
    found = deliverability(row, made(move("lib", "town:C")))
    assert found.cells["aspirations"] == "one pot of money and one commitment for its places"
    later = found.rows().set_index("verdict").loc["not known then"]
    assert later["says"].endswith("Said on 1 June 2027, after the date of this estate: nobody knew it then.")
    assert planned(made(move("desk", "town:D"))) == []
    assert planned(made(move("desk", "P"))) == [("east", False)]  # by the area in which it lies
    drawn = ap.Funding(
        kind="reserve",
        organisation="town",
        year=2026,
        amount_gbp=1,
        pays_for="revenue",
        plan="loose",
        source="a letter",
    )
    assert planned(made(move("desk", "town:D"), funding=[drawn])) == [("loose", False)]
    none = replace(row, plans=row.plans.iloc[:0])
    assert (
        deliverability(none, made(move("lib", "town:C"))).cells["aspirations"]
        == "not known: no plans are recorded here"
    )


# ------------------------------------------------------------------------------------------------------- chains


@FEW
@given(which=st.sampled_from(["s2", "s4", "s5", "s7"]), data=st.data())
def test_the_longest_chain_by_all_paths(
    malton: ap.Estate, groundwork: Groundwork, every: dict[str, ap.Scenario], which: str, data: Any
) -> None:
    some = data.draw(st.lists(st.sampled_from(every[which].actions), min_size=1, max_size=9, unique=True))
    course = groundwork.course(ap.Scenario("some", some, audience="public", start_year=2010))
    chain, graph, actions = longest_chain(course), waits(course), dict(course.actions)
    assert nx.is_directed_acyclic_graph(graph)
    assert not chain.circular
    long = {
        at: getattr(one, "double_running_months" if one.word == "relocate" else "months", 0) or 0
        for at, one in actions.items()
    }
    paths = [[at] for at in graph] + [
        path for a, b in itertools.permutations(graph, 2) for path in nx.all_simple_paths(graph, a, b)
    ]
    assert chain.months == max((sum(long[at] for at in path) for path in paths), default=0)
    assert all(graph.has_edge(a.action, b.action) for a, b in itertools.pairwise(chain.links))
    assert all(a.done <= b.begins for a, b in itertools.pairwise(chain.links))


def test_a_circle_is_told_and_left_out(row: ap.Estate) -> None:
    circle = [
        move("lib", "town:D"), move("lib2", "town:A"), ap.Refurbish(asset="town:A", months=6, year=2026), ap.Refurbish(asset="town:D", months=6, year=2026),
        ap.Build(asset="P", months=18, year=2027),
    ]  # fmt: skip
    chain = longest_chain(Groundwork(row).course(made(*circle)))
    assert chain.circular
    assert [link.word for link in chain.links] == ["build"]
    assert chain.months == 18
    assert longest_chain(Groundwork(row).course(made())).links == ()


# ------------------------------------------------------------------------------------------------------- delivery


def test_what_could_stop_it_is_what_was_told(
    malton: ap.Estate, groundwork: Groundwork, every: dict[str, ap.Scenario]
) -> None:
    for scenario in every.values():
        problems = ap.check_scenario(malton, scenario, room=room_of(malton, groundwork.ground.hosts), gate=ap.gates)
        found = deliverability(malton, scenario, problems, groundwork=groundwork)
        assert found.refused == sum(one.verdict == "refused" for one in problems)
        assert found.to_confirm == len(problems) - found.refused
        verdicts = [stop.verdict for stop in found.stops]
        assert verdicts == sorted(verdicts, key=["refused", "to be confirmed"].index)
        rows = found.rows()
        assert set(rows["axis"]) <= set(found.cells)
        assert set(found.cells) - set(rows["axis"]) <= {
            "deliverability",
            "consents and months",
            "willingness",
        }
        assert found.cells["confidence"].startswith(("low", "not known"))
        assert all(stop.who for stop in found.stops)
    s6 = deliverability(malton, every["s6"], groundwork=groundwork)
    assert s6.stops[0].code == "response"
    assert s6.stops[0].months == (3.0, 9.0)
    assert "pending: North Yorkshire Fire" in s6.cells["willingness"]
    s7 = deliverability(malton, every["s7"], groundwork=groundwork)
    police = next(stance for stance in s7.stances if stance.body == "police")
    assert "It ends on 21 November 2012" in police.ends
    assert [one.chance for one in s7.consents if one.route == "consent"] == ["chance 20 to 60%"] * 2
    assert s7.cells["consents and months"] == "five consents sought; longest chain 37 months, 2011/12 to 2015/16"


def test_answers_go_before_commitments(row: ap.Estate) -> None:
    scenario = made(move("lib", "shire:S"), move("quiet", "P"))

    def says(reviews: Any) -> dict[str, str]:
        return {stance.body: stance.says for stance in deliverability(row, scenario, [], reviews).stances}

    none = "no commitment recorded"
    assert says(None) == {"shire": none, "town": none}
    assert says({"shire:S": "not willing"}) == {"shire": "not willing", "town": "not willing"}
    assert says({"shire:S": "not willing", "town": "willing"}) == {"shire": "not willing", "town": "willing"}
    mine = [
        Review("o1", "shire:S", ("lib",), "needs work", "<b>too\u202e small</b>", "shire"), Review("o1", "shire:S", ("lib",), "willing", "", "shire"),
        Review("o2", "town:B", ("lib",), "not willing", "", "town"), Review("o3", "shire:S", ("lib", "lib2"), "not willing", "", "town"),
    ]  # fmt: skip
    assert says(mine) == {"shire": "needs work", "town": none}
    rows = deliverability(row, scenario, [], mine).rows()
    assert "<b>too[U+202E] small</b>" in rows["says"].iloc[0]
    for wrong, told in (
        ({"shire": "wiling"}, "Did you mean 'willing'"),
        ({"shrie": "willing"}, "no host and no body"),
        ([replace(mine[0], answer="no")], "none of"),
    ):
        with pytest.raises(ValueError, match=told):
            deliverability(row, scenario, [], wrong)


def test_confidence_counts_what_is_stated(row: ap.Estate) -> None:
    acts = [
        ap.Refurbish(asset="town:B", months=6, year=2026, cost_gbp=5, source="tender"), move("lib", "town:B", 2027, cost_gbp=5, source="quote"),
        move("quiet", "town:B", 2027), ap.Dispose(asset="town:A", by="sale", year=2028, receipt_gbp=(1, 2, 3), source="made up", illustrative=True),
        ap.Release(constraint="cov", route="consent", months=9, year=2026, cost_gbp=1, source="letter", probability_percent=60),
    ]  # fmt: skip
    found = deliverability(row, made(*acts))
    assert (found.confidence.wanted, found.confidence.own, found.confidence.illustrative, found.confidence.level) == (
        6,
        4,
        1,
        "medium",
    )
    assert found.confidence.not_stated == ("Action 3, relocate: cost_gbp is not stated.",)
    assert found.consents[0].what == "Old consent"
    assert (found.chain.months, found.chain.not_stated) == (9.0, 0)
    sale = deliverability(row, made(ap.Dispose(asset="town:C", by="sale", year=2028)))
    assert [one.sought for one in sale.consents] == [False]
    assert sale.consents[0].who == asked_of("consent").who


# ------------------------------------------------------------------------------------------------------- readers


def effects(estate: ap.Estate, scenario: ap.Scenario) -> list[Any]:
    groundwork = Groundwork(estate)
    ways, response, found = (
        access_effect(estate, scenario, groundwork=groundwork),
        response_effect(estate, scenario, groundwork=groundwork),
        deliverability(estate, scenario, groundwork=groundwork),
    )
    frames = [ways.totals, ways.functions, ways.places, ways.groups, response.legs, response.places, response.standards, response.turn_in,
              timeline(estate, scenario, groundwork=groundwork), found.rows()]  # fmt: skip
    return [frame.to_json() for frame in frames] + [
        ways.unknowns,
        ways.notes,
        response.unknowns,
        response.notes,
        found.cells,
        ways.in_words(),
        response.in_words,
    ]


SECRET = [
    move("secret", "town:E"), move("police-c", "town:E"), move("lib", "town:B"), move("fire-a", "town:C"), move("desk", "town:E", 2027), move("store", "town:E", 2027),
    ap.Surrender(interest="club", by="expiry", year=2028), ap.Dispose(asset="town:C", by="sale", year=2029),
]  # fmt: skip


def test_what_is_withheld_is_as_if_it_were_not(row: ap.Estate, tmp_path: Path) -> None:
    never = folder(tmp_path, {"public"})
    scenario = made(*SECRET)
    public = effects(row.for_audience("public"), scenario)
    assert public == effects(never.for_audience("public"), scenario)
    assert public != effects(row.for_audience("town"), scenario)
    said = "\n".join(map(str, public))
    for hidden in ("The secret", "shelter", "The police-c", "a club", "Place p5", "Keep it"):
        assert hidden not in said, hidden
    assert not set(access_effect(row.for_audience("public"), scenario).functions["function"]) & {"shelter"}


def test_the_public_of_malton_learns_nothing_of_others_services(
    malton: ap.Estate, every: dict[str, ap.Scenario]
) -> None:
    public = malton.for_audience("public")
    hidden = set(malton.services["service_id"]) - set(public.services["service_id"])
    names = set(malton.services["name"][malton.services["service_id"].isin(hidden)])
    for scenario in (every["s5"], every["s7"]):
        with pytest.raises(ap.ScenarioError, match="is not for public"):
            effects(public, scenario)
        said = "\n".join(map(str, effects(public, replace(scenario, audience="public"))))
        assert hidden
        assert not [name for name in names if name in said]


def test_text_of_data_is_made_visible_and_order_is_fixed(tmp_path: Path) -> None:
    estate = tiny_estate(
        tmp_path,
        [{"organisation": "town", "ref": "A", "name": "A\u202e<script>\u200b", "x": 0, "y": 0}, {"organisation": "town", "ref": "B", "x": 900, "y": 0}],
        services=[{"service_id": "s", "organisation": "town", "name": "=cmd\u202e", "function": "desk", "asset_id": "town:A", "visits_per_day": 5, "hours": "office"}],
    )  # fmt: skip
    scenario = ap.Scenario(
        "x", [move("s", "town:B"), ap.Dispose(asset="town:A", by="sale", year=2027, recipient="<i>\u202e")]
    )
    said = str(effects(estate, scenario))
    assert "\u202e" not in said
    assert "\\u202e" not in said
    assert "\u200b" not in said
    assert "[U+202E]" in said
    assert effects(estate, scenario) == effects(estate, replace(scenario, actions=scenario.actions))
    assert access_effect(estate, scenario).in_words() == "By car: not known."


def test_what_scenarios_have_in_common_is_worked_out_once(malton: ap.Estate, every: dict[str, ap.Scenario]) -> None:
    groundwork = Groundwork(malton)
    first = (
        access_effect(malton, every["s2"], groundwork=groundwork),
        response_effect(malton, every["s5"], groundwork=groundwork),
    )
    later = every["s2"].renamed("later").delayed(1), every["s5"].renamed("again")
    assert access_effect(malton, later[0], groundwork=groundwork) is first[0]
    assert response_effect(malton, later[1], groundwork=groundwork) is first[1]
    shifted = timeline(malton, later[0], groundwork=groundwork)
    own = timeline(malton, every["s2"], groundwork=groundwork)
    mine = shifted[shifted["kind"].isin(["works", "move", "vacate", "sale"])]
    theirs = own[own["kind"].isin(["works", "move", "vacate", "sale"])]
    assert (mine["start_year"].to_numpy() == theirs["start_year"].to_numpy() + 1).all()

"""Duplicates: planted ones are found and decoys are not, against a search of all pairs."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
import shared
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import EAST, NORTH, tiny_estate

import assetplan as ap
from assetplan.answers import in_sections
from assetplan.duplicate_words import NOT_RELEASED, tables, told
from assetplan.duplication import COLUMNS, find_duplicates, words_of_function
from assetplan.travel.network import network_of
from assetplan.travel.times import Travel

OWNERS = ("east", "north", "south")
REACH_M = 10 / 60 * 40_000 / 1.3  # ten minutes in a straight line at 40 km/h, made longer by 1.3


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


def service(key: str, organisation: str, asset: str, function: str = "store", **more: Any) -> dict[str, Any]:
    return {
        "service_id": key, "organisation": organisation, "asset_id": f"{organisation}:{asset}", "name": key.title(), "function": function,
        "peak_desks": 2, "fte": 2, "storage_m2": 50, "area_basis": "NIA", "hours": "office", "source": "asked", **more,
    }  # fmt: skip


def stores(*more: dict[str, Any], **of_b: Any) -> list[dict[str, Any]]:
    return [service("a", "north", "1"), {**service("b", "south", "1"), **of_b}, *more]


TWO = [
    {
        "organisation": "north",
        "ref": "1",
        "name": "Depot",
        "x": 0,
        "y": 0,
        "gia_m2": 300,
        "running_cost_gbp_pa": 9000,
        "use": "Depot",
    },
    {
        "organisation": "south",
        "ref": "1",
        "name": "Barn",
        "x": 100,
        "y": 0,
        "gia_m2": 80,
        "running_cost_gbp_pa": 3000,
        "use": "Depot",
    },
]
ROOMY = [
    {
        "capacity_id": f"{owner}-{space}",
        "subject": f"{owner}:1",
        "space": space,
        "available": 60,
        "area_basis": "NIA",
        "source": "survey",
    }
    for owner in ("north", "south")
    for space in ("storage", "desks")
]


def pairs_of(found: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(found["service_a"], found["service_b"], strict=True))


# ------------------------------------------------------------------------------------------------------- which pairs


def test_malton_s_two_stores_are_found_and_no_decoy(malton: ap.Estate) -> None:
    """Libraries of one owner, of which one stays; two schools; a surgery and a dentist: none of them."""
    found = find_duplicates(malton, minutes=30)
    (row,) = found.to_dict("records")
    assert row["basis"] == "network"
    assert (row["service_a"], row["service_b"], row["moves"], row["host"]) == (
        "fire-store",
        "rdc-store",
        "fire-store",
        "rdc:A0023",
    )
    assert (row["room"], row["empties"], row["releasable_m2"], row["running_cost_gbp_pa"]) == (
        "room now",
        "yes",
        80.0,
        2500.0,
    )
    assert list(found.columns) == list(COLUMNS)
    assert dict(found.attrs["left_out"])["nycc-primary"] == "stays where it is"


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    """Thirty buildings of three owners, each with one service: the stuff of random estates."""
    assets = [
        {"organisation": o, "ref": str(i), "x": 100 * i, "y": 0, "gia_m2": 100, "use": "Store"}
        for o in OWNERS
        for i in range(10)
    ]
    services = [service(f"{o}-{i}", o, str(i)) for o in OWNERS for i in range(10)]
    return tiny_estate(tmp_path_factory.mktemp("field"), assets, services=services)


def scattered(field: ap.Estate, seed: int) -> ap.Estate:
    """The same buildings elsewhere, their services of random functions, some staying, some in schools."""
    chance = random.Random(seed)
    assets, services = field.assets.copy(), field.services.copy()
    spots = [
        shapely.Point(EAST + chance.uniform(0, 20_000), NORTH + chance.uniform(0, 20_000)) for _ in range(len(assets))
    ]
    assets = assets.set_geometry(gpd.GeoSeries(spots, index=assets.index, crs=27700))
    assets["use"] = [chance.choice(["Store", "Offices", "Primary school"]) for _ in spots]
    services["function"] = [chance.choice(["store", "Stores", "police desk", "primary school"]) for _ in spots]
    services["fixed"] = [chance.choice([None, None, None, True]) for _ in spots]
    return replace(field, assets=assets, services=services)


def by_brute_force(estate: ap.Estate) -> set[tuple[str, str]]:
    rows = []
    for row in estate.services.to_dict("records"):
        held = estate.assets.loc[row["asset_id"]]
        if row["fixed"] is True or "school" in row["function"] or "school" in held["use"]:
            continue
        rows.append((row["service_id"], row["function"].lower().rstrip("s"), row["organisation"], held.geometry))
    return {
        tuple(sorted((a[0], b[0])))
        for a, b in itertools.combinations(rows, 2)
        if a[1] == b[1] and a[2] != b[2] and math.dist(a[3].coords[0], b[3].coords[0]) <= REACH_M
    }  # type: ignore[return-value]


@given(st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_pairs_are_those_of_a_search_of_all_in_any_order(field: ap.Estate, seed: int) -> None:
    estate = scattered(field, seed)
    found = find_duplicates(estate)
    assert pairs_of(found) == by_brute_force(estate)
    shuffled = replace(
        estate,
        services=estate.services.sample(frac=1, random_state=seed),
        assets=estate.assets.sample(frac=1, random_state=seed),
    )
    pd.testing.assert_frame_equal(found, find_duplicates(shuffled))
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    assert pairs_of(find_duplicates(estate, straight_km=REACH_M / 1000)) == pairs_of(found)


@given(st.integers(0, 10_000), st.integers(1, 4))
@settings(max_examples=8, deadline=None)
def test_every_planted_pair_is_found_and_unrelated_services_change_none(
    field: ap.Estate, seed: int, planted: int
) -> None:
    chance = random.Random(seed)
    assets, services = field.assets.copy(), field.services.copy()
    services["function"] = [f"function {i}" for i in range(len(services))]
    spots = {
        key: shapely.Point(EAST + chance.uniform(0, 20_000), NORTH + chance.uniform(0, 20_000)) for key in assets.index
    }
    expected = set()
    own = {owner: sorted(services.index[services["organisation"] == owner]) for owner in OWNERS}
    for number in range(planted):
        one, other = (own[owner].pop() for owner in chance.sample(OWNERS, 2))
        decoy = own[services.at[one, "organisation"]].pop()  # the same owner's, next door
        services.loc[[one, other, decoy], "function"] = f"planted {number}"
        spot = spots[services.at[one, "asset_id"]]
        turn, far = chance.uniform(0, 2 * math.pi), chance.uniform(0, 0.99) * REACH_M
        spots[services.at[other, "asset_id"]] = shapely.Point(
            spot.x + far * math.cos(turn), spot.y + far * math.sin(turn)
        )
        spots[services.at[decoy, "asset_id"]] = shapely.Point(spot.x - 3 * REACH_M, spot.y)
        expected.add(tuple(sorted((services.at[one, "service_id"], services.at[other, "service_id"]))))
    assets = assets.set_geometry(gpd.GeoSeries(spots, crs=27700).loc[assets.index])
    estate = replace(field, assets=assets, services=services)
    found = find_duplicates(estate)
    assert pairs_of(found) == expected
    related = services["function"].str.startswith("planted")
    only = find_duplicates(replace(estate, services=services[related]))
    by_service = only[only["rests_on"] == "services"].drop(columns="rank").reset_index(drop=True)
    pd.testing.assert_frame_equal(by_service, found.drop(columns="rank"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"fixed": "yes"}, "stays where it is"),
        ({"function": "primary school"}, "school"),
        ({"asset_id": ""}, "not known"),
        ({"organisation": "north"}, ""),
        ({"function": "depot"}, ""),
    ],
)
def test_what_is_never_a_duplicate(change: dict[str, str], why: str, tmp_path: Path) -> None:
    estate = tiny_estate(tmp_path, TWO, services=stores(**change))
    found = find_duplicates(estate)
    assert found.empty
    assert list(found.columns) == list(COLUMNS)
    if why:
        assert why in dict(found.attrs["left_out"])["b"]


def test_private_premises_homes_and_what_is_disposed_of_are_never_compared(tmp_path: Path) -> None:
    for number, change in enumerate(
        ({"ownership": "Privately owned"}, {"use": "Care home"}, {"status": "Disposed"}, {"use": "Park"})
    ):
        estate = tiny_estate(tmp_path / str(number), [TWO[0], {**TWO[1], **change}], services=stores())
        assert find_duplicates(estate).empty, change


def test_bodies_of_one_organisation_are_different_bodies(tmp_path: Path) -> None:
    rows = [service("a", "north", "1", body="Ambulance Trust"), service("b", "north", "2", body="Care Trust")]
    two = [TWO[0], {**TWO[0], "ref": "2", "x": 500}]
    assert pairs_of(find_duplicates(tiny_estate(tmp_path / "a", two, services=rows))) == {("a", "b")}
    rows[1]["body"] = ""
    assert find_duplicates(tiny_estate(tmp_path / "b", two, services=rows)).empty


def test_a_building_that_no_service_names_counts_by_its_use(tmp_path: Path) -> None:
    """Of two depots without services one is a duplicate; car parks, vacant ones and those without a building are not."""
    found = find_duplicates(tiny_estate(tmp_path / "a", [{**row, "use": "Depots (main)"} for row in TWO]))
    (row,) = found.to_dict("records")
    assert (row["rests_on"], row["function"], row["room"]) == ("uses", "depot", "not known")
    assert (row["moves"], row["releasable_m2"], row["source"]) == (
        "south:1",
        80.0,
        "north.csv, line 2; south.csv, line 2",
    )
    mixed = find_duplicates(
        tiny_estate(tmp_path / "b", [TWO[0], {**TWO[1], "use": "Store"}], services=[service("a", "north", "1")])
    )
    assert pairs_of(mixed) == {("a", "south:1")}
    for number, change in enumerate(({"use": "Car park"}, {"status": "Vacant"}, {"gia_m2": ""}, {"use": "Offices"})):
        assert find_duplicates(tiny_estate(tmp_path / f"c{number}", [TWO[0], {**TWO[1], **change}])).empty, change


def test_a_building_of_unknown_owner_is_not_known_to_be_another_body_s(tmp_path: Path) -> None:
    estate = tiny_estate(tmp_path, TWO)
    assets = estate.assets.assign(organisation=["north", "unknown"])
    found = find_duplicates(replace(estate, assets=assets))
    assert found.empty
    assert found.attrs["left_out"] == (("south:1", "whose building it is is not known"),)


def test_the_longer_of_there_and_back_counts_over_a_network(tmp_path: Path) -> None:
    """A one-way loop: there in 1 minute, back in 5.

    b <-- 4 km -- c
    |             ^
    +----------- a   a -> b direct, 1 km
    """
    lines = [
        shapely.LineString([(EAST, NORTH), (EAST + 1000, NORTH)]),
        shapely.LineString([(EAST + 1000, NORTH), (EAST + 1000, NORTH + 2000), (EAST, NORTH + 2000), (EAST, NORTH)]),
    ]
    roads = gpd.GeoDataFrame(
        {"kind": "road", "speed_kph": 60, "one_way": "yes"}, geometry=lines, index=[0, 1], crs=27700
    )
    travel = Travel.over(network_of(roads))
    estate = tiny_estate(tmp_path, [TWO[0], {**TWO[1], "x": 1000}], services=stores())
    assert find_duplicates(estate, minutes=4.9, travel=travel).empty
    (row,) = find_duplicates(estate, minutes=5.1, travel=travel).to_dict("records")
    assert (round(row["minutes"], 3), row["basis"]) == (5.0, "network")
    far = tiny_estate(tmp_path / "far", [TWO[0], {**TWO[1], "x": 1000, "y": 9000}], services=stores())
    lost = find_duplicates(far, travel=travel)
    assert lost.empty
    assert dict(lost.attrs["left_out"])["south:1"] == "no time to or from it is known"


def test_holes_of_a_matrix_are_told_and_the_longer_way_counts(tmp_path: Path) -> None:
    three = [*TWO, {**TWO[0], "organisation": "east"}]
    estate = tiny_estate(tmp_path, three, services=stores(service("c", "east", "1")))
    times = [
        "origin,destination,minutes",
        "north:1,south:1,5",
        "south:1,north:1,12",
        "north:1,east:1,4",
        "south:1,east:1,3",
        "east:1,south:1,3",
    ]
    (tmp_path / "times.csv").write_text("\n".join(times) + "\n", encoding="utf-8")
    travel = Travel.by(ap.read_matrix(tmp_path / "times.csv"))
    found = find_duplicates(estate, minutes=10, travel=travel)
    assert pairs_of(found) == {("b", "c")}
    assert dict(found.attrs["left_out"])["east:1, north:1"] == "the time between them is not known"
    wider = find_duplicates(estate, minutes=12, travel=travel)
    assert dict(zip(wider["service_a"], wider["minutes"], strict=True)) == {"a": 12.0, "b": 3.0}


def test_the_folder_s_own_times_count_where_they_know_the_buildings(tmp_path: Path) -> None:
    far = [TWO[0], {**TWO[1], "x": 9_000}]
    times = [
        {"origin": one, "destination": other, "minutes": 4}
        for one, other in (("north:1", "south:1"), ("south:1", "north:1"))
    ]
    known = tiny_estate(tmp_path / "a", far, services=stores(), travel_times=times)
    (row,) = find_duplicates(known).to_dict("records")
    assert (row["minutes"], row["basis"]) == (4.0, "matrix")
    strange = [{"origin": "village", "destination": "town", "minutes": 4}]
    found = find_duplicates(tiny_estate(tmp_path / "b", TWO, services=stores(), travel_times=strange))
    assert found["basis"].tolist() == ["straight line"]
    assert "times are between other places" in found.attrs["note"]


def test_groups_are_the_components_of_the_pairs(field: ap.Estate) -> None:
    found = find_duplicates(scattered(field, 3))
    graph = nx.Graph(list(pairs_of(found)))
    assert {(key, min(group)) for group in nx.connected_components(graph) for key in group} == {
        (key, group)
        for a, b, group in zip(found["service_a"], found["service_b"], found["group"], strict=True)
        for key in (a, b)
    }


@pytest.mark.parametrize(
    "limit", [{"minutes": 0}, {"minutes": math.nan}, {"straight_km": -1}, {"straight_km": math.inf}]
)
def test_limits_that_are_none_are_refused(limit: dict[str, float], malton: ap.Estate) -> None:
    with pytest.raises(ValueError, match=next(iter(limit))):
        find_duplicates(malton, **limit)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not both"):
        find_duplicates(malton, travel=Travel.straight(), straight_km=1)


def test_functions_are_compared_in_the_singular() -> None:
    assert [words_of_function(t) for t in ("Bus", "Address", "Gas", "Stores", "Fire Stations ", "Libraries", "Lies", "")] == [
        "bus", "address", "gas", "store", "fire station", "library", "lie", "",
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------- room and release


def released(
    path: Path, services: list[dict[str, Any]], assets: list[dict[str, Any]] = TWO, **tables_: Any
) -> dict[str, Any]:
    (row,) = find_duplicates(tiny_estate(path, assets, services=services, **{"capacity": ROOMY, **tables_})).to_dict(
        "records"
    )
    return row


def test_where_both_have_room_the_one_that_releases_more_moves(tmp_path: Path) -> None:
    row = released(tmp_path, stores())
    assert (row["moves"], row["host"], row["room"], row["empties"]) == ("a", "south:1", "room now", "yes")
    assert (row["releasable_m2"], row["releasable_basis"], row["running_cost_gbp_pa"]) == (
        300.0,
        "GIA of the building",
        9000.0,
    )


def test_part_of_a_building_saves_no_cash(tmp_path: Path) -> None:
    """Another service, one that stays, somebody else's lease, more staff than services have: each keeps the building in use."""
    only_south = {"capacity": [row for row in ROOMY if row["subject"] == "south:1"]}
    more = service("c", "north", "1", "workshop", storage_m2=40)
    row = released(tmp_path / "a", stores(more), **only_south)
    works = [{**one, "after_works": 80} for one in only_south["capacity"]]
    assert (row["moves"], row["empties"], row["running_cost_gbp_pa"], row["releasable_m2"]) == (
        "a",
        "not known",
        None,
        50.0,
    )
    assert "90 m2 needed, 60 free now, after works not known" in row["empties_why"]
    never = released(tmp_path / "g", stores(more), capacity=works)
    assert (never["empties"], never["running_cost_gbp_pa"], never["releasable_m2"]) == ("no", None, 50.0)
    assert "90 m2 needed, 60 free now, 80 after works" in never["empties_why"]
    small = released(tmp_path / "b", stores({**more, "storage_m2": 5, "peak_desks": 0}), **only_south)
    assert (small["empties"], small["running_cost_gbp_pa"]) == ("yes", 9000.0)
    unknown = released(tmp_path / "c", stores({**more, "storage_m2": ""}), **only_south)
    assert (unknown["empties"], unknown["running_cost_gbp_pa"]) == ("not known", None)
    stays = released(tmp_path / "d", stores({**more, "fixed": "yes"}), **only_south)
    assert (stays["empties"], stays["empties_why"]) == ("no", "part of a building: a service there stays where it is")
    lease = [{"interest_id": "l", "subject": "north:1", "holder": "a charity", "interest": "licence"}]
    let = released(tmp_path / "e", stores(), interests=lease, **only_south)
    assert (let["empties"], let["running_cost_gbp_pa"]) == ("no", None)
    staff = released(tmp_path / "f", stores(), [{**TWO[0], "fte": 9}, TWO[1]], **only_south)
    assert (staff["empties"], staff["running_cost_gbp_pa"]) == ("not known", None)
    assert "9 FTE there, its services 2" in staff["empties_why"]


def test_parts_move_with_their_whole_and_a_part_alone_empties_nothing(tmp_path: Path) -> None:
    only_south = {"capacity": [row for row in ROOMY if row["subject"] == "south:1"]}
    whole = service("w", "north", "1", "hq", storage_m2="", area_m2=50, peak_desks=2)
    parts = [
        service("a", "north", "1", part_of="w", storage_m2=20, peak_desks=1),
        service("d", "north", "1", "desk", part_of="w", storage_m2=30),
    ]
    row = released(tmp_path / "a", [whole, *parts, service("b", "south", "1")], **only_south)
    assert (row["moves"], row["empties"], row["releasable_m2"]) == (
        "a",
        "yes",
        300.0,
    )  # the whole fits by its parts: 50 m2, 3 desks
    parts[1]["storage_m2"] = 45
    row = released(tmp_path / "b", [whole, *parts, service("b", "south", "1")], **only_south)
    assert (row["moves"], row["empties"], row["releasable_m2"], row["releasable_basis"]) == (
        "a",
        "not known",
        20.0,
        "space in part of a building",
    )


def test_unknown_ranks_below_known_and_above_too_little(tmp_path: Path) -> None:
    """Three pairs: room, nothing said, too little; the last would release most."""
    assets, services, capacity = [], [], []
    for number, (function, gia) in enumerate((("bigs", 900), ("rooms", 100), ("unknowns", 500))):
        for owner in ("north", "south"):
            assets.append(
                {
                    "organisation": owner,
                    "ref": function,
                    "x": 3000 * number,
                    "y": 50 if owner == "north" else 0,
                    "gia_m2": gia,
                }
            )
            services.append(service(f"{function}-{owner}", owner, function, function))
            if function != "unknowns":
                for space in ("storage", "desks"):
                    free = 10 if function == "bigs" and space == "storage" else 60
                    capacity.append(
                        {"subject": f"{owner}:{function}", "space": space, "available": free, "area_basis": "NIA"}
                    )
    found = find_duplicates(tiny_estate(tmp_path, assets, services=services, capacity=capacity))
    assert found[["function", "room", "releasable_m2"]].values.tolist() == [
        ["room", "room now", 100.0], ["unknown", "not known", 500.0], ["big", "too little now", 900.0],
    ]  # fmt: skip


def test_half_empty_and_next_door_is_told(tmp_path: Path) -> None:
    row = released(tmp_path, stores(), [{**TWO[0], "utilisation_percent": "46%"}, TWO[1]])
    assert row["note"] == "a short walk apart (100 m); Depot is used to 46%, as its register measures it"


# ------------------------------------------------------------------------------------------------------- readers and words


def test_only_released_readers_are_shown_duplicates(malton: ap.Estate) -> None:
    public = malton.for_audience("public")
    assert in_sections(told(public)).strip().endswith(NOT_RELEASED)
    assert tables(public) == []
    text = in_sections(told(malton))
    assert "54 m" in text
    assert "room now" in text
    assert "about £2,500" in text
    (table,) = tables(malton)
    assert len(table["rows"]) == 1
    assert table["rows"][0][-1].endswith("(i)")


def test_a_reader_who_may_not_know_of_a_store_finds_no_pair(malton: ap.Estate) -> None:
    assert find_duplicates(malton.for_audience("public")).empty
    assert len(find_duplicates(malton.for_audience("police"))) == 1


def test_hostile_names_and_no_duplicates_in_words(tmp_path: Path) -> None:
    rows = stores()
    rows[0]["name"] = "\u202eStore\x1b[31m"
    text = in_sections(told(tiny_estate(tmp_path / "a", TWO, services=rows, capacity=ROOMY)))
    assert "\u202e" not in text
    assert "\x1b[31m" not in text
    none = in_sections(told(tiny_estate(tmp_path / "b", TWO[:1], services=rows[:1])))
    assert "No function is run by two bodies within reach of one another." in none


def test_of_a_great_many_pairs_the_first_are_listed_and_it_is_said(
    field: ap.Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assetplan.duplicate_words.LISTED", 5)
    found = find_duplicates(field)
    assert len(found) > 5
    text = in_sections(told(field, found))
    assert f"The first 5 of {len(found):,} pairs are listed." in text
    assert "5. Not known" in text
    assert "6. Not known" not in text


def test_an_estate_of_nothing_has_none(tmp_path: Path) -> None:
    found = find_duplicates(tiny_estate(tmp_path, TWO[:1]))
    assert found.empty
    assert np.array_equal(found.columns, COLUMNS)

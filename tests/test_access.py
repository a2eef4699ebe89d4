"""Access before and after: a lane worked out by hand, random places, Malton with its river, and what the words say.

The lane runs 10 km from west to east, a minute a kilometre::

    L1                                    L2
    A--------B----------------C-----------D
    0        2                6          10 km
"""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
import shared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import assetplan as ap
from assetplan import access_rows
from assetplan.access import ACCESS_COLUMNS, PLACE_COLUMNS
from assetplan.access_rows import in_minutes
from assetplan.access_words import NOT_RELEASED, SCREENING, told
from assetplan.access_words import tables as tables_of
from assetplan.rollups import GROUP_COLUMNS, ISOLATION_COLUMNS, rolled_up
from assetplan.travel.network import network_of
from assetplan.travel.snapping import snap
from assetplan.travelling import network_behind

MALTON = Path("data/malton")
WEST, SOUTH = 470_000.0, 470_000.0
TOML = 'name = "Lane"\n[organisations.a]\nname = "A"\nsector = "county"\n[organisations.b]\nname = "B"\nsector = "district"\n[registers."a.csv"]\norganisation = "a"\n'
REGISTER = "Ref,Property name,Easting,Northing\n1,West,470000,470000\n2,East,480000,470000\n3,Middle,476000,470000\n"
SERVICES = "service_id,organisation,name,function,asset_id,source\nL1,a,West Library,library,a:1,list\nL2,a,East Library,library,a:2,list\n"
DEMAND = (
    "demand_id,name,easting,northing,population,under_16,over_65,disabled,no_car,imd_decile,rural,source\n"
    "A,Aby,470000,470000,100,20,10,5,50,1,no,count\n"
    "B,Bury,472000,470000,300,60,90,,30,5,yes,count\n"
    "C,Coxwold,476000,470000,100,10,40,20,10,9,yes,count\n"
    "D,Dale,480000,470000,500,100,50,25,100,3,,count\n"
)


def lines(*rows: tuple[dict[str, object], list[tuple[float, float]]]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"kind": "road", **tags},
            "geometry": {"type": "LineString", "coordinates": [[WEST + x, SOUTH + y] for x, y in xy]},
        }
        for tags, xy in rows
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})


LANE = lines(({"speed_kph": 60}, [(0, 0), (10_000, 0)]))


def folder(path: Path, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in {"estate.toml": TOML, "services.csv": SERVICES, "demand.csv": DEMAND, **files}.items():
        (path / name).write_text(text, encoding="utf-8")
    (path / "registers").mkdir(exist_ok=True)
    (path / "registers" / "a.csv").write_text(REGISTER, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    return ap.read_estate(folder(tmp_path_factory.mktemp("lane"), **{"network.geojson": LANE}))


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


# ------------------------------------------------------------------------------------------------------- by hand


def test_averages_of_the_lane_are_those_worked_out_by_hand(lane: ap.Estate) -> None:
    # Before: 0, 2, 4 and 0 minutes; with L2 closed 0, 2, 6 and 10.
    change = ap.access_change(lane, function="library", close=["L2"])
    assert change.places["before_min"].round(6).tolist() == [0, 2, 4, 0]
    assert change.places["after_min"].round(6).tolist() == [0, 2, 6, 10]
    assert change.places["facility_before"].tolist() == ["L1", "L1", "L2", "L2"]
    assert set(change.places["facility_after"]) == {"L1"}
    assert (change.people_minutes_before, change.people_minutes_after, change.people_minutes_change) == pytest.approx(
        (1000, 6200, 5200)
    )
    groups = change.by_group().set_index("group")
    everyone = groups.loc["everyone"]
    assert (everyone["mean_before_min"], everyone["mean_after_min"]) == pytest.approx((1.0, 6.2))
    assert (everyone["people_farther"], everyone["people_nearer"], everyone["people_same"]) == (600, 0, 400)
    assert (everyone["worst_place"], everyone["worst_change_min"]) == ("Dale", pytest.approx(10))
    # Under 16: 20, 60, 10, 100 of them; disabled people: nobody knows how many in Bury.
    assert groups.loc["under 16", "mean_after_min"] == pytest.approx((60 * 2 + 10 * 6 + 100 * 10) / 190)
    disabled = groups.loc["disabled people"]
    assert (disabled["people"], disabled["places_uncounted"], disabled["places"]) == (50, 1, 4)
    assert disabled["mean_before_min"] == pytest.approx(20 * 4 / 50)
    assert groups.loc["most deprived places (deciles 1 to 3)", "people"] == 600
    assert groups.loc["rural or not is not known", "people"] == 500


def test_what_opens_and_what_moves(lane: ap.Estate) -> None:
    opened = ap.access_change(lane, function="library", open=["a:3"]).places.set_index("demand_id")
    assert opened["change_min"].round(6).tolist() == [0, 0, -4, 0]
    assert opened.at["C", "facility_after"] == "a:3"
    moved = ap.access_change(lane, function="LIBRARY ", move={"L2": (WEST + 6_000, SOUTH)})
    assert moved.places["after_min"].round(6).tolist() == [0, 2, 0, 4]
    assert moved.places["facility_after"].tolist() == ["L1", "L1", "L2", "L2"]
    assert moved.facilities["what"].to_dict() == {"L1": "stays", "L2": "moves"}
    shut = ap.access_change(lane, function="library", close="L2", open="a:2")
    assert (shut.places["change_min"] == 0).all()
    assert list(shut.places["facility_after"]) == ["L1", "L1", "a:2", "a:2"]


def test_access_now_and_its_columns(lane: ap.Estate) -> None:
    now = ap.access_to(lane, "library")
    assert tuple(now.columns) == ACCESS_COLUMNS
    assert now["minutes"].round(6).tolist() == [0, 2, 4, 0]
    assert now["snap_gap_m"].max() < 1
    bare = replace(lane, demand=lane.demand.iloc[:0])
    change = ap.access_change(bare, function="library", close=["L2"], travel=ap.travel_of(lane))
    assert change.places.empty
    assert tuple(change.places.columns[: len(PLACE_COLUMNS)]) == PLACE_COLUMNS
    assert tuple(change.by_group().columns) == GROUP_COLUMNS
    assert math.isnan(change.people_minutes_change) or change.people_minutes_change == 0
    assert change.worst.empty
    assert "Nothing says where people start from" in " ".join(told(change)[0].sentences)


def test_far_is_more_than_the_minutes_given_and_no_service_left_is_far(lane: ap.Estate) -> None:
    change = ap.access_change(lane, function="library", close=["L2"])
    far = change.isolation([6, 5]).set_index(["over_min", "group"])
    assert tuple(change.isolation().columns) == ISOLATION_COLUMNS
    assert far.loc[(5, "everyone"), ["people_before", "people_after"]].tolist() == [0, 600]
    assert far.loc[(6, "everyone"), "people_after"] == 500  # at 6 minutes Coxwold is not farther than 6
    assert far.loc[(5, "in rural places, in homes without a car"), "people_after"] == 10
    assert (
        "Of Dale nothing says whether it is rural"
        in next(section for section in told(change) if section.heading == "Far from it").sentences[0]
    )
    none = ap.access_change(lane, function="library", close=["L1", "L2"])
    assert none.nowhere == (False, True)
    assert none.places["facility_after"].tolist() == [None] * 4
    assert none.isolation([99]).set_index("group").loc["everyone", ["people_before", "people_after"]].tolist() == [
        0,
        1000,
    ]
    assert none.total["people_left_without"] == 1000
    said = " ".join(told(none)[0].sentences)
    assert "would be left here" in said
    assert "trips as they are before" in said
    first = ap.access_change(lane, function="pharmacy", open=["a:1"])
    assert first.nowhere == (True, False)
    assert "no-such-function" in {issue.code for issue in first.issues}
    assert "5.2 minutes" not in " ".join(told(first)[0].sentences)
    assert "mean trip is 6.2 minutes" in " ".join(told(first)[0].sentences)
    with pytest.raises(ValueError, match="over_min"):
        change.isolation([-1])


def test_each_place_is_in_one_area(lane: ap.Estate) -> None:
    box = shapely.box
    rows = [
        ("y", "Yon", "ward", (), box(WEST + 2_000, SOUTH - 9, WEST + 20_000, SOUTH + 9)),
        ("x", "Ex", "ward", (), box(WEST - 9, SOUTH - 9, WEST + 2_000, SOUTH + 9)),
        ("z", "Zed", "ward", ("D",), None),
        ("k", "Kay", "cluster", ("A", "nobody"), None),
    ]
    areas = gpd.GeoDataFrame(
        rows, columns=["area_id", "name", "kind", "members", "geometry"], geometry="geometry", crs=27700
    )
    change = ap.access_change(replace(lane, areas=areas), function="library", close=["L2"], travel=ap.travel_of(lane))
    ward = change.by_area()
    # Bury lies on the border of x and y: x sorts first. Dale lies in y, but z lists it.
    assert ward["people"].to_dict() == {"x": 400, "y": 100, "z": 500, "": 0}
    assert change.by_area("cluster")["people"].to_dict() == {"k": 100, "": 900}
    assert change.by_area("parish")["people"].to_dict() == {"": 1000}
    (issue,) = [issue for issue in change.issues if issue.code == "in-several-areas"]
    assert (issue.row, issue.message) == ("B", "one place in several areas of the kind ward")
    with pytest.raises(ValueError, match="ward, parish"):
        change.by_area("wards")


# ------------------------------------------------------------------------------------------------------- what is not known


def test_what_is_not_known_stays_so_and_is_counted(tmp_path: Path) -> None:
    demand = (
        DEMAND
        + "E,Ely,476000,473000,70,7,7,7,7,4,yes,count\nF,Foss,479000,470400,,,,,,,no,count\nS,Sea,700000,470000,40,4,4,4,4,4,no,count\n"
    )
    estate = ap.read_estate(folder(tmp_path, **{"network.geojson": LANE, "demand.csv": demand}))
    change = ap.access_change(estate, function="library", close=["L2"])
    places = change.places.set_index("demand_id")
    assert places.loc[["E", "S"], ["before_min", "after_min", "change_min"]].isna().all(axis=None)
    assert places.loc["F", "change_min"] == pytest.approx(8)  # people not counted, time known
    total = change.total
    assert (total["people"], total["people_not_known"], total["places_uncounted"], total["places"]) == (1110, 110, 1, 7)
    assert change.people_minutes_change == pytest.approx(5200)
    codes = {issue.code for issue in change.issues}
    assert {"point-off-network", "point-without-place", "gap-to-network", "not-known"} <= codes
    said = " ".join(sentence for section in told(change) for sentence in section.sentences)
    for words in ("the trip of 110 people, in Ely and Sea", "Nobody has counted the people of Foss", "Foss (400 m)"):
        assert words in said


def test_a_service_without_a_place_is_told_and_sends_nobody(tmp_path: Path) -> None:
    services = SERVICES + "L3,a,Lost Library,library,,list\n"
    estate = ap.read_estate(folder(tmp_path, **{"network.geojson": LANE, "services.csv": services}))
    assert list(ap.facilities_of(estate, "library").index) == ["L1", "L2"]
    change = ap.access_change(estate, function="library", close=["L1", "L2"])
    assert change.nowhere == (False, False)  # one is left, nobody knows where
    assert change.places["after_min"].isna().all()
    assert math.isnan(change.people_minutes_change)
    assert change.total["people_not_known"] == 1000
    assert "service-not-placed" in {issue.code for issue in change.issues}
    assert "Lost" in " ".join(issue.row for issue in change.issues) or "L3" in " ".join(
        issue.row for issue in change.issues
    )


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"function": "libary"}, ap.SubjectError, "Did you mean 'library'"),
        ({"function": "library", "close": ["L9"]}, ap.SubjectError, "no service 'L9'"),
        ({"function": "library", "open": ["a:9"]}, ap.SubjectError, "no asset or parcel 'a:9'"),
        ({"function": "library", "open": [(0.5, 54.1)]}, ValueError, "eastings and northings in metres"),
        ({"function": "library", "open": [(math.nan, 1)]}, ValueError, "eastings and northings in metres"),
        ({"function": "library", "open": [7]}, ValueError, "a pair of easting and northing"),
        ({"function": "library", "close": ["L1"], "move": {"L1": "a:3"}}, ValueError, "both closes and moves"),
        ({"function": "library", "mode": "bus"}, ValueError, "car, foot, cycle"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(
    lane: ap.Estate, asked: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words.replace("(", r"\(")):
        ap.access_change(lane, **asked)


# ------------------------------------------------------------------------------------------------------- random places

points = st.tuples(st.integers(0, 40), st.integers(0, 40))
counts = st.one_of(st.none(), st.integers(0, 500))
people = st.fixed_dictionaries(
    {"at": st.one_of(st.none(), points), "population": counts, "no_car": counts, "imd_decile": st.one_of(st.none(), st.integers(1, 10)),
     "rural": st.sampled_from([True, False, None])}
)  # fmt: skip


def _estate(base: ap.Estate, demand: list[dict[str, object]], libraries: list[tuple[int, int]]) -> ap.Estate:
    """An estate with these places and libraries, in units of 250 m."""

    def spot(at: tuple[int, int] | None) -> shapely.Point | None:
        return None if at is None else shapely.Point(WEST + 250 * at[0], SOUTH + 250 * at[1])

    rows = [
        {"demand_id": f"d{i}", "name": f"D {i}", **row, "under_16": None, "over_65": None, "disabled": None}
        for i, row in enumerate(demand)
    ]
    columns = list(base.demand.columns.drop("geometry"))
    frame = pd.DataFrame(rows, columns=[*columns, "at"]).astype(object)
    frame = frame.where(frame.notna(), None)
    where = gpd.GeoSeries([spot(at) for at in frame["at"]], crs=27700)
    assets = gpd.GeoDataFrame({"name": [f"a{i}" for i in range(len(libraries))], "organisation": "a", "location_precision": "point"},
                              index=[f"a{i}" for i in range(len(libraries))], geometry=[spot(at) for at in libraries], crs=27700)  # fmt: skip
    services = pd.DataFrame(
        [
            {
                "service_id": f"s{i}",
                "name": f"S {i}",
                "function": "library",
                "organisation": "a",
                "asset_id": f"a{i}",
                "illustrative": False,
            }
            for i in range(len(libraries))
        ],
        columns=base.services.columns,
    )
    half = gpd.GeoDataFrame({"area_id": ["w"], "name": ["W"], "kind": ["ward"], "members": [("d0",)]},
                            geometry=[shapely.box(WEST - 1, SOUTH - 1, WEST + 5_000, SOUTH + 20_000)], crs=27700)  # fmt: skip
    return replace(
        base,
        demand=gpd.GeoDataFrame(frame.drop(columns="at"), geometry=where, crs=27700),
        assets=assets,
        services=services,
        areas=half,
    )


@pytest.fixture(scope="module")
def grid() -> ap.Travel:
    """A grid of roads 250 m apart over half of the ground, some of them one-way."""
    roads = [([(0, y), (20, y)], "yes" if y % 3 == 1 else "no") for y in range(21)] + [
        ([(x, 0), (x, 20)], "-1" if x % 4 == 2 else "no") for x in range(21)
    ]
    parts = []
    for (start, end), way in roads:
        xy = np.linspace(start, end, 21) * 250 + (WEST, SOUTH)
        parts.append((shapely.LineString(xy), way))
    frame = gpd.GeoDataFrame(
        {"kind": "road", "speed_kph": 30, "one_way": [way for _, way in parts]},
        geometry=[line for line, _ in parts],
        crs=27700,
    )
    return ap.Travel.over(network_of(frame))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(people, min_size=1, max_size=12), st.lists(points, min_size=1, max_size=5), st.data(), st.booleans())
def test_people_are_conserved_and_closing_never_shortens(lane, grid, demand, libraries, data, over) -> None:  # type: ignore[no-untyped-def]
    estate = _estate(lane, demand, libraries)
    travel = grid if over else ap.Travel.straight("foot")
    shut = data.draw(st.lists(st.sampled_from([f"s{i}" for i in range(len(libraries))]), unique=True))
    change = ap.access_change(estate, function="library", close=shut, travel=travel)
    before, after = change.places["before_min"], change.places["after_min"]
    # What has a time after had one before, and it was no longer.
    assert (before[after.notna()] <= after[after.notna()]).all()
    # Each time is the least of all pairs, worked out apart.
    spots = gpd.GeoSeries(list(estate.demand.geometry), index=list(estate.demand["demand_id"]), crs=27700)
    left = estate.assets.geometry.iloc[[i for i in range(len(libraries)) if f"s{i}" not in shut]]
    pairs = (
        travel.minutes(spots, left).groupby("origin")["minutes"].min().reindex(spots.index)
        if len(left)
        else pd.Series(np.nan, spots.index)
    )
    np.testing.assert_allclose(after.to_numpy(), pairs.to_numpy(dtype=float), atol=1e-6)
    # The other way round it is an opening, which never lengthens.
    kept = [f"s{i}" for i in range(len(libraries)) if f"s{i}" not in shut]
    fewer = replace(estate, services=estate.services[estate.services["service_id"].isin(kept)])
    opened = (
        ap.access_change(fewer, function="library", open=[f"a{s[1:]}" for s in shut], travel=travel)
        if kept or shut
        else change
    )
    np.testing.assert_array_equal(opened.places["before_min"].to_numpy(), after.to_numpy())
    np.testing.assert_array_equal(opened.places["after_min"].to_numpy(), before.to_numpy())
    # People in are people out, in every roll-up and within every row.
    everyone = sum(row["population"] or 0 for row in demand)
    bare = sum(row["population"] is None for row in demand)
    groups, ward = change.by_group(), change.by_area()
    for frame in (groups[groups["parts"] == "deprivation"], groups[groups["parts"] == "rural"], ward, groups.iloc[:1]):
        assert frame["people"].sum() == everyone
        assert frame["places_uncounted"].sum() == bare
        assert frame["people_not_known"].sum() == sum(
            row["population"] or 0 for row, t in zip(demand, after, strict=True) if math.isnan(t)
        )
        total = math.fsum(
            (row["population"] or 0) * t for row, t in zip(demand, after, strict=True) if not math.isnan(t)
        )
        assert frame["people_minutes_after"].sum() == pytest.approx(total, abs=1e-6)
    parts = groups[["people_farther", "people_nearer", "people_same", "people_not_known"]].sum(axis=1)
    assert parts.tolist() == groups["people"].tolist()
    assert (groups["people_nearer"] == 0).all()
    assert not (groups["people_minutes_change"] < 0).any()
    assert not np.isinf(groups.select_dtypes("number").to_numpy(dtype=float)).any()
    far = change.isolation([2, 8])
    assert (far["people_after"] + far["people_not_known_after"] <= far["people"]).all()
    told(change), tables_of(change)


def test_a_roll_up_of_nobody_is_nobody() -> None:
    figures = rolled_up(
        pd.DataFrame({"demand_id": [], "name": [], "before_min": [], "after_min": []}, dtype=float),
        pd.Series([], dtype=float),
    )
    assert (figures["people"], figures["places"], figures["people_minutes_change"]) == (0, 0, 0)
    assert math.isnan(figures["mean_before_min"])
    assert figures["worst_place"] is None


# ------------------------------------------------------------------------------------------------------- Malton


def test_the_library_closes_in_malton_and_opens_at_community_house(malton: ap.Estate) -> None:
    closed = ap.access_change(malton, function="library", close=["nycc-library"])
    swapped = ap.access_change(malton, function="library", close=["nycc-library"], open=["rdc:A0007"])
    assert closed.people == swapped.people == malton.demand["population"].sum()
    assert closed.people_minutes_before == swapped.people_minutes_before
    assert 0 < swapped.people_minutes_change < closed.people_minutes_change
    places = swapped.places.set_index("demand_id")
    assert set(places.loc[["norton-centre", "norton-south", "norton-east"], "facility_after"]) == {"nycc-norton-hub"}
    assert places.at["malton-north", "facility_after"] == "rdc:A0007"
    # Minutes are those of networkx over the same links.
    network = network_behind(ap.travel_of(malton))
    graph = nx.MultiDiGraph()
    for a, b, cost, one_way in network.links[["a", "b", "minutes", "one_way"]].itertuples(index=False):
        graph.add_edge(a, b, weight=cost)
        if not one_way:
            graph.add_edge(b, a, weight=cost)
    spots = gpd.GeoSeries(list(malton.demand.geometry), index=list(malton.demand["demand_id"]), crs=27700)
    nodes = snap(network, spots)["node"]
    after = snap(network, malton.assets.loc[["nycc:NY/0446", "rdc:A0007"]])["node"]
    times = nx.multi_source_dijkstra_path_length(graph.reverse(), set(after), weight="weight")
    np.testing.assert_allclose(places["after_min"], [times[node] for node in nodes], atol=1e-6)


def test_norton_goes_over_the_bridge_as_straight_lines_do_not(malton: ap.Estate, tmp_path: Path) -> None:
    norton = ["norton-centre", "norton-west"]
    only = replace(malton, services=malton.services[malton.services["service_id"] == "nycc-library"])
    over = ap.access_to(only, "library").set_index("demand_id")["minutes"]
    lone = json.loads((MALTON / "network.geojson").read_text(encoding="utf-8"))
    lone["features"] = [one for one in lone["features"] if one["properties"]["kind"] != "bridge"]
    file = tmp_path / "network.geojson"
    file.write_text(json.dumps(lone), encoding="utf-8")
    without = ap.access_to(replace(only, network=file), "library").set_index("demand_id")["minutes"]
    straight = ap.access_to(only, "library", travel=ap.Travel.straight()).set_index("demand_id")["minutes"]
    for place in norton:
        assert over[place] > 0
        assert math.isnan(without[place]) or without[place] > over[place] + 1  # no bridge, no short way over the river
    no_bridge = ap.access_to(replace(only, network=file), "library", travel=ap.Travel.straight()).set_index(
        "demand_id"
    )["minutes"]
    assert no_bridge[norton].equals(straight[norton])  # straight lines do not see it
    note = ap.access_change(only, function="library", travel=ap.Travel.straight()).note
    assert "rivers" in note
    assert "1.3" in note
    assert "40 km/h" in note


def test_the_edge_site_and_services_of_others_are_not_there_for_the_public(malton: ap.Estate) -> None:
    public = malton.for_audience("public")
    keeper = ap.access_change(malton, function="police desk", move={"police-desk": "MAL-13"})
    assert keeper.facilities.at["police-desk", "place_after"] == "MAL-13"
    with pytest.raises(ap.SubjectError, match="no asset or parcel 'MAL-13' here") as caught:
        ap.access_change(public, function="police desk", move={"police-desk": "MAL-13"})
    assert "Eden" not in str(caught.value)
    assert "A169" not in str(caught.value)
    with pytest.raises(ap.SubjectError) as caught:
        ap.access_to(public, "response police")
    assert "response police'. " in str(caught.value)
    assert "store" not in str(caught.value)
    text = str(tables_of(ap.access_change(public, function="police desk"))) + str(
        told(ap.access_change(public, function="police desk"))
    )
    assert "MAL-13" not in text
    assert "Eden" not in text
    assert not public.released("options")
    assert "not released" in NOT_RELEASED


# ------------------------------------------------------------------------------------------------------- what times rest on


def _files(lane_folder: Path, **files: str) -> ap.Estate:
    return ap.read_estate(folder(lane_folder, **files))


def test_a_matrix_goes_before_a_network_for_its_mode(tmp_path: Path) -> None:
    times = "origin,destination,minutes,mode\nA,L1,3,car\nB,L1,5,car\nC,a:2,7,car\nD,a:2,1,car\nA,a:2,90,car\nA,L1,30,foot\n"
    estate = _files(tmp_path, **{"network.geojson": LANE, "travel_times.csv": times})
    assert [ap.travel_of(estate, mode).basis for mode in ("car", "foot", "cycle")] == ["matrix", "matrix", "network"]
    assert ap.travel_of(estate) is ap.travel_of(estate)
    now = ap.access_to(estate, "library")
    # L2 is not in the matrix by its own name, but its asset is.
    assert (now["facility"].tolist(), now["minutes"].tolist()) == (["L1", "L1", "L2", "L2"], [3, 5, 7, 1])
    assert now["snap_gap_m"].isna().all()
    change = ap.access_change(estate, function="library", close=["L2"])
    assert change.places["after_min"].tolist()[:2] == [3, 5]
    assert change.places["after_min"].isna().tolist()[2:] == [
        True,
        True,
    ]
    assert change.total["people_left_without"] == 600
    moved = ap.access_change(estate, function="library", move={"L1": "a:2"}).places
    assert moved["after_min"].tolist()[0] == 90  # not the time to where L1 stood
    assert ap.reach(estate, ["L1"]).empty
    assert list(ap.reach(estate, ["L1"]).columns) == [
        "limit_min",
        "nodes",
        "geometry",
    ]
    bare = _files(tmp_path / "bare", **{"travel_times.csv": "origin,destination,minutes\nA,L1,3\n"})
    assert [ap.travel_of(bare, mode).basis for mode in ("car", "foot")] == ["matrix", "straight line"]
    assert "does not say how people travel" in ap.travel_of(bare).note


def test_a_matrix_says_nothing_of_what_a_reader_may_not_know(tmp_path: Path) -> None:
    services = "service_id,organisation,name,function,asset_id,source,audience\nL1,a,West Library,library,a:1,list,public\nL2,a,East Library,library,a:2,list,a\n"
    long = "origin,destination,minutes,audience\nA,L1,3,public\nB,L1,5,a\nA,L2,1,public\nA,SECRET,1,public\nSECRET,A,55,public\n"
    wide = "from,L1,L2,SECRET\nA,3,1,1\nB,5,9,1\nSECRET,1,1,1\n"
    for at, (text, b_to_l1) in enumerate(((long, math.nan), (wide, 5.0))):
        estate = _files(tmp_path / str(at), **{"services.csv": services, "travel_times.csv": text})
        public = estate.for_audience("public")
        plain = text if at else "origin,destination,minutes\nA,L1,3\n"
        if at:
            plain = "from,L1\nA,3\nB,5\n"
        never = _files(
            tmp_path / f"never{at}", **{"services.csv": services.split("L2,", maxsplit=1)[0], "travel_times.csv": plain}
        ).for_audience("public")
        seen, held = (ap.access_change(one, function="library") for one in (public, never))
        pd.testing.assert_frame_equal(seen.places, held.places)
        assert seen.issues == held.issues
        assert seen.note == held.note
        assert seen.places["before_min"].tolist()[:1] == [3.0]
        np.testing.assert_equal(seen.places["before_min"].tolist()[1], b_to_l1)
        assert "SECRET" not in str(seen.issues)
        assert "L2" not in str(seen.issues)
        assert ap.access_to(estate, "library")["minutes"].tolist()[0] == 1
    secret = _files(tmp_path / "secret", **{"travel_times.csv": "origin,destination,minutes,audience\nA,L1,3,a\n"})
    assert ap.travel_of(secret).basis == "matrix"
    assert ap.travel_of(secret.for_audience("public")).basis == "straight line"
    wrong = _files(tmp_path / "wrong", **{"travel_times.csv": "origin,destination,minutes,Audience\nA,L1,3,a\n"})
    with pytest.raises(ap.EstateError, match="not quite 'audience'"):
        ap.travel_of(wrong)


def test_rows_of_a_network_with_readers_are_theirs_alone(tmp_path: Path) -> None:
    rows = [
        ({"speed_kph": 60, "audience": "public"}, [(0, 0), (6_000, 0)]),
        ({"speed_kph": 60, "audience": "b", "name": "Tunnel"}, [(6_000, 0), (10_000, 0)]),
    ]
    estate = _files(tmp_path, **{"network.geojson": lines(*rows)})
    never = _files(tmp_path / "never", **{"network.geojson": lines(*rows[:1])})
    for reader, same in (("public", never), ("a", never), ("b", estate), ("all", estate)):
        seen = ap.access_change(estate.for_audience(reader), function="library")
        held = ap.access_change(same.for_audience(reader), function="library")
        pd.testing.assert_frame_equal(seen.places, held.places)
        assert seen.issues == held.issues
        assert math.isnan(seen.places["before_min"].iloc[3]) == (reader in {"public", "a"})
    hidden = _files(tmp_path / "hidden", **{"network.geojson": lines(({"audience": "b"}, [(0, 0), (10_000, 0)]))})
    assert ap.travel_of(hidden.for_audience("public")).basis == "straight line"
    wrong = _files(tmp_path / "wrong", **{"network.geojson": lines(({"audiance": "b"}, [(0, 0), (10_000, 0)]))})
    with pytest.raises(ap.EstateError, match="not quite 'audience'"):
        ap.travel_of(wrong)


def test_roads_do_where_they_reach_people_and_straight_lines_say_why(tmp_path: Path) -> None:
    def road(end: float) -> str:
        return lines(({"name": "Lane", "class": "B1"}, [(0, 0), (end, 0)]))

    good = _files(tmp_path, **{"roads.geojson": road(10_000)})
    assert ap.travel_of(good).basis == "network"
    assert "own roads" in ap.travel_of(good).note
    assert "100%" in ap.travel_of(good).note
    short = ap.travel_of(_files(tmp_path / "short", **{"roads.geojson": road(3_000)}))
    assert short.basis == "straight line"
    assert "50% of the places" in short.note
    parted = lines(({}, [(0, 0), (5_000, 0)]), ({}, [(5_600, 0), (10_000, 0)]))
    assert ap.travel_of(_files(tmp_path / "parted", **{"roads.geojson": parted})).basis == "straight line"
    none = ap.travel_of(_files(tmp_path / "none"))
    assert none.basis == "straight line"
    assert "nothing here gives a network" in none.note
    # Only a motorway: nobody walks there, so that on foot the network is of no use.
    motorway = _files(tmp_path / "motorway", **{"network.geojson": lines(({"class": "M62"}, [(0, 0), (10_000, 0)]))})
    assert ap.travel_of(motorway, "foot").basis == "straight line"
    assert "on foot" in ap.travel_of(motorway, "foot").note
    assert "no-way-open" in {issue.code for issue in ap.travel_of(motorway, "foot").issues}
    sick = _files(tmp_path / "sick", **{"network.geojson": "{}"})
    with pytest.raises(ap.EstateError, match=r"network\.geojson"):
        ap.travel_of(sick)


def test_reach_is_nested_and_holds_the_places_within(malton: ap.Estate) -> None:
    areas = ap.reach(malton, ["nycc-library", "nycc:NY/0446"], [3, 6])
    assert areas["limit_min"].tolist() == [3, 6]
    assert areas.crs.to_epsg() == 27700
    assert areas.geometry.iloc[0].difference(areas.geometry.iloc[1]).area < 1e-6
    network = network_behind(ap.travel_of(malton))
    now = ap.access_to(malton, "library")
    spots = gpd.GeoSeries(list(malton.demand.geometry), index=malton.demand.index, crs=27700)
    at = shapely.points(network.nodes[snap(network, spots)["node"]])
    assert (shapely.covers(areas.geometry.iloc[1], at) == (now["minutes"] <= 6)).all()
    with pytest.raises(ap.SubjectError, match="no asset or parcel"):
        ap.reach(malton, ["nowhere"])


@pytest.mark.realdata
def test_over_rutland_closing_oakham_sends_people_to_uppingham(realdata: Path, tmp_path: Path) -> None:
    where = {
        "Oakham": (486_100, 308_900),
        "Uppingham": (486_650, 299_750),
        "Cottesmore": (490_300, 313_650),
        "Ketton": (498_000, 304_350),
        "Lyddington": (487_600, 297_000),
    }
    demand = (
        DEMAND.splitlines()[0]
        + "\n"
        + "".join(f"{name.lower()},{name},{x},{y},100,1,1,1,1,5,yes,made up\n" for name, (x, y) in where.items())
    )
    base = folder(tmp_path, **{"demand.csv": demand})
    (base / "registers" / "a.csv").write_text(
        "Ref,Property name,Easting,Northing\n1,O,486100,308900\n2,U,486650,299750\n", encoding="utf-8"
    )
    shutil.copy(realdata / "rutland-osm" / "rutland-latest.osm.pbf", base / "network.osm.pbf")
    estate = ap.read_estate(base)
    assert ap.travel_of(estate).basis == "network"
    change = ap.access_change(estate, function="library", close=["L1"])
    places = change.places.set_index("demand_id")
    assert places.loc["oakham", ["facility_before", "facility_after"]].tolist() == ["L1", "L2"]
    assert 8 < places.at["oakham", "after_min"] < 25  # ten kilometres of main road
    assert (places["change_min"] >= 0).all()
    assert places.at["lyddington", "change_min"] == 0
    spots = gpd.GeoSeries(list(estate.demand.geometry), index=list(estate.demand["demand_id"]), crs=27700)
    halls = gpd.GeoSeries(
        [shapely.Point(486_100, 308_900), shapely.Point(486_650, 299_750)], index=["L1", "L2"], crs=27700
    )
    pairs = ap.travel_minutes(network_behind(ap.travel_of(estate)), spots, halls).groupby("origin")["minutes"].min()
    np.testing.assert_allclose(places["before_min"], pairs[places.index], atol=1e-6)


# ------------------------------------------------------------------------------------------------------- words


def test_words_name_who_loses_and_conclude_nothing(malton: ap.Estate) -> None:
    change = ap.access_change(malton, function="library", close=["nycc-library"])
    sections = told(change)
    said = " ".join(sentence for section in sections for sentence in section.sentences)
    for words in (
        "Closes: Malton Library.", "An index: one trip, one way, by each person; not a count of journeys.", "Loses most: ",
        "Longest trip: from Hovingham", "network.geojson", "homes without a car are timed by car", SCREENING, "illustrative",
    ):  # fmt: skip
        assert words in said
    assert "equal" not in said.replace("equally", "")
    assert "discriminat" not in said
    assert [section.heading for section in sections][1:] == [
        "By place",
        "By group",
        "By ward",
        "Far from it",
        "What this rests on",
    ]
    losing = sections[1].table
    assert all(change_.startswith("+") for change_ in losing["change"])
    shown = tables_of(change)
    assert [table["id"] for table in shown] == [
        "access-places",
        "access-groups",
        "access-areas-ward",
        "access-areas-parish",
        "access-far",
    ]
    assert len(shown[0]["rows"]) == len(malton.demand)
    for table in shown:
        assert {len(row) for row in table["rows"]} == {len(table["columns"])} == {len(table["numeric"])}
    now = told(ap.access_change(malton, function="library"))
    assert "before" not in " ".join(now[0].sentences)
    assert "nearest" in now[1].table


def test_a_service_said_to_stay_is_closed_all_the_same_and_told(malton: ap.Estate) -> None:
    change = ap.access_change(malton, function="library", close=["nycc-norton-hub"])
    assert change.people_minutes_change > 0
    assert "nycc-norton-hub" in {issue.row for issue in change.issues if issue.code == "service-said-to-stay"}
    assert "stays where it is" in " ".join(told(change)[-1].sentences)


def test_names_from_the_data_show_nothing_hidden(tmp_path: Path) -> None:
    demand = DEMAND.replace("Dale", "Da\u202ele <b>x</b>")
    services = SERVICES.replace("East Library", "East\x1b[31m Library")
    estate = _files(tmp_path, **{"network.geojson": LANE, "demand.csv": demand, "services.csv": services})
    change = ap.access_change(estate, function="library", close=["L2"])
    text = "".join(
        str(section.sentences) + (section.table.to_csv() if section.table is not None else "")
        for section in told(change)
    )
    text += str(tables_of(change))
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "[U+202E]le <b>x</b>" in text  # escaped where HTML is made, not here


def test_minutes_are_told_to_the_half() -> None:
    assert [in_minutes(value) for value in (0.2, 0.25, 7.74, 7.75, math.nan)] == ["0", "0.5", "7.5", "8", "not known"]


def test_people_nobody_has_counted_are_told_as_not_known(tmp_path: Path) -> None:
    head, *rows = [line.split(",") for line in DEMAND.splitlines()]
    for row in rows:
        row[head.index("disabled")] = row[head.index("rural")] = ""
    demand = "\n".join(",".join(row) for row in (head, *rows)) + "\n"
    estate = _files(tmp_path, **{"network.geojson": LANE, "demand.csv": demand})
    for close in ([], ["L2"]):
        change = ap.access_change(estate, function="library", close=close)
        sections = {section.heading: section.table for section in told(change)}
        groups = sections["By group"].set_index("group")
        disabled = groups.loc["disabled people"]
        assert disabled["not known"] == "people of four places"
        figures = disabled.drop(
            ["not known", "longest after" if close else "longest trip", *(["loses most"] if close else [])]
        )
        assert set(figures) == {"not known"}
        assert (groups.at["under 16", "people"], groups.at["under 16", "not known"]) == ("190", "0")
        far = sections["Far from it"].set_index("who")
        assert set(far.loc["in rural places", "people"]) == {"not known"}
        assert set(far.loc["everyone", "people"]) == {"1,000"}


@given(st.lists(st.tuples(st.floats(0, 90), st.integers(1, 500)), min_size=1, max_size=4))
@settings(max_examples=60)
def test_a_mean_never_looks_longer_than_the_longest_trip(trips: list[tuple[float, int]]) -> None:
    minutes = [time for time, _ in trips]
    ids = [f"p{i}" for i in range(len(trips))]
    places = pd.DataFrame({"demand_id": ids, "name": ids, "before_min": minutes, "after_min": minutes})
    row = rolled_up(places, pd.Series([float(people) for _, people in trips]))
    assert float(access_rows._mean(row, "mean_before_min")) <= float(in_minutes(row["longest_after_min"]))


def test_malton_is_untouched_by_what_is_asked(malton: ap.Estate, tmp_path: Path) -> None:
    before = malton.demand.copy(), malton.services.copy()
    ap.access_change(malton, function="library", close=["nycc-library"])
    pd.testing.assert_frame_equal(malton.demand, before[0])
    pd.testing.assert_frame_equal(malton.services, before[1])
    # The same rows in another order give the same answer.
    target = tmp_path / "malton"
    shutil.copytree(MALTON, target)
    rows = (target / "demand.csv").read_text(encoding="utf-8").splitlines()
    (target / "demand.csv").write_text("\n".join([rows[0], *reversed(rows[1:])]) + "\n", encoding="utf-8")
    pd.testing.assert_frame_equal(ap.access_to(ap.read_estate(target), "library"), ap.access_to(malton, "library"))

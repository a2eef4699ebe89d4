"""Emergency cover and the gate before a station moves: a ring road by hand, networkx and brute force, Malton."""

from __future__ import annotations

import math
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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import assetplan as ap
from assetplan import response_words as words
from assetplan.answers import in_sections
from assetplan.cover.response import PLACES_COLUMNS, STANDARDS_COLUMNS, TURN_IN_COLUMNS
from assetplan.cover.times import TIMES_COLUMNS
from assetplan.travel.network import network_of
from assetplan.travel.times import Travel

MALTON = Path(__file__).parents[1] / "data" / "malton"
E0, N0 = 450_137.0, 452_411.0
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

# A square ring of 12 km, at 60 km/h: a kilometre is a minute. Places are told by their kilometre, clockwise from the south-west corner.
SIDE = 3_000.0


def at(km: float) -> tuple[float, float]:
    side, along = divmod(km % 12, 3)
    along *= 1000
    east, north = {0: (0.0, along), 1: (along, SIDE), 2: (SIDE, SIDE - along), 3: (SIDE - along, 0.0)}[int(side)]
    return E0 + east, N0 + north


def ring(one_way: str | None = None) -> Travel:
    line = shapely.LineString([at(km) for km in range(13)])
    lines = gpd.GeoDataFrame({"kind": ["road"], "speed_kph": [60], "one_way": [one_way]}, geometry=[line], crs=27700)
    return Travel.over(network_of(lines, source="a ring"))


RING = ring()
FOLDER = {
    "estate.toml": 'name = "Ring"\n[organisations.fire]\nname = "Fire"\nsector = "fire"\n[organisations.other]\nname = "Other"\n'
    '[registers."fire.csv"]\norganisation = "fire"\n',
    "registers/fire.csv": "Ref,Name,Easting,Northing\n"
    + "".join(f"K{km},Site {km},{at(km)[0]:.0f},{at(km)[1]:.0f}\n" for km in range(12))
    + "LOST,No place,,\n",
    "services.csv": "service_id,organisation,name,function,part_of,asset_id,response,source\n"
    "fire,fire,Ring station,fire station,,fire:K0,fire,test\n"
    "engines,fire,Engines,fire engines,fire,fire:K0,fire,test\n"
    "lost,fire,Lost station,fire station,,fire:LOST,fire,test\n"
    "bare,fire,Bare station,fire station,,fire:K5,fire,test\n"
    "library,other,Library,library,,fire:K3,,test\n"
    "amb,other,Ambulance station,ambulance station,,fire:K0,ambulance,test\n"
    "pol,other,Response police,response police,,fire:K0,police,test\n",
}
CREW = {
    "crew_id": "day",
    "response": "fire",
    "service_id": "fire",
    "station": None,
    "easting": None,
    "northing": None,
    "kind": "on station",
    "times": (),
    "turnout_min": 1.0,
    "needed": None,
    "turn_in": (),
    "turn_in_min": None,
    "source": "test",
    "as_of": None,
    "illustrative": False,
}
STANDARD = {
    "standard_id": "s",
    "measure": "first fire engine",
    "value": 4.5,
    "unit": "min",
    "area_basis": None,
    "applies_to": None,
    "organisation": "fire",
    "basis": "limit",
    "source": "test",
    "edition": "2020",
    "illustrative": False,
}
PEOPLE = {0: 10.0, 3: 100.0, 6: 50.0, 10: 40.0}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    folder = tmp_path_factory.mktemp("ring")
    (folder / "registers").mkdir()
    for name, text in FOLDER.items():
        (folder / name).write_text(text, encoding="utf-8")
    return ap.read_estate(folder)


def demand_of(people: dict[float, float | None], names: dict[float, str] | None = None) -> gpd.GeoDataFrame:
    rows = [
        {
            "demand_id": f"k{km:g}",
            "name": (names or {}).get(km, f"Village {km:g}"),
            "population": number,
            "source": "test",
        }
        for km, number in people.items()
    ]
    return gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["demand_id", "name", "population", "source"], dtype=object),
        geometry=[shapely.Point(*at(km)) for km in people],
        crs=27700,
    )


def crews_of(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{**CREW, **row} for row in rows], columns=list(CREW), dtype=object)


def standards_of(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{**STANDARD, **row} for row in rows], columns=list(STANDARD), dtype=object)


def town(
    bare: ap.Estate,
    crews: pd.DataFrame | None = None,
    demand: gpd.GeoDataFrame | None = None,
    standards: pd.DataFrame | None = None,
) -> ap.Estate:
    return replace(
        bare,
        crews=crews_of({}) if crews is None else crews,
        demand=demand_of(PEOPLE) if demand is None else demand,
        standards=standards_of() if standards is None else standards,
    )


def outside(crew_id: str, km: float, **more: Any) -> dict[str, Any]:
    east, north = at(km)
    return {"crew_id": crew_id, "service_id": None, "station": crew_id, "easting": east, "northing": north, **more}


def minutes(frame: pd.DataFrame, time: str = "day", column: str = "minutes") -> dict[str, Any]:
    rows = frame[frame["time"] == time]
    return dict(zip(rows["demand_id"], rows[column], strict=True))


def finite(frame: pd.DataFrame) -> bool:
    return not any(isinstance(value, float) and math.isinf(value) for value in frame.to_numpy(dtype=object).ravel())


# ------------------------------------------------------------------------------------------------------- by hand


def test_a_village_is_lost_when_the_station_moves_one_kilometre_round_the_ring(bare: ap.Estate) -> None:
    estate = town(bare, standards=standards_of({}))
    change = ap.response_change(estate, "fire", "fire:K11", travel=RING)
    assert minutes(change.places, column="before_min") == pytest.approx({"k0": 1, "k3": 4, "k6": 7, "k10": 3})
    assert minutes(change.places, column="after_min") == pytest.approx({"k0": 2, "k3": 5, "k6": 6, "k10": 2})
    assert change.lost["demand_id"].tolist() == ["k0", "k0", "k3", "k3"]
    assert change.gained["demand_id"].tolist() == ["k10", "k10", "k6", "k6"]
    assert change.verdict == "fails"
    assert change.standards["newly_beyond"].tolist() == [("Village 3",), ("Village 3",)]
    assert change.standards["beyond_before"].tolist() == [("Village 6",), ("Village 6",)]
    assert "Village 3" in change.reasons[0].text
    assert change.reasons[0].source == "test, 2020"
    assert change.places.columns.tolist() == list(PLACES_COLUMNS)
    assert change.standards.columns.tolist() == list(STANDARDS_COLUMNS)


def test_a_change_within_the_limit_asked_for_is_none(bare: ap.Estate) -> None:
    change = ap.response_change(town(bare), "fire", "fire:K11", travel=RING, beyond_min=1.0)
    assert set(change.places["result"]) == {"same"}


def test_an_average_is_over_people(bare: ap.Estate) -> None:
    estate = town(bare, standards=standards_of({"basis": "average", "value": 4.3}))
    change = ap.response_change(estate, "fire", "fire:K11", travel=RING)
    row = change.standards.iloc[0]
    assert row["before_min"] == pytest.approx((10 * 1 + 100 * 4 + 50 * 7 + 40 * 3) / 200)
    assert row["after_min"] == pytest.approx((10 * 2 + 100 * 5 + 50 * 6 + 40 * 2) / 200)
    assert (row["met_before"], row["met_after"], change.verdict) == (False, False, "holds")
    assert "not met now, nor after" in change.reasons[0].text


@pytest.mark.parametrize(
    ("value", "host", "verdict"),
    [(4.45, "fire:K11", "fails"), (4.6, "fire:K11", "holds"), (4.3, "fire:K9", "fails"), (4.45, "fire:K5", "holds")],
)
def test_averages_met_now_must_be_met_then_and_those_not_met_must_not_get_worse(
    bare: ap.Estate, value: float, host: str, verdict: str
) -> None:
    """Averages: 4.4 min from kilometre 0, 4.5 from 11, 5.5 from 9, 3.65 from 5."""
    estate = town(bare, standards=standards_of({"basis": "average", "value": value}))
    assert ap.gate(estate, "fire", host, travel=RING).verdict == verdict


def test_an_engine_sets_out_and_people_come_in_along_one_way_streets(bare: ap.Estate) -> None:
    """The ring is open clockwise only: from kilometre 0 to 3 is 3 minutes, and back 9."""
    crew = {"kind": "on call", "needed": 1, "turn_in": ("k3:1",)}
    frame = ap.response_times(town(bare, crews_of(crew)), travel=ring("yes"))
    row = frame[(frame["demand_id"] == "k3") & (frame["time"] == "day")].iloc[0]
    assert (row["turn_in_min"], row["turnout_min"], row["drive_min"]) == pytest.approx((9, 1, 3))
    assert row["minutes"] == pytest.approx(13)


def test_the_factor_is_the_engines_alone(bare: ap.Estate) -> None:
    crew = {"kind": "on call", "needed": 1, "turn_in": ("k3:1",)}
    row = ap.response_times(town(bare, crews_of(crew)), travel=RING, engine_factor=0.5).query("demand_id == 'k6'")
    assert row["turn_in_min"].tolist() == pytest.approx([3, 3])
    assert row["drive_min"].tolist() == pytest.approx([3, 3])
    change = ap.response_change(town(bare), "fire", "fire:K1", travel=RING, engine_factor=0.5)
    assert "0.5 times a car's, as the caller set it" in change.note


def test_crews_of_parts_in_the_same_asset_move_with_the_whole(bare: ap.Estate) -> None:
    estate = town(bare, crews_of({"service_id": "engines"}))
    moved = ap.response_times(estate, moves={"fire": "fire:K6"}, travel=RING)
    assert minutes(moved)["k6"] == pytest.approx(1)
    with pytest.raises(ap.SubjectError, match="no fire crew"):
        ap.response_times(town(bare), moves={"engines": "fire:K6"}, travel=RING)


def test_a_point_can_be_a_host(bare: ap.Estate) -> None:
    there = ap.response_times(town(bare), moves={"fire": at(6)}, travel=RING)
    also = ap.response_times(town(bare), moves={"fire": "fire:K6"}, travel=RING)
    pd.testing.assert_frame_equal(there.drop(columns="station"), also.drop(columns="station"))


def test_of_two_crews_equally_soon_the_first_by_identifier_is_named(bare: ap.Estate) -> None:
    crews = crews_of({"crew_id": "b"}, outside("a", 6))
    frame = ap.response_times(town(bare, crews), travel=RING)
    assert minutes(frame, column="crew_id")["k3"] == "a"


def test_moving_a_station_where_it_is_changes_nothing(bare: ap.Estate) -> None:
    crews = crews_of(
        {}, {"crew_id": "oncall", "kind": "on call", "turn_in_min": 4.0}, {"crew_id": "bad", "turnout_min": -1.0}
    )
    for to in ("fire:K0", at(0)):
        change = ap.response_change(town(bare, crews, standards=standards_of({})), "fire", to, travel=RING)
        assert set(change.places["result"]) == {"same"}
        assert change.verdict == "holds"


# ------------------------------------------------------------------------------------------------------- on-call people


def test_a_night_crew_is_lost_where_those_needed_no_longer_live_near(bare: ap.Estate) -> None:
    night = {"crew_id": "night", "kind": "on call", "times": ("night",), "needed": 2, "turn_in": ("k0:2", "k10:1")}
    estate = town(bare, crews_of({"times": ("day",)}, night), standards=standards_of({"basis": "average", "value": 60}))
    change = ap.response_change(estate, "fire", "fire:K6", travel=RING)
    row = change.turn_in.iloc[0]
    assert change.turn_in.columns.tolist() == list(TURN_IN_COLUMNS)
    assert (row["named"], row["within_before"], row["within_after"], row["needed"]) == (3, 3, 1, 2)
    assert (row["turn_in_before_min"], row["turn_in_after_min"]) == pytest.approx((0, 6))
    assert change.verdict == "fails"
    assert "cover by night could end" in change.reasons[0].text
    assert "5 minutes: usual practice" in change.reasons[0].source
    assert ap.gate(estate, "fire", "fire:K6", travel=RING, on_call_min=6).verdict == "holds"
    rule = {"standard_id": "t", "measure": "on-call turn-in", "value": 6.0}
    told = replace(estate, standards=standards_of({"basis": "average", "value": 60}, rule))
    assert ap.gate(told, "fire", "fire:K6", travel=RING).verdict == "holds"


def test_how_people_would_come_in_elsewhere_is_not_known_where_no_homes_are_named(bare: ap.Estate) -> None:
    crew = {"kind": "on call", "turn_in_min": 4.0}
    estate = town(bare, crews_of(crew), standards=standards_of({"value": 60}))
    change = ap.response_change(estate, "fire", "fire:K6", travel=RING)
    assert change.verdict == "not known"
    assert minutes(change.places, column="before_min")["k3"] == pytest.approx(8)
    assert math.isnan(minutes(change.places, column="after_min")["k3"])
    assert "how its on-call people come in is not known" in change.places["why"].iloc[0]


@SLOW
@given(
    homes=st.lists(st.tuples(st.sampled_from(list(PEOPLE)), st.integers(1, 4)), min_size=1, max_size=5),
    needed=st.integers(1, 8),
    station=st.integers(0, 11),
)
def test_the_way_in_is_that_of_the_last_person_needed(
    bare: ap.Estate, homes: list[tuple[float, int]], needed: int, station: int
) -> None:
    crew = {"kind": "on call", "needed": needed, "turn_in": tuple(f"k{km:g}:{people}" for km, people in homes)}
    frame = ap.response_times(town(bare, crews_of(crew)), moves={"fire": f"fire:K{station}"}, travel=RING)
    ways = sorted(min((km - station) % 12, (station - km) % 12) for km, people in homes for _ in range(people))
    if len(ways) < needed:
        assert frame["minutes"].isna().all()
        assert {issue.code for issue in frame.attrs["issues"]} == {"too-few-on-call"}
        assert f"{needed} are needed" in frame["why"].iloc[0]
    else:
        assert frame["turn_in_min"].tolist() == pytest.approx([ways[needed - 1]] * len(frame))
    assert finite(frame)


# ------------------------------------------------------------------------------------------------------- a random town


def grid(rng: np.random.Generator, size: int = 4) -> tuple[nx.DiGraph, Travel]:
    """A grid of streets 500 m long, some one-way, each with its own speed."""
    graph = nx.DiGraph()
    rows = []
    for x in range(size):
        for y in range(size):
            for u, v in ((x + 1, y), (x, y + 1)):
                if u < size and v < size:
                    kph, way = float(rng.integers(20, 80)), rng.choice(["no", "no", "yes", "-1"])
                    cost = 0.5 / kph * 60
                    if way in {"no", "yes"}:
                        graph.add_edge((x, y), (u, v), minutes=cost)
                    if way in {"no", "-1"}:
                        graph.add_edge((u, v), (x, y), minutes=cost)
                    line = shapely.LineString([spot(x, y), spot(u, v)])
                    rows.append({"kind": "road", "speed_kph": kph, "one_way": way, "geometry": line})
    return graph, Travel.over(network_of(gpd.GeoDataFrame(rows, crs=27700)))


def spot(x: int, y: int) -> tuple[float, float]:
    return E0 + 500.0 * x, N0 + 500.0 * y


@SLOW
@given(seed=st.integers(0, 10_000))
def test_first_crews_agree_with_networkx(bare: ap.Estate, seed: int) -> None:
    """Minutes of every crew one by one, from networkx; slower turnout and fewer crews never make the first crew sooner."""
    rng = np.random.default_rng(seed)
    graph, travel = grid(rng)
    nodes = [tuple(map(int, node)) for node in rng.permutation([(x, y) for x in range(4) for y in range(4)])]
    demand = gpd.GeoDataFrame(
        {"demand_id": [f"d{i}" for i in range(6)], "name": "a place", "population": 10.0, "source": "test"},
        geometry=[shapely.Point(*spot(*node)) for node in nodes[:6]],
        crs=27700,
    )
    rows = []
    for i in range(int(rng.integers(1, 5))):
        east, north = spot(*nodes[8 + i])
        homes = tuple(f"d{int(home)}:{int(rng.integers(1, 3))}" for home in rng.permutation(6)[:2])
        rows.append({
            **outside(f"c{i}", 0), "easting": east, "northing": north, "kind": str(rng.choice(["on call", "on station"])),
            "times": (("day",), ("night",), ())[int(rng.integers(3))], "turnout_min": float(rng.integers(1, 5)),
            "needed": int(rng.integers(1, 5)), "turn_in": homes,
        })  # fmt: skip
    estate = town(bare, crews_of(*rows), demand)

    def way(a: Any, b: Any) -> float:
        try:
            return float(nx.dijkstra_path_length(graph, a, b, weight="minutes"))
        except nx.NetworkXNoPath:
            return math.inf

    def total(i: int, place: int, unknown: float) -> float:
        """The minutes of a crew, ways that are not known taken to be `unknown`."""
        row, station = rows[i], nodes[8 + i]
        parts = [way(station, nodes[place])]
        if row["kind"] == "on call":
            people = [
                way(nodes[int(said[1])], station) for said in row["turn_in"] for _ in range(int(said.split(":")[1]))
            ]
            people = [
                unknown if math.isinf(person) else person
                for person in [*people, *[math.inf] * (row["needed"] - len(people))]
            ]
            parts.append(sorted(people)[row["needed"] - 1])
        return sum(unknown if math.isinf(part) else part for part in parts) + float(row["turnout_min"])

    frame = ap.response_times(estate, travel=travel)
    for time in ("day", "night"):
        for place in range(6):
            row = frame[(frame["demand_id"] == f"d{place}") & (frame["time"] == time)].iloc[0]
            answering = [i for i in range(len(rows)) if time in rows[i]["times"] or not rows[i]["times"]]
            most, least = (
                min((total(i, place, unknown) for i in answering), default=unknown) for unknown in (math.inf, 0.0)
            )
            assert row["at_most_min"] == pytest.approx(math.nan if math.isinf(most) else most, nan_ok=True)
            assert row["at_least_min"] == pytest.approx(least if answering else math.nan, nan_ok=True)
            known = math.isfinite(most) and least >= most - 1e-9
            assert row["minutes"] == pytest.approx(most if known else math.nan, nan_ok=True)
            assert (row["why"] is None) == known
    slower = ap.response_times(
        town(bare, crews_of(*({**row, "turnout_min": row["turnout_min"] + 1.5} for row in rows)), demand), travel=travel
    )
    fewer = ap.response_times(town(bare, crews_of(*rows[1:]), demand), travel=travel)
    for later in (slower, fewer):
        for column in ("at_least_min", "at_most_min"):
            both = frame[column].notna() & later[column].notna()
            assert (later[column][both] >= frame[column][both] - 1e-9).all()
        assert not (frame["at_most_min"].isna() & later["at_most_min"].notna()).any()
    assert frame.columns.tolist() == list(TIMES_COLUMNS)
    assert finite(frame)
    assert finite(slower)
    assert finite(fewer)


# ------------------------------------------------------------------------------------------------------- not known


@pytest.mark.parametrize(
    ("crew", "why", "code"),
    [
        ({"turnout_min": -1.0}, "turnout is not known", "out-of-range"),
        ({"kind": "on call"}, "how its on-call people come in is not known", ""),
        ({"kind": "on call", "turn_in_min": -2.0}, "come in is not known", "out-of-range"),
        ({"kind": "on call", "turn_in": ("k0:3",)}, "how many people it needs is not known", "needed-not-known"),
        ({"kind": "on call", "turn_in": ("k0:3",), "needed": 2.5}, "how many people it needs", "out-of-range"),
        ({"kind": "on call", "turn_in": ("k0:3",), "needed": 1e9}, "how many people it needs", "out-of-range"),
        ({"kind": "on call", "turn_in": ("k0:999999999",), "needed": 1}, "come in is not known", "out-of-range"),
        ({"kind": "on call", "turn_in": ("k0:3",), "needed": 4}, "homes of three on-call people are named, and 4", "too-few-on-call"),
        ({"service_id": "lost"}, "no way by road", "station-not-placed"),
        ({"service_id": None}, "no way by road", ""),
        ({"service_id": None, "easting": 100.0, "northing": 100.0}, "no way by road", "in-the-sea"),
    ],
)  # fmt: skip
def test_what_is_not_known_stays_so(bare: ap.Estate, crew: dict[str, Any], why: str, code: str) -> None:
    estate = town(bare, crews_of(crew), standards=standards_of({}))
    frame = ap.response_times(estate, travel=RING)
    assert frame["minutes"].isna().all()
    assert frame["at_most_min"].isna().all()
    assert frame["why"].str.contains(why).all()
    assert not code or code in {issue.code for issue in frame.attrs["issues"]}
    assert finite(frame)
    if crew.get("service_id", "fire") == "fire":
        change = ap.response_change(estate, "fire", "fire:K6", travel=RING)
        assert change.verdict == "not known"
        assert finite(change.places)
        assert finite(change.standards)
        assert change.unknowns
        assert all(reason.source for reason in change.reasons)
        told = in_sections(words.told(change))
        assert "is not known" in told
        assert "nan" not in told
        assert "inf" not in told.replace("information", "")


def test_a_crew_of_which_something_is_not_known_hides_only_places_it_could_be_first_at(bare: ap.Estate) -> None:
    crews = crews_of({}, outside("far", 6, turnout_min=-1.0))
    frame = ap.response_times(town(bare, crews), travel=RING)
    assert minutes(frame)["k0"] == pytest.approx(1)  # 6 minutes of drive alone from the other
    assert math.isnan(minutes(frame)["k6"])
    assert minutes(frame, column="at_most_min")["k6"] == pytest.approx(7)
    assert minutes(frame, column="at_least_min")["k6"] == pytest.approx(0)
    assert minutes(frame, column="why")["k6"] == "far: its turnout is not known"


def test_a_place_in_the_sea_or_off_the_roads_is_told_and_leaves_the_average_open(bare: ap.Estate) -> None:
    demand = demand_of(PEOPLE)
    demand.loc[3, "geometry"] = None
    demand.loc[2, "geometry"] = shapely.Point(E0 + 40_000, N0)
    estate = town(bare, demand=demand, standards=standards_of({"basis": "average", "value": 4.0}))
    frame = ap.response_times(estate, travel=RING)
    assert minutes(frame, column="why")["k10"] == "where the place is is not known"
    assert minutes(frame, column="why")["k6"] == "no way by road is known to the place from any station"
    assert {"point-without-place", "point-off-network"} <= {issue.code for issue in frame.attrs["issues"]}
    change = ap.response_change(estate, "fire", "fire:K11", travel=RING)
    assert change.verdict == "not known"
    assert "over 110 of 200 people" in change.reasons[0].text
    row = change.standards.iloc[0]
    assert (row["people"], row["people_in_all"]) == (110, 200)
    assert row["before_min"] == pytest.approx((10 * 1 + 100 * 4) / 110)
    low = replace(estate, standards=standards_of({"basis": "average", "value": 2.1}))
    assert ap.response_change(low, "fire", "fire:K11", travel=RING).standards["met_after"].tolist() == [False, False]


def test_nobody_knowing_how_many_live_there_leaves_the_average_between(bare: ap.Estate) -> None:
    """Without kilometre 6 the average is 3.53 now; its own 7 minutes may count for anything from nothing to all."""
    demand = demand_of({**PEOPLE, 6: None})
    for value, met in ((3.5, False), (4.0, None), (7.0, True)):
        estate = town(bare, demand=demand, standards=standards_of({"basis": "average", "value": value}))
        change = ap.response_change(estate, "fire", "fire:K0", travel=RING)
        assert change.standards["met_before"].tolist() == [met, met]
    assert "How many people live in Village 6 is not known." in change.unknowns


def test_a_time_at_which_no_crew_answers_is_not_known(bare: ap.Estate) -> None:
    estate = town(bare, crews_of({"times": ("day",)}), standards=standards_of({"value": 60}))
    frame = ap.response_times(estate, travel=RING)
    assert set(minutes(frame, "night", "why").values()) == {"no crew is known to answer by night"}
    change = ap.response_change(estate, "fire", "fire:K1", travel=RING)
    assert change.verdict == "not known"
    assert "No crew of Ring station is known to answer by night." in change.unknowns


def test_without_a_standard_only_a_move_that_makes_nobody_wait_longer_holds(bare: ap.Estate) -> None:
    crews = crews_of({}, outside("other", 0))
    assert ap.gate(town(bare, crews), "fire", "fire:K6", travel=RING).verdict == "holds"
    found = ap.gate(town(bare), "fire", "fire:K6", travel=RING)
    assert (found.verdict, found.hard) == ("not known", True)
    assert "No standard for the first fire engine is given" in found.reasons[0]


def test_standards_that_cannot_be_used_are_told_and_others_of_other_bodies_are_not_ours(bare: ap.Estate) -> None:
    standards = standards_of(
        {"standard_id": "a", "unit": "hours"},
        {"standard_id": "b", "organisation": "other", "value": 1.0},
        {"standard_id": "c", "basis": "comparison", "value": 1.0},
        {"standard_id": "d", "basis": "median", "value": 60.0, "organisation": None},
        {"standard_id": "e", "measure": "m2 per FTE", "unit": "m2"},
    )
    change = ap.response_change(town(bare, standards=standards), "fire", "fire:K6", travel=RING)
    assert change.standards["standard_id"].unique().tolist() == ["d"]
    assert [(issue.row, issue.code) for issue in change.issues] == [("a", "not-in-minutes"), ("d", "unknown-word")]


def test_a_host_or_station_without_a_place_is_not_known(bare: ap.Estate) -> None:
    estate = town(bare, standards=standards_of({"value": 60}))
    change = ap.response_change(estate, "fire", "fire:LOST", travel=RING)
    assert change.verdict == "not known"
    assert "Where No place lies is not known." in change.unknowns
    far = ap.response_change(estate, "fire", (E0 + 50_000, N0), travel=RING)
    assert far.verdict == "not known"
    assert "No way by road is known" in far.reasons[0].text
    none = ap.response_change(estate, "bare", "fire:K1", travel=RING)
    assert none.verdict == "not known"
    assert "No fire crew is known here" in none.reasons[0].text


def test_nothing_in_gives_nothing_out(bare: ap.Estate) -> None:
    empty = town(bare, crews_of(), demand_of({}))
    frame = ap.response_times(empty, travel=RING)
    assert frame.empty
    assert frame.columns.tolist() == list(TIMES_COLUMNS)
    change = ap.response_change(empty, "fire", "fire:K1", travel=RING)
    assert change.places.empty
    assert change.verdict == "not known"
    assert ap.minutes_by_place(change).empty
    assert in_sections(words.told(change))
    no_places = ap.response_change(
        town(bare, demand=demand_of({}), standards=standards_of({"basis": "average"})), "fire", "fire:K1", travel=RING
    )
    assert no_places.places.empty
    assert no_places.verdict == "not known"


def test_what_cannot_be_asked_is_refused(bare: ap.Estate) -> None:
    estate = town(bare)
    with pytest.raises(ap.SubjectError, match=r"No service is called 'fir'\. Did you mean fire"):
        ap.gate(estate, "fir", "fire:K1", travel=RING)
    with pytest.raises(ap.SubjectError, match="No asset or parcel is called 'fire:K99'"):
        ap.gate(estate, "fire", "fire:K99", travel=RING)
    with pytest.raises(ap.SubjectError, match="gives no emergency response"):
        ap.gate(estate, "library", "fire:K1", travel=RING)
    with pytest.raises(ValueError, match="response: 'flood'"):
        ap.response_times(estate, "flood", travel=RING)
    for factor in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="engine_factor"):
            ap.response_times(estate, travel=RING, engine_factor=factor)
    with pytest.raises(ValueError, match="on_call_min"):
        ap.gate(estate, "fire", "fire:K1", travel=RING, on_call_min=-1)
    with pytest.raises(ValueError, match="no place on land"):
        ap.gate(estate, "fire", (0.0, 0.0), travel=RING)


# ------------------------------------------------------------------------------------------------------- soft gates and words


@pytest.mark.parametrize(("service", "asked"), [("amb", "standby point"), ("pol", "areas are patrolled")])
def test_ambulance_and_police_are_asked_about_however_far_they_move(bare: ap.Estate, service: str, asked: str) -> None:
    kind = {"amb": "ambulance", "pol": "police"}[service]
    standard = {
        "measure": f"first {'ambulance' if service == 'amb' else 'police car'}",
        "organisation": None,
        "value": 0.5,
    }
    estate = town(bare, crews_of({"service_id": service, "response": kind}), standards=standards_of(standard))
    change = ap.response_change(estate, service, "fire:K6", travel=RING)
    assert (change.verdict, change.rule.hard) == ("to be asked", False)
    assert any(asked in reason.text for reason in change.reasons)
    assert len(change.lost)
    assert len(change.standards)
    told = in_sections(words.told(change))
    assert "for information" in told
    assert "does not pass" not in told
    assert "decide" in change.decides


def test_words_name_who_is_later_and_who_decides(bare: ap.Estate) -> None:
    names = {3: "Upper <b>Ring</b>\u202e"}
    estate = town(bare, demand=demand_of(PEOPLE, names), standards=standards_of({}))
    change = ap.response_change(estate, "fire", "fire:K11", travel=RING)
    told = in_sections(words.told(change))
    assert "does not pass the gate for fire response" in told
    assert "By day two places with 110 people are later" in told
    assert "4.0 to 5.0 min (+1.0)" in told
    assert "Fire decides, after consultation" in told
    assert "\u202e" not in told
    assert "Upper <b>Ring</b>[U+202E]" in told
    assert words.cover_in_words(change, "k6") == (
        "Fire cover to Village 6: by day about 1.0 min sooner, 7.0 to 6.0; by night about 1.0 min sooner, 7.0 to 6.0."
    )
    places, standards = words.tables(change)
    assert [len(row) for row in places["rows"]] == [len(places["columns"])] * 4
    assert standards["rows"][0] == ["limit of 4.5 min", "day", "7.0", "6.0", "no", "no"]
    layer = ap.minutes_by_place(change)
    assert layer.crs.to_epsg() == 27700
    assert layer.geometry.iloc[0].equals(shapely.Point(*at(0)))


# ------------------------------------------------------------------------------------------------------- Malton


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def edge(malton: ap.Estate) -> ap.ResponseChange:
    return ap.response_change(malton.for_audience("rdc"), "fire-malton", "MAL-13")


def test_fire_from_the_edge_of_malton_gains_in_the_north_and_east_and_loses_in_the_towns(
    edge: ap.ResponseChange,
) -> None:
    def named(part: pd.DataFrame, time: str) -> set[str]:
        return set(part["demand_id"][part["time"] == time])

    towns = {"malton-west", "malton-centre", "malton-north", "norton-centre", "norton-south", "norton-west"}
    west = {"broughton", "swinton", "amotherby", "barton", "slingsby", "hovingham"}
    assert named(edge.lost, "day") == towns | west | {"langton", "birdsall"}
    assert named(edge.gained, "day") == {
        "old-malton", "ryton", "kirby-misperton", "rillington", "scagglethorpe", "settrington", "huttons-ambo", "welburn",
    }  # fmt: skip
    assert named(edge.gained, "night") == {"ryton", "kirby-misperton"}
    assert named(edge.lost, "night") >= towns | west | {"norton-east", "rillington", "old-malton"}
    kirby = edge.places.query("demand_id == 'kirby-misperton' and time == 'day'").iloc[0]
    assert (kirby["crew_before"], kirby["crew_after"]) == ("pickering", "malton-day")
    assert (kirby["kind_before"], kirby["kind_after"]) == ("on call", "on station")


def test_from_the_edge_of_malton_the_night_average_to_dwellings_would_not_be_met(edge: ap.ResponseChange) -> None:
    assert edge.verdict == "fails"
    assert [reason.text[:34] for reason in edge.reasons if "not after" in reason.text] == [
        "The average to dwellings by night:"
    ]
    assert "to be confirmed" in edge.reasons[0].source
    row = edge.turn_in.iloc[0]
    assert (row["within_before"], row["within_after"], row["needed"]) == (10, 8, 4)
    told = in_sections(words.told(edge))
    assert "Norton, Welham Road" in told
    assert "CRMP" in told
    assert "NFPA" not in told


def test_the_river_at_malton_is_crossed_by_its_bridges_alone(malton: ap.Estate) -> None:
    """Without the two bridges of the towns an engine for Norton goes round by the bypass, from the edge site to its east as before."""
    lines = gpd.read_file(MALTON / "network.geojson").to_crs(27700)
    estate = malton.for_audience("rdc")
    whole, cut = (Travel.over(network_of(part)) for part in (lines, lines[lines["kind"] != "bridge"]))
    now, then = (minutes(ap.response_times(estate, travel=travel)) for travel in (whole, cut))
    for place in ("malton-centre", "malton-west", "old-malton", "broughton"):
        assert then[place] == pytest.approx(now[place])
    for place in ("norton-centre", "norton-west", "norton-south"):
        assert then[place] > now[place] + 5
    now, then = (
        minutes(ap.response_change(estate, "fire-malton", "MAL-13", travel=travel).places, column="after_min")
        for travel in (whole, cut)
    )
    assert then["norton-east"] == pytest.approx(now["norton-east"])


def test_the_public_is_not_told_of_the_edge_of_malton(malton: ap.Estate) -> None:
    public = malton.for_audience("public")
    with pytest.raises(ap.SubjectError) as error:
        ap.response_change(public, "fire-malton", "MAL-13")
    assert "Eden" not in str(error.value)
    assert "A169" not in str(error.value)
    change = ap.response_change(public, "fire-malton", "rdc:A0001")
    assert "No crew of Malton fire station is known to answer by night." in change.unknowns
    assert any("No crew that moves is known to answer by night" in reason.text for reason in change.reasons)
    assert "malton-night" not in in_sections(words.told(change))


def test_an_ambulance_move_is_asked_of_the_trust(malton: ap.Estate) -> None:
    told = in_sections(words.told(ap.response_change(malton.for_audience("rdc"), "nhs-ambulance", "MAL-13")))
    assert "To be asked of Yorkshire Ambulance Service NHS Trust: Is a standby point in the town kept" in told


def test_gates_of_many_hosts_are_those_of_each(malton: ap.Estate) -> None:
    estate = malton.for_audience("rdc")
    hosts = [*estate.assets.index, *estate.land.index]
    found = ap.gates(estate, "fire-malton", hosts)
    assert list(found) == hosts
    for host in hosts[::7]:
        change = ap.response_change(estate, "fire-malton", host)
        assert found[host].verdict == change.verdict
        assert found[host].reasons == tuple(reason.text for reason in change.reasons)
        if host != "fire:MAL/1":
            times = ap.response_times(estate, moves={"fire-malton": host})
            assert times["minutes"].tolist() == pytest.approx(change.places["after_min"].tolist(), nan_ok=True)


@pytest.mark.parametrize("basis", ["straight line", "matrix"])
def test_times_may_rest_on_straight_lines_or_on_a_matrix(bare: ap.Estate, tmp_path: Path, basis: str) -> None:
    """A matrix knows a station in the estate by its asset, and one outside by its crew."""
    file = tmp_path / "times.csv"
    rows = [("fire:K0", "k3", 3), ("fire:K6", "k3", 2), ("out", "k3", 9), ("k3", "fire:K0", 4)]
    file.write_text("origin,destination,minutes\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows), encoding="utf-8")
    travel = Travel.by(ap.read_matrix(file)) if basis == "matrix" else Travel.straight("car", detour=1.0, kph=60)
    crews = crews_of({}, outside("out", 9, turnout_min=9.0))
    change = ap.response_change(town(bare, crews), "fire", "fire:K6", travel=travel)
    before, after = (minutes(change.places, column=name)["k3"] for name in ("before_min", "after_min"))
    assert (before, after) == pytest.approx((4, 3) if basis == "matrix" else (4, 4))
    assert math.isnan(minutes(change.places, column="before_min")["k6"]) == (basis == "matrix")
    assert travel.note in change.note

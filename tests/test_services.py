"""Tables of services, room, affinities, crews, demand, areas and standards: what fits together, and what is told when it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import assetplan as ap
from assetplan.services import turn_in_of

if TYPE_CHECKING:
    from pathlib import Path

REGISTER = "Ref,Name,Easting,Northing,Use\nR1,Town Hall,450000,450000,Offices\nR2,Depot,450300,450000,Depot\n"
TOML = 'name = "Testham"\n[organisations.a]\nname = "Body A"\n[registers."a.csv"]\norganisation = "a"\n'


def folder(path: Path, **tables: str) -> Path:
    (path / "registers").mkdir(parents=True)
    (path / "registers" / "a.csv").write_text(REGISTER, encoding="utf-8")
    (path / "estate.toml").write_text(TOML, encoding="utf-8")
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def told(estate: ap.Estate, file: str) -> dict[tuple[str, str], pd.Series]:
    issues = estate.issues[estate.issues["file"] == file]
    return {(row["row"], row["code"]): row for _, row in issues.iterrows()}


def test_a_service_that_is_nowhere_is_kept_and_told(tmp_path: Path) -> None:
    rows = "s1,a,Front desk,front desk,,4,2\ns2,a,Store,store,a:R9,3,1\ns3,a,Library,library,a:R1,5,2\n"
    estate = ap.read_estate(
        folder(tmp_path, services=f"service_id,organisation,name,function,asset_id,fte,peak_desks\n{rows}")
    )
    assert list(estate.services["service_id"]) == ["s1", "s2", "s3"]
    assert [asset if isinstance(asset, str) else None for asset in estate.services["asset_id"]] == [None, None, "a:R1"]
    said = told(estate, "services.csv")
    assert set(said) == {("s1", "service-in-no-asset"), ("s2", "unknown-subject")}
    assert said["s2", "unknown-subject"]["value"] == "a:R9"
    assert "Correct the asset" in said["s2", "unknown-subject"]["action"]


def test_a_negative_figure_sets_its_row_aside_and_what_is_to_be_confirmed_is_not_known(tmp_path: Path) -> None:
    estate = ap.read_estate(
        folder(
            tmp_path,
            services="service_id,organisation,name,function,asset_id,fte,peak_desks\ns1,a,Desk,desk,a:R1,-4,2\ns2,a,Store,store,a:R1,TBC,0\n",
            capacity="capacity_id,subject,space,available\nc1,a:R1,office,TBC\nc2,a:R1,desks,-2\nc3,a:R2,attic,4\nc4,a:R7,desks,4\n",
        )
    )
    assert list(estate.services["service_id"]) == ["s2"]
    assert estate.services["fte"].isna().all()
    assert estate.services["peak_desks"].tolist() == [0.0]
    said = told(estate, "services.csv")
    assert said["s1", "negative"]["action"].startswith("Row set aside")
    assert said["s2", "not-known-yet"]["value"] == "TBC"
    room = told(estate, "capacity.csv")
    assert {("c1", "not-known-yet"), ("c2", "negative"), ("c4", "unknown-subject")} <= set(room)
    assert any(row == "c3" for row, _ in room)
    assert set(estate.quarantined["row"]) == {"s1", "c2", "c3"}
    assert estate.capacity["available"].isna().tolist() == [True, False]


def test_parts_are_where_the_whole_is_and_no_service_is_a_part_of_itself(tmp_path: Path) -> None:
    rows = (
        "hq,a,Headquarters,headquarters,,a:R1,10\ndesk,a,Desk,desk,hq,,4\ninner,a,Inner desk,desk,desk,,2\n"
        "vans,a,Vans,vans,hq,a:R2,9\nround,a,Round,desk,about,,1\nabout,a,About,desk,round,a:R2,1\nlost,a,Lost,desk,nothing,a:R2,1\n"
    )
    estate = ap.read_estate(
        folder(tmp_path, services=f"service_id,organisation,name,function,part_of,asset_id,fte\n{rows}")
    )
    place = dict(zip(estate.services["service_id"], estate.services["asset_id"], strict=True))
    assert (place["desk"], place["inner"], place["vans"]) == ("a:R1", "a:R1", "a:R2")
    whole = dict(zip(estate.services["service_id"], estate.services["part_of"], strict=True))
    assert (whole["round"], whole["about"], whole["lost"], whole["inner"]) == (None, None, None, "desk")
    said = told(estate, "services.csv")
    assert {("round", "part-of-itself"), ("about", "part-of-itself"), ("lost", "unknown-service")} <= set(said)
    assert said["hq", "parts-exceed-whole"]["message"] == "its parts together have 13"


def test_room_said_twice_is_the_smallest_and_what_is_known_stands_beside_what_is_not(tmp_path: Path) -> None:
    rows = (
        "c1,a:R1,office,,40,\nc2,a:R1,office,,50,\nc3,a:R1,desks,,6,\nc4,a:R1,desks,,,12\nc5,a:R1,desks,evening,20,10\n"
    )
    estate = ap.read_estate(folder(tmp_path, capacity=f"capacity_id,subject,space,hours,available,after_works\n{rows}"))
    frame = estate.capacity.set_index("capacity_id")
    assert frame.at["c1; c2", "available"] == 40.0
    assert (frame.at["c3; c4", "available"], frame.at["c3; c4", "after_works"]) == (6.0, 12.0)
    said = told(estate, "capacity.csv")
    assert said["c1; c2", "capacity-said-twice"]["value"] == "40; 50"
    assert ("c5", "less-after-works") in said


def test_a_demand_point_in_the_sea_keeps_its_people_and_has_no_place(tmp_path: Path) -> None:
    rows = "d1,Wet,600000,480000,200,10,3\nd2,Dry,450000,450000,200,900,11\nd3,Degrees,-1.24,53.94,,,\nd4,Swapped,53.94,-1.24,20,,\n"
    estate = ap.read_estate(
        folder(tmp_path, demand=f"demand_id,name,easting,northing,population,over_65,imd_decile\n{rows}")
    )
    frame = estate.demand.set_index("demand_id")
    assert frame.geometry.isna().tolist() == [True, False, False, False]
    assert frame.at["d1", "population"] == 200.0
    assert pd.isna(frame.at["d2", "over_65"])
    assert pd.isna(frame.at["d2", "imd_decile"])
    assert frame.geometry["d3"].distance(frame.geometry["d4"]) < 0.1
    assert 449_000 < frame.geometry["d3"].x < 451_000
    said = told(estate, "demand.csv")
    assert {
        ("d1", "in-the-sea"),
        ("d2", "more-than-all"),
        ("d2", "out-of-range"),
        ("d3", "not-known"),
        ("", "degrees"),
    } <= set(said)


def test_crews_name_stations_and_places_that_there_are(tmp_path: Path) -> None:
    crews = (
        "c1,fire,fs,,,,on call,1.5,d1:3; d9:2\nc2,fire,nothing,,,,on station,1.5,\nc3,fire,,Next door,460000,450000,on station,1.5,\n"
        "c4,fire,fs,,,,on call,1.5,\nc5,fire,fs,,,,on station,-1,\n"
    )
    estate = ap.read_estate(
        folder(
            tmp_path,
            services="service_id,organisation,name,function,asset_id,fte,peak_desks\nfs,a,Fire station,fire station,a:R1,4,1\n",
            demand="demand_id,name,easting,northing,population\nd1,Village,450100,450100,20\n",
            crews=f"crew_id,response,service_id,station,easting,northing,kind,turnout_min,turn_in\n{crews}",
        )
    )
    frame = estate.crews.set_index("crew_id")
    assert frame.at["c1", "turn_in"] == ("d1:3",)
    assert "c5" not in frame.index
    said = told(estate, "crews.csv")
    assert {("c1", "unknown-place"), ("c2", "unknown-service"), ("c4", "turn-in-not-known"), ("c5", "negative")} <= set(
        said
    )
    assert ("c3", "crew-without-place") not in said


@pytest.mark.parametrize(
    ("said", "meant"),
    [("a:4", ("a", 4)), ("a", ("a", 1)), ("x:y:2", ("x:y", 2)), (":3", (":3", 1)), ("a:-1", ("a:-1", 1))],
)
def test_how_many_people_come_in_from_a_place(said: str, meant: tuple[str, int]) -> None:
    assert turn_in_of(said) == meant


def test_affinities_are_weighed_from_one_to_three_and_a_typing_error_is_guessed_at(tmp_path: Path) -> None:
    estate = ap.read_estate(
        folder(
            tmp_path,
            services="service_id,organisation,name,function,asset_id\ns,a,Library,library,a:R1\n",
            affinities="affinity_id,function_a,function_b,effect,strength,reason\nx,library,libary,affinity,2,they meet\ny,library,gym,conflict,7,noise\n",
        )
    )
    assert list(estate.affinities["affinity_id"]) == ["x"]
    said = told(estate, "affinities.csv")
    assert "did you mean library?" in said["x", "no-such-function"]["message"]
    assert ("y", "out-of-range") in said
    assert estate.quarantined["row"].tolist() == ["y"]


def test_hours_of_which_no_word_is_known_are_not_all_hours(tmp_path: Path) -> None:
    rows = "c1,a:R1,desks,noon,4\nc2,a:R1,office,noon;evening,40\nc3,a:R2,desks,,2\n"
    estate = ap.read_estate(folder(tmp_path, capacity=f"capacity_id,subject,space,hours,available\n{rows}"))
    assert estate.capacity.set_index("capacity_id")["hours"].to_dict() == {"c2": ("evening",), "c3": ()}
    assert estate.quarantined["row"].tolist() == ["c1"]


def test_malton_says_where_every_service_is() -> None:
    estate = ap.read_estate("data/malton")
    assert estate.services["asset_id"].isin(estate.assets.index).all()
    assert set(estate.crews["service_id"].dropna()) <= set(estate.services["service_id"])
    people = estate.demand.set_index("demand_id")["population"]
    assert people[["malton-west", "malton-centre", "malton-north", "old-malton"]].sum() == 5_000
    assert people[[place for place in people.index if place.startswith("norton")]].sum() == 7_400
    codes = set(
        estate.issues[estate.issues["file"].isin(["services.csv", "demand.csv", "crews.csv", "areas.geojson"])]["code"]
    )
    assert not codes
    public = estate.for_audience("public")
    assert "police-response" not in set(public.services["service_id"])
    assert public.capacity.empty
    assert not set(public.issues["code"]) & {
        "unknown-service",
        "unknown-subject",
        "service-in-no-asset",
        "no-such-function",
    }

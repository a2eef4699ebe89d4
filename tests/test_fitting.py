"""Suitability: each criterion by hand, and Malton read as a sceptic would. What room is, is tested by itself."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import shared
from commands import run
from random_estates import READERS, random_folder

import assetplan as ap
from assetplan import schema
from assetplan.fitting_words import NOT_RELEASED, tables, told
from assetplan.hosts import verdicts
from assetplan.hosts.clauses import years_between
from assetplan.hosts.fitting import PAIR_VERDICTS
from assetplan.hosts.rooms import room_criteria
from assetplan.hosts.verdicts import AFTER_WORKS, ARGUABLE, BLOCKED, CLASSES, FITS, GAP, NOT_ASKED, SHORT_NOW, UNKNOWN
from assetplan.space.needs import KINDS
from assetplan.vocabulary import SPACES

HQ, COMMUNITY, LIBRARY, EDGE, STATION = "rdc:A0001", "rdc:A0007", "nycc:NY/0431", "MAL-13", "police:NYP-0117"
SETTINGS = """
name = "Fitton"
as_of = 2020-01-01
[release]
options = ["a", "b"]
[organisations.a]
name = "Alder District Council"
sector = "district"
commitment = "committed"
[organisations.b]
name = "Birch Police"
sector = "police"
commitment = "committed"
[organisations.c]
name = "Cedar Health"
sector = "nhs"
commitment = "pending"
[registers."a.csv"]
organisation = "a"
[registers."b.csv"]
organisation = "b"
"""
REGISTER = """Reference,Property name,Easting,Northing,Tenure,Status,Use
1,Town Hall,450000,450000,Freehold,Operational,Offices
2,Annexe,450050,450000,Freehold,Operational,Offices
3,Let rooms,452000,450000,Leasehold,Operational,Offices
4,Far store,490000,450000,Freehold,Operational,Store
5,Hill School,450100,450000,Freehold,Operational,Primary school
6,Hill car park,450200,450000,Freehold,Operational,Car park
7,Sold depot,450300,450000,Freehold,Disposed,Depot
8,Oak House,450400,450000,Freehold,Operational,Care home
9,High Meadow,450500,450000,Freehold,Operational,Recreation ground
"""
POLICE = "Reference,Property name,Easting,Northing,Tenure,Use\n1,Birch station,451000,450000,Freehold,Police station\n"
COVENANTS = (
    "constraint_id,kind,name,state,subject,permitted_uses,detail,source\n"
    "own,covenant,Council covenant,yes,a:1,local government,,deed\n"
    "unread,covenant,Other covenants,unknown,a:1,,,nobody\n"
    "market,covenant,Market covenant,yes,a:2,market,,deed\n"
)


def folder_at(place: Path, *, constraints: str = "") -> Path:
    (place / "registers").mkdir(parents=True)
    (place / "estate.toml").write_text(SETTINGS, encoding="utf-8")
    (place / "registers" / "a.csv").write_text(REGISTER, encoding="utf-8")
    (place / "registers" / "b.csv").write_text(POLICE, encoding="utf-8")
    if constraints:
        features = []
        heads, *rows = [line.split(",") for line in constraints.splitlines()]
        for row in rows:
            features.append({"type": "Feature", "properties": dict(zip(heads, row, strict=True)), "geometry": None})
        (place / "constraints.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
        )
    return place


@pytest.fixture(scope="module")
def fitton(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    return ap.read_estate(folder_at(tmp_path_factory.mktemp("fitton") / "estate"))


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    return ap.read_estate(folder_at(tmp_path_factory.mktemp("bound") / "estate", constraints=COVENANTS))


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def found(malton: ap.Estate) -> ap.Suitability:
    return ap.suitability(malton)


def frame(table: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """Rows of a table of the folder, typed as reading leaves them."""
    columns = {name: column for name, column in schema.table(table).items() if name != "audience"}
    empty = {name: () if column.kind == "list" else None for name, column in columns.items()}
    return pd.DataFrame([{**empty, **row} for row in rows], columns=list(columns), dtype=object)


def service(key: str = "s", **wants: Any) -> dict[str, Any]:
    plain = {
        "service_id": key,
        "organisation": "b",
        "name": key,
        "function": "team",
        "asset_id": "b:1",
        "peak_desks": 0.0,
        "hours": ("office",),
    }
    return {**plain, "area_basis": "NIA", "source": "asked", **wants}


def room(subject: str, space: str, available: float | None, after: float | None = None, **more: Any) -> dict[str, Any]:
    plain = {
        "capacity_id": f"{subject} {space}",
        "subject": subject,
        "space": space,
        "available": available,
        "after_works": after,
    }
    return {**plain, "area_basis": "NIA" if space in SPACES else None, "source": "stated", **more}


def given_in(estate: ap.Estate, *services: dict[str, Any], **tables_: Any) -> ap.Estate:
    made = {name: frame(name, *rows) for name, rows in tables_.items()}
    return replace(estate, services=frame("services", *services), **made)


def code(estate: ap.Estate, name: str, host: str = "a:1", key: str = "s", **more: Any) -> int:
    pairs = ap.suitability(estate, **more).pairs.set_index(["service_id", "host"])
    return int(pairs.loc[(key, host), name])


def stating(estate: ap.Estate, host: str = "a:1", **facts: Any) -> ap.Estate:
    assets = estate.assets.copy()
    for name, value in facts.items():
        assets[name] = assets[name].astype(object)
        assets.at[host, name] = value
    return replace(estate, assets=assets)


# ------------------------------------------------------------------------------------------------------- hosts


def test_what_is_no_host_is_left_out_with_the_reason(fitton: ap.Estate) -> None:
    found = ap.suitability(given_in(fitton, service()))
    why = dict(zip(found.left_out["host"], found.left_out["why"], strict=True))
    assert why == {
        "a:5": "a school",
        "a:6": "no building for a service, and no room is stated",
        "a:7": "disposed of",
        "a:8": "people live there in care",
        "a:9": "open space, a place of worship or a burial ground",
    }
    assert sorted(found.pairs["host"].astype(str)) == ["a:1", "a:2", "a:3", "b:1"]  # the far store is out of reach


def test_stated_room_makes_a_host_of_a_car_park_but_never_of_a_school(fitton: ap.Estate) -> None:
    capacity = [room("a:5", "office", 100.0), room("a:6", "office", 100.0)]
    found = ap.suitability(given_in(fitton, service(office_m2=50.0), capacity=capacity))
    assert "a:6" in set(found.pairs["host"])
    assert "a:5" not in set(found.pairs["host"])
    assert (
        found.left_out.set_index("host").loc["a:5", "why"]
        == "a school; capacity.csv states room for it, which is not used"
    )


def test_beyond_reach_only_a_host_whose_stated_room_would_do(fitton: ap.Estate) -> None:
    wants = service(office_m2=50.0)
    assert "a:4" not in set(
        ap.suitability(given_in(fitton, wants, capacity=[room("a:4", "office", 49.0)])).pairs["host"]
    )
    assert "a:4" in set(ap.suitability(given_in(fitton, wants, capacity=[room("a:4", "office", 50.0)])).pairs["host"])
    assert "a:4" in set(ap.suitability(given_in(fitton, wants), reach_km=50).pairs["host"])
    assert "a:4" not in set(
        ap.suitability(given_in(fitton, service(), capacity=[room("a:4", "office", 500.0)])).pairs["host"]
    )


def test_the_present_place_is_no_move_and_a_fixed_service_has_one_row(fitton: ap.Estate) -> None:
    found = ap.suitability(
        given_in(fitton, service("moves"), service("fixed", fixed=True, asset_id="a:5"), service("lost", asset_id=None))
    )
    rows = found.pairs.set_index(["service_id", "host"])
    assert rows.loc[("moves", "b:1"), "verdict"] == "here now"
    assert rows.loc[("moves", "b:1"), list(found.criteria)].eq(NOT_ASKED).all()
    assert rows.loc["fixed"]["verdict"].tolist() == ["stays"]
    assert "lost" not in set(found.pairs["service_id"])
    assert found.best_first("lost").empty


# ------------------------------------------------------------------------------------------------------- room


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], UNKNOWN),
        ([room("a:1", "office", 100.0)], FITS),
        ([room("a:1", "office", None)], UNKNOWN),
        ([room("a:1", "office", 60.0)], SHORT_NOW),
        ([room("a:1", "office", 60.0, 90.0)], BLOCKED),
        ([room("a:1", "office", 0.0, 100.0)], AFTER_WORKS),
        ([room("a:1", "office", None, 90.0)], BLOCKED),
        ([room("a:1", "office", 500.0, hours=("evening",))], UNKNOWN),
        ([room("a:1", "office", 120.0, area_basis="GIA")], UNKNOWN),
        ([room("a:1", "office", 150.0, area_basis="GIA")], FITS),
        ([room("a:1", "office", 120.0, area_basis=None)], UNKNOWN),
        ([room("a:1", "public", 500.0)], UNKNOWN),
        ([room("a:2", "office", 500.0)], UNKNOWN),
    ],
)
def test_room_for_a_hundred_square_metres_of_office_in_office_hours(
    fitton: ap.Estate, rows: list[dict[str, Any]], expected: int
) -> None:
    estate = given_in(fitton, service(office_m2=100.0), capacity=rows)
    assert code(estate, "office_room") == expected
    says = ap.suitability(estate).explain("s", "a:1").set_index("criterion").loc["office space"]
    assert says["verdict"] == verdicts.VERDICTS[expected]
    assert "asked" in says["source"]


def test_room_by_the_hour_may_be_made_up_of_rows_for_different_hours(fitton: ap.Estate) -> None:
    rows = [room("a:1", "meeting", 50.0, hours=("office",)), room("a:1", "meeting", 80.0, hours=("evening",))]
    estate = given_in(fitton, service(meeting_m2=50.0, hours=("office", "evening")), capacity=rows)
    assert code(estate, "meeting_room") == FITS
    assert (
        code(given_in(fitton, service(meeting_m2=60.0, hours=("office", "evening")), capacity=rows), "meeting_room")
        == SHORT_NOW
    )
    assert code(given_in(fitton, service(meeting_m2=60.0, hours=("evening",)), capacity=rows), "meeting_room") == FITS
    assert code(given_in(fitton, service(meeting_m2=60.0, hours=()), capacity=rows), "meeting_room") == UNKNOWN


def test_what_is_wanted_and_not_stated_is_not_known(fitton: ap.Estate) -> None:
    assert code(given_in(fitton, service(peak_desks=None, office_m2=10.0)), "desks") == UNKNOWN
    assert code(given_in(fitton, service(peak_desks=None)), "needs") == UNKNOWN
    assert code(given_in(fitton, service(peak_desks=0.0)), "needs") == NOT_ASKED
    assert code(given_in(fitton, service(peak_desks=2.0)), "needs") == UNKNOWN  # and how much floor space?
    assert code(given_in(fitton, service(peak_desks=2.0, office_m2=0.0)), "needs") == NOT_ASKED
    assert code(given_in(fitton, service(beds=35.0)), "needs") == UNKNOWN
    assert code(given_in(fitton, service(pupil_places=30.0)), "needs") == UNKNOWN


def test_an_area_of_no_stated_kind_is_neither_a_fit_nor_a_fault(fitton: ap.Estate) -> None:
    enough = [room("a:1", "office", 60.0), room("a:1", "meeting", 50.0), room("a:1", "yard", 900.0)]
    assert code(given_in(fitton, service(area_m2=110.0), capacity=enough), "area") == UNKNOWN
    assert code(given_in(fitton, service(area_m2=111.0), capacity=enough), "area") == UNKNOWN
    assert code(given_in(fitton, service(area_m2=110.0, office_m2=110.0), capacity=enough), "area") == NOT_ASKED


def test_places_are_counted_and_evenings_shared(fitton: ap.Estate) -> None:
    rows = [room("a:1", "desks", 5.0), room("a:1", "vehicle bays", 0.0, 2.0), room("a:1", "parking spaces", 3.0, 3.0)]
    estate = given_in(
        fitton, service(peak_desks=5.0, vehicle_bays=2.0, parking_spaces=4.0, counters=1.0), capacity=rows
    )
    assert [code(estate, name) for name in ("desks", "vehicle_bays", "parking_spaces", "counters")] == [
        FITS,
        AFTER_WORKS,
        BLOCKED,
        UNKNOWN,
    ]


# ------------------------------------------------------------------------------------------------------- premises


@pytest.mark.parametrize(
    ("name", "wants", "facts", "expected"),
    [
        ("ground_floor", {"ground_floor": True}, {"ground_floor": "yes"}, FITS),
        ("ground_floor", {"ground_floor": True}, {"ground_floor": "no"}, BLOCKED),
        ("ground_floor", {"ground_floor": True}, {}, UNKNOWN),
        ("ground_floor", {"ground_floor": True}, {"ground_floor": "unknown"}, UNKNOWN),
        ("ground_floor", {}, {"ground_floor": "no"}, NOT_ASKED),
        ("town_centre", {"town_centre": True}, {"town_centre": "arguable"}, UNKNOWN),
        ("main_road", {"main_road": True}, {"main_road": "no"}, BLOCKED),
        ("bus", {"visits_per_day": 9.0}, {"bus_stop_m": 400.0}, FITS),
        ("bus", {"visits_per_day": 9.0}, {"bus_stop_m": 401.0}, GAP),
        ("bus", {"visits_per_day": 9.0}, {}, UNKNOWN),
        ("bus", {"visits_per_day": 0.0}, {}, NOT_ASKED),
        ("condition", {}, {"condition": "B"}, FITS),
        ("condition", {}, {"condition": "D"}, GAP),
        ("condition", {}, {}, UNKNOWN),
        ("ict", {"ict": ("Police network",)}, {"ict": ("police network", "Airwave")}, FITS),
        ("ict", {"ict": ("police network", "NHS network")}, {"ict": ("police network",)}, GAP),
        ("ict", {"ict": ("police network",)}, {}, UNKNOWN),
        ("ict", {}, {}, NOT_ASKED),
        ("vetting", {"vetting": "police vetting"}, {"vetting": "police vetting"}, FITS),
        ("vetting", {"vetting": "police vetting"}, {"vetting": "records check"}, GAP),
        ("vetting", {"vetting": "police vetting"}, {}, UNKNOWN),
        ("vetting", {}, {"vetting": "police vetting"}, GAP),
        ("vetting", {"organisation": "a", "asset_id": "a:2"}, {"vetting": "police vetting"}, NOT_ASKED),
        ("vetting", {}, {}, NOT_ASKED),
        ("title", {}, {"holder_status": "to confirm"}, UNKNOWN),
        ("title", {}, {}, NOT_ASKED),
    ],
)
def test_the_premises(
    fitton: ap.Estate, name: str, wants: dict[str, Any], facts: dict[str, Any], expected: int
) -> None:
    assert code(stating(given_in(fitton, service(**wants)), **facts), name) == expected


def test_company(fitton: ap.Estate) -> None:
    def at(host: str, function: str, **more: Any) -> dict[str, Any]:
        return service(f"there {function}", organisation="a", asset_id=host, function=function, **more)

    near = given_in(fitton, service(near=("library",)), at("a:1", "library"))
    assert [code(near, "near", host) for host in ("a:1", "a:2", "a:3")] == [FITS, FITS, GAP]  # the annexe is 50 m off
    assert code(given_in(fitton, service(near=("library",))), "near") == UNKNOWN
    assert code(given_in(fitton, service(apart=("library",)), at("a:1", "library")), "apart") == BLOCKED
    assert code(given_in(fitton, service(), at("a:1", "library", apart=("team",))), "apart") == BLOCKED
    assert code(given_in(fitton, service(apart=("library",))), "apart") == UNKNOWN  # nothing says who is there
    empty = stating(given_in(fitton, service(apart=("library",))), status="vacant")
    assert code(empty, "apart") == FITS
    for strength, expected in ((2.0, GAP), (3.0, BLOCKED)):
        conflict = {
            "affinity_id": "x",
            "function_a": "library",
            "function_b": "team",
            "effect": "conflict",
            "strength": strength,
            "reason": "noise",
        }
        estate = given_in(fitton, service(), at("a:1", "library"), affinities=[conflict])
        assert code(estate, "apart") == expected
        assert "noise" in " ".join(ap.suitability(estate).explain("s", "a:1")["says"])
        good = given_in(fitton, service(), at("a:1", "library"), affinities=[{**conflict, "effect": "affinity"}])
        assert [code(good, "affinity", host) for host in ("a:1", "a:2")] == [FITS, NOT_ASKED]
    counter = given_in(fitton, service(security="open"), at("a:1", "custody", security="secure"))
    assert [code(counter, "entrance", host) for host in ("a:1", "a:2")] == [GAP, NOT_ASKED]
    closed = given_in(
        fitton,
        service(security="secure"),
        at("a:1", "library", security="open"),
        at("a:2", "store", security="staff only"),
    )
    assert [code(closed, "entrance", host) for host in ("a:1", "a:2", "a:3")] == [GAP, FITS, UNKNOWN]


def test_commitment_is_asked_of_two_bodies(fitton: ap.Estate) -> None:
    assert code(given_in(fitton, service()), "commitment") == FITS
    assert code(given_in(fitton, service(organisation="c")), "commitment") == GAP
    assert code(given_in(fitton, service(organisation="nobody")), "commitment") == GAP
    assert code(given_in(fitton, service(organisation="a", asset_id="a:2")), "commitment") == NOT_ASKED


# ------------------------------------------------------------------------------------------------------- clauses


def lease(**more: Any) -> dict[str, Any]:
    plain = {
        "interest_id": "i",
        "subject": "a:3",
        "holder": "a",
        "interest": "lease",
        "source": "the lease",
        "expiry": dt.date(2040, 1, 1),
    }
    return {**plain, **more}


@pytest.mark.parametrize(
    ("rows", "holding", "term"),
    [
        ([], UNKNOWN, UNKNOWN),
        ([lease(sharing="yes", consent="no")], FITS, FITS),
        ([lease(sharing="yes", consent="yes")], GAP, FITS),
        ([lease(sharing="yes")], UNKNOWN, FITS),
        ([lease(sharing="no")], BLOCKED, FITS),
        ([lease(sharing="arguable", consent="no")], ARGUABLE, FITS),
        ([lease()], UNKNOWN, FITS),
        ([lease(sharing="yes", consent="no", expiry=dt.date(2019, 12, 31))], FITS, BLOCKED),
        ([lease(sharing="yes", consent="no", expiry=dt.date(2024, 12, 31))], FITS, GAP),
        ([lease(sharing="yes", consent="no", expiry=dt.date(2025, 1, 1))], FITS, FITS),
        ([lease(sharing="yes", consent="no", expiry=None)], FITS, UNKNOWN),
        ([lease(sharing="yes", consent="no", break_date=dt.date(2022, 1, 1))], FITS, GAP),
        ([lease(interest="freehold", expiry=None)], FITS, NOT_ASKED),
        ([lease(interest="freehold", holder="c", expiry=None)], UNKNOWN, UNKNOWN),
        (
            [lease(interest="freehold", expiry=None), lease(interest_id="j", holder="club", sharing="no")],
            BLOCKED,
            NOT_ASKED,
        ),
        ([lease(interest="freehold", expiry=None), lease(interest_id="j", holder="club")], UNKNOWN, NOT_ASKED),
        ([lease(interest="freehold", expiry=None), lease(interest_id="j", holder="b")], FITS, NOT_ASKED),
        (
            [lease(interest="freehold", expiry=None), lease(interest_id="j", holder="club", interest="licence")],
            FITS,
            NOT_ASKED,
        ),
    ],
)
def test_who_may_let_others_in_and_for_how_long(
    fitton: ap.Estate, rows: list[dict[str, Any]], holding: int, term: int
) -> None:
    estate = given_in(fitton, service(), interests=rows)
    assert (code(estate, "holding", "a:3"), code(estate, "term", "a:3")) == (holding, term)


def test_a_body_needs_nobodys_leave_in_its_own_building(fitton: ap.Estate) -> None:
    estate = given_in(fitton, service(organisation="a", asset_id="a:1"), interests=[lease(sharing="no")])
    assert code(estate, "holding", "a:3") == FITS


def test_covenants_are_permitted_arguable_barred_or_unread(bound: ap.Estate) -> None:
    council = service("council", organisation="a", asset_id="a:3")
    police = service("police")
    trader = service("market", organisation="nobody", function="market", asset_id="a:3")
    estate = given_in(bound, council, police, trader)
    found = ap.suitability(estate).pairs.set_index(["service_id", "host"])
    assert found.loc[("council", "a:1"), ["covenant", "unread_covenant"]].tolist() == [FITS, UNKNOWN]
    assert found.loc[("police", "a:1"), ["covenant", "unread_covenant"]].tolist() == [ARGUABLE, UNKNOWN]
    assert found.loc[("police", "a:2"), ["covenant", "unread_covenant"]].tolist() == [BLOCKED, NOT_ASKED]
    assert found.loc[("market", "a:2"), "covenant"] == FITS
    assert found.loc[("police", "a:3"), ["covenant", "unread_covenant"]].tolist() == [NOT_ASKED, NOT_ASKED]
    said = ap.suitability(estate).explain("police", "a:1").set_index("criterion")
    assert said.loc["covenant", "verdict"] == "arguable"
    assert "counsel to advise" in said.loc["covenant", "says"]
    assert said.loc["covenant", "source"] == "deed"


def test_five_years_are_five_years() -> None:
    assert years_between(dt.date(2020, 1, 1), dt.date(2025, 1, 1)) == 5
    assert years_between(dt.date(2020, 1, 1), dt.date(2024, 12, 31)) < 5


@dataclass(frozen=True)
class Answer:
    verdict: str
    hard: bool
    reasons: tuple[str, ...] = ("Norton would wait longer.",)
    sources: tuple[str, ...] = ("worked out",)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer("holds", hard=True), FITS),
        (Answer("fails", hard=True), BLOCKED),
        (Answer("fails", hard=False), GAP),
        (Answer("to be asked", hard=False), GAP),
        (Answer("not known", hard=True), UNKNOWN),
    ],
)
def test_the_response_gate_decides_for_those_who_respond(fitton: ap.Estate, answer: Answer, expected: int) -> None:
    asked: list[tuple[str, str]] = []

    def gate(_: ap.Estate, key: str, hosts: list[str]) -> dict[str, Answer]:
        asked.extend((key, host) for host in hosts)
        return dict.fromkeys(hosts, answer)

    estate = given_in(fitton, service(response="fire"), service("other"))
    assert code(estate, "response", gate=gate) == expected
    assert {key for key, _ in asked} == {"s"}
    assert ("s", "b:1") not in asked  # where it is now
    assert code(estate, "response", key="other", gate=gate) == NOT_ASKED
    assert code(estate, "response") == UNKNOWN
    assert "Norton" in " ".join(ap.suitability(estate, gate=gate).explain("s", "a:1")["says"])


# ------------------------------------------------------------------------------------------------------- the whole


def test_verdict_and_counts_follow_from_the_numbers(found: ap.Suitability) -> None:
    names = list(found.criteria)
    moves = found.pairs[~found.pairs["verdict"].isin(["here now", "stays"])]
    for row in moves[["verdict", "fits", "gaps", "blockers", "unknowns", *names]].astype(object).to_dict("records"):
        codes = [row[name] for name in names]
        counted = [sum(CLASSES[one] == grave for one in codes) for grave in (1, 2, 4, 3)]
        assert [row["fits"], row["gaps"], row["blockers"], row["unknowns"]] == counted
        worst = max(CLASSES[one] for one in codes)
        assert row["verdict"] == {0: "fits", 1: "fits", 2: "gap", 3: "not known", 4: "blocked"}[worst]
    assert list(found.pairs.columns) == list(schema.table("suitability"))
    assert set(found.pairs["verdict"].cat.categories) == set(PAIR_VERDICTS)


def test_one_pair_by_itself_is_as_among_all(malton: ap.Estate, found: ap.Suitability) -> None:
    rows = found.pairs.set_index(["service_id", "host"])
    for key, host in list(rows.index[rows["verdict"].isin(["gap", "not known", "blocked"])])[::12]:
        alone = ap.suitability(malton, services=[key], hosts=[host]).pairs
        row = alone[alone["host"] == host].set_index(["service_id", "host"])
        pd.testing.assert_series_equal(
            row.iloc[0].astype(object), rows.loc[(key, host)].astype(object), check_names=False
        )


def test_order_does_not_matter_and_an_unrelated_asset_changes_no_pair(malton: ap.Estate, found: ap.Suitability) -> None:
    shuffled = {
        name: getattr(malton, name).sample(frac=1, random_state=7)
        for name in ("assets", "services", "capacity", "affinities", "interests", "facts")
    }
    again = ap.suitability(replace(malton, **shuffled))
    pd.testing.assert_frame_equal(again.pairs, found.pairs)
    pd.testing.assert_frame_equal(again.table(), found.table())
    extra = malton.assets.loc[[COMMUNITY]].copy()
    extra.index = pd.Index(["rdc:Z9999"], name="asset_id")
    extra["geometry"] = gpd.GeoSeries([shapely.Point(479_000, 471_800)], index=extra.index, crs=malton.assets.crs)
    more = ap.suitability(replace(malton, assets=pd.concat([malton.assets, extra])))
    kept = more.pairs[more.pairs["host"] != "rdc:Z9999"].reset_index(drop=True)
    assert len(more.pairs) > len(kept)
    pd.testing.assert_frame_equal(kept.astype(object), found.pairs.astype(object), check_dtype=False)


def test_every_pair_can_be_explained_with_a_source_for_each_line(found: ap.Suitability) -> None:
    for key, host in found.pairs[["service_id", "host"]].astype(str)[::2].itertuples(index=False):
        told_ = found.explain(key, host)
        assert list(told_.columns) == list(schema.table("reasons"))
        assert (told_["says"].str.len() > 0).all()
        assert (told_["source"].str.len() > 0).all()
        assert not told_["says"].str.contains(r"None|\bnan\b|\binf\b|\{").any()
        judged = told_[told_["verdict"] != "note"]
        row = found.pairs[(found.pairs["service_id"] == key) & (found.pairs["host"] == host)].iloc[0]
        assert len(judged) == int(row["fits"]) + int(row["gaps"]) + int(row["blockers"]) + int(row["unknowns"])


def test_what_is_asked_for_has_to_be_there(malton: ap.Estate, found: ap.Suitability) -> None:
    with pytest.raises(ap.SubjectError, match=r"'nycc-librry' is no service of this estate.*nycc-library"):
        ap.suitability(malton, services=["nycc-librry"])
    with pytest.raises(ap.SubjectError, match="is no host"):
        ap.suitability(malton, hosts=["nhs:B82025"])
    with pytest.raises(ap.SubjectError, match="It is left out: a school"):
        found.explain("nycc-library", "nycc:NY/0402")
    with pytest.raises(ap.SubjectError, match="was not judged"):
        found.explain("nycc-library", "nowhere")
    with pytest.raises(ap.SubjectError, match="no service"):
        found.best_first("nothing")
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="reach_km"):
            ap.suitability(malton, reach_km=wrong)


def test_an_estate_without_services_has_no_pairs(fitton: ap.Estate) -> None:
    found = ap.suitability(fitton)
    assert found.pairs.empty
    assert list(found.pairs.columns) == list(schema.table("suitability"))
    assert found.table().empty
    assert "0 pairs" in repr(found)
    assert told(fitton, found)[0].sentences[0].startswith("No service has a plausible host here.")
    assert tables(fitton, found) == []


def test_the_best_of_a_table_are_the_first_of_the_pairs_in_order(malton: ap.Estate) -> None:
    found = ap.suitability(malton)
    table = found.table(2)
    for service, rows in table.groupby("service_id"):
        order = found.best_first(str(service))
        moves = order[~order["verdict"].isin(["here now", "stays"])]
        assert rows["host"].tolist() == (moves if len(moves) else order.head(1))["host"].head(2).tolist()
        for row in rows.to_dict("records"):
            against = found.against(row["service_id"], row["host"]) if len(moves) else []
            assert row["main_reason"] == (against[0][2].says if against else "")


def test_a_county_of_pairs_is_asked_for_as_the_best_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assetplan.service_commands._MOST_PAIRS", 10)
    refused = run("services", "data/malton", "--format", "csv")
    assert refused.returncode == 2
    assert "too many" in refused.stderr
    best = run("services", "data/malton", "--format", "csv", "--best", "1")
    assert best.returncode == 0
    assert best.stdout.splitlines()[0].endswith("main_reason")


def test_progress_is_told_in_shares_that_rise(malton: ap.Estate) -> None:
    shares: list[float] = []
    ap.suitability(malton, progress=lambda _, share: shares.append(share))
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


# ------------------------------------------------------------------------------------------------------- Malton


def test_the_surgery_the_fields_and_the_schools_are_never_hosts(found: ap.Suitability) -> None:
    moved_to = set(found.pairs.loc[~found.pairs["verdict"].isin(["here now", "stays"]), "host"])
    assert not moved_to & {
        "nhs:B82025",
        "nhs:INV-0001",
        "MAL-12",
        "nycc:NY/0412",
        "nycc:NY/0413",
        "nycc:NY/0427",
        "nycc:NY/0990",
    }
    stays = found.pairs.loc[found.pairs["verdict"] == "stays", "service_id"]
    assert sorted(stays) == ["nycc-care-home", "nycc-norton-hub", "nycc-primary", "nycc-st-marys"]


def test_the_front_desk_the_library_and_the_police_desk_in_community_house(found: ap.Suitability) -> None:
    rows = found.pairs.set_index(["service_id", "host"])
    for key in ("rdc-front-desk", "nycc-library"):
        assert rows.loc[(key, COMMUNITY), "public_room"] == SHORT_NOW
        assert rows.loc[(key, COMMUNITY), "verdict"] == "not known"
    assert rows.loc[("police-desk", COMMUNITY), "public_room"] == FITS
    assert "what works would add is not known" in found.explain("rdc-front-desk", COMMUNITY).iloc[0]["says"]


def test_the_neighbourhood_police_next_door_turn_on_an_arguable_covenant(found: ap.Suitability) -> None:
    row = found.pairs.set_index(["service_id", "host"]).loc[("police-neighbourhood", HQ)]
    assert (row["covenant"], row["unread_covenant"]) == (ARGUABLE, UNKNOWN)
    assert (row["office_room"], row["desks"], row["near"], row["affinity"]) == (FITS, FITS, FITS, FITS)
    assert row["distance_m"] < 200
    said = found.explain("police-neighbourhood", HQ).set_index("criterion")
    assert "North Yorkshire Strategic Partnership Executive papers" in said.loc["covenant", "source"]
    assert not said.loc["covenant", "illustrative"]


def test_blue_light_services_at_the_edge_site(malton: ap.Estate, found: ap.Suitability) -> None:
    rows = found.pairs.set_index(["service_id", "host"])
    for key in ("police-response", "nhs-ambulance", "fire-malton"):
        assert rows.loc[(key, EDGE), "host_kind"] == "parcel"
        assert rows.loc[(key, EDGE), "garage_room"] == AFTER_WORKS
        assert rows.loc[(key, EDGE), "holding"] == GAP
        assert rows.loc[(key, EDGE), "response"] == UNKNOWN
    said = " ".join(found.explain("fire-malton", EDGE)["says"])
    assert "It is private land" in said
    assert "only once something is built" in said


def test_nothing_of_what_a_reader_may_not_know_shows(malton: ap.Estate) -> None:
    fire = malton.for_audience("fire")
    theirs = ap.suitability(fire)
    assert EDGE not in set(theirs.pairs["host"])
    assert EDGE not in set(theirs.left_out["host"])
    told_ = " ".join(theirs.explain("rdc-front-desk", COMMUNITY)["source"])
    assert "Executive papers" not in told_  # who talks of rebuilding it is not for them
    police = ap.suitability(malton.for_audience("police")).pairs.set_index(["service_id", "host"])
    assert police.index.isin([("rdc-front-desk", EDGE)]).any()
    area = theirs.explain("police-desk", "nycc:NY/0463").set_index("criterion")
    assert area.loc["leave to let others in", "verdict"] == "not known"  # the lease is for its holder alone
    public = ap.suitability(malton.for_audience("public"))
    assert public.pairs.filter(like="_room").isin([FITS, AFTER_WORKS, SHORT_NOW, BLOCKED]).sum().sum() == 0


# ------------------------------------------------------------------------------------------------------- words


def test_words_for_the_keeper_and_none_where_not_released(malton: ap.Estate, found: ap.Suitability) -> None:
    every = told(malton, found)
    grid = next(section.table for section in every if section.table is not None and "service" in section.table)
    assert set(grid.drop(columns="service").stack()) <= {"fits", "gap", "?", "no", "here", "-"}
    one = told(malton, found, "police-neighbourhood")
    assert any(
        "arguable; counsel to advise" in text
        for section in one
        if section.table is not None
        for text in section.table.astype(str).stack()
    )
    for key in malton.services["service_id"]:
        assert told(malton, found, key)
    named = {table["id"]: table for table in tables(malton, found)}
    assert list(named) == ["suitability", "suitability-reasons", "no-hosts"]
    assert all(len(row) == len(table["columns"]) for table in named.values() for row in table["rows"])
    public = malton.for_audience("public")
    theirs = ap.suitability(public)
    assert [section.sentences for section in told(public, theirs)] == [(NOT_RELEASED,)]
    assert tables(public, theirs) == []
    with pytest.raises(ap.SubjectError):
        told(malton, found, "nothing")


def test_hostile_names_are_shown_not_obeyed(fitton: ap.Estate) -> None:
    hostile = "a\u202eb\x1b[31m<script>"
    estate = given_in(fitton, service(name=hostile, function=hostile, rule=hostile, source=hostile))
    found = ap.suitability(estate)
    shown = [
        text
        for section in (*told(estate, found), *told(estate, found, "s"))
        for text in (
            section.heading,
            *section.sentences,
            *(section.table.astype(str).stack() if section.table is not None else ()),
        )
    ]
    shown += [cell for table in tables(estate, found) for row in table["rows"] for cell in row]
    assert any("[U+202E]" in text for text in shown)
    assert not any("\u202e" in text or "\x1b" in text for text in shown)


def test_rooms_are_those_of_the_tables() -> None:
    names = {judge.name for judge in room_criteria(frame("capacity"), {})}
    assert names == {
        "needs",
        "area",
        *(f"{space}_room" for space in SPACES),
        "desks",
        "counters",
        "vehicle_bays",
        "parking_spaces",
    }
    assert len(KINDS) == len(SPACES) + 4


def test_a_parcel_is_a_host_where_room_is_stated_unless_it_is_locked(malton: ap.Estate) -> None:
    rows = [room("MAL-12", "office", 500.0), room("MAL-14", "office", 500.0)]
    found = ap.suitability(replace(malton, capacity=frame("capacity", *rows)))
    assert set(found.pairs.loc[found.pairs["host_kind"] == "parcel", "host"]) == {"MAL-14"}
    assert found.left_out.set_index("host").loc["MAL-12", "why"].startswith("locked")


def test_a_fact_about_a_parcel_counts_for_it(malton: ap.Estate) -> None:
    fact = {
        "fact_id": "x",
        "subject_kind": "parcel",
        "subject": EDGE,
        "field": "main_road",
        "value": "yes",
        "source": "seen",
        "typed": "yes",
        "in_force": True,
    }
    facts = pd.concat(
        [malton.facts, pd.DataFrame([fact], columns=malton.facts.columns, dtype=object)], ignore_index=True
    )
    found = ap.suitability(replace(malton, facts=facts), services=["fire-malton"], hosts=[EDGE])
    said = found.explain("fire-malton", EDGE).set_index("criterion").loc["main road"]
    assert (said["verdict"], said["offer"]) == ("fits", "yes")
    assert "seen" in said["source"]


@pytest.mark.parametrize(
    ("kind", "designation", "state", "wants", "name", "expected"),
    [
        ("consent", None, "yes", {}, "consent", GAP),
        ("consent", None, "arguable", {}, "consent", ARGUABLE),
        ("consent", None, "unknown", {}, "consent", UNKNOWN),
        ("lock", None, "unknown", {}, "consent", UNKNOWN),
        ("designation", "open space", "unknown", {}, "consent", UNKNOWN),
        ("consent", None, "no", {}, "consent", NOT_ASKED),
        ("access limit", None, "yes", {}, "access", GAP),
        ("designation", "flood zone", "yes", {}, "flood", NOT_ASKED),
        ("designation", "flood zone", "yes", {"response": "fire"}, "flood", GAP),
        ("designation", "flood zone", "unknown", {"clinical_m2": 9.0}, "flood", UNKNOWN),
        ("designation", "conservation area", "yes", {"response": "fire"}, "flood", NOT_ASKED),
    ],
)
def test_constraints_of_the_site(
    bound: ap.Estate, kind: str, designation: str | None, state: str, wants: dict[str, Any], name: str, expected: int
) -> None:
    constraints = bound.constraints.copy()
    row = constraints.index[constraints["constraint_id"] == "market"][0]
    for column, value in (("kind", kind), ("designation", designation), ("state", state)):
        constraints.at[row, column] = value
    assert code(given_in(replace(bound, constraints=constraints), service(**wants)), name, "a:2") == expected


def test_many_services_are_told_in_part_and_it_says_so(fitton: ap.Estate) -> None:
    estate = given_in(fitton, *(service(f"s{i:03d}") for i in range(101)))
    found = ap.suitability(estate)
    best = next(table for table in tables(estate, found) if table["id"] == "suitability-reasons")
    assert len(best["rows"]) == 300
    assert "The first 100 of 101 services" in best["note"]
    assert any("The first 100 of 101 services" in text for section in told(estate, found) for text in section.sentences)
    assert len(found.table(services=["s100"])) == 3
    with pytest.raises(ap.SubjectError):
        found.table(services=["s101"])


@pytest.mark.realdata
def test_a_published_register_gives_buildings_as_hosts(realdata: Path) -> None:
    estate = ap.read_estate(realdata / "cheltenham-assets" / "local_authority_land_and_assets_2023.csv")
    found = ap.suitability(estate)
    assert found.pairs.empty
    uses = estate.assets["use"]
    hosts = set(uses[[asset for asset in uses.index if asset not in set(found.left_out["host"])]].dropna())
    assert {"Offices", "Community Buildings", "Cultural Buildings Operational", "Buildings Declared Surplus"} <= hosts
    none = {
        "Car Parks",
        "Bridges",
        "Public Conveinences",
        "Civic Regalia",
        "Art",
        "Street Furniture",
        "Cemetery and Cremartoria",
    }
    assert not hosts & {*none, "Parks, Gardens and open space", "Open Space Land and Allottments"}


@pytest.mark.parametrize("seed", range(8))
def test_for_a_reader_it_is_as_if_the_rest_had_never_been_there(seed: int, tmp_path: Path) -> None:
    def said(estate: ap.Estate) -> str:
        found = ap.suitability(estate)
        pairs = list(found.pairs[["service_id", "host"]].astype(str).itertuples(index=False, name=None))
        reasons = [found.explain(*pair).to_csv() for pair in pairs[:40]]
        return "\n".join([found.pairs.to_csv(), found.left_out.to_csv(), *reasons])

    folder, reader = random_folder(random.Random(60_000 + seed)), READERS[seed % len(READERS)]
    full = ap.read_estate(folder.write(tmp_path / "full"))
    less = ap.read_estate(folder.known_to(reader).write(tmp_path / "less"))
    assert said(full.for_audience(reader)) == said(less.for_audience(reader))


def test_the_response_gate_of_this_library_decides_at_malton(malton: ap.Estate) -> None:
    found = ap.suitability(malton, gate=ap.gates, services=["fire-malton", "nhs-ambulance"], hosts=[EDGE])
    rows = found.pairs.set_index(["service_id", "host"])
    assert rows.loc[("fire-malton", EDGE), ["verdict", "response"]].tolist() == ["blocked", BLOCKED]
    assert rows.loc[("nhs-ambulance", EDGE), "response"] == GAP

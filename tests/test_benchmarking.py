"""The benchmark: intervals that hold the truth, quartiles as numpy has them, and nothing but a closed building turned to cash."""

from __future__ import annotations

import dataclasses
import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import assetplan as ap
from assetplan.answers import as_json, in_sections
from assetplan.benchmark_figure import in_svg, panels_of
from assetplan.benchmark_words import MARK, NOT_RELEASED, as_record, headlines, tables, told
from assetplan.errors import EstateError, ReaderError
from assetplan.schema import table
from assetplan.space.benchmarking import AVOIDED, CASHABLE, FEWEST, NON_CASH, _closed, _grouped, _long, limit_for
from assetplan.space.buildings import KINDS, kind_in_words
from assetplan.space.closing import (
    AFTER,
    NEW,
    NOTHING,
    NOW,
    NOWHERE,
    STAYS,
    UNKNOWN_FIT,
    could_close,
    packed,
    too_little,
)
from assetplan.space.needs import Need
from assetplan.space.room import Rooms
from assetplan.space.standards import (
    MEASURES,
    Factor,
    Standard,
    area_interval,
    factors_with,
    published_factors,
    published_standards,
    unknown_basis,
)

MALTON = Path(__file__).parent.parent / "data" / "malton"
HQ = "rdc:A0001"


@cache
def both() -> tuple[ap.Estate, ap.Benchmark]:
    estate = ap.read_estate(MALTON)
    return estate, ap.benchmark(estate)


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return both()[0]


@pytest.fixture(scope="module")
def found() -> ap.Benchmark:
    return both()[1]


def folder(
    tmp_path: Path,
    registers: dict[str, str],
    *,
    toml: str = 'price_base = "2025/26"\n',
    entries: str = "",
    **tables: str,
) -> ap.Estate:
    """An estate of some registers and tables, each as text."""
    (tmp_path / "registers").mkdir(parents=True)
    bodies = "".join(
        f'[organisations.{key}]\nname = "Body {key}"\n[registers."{key}.csv"]\norganisation = "{key}"\n{entries.replace("KEY", key)}'
        for key in registers
    )
    (tmp_path / "estate.toml").write_text(f'name = "Place"\n{toml}{bodies}', encoding="utf-8")
    for key, text in registers.items():
        (tmp_path / "registers" / f"{key}.csv").write_text(text, encoding="utf-8")
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return ap.read_estate(tmp_path)


HEAD = "Asset reference,Property name,Easting,Northing,Tenure type,Use,{area},Staff FTE,Running costs,Required maintenance\n"


def row(
    reference: str, area: object, fte: object, *, use: str = "Offices", cost: object = 100_000, east: int = 479_000
) -> str:
    return f"{reference},Place {reference},{east},472000,Freehold,{use},{area},{fte},{cost},50000\n"


def nothing_infinite(frame: pd.DataFrame) -> None:
    numbers = frame.select_dtypes("number").to_numpy(dtype=float)
    assert not np.isinf(numbers).any()
    assert not (numbers < 0).any()


# ------------------------------------------------------------------------------------------------------- intervals

ratios = st.floats(0.7, 0.85)
areas = st.floats(20.0, 20_000.0)


@given(st.lists(st.tuples(areas, ratios, st.sampled_from(("NIA", "GIA", "both"))), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_intervals_of_area_hold_the_truth_whatever_is_stated(buildings: list[tuple[float, float, str]]) -> None:
    gia = np.array([area for area, _, _ in buildings])
    nia = gia * np.array([ratio for _, ratio, _ in buildings])
    how = np.array([basis for _, _, basis in buildings])
    said_nia, said_gia = np.where(how != "GIA", nia, np.nan), np.where(how != "NIA", gia, np.nan)
    for basis, truth in (("NIA", nia), ("GIA", gia)):
        low, high = area_interval(said_nia, said_gia, 0.7, 0.85, basis)
        assert (low <= truth * (1 + 1e-9)).all()
        assert (truth <= high * (1 + 1e-9)).all()
        exact = (how == basis) | (how == "both")
        assert (low[exact] == truth[exact]).all()
        assert (high[exact] == truth[exact]).all()
        for stated in (nia, gia):
            least, most = unknown_basis(stated, 0.7, 0.85, basis)
            assert (least <= truth * (1 + 1e-9)).all()
            assert (truth <= most * (1 + 1e-9)).all()


def made(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A frame of offices as the measures are worked out from."""
    blank = {"area": None, "kind": "office", "kind_from": "use", "place": None, "places": np.nan, "price_base": "2025/26",
             "utilisation_percent": np.nan, "running_cost_gbp_pa": np.nan, "desks": np.nan, "fte": np.nan}  # fmt: skip
    frame = pd.DataFrame([{**blank, **row} for row in rows])
    for end in ("low", "high"):
        frame[f"gia_{end}_m2"] = np.nan
    return frame


offices = st.lists(
    st.tuples(st.sampled_from("abcdefg"), areas, ratios, st.booleans(), st.integers(1, 400), st.integers(0, 500_000)),
    min_size=1,
    max_size=30,
)


@given(offices)
@settings(max_examples=15, deadline=None)
def test_groups_and_quartiles_hold_the_truth_on_mixed_bases(
    given_offices: list[tuple[str, float, float, bool, int, int]],
) -> None:
    rows, true = [], []
    for body, gia, ratio, as_nia, fte, cost in given_offices:
        nia = gia * ratio
        low, high = (nia, nia) if as_nia else (gia * 0.7, gia * 0.85)
        rows.append(
            {"organisation": body, "nia_low_m2": low, "nia_high_m2": high, "fte": fte, "running_cost_gbp_pa": cost}
        )
        true.append((body, nia, fte, cost))
    truth = pd.DataFrame(true, columns=["body", "nia", "fte", "cost"])
    groups, quartiles = _grouped(_long(made(rows)), "organisation", {})
    together = truth.groupby("body").sum()
    for measure, top, by in (
        ("m2 per FTE", "nia", "fte"),
        ("GBP per m2", "cost", "nia"),
        ("GBP per FTE", "cost", "fte"),
    ):
        mine = groups[groups["measure"] == measure].set_index("group")
        exact = (together[top] / together[by]).loc[mine.index]
        assert (mine["low"] <= exact * (1 + 1e-9)).all()
        assert (exact <= mine["high"] * (1 + 1e-9)).all()
        single = truth[top] / truth[by]
        median = single.groupby(truth["body"]).median().loc[mine.index]
        assert (mine["median_low"] <= median * (1 + 1e-9)).all()
        assert (median <= mine["median_high"] * (1 + 1e-9)).all()
        for level, values in (("buildings", single), ("bodies", exact)):
            cuts = quartiles[(quartiles["measure"] == measure) & (quartiles["level"] == level)].iloc[0]
            assert cuts["rests_on"] == len(values)
            for name, share in (("q1", 0.25), ("median", 0.5), ("q3", 0.75)):
                if len(values) < FEWEST:
                    assert np.isnan(cuts[f"{name}_low"])
                    assert np.isnan(cuts[f"{name}_high"])
                else:
                    cut = np.quantile(values, share)
                    assert cuts[f"{name}_low"] <= cut * (1 + 1e-9)
                    assert cut <= cuts[f"{name}_high"] * (1 + 1e-9)
        if len(exact) >= FEWEST:
            # A quarter that is told is the true one.
            first, third = np.quantile(exact, (0.25, 0.75))
            for body, quarter in mine["quarter"].items():
                value = exact[body]
                assert quarter != "lowest quarter" or value <= first * (1 + 1e-9)
                assert quarter != "highest quarter" or value >= third * (1 - 1e-9)
                assert quarter != "between" or first * (1 - 1e-9) <= value <= third * (1 + 1e-9)
        else:
            assert set(mine["quarter"]) == {f"no quartiles: fewer than {FEWEST}"}


def test_quartiles_are_numpys_where_areas_are_exact(tmp_path: Path) -> None:
    staff = {"a": 100, "b": 80, "c": 50, "d": 40, "e": 30}
    estate = folder(tmp_path, {key: HEAD.format(area="NIA (m2)") + row("1", 1_000, fte) for key, fte in staff.items()})
    found = ap.benchmark(estate)
    for level in ("buildings", "bodies"):
        cuts = found.quartiles[(found.quartiles["measure"] == "m2 per FTE") & (found.quartiles["level"] == level)].iloc[
            0
        ]
        expected = np.quantile([1_000 / fte for fte in staff.values()], (0.25, 0.5, 0.75))
        for end in ("low", "high"):
            assert [cuts[f"{name}_{end}"] for name in ("q1", "median", "q3")] == pytest.approx(expected)
    mine = found.groups[found.groups["measure"] == "m2 per FTE"].set_index("group")["quarter"]
    assert mine.to_dict() == {
        "a": "lowest quarter",
        "b": "lowest quarter",
        "c": "between",
        "d": "highest quarter",
        "e": "highest quarter",
    }


@pytest.mark.parametrize(("area", "fte", "expected"), [(13_000, 1_000, 13.0), (11_300, 1_000, 11.3)])
def test_the_published_figures_of_government_offices_come_out(
    tmp_path: Path, area: int, fte: int, expected: float
) -> None:
    found = ap.benchmark(folder(tmp_path, {"a": HEAD.format(area="NIA (m2)") + row("1", area, fte)}))
    office = found.buildings.iloc[0]
    assert office["m2_per_fte_low"] == office["m2_per_fte_high"] == pytest.approx(expected)
    values = {one.low for one in published_standards() if one.measure == "m2 per FTE" and one.low == one.high}
    assert expected in values
    assert (office["above_low_m2"], office["above_high_m2"]) == (max(area - 12_000, 0), max(area - 12_000, 0))


def test_more_net_than_gross_is_told_and_taken_as_either(tmp_path: Path) -> None:
    text = "Asset reference,Property name,Easting,Northing,Use,GIA (m2),NIA (m2),Staff FTE\n1,Hall,479000,472000,Offices,700,1000,50\n"
    found = ap.benchmark(folder(tmp_path, {"a": text}))
    office = found.buildings.iloc[0]
    assert office["basis"] == "NIA above GIA"
    assert (office["nia_low_m2"], office["nia_high_m2"]) == pytest.approx((490, 1_000))
    assert [issue.code for issue in found.issues] == ["net-above-gross"]


# ------------------------------------------------------------------------------------------------------- what is not known


def test_unknown_staff_is_unknown_and_nobody_is_not_divided_by(tmp_path: Path) -> None:
    text = (
        HEAD.format(area="GIA (m2)")
        + row("1", 1_000, "")
        + row("2", 1_000, 0)
        + row("3", "", 20)
        + row("4", 0, 20)
        + row("5", 900, 30)
    )
    found = ap.benchmark(folder(tmp_path, {"a": text}))
    for frame in (found.buildings, found.groups, found.quartiles, found.prize):
        nothing_infinite(frame)
    by_key = found.buildings["m2_per_fte_low"]
    assert by_key.isna().to_dict() == {"a:1": True, "a:2": True, "a:3": True, "a:4": True, "a:5": False}
    missing = found.buildings["missing"]
    assert "staff (FTE)" in missing["a:1"]
    assert any("nobody based there" in what for what in missing["a:2"])
    assert "staff (FTE)" not in missing["a:2"]
    assert "floor area" in missing["a:3"]
    assert "floor area" in missing["a:4"]
    # Nobody there: all of the space is above what they need, unlike where nobody knows.
    assert found.buildings.loc["a:2", "above_low_m2"] == pytest.approx(700)
    assert np.isnan(found.buildings.loc["a:1", "above_low_m2"])
    group = found.groups[found.groups["measure"] == "m2 per FTE"].iloc[0]
    assert (group["rests_on"], group["buildings"]) == (1, 5)
    rows = [
        bar
        for panel in panels_of(ap.read_estate(tmp_path), found)
        for _, bars in panel.parts
        for bar in bars
        if not bar.known
    ]
    assert len(rows) == 4
    assert all("not known: " in bar.detail for bar in rows)


def test_offices_that_share_a_building_are_not_measured_as_if_it_were_theirs(found: ap.Benchmark) -> None:
    house = found.buildings.loc["rdc:A0007"]
    assert house["kind"] == "office"
    assert np.isnan(house["m2_per_fte_low"])
    assert "how much of it is offices" in house["missing"]


def test_a_register_of_places_and_nothing_else_says_what_is_missing(tmp_path: Path) -> None:
    text = "Asset reference,Property name,Easting,Northing,Use\n1,Town hall,479000,472000,Offices\n2,The green,479100,472000,Village green\n"
    estate = folder(tmp_path, {"a": text}, toml="")
    found = ap.benchmark(estate)
    assert list(found.buildings.index) == ["a:1"]
    assert set(found.buildings.loc["a:1", "missing"]) == {
        "floor area",
        "staff (FTE)",
        "desks",
        "utilisation",
        "running cost",
    }
    said = in_sections(told(estate, found))
    assert "floor area and staff (FTE) not known" in said
    assert "Not known: nothing here says what these buildings cost" in said
    assert "One asset left out" in said
    assert "which services" in said
    assert in_svg(estate, found).count("?") >= 1
    assert found.prize["high_gbp_pa"].isna().all()


def test_an_estate_without_a_building_is_no_error(tmp_path: Path) -> None:
    estate = folder(
        tmp_path, {"a": "Asset reference,Property name,Easting,Northing,Use\n1,Green,479000,472000,Village green\n"}
    )
    found = ap.benchmark(estate)
    assert found.buildings.empty
    assert found.groups.empty
    assert found.prize.empty
    assert in_svg(estate, found) == ""
    for name, frame in (
        ("buildings", found.buildings.reset_index()),
        ("benchmark", found.groups),
        ("prize", found.prize),
    ):
        assert list(frame.columns) == list(table(name))
    assert (tables(estate, found) == [] and "no building" in repr(found)) or "0 buildings" in repr(found)
    assert ap.save_benchmark_chart(estate, tmp_path / "nothing.svg").exists()


# ------------------------------------------------------------------------------------------------------- kinds


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Offices (headquarters)", "office"), ("Primary school", "school"), ("Residential care home", "care home"),
        ("Fire & Rescue Station", "fire station"), ("Police station", "police station"), ("Community hospital", "health"),
        ("Library and community hub", "library"), ("Depot (disused)", "depot"), ("Police houses", "housing"), ("Youth centre", "community"),
        ("Civic centre", "office"), ("Civic Regalia", None), ("Bus station ticket office", None), ("Civic amenity site", None),
        ("Car park", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_words_of_use_tell_the_kind(words: str | None, kind: str | None) -> None:
    assert kind_in_words(words) == kind
    assert kind is None or kind in KINDS


def test_services_tell_the_kind_where_use_does_not(tmp_path: Path) -> None:
    text = "Asset reference,Property name,Easting,Northing,Use,GIA (m2)\n" + "".join(
        f"{n},Block {n},479000,47200{n},Land and Building,500\n" for n in range(1, 6)
    )
    services = (
        "service_id,organisation,name,function,asset_id,fte,office_m2,vehicle_bays,beds,pupil_places,response,source\n"
        "s1,a,One,team,a:1,5,100,,,,,made\ns2,a,Two,crew,a:2,5,,2,,,fire,made\ns3,a,Three,home,a:3,5,,,10,,,made\n"
        "s4,a,Four,class,a:4,5,,,,50,,made\n"
    )
    kinds = ap.benchmark(folder(tmp_path, {"a": text}, services=services)).buildings
    assert kinds["kind"].to_dict() == {
        "a:1": "office",
        "a:2": "fire station",
        "a:3": "care home",
        "a:4": "school",
        "a:5": "unknown",
    }
    assert kinds["fte_from"].to_dict() == {**{f"a:{n}": "services" for n in range(1, 5)}, "a:5": None}
    assert kinds.loc["a:4", "m2_per_place_low"] == 10
    assert kinds.loc["a:3", "m2_per_place_low"] == 50


# ------------------------------------------------------------------------------------------------------- Malton by hand


def test_the_headquarters_of_malton_by_hand(malton: ap.Estate, found: ap.Benchmark) -> None:
    hq = found.buildings.loc[HQ]
    low, high = 3_300 * 0.70, 3_300 * 0.85
    assert (hq["m2_per_fte_low"], hq["m2_per_fte_high"]) == pytest.approx((low / 170, high / 170))
    assert (hq["m2_per_desk_low"], hq["m2_per_desk_high"]) == pytest.approx((low / 190, high / 190))
    assert hq["desks_per_fte"] == pytest.approx(190 / 170)
    assert hq["gbp_per_fte"] == pytest.approx(347_000 / 170)
    assert (hq["gbp_per_m2_low"], hq["gbp_per_m2_high"]) == pytest.approx((347_000 / high, 347_000 / low))
    assert (hq["above_low_m2"], hq["above_high_m2"]) == pytest.approx((low - 12 * 170, high - 12 * 170))
    need = 120 + 850 + 200
    closed = 347_000 * (0.50 - 0.30 * need / low), 347_000 * (0.75 - 0.20 * need / high)
    assert (hq["if_closed_low_gbp_pa"], hq["if_closed_high_gbp_pa"]) == pytest.approx(closed)
    assert hq["fit"] == UNKNOWN_FIT
    assert np.isnan(hq["cash_high_gbp_pa"])
    assert hq["spare_desks"] == 190 - 87
    said = " ".join(headlines(found))
    assert "13.6 to 16.5 m2 NIA per FTE against at most 12 (" in said
    assert "November 2007" in said
    assert "£347k a year at 2025/26 prices about £121k to £231k would be cash, and only if it closed" in said
    assert MARK in in_sections(told(malton, found))


def test_malton_says_what_stays_what_is_new_and_what_is_not_all_named(found: ap.Benchmark) -> None:
    fit = found.buildings["fit"]
    assert set(fit[[f"nycc:NY/04{n}" for n in ("02", "05", "12", "13", "18", "27", "46")]]) == {STAYS}
    assert fit["nycc:NY/0450"] == NOTHING
    assert fit["fire:MAL/2"] == NOW
    # The edge of town has room for the blue lights, but nothing stands there: moving in saves nothing that is known.
    for key in ("police:NYP-0117", "fire:MAL/1", "nhs:RX8-MAL"):
        assert fit[key] in {NEW, UNKNOWN_FIT}
        assert np.isnan(found.buildings.loc[key, "cash_high_gbp_pa"])
        assert "running cost of its own" in found.buildings.loc[key, "because"]
        assert "response times" in found.buildings.loc[key, "because"]
    assert "25 of its 150 FTE" in found.buildings.loc["nhs:5NV-MCH", "because"]
    schools = found.buildings[found.buildings["kind"] == "school"]
    assert (schools["cash_high_gbp_pa"] == 0).all()
    assert schools["if_closed_high_gbp_pa"].isna().all()


def test_the_prize_never_adds_classes_and_rests_on_what_it_says(found: ap.Benchmark) -> None:
    prize = found.prize
    assert set(prize["class"]) == {CASHABLE, AVOIDED, NON_CASH}
    for kind, columns in ((CASHABLE, ["low_gbp", "high_gbp", "low_m2", "high_m2"]), (AVOIDED, ["low_gbp_pa", "high_gbp_pa", "low_m2"]),
                          (NON_CASH, ["low_gbp_pa", "high_gbp_pa", "low_gbp", "high_gbp", "price_base"])):  # fmt: skip
        assert prize.loc[prize["class"] == kind, columns].isna().all(axis=None)
    rdc = prize[(prize["organisation"] == "rdc") & (prize["area"] == "malton")].set_index("class")
    assert (rdc.loc[NON_CASH, "rests_on"], rdc.loc[NON_CASH, "buildings"]) == (1, 2)
    assert rdc.loc[CASHABLE, "rests_on"] == 0
    assert np.isnan(rdc.loc[CASHABLE, "high_gbp_pa"])
    assert rdc.loc[CASHABLE, "unproven_gbp_pa"] >= 231_000


# ------------------------------------------------------------------------------------------------------- only a closed building is cash


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.one_of(st.none(), st.integers(0, 600)), st.booleans()), min_size=1, max_size=4
    ),
    st.integers(1, 400),
)
@settings(max_examples=20, deadline=None)
def test_only_a_building_whose_services_have_a_place_to_go_is_cash(
    rooms: list[tuple[int, int | None, bool]], need: int
) -> None:
    malton, found = both()
    template = dict.fromkeys(malton.capacity.columns)
    hosts = ["rdc:A0001", "rdc:A0007", "police:NYP-0117", "MAL-13"]
    capacity = pd.DataFrame(
        [
            {**template, "subject": host, "space": "office", "hours": (), "available": float(now), "after_works": None if later is None else
             float(max(now, later)), "area_basis": "NIA" if sure else None, "illustrative": False}
            for host, (now, later, sure) in zip(hosts, rooms, strict=False)
        ],
        columns=list(malton.capacity.columns), dtype=object,
    )  # fmt: skip
    service = malton.services[malton.services["service_id"] == "nycc-adult-care"].copy()
    service["meeting_m2"], service["peak_desks"], service["office_m2"], service["fte"] = None, 0.0, float(need), 45.0
    estate = dataclasses.replace(malton, services=service, capacity=capacity)
    office = could_close(estate, found.buildings.loc[["nycc:NY/0463"]], published_factors()).iloc[0]

    def reach(index: int, least: float, most: float) -> tuple[bool, bool, bool]:
        """Whether a host surely has room now, surely has it after works, and may have it for all that is known."""
        now, later, sure = rooms[index]
        low, high = (1.0, 1.0) if sure else (least, most)
        surely_now = now * low >= need
        after = None if later is None else max(now, later)
        return (
            surely_now,
            surely_now or (after is not None and after * low >= need),
            after is None or max(now, after) * high >= need,
        )

    standing = [reach(i, 0.7, 1.0) for i in range(min(len(rooms), 3))]
    if any(now for now, _, _ in standing):
        assert office["fit"] == NOW
    elif any(after for _, after, _ in standing):
        assert office["fit"] == AFTER
    elif any(may for _, _, may in standing):
        assert office["fit"] == UNKNOWN_FIT
    elif len(rooms) < 4 or not reach(3, 0.7, 1.0)[2]:
        assert office["fit"] == NOWHERE
    else:  # nothing stands on the last of them
        assert office["fit"] == (NEW if reach(3, 0.7, 1.0)[1] else UNKNOWN_FIT)
    # What follows for cash: nothing unless it has a place to go, and never anything certain.
    cash = found.buildings.loc[["nycc:NY/0463"]].copy()
    _closed(cash, pd.DataFrame([office], index=cash.index), published_factors())
    upper = cash["cash_high_gbp_pa"].iloc[0]
    assert (upper > 0) == (office["fit"] in {NOW, AFTER})
    assert (upper == 0) == (office["fit"] == NOWHERE)
    assert not cash["cash_low_gbp_pa"].iloc[0] > 0


SERVICES = "service_id,organisation,name,function,asset_id,fte,peak_desks,office_m2,area_basis,hours,source\n"


def two_offices(tmp_path: Path, capacity: str, services: str = "", **more: Any) -> pd.Series:
    text = HEAD.format(area="NIA (m2)") + row("1", 400, 20) + row("2", 900, 30) + row("3", 300, "")
    made_of = (
        services
        or f"{SERVICES}s1,a,Team,team,a:1,20,10,200,NIA,office,made\ns2,a,Other team,team,a:2,30,12,300,NIA,office,made\n"
    )
    found = ap.benchmark(folder(tmp_path, {"a": text}, services=made_of, capacity=capacity), **more)
    return found.buildings.loc["a:1"]


CAPACITY = "capacity_id,subject,space,hours,available,after_works,area_basis,source\n"


@pytest.mark.parametrize(
    ("rows", "fit"),
    [
        ("c1,a:2,office,,250,,NIA,made\nc2,a:2,desks,,15,,NIA,made\n", NOW),
        ("c1,a:2,office,,50,250,NIA,made\nc2,a:2,desks,,15,,NIA,made\n", AFTER),
        ("c1,a:2,office,,50,60,NIA,made\nc2,a:2,desks,,15,,NIA,made\n", NOWHERE),
        ("c1,a:2,office,,50,TBC,NIA,made\nc2,a:2,desks,,15,,NIA,made\n", UNKNOWN_FIT),
        ("c1,a:2,office,,250,,NIA,made\n", UNKNOWN_FIT),  # nobody says how many desks
        (
            "c1,a:2,office,evening,250,,NIA,made\nc2,a:2,desks,,15,,NIA,made\n",
            UNKNOWN_FIT,
        ),  # nobody says what is free by day
        ("c1,a:1,office,,250,,NIA,made\nc2,a:1,desks,,15,,NIA,made\n", NOWHERE),  # its own room is no place to go
    ],
)
def test_a_building_could_close_only_into_room_that_is_stated(tmp_path: Path, rows: str, fit: str) -> None:
    office = two_offices(tmp_path, CAPACITY + rows)
    assert office["fit"] == fit, office["because"]
    assert office["because"]
    if fit in {NOW, AFTER}:
        # Half of the building moves: 50 to 75 percent of the cost, less 20 to 30 percent of that half.
        assert (office["cash_low_gbp_pa"], office["cash_high_gbp_pa"]) == pytest.approx(
            (0, 100_000 * (0.75 - 0.20 * 0.5))
        )
        assert office["if_closed_low_gbp_pa"] == pytest.approx(100_000 * (0.50 - 0.30 * 0.5))
        assert office["avoided_high_gbp"] == 50_000
    elif fit == NOWHERE:
        assert office["cash_high_gbp_pa"] == office["avoided_high_gbp"] == 0
    else:
        assert np.isnan(office["cash_high_gbp_pa"])
        assert np.isnan(office["avoided_high_gbp"])


def test_the_same_room_is_not_given_to_two_services(tmp_path: Path) -> None:
    services = f"{SERVICES}s1,a,One,team,a:1,10,5,150,NIA,office,made\ns2,a,Two,team,a:1,10,5,150,NIA,office,made\n"
    capacity = CAPACITY + "c1,a:2,office,,200,200,NIA,made\nc2,a:2,desks,,50,50,NIA,made\n"
    office = two_offices(tmp_path, capacity, services)
    assert office["fit"] == NOWHERE
    assert "together" in office["because"]
    # Two rooms of which neither takes both, and both together do not add up to a third.
    split = CAPACITY + "c1,a:2,office,,200,200,NIA,made\nc2,a:2,desks,,50,50,NIA,made\n"
    parted = split + "c3,a:3,office,,120,120,NIA,made\nc4,a:3,desks,,50,50,NIA,made\n"
    found = two_offices(tmp_path / "c", parted, services)
    assert found["fit"] == UNKNOWN_FIT
    assert "alone" in found["because"]
    # At different hours the same room serves both.
    other = services.replace("s2,a,Two,team,a:1,10,5,150,NIA,office", "s2,a,Two,team,a:1,10,5,150,NIA,evening")
    assert two_offices(tmp_path / "b", capacity, other)["fit"] == NOW


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=1, max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_what_is_said_to_fit_together_does_and_what_is_said_not_to_does_not(
    needs: list[int], rooms: list[int | None]
) -> None:
    table = pd.DataFrame(
        [
            {
                "subject": f"h{i}",
                "space": "office",
                "hours": (),
                "available": room,
                "after_works": room,
                "area_basis": "NIA",
            }
            for i, room in enumerate(rooms)
        ]
    ).astype(object)
    stated = Rooms(table.where(table.notna(), None), {f"h{i}": i for i in range(len(rooms))})
    services = [[Need("office", float(need), "NIA", ("office",))] for need in needs]
    near = np.arange(len(rooms))

    def some_way(sizes: list[float]) -> bool:
        """Whether one of all ways to put services into hosts keeps to the room of each."""
        ways = product(range(len(sizes)), repeat=len(needs))
        return any(
            all(sum(n for n, h in zip(needs, way, strict=True) if h == host) <= sizes[host] for host in set(way))
            for way in ways
        )

    for at_worst in range(2):  # room now, room after works
        if packed(services, stated, near, at_worst):
            assert some_way([0 if size is None else size for size in rooms])
    if too_little(services, stated, near):
        assert not some_way([np.inf if size is None else size for size in rooms])


def test_room_out_of_reach_is_no_place_to_go(tmp_path: Path) -> None:
    text = HEAD.format(area="NIA (m2)") + row("1", 400, 20) + row("2", 900, 30, east=489_000)
    services = f"{SERVICES}s1,a,Team,team,a:1,20,10,200,NIA,office,made\n"
    capacity = CAPACITY + "c1,a:2,office,,250,,NIA,made\nc2,a:2,desks,,15,,NIA,made\n"
    estate = folder(tmp_path, {"a": text}, services=services, capacity=capacity)
    assert ap.benchmark(estate).buildings.loc["a:1", "fit"] == NOWHERE
    assert ap.benchmark(estate, within_m=11_000).buildings.loc["a:1", "fit"] == NOW


# ------------------------------------------------------------------------------------------------------- standards, areas, prices


def test_every_published_figure_has_source_edition_and_how_it_was_read() -> None:
    assert (Path(ap.__file__).parent / "space" / "standards.toml").is_file()
    for one in published_standards():
        assert one.measure in MEASURES
        assert one.source
        assert one.edition
        assert one.checked
        assert 0 < one.low <= one.high
    for factor in published_factors().values():
        assert "assumption, to be checked" in factor.source
        assert 0 < factor.low < factor.high <= 1


def test_an_estates_own_limit_goes_before_the_published_one(tmp_path: Path) -> None:
    text = HEAD.format(area="NIA (m2)") + row("1", 1_000, 50)
    standards = (
        "standard_id,measure,value,unit,area_basis,applies_to,organisation,basis,source,edition\n"
        "everybody,m2 per FTE,10,m2/FTE,NIA,offices,,limit,policy,2024\nown,m2 per FTE,10,m2/FTE,GIA,offices,a,limit,policy,2025\n"
        "wrong,m2 per FTE,0,m2/FTE,NIA,offices,,limit,policy,2025\nfire,first fire engine,10,min,,dwellings,,average,policy,2025\n"
    )
    found = ap.benchmark(folder(tmp_path, {"a": text, "b": text}, standards=standards))
    assert found.buildings["standard"].to_dict() == {"a:1": "own", "b:1": "everybody"}
    assert found.buildings.loc["b:1", "above_low_m2"] == 500
    own = found.buildings.loc["a:1"]  # 10 m2 GIA are 7 to 8.5 m2 NIA
    assert (own["above_low_m2"], own["above_high_m2"]) == pytest.approx((1_000 - 425, 1_000 - 350))
    assert [issue.code for issue in found.issues] == ["standard-not-used"]
    assert not {"wrong", "fire"} & set(found.standards["standard_id"])
    assert limit_for("c", tuple(published_standards())).low == 12


def test_factors_of_ones_own_and_what_is_wrong_with_them(malton: ap.Estate) -> None:
    own = Factor("", 0.8, 0.8, "m2 NIA for each m2 GIA", "measured survey", "2026")
    hq = ap.benchmark(malton, factors={"office_nia_per_gia": own}).buildings.loc[HQ]
    assert hq["m2_per_fte_low"] == hq["m2_per_fte_high"] == pytest.approx(3_300 * 0.8 / 170)
    with pytest.raises(EstateError, match="no factor 'nia'"):
        factors_with({"nia": own})
    with pytest.raises(EstateError, match="two numbers from 0 to 1"):
        Factor("x", 0.9, 0.8, "", "", "")


def test_localities_hold_each_building_once(malton: ap.Estate) -> None:
    by_ward = ap.benchmark(malton, by="area")
    assert set(by_ward.groups["group"]) == {"malton", "norton-east", "norton-west"}
    assert by_ward.groups.groupby(["group", "kind"])["buildings"].max().groupby("kind").sum()["office"] == 3
    listed = ap.benchmark(malton, by="area", area_kind="locality")
    assert listed.buildings["area"].dropna().unique().tolist() == ["old-malton-road"]
    none = ap.benchmark(malton, by="area", area_kind="LSOA")
    assert none.groups.empty
    assert any("no areas of the kind LSOA" in said for said in none.note)


@pytest.mark.parametrize(("asked", "message"), [({"by": "body"}, "by: "), ({"area_kind": "hamlet"}, "area_kind: "), ({"within_m": 0}, "within_m: "),
                                                ({"within_m": float("nan")}, "within_m: ")])  # fmt: skip
def test_what_cannot_be_asked_is_refused(malton: ap.Estate, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(EstateError, match=message):
        ap.benchmark(malton, **asked)


def test_pounds_of_different_years_are_not_added_up(tmp_path: Path) -> None:
    text = HEAD.format(area="NIA (m2)") + row("1", 1_000, 50)
    entries = 'as_of = 2010-03-31\n[registers."KEY2.csv"]\norganisation = "KEY"\nas_of = 2020-03-31\n'
    (tmp_path / "one" / "registers").mkdir(parents=True)
    (tmp_path / "one" / "registers" / "a2.csv").write_text(text.replace("\n1,", "\n2,"), encoding="utf-8")
    (tmp_path / "one" / "registers" / "a.csv").write_text(text, encoding="utf-8")
    (tmp_path / "one" / "estate.toml").write_text(
        'name = "Place"\n[organisations.a]\nname = "Body"\n[registers."a.csv"]\norganisation = "a"\n'
        + entries.replace("KEY", "a"),
        encoding="utf-8",
    )
    found = ap.benchmark(ap.read_estate(tmp_path / "one"))
    groups = found.groups.set_index("measure")
    assert np.isnan(groups.loc["GBP per FTE", "low"])
    assert groups.loc["m2 per FTE", "low"] == 20
    prices = found.prize.loc[found.prize["class"] == CASHABLE, "price_base"].tolist()
    assert prices == ["as stated, 2010", "as stated, 2020"]


def test_columns_are_those_of_the_schema(found: ap.Benchmark) -> None:
    frames = {"buildings": found.buildings.reset_index(), "benchmark": found.groups, "quartiles": found.quartiles, "prize": found.prize,
              "space_standards": found.standards}  # fmt: skip
    for name, frame in frames.items():
        columns = table(name)
        assert list(frame.columns) == list(columns)
        for key, column in columns.items():
            if column.vocabulary:
                assert set(frame[key].dropna()) <= set(column.vocabulary), key
    assert set(table("buildings")["kind"].vocabulary) == set(KINDS)
    assert set(table("buildings")["fit"].vocabulary) == {NOW, AFTER, NEW, UNKNOWN_FIT, NOWHERE, STAYS, NOTHING}
    assert list(table("space_standards")) == list(Standard.__dataclass_fields__)


# ------------------------------------------------------------------------------------------------------- readers, words, pictures


def test_what_is_not_released_is_not_shown(malton: ap.Estate, tmp_path: Path) -> None:
    public = malton.for_audience("public")
    found = ap.benchmark(public)
    assert told(public, found)[0].sentences == (NOT_RELEASED,)
    assert len(told(public, found)) == 1
    assert tables(public, found) == []
    assert as_record(public, found) == {"in_words": {"": (NOT_RELEASED,)}}
    with pytest.raises(ReaderError, match="not released"):
        ap.save_benchmark_chart(public, tmp_path / "chart.png")
    assert not list(tmp_path.iterdir())


NASTY = "<script>alert(1)</script> {{7*7}} ${x} `b` $\\alpha$ \u202e evil & 'q' \u05d0\u05d1"


def test_hostile_names_are_text_wherever_they_are_shown(tmp_path: Path) -> None:
    text = (
        HEAD.format(area="GIA (m2)")
        + f'1,"{NASTY}",479000,472000,Freehold,Offices,900,20,100000,5\n'
        + row("2", 700, "")
    )
    services = f'{SERVICES}s1,a,"{NASTY}",team,a:1,20,10,200,NIA,office,"{NASTY}"\n'
    estate = folder(tmp_path, {"a": text}, services=services, capacity=CAPACITY + "c1,a:2,office,,5,TBC,NIA,made\n")
    found = ap.benchmark(estate)
    svg = in_svg(estate, found)
    root = ET.fromstring(svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "defs", "pattern", "rect", "path", "circle", "line", "text"}
    assert all(not name.startswith("on") and "href" not in name for element in root.iter() for name in element.attrib)
    shown = "".join(element.text or "" for element in root.iter())
    assert "<script>" in shown
    assert "[U+202E]" in shown
    assert "{{" not in svg
    assert "${" not in svg
    assert "`" not in svg
    assert "<script" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    said = in_sections(told(estate, found))
    assert "\u202e" not in said
    assert "\x1b" not in said
    for name in ("chart.png", "chart.svg"):
        first = ap.save_benchmark_chart(estate, tmp_path / name).read_bytes()
        assert first == ap.save_benchmark_chart(estate, tmp_path / name).read_bytes()
    assert in_svg(estate, ap.benchmark(estate)) == svg


def test_the_page_has_its_tables_with_every_row_as_wide_as_its_heads(malton: ap.Estate, found: ap.Benchmark) -> None:
    made_of = {one["id"]: one for one in tables(malton, found)}
    assert list(made_of) == [
        "benchmark",
        "benchmark-bodies",
        "benchmark-localities",
        "benchmark-closing",
        "benchmark-prize",
        "benchmark-standards",
    ]
    for one in made_of.values():
        assert one["rows"]
        assert all(len(cells) == len(one["columns"]) for cells in one["rows"])
        assert not any(cell in {"nan", "None", "inf"} for cells in one["rows"] for cell in cells)
    assert len(made_of["benchmark"]["rows"]) == len(found.buildings)


def test_a_program_gets_every_frame_with_nothing_that_is_no_json(malton: ap.Estate, found: ap.Benchmark) -> None:
    record = json.loads(as_json(as_record(malton, found)))
    hq = next(row for row in record["buildings"] if row["asset_id"] == HQ)
    assert hq["m2_per_fte_low"] == 13.59
    assert hq["cash_high_gbp_pa"] is None
    assert len(record["standards"]) == len(published_standards())


def test_words_give_no_figure_to_the_pound(malton: ap.Estate, found: ap.Benchmark) -> None:
    said = in_sections(told(malton, found))
    assert not re.search(r"£\d{1,3},\d{3},\d{3}|£\d{2,},\d{3}\b", said)
    assert "nan" not in re.sub(r"[a-z]nan|nan[a-z]", "", said)
    assert " inf " not in said


def test_the_picture_says_who_it_is_for_and_marks_what_is_not_known(malton: ap.Estate, found: ap.Benchmark) -> None:
    panels = {panel.title.split(":")[0]: panel for panel in panels_of(malton, found)}
    offices_panel = panels["Offices"]
    assert [guide.limit for guide in offices_panel.guides] == [True, False]
    assert {heading for heading, _ in offices_panel.parts} == {
        "Buildings",
        "Bodies, all their buildings of the kind together",
        "Localities",
    }
    assert all(
        bar.high <= panel.end for panel in panels.values() for _, bars in panel.parts for bar in bars if bar.known
    )
    svg = in_svg(malton, found)
    unknown = sum(not bar.known for panel in panels.values() for _, bars in panel.parts for bar in bars)
    assert unknown
    assert svg.count("stroke-dasharray") == unknown


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("path", "buildings", "kind"),
    [
        ("cheltenham-assets/local_authority_land_and_assets_2023.csv", 58, "office"),
        ("greater-manchester-sites/gm_fire_stations.geojson", 82, "fire station"),
    ],
)
def test_a_real_register_by_itself_says_what_is_missing(realdata: Path, path: str, buildings: int, kind: str) -> None:
    estate = ap.read_estate(realdata / path)
    found = ap.benchmark(estate)
    assert len(found.buildings) == buildings
    assert (found.buildings["kind"] == kind).any()
    assert all("floor area" in missing for missing in found.buildings["missing"])
    assert found.groups["rests_on"].sum() == 0
    assert found.prize["high_gbp_pa"].isna().all()
    assert in_svg(estate, found).count("stroke-dasharray") > 0
    assert "Not known" in in_sections(told(estate, found))

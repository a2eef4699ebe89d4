"""Roll-ups by area: everything adds up to the whole whatever the areas, and points fall where a search of all shapes puts them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shared
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import EAST, NORTH, box, tiny_estate

import assetplan as ap
from assetplan.answers import in_sections
from assetplan.area_words import NO_AREAS, tables, told
from assetplan.localities import COLUMNS, FIGURES, IN_NONE, NOT_PLACED, area_called, area_extract, by_area, kinds_of

OWN_TABLES = ("services", "interests", "capacity", "facts", "demand")


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


def areas_of(*rows: tuple[str, Any, tuple[str, ...]], kind: str = "ward") -> gpd.GeoDataFrame:
    told_ = [
        {"area_id": key, "name": key.title(), "kind": kind, "members": members, "source": "drawn", "illustrative": None}
        for key, _, members in rows
    ]
    columns = ["area_id", "name", "kind", "members", "source", "illustrative"]
    shapes = gpd.GeoSeries([shape for _, shape, _ in rows], crs=27700)
    return gpd.GeoDataFrame(pd.DataFrame(told_, columns=columns), geometry=shapes, crs=27700)


def adds_up(estate: ap.Estate, found: pd.DataFrame) -> None:
    """Every column of a roll-up against the whole of the estate's own tables."""
    sites, assets = ap.sites(estate), estate.assets
    assert found["sites"].sum() == len(sites)
    assert found["sites_with_area"].sum() == sites["area_ha"].notna().sum()
    assert found["area_ha"].sum() == pytest.approx(sites["area_ha"].astype(float).sum(), abs=1e-9)
    assert found["assets"].sum() + found["context"].sum() == len(assets)
    assert found["context"].sum() == len(estate.context())
    own = assets[~assets.index.isin(estate.context().index)]
    for name in FIGURES:
        assert found[name].sum() == pytest.approx(own[name].astype(float).sum())
        assert found[f"{name}_known"].sum() == own[name].notna().sum()
    for name in OWN_TABLES:
        assert found[name].sum() == len(getattr(estate, name)), name
    assert found["people"].sum() == estate.demand["population"].astype(float).sum()
    assert found["lease_events"].sum() == (0 if estate.as_of is None else len(ap.lease_events(estate)))
    links = sites["constraints"].map(len).sum()
    reached = {key for keys in sites["constraints"] for key in keys}
    assert found["constraints"].sum() == links + (~estate.constraints["constraint_id"].isin(reached)).sum()


@pytest.mark.parametrize("reader", ["all", "public", "rdc"])
@pytest.mark.parametrize("kind", ["ward", "parish", "locality"])
def test_malton_adds_up_for_every_kind_and_reader(reader: str, kind: str, malton: ap.Estate) -> None:
    estate = malton.for_audience(reader)
    found = by_area(estate, kind=kind)
    adds_up(estate, found)
    assert list(found.columns) == list(COLUMNS)
    assert set(found["kind"]) == {kind}


@st.composite
def some_areas(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Up to six boxes about Malton, some upon one another, some lists of members, in any order."""
    members = ["rdc:A0001", "nycc:NY/0412", "MAL-11", "norton-west", "hovingham", "nowhere"]
    rows = []
    for key in draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True)):
        x, y = draw(st.integers(476_000, 481_000)), draw(st.integers(469_500, 473_000))
        shape = shapely.box(x, y, x + draw(st.integers(10, 4_000)), y + draw(st.integers(10, 3_000)))
        named = tuple(draw(st.lists(st.sampled_from(members), max_size=3, unique=True)))
        rows.append((key, shape if draw(st.booleans()) or not named else None, named))
    return areas_of(*rows)


@given(some_areas())
@settings(max_examples=8, deadline=None)
def test_whatever_the_areas_everything_adds_up_and_points_fall_as_all_shapes_say(
    malton: ap.Estate, areas: gpd.GeoDataFrame
) -> None:
    estate = replace(malton, areas=areas)
    found = by_area(estate)
    adds_up(estate, found)
    pd.testing.assert_frame_equal(
        found, by_area(replace(estate, areas=areas.iloc[::-1], assets=malton.assets.iloc[::-1]))
    )
    expected = dict.fromkeys((*areas["area_id"], IN_NONE, NOT_PLACED), 0)
    ordered = areas.sort_values("area_id")
    for asset, row in estate.assets.drop(index=estate.context().index).iterrows():
        named = [
            key
            for key, members in zip(ordered["area_id"], ordered["members"], strict=True)
            if {asset, *row["parcels"]} & set(members)
        ]
        spot = None if row["geometry"] is None else row["geometry"].representative_point()
        over = [
            key
            for key, shape in zip(ordered["area_id"], ordered.geometry, strict=True)
            if shape is not None and shape.covers(spot)
        ]
        expected[[*named, *over, IN_NONE][0]] += 1
    assert found.groupby(found["area_id"].fillna(found["area"]))["assets"].sum().to_dict() == {
        key: number for key, number in expected.items() if key in set(found["area_id"]) | set(found["area"])
    }
    # Extracts hold what is counted, and those of all areas leave out only what is in none.
    extracts = {key: area_extract(estate, key) for key in areas["area_id"]}
    inside = found[found["area_id"].notna()]
    for name in (*OWN_TABLES, "assets", "lease_events"):
        counted = inside[name].sum() + (inside["context"].sum() if name == "assets" else 0)
        assert sum(len(parts[name]) for parts in extracts.values()) == counted, name
    for key, parts in extracts.items():
        hectares = (parts["sites"]["share_inside"] * parts["sites"]["area_ha"].astype(float)).sum()
        assert hectares == pytest.approx(found.loc[found["area_id"] == key, "area_ha"].sum(), abs=1e-9)
        assert parts["sites"]["counted_here"].sum() == found.loc[found["area_id"] == key, "sites"].sum()


HALL = {"organisation": "north", "ref": "1", "name": "Hall", "x": 50, "y": 50, "gia_m2": 100, "fte": 3}
WEST, ALL_OF_IT = box(0, 0, 100, 100), box(0, 0, 200, 100)


def ward(key: str, **more: Any) -> dict[str, Any]:
    return {"area_id": key, "name": key.title(), "kind": "ward", "members": "", "source": "drawn", **more}


def test_a_site_across_a_border_shares_its_hectares_and_nothing_else(tmp_path: Path) -> None:
    """A site of 0.8 ha, three quarters of it west of the border, the building in the west; and one of 1 ha in neither ward."""
    plot = box(40, 0, 80, 100)
    estate = tiny_estate(
        tmp_path, [HALL, {**HALL, "ref": "2", "name": "Far", "x": 5_050, "y": 50, "gia_m2": ""}],
        land=[({"parcel_id": "p1"}, plot), ({"parcel_id": "p2"}, box(5_000, 0, 100, 100))],
        areas=[(ward("west"), WEST), (ward("east"), box(100, 0, 100, 100))],
    )  # fmt: skip
    found = by_area(estate)
    told_ = found.loc[
        found["organisation"] == "north", ["area", "sites", "area_ha", "notional", "assets", "gia_m2", "gia_m2_known"]
    ]
    east, west, none = told_.to_numpy().tolist()
    assert east[:4] == ["East", 0, pytest.approx(0.2), True]
    assert west == ["West", 1, pytest.approx(0.6), True, 1, 100.0, 1]
    assert none[:5] == [IN_NONE, 1, pytest.approx(1.0), False, 1]
    assert np.isnan(none[5])  # not known, and not nothing
    assert none[6] == 0
    (row,) = area_extract(estate, "east")["sites"].to_dict("records")
    assert (row["name"], row["share_inside"], row["counted_here"]) == ("Hall", pytest.approx(0.25), False)
    assert "(notional)" in in_sections(told(estate))
    assert area_extract(estate, "east")["assets"].empty


def test_what_lies_in_two_areas_or_on_a_border_counts_in_the_first(tmp_path: Path) -> None:
    border = [HALL, {**HALL, "ref": "2", "x": 100, "y": 50}]
    estate = tiny_estate(
        tmp_path, border, areas=[(ward("b"), WEST), (ward("a"), box(100, 0, 100, 100)), (ward("c"), ALL_OF_IT)]
    )
    found = by_area(estate)
    assert found.loc[found["assets"] > 0, ["area_id", "assets"]].to_numpy().tolist() == [["a", 1], ["b", 1]]
    assert {"north:1", "north:2"} <= set(found.attrs["in_several"])
    assert (~found["notional"]).all()


def test_kinds_are_never_mixed(tmp_path: Path) -> None:
    estate = tiny_estate(tmp_path, [HALL], areas=[(ward("w"), WEST), (ward("p", kind="parish"), ALL_OF_IT)])
    assert kinds_of(estate) == ["ward", "parish"]
    assert by_area(estate)["area_id"].unique().tolist() == ["w"]
    assert by_area(estate, kind="parish")["area_id"].unique().tolist() == ["p"]
    with pytest.raises(ap.SubjectError, match="Kinds here: ward, parish"):
        by_area(estate, kind="cluster")
    with pytest.raises(ValueError, match="no kind of area"):
        by_area(estate, kind="country")
    with pytest.raises(ap.SubjectError, match=r"The areas are: p, w\."):
        area_extract(estate, "x")


def test_members_belong_to_an_area_without_a_shape_and_need_no_place(tmp_path: Path) -> None:
    unplaced = {key: value for key, value in HALL.items() if key not in {"x", "y"}}
    demand = [{"demand_id": "d", "name": "Village", "easting": EAST, "northing": NORTH, "population": 70}]
    estate = tiny_estate(
        tmp_path, [HALL, {**unplaced, "ref": "2"}, {**unplaced, "ref": "3"}],
        areas=[(ward("l", kind="locality", members="north:2;d"), None), (ward("w"), WEST)], demand=demand,
    )  # fmt: skip
    locality = by_area(estate, kind="locality")
    assert locality[["area", "organisation", "assets", "demand"]].to_numpy().tolist() == [
        ["L", "north", 1, 0], ["L", None, 0, 1], [IN_NONE, "north", 2, 0],
    ]  # fmt: skip
    wards = by_area(estate)
    assert wards.groupby("area")["assets"].sum().to_dict() == {"W": 1, NOT_PLACED: 2}


def test_of_an_asset_and_its_parcel_in_two_lists_the_first_area_counts(tmp_path: Path) -> None:
    estate = tiny_estate(
        tmp_path, [HALL], land=[({"parcel_id": "p1"}, WEST)],
        areas=[(ward("b", members="north:1"), None), (ward("a", members="p1"), None)],
    )  # fmt: skip
    found = by_area(estate)
    assert found.loc[found["assets"] > 0, ["area_id", "sites", "area_ha"]].to_numpy().tolist() == [
        ["a", 1, pytest.approx(1.0)]
    ]


def test_people_of_unknown_number_are_unknown_and_not_none(tmp_path: Path) -> None:
    demand = [
        {"demand_id": "a", "name": "A", "easting": EAST + 10, "northing": NORTH + 10, "population": "TBC"},
        {"demand_id": "b", "name": "B", "easting": EAST + 150, "northing": NORTH + 10, "population": 40},
    ]
    estate = tiny_estate(tmp_path, [HALL], areas=[(ward("w"), WEST), (ward("e"), box(101, 0, 99, 100))], demand=demand)
    found = by_area(estate).set_index(["area_id", "organisation"])
    assert np.isnan(found.loc["w"].iloc[-1]["people"])
    assert found.loc["e"].iloc[-1][["people", "people_known"]].tolist() == [40.0, 1]
    text = in_sections(told(estate))
    assert "unknown" in text


def test_without_a_day_lease_events_are_not_known(tmp_path: Path) -> None:
    estate = tiny_estate(tmp_path, [HALL], toml="", areas=[(ward("w"), WEST)])
    assert by_area(estate)["lease_events"].isna().all()
    assert "lease_events" not in area_extract(estate, "w")
    assert in_sections(told(estate)).count("unknown") >= 1


def test_an_estate_without_areas_says_what_to_do(tmp_path: Path) -> None:
    estate = tiny_estate(tmp_path, [HALL])
    assert NO_AREAS in in_sections(told(estate))
    assert tables(estate) == []
    with pytest.raises(ap.SubjectError, match=r"areas\.geojson"):
        by_area(estate)


def test_an_area_that_is_not_there_is_guessed_by_name(tmp_path: Path) -> None:
    areas = [({**ward("p1"), "name": "Ketton CP"}, WEST), ({**ward("p2"), "name": "Hambleton CP"}, ALL_OF_IT)]
    estate = tiny_estate(tmp_path, [HALL], areas=areas)
    with pytest.raises(ap.SubjectError, match=r"Did you mean Ketton CP\?$"):
        area_called(estate, "Keton")
    with pytest.raises(ap.SubjectError, match=r"The areas are: Hambleton CP, Ketton CP\.$"):
        area_called(estate, "zzzz")


def test_a_restricted_area_is_in_no_other_reader_s_roll_up(tmp_path: Path) -> None:
    areas = [(ward("open", audience="public"), WEST), (ward("secret", audience="north"), ALL_OF_IT)]
    estate = tiny_estate(tmp_path, [HALL], areas=areas)
    assert "Secret" in in_sections(told(estate))
    assert "Secret" not in in_sections(told(estate.for_audience("public")))
    with pytest.raises(ap.SubjectError) as refused:
        area_extract(estate.for_audience("public"), "secret")
    assert "The areas are: open." in str(refused.value)


def test_words_have_every_area_and_hostile_names_stay_text(tmp_path: Path) -> None:
    areas = [(ward("w", name="West \u202e\x1b[31m"), WEST), (ward("e", name="Empty"), box(900, 0, 9, 9))]
    estate = tiny_estate(tmp_path, [HALL], areas=areas)
    text = in_sections(told(estate))
    assert "\u202e" not in text
    assert "\x1b[31m" not in text
    assert "Empty" in text
    (table,) = tables(estate)
    assert [row[:2] for row in table["rows"]] == [
        ["Empty", "all bodies"], ["West [U+202E][U+001B][31m", "all bodies"], ["West [U+202E][U+001B][31m", "North Council"],
    ]  # fmt: skip


@pytest.mark.realdata
def test_libraries_of_greater_manchester_fall_in_the_boroughs_that_their_list_names(realdata: Path) -> None:
    folder = realdata / "greater-manchester-sites"
    boroughs = gpd.read_file(folder / "gm_local_authority_full_resolution.geojson").to_crs(27700)
    rows = [(name, shape, ()) for name, shape in zip(boroughs["area_name"], boroughs.geometry, strict=True)]
    estate = replace(ap.read_estate(folder / "gm_libraries.csv"), areas=areas_of(*rows, kind="district"))
    found = by_area(estate, kind="district")
    named = pd.read_csv(folder / "gm_libraries.csv")["area_name"].value_counts().to_dict()
    assert (found["assets"] + found["context"]).groupby(found["area_id"]).sum().to_dict() == named

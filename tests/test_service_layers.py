"""Services and the ways to them on a page: what is drawn is what the tables say, and no more than the reader may know."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shared
from pages import PageData, spelt_out

import assetplan as ap
from assetplan.maps import view_of
from assetplan.page.packing import INLINE, packed
from assetplan.page.shell import empty_view, page_html
from assetplan.way_layers import Ways, minutes_layer, minutes_table, reaches_of
from assetplan.ways import FIRE_MINUTES, ways_of
from assetplan.wording import account_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from assetplan.page.view import PageView

ROOT = Path(__file__).parents[1]
READ = """
import { readFileSync } from "node:fs";
import { load } from "%s";
const { inflate, readView } = await load("unpack.js");
const source = JSON.parse(readFileSync(process.argv[1], "utf8"));
const { services, villages, minutes, reaches } = readView(source.deflate ? await inflate(source) : source);
console.log(JSON.stringify({ services, villages, minutes, reaches }));
"""


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


def folder_of(path: Path, services: list[str], demand: str = "") -> Path:
    """Two halls and a shed without a place, with some rows of services.csv."""
    (path / "registers").mkdir(parents=True)
    (path / "estate.toml").write_text('name = "Vale"\n[organisations.v]\nname = "Vale Council"\n', encoding="utf-8")
    (path / "registers" / "v.csv").write_text(
        "Ref,Name,Organisation,Easting,Northing\n1,Hall,Vale Council,450000,450000\n2,Barn,Vale Council,451000,450000\n"
        "3,Shed,Vale Council,,\n",
        encoding="utf-8",
    )
    head = "service_id,organisation,name,function,part_of,asset_id,fte,peak_desks,office_m2,vehicle_bays,source"
    (path / "services.csv").write_text("\n".join([head, *services]), encoding="utf-8")
    if demand:
        (path / "demand.csv").write_text(demand, encoding="utf-8")
    return path


def drawn(estate: ap.Estate) -> PageView:
    """The page of an estate, as plain data."""
    return view_of(account_of(estate), ways=ways_of(estate))


def facts_of(service: Any) -> dict[str, Any]:
    return {fact["label"]: fact for fact in service["facts"]}


def test_a_part_is_told_of_by_the_pin_of_its_whole_where_both_are_at_one_place(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path / "vale",
        [
            "w,v,Office,office,,v:1,10,5,100,,us",
            "p,v,Desk,desk,w,,2,1,,,us",
            "q,v,Vans,vans,w,v:2,,,,3,us",
            "r,v,Driver,driver,q,,,,,,us",
            "s,v,Nowhere,archive,,v:3,1,1,,,us",
        ],
    )
    assets = set(ap.read_estate(folder).assets.index)
    assert {"v:1", "v:2", "v:3"} <= assets or pytest.fail(str(assets))
    view = drawn(ap.read_estate(folder))
    pins = view["map"]["services"]
    names = [service["name"] for service in pins]
    assert names == ["Desk", "Vans", "Driver", "Office"]
    assert {service["name"]: names[service["pin"]] for service in pins} == {
        "Desk": "Office", "Office": "Office", "Vans": "Vans", "Driver": "Vans",
    }  # fmt: skip
    assert {service["name"]: service["bays"] for service in pins} == {
        "Desk": False, "Office": False, "Vans": True, "Driver": False,
    }  # fmt: skip
    assert pins[1]["desks"] is None
    vans = facts_of(pins[1])
    assert {label for label, fact in vans.items() if fact["unknown"]} == {
        "Staff",
        "Peak desks",
        "Space needed",
        "Hours",
    }
    assert all(fact["value"] == "unknown" for fact in vans.values() if fact["unknown"])
    assert vans["Vehicles and counters"]["value"] == "3 bays for vehicles"
    # The table has the service without a place too, and says which are drawn by the sites it names.
    (table,) = [table for table in view["tables"] if table["id"] == "services"]
    assert [row[0] for row in table["rows"]] == ["Desk", "Vans", "Driver", "Nowhere", "Office"]
    assert [site >= 0 for site in table["sites"]] == [True, True, True, False, True]


@pytest.mark.parametrize("reader", ["public", "rdc", "all"])
def test_the_tables_say_what_is_drawn(reader: str, malton: ap.Estate) -> None:
    estate = malton if reader == "all" else malton.for_audience(reader)
    view = drawn(estate)
    tables = {table["id"]: table for table in view["tables"]}
    names = [service["name"] for service in view["map"]["services"]]
    rows = {row[0]: row for row in tables["services"]["rows"]}
    assert sorted(rows) == sorted(names)
    sites = view["map"]["sites"]["name"]
    for service in view["map"]["services"]:
        row = rows[service["name"]]
        assert sites[service["site"]] in row
        assert row[0] == service["name"]
        for fact in service["facts"]:
            assert fact["value"] in row or fact["unknown"], (service["name"], fact)
            if not fact["unknown"]:
                assert fact["source"], fact
    for village, row in zip(view["map"]["villages"], tables["people"]["rows"], strict=True):
        assert [village["name"], *(fact["value"] for fact in village["facts"])] == row[: len(village["facts"]) + 1]
    (fire,) = view["map"]["minutes"]
    assert fire["name"] == FIRE_MINUTES
    for place, row in zip(fire["places"], tables["minutes-1"]["rows"], strict=True):
        assert row[0] == place["name"]
        for minutes, cell in zip(place["before"], row[1:3], strict=True):
            assert cell == "unknown" if minutes is None else abs(float(cell) - minutes) <= 0.25
    assert len(tables["reaches"]["rows"]) == len(view["map"]["reaches"]) > 0


def test_what_is_not_for_the_public_is_in_no_byte_of_its_page(malton: ap.Estate, drawn: Callable[[str], Path]) -> None:
    public = malton.for_audience("public")
    html = page_html(ap.map_estate(public))
    assert html == drawn("public").read_bytes().decode("utf-8")
    said = spelt_out(html)
    hidden = set(malton.services["name"]) - set(public.services["name"])
    assert {"Response policing", "Highways area team", "Council back office"} <= hidden
    places = " ".join(map(str, ap.sites(public)["name"]))  # a site may be called like a service
    assert not [name for name in hidden if name in said and name not in places]
    assert "malton-night" not in said
    assert "Edge-of-town" not in said
    assert {service["name"] for service in PageData(html).services} == set(public.services["name"])


def test_no_minutes_are_told_where_a_station_has_no_crew_known_at_that_time(malton: ap.Estate) -> None:
    """The public does not know the night crew of Malton: what Pickering takes is no answer, only a bound."""
    (public,) = ways_of(malton.for_audience("public")).minutes
    (told,) = ways_of(malton.for_audience("rdc")).minutes
    assert public["times"] == told["times"] == ["by day", "by night"]
    assert all(place["before"][0] is not None for place in public["places"])
    assert all(place["before"][1] is None for place in public["places"])
    assert all(place["before"][1] is not None for place in told["places"])
    words = [fact["value"] for place in public["places"] for fact in place["facts"] if fact["label"].endswith("night")]
    assert all(word.startswith("not known: no crew of Malton fire station is known by night; ") for word in words)
    assert not any(place["after"] for layer in (public, told) for place in layer["places"])


def test_an_estate_without_services_says_nothing_of_them(tmp_path: Path) -> None:
    register = tmp_path / "v.csv"
    register.write_text("Ref,Name,Organisation,Easting,Northing\n1,Hall,Vale Council,450000,450000\n", encoding="utf-8")
    html = page_html(ap.map_estate(ap.read_estate(register)))
    data = PageData(html).packed
    assert not {"services", "villages", "minutes", "reaches"} & set(data)
    assert "The table of sites below says in words what the map shows." in html
    assert 'data-id="services"' not in html


def test_a_body_that_runs_a_service_and_owns_nothing_is_in_the_key(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "vale", ["a,guest,Clinic,clinic,,v:1,1,1,,,us"])
    view = drawn(ap.read_estate(folder))["map"]
    assert [(one["name"], one["sites"]) for one in view["organisations"]] == [("guest", 0), ("Vale Council", 3)]
    assert view["organisations"][view["services"][0]["organisation"]]["id"] == "guest"


def test_people_in_the_sea_and_people_not_counted_are_told_in_the_table(tmp_path: Path) -> None:
    demand = "demand_id,name,easting,northing,population\na,Dale,450500,450200,\nb,Fleet,10,10,50\n"
    folder = folder_of(tmp_path / "vale", ["a,v,Library,library,,v:1,1,1,,,us"], demand)
    view = drawn(ap.read_estate(folder))
    assert [(village["name"], village["people"]) for village in view["map"]["villages"]] == [
        ("Dale", "people not known")
    ]
    (table,) = [table for table in view["tables"] if table["id"] == "people"]
    on_map = table["columns"].index("On the map")
    assert [(row[0], row[1], row[on_map]) for row in table["rows"]] == [
        ("Dale", "unknown", "yes"),
        ("Fleet", "50", "no"),
    ]


def test_a_change_of_minutes_is_told_in_words_and_what_is_not_known_stays_so(malton: ap.Estate) -> None:
    before = {"broughton": 8.4, "swinton": 9.0, "ryton": float("nan"), "langton": 5.0}
    after = {"broughton": 12.1, "swinton": 8.0, "ryton": 3.0, "langton": 5.1}
    layer = minutes_layer(malton, "Minutes", "Modelled.", {"by day": (before, after)}, {})
    table = minutes_table(layer, 1)
    assert table is not None
    rows = {row[0]: row[1:] for row in table["rows"]}
    assert rows["Broughton"] == ["8.5", "12", "+3.5"]
    assert rows["Swinton"] == ["9", "8", "-1"]
    assert rows["Ryton"] == ["unknown", "3", "unknown"]
    assert rows["Langton"] == ["5", "5", "0"]
    assert rows["Birdsall"] == ["unknown", "unknown", "unknown"]


def test_outlines_of_ground_within_reach_hold_one_another_and_keep_near_what_was_worked_out() -> None:
    shapes = [shapely.Point(450_000, 450_000).buffer(2_000 * k, quad_segs=40) for k in (1, 2, 3)]
    frame = gpd.GeoDataFrame({"limit_min": [15.0, 5.0, 10.0]}, geometry=[shapes[2], shapes[0], shapes[1]], crs=27700)
    reaches = reaches_of("of a hall", "Modelled.", frame)
    assert [reach["limit_min"] for reach in reaches] == [5, 10, 15]
    for small, large in pairwise(reaches):
        assert shapely.area(shapely.difference(small["shape"], large["shape"])) < 1e-9
    back = gpd.GeoSeries([reach["shape"] for reach in reaches], crs=4326).to_crs(27700)
    for shape, outline in zip(shapes, back, strict=True):
        assert shapely.hausdorff_distance(shape, outline) < 120
    assert reaches_of("of a hall", "", frame.iloc[:0]) == []


@pytest.mark.parametrize("sites", [3, INLINE + 3])
def test_the_script_reads_what_was_packed(sites: int, malton: ap.Estate, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on this machine")
    inside = drawn(malton)["map"]
    view = empty_view("x")
    view["map"] = inside
    if sites > INLINE:  # more sites than stand in the page as they are: the packed form is a stream
        at = np.column_stack([np.linspace(54, 54.1, sites), np.linspace(-0.8, -0.7, sites)])
        column = ["x"] * sites
        inside["sites"] = {
            "id": [f"{i}" for i in range(sites)], "name": column, "organisation": [0] * sites, "status": column, "precision": column,
            "use": column, "area_ha": [None] * sites, "shape": shapely.points(at[:, ::-1]), "at": at, "facts": [], "notes": [],
        }  # fmt: skip
    (tmp_path / "data.json").write_text(str(packed(inside, {})), encoding="utf-8")
    done = subprocess.run(
        [
            node,
            "--input-type=module",
            "-e",
            READ % (ROOT / "tests" / "page" / "load.mjs").as_uri(),
            tmp_path / "data.json",
        ],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    got = json.loads(done.stdout)
    for service, back in zip(inside["services"], got["services"], strict=True):
        assert back["facts"] == service["facts"]
        assert np.allclose(back["at"], service["at"], atol=1e-6)
        assert {key: back[key] for key in ("name", "site", "organisation", "pin", "desks", "bays")} == {
            key: service[key] for key in ("name", "site", "organisation", "pin", "desks", "bays")
        }
    for village, back in zip(inside["villages"], got["villages"], strict=True):
        assert (back["name"], back["people"], back["facts"]) == (village["name"], village["people"], village["facts"])
    for layer, back in zip(inside["minutes"], got["minutes"], strict=True):
        assert (back["name"], back["times"], back["note"]) == (layer["name"], layer["times"], layer["note"])
        for place, one in zip(layer["places"], back["places"], strict=True):
            assert np.allclose(
                np.array(one["before"], float), np.array(place["before"], float), atol=0.05, equal_nan=True
            )
    for reach, back in zip(inside["reaches"], got["reaches"], strict=True):
        assert (back["name"], back["limit"], back["text"]) == (reach["name"], reach["limit_min"], reach["text"])
        assert len(back["shape"]["parts"]) == len(shapely.get_parts(reach["shape"]))


def test_ways_that_hold_nothing_draw_nothing(malton: ap.Estate) -> None:
    view = view_of(account_of(malton.for_audience("public")), ways=Ways())
    assert view["map"]["minutes"] == view["map"]["reaches"] == []
    assert not [table for table in view["tables"] if table["id"] in {"minutes-1", "reaches"}]

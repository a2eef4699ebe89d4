"""How two sites lie in a sentence, and the contact sheet of one site: on the terminal, for programs, as a page."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shared
from hypothesis import given
from hypothesis import strategies as st
from pages import PageData, all_text, spelt_out
from payloads import hostile_folder
from random_estates import READERS, random_folder
from rich.cells import cell_len
from typer.testing import CliRunner

import assetplan as ap
from assetplan.answers import as_csv, as_json, pairs_in_words, plain, sheet_in_words
from assetplan.cli import app
from assetplan.neighbourhood import CONTACT_COLUMNS, NEAREST_COLUMNS, site_called
from assetplan.neighbourhood_page import sheet_map
from assetplan.page.shell import page_html
from assetplan.schema import table
from assetplan.sentences import relation_in_words
from assetplan.text import visible
from assetplan.vocabulary import BETWEEN, RELATIONS
from assetplan.wording import account_about, account_of

MALTON = Path(__file__).parents[1] / "data" / "malton"
POLICE = "police:ILLUS-06"


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def public(malton: ap.Estate) -> ap.Estate:
    return malton.for_audience("public")


# ------------------------------------------------------------------------------------------------------- sentences


def said(relation: str, gap: float, between: Any = None, across: Any = (), *, shared: float = 0, basis: str = "polygon") -> str:  # fmt: skip
    across = None if between is None else across
    return relation_in_words(
        {
            "relation": relation,
            "basis": basis,
            "gap_m": gap,
            "shared_boundary_m": shared,
            "between": between,
            "across": across,
        }
    )


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (said("overlapping", 0, (), (), shared=12), "They overlap as drawn."),
        (said("touching", 0, (), (), shared=109.7), "They share a boundary of about 110 m."),
        (said("touching", 0.04, (), (), shared=0.3), "They share a boundary of less than 1 m."),
        (said("touching", 0, (), ()), "They meet at a corner."),
        (
            said("opposite", 17.1, ("road",), ("Old Malton Road",)),
            "They face one another across Old Malton Road, 17 m apart.",
        ),
        (said("opposite", 17.1, ("road",), ()), "They face one another across a road, 17 m apart."),
        (said("opposite", 17.1), "They face one another across a road, 17 m apart."),
        (said("opposite", 30, ("road",), ("A169",)), "They face one another across the A169, 30 m apart."),
        (
            said("opposite", 30, ("road",), ("High Street", "Mill Lane")),
            "They face one another across High Street and Mill Lane, 30 m apart.",
        ),
        (
            said("opposite", 38, ("road", "rail"), ("Norton Road", "York line")),
            "They face one another across a road and a railway (Norton Road; York line), 38 m apart.",
        ),
        (said("near", 22.4, ("water",), ("River Derwent",)), "They lie 22 m apart, with the River Derwent between."),
        (said("near", 22.4, ("water",), ("Priorpot Beck",)), "They lie 22 m apart, with Priorpot Beck between."),
        (said("near", 22.4, ("water",), ()), "They lie 22 m apart, with water between."),
        (
            said("near", 12, ("rail",), ("York to Scarborough railway",)),
            "They lie 12 m apart, with the York to Scarborough railway between.",
        ),
        (said("near", 45, ("road",), ("Old Malton Road",)), "They lie 45 m apart, with Old Malton Road between."),
        (said("near", 20, ("bridge",), ("County Bridge",)), "They lie 20 m apart, with County Bridge between."),
        (said("near", 20, ("path",), ()), "They lie 20 m apart, with a path between."),
        (
            said("near", 45, ("road", "rail", "water"), ()),
            "They lie 45 m apart, with a road, a railway and water between.",
        ),
        (
            said("near", 22, ("level crossing",), ("Norton level crossing", "York to Scarborough railway")),
            "They lie 22 m apart, at Norton level crossing, with the York to Scarborough railway between.",
        ),
        (
            said("near", 22, ("level crossing",), ("Norton level crossing",)),
            "They lie 22 m apart, at Norton level crossing, with a railway between.",
        ),
        (
            said("near", 22, ("level crossing",), ("Esk Valley line",)),
            "They lie 22 m apart, at a level crossing, with a railway between: Esk Valley line.",
        ),
        (
            said("near", 45, ("road", "level crossing"), ("Norton Road", "Norton level crossing")),
            "They lie 45 m apart, at a level crossing, with a road and a railway between: Norton Road; Norton level crossing.",
        ),
        (
            said("near", 22, ("level crossing", "rail"), ()),
            "They lie 22 m apart, at a level crossing, with a railway between.",
        ),
        (
            said("opposite", 22, ("road", "level crossing"), ()),
            "They face one another across a road and a level crossing, 22 m apart.",
        ),
        (said("near", 4.6, ("other land",)), "They lie 5 m apart; no road, railway or water is drawn between them."),
        (said("near", 4.6), "They lie 5 m apart."),
        (said("near", 0.4), "They lie less than 1 m apart."),
        (said("near", 1234.5), "They lie 1,234 m apart."),
        (
            said("near", 12, ("road",), ("Mill Lane",), basis="point"),
            "They lie 12 m apart (measured from a point), with Mill Lane between.",
        ),
        (
            said("near", 12, ("other land",), basis="point"),
            "They lie 12 m apart (measured from a point); no road, railway or water is drawn between them.",
        ),
        (said("near", 12, basis="point"), "They lie 12 m apart (measured from a point)."),
        (
            said("near", 0, ("other land",), basis="point"),
            "They lie at the same place (measured from a point).",
        ),
    ],
)
def test_each_way_to_lie_has_its_sentence(told: str, sentence: str) -> None:
    assert told == sentence


@given(
    relation=st.sampled_from(RELATIONS),
    basis=st.sampled_from(["polygon", "point"]),
    gap=st.floats(0.001, 10_000),
    shared=st.one_of(st.just(0.0), st.floats(0.2, 5_000)),
    kinds=st.one_of(st.none(), st.lists(st.sampled_from(BETWEEN[:-1]), max_size=4, unique=True)),
    names=st.lists(st.sampled_from(["Mill Lane", "A64", "River Rye", "York line", "<b>", "100% Road"]), max_size=3, unique=True),
)  # fmt: skip
def test_every_pair_has_one_sentence_that_names_what_is_known_and_claims_no_more(
    relation: str, basis: str, gap: float, shared: float, kinds: list[str] | None, names: list[str]
) -> None:
    between = None if kinds is None else tuple(kinds)
    text = said(relation, gap, between, tuple(names) if kinds else (), shared=shared, basis=basis)
    assert text.startswith("They ")
    assert text.endswith(".")
    assert text.count(". ") == 0
    assert "None" not in text
    apart = relation in {"opposite", "near"}
    if apart and kinds:
        assert all(name in text for name in names)
    if between is None:
        assert "between" not in text
        assert "drawn" not in text or relation == "overlapping"
    if apart:
        assert ("(measured from a point)" in text) is (basis == "point")
        assert re.search(r"\d m|less than 1 m", text)


MALTON_SENTENCES = {
    ("fire:ILLUS-23", "rdc:ILLUS-22"): "They face one another across Showfield Lane, 15 m apart.",
    ("nhs:ILLUS-04", "nycc:ILLUS-05"): "They share a boundary of about 56 m.",
    ("nhs:ILLUS-04", POLICE): "They lie 5 m apart; no road, railway or water is drawn between them.",
    ("nhs:ILLUS-04", "unknown:MAL-12"): "They face one another across Old Malton Road, 17 m apart.",
    ("nycc:ILLUS-02", "nycc:ILLUS-03"): "They share a boundary of about 141 m.",
    ("nycc:ILLUS-02", "nycc:ILLUS-05"): "They share a boundary of about 75 m.",
    ("nycc:ILLUS-03", "nycc:ILLUS-05"): "They lie 15 m apart; no road, railway or water is drawn between them.",
    ("nycc:ILLUS-05", "unknown:MAL-12"): "They face one another across Old Malton Road, 17 m apart.",
    ("nycc:ILLUS-18", "nycc:ILLUS-20"): "They share a boundary of about 50 m.",
    (POLICE, "rdc:ILLUS-01"): "They share a boundary of about 110 m.",
    (POLICE, "unknown:MAL-12"): "They face one another across Old Malton Road, 17 m apart.",
    ("rdc:ILLUS-01", "unknown:MAL-12"): "They face one another across Old Malton Road, 16 m apart.",
    ("rdc:ILLUS-10", "rdc:ILLUS-11"): "They lie 20 m apart; no road, railway or water is drawn between them.",
}


def test_every_pair_of_malton_has_a_sentence_a_person_would_accept(malton: ap.Estate, public: ap.Estate) -> None:
    for estate in (malton, public):
        pairs = ap.adjacent_pairs(ap.sites(estate), roads=estate.roads).to_dict("records")
        assert {(pair["site_a"], pair["site_b"]): relation_in_words(pair) for pair in pairs} == MALTON_SENTENCES


@pytest.mark.parametrize(
    ("line", "relation", "sentence"),
    [
        ("Old Malton Road", "opposite", "They face one another across Old Malton Road, 24 m apart."),
        ("A64 Malton bypass", "opposite", "They face one another across the A64 Malton bypass, 24 m apart."),
        ("River Derwent", "near", "They lie 24 m apart, with the River Derwent between."),
        (
            "York to Scarborough railway",
            "near",
            "They lie 24 m apart, with the York to Scarborough railway between.",
        ),
        ("County Bridge", "near", "They lie 24 m apart, with County Bridge between."),
    ],
)
def test_a_road_the_river_the_railway_and_a_bridge_are_told_apart(
    malton: ap.Estate, line: str, relation: str, sentence: str
) -> None:
    (shape,) = malton.roads.geometry[malton.roads["name"] == line]
    pair = across(malton, shape, 0.5 * shape.length)
    assert (pair["relation"], relation_in_words(pair)) == (relation, sentence)


@pytest.mark.parametrize(("off", "at"), [(9.0, True), (40.0, False)])
def test_the_level_crossing_is_told_from_the_open_line(malton: ap.Estate, off: float, at: bool) -> None:
    (rail,) = malton.roads.geometry[malton.roads["kind"] == "rail"]
    (crossing,) = malton.roads.geometry[malton.roads["kind"] == "level crossing"]
    pair = across(malton, rail, rail.project(shapely.centroid(crossing)) + off, width=4)
    where = "at Norton level crossing, " if at else ""
    assert pair["relation"] == "near"
    assert relation_in_words(pair) == f"They lie 24 m apart, {where}with the York to Scarborough railway between."


def across(estate: ap.Estate, line: shapely.LineString, at: float, width: float = 20) -> dict[str, Any]:
    """How two rectangles of land lie that are drawn 12 m to either side of a point of a line of Malton."""
    before, after = (line.interpolate(at + step) for step in (-1, 1))
    middle = np.array([before.x + after.x, before.y + after.y]) / 2
    along = np.array([after.x - before.x, after.y - before.y]) / before.distance(after)
    aside = np.array([-along[1], along[0]])
    corners = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
    shapes = [
        shapely.Polygon([middle + aside * (side * 22 + 10 * u) + along * width / 2 * v for u, v in corners])
        for side in (1, -1)
    ]
    frame = gpd.GeoDataFrame(geometry=shapes, index=["a", "b"], crs=27700)
    (pair,) = ap.adjacent_pairs(frame, roads=estate.roads).to_dict("records")
    return pair


def test_a_table_of_pairs_names_both_and_keeps_within_its_width(malton: ap.Estate) -> None:
    sites = ap.sites(malton)
    text = pairs_in_words(sites, ap.adjacent_pairs(sites, roads=malton.roads))
    assert max(map(cell_len, text.splitlines())) <= 160
    flat = " ".join(text.replace("│", " ").split())
    assert "Malton Police Station (police:ILLUS-06)" in flat
    assert "They share a boundary of about 56 m." in flat
    assert pairs_in_words(sites, ap.adjacent_pairs(sites).head(0)) == "Nothing to list.\n"


# ------------------------------------------------------------------------------------------------------- the sheet


@pytest.mark.parametrize("max_gap_m", [0.0, 25.0, 300.0])
def test_the_neighbours_of_each_site_are_the_pairs_it_is_one_of(malton: ap.Estate, max_gap_m: float) -> None:
    sites = ap.sites(malton)
    pairs = ap.adjacent_pairs(sites, max_gap_m=max_gap_m, roads=malton.roads)
    for site in sites.index[:: 1 if max_gap_m == 25 else 4]:
        sheet = ap.contact_sheet(malton, site, max_gap_m=max_gap_m)
        frame = sheet.neighbours
        assert tuple(frame.columns) == CONTACT_COLUMNS
        wanted = pairs[(pairs["site_a"] == site) | (pairs["site_b"] == site)]
        found = frame[list(table("relations"))].sort_values(["site_a", "site_b"]).reset_index(drop=True)
        pd.testing.assert_frame_equal(found, wanted.reset_index(drop=True), check_dtype=False)
        order = [
            (RELATIONS.index(row["relation"]), -row["shared_boundary_m"], row["gap_m"], row["neighbour"])
            for row in frame.to_dict("records")
        ]
        assert order == sorted(order)
        assert list(frame["neighbour"]) == [contact.site for contact in sheet.contacts]
        assert site not in set(frame["neighbour"])
        assert sheet.nearest.empty is bool(len(frame))
        assert tuple(sheet.nearest.columns) == NEAREST_COLUMNS


def test_what_is_told_of_a_few_sites_is_what_is_told_of_them_among_all(malton: ap.Estate, public: ap.Estate) -> None:
    for estate in (malton, public):
        whole, sites = account_of(estate), ap.sites(estate)
        for start in range(0, len(sites), 5):
            some = sites.iloc[start : start + 5]
            few = account_about(estate, some, whole.pairs.head(0))
            for part in ("lines", "notes", "sources", "space"):
                assert getattr(few, part) == {site: getattr(whole, part)[site] for site in some.index}, part


def test_the_sheet_says_who_holds_what_and_what_nobody_knows(malton: ap.Estate) -> None:
    sheet = ap.contact_sheet(malton, POLICE)
    told = sheet.neighbours.set_index("neighbour")
    assert list(told.index) == ["rdc:ILLUS-01", "unknown:MAL-12", "nhs:ILLUS-04"]
    assert "Yorkshire Ambulance Service" in told.loc["nhs:ILLUS-04", "holder"]
    assert "Covenant on the Ryedale House site" in told.loc["rdc:ILLUS-01", "constraints"]
    assert "(unknown)" in told.loc["rdc:ILLUS-01", "constraints"]
    assert "within the development limits" not in told.loc["rdc:ILLUS-01", "constraints"]
    assert told.loc["unknown:MAL-12", "holder"] is None
    assert {"body and holder", "status", "interest"} <= set(told.loc["unknown:MAL-12", "not_known"])
    assert "line 2" in told.loc["nhs:ILLUS-04", "source"]
    text = sheet_in_words(sheet)
    assert "owner unknown: nothing here says whose it is" in text
    assert "What this sheet does not cover" in text
    assert "HM Land Registry" in text
    assert repr(sheet).startswith("<ContactSheet of 'Malton Police Station'")


def test_a_site_without_neighbours_is_told_the_nearest(malton: ap.Estate) -> None:
    sheet = ap.contact_sheet(malton, "Malton Library")
    assert sheet.neighbours.empty
    assert tuple(sheet.neighbours.columns) == CONTACT_COLUMNS
    sites = ap.sites(malton)
    gaps = sites.drop("nycc:ILLUS-08").distance(sites.geometry["nycc:ILLUS-08"]).sort_values(kind="stable")
    assert list(sheet.nearest["site_id"]) == list(gaps.index[:3])
    assert list(sheet.nearest["gap_m"]) == pytest.approx(list(gaps[:3]))
    assert "No site known here lies within 25 m, or 40 m across a road." in sheet_in_words(sheet)
    assert as_json([dict(row) for row in sheet.neighbours.to_dict("records")]) == "[]\n"


REGISTER = """Ref,Name,Organisation,Easting,Northing,Postcode
A1,Town Hall,Testham District Council,450123,450457,
A2,Depot,Testham District Council,450133,450457,
A3,Depot,Other County Council,450523,450457,
A4,Nowhere,Testham District Council,,,
A5,The Yard,Testham District Council,,,YO17 7EY
"""


@pytest.fixture
def testham(tmp_path: Path) -> ap.Estate:
    path, codes = tmp_path / "testham.csv", tmp_path / "codes.csv"
    path.write_text(REGISTER, encoding="utf-8")
    codes.write_text("postcode,easting,northing\nYO17 7EY,450143,450457\n", encoding="utf-8")
    return ap.read_estate(path, postcodes=codes)


def test_what_has_no_place_or_no_lines_is_said(testham: ap.Estate) -> None:
    sheet = ap.contact_sheet(testham, "Town Hall")
    (depot,) = sheet.neighbours.to_dict("records")
    assert depot["in_words"] == "They lie 10 m apart (measured from a point)."
    assert depot["between"] is None
    assert sheet.summary == "One neighbour within 25 m: one near."
    limits = " ".join(sheet.limits)
    assert "one site placed by postcode only and one site with no known place" in limits
    assert "Three sites are known by a point alone" in limits
    assert "nothing is said of what lies between" in limits
    for name, words in (
        ("Nowhere", "Nothing here says where the site lies"),
        ("The Yard", "placed by its postcode only"),
    ):
        sheet = ap.contact_sheet(testham, name)
        assert sheet.neighbours.empty
        assert sheet.nearest.empty
        assert words in sheet.summary
        assert words in all_text(page_html(sheet_map(sheet)))
        assert words in " ".join(sheet_in_words(sheet).split())


def test_a_site_is_found_by_identifier_asset_parcel_or_name_and_doubt_is_said(
    malton: ap.Estate, testham: ap.Estate
) -> None:
    sites = ap.sites(malton)
    for wanted in ("rdc:ILLUS-01", "rdc:A0001", "MAL-01", "RYEDALE HOUSE – district council offices "):
        assert site_called(sites, wanted) == "rdc:ILLUS-01"
    with pytest.raises(
        ap.SubjectError, match=r"No site is called 'Ryedale Hose'. Did you mean .*rdc:ILLUS-01 [(]Ryedale House"
    ):
        ap.contact_sheet(malton, "Ryedale Hose")
    with pytest.raises(ap.SubjectError, match="Several sites are called 'depot'") as doubt:
        ap.contact_sheet(testham, "depot")
    assert str(doubt.value).endswith(": other-county-council:A3, testham-district-council:A2.")
    with pytest.raises(ap.SubjectError, match="assetplan sites ESTATE"):
        ap.contact_sheet(testham, "!")
    with pytest.raises(ValueError, match="max_gap_m"):
        ap.contact_sheet(testham, "Town Hall", max_gap_m=float("nan"))


# ------------------------------------------------------------------------------------------------------- the law


def everything(estate: ap.Estate, site: str, *, page: bool = True) -> str:
    """All that a sheet tells, with what the page holds where that is asked for."""
    sheet = ap.contact_sheet(estate, site, max_gap_m=300)
    frame = json.dumps(
        [{key: plain(value) for key, value in row.items()} for row in sheet.neighbours.to_dict("records")]
    )
    return "\n".join(
        [
            sheet_in_words(sheet),
            frame,
            as_csv(sheet.neighbours),
            as_csv(sheet.nearest),
            spelt_out(page_html(sheet_map(sheet))) if page else "",
        ]
    )


def test_the_public_is_told_nothing_of_what_it_may_not_know(malton: ap.Estate, public: ap.Estate) -> None:
    hidden = set(ap.sites(malton).index) - set(ap.sites(public).index)
    assert hidden == {"nycc:NY/0990", "unknown:MAL-13"}
    told = "\n".join(everything(public, site, page=place % 5 == 0) for place, site in enumerate(ap.sites(public).index))
    for secret in (
        "MAL-13",
        "Edge-of-town",
        "NY/0990",
        "Example Lodge",
        "audience:",
        "informal talks",
        "nycc-sensitive",
    ):
        assert secret not in told, secret
    assert "Early, informal talks" in everything(malton, "rdc:ILLUS-01")
    # A hidden site and one that never was are refused in the same words.
    refused = []
    for name in ("unknown:MAL-13", "unknown:MAL-99"):
        with pytest.raises(ap.SubjectError) as error:
            ap.contact_sheet(public, name)
        refused.append(str(error.value).replace(name, "X"))
        assert not any(secret in str(error.value).replace(name, "") for secret in hidden)
    assert refused[0] == refused[1]


def test_a_sheet_for_a_reader_equals_one_from_a_folder_that_never_held_the_rest(tmp_path: Path) -> None:
    altered = 0
    for number in range(3):
        rng = random.Random(7_000 + number)
        folder = random_folder(rng)
        reader = rng.choice(READERS)
        full = ap.read_estate(folder.write(tmp_path / f"{number}-full"))
        less = ap.read_estate(folder.known_to(reader).write(tmp_path / f"{number}-less"))
        seen, wanted = full.for_audience(reader), less.for_audience(reader)
        for place, site in enumerate(ap.sites(wanted).index):
            told = everything(seen, site, page=not place)
            assert told == everything(wanted, site, page=not place), (number, reader, site)
            altered += site in ap.sites(full).index and told != everything(full, site, page=not place)
    assert altered, "the estates hold too little that is not for everybody"


# ------------------------------------------------------------------------------------------------------- writers


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    folder = hostile_folder(tmp_path / "hostile")
    (register,) = (folder / "registers").iterdir()
    rows = list(csv.reader(io.StringIO(register.read_text(encoding="utf-8"))))
    for row in rows[1:]:  # so exact that they are points, not centres of postcodes
        row[7:9] = [str(int(row[7]) + 7), str(int(row[8]) + 3)]
    with register.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    estate = ap.read_estate(folder).for_audience("public")
    sites = list(ap.sites(estate).index)
    for site in sites[:: max(1, len(sites) // 4)]:
        sheet = ap.contact_sheet(estate, site, max_gap_m=200)
        assert len(sheet.contacts) > 1
        text = sheet_in_words(sheet)
        assert visible(text) == text  # no control, escape, bidi or zero-width character is left
        assert max(map(cell_len, text.splitlines())) <= 100
        html = page_html(sheet_map(sheet))
        for inert in ("<script>window.HIT", "<img src=x", "<svg onload", "\x1b", "\u202e", "1337"):
            assert inert not in html, inert
        assert [one["id"] for one in PageData(html).sites] == [site, *sheet.neighbours["neighbour"]]
        cells = [cell for row in csv.reader(io.StringIO(as_csv(sheet.neighbours))) for cell in row]
        assert not [cell for cell in cells if cell[:1] in {"=", "+", "@"}]


def test_the_page_shows_the_site_its_neighbours_and_nothing_else(public: ap.Estate, tmp_path: Path) -> None:
    first = ap.save_contact_sheet(public, POLICE, tmp_path / "one.html")
    second = ap.save_contact_sheet(ap.read_estate(MALTON).for_audience("public"), POLICE, tmp_path / "two.html")
    assert first.read_bytes() == second.read_bytes()
    html = first.read_text(encoding="utf-8")
    data = PageData(html)
    sheet = ap.contact_sheet(public, POLICE)
    assert [site["id"] for site in data.sites] == [POLICE, *sheet.neighbours["neighbour"]]
    assert data.packed["relations_on"] is True
    assert data.texts(data.packed["relations"]["text"]) == list(sheet.neighbours["in_words"])
    told = all_text(html)
    for words in (sheet.summary, *sheet.limits, *sheet.neighbours["in_words"], *sheet.neighbours["name"]):
        assert words in told
    assert "Not for publication" not in told
    assert "fire-stations.csv" not in told  # no source but those of what is shown
    assert str(tmp_path) not in told
    assert "For the keeper. Not for publication." in page_html(
        sheet_map(ap.contact_sheet(ap.read_estate(MALTON), POLICE))
    )


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"NO_COLOR": "1"})


def test_the_command_writes_the_sheet_by_the_suffix(tmp_path: Path, malton: ap.Estate) -> None:
    for suffix in (".txt", ".csv", ".json", ".html"):
        target = tmp_path / f"police{suffix}"
        done = run("neighbours", MALTON, "Malton Police Station", "-o", target)
        assert done.exit_code == 0, done.output
        refused = run("neighbours", MALTON, "Malton Police Station", "-o", target)
        assert isinstance(refused.exception, ap.OutputError)
    sheet = ap.contact_sheet(malton, POLICE)
    assert (tmp_path / "police.txt").read_text(encoding="utf-8") == sheet_in_words(sheet, to_file=True)
    pairs = json.loads((tmp_path / "police.json").read_text(encoding="utf-8"))
    assert [tuple(pair) for pair in pairs] == [CONTACT_COLUMNS] * 3
    rows = list(csv.DictReader(io.StringIO((tmp_path / "police.csv").read_text(encoding="utf-8-sig"))))
    assert (
        [row["neighbour"] for row in rows]
        == [pair["neighbour"] for pair in pairs]
        == list(sheet.neighbours["neighbour"])
    )
    assert (tmp_path / "police.html").read_text(encoding="utf-8") == page_html(sheet_map(sheet))


def test_the_command_refuses_what_makes_no_sense_and_tells_when_there_is_no_neighbour(tmp_path: Path) -> None:
    for arguments in (("-o", tmp_path / "all.html"), (POLICE, "-o", tmp_path / "police.docx")):
        done = run("neighbours", MALTON, *arguments)
        assert done.exit_code == 2, done.output
    assert not list(tmp_path.iterdir())
    done = run("neighbours", MALTON, "Malton Library", "--format", "json")
    assert json.loads(done.stdout) == []
    assert "No site known here lies within 25 m" in done.stderr
    done = run("neighbours", MALTON, "Malton Library", "--max-gap", "220")
    assert "One neighbour within 220 m: one near." in done.stdout


def test_the_nearest_site_of_another_body_with_the_same_use_is_named() -> None:
    """The library's use is given to a police site and to a nearer one of the library's own body."""
    estate = ap.read_estate(MALTON)
    frame = ap.sites(estate)
    frame["use"] = None
    frame.loc[["nycc:ILLUS-08", "police:ILLUS-06", "nycc:ILLUS-16"], "use"] = "Library"
    sheet = ap.contact_sheet(replace(estate, _sites=frame), "nycc:ILLUS-08")
    said = {label: value for label, value, _ in sheet.about.lines}["Same use, another body"]
    gap = frame.geometry["nycc:ILLUS-08"].distance(frame.geometry["police:ILLUS-06"])
    assert said == f"Malton Police Station, North Yorkshire Police Authority, {gap:,.0f} m away in a straight line"
    alone = ap.contact_sheet(replace(estate, _sites=frame.assign(use=None)), "nycc:ILLUS-08")
    assert {label: value for label, value, _ in alone.about.lines}["Same use, another body"].startswith("none found; ")
    assert not any(label == "Same use, another body" for contact in sheet.contacts for label, _, _ in contact.lines)

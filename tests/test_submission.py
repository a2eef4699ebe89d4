"""Groups on the page and in a site-submission sheet: for whom, what they say, hostile names, the same bytes."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import pandas as pd
import pyogrio
import pytest
import shapely
import shared
from pages import PageData, all_text, spelt_out
from test_assembly_words import CARE, COVENANT, HQ, MALTON, POLICE, SIX, STATION, TOO_SURE
from test_cli import run

import assetplan as ap
from assetplan.errors import OutputError, SubjectError
from assetplan.page.shell import page_html
from assetplan.sentences import summary
from assetplan.wording import account_of

PAIR = (POLICE, HQ)


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def rdc(malton: ap.Estate) -> ap.Estate:
    return malton.for_audience("rdc")


def graph_of(estate: ap.Estate) -> nx.Graph:
    return ap.adjacency(ap.sites(estate), roads=estate.roads)


@pytest.fixture(scope="module")
def page(drawn: Callable[[str], Path]) -> str:
    return drawn("rdc").read_bytes().decode("utf-8")


def copied(tmp_path: Path, name: str = "malton") -> Path:
    folder = tmp_path / name
    shutil.copytree(MALTON, folder)
    return folder


# ------------------------------------------------------------------------------------------------------- the page


def test_the_two_rankings_stand_apart_on_the_page(page: str, rdc: ap.Estate) -> None:
    found = ap.find_assemblies(rdc, graph_of(rdc))
    groups = PageData(page).packed["assemblies"]
    assert [group["ranking"] for group in groups] == found["ranking"].tolist()
    names = [site["id"] for site in PageData(page).sites]
    assert [tuple(sorted(names[i] for i in group["sites"])) for group in groups] == found["sites"].tolist()
    largest = [group for group in groups if group["ranking"] == "largest connected"]
    assert all(group["facts"] == group["reasons"] == group["changes"] == [] for group in largest)
    for group, row in zip(groups, found.to_dict("records"), strict=True):
        if group["ranking"] == "best deliverable":
            facts = {fact["label"]: fact["value"] for fact in group["facts"]}
            assert "indicative, not a valuation" in facts["Marriage value"]
            assert "2025/26" in facts["Marriage value"]
            assert facts["Score"].endswith(row["first_in"])
            gives = facts["Who gives up"]
            assert ("Police Authority about £" in gives) is (POLICE in row["sites"]), gives
            assert (gives == "nobody, by the central figures") is (row["given_up_gbp"] == 0)
            assert any("in its range" in change for change in group["changes"])
            assert group["reasons"][0].startswith("Joining these sites ")
            assert group["blockers"] == list(row["blockers"])
    assert page.count('class="ap-group"') == len(groups) - len(largest) > 3
    assert 'data-id="assemblies"' in page
    assert 'data-id="deliverable"' in page
    assert "Six sites, " in page  # the sentence of the largest


def test_no_figure_on_the_cards_is_to_the_pound(page: str) -> None:
    for group in PageData(page).packed["assemblies"]:
        text = json.dumps(group, ensure_ascii=False)
        assert not TOO_SURE.search(text), TOO_SURE.search(text)


@pytest.mark.parametrize("reader", ["public", "nhs", "fire", "nycc"])
def test_a_page_for_whom_nothing_is_released_holds_no_word_of_groups(
    reader: str, drawn: Callable[[str], Path], tmp_path: Path
) -> None:
    """It is, to the byte, the page of a folder without assumptions, weights and release."""
    html = drawn(reader).read_bytes().decode("utf-8")
    assert PageData(html).packed["assemblies"] == []
    body = (
        html[html.index("<body") : html.index('<script type="application/json"')] + all_text(html).split("</html>")[-1]
    )
    body += json.dumps(PageData(html).packed["pool"])
    for word in ("ap-groups", "deliverable", "arriage value", "Joining these sites", "worth together", "least-regret"):
        assert word not in body, word
    folder = copied(tmp_path)
    for name in ("assumptions.toml", "weights.toml"):
        (folder / name).unlink()
    said = (folder / "estate.toml").read_text("utf-8")
    (folder / "estate.toml").write_text(re.sub(r"assemblies = \[.*\]", "assemblies = []", said), encoding="utf-8")
    assert page_html(ap.map_estate(ap.read_estate(folder).for_audience(reader))) == html


def test_without_assumptions_only_what_lies_together_is_told(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "assumptions.toml").unlink()
    html = page_html(ap.map_estate(ap.read_estate(folder).for_audience("rdc")))
    assert [group["ranking"] for group in PageData(html).packed["assemblies"]] == ["largest connected"]
    assert 'id="ap-groups"' not in html
    assert 'data-id="deliverable"' not in html
    assert "Six sites, " in html
    done = run("assemble", str(folder))
    assert done.returncode == 0
    assert "Nothing is valued" in done.stdout
    assert "£" not in done.stdout


SECRETS = {
    "secret-sale": ("asset", "police:NYP-0117", "as_it_stands_gbp", "4321000"),
    "secret-homes": ("asset", "rdc:A0001", "homes", "77"),
}


def test_what_only_another_reader_may_know_changes_no_byte(rdc: ap.Estate, page: str, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "facts.csv"
    rows = path.read_text("utf-8")
    heads = rows.splitlines()[0].split(",")
    extra = io.StringIO(newline="")
    for key, (kind, subject, field, value) in SECRETS.items():
        told = {
            "fact_id": key, "subject_kind": kind, "subject": subject, "field": field, "value": value, "audience": "fire",
            "source": "whispered", "as_of": "2010-06-25", "illustrative": "no",
        }  # fmt: skip
        csv.writer(extra).writerow([told.get(head, "") for head in heads])
    path.write_text(rows.rstrip("\r\n") + "\r\n" + extra.getvalue(), encoding="utf-8")
    whole = ap.read_estate(folder)
    assert set(SECRETS) <= set(whole.facts["fact_id"])
    other = whole.for_audience("rdc")
    assert page_html(ap.map_estate(other)) == page
    for suffix in (".html", ".gpkg"):
        files = [
            ap.save_submission(estate, graph_of(estate), PAIR, tmp_path / f"{number}{suffix}").read_bytes()
            for number, estate in enumerate((rdc, other))
        ]
        assert files[0] == files[1]
    # The keeper's does change: the statements are read.
    sums = [
        ap.examine_assembly(estate, graph_of(estate), PAIR).value.apart_gbp[1]
        for estate in (ap.read_estate(MALTON), whole)
    ]
    assert sums[0] != sums[1]


# ------------------------------------------------------------------------------------------------------- the sheet


def test_the_sheet_holds_what_a_call_for_sites_asks(rdc: ap.Estate, tmp_path: Path) -> None:
    path = ap.save_submission(rdc, graph_of(rdc), reversed(PAIR), tmp_path / "sheet.gpkg")
    layers = {str(name) for name, _ in pyogrio.list_layers(path)}
    assert layers == {"submission", "sites", "needs"}
    whole = gpd.read_file(path, layer="submission")
    assert len(whole) == 1
    assert whole.crs.to_epsg() == 27700
    row = whole.iloc[0]
    assert row.geometry.geom_type == "MultiPolygon"
    members = ap.sites(rdc).loc[list(PAIR)]
    assert row.geometry.equals(shapely.union_all(members.geometry.to_numpy()))
    assert row["gross_area"].startswith(f"{members['area_ha'].sum():.2f} ha")
    value = ap.examine_assembly(rdc, graph_of(rdc), PAIR).value
    assert row["homes"].startswith(f"about {value.homes:.0f}")
    assert row["homes"].endswith("(i)")
    assert "North Yorkshire Police Authority" in row["owners"]
    assert "Old Malton Road" in row["access"]
    assert "committed" in row["commitment_of_owners"]
    assert "covenant (not known)" in row["needs"]
    assert row["audience"] == "For Ryedale District Council only. Not for publication."
    sites = gpd.read_file(path, layer="sites")
    assert sites["site_id"].tolist() == sorted(PAIR)
    for part, site in zip(sites.geometry, sites["site_id"], strict=True):
        assert part.equals(members.geometry[site])
    assert sites["title"].str.contains("ILLUS-").all()
    needs = pyogrio.read_dataframe(path, layer="needs")
    assert {"covenant", "compulsion", "trees"} <= set(needs["what"])
    assert set(needs["cost"]) == {"to be confirmed"}


def test_no_value_in_pounds_is_part_of_the_sheet(rdc: ap.Estate, tmp_path: Path) -> None:
    for suffix in (".html", ".gpkg"):
        data = ap.save_submission(rdc, graph_of(rdc), SIX, tmp_path / f"sheet{suffix}").read_bytes()
        text = spelt_out(data.decode()) if suffix == ".html" else data.decode("latin-1")
        assert "£" not in text.replace("\xc2\xa3", "£")
        assert "arriage" not in text
        for figure in ("1060000", "1,060,000", "300000", "760000"):
            assert figure not in text


def test_the_same_sheet_has_the_same_bytes(rdc: ap.Estate, tmp_path: Path) -> None:
    again = ap.read_estate(MALTON, audience="rdc")
    for suffix in (".html", ".gpkg"):
        one = ap.save_submission(rdc, graph_of(rdc), PAIR, tmp_path / f"one{suffix}").read_bytes()
        other = ap.save_submission(again, graph_of(again), reversed(PAIR), tmp_path / f"other{suffix}").read_bytes()
        assert other == one


@pytest.mark.parametrize("reader", ["public", "nhs", "fire"])
def test_a_reader_to_whom_nothing_is_released_gets_no_sheet(reader: str, malton: ap.Estate, tmp_path: Path) -> None:
    estate = malton.for_audience(reader)
    for suffix in (".html", ".gpkg"):
        with pytest.raises(SubjectError, match="not released to this reader"):
            ap.save_submission(estate, graph_of(estate), PAIR, tmp_path / f"sheet{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_a_sheet_or_says_why_not(tmp_path: Path) -> None:
    done = run("assemble", MALTON, "Malton Police Station", HQ, "--audience", "rdc", "-o", "sheet.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "sheet.html: the site-submission sheet of 2 sites. No value is part of it.\n"
    again = run("assemble", MALTON, CARE, HQ, "--audience", "rdc", "-o", "sheet.html", cwd=tmp_path)
    assert again.returncode == 2
    assert "--force" in again.stderr
    refused = run("assemble", MALTON, CARE, HQ, "--audience", "fire", "-o", "no.gpkg", cwd=tmp_path)
    assert refused.returncode == 1
    assert (
        refused.stderr.strip() == "Assemblies are not released to this reader, so no site-submission sheet is written."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.html"]


def test_what_is_no_site_of_a_scheme_is_refused(rdc: ap.Estate, tmp_path: Path) -> None:
    graph = graph_of(rdc)
    for site in ("rdc:NOBODY", "unknown:MAL-12"):
        with pytest.raises(SubjectError, match="cannot be part of a scheme"):
            ap.save_submission(rdc, graph, [HQ, site], tmp_path / "sheet.html")
    with pytest.raises(OutputError, match=r"\.html, \.gpkg"):
        ap.save_submission(rdc, graph, PAIR, tmp_path / "sheet.pdf")
    assert list(tmp_path.iterdir()) == []


def test_without_assumptions_the_sheet_says_what_is_not_known(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "assumptions.toml").unlink()
    estate = ap.read_estate(folder).for_audience("rdc")
    row = gpd.read_file(
        ap.save_submission(estate, graph_of(estate), PAIR, tmp_path / "s.gpkg"), layer="submission"
    ).iloc[0]
    assert row["homes"] == row["net_area"] == row["proposed_use"] == "unknown"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    folder = copied(tmp_path_factory.mktemp("hostile"))
    for file, old, new in (
        ("registers/police-estate.geojson", "Malton Police Station", STATION),
        ("constraints.geojson", "Covenant on the Ryedale House site", COVENANT),
    ):
        said = (folder / file).read_text("utf-8")
        (folder / file).write_text(said.replace(f'"{old}"', json.dumps(new)), encoding="utf-8")
    return ap.read_estate(folder)


def test_hostile_names_are_only_text_on_page_and_sheet(hostile: ap.Estate, tmp_path: Path) -> None:
    sheet = ap.save_submission(hostile, graph_of(hostile), PAIR, tmp_path / "sheet.html").read_text("utf-8")
    for html in (page_html(ap.map_estate(hostile)), sheet):
        assert "HYPERLINK" in html
        assert "<script>alert(1)" not in html
        assert "&#60;script&#62;alert" in html
        assert "\x1b" not in html
        assert "\u202e" not in html
    package = ap.save_submission(hostile, graph_of(hostile), PAIR, tmp_path / "sheet.gpkg")
    for name in ("submission", "sites", "needs"):
        rows: Any = pyogrio.read_dataframe(package, layer=name, read_geometry=False)
        text = rows.to_json(force_ascii=False)
        assert "\\u001b" not in text
        assert "\u202e" not in text
    assert "HYPERLINK" in pyogrio.read_dataframe(package, layer="submission", read_geometry=False)["land"].iloc[0]


def test_assemblies_in_an_export_have_their_outlines_and_flat_contributions(rdc: ap.Estate, tmp_path: Path) -> None:
    found = ap.find_assemblies(rdc, graph_of(rdc))
    layer = gpd.read_file(ap.export(rdc, tmp_path / "out.gpkg"), layer="assemblies")
    assert len(layer) == len(found)
    shapes = ap.sites(rdc).geometry
    for shape, row in zip(layer.geometry, found.to_dict("records"), strict=True):
        assert shape.equals(shapely.union_all(shapes.loc[list(row["sites"])].to_numpy()))
    valued = layer[layer["ranking"] == "best deliverable"]
    assert valued["contributions"].str.contains(r"^[a-z_]+: -?[\d.]+(?:; [a-z_]+: -?[\d.]+)*$").all()


def test_of_many_groups_the_summary_names_the_largest_and_counts_the_rest(
    rdc: ap.Estate,
) -> None:
    account = account_of(rdc)
    assert account.assemblies is not None
    one = account.assemblies.iloc[[0]]
    many = pd.concat([one] * 8, ignore_index=True)
    said = summary(replace(account, assemblies=many))
    assert sum("adjoin, held by" in sentence for sentence in said) == 5
    assert "Three further groups of adjoining sites: see the table." in said
    assert not any("further group" in sentence for sentence in summary(account))

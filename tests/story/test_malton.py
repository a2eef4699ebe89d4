"""Malton as its three users meet it: what adjoins, who may know what, and what holds when the data is stirred."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pytest

import assetplan as ap
from assetplan.relations import components

ROOT = Path(__file__).parents[2]
MALTON = ROOT / "data" / "malton"

# The six on Old Malton Road by what stands there, so that finding them is a finding and not a look-up of identifiers.
SIX = {
    "Malton Community Primary School": "nycc",
    "St Mary's Catholic Primary School": "nycc",
    "Ashfield care home": "nycc",
    "Ryedale House – district council offices": "rdc",
    "Malton ambulance station": "nhs",
    "Malton Police Station": "police",
}
TALKS = ("rdc", "nycc.adult-services", "police")

# Who may know each statement that is not for everybody. Read from the founding paper: the extra care talks are between the
# district and adult services, those on the town-centre building between the district and the police, the rest among the three.
RESTRICTED = {
    "edge-main-road": TALKS,
    "edge-ground-floor": TALKS,
    "edge-town-centre": TALKS,
    "hq-talks": ("rdc", "nycc.adult-services"),
    "care-talks": ("rdc", "nycc.adult-services"),
    "ch-police": ("rdc", "police"),
    "ch-rebuild": TALKS,
    "edge-idea": TALKS,
    "edge-name": TALKS,
    "edge-owner": TALKS,
    "six-joined": TALKS,
    "fields-schools": TALKS,
    "confidence": TALKS,
    "feasibility": TALKS,
    # What land would fetch, and what clearing it would cost: those in the talks for the six sites, else the owner alone.
    **dict.fromkeys(("police-homes", "ambulance-homes", "care-homes"), TALKS),
    **dict.fromkeys((f"{site}-works-before" for site in ("hq", "police", "ambulance", "care")), TALKS),
    **dict.fromkeys(("police-sale", "police-houses-sale", "ambulance-sale", "care-sale"), TALKS),
    "library-sale": ("nycc", "nycc.adult-services", "nycc.libraries"),
    "community-house-sale": ("rdc",),
    "car-park-sale": ("rdc",),
    "fire-sale": ("fire",),
    "fire-homes": ("fire",),
}
READERS = ("public", "nycc", "rdc", "nhs", "police", "fire", "nycc.adult-services", "nycc.libraries")


@pytest.fixture(scope="module")
def keeper() -> ap.Estate:
    return ap.read_estate(MALTON)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MALTON, tmp_path / "malton"))


def named(estate: ap.Estate) -> dict[str, str]:
    return ap.sites(estate)["name"].to_dict()


def by_name(estate: ap.Estate) -> set[tuple[str, str, str]]:
    """Pairs by the names of the sites, which do not change when identifiers do."""
    names = named(estate)
    pairs = ap.adjacent_pairs(ap.sites(estate), roads=estate.roads)
    return {
        (*sorted((names[a], names[b])), r)
        for a, b, r in zip(pairs["site_a"], pairs["site_b"], pairs["relation"], strict=True)
    }


def groups(estate: ap.Estate) -> list[set[str]]:
    names = named(estate)
    graph = ap.adjacency(ap.sites(estate), roads=estate.roads)
    return [{names[site] for site in group} for group in components(graph) if len(group) > 1]


def edit(path: Path, change: Any) -> None:
    """Rewrite the features of a GeoJSON file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["features"] = change(document["features"])
    path.write_text(json.dumps(document), encoding="utf-8")


# ------------------------------------------------------------------------------------------------------- the account


def test_every_row_is_accounted_for(keeper: ap.Estate) -> None:
    frame = keeper.registers.set_index("path")
    assert (frame["rows_read"] == frame["accepted"] + frame["quarantined"]).all()
    assert frame["rows_read"].sum() == len(keeper.assets) == 25
    assert frame["located"].sum() == 24
    assert set(frame["organisation"]) == {"nycc", "rdc", "nhs", "police", "fire"}


def test_five_shapes_of_register_are_read(keeper: ap.Estate) -> None:
    assets = keeper.assets
    assert assets.loc["rdc:A0001", "running_cost_gbp_pa"] == 347_000  # "£347,000" in cp1252
    assert assets.loc["nycc:NY/0413", "address"] == "Highfield Road, Malton"  # a town merged over several rows
    assert assets.loc["nhs:5NV-MCH", "running_cost_gbp_pa"] == 395_000 + 230_000 + 200_000  # three ERIC lines
    assert assets.loc["nhs:RX8-MAL", "body"] == "Yorkshire Ambulance Service NHS Trust"
    assert assets.loc["fire:MAL/1", ["easting", "northing"]].tolist() == [479176, 471591]  # both in one cell
    assert assets.loc["fire:MAL/1", "site_area_ha"] == 0.28  # "0.28 hectares (0.69 acres)"
    assert assets.loc["police:NYP-0117", "location_precision"] == "point"  # degrees


def test_a_postcode_joins_no_parcel_but_a_title_does(keeper: ap.Estate) -> None:
    """The ambulance station's postcode lies in the police parcel; the title given by a fact puts it where it belongs."""
    assert keeper.assets.loc["nhs:RX8-MAL", "parcels"] == ("MAL-04",)
    assert keeper.assets.loc["nhs:RX8-MAL", "join_reason"] == "title ILLUS-04"
    assert keeper.assets.loc["nhs:B82025", "location_precision"] == "postcode"
    assert keeper.assets.loc["nhs:B82025", "parcels"] == ()


# ------------------------------------------------------------------------------------------------------- what adjoins


def test_the_six_are_one_component_by_touching_and_near(keeper: ap.Estate) -> None:
    found = groups(keeper)
    assert set(SIX) in found
    frame = ap.sites(keeper).reset_index().set_index("name")
    assert frame.loc[list(SIX), "organisation"].to_dict() == SIX
    inside = {pair for pair in by_name(keeper) if set(pair[:2]) <= set(SIX)}
    assert {relation for *_, relation in inside} == {"touching", "near"}


def test_fire_station_and_library_are_outside(keeper: ap.Estate) -> None:
    everyone = set().union(*groups(keeper))
    assert {"Malton fire station", "Malton Library"}.isdisjoint(everyone)
    assert {"Malton fire station", "Malton Library"} <= set(named(keeper).values())


def test_the_fields_are_joined_by_opposite_only(keeper: ap.Estate) -> None:
    pairs = [pair for pair in by_name(keeper) if "Playing fields opposite" in pair]
    assert len(pairs) >= 3
    assert {relation for *_, relation in pairs} == {"opposite"}
    fields = ap.sites(keeper).reset_index().set_index("name").loc["Playing fields opposite"]
    assert fields["organisation"] == "unknown"
    assert not fields["developable"]


def test_police_station_and_houses_are_one_site_of_two_assets(keeper: ap.Estate) -> None:
    police = ap.sites(keeper).loc["police:ILLUS-06"]
    assert police["assets"] == ("police:NYP-0117", "police:NYP-0118")
    assert "share title ILLUS-06" in police["reason"]


def test_the_private_surgery_is_context_and_not_estate(keeper: ap.Estate) -> None:
    assert "nhs:B82025" in keeper.context().index
    assert not any("nhs:B82025" in assets for assets in ap.sites(keeper)["assets"])


def test_moving_the_fields_away_drops_their_pairs_and_nothing_else(copy: Path, keeper: ap.Estate) -> None:
    def move(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for feature in features:
            if feature["properties"]["parcel_id"] == "MAL-12":
                ring = feature["geometry"]["coordinates"]
                feature["geometry"]["coordinates"] = [[[x + 0.0006, y - 0.0003] for x, y in part] for part in ring]
        return features

    before = by_name(keeper)
    edit(copy / "land.geojson", move)
    after = by_name(ap.read_estate(copy))
    assert before - after == {pair for pair in before if "Playing fields opposite" in pair}
    assert after <= before


def test_renaming_ids_only_renames(copy: Path, keeper: ap.Estate) -> None:
    """Parcels and titles renamed so that their order turns round: the same sites, the same pairs."""
    old = [f"{n:02d}" for n in range(1, 24)]
    new = dict(zip(old, reversed(old), strict=True))
    for path in (
        copy / "land.geojson",
        copy / "facts.csv",
        copy / "constraints.geojson",
        *(copy / "registers").glob("*.*"),
    ):
        if path.suffix == ".xlsx":
            _rename_in_workbook(path, new)
            continue
        data = path.read_bytes()
        for prefix in (b"MAL-", b"ILLUS-"):
            for number in old:
                data = data.replace(prefix + number.encode(), prefix + b"@" + new[number].encode())
            data = data.replace(prefix + b"@", prefix)
        path.write_bytes(data)
    renamed = ap.read_estate(copy)
    assert by_name(renamed) == by_name(keeper)
    back = {f"ILLUS-{a}": f"ILLUS-{b}" for b, a in new.items()} | {f"MAL-{a}": f"MAL-{b}" for b, a in new.items()}
    ids = [
        f"{site.split(':')[0]}:{back.get(site.split(':')[1], site.split(':')[1])}" for site in ap.sites(renamed).index
    ]
    assert sorted(ids) == sorted(ap.sites(keeper).index)


def _rename_in_workbook(path: Path, new: dict[str, str]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(path)
    for row in book.active.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("ILLUS-"):
                cell.value = f"ILLUS-{new[cell.value[-2:]]}"
    book.save(path)


def test_shuffled_rows_change_no_answer(copy: Path, keeper: ap.Estate) -> None:
    for name in ("land", "constraints", "roads", "places"):
        edit(copy / f"{name}.geojson", lambda features: features[::-1])
    for path in (copy / "facts.csv", copy / "interests.csv"):
        header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join([header, *reversed(lines)]), encoding="utf-8")
    for path in (copy / "registers").glob("*.csv"):
        header, *lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([header, *reversed(lines)]))
    shuffled = ap.read_estate(copy)
    pd.testing.assert_frame_equal(ap.sites(shuffled), ap.sites(keeper))
    pd.testing.assert_frame_equal(shuffled.facts, keeper.facts)
    assert by_name(shuffled) == by_name(keeper)


def test_the_graph_carries_the_pairs(keeper: ap.Estate) -> None:
    sites = ap.sites(keeper)
    pairs = ap.adjacent_pairs(sites, roads=keeper.roads)
    graph = ap.adjacency(sites, roads=keeper.roads)
    assert set(graph.nodes) == set(sites.index)
    assert graph.number_of_edges() == len(pairs)
    edge = graph.edges["police:ILLUS-06", "rdc:ILLUS-01"]
    assert edge["relation"] == "touching"
    assert edge["shared_boundary_m"] > 50
    assert nx.is_connected(graph.subgraph(ap.find_assemblies(keeper, graph).iloc[0]["sites"]))


# ------------------------------------------------------------------------------------------------------- assemblies


def test_the_six_are_the_one_assembly_and_say_what_stands_in_the_way(keeper: ap.Estate) -> None:
    found = ap.find_assemblies(keeper, ap.adjacency(ap.sites(keeper), roads=keeper.roads))
    names = named(keeper)
    found = found[found["ranking"] == "largest connected"]
    assert [{names[site] for site in group} for group in found["sites"]] == [set(SIX)]
    (row,) = found.to_dict("records")
    assert row["ranking"] == "largest connected"
    assert row["organisations"] == ("nhs", "nycc", "police", "rdc")
    assert row["area_ha"] == pytest.approx(5.87, abs=0.1)
    assert not row["over_max_sites"]
    for column in ("score", "contributions", "marriage_value_gbp", "ransom_sites"):
        assert row[column] is None
    said = " | ".join(row["blockers"])
    assert "permits housing, local government only" in said
    assert "Other covenants on the Ryedale House site: not known whether it applies" in said
    assert "St Mary's Catholic Primary School: holder to be confirmed" in said
    assert "Development limits" not in said  # the sites lie within them


def test_too_many_sites_are_flagged(keeper: ap.Estate) -> None:
    found = ap.find_assemblies(keeper, ap.adjacency(ap.sites(keeper), roads=keeper.roads), max_sites=5)
    assert found.loc[found["ranking"] == "largest connected", "over_max_sites"].tolist() == [True]
    assert not found.loc[found["ranking"] == "best deliverable", "over_max_sites"].any()


@pytest.mark.parametrize("reader", READERS)
def test_assemblies_reach_only_those_they_are_released_to(
    keeper: ap.Estate, reader: str, drawn: Callable[[str], Path]
) -> None:
    told = reader in TALKS
    assert keeper.for_audience(reader).released("assemblies") is told
    page = drawn(reader).read_text(encoding="utf-8")
    assert ("adjoin, held by four bodies" in page) is told
    assert ("Groups of adjoining sites" in page) is told


# ------------------------------------------------------------------------------------------------------- who may know what


PARTNERS_FIELDS = (
    "desks", "utilisation_percent", "condition", "ground_floor", "town_centre", "main_road", "bus_stop_m", "ict", "vetting", "parking_spaces",
)  # fmt: skip


def test_the_table_of_readers_and_statements(keeper: ap.Estate) -> None:
    every = set(keeper.facts["fact_id"])
    assert len(every) == 127
    assert set(RESTRICTED) <= every
    among_partners = set(keeper.facts["fact_id"][keeper.facts["field"].isin(PARTNERS_FIELDS)]) - set(RESTRICTED)
    assert len(among_partners) == 63
    for reader in READERS:
        wanted = {fact for fact in every if fact not in RESTRICTED or reader in RESTRICTED[fact]}
        wanted -= among_partners if reader == "public" else set()
        assert set(keeper.for_audience(reader).facts["fact_id"]) == wanted, reader


def test_the_sensitive_register_is_for_the_county_and_its_groups(keeper: ap.Estate) -> None:
    for reader in READERS:
        estate = keeper.for_audience(reader)
        told = reader.split(".")[0] == "nycc"
        assert ("nycc:NY/0990" in estate.assets.index) is told, reader
        assert ("nycc-sensitive.csv" in set(estate.registers["path"])) is told, reader


@pytest.mark.parametrize("reader", READERS)
def test_no_output_holds_what_its_reader_may_not_know(
    keeper: ap.Estate, reader: str, tmp_path: Path, drawn: Callable[[str], Path]
) -> None:
    """Bytes of page, GeoPackage and CSV searched for the words of every statement that is not for the reader."""
    estate = keeper.for_audience(reader)
    files = [*(ap.export(estate, tmp_path / name) for name in ("out.gpkg", "out.csv")), drawn(reader)]
    text = "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)
    rows = list(csv.DictReader(io.StringIO((MALTON / "facts.csv").read_text(encoding="utf-8"))))
    hidden = {row["value"] for row in rows if row["fact_id"] in RESTRICTED and reader not in RESTRICTED[row["fact_id"]]}
    hidden |= {
        row["fact_id"] for row in rows if row["fact_id"] in RESTRICTED and reader not in RESTRICTED[row["fact_id"]]
    }
    hidden = {
        words for words in hidden if words not in {"private", "yes", "no"} and not words.replace(".", "").isdigit()
    }
    if reader.split(".", maxsplit=1)[0] != "nycc":
        hidden |= {"Example Lodge", "NY/0990", "nycc-sensitive", "area-office-lease"}
    if reader != "rdc":
        hidden |= {"car-park-market", "community-house-licence-rooms"}
    if reader == "public":
        hidden |= {
            "rdc-back-office",
            "rdc-members",
            "nycc-adult-care",
            "police-neighbourhood",
            "hq-desks",
            "pol-vetting",
            "hose store",
        }
    if reader not in TALKS and reader != "police":
        hidden |= {"police-response", "Response policing"}
    if reader not in TALKS:
        hidden |= {"MAL-13", "edge-garage", "ch-public-works", "Land off the A169", "extra care"}
    assert hidden
    for words in hidden:
        assert words not in text, words
    for label in ("rdc;nycc", "nycc.adult-services", "nycc.libraries"):
        if reader != label:
            assert label not in text, label


def test_the_keepers_page_shows_each_statement_with_value_source_and_audience(
    keeper: ap.Estate, copy: Path, tmp_path: Path
) -> None:
    with (copy / "facts.csv").open("a", encoding="utf-8") as file:
        file.write("lost,site,rdc:A0001,note,A saying with no label,,somebody,2010-06-24,,\n")
        file.write("wrong,asset,rdc:A0001,gia_m2,quite large,police,somebody else,2010-06-24,,\n")
    estate = ap.read_estate(copy)
    page = ap.save_map(ap.map_estate(estate), tmp_path / "all.html").read_text(encoding="utf-8")
    for row in keeper.facts.to_dict("records"):
        for value in (row["fact_id"], row["value"], row["source"], row["audience"]):
            assert str(ap.safe_text(value)) in page, (row["fact_id"], value)
    assert "A saying with no label" in page
    assert "quite large" in page
    assert "For the keeper. Not for publication." in page
    police = ap.save_map(ap.map_estate(estate.for_audience("police")), tmp_path / "police.html").read_text(
        encoding="utf-8"
    )
    assert "quite large" in police
    assert "A saying with no label" not in police
    public = ap.save_map(ap.map_estate(estate.for_audience("public")), tmp_path / "public.html").read_text(
        encoding="utf-8"
    )
    assert "quite large" not in public


# ------------------------------------------------------------------------------------------------------- the page in words


def test_the_banner_and_dates_stand_on_every_page(drawn: Callable[[str], Path]) -> None:
    for reader in ("public", "rdc", "all"):
        page = drawn(reader).read_text(encoding="utf-8")
        for words in (
            "A reconstruction of Malton in June 2010",
            "not a proposal of any existing body",
            "2025/26",
            "1 November 2026",
            "24 June 2010",
        ):
            assert words in page, (reader, words)


def test_no_table_counts_its_rows_twice(drawn: Callable[[str], Path]) -> None:
    page = drawn("all").read_text(encoding="utf-8")
    captions = re.findall(r"<summary>(.*?)</summary>", page)
    assert len(captions) >= 6
    assert not [caption for caption in captions if len(re.findall(r"&#40;|\(", caption)) > 1]


def test_two_runs_give_the_same_bytes(keeper: ap.Estate, tmp_path: Path, drawn: Callable[[str], Path]) -> None:
    again = ap.read_estate(MALTON)
    for suffix in ("gpkg", "csv"):
        one, other = (ap.export(estate, tmp_path / f"{n}.{suffix}") for n, estate in enumerate((keeper, again)))
        assert one.read_bytes() == other.read_bytes()
    page = ap.save_map(ap.map_estate(again), tmp_path / "again.html")
    assert page.read_bytes() == drawn("all").read_bytes()

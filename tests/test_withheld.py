"""What stays out of outputs: persons, columns nobody recognised, kinds of place whose existence is sensitive."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import spelt_out
from test_estate import TOML, box, card, estate_of
from test_law import snapshot

import assetplan as ap
from assetplan.answers import account_in_words
from assetplan.exporting import sites_table
from assetplan.page.shell import page_html
from assetplan.personal import holder_left_out, left_out, means_a_person
from assetplan.quality import account
from assetplan.quality_page import quality_map
from assetplan.schema import ASSETS, table
from assetplan.sensitive import _WORTH_A_LOOK, SENSITIVE_TYPES, is_worth_a_look, sensitive_type

MALTON = Path(__file__).parents[1] / "data" / "malton"
HEAD = "Ref,Name,Address,Use,Easting,Northing\n"
PLAIN = "Ref,Name,Easting,Northing\n1,Hall,450005,450005\n"


def written(estate: ap.Estate, path: Path) -> str:
    """Every byte that leaves by either page, GeoPackage (layer by layer and raw), CSV, GeoJSON, GeoParquet and the JSON of the sites."""
    path.mkdir(parents=True, exist_ok=True)
    package, sheet = ap.export(estate, path / "out.gpkg"), ap.export(estate, path / "out.csv")
    layers = [gpd.read_file(package, layer=name).to_json() if kind else pyogrio.read_dataframe(package, layer=name).to_json() for name, kind in pyogrio.list_layers(package)]  # fmt: skip
    more = [
        ap.export(estate, path / f"out{suffix}").read_bytes().decode("latin-1") for suffix in (".geojson", ".parquet")
    ]
    return "\n".join([
        spelt_out(page_html(ap.map_estate(estate))), spelt_out(page_html(quality_map(estate))), *more, *layers, package.read_bytes().decode("latin-1"), sheet.read_text("utf-8-sig"),
        sites_table(estate).to_json(), estate.assets.drop(columns="geometry").to_json(), estate.quarantined.to_json(),
    ])  # fmt: skip


def of(
    path: Path, register: str, *, release: str = "", entry: str = "", name: str = "rdc.csv", **rest: Any
) -> ap.Estate:
    toml = TOML.replace("[organisations.rdc]", f"[release]\n{release}\n[organisations.rdc]", 1)
    owner = "" if "organisation" in entry else 'organisation = "rdc"\n'
    return estate_of(path, {name: register}, toml=f'{toml}[registers."{name}"]\n{owner}{entry}\n', **rest)


def seen_by_all(estate: ap.Estate) -> list[ap.Estate]:
    return [estate, *(estate.for_audience(reader) for reader in ("public", "rdc", "nycc", "rdc.legal"))]


# ------------------------------------------------------------------------------------------------------- unrecognised columns

SECRET = "Xylophone"
LOST = (
    "Zorp,Ref,Name,Easting,Northing\n"
    f"{SECRET},1,Hall,450005,450005\n"
    f"{SECRET},2,Barn,450105,450005,too long\n"
    f"{SECRET},3,short\n"
    f"{SECRET},,,,\n"
    f"Total {SECRET},,,,\n"
    f"{SECRET},4,Mill,not a number,450005\n"
    f"{SECRET}\x00,5,Inn,450205,450005\n"
)


def geojson(rows: list[dict[str, Any]]) -> str:
    features = [
        {"type": "Feature", "properties": row, "geometry": {"type": "Point", "coordinates": [450005 + 100 * i, 450005]}}
        for i, row in enumerate(rows)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rdc.csv", LOST),
        ("rdc.csv", f"Register of the council,,,,\n{SECRET},1,2,,\n" + LOST),
        ("rdc.tsv", LOST.replace(",", "\t")),
        ("rdc.geojson", geojson([{"Zorp": SECRET, "Ref": "1", "Name": "Hall"}, {"Ref": "2", "Name": "Barn"}])),
    ],
)
def test_cells_of_unrecognised_columns_reach_no_output(name: str, text: str, tmp_path: Path) -> None:
    estate = of(tmp_path / "estate", text, name=name)
    for number, seen in enumerate(seen_by_all(estate)):
        assert SECRET not in written(seen, tmp_path / str(number))
        assert SECRET not in json.dumps(account(seen)) + account_in_words(seen, account(seen), "estate")


def test_cells_of_a_spreadsheet_reach_no_output(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["Ref", "Name", "Zorp", "Easting", "Northing"], ["1", "Hall", SECRET, 450005, 450005]):
        book.active.append(row)
    (tmp_path / "estate" / "registers").mkdir(parents=True)
    book.save(tmp_path / "estate" / "registers" / "rdc.xlsx")
    estate = of(tmp_path / "estate", PLAIN)
    assert len(estate.registers) == 2
    for number, seen in enumerate(seen_by_all(estate)):
        assert SECRET not in written(seen, tmp_path / str(number)) + json.dumps(account(seen))


def test_headings_of_unrecognised_columns_are_told_to_the_keeper_alone(tmp_path: Path) -> None:
    estate = of(
        tmp_path / "estate",
        "Ref,Name,Zorp,Easting,Northing\n1,Hall,x,450005,450005\n",
        land=[({"parcel_id": "P", "Quux": "y"}, box(0, 0))],
    )
    told = json.dumps(account(estate))
    assert "Zorp" in told
    assert "Quux" in told
    for number, seen in enumerate(seen_by_all(estate)[1:]):
        out = written(seen, tmp_path / str(number)) + json.dumps(account(seen)) + seen.registers.to_json()
        assert "Zorp" not in out
        assert "Quux" not in out


def test_a_column_asked_for_is_shown_with_its_heading(tmp_path: Path) -> None:
    text = "Ref,Name,Zorp,Easting,Northing\n1,Hall,Blue; ring 01653 600666,450005,450005\n2,Barn,,450105,450005\n"
    estate = of(tmp_path / "estate", text, entry='show = ["zorp"]')
    public = estate.for_audience("public")
    assert public.assets.at["rdc:1", "shown"] == (("Zorp", "Blue; ring [telephone left out]"),)
    assert public.assets.at["rdc:2", "shown"] == ()
    assert card(public, "rdc:1")["Zorp"] == "Blue; ring [telephone left out]"
    assert "Zorp: Blue; ring [telephone left out]" in ap.export(public, tmp_path / "out.csv").read_text("utf-8-sig")
    assert "Zorp: Blue" in written(public, tmp_path / "public")
    assert "Zorp" not in set(estate.withheld["column"][estate.withheld["what"] == "unrecognised column"])


def test_hostile_text_in_a_column_asked_for_stays_text(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    text = (
        f'Ref,Name,<b>Zorp</b>,Easting,Northing\n1,Hall,{bad},450005,450005\n2,Barn,"=HYPERLINK(""x"")",450105,450005\n'
    )
    public = of(tmp_path / "estate", text, entry='show = ["<b>Zorp</b>"]').for_audience("public")
    page = page_html(ap.map_estate(public))
    assert bad not in page
    assert "<b>Zorp" not in page
    sheet = ap.export(public, tmp_path / "out.csv").read_text("utf-8-sig")
    assert not any(cell.startswith("=") for line in sheet.splitlines() for cell in line.split(","))


def test_a_heading_to_show_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ap.EstateError, match="Did you mean 'Zorp'"):
        of(tmp_path, "Ref,Name,Zorp\n1,Hall,x\n", entry='show = ["Zopr"]')


# ------------------------------------------------------------------------------------------------------- persons

PERSONS = [
    ("Ring 01653 600666 first", "Ring [telephone left out] first"),
    ("Tel: 01653600666", "Tel: [telephone left out]"),
    ("(01653) 600 666", "[telephone left out]"),
    ("+44 (0)1653 600666", "[telephone left out]"),
    ("0044 1653 600666", "[telephone left out]"),
    ("+441653600666", "[telephone left out]"),
    ("07700 900123 (mobile)", "[telephone left out] (mobile)"),
    ("07700-900-123", "[telephone left out]"),
    ("020 7946 0000 ext 12", "[telephone left out]"),
    ("0800 123 456", "[telephone left out]"),
    ("01653 600666/600667", "[telephone left out]"),
    ("Tel 600666", "Tel [telephone left out]"),
    ("write to jane.smith@example.gov.uk today", "write to [e-mail left out] today"),
    ("JANE@EXAMPLE.ORG;", "[e-mail left out];"),
    ("jane\u200b@example.org".replace("\u200b", "[U+200B]"), "[e-mail left out]"),
    ("jane (at) example.org", "[e-mail left out]"),
    ("let to Mr J. Smith", "let to [name left out]"),
    ("Mr & Mrs Smith", "[name left out]"),
    ("Cllr Jane Smith decided", "[name left out] decided"),
    ("see Dr A. Patel", "see [name left out]"),
    ("MR J SMITH", "[name left out]"),
    ("J Smith Esq", "[name left out]"),
    ("Sir Humphrey Appleby agreed", "[name left out] agreed"),
]  # fmt: skip
NOBODY = [
    "UPRN 010002524567", "uprn 100050123456", "UPRN: 01002524567", "Title NYK123456", "Ref 01234567890", "394500, 222500", "SE 78012 71623",
    "SE 01234 56789", "012345 678901", "£1,234,567.89", "£01234567890", "2010-06-24", "24/06/2010", "01.02.2010", "1998-2010", "YO17 7HH",
    "12-14 High Street", "Unit 0123", "0.123456789", "-0.789337, 54.138353", "Lease 01/02/1998 to 31/01/2023", "100m2 @ £12.50", "4 units @ 2.5",
    "Dr Jenner's House", "Sir John Deane's College", "Mr Smith's Cottage", "Miss Pickthall Hall", "St Mary's", "Sir Tom Finney Community High School",
    "12 Oak DR MALTON", "MR Scanner Suite", "Sir Matt Busby Way", "Dr Smith and Partners", "MS Society", "Mrs Sanderson's bequest", "Sirius House", "Drill Hall",
    "Missenden Road", "Mission Hall", "Telford Way 01 to 12", "Phone mast", "near Notre Dame Kindergarten",
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), PERSONS)
def test_persons_are_left_out_of_text(text: str, wanted: str) -> None:
    assert left_out(text).text == wanted
    assert left_out(left_out(text).text) == type(left_out(text))(wanted)


@pytest.mark.parametrize("text", NOBODY)
def test_other_things_are_not_taken_for_persons(text: str) -> None:
    assert left_out(text).text == text
    assert left_out(text, place=True).text == text


_UPRN = st.integers(1, 999_999_999_999)
_PLAUSIBLE = st.one_of(
    _UPRN.map(str),
    _UPRN.map(lambda n: f"{n:012d}"),
    st.tuples(st.integers(10_000, 699_999), st.integers(10_000, 1_299_999)).map(lambda p: f"{p[0]}, {p[1]}"),
    st.tuples(st.integers(10_000, 699_999), st.integers(10_000, 1_299_999)).map(lambda p: f"{p[0]:06d} {p[1]:06d}"),
    st.tuples(st.sampled_from(("SE", "TQ", "NZ", "SO")), st.integers(0, 99_999), st.integers(0, 99_999)).map(
        lambda p: f"{p[0]} {p[1]:05d} {p[2]:05d}"
    ),
    st.tuples(st.floats(49, 61), st.floats(-8, 2)).map(lambda p: f"{p[0]:.6f}, {p[1]:.6f}"),
    st.integers(0, 10**10).map(lambda n: f"£{n:,}"),
    st.decimals(0, 10**9, places=2).map(lambda n: f"£{n:,}"),
    st.dates().map(lambda d: d.isoformat()),
    st.dates().map(lambda d: f"{d.day:02d}/{d.month:02d}/{d.year:04d}"),
    st.dates().map(lambda d: f"{d.day:02d}.{d.month:02d}.{d.year:04d}"),
    st.from_regex(r"[A-Z]{2,3}[0-9]{4,6}", fullmatch=True),
    st.from_regex(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}[A-Z]?(-[0-9]{1,3})?", fullmatch=True),
)


@settings(max_examples=400, deadline=None)
@given(
    _PLAUSIBLE, st.sampled_from(("", "Hall, ", "UPRN ", "about ", "(")), st.sampled_from(("", " as stated", ", Malton"))
)
def test_plausible_figures_never_change(figure: str, before: str, after: str) -> None:
    assert left_out(before + figure + after).what == ()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_taken_and_what_is_left_out_stays_out(text: str) -> None:
    once = left_out(text)
    assert bool(once.what) == (once.text != text)
    assert left_out(once.text).text == once.text or once.what


@pytest.mark.parametrize(
    "heading",
    ["Contact", "Site Contact Name", "Responsible officer", "Name (officer)", "Property Manager", "Surveyor", "Occupier name", "Tenant name", "Headteacher",
     "Head teacher name", "Responsible Person", "Named lead", "E-mail", "Email address", "Telephone number", "Station (contact)", "CONTACT_NA", "siteManager"],
)  # fmt: skip
def test_headings_that_mean_a_person_are_no_column_of_ours(heading: str, tmp_path: Path) -> None:
    assert means_a_person(heading)
    estate = of(tmp_path / "estate", f"Ref,{heading},Easting,Northing\n1,Jane Roe,450005,450005\n")
    assert "Jane Roe" not in written(estate, tmp_path / "out")


def test_no_heading_of_ours_means_a_person() -> None:
    assert not [
        text for column in ASSETS.values() for text in (*column.headings, *column.parts) if means_a_person(text)
    ]


PERSON = "ring Mr J Smith on 01653 600666 or j.smith@example.org"


def everywhere(path: Path, release: str = "") -> ap.Estate:
    return of(
        path,
        f'Ref,Name,Address,Use,Tenure detail,Decided by,GIA (m2),Easting,Northing\n1,Hall,"1 High St, {PERSON}",{PERSON},{PERSON},{PERSON},{PERSON},450005,450005\n',
        release=release,
        facts="".join(f"{field},asset,rdc:1,{field},{PERSON},public,{PERSON},2020-01-01,\n" for field in ("note", "access", "opening_hours", "gia_m2"))
        + f"odd,nonsense,rdc:1,note,{PERSON},public,{PERSON},2020-01-01,\n",
        interests=f"i,rdc:1,Mr J Smith,lease,{PERSON}\n",
        constraints=[({"constraint_id": "k", "kind": "lock", "state": "yes", "subject": "rdc:1", "name": PERSON, "detail": PERSON, "source": PERSON}, None)],
        places=[({"name": PERSON}, box(0, 0).centroid)],
    )  # fmt: skip


def test_no_person_reaches_any_output_of_anybody(tmp_path: Path) -> None:
    estate = everywhere(tmp_path / "estate")
    for number, seen in enumerate(seen_by_all(estate)):
        out = written(seen, tmp_path / str(number)) + json.dumps(account(seen)) + seen.withheld.to_json()
        for secret in ("600666", "j.smith", "J Smith"):
            assert secret not in out, (number, secret)
    assert estate.interests["holder"].tolist() == ["a private person"]
    assert estate.assets.at["rdc:1", "name"] == "Hall"
    told = estate.issues[estate.issues["code"] == "personal-data"]
    assert {("rdc.csv", "2", "Use"), ("facts.csv", "note", "value"), ("interests.csv", "i", "holder")} <= set(
        told[["file", "row", "column"]].itertuples(index=False, name=None)
    )
    assert set(told["value"]) == {""}


def test_persons_are_shown_to_whom_they_are_released(tmp_path: Path) -> None:
    estate = everywhere(tmp_path / "estate", 'personal = ["rdc"]')
    assert "600666" in written(estate.for_audience("rdc"), tmp_path / "rdc")
    assert "600666" in written(estate.for_audience("rdc.legal"), tmp_path / "legal")
    for reader in ("public", "nycc", "all"):
        assert "600666" not in written(estate.for_audience(reader), tmp_path / reader)
    keeper = everywhere(tmp_path / "keeper", 'personal = ["all"]')
    assert "600666" in written(keeper, tmp_path / "all")
    assert "personal data" in set(keeper.withheld["what"])
    assert "600666" not in written(keeper.for_audience("rdc"), tmp_path / "not")


@pytest.mark.parametrize(
    "text", ["Sir John Deane's College", "North Yorkshire County Council", "Dr Smith and Partners", "A trust"]
)
def test_a_holder_that_is_a_body_keeps_its_name(text: str) -> None:
    assert holder_left_out(text).text == text


def test_a_person_is_no_organisation(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "Organisation,Ref,Name\nMr J Smith,1,Hall\nTest Council,2,Barn\n", encoding="utf-8"
    )
    estate = ap.read_estate(tmp_path / "list.csv")
    assert estate.assets["organisation"].tolist() == ["test-council", "unknown"]
    assert "mith" not in written(estate, tmp_path / "out")


# ------------------------------------------------------------------------------------------------------- sensitive kinds of place

SENSITIVE = [
    "Women's Refuge", "Womens refuge (confidential)", "WOMEN`S REFUGE", "Domestic Violence Refuge", "Refuge", "Children's Home", "Childrens Home",
    "Children’s residential home", "Residential Childcare Unit", "Secure Children's Home", "Home for looked after children", "Covert premises",
    "Unmarked police office", "Safe house", "Witness Protection Unit", "Probation Hostel", "Approved Premises", "Asylum seeker dispersal accommodation",
    "Firearms store", "Police armoury", "Secure data centre", "Emergency control bunker", "CCTV control room", "C.C.T.V. Control Room",
]  # fmt: skip
NOT_SENSITIVE = [
    "Refuge Street", "12 Refuge Lane", "Refuge House", "Traffic refuge", "Children's Centre", "Children's centre and nursery", "Home for older people",
    "Care home", "CCTV", "CCTV column 12", "Asylum Road", "Former County Asylum", "Approved premises (weddings)", "Gorse Covert Primary School",
    "Safe House Lane", "Safestore", "Former children's home", "Site of Children's Home", "Children's Home Street", "Data Centre", "Armoury Way",
    "Control room", "Women's Institute", "Change of use from children's home to flats", "Probation office", "Fire station", "Wildlife refuge",
]  # fmt: skip


@pytest.mark.parametrize("text", SENSITIVE)
def test_sensitive_kinds_are_known_by_their_words(text: str) -> None:
    assert sensitive_type(text) is not None


@pytest.mark.parametrize("text", NOT_SENSITIVE)
def test_other_places_are_not(text: str) -> None:
    assert sensitive_type(text) is None


def test_each_kind_has_a_reason() -> None:
    assert all(kind.name and kind.why and "\n" not in kind.why for kind in SENSITIVE_TYPES)
    assert len({kind.name for kind in SENSITIVE_TYPES}) == len(SENSITIVE_TYPES)


HOMES = (
    HEAD
    + "1,Hall,1 High St,Office,450005,450005\n2,Quiet Lodge,2 Low St,Children's home,450105,450005\n3,Barn,3 Mid St,Store,450205,450005\n"
)


def homes(path: Path, release: str = "", entry: str = "", **rest: Any) -> ap.Estate:
    return of(path, HOMES, release=release, entry=entry, **rest)


def test_a_sensitive_row_is_as_if_it_had_never_been(tmp_path: Path) -> None:
    facts = "f1,asset,rdc:2,note,Quiet Lodge is full,public,me,2020-01-01,\nf2,asset,rdc:1,same_as,rdc:2,public,me,2020-01-01,\nf3,asset,rdc:3,note,dry,public,me,2020-01-01,\n"
    interests = "i,rdc:2,A trust,lease,me\n"
    full = homes(tmp_path / "full", facts=facts, interests=interests)
    without = HOMES.replace("2,Quiet Lodge,2 Low St,Children's home,450105,450005", "")
    less = of(tmp_path / "less", without, facts="f3,asset,rdc:3,note,dry,public,me,2020-01-01,\n", interests="\n")
    for reader in ("public", "rdc", "nycc"):
        seen, wanted = full.for_audience(reader), less.for_audience(reader)
        assert seen.registers.iloc[0]["rows_read"] == 2
        assert seen.assets["row"].tolist() == [2, 4]
        assert snapshot(seen) == snapshot(wanted)
        assert page_html(ap.map_estate(seen)) == page_html(ap.map_estate(wanted))
        assert "Quiet Lodge" not in written(seen, tmp_path / reader)
    assert full.assets.at["rdc:2", "name"] == "Quiet Lodge"
    (issue,) = full.issues[full.issues["code"] == "sensitive-type"].to_dict("records")
    assert (issue["file"], issue["row"], issue["value"]) == ("rdc.csv", "3", "children's home")


def test_a_release_shows_sensitive_rows_to_its_readers_alone(tmp_path: Path) -> None:
    estate = homes(tmp_path, 'sensitive = ["rdc"]')
    assert len(estate.for_audience("rdc").assets) == len(estate.for_audience("rdc.legal").assets) == 3
    assert len(estate.for_audience("nycc").assets) == len(estate.for_audience("public").assets) == 2


def test_a_file_with_readers_of_its_own_is_left_to_them(tmp_path: Path) -> None:
    estate = homes(tmp_path, entry='audience = "nycc"')
    assert len(estate.for_audience("nycc").assets) == 3
    assert "sensitive-type" not in set(estate.issues["code"])
    malton = ap.read_estate(MALTON)
    assert "nycc:NY/0990" in malton.for_audience("nycc").assets.index
    assert "nycc:NY/0990" not in malton.for_audience("public").assets.index
    assert "sensitive-type" not in set(malton.issues["code"])


@pytest.mark.parametrize("column", ["Zorp", "Property type", "Name"])
def test_any_cell_may_name_the_kind(column: str, tmp_path: Path) -> None:
    estate = of(
        tmp_path,
        f"Ref,Address,{column},Easting,Northing\n1,1 High St,Women's refuge,450005,450005\n2,2 High St,Hall,450105,450005\n",
    )
    assert estate.for_audience("public").assets.index.tolist() == ["rdc:2"]


def test_a_file_named_after_the_kind_is_withheld_whole(tmp_path: Path) -> None:
    estate = of(tmp_path, "Ref,Name,Easting,Northing\n1,Quiet Lodge,450005,450005\n", name="childrens-homes.csv")
    assert len(estate.assets) == 1
    public = estate.for_audience("public")
    assert public.assets.empty
    assert public.registers.empty
    assert page_html(ap.map_estate(public))


def test_rows_of_unlabelled_tables_are_withheld_and_labelled_rows_left_to_their_label(tmp_path: Path) -> None:
    land = [
        ({"parcel_id": "P", "name": "Women's refuge"}, box(0, 0)),
        ({"parcel_id": "Q", "name": "Field"}, box(50, 0)),
    ]
    estate = of(tmp_path / "bare", PLAIN, land=land)
    assert estate.for_audience("rdc").land.index.tolist() == ["Q"]
    assert estate.land.index.tolist() == ["P", "Q"]
    labelled = [({**cells, "audience": "rdc"}, shape) for cells, shape in land]
    assert of(tmp_path / "labelled", PLAIN, land=labelled).for_audience("rdc").land.index.tolist() == ["P", "Q"]


def test_features_of_a_layer_that_name_a_kind_leave_no_column_behind(tmp_path: Path) -> None:
    rows = [{"Ref": "1", "Name": "Hall"}, {"Beds": "6", "Ref": "2", "Name": "Lodge", "Use": "Children's home"}]
    full = of(tmp_path / "full", geojson(rows), name="rdc.geojson")
    less = of(tmp_path / "less", geojson(rows[:1]), name="rdc.geojson")
    assert snapshot(full.for_audience("public")) == snapshot(less.for_audience("public"))


# ------------------------------------------------------------------------------------------------------- told to the keeper


def test_the_keeper_is_told_what_is_withheld_and_nobody_else(tmp_path: Path) -> None:
    text = "Ref,Name,Use,Zorp,Easting,Northing\n1,Hall,ring 01653 600666,x,450005,450005\n2,Lodge,Women's refuge,,450105,450005\n"
    estate = of(
        tmp_path,
        text,
        land=[({"parcel_id": "P", "geometry_licence": "OS MasterMap"}, box(0, 0))],
    )
    assert list(estate.withheld.columns) == list(table("withheld"))
    told = estate.withheld.set_index("what")
    assert set(told.index) == {"personal data", "sensitive type", "unrecognised column", "outline under licence"}
    assert (told.at["personal data", "row"], told.at["personal data", "column"]) == ("2", "Use")
    assert told.at["unrecognised column", "released_by"] == 'in estate.toml, [registers."rdc.csv"] show = ["Zorp"]'
    assert "publish = true" in told.at["outline under licence", "released_by"]
    assert "600666" not in estate.withheld.to_json()
    assert len(account(estate)["withheld"]) == 4
    assert "Withheld: one" in account_in_words(
        estate, account(estate), "estate"
    ) or "Withheld: 1 cell" in account_in_words(estate, account(estate), "estate")
    for seen in seen_by_all(estate)[1:]:
        assert seen.withheld.empty
        assert list(seen.withheld.columns) == list(table("withheld"))
        assert "withheld" not in account(seen)
        assert "Withheld" not in account_in_words(seen, account(seen), "estate")


def test_wrong_keys_are_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ap.EstateError, match="Did you mean 'sensitive'"):
        of(tmp_path / "a", PLAIN, release='sensitiv = ["rdc"]')
    with pytest.raises(ap.EstateError, match="show: a list of headings"):
        of(tmp_path / "b", PLAIN, entry='show = "Zorp"')


def test_small_letters_miss_no_spelling_that_a_search_without_regard_to_case_finds() -> None:
    every = "".join(map(chr, range(0x110000)))
    odd = {"\u0130", "\u0131", "\u017f", "\u212a"}
    letters = set(re.findall("[a-z]", every, re.IGNORECASE))
    assert letters == {*"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", *odd}
    for character in {character for character in every if character.lower() != character} - odd:
        assert len(character.lower()) == 1
        assert character.lower().isascii() == character.isascii()
        assert bool(re.match(r"\w", character)) == bool(re.match(r"\w", character.lower()))
    for text in (
        "Women\u2019s REFUGE",
        "a\u017fylum centre",
        "S\u0130GNALS and FIREARM\u017f",
        "Wea\u212apon",
        "C.\u212a.C.T.V",
        "CCTV",
    ):
        assert is_worth_a_look(text) == (_WORTH_A_LOOK.search(text) is not None), text
    assert is_worth_a_look("a\u017fylum")
    assert is_worth_a_look("Br\u00f6m REFUGE")
    assert not is_worth_a_look("\u017ftores")

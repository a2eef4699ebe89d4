"""A register that means harm: it is read, nothing in it runs, and every character of it can be read in the exports."""

import csv
import io
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pyogrio
import pytest
from payloads import hostile_folder

import assetplan as ap
from assetplan import export
from assetplan.errors import EstateError
from assetplan.exporting import csv_bytes
from assetplan.formats.files import CELL_LIMIT
from assetplan.text import clean, visible

PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*191}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "{{cycler.__init__.__globals__.os.getpid()}}",
    "${alert(1)}",
    "`+alert(1)+`",
    "\\`+alert(1)//",
    "\"'><b>\\",
    "a\u202etxt.exe",
    "a\u200bb\u2066c\ufeffd\u00ade",
    '=HYPERLINK("http://example.org","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "=1+1",
    "'; DROP TABLE assets; --",
    "../../etc/passwd",
    "%s%n%x",
    "two\r\nlines",
    "tab\tin",
    "学校 Ω é ﬁ",
]  # fmt: skip
LONG = "L" * 30_000


def rows_of(payloads: list[str]) -> tuple[list[str], list[list[str]]]:
    """A heading and rows with a payload in every field, and in the name of columns nobody knows."""
    header = [
        "Ref",
        "Name",
        "Address",
        "Use",
        "Tenure detail",
        "Title number",
        "Easting",
        "Northing",
        "Status decided by",
        "Status",
        *payloads,
    ]
    rows = [
        [
            f"{text}{i}",
            text,
            text,
            text,
            text,
            text,
            str(400_001 + 5 * i),
            "300001",
            text,
            "",
            *([text] * len(payloads)),
        ]
        for i, text in enumerate(payloads)
    ]
    return header, rows


def as_csv(folder: Path, header: list[str], rows: list[list[str]], name: str = "register.csv") -> Path:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    (folder / name).write_bytes(buffer.getvalue().encode("utf-8"))
    return folder / name


def as_xlsx(folder: Path, header: list[str], rows: list[list[str]], name: str = "register.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.active.title = "{{7-191}} <b>${x}"
    for row in [header, *rows]:
        book.active.append(row)
    for cells in book.active.iter_rows():
        for cell in cells:
            if cell.data_type == "f":  # text that looks like a formula, typed as text
                cell.data_type = "s"
    book.save(folder / name)
    return folder / name


def as_geojson(folder: Path, header: list[str], rows: list[list[str]], name: str = "register.geojson") -> Path:
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(header, row, strict=True)),
            "geometry": {"type": "Point", "coordinates": [float(row[6]), float(row[7])]},
        }
        for row in rows
    ]
    document = {"type": "FeatureCollection", "name": PAYLOADS[0], "crs": "EPSG:27700", "features": features}
    (folder / name).write_text(json.dumps(document, ensure_ascii=True), encoding="utf-8")
    return folder / name


FORMATS = {"csv": as_csv, "xlsx": as_xlsx, "geojson": as_geojson}


@pytest.fixture(params=FORMATS)
def estate(request: pytest.FixtureRequest, tmp_path: Path) -> ap.Estate:
    return ap.read_estate(FORMATS[request.param](tmp_path, *rows_of(PAYLOADS)))


def test_every_row_is_read_and_every_text_is_kept_readable(estate: ap.Estate) -> None:
    assert len(estate.assets) == len(PAYLOADS)
    assert sorted(estate.assets["name"]) == sorted(clean(text) for text in PAYLOADS)
    assert (estate.assets["location_precision"] == "point").all()
    for frame in (
        estate.assets.drop(columns="geometry").reset_index(),
        estate.issues,
        estate.registers.drop(columns="columns"),
    ):
        for text in map(str, frame.to_numpy().ravel()):
            assert text == visible(text)
    (columns,) = estate.registers["columns"]
    assert str(columns) == visible(str(columns))
    assert len(columns) == 10 + len(PAYLOADS)


def test_nothing_is_evaluated(estate: ap.Estate, tmp_path: Path) -> None:
    out = tmp_path / "out"
    texts = [str(value) for value in estate.assets.to_numpy().ravel()]
    assert not any("1337" in text for text in texts)
    assert "{{7*191}}" in estate.assets["name"].tolist()
    data = export(estate, out / "sites.csv").read_bytes()
    assert b"1337" not in data
    assert sorted(path.name for path in out.iterdir()) == ["sites.csv"]


def test_no_cell_of_csv_starts_a_formula_and_every_character_is_there(estate: ap.Estate, tmp_path: Path) -> None:
    data = export(estate, tmp_path / "sites.csv").read_bytes()
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    for row in read:
        for cell in row:
            assert cell[:1] not in {"=", "+", "@", "\t", "\r", "\n"}
            assert cell[:1] != "-" or float(cell) < 0
    names = {row[read[0].index("name")].removeprefix("'") for row in read[1:]}
    assert {clean(text) for text in PAYLOADS} <= names
    assert "a[U+202E]txt.exe" in names


def test_the_geopackage_has_the_text_and_plain_names(estate: ap.Estate, tmp_path: Path) -> None:
    path = export(estate, tmp_path / "estate.gpkg")
    for layer, kind in pyogrio.list_layers(path):
        stored = pyogrio.read_dataframe(path, layer=layer, read_geometry=kind is not None)
        assert all(name.replace("_", "").isalnum() and name.isascii() for name in stored.columns), layer
    stored = pyogrio.read_dataframe(path, layer="assets")
    assert sorted(stored["name"]) == sorted(clean(text) for text in PAYLOADS)
    assert sorted(stored["address"]) == sorted(clean(text) for text in PAYLOADS)


def test_a_frame_of_anything_as_csv_is_inert() -> None:
    frame = pd.DataFrame({text: [text, f" {text}", text * 2] for text in PAYLOADS})
    read = list(csv.reader(io.StringIO(csv_bytes(frame).decode("utf-8-sig"), newline="")))
    assert not [cell for row in read for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"}]


@pytest.mark.parametrize("kind", FORMATS)
def test_hostile_names_of_files_are_shown_readable(tmp_path: Path, kind: str) -> None:
    name = f"<img src=x onerror=alert(1)>{{{{7*191}}}}'\"\u202e=cmd.{kind}"
    header, rows = rows_of(["<b>"])
    estate = ap.read_estate(FORMATS[kind](tmp_path, header, rows, name))
    texts = [
        *estate.assets.drop(columns="geometry").to_numpy().ravel(),
        *estate.registers["path"],
        estate.name,
        estate.title,
    ]
    assert not [text for text in map(str, texts) if "\u202e" in text or "1337" in text]
    bad = FORMATS[kind](tmp_path, ["a", "b", "c", "d", "e", "f", "g", "h"], [["1"] * 8], name)
    if kind == "geojson":  # a list of places without names is still a list of places
        assert "\u202e" not in ap.read_estate(bad).issues.to_json()
        return
    with pytest.raises(EstateError) as caught:
        ap.read_estate(bad)
    assert "\u202e" not in str(caught.value)


@pytest.mark.parametrize("kind", FORMATS)
def test_very_long_text_in_every_field_and_heading(tmp_path: Path, kind: str) -> None:
    header, rows = rows_of(["x", LONG])
    estate = ap.read_estate(FORMATS[kind](tmp_path, header, rows))
    assert set(estate.assets["name"]) == {"x", LONG}
    assert all(len(text) <= 200 for text in estate.issues["value"])
    assert all(len(text) <= 80 for text in estate.issues["column"])


def test_a_cell_beyond_the_limit_and_a_nul_set_their_rows_aside(tmp_path: Path) -> None:
    header, rows = rows_of(["x", "y", "z"])
    rows[0][1] = "L" * (CELL_LIMIT + 1)
    rows[1][1] = "a\x00b"
    estate = ap.read_estate(as_csv(tmp_path, header, rows))
    assert estate.assets["name"].tolist() == ["z"]
    assert {"cell-too-long", "nul-byte"} <= set(estate.issues["code"])


def test_a_heading_of_nothing_but_payloads_is_refused_in_a_short_sentence(tmp_path: Path) -> None:
    with pytest.raises(EstateError) as caught:
        ap.read_estate(as_csv(tmp_path, [*PAYLOADS, LONG], [["x"] * (len(PAYLOADS) + 1)]))
    assert len(str(caught.value)) < 1_500
    assert str(caught.value) == visible(str(caught.value))


def test_organisations_named_in_a_hostile_column_get_plain_identifiers(tmp_path: Path) -> None:
    header = ["Organisation", "Ref", "Name"]
    estate = ap.read_estate(as_csv(tmp_path, header, [[text, str(i), "Hall"] for i, text in enumerate(PAYLOADS)]))
    identifiers = set(estate.assets["organisation"])
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in identifiers)
    assert len(identifiers) >= len(PAYLOADS) - 3


def test_a_notebook_shows_hostile_text_as_text(tmp_path: Path) -> None:
    estate = ap.read_estate(hostile_folder(tmp_path / "estate"))
    sites = ap.sites(estate)
    shown = [
        estate,
        sites,
        ap.adjacent_pairs(sites, roads=estate.roads),
        estate.issues,
        estate.registers,
        estate.assets,
    ]
    for html in (result._repr_html_() for result in shown):
        assert "<script" not in html
        assert "<img" not in html
        assert "<svg" not in html
    page = ap.map_estate(estate)._repr_html_()
    assert "1337" not in page

"""Bytes into cells: encodings, delimiters, line numbers, and what is refused whole."""

import io
import json
import random
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from assetplan.errors import EstateError
from assetplan.formats import delimited, files, workbook_xml
from assetplan.formats.files import Cells, read_cells, read_layer, read_strict_csv

TABLE = "Asset reference,Name\nA1,Café\nA2,Depot\n"


def read(folder: Path, data: bytes | str, name: str = "register.csv", sheet: str = "") -> Cells:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_cells(path, name, sheet)


def refusal(folder: Path, data: bytes | str, name: str = "register.csv", sheet: str = "") -> str:
    with pytest.raises(EstateError) as caught:
        read(folder, data, name, sheet)
    message = str(caught.value)
    assert message.startswith(name)
    assert "\n" not in message
    return message


# -------------------------------------------------------------------------------------------------------- delimited text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    cells = read(tmp_path, TABLE.encode(encoding))
    assert cells.rows == [["Asset reference", "Name"], ["A1", "Café"], ["A2", "Depot"]]
    assert [note[0] for note in cells.notes] == (["encoding"] if encoding == "cp1252" else [])


def test_big_endian_utf16_and_bytes_that_no_code_page_has(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xfe\xff" + TABLE.encode("utf-16-be")).rows[1] == ["A1", "Café"]
    assert read(tmp_path, TABLE.encode("cp1252") + b"A3,\x81\n").rows[3] == ["A3", "\x81"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt"])
def test_delimiters(tmp_path: Path, delimiter: str, suffix: str) -> None:
    cells = read(tmp_path, TABLE.replace(",", delimiter), f"register{suffix}")
    assert cells.rows[1:] == [["A1", "Café"], ["A2", "Depot"]]
    assert [note[0] for note in cells.notes] == ([] if delimiter == "," else ["delimiter"])


def test_commas_within_cells_do_not_make_the_delimiter(tmp_path: Path) -> None:
    cells = read(tmp_path, "Ref;Address;Cost\nA1;1, High Street;40,000\nA2;2, Low Street;50,000\n")
    assert cells.rows[1] == ["A1", "1, High Street", "40,000"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_physical_line_numbers(tmp_path: Path, end: str) -> None:
    """The second record takes two lines, and a blank line follows it.

    ::

        1  Ref,Name
        2  A1,"Town
        3  hall"
        4
        5  A2,Depot
    """
    cells = read(tmp_path, f'Ref,Name{end}A1,"Town{end}hall"{end}{end}A2,Depot{end}')
    assert cells.lines == [1, 2, 5]
    assert cells.rows[1] == ["A1", "Town\nhall"]


def test_quotation_marks_doubled_inside_a_cell(tmp_path: Path) -> None:
    assert read(tmp_path, 'Ref,Name\nA1,"The ""Old"" Hall"\n').rows[1] == ["A1", 'The "Old" Hall']


def test_a_quotation_that_does_not_close_is_refused_with_its_line(tmp_path: Path) -> None:
    assert "line 3" in refusal(tmp_path, 'Ref,Name\nA1,Hall\nA2,"Depot\nA3,Library\n')


def test_a_mark_of_ours_in_the_data_hides_no_row(tmp_path: Path) -> None:
    cells = read(tmp_path, "Ref\nA1\n\x00end of file\x00\nA2\n")
    assert cells.rows[-1] == ["A2"]
    assert len(cells.rows) == 4


@pytest.mark.parametrize("data", [b"", b"\n\n", b" \r\n ", b"\x00" * 20])
def test_empty_files_are_refused(tmp_path: Path, data: bytes) -> None:
    assert "empty" in refusal(tmp_path, data)


@pytest.mark.parametrize("data", ["<!DOCTYPE html><p>Log in", "  \n<HTML lang=en>", "<?xml version='1.0'?><a/>"])
def test_a_web_page_under_the_name_of_a_table_is_refused(tmp_path: Path, data: str) -> None:
    assert "web page" in refusal(tmp_path, data)


def test_unknown_formats_and_missing_files_are_refused(tmp_path: Path) -> None:
    assert ".pdf" in refusal(tmp_path, b"%PDF", "register.pdf")
    assert "suffix" in refusal(tmp_path, b"x", "register")
    with pytest.raises(EstateError, match=r"^none\.csv: cannot be opened"):
        read_cells(tmp_path / "none.csv", "none.csv")
    with pytest.raises(EstateError, match=r"^none\.xlsx: "):
        read_cells(tmp_path / "none.xlsx", "none.xlsx")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        cells = delimited.read_delimited(data, "x.csv")
    except EstateError:
        return
    assert len(cells.rows) == len(cells.lines)
    assert cells.lines == sorted(set(cells.lines))
    assert all(any(cell.strip() for cell in row) for row in cells.rows)


# ---------------------------------------------------------------------------------------------------- tables of our own


def strict(folder: Path, data: bytes | str) -> tuple[list[str], list[tuple[list[str], str, bool]]]:
    path = folder / "facts.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    header, records = read_strict_csv(path, "facts.csv")
    return header, [
        (cells, fault.message if fault else "", bool(fault and fault.misplaced)) for cells, fault in records
    ]


def test_bytes_that_are_not_utf8_are_a_fault_of_their_row_alone(tmp_path: Path) -> None:
    header, records = strict(tmp_path, b"subject,field,value\nA1,note,caf\xe9\nA2,note,caf\xc3\xa9\n")
    assert header == ["subject", "field", "value"]
    assert "UTF-8" in records[0][1]
    assert not records[0][2]
    assert records[1] == (["A2", "note", "café"], "", False)


def test_a_ragged_row_is_misplaced(tmp_path: Path) -> None:
    _, records = strict(tmp_path, "subject,field,value,audience\nA1,note,x\nA2,note,x,y,all\nA3,note,x,public\n")
    assert [misplaced for _, _, misplaced in records] == [True, True, False]


def test_a_row_swallowed_by_a_quotation_is_found(tmp_path: Path) -> None:
    """Two marks are missing, one at the end of the first value and one at the start of the third, so that all seems to close."""
    data = 'subject,field,value,audience\nA1,note,"x,public\nA2,note,secret,all\nA3,note,y",public\nA4,note,"two\nlines",public\n'
    _, records = strict(tmp_path, data)
    assert [misplaced for _, _, misplaced in records] == [True, False]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ('a,b\n1,"2\n', "line 2"),
        ('a,b\n1,"2"x\n', "line 2"),
        ("", "no heading"),
        ("a,b,a\n1,2,3\n", "a twice"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, data: str, why: str) -> None:
    with pytest.raises(EstateError, match=why):
        strict(tmp_path, data)


def test_a_very_long_cell_is_a_fault(tmp_path: Path) -> None:
    _, records = strict(tmp_path, f"a,b,c\n1,{'x' * (files.CELL_LIMIT + 1)},3\n")
    assert "longer" in records[0][1]


# --------------------------------------------------------------------------------------------------------- spreadsheets


def workbook(
    folder: Path, sheets: dict[str, list[list[object]]], merge: str = "", name: str = "register.xlsx"
) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if merge:
            sheet.merge_cells(merge)
    path = folder / f"made-{name}"
    book.save(path)
    return path.read_bytes()


def test_merged_cells_are_filled_down_and_numbers_are_plain(tmp_path: Path) -> None:
    """The name of the site spans three rows.

    ::

        Site   | Ref | Area
        Depot  | 1   | 2.5
               | 2   |
               | 3   | 10.0
    """
    rows = [["Site", "Ref", "Area"], ["Depot", 1, 2.5], [None, 2, None], [None, 3, 10.0]]
    cells = read(tmp_path, workbook(tmp_path, {"Sheet1": rows}, "A2:A4"), "register.xlsx")
    assert cells.rows == [["Site", "Ref", "Area"], ["Depot", "1", "2.5"], ["Depot", "2", ""], ["Depot", "3", "10"]]
    assert cells.lines == [1, 2, 3, 4]


def test_cells_that_are_not_merged_stay_blank(tmp_path: Path) -> None:
    cells = read(tmp_path, workbook(tmp_path, {"S": [["Site", "Ref"], ["Depot", 1], [None, 2]]}), "register.xlsx")
    assert cells.rows[2] == ["", "2"]


def test_a_merge_beyond_the_cells_in_use_does_no_harm(tmp_path: Path) -> None:
    cells = read(tmp_path, workbook(tmp_path, {"S": [["Site", "Ref"], ["Depot", 1]]}, "Z1:Z90"), "register.xlsx")
    assert [row[:2] for row in cells.rows] == [["Site", "Ref"], ["Depot", "1"]]


def test_rows_keep_their_number_below_blank_rows(tmp_path: Path) -> None:
    cells = read(
        tmp_path, workbook(tmp_path, {"S": [["Register"], [], ["Site", "Ref"], ["Depot", 1]]}), "register.xlsx"
    )
    assert cells.lines == [1, 3, 4]


def test_of_several_sheets_one_must_be_named(tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {
        "Land": [["Site"], ["Field"]],
        "Buildings": [["Site"], ["Hall"]],
        "Empty": [],
    }
    data = workbook(tmp_path, sheets)
    message = refusal(tmp_path, data, "register.xlsx")
    assert "Land" in message
    assert "Buildings" in message
    assert "Empty" not in message
    assert read(tmp_path, data, "register.xlsx", "Buildings").rows[1] == ["Hall"]
    assert "no sheet" in refusal(tmp_path, data, "register.xlsx", "Plant")
    assert "no sheet holds" in refusal(tmp_path, workbook(tmp_path, {"Empty": []}), "register.xlsx")


def test_one_sheet_with_cells_needs_no_name(tmp_path: Path) -> None:
    data = workbook(tmp_path, {"Notes": [], "Assets": [["Site"], ["Hall"]]})
    assert read(tmp_path, data, "register.xlsx").rows[1] == ["Hall"]


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook(tmp_path, {"S": [["Site"], ["Hall"]]})
    monkeypatch.setattr(workbook_xml, "UNPACKED_LIMIT", 1_000)
    assert "unpacks to more than 1,000 bytes" in refusal(tmp_path, data, "register.xlsx")


def test_what_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("hello.txt", "x")
    for data in (
        b"",
        b"Site Ref\n",
        b"PK\x03\x04",
        archive.getvalue(),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    ):
        for name in ("register.xlsx", "register.xls", "register.ods"):
            refusal(tmp_path, data, name)


def test_damaged_spreadsheets_are_read_or_refused(tmp_path: Path) -> None:
    data = workbook(tmp_path, {"S": [["Site", "Ref"], ["Depot", 1], ["Hall", 2]]}, "A1:A2")
    chance = random.Random(1)
    path = tmp_path / "damaged.xlsx"
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 30)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged[: chance.choice([len(data), chance.randrange(len(data))])])
        message = "damaged.xlsx: read"
        try:
            read_cells(path, "damaged.xlsx")
        except EstateError as error:
            message = str(error)
        assert message.startswith("damaged.xlsx: ")


# -------------------------------------------------------------------------------------------------------------- GeoJSON


def collection(*features: object, **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **more})


def feature(properties: object, geometry: object = None) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


POINT = {"type": "Point", "coordinates": [-0.789, 54.139]}


def test_features_as_cells(tmp_path: Path) -> None:
    data = collection(
        feature({"name": "Hall", "floors": 2}, POINT), feature(None), feature({"name": ["a", "b"], "open": True, "more": {"k": 1}}),
        name="Assets of Example Council",
    )  # fmt: skip
    cells = read(tmp_path, data, "land.geojson")
    assert cells.header == ["name", "floors", "open", "more.k"]
    assert cells.rows == [["Hall", "2", "", ""], ["", "", "", ""], ["a;b", "", "yes", "1"]]
    assert cells.lines == [1, 2, 3]
    assert (cells.crs, cells.title) == ("EPSG:4326", "Assets of Example Council")
    assert list(shapely.is_missing(cells.shapes)) == [False, True, True]


def test_a_shape_that_cannot_be_read_is_told_from_none(tmp_path: Path) -> None:
    bad = [{"type": "Point"}, {"type": "Point", "coordinates": ["a", "b"]}, {"type": "Blob"}, "POINT (1 2)", {}]
    cells = read(tmp_path, collection(*(feature({"name": "x"}, geometry) for geometry in bad)), "land.geojson")
    assert not shapely.is_missing(cells.shapes).any()
    assert shapely.is_empty(cells.shapes).all()


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        (None, "EPSG:4326"),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, "EPSG:4326"),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}, "EPSG:27700"),
        ("EPSG:27700", "EPSG:27700"),
        ("EPSG:3857", "EPSG:3857"),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2157"}}, "EPSG:2157"),
        ({"type": "EPSG", "properties": {"code": 27700}}, "EPSG:27700"),
    ],
)
def test_crs_of_geojson(tmp_path: Path, crs: object, expected: str) -> None:
    assert read(tmp_path, collection(feature({"name": "x"}, POINT), crs=crs), "land.json").crs == expected


@pytest.mark.parametrize(
    "crs", ["nowhere", {"type": "name", "properties": {"name": "EPSG:99999"}}, {}, 7, {"properties": []}]
)
def test_what_names_no_crs_is_refused(tmp_path: Path, crs: object) -> None:
    assert "CRS" in refusal(tmp_path, collection(feature({}, POINT), crs=crs), "land.geojson")


@pytest.mark.parametrize(
    "data",
    [
        "{", "[]", "null", "7", '{"type": "FeatureCollection"}', '{"type": "FeatureCollection", "features": {}}',
        '{"type": "FeatureCollection", "features": [{"properties": {"a": 1, "a": 2}}]}',
        "[" * 100_000 + "]" * 100_000,
        '{"type": "FeatureCollection", "features": [' + "9" * 5_000 + "]}",
    ],
)  # fmt: skip
def test_json_that_is_refused(tmp_path: Path, data: str) -> None:
    refusal(tmp_path, data, "land.geojson")


@pytest.mark.parametrize("depth", [10, 300, 480, 700, 900, 980, 2_000, 50_000])
@pytest.mark.parametrize("kind", ["list", "object", "geometry"])
def test_deep_json_is_read_or_refused(tmp_path: Path, depth: int, kind: str) -> None:
    opened, closed = ('{"a":', "}") if kind == "object" else ("[", "]")
    deep = opened * depth + "1" + closed * depth
    geometry = f'{{"type": "Polygon", "coordinates": {deep}}}' if kind == "geometry" else "null"
    data = (
        f'{{"type": "FeatureCollection", "features": [{{"properties": {{"name": {deep}}}, "geometry": {geometry}}}]}}'
    )
    message = "land.geojson: read"
    try:
        assert len(read(tmp_path, data, "land.geojson").rows) == 1
    except EstateError as error:
        message = str(error)
    assert message.startswith("land.geojson: ")


def test_features_of_any_kind_keep_their_place(tmp_path: Path) -> None:
    cells = read(tmp_path, collection(7, None, "x", feature({"name": "Hall"}, POINT), feature([1])), "land.geojson")
    assert [row[0] for row in cells.rows] == ["", "", "", "Hall", ""]
    nothing = read(tmp_path, collection(), "land.geojson")
    assert (nothing.rows, len(nothing.shapes)) == ([], 0)


# ----------------------------------------------------------------------------------------------------------- GeoPackage


def layer(path: Path, name: str = "land", crs: int = 27700) -> None:
    frame = gpd.GeoDataFrame(
        {"parcel_id": ["P1", "P2"], "area": [1.5, None], "count": [3, 4]},
        geometry=[shapely.box(0, 0, 10, 10), None],
        crs=crs,
    )
    pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG")


def test_geopackage_layer(tmp_path: Path) -> None:
    layer(tmp_path / "land.gpkg")
    rows, shapes, crs = read_layer(tmp_path / "land.gpkg", "land.gpkg")
    assert rows == [{"parcel_id": "P1", "area": "1.5", "count": "3"}, {"parcel_id": "P2", "area": "", "count": "4"}]
    assert crs == "EPSG:27700"
    assert shapes[0].equals(shapely.box(0, 0, 10, 10))
    assert shapes[1] is None


def test_a_style_table_is_no_second_layer(tmp_path: Path) -> None:
    layer(tmp_path / "land.gpkg")
    with sqlite3.connect(tmp_path / "land.gpkg") as base:
        base.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleName TEXT)")
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', 'styles')"
        )
    base.close()
    assert len(read_layer(tmp_path / "land.gpkg", "land.gpkg")[0]) == 2


def test_geopackages_that_are_refused(tmp_path: Path) -> None:
    layer(tmp_path / "two.gpkg", "one")
    layer(tmp_path / "two.gpkg", "two")
    # GDAL opens by content: under this name it would read a virtual layer that names other files or hosts.
    (tmp_path / "virtual.gpkg").write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='one'><SrcDataSource>{tmp_path / 'two.gpkg'}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    (tmp_path / "cut.gpkg").write_bytes((tmp_path / "two.gpkg").read_bytes()[:500])
    for name, why in (
        ("two", "2 layers"),
        ("virtual", "XML, not a table"),
        ("cut", ""),
        ("none", "cannot be opened"),
    ):
        with pytest.raises(EstateError, match=rf"^{name}\.gpkg: .*{why}"):
            read_layer(tmp_path / f"{name}.gpkg", f"{name}.gpkg")


def test_a_layer_without_shapes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "land.csv").write_text(TABLE)
    with pytest.raises(EstateError, match="0 layers of shapes"):
        read_layer(tmp_path / "land.csv", "land.csv")

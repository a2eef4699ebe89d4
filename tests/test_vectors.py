"""Registers in vector formats and JSON: every row with its cells and its shape, in the CRS the file states."""

import json
import shutil
import sqlite3
import struct
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import assetplan as ap
from assetplan.errors import EstateError
from assetplan.formats.files import read_cells, read_layer, readable_shapes
from assetplan.registers import Entry, Register, read_register

SHAPES = [shapely.box(479_000, 471_000, 479_100, 471_050), shapely.Point(478_500, 471_500), None]
ROWS = {
    "Ref": ["A1", "A2", "A3"],
    "Name": ["Town Hall", "Café", "Depot"],
    "Postcode": ["YO17 7AB", "YO17 9DB", None],
    "Floors": [2, 1, 3],
}


def frame(shapes: list[object] | None = None, crs: object = 27700, **more: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({**ROWS, **more}, geometry=SHAPES if shapes is None else shapes, crs=27700).to_crs(crs)


def write(data: gpd.GeoDataFrame, path: Path, **options: str) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix in {".parquet", ".geoparquet"}:
            data.to_parquet(path)
        elif path.suffix in {".tab", ".mif"}:
            data.to_file(path, driver="MapInfo File", **({"FORMAT": "MIF"} if path.suffix == ".mif" else {}))
        elif path.suffix == ".geojsonl":
            data.to_file(path, driver="GeoJSONSeq")
        else:
            data.to_file(path, **options)
    return path


def register(path: Path, **entry: str) -> Register:
    found = read_register(path, path.name, Entry(**entry), {})
    assert found.rows_read == len(found.rows) + found.quarantined
    return found


def located(found: Register) -> dict[str, tuple[int, int]]:
    """Reference to easting and northing, for rows that have them."""
    rows = found.rows[found.rows["easting"].notna()]
    return {row.reference: (round(row.easting), round(row.northing)) for row in rows.itertuples()}


WHERE = {"A1": (479_050, 471_025), "A2": (478_500, 471_500)}


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".fgb", ".tab", ".mif", ".parquet", ".geoparquet", ".geojson"])
def test_one_register_in_every_vector_format(tmp_path: Path, suffix: str) -> None:
    """Shapefiles hold one kind of shape, FlatGeobuf with an index none that is missing: they get points."""
    points = [shapely.Point(479_050, 471_025), shapely.Point(478_500, 471_500), shapely.Point(478_600, 471_600)]
    options = {"SPATIAL_INDEX": "NO"} if suffix == ".fgb" else {}  # else it sorts them
    path = write(frame(points), tmp_path / f"register{suffix}", **options)
    found = register(path)
    assert found.rows["reference"].tolist() == ["A1", "A2", "A3"]
    assert found.rows["name"].tolist() == ["Town Hall", "Café", "Depot"]
    assert found.rows["postcode"].tolist() == ["YO17 7AB", "YO17 9DB", None]
    assert located(found) == {**WHERE, "A3": (478_600, 471_600)}
    assert found.crs == "EPSG:27700"
    estate = ap.read_estate(path)
    assert len(estate.assets) == 3


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
def test_rows_without_a_shape_are_rows(tmp_path: Path, suffix: str) -> None:
    found = register(write(frame(), tmp_path / f"register{suffix}"))
    assert len(found.rows) == 3
    assert located(found) == WHERE
    assert found.rows["location_precision"].tolist() == ["polygon", "point", "none"]


@pytest.mark.parametrize("suffix", [".shp", ".tab"])
def test_sidecars_in_capitals_and_missing(tmp_path: Path, suffix: str) -> None:
    path = write(frame([shapely.Point(479_050, 471_025)] * 3), tmp_path / f"register{suffix}")
    needed = ".dbf" if suffix == ".shp" else ".dat"
    path.with_suffix(needed).rename(path.with_suffix(needed.upper()))
    assert len(register(path).rows) == 3
    path.with_suffix(needed.upper()).unlink()
    with pytest.raises(EstateError, match=rf"register\{needed} is not beside it"):
        register(path)


@pytest.mark.parametrize("suffix", [".shp", ".tab", ".mif"])
def test_zipped(tmp_path: Path, suffix: str) -> None:
    write(frame([shapely.Point(479_050, 471_025)] * 3, Code=["x", "y", "z"]), tmp_path / f"Assets 2024{suffix}")
    with zipfile.ZipFile(tmp_path / "register.zip", "w") as archive:
        for part in sorted(tmp_path.glob("Assets 2024.*")):
            archive.write(part, f"export/{part.name}")
    found = register(tmp_path / "register.zip")
    assert found.rows["reference"].tolist() == ["A1", "A2", "A3"]
    assert found.title == "Assets 2024"


@pytest.mark.parametrize("suffix", [".shp", ".mif"])
def test_text_that_is_not_in_the_encoding_the_file_claims(tmp_path: Path, suffix: str) -> None:
    """The file says UTF-8; the accent of one name is written as Windows writes it."""
    path = write(frame([shapely.Point(479_050, 471_025)] * 3), tmp_path / f"register{suffix}")
    part = path.with_suffix(".dbf" if suffix == ".shp" else ".mid")
    data = part.read_bytes()
    accent = "é".encode() if "é".encode() in data else b"\xe9"
    part.write_bytes(data.replace(accent, b"\xe9".ljust(len(accent))))
    if suffix == ".mif":
        path.write_bytes(path.read_bytes().replace(b'Charset "Neutral"', b'Charset "UTF-8"'))
    cells = read_cells(path, path.name)
    assert [row[1].strip() for row in cells.rows] == ["Town Hall", "Café", "Depot"]
    assert [(note.code, note.value) for note in cells.notes] == [("encoding", "cp1252")]


@pytest.mark.parametrize("text", ["", "nonsense", "PROJCS[", "\x00\xff"])
def test_a_prj_that_names_no_crs_leaves_it_unsaid(tmp_path: Path, text: str) -> None:
    path = write(frame([shapely.Point(479_050, 471_025)] * 3), tmp_path / "register.shp")
    path.with_suffix(".prj").write_text(text, encoding="latin-1")
    assert read_cells(path, path.name).crs == ""
    assert "crs-from-values" in {issue.code for issue in register(path).issues}


def test_in_a_folder_the_parts_of_a_shapefile_are_no_unknown_files(tmp_path: Path) -> None:
    (tmp_path / "registers").mkdir()
    (tmp_path / "estate.toml").write_text('name = "X"\nas_of = 2010-06-24\n')
    write(frame([shapely.Point(479_050, 471_025)] * 3), tmp_path / "registers" / "council.shp")
    (tmp_path / "registers" / "council.shp.xml").write_text("<metadata/>")
    (tmp_path / "registers" / "stray.dbf").write_text("x")
    estate = ap.read_estate(tmp_path)
    assert len(estate.assets) == 3
    unknown = estate.issues[estate.issues["code"] == "unknown-file"]["file"].tolist()
    assert unknown == ["registers/stray.dbf"]


# ------------------------------------------------------------------------------------------------------- layers


def test_the_only_layer_like_a_register_is_taken(tmp_path: Path) -> None:
    path = write(frame(), tmp_path / "x.gpkg", layer="assets")
    pyogrio.write_dataframe(pd.DataFrame({"Code": ["F"], "Name": ["freehold"]}), path, layer="codes", append=False)
    found = register(path)
    assert len(found.rows) == 3
    assert [issue.value for issue in found.issues if issue.code == "other-tables"] == ["codes"]
    with pytest.raises(EstateError, match=r"no sheet or layer 'plant'\. There are: assets, codes"):
        register(path, sheet="plant")


def test_two_layers_like_registers_are_refused(tmp_path: Path) -> None:
    write(frame(), tmp_path / "x.gpkg", layer="land")
    write(frame(), tmp_path / "x.gpkg", layer="buildings")
    with pytest.raises(EstateError, match=r"'land' \(3 rows: Ref, Name, Postcode\); 'buildings' .*--sheet"):
        register(tmp_path / "x.gpkg")
    assert len(register(tmp_path / "x.gpkg", sheet="LAND").rows) == 3


def test_a_table_without_shapes(tmp_path: Path) -> None:
    plain = pd.DataFrame({**ROWS, "Easting": [479_050, 478_500, None], "Northing": [471_025, 471_500, None]})
    pyogrio.write_dataframe(plain, tmp_path / "x.gpkg", layer="assets")
    plain.to_parquet(tmp_path / "x.parquet")
    for name in ("x.gpkg", "x.parquet"):
        assert located(register(tmp_path / name)) == WHERE, name


def test_parquet_types_are_plain_text(tmp_path: Path) -> None:
    plain = pd.DataFrame(
        {
            "Ref": [1, 2], "Acquired": pd.to_datetime(["2010-06-24", None]), "Listed": [True, False],
            "Area": [1.5, np.nan], "Uses": [["office", "library"], None], "Id": [b"\x01\xff", None],
        }
    )  # fmt: skip
    plain.to_parquet(tmp_path / "x.parquet")
    cells = read_cells(tmp_path / "x.parquet", "x.parquet")
    assert cells.rows == [["1", "2010-06-24", "yes", "1.5", "office;library", "01ff"], ["2", "", "no", "", "", ""]]


def test_dates_and_yes_of_a_geopackage(tmp_path: Path) -> None:
    data = frame(
        Acquired=list(pd.to_datetime(["2010-06-24 00:00", "2011-01-02 09:30", None])), Listed=[True, False, True]
    )
    cells = read_cells(write(data, tmp_path / "x.gpkg"), "x.gpkg")
    at = cells.header.index("Acquired")
    assert [row[at] for row in cells.rows] == ["2010-06-24", "2011-01-02T09:30:00", ""]
    assert [row[at + 1] for row in cells.rows] == ["yes", "no", "yes"]


# ------------------------------------------------------------------------------------------------------- CRS and shapes


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:4258", "EPSG:32630", "EPSG:27700"])
@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".parquet", ".geojson"])
def test_the_crs_is_carried_as_stated(tmp_path: Path, suffix: str, crs: str) -> None:
    path = write(frame([shapely.Point(479_050, 471_025)] * 3, crs), tmp_path / f"x{suffix}")
    cells = read_cells(path, path.name)
    assert cells.crs == crs or (suffix == ".geojson" and cells.crs in {"EPSG:4326", crs})


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4326", "EPSG:32630"])
def test_a_layer_of_ours_may_stand_in_any_crs_with_an_exact_way(tmp_path: Path, crs: str) -> None:
    shutil.copytree(Path(__file__).parents[1] / "data" / "malton", tmp_path / "malton")
    before = ap.sites(ap.read_estate(tmp_path / "malton"))
    land = gpd.read_file(tmp_path / "malton" / "land.geojson")
    (tmp_path / "malton" / "land.geojson").unlink()
    back = land.set_geometry(_to_crs(land.geometry, crs), crs=crs)
    write(back, tmp_path / "malton" / "land.gpkg")
    after = ap.sites(ap.read_estate(tmp_path / "malton"))
    assert list(after.index) == list(before.index)
    apart = np.abs(after[["easting", "northing"]].to_numpy(float) - before[["easting", "northing"]].to_numpy(float))
    assert np.nanmax(apart) < 0.5


def _to_crs(shapes: gpd.GeoSeries, crs: str) -> np.ndarray:
    """Shapes from WGS84 to a CRS projected from it, so that no shift of GDAL's own is met."""
    return np.asarray(shapes.to_crs(4326).to_crs(crs))


def test_curves_heights_measures_and_empty_shapes_never_crash(tmp_path: Path) -> None:
    path = write(
        frame([shapely.Point(479_050, 471_025, 12.5), shapely.Point(478_500, 471_500), None]), tmp_path / "x.gpkg"
    )
    curve = struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, 5)
    curve += struct.pack(
        "<10d", 479_000, 471_000, 479_050, 471_050, 479_100, 471_000, 479_050, 470_950, 479_000, 471_000
    )
    blobs = [curve, struct.pack("<BII", 1, 3, 0), b"\x01\x07"]  # a circle, a polygon of nothing, and damage
    with sqlite3.connect(path) as database:
        for trigger in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger[0]}"')
        for number, blob in enumerate(blobs, start=1):
            header = b"GP\x00\x01" + struct.pack("<i", 27700)
            database.execute("UPDATE x SET geom = ? WHERE fid = ?", (header + blob, number))
    database.close()
    found = register(path)
    assert len(found.rows) == 3
    assert found.rows["location_precision"].tolist() == ["polygon", "none", "none"]
    assert shapely.area(found.geometry[0]) == pytest.approx(np.pi * 50**2, rel=0.01)
    assert {issue.row for issue in found.issues if issue.code == "empty-shape"} >= {"2"}


@pytest.mark.parametrize(
    ("text", "expected", "srid"),
    [
        ("POINT (1 2)", "POINT (1 2)", 0),
        ("POINT Z (1 2 3)", "POINT Z (1 2 3)", 0),
        ("SRID=27700;POINT (1 2)", "POINT (1 2)", 27700),
        ('{"type": "Point", "coordinates": [1, 2]}', "POINT (1 2)", 0),
        (shapely.to_wkb(shapely.Point(1, 2), hex=True), "POINT (1 2)", 0),
        (
            shapely.to_wkb(shapely.set_srid(shapely.Point(1, 2), 27700), hex=True, include_srid=True),
            "POINT (1 2)",
            27700,
        ),
        ("CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 1 -1, 0 0))", "GEOMETRYCOLLECTION EMPTY", 0),
        ("not a shape", "GEOMETRYCOLLECTION EMPTY", 0),
        ("0101", "GEOMETRYCOLLECTION EMPTY", 0),
        ("{}", "GEOMETRYCOLLECTION EMPTY", 0),
        ("", "GEOMETRYCOLLECTION EMPTY", 0),
    ],
)
def test_shapes_in_cells(text: str, expected: str, srid: int) -> None:
    around = readable_shapes(["POINT (9 9)", text, None, "POINT (8 8)"])
    assert [str(shape) for shape in around] == ["POINT (9 9)", expected, "None", "POINT (8 8)"]
    assert int(shapely.get_srid(around[1])) == srid


@pytest.mark.parametrize("kind", ["wkt", "ewkt", "geojson", "wkb"])
def test_a_column_of_shapes_in_a_table(tmp_path: Path, kind: str) -> None:
    shape = SHAPES[0]
    text = {
        "wkt": shapely.to_wkt(shape), "ewkt": f"SRID=27700;{shapely.to_wkt(shape)}",
        "geojson": shapely.to_geojson(shape), "wkb": shapely.to_wkb(shape, hex=True),
    }[kind]  # fmt: skip
    pd.DataFrame({"Ref": ["A1"], "Name": ["Hall"], "geometry": [text]}).to_csv(tmp_path / "x.csv", index=False)
    found = register(tmp_path / "x.csv")
    assert found.rows["location_precision"].tolist() == ["polygon"]
    assert located(found) == {"A1": WHERE["A1"]}


# ------------------------------------------------------------------------------------------------------- JSON

RECORDS = [
    {"Ref": "A1", "Name": "Hall", "place": {"Postcode": "YO17 7AB"}},
    {"Ref": "A2", "Name": "Depot", "open": True},
]
FEATURE = {"type": "Feature", "properties": RECORDS[0], "geometry": {"type": "Point", "coordinates": [-0.789, 54.139]}}
POINT = {"type": "Point", "coordinates": [-0.789, 54.139]}


@pytest.mark.parametrize(
    "document",
    [
        RECORDS,
        {"data": RECORDS},
        {"results": RECORDS, "count": 2, "links": []},
        {"success": True, "result": {"fields": ["Ref", "Name"], "records": RECORDS}},
    ],
)
def test_records_as_json(tmp_path: Path, document: object) -> None:
    (tmp_path / "x.json").write_text(json.dumps(document))
    cells = read_cells(tmp_path / "x.json", "x.json")
    assert cells.header == ["Ref", "Name", "place.Postcode", "open"]
    assert cells.rows == [["A1", "Hall", "YO17 7AB", ""], ["A2", "Depot", "", "yes"]]
    assert cells.shapes is None


@pytest.mark.parametrize("suffix", [".json", ".ndjson", ".jsonl", ".geojsonl"])
@pytest.mark.parametrize("mark", ["", "\x1e"])
def test_one_object_on_each_line(tmp_path: Path, suffix: str, mark: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_text("".join(f"{mark}{json.dumps(record)}\n" for record in RECORDS))
    assert [row[0] for row in read_cells(path, path.name).rows] == ["A1", "A2"]
    path.write_text("".join(f"{mark}{json.dumps(FEATURE)}\n" for _ in range(3)))
    assert len(read_cells(path, path.name).rows) == 3
    assert located(register(path)) or register(path).quarantined == 2
    path.write_text(f'{json.dumps(RECORDS[0])}\n{{"Ref": \n')
    with pytest.raises(EstateError, match=rf"^x\{suffix}, line 2: this is not JSON"):
        read_cells(path, path.name)


@pytest.mark.parametrize("document", [FEATURE, [FEATURE], {"type": "FeatureCollection", "features": [FEATURE]}])
def test_features_alone_in_a_list_and_in_a_collection(tmp_path: Path, document: object) -> None:
    (tmp_path / "x.json").write_text(json.dumps(document))
    found = register(tmp_path / "x.json")
    assert found.rows["reference"].tolist() == ["A1"]
    assert found.rows["location_precision"].tolist() == ["point"]


def test_records_with_a_geometry_each(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps([{**RECORDS[0], "location": POINT}, {**RECORDS[1], "location": None}]))
    found = register(tmp_path / "x.json")
    assert found.rows["location_precision"].tolist() == ["point", "none"]


def test_features_of_an_arcgis_server(tmp_path: Path) -> None:
    ring = [[479_000, 471_000], [479_000, 471_050], [479_100, 471_050], [479_100, 471_000], [479_000, 471_000]]
    hole = [[479_010, 471_010], [479_020, 471_010], [479_020, 471_020], [479_010, 471_020], [479_010, 471_010]]
    document = {
        "spatialReference": {"wkid": 102100, "latestWkid": 27700},
        "features": [
            {"attributes": {"Ref": "A1", "Name": "Hall"}, "geometry": {"rings": [ring, hole]}},
            {"attributes": {"Ref": "A2", "Name": "Depot"}, "geometry": {"x": 478_500, "y": 471_500}},
            {"attributes": {"Ref": "A3", "Name": "Barn"}, "geometry": {"x": "NaN"}},
            {"attributes": {"Ref": "A4", "Name": "Yard"}},
        ],
    }
    (tmp_path / "x.json").write_text(json.dumps(document))
    found = register(tmp_path / "x.json")
    assert found.rows["location_precision"].tolist() == ["polygon", "point", "none", "none"]
    assert shapely.area(found.geometry[0]) == 5_000 - 100
    assert [(issue.row, issue.code) for issue in found.issues if issue.code == "empty-shape"] == [("3", "empty-shape")]


def test_several_lists_of_objects_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(
        json.dumps({"assets": [*RECORDS, {"Postcode": "YO17 7AB"}], "owners": [{"Code": "F", "Name": "x"}]})
    )
    with pytest.raises(EstateError, match=r"'assets' .3 rows"):
        read_cells(tmp_path / "x.json", "x.json")
    assert register(tmp_path / "x.json").rows["reference"].tolist() == ["A1", "A2"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1}', "neither features"), ("[]", "neither features"), ("[1, 2]", "neither features"), ("7", "neither features"),
        ('{"type": "Topology", "objects": {}}', "TopoJSON"), ('[{"a": 1, "a": 2}]', "twice"), ("{", "not JSON"),
    ],
)  # fmt: skip
def test_json_that_holds_no_table_is_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(EstateError, match=rf"^x\.json: .*{why}"):
        read_cells(tmp_path / "x.json", "x.json")


def test_properties_of_other_rows_leave_no_trace_when_rows_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps([RECORDS[0], {**RECORDS[1], "secret": {"price": 1}}]))
    cells = read_cells(tmp_path / "x.json", "x.json").without({2})
    assert (cells.header, cells.rows) == (["Ref", "Name", "place.Postcode"], [["A1", "Hall", "YO17 7AB"]])


def test_a_layer_is_wanted_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "land.json").write_text(json.dumps(RECORDS))
    with pytest.raises(EstateError, match="0 layers of shapes"):
        read_layer(tmp_path / "land.json", "land.json")

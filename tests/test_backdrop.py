"""The backdrop: a file of the user's in every format, CRS and state of trust, the folder's own, and the estate's."""

from __future__ import annotations

import csv
import json
import sqlite3
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from payloads import PAYLOADS

import assetplan as ap
from assetplan.backdrop import backdrop_file, backdrop_of, places_of, read_backdrop
from assetplan.crs import on_grid
from assetplan.errors import EstateError
from assetplan.grid import geometries_to_degrees, geometries_to_grid
from assetplan.products import attribution_of, kind_of, kind_of_layer, plain_columns, settlement_of
from assetplan.thinning import thin

BOUNDS = (477_000.0, 470_000.0, 481_000.0, 473_000.0)
LINE = shapely.LineString([(477_500, 470_500), (478_700, 471_900), (480_400, 472_200)])
FORMATS = ("gpkg", "geojson", "fgb", "shp", "shp.zip", "parquet")


def frame(shapes: Any = (LINE,), crs: Any = 27700, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def write(data: gpd.GeoDataFrame, path: Path, layer: str = "roads") -> Path:
    """A frame as a file of the format its name says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's about a CRS that is missing on purpose
        return _write(data, path, layer)


def _write(data: gpd.GeoDataFrame, path: Path, layer: str) -> Path:
    if path.name.endswith(".parquet"):
        data.to_parquet(path)
    elif path.name.endswith(".zip"):
        folder = path.parent / "unzipped"
        folder.mkdir(exist_ok=True)
        data.to_file(folder / f"{layer}.shp")
        with zipfile.ZipFile(path, "a") as archive:
            for part in sorted(folder.glob(f"{layer}.*")):
                archive.write(part, f"data/{part.name}")
    elif path.suffix == ".gpkg":
        data.to_file(path, layer=layer)
    else:
        data.to_file(path)
    return path


def fields(path: Path) -> list[tuple[str, str]]:
    return list(read_backdrop(path, BOUNDS).shapes[["kind", "name"]].itertuples(index=False, name=None))


# ------------------------------------------------------------------------------------------------------- formats


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_lines(suffix: str, tmp_path: Path) -> None:
    data = frame([LINE, shapely.transform(LINE, lambda xy: xy + 50)], name=["High Street", "Low Street"])
    path = write(data, tmp_path / f"roads.{suffix}")
    found = read_backdrop(path, BOUNDS, licence="Open Government Licence v3")
    assert found.shapes.crs.to_epsg() == 27700
    assert found.shapes[["kind", "name"]].to_numpy().tolist() == [["road", "High Street"], ["road", "Low Street"]]
    assert set(found.shapes["source"]) == {f"roads.{suffix}"}
    assert set(found.shapes["licence"]) == {"Open Government Licence v3"}
    assert shapely.hausdorff_distance(found.shapes.geometry.iloc[0], LINE) < 0.02  # GeoJSON goes by way of degrees
    assert not len(found.places)
    assert found.notes == ()


@pytest.mark.parametrize("suffix", FORMATS)
def test_reading_twice_gives_the_same(suffix: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    lines = [shapely.LineString(rng.uniform(470_000, 480_000, (5, 2))) for _ in range(60)]
    data = frame(lines, name=[f"Lane {i % 7}" for i in range(60)])
    path = write(data, tmp_path / f"roads.{suffix}")
    first, second = read_backdrop(path, BOUNDS), read_backdrop(path, BOUNDS)
    assert first.shapes.to_wkb().equals(second.shapes.to_wkb())
    assert first.notes == second.notes


@pytest.mark.parametrize("suffix", FORMATS)
def test_hostile_names_are_kept_readable(suffix: str, tmp_path: Path) -> None:
    data = frame([shapely.transform(LINE, lambda xy, i=i: xy + i) for i in range(len(PAYLOADS))], name=list(PAYLOADS))
    names = set(read_backdrop(write(data, tmp_path / f"roads.{suffix}"), BOUNDS).shapes["name"])
    assert len(names) == len(PAYLOADS)
    assert not any(character in name for name in names for character in "\u202e\u200b\x1b\u2028\n")
    assert "<script>window.HIT=1</script>" in names


@pytest.mark.parametrize("title", PAYLOADS)
def test_hostile_layer_names_do_no_harm(title: str, tmp_path: Path) -> None:
    points = frame([shapely.Point(478_000, 471_000), LINE.centroid], name=["a", "b"])
    path = tmp_path / "x.geojson"
    document = json.loads(points.to_crs(4326).to_json())
    path.write_text(json.dumps({**document, "name": title}), encoding="utf-8")
    with pytest.raises(EstateError) as refused:
        read_backdrop(path, BOUNDS)
    assert not any(character in str(refused.value) for character in "\u202e\u200b\x1b\u2028")


def test_all_layers_of_a_geopackage_or_those_named(tmp_path: Path) -> None:
    path = write(frame(name=["A64"]), tmp_path / "opmplc.gpkg", "road")
    write(frame([LINE.buffer(40)], distinctive_name=["River Derwent"]), path, "surface_water_area")
    write(
        frame([shapely.Point(478_600, 471_700)], distinctive_name=["Malton"], classification=["Populated Place"]),
        path,
        "named_place",
    )
    found = read_backdrop(path, BOUNDS)
    assert found.shapes[["kind", "name"]].to_numpy().tolist() == [["road", "A64"], ["water", "River Derwent"]]
    assert found.places[["kind", "name"]].to_numpy().tolist() == [["settlement", "Malton"]]
    assert "Contains OS data © Crown copyright" in found.notes[0]
    assert read_backdrop(path, BOUNDS, licence="as asked").notes == ()
    assert list(read_backdrop(path, BOUNDS, layers=["ROAD"]).shapes["kind"]) == ["road"]
    with pytest.raises(EstateError, match=r"no layer 'rail'.*Layers: road, surface_water_area, named_place"):
        read_backdrop(path, BOUNDS, layers=["rail"])


def test_openstreetmap_columns_and_its_attribution(tmp_path: Path) -> None:
    shapes = [shapely.transform(LINE, lambda xy, i=i: xy + 9 * i) for i in range(5)]
    data = frame(
        shapes,
        highway=["primary", "footway", None, None, None],
        railway=[None, None, "rail", "abandoned", None],
        waterway=[None, None, None, None, "river"],
        name=["A", "B", "C", "D", "E"],
        osm_id=["1", "2", "3", "4", "5"],
    )
    found = read_backdrop(write(data, tmp_path / "edges.gpkg", "lines"), BOUNDS)
    assert dict(zip(found.shapes["name"], found.shapes["kind"], strict=True)) == {
        "A": "road",
        "B": "path",
        "C": "rail",
        "E": "river",
    }
    assert any("OpenStreetMap contributors" in note for note in found.notes)
    assert any("1 features of lines are of kinds not drawn" in note for note in found.notes)


def test_boundaries_are_drawn_as_outlines_and_not_along_the_window(tmp_path: Path) -> None:
    area = shapely.box(400_000, 400_000, 478_000, 600_000)
    found = read_backdrop(write(frame([area], LAD23NM=["Ryedale"]), tmp_path / "x.gpkg", "LAD_MAY_2023_UK_BFC"), BOUNDS)
    (row,) = found.shapes.itertuples()
    assert (row.kind, row.name) == ("boundary", "Ryedale")
    assert row.geometry.geom_type in {"LineString", "MultiLineString"}
    assert {x for x, _ in shapely.get_coordinates(row.geometry)} == {478_000.0}


def test_an_own_kind_speaks_first_and_points_that_are_no_place_are_counted(tmp_path: Path) -> None:
    shapes = [LINE, shapely.Point(478_000, 471_000), shapely.Point(478_100, 471_000)]
    data = frame(shapes, kind=["river", "level crossing", "tree"], name=["Derwent", "", "Oak"])
    found = read_backdrop(write(data, tmp_path / "roads.geojson"), BOUNDS)
    assert found.shapes["kind"].tolist() == ["river", "level crossing"]
    assert found.notes == ("roads.geojson: 1 features of roads are of kinds not drawn here.",)


@pytest.mark.parametrize(
    ("layer", "row", "kind"),
    [
        ("RoadLink", {"roadFunction": "Local Road"}, "minor road"),
        ("road_link", {"road_classification": "A Road", "road_function": "A Road"}, "main road"),
        ("SE_Road", {"CLASSIFICA": "Minor Road"}, "minor road"),
        ("WatercourseLink", {"form": "inlandRiver"}, "river"),
        ("surfacewater", {}, "water"),
        ("roads_national", {"type": "Motorway"}, "main road"),
        ("district_buildings", {}, "building"),
        ("boundary_line_ceremonial_counties", {}, "boundary"),
        ("high_water_polyline", {}, "coast"),
        ("gis_osm_landuse_a_free_1", {"fclass": "forest"}, "woodland"),
        ("gis_osm_roads_free_1", {"fclass": "cycleway"}, "path"),
        ("gis_osm", {}, "other"),
        ("multipolygons", {"landuse": "residential"}, ""),
        ("lines", {"highway": "proposed", "waterway": "stream"}, "river"),
        ("names", {"type": "Village"}, ""),
    ],
)
def test_products_are_known_by_their_layers_and_columns(layer: str, row: dict[str, str], kind: str) -> None:
    assert kind_of(layer, plain_columns(row)) == kind


def test_settlements_and_attributions() -> None:
    assert settlement_of(plain_columns({"LOCAL_TYPE": "Suburban Area"})) == "suburb"
    assert settlement_of(plain_columns({"place": "town"})) == "town"
    assert settlement_of(plain_columns({"type": "Sites"})) == ""
    assert attribution_of(["stuff"], ["name"]) == ""
    assert kind_of_layer("Chelsea") is None


# ------------------------------------------------------------------------------------------------------- CRS


@pytest.mark.parametrize("epsg", [4326, 4258, 3857, 25830, 32630, 4277, 3035])
def test_every_crs_with_an_exact_way_gives_the_line_to_a_tenth_of_a_metre(epsg: int, tmp_path: Path) -> None:
    degrees = geometries_to_degrees(np.array([LINE], dtype=object))
    if epsg == 4277:  # OSGB36: no shift at all
        shapes = gpd.GeoSeries([LINE], crs=27700).to_crs(4277)
    elif epsg == 4326:
        shapes = gpd.GeoSeries(degrees, crs=4326)
    else:
        base = gpd.GeoSeries(degrees, crs=4326 if epsg in {3857, 32630} else 4258)
        shapes = base if epsg == 4258 else base.to_crs(epsg)
    path = write(frame(shapes, epsg, name=["x"]), tmp_path / "roads.gpkg")
    (found,) = read_backdrop(path, BOUNDS).shapes.geometry
    assert shapely.hausdorff_distance(found, LINE) < 0.1


@pytest.mark.parametrize("epsg", [4326, 27700, 3857])
def test_a_crs_not_said_is_told_by_the_values(epsg: int, tmp_path: Path) -> None:
    shapes = np.array([LINE], dtype=object)
    if epsg != 27700:
        shapes = gpd.GeoSeries(geometries_to_degrees(shapes), crs=4326).to_crs(epsg).to_numpy()
    found = read_backdrop(write(frame(shapes, None, name=["x"]), tmp_path / "roads.fgb"), BOUNDS)
    assert shapely.hausdorff_distance(found.shapes.geometry.iloc[0], LINE) < 0.1
    assert found.notes == (f"roads.fgb does not say its CRS; by its values it is EPSG:{epsg}.",)


def test_geojson_in_metres_without_a_word_of_it(tmp_path: Path) -> None:
    path = tmp_path / "roads.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(LINE)}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    found = read_backdrop(path, BOUNDS)
    assert shapely.hausdorff_distance(found.shapes.geometry.iloc[0], LINE) < 0.01
    assert "EPSG:27700" in found.notes[0]


@pytest.mark.parametrize(
    ("shape", "crs", "message"),
    [
        (LINE, 4326, "degrees, but its values reach 480,400"),
        (shapely.LineString([(-0.8, 54.1), (-0.7, 54.2)]), 27700, "metres, but its values are degrees"),
        (LINE, 29902, "no exact way leads to the National Grid"),
        (shapely.transform(LINE, lambda xy: xy * 1e4), None, "those of no CRS of Great Britain.*Save it in EPSG:27700"),
    ],
)
def test_a_crs_that_cannot_be_is_refused(shape: Any, crs: Any, message: str, tmp_path: Path) -> None:
    data = frame([shape], crs, name=["x"], audience=["public"])  # labelled, so that it is read whole
    with pytest.raises(EstateError, match=message):
        read_backdrop(write(data, tmp_path / "roads.gpkg"), BOUNDS)


def test_far_vertices_do_not_reach_the_map() -> None:
    shapes, _ = on_grid(np.array([shapely.LineString([(-112, 41), (-111, 40)])], dtype=object), "EPSG:4326", "x")
    assert not np.isfinite(shapely.bounds(shapes)).all() or shapely.bounds(shapes)[0][0] < -1e6


# ------------------------------------------------------------------------------------------------------- trust


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "shp", "zip", "geojson", "parquet"])
def test_a_vrt_under_any_name_is_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{suffix}"
    path.write_text(
        "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/vsicurl/http://localhost:9/x.gpkg</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    with pytest.raises(EstateError, match=rf"x\.{suffix}"):
        read_backdrop(path, BOUNDS)


@pytest.mark.parametrize(
    "path",
    [
        "x.vrt",
        "/vsicurl/http://localhost:9/x.gpkg",
        "/vsizip/x.zip/x.shp",
        "http://localhost:9/x.geojson",
        "PG:dbname=x",
        "x.gdb",
        "GPKG:x.gpkg",
        "x.pbf",
    ],
)
def test_what_is_not_a_vector_file_here_is_refused(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EstateError, match=r"not a vector format read here|no such file"):
        read_backdrop(path, BOUNDS)


def test_files_broken_in_every_format_are_refused_by_name(tmp_path: Path) -> None:
    marks = {
        "a.gpkg": b"SQLite format 3\x00" + b"\x00" * 4096,
        "a.fgb": b"fgb\x03fgb\x00" + b"\xff" * 64,
        "a.shp": struct.pack(">i", 9994) + b"\xff" * 200,
        "a.zip": b"PK\x03\x04" + b"\x00" * 64,
        "a.parquet": b"PAR1" + b"\x00" * 64,
        "a.geojson": b'{"type": "FeatureCollection", "features": [' + b"[" * 100_000,
        "b.geojson": b'{"type": "Feature"}',
        "c.geojson": b"",
    }
    for name, data in marks.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(EstateError, match=rf"^{name}:"):
            read_backdrop(tmp_path / name, BOUNDS)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW seen AS SELECT * FROM roads",
        "CREATE TABLE seen (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT GENERATED ALWAYS AS ('x' || fid) VIRTUAL)",
        "PRAGMA writable_schema = 1; INSERT INTO sqlite_master VALUES ('table', 'seen', 'seen', 0, 'CREATE VIRTUAL TABLE seen USING VirtualOGR(''/vsicurl/http://localhost:9/x'')')",
        "PRAGMA writable_schema = 1; INSERT INTO sqlite_master VALUES ('table', ' using rtree(', ' using rtree(', 0, 'CREATE VIRTUAL TABLE \" using rtree(\" USING VirtualOGR(''x'')')",
    ],
)
def test_a_geopackage_that_computes_is_refused(statement: str, tmp_path: Path) -> None:
    path = write(frame(name=["A64"]), tmp_path / "x.gpkg")
    with sqlite3.connect(path) as database:
        database.executescript(statement)
        if "VirtualOGR" not in statement:
            database.executescript(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('seen', 'features', 'seen', 27700);"
                "INSERT INTO gpkg_geometry_columns VALUES ('seen', 'geom', 'LINESTRING', 27700, 0, 0);"
            )
    database.close()
    with pytest.raises(EstateError, match="worked out when it is read"):
        read_backdrop(path, BOUNDS)


def test_a_geopackage_is_left_as_it_was(tmp_path: Path) -> None:
    path = write(frame(name=["A64"]), tmp_path / "x.gpkg")
    before = path.read_bytes()
    path.chmod(0o444)
    assert fields(path) == [("road", "A64")]
    assert path.read_bytes() == before
    assert [other.name for other in tmp_path.iterdir()] == ["x.gpkg"]


def test_a_zip_puts_nothing_outside_its_own_folder(tmp_path: Path) -> None:
    write(frame(name=["A64"]), tmp_path / "roads.shp")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for part in sorted(tmp_path.glob("roads.*")):
            archive.write(part, f"../../../tmp/escaped/{part.name}")
        archive.writestr("readme.txt", "x")
    assert fields(tmp_path / "x.zip") == [("road", "A64")]
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.writestr("a.gpkg", "x")
    with pytest.raises(EstateError, match=r"no \.shp, \.tab or \.mif in this zip"):
        read_backdrop(tmp_path / "y.zip", BOUNDS)


# ------------------------------------------------------------------------------------------------------- size


def test_a_million_vertices_are_cut_and_simplified(tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    radius = 1_500 + 3 * np.sin(angle * 20_000)
    lake = shapely.Polygon(np.column_stack((479_000 + radius * np.cos(angle), 471_500 + radius * np.sin(angle))))
    found = read_backdrop(write(frame([lake], name=["Lake"]), tmp_path / "x.gpkg", "lakes"), BOUNDS)
    (shape,) = found.shapes.geometry
    assert shapely.get_num_coordinates(shape) < 150_000
    assert shape.is_valid
    assert shape.area == pytest.approx(lake.area, rel=0.002)


def test_only_the_window_is_kept(tmp_path: Path) -> None:
    far = shapely.LineString([(300_000, 471_000), (700_000, 471_000)])
    (shape,) = read_backdrop(write(frame([far], name=["x"]), tmp_path / "x.gpkg"), BOUNDS).shapes.geometry
    assert shape.bounds == (475_000.0, 471_000.0, 483_000.0, 471_000.0)


def test_tiny_areas_go_with_a_note_and_points_of_no_kind_too(tmp_path: Path) -> None:
    areas = [shapely.Point(478_000 + 50 * i, 471_000).buffer(size) for i, size in enumerate((20, 0.5, 0.5))]
    found = read_backdrop(write(frame(areas, name=["", "", ""]), tmp_path / "x.gpkg", "building"), BOUNDS)
    assert len(shapely.get_parts(found.shapes.geometry.iloc[0])) == 1
    assert found.notes == ("x.gpkg: 2 areas less than 4 m across are left out.",)


def test_the_cap_raises_the_tolerance_then_drops_what_matters_least() -> None:
    rng = np.random.default_rng(3)
    winding = shapely.LineString(np.column_stack((np.linspace(0, 9_000, 900), rng.uniform(0, 3, 900))))
    roads = [shapely.LineString(rng.uniform(0, 9_000, (2, 2))) for _ in range(300)]
    shapes = {("river", "x"): [winding], ("main road", ""): roads[:100], ("other", ""): roads[100:]}
    rows, notes = thin(shapes, 1.0, cap=100_000)
    assert (len(rows), notes) == (3, [])
    rows, notes = thin(shapes, 1.0, cap=700)
    assert [row[0] for row in rows] == ["river", "main road", "other"]
    assert notes == ["drawn only to 4 m, to keep the page small."]
    rows, notes = thin(shapes, 1.0, cap=300)
    assert [row[0] for row in rows] == ["river", "main road"]
    assert "left out, the least important first: other" in notes[-1]
    rows, notes = thin({("other", ""): roads}, 1.0, cap=100)
    assert sum(shapely.get_num_coordinates(row[2]) for row in rows) == 100
    assert "250 of the smallest pieces" in notes[-1]
    assert thin({}, 1.0) == ([], [])


def test_shapes_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "roads.geojson"
    line = shapely.geometry.mapping(geometries_to_degrees(np.array([LINE], dtype=object))[0])
    bow = {
        "type": "Polygon",
        "coordinates": [[[-0.8, 54.13], [-0.79, 54.14], [-0.79, 54.13], [-0.8, 54.14], [-0.8, 54.13]]],
    }
    geometries = [line, None, {"type": "LineString", "coordinates": [[1]]}, {"type": "Polygon", "coordinates": []}, bow]
    features = [{"type": "Feature", "properties": {"name": str(i)}, "geometry": g} for i, g in enumerate(geometries)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found = read_backdrop(path, BOUNDS)
    assert sorted(set(found.shapes["name"])) == ["0", "4"]
    assert found.notes == ("roads.geojson: 3 features of roads have no shape that can be placed on the National Grid.",)
    assert found.shapes.geometry.is_valid.all()


def test_nothing_within_the_map_is_refused_with_the_mend(tmp_path: Path) -> None:
    path = write(frame([shapely.transform(LINE, lambda xy: xy - 200_000)], name=["x"]), tmp_path / "x.gpkg")
    with pytest.raises(
        EstateError, match=r"x\.gpkg: nothing of it lies within the map of the estate.*Choose a file of that area"
    ):
        read_backdrop(path, BOUNDS)


def test_places_are_capped_the_greatest_first(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    points = shapely.points(rng.uniform((476_000, 470_000), (482_000, 473_000), (400, 2)))
    data = frame(points, name=[f"P{i:03}" for i in range(400)], place=["hamlet"] * 398 + ["town", "city"])
    found = read_backdrop(write(data, tmp_path / "x.gpkg", "points"), BOUNDS)
    assert found.places["kind"].tolist()[:3] == ["city", "town", "hamlet"]
    assert len(found.places) == 300
    assert "of 400 names of places the 300" in found.notes[0]


# ------------------------------------------------------------------------------------------------------- readers


def labelled(folder: Path, labels: list[str | None], suffix: str = "geojson", *, places: bool = False) -> Path:
    """An estate folder whose backdrop holds one line (or town) for each label."""
    (folder / "registers").mkdir(parents=True)
    (folder / "estate.toml").write_text(
        'name = "Test"\nreaders = ["rdc.legal"]\n[organisations.rdc]\nname = "Ryedale"\n[organisations.nycc]\nname = "County"\n'
    )
    with (folder / "registers" / "rdc.csv").open("w", newline="", encoding="utf-8") as handle:
        rows = [["Organisation", "Ref", "Name", "Easting", "Northing"], ["rdc", "1", "House", 478_500, 471_700]]
        csv.writer(handle).writerows(rows)
    shapes = [shapely.transform(LINE, lambda xy, i=i: xy + 9 * i) for i in range(len(labels))]
    if places:
        shapes = [shape.centroid for shape in shapes]
    data = frame(shapes, name=[str(label) for label in labels], audience=labels, place=["town"] * len(labels))
    write(data, folder / f"backdrop.{suffix}")
    return folder


LABELS = ["public", "rdc", "nycc", "rdc.legal", "all", None, "nobody", "public;all"]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("reader", "names"),
    [
        ("public", {"public"}),
        ("rdc", {"public", "rdc"}),
        ("rdc.legal", {"public", "rdc", "rdc.legal"}),
        ("nycc", {"public", "nycc"}),
        ("all", {str(label) for label in LABELS}),
    ],
)
def test_rows_are_filtered_for_the_reader(suffix: str, reader: str, names: set[str], tmp_path: Path) -> None:
    estate = ap.read_estate(labelled(tmp_path / "e", LABELS, suffix)).for_audience(reader)
    found = backdrop_file(estate, BOUNDS)
    assert found is not None
    assert {name if name not in {"", "nan"} else "None" for name in found.shapes["name"]} == names


def test_what_a_reader_gets_is_what_a_file_without_the_rest_gives(tmp_path: Path) -> None:
    """Bounds, tolerance, notes and the CRS told by values all follow from the rows that are left."""
    full = labelled(tmp_path / "full", LABELS)
    less = labelled(tmp_path / "less", ["public"])
    document = json.loads((full / "backdrop.geojson").read_text())
    for feature in document["features"]:
        if feature["properties"]["audience"] != "public":
            feature["geometry"]["coordinates"] = [[9e9, 9e9], [9e9, 9e8]]
            feature["properties"]["osm_id"] = "secret"
    (full / "backdrop.geojson").write_text(json.dumps(document))
    seen = backdrop_file(ap.read_estate(full).for_audience("public"), BOUNDS)
    wanted = backdrop_file(ap.read_estate(less).for_audience("public"), BOUNDS)
    assert seen is not None
    assert wanted is not None
    assert seen.shapes.to_wkb().equals(wanted.shapes.to_wkb())
    assert seen.notes == wanted.notes == ()


def test_a_reader_who_may_know_nothing_of_the_file_gets_nothing_and_no_hint(tmp_path: Path) -> None:
    estate = ap.read_estate(labelled(tmp_path / "e", ["all", "nycc"], places=True)).for_audience("public")
    found = backdrop_file(estate, BOUNDS)
    assert found is not None
    assert (len(found.shapes), len(found.places), found.notes) == (0, 0, ())


def test_without_an_estate_a_labelled_file_is_read_for_the_public(tmp_path: Path) -> None:
    path = labelled(tmp_path / "e", LABELS) / "backdrop.geojson"
    assert read_backdrop(path, BOUNDS).shapes["name"].tolist() == ["public"]
    found = read_backdrop(path, BOUNDS, reader="rdc", organisations=["rdc", "nycc"])
    assert found.shapes["name"].tolist() == ["public", "rdc"]


@pytest.mark.parametrize("column", ["Audience", "audiance", "AUDIENCE"])
def test_a_misspelt_audience_is_refused(column: str, tmp_path: Path) -> None:
    with pytest.raises(EstateError, match="not quite 'audience'"):
        read_backdrop(write(frame(**{column: ["all"]}), tmp_path / "x.gpkg"), BOUNDS)


def test_a_place_of_a_sensitive_kind_is_not_named(tmp_path: Path) -> None:
    shapes = [LINE.centroid.buffer(30), LINE.centroid]
    data = frame(shapes, name=["Women's Refuge", "Women's Refuge"], building=["yes", None], place=[None, "hamlet"])
    found = read_backdrop(write(data, tmp_path / "x.geojson"), BOUNDS)
    assert found.shapes[["kind", "name"]].to_numpy().tolist() == [["building", ""]]
    assert not len(found.places)


def test_towns_follow_from_what_the_reader_may_know(tmp_path: Path) -> None:
    folder = labelled(tmp_path / "e", ["public"])
    with (folder / "registers" / "nycc.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["Organisation", "Ref", "Name", "Address", "Easting", "Northing"])
        writer.writerows(
            ["nycc", i, "Office", f"{i} High Street, Thirsk", 443_000 + 200 * i, 482_000] for i in range(1, 6)
        )
    with (folder / "estate.toml").open("a") as settings:
        settings.write('[registers."nycc.csv"]\norganisation = "nycc"\naudience = "nycc"\n')
    estate = ap.read_estate(folder)
    assert places_of(estate.for_audience("nycc"), BOUNDS)["name"].tolist() == ["Thirsk"]
    assert places_of(estate.for_audience("public"), BOUNDS)["name"].tolist() == []


# ------------------------------------------------------------------------------------------------------- folder


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_folder_finds_its_backdrop(suffix: str, tmp_path: Path) -> None:
    folder = labelled(tmp_path / "e", ["public"], suffix)
    estate = ap.read_estate(folder)
    assert estate.backdrop == folder / f"backdrop.{suffix}"
    assert estate.for_audience("public").backdrop == estate.backdrop
    assert not estate.issues["code"].isin({"not-read-yet", "unknown-file"}).any()


def test_a_folder_with_two_backdrops_or_none(tmp_path: Path) -> None:
    folder = labelled(tmp_path / "e", ["public"])
    (folder / "backdrop.gpkg").write_bytes(b"x")
    with pytest.raises(EstateError, match="two files give it"):
        ap.read_estate(folder)
    (folder / "backdrop.gpkg").unlink()
    (folder / "backdrop.geojson").rename(folder / "backdrop.tif")
    estate = ap.read_estate(folder)
    assert estate.backdrop is None
    assert estate.issues["code"].tolist().count("unknown-file") == 1
    assert backdrop_file(estate, BOUNDS) is None


def test_a_backdrop_beside_registers_is_no_register(tmp_path: Path) -> None:
    folder = labelled(tmp_path / "e", ["public"])
    (folder / "registers" / "rdc.csv").rename(folder / "rdc.csv")
    (folder / "registers").rmdir()
    estate = ap.read_estate(folder)
    assert (estate.registers["path"].tolist(), estate.backdrop) == (["rdc.csv"], folder / "backdrop.geojson")


def test_the_folders_own_may_lie_elsewhere_but_a_file_named_may_not(tmp_path: Path) -> None:
    estate = ap.read_estate(labelled(tmp_path / "e", ["public"]))
    far = (300_000.0, 300_000.0, 301_000.0, 301_000.0)
    found = backdrop_file(estate, far)
    assert found is not None
    assert not len(found.shapes)
    with pytest.raises(EstateError, match="nothing of it lies within"):
        backdrop_file(estate, far, estate.backdrop)


# ------------------------------------------------------------------------------------------------------- the whole


def register(path: Path, rows: list[tuple[str, float, float]]) -> ap.Estate:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["Ref", "Name", "Address", "Easting", "Northing"])
        writer.writerows([[i, f"Asset {i}", *row] for i, row in enumerate(rows)])
    return ap.read_estate(path)


def test_the_estates_own_come_first_and_alone_where_it_has_roads(tmp_path: Path) -> None:
    estate = ap.read_estate("data/malton").for_audience("public")
    own = backdrop_of(estate, BOUNDS)
    assert not own["kind"].isin(["coast", "graticule"]).any()
    assert own["kind"].tolist()[: len(estate.roads)] == estate.roads["kind"].tolist()
    extra = read_backdrop(write(frame(name=["Extra"]), tmp_path / "x.gpkg"), BOUNDS, licence="OGL")
    more = backdrop_of(estate, BOUNDS, extra)
    assert more["name"].tolist() == [*own["name"], "Extra"]
    assert more.columns.tolist() == ["kind", "name", "source", "licence", "geometry"]
    assert places_of(estate, BOUNDS)["name"].tolist() == estate.places["name"].tolist()


def test_an_estate_without_roads_has_the_coast_and_the_grid(tmp_path: Path) -> None:
    estate = register(tmp_path / "a.csv", [("1 Quay Street, Scarborough", 504_700, 488_800)])
    bounds = (503_000.0, 487_000.0, 506_000.0, 490_000.0)
    found = backdrop_of(estate, bounds)
    assert found.crs.to_epsg() == 27700
    assert found["kind"].tolist()[0] == "coast"
    assert set(found["kind"][1:]) == {"graticule"}
    assert "504 km E" in found["name"].tolist()
    assert found.equals(backdrop_of(estate, bounds))
    coast = frame([LINE], name=["Cliff"])
    extra = read_backdrop(write(coast, tmp_path / "x.gpkg", "coastline"), BOUNDS)
    assert backdrop_of(estate, bounds, extra)["name"].tolist().count("Coast") == 0


def test_an_empty_backdrop_has_the_columns(tmp_path: Path) -> None:
    estate = register(tmp_path / "a.csv", [("", 504_700, 488_800)])
    found = places_of(estate, BOUNDS)
    assert (len(found), found.columns.tolist(), found.crs.to_epsg()) == (
        0,
        ["kind", "name", "source", "geometry"],
        27700,
    )


def test_towns_are_named_from_addresses(tmp_path: Path) -> None:
    rows = [(f"{i} Castlegate, Malton", 478_500.0 + 90 * i, 471_700.0) for i in range(3)]
    estate = register(tmp_path / "a.csv", rows)
    (place,) = places_of(estate, BOUNDS).itertuples()
    assert (place.kind, place.name, place.source) == ("town", "Malton", "from the addresses in a.csv")
    towns = frame(
        [shapely.Point(478_590, 471_730), shapely.Point(479_400, 471_000)],
        name=["MALTON", "Norton"],
        place=["town", "town"],
    )
    extra = read_backdrop(write(towns, tmp_path / "x.gpkg", "points"), BOUNDS)
    assert places_of(estate, BOUNDS, extra)["name"].tolist() == ["MALTON", "Norton"]


# ------------------------------------------------------------------------------------------------------- real files


@pytest.mark.realdata
def test_real_boundaries(realdata: Path) -> None:
    path = realdata / "greater-manchester-sites" / "gm_local_authority_full_resolution.geojson"
    found = read_backdrop(path, (371_000.0, 386_000.0, 383_000.0, 397_000.0))
    assert set(found.shapes["kind"]) == {"boundary"}
    assert {"Trafford", "Manchester", "Salford"} <= set(found.shapes["name"])
    assert shapely.get_num_coordinates(found.shapes.geometry.to_numpy()).sum() < 10_000


@pytest.mark.realdata
@pytest.mark.parametrize("file", ["momepy-bubenec/bubenec.gpkg", "neatnet-streets/slc_4881_original.parquet"])
def test_real_files_of_elsewhere_are_refused(realdata: Path, file: str) -> None:
    with pytest.raises(EstateError, match="nothing of it lies within"):
        read_backdrop(realdata / file, BOUNDS)


@pytest.mark.realdata
def test_real_openstreetmap(realdata: Path, tmp_path: Path) -> None:
    source = realdata / "rutland-osm" / "rutland-latest.osm.pbf"
    with pytest.raises(EstateError, match="not a vector format read here"):
        read_backdrop(source, BOUNDS)
    path = tmp_path / "rutland.gpkg"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's about rings that are not closed
        for layer in ("lines", "points", "multipolygons"):
            gpd.read_file(source, layer=layer).to_file(path, layer=layer)
    centre = geometries_to_grid(np.array([shapely.Point(-0.7285, 52.6705)], dtype=object))[0]
    bounds = (centre.x - 4_000, centre.y - 4_000, centre.x + 4_000, centre.y + 4_000)
    found = read_backdrop(path, bounds)
    assert {"road", "rail", "river", "water", "woodland", "building"} <= set(found.shapes["kind"])
    assert found.places.iloc[0][["kind", "name"]].tolist() == ["town", "Oakham"]
    assert shapely.get_num_coordinates(found.shapes.geometry.to_numpy()).sum() <= 150_000
    assert any("OpenStreetMap contributors" in note for note in found.notes)

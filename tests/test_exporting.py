"""An estate as GeoPackage, CSV, GeoJSON and GeoParquet: every located asset a row, the same bytes each time, and no cell a live formula."""

import csv
import datetime as dt
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import assetplan as ap
from assetplan import export
from assetplan.exporting import csv_bytes
from assetplan.grid import geometries_to_grid
from assetplan.schema import table

ROOT = Path(__file__).parents[1]
MALTON = ROOT / "data" / "malton"
SUFFIXES = (".gpkg", ".csv", ".geojson", ".parquet")


@pytest.fixture(scope="module")
def keeper() -> ap.Estate:
    return ap.read_estate(MALTON)


@pytest.fixture(scope="module")
def package(keeper: ap.Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(keeper, tmp_path_factory.mktemp("export") / "malton.gpkg")


def layer(path: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(path, layer=name)


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_every_layer_is_there(package: Path) -> None:
    assert set(pyogrio.list_layers(package)[:, 0]) == {
        "assets", "sites", "relations", "land", "constraints", "places", "roads", "facts", "interests", "issues", "unlocated", "assemblies",
        "services", "capacity", "affinities", "crews", "demand", "areas", "standards", "plans",
    }  # fmt: skip


def test_every_located_asset_is_a_row_and_every_other_is_listed(keeper: ap.Estate, package: Path) -> None:
    located = keeper.assets[keeper.assets["location_precision"] != "none"]
    stored = layer(package, "assets")
    assert stored["asset_id"].tolist() == located.index.tolist()
    assert stored.crs.to_epsg() == 27700
    assert stored.geometry.geom_equals_exact(located.geometry.reset_index(drop=True), 1e-9).all()
    rest = set(keeper.assets.index) - set(located.index)
    assert set(layer(package, "unlocated")["asset_id"]) == rest


def test_sites_and_relations_are_those_of_the_library(keeper: ap.Estate, package: Path) -> None:
    sites = ap.sites(keeper)
    stored = layer(package, "sites")
    assert list(stored.columns.drop("geometry")) == list(table("sites"))
    assert set(stored["site_id"]) == set(sites.index[~sites.geometry.isna()])
    pairs = ap.adjacent_pairs(sites, roads=keeper.roads)
    links = layer(package, "relations")
    told = pairs.assign(between=pairs["between"].map("; ".join), across=pairs["across"].map("; ".join))
    pd.testing.assert_frame_equal(pd.DataFrame(links[list(pairs.columns)]).fillna(""), told, check_dtype=False)
    assert set(links.geom_type) == {"LineString"}


def test_numbers_are_numbers_and_lists_are_joined(keeper: ap.Estate, package: Path) -> None:
    stored = layer(package, "sites").set_index("site_id")
    for name, column in table("sites").items():
        if column.kind == "number":
            assert pd.api.types.is_numeric_dtype(stored[name]), name
    sites = ap.sites(keeper)
    several = next(site for site, assets in sites["assets"].items() if len(assets) > 1 and site in stored.index)
    assert stored.at[several, "assets"] == "; ".join(sites.at[several, "assets"])


def test_assemblies_only_where_released(keeper: ap.Estate, tmp_path: Path) -> None:
    layers = {
        reader: set(pyogrio.list_layers(export(keeper.for_audience(reader), tmp_path / f"{reader}.gpkg"))[:, 0])
        for reader in ("public", "rdc")
    }
    assert "assemblies" not in layers["public"]
    assert "assemblies" in layers["rdc"]


def test_the_same_estate_gives_the_same_bytes_also_in_another_process(
    keeper: ap.Estate, package: Path, tmp_path: Path
) -> None:
    public = keeper.for_audience("public")
    here = {suffix: export(public, tmp_path / f"here{suffix}").read_bytes() for suffix in SUFFIXES}
    again = {suffix: export(public, tmp_path / f"again{suffix}").read_bytes() for suffix in SUFFIXES}
    assert here == again
    program = (
        "import sys, assetplan as ap, pathlib\n"
        "estate = ap.read_estate(sys.argv[1]).for_audience('public')\n"
        "[ap.export(estate, pathlib.Path(sys.argv[2]) / f'there{s}') for s in ('.gpkg', '.csv', '.geojson', '.parquet')]\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Auckland",
        "OGR_CURRENT_DATE": "1999-01-01T00:00:00Z",
    }
    subprocess.run([sys.executable, "-c", program, str(MALTON), str(tmp_path)], check=True, env=environment)
    for suffix, data in here.items():
        there = (tmp_path / f"there{suffix}").read_bytes()
        assert hashlib.sha256(there).hexdigest() == hashlib.sha256(data).hexdigest()


def test_the_clock_setting_of_the_caller_is_kept(keeper: ap.Estate, tmp_path: Path) -> None:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2001-02-03T00:00:00Z"})
    try:
        export(keeper, tmp_path / "a.gpkg")
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == "2001-02-03T00:00:00Z"
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def test_sites_as_csv(keeper: ap.Estate, tmp_path: Path) -> None:
    data = export(keeper, tmp_path / "sites.CSV").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    header, *body = rows(data)
    assert header == list(table("sites"))
    assert [row[0] for row in body] == ap.sites(keeper).index.tolist()
    area = header.index("area_ha")
    assert any(row[area] for row in body)
    assert all(float(row[area]) > 0 for row in body if row[area])


def test_cells_of_csv() -> None:
    frame = pd.DataFrame(
        {
            "=head": ["=1+1", "@x", "'quoted"],
            "list": [("a", "b"), (), ("=cmd", "x")],
            "number": [-1.5, np.nan, 3.0],
            "flag": [True, False, None],
            "day": [dt.date(2010, 6, 24), None, dt.date(2025, 1, 2)],
            "text": ["a\u202eb", "line\nline", None],
        },
        dtype=object,
    )
    header, *body = rows(csv_bytes(frame))
    assert header == ["'=head", "list", "number", "flag", "day", "text"]
    assert body == [
        ["'=1+1", "a; b", "-1.5", "yes", "2010-06-24", "a[U+202E]b"],
        ["'@x", "", "", "no", "", "line\nline"],
        ["''quoted", "'=cmd; x", "3.0", "", "2025-01-02", ""],
    ]


@pytest.mark.parametrize("name", ["sites.xlsx", "sites", "sites.geojson.exe"])
def test_an_unknown_suffix_is_refused_and_nothing_is_written(keeper: ap.Estate, tmp_path: Path, name: str) -> None:
    with pytest.raises(ap.OutputError, match=r"\.gpkg, \.csv"):
        export(keeper, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_estate_of_nothing_located(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Ref,Name\n1,Hall\n")
    estate = ap.read_estate(tmp_path / "list.csv")
    stored = export(estate, tmp_path / "list.gpkg")
    assert len(layer(stored, "assets")) == 0
    assert pyogrio.read_dataframe(stored, layer="unlocated")["name"].tolist() == ["Hall"]


def test_geojson_and_geoparquet_hold_every_site_and_open_in_gdal(keeper: ap.Estate, tmp_path: Path) -> None:
    sites = ap.sites(keeper)
    drawn = ~sites.geometry.isna() & ~sites.geometry.is_empty
    geojson = pyogrio.read_dataframe(export(keeper, tmp_path / "malton.geojson"))
    assert geojson.crs.to_epsg() == 4326
    parquet = gpd.read_parquet(export(keeper, tmp_path / "malton.parquet"))
    assert parquet.crs.to_epsg() == 27700
    for frame in (geojson, parquet):
        assert list(frame["site_id"]) == list(sites.index)
        assert list(frame.columns) == [*table("sites"), "geometry"]
        assert (frame.geometry.isna() | frame.geometry.is_empty).tolist() == (~drawn).tolist()
        assert frame["area_ha"].to_numpy(dtype=float) == pytest.approx(
            sites["area_ha"].to_numpy(dtype=float), nan_ok=True
        )
    assert (
        parquet.geometry[drawn.to_numpy()]
        .geom_equals_exact(sites.geometry[drawn].reset_index(drop=True).set_axis(np.flatnonzero(drawn)), 1e-9)
        .all()
    )
    # Degrees to seven decimals are about a centimetre; the way back is our own, since GDAL here has no OSTN15.
    back = geometries_to_grid(geojson.geometry[drawn.to_numpy()].to_numpy())
    assert max(shapely.hausdorff_distance(back, sites.geometry[drawn].to_numpy())) < 0.03


def test_hostile_text_is_only_text_in_geojson_and_geoparquet(tmp_path: Path) -> None:
    text = '</script>${7*191}{{7*191}}\u202e=1+1 "quoted" \\'
    with (tmp_path / "list.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Ref", "Name", "Easting", "Northing"], ["1", text, "479000", "471000"]])
    estate = ap.read_estate(tmp_path / "list.csv")
    for name, read in (("x.geojson", pyogrio.read_dataframe), ("x.parquet", gpd.read_parquet)):
        (site,) = read(export(estate, tmp_path / name))["name"]
        assert site == text.replace("\u202e", "[U+202E]")


def test_geojson_and_geoparquet_hold_no_secret(keeper: ap.Estate, tmp_path: Path) -> None:
    hidden = set(keeper.assets.index) - set(keeper.for_audience("public").assets.index)
    assert hidden
    for suffix in (".geojson", ".parquet"):
        data = export(keeper.for_audience("public"), tmp_path / f"public{suffix}").read_bytes()
        assert all(asset.encode() not in data for asset in hidden)

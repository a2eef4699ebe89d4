"""Pairs found tile by tile are the pairs of the whole, to the last bit, however the sites are cut and whatever runs the tiles."""

import itertools
import json
import math
import sys
import tempfile
from pathlib import Path

import dask
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import assetplan as ap
from assetplan.errors import EstateError, OutputError
from assetplan.relations import RELATION_COLUMNS, adjacent_pairs
from assetplan.tiling import read_pairs, write_pairs, write_tiles

KINDS = ("road", "rail", "river", "path")


def frame(shapes: dict[object, shapely.Geometry | None], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes.values()), index=list(shapes), crs=27700)


def tiled(
    sites: object,
    tiles: int,
    max_gap_m: float = 25.0,
    roads: gpd.GeoDataFrame | None = None,
    scheduler: object | None = None,
) -> pd.DataFrame:
    """The pairs by way of files, which must hold each pair once."""
    with tempfile.TemporaryDirectory() as work:
        cut = write_tiles(sites, Path(work) / "tiles", tiles=tiles, max_gap_m=max_gap_m, roads=roads)
        done = write_pairs(cut, Path(work) / "pairs", scheduler=scheduler)
        parts = [pq.read_table(part) for part in sorted(done.glob("*.parquet"))]
        assert len(parts) == tiles
        found = read_pairs(done)
        assert sum(part.num_rows for part in parts) == len(found)
        return found


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert list(found.columns) == list(expected.columns)
    if len(expected) or len(found):  # of no rows pandas does not know whether they would be text
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def town(count: int = 450, seed: int = 5) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Terraces that touch, plots that overlap, points, strips and scattered holdings that cross many edges, and lines between."""
    draw = np.random.default_rng(seed)
    shapes: list[shapely.Geometry | None] = []
    for x, y in itertools.product(range(0, 700, 35), range(0, 700, 35)):
        size = draw.choice([10, 35, 36])
        shapes.append(shapely.box(x, y, x + size, y + draw.choice([10, 35])))
    while len(shapes) < count:
        x, y, size = draw.uniform((0, 0, 1), (720, 720, 30))
        turn = np.sort(draw.uniform(0, 2 * np.pi, draw.integers(3, 9)))
        corners = np.column_stack([x + size * np.cos(turn), y + size * np.sin(turn)])
        shapes.append(shapely.Point(x, y) if draw.random() < 0.5 else shapely.Polygon(corners).buffer(0))
    shapes += [
        shapely.box(-50, 338, 800, 345),
        shapely.box(338, -50, 345, 800),
        shapely.LineString([(0, 0), (700, 690)]).buffer(3),
        shapely.MultiPolygon([shapely.box(x, y, x + 4, y + 4) for x, y in draw.uniform(0, 700, (40, 2))]),
        shapely.MultiPoint(draw.uniform(0, 700, (9, 2))),
        shapely.box(0, 0, 700, 700).difference(shapely.box(30, 30, 670, 670)),
        None,
        shapely.Polygon(),
        shapely.box(100, 100, 200, 200),
    ]
    precision = ["polygon"] * (len(shapes) - 1) + ["postcode"]
    order = draw.permutation(len(shapes))
    names = [f"body-{number % 8}:{number}" for number in range(len(shapes))]
    sites = frame(
        {names[i]: shapes[i] for i in order},
        precision=[pd.NA if i == 0 else precision[i] for i in order],
        name=[f"secret {names[i]}" for i in order],
    )
    ends = draw.uniform(0, 700, (60, 4))
    ends[:20, 2], ends[20:40, 3] = ends[:20, 0], ends[20:40, 1]
    roads = gpd.GeoDataFrame(
        {
            "kind": [KINDS[i % 4] for i in range(60)],
            "name": pd.Series([f"Line {i % 17}" if i % 3 else None for i in range(60)], dtype=object),
        },
        geometry=[shapely.LineString([one[:2], one[2:]]) for one in ends],
        crs=27700,
    )
    return sites, roads


# --------------------------------------------------------------------------------------------------- the same as the whole


@pytest.mark.parametrize("with_lines", [False, True])
def test_equal_to_the_plain_run_for_1_4_and_16_tiles(with_lines: bool) -> None:
    sites, lines = town()
    roads = lines if with_lines else None
    expected = adjacent_pairs(sites, roads=roads)
    assert {"overlapping", "touching", "near", *(["opposite"] if with_lines else [])} == set(expected["relation"])
    for tiles in (1, 4, 16):
        same(tiled(sites, tiles, roads=roads), expected)


grid = st.integers(0, 60).map(lambda steps: steps * 2.5)


@st.composite
def shape(draw: st.DrawFn) -> shapely.Geometry | None:
    """Sites that lie on edges and corners of tiles by design: everything stands on one coarse grid."""
    x, y, wide, high = draw(grid), draw(grid), draw(grid) + 2.5, draw(grid) + 2.5
    kind = draw(
        st.sampled_from(["point", "square", "square", "strip", "ell", "ring", "pair", "points", "slant", "none"])
    )
    if kind == "none":
        return draw(st.sampled_from([None, shapely.Polygon(), shapely.Point()]))
    return {
        "point": shapely.Point(x, y),
        "square": shapely.box(x, y, x + 10, y + 10),
        "strip": shapely.box(x, y, *draw(st.sampled_from([(x + 5 * wide, y + 2.5), (x + 2.5, y + 5 * high)]))),
        "ell": shapely.box(x, y, x + wide, y + 2.5).union(shapely.box(x, y, x + 2.5, y + high)),
        "ring": shapely.box(x, y, x + wide + 5, y + high + 5).difference(
            shapely.box(x + 2, y + 2, x + wide + 3, y + high + 3)
        ),
        "pair": shapely.MultiPolygon(
            [shapely.box(x, y, x + 5, y + 5), shapely.box(x + 2 * wide + 5, y, x + 2 * wide + 9, y + 5)]
        ),
        "points": shapely.MultiPoint([(x, y), (x + wide, y + high)]),
        "slant": shapely.LineString([(x, y), (x + wide, y + high)]).buffer(1.3),
    }[kind]


@st.composite
def places(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    shapes = draw(st.lists(shape(), max_size=14))
    numbered = draw(st.booleans())
    names = draw(st.permutations([number if numbered else f"s{number}" for number in range(len(shapes))]))
    precision = [draw(st.sampled_from(["polygon"] * 6 + ["postcode"])) for _ in shapes]
    sites = frame(dict(zip(names, shapes, strict=True)), precision=precision)
    if draw(st.booleans()):
        return sites, None
    ends = draw(st.lists(st.tuples(grid, grid, grid, grid), max_size=5))
    columns = {
        "kind": [draw(st.sampled_from(KINDS)) for _ in ends],
        "name": pd.Series([draw(st.sampled_from(["High Street", "Mill Lane"])) for _ in ends], dtype=object),
    }
    geometry = [shapely.LineString([one[:2], one[2:]]) if one[:2] != one[2:] else None for one in ends]
    return sites, gpd.GeoDataFrame(columns if draw(st.booleans()) else {}, geometry=geometry, crs=27700)


@settings(max_examples=50, deadline=None)
@given(places(), st.sampled_from([0.0, 5.0, 25.0, 60.0]), st.sampled_from([1, 2, 4, 7, 16]))
def test_equal_to_the_plain_run_however_cut(
    given_places: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None], max_gap_m: float, tiles: int
) -> None:
    sites, roads = given_places
    same(tiled(sites, tiles, max_gap_m, roads), adjacent_pairs(sites, max_gap_m=max_gap_m, roads=roads))


@pytest.mark.parametrize("tiles", [1, 4, 16])
@pytest.mark.parametrize(
    "sites",
    [
        frame({}),
        frame({"a": shapely.Point(5, 5)}),
        frame({"a": None, "b": shapely.Polygon()}),
        frame({f"s{i:02}": shapely.Point(5, 5) for i in range(20)}),  # all in one spot: all in one tile, and the rest empty
        frame({f"s{i:02}": shapely.box(0, 0, 10, 10) for i in range(20)}),
        frame({f"s{i:02}": shapely.Point(i // 2 * 20.0, 0) for i in range(20)}),  # all in one line
        frame({"a": shapely.box(0, 0, 1e6, 1), "b": shapely.box(0, 2, 1e6, 3), "c": shapely.box(0, -9, 1, 9)}),
        frame({number: shapely.Point(number, 0) for number in range(30)}),  # identifiers are ordered as text
        gpd.GeoDataFrame({"geom": [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]}, index=["a", "b"], geometry="geom", crs=27700),
    ],
    ids=["none", "one", "shapeless", "one-spot", "one-plot", "one-line", "long", "numbers", "geom"],
)  # fmt: skip
def test_odd_sets(sites: gpd.GeoDataFrame, tiles: int) -> None:
    same(tiled(sites, tiles), adjacent_pairs(sites))
    road = gpd.GeoDataFrame(geometry=[shapely.LineString([(-1, 1.5), (1e6, 1.5)])], crs=27700)
    same(tiled(sites, tiles, roads=road), adjacent_pairs(sites, roads=road))


def test_lines_far_from_a_tile_still_say_that_lines_are_given() -> None:
    """Two near pairs, 9 km apart, and one road beside the first: what lies between the second is other land, not unknown."""
    shapes = {"a": shapely.box(0, 0, 9, 9), "b": shapely.box(12, 0, 20, 9), "c": shapely.box(9_000, 0, 9_009, 9), "d": shapely.box(9_012, 0, 9_020, 9)}  # fmt: skip
    road = gpd.GeoDataFrame({"kind": ["road"], "name": ["Low Road"]}, geometry=[shapely.box(10, 0, 11, 9).exterior], crs=27700)  # fmt: skip
    found = tiled(frame(shapes), 2, roads=road)
    assert found["between"].tolist() == [("road",), ("other land",)]
    assert found["relation"].tolist() == ["opposite", "near"]
    for lines in (road.iloc[:0], road.set_geometry([None], crs=27700)):
        same(tiled(frame(shapes), 2, roads=lines), adjacent_pairs(frame(shapes), roads=lines))


@pytest.mark.parametrize("stray", [100, 900])
def test_stray_lines_of_a_site_that_crosses_tiles(stray: float) -> None:
    """Two long strips with a road between them at one place, and a stray line of the lower that nears the upper at another."""
    strip = shapely.GeometryCollection([shapely.box(0, 0, 1000, 10), shapely.LineString([(stray, 10), (stray, 30)])])
    sites = frame({"a": strip, "b": shapely.box(0, 40, 1000, 50), "c": shapely.Point(0, 900), "d": shapely.Point(1000, 900)})  # fmt: skip
    for x in (0, 1000, stray):
        road = gpd.GeoDataFrame({"kind": ["road"]}, geometry=[shapely.LineString([(x - 9, 35), (x + 9, 35)])], crs=27700)  # fmt: skip
        roads = gpd.GeoDataFrame(pd.concat([road.set_geometry([shapely.Point(0, -9e3)], crs=27700), road]))
        same(tiled(sites, 4, roads=roads), adjacent_pairs(sites, roads=roads))


def test_tiles_are_balanced_and_cover_every_centre_once(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    spots = np.concatenate([draw.normal(0, 50, (700, 2)), draw.uniform(-90_000, 90_000, (301, 2))])
    sites = frame({f"s{i}": shapely.Point(spot) for i, spot in enumerate(spots)})
    for tiles in (1, 5, 16):
        manifest = json.loads((write_tiles(sites, tmp_path / str(tiles), tiles=tiles) / "tiles.json").read_text())
        held = [tile["centres"] for tile in manifest["tiles"]]
        assert sum(held) == 1001
        assert max(held) - min(held) <= math.ceil(math.log2(tiles) + 1)
        inside = np.zeros(len(spots), dtype=int)
        for tile in manifest["tiles"]:
            low, high = (
                [open_ if edge is None else edge for edge in tile["edges"][part]]
                for part, open_ in ((slice(0, 2), -math.inf), (slice(2, 4), math.inf))
            )
            inside += ((spots >= low) & (spots < high)).all(axis=1)
        assert (inside == 1).all()


@pytest.mark.realdata
def test_equal_to_the_plain_run_on_city_of_london_parcels(realdata: Path) -> None:
    parcels = gpd.read_file(realdata / "city-of-london-parcels" / "city-of-london.geojson").to_crs(27700)
    west = parcels[parcels.bounds["maxx"].rank() <= 1200]  # a third of them, all that lie west of the rest
    sites = frame({f"p{number}": shape for number, shape in enumerate(shapely.make_valid(west.geometry.to_numpy()))})
    expected = adjacent_pairs(sites, max_gap_m=5)
    assert len(expected) > 2 * len(sites) > 2_000
    same(tiled(sites, 16, 5), expected)


# -------------------------------------------------------------------------------------------------------------------- dask


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_dask_gives_the_same(scheduler: str) -> None:
    sites, roads = town()
    with dask.config.set(num_workers=2):
        same(tiled(sites, 4, roads=roads, scheduler=scheduler), adjacent_pairs(sites, roads=roads))


def test_without_dask_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = write_tiles(frame({"a": shapely.Point(0, 0)}), tmp_path / "tiles", tiles=1)
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(OutputError, match=r"assetplan\[scale\]"):
        write_pairs(tiles, tmp_path / "pairs", scheduler="threads")
    assert len(read_pairs(write_pairs(tiles, tmp_path / "pairs"))) == 0


def test_a_scheduler_dask_does_not_know_is_refused(tmp_path: Path) -> None:
    tiles = write_tiles(frame({"a": shapely.Point(0, 0)}), tmp_path / "tiles", tiles=1)
    with pytest.raises(ValueError, match="processes"):
        write_pairs(tiles, tmp_path / "pairs", scheduler="procesess")
    assert [path.name for path in tmp_path.iterdir()] == ["tiles"]


# ------------------------------------------------------------------------------------------------------- files as a source


def stored(sites: gpd.GeoDataFrame, path: Path, **options: object) -> Path:
    sites.rename_axis("site_id").reset_index().to_parquet(
        path, **{"index": False, "geometry_encoding": "WKB", **options}
    )
    return path


def test_sites_in_files_are_read_a_piece_at_a_time(tmp_path: Path) -> None:
    sites, roads = town()
    expected = adjacent_pairs(sites, roads=roads)
    one = stored(sites, tmp_path / "sites.parquet", row_group_size=37)
    (tmp_path / "parts").mkdir()
    for start in range(0, len(sites), 100):
        stored(sites.iloc[start : start + 100], tmp_path / "parts" / f"{start:05}.parquet")
    for source in (one, str(one), tmp_path / "parts"):
        same(tiled(source, 4, roads=roads), expected)
    numbered = sites.set_index(np.arange(len(sites)))
    same(tiled(stored(numbered, tmp_path / "n.parquet"), 4), adjacent_pairs(numbered))


def test_an_exported_estate_can_be_cut(tmp_path: Path) -> None:
    estate = ap.read_estate("data/malton").for_audience("public")
    path = ap.export(estate, tmp_path / "sites.parquet")
    same(tiled(path, 4, roads=estate.roads), adjacent_pairs(ap.sites(estate), roads=estate.roads))


def test_files_that_are_no_such_geoparquet_are_refused(tmp_path: Path) -> None:
    sites = frame({"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1, 0, 2, 1)})

    def refused(path: Path, match: str, kind: type[Exception] = EstateError) -> None:
        with pytest.raises(kind, match=match):
            write_tiles(path, tmp_path / "tiles")
        assert not (tmp_path / "tiles").exists()
        assert not list(tmp_path.glob(".assetplan-*"))

    refused(tmp_path / "nowhere.parquet", r"nowhere\.parquet")
    (tmp_path / "text.parquet").write_text("site_id,geometry\n")
    refused(tmp_path / "text.parquet", "GeoParquet")
    pd.DataFrame({"site_id": ["a"]}).to_parquet(tmp_path / "plain.parquet")
    refused(tmp_path / "plain.parquet", "GeoParquet")
    refused(stored(sites, tmp_path / "arrow.parquet", geometry_encoding="geoarrow"), "WKB")
    sites.to_parquet(tmp_path / "unnamed.parquet", index=False)
    refused(tmp_path / "unnamed.parquet", "site_id")
    refused(stored(sites.set_index(pd.Index([0.5, 1.5])), tmp_path / "float.parquet"), "Store it as text")
    refused(stored(sites.set_index(pd.Index(["a", None])), tmp_path / "null.parquet"), "no site_id")
    refused(stored(sites.to_crs(4326), tmp_path / "degrees.parquet"), "27700", ValueError)
    refused(stored(sites.set_crs(None, allow_override=True), tmp_path / "nocrs.parquet"), "no CRS", ValueError)
    refused(stored(sites.set_index(pd.Index(["a", "a"])), tmp_path / "twice.parquet"), "repeat", ValueError)
    whole = stored(sites, tmp_path / "damaged.parquet")
    data = bytearray(whole.read_bytes())
    data[4:40] = bytes(36)
    whole.write_bytes(data)
    refused(whole, "damaged")


# --------------------------------------------------------------------------------------------------- what is written, and not


def test_the_same_sites_give_the_same_bytes_and_nothing_but_identifier_and_shape(tmp_path: Path) -> None:
    sites, roads = town()
    before = sites.copy(), roads.copy()
    for name in ("one", "two"):
        write_pairs(write_tiles(sites, tmp_path / name / "tiles", tiles=5, roads=roads), tmp_path / name / "pairs")
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) == 5 + 5 + 1 + 5 + 1
    for file in files:
        data = (tmp_path / "one" / file).read_bytes()
        assert data == (tmp_path / "two" / file).read_bytes()
        assert b"secret" not in data
        assert str(tmp_path).encode() not in data
    tile = gpd.read_parquet(tmp_path / "one" / "tiles" / "sites-00003.parquet")
    assert list(tile.columns) == ["site_id", "geometry"]
    assert tile.crs == sites.crs
    for was, now in zip(before, (sites, roads), strict=True):
        pd.testing.assert_frame_equal(was, now)


def test_what_a_reader_may_not_know_is_in_no_tile(tmp_path: Path) -> None:
    """The public's tiles are those of the public's sites; a site known to the keeper alone is not among them."""
    estate = ap.read_estate("data/malton")
    public = ap.sites(estate.for_audience("public"))
    tiles = write_tiles(public, tmp_path / "tiles", tiles=3, roads=estate.for_audience("public").roads)
    held = {name for path in tiles.glob("sites-*") for name in pq.read_table(path)["site_id"].to_pylist()}
    drawn = public[~public.geometry.isna() & (public["precision"] != "postcode")]
    assert held == set(drawn.index)


def test_hostile_identifiers_reach_no_name_of_a_file(tmp_path: Path) -> None:
    names = ["../../up", "/etc/passwd", "a\nb", "<script>", "=cmd()", "nul\x00", "\u202etxt", "x" * 300, "site_id", ""]
    sites = frame({name: shapely.Point(number * 10, 0) for number, name in enumerate(names)})
    work = tmp_path / "deep" / "er"
    write_pairs(write_tiles(sites, work / "tiles", tiles=3), work / "pairs")
    same(read_pairs(work / "pairs"), adjacent_pairs(sites))
    assert {path.name for path in tmp_path.rglob("*")} == {
        "deep", "er", "tiles", "pairs", "tiles.json", "pairs.json",
        *(f"{what}-0000{number}.parquet" for what in ("sites", "pairs") for number in range(3)),
    }  # fmt: skip


def test_wrong_frames_are_refused_as_adjacent_pairs_does(tmp_path: Path) -> None:
    good = frame({"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1, 0, 2, 1)})
    road = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4326)
    wrong: list[tuple[gpd.GeoDataFrame, dict[str, object]]] = [
        (gpd.GeoDataFrame(geometry=list(good.geometry)), {}),
        (good.set_crs(4326, allow_override=True), {}),
        (good, {"roads": road}),
        (good.loc[["a", "a"]], {}),
        *((good, {"max_gap_m": gap}) for gap in (-1, math.nan, math.inf)),
    ]
    for sites, options in wrong:
        with pytest.raises(ValueError) as plain:
            adjacent_pairs(sites, **options)
        with pytest.raises(ValueError) as ours:
            write_tiles(sites, tmp_path / "tiles", **options)
        assert str(ours.value) == str(plain.value)
    for tiles in (0, -1, 2.0, True):
        with pytest.raises(ValueError, match="tiles"):
            write_tiles(good, tmp_path / "tiles", tiles=tiles)
    for index in (["a", 1], ["a", None], [0.5, 1.5], ["a", "\ud800"], [1, 2**70]):
        with pytest.raises(ValueError, match="identifier"):
            write_tiles(good.set_index(pd.Index(index, dtype=object)), tmp_path / "tiles")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def tiles(tmp_path: Path) -> Path:
    sites, roads = town()
    return write_tiles(sites, tmp_path / "tiles", tiles=3, roads=roads)


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.parametrize("scheduler", [None, "threads"])
def test_tiles_that_do_not_fit_are_refused_together_and_nothing_is_written(tiles: Path, scheduler: str | None) -> None:
    (tiles / "sites-00000.parquet").unlink()
    (tiles / "lines-00001.parquet").write_bytes(b"PAR1")
    pq.write_table(pq.read_table(tiles / "sites-00002.parquet").slice(1), tiles / "sites-00002.parquet")
    with pytest.raises(EstateError, match="Cut them again") as error:
        write_pairs(tiles, tiles.parent / "pairs", scheduler=scheduler)
    assert len(error.value.problems) == 3
    for problem, said in zip(error.value.problems, ("sites-00000.parquet: is missing", "lines-00001.parquet: cannot be read", "rows, where"), strict=True):  # fmt: skip
        assert said in problem
    assert [path.name for path in tiles.parent.iterdir()] == ["tiles"]


def test_a_tile_of_something_else_is_refused(tiles: Path) -> None:
    held = pq.read_table(tiles / "sites-00001.parquet")
    pq.write_table(held.rename_columns(["id", "geometry"]), tiles / "sites-00001.parquet")
    with pytest.raises(EstateError, match=r"sites-00001\.parquet"):
        write_pairs(tiles, tiles.parent / "pairs")
    pq.write_table(held.set_column(1, "geometry", held["site_id"].cast("binary")), tiles / "sites-00001.parquet")
    with pytest.raises(EstateError, match=r"sites-00001\.parquet"):
        write_pairs(tiles, tiles.parent / "pairs")


def test_a_manifest_that_does_not_fit_is_refused(tiles: Path) -> None:
    manifest = tiles / "tiles.json"
    kept = manifest.read_text()
    for values, said in (
        ({"edition": 99}, "another edition"),
        ({"tiles": [{}]}, "is not what write_tiles writes"),
        ({"tiles": [{"edges": [0, 0, 0], "sites": 1, "lines": 1}]}, "is not what write_tiles writes"),
        ({"max_gap_m": "far"}, "is not what write_tiles writes"),
    ):
        change(manifest, **values)
        with pytest.raises(EstateError, match=said):
            write_pairs(tiles, tiles.parent / "pairs")
        manifest.write_text(kept)
    for text in ("", "[]", "{}", "\xff"):
        manifest.write_text(text, encoding="latin-1")
        with pytest.raises(EstateError, match="is not what"):
            write_pairs(tiles, tiles.parent / "pairs")
    manifest.unlink()
    with pytest.raises(EstateError, match=r"has no tiles\.json"):
        write_pairs(tiles, tiles.parent / "pairs")
    assert [path.name for path in tiles.parent.iterdir()] == ["tiles"]


def test_pairs_that_are_not_all_there_are_refused(tiles: Path) -> None:
    done = write_pairs(tiles, tiles.parent / "pairs")
    part = done / "pairs-00001.parquet"
    kept = part.read_bytes()
    assert list(pq.read_table(part).column_names) == list(RELATION_COLUMNS)
    pq.write_table(pq.read_table(part).slice(1), part)
    with pytest.raises(EstateError, match="rows, where"):
        read_pairs(done)
    pq.write_table(pq.read_table(part).drop_columns(["gap_m"]), part)
    with pytest.raises(EstateError):
        read_pairs(done)
    part.unlink()
    with pytest.raises(EstateError, match="missing"):
        read_pairs(done)
    part.write_bytes(kept)
    assert len(read_pairs(done))
    with pytest.raises(EstateError, match=r"has no tiles\.json"):
        write_pairs(done, tiles.parent / "again")
    with pytest.raises(EstateError, match=r"has no pairs\.json"):
        read_pairs(tiles)


def test_a_folder_with_something_in_it_is_left_alone(tiles: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "report.txt").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "file").write_text("mine")
    for name in ("kept", "link", "file", "file/deeper"):
        with pytest.raises(OutputError):
            write_tiles(frame({}), tmp_path / name, tiles=1)
        with pytest.raises(OutputError):
            write_pairs(tiles, tmp_path / name)
    assert (tmp_path / "kept" / "report.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "kept", "link", "tiles"]
    (tmp_path / "empty").mkdir()
    assert len(read_pairs(write_pairs(tiles, tmp_path / "empty")))


@pytest.mark.parametrize("scheduler", [None, "threads"])
def test_nothing_partial_stays_where_writing_fails(
    tiles: Path, monkeypatch: pytest.MonkeyPatch, scheduler: str | None
) -> None:
    whole = pq.write_table

    def full(table: object, where: Path, **options: object) -> None:
        if "00001" in str(where):
            raise OSError(28, "No space left on device")
        whole(table, where, **options)

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OutputError, match="No space left"):
        write_pairs(tiles, tiles.parent / "pairs", scheduler=scheduler)
    assert [path.name for path in tiles.parent.iterdir()] == ["tiles"]

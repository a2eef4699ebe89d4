"""How two sites lie, beside a plain search over all pairs, and beside libpysal: on real parcels, buildings and points, and on planted ones.

The search knows no tree, no chunks and no arithmetic of edges: every pair whose boxes are near is measured, and what is near a boundary
is what lies in a buffer of it. A buffer's arcs are drawn with corners, so a length is bounded by a buffer a hair narrower and one a hair
wider than the tolerance; the same for the depth of an overlap.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from assetplan import abutting, relations
from assetplan.grid import geometries_to_grid
from assetplan.registers import Entry, read_register
from assetplan.relations import adjacent_pairs

TOLERANCE, HAIR = 0.05, 1e-4
Answer = tuple[str | None, float, tuple[float, float]]


def frame(shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """The shapes as sites whose identifiers are in another order than the rows."""
    turn = np.random.default_rng(len(shapes)).permutation(len(shapes))
    return gpd.GeoDataFrame(geometry=list(shapes), index=[f"s{i:05}" for i in turn], crs=27700)


def plain(sites: gpd.GeoDataFrame, max_gap: float, measured: int) -> dict[tuple[str, str], Answer]:
    """Relation (None where a hair decides), gap, and least and greatest shared boundary: of no more than `measured` touching pairs."""
    sites = sites.sort_index()
    shapes, ids = sites.geometry.to_numpy(), sites.index.to_list()
    low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
    point = shapely.get_dimensions(shapes) == 0
    reach = max(max_gap, TOLERANCE)
    out: dict[tuple[str, str], Answer] = {}
    for i, one in enumerate(shapes):
        apart = np.maximum(
            np.maximum(low_x[i] - high_x, low_x - high_x[i]), np.maximum(low_y[i] - high_y, low_y - high_y[i])
        )
        others = np.flatnonzero(apart <= reach)
        others = others[others > i]
        for j, gap in zip(others.tolist(), shapely.distance(one, shapes[others]).tolist(), strict=True):
            if gap > reach:
                continue
            pair, flat = (ids[i], ids[j]), bool(point[i] or point[j])
            if flat or gap > TOLERANCE:
                if gap <= max_gap:
                    out[pair] = ("near", gap, (0.0, 0.0))
                continue
            common = shapely.intersection(one, shapes[j])
            sure, perhaps = (not shapely.buffer(common, side * HAIR - TOLERANCE / 2).is_empty for side in (-1, 1))
            relation = "overlapping" if sure else None if perhaps else "touching"
            length = (-1.0, np.inf)
            if measured:
                measured -= 1
                length = tuple(_shared(one, shapes[j], TOLERANCE + side * HAIR) for side in (-1, 1))
            out[pair] = (relation, gap, length)
    return out


def _shared(one: shapely.Geometry, other: shapely.Geometry, tolerance: float) -> float:
    edges = one.boundary, other.boundary
    return sum(a.intersection(b.buffer(tolerance, quad_segs=32)).length for a, b in (edges, edges[::-1])) / 2


def assert_equal(sites: gpd.GeoDataFrame, max_gap: float = 25.0, measured: int = 1_000) -> pd.DataFrame:
    """Our answer, which is the plain search's."""
    rows = adjacent_pairs(sites, max_gap_m=max_gap)
    expected = plain(sites, max_gap, measured)
    assert list(zip(rows["site_a"], rows["site_b"], strict=True)) == sorted(expected)
    for row in rows.itertuples():
        relation, gap, (least, most) = expected[row.site_a, row.site_b]
        assert row.relation == relation or (relation is None and row.relation in {"touching", "overlapping"})
        assert row.gap_m == gap
        if row.shared_boundary_m == 0:
            assert least < abutting.CORNER_M
        else:
            assert max(least, abutting.CORNER_M) - 1e-6 <= row.shared_boundary_m <= most + 1e-6
    return rows


def raw(sites: gpd.GeoDataFrame, gap: float) -> set[tuple[str, str]]:
    """The edge set of shapely's own query."""
    shapes = sites.geometry.to_numpy()
    found = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap)
    ids = sites.index.to_numpy(dtype=object)
    return {(a, b) for a, b in zip(ids[found[0]], ids[found[1]], strict=True) if a < b}


# --------------------------------------------------------------------------------------------------------------- real shapes


@pytest.fixture(scope="module")
def parcels(realdata: Path) -> list[shapely.Geometry]:
    """The freehold parcels of the City of London: 3,703, of which 86 are not valid and are repaired; 33 lie there twice."""
    text = (realdata / "city-of-london-parcels" / "city-of-london.geojson").read_text(encoding="utf-8")
    drawn = np.array(shapely.from_geojson(text).geoms, dtype=object)
    assert (len(drawn), (~shapely.is_valid(drawn)).sum()) == (3_703, 86)
    shapes = geometries_to_grid(drawn)
    for i in np.flatnonzero(~shapely.is_valid(shapes)):
        parts = shapely.get_parts(shapely.make_valid(shapes[i]))
        shapes[i] = shapely.union_all([part for part in parts if part.area > 0])
    return list(shapes)


@pytest.mark.realdata
def test_city_of_london(parcels: list[shapely.Geometry]) -> None:
    sites = frame(parcels)
    rows = adjacent_pairs(sites)
    assert set(zip(rows["site_a"], rows["site_b"], strict=True)) == raw(sites, 25.0)
    middle = shapely.Point(532_600, 181_200).buffer(250)
    some = sites[sites.intersects(middle)]
    assert len(some) > 300
    rows = assert_equal(some, max_gap=5.0, measured=250)
    assert {"overlapping", "touching", "near"} <= set(rows["relation"])


@pytest.mark.realdata
def test_rook_and_queen_of_libpysal(parcels: list[shapely.Geometry]) -> None:
    """On parcels that fit together to the last bit, touching is the queen's neighbour and shared boundary the rook's.

    libpysal compares corners exactly, so it sees nothing of a gap of a centimetre, an overlap, or a corner along another's edge. Of each
    pair that lies so (half the parcels: their corners are rounded to six decimals of a degree) one is left out: 1,884 stay.
    """
    graph = pytest.importorskip("libpysal.graph", reason="libpysal is not installed")
    shapes = np.array([shape for shape in parcels if shape.geom_type == "Polygon"], dtype=object)
    corners = [set(map(tuple, shapely.get_coordinates(shape).tolist())) for shape in shapes]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=0.06)
    left, right = left[left < right], right[left < right]

    def loose(one: int, other: int) -> bool:
        """Whether a corner of `one` lies along `other` without being a corner of it."""
        points = shapely.points(shapely.get_coordinates(shapes[one]))
        near = points[shapely.dwithin(points, shapes[other].boundary, 0.3)]
        return any(point not in corners[other] for point in map(tuple, shapely.get_coordinates(near).tolist()))

    out: set[int] = set()
    for one, other, fits in zip(
        left.tolist(), right.tolist(), shapely.touches(shapes[left], shapes[right]), strict=True
    ):
        if not {one, other} & out and (not fits or loose(one, other) or loose(other, one)):
            out.add(other)
    sites = frame([shape for i, shape in enumerate(shapes) if i not in out])
    assert len(sites) > 1_500
    rows = adjacent_pairs(sites, max_gap_m=1)
    shared = {(row.site_a, row.site_b): row.shared_boundary_m for row in rows[rows["relation"] != "near"].itertuples()}
    queen, rook = (
        {
            tuple(sorted(pair))
            for pair, joined in graph.Graph.build_contiguity(sites, rook=rook).adjacency.items()
            if joined
        }
        for rook in (False, True)
    )
    assert set(shared) == queen
    assert "overlapping" not in set(rows["relation"])
    ours = {pair for pair, length in shared.items() if length > 0}
    assert rook <= ours
    assert len(rook) > 800
    # Two boundaries that leave one corner at a narrow angle stay within the tolerance of one another for a little.
    assert all(shared[pair] < 0.5 for pair in ours - rook)
    assert len(ours - rook) < 10


@pytest.mark.realdata
@pytest.mark.parametrize("reach", [0.0, 25.0, 150.0])
def test_buildings_of_libraries(realdata: Path, reach: float) -> None:
    table = pd.read_csv(realdata / "libraries-uk" / "os_library_buildings.csv", usecols=["WKT"])
    sites = frame(list(shapely.from_wkt(table["WKT"].to_numpy(dtype=object))))
    rows = assert_equal(sites, max_gap=reach)
    assert len(sites) == 3_469
    assert len(rows) > (0, 20, 60)[[0.0, 25.0, 150.0].index(reach)]


@pytest.mark.realdata
def test_places_in_greater_manchester(realdata: Path) -> None:
    """Points and outlines: hospitals, libraries, fire stations, sports facilities; many stand on one spot."""
    folder = realdata / "greater-manchester-sites"
    files = ("gm_hospitals.geojson", "gm_libraries.csv", "gm_fire_stations.geojson", "sports_facilities.csv")
    points = [read_register(folder / name, name, Entry(), {}).geometry for name in files]
    sites = frame([point for table in points for point in table if point is not None])
    rows = assert_equal(sites, max_gap=120.0)
    assert set(rows["relation"]) == {"near", "overlapping"}
    assert set(rows["basis"]) == {"point", "polygon"}
    assert ((rows["gap_m"] == 0) & (rows["basis"] == "point")).any()
    assert len(rows) > 100


# ------------------------------------------------------------------------------------------------------------ planted shapes


def planted(seed: int, plots: int = 40) -> list[shapely.Geometry]:
    """Plots of what is hard in a real cadastre, each turned by an angle of its own, 60 m apart; points and odd shapes among them.

    ::

        T-junction   gap of 2 cm   corner    doughnut   twice    sliver        overlap
        +-------+    +--+ +--+     +--+      +-----+    +----+   +----+====+   +--+--+
        |       |    |  | |  |     |  |      | +-+ |    |    |   |    |    |   |  |##|
        +---+---+    |  | |  |     +--+--+   | +-+ |    |    |   |    |    |   |  |##|
        |   |   |    +--+ +--+        |  |   +-----+    +----+   +----+----+   +--+--+
        +---+---+                     +--+
    """
    draw = np.random.default_rng(seed)
    out: list[shapely.Geometry] = []
    for number in range(plots):
        step = float(draw.choice([0.0, 0.02, 0.049, 0.051, -0.02, -0.049, -0.051, -0.3, -3.0]))
        wave = np.column_stack((10 + draw.uniform(-3, 3, 9), np.linspace(0, 20, 9)))
        wave[[0, -1], 0] = 10
        kinds = (
            [shapely.box(0, 10, 20, 20), shapely.box(0, 0, 8, 10), shapely.box(8, 0, 20, 10)],
            [shapely.box(0, 0, 10, 20), shapely.box(10 + step, 0, 20, 20), shapely.box(3, 20 + step, 14, 28)],
            [shapely.box(0, 0, 10, 10), shapely.box(10 + step, 10 + step, 20, 20)],
            [
                shapely.box(0, 0, 20, 20).difference(shapely.box(5, 5, 15, 15)),
                shapely.box(5, 5, 15, 15),
                shapely.Point(7, 7),
            ],
            [shapely.box(0, 0, 20, 20), shapely.box(0, 0, 20, 20), shapely.box(2, 2, 4, 4)],
            [shapely.box(0, 0, 10, 20), shapely.box(10, 0, 10.03, 20), shapely.box(10.03, 0, 20, 20)],
            [
                shapely.MultiPolygon([shapely.box(0, 0, 5, 5), shapely.box(8, 0, 13, 5)]),
                shapely.box(5 + step, 0, 8, 5),
            ],
            [
                shapely.Polygon([(0, 0), *map(tuple, wave), (0, 20)]),
                shapely.Polygon([(20, 0), (20, 20), *map(tuple, wave[::-1])]),
            ],
            [shapely.Polygon([(0, 0), (20, 0), (20, 1e-3)]), shapely.box(0, -5, 20, -step), shapely.Point(3, 3)],
        )
        turn = float(draw.choice([0, 90, draw.uniform(0, 360)]))
        east, north = 400_000 + 60 * (number % 7), 300_000 + 60 * (number // 7)
        for shape in kinds[number % len(kinds)]:
            turned = affinity.translate(affinity.rotate(shape, turn, origin=(0, 0)), east, north)
            out.append(shapely.reverse(turned) if draw.random() < 0.5 else turned)
    return out


@pytest.mark.parametrize("seed", range(4))
def test_planted_shapes(seed: int) -> None:
    rows = assert_equal(frame(planted(seed)))
    assert set(rows["relation"]) == {"overlapping", "touching", "near"}
    assert set(rows["basis"]) == {"polygon", "point"}


@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_how_many_are_asked_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    sites = frame(planted(9))
    roads = gpd.GeoDataFrame(
        {"kind": ["road", "river"], "name": ["Mill Lane", "Derwent"]},
        geometry=[shapely.LineString([(400_050, 299_000), (400_150, 301_000)]), shapely.LineString([(399_000, 300_055), (401_000, 300_050)])],
        crs=27700,
    )  # fmt: skip
    before = adjacent_pairs(sites, max_gap_m=60, roads=roads)
    assert set(before["relation"]) == {"overlapping", "touching", "opposite", "near"}
    monkeypatch.setattr(relations, "_AT_ONCE", at_once)
    monkeypatch.setattr(relations, "_STRIP_M", 13.0 * at_once)
    monkeypatch.setattr(relations, "_STRIPS", 10 * at_once)
    monkeypatch.setattr(abutting, "_CORNERS_AT_ONCE", at_once)
    monkeypatch.setattr(abutting, "_EDGE_PAIRS_AT_ONCE", at_once)
    pd.testing.assert_frame_equal(adjacent_pairs(sites, max_gap_m=60, roads=roads), before)
    monkeypatch.setattr(abutting, "_EDGE_PAIRS_IN_A_TREE", at_once)
    pd.testing.assert_frame_equal(adjacent_pairs(sites, max_gap_m=60, roads=roads), before)


TRIANGLES = [
    shapely.Polygon([(10 * x + dx, 10 * y + dy) for dx, dy in corners])
    for x in range(3)
    for y in range(3)
    for corners in (((0, 0), (10, 0), (10, 10)), ((0, 0), (10, 10), (0, 10)))
]
pieces = st.sets(st.integers(0, len(TRIANGLES) - 1), min_size=1)


@settings(max_examples=300, deadline=None)
@given(pieces, pieces, st.floats(0, 360))
def test_pieces_of_one_triangulation(one: set[int], other: set[int], turn: float) -> None:
    """Land made of the same triangles meets at common corners and edges, holds holes, is the same twice: and overlaps or not by its triangles."""
    shapes = [
        affinity.rotate(shapely.union_all([TRIANGLES[i] for i in sorted(some)]), turn, origin=(0, 0))
        for some in (one, other)
    ]
    rows = adjacent_pairs(gpd.GeoDataFrame(geometry=shapes, index=["a", "b"], crs=27700), max_gap_m=0)
    together = [TRIANGLES[i].intersects(TRIANGLES[j]) for i in one for j in other]
    if one & other:
        assert list(rows["relation"]) == ["overlapping"]
    elif any(together):
        assert list(rows["relation"]) == ["touching"]
        edges = shapes[0].boundary, shapes[1].boundary
        assert _shared(*shapes, TOLERANCE - HAIR) - 1e-6 <= rows["shared_boundary_m"].iloc[0] + abutting.CORNER_M
        assert rows["shared_boundary_m"].iloc[0] <= min(edge.length for edge in edges) + 1
    else:
        assert rows.empty

"""How two sites lie: the definitions against arithmetic on rectangles, at their thresholds, and under every change that should not matter."""

import itertools
import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from assetplan.between import LEVEL_CROSSING_M
from assetplan.relations import RELATION_COLUMNS, adjacency, adjacent_pairs, components, connected_groups

TOLERANCE, OPPOSITE = 0.05, 40.0
Box = tuple[float, float, float, float]


def frame(shapes: dict[str, shapely.Geometry | None], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes.values()), index=list(shapes), crs=27700)


def lines(
    *shapes: shapely.Geometry, kinds: list[object] | None = None, names: list[object] | None = None
) -> gpd.GeoDataFrame:
    columns = {"kind": kinds, "name": names}
    return gpd.GeoDataFrame({k: v for k, v in columns.items() if v}, geometry=list(shapes), crs=27700)


def pair(a: shapely.Geometry, b: shapely.Geometry, **options: object) -> tuple[object, ...] | None:
    rows = adjacent_pairs(frame({"a": a, "b": b}), **options)
    return tuple(rows.iloc[0]) if len(rows) else None


def relation(a: shapely.Geometry, b: shapely.Geometry, **options: object) -> str | None:
    found = pair(a, b, **options)
    return None if found is None else str(found[2])


def beside(gap: float, side: float = 10.0) -> tuple[shapely.Polygon, shapely.Polygon]:
    """Two squares side by side, the gap between them.

    ::

        +---+     +---+
        | a | gap | b |
        +---+     +---+
    """
    return shapely.box(-side, 0, 0, side), shapely.box(gap, 0, gap + side, side)


ROAD = lines(shapely.LineString([(0.02, -100), (0.02, 100)]))


# ------------------------------------------------------------------------------------------------------------- thresholds


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (0.0, "touching"),
        (0.03, "touching"),
        (0.05, "touching"),
        (0.050001, "near"),
        (24.999, "near"),
        (25.0, "near"),
        (25.000001, None),
        (-0.03, "touching"),  # an overlap of 3 cm is within the tolerance
        (-0.06, "overlapping"),
        (-5.0, "overlapping"),
    ],
)
def test_thresholds_without_roads(gap: float, expected: str | None) -> None:
    assert relation(*beside(gap)) == expected


@pytest.mark.parametrize(
    ("gap", "expected"),
    [(0.05, "touching"), (0.06, "opposite"), (25.0, "opposite"), (40.0, "opposite"), (40.000001, None)],
)
def test_thresholds_across_a_road(gap: float, expected: str | None) -> None:
    assert relation(*beside(gap), roads=ROAD) == expected


def test_opposite_reaches_beyond_near_and_not_the_other_way() -> None:
    assert relation(*beside(30.0), max_gap_m=10, roads=ROAD) == "opposite"
    assert relation(*beside(60.0), max_gap_m=80, roads=ROAD) == "near"


@pytest.mark.parametrize("kind", ["rail", "river", "bridge", "level crossing", "path"])
def test_only_a_road_makes_sites_opposite(kind: str) -> None:
    line = ROAD.geometry.iloc[0]
    assert relation(*beside(20.0), roads=lines(line, kinds=[kind])) == "near"
    assert relation(*beside(20.0), roads=lines(line, kinds=["road"])) == "opposite"


def test_a_road_that_does_not_pass_between_makes_nothing_opposite() -> None:
    assert relation(*beside(20.0), roads=lines(shapely.LineString([(50, -100), (50, 100)]))) == "near"
    assert relation(*beside(20.0), roads=lines()) == relation(*beside(20.0)) == "near"


# ------------------------------------------------------------------------------------------------------- shared boundaries


def test_a_shared_edge_has_its_length() -> None:
    """Two unit squares, side by side: one edge of 1 m shared."""
    found = pair(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1))
    assert found is not None
    assert found[4] == 0
    assert found[5] == pytest.approx(1, abs=2 * TOLERANCE + 1e-6)


def test_a_corner_shares_no_boundary() -> None:
    """The second square stands on the corner of the first.

    ::

            +---+
            | b |
        +---+---+
        | a |
        +---+
    """
    found = pair(shapely.box(0, 0, 10, 10), shapely.box(10, 10, 20, 20))
    assert found is not None
    assert found[2:6] == ("touching", "polygon", 0.0, 0.0)


def test_a_site_within_another_overlaps_it() -> None:
    assert relation(shapely.box(0, 0, 30, 30), shapely.box(10, 10, 20, 20)) == "overlapping"
    assert relation(shapely.box(0, 0, 30, 30), shapely.box(0, 0, 30, 30)) == "overlapping"


def test_a_site_in_the_hole_of_another_touches_it() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    found = pair(ring, shapely.box(10, 10, 20, 20))
    assert found is not None
    assert found[2] == "touching"
    assert found[5] == pytest.approx(40, abs=0.5)


def test_near_sites_share_no_boundary() -> None:
    assert pair(*beside(0.06))[5] == 0


# --------------------------------------------------------------------------------------------------- points, postcodes, none


@pytest.mark.parametrize("where", [(5.0, 5.0), (10.0, 5.0), (12.0, 5.0)])
def test_points_are_only_near(where: tuple[float, float]) -> None:
    site, point = shapely.box(0, 0, 10, 10), shapely.Point(where)
    across = lines(shapely.LineString([(11, -50), (11, 50)]))
    for shape in (point, shapely.MultiPoint([where])):
        found = pair(site, shape, roads=across)
        assert found is not None
        assert found[2:4] == ("near", "point")
        assert found[5] == 0
    assert pair(shapely.Point(0, 0), shapely.Point(0, 0))[2:6] == ("near", "point", 0.0, 0.0)


def test_sites_placed_by_postcode_or_not_at_all_have_no_relations() -> None:
    box = shapely.box(0, 0, 10, 10)
    sites = frame(
        {"a": box, "b": box, "c": None, "d": shapely.Polygon(), "e": box},
        precision=["polygon", "postcode", "none", "none", "point"],
    )
    assert adjacent_pairs(sites)[["site_a", "site_b"]].to_numpy().tolist() == [["a", "e"]]
    assert set(adjacency(sites).nodes) == set("abcde")


# ------------------------------------------------------------------------------------------------------ what is asked for


def test_no_sites_and_no_pairs_give_the_same_columns() -> None:
    for sites in (frame({}), frame({"a": shapely.Point(0, 0)}), frame({"a": None})):
        assert list(adjacent_pairs(sites).columns) == list(RELATION_COLUMNS)
        assert len(adjacent_pairs(sites, roads=ROAD)) == 0


def test_wrong_frames_are_refused() -> None:
    good = frame({"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1, 0, 2, 1)})
    with pytest.raises(ValueError, match="no CRS"):
        adjacent_pairs(gpd.GeoDataFrame(geometry=list(good.geometry)))
    with pytest.raises(ValueError, match="27700"):
        adjacent_pairs(good.set_crs(4326, allow_override=True))
    with pytest.raises(ValueError, match="roads"):
        adjacent_pairs(good, roads=ROAD.set_crs(4326, allow_override=True))
    with pytest.raises(ValueError, match="repeat"):
        adjacent_pairs(frame({"a": shapely.box(0, 0, 1, 1)}).loc[["a", "a"]])
    with pytest.raises(TypeError, match="sites: a GeoDataFrame is wanted, not DataFrame"):
        adjacent_pairs(pd.DataFrame({"site_id": ["a"]}))
    with pytest.raises(TypeError, match="roads: a GeoDataFrame is wanted, not GeoSeries"):
        adjacent_pairs(good, roads=ROAD.geometry)
    for gap in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="max_gap_m"):
            adjacent_pairs(good, max_gap_m=gap)


def test_arguments_are_not_modified() -> None:
    sites = frame({"b": shapely.box(0, 0, 1, 1), "a": shapely.box(1, 0, 2, 1)}, precision=["polygon", "polygon"])
    roads = lines(shapely.LineString([(0, 0), (1, 1)]), kinds=["road"])
    before = sites.copy(), roads.copy()
    adjacent_pairs(sites, roads=roads)
    adjacency(sites, roads=roads)
    pd.testing.assert_frame_equal(sites, before[0])
    pd.testing.assert_frame_equal(roads, before[1])


def test_the_graph_holds_every_pair_and_opposite_joins_no_component() -> None:
    shapes = {"a": shapely.box(-10, 0, 0, 10), "b": shapely.box(10, 0, 20, 10), "c": shapely.box(20, 0, 30, 10)}
    graph = adjacency(frame(shapes), roads=lines(shapely.LineString([(5, -50), (5, 50)])))
    assert {(a, b): kind for a, b, kind in graph.edges(data="relation")} == {
        ("a", "b"): "opposite", ("a", "c"): "opposite", ("b", "c"): "touching",
    }  # fmt: skip
    assert set(graph.edges["b", "c"]) == set(RELATION_COLUMNS[2:])
    assert components(graph) == [("b", "c"), ("a",)]
    assert components(nx.Graph()) == []


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.booleans()), max_size=20))
def test_groups_from_the_table_are_those_of_the_graph(count: int, drawn: list[tuple[int, int, bool]]) -> None:
    ids = [f"s{i:02}" for i in range(count)][::-1]
    joined = {tuple(sorted((f"s{a:02}", f"s{b:02}"))): near for a, b, near in drawn if a != b and max(a, b) < count}
    pairs = pd.DataFrame(
        [(a, b, "near" if near else "opposite") for (a, b), near in joined.items()],
        columns=["site_a", "site_b", "relation"],
    )
    graph = nx.Graph()
    graph.add_nodes_from(ids)
    graph.add_edges_from(pair for pair, near in joined.items() if near)
    expected = sorted((tuple(sorted(group)) for group in nx.connected_components(graph)), key=lambda g: (-len(g), g))
    assert connected_groups(ids, pairs) == connected_groups(pd.Index(ids, dtype=object), pairs) == expected
    graph.add_edges_from((*pair, {"relation": "near" if near else "opposite"}) for pair, near in joined.items())
    assert components(graph) == expected


def test_a_long_chain_is_one_group() -> None:
    names = [f"s{i:05}" for i in np.random.default_rng(4).permutation(5_000)]
    pairs = pd.DataFrame({"site_a": names[:-1], "site_b": names[1:], "relation": "touching"})
    assert connected_groups(names, pairs) == [tuple(sorted(names))]


def test_groups_of_pairs_that_name_no_site_are_refused() -> None:
    pairs = pd.DataFrame({"site_a": ["a"], "site_b": ["z"], "relation": ["near"]})
    with pytest.raises(ValueError, match="'z' is not among the sites"):
        connected_groups(["a", "b"], pairs)
    with pytest.raises(ValueError, match="'z'"):  # also where nothing is joined by it
        connected_groups(["a", "b"], pairs.assign(relation="opposite"))


def test_groups_of_sites_that_repeat_are_refused() -> None:
    with pytest.raises(ValueError, match="identifiers repeat"):
        connected_groups(["a", "b", "a"], pd.DataFrame({"site_a": ["a"], "site_b": ["b"], "relation": ["near"]}))


@pytest.mark.parametrize("kept_as", [None, object])
@pytest.mark.parametrize(
    "names",
    [
        [
            "b",
            "a",
            "\U0001f600",
            "\uffff",
            "é",
        ],  # by code points; in UTF-16 U+1F600 stands before U+FFFF
        [10, 9, 2, 1, 33],
        ["x", 9, "9a", 10, "b"],
    ],
)
def test_identifiers_of_any_kind_stand_in_the_order_of_their_text(names: list[object], kept_as: type | None) -> None:
    row = [shapely.box(10 * i, 0, 10 * i + 10, 10) for i in range(len(names))]
    sites = gpd.GeoDataFrame(geometry=row, index=pd.Index(names, dtype=kept_as), crs=27700)
    before = sites.index.copy()
    found = adjacent_pairs(sites, max_gap_m=5)
    expected = sorted((sorted(two, key=str) for two in itertools.pairwise(names)), key=lambda two: [*map(str, two)])
    assert found[["site_a", "site_b"]].to_numpy().tolist() == expected
    assert connected_groups(sites.index, found) == [tuple(sorted(names, key=str))]
    pd.testing.assert_index_equal(sites.index, before)


# ----------------------------------------------------------------------------------------------------------- what lies between


UP = shapely.LineString([(10, -100), (10, 100)])
Said = tuple[tuple[str, ...] | None, tuple[str, ...] | None]


def between(*shapes: shapely.Geometry, gap: float = 20.0, **columns: list[object]) -> Said:
    """What is said of two squares, the one from -10 to 0 and the other from `gap` on, 10 m high."""
    found = pair(*beside(gap), roads=lines(*shapes, **columns))
    assert found is not None
    return found[6:]


def test_where_no_lines_are_given_nothing_is_said() -> None:
    assert pair(*beside(20.0))[6:] == (None, None)
    assert between() == (None, None)


def test_a_link_that_crosses_nothing_lies_over_other_land() -> None:
    assert between(affinity.translate(UP, 500), kinds=["road"], names=["A64"]) == (("other land",), ())


@pytest.mark.parametrize("gap", [0.0, 0.04, -3.0])
def test_nothing_lies_between_what_touches(gap: float) -> None:
    assert between(affinity.translate(UP, gap / 2 - 10), gap=gap, kinds=["road"], names=["A64"]) == ((), ())


def test_nothing_lies_between_a_point_and_the_site_it_stands_on() -> None:
    roads = lines(UP, kinds=["road"])
    assert pair(shapely.box(0, 0, 30, 10), shapely.Point(10, 5), roads=roads)[6:] == ((), ())
    assert pair(shapely.Point(0, 0), shapely.Point(20, 0), roads=roads)[6:] == (("road",), ())
    assert pair(shapely.Point(0, 0), shapely.Point(20, 0), roads=roads)[2] == "near"


def test_a_dual_carriageway_is_one_road() -> None:
    ways = [affinity.translate(UP, shift) for shift in (-4, 4)]
    assert between(*ways, kinds=["road", "road"], names=["A64", "A64"]) == (("road",), ("A64",))
    assert between(*ways, kinds=["road", "road"], names=["B", "A"]) == (("road",), ("A", "B"))


@pytest.mark.parametrize("nameless", [None, np.nan, pd.NA, ""])
def test_a_line_without_a_name_has_none(nameless: object) -> None:
    assert between(UP, UP, kinds=["road", "path"], names=[nameless, "Way"]) == (("road", "path"), ("Way",))


def test_road_rail_and_river_side_by_side() -> None:
    """All three are told, in a fixed order; the road makes the pair opposite."""
    ways = [affinity.translate(UP, shift) for shift in (5, 0, -5)]
    roads = lines(*ways, kinds=["river", "rail", "road"], names=["Derwent", "York to Scarborough", "Norton Road"])
    found = pair(*beside(20.0), roads=roads)
    assert found[2] == "opposite"
    assert found[6:] == (("road", "rail", "water"), ("Norton Road", "York to Scarborough", "Derwent"))
    shuffled = roads.iloc[[2, 0, 1]]
    assert pair(*beside(20.0), roads=shuffled) == found


def test_water_beside_a_bridge_is_water() -> None:
    """The bridge's own line runs along the link, not across it: it carries a road over the river.

    ::

            river
        +---+ | +---+
        | a | | | b |
        +---+ | +---+
          ----+----  bridge
    """
    bridge = shapely.LineString([(-5, -4), (25, -4)])
    assert between(UP, bridge, kinds=["river", "bridge"], names=["Derwent", "County Bridge"]) == (
        ("water",), ("Derwent",),
    )  # fmt: skip
    under = between(UP, kinds=["bridge"], names=["County Bridge"])
    assert under == (("bridge",), ("County Bridge",))


@pytest.mark.parametrize("as_point", [True, False])
@pytest.mark.parametrize(
    ("along", "expected"),
    [(5.0, True), (10 + LEVEL_CROSSING_M - 0.01, True), (10 + LEVEL_CROSSING_M + 0.01, False), (-60.0, False)],
)
def test_a_link_over_the_railway_at_a_level_crossing(as_point: bool, along: float, expected: bool) -> None:
    """The railway is crossed somewhere between 0 and 10 m up; beyond 15 m from the level crossing it is plain railway."""
    spot = shapely.Point(10, along) if as_point else shapely.LineString([(6, along), (14, along)])
    said = between(UP, spot, kinds=["rail", "level crossing"], names=["Line", "Norton level crossing"])
    if 10 < along < 30:  # where the link is exactly is open: ask of thin sites instead
        thin = (
            shapely.LineString([(-1, 10), (0, 10)]).buffer(0.01),
            shapely.LineString([(20, 10), (21, 10)]).buffer(0.01),
        )
        said = pair(
            *thin, roads=lines(UP, spot, kinds=["rail", "level crossing"], names=["Line", "Norton level crossing"])
        )[6:]
    kinds, names = said
    assert kinds == (("level crossing",) if expected else ("rail",))
    assert set(names) == ({"Line", "Norton level crossing"} if expected else {"Line"})


def test_a_second_track_away_from_the_level_crossing_is_still_told() -> None:
    ways = [UP, affinity.translate(UP, 25)]
    roads = lines(*ways, shapely.Point(10, 5), kinds=["rail", "rail", "level crossing"])
    assert pair(*beside(38.0), max_gap_m=40, roads=roads)[6:] == (("level crossing", "rail"), ())


def test_water_and_railway_land_drawn_as_areas() -> None:
    water, yard = shapely.box(2, -50, 8, 50), shapely.box(12, -50, 18, 50)
    assert between(water, yard, kinds=["river", "rail"], names=["Derwent", None]) == (("rail", "water"), ("Derwent",))
    assert relation(*beside(20.0), roads=lines(water, yard, kinds=["river", "rail"])) == "near"


@pytest.mark.parametrize("kind", ["canal", None, np.nan])
def test_lines_of_unknown_kind_are_refused(kind: object) -> None:
    with pytest.raises(ValueError, match=r"roads: unknown kind .*Known are road, rail"):
        pair(*beside(20.0), roads=lines(UP, kinds=[kind]))


def test_lines_without_a_shape_are_passed_over() -> None:
    roads = lines(None, shapely.LineString(), UP, kinds=["rail", "river", "road"])
    assert pair(*beside(20.0), roads=roads)[6:] == (("road",), ())


# ------------------------------------------------------------------------------------------------------------- shapes as met


def test_shapes_that_are_none_have_no_relations() -> None:
    """Coordinates that are no numbers, or without end, place nothing."""
    box = shapely.box(0, 0, 10, 10)
    with np.errstate(invalid="ignore"):
        strange = [
            shapely.Point(np.nan, 5), shapely.Point(np.inf, 5), shapely.MultiPoint(), shapely.GeometryCollection(),
            shapely.LineString([(0, 0), (5, np.nan), (5, 5)]), shapely.polygons([(0, 0), (5, np.nan), (5, 5), (0, 0)]),
        ]  # fmt: skip
    sites = frame({"a": box, **{f"x{i}": shape for i, shape in enumerate(strange)}, "z": box})
    assert adjacent_pairs(sites)[["site_a", "site_b", "relation"]].to_numpy().tolist() == [["a", "z", "overlapping"]]


def test_of_a_collection_only_its_areas_count() -> None:
    """A repaired parcel often comes with stray lines and points."""
    one, other = beside(20.0)
    stray = shapely.GeometryCollection([shapely.LineString([(0, 5), (20, 5)]), shapely.Point(20, 5), one])
    assert pair(stray, other) == pair(one, other)
    nested = shapely.GeometryCollection([shapely.GeometryCollection([one, shapely.box(-10, 0, -5, 10)])])
    assert pair(nested, other) == pair(one, other)
    points = shapely.GeometryCollection([shapely.Point(15, 5), shapely.Point(90, 5)])
    assert pair(points, other)[2:5] == ("near", "point", 5.0)


def test_rings_that_cross_are_measured_repaired() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert relation(bow, shapely.box(1, 4, 2, 6)) == "overlapping"
    assert relation(bow, shapely.box(3, 0, 6, 1)) == "near"
    assert pair(bow, shapely.box(10, 0, 20, 10))[2:6] == ("touching", "polygon", 0.0, pytest.approx(10, abs=0.2))
    flat = shapely.Polygon([(0, 0), (10, 0), (5, 0)])
    assert relation(flat, shapely.box(0, -5, 10, 5)) == "touching"


def test_a_site_of_absurd_extent_is_met_with_patience() -> None:
    """Such as one whose northings lost their decimal point."""
    huge = shapely.box(0, 0, 10, 1e12)
    sites = frame({"a": huge, "b": shapely.box(10, 5, 20, 15), "c": shapely.box(500, 0, 510, 10)})
    assert adjacent_pairs(sites)[["site_a", "site_b", "relation"]].to_numpy().tolist() == [["a", "b", "touching"]]


# --------------------------------------------------------------------------------------------- against arithmetic, and a peer


def naive(
    boxes: dict[str, Box], kinds: dict[str, str], max_gap: float, road: float | None
) -> dict[tuple[str, str], tuple[str, float] | None]:
    """The definitions on axis-parallel rectangles, without geometry; None where a pair is too near a threshold to say.

    The road is the vertical line at `road`, without end. Where it does not part two rectangles and passes neither by, which
    shortest link is meant is open, and so is the pair.
    """
    out: dict[tuple[str, str], tuple[str, float] | None] = {}
    for a, b in itertools.combinations(sorted(boxes), 2):
        (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = boxes[a], boxes[b]
        if "postcode" in (kinds[a], kinds[b]):
            continue
        apart_x, apart_y = max(ax0, bx0) - min(ax1, bx1), max(ay0, by0) - min(ay1, by1)
        gap = math.hypot(max(apart_x, 0), max(apart_y, 0))
        depth = -max(apart_x, apart_y)
        if any(abs(gap - mark) < 1e-6 for mark in (TOLERANCE, max_gap, OPPOSITE)) or abs(depth - TOLERANCE) < 1e-6:
            out[a, b] = None
            continue
        point = "point" in (kinds[a], kinds[b])
        crossed, open_question = False, False
        if road is not None and TOLERANCE < gap <= OPPOSITE and not point:
            crossed = min(ax1, bx1) + 1e-6 < road < max(ax0, bx0) - 1e-6
            open_question = not crossed and min(ax0, bx0) - 1e-6 < road < max(ax1, bx1) + 1e-6
        if open_question:
            out[a, b] = None
        elif not point and depth > TOLERANCE:
            out[a, b] = ("overlapping", 0.0)
        elif not point and gap <= TOLERANCE:
            out[a, b] = ("touching", gap)
        elif crossed:
            out[a, b] = ("opposite", gap)
        elif gap <= max_gap:
            out[a, b] = ("near", gap)
    return out


lengths = st.integers(0, 240).map(lambda steps: steps / 4)
jitter = st.sampled_from([0.0, 0.0, 0.0, 0.03, -0.03, 0.05, 0.06, -0.06])


@st.composite
def towns(draw: st.DrawFn) -> tuple[dict[str, Box], dict[str, str]]:
    boxes, kinds = {}, {}
    for number in range(draw(st.integers(0, 9))):
        kind = draw(st.sampled_from(["polygon"] * 4 + ["point", "postcode"]))
        x, y = draw(lengths) + draw(jitter), draw(lengths) + draw(jitter)
        width, height = (0.0, 0.0) if kind == "point" else (draw(st.integers(1, 80)) / 4, draw(st.integers(1, 80)) / 4)
        boxes[f"s{number}"], kinds[f"s{number}"] = (x, y, x + width, y + height), kind
    return boxes, kinds


def drawn(boxes: dict[str, Box], kinds: dict[str, str]) -> gpd.GeoDataFrame:
    shapes = {
        name: shapely.Point(box[:2]) if kinds[name] == "point" else shapely.box(*box) for name, box in boxes.items()
    }
    return frame(shapes, precision=[kinds[name] for name in boxes])


def answers(
    sites: gpd.GeoDataFrame, max_gap: float, roads: gpd.GeoDataFrame | None
) -> dict[tuple[str, str], tuple[str, float]]:
    rows = adjacent_pairs(sites, max_gap_m=max_gap, roads=roads)
    assert (rows["site_a"] < rows["site_b"]).all()
    assert not rows.duplicated(["site_a", "site_b"]).any()
    assert rows[["site_a", "site_b"]].to_numpy().tolist() == sorted(rows[["site_a", "site_b"]].to_numpy().tolist())
    return {(row.site_a, row.site_b): (row.relation, row.gap_m) for row in rows.itertuples()}


@settings(max_examples=150, deadline=None)
@given(towns(), st.sampled_from([0.0, 5.0, 25.0, 60.0]), st.none() | lengths.map(lambda x: x + 0.1))
def test_equal_to_the_definitions(
    town: tuple[dict[str, Box], dict[str, str]], max_gap: float, road: float | None
) -> None:
    expected = naive(*town, max_gap, road)
    roads = None if road is None else lines(shapely.LineString([(road, -1_000), (road, 1_000)]))
    found = answers(drawn(*town), max_gap, roads)
    unsaid = {pair for pair, answer in expected.items() if answer is None}
    assert set(found) - unsaid == set(expected) - unsaid
    for names in set(found) - unsaid:
        assert found[names][0] == expected[names][0]
        assert found[names][1] == pytest.approx(expected[names][1], abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(towns(), st.floats(0, 360), st.integers(-1_000, 500_000), st.randoms(use_true_random=False))
def test_what_should_not_matter_does_not(
    town: tuple[dict[str, Box], dict[str, str]], angle: float, shift: int, chance: object
) -> None:
    """Turning and moving the town, the order of rows, and where a ring begins."""
    road = shapely.LineString([(30.1, -1_000), (30.1, 1_000)])
    sites = drawn(*town)
    certain = {names for names, answer in naive(*town, 25.0, 30.1).items() if answer is not None}

    def moved(shape: shapely.Geometry) -> shapely.Geometry:
        turned = affinity.translate(affinity.rotate(shape, angle, origin=(0, 0)), shift, shift / 2)
        if turned.geom_type != "Polygon":
            return turned
        ring = list(turned.exterior.coords)[:-1]
        start = chance.randrange(len(ring))
        ring = ring[start:] + ring[:start]
        return shapely.Polygon(ring[::-1] if chance.random() < 0.5 else ring)

    other = sites.set_geometry([moved(shape) for shape in sites.geometry], crs=27700)
    other = other.loc[chance.sample(list(other.index), len(other))]
    before, after = answers(sites, 25.0, lines(road)), answers(other, 25.0, lines(moved(road)))
    assert set(before) & certain == set(after) & certain
    for names in set(before) & certain:
        assert before[names][0] == after[names][0]
        assert before[names][1] == pytest.approx(after[names][1], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(towns(), st.floats(0, 60), st.floats(0, 60))
def test_a_longer_reach_only_adds(town: tuple[dict[str, Box], dict[str, str]], one: float, other: float) -> None:
    short, far = sorted((one, other))
    less, more = answers(drawn(*town), short, None), answers(drawn(*town), far, None)
    assert less.items() <= more.items()
    assert all(kind == "near" and gap > short for kind, gap in (more[names] for names in set(more) - set(less)))


@settings(max_examples=60, deadline=None)
@given(towns())
def test_shared_boundary_is_what_measuring_along_both_boundaries_gives(
    town: tuple[dict[str, Box], dict[str, str]],
) -> None:
    """Every centimetre of either boundary that lies within the tolerance of the other counts; less than 0.2 m is a corner."""
    sites = drawn(*town)
    rows = adjacent_pairs(sites)
    rows = rows[rows["relation"].isin(["touching", "overlapping"])]
    for row in rows.itertuples():
        edges = [sites.geometry.at[name].exterior for name in (row.site_a, row.site_b)]

        def along(one: shapely.LinearRing, other: shapely.LinearRing) -> float:
            steps = np.arange(0.005, one.length, 0.01)
            return 0.01 * float(
                (shapely.distance(shapely.line_interpolate_point(one, steps), other) <= TOLERANCE + 1e-9).sum()
            )

        measured = (along(*edges) + along(*edges[::-1])) / 2
        if abs(measured - 0.2) > 0.1 and abs(row.gap_m - TOLERANCE) > 1e-6 and not _parallel_at_tolerance(*edges):
            assert row.shared_boundary_m == pytest.approx(measured if measured >= 0.2 else 0.0, abs=0.12)


def _parallel_at_tolerance(one: shapely.LinearRing, other: shapely.LinearRing) -> bool:
    """Whether two parallel edges lie just the tolerance apart, where a hair decides whether their length counts."""
    apart = [abs(a - b) for k in (0, 1) for a in np.asarray(one.coords)[:, k] for b in np.asarray(other.coords)[:, k]]
    return any(abs(distance - TOLERANCE) < 1e-6 for distance in apart)


def test_queen_contiguity_of_a_grid_is_touching() -> None:
    """On a clean grid the touching pairs are the queen's neighbours of libpysal."""
    graph = pytest.importorskip("libpysal.graph", reason="libpysal is not installed")
    cells = {
        f"{x:02}-{y:02}": shapely.box(30 * x, 30 * y, 30 * x + 30, 30 * y + 30) for x in range(8) for y in range(7)
    }
    sites = frame(cells)
    queen = graph.Graph.build_contiguity(sites, rook=False).adjacency
    theirs = {tuple(sorted(names)) for names in queen.index}
    rows = adjacent_pairs(sites, max_gap_m=1)
    assert set(rows["relation"]) == {"touching"}
    assert set(zip(rows["site_a"], rows["site_b"], strict=True)) == theirs
    rook = {tuple(sorted(names)) for names in graph.Graph.build_contiguity(sites, rook=True).adjacency.index}
    assert {(row.site_a, row.site_b) for row in rows.itertuples() if row.shared_boundary_m > 0} == rook

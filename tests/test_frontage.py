"""Road frontage: arithmetic on rectangles, rays cast one by one, what cuts a site off, and every change that should not matter."""

import itertools
import math
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

import assetplan as ap
from assetplan.frontage import DOUBT_M, FRONTAGE_COLUMNS, LEAST_M, REACH_M, SILENT_M, road_frontage
from assetplan.relations import adjacent_pairs
from assetplan.schema import table

Shapes = dict[str, shapely.Geometry | None]


def frame(shapes: Shapes, **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes.values()), index=list(shapes), crs=27700)


def lines(*rows: tuple[list[tuple[float, float]], str | None, str]) -> gpd.GeoDataFrame:
    """Roads from rows of points, name and kind."""
    return gpd.GeoDataFrame(
        {"name": [row[1] for row in rows], "kind": [row[2] for row in rows]},
        geometry=[shapely.LineString(row[0]) for row in rows],
        crs=27700,
    )


def high_street(low: float = -100, high: float = 200) -> gpd.GeoDataFrame:
    return lines(([(low, 0), (high, 0)], "High Street", "road"))


def met(shapes: Shapes, roads: gpd.GeoDataFrame | None) -> dict[str, tuple[float, object, object]]:
    found = road_frontage(frame(shapes), roads)
    return {
        site: (round(float(row["frontage_m"]), 6), row["roads"], row["landlocked"]) for site, row in found.iterrows()
    }


# ------------------------------------------------------------------------------------------------------------- the definition


@given(
    st.floats(0.5, 80),
    st.floats(0, REACH_M - 0.001),
    st.floats(0.5, 60),
    st.floats(0, 2 * math.pi),
    st.sampled_from([1, -1]),
)
@settings(deadline=None, max_examples=40)
def test_a_rectangle_fronts_by_its_width(width: float, gap: float, depth: float, angle: float, side: int) -> None:
    plot = shapely.box(0, side * gap, width, side * (gap + depth))
    turned = [
        affinity.rotate(shape, angle, origin=(0, 0), use_radians=True) for shape in (plot, high_street().geometry[0])
    ]
    found = road_frontage(frame({"a": turned[0]}), gpd.GeoDataFrame(geometry=[turned[1]], crs=27700)).loc["a"]
    assert found["frontage_m"] == pytest.approx(width, abs=1e-6)
    assert found["road_gap_m"] == pytest.approx(gap, abs=1e-6)
    assert found["roads"] == ("unnamed road",)
    assert found["landlocked"] is False


@pytest.mark.parametrize(
    ("gap", "landlocked"),
    [
        (REACH_M - 0.01, False),
        (REACH_M + 0.01, None),
        (DOUBT_M - 0.01, None),
        (DOUBT_M + 0.01, True),
        (SILENT_M - 0.01, True),
        (SILENT_M + 0.01, None),
    ],
)
def test_thresholds(gap: float, landlocked: bool | None) -> None:
    length, roads, found = met({"a": shapely.box(0, gap, 30, gap + 30)}, high_street())["a"]
    assert found is landlocked
    if landlocked is None:
        assert math.isnan(length)
        assert roads is None
    else:
        assert (length, roads) == ((0.0, ()) if landlocked else (30.0, ("High Street",)))


def test_side_boundaries_add_nothing_and_both_roads_of_a_corner_count() -> None:
    """A plot at a corner, 30 by 20::

    | +----+
    | |    |
    | +----+
    +---------
    """
    corner = lines(([(0, 90), (0, 0)], "Mill Lane", "road"), ([(0, 0), (90, 0)], "High Street", "road"))
    assert met({"a": shapely.box(8, 8, 38, 28)}, corner) == {"a": (50.0, ("High Street", "Mill Lane"), False)}


def test_a_road_within_a_site_counts_by_its_length() -> None:
    estate = shapely.box(-60, -60, 60, 60)
    assert met({"a": estate}, lines(([(-30, 0), (40, 0)], "Drive", "road"))) == {"a": (70.0, ("Drive",), False)}
    assert met({"a": estate}, lines(([(-90, 0), (40, 0)], "Drive", "road")))["a"][0] == 100.0
    hole = estate - shapely.box(-10, -30, 10, 30)
    # within the hole, 10 m to either side of where the road leaves it, the outline is square to nothing
    assert met({"a": hole}, lines(([(-30, 0), (40, 0)], "Drive", "road")))["a"][0] == 50.0


def test_a_strip_in_other_hands_cuts_off() -> None:
    """The ransom strip: it fronts, the site behind is landlocked and could be reached over it."""
    for depth in (0.1, 3.0, 11.0):
        shapes = {"site": shapely.box(0, 8 + depth, 40, 80), "strip": shapely.box(0, 8, 40, 8 + depth)}
        found = road_frontage(frame(shapes), high_street())
        assert found["frontage_m"].to_dict() == pytest.approx({"site": 0.0, "strip": 40.0}), depth
        assert found["landlocked"].to_dict() == {"site": True, "strip": False}
        assert found["reached_over"].to_dict() == {"site": ("strip",), "strip": ()}
    # shorter than the site it leaves the rest open; thinner than the tolerance of outlines it is none
    part = met({"site": shapely.box(0, 11, 40, 80), "strip": shapely.box(0, 8, 25, 11)}, high_street())
    assert (part["site"][0], part["strip"][0]) == (15.0, 25.0)
    assert (
        met({"site": shapely.box(0, 8.04, 40, 80), "strip": shapely.box(0, 8, 40, 8.04)}, high_street())["site"][0]
        == 40.0
    )


def test_a_slanted_neighbour_cuts_off_where_it_comes_nearer() -> None:
    """The other's front runs from the road to 20 m off; the site's stands at 10 m: from halfway on it is the nearer."""
    wedge = shapely.Polygon([(0, 1), (40, 19), (0, 19)])
    found = met({"wedge": wedge, "bar": shapely.box(0, 10, 40, 11) - wedge.buffer(0.001)}, high_street())
    assert found["wedge"][0] == pytest.approx(20, abs=0.3)
    assert found["bar"][0] == pytest.approx(20, abs=0.3)


@pytest.mark.parametrize(
    ("kind", "landlocked"),
    [("rail", True), ("river", True), ("path", False), ("bridge", False), ("level crossing", False)],
)
def test_what_lies_between(kind: str, landlocked: bool) -> None:
    roads = lines(([(-100, 0), (200, 0)], "High Street", "road"), ([(-200, 5), (300, 5)], "Between", kind))
    length, _, found = met({"a": shapely.box(0, 10, 30, 50)}, roads)["a"]
    assert found is landlocked
    assert length == (0.0 if landlocked else 30.0)


@pytest.mark.parametrize("kind", ["path", "bridge", "rail", "river", "level crossing"])
def test_only_roads_are_faced(kind: str) -> None:
    plot = {"a": shapely.box(0, 10, 30, 50)}
    assert met(plot, lines(([(-100, 0), (200, 0)], "Not a road", kind)))["a"][1:] == (None, None)


def test_of_two_carriageways_the_nearer_counts() -> None:
    dual = lines(([(-100, 0), (200, 0)], "A64", "road"), ([(-100, 9), (200, 9)], "A64", "road"))
    assert met({"a": shapely.box(0, 15, 30, 50), "b": shapely.box(0, -50, 30, -5)}, dual) == {
        "a": (30.0, ("A64",), False),
        "b": (30.0, ("A64",), False),
    }
    drawn_twice = pd.concat([high_street(), high_street()], ignore_index=True)
    assert met({"a": shapely.box(0, 5, 30, 50)}, drawn_twice)["a"][0] == 30.0
    renamed = pd.concat([high_street(), high_street().assign(name="Also High Street")], ignore_index=True)
    assert met({"a": shapely.box(0, 5, 30, 50)}, renamed)["a"] == (30.0, ("Also High Street",), False)


def test_the_end_and_the_bend_of_a_road_are_met_but_have_no_length() -> None:
    close = high_street(high=0)
    assert met({"a": shapely.box(8, -10, 40, 10)}, close) == {"a": (0.0, ("High Street",), False)}
    behind = {"a": shapely.box(11, -40, 40, 40), "strip": shapely.box(8, -40, 11, 40)}
    assert met(behind, close) == {"a": (0.0, (), True), "strip": (0.0, ("High Street",), False)}
    bend = lines(([(-90, 0), (0, 0), (0, 90)], "Corner", "road"))
    assert met({"a": shapely.box(3, -12, 12, -3)}, bend) == {"a": (0.0, ("Corner",), False)}
    # where a side road ends upon another road the site beyond that road does not meet it
    tee = lines(([(-90, 0), (90, 0)], "High Street", "road"), ([(20, 0), (20, 90)], "Side Street", "road"))
    assert met({"a": shapely.box(0, -40, 40, -8)}, tee) == {"a": (40.0, ("High Street",), False)}


def test_names_come_once_in_order_of_length() -> None:
    roads = lines(
        ([(0, 0), (10, 0)], "Beech Row", "road"),
        ([(10, 0), (20, 0)], "Ash Row", "road"),
        ([(20, 0), (50, 0)], " ", "road"),
        ([(50, 0), (60, 0)], "Beech Row", "road"),
        ([(60, 0), (60.1, 0)], "Corner only", "road"),
        ([(60.1, 0), (80.1, 0)], "Cedar Row", "road"),
    )
    assert met({"a": shapely.box(0, 8, 90, 40)}, roads)["a"][1] == ("unnamed road", "Beech Row", "Cedar Row", "Ash Row")
    assert LEAST_M > 0.1


def test_what_is_not_known() -> None:
    shapes: Shapes = {
        "point": shapely.Point(0, 5),
        "none": None,
        "empty": shapely.Polygon(),
        "postcode": shapely.box(0, 5, 30, 30),
        "plot": shapely.box(100, 5, 130, 30),
    }
    precision = ["point", "none", "none", "postcode", "polygon"]
    found = road_frontage(frame(shapes, precision=precision), high_street())
    assert found.index.tolist() == list(shapes)
    assert found["landlocked"].tolist() == [None, None, None, None, False]
    assert found["roads"].tolist() == [None] * 4 + [("High Street",)]
    assert found["frontage_m"].isna().tolist() == [True] * 4 + [False]
    for none in (
        None,
        high_street().iloc[:0],
        lines(([(0, 0), (9, 0)], "x", "rail")),
        gpd.GeoDataFrame(geometry=[None], crs=27700),
    ):
        unknown = road_frontage(frame({"plot": shapes["plot"]}), none)
        assert unknown["landlocked"].tolist() == [None]
        assert unknown[["nearest_road", "road_gap_m"]].isna().all(axis=None)
    nothing = road_frontage(frame({}), high_street())
    assert list(nothing.columns) == list(FRONTAGE_COLUMNS) == [name for name in table("frontage") if name != "site_id"]
    assert len(nothing) == 0


def test_refusals() -> None:
    plot = frame({"a": shapely.box(0, 5, 30, 30)})
    with pytest.raises(ValueError, match=r"sites: .* no CRS"):
        road_frontage(plot.set_crs(None, allow_override=True), None)
    with pytest.raises(ValueError, match=r"roads: .* EPSG:4326"):
        road_frontage(plot, high_street().set_crs(4326, allow_override=True))
    with pytest.raises(ValueError, match="repeat"):
        road_frontage(pd.concat([plot, plot]), None)
    others = adjacent_pairs(frame({"b": shapely.box(0, 5, 30, 30), "c": shapely.box(30, 5, 60, 30)}))
    with pytest.raises(ValueError, match="not among"):
        road_frontage(plot, high_street(), pairs=others)


def test_two_claims_to_one_piece_of_land_both_front() -> None:
    plot = shapely.box(0, 8, 40, 60)
    found = road_frontage(frame({"a": plot, "b": plot, "c": shapely.box(10, 12, 30, 30)}), high_street())
    assert found["frontage_m"].tolist() == [40.0, 40.0, 0.0]
    assert found.loc["c", "landlocked"] is True
    assert found.loc["c", "reached_over"] == ("a", "b")


def test_the_nearest_road_of_a_landlocked_site_is_named() -> None:
    roads = lines(([(0, 0), (40, 0)], "South Street", "road"), ([(0, 140), (40, 140)], "North Street", "road"))
    found = road_frontage(frame({"a": shapely.box(0, 50, 40, 90)}), roads).loc["a"]
    assert found[["nearest_road", "road_gap_m", "landlocked"]].tolist() == ["North Street", 50.0, True]


def test_malton() -> None:
    """The row on Old Malton Road faces it; the two schools behind have a way in, and without it face none of the roads drawn."""
    estate = ap.read_estate("data/malton")
    sites = ap.sites(estate)
    drives = ap.road_frontage(sites, estate.roads).loc[["nycc:ILLUS-02", "nycc:ILLUS-03"]]
    assert drives["landlocked"].tolist() == [False, False]
    assert (drives["frontage_m"] > 15).all()
    found = ap.road_frontage(sites, estate.roads[estate.roads["class"] != "way in"])
    row = ["nhs:ILLUS-04", "nycc:ILLUS-05", "police:ILLUS-06", "rdc:ILLUS-01", "unknown:MAL-12"]
    assert found.loc[row, "roads"].tolist() == [("Old Malton Road",)] * 5
    assert found.loc[["nycc:ILLUS-02", "nycc:ILLUS-03"], "landlocked"].tolist() == [True, True]
    assert found.loc[["nycc:ILLUS-02", "nycc:ILLUS-03"], "reached_over"].tolist() == [("nycc:ILLUS-05",), ()]
    assert found.loc["nycc:ILLUS-02", "nearest_road"] == "Highfield Road"
    assert found.loc["nycc:NY/0463", "landlocked"] is None


@pytest.mark.realdata
def test_every_school_in_a_county_of_drawn_roads_faces_one(realdata: Path) -> None:
    """OpenStreetMap has every road of Rutland: no school is landlocked there, and a strip before one makes it so."""
    file = realdata / "rutland-osm/rutland-latest.osm.pbf"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # two rings of the file do not close
        ways = pyogrio.read_dataframe(file, layer="lines", columns=["highway", "name"], where="highway IS NOT NULL")
        areas = pyogrio.read_dataframe(file, layer="multipolygons", columns=["amenity"], where="amenity = 'school'")
    by_foot = {"footway", "track", "bridleway", "path", "cycleway", "steps", "pedestrian"}
    kinds = ["path" if way in by_foot else "road" for way in ways["highway"]]
    roads = ways.assign(kind=kinds).to_crs(27700)
    schools = areas.to_crs(27700).set_index(pd.Index([f"school {i:02d}" for i in range(len(areas))]))
    schools = schools[schools.is_valid]
    found = road_frontage(schools, roads)
    assert len(found) == 25
    assert not found["landlocked"].isna().any()
    assert not found["landlocked"].any()
    assert found["frontage_m"].min() > 5
    # three metres of other hands all round every school
    rings = schools.set_geometry(schools.buffer(3, join_style="mitre").difference(schools.geometry))
    both = pd.concat([schools, rings.set_index("strip around " + rings.index)])
    ringed = road_frontage(both, roads)
    inside = found["roads"].map(len).gt(0) & ringed.loc[found.index, "landlocked"].astype(bool)
    assert inside.sum() >= 8
    for school in found.index[inside]:
        assert f"strip around {school}" in ringed.loc[school, "reached_over"]


# ------------------------------------------------------------------------------------------------------------- against rays cast one by one


def scene(seed: int) -> tuple[Shapes, gpd.GeoDataFrame]:
    """A few plots that do not overlap beside a winding road, a side road and a railway."""
    random = np.random.default_rng(seed)
    shapes: Shapes = {}
    for _ in range(14):
        corners = random.uniform((-10, -45), (110, 45)) + random.uniform(3, 25) * np.array(
            [(math.cos(a), math.sin(a)) for a in np.sort(random.uniform(0, 2 * math.pi, random.integers(3, 7)))]
        )
        plot = shapely.Polygon(corners)
        if plot.is_valid and plot.area > 4 and all(plot.distance(other) > 0.2 for other in shapes.values()):
            shapes[f"s{len(shapes)}"] = plot
    bends = np.column_stack([np.linspace(0, 100, 6), random.uniform(-8, 8, 6)])
    side = [(50, 30), (50 + random.uniform(-9, 9), 70)]
    rows = [(bends.tolist(), "High Street", "road"), (side, "Side Street", "road")]
    return shapes, lines(*rows, ([(-20, 38), (130, 30 + random.uniform(-20, 20))], "Railway", "rail"))


def cast(shapes: Shapes, roads: gpd.GeoDataFrame, step: float) -> dict[tuple[str, str], float]:
    """Frontage by rays square to each straight piece of road, one every step; a site on both sides counts once."""
    out: dict[tuple[str, str], float] = {}
    pieces = [
        (name, kind, np.array(a), np.array(b))
        for name, kind, shape in roads.itertuples(index=False)
        for a, b in itertools.pairwise(shape.coords)
    ]
    for i, (name, kind, a, b) in enumerate(pieces):
        if kind != "road":
            continue
        length = float(np.hypot(*(b - a)))
        along = (b - a) / length
        barriers = shapely.MultiLineString([np.array([c, d]) for j, (_, _, c, d) in enumerate(pieces) if j != i])
        for t in np.arange(step / 2, length, step):
            spot, seen = a + t * along, set()
            for sign in (1, -1):
                ray = shapely.LineString([spot, spot + sign * REACH_M * np.array([-along[1], along[0]])])
                start = shapely.Point(spot)
                stop = start.distance(ray.intersection(barriers)) if ray.intersects(barriers) else math.inf
                hits = {s: start.distance(ray.intersection(plot)) for s, plot in shapes.items() if ray.intersects(plot)}
                if hits and min(hits.values()) < stop:
                    seen.add(min(hits, key=hits.__getitem__))
            for site in seen:
                out[site, name] = out.get((site, name), 0.0) + step
    return out


@pytest.mark.parametrize("seed", range(6))
def test_rays_cast_one_by_one_agree(seed: int) -> None:
    shapes, roads = scene(seed)
    expected = cast(shapes, roads, 0.1)
    found = road_frontage(frame(shapes), roads)
    assert len(expected) > 3
    for site, row in found.iterrows():
        told = {name: metres for (of, name), metres in expected.items() if of == site and metres > 1.5}
        assert set(told) <= set(row["roads"] or ()), (seed, site)
        if told:
            assert row["landlocked"] is False
            assert row["frontage_m"] == pytest.approx(sum(told.values()), abs=0.8), (seed, site)


# ------------------------------------------------------------------------------------------------------------- what should not matter


def moved(shape: shapely.Geometry, angle: float, by: tuple[float, float]) -> shapely.Geometry:
    return affinity.translate(affinity.rotate(shape, angle, origin=(0, 0)), *by)


def turned_ring(plot: shapely.Polygon, steps: int) -> shapely.Polygon:
    ring = list(plot.exterior.coords)[:-1]
    steps %= len(ring)
    return shapely.Polygon(list(reversed(ring[steps:] + ring[:steps])))


@given(
    st.integers(0, 400),
    st.floats(0, 360),
    st.integers(-500_000, 500_000),
    st.integers(0, 6),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=12)
def test_changes_that_do_not_matter(seed: int, angle: float, by: int, steps: int, random: object) -> None:
    shapes, roads = scene(seed)
    before = road_frontage(frame(shapes), roads)
    assert (before["frontage_m"].dropna() >= 0).all()
    assert before["frontage_m"].max() <= roads.geometry[roads["kind"] == "road"].length.sum() + 1e-6
    assert ((before["frontage_m"].isna()) == before["landlocked"].isna()).all()

    def same(after: pd.DataFrame) -> None:
        after = after.loc[before.index]
        clear = before["frontage_m"].gt(0.3).to_numpy()  # an end of a road is met by rays a degree or so apart
        np.testing.assert_allclose(after["frontage_m"][clear], before["frontage_m"][clear], atol=1e-5)
        assert [set(names) for names in after["roads"][clear]] == [set(names) for names in before["roads"][clear]]
        assert after["landlocked"][clear].tolist() == before["landlocked"][clear].tolist()

    far = {site: moved(plot, angle, (by, -by)) for site, plot in shapes.items()}
    same(road_frontage(frame(far), roads.set_geometry([moved(line, angle, (by, -by)) for line in roads.geometry])))
    # exactly alike: where rings start, which way they and the roads run, in what order rows come, and roads split at vertices
    order = list(shapes)
    random.shuffle(order)
    split = [
        (list(pair) if n % 2 else list(pair)[::-1], name, kind)
        for name, kind, line in roads.itertuples(index=False)
        for n, pair in enumerate(itertools.pairwise(line.coords))
    ]
    random.shuffle(split)
    rings = {site: turned_ring(shapes[site], steps) for site in order}
    after = road_frontage(frame(rings), lines(*split)).loc[before.index]
    np.testing.assert_allclose(after["frontage_m"], before["frontage_m"], atol=1e-6)
    for name in ("roads", "nearest_road", "landlocked", "reached_over"):
        assert after[name].tolist() == before[name].tolist()


def test_arguments_are_not_modified_and_pairs_may_be_given() -> None:
    sites = frame({"site": shapely.box(0, 11, 40, 80), "strip": shapely.box(0, 8, 40, 11)})
    roads = high_street()
    copies = sites.copy(deep=True), roads.copy(deep=True)
    pd.testing.assert_frame_equal(
        road_frontage(sites, roads), road_frontage(sites, roads, pairs=adjacent_pairs(sites, roads=roads))
    )
    pd.testing.assert_frame_equal(sites, copies[0])
    pd.testing.assert_frame_equal(roads, copies[1])

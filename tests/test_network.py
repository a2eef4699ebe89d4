"""The travel network: what joins and what only crosses, which ways a mode may use, how fast, and what is told of bad lines."""

import itertools
import math
import random
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import assetplan as ap
from assetplan.errors import EstateError
from assetplan.travel.network import MODES, Network, network_of, read_network
from assetplan.travel.osm import CAR_KPH, LIMIT_SHARE, hstore, kph_of, read_osm

Line = Sequence[tuple[float, ...]]


def lines(*shapes: Line | shapely.Geometry, **columns: list[object]) -> gpd.GeoDataFrame:
    drawn = [shape if isinstance(shape, shapely.Geometry) else shapely.LineString(shape) for shape in shapes]
    return gpd.GeoDataFrame({"kind": ["road"] * len(drawn), **columns}, geometry=drawn, crs=27700)


def whole(frame: gpd.GeoDataFrame, **options: object) -> Network:
    """The network without the nodes that part long links."""
    return network_of(frame, **{"step_m": 1e6, "source": "roads.gpkg", **options})


def codes(network: Network) -> list[str]:
    return [issue.code for issue in network.issues if issue.code != "speed-assumed"]


def told(network: Network, code: str) -> tuple[str, str, str]:
    (issue,) = [issue for issue in network.issues if issue.code == code]
    assert issue.file == network.source
    assert issue.action
    return issue.row, issue.value, issue.message


def directed(network: Network) -> set[tuple[tuple[float, float], tuple[float, float]]]:
    at = [tuple(map(float, place)) for place in network.nodes]
    table = network.minutes.tocoo()
    return {(at[i], at[j]) for i, j in zip(table.row.tolist(), table.col.tolist(), strict=True)}


def check(network: Network) -> None:
    """What holds of every network."""
    size = len(network.nodes)
    assert network.minutes.shape == (size, size)
    assert np.isfinite(network.minutes.data).all()
    assert (network.minutes.data > 0).all()
    assert (network.minutes.diagonal() == 0).all()
    assert len(np.unique(np.round(network.nodes, 3), axis=0)) == size
    places = [*map(tuple, np.round(network.nodes, 3).tolist())]
    assert places == sorted(places)
    links = network.links
    assert list(links.columns) == ["a", "b", "minutes", "length_m", "name", "kind", "one_way", "geometry"]
    assert set(links["a"]) | set(links["b"]) == set(range(size))
    if size:
        ends = shapely.get_coordinates(shapely.get_point(links.geometry.to_numpy(), 0))
        assert np.hypot(*(ends - network.nodes[links["a"]]).T).max() <= 0.51
        assert links["length_m"].to_numpy() == pytest.approx(links.geometry.length.to_numpy(), abs=1e-6)
    graph = nx.Graph(zip(links["a"], links["b"], strict=True))
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    for number, part in enumerate(parts):
        assert {int(network.component[node]) for node in part} == {number}


# ------------------------------------------------------------------------------------------------------------- what joins


def test_lines_join_at_a_shared_vertex_and_at_an_end_on_a_course() -> None:
    """::

       |c          a, b and d share the vertex (10, 0); c ends on the course of b, 0.3 m short of it; e crosses b and does not join
    a--+--b--x--      and f ends 2 m short.
       d     e
    """
    frame = lines(
        [(0, 0), (10, 0)], [(10, 0), (110, 0)], [(60, 0.3), (60, 40)], [(10, 0), (10, -40)],
        [(80, -20), (80, 20)], [(100, 2), (100, 50)],
    )  # fmt: skip
    network = whole(frame)
    check(network)
    assert len(network.links) == 7
    assert told(network, "crossing-not-joined")[1:] == ("80 0", "lines cross at one place without sharing a vertex")
    assert told(network, "end-near-line")[1] == "100 2"
    assert told(network, "ends-joined")[2].startswith("one end of lines within 0.5 m")
    assert told(network, "network-in-parts")[2].startswith("the network is in 3 parts")
    assert network.component.tolist().count(0) == 6


def test_a_bridge_is_met_at_its_ends_only() -> None:
    """A path along the river ends under the bridge; a road ends at the bridge's end."""
    frame = lines(
        [(0, 0), (100, 0)], [(50, 0.2), (50, 60)], [(100.3, 0), (200, 0)], kind=["bridge", "road", "road"]
    )  # fmt: skip
    network = whole(frame)
    check(network)
    assert network.component.tolist().count(0) == 3
    assert "network-in-parts" in codes(network)


def test_a_river_and_a_railway_are_never_links() -> None:
    frame = lines(
        [(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 90)], [(200, 0), (300, 0)], [(300, 0), (400, 0)],
        [(400, 0), (500, 0)],
        kind=["road", "river", "rail", "level crossing", "path", "canal"],
    )  # fmt: skip
    for mode, kinds in {"car": ["road", "road"], "foot": ["road", "road", "path"], "cycle": ["road", "road"]}.items():
        network = whole(frame, mode=mode)
        check(network)
        assert sorted(network.links["kind"]) == sorted(kinds)
        assert told(network, "kind-unknown")[:2] == ("5", "canal")


def test_a_road_with_no_name_for_its_class_is_told() -> None:
    network = whole(lines([(0, 0), (9, 0)], [(9, 0), (18, 0)], **{"class": ["A64", "towpath"]}))
    assert network.links["kind"].tolist() == ["primary", "road"]
    assert told(network, "road-class-unknown")[:2] == ("1", "towpath")
    bare = whole(lines([(0, 0), (9, 0)]).drop(columns="kind"))
    assert codes(bare) == ["kind-unknown"]


def test_a_long_line_has_nodes_along_it() -> None:
    bend = [(0, 0), (130, 0), (130, 120)]
    network = network_of(lines(bend))
    check(network)
    assert len(network.links) == 3
    assert network.links["length_m"].tolist() == pytest.approx([250 / 3] * 3)
    assert shapely.union_all(network.links.geometry).length == pytest.approx(250)
    ring = network_of(lines([(0, 0), (20, 0), (20, 20), (0, 0)]))
    check(ring)
    assert len(ring.links) == 2


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=12)
def test_the_order_of_lines_and_the_way_they_are_drawn_do_not_matter(seed: int) -> None:
    draw = random.Random(seed)
    spots = [(float(draw.randrange(8)) * 40, float(draw.randrange(8)) * 40) for _ in range(9)]
    shapes = [draw.sample(spots, draw.choice([2, 3])) for _ in range(8)]
    shapes = [shape for shape in shapes if len(set(shape)) > 1]
    first = network_of(lines(*shapes))
    check(first)
    mixed = [shape[::-1] if draw.random() < 0.5 else shape for shape in draw.sample(shapes, len(shapes))]
    second = network_of(lines(*mixed))
    assert np.allclose(first.nodes, second.nodes, atol=1e-6)
    assert np.allclose(first.minutes.toarray(), second.minutes.toarray())
    assert first.component.tolist() == second.component.tolist()


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=9
    )
)
@settings(deadline=None, max_examples=25)
def test_joints_are_those_of_a_plain_count_of_vertices(ends: list[tuple[int, int, int, int]]) -> None:
    """Straight lines on a wide grid that no end of another lies on: networkx with the ends as nodes tells the same parts."""
    spread = {(x, y): (x * 1000 + y * y * 37.0, y * 1000 + x * x * 53.0) for x in range(5) for y in range(5)}
    shapes = [(spread[a, b], spread[c, d]) for a, b, c, d in ends if (a, b) != (c, d)]
    tree = shapely.STRtree([shapely.LineString(shape) for shape in shapes])
    for at, line in zip(
        *tree.query(shapely.points([*spread.values()]), predicate="dwithin", distance=1.0), strict=True
    ):
        if [*spread.values()][at] not in shapes[line]:
            return
    graph = nx.MultiGraph()
    graph.add_edges_from(shapes)
    network = whole(lines(*shapes)) if shapes else whole(lines(((0, 0), (1, 1))))
    if shapes:
        assert len(network.nodes) == len(graph)
        assert int(network.component.max()) + 1 == nx.number_connected_components(graph)
        assert len(network.links) == len(nx.Graph(graph).edges)


# ------------------------------------------------------------------------------------------------------------- ways and speeds


def test_one_way_roads() -> None:
    shape = [(0, 0), (100, 0)]
    there, back = ((0.0, 0.0), (100.0, 0.0)), ((100.0, 0.0), (0.0, 0.0))
    for value, car in {
        "yes": {there}, "true": {there}, "1": {there}, True: {there}, "-1": {back}, "reverse": {back},
        "no": {there, back}, "": {there, back}, None: {there, back}, "sideways": {there, back}, "reversible": set(),
    }.items():  # fmt: skip
        frame = lines(shape, one_way=[value])
        network = whole(frame)
        assert directed(network) == car, value
        assert directed(whole(frame, mode="foot")) == {there, back}
        wrong = {"sideways": ["one-way-not-understood"], "reversible": ["one-way-changing", "network-empty"]}
        trap = ["one-way-trap"] if len(car) == 1 else []
        assert codes(network) == wrong.get(str(value), trap)
    roundabout = lines(shape, highway=["tertiary"], junction=["roundabout"])
    assert directed(whole(roundabout)) == {there}
    motorway = lines(shape, highway=["motorway"])
    assert directed(whole(motorway)) == {there}
    assert codes(whole(motorway, mode="foot")) == ["network-empty"]
    assert directed(whole(lines(shape, highway=["motorway"], oneway=["no"]))) == {there, back}
    assert directed(whole(lines(shape, **{"class": ["M1"]}))) == {there, back}  # drawn in no order that counts
    both = lines(shape, shape[::-1], one_way=["", "yes"], oneway=["yes", "no"])
    assert directed(whole(both)) == {there, back}


@pytest.mark.parametrize(
    "tags", [{"oneway:bicycle": ["no"]}, {"cycleway": ["opposite_lane"]}, {"cycleway:left": ["opposite"]}]
)
def test_cycles_against_the_traffic(tags: dict[str, list[object]]) -> None:
    frame = lines([(0, 0), (100, 0)], highway=["residential"], oneway=["yes"], **tags)
    assert len(directed(whole(frame))) == 1
    assert len(directed(whole(frame, mode="cycle"))) == 2
    assert len(directed(whole(frame.drop(columns=list(tags)), mode="cycle"))) == 1


@pytest.mark.parametrize(
    ("tags", "modes"),
    [
        ({"highway": "residential"}, "car foot cycle"),
        ({"highway": "residential", "access": "private"}, ""),
        ({"highway": "residential", "access": "private", "foot": "yes"}, "foot"),
        ({"highway": "residential", "access": "no", "bicycle": "designated"}, "cycle"),
        ({"highway": "residential", "motor_vehicle": "no"}, "foot cycle"),
        ({"highway": "residential", "motor_vehicle": "no", "motorcar": "yes"}, "car foot cycle"),
        ({"highway": "residential", "vehicle": "no"}, "foot"),
        ({"highway": "residential", "foot": "no"}, "car cycle"),
        ({"highway": "service", "access": "destination"}, "car foot cycle"),
        ({"highway": "footway"}, "foot"),
        ({"highway": "footway", "access": "yes"}, "foot"),
        ({"highway": "footway", "bicycle": "yes"}, "foot cycle"),
        ({"highway": "footway", "bicycle": "dismount"}, "foot"),
        ({"highway": "bridleway"}, "foot cycle"),
        ({"highway": "cycleway"}, "foot cycle"),
        ({"highway": "steps"}, "foot"),
        ({"highway": "track"}, "foot cycle"),
        ({"highway": "track", "motor_vehicle": "yes"}, "car foot cycle"),
        ({"highway": "pedestrian", "area": "yes"}, ""),
        ({"highway": "construction"}, ""),
        ({"highway": "residential", "access": "no;yes"}, ""),
        ({"highway": "residential", "access": "after dark"}, "car foot cycle"),
        ({"railway": "rail"}, ""),
        ({"waterway": "river"}, ""),
    ],
)
def test_who_may_use_a_way(tags: dict[str, str], modes: str) -> None:
    packed = ",".join(f'"{key}"=>"{value}"' for key, value in tags.items() if key != "highway")
    own = {key: [value] for key, value in tags.items()}
    tagged = lines([(0, 0), (90, 0)], **own).drop(columns="kind")
    hidden = lines([(0, 0), (90, 0)], highway=[tags.get("highway")], other_tags=[packed]).drop(columns="kind")
    for frame in (tagged, hidden):
        assert [mode for mode in MODES if len(whole(frame, mode=mode).links)] == modes.split()
    told_of = [issue.code for issue in whole(tagged).issues]
    assert ("access-not-understood" in told_of) == (tags.get("access") == "after dark")


def test_our_own_columns_of_who_may_pass() -> None:
    frame = lines(
        [(0, 0), (9, 0)],
        [(9, 0), (18, 0)],
        kind=["path", "road"],
        car=["yes", "no"],
        foot=["no", ""],
        cycle=[True, None],
    )
    assert [whole(frame, mode=mode).links["kind"].tolist() for mode in MODES] == [["path"], ["road"], ["path", "road"]]


@pytest.mark.parametrize(
    ("text", "kph"),
    [
        ("30", 30), ("30 mph", 48.28032), ("60mph", 96.56064), ("50 km/h", 50), ("GB:nsl_single", 96.56064), ("30 mph;40 mph", 48.28032),
        ("walk", 5), ("national", None), ("none", None), ("", None), ("signals", None),
    ],
)  # fmt: skip
def test_speed_limits(text: str, kph: float | None) -> None:
    assert kph_of(text) == (pytest.approx(kph) if kph else None)


@pytest.mark.parametrize("value", ["0", "-30", "fast", "300", "0.5 mph", "1e999", "inf", "nan mph", "30 knots", "30,5"])
def test_a_speed_that_is_none_is_told_and_the_class_counts(value: str) -> None:
    with pytest.raises(ValueError, match="it is"):
        kph_of(value)
    frame = lines([(0, 0), (1000, 0)], **{"class": ["B1257"]}, speed_kph=[value])
    network = whole(frame)
    check(network)
    assert network.links["minutes"].tolist() == pytest.approx([60 / CAR_KPH["secondary"]])
    assert told(network, "speed-not-usable")[:2] == ("0", value)


def test_speeds_of_the_data_and_of_the_caller() -> None:
    frame = lines(
        [(0, 0), (1000, 0)],
        [(1000, 0), (2000, 0)],
        [(2000, 0), (3000, 0)],
        speed_kph=[30, None, None],
        maxspeed=["10", "50", None],
    )
    assert whole(frame).links["minutes"].tolist() == pytest.approx([2, 60 / (50 * LIMIT_SHARE), 60 / CAR_KPH["road"]])
    assert told(whole(frame), "speed-assumed")[1] == "67% stated"
    other = whole(frame, speeds_kph={"road": 6})
    assert other.links["minutes"].tolist()[2] == pytest.approx(10)
    assert whole(frame, mode="foot", speeds_kph={"foot": 6}).links["minutes"].tolist() == pytest.approx([10] * 3)
    assert told(whole(frame, mode="cycle"), "speed-assumed")[1] == "16 km/h"
    with pytest.raises(ValueError, match="Did you mean 'residential'"):
        whole(frame, speeds_kph={"residental": 20})
    for bad in (0, -1, math.inf, math.nan):
        with pytest.raises(ValueError, match="no speed above 0"):
            whole(frame, speeds_kph={"road": bad})
        with pytest.raises(ValueError, match="no length above 0"):
            network_of(frame, step_m=bad)
    with pytest.raises(ValueError, match="none of car, foot, cycle"):
        network_of(frame, mode="horse")


def test_parallel_links_and_copies() -> None:
    """Of two ways between the same nodes the quicker counts; a copy is told; a half ring of the same length is no copy."""
    arc = shapely.LineString([(0, 0), (50, 30), (100, 0)])
    mirror = shapely.LineString([(0, 0), (50, -30), (100, 0)])
    network = whole(lines(arc, mirror, arc.reverse(), [(0, 0), (100, 0)], speed_kph=[20, 30, 40, 10]))
    check(network)
    assert len(network.links) == 4  # the vertex both arcs share parts them
    assert told(network, "line-repeated")[2].startswith("two links")
    assert network.minutes.toarray()[0, 1] == pytest.approx(arc.length / 2 * 0.06 / 40)


# ------------------------------------------------------------------------------------------------------------- bad lines


def test_lines_that_cannot_be_used_are_told() -> None:
    with np.errstate(invalid="ignore"):
        lost = [shapely.LineString([(300, 0), (value, 5), (400, 0)]) for value in (math.nan, math.inf)]
    frame = lines(
        [(0, 0), (100, 0)],
        shapely.MultiLineString([[(100, 0), (200, 0)], [(200, 0), (300, 0)]]),
        [(0, 0, 5), (0, 100, 9)],
        *lost,
        [(300, 0), (9e9, 0)],
        shapely.Point(3, 3),
        shapely.box(0, 0, 5, 5),
        shapely.LineString(),
        [(300, 0), (300, 0.0001)],
        shapely.LinearRing([(0, 0), (0, -50), (50, -50)]),
    )
    frame = gpd.GeoDataFrame(
        pd.concat([frame, gpd.GeoDataFrame({"kind": ["road"]}, geometry=[None], crs=27700)], ignore_index=True)
    )
    network = whole(frame)
    check(network)
    assert told(network, "no-line")[0] == "6, 7, 8, 11"
    assert told(network, "line-not-placed")[0] == "3, 4, 5"
    assert told(network, "line-without-length")[0] == "9"
    assert len(network.links) == 6
    assert not shapely.has_z(network.links.geometry.to_numpy()).any()


def test_no_lines_at_all() -> None:
    for frame in (lines(), lines(shapely.Point(1, 1))):
        network = whole(frame)
        check(network)
        assert codes(network)[-1] == "network-empty"
        assert repr(network) == "<Network by car: 0 nodes, 0 links, no components>"


def test_a_loop_that_traps_is_told() -> None:
    """::

    a--b->c=d    from c and d nothing leads back
    """
    network = whole(lines([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (200, 90)], one_way=["", "yes", ""]))
    check(network)
    assert told(network, "one-way-trap")[2].startswith("two nodes")
    assert told(network, "one-way-trap")[1] in {"0 0; 100 0", "200 0; 200 90"}


def test_frames_without_the_right_crs_are_refused() -> None:
    frame = lines([(0, 0), (1, 1)])
    with pytest.raises(ValueError, match="no CRS"):
        network_of(frame.set_crs(None, allow_override=True))
    with pytest.raises(ValueError, match="EPSG:3857"):
        network_of(frame.set_crs(3857, allow_override=True))
    with pytest.raises(TypeError, match="GeoDataFrame"):
        network_of(pd.DataFrame({"a": [1]}))


def test_hostile_names_and_identifiers_come_out_tame() -> None:
    frame = lines([(0, 0), (100, 0)], name=["=cmd|'\u202e<script>\n"], speed_kph=["\x1b[31m0\u200b"])
    frame.index = ["a\u202eb\n"]
    network = whole(frame)
    assert network.links["name"].tolist() == ["=cmd|'[U+202E]<script>"]
    text = "".join(itertools.chain.from_iterable((i.row, i.value, i.message) for i in network.issues))
    assert not set(text) & set("\x1b\u202e\u200b\n")


# ------------------------------------------------------------------------------------------------------------- files


def test_the_same_network_from_every_format(tmp_path: Path) -> None:
    frame = lines(
        [(480000, 470000), (480500, 470000)],
        [(480500, 470000), (480500, 470900)],
        name=["High St", "B"],
        **{"class": ["A1", ""]},
    )
    frame.to_file(tmp_path / "roads.gpkg", layer="roads")
    frame.to_file(tmp_path / "metres.geojson")
    frame.to_crs(27700).to_file(tmp_path / "roads.shp")
    way = network_of(frame)
    for name in ("roads.gpkg", "metres.geojson", "roads.shp"):
        network = read_network(tmp_path / name)
        check(network)
        assert np.allclose(network.nodes, way.nodes, atol=1e-3)
        assert np.allclose(network.minutes.toarray(), way.minutes.toarray())
        assert network.source == name
    steps: list[str] = []
    read_network(tmp_path / "roads.gpkg", progress=steps.append)
    assert steps == ["reading roads.gpkg", "placing 2 lines", "cutting 2 lines where they meet"]


def test_files_that_are_no_network(tmp_path: Path) -> None:
    gpd.GeoDataFrame(geometry=[shapely.Point(480000, 470000)], crs=27700).to_file(tmp_path / "points.gpkg")
    two = tmp_path / "two.gpkg"
    frame = lines([(480000, 470000), (480500, 470000)])
    frame.to_file(two, layer="roads")
    frame.to_file(two, layer="rail")
    frame.iloc[:0].to_file(tmp_path / "empty.gpkg")
    (tmp_path / "no.osm.pbf").write_bytes(b"\0\0\0\x0c\n\tOSMHeader" + b"\0" * 60)
    (tmp_path / "page.osm.pbf").write_text("<html>")
    (tmp_path / "roads.dwg").write_text("x")
    (tmp_path / "blank.geojson").write_text("")
    for name, said in {
        "points.gpkg": "holds no lines, but Point",
        "two.gpkg": "2 layers hold lines: 'roads', 'rail'",
        "empty.gpkg": "holds nothing",
        "no.osm.pbf": "does not open",
        "page.osm.pbf": "not an OpenStreetMap PBF",
        "gone.osm.pbf": "no such file",
        "gone.gpkg": "no such file",
        "roads.dwg": "no format of networks",
        "blank.geojson": "blank.geojson",
    }.items():
        with pytest.raises(EstateError, match=said):
            read_network(tmp_path / name)
    assert len(read_network(two, layer="roads").links) == 5


def test_tags_packed_as_hstore() -> None:
    assert hstore('"a"=>"1", "b\\"c"=>"x\\\\y","d"=>NULL, junk, "e"=>"=>,"') == {
        "a": "1",
        'b"c': "x\\y",
        "d": "",
        "e": "=>,",
    }
    assert hstore("") == hstore('"open') == {}


def test_malton_joins_up() -> None:
    network = network_of(ap.read_estate("data/malton").for_audience("public").roads)
    assert network.share_in_largest > 0.98
    kinds = set(network.links["kind"])
    assert kinds <= set(CAR_KPH)
    assert "River Derwent" not in set(network.links["name"])
    assert not {"kind-unknown", "road-class-unknown", "no-line"} & set(codes(network))


def test_the_river_is_crossed_by_its_bridges_only() -> None:
    estate = ap.read_estate("data/malton").for_audience("public")
    roads, libraries = estate.roads, ap.sites(estate).loc[["nycc:ILLUS-08", "nycc:ILLUS-09"]]  # Malton's and Norton's
    crossed = network_of(roads).links
    river = roads.geometry[roads["kind"] == "river"].union_all()
    assert set(crossed["name"][crossed.intersects(river)]) == {
        "County Bridge",
        "Railway Street bridge",
        "A64 Malton bypass",
    }
    there = ap.travel_minutes(network_of(roads), libraries[:1], libraries[1:])["minutes"]
    assert 1 < there[0] < 10
    cut = network_of(roads[roads["kind"] != "bridge"])
    assert ap.travel_minutes(cut, libraries[:1], libraries[1:])["minutes"].isna().all()


MESS = st.sampled_from(
    [None, "", "yes", "-1", "no;yes", "30 mph", "0", -5, 1e300, float("nan"), True, "\x00", "=1+1", "\u202e", "A64", "road", "river", "path",
     '"a"=>"b"', '"highway"=>"footway","access"=>"no"', "motorway", [1], pd.NaT, "9" * 400]
)  # fmt: skip
COLUMNS = (
    "kind",
    "class",
    "highway",
    "speed_kph",
    "maxspeed",
    "one_way",
    "oneway",
    "access",
    "foot",
    "car",
    "cycle",
    "other_tags",
    "name",
    "junction",
)


@given(st.data())
@settings(deadline=None, max_examples=12)
def test_no_value_breaks_it(data: st.DataObject) -> None:
    shapes = [[(0, 0), (60, 0)], [(60, 0), (60, 60)], [(60, 60), (0, 0)]]
    columns = data.draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=6))
    frame = lines(*shapes).drop(columns="kind")
    for column in columns:
        frame[column] = pd.Series([data.draw(MESS) for _ in shapes], dtype=object)
    network = network_of(frame, mode=data.draw(st.sampled_from(MODES)))
    check(network)
    assert not any(
        set(part) & set("\x00\u202e") for issue in network.issues for part in (issue.row, issue.value, issue.message)
    )


@pytest.mark.realdata
def test_rutland_has_the_joints_of_openstreetmap(realdata: Path) -> None:
    """Against networkx on every vertex of every way: the same parts, and all junctions are nodes."""
    path = realdata / "rutland-osm" / "rutland-latest.osm.pbf"
    tags, shapes = read_osm(path, path.name, None)
    assert len(tags) >= len(pyogrio.read_dataframe(path, layer="lines", where="highway IS NOT NULL"))
    network = read_network(path, mode="foot", step_m=1e9)
    check(network)
    graph = nx.Graph()
    closed = {"no", "private"}
    names = {"motorway", "motorway_link", "layby", "traffic_island", "construction", "proposed"}
    for row, shape in zip(tags.to_dict("records"), shapes, strict=True):
        own = row["foot"] or row["access"]
        if row["highway"] not in names and own not in closed and row["area"] != "yes":
            vertices = [tuple(place) for place in np.round(shapely.get_coordinates(shape), 7).tolist()]
            nx.add_path(graph, vertices)
    length = network.links["length_m"].sum()
    parts = sorted((len(part) for part in nx.connected_components(graph)), reverse=True)
    assert int(network.component.max()) + 1 == len(parts)
    junctions = sum(1 for _, degree in graph.degree if degree != 2)
    assert len(network.nodes) >= junctions
    assert 1_200_000 < length < 1_500_000
    assert network.share_in_largest > 0.9

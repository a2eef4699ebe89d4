"""Times over a network: against networkx and brute force, in one direction and the other, and areas that hold what they say."""

import itertools
import math
import random
from functools import cache
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from test_network import lines, whole

from assetplan.grid import geometries_to_grid
from assetplan.travel.network import Network, network_of, read_network
from assetplan.travel.osm import CAR_KPH, LIMIT_SHARE, kph_of, read_osm
from assetplan.travel.routing import Towards, isochrone, minutes_from_nearest, nearest, travel_minutes
from assetplan.travel.snapping import snap, snap_issues
from assetplan.travel.straight import straight_line
from assetplan.travel.times import Travel

TOWARDS: tuple[Towards, ...] = ("facility", "origin")


def points(*places: tuple[float, float], ids: list[object] | None = None) -> gpd.GeoSeries:
    return gpd.GeoSeries(
        [shapely.Point(*place) for place in places], index=ids or [f"p{i}" for i in range(len(places))], crs=27700
    )


def at_nodes(network: Network, nodes: list[int]) -> gpd.GeoSeries:
    return points(*network.nodes[nodes].tolist(), ids=[f"n{node}" for node in nodes])


def of_networkx(network: Network) -> nx.DiGraph:
    """The graph of the links, one by one: not by way of the table of minutes."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(network.nodes)))
    for row in network.links[["a", "b", "minutes", "one_way"]].itertuples(index=False):
        for a, b in ((row.a, row.b),) if row.one_way else ((row.a, row.b), (row.b, row.a)):
            if row.minutes < graph.get_edge_data(a, b, {"weight": math.inf})["weight"]:
                graph.add_edge(int(a), int(b), weight=row.minutes)
    return graph


def random_grid(seed: int, side: int = 6) -> gpd.GeoDataFrame:
    """Streets of a grid, a third of them left out, some one-way, each with a speed of its own."""
    draw = random.Random(seed)
    shapes, ways, speeds = [], [], []
    for x in range(side):
        for y in range(side):
            for ahead in ((x + 1, y), (x, y + 1)):
                if max(ahead) < side and draw.random() < 0.67:
                    shapes.append([(x * 90.0, y * 90.0), (ahead[0] * 90.0, ahead[1] * 90.0)])
                    ways.append(draw.choice(["no", "no", "no", "yes", "-1"]))
                    speeds.append(draw.choice([5, 10, 20]))
    shapes, ways, speeds = [*shapes, [(0, 0), (0, 90)]], [*ways, "no"], [*speeds, 5]
    return lines(*shapes, one_way=ways, speed_kph=speeds)


@cache  # several tests look at it, and none changes it
def rutland(realdata: Path, mode: str) -> Network:
    return read_network(realdata / "rutland-osm" / "rutland-latest.osm.pbf", mode=mode)


# ------------------------------------------------------------------------------------------------------------- against networkx


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=10)
def test_times_on_small_networks(seed: int) -> None:
    """Pairs, the nearest both ways, the triangle, closing a facility, areas and a limit: on random streets."""
    network = network_of(random_grid(seed))
    graph = of_networkx(network)
    size = len(network.nodes)
    every = at_nodes(network, [*range(size)])
    table = travel_minutes(network, every, every)
    minutes = table["minutes"].to_numpy().reshape(size, size)
    oracle = np.full((size, size), np.nan)
    for a, found in nx.all_pairs_dijkstra_path_length(graph):
        oracle[a, [*found]] = [*found.values()]
    snapped = snap(network, every)["node"].to_numpy()
    assert ((snapped == np.arange(size)) | (network.component > 0)).all()  # all islands here are scraps
    assert np.allclose(minutes, oracle[np.ix_(snapped, snapped)], atol=1e-8, equal_nan=True)
    some = travel_minutes(network, every, every, max_min=1.5)
    short = table[table["minutes"] <= 1.5].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, short)

    whole_time = np.where(np.isnan(minutes), np.inf, minutes)
    assert (whole_time[:, None, :] <= whole_time[:, :, None] + whole_time[None, :, :] + 1e-7).all()

    draw = random.Random(seed)
    chosen = [node for node in draw.sample(range(size), 4) if network.component[node] == 0] or [0]
    facilities = at_nodes(network, chosen)
    for towards in TOWARDS:
        found = minutes_from_nearest(network, facilities, towards=towards)
        by_hand = oracle[:, chosen] if towards == "facility" else oracle[chosen].T
        best = np.nanmin(np.column_stack([np.where(np.isnan(by_hand), np.inf, by_hand), np.full(size, np.inf)]), axis=1)
        assert np.allclose(found.minutes, np.where(np.isfinite(best), best, np.nan), atol=1e-8, equal_nan=True)
        names = found.facilities[found.which]
        for node, name in enumerate(names):
            equal = [f"n{chosen[i]}" for i in np.flatnonzero(by_hand[node] <= best[node] + 1e-12)]
            assert (name is None) == (not equal)
            near = [f"n{chosen[i]}" for i in np.flatnonzero(by_hand[node] <= best[node] + 1e-8)]
            assert name is None or name in near
        if len(chosen) > 1:
            fewer = minutes_from_nearest(network, facilities.iloc[1:], towards=towards).minutes
            assert not (fewer < found.minutes).any()
            assert not (np.isfinite(fewer) & np.isnan(found.minutes)).any()
        limits = [0.5, 1.0, 1.7, 4.0]
        areas = isochrone(network, facilities, limits, towards=towards)
        for limit, count, area in areas.itertuples(index=False):
            inside = shapely.contains_xy(area, network.nodes)
            assert (inside == (found.minutes <= limit)).all()
            assert count == inside.sum()
        for lesser, more in zip(areas.geometry, areas.geometry[1:], strict=False):
            assert shapely.difference(lesser, more).area < 1e-6


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=5)
def test_reversing_every_one_way_street_turns_the_table_over(seed: int) -> None:
    frame = random_grid(seed)
    network = network_of(frame)
    turned = network_of(frame.assign(one_way=frame["one_way"].map({"no": "no", "yes": "-1", "-1": "yes"})))
    assert np.allclose(network.minutes.toarray(), turned.minutes.toarray().T)
    ends = at_nodes(network, [0, 3, len(network.nodes) - 1])
    back = travel_minutes(network, ends, ends)["minutes"].to_numpy().reshape(3, 3)
    assert np.allclose(travel_minutes(turned, ends, ends)["minutes"].to_numpy().reshape(3, 3), back.T, equal_nan=True)
    other = nearest(network, ends, ends[1:2], towards="origin")["minutes"]
    assert np.allclose(nearest(turned, ends, ends[1:2])["minutes"], other, equal_nan=True)


def test_of_equals_the_first_by_identifier() -> None:
    """A ring of four equal sides, stations at two corners, whichever comes first."""
    network = whole(lines([(0, 0), (90, 0)], [(90, 0), (90, 90)], [(90, 90), (0, 90)], [(0, 90), (0, 0)]))
    for ids in (["a", "b"], ["b", "a"], [10, 9]):
        stations = points((0, 0), (90, 90), ids=ids)
        found = nearest(network, points((90, 0), (0, 90)), stations)
        assert found["facility"].tolist() == [min(ids, key=str)] * 2
    same = points((0, 0), (1, 0), ids=["z", "y"])
    assert nearest(network, points((0, 0)), same)["facility"].tolist() == ["y"]


# ------------------------------------------------------------------------------------------------------------- joining a network


def test_points_join_the_largest_part_within_reach() -> None:
    """::

    a lane of 1.5 km, an island lane 60 m long 100 m off it, and a motorway between them
    """
    network = network_of(
        lines(
            [(0, 0), (1500, 0)], [(0, 100), (60, 100)], [(-50, 50), (1000, 50)],
            highway=["residential", "residential", "motorway"],
        )
    )  # fmt: skip
    homes = points((0, 90), (0, 20), (800, 52), (0, 650), (500, 9000), ids=["island", "lane", "motorway", "far", "sea"])
    homes.loc["nowhere"] = None
    found = snap(network, homes)
    assert found["component"].tolist()[-2:] == [-1, -1]
    assert network.nodes[found.loc["island", "node"]].tolist() == [0, 0]
    assert network.nodes[found.loc["motorway", "node"]].tolist() == [800, 0]
    assert found["gap_m"].round(6).tolist()[:4] == [90, 20, 52, 550]
    assert math.isnan(found["gap_m"].iloc[-1])
    assert found["passed"].tolist() == [True] + [False] * 5
    near = snap(network, homes, max_m=50)
    assert network.nodes[near.loc["island", "node"]].tolist() == [0, 100]
    assert near["node"].tolist()[2:] == [-1] * 4
    assert [(issue.code, issue.row) for issue in snap_issues(near, "home", "homes.csv", 50)] == [
        ("point-without-place", "nowhere"),
        ("point-off-network", "motorway, far, sea"),
        ("point-on-island", "island"),
    ]
    assert [(issue.code, issue.value) for issue in snap_issues(found)][-1] == ("point-past-scrap", "90 to 90 m")
    times = travel_minutes(network, homes, homes.iloc[:2])
    assert times["minutes"].isna().tolist() == [False] * 6 + [True] * 6
    assert nearest(network, homes, homes.iloc[:1])["facility"].tolist() == ["island"] * 3 + [None] * 3


def test_shapes_other_than_points_and_empty_tables() -> None:
    network = whole(lines([(0, 0), (90, 0)]))
    yard = gpd.GeoSeries([shapely.box(80, -5, 100, 5)], index=["yard"], crs=27700)
    assert snap(network, yard).loc["yard", ["node", "gap_m"]].tolist() == [1, 0]
    none = yard.iloc[:0]
    assert travel_minutes(network, none, yard).shape == (0, 3)
    assert travel_minutes(network, yard, none, max_min=3).columns.tolist() == ["origin", "destination", "minutes"]
    assert nearest(network, yard, none)["facility"].tolist() == [None]
    assert nearest(network, none, yard).shape == (0, 2)
    assert isochrone(network, none, [5])["nodes"].tolist() == [0]
    assert isochrone(network, none, [5]).geometry.is_empty.all()
    assert len(isochrone(network, yard, [])) == 0
    empty = network_of(lines())
    assert snap(empty, yard)["node"].tolist() == [-1]
    assert travel_minutes(empty, yard, yard)["minutes"].isna().all()
    assert nearest(empty, yard, yard)["facility"].tolist() == [None]
    assert isochrone(empty, yard)["nodes"].tolist() == [0, 0, 0, 0]
    assert travel_minutes(network, yard, yard)["minutes"].tolist() == [0]


def test_what_cannot_be_asked() -> None:
    network = whole(lines([(0, 0), (90, 0)]))
    spot = points((0, 0))
    for wrong, said in (
        (spot.set_crs(None, allow_override=True), "no CRS"),
        (spot.set_crs(3857, allow_override=True), "EPSG:3857"),
        (points((0, 0), (1, 1), ids=["a", "a"]), "identifiers repeat"),
    ):
        for ask in (
            lambda one: snap(network, one),
            lambda one: travel_minutes(network, spot, one),
            lambda one: nearest(network, one, spot),
            lambda one: straight_line(one, spot),
            lambda one: Travel.straight().nearest(one, spot),
        ):
            with pytest.raises(ValueError, match=said):
                ask(wrong)
    with pytest.raises(TypeError, match="GeoSeries"):
        snap(network, [(0, 0)])
    for bad in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="no distance"):
            snap(network, spot, max_m=bad)
        with pytest.raises(ValueError, match="no number of minutes"):
            travel_minutes(network, spot, spot, max_min=bad)
        with pytest.raises(ValueError, match="minutes above 0"):
            isochrone(network, spot, [5, bad])
    with pytest.raises(ValueError, match="no distance above 0"):
        isochrone(network, spot, width_m=0)
    with pytest.raises(ValueError, match="neither 'facility' nor 'origin'"):
        nearest(network, spot, spot, towards="both")


# ------------------------------------------------------------------------------------------------------------- straight lines


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=5)
def test_straight_lines_are_distances(seed: int) -> None:
    draw = random.Random(seed)
    places = [(draw.uniform(0, 5000), draw.uniform(0, 5000)) for _ in range(12)]
    start, stop = points(*places[:7]), points(*places[7:])
    found = straight_line(start, stop, detour=1.5, kph=30)
    by_hand = [math.dist(a, b) * 1.5 / 500 for a in places[:7] for b in places[7:]]
    assert found["minutes"].tolist() == pytest.approx(by_hand, abs=1e-8)
    limit = sorted(by_hand)[10]
    short = straight_line(start, stop, detour=1.5, kph=30, max_min=round(limit, 9))
    pd.testing.assert_frame_equal(short, found[found["minutes"] <= round(limit, 9)].reset_index(drop=True))
    near = Travel.straight("car", detour=1.5, kph=30).nearest(start, stop)
    least = found.loc[found.groupby("origin", sort=False)["minutes"].idxmin()]
    assert near["facility"].tolist() == least["destination"].tolist()
    assert near["minutes"].tolist() == least["minutes"].tolist()


def test_straight_lines_say_what_they_rest_on() -> None:
    travel = Travel.straight("foot")
    assert (travel.mode, travel.basis) == ("foot", "straight line")
    assert travel.note == travel.issues[0].message
    assert "times 1.3 at 4.8 km/h, both assumed" in travel.note
    spots = points((0, 0), (1000, 0))
    spots.loc["nowhere"] = None
    assert travel.minutes(spots, spots)["minutes"].isna().sum() == 5
    assert travel.minutes(spots, spots, max_min=0)["origin"].tolist() == ["p0", "p1"]
    assert travel.nearest(spots, spots)["facility"].tolist() == ["p0", "p1", None]
    assert [issue.row for issue in travel.check(spots, "home")] == ["nowhere"]
    for options in ({"detour": 0.9}, {"detour": math.inf}, {"kph": 0}, {"kph": math.nan}, {"mode": "horse"}):
        with pytest.raises(ValueError, match=next(iter(options))):
            Travel.straight(**options)


def test_travel_over_a_network_is_its_times() -> None:
    network = network_of(random_grid(3), source="streets.gpkg")
    travel = Travel.over(network, max_snap_m=40)
    ends = points((0, 0), (90, 90), (9000, 0))
    assert (travel.mode, travel.basis, travel.issues) == ("car", "network", network.issues)
    assert "streets.gpkg" in travel.note
    pd.testing.assert_frame_equal(travel.minutes(ends, ends), travel_minutes(network, ends, ends, max_snap_m=40))
    for towards in TOWARDS:
        pd.testing.assert_frame_equal(
            travel.nearest(ends, ends[:1], towards=towards),
            nearest(network, ends, ends[:1], towards=towards, max_snap_m=40),
        )
    assert [(issue.code, issue.row) for issue in travel.check(ends, "village")] == [("point-off-network", "p2")]
    with pytest.raises(ValueError, match="neither"):
        travel.nearest(ends, ends, towards="both")


# ------------------------------------------------------------------------------------------------------------- Rutland


@cache
def ways_of_rutland(realdata: Path) -> tuple[pd.DataFrame, np.ndarray]:
    path = realdata / "rutland-osm" / "rutland-latest.osm.pbf"
    tags, shapes = read_osm(path, path.name, None)
    return tags.fillna(""), geometries_to_grid(shapes)


def plain_graph(realdata: Path, mode: str) -> nx.DiGraph:
    """Every vertex of every way a node, by the rules of the tags written out once more, plainly."""
    tags, shapes = ways_of_rutland(realdata)
    roads = {
        "motorway",
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "living_street",
        "service",
        "road",
    }
    roads |= {f"{name}_link" for name in ("motorway", "trunk", "primary", "secondary", "tertiary")}
    paths = {"footway", "path", "bridleway", "cycleway", "pedestrian", "steps", "track"}
    keys = ("motorcar", "motor_vehicle", "vehicle", "access") if mode == "car" else ("foot", "access")
    graph = nx.DiGraph()
    for row, line in zip(tags.to_dict("records"), shapes, strict=True):
        kind, said = row["highway"], next((row[key] for key in keys if row[key]), "")
        allowed = kind in roads or (mode == "foot" and kind in paths)
        opened = next((row[key] for key in keys if row[key] and key not in {"access", "vehicle"}), "")
        known = kind in roads | paths
        if (
            said in {"no", "private", "agricultural", "permit", "military"}
            or row["area"] == "yes"
            or (mode == "foot" and kind.startswith("motorway"))
        ):
            continue
        if not (allowed or (known and opened in {"yes", "designated", "permissive", "destination"})):
            continue
        try:
            limit = kph_of(row["maxspeed"])
        except ValueError:
            limit = None
        kph = 4.8 if mode == "foot" else limit * LIMIT_SHARE if limit else CAR_KPH[kind]
        one_way = mode == "car" and (
            row["oneway"] in {"yes", "true", "1"} or (row["junction"] in {"roundabout", "circular"} and not row["oneway"])
            or (kind.startswith("motorway") and not row["oneway"])
        )  # fmt: skip
        places = [tuple(place) for place in shapely.get_coordinates(line).tolist()]
        places = places[::-1] if mode == "car" and row["oneway"] == "-1" else places
        for a, b in itertools.pairwise(places):
            for start, stop in ((a, b),) if one_way or (mode == "car" and row["oneway"] == "-1") else ((a, b), (b, a)):
                minutes = math.dist(a, b) * 0.06 / kph
                if minutes and minutes < graph.get_edge_data(start, stop, {"weight": math.inf})["weight"]:
                    graph.add_edge(start, stop, weight=minutes)
    return graph


@pytest.mark.realdata
@pytest.mark.parametrize("mode", ["car", "foot"])
def test_rutland_against_networkx_on_every_vertex(realdata: Path, mode: str) -> None:
    network, graph = rutland(realdata, mode), plain_graph(realdata, mode)
    place = {tuple(np.round(vertex, 3)): vertex for vertex in graph}
    key = [tuple(spot) for spot in np.round(network.nodes, 3).tolist()]
    shared = [
        node for node in np.flatnonzero(network.component == 0).tolist() if key[node] in place and network.opens[node]
    ]
    assert len(shared) > 3000
    sample = random.Random(1).sample(shared, 40)
    ends = at_nodes(network, sample)
    minutes = travel_minutes(network, ends.iloc[:3], ends)["minutes"].to_numpy().reshape(3, 40)
    for row, node in enumerate(sample[:3]):
        found = nx.single_source_dijkstra_path_length(graph, place[key[node]])
        oracle = [found.get(place[key[other]], np.nan) for other in sample]
        assert np.allclose(minutes[row], oracle, atol=1e-6, equal_nan=True)
    own = of_networkx(network)
    stations = sample[:5]
    oracle = nx.multi_source_dijkstra_path_length(own, set(stations))
    back = nx.multi_source_dijkstra_path_length(own.reverse(copy=False), set(stations))
    for towards, times in (("origin", oracle), ("facility", back)):
        found = minutes_from_nearest(network, at_nodes(network, stations), towards=towards)
        expected = [times.get(node, np.nan) for node in range(len(network.nodes))]
        assert np.allclose(found.minutes, expected, atol=1e-7, equal_nan=True)


@pytest.mark.realdata
def test_areas_of_rutland_hold_exactly_the_nodes_within(realdata: Path) -> None:
    network = rutland(realdata, "car")
    stations = points((486_000, 308_800), (500_500, 307_000), ids=["Oakham", "Ketton"])
    times = minutes_from_nearest(network, stations, towards="origin").minutes
    areas = isochrone(network, stations, (4, 8), towards="origin")
    for limit, count, area in areas.itertuples(index=False):
        inside = shapely.contains_xy(area, network.nodes)
        assert (inside == (times <= limit)).all()
        assert count == inside.sum()
        assert area.is_valid
    assert shapely.difference(*areas.geometry).area < 1e-6
    assert 500 < areas["nodes"][0] < areas["nodes"][1] < len(network.nodes)

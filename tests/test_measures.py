"""Graph measures against their definitions: take a site or a link away and count the parts; measure every pair and take the least."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from assetplan.measures import (
    COMPONENT_COLUMNS,
    CONNECTION_COLUMNS,
    MEASURE_COLUMNS,
    component_measures,
    site_connections,
    site_measures,
)
from assetplan.relations import RELATION_COLUMNS, adjacent_pairs

SQUARE = shapely.box(0, 0, 10, 10)


def frame(
    ids: list[str], shapes: list[shapely.Geometry | None] | None = None, **columns: list[object]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes or [SQUARE] * len(ids), index=ids, crs=27700)


def pairs_of(edges: list[tuple[str, str, str]]) -> pd.DataFrame:
    rows = [(a, b, relation, "polygon", 0.0, 0.0, None, None) for a, b, relation in edges]
    return pd.DataFrame(rows, columns=list(RELATION_COLUMNS))


NO_PAIRS = pairs_of([])


# ------------------------------------------------------------------------------------------------------------- components


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, str, str]]]:
    ids = [f"s{i}" for i in range(draw(st.integers(1, 9)))]
    possible = list(itertools.combinations(ids, 2))
    chosen = draw(st.lists(st.sampled_from(possible), unique=True, max_size=14)) if possible else []
    kinds = st.sampled_from(["touching", "near", "near", "opposite"])
    return ids, [(a, b, draw(kinds)) for a, b in chosen]


def parts(ids: set[str], edges: set[tuple[str, str]]) -> list[set[str]]:
    """Groups of what hangs together, by merging until nothing changes."""
    groups = [{site} for site in ids]
    for a, b in edges:
        joined = [group for group in groups if a in group or b in group]
        groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return groups


@given(graphs(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=25)
def test_taking_away_parts_what_the_measures_say(
    drawn: tuple[list[str], list[tuple[str, str, str]]], random: object
) -> None:
    ids, rows = drawn
    sites, pairs = frame(ids), pairs_of(rows)
    edges = {(a, b) for a, b, relation in rows if relation != "opposite"}
    whole = [group for group in parts(set(ids), edges) if len(group) > 1]
    found = component_measures(sites, pairs)
    assert sorted(map(sorted, whole)) == sorted(map(list, found["sites"]))
    assert [len(group) for group in found["sites"]] == sorted(map(len, whole), reverse=True)
    cuts = {
        s for group in whole for s in group if len(parts(group - {s}, {e for e in edges if set(e) <= group - {s}})) > 1
    }
    bridges = {
        e
        for group in whole
        for e in edges
        if set(e) <= group and len(parts(group, {f for f in edges if f != e and set(f) <= group})) > 1
    }
    assert {s for row in found["articulation_sites"] for s in row} == cuts
    assert {pair for row in found["bridges"] for pair in row} == bridges
    each = site_connections(sites, pairs)
    assert {s for s, cut in each["articulation"].items() if cut} == cuts
    assert {(s, t) for s, row in each["bridge_to"].items() for t in row} == bridges | {(b, a) for a, b in bridges}
    for number, row in found.iterrows():
        assert each.loc[list(row["sites"]), "component"].tolist() == [number] * len(row["sites"])
    assert each["component"].notna().sum() == sum(map(len, whole))
    # the order of rows does not matter
    shuffled, other = list(ids), list(rows)
    random.shuffle(shuffled)
    random.shuffle(other)
    pd.testing.assert_frame_equal(component_measures(frame(shuffled), pairs_of(other)), found)
    pd.testing.assert_frame_equal(site_connections(frame(shuffled), pairs_of(other)).loc[ids], each)
    pd.testing.assert_frame_equal(site_measures(frame(shuffled), pairs_of(other)).loc[ids], site_measures(sites, pairs))


def test_owner_mix_and_area() -> None:
    sites = frame(
        ["a", "b", "c", "d", "e", "f"],
        organisation=["county", "police", "county", "unknown", None, "fire"],
        area_ha=[1.0, 0.5, 0.25, 2.0, np.nan, 4.0],
    )
    found = component_measures(
        sites, pairs_of([("a", "b", "near"), ("b", "c", "near"), ("c", "d", "near"), ("e", "f", "near")])
    )
    assert found["owner_mix"].tolist() == [
        "2 of county, 1 of police, 1 of unknown owner",
        "1 of fire, 1 of unknown owner",
    ]
    assert found["organisations"].tolist() == [("county", "police"), ("fire",)]
    assert found["owners"].tolist() == [2, 1]
    assert found["area_ha"].tolist()[0] == 3.75
    assert np.isnan(found["area_ha"].tolist()[1])
    assert found["sites_with_area"].tolist() == [4, 1]


def test_what_overlaps_counts_once() -> None:
    sites = frame(["a", "b", "c"], [shapely.box(x, 0, x + 100, 100) for x in (0, 50, 150)])
    found = component_measures(sites, adjacent_pairs(sites))
    assert found["area_ha"].tolist() == [2.5]
    assert "organisation" not in sites
    assert found["owner_mix"].tolist() == ["3 of unknown owner"]


def test_a_road_does_not_connect() -> None:
    found = site_connections(frame(["a", "b"]), pairs_of([("a", "b", "opposite")]))
    assert found["component"].tolist() == [None, None]
    assert site_measures(frame(["a", "b"]), pairs_of([("a", "b", "opposite")]))["neighbours"].tolist() == [1, 1]


# ------------------------------------------------------------------------------------------------------------- neighbours


def test_unknown_owners_are_no_other_bodies() -> None:
    sites = frame(["a", "b", "c", "d"], organisation=["county", "unknown", "fire", "county"])
    every = pairs_of([(a, b, "near") for a, b in itertools.combinations("abcd", 2)])
    found = site_measures(sites, every)
    assert found["neighbours"].tolist() == [3, 3, 3, 3]
    assert found["neighbours_of_other_bodies"].tolist() == [1, None, 2, 1]


def test_what_has_no_place_has_no_count() -> None:
    shapes = [SQUARE, shapely.Point(5, 5), shapely.Point(5, 5), None, shapely.Polygon()]
    sites = frame(
        list("abcde"), shapes, precision=["polygon", "point", "postcode", "none", "none"], organisation=["x"] * 5
    )
    assert site_measures(sites, NO_PAIRS)["neighbours"].tolist() == [0, 0, None, None, None]
    assert site_connections(sites, NO_PAIRS)["articulation"].tolist() == [False, False, None, None, None]
    assert site_connections(sites, NO_PAIRS)["bridge_to"].tolist() == [(), (), None, None, None]


# ------------------------------------------------------------------------------------------------------------- the nearest of another body


def nearest(sites: gpd.GeoDataFrame) -> list[tuple[object, object]]:
    found = site_measures(sites, NO_PAIRS)
    return list(zip(found["nearest_same_use_other_body"], found["nearest_same_use_m"].round(6), strict=True))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Fire station", "fire STATION", True),
        ("Library", "Libraries", True),
        ("Offices (headquarters)", "Office", True),
        ("Church", "churches", True),
        ("Youth centre; Library", "Library; Café", True),
        ("Caf\u00e9", "cafe", True),
        ("Fire station", "Police station", False),
        ("Store", "Store and training yard", False),
        ("Business", "Busines", False),
        ("Other", "other", False),
        ("Miscellaneous", "miscellaneous", False),
        ("unknown", "unknown", False),
        (";", ";", False),
        ("", "", False),
        (None, None, False),
        ("図書館", "図書館", True),
    ],
)
def test_uses_that_are_the_same(one: str | None, other: str | None, same: bool) -> None:
    sites = frame(["a", "b"], [SQUARE, shapely.Point(10, 40)], organisation=["x", "y"], use=[one, other])
    assert nearest(sites) == ([("b", 30.0), ("a", 30.0)] if same else [(None, pytest.approx(np.nan, nan_ok=True))] * 2)


@given(st.integers(0, 10_000), st.integers(1, 6), st.booleans())
@settings(deadline=None, max_examples=60)
def test_measuring_every_pair_agrees(seed: int, bodies: int, crowded: bool) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 40))
    at = random.integers(0, 3 if crowded else 400, (n, 2)) * 5.0  # crowded: many lie on one another or equally far
    side = random.choice([5.0, 10.0], n)
    points = random.random(n) < 0.5
    shapes = [
        shapely.Point(x, y) if p else shapely.box(x, y, x + s, y + s)
        for (x, y), s, p in zip(at, side, points, strict=True)
    ]
    for i in np.flatnonzero(random.random(n) < 0.1):
        shapes[i] = None
    owner = [str(name) for name in random.choice([f"b{i}" for i in range(bodies)] + ["unknown"], n)]
    use = [str(name) for name in random.choice(["Library", "Office", "Library; Office", "Depot", ""], n)]
    ids = [f"s{i:02d}" for i in random.permutation(n)]
    sites = frame(ids, shapes, organisation=owner, use=use)
    found = site_measures(sites, NO_PAIRS)
    for i, row in enumerate(found.itertuples()):
        mine = set(use[i].split("; ")) - {""}
        others = [
            (shapely.distance(shapes[i], shapes[j]), ids[j])
            for j in range(n)
            if shapes[i] is not None
            and shapes[j] is not None
            and "unknown" not in {owner[i], owner[j]}
            and owner[i] != owner[j]
            and mine & set(use[j].split("; "))
        ]
        if others:
            assert (row.nearest_same_use_m, row.nearest_same_use_other_body) == min(others)
        else:
            assert row.nearest_same_use_other_body is None
            assert np.isnan(row.nearest_same_use_m)
            assert row.nearest_same_use_basis is None


def test_the_basis_is_the_weaker() -> None:
    shapes = [SQUARE, shapely.box(30, 0, 40, 10), shapely.Point(500, 0), shapely.Point(1100, 0)]
    sites = frame(
        list("abcd"),
        shapes,
        organisation=list("wxyz"),
        use=["Depot"] * 4,
        precision=["polygon", "polygon", "point", "postcode"],
    )
    assert site_measures(sites, NO_PAIRS)["nearest_same_use_basis"].tolist() == [
        "polygon",
        "polygon",
        "point",
        "postcode",
    ]


# ------------------------------------------------------------------------------------------------------------- edges


def test_nothing_gives_frames_with_the_same_columns() -> None:
    empty = frame([])
    for measure, names in (
        (component_measures, COMPONENT_COLUMNS),
        (site_connections, CONNECTION_COLUMNS),
        (site_measures, MEASURE_COLUMNS),
    ):
        found = measure(empty, NO_PAIRS)
        assert list(found.columns) == list(names)
        assert len(found) == 0
    alone = component_measures(frame(["a", "b"]), NO_PAIRS)
    assert list(alone.columns) == list(COMPONENT_COLUMNS)
    assert len(alone) == 0


@pytest.mark.parametrize("measure", [component_measures, site_connections, site_measures])
def test_refusals(measure: object) -> None:
    with pytest.raises(ValueError, match="not among"):
        measure(frame(["a", "b"]), pairs_of([("a", "c", "near")]))
    with pytest.raises(ValueError, match="repeat"):
        measure(frame(["a", "a"]), NO_PAIRS)
    with pytest.raises(ValueError, match="EPSG:4326"):
        measure(frame(["a"]).set_crs(4326, allow_override=True), NO_PAIRS)


def test_arguments_are_not_modified() -> None:
    sites = frame(["a", "b"], [SQUARE, shapely.box(10, 0, 20, 10)], organisation=["x", "y"], use=["Depot", "depot"])
    pairs = adjacent_pairs(sites)
    copies = sites.copy(deep=True), pairs.copy(deep=True)
    for measure in (component_measures, site_connections, site_measures):
        measure(sites, pairs)
    pd.testing.assert_frame_equal(sites, copies[0])
    pd.testing.assert_frame_equal(pairs, copies[1])


def test_every_joint_of_a_long_chain_of_blocks_is_found() -> None:
    """A hundred rings of five, each linked to the next by one pair: 99 bridges, and the sites at both ends of each."""
    edges, ids = [], []
    for block in range(100):
        ring = [f"b{block:03d}-{i}" for i in range(5)]
        ids += ring
        edges += [(min(a, b), max(a, b), "near") for a, b in itertools.pairwise([*ring, ring[0]])]
        if block:
            edges.append((f"b{block - 1:03d}-2", ring[0], "touching"))
    found = component_measures(frame(ids), pairs_of(edges))
    assert len(found) == 1
    assert len(found.loc[1, "bridges"]) == 99
    assert len(found.loc[1, "articulation_sites"]) == 198

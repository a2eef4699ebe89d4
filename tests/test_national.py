"""The made-up national estate of the benchmarks: the same from the same seed, and what it says it holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geopandas as gpd
import national
import pandas as pd
import pytest
import shapely
from county import write_county

import assetplan as ap
from assetplan.schema import table


@pytest.fixture(scope="module")
def estate() -> gpd.GeoDataFrame:
    return national.estate(4_000)


@pytest.fixture(scope="module")
def pairs(estate: gpd.GeoDataFrame) -> pd.DataFrame:
    return ap.adjacent_pairs(estate, roads=national.roads(estate))


def test_the_same_seed_gives_the_same_estate(estate: gpd.GeoDataFrame) -> None:
    pd.testing.assert_frame_equal(national.estate(4_000), estate)
    assert not national.estate(4_000, seed=1)["easting"].equals(estate["easting"])


@pytest.mark.parametrize("sites", [1, 7, 250])
def test_it_has_as_many_sites_as_asked_for(sites: int) -> None:
    assert len(national.estate(sites)) == sites


def test_it_is_a_frame_of_sites(estate: gpd.GeoDataFrame) -> None:
    columns = table("sites")
    assert estate.crs.to_epsg() == 27700
    assert estate.index.name == "site_id"
    assert estate.index.is_unique
    assert estate.index.is_monotonic_increasing
    assert set(estate.columns) - set(columns) == {"campus", "town", "geometry"}
    assert set(estate["status"]) <= set(columns["status"].vocabulary)
    assert set(estate["organisation"]) == {body[0] for body in national.BODIES}
    assert shapely.is_valid(estate.geometry.to_numpy()).all()
    inner = shapely.points(estate["easting"], estate["northing"])
    assert (shapely.distance(inner, estate.geometry.to_numpy()) < 0.02).all()
    assert (estate["area_ha"].notna() == (estate["precision"] == "polygon")).all()


def test_points_polygons_towns_and_countryside_are_in_proportion(estate: gpd.GeoDataFrame) -> None:
    share = estate["precision"].value_counts(normalize=True)
    assert 0.58 < share["polygon"] < 0.67
    assert 0.32 < share["point"] < 0.40
    assert 0.004 < share["postcode"] < 0.02
    towns = estate["town"].value_counts()
    assert 0.1 < towns[-1] / len(estate) < 0.2
    assert towns[0] > 2 * towns.get(9, 0) > 0


def test_the_planted_neighbours_are_there(estate: gpd.GeoDataFrame, pairs: pd.DataFrame) -> None:
    campus = estate["campus"].to_dict()
    pairs = pairs.assign(campus=[campus[a] for a in pairs["site_a"]], other=[campus[b] for b in pairs["site_b"]])
    found = Counter(zip(pairs["relation"], pairs["basis"], strict=True))
    for kind in (("near", "point"), ("near", "polygon"), ("opposite", "polygon"), ("overlapping", "polygon"), ("touching", "polygon")):  # fmt: skip
        assert found[kind] > 10, kind
    touching = pairs[pairs["relation"] == "touching"]
    assert set(pairs["campus"][pairs["relation"] == "overlapping"]) == {
        "overlap"
    }  # nothing overlaps that is not meant to
    assert (touching["campus"] == touching["other"]).all()
    apart = touching[touching["campus"] == "gaps of 2 cm"]["gap_m"]
    assert ((apart > 0.014) & (apart < 0.026)).all()
    assert len(apart) > 50
    assert (touching[touching["campus"] != "gaps of 2 cm"]["gap_m"] < 1e-6).all()
    assert (touching["shared_boundary_m"][touching["campus"] == "corner"] == 0).all()
    assert (touching["shared_boundary_m"][touching["campus"].isin(["terrace", "doughnut"])] > 1).all()
    assert (pairs["gap_m"][(pairs["campus"] == "roads") & (pairs["relation"] == "near")] > 1).any()


@pytest.mark.parametrize(("campus", "of_their_own"), [("T-junctions", True), ("cross", False)])
def test_t_junctions_are_a_corner_on_a_neighbours_straight_line(
    estate: gpd.GeoDataFrame, pairs: pd.DataFrame, campus: str, *, of_their_own: bool
) -> None:
    here = pairs[(pairs["relation"] == "touching") & (estate.loc[pairs["site_a"], "campus"] == campus).to_numpy()]
    assert len(here) > 20
    junctions, shared = 0, 0
    for a, b in zip(estate.geometry[here["site_a"]], estate.geometry[here["site_b"]], strict=True):
        corners = shapely.points(shapely.get_coordinates(a))
        on = shapely.distance(corners, b) < 1e-6
        same = shapely.distance(corners, shapely.multipoints(shapely.get_coordinates(b))) < 1e-6
        junctions += bool((on & ~same).any())
        shared += bool(same.any())
    assert (junctions > 0) == of_their_own
    assert shared > 20


def test_parcels_lie_within_others(estate: gpd.GeoDataFrame, pairs: pd.DataFrame) -> None:
    holed = estate[shapely.get_num_interior_rings(estate.geometry.to_numpy()) == 1]
    assert len(holed) > 5
    around = set(pairs["site_a"]) | set(pairs["site_b"])
    assert set(holed["campus"]) == {"doughnut"}
    assert len(set(holed.index) & around) > 5


def test_a_county_reads_whole(tmp_path: Path) -> None:
    written = write_county(tmp_path / "one", sites=300)
    again = write_county(tmp_path / "two", sites=300)
    pd.testing.assert_frame_equal(written, again)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) == 14
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file

    estate = ap.read_estate(tmp_path / "one")
    sites = ap.sites(estate)
    assert len(estate.registers) == len(national.BODIES)
    assert estate.registers["quarantined"].sum() == 0
    assert estate.quarantined.empty
    assert estate.registers["rows_read"].sum() == len(estate.assets) > len(sites)
    assert 300 <= len(written) <= 310
    assert Counter(sites["organisation"]) == Counter(written["organisation"])
    assert Counter(sites["precision"]) == Counter(written["precision"])
    spots = shapely.points(sites["easting"], sites["northing"])[(sites["precision"] != "postcode").to_numpy()]
    known = written.geometry[written["precision"] != "postcode"]
    assert (
        shapely.STRtree(known.to_numpy()).query_nearest(spots, return_distance=True, all_matches=False)[1] < 2
    ).all()

    read, meant = (ap.adjacent_pairs(frame)["relation"].value_counts() for frame in (sites, written))
    assert read["touching"] == meant["touching"] > 50
    assert read["overlapping"] == meant["overlapping"] > 0

"""OSTN15 both ways, against published points and against osgb's own functions."""

import re

import numpy as np
import osgb
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from osgb import convert

from assetplan.grid import geometries_to_degrees, geometries_to_grid, to_degrees, to_grid

# Ordnance Survey's OSTN15 test point TP31, Caister water tower (ETRS89 longitude, latitude; easting, northing).
CAISTER = (1.716073973, 52.658007833, 651409.804, 313177.450)
LAND = (80_000.0, 10_000.0, 640_000.0, 1_200_000.0)


def some_points(number: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(20100624)
    return random.uniform(LAND[0], LAND[2], number), random.uniform(LAND[1], LAND[3], number)


def test_published_point_both_ways() -> None:
    longitude, latitude, easting, northing = CAISTER
    (e,), (n,) = to_grid(longitude, latitude)
    assert np.hypot(e - easting, n - northing) < 0.02
    (lon,), (lat,) = to_degrees(easting, northing)
    assert abs(lon - longitude) < 3e-7
    assert abs(lat - latitude) < 2e-7


def published() -> np.ndarray:
    """Ordnance Survey's test points of OSTN15 as osgb's documentation gives them: ETRS89 on the pseudo grid, and shifts, metres."""
    points = re.findall(
        r"_at\(([\d.]+), ([\d.]+)\)\)\) # TP\d+\s+(-?[\d.]+) (-?[\d.]+)", convert._find_OSTN_shifts_at.__doc__
    )
    return np.array(points, dtype=float)


def test_published_points_all_over_the_country_both_ways() -> None:
    """The projection is made here by pyproj alone; what is tested is the shift on top of it, to a centimetre."""
    points = published()
    assert len(points) >= 30
    ellipsoidal = pyproj.Proj("+proj=etmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=GRS80")
    longitude, latitude = ellipsoidal(points[:, 0], points[:, 1], inverse=True)
    east, north = points[:, 0] + points[:, 2], points[:, 1] + points[:, 3]
    assert np.hypot(*(np.array(to_grid(longitude, latitude)) - (east, north))).max() < 0.01
    back = np.array(ellipsoidal(*to_degrees(east, north)))
    assert np.hypot(*(back - (points[:, 0], points[:, 1]))).max() < 0.01


def test_agreement_with_osgb_on_a_thousand_points() -> None:
    e, n = some_points(1_000)
    longitude, latitude = to_degrees(e, n)
    theirs = np.array([osgb.grid_to_ll(x, y) for x, y in zip(e, n, strict=True)])
    assert np.abs(latitude - theirs[:, 0]).max() < 1e-6  # 0.1 m
    assert np.abs(longitude - theirs[:, 1]).max() < 1e-6
    back_e, back_n = to_grid(theirs[:, 1], theirs[:, 0])
    there = np.array([osgb.ll_to_grid(lat, lon) for lat, lon in theirs])
    assert np.hypot(back_e - there[:, 0], back_n - there[:, 1]).max() < 0.1
    assert np.hypot(back_e - e, back_n - n).max() < 0.1


@given(st.floats(1_000, 699_000), st.floats(1_000, 1_248_000))
def test_there_and_back(easting: float, northing: float) -> None:
    (e,), (n,) = to_grid(*to_degrees(easting, northing))
    assert np.hypot(e - easting, n - northing) < 0.001


@pytest.mark.parametrize(("longitude", "latitude"), [(-9.9, 53.0), (3.5, 51.0), (-6.0, 62.0), (0.0, 0.0)])
def test_outside_the_rectangle_a_coarser_shift_is_used(longitude: float, latitude: float) -> None:
    (e,), (n,) = to_grid(longitude, latitude)
    assert np.isfinite([e, n]).all()
    (lon,), (lat,) = to_degrees(e, n)
    assert np.hypot(lon - longitude, lat - latitude) < 0.001


def test_what_is_no_number_stays_none_and_harms_no_neighbour() -> None:
    longitude, latitude, easting, northing = CAISTER
    e, n = to_grid([np.nan, longitude, np.inf, 200.0], [52.0, latitude, 52.0, 95.0])
    assert np.isnan(e[[0, 2, 3]]).all()
    assert np.isnan(n[[0, 2, 3]]).all()
    assert np.hypot(e[1] - easting, n[1] - northing) < 0.02
    lon, lat = to_degrees([np.nan, easting], [0.0, northing])
    assert np.isnan([lon[0], lat[0]]).all()
    assert np.isfinite([lon[1], lat[1]]).all()


def test_arguments_are_not_changed_and_no_points_give_no_points() -> None:
    e, n = some_points(5)
    before = e.copy(), n.copy()
    to_degrees(e, n)
    assert (e == before[0]).all()
    assert (n == before[1]).all()
    assert [len(part) for part in (*to_grid([], []), *to_degrees([], []))] == [0, 0, 0, 0]


def test_geometries_lose_their_height_and_keep_their_kind() -> None:
    shapes = np.array(
        [shapely.Point(-0.789, 54.139, 20.0), None, shapely.box(-0.79, 54.13, -0.78, 54.14), shapely.Polygon()],
        dtype=object,
    )
    there = geometries_to_grid(shapes)
    assert [None if shape is None else shape.geom_type for shape in there] == ["Point", None, "Polygon", "Polygon"]
    assert not shapely.has_z(there[0])
    assert 470_000 < there[0].x < 490_000
    back = geometries_to_degrees(there)
    assert shapely.equals_exact(back[2], shapes[2], tolerance=1e-8)

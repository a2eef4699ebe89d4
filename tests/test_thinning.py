"""Outlines with more vertices than a screen can show: simplified for the page alone, and told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pages import PageData, all_text

import assetplan as ap
from assetplan.maps import notes_of
from assetplan.page.shell import page_html
from assetplan.quality_page import quality_map
from assetplan.thinning import OUTLINE_CAP, lightened

if TYPE_CHECKING:
    from pathlib import Path

    import folium


def coast(number: int, radius: float = 400.0, at: tuple[float, float] = (450_000, 450_000)) -> np.ndarray:
    """A ring of bays and headlands, some of which are finer than a metre."""
    around = np.linspace(0, 2 * np.pi, number, endpoint=False)
    out = radius * (1 + 0.1 * np.sin(9 * around) + 0.004 * np.sin(700 * around) + 0.0005 * np.sin(5_003 * around))
    return np.column_stack([at[0] + out * np.cos(around), at[1] + out * np.sin(around)])


def test_a_heavy_outline_is_light_near_and_whole_in_its_rings() -> None:
    heavy = shapely.Polygon(coast(200_000), [coast(30_000, 100)])
    light = lightened(np.array([heavy, None, heavy.envelope], dtype=object))
    shape = light.shapes[0]
    assert light.number == 1
    assert shapely.get_num_coordinates(shape) <= OUTLINE_CAP
    assert shape.is_valid
    assert len(shape.interiors) == 1
    every_tenth = shapely.points(shapely.get_coordinates(heavy)[::10])
    assert shapely.distance(every_tenth, shape.boundary).max() <= light.moved_m < 2
    assert light.shapes[1] is None
    assert light.shapes[2] is not None


def test_an_outline_at_the_cap_stays_vertex_for_vertex() -> None:
    whole = shapely.Polygon(coast(OUTLINE_CAP - 1))  # and the vertex that closes it
    light = lightened(np.array([whole], dtype=object))
    assert shapely.get_coordinates(light.shapes).tolist() == shapely.get_coordinates(whole).tolist()
    assert (light.number, light.in_words("site outline")) == (0, "")


def test_what_would_be_seen_stays_and_is_told_and_takes_no_time() -> None:
    """A saw of 100,000 teeth: to simplify it by its whole length would take minutes, and leave nearly all of it."""
    saw = np.column_stack([np.repeat(np.arange(100_000.0), 2), np.tile([0.0, 500.0], 100_000)])[:-1]
    shape = shapely.Polygon([*saw, (99_999, -100), (0, -100)])
    light = lightened(np.array([shape], dtype=object))
    assert (light.number, light.heavy, light.shapes[0]) == (0, 1, shape)
    assert "drawn so" in light.in_words("site outline")


def test_many_small_parts_are_all_kept() -> None:
    islands = [shapely.Point(30 * (i % 40), 30 * (i // 40)).buffer(10, quad_segs=40) for i in range(1_200)]
    light = lightened(np.array([shapely.MultiPolygon(islands)], dtype=object))
    assert shapely.get_num_geometries(light.shapes[0]) == 1_200
    assert shapely.get_num_coordinates(light.shapes[0]) < 5 * OUTLINE_CAP
    assert light.moved_m <= 1_200 / 2_000


def _halls(folder: Path) -> ap.Estate:
    """Two sites 10 m apart, the first with an outline of 50,000 vertices, and a constraint on it."""
    ring = np.round(coast(50_000), 3)
    east = float(ring[:, 0].max()) + 10

    def feature(ref: str, ring: list[list[float]]) -> dict[str, object]:
        shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        return {"type": "Feature", "properties": {"ref": ref, "name": f"Hall {ref}"}, "geometry": shape}

    square = [[east, 449_900.0], [east + 100, 449_900.0], [east + 100, 450_100.0], [east, 450_100.0]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": [feature("1", ring.tolist()), feature("2", square)]}  # fmt: skip
    (folder / "registers").mkdir()
    (folder / "registers" / "a.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (folder / "estate.toml").write_text(
        'name = "Two halls"\n[organisations.rdc]\n[registers."a.geojson"]\norganisation = "rdc"\n', encoding="utf-8"
    )
    limit = {
        "type": "Feature",
        "properties": {"constraint_id": "c1", "subject": "rdc:1", "kind": "covenant", "state": "yes"},
        "geometry": None,
    }
    (folder / "constraints.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "crs": crs, "features": [limit]}), encoding="utf-8"
    )
    return ap.read_estate(folder)


def _vertices(m: folium.Map) -> list[int]:
    page = PageData(page_html(m))
    return [
        sum(len(ring) for part in parts for ring in part) for _, parts in page.shapes(page.packed["sites"]["shape"])
    ]


def test_the_page_is_light_and_says_so_and_nothing_else_changes(tmp_path: Path) -> None:
    estate = _halls(tmp_path)
    pairs = ap.adjacent_pairs(ap.sites(estate))
    m = ap.map_estate(estate)
    heavy, square = _vertices(m)
    assert heavy < OUTLINE_CAP
    assert square == 4
    site, limit = notes_of(m)
    assert site.startswith(
        f"One site outline has more corners (vertices) than a screen can show, over {OUTLINE_CAP:,},"
    )
    assert limit.startswith("One outline of a constraint has")
    assert "keep them whole" in site
    assert site.split(" The estate")[0] in all_text(page_html(m))
    assert shapely.get_num_coordinates(estate.assets.geometry).max() == 50_001
    assert shapely.get_num_coordinates(ap.sites(estate).geometry).max() == 50_001
    assert ap.adjacent_pairs(ap.sites(estate)).equals(pairs)
    assert pairs["gap_m"].round(2).tolist() == [10.0]


def test_so_is_the_data_quality_page(tmp_path: Path) -> None:
    m = quality_map(_halls(tmp_path))
    assert max(_vertices(m)) < OUTLINE_CAP
    assert "One outline has more corners (vertices)" in all_text(page_html(m))

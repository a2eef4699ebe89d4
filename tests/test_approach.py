"""What is said of a site's road frontage: of each kind of site, of some sites as of all, and nothing where there are no roads."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import assetplan as ap
from assetplan.approach import approaches

MALTON = Path(__file__).parents[1] / "data" / "malton"


@pytest.fixture(scope="module")
def public() -> ap.Estate:
    return ap.read_estate(MALTON).for_audience("public")


def moved(estate: ap.Estate, **shapes: shapely.Geometry) -> ap.Estate:
    """The estate with a few of its sites elsewhere, about one road."""
    frame = ap.sites(estate).iloc[: len(shapes)].copy()
    frame.index = list(shapes)
    frame["name"] = [f"{name} site" for name in shapes]
    frame["precision"] = ["polygon" if shape.geom_type == "Polygon" else "point" for shape in shapes.values()]
    frame = frame.set_geometry(gpd.GeoSeries(list(shapes.values()), index=frame.index, crs=27700))
    roads = gpd.GeoDataFrame(
        {"name": ["High Street"], "kind": ["road"], "class": [None], "source": ["a survey"], "illustrative": [False]},
        geometry=[shapely.LineString([(0, 0), (300, 0)])],
        crs=27700,
    )
    return replace(estate, _sites=frame, roads=roads)


def test_each_kind_of_site_is_told_what_the_roads_tell(public: ap.Estate) -> None:
    """A plot on the road, one behind it, one far off, one by the end of the road, and a point."""
    estate = moved(
        public,
        front=shapely.box(100, 8, 140, 60),
        back=shapely.box(100, 60, 140, 100),
        far=shapely.box(200, 90, 240, 120),
        end=shapely.box(305, -2, 320, 2),
        point=shapely.Point(50, 5),
    )
    said = approaches(estate, ap.sites(estate))
    assert {site: fact["value"] for site, fact in said.items()} == {
        "front": "about 40 m on High Street",
        "back": "faces none of the roads drawn here; the nearest is High Street, 60 m off; could be reached over front site",
        "far": "faces none of the roads drawn here; the nearest is High Street, 90 m off",
        "end": "meets the end or bend of High Street",
        "point": "unknown",
    }
    assert said["point"]["unknown"]
    assert {fact["source"] for fact in said.values()} == {"a survey", ""}
    assert not any(fact["illustrative"] for fact in said.values())


def test_some_sites_are_told_as_among_all(public: ap.Estate) -> None:
    frame = ap.sites(public)
    everything = approaches(public, frame)
    assert {fact["label"] for fact in everything.values()} == {"Road frontage"}
    for some in (frame.iloc[:1], frame.iloc[4:9], frame.loc[["nycc:ILLUS-02", "nycc:NY/0463"]]):
        assert approaches(public, some) == {site: everything[site] for site in some.index}


def test_hand_drawn_roads_mark_what_rests_on_them(public: ap.Estate) -> None:
    said = approaches(public, ap.sites(public))
    assert all(fact["illustrative"] != fact["unknown"] for fact in said.values())
    assert said["police:ILLUS-06"]["source"] == "roads of this estate, from two sources"
    assert said["nycc:ILLUS-08"]["value"] == "about 16 m on a road without a name here"


def test_without_roads_nothing_is_said(public: ap.Estate) -> None:
    only_river = replace(public, roads=public.roads[public.roads["kind"] == "river"])
    assert approaches(only_river, ap.sites(public)) == {}

"""Licences of shapes: for the public a point stands for an outline that may not be published, and no writer leaks one."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
import shapely
from test_estate import TOML, box, estate_of
from test_withheld import geojson, written

import assetplan as ap
from assetplan.grid import to_degrees
from assetplan.licences import BUILT_IN, licence_of
from assetplan.page.shell import page_html
from assetplan.quality import account

MALTON = Path(__file__).parents[1] / "data" / "malton"
HALL = "Ref,Name,Title number,Postcode,Easting,Northing\n1,Hall,T1,,450013,450011\n2,Barn,T2,,450113,450011\n3,Mill,T3,YO17 7HH,,\n"
# Corners nobody would meet by chance, so that a search for their digits means something.
OUTLINE = shapely.Polygon(
    [(450003.37, 450001.91), (450027.43, 450002.59), (450026.71, 450023.83), (450002.17, 450022.13)]
)
ALONE = shapely.Polygon(
    [(450303.37, 450301.91), (450327.43, 450302.59), (450326.71, 450323.83), (450302.17, 450322.13)]
)
FREE = box(100, 0)
LINE = shapely.LineString([(449_907.77, 450_041.39), (450_207.61, 450_043.83)])


def digits_of(shape: Any) -> list[str]:
    """The corners of a shape as any writer may write them: metres in figures and in eight bytes, degrees to six places."""
    out = []
    for x, y in shapely.get_coordinates(shape):
        ((longitude,), (latitude,)) = to_degrees([x], [y])
        pair = (f"{latitude:.6f}".rstrip("0"), f"{longitude:.6f}".rstrip("0"))
        out += [f"{x:.2f}", f"{y:.2f}", *(f"{a}{comma}{b}" for a, b in (pair, pair[::-1]) for comma in (",", ", "))]
        out += [struct.pack("<d", value).decode("latin-1") for value in (x, y)]
    return out


def estate(path: Path, licence: str = "OS MasterMap", toml: str = "", **rest: Any) -> ap.Estate:
    land = [
        ({"parcel_id": "P1", "title_no": "T1", "geometry_licence": licence}, OUTLINE),
        ({"parcel_id": "P2", "title_no": "T2", "geometry_licence": "OGL"}, FREE),
        ({"parcel_id": "P3", "title_no": "T3", "geometry_licence": licence}, ALONE),
    ]
    heads = {"land": land, **rest}
    return estate_of(
        path, {"rdc.csv": HALL}, toml=TOML.replace("readers", "as_of = 2010-06-24\nreaders") + toml, **heads
    )


def holds(text: str, shapes: list[Any]) -> list[str]:
    return [digits for shape in shapes for digits in digits_of(shape) if digits in text]


RESTRICTED_LAYERS = {
    "constraints": [({"constraint_id": "k", "kind": "lock", "state": "yes", "geometry_licence": "PSGA"}, OUTLINE.buffer(3.33, join_style="mitre"))],
    "roads": [({"name": "High Street", "kind": "road", "geometry_licence": "PSGA"}, LINE)],
    "places": [({"name": "Testham", "geometry_licence": "PSGA"}, shapely.Point(450_151.73, 450_161.91)), ({"name": "Othertown"}, box(0, 0).centroid)],
}  # fmt: skip
ALL_RESTRICTED = [OUTLINE, ALONE, *(rows[0][1] for rows in RESTRICTED_LAYERS.values())]


def test_no_writer_leaks_an_outline_to_the_public(tmp_path: Path) -> None:
    full = estate(tmp_path / "estate", **RESTRICTED_LAYERS)
    public = full.for_audience("public")
    out = written(public, tmp_path / "public") + json.dumps(account(public))
    assert not holds(out, ALL_RESTRICTED)
    for frame in (public.assets, public.land, ap.sites(public), public.constraints, public.roads, public.places):
        assert not holds(" ".join(shape.wkt for shape in frame.geometry if shape is not None), ALL_RESTRICTED)
    for reader in ("all", "rdc"):  # those within the agreement see them, so the search above could have found them
        seen = full.for_audience(reader)
        found = holds(written(seen, tmp_path / reader), [OUTLINE])
        assert set(digits_of(OUTLINE)[:2]) | {digits_of(OUTLINE)[2], digits_of(OUTLINE)[6]} <= set(found)
        assert ap.sites(seen).at["rdc:T1", "precision"] == "polygon"


def test_a_point_stands_for_the_outline_and_the_area_stays(tmp_path: Path) -> None:
    full = estate(tmp_path, **RESTRICTED_LAYERS)
    sites, before = ap.sites(full.for_audience("public")), ap.sites(full)
    assert sites["precision"].tolist() == ["point", "polygon", "point"]
    assert sites.index.tolist() == before.index.tolist()
    assert sites["area_ha"].tolist() == before["area_ha"].tolist()
    assert sites["easting"].tolist() == before["easting"].tolist()
    assert sites.geometry.geom_type.tolist() == ["Point", "Polygon", "Point"]
    assert OUTLINE.contains(sites.geometry["rdc:T1"])
    public = full.for_audience("public")
    assert public.land.geometry.geom_type.tolist() == ["Point", "Polygon", "Point"]
    assert public.assets["location_precision"].tolist() == [
        "point",
        "point",
        "point",
    ]  # the third was placed by its land
    assert full.assets["location_precision"].tolist() == ["point", "point", "polygon"]
    assert sites.at["rdc:T1", "constraints"] == ("k",)


def test_rows_of_other_layers_stay_and_lose_their_shape(tmp_path: Path) -> None:
    public = estate(tmp_path, **RESTRICTED_LAYERS).for_audience("public")
    assert public.constraints["constraint_id"].tolist() == ["k"]
    assert public.constraints.geometry.tolist() == [None]
    assert public.roads["name"].tolist() == ["High Street"]
    assert public.roads.geometry.tolist() == [None]
    assert public.places["name"].tolist() == ["Othertown"]
    assert page_html(ap.map_estate(public))


def test_relations_for_the_public_come_from_points(tmp_path: Path) -> None:
    register = "Ref,Name,Title number,Easting,Northing\n1,Hall,T1,450005,450005\n2,Barn,T2,450025,450005\n"
    land = [({"parcel_id": f"P{n}", "title_no": f"T{n}"}, box(20 * (n - 1), 0)) for n in (1, 2)]
    full = estate_of(
        tmp_path, {"rdc.csv": register}, toml=TOML + '[layers.land]\ngeometry_licence = "PSGA"\n', land=land
    )
    assert ap.adjacent_pairs(ap.sites(full))["relation"].tolist() == ["touching"]
    public = full.for_audience("public")
    (pair,) = ap.adjacent_pairs(ap.sites(public)).to_dict("records")
    assert (pair["relation"], pair["basis"], pair["gap_m"]) == ("near", "point", 20.0)
    assert "touching-one-owner" in set(full.issues["code"])
    assert "touching-one-owner" not in set(public.issues["code"])


def test_a_register_may_say_the_licence_of_its_own_shapes(tmp_path: Path) -> None:
    document = json.loads(geojson([{"Ref": "1", "Name": "Hall"}]))
    document["features"][0]["geometry"] = json.loads(shapely.to_geojson(OUTLINE))
    toml = TOML + '[registers."rdc.geojson"]\norganisation = "rdc"\ngeometry_licence = "OS MasterMap"\n'
    full = estate_of(tmp_path / "estate", {"rdc.geojson": json.dumps(document)}, toml=toml)
    public = full.for_audience("public")
    assert not holds(written(public, tmp_path / "public"), [OUTLINE])
    assert ap.sites(public)["precision"].tolist() == ["point"]
    assert ap.sites(full)["precision"].tolist() == ["polygon"]
    assert [issue for issue in full.issues["code"] if issue == "outline-under-licence"] == ["outline-under-licence"]


def test_a_site_partly_under_licence_is_a_point_as_a_whole(tmp_path: Path) -> None:
    """Its outline is that of all its parcels."""
    register = "Ref,Name,Title number\n1,Hall,T1\n"
    land = [
        ({"parcel_id": "P1", "title_no": "T1", "geometry_licence": "PSGA"}, OUTLINE),
        ({"parcel_id": "P2", "title_no": "T1"}, FREE),
    ]
    public = estate_of(tmp_path / "estate", {"rdc.csv": register}, land=land).for_audience("public")
    assert ap.sites(public)["precision"].tolist() == ["point"]
    assert public.land.geometry.geom_type.tolist() == ["Point", "Polygon"]
    assert not holds(written(public, tmp_path / "out"), [OUTLINE])


@pytest.mark.parametrize(
    ("licence", "toml", "drawn"),
    [
        ("", "", "polygon"),
        ("OGL", "", "polygon"),
        ("Open Government Licence v3.0", "", "polygon"),
        ("ODbL", "", "polygon"),
        ("illustrative", "", "polygon"),
        ("os  mastermap", "", "point"),
        ("HMLR INSPIRE", "", "point"),
        ("nobody's", "", "point"),
        ("nobody's", "[licences.\"nobody's\"]\nattribution = \"© nobody\"\npublish = true\n", "polygon"),
        ("OGL", '[licences.OGL]\nattribution = "x"\npublish = false\n', "point"),
        ("OS MasterMap", '[licences."OS MasterMap"]\nattribution = "© AC1"\npublish = true\n', "polygon"),
    ],
)  # fmt: skip
def test_what_each_licence_lets_the_public_see(licence: str, toml: str, drawn: str, tmp_path: Path) -> None:
    full = estate(tmp_path, licence, toml)
    assert ap.sites(full.for_audience("public")).at["rdc:T1", "precision"] == drawn
    assert ("outline-under-licence" in set(full.issues["code"])) == (drawn == "point")
    unknown = licence == "nobody's" and not toml
    for reader in ("all", "public"):
        assert ("unknown-licence" in set(full.for_audience(reader).issues["code"])) == unknown


def test_a_row_states_its_licence_before_its_layer(tmp_path: Path) -> None:
    full = estate(tmp_path, "", '[layers.land]\ngeometry_licence = "OS MasterMap"\n')
    sites = ap.sites(full.for_audience("public"))
    assert sites["precision"].tolist() == ["point", "polygon", "point"]


def test_attributions_are_those_of_what_is_drawn_for_the_reader(tmp_path: Path) -> None:
    roads = [({"name": "High Street", "kind": "road", "geometry_licence": "OS OpenData"}, LINE)]
    hidden = [({"name": "Testham", "audience": "nycc", "geometry_licence": "ODbL"}, box(0, 0).centroid)]
    full = estate(tmp_path, roads=roads, places=hidden)
    ogl = "Contains public sector information licensed under the Open Government Licence v3.0"
    os_open = "Contains OS data © Crown copyright and database right 2010"
    mastermap = "© Crown copyright and database rights 2010 Ordnance Survey AC number to be given"
    osm = "© OpenStreetMap contributors, Open Database Licence"
    assert full.attributions == tuple(sorted((ogl, os_open, mastermap, osm)))
    assert full.for_audience("rdc").attributions == tuple(sorted((ogl, os_open, mastermap)))
    restricted = estate(tmp_path / "less", roads=RESTRICTED_LAYERS["roads"], licence="OGL").for_audience("public")
    assert restricted.attributions == (ogl,)  # the road is not drawn


def test_hostile_names_and_attributions_stay_text(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script> {year} {0}"
    full = estate(tmp_path, "<b>x</b>", f'[licences."<b>x</b>"]\nattribution = "{bad}"\npublish = true\n')
    assert bad.replace("{", "(").replace("}", ")") in full.attributions
    assert "<script>alert(1)" not in page_html(ap.map_estate(full))
    assert "<b>x</b>" not in page_html(ap.map_estate(estate(tmp_path / "2", "<b>x</b>")))


def test_wrong_entries_are_refused(tmp_path: Path) -> None:
    for number, (toml, message) in enumerate(
        (
            ("[layers.lnd]\ngeometry_licence = 'OGL'\n", "Did you mean 'land'"),
            ("[layers.land]\nlicence = 'OGL'\n", "Did you mean 'geometry_licence'"),
            ("[licences.mine]\nattribution = 'x'\n", "publish: true or false"),
            ("[licences.mine]\npublished = true\n", "Did you mean 'publish'"),
        )
    ):
        with pytest.raises(ap.EstateError, match=message):
            estate(tmp_path / str(number), toml=toml)


def test_every_licence_known_here_is_found_by_its_name() -> None:
    assert all(licence_of(licence.name, {}) is licence for licence in BUILT_IN)


def test_malton_says_under_what_its_shapes_are() -> None:
    public = ap.read_estate(MALTON).for_audience("public")
    assert set(public.land["geometry_licence"]) == {"illustrative"}
    assert set(public.roads["geometry_licence"]) == {"illustrative"}
    assert "polygon" in set(ap.sites(public)["precision"])
    assert public.attributions == ()

"""Why assets and parcels are one site: the links kept, overrides that outlive a register, and land as it is really drawn."""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from test_estate import HALL, HEAD, TOML, box, estate_of
from typer.testing import CliRunner

import assetplan as ap
from assetplan.cli import app
from assetplan.holding import UNKNOWN, holding_of, look_ups, shape_of
from assetplan.merging import HALF, members_of, merge
from assetplan.outlines import SLIVER_M2, SLIVER_WIDTH_M, are_slivers
from assetplan.overrides import Override
from assetplan.schema import table
from assetplan.site import form_sites

if TYPE_CHECKING:
    from pathlib import Path


def drawn(rows: list[tuple[dict[str, Any], Any]]) -> str:
    """A register of outlines as GeoJSON."""
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    features = [
        {"type": "Feature", "properties": row, "geometry": json.loads(shapely.to_geojson(shape))} for row, shape in rows
    ]
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})


def members(estate: ap.Estate) -> list[tuple[str, ...]]:
    return sorted((*row["assets"], *row["parcels"]) for row in ap.sites(estate).to_dict("records"))


def codes(estate: ap.Estate, *wanted: str) -> list[str]:
    return [f"{i['code']} {i['row']}" for i in estate.issues.to_dict("records") if i["code"] in wanted]


TITLES = HALL.replace(",T2,", ",T1,") + "3,Store,T1,450205,450005,Freehold,\n"


# ------------------------------------------------------------------------------------------------------- the links kept


def test_each_link_says_what_joins_whom_and_who_says_so(tmp_path: Path) -> None:
    text = TITLES + "4,Yard,,450305,450005,Freehold,\n5,Kiosk,,450307,450007,Freehold,\n"
    facts = "f1,asset,rdc:4,same_as,rdc:1,public,The estates manager,2020-01-01,\n"
    facts += "f2,asset,rdc:3,title_no,T1,public,Land Registry,2020-01-01,\n"
    land = [({"parcel_id": "P", "source": "drawn by hand"}, box(300, 0))]
    estate = estate_of(tmp_path, {"rdc.csv": text.replace("Store,T1", "Store,")}, facts=facts, land=land)
    links = ap.site_evidence(estate)
    assert list(links.columns) == list(table("links"))
    assert members(estate) == [("rdc:1", "rdc:2", "rdc:3", "rdc:4", "rdc:5", "P")]
    assert links.drop(columns=["site_id"]).values.tolist() == [
        ["rdc:1", "asset", "rdc:4", "asset", "fact", "fact f1 says rdc:4 is one site with rdc:1", "The estates manager"],
        ["rdc:1", "asset", "rdc:2", "asset", "title", "share title T1", "rdc.csv, line 2; rdc.csv, line 3"],
        ["rdc:1", "asset", "rdc:3", "asset", "title", "share title T1", "rdc.csv, line 2; rdc.csv, line 4; fact f2"],
        ["P", "parcel", "rdc:4", "asset", "parcel", "rdc:4 stands on parcel P: its point lies in the parcel",
         "land: drawn by hand; rdc.csv, line 5"],
        ["P", "parcel", "rdc:5", "asset", "parcel", "rdc:5 stands on parcel P: its point lies in the parcel",
         "land: drawn by hand; rdc.csv, line 6"],
    ]  # fmt: skip
    assert ap.why_one_site(estate, "rdc:2", "rdc:5").splitlines() == [
        "rdc:2 and rdc:5 are one site, rdc:T1:",
        "rdc:2 and rdc:1: share title T1.",
        "rdc:1 and rdc:4: fact f1 says rdc:4 is one site with rdc:1; The estates manager.",
        "rdc:4 and P: rdc:4 stands on parcel P: its point lies in the parcel.",
        "P and rdc:5: rdc:5 stands on parcel P: its point lies in the parcel.",
    ]


def test_why_two_sites_are_not_one(tmp_path: Path) -> None:
    """rdc P | nycc Q | 0.5 m | rdc R over rdc S by a fifth; and a barn without a place."""
    rows = [
        ({"Ref": "1", "Tenure": "Freehold"}, box(0, 0)),
        ({"Ref": "2", "Tenure": "Freehold"}, box(40.5, 0)),
        ({"Ref": "3", "Tenure": "Freehold"}, box(56.5, 0)),
    ]
    register = "Ref,Name,Title number,Easting,Northing,Tenure\n8,Hut,,,,Freehold\n9,Mast,,450100,450000,Freehold\n"
    estate = estate_of(
        tmp_path,
        {"rdc.geojson": drawn(rows), "nycc.geojson": drawn([({"Ref": "1", "Tenure": "Freehold"}, box(20, 0))]),
         "x.csv": register},
        toml=TOML + '[registers."x.csv"]\norganisation = "rdc"\n',
    )  # fmt: skip
    told = ap.why_one_site(estate, "rdc:1", "nycc:1")
    assert "rdc:1 and nycc:1 are two sites." in told
    assert "Their owners differ: rdc and nycc." in told
    assert "They only touch (gap 0.00 m)" in told
    assert "They lie 20.5 m apart." in ap.why_one_site(estate, "rdc:1", "rdc:2")
    assert "overlap by 80 m2, 20% of the smaller" in ap.why_one_site(estate, "rdc:2", "rdc:3")
    assert "one of them has no place" in ap.why_one_site(estate, "rdc:8", "rdc:3")
    assert "measured from a point" in ap.why_one_site(estate, "rdc:9", "rdc:3")
    assert "same_as, from rdc:2 to rdc:3" in ap.why_one_site(estate, "rdc:2", "rdc:3")


def test_who_is_on_no_site_is_said_and_who_is_unknown_is_guessed(tmp_path: Path) -> None:
    text = "Site reference,Name and address,OwnershipStatus,GeoX,GeoY,PlanningStatus,PermissionType\n"
    text += "BLR1,Mill,not owned by a public authority,450100,450000,permissioned,full\n"
    toml = TOML + '[registers."plan.csv"]\norganisation = "rdc"\nkind = "planning"\n'
    estate = estate_of(
        tmp_path, {"rdc.csv": HALL, "plan.csv": text}, toml=toml, land=[({"parcel_id": "Q"}, box(900, 0))]
    )
    (mill,) = [asset for asset in estate.assets.index if estate.assets.at[asset, "kind"] == "planning"]
    assert "is on no site: it stands in a planning register" in ap.why_one_site(estate, mill, "rdc:1")
    assert "Parcel Q is on no site" in ap.why_one_site(estate, "rdc:1", "Q")
    with pytest.raises(ap.SubjectError, match="Did you mean rdc:1"):
        ap.why_one_site(estate, "rcd:1", "rdc:2")
    assert ap.why_one_site(estate, "hall", "rdc:1") == "rdc:T1 and rdc:1 are one site, rdc:T1: one asset by itself."


def test_evidence_is_only_what_the_reader_may_see(tmp_path: Path) -> None:
    """The public is told of neither fact, nor that anything holds them together or apart."""
    facts = (
        "f1,asset,rdc:1,same_as,rdc:2,rdc,Secret memo,2020-01-01,\nf2,asset,rdc:1,not_same_as,rdc:3,rdc,Secret memo,,\n"
    )
    text = HALL + "3,Store,T1,450205,450005,Freehold,\n"
    estate = estate_of(tmp_path / "full", {"rdc.csv": text}, facts=facts)
    assert ap.site_evidence(estate)["source"].tolist() == ["Secret memo"]
    assert "Kept apart: fact f2" in ap.why_one_site(estate, "rdc:1", "rdc:3")
    public = estate.for_audience("public")
    less = estate_of(tmp_path / "less", {"rdc.csv": text})
    pd.testing.assert_frame_equal(ap.site_evidence(public), ap.site_evidence(less))
    for a, b in itertools.combinations(("rdc:1", "rdc:2", "rdc:3"), 2):
        told = ap.why_one_site(public, a, b)
        assert told == ap.why_one_site(less, a, b)
        assert "Secret" not in told
        assert "f2" not in told


@pytest.mark.parametrize("named", ["T9", "title T9", "rdc:T9", "uprn 99", "00099"])
def test_an_override_that_names_what_only_a_sensitive_row_carries_is_withheld_with_it(
    named: str, tmp_path: Path
) -> None:
    text = "Ref,Name,Title number,UPRN,Use,Easting,Northing,Tenure\n1,Hall,T1,11,Office,450005,450005,Freehold\n"
    text += "2,Quiet Lodge,T9,99,Children's home,450105,450005,Freehold\n"
    for number, fact in enumerate(
        (f"f,site,{named},same_as,T1,public,me,,\n", f"f,site,T1,not_same_as,{named},public,me,,\n")
    ):
        estate = estate_of(tmp_path / str(number), {"rdc.csv": text}, facts=fact)
        assert len(estate.facts) == 1
        public = estate.for_audience("public")
        assert public.facts.empty
        assert public.quarantined.empty
        assert "facts.csv" not in set(public.issues["file"])


def test_the_public_is_told_no_measure_of_an_outline_under_licence(tmp_path: Path) -> None:
    rows = [({"Ref": n, "Tenure": "Freehold"}, box(x, 0)) for n, x in (("1", 0), ("2", 5))]
    rows += [({"Ref": "3", "Tenure": "Freehold"}, box(24, 0))]
    toml = TOML + '[registers."rdc.geojson"]\norganisation = "rdc"\ngeometry_licence = "OS MasterMap"\n'
    estate = estate_of(tmp_path, {"rdc.geojson": drawn(rows)}, toml=toml)
    assert ap.site_evidence(estate)["reason"].tolist() == ["75% of the smaller of their land lies in the larger"]
    assert codes(estate, "overlap-one-owner") == ["overlap-one-owner rdc:1; rdc:3"]
    public = estate.for_audience("public")
    assert ap.site_evidence(public)["reason"].tolist() == ["overlap by half or more of the smaller"]
    assert not codes(public, "overlap-one-owner", "touching-one-owner")


def test_the_command_tells_the_trail_and_the_why(tmp_path: Path) -> None:
    facts = "f1,asset,rdc:1,not_same_as,rdc:3,public,The manager,2020-01-01,\n"
    estate_of(tmp_path, {"rdc.csv": TITLES}, facts=facts, interests="i,rdc:1,rdc,freehold,the deeds\n")

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["sites", str(tmp_path), *arguments])

    told = run("rdc:1").output
    for said in ("asset rdc:1; rdc.csv, line 2; Hall; title T1", "rdc:1 and rdc:2: share title T1 [rdc.csv, line 2; rdc.csv, line 3]",
                 "Held by: rdc", "freehold of rdc:1: rdc [the deeds]", "rdc:1 and rdc:3: fact f1 [The manager]"):  # fmt: skip
        assert said in told
    assert (
        "Kept apart: fact f1 says that rdc:1 and rdc:3 are not one site (The manager)." in run("rdc:1", "rdc:3").output
    )
    (link,) = json.loads(run("rdc:1", "--format", "json").output)
    assert (link["member"], link["other"], link["rule"]) == ("rdc:1", "rdc:2", "title")
    (answer,) = json.loads(run("rdc:2", "rdc:3", "--format", "json").output)
    assert (answer["one_site"], answer["site_a"], answer["site_b"]) == (False, "rdc:1", "rdc:3")
    assert isinstance(run("rdc:nope").exception, ap.SubjectError)
    assert len(json.loads(run("--format", "json").output)) == 2


# ------------------------------------------------------------------------------------------------------- overrides


REGISTER_OF_RDC = '[registers."rdc.csv"]\norganisation = "rdc"\n'
REGISTER = "Name,Title number,UPRN,Easting,Northing,Tenure,Running cost\n"
ROWS = {
    "Hall": "Hall,T1,,450005,450005,Freehold,{}\n",
    "Annexe": "Annexe,,77,450105,450005,Freehold,{}\n",
    "Barn": "Barn,T2,,450205,450005,Freehold,{}\n",
    "Shed": "Shed,T2,,450225,450005,Freehold,{}\n",
    "Kiosk": "Kiosk,,88,450305,450005,Freehold,{}\n",
}
FACTS = "f1,site,T1,same_as,000077,public,me,2020-01-01,\nf2,site,title T2,not_same_as,uprn 77,public,me,2020-01-01,\n"
FACTS += "f3,site,88,same_as,T1,public,me,2019-01-01,\n"


def names_of(estate: ap.Estate) -> list[list[str]]:
    called = estate.assets["name"]
    return sorted(sorted(called[asset] for asset in assets) for assets in ap.sites(estate)["assets"])


def test_overrides_by_title_and_uprn_hold_in_next_years_register(tmp_path: Path) -> None:
    """No row has a reference, so that every identifier changes with the costs; titles and UPRNs stay."""
    this = estate_of(
        tmp_path / "this", {"rdc.csv": REGISTER + "".join(r.format(100) for r in ROWS.values())}, facts=FACTS
    )
    assert names_of(this) == [["Annexe", "Hall", "Kiosk"], ["Barn", "Shed"]]
    later = [ROWS[name].format(cost) for name, cost in (("Shed", 7), ("Annexe", 8), ("Hall", 9), ("Barn", 10))]
    later.insert(1, "New block,T1,,450007,450007,Freehold,5\n")
    after = estate_of(tmp_path / "next", {"rdc.csv": REGISTER + "".join(later)}, facts=FACTS)
    assert not set(this.assets.index) & set(after.assets.index)
    assert names_of(after) == [["Annexe", "Hall", "New block"], ["Barn", "Shed"]]
    (lost,) = after.issues[after.issues["code"] == "unknown-subject"].to_dict("records")
    assert (lost["file"], lost["row"], lost["column"], lost["value"]) == ("facts.csv", "f3", "subject", "88")
    assert "name its title, UPRN or site reference" in lost["message"]
    assert after.quarantined["row"].tolist() == ["f3"]


def test_an_override_by_a_hash_that_is_gone_is_told(tmp_path: Path) -> None:
    def folder(name: str, cost: int, facts: str = "") -> ap.Estate:
        return estate_of(
            tmp_path / name, {"rdc.csv": REGISTER + "".join(r.format(cost) for r in ROWS.values())}, facts=facts
        )

    ids = {row["name"]: asset for asset, row in folder("bare", 1).assets.iterrows()}
    facts = f"f1,asset,{ids['Hall']},same_as,{ids['Annexe']},public,me,,\n"
    assert ["Annexe", "Hall"] in names_of(folder("now", 1, facts))
    after = folder("then", 2, facts)
    assert ["Annexe"] in names_of(after)
    assert codes(after, "unknown-subject") == ["unknown-subject f1"]


@pytest.mark.parametrize(
    ("subject", "value", "code"),
    [
        ("S1", "rdc:1", "ambiguous-subject"),  # a site reference of two organisations
        ("site reference S1", "rdc:1", "ambiguous-subject"),
        ("T5", "rdc:1", "ambiguous-subject"),  # a title and a site reference
        ("title T5", "rdc:1", ""),
        ("site reference T5", "rdc:1", ""),
        ("nycc:S1", "rdc:1", ""),
        ("rdc:title", "rdc:1", "unknown-subject"),
        ("title S1", "rdc:1", "unknown-subject"),
        ("uprn odd", "rdc:1", "unknown-subject"),
        ("", "rdc:1", "unknown-subject"),
        ("rdc:1", "rdc:1", "names-itself"),
        ("T1", "rdc:1", "names-itself"),
    ],
)
@pytest.mark.parametrize("field", ["same_as", "not_same_as"])
def test_a_name_that_may_mean_several_things_is_refused(
    field: str, subject: str, value: str, code: str, tmp_path: Path
) -> None:
    head = "Ref,Site ref,Name,Title number,Easting,Northing,Tenure\n"
    rdc = (
        head
        + "1,,Hall,T1,450005,450005,Freehold\n2,S1,Barn,,450105,450005,Freehold\n3,T5,Shed,,450205,450005,Freehold\n"
    )
    nycc = head + "1,S1,Library,,450305,450005,Freehold\n2,,Depot,T5,450405,450005,Freehold\n"
    columns = 'columns = {"Site ref" = "site_reference"}\n'
    toml = TOML + "".join(f'[registers."{body}.csv"]\norganisation = "{body}"\n{columns}' for body in ("rdc", "nycc"))
    estate = estate_of(
        tmp_path, {"rdc.csv": rdc, "nycc.csv": nycc}, toml=toml, facts=f"f,site,{subject},{field},{value},public,me,,\n"
    )
    told = [issue for issue in estate.issues.to_dict("records") if issue["file"] == "facts.csv"]
    assert [issue["code"] for issue in told] == ([code] if code else [])
    assert len(estate.quarantined) == bool(code)
    joined = [group for group in members(estate) if "rdc:1" in group]
    assert (len(joined[0]) > 1) == (field == "same_as" and not code)


def test_an_override_about_what_is_no_site_is_told(tmp_path: Path) -> None:
    facts = "f1,asset,rdc:1,same_as,rdc:2,public,me,,\nf2,organisation,rdc,same_as,rdc:1,public,me,,\n"
    facts += "f3,asset,rdc:2,ownership,private,public,me,2020-01-01,\nf4,estate,x,not_same_as,rdc:1,public,me,,\n"
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, facts=facts)
    assert members(estate) == [("rdc:1",)]
    assert codes(estate, "override-reaches-no-site") == ["override-reaches-no-site f1"]
    assert set(estate.quarantined["row"]) == {"f2", "f4"}


def test_the_weaker_link_of_a_chain_is_refused(tmp_path: Path) -> None:
    """1 and 2 share a title, 2 and 3 a UPRN, 1 is kept from 3: the title holds, the UPRN does not, in any order of rows."""
    head = "Ref,Title number,UPRN,Easting,Northing,Tenure\n"
    rows = ["1,T1,,450005,450005,Freehold\n", "2,T1,77,450105,450005,Freehold\n", "3,,77,450205,450005,Freehold\n"]
    for number, order in enumerate(itertools.permutations(rows)):
        estate = estate_of(
            tmp_path / str(number),
            {"rdc.csv": head + "".join(order)},
            facts="f,asset,rdc:3,not_same_as,rdc:1,public,me,,\n",
        )
        assert members(estate) == [("rdc:1", "rdc:2"), ("rdc:3",)]
        (issue,) = estate.issues[estate.issues["code"] == "kept-apart"].to_dict("records")
        assert issue["row"] == "rdc:1; rdc:3"
        assert (
            "by fact f although assets and parcels share UPRN 77: rdc:2 is not joined to rdc:3 by it"
            in issue["message"]
        )
        assert "which fact f forbids" in ap.why_one_site(estate, "rdc:2", "rdc:3")


def test_not_same_as_beats_overlap_and_same_as_and_the_greater_share_holds(tmp_path: Path) -> None:
    """1 |--2--| 3: 2 shares 60% of its width with 1, then with 3 as well; 1 is kept from 3."""
    rows = [({"Ref": "1"}, box(0, 0, 40)), ({"Ref": "2"}, box(26, 0)), ({"Ref": "3"}, box(35, 0, 40))]
    apart = "f,asset,rdc:1,not_same_as,rdc:3,public,me,,\n"
    estate = estate_of(tmp_path / "a", {"rdc.geojson": drawn(rows)}, facts=apart)
    assert members(estate) == [("rdc:1", "rdc:2"), ("rdc:3",)]
    rows[1] = ({"Ref": "2"}, box(29, 0))
    estate = estate_of(tmp_path / "b", {"rdc.geojson": drawn(rows)}, facts=apart)
    assert members(estate) == [("rdc:1",), ("rdc:2", "rdc:3")]
    both = estate_of(tmp_path / "c", {"rdc.csv": HALL}, facts="f,asset,rdc:1,not_same_as,rdc:2,public,me,2010-01-01,\n"
                     "g,asset,rdc:2,same_as,rdc:1,public,me,2020-01-01,\n")  # fmt: skip
    assert members(both) == [("rdc:1",), ("rdc:2",)]
    assert codes(both, "kept-apart") == ["kept-apart rdc:1; rdc:2"]


# ------------------------------------------------------------------------------------------------------- real cadastre


def test_slivers_are_kept_and_told_and_catch_no_points(tmp_path: Path) -> None:
    """The hall's point lies in a strip of 0.4 m between two parcels; the barn's title is that of another strip."""
    land = [
        ({"parcel_id": "P"}, box(-15, 0, 19.8)), ({"parcel_id": "strip"}, box(4.8, 0, 0.4)), ({"parcel_id": "Q"}, box(5.2, 0)),
        ({"parcel_id": "ransom", "title_no": "T2"}, box(105, 0, 0.4)), ({"parcel_id": "crumb"}, box(300, 0, 0.9, 0.9)),
    ]  # fmt: skip
    facts = "f,parcel,crumb,note,Left over,public,me,2020-01-01,\n"
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, land=land, facts=facts)
    assert members(estate) == [("crumb",), ("rdc:1",), ("rdc:2", "ransom")]
    assert codes(estate, "sliver") == ["sliver crumb", "sliver ransom", "sliver strip"]
    assert len(estate.land) == 5


@given(st.floats(0.05, 30), st.floats(0.05, 300))
def test_a_rectangle_is_a_sliver_by_its_own_width(width: float, length: float) -> None:
    mean = width * length / (width + length)
    (thin,) = are_slivers(np.array([shapely.box(0, 0, width, length)], dtype=object))
    if abs(width * length - SLIVER_M2) > 1e-6 and abs(mean - SLIVER_WIDTH_M) > 1e-6:
        assert thin == (width * length < SLIVER_M2 or mean < SLIVER_WIDTH_M)


def test_two_parcels_of_one_outline(tmp_path: Path) -> None:
    """One owner: one site. Two owners, or nobody's: kept, told, and the relation is overlapping."""
    turned = shapely.Polygon([*box(100, 0).exterior.coords[2:], *box(100, 0).exterior.coords[1:3]])
    land = [
        ({"parcel_id": "P1", "title_no": "T1"}, box(0, 0)), ({"parcel_id": "P2", "title_no": "T9"}, box(0, 0)),
        ({"parcel_id": "Q1", "title_no": "T2"}, box(100, 0)), ({"parcel_id": "Q2", "title_no": "T8"}, turned),
        ({"parcel_id": "R1"}, box(500, 0)), ({"parcel_id": "R2"}, box(500, 0)),
    ]  # fmt: skip
    head = "Ref,Name,Title number,Tenure\n"
    rdc = head + "1,Hall,T1,Freehold\n3,Annexe,T9,Freehold\n2,Barn,T2,Freehold\n"
    estate = estate_of(tmp_path, {"rdc.csv": rdc, "nycc.csv": head + "1,Depot,T8,Freehold\n"}, land=land)
    assert members(estate) == [("nycc:1", "Q2"), ("rdc:1", "rdc:3", "P1", "P2"), ("rdc:2", "Q1")]
    assert codes(estate, "same-outline") == ["same-outline R1; R2", "same-outline nycc:T8; rdc:T2"]
    (pair,) = ap.adjacent_pairs(ap.sites(estate)).to_dict("records")
    assert (pair["site_a"], pair["site_b"], pair["relation"]) == ("nycc:T8", "rdc:T2", "overlapping")


def test_a_hair_between_parcels_of_one_site_adds_no_area_and_scatters_nothing(tmp_path: Path) -> None:
    land = [({"parcel_id": f"P{n}", "title_no": "T1"}, box(n * 20.05, 0)) for n in range(3)]
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, land=[*land, ({"parcel_id": "Q", "title_no": "T2"}, box(60.14, 0))])
    site = ap.sites(estate).loc["rdc:T1"]
    assert site["area_ha"] == 0.12
    assert site["geometry"].area == pytest.approx(1200, abs=1e-6)
    assert not codes(estate, "scattered-site")
    (pair,) = ap.adjacent_pairs(ap.sites(estate)).to_dict("records")
    assert (pair["relation"], pair["shared_boundary_m"]) == ("touching", pytest.approx(20, abs=0.2))


@pytest.mark.parametrize(("away", "told"), [(249.0, 0), (251.0, 1), (3000.0, 1)])
def test_a_site_in_two_places_is_told_how_far_apart_they_lie(away: float, told: int, tmp_path: Path) -> None:
    land = [
        ({"parcel_id": "P1", "title_no": "T1"}, box(0, 0)),
        ({"parcel_id": "P2", "title_no": "T1"}, box(20 + away, 0)),
    ]
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, land=land)
    assert ("rdc:1", "P1", "P2") in members(estate)
    found = estate.issues[estate.issues["code"] == "scattered-site"]
    assert len(found) == told
    if told:
        assert found["value"].tolist() == [f"{away:,.0f} m"]
        assert "share title T1" in found["message"].iat[0]


def test_a_ring_that_touches_itself_is_mended_and_told_and_one_that_crosses_is_set_aside(tmp_path: Path) -> None:
    """A square with a spike of no width lies beside the barn's; a bow-tie has no area of its own."""
    corners = [
        (450_000, 450_000),
        (450_020, 450_000),
        (450_020, 450_020),
        (450_020, 450_030),
        (450_020, 450_020),
        (450_000, 450_020),
    ]
    bow = [(450_300, 450_000), (450_320, 450_020), (450_320, 450_000), (450_300, 450_020)]
    land = [({"parcel_id": "P", "title_no": "T1"}, shapely.Polygon(corners)), ({"parcel_id": "Q", "title_no": "T2"}, box(20, 0)),
            ({"parcel_id": "R", "title_no": "T3"}, shapely.Polygon(bow))]  # fmt: skip
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, land=land)
    assert codes(estate, "shape-mended") == ["shape-mended P"]
    assert estate.land.geometry.geom_type.tolist() == ["Polygon", "Polygon"]
    assert estate.quarantined[["row", "reason"]].values.tolist() == [["R", "the shape crosses itself"]]
    assert ap.sites(estate).at["rdc:T1", "area_ha"] == 0.04
    (pair,) = ap.adjacent_pairs(ap.sites(estate)).to_dict("records")
    assert (pair["relation"], pair["shared_boundary_m"]) == ("touching", pytest.approx(20, abs=0.2))
    assert "[" not in estate.issues["value"].str.cat()  # no coordinate of an outline


def test_a_small_overlap_of_one_owner_is_told_and_not_merged(tmp_path: Path) -> None:
    rows = [({"Ref": "1"}, box(0, 0)), ({"Ref": "2"}, box(18, 0)), ({"Ref": "3"}, box(37.99, 0))]
    estate = estate_of(tmp_path, {"rdc.geojson": drawn(rows)})
    assert len(ap.sites(estate)) == 3
    assert codes(estate, "overlap-one-owner", "touching-one-owner") == [
        "overlap-one-owner rdc:1; rdc:2",
        "touching-one-owner rdc:2; rdc:3",
    ]


# ------------------------------------------------------------------------------------------------------- building and land


OFFICE = "Ref,Name,Tenure\n"


def on_land(path: Path, building: Any, *parcels: Any, **more: Any) -> ap.Estate:
    """nycc's building over rdc's parcels, whose freehold interests.csv gives."""
    land = [({"parcel_id": f"P{n}"}, parcel) for n, parcel in enumerate(parcels, start=1)]
    interests = "".join(f"i{n},P{n},rdc,freehold,the deeds\n" for n in range(1, len(parcels) + 1))
    return estate_of(path, {"nycc.geojson": drawn([({"Ref": "1", "Name": "Library"}, building)])}, land=land,
                     interests=interests, **more)  # fmt: skip


@pytest.mark.parametrize("over", [0.0, 0.03, 0.5, 3.9])
def test_a_building_is_on_the_land_under_it_though_its_wall_is_drawn_over_the_edge(over: float, tmp_path: Path) -> None:
    """Of the 8 m of the building `over` lie on the neighbour's parcel."""
    estate = on_land(tmp_path, box(12 + over, 5, 8, 8), box(0, 0), box(20, 0))
    assert members(estate) == [("P2",), ("nycc:1", "P1")]
    site = ap.sites(estate).loc["rdc:P1"]
    assert (site["organisation"], site["occupiers"]) == ("rdc", ("nycc",))
    pairs = ap.adjacent_pairs(ap.sites(estate))
    assert pairs[["site_a", "site_b"]].values.tolist() == [["rdc:P1", "rdc:P2"]]


def test_a_building_half_on_each_of_two_parcels_joins_both(tmp_path: Path) -> None:
    estate = on_land(tmp_path, box(16, 5, 8, 8), box(0, 0), box(20, 0))
    assert members(estate) == [("nycc:1", "P1", "P2")]
    assert ap.adjacent_pairs(ap.sites(estate)).empty
    assert "half or more of its outline lies in the parcel" in ap.why_one_site(estate, "P1", "P2")


def test_an_outline_takes_in_the_parcels_it_covers_unless_somebody_else_is_there(tmp_path: Path) -> None:
    """rdc's outline of 100 m covers five parcels; nycc stands on the second, by its title."""
    land = [({"parcel_id": f"P{n}", "title_no": f"T{n}"}, box(20 * n, 0)) for n in range(5)]
    nycc = "Ref,Name,Title number,Tenure\n1,Library,T1,Freehold\n"
    estate = estate_of(
        tmp_path,
        {"rdc.geojson": drawn([({"Ref": "1", "Tenure": "Freehold"}, box(0, 0, 89))]), "nycc.csv": nycc},
        land=land,
    )
    assert members(estate) == [("nycc:1", "P1"), ("rdc:1", "P0", "P2", "P3")]
    assert ap.adjacent_pairs(ap.sites(estate))["relation"].tolist() == ["overlapping"]


def test_a_point_is_on_the_smallest_land_of_its_owner_it_lies_in(tmp_path: Path) -> None:
    """2 and 3 stand inside rdc's land, 3 inside the smaller; 4 on its edge; nycc's 1 inside, but whose land it is on is not said."""
    rows = [
        ({"Ref": "park", "Tenure": "Freehold"}, box(0, 0, 100, 100)),
        ({"Ref": "yard", "Tenure": "Freehold"}, box(90, 40, 25)),
    ]
    points = "Ref,Name,Easting,Northing,Tenure\n2,Pavilion,450050,450050,Freehold\n3,Store,450095,450050,Freehold\n4,Gate,450000,450050,Freehold\n"
    estate = estate_of(
        tmp_path,
        {"rdc.geojson": drawn(rows), "x.csv": points, "nycc.csv": "Ref,Name,Easting,Northing\n1,Kiosk,450060,450050\n"},
        toml=TOML + '[registers."x.csv"]\norganisation = "rdc"\n',
    )
    assert members(estate) == [("nycc:1",), ("rdc:2", "rdc:park"), ("rdc:3", "rdc:yard"), ("rdc:4",)]
    assert "rdc:2 stands inside the land" in ap.why_one_site(estate, "rdc:2", "rdc:park")


# ------------------------------------------------------------------------------------------------------- holders


def test_every_holder_of_a_site_is_an_occupier_and_the_freehold_decides(tmp_path: Path) -> None:
    nycc = "Ref,Name,Title number,Easting,Northing,Tenure\n9,Annexe,T1,450006,450006,Leasehold\n"
    interests = "".join(
        f"i{n},{subject},{holder},{kind},me\n"
        for n, (subject, holder, kind) in enumerate([
            ("rdc:1", "Ryedale District Council", "freehold"), ("nycc:9", "nycc", "lease"), ("nycc:9", "A college", "sublease"),
            ("rdc:1", "An advice charity", "licence"), ("rdc:1", "A trust", "trust"),
        ])
    )  # fmt: skip
    estate = estate_of(tmp_path, {"rdc.csv": HALL, "nycc.csv": nycc}, interests=interests)
    site = ap.sites(estate).loc["rdc:T1"]
    assert site["occupiers"] == ("A college", "A trust", "An advice charity", "nycc", "rdc")
    assert (site["organisation"], site["claimants"], site["freeholder"]) == ("rdc", (), None)
    rival = estate_of(
        tmp_path / "b", {"rdc.csv": HALL, "nycc.csv": nycc}, interests=interests + "j,nycc:9,nycc,freehold,me\n"
    )
    site = ap.sites(rival).loc["unknown:T1"]
    assert (site["organisation"], site["claimants"]) == (UNKNOWN, ("nycc", "rdc"))
    assert set(site["occupiers"]) == {"A college", "A trust", "An advice charity", "nycc", "rdc"}
    assert codes(rival, "two-claimants") == ["two-claimants unknown:T1"]


# ------------------------------------------------------------------------------------------------------- invariants


BODIES = ("a", "b")


@st.composite
def tables(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[Override]]:
    """A few assets, points and outlines, on a grid of 10 m, with keys that recur; parcels; overrides between any of them."""

    def key(*names: str) -> str | None:
        return draw(st.sampled_from([None, None, *names]))

    def shape(point: bool) -> Any:
        x, y = draw(st.integers(0, 5)) * 10.0, draw(st.integers(0, 2)) * 10.0
        return (
            shapely.Point(x + 5, y + 5) if point else shapely.box(x, y, x + draw(st.sampled_from([10, 15, 20])), y + 10)
        )

    parcels = [f"P{n}" for n in range(draw(st.integers(0, 3)))]
    rows = []
    for n in range(draw(st.integers(1, 7))):
        precision = draw(st.sampled_from(["point", "polygon", "none"]))
        on = (
            tuple(sorted(draw(st.sets(st.sampled_from(parcels), max_size=2))))
            if parcels and draw(st.booleans())
            else ()
        )
        rows.append({
            "asset_id": f"{draw(st.sampled_from(BODIES))}:{n}", "register": "r.csv", "row": n, "kind": "ownership", "reference": str(n),
            "site_reference": key("S1"), "title_no": key("T1", "T2"), "uprn": key("7"), "tenure": key("freehold"), "shown": (),
            "location_precision": precision, "parcels": on, "join_reason": "said" if on else None, "illustrative": False,
            "geometry": None if precision == "none" else shape(precision == "point"),
            **dict.fromkeys(("name", "address", "body", "use", "status", "decided_by", "ownership", "operator", "holder_status", "gia_m2")),
        })  # fmt: skip
    for row in rows:
        row["organisation"] = row["asset_id"][0]
    assets = gpd.GeoDataFrame(rows, geometry="geometry", crs=27700).set_index("asset_id")
    land = gpd.GeoDataFrame(
        {"parcel_id": parcels, "title_no": [key("T1", "T3") for _ in parcels], "name": None, "illustrative": None,
         "geometry": [shape(False) for _ in parcels]}, geometry="geometry", crs=27700,
    ).set_index("parcel_id")  # fmt: skip
    nodes = [*(f"a:{asset}" for asset in assets.index), *(f"p:{parcel}" for parcel in parcels)]
    pairs = draw(st.lists(st.tuples(st.sampled_from(nodes), st.sampled_from(nodes), st.booleans()), max_size=5))
    overrides = [
        Override("same_as" if same else "not_same_as", f"f{n}", "me", None, (one,), (other,), one[2:], other[2:])
        for n, (one, other, same) in enumerate(pairs)
        if one != other
    ]
    return assets, land, sorted(overrides, key=lambda o: (o.field, o.one, o.other, o.fact_id))


EMPTY = pd.DataFrame({name: [] for name in ("subject", "holder", "interest", "in_force", "field")}, dtype=object)
NAMES = {body: f"Body {body.upper()}" for body in BODIES}


@settings(max_examples=60, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_sites_are_a_partition_held_together_by_their_links(
    drawn_up: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[Override]], rng: random.Random
) -> None:
    assets, land, overrides = drawn_up
    named = {item[2:] for o in overrides if o.field == "same_as" for item in (*o.one, *o.other)}
    known = look_ups(assets, land, EMPTY, EMPTY, EMPTY, NAMES, named)
    merged = merge(known, overrides)
    nodes = members_of(known)
    assert sorted(item for group in merged.groups for item in group) == sorted(nodes)
    home = {item: group for group in merged.groups for item in group}
    for group, links in zip(merged.groups, merged.links, strict=True):
        assert len(links) == len(group) - 1
        reached = {group[0]}
        for _ in group:
            reached |= {
                end for link in links if {link.member, link.other} & reached for end in (link.member, link.other)
            }
        assert reached == set(group)
    for override in overrides:
        if override.field == "not_same_as" and override.one[0] in home and override.other[0] in home:
            assert home[override.one[0]] != home[override.other[0]]
    _check_nothing_left_to_join(known, merged)

    order, turned = list(range(len(assets))), list(range(len(land)))
    rng.shuffle(order)
    rng.shuffle(turned)
    one = form_sites(assets, land, EMPTY, EMPTY, EMPTY, NAMES, overrides)
    other = form_sites(assets.iloc[order], land.iloc[turned], EMPTY, EMPTY, EMPTY, NAMES, overrides)
    pd.testing.assert_frame_equal(one[0].drop(columns="geometry"), other[0].drop(columns="geometry"))
    assert one[1].links == other[1].links
    assert one[1].refused == other[1].refused
    assert sorted(one[2]) == sorted(other[2])


def _check_nothing_left_to_join(known: Any, merged: Any) -> None:
    """By brute force: two groups that share a key, or overlap enough in one ownership, are kept apart by a fact."""
    lost = {(refusal.apart.one, refusal.apart.other) for refusal in merged.refused}

    def keys(group: tuple[str, ...]) -> set[Any]:
        out: set[Any] = set()
        for item in group:
            if item.startswith("p:"):
                row = known.land[item[2:]]
                out |= {("parcel", item[2:]), ("title", row["title_no"])}
            else:
                row = known.assets[item[2:]]
                out |= {("parcel", parcel) for parcel in row["parcels"]}
                out |= {("title", row["title_no"]), ("uprn", row["uprn"])}
                out |= {("site", row["organisation"], row["site_reference"])} if row["site_reference"] else set()
        return {key for key in out if key[-1] is not None}

    for one, other in itertools.combinations(merged.groups, 2):
        apart = any({a, b} & set(one) and {a, b} & set(other) for a, b in lost)
        if apart:
            continue
        assert not keys(one) & keys(other)
        holders = [holding_of(known, group).owner for group in (one, other)]
        shapes = [shape_of(known, group) for group in (one, other)]
        if holders[0] == holders[1] != UNKNOWN and all(precision == "polygon" for _, precision in shapes):
            (a, _), (b, _) = shapes
            assert a.intersection(b).area < HALF * min(a.area, b.area) - 1e-9 or a.intersection(b).area == 0


# ------------------------------------------------------------------------------------------------------- real land


@pytest.mark.realdata
def test_parcels_of_the_city_of_london(realdata: Path, tmp_path: Path) -> None:
    """3,703 freehold parcels, stacked, doubled and badly drawn; owners are drawn by lot here, for the source has none."""
    rng = random.Random(1666)
    document = json.loads((realdata / "city-of-london-parcels" / "city-of-london.geojson").read_text(encoding="utf-8"))
    rows = {"rdc": ["Ref,Name,Title number,Tenure\n"], "nycc": ["Ref,Name,Title number,Tenure\n"]}
    for n, feature in enumerate(document["features"]):
        feature["properties"] = {"parcel_id": f"P{n:04}", "title_no": f"NGL{n}"}
        if owner := rng.choice(("rdc", "nycc", "")):
            rows[owner].append(f"{n},Building {n},NGL{n},Freehold\n")
    (tmp_path / "land.geojson").write_text(json.dumps(document), encoding="utf-8")
    estate = estate_of(tmp_path, {f"{owner}.csv": "".join(lines) for owner, lines in rows.items()})
    sites, land = ap.sites(estate), estate.land
    assert len(land) + len(estate.quarantined) == 3703
    assert set(estate.quarantined["reason"]) == {"the shape crosses itself"}
    assert len(codes(estate, "shape-mended")) + len(estate.quarantined) >= 80
    assert land.geometry.is_valid.all()
    with_land = sites[sites["precision"] == "polygon"]
    assert with_land.geometry.is_valid.all()
    on = [parcel for parcels in with_land["parcels"] for parcel in parcels]
    assert len(on) == len(set(on)) == sum(n not in set(estate.quarantined["row"]) for n in _claimed(estate))
    for parcels, area in zip(with_land["parcels"], with_land["area_ha"], strict=True):
        assert area == pytest.approx(shapely.union_all(land.geometry[list(parcels)].to_numpy()).area / 10_000, abs=1e-4)

    merged = [set(parcels) for parcels in with_land["parcels"] if len(parcels) > 1]
    assert len(merged) > 20
    shapes, owners = with_land.geometry.to_numpy(), with_land["organisation"].to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    mine = (left < right) & (owners[left] == owners[right])
    a, b = shapes[left[mine]], shapes[right[mine]]
    share = shapely.area(shapely.intersection(a, b)) / np.minimum(shapely.area(a), shapely.area(b))
    assert not [
        (list(with_land.index[[i, j]]), s) for i, j, s in zip(left[mine], right[mine], share, strict=True) if s >= HALF
    ]
    told = codes(estate, "overlap-one-owner", "touching-one-owner")
    assert len(told) >= mine.sum() > 100

    thin = {code.split()[1] for code in codes(estate, "sliver")}
    assert thin == {
        str(parcel) for parcel, shape in land.geometry.items() if 2 * shape.area / shape.length < 0.5 or shape.area < 1
    }
    wkb: dict[bytes, list[str]] = {}
    for parcel, shape in land.geometry.items():
        wkb.setdefault(shapely.set_precision(shape, 0.001).normalize().wkb, []).append(str(parcel))
    doubled = [group for group in wkb.values() if len(group) > 1]
    home = {parcel: site for site, parcels in sites["parcels"].items() for parcel in parcels}
    apart = [group for group in doubled if len({home.get(parcel, parcel) for parcel in group}) > 1]
    assert len(apart) > 3
    assert len(codes(estate, "same-outline")) >= len([group for group in apart if not all(p in home for p in group)])


def _claimed(estate: ap.Estate) -> list[str]:
    """Parcels of which some register lists the title."""
    return [f"P{int(title.removeprefix('NGL')):04}" for title in estate.assets["title_no"]]


@pytest.mark.realdata
def test_two_years_of_the_registers_of_cheltenham(realdata: Path, tmp_path: Path) -> None:
    """An override by UPRN, written for the register of 2021, holds in that of 2023, whose references and rows differ."""
    folder = realdata / "cheltenham-assets"
    years = {}
    for year in ("2021", "2023"):
        path = tmp_path / year / "registers" / "rdc.csv"
        path.parent.mkdir(parents=True)
        path.write_bytes((folder / f"local_authority_land_and_assets_{year}.csv").read_bytes())
        years[year] = estate_of(tmp_path / year, {}, toml=TOML + REGISTER_OF_RDC)
    alone = {}
    for year, estate in years.items():
        sites = ap.sites(estate)
        single = {asset for assets in sites["assets"] if len(assets) == 1 for asset in assets}
        uprns = estate.assets["uprn"]
        times = uprns.value_counts()
        alone[year] = {u for asset, u in uprns.items() if asset in single and u and times[u] == 1}
    one, other = sorted(alone["2021"] & alone["2023"])[:2]
    fact = f"f,asset,{one},same_as,{other},public,me,,\n"
    for year, before in years.items():
        (tmp_path / year / "facts.csv").write_text(HEAD + fact, encoding="utf-8")
        again = ap.read_estate(tmp_path / year)
        assert len(ap.sites(again)) == len(ap.sites(before)) - 1
        (link,) = ap.site_evidence(again).query("rule == 'fact'").to_dict("records")
        assert {again.assets.at[link[end], "uprn"] for end in ("member", "other")} == {one, other}
        assert ap.site_evidence(again)["site_id"].isin(ap.sites(again).index).all()


def test_an_empty_estate_has_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    bare = ap.site_evidence(ap.read_estate(tmp_path / "empty"))
    assert bare.empty
    assert list(bare.columns) == list(table("links"))

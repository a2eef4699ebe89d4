"""The estate folder and the site rule on small estates, each drawn for one point."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

import assetplan as ap
from assetplan.maps import view_of
from assetplan.wording import account_of

HEAD = "fact_id,subject_kind,subject,field,value,audience,source,as_of,known_since\n"
TOML = """name = "Test"
readers = ["rdc.legal"]
[organisations.rdc]
name = "Ryedale District Council"
[organisations.nycc]
name = "North Yorkshire County Council"
"""


def estate_of(
    path: Path,
    registers: dict[str, str],
    *,
    toml: str = TOML,
    facts: str = "",
    interests: str = "",
    **layers: list[Any],
) -> ap.Estate:
    """An estate folder written and read: registers by file name (owner from the name), facts, interests, layers."""
    (path / "registers").mkdir(parents=True, exist_ok=True)
    for name, text in registers.items():
        (path / "registers" / name).write_text(text, encoding="utf-8")
        owner = name.split(".")[0]
        if f'"{name}"' not in toml:
            toml += f'[registers."{name}"]\norganisation = "{owner}"\n'
    (path / "estate.toml").write_text(toml, encoding="utf-8")
    if facts:
        (path / "facts.csv").write_text(HEAD + facts, encoding="utf-8")
    if interests:
        (path / "interests.csv").write_text(
            "interest_id,subject,holder,interest,source\n" + interests, encoding="utf-8"
        )
    for name, rows in layers.items():
        features = [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(shape)) if shape is not None else None,
            }
            for properties, shape in rows
        ]
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
        (path / f"{name}.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}), encoding="utf-8"
        )
    return ap.read_estate(path)


def box(x: float, y: float, w: float = 20, h: float = 20) -> Any:
    return shapely.box(450_000 + x, 450_000 + y, 450_000 + x + w, 450_000 + y + h)


def card(estate: ap.Estate, site: str) -> dict[str, str]:
    return {line["label"].split(" (")[0]: line["value"] for line in account_of(estate).lines[site]}


HALL = "Ref,Name,Title number,Easting,Northing,Tenure,Status\n1,Hall,T1,450005,450005,Freehold,Operational\n2,Barn,T2,450105,450005,Freehold,\n"


# ------------------------------------------------------------------------------------------------------- labels


@pytest.mark.parametrize("heading", ["Audience", " audience", "audiance", "AUDIENCE"])
def test_a_heading_that_is_all_but_audience_is_refused(heading: str, tmp_path: Path) -> None:
    """Otherwise every row of the table would count as public."""
    (tmp_path / "facts.csv").write_text(
        HEAD.replace("audience", heading) + "f,asset,rdc:1,note,secret,rdc,me,,\n", encoding="utf-8"
    )
    if heading.strip() == "audience":
        estate = estate_of(tmp_path, {"rdc.csv": HALL})  # space around a heading of CSV is not part of it
        assert estate.for_audience("public").facts.empty
        return
    with pytest.raises(ap.EstateError, match="not quite 'audience'"):
        estate_of(tmp_path, {"rdc.csv": HALL})


@pytest.mark.parametrize("heading", ["Audience", " audience", "audience\u200b"])
def test_a_property_that_is_all_but_audience_is_refused(heading: str, tmp_path: Path) -> None:
    with pytest.raises(ap.EstateError, match="not quite 'audience'"):
        estate_of(tmp_path, {"rdc.csv": HALL}, land=[({"parcel_id": "P", heading: "rdc"}, box(0, 0))])


def test_a_labelled_register_makes_the_data_labelled(tmp_path: Path) -> None:
    toml = TOML + '[registers."rdc.csv"]\norganisation = "rdc"\naudience = "rdc"\n'
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, toml=toml)
    assert estate.labelled
    assert not estate.for_audience("public").labelled
    assert "so all of it counts as public" not in " ".join(view_of(account_of(estate.for_audience("rdc")))["summary"])


def test_other_readers_of_a_row_make_no_difference_to_its_readers(tmp_path: Path) -> None:
    """Two rows of one identifier that differ in their readers alone are one row said twice."""
    rule = {"constraint_id": "k", "kind": "lock", "name": "Rule", "state": "yes", "subject": "rdc:1"}
    for number, label in enumerate(("rdc", "rdc;nycc")):
        estate = estate_of(
            tmp_path / str(number),
            {"rdc.csv": HALL},
            constraints=[({**rule, "audience": "rdc"}, None), ({**rule, "audience": label}, None)],
        )
        seen = estate.for_audience("rdc")
        assert len(seen.constraints) == 1
        assert "2 identical rows carry this identifier" in set(seen.issues["message"])


def test_an_organisation_named_only_in_a_labelled_register(tmp_path: Path) -> None:
    text = "Organisation,Ref,Name,Easting,Northing,Tenure\nFoo Council,1,Hall,450005,450005,Freehold\n"
    estate = estate_of(tmp_path, {"x.csv": text}, toml=TOML + '[registers."x.csv"]\naudience = "nycc"\n')
    assert set(ap.sites(estate)["organisation"]) == {"foo-council"}
    assert "foo-council" in estate.for_audience("nycc").organisations
    public = estate.for_audience("public")
    assert "foo-council" not in public.organisations
    view_of(account_of(public))


def test_cells_of_unknown_columns_stay_out_of_the_account(tmp_path: Path) -> None:
    (tmp_path / "interests.csv").write_text(
        "interest_id,subject,holder,interest,contact_email\ni1,rdc:1,X,freeholdd,jane@example.org\n", encoding="utf-8"
    )
    estate = estate_of(tmp_path, {"rdc.csv": HALL})
    assert len(estate.quarantined) == 1
    assert "jane@" not in estate.quarantined.to_json() + estate.issues.to_json()


def test_files_that_have_no_place_are_told_to_the_keeper_alone(tmp_path: Path) -> None:
    for name in ("Facts.csv", "facts.xlsx", "secret plan.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    estate = estate_of(tmp_path, {"rdc.csv": HALL})
    codes = estate.issues.set_index("file")["code"].to_dict()
    assert {codes[name] for name in ("Facts.csv", "facts.xlsx", "secret plan.txt")} == {"unknown-file"}
    assert "unknown-file" not in set(estate.for_audience("public").issues["code"])


# ------------------------------------------------------------------------------------------------------- facts


def test_the_latest_fact_holds_and_equal_dates_that_differ_hold_for_none(tmp_path: Path) -> None:
    facts = "a,asset,rdc:1,gia_m2,100,public,me,2019-01-01,\nb,asset,rdc:1,gia_m2,200,public,me,2020-01-01,\n"
    facts += "c,asset,rdc:2,gia_m2,300,public,me,2020-01-01,\nd,asset,rdc:2,gia_m2,400,rdc,me,2020-01-01,\n"
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, facts=facts)
    assert estate.assets["gia_m2"].tolist() == [200.0, None]
    assert "facts-disagree" in set(estate.issues["code"])
    public = estate.for_audience("public")
    assert public.assets["gia_m2"].tolist() == [200.0, 300.0]
    assert "facts-disagree" not in set(public.issues["code"])


def test_facts_about_a_site_reach_the_site(tmp_path: Path) -> None:
    """Two assets on one parcel: what is said of the site is the site's, and is said once."""
    text = "Ref,Name,Easting,Northing,Tenure,Status\n1,Hall,450005,450005,Freehold,Operational\n2,Shed,450010,450010,Freehold,Operational\n"
    facts = "a,site,rdc:2,status,surplus,public,me,2020-01-01,\nb,parcel,P,site_area_ha,0.04,public,the register,2020-01-01,\n"
    facts += (
        "c,site,P,name,The old yard,public,me,2020-01-01,\nd,parcel,P,holder_status,to confirm,public,me,2020-01-01,\n"
    )
    facts += (
        "e,asset,rdc:1,holder_status,confirmed,public,me,2022-01-01,\nf,parcel,P,title_no,T9,public,me,2020-01-01,\n"
    )
    estate = estate_of(tmp_path, {"rdc.csv": text}, facts=facts, land=[({"parcel_id": "P"}, box(0, 0))])
    (site,) = ap.sites(estate).to_dict("records")
    assert (site["status"], site["name"], site["holder_status"], site["titles"]) == (
        "surplus",
        "The old yard",
        None,
        ("T9",),
    )
    said = card(estate, "rdc:T9")
    assert said["Site area as stated"] == "0.04 ha"
    assert said["Status"].startswith("surplus")


def test_areas_stated_by_several_assets_are_not_added_up(tmp_path: Path) -> None:
    text = "Ref,Name,Easting,Northing,Site area (ha)\n1,Hall,450005,450005,1.4\n2,Shed,450010,450010,1.4\n"
    estate = estate_of(tmp_path, {"rdc.csv": text}, land=[({"parcel_id": "P"}, box(0, 0))])
    assert card(estate, "rdc:P")["Site area as stated"] == "1.40 ha"


def test_a_parcel_is_a_site_only_if_something_names_it(tmp_path: Path) -> None:
    land = [({"parcel_id": "P"}, box(0, 0)), ({"parcel_id": "Q"}, box(500, 0)), ({"parcel_id": "R"}, box(800, 0))]
    facts = "a,parcel,Q,note,Something,rdc,me,2020-01-01,\n"
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, facts=facts, land=land)
    assert "unknown:Q" in ap.sites(estate).index
    assert "unknown:R" not in ap.sites(estate).index
    assert "unknown:Q" not in ap.sites(estate.for_audience("public")).index


def test_who_decided_is_told_only_of_the_status_shown(tmp_path: Path) -> None:
    text = "Ref,Name,Title number,Easting,Northing,Status,Status decided by\n"
    text += "1,Hall,T1,450005,450005,Operational,\n2,Barn,T1,450005,450005,Surplus,Executive 2010\n"
    (site,) = ap.sites(estate_of(tmp_path, {"rdc.csv": text})).to_dict("records")
    assert (site["status"], site["decided_by"]) == ("operational", None)


# ------------------------------------------------------------------------------------------------------- merging


def test_same_as_joins_and_not_same_as_keeps_apart(tmp_path: Path) -> None:
    text = HALL.replace(",T2,", ",T1,") + "3,Store,T1,450205,450005,Freehold,\n"
    facts = "a,asset,rdc:1,not_same_as,rdc:2,public,me,,\nb,asset,rdc:1,not_same_as,rdc:3,public,me,,\n"
    estate = estate_of(tmp_path, {"rdc.csv": text}, facts=facts)
    assert sorted(ap.sites(estate)["assets"]) == [("rdc:1",), ("rdc:2", "rdc:3")]
    assert list(estate.issues["code"]).count("kept-apart") == 2
    other = estate_of(tmp_path / "other", {"rdc.csv": HALL}, facts="a,asset,rdc:1,same_as,rdc:2,public,me,,\n")
    assert ap.sites(other)["assets"].tolist() == [("rdc:1", "rdc:2")]
    lost = estate_of(tmp_path / "lost", {"rdc.csv": HALL}, facts="a,asset,rdc:1,same_as,rdc:NOPE,public,me,,\n")
    assert "unknown-subject" in set(lost.issues["code"])


def test_same_as_an_unclaimed_parcel_makes_it_part_of_the_site(tmp_path: Path) -> None:
    land = [({"parcel_id": "P"}, box(0, 0)), ({"parcel_id": "Q"}, box(20, 0))]
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, facts="a,asset,rdc:1,same_as,Q,public,me,,\n", land=land)
    assert ("P", "Q") in set(ap.sites(estate)["parcels"])


@pytest.mark.parametrize(("shift", "sites"), [(9, 1), (11, 2)])
def test_overlap_of_half_or_more_of_the_smaller_merges(shift: float, sites: int, tmp_path: Path) -> None:
    """Two squares of 20 m that share 20 - shift metres of their width: merged at 11 of 20, kept at 9 of 20."""
    layer = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:27700"}}, "features": []}
    for name, shape in (("1", box(0, 0)), ("2", box(shift, 0))):
        layer["features"].append(
            {
                "type": "Feature",
                "properties": {"Ref": name, "Name": name},
                "geometry": json.loads(shapely.to_geojson(shape)),
            }
        )
    assert len(ap.sites(estate_of(tmp_path, {"rdc.geojson": json.dumps(layer)}))) == sites


def test_touching_alone_only_suggests(tmp_path: Path) -> None:
    land = [({"parcel_id": "P", "title_no": "T1"}, box(0, 0)), ({"parcel_id": "Q", "title_no": "T2"}, box(20, 0))]
    estate = estate_of(tmp_path, {"rdc.csv": HALL}, land=land)
    assert len(ap.sites(estate)) == 2
    (issue,) = estate.issues[estate.issues["code"] == "touching-one-owner"].to_dict("records")
    assert issue["row"] == "rdc:T1; rdc:T2"


# ------------------------------------------------------------------------------------------------------- whose


NYCC = "Ref,Name,Title number,Easting,Northing,Tenure\n9,Hall annexe,T1,450006,450006,{}\n"


def test_the_one_that_lists_it_as_freehold_owns_it(tmp_path: Path) -> None:
    estate = estate_of(tmp_path, {"rdc.csv": HALL, "nycc.csv": NYCC.format("Leasehold")})
    site = ap.sites(estate).loc["rdc:T1"]
    assert (site["organisation"], site["occupiers"], site["claimants"]) == ("rdc", ("nycc", "rdc"), ())


def test_two_claimants_make_it_unknown_with_an_issue(tmp_path: Path) -> None:
    estate = estate_of(
        tmp_path,
        {"rdc.csv": HALL, "nycc.csv": NYCC.format("Freehold")},
        interests="i,rdc:1,An advice charity,licence,me\n",
    )
    site = ap.sites(estate).loc["unknown:T1"]
    assert site["occupiers"] == ("An advice charity", "nycc", "rdc")
    assert "two-claimants" in set(estate.issues["code"])
    said = card(estate, "unknown:T1")["Body and holder"]
    assert "claimed by North Yorkshire County Council and Ryedale District Council" in said
    assert "also held or occupied by An advice charity" in said
    decided = estate_of(
        tmp_path / "b", {"rdc.csv": HALL, "nycc.csv": NYCC.format("Freehold")}, interests="i,nycc:9,nycc,freehold,me\n"
    )
    assert ap.sites(decided).loc["nycc:T1", "organisation"] == "nycc"


def test_a_freeholder_from_outside_is_named_and_is_not_the_lister(tmp_path: Path) -> None:
    estate = estate_of(
        tmp_path,
        {"rdc.csv": HALL.replace("Freehold", "Leasehold")},
        interests="i,rdc:1,Fitzwilliam Trust,freehold,me\n",
    )
    assert ap.sites(estate).loc["unknown:T1", "freeholder"] == "Fitzwilliam Trust"
    assert "freehold held by Fitzwilliam Trust" in card(estate, "unknown:T1")["Body and holder"]


def test_locked_private_disposed_and_unowned_land_is_in_no_assembly(tmp_path: Path) -> None:
    """rdc P | nycc Q | side by side; each case takes one of them out."""
    land = [({"parcel_id": "P", "title_no": "T1"}, box(0, 0)), ({"parcel_id": "Q", "title_no": "T8"}, box(20, 0))]
    nycc = "Ref,Name,Title number,Tenure,Status\n9,Depot,T8,Freehold,{}\n"

    def groups(number: int, *, status: str = "", facts: str = "", constraints: list[Any] | None = None) -> int:
        layers = {"land": land, **({"constraints": constraints} if constraints else {})}
        estate = estate_of(
            tmp_path / str(number), {"rdc.csv": HALL, "nycc.csv": nycc.format(status)}, facts=facts, **layers
        )
        return len(ap.find_assemblies(estate, ap.adjacency(ap.sites(estate))))

    rule = {"constraint_id": "k", "kind": "lock", "subject": "Q"}
    assert groups(0) == 1
    assert groups(1, status="Sold") == 0
    assert groups(2, facts="a,parcel,Q,ownership,private,public,me,2020-01-01,\n") == 0
    assert groups(3, constraints=[({**rule, "state": "yes"}, None)]) == 0
    assert groups(4, constraints=[({**rule, "state": "unknown"}, None)]) == 1


# ------------------------------------------------------------------------------------------------------- odd estates


def test_odd_estates_give_a_page_or_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    bare = ap.read_estate(tmp_path / "empty")
    assert ap.sites(bare).empty
    assert list(ap.sites(bare).columns) == list(ap.sites(estate_of(tmp_path / "full", {"rdc.csv": HALL})).columns)
    ap.save_map(ap.map_estate(bare), tmp_path / "empty.html")
    header = estate_of(tmp_path / "header", {"rdc.csv": "Ref,Name\n"})
    assert len(header.assets) == 0
    ap.save_map(ap.map_estate(header), tmp_path / "header.html")
    unlocated = estate_of(tmp_path / "unlocated", {"rdc.csv": "Ref,Name\n1,Hall\n"})
    page = ap.save_map(ap.map_estate(unlocated), tmp_path / "unlocated.html").read_text(encoding="utf-8")
    assert "Not on the map (1)" in page
    assert len(ap.adjacent_pairs(ap.sites(unlocated))) == 0


def test_a_postcode_place_takes_no_part_in_relations_or_reach(tmp_path: Path) -> None:
    (tmp_path / "postcodes.csv").write_text("postcode,easting,northing\nYO17 7AA,450010,450010\n", encoding="utf-8")
    text = "Ref,Name,Title number,Easting,Northing,Tenure,Postcode\n1,Hall,T1,450005,450005,Freehold,\n2,Hut,,,,Freehold,YO17 7AA\n"
    flood = {"constraint_id": "k", "kind": "designation", "designation": "flood zone", "name": "Flood", "state": "yes"}
    estate = estate_of(tmp_path, {"rdc.csv": text}, constraints=[(flood, box(-100, -100, 300, 300))])
    sites = ap.sites(estate)
    assert sites.loc["rdc:2", ["precision", "constraints"]].tolist() == ["postcode", ()]
    assert sites.loc["rdc:T1", "constraints"] == ("k",)
    assert ap.adjacent_pairs(sites).empty
    assert "not measured" in json.dumps(view_of(account_of(estate))["tables"])


def test_columns_are_said_in_estate_toml_or_python(tmp_path: Path) -> None:
    text = "Thing,Thing it is,Ward\nA,Hall,North\nB,Shop,South\n"
    toml = (
        TOML
        + '\n[registers."rdc.csv"]\norganisation = "rdc"\ncolumns = {"Thing it is" = "name", "thing" = "reference", Ward = ""}\n'
    )
    estate = estate_of(tmp_path / "folder", {"rdc.csv": text}, toml=toml)
    assert estate.assets.index.tolist() == ["rdc:A", "rdc:B"]
    assert estate.assets["name"].tolist() == ["Hall", "Shop"]
    assert estate.registers["kind_reason"].str.len().gt(20).all()
    (tmp_path / "one.csv").write_text(text, encoding="utf-8")
    columns = {"Thing it is": "name", "Thing": "reference"}
    assert ap.read_estate(tmp_path / "one.csv", columns=columns).assets["name"].tolist() == ["Hall", "Shop"]
    with pytest.raises(ap.EstateError, match=r"In a folder estate\.toml says them"):
        ap.read_estate(tmp_path / "folder", columns=columns)
    for wrong, told in (
        ('{Ward = "adress"}', "Did you mean 'address'"),
        ('{Wrad = "name"}', "Did you mean 'Ward'"),
        ('["name"]', "headings with the column each is read as are wanted"),
    ):
        with pytest.raises(ap.EstateError, match=told):
            estate_of(
                tmp_path / wrong[:5], {"rdc.csv": text}, toml=TOML + f'\n[registers."rdc.csv"]\ncolumns = {wrong}\n'
            )


def test_a_list_of_stations_is_estate_of_unknown_tenure_and_one_of_surgeries_is_context(tmp_path: Path) -> None:
    (tmp_path / "stations.csv").write_text(
        "FRS name,Station name,Easting,Northing\nExample Fire and Rescue Service,Malton,479176,471591\n",
        encoding="utf-8",
    )
    (tmp_path / "surgeries.csv").write_text(
        "Practice code,Practice name,Easting,Northing\nB1,Derwent,479187,472160\n", encoding="utf-8"
    )
    stations, surgeries = (ap.read_estate(tmp_path / name) for name in ("stations.csv", "surgeries.csv"))
    site = ap.sites(stations).iloc[0]
    assert (site["organisation"], site["ownership"]) == ("example-fire-and-rescue-service", "unknown")
    assert stations.context().empty
    assert ap.sites(surgeries).empty
    assert surgeries.context()["name"].tolist() == ["Derwent"]

"""One register as rows of the assets table: every row accepted or set aside with a reason."""

import csv
import datetime as dt
import io
import json
import random
from pathlib import Path

import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assetplan.errors import EstateError
from assetplan.registers import FRAME_COLUMNS, Entry, Register, frame_of, read_register
from assetplan.site import is_estate

NAMES = {"rdc": "Ryedale District Council", "nycc": "North Yorkshire County Council"}


def read(folder: Path, text: str, name: str = "register.csv", entry: Entry | None = None) -> Register:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return read_register(path, name, entry or Entry(), NAMES)


def codes(register: Register) -> list[tuple[str, str]]:
    return [(issue.code, issue.row) for issue in register.issues]


def set_aside(register: Register) -> list[tuple[str, str]]:
    return [(issue.code, issue.row) for issue in register.issues if issue.action.startswith("Row set aside")]


LIST = """Ref,Name,Address,Postcode,Easting,Northing
1,Hall,High Street,YO17 7HH,479187,472160
2,Shop,Low Street,YO17 7HL,478532,471953
"""


def test_a_plain_list(tmp_path: Path) -> None:
    register = read(tmp_path, LIST, entry=Entry(organisation="rdc"))
    assert (register.rows_read, register.quarantined, register.kind, register.crs) == (2, 0, "ownership", "EPSG:27700")
    assert register.rows["asset_id"].tolist() == ["rdc:1", "rdc:2"]
    assert register.rows["row"].tolist() == [2, 3]
    assert register.rows["location_precision"].tolist() == ["point", "point"]
    assert register.rows["easting"].tolist() == [479187.0, 478532.0]
    assert register.organisations == {"rdc": "Ryedale District Council"}


def test_rows_that_are_no_assets_are_set_aside_with_a_reason(tmp_path: Path) -> None:
    """Line by line what becomes of each row.

    ::

        2 asset              7  too long
        3 blank: no row      8  too short
        4 a section heading  9  identical to line 2
        5 a total            10 two lines, the second a swallowed row
        6 named Total        12 a NUL
    """
    register = read(
        tmp_path,
        "Ref,Name,Address,Postcode,Running cost\n"
        "1,Hall,High Street,YO17 7HH,10\n"
        ",,,,\n"
        "Offices,,,,\n"
        'Total,,,,"£1,234.50"\n'
        "3,Total Fitness,Low Street,,\n"
        "4,Shop,Low Street,Malton,YO17 7HL,20\n"
        "5,Depot\n"
        "1,Hall,High Street,YO17 7HH,10\n"
        '6,"Store\n7,Yard,Low Street,YO17 7HL,",,,\n'
        "8,De\x00pot,,,\n",
    )
    assert set_aside(register) == [
        ("section-heading", "4"), ("looks-like-a-total", "5"), ("row-too-long", "7"), ("row-too-short", "8"),
        ("identical-row", "9"), ("swallowed-rows", "10"), ("nul-byte", "12"),
    ]  # fmt: skip
    assert register.rows["row"].tolist() == [2, 6]
    assert (register.rows_read, register.quarantined) == (9, 7)


@pytest.mark.parametrize("label", ["Total", "TOTAL:", "Grand total", "Sub-total", "Subtotals", "Total area (ha)"])
def test_totals(tmp_path: Path, label: str) -> None:
    register = read(tmp_path, f"Name,Postcode,Running cost\nHall,YO17 7HH,10\n{label},,(10)\n")
    assert set_aside(register) == [("looks-like-a-total", "3")]


@pytest.mark.parametrize("row", ["Total Fitness Centre,YO17 7HL,10", "Totally Hall,,10", "Total House,Malton,"])
def test_a_building_called_total_is_an_asset(tmp_path: Path, row: str) -> None:
    assert set_aside(read(tmp_path, f"Name,Town,Running cost\nHall,Malton,10\n{row}\n")) == []


def test_a_heading_missing_on_every_row_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(EstateError, match=r"^register\.csv: every row has more cells"):
        read(tmp_path, "Ref,Name\n1,Hall,5\n2,Shop,6\n")


def test_a_cell_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    register = read(
        tmp_path,
        "Ref,Name,UPRN,Postcode,GIA (m2)\n1,Hall,1.0E+11,YO17 7HH,about 10\n2,Shop,10000480247,,20\n3,Yard,,,30\n",
    )
    assert [code for code, _ in codes(register)] == ["not-a-number", "uprn-damaged"]
    assert register.quarantined == 0
    assert register.rows["uprn"].tolist() == [None, "10000480247", None]
    assert register.rows["gia_m2"].tolist() == [None, 20.0, 30.0]


def test_an_area_without_a_unit_is_left_unknown(tmp_path: Path) -> None:
    register = read(tmp_path, "Ref,Name,Site area\n1,Hall,2500 m2\n2,Shop,0.3 ha\n3,Yard,2500\n")
    assert register.rows["site_area_ha"].tolist() == [0.25, 0.3, None]
    assert codes(register) == [("no-unit", "4")]


# ------------------------------------------------------------------------------------------------------------ names of rows


def test_repeated_references_are_told_apart_by_their_cells(tmp_path: Path) -> None:
    register = read(tmp_path, "Ref,Name\nA,Hall\nA,Shop\nB,Yard\n", entry=Entry(organisation="rdc"))
    first, second, third = register.rows["asset_id"]
    assert third == "rdc:B"
    assert first != second
    assert first.startswith("rdc:A-")
    assert second.startswith("rdc:A-")
    assert [code for code, _ in codes(register)] == ["repeated-reference"] * 2


def test_rows_without_reference_keep_their_name_in_any_order(tmp_path: Path) -> None:
    lines = [f"Hall {i},High Street {i}" for i in range(8)]
    before = read(tmp_path, "\n".join(["Name,Address", *lines]))
    shuffled = random.Random(2).sample(lines, len(lines))
    after = read(tmp_path, "\n".join(["Name,Address", *shuffled]))
    assert set(before.rows["asset_id"]) == set(after.rows["asset_id"])
    assert dict(zip(before.rows["name"], before.rows["asset_id"], strict=True)) == dict(
        zip(after.rows["name"], after.rows["asset_id"], strict=True)
    )
    assert before.rows["asset_id"].is_unique
    assert [code for code, _ in codes(before)] == ["no-reference"] * 8


def test_rows_whose_hashes_begin_alike_are_told_apart(tmp_path: Path) -> None:
    """The SHA-256 of these two rows agree in their first eight digits; a large register is sure to hold such a pair."""
    register = read(tmp_path, "Name,Address\nHall 214282,High Street\nHall 217064,High Street\n")
    assert register.rows["asset_id"].is_unique


# ------------------------------------------------------------------------------------------------------------------- parts


def test_costs_in_parts_are_added_where_all_are_known(tmp_path: Path) -> None:
    """An estates return gives a cost in parts; Not Applicable is none, a blank is unknown.

    ::

        energy | water          | the whole
        1,000  | 500            | 1500
        1,000  | Not Applicable | 1000
        1,000  |                | unknown
        Not applicable, twice   | unknown
    """
    register = read(
        tmp_path,
        "Site Code,Site Name,Energy costs (all energy supplies) (£),Water services cost (£)\n"
        '1,Clinic,"1,000",500\n2,Hospital,"1,000",Not Applicable\n3,Surgery,"1,000",\n4,Store,Not Applicable,Not applicable\n',
    )
    assert register.rows["running_cost_gbp_pa"].tolist() == [1500.0, 1000.0, None, None]


def test_a_total_given_is_not_added_to(tmp_path: Path) -> None:
    register = read(tmp_path, "Site Code,Site Name,Running cost (£),Water cost (£)\n1,Clinic,900,500\n2,Ward,,500\n")
    assert register.rows["running_cost_gbp_pa"].tolist() == [900.0, None]


def test_an_address_in_parts_is_joined(tmp_path: Path) -> None:
    register = read(tmp_path, "Ref,Street no,Street,Town\n1,5,High Street,Malton\n2,,,Norton\n")
    assert register.rows["address"].tolist() == ["5, High Street, Malton", "Norton"]


# ------------------------------------------------------------------------------------------------------------------- whose


def test_the_organisation_of_a_column(tmp_path: Path) -> None:
    register = read(tmp_path, "Organisation,Ref\nRyedale District Council,1\nExample Trust,2\n,3\n")
    assert register.rows["organisation"].tolist() == ["rdc", "example-trust", "unknown"]
    assert register.organisation == ""
    assert register.organisations == {"rdc": "Ryedale District Council", "example-trust": "Example Trust"}
    assert read(tmp_path, "Organisation,Ref\nRyedale District Council,1\n").organisation == "rdc"


@pytest.mark.parametrize(
    ("name", "text", "organisation"),
    [
        ("register.csv", "Ryedale District Council: land and assets,,\n", "rdc"),
        ("register.csv", "Assets of Example Fire and Rescue Service 2024,,\n", "example-fire-and-rescue-service"),
        ("register.csv", "Land and Building Assets of the Example City Council,,\n", "example-city-council"),
        ("example-borough-council-assets.csv", "", "example-borough-council"),
        ("North Yorkshire County Council.csv", "", "nycc"),
        ("E07000167.csv", "", "e07000167"),
        ("brownfield_E07000167_2019.csv", "", "e07000167"),
        ("assets.csv", "Land and assets,,\n", ""),
    ],
)
def test_the_organisation_of_a_title_or_file_name(tmp_path: Path, name: str, text: str, organisation: str) -> None:
    register = read(tmp_path, text + "Ref,Name,Address\n1,Hall,High Street\n", name)
    assert register.organisation == organisation
    assert set(register.rows["organisation"]) == {organisation or "unknown"}


def test_a_blank_column_of_organisations_leaves_it_to_the_title(tmp_path: Path) -> None:
    register = read(tmp_path, "Ryedale District Council,,\nOrganisation,Ref,Name\n,1,Hall\n,2,Shop\n")
    assert register.organisation == "rdc"


def test_where_the_folder_names_the_organisation_a_column_names_the_body(tmp_path: Path) -> None:
    register = read(
        tmp_path, "Organisation,Ref\nRyedale District Council,1\nCar parks board,2\n", entry=Entry(organisation="rdc")
    )
    assert set(register.rows["organisation"]) == {"rdc"}
    assert register.rows["body"].tolist() == [None, "Car parks board"]


def test_a_very_long_title_takes_no_long_time(tmp_path: Path) -> None:
    read(
        tmp_path, "Aaa " * 100_000 + ",,\nRef,Name,Address\n1,Hall,High Street\n"
    )  # a quadratic search would not come back


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Ref,Name,OwnershipStatus", "ownership"),
        ("SiteReference,SiteNameAddress,OwnershipStatus,PlanningStatus,Deliverable", "planning"),
        ("Ref,Name,Deliverable", "ownership"),
    ],
)
def test_a_register_of_planning_is_known_by_its_headings(tmp_path: Path, header: str, kind: str) -> None:
    """Also where its ownership column holds names, which no vocabulary knows."""
    row = ",".join(["1", "Hall", "A. Person", "x", "yes"][: header.count(",") + 1])
    assert read(tmp_path, f"{header}\n{row}\n").kind == kind
    assert read(tmp_path, f"{header}\n{row}\n", entry=Entry(kind="service list")).kind == "service list"
    assert read(tmp_path, "Ref,OwnershipStatus\n1,owned by a public authority\n").kind == "planning"


# --------------------------------------------------------------------------------------------------------- other formats


def feature(properties: dict[str, object], x: float | None = None) -> dict[str, object]:
    ring = None if x is None else [[x, 472_000.0], [x + 10, 472_000.0], [x + 10, 472_010.0], [x, 472_000.0]]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": ring and {"type": "Polygon", "coordinates": [ring]},
    }


def test_features_are_told_apart_by_their_shape_as_well(tmp_path: Path) -> None:
    features = [feature({"name": "Field"}, 479_000), feature({"name": "Field"}, 479_100), feature({"name": "Field"}, 479_000),
                feature({"name": None}, 479_200), feature({}), feature({"name": "Hall"})]  # fmt: skip
    document = {"type": "FeatureCollection", "crs": "EPSG:27700", "name": "Example Council", "features": features}
    register = read(tmp_path, json.dumps(document), "land.geojson")
    assert set_aside(register) == [("identical-row", "3"), ("blank-feature", "5")]
    assert register.rows["row"].tolist() == [1, 2, 4, 6]
    assert register.rows["location_precision"].tolist() == ["polygon", "polygon", "polygon", "none"]
    assert register.rows["asset_id"].is_unique
    assert register.organisation == "example-council"


def test_a_workbook_with_titles_and_merged_cells(tmp_path: Path) -> None:
    """Ref and name of the school span its two blocks.

    ::

        Ryedale District Council
        Ref | Property name | Use   | GIA sq ft
        7   | School        | Hall  | 1000
            |               | Annex | 500
    """
    book = openpyxl.Workbook()
    for row in (
        ["Ryedale District Council"],
        ["Ref", "Property name", "Use", "GIA sq ft"],
        [7, "School", "Hall", 1000],
        [None, None, "Annex", 500],
    ):
        book.active.append(row)
    book.active.merge_cells("A3:A4")
    book.active.merge_cells("B3:B4")
    book.save(tmp_path / "r.xlsx")
    register = read_register(tmp_path / "r.xlsx", "r.xlsx", Entry(), NAMES)
    assert register.organisation == "rdc"
    assert register.rows["name"].tolist() == ["School", "School"]
    assert register.rows["gia_m2"].tolist() == pytest.approx([92.90304, 46.45152])
    assert [code for code, _ in codes(register)] == ["repeated-reference"] * 2


def test_a_register_without_rows_is_empty_and_has_its_columns(tmp_path: Path) -> None:
    register = read(tmp_path, "Ref,Name\n")
    assert (register.rows_read, len(register.rows)) == (0, 0)
    frame, geometry = frame_of([register])
    assert list(frame.columns) == list(FRAME_COLUMNS)
    assert len(geometry) == 0
    assert list(frame_of([])[0].columns) == list(FRAME_COLUMNS)


# ------------------------------------------------------------------------------------------------------ kind, and who runs it


def held(register: Register) -> list[bool]:
    rows = register.rows
    return [is_estate(*row) for row in zip(rows["kind"], rows["ownership"], rows["operator"], strict=True)]


@pytest.mark.parametrize(
    ("name", "text", "kind", "estate"),
    [
        ("stations.csv", "Station name,Postcode\nMalton fire station,YO17 7DX\nHelmsley fire station,YO62 5AB", "service list", [True, True]),
        ("list.csv", "Force,Station,Postcode\nx,Malton police station,YO17 7EY\nx,Filey police office,YO14 9AA", "service list", [True, True]),
        ("surgeries.csv", "Practice name,Postcode\nDerwent,YO17 9RF\nEast,YO17 7LL", "service list", [False, False]),
        ("pharmacies.csv", "Name,Postcode\nA Chemist,YO17 9RF\nB Chemist,YO17 7LL", "service list", [False, False]),
        ("homes.csv", "Name,Type,Postcode\nRose,Residential homes,YO17 9RF\nOak,Nursing homes,YO17 7LL", "service list", [False, False]),
        ("schools.csv", "School name,Type,Postcode\nA,Community school,YO17 9RF\nB,Other independent school,YO17 7LL", "service list", [True, False]),
        ("libraries.csv", "Library name,Type,Postcode\nA,Local authority run library,YO17 9RF\nB,Community run library,YO1 7LL", "service list", [True, False]),
        ("hospitals.csv", "Hospital name,Provider name\nA,Example NHS Foundation Trust\nB,Private Health plc", "service list", [True, False]),
        ("fire.csv", "Station name,Tenure,Postcode\nMalton,Freehold,YO17 7DX", "ownership", [True]),
        ("libraries.csv", "Library name,Owned by,Postcode\nA,Example Council,YO17 9RF", "ownership", [True]),
        ("school-assets.csv", "School name,Postcode\nA,YO17 9RF", "ownership", [True]),
        ("four.csv", "Name,Place,Holder,Use\nHall,YO17 9RF,Example Council,Offices", "ownership", [True]),
        ("plain.csv", "Name,Postcode\nHall,YO17 9RF\nYard,YO17 7LL", "ownership", [True, True]),
        ("bf.csv", "SiteReference,OwnershipStatus,PlanningStatus\nA,owned by a public authority,permissioned\nB,Unknown,x", "planning", [True, False]),
    ],
)  # fmt: skip
def test_kinds_are_recognised_with_their_reason(
    tmp_path: Path, name: str, text: str, kind: str, estate: list[bool]
) -> None:
    register = read(tmp_path, text, name)
    assert register.kind == kind
    assert len(register.kind_reason) > 20
    assert held(register) == estate


def test_estate_toml_beats_the_kind_recognised(tmp_path: Path) -> None:
    text = "Practice name,Postcode\nDerwent surgery,YO17 9RF"
    register = read(tmp_path, text, entry=Entry(kind="ownership"))
    assert (register.kind, register.kind_reason, held(register)) == ("ownership", "estate.toml says so", [True])


def test_four_columns_are_enough(tmp_path: Path) -> None:
    """Name, place, holder, use; whatever they are called."""
    register = read(
        tmp_path,
        "Building,Where,Held by,What for\nTown hall,YO17 7HH,Example Council,Offices\nDepot,YO17 9RF,Example Council,Store",
    )
    assert register.organisations == {"example-council": "Example Council"}
    assert register.rows["name"].tolist() == ["Town hall", "Depot"]
    assert register.rows["postcode"].tolist() == ["YO17 7HH", "YO17 9RF"]


def test_places_without_a_name_are_called_by_their_line(tmp_path: Path) -> None:
    register = read(tmp_path, "X,Y\n479187,472160\n478532,471953\n")
    assert register.rows["name"].tolist() == ["row 2", "row 3"]
    assert "no-names" in {code for code, _ in codes(register)}


@pytest.mark.parametrize(
    ("head", "cells", "live"),
    [
        ("Status", ["A", "C", "P", "D"], [True, False, False, False]),
        ("Status", ["Open", "Closed", "Proposed to open", "Open, but proposed to close"], [True, False, False, True]),
        ("Close date", ["", "2013", "31/03/2014", "n/a"], [True, False, False, True]),
    ],
)
def test_closed_services_are_no_live_sites(tmp_path: Path, head: str, cells: list[str], live: list[bool]) -> None:
    lines = [f'L{i},Library {i},"{cell}"' for i, cell in enumerate(cells)]
    register = read(tmp_path, "\n".join([f"Code,Library name,{head}", *lines]))
    assert held(register) == live
    said = {issue.code: issue.value for issue in register.issues}
    assert int(said.get("closed-entries", 0)) + int(said.get("proposed-entries", 0)) == live.count(False)
    assert "not-in-vocabulary" not in said
    closed = {status for status, is_live in zip(register.rows["status"], live, strict=True) if not is_live}
    assert closed <= {"disposed", None}


def test_a_closed_building_somebody_owns_is_vacant_and_stays(tmp_path: Path) -> None:
    register = read(tmp_path, "Ref,Name,Tenure,Status\n1,Hall,Freehold,Closed\n2,Shop,Freehold,Open\n")
    assert register.rows["status"].tolist() == ["vacant", "operational"]
    assert register.rows["status_as_given"].tolist() == ["Closed", "Open"]
    assert held(register) == [True, True]


def test_a_day_of_closing_after_the_date_of_the_list_is_to_come(tmp_path: Path) -> None:
    text = "Library name,Close date\nA,01/01/2030\nB,01/01/2020\n"
    register = read(tmp_path, text, entry=Entry(as_of=dt.date(2025, 1, 1)))
    assert held(register) == [True, False]


# ------------------------------------------------------------------------------------------------------------------- owners


def test_an_occupier_is_no_owner(tmp_path: Path) -> None:
    register = read(
        tmp_path, "Ref,Name,Occupier,Tenant,Managed by\n1,Hall,Example Council,Other Council,Third Council\n"
    )
    assert register.organisations == {}
    assert register.rows["organisation"].tolist() == ["unknown"]


def test_what_a_company_or_person_owns_is_context(tmp_path: Path) -> None:
    register = read(
        tmp_path,
        "Ref,Name,Owned by\n1,Hall,Example Council\n2,Shop,Example Estates Ltd\n3,Yard,Mr A Person\n4,Pit,Example Trust\n",
    )
    assert held(register) == [True, False, False, True]
    assert [(issue.code, issue.value) for issue in register.issues] == [("private-owners", "2")]
    surgeries = read(
        tmp_path,
        "Practice code,Practice name,Premises held by\nB1,Derwent Surgery,GP partners\nB2,East Surgery,Example Trust\n",
    )
    assert (surgeries.kind, held(surgeries)) == ("service list", [False, False])


def test_a_web_address_gives_way_to_a_name(tmp_path: Path) -> None:
    uri = "http://opendatacommunities.org/id/district-council/north-dorset"
    both = read(tmp_path, f"Ref,Organisation,OrganisationLabel\n1,{uri},North Dorset\n2,{uri},North Dorset\n")
    assert both.organisations == {"north-dorset": "North Dorset"}
    alone = read(tmp_path, f"Ref,OrganisationURI\n1,{uri}\n")
    assert alone.organisations == {"north-dorset-district-council": "North Dorset District Council"}


def test_the_owner_a_row_names_comes_before_the_publisher(tmp_path: Path) -> None:
    register = read(
        tmp_path,
        "SiteReference,OrganisationLabel,OwnershipStatus,PlanningStatus\n"
        "1,Example,Kent County Council,x\n2,Example,Mr A Person,x\n3,Example,Owned by a public authority,x\n",
    )
    assert register.rows["organisation"].tolist() == ["kent-county-council", "example", "example"]
    assert register.rows["ownership"].tolist() == ["public", "private", "public"]
    assert register.rows["ownership_as_given"].tolist() == ["Kent County Council", None, "Owned by a public authority"]


def test_the_authority_of_the_area_does_not_own_what_others_run(tmp_path: Path) -> None:
    register = read(
        tmp_path, "Local authority,School name,Type\nA,Hill,Community school\nA,Dale,Other independent school\n"
    )
    assert register.rows["organisation"].tolist() == ["a", "unknown"]


# -------------------------------------------------------------------------------------------------------------- whole columns


def test_ticks_say_the_tenure(tmp_path: Path) -> None:
    register = read(
        tmp_path,
        "Ref,Name,Freehold: occupied by LA,Freehold: ground leasehold,Leasehold - sub leasehold\n"
        "1,Hall,X,,\n2,Shop,,X,\n3,Yard,,,Y\n4,Pit,N,N,N\n5,Both,X,,X\n",
    )
    assert register.rows["tenure"].tolist() == ["freehold", "freehold", "leasehold", None, None]
    assert register.rows["tenure_as_given"].tolist()[:4] == [
        "occupied by LA",
        "ground leasehold",
        "sub leasehold",
        None,
    ]
    assert ("ambiguous", "6") in codes(register)


def test_uprns_a_spreadsheet_has_rounded_are_left_unknown_with_one_issue(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},Hall {i},10000{i}02{i}000" for i in range(8))
    register = read(tmp_path, f"Ref,Name,UPRN\n{rows}\n")
    assert register.rows["uprn"].isna().all()
    assert [code for code, _ in codes(register)] == ["uprn-rounded"]


def test_dates_are_read_as_their_column_shows(tmp_path: Path) -> None:
    american = read(tmp_path, "Ref,Name,Lease expiry\n1,A,03/04/2025\n2,B,04/13/2025\n")
    assert american.rows["lease_expiry"].tolist() == [dt.date(2025, 3, 4), dt.date(2025, 4, 13)]
    serials = read(tmp_path, "Ref,Name,Opened\n1,A,40353\n2,B,40354\n")
    assert serials.rows["opened"].tolist() == [dt.date(2010, 6, 24), dt.date(2010, 6, 25)]
    vague = read(tmp_path, "Ref,Name,Year opened\n1,A,1974\n2,B,1975\n")
    assert [[code for code, _ in codes(r)] for r in (american, serials, vague)] == [
        ["month-first"],
        ["date-serials"],
        ["vague-date"],
    ]


def test_the_postcode_an_address_ends_in_is_read_where_no_column_holds_postcodes(tmp_path: Path) -> None:
    register = read(tmp_path, 'Ref,Name,Address\n1,Hall,"High Street, Malton, YO17 7HH"\n2,Shop,"Low Street, Malton"\n')
    assert register.rows["postcode"].tolist() == ["YO17 7HH", None]
    assert [(issue.code, issue.row) for issue in register.issues] == [("postcode-from-address", "")]
    column = read(tmp_path, 'Ref,Address,Postcode\n1,"High Street, YO17 7HH",\n')
    assert column.rows["postcode"].tolist() == [None]


def test_who_decided_is_read_from_the_status(tmp_path: Path) -> None:
    register = read(
        tmp_path, 'Ref,Name,Status\n1,Hall,"Declared surplus by Cabinet, 12 May 2010"\n2,Shop,Operational\n'
    )
    assert register.rows["status"].tolist() == ["surplus", "operational"]
    assert register.rows["decided_by"].tolist() == ["Cabinet, 12 May 2010", None]
    assert register.rows["status_as_given"].tolist() == ["Declared surplus by Cabinet, 12 May 2010", None]


# -------------------------------------------------------------------------------------------------------------- properties

_CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "",
            "Hall",
            "1",
            "Total",
            "479187",
            "472160",
            "0.79W",
            "YO17 7HH",
            "n/a",
            "£3m",
            "Freehold",
            "a\nb",
            "x,y",
            '"',
            "=1+1",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
_HEADS = st.one_of(
    st.sampled_from(
        [
            "Ref",
            "Name",
            "Name",
            "Address",
            "Easting",
            "Northing",
            "UPRN",
            "Postcode",
            "Status",
            "Tenure",
            "Organisation",
            "Running cost",
            "Site area",
            "Coordinates",
            "Title",
            "",
            "Notes",
            "Water cost",
            "Energy cost",
            "WKT",
            "Ownership",
        ]
    ),
    _CELLS,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.lists(_HEADS, min_size=1, max_size=8),
    rows=st.lists(st.lists(_CELLS, min_size=0, max_size=9), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    repeat=st.booleans(),
)
def test_every_row_is_accepted_or_set_aside(
    tmp_path: Path, header: list[str], rows: list[list[str]], delimiter: str, repeat: bool
) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows([header, *rows, *(rows if repeat else [])])
    message, register = "", None
    try:
        register = read(tmp_path, buffer.getvalue())
    except EstateError as error:
        message = str(error)
    if register is None:
        assert message.startswith("register.csv")
        return
    aside = set_aside(register)
    assert register.rows_read == len(register.rows) + register.quarantined
    assert len(aside) == register.quarantined
    assert len(register.geometry) == len(register.rows)
    assert register.rows["asset_id"].is_unique
    assert not {row for _, row in aside} & {str(row) for row in register.rows["row"]}
    located = ~shapely.is_missing(register.geometry)
    assert (located == (register.rows["location_precision"] != "none")).all()
    assert (located == register.rows["easting"].notna()).all()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(_CELLS, _CELLS, _CELLS, _CELLS), max_size=10), chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_answer(
    tmp_path: Path, rows: list[tuple[str, ...]], chance: random.Random
) -> None:
    def answers(ordered: list[tuple[str, ...]]) -> set[tuple[object, ...]]:
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([("Property ref", "Property name", "Running cost (£)", "Postcode"), *ordered])
        frame = read(tmp_path, buffer.getvalue()).rows
        return {tuple(map(str, row)) for row in frame.drop(columns="row").itertuples(index=False, name=None)}

    assert answers(rows) == answers(chance.sample(rows, len(rows)))


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    (tmp_path / "council.csv").write_text("Ref,Name,Postcode\nA1,Hall,YO17 7AB\nA2,Refuge for women,YO17 7AB\n")
    told: list[tuple[str, float]] = []
    read_register(tmp_path / "council.csv", "council.csv", Entry(), {}, progress=lambda *what: told.append(what))
    shares = [share for _, share in told]
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert shares == sorted(shares)
    assert {file for file, _ in told} == {"council.csv"}

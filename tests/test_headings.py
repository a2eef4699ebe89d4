"""Which column is which: by heading and by content, with the reason kept."""

from pathlib import Path

import pytest

import assetplan as ap
from assetplan.columns.headings import find_header, heading_unit, unit_of
from assetplan.columns.mapping import recognise
from assetplan.errors import EstateError
from assetplan.formats.files import Cells
from assetplan.schema import ASSETS


def grid(drawing: str) -> list[list[str]]:
    """Rows of a drawing with its cells parted by bars."""
    return [[cell.strip() for cell in line.split("|")] for line in drawing.strip().splitlines()]


def mapped(drawing: str) -> dict[str, list[int]]:
    header, *rows = grid(drawing)
    return recognise("register.csv", header, rows)[0]


def columns(drawing: str) -> list[str]:
    header, *rows = grid(drawing)
    chosen, read, _ = recognise("register.csv", header, rows)
    assert [column.position for column in read] == list(range(1, len(header) + 1))
    assert all(column.reason for column in read)
    assert {column.column for column in read if column.column} == set(chosen)
    return [column.column for column in read]


def test_a_transparency_code_list() -> None:
    """The council's list in the newer form, with a code in the column headed label."""
    assert columns(
        """
        Organisation    | Organisation Label | UPRN         | AssetCode | Site Address  | GeoX   | GeoY   | TenureType | Tenure Detail | Holding Type
        Example Council | 99XX               | 010000000001 | 1/LAND    | 1 High Street | 395000 | 223000 | Leashold   | Let           | Parks
        """
    ) == ["organisation", "", "uprn", "reference", "address", "easting", "northing", "tenure", "tenure_detail", "use"]


def test_a_fire_service_list_whose_status_is_a_duty_system() -> None:
    """The heading says status, no cell of it is one."""
    assert columns(
        """
        UPRN  | Site    | Address | Post Code | Status | Site Area        | Gross Internal Area | Site Co-ordinates (Geocode) | Asset Ownership | Type
        54001 | Station | Road    | ZZ1 1AA   | RDS    | 0.537 hectares   | 188                 | 421000,368000               | Freehold        | Hall
        54002 | House   | Road    | ZZ1 1AB   | WDS    | 0.2 ha (.5 acre) |                     | 421001,368001               | Leasehold       | Hut
        """
    ) == ["uprn", "name", "address", "postcode", "", "site_area_ha", "gia_m2", "coordinates", "tenure", "use"]


def test_a_brownfield_register() -> None:
    chosen = mapped(
        """
        OrganisationURI | OrganisationLabel | SiteReference | SiteNameAddress | GeoX   | GeoY   | Hectares | OwnershipStatus  | PlanningStatus
        http://x        | Example           | B1            | Land at Mill    | 395000 | 223000 | 0.4      | public authority | permissioned
        """
    )
    assert chosen == {
        "organisation": [1], "reference": [2], "name": [3], "easting": [4], "northing": [5], "site_area_ha": [6], "ownership": [7],
    }  # fmt: skip


def test_ownership_decides_by_its_cells_what_it_means() -> None:
    assert "tenure" in mapped("Name | Ownership\nHall | Freehold\nShop | Leasehold")
    assert "ownership" in mapped("Name | Ownership\nHall | Public\nShop | Private")
    assert set(mapped("Name | Ownership\nHall | Example Estates\nShop | A Person")) == {"name"}


def test_title_is_a_title_number_or_a_name_by_its_cells() -> None:
    assert mapped("Ref | Title\n1 | NYK123456\n2 | NYK1, NYK2\n3 | TBC")["title_no"] == [1]
    assert mapped("Ref | Title\n1 | Town library\n2 | Old hall") == {"reference": [0], "name": [1]}


@pytest.mark.parametrize(
    "head",
    ["Head teacher", "Contact name", "E-mail", "Telephone", "Responsible officer", "Caretaker", "Notes"],
)
def test_columns_of_persons_are_not_mapped(head: str) -> None:
    assert set(mapped(f"Ref | {head}\n1 | A. Person")) == {"reference"}


def test_headings_alike_with_the_same_cells_are_one() -> None:
    header, *rows = grid("Ref | Name | Name\n1 | Hall | Hall\n2 | Shop | Shop")
    chosen, read, issues = recognise("register.csv", header, rows)
    assert chosen["name"] == [1]
    assert read[2].reason == "repeats column 2 cell for cell"
    assert not issues


def test_headings_alike_with_different_cells_are_a_tie_and_neither_is_used() -> None:
    header, *rows = grid("Ref | Name | Name\n1 | Hall | Hall\n2 | Shop | Store")
    chosen, read, issues = recognise("register.csv", header, rows)
    assert "name" not in chosen
    assert [issue.code for issue in issues] == ["tied-columns"]
    assert [column.column for column in read] == ["reference", "", ""]


def test_a_blank_column_gives_way_to_one_that_says_something() -> None:
    """Both pairs of columns are known headings; the better known pair is blank."""
    chosen = mapped(
        "Ref | Easting | Northing | GeoX | GeoY | Name | Name\n1 | | | 395000 | 223000 | | Hall\n2 | | | 395001 | 223001 | | Shop"
    )
    assert (chosen["easting"], chosen["northing"], chosen["name"]) == ([3], [4], [6])


@pytest.mark.parametrize(
    "head", ["GIA sq ft", "GIA (m2)", "Gross internal area in square metres", "GIA_sqm", "gross internal area (sq. ft)"]
)
def test_a_unit_at_the_end_does_not_hide_the_heading(head: str) -> None:
    assert mapped(f"Ref | {head}\n1 | 20")["gia_m2"] == [1]


def test_the_more_specific_heading_wins_and_the_other_says_so() -> None:
    header, *rows = grid("Asset reference | Site reference | Name\nA1 | S1 | Hall")
    chosen, _, _ = recognise("register.csv", header, rows)
    assert (chosen["reference"], chosen["site_reference"]) == ([0], [1])
    assert mapped("Site reference | Name\nS1 | Hall")["reference"] == [0]
    assert "organisation" in mapped(
        "Local authority (code) | Local authority (name) | Ref\n99 | Example | 1\n98 | Other | 2"
    )


def test_parts_of_an_address_and_of_a_cost_are_gathered() -> None:
    chosen = mapped(
        "Ref | Street no | Street | Town | Energy costs (£) | Water cost (£)\n1 | 5 | High Street | Malton | 10 | 5"
    )
    assert chosen["address"] == [1, 2, 3]
    assert chosen["running_cost_gbp_pa"] == [4, 5]
    total = mapped("Ref | Running cost (£) | Energy costs (£)\n1 | 20 | 10")
    assert total["running_cost_gbp_pa"] == [1]


def test_headings_cut_off_as_shapefiles_cut_them() -> None:
    assert mapped("ASSET_REFE | PROPERTY_N | CLASSIFICA\n1 | Hall | Office") == {
        "reference": [0],
        "use": [2],
    }  # PROPERTY_N: name or number?
    assert mapped("ref | FEATCOD\n1 | Office") == {"reference": [0]}


def test_the_header_below_titles_and_groups() -> None:
    """Two title lines, a line of group headings, then the header.

    ::

        Example Council        |        |
        List of assets 2024    |        |
        Location               | Size   | Money
        Site name | Post code  | GIA m2 | Running cost
    """
    rows = [["Example Council", "", "", ""], ["List of assets 2024", "", "", ""], ["Location", "", "Size", "Money"],
            ["Site name", "Post code", "GIA m2", "Running cost"], ["Hall", "ZZ1 1AA", "10", "5"]]  # fmt: skip
    titles, header, below, lines, issues = find_header(Cells(rows, [1, 2, 4, 5, 6]), "register.csv")
    assert titles == ["Example Council", "List of assets 2024"]
    assert header[0] == "Site name"
    assert (below, lines) == ([rows[4]], [6])
    assert not issues


def test_a_row_of_data_that_sounds_like_headings_is_not_the_header() -> None:
    rows = grid("Ref | Kind of thing | What it is for\n1 | Site | Council\n2 | Property | Premises")
    _, header, below, _, _ = find_header(Cells(rows, [1, 2, 3]), "register.csv")
    assert header[0] == "Ref"
    assert len(below) == 2


def test_one_known_word_below_a_row_filled_alike_makes_no_header() -> None:
    rows = grid("What | Where | Why\nBooks | Library | Statutory\nOld | Hall | Given")
    _, header, below, _, _ = find_header(Cells(rows, [1, 2, 3]), "register.csv")
    assert (header, len(below)) == (["What", "Where", "Why"], 2)


def test_a_row_above_the_header_that_may_be_an_asset_is_reported() -> None:
    rows = [["Hall", "ZZ1 1AA", "10"], ["Site name", "Post code", "GIA m2"], ["Shop", "ZZ1 1AB", "20"]]
    _, _, below, _, issues = find_header(Cells(rows, [1, 2, 3]), "register.csv")
    assert len(below) == 1
    assert [(issue.code, issue.row) for issue in issues] == [("above-heading", "1")]


def test_blank_columns_on_the_right_are_not_columns() -> None:
    rows = [["Site name", "Post code", "", ""], ["Hall", "ZZ1 1AA", "", ""], ["Shop", "ZZ1 1AB", "", ""]]
    assert find_header(Cells(rows, [1, 2, 3]), "x.csv")[1] == ["Site name", "Post code"]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["A81001", "THE SURGERY"]],
        [["Easting", "Northing"], ["1", "2"]],
        [["instance", "n", "optimum"], ["pmed1", "5", "8"]],
    ],
)
def test_tables_without_a_name_or_place_are_refused(rows: list[list[str]]) -> None:
    def understand() -> None:
        _, header, below, _, _ = find_header(Cells(rows, list(range(1, len(rows) + 1))), "register.csv")
        recognise("register.csv", header, below)

    with pytest.raises(EstateError, match=r"^register\.csv: "):
        understand()


def test_a_refusal_stays_short_and_readable() -> None:
    with pytest.raises(EstateError) as caught:
        find_header(Cells([["\u202e" + "x" * 40_000, "y" * 40_000]], [1]), "register.csv")
    assert len(str(caught.value)) < 500
    assert "\u202e" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("Site area (ha)", "ha"), ("siteAreaHa", "ha"), ("Site area hectares", "ha"), ("Land (acres)", "acres"), ("GIA (sq ft)", "sq ft"),
        ("Gross internal area (m²)", "m2"), ("GIA sqm", "m2"), ("Running cost (£000)", "000"), ("Running cost £000s", "000"),
        ("Backlog (£k)", "k"), ("Backlog (£m)", "m"), ("Running cost (£ pa)", ""), ("Site area", ""), ("Name", ""),
    ],
)  # fmt: skip
def test_units_in_headings(head: str, unit: str) -> None:
    assert unit_of(head) == unit


def test_an_area_of_land_has_no_usual_unit() -> None:
    assert heading_unit(ASSETS["site_area_ha"], "Site area") == "no unit stated"
    assert heading_unit(ASSETS["site_area_ha"], "Site area (acres)") == "acres"
    assert heading_unit(ASSETS["gia_m2"], "GIA") == heading_unit(ASSETS["name"], "Name (ha)") == ""


# ------------------------------------------------------------------------------------------------- headings in other words


@pytest.mark.parametrize(
    ("head", "cell", "column"),
    [
        ("Property - Post Code", "YO17 7HH", "postcode"), ("Location: Postcode", "YO17 7HH", "postcode"), ("Post\ncode", "YO17 7HH", "postcode"),
        ("3. Post Code", "YO17 7HH", "postcode"), ("POSTCODES", "YO17 7HH", "postcode"), ("PCODE", "YO17 7HH", "postcode"),
        ("Postcode (if known)", "YO17 7HH", "postcode"), ("Cod post", "YO17 7HH", "postcode"),
        ("Bldg Name", "Hall", "name"), ("Prop. Name", "Hall", "name"), ("Name of asset", "Hall", "name"), ("Enw", "Neuadd", "name"),
        ("Asset Tenure Type", "Freehold", "tenure"), ("Owned/Leased", "Owned", "tenure"), ("FH/LH", "F/H", "tenure"),
        ("Easting (BNG)", "479187", "easting"), ("OS Grid Northing", "472160", "northing"), ("Dwyreiniad", "479187", "easting"),
        ("Unique Property Ref", "10000480247", "uprn"), ("UPRNs", "10000480247", "uprn"),
        ("Owned by", "Example Council", "organisation"), ("Land owner", "Example Council", "organisation"),
        ("Site Area (acres)", "2", "site_area_ha"), ("Open Date", "1/4/1974", "opened"), ("Lease end date", "31/03/2040", "lease_expiry"),
    ],
)  # fmt: skip
def test_headings_in_other_words(head: str, cell: str, column: str) -> None:
    chosen, read, _ = recognise("register.csv", ["Ref", head], [["1", cell], ["2", cell]])
    assert chosen.get(column) == [1]
    assert read[1].reason.startswith("heading")


@pytest.mark.parametrize(
    "head",
    [
        "Occupier",
        "Tenant",
        "Managed by",
        "Occupied by (tenant)",
        "Site plan URL",
        "Ward name",
        "Council tax band",
        "Property value",
        "Head office",
    ],
)
def test_headings_of_something_else_are_left(head: str) -> None:
    """An occupier is no owner, and a value no place."""
    assert set(mapped(f"Ref | Name | {head}\n1 | Hall | Example Council\n2 | Shop | Other Council")) == {
        "reference",
        "name",
    }


@pytest.mark.parametrize(
    ("head", "cells", "column"),
    [
        ("Postocde", ["YO17 7HH"], "postcode"),
        ("Esating", ["479187"], "easting"),
        ("Adress", ["1 High Street"], "address"),
        ("Tenrue type", ["Freehold", "Leasehold"], "tenure"),
    ],
)
def test_a_misspelt_heading_counts_where_the_cells_agree(head: str, cells: list[str], column: str) -> None:
    chosen, read, _ = recognise("register.csv", ["Ref", head], [[str(i), cell] for i, cell in enumerate(cells)])
    assert chosen.get(column) == [1]
    assert "misspelt" in read[1].reason


def test_a_misspelt_heading_whose_cells_disagree_is_left() -> None:
    assert set(mapped("Ref | Postocde\n1 | see file\n2 | none given")) == {"reference"}


def test_two_rows_of_headings() -> None:
    """A row of groups over a row of headings, cells of the upper row merged over those to their right.

    ::

        UPRN | Name | Location |          | Freehold       |                  | Contact
             |      | Easting  | Northing | Occupied by LA | Ground leasehold | Name
    """
    rows = grid(
        """
        UPRN         | Name | Location |          | Freehold       |                  | Contact
                     |      | Easting  | Northing | Occupied by LA | Ground leasehold | Name
        100000000001 | Hall | 479187   | 472160   | X              |                  | A Person
        100000000002 | Shop | 478532   | 471953   |                | X                | B Person
        """
    )
    _, header, below, lines, issues = find_header(Cells(rows, [1, 2, 3, 4]), "register.csv")
    assert (len(below), lines, issues) == (2, [3, 4], [])
    chosen, read, _ = recognise("register.csv", header, below)
    assert chosen == {"uprn": [0], "name": [1], "easting": [2], "northing": [3], "tenure": [4, 5]}
    assert read[6].reason == "the heading means a person"


def test_a_group_names_the_headings_that_say_nothing_alone() -> None:
    rows = grid(
        """
        Ref | Freehold       |                  | Leasehold      |
        Ref | Occupied by LA | Ground leasehold | Occupied by LA | Sub leasehold
        1   | X              |                  |                |
        """
    )
    _, header, below, _, _ = find_header(Cells(rows, [1, 2, 3]), "register.csv")
    assert header == [
        "Ref",
        "Freehold - Occupied by LA",
        "Freehold - Ground leasehold",
        "Leasehold - Occupied by LA",
        "Leasehold - Sub leasehold",
    ]
    assert len(below) == 1


def test_a_row_above_that_groups_nothing_lends_no_words() -> None:
    rows = grid("Secret | | | \nZorp | Ref | Name | Easting\na | 1 | Hall | 479187\nb | 2 | Shop | 479188")
    assert find_header(Cells(rows, [1, 2, 3, 4]), "register.csv")[1] == ["Zorp", "Ref", "Name", "Easting"]
    rows[0] = ["Secret", "More", "", "1"]
    assert find_header(Cells(rows, [1, 2, 3, 4]), "register.csv")[1] == ["Zorp", "Ref", "Name", "Easting"]
    rows[0] = ["Secret", "More", "", ""]
    assert find_header(Cells(rows, [1, 2, 3, 4]), "register.csv")[1] == ["Zorp", "Ref", "Name", "Easting"]


def test_a_first_row_of_data_is_no_second_row_of_headings() -> None:
    rows = grid("Name | Use | Town\nLibrary | School | Malton\nHall | Office | Norton")
    _, header, below, _, _ = find_header(Cells(rows, [1, 2, 3]), "register.csv")
    assert header == ["Name", "Use", "Town"]
    assert len(below) == 2


# ------------------------------------------------------------------------------------------------------- what cells look like


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (["YO17 7HH", "YO17 9RF", "n/a"], "postcode"),
        (["100000000001", "10000480247", "100000000003"], "uprn"),
        (["479187, 472160", "478532, 471953"], "coordinates"),
        (["POINT (1 2)", "POINT (3 4)"], "wkt"),
        (["54.1391", "54.1402", "54.1377"], "northing"),
        (["-0.7891", "-0.7902", "-0.7877"], "easting"),
        (["1,201,300", "472160", "1204000"], ""),  # figures with commas beside others: left
        (["NYK123456", "NYK99001", "WYK12345"], "title_no"),
        (["1.5 hectares", "0.3 ha", "2 acres"], "site_area_ha"),
        (["£1,250", "£3m", "£12"], ""),
        (["01/04/2010", "02/04/2010", "30/04/2010"], ""),
        (["54001", "54002", "54003"], ""),
        (["01653 600747", "01653 600748", "01653 600749"], ""),
        (["1617486414", "1617486415", "1617486416"], ""),
        (["A Person", "B Somebody", "C Other"], ""),
    ],
)
def test_a_column_whose_heading_says_nothing_is_read_by_its_cells(cells: list[str], column: str) -> None:
    header, rows = ["Name", "Zz"], [[f"Hall {i}", cell] for i, cell in enumerate(cells)]
    chosen, read, issues = recognise("register.csv", header, rows)
    assert read[1].column == column
    assert not issues
    if column:
        assert chosen[column] == [1]
        assert read[1].reason.startswith("cells look like")


def test_two_columns_that_look_alike_are_a_tie_and_neither_is_used() -> None:
    header, *rows = grid("Name | A | B\nHall | YO17 7HH | YO17 9RF\nShop | YO17 7HL | YO17 9RG")
    chosen, read, issues = recognise("register.csv", header, rows)
    assert set(chosen) == {"name"}
    assert [(issue.code, issue.value) for issue in issues] == [("tied-columns", "A, B")]
    assert "neither" in read[1].reason


def test_columns_of_grid_figures_are_told_apart_only_by_evidence() -> None:
    north = "Name | A | B\n" + "\n".join(f"Hall {i} | 3{i}7420 | 76{i}540" for i in range(4))
    assert mapped(north)["northing"] == [2]
    assert mapped(north)["easting"] == [1]
    either = "Name | A | B\n" + "\n".join(f"Hall {i} | 43{i}818 | 42{i}242" for i in range(4))
    header, *rows = grid(either)
    chosen, _, issues = recognise("register.csv", header, rows)
    assert set(chosen) == {"name"}
    assert [issue.code for issue in issues] == ["tied-columns"]
    assert mapped(either.replace("| A |", "| Easting |"))["northing"] == [2]


def test_the_postcode_of_somewhere_else_places_nothing() -> None:
    assert "postcode" not in mapped("Name | Owner's postcode\nHall | YO17 7HH\nShop | YO17 9RF")


def test_a_file_without_headings_is_read_by_its_cells_alone() -> None:
    rows = grid(
        """
        B82001 | DERWENT SURGERY      | Y63 | NORTON ROAD  | MALTON | YO17 9RF | A
        B82002 | HIGH STREET PRACTICE | Y63 | HIGH STREET  | MALTON | YO17 7LL | C
        B82003 | MEDICAL CENTRE EAST  | Y63 | EAST ROAD    | YORK   | YO1 7LL  | A
        B82004 | OLD MILL SURGERY     | Y63 | MILL LANE    | YORK   | YO1 8LL  | A
        """
    )
    _, header, below, _, issues = find_header(Cells(rows, [1, 2, 3, 4]), "register.csv")
    assert header[0] == "column 1"
    assert len(below) == 4
    assert [issue.code for issue in issues] == ["no-heading"]
    chosen, read, _ = recognise("register.csv", header, below)
    assert chosen == {"reference": [0], "name": [1], "address": [3, 4], "postcode": [5], "status": [6]}
    assert all(column.reason.startswith("cells look like") for column in read if column.column)


def test_ids_under_a_uprn_heading_are_the_reference_unless_there_is_one() -> None:
    header, *rows = grid("UPRN | Name\n54001 | Hall\n54002 | Shop\n54003 | Yard")
    chosen, read, issues = recognise("register.csv", header, rows)
    assert chosen == {"reference": [0], "name": [1]}
    assert "reference" in read[0].reason
    assert [issue.code for issue in issues] == ["not-uprns"]
    assert set(mapped("UPRN | Ref | Name\n54001 | a | Hall\n54002 | b | Shop\n54003 | c | Yard")) == {
        "reference",
        "name",
    }
    assert recognise("register.csv", header, rows, [("UPRN", "uprn")])[0]["uprn"] == [0]


# ------------------------------------------------------------------------------------------------------- as a person says


def test_what_a_person_says_beats_everything() -> None:
    header, *rows = grid("Name | Prem Nm | UPRN\n1 | Hall | YO17 7HH\n2 | Shop | YO17 9RF")
    said = [("prem nm", "name"), ("UPRN", "postcode"), ("column 1", "reference")]
    chosen, read, _ = recognise("register.csv", header, rows, said)
    assert chosen == {"name": [1], "postcode": [2], "reference": [0]}
    assert {column.reason for column in read} == {"you say so"}
    chosen, read, _ = recognise("register.csv", header, rows, [("Name", ""), ("Prem Nm", "name")])
    assert chosen["name"] == [1]
    assert "unread" in read[0].reason


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([("Nmae", "name")], r"'Nmae' is no heading.*Did you mean 'Name'\?"),
        ([("Name", "adress")], r"'adress', which is no column here\. Did you mean 'address'\?"),
        ([("Name", "uprn"), ("Ref", "uprn")], "two headings are read as uprn"),
        ([("column 9", "name")], "no heading"),
    ],
)
def test_what_a_person_says_wrongly_is_refused(said: list[tuple[str, str]], told: str) -> None:
    with pytest.raises(EstateError, match=told):
        recognise("register.csv", ["Ref", "Name"], [["1", "Hall"]], said)


# --------------------------------------------------------------------------------------------------------------- what is enough


@pytest.mark.parametrize(
    "drawing", ["Easting | Northing\n479187 | 472160", "id | lon | lat\n1 | -0.789 | 54.139", "Postcode\nYO17 7HH"]
)
def test_a_list_of_places_needs_no_names(drawing: str) -> None:
    assert mapped(drawing)


@pytest.mark.parametrize(
    "drawing", ["lsoa11cd | lat | lon\nE01 | 54.1 | -0.7", "code | label\n1 | a", "Easting | Northing\n1 | 2"]
)
def test_tables_of_areas_codes_and_figures_are_refused(drawing: str) -> None:
    with pytest.raises(EstateError, match="no column is recognised"):
        mapped(drawing)


@pytest.mark.parametrize("head", ["Floor area - empty (%)", "% vacant", "Vacancy rate %", "Empty per cent"])
def test_shares_of_empty_space_are_read_with_their_unit(head: str, tmp_path: Path) -> None:
    path = tmp_path / "eric.csv"
    path.write_text(
        f"Ref,Name,Easting,Northing,{head}\n1,Hall,479001,471001,12.5\n2,Barn,479101,471001,40\n", encoding="utf-8"
    )
    assert list(ap.read_estate(path).assets["empty_percent"]) == [12.5, 40.0]

"""Which column is which: by heading and by content, with the reason kept."""

import pytest

from assetplan.errors import EstateError
from assetplan.files import Cells
from assetplan.headings import find_header, heading_unit, unit_of
from assetplan.mapping import recognise
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
    assert mapped("ref | CLASSIFICAT\n1 | Office") == {"reference": [0]}


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


def test_a_row_above_the_header_that_may_be_an_asset_is_reported() -> None:
    rows = [["Hall", "ZZ1 1AA", "10"], ["Site name", "Post code", "GIA m2"], ["Shop", "ZZ1 1AB", "20"]]
    _, _, below, _, issues = find_header(Cells(rows, [1, 2, 3]), "register.csv")
    assert len(below) == 1
    assert [(issue.code, issue.row) for issue in issues] == [("above-heading", "1")]


def test_blank_columns_on_the_right_are_not_columns() -> None:
    rows = [["Site name", "Post code", "", ""], ["Hall", "ZZ1 1AA", "", ""], ["Shop", "ZZ1 1AB", "", ""]]
    assert find_header(Cells(rows, [1, 2, 3]), "x.csv")[1] == ["Site name", "Post code"]


@pytest.mark.parametrize("rows", [[], [["A81001", "THE SURGERY"]], [["Easting", "Northing"], ["1", "2"]]])
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

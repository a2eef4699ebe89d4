"""One register as rows of the assets table: every row accepted or set aside with a reason."""

import csv
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

"""Workbooks as people keep them: hidden parts, merges, formulas, errors, dates, several tables; and what is refused before it is opened."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

import assetplan as ap
from assetplan.errors import EstateError
from assetplan.formats.contents import Cells
from assetplan.formats.files import read_cells, read_tables
from assetplan.registers import Entry, read_register


def sheet_of(*rows: list[object]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def read(folder: Path, book: openpyxl.Workbook, sheet: str = "") -> Cells:
    book.save(folder / "register.xlsx")
    return read_cells(folder / "register.xlsx", "register.xlsx", sheet)


def told(cells: Cells) -> list[tuple[str, str, int]]:
    return [(note.code, note.value, note.line) for note in cells.notes]


def changed(path: Path, part: str, old: str, new: str) -> None:
    """Replace text in one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {member.filename: archive.read(member) for member in archive.infolist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


ROWS: list[list[object]] = [["Ref", "Name", "Postcode"], ["A1", "Hall", "YO17 7AB"], ["A2", "Depot", "YO17 9DB"]]


# ------------------------------------------------------------------------------------------------------- hidden


def test_hidden_columns_and_sheets_are_not_read_and_hidden_rows_are(tmp_path: Path) -> None:
    """Column B is hidden, and row 3, and the second sheet."""
    book = sheet_of(*ROWS)
    book.active.column_dimensions["B"].hidden = True
    book.active.row_dimensions[3].hidden = True
    book.create_sheet("Valuations").append(["secret"])
    book["Valuations"].sheet_state = "hidden"
    cells = read(tmp_path, book)
    assert cells.rows == [["Ref", "", "Postcode"], ["A1", "", "YO17 7AB"], ["A2", "", "YO17 9DB"]]
    assert sorted(told(cells)) == [("hidden-columns", "1", 0), ("hidden-row", "", 3), ("hidden-sheets", "1", 0)]


def test_a_run_of_hidden_columns_is_counted_where_it_holds_anything(tmp_path: Path) -> None:
    book = sheet_of(["Ref", "Name", "Price", "Cost"], ["A1", "Hall", 1, 2])
    book.save(tmp_path / "x.xlsx")
    changed(
        tmp_path / "x.xlsx",
        "xl/worksheets/sheet1.xml",
        "<sheetData>",
        '<cols><col min="3" max="16384" hidden="1"/></cols><sheetData>',
    )
    cells = read_cells(tmp_path / "x.xlsx", "x.xlsx")
    assert cells.rows[1] == ["A1", "Hall", "", ""]
    assert told(cells) == [("hidden-columns", "2", 0)]


def test_a_workbook_of_hidden_sheets_says_so(tmp_path: Path) -> None:
    book = sheet_of()
    book.create_sheet("Secret").append(["Ref"])
    book["Secret"].sheet_state = "veryHidden"
    with pytest.raises(EstateError, match=r"no sheet holds any cell\. 1 hidden sheets"):
        read(tmp_path, book)


def test_hidden_columns_never_reach_an_estate(tmp_path: Path) -> None:
    book = sheet_of(["Ref", "Name", "Postcode", "Description"], ["A1", "Hall", "YO17 7AB", "asbestos in the roof"])
    book.active.column_dimensions["D"].hidden = True
    book.save(tmp_path / "register.xlsx")
    estate = ap.read_estate(tmp_path / "register.xlsx")
    assert "asbestos" not in str(estate.assets.to_dict()) + str(estate.issues.to_dict())


# ------------------------------------------------------------------------------------------------------- formulas


def test_formulas_without_a_result_are_unknown_and_named(tmp_path: Path) -> None:
    cells = read(tmp_path, sheet_of(["Ref", "Area", "Cost"], ["A1", "=1+1", 5], ["A2", 3, "=SUM(C2)"]))
    assert cells.rows[1:] == [["A1", "", "5"], ["A2", "3", ""]]
    assert told(cells) == [("formula-without-value", "B2", 2), ("formula-without-value", "C3", 3)]


def test_a_formula_with_a_stored_result_is_its_result(tmp_path: Path) -> None:
    sheet_of(["Ref", "Area"], ["A1", "=1+1"], ["A2", "=A1"]).save(tmp_path / "x.xlsx")
    changed(tmp_path / "x.xlsx", "xl/worksheets/sheet1.xml", "<f>1+1</f><v />", "<f>1+1</f><v>2</v>")
    changed(
        tmp_path / "x.xlsx",
        "xl/worksheets/sheet1.xml",
        '<c r="B3"><f>A1</f><v />',
        '<c r="B3" t="str"><f>A1</f><v></v>',
    )
    cells = read_cells(tmp_path / "x.xlsx", "x.xlsx")
    assert [row[1] for row in cells.rows] == [
        "Area",
        "2",
        "",
    ]  # the second result is text of no length, which is a result
    assert told(cells) == []


def test_error_cells_are_unknown_and_named(tmp_path: Path) -> None:
    cells = read(tmp_path, sheet_of(["Ref", "Area"], ["A1", "#REF!"], ["A2", "#N/A"], ["A3", 2]))
    assert [row[1] for row in cells.rows] == ["Area", "", "", "2"]
    assert told(cells) == [("error-cell", "B2 #REF!", 2), ("error-cell", "B3 #N/A", 3)]


def test_the_row_of_an_error_keeps_its_other_cells(tmp_path: Path) -> None:
    sheet_of(["Ref", "Name", "Postcode", "Site area ha"], ["A1", "Hall", "YO17 7AB", "#DIV/0!"]).save(
        tmp_path / "r.xlsx"
    )
    found = read_register(tmp_path / "r.xlsx", "r.xlsx", Entry(), {})
    assert found.rows[["reference", "name"]].to_numpy().tolist() == [["A1", "Hall"]]
    assert [(issue.row, issue.code) for issue in found.issues if issue.row] == [("2", "error-cell")]


# ------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_dates_of_both_systems(tmp_path: Path, epoch: dt.datetime | None) -> None:
    book = openpyxl.Workbook()
    if epoch is not None:
        book.epoch = epoch
    book.active.append(["Ref", "Built"])
    book.active.append(["A1", dt.date(2010, 6, 24)])
    book.active.append(["A2", dt.datetime(2010, 6, 24, 9, 30)])  # noqa: DTZ001  (cells of a sheet have no time zone)
    cells = read(tmp_path, book)
    assert [row[1] for row in cells.rows[1:]] == ["2010-06-24", "2010-06-24T09:30:00"]


def test_percentages_money_and_yes_are_plain(tmp_path: Path) -> None:
    book = sheet_of(["Ref", "Share", "Rent", "Listed", "UPRN"], ["A1", 0.45, 1250, True, "010002345678"])
    book.active["B2"].number_format = "0%"
    book.active["C2"].number_format = '"£"#,##0.00'
    assert read(tmp_path, book).rows[1] == ["A1", "0.45", "1250", "yes", "010002345678"]


# ------------------------------------------------------------------------------------------------------- shape


def test_a_merge_to_the_right_fills_below_the_headings_and_no_title(tmp_path: Path) -> None:
    """A title over all columns, a group of two headings, and a row in which two cells are one.

    ::

        Register of land
        Ref | Place         | Note
        A1  | Malton (B:C)  | x
        A2  | Norton | York | y
    """
    book = sheet_of(
        ["Register of land"],
        ["Ref", "Town", "City", "Note"],
        ["A1", "Malton", None, "x"],
        ["A2", "Norton", "York", "y"],
    )
    book.active.merge_cells("A1:D1")
    book.active.merge_cells("B3:C3")
    cells = read(tmp_path, book)
    assert cells.rows[0] == ["Register of land", "", "", ""]
    assert cells.rows[2] == ["A1", "Malton", "Malton", "x"]


def test_a_used_range_of_blank_cells_costs_nothing(tmp_path: Path) -> None:
    book = sheet_of(*ROWS)
    for place in ("ZZ3", "B90000", "XFD1048576"):
        book.active[place].number_format = "0.00"
    assert read(tmp_path, book).rows == ROWS


def test_a_stray_cell_at_the_far_end_is_refused_with_its_place(tmp_path: Path) -> None:
    book = sheet_of(*ROWS)
    book.active["XFD1048576"] = "x"
    with pytest.raises(EstateError, match=r"row 1,048,576 and column XFD, .*Remove the stray cells"):
        read(tmp_path, book)


def test_tables_side_by_side_are_told(tmp_path: Path) -> None:
    """The left table ends on row 4, the right one on row 3, with a blank column between."""
    book = sheet_of(
        ["Ref", "Name", None, "Code", "Meaning"],
        ["A1", "Hall", None, "F", "freehold"],
        ["A2", "Depot", None, "L", "leasehold"],
        ["A3", "Barn"],
    )
    assert told(read(tmp_path, book)) == [("tables-side-by-side", "A to B, D to E", 0)]
    assert told(read(tmp_path, sheet_of(["Ref", "Name", None, "Code", "Use"], ["A1", "Hall", None, "F", "x"]))) == []


def test_a_sheet_that_does_not_begin_at_its_first_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row, cells in enumerate(ROWS, start=4):
        for column, value in enumerate(cells, start=3):
            book.active.cell(row, column, value)
    book.active.column_dimensions["D"].hidden = True
    cells = read(tmp_path, book)
    assert cells.lines == [4, 5, 6]
    assert cells.rows[0] == ["", "", "Ref", "", "Postcode"]


# ------------------------------------------------------------------------------------------------------- several sheets


def test_the_only_sheet_like_a_register_is_taken_and_the_others_named(tmp_path: Path) -> None:
    book = sheet_of(["Code", "Name"], ["F", "freehold"])
    book.active.title = "Codes"
    register = book.create_sheet("Assets")
    for row in ROWS:
        register.append(row)
    book.save(tmp_path / "register.xlsx")
    found = read_register(tmp_path / "register.xlsx", "register.xlsx", Entry(), {})
    assert found.rows["name"].tolist() == ["Hall", "Depot"]
    assert [(issue.code, issue.value) for issue in found.issues if issue.code == "other-tables"] == [
        ("other-tables", "Codes")
    ]


def test_two_sheets_like_registers_are_refused_with_rows_and_headings(tmp_path: Path) -> None:
    book = sheet_of(*ROWS)
    book.active.title = "Land"
    again = book.create_sheet("Buildings")
    for row in ROWS:
        again.append(row)
    book.save(tmp_path / "register.xlsx")
    with pytest.raises(EstateError, match=r"'Land' \(3 rows: Ref, Name, Postcode\); 'Buildings' .*--sheet"):
        read_register(tmp_path / "register.xlsx", "register.xlsx", Entry(), {})
    found = read_register(tmp_path / "register.xlsx", "register.xlsx", Entry(sheet="buildings"), {})
    assert len(found.rows) == 2


# ------------------------------------------------------------------------------------------------------- OpenDocument

ODS = """<?xml version="1.0"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Assets">{}</table:table></office:spreadsheet></office:body></office:document-content>"""


def cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def ods(folder: Path, inside: str) -> Path:
    path = folder / "register.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", ODS.format(inside))
    return path


def test_opendocument_hides_merges_and_forgets_results_too(tmp_path: Path) -> None:
    covered = "<table:covered-table-cell/>"
    formula = '<table:table-cell table:formula="of:=1+1"/>'
    path = ods(
        tmp_path,
        '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column table:number-columns-repeated="2"/>'
        + row(cell("Site"), cell("Price"), cell("Ref"), cell("Area"))
        + row(
            cell("Depot", 'table:number-rows-spanned="2" table:number-columns-spanned="1"'),
            cell("9"),
            cell("A1"),
            cell("2"),
        )
        + row(covered, cell("9"), cell("A2"), formula, more='table:visibility="collapse"'),
    )
    cells = read_cells(path, "register.ods")
    assert cells.rows == [["Site", "", "Ref", "Area"], ["Depot", "", "A1", "2"], ["Depot", "", "A2", ""]]
    assert sorted(told(cells)) == [
        ("formula-without-value", "D3", 3),
        ("hidden-columns", "1", 0),
        ("hidden-row", "", 3),
    ]


def test_opendocument_that_repeats_a_cell_beyond_measure_is_refused(tmp_path: Path) -> None:
    path = ods(
        tmp_path, row(cell("x", 'table:number-columns-repeated="16384"'), more='table:number-rows-repeated="1048576"')
    )
    with pytest.raises(EstateError, match="too much to hold"):
        read_cells(path, "register.ods")


# ------------------------------------------------------------------------------------------------------- refused, or told


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    sheet_of(*ROWS).save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"<a>" + b" " * 60_000_000)
    with pytest.raises(EstateError, match=r"unpacks to 60,000,003 bytes, [\d,]+ times"):
        read_cells(path, "register.xlsx")


@pytest.mark.parametrize(
    "declared", ['<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">']
)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_entities_are_refused(tmp_path: Path, part: str, declared: str) -> None:
    path = tmp_path / "register.xlsx"
    sheet_of(*ROWS).save(path)
    with zipfile.ZipFile(path) as archive:
        root = re.search(r"<(worksheet|workbook|Types)", archive.read(part).decode())
    assert root is not None
    changed(path, part, root[0], declared + root[0])
    with pytest.raises(EstateError, match="declares entities"):
        read_cells(path, "register.xlsx")


def test_a_locked_workbook_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("xl/workbook.xml", "x")
    locked = bytearray(archive.getvalue())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        locked[locked.index(mark) + at] |= 1
    (tmp_path / "register.xlsx").write_bytes(locked)
    with pytest.raises(EstateError, match="password"):
        read_cells(tmp_path / "register.xlsx", "register.xlsx")


def test_macros_and_links_are_told_and_neither_run_nor_followed(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsm"
    sheet_of(*ROWS).save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    assert [note[0] for note in told(read_cells(path, "register.xlsm"))] == ["macros", "external-links"]


def test_every_table_has_the_remarks_of_its_workbook(tmp_path: Path) -> None:
    book = sheet_of(*ROWS)
    book.create_sheet("More").append(["x"])
    book.create_sheet("Secret").append(["x"])
    book["Secret"].sheet_state = "hidden"
    book.save(tmp_path / "r.xlsx")
    assert [told(table) for table in read_tables(tmp_path / "r.xlsx", "r.xlsx")] == [[("hidden-sheets", "1", 0)]] * 2


def test_pandas_agrees_on_what_a_plain_sheet_holds(tmp_path: Path) -> None:
    book = sheet_of(["Ref", "Name", "Area"], *([f"A{i}", f"Site {i}", i / 4] for i in range(200)))
    cells = read(tmp_path, book)
    frame = pd.read_excel(tmp_path / "register.xlsx", engine="openpyxl")
    assert [row[:2] for row in cells.rows[1:]] == frame[["Ref", "Name"]].to_numpy().tolist()
    assert [float(row[2]) for row in cells.rows[1:]] == frame["Area"].tolist()

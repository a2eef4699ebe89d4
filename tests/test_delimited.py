"""Delimited text as public bodies write it: encodings, marks, quoting, damage, and what only poses as a table."""

import gzip
import zipfile
from pathlib import Path

import pytest

import assetplan as ap
from assetplan.errors import EstateError
from assetplan.formats.contents import Cells
from assetplan.formats.files import read_cells
from assetplan.registers import Entry, Register, read_register

WANT = [["Ref", "Name", "Postcode"], ["A1", "Café", "YO17 7AB"], ["A2", "Depot", "YO17 9DB"]]
TABLE = "\n".join(",".join(row) for row in WANT) + "\n"


def read(folder: Path, data: bytes | str, name: str = "register.csv") -> Cells:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return read_cells(folder / name, name)


def register(folder: Path, data: bytes | str, name: str = "register.csv") -> Register:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    found = read_register(folder / name, name, Entry(), {})
    assert found.rows_read == len(found.rows) + found.quarantined
    return found


def codes(cells: Cells) -> list[str]:
    return [note.code for note in cells.notes]


# ------------------------------------------------------------------------------------------------------- encodings


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-16"])
def test_wide_encodings_with_and_without_their_mark(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, TABLE.encode(encoding)).rows == WANT


def test_a_few_rows_that_are_not_utf8_are_read_as_windows_1252_and_named(tmp_path: Path) -> None:
    """The pound sign of line 4 is one byte, as Windows writes it; the rest is UTF-8."""
    data = "Ref,Name\nA1,Café\nA2,Depot\nA3,X\nA4,Naïve\n".encode().replace(b"A3,X", b"A3,\xa3 shop")
    cells = read(tmp_path, data)
    assert cells.rows[3] == ["A3", "£ shop"]
    assert cells.rows[4] == ["A4", "Naïve"]
    assert [(note.code, note.value, note.line) for note in cells.notes] == [("encoding", "cp1252", 4)]


def test_a_damaged_line_inside_quotation_marks_is_told_of_its_row(tmp_path: Path) -> None:
    data = 'Ref,Name\nA1,Café\nA2,"two\nX\nlines"\nA3,b\n'.encode().replace(b"X", b"\xe9")
    cells = read(tmp_path, data)
    assert cells.rows[2] == ["A2", "two\né\nlines"]
    assert [note.line for note in cells.notes] == [3]


def test_a_row_left_out_takes_its_remarks_with_it(tmp_path: Path) -> None:
    cells = read(tmp_path, b"Ref,Name\nA1,Caf\xc3\xa9\nA2,\xe9\nA3,\xe9\n")
    assert [note.line for note in cells.without({3}).notes] == [4]


# ------------------------------------------------------------------------------------------------------- marks


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "^", "~"])
def test_marks_between_cells(tmp_path: Path, mark: str) -> None:
    cells = read(tmp_path, TABLE.replace(",", mark))
    assert cells.rows == WANT
    assert codes(cells) == ([] if mark == "," else ["delimiter"])


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;\r"])
def test_a_first_line_that_names_the_mark(tmp_path: Path, line: str) -> None:
    cells = read(tmp_path, f"{line}\nRef;Name\nA1;a,b,c\n")
    assert cells.rows == [["Ref", "Name"], ["A1", "a,b,c"]]
    assert cells.lines == [2, 3]


def test_columns_of_fixed_width(tmp_path: Path) -> None:
    text = (
        "Ref   Site name          Postcode\n"
        "A1    Town Hall          YO17 7AB\n"
        "A2    Depot, Main Road   YO17 9DB\n"
        "A3                       YO17 9DE\n"
    )
    cells = read(tmp_path, text, "register.txt")
    assert cells.rows == [
        ["Ref", "Site name", "Postcode"], ["A1", "Town Hall", "YO17 7AB"], ["A2", "Depot, Main Road", "YO17 9DB"], ["A3", "", "YO17 9DE"],
    ]  # fmt: skip
    assert [note.value for note in cells.notes] == ["fixed width"]


def test_prose_is_no_table_of_fixed_width(tmp_path: Path) -> None:
    cells = read(tmp_path, "Dear all\nthis is a letter\nabout the register\n", "letter.txt")
    assert all(len(row) == 1 for row in cells.rows)


# ------------------------------------------------------------------------------------------------------- quoting


def test_quotation_marks_after_a_backslash(tmp_path: Path) -> None:
    cells = read(tmp_path, 'Ref,Name,Town\nA1,"The \\"Old\\" Hall, Main Road",Malton\nA2,"He said \\"no\\"",Norton\n')
    assert cells.rows[1:] == [["A1", 'The "Old" Hall, Main Road', "Malton"], ["A2", 'He said "no"', "Norton"]]
    assert codes(cells) == ["quoting"]


def test_a_backslash_at_the_end_of_a_quoted_cell_is_a_backslash(tmp_path: Path) -> None:
    cells = read(tmp_path, 'Ref,Folder\nA1,"C:\\plans\\"\nA2,"D:\\plans\\"\n')
    assert cells.rows[1:] == [["A1", "C:\\plans\\"], ["A2", "D:\\plans\\"]]


def test_a_doubled_quotation_mark_after_a_backslash_is_one_mark(tmp_path: Path) -> None:
    cells = read(tmp_path, 'Ref,Text\nA1,"`\\""x\'\\"\nA2,plain\n')
    assert cells.rows[1:] == [["A1", "`\\\"x'\\"], ["A2", "plain"]]
    short = read(tmp_path, 'Ref,Text,Town\nA1,"`\\""x\'\\",Malton\nA2\nA3,plain,Malton\nA4,plain,Malton\n')
    assert short.rows[1] == ["A1", "`\\\"x'\\", "Malton"]


@pytest.mark.parametrize("mark", ["\t", "|"])
def test_lone_quotation_marks_swallow_no_rows_where_nothing_is_quoted(tmp_path: Path, mark: str) -> None:
    rows = [
        "Ref,Name,Town",
        'A1,"The Hall,Malton',
        "A2,Depot,Malton",
        'A3,5" pipe store,Norton',
        'A4,"Annexe,Norton',
        "A5,Yard,Norton",
    ]
    cells = read(tmp_path, "\n".join(rows).replace(",", mark) + "\n", "register.tsv")
    assert [row[0] for row in cells.rows] == ["Ref", "A1", "A2", "A3", "A4", "A5"]
    assert cells.rows[1] == ["A1", '"The Hall', "Malton"]
    assert "quoting" in codes(cells)


def test_tabbed_text_that_does_quote_is_read_so(tmp_path: Path) -> None:
    cells = read(tmp_path, 'Ref\tName\nA1\t"Town\thall"\nA2\t"a ""b"""\n', "register.tsv")
    assert cells.rows[1:] == [["A1", "Town\thall"], ["A2", 'a "b"']]


# ------------------------------------------------------------------------------------------------------- ragged


def test_every_row_of_a_ragged_file_is_accounted_for(tmp_path: Path) -> None:
    text = (
        "Register of land,,\n"
        "Published 2024,,\n"
        "\n"
        "Ref,Name,Postcode,\n"
        "A1,Hall,YO17 7AB,\n"
        "A2,Depot,YO17 9DB\n"
        "A3,Shop\n"
        "A4,Barn,YO17 9DE,extra,more\n"
        "Source: the council\n"
    )
    found = register(tmp_path, text)
    assert found.rows["reference"].tolist() == ["A1", "A2"]
    assert {(i.row, i.code) for i in found.issues if i.action.startswith("Row set aside")} == {
        ("7", "row-too-short"), ("8", "row-too-long"), ("9", "row-too-short"),
    }  # fmt: skip


def test_a_heading_repeated_further_down_is_no_asset(tmp_path: Path) -> None:
    found = register(tmp_path, "Ref,Name,Postcode\nA1,Hall,YO17 7AB\nRef,Name,Postcode\nA2,Depot,YO17 9DB\n")
    assert found.rows["reference"].tolist() == ["A1", "A2"]
    assert [(i.row, i.code) for i in found.issues if i.action.startswith("Row set aside")] == [
        ("3", "repeated-heading")
    ]


def test_rows_of_a_second_table_below_are_not_mixed_in(tmp_path: Path) -> None:
    text = "Ref,Name,Postcode\nA1,Hall,YO17 7AB\n\nUPRN,Tenure,Address\n100,Freehold,1 High Street\n101,Leasehold,2 High Street\n"
    found = register(tmp_path, text)
    assert found.rows["reference"].tolist() == ["A1"]
    aside = [(i.row, i.code) for i in found.issues if i.action.startswith("Row set aside")]
    assert aside == [("4", "second-table"), ("5", "second-table"), ("6", "second-table")]


def test_a_heading_and_nothing_else_is_an_estate_of_no_assets(tmp_path: Path) -> None:
    (tmp_path / "register.csv").write_text("Ref,Name,Postcode\n")
    estate = ap.read_estate(tmp_path / "register.csv")
    assert len(estate.assets) == 0
    assert "no-rows" in set(estate.issues["code"])


# ------------------------------------------------------------------------------------------------------- decimal commas


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,5", "20,25"], ["1.5", "20.25"]),
        (["1.234,5", "12"], ["1234.5", "12"]),
        (["440715,35", "440715,5"], ["440715.35", "440715.5"]),
        (["1,250", "40,000"], ["1,250", "40,000"]),  # thousands
        (["1,234.5", "1,5"], ["1,234.5", "1,5"]),  # contradictory
        (["2.75", "1,5"], ["2.75", "1,5"]),
        (["440715,354526", "440716,354527"], ["440715,354526", "440716,354527"]),  # easting and northing
        (["1, High Street", "2, High Street"], ["1, High Street", "2, High Street"]),
    ],
)
def test_decimal_commas_only_where_the_column_shows_them(tmp_path: Path, cells: list[str], expected: list[str]) -> None:
    found = read(tmp_path, "Ref;Area ha\n" + "".join(f"A{i};{cell}\n" for i, cell in enumerate(cells)))
    assert [row[1] for row in found.rows[1:]] == expected
    assert ("decimal-comma" in codes(found)) == (cells != expected)


# ------------------------------------------------------------------------------------------------------- posing


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"%PDF-1.7\n1 0 obj", "PDF"),
        (b"{\\rtf1\\ansi Register}", "word processor"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"<html><body>Log in</body></html>", "web page"),
        ("<html>Log in</html>".encode("utf-16"), "web page"),
        (b"<table><tr><td>Ref</td></tr></table>", "web page"),
        (b'<?xml version="1.0"?>\n<gml:FeatureCollection xmlns:gml="x"><a/></gml:FeatureCollection>', "XML"),
    ],
)
@pytest.mark.parametrize("name", ["register.csv", "register.xls", "register.xlsx"])
def test_what_only_poses_as_a_table_is_refused_in_a_sentence(tmp_path: Path, data: bytes, why: str, name: str) -> None:
    with pytest.raises(EstateError, match=rf"^{name}: .*{why}") as caught:
        read(tmp_path, data, name)
    assert "\n" not in str(caught.value)


def test_a_column_called_pk_is_no_zip(tmp_path: Path) -> None:
    assert read(tmp_path, "PK,Name\n1,Hall\n").rows == [["PK", "Name"], ["1", "Hall"]]


@pytest.mark.parametrize("name", ["register.xls", "register.xlsx", "register.ods"])
def test_text_under_the_name_of_a_workbook_is_read_as_text(tmp_path: Path, name: str) -> None:
    cells = read(tmp_path, TABLE.replace(",", "\t"), name)
    assert cells.rows == WANT
    assert "format-by-content" in codes(cells)


def test_json_under_the_name_of_a_table_is_read_as_json(tmp_path: Path) -> None:
    cells = read(tmp_path, '[{"Ref": "A1", "Name": "Hall"}]')
    assert (cells.header, cells.rows) == (["Ref", "Name"], [["A1", "Hall"]])
    assert codes(cells) == ["format-by-content"]


# ------------------------------------------------------------------------------------------------------- packed


def test_gzip(tmp_path: Path) -> None:
    assert read(tmp_path, gzip.compress(TABLE.encode()), "register.csv.gz").rows == WANT
    twice = gzip.compress(TABLE[:20].encode()) + gzip.compress(TABLE[20:].encode())  # as `cat a.gz b.gz` makes it
    assert read(tmp_path, twice, "register.csv.gz").rows == WANT
    with pytest.raises(EstateError, match="cut off"):
        read(tmp_path, gzip.compress(TABLE.encode())[:-12], "register.csv.gz")


def test_gzip_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assetplan.formats.files.UNPACKED_LIMIT", 1_000)
    with pytest.raises(EstateError, match="unpacks to more than 1,000 bytes"):
        read(tmp_path, gzip.compress(b"a,b\n" * 10_000), "register.csv.gz")


def test_one_table_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "register.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/register.csv", TABLE)
        archive.writestr("data/README.txt", "Read me, please.\n")
        archive.writestr("__MACOSX/data/._register.csv", "x")
        archive.writestr("terms.pdf", "%PDF")
    assert read_cells(path, "register.zip").rows == WANT


def test_several_tables_in_a_zip_are_named(tmp_path: Path) -> None:
    path = tmp_path / "register.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("land.csv", TABLE)
        archive.writestr("buildings.csv", TABLE)
    with pytest.raises(
        EstateError, match=r"^register\.zip: 2 sheets or layers .*'buildings' \(3 rows: Ref, Name, Postcode\).*--sheet"
    ):
        read_cells(path, "register.zip")
    assert read_cells(path, "register.zip", "land").name == "land"


@pytest.mark.parametrize("member", ["readme.pdf", ""])
def test_a_zip_without_a_table(tmp_path: Path, member: str) -> None:
    path = tmp_path / "register.zip"
    with zipfile.ZipFile(path, "w") as archive:
        if member:
            archive.writestr(member, "x")
    with pytest.raises(EstateError, match="no table in this zip"):
        read_cells(path, "register.zip")

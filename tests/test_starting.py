"""A new folder reads as it stands, and the form sent to partners reads back column by column."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

import assetplan as ap
from assetplan.answers import account_in_words
from assetplan.quality import account
from assetplan.starting import ASKED


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def filled(form: bytes, rows: list[dict[str, str]]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(form))
    sheet = book["Register"]
    for line, row in enumerate(rows, start=2):
        for place, one in enumerate(ASKED, start=1):
            sheet.cell(line, place, row.get(one.column))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_new_folder_reads_as_it_stands_and_is_the_same_each_time(tmp_path: Path) -> None:
    one = ap.new_folder(tmp_path / "one", name="Testham")
    two = ap.new_folder(tmp_path / "two", name="Testham")
    assert files_of(one) == files_of(two)
    estate = ap.read_estate(one)
    assert estate.name == "Testham"
    assert len(estate.assets) == 0
    assert set(estate.issues["code"]) <= {"no-registers"}
    page = tmp_path / "empty.html"
    ap.save_map(ap.map_estate(estate), page)
    ap.save_quality(estate, tmp_path / "quality.html")


def test_a_folder_without_registers_says_what_to_do(tmp_path: Path) -> None:
    estate = ap.read_estate(ap.new_folder(tmp_path / "estate", name="Testham"))
    assert account_in_words(estate, account(estate), "estate") == (
        "Testham: there is no register yet. Put each body's file into the folder registers, and check again."
    )


def test_the_form_filled_in_is_read_column_by_column(tmp_path: Path) -> None:
    folder = ap.new_folder(tmp_path / "estate", name="Testham")
    form = (folder / "data-request" / "register.xlsx").read_bytes()
    rows = [{one.column: one.example for one in ASKED}]
    (folder / "registers" / "testham.xlsx").write_bytes(filled(form, rows))
    estate = ap.read_estate(folder)
    (register,) = estate.registers.to_dict("records")
    assert [column for _, _, column, _ in register["columns"]] == [one.column for one in ASKED]
    (asset,) = estate.assets.to_dict("records")
    assert asset["uprn"] == "200001274904"
    assert asset["location_precision"] == "point"
    assert asset["organisation"] == "testham-district-council"
    assert (asset["gia_m2"], asset["fte"], asset["site_area_ha"]) == (3300.0, 170.0, 1.4)


@pytest.mark.parametrize(
    "name",
    ['A "quoted" \\ place', "[link](javascript:alert(1)) <b>", "=1+1", "line\nbreak", "{braces} {0}", "\u202eevil"],
)
def test_any_name_is_only_a_name(name: str, tmp_path: Path) -> None:
    folder = ap.new_folder(tmp_path / "estate", name=name)
    read = ap.read_estate(folder).name
    assert "\n" not in read
    assert "\u202e" not in read
    assert read.replace("[U+202E]", "") == " ".join(name.split()).replace("\u202e", "")
    assert "](javascript" not in (folder / "README.md").read_text(encoding="utf-8")


def test_nothing_is_replaced_and_nothing_partial_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "estate"
    folder.mkdir()
    (folder / "keep.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ap.OutputError, match="something in that folder already"):
        ap.new_folder(folder)
    (folder / "keep.txt").unlink()
    with pytest.raises(ap.OutputError, match="not a folder"):
        ap.new_folder(Path(__file__))

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assetplan.starting._form", full)
    with pytest.raises(ap.OutputError, match="No space left"):
        ap.new_folder(folder)
    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == []


def test_the_letter_asks_for_every_column_once() -> None:
    headings = [one.heading for one in ASKED]
    assert len(set(headings)) == len(headings)
    assert [one.column for one in ASKED if one.need == "first"] == [
        "reference", "name", "address", "postcode", "easting", "northing", "organisation", "use"]  # fmt: skip

"""The account of how registers were read, the data-quality page, and rows set aside that are corrected and read again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import PageData, all_text

import assetplan as ap
from assetplan.quality import account, badly_placed, issues_by_kind, missing_columns
from assetplan.rows import SET_ASIDE
from assetplan.text import plain_cell, unguarded

MALTON = Path(__file__).parents[1] / "data" / "malton"
COUNCIL = """Land and buildings of Testham District Council,,,,,,
Reference,Name,Postcode,Easting,Northing,Tenure,Secret remark
A1,Town Hall,YO17 7EY,479225,472239,Freehold,one
A2,Depot,YO17 7XX,479300,472300,Freehold,two
A3,Yard,YO17 7EY,1,1,Freehold,three
A4,"=cmd|' /C calc'!A0",YO17 7EY,479301,472301,Freehold,four,five
A5,Too short
Total,,,5,,,
"""


@pytest.fixture
def council(tmp_path: Path) -> Path:
    path = tmp_path / "council.csv"
    path.write_text(COUNCIL, encoding="utf-8")
    return path


def test_the_account_adds_up_and_names_each_kind(council: Path) -> None:
    estate = ap.read_estate(council)
    found = account(estate)
    assert (found["rows_read"], found["accepted"], found["quarantined"], found["located"]) == (6, 3, 3, 2)
    kinds = issues_by_kind(estate)
    assert list(kinds["code"])[:3] == ["looks-like-a-total", "row-too-long", "row-too-short"]
    assert kinds.set_index("code").loc["not-in-britain", "value"] == "1, 1"
    assert list(kinds["code"]).index("not-in-britain") == 3  # what leaves rows off the map comes next
    assert kinds["issues"].sum() == len(estate.issues)


def test_what_is_missing_is_said_with_what_it_would_add(council: Path) -> None:
    missing = missing_columns(ap.read_estate(council)).set_index("column")
    assert missing.loc["uprn", "share"] == 0
    assert missing.loc["uprn", "missing_from"] == ("testham-district-council",)
    assert "status" in missing.index
    assert "name" not in missing.index
    assert "location" not in missing.index  # two of three rows have a place


def test_what_found_no_place_is_badly_placed(council: Path) -> None:
    frame = badly_placed(ap.read_estate(council))
    assert list(frame.index) == ["testham-district-council:A3"]
    assert frame["row"].to_list() == ["5"]


def test_the_page_tells_rows_issues_coverage_and_what_is_missing(council: Path, tmp_path: Path) -> None:
    estate = ap.read_estate(council)
    first, second = tmp_path / "one.html", tmp_path / "two.html"
    ap.save_quality(estate, first)
    ap.save_quality(ap.read_estate(council), second)
    assert first.read_bytes() == second.read_bytes()
    text = all_text(first.read_text(encoding="utf-8"))
    for wanted in ("6 rows of one register were read: 3 accepted, 3 set aside", "looks-like-a-total", "What more would add",
                   "How columns were read", "For the keeper. Not for publication."):  # fmt: skip
        assert wanted in text, wanted
    # The row to look at has no place: the map shows the others, the table has it.
    assert [site["name"] for site in PageData(first.read_text(encoding="utf-8")).sites] == ["Town Hall", "Depot"]
    assert "found no place, so every row that has one is on this map" in text
    assert "1, 1" in text


def test_the_map_of_the_page_shows_only_what_is_badly_placed(tmp_path: Path) -> None:
    corners = {"Bow": "00 11 10 01 00", "Sound": "00 10 11 01 00"}
    shapes = {name: ", ".join(f"4790{x}0 4710{y}0" for x, y in said.split()) for name, said in corners.items()}
    lines = ["Name,WKT", *(f'{name},"POLYGON(({shape}))"' for name, shape in shapes.items())]
    (tmp_path / "shapes.csv").write_text("\n".join(lines), encoding="utf-8")
    estate = ap.read_estate(tmp_path / "shapes.csv")
    page = ap.save_quality(estate, tmp_path / "quality.html")
    assert [estate.assets.loc[key, "name"] for key in badly_placed(estate).index] == ["Bow"]
    assert [site["name"] for site in PageData(page.read_text(encoding="utf-8")).sites] == ["Bow"]


def test_where_nothing_is_doubted_the_page_shows_every_row_with_a_place(tmp_path: Path) -> None:
    page = tmp_path / "quality.html"
    estate = ap.read_estate(MALTON)
    ap.save_quality(estate, page)
    shown = {site["id"] for site in PageData(page.read_text(encoding="utf-8")).sites}
    located = estate.assets.index[estate.assets["location_precision"] != "none"]
    assert shown == set(located)


def test_the_page_of_a_reader_equals_that_of_a_folder_without_the_rest(tmp_path: Path) -> None:
    public = ap.read_estate(MALTON).for_audience("public")
    page = tmp_path / "quality.html"
    ap.save_quality(public, page)
    text = all_text(page.read_text(encoding="utf-8"))
    assert "nycc-sensitive" not in text
    assert "Secret" not in text
    for restricted in ap.read_estate(MALTON).facts.query("audience != 'public'")["value"]:
        assert restricted is None or len(restricted) < 12 or restricted not in text


def test_cells_of_unread_columns_stay_out_of_the_page(council: Path, tmp_path: Path) -> None:
    page = tmp_path / "quality.html"
    council.write_text(COUNCIL.replace("three", "CANARY-7").replace("five", "CANARY-8"), encoding="utf-8")
    ap.save_quality(ap.read_estate(council), page)
    assert "CANARY" not in all_text(page.read_text(encoding="utf-8"))


def corrected(folder: Path, change: dict[str, str]) -> Path:
    """The one file of rows set aside in a folder, after somebody has changed some of its text."""
    (path,) = folder.glob("*-set-aside.csv")
    text = path.read_text(encoding="utf-8-sig")
    for old, new in change.items():
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_set_aside_are_written_corrected_and_read_again(council: Path, tmp_path: Path) -> None:
    (written,) = ap.write_set_aside(ap.read_estate(council), tmp_path / "aside")
    rows = list(csv.reader(io.StringIO(written.read_text(encoding="utf-8-sig"), newline="")))
    assert rows[0] == ["Land and buildings of Testham District Council"]
    assert tuple(rows[1][:3]) == SET_ASIDE
    assert [row[:2] for row in rows[2:]] == [["council.csv", "6"], ["council.csv", "7"], ["council.csv", "8"]]
    assert rows[2][4] == "'=cmd|' /C calc'!A0"  # no live formula for who opens the file
    path = corrected(
        tmp_path / "aside",
        {",four,five": ",four", "Too short": "Store,YO17 7EY,479302,472302,Freehold,x"},
    )
    again = ap.read_estate(path)
    assert list(again.registers["rows_read"]) == [3]
    assert sorted(again.assets["name"]) == ["=cmd|' /C calc'!A0", "Store"]
    assert set(again.assets["organisation"]) == {"testham-district-council"}
    assert (again.assets["location_precision"] == "point").all()


def test_rows_set_aside_keep_the_readers_of_their_register(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    (folder / "registers").mkdir(parents=True)
    (folder / "registers" / "hidden.csv").write_text(COUNCIL, encoding="utf-8")
    (folder / "estate.toml").write_text(
        'name = "Testham"\n[organisations.tdc]\nname = "Testham District Council"\n'
        '[registers."hidden.csv"]\norganisation = "tdc"\naudience = "tdc"\n',
        encoding="utf-8",
    )
    ap.write_set_aside(ap.read_estate(folder), folder / "registers")
    corrected(folder / "registers", {"Too short": "Store,YO17 7EY,479302,472302,Freehold,x"})
    estate = ap.read_estate(folder)
    assert "tdc:A5" in estate.assets.index
    assert len(estate.for_audience("public").assets) == 0
    assert "tdc:A5" in estate.for_audience("tdc").assets.index
    (folder / "registers" / "hidden.csv").rename(tmp_path / "hidden.csv")
    (folder / "estate.toml").write_text('name = "Testham"\n', encoding="utf-8")
    with pytest.raises(ap.EstateError, match=r"set aside from hidden\.csv, which is not beside it"):
        ap.read_estate(folder)


@pytest.mark.parametrize("saved", ["xlsx", "utf-16", "semicolons"])
def test_rows_set_aside_keep_their_readers_however_they_are_saved_again(saved: str, tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    (folder / "registers").mkdir(parents=True)
    (folder / "registers" / "hidden.csv").write_text(COUNCIL, encoding="utf-8")
    (folder / "estate.toml").write_text(
        'name = "Testham"\n[organisations.tdc]\n[registers."hidden.csv"]\norganisation = "tdc"\naudience = "tdc"\n',
        encoding="utf-8",
    )
    ap.write_set_aside(ap.read_estate(folder), folder / "registers")
    path = corrected(folder / "registers", {"Too short": "Store,YO17 7EY,479302,472302,Freehold,x"})
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    path.unlink()
    if saved == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path.with_suffix(".xlsx"))
    else:
        mark = ";" if saved == "semicolons" else "\t"
        text = "\n".join(mark.join(f'"{cell}"' for cell in row) for row in rows)
        path.with_suffix(".txt").write_bytes(text.encode("utf-16" if saved == "utf-16" else "utf-8"))
    estate = ap.read_estate(folder)
    assert "tdc:A5" in estate.for_audience("tdc").assets.index
    assert len(estate.for_audience("public").assets) == 0


def test_rows_set_aside_twice_still_name_the_register_they_come_from(council: Path, tmp_path: Path) -> None:
    (first,) = ap.write_set_aside(ap.read_estate(council), tmp_path / "aside")
    (second,) = ap.write_set_aside(ap.read_estate(first), tmp_path / "again")
    rows = list(csv.reader(io.StringIO(second.read_text(encoding="utf-8-sig"), newline="")))
    assert {row[0] for row in rows[2:]} == {"council.csv"}


def test_rows_set_aside_are_for_the_keeper_alone(tmp_path: Path) -> None:
    with pytest.raises(ap.ReaderError, match="for the keeper alone"):
        ap.write_set_aside(ap.read_estate(MALTON).for_audience("public"), tmp_path)


def test_rows_set_aside_of_several_registers_in_one_file_are_refused(council: Path, tmp_path: Path) -> None:
    ap.write_set_aside(ap.read_estate(council), tmp_path / "aside")
    path = corrected(tmp_path / "aside", {"council.csv,7": "other.csv,7"})
    with pytest.raises(ap.EstateError, match="from several registers"):
        ap.read_estate(path)


def test_shapes_of_rows_set_aside_are_kept(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"name": "Hall", "ref": "1"},
        "geometry": {"type": "Point", "coordinates": [-0.79, 54.14]},
    }
    path = tmp_path / "halls.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature, feature]}), encoding="utf-8")
    (written,) = ap.write_set_aside(ap.read_estate(path), tmp_path)
    again = ap.read_estate(written)
    assert list(again.assets["location_precision"]) == ["point"]
    assert again.assets["easting"].iat[0] == pytest.approx(ap.read_estate(path).assets["easting"].iat[0], abs=0.01)


@given(st.text(max_size=20))
def test_a_guarded_cell_comes_back_as_it_was(text: str) -> None:
    assert unguarded(plain_cell(text)) == text

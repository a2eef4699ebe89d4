"""Text from data: readable, comparable, and never a live formula."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetplan.text import clean, digest, heading, plain_cell, slug, visible, words

anything = st.text(st.characters(exclude_categories=[]), max_size=60)
# Marks of Arabic, Syriac and Kaithi numbers are of category Cf but have a glyph.
_DRAWN = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")


def hidden(character: str) -> bool:
    category = unicodedata.category(character)
    return category in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in _DRAWN | {"\n", "\t"}


@given(anything)
def test_visible_text_hides_nothing_and_is_settled(text: str) -> None:
    shown = visible(text)
    assert not [character for character in shown if hidden(character)]
    assert visible(shown) == shown
    shown.encode("utf-8")


@given(anything)
def test_visible_changes_only_what_is_hidden(text: str) -> None:
    if not any(hidden(character) for character in text) and text.isascii():
        assert visible(text) == text


@pytest.mark.parametrize(
    "character", "\u202e\u200b\u2066\ufeff\x00\x1b\xad\u2028\ud800\U000e0041\u3164\u034f\U0001d173\uffff"
)
def test_every_hidden_character_is_named_by_its_code_point(character: str) -> None:
    assert visible(f"a{character}b") == f"a[U+{ord(character):04X}]b"


@given(anything)
def test_clean_text_is_one_trimmed_line(text: str) -> None:
    line = clean(text)
    assert line == line.strip() == clean(line)
    assert not any(mark in line for mark in "\n\r\t\u00a0")
    assert not [character for character in line if hidden(character)]


def test_clean_composes_accents_and_keeps_letters_of_any_script() -> None:
    assert clean("Cafe\u0301  Bryn\u00a0Mawr\r\n") == "Café Bryn Mawr"
    assert clean("学校 Ω") == "学校 Ω"


@given(anything)
def test_headings_and_words_are_plain(text: str) -> None:
    assert set(words(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
    assert set(heading(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789")
    assert words(words(text)) == words(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Asset Ref.", "asset_reference"),
        ("PropertyName", "Property name"),
        ("Station no", "STATION_NUMBER"),
        ("Gross internal floor area (m²)", "gross internal floor area m2"),
        ("Site Co-ordinates\n(Geocode)", "site co ordinates geocode"),
        ("Running cost £ p.a.", "running cost gbp per annum"),
        ("GIA (sq. m)", "gia m2"),
        ("Post\u00a0Code", "PostCode"),
        ("OSEasting", "os easting"),
    ],
)
def test_headings_compare_equal_however_they_are_written(one: str, other: str) -> None:
    assert heading(one) == heading(other)


@given(anything)
def test_slug_is_an_identifier(text: str) -> None:
    name = slug(text)
    assert len(name) <= 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")
    assert not name.endswith("-")
    assert bool(name) == bool(text)


def test_slugs_of_texts_without_a_latin_letter_differ() -> None:
    assert slug("学校") != slug("病院")
    assert slug("x" * 80) != slug("x" * 81)
    assert len(digest("")) == 8


@given(anything)
def test_plain_cell_is_never_a_formula_and_can_be_undone(text: str) -> None:
    cell = plain_cell(text)
    assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}
    assert (cell[1:] if cell[:1] == "'" else cell) == text


@given(st.lists(anything.map(visible), min_size=1, max_size=4))
def test_plain_cells_survive_csv(cells: list[str]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([plain_cell(cell) for cell in cells])
    (row,) = csv.reader(io.StringIO(buffer.getvalue(), newline=""))
    assert [cell[1:] if cell[:1] == "'" else cell for cell in row] == cells

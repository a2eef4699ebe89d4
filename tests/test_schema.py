"""Every column described once, and every heading meaning what it can mean."""

from collections import Counter, defaultdict

from assetplan.schema import ASSETS, COLUMNS, FIELDS, LABELLED_TABLES, table
from assetplan.text import heading
from assetplan.vocabulary import PLANNING_HEADINGS


def test_columns_are_described_once() -> None:
    assert Counter((column.table, column.name) for column in COLUMNS).most_common(1)[0][1] == 1
    for column in COLUMNS:
        assert column.meaning
        assert column.vocabulary or column.kind != "choice"
        assert not column.vocabulary or column.kind in {"choice", "list"}
        assert not column.unit or column.kind in {"number", "range", "signed range"}


def test_units_end_the_names_of_measures() -> None:
    endings = {"m2": "m2", "ha": "ha", "GBP": "gbp", "GBP a year": "gbp_pa", "FTE": "fte", "months": "months"}
    for column in COLUMNS:
        if column.unit in endings:
            assert column.name.endswith(endings[column.unit]), column.name


def test_labelled_tables_have_a_label() -> None:
    for name in LABELLED_TABLES:
        assert "audience" in table(name)
    assert set(FIELDS) <= set(ASSETS)


def test_a_heading_of_two_columns_is_told_apart_by_its_cells() -> None:
    """Headings of two columns are told apart by their cells, or are what a person would call either."""
    either = [{"organisation", "body"}, {"reference", "site_reference"}]
    owners: dict[str, set[str]] = defaultdict(set)
    for column in ASSETS.values():
        for text in column.headings:
            owners[heading(text)].add(column.name)
    told_by_content = {"number", "uprn", "postcode", "choice", "pair", "date"}
    for text, names in owners.items():
        if len(names) > 1:
            told = "title_no" in names or any(ASSETS[name].kind in told_by_content for name in names)
            assert told or names in either, text


def test_headings_survive_comparison() -> None:
    for column in ASSETS.values():
        for text in (*column.headings, *column.parts):
            assert heading(text)
    assert all(heading(text) for text in PLANNING_HEADINGS)

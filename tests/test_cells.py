"""One cell into one value, or a reason why not."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetplan.cells import UNSTATED, CellError, parse
from assetplan.schema import ASSETS, COLUMNS, table


def value(column: str, text: str, unit: str = "") -> object:
    return parse(ASSETS[column], text, unit)


def code(column: str, text: str, unit: str = "") -> str:
    with pytest.raises(CellError) as caught:
        value(column, text, unit)
    assert str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "unit", "pounds"),
    [
        ("1,250,000", "", 1_250_000.0),
        ("£1,250,000", "", 1_250_000.0),
        ("£3m", "", 3_000_000.0),
        ("£ 1.5 million", "", 1_500_000.0),
        ("£45k", "", 45_000.0),
        ("£45k pa", "", 45_000.0),
        ("12,500 a year", "", 12_500.0),
        ("£12,500 per annum", "", 12_500.0),
        ("347", "000", 347_000.0),
        ("£3m", "000", 3_000_000.0),
        ("347 pa", "000", 347_000.0),
        ("1.5", "m", 1_500_000.0),
        ("0", "", 0.0),
        ("1e3", "", 1_000.0),
        ("40,000 (2024/25)", "", 40_000.0),
        ("40,000*", "", 40_000.0),
        ("GBP 250", "", 250.0),
    ],
)
def test_money(text: str, unit: str, pounds: float) -> None:
    assert value("running_cost_gbp_pa", text, unit) == pounds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(500)", "negative"),
        ("-£500", "negative"),
        ("£-500", "negative"),
        ("(500", "not-a-number"),
        ("500-", "not-a-number"),  # what accountants write for minus must not become plus
        ("12?", "not-a-number"),
        ("100+", "not-a-number"),
        ("<100", "not-a-number"),
        ("1e300", "out-of-range"),
        ("1e999", "out-of-range"),
        ("inf", "not-a-number"),
        ("nan", "not-a-number"),
        ("1,25", "unknown-unit"),
        ("0.10.1", "unknown-unit"),
        ("5 euro", "unknown-unit"),
        ("12%", "unknown-unit"),
        ("10 - 12", "a-range"),
        ("£100-200k", "a-range"),
        ("£1m to £2m", "a-range"),
        ("see note", "not-a-number"),
        ("#REF!", "not-a-number"),
    ],
)
def test_money_that_is_refused(text: str, why: str) -> None:
    assert code("running_cost_gbp_pa", text) == why


@pytest.mark.parametrize(
    "text", ["", "  ", "-", "TBC", "n/a", "N/A", "#N/A", "Not Applicable", "unknown", "null", "Not known", "\u00a0"]
)
@pytest.mark.parametrize(
    "column",
    [name for name, column in ASSETS.items() if column.kind in {"number", "uprn", "postcode", "choice", "pair"}],
)
def test_nothing_known_is_nothing(column: str, text: str) -> None:
    expected = "unknown" if column == "ownership" and text == "unknown" else None
    assert value(column, text) == expected


@pytest.mark.parametrize(
    ("column", "text", "unit", "expected"),
    [
        ("site_area_ha", "0.537 hectares (1.33 acres)", "", 0.537),
        ("site_area_ha", "0.537", "ha", 0.537),
        ("site_area_ha", "0.537", "", 0.537),
        ("site_area_ha", "10", "acres", 4.046856422),
        ("site_area_ha", "2.5 acres", "ha", 1.011714106),
        ("site_area_ha", "5370 m²", "", 0.537),
        ("gia_m2", "1,000 sq ft", "", 92.90304),
        ("gia_m2", "1000", "sq ft", 92.90304),
        ("gia_m2", "150 sq. m", "", 150.0),
        ("gia_m2", "150", "m2", 150.0),
        ("fte", "12.5", "", 12.5),
        ("fte", "12.5 FTE", "", 12.5),
        ("easting", "395,522", "", 395_522.0),
    ],
)
def test_measures(column: str, text: str, unit: str, expected: float) -> None:
    assert value(column, text, unit) == pytest.approx(expected, abs=1e-9)


def test_an_area_without_any_unit_is_not_guessed() -> None:
    assert code("site_area_ha", "2500", UNSTATED) == "no-unit"
    assert value("site_area_ha", "2500 m2", UNSTATED) == 0.25


def test_negative_areas_are_refused_and_negative_longitudes_are_not() -> None:
    assert code("gia_m2", "-3") == "negative"
    assert value("easting", "-0.789") == -0.789


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("010000480247", "10000480247"),
        ("10000480247.0", "10000480247"),
        ("100 000 000 001", "100000000001"),
        ("1", "1"),
    ],
)
def test_uprn(text: str, expected: str) -> None:
    assert value("uprn", text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.0E+11", "uprn-damaged"),
        ("1E+11", "uprn-damaged"),
        ("1000000000001", "not-a-uprn"),
        ("0000000000000000001000480247", None),
        ("0", "not-a-uprn"),
        ("UPRN1", "not-a-uprn"),
        ("1.5", "not-a-uprn"),
        ("١٢٣", "not-a-uprn"),
    ],
)
def test_uprn_that_is_refused(text: str, why: str | None) -> None:
    if why is None:
        assert value("uprn", text) == "1000480247"
    else:
        assert code("uprn", text) == why


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yo177hh", "YO17 7HH"),
        ("YO17  7HH", "YO17 7HH"),
        ("w1a 1hq", "W1A 1HQ"),
        ("GIR0AA", "GIR 0AA"),
        ("M1 1AE", "M1 1AE"),
    ],
)
def test_postcode(text: str, expected: str) -> None:
    assert value("postcode", text) == expected


@pytest.mark.parametrize(
    "text",
    ["YO17", "YO17 OHH", "Y017 7HH", "YO17 7HO", "YO17 7H", "YO17 7HHH", "mobile library", "123 456", "YO17 7H0"],
)
def test_postcode_letters_and_digits_are_not_swapped_by_guess(text: str) -> None:
    assert code("postcode", text) == "not-a-postcode"


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-03",
        "03/04/2025",
        "3/4/2025",
        "03.04.2025",
        "03-04-2025",
        "3 April 2025",
        "3rd Apr 2025",
        "2025-04-03T00:00:00",
        "2025-04-03 00:00:00",
    ],
)
def test_dates_are_day_first(text: str) -> None:
    assert parse(table("facts")["as_of"], text) == dt.date(2025, 4, 3)


@pytest.mark.parametrize(
    "text", ["31/02/2025", "04/13/2025", "45000", "April 2025", "03/04/25", "2025", "0000-01-01", "1 Mai 2025"]
)
def test_dates_that_are_refused(text: str) -> None:
    with pytest.raises(CellError):
        parse(table("facts")["as_of"], text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Owned by a public authority", "public"),
        ("ownedbyapublicauthority", "public"),
        ("owned by a \npublic authority.", "public"),
        ("In public ownership", "public"),
        ("Not owned by a public authority", "private"),
        ("not in public ownership", "private"),
        ("unkown ownership", "unknown"),
        ("Mixed owner", "unknown"),
    ],
)
def test_ownership_as_registers_spell_it(text: str, expected: str) -> None:
    assert value("ownership", text) == expected


@pytest.mark.parametrize("text", ["Example Estates", "CWC", "part owned", "Former council depot"])
def test_ownership_that_is_a_name_is_refused(text: str) -> None:
    assert code("ownership", text) == "not-in-vocabulary"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Freehold\u00a0", "freehold"),
        ("Freehold - leased out", "freehold"),
        ("Freehold (let to a tenant)", "freehold"),
        ("Leashold", "leasehold"),
        ("Long lease", "leasehold"),
        ("Groundlease", "leasehold"),
        ("Sub-lease", "leasehold"),
        ("Licence to occupy", "licence"),
        ("Chattel", "other"),
        ("Leased out", "other"),
        ("To be confirmed", None),
    ],
)
def test_tenure_as_registers_spell_it(text: str, expected: str | None) -> None:
    assert value("tenure", text) == expected


def test_tenure_that_says_both_or_only_what_it_is_not_is_refused() -> None:
    assert code("tenure", "Freehold/Leasehold") == "ambiguous"
    assert code("tenure", "Not freehold") == "not-in-vocabulary"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In use", "operational"),
        ("Declared surplus", "surplus"),
        ("VACANT", "vacant"),
        ("Sold", "disposed"),
        ("Open, but proposed to close", "under review"),
    ],
)
def test_status_as_registers_spell_it(text: str, expected: str) -> None:
    assert value("status", text) == expected


def test_status_of_another_kind_is_refused() -> None:
    assert code("status", "RDS") == "not-in-vocabulary"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("440715,354526", (440715.0, 354526.0)),
        ("440715 354526", (440715.0, 354526.0)),
        ("E: 440715 N: 354526", (440715.0, 354526.0)),
        ("Easting 440715, Northing 354526", (440715.0, 354526.0)),
        ("54.139, -0.789", (54.139, -0.789)),
        ("(54.139 -0.789)", (54.139, -0.789)),
        ("54.139°N 0.789°W", (54.139, -0.789)),
        ("N54.139, W0.789", (54.139, -0.789)),
        ("lat 54.139 long -0.789", (54.139, -0.789)),
        ("SE 79187 72160", (479187.0, 472160.0)),
        ("se7918 7216", (479180.0, 472160.0)),
        ("TQ3000080000", (530000.0, 180000.0)),
    ],
)
def test_two_coordinates_in_one_cell(text: str, expected: tuple[float, float]) -> None:
    assert value("coordinates", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Malton",
        "440715",
        "1,2,3",
        "SE 1234 567",
        "54.139 - 0.789",
        "440715,35x526",
    ],
)
def test_what_may_not_be_two_coordinates_is_refused(text: str) -> None:
    assert code("coordinates", text) == "not-coordinates"


def test_coordinates_and_labels_of_their_systems() -> None:
    assert value("easting", "0.789° W") == -0.789
    assert value("easting", "SE 79187 72160") == 479187.0
    assert value("northing", "n/a") is None
    assert code("easting", "twelve") == "not-coordinates"
    labels = {
        "ETRS89": "ETRS89", "ETRS104": "ETRS89", "OSGB36": "EPSG:27700", "OSGB3": "EPSG:27700", "OSG36": "EPSG:27700",
        "OSGB 1936 '27700' British National Grid": "EPSG:27700", "27700": "EPSG:27700", "WGS84": "EPSG:4326", "WGS97": "EPSG:4326",
        "EPSG:3857": "EPSG:3857", "EPSG:25830": "EPSG:25830", "UTM 30N": "UTM", "Cartesian": "EPSG:4936", "TM65 / Irish Grid": "EPSG:29902",
    }  # fmt: skip
    assert {text: value("crs", text) for text in labels} == labels
    assert value("crs", "") is None
    assert code("crs", "EPSG") == "unknown-crs"


def test_yes_no_and_lists() -> None:
    column = table("sites")["developable"]
    assert [parse(column, text) for text in ("Y", "no", "TRUE", "", "unknown")] == [True, False, True, None, None]
    with pytest.raises(CellError):
        parse(column, "perhaps")
    assert parse(table("sites")["assets"], "b; a;;a ") == ("a", "b")
    assert parse(table("sites")["assets"], "") == ()


cells = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=30),
    st.text("0123456789.,-+()£%eEkmNSEW°/: ", max_size=20),
    st.floats(allow_nan=True).map(repr),
    st.integers().map(str),
)


@given(st.sampled_from(COLUMNS), cells, st.sampled_from(["", UNSTATED, "acres", "000", "m", "k", "sq ft", "?"]))
def test_a_cell_is_read_or_refused_and_nothing_else(column: object, text: str, unit: str) -> None:
    code = reason = "read"
    try:
        parse(column, text, unit)
    except CellError as error:
        code, reason = error.code, str(error)
    assert code
    assert reason


@given(st.floats(0, 500_000).map(lambda number: round(number, 2)), st.booleans())
def test_numbers_come_back_as_written(number: float, commas: bool) -> None:
    text = f"{number:,.2f}" if commas else f"{number:.2f}"
    assert value("gia_m2", text) == pytest.approx(number, abs=1e-6)


@given(st.dates(dt.date(1, 1, 1)))
def test_dates_come_back_as_written(day: dt.date) -> None:
    column = table("facts")["as_of"]
    assert parse(column, day.isoformat()) == parse(column, f"{day.day}/{day.month}/{day.year:04}") == day

"""One cell into one value, or a reason why not."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetplan.cells import UNSTATED, CellError, parse
from assetplan.choices import status_in_services
from assetplan.dates import MONTH_FIRST, SERIAL, is_vague, read_day, reading_of
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
    expected = "unknown" if text == "unknown" and "unknown" in ASSETS[column].vocabulary else None
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


# ------------------------------------------------------------------------------------------------------------- more forms


@pytest.mark.parametrize(
    ("text", "pounds"),
    [
        ("12k", 12_000.0),
        ("1.2 million", 1_200_000.0),
        ("£2bn", 2e9),
        ("50p", 0.5),
        ("nil", 0.0),
        ("Nil", 0.0),
        ("£3 thousand", 3_000.0),
    ],
)
def test_more_money(text: str, pounds: float) -> None:
    assert value("backlog_gbp", text) == pounds


@pytest.mark.parametrize(
    ("column", "text", "unit", "likelier"),
    [
        ("gia_m2", "4,000,000", "", "square feet"),
        ("gia_m2", "40,000,000", "", "another unit"),
        ("site_area_ha", "90,000", "ha", "square metres"),
        ("fte", "250,000", "", "too many"),
    ],
)
def test_a_size_beyond_belief_is_left_unknown_with_the_likely_unit(
    column: str, text: str, unit: str, likelier: str
) -> None:
    with pytest.raises(CellError, match=likelier) as caught:
        value(column, text, unit)
    assert caught.value.code == "implausible"


@pytest.mark.parametrize(
    ("text", "hectares"), [("1 sq km", 100.0), ("2 ac", 0.809371285), ("12,000 sq. yds", 1.003352832)]
)
def test_more_areas(text: str, hectares: float) -> None:
    assert value("site_area_ha", text) == pytest.approx(hectares, abs=1e-8)


def test_several_uprns_and_a_spreadsheets_commas() -> None:
    assert code("uprn", "100000000001; 100000000002") == "several-uprns"
    assert value("uprn", "10,000,480,247") == "10000480247"
    assert value("uprn", "'010000480247") == "10000480247"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Owned by a public authorty", "public"), ("owmed by a public authority", "public"), ("Owned by a public authority - HBC", "public"),
        ("Not owned by a public authoritity.", "private"), ("Unknown owenrship", "unknown"), ("MultipleOwners", "unknown"),
        ("Council owned", "public"), ("NHS", "public"), ("Crown", "public"), ("Kent County Council", "public"),
        ("City of Wolverhampton Council", "public"), ("Ministry of Defense", "public"), ("Kent Highways Service", "public"),
        ("Part Kent County Council", "unknown"), ("part public", "unknown"), ("Various, including WCC", None),
        ("Mr A Person", "private"), ("Example Estates Ltd", "private"), ("Council and Example Estates Ltd", "unknown"),
        ("C/o Agent", None), ("Severn Trent", None), ("no owned by a public authority", "private"),
    ],
)  # fmt: skip
def test_more_of_ownership(text: str, expected: str | None) -> None:
    if expected is None:
        assert code("ownership", text) == "not-in-vocabulary"
    else:
        assert value("ownership", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("F/H", "freehold"), ("LH", "leasehold"), ("Owned", "freehold"), ("Heritable", "freehold"), ("Rented", "leasehold"), ("Freehld", "freehold"),
     ("Prydlesol", "leasehold"), ("Freehold - part leased out", "freehold")],
)  # fmt: skip
def test_more_of_tenure(text: str, expected: str) -> None:
    assert value("tenure", text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "service"),
    [
        ("Closed", "vacant", "ended"), ("Temporarily closed", "vacant", ""), ("Demolished", "disposed", "ended"), ("Open", "operational", ""),
        ("Declared surplus by Cabinet, 12 May 2010", "surplus", ""), ("Operatonal", "operational", ""), ("Dormant", "vacant", "ended"),
        ("Open, but proposed to close", "under review", ""),
    ],
)  # fmt: skip
def test_more_of_status(text: str, expected: str, service: str) -> None:
    assert value("status", text) == expected
    assert status_in_services(text) == service


def test_status_words_that_are_opposites_are_not_taken_for_misspellings() -> None:
    for text in ("Inoperative", "Non-operational", "Unlet"):
        assert code("status", text) == "not-in-vocabulary"


def test_partly_is_neither_yes_nor_no() -> None:
    with pytest.raises(CellError) as caught:
        parse(table("sites")["developable"], "Partial")
    assert caught.value.code == "partly"


@pytest.mark.parametrize("text", ["Ryedale District Council", "NHS Example Trust", "Homes England", "MOD"])
def test_a_former_public_body_says_nothing_of_today(text: str) -> None:
    assert value("ownership", text) == "public"
    assert code("ownership", f"Former {text} offices") == "not-in-vocabulary"


FORMS = [
    "{d.day:02}/{d.month:02}/{d.year:04}", "{d.day}.{d.month}.{d.year:04}", "{d.day}-{d.month}-{d.year:04}", "{d:%Y%m%d}", "{d:%Y}/{d:%m}/{d:%d}",
    "{d.day} {d:%B} {d.year:04}", "{d.day}-{d:%b}-{d.year:04}", "{d:%A} {d.day} {d:%B} {d.year:04}", "{d:%B} {d.day}, {d.year:04}",
    "{d:%Y-%m-%d} 00:00:00", "{d.day}/{d.month}/{d.year:04} 12:30",
]  # fmt: skip


@given(st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31)), st.sampled_from(FORMS))
def test_a_day_comes_back_from_every_form_it_is_written_in(day: dt.date, form: str) -> None:
    assert read_day(form.format(d=day)) == day


@given(st.lists(st.dates(dt.date(1928, 1, 1), dt.date(2100, 1, 1)), min_size=1, max_size=20))
def test_the_column_tells_how_its_dates_are_to_be_read(days: list[dt.date]) -> None:
    """Day-first cells are never read month first; month-first cells are wherever one of them shows it; serials come back."""
    assert reading_of(f"{day:%d/%m/%Y}" for day in days) != MONTH_FIRST or not any(day.day > 12 for day in days)
    american = [f"{day:%m/%d/%Y}" for day in days]
    if any(day.day > 12 for day in days):
        assert reading_of(american) == MONTH_FIRST
        assert [read_day(text, MONTH_FIRST) for text in american] == days
    serials = [str((day - dt.date(1899, 12, 30)).days) for day in days]
    assert reading_of(serials) == SERIAL
    assert [read_day(text, SERIAL) for text in serials] == days


def test_years_and_months_alone_are_read_only_where_the_column_allows() -> None:
    opened, expiry = ASSETS["opened"], ASSETS["lease_expiry"]
    assert [parse(opened, text) for text in ("1974", "June 1974", "06/1974", "1/6/74")] == [
        dt.date(1974, 1, 1), dt.date(1974, 6, 1), dt.date(1974, 6, 1), dt.date(1974, 6, 1),
    ]  # fmt: skip
    for text in ("1974", "June 1974", "1/6/74"):
        with pytest.raises(CellError):
            parse(expiry, text)
        assert is_vague(text)
    assert not is_vague("1/6/1974")


@given(st.text(max_size=25))
def test_whatever_the_text_a_day_is_read_or_not(text: str) -> None:
    for reading in ("", MONTH_FIRST, SERIAL):
        try:
            day = read_day(text, reading, loose=True)
        except ValueError:
            continue
        assert day is None or isinstance(day, dt.date)


@pytest.mark.parametrize(
    ("text", "unit", "value"), [("45%", "", 45.0), ("45 %", "no unit stated", 45.0), ("45", "percent", 45.0), ("0.45%", "", 0.45), ("0", "percent", 0.0), ("12.5 per cent", "", 12.5)]
)  # fmt: skip
def test_percentages_say_their_unit(text: str, unit: str, value: float) -> None:
    assert parse(ASSETS["empty_percent"], text, unit) == value


@pytest.mark.parametrize(("text", "unit", "code"), [("45", UNSTATED, "no-unit"), ("0.45", "percent", "share-or-percent"), ("1", "percent", "share-or-percent"),
                                                    ("120%", "", "implausible"), ("-5%", "", "negative")])  # fmt: skip
def test_percentages_that_could_mean_two_things_are_refused(text: str, unit: str, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse(ASSETS["empty_percent"], text, unit)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"Hall, High Street"', "Hall, High Street"),
        ('"Hall" and "Barn"', '"Hall" and "Barn"'),
        ('The "Old" Hall', 'The "Old" Hall'),
        ('"', '"'),
        ('""', '""'),
    ],
)
def test_quotation_marks_around_a_whole_cell_are_no_part_of_it(text: str, value: str) -> None:
    assert parse(ASSETS["name"], text) == value

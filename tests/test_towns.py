"""Towns told from addresses: what is a name, what is a street, and where a name lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from payloads import PAYLOADS

import assetplan as ap
from assetplan.backdrop import places_of
from assetplan.towns import names_in, towns_of


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("1 High Street, Malton, North Yorkshire, YO17 7LP", ["Malton"]),
        ("Street Record Pittville Crescent Cheltenham Gloucestershire", ["Cheltenham"]),
        ("34 Riddings Road, Timperley, Altrincham", ["Timperley", "Altrincham"]),
        ("Thornbrook Road,Chapel en le Frith,High Peak", ["Chapel en le Frith", "High Peak"]),
        ("Civic Centre High Street, Esher Surrey", ["Esher"]),
        ("South Road, Crook, County Durham DL15 8NE", ["Crook"]),
        ("St Andrews Road South, LYTHAM ST. ANNES", ["LYTHAM ST. ANNES"]),
        ("Bramhall Lane South", []),
        ("12 Market Place", []),
        ("Town Hall, Kingsway, Bolton", ["Bolton"]),
        ("High Street, Burgess Hill, West Sussex", ["Burgess Hill"]),
        ("Beech Road,Whaley Bridge,High Peak", ["Whaley Bridge", "High Peak"]),
        ("Turnpike Business Park, Alfreton", ["Alfreton"]),
        ("Ryedale District Council, Ryedale House, Malton", ["Malton"]),
        ("Mr J Smith, Fire Station, North Yorkshire", []),
        ("John Smith, 4 Church Lane, Settrington", ["Settrington"]),
        ("Gloucestershire", []),
        ("YO17 7LP", []),
        ("Manchester M2 5PD, England, UK", ["Manchester"]),
        ("91 Trinity Road", []),
        ("", []),
        ("Market Street\nKnaresborough\nHG5 8AG", ["Knaresborough"]),
        ("Unit 3, Town Centre, 2nd Floor, Pickering", ["Pickering"]),
    ],
)
def test_names_in_an_address(address: str, names: list[str]) -> None:
    assert names_in(address) == names


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_text_is_no_name(text: str) -> None:
    assert names_in(f"1 High Street, {text}") == []


def towns(rows: list[tuple[str, float, float]]) -> list[tuple[str, int]]:
    x, y = (np.array([row[i] for row in rows], dtype=float) for i in (1, 2))
    return [(town.name, town.count) for town in towns_of([row[0] for row in rows], x, y, ["a.csv"] * len(rows))]


def test_a_county_a_street_and_a_body_are_no_towns_however_frequent() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for i in range(40):
        x, y = rng.normal((478_000, 471_000), 700)
        rows.append((f"{i} Castlegate Road, Malton, Ryedale District Council, Wessexland", x + 9e3 * (i % 5), y))
    assert "Ryedale District Council" not in dict(towns(rows))
    assert "Wessexland" not in dict(towns(rows))
    assert "Castlegate Road" not in dict(towns(rows))


def test_a_name_spread_like_a_county_is_dropped() -> None:
    rng = np.random.default_rng(2)
    wide = [
        (f"{i} High Street, Loamshire Weald", *rng.uniform((400_000, 300_000), (460_000, 360_000))) for i in range(90)
    ]
    close = [(f"{i} High Street, Malton", *rng.normal((430_000, 330_000), 500)) for i in range(9)]
    assert towns(wide + close) == [("Malton", 9)]


def test_two_towns_of_one_name_are_two() -> None:
    rows = [(f"{i} High Street, Newport", 331_000.0 + 90 * i, 188_000.0) for i in range(3)]
    rows += [(f"{i} Quay Street, Newport", 450_000.0 + 90 * i, 89_000.0) for i in range(4)]
    x, y = (np.array([row[i] for row in rows]) for i in (1, 2))
    found = towns_of([row[0] for row in rows], x, y, ["a.csv"] * 3 + ["b.csv"] * 4)
    assert [(town.name, town.count, town.registers) for town in found] == [
        ("Newport", 4, ("b.csv",)),
        ("Newport", 3, ("a.csv",)),
    ]
    assert [round(town.easting, -4) for town in found] == [450_000, 330_000]


def test_two_towns_of_one_name_with_one_place_each_are_none() -> None:
    assert towns([("High Street, Whitchurch", 354_000, 341_000), ("London Road, Whitchurch", 446_000, 148_000)]) == []


def test_a_post_town_written_after_others_is_not_placed_among_them() -> None:
    rows = [(f"{i} Crofts Bank Road, Urmston, Manchester", 376_000.0 + 90 * i, 394_500.0) for i in range(9)]
    rows += [(f"{i} Barton Road, Stretford, Manchester", 379_400.0 + 90 * i, 394_000.0) for i in range(9)]
    assert towns(rows) == [("Stretford", 9), ("Urmston", 9)]


def test_one_address_repeated_counts_once_and_not_at_all_where_its_positions_disagree() -> None:
    rows = [("1 Station Road, Thirsk", 442_800.0, 482_200.0)] * 30
    assert towns(rows) == []
    rows = [("John Street, Hollingbury", 531_000.0 + 400 * i, 104_000.0) for i in range(30)]
    assert towns(rows) == []


def test_a_column_of_towns_alone_will_do() -> None:
    rows = [("THIRSK", 442_800.0 + 200 * i, 482_200.0) for i in range(5)]
    assert towns(rows) == [("Thirsk", 5)]


def test_names_run_together_are_parted() -> None:
    rows = [(f"{i} Bath Road Cheltenham", 394_500.0 + 50 * i, 222_000.0) for i in range(20)]
    rows += [(f"{i} Copt Elm Road Charlton Kings Cheltenham", 396_500.0 + 50 * i, 220_300.0) for i in range(4)]
    assert towns(rows) == [("Cheltenham", 24), ("Charlton Kings", 4)]
    rows += [(f"{i} Mill Lane, West Cheltenham", 392_000.0 + 50 * i, 222_300.0) for i in range(4)]
    assert ("West Cheltenham", 4) in towns(rows)


@pytest.mark.parametrize(
    ("spellings", "name"),
    [
        (["CHELTENHAM"] * 5, "Cheltenham"),
        (["CHELTENHAM", "CHELTENHAM", "Cheltenham"], "Cheltenham"),
        (["ST. ANNES-ON-SEA"] * 3, "St. Annes-on-Sea"),
        (["St. Annes-on-Sea", "ST ANNES-ON-SEA", "St. Annes-on-Sea"], "St. Annes-on-Sea"),
        (["BISHOP'S STORTFORD"] * 3, "Bishop's Stortford"),
        (["CHAPEL EN LE FRITH"] * 3, "Chapel en le Frith"),
    ],
)
def test_a_name_is_spelt_as_people_do(spellings: list[str], name: str) -> None:
    rows = [(f"{i} High Street, {text}", 394_500.0 + 150 * i, 222_000.0) for i, text in enumerate(spellings)]
    assert [found for found, _ in towns(rows)] == [name]


def test_the_order_of_rows_does_not_count() -> None:
    rng = np.random.default_rng(4)
    rows = [
        (f"{i} Road, {('Malton', 'Norton', 'Pickering')[i % 3]}", *rng.normal((478_000, 471_000), 900))
        for i in range(60)
    ]
    turned = [rows[i] for i in rng.permutation(60)]
    first, second = (
        towns_of(
            [row[0] for row in some], np.array([row[1] for row in some]), np.array([row[2] for row in some]), ["a"] * 60
        )
        for some in (rows, turned)
    )
    assert first == second
    assert len(first) == 3


def test_nothing_to_name() -> None:
    assert towns([]) == []
    assert towns([("", 1.0, 1.0)]) == []


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("file", "known", "at_most_m"),
    [
        ("cheltenham-assets/local_authority_land_and_assets_2023.csv",
         {"Cheltenham": (394_800, 222_400), "Charlton Kings": (396_600, 220_500), "Up Hatherley": (392_000, 220_300)}, 800),
        ("cheltenham-assets/local_authority_land_and_assets_2021.csv", {"Cheltenham": (394_800, 222_400)}, 800),
        ("greater-manchester-sites/trafford_general_practices.csv",
         {"Altrincham": (376_800, 387_900), "Sale": (378_700, 391_900), "Urmston": (376_600, 394_500), "Timperley": (379_000, 388_700)}, 1_000),
        ("greater-manchester-sites/trafford_care_homes.csv",
         {"Sale": (378_700, 391_900), "Partington": (372_000, 391_300), "Bowdon": (375_900, 386_800)}, 1_000),
        ("greater-manchester-sites/gm_libraries.csv",
         {"Bolton": (371_700, 409_200), "Rochdale": (389_600, 413_300), "Stockport": (389_500, 390_300), "Heywood": (385_500, 410_700)}, 2_500),
        ("fire-stations-england/fire-stations-dataset.ods",
         {"Liverpool": (334_500, 390_500), "Sheffield": (435_400, 387_200), "Hull": (509_700, 428_700), "Lincoln": (497_600, 371_300),
          "Plymouth": (247_800, 54_500)}, 5_000),
        ("derbyshire-fire-assets/stations-derbyshire.xlsx", {"Matlock": (430_000, 360_200), "Glossop": (403_500, 394_000)}, 1_000),
        ("police-stations/station.tsv", {"Liverpool": (334_500, 390_500), "Maidenhead": (488_800, 181_200)}, 2_000),
    ],
)  # fmt: skip
def test_real_registers_name_their_towns_where_they_are(
    realdata: Path, file: str, known: dict[str, tuple[float, float]], at_most_m: float
) -> None:
    estate = ap.read_estate(realdata / file)
    places = places_of(estate, tuple(estate.assets.total_bounds))
    at = dict(zip(places["name"], places.geometry, strict=True))
    for name, (easting, northing) in known.items():
        assert np.hypot(at[name].x - easting, at[name].y - northing) < at_most_m, name
    streets = r"(?i)\b(?:road|street|lane|avenue|drive|council|centre|library|station|shire)$|\d"
    assert not places["name"].str.contains(streets, regex=True).any()
    assert set(places["kind"]) == {"town"}
    assert set(places["source"]) == {f"from the addresses in {Path(file).name}"}


@pytest.mark.realdata
def test_a_real_post_town_is_not_drawn_in_a_district_it_only_serves(realdata: Path) -> None:
    for file in ("trafford_general_practices.csv", "trafford_care_homes.csv", "sports_facilities.csv"):
        estate = ap.read_estate(realdata / "greater-manchester-sites" / file)
        assert "Manchester" not in set(places_of(estate, tuple(estate.assets.total_bounds))["name"])


@pytest.mark.realdata
def test_a_real_register_without_positions_names_nothing(realdata: Path) -> None:
    estate = ap.read_estate(realdata / "libraries-uk" / "libraries_england_2023.csv")
    assert not len(places_of(estate, (0.0, 0.0, 700_000.0, 1_300_000.0)))

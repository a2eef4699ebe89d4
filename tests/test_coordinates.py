"""Coordinates as people write them: read as one number, as two, as a grid reference, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetplan.coordinates import Pair, read_coordinate, read_pair

EAST, NORTH = 440715.0, 354526.0
LAT, LON = 54 + 8 / 60 + 20 / 3600, -(47 / 60 + 20 / 3600)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("479187", 479187.0),
        ("479,187.50", 479187.5),
        ("479187m", 479187.0),
        ("479187 approx", 479187.0),
        ("479187 (centre of site)", 479187.0),
        ("479187?", 479187.0),
        ("E 395522", 395522.0),
        ("395522E", 395522.0),
        ("479.187 km", 479187.0),
        ("-0,789411", -0.789411),
        ("54,139191", 54.139191),
        ("0,789", 0.789),
        ("0.789W", -0.789),
        ("W 0.789", -0.789),
        ("−0.789", -0.789),
        ("54° 8.5' N", 54 + 8.5 / 60),
        ("54 08 20", LAT),
        ("54d08m20sN", LAT),
        ("0°47′20″W", LON),
        ("54:08:20", LAT),
    ],
)
def test_one_number(text: str, expected: float) -> None:
    assert read_coordinate(text) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "twelve",
        "N 1 E",
        "-0.789W",
        "35x526",
        "543575, 543397",
        "1e5",
        "54 61 20",
        "54 08 99 N",
        "SE",
        "nan",
        "12 High Street 4",
    ],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_coordinate(text)


@pytest.mark.parametrize(
    ("text", "x", "y"),
    [
        *((text, EAST, NORTH) for text in (
            "440715,354526", "440715 354526", "440715;354526", "440715/354526", "(440715, 354526)", "[440715 354526]",
            "E: 440715 N: 354526", "E440715N354526", "440715E 354526N", "440715mE 354526mN", "440715m E, 354526m N", "440,715,354,526",
            "440,715, 354,526", "440715, 354526 (approx)", "POINT (440715 354526)", "SRID=27700;POINT(440715 354526)", "X:440715 Y:354526",
            "Easting 440715, Northing 354526", "Northing: 354526, Easting: 440715", "N 354526 E 440715",
        )),
        *((text, LAT, LON) for text in (
            "54 08 20 N, 0 47 20 W", "54°08'20\"N 0°47'20\"W", "54° 08' 20\" N 0° 47' 20\" W", "N 54 08 20 W 0 47 20", "54:08:20N 0:47:20W",
        )),
        *((text, 54.139191, -0.789411) for text in (
            "54.139191, -0.789411", "lat: 54.139191 lon: -0.789411", "54,139191 -0,789411", "54,139191; -0,789411", "54,139191, -0,789411",
            "54.139191°N0.789411°W", "N54.139191, W0.789411", "latitude=54.139191;longitude=-0.789411",
        )),
    ],
)  # fmt: skip
def test_two_numbers_in_the_order_they_stand(text: str, x: float, y: float) -> None:
    pair = read_pair(text)
    assert (pair.x, pair.y) == pytest.approx((x, y), abs=1e-9)
    assert pair.square_m is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SE 79187 72160", Pair(479187, 472160, 1)),
        ("SE7918772160", Pair(479187, 472160, 1)),
        ("se 7918 7216", Pair(479180, 472160, 10)),
        ("SE 795 716", Pair(479550, 471650, 100)),
        ("SE795716", Pair(479550, 471650, 100)),
        ("SE 79 71", Pair(479500, 471500, 1000)),
        ("SE 7 7", Pair(475000, 475000, 10_000)),
        ("TQ 30000 80000", Pair(530000, 180000, 1)),
        ("HU 4 1", Pair(445000, 1115000, 10_000)),
        ("SV 90 10", Pair(90500, 10500, 1000)),
    ],
)
def test_grid_references_say_how_large_their_square_is(text: str, expected: Pair) -> None:
    assert read_pair(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "Malton", "440715", "1,2,3", "SE 1234 567", "SE 123", "SE", "54.139 - 0.789", "440715,35x526", "54.1N 53.2N",
        "12 High Street, Malton", "SE 795 716 and more", "AA 123 456", "OE 12 34",
    ],
)  # fmt: skip
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_pair(text)


@given(st.integers(0, 699_999), st.integers(0, 1_299_999), st.integers(3, 5), st.booleans())
def test_a_reference_names_the_square_its_point_lies_in(east: int, north: int, figures: int, parted: bool) -> None:
    letters = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
    column, row = east // 100_000, north // 100_000
    major = (3 - (row // 5)) * 5 + column // 5 + 2
    minor = (4 - row % 5) * 5 + column % 5
    side = 10 ** (5 - figures)
    digits = [f"{value % 100_000 // side:0{figures}}" for value in (east, north)]
    pair = read_pair(f"{letters[major]}{letters[minor]}{' ' * parted}{(' ' * parted).join(digits)}")
    assert pair.square_m == side
    assert 0 <= east - (pair.x - (side / 2 if side >= 100 else 0)) < side
    assert 0 <= north - (pair.y - (side / 2 if side >= 100 else 0)) < side


@given(st.floats(-9, 3).map(lambda value: round(value, 6)), st.floats(49, 61).map(lambda value: round(value, 6)))
def test_degrees_come_back_from_minutes_and_seconds(longitude: float, latitude: float) -> None:
    def written(value: float, letters: str) -> str:
        degrees, rest = divmod(abs(value) * 3600, 3600)
        minutes, seconds = divmod(rest, 60)
        return f"{degrees:.0f}°{minutes:.0f}'{min(seconds, 59.999999):.6f}\"{letters[value < 0]}"

    pair = read_pair(f"{written(latitude, 'NS')} {written(longitude, 'EW')}")
    assert (pair.x, pair.y) == pytest.approx((latitude, longitude), abs=1e-8)

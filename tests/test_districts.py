"""Bodies and their districts: found by code or name, and not where a name may mean several."""

import csv
from pathlib import Path

import pytest

import assetplan
from assetplan.places.districts import find_district, plain_name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("E07000167", "E07000167"),
        ("E07000167.csv", "E07000167"),
        ("brownfield_e07000167_2019", "E07000167"),
        ("Ryedale District Council", "E07000167"),
        ("Ryedale", "E07000167"),
        ("City of York Council", "E06000014"),
        ("Rotherham MBC", "E08000018"),
        ("LB Camden", "E09000007"),
        ("London Borough of Camden", "E09000007"),
        ("Royal Borough of Kensington and Chelsea", "E09000020"),
        ("Brighton & Hove City Council", "E06000043"),
        ("King\u2019s Lynn & West Norfolk BC", "E07000146"),
        ("Hull City Council", "E06000010"),
        ("Durham County Council", "E06000047"),
        ("Derby City Council", "E06000015"),
        ("Derbyshire County Council", "E10000007"),
        ("North Yorkshire Police", "E06000065"),
        ("Kent Fire and Rescue Service", "E10000016"),
        ("West Yorkshire Combined Authority", "E47000003"),
        ("Belfast City Council", "N09000003"),
        ("Cardiff Council", "W06000015"),
        ("Aberdeenshire Council", "S12000034"),
    ],
)
def test_bodies_with_a_district(text: str, code: str) -> None:
    district = find_district(text)
    assert district is not None
    assert district.code == code


@pytest.mark.parametrize(
    "text",
    [
        "", "Council", "The Borough", "Newcastle", "A Housing Association", "Kent and Medway NHS and Social Care Partnership Trust", "Avon Fire Authority",
        "E99999999", "E07000167 and E06000014", "Network Rail", "York Museums Trust", "Ministry of Defence", "British Transport Police",
    ],
)  # fmt: skip
def test_bodies_without(text: str) -> None:
    assert find_district(text) is None


def test_an_abolished_district_names_its_successor_and_one_name_of_two_spans_both() -> None:
    ryedale, county = find_district("Ryedale"), find_district("North Yorkshire County Council")
    assert ryedale is not None
    assert county is not None
    assert ryedale.successor == "E06000065"
    assert not ryedale.rough
    west, south, east, north = ryedale.extent
    assert county.extent[0] <= west <= 479_187 <= east <= county.extent[2]
    assert county.extent[1] <= south <= 472_160 <= north <= county.extent[3]


def test_the_table_is_whole() -> None:
    with (Path(assetplan.__file__).parent / "places" / "districts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = [row["code"] for row in rows]
    assert codes == sorted(set(codes))
    assert {code[:3] for code in codes} >= {"E06", "E07", "E08", "E09", "E10", "E47", "W06", "S12", "N09"}
    for row in rows:
        west, south, east, north = (int(row[side]) for side in ("west", "south", "east", "north"))
        assert west < east, row
        assert south < north, row
        assert all(side % 1000 == 0 for side in (west, south, east, north))
        assert not row["successor"] or row["successor"] in codes, row
        assert plain_name(row["name"])

"""Real registers, in whatever shape their publishers gave them: each is read to the last row, or refused in a sentence.

Nothing of these files is kept here but their names and counts.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import check_locations
import numpy as np
import pytest
import shapely

from assetplan.errors import EstateError
from assetplan.personal import register_without_persons
from assetplan.registers import Entry, Register, read_register

pytestmark = pytest.mark.realdata

# File: rows read, accepted, located; organisations named; and what the file is taken for.
READ = {
    "cheltenham-assets/local_authority_land_and_assets_2023.csv": (459, 459, 459, 1, "ownership"),
    "cheltenham-assets/local_authority_land_and_assets_2021.csv": (498, 496, 495, 1, "ownership"),
    "cheltenham-assets/cheltenham_council_land_and_assets_2023.geojson": (459, 459, 459, 1, "ownership"),
    "cheltenham-assets/cheltenham_council_land_and_assets_2021.geojson": (497, 493, 493, 1, "ownership"),
    "derbyshire-fire-assets/stations-derbyshire.xlsx": (56, 56, 56, 0, "ownership"),
    "derbyshire-fire-assets/stations-kent.xlsx": (58, 58, 0, 0, "service list"),
    "fire-stations-england/fire-data.xlsx": (572, 572, 0, 0, "service list"),
    "fire-stations-england/fire-stations-dataset.ods": (1399, 1399, 1373, 45, "service list"),
    "greater-manchester-sites/gm_fire_stations.geojson": (82, 82, 82, 0, "service list"),
    "greater-manchester-sites/gm_hospitals.geojson": (449, 449, 449, 0, "service list"),
    "greater-manchester-sites/gm_libraries.csv": (141, 141, 141, 0, "service list"),
    "greater-manchester-sites/gm_libraries.geojson": (141, 141, 141, 0, "service list"),
    "greater-manchester-sites/gm_pharmacies.csv": (631, 631, 0, 0, "service list"),
    "greater-manchester-sites/sports_facilities.csv": (314, 314, 314, 0, "service list"),
    "greater-manchester-sites/trafford_care_homes.csv": (56, 56, 56, 0, "service list"),
    "greater-manchester-sites/trafford_childrens_centres.csv": (2, 2, 2, 0, "service list"),
    "greater-manchester-sites/trafford_general_practices.csv": (26, 26, 26, 0, "service list"),
    "greater-manchester-sites/trafford_mental_health_services.csv": (60, 60, 0, 0, "service list"),
    "greater-manchester-sites/trafford_schools_and_colleges.csv": (103, 103, 103, 0, "service list"),
    "libraries-uk/libraries_england_2023.csv": (3487, 3487, 0, 153, "service list"),
    "libraries-uk/libraries_schema_uk.csv": (4231, 4231, 0, 208, "service list"),
    "libraries-uk/os_library_buildings.csv": (3469, 3469, 3469, 0, "service list"),
    "schools-england-2017/schools_to_geocode.csv": (6023, 6023, 0, 150, "service list"),
    "police-stations/station.tsv": (2248, 2248, 1284, 28, "service list"),
    "nhs-epraccur/epraccur.csv": (14357, 14357, 0, 0, "service list"),
}
REFUSED = {
    "greater-manchester-sites/gm_local_authority_full_resolution.geojson": "no column is recognised",
    "greater-manchester-sites/trafford_roadNode.geojson": "no column is recognised",
    "libraries-uk/uk_local_authorities.csv": "no column is recognised",
    "brownfield-registers/E06000015.csv": "web page",
    "brownfield-registers/E07000221.csv": "web page",
}


@cache  # several tests read all of them, and none changes one
def read(realdata: Path, file: str, entry: Entry | None = None) -> Register:
    """The register, checked for what must hold of every one."""
    path = realdata / file
    register = read_register(path, path.name, entry or Entry(), {})
    aside = [issue for issue in register.issues if issue.action.startswith("Row set aside")]
    assert register.rows_read == len(register.rows) + register.quarantined
    assert len(aside) == register.quarantined
    assert register.rows["asset_id"].is_unique
    assert len(register.columns) == len({column.position for column in register.columns})
    return register


def located(register: Register) -> int:
    return int((~shapely.is_missing(register.geometry)).sum())


@pytest.mark.parametrize("file", READ)
def test_registers_that_are_read(realdata: Path, file: str) -> None:
    register = read(realdata, file)
    assert (
        register.rows_read,
        len(register.rows),
        located(register),
        len(register.organisations),
        register.kind,
    ) == READ[file]


@pytest.mark.parametrize("file", REFUSED)
def test_files_that_are_refused_in_a_sentence(realdata: Path, file: str) -> None:
    with pytest.raises(EstateError, match=REFUSED[file]) as caught:
        read(realdata, file)
    message = str(caught.value)
    assert message.startswith(Path(file).name)
    assert "\n" not in message
    assert len(message) < 400


def test_an_old_workbook_under_a_new_name_is_read_as_what_it_is(realdata: Path) -> None:
    register = read(realdata, "derbyshire-fire-assets/stations-kent.xlsx")
    assert [issue.value for issue in register.issues if issue.code == "format-by-content"] == [".xlsx"]
    assert "hidden-unseen" in {issue.code for issue in register.issues}


def test_one_sheet_of_several(realdata: Path) -> None:
    found = read(realdata, "fire-stations-england/fire-data.xlsx")
    assert [issue.value for issue in found.issues if issue.code == "other-tables"] == ["fire-authority, fire-duty-type"]
    register = read(realdata, "fire-stations-england/fire-data.xlsx", Entry(sheet="fire-station"))
    assert (register.rows_read, len(register.rows)) == (572, 572)


def test_every_table_in_the_folder_is_read_or_refused(realdata: Path) -> None:
    """Also those that are no registers: matrices, boundaries, code lists. Whatever is met, only an EstateError comes back."""
    folders = (
        "boundaries",
        "spopt-sf",
        "police-stations",
        "postcodes-yo",
        "schools-england-2017",
        "city-of-london-parcels",
        "orlib-pmed",
    )
    for path in sorted(path for folder in folders for path in (realdata / folder).iterdir()):
        if path.suffix in {".csv", ".tsv", ".json", ".geojson", ".txt"} and path.stat().st_size < 500_000:
            message = path.name
            try:
                read(realdata, f"{path.parent.name}/{path.name}")
            except EstateError as error:
                message = str(error)
            assert message.startswith(path.name)


def test_all_brownfield_registers(realdata: Path) -> None:
    """Sixty-eight different headings; every file but the two web pages is a planning register of one authority or a few."""
    files = sorted((realdata / "brownfield-registers").glob("*.csv"))
    assert len(files) == 230
    read_rows = accepted = on_map = 0
    far: list[str] = []
    for path in files:
        if f"brownfield-registers/{path.name}" in REFUSED:
            continue
        register = read(realdata, f"brownfield-registers/{path.name}")
        assert register.kind == "planning", path.name
        assert register.quarantined <= 1, path.name
        assert register.rows["reference"].notna().any() or register.rows["name"].notna().any(), path.name
        read_rows, accepted, on_map = (
            read_rows + register.rows_read,
            accepted + len(register.rows),
            on_map + located(register),
        )
        unplaced = {issue.row for issue in register.issues if issue.action.startswith("Row kept, not located")}
        blank = len(register.rows) - located(register) - len(unplaced)
        assert blank >= 0, path.name
        if located(register) < 0.9 * len(register.rows):
            far.append(path.stem)
    assert (read_rows, accepted) == (12_308, 12_304)
    assert on_map >= 12_110
    # Degrees that somebody made of other numbers by a mistake, or none at all: reported, never placed by guess.
    assert far == ["E06000029", "E07000041", "E07000083", "E07000093", "E07000112", "E07000131"]


def test_rows_lie_where_an_independent_check_says(realdata: Path) -> None:
    """Every row with two numbers that some reading puts inside its body's boundary is placed by that reading, to 50 m.

    Two rows of one register repeat others and are set aside; without district, coast and further readings 444 were elsewhere or
    nowhere (96.6%).
    """
    places = {}
    for file in check_locations.registers(realdata):
        if file not in REFUSED:
            rows = read(realdata, file).rows
            at = zip(rows["row"], rows["easting"], rows["northing"], strict=True)
            places |= {(file, line): (east, north) for line, east, north in at if east == east}
    wanted, good, misses, words = check_locations.compare(realdata, places)
    assert wanted > 13_000
    assert good >= 0.999 * wanted, (misses, words[:10])


def test_the_numbers_of_ryedale_come_to_lie_in_ryedale(realdata: Path) -> None:
    register = read(realdata, "brownfield-registers/E07000167.csv")
    boundary = check_locations.boundaries(realdata, ["E07000167"])["E07000167"]
    assert shapely.contains(boundary, register.geometry).all()
    assert [(issue.row, issue.code) for issue in register.issues if issue.code == "coordinates-reread"] == [
        ("", "coordinates-reread")
    ]


def test_stations_that_lie_elsewhere_than_they_say_are_found(realdata: Path) -> None:
    register = read(realdata, "fire-stations-england/fire-stations-dataset.ods")
    told = {issue.code: issue.message for issue in register.issues if issue.row == "148"}
    assert "Cornwall" in told["outside-own-district"]
    assert "figure missing" in told["outside-own-district"]


@pytest.mark.parametrize("year", ["2021", "2023"])
def test_two_copies_of_one_register_agree_on_where_things_are(realdata: Path, year: str) -> None:
    """The council's metres and somebody else's degrees made of them (by a shift of 2 to 5 m) for the same asset codes."""
    metres = read(realdata, f"cheltenham-assets/local_authority_land_and_assets_{year}.csv")
    degrees = read(realdata, f"cheltenham-assets/cheltenham_council_land_and_assets_{year}.geojson")
    places = [
        register.rows.drop_duplicates("reference", keep=False)
        .set_index("reference")[["easting", "northing"]]
        .astype(float)
        .dropna()
        for register in (metres, degrees)
    ]
    both = places[0].join(places[1].add_suffix("_there"), how="inner")
    assert len(both) > 400
    apart = np.hypot(both["easting"] - both["easting_there"], both["northing"] - both["northing_there"])
    assert apart.max() < 10


def test_cheltenham_is_understood(realdata: Path) -> None:
    register = read(realdata, "cheltenham-assets/local_authority_land_and_assets_2021.csv")
    assert {column.column for column in register.columns} >= {
        "organisation", "reference", "name", "address", "postcode", "uprn", "easting", "northing", "tenure", "tenure_detail", "use",
    }  # fmt: skip
    rows = register.rows
    assert rows["uprn"].dropna().map(lambda text: bool(re.fullmatch(r"[1-9]\d{0,11}", text))).all()
    assert {"freehold", "leasehold"} <= set(rows["tenure"].dropna())
    assert [issue.code for issue in register.issues if issue.code == "encoding"] == ["encoding"]


def test_derbyshire_is_understood(realdata: Path) -> None:
    """Areas in words, coordinates in one cell, and a column headed status that holds duty systems."""
    register = read(realdata, "derbyshire-fire-assets/stations-derbyshire.xlsx")
    assert register.rows["site_area_ha"].notna().sum() > 20
    assert register.rows["gia_m2"].notna().sum() > 20
    assert register.rows["status"].isna().all()
    assert set(register.rows["tenure"].dropna()) <= {"freehold", "leasehold", "licence", "other"}
    assert {column.header: column.column for column in register.columns}["Status"] == ""


def test_a_list_without_headings_is_read_by_its_cells(realdata: Path) -> None:
    """The NHS's list of prescribing practices: codes, names, addresses, postcodes, dates and status, and no row of headings."""
    register = read(realdata, "nhs-epraccur/epraccur.csv")
    at = {column.column: column.position for column in register.columns if column.column and column.column != "address"}
    assert at == {"reference": 1, "name": 2, "postcode": 10, "status": 13}
    assert [column.position for column in register.columns if column.column == "address"] == [5, 6, 7, 8, 9]
    said = {issue.code: issue.value for issue in register.issues}
    assert said["no-heading"] == "27"
    assert (said["closed-entries"], said["proposed-entries"]) == ("2878", "5")
    assert register.rows["status"].value_counts().to_dict() == {"operational": 11474, "disposed": 2878}


# File: what rows are run by a public body, by others, or left open (closed ones too).
RUN_BY = {
    "fire-stations-england/fire-stations-dataset.ods": (1399, 0, 0),
    "greater-manchester-sites/gm_fire_stations.geojson": (82, 0, 0),
    "greater-manchester-sites/gm_libraries.csv": (132, 9, 0),
    "greater-manchester-sites/gm_pharmacies.csv": (0, 631, 0),
    "greater-manchester-sites/trafford_care_homes.csv": (0, 56, 0),
    "greater-manchester-sites/trafford_general_practices.csv": (0, 26, 0),
    "libraries-uk/libraries_england_2023.csv": (3138, 0, 349),
    "libraries-uk/os_library_buildings.csv": (3466, 3, 0),
    "nhs-epraccur/epraccur.csv": (0, 11474, 2883),
    "police-stations/station.tsv": (2248, 0, 0),
    "schools-england-2017/schools_to_geocode.csv": (5399, 624, 0),
}


@pytest.mark.parametrize("file", RUN_BY)
def test_who_runs_what_a_list_of_services_names(realdata: Path, file: str) -> None:
    run_by = read(realdata, file).rows["operator"]
    assert ((run_by == "public").sum(), (run_by == "other").sum(), run_by.isna().sum()) == RUN_BY[file]


def test_ownership_of_brownfield_land_is_understood(realdata: Path) -> None:
    """Of some 12,300 cells the words of the standard are read in every spelling; what is left names an owner not known to be public."""
    left: list[str] = []
    counts: Counter[str] = Counter()
    for path in sorted((realdata / "brownfield-registers").glob("*.csv")):
        if f"brownfield-registers/{path.name}" in REFUSED:
            continue
        register = read(realdata, f"brownfield-registers/{path.name}")
        counts.update(register.rows["ownership"].fillna("blank"))
        heads = {column.header for column in register.columns if column.column == "ownership"}
        left += [issue.value for issue in register.issues if issue.column in heads]
    assert len(left) < 100
    assert not [text for text in left if re.search(r"public|owned|ownership|unknown|council|^mr", text, re.IGNORECASE)]
    assert counts["private"] > 7_500
    assert counts["public"] > 1_500
    assert counts["unknown"] > 2_000


def test_no_column_of_persons_is_read(realdata: Path) -> None:
    for file in READ:
        for column in read(realdata, file).columns:
            if re.search(r"e-?mail|telephone|head ?teacher|contact|manager", column.header, re.IGNORECASE):
                assert not column.column, (file, column)


# Files: cells of free text changed because a person seems to be named, and rows of a sensitive kind of place. Looked at one by one:
# the schools are those whose register says that they are children's homes too.
WITHHELD = {
    "cheltenham-assets/local_authority_land_and_assets_2023.csv": (0, 0),
    "cheltenham-assets/cheltenham_council_land_and_assets_2021.geojson": (0, 0),
    "derbyshire-fire-assets/stations-derbyshire.xlsx": (0, 0),
    "fire-stations-england/fire-stations-dataset.ods": (0, 0),
    "greater-manchester-sites/gm_hospitals.geojson": (0, 0),
    "greater-manchester-sites/trafford_care_homes.csv": (0, 0),
    "greater-manchester-sites/trafford_childrens_centres.csv": (0, 0),
    "libraries-uk/libraries_england_2023.csv": (0, 0),
    "schools-england-2017/schools_to_geocode.csv": (0, 31),
    "brownfield-registers/E06000007.csv": (0, 0),
    "brownfield-registers/E08000037.csv": (0, 0),
}


@pytest.mark.parametrize("file", WITHHELD)
def test_what_is_withheld_of_real_registers(realdata: Path, file: str) -> None:
    register = read(realdata, file)
    masked = register_without_persons(register)
    changed = sum(issue.code == "personal-data" for issue in masked.issues)
    assert (changed, len(register.sensitive)) == WITHHELD[file]
    assert masked.rows["name"].tolist() == register.rows["name"].tolist()

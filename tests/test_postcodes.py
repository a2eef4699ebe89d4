"""Directories of postcodes as they come: with and without a heading, in a folder or a zip, with their placeholders."""

import codecs
import zipfile
from pathlib import Path

import numpy as np
import pytest

from assetplan.errors import EstateError
from assetplan.estate import read_estate
from assetplan.grid import to_grid
from assetplan.places.postcodes import Postcodes, read_postcodes

ONSPD = """pcd,pcd2,pcds,dointr,doterm,oscty,oseast1m,osnrth1m,osgrdind,ctry,lat,long
YO177HH,YO17 7HH,YO17 7HH,198001,,E10000023,478605,471716,1,E92000001,54.1350,-0.7980
"YO1 0AA","YO1  0AA","YO1 0AA",198001,199606,E99999999,460000,452000,8,E92000001,53.9610,-1.0870
AB1 0AA,AB1  0AA,AB1 0AA,198001,199606,S99999999,,,9,S92000003,99.999999,0.000000
GY1 1AA,GY1  1AA,GY1 1AA,198001,,L99999999,0,0,9,L93000001,99.999999,0.000000
BT1 1AA,BT1  1AA,BT1 1AA,198001,,N99999999,333900,374500,1,N92000002,54.6014,-5.9296
not one,,,,,,478605,471716,1,E92000001,54.1350,-0.7980
"""
CODE_POINT = (
    '"YO177HH",10,478605,471716,"E92000001","E19000001","E18000001","","E07000167","E05000001"\n'
    '"YO1 7AA",10,460344,452119,"E92000001","","","","E06000014",""\n"YO17 9ZZ",90,0,0,"E92000001","","","","",""\n'
)


def places(path: Path, *codes: str) -> list[tuple[int, int] | None]:
    found = read_postcodes(path, path.name).places(codes)
    return [None if np.isnan(x) else (round(x), round(y)) for x, y in found.tolist()]


@pytest.mark.parametrize(
    "encoded",
    [ONSPD.encode(), codecs.BOM_UTF8 + ONSPD.encode(), ONSPD.replace("\n", "\r\n").encode(), ONSPD.encode("utf-16")],
)
def test_onspd(tmp_path: Path, encoded: bytes) -> None:
    path = tmp_path / "ONSPD.csv"
    path.write_bytes(encoded)
    belfast = [round(float(axis[0])) for axis in to_grid([-5.9296], [54.6014])]
    assert places(path, "YO17 7HH", "YO1 0AA", "AB1 0AA", "GY1 1AA", "BT1 1AA") == [
        (478605, 471716), (460000, 452000), None, None, tuple(belfast),
    ]  # fmt: skip
    assert len(read_postcodes(path, "x")) == 3


def test_irish_eastings_alone_are_those_of_the_irish_grid(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("pcds,oseast1m,osnrth1m\nBT1 1AA,333900,374500\n", encoding="utf-8")
    (place,) = places(path, "BT1 1AA")
    assert place is not None
    east, north = to_grid([-5.9296], [54.6014])
    assert np.hypot(place[0] - east[0], place[1] - north[0]) < 300


def test_code_point_open_in_a_file_a_folder_and_a_zip(tmp_path: Path) -> None:
    folder = tmp_path / "codepo_gb"
    (folder / "Data" / "CSV").mkdir(parents=True)
    (folder / "Doc").mkdir()
    (folder / "Data" / "CSV" / "yo.csv").write_text(CODE_POINT, encoding="utf-8")
    (folder / "Data" / "CSV" / "le.csv").write_text(
        '"LE1 1AA",10,458600,304500,"E92000001","","","","",""\n', encoding="utf-8"
    )
    (folder / "Doc" / "Code-Point_Open_Column_Headers.csv").write_text(
        "PC,PQ,EA,NO,CY\nPostcode,Quality,Eastings,Northings,Country\n", encoding="utf-8"
    )
    archive = tmp_path / "codepo_gb.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in folder.rglob("*.csv"):
            file.write(path, str(path.relative_to(tmp_path)))
    for source in (folder, archive):
        assert places(source, "YO17 7HH", "YO1 7AA", "YO17 9ZZ", "LE1 1AA") == [
            (478605, 471716),
            (460344, 452119),
            None,
            (458600, 304500),
        ]
    assert places(folder / "Data" / "CSV" / "yo.csv", "YO1 7AA") == [(460344, 452119)]


def test_degrees_under_any_heading_and_the_first_of_two(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "Postcode;lat;long\nYO177HH;54.1350;-0.7980\nYO17 7HH;53.0;-1.0\nYO17 7AA;0.00000;0.00000\n", encoding="utf-8"
    )
    east, north = to_grid([-0.7980], [54.1350])
    assert places(path, "YO17 7HH", "YO17 7AA") == [(round(float(east[0])), round(float(north[0]))), None]


@pytest.mark.parametrize("text", ["", "Name,Place\nHall,Malton\n", "postcode,town\nYO17 7HH,Malton\n"])
def test_what_is_no_directory_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EstateError, match=r"p\.csv: columns for postcode, easting and northing"):
        read_postcodes(path, "p.csv")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EstateError, match=r"p\.csv: cannot be read"):
        read_postcodes(tmp_path / "p.csv", "p.csv")


def test_an_empty_directory_knows_no_place() -> None:
    assert np.isnan(Postcodes(np.empty(0, dtype="S8"), np.empty((0, 2))).places(["YO17 7HH", None])).all()
    assert Postcodes(np.array([b"A"]), np.zeros((1, 2))).places([]).shape == (0, 2)


def test_a_single_register_with_a_directory(tmp_path: Path) -> None:
    """Placed by postcode where it has no coordinates; where it has them the postcode speaks for or against them."""
    register, directory = tmp_path / "council.csv", tmp_path / "onspd.csv"
    directory.write_text(ONSPD, encoding="utf-8")
    register.write_text(
        "Ref,Name,Postcode,Easting,Northing\n1,Hall,YO17 7HH,478610,471720\n2,Hut,yo177hh,,\n3,Shed,YO17 7HH,530001,180001\n"
        "4,Barn,YO99 9ZZ,,\n5,Mill,YO17 7HH,471716,478605\n6,Works,YO17 7HH,400,\n",
        encoding="utf-8",
    )
    assets = read_estate(register, postcodes=directory).assets
    assert assets["location_precision"].tolist() == ["point", "postcode", "point", "none", "point", "postcode"]
    assert assets["placed_by"].tolist() == [
        "eastings and northings as given", "postcode YO17 7HH", "eastings and northings as given", None,
        "eastings and northings, axes swapped",
        "postcode YO17 7HH (coordinates not placed: the cells do not hold two numbers of one place)",
    ]  # fmt: skip
    issues = read_estate(register, postcodes=directory).issues
    assert set(zip(issues["code"], issues["row"], strict=True)) >= {
        ("far-from-postcode", "4"), ("coordinates-reread", "6"), ("postcode-not-in-directory", ""),
    }  # fmt: skip
    without = read_estate(register)
    assert "far-from-postcode" not in set(without.issues["code"])
    assert without.assets["location_precision"].tolist() == ["point", "none", "point", "none", "point", "none"]


@pytest.mark.realdata
def test_the_real_directory_of_york(realdata: Path) -> None:
    found = read_postcodes(realdata / "postcodes-yo" / "YO.csv", "YO.csv")
    assert len(found) == 35_156 - 61
    (malton,) = found.places(["YO17 7EY"]).tolist()
    assert np.hypot(malton[0] - 478_600, malton[1] - 471_700) < 1_500


def test_rows_shorter_than_the_heading_lose_nothing_but_themselves(tmp_path: Path) -> None:
    path = tmp_path / "postcodes.csv"
    path.write_text(
        "pcd,oseast1m,osnrth1m,lat,long\nYO23 5HP\nYO17 7HH,478532,471953\nYO17 7HL,479187,472160,,\n", encoding="utf-8"
    )
    found = read_postcodes(path, path.name).places(["YO23 5HP", "YO17 7HH", "YO17 7HL"])
    assert np.isnan(found[0]).all()
    assert found[1:].tolist() == [[478_532, 471_953], [479_187, 472_160]]

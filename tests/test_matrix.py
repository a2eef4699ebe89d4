"""Travel-time matrices: both forms, everything that may be wrong in one, and lookups that never invent a time."""

import math
import random
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from assetplan.errors import EstateError
from assetplan.travel.matrix import Matrix, read_matrix
from assetplan.travel.times import Travel


def written(folder: Path, text: str, name: str = "times.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def found(matrix: Matrix) -> dict[tuple[str, str], float]:
    return {(row.origin, row.destination): row.minutes for row in matrix.minutes.itertuples()}


def told(matrix: Matrix) -> dict[str, tuple[str, str, str]]:
    assert all(issue.file == matrix.source and issue.action for issue in matrix.issues)
    codes = {issue.code: (issue.row, issue.value, issue.message) for issue in matrix.issues}
    assert len(codes) == len(matrix.issues)
    return codes


def test_a_clean_matrix_in_both_forms(tmp_path: Path) -> None:
    long = written(tmp_path, "origin,destination,minutes\na,x,3\na,y,4.5\nb,x,7\nb,y,1\n")
    wide = written(tmp_path, "place,y,x\nb,1,7\na,4.5,3\n", "wide.csv")
    for path in (long, wide):
        matrix = read_matrix(path)
        assert found(matrix) == {("a", "x"): 3, ("a", "y"): 4.5, ("b", "x"): 7, ("b", "y"): 1}
        assert matrix.issues == ()
        assert matrix.mode == ""
        assert repr(matrix) == f"<Matrix 2 x 2 of {path.name}: four times, no issues>"
        assert matrix.minutes.dtypes["minutes"] == np.float64
    assert found(read_matrix(written(tmp_path, "from_id;to_id;travel_time_p50\n1;2;9\n"))) == {("1", "2"): 9}
    assert found(read_matrix(written(tmp_path, "Destination\tFrom\tMins\nx\ta\t2\n", "t.tsv"))) == {("a", "x"): 2}


def test_everything_that_may_be_wrong(tmp_path: Path) -> None:
    rows = [
        "a,b,5", "b,a,9",  # there and back differ
        "a,c,TBC", "c,a,-4", "b,c,inf", "c,b,",  # no times
        "a,d,6", "a,d,8",  # twice, and they differ
        "b,d,2", "b,d,2",  # twice the same
        "c,d,0", "d,d,3", "a,a,0", ",a,4", "a,,4",
    ]  # fmt: skip
    matrix = read_matrix(written(tmp_path, "\n".join(["origin,destination,minutes", *rows]) + "\n"))
    assert found(matrix) == {("a", "b"): 5, ("b", "a"): 9, ("b", "d"): 2, ("c", "d"): 0, ("d", "d"): 3, ("a", "a"): 0}
    codes = told(matrix)
    assert codes["minutes-not-a-number"] == ("row 4", "TBC", "one time that is no number")
    assert codes["minutes-negative"] == ("row 5", "-4", "one time that is less than 0")
    assert codes["minutes-not-finite"][:2] == ("row 6", "inf")
    assert codes["pair-disagrees"] == (
        "row 8, row 9",
        "up to 2.0 minutes apart",
        "two rows give a pair again with another time",
    )
    assert codes["minutes-zero"][0] == "row 12"
    assert codes["minutes-to-itself"][0] == "row 13"
    assert codes["pair-without-name"][0] == "row 15, row 16"
    assert codes["matrix-asymmetric"][1:] == (
        "a, b", "1 of one pair take another time back than there, by up to 4.0 minutes",
    )  # fmt: skip
    assert codes["matrix-holes"][1] == "8"
    known = matrix.between(["a", "b", "nobody", 7], ["a", "b", "c", "d"])
    assert np.isnan(known[2:]).all()
    assert not np.isinf(known).any()
    assert known[0].tolist()[:2] == [0, 5]
    assert np.isnan(known[0][2:]).all()


def test_modes(tmp_path: Path) -> None:
    path = written(tmp_path, "origin,destination,minutes,mode\na,b,5,Driving\na,b,30,walk\n")
    with pytest.raises(EstateError, match=r"car, foot.*mode="):
        read_matrix(path)
    with pytest.raises(EstateError, match="car, foot"):
        read_matrix(path, mode="cycle")
    assert found(read_matrix(path, mode="foot")) == {("a", "b"): 30}
    one = read_matrix(path, mode="car")
    assert (found(one), one.mode, one.issues) == ({("a", "b"): 5}, "car", ())
    alone = read_matrix(written(tmp_path, "origin,destination,minutes,mode\na,b,5,bus\n"))
    assert alone.mode == "bus"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("origin,destination,metres\na,b,5\n", "no column of times in minutes"),
        ("name,address\na,b\n", "column 'address' holds no time"),
        ("place,x,x\na,1,2\n", "named twice: x"),
        ("origin\na\n", "no matrix of times"),
        ("place,,x\na,1,2\n", "no matrix of times"),
    ],
)
def test_what_is_no_matrix(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EstateError, match=said) as caught:
        read_matrix(written(tmp_path, text))
    assert str(caught.value).startswith("times.csv")
    with pytest.raises(EstateError):
        read_matrix(tmp_path / "gone.csv")


def test_a_matrix_without_one_usable_time(tmp_path: Path) -> None:
    matrix = read_matrix(written(tmp_path, "origin,destination,minutes\na,b,none\n"))
    assert {"matrix-empty", "matrix-holes"} <= set(told(matrix))
    assert np.isnan(matrix.between(["a"], ["b"])).all()
    hostile = read_matrix(written(tmp_path, "origin,destination,minutes\n=cmd|'\u202e,b,\x1b[31m7\n"))
    assert not set("".join(part for issue in hostile.issues for part in (issue.row, issue.value))) & set("\x1b\u202e")


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=10)
def test_lookups_are_those_of_a_dictionary(seed: int) -> None:
    draw = random.Random(seed)
    names = [f"p{i}" for i in range(7)]
    pairs = {(a, b): draw.uniform(0, 30) for a in names for b in names if draw.random() < 0.6}
    frame = pd.DataFrame([(*pair, time) for pair, time in pairs.items()], columns=["origin", "destination", "minutes"])
    travel = Travel.by(Matrix(frame, "car", (), "m.csv"))
    asked = draw.sample([*names, "else"], 5)
    points = gpd.GeoSeries([shapely.Point(0, 0)] * 5, index=asked, crs=27700)
    table = travel.minutes(points, points[:3])
    for row in table.itertuples():
        assert row.minutes == pairs.get((row.origin, row.destination), math.nan) or math.isnan(row.minutes)
    short = travel.minutes(points, points[:3], max_min=9)
    pd.testing.assert_frame_equal(short, table[table["minutes"] <= 9].reset_index(drop=True))
    for towards in ("facility", "origin"):
        near = travel.nearest(points, points[:3], towards=towards)
        for origin, facility, minutes in near.itertuples():
            ways = {
                f: pairs.get((origin, f) if towards == "facility" else (f, origin), math.inf) for f in points[:3].index
            }
            least = min(ways.values())
            assert (facility is None) == math.isinf(least)
            assert facility is None or (ways[facility] == least == minutes)
    known = set(frame["origin"]) | set(frame["destination"])
    assert [issue.code for issue in travel.check(points)] == ["point-not-in-matrix"] * (not set(asked) <= known)
    assert (travel.mode, travel.basis) == ("car", "matrix")
    assert "m.csv" in travel.note


@pytest.mark.realdata
def test_the_matrix_of_san_francisco(realdata: Path, tmp_path: Path) -> None:
    """Distances are no times: refused as it stands, whole once its columns are named as times."""
    path = next((realdata / "spopt-sf").glob("SF_network*.csv"))
    with pytest.raises(EstateError, match="'name' holds no time"):
        read_matrix(path)
    frame = pd.read_csv(path, dtype={"DestinationName": str})
    frame = frame.rename(columns={"name": "destination", "DestinationName": "origin", "distance": "minutes"})
    frame.drop(columns="demand").to_csv(tmp_path / "times.csv", index=False)
    matrix = read_matrix(tmp_path / "times.csv")
    assert (len(matrix.minutes), matrix.issues) == (205 * 16, ())
    by_hand = frame.pivot_table(index="origin", columns="destination", values="minutes")
    assert np.allclose(matrix.between(by_hand.index, by_hand.columns), by_hand)

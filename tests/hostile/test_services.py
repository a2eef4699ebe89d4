"""Bad tables, networks and matrices of an estate with services: each told by `check`, none a crash, a silent infinity or a guess."""

from __future__ import annotations

import csv
import json
import random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from commands import run
from test_service_commands import FILES, hosts, strict

import assetplan as ap
from assetplan.cover.gating import _standard_rows
from assetplan.cover.times import Bounds
from assetplan.hosts.rooms import Rooms
from assetplan.rollups import rolled_up

if TYPE_CHECKING:
    from pathlib import Path

EAST, NORTH = 478_000, 471_000
SERVICE = {"organisation": "a", "name": "Z", "function": "store", "asset_id": "a:1", "source": "s"}
CREW = {"crew_id": "z", "response": "fire", "service_id": "sb", "kind": "on call", "turnout_min": 2, "source": "s"}
LEASE = {"interest_id": "z", "subject": "a:1", "holder": "H", "interest": "lease", "source": "s"}
PLACE = {"demand_id": "z", "name": "Z", "easting": EAST, "northing": NORTH, "population": 10, "source": "s"}
ROOM = {"capacity_id": "z", "subject": "b:2", "space": "office", "source": "s"}
ROWS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("services", {**SERVICE, "service_id": "sa"}, {"repeated-id"}),
    ("services", {**SERVICE, "service_id": "z", "part_of": "z"}, {"part-of-itself"}),
    ("services", {**SERVICE, "service_id": "z", "asset_id": ""}, {"service-in-no-asset"}),
    ("services", {**SERVICE, "service_id": "z", "fte": "-3"}, {"negative"}),
    ("services", {**SERVICE, "service_id": "z", "fte": "1e308"}, {"out-of-range"}),
    ("services", {**SERVICE, "service_id": "z", "hours": "noon"}, {"unknown-word"}),
    ("capacity", {**ROOM, "available": "TBC"}, {"not-known-yet"}),
    ("capacity", {**ROOM, "available": "-4"}, {"negative"}),
    ("demand", {**PLACE, "easting": 600_000, "northing": 800_000}, {"in-the-sea"}),
    ("demand", {**PLACE, "easting": ""}, {"blank"}),
    ("crews", {**CREW, "needed": 4}, {"turn-in-not-known"}),
    ("crews", {**CREW, "needed": 0, "turn_in": "v0:1"}, {"out-of-range"}),
    ("crews", {**CREW, "turnout_min": "soon"}, {"not-a-number"}),
    ("standards", {"standard_id": "z", "measure": "first engine", "value": "quick", "unit": "min", "source": "s"}, {"not-a-number"}),
    ("standards", {"standard_id": "z", "measure": "m2 per FTE", "value": "0", "unit": "m2", "source": "s"}, {"out-of-range"}),
    ("interests", {**LEASE, "start": "2025-01-01", "break_date": "2024-01-01", "expiry": "2027-01-01"}, {"dates-disagree"}),
    ("interests", {**LEASE, "start": "2027-01-01", "expiry": "2026-01-01"}, {"dates-disagree"}),
    ("interests", {**LEASE, "start": "2025-01-01", "break_date": "2025-07-01", "expiry": "2026-01-01", "notice_months": 24}, {"notice-longer-than-term"}),
    ("interests", {**LEASE, "expiry": "next Tuesday"}, {"not-a-date"}),
]  # fmt: skip

CONCERNED = {
    "services": [["services"], ["benchmark"]], "capacity": [["services"]], "demand": [["access", "library"], ["response"]],
    "crews": [["response", "sb", "--to", "a:1"]], "standards": [["response", "sb", "--to", "a:1"], ["benchmark"]], "interests": [["leases"], ["areas"]],
}  # fmt: skip


def way(x: float, end: float, y: float = 0.0, **tags: Any) -> dict[str, Any]:
    line = {"type": "LineString", "coordinates": [[EAST + x, NORTH + y], [EAST + end, NORTH + y]]}
    return {"type": "Feature", "properties": {"highway": "residential", **tags}, "geometry": line}


def drawn(*features: dict[str, Any]) -> str:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})


POINT = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [EAST, NORTH]}}
WAYS: list[tuple[str, str, set[str]]] = [
    ("network.geojson", "", {"travel-not-read"}),
    ("network.geojson", '{"type":', {"travel-not-read"}),
    ("network.geojson", drawn(), {"travel-not-read"}),
    ("network.geojson", drawn(POINT), {"travel-not-read"}),
    ("network.geojson", drawn(way(-500, 1500), way(-500, 1500, 5000)), {"network-in-parts"}),
    ("network.geojson", drawn(way(-500, 500, speed_kph="0"), way(500, 1500, speed_kph="inf")), {"speed-not-usable"}),
    ("network.geojson", drawn(way(100_000, 101_500)), {"point-off-network"}),
    ("network.geojson", drawn(way(-500, 1500, highway="footway")), {"network-empty", "no-way-open"}),
    ("travel_times.csv", "", {"travel-not-read"}),
    ("travel_times.csv", "origin,destination,duration\nv0,a:1,3\n", {"travel-not-read"}),
    ("travel_times.csv", "origin,destination,minutes\n", {"matrix-empty", "point-not-in-matrix"}),
    ("travel_times.csv", "origin,destination,minutes\nv0,a:1,soon\nv1,a:1,-1\nv2,a:1,inf\nv0,b:2,4\nv0,b:2,5\n",
     {"minutes-not-a-number", "minutes-negative", "minutes-not-finite", "pair-disagrees", "matrix-holes"}),
    ("travel_times.csv", "origin,destination,minutes\nv0,b:2,4\nb:2,v0,9\nv1,a:1,3\n", {"matrix-asymmetric", "matrix-holes"}),
    ("travel_times.csv", "origin,destination,minutes,mode\nv0,a:1,3,walk\nv0,a:1,1,rocket\n", {"unknown-word"}),
]  # fmt: skip


def told(folder: Path) -> set[tuple[str, str]]:
    done = run("check", folder, "--format", "json", PYTHONIOENCODING="utf-8")
    assert done.returncode == 0, done.stderr
    return {(issue["file"], issue["code"]) for issue in strict(done.stdout)["issues"]}


@pytest.mark.parametrize(
    ("name", "cells", "codes"), ROWS, ids=lambda part: " ".join(sorted(part)) if isinstance(part, set) else ""
)
def test_a_bad_row_is_told_and_nothing_falls_over_it(
    name: str, cells: dict[str, Any], codes: set[str], tmp_path: Path
) -> None:
    hosts(tmp_path)
    path = tmp_path / f"{name}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = [*csv.DictReader(file), cells]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(head for row in rows for head in row)))
        writer.writeheader()
        writer.writerows(rows)
    assert {(path.name, code) for code in codes} <= told(tmp_path)
    for first, *rest in CONCERNED[name]:
        done = run(first, tmp_path, *rest, "--format", "json", PYTHONIOENCODING="utf-8")
        assert done.returncode == 0, (first, done.stderr)
        strict(done.stdout)


@pytest.mark.parametrize(
    ("name", "text", "codes"), WAYS, ids=lambda part: " ".join(sorted(part)) if isinstance(part, set) else ""
)
def test_a_bad_network_or_matrix_is_told_before_it_is_needed(
    name: str, text: str, codes: set[str], tmp_path: Path
) -> None:
    hosts(tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = told(tmp_path)
    assert codes <= {code for _, code in found}
    assert not [code for file, code in found if not file], "an issue that names no file"
    for first, *rest in (["access", "library"], ["response"], ["duplicates"]):
        done = run(first, tmp_path, *rest, "--format", "json", PYTHONIOENCODING="utf-8")
        if "travel-not-read" in codes:
            assert done.returncode == 1
            assert name in done.stderr
        else:
            assert done.returncode == 0, done.stderr
            strict(done.stdout)


def test_without_such_files_checking_adds_nothing(tmp_path: Path) -> None:
    hosts(tmp_path)
    estate = ap.read_estate(tmp_path)
    assert {(row["file"], row["code"]) for row in estate.issues.to_dict("records")} == told(tmp_path)


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_rows_and_of_areas_changes_no_answer(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    for folder in ("one", "other"):
        hosts(tmp_path / folder)
        ways = [way(-500, 400), way(400, 900), way(900, 1500), way(-500, 1500, 5000)]
        times = [f"v{n},{asset},{n + size}\n" for n in range(3) for asset, size in (("a:1", 2), ("b:2", 3))]
        if folder == "other":
            rng.shuffle(ways)
            rng.shuffle(times)
            for name in ("services", "capacity", "crews", "demand", "interests"):
                path = tmp_path / folder / f"{name}.csv"
                head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
                rng.shuffle(rows)
                path.write_text("".join([head, *rows]), encoding="utf-8")
        (tmp_path / folder / "network.geojson").write_text(drawn(*ways), encoding="utf-8")
        if seed:
            (tmp_path / folder / "travel_times.csv").write_text(
                "origin,destination,minutes\n" + "".join(times), encoding="utf-8"
            )
    for first, *rest in FILES:
        one, other = (
            strict(run(first, tmp_path / folder, *rest, "--format", "json", PYTHONIOENCODING="utf-8").stdout)
            for folder in ("one", "other")
        )
        if first == "access" or rest == ["w"]:  # in the order of demand.csv, of the table
            one, other = (sorted(map(json.dumps, rows)) for rows in (one, other))
        if rest != ["w"]:
            assert one == other, (first, rest)


# ------------------------------------------------------------------------------------------------------- at the edge itself


def test_half_a_minute_is_a_change_and_nobody_is_the_worst_off_where_none_grows() -> None:
    places = pd.DataFrame(
        {"demand_id": ["a", "b"], "name": ["A", "B"], "before_min": [2.0, 4.0], "after_min": [2.5, 3.5]}
    )
    found = rolled_up(places, pd.Series([10.0, 30.0]))
    assert (found["people_farther"], found["people_nearer"], found["people_same"]) == (10.0, 30.0, 0.0)
    better = rolled_up(places.assign(after_min=[2.0, 3.5]), pd.Series([10.0, 30.0]))
    assert better["worst_place"] is None
    assert np.isnan(better["worst_change_min"])


def test_a_limit_is_passed_only_beyond_it() -> None:
    row = {"standard_id": "n", "applies_to": None, "basis": "limit", "value": 10.0, "said": "s"}
    now = Bounds(np.array([9.0, 9.0]), np.array([9.0, 9.0]))
    then = {time: Bounds(np.array([[10.0, 10.1]]), np.array([[10.0, 10.1]])) for time in ("day", "night")}
    judge: Any = SimpleNamespace(
        people=np.array([1.0, 1.0]), standards=[row], before=dict.fromkeys(then, now),
        named=lambda where: tuple(np.array(["on it", "beyond"])[where]),
    )  # fmt: skip
    assert [row["newly_beyond"] for row in _standard_rows(judge, then)[0]] == [("beyond",)] * 2


def test_room_of_unknown_basis_may_be_net_where_gross_is_wanted() -> None:
    names = ("subject", "space", "hours", "available", "after_works", "area_basis")
    rows = pd.DataFrame([("h", "office", (), 70.0, None, None)], columns=list(names), dtype=object)
    least, most, *_ = (float(end[0, 0]) for end in Rooms(rows, {"h": 0}).offer(0, "GIA"))
    assert (least, most) == pytest.approx((70.0, 100.0))


def test_everybody_may_be_of_a_group(tmp_path: Path) -> None:
    hosts(tmp_path)
    (tmp_path / "demand.csv").write_text(
        "demand_id,name,easting,northing,population,over_65\nv,V,478000,471000,40,40\nw,W,478000,471000,40,41\n",
        encoding="utf-8",
    )
    estate = ap.read_estate(tmp_path)
    assert [group for group in estate.demand["over_65"].astype(float) if group == group] == [40.0]
    assert estate.issues[estate.issues["code"] == "more-than-all"]["row"].tolist() == ["w"]

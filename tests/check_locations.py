"""Whether rows lie where their numbers say, told without assetplan: ``python tests/check_locations.py PLACES.csv``.

PLACES.csv holds what assetplan made of the registers: register, row, easting, northing. For each row of a register whose body is known
(brownfield registers by the GSS code in their name, and a few others), the first of a fixed list of readings that puts its numbers
inside the body's own boundary plus 2 km is what they mean. Boundaries are those of the English districts of 2013; transformations are
pyproj's own, which are some 5 m off, so 50 m are allowed.
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
import sys
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyproj
import shapely

BUFFER_M = 2_000
TOLERANCE_M = 50
SYSTEMS = (
    "EPSG:27700",
    "EPSG:4326",
    "EPSG:3857",
    "EPSG:25830",
    "EPSG:25831",
    "EPSG:25832",
    "EPSG:3035",
    "EPSG:3034",
    "geocentric",
)
READINGS = tuple(
    (system, swapped, minus)
    for minus in (False, True)
    for swapped in (False, True)
    for system in SYSTEMS
    if not minus or system in {"EPSG:4326", "EPSG:3857", "geocentric"}
)
OTHERS = {
    "cheltenham-assets/local_authority_land_and_assets_2021.csv": "E07000078",
    "cheltenham-assets/local_authority_land_and_assets_2023.csv": "E07000078",
    "greater-manchester-sites/trafford_general_practices.csv": "E08000009",
    "greater-manchester-sites/trafford_schools_and_colleges.csv": "E08000009",
    "greater-manchester-sites/trafford_care_homes.csv": "E08000009",
}


@dataclass(frozen=True)
class Row:
    """What the numbers of one row mean, for each pair of columns: metres, and by which reading the first of them."""

    line: int
    points: tuple[tuple[float, float], ...]
    reading: str


@cache
def transformer(system: str, to: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(system, to, always_xy=True)


def from_degrees(longitude: float, latitude: float) -> tuple[float, float]:
    return transformer("EPSG:4326", "EPSG:27700").transform(longitude, latitude)


def metres(system: str, x: float, y: float) -> tuple[float, float]:
    if system == "EPSG:27700":
        return x, y
    if system == "geocentric":
        across = math.hypot(x, y)
        low, high = math.radians(45), math.radians(65)
        for _ in range(60):
            middle = (low + high) / 2
            if 6_378_137 * math.cos(middle) / math.sqrt(1 - 0.00669438 * math.sin(middle) ** 2) > across:
                low = middle
            else:
                high = middle
        return from_degrees(math.degrees(math.atan2(y, x)), math.degrees(low))
    # By way of WGS84: straight from ETRS89 pyproj knows no shift but OSTN15, and without that grid makes none, 100 m off.
    return (
        from_degrees(x, y) if system == "EPSG:4326" else from_degrees(*transformer(system, "EPSG:4326").transform(x, y))
    )


def boundaries(realdata: Path, codes: Collection[str]) -> dict[str, shapely.Geometry]:
    """Districts by GSS code, those since 2013 as the union of what they succeeded, in metres and buffered."""
    topology = json.loads((realdata / "boundaries" / "topo_lad_england.json").read_text(encoding="utf-8"))
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)

    def ring(indices: list[int]) -> list[tuple[float, float]]:
        out: list[tuple[float, float]] = []
        for index in indices:
            out += arcs[index] if index >= 0 else arcs[~index][::-1]
        return out

    found = {}
    for item in topology["objects"]["lad"]["geometries"]:
        polygons = item["arcs"] if item["type"] == "MultiPolygon" else [item["arcs"]]
        shapes = [
            shapely.Polygon(ring(rings[0]), [r for r in map(ring, rings[1:]) if len(r) > 3])
            for rings in polygons
            if len(ring(rings[0])) > 3
        ]
        shape = shapely.union_all([shapely.make_valid(shape) for shape in shapes])
        way = transformer("EPSG:4326", "EPSG:27700")
        found[item["id"]] = shapely.transform(
            shape, lambda xy, way=way: list(zip(*way.transform(xy[:, 0], xy[:, 1]), strict=True))
        )
    with (realdata / "boundaries" / "la_all_codes.csv").open(encoding="utf-8-sig", newline="") as file:
        links = [(row["LADCD"], row["LADCD_ACTIVE"]) for row in csv.DictReader(file)]
    whole = dict(found)
    for _, active in links:
        if active not in whole:
            parts = [found[old] for old, new in links if new == active and old in found]
            if parts:
                whole[active] = shapely.union_all([shapely.make_valid(part) for part in parts])
    out = {code: shapely.buffer(shapely.make_valid(shape), BUFFER_M) for code, shape in whole.items() if code in codes}
    for shape in out.values():
        shapely.prepare(shape)
    return out


def registers(realdata: Path) -> dict[str, str]:
    """Files with a known body: path under `realdata`, and the body's GSS code."""
    own = {
        f"brownfield-registers/{path.name}": path.stem
        for path in sorted((realdata / "brownfield-registers").glob("E*.csv"))
    }
    return own | OTHERS


def number(text: str) -> float | None:
    try:
        value = float(re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", text.strip()))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def meant(path: Path, boundary: shapely.Geometry) -> tuple[list[Row], int]:
    """What the rows of a file mean, and how many rows with two numbers have no reading inside the boundary."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines)
    header: list[str] = []
    pairs: list[tuple[int, int]] = []
    out, lost, start = [], 0, 1
    for record in reader:
        first_line, start = start, reader.line_num + 1
        while first_line < start - 1 and not lines[first_line - 1].strip():
            first_line += 1
        if not pairs:
            header = [re.sub(r"[^a-z]", "", cell.lower()) for cell in record]
            pairs = [
                (header.index(x), header.index(y))
                for x, y in (
                    ("geox", "geoy"),
                    ("easting", "northing"),
                    ("eastings", "northings"),
                    ("longitude", "latitude"),
                    ("lon", "lat"),
                    ("x", "y"),
                )
                if x in header and y in header
            ]
            continue
        numbers = [(number(record[a]), number(record[b])) for a, b in pairs if max(a, b) < len(record)]
        numbers = [(x, y) for x, y in numbers if x is not None and y is not None and (x, y) != (0, 0)]
        if not numbers:
            continue
        found = [inside for x, y in numbers if (inside := first_inside(x, y, boundary)) is not None]
        if found:
            out.append(Row(first_line, tuple((east, north) for east, north, _ in found), found[0][2]))
        else:
            lost += 1
    return out, lost


def first_inside(first: float, second: float, boundary: shapely.Geometry) -> tuple[float, float, str] | None:
    for system, swapped, minus in READINGS:
        x, y = (second, first) if swapped else (first, second)
        if minus:
            x = -x
        if system == "EPSG:4326" and not (abs(x) <= 180 and abs(y) <= 90):
            continue
        if system == "geocentric" and not 2.5e6 < x < 4.5e6:
            continue
        east, north = metres(system, x, y)
        if math.isfinite(east) and math.isfinite(north) and shapely.contains_xy(boundary, east, north):
            return east, north, f"{system}{' swapped' if swapped else ''}{' minus lost' if minus else ''}"
    return None


def compare(
    realdata: Path, places: dict[tuple[str, int], tuple[float, float]]
) -> tuple[int, int, Counter[str], list[str]]:
    """Rows with a reading inside their body's boundary, those located there within 50 m, misses by kind, and each miss in words.

    `places` gives the point of a row by its register's path under `realdata` and its line.
    """
    shapes = boundaries(realdata, set(registers(realdata).values()))
    wanted = good = 0
    misses: Counter[str] = Counter()
    words = []
    for file, code in registers(realdata).items():
        if code not in shapes:
            misses["(file without a boundary)"] += 1
            continue
        rows, lost = meant(realdata / file, shapes[code])
        misses["(row with no reading inside)"] += lost
        for row in rows:
            wanted += 1
            place = places.get((file, row.line))
            if place is None:
                misses[f"not located; {row.reading}"] += 1
                words.append(f"{file} line {row.line}: not located; {row.reading}")
            elif (off := min(math.dist(place, point) for point in row.points)) > TOLERANCE_M:
                misses[f"elsewhere; {row.reading}"] += 1
                words.append(f"{file} line {row.line}: {off:.0f} m off; {row.reading}")
            else:
                good += 1
    return wanted, good, misses, words


def main() -> None:
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        places = {
            (row["register"], int(row["row"])): (float(row["easting"]), float(row["northing"]))
            for row in csv.DictReader(file)
        }
    wanted, good, misses, words = compare(Path(os.environ["ASSETPLAN_REALDATA"]), places)
    print(f"{good} of {wanted} rows within {TOLERANCE_M} m ({100 * good / wanted:.2f}%)")
    for reason, count in misses.most_common():
        print(count, reason)
    print(*words[:60], sep="\n")


if __name__ == "__main__":
    main()

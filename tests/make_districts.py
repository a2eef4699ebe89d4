"""Make assetplan/places/districts.csv: ``python tests/make_districts.py`` with ASSETPLAN_REALDATA naming the folder of real data.

Extents, in whole kilometres of the National Grid rounded outwards, are worked out from facts published by the Office for National
Statistics under the Open Government Licence v3: boundaries of the English districts of 2013, the list of old and active codes,
centroids and areas of the other authorities. A district newer than 2013 spans those it succeeded; a county or combined authority
spans its districts. Where only a centroid and an area are known the extent is a generous square, marked rough.
"""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from pathlib import Path

import numpy as np

from assetplan.grid import to_grid
from assetplan.places.districts import plain_name

OUT = Path(__file__).parents[1] / "assetplan" / "places" / "districts.csv"
Box = tuple[int, int, int, int]


def union(boxes: list[Box]) -> Box:
    west, south, east, north = np.array(boxes).T
    return int(west.min()), int(south.min()), int(east.max()), int(north.max())


def boundaries(path: Path) -> dict[str, tuple[str, Box]]:
    topology = json.loads(path.read_text(encoding="utf-8"))
    scale, move = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + move for arc in topology["arcs"]]
    found = {}
    for item in topology["objects"]["lad"]["geometries"]:
        flat = np.array(
            [
                point
                for polygon in (item["arcs"] if item["type"] == "MultiPolygon" else [item["arcs"]])
                for ring in polygon
                for arc in ring
                for point in arcs[arc if arc >= 0 else ~arc]
            ]
        )
        east, north = to_grid(flat[:, 0], flat[:, 1])
        box = (
            np.floor(east.min() / 1e3),
            np.floor(north.min() / 1e3),
            np.ceil(east.max() / 1e3),
            np.ceil(north.max() / 1e3),
        )
        found[item["id"]] = (item["properties"]["LAD13NM"], tuple(int(side) * 1000 for side in box))
    return found


def square(x: float, y: float, area_km2: float) -> Box:
    half = 1.2 * np.sqrt(area_km2) * 1000 + 15_000
    return tuple(
        int(side * 1000)
        for side in (*np.floor([(x - half) / 1e3, (y - half) / 1e3]), *np.ceil([(x + half) / 1e3, (y + half) / 1e3]))
    )


def main() -> None:
    data = Path(os.environ["ASSETPLAN_REALDATA"])
    exact = boundaries(data / "boundaries" / "topo_lad_england.json")
    with (data / "boundaries" / "la_all_codes.csv").open(encoding="utf-8-sig", newline="") as file:
        codes = list(csv.DictReader(file))
    with (data / "libraries-uk" / "uk_local_authorities.csv").open(encoding="utf-8-sig", newline="") as file:
        authorities = [row for row in csv.DictReader(file) if row["gss-code"]]
    names = {code: name for code, (name, _) in exact.items()}
    boxes = {code: box for code, (_, box) in exact.items()}
    successor: dict[str, str] = {}
    rough: set[str] = set()
    made_of: dict[str, set[str]] = defaultdict(set)
    for row in codes:
        names[row["LADCD"]] = row["LADNM"]
        if row["LADCD"] != row["LADCD_ACTIVE"]:
            successor[row["LADCD"]] = row["LADCD_ACTIVE"]
            made_of[row["LADCD_ACTIVE"]].add(row["LADCD"])
        for code, name in ((row["UTLACD"], row["UTLANM"]), (row["CAUTHCD"], row["CAUTHNM"])):
            if code and code != row["LADCD_ACTIVE"]:
                names.setdefault(code, name)
                made_of[code] |= {row["LADCD"], row["LADCD_ACTIVE"]}
        if row["RGNCD"] == "E12000007":
            made_of["E12000007"].add(row["LADCD"])
    short = {row["local-authority-code"]: row["gss-code"] for row in authorities}
    for row in authorities:
        code = row["gss-code"]
        names.setdefault(code, row["nice-name"] or row["official-name"])
        if row["county-la"] in short:
            made_of[short[row["county-la"]]].add(code)
        if row["combined-authority"] in short:
            made_of[short[row["combined-authority"]]].add(code)
        after = [short[part.strip()] for part in row["replaced-by"].split(",") if part.strip() in short]
        if len(after) == 1 and code not in successor and after[0] != code:
            successor[code] = after[0]
        for new in after:
            if not code.startswith("E10") and new != code:
                made_of[new].add(code)
    for _ in range(4):  # from districts to unitaries, counties, combined authorities
        for code in sorted(made_of):
            known = [boxes[part] for part in made_of[code] if part in boxes]
            if known and code not in exact:
                boxes[code] = union(known)
    for row in authorities:
        if row["gss-code"] not in boxes and row["x"] and row["area"]:
            boxes[row["gss-code"]] = square(float(row["x"]), float(row["y"]), float(row["area"]))
            rough.add(row["gss-code"])
    for _ in range(2):  # old districts that are known by their successors alone
        for code, after in successor.items():
            if code not in boxes and after in boxes:
                boxes[code] = boxes[after]
                if names[code] != names[after] or after in rough:
                    rough.add(code)
    aliases: dict[str, set[str]] = defaultdict(set)
    for row in authorities:
        whole = set(plain_name(f"{names[row['gss-code']]} {row['official-name']}").split())
        for said in (row["official-name"], *row["alt-names"].split(",")):
            plain = plain_name(said)
            if plain and plain != plain_name(names[row["gss-code"]]) and set(plain.split()) < whole:
                aliases[plain].add(row["gss-code"])
    own = {plain_name(name) for name in names.values()}
    by_code: dict[str, list[str]] = defaultdict(list)
    for plain, meant in aliases.items():
        others = {code for code, name in names.items() if set(plain.split()) < set(plain_name(name).split())} - meant
        if len(meant) == 1 and plain not in own and not others:
            by_code[next(iter(meant))].append(plain)
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "name", "also", "successor", "west", "south", "east", "north", "rough"])
        for code in sorted(boxes):
            also = "; ".join(sorted(by_code[code]))
            writer.writerow(
                [code, names[code], also, successor.get(code, ""), *boxes[code], "yes" if code in rough else ""]
            )
    print(f"{len(boxes)} districts, {len(rough)} of them rough; without extent: {sorted(set(names) - set(boxes))}")


if __name__ == "__main__":
    main()

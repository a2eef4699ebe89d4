"""A county of services: reading its folder, judging every service against every plausible host, and what else is asked of services.

``python tests/benchmarks/bench_services.py [ASSETS SERVICES]`` (10,000 and 5,000 where none are given) prints a table: seconds of processor, what
came out, and the peak memory of the process so far. Beside suitability a raw primitive of the same run: finding the pairs in reach and comparing
as many columns of bare numbers. Seconds are those of one machine; what is claimed is less than a minute for suitability and benchmark together,
and 2 GB, on one core. The network is the bent grid of bench_routing.py, some 100,000 nodes, stretched over the county.
"""

from __future__ import annotations

import csv
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from bench_routing import grid_of_roads
from county import write_county
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assetplan.estate import Estate

SEED = 20261126
FUNCTIONS = (
    "front desk", "back office", "library", "adult social care", "community health", "neighbourhood police", "response police", "ambulance station",
    "fire station", "highways", "youth work", "store", "training", "registrars", "housing options",
)  # fmt: skip
SPACES = ("office", "public", "meeting", "clinical", "storage", "garage", "secure")
HOURS = ("office", "evening", "weekend", "night")


def write_services(folder: Path, estate: Estate, services: int, seed: int = SEED) -> None:
    """Write services.csv, capacity.csv and affinities.csv for the assets of an estate; room is stated for a third of them."""
    draw = np.random.default_rng(seed)
    assets = np.array(sorted(map(str, estate.assets.index)), dtype=object)
    owner = estate.assets["organisation"].to_dict()
    rows: list[Sequence[object]] = []
    for i, asset in enumerate(draw.choice(assets, services)):
        function = FUNCTIONS[draw.integers(len(FUNCTIONS))]
        wants = {
            f"{space}_m2": int(draw.integers(10, 300))
            for space in draw.choice(SPACES, draw.integers(1, 4), replace=False)
        }
        hours = ";".join(sorted(draw.choice(HOURS, draw.integers(1, 4), replace=False)))
        rows.append(
            (
                f"S{i:05d}", owner[asset], f"Service {i}", function, asset, int(draw.integers(0, 60)), int(draw.integers(0, 40)),
                "NIA" if draw.random() < 0.8 else "GIA", *(wants.get(f"{space}_m2", "") for space in SPACES),
                int(draw.integers(0, 4)), int(draw.integers(0, 20)), hours,
                "yes" if draw.random() < 0.3 else "", "yes" if draw.random() < 0.2 else "", ("open", "staff only", "secure")[draw.integers(3)],
                ("", "records check", "police vetting")[draw.integers(3)], FUNCTIONS[draw.integers(len(FUNCTIONS))] if draw.random() < 0.3 else "",
                "made up for a benchmark",
            )
        )  # fmt: skip
    heads = (
        "service_id", "organisation", "name", "function", "asset_id", "fte", "peak_desks", "area_basis", *(f"{space}_m2" for space in SPACES),
        "counters", "parking_spaces", "hours", "ground_floor", "town_centre", "security", "vetting", "near", "source",
    )  # fmt: skip
    _write(folder / "services.csv", heads, rows)
    room = []
    for asset in draw.choice(assets, len(assets) // 3, replace=False):
        for space in (*draw.choice(SPACES, draw.integers(1, 5), replace=False), "desks"):
            free = int(draw.integers(0, 200))
            after = free + int(draw.integers(0, 300)) if draw.random() < 0.4 else ""
            when = "" if draw.random() < 0.7 else "evening;weekend"
            room.append(
                (
                    f"C{len(room):06d}",
                    asset,
                    space,
                    when,
                    free if draw.random() < 0.9 else "TBC",
                    after,
                    "made up for a benchmark",
                )
            )
    _write(
        folder / "capacity.csv",
        ("capacity_id", "subject", "space", "hours", "available", "after_works", "source"),
        room,
    )
    pairs = [
        (
            f"A{i}-{j}",
            one,
            other,
            "affinity" if draw.random() < 0.5 else "conflict",
            int(draw.integers(1, 4)),
            "made up",
            "made up for a benchmark",
        )
        for i, one in enumerate(FUNCTIONS)
        for j, other in enumerate(FUNCTIONS)
        if i < j and draw.random() < 0.3
    ]
    _write(
        folder / "affinities.csv",
        ("affinity_id", "function_a", "function_b", "effect", "strength", "reason", "source"),
        pairs,
    )


def write_around(folder: Path, estate: Estate, places: int = 2_000, nodes: int = 100_000, seed: int = SEED) -> None:
    """Write areas.geojson (100 square wards), demand.csv and network.gpkg over the ground an estate covers."""
    draw = np.random.default_rng(seed)
    west, south, east, north = estate.assets.total_bounds
    edges = [np.linspace(low, high, 11) for low, high in ((west, east), (south, north))]
    wards = [
        shapely.box(x[0], y[0], x[1], y[1])
        for x in zip(edges[0], edges[0][1:], strict=False)
        for y in zip(edges[1], edges[1][1:], strict=False)
    ]
    frame = gpd.GeoDataFrame({"area_id": [f"w{i:02d}" for i in range(len(wards))]}, geometry=wards, crs=27700)
    frame["name"], frame["kind"], frame["source"] = "Ward " + frame["area_id"], "ward", "made up for a benchmark"
    frame.to_crs(4326).to_file(folder / "areas.geojson")
    rows = [
        (f"D{i:05d}", f"Place {i}", round(x), round(y), int(draw.integers(100, 3_000)), int(draw.integers(0, 90)), int(draw.integers(1, 11)),
         ("yes", "no", "")[draw.integers(3)], "made up for a benchmark")
        for i, (x, y) in enumerate(zip(draw.uniform(west, east, places), draw.uniform(south, north, places), strict=True))
    ]  # fmt: skip
    heads = ("demand_id", "name", "easting", "northing", "population", "no_car", "imd_decile", "rural", "source")
    _write(folder / "demand.csv", heads, rows)
    roads = grid_of_roads(nodes)
    low, high = roads.total_bounds[:2], roads.total_bounds[2:]
    by = np.array([east - west, north - south]) / (high - low)
    roads["geometry"] = shapely.transform(roads.geometry.to_numpy(), lambda at: (at - low) * by + (west, south))
    roads.to_file(folder / "network.gpkg", layer="roads")


def _write(path: Path, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(heads)
        writer.writerows(rows)


def timed(what: Callable[[], Any]) -> tuple[Any, float]:
    """A result and the seconds of processor it took."""
    begun = time.process_time()
    out = what()
    return out, time.process_time() - begun


def raw(estate: Estate, columns: int, reach_m: float) -> int:
    """The primitive: pairs in reach by a tree, and as many comparisons of bare numbers a pair as there are criteria."""
    points = {
        str(key): (point.x, point.y)
        for key, point in estate.assets.geometry.items()
        if point is not None and point.geom_type == "Point"
    }
    spots = np.array([points[asset] for asset in estate.services["asset_id"] if asset in points])
    hosts = np.array(list(points.values()))
    near = cKDTree(hosts).query_ball_point(spots, reach_m)
    draw = np.random.default_rng(0)
    offer = draw.random((columns, len(hosts)))
    count = 0
    for row, service in zip(near, draw.random((len(spots), columns)), strict=True):
        at = np.array(row, dtype=np.intp)
        count += int((offer[:, at] >= service[:, None]).any(axis=0).size)
    return count


def main() -> None:
    asked = [int(text.replace(",", "")) for text in sys.argv[1:]]
    assets, services = asked if len(asked) == 2 else (10_000, 5_000)
    import assetplan as ap

    print("| step | processor s | what came out | peak MB so far |")
    print("| --- | ---: | --- | ---: |")

    def told(step: str, seconds: float, came: str) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(f"| {step} | {seconds:.1f} | {came} | {peak:,.0f} |", flush=True)

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "county")
        write_county(folder, assets)
        bare = ap.read_estate(folder)
        write_services(folder, bare, services)
        _, seconds = timed(lambda: write_around(folder, bare))
        told("making the folder's network, wards and places", seconds, "")
        estate, seconds = timed(lambda: ap.read_estate(folder))
        told(f"reading {assets:,} assets, {services:,} services", seconds, f"{len(estate.issues):,} issues")
        travel, seconds = timed(lambda: ap.travel_of(estate))
        told("network", seconds, repr(travel.ways.network).strip("<>"))  # type: ignore[attr-defined]
        function = FUNCTIONS[2]
        closing = estate.services.loc[estate.services["function"] == function, "service_id"].iloc[:3].tolist()
        change, seconds = timed(lambda: ap.access_change(estate, function=function, close=closing))
        told("access before and after three close", seconds, f"{len(change.places):,} places")
        compared, first = timed(lambda: ap.benchmark(estate))
        told("benchmark", first, f"{len(compared.buildings):,} buildings")
        found, second = timed(lambda: ap.suitability(estate))
        told("suitability", second, f"{len(found.pairs):,} pairs")
        table, seconds = timed(found.table)
        told("table of the best hosts", seconds, f"{len(table):,} rows")
        pairs, by_hand = timed(lambda: raw(estate, len(found.criteria), 1000 * found.reach_km))
        told("raw: pairs in reach and bare comparisons", by_hand, f"{pairs:,} pairs")
        ratio = second / by_hand * pairs / max(len(found.pairs), 1)
        alike, seconds = timed(lambda: ap.find_duplicates(estate))
        told("duplicates within 10 min over the network", seconds, f"{len(alike):,} pairs")
        events, seconds = timed(lambda: ap.lease_events(estate))
        told("lease events", seconds, f"{len(events):,} rows")
        rolled, seconds = timed(lambda: ap.by_area(estate))
        told("roll-up by ward", seconds, f"{len(rolled):,} rows")
    print(
        f"\nsuitability takes {ratio:.1f} times the raw primitive for as many pairs; with benchmark {first + second:.1f} s"
    )


if __name__ == "__main__":
    main()

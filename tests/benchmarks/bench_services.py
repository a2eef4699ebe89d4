"""A county of services against a county of hosts: reading the folder, and judging every service against every plausible host.

``python tests/benchmarks/bench_services.py [ASSETS SERVICES]`` (10,000 and 5,000 where none are given) prints a table: seconds of processor, peak
MB and pairs. Beside them a raw primitive of the same run: finding the pairs in reach and comparing as many columns of bare numbers. Seconds are
those of one machine; what is claimed is less than a minute and 2 GB on one core.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
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

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "county")
        write_county(folder, assets)
        write_services(folder, ap.read_estate(folder), services)
        estate, reading = timed(lambda: ap.read_estate(folder))
        found, judging = timed(lambda: ap.suitability(estate))
        table, listing = timed(found.table)
        pairs, bare = timed(lambda: raw(estate, len(found.criteria), 1000 * found.reach_km))
        tracemalloc.start()
        ap.suitability(estate)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    print(found)
    print("| step | processor s | result |")
    print("| --- | ---: | --- |")
    print(f"| reading {assets:,} assets, {services:,} services | {reading:.1f} | {len(estate.issues):,} issues |")
    print(f"| suitability | {judging:.1f} | {len(found.pairs):,} pairs, peak {peak:,.0f} MB |")
    print(f"| table of the best hosts | {listing:.1f} | {len(table):,} rows |")
    print(f"| raw: pairs in reach and bare comparisons | {bare:.1f} | {pairs:,} pairs |")
    print(f"| suitability / raw, for as many pairs | {judging / bare * pairs / max(len(found.pairs), 1):.1f} | |")


if __name__ == "__main__":
    main()

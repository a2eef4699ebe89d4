"""A county's co-location options: from reading the folder to options in order.

``python tests/benchmarks/bench_options.py [ASSETS SERVICES]`` (10,000 and 5,000 where none are given) prints a table: seconds of processor of the
suitability that options start from and of the whole, peak MB and options. Seconds are those of one machine; what is claimed is ranked options in less
than a minute. Places people start from and visits are made up beside the services.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
from bench_services import timed, write_services
from county import write_county

SEED = 20261126
PLACES = 1_000


def write_people(folder: Path, easting: tuple[float, float], northing: tuple[float, float]) -> None:
    """Write demand.csv, and give a third of the services visits."""
    draw = np.random.default_rng(SEED)
    with (folder / "demand.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(("demand_id", "name", "easting", "northing", "population", "source"))
        for i in range(PLACES):
            spot = (draw.uniform(*easting), draw.uniform(*northing))
            writer.writerow(
                (f"D{i:04d}", f"Place {i}", *(round(x) for x in spot), int(draw.integers(50, 2_000)), "made up")
            )
    path = folder / "services.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.reader(handle))
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow((*rows[0], "visits_per_day"))
        writer.writerows((*row, int(draw.integers(5, 200)) if draw.random() < 1 / 3 else "") for row in rows[1:])


def main() -> None:
    asked = [int(text.replace(",", "")) for text in sys.argv[1:]]
    assets, services = asked if len(asked) == 2 else (10_000, 5_000)
    import assetplan as ap

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "county")
        write_county(folder, assets)
        bare = ap.read_estate(folder)
        write_services(folder, bare, services)
        west, south, east, north = bare.assets.total_bounds
        write_people(folder, (west, east), (south, north))
        estate, reading = timed(lambda: ap.read_estate(folder))
        _, judging = timed(lambda: ap.suitability(estate))
        found, finding = timed(lambda: ap.find_colocations(estate))
        tracemalloc.start()
        ap.find_colocations(estate)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    search = found.attrs["search"]
    print("| step | processor s | result |")
    print("| --- | ---: | --- |")
    print(f"| reading {assets:,} assets, {services:,} services | {reading:.1f} | {len(estate.issues):,} issues |")
    print(f"| suitability by itself | {judging:.1f} | |")
    print(
        f"| co-location options | {finding:.1f} | {len(found):,} options of {search.seen:,} sets looked at, peak {peak:,.0f} MB |"
    )
    for sentence in search.missed:
        print(sentence)


if __name__ == "__main__":
    main()

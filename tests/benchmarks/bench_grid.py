"""A million points onto the National Grid and back: ours, on whole arrays, and the package osgb's own functions, one point at a time.

``python tests/benchmarks/bench_grid.py [--points 1000000] [--sample 5000]``. osgb's loop is timed on a sample and scaled. Prints
processor seconds and the ratio; ends with 1 where ours is not at least five times faster.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import osgb

from assetplan.grid import to_degrees, to_grid

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_RATIO = 5.0


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=5_000)
    wanted = parser.parse_args()
    random = np.random.default_rng(20100624)
    east, north = random.uniform(80_000, 640_000, wanted.points), random.uniform(10_000, 1_200_000, wanted.points)
    longitude, latitude = to_degrees(east, north)
    some = slice(0, wanted.sample)
    there, back = (
        list(zip(a[some].tolist(), b[some].tolist(), strict=True)) for a, b in ((latitude, longitude), (east, north))
    )
    scale = wanted.points / wanted.sample
    worst = np.inf
    for name, ours, theirs in (
        ("degrees to grid", lambda: to_grid(longitude, latitude), lambda: [osgb.ll_to_grid(*point) for point in there]),
        ("grid to degrees", lambda: to_degrees(east, north), lambda: [osgb.grid_to_ll(*point) for point in back]),
    ):
        theirs()  # the shift grids are loaded once
        mine, other = seconds(ours), seconds(theirs) * scale
        worst = min(worst, other / mine)
        print(
            f"{name}: {wanted.points:,} points, assetplan {mine:.2f} s, osgb {other:.1f} s (scaled from {wanted.sample:,}), {other / mine:.0f} times"
        )
    return 0 if worst >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())

"""One county of the made-up nation from files to page: ``assetplan map`` as a person runs it, in a process of its own, imports and all.

``python tests/benchmarks/bench_county.py [SITES ...]`` (1,000 and 10,000 where none are given) prints a table; ``--profile`` instead says
which of our functions took the processor's time for the last of the sizes. Seconds are those of one machine; what is claimed is that a
county of ten thousand sites takes less than a minute.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from county import write_county

SIZES = (1_000, 10_000)


def map_of(folder: Path, page: Path) -> tuple[float, float, float]:
    """Seconds of clock and of processor, and peak MB, of making the page."""
    command = [sys.executable, "-m", "assetplan", "map", str(folder), "-o", str(page), "--force"]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"assetplan map ended with {process.returncode}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def profile(folder: Path, page: Path) -> None:
    """Print our own functions by the time spent in and below them."""
    import cProfile
    import pstats

    import assetplan

    taken = cProfile.Profile()
    with taken:
        estate = assetplan.read_estate(folder, audience="public")
        assetplan.save_map(assetplan.map_estate(estate), page)
    pstats.Stats(taken).sort_stats("cumulative").print_stats("assetplan/", 40)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("sizes", nargs="*", type=lambda text: int(text.replace(",", "")), default=list(SIZES))
    arguments.add_argument("--profile", action="store_true")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as place:
        page = Path(place, "county.html")
        if asked.profile:
            write_county(Path(place, "county"), asked.sizes[-1])
            profile(Path(place, "county"), page)
            return
        print("| sites | files, MB | clock s | processor s | ms a site | peak MB | page, MB |")
        print("|" + " ---: |" * 7)
        for size in asked.sizes:
            folder = Path(place, f"county-{size}")
            sites = len(write_county(folder, size))
            clock, processor, peak = map_of(folder, page)
            read = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
            print(
                f"| {sites:,} | {read:.1f} | {clock:.1f} | {processor:.1f} | {1000 * processor / sites:.2f} | {peak:,.0f} | {page.stat().st_size / 1e6:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()

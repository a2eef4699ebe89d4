"""Time and peak memory of reading a register, beside pandas reading the same file as text, each in a process of its own.

Run as ``python tests/benchmarks/bench_read.py [ROWS ...]`` (10,000, 100,000 and 1,000,000 where none are given). Trust the
ratios: seconds are those of one processor. `cells` reads the file as cells alone, `register` recognises, parses and places every
row. The register is made from a fixed seed: twelve columns as public bodies have them, and a few bad cells in every hundred.
"""

import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEADER = (
    "Asset reference", "Site name", "Address", "Postcode", "UPRN", "Easting", "Northing", "Tenure", "Status", "Site area (ha)",
    "Annual running cost", "Acquired",
)  # fmt: skip
_STREETS = (
    "High Street",
    "Market Place",
    "Station Road",
    "Church Lane",
    "Mill Road",
    "York Road",
    "Castlegate",
    "Old Maltongate",
)
_TOWNS = ("Malton", "Norton", "Pickering", "Helmsley", "Kirkbymoorside")
_KINDS = ("Library", "Depot", "Office", "School", "Fire Station", "Car Park", "Day Centre", "Workshop", "Land at")
_TENURES = ("Freehold", "Leasehold", "Freehold", "Freehold", "Licence")
_STATUSES = ("Operational", "Surplus", "Under review", "Operational")
_BAD = {3: "YO17 7CC", 4: "1.00E+11", 5: "unknown", 9: "-4", 10: "see file", 11: "31/02/2010"}


def write_register(path: Path, rows: int, seed: int = 7) -> None:
    """A register of so many rows as CSV."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for number in range(rows):
            street, town = chance.choice(_STREETS), chance.choice(_TOWNS)
            cells = [
                f"A{number:07}",
                f"{chance.choice(_KINDS)} {street} {number % 997}",
                f"{chance.randint(1, 400)} {street}, {town}",
                f"YO{chance.randint(10, 62)} {chance.randint(1, 9)}{chance.choice('ABDEFGH')}{chance.choice('ABDEFGH')}",
                str(100_050_000_000 + number * 7),
                f"{chance.uniform(440_000, 500_000):.1f}",
                f"{chance.uniform(440_000, 510_000):.1f}",
                chance.choice(_TENURES),
                chance.choice(_STATUSES),
                f"{chance.uniform(0.01, 12):.3f}",
                f"£{chance.randint(500, 900_000):,}",
                f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/{chance.randint(1950, 2009)}",
            ]
            if chance.random() < 0.03:
                at = chance.choice(list(_BAD))
                cells[at] = _BAD[at]
            out.writerow(cells)


def measure(way: str, path: Path) -> tuple[float, float]:
    """Processor seconds and peak MB of one way of reading the file, in this process, imports and all (MB)."""
    if way == "pandas":
        import pandas as pd

        def run() -> object:
            return pd.read_csv(path, dtype=str)

    elif way == "cells":
        from assetplan.formats.files import read_cells

        def run() -> object:
            return read_cells(path, path.name)

    else:
        from assetplan.registers import Entry, read_register

        def run() -> object:
            return read_register(path, path.name, Entry(), {})

    before = time.process_time()
    kept = run()
    seconds = time.process_time() - before
    del kept
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(way: str, path: Path) -> tuple[float, float]:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", way, str(path)], capture_output=True, text=True, check=True
    )
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def main() -> None:
    sizes = [int(text.replace(",", "")) for text in sys.argv[1:]] or [10_000, 100_000, 1_000_000]
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            path = Path(folder, f"register-{rows}.csv")
            write_register(path, rows)
            base = apart("pandas", path)
            print(
                f"{rows:>9,} rows, {path.stat().st_size / 1e6:,.0f} MB: pandas {base[0]:.2f} s, {base[1]:,.0f} MB",
                flush=True,
            )
            for way in ("cells", "register"):
                seconds, megabytes = apart(way, path)
                print(
                    f"          {way:>9}: {seconds:.2f} s ({seconds / base[0]:.1f} x), {megabytes:,.0f} MB ({megabytes / base[1]:.2f} x)",
                    flush=True,
                )
            path.unlink()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(*measure(sys.argv[2], Path(sys.argv[3])))
    else:
        main()

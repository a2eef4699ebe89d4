"""A table over every register-like file of real data: ``python tests/benchmarks/bench_check.py [WORD ...]``.

For each file `assetplan check` runs as a process of its own, as a person runs it, with nothing configured: rows read, accepted, set
aside and located, the columns it recognised, and the seconds it took, start-up included. Words choose files whose path holds one.
Folders are those of ASSETPLAN_REALDATA that hold lists of places; what is no such list is refused, and the table says with which words.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
REALDATA = Path(os.environ.get("ASSETPLAN_REALDATA") or ROOT / ".." / "shared" / "realdata")
FOLDERS = (
    "brownfield-registers", "cheltenham-assets", "city-of-london-parcels", "derbyshire-fire-assets", "fire-stations-england",
    "greater-manchester-sites", "libraries-uk", "momepy-bubenec", "nhs-epraccur", "police-stations", "schools-england-2017",
)  # fmt: skip


def files(words: list[str]) -> list[Path]:
    """The files to check, in order."""
    found = [
        path for folder in FOLDERS for path in sorted((REALDATA / folder).iterdir()) if path.suffix.lower() != ".md"
    ]
    return [path for path in found if not words or any(word in str(path) for word in words)]


def check(path: Path) -> tuple[dict[str, object], float, str]:
    """The account of one file, the seconds it took, and the refusal where it was refused."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "assetplan", "check", str(path), "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        return {}, seconds, " ".join(done.stderr.split())
    return json.loads(done.stdout), seconds, ""


def main(words: list[str]) -> None:
    """Print the table, and its sums."""
    print(f"{'file':56} {'read':>6} {'acc.':>6} {'aside':>6} {'loc.':>6} {'s':>5}  kind, CRS; columns")
    sums, slowest, refused = [0, 0, 0, 0], 0.0, 0
    for path in files(words):
        found, seconds, refusal = check(path)
        name = f"{path.parent.name}/{path.name}"[-56:]
        if refusal:
            refused += 1
            print(f"{name:56} {'refused':>27} {seconds:5.1f}  {refusal[:160]}")
            continue
        figures = [int(found[key]) for key in ("rows_read", "accepted", "quarantined", "located")]
        assert figures[0] == figures[1] + figures[2], path
        sums = [a + b for a, b in zip(sums, figures, strict=True)]
        (register,) = found["registers"]
        mapped = ", ".join(f"{one['header']} = {one['column']}" for one in register["columns"] if one["column"])
        if figures[0] <= 10_000:
            slowest = max(slowest, seconds)
        print(
            f"{name:56} {' '.join(f'{n:6}' for n in figures)} {seconds:5.1f}  {register['kind']}, {register['crs']}; {mapped}"
        )
    print(
        f"{'together':56} {' '.join(f'{n:6}' for n in sums)}; {refused} files refused; slowest of at most 10,000 rows {slowest:.1f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])

"""Processor time and peak memory of adjacency beside shapely's raw query of the same shapes, from a thousand sites to a million.

``python tests/benchmarks/bench_adjacency.py [SITES ...]`` (1,000, 10,000, 100,000 and 1,000,000 where none are given). The sites are those of
`national.estate`. Each figure is of a process of its own that finds the frame loaded: *raw* is ``STRtree(shapes).query(shapes,
predicate="dwithin", distance=25)``, *pairs* our search for the same pairs, *everything* the relation, gap and shared boundary of each pair
and the components. Ways take turns, and the least of several rounds counts. The edge sets must be identical or it stops. Memory is the peak
over what the process held once the frame was loaded, and in brackets the whole of it. Trust the ratios: seconds are those of one
processor.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import itertools
import math
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from national import estate

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

GAP_M = 25.0
SIZES = (1_000, 10_000, 100_000, 1_000_000)


def usable(sites: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """Places of the sites that have relations, which are in order of the identifiers."""
    return np.flatnonzero((sites["precision"] != "postcode").to_numpy())


def raw(sites: gpd.GeoDataFrame) -> Callable[[], Any]:
    shapes = sites.geometry.to_numpy()[usable(sites)]
    return lambda: shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=GAP_M)


def everything(sites: gpd.GeoDataFrame) -> Callable[[], Any]:
    from assetplan.relations import adjacent_pairs, connected_groups

    def run() -> Any:
        related = adjacent_pairs(sites, max_gap_m=GAP_M)
        return related, connected_groups(sites.index, related)

    return run


def pairs(sites: gpd.GeoDataFrame) -> Callable[[], Any]:
    """The search of `assetplan.adjacent_pairs` alone: which pairs, and nothing of how they lie."""
    from assetplan.relations import _Ground

    class Search(_Ground):
        def related(self, left: NDArray[np.intp], right: NDArray[np.intp]) -> Any:
            near = self.gap(left, right) <= self.max_gap_m
            return np.stack((left[near], right[near]))

    shapes = sites.geometry.to_numpy()[usable(sites)]
    return lambda: np.concatenate(list(Search(shapes, GAP_M, None).pairs()), axis=1)


def edges(way: str, answer: Any, sites: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Each pair once, as one number, in order."""
    if way == "everything":
        first, second = (sites.index.get_indexer(answer[0][name]) for name in ("site_a", "site_b"))
    else:
        first, second = usable(sites)[np.asarray(answer[0])], usable(sites)[np.asarray(answer[1])]
    keep = first < second
    return np.sort(first[keep].astype(np.int64) * len(sites) + second[keep])


def resident() -> tuple[float, float]:
    """Peak and present size of this process in MB."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024, int(lines["VmRSS"].split()[0]) / 1024


def measure(way: str, path: Path) -> str:
    """Seconds, MB at the start, MB at the peak, number of edges and their digest."""
    with path.open("rb") as file:
        sites = pickle.load(file)
    run = WAYS[way]
    run(sites.iloc[:200])()  # whatever is imported or made once
    ready = run(sites)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    start = resident()[1]
    seconds, peak = math.inf, 0.0
    for _ in range(5 if len(sites) <= 10_000 else 1):
        begun = time.process_time()
        answer = ready()
        seconds = min(seconds, time.process_time() - begun)
        peak = peak or resident()[0]
    found = edges(way, answer, sites)
    return f"{seconds} {start} {peak} {len(found)} {hashlib.sha256(found.tobytes()).hexdigest()}"


def apart(way: str, path: Path) -> tuple[float, float, float, int, str]:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", way, str(path)], stdout=subprocess.PIPE, text=True, check=True
    )
    seconds, start, peak, count, digest = done.stdout.split()
    return float(seconds), float(start), float(peak), int(count), digest


def rows(sizes: list[int], folder: Path) -> list[dict[str, Any]]:
    """For each size what each way took, printed as it comes."""
    out = []
    print("| sites | pairs | " + " | ".join(f"{way} s | MB" for way in WAYS) + " | " + " | ".join(f"{way} / raw: CPU, peak" for way in list(WAYS)[1:]) + " | everything, us a site |")  # fmt: skip
    print("|" + " ---: |" * (3 + 2 * len(WAYS) + len(WAYS) - 1))
    for size in sizes:
        path = folder / f"{size}.pickle"
        with path.open("wb") as file:
            pickle.dump(estate(size), file, protocol=5)
        found: dict[str, list[tuple[float, float, float, int, str]]] = {way: [] for way in WAYS}
        for turn in range(2 if size > 100_000 else 4):
            for way in list(WAYS)[:: 1 if turn % 2 == 0 else -1]:
                found[way].append(apart(way, path))
        path.unlink()
        told = {one[3:] for runs in found.values() for one in runs}
        if len(told) != 1:
            raise SystemExit(f"{size:,} sites: the edges differ: {[(way, runs[0][3]) for way, runs in found.items()]}")
        row: dict[str, Any] = {"sites": size, "edges": next(iter(told))[0]}
        for way, runs in found.items():
            row[way] = min(one[0] for one in runs)
            row[f"{way} MB"] = min(one[2] - one[1] for one in runs)
            row[f"{way} whole"] = min(one[2] for one in runs)
        out.append(row)
        cells = [f"{size:,}", f"{row['edges']:,}"]
        for way in WAYS:
            cells += [f"{row[way]:.3g}", f"{row[f'{way} MB']:,.0f} ({row[f'{way} whole']:,.0f})"]
        for way in list(WAYS)[1:]:
            cells.append(
                f"{row[way] / row['raw']:.2f}, {row[f'{way} MB'] / max(row['raw MB'], 0.1):.2f} ({row[f'{way} whole'] / row['raw whole']:.2f})"
            )
        cells.append(f"{1e6 * row['everything'] / size:.1f}")
        print("| " + " | ".join(cells) + " |", flush=True)
    return out


def main() -> None:
    sizes = [int(text.replace(",", "")) for text in sys.argv[1:]] or list(SIZES)
    with tempfile.TemporaryDirectory() as folder:
        found = rows(sizes, Path(folder))
    for way in WAYS:
        steps = [
            f"{math.log(after[way] / before[way]) / math.log(after['sites'] / before['sites']):.2f}"
            for before, after in itertools.pairwise(found)
        ]
        if steps:
            print(
                f"{way}: time grows as the number of sites to the power of {', '.join(steps)} from each size to the next"
            )


WAYS: dict[str, Callable[[gpd.GeoDataFrame], Callable[[], Any]]] = {
    "raw": raw,
    "pairs": pairs,
    "everything": everything,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(measure(sys.argv[2], Path(sys.argv[3])))
    else:
        main()

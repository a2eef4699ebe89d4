"""Pairs of a made-up national estate, plain and by tiles: ``python tests/benchmarks/bench_tiles.py [--sites 200000] [--tiles 16]``.

Each run is a process of its own: all sites at once; cut into tiles from a GeoParquet file; the tiles one after another; the tiles on dask, two
processes. Prints seconds, seconds of processor, and the peak of resident memory of the largest process; ends with 1 where the pairs of
the three are not the same to the last bit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = ("making", "sites alone", "plain", "cut", "one by one", "dask")


def run(name: str, work: Path, sites: int, tiles: int) -> dict[str, object]:
    """One run in this process: what it took, and the pairs found as a hash."""
    # Imported here, for the peak of a process counts from that of the one that started it.
    import geopandas as gpd
    import national

    from assetplan.relations import adjacent_pairs
    from assetplan.tiling import read_pairs, write_pairs, write_tiles

    if name in {"sites alone", "plain", "cut"}:
        roads = gpd.read_parquet(work / "roads.parquet")
    if name in {"sites alone", "plain"}:
        held = gpd.read_parquet(work / "sites.parquet").set_index("site_id")
    start, found = time.perf_counter(), None
    if name == "making":
        made = national.estate(sites)
        made[["precision", "geometry"]].reset_index().to_parquet(work / "sites.parquet", index=False)
        national.roads(made).to_parquet(work / "roads.parquet", index=False)
    elif name == "plain":
        found = adjacent_pairs(held, roads=roads)
    elif name == "cut":
        write_tiles(work / "sites.parquet", work / "tiles", tiles=tiles, roads=roads)
    elif name == "one by one":
        write_pairs(work / "tiles", work / name)
    elif name == "dask":
        import dask

        with dask.config.set(num_workers=2):
            write_pairs(work / "tiles", work / name, scheduler="processes")
    seconds = time.perf_counter() - start
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    out: dict[str, object] = {
        "seconds": seconds,
        "processor": sum(one.ru_utime + one.ru_stime for one in usage),
        "peak": max(one.ru_maxrss for one in usage) / 1024,
    }
    if name in {"one by one", "dask"}:
        found = read_pairs(work / name)
    if found is not None:
        digest = hashlib.sha256()
        for row in found.itertuples(index=False, name=None):
            digest.update(repr(tuple(row)).encode())
        out |= {"pairs": len(found), "digest": digest.hexdigest()}
    return out


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sites", type=int, default=200_000)
    parser.add_argument("--tiles", type=int, default=16)
    parser.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.run:
        print(json.dumps(run(wanted.run, wanted.work, wanted.sites, wanted.tiles)))
        return 0
    digests = set()
    with tempfile.TemporaryDirectory() as folder:
        print(f"{wanted.sites:,} sites, {wanted.tiles} tiles")
        for name in RUNS:
            options = ["--run", name, "--work", folder, "--sites", str(wanted.sites), "--tiles", str(wanted.tiles)]
            done = subprocess.run([sys.executable, __file__, *options], capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
            pairs = f", {found['pairs']:,} pairs" if "pairs" in found else ""
            print(
                f"{name:11} {found['seconds']:7.1f} s, {found['processor']:7.1f} s of processor, {found['peak']:7.0f} MB{pairs}"
            )
            digests |= {found["digest"]} if "digest" in found else set()
    print("the same pairs" if len(digests) == 1 else "NOT the same pairs")
    return 0 if len(digests) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())

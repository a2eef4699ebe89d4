"""Processor time of travel times beside scipy's own Dijkstra on the bare table and networkx's, on one network in the same run.

``python tests/benchmarks/bench_routing.py [NODES]`` (100,000 where none is given). The network is a seeded grid of roads, bent, with streets
left out, one-way streets and roads of three speeds; with ASSETPLAN_REALDATA also the streets of Salt Lake City. Two tasks: for every node
the nearest of 100 facilities, and all pairs of 60 origins and 400 destinations. *scipy* is ``dijkstra`` on the table of minutes with just
what the task needs; *networkx* searches from the same sources (of the pairs from five, times twelve); *ours* begins with points. Ways
take turns, the least of several rounds counts, and the times must agree or it stops. Trust the ratios: seconds are those of one
processor. More than 1.2 of scipy's time on the
grid ends with an error; on the smaller network what is done for each call weighs more.
"""

from __future__ import annotations

import math
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra

from assetplan.travel.network import Network, network_of
from assetplan.travel.routing import minutes_from_nearest, travel_minutes

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 1.2
FACILITIES, ORIGINS, DESTINATIONS, SAMPLED = 100, 60, 400, 5


def grid_of_roads(nodes: int, seed: int = 7) -> gpd.GeoDataFrame:
    """Roads between neighbours of a bent grid: a fifth left out, a tenth one-way, every tenth row and column fast."""
    draw = np.random.default_rng(seed)
    side = math.isqrt(nodes)
    row, column = np.divmod(np.arange(side * side), side)
    place = np.column_stack([400_000 + 90.0 * column, 300_000 + 90.0 * row]) + draw.uniform(-25, 25, (side * side, 2))
    east, north = np.flatnonzero(column < side - 1), np.flatnonzero(row < side - 1)
    a, b = np.concatenate([east, north]), np.concatenate([east + 1, north + side])
    fast = np.concatenate([row[east] % 10 == 0, column[north] % 10 == 0])
    kept = fast | (draw.random(len(a)) > 0.2)
    a, b, fast = a[kept], b[kept], fast[kept]
    return gpd.GeoDataFrame(
        {
            "kind": "road",
            "class": np.where(fast, "A1", np.where(draw.random(len(a)) < 0.5, "B2", "unclassified")),
            "one_way": np.where(~fast & (draw.random(len(a)) < 0.1), "yes", "no"),
        },
        geometry=shapely.linestrings(np.stack([place[a], place[b]], axis=1)),
        crs=27700,
    )


def points(network: Network, count: int, seed: int) -> tuple[np.ndarray[Any, Any], gpd.GeoSeries]:
    """Nodes of the largest part, and points on them."""
    inside = np.flatnonzero((network.component == 0) & network.opens)
    node = np.sort(np.random.default_rng(seed).choice(inside, count, replace=False))
    return node, gpd.GeoSeries(
        gpd.points_from_xy(*network.nodes[node].T), index=[f"p{i}" for i in range(count)], crs=27700
    )


def tasks(network: Network) -> dict[str, dict[str, Callable[[], Any]]]:
    facility, facilities = points(network, FACILITIES, 1)
    origin, origins = points(network, ORIGINS, 2)
    destination, destinations = points(network, DESTINATIONS, 3)
    graph = network.minutes
    begun = time.process_time()
    other = nx.from_scipy_sparse_array(graph, create_using=nx.DiGraph)
    print(f"networkx builds its graph in {time.process_time() - begun:.2f} s, which is not counted")

    def by_networkx() -> np.ndarray[Any, Any]:
        found = nx.multi_source_dijkstra_path_length(other, set(facility.tolist()))
        return np.array([found.get(node, np.nan) for node in range(len(network.nodes))])

    def pairs_by_networkx() -> np.ndarray[Any, Any]:
        rows = [nx.single_source_dijkstra_path_length(other, node) for node in origin[:SAMPLED].tolist()]
        return np.array([[row.get(node, np.nan) for node in destination.tolist()] for row in rows])

    return {
        f"nearest of {FACILITIES} for every node": {
            "scipy": lambda: dijkstra(graph, indices=facility, min_only=True, return_predecessors=True)[0],
            "ours": lambda: minutes_from_nearest(network, facilities, towards="origin").minutes,
            "networkx": by_networkx,
        },
        f"{ORIGINS} x {DESTINATIONS} pairs": {
            "scipy": lambda: dijkstra(graph, indices=origin)[:, destination],
            "ours": lambda: travel_minutes(network, origins, destinations)["minutes"].to_numpy().reshape(ORIGINS, DESTINATIONS),
            "networkx": pairs_by_networkx,
        },
    }  # fmt: skip


def agree(found: np.ndarray[Any, Any], raw: np.ndarray[Any, Any]) -> None:
    known = np.where(np.isfinite(raw), raw, np.nan)[: len(found)]
    if not np.allclose(found, known, rtol=1e-9, atol=1e-8, equal_nan=True):
        raise SystemExit("the times differ")


def measure(title: str, network: Network) -> float:
    """The largest ratio of ours to scipy's; prints a row a task."""
    print(f"\n{title}: {network!r}")
    worst = 0.0
    print("| task | scipy s | ours s | networkx s | ours / scipy | networkx / ours |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for task, ways in tasks(network).items():
        taken = dict.fromkeys(ways, math.inf)
        answers: dict[str, Any] = {}
        for turn in range(30 if "nearest" in task else 4):
            for way in list(ways)[:: 1 if turn % 2 == 0 else -1]:
                if way == "networkx" and turn:
                    continue
                begun = time.process_time()
                answers[way] = ways[way]()
                taken[way] = min(taken[way], time.process_time() - begun)
        agree(answers["ours"], answers["scipy"])
        agree(answers["networkx"], answers["scipy"])
        if "pairs" in task:
            taken["networkx"] *= ORIGINS / SAMPLED
        ratio = taken["ours"] / taken["scipy"]
        worst = max(worst, ratio)
        cells = (*(f"{taken[way]:.3f}" for way in ways), f"{ratio:.2f}", f"{taken['networkx'] / taken['ours']:.1f}")
        print(f"| {task} | {' | '.join(cells)} |", flush=True)
    return worst


def main() -> None:
    nodes = int(sys.argv[1].replace(",", "")) if sys.argv[1:] else 100_000
    begun = time.process_time()
    network = network_of(grid_of_roads(nodes), step_m=1000.0)
    print(f"{nodes:,} nodes of lines made a network in {time.process_time() - begun:.2f} s")
    worst = measure("Seeded grid", network)
    streets = Path(os.environ.get("ASSETPLAN_REALDATA", ""), "neatnet-streets", "slc_4881_original.parquet")
    if streets.is_file():
        # UTM zone 12 metres taken as they stand: only lengths count here.
        frame = gpd.read_parquet(streets)[["highway", "geometry"]].set_crs(27700, allow_override=True)
        frame["geometry"] = frame.geometry.translate(0, -4_000_000)
        measure("Salt Lake City", network_of(frame, step_m=1000.0))
    if worst > MOST:
        raise SystemExit(f"ours takes {worst:.2f} of scipy's time; {MOST} is the most allowed")


if __name__ == "__main__":
    main()

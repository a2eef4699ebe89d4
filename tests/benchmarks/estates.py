"""Estates of any size for benchmarks: a seeded generator, and real postcodes where they are at hand."""

from __future__ import annotations

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

OWNERS = (
    "County council",
    "District council",
    "Fire authority",
    "Police",
    "Hospital trust",
    "Ambulance trust",
    "Schools trust",
    "Parish",
)
USES = (
    "office",
    "depot",
    "school",
    "fire station",
    "clinic",
    "car park",
    "library",
    "open space",
    "care home",
    "workshop",
)
STATUSES = ("operational", "operational", "operational", "under review", "surplus", "vacant")


def postcodes(folder: Path) -> np.ndarray:
    """Longitude and latitude of every postcode of some NSPL extracts, and of every school with coordinates."""
    spots = []
    for path in sorted(folder.glob("postcodes-yo/*.csv")):
        with path.open(encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                if row["lat"]:
                    spots.append((float(row["long"]), float(row["lat"])))
    with (folder / "boundaries" / "lsoa_latlong.csv").open(encoding="utf-8-sig") as handle:
        reader = csv.DictReader(handle)
        names = {name.lower(): name for name in reader.fieldnames or ()}
        lat = next(names[key] for key in names if key.startswith("lat"))
        long = next(names[key] for key in names if key.startswith("lon"))
        spots += [(float(row[long]), float(row[lat])) for row in reader if row[lat]]
    return np.array(spots)


def frame(count: int, *, polygons: bool, spots: np.ndarray | None = None, seed: int = 20261122) -> gpd.GeoDataFrame:
    """Sites of eight owners in EPSG:4326: points, or polygons of four to nine corners some 20 to 120 m across.

    Parameters
    ----------
    count
        How many.
    polygons
        Whether each is a polygon about its point.
    spots
        Longitudes and latitudes to stand on, taken in a shuffled order; without them towns are made up in the Midlands and the North.
    """
    draw = np.random.default_rng(seed)
    if spots is None:
        towns = np.column_stack([draw.uniform(-2.6, -0.2, 60), draw.uniform(52.2, 54.6, 60)])
        places = towns[draw.integers(0, 60, count)] + draw.normal(0, 0.03, (count, 2))
    else:
        places = spots[draw.permutation(len(spots))[np.arange(count) % len(spots)]]
        places = places + np.where(np.arange(count)[:, None] >= len(spots), 0.0004, 0.0)
    if polygons:
        corners = draw.integers(4, 10, count)
        size = draw.uniform(0.0001, 0.0006, count)
        shapes = []
        for (x, y), n, radius in zip(places, corners, size, strict=True):
            turn = np.sort(draw.uniform(0, 2 * np.pi, n))
            shapes.append(
                shapely.Polygon(np.column_stack([x + 1.6 * radius * np.cos(turn), y + radius * np.sin(turn)]))
            )
        geometry = np.array(shapes, dtype=object)
    else:
        geometry = shapely.points(places)
    owner = draw.integers(0, len(OWNERS), count)
    return gpd.GeoDataFrame(
        {
            "site_id": [f"o{o}:{i:06d}" for i, o in enumerate(owner)],
            "name": [f"{USES[i % len(USES)].capitalize()} {i}" for i in range(count)],
            "organisation": [OWNERS[o] for o in owner],
            "status": [STATUSES[s] for s in draw.integers(0, len(STATUSES), count)],
            "use": [USES[u] for u in draw.integers(0, len(USES), count)],
            "uprn": [str(100_000_000_000 + 17 * i) for i in range(count)],
            "gia_m2": draw.integers(40, 9_000, count),
            "site_ha": np.round(draw.uniform(0.02, 9.0, count), 2),
        },
        geometry=geometry,
        crs="EPSG:4326",
    )

"""A made-up national estate of any size, from a seed: sites of towns, campuses and countryside for benchmarks and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetplan.grid import BRITISH_GRID
from assetplan.ground import coast_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20261126
# Identifier, name, sector, share of the sites, what its sites are used as.
BODIES = (
    ("county", "Example County Council", "county", 0.26, ("Primary school", "Library", "Highways depot", "Day centre", "County farm")),
    ("district", "Example District Council", "district", 0.22, ("Car park", "Offices", "Leisure centre", "Depot", "Open space")),
    ("police", "Example Police", "police", 0.05, ("Police station", "Custody suite", "Vehicle workshop")),
    ("fire", "Example Fire Authority", "fire", 0.05, ("Fire station", "Training yard")),
    ("ambulance", "Example Ambulance Trust", "ambulance", 0.04, ("Ambulance station", "Standby point")),
    ("hospital", "Example Hospital Trust", "nhs", 0.10, ("Hospital", "Clinic", "Health centre", "Laboratory")),
    ("academy", "Example Academy Trust", "school", 0.14, ("Secondary school", "Sixth form", "Playing field")),
    ("parish", "Example Parish Council", "parish", 0.14, ("Village hall", "Allotments", "Burial ground", "Playground")),
)  # fmt: skip
STATUSES = ("operational", "operational", "operational", "operational", "under review", "surplus", "vacant")
BLOCK_M = 240.0
_INNER_M = 112.0  # half the width of what is built on in a block; the rest is the road around it
_GAP_M, _OVERLAP_M = (
    0.01,
    1.0,
)  # how far a parcel in small letters draws back, and one in figures reaches out, on each side
# Campuses as they lie: a letter is a parcel, a dot is nobody's or a road.
CAMPUSES = {
    "cross": ("AABB", "AABB", "CCDD", "CCDD"),
    "T-junctions": ("AAAAAA", "AAAAAA", "BBBCCC", "BBBCCC", "BBBDDD"),
    "terrace": ("ABCDEF",),
    "quarter": ("AAABBBBB", "AAABBBBB", "AAACCDDD", "EEEEEDDD", "FFGGGDDD", "FFGGGHHH"),
    "roads": ("AAAAA.BBBBBB", "AAAAA.BBBBBB", "AAAAA.BBBBBB", "............", "CCCC.DDDDEEE", "CCCC.DDDDEEE"),
    "corner": ("AA..", "AA..", "..BB", "..BB"),
    "doughnut": ("AAAA", "ABBA", "ABBA", "AAAA"),
    "gaps of 2 cm": ("aaabbb", "aaabbb", "ccdddd", "ccdddd"),
    "overlap": ("AAA111BBB", "AAA111BBB"),
}
_KINDS = ("point", "plot", "campus")
_SHARES = (0.46, 0.24, 0.30)
_FIRST = (
    "Ash",
    "Bur",
    "Cal",
    "Den",
    "Elm",
    "Far",
    "Gar",
    "Hol",
    "Ker",
    "Lang",
    "Mar",
    "Nor",
    "Oak",
    "Pen",
    "Ray",
    "Stan",
    "Thor",
)
_LAST = ("ton", "by", "ham", "field", "ford", "ley", "wick", "worth", "bridge", "combe", "stead")  # fmt: skip


def estate(sites: int = 1_000_000, seed: int = SEED) -> gpd.GeoDataFrame:
    """The sites of a made-up national estate.

    Parameters
    ----------
    sites
        How many.
    seed
        The same seed gives the same sites.

    Returns
    -------
    geopandas.GeoDataFrame
        In EPSG:27700, indexed by ``site_id`` in its order: organisation, name, use, status, easting, northing, area_ha, precision as
        `assetplan.sites` has them; ``campus`` is the kind of campus the site is part of (None for one that stands alone), and ``town``
        the rank of its town, from 0 by size (-1: rural).

    Notes
    -----
    What it imitates: towns on the main island whose sizes follow Zipf's law (the nth has about 1/n of the blocks of the first), dense in
    the middle; a scatter over the countryside (one block in seven); two sites in five known by a point, one in a hundred by a postcode
    only; eight bodies, of which one leads on each campus; campuses of two to eight parcels that share boundaries to the last bit, meet
    at T-junctions and corners, lie within one another, are parted by roads or by 2 cm, or overlap by a metre; half of them with the
    crooked lines of a digitised plan. Towns are laid out in blocks of 240 m with a road of some 16 m between what fills them, so that no
    two campuses overlap.

    What it does not: real places, names, densities or numbers of sites; which body stands where; parcels of thousands of vertices,
    self-crossing rings, or the same land twice. All that lies in one block is one campus or one site alone.
    """
    draw = np.random.default_rng(seed)
    corner, town, kind = _blocks(sites, draw)
    parts = [_points(corner, kind, draw), _plots(corner, kind, draw), *_campuses(corner, kind, draw)]
    block = np.concatenate([part.block for part in parts])
    order = np.argsort(block, kind="stable")[:sites]
    block = block[order]
    shapes = np.concatenate([part.shapes for part in parts])[order]
    inner = np.concatenate([part.inner for part in parts])[order]
    campus = np.concatenate([np.full(len(part.block), part.campus, dtype=object) for part in parts])[order]
    owner = _owners(block, draw)
    point = shapely.get_type_id(shapes) == 0
    coarse = point & (draw.random(len(shapes)) < 0.025)
    inner[coarse] = np.round(inner[coarse], -2)
    shapes[coarse] = shapely.points(inner[coarse])
    organisation = np.array([body[0] for body in BODIES], dtype=object)[owner]
    use = _uses(owner, draw)
    ids = np.array([f"{body}:{number:07d}" for number, body in enumerate(organisation)], dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "organisation": organisation,
            "name": np.array([f"{what} {number}" for number, what in enumerate(use)], dtype=object),
            "use": use,
            "status": np.array(STATUSES, dtype=object)[draw.integers(0, len(STATUSES), len(shapes))],
            "easting": inner[:, 0].round(2),
            "northing": inner[:, 1].round(2),
            "area_ha": np.where(point, np.nan, (shapely.area(shapes) / 10_000).round(4)),
            "precision": np.array(["polygon", "point", "postcode"], dtype=object)[point.astype(int) + coarse],
            "campus": campus,
            "town": town[block],
        },
        geometry=shapes,
        index=pd.Index(ids, name="site_id"),
        crs=BRITISH_GRID,
    )
    return frame.sort_index()


def roads(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The lines around the blocks on which sites stand (EPSG:27700): roads, one row in twenty a river, one column in twenty a railway."""
    east, north = (np.floor(sites[name].to_numpy() / BLOCK_M).astype(np.int64) for name in ("easting", "northing"))
    lines = []
    for across, along, upright in ((east, north, True), (north, east, False)):
        steps = np.unique(np.concatenate([np.column_stack([across + side, along]) for side in (0, 1)]), axis=0)
        new = np.ones(len(steps), dtype=bool)
        new[1:] = (np.diff(steps[:, 0]) != 0) | (np.diff(steps[:, 1]) != 1)
        first = np.flatnonzero(new)
        last = np.append(first[1:], len(steps))[: len(first)] - 1
        at = steps[first, 0]
        ends = (
            np.stack([np.column_stack([at, steps[first, 1]]), np.column_stack([at, steps[last, 1] + 1])], axis=1)
            * BLOCK_M
        )
        kind = np.where(at % 20 == 0, "rail" if upright else "river", "road").astype(object)
        called = "Street" if upright else "Road"
        name = [
            f"{town_name(n)} {called}" if what == "road" else None for n, what in zip(at.tolist(), kind, strict=True)
        ]
        shapes = shapely.linestrings(ends if upright else ends[:, :, ::-1])
        lines.append(gpd.GeoDataFrame({"name": name, "kind": kind}, geometry=shapes, crs=BRITISH_GRID))
    return gpd.GeoDataFrame(pd.concat(lines, ignore_index=True))


@dataclass(frozen=True, eq=False)
class _Part:
    """Sites of one make: the block each stands on, its shape, a point within it, and the kind of campus."""

    block: NDArray[np.intp]
    shapes: NDArray[np.object_]
    inner: NDArray[np.float64]
    campus: str | None


def _blocks(sites: int, draw: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.intp]]:
    """South-western corners of blocks on land, no two alike, the town of each, and what kind of thing stands there."""
    areas = shapely.get_parts(shapely.polygonize(list(coast_within((0, 0, 700_000, 1_300_000)))))
    island = areas[np.argmax(shapely.area(areas))]
    shapely.prepare(island)

    def ashore(count: int) -> NDArray[np.float64]:
        west, south, east, north = shapely.bounds(island)
        spots = np.column_stack([draw.uniform(west, east, 4 * count + 50), draw.uniform(south, north, 4 * count + 50)])
        return spots[shapely.contains_xy(island, spots)]

    towns = max(3, sites // 300)
    centres = ashore(towns)[:towns]
    weight = 1 / np.arange(1, len(centres) + 1)
    weight /= weight.sum()
    want = sites  # more than enough: a block holds two sites on average
    town = np.where(draw.random(want) < 1 / 7, -1, draw.choice(len(centres), want, p=weight))
    spread = BLOCK_M * 0.5 * np.sqrt(weight * want) + BLOCK_M
    spots = centres[town] + draw.normal(0, 1, (want, 2)) * spread[town, None]
    rural = np.flatnonzero(town < 0)
    wild = ashore(len(rural))
    spots[rural] = wild[np.arange(len(rural)) % len(wild)]
    cells = np.floor(spots / BLOCK_M).astype(np.int64)
    _, first = np.unique(cells[:, 0] * 10_000 + cells[:, 1], return_index=True)
    first = np.sort(first)
    kind = draw.choice(len(_KINDS), len(first), p=_SHARES)
    first, kind = first[: sites + 10], kind[: sites + 10]
    dry = shapely.contains_xy(island, (cells[first] + 0.5) * BLOCK_M)
    first, kind = first[dry], kind[dry]
    return cells[first] * BLOCK_M, town[first], kind


def _points(corner: NDArray[np.float64], kind: NDArray[np.intp], draw: np.random.Generator) -> _Part:
    block = np.flatnonzero(kind == 0)
    spots = (corner[block] + BLOCK_M / 2 + draw.uniform(-_INNER_M, _INNER_M, (len(block), 2))).round(1)
    return _Part(block, shapely.points(spots), spots, None)


def _plots(corner: NDArray[np.float64], kind: NDArray[np.intp], draw: np.random.Generator) -> _Part:
    """Plots that stand alone, of four to nine corners around a point within."""
    block = np.flatnonzero(kind == 1)
    corners = draw.integers(4, 10, len(block))
    radius = np.clip(draw.lognormal(3.5, 0.6, len(block)), 8.0, _INNER_M)
    centre = corner[block] + BLOCK_M / 2 + draw.uniform(-1, 1, (len(block), 2)) * (_INNER_M - radius)[:, None]
    shapes = np.empty(len(block), dtype=object)
    for n in range(4, 10):
        at = np.flatnonzero(corners == n)
        turn = (np.arange(n) + draw.uniform(0.15, 0.85, (len(at), n))) * (2 * np.pi / n)
        reach = radius[at, None] * draw.uniform(0.6, 1.0, (len(at), n))
        ring = centre[at, None, :] + np.stack([np.cos(turn), np.sin(turn)], axis=2) * reach[..., None]
        shapes[at] = shapely.polygons(ring.round(2))
    return _Part(block, shapes, centre, None)


def _campuses(corner: NDArray[np.float64], kind: NDArray[np.intp], draw: np.random.Generator) -> list[_Part]:
    """Campuses: a plan of parcels laid into a four-sided piece of each block, whose straight lines stay straight."""
    blocks = np.flatnonzero(kind == 2)
    which = draw.integers(0, 2 * len(CAMPUSES), len(blocks))
    parts = []
    for number, (name, plan) in enumerate(CAMPUSES.items()):
        for crooked in (False, True):
            block = blocks[which == 2 * number + crooked]
            quad, size = _quads(corner[block] + BLOCK_M / 2, draw)
            phase = draw.uniform(0, 2 * np.pi, (len(block), 1, 2))
            amplitude = draw.uniform(0.5, 2.0, (len(block), 1, 1)) if crooked else np.zeros((len(block), 1, 1))
            pointed = draw.random((len(block), len(set("".join(plan)) - {"."}))) < 0.22
            for parcel, (rings, inner) in enumerate(_parcels(plan, crooked=crooked)):
                placed = [_placed(ring, quad, size, phase, amplitude) for ring in rings]
                holes = shapely.linearrings(placed[1])[:, None] if len(placed) > 1 else None
                shapes = (
                    shapely.polygons(shapely.linearrings(placed[0]), holes) if len(block) else np.empty(0, dtype=object)
                )
                spots = _placed(inner, quad, size, phase, amplitude)[:, 0, :]
                shapes = np.where(pointed[:, parcel], shapely.points(spots), shapes)
                parts.append(_Part(block, shapes, spots, name))
    return parts


def _quads(centre: NDArray[np.float64], draw: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Four corners within each block, (n, 2, 2, 2) by side of u and v, and their mean width: half fill their block, the others stand askew."""
    n = len(centre)
    fills = draw.random(n) < 0.5
    half = np.where(fills, _INNER_M, _INNER_M * draw.uniform(0.25, 0.66, n))
    angle = np.where(fills, 0.0, draw.uniform(0, 2 * np.pi, n))
    u, v = np.meshgrid([-1.0, 1.0], [-1.0, 1.0], indexing="ij")
    x = half[:, None, None] * u - draw.uniform(0, 0.04, (n, 2, 2)) * half[:, None, None] * u
    y = half[:, None, None] * v - draw.uniform(0, 0.04, (n, 2, 2)) * half[:, None, None] * v
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=3) + centre[:, None, None, :], 1.96 * half


@dataclass(frozen=True, eq=False)
class _Ring:
    """Corners in a plan, from 0 to 1 both ways, and how far in metres each is moved outwards."""

    u: NDArray[np.float64]
    v: NDArray[np.float64]
    out: NDArray[np.float64]


def _parcels(plan: tuple[str, ...], *, crooked: bool) -> list[tuple[list[_Ring], _Ring]]:
    """The rings of each parcel of a plan and a point within; crooked ones with a corner at every half step, so that neighbours share them all."""
    high, wide = len(plan), len(plan[0])
    out = []
    for letter in sorted(set("".join(plan)) - {"."}):
        cells = [
            shapely.box(x, high - y - 1, x + 1, high - y)
            for y, row in enumerate(plan)
            for x, cell in enumerate(row)
            if cell == letter
        ]
        shape = shapely.union_all(cells).normalize().simplify(0)
        west, south, east, north = shape.bounds
        if crooked:
            shape = shapely.segmentize(shape, 0.5)
        move = -_GAP_M if letter.islower() else _OVERLAP_M if letter.isdigit() else 0.0
        rings = []
        for ring in (shape.exterior, *shape.interiors):
            x, y = np.array(ring.coords).T
            side = np.column_stack([(x == east) * 1.0 - (x == west), (y == north) * 1.0 - (y == south)])
            rings.append(_Ring(x / wide, y / high, move * side))
        spot = shapely.point_on_surface(shape)
        out.append((rings, _Ring(np.array([spot.x / wide]), np.array([spot.y / high]), np.zeros((1, 2)))))
    return out


def _placed(
    ring: _Ring,
    quad: NDArray[np.float64],
    size: NDArray[np.float64],
    phase: NDArray[np.float64],
    amplitude: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The corners of a ring in each of n quads, (n, corners, 2): linear along u and along v, then bent by a wave."""
    uv = np.stack([ring.u, ring.v], axis=1)[None] + ring.out[None] / size[:, None, None]
    u, v = uv[..., :1], uv[..., 1:]
    flat = (
        quad[:, None, 0, 0] * (1 - u) * (1 - v)
        + quad[:, None, 1, 0] * u * (1 - v)
        + quad[:, None, 0, 1] * (1 - u) * v
        + quad[:, None, 1, 1] * u * v
    )
    return flat + amplitude * np.sin(2 * np.pi * uv[..., ::-1] + phase)


def _owners(block: NDArray[np.intp], draw: np.random.Generator) -> NDArray[np.intp]:
    """The body of each site: a block has one that leads and holds half of what is there."""
    shares = np.array([body[3] for body in BODIES])
    leads = draw.choice(len(BODIES), int(block.max(initial=0)) + 1, p=shares)[block]
    others = draw.choice(len(BODIES), len(block), p=shares)
    return np.where(draw.random(len(block)) < 0.5, leads, others)


def _uses(owner: NDArray[np.intp], draw: np.random.Generator) -> NDArray[np.object_]:
    chance = draw.random(len(owner))
    out = np.empty(len(owner), dtype=object)
    for number, body in enumerate(BODIES):
        at = owner == number
        out[at] = np.array(body[4], dtype=object)[(chance[at] * len(body[4])).astype(int)]
    return out


def town_name(number: int) -> str:
    """A made-up name for the town of that rank, or for a street."""
    said = _FIRST[number % len(_FIRST)] + _LAST[(number // len(_FIRST)) % len(_LAST)]
    return said if number < len(_FIRST) * len(_LAST) else f"Great {said}"

"""Which roads a site faces, how long it faces them, and which sites face none: landlocked, as far as the roads given tell.

Roads are centrelines. From each point of one, looking square to it on either side, the first site within `REACH_M` fronts the
road there, unless another road, a railway or a river comes first. So the side boundaries of a plot add nothing, land in other
hands between a site and the road cuts it off however narrow it is, and of two carriageways only the nearer counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from assetplan.relations import OPPOSITE_M, _check, adjacent_pairs
from assetplan.schema import table
from assetplan.site import TOUCH_TOLERANCE_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]
    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]

# Half of the widest street across which two sites are opposite. It holds the widest all-purpose road with its verges (dual
# two-lane, about 26 m: DMRB CD 127, so 13 m from the middle) and 5 m or so by which a centreline may be drawn amiss.
REACH_M = OPPOSITE_M / 2
# A road between REACH_M and this far off, with nothing known to lie between, may be wide or badly drawn: not known.
DOUBT_M = OPPOSITE_M
# Where no road is drawn within this the road data says nothing of the place.
SILENT_M = 500.0
# Less than this of a road is a corner, as in `assetplan.relations`.
LEAST_M = 4 * TOUCH_TOLERANCE_M
UNNAMED = "unnamed road"
FRONTAGE_COLUMNS = tuple(name for name in table("frontage") if name != "site_id")
_BARRIERS = ("road", "rail", "river")
_OUTLINES = (3, 6)
_FAN = np.radians(np.arange(0.0, 360.0, 3.0))  # a metre apart at REACH_M
_SQUARE = -0.02  # a direction within a degree of square to a piece of road is that piece's own


def road_frontage(
    sites: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None, *, pairs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """How long each site faces a road, which roads, and whether it faces none of those given.

    Parameters
    ----------
    sites
        Sites by identifier, in EPSG:27700, as `assetplan.sites` gives them.
    roads
        Lines in EPSG:27700. Where they have a ``kind`` only ``road`` is fronted: a bridge passes over, a path is not for
        vehicles. A road, ``rail`` or ``river`` that lies between cuts a site off. Names are taken from ``name``.
    pairs
        Relations of the same sites, from `assetplan.adjacent_pairs`; worked out where they are not given.

    Returns
    -------
    pandas.DataFrame
        One row a site, indexed by ``site_id`` in the order given; columns as ``assetplan columns --table frontage`` lists them.
        `frontage_m` is the length of centreline from which, square to it, the site is the first within 20 m, and of the road that
        runs inside it; 0 where the site only meets the end or the outer bend of a road, or is landlocked. `landlocked` is None, and
        `frontage_m` null, where that is not known: no outline, no road within 500 m, or one between 20 m and 40 m off with nothing
        known to lie between. True says only that no road *given* is faced: roads that are not in the data are not seen.

    Raises
    ------
    ValueError
        Where a frame is not in EPSG:27700, identifiers repeat, or `pairs` names a site that is not among `sites`.

    Examples
    --------
    A plot behind a strip in other hands:

    >>> import geopandas, shapely
    >>> plots = [shapely.box(0, 11, 30, 60), shapely.box(0, 8, 30, 11)]
    >>> sites = geopandas.GeoDataFrame(geometry=plots, index=["plot", "strip"], crs=27700)
    >>> road = geopandas.GeoDataFrame(
    ...     {"name": ["High Street"]}, geometry=[shapely.LineString([(-50, 0), (90, 0)])], crs=27700
    ... )
    >>> found = road_frontage(sites, road)
    >>> found["frontage_m"].to_dict()
    {'plot': 0.0, 'strip': 30.0}
    >>> found.loc["plot", ["roads", "landlocked", "reached_over"]].tolist()
    [(), True, ('strip',)]
    """
    _check(sites, "sites")
    if not sites.index.is_unique:
        raise ValueError("sites: identifiers repeat. Give each site its own.")
    ids = np.asarray(sites.index, dtype=object)
    if pairs is not None and not set(pairs["site_a"]) | set(pairs["site_b"]) <= set(ids):
        raise ValueError("pairs: they name sites that are not among these. Work both out from one estate.")
    shapes = np.asarray(sites.geometry.to_numpy(), dtype=object)
    outlined = np.isin(shapely.get_type_id(shapes), _OUTLINES) & ~shapely.is_empty(shapes)
    if "precision" in sites:
        outlined &= (sites["precision"] != "postcode").to_numpy()
    at = np.flatnonzero(outlined)
    lines = _lines_of(roads)

    frontage = np.full(len(ids), np.nan)
    gap = np.full(len(ids), np.nan)
    nearest: list[str | None] = [None] * len(ids)
    faced: list[tuple[str, ...]] = [()] * len(ids)
    landlocked: list[bool | None] = [None] * len(ids)
    over: list[tuple[str, ...] | None] = [None] * len(ids)
    if len(at) and len(lines.names):
        outlines = shapes[at]
        (one, piece), distance = lines.roads.query_nearest(
            outlines, max_distance=SILENT_M, return_distance=True, all_matches=True
        )
        gap[at[one]] = distance
        first = np.full(len(at), len(lines.names), dtype=np.intp)
        np.minimum.at(first, one, piece)  # of roads equally near the one whose name sorts first
        for i in np.unique(one).tolist():
            nearest[at[i]] = lines.names[first[i]]
        met = _met(outlines, np.arange(len(at)), lines, REACH_M)
        for site, names in met.items():
            frontage[at[site]] = sum(length for length, _ in names)
            faced[at[site]] = tuple(name for _, name in sorted((-round(length, 3), name) for length, name in names))
            landlocked[at[site]] = False
        rest = np.array([site for site in np.unique(one).tolist() if site not in met], dtype=np.intp)
        doubtful = _met(outlines, rest, lines, DOUBT_M)
        for site in rest.tolist():
            if site not in doubtful:
                frontage[at[site]], landlocked[at[site]] = 0.0, True
    if True in landlocked and pairs is None:
        pairs = adjacent_pairs(sites, max_gap_m=TOUCH_TOLERANCE_M)
    beside = _beside(pairs) if pairs is not None else {}
    front = {name for name, locked in zip(ids, landlocked, strict=True) if locked is False}
    for i, locked in enumerate(landlocked):
        if locked is not None:
            over[i] = tuple(sorted(front & beside.get(ids[i], set()), key=str)) if locked else ()
    columns = {
        "frontage_m": frontage,
        "roads": _column(
            [names if locked is not None else None for names, locked in zip(faced, landlocked, strict=True)]
        ),
        "nearest_road": _column(nearest),
        "road_gap_m": gap,
        "landlocked": _column(landlocked),
        "reached_over": _column(over),
    }
    return pd.DataFrame(columns, index=pd.Index(ids, name="site_id", dtype=object), columns=list(FRONTAGE_COLUMNS))


def _column(values: Sequence[object]) -> Shapes:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _beside(pairs: pd.DataFrame) -> dict[object, set[object]]:
    """For each site those that touch or overlap it."""
    out: dict[object, set[object]] = {}
    close = pairs[pairs["relation"].isin(("touching", "overlapping"))]
    for a, b in zip(close["site_a"], close["site_b"], strict=True):
        out.setdefault(a, set()).add(b)
        out.setdefault(b, set()).add(a)
    return out


# ------------------------------------------------------------------------------------------------------- lines in pieces


@dataclass(frozen=True, eq=False)
class _Lines:
    """Straight pieces of roads, in an order that does not hang on that of the rows, with their names; and of what cuts off.

    `road` and `barrier` are of the shape (n, 4): from x, from y, to x, to y. The roads are the first of the barriers.
    """

    road: Floats
    names: tuple[str, ...]
    barrier: Floats

    @cached_property
    def shapes(self) -> Shapes:
        return _as_lines(self.barrier)

    @cached_property
    def roads(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes[: len(self.road)])

    @cached_property
    def ends(self) -> tuple[Floats, Ints]:
        """Where pieces of road end, each spot once, and of each piece the spots it goes from and to; spots a millimetre apart are one."""
        spot, at = np.unique(np.round(self.road.reshape(-1, 2), 3), axis=0, return_inverse=True)
        return spot, at.reshape(-1, 2)

    @cached_property
    def barriers(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)


def _lines_of(roads: gpd.GeoDataFrame | None) -> _Lines:
    if roads is None or roads.empty:
        return _Lines(np.empty((0, 4)), (), np.empty((0, 4)))
    _check(roads, "roads")
    shapes = np.asarray(roads.geometry.to_numpy(), dtype=object)
    kind = roads["kind"].to_numpy(dtype=object) if "kind" in roads else np.full(len(roads), "road", dtype=object)
    name = roads["name"].to_numpy(dtype=object) if "name" in roads else np.full(len(roads), None, dtype=object)
    named = np.array([_called(value) for value in name], dtype=object)
    piece, owner = _pieces(shapes)
    swapped = (piece[:, 0] > piece[:, 2]) | ((piece[:, 0] == piece[:, 2]) & (piece[:, 1] > piece[:, 3]))
    piece[swapped] = piece[swapped][:, [2, 3, 0, 1]]
    is_road, barrier = kind[owner] == "road", np.isin(kind[owner], _BARRIERS)
    rows = sorted(
        {(named[line], *values) for line, values in zip(owner[is_road], piece[is_road].tolist(), strict=True)}
    )
    road = np.array([row[1:] for row in rows], dtype=float).reshape(-1, 4)
    return _Lines(road, tuple(row[0] for row in rows), np.vstack([road, piece[barrier & ~is_road]]))


def _called(name: object) -> str:
    return name.strip() or UNNAMED if isinstance(name, str) else UNNAMED


def _pieces(shapes: Shapes) -> tuple[Floats, Ints]:
    """Straight pieces of lines and of outlines' rings, and the position of the shape each is of; none without length."""
    part, owner = shapely.get_parts(shapes, return_index=True)
    flat = np.isin(shapely.get_type_id(part), (3,))
    ring, of = shapely.get_rings(part[flat], return_index=True)
    curve = np.concatenate([part[~flat], ring])
    owner = np.concatenate([owner[~flat], owner[flat][of]])
    xy, line = shapely.get_coordinates(curve, return_index=True)
    follows = line[1:] == line[:-1]
    follows &= (xy[1:] != xy[:-1]).any(axis=1) & np.isfinite(xy[1:]).all(axis=1) & np.isfinite(xy[:-1]).all(axis=1)
    return np.hstack([xy[:-1][follows], xy[1:][follows]]), owner[line[:-1][follows]]


def _as_lines(piece: Floats) -> Shapes:
    return np.asarray(shapely.linestrings(piece.reshape(-1, 2, 2)))


# ------------------------------------------------------------------------------------------------------- what is faced


def _met(outlines: Shapes, wanted: Ints, lines: _Lines, reach: float) -> dict[int, list[tuple[float, str]]]:
    """For each wanted site that faces a road: the length it faces of each by name; the end of a road has no length."""
    if not len(wanted):
        return {}
    near, piece = lines.roads.query(outlines[wanted], predicate="dwithin", distance=reach)
    chosen = np.unique(piece)
    site, of, low, high = (
        np.concatenate(both)
        for both in zip(_faced(outlines, chosen, lines, reach), _inside(outlines, wanted, lines), strict=True)
    )
    number = len(lines.names)
    group, low, high = _left(site * number + of, low, high)
    called = {name: i for i, name in enumerate(sorted(set(lines.names)))}
    code = np.array([called[name] for name in lines.names], dtype=np.intp)
    key, at = np.unique(group // number * len(called) + code[group % number], return_inverse=True)
    length = np.bincount(at, high - low, minlength=len(key))
    names = sorted(called)
    out: dict[int, list[tuple[float, str]]] = {}
    asked = set(wanted.tolist())
    for k, metres in zip(key.tolist(), length.tolist(), strict=True):
        if metres >= LEAST_M and (one := k // len(called)) in asked:
            out.setdefault(one, []).append((metres, names[k % len(called)]))
    rest = np.array([one for one in np.unique(wanted[near]).tolist() if one not in out], dtype=np.intp)
    for one, name in sorted(_ended(outlines, rest, lines, reach)):
        out.setdefault(one, []).append((0.0, name))
    return out


def _faced(outlines: Shapes, chosen: Ints, lines: _Lines, reach: float) -> tuple[Ints, Ints, Floats, Floats]:
    """Sites, pieces of road, and from where to where along the piece the site is the first thing met square to it."""
    edge, owner = _pieces(outlines)
    pieces = lines.shapes[chosen]
    # A boundary in a strip beside the road.
    strip, e = shapely.STRtree(_as_lines(edge)).query(pieces, predicate="dwithin", distance=reach)
    front = _clipped(lines.road[chosen[strip]], edge[e], reach, strip, owner[e])
    # Lines that cut off. Of two drawn upon one another the first in order counts, and hides the other.
    strip, f = lines.barriers.query(pieces, predicate="dwithin", distance=reach)
    other = f != chosen[strip]
    strip, f = strip[other], f[other]
    cut = _clipped(lines.road[chosen[strip]], lines.barrier[f], reach, strip, -1 - f)
    later = (np.maximum(cut.near, cut.far) <= TOUCH_TOLERANCE_M) & (-1 - cut.owner > chosen[cut.strip // 2])
    cover = _joined(front, cut.some(~later))
    # Both are laid out on a sheet, along the road and strip by strip, to find what lies over the same part of a road.
    a, b = shapely.STRtree(_rows(cover)).query(_rows(front))
    foreign = front.owner[a] != cover.owner[b]
    a, b = a[foreign], b[foreign]
    low, high = _nearer(front.some(a), cover.some(b))
    hidden = high > low
    group, low, high = _left(np.arange(len(front.low)), front.low, front.high, (a[hidden], low[hidden], high[hidden]))
    return front.owner[group], chosen[front.strip[group] // 2], low, high


@dataclass(frozen=True, eq=False)
class _Stretches:
    """Straight lines over strips beside pieces of road: from `low` to `high` along it, `near` and `far` from it at these ends."""

    strip: Ints
    owner: Ints
    low: Floats
    high: Floats
    near: Floats
    far: Floats

    def some(self, at: Ints | NDArray[np.bool_]) -> _Stretches:
        return _Stretches(self.strip[at], self.owner[at], self.low[at], self.high[at], self.near[at], self.far[at])


def _joined(one: _Stretches, other: _Stretches) -> _Stretches:
    return _Stretches(
        *(
            np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("strip", "owner", "low", "high", "near", "far")
        )
    )


def _clipped(road: Floats, edge: Floats, reach: float, strip: Ints, owner: Ints) -> _Stretches:
    """Edges as seen from the road beside them, cut to the strips on its left (2n) and right (2n + 1)."""
    start, along = road[:, :2], road[:, 2:] - road[:, :2]
    length = np.hypot(along[:, 0], along[:, 1])
    along = along / length[:, None]
    across = np.column_stack([-along[:, 1], along[:, 0]])
    one, other = edge[:, :2] - start, edge[:, 2:] - start
    t = np.column_stack([(one * along).sum(axis=1), (other * along).sum(axis=1)])
    d = np.column_stack([(one * across).sum(axis=1), (other * across).sum(axis=1)])
    back = t[:, 0] > t[:, 1]
    t[back], d[back] = t[back][:, ::-1], d[back][:, ::-1]
    found = []
    for side, sign in ((0, 1.0), (1, -1.0)):
        run, rise = t[:, 1] - t[:, 0], sign * (d[:, 1] - d[:, 0])
        first = np.zeros(len(t))
        last = np.ones(len(t))
        with np.errstate(divide="ignore", invalid="ignore"):
            for value, step, top in ((t[:, 0], run, length), (sign * d[:, 0], rise, np.full(len(t), reach))):
                enter, leave = -value / step, (top - value) / step
                enter, leave = np.minimum(enter, leave), np.maximum(enter, leave)
                level = step == 0
                outside = level & ((value < 0) | (value > top))
                first = np.where(level, first, np.fmax(first, enter))
                last = np.where(outside, -1.0, np.where(level, last, np.fmin(last, leave)))
        low, high = t[:, 0] + first * run, t[:, 0] + last * run
        keep = (last > first) & (high > low)
        found.append(
            _Stretches(
                2 * strip[keep] + side,
                owner[keep],
                low[keep],
                high[keep],
                sign * d[keep, 0] + first[keep] * rise[keep],
                sign * d[keep, 0] + last[keep] * rise[keep],
            )
        )
    return _joined(*found)


def _rows(lying: _Stretches) -> Shapes:
    """Flat boxes: along the road by strip."""
    return np.asarray(shapely.box(lying.low, lying.strip - 0.25, lying.high, lying.strip + 0.25))


def _nearer(seen: _Stretches, hiding: _Stretches) -> tuple[Floats, Floats]:
    """From where to where the second lies nearer to the road than the first, by more than the tolerance."""

    def at(line: _Stretches, t: Floats) -> Floats:
        return line.near + (line.far - line.near) * (t - line.low) / (line.high - line.low)

    low, high = np.maximum(seen.low, hiding.low), np.minimum(seen.high, hiding.high)
    start = at(seen, low) - at(hiding, low) - TOUCH_TOLERANCE_M
    end = at(seen, high) - at(hiding, high) - TOUCH_TOLERANCE_M
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = low + (high - low) * start / (start - end)
    return (
        np.where(start > 0, low, np.where(end > 0, turn, high)),
        np.where(end > 0, high, np.where(start > 0, turn, low)),
    )


def _left(
    group: Ints, low: Floats, high: Floats, without: tuple[Ints, Floats, Floats] | None = None
) -> tuple[Ints, Floats, Floats]:
    """The union of intervals in each group, less others; in order."""
    empty = np.empty(0)
    other, start, end = without if without is not None else (np.empty(0, dtype=np.intp), empty, empty)
    key = np.concatenate([group, group, other, other])
    place = np.concatenate([low, high, start, end])
    mine, theirs = np.ones(len(group), dtype=np.intp), np.ones(len(other), dtype=np.intp)
    inside = np.concatenate([mine, -mine, 0 * theirs, 0 * theirs])
    taken = np.concatenate([0 * mine, 0 * mine, theirs, -theirs])
    order = np.lexsort((place, key))
    key, place = key[order], place[order]
    kept = (np.cumsum(inside[order]) > 0) & (np.cumsum(taken[order]) == 0)
    at = np.flatnonzero(kept[:-1] & (place[1:] > place[:-1])) if len(kept) else np.empty(0, dtype=np.intp)
    return key[at], place[at], place[at + 1]


def _inside(outlines: Shapes, wanted: Ints, lines: _Lines) -> tuple[Ints, Ints, Floats, Floats]:
    """Sites, pieces of road, and from where to where along the piece it runs within the site."""
    road = lines.shapes
    site, piece = lines.roads.query(outlines[wanted], predicate="intersects")
    part, of = shapely.get_parts(shapely.intersection(outlines[wanted[site]], road[piece]), return_index=True)
    long = shapely.length(part) > 0
    part, of = part[long], of[long]
    start = shapely.get_point(road[piece[of]], 0)
    one, other = (
        shapely.distance(start, shapely.get_point(part, 0)),
        shapely.distance(start, shapely.get_point(part, -1)),
    )
    return wanted[site[of]], piece[of], np.minimum(one, other), np.maximum(one, other)


def _ended(outlines: Shapes, wanted: Ints, lines: _Lines, reach: float) -> set[tuple[int, str]]:
    """Sites that lie before the end of a road, or at the outside of its bend, and its name: no part of it is square to them.

    From such an end or bend a fan of rays goes to where no piece of the road leads; what each meets first lies before it.
    """
    if not len(wanted):
        return set()
    spot, at = lines.ends
    _, near = shapely.STRtree(shapely.points(spot)).query(outlines[wanted], predicate="dwithin", distance=reach)
    near = np.unique(near)
    corner = shapely.points(spot[near])
    here, met = lines.barriers.query(corner, predicate="dwithin", distance=0.002)
    order = np.lexsort((met, here))
    here, met = here[order], met[order]
    road = met < len(lines.road)
    at_end = np.zeros(len(met), dtype=bool)
    at_end[road] = (at[met[road]] == near[here[road], None]).any(axis=1)
    crossed = np.zeros(len(near), dtype=bool)
    crossed[here[~at_end]] = True  # it ends upon another line, which lies between
    here, met = here[at_end], met[at_end]
    along = lines.road[met, 2:] - lines.road[met, :2]
    away = np.where(at[met, :1] == near[here, None], along, -along)
    turn = np.arctan2(away[:, 1], away[:, 0])
    first = np.full(len(near), -1)
    first[here[::-1]] = np.arange(len(here))[::-1]
    angle = turn[first][:, None] + _FAN[None, :]
    free = np.repeat(~crossed[:, None], len(_FAN), axis=1)
    leads = np.cos(angle[here] - turn[:, None]) > _SQUARE
    np.logical_and.at(free, here, ~leads)
    row, ray = np.nonzero(free)
    start = spot[near[row]]
    tip = start + reach * np.column_stack([np.cos(angle[row, ray]), np.sin(angle[row, ray])])
    rays = _as_lines(np.hstack([start, tip]))
    return _first_met(outlines, set(wanted.tolist()), rays, [lines.names[i] for i in met[first[row]].tolist()], lines)


def _first_met(
    outlines: Shapes, wanted: set[int], rays: Shapes, names: list[str], lines: _Lines
) -> set[tuple[int, str]]:
    """The wanted sites that are the first thing on a ray, each with the ray's name."""
    start = shapely.get_point(rays, 0)
    ray, site = shapely.STRtree(outlines).query(rays, predicate="intersects")
    held = shapely.intersection(rays[ray], outlines[site])
    deep = shapely.length(held) > TOUCH_TOLERANCE_M
    ray, site, held = ray[deep], site[deep], held[deep]
    distance = shapely.distance(start[ray], held)
    other, line = lines.barriers.query(rays, predicate="intersects")
    across = shapely.distance(start[other], shapely.intersection(rays[other], lines.shapes[line]))
    other, across = other[across > 0.01], across[across > 0.01]
    nearest = np.full(len(rays), np.inf)
    np.minimum.at(nearest, ray, distance)
    np.minimum.at(nearest, other, across)
    first = distance <= nearest[ray] + TOUCH_TOLERANCE_M
    return {(one, names[r]) for one, r in zip(site[first].tolist(), ray[first].tolist(), strict=True) if one in wanted}

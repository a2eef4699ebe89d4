"""Whether all that a building holds could find room elsewhere: without that nothing about the building turns to cash.

A service could go where its needs, kind by kind and at its own hours, are within the room that is stated, now or after works. Room that
nobody has surveyed is not known; it is neither room nor none. Fitness beyond room (security, leases, response times) is not looked at here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.spatial
import shapely

from assetplan.space.buildings import SCHOOL, leaf_services
from assetplan.space.standards import as_nia
from assetplan.vocabulary import HOURS, PLACES_FOR, SPACES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from assetplan.estate import Estate
    from assetplan.space.standards import Factor

NOW, AFTER, NEW, UNKNOWN_FIT, NOWHERE, STAYS, NOTHING = (
    "now", "after works", "new building", "not known", "no", "stays", "nothing to move",
)  # fmt: skip
"""Whether what is in a building could go elsewhere, the answers of `could_close`."""

_ALL_BUT = 0.9  # services with this share of a building's staff are taken to be all it holds
ROOM = (*SPACES, *PLACES_FOR)
_NEEDS = (*(f"{space}_m2" for space in SPACES), "peak_desks", "counters", "vehicle_bays", "parking_spaces")
CLOSING_COLUMNS = ("fit", "because", "need_m2_low", "need_m2_high", "need_desks")


@dataclass(frozen=True, eq=False)
class _Room:
    """What hosts state, by host, kind of room and hour: the most and the least there may be now and after works (NaN: not known)."""

    hosts: list[str]
    now: NDArray[np.float64]
    now_low: NDArray[np.float64]
    after: NDArray[np.float64]
    after_low: NDArray[np.float64]
    places: NDArray[np.float64]
    stands: NDArray[np.bool_]


def could_close(
    estate: Estate,
    buildings: pd.DataFrame,
    factors: Mapping[str, Factor],
    *,
    within_m: float = 5_000.0,
    progress: Callable[[str, float], None] | None = None,
) -> pd.DataFrame:
    """For each building, whether all its services could find room elsewhere.

    Parameters
    ----------
    estate
        The estate, for any reader.
    buildings
        The frame of `assetplan.space.buildings.buildings_of`.
    factors
        The assumptions that turn one measure of floor area into another.
    within_m
        How far off in a straight line a host may be, in metres.
    progress
        Called now and then with a word and the share that is done, from 0 to 1.

    Returns
    -------
    pandas.DataFrame
        Indexed as `buildings`. ``fit`` is ``now``, ``after works``, ``new building`` (room is stated only on land where nothing stands
        yet, which would have a running cost of its own), ``not known``, ``no``, ``stays`` (its services do not move, or its premises are
        a school's) or ``nothing to move`` (vacant or surplus, nobody and nothing there). ``because`` says why in words.
        ``need_m2_low``, ``need_m2_high`` and ``need_desks`` are what its services need, NaN where a service does not say.

    Notes
    -----
    ``now`` and ``after works`` are shown by putting every service somewhere at once, within the smallest the room and the largest the need
    can be. ``no`` is shown by a service that no host can hold, or by all hosts together having too little. Between the two it is not known.
    """
    room = _room(estate, factors)
    services: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for service in leaf_services(estate.services):
        if service["asset_id"] is not None:
            services[str(service["asset_id"])].append(service)
    points = _points(estate, [*map(str, buildings.index)])
    tree = scipy.spatial.KDTree(room.places[np.isfinite(room.places[:, 0])]) if len(room.hosts) else None
    placed = np.flatnonzero(np.isfinite(room.places[:, 0]))
    unplaced = np.flatnonzero(~np.isfinite(room.places[:, 0]))
    number = {host: i for i, host in enumerate(room.hosts)}
    rows = []
    columns = ("kind", "status", "fte")
    for count, (key, at, (kind, status, fte)) in enumerate(
        zip(map(str, buildings.index), points, zip(*(buildings[name] for name in columns), strict=True), strict=True), 1
    ):
        if progress is not None and (count % 250 == 0 or count == len(buildings)):
            progress("buildings compared", count / len(buildings))
        inside = services.get(key, [])
        need = [_need(service, factors) for service in inside]
        total = _total(need)
        if kind == SCHOOL:
            rows.append((STAYS, "a school's premises: what it saves stays with the school", *total))
            continue
        if any(service["fixed"] is True for service in inside):
            rows.append((STAYS, "it holds a service that stays where it is", *total))
            continue
        if not inside:
            empty = status in {"vacant", "surplus"} and not fte > 0
            rows.append(
                (NOTHING, f"it is {status}, and nothing here is based there", *total)
                if empty
                else (UNKNOWN_FIT, "nothing here says which services are there", *total)
            )
            continue
        if (here := _accounted(inside, fte)) is not None:
            rows.append((UNKNOWN_FIT, here, *(np.nan,) * 3))
            continue
        if not room.hosts:
            rows.append((UNKNOWN_FIT, "nothing here says what room there is elsewhere", *total))
            continue
        near = _near(at, tree, placed, unplaced, within_m, len(room.hosts))
        near = near[near != number.get(key, -1)]
        rows.append((*_anywhere(inside, need, room, near, within_m), *total))
    return pd.DataFrame(rows, index=buildings.index, columns=list(CLOSING_COLUMNS))


def _accounted(services: list[dict[str, Any]], fte: float) -> str | None:
    """Why the services named in a building are not all that it holds, going by staff; None where they may be."""
    staff = [service["fte"] for service in services if service["fte"] is not None]
    if np.isnan(fte) or len(staff) < len(services) or sum(staff) >= _ALL_BUT * fte:
        return None
    return f"the services named here have {sum(staff):g} of its {fte:g} FTE; what else it holds is not said"


def _anywhere(
    services: list[dict[str, Any]],
    need: list[tuple[NDArray[np.float64], NDArray[np.float64]] | None],
    room: _Room,
    near: NDArray[np.int64],
    within_m: float,
) -> tuple[str, str]:
    """Whether services find room in buildings that stand, else in those that might be built."""
    fit, why = _fits(services, need, room, near[room.stands[near]], within_m)
    if fit in {UNKNOWN_FIT, NOWHERE} and not room.stands[near].all():
        other, said = _fits(services, need, room, near, within_m)
        if other in {NOW, AFTER} and fit == UNKNOWN_FIT:
            why += "; a building yet to be built is said to have the room, at a running cost of its own"
        elif other in {NOW, AFTER}:
            fit, why = (
                NEW,
                "only a building that does not stand yet has the room; it would have a running cost of its own",
            )
        elif fit == NOWHERE:
            fit, why = other, said
    if any(service["response"] for service in services):
        why += "; whether response times allow it is for the authority, whatever the room"
    return fit, why


def _near(
    at: NDArray[np.float64],
    tree: Any,
    placed: NDArray[np.int64],
    unplaced: NDArray[np.int64],
    within_m: float,
    hosts: int,
) -> NDArray[np.int64]:
    """Hosts within reach of a place; where one of the two is not placed nothing rules it out."""
    if not np.isfinite(at[0]):
        return np.arange(hosts)
    found = (
        np.asarray(tree.query_ball_point(at, within_m), dtype=np.int64) if len(placed) else np.zeros(0, dtype=np.int64)
    )
    return np.sort(np.concatenate([placed[found], unplaced]))


def _fits(
    services: list[dict[str, Any]],
    need: list[tuple[NDArray[np.float64], NDArray[np.float64]] | None],
    room: _Room,
    near: NDArray[np.int64],
    within_m: float,
) -> tuple[str, str]:
    if not len(near):
        return NOWHERE, f"no other building within {within_m / 1000:g} km states any room"
    worst, why = NOW, ""
    order = (NOW, AFTER, UNKNOWN_FIT, NOWHERE)
    for service, wanted in zip(services, need, strict=True):
        if wanted is None:
            found, said = UNKNOWN_FIT, f"{service['name']} does not say what space it needs"
        else:
            found, said = _one_fits(service, *wanted, room, near)
        if order.index(found) > order.index(worst):
            worst, why = found, said
    known = [(_hours(service), *wanted) for service, wanted in zip(services, need, strict=True) if wanted is not None]
    if worst == NOW and _packed(known, room.now_low[near]):
        return NOW, "room is stated for each of its services"
    if worst in {NOW, AFTER} and _packed(known, np.fmax(room.now_low, room.after_low)[near]):
        return AFTER, "room is stated for each of its services, after works"
    if worst != NOWHERE and (short := _too_little(known, room, near)):
        return (
            NOWHERE,
            f"there is too little within reach for its services together, works included, of {_listed([short])}",
        )
    if worst in {NOW, AFTER}:
        return UNKNOWN_FIT, "each of its services finds room alone; whether all do together is not shown"
    return worst, why


_Wanted = tuple[list[int], "NDArray[np.float64]", "NDArray[np.float64]"]


def _packed(services: list[_Wanted], free: NDArray[np.float64]) -> bool:
    """Whether all services go into the room at once, the largest first and each where it leaves least: enough to show that they fit."""
    left = np.nan_to_num(free, nan=0.0)
    for hours, _, high in sorted(services, key=lambda one: (-float(one[2].sum()), tuple(one[2]))):
        kinds = np.flatnonzero(high > 0)
        room = left[:, kinds][:, :, hours]
        fits = (room >= high[kinds][None, :, None] - 1e-9).all(axis=(1, 2))
        if not fits.any():
            return False
        host = int(np.argmin(np.where(fits, room.sum(axis=(1, 2)), np.inf)))
        for hour in hours:
            left[host, kinds, hour] -= high[kinds]
    return True


def _too_little(services: list[_Wanted], room: _Room, near: NDArray[np.int64]) -> str:
    """The kind of room of which all hosts together, works included, have less than all services want; nothing where that is not sure."""
    wanted = np.zeros((len(ROOM), len(HOURS)))
    for hours, low, _ in services:
        wanted[:, hours] += low[:, None]
    most = np.nansum(np.fmax(room.now, room.after)[near], axis=0)
    sure = ~np.isnan(room.after[near]).any(axis=0)
    short = np.flatnonzero(((most < wanted - 1e-9) & sure).any(axis=1))
    return ROOM[int(short[0])] if len(short) else ""


def _one_fits(
    service: Mapping[str, Any],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    room: _Room,
    near: NDArray[np.int64],
) -> tuple[str, str]:
    """Whether one service finds a host, and what is in the way at the host that comes nearest to it."""
    kinds = np.flatnonzero(high > 0)
    hours = np.array(_hours(service), dtype=np.int64)
    if not len(kinds):
        return UNKNOWN_FIT, f"{service['name']} does not say what space it needs"
    grid = np.ix_(near, kinds, hours)
    wanted_low, wanted_high = low[kinds][None, :, None], high[kinds][None, :, None]
    sure_now = room.now_low[grid] >= wanted_high - 1e-9
    # After works there is at least what there is now; a figure nobody has given might be anything.
    later = np.asarray(np.fmax(room.after[grid], room.now[grid]))
    may_later = np.asarray(later >= wanted_low - 1e-9)
    open_ = np.isnan(room.after[grid]) & ~may_later
    if sure_now.all(axis=(1, 2)).any():
        return NOW, ""
    if may_later.all(axis=(1, 2)).any():
        certain = (room.after_low[grid] >= wanted_high - 1e-9) | sure_now
        return (AFTER, "") if certain.all(axis=(1, 2)).any() else (
            UNKNOWN_FIT, f"whether {service['name']} fits depends on how areas were measured",
        )  # fmt: skip
    possible = (may_later | open_).all(axis=(1, 2))
    met = np.asarray(may_later.all(axis=2))
    if possible.any():
        # Of hosts that are not ruled out, the one that states most of what is wanted; by identifier where several do.
        best = int(np.argmax(np.where(possible, met.sum(axis=1), -1)))
        lacking = [ROOM[k] for k, good in zip(kinds, met[best], strict=True) if not good]
        return (
            UNKNOWN_FIT,
            f"{service['name']}: nobody has said whether there is enough within reach, works included, of {_listed(lacking)}",
        )
    best = int(np.argmax(met.sum(axis=1)))
    lacking = [ROOM[k] for k, good in zip(kinds, met[best], strict=True) if not good]
    return (
        NOWHERE,
        f"{service['name']}: no building within reach has enough, works included, of {_listed(lacking)}",
    )


def _listed(kinds: list[str]) -> str:
    """Kinds of room as people say them: ``office space and desks``."""
    *most, last = [kind if kind in PLACES_FOR else f"{kind} space" for kind in kinds]
    return f"{', '.join(most)} and {last}" if most else last


def _hours(service: Mapping[str, Any]) -> list[int]:
    return [HOURS.index(hour) for hour in service["hours"]] or [HOURS.index("office")]


def _need(
    service: Mapping[str, Any], factors: Mapping[str, Factor]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """The least and the most a service needs of each kind of room; None where it does not say."""
    stated = [service[name] for name in _NEEDS]
    areas = [value for value in stated[: len(SPACES)] if value is not None]
    if not areas and service["area_m2"]:
        return None  # so much space, but of which kind is not said
    if all(value is None for value in stated):
        return None
    raw = np.array([0.0 if value is None else float(value) for value in stated])
    low, high = raw.copy(), raw.copy()
    for k in range(len(SPACES)):
        low[k], high[k] = as_nia(float(raw[k]), service["area_basis"], factors["office_nia_per_gia"])
    return low, high


def _total(need: Iterable[tuple[NDArray[np.float64], NDArray[np.float64]] | None]) -> tuple[float, float, float]:
    known = list(need)
    if not known or any(one is None for one in known):
        return (np.nan, np.nan, np.nan)
    lows, highs = (np.sum([one[end] for one in known if one is not None], axis=0) for end in (0, 1))
    areas, desks = len(SPACES), ROOM.index("desks")
    m2 = (float(lows[:areas].sum()), float(highs[:areas].sum()))
    return (*m2, float(highs[desks]))


def _room(estate: Estate, factors: Mapping[str, Factor]) -> _Room:
    frame = estate.capacity
    known = {*map(str, estate.assets.index), *map(str, estate.land.index)}
    hosts = sorted({str(subject) for subject in frame["subject"]} & known)
    at = {host: i for i, host in enumerate(hosts)}
    shape = (len(hosts), len(ROOM), len(HOURS))
    now, now_low, after, after_low = (np.full(shape, np.nan) for _ in range(4))
    for subject, space, hours, available, works, basis in zip(
        *(frame[name] for name in ("subject", "space", "hours", "available", "after_works", "area_basis")), strict=True
    ):
        if str(subject) not in at:
            continue
        k = ROOM.index(space)
        for hour in [HOURS.index(word) for word in hours] or range(len(HOURS)):
            place = (at[str(subject)], k, hour)
            for value, least, most in ((available, now_low, now), (works, after_low, after)):
                if value is None:
                    continue
                ends = (
                    as_nia(float(value), basis, factors["office_nia_per_gia"])
                    if k < len(SPACES)
                    else (float(value),) * 2
                )
                most[place] = np.fmax(most[place], ends[1])
                least[place] = np.fmax(least[place], ends[0])
    assets = set(map(str, estate.assets.index))
    stands = np.array([host in assets for host in hosts], dtype=bool)
    return _Room(hosts, now, now_low, after, after_low, _points(estate, hosts), stands)


def _points(estate: Estate, keys: list[str]) -> NDArray[np.float64]:
    """A point in each asset or parcel, in metres (EPSG:27700); NaN where it is not placed."""
    shapes = {**dict(zip(map(str, estate.land.index), estate.land.geometry, strict=True)),
              **dict(zip(map(str, estate.assets.index), estate.assets.geometry, strict=True))}  # fmt: skip
    found = np.array([shapes.get(key) for key in keys], dtype=object)
    points = shapely.point_on_surface(found) if len(found) else found
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)]) if len(found) else np.zeros((0, 2))

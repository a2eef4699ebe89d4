"""Whether all that a building holds could find room elsewhere: without that nothing about the building turns to cash.

Room is what `assetplan.space.room` makes of what is stated, for all the services that would share a host at once. Room that nobody has
surveyed is not known; it is neither room nor none. Fitness beyond room (security, leases, response times) is not looked at here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.spatial
import shapely

from assetplan.space import room as of_room
from assetplan.space.buildings import SCHOOL, leaf_services
from assetplan.space.needs import KIND_NOT_STATED, KINDS, SPACE_NOT_STATED, Need, needs_of
from assetplan.space.room import Rooms, factor_of
from assetplan.space.standards import as_nia
from assetplan.vocabulary import HOURS, PLACES_FOR, ROOM, SPACES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from assetplan.estate import Estate
    from assetplan.space.standards import Factor

NOW, AFTER, NEW, UNKNOWN_FIT, NOWHERE, STAYS, NOTHING = (
    "now", "after works", "new building", "not known", "no", "stays", "nothing to move",
)  # fmt: skip
"""Whether what is in a building could go elsewhere, the answers of `could_close`."""

_ALL_BUT = 0.9  # services with this share of a building's staff are taken to be all it holds
_NOW, _AFTER, _NOT_KNOWN, _TOO_LITTLE = (
    ROOM.index(answer) for answer in (of_room.NOW, of_room.AFTER_WORKS, of_room.NOT_KNOWN, of_room.TOO_LITTLE)
)
CLOSING_COLUMNS = ("fit", "because", "need_m2_low", "need_m2_high", "need_desks")


@dataclass(frozen=True, eq=False)
class _Hosts:
    """Hosts in order of identifier, with the room they state, where they are and whether a building stands there."""

    ids: list[str]
    rooms: Rooms
    places: NDArray[np.float64]
    stands: NDArray[np.bool_]


@dataclass(frozen=True)
class _Moving:
    """A service that would have to find room, with what it needs."""

    name: str
    needs: tuple[Need, ...]

    @property
    def says(self) -> bool:
        """Whether it says what it needs, and that is something."""
        return bool(self.needs) and all(need.kind not in {SPACE_NOT_STATED, KIND_NOT_STATED} for need in self.needs)


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
        ``need_m2_low``, ``need_m2_high`` (net) and ``need_desks`` are what its services need, NaN where a service does not say.

    Notes
    -----
    ``now`` and ``after works`` are shown by putting every service somewhere at once, within the smallest the room and the largest the need
    can be. ``no`` is shown by a service that no host can hold, or by all hosts together having too little. Between the two it is not known.
    """
    hosts = _hosts(estate, factors)
    services: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for service in leaf_services(estate.services):
        if service["asset_id"] is not None:
            services[str(service["asset_id"])].append(service)
    points = _points(estate, [*map(str, buildings.index)])
    tree = scipy.spatial.KDTree(hosts.places[np.isfinite(hosts.places[:, 0])]) if len(hosts.ids) else None
    placed = np.flatnonzero(np.isfinite(hosts.places[:, 0]))
    unplaced = np.flatnonzero(~np.isfinite(hosts.places[:, 0]))
    number = {host: i for i, host in enumerate(hosts.ids)}
    rows = []
    columns = ("kind", "status", "fte")
    for count, (key, at, (kind, status, fte)) in enumerate(
        zip(map(str, buildings.index), points, zip(*(buildings[name] for name in columns), strict=True), strict=True), 1
    ):
        if progress is not None and (count % 250 == 0 or count == len(buildings)):
            progress("buildings compared", count / len(buildings))
        inside = services.get(key, [])
        moving = [_Moving(str(service["name"]), tuple(needs_of(service))) for service in inside]
        total = _total(moving, factors)
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
        if not hosts.ids:
            rows.append((UNKNOWN_FIT, "nothing here says what room there is elsewhere", *total))
            continue
        near = _near(at, tree, placed, unplaced, within_m, len(hosts.ids))
        near = near[near != number.get(key, -1)]
        fit, why = _anywhere(moving, hosts, near, within_m)
        if any(service["response"] for service in inside):
            why += "; whether response times allow it is for the authority, whatever the room"
        rows.append((fit, why, *total))
    return pd.DataFrame(rows, index=buildings.index, columns=list(CLOSING_COLUMNS))


def _accounted(services: list[dict[str, Any]], fte: float) -> str | None:
    """Why the services named in a building are not all that it holds, going by staff; None where they may be."""
    staff = [service["fte"] for service in services if service["fte"] is not None]
    if np.isnan(fte) or len(staff) < len(services) or sum(staff) >= _ALL_BUT * fte:
        return None
    return f"the services named here have {sum(staff):g} of its {fte:g} FTE; what else it holds is not said"


def _anywhere(moving: list[_Moving], hosts: _Hosts, near: NDArray[np.int64], within_m: float) -> tuple[str, str]:
    """Whether services find room in buildings that stand, else in those that might be built."""
    fit, why = _fits(moving, hosts, near[hosts.stands[near]], within_m)
    if fit in {UNKNOWN_FIT, NOWHERE} and not hosts.stands[near].all():
        other, said = _fits(moving, hosts, near, within_m)
        if other in {NOW, AFTER} and fit == UNKNOWN_FIT:
            why += "; a building yet to be built is said to have the room, at a running cost of its own"
        elif other in {NOW, AFTER}:
            fit, why = (
                NEW,
                "only a building that does not stand yet has the room; it would have a running cost of its own",
            )
        elif fit == NOWHERE:
            fit, why = other, said
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


def _fits(moving: list[_Moving], hosts: _Hosts, near: NDArray[np.int64], within_m: float) -> tuple[str, str]:
    if not len(near):
        return NOWHERE, f"no other building within {within_m / 1000:g} km states any room"
    worst, why = NOW, ""
    order = (NOW, AFTER, UNKNOWN_FIT, NOWHERE)
    for one in moving:
        found, said = _one_fits(one, hosts.rooms, near)
        if order.index(found) > order.index(worst):
            worst, why = found, said
    needs = [list(one.needs) for one in moving]
    if worst == NOW and packed(needs, hosts.rooms, near, _NOW):
        return NOW, "room is stated for each of its services"
    if worst in {NOW, AFTER} and packed(needs, hosts.rooms, near, _AFTER):
        return AFTER, "room is stated for each of its services, after works"
    if worst != NOWHERE and (short := too_little(needs, hosts.rooms, near)):
        return (
            NOWHERE,
            f"there is too little within reach for its services together, works included, of {_listed([short])}",
        )
    if worst in {NOW, AFTER}:
        return UNKNOWN_FIT, "each of its services finds room alone; whether all do together is not shown"
    return worst, why


def packed(services: list[list[Need]], rooms: Rooms, near: NDArray[np.int64], at_worst: int) -> bool:
    """Whether all services go into hosts at once, the largest first and each where it leaves least: enough to show that they fit.

    Parameters
    ----------
    services
        What each of them needs.
    rooms
        What hosts state.
    near
        Positions of the hosts within reach.
    at_worst
        The worst answer, as a place in `assetplan.vocabulary.ROOM`, with which a host still has room.
    """
    placed: dict[int, list[Need]] = defaultdict(list)
    end = 0 if at_worst == _NOW else 2
    for needs in sorted(services, key=lambda some: (-sum(need.amount or 0.0 for need in some), str(some))):
        fits = rooms.together(needs, near) <= at_worst
        for host, there in placed.items():
            fits[near == host] = rooms.together([*there, *needs], np.array([host]))[0] <= at_worst
        if not fits.any():
            return False
        kinds = sorted({KINDS.index(need.kind) for need in needs})
        left = rooms.offer(0, "NIA")[end][kinds][:, near].sum(axis=0)
        for host, there in placed.items():
            left[near == host] -= sum(need.amount or 0.0 for need in there if KINDS.index(need.kind) in kinds)
        placed[int(near[int(np.argmin(np.where(fits, left, np.inf)))])] += needs
    return True


def too_little(services: list[list[Need]], rooms: Rooms, near: NDArray[np.int64]) -> str:
    """The kind of room of which all hosts together, works included, have less than all services want; nothing where that is not sure."""
    wanted: dict[tuple[int, str], float] = defaultdict(float)
    for needs in services:
        for need in needs:
            for hour in need.hours if need.kind in KINDS else ():
                wanted[KINDS.index(need.kind), hour] += _net(need, rooms.factors)[0]
    for (kind, hour), amount in sorted(wanted.items(), key=lambda one: (one[0][0], HOURS.index(one[0][1]))):
        if rooms.offer(1 << HOURS.index(hour), "NIA")[3][kind, near].sum() < amount - 1e-9:
            return KINDS[kind]
    return ""


def _one_fits(service: _Moving, rooms: Rooms, near: NDArray[np.int64]) -> tuple[str, str]:
    """Whether one service finds a host, and what is in the way at the host that comes nearest to it."""
    if not service.says:
        return UNKNOWN_FIT, f"{service.name} does not say what space it needs"
    answers = rooms.together(service.needs, near)
    if answers.min() <= _AFTER:
        return (NOW if answers.min() == _NOW else AFTER), ""
    if any(need.amount is None for need in service.needs):
        unsaid = [need.kind for need in service.needs if need.amount is None]
        return UNKNOWN_FIT, f"{service.name} does not say how much it needs of {_listed(unsaid)}"
    by_kind = {need.kind: rooms.together([need], near) for need in service.needs}
    met = sum((kind <= _AFTER).astype(int) for kind in by_kind.values())
    possible = answers < _TOO_LITTLE
    # Of hosts that are not ruled out, the one that states most of what is wanted; by identifier where several do.
    best = int(np.argmax(np.where(possible, met, -1) if possible.any() else met))
    lacking = [kind for kind, codes in by_kind.items() if codes[best] > _AFTER]
    if not possible.any():
        return NOWHERE, f"{service.name}: no building within reach has enough, works included, of {_listed(lacking)}"
    return (
        UNKNOWN_FIT,
        f"{service.name}: nobody has said whether there is enough within reach, works included, of {_listed(lacking)}",
    )


def _listed(kinds: list[str]) -> str:
    """Kinds of room as people say them: ``office space and desks``."""
    *most, last = [kind if kind in PLACES_FOR else f"{kind} space" for kind in kinds]
    return f"{', '.join(most)} and {last}" if most else last


def _net(need: Need, factors: Mapping[str, Factor]) -> tuple[float, float]:
    """A need as net internal area, or as places, least and most."""
    amount, factor = need.amount or 0.0, factor_of(need.kind, factors)
    return (amount, amount) if factor is None else as_nia(amount, need.basis, factor)


def _total(services: list[_Moving], factors: Mapping[str, Factor]) -> tuple[float, float, float]:
    """Net area, least and most, and desks that services need in all; NaN where one does not say."""
    needs = [need for service in services for need in service.needs]
    if not services or not all(service.says for service in services):
        return (np.nan, np.nan, np.nan)
    areas = [_net(need, factors) for need in needs if need.kind in SPACES]
    desks = sum(np.nan if need.amount is None else need.amount for need in needs if need.kind == "desks")
    return sum(low for low, _ in areas), sum(high for _, high in areas), float(desks)


def _hosts(estate: Estate, factors: Mapping[str, Factor]) -> _Hosts:
    assets = set(map(str, estate.assets.index))
    ids = sorted({str(subject) for subject in estate.capacity["subject"]} & {*assets, *map(str, estate.land.index)})
    rooms = Rooms(estate.capacity, {host: i for i, host in enumerate(ids)}, factors=factors)
    stands = np.array([host in assets for host in ids], dtype=bool)
    return _Hosts(ids, rooms, _points(estate, ids), stands)


def _points(estate: Estate, keys: list[str]) -> NDArray[np.float64]:
    """A point in each asset or parcel, in metres (EPSG:27700); NaN where it is not placed."""
    shapes = {**dict(zip(map(str, estate.land.index), estate.land.geometry, strict=True)),
              **dict(zip(map(str, estate.assets.index), estate.assets.geometry, strict=True))}  # fmt: skip
    found = np.array([shapes.get(key) for key in keys], dtype=object)
    points = shapely.point_on_surface(found) if len(found) else found
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)]) if len(found) else np.zeros((0, 2))

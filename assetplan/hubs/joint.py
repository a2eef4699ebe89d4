"""Room for several services in one host at once: what they want at the same hour adds up, kind by kind.

What is stated, and what is not known, is taken as `assetplan.space.room` takes it. A service of which nobody says when it uses its space may
want it at any hour. All that is wanted indoors cannot be more than the building has floor.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.hosts.rooms import CODES, hours_in_words
from assetplan.hosts.verdicts import AFTER_WORKS, BLOCKED, FITS, SHORT_NOW, UNKNOWN, sources
from assetplan.space.needs import INDOORS, KINDS, mask_of, need_of, wanted_of
from assetplan.space.room import Rooms, factor_of, in_range
from assetplan.space.standards import published_factors
from assetplan.tables import records
from assetplan.text import number
from assetplan.vocabulary import HOURS, SPACES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.estate import Estate
    from assetplan.hosts.hosting import Hosts
    from assetplan.space.needs import Need

    Floats = NDArray[np.float64]

_COLUMNS = tuple(column for column, _ in wanted_of(KINDS))
_INDOORS = np.array([kind in INDOORS for kind in KINDS])
FLOOR = "floor"
"""The kind of room that is the floor of a whole building."""


@dataclass(frozen=True)
class Shared:
    """What one kind of room comes to for several services together: a number of `assetplan.hosts.verdicts`, and words."""

    kind: str
    code: int
    says: str
    source: str
    illustrative: bool
    works_gbp: float | None = None


class JointRoom:
    """Room of the hosts of an estate for several services at once."""

    def __init__(self, estate: Estate, hosts: Hosts) -> None:
        self._at, self._unbuilt = hosts.at, frozenset(np.flatnonzero(hosts.unbuilt).tolist())
        self._rooms = Rooms(estate.capacity, hosts.at)
        # Kinds by hosts by hours: least and most now, least and most after works; all as net areas.
        ends = [self._rooms.offer(1 << hour, "NIA") for hour in range(len(HOURS))]
        self._offer = tuple(np.stack([at_hour[end] for at_hour in ends], axis=-1) for end in range(4))
        self._by_host = [tuple(end[:, at] for end in self._offer) for at in range(len(hosts.ids))]
        self._floor = _floors(hosts)
        self._wants: dict[str, tuple[Floats, Floats, Mapping[str, Any]]] = {
            str(row["service_id"]): (*_wanted(row), row) for row in records(estate.services)
        }
        self._inside = {key: _inside(least, row) for key, (least, _, row) in self._wants.items()}
        # Those that want floor of a kind they do not state.
        self._unsaid = {
            key: row["area_m2"] is not None and bool(row["area_m2"] > least[_INDOORS].max(axis=-1).sum())
            for key, (least, _, row) in self._wants.items()
        }
        here: dict[str, list[str]] = defaultdict(list)
        for row in records(estate.services):
            above, asset = row["part_of"], row["asset_id"]
            if asset is not None and (above is None or self._wants[str(above)][2]["asset_id"] != asset):
                here[str(asset)].append(str(row["service_id"]))
        self._there = {
            hosts.at[asset]: np.sum([self._inside[key] for key in keys], axis=0)
            for asset, keys in here.items()
            if asset in hosts.at
        }

    def refused(self, services: Sequence[str], host: str) -> bool:
        """Whether they surely cannot be there together, whatever works are done: quickly, and of what `told` finds too little not all."""
        at = self._at[host]
        least, most = self._together(services)
        now, now_most, after, after_most = self._by_host[at]
        if ((now_most < least) & (after_most < least)).any():
            return True
        stated = bool(((now >= most) | (after >= most)).all())
        return (not stated or any(self._unsaid[key] for key in services)) and self._over(services, at) > 0

    def unsaid(self, services: Sequence[str]) -> bool:
        """Whether any of them wants floor of a kind it does not state."""
        return any(self._unsaid[key] for key in services)

    def told(self, services: Sequence[str], host: str) -> list[Shared]:
        """Each kind of room that the services want, with what they want together and what the host offers."""
        at = self._at[host]
        rows = [self._wants[key][2] for key in services]
        by_kind = ((kind, [(row, need_of(row, kind)) for row in rows]) for kind in KINDS)
        out = [
            self._one(kind, [(row, need) for row, need in wants if need is not None], at, len(rows))
            for kind, wants in by_kind
            if any(need is not None for _, need in wants)
        ]
        # Room that is stated goes before sums.
        short = self.unsaid(services) or any(one.code > AFTER_WORKS for one in out)
        if short and (over := self._over(services, at)) > 0:
            says = f"With what is there already they want {number(round(over))} m2 more than the whole building has as it stands."
            out.append(Shared(FLOOR, BLOCKED, says, sources(rows), any(row["illustrative"] is True for row in rows)))
        return out

    def _together(self, services: Sequence[str]) -> tuple[Floats, Floats]:
        least, most = self._wants[services[0]][:2]
        for key in services[1:]:
            more = self._wants[key]
            least, most = least + more[0], most + more[1]
        return least, most

    def _over(self, services: Sequence[str], at: int) -> float:
        """By how much what is wanted indoors, with what is there, is surely more than the floor of the building (m2)."""
        floor = self._floor[at]
        if np.isnan(floor):
            return 0.0
        wanted = np.sum([self._inside[key] for key in services], axis=0)
        return float(max((wanted + self._there.get(at, 0.0) - floor).max(initial=0.0), 0.0))

    def _one(self, kind: str, wants: Sequence[tuple[Mapping[str, Any], Need]], at: int, guests: int) -> Shared:
        said = self._rooms.said.get((at, kind), [])
        rows = [row for row, _ in wants]
        told = sources([*rows, *said])
        source = "; ".join(dict.fromkeys(told.split("; ")))  # rows said twice have their sources joined already
        marked = any(row["illustrative"] is True for row in (*rows, *said))
        works = max((row["works_gbp"] for row in said if row["works_gbp"] is not None), default=None)
        found = self._rooms.standing(kind, [need for _, need in wants], at)
        code = CODES[found.room]
        if unsaid := [str(row["name"]) for row, need in wants if need.amount is None]:
            says = f"Nothing says how many {kind} {', '.join(unsaid)} {'wants' if len(unsaid) == 1 else 'want'}."
            return Shared(kind, max(code, UNKNOWN), says, source, marked, works)
        once = "once something is built" if at in self._unbuilt else "after works"
        unknown = "nothing says what there is room for" if not said else "whether there is room for that is not known"
        now = f"{in_range((found.now[0], found.now[0]))} free now"
        ends = {
            FITS: now,
            AFTER_WORKS: f"{now}, {in_range((found.after[0], found.after[0]))} {once}",
            SHORT_NOW: f"{now}, {in_range(found.short_now)} too little; what works would add is not known",
            BLOCKED: f"{now}, and {in_range(found.short_after)} too little even {once}",
        }
        who = "Together they want" if guests > 1 else "It wants"
        want = f"{_amount(kind, found.need)} {hours_in_words(found.hours)}"
        return Shared(kind, code, f"{who} {want}: {ends.get(code, unknown)}.", source, marked, works)


def room_of(estate: Estate, hosts: Hosts) -> Callable[[Estate, str, Sequence[str]], list[str]]:
    """What `assetplan.check_scenario` asks about room: called with an estate, a host and the services in it, it says what is too little for them.

    Only those that come in are looked at, together, and only where they are several: one is judged by itself. Places that are no hosts have
    nothing said of them.
    """
    joint = JointRoom(estate, hosts)
    home = {str(row["service_id"]): str(row["asset_id"] or "") for row in records(estate.services)}

    def says(_: Estate, host: str, services: Sequence[str]) -> list[str]:
        guests = [key for key in services if home.get(key) != host]
        if host not in hosts.at or len(guests) < 2:
            return []
        return [f"{', '.join(guests)}: {one.says}" for one in joint.told(guests, host) if one.code == BLOCKED]

    return says


def _amount(kind: str, ends: tuple[float, float]) -> str:
    if kind in SPACES:
        return f"{in_range(ends)} m2 of {kind} space"
    return f"{in_range(ends)} {kind.removesuffix('s') if ends == (1, 1) else kind}"


@cache
def _net_of_gross() -> tuple[Floats, Floats]:
    """Net area as a share of gross, least and most, of each kind of room; 1 of what is not measured so."""
    factors = published_factors()
    given = [factor_of(kind, factors) if kind in INDOORS else None for kind in KINDS]
    low = np.array([1.0 if factor is None else factor.low for factor in given])
    high = np.array([1.0 if factor is None else factor.high for factor in given])
    return low, high


def _wanted(row: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """The least and the most that a service wants of each kind at each hour, as net areas; the most is NaN where it does not say."""
    stated = np.array([np.nan if row[column] is None else float(row[column]) for column in _COLUMNS])
    some = bool((~np.isnan(stated)).any()) or row["area_m2"] is not None
    most = np.nan_to_num(stated, nan=0.0)
    if some and np.isnan(stated[KINDS.index("desks")]):
        most[KINDS.index("desks")] = np.nan
    least = np.nan_to_num(most, nan=0.0)
    low, high = _net_of_gross()
    if row["area_basis"] != "NIA":
        least = least * low
    if row["area_basis"] == "GIA":
        most = most * high
    mask = mask_of(row["hours"])
    sure = np.array([bool(mask >> hour & 1) for hour in range(len(HOURS))])
    return least[:, None] * sure, np.where(sure | (mask == 0), most[:, None], 0.0)


def _inside(least: Floats, row: Mapping[str, Any]) -> Floats:
    """The least floor that a service wants indoors at each hour, whether it says of which kind or not."""
    stated = least[_INDOORS].sum(axis=0)
    area = (
        0.0
        if row["area_m2"] is None
        else float(row["area_m2"]) * (1.0 if row["area_basis"] == "NIA" else float(_net_of_gross()[0].min()))
    )
    mask = mask_of(row["hours"])
    sure = np.array([bool(mask >> hour & 1) for hour in range(len(HOURS))])
    return np.asarray(np.maximum(stated, area * sure))


def _floors(hosts: Hosts) -> Floats:
    """The most net floor area that each host can have, in m2; NaN where nothing says, or where nothing stands."""
    out = np.full(len(hosts.ids), np.nan)
    for i, (kind, row) in enumerate(zip(hosts.kinds, hosts.rows, strict=True)):
        if kind == "asset":
            given = [area for area in (row.get("nia_m2"), row.get("gia_m2")) if area is not None and area > 0]
            out[i] = max(given, default=np.nan)
    return out

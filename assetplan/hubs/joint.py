"""Room for several services in one host at once: what they want at the same hour adds up, kind by kind.

What is stated, and what is not known, is taken as `assetplan.hosts.rooms` takes it. A service of which nobody says when it uses its space may
want it at any hour. All that is wanted indoors cannot be more than the building has floor.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.hosts.rooms import NIA_OF_GIA, ROOMS, Rooms, mask_of, wanted_of
from assetplan.hosts.verdicts import AFTER_WORKS, BLOCKED, FITS, SHORT_NOW, UNKNOWN, number, sources
from assetplan.tables import records
from assetplan.vocabulary import HOURS, SPACES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.estate import Estate
    from assetplan.hosts.hosting import Hosts

    Floats = NDArray[np.float64]

_COLUMNS = tuple(column for column, _ in wanted_of(ROOMS))
_INDOORS = np.array([kind in SPACES and kind != "yard" for kind in ROOMS])
_AT_HOURS = {"office": "in office hours", "evening": "in the evening", "weekend": "at the weekend", "night": "at night"}


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
        self._rooms = Rooms(estate.capacity, hosts.at, self._unbuilt)
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
        """Whether they surely cannot be there together, whatever works are done."""
        at = self._at[host]
        least, most = self._together(services)
        now, now_most, after, after_most = self._by_host[at]
        if ((now_most < least) & (after_most < least)).any():
            return True
        stated = bool(((now >= most) | (after >= most)).all())
        return (not stated or any(self._unsaid[key] for key in services)) and self._over(services, at) > 0

    def told(self, services: Sequence[str], host: str) -> list[Shared]:
        """Each kind of room that the services want, with what they want together and what the host offers."""
        least, most = self._together(services)
        at = self._at[host]
        codes = self._codes(services, at)
        rows = [self._wants[key][2] for key in services]
        out = []
        for kind in np.flatnonzero((most.max(axis=-1) > 0) | np.isnan(most).any(axis=-1)).tolist():
            out.append(self._one(kind, int(codes[kind]), least[kind], most[kind], at, rows))
        if len(codes) > len(ROOMS):
            over = self._over(services, at)
            says = f"With what is there already they want {number(round(over))} m2 more than the whole building has as it stands."
            out.append(Shared("floor", BLOCKED, says, sources(rows), any(row["illustrative"] is True for row in rows)))
        return out

    def _together(self, services: Sequence[str]) -> tuple[Floats, Floats]:
        least, most = self._wants[services[0]][:2]
        for key in services[1:]:
            more = self._wants[key]
            least, most = least + more[0], most + more[1]
        return least, most

    def _codes(self, services: Sequence[str], at: int) -> NDArray[np.int8]:
        least, most = self._together(services)
        now, now_most, after, after_most = (end[:, at] for end in self._offer)
        short, never = now_most < least, after_most < least
        rest = np.where(short & never, BLOCKED, np.where(short, SHORT_NOW, UNKNOWN))
        wanted = (most > 0) | np.isnan(most)
        by_hour = np.where(now >= most, FITS, np.where(after >= most, AFTER_WORKS, rest))
        codes = np.where(wanted, by_hour, FITS).max(axis=-1).astype(np.int8)
        unsaid = any(self._unsaid[key] for key in services)
        if (unsaid or codes.max(initial=FITS) > AFTER_WORKS) and self._over(
            services, at
        ) > 0:  # room that is stated goes before sums
            codes = np.append(codes, np.int8(BLOCKED))
        return codes

    def _over(self, services: Sequence[str], at: int) -> float:
        """By how much what is wanted indoors, with what is there, is surely more than the floor of the building (m2)."""
        floor = self._floor[at]
        if np.isnan(floor):
            return 0.0
        wanted = np.sum([self._inside[key] for key in services], axis=0)
        return float(max((wanted + self._there.get(at, 0.0) - floor).max(initial=0.0), 0.0))

    def _one(
        self, kind: int, code: int, least: Floats, most: Floats, at: int, rows: Sequence[Mapping[str, Any]]
    ) -> Shared:
        name = ROOMS[kind]
        said = self._rooms.said.get((at, kind), [])
        unsaid = [str(row["name"]) for row in rows if np.isnan(self._wants[str(row["service_id"])][1][kind]).any()]
        told = sources([*(row for row in rows if row[_COLUMNS[kind]] is not None), *said])
        source = "; ".join(dict.fromkeys(told.split("; ")))  # rows said twice have their sources joined already
        marked = any(row["illustrative"] is True for row in (*rows, *said))
        works = max((row["works_gbp"] for row in said if row["works_gbp"] is not None), default=None)
        if unsaid:
            says = f"Nothing says how many {name} {', '.join(unsaid)} wants."
            return Shared(name, max(code, UNKNOWN), says, source, marked, works)
        short = np.where(np.isfinite(most), most - self._offer[0][kind, at], 0.0)
        hour = int(np.argmax(short))
        now, after = (float(self._offer[end][kind, at, hour]) for end in (0, 2))
        want = f"{_amount(name, float(most[hour]))} {_AT_HOURS[HOURS[hour]]}"
        once = "once something is built" if at in self._unbuilt else "after works"
        lacking = max(float(least[hour]) - now, 0.0)
        who = "Together they want" if len(rows) > 1 else "It wants"
        unknown = "nothing says what there is room for" if not said else "whether there is room for that is not known"
        ends = {
            FITS: f"{number(now)} free now",
            AFTER_WORKS: f"{number(now)} free now, {number(after)} {once}",
            SHORT_NOW: f"{number(now)} free now, {number(round(lacking, 1))} too little; what works would add is not known",
            BLOCKED: f"{number(now)} free now, and {number(round(max(float(least[hour]) - after, 0.0), 1))} too little even {once}",
        }
        return Shared(name, code, f"{who} {want}: {ends.get(code, unknown)}.", source, marked, works)


def _amount(kind: str, amount: float) -> str:
    if kind in SPACES:
        return f"{number(amount)} m2 of {kind} space"
    return f"{number(amount)} {kind.removesuffix('s') if amount == 1 else kind}"


def _wanted(row: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """The least and the most that a service wants of each kind at each hour, as net areas; the most is NaN where it does not say."""
    stated = np.array([np.nan if row[column] is None else float(row[column]) for column in _COLUMNS])
    some = bool((~np.isnan(stated)).any()) or row["area_m2"] is not None
    most = np.nan_to_num(stated, nan=0.0)
    if some and np.isnan(stated[ROOMS.index("desks")]):
        most[ROOMS.index("desks")] = np.nan
    least = np.nan_to_num(most, nan=0.0)
    if row["area_basis"] != "NIA":
        least = np.where(_INDOORS, least * NIA_OF_GIA[0], least)
    if row["area_basis"] == "GIA":
        most = np.where(_INDOORS, most * NIA_OF_GIA[1], most)
    mask = mask_of(row["hours"])
    sure = np.array([bool(mask >> hour & 1) for hour in range(len(HOURS))])
    return least[:, None] * sure, np.where(sure | (mask == 0), most[:, None], 0.0)


def _inside(least: Floats, row: Mapping[str, Any]) -> Floats:
    """The least floor that a service wants indoors at each hour, whether it says of which kind or not."""
    stated = least[_INDOORS].sum(axis=0)
    area = (
        0.0
        if row["area_m2"] is None
        else float(row["area_m2"]) * (1.0 if row["area_basis"] == "NIA" else NIA_OF_GIA[0])
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

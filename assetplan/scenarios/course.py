"""The course of a scenario on an estate: where each service is in which year, what opens when, and what goes.

A year is a financial year and nothing finer: what is to be done within one year may be done in any order that works. Works of so many
months that begin with a year are done in the year into which their last day leads: 12 months from 2011 open in 2012.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from assetplan.scenarios.actions import Acquire, Build, Dispose, Refurbish, Relocate, Share

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.ground import Ground

    Numbered = tuple[int, Action]

_WHOLE = 0.95
"""Parts of this share of a site that go one after another leave nothing of it."""
_ALL_STAFF = 0.05
"""Parts whose full-time equivalents add up to within this of the whole's are all of it."""


def financial_year(day: dt.date) -> int:
    """The financial year of a day, by its start: 1 April to 31 March.

    Examples
    --------
    >>> import datetime as dt
    >>> financial_year(dt.date(2011, 3, 31)), financial_year(dt.date(2011, 4, 1))
    (2010, 2011)
    """
    return day.year - (day.month < 4)


def years_of(months: float | None) -> int:
    """Whole years of a number of months."""
    return int(months or 0) // 12


def done_in(action: Action) -> int:
    """The year in which an action that takes months is done."""
    return action.year + years_of(getattr(action, "months", None))


@dataclass(frozen=True)
class Move:
    """One service that moves: by which action, where from and to, when, and in which year it has left its old place."""

    at: int
    action: Action
    service: str
    origin: str
    to: str
    year: int
    left_in: int
    field: str


@dataclass(frozen=True)
class Works:
    """What has to be done before a place can be used, and the years in which that begins and is done."""

    at: int
    action: Action
    begins: int
    done: int


@dataclass(frozen=True)
class Gone:
    """That a place is disposed of: by which action."""

    at: int
    action: Dispose

    @property
    def year(self) -> int:
        """The financial year of it."""
        return self.action.year


class Course:
    """Where services are, what opens and what goes, year by year.

    Parameters
    ----------
    ground
        The estate, for any reader.
    actions
        Those that name nothing unknown, with their numbers.
    lost
        Services of which an action that is not among them says where they go: nothing is said of where they are.
    """

    def __init__(self, ground: Ground, actions: Iterable[Numbered], lost: Iterable[str] = ()) -> None:
        self.ground = ground
        self.actions = tuple(actions)
        self.lost = frozenset(lost)
        self.built_on = {a.new_asset: a.asset for _, a in self.actions if isinstance(a, Build) and a.new_asset}
        self.works = self._works()
        self.gone = self._gone()
        self.moves = self._moves()
        self._stays: dict[str, list[Move]] = defaultdict(list)
        self._touched: dict[str, set[str]] = defaultdict(set)
        for move in self.moves:
            self._stays[move.service].append(move)
            self._touched[move.origin].add(move.service)
            self._touched[move.to].add(move.service)

    # ------------------------------------------------------------------------------------------- places

    def land_of(self, place: str) -> str:
        """The asset or parcel on which something stands that is built anew; any other place is its own."""
        return self.built_on.get(place, place)

    def called(self, place: str, name: Callable[[str], str]) -> str:
        """What a place is called, by the names of assets and parcels: one that is built anew by what it stands on."""
        land = self.land_of(place)
        return name(place) if land == place else f"the new building at {name(land)}"

    def acquired(self, place: str) -> Works | None:
        """What acquires a place, or another on its site, by purchase or swap; the first where there are several."""
        site = self.ground.site_of.get(self.land_of(place), "")
        found = [
            works
            for name, every in self.works.items()
            for works in every
            if isinstance(works.action, (Acquire, Dispose))
            and (name == self.land_of(place) or (site and self.ground.site_of.get(name) == site))
        ]
        return min(found, key=lambda works: (works.done, works.at), default=None)

    def _works(self) -> Mapping[str, tuple[Works, ...]]:
        out: dict[str, list[Works]] = defaultdict(list)
        for at, action in self.actions:
            if isinstance(action, (Acquire, Refurbish)):
                out[action.asset].append(Works(at, action, action.year, done_in(action)))
            elif isinstance(action, Dispose) and action.swap_for:
                out[action.swap_for].append(Works(at, action, action.year, action.year))
            elif isinstance(action, Build):
                out[action.new_asset or action.asset].append(Works(at, action, action.year, done_in(action)))
        return {place: tuple(sorted(works, key=lambda one: (one.begins, one.at))) for place, works in out.items()}

    def _gone(self) -> Mapping[str, tuple[Gone, ...]]:
        """For each place what disposes of the whole of it, the first first; what is built there later is not gone with it."""
        out: dict[str, list[Gone]] = defaultdict(list)
        for at, action in self.actions:
            if not isinstance(action, Dispose) or action.area_ha is not None:
                continue
            for place in self._goes_with(action.asset):
                again = [
                    w for w in self.works.get(place, ()) if isinstance(w.action, Build) and w.begins >= action.year
                ]
                if not again:
                    out[place].append(Gone(at, action))
        return {place: tuple(sorted(gone, key=lambda one: (one.year, one.at))) for place, gone in out.items()}

    def _goes_with(self, place: str) -> set[str]:
        """What goes with a place: with the only asset of a site its parcels, with its only parcel all that stands there."""
        assets, parcels = self.ground.on_site.get(self.ground.site_of.get(place, ""), ((), ()))
        out = {place}
        if assets == (place,):
            out |= set(parcels)
        elif parcels == (place,):
            out |= set(assets)
        return out | {new for new, land in self.built_on.items() if land in out}

    def last_part(self, place: str) -> Gone | None:
        """What disposes of the last part of an asset of which part after part goes; None while something is left, or its area is not stated."""
        assets = self.ground.estate.assets
        stated = assets.at[place, "site_area_ha"] if place in assets.index else None
        parts = [
            Gone(at, action)
            for at, action in self.actions
            if isinstance(action, Dispose) and action.asset == place and action.area_ha is not None
        ]
        whole = stated is not None and sum(one.action.area_ha or 0.0 for one in parts) >= _WHOLE * float(stated)
        return max(parts, key=lambda one: (one.year, one.at)) if parts and whole else None

    # ------------------------------------------------------------------------------------------- services

    def parts_of(self, service: str) -> tuple[str, ...]:
        """The parts of a service that this reader knows."""
        return tuple(self.ground.parts.get(service, ()))

    def place(self, service: str, year: int) -> str:
        """Where a service is at the end of a year; blank where nothing says."""
        before = [move for move in self._stays.get(service, ()) if move.year <= year]
        return before[-1].to if before else self.ground.home.get(service, "")

    def there(self, place: str, year: int) -> dict[str, bool | None]:
        """The services that are in a place at the end of a year; None where only more than is known here would say."""
        out: dict[str, bool | None] = {}
        for service in sorted({*self.ground.at_home.get(place, ()), *self._touched.get(place, ())}):
            moves = [move for move in self._stays.get(service, ()) if move.year <= year]
            staying = bool(moves) and moves[-1].origin == place and moves[-1].left_in > year
            if service in self.lost or (self.place(service, year) != place and not staying):
                continue
            rest = self._rest(service, place, year)
            if rest is not False:
                out[service] = rest
        return out

    def _rest(self, service: str, place: str, year: int) -> bool | None:
        """Whether anything of a service is in its place beside its parts, which are told by themselves: their staff say."""
        parts = self.parts_of(service)
        whole = self.all_of_it(service) if parts else False
        if whole:
            return False  # its parts are told by themselves
        here = any(self.place(part, year) == place for part in parts)
        return None if whole is None and not here else True

    def all_of_it(self, service: str) -> bool | None:
        """Whether the known parts of a service are all of it."""
        fte = [self.ground.services[name]["fte"] for name in (service, *self.parts_of(service))]
        if any(figure is None or isnan(figure) for figure in fte):
            return None
        return abs(fte[0] - sum(fte[1:])) <= _ALL_STAFF

    def _moves(self) -> tuple[Move, ...]:
        asked: dict[int, list[tuple[int, Action, str, str, str]]] = defaultdict(list)
        for at, action in self.actions:
            if isinstance(action, Relocate):
                asked[action.year].append((at, action, action.service, action.to, "to"))
            elif isinstance(action, Share):
                asked[action.year] += [(at, action, service, action.host, "host") for service in action.services]
        here = dict(self.ground.home)
        out: list[Move] = []
        for year in sorted(asked):
            before = dict(here)
            own = {service for _, _, service, _, _ in asked[year]}
            for at, action, service, to, field in sorted(asked[year], key=lambda one: (one[2], one[3], one[0])):
                along = [part for part in self.parts_of(service) if part not in own and before[part] == before[service]]
                left_in = year + years_of(getattr(action, "double_running_months", None))
                for name in (service, *along):
                    if isinstance(action, Share) and before.get(name) == to:
                        continue  # it is there already, and is given a right to be
                    out.append(Move(at, action, name, before.get(name, ""), to, year, left_in, field))
                    here[name] = to
        return tuple(out)

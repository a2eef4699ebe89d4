"""Emergency cover: how soon the first crew can be at each place, by day and by night, from where crews and on-call people start.

Minutes are turnout, for on-call crews after the way in from home, and the drive from the station to the place. What is not known
stays a range: no less than what is known adds up to, and no end where a part may be anything. A first crew is named only where no crew of which
something is not known could be sooner.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from assetplan.cover.crews import TIMES, crews_of, host_of, is_at, moved_crews
from assetplan.errors import SubjectError
from assetplan.grid import BRITISH_GRID
from assetplan.schema import table
from assetplan.tables import records
from assetplan.text import counted, visible
from assetplan.travelling import travel_of
from assetplan.vocabulary import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.cover.crews import Crew, Host
    from assetplan.estate import Estate
    from assetplan.facilities import Place
    from assetplan.issues import Issue
    from assetplan.travel.times import Travel

    Floats = NDArray[np.float64]

TIMES_COLUMNS = tuple(table("response_times"))
_NUMBERS = tuple(name for name, column in table("response_times").items() if column.kind == "number")


class Bounds(NamedTuple):
    """The least and the most that minutes can be; the most is infinite where nothing bounds it. Equal where they are known."""

    low: Floats
    high: Floats

    @property
    def minutes(self) -> Floats:
        """Minutes where they are known, NaN elsewhere."""
        known = np.isfinite(self.high) & (self.low >= self.high - 1e-9)
        return np.where(known, self.high, np.nan)

    def plus(self, other: Bounds | Floats) -> Bounds:
        """Bounds of a sum. Minutes that are NaN may be anything from none."""
        if not isinstance(other, Bounds):
            unknown = np.isnan(other)
            other = Bounds(np.where(unknown, 0.0, other), np.where(unknown, np.inf, other))
        return Bounds(self.low + other.low, self.high + other.high)


def response_times(
    estate: Estate,
    response: str = "fire",
    *,
    moves: Mapping[str, Place] | None = None,
    travel: Travel | None = None,
    engine_factor: float = 1.0,
) -> pd.DataFrame:
    """How soon the first crew can be at each place, by day and by night.

    Parameters
    ----------
    estate
        The estate, as its reader may know it: crews, demand, services and assets are read.
    response
        One of ``fire``, ``ambulance``, ``police``.
    moves
        Services that move, each with where to: an asset, a parcel, or a point in EPSG:27700. Their crews start from there, and their
        on-call people come in to there.
    travel
        What times by car rest on. Left out, what the estate has: `assetplan.travelling.travel_of`.
    engine_factor
        What a car's drive is multiplied by for an engine. How an engine compares with a car on an open road is not known here, so
        it is 1 unless you set it; the way in from home is a car's whatever it is.

    Returns
    -------
    pandas.DataFrame
        One row for each place and time, in the order of their identifiers, day first; columns as
        ``assetplan columns --table response_times`` lists them. `minutes` = `turn_in_min` + `turnout_min` + `drive_min` of the first
        crew, of crews equally soon the one whose identifier sorts first; NaN where it is not known, and `why` says why. Even then the first
        crew takes no less than `at_least_min` and, where a crew's time is known, no more than `at_most_min`. ``attrs`` has ``issues`` and ``note``.

    Raises
    ------
    SubjectError
        Where this reader knows no service, asset or parcel that a move names, or a service that moves gives no such response.
    ValueError
        Where there is no such response, or the factor is no number above 0.

    Notes
    -----
    The way in of an on-call crew of which n people are needed is that of the person who comes in n-th, all setting out at once. Each is by car
    from the middle of the place they live about. Where fewer are named than are needed it is not known: the rest could live anywhere.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> times = ap.response_times(estate)
    >>> row = times[(times["demand_id"] == "old-malton") & (times["time"] == "day")].iloc[0]
    >>> row["crew_id"], round(float(row["minutes"]), 1)
    ('malton-day', 5.3)
    """
    cover = cover_of(estate, response, travel=travel, engine_factor=engine_factor)
    issues = cover.issues
    if moves:
        hosts = {service: host_of(estate, to) for service, to in moves.items()}
        by_crew: dict[str, Host] = {}
        for service, host in hosts.items():
            moving = moved_crews(estate, cover.crews, service)
            if not moving:
                raise SubjectError(
                    f"The service {visible(service)!r} has no {response} crew, so no cover changes with its move."
                )
            by_crew |= dict.fromkeys(moving, host)
        cover = cover.moved(by_crew)
    frame = _times_frame(cover)
    frame.attrs = {"issues": (*issues, *lost_places(cover)), "note": note_of(cover)}
    return frame


# ------------------------------------------------------------------------------------------------------- cover


@dataclass(frozen=True, eq=False, repr=False)
class Cover:
    """The crews of one response and the places they answer for.

    Attributes
    ----------
    response
        One of `assetplan.vocabulary.RESPONSES`.
    crews
        In the order of their identifiers.
    demand
        The places, in the order of their identifiers.
    travel, engine_factor
        What drives rest on.
    issues
        What a person should know of the crews.
    """

    response: str
    crews: tuple[Crew, ...]
    demand: gpd.GeoDataFrame
    travel: Travel
    engine_factor: float
    issues: tuple[Issue, ...]

    def moved(self, hosts: Mapping[str, Host]) -> Cover:
        """The cover once some crews start from elsewhere."""
        return replace(self, crews=tuple(_moved(crew, hosts.get(crew.id)) for crew in self.crews))

    def at(self, time: str) -> list[int]:
        """Which crews answer at a time, by their places in `crews`."""
        return [place for place, crew in enumerate(self.crews) if time in crew.times]

    @cached_property
    def drive_min(self) -> Floats:
        """Minutes of each crew's engine from its station to each place, shape (crews, places); NaN where not known."""
        return self.drives([crew.station for crew in self.crews])

    @cached_property
    def turn_in_min(self) -> Bounds:
        """Minutes until those needed of each crew have come in, shape (crews,)."""
        found = [self.turn_ins(crew, [crew.station]) for crew in self.crews]
        return Bounds(np.array([bounds.low[0] for bounds in found]), np.array([bounds.high[0] for bounds in found]))

    def drives(self, stations: Sequence[Host]) -> Floats:
        """Minutes of an engine from each of some stations to each place, shape (stations, places); NaN where not known."""
        points, rows = self._stand(stations)
        return minutes_between(self.travel, points, self.places)[rows] * self.engine_factor

    def turn_ins(self, crew: Crew, stations: Sequence[Host]) -> Bounds:
        """Minutes until those needed of a crew would have come in to each of some stations, shape (stations,)."""
        size = len(stations)
        if not crew.on_call:
            return Bounds(np.zeros(size), np.zeros(size))
        if crew.homes and crew.needed is None:
            return Bounds(np.zeros(size), np.full(size, np.inf))
        if not crew.homes:
            same = np.array([is_at(crew, station) for station in stations], dtype=bool)
            known = same & math.isfinite(crew.turn_in_min)
            return Bounds(np.where(known, crew.turn_in_min, 0.0), np.where(known, crew.turn_in_min, np.inf))
        ways = self.ways_in(crew, stations)
        at = (crew.needed or 1) - 1
        low, high = (np.sort(np.where(np.isnan(ways), unknown, ways), axis=0)[at] for unknown in (0.0, np.inf))
        return Bounds(low, high)

    def ways_in(self, crew: Crew, stations: Sequence[Host]) -> Floats:
        """Minutes by car of each on-call person of a crew to each of some stations, shape (people, stations); NaN where not known.

        Where fewer people are named than are needed, the rest stand there too.
        """
        points, rows = self._stand(stations)
        each = minutes_between(self.travel, self.places.reindex([home for home, _ in crew.homes]), points)[:, rows]
        people = np.repeat(each, [number for _, number in crew.homes], axis=0)
        return np.pad(people, ((0, max(0, (crew.needed or 0) - len(people))), (0, 0)), constant_values=np.nan)

    def spans(self, places: Sequence[int]) -> Bounds:
        """Minutes of some crews to each place, shape (crews, places)."""
        turnout = np.array([self.crews[place].turnout_min for place in places], dtype=float)
        ready = Bounds(self.turn_in_min.low[places], self.turn_in_min.high[places]).plus(turnout)
        return Bounds(ready.low[:, None], ready.high[:, None]).plus(self.drive_min[places])

    def _stand(self, stations: Sequence[Host]) -> tuple[gpd.GeoSeries, NDArray[np.intp]]:
        """The points of some stations, and of each station the place of its point among them.

        A matrix knows stations by identifier, whatever their shape; elsewhere they are told apart by where they stand.
        """
        if self.travel.basis != "matrix":
            return gpd.GeoSeries([station.shape for station in stations], crs=BRITISH_GRID), np.arange(len(stations))
        shapes = {station.id: station.shape for station in stations}
        order = {key: place for place, key in enumerate(shapes)}
        rows = np.array([order[station.id] for station in stations], dtype=np.intp)
        return gpd.GeoSeries(list(shapes.values()), index=list(shapes), crs=BRITISH_GRID), rows

    @cached_property
    def places(self) -> gpd.GeoSeries:
        """The points of the places, by identifier."""
        return gpd.GeoSeries(self.demand.geometry.to_numpy(), index=list(self.demand["demand_id"]), crs=BRITISH_GRID)


def soonest(spans: Bounds) -> Bounds:
    """The bounds of the first of some crews, over the first axis; with no crew nothing is known."""
    if not len(spans.low):
        size = spans.low.shape[1:]
        return Bounds(np.zeros(size), np.full(size, np.inf))
    return Bounds(spans.low.min(axis=0), spans.high.min(axis=0))


def minutes_between(travel: Travel, origins: gpd.GeoSeries, destinations: gpd.GeoSeries) -> Floats:
    """Minutes from each origin to each destination, shape (origins, destinations); NaN where not known."""
    out = np.full((len(origins), len(destinations)), np.nan)
    if out.size:
        found = travel.minutes(origins, destinations)
        row = origins.index.get_indexer(found["origin"])
        out[row, destinations.index.get_indexer(found["destination"])] = found["minutes"].to_numpy(dtype=float)
    return out


def _moved(crew: Crew, host: Host | None) -> Crew:
    if host is None or is_at(crew, host):
        return crew
    return replace(crew, station=host, turn_in_min=math.nan)


# ------------------------------------------------------------------------------------------------------- reading


def cover_of(estate: Estate, response: str, *, travel: Travel | None = None, engine_factor: float = 1.0) -> Cover:
    """The crews of one response in an estate, and the places they answer for.

    Raises
    ------
    ValueError
        Where there is no such response, or the factor is no number above 0.
    """
    if response not in RESPONSES:
        raise ValueError(f"response: {response!r} is none of {', '.join(RESPONSES)}.")
    if not (math.isfinite(engine_factor) and engine_factor > 0):
        raise ValueError(f"engine_factor: {engine_factor!r} is no number above 0.")
    crews, issues = crews_of(estate, response)
    demand = estate.demand.sort_values("demand_id", kind="stable").reset_index(drop=True)
    return Cover(response, crews, demand, travel or travel_of(estate, "car"), engine_factor, tuple(issues))


# ------------------------------------------------------------------------------------------------------- rows


def _times_frame(cover: Cover) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    found = {time: first_crews(cover, time) for time in TIMES}
    for place, point in enumerate(records(cover.demand)):
        for time in TIMES:
            rows.append(
                {
                    **{name: point[name] for name in ("demand_id", "name", "population")},
                    "time": time,
                    **found[time][place],
                }
            )
    return pd.DataFrame(rows, columns=list(TIMES_COLUMNS), dtype=object).astype(dict.fromkeys(_NUMBERS, "float64"))


def first_crews(cover: Cover, time: str) -> list[dict[str, Any]]:
    """Of each place the first crew at a time, with its minutes and their parts, or why it is not known."""
    answering = cover.at(time)
    spans = cover.spans(answering)
    best = soonest(spans)
    known = best.minutes
    out = []
    for place in range(len(cover.demand)):
        row: dict[str, Any] = dict.fromkeys(("crew_id", "kind", "station", "why"))
        row |= dict.fromkeys(("minutes", "turn_in_min", "turnout_min", "drive_min"), math.nan)
        row["at_least_min"] = best.low[place] if answering else math.nan
        row["at_most_min"] = best.high[place] if np.isfinite(best.high[place]) else math.nan
        if not np.isnan(known[place]):
            first = answering[int(np.argmin(spans.high[:, place]))]
            crew = cover.crews[first]
            row |= {"crew_id": crew.id, "kind": crew.kind, "station": crew.station.name, "minutes": known[place],
                    "turn_in_min": cover.turn_in_min.high[first], "turnout_min": crew.turnout_min,
                    "drive_min": cover.drive_min[first, place]}  # fmt: skip
        else:
            row["why"] = _why(cover, time, place, spans, answering)
        out.append(row)
    return out


def _why(cover: Cover, time: str, place: int, spans: Bounds, answering: Sequence[int]) -> str:
    """Why the first crew to a place is not known: what is missing of those that could be it."""
    if not answering:
        return f"no crew is known to answer by {time}"
    if cover.demand.geometry.iloc[place] is None and cover.travel.basis != "matrix":
        return "where the place is is not known"
    if np.isnan(cover.drive_min[answering, place]).all():
        return "no way by road is known to the place from any station"
    could = [
        crew for row, crew in enumerate(answering)
        if spans.low[row, place] < spans.high[:, place].min() and not np.isfinite(spans.high[row, place])
    ]  # fmt: skip
    return "; ".join(f"{visible(cover.crews[crew].id)}: {missing(cover, crew, place)}" for crew in could)


def missing(cover: Cover, at: int, place: int | None = None) -> str:
    """What is not known of a crew's response to a place, or to any place where none is given; "" where nothing is."""
    crew, drive = cover.crews[at], cover.drive_min[at]
    if crew.station.shape is None and np.isnan(drive).all():
        return "where it starts from is not known"
    if np.isnan(crew.turnout_min):
        return "its turnout is not known"
    if not np.isfinite(cover.turn_in_min.high[at]):
        if crew.homes and crew.needed is None:
            return "how many people it needs is not known"
        if crew.homes and crew.people < (crew.needed or 0):
            return f"homes of {counted(crew.people, 'on-call person', 'on-call people')} are named, and {crew.needed} are needed"
        return "how its on-call people come in is not known"
    lost = np.isnan(drive).all() if place is None else np.isnan(drive[place])
    return "no way by road is known from its station" if lost else ""


def lost_places(cover: Cover) -> tuple[Issue, ...]:
    """Places and stations for which no times can be known, as the travel tells them."""
    shapes = {crew.station.id: crew.station.shape for crew in cover.crews}
    stations = gpd.GeoSeries(list(shapes.values()), index=list(shapes), crs=BRITISH_GRID)
    return (*cover.travel.check(cover.places, "place"), *cover.travel.check(stations, "station"))


def note_of(cover: Cover) -> str:
    """What the minutes rest on, in sentences."""
    factor = cover.engine_factor
    engine = (
        "An engine is taken to drive as a car does on an open road; how much sooner or later it is is not known here."
        if factor == 1
        else f"An engine's drive is taken to be {factor:g} times a car's, as the caller set it."
    )
    return (
        f"Modelled, not recorded: turnout, the way in of on-call people from about where they live, and the drive. {engine} Crews are taken to be "
        f"at their stations and free. {visible(cover.travel.note)} Crews: {_sources(crew.source for crew in cover.crews)}. "
        f"Places and people: {_sources(cover.demand['source'])}."
    )


def _sources(given: Iterable[str | None]) -> str:
    """Who says so, each once, the most rows first."""
    said = Counter(visible(source) if source else "source not stated" for source in given)
    first = [source for source, _ in sorted(said.items(), key=lambda item: (-item[1], item[0]))]
    more = f"; and {len(first) - 3:,} more" if len(first) > 3 else ""
    return "; ".join(first[:3]) + more if first else "none given"

"""Times of travel whatever they rest on: a network, straight lines, or a matrix that another program worked out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from assetplan.issues import Issue
from assetplan.text import counted
from assetplan.travel.osm import named
from assetplan.travel.routing import by_origin, nearest, travel_minutes
from assetplan.travel.snapping import SNAP_M, in_rows, limit_of, places_of, snap, snap_issues
from assetplan.travel.straight import DETOUR, straight_factor, straight_line, straight_words
from assetplan.travel.telling import IN_WORDS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from assetplan.travel.matrix import Matrix
    from assetplan.travel.network import Network
    from assetplan.travel.routing import Towards
    from assetplan.travel.snapping import Points

Basis = Literal["network", "straight line", "matrix"]


class _Ways(Protocol):
    def minutes(self, origins: Points, destinations: Points, max_min: float | None) -> pd.DataFrame: ...
    def nearest(self, origins: Points, facilities: Points, towards: Towards) -> pd.DataFrame: ...
    def check(self, points: Points, what: str) -> tuple[Issue, ...]: ...


@dataclass(frozen=True, eq=False)
class Travel:
    """Times of travel by one mode.

    Made by `Travel.over` a network, `Travel.straight`, or `Travel.by` a matrix.

    Attributes
    ----------
    mode
        How people travel: ``car``, ``foot``, ``cycle``, or what a matrix says, "" where it does not say.
    basis
        What the times rest on.
    note
        The same in a sentence, to stand beside the times.
    issues
        What a person should know of it.
    """

    mode: str
    basis: Basis
    note: str
    issues: tuple[Issue, ...] = field(repr=False)
    ways: _Ways = field(repr=False)

    @classmethod
    def over(cls, network: Network, *, max_snap_m: float = SNAP_M) -> Travel:
        """Times over a network. Points further from it than `max_snap_m`, in metres, have none."""
        note = (
            f"Times {IN_WORDS[network.mode]} are over the network of {network.source or 'the lines given'}, on an open road: no queue, signal or "
            f"closed level crossing takes time. {_speeds_in_words(network)}"
        )
        return cls(network.mode, "network", note, network.issues, _Over(network, max_snap_m))

    @classmethod
    def straight(cls, mode: str = "car", *, detour: float = DETOUR, kph: float | None = None) -> Travel:
        """Times as the crow flies, made longer by a factor: see `assetplan.travel.routing.straight_line`.

        Raises
        ------
        ValueError
            Where there is no such mode, or a figure cannot be used.
        """
        straight_factor(mode, detour, kph)
        note = straight_words(mode, detour, kph)
        issue = Issue("", "", "", "straight-line", f"x {detour:g}", note, "Give a network or a matrix of times.")
        return cls(mode, "straight line", note, (issue,), _Straight(mode, detour, kph))

    @classmethod
    def by(cls, matrix: Matrix) -> Travel:
        """Times of a matrix, looked up by the identifiers of points, wherever these lie."""
        how = IN_WORDS.get(matrix.mode, matrix.mode) or "by a mode the file does not say"
        note = f"Times {how} are those of the matrix {matrix.source}; how they were worked out is not known here."
        return cls(matrix.mode, "matrix", note, matrix.issues, _By(matrix))

    def minutes(self, origins: Points, destinations: Points, *, max_min: float | None = None) -> pd.DataFrame:
        """Minutes from each origin to each destination: columns `origin`, `destination`, `minutes`, NaN where none is known.

        Parameters
        ----------
        origins, destinations
            Points by identifier, in EPSG:27700.
        max_min
            Longest time of interest, in minutes: only pairs known to be within it are given.

        Raises
        ------
        TypeError, ValueError
            Where the points are no frame or series of shapes in EPSG:27700, identifiers repeat, or the longest time is none.

        Examples
        --------
        >>> import geopandas, shapely
        >>> ends = geopandas.GeoSeries([shapely.Point(0, 0), shapely.Point(2000, 0)], index=["a", "b"], crs=27700)
        >>> Travel.straight("foot").minutes(ends[:1], ends[1:]).values.tolist()
        [['a', 'b', 32.5]]
        """
        limit_of(max_min)
        return self.ways.minutes(origins, destinations, max_min)

    def nearest(self, origins: Points, facilities: Points, *, towards: Towards = "facility") -> pd.DataFrame:
        """For each origin the nearest facility and the minutes: columns `facility` (or None) and `minutes` (or NaN), index the origins'.

        Parameters
        ----------
        origins, facilities
            Points by identifier, in EPSG:27700.
        towards
            ``facility`` where people travel to it, ``origin`` where an engine or a visitor comes from it.

        Raises
        ------
        TypeError, ValueError
            Where the points are no frame or series of shapes in EPSG:27700, identifiers repeat, or `towards` is neither.
        """
        if towards not in {"facility", "origin"}:
            raise ValueError(f"towards: {towards!r} is neither 'facility' nor 'origin'.")
        return self.ways.nearest(origins, facilities, towards)

    def check(self, points: Points, what: str = "point") -> tuple[Issue, ...]:
        """What is to be told of some points before times to or from them are: those for which none can be known, and why.

        Parameters
        ----------
        points
            Points by identifier, in EPSG:27700.
        what
            What a point is, in the singular: ``"village"``.
        """
        return self.ways.check(points, what)


def _speeds_in_words(network: Network) -> str:
    said = [issue.message for issue in network.issues if issue.code == "speed-assumed"]
    if network.mode == "car":
        return (
            f"Speeds: {said[0]}, and by class of road is assumed elsewhere."
            if said
            else "Speeds are those of the data."
        )
    return f"Speeds: {said[0]}, which is assumed." if said else ""


@dataclass(frozen=True, eq=False)
class _Over:
    network: Network
    max_snap_m: float

    def minutes(self, origins: Points, destinations: Points, max_min: float | None) -> pd.DataFrame:
        return travel_minutes(self.network, origins, destinations, max_min=max_min, max_snap_m=self.max_snap_m)

    def nearest(self, origins: Points, facilities: Points, towards: Towards) -> pd.DataFrame:
        return nearest(self.network, origins, facilities, towards=towards, max_snap_m=self.max_snap_m)

    def check(self, points: Points, what: str) -> tuple[Issue, ...]:
        return snap_issues(
            snap(self.network, points, max_m=self.max_snap_m), what, self.network.source, self.max_snap_m
        )


class _Compared(ABC):
    """The nearest by comparing all pairs, some origins at a time; of equals the facility whose identifier sorts first."""

    @abstractmethod
    def block(self, origins: Points, facilities: Points, towards: Towards) -> NDArray[np.float64]:
        """Minutes from each origin to each facility."""

    def nearest(self, origins: Points, facilities: Points, towards: Towards) -> pd.DataFrame:
        places_of(origins, "origins"), places_of(facilities, "facilities")
        order = sorted(range(len(facilities)), key=lambda at: str(facilities.index[at]))
        facilities = facilities.iloc[order]
        names = np.array([*facilities.index, None], dtype=object)
        facility = np.full(len(origins), None, dtype=object)
        minutes = np.full(len(origins), np.nan)
        some = max(1, 4_000_000 // max(1, len(facilities)))
        for at in range(0, len(origins) if len(facilities) else 0, some):
            times = self.block(origins.iloc[at : at + some], facilities, towards)
            times = np.where(np.isnan(times), np.inf, times)
            first = times.argmin(axis=1)
            least = times[np.arange(len(times)), first]
            known = np.isfinite(least)
            facility[at : at + some] = names[np.where(known, first, -1)]
            minutes[at : at + some] = np.where(known, least, np.nan)
        return by_origin(origins, facility, minutes)


@dataclass(frozen=True, eq=False)
class _Straight(_Compared):
    mode: str
    detour: float
    kph: float | None

    def minutes(self, origins: Points, destinations: Points, max_min: float | None) -> pd.DataFrame:
        return straight_line(origins, destinations, mode=self.mode, detour=self.detour, kph=self.kph, max_min=max_min)

    def block(self, origins: Points, facilities: Points, _towards: Towards) -> NDArray[np.float64]:
        found = self.minutes(origins, facilities, None)["minutes"].to_numpy()
        return found.reshape(len(origins), len(facilities))

    def check(self, points: Points, what: str) -> tuple[Issue, ...]:
        lost = np.isnan(places_of(points, "points")[:, 0])
        return _told(points, lost, what, "point-without-place",
                     "without a place", "No time is known for it. Give its place.")  # fmt: skip


@dataclass(frozen=True, eq=False)
class _By(_Compared):
    matrix: Matrix

    def minutes(self, origins: Points, destinations: Points, max_min: float | None) -> pd.DataFrame:
        places_of(origins, "origins"), places_of(destinations, "destinations")
        times = self.matrix.between(origins.index, destinations.index)
        row, column = np.indices(times.shape).reshape(2, -1) if max_min is None else np.nonzero(times <= max_min)
        return in_rows(origins.index[row], destinations.index[column], times[row, column])

    def block(self, origins: Points, facilities: Points, towards: Towards) -> NDArray[np.float64]:
        if towards == "facility":
            return self.matrix.between(origins.index, facilities.index)
        return self.matrix.between(facilities.index, origins.index).T

    def check(self, points: Points, what: str) -> tuple[Issue, ...]:
        known = set(self.matrix.minutes["origin"]) | set(self.matrix.minutes["destination"])
        absent = np.array([str(key) not in known for key in points.index], dtype=bool)
        return _told(points, absent, what, "point-not-in-matrix", f"not in {self.matrix.source}",
                     "No time is known for it. Name it there by the same identifier.")  # fmt: skip


def _told(
    points: Points,
    where: NDArray[np.bool_],
    what: str,
    code: str,
    message: str,
    action: str,
) -> tuple[Issue, ...]:
    at = np.flatnonzero(where)
    ids = named(list(map(str, points.index)), at)
    return (Issue("", ids, "", code, "", f"{counted(len(at), what)} {message}", action),) if len(at) else ()

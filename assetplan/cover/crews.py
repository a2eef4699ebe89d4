"""Crews and where they start from: their station, the people they need, and about where on-call people live.

What a row says that cannot be used counts as not known, and is told; nothing is guessed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from rapidfuzz import process

from assetplan.errors import SubjectError
from assetplan.facilities import place_of
from assetplan.ground import on_land
from assetplan.issues import Issue, readable
from assetplan.services import turn_in_of
from assetplan.tables import records
from assetplan.text import counted, visible
from assetplan.vocabulary import CREW_HOURS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assetplan.estate import Estate
    from assetplan.facilities import Place

TIMES = CREW_HOURS
_MOST_PEOPLE = 1_000
_SAME_M = 1.0  # a station moved by less stays where it is


@dataclass(frozen=True)
class Host:
    """Where a station is or could be: its identifier, what it is called, and its shape in EPSG:27700, None where not known."""

    id: str
    name: str
    shape: Any
    precision: str = ""


@dataclass(frozen=True)
class Crew:
    """A crew as it can be reckoned with.

    Attributes
    ----------
    id, kind, source
        As the table of crews has them.
    times
        When it answers: some of `TIMES`.
    turnout_min
        Minutes from the call, or from the last of those needed having come in, to the engine leaving; NaN where not known.
    needed
        People without whom it does not leave; None where not known.
    homes
        For an on-call crew the demand points its people live about, with how many.
    turn_in_min
        Minutes they take to come in to the station they have now, where no homes are named; NaN where not known.
    service
        The service it belongs to; None for a station outside the estate.
    station
        Where it starts from.
    """

    id: str
    kind: str
    times: tuple[str, ...]
    turnout_min: float
    needed: int | None
    homes: tuple[tuple[str, int], ...]
    turn_in_min: float
    service: str | None
    station: Host
    source: str

    @property
    def on_call(self) -> bool:
        """Whether its people come in when called."""
        return self.kind == "on call"

    @property
    def people(self) -> int:
        """How many on-call people are named."""
        return sum(number for _, number in self.homes)


def is_at(crew: Crew, host: Host) -> bool:
    """Whether a crew's station is a host, or stands where it does."""
    here, there = crew.station.shape, host.shape
    if here is None or there is None or not host.id:
        return bool(host.id) and crew.station.id == host.id
    return crew.station.id == host.id or float(shapely.distance(_middle(here), _middle(there))) < _SAME_M


def _middle(shape: Any) -> Any:
    return shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)


# ------------------------------------------------------------------------------------------------------- reading


def crews_of(estate: Estate, response: str) -> tuple[tuple[Crew, ...], list[Issue]]:
    """The crews of one response, in the order of their identifiers, and what is to be told of their rows."""
    issues: list[Issue] = []
    rows = [row for row in records(estate.crews) if row["response"] == response]
    services = {row["service_id"]: row for row in records(estate.services)}
    return tuple(
        _crew(estate, row, services, issues) for row in sorted(rows, key=lambda row: str(row["crew_id"]))
    ), issues


def _crew(
    estate: Estate, row: Mapping[str, Any], services: Mapping[str, Mapping[str, Any]], issues: list[Issue]
) -> Crew:
    def tell(column: str, code: str, value: object, message: str, action: str) -> None:
        issues.append(Issue("crews.csv", row["crew_id"], column, code, readable(value)[:200], message, action))

    def minutes(name: str) -> float:
        given = row[name]
        if given is not None and not (math.isfinite(given) and given >= 0):
            tell(name, "out-of-range", f"{given:g}", "minutes are 0 or more", "Counts as not known. Correct it.")
            return math.nan
        return math.nan if given is None else float(given)

    needed = row["needed"]
    if needed is not None and not (1 <= needed <= _MOST_PEOPLE and needed == int(needed)):
        tell("needed", "out-of-range", f"{needed:g}", f"people are a whole number from 1 to {_MOST_PEOPLE:,}",
             "Counts as not known. Correct it.")  # fmt: skip
        needed = None
    homes: dict[str, int] = {}
    for said in row["turn_in"] if row["kind"] == "on call" else ():
        place, people = turn_in_of(said)
        if 1 <= people <= _MOST_PEOPLE:
            homes[place] = homes.get(place, 0) + people
        else:
            tell("turn_in", "out-of-range", said, f"people are a whole number from 1 to {_MOST_PEOPLE:,}",
                 "Left out of the turn-in. Write it as place:people.")  # fmt: skip
    crew = Crew(
        id=str(row["crew_id"]),
        kind=row["kind"],
        times=tuple(time for time in TIMES if time in row["times"] or not row["times"]),
        turnout_min=minutes("turnout_min"),
        needed=None if needed is None else int(needed),
        homes=tuple(sorted(homes.items())),
        turn_in_min=minutes("turn_in_min"),
        service=row["service_id"],
        station=_station(estate, row, services.get(row["service_id"]), tell),
        source=visible(row["source"] or "source not stated"),
    )
    if crew.homes and crew.needed is None:
        tell("needed", "needed-not-known", "", "nothing says how many people the engine needs",
             "Its response is not known. Give needed.")  # fmt: skip
    elif crew.homes and crew.needed is not None and crew.people < crew.needed:
        tell("turn_in", "too-few-on-call", str(crew.people),
             f"homes of {counted(crew.people, 'person', 'people')} are named, and {crew.needed} are needed",
             "Its response is not known: the rest could live anywhere. Name more homes.")  # fmt: skip
    return crew


def _station(estate: Estate, row: Mapping[str, Any], service: Mapping[str, Any] | None, tell: Any) -> Host:
    """Where a crew starts from: its service's asset, or a place of its own."""
    crew = str(row["crew_id"])
    if service is not None and service["asset_id"] is not None:
        host = host_of(estate, service["asset_id"])
        if host.shape is not None:
            return host
    if row["easting"] is not None and row["northing"] is not None:
        if bool(on_land(np.array([row["easting"]], dtype=float), np.array([row["northing"]], dtype=float))[0]):
            return Host(crew, visible(row["station"] or crew), shapely.Point(row["easting"], row["northing"]), "point")
        tell("easting", "in-the-sea", f"{row['easting']:g}, {row['northing']:g}", "the station would lie in the sea or outside Great Britain",
             "Where the crew starts from counts as not known. Correct it.")  # fmt: skip
    elif service is not None:
        where = service["asset_id"] or ""
        told = (
            "the asset its service is in has no known place" if where else "nothing says which asset its service is in"
        )
        tell("service_id", "station-not-placed", where, told, "Its response is not known. Place the asset.")
    asset = str(service["asset_id"] or "") if service is not None else ""
    return Host(asset or crew, visible(row["station"] or asset or crew), None)


def host_of(estate: Estate, to: Place) -> Host:
    """An asset, a parcel or a point that a station could stand on.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    to
        The identifier of an asset or a parcel, or a point in EPSG:27700, also as a pair of easting and northing.

    Raises
    ------
    SubjectError
        Where this reader knows no such asset or parcel.
    ValueError
        Where a point is none on land in Great Britain.
    """
    if not isinstance(to, str):
        key, point, name, _ = place_of(estate, to)
        return Host(key, name, point, "point")
    for frame in (estate.assets, estate.land):
        if to in frame.index:
            shape = frame.geometry.loc[to]
            placed = None if shape is None or shape.is_empty else shape
            precision = str(frame.at[to, "location_precision"]) if "location_precision" in frame else "polygon"
            return Host(to, visible(str(frame.at[to, "name"] or to)), placed, precision)
    known = [*estate.assets.index, *estate.land.index]
    raise SubjectError(f"No asset or parcel is called {visible(to)!r}.{_guess(to, known)}")


def service_called(estate: Estate, service_id: str) -> dict[str, Any]:
    """The row of a service.

    Raises
    ------
    SubjectError
        Where this reader knows no such service; only services it knows are guessed.
    """
    for row in records(estate.services):
        if row["service_id"] == service_id:
            return row
    raise SubjectError(
        f"No service is called {visible(str(service_id))!r}.{_guess(str(service_id), list(estate.services['service_id']))}"
    )


def _guess(wanted: str, known: Sequence[str]) -> str:
    found = sorted(
        str(name) for name, _, _ in process.extract(wanted, [str(name) for name in known], limit=2, score_cutoff=70)
    )
    return f" Did you mean {' or '.join(visible(name) for name in found)}?" if found else ""


def moved_crews(estate: Estate, crews: Sequence[Crew], service_id: str) -> list[str]:
    """The crews that move with a service: its own, and those of its parts that are in the same asset.

    Raises
    ------
    SubjectError
        Where this reader knows no such service.
    """
    here = service_called(estate, service_id)
    rows, moving = records(estate.services), {service_id}
    while (
        more := {row["service_id"] for row in rows if row["part_of"] in moving and row["asset_id"] == here["asset_id"]}
        - moving
    ):
        moving |= more
    return [crew.id for crew in crews if crew.service in moving]

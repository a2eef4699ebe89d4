"""What moving a station does to emergency response: the gate that a move has to pass, and what only the authority can settle.

Only a fire engine sets out from its station: for fire the gate is hard. Ambulances wait at standby points and police answer from patrol: of these
the move is asked about, and minutes from the station are for information. Nothing here decides: the authority does, after it has consulted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from assetplan.cover.crews import TIMES, host_of
from assetplan.cover.gating import BEYOND_MIN, Judge, Reason, Rule, Verdict, some_of
from assetplan.cover.times import first_crews, lost_places, missing, note_of
from assetplan.schema import table
from assetplan.tables import records
from assetplan.text import counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assetplan.cover.crews import Host
    from assetplan.cover.times import Cover
    from assetplan.estate import Estate
    from assetplan.facilities import Place
    from assetplan.issues import Issue
    from assetplan.travel.times import Travel

PLACES_COLUMNS = tuple(table("response_changes"))
STANDARDS_COLUMNS = tuple(table("response_standards"))
TURN_IN_COLUMNS = tuple(table("response_turn_in"))
_AVERAGES = "Averages are over people by where they live, not over calls."
_SOME = 256  # hosts looked at together


@dataclass(frozen=True)
class Gate:
    """Whether a service's response lets it move to a host.

    Attributes
    ----------
    verdict
        For a hard gate ``fails``, ``holds`` or ``not known``; for a soft one ``to be asked``.
    hard
        Whether a move that fails cannot be proposed.
    reasons
        What the verdict rests on, in sentences.
    sources
        Who says so, each once.
    """

    verdict: Verdict
    hard: bool
    reasons: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class ResponseChange:
    """What moving a service's station does to the response it gives.

    Attributes
    ----------
    service_id, service, organisation, response
        The service that moves, its name, the name of the body that runs it, and what it responds to.
    host, host_name
        Where to.
    rule
        How the response depends on the station, and what is to be asked.
    places
        One row for each place and time, in the order of identifiers, day first; columns as ``assetplan columns --table response_changes``
        lists them. `result` is ``later`` or ``sooner`` where the first crew's minutes change by more than `beyond_min`.
    standards
        One row for each standard and time: columns of table ``response_standards``. A standard is held to by day and by night apart: how
        many calls come at which hour is not known here, so one may not make up for the other.
    turn_in
        One row for each on-call crew that moves: columns of table ``response_turn_in``.
    verdict
        As of `Gate`.
    reasons
        What it rests on, each with who says so.
    unknowns
        What is not known and could matter.
    decides
        Who decides.
    note
        What the minutes rest on.
    issues
        What a person should know of the crews and standards read.
    beyond_min
        Change of minutes beyond which a place gains or loses.
    """

    service_id: str
    service: str
    organisation: str
    response: str
    host: str
    host_name: str
    rule: Rule
    places: pd.DataFrame
    standards: pd.DataFrame
    turn_in: pd.DataFrame
    verdict: Verdict
    reasons: tuple[Reason, ...]
    unknowns: tuple[str, ...]
    decides: str
    note: str
    issues: tuple[Issue, ...]
    beyond_min: float
    shapes: gpd.GeoSeries = field(repr=False)

    @property
    def lost(self) -> pd.DataFrame:
        """The rows of `places` where the first crew would be later, the most first; ties by identifier, day first."""
        return self._by_change("later", -1)

    @property
    def gained(self) -> pd.DataFrame:
        """The rows of `places` where the first crew would be sooner, the most first; ties by identifier, day first."""
        return self._by_change("sooner", 1)

    def _by_change(self, result: str, sign: int) -> pd.DataFrame:
        rows = self.places[self.places["result"] == result]
        order = np.argsort(np.round(sign * rows["change_min"].to_numpy(dtype=float), 6), kind="stable")
        return rows.iloc[order].reset_index(drop=True)

    def __repr__(self) -> str:
        said = ", ".join(
            f"{counted(int((part['time'] == time).sum()), 'place')} {word} by {time}"
            for part, word in ((self.lost, "later"), (self.gained, "sooner"))
            for time in TIMES
        )
        return f"<ResponseChange of {self.service!r} to {self.host_name!r}: {self.verdict}; {said}>"


def response_change(
    estate: Estate,
    service_id: str,
    to: Place,
    *,
    travel: Travel | None = None,
    engine_factor: float = 1.0,
    beyond_min: float = BEYOND_MIN,
    on_call_min: float | None = None,
) -> ResponseChange:
    """What moving a service's station would do to the response it gives, place by place, and whether the gate holds.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    service_id
        The service that moves, with those of its parts that are in the same asset.
    to
        Where to: an asset, a parcel, or a point in EPSG:27700.
    travel, engine_factor
        As `assetplan.response_times` takes them.
    beyond_min
        Change, in minutes, beyond which a place gains or loses.
    on_call_min
        Within how many minutes of their station on-call people are wanted. Left out, the folder's standard of the measure ``on-call turn-in``, or
        5 minutes where it has none.

    Raises
    ------
    SubjectError
        Where this reader knows no such service, asset or parcel, or the service gives no emergency response.
    ValueError
        Where a figure cannot be used, or the place is no point.

    Notes
    -----
    A hard gate *fails* where a standard that is met now would not be; where one not met now would be missed by more than `beyond_min` more;
    where a place would newly be beyond a limit; or where so few on-call people are within `on_call_min` of the new station that those needed
    would no longer come in within it, and now they do. An average is over people by where they live, not over calls. It *holds* where each of these
    is known not to be so, and also where no place would be later and the crews' people would come in as before. Otherwise it is *not known*.

    Examples
    --------
    >>> import assetplan as ap
    >>> change = ap.response_change(ap.read_estate("data/malton"), "fire-malton", "MAL-13")
    >>> change.verdict, change.gained["name"].iloc[0], change.lost["name"].iloc[0]
    ('fails', 'Ryton', 'Norton, Welham Road')
    """
    judge = Judge(estate, service_id, travel, engine_factor, beyond_min, on_call_min)
    host = host_of(estate, to)
    (judged,) = judge.of([host])
    before, after = judge.cover, judge.cover.moved(dict.fromkeys(judge.moving, host))
    return ResponseChange(
        service_id=service_id,
        service=visible(judge.service["name"]),
        organisation=judge.organisation,
        response=judge.cover.response,
        host=host.id,
        host_name=host.name,
        rule=judge.rule,
        places=_places(judge, before, after, host),
        standards=pd.DataFrame(judged.standards, columns=list(STANDARDS_COLUMNS), dtype=object),
        turn_in=pd.DataFrame(judged.turn_in, columns=list(TURN_IN_COLUMNS), dtype=object),
        verdict=judged.verdict,
        reasons=judged.reasons,
        unknowns=_unknowns(judge, after, host),
        decides=judge.rule.decides,
        note=f"{note_of(before)} {_AVERAGES}",
        issues=(*before.issues, *judge.issues, *lost_places(after)),
        beyond_min=beyond_min,
        shapes=before.places,
    )


def gate(
    estate: Estate,
    service_id: str,
    host: Place,
    *,
    travel: Travel | None = None,
    engine_factor: float = 1.0,
    on_call_min: float | None = None,
) -> Gate:
    """Whether a service's response lets it move to a host; parameters and errors as of `response_change`.

    Examples
    --------
    >>> import assetplan as ap
    >>> ap.gate(ap.read_estate("data/malton"), "nhs-ambulance", "MAL-13").verdict
    'to be asked'
    """
    return next(
        iter(
            gates(
                estate, service_id, [host], travel=travel, engine_factor=engine_factor, on_call_min=on_call_min
            ).values()
        )
    )


def gates(
    estate: Estate,
    service_id: str,
    hosts: Iterable[Place],
    *,
    travel: Travel | None = None,
    engine_factor: float = 1.0,
    on_call_min: float | None = None,
) -> dict[str, Gate]:
    """The gate of one service for many hosts, each by its identifier, in their order; parameters and errors as of `response_change`.

    What does not depend on the host is worked out once, and drives from many hosts are searched for together.

    Examples
    --------
    >>> import assetplan as ap
    >>> found = ap.gates(ap.read_estate("data/malton"), "fire-malton", ["MAL-13", "rdc:A0001"])
    >>> {host: gate.verdict for host, gate in found.items()}
    {'MAL-13': 'fails', 'rdc:A0001': 'holds'}
    """
    judge = Judge(estate, service_id, travel, engine_factor, BEYOND_MIN, on_call_min)
    wanted = [host_of(estate, host) for host in hosts]
    out = {}
    for at in range(0, len(wanted), _SOME):
        some = wanted[at : at + _SOME]
        for host, judged in zip(some, judge.of(some), strict=True):
            out[host.id] = Gate(
                judged.verdict,
                judge.rule.hard,
                tuple(reason.text for reason in judged.reasons),
                tuple(dict.fromkeys(reason.source for reason in judged.reasons)),
            )
    return out


def minutes_by_place(change: ResponseChange) -> gpd.GeoDataFrame:
    """The places of a change with their points, for a chart or a map layer.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns and rows of `ResponseChange.places`, and points in EPSG:27700; None where a place has none.
    """
    shapes = change.shapes.reindex(list(change.places["demand_id"]))
    return gpd.GeoDataFrame(change.places.copy(), geometry=shapes.to_numpy(), crs=change.shapes.crs)


def _places(judge: Judge, before: Cover, after: Cover, host: Host) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    now, then = ({time: first_crews(cover, time) for time in TIMES} for cover in (before, after))
    for place, point in enumerate(records(before.demand)):
        for time in TIMES:
            one, other = now[time][place], then[time][place]
            change = other["minutes"] - one["minutes"]
            rows.append({
                **{name: point[name] for name in ("demand_id", "name", "population")},
                "time": time,
                "before_min": one["minutes"],
                "after_min": other["minutes"],
                "change_min": change,
                "result": _result(change, judge.beyond_min, stays=judge.stays(host)),
                "crew_before": one["crew_id"],
                "crew_after": other["crew_id"],
                "kind_before": one["kind"],
                "kind_after": other["kind"],
                "why": "; ".join(dict.fromkeys(row["why"] for row in (one, other) if row["why"])) or None,
            })  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(PLACES_COLUMNS), dtype=object)
    return frame.astype(dict.fromkeys(("population", "before_min", "after_min", "change_min"), "float64"))


def _result(change: float, beyond_min: float, *, stays: bool) -> str:
    if stays:
        return "same"
    if math.isnan(change):
        return "not known"
    return "later" if change > beyond_min else "sooner" if change < -beyond_min else "same"


def _unknowns(judge: Judge, after: Cover, host: Host) -> tuple[str, ...]:
    """What is not known and could change the answer: of crews, of places, and of what is not modelled."""
    said = [f"{visible(crew.id)}: {told}." for at, crew in enumerate(after.crews) if (told := missing(after, at))]
    silent = judge.silent()
    if judge.at and silent:
        said.append(f"No crew of {visible(judge.service['name'])} is known to answer by {' or '.join(silent)}.")
    gone = np.asarray(np.isnan(after.drive_min).all(axis=0) & bool(after.crews))
    if gone.any():
        said.append(f"No way by road is known to {some_of(judge.named(gone))}.")
    nobody = np.isnan(judge.people)
    if nobody.any():
        said.append(f"How many people live in {some_of(judge.named(nobody))} is not known.")
    if host.shape is None:
        said.append(f"Where {host.name} lies is not known.")
    return (
        *said,
        "Traffic, crossings that are closed, crews out on another call and a second engine are not modelled.",
    )

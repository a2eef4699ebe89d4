"""What a page tells of the ways to the services of an estate: how far people go now, and how soon a fire engine is there.

The present alone: nothing here looks at a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assetplan.access import access_to, reach
from assetplan.cover.times import response_times
from assetplan.facilities import facilities_of
from assetplan.page.view import Fact, Minutes
from assetplan.tables import records
from assetplan.travelling import travel_of
from assetplan.way_layers import Ways, minutes_in_words, minutes_layer, reaches_of
from assetplan.wording import NOT_KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from assetplan.estate import Estate
    from assetplan.page.view import Reach
    from assetplan.travel.times import Travel

_MOST = 4  # kinds of service told of: each adds an outline for every limit and a line to every card
_LIMITS_MIN = (5, 10, 15)
_FAR_M = 250.0
FIRE_MINUTES = "Fire minutes by village"


def ways_of(estate: Estate) -> Ways:
    """What a page tells of the ways to an estate's services, as its reader may know them.

    Parameters
    ----------
    estate
        The estate; its ``demand``, ``services``, ``crews`` and whatever times rest on are read.

    Returns
    -------
    Ways
        For the kinds of service the public comes to (four at most, those with the most visits): the nearest and the minutes by car
        from each place people start from, and the ground within 5, 10 and 15 minutes where times rest on a network. For fire the
        minutes of the first engine by day and by night. Empty where nothing says where people live.

    Raises
    ------
    EstateError
        Where a file of the estate that times rest on cannot be used.

    Examples
    --------
    >>> import assetplan as ap
    >>> ways = ways_of(ap.read_estate("data/malton").for_audience("public"))
    >>> [layer["name"] for layer in ways.minutes]
    ['Fire minutes by village']
    """
    if estate.demand.empty or estate.services.empty:
        return Ways()
    travel = travel_of(estate)
    lines: dict[str, list[Fact]] = {key: [] for key in estate.demand["demand_id"]}
    reaches: list[Reach] = []
    for function in _visited(estate):
        there = facilities_of(estate, function)
        for key, fact in _nearest(estate, function, dict(there["name"]), travel).items():
            lines[key].append(fact)
        if len(there):
            ground = reach(estate, list(there.index), _LIMITS_MIN)
            wider = ground[~ground["nodes"].duplicated()]  # no road beyond: the next limit is the same ground
            reaches += reaches_of(f"of a {function}, by car", travel.note, wider)
    fire = _fire(estate, travel)
    return Ways(lines=lines, minutes=[fire] if fire else [], reaches=reaches)


def _visited(estate: Estate) -> list[str]:
    """The kinds of service people come to, those with the most visits first, then by name."""
    visits: dict[str, float] = {}
    for row in records(estate.services):
        if row["counters"] or row["visits_per_day"]:
            visits[row["function"]] = visits.get(row["function"], 0.0) + (row["visits_per_day"] or 0.0)
    return sorted(visits, key=lambda function: (-visits[function], function))[:_MOST]


def _nearest(estate: Estate, function: str, names: Mapping[str, Any], travel: Travel) -> dict[str, Fact]:
    """The nearest service of a kind from each place, in words."""
    marked = dict(zip(estate.demand["demand_id"], estate.demand["illustrative"], strict=True))
    facts = {}
    for row in records(access_to(estate, function, travel=travel)):
        known = row["facility"] is not None and row["minutes"] == row["minutes"] and row["minutes"] is not None
        gap = row["snap_gap_m"]
        off = f"; the place is {gap:,.0f} m from a road" if gap is not None and gap > _FAR_M else ""
        facts[row["demand_id"]] = Fact(
            label=f"Nearest {function}, by car",
            value=f"{names[row['facility']]}, {minutes_in_words(row['minutes'])} min{off}" if known else NOT_KNOWN,
            source=travel.note if known else "",
            illustrative=known and marked[row["demand_id"]] is True,
            unknown=not known,
        )
    return facts


def _fire(estate: Estate, travel: Travel) -> Minutes | None:
    """The minutes of the first engine at each place by day and by night; None where no crew for fires is known."""
    if not (estate.crews["response"] == "fire").any():
        return None
    frame = response_times(estate, "fire", travel=travel)
    marked = {row["crew_id"]: row["illustrative"] is True for row in records(estate.crews)}
    silent = {time: _silent(estate, time) for time in ("day", "night")}
    minutes: dict[str, dict[str, float]] = {"day": {}, "night": {}}
    lines: dict[str, list[Fact]] = {}
    for row in records(frame):
        time, key = row["time"], row["demand_id"]
        words, known = _engine(row, silent[time])
        if known:
            minutes[time][key] = row["minutes"]
        lines.setdefault(key, []).append(
            Fact(
                label=f"First fire engine, by {time}",
                value=words,
                source="",
                illustrative=known and marked.get(row["crew_id"], False),
                unknown=not known,
            )
        )
    times = {f"by {time}": (minutes[time], None) for time in ("day", "night")}
    return minutes_layer(estate, FIRE_MINUTES, str(frame.attrs["note"]), times, lines)


def _silent(estate: Estate, time: str) -> list[str]:
    """The fire stations of which no crew is known at a time: that none answers is not known, so the first engine is not either."""
    fire = estate.crews[estate.crews["response"] == "fire"]
    answering = {row["service_id"] for row in records(fire) if not row["times"] or time in row["times"]}
    stations: pd.DataFrame = estate.services[estate.services["response"] == "fire"]
    return [str(row["name"]) for row in records(stations) if row["service_id"] not in answering]


def _engine(row: Mapping[str, Any], silent: list[str]) -> tuple[str, bool]:
    """The first engine in words, and whether its minutes are known."""
    figure = row["minutes"]
    timed = figure is not None and figure == figure  # noqa: PLR0124
    if timed and not silent:
        return f"{minutes_in_words(figure)} min, {row['station']}, {row['kind']}", True
    most = row["at_most_min"]
    bound = f"; {minutes_in_words(most)} min at most" if most is not None and most == most else ""  # noqa: PLR0124
    why = f"no crew of {', '.join(silent)} is known by {row['time']}" if silent else row["why"]
    return f"not known: {why}{bound}", False

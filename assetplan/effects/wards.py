"""What a scenario does to the people of each ward and parish: how much further they go, and how soon the first crew comes.

People belong where the areas are drawn, or list them, as in `assetplan.access`: nobody counts in two areas of a kind, and who lives in none of them
has a row too, so that the areas of a kind add up to the whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.effects.responding import ANY
from assetplan.rollups import LEAST_MIN, belonging, rolled_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assetplan.effects.journeys import AccessEffect
    from assetplan.effects.responding import ResponseEffect
    from assetplan.estate import Estate

    Row = dict[str, Any]

KINDS = ("ward", "parish")
ACCESS, RESPONSE, ALL = "access", "response", "all"
NO_BUSES = "Buses are not modelled."
NO_AREA = "in no area that is drawn"
WARD_COLUMNS = (
    "kind", "area_id", "area", "of", "by", "function", "people", "people_not_known", "people_farther", "people_nearer", "people_minutes_change",
    "mean_before_min", "mean_after_min", "mean_change_min", "worst_place", "worst_function", "worst_change_min",
)  # fmt: skip
_NUMBERS = tuple(name for name in WARD_COLUMNS if name.startswith(("people", "mean")) or name == "worst_change_min")


@dataclass(frozen=True, eq=False)
class WardEffect:
    """What a scenario does by ward and parish.

    Attributes
    ----------
    frame
        One row for each area and way: `of` is access or response; `by` how people go (car, foot) or the time (day, night); `function` what they go
        for (``all``: every function together) or what the crew answers. `people_minutes_change` is a trip of everybody, one way, after less before;
        minutes of means are of people whose times are known. The worst place is that whose time grows most. `area_id` is blank for people in
        no area of the kind.
    members
        By kind and area the places people start from, by identifier.
    """

    frame: pd.DataFrame
    members: Mapping[tuple[str, str], tuple[str, ...]]


def ward_effect(estate: Estate, access: AccessEffect, response: ResponseEffect) -> WardEffect:
    """Effects on ways and on emergency response by ward and by parish, of those that the estate has areas for.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    access, response
        What `access_effect` and `response_effect` found of one scenario.

    Returns
    -------
    WardEffect
        Without rows where no wards and parishes are known, or where nothing moves that people come to or that answers emergencies.

    Examples
    --------
    >>> import assetplan as ap
    >>> from assetplan.effects.journeys import access_effect
    >>> from assetplan.effects.responding import response_effect
    >>> estate = ap.read_estate("data/malton")
    >>> hub = ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml")
    >>> frame = ward_effect(estate, access_effect(estate, hub), response_effect(estate, hub)).frame
    >>> by_car = frame[frame["kind"].eq("ward") & frame["by"].eq("car") & frame["function"].eq("all")]
    >>> by_car["area"].tolist()[:3]
    ['Country north of the Derwent', 'Country south of the Derwent', 'Malton']
    """
    members = _members(estate)
    rows: list[Row] = []
    for (kind, area), demand in members.items():
        head = {"kind": kind, "area_id": area, "area": _name(estate, area)}
        rows += [{**head, **row} for row in (*_ways(access, demand), *_crews(response, demand))]
    frame = pd.DataFrame(rows, columns=list(WARD_COLUMNS), dtype=object)
    return WardEffect(frame.astype(dict.fromkeys(_NUMBERS, "float64")), members)


def _members(estate: Estate) -> dict[tuple[str, str], tuple[str, ...]]:
    places = [str(key) for key in estate.demand["demand_id"]]
    areas = estate.areas[estate.areas["kind"].isin(KINDS)]
    if areas.empty or not places:
        return {}
    found = belonging(areas, estate.demand)[0]
    out: dict[tuple[str, str], list[str]] = {}
    for kind in KINDS:
        ids = sorted(map(str, areas["area_id"][areas["kind"] == kind]))
        if not ids:
            continue
        out |= {(kind, area): [] for area in (*ids, "")}
        for key in places:
            out[kind, found[kind].get(key, "")].append(key)
    return {key: tuple(those) for key, those in out.items() if those}


def _name(estate: Estate, area: str) -> str:
    if not area:
        return NO_AREA
    return str(next(iter(estate.areas["name"][estate.areas["area_id"] == area])) or area)


def _ways(access: AccessEffect, demand: tuple[str, ...]) -> Iterator[Row]:
    here = access.places[access.places["demand_id"].isin(demand)]
    for mode, ways in here.groupby("mode", sort=False):
        rows = [
            _row(places, ACCESS, str(mode), str(function)) for function, places in ways.groupby("function", sort=False)
        ]
        yield _together(ways, rows, str(mode), set(access.functions["function"][access.functions["mode"] == mode]))
        yield from rows


def _crews(response: ResponseEffect, demand: tuple[str, ...]) -> Iterator[Row]:
    here = response.places[response.places["demand_id"].isin(demand) & response.places["crews"].eq(ANY)]
    for (kind, time), places in here.groupby(["response", "time"], sort=False):
        yield {**_row(places, RESPONSE, str(time), str(kind)), "people_minutes_change": math.nan}


def _row(places: pd.DataFrame, of: str, by: str, function: str) -> Row:
    found = rolled_up(places, places["population"])
    taken = {name: found[name] for name in WARD_COLUMNS if name in found}
    change = found["mean_after_min"] - found["mean_before_min"]
    worst = None if found["worst_place"] is None else function
    return {"of": of, "by": by, "function": function, **taken, "mean_change_min": change, "worst_function": worst}


def _together(ways: pd.DataFrame, rows: list[Row], mode: str, functions: set[Any]) -> Row:
    """All functions at once: nobody counts twice among those with a longer way."""
    change = ways.assign(change=ways["change_min"]).pivot_table(
        index="demand_id", columns="function", values="change", aggfunc="first", dropna=False
    )
    people = ways.drop_duplicates("demand_id").set_index("demand_id")["population"].reindex(change.index).fillna(0.0)
    open_ = change.isna().any(axis=1) | (len(functions) > change.shape[1])
    worst = max(
        (row for row in rows if row["worst_place"] is not None), key=lambda row: row["worst_change_min"], default=None
    )
    known = [row["people_minutes_change"] for row in rows if not math.isnan(row["people_minutes_change"])]
    return {
        "of": ACCESS,
        "by": mode,
        "function": ALL,
        "people": float(people.sum()),
        "people_not_known": float(people[open_].sum()),
        "people_farther": float(people[change.max(axis=1) >= LEAST_MIN].sum()),
        "people_nearer": float(people[change.min(axis=1) <= -LEAST_MIN].sum()),
        "people_minutes_change": math.fsum(known) if known else math.nan,
        "mean_before_min": math.nan,
        "mean_after_min": math.nan,
        "mean_change_min": math.nan,
        "worst_place": None if worst is None else worst["worst_place"],
        "worst_function": None if worst is None else worst["worst_function"],
        "worst_change_min": math.nan if worst is None else worst["worst_change_min"],
    }

"""Places rolled up by group: who goes how far before and after a change, with nobody lost and nobody counted twice.

A place counts with the people of the group it has. Where their number is not known it counts as a place, and where one of its times is
not known its people count as not known: neither is ever taken for none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from assetplan.issues import Issue
from assetplan.schema import table
from assetplan.text import counted
from assetplan.travel.osm import named
from assetplan.travel.snapping import DIGITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

GROUP_COLUMNS = tuple(table("access_groups"))
ROLLUP_COLUMNS = GROUP_COLUMNS[2:]
ISOLATION_COLUMNS = tuple(table("isolation"))
ISOLATION_MIN = (20.0, 30.0)
# A change by less than half a minute is told as none: no time here is as sure as that.
LEAST_MIN = 0.5
EVERYONE = "everyone"
_COUNTED = (
    ("under_16", "under 16"),
    ("over_65", "65 and over"),
    ("disabled", "disabled people"),
    ("no_car", "in homes without a car"),
)
_DEPRIVATION = (
    ("most deprived places (deciles 1 to 3)", 1, 3),
    ("middling places (deciles 4 to 7)", 4, 7),
    ("least deprived places (deciles 8 to 10)", 8, 10),
)


def rolled_up(places: pd.DataFrame, people: pd.Series) -> dict[str, Any]:
    """The figures of some places, each with so many people.

    Parameters
    ----------
    places
        `demand_id`, `name`, `before_min`, `after_min`; NaN where a time is not known.
    people
        People of each place, by the same index; NaN where their number is not known, 0 where there are none.

    Returns
    -------
    dict
        By `ROLLUP_COLUMNS`. Means are weighted by people, and are NaN where there is nobody whose times are known. `people` is the
        sum of `people_farther`, `people_nearer`, `people_same` and `people_not_known`.

    Examples
    --------
    >>> places = pd.DataFrame(
    ...     {"demand_id": ["a", "b"], "name": ["A", "B"], "before_min": [2.0, 4.0], "after_min": [5.0, 4.0]}
    ... )
    >>> figures = rolled_up(places, pd.Series([10.0, 30.0]))
    >>> (
    ...     figures["mean_before_min"],
    ...     figures["mean_after_min"],
    ...     figures["people_minutes_change"],
    ...     figures["people_farther"],
    ... )
    (3.5, 4.25, 30.0, 10.0)
    """
    count = people.to_numpy(dtype=np.float64)
    before, after = (places[name].to_numpy(dtype=np.float64) for name in ("before_min", "after_min"))
    number = np.nan_to_num(count)
    timed = ~np.isnan(before) & ~np.isnan(after)
    change = np.where(timed, np.round(after - before, DIGITS), 0.0)
    all_people = math.fsum(number)
    farther_, nearer = _sum(number, timed & (change >= LEAST_MIN)), _sum(number, timed & (change <= -LEAST_MIN))
    of_time = _sum(number, timed)
    none = all_people > 0 and of_time == 0
    sums = [math.nan if none else math.fsum((number * times)[timed]) for times in (before, after)]
    means = [total / of_time if of_time > 0 else math.nan for total in sums]
    concerned = count != 0  # places whose people are not known among them
    at_worst = _first_largest(places, np.where(concerned & timed & (change > 0), change, np.nan))
    at_longest = _first_largest(places, np.where(concerned, after, np.nan))
    names = places["name"].tolist()
    return {
        "places": int(concerned.sum()),
        "places_uncounted": int(np.isnan(count).sum()),
        "people": all_people,
        "people_not_known": _sum(number, ~timed),
        "people_left_without": _sum(number, ~np.isnan(before) & np.isnan(after)),
        "people_farther": farther_,
        "people_nearer": nearer,
        "people_same": _sum(number, timed & (np.abs(change) < LEAST_MIN)),
        "mean_before_min": means[0],
        "mean_after_min": means[1],
        "people_minutes_before": sums[0],
        "people_minutes_after": sums[1],
        "people_minutes_change": sums[1] - sums[0],
        "worst_place": None if at_worst is None else names[at_worst],
        "worst_change_min": math.nan if at_worst is None else float(change[at_worst]),
        "longest_place": None if at_longest is None else names[at_longest],
        "longest_after_min": math.nan if at_longest is None else float(after[at_longest]),
    }


def by_groups(places: pd.DataFrame) -> pd.DataFrame:
    """The figures of everyone and of each group; `places` as `assetplan.access.AccessChange` has them."""
    rows = [{"group": name, "parts": parts, **rolled_up(places, people)} for name, parts, people in _groups(places)]
    return pd.DataFrame(rows, columns=list(GROUP_COLUMNS))


def farther(places: pd.DataFrame, over_min: Sequence[float], nowhere: tuple[bool, bool]) -> pd.DataFrame:
    """People whose trip is longer than some minutes, before and after, in rural places and without a car.

    Raises
    ------
    ValueError
        Where a time is no number of minutes, 0 or more.
    """
    limits = sorted({float(limit) for limit in over_min})
    if not all(math.isfinite(limit) and limit >= 0 for limit in limits):
        raise ValueError(f"over_min: {list(over_min)!r} are not all minutes, 0 or more.")
    rural = places["rural"].map(lambda said: said is True).to_numpy(dtype=bool)
    whole = {EVERYONE: places["population"], "in homes without a car": places["no_car"]}
    sets = {
        **whole,
        "in rural places": places["population"].where(rural, 0.0),
        "in rural places, in homes without a car": places["no_car"].where(rural, 0.0),
    }
    rows = []
    for limit in limits:
        for name, people in sets.items():
            count = people.to_numpy(dtype=np.float64)
            number = np.nan_to_num(count)
            row: dict[str, Any] = {"over_min": limit, "group": name, "people": math.fsum(number)}
            for when, none in zip(("before", "after"), nowhere, strict=True):
                times = places[f"{when}_min"].to_numpy(dtype=np.float64)
                times = np.full(len(times), np.inf) if none else times
                row[f"people_{when}"] = _sum(number, times > limit)
                row[f"people_not_known_{when}"] = _sum(number, np.isnan(times))
            row["people_change"] = row["people_after"] - row["people_before"]
            row["places_uncounted"] = int(np.isnan(count).sum())
            rows.append(row)
    return pd.DataFrame(rows, columns=list(ISOLATION_COLUMNS))


def belonging(areas: gpd.GeoDataFrame, demand: gpd.GeoDataFrame) -> tuple[dict[str, dict[str, str]], list[Issue]]:
    """Of each kind of area the one each demand point is in, and the points that are in several."""
    ids = list(demand["demand_id"])
    shapes = demand.geometry.to_numpy()
    tree = shapely.STRtree(np.where(shapely.is_missing(shapes), shapely.Point(), shapes)) if ids else None
    out: dict[str, dict[str, str]] = {}
    issues = []
    for kind, group in areas.groupby("kind", sort=True):
        listed: dict[str, list[str]] = {}
        covered: dict[str, list[str]] = {}
        chosen = group.sort_values("area_id")
        for key, members, shape in zip(chosen["area_id"], chosen["members"], chosen.geometry, strict=True):
            for member in members:
                listed.setdefault(member, []).append(key)
            if shape is not None and tree is not None:
                for at in tree.query(shape, predicate="covers"):
                    covered.setdefault(ids[at], []).append(key)
        found = {key: listed.get(key) or covered.get(key, []) for key in ids}
        out[str(kind)] = {key: areas_of[0] for key, areas_of in found.items() if areas_of}
        several = np.array([i for i, key in enumerate(ids) if len(found[key]) > 1], dtype=np.intp)
        if len(several):
            issues.append(
                Issue("areas.geojson", named(ids, several), "", "in-several-areas", "",
                      f"{counted(len(several), 'place')} in several areas of the kind {kind}",
                      "Counted in the one whose identifier sorts first, so that nobody counts twice. Draw the areas apart.")
            )  # fmt: skip
    return out, issues


def _groups(places: pd.DataFrame) -> list[tuple[str, str, pd.Series]]:
    """The name of each group, what its groups part ("" where they overlap), and its people in each place."""
    people = places["population"]
    out: list[tuple[str, str, pd.Series]] = [(EVERYONE, "", people)]
    out += [(name, "", places[column]) for column, name in _COUNTED]
    decile = places["imd_decile"].astype(float)
    out += [(name, "deprivation", people.where(decile.between(low, high), 0.0)) for name, low, high in _DEPRIVATION]
    out.append(("deprivation not known", "deprivation", people.where(decile.isna(), 0.0)))
    for name, said in (("rural places", True), ("places that are not rural", False)):
        out.append(
            (name, "rural", people.where(places["rural"].map(lambda value, said=said: value is said).astype(bool), 0.0))
        )
    unsaid = places["rural"].map(lambda value: value is not True and value is not False).astype(bool)
    out.append(("rural or not is not known", "rural", people.where(unsaid, 0.0)))
    return out


def _sum(number: Floats, where: NDArray[np.bool_]) -> float:
    return math.fsum(number[where])


def _first_largest(places: pd.DataFrame, values: Floats) -> int | None:
    """Where the largest value stands; of equals the one whose identifier sorts first; None where there is none."""
    if np.isnan(values).all():
        return None
    at = np.flatnonzero(values == np.nanmax(values))
    ids = places["demand_id"].tolist()
    return int(min(at, key=lambda i: str(ids[i])))

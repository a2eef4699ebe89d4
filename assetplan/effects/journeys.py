"""What a scenario does to people's ways: how much further or nearer the services that people come to are, once all of it is done.

Before is today, after is the end of the whole scenario; what lies between is told by its timeline. People go to the nearest service of a
function that the estate knows. An index of trips, one way, by each person, and where visits are stated minutes a year. Who is named among
groups is counted, not judged: nothing here is a conclusion on equality.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assetplan.access import ONE_TRIP
from assetplan.effects.groundwork import Groundwork
from assetplan.rollups import EVERYONE, LEAST_MIN, by_groups
from assetplan.tables import records
from assetplan.text import shown_name
from assetplan.travel.telling import IN_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.access import AccessChange
    from assetplan.estate import Estate
    from assetplan.scenarios.course import Course
    from assetplan.scenarios.ground import Record
    from assetplan.scenarios.scenario import Scenario

    Floats = NDArray[np.float64]

MODES = ("car", "foot")
NO_CONCLUSION = (
    "People of each group are counted so that whoever decides can give them regard; nothing here concludes on equality."
)
SPREAD = "Visits are spread over those who live nearest to a service today, and are counted there and back."
WEEKDAYS_PA = 253.0
"""Days a year from Monday to Friday that are no bank holiday in England: 365, less 104 at weekends, less 8."""
WEEKEND_DAYS_PA = (52.0, 104.0)
"""Days that opening at the weekend adds: Saturdays alone, or both."""
_THERE_AND_BACK = 2.0

FUNCTION_COLUMNS = (
    "mode", "function", "services", "people", "people_not_known", "people_farther", "people_nearer", "people_same", "mean_before_min",
    "mean_after_min", "people_minutes_before", "people_minutes_after", "people_minutes_change", "worst_place", "worst_change_min",
    "visit_minutes_low_pa", "visit_minutes_high_pa", "why_not_known", "why_no_visits",
)  # fmt: skip
PLACE_COLUMNS = (
    "mode", "function", "demand_id", "name", "population", "facility_before", "before_min", "facility_after", "after_min", "change_min",
    "why_not_known",
)  # fmt: skip
GROUP_COLUMNS = (
    "mode", "group", "parts", "people", "people_not_known", "people_farther", "people_nearer", "people_minutes_change", "worst_place",
    "worst_change_min",
)  # fmt: skip
TOTAL_COLUMNS = (
    "mode", "functions", "functions_not_known", "people", "people_not_known", "people_farther", "people_nearer", "people_minutes_change",
    "known_people_minutes_change", "worst_place", "worst_function", "worst_change_min", "visit_minutes_low_pa", "visit_minutes_high_pa",
)  # fmt: skip
_NO_NUMBERS = {
    "mode", "function", "services", "worst_place", "worst_function", "why_not_known", "why_no_visits", "demand_id", "name", "facility_before",
    "facility_after", "group", "parts",
}  # fmt: skip
_ROLLED = (
    "people", "people_not_known", "people_farther", "people_nearer", "people_same", "mean_before_min", "mean_after_min",
    "people_minutes_before", "people_minutes_after", "people_minutes_change", "worst_place", "worst_change_min",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class AccessEffect:
    """How far people go for what a scenario moves, before and after the whole of it.

    Attributes
    ----------
    totals
        One row for each mode. Sums over functions: `people_minutes_change` is NaN where it is not known of one of them, and
        `known_people_minutes_change` what is known comes to. `people_farther` have a longer way to one function at least, `people_nearer` a
        shorter one; somebody may be both, and nobody counts twice in one. The worst place is that whose way to one function grows most.
    functions
        One row for each mode and function of which a service that people come to ends up elsewhere. `visit_minutes_low_pa` and
        `visit_minutes_high_pa` are minutes a year by the visits that are stated, there and back; below 0 where ways get shorter.
        `why_not_known` and `why_no_visits` say why figures are missing; else blank.
    places
        One row for each mode, function and place people start from, with the nearest service and the minutes, one way.
    groups
        One row for each mode and group: people over 65, disabled, without a car, under 16, by deprivation, rural or not. They overlap.
    unknowns
        What is not known and why, in sentences.
    notes
        What the figures rest on.
    """

    totals: pd.DataFrame
    functions: pd.DataFrame
    places: pd.DataFrame
    groups: pd.DataFrame
    unknowns: tuple[str, ...]
    notes: tuple[str, ...]

    def total(self, mode: str = "car") -> dict[str, Any]:
        """The row of `totals` for a mode.

        Raises
        ------
        KeyError
            Where access by that mode was not asked for.
        """
        found = self.totals[self.totals["mode"] == mode]
        if found.empty:
            raise KeyError(mode)
        return {str(key): value for key, value in found.iloc[0].items()}

    def in_words(self, mode: str = "car") -> str:
        """The effect by one mode as a cell of a table says it.

        Examples
        --------
        >>> import assetplan as ap
        >>> hub = ap.Scenario(
        ...     "Moved", [ap.Relocate(service="nycc-library", to="rdc:A0001", year=2012)], audience="public"
        ... )
        >>> access_effect(ap.read_estate("data/malton"), hub).in_words("foot")[:38]
        'On foot: +58,000 people-minutes a trip'
        """
        row, how = self.total(mode), IN_WORDS.get(mode, mode)
        how = how[:1].upper() + how[1:]
        if not row["functions"]:
            return f"{how}: not known." if self.unknowns else f"{how}: nothing that people come to ends up elsewhere."
        known, change = float(row["known_people_minutes_change"]), float(row["people_minutes_change"])
        said = f"{how}: {about(known)} people-minutes a trip" if not math.isnan(known) else f"{how}: not known"
        if math.isnan(change) and not math.isnan(known):
            said += f", of what is known; not known of {row['functions_not_known']} of {row['functions']} functions"
        if row["functions_not_known"] == row["functions"]:
            return f"{said}."
        if not row["worst_change_min"] >= LEAST_MIN:
            said += "; nobody's way is known to grow by half a minute or more"
        else:
            said += f"; worst {shown_name(row['worst_place'])} +{row['worst_change_min']:.1f} min ({shown_name(row['worst_function'])})"
        return f"{said}."

    def __repr__(self) -> str:
        return f"<AccessEffect: {' '.join(self.in_words(mode) for mode in self.totals['mode'])}>"


def access_effect(
    estate: Estate, scenario: Scenario, *, modes: Sequence[str] = MODES, groundwork: Groundwork | None = None
) -> AccessEffect:
    """How far people go for what a scenario moves, before and after the whole of it.

    Parameters
    ----------
    estate
        The estate, for any reader. Whether that reader may be shown the result is for the caller: see `Estate.released`.
    scenario
        The scenario. Actions that name what the estate has not are left out, and that is told.
    modes
        How people travel: some of ``car``, ``foot``, ``cycle``.
    groundwork
        What several scenarios of the estate have in common: make one `Groundwork` and give it each time.

    Returns
    -------
    AccessEffect
        Services that stay are not looked at by themselves: people go to the nearest of a function, those that stay among them.

    Raises
    ------
    ScenarioError
        Where the scenario is not for the estate's reader.

    Notes
    -----
    People come to a service where visits, a public counter or public space are stated, or where anybody may walk in; where none of this is stated
    and nothing says that it is for staff, whether they do is not known, and that is told. Of a whole that states nothing itself its parts say.
    A day has as many visits as are stated, and a year 253 weekdays (England: 365 less weekends and 8 bank holidays) with 52 to 104 more where
    the service is open at weekends.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> hub = ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml")
    >>> effect = access_effect(estate, hub)
    >>> sorted(set(effect.functions["function"]))
    ['council front desk', 'library', 'police desk']
    """
    groundwork = Groundwork(estate) if groundwork is None else groundwork
    course = groundwork.course(scenario)
    key = ("access", tuple(modes), tuple(sorted(groundwork.moved(course).items())), course.lost)
    found: AccessEffect = groundwork.once(key, lambda: _effect(groundwork, course, modes))
    return found


def _effect(groundwork: Groundwork, course: Course, modes: Sequence[str]) -> AccessEffect:
    unknowns: list[str] = []
    moved = _by_function(groundwork, course, unknowns)
    notes = [ONE_TRIP, SPREAD, NO_CONCLUSION] if moved else []
    functions, places, totals, groups = [], [], [], []
    for mode in modes:
        rows, changes = [], {}
        for function, moves in moved.items():
            change: AccessChange | str = _cannot(groundwork, mode, moves, course) or groundwork.access(
                function, mode, moves
            )
            row = _function_row(groundwork, mode, function, moves, change)
            rows.append(row)
            if isinstance(change, str):
                said = f"How far people would go {IN_WORDS.get(mode, mode)} to {shown_name(function)} is not known: {row['why_not_known']}"
                unknowns.append(said)
                continue
            changes[function] = change
            notes += [change.note, *change.sources]
            unknowns += [_issue(function, mode, one) for one in change.issues if one.code in _TOLD]
            places += _place_rows(mode, function, change)
            if row["why_no_visits"]:
                unknowns.append(
                    f"Minutes a year {IN_WORDS.get(mode, mode)} to {shown_name(function)} are not known: {row['why_no_visits']}"
                )
        functions += rows
        by_group = _group_rows(mode, rows, changes)
        totals.append(_total(mode, rows, by_group))
        groups += by_group
    return AccessEffect(
        totals=_frame(totals, TOTAL_COLUMNS),
        functions=_frame(functions, FUNCTION_COLUMNS),
        places=_frame(places, PLACE_COLUMNS),
        groups=_frame(groups, GROUP_COLUMNS),
        unknowns=tuple(dict.fromkeys(unknowns)),
        notes=tuple(dict.fromkeys(notes)),
    )


# ------------------------------------------------------------------------------------------------------- who is visited

_TOLD = {
    "service-not-placed",
    "not-known",
    "gap-to-network",
    "straight-line",
    "point-without-place",
    "point-not-in-matrix",
}


def visited(row: Record) -> bool | None:
    """Whether people come to a service; None where nothing says.

    Examples
    --------
    >>> nothing = dict.fromkeys(("visits_per_day", "counters", "public_m2", "security"))
    >>> visited({**nothing, "visits_per_day": 12.0}), visited({**nothing, "security": "staff only"}), visited(nothing)
    (True, False, None)
    """
    visits = row["visits_per_day"]
    if visits is not None and not math.isnan(visits):
        return bool(visits > 0)
    stated = [row[name] for name in ("counters", "public_m2") if row[name] is not None and not math.isnan(row[name])]
    if any(number > 0 for number in stated) or row["security"] == "open":
        return True
    return False if row["security"] in {"staff only", "secure"} else None


def days_pa(hours: Sequence[str]) -> tuple[float, float]:
    """Days a year on which a service is open, the fewest and the most; NaN where its hours are not stated."""
    if not hours:
        return math.nan, math.nan
    weekdays = WEEKDAYS_PA if set(hours) - {"weekend"} else 0.0
    more = WEEKEND_DAYS_PA if "weekend" in hours else (0.0, 0.0)
    return weekdays + more[0], weekdays + more[1]


def _by_function(groundwork: Groundwork, course: Course, unknowns: list[str]) -> dict[str, dict[str, str]]:
    """By function that people come to, its services that end up elsewhere, with where to."""
    services = groundwork.ground.services
    out: dict[str, dict[str, str]] = {}
    unknowns += [
        f"Where {groundwork.name(service)} would be is not known: an action that moves it names what is not known here."
        for service in sorted(course.lost & set(services))
    ]
    for service, (_, to) in groundwork.moved(course).items():
        row = services[service]
        coming = visited(row)
        if coming is None and not course.parts_of(service):
            unknowns.append(f"Whether people come to {groundwork.name(service)}, which moves, is not known.")
        if coming and service not in course.lost:
            out.setdefault(str(row["function"]).casefold(), {})[service] = to
    named = {function: str(services[next(iter(moves))]["function"]) for function, moves in out.items()}
    return {named[function]: dict(sorted(out[function].items())) for function in sorted(out)}


def _cannot(groundwork: Groundwork, mode: str, moves: Mapping[str, str], course: Course) -> str:
    """Why nothing can be said of a change; blank where it can be tried."""
    if groundwork.estate.demand.empty:
        return "nothing says where people live."
    travel = groundwork.travel(mode)
    for service in moves:
        home = groundwork.ground.home[service]
        if not home:
            return f"nothing says where {groundwork.name(service)} is today."
        if isinstance(travel, str) or travel.basis == "matrix" or home not in groundwork.estate.assets.index:
            continue
        shape = groundwork.estate.assets.geometry.at[home]
        if shape is None or shape.is_empty:
            return f"where {groundwork.name(home)} lies, in which {groundwork.name(service)} is today, is not known."
    function = str(groundwork.ground.services[next(iter(moves))]["function"]).casefold()
    for service in sorted(course.lost & set(groundwork.ground.services)):
        if str(groundwork.ground.services[service]["function"]).casefold() == function:
            return f"where {groundwork.name(service)} would be is not known."
    return ""


# ------------------------------------------------------------------------------------------------------- rows


def _function_row(
    groundwork: Groundwork, mode: str, function: str, moves: Mapping[str, str], change: AccessChange | str
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(FUNCTION_COLUMNS, math.nan)
    row |= {"mode": mode, "function": function, "services": tuple(moves), "worst_place": None}
    row |= {"why_not_known": "", "why_no_visits": ""}
    if isinstance(change, str):
        return {**row, "why_not_known": change}
    low, high, why = _visit_minutes(groundwork, change, moves)
    rolled = {name: change.total[name] for name in _ROLLED}
    lacking = "" if not math.isnan(rolled["people_minutes_change"]) else "no time is known for anybody."
    return {
        **row,
        **rolled,
        "visit_minutes_low_pa": low,
        "visit_minutes_high_pa": high,
        "why_not_known": lacking,
        "why_no_visits": why,
    }


def _visit_minutes(groundwork: Groundwork, change: AccessChange, moves: Mapping[str, str]) -> tuple[float, float, str]:
    """Minutes a year that visits grow by, the least and the most, or why they are not known.

    A service's visits are spread over the people who live nearest to it; those whose way does not change add nothing.
    """
    places = change.places
    nearest = places["facility_before"].to_numpy(dtype=object)
    people, change_min = (places[name].to_numpy(dtype=np.float64) for name in ("population", "change_min"))
    low = high = 0.0
    for service in sorted({*moves, *(str(key) for key in nearest if key is not None)}):
        here = np.array([key == service for key in nearest], dtype=bool)
        concerned = here & (people != 0)
        if service not in moves and not np.any(np.nan_to_num(change_min[concerned], nan=1.0)):
            continue
        row, name = groundwork.ground.services[service], groundwork.name(service)
        visits, (fewest, most) = row["visits_per_day"], days_pa(row["hours"] or ())
        if visits is None or math.isnan(visits):
            return math.nan, math.nan, f"how many people come to {name} is not stated."
        if visits == 0:
            continue
        if math.isnan(fewest):
            return math.nan, math.nan, f"when {name} is open is not stated."
        if not concerned.any():
            return (
                math.nan,
                math.nan,
                f"nobody who lives here is nearest to {name}, so where its visitors come from is not known.",
            )
        if np.isnan(people[concerned]).any() or np.isnan(change_min[concerned]).any():
            return math.nan, math.nan, f"people or times of some places nearest to {name} are not known."
        each = float(people[concerned] @ change_min[concerned] / people[concerned].sum())
        ends = sorted(visits * days * _THERE_AND_BACK * each for days in (fewest, most))
        low, high = low + ends[0], high + ends[1]
    return low, high, ""


_LACKS = {
    (True, True): "no way to one is known, today or after.",
    (True, False): "no way to one is known today.",
    (False, True): "no way to one is known after.",
    (False, False): "",
}


def _place_rows(mode: str, function: str, change: AccessChange) -> list[dict[str, Any]]:
    ends = zip(change.places["before_min"].isna().tolist(), change.places["after_min"].isna().tolist(), strict=True)
    frame = change.places.assign(mode=mode, function=function, why_not_known=[_LACKS[pair] for pair in ends])
    return records(frame[list(PLACE_COLUMNS)])


def _extremes(changes: Mapping[str, AccessChange], *, complete: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of each place the function to which its way grows most, and that to which it shrinks most, as changes from nothing.

    Where a change is not known of some function, a place counts only if another decides it.
    """
    first = next(iter(changes.values())).places
    each = np.stack([change.places["change_min"].to_numpy(dtype=np.float64) for change in changes.values()])
    open_ = np.isnan(each).any(axis=0) | (not complete)
    most = np.where(np.isnan(each), -np.inf, each).max(axis=0)
    least = np.where(np.isnan(each), np.inf, each).min(axis=0)
    frames = []
    for found, decided in ((most, most >= LEAST_MIN), (least, least <= -LEAST_MIN)):
        known = np.isfinite(found) & (~open_ | decided)
        frames.append(first.assign(before_min=0.0, after_min=np.where(known, found, np.nan)))
    return frames[0], frames[1]


def _total(mode: str, rows: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = dict.fromkeys(TOTAL_COLUMNS, math.nan)
    out |= {"mode": mode, "functions": len(rows), "worst_place": None, "worst_function": None}
    out["functions_not_known"] = sum(bool(row["why_not_known"]) for row in rows)
    sums = [float(row["people_minutes_change"]) for row in rows]
    known = [value for value in sums if not math.isnan(value)]
    out["people_minutes_change"] = math.fsum(sums) if len(known) == len(sums) else math.nan
    out["known_people_minutes_change"] = math.fsum(known) if known or not rows else math.nan
    for end in ("visit_minutes_low_pa", "visit_minutes_high_pa"):
        out[end] = float(sum(row[end] for row in rows))
    worst = [row for row in rows if row["worst_place"] is not None]
    if worst:
        one = max(worst, key=lambda row: row["worst_change_min"])
        out |= {
            "worst_place": one["worst_place"],
            "worst_change_min": one["worst_change_min"],
            "worst_function": one["function"],
        }
    if groups:
        everyone = next(row for row in groups if row["group"] == EVERYONE)
        out |= {name: everyone[name] for name in ("people", "people_not_known", "people_farther", "people_nearer")}
    elif not rows:
        out |= {"people_farther": 0.0, "people_nearer": 0.0}
    return out


def _group_rows(
    mode: str, rows: Sequence[Mapping[str, Any]], changes: Mapping[str, AccessChange]
) -> list[dict[str, Any]]:
    """The figures of everyone and of each group, over all functions; nobody counts twice among those with a longer way."""
    if not changes:
        return []
    each = [change.by_group() for change in changes.values()]
    complete = len(changes) == len(rows)
    longer, shorter = (by_groups(frame) for frame in _extremes(changes, complete=complete))
    out = []
    for at, group in enumerate(longer["group"]):
        sums = [float(frame["people_minutes_change"].iloc[at]) for frame in each]
        worst = max(
            (frame.iloc[at] for frame in each if isinstance(frame["worst_place"].iloc[at], str)),
            key=lambda row: float(row["worst_change_min"]),
            default=None,
        )
        out.append({
            "mode": mode,
            "group": group,
            "parts": longer["parts"].iloc[at],
            "people": float(longer["people"].iloc[at]),
            "people_not_known": max(float(frame["people_not_known"].iloc[at]) for frame in (longer, shorter)),
            "people_farther": float(longer["people_farther"].iloc[at]),
            "people_nearer": float(shorter["people_nearer"].iloc[at]),
            "people_minutes_change": math.fsum(sums) if complete and not any(map(math.isnan, sums)) else math.nan,
            "worst_place": None if worst is None else worst["worst_place"],
            "worst_change_min": math.nan if worst is None else float(worst["worst_change_min"]),
        })  # fmt: skip
    return out


def about(number: float) -> str:
    """A change to two figures that count, with its sign: none here is known better.

    Examples
    --------
    >>> about(-21_524.0), about(312.0), about(0.2)
    ('-22,000', '+310', '0')
    """
    digits = max(0, len(f"{abs(number):.0f}") - 2)
    rounded = round(number, -digits)
    return f"{rounded:+,.0f}" if round(rounded) else "0"


def _issue(function: str, mode: str, issue: Any) -> str:
    where = f" ({shown_name(issue.row)})" if issue.row else ""
    return f"{shown_name(function)}, {IN_WORDS.get(mode, mode)}: {shown_name(issue.message)}{where}. {shown_name(issue.action)}"


def _frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a frame whose numbers are numbers whether there are rows or not."""
    frame = pd.DataFrame(list(rows), columns=list(columns), dtype=object)
    counts = dict.fromkeys([name for name in columns if name.startswith("functions")], "int64")
    return frame.astype({**dict.fromkeys([name for name in columns if name not in _NO_NUMBERS], "float64"), **counts})

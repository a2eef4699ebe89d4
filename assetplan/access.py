"""How far people go for a service, and how that would change if one closed, opened or moved.

Every figure rests on one trip, one way, by each person: an index by which places and groups compare, not a count of journeys. People
go to the nearest service of the kind that the estate knows; one across its edge may be nearer still.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from rapidfuzz import process

from assetplan.facilities import (
    Place,
    check_service,
    concerned,
    lookup,
    nearest_of,
    no_such_function,
    place_of,
    services_of,
)
from assetplan.grid import BRITISH_GRID
from assetplan.issues import Issue, readable
from assetplan.rollups import ISOLATION_MIN, ROLLUP_COLUMNS, belonging, by_groups, farther, rolled_up
from assetplan.schema import table
from assetplan.text import counted, visible
from assetplan.travel.osm import named
from assetplan.travel.routing import isochrone
from assetplan.travel.snapping import DIGITS, snap
from assetplan.travel.telling import IN_WORDS
from assetplan.travelling import network_behind, travel_of
from assetplan.vocabulary import AREA_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assetplan.estate import Estate
    from assetplan.travel.times import Travel


ACCESS_COLUMNS = tuple(table("access"))
PLACE_COLUMNS = tuple(table("access_change"))
# A gap from a place to the network that is worth telling, in metres: about three minutes' walk.
GAP_M = 250.0
ONE_TRIP = "An index: one trip, one way, by each person; not a count of journeys."
ONLY_THESE = "People go to the nearest service of the kind that is known here; one outside may be nearer."
_GROUPS = ["under_16", "over_65", "disabled", "no_car", "imd_decile", "rural"]


# ------------------------------------------------------------------------------------------------------- where people go


def access_to(estate: Estate, function: str, *, mode: str = "car", travel: Travel | None = None) -> pd.DataFrame:
    """How far people go now: of each place they start from the nearest service of a kind, and the minutes to it.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    function
        What the service does, as services.csv says it.
    mode
        One of ``car``, ``foot``, ``cycle``.
    travel
        What the times rest on; by default what `assetplan.travel_of` finds for the mode.

    Returns
    -------
    pandas.DataFrame
        One row for each row of ``estate.demand``, in its order; columns as ``assetplan columns --table access`` lists them. `facility`
        is None and `minutes` NaN where no time is known; `snap_gap_m` is NaN where the times rest on no network.

    Raises
    ------
    SubjectError
        Where no service known to the reader does that.
    EstateError
        As `assetplan.travel_of`.

    Examples
    --------
    >>> import assetplan as ap
    >>> access = ap.access_to(ap.read_estate("data/malton"), "library").set_index("demand_id")
    >>> access.loc["norton-east", "facility"]
    'nycc-norton-hub'
    """
    return as_it_is(access_change(estate, function=function, mode=mode, travel=travel))


def as_it_is(change: AccessChange) -> pd.DataFrame:
    """How far people go before a change, as `access_to` gives it."""
    frame = change.places.rename(columns={"facility_before": "facility", "before_min": "minutes"})
    return frame[list(ACCESS_COLUMNS)]


def reach(
    estate: Estate, subjects: Iterable[str], limits_min: Sequence[float] = (5, 10, 15, 20), *, mode: str = "car"
) -> gpd.GeoDataFrame:
    """The area from which one of several services or assets is reached within some minutes.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    subjects
        Identifiers of services, assets or parcels.
    limits_min
        Times, in minutes.
    mode
        One of ``car``, ``foot``, ``cycle``.

    Returns
    -------
    geopandas.GeoDataFrame
        As `assetplan.isochrone` gives it: `limit_min`, `nodes` and an area in EPSG:27700. Empty, with these columns, where times do not
        rest on a network.

    Raises
    ------
    SubjectError
        Where the reader knows no such service, asset or parcel.
    ValueError
        Where the place of one is not known, or a limit is no number of minutes above 0.

    Examples
    --------
    >>> import assetplan as ap
    >>> ap.reach(ap.read_estate("data/malton"), ["nycc-library"], [5, 10])["limit_min"].tolist()
    [5.0, 10.0]
    """
    asset_of = dict(zip(estate.services["service_id"], estate.services["asset_id"], strict=True))
    points: dict[str, Any] = {}
    for key in dict.fromkeys([subjects] if isinstance(subjects, str) else subjects):
        if key in asset_of and asset_of[key] is None:
            raise ValueError(f"{visible(key)}: nothing says which asset the service is in. Give it in services.csv.")
        points[key] = place_of(estate, asset_of.get(key, key))[1]
    network = network_behind(travel_of(estate, mode))
    if network is None or not points:
        columns = {"limit_min": np.empty(0), "nodes": np.empty(0, dtype=np.int64)}
        return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=BRITISH_GRID), crs=BRITISH_GRID)
    return isochrone(network, gpd.GeoSeries(points, crs=BRITISH_GRID), limits_min)


# ------------------------------------------------------------------------------------------------------- before and after


@dataclass(frozen=True, eq=False, repr=False)
class AccessChange:
    """How far people go for a service before and after a change.

    Attributes
    ----------
    function, mode
        What the service does, and how people travel.
    places
        One row for each place people start from, in the order of ``estate.demand``; columns as ``assetplan columns --table
        access_change`` lists them, and those of the groups as the data gives them.
    facilities
        The services concerned, by identifier: `name`, `organisation`, `what` (stays, closes, opens or moves), `place` and `place_after`
        (asset, parcel or point; None where there is none), and where it stands after the change (before it, where it closes).
    areas
        Areas of every kind: `kind`, `area_id` and `name`.
    note
        What the times rest on, in sentences.
    sources
        Who says how many people there are and where services stand, in sentences.
    issues
        What a person should know of the times.
    nowhere
        Whether no service of the kind is known at all, before and after the change.

    Notes
    -----
    Totals and means before and after are over the same people: those of places for which both times are known. What is not known is
    counted apart, in people where their number is known and in places where it is not.
    """

    function: str
    mode: str
    places: pd.DataFrame
    facilities: gpd.GeoDataFrame
    areas: pd.DataFrame
    note: str
    sources: tuple[str, ...]
    issues: tuple[Issue, ...]
    nowhere: tuple[bool, bool]
    _belongs: Mapping[str, Mapping[str, str]] = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"<AccessChange to {self.function!r} {IN_WORDS.get(self.mode, self.mode)}: {len(self.places):,} places, {self.people:,.0f} people; "
            f"people-minutes {self.people_minutes_before:,.0f} to {self.people_minutes_after:,.0f}>"
        )

    @cached_property
    def proposes(self) -> bool:
        """Whether anything closes, opens or moves."""
        return bool((self.facilities["what"] != "stays").any())

    @cached_property
    def total(self) -> Mapping[str, Any]:
        """The figures for everyone: columns as `by_group` gives them."""
        return rolled_up(self.places, self.places["population"])

    @property
    def people(self) -> float:
        """People in places that give their number."""
        return float(self.total["people"])

    @property
    def people_minutes_before(self) -> float:
        """Minutes of one trip each before the change, over all people for whom both times are known; NaN where there is nobody."""
        return float(self.total["people_minutes_before"])

    @property
    def people_minutes_after(self) -> float:
        """Minutes of one trip each after the change, over the same people."""
        return float(self.total["people_minutes_after"])

    @property
    def people_minutes_change(self) -> float:
        """People-minutes after less those before."""
        return float(self.total["people_minutes_change"])

    @property
    def worst(self) -> pd.DataFrame:
        """The place that loses most, and those with the longest trips: rows of `places`, by what they are.

        Rows are ``loses most``, ``gains most``, ``longest before`` and ``longest after``, as far as there is such a place; of places that
        are alike the one whose identifier sorts first.
        """
        picks = {
            "loses most": self.places["change_min"].where(self.places["change_min"] > 0),
            "gains most": -self.places["change_min"].where(self.places["change_min"] < 0),
            "longest before": self.places["before_min"],
            "longest after": self.places["after_min"],
        }
        keys = self.places["demand_id"].astype(str)
        found = {what: keys[values == values.max()].sort_values().index[:1] for what, values in picks.items()}
        rows = [self.places.loc[at].assign(what=what) for what, at in found.items() if len(at)]
        empty = self.places.iloc[:0].assign(what=pd.Series(dtype=object))
        return (pd.concat(rows) if rows else empty).set_index("what")

    def by_group(self) -> pd.DataFrame:
        """The figures of everyone and of each group that the data has.

        Returns
        -------
        pandas.DataFrame
            One row a group: everyone; under 16, 65 and over, disabled people, people in homes without a car, who overlap; thirds of
            deprivation, and rural or not, which part everyone, with those of whom it is not known. Columns as ``assetplan
            columns --table access_groups`` lists them.
        """
        return by_groups(self.places)

    def by_area(self, kind: str = "ward") -> pd.DataFrame:
        """The figures of each area of a kind.

        Parameters
        ----------
        kind
            One of `assetplan.vocabulary.AREA_KINDS`.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``area_id``; `name`, then columns as `by_group` gives them. The last row, under the empty identifier, is what
            lies in no area of the kind. Each place is in one area: that which lists it, or else whose shape covers it; of several, on
            a border say, the one whose identifier sorts first. So people add up to everyone.

        Raises
        ------
        ValueError
            Where there is no such kind of area.
        """
        if kind not in AREA_KINDS:
            raise ValueError(f"kind: {kind!r} is none of {', '.join(AREA_KINDS)}.")
        of = self._belongs.get(kind, {})
        area = self.places["demand_id"].map(lambda key: of.get(key, ""))
        groups = area.groupby(area.to_numpy()).groups
        chosen = self.areas[self.areas["kind"] == kind].sort_values("area_id")
        names = {**dict(zip(chosen["area_id"], chosen["name"], strict=True)), "": f"in no {kind}"}
        rows = []
        for key, name in names.items():
            part = self.places.loc[groups.get(key, [])]
            rows.append({"area_id": key, "name": name, **rolled_up(part, part["population"])})
        return pd.DataFrame(rows, columns=["area_id", "name", *ROLLUP_COLUMNS]).set_index("area_id")

    def isolation(self, over_min: Sequence[float] = ISOLATION_MIN) -> pd.DataFrame:
        """People whose trip is longer than some minutes: everyone, in rural places, without a car, and both.

        Parameters
        ----------
        over_min
            Minutes that count as far, strictly more than which is counted. 20 and 30 are only convenient steps: no standard says
            what is far.

        Returns
        -------
        pandas.DataFrame
            Columns as ``assetplan columns --table isolation`` lists them. Where no service is left everyone is farther than any time.

        Raises
        ------
        ValueError
            Where a time is no number of minutes, 0 or more.
        """
        return farther(self.places, over_min, self.nowhere)


def access_change(
    estate: Estate,
    *,
    function: str,
    close: Iterable[str] = (),
    open: Iterable[Place] = (),
    move: Mapping[str, Place] | None = None,
    mode: str = "car",
    travel: Travel | None = None,
) -> AccessChange:
    """How far people go for a service before and after some of its kind close, open or move.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    function
        What the service does, as services.csv says it. Where one opens, nobody need do it yet.
    close
        Identifiers of services that close.
    open
        Where one opens: identifiers of assets or parcels, or points as eastings and northings in metres (EPSG:27700).
    move
        Identifiers of services that move, with where to.
    mode
        One of ``car``, ``foot``, ``cycle``.
    travel
        What the times rest on; by default what `assetplan.travel_of` finds for the mode.

    Returns
    -------
    AccessChange
        Nothing need close, open or move: then it says how things are. Closing never shortens a trip and opening never lengthens one.

    Raises
    ------
    SubjectError
        Where the reader knows no such function, service, asset or parcel, or a service named does something else.
    ValueError
        Where a service both closes and moves, a point is not in Great Britain, or the place of an asset named is not known.
    EstateError
        As `assetplan.travel_of`.

    Examples
    --------
    >>> import assetplan as ap
    >>> change = ap.access_change(
    ...     ap.read_estate("data/malton"), function="library", close=["nycc-library"], open=["rdc:A0007"]
    ... )
    >>> bool(change.worst.loc["loses most", "change_min"] > 0)
    True
    """
    travel = travel_of(estate, mode) if travel is None else travel
    services = services_of(estate, function)
    close = list(dict.fromkeys([close] if isinstance(close, str) else close))
    sites = [open] if isinstance(open, str) else list(open)
    move = dict(move or {})
    if services.empty and not sites:
        raise no_such_function(estate, function)
    for key in (*close, *move):
        check_service(estate, key, services, function)
    if both := sorted(set(close) & set(move)):
        raise ValueError(f"{visible(both[0])} both closes and moves. Name it once.")
    facilities = concerned(estate, services, close, sites, move)
    points = gpd.GeoSeries(list(estate.demand.geometry), index=list(estate.demand["demand_id"]), crs=BRITISH_GRID)
    here = facilities[facilities["what"] != "opens"]
    there = facilities[facilities["what"] != "closes"]
    old, new = lookup(travel, here, "place", "_from"), lookup(travel, there, "place_after", "geometry")
    before = nearest_of(travel, points, *old)
    after = nearest_of(travel, points, *new) if (facilities["what"] != "stays").any() else before
    frame = estate.demand[["demand_id", "name", "population", *_GROUPS]].reset_index(drop=True)
    for name in ("population", *_GROUPS[:-1]):
        frame[name] = frame[name].astype(float)
    for when, found in (("before", before), ("after", after)):
        frame[f"facility_{when}"] = found["facility"].to_numpy(dtype=object)
        frame[f"{when}_min"] = found["minutes"].to_numpy(dtype=np.float64)
    frame["change_min"] = (frame["after_min"] - frame["before_min"]).round(DIGITS)
    network = network_behind(travel)
    frame["snap_gap_m"] = np.nan if network is None else snap(network, points)["gap_m"].to_numpy()
    belongs, doubled = belonging(estate.areas, estate.demand)
    served = pd.concat([old[0], new[0]])
    issues = (
        *travel.issues,
        *travel.check(points, "demand point"),
        *travel.check(served[~served.index.duplicated()], "service"),
        *_issues(estate, frame, facilities, services["precision"], function, travel),
        *doubled,
    )
    return AccessChange(
        function=str(services["function"].iloc[0]) if len(services) else function,
        mode=travel.mode or mode,
        places=frame[[*PLACE_COLUMNS, *_GROUPS]],
        facilities=facilities.drop(columns="_from"),
        areas=pd.DataFrame(estate.areas[["kind", "area_id", "name"]]).reset_index(drop=True),
        note=f"{travel.note} {ONLY_THESE}",
        sources=_sources(estate, services),
        issues=tuple(dict.fromkeys(issues)),
        nowhere=(here.empty, there.empty),
        _belongs=belongs,
    )


# ------------------------------------------------------------------------------------------------------- parts


def _sources(estate: Estate, services: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Who says what the figures rest on, each with a word where it is invented for an example."""
    told = estate.services[estate.services["service_id"].isin(services.index)]
    said = []
    for what, frame in (("People", estate.demand), ("Services", told)):
        rows = zip(frame["source"], frame["illustrative"], strict=True)
        names = sorted({(str(source or "source not stated"), flag is True) for source, flag in rows})
        if names:
            shown = "; ".join(f"{source}{' (illustrative)' if flag else ''}" for source, flag in names[:5])
            more = f"; and {len(names) - 5:,} more" if len(names) > 5 else ""
            said.append(f"{what}: {shown}{more}.")
    return tuple(said)


def _issues(
    estate: Estate,
    frame: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    precision: pd.Series,
    function: str,
    travel: Travel,
) -> list[Issue]:
    """What is to be told of services, people and gaps; what the times themselves rest on tells of itself."""
    files = estate._statements.files
    services, demand = files.get("services", "services.csv"), files.get("demand", "demand.csv")
    ids, places = [readable(key) for key in facilities.index], [readable(name) for name in frame["name"]]
    unplaced = facilities["what"].ne("opens") & facilities["_from"].isna() & (travel.basis != "matrix")
    rough = [precision.get(key) == "postcode" for key in facilities.index]
    far = frame["snap_gap_m"].gt(GAP_M) & (frame["before_min"].notna() | frame["after_min"].notna())
    most = f"up to {frame['snap_gap_m'][far].max():,.0f} m" if far.any() else ""
    fixed = set(estate.services["service_id"][[flag is True for flag in estate.services["fixed"]]])
    stays = facilities["what"].isin(["closes", "moves"]).to_numpy() & np.array(
        [key in fixed for key in facilities.index], dtype=bool
    )
    unsaid = [rural is not True and rural is not False for rural in frame["rural"]]
    issues = []
    for where, file, names, column, code, value, noun, what, then in (
        (unplaced, services, ids, "asset_id", "service-not-placed", "", "service", "whose place is not known",
         "Nobody is taken to go there, so that trips may be shorter than they seem. Give its asset a place."),
        (stays, services, ids, "fixed", "service-said-to-stay", "", "service", "that the data says stays where it is",
         "Closed or moved here all the same. Look at its rule."),
        (rough, services, ids, "asset_id", "service-at-postcode", "", "service", "placed by postcode only",
         "Times to it may be some minutes out. Give its coordinates."),
        (far, demand, places, "easting", "gap-to-network", most, "place", f"further than {GAP_M:g} m from the nearest way",
         "The gap takes no time here. Add the way that leads there, or move the point to where people live."),
        (frame["population"].isna(), demand, places, "population", "not-known", "", "place", "whose people nobody has counted",
         "Its times are given; no sum of people has it in. Give its population."),
        (unsaid, demand, places, "rural", "not-known", "", "place", "of which nothing says whether it is rural",
         "Counted apart, as neither. Say yes or no."),
    ):  # fmt: skip
        at = np.flatnonzero(np.asarray(where, dtype=bool))
        if len(at):
            issues.append(Issue(file, named(names, at), column, code, value, f"{counted(len(at), noun)} {what}", then))
    if len(facilities) and facilities["what"].eq("opens").all():
        guess = process.extractOne(function, sorted(set(estate.services["function"])), score_cutoff=75)
        hint = f" Did you mean {visible(guess[0])}?" if guess else ""
        issues.append(
            Issue(services, "", "function", "no-such-function", readable(function), "no service here has this function now",
                  f"Taken as one that nobody gives yet: there is no trip before it opens.{hint}")
        )  # fmt: skip
    return issues

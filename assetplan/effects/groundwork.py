"""What the effects of several scenarios of one estate have in common, worked out once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assetplan.access import access_change
from assetplan.cover.crews import crews_of
from assetplan.cover.response import gates, response_change
from assetplan.cover.times import response_times
from assetplan.errors import AssetplanError, ScenarioError
from assetplan.hubs.colocation import place_names
from assetplan.hubs.joint import room_of
from assetplan.hubs.reasons import Reasons
from assetplan.leases import LONGEST_MONTHS, lease_events
from assetplan.scenarios.actions import Release, Surrender
from assetplan.scenarios.checking import checked, course_of
from assetplan.scenarios.ground import Ground
from assetplan.tables import records
from assetplan.text import shown_name
from assetplan.travelling import travel_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from assetplan.access import AccessChange
    from assetplan.cover.response import ResponseChange
    from assetplan.estate import Estate
    from assetplan.scenarios.course import Course
    from assetplan.scenarios.problem import ScenarioProblem
    from assetplan.scenarios.scenario import Scenario
    from assetplan.scenarios.using import Room
    from assetplan.travel.times import Travel

    Moves = tuple[tuple[str, str], ...]

LAST = 9_999
"""A year after everything that a scenario can date: where a service is then is where it ends up."""


class Groundwork:
    """One estate as effects of scenarios ask about it. Make one and give it to each call for scenarios of the same estate.

    Parameters
    ----------
    estate
        The estate, for any reader.
    ground
        What `assetplan.scenarios` knows of it; made where none is given.
    travel
        By mode what times rest on; by default what `assetplan.travel_of` finds.
    engine_factor
        As for `assetplan.response_times`.

    Examples
    --------
    >>> import assetplan as ap
    >>> groundwork = Groundwork(ap.read_estate("data/malton"))
    >>> groundwork.name("rdc:A0007"), groundwork.owner("rdc:A0007")
    ('Community House', 'rdc')
    """

    def __init__(
        self,
        estate: Estate,
        *,
        ground: Ground | None = None,
        travel: Mapping[str, Travel] | None = None,
        engine_factor: float = 1.0,
    ) -> None:
        self.estate = estate
        self.ground = Ground(estate) if ground is None else ground
        self.engine_factor = engine_factor
        self._travel: dict[str, Travel | str] = dict(travel or {})
        self._access: dict[tuple[str, str, Moves], AccessChange | str] = {}
        self._moved: dict[Moves, Estate] = {(): estate}
        self._legs: dict[tuple[Moves, str, str], ResponseChange | str] = {}
        self._times: dict[tuple[str, str, Moves], pd.DataFrame | str] = {}
        self._courses: dict[Scenario, Course] = {}
        self._once: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What was made for a key, made the first time it is asked for."""
        if key not in self._once:
            self._once[key] = make()
        return self._once[key]

    # -- names

    @cached_property
    def _called(self) -> dict[str, tuple[str, str]]:
        """By asset and parcel its name and the body whose register lists it, blank where none does."""
        out, names = {}, place_names(self.estate)
        for frame in (self.estate.land, self.estate.assets):
            bodies = frame["organisation"] if "organisation" in frame else [""] * len(frame)
            for key, body in zip(map(str, frame.index), bodies, strict=True):
                out[key] = names.get(key, key), str(body or "")
        return out

    def name(self, key: str) -> str:
        """What a place or service is called, else its identifier; on one line."""
        if key in self.ground.services:
            return shown_name(self.ground.services[key]["name"] or key)
        return shown_name(self._called.get(key, (key, ""))[0])

    def owner(self, place: str) -> str:
        """The body that lists or holds a place; blank where none of the estate is known to."""
        own = self._called.get(place, ("", ""))[1]
        if own in self.estate.organisations:
            return own
        site = self.ground.sites.get(self.ground.site_of.get(place, ""))
        own = "" if site is None else str(site["organisation"] or "")
        return own if own in self.estate.organisations else ""

    def body(self, key: str) -> str:
        """What a body is called."""
        found = self.estate.organisations.get(key)
        return shown_name(key if found is None else found.name)

    # -- courses

    def course(self, scenario: Scenario) -> Course:
        """The course of a scenario for this estate's reader.

        Raises
        ------
        ScenarioError
            Where the scenario is not for that reader: what it does is then not told either.
        """
        if scenario not in self._courses:
            if not scenario.is_for(self.estate.audience):
                raise ScenarioError(
                    f"Scenario {shown_name(scenario.name)!r} is not for {self.estate.audience}: its audience does not name that reader."
                )
            self._courses[scenario] = course_of(self.ground, scenario)
        return self._courses[scenario]

    def problems(self, scenario: Scenario) -> list[ScenarioProblem]:
        """What speaks against a scenario, the gate before emergency response and room for several services at once among it."""
        found: list[ScenarioProblem] = self.once(
            ("problems", scenario), lambda: checked(self.ground, scenario, room=self._room, gate=self._gate)
        )
        return found

    @cached_property
    def _room(self) -> Room:
        return room_of(self.estate, self.ground.hosts)

    def _gate(self, estate: Estate, service: str, hosts: list[str]) -> Mapping[str, Any]:
        """What `assetplan.gates` gives, nothing where it cannot be worked out: that is then told to be confirmed."""

        def found() -> Mapping[str, Any]:
            travel = self.travel("car")
            try:
                return (
                    {}
                    if isinstance(travel, str)
                    else gates(estate, service, hosts, travel=travel, engine_factor=self.engine_factor)
                )
            except (AssetplanError, ValueError):
                return {}

        out: Mapping[str, Any] = self.once(("gate", service, tuple(hosts)), found)
        return out

    def moved(self, course: Course, year: int = LAST) -> dict[str, tuple[str, str]]:
        """By service that is elsewhere at the end of a year: the land it is on today, blank where not known, and then."""
        out = {}
        for service in dict.fromkeys(sorted(move.service for move in course.moves)):
            home, then = self.ground.home[service], course.land_of(course.place(service, year))
            if then != home:
                out[service] = home, then
        return out

    def touched(self, course: Course) -> set[str]:
        """Assets and parcels that a course is about: left, moved to, acted on, given up, and what a constraint that it releases binds."""
        out = {course.land_of(place) for move in course.moves for place in (move.origin, move.to) if place}
        released = set()
        for _, action in course.actions:
            named = (getattr(action, name, "") for name in ("asset", "host", "swap_for"))
            out |= {course.land_of(place) for place in named if place} | set(getattr(action, "assets", ()))
            if isinstance(action, Surrender):
                out.add(str(self.ground.interests[action.interest]["subject"]))
            if isinstance(action, Release):
                released.add(action.constraint)
        for place, rows in self.ground.bound.items() if released else ():
            out |= {place} if any(row["constraint_id"] in released for row in rows) else set()
        return out

    # -- access

    def travel(self, mode: str) -> Travel | str:
        """What times of a mode rest on, or why none are known."""
        if mode not in self._travel:
            try:
                self._travel[mode] = travel_of(self.estate, mode)
            except AssetplanError as error:
                self._travel[mode] = str(error)
        return self._travel[mode]

    def access(self, function: str, mode: str, moves: Mapping[str, str]) -> AccessChange | str:
        """How far people go for a function before and after some services of it move, or why that is not known."""
        key = (function, mode, tuple(sorted(moves.items())))
        if key not in self._access:
            travel = self.travel(mode)
            try:
                self._access[key] = (
                    travel
                    if isinstance(travel, str)
                    else access_change(self.estate, function=function, move=moves, travel=travel)
                )
            except (AssetplanError, ValueError) as error:
                self._access[key] = str(error)
        return self._access[key]

    # -- response

    @cached_property
    def responds(self) -> dict[str, str]:
        """By service that responds to emergencies, or from which a crew sets out, to what."""
        out = {
            str(service): str(response)
            for service, response in zip(self.estate.crews["service_id"], self.estate.crews["response"], strict=True)
            if service in self.ground.services
        }
        return out | {key: str(row["response"]) for key, row in self.ground.services.items() if row["response"]}

    def with_moved(self, moves: Moves) -> Estate:
        """The estate with some services in other places, and their crews with them.

        What is stated of how on-call people come in holds for their station of today, and so do coordinates of a crew: neither goes along.
        """
        if moves not in self._moved:
            to, services, crews = dict(moves), self.estate.services, self.estate.crews
            at = services["service_id"].map(to)
            gone = crews["service_id"].isin(list(to))
            self._moved[moves] = replace(
                self.estate,
                services=services.assign(asset_id=services["asset_id"].where(at.isna(), at)),
                crews=crews.assign(
                    **{name: crews[name].mask(gone) for name in ("turn_in_min", "easting", "northing")},
                    station=crews["station"].astype(object).mask(gone, None),
                ),
            )
        return self._moved[moves]

    def leg(self, before: Moves, service: str, to: str) -> ResponseChange | str:
        """What one move does to response once others have moved, or why that is not known."""
        key = before, service, to
        if key not in self._legs:
            travel = self.travel("car")
            try:
                self._legs[key] = (
                    travel
                    if isinstance(travel, str)
                    else response_change(
                        self.with_moved(before), service, to, travel=travel, engine_factor=self.engine_factor
                    )
                )
            except (AssetplanError, ValueError) as error:
                self._legs[key] = str(error)
        return self._legs[key]

    def times(self, response: str, kind: str, moves: Moves) -> pd.DataFrame | str:
        """The first crew's minutes once some services have moved, of crews of a kind or, where it is blank, of any."""
        key = response, kind, moves
        if key not in self._times:
            travel = self.travel("car")
            estate = self.with_moved(moves)
            if kind:
                estate = replace(estate, crews=estate.crews[estate.crews["kind"] == kind])
            try:
                self._times[key] = (
                    travel
                    if isinstance(travel, str)
                    else response_times(estate, response, travel=travel, engine_factor=self.engine_factor)
                )
            except (AssetplanError, ValueError) as error:
                self._times[key] = str(error)
        return self._times[key]

    def crew_kinds(self, response: str) -> tuple[str, ...]:
        """The kinds of crew that answer for a response."""
        return tuple(sorted({crew.kind for crew in crews_of(self.estate, response)[0]}))

    # -- why now

    @cached_property
    def reasons(self) -> Reasons:
        """Reasons to leave places."""
        return Reasons(self.estate)

    def lease_events(self, first: int) -> dict[str, list[dict[str, Any]]]:
        """By subject the ends and breaks of leases and licences and the last days to serve notice, from the estate's date or a financial year."""
        since = self.estate.as_of or dt.date(first, 4, 1)
        if since not in self._events:
            by_subject: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for row in records(lease_events(self.estate, months=LONGEST_MONTHS, since=since)):
                by_subject[str(row["subject"])].append(row)
            self._events[since] = by_subject
        return self._events[since]

    @cached_property
    def _events(self) -> dict[dt.date, dict[str, list[dict[str, Any]]]]:
        return {}

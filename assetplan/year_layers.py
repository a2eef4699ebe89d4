"""Scenarios on a map, year by year: where their services are, what moves where, which places are worked on, empty or gone; and in words.

Everything comes from an estate already filtered for its reader. A scenario that its reader may not know, or that names what its reader's
estate has not, is not drawn. Nothing here says whether a scenario can be: see `assetplan.check_scenario`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal

from assetplan.assembly_words import capital, listed
from assetplan.charts.canvas import year_in_words
from assetplan.effects.emptying import last_part, vacated_in, voids
from assetplan.effects.groundwork import Groundwork
from assetplan.hub_words import HubNames
from assetplan.listing import one_table
from assetplan.page.view import YearMove, YearScenario, YearState, YearStay
from assetplan.scenarios.actions import (
    Acquire,
    Appropriate,
    Assemble,
    Build,
    Dispose,
    Meanwhile,
    Refurbish,
    Release,
    Retain,
    Share,
    Split,
    Sublet,
    Surrender,
)
from assetplan.scenarios.course import Course, done_in, financial_year
from assetplan.scenarios.naming import unknown_names
from assetplan.service_layers import position_of
from assetplan.tables import records
from assetplan.text import counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assetplan.estate import Estate
    from assetplan.page.view import Position, Table
    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.course import Move, Works
    from assetplan.scenarios.scenario import Scenario

GONE = {
    "sale": "sold",
    "ground lease": "let on a ground lease",
    "joint venture": "put into a joint venture",
    "transfer": "transferred",
    "swap": "swapped",
}
_LONGEST = 60
"""Years beyond which a scenario is not followed on the map."""


def years_on_map(
    estate: Estate, scenarios: Iterable[Scenario], organisations: Sequence[str], drawn: Mapping[str, int]
) -> list[YearScenario]:
    """Scenarios as the map follows them, year by year.

    Parameters
    ----------
    estate
        The estate, for any reader.
    scenarios
        The scenarios, in the order in which a reader picks them. Those that are not for this reader, that name what this estate has not,
        or in which nothing happens are left out.
    organisations
        Identifiers of the organisations of the view, in its order.
    drawn
        Of each site on the map its number, counted from 0.

    Returns
    -------
    list of YearScenario
        Years are financial years by their start. A service that moves with double running is in both places until it has left the first.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> moved = ap.Scenario("Moved", [ap.Relocate(service="nycc-library", to="rdc:A0007", year=2012)])
    >>> [(one["name"], one["first"], one["last"], one["says"][0][1]) for one in years_on_map(estate, [moved], [], {})]
    [('Moved', 2010, 2012, 'Malton Library moves from Malton Library to Community House.')]
    """
    groundwork, names = Groundwork(estate), HubNames(estate)
    place = {key: number for number, key in enumerate(organisations)}
    out = []
    for scenario in scenarios:
        if (
            not scenario.is_for(estate.audience)
            or next(iter(unknown_names(groundwork.ground, scenario)), None) is not None
        ):
            continue
        followed = _Followed(groundwork, names, scenario, place, drawn)
        if followed.says:
            out.append(followed.drawn())
    return out


def years_table(years: Sequence[YearScenario]) -> Table | None:
    """The same in a table: a row for each scenario and year in which anything happens; None where there is none."""
    rows = []
    for one in years:
        said: dict[int, list[str]] = defaultdict(list)
        for year, text in one["says"]:
            said[year].append(text)
        rows += [[one["name"], year_in_words(year), " ".join(texts)] for year, texts in sorted(said.items())]
    if not rows:
        return None
    note = "Financial years. What the map shows of a scenario year by year; whether it can be is told apart."
    return one_table("scenario-years", "Scenarios, year by year", note, ("Scenario", "Year", "What happens"), rows)


class _Followed:
    """One scenario, followed on an estate."""

    def __init__(
        self,
        groundwork: Groundwork,
        names: HubNames,
        scenario: Scenario,
        organisations: Mapping[str, int],
        drawn: Mapping[str, int],
    ) -> None:
        self._common, self.ground, self.names, self.scenario = groundwork, groundwork.ground, names, scenario
        self._organisations, self._drawn = organisations, drawn
        self.course = Course(groundwork.ground, list(enumerate(scenario.actions, start=1)))
        self.says: list[tuple[int, str]] = []
        course = self.course
        years = [action.year for action in scenario.actions]
        years += [done_in(action) for action in scenario.actions]
        years += [move.left_in for move in course.moves]
        start = scenario.start_year
        if start is None and groundwork.estate.as_of is not None:
            start = financial_year(groundwork.estate.as_of)
        self.first = min([*years, *([start] if start is not None else [])], default=0)
        self.last = min(max(years, default=self.first), self.first + _LONGEST)
        self.states = self._states()
        self._tell()

    def drawn(self) -> YearScenario:
        """It as the map draws it."""
        return YearScenario(
            scenario_id=self.scenario.name,
            name=visible(self.scenario.name),
            first=self.first,
            last=self.last,
            stays=self._stays(),
            moves=[self._move(move) for move in self.course.moves if move.origin],
            states=self.states,
            says=self.says,
        )

    # ------------------------------------------------------------------------------------------- names and places

    def name(self, key: str) -> str:
        """The name of a place; one that is built anew is named by the land it stands on."""
        return self.course.called(key, self.names.host) if key else "a place that is not stated"

    def at(self, key: str) -> Position | None:
        """Where a place is."""
        return position_of(self.ground.estate, self.course.land_of(key)) if key else None

    def _body(self, service: str) -> int:
        return self._organisations.get(str(self.ground.services[service]["organisation"]), -1)

    # ------------------------------------------------------------------------------------------- what is drawn

    def _move(self, move: Move) -> YearMove:
        return YearMove(
            name=self.names.service(move.service),
            organisation=self._body(move.service),
            origin=move.origin,
            to=move.to,
            start=self.at(move.origin),
            end=self.at(move.to),
            year=move.year,
        )

    def _stays(self) -> list[YearStay]:
        """Of each service that moves, where it is from when to when: in the year of a move it is in its new place."""
        out = []
        by_service: dict[str, list[Move]] = defaultdict(list)
        for move in self.course.moves:
            by_service[move.service].append(move)
        for service, moves in sorted(by_service.items()):
            stops: list[tuple[str, int, int | None]] = []
            since = self.first - 1
            for move in moves:
                if move.origin:
                    stops.append((move.origin, since, max(move.year, move.left_in) - 1))
                since = move.year
            stops.append((moves[-1].to, since, None))
            for place, first, last in stops:
                if last is not None and last < first:
                    continue
                since_said = "today" if first < self.first else f"from {year_in_words(first)}"
                until = "" if last is None else f", until {year_in_words(last)}"
                out.append(
                    YearStay(
                        name=self.names.service(service),
                        organisation=self._body(service),
                        place=self.name(place),
                        at=self.at(place),
                        first=first,
                        last=last,
                        text=f"At {self.name(place)} {since_said}{until}, in this scenario.",
                    )
                )
        return out

    def _state(
        self,
        kind: Literal["works", "open", "empty", "gone"],
        place: str,
        label: str,
        first: int,
        last: int | None,
    ) -> YearState:
        site = self.ground.site_of.get(self.course.land_of(place), "")
        return YearState(
            kind=kind,
            place=self.name(place),
            label=label,
            site=self._drawn.get(site, -1),
            at=self.at(place),
            first=first,
            last=last,
        )

    def _states(self) -> list[YearState]:
        """What places are beside what they are today: worked on, open anew, empty, gone."""
        course, out = self.course, []
        ends = {place: gone[0].year for place, gone in course.gone.items()}
        for place, every in sorted(course.works.items()):
            for works in every:
                if isinstance(works.action, Dispose):
                    continue
                what = "being bought" if isinstance(works.action, Acquire) else "works"
                out.append(self._state("works", place, what, works.begins, max(works.begins, works.done - 1)))
            built = [works for works in every if isinstance(works.action, (Build, Refurbish))]
            if built:
                opens = max(works.done for works in built)
                until = ends[place] - 1 if ends.get(place, -1) > opens else None
                if opens > min(works.begins for works in built):
                    out.append(self._state("open", place, f"open {year_in_words(opens)}", opens, until))
        for place, first, last in self._empty():
            out.append(self._state("empty", place, "empty", first, last))
        told = set()
        for place, gone in sorted(course.gone.items(), key=lambda one: (one[1][0].action.asset != one[0], one[0])):
            site = self.ground.site_of.get(course.land_of(place), place)
            if (site, gone[0].at) not in told:
                told.add((site, gone[0].at))
                label = f"{GONE.get(gone[0].action.by, 'gone')} {year_in_words(gone[0].year)}"
                out.append(self._state("gone", place, label, gone[0].year, None))
        for place in sorted(
            {action.asset for action in self.scenario.actions if isinstance(action, Dispose)} - set(ends)
        ):
            part = last_part(course, place)
            if part is not None:
                out.append(
                    self._state("gone", place, f"{GONE.get(part[1], 'gone')} {year_in_words(part[0])}", part[0], None)
                )
        for action in self.scenario.actions:
            subject = self._surrendered(action)
            if subject:
                out.append(self._state("gone", subject, f"given up {year_in_words(action.year)}", action.year, None))
        return out

    def _surrendered(self, action: Action) -> str:
        """The asset or parcel of an interest that ends; empty for another action."""
        row = self.ground.interests.get(action.interest) if isinstance(action, Surrender) else None
        return str(row["subject"]) if row else ""

    def _empty(self) -> list[tuple[str, int, int | None]]:
        """Places that services have left altogether, as far as is certain, and that stand empty: from when, until when."""
        out = []
        course = self.course
        for place in sorted({move.origin for move in course.moves if move.origin and move.origin != move.to}):
            for year, in_doubt in vacated_in(course, place, self.first, self.last):
                for start, end, _ in () if in_doubt else voids(self._common, course, place, year):
                    if start <= self.last:
                        out.append((place, start, None if end is None or end > self.last else end - 1))
        return out

    # ------------------------------------------------------------------------------------------- what is said

    def _tell(self) -> None:
        course = self.course
        said: list[tuple[int, int, str]] = []
        flows: dict[tuple[int, int, str, str], list[Move]] = defaultdict(list)
        for move in course.moves:
            flows[move.year, move.left_in, move.origin, move.to].append(move)
        for (year, _, origin, to), moves in flows.items():
            at = min(move.at for move in moves)
            names = self._services([move.service for move in moves])
            verb = "moves" if len(moves) == 1 else "move"
            said.append((year, at, f"{names} {verb} from {self.name(origin)} to {self.name(to)}."))
            if moves[0].left_in > year:
                said.append((moves[0].left_in, at, f"{names}: the old place is left, {self.name(origin)}."))
        for place, every in course.works.items():
            said += [one for works in every for one in self._of_works(place, works)]
        for at, action in course.actions:
            if text := self._of_action(action):
                said.append((action.year, at, text))
        for kind, one, many in (("empty", "stands empty", "stand empty"), ("kept", "is kept", "are kept")):
            by_year: dict[int, list[str]] = defaultdict(list)
            for state in self.states if kind == "empty" else ():
                if state["kind"] == kind:
                    by_year[state["first"]].append(state["place"])
            for _, action in course.actions if kind == "kept" else ():
                if isinstance(action, Retain):
                    by_year[action.year].append(self.name(action.asset))
            for year, places in by_year.items():
                told = capital(_some(places, "further place"))
                said.append((year, 10**6, f"{told} {one if len(places) == 1 else many}."))
        self.says = [(year, text) for year, _, text in sorted(said) if year <= self.last]

    def _services(self, keys: Sequence[str]) -> str:
        return _some([self.names.service(key) for key in keys], "further service")

    def _of_works(self, place: str, works: Works) -> list[tuple[int, int, str]]:
        action = works.action
        if not isinstance(action, (Build, Refurbish)):
            return []
        kind = "Building" if isinstance(action, Build) else "Refurbishment"
        out = [(works.begins, works.at, f"{kind} begins: {self.name(place)}, {_months(action.months)}.")]
        if works.done > works.begins:
            out.append((works.done, works.at, f"{capital(self.name(place))} is ready."))
        return out

    def _of_action(self, action: Action) -> str:
        """What an action is in a sentence, where neither its moves nor its works tell it."""
        name = self.name
        match action:
            case Dispose():
                part = f"{action.area_ha:g} ha of " if action.area_ha is not None else ""
                return f"{capital(part + name(action.asset))} is {GONE.get(action.by, 'disposed of')}."
            case Acquire():
                return f"{capital(name(action.asset))} is acquired."
            case Assemble():
                return f"Considered as one: {listed([name(asset) for asset in action.assets])}."
            case Release():
                return f"Consent or release sought: {self._constraint(action.constraint)}, by {action.route}, {_months(action.months)}."
            case Appropriate():
                return f"{capital(name(action.asset))} is appropriated to {visible(action.to_purpose)}."
            case Surrender():
                subject = self._surrendered(action)
                return f"The interest in {name(subject)} ends, by {action.by}." if subject else ""
            case Sublet():
                return f"{capital(name(action.asset))} is sublet."
            case Meanwhile():
                return f"{capital(name(action.asset))} has a meanwhile use: {visible(action.use)}."
            case Split():
                return f"{self.names.service(action.service)} is split: {self._services(action.parts)}."
            case Share():
                host = name(action.host)
                stays = [one for one in action.services if self.ground.home.get(one) == action.host]
                return f"{self._services(stays)} may be at {host} from now on." if stays else ""
        return ""

    def _constraint(self, key: str) -> str:
        frame = self.ground.estate.constraints
        rows = records(frame[frame["constraint_id"] == key].drop(columns="geometry"))
        return visible(str(rows[0]["name"] or rows[0]["kind"])) if rows else "a constraint"


def _some(names: Sequence[str], further: str) -> str:
    """Some names; of more than four the first three, and how many more there are."""
    return f"{', '.join(names[:3])} and {counted(len(names) - 3, further)}" if len(names) > 4 else listed(names)


def _months(months: float) -> str:
    return "1 month" if months == 1 else f"{months:g} months"

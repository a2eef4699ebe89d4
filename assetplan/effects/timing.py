"""What happens in which financial year of a scenario: works, moves, empty buildings, consents, sales, ends of leases, money that lapses.

A year is a financial year by its start, and nothing finer is told apart; days are told where a lease states them. What is done in a year in
which works end may begin in that year: works of twelve months from 2011 end in 2012.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.effects.emptying import vacated_in, voids
from assetplan.effects.groundwork import Groundwork
from assetplan.ranges import span
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
    Split,
    Sublet,
    Surrender,
)
from assetplan.scenarios.checking import first_year
from assetplan.scenarios.course import done_in, financial_year
from assetplan.scenarios.paying import lapses
from assetplan.scenarios.problem import REFUSED
from assetplan.text import clean, number, shown_name
from assetplan.wording import day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assetplan.estate import Estate
    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.course import Course, Move
    from assetplan.scenarios.ground import Ground
    from assetplan.scenarios.problem import ScenarioProblem
    from assetplan.scenarios.scenario import Scenario

    Row = dict[str, Any]

KINDS = ("works", "acquire", "consent", "move", "vacate", "sale", "lease", "funding", "conflict")
TIMELINE_COLUMNS = (
    "kind", "what", "subject", "name", "organisation", "start_year", "end_year", "date", "months", "chance_low_percent",
    "chance_high_percent", "action", "verdict", "label", "source", "illustrative",
)  # fmt: skip
AHEAD_YEARS = 5
"""Ends of leases are told up to so many years after the last thing that a scenario does."""


def timeline(
    estate: Estate,
    scenario: Scenario,
    ground: Ground | None = None,
    course: Course | None = None,
    *,
    problems: Iterable[ScenarioProblem] | None = None,
    groundwork: Groundwork | None = None,
) -> pd.DataFrame:
    """What happens in which year of a scenario.

    Parameters
    ----------
    estate
        The estate, for any reader.
    scenario
        The scenario. Actions that name what the estate has not are told as conflicts alone.
    ground, course
        What is known of the estate and of where things are in which year; made where not given.
    problems
        What `assetplan.check_scenario` told; worked out here where not given.
    groundwork
        What several scenarios of the estate have in common: make one `Groundwork` and give it each time.

    Returns
    -------
    pandas.DataFrame
        One row for each thing that happens, by its first year, then by kind, action and subject. ``kind`` is one of `KINDS` and ``what`` says it
        more closely: retain, refurbish, build; acquire; release, appropriate, assemble; move, decant (a place where it waits), double running,
        split; vacated, void; how it is disposed of; surrender, break, expiry, notice by, sublet, meanwhile; the kind of funding, lapses; the code
        of a problem. ``start_year`` and ``end_year`` are financial years by their start, both within it: works end in the year in which they
        are done, and what has no end known has none. ``date`` is a day stated by a lease, or reckoned from one. Ends of leases are told of
        sites that the scenario is about, to five years after the last thing it does; one of which no day is known has no year and comes last.
        ``months``, ``chance_low_percent`` and ``chance_high_percent`` are as the action states them; ``verdict`` is that of a problem.

    Raises
    ------
    ScenarioError
        Where the scenario is not for the estate's reader.

    Notes
    -----
    A place is vacated when the last service that is known to be in it leaves; whether others are in it is told as far as interests say. It is
    void until it goes, is given up, works begin, it is let, used meanwhile or moved into. Days to serve notice are reckoned as
    `assetplan.lease_events` does, and are to be confirmed against the lease.

    Examples
    --------
    >>> import assetplan as ap
    >>> hub = ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml")
    >>> rows = timeline(ap.read_estate("data/malton"), hub)
    >>> rows.loc[rows["kind"] == "vacate", ["what", "name", "start_year", "end_year"]].values.tolist()
    [['vacated', 'Malton Library', 2012, 2012], ['void', 'Malton Library', 2012, 2013]]
    """
    groundwork = Groundwork(estate, ground=ground) if groundwork is None else groundwork
    found = groundwork.course(scenario)  # refuses a reader for whom it is not
    course = found if course is None else course
    known = groundwork.problems(scenario) if problems is None else problems
    write = _Timeline(groundwork, scenario, course)
    rows = [
        *write.of_actions(),
        *write.moves(),
        *write.empty(),
        *write.ends(),
        *write.funding(),
        *write.conflicts(known),
    ]
    return _framed(rows)


def years_in_words(year: int) -> str:
    """A financial year as people write it.

    Examples
    --------
    >>> years_in_words(2009), years_in_words(1999)
    ('2009/10', '1999/00')
    """
    return f"{year}/{(year + 1) % 100:02d}"


class _Timeline:
    """Writes the rows of one scenario."""

    def __init__(self, groundwork: Groundwork, scenario: Scenario, course: Course) -> None:
        self.groundwork, self.scenario, self.course = groundwork, scenario, course
        start = first_year(groundwork.estate, scenario)
        dated = [action.year for action in scenario.actions]
        self.first = min([*dated, *([start] if start is not None else [])], default=0)
        self.last = max(
            [self.first, *(done_in(action) for _, action in course.actions), *(move.left_in for move in course.moves)]
        )

    def name(self, key: str) -> str:
        """What a place or service is called."""
        return self.course.called(key, self.groundwork.name)

    def row(
        self, kind: str, what: str, subject: str, start: int | None, end: int | None, label: str, **more: Any
    ) -> Row:
        out: Row = dict.fromkeys(TIMELINE_COLUMNS)
        out |= {"kind": kind, "what": what, "subject": subject, "name": self.name(subject) if subject else ""}
        out |= {"start_year": start, "end_year": end, "label": label, "organisation": "", "verdict": "", "source": ""}
        return {**out, "illustrative": False, **more}

    def _by(self, at: int, action: Action, place: str = "") -> Row:
        """What a row has of the action that it comes of."""
        chance = getattr(action, "probability_percent", None)
        return {
            "action": at,
            "organisation": action.organisation or (self.groundwork.owner(self.course.land_of(place)) if place else ""),
            "months": getattr(action, "months", None),
            "chance_low_percent": None if chance is None else chance.low,
            "chance_high_percent": None if chance is None else chance.high,
            "source": action.source,
            "illustrative": action.illustrative,
        }

    # -- actions

    def of_actions(self) -> Iterator[Row]:
        """What actions do by themselves."""
        for at, action in self.course.actions:
            match action:
                case Retain() | Refurbish() | Build() | Acquire():
                    yield self._works(at, action)
                case Release() | Appropriate() | Assemble():
                    yield self._consent(at, action)
                case Dispose():
                    yield self._disposal(at, action)
                case Split():
                    parts = ", ".join(self.groundwork.name(part) for part in action.parts)
                    body = str(self.groundwork.ground.services[action.service]["organisation"])
                    said = f"{self.groundwork.name(action.service)} is split: {parts} may be elsewhere"
                    by = {**self._by(at, action), "organisation": action.organisation or body}
                    yield self.row("move", "split", action.service, action.year, action.year, said, **by)
                case Sublet():
                    to = f" to {_text(action.recipient)}" if action.recipient else ""
                    said = f"{self.groundwork.name(action.asset)}: {action.instrument}{to}"
                    end = None if action.term_months is None else action.year + int(action.term_months) // 12
                    yield self.row(
                        "lease", "sublet", action.asset, action.year, end, said, **self._by(at, action, action.asset)
                    )
                case Meanwhile():
                    said = f"{self.groundwork.name(action.asset)}: {_text(action.use)} meanwhile, {months_in_words(action.months)}"
                    yield self.row(
                        "lease",
                        "meanwhile",
                        action.asset,
                        action.year,
                        done_in(action),
                        said,
                        **self._by(at, action, action.asset),
                    )

    def _works(self, at: int, action: Retain | Refurbish | Build | Acquire) -> Row:
        place = action.new_asset if isinstance(action, Build) and action.new_asset else action.asset
        name = self.groundwork.name(action.asset)
        what = {
            "retain": "is kept in use",
            "refurbish": "is refurbished",
            "build": f"is built on{f' for {_text(action.use)}' if isinstance(action, Build) and action.use else ''}",
            "acquire": "is acquired",
        }[action.word]
        long = f", {months_in_words(action.months)}" if action.months else ""
        kind = "acquire" if isinstance(action, Acquire) else "works"
        return self.row(
            kind,
            action.word,
            place,
            action.year,
            done_in(action),
            f"{name} {what}{long}",
            **self._by(at, action, action.asset),
        )

    def _consent(self, at: int, action: Release | Appropriate | Assemble) -> Row:
        if isinstance(action, Release):
            rows = {str(row["constraint_id"]): row for here in self.groundwork.ground.bound.values() for row in here}
            row = rows.get(action.constraint)
            name = _text(row["name"] or action.constraint) if row is not None else _text(action.constraint)
            chance = chance_in_words(action)
            said = f"{name}: {action.route}, {months_in_words(action.months)}, {chance}"
            subject = str(row["subject"]) if row is not None and row["subject"] is not None else ""
            by = self._by(at, action, subject)
            return self.row(
                "consent", "release", action.constraint, action.year, done_in(action), said, **{**by, "name": name}
            )
        if isinstance(action, Appropriate):
            long = f", {months_in_words(action.months)}" if action.months else ""
            said = f"{self.groundwork.name(action.asset)} is appropriated to {_text(action.to_purpose)}{long}"
            return self.row(
                "consent",
                "appropriate",
                action.asset,
                action.year,
                done_in(action),
                said,
                **self._by(at, action, action.asset),
            )
        names = ", ".join(self.groundwork.name(place) for place in action.assets)
        how = action.agreement or "how the bodies bind one another is not settled"
        by = self._by(at, action)
        bodies = sorted({self.groundwork.owner(place) for place in action.assets} - {""})
        own = by["organisation"] or ";".join(bodies)
        return self.row("consent", "assemble", ";".join(action.assets), action.year, action.year, f"Assembled: {names} ({how})",
                        **{**by, "name": names, "organisation": own})  # fmt: skip

    def _disposal(self, at: int, action: Dispose) -> Row:
        part = f", {number(action.area_ha)} ha of it" if action.area_ha is not None else ""
        to = f" to {_text(action.recipient)}" if action.recipient else ""
        back = f", for {self.groundwork.name(action.swap_for)}" if action.swap_for else ""
        said = f"{self.groundwork.name(action.asset)}{part}: {action.by}{to}{back}"
        return self.row(
            "sale", action.by, action.asset, action.year, action.year, said, **self._by(at, action, action.asset)
        )

    # -- moves

    def moves(self) -> Iterator[Row]:
        """Services that move, wait somewhere, and are in two places at once; parts that go along with a whole are told with it."""
        told = {(move.at, move.service) for move in self.course.moves}
        for move in self.course.moves:
            row = self.groundwork.ground.services[move.service]
            if move.origin == move.to or (move.at, row["part_of"]) in told:
                continue
            name, by = self.groundwork.name(move.service), self._by(move.at, move.action)
            by |= {"organisation": str(row["organisation"]), "months": None}
            later = next((other for other in self._of(move.service) if other.year > move.year), None)
            origin = self.name(move.origin) if move.origin else "a place that is not known"
            said = f"{name}: from {origin} to {self.name(move.to)}"
            if later is not None:
                waits = f"{said}, where it waits until {years_in_words(later.year)}"
                yield self.row("move", "decant", move.service, move.year, later.year, waits, **by)
            else:
                yield self.row("move", "move", move.service, move.year, move.year, said, **by)
            months = getattr(move.action, "double_running_months", None)
            if months:
                both = f"{name}: {origin} and {self.name(move.to)} are both run, {months_in_words(months)}"
                yield self.row(
                    "move", "double running", move.service, move.year, move.left_in, both, **{**by, "months": months}
                )

    def _of(self, service: str) -> list[Move]:
        return [move for move in self.course.moves if move.service == service]

    # -- empty places

    def empty(self) -> Iterator[Row]:
        """Places that the last service known in them leaves, and how long they stand empty."""
        for place in sorted({move.origin for move in self.course.moves if move.origin and move.origin != move.to}):
            for year, in_doubt in vacated_in(self.course, place, self.first, self.last):
                yield from self._vacated(place, year, in_doubt)

    def _vacated(self, place: str, year: int, in_doubt: tuple[str, ...]) -> Iterator[Row]:
        name, body = self.name(place), self.groundwork.owner(self.course.land_of(place))
        leaving = [move for move in self.course.moves if move.origin == place and move.left_in <= year]
        by: Row = {
            "organisation": body,
            "action": max((move.at for move in leaving if move.left_in == year), default=None),
        }
        by["illustrative"] = any(move.action.illustrative for move in leaving)
        if in_doubt:
            rest = ", ".join(self.groundwork.name(service) for service in in_doubt)
            said = f"{name}: whether all of {rest} has left is not known"
            yield self.row("vacate", "vacated", place, year, year, said, **by, verdict="to be confirmed")
            return
        others = sorted({_text(row["holder"]) for row in self._held_by_others(place, body)})
        more = f"; {', '.join(others)} may still be in it" if others else ""
        yield self.row(
            "vacate", "vacated", place, year, year, f"{name}: the last service known in it has left{more}", **by
        )
        for start, end, why in voids(self.groundwork, self.course, place, year):
            until = "nothing here says what becomes of it" if end is None else f"until {years_in_words(end)}: {why}"
            yield self.row(
                "vacate", "void", place, start, end, f"{name} stands empty from {years_in_words(start)}, {until}", **by
            )

    def _held_by_others(self, place: str, body: str) -> Iterator[Mapping[str, Any]]:
        """Leases, licences and the like that others have in a place."""
        for row in self.groundwork.ground.interests.values():
            if row["subject"] == place and row["interest"] not in {"freehold", "option"} and row["holder"] != body:
                yield row

    # -- leases

    def ends(self) -> Iterator[Row]:
        """Interests that are given up, and ends, breaks and last days for notice of leases on the sites concerned."""
        given_up: dict[str, tuple[int, Surrender]] = {}
        for at, action in self.course.actions:
            if isinstance(action, Surrender):
                given_up.setdefault(action.interest, (at, action))
                yield self._surrender(at, action)
        touched = self._touched()
        if not touched:
            return
        for subject, events in sorted(self.groundwork.lease_events(self.first).items()):
            if self.groundwork.ground.site_of.get(subject, subject) not in touched:
                continue
            for event in events:
                number_of, surrender = given_up.get(str(event["interest_id"]), (None, None))
                year = None if event["date"] is None else financial_year(event["date"])
                if surrender is not None and (
                    event["event"] in {surrender.by, "on notice"} or (year or 0) > surrender.year
                ):
                    continue
                if event["event"] == "on notice" or (year or 0) > self.last + AHEAD_YEARS:
                    continue
                yield self._event(event, year, number_of)

    def _surrender(self, at: int, action: Surrender) -> Row:
        row = self.groundwork.ground.interests[action.interest]
        subject, holder = str(row["subject"]), str(row["holder"])
        date = {"break": row["break_date"], "expiry": row["expiry"]}.get(action.by)
        when = f" on {day(date)}" if date is not None else ""
        said = f"{row['interest']} of {self.groundwork.name(subject)} held by {self.groundwork.body(holder)}: {action.by}{when}"
        own = action.organisation or (holder if holder in self.groundwork.estate.organisations else "")
        by = {**self._by(at, action), "organisation": own, "date": date}
        return self.row("lease", action.by, subject, action.year, action.year, said[:1].upper() + said[1:], **by)

    def _event(self, event: Mapping[str, Any], year: int | None, action: int | None) -> Row:
        subject, holder = str(event["subject"]), str(event["holder"] or "")
        when = f" on {day(event['date'])}" if event["date"] is not None else ""
        what = {"notice by": "last day to serve notice", "break": "may be broken", "expiry": "ends"}[event["event"]]
        passed = ", which has gone by" if event["state"] == "passed" else ", day not known" if not when else ""
        said = f"{event['interest']} of {self.groundwork.name(subject)}: {what}{when}{passed}. {_text(event['what_to_do'])}"
        return self.row("lease", event["event"], subject, year, year, said[:1].upper() + said[1:], action=action, date=event["date"],
                        organisation=holder if holder in self.groundwork.estate.organisations else "", source=str(event["source"] or ""),
                        illustrative=event["illustrative"] is True)  # fmt: skip

    def _touched(self) -> set[str]:
        """The sites that a scenario is about; a place on none by itself."""
        places = self.groundwork.touched(self.course)
        return {self.groundwork.ground.site_of.get(place, place) for place in places}

    # -- money and problems

    def funding(self) -> Iterator[Row]:
        """Money that comes, and when what is left of it lapses."""
        for money in self.scenario.funding:
            who = self.groundwork.body(money.organisation)
            amount = f"{span(money.amount_gbp)} " if money.amount_gbp is not None else ""
            by = {
                "organisation": money.organisation,
                "source": money.source,
                "illustrative": money.illustrative,
                "name": who,
            }
            said = f"{who}: {amount}{money.kind} for {money.pays_for}"
            yield self.row("funding", money.kind, money.plan, money.year, money.year, said, **by)
            end = lapses(money, self.groundwork.ground.plans.get(money.plan))
            if end is None:
                continue
            late = money.year > end
            more = f", and is to be spent in {years_in_words(money.year)}" if late else ""
            said = f"{who}: {money.kind} lapses after {years_in_words(end)}{more}"
            yield self.row("funding", "lapses", money.plan, end, end, said, **by, verdict=REFUSED if late else "")

    def conflicts(self, problems: Iterable[ScenarioProblem]) -> Iterator[Row]:
        """What speaks against the scenario, in the year in which it shows."""
        numbered = dict(enumerate(self.scenario.actions, start=1))
        for one in problems:
            action = numbered.get(one.action)
            known = (
                one.value in self.groundwork.ground.services
                or one.value in self.groundwork.ground.names["asset or parcel"]
            )
            said = f"{_text(one.message)} {_text(one.fix)}".strip()
            yield self.row("conflict", one.code, one.value if known else "", one.year, one.year, said, verdict=one.verdict,
                           action=one.action or None, organisation=action.organisation if action is not None else "")  # fmt: skip


def months_in_words(months: float) -> str:
    """A number of months with its noun."""
    return f"{number(months)} month{'' if months == 1 else 's'}"


def chance_in_words(action: Release) -> str:
    """How likely a release is, as its action states it."""
    chance = action.probability_percent
    if chance is None:
        return "chance not known"
    ends = f"{chance.low:g}" if chance.low == chance.high else f"{chance.low:g} to {chance.high:g}"
    return f"chance {ends}%"


def _text(text: object) -> str:
    return shown_name(clean(str(text)))


def _framed(rows: Iterable[Row]) -> pd.DataFrame:
    def key(row: Row) -> tuple[Any, ...]:
        year = row["start_year"]
        return (
            year is None,
            year or 0,
            KINDS.index(row["kind"]),
            row["action"] or 0,
            row["subject"],
            row["what"],
            row["label"],
        )

    ordered = sorted(rows, key=key)
    columns = {
        name: pd.Series([row[name] for row in ordered], dtype=_TYPES.get(name, object)) for name in TIMELINE_COLUMNS
    }
    return pd.DataFrame(columns)


_TYPES: dict[str, Any] = {
    **dict.fromkeys(("months", "chance_low_percent", "chance_high_percent"), "float64"),
    **dict.fromkeys(("start_year", "end_year", "action"), "Int64"),
}

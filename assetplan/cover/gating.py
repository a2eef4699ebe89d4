"""The gate before a move of emergency response: what fails it, what holds it, what is not known.

Only a fire engine sets out from its station: for fire the gate is hard. Ambulances wait at standby points and police answer from patrol: a move of
theirs is asked about. All that does not depend on where to is worked out once, and many hosts are looked at together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from assetplan.cover.crews import TIMES, is_at, moved_crews, service_called
from assetplan.cover.times import Bounds, cover_of, soonest
from assetplan.errors import SubjectError
from assetplan.issues import Issue, readable
from assetplan.tables import records
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.cover.crews import Crew, Host
    from assetplan.estate import Estate
    from assetplan.travel.times import Travel

    Floats = NDArray[np.float64]

Verdict = Literal["fails", "holds", "not known", "to be asked"]
ON_CALL_MIN = 5.0  # where the folder has no standard of that measure
ON_CALL_MEASURE = "on-call turn-in"
BEYOND_MIN = 0.5
_MINUTES = frozenset({"min", "mins", "minute", "minutes"})
_MODELLED = "modelled here"
_ON_CALL_SOURCE = f"{ON_CALL_MIN:g} minutes: usual practice, assumed; the service sets its own"


@dataclass(frozen=True)
class Rule:
    """How a response depends on its station.

    `hard` is whether a move can fail; `measure` what its standards are called in standards.csv; `engine` what comes; `asks` what is to be
    asked of whoever decides, before a move; `source` who says so.
    """

    hard: bool
    measure: str
    engine: str
    decides: str
    asks: tuple[str, ...]
    source: str


RULES: dict[str, Rule] = {
    "fire": Rule(
        hard=True,
        measure="first fire engine",
        engine="fire engine",
        decides="Fire decides, after consultation on its community risk management plan (CRMP); it cannot recommend a move without it.",
        asks=("Has the move been modelled by the service itself, and consulted on in its community risk management plan?",),
        source="practice: fire engines set out from their station; the plan and its consultation are asked by the Fire and Rescue National Framework",
    ),
    "ambulance": Rule(
        hard=False,
        measure="first ambulance",
        engine="ambulance",
        decides="The ambulance trust decides.",
        asks=("Is a standby point in the town kept, and where?", "Where do crews begin and end a shift, and how is that time covered?"),
        source="practice: ambulances wait at standby points, not at their station",
    ),
    "police": Rule(
        hard=False,
        measure="first police car",
        engine="police car",
        decides="The police decide.",
        asks=("Which areas are patrolled, at which hours, and would that change?", "Is a place to wait and write kept in the town?"),
        source="practice: police answer from patrol, not from their station",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """Something the verdict rests on, in a sentence, and who says so."""

    text: str
    source: str


# ------------------------------------------------------------------------------------------------------- judging


@dataclass(frozen=True, eq=False)
class Judged:
    """What is found of one host."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    standards: list[dict[str, Any]]
    turn_in: list[dict[str, Any]]


@dataclass(eq=False)
class _Findings:
    """What speaks against a host, what is not known, and what else is to be told."""

    fails: list[Reason] = field(default_factory=list)
    unknown: list[Reason] = field(default_factory=list)
    holds: list[Reason] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        return "fails" if self.fails else "not known" if self.unknown else "holds"

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return (*self.fails, *self.unknown, *self.holds)


class Judge:
    """All about a move that does not depend on where to, and the verdict on some hosts together."""

    def __init__(
        self,
        estate: Estate,
        service_id: str,
        travel: Travel | None,
        engine_factor: float,
        beyond_min: float,
        on_call_min: float | None,
    ) -> None:
        for name, given in (("beyond_min", beyond_min), ("on_call_min", on_call_min)):
            if given is not None and not (math.isfinite(given) and given >= 0):
                raise ValueError(f"{name}: {given!r} is no number of minutes, 0 or more.")
        self.estate, self.beyond_min = estate, beyond_min
        self.service = service_called(estate, service_id)
        if self.service["response"] is None:
            raise SubjectError(
                f"The service {visible(service_id)!r} gives no emergency response, so no gate stands before its move."
            )
        self.rule = RULES[self.service["response"]]
        owner = estate.organisations.get(self.service["organisation"])
        runs = self.service["body"] or (owner.name if owner is not None else self.service["organisation"])
        self.organisation = visible(str(runs))
        self.cover = cover_of(estate, self.service["response"], travel=travel, engine_factor=engine_factor)
        self.moving = moved_crews(estate, self.cover.crews, service_id)
        self.at = [place for place, crew in enumerate(self.cover.crews) if crew.id in set(self.moving)]
        self.people = self.cover.demand["population"].to_numpy(dtype=float)
        self.names = [visible(str(name)) for name in self.cover.demand["name"]]
        self.issues: list[Issue] = []
        self.standards = self._standards_for(self.rule.measure)
        self.on_call_min, self.on_call_source = self._on_call(on_call_min)
        now = self.cover.turn_in_min.minutes
        self._turn_in_now = {crew.id: float(now[place]) for place, crew in enumerate(self.cover.crews)}
        self.before = {time: soonest(self.cover.spans(self.cover.at(time))) for time in TIMES}

    def _standards_for(self, measure: str) -> list[dict[str, Any]]:
        """The standards of a measure that are this service's or anybody's, in minutes."""
        out = []
        for row in records(self.estate.standards):
            if str(row["measure"]).casefold() != measure or row["organisation"] not in {
                None,
                self.service["organisation"],
            }:
                continue
            basis = str(row["basis"] or "").casefold()
            if str(row["unit"]).casefold() not in _MINUTES or not (math.isfinite(row["value"]) and row["value"] > 0):
                self._tell(row, "unit", "not-in-minutes", f"{row['value']:g} {row['unit']}",
                           "a standard of response is a number of minutes above 0", "Not used. Give it in min.")  # fmt: skip
            elif basis == "comparison":
                continue  # nobody has set it for this service, so nothing is held to it
            else:
                if basis not in {"average", "limit"} and measure != ON_CALL_MEASURE:
                    self._tell(row, "basis", "unknown-word", basis, "a standard of response is an average or a limit",
                               "Taken as an average. Say which it is.")  # fmt: skip
                out.append({**row, "basis": "limit" if basis == "limit" else "average", "said": _standard_source(row)})
        return sorted(out, key=lambda row: str(row["standard_id"]))

    def _tell(self, row: Mapping[str, Any], column: str, code: str, value: str, message: str, action: str) -> None:
        self.issues.append(
            Issue("standards.csv", str(row["standard_id"]), column, code, readable(value)[:200], message, action)
        )

    def _on_call(self, given: float | None) -> tuple[float, str]:
        if given is not None:
            return given, f"{given:g} minutes, as the caller set it"
        found = self._standards_for(ON_CALL_MEASURE)
        if not found:
            return ON_CALL_MIN, _ON_CALL_SOURCE
        strictest = min(found, key=lambda row: (row["value"], str(row["standard_id"])))
        return float(strictest["value"]), strictest["said"]

    # -- some hosts together

    def of(self, hosts: Sequence[Host]) -> list[Judged]:
        """What is found of each of some hosts."""
        drives = self.cover.drives(hosts)
        turn_ins = {place: self.cover.turn_ins(self.cover.crews[place], hosts) for place in self.at}
        after = self._after(hosts, drives, turn_ins)
        on_call = [crew for place in self.at if (crew := self.cover.crews[place]).on_call]
        ways = {
            crew.id: (self.cover.ways_in(crew, [crew.station])[:, 0], self.cover.ways_in(crew, hosts))
            for crew in on_call
        }
        by_host = _standard_rows(self, after)
        out = []
        for row, host in enumerate(hosts):
            here = {time: Bounds(bounds.low[row], bounds.high[row]) for time, bounds in after.items()}
            then = {self.cover.crews[place].id: float(bounds.minutes[row]) for place, bounds in turn_ins.items()}
            standards = by_host[row]
            turn_in = [
                self._turn_in_row(crew, ways[crew.id][0], ways[crew.id][1][:, row], then[crew.id]) for crew in on_call
            ]
            if self.rule.hard:
                found = self._judge(host, here, standards, turn_in, reached=not np.isnan(drives[row]).all())
                out.append(Judged(found.verdict, found.reasons, standards, turn_in))
            else:
                asked = tuple(Reason(ask, self.rule.source) for ask in self.rule.asks)
                out.append(Judged("to be asked", asked, standards, turn_in))
        return out

    def _after(self, hosts: Sequence[Host], drives: Floats, turn_ins: Mapping[int, Bounds]) -> dict[str, Bounds]:
        """The bounds of the first crew's minutes with the station on each host, by time, shape (hosts, places)."""
        out = {}
        stay = np.array([self.stays(host) for host in hosts], dtype=bool)[:, None]
        for time in TIMES:
            answering = self.cover.at(time)
            staying = [place for place in answering if place not in self.at]
            spans = []
            if staying:
                others = soonest(self.cover.spans(staying))
                spans.append(Bounds(*(np.broadcast_to(side, drives.shape) for side in others)))
            for place in (place for place in answering if place in self.at):
                turnout = np.full(len(hosts), self.cover.crews[place].turnout_min)
                ready = turn_ins[place].plus(turnout)
                spans.append(Bounds(ready.low[:, None], ready.high[:, None]).plus(drives))
            if spans:
                first = soonest(Bounds(np.stack([span.low for span in spans]), np.stack([span.high for span in spans])))
            else:
                first = Bounds(np.zeros(drives.shape), np.full(drives.shape, np.inf))
            out[time] = Bounds(*(np.where(stay, now, then) for now, then in zip(self.before[time], first, strict=True)))
        return out

    def stays(self, host: Host) -> bool:
        """Whether every crew that would move is there already."""
        return bool(self.at) and all(is_at(self.cover.crews[place], host) for place in self.at)

    def silent(self) -> list[str]:
        """The times at which no crew that moves is known to answer."""
        return [time for time in TIMES if not any(time in self.cover.crews[place].times for place in self.at)]

    def named(self, where: NDArray[np.bool_]) -> tuple[str, ...]:
        """The names of some places."""
        return tuple(self.names[place] for place in np.flatnonzero(where))

    def _turn_in_row(self, crew: Crew, here: Floats, there: Floats, then: float) -> dict[str, Any]:
        """How the people of an on-call crew that moves would come in, to their station now and to a host."""
        known = bool(crew.homes)
        return {
            "crew_id": crew.id,
            "times": crew.times,
            "needed": crew.needed,
            "named": crew.people if known else None,
            "limit_min": self.on_call_min,
            "within_before": int((here <= self.on_call_min).sum()) if known else None,
            "within_after": int((there <= self.on_call_min).sum()) if known else None,
            "unknown_before": int(np.isnan(here).sum()) if known else None,
            "unknown_after": int(np.isnan(there).sum()) if known else None,
            "turn_in_before_min": self._turn_in_now[crew.id],
            "turn_in_after_min": then,
            "source": crew.source,
        }

    # -- one host

    def _judge(
        self,
        host: Host,
        after: Mapping[str, Bounds],
        standards: Sequence[Mapping[str, Any]],
        turn_in: Sequence[Mapping[str, Any]],
        *,
        reached: bool,
    ) -> _Findings:
        found = _Findings()
        if not self.moving:
            said = f"No {self.cover.response} crew is known here for {visible(self.service['name'])}, so its cover is not known."
            found.unknown.append(Reason(said, "the table of crews"))
            return found
        if self.stays(host):
            found.holds.append(Reason("The station is there already: nothing changes.", _MODELLED))
            return found
        if host.shape is None and not reached:
            found.unknown.append(Reason(f"Where {host.name} lies is not known.", "the registers and layers here"))
        elif not reached:
            found.unknown.append(Reason(f"No way by road is known from {host.name} to any place.", _MODELLED))
        elif host.precision == "postcode":
            found.holds.append(
                Reason(f"{host.name} is placed by its postcode only: minutes may be out.", "the registers here")
            )
        silent = self.silent()
        if silent:
            said = f"No crew that moves is known to answer by {' or '.join(silent)}: of that time nothing changes by what is known here."
            found.holds.append(Reason(said, "the table of crews"))
        no_later = all(bool((after[time].high <= self.before[time].low + 1e-9).all()) for time in TIMES)
        for row in turn_in:
            _judge_turn_in(self, row, found)
        for row in standards:
            _judge_standard(self, row, after[row["time"]], found, no_later=no_later)
        if not self.standards and not no_later:
            said = f"No standard for the {self.rule.measure} is given, so there is nothing to hold the change to."
            found.unknown.append(Reason(said, "the table of standards"))
        return found


def _judge_turn_in(judge: Judge, row: Mapping[str, Any], found: _Findings) -> None:
    """Whether those needed of an on-call crew would still come in soon enough."""
    crew, needed = visible(row["crew_id"]), row["needed"]
    if row["named"] is None or needed is None:
        said = f"How the on-call people of {crew} would come in is not known."
        found.unknown.append(Reason(said, row["source"]))
        return
    source = f"{judge.on_call_source}; people: {row['source']}"
    said = (
        f"On-call people of {crew} within {row['limit_min']:g} min of the station: {row['within_before']} of {row['named']} now, "
        f"{row['within_after']} after the move; {needed} are needed."
    )
    then, now = row["within_after"], row["within_before"]
    if then >= needed:
        found.holds.append(Reason(said, source))
    elif then + row["unknown_after"] >= needed:
        more = f"Of {row['unknown_after']} more it is not known."
        found.unknown.append(Reason(f"{said} {more}", source))
    elif now >= needed:
        found.fails.append(Reason(f"{said} Its cover by {' and '.join(row['times'])} could end.", source))
    elif now + row["unknown_before"] >= needed:
        found.unknown.append(
            Reason(f"{said} Of {row['unknown_before']} more it is not known where they are now.", source)
        )
    else:
        found.holds.append(Reason(f"{said} So many are not within it now either.", source))


def _judge_standard(judge: Judge, row: Mapping[str, Any], after: Bounds, found: _Findings, *, no_later: bool) -> None:
    """Whether a standard at a time is still met."""
    to = f" to {visible(row['applies_to'])}" if row["applies_to"] else ""
    if row["basis"] == "limit":
        said = f"The limit of {row['value_min']:g} min{to} by {row['time']}"
        before = judge.before[row["time"]]
        if row["newly_beyond"]:
            found.fails.append(
                Reason(f"{said} would newly be passed in {some_of(row['newly_beyond'])}.", row["source"])
            )
        value = row["value_min"]
        open_ = (before.low <= value) & (after.high > value) & ~((before.high <= value) & (after.low > value))
        if open_.any() and not no_later:
            names = some_of(judge.named(open_))
            found.unknown.append(Reason(f"{said}: whether it would be passed is not known of {names}.", row["source"]))
        elif not row["newly_beyond"]:
            found.holds.append(Reason(f"{said} would be passed in no place where it is not now.", row["source"]))
        return
    now, then = minutes_in_words(row["before_min"]), minutes_in_words(row["after_min"])
    said = f"The average{to} by {row['time']}: {now} now, {then} after the move; the standard is {row['value_min']:g}"
    if row["people"] < row["people_in_all"]:
        said += f" (over {row['people']:,.0f} of {row['people_in_all']:,.0f} people; of the others it is not known)"
    met = row["met_before"], row["met_after"]
    worse = row["after_min"] - row["before_min"]
    if row["met_after"] is True or no_later:
        found.holds.append(Reason(f"{said}.", row["source"]))
    elif met == (True, False):
        found.fails.append(Reason(f"{said}: met now, not after.", row["source"]))
    elif met == (False, False) and not math.isnan(worse):
        bad = worse > judge.beyond_min
        told = "not met now, and missed by more after" if bad else "not met now, nor after"
        (found.fails if bad else found.holds).append(Reason(f"{said}: {told}.", row["source"]))
    else:
        found.unknown.append(Reason(f"{said}. Whether it is met is not known.", row["source"]))


def _standard_source(row: Mapping[str, Any]) -> str:
    source = visible(str(row["source"]))
    if row["edition"]:
        return f"{source}, {visible(str(row['edition']))}"
    return source if "to be confirmed" in source else f"{source}; edition to be confirmed"


# ------------------------------------------------------------------------------------------------------- rows


def _standard_rows(judge: Judge, after: Mapping[str, Bounds]) -> list[list[dict[str, Any]]]:
    """Of each of some hosts, each standard and time: what it comes to now and with the station there, and whether it is met."""
    out: list[list[dict[str, Any]]] = [[] for _ in range(len(after[TIMES[0]].low))]
    in_all = float(np.nansum(judge.people))
    for standard in judge.standards:
        value, limit = float(standard["value"]), standard["basis"] == "limit"
        for time in TIMES:
            now, then = judge.before[time], after[time]
            both = ~np.isnan(now.minutes) & ~np.isnan(then.minutes)
            people = np.where(both & (judge.people > 0), judge.people, 0.0)
            known = [_summed(bounds.minutes, people, both, limit=limit) for bounds in (now, then)]
            met_before = _met(_over_all(now, judge.people, limit=limit), value)
            met_after = _met(_over_all(then, judge.people, limit=limit), value)
            beyond, newly = then.low > value, (now.high <= value) & (then.low > value)
            beyond_before = judge.named(now.low > value)
            for host, rows in enumerate(out):
                rows.append({
                    "standard_id": standard["standard_id"],
                    "applies_to": standard["applies_to"],
                    "basis": standard["basis"],
                    "value_min": value,
                    "time": time,
                    "before_min": float(known[0][host]),
                    "after_min": float(known[1][host]),
                    "people": float(people[host].sum()),
                    "people_in_all": in_all,
                    "met_before": met_before[0],
                    "met_after": met_after[host],
                    "beyond_before": beyond_before,
                    "beyond_after": judge.named(beyond[host]),
                    "newly_beyond": judge.named(newly[host]),
                    "source": standard["said"],
                })  # fmt: skip
    return out


def _met(span: tuple[Floats, Floats], value: float) -> list[bool | None]:
    """Whether what lies between two bounds is no more than a value; None where it may or may not be."""
    low, high = (np.atleast_1d(side).tolist() for side in span)
    return [True if most <= value else False if least > value else None for least, most in zip(low, high, strict=True)]


def _over_all(bounds: Bounds, people: Floats, *, limit: bool) -> tuple[Floats, Floats]:
    """The least and the most that an average over people, or the longest time, can be, over the last axis.

    Of a place of which nobody knows how many live there, any number may: an average then lies between that of the others and the place's own.
    """
    if limit and len(people):
        return np.asarray(bounds.low.max(axis=-1)), np.asarray(bounds.high.max(axis=-1))
    lived, open_ = people > 0, np.isnan(people)
    if not (lived | open_).any():
        size = bounds.low.shape[:-1]
        return np.zeros(size), np.full(size, np.inf)
    out = []
    for side, pick in ((bounds.low, np.min), (bounds.high, np.max)):
        mean = [side[..., lived] @ people[lived] / people[lived].sum()] if lived.any() else []
        own = [side[..., place] for place in np.flatnonzero(open_)]
        out.append(np.asarray(pick(np.stack([*mean, *own]), axis=0)))
    return out[0], out[1]


def _summed(minutes: Floats, people: Floats, where: NDArray[np.bool_], *, limit: bool) -> Floats:
    """The average over people of some places, or the longest time among them, over the last axis; NaN where there are none."""
    minutes = np.where(where, minutes, 0.0)
    if limit:
        longest = np.where(where, minutes, -np.inf).max(axis=-1, initial=-np.inf)
        return np.where(np.isfinite(longest), longest, np.nan)
    number = people.sum(axis=-1)
    return np.where(number > 0, (minutes * people).sum(axis=-1) / np.where(number > 0, number, 1.0), np.nan)


def minutes_in_words(minutes: float) -> str:
    """Minutes to a tenth, or that they are not known."""
    return "not known" if math.isnan(minutes) else f"{minutes:.1f} min"


def some_of(names: Sequence[str], most: int = 6) -> str:
    """The first few of some names in a list, and how many more there are."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)

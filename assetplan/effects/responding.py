"""What a scenario does to emergency response: the first crew's minutes village by village, before and after, and the gate before each move.

Moves are judged in the order of their years, each on top of those before it, so what two moves do together is seen. Nothing here decides:
the authority does, after it has consulted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.cover.gating import BEYOND_MIN, RULES
from assetplan.cover.response import STANDARDS_COLUMNS, TURN_IN_COLUMNS
from assetplan.effects.groundwork import Groundwork
from assetplan.tables import records
from assetplan.text import counted, shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assetplan.cover.response import ResponseChange
    from assetplan.estate import Estate
    from assetplan.scenarios.course import Course, Move
    from assetplan.scenarios.scenario import Scenario

LEG_COLUMNS = (
    "step", "service", "name", "organisation", "response", "origin", "to", "year", "action", "verdict", "hard", "decides", "reasons",
    "sources",
)  # fmt: skip
PLACE_COLUMNS = (
    "response", "crews", "demand_id", "name", "population", "time", "before_min", "after_min", "change_min", "result", "crew_before",
    "crew_after", "kind_before", "kind_after", "why_not_known",
)  # fmt: skip
ANY = "any"
VERDICTS = ("fails", "not known", "to be asked", "holds")
"""Of several moves the first of these holds for all."""


@dataclass(frozen=True, eq=False, repr=False)
class ResponseEffect:
    """What a scenario does to emergency response.

    Attributes
    ----------
    verdict
        The gravest of its moves: fails, not known, to be asked, holds; blank where no service that responds moves.
    legs
        One row for each move of a service that responds, in order, each judged with those before it done: `verdict`, whether the gate is `hard`,
        who `decides`, `reasons` in sentences and their `sources`. `to` is the land on which it would stand.
    places
        One row for each response, kind of crew, place and time: the first crew's minutes today and after the whole scenario. `crews` is ``any``
        for the first crew of whatever kind, else the kind whose first crew is meant. `result` is later, sooner or same, by more than half a
        minute, not known, or no crew where none of a kind answers at that time, today or after; `why_not_known` says what is missing.
    standards, turn_in
        What the gate was held to at each move: `step` and columns of tables ``response_standards`` and ``response_turn_in``.
    unknowns
        What is not known and could matter.
    notes
        What the minutes rest on.
    """

    verdict: str
    legs: pd.DataFrame
    places: pd.DataFrame
    standards: pd.DataFrame
    turn_in: pd.DataFrame
    unknowns: tuple[str, ...]
    notes: tuple[str, ...]

    def worst(self, response: str = "fire") -> dict[str, Any] | None:
        """The place and time at which the first crew of a response would be later by most; None where it is later nowhere."""
        here = self.places["response"].eq(response) & self.places["crews"].eq(ANY) & self.places["result"].eq("later")
        rows = self.places[here]
        if rows.empty:
            return None
        return {str(key): value for key, value in rows.loc[rows["change_min"].idxmax()].items()}

    @property
    def in_words(self) -> str:
        """The effect as a cell of a table says it."""
        if not len(self.legs):
            said = "No service that responds to emergencies is known to move."
            return f"{said} {' '.join(self.unknowns)}".strip()
        out = []
        for response in dict.fromkeys(self.legs["response"]):
            words = set(self.legs["verdict"][self.legs["response"] == response])
            verdict = next(word for word in VERDICTS if word in words)
            rows = self.places[self.places["response"].eq(response) & self.places["crews"].eq(ANY)]
            changed = []
            for result in ("later", "sooner"):
                count = rows["demand_id"][rows["result"] == result].nunique()
                changed += [f"{result} in {counted(int(count), 'place')}"] if count else []
            worst = self.worst(response)
            if worst is not None:
                changed.append(f"worst {shown_name(worst['name'])} +{worst['change_min']:.1f} min by {worst['time']}")
            gone = int(rows["demand_id"][rows["result"] == "not known"].nunique())
            changed += [f"not known of {counted(gone, 'place')}"] if gone else []
            decides = next(iter(self.legs["decides"][self.legs["response"] == response]))
            told = f": {', '.join(changed)}" if changed else ""
            out.append(f"{response.title()}, {verdict}{told}. {decides}")
        return " ".join(out)

    def __repr__(self) -> str:
        return f"<ResponseEffect: {self.in_words}>"


def response_effect(estate: Estate, scenario: Scenario, *, groundwork: Groundwork | None = None) -> ResponseEffect:
    """What a scenario does to emergency response: village by village, day and night, and whether each move passes its gate.

    Parameters
    ----------
    estate
        The estate, for any reader: crews, standards and places it knows.
    scenario
        The scenario. Actions that name what the estate has not are left out, and that is told.
    groundwork
        What several scenarios of the estate have in common: make one `Groundwork` and give it each time.

    Returns
    -------
    ResponseEffect
        Frames are empty where nothing that responds moves.

    Raises
    ------
    ScenarioError
        Where the scenario is not for the estate's reader.

    Notes
    -----
    The gate and its figures are those of `assetplan.response_change`. A service that goes and comes back is judged both ways, while its village
    minutes before and after are alike.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> with_fire = ap.read_scenario("data/malton/scenarios/s6-blue-light-fire.toml")
    >>> effect = response_effect(estate, with_fire)
    >>> effect.verdict, effect.worst("fire")["name"]
    ('fails', 'Norton, Welham Road')
    """
    groundwork = Groundwork(estate) if groundwork is None else groundwork
    course = groundwork.course(scenario)
    moves = [move for move in course.moves if move.service in groundwork.responds and move.service not in course.lost]
    key = tuple((one.at, one.service, course.land_of(one.origin), course.land_of(one.to), one.year) for one in moves)
    found: ResponseEffect = groundwork.once(("response", key, course.lost), lambda: _effect(groundwork, course, moves))
    return found


def _is_leg(groundwork: Groundwork, course: Course, move: Move, moves: Sequence[Move]) -> bool:
    """Whether a move is to another place, and not that of a part that goes along with a whole that responds alike."""
    if course.land_of(move.origin) == course.land_of(move.to):
        return False
    whole, response = groundwork.ground.services[move.service]["part_of"], groundwork.responds[move.service]
    return not any(
        (other.at, other.year, other.service) == (move.at, move.year, whole) and groundwork.responds[whole] == response
        for other in moves
    )


def _effect(groundwork: Groundwork, course: Course, moves: Sequence[Move]) -> ResponseEffect:
    unknowns = [
        f"Where {groundwork.name(service)} would be is not known: an action that moves it names what is not known here."
        for service in sorted(course.lost & set(groundwork.responds))
    ]
    rows: list[dict[str, Any]] = []
    standards, turn_in, notes = [], [], []
    home = groundwork.ground.home
    here = {service: home[service] for service in groundwork.responds}
    for move in moves:
        if _is_leg(groundwork, course, move, moves):
            before = tuple(sorted((key, to) for key, to in here.items() if to != home[key]))
            change = groundwork.leg(before, move.service, course.land_of(move.to))
            rows.append(_leg_row(groundwork, course, len(rows) + 1, move, change))
            if isinstance(change, str):
                unknowns.append(f"What moving {groundwork.name(move.service)} does to response is not known: {change}")
            else:
                standards += [{"step": len(rows), **row} for row in records(change.standards)]
                turn_in += [{"step": len(rows), **row} for row in records(change.turn_in)]
                unknowns += change.unknowns
                notes.append(change.note)
        here[move.service] = course.land_of(move.to)
    after = tuple(sorted((key, to) for key, to in here.items() if to != home[key]))
    places: list[dict[str, Any]] = []
    for response in dict.fromkeys(str(row["response"]) for row in rows):
        for kind in ("", *groundwork.crew_kinds(response)):
            places += _places(groundwork, response, kind, after, unknowns)
    words = {row["verdict"] for row in rows}
    return ResponseEffect(
        verdict=next((word for word in VERDICTS if word in words), ""),
        legs=pd.DataFrame(rows, columns=list(LEG_COLUMNS), dtype=object),
        places=pd.DataFrame(places, columns=list(PLACE_COLUMNS), dtype=object).astype(
            dict.fromkeys(("population", "before_min", "after_min", "change_min"), "float64")
        ),
        standards=pd.DataFrame(standards, columns=["step", *STANDARDS_COLUMNS], dtype=object),
        turn_in=pd.DataFrame(turn_in, columns=["step", *TURN_IN_COLUMNS], dtype=object),
        unknowns=tuple(dict.fromkeys(unknowns)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _leg_row(
    groundwork: Groundwork, course: Course, step: int, move: Move, change: ResponseChange | str
) -> dict[str, Any]:
    row = groundwork.ground.services[move.service]
    rule = RULES[groundwork.responds[move.service]]
    told: dict[str, Any] = {
        "verdict": "not known" if rule.hard else "to be asked",
        "reasons": (change,) if isinstance(change, str) else tuple(reason.text for reason in change.reasons),
        "sources": () if isinstance(change, str) else tuple(dict.fromkeys(one.source for one in change.reasons)),
    }
    if not isinstance(change, str):
        told["verdict"] = change.verdict
    return {
        "step": step,
        "service": move.service,
        "name": groundwork.name(move.service),
        "organisation": str(row["organisation"]),
        "response": groundwork.responds[move.service],
        "origin": course.land_of(move.origin),
        "to": course.land_of(move.to),
        "year": move.year,
        "action": move.at,
        "hard": rule.hard,
        "decides": rule.decides,
        **told,
    }


def _places(
    groundwork: Groundwork, response: str, kind: str, moves: tuple[tuple[str, str], ...], unknowns: list[str]
) -> list[dict[str, Any]]:
    """The first crew's minutes at each place and time, today and after, of crews of a kind or of any."""
    frames = groundwork.times(response, kind, ()), groundwork.times(response, kind, moves)
    for frame in frames:
        if isinstance(frame, str):
            unknowns.append(f"Minutes of {response} crews are not known: {frame}")
            return []
    now, then = (
        {(row["demand_id"], row["time"]): row for row in records(frame)}
        for frame in frames
        if not isinstance(frame, str)
    )
    out = []
    for key, one in now.items():
        other = then[key]
        change = other["minutes"] - one["minutes"]
        out.append({
            "response": response,
            "crews": kind or ANY,
            **{name: one[name] for name in ("demand_id", "name", "population", "time")},
            "before_min": one["minutes"],
            "after_min": other["minutes"],
            "change_min": change,
            "result": "no crew" if kind and _none(one) and _none(other) else _result(change),
            "crew_before": one["crew_id"],
            "crew_after": other["crew_id"],
            "kind_before": one["kind"],
            "kind_after": other["kind"],
            "why_not_known": "; ".join(dict.fromkeys(row["why"] for row in (one, other) if row["why"])),
        })  # fmt: skip
    return out


def _none(row: Mapping[str, Any]) -> bool:
    """Whether no crew answers at all."""
    return str(row["why"]).startswith("no crew is known to answer")


def _result(change: float) -> str:
    if math.isnan(change):
        return "not known"
    return "later" if change > BEYOND_MIN else "sooner" if change < -BEYOND_MIN else "same"

"""Whether services may go where a scenario puts them, and whether what is built there is permitted. Nothing here is legal advice.

Each service is judged by itself, by the same criteria as `assetplan.suitability`; whether a host has room for all that come is for whoever
is asked (`Room`). A constraint that the scenario has released by then is looked at as if it were gone, and the chance of that is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assetplan.hosts.verdicts import AFTER_WORKS, ARGUABLE, BLOCKED, GAP, SHORT_NOW, UNKNOWN
from assetplan.scenarios.actions import Assemble, Build, Dispose, Refurbish, Release
from assetplan.scenarios.course import done_in
from assetplan.scenarios.problem import CONFIRM, REFUSED, ScenarioProblem, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assetplan.estate import Estate
    from assetplan.scenarios.course import Course, Move

    Record = Mapping[str, Any]

Room = Callable[["Estate", str, Sequence[str]], Sequence[str]]
"""Says what is wrong with so many services in one host at once: called with the estate, the host and the services, it gives sentences."""
Gate = Callable[["Estate", str, list[str]], Mapping[str, Any]]

# Criteria that rest on who is near a host today, which a scenario may change.
_RESTS_ON_OTHERS = {"near", "affinity", "apart"}
# Criteria that are about who holds a host today.
_OF_THE_HOLDER = {"title", "holding", "term"}
# Criteria that are about the land, whatever stands on it.
_OF_THE_LAND = {"covenant", "unread_covenant", "consent", "access", "flood"}
_COUNTED = {"desks", "counters", "vehicle_bays", "parking_spaces", "area"}
_MENDS = {
    "forbidden": "have this released",
    "over-capacity": "enlarge the host",
    "blocked": "change what stands in the way",
}
_NEVER = ("locked", "open space", "a place of a sensitive kind", "disposed of")


def uses(course: Course, room: Room | None, gate: Gate | None) -> Iterator[ScenarioProblem]:
    """What speaks against a service in its new place, and against what is built."""
    yield from _built(course)
    yield from _consents(course)
    moves = [move for move in course.moves if move.origin != move.to]
    for move in moves:
        yield from _fixed(move, course)
        if move.to != course.ground.home[move.service]:  # where it is today it may be again
            yield from _host(move, course)
        yield from _response(move, course, gate)
    if room is not None:
        yield from _together(course, moves, room)


def _released(course: Course, year: int) -> dict[str, tuple[int, Release]]:
    """What the scenario has released by a year; to find out what binds releases nothing."""
    return {
        a.constraint: (at, a)
        for at, a in course.actions
        if isinstance(a, Release) and done_in(a) <= year and a.route != FINDS_OUT
    }


FINDS_OUT = "search or advice"
"""The route of a release that finds out what binds and releases nothing."""


def _fixed(move: Move, course: Course) -> Iterator[ScenarioProblem]:
    row = course.ground.services[move.service]
    if row["fixed"] is True:
        rule = f": {row['rule']}" if row["rule"] else ""
        yield problem(
            CONFIRM, move.at, move.action, "service", "stays", move.service,
            f"{move.service!r} is to stay where it is, by services.csv{rule}.", "Whoever runs it has to say that it may move.",
        )  # fmt: skip


def _host(move: Move, course: Course) -> Iterator[ScenarioProblem]:
    def told(verdict: Any, code: str, message: str, fix: str = "") -> ScenarioProblem:
        return problem(verdict, move.at, move.action, move.field, code, move.to, message, fix)

    works = [
        one
        for one in course.works.get(move.to, ())
        if isinstance(one.action, Build) or (isinstance(one.action, Refurbish) and one.done <= move.year)
    ]  # what is built too late is told by itself
    built = any(isinstance(one.action, Build) for one in works)
    host = move.to
    if host not in course.ground.hosts.at:
        yield from _no_host(move, course, told, built=built)
        host = course.land_of(move.to)
        if host == move.to or host not in course.ground.hosts.at:
            return
    elif not built and course.ground.hosts.unbuilt[course.ground.hosts.at[host]]:
        yield told(REFUSED, "nothing-there", f"nothing stands on {host!r} in {move.year}.", "Build there first.")
    unbuilt = course.ground.hosts.unbuilt[course.ground.hosts.at[host]]
    row = course.ground.services[move.service]
    acquired = course.acquired(host)
    bought = acquired is not None and acquired.done <= move.year
    here = {str(row["constraint_id"]) for row in course.ground.bound.get(host, ())}
    released = {key: by for key, by in _released(course, move.year).items() if key in here}
    before = {judge.name: code for judge, code in course.ground.judged(move.service, host)}
    missing, unknown = [], []
    for judge, code in course.ground.judged(move.service, host, frozenset(released)):
        if (judge.name in _OF_THE_HOLDER and bought) or (judge.name == "condition" and works):
            continue
        if host != move.to and judge.name not in _OF_THE_LAND:
            continue  # of what is built anew only what binds the land can be judged
        if code == BLOCKED and built and _of_room(judge.name) and not unbuilt:
            code = UNKNOWN  # the room stated is that of what stands there today
        said = (
            judge.told(row, course.ground.hosts.at[host], code).says if code in {BLOCKED, ARGUABLE, AFTER_WORKS} else ""
        )
        if before[judge.name] in {BLOCKED, ARGUABLE} and code < before[judge.name]:
            yield from _resting_on_release(move, released, judge.label)
        if code == BLOCKED and judge.name in _RESTS_ON_OTHERS:
            yield told(CONFIRM, "beside", f"{judge.label}, as things are today: {said}")
        elif code == BLOCKED:
            name = "forbidden" if judge.name == "covenant" else "over-capacity" if _of_room(judge.name) else "blocked"
            yield told(
                REFUSED,
                name,
                f"{move.service!r} cannot be there, by {judge.label}: {said}",
                f"Move it elsewhere, or {_MENDS[name]}.",
            )
        elif code == ARGUABLE:
            yield told(CONFIRM, "arguable", f"{judge.label}: {said}")
        elif code == AFTER_WORKS and not works:
            yield told(
                REFUSED,
                "works-first",
                f"{move.service!r} fits in {host!r} after works only, by {judge.label}: {said}",
                "Refurbish it first.",
            )
        elif code in {UNKNOWN, SHORT_NOW} and judge.name not in _RESTS_ON_OTHERS:
            unknown.append(judge.label)
        elif code == GAP and judge.name not in _RESTS_ON_OTHERS:
            missing.append(judge.label)
    if missing:
        yield told(CONFIRM, "to-put-right", f"{move.service!r} in {host!r}: to be put right: {', '.join(missing)}.")
    if unknown:
        yield told(
            CONFIRM,
            "not-known",
            f"{move.service!r} in {host!r}: not known: {', '.join(unknown)}.",
            "assetplan services tells who says what.",
        )


def _of_room(name: str) -> bool:
    return name.endswith("_room") or name in _COUNTED


def _no_host(
    move: Move, course: Course, told: Callable[..., ScenarioProblem], *, built: bool
) -> Iterator[ScenarioProblem]:
    land = course.land_of(move.to)
    why = course.ground.why_no_host.get(land, "")
    bought = course.acquired(move.to)
    if why.startswith(_NEVER):
        yield told(REFUSED, "no-host", f"{land!r} takes no services in: {why}.", "Move it elsewhere.")
    elif why.startswith("not public estate") and (bought is None or bought.done > move.year):
        yield told(
            REFUSED, "no-host", f"{land!r} takes no services in: {why}.", "Acquire it first, or move it elsewhere."
        )
    elif built or (why and _works_there(course, move)):
        yield told(
            CONFIRM, "not-known", f"{move.service!r} in {move.to!r}: whether there is room for it is not known.",
            "State it in capacity.csv once it is drawn.",
        )  # fmt: skip
    elif why:
        yield told(
            REFUSED,
            "no-host",
            f"{land!r} takes no services in: {why}.",
            "Move it elsewhere, or build or refurbish there first.",
        )
    else:
        yield told(
            REFUSED, "nothing-there", f"nothing is known to stand on {land!r} in {move.year}.", "Build there first."
        )


def _works_there(course: Course, move: Move) -> bool:
    return any(one.done <= move.year and isinstance(one.action, Refurbish) for one in course.works.get(move.to, ()))


def _resting_on_release(
    move: Move, released: Mapping[str, tuple[int, Release]], label: str
) -> Iterator[ScenarioProblem]:
    rests = "; ".join(f"{key!r} ({_chance(action)}, action {at})" for key, (at, action) in sorted(released.items()))
    yield problem(
        CONFIRM, move.at, move.action, move.field, "rests-on-release", move.to,
        f"{label}: {move.service!r} may be there only if this is released: {rests}.", "Keep another way open.",
    )  # fmt: skip


def _chance(action: Release) -> str:
    chance = action.probability_percent
    if chance is None:
        return "chance not known"
    return f"chance {chance.central:g}%" if chance.low == chance.high else f"chance {chance.low:g} to {chance.high:g}%"


def _response(move: Move, course: Course, gate: Gate | None) -> Iterator[ScenarioProblem]:
    row = course.ground.services[move.service]
    if row["response"] is None:
        return
    answer = None if gate is None else gate(course.ground.estate, move.service, [move.to]).get(move.to)
    if answer is None:
        yield problem(
            CONFIRM, move.at, move.action, move.field, "response", move.to,
            f"what moving {move.service!r} does to {row['response']} response was not worked out here.",
            "The authority decides, on figures by village.",
        )  # fmt: skip
    elif answer.verdict != "holds":
        forbids = answer.verdict == "fails" and answer.hard
        yield problem(
            REFUSED if forbids else CONFIRM, move.at, move.action, move.field, "response", move.to,
            f"{row['response']} response, {answer.verdict}: {' '.join(map(str, answer.reasons))}", "The authority decides.",
        )  # fmt: skip


def _together(course: Course, moves: list[Move], room: Room) -> Iterator[ScenarioProblem]:
    last: dict[tuple[str, int], Move] = {}
    for move in sorted(moves, key=lambda move: move.at):
        last[move.to, move.year] = move
    for (host, year), move in sorted(last.items()):
        if any(isinstance(works.action, Build) for works in course.works.get(host, ())):
            continue  # the room stated is that of what stands there today
        inside = sorted(course.there(host, year))
        for said in room(course.ground.estate, host, inside):
            yield problem(
                REFUSED,
                move.at,
                move.action,
                move.field,
                "over-capacity",
                host,
                said,
                "Move one elsewhere, or enlarge the host.",
                year=year,
            )


# ------------------------------------------------------------------------------------------------------- land


def _built(course: Course) -> Iterator[ScenarioProblem]:
    """Covenants against what is built, where that is said; services that move in are judged by themselves.

    Of land that is assembled with it, on which only part may be built, a covenant is told to be confirmed.
    """
    bound = course.ground.bound
    for at, action in course.actions:
        if not isinstance(action, Build):
            continue
        joined = {
            place
            for _, other in course.actions
            if isinstance(other, Assemble) and other.year <= action.year and action.asset in other.assets
            for place in other.assets
        }
        seen: set[str] = set()
        for place in (action.asset, *sorted(joined - {action.asset})):
            for row in bound.get(place, ()):
                if row["kind"] == "covenant" and row["constraint_id"] not in seen:
                    seen.add(str(row["constraint_id"]))
                    yield from _covenant(course, at, action, row, own=place == action.asset)


def _covenant(course: Course, at: int, action: Build, row: Record, *, own: bool) -> Iterator[ScenarioProblem]:
    key, permitted = str(row["constraint_id"]), {str(use).casefold() for use in row["permitted_uses"]}
    name = row["name"] or key
    released = _released(course, action.year)
    if key in released:
        yield _rests(at, action, "use", key, name, released)
        return
    assumptions = course.ground.estate.assumptions
    use = None if assumptions is None else assumptions.uses.get(action.use)
    plain = {word.casefold() for word in (use.permitted_as if use else (action.use,))}
    arguable = {word.casefold() for word in use.arguable_as} if use else set()
    stated = bool(permitted) and row["state"] == "yes" and bool(action.use)
    if stated and permitted & plain:
        return
    forbidden = stated and own and not permitted & arguable
    if forbidden:
        says, fix = (
            f"by its words as stated it does not permit {action.use}.",
            "Build something else, or have it released.",
        )
    elif stated or row["state"] == "arguable":
        what = action.use or "what is built"
        says, fix = f"whether it permits {what}, or binds the part that is built on, is arguable.", "Counsel to advise."
    else:
        says, fix = (
            "what it permits, whether it binds, or what is built is not known.",
            "Have the title read, and say what is built.",
        )
    yield problem(
        REFUSED if forbidden else CONFIRM, at, action, "use", "forbidden" if forbidden else "covenant", key, f"{name}: {says}", fix,
    )  # fmt: skip


def _rests(
    at: int, action: Build | Dispose, field: str, key: str, name: str, released: Mapping[str, tuple[int, Release]]
) -> ScenarioProblem:
    by, release = released[key]
    return problem(
        CONFIRM, at, action, field, "rests-on-release", key, f"{name}: this rests on its release ({_chance(release)}, action {by}).",
        "Keep another way open.",
    )  # fmt: skip


def _consents(course: Course) -> Iterator[ScenarioProblem]:
    """Consents that disposing or building needs: not sought in time, or sought with a chance."""
    bound = course.ground.bound
    for at, action in course.actions:
        if not isinstance(action, (Build, Dispose)):
            continue
        sought = _released(course, action.year)
        for row in bound.get(course.land_of(action.asset), ()):
            key = str(row["constraint_id"])
            if row["kind"] != "consent":
                continue
            if key in sought:
                yield _rests(at, action, "asset", key, row["name"] or key, sought)
            else:
                yield problem(
                    CONFIRM, at, action, "asset", "consent", key, f"{row['name'] or key}: consent is not sought by then.",
                    "Add an action to release it, with its months and chance.",
                )  # fmt: skip

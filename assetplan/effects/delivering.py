"""Whether a scenario can be delivered, by four questions: who is willing, what need there is, what is planned, and what could stop it.

Beside these: the consents and months it takes, how sure its figures are, and what is needed from whom. Each is told with what it rests on.
Nothing here is legal advice, and nothing decides: a body is willing when it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assetplan.declared import guessed
from assetplan.effects.asking import MONEY, asked_of
from assetplan.effects.chaining import longest_chain
from assetplan.effects.deliverable import GRAVEST, Aspiration, Confidence, Consent, Deliverability, Stance, Stop
from assetplan.effects.groundwork import LAST, Groundwork
from assetplan.effects.timing import chance_in_words, years_in_words
from assetplan.figures.inputs import OWN
from assetplan.hubs.reviewing import ANSWERS
from assetplan.scenarios.actions import Appropriate, Assemble, Release, Surrender
from assetplan.scenarios.course import financial_year
from assetplan.scenarios.problem import REFUSED
from assetplan.text import clean, counted, shown_name
from assetplan.vocabulary import PLAN_KINDS
from assetplan.wording import day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assetplan.estate import Estate
    from assetplan.figures.inputs import Input
    from assetplan.hubs.reviewing import Review
    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.course import Course
    from assetplan.scenarios.problem import ScenarioProblem
    from assetplan.scenarios.scenario import Scenario

_GIVER = "whoever gives or holds the money"
_WANTED: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(("refurbish", "relocate", "build", "assemble", "appropriate", "surrender", "meanwhile"), (("cost_gbp",),)),
    "share": (("cost_gbp",), ("charge_gbp_pa",)),
    "acquire": (("cost_gbp", "rent_gbp_pa"),),
    "dispose": (("receipt_gbp", "rent_gbp_pa"),),
    "release": (("cost_gbp",), ("probability_percent",)),
    "sublet": (("rent_gbp_pa",),),
}  # fmt: skip


def deliverability(
    estate: Estate,
    scenario: Scenario,
    problems: Iterable[ScenarioProblem] | None = None,
    reviews: Mapping[str, str] | Iterable[Review] | None = None,
    *,
    inputs: Iterable[Input] | None = None,
    uncounted: Iterable[str] = (),
    groundwork: Groundwork | None = None,
) -> Deliverability:
    """Whether a scenario can be delivered: willingness, need, aspirations, what could stop it, consents and months, how sure its figures are.

    Parameters
    ----------
    estate
        The estate, for any reader.
    scenario
        The scenario.
    problems
        What `assetplan.check_scenario` told; worked out here, with the gate before emergency response, where not given.
    reviews
        Answers of reviewers: what `assetplan.read_reviews` read, of which those count whose services all end up in their host; or ``willing``,
        ``not willing`` or ``needs work`` by body, or by host for every body that would be there.
    inputs
        The numbers that an appraisal rests on; where given, confidence is of these instead of what the actions state.
    uncounted
        What an appraisal could not count as nothing states it, in words: figures that are wanted and not stated.
    groundwork
        What several scenarios of the estate have in common: make one `Groundwork` and give it each time.

    Returns
    -------
    Deliverability
        A body that answered nothing stands by its commitment in estate.toml, which is to the exercise, not to this scenario.

    Raises
    ------
    ScenarioError
        Where the scenario is not for the estate's reader.
    ValueError
        Where an answer is none of the three, or names no body and no host of the estate.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> found = deliverability(estate, ap.read_scenario("data/malton/scenarios/s6-blue-light-fire.toml"))
    >>> found.refused, found.stops[0].code
    (1, 'response')
    >>> found.cells["aspirations"]
    'five plans, two pots of money and one scheme tried before for its places'
    """
    groundwork = Groundwork(estate) if groundwork is None else groundwork
    course = groundwork.course(scenario)
    known = list(groundwork.problems(scenario) if problems is None else problems)
    places = groundwork.touched(course)
    left = {move.origin for move in course.moves if move.origin and course.land_of(move.to) != move.origin}
    hosts = {course.land_of(move.to) for move in course.moves}
    need, need_says = groundwork.reasons.of(left, hosts)
    return Deliverability(
        stances=_stances(groundwork, scenario, course, places, reviews),
        need=need,
        need_says=tuple(_text(said) for said in need_says),
        aspirations=_aspirations(groundwork, scenario, places),
        stops=_stops(known),
        consents=tuple(_consents(groundwork, course, known)),
        chain=longest_chain(course),
        confidence=_of_actions(scenario.actions) if inputs is None else _of_inputs(inputs, uncounted),
    )


def _text(text: object) -> str:
    return shown_name(clean(str(text)))


# ------------------------------------------------------------------------------------------------------- who is willing


def _stances(
    groundwork: Groundwork,
    scenario: Scenario,
    course: Course,
    places: set[str],
    reviews: Mapping[str, str] | Iterable[Review] | None,
) -> tuple[Stance, ...]:
    services, bodies = groundwork.ground.services, groundwork.estate.organisations
    there: dict[str, set[str]] = {}
    for move in course.moves:
        host = course.land_of(move.to)
        there.setdefault(str(services[move.service]["organisation"]), set()).add(host)
        there.setdefault(groundwork.owner(host), set()).add(host)
    concerned = {
        *there,
        *(groundwork.owner(place) for place in places),
        *(action.organisation for action in scenario.actions),
        *(body for money in scenario.funding for body in (money.organisation, money.from_organisation)),
        *(
            str(groundwork.ground.interests[a.interest]["holder"])
            for _, a in course.actions
            if isinstance(a, Surrender)
        ),
    } & set(bodies)
    answers, comments = _answers(groundwork, course, there, reviews)
    last = max([action.year for action in scenario.actions], default=None)
    out = []
    for key in sorted(concerned):
        body, given = bodies[key], answers.get(key, set())
        commitment = {"none": "no commitment recorded"}.get(body.commitment, body.commitment)
        says = next((word for word in GRAVEST if word in given), commitment)
        ends = ""
        if body.until is not None and last is not None and financial_year(body.until) <= last:
            follows = f"; {_text(body.successor)}" if body.successor else ""
            ends = f"It ends on {day(body.until)}{follows}."
        source = "a reviewer's answer" if given else "estate.toml"
        out.append(Stance(key, groundwork.body(key), says, source, tuple(comments.get(key, ())), ends))
    return tuple(out)


def _answers(
    groundwork: Groundwork,
    course: Course,
    there: Mapping[str, set[str]],
    reviews: Mapping[str, str] | Iterable[Review] | None,
) -> tuple[dict[str, set[str]], dict[str, list[str]]]:
    """What bodies answered, and what they said with it: of this scenario's hosts and services only."""
    answers: dict[str, set[str]] = {}
    comments: dict[str, list[str]] = {}
    wrong = []
    bodies, places = groundwork.estate.organisations, groundwork.ground.names["asset or parcel"]
    if isinstance(reviews, Mapping):
        for name, answer in reviews.items():
            if answer not in ANSWERS:
                wrong.append(_no_answer(name, answer))
            elif name in bodies:
                answers[name] = {answer}  # a body's own goes before one about a host
            elif name not in places:
                wrong.append(
                    f"reviews: {shown_name(name)!r} is no host and no body.{guessed(str(name), [*bodies, *places])}"
                )
        for body, hosts in there.items():
            said = {reviews[host] for host in hosts if host in reviews}
            if said and body not in answers:
                answers[body] = said
    else:
        for review in reviews or ():
            if review.answer not in ANSWERS:
                wrong.append(_no_answer(review.option_id, review.answer))
                continue
            here = [course.land_of(course.place(service, LAST)) == review.host for service in review.services]
            moves = any(move.service in review.services for move in course.moves)
            if review.body and moves and here and all(here):
                answers.setdefault(review.body, set()).add(review.answer)
                comments.setdefault(review.body, []).extend([_text(review.comment)] if review.comment else [])
    if wrong:
        raise ValueError("\n".join(wrong))
    return answers, comments


def _no_answer(name: object, answer: object) -> str:
    return f"reviews: {shown_name(name)}: {shown_name(repr(answer))} is none of {', '.join(ANSWERS)}.{guessed(str(answer), ANSWERS)}"


# ------------------------------------------------------------------------------------------------------- what is planned


def _aspirations(groundwork: Groundwork, scenario: Scenario, places: set[str]) -> tuple[Aspiration, ...] | None:
    """What bodies plan, have money for, promised or tried before at the places of a scenario or on their sites; None where no row says."""
    estate, plans = groundwork.estate, groundwork.ground.plans
    if not plans:
        return None
    near = {groundwork.ground.site_of.get(place, place) for place in places}
    areas = _areas_about(groundwork, places)
    drawn = {money.plan for money in scenario.funding}
    out = []
    for key, row in sorted(plans.items()):
        about = {str(subject) for subject in row["subjects"]}
        if (
            key not in drawn
            and not about & areas
            and not {groundwork.ground.site_of.get(one, one) for one in about} & near
        ):
            continue
        years = [years_in_words(int(year)) for year in (row["from_year"], row["to_year"]) if year is not None]
        when = f", {' to '.join(dict.fromkeys(years))}" if years else ""
        status = f", {_text(row['status'])}" if row["status"] else ""
        later = row["as_of"] is not None and estate.as_of is not None and row["as_of"] > estate.as_of
        said = f" Said on {day(row['as_of'])}, after the date of this estate: nobody knew it then." if later else ""
        detail = f" {_text(row['detail'])}" if row["detail"] else ""
        says = f"{groundwork.body(str(row['organisation']))}: {_text(row['name'])} ({row['kind']}{status}{when}).{detail}{said}"
        out.append(
            Aspiration(
                key, str(row["kind"]), says, later, _text(row["source"]), row["illustrative"] is True, str(row["organisation"]), _text(row["name"]),
                _text(row["detail"] or ""), row["as_of"],
            )
        )  # fmt: skip
    return tuple(sorted(out, key=lambda one: (one.later, PLAN_KINDS.index(one.kind), one.plan)))


def _areas_about(groundwork: Groundwork, places: set[str]) -> set[str]:
    """The areas in which places of a scenario lie."""
    frames = (groundwork.estate.assets, groundwork.estate.land)
    shapes = [frame.geometry.at[place] for frame in frames for place in places if place in frame.index]
    points = [shape.representative_point() for shape in shapes if shape is not None and not shape.is_empty]
    areas = groundwork.estate.areas
    return {
        str(key)
        for key, shape in zip(areas["area_id"], areas.geometry, strict=True)
        if shape is not None and any(shape.covers(point) for point in points)
    }


# ------------------------------------------------------------------------------------------------------- what could stop it


def _stops(problems: Sequence[ScenarioProblem]) -> tuple[Stop, ...]:
    """Problems of one kind and verdict together: refused first, then those of which finding out could rule it out, then the most."""
    grouped: dict[tuple[str, str], list[ScenarioProblem]] = {}
    for one in problems:
        grouped.setdefault((one.verdict, one.code), []).append(one)
    out = []
    for (verdict, code), some in grouped.items():
        asked = asked_of(code)
        more = f" And {counted(len(some) - 1, 'more of the kind', 'more of the kind')}." if len(some) > 1 else ""
        out.append(
            (
                (verdict != REFUSED, not (asked is not None and asked.forbids), -len(some), code),
                Stop(
                    verdict,
                    code,
                    len(some),
                    tuple(sorted({one.action for one in some if one.action})),
                    f"{_text(some[0].message)}{more}",
                    _text(some[0].fix),
                    asked.who if asked is not None else _GIVER if code in MONEY else "whoever wrote the scenario",
                    asked.months if asked is not None else None,
                ),
            )
        )
    return tuple(stop for _, stop in sorted(out, key=lambda pair: pair[0]))


def _consents(groundwork: Groundwork, course: Course, problems: Iterable[ScenarioProblem]) -> Iterator[Consent]:
    names = {
        str(row["constraint_id"]): _text(row["name"] or row["constraint_id"])
        for rows in groundwork.ground.bound.values()
        for row in rows
    }
    gives = asked_of("consent")
    for at, action in course.actions:
        if isinstance(action, Release):
            who = gives.who if gives is not None and action.route == "consent" else ""
            yield Consent(names.get(action.constraint, _text(action.constraint)), action.route, who, action.months, chance_in_words(action),
                          at, sought=True, source=_text(action.source))  # fmt: skip
        elif isinstance(action, Appropriate):
            holder = groundwork.body(groundwork.owner(action.asset))
            yield Consent(groundwork.name(action.asset), f"appropriation to {_text(action.to_purpose)}", holder, action.months,
                          "", at, sought=True, source=_text(action.source))  # fmt: skip
        elif isinstance(action, Assemble):
            bodies = sorted({groundwork.owner(place) for place in action.assets} - {""})
            yield Consent(", ".join(groundwork.name(place) for place in action.assets), action.agreement or "agreement, its form not settled",
                          ", ".join(groundwork.body(body) for body in bodies), None, "", at, sought=True, source=_text(action.source))  # fmt: skip
    for one in problems:
        if one.code in {"consent", "landlord"}:
            asked = asked_of(one.code)
            yield Consent(names.get(one.value, _text(one.value)), _text(one.message), asked.who if asked is not None else "", None, "",
                          one.action or None, sought=False, source="")  # fmt: skip


# ------------------------------------------------------------------------------------------------------- how sure


def _of_actions(actions: Sequence[Action]) -> Confidence:
    wanted, own, illustrative, gone = 0, 0, 0, []
    for at, action in enumerate(actions, start=1):
        for names in _WANTED.get(action.word, ()):
            wanted += 1
            if all(getattr(action, name) is None for name in names):
                gone.append(f"Action {at}, {action.word}: {' or '.join(names)} is not stated.")
            elif action.illustrative:
                illustrative += 1
            else:
                own += 1
    return Confidence(wanted, own, illustrative, tuple(gone))


def _of_inputs(inputs: Iterable[Input], uncounted: Iterable[str] = ()) -> Confidence:
    given = list({one.key: one for one in inputs}.values())
    marked = sum(one.illustrative for one in given)
    general = sum(one.where == OWN and not one.illustrative for one in given)
    lacking = tuple(
        f"{_text(one.name)}: no source is stated."
        for one in given
        if not (one.illustrative or one.source or one.where == OWN)
    )
    gone = tuple(_text(one) for one in uncounted)
    own = len(given) - marked - general - len(lacking)
    return Confidence(len(given) + len(gone), own, marked, (*lacking, *gone), general)

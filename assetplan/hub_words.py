"""Co-location options in words: the ranking, each option with what it does, needs and has in its way, and what answers could change.

What is written comes from an estate already filtered for its reader; nothing is filtered in this module.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from assetplan.access_rows import about, minutes
from assetplan.assembly_words import Names, Section, capital, listed
from assetplan.hubs.blocking import ARGUABLE, ASKED, FORBIDDEN, NEEDED, NOT_KNOWN
from assetplan.hubs.colocation import place_names
from assetplan.hubs.instruments import SETTLED_BY
from assetplan.ranges import span
from assetplan.text import counted, visible
from assetplan.wording import NOT_KNOWN as UNSAID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetplan.estate import Estate
    from assetplan.hubs.blocking import Obstacle
    from assetplan.hubs.judging import Colocation
    from assetplan.weights import Lens

NOT_RELEASED = "Co-location options are not released to this reader, so none are listed."
NOT_A_DECISION = (
    "No proposal, decision or legal advice: instruments are to be settled by lawyers, room by a survey, and no body is committed by being named. "
    "What is not recorded has not been searched for."
)
MEASURED = (
    "Space given up is not cash: cash is counted only where a whole building closes. Backlog is avoided only if somebody would have spent it. "
    "No receipt counts. Months and costs of finding out are assumptions, to be checked."
)
TRIPS = "A trip is one, one way, by car, by each person, to the nearest service of the kind known here."
_LISTED = 15
_CLOSE = 3
IN_WORDS = {
    FORBIDDEN: "Forbids it",
    ARGUABLE: "Arguable, for counsel",
    ASKED: "For others to agree to",
    NEEDED: "To be paid for first",
    NOT_KNOWN: "Not known",
}


class HubNames:
    """What hosts, services and bodies are called, made safe to show."""

    def __init__(self, estate: Estate) -> None:
        self._bodies = Names(estate)
        self._hosts = dict(place_names(estate))
        self._services = dict(zip(estate.services["service_id"], estate.services["name"], strict=True))

    def host(self, key: str | None) -> str:
        """The name of an asset or parcel."""
        return "a place that is not stated" if key is None else visible(str(self._hosts.get(key) or key))

    def service(self, key: str) -> str:
        """The name of a service."""
        return visible(str(self._services.get(key) or key))

    def services(self, keys: Sequence[str]) -> str:
        """The names of some services."""
        return listed([self.service(key) for key in keys])

    def bodies(self, keys: Sequence[str]) -> str:
        """The names of some bodies."""
        return listed([self._bodies.owner(key) for key in keys])


# ------------------------------------------------------------------------------------------------------- all of them


def told(estate: Estate, found: pd.DataFrame) -> list[Section]:
    """What `assetplan.find_colocations` found, for a terminal: the ranking, the first few in full, what is listed apart."""
    if not estate.released("options"):
        return [Section("", (NOT_RELEASED,))]
    names = HubNames(estate)
    options: list[Colocation] = list(found.attrs["options"].values())
    ranked = [one for one in options if not one.barred]
    barred = [one for one in options if one.barred]
    if not ranked and not barred:
        said = "Nothing links services of two bodies with a host that has room for them, as far as is known."
        return [Section("Co-location options", (said,)), Section("", tuple(_basis(found)))]
    sections = []
    if ranked:
        table = pd.DataFrame([_in_a_row(names, one) for one in ranked[:_LISTED]])
        more = len(ranked) - _LISTED
        cut = (f"{capital(counted(more, 'further option'))} ranked; --format json has all.",) if more > 0 else ()
        sections.append(Section("Co-location options", (MEASURED,), table))
        sections += [Section("", cut)] if cut else []
    else:
        sections.append(Section("Co-location options", ("None that nothing forbids.",)))
    for one in ranked[:_CLOSE]:
        sections += in_full(names, one)
    if barred:
        rows = [
            {
                "host": names.host(one.option.host),
                "who would move in": names.services(one.option.services),
                "what forbids it": joined(one, one.of_state(FORBIDDEN)),
            }
            for one in barred
        ]
        sections.append(Section("Listed apart: something forbids these", (), pd.DataFrame(rows)))
    return [*sections, Section("", tuple(_basis(found)))]


def examined(estate: Estate, one: Colocation, lens: Lens) -> list[Section]:
    """What `assetplan.examine_colocation` found, for a terminal."""
    if not estate.released("options"):
        return [Section("", (NOT_RELEASED,))]
    return [*in_full(HubNames(estate), one), Section("", (MEASURED, NOT_A_DECISION, by_lens(lens)))]


def _in_a_row(names: HubNames, one: Colocation) -> dict[str, str]:
    return {
        "rank": str(one.rank),
        "host": names.host(one.option.host),
        "who would move in": names.services(one.option.services),
        "verdict": one.verdict,
        "score": score_in_words(one),
        "first in": _briefly(one.first_in),
        "first three in": _briefly(one.top3_in),
        "cash a year": _cash(one),
        "space": _space(one),
        "trips": _trips_short(one),
        "to settle": str(len(one.of_state(ARGUABLE, ASKED))),
        "not known": str(len(one.of_state(NOT_KNOWN))),
        "months": f"{one.measured.months[0]:.0f} to {one.measured.months[1]:.0f}",
    }


# ------------------------------------------------------------------------------------------------------- one of them


def in_full(names: HubNames, one: Colocation) -> list[Section]:
    """One option: moves, what it does, what stands in its way, and what answers could change."""
    option = one.option
    place = f"{one.rank}. " if one.rank is not None else ""
    heading = f"{place}{names.host(option.host)}: {names.services(option.services)}"
    head = [f"Together there: {names.bodies(option.organisations)}."]
    if option.residents:
        head.append(f"There already: {names.services(option.residents)}.")
    head += [visible(reason) for reason in option.reasons]
    if one.rank is not None:
        head.append(f"{score_in_words(one)} of 100 points; {one.first_in}; {one.top3_in}.")
        head.append(f"Points: {points_in_words(one)}.")
    elif one.barred:
        head.append("Not ranked: something forbids it.")
    moves = pd.DataFrame(
        [
            {
                "service": names.service(move.service),
                "from": names.host(move.origin),
                "instrument": visible(f"{what.in_words}; {SETTLED_BY}"),
            }
            for move, what in zip(option.moves, one.instruments, strict=True)
        ]
    )
    sections = [Section(heading, tuple(head), moves), Section("", tuple(measures_in_words(names, one)))]
    rows = [
        {
            "how far": IN_WORDS[obstacle.state],
            "what": visible(one.said(obstacle)),
            "who says so": visible(_source(obstacle)),
        }
        for obstacle in one.obstacles
    ]
    if rows:
        sections.append(Section("In the way", (), pd.DataFrame(rows)))
    if one.answers:
        answers = [
            {
                "not settled": visible(answer.about),
                "who could find out": answer.finding.who,
                "cost and time": f"{span(answer.finding.gbp)}, {from_to(answer.finding.months)} months",
                "the answer": answer.matters,
            }
            for answer in one.answers
        ]
        sections.append(
            Section(
                "What would settle it, each by itself",
                (capital(one.answers[0].finding.source) + ".",),
                pd.DataFrame(answers),
            )
        )
    if one.variants:
        said = "; ".join(names.services(services) for services in one.variants)
        sections.append(Section("", (f"Much like it, and folded into it: {said}.",)))
    return sections


def points_in_words(one: Colocation) -> str:
    """The points that each criterion adds to an option's score, the most first."""
    given = sorted(one.contributions.items(), key=lambda pair: (-(pair[1] or 0.0), pair[0]))
    return ", ".join(
        f"{criterion_in_words(name)} {UNSAID if points is None else f'{points:.1f}'}" for name, points in given
    )


def measures_in_words(names: HubNames, one: Colocation) -> list[str]:
    """What an option would do, in sentences."""
    measured = one.measured
    said = [_trips(one)]
    released = measured.released_m2
    if math.isnan(released[0]):
        said.append("How much space would be given up is not known.")
    else:
        said.append(f"Space given up where they are now: {_m2(released)}; not cash.")
    if measured.closes:
        said.append(f"{listed([names.host(asset) for asset in measured.closes])} would be empty: {_cash(one)} cash a year, after what "
                    f"parting services costs; backlog avoided: {_backlog(one)}.")  # fmt: skip
    else:
        low, high = measured.cash_gbp_pa
        cost = "" if (low, high) == (0.0, 0.0) else f" Cash a year: {_cash(one)}, for what parting services costs."
        said.append(f"No building would be empty, so no cash is counted.{cost}")
    said.append(
        f"Company gained less company left: {measured.affinity:+.0f} points."
        if measured.affinity
        else "Company: neither gained nor lost, by what is stated."
    )
    said.append(
        f"Deliverability. Willingness: {one.willing_percent:.0f}% of the bodies that have a say are committed, or willing by a review. Need: "
        f"{visible(' '.join(measured.why_now)) or 'nothing stated presses.'} Aspirations: not known, no table states them and notes are not read. "
        f"Time: {from_to(measured.months)} months."
    )
    said += answers_in_words(names, one)
    return [*said, *(visible(note) for note in measured.notes)]


def answers_in_words(names: HubNames, one: Colocation) -> list[str]:
    """What bodies answered of an option, each in a sentence; that those of bodies without a say change nothing."""
    said = []
    for review in one.reviews:
        who = names.bodies((review.body,)) if review.body else "A reader who speaks for no body"
        post = f" ({visible(review.post)})" if review.post else ""
        comment = f", \u201c{visible(review.comment)}\u201d" if review.comment else ""
        counts = review.body == one.option.owner or review.body in one.option.organisations
        said.append(
            f"Answered: {who}{post}: {review.answer}{comment}.{'' if counts else ' It has no say in this, so nothing changes.'}"
        )
    return said


# ------------------------------------------------------------------------------------------------------- figures

_CRITERIA = {
    "cash_low_gbp_pa": "cash",
    "released_low_m2": "space",
    "avoided_gbp": "backlog",
    "trip_minutes": "trips",
    "affinity": "company",
    "willing_percent": "willingness",
    "need": "need",
    "unsettled": "little to settle",
    "unknowns": "little not known",
    "months": "time",
}


def criterion_in_words(name: str) -> str:
    """What a criterion is called, in a word or two."""
    return _CRITERIA.get(name, name)


def _briefly(often: str) -> str:
    """How often an option comes first, or among the first three, in few words."""
    said = often.removeprefix("among the ").removeprefix("first three ").removeprefix("first ").removeprefix("in ")
    return (
        said.removesuffix(", with figures not known drawn over their ranges")
        .removesuffix(" tried")
        .removesuffix(" of weightings")
        .removesuffix(" weightings")
    )


def score_in_words(one: Colocation) -> str:
    """The points of an option, from the worst to the best of what is not known."""
    low, high = f"{one.score:.0f}", f"{one.score_high:.0f}"
    return low if low == high else f"{low} to {high}"


def _cash(one: Colocation) -> str:
    low, high = one.measured.cash_gbp_pa
    if math.isnan(low) and math.isnan(high):
        return UNSAID
    if math.isnan(low):
        return f"at most {span((high,)).removeprefix('about ')}"
    if math.isnan(high):
        return f"{span((low,)).removeprefix('about ')} or more"
    return span((low, high))


def _backlog(one: Colocation) -> str:
    high = one.measured.avoided_gbp[1]
    return UNSAID if math.isnan(high) else f"at most {span((high,)).removeprefix('about ')}"


def _space(one: Colocation) -> str:
    low, high = one.measured.released_m2
    return UNSAID if math.isnan(low) or math.isnan(high) else _m2((low, high))


def _m2(ends: tuple[float, float]) -> str:
    low, high = (f"{end:,.0f}" for end in ends)
    return f"{low} m2" if low == high else f"{low} to {high} m2"


def _trips_short(one: Colocation) -> str:
    if not one.measured.changes and one.measured.people_minutes_change == 0:
        return "nobody comes"
    trip = one.measured.trip_minutes
    if math.isnan(trip):
        return UNSAID
    return "as now" if abs(trip) < 0.05 else f"{trip:+.1f} min"


def _trips(one: Colocation) -> str:
    measured = one.measured
    if not measured.changes and measured.people_minutes_change == 0:
        return "Nobody is stated to come to what moves, so no trip changes."
    if math.isnan(measured.people_minutes_change):
        return "Who would travel further is not known."
    change = measured.people_minutes_change
    said = f"Trips, over {counted(len(measured.changes), 'kind')} of service: {about(change)} people-minutes"
    said += f", {_trips_short(one)} on an average trip" if not math.isnan(measured.trip_minutes) else ""
    if measured.worst_place:
        said += f"; {visible(measured.worst_place)} loses most, {minutes(measured.worst_minutes)}"
    return f"{said}. {TRIPS}"


def from_to(ends: tuple[float, float]) -> str:
    """Two ends as one range."""
    low, high = (f"{end:g}" for end in ends)
    return low if low == high else f"{low} to {high}"


def _source(obstacle: Obstacle) -> str:
    return f"{obstacle.source} [illustrative]" if obstacle.illustrative else obstacle.source


def joined(one: Colocation, obstacles: Sequence[Obstacle]) -> str:
    """Some obstacles of an option, each with who says so."""
    return visible(" ".join(one.quoted(obstacle) for obstacle in obstacles))


def by_lens(lens: Lens) -> str:
    """What scores rest on, in a sentence."""
    meaning = f" ({visible(lens.meaning)})" if lens.meaning else ""
    return (
        f"Scores out of 100 by the lens {visible(lens.name)}{meaning}; author: {visible(lens.author)}; {visible(lens.source)}; as of "
        f"{lens.as_of.day} {lens.as_of:%B %Y}. Another lens may rank otherwise."
    )


def _basis(found: pd.DataFrame) -> list[str]:
    """What a ranking rests on: how far was searched, the lens, and what it is not."""
    search, lens = found.attrs["search"], found.attrs["lens"]
    said = [
        f"{capital(counted(search.seen, 'set'))} of services and a host looked at; {search.too_little_room:,} have too little room together."
    ]
    said += [visible(sentence) for sentence in search.missed]
    folded = sum(map(len, search.folded.values()))
    if folded:
        said.append(f"{capital(counted(folded, 'option'))} folded into others of the same host that are much alike.")
    return [*said, by_lens(lens), NOT_A_DECISION]

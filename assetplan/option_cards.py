"""Co-location options on a page: cards in words, what the map draws of each, and what a file of answers starts with.

Made of an estate already filtered for its reader, and only where options are released to that reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan import hub_words
from assetplan.access_rows import mean
from assetplan.hub_words import IN_WORDS, MEASURED, NOT_A_DECISION, TRIPS, HubNames
from assetplan.hubs.blocking import ARGUABLE, ASKED, FORBIDDEN, NEEDED
from assetplan.hubs.colocation import find_colocations
from assetplan.hubs.instruments import SETTLED_BY
from assetplan.page.view import Flow, Option, OptionCard, OptionsPart, Reviewing
from assetplan.ranges import span
from assetplan.reviews import COMMENT, POST, asked, bodies_of, heading
from assetplan.service_layers import position_of
from assetplan.text import counted, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetplan.estate import Estate
    from assetplan.hubs.judging import Answer, Colocation

MOST_CARDS = 12
"""Options told of in cards; the command colocate lists all."""
_MOST_APART = 12


@dataclass(frozen=True, eq=False)
class OptionsFound:
    """The options of a page: its part in words, and the options in the order of the cards, for the map."""

    part: OptionsPart
    shown: tuple[Colocation, ...]
    estate: Estate

    def for_map(self, organisations: Sequence[str]) -> list[Option]:
        """The options as the map draws them; `organisations` are the identifiers of the view's, in its order."""
        names = HubNames(self.estate)
        place = {key: number for number, key in enumerate(organisations)}
        return [_drawn(self.estate, names, place, one) for one in self.shown]

    def reviewing(self) -> Reviewing:
        """What a file of answers starts with."""
        return Reviewing(heading=heading(self.estate), bodies=self.part["bodies"], most=self.part["most"])


def options_of(estate: Estate) -> OptionsFound | None:
    """The co-location options of a page; None where there are none to show."""
    found = find_colocations(estate)
    options: list[Colocation] = list(found.attrs["options"].values())
    ranked = [one for one in options if not one.barred]
    barred = [one for one in options if one.barred]
    if not options:
        return None
    names = HubNames(estate)
    shown = tuple(ranked[:MOST_CARDS])
    more = len(ranked) - len(shown)
    apart = [
        f"{names.host(one.option.host)}: {names.services(one.option.services)}. {hub_words.joined(one, one.of_state(FORBIDDEN))}"
        for one in barred[:_MOST_APART]
    ]
    rest = len(barred) - len(apart)
    if rest > 0:
        apart.append(f"And {counted(rest, 'further option')}, in the command colocate.")
    part = OptionsPart(
        lead=[MEASURED, f"{TRIPS} {NOT_A_DECISION}"],
        cards=[_card(estate, names, one) for one in shown],
        more=f"And {counted(more, 'further option')} ranked; the command colocate lists all." if more > 0 else "",
        apart=apart,
        basis=[hub_words.by_lens(found.attrs["lens"])],
        bodies=[(body, estate.organisations[body].name) for body in bodies_of(estate)],
        most=(COMMENT, POST),
    )
    return OptionsFound(part, shown, estate)


def _name(names: HubNames, one: Colocation) -> str:
    return f"{one.rank}. {names.host(one.option.host)}: {names.services(one.option.services)}"


def _card(estate: Estate, names: HubNames, one: Colocation) -> OptionCard:
    option = one.option
    lead = [f"Together there: {names.bodies(option.organisations)}."]
    if option.residents:
        lead.append(f"There already: {names.services(option.residents)}.")
    lead.append(f"{hub_words.score_in_words(one)} of 100 points; {one.first_in}; {one.top3_in}.")
    lead.append(f"Points: {hub_words.points_in_words(one)}.")
    does = [said.replace(f" {TRIPS}", "") for said in hub_words.measures_in_words(names, one)]
    means = _means(one)
    obstacles = [
        (IN_WORDS[state], [visible(one.quoted(obstacle)) for obstacle in one.of_state(state)])
        for state in (FORBIDDEN, ARGUABLE, ASKED, NEEDED)
        if one.of_state(state)
    ]
    settled = {
        decides: [_to_settle(answer) for answer in one.answers if answer.decides is decides]
        for decides in (True, False)
    }
    return OptionCard(
        name=_name(names, one),
        drawn=position_of(estate, option.host) is not None,
        lead=lead,
        moves=[
            (names.service(move.service), names.host(move.origin), visible(f"{what.in_words}; {SETTLED_BY}"))
            for move, what in zip(option.moves, one.instruments, strict=True)
        ],
        does=[does[0], *([means] if means else []), *does[1:]],
        obstacles=obstacles,
        changes=settled[True],
        unsettled=settled[False],
        reasons=[visible(reason) for reason in option.reasons],
    )


def _to_settle(answer: Answer) -> str:
    """Something not settled: what an answer could change, who could find out, at what cost and in what time."""
    finding = answer.finding
    return (
        f"{visible(answer.about)} An answer {answer.matters}. Who could find out: {finding.who}; {span(finding.gbp)}, "
        f"{hub_words.from_to(finding.months)} months."
    )


def _means(one: Colocation) -> str:
    """The mean trip before and after, by kind of service."""
    said = []
    for function, change in one.measured.changes.items():
        total = change.total
        said.append(
            f"{visible(function)} {mean(total['mean_before_min'])} before, {mean(total['mean_after_min'])} after"
        )
    return f"A mean trip: {'; '.join(said)}." if said else ""


def _drawn(estate: Estate, names: HubNames, place: dict[str, int], one: Colocation) -> Option:
    option = one.option
    about: dict[str, Any] = asked(estate, option.host, option.services)
    return Option(
        option_id=about["option_id"],
        host=about["host"],
        services=about["services"],
        shown=about["shown"],
        name=names.host(option.host),
        at=position_of(estate, option.host),
        moves=[
            Flow(
                name=names.service(move.service),
                organisation=place.get(move.organisation, -1),
                at=None if move.origin is None else position_of(estate, move.origin),
            )
            for move in option.moves
        ],
    )

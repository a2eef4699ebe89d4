"""A scenario run on an estate: everything it costs and brings, year by year, and the same against a baseline."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assetplan.appraisal.doings import doings
from assetplan.appraisal.flow import Flow, difference
from assetplan.appraisal.premises import Gathering, backlog, do_minimum, premises, retained_by
from assetplan.appraisal.stated import Stated, numbered
from assetplan.appraisal.states import States
from assetplan.scenarios.course import Course
from assetplan.scenarios.problem import REFUSED
from assetplan.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.appraisal.premises import Retained
    from assetplan.figures.inputs import Factor, Input
    from assetplan.figures.published import Figures
    from assetplan.scenarios.ground import Ground
    from assetplan.scenarios.problem import ScenarioProblem

AS_A_QUESTION = {"response", "forbidden", "over-capacity", "blocked", "works-first", "no-letting", "lapsed"}
"""Codes of refusal that do not stop an appraisal: decisions, releases or more room could change them, and money that has lapsed is not used. The
result says that it cannot be so."""
DO_MINIMUM = "Do minimum"
"""The name of the baseline where none is given: everything stays, and the backlog of what is in use is spent."""


def stops(problem: ScenarioProblem) -> bool:
    """Whether a scenario cannot even be appraised for a problem."""
    return problem.verdict == REFUSED and problem.code not in AS_A_QUESTION


@dataclass(frozen=True)
class Run:
    """The flows of a scenario on a whole estate, with how its places are by year and what could not be counted."""

    course: Course
    states: States
    flows: tuple[Flow, ...]
    unknown: tuple[tuple[int, str], ...]


def run(
    stated: Stated,
    states: States,
    scenario: Scenario,
    figures: Figures,
    base_year: int,
    years: tuple[int, ...],
    retained: Mapping[str, Retained],
    places: frozenset[str],
) -> Run:
    """Run a scenario over some assets, with the backlog spent as ``retained`` says where the scenario itself says nothing."""
    own = retained_by(numbered(scenario))
    made = Gathering(states.course, stated, states, figures, base_year, years, {**retained, **own}, places)
    flows = [*premises(made), *backlog(made), *(flow for flow in doings(made, scenario) if flow.year in years)]
    return Run(states.course, states, tuple(flows), tuple(dict.fromkeys(made.unknown)))


class Baseline:
    """What scenarios are held against: the least that would be done.

    Parameters
    ----------
    ground
        The estate, for any reader.
    scenario
        What it does; where there is none, everything stays, and the backlog of what is in use is spent evenly.
    """

    def __init__(self, ground: Ground, scenario: Scenario | None) -> None:
        self.stated = Stated(ground)
        self.scenario = scenario or Scenario(DO_MINIMUM)
        self.given = scenario is not None
        self._last: tuple[tuple[object, ...], Figures, Run] | None = None

    def against(
        self, scenario: Scenario, figures: Figures, base_year: int, years: tuple[int, ...]
    ) -> tuple[Run, Run, list[Flow]]:
        """A scenario's run, the baseline's with the same figures, and what the one does that the other does not."""
        known = _Known(self.scenario, scenario)
        if self.given:
            retained = {
                asset: replace(plan, action=0, cost=known.input(plan.cost) if plan.cost is not None else None)
                for asset, plan in retained_by(numbered(self.scenario)).items()
            }
        else:
            retained = do_minimum(self.stated, figures, base_year)
        both = [
            States(Course(self.stated.ground, numbered(one)), self.stated, years) for one in (scenario, self.scenario)
        ]
        places = frozenset(both[0].touched | both[1].touched)
        own = run(self.stated, both[0], scenario, figures, base_year, years, retained, places)
        asked = base_year, years, places, known.same
        if self._last is not None and self._last[1] is figures and self._last[0] == asked:
            least = self._last[2]  # the same scenario, dated otherwise
        else:
            least = self._least(both[1], known, figures, base_year, years, retained, places)
            self._last = asked, figures, least

        def because(flow: Flow) -> tuple[int, str]:
            state = own.states.of(flow.subject, flow.year)
            if state.because:
                return state.action, state.because
            leaves = own.states.leaves_in(flow.subject)
            if leaves is not None:
                later = own.states.of(flow.subject, leaves)
                return later.action, later.because
            return own.states.changed_by(flow.subject), "the scenario does without it"

        return own, least, difference(own.flows, least.flows, because)

    def _least(
        self,
        states: States,
        known: _Known,
        figures: Figures,
        base_year: int,
        years: tuple[int, ...],
        retained: Mapping[str, Retained],
        places: frozenset[str],
    ) -> Run:
        unpaid = replace(self.scenario, funding=())
        least = run(self.stated, states, unpaid, figures, base_year, years, retained, places)
        least = replace(least, flows=tuple(map(known.flow, least.flows)))
        if not self.scenario.funding:
            return least
        return replace(least, unknown=(*least.unknown, (0, "what pays for what the baseline does is not looked at.")))


_OF_A_SCENARIO = re.compile(r"(action|benefit)/(\d+)/")


class _Known:
    """What the numbers that a baseline states are known by beside those of a scenario.

    Both count their actions from 1. An action that both have is one action, and its numbers are the same; any other of the baseline is its own.
    """

    def __init__(self, baseline: Scenario, scenario: Scenario) -> None:
        self.same: dict[tuple[str, int], int] = {}
        self._says_nothing = not baseline.actions and not baseline.benefits
        for kind, theirs, ours in (
            ("action", baseline.actions, scenario.actions),
            ("benefit", baseline.benefits, scenario.benefits),
        ):
            for at, entry in enumerate(theirs, start=1):
                if entry in ours:
                    self.same[kind, at] = list(ours).index(entry) + 1

    def input(self, given: Input) -> Input:
        """A number that the baseline states, by what it is known."""
        stated = _OF_A_SCENARIO.match(given.key)
        if stated is None:
            return given
        kind, at = stated[1], int(stated[2])
        if (kind, at) not in self.same:
            where = given.where.replace("the scenario,", "the baseline,", 1)
            return replace(given, key=f"baseline/{given.key}", where=where)
        same = self.same[kind, at]
        where = given.where.replace(f"{kind} {at}", f"{kind} {same}", 1)
        return replace(given, key=f"{kind}/{same}/{given.key[stated.end() :]}", where=where)

    def flow(self, flow: Flow) -> Flow:
        """A flow of the baseline, its numbers by what they are known."""
        if self._says_nothing:
            return flow
        factors = tuple(map(self._factor, flow.factors))
        bias = flow.bias if flow.bias is None else self._factor(flow.bias)
        return flow if (factors, bias) == (flow.factors, flow.bias) else replace(flow, factors=factors, bias=bias)

    def _factor(self, factor: Factor) -> Factor:
        given = self.input(factor.input)
        return factor if given is factor.input else replace(factor, input=given)

"""Appraise scenarios on an estate: each against one baseline, with what they have in common worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.appraisal.accounts import Accounts
from assetplan.appraisal.economic import Economic
from assetplan.appraisal.financial import Financial
from assetplan.appraisal.running import Baseline, stops
from assetplan.cover.response import gates
from assetplan.effects.groundwork import Groundwork
from assetplan.errors import ScenarioError
from assetplan.figures.published import figures_of
from assetplan.hubs.joint import room_of
from assetplan.results.result import Appraisal
from assetplan.scenarios.checking import checked, first_year
from assetplan.scenarios.ground import Ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from assetplan.estate import Estate
    from assetplan.scenarios.problem import ScenarioProblem
    from assetplan.scenarios.scenario import Scenario


def appraise(estate: Estate, scenario: Scenario, baseline: Scenario | None = None) -> Appraisal:
    """Appraise a scenario: what it is worth to the whole, and what it does to each body's money.

    Parameters
    ----------
    estate
        The estate, for any reader: only what that reader may know is counted.
    scenario
        The scenario.
    baseline
        What it is held against; where none is given, everything stays, and the backlog of what is in use is spent evenly.

    Returns
    -------
    Appraisal

    Raises
    ------
    ScenarioError
        Naming everything for which it, or the baseline, cannot be appraised: names that the reader's estate has not, things that clash, services
        without a place, buildings sold with services in them. What is refused for other reasons is told in the result.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> hub = ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml")
    >>> result = ap.appraise(estate, hub)
    >>> result.base_year, result.npv_range_gbp[0] < result.npv_gbp < result.npv_range_gbp[1]
    (2010, True)
    """
    return appraise_scenarios(estate, [scenario], baseline)[0]


def appraise_scenarios(
    estate: Estate,
    scenarios: Iterable[Scenario],
    baseline: Scenario | None = None,
    *,
    progress: Callable[[str, float], None] | None = None,
) -> list[Appraisal]:
    """What `appraise` gives for each of several scenarios, in their order; what they have in common is worked out once.

    Parameters
    ----------
    estate, baseline
        As for `appraise`.
    scenarios
        The scenarios.
    progress
        Called with a name and the share that is done.

    Raises
    ------
    ScenarioError
        Naming everything that is wrong with any of them.
    """
    asked = list(scenarios)
    ground = Ground(estate)
    groundwork = Groundwork(estate, ground=ground)
    least = Baseline(ground, baseline)
    room = room_of(estate, ground.hosts)
    problems = {
        id(one): checked(ground, one, room=room, gate=gates)
        for one in ([baseline] if baseline is not None else []) + asked
    }
    stopped = [
        f"{one.name}: {problem}"
        for one in ([baseline] if baseline is not None else []) + asked
        for problem in problems[id(one)]
        if stops(problem)
    ]
    if stopped:
        raise ScenarioError(
            "This cannot be appraised" if len(asked) == 1 else "These cannot be appraised", list(dict.fromkeys(stopped))
        )
    out = []
    for done, one in enumerate(asked):
        if progress is not None:
            progress(one.name, done / len(asked))
        out.append(_appraised(groundwork, one, least, problems[id(one)]))
    return out


def _appraised(
    groundwork: Groundwork, scenario: Scenario, least: Baseline, problems: list[ScenarioProblem]
) -> Appraisal:
    estate, ground = groundwork.estate, groundwork.ground
    figures = figures_of(estate, scenario, ground)
    base_year = base_year_of(estate, scenario)
    years = tuple(range(base_year, base_year + 1 + round(figures.input("appraisal_years").value.central)))
    own, _, flows = least.against(scenario, figures, base_year, years)
    return Appraisal(
        estate,
        scenario,
        least.scenario,
        base_year,
        years,
        Economic(flows, base_year, years),
        Financial(Accounts(flows, scenario, own.course, least.stated, figures, years), base_year),
        own,
        figures,
        tuple(problems),
        own.unknown,
        groundwork,
        least,
        tuple(flows),
    )


def base_year_of(estate: Estate, scenario: Scenario) -> int:
    """The financial year that is not discounted: the scenario's own start, else that of the estate's date, else the year of its first action.

    Examples
    --------
    >>> import assetplan as ap
    >>> base_year_of(ap.read_estate("data/malton"), ap.Scenario("Nothing"))
    2010
    """
    first = first_year(estate, scenario)
    if first is not None:
        return first
    return min((action.year for action in scenario.actions), default=0) or _no_year(scenario)


def _no_year(scenario: Scenario) -> int:
    raise ScenarioError(
        f"Scenario {scenario.name!r} cannot be appraised",
        ["start_year: none is given, and the estate has no date. Give the year from which it is reckoned."],
    )

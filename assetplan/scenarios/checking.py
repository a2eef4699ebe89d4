"""Whether a scenario can be: everything that speaks against it on an estate, told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.scenarios.actions import Relocate, Share
from assetplan.scenarios.clashing import clashes
from assetplan.scenarios.course import Course, financial_year
from assetplan.scenarios.ground import Ground
from assetplan.scenarios.naming import unknown_names
from assetplan.scenarios.paying import paid
from assetplan.scenarios.placing import held, occupied
from assetplan.scenarios.problem import REFUSED, ScenarioProblem
from assetplan.scenarios.using import Gate, Room, uses
from assetplan.settings import parse_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assetplan.estate import Estate
    from assetplan.scenarios.scenario import Scenario


def check_scenario(
    estate: Estate, scenario: Scenario, *, room: Room | None = None, gate: Gate | None = None
) -> list[ScenarioProblem]:
    """Everything that speaks against a scenario, as the reader of an estate may know it.

    Parameters
    ----------
    estate
        The estate, for any reader. What that reader may not see and what there is not are told in the same words.
    scenario
        The scenario. What its fields may hold was seen to when it was made or read.
    room
        Says what is wrong with several services in one host at once: called with the estate, a host and the services in it at the end of a
        year, it gives sentences, none where there is room. Without one each service is judged by itself only.
    gate
        Says what a move does to emergency response, as for `assetplan.suitability`: `assetplan.gates` does. Without one that is told to be
        confirmed.

    Returns
    -------
    list of ScenarioProblem
        In the order of the actions. Those that are refused cannot be; those to be confirmed do not stop an appraisal, which has to say them.

    Notes
    -----
    A financial year is the finest that is told apart: a service may leave and its building be sold in one year. Conditions of land, rooms and
    covenants are those the estate states today. Nothing here is legal advice. Whether the reader may be shown the result, which says how
    services suit hosts, is for the caller: see `Estate.released`.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> sold = ap.Scenario("Sold too soon", [ap.Dispose(asset="nycc:NY/0431", by="sale", year=2012)])
    >>> print(ap.check_scenario(estate, sold)[0])
    action 1, dispose: asset: 'nycc:NY/0431' goes by sale in 2012; still in it at the end of that year: nycc-library. Date it after the last of them has left, or move them.
    """  # noqa: E501 - the answer is one line
    return checked(Ground(estate), scenario, room=room, gate=gate)


def check_scenarios(
    estate: Estate, scenarios: Iterable[Scenario], *, room: Room | None = None, gate: Gate | None = None
) -> list[list[ScenarioProblem]]:
    """What `check_scenario` gives for each of several scenarios, in their order; what they have in common is worked out once.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> sold = ap.Scenario("Sold", [ap.Dispose(asset="nycc:NY/0431", by="sale", year=2012)])
    >>> first = ap.Scenario("Moved", [ap.Relocate(service="nycc-library", to="rdc:A0007", year=2012), *sold.actions])
    >>> [sum(problem.verdict == "refused" for problem in found) for found in ap.check_scenarios(estate, [sold, first])]
    [1, 0]
    """
    ground = Ground(estate)
    return [checked(ground, scenario, room=room, gate=gate) for scenario in scenarios]


def course_of(ground: Ground, scenario: Scenario) -> Course:
    """The course of a scenario on an estate, without the actions that name what its reader's estate has not."""
    return _course(ground, scenario, {one.action for one in unknown_names(ground, scenario)})


def first_year(estate: Estate, scenario: Scenario) -> int | None:
    """The financial year from which a scenario is reckoned; None where neither it nor the estate's date says."""
    if scenario.start_year is not None or estate.as_of is None:
        return scenario.start_year
    return financial_year(estate.as_of)


def checked(
    ground: Ground, scenario: Scenario, *, room: Room | None = None, gate: Gate | None = None
) -> list[ScenarioProblem]:
    """What `check_scenario` gives, on a ground that is there already."""
    estate = ground.estate
    label = parse_label(scenario.audience, estate.organisations)
    if label is None:
        return [
            _whole(
                "audience", "unknown-reader", scenario.audience, "this names somebody who is no reader of this estate."
            )
        ]
    if not scenario.is_for(estate.audience):
        return [_whole("audience", "not-for-this-reader", "", f"this scenario is not for {estate.audience}.")]
    found = list(unknown_names(ground, scenario))
    course = _course(ground, scenario, {one.action for one in found})
    start = first_year(estate, scenario)
    found += clashes(course, start)
    found += occupied(course)
    found += held(course)
    found += uses(course, room, gate)
    found += paid(ground, scenario)
    return sorted(
        dict.fromkeys(found),
        key=lambda one: (one.action, one.verdict != REFUSED, one.year or 0, one.where, one.code, one.message),
    )


def _course(ground: Ground, scenario: Scenario, wrong: set[int]) -> Course:
    numbered = list(enumerate(scenario.actions, start=1))
    lost = {
        service
        for at, action in numbered
        if at in wrong and isinstance(action, (Relocate, Share))
        for service in ((action.service,) if isinstance(action, Relocate) else action.services)
    }
    return Course(ground, [(at, action) for at, action in numbered if at not in wrong], lost)


def _whole(field: str, code: str, value: str, message: str) -> ScenarioProblem:
    return ScenarioProblem(REFUSED, 0, field, None, code, value, message, "")

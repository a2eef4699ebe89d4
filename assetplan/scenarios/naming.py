"""Whether what a scenario names is in the estate of its reader. What a reader may not see and what there is not are told alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.assumptions import APPRAISAL_FIGURES, wrong_number
from assetplan.declared import guessed
from assetplan.scenarios.actions import Build
from assetplan.scenarios.funding import Benefit
from assetplan.scenarios.problem import REFUSED, ScenarioProblem, problem
from assetplan.settings import PUBLIC
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from assetplan.estate import Estate
    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.funding import Funding
    from assetplan.scenarios.ground import Ground
    from assetplan.scenarios.scenario import Override, Scenario

_PLACES = ("asset", "assets", "host", "to", "swap_for")
_SERVICES = ("service", "services", "parts")


@dataclass(frozen=True)
class Names:
    """What there is to be named, by kind, in the words of a message."""

    known: Mapping[str, Collection[str]]

    @classmethod
    def of(cls, ground: Ground, scenario: Scenario) -> Names:
        """What an estate has, and what a scenario builds."""
        built = {action.new_asset for action in scenario.actions if isinstance(action, Build)} - {""}
        return cls({**ground.names, "asset or parcel": ground.names["asset or parcel"] | built})

    def unknown(self, kind: str, name: str) -> str:
        """What is wrong with a name, nothing where it is known."""
        if name in self.known[kind]:
            return ""
        return f"{visible(name)!r} is no {kind} of this estate.{guessed(name, sorted(self.known[kind]))}"


def unknown_names(ground: Ground, scenario: Scenario) -> Iterator[ScenarioProblem]:
    """Everything that a scenario names and its reader's estate has not."""
    names = Names.of(ground, scenario)
    for at, action in enumerate(scenario.actions, start=1):
        for field, value in action.stated().items():
            kind = _kind_of(field)
            for name in (value if isinstance(value, tuple) else (value,)) if kind else ():
                if said := names.unknown(kind, name):
                    yield problem(REFUSED, at, action, field, f"unknown-{kind.split()[0]}", name, said)
        yield from _built_anew(ground, at, action)
    for i, funding in enumerate(scenario.funding, start=1):
        yield from _of_money(names, f"funding {i}", funding)
    for i, benefit in enumerate(scenario.benefits, start=1):
        yield from _of_money(names, f"benefit {i}", benefit)
    said_before: dict[tuple[str, str], int] = {}
    for i, override in enumerate(scenario.overrides, start=1):
        yield from _of_override(ground.estate, names, f"override {i}", override)
        where = override.figure, ground.site_of.get(override.asset, override.asset)
        if (first := said_before.setdefault(where, i)) != i:
            yield ScenarioProblem(
                REFUSED, 0, f"override {i}: figure", None, "clash", override.figure,
                f"override {first} sets {visible(override.figure)!r} for the same place already.", "Keep one.",
            )  # fmt: skip


def _kind_of(field: str) -> str:
    if field in _PLACES:
        return "asset or parcel"
    return "service" if field in _SERVICES else field if field in {"constraint", "interest", "organisation"} else ""


def _built_anew(ground: Ground, at: int, action: Action) -> Iterator[ScenarioProblem]:
    if isinstance(action, Build) and action.new_asset in ground.names["asset or parcel"]:
        yield problem(
            REFUSED, at, action, "new_asset", "name-taken", action.new_asset,
            f"{visible(action.new_asset)!r} is an asset or parcel already.", "Give what is built an identifier of its own.",
        )  # fmt: skip


def _of_money(names: Names, where: str, part: Funding | Benefit) -> Iterator[ScenarioProblem]:
    """What funding or a benefit names and there is not; people at large are no body and yet may gain."""
    for field, kind in (("organisation", "organisation"), ("from_organisation", "organisation"), ("plan", "plan")):
        name = str(part.stated().get(field, ""))
        if not name or (name == PUBLIC and isinstance(part, Benefit)):
            continue
        if said := names.unknown(kind, name):
            yield ScenarioProblem(REFUSED, 0, f"{where}: {field}", None, f"unknown-{kind}", name, said, "")


def _of_override(estate: Estate, names: Names, where: str, override: Override) -> Iterator[ScenarioProblem]:
    def told(field: str, code: str, value: Any, message: str) -> ScenarioProblem:
        return ScenarioProblem(REFUSED, 0, f"{where}: {field}", None, code, str(value), message, "")

    if override.asset and (said := names.unknown("asset or parcel", override.asset)):
        yield told("asset", "unknown-asset", override.asset, said)
    figures = {} if estate.assumptions is None else estate.assumptions.figures
    spec = figures.get(override.figure) or APPRAISAL_FIGURES.get(override.figure)
    if spec is None:
        known = [*APPRAISAL_FIGURES, *figures]
        said = f"{visible(override.figure)!r} is no figure of this estate's assumptions or of an appraisal.{guessed(override.figure, known)}"
        yield told("figure", "unknown-figure", override.figure, said)
        return
    for number in dict.fromkeys(override.value or ()):
        if said := wrong_number(number, spec.unit):
            yield told("value", "figure-out-of-range", number, f"{override.figure}: {said}")

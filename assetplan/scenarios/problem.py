"""What speaks against a scenario: where, what, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from assetplan.scenarios.actions import Action

REFUSED: Literal["refused"] = "refused"
CONFIRM: Literal["to be confirmed"] = "to be confirmed"


@dataclass(frozen=True)
class ScenarioProblem:
    """Something that speaks against a scenario.

    Attributes
    ----------
    verdict
        ``"refused"`` where it cannot be so, ``"to be confirmed"`` where somebody has to say whether it can.
    action
        Which action, counted from 1; 0 where it is about the scenario itself, its funding, benefits and overrides included.
    where
        The action's word and the field, as messages tell it: ``relocate: to``.
    year
        Financial year, by its start, in which it shows; None where it is about no year.
    code
        What kind of problem it is, for programs.
    value
        What was met.
    message
        What is wrong.
    fix
        What mends it.
    """

    verdict: Literal["refused", "to be confirmed"]
    action: int
    where: str
    year: int | None
    code: str
    value: str
    message: str
    fix: str

    def __str__(self) -> str:
        place = f"action {self.action}, {self.where}" if self.action else self.where
        return f"{place}: {self.message} {self.fix}".rstrip()


def problem(
    verdict: Literal["refused", "to be confirmed"],
    at: int,
    action: Action,
    field: str,
    code: str,
    value: str,
    message: str,
    fix: str = "",
    *,
    year: int | None = None,
) -> ScenarioProblem:
    """A problem of one field of one action; of the action's own year where no other is said."""
    return ScenarioProblem(
        verdict, at, f"{action.word}: {field}", action.year if year is None else year, code, value, message, fix
    )

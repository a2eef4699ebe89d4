"""What every dated part of a scenario has: its fields put into one form, or everything told that is wrong with them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from assetplan.errors import ScenarioError
from assetplan.personal import left_out
from assetplan.scenarios.values import blank, settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.vocabulary import Column


@dataclass(frozen=True, kw_only=True, repr=False)
class Dated(ABC):
    """A value with a financial year, named by its start."""

    year: int

    @classmethod
    @abstractmethod
    def fields(cls) -> Mapping[str, Column]:
        """Its fields by name, in the order in which they are written."""

    @classmethod
    @abstractmethod
    def called(cls) -> str:
        """What it is, in the words of a message."""

    def __post_init__(self) -> None:
        problems: list[str] = []
        for name, column in self.fields().items():
            value, fault = settled(column, getattr(self, name))
            object.__setattr__(self, name, value)
            if fault:
                problems.append(f"{name}: {fault}")
        for name in ("recipient", "built_by"):
            if left_out(getattr(self, name, "")).what:
                problems.append(f"{name}: a body is wanted, not a person.")
        problems += self._faults()
        told = [
            name for name, column in self.fields().items() if "GBP" in column.unit and getattr(self, name) is not None
        ]
        source = self.fields()["source"]
        if told and not source.required and not getattr(self, source.name):
            problems.append(f"source: who says {told[0]} is wanted: a figure without a source is not used.")
        if problems:
            raise ScenarioError(f"This cannot be {self.called()}", problems)

    def _faults(self) -> list[str]:
        """What is wrong with its fields taken together."""
        return []

    def stated(self) -> dict[str, Any]:
        """The fields about which something is said, in order."""
        return {
            name: value for name, column in self.fields().items() if (value := getattr(self, name)) != blank(column)
        }

    def delayed(self, years: int) -> Self:
        """The same some years later, or earlier where they are below 0."""
        return replace(self, year=self.year + years)

    def __repr__(self) -> str:
        said = {name: tuple(value) if isinstance(value, tuple) else value for name, value in self.stated().items()}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in said.items())})"

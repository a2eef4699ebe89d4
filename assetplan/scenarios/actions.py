"""What may happen in a scenario: one frozen value for each kind of action, dated by financial year.

Fields are what `scenario_fields` lists, by the same names in a scenario's file. A year is named by its start: 2027 is 2027/28. Money is
in pounds of the estate's price base, as one number or as low, central and high; what is left out is not known, never nothing.

>>> Relocate(service="rdc-front-desk", to="rdc:A0007", year=2012)
Relocate(service='rdc-front-desk', to='rdc:A0007', year=2012)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from assetplan.scenario_columns import SCENARIO
from assetplan.scenarios.dated import Dated
from assetplan.schema import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.scenarios.values import Amount
    from assetplan.vocabulary import Column

_NONE: Any = None  # stands for a range that is not stated


@dataclass(frozen=True, kw_only=True, repr=False)
class Action(Dated):
    """What every action has: when, who does it, who says so.

    Raises
    ------
    ScenarioError
        Naming everything that is wrong with the fields of one.
    """

    word: ClassVar[str] = ""

    organisation: str = ""
    source: str = ""
    illustrative: bool = False
    note: str = ""

    @classmethod
    def fields(cls) -> Mapping[str, Column]:
        """Its fields by name, in the order in which they are written."""
        return _ordered(cls.word)

    @classmethod
    def called(cls) -> str:
        """What it is, in the words of a message."""
        return f"an action to {cls.word}"

    def __post_init__(self) -> None:
        if not self.word:
            raise TypeError(f"An action is of one kind: {', '.join(ACTIONS)}.")
        super().__post_init__()


_ORDERED: dict[str, dict[str, Column]] = {}


def _ordered(word: str) -> dict[str, Column]:
    """The fields of a kind of action: what it is about, then when, then the rest."""
    if word not in _ORDERED:
        columns = table(f"{SCENARIO}.{word}")
        first = [name for name, column in columns.items() if column.required and name != "year"]
        _ORDERED[word] = {name: columns[name] for name in dict.fromkeys([*first, "year", *columns])}
    return _ORDERED[word]


@dataclass(frozen=True, kw_only=True, repr=False)
class Retain(Action):
    """Keep an asset in use, and spend what that takes: an honest do-minimum does."""

    word: ClassVar[str] = "retain"
    asset: str
    months: float | None = None
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Refurbish(Action):
    """Refurbish an asset, or part of it."""

    word: ClassVar[str] = "refurbish"
    asset: str
    months: float
    area_m2: float | None = None
    backlog_percent: float | None = None
    non_standard_percent: float | None = None
    mitigated_percent: Amount = _NONE
    saving_gbp_pa: Amount = _NONE
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Relocate(Action):
    """Move a service, or a part of one, to another place."""

    word: ClassVar[str] = "relocate"
    service: str
    to: str
    instrument: str = ""
    double_running_months: float | None = None
    charge_gbp_pa: Amount = _NONE
    saving_gbp_pa: Amount = _NONE
    ict_gbp: Amount = _NONE
    redundancy_gbp: Amount = _NONE
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Share(Action):
    """Let services of other bodies into a host that its own body goes on using."""

    word: ClassVar[str] = "share"
    host: str
    services: tuple[str, ...]
    instrument: str
    term_months: float | None = None
    charge_gbp_pa: Amount = _NONE
    saving_gbp_pa: Amount = _NONE
    ict_gbp: Amount = _NONE
    redundancy_gbp: Amount = _NONE
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Split(Action):
    """Part a service, so that its parts may be in different places."""

    word: ClassVar[str] = "split"
    service: str
    parts: tuple[str, ...]
    cost_gbp: Amount = _NONE
    cost_gbp_pa: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Build(Action):
    """Build on an asset or parcel."""

    word: ClassVar[str] = "build"
    asset: str
    months: float
    new_asset: str = ""
    use: str = ""
    gia_m2: float | None = None
    homes: float | None = None
    built_by: str = ""
    non_standard_percent: float | None = None
    mitigated_percent: Amount = _NONE
    running_cost_gbp_pa: Amount = _NONE
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Acquire(Action):
    """Buy or lease an asset or parcel."""

    word: ClassVar[str] = "acquire"
    asset: str
    months: float | None = None
    acquired_as: str = ""
    term_months: float | None = None
    area_ha: float | None = None
    rent_gbp_pa: Amount = _NONE
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Dispose(Action):
    """Sell, lease on a ground lease, put into a joint venture, transfer or swap an asset or parcel, or part of one."""

    word: ClassVar[str] = "dispose"
    asset: str
    by: str
    recipient: str = ""
    swap_for: str = ""
    area_ha: float | None = None
    term_months: float | None = None
    receipt_gbp: Amount = _NONE
    value_gbp: Amount = _NONE
    usable_for: str = ""
    clawback_percent: Amount = _NONE
    rent_gbp_pa: Amount = _NONE
    overage_percent: Amount = _NONE
    overage_months: float | None = None
    cost_gbp: Amount = _NONE

    def _faults(self) -> list[str]:
        out = []
        if self.by == "swap" and not self.swap_for:
            out.append("swap_for: none is given. Give the asset or parcel that comes in return.")
        if self.by not in {"swap", ""} and self.swap_for:
            out.append(f"swap_for: nothing comes in return where it goes by {self.by}. Write by swap, or leave it out.")
        if self.overage_months is not None and self.overage_percent is None:
            out.append("overage_percent: none is given, and overage_months is.")
        return out


@dataclass(frozen=True, kw_only=True, repr=False)
class Assemble(Action):
    """Treat several sites as one development."""

    word: ClassVar[str] = "assemble"
    assets: tuple[str, ...]
    agreement: str = ""
    cost_gbp: Amount = _NONE

    def _faults(self) -> list[str]:
        return ["assets: two at least are wanted: one alone is no assembly."] if len(self.assets) == 1 else []


@dataclass(frozen=True, kw_only=True, repr=False)
class Release(Action):
    """Have a constraint released, satisfied or cleared up; whether that succeeds is a chance, not a fact."""

    word: ClassVar[str] = "release"
    constraint: str
    route: str
    months: float
    probability_percent: Amount = _NONE
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Appropriate(Action):
    """Move land from one function of its body to another."""

    word: ClassVar[str] = "appropriate"
    asset: str
    to_purpose: str
    from_purpose: str = ""
    months: float | None = None
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Surrender(Action):
    """Give up a lease or licence: by agreement, at a break, or at its end."""

    word: ClassVar[str] = "surrender"
    interest: str
    by: str
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Sublet(Action):
    """Let or underlet an asset, or part of it."""

    word: ClassVar[str] = "sublet"
    asset: str
    instrument: str
    recipient: str = ""
    area_m2: float | None = None
    term_months: float | None = None
    rent_gbp_pa: Amount = _NONE
    cost_gbp: Amount = _NONE


@dataclass(frozen=True, kw_only=True, repr=False)
class Meanwhile(Action):
    """Use an asset or parcel for a time, until something else is done with it."""

    word: ClassVar[str] = "meanwhile"
    asset: str
    use: str
    months: float
    income_gbp_pa: Amount = _NONE
    cost_gbp: Amount = _NONE


ACTIONS: dict[str, type[Action]] = {
    kind.word: kind
    for kind in (
        Retain, Refurbish, Relocate, Share, Split, Build, Acquire, Dispose, Assemble, Release, Appropriate, Surrender, Sublet, Meanwhile,
    )
}  # fmt: skip
"""Each kind of action by the word for it in a scenario's file."""

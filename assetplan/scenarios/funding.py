"""What pays for a scenario, and what it is good for beside what its actions save: dated values as its actions are.

Nothing here says that a form of paying is lawful, or that a benefit will come: each is somebody's statement, with its source.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from assetplan.scenario_columns import BENEFITS, FUNDING
from assetplan.scenarios.dated import Dated
from assetplan.schema import table
from assetplan.settings import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.scenarios.values import Amount
    from assetplan.vocabulary import Column

_NONE: Any = None  # stands for a range that is not stated
_CONTRIBUTION, _GRANT = "contribution", "grant"


@dataclass(frozen=True, kw_only=True, repr=False)
class Funding(Dated):
    """Money that pays for capital or revenue of a body in one financial year, beside what it borrows.

    Parameters
    ----------
    kind
        grant, reserve, capital receipts, revenue, developer contribution, or contribution: what one partner gives another.
    organisation
        The body that gets it, or that uses its own.
    year
        Financial year, by its start, in which it is spent.
    amount_gbp
        Pounds as they are paid in that year, as one number or as low, central and high.
    pays_for
        capital or revenue.
    from_organisation, instrument
        For a contribution, and only there: the partner to which it is a cost, and the form in which it passes.
    plan
        Row of plans.csv on which it draws.
    expires
        Last financial year in which it can be spent; it stays what it is where a scenario is delayed.
    roi_required, roi_years
        For a grant towards revenue, and only there: the gross return its giver asks for, in times the grant, and over how many years.
    source, illustrative, note
        As for an action.

    Raises
    ------
    ScenarioError
        Naming everything that is wrong with its fields.

    Examples
    --------
    >>> Funding(
    ...     kind="grant", organisation="rdc", year=2012, amount_gbp=50_000, pays_for="revenue", source="offer letter"
    ... )
    Funding(kind='grant', organisation='rdc', year=2012, amount_gbp=(50000.0, 50000.0, 50000.0), pays_for='revenue', source='offer letter')
    """

    kind: str
    organisation: str
    amount_gbp: Amount = _NONE
    pays_for: str
    from_organisation: str = ""
    instrument: str = ""
    plan: str = ""
    expires: int | None = None
    roi_required: float | None = None
    roi_years: float | None = None
    source: str
    illustrative: bool = False
    note: str = ""

    @classmethod
    def fields(cls) -> Mapping[str, Column]:
        """Its fields by name, in the order in which they are written."""
        return table(FUNDING)

    @classmethod
    def called(cls) -> str:
        """What it is, in the words of a message."""
        return "funding"

    def _faults(self) -> list[str]:
        out = []
        if self.kind == _CONTRIBUTION:
            if not self.from_organisation:
                out.append("from_organisation: none is given. Give the partner that gives the contribution.")
            elif self.from_organisation == self.organisation:
                out.append(
                    "from_organisation: a body contributes to another, not to itself. Write reserve or revenue as its kind."
                )
            if not self.instrument:
                out.append(
                    "instrument: none is given. Give the form in which the contribution passes; a bare payment is none."
                )
        elif self.kind:
            out += [
                f"{name}: only a contribution has one. Write contribution as its kind, or leave it out."
                for name in ("from_organisation", "instrument")
                if getattr(self, name)
            ]
        asked = [name for name in ("roi_required", "roi_years") if getattr(self, name) is not None]
        if asked and self.kind not in {_GRANT, ""}:
            out.append(
                f"{asked[0]}: only the giver of a grant asks for a return. Write grant as its kind, or leave it out."
            )
        if asked and self.pays_for == "capital":
            out.append(
                f"{asked[0]}: a return is never asked for on building capital. Write revenue as what it pays for, or leave it out."
            )
        if len(asked) == 1:
            other = "roi_years" if asked[0] == "roi_required" else "roi_required"
            out.append(f"{other}: none is given, and {asked[0]} is.")
        out += [f"{name}: a number above 0 is wanted, not 0." for name in asked if getattr(self, name) == 0]
        return out


@dataclass(frozen=True, kw_only=True, repr=False)
class Benefit(Dated):
    """A benefit a year, or a loss where it is below 0, that no action states: to one body, or to people at large.

    Parameters
    ----------
    name
        What it is.
    organisation
        The body to which it falls, or ``public``.
    benefit_class
        cashable, avoided, non-cash; or public, there and only there where it falls to ``public``.
    year, until
        First and last financial year, by their starts; to the end where ``until`` is not given.
    amount_gbp_pa
        Pounds a year of the estate's price base, as one number or as low, central and high; below 0 for a loss.
    basis
        How it is worked out, in words.
    source, illustrative, note
        As for an action.

    Raises
    ------
    ScenarioError
        Naming everything that is wrong with its fields.

    Examples
    --------
    >>> Benefit(
    ...     name="A longer way to the library", organisation="public", benefit_class="public", year=2013,
    ...     amount_gbp_pa=[-9_000, -5_000, -2_000], basis="minutes times a value of time", source="own reckoning",
    ... ).amount_gbp_pa
    Range(low=-9000.0, central=-5000.0, high=-2000.0)
    """  # fmt: skip

    name: str
    organisation: str
    benefit_class: str
    until: int | None = None
    amount_gbp_pa: Amount = _NONE
    basis: str
    source: str
    illustrative: bool = False
    note: str = ""

    @classmethod
    def fields(cls) -> Mapping[str, Column]:
        """Its fields by name, in the order in which they are written."""
        return table(BENEFITS)

    @classmethod
    def called(cls) -> str:
        """What it is, in the words of a message."""
        return "a benefit"

    def _faults(self) -> list[str]:
        out = []
        if self.organisation and self.benefit_class and (self.organisation == PUBLIC) != (self.benefit_class == PUBLIC):
            out.append(f"benefit_class: {PUBLIC} goes with organisation {PUBLIC}, and with no body.")
        if self.year is not None and self.until is not None and self.until < self.year:
            out.append(f"until: the last year is before the first, {self.year}.")
        return out

    def delayed(self, years: int) -> Self:
        """The same some years later, or earlier where they are below 0: its last year goes with its first."""
        return replace(self, year=self.year + years, until=None if self.until is None else self.until + years)

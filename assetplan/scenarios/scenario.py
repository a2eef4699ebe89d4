"""A scenario: a name and dated intentions, what pays for them, who may know of it, and which assumptions are others in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.errors import ScenarioError
from assetplan.personal import left_out
from assetplan.scenario_columns import OVERRIDES, SCENARIO
from assetplan.scenarios.actions import ACTIONS, Action
from assetplan.scenarios.funding import Benefit, Funding
from assetplan.scenarios.values import blank, settled
from assetplan.schema import table
from assetplan.settings import KEEPER, Label, may_know, parse_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assetplan.scenarios.dated import Dated
    from assetplan.scenarios.values import Amount

    Part = Action | Funding | Benefit

_NONE: Any = None  # stands for a range that is not stated
FIELD_COLUMNS = ("table", "name", "type", "unit", "vocabulary", "meaning", "required")


def scenario_fields() -> pd.DataFrame:
    """Every field of a scenario, of its funding, benefits and overrides, and of each of its actions.

    Returns
    -------
    pandas.DataFrame
        ``table`` (scenario, scenario.funding, scenario.benefits, scenario.overrides, or scenario. and the word for an action), ``name``,
        ``type``, ``unit``, ``vocabulary``, ``meaning``, ``required``. A year is a financial year by its start; a range is one number or
        low, central and high, and a signed one may be below 0.

    Examples
    --------
    >>> fields = scenario_fields()
    >>> fields.loc[fields["table"] == "scenario.retain", "name"].tolist()
    ['asset', 'year', 'months', 'cost_gbp', 'organisation', 'source', 'illustrative', 'note']
    """
    tables = [
        table(SCENARIO),
        Funding.fields(),
        Benefit.fields(),
        table(OVERRIDES),
        *(kind.fields() for kind in ACTIONS.values()),
    ]
    rows = [
        (c.table, c.name, c.kind, c.unit, c.vocabulary, c.meaning, c.required)
        for columns in tables
        for c in columns.values()
    ]
    return pd.DataFrame(rows, columns=list(FIELD_COLUMNS), dtype=object)


@dataclass(frozen=True, kw_only=True)
class Override:
    """One figure of the assumptions that is another one in a scenario, everywhere or at one site, with the reason.

    Examples
    --------
    >>> Override(figure="build_gbp_m2", value=1_800, reason="tender of June", author="district council, estates").value
    Range(low=1800.0, central=1800.0, high=1800.0)
    """

    figure: str
    value: Amount = _NONE
    reason: str
    author: str
    asset: str = ""

    def __post_init__(self) -> None:
        if problems := _settle(self, OVERRIDES):
            raise ScenarioError("This cannot be an override", problems)

    def stated(self) -> dict[str, Any]:
        """The fields about which something is said, in order."""
        return _stated(self, OVERRIDES)


@dataclass(frozen=True, repr=False)
class Scenario:
    """A name and dated intentions; a value, so that scripts make new ones of it and never change it.

    Parameters
    ----------
    name
        What it is called.
    actions
        What happens, in any order; each is dated by its financial year.
    author
        The body or post that wrote it, never a person.
    audience
        Readers who may know of it, parted by ``;``. Nobody but the keeper where none is named: a plan is not public until somebody says so.
    start_year
        Financial year, by its start, from which it is reckoned; that of the estate's date where none is given.
    note
        What it is for.
    overrides
        Figures of the assumptions that are others here.
    funding
        What pays for it, beside what its bodies borrow.
    benefits
        What it is good for, or bad, beside what its actions state.

    Raises
    ------
    ScenarioError
        Naming everything that is wrong with it.

    Examples
    --------
    >>> import assetplan as ap
    >>> hub = ap.Scenario(
    ...     "Town front door", [ap.Relocate(service="rdc-front-desk", to="rdc:A0007", year=2012)], audience="rdc"
    ... )
    >>> [
    ...     hub.plus(ap.Dispose(asset="nycc:NY/0431", by="sale", year=year)).renamed(f"Sold in {year}")
    ...     for year in (2013, 2014)
    ... ]
    [<Scenario 'Sold in 2013': 2 actions, 2012 to 2013, for rdc>, <Scenario 'Sold in 2014': 2 actions, 2012 to 2014, for rdc>]
    """

    name: str
    actions: tuple[Action, ...] = ()
    author: str = field(default="", kw_only=True)
    audience: str = field(default=KEEPER, kw_only=True)
    start_year: int | None = field(default=None, kw_only=True)
    note: str = field(default="", kw_only=True)
    overrides: tuple[Override, ...] = field(default=(), kw_only=True)
    funding: tuple[Funding, ...] = field(default=(), kw_only=True)
    benefits: tuple[Benefit, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        problems = _settle(self, SCENARIO)
        parts = [part.strip() for part in (self.audience or KEEPER).split(";")]
        object.__setattr__(self, "audience", ";".join(sorted({part for part in parts if part})))
        if self._label() is None:
            problems.append('audience: readers parted by ; are wanted, like "council;council.estates".')
        for name, kind in _PARTS.items():
            given = getattr(self, name)
            if not isinstance(given, (tuple, list)) or not all(isinstance(one, kind) for one in given):
                problems.append(f"{name}: a tuple of them is wanted, like ({_LIKE[name]},).")
            else:
                object.__setattr__(self, name, tuple(given))
        if problems:
            raise ScenarioError(f"Scenario {self.name!r} cannot be used", problems)

    def plus(self, *parts: Part) -> Scenario:
        """The same scenario with further actions, funding or benefits."""
        more = {name: tuple(part for part in parts if isinstance(part, kind)) for name, kind in _DATED.items()}
        if strange := [part for part in parts if not isinstance(part, (Action, Funding, Benefit))]:
            raise TypeError(f"Actions, funding and benefits can be added, not {strange[0]!r}.")
        return self._with(**{name: (*getattr(self, name), *some) for name, some in more.items()})

    def without(self, *parts: Part | type[Part]) -> Scenario:
        """The same scenario without some of its actions, funding or benefits, or without any of some kinds.

        Raises
        ------
        ScenarioError
            Where one is not in it.

        Examples
        --------
        >>> import assetplan as ap
        >>> sale = ap.Dispose(asset="nycc:NY/0431", by="sale", year=2013)
        >>> ap.Scenario("Sale", [sale]).without(ap.Dispose).actions
        ()
        """
        own = [one for name in _DATED for one in getattr(self, name)]
        if missing := [part for part in parts if not any(_is(one, part) for one in own)]:
            raise ScenarioError(
                f"Scenario {self.name!r} has not what it is to be without",
                [part.__name__ if isinstance(part, type) else repr(part) for part in missing],
            )
        return self._with(
            **{
                name: tuple(one for one in getattr(self, name) if not any(_is(one, part) for part in parts))
                for name in _DATED
            }
        )

    def _with(self, **parts: Any) -> Scenario:
        return replace(self, **parts)

    def renamed(self, name: str) -> Scenario:
        """The same scenario under another name."""
        return replace(self, name=name)

    def delayed(self, years: int) -> Scenario:
        """The same scenario with every action, its funding and its benefits some years later.

        The year from which it is reckoned stays, and so does the last year in which money can be spent: it may lapse.
        """
        return self._with(**{name: tuple(one.delayed(years) for one in getattr(self, name)) for name in _DATED})

    def is_for(self, reader: str) -> bool:
        """Whether a reader may know of it: the keeper may always.

        Examples
        --------
        >>> Scenario("Hub", audience="nycc").is_for("nycc.libraries"), Scenario("Hub").is_for("public")
        (True, False)
        """
        label = self._label()
        return label is not None and may_know(label, reader)

    def stated(self) -> dict[str, Any]:
        """What is said of the whole, in order."""
        return _stated(self, SCENARIO)

    def _label(self) -> Label | None:
        return parse_label(self.audience, {part.split(".")[0] for part in self.audience.split(";")})

    def __repr__(self) -> str:
        years = sorted({one.year for name in _DATED for one in getattr(self, name)})
        count = f"{len(self.actions)} action{'' if len(self.actions) == 1 else 's'}"
        more = "".join(
            f", {name} {len(getattr(self, name))}" for name in ("funding", "benefits") if getattr(self, name)
        )
        when = "" if not years else f", {years[0]}" if len(years) == 1 else f", {years[0]} to {years[-1]}"
        return f"<Scenario {self.name!r}: {count}{more}{when}, for {self.audience.replace(';', ', ')}>"


_DATED: dict[str, type[Dated]] = {"actions": Action, "funding": Funding, "benefits": Benefit}
_PARTS: dict[str, type[Any]] = {**_DATED, "overrides": Override}
_LIKE = {
    "actions": "assetplan.Relocate(...)",
    "funding": "assetplan.Funding(...)",
    "benefits": "assetplan.Benefit(...)",
    "overrides": "assetplan.Override(...)",
}


def _is(own: Dated, asked: Dated | type[Dated]) -> bool:
    return isinstance(own, asked) if isinstance(asked, type) else own == asked


def _settle(value: object, name: str) -> list[str]:
    """Put the fields of a value into their one form; what is wrong with them."""
    problems = []
    for column in table(name).values():
        found, fault = settled(column, getattr(value, column.name))
        object.__setattr__(value, column.name, found)
        if fault:
            problems.append(f"{column.name}: {fault}")
        if column.name == "author" and left_out(found).what:
            problems.append("author: a body or a post is wanted, not a person.")
    return problems


def _stated(value: object, name: str) -> dict[str, Any]:
    columns: Iterable[tuple[str, Any]] = table(name).items()
    said: Mapping[str, Any] = {key: getattr(value, key) for key, _ in columns}
    return {key: said[key] for key, column in table(name).items() if said[key] != blank(column)}

"""Scores of options by several criteria, with every contribution visible.

The model is the linear additive one with stated scales: each figure becomes a part between 0 and 1 of its criterion's range, and a
score is the weighted sum, out of 100 (Department for Communities and Local Government 2009, Multi-criteria analysis: a manual). What
is not known is neither nothing nor average: the score is then a range, from the worst the figure could be to the best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from assetplan.declared import guessed
from assetplan.schema import table as columns_of
from assetplan.text import counted, shown_name

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

Direction = Literal["more is better", "less is better"]
DIRECTIONS: tuple[str, ...] = get_args(Direction)
SCORE_COLUMNS = tuple(columns_of("scores"))[1:]  # the options are the index
TIE = 1e-12  # parts of a whole score; less between two scores is rounding


@dataclass(frozen=True)
class Criterion:
    """What options are judged by.

    Attributes
    ----------
    name
        Column of the table of options that holds its figures.
    direction
        ``more is better`` or ``less is better``.
    unit
        Unit of the figures.
    low, high
        The range that counts, in that unit, `low` below `high`. A figure at the worse end scores 0, at the better end 1. The weight of a
        criterion is the worth of going from one end to the other, so a range is chosen with its weight.
    source
        Who set the range, or what it rests on.
    meaning
        What is measured, in words.

    Raises
    ------
    ValueError
        Where any of these is blank or out of order; all problems together.

    Examples
    --------
    >>> Criterion("travel_min", "less is better", "minutes", 0, 60, "county access standard").direction
    'less is better'
    """

    name: str
    direction: Direction
    unit: str
    low: float
    high: float
    source: str
    meaning: str = ""

    def __post_init__(self) -> None:
        wrong = faults(self.name, self.direction, self.unit, self.low, self.high, self.source)
        refuse([f"{key}: {fault}" for key, fault in wrong.items()])


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of options, what makes them up, and the weights used.

    Attributes
    ----------
    table
        One row an option, in the order given; columns as ``assetplan columns --table scores`` lists them.
    contributions
        Options by criteria: points that each figure adds, null where it is not known. A row sums to ``score_low`` exactly.
    weights
        By criterion, summing to 1.
    criteria
        The criteria, in the order of the columns of `contributions`.
    """

    table: pd.DataFrame
    contributions: pd.DataFrame
    weights: pd.Series
    criteria: tuple[Criterion, ...]

    def __repr__(self) -> str:
        weights = ", ".join(f"{name} {100 * weight:.3g}%" for name, weight in self.weights.items())
        unknown = int(self.contributions.isna().to_numpy().sum())
        known = f"{counted(unknown, 'figure')} not known" if unknown else "every figure known"
        return f"<Scores of {counted(len(self.table), 'option')} by {weights}; {known}>"


def score(table: pd.DataFrame, criteria: Sequence[Criterion], weights: Mapping[str, float] | pd.Series) -> Scores:
    """Scores of options out of 100, as ranges where figures are not known.

    A figure `x` of a criterion with range `low` to `high` and weight `w` adds ``100 w (x - low) / (high - low)`` points, or
    ``100 w (high - x) / (high - low)`` where less is better. A figure that is not known adds nothing to ``score_low`` and ``100 w`` to
    ``score_high``. Whether a reader may be shown the result is for the caller: see `Estate.released`.

    Parameters
    ----------
    table
        Options by identifier, with a column for each criterion. Other columns are left alone.
    criteria
        What counts, each named once.
    weights
        By criterion, 0 or more, in any unit; they are scaled to sum to 1. Every criterion has one: write 0 for what shall not count.

    Returns
    -------
    Scores
        Two options may overlap: ``rank_best`` counts only options that are surely ahead, ``rank_worst`` all that may be.

    Raises
    ------
    ValueError
        With all problems: an option named twice, a criterion without a column or with figures that are no numbers or lie beyond its
        range, weights that are missing, negative, of an unknown criterion or all 0. Figures are not cut to the range, for then the
        weight would not mean what it says: widen the range.

    Examples
    --------
    >>> table = pd.DataFrame({"homes": [90, 40], "months": [60, None]}, index=["six sites", "depot"])
    >>> criteria = [
    ...     Criterion("homes", "more is better", "homes", 0, 100, "local plan"),
    ...     Criterion("months", "less is better", "months", 0, 100, "programme"),
    ... ]
    >>> scores = score(table, criteria, {"homes": 3, "months": 1})
    >>> scores.table
               score_low  score_high  rank_best  rank_worst    missing
    six sites       77.5        77.5          1           1         ()
    depot           30.0        55.0          2           2  (months,)
    >>> scores.contributions
               homes  months
    six sites   67.5    10.0
    depot       30.0     NaN
    """
    problems: list[str] = []
    parts = parts_of(table, criteria, problems)
    shares = shares_of(weights, list(names_of(criteria)), problems)
    refuse(problems)
    names = names_of(criteria)
    contributions = pd.DataFrame(100 * shares * parts, index=table.index, columns=names, dtype=float)
    unknown = contributions.isna().to_numpy()
    low = contributions.sum(axis=1).to_numpy()
    high = low + 100 * (unknown * shares).sum(axis=1)
    tie = 100 * TIE
    surely_ahead = len(low) - np.searchsorted(np.sort(low), high + tie, side="right")
    maybe_ahead = len(low) - np.searchsorted(np.sort(high), low + tie, side="right") - (high > low + tie)
    missing = [tuple(names[row]) for row in unknown]
    frame = pd.DataFrame(
        {
            "score_low": low,
            "score_high": high,
            "rank_best": 1 + surely_ahead,
            "rank_worst": 1 + maybe_ahead,
            "missing": pd.Series(missing, index=table.index, dtype=object),
        },
        index=table.index,
        columns=list(SCORE_COLUMNS),
    )
    return Scores(frame, contributions, pd.Series(shares, index=names, name="weight"), tuple(criteria))


def faults(name: str, direction: str, unit: str, low: Any, high: Any, source: str) -> dict[str, str]:
    """What is wrong with a criterion, by what it is wrong with."""
    out = {
        key: "none is given."
        for key, stated in (
            ("name", name),
            ("direction", direction),
            ("unit", unit),
            ("low", low),
            ("high", high),
            ("source", source),
        )
        if stated is None or stated == ""
    }
    if direction and direction not in DIRECTIONS:
        out["direction"] = (
            f"{shown_name(direction)!r} is none of {', '.join(DIRECTIONS)}.{guessed(direction, DIRECTIONS)}"
        )
    ends = {"low": number(low), "high": number(high)}
    for key, stated in (("low", low), ("high", high)):
        end = ends[key]
        if key not in out and (end is None or not math.isfinite(end)):
            out[key] = f"a finite number is wanted, not {shown_name(repr(stated))}."
    if "low" not in out and "high" not in out and not low < high:
        out["low"] = f"{low:g} is not below high, {high:g}."
    return out


def names_of(criteria: Sequence[Criterion]) -> pd.Index:
    """The names of criteria as the columns of a table."""
    return pd.Index([criterion.name for criterion in criteria], dtype=object)


def refuse(problems: Sequence[str]) -> None:
    """Raises what was found wrong, all together."""
    if problems:
        raise ValueError("\n".join(problems))


def number(cell: Any) -> float | None:
    """A cell as a float, or None where it is no number."""
    if isinstance(cell, bool) or not isinstance(cell, Real | Decimal):
        return None
    try:
        return float(cell)
    except OverflowError:
        return math.inf  # beyond any range, whichever way


def listed(options: Sequence[Hashable]) -> str:
    """Some options as messages name them: the first five, and how many more."""
    more = len(options) - 5
    return ", ".join(map(shown_name, options[:5])) + (f" and {more:,} more" if more > 0 else "")


def parts_of(table: pd.DataFrame, criteria: Sequence[Criterion], problems: list[str]) -> NDArray[np.float64]:
    """Figures as parts of their criteria's ranges, options by criteria; not a number where they are not known."""
    out = np.full((len(table), len(criteria)), np.nan)
    if not criteria:
        problems.append("criteria: none is given.")
    names = list(names_of(criteria))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        problems.append(f"criteria: {', '.join(map(shown_name, twice))}: named more than once.")
    if not table.index.is_unique:
        problems.append(f"table: {listed(table.index[table.index.duplicated()].unique())}: named more than once.")
    for j, criterion in enumerate(criteria):
        said = shown_name(criterion.name)
        if criterion.name not in table:
            problems.append(
                f"table: there is no column {said!r}.{guessed(criterion.name, list(map(str, table.columns)))}"
            )
            continue
        cells = table[criterion.name].astype(object)
        known = cells[cells.notna().to_numpy()]
        figures = [number(cell) for cell in known]
        if strange := [option for option, figure in zip(known.index, figures, strict=True) if figure is None]:
            problems.append(
                f"{said}: {listed(strange)}: a number is wanted, not {shown_name(repr(known[strange[0]]))}."
            )
            continue
        values = np.array(figures, dtype=float)
        beyond = (values < criterion.low) | (values > criterion.high)
        if beyond.any():
            problems.append(
                f"{said}: {listed(list(known.index[beyond]))}: beyond the range {criterion.low:g} to {criterion.high:g} {criterion.unit} "
                f"({values[beyond][0]:g}). Widen the criterion's range, and look at its weight again."
            )
        best, worst = (
            (criterion.high, criterion.low) if criterion.direction == DIRECTIONS[0] else (criterion.low, criterion.high)
        )
        out[cells.notna().to_numpy(), j] = (values - worst) / (best - worst)
    return out


def shares_of(
    weights: Mapping[str, float] | pd.Series, names: Sequence[str], problems: list[str]
) -> NDArray[np.float64]:
    """Weights in the order of the criteria, scaled to sum to 1."""
    before = len(problems)
    refuse_strangers(weights.keys(), names, problems)
    given = {name: number(weights[name]) if name in weights else np.nan for name in names}
    if unnamed := [name for name in names if name not in weights]:
        problems.append(f"weights: none is given for {listed(unnamed)}. Write 0 for what shall not count.")
    for name, weight in given.items():
        if name in weights and (weight is None or not np.isfinite(weight) or weight < 0):
            problems.append(
                f"weights: {shown_name(name)}: a number of 0 or more is wanted, not {shown_name(repr(weights[name]))}."
            )
    if len(problems) > before:
        return np.full(len(names), np.nan)
    out = np.array(list(given.values()), dtype=float)
    if not out.sum() > 0:
        problems.append("weights: all are 0, so nothing counts.")
        return out
    return out / out.sum()


def refuse_strangers(named: Iterable[str], names: Sequence[str], problems: list[str]) -> None:
    """Tells of every name that is no criterion's, with a guess."""
    problems.extend(
        f"weights: {shown_name(name)!r} is no criterion here.{guessed(name, names)}"
        for name in named
        if name not in names
    )

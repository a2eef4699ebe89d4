"""How far a ranking hangs on the weights: how often each option is first when weights may be anything they may be.

Stochastic multicriteria acceptability analysis, for scores as `assetplan.scoring` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assetplan.declared import guessed
from assetplan.scoring import TIE, names_of, number, parts_of, refuse, refuse_strangers, shares_of
from assetplan.text import shown_name

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from numpy.typing import NDArray

    from assetplan.scoring import Criterion

    Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]
    Chances = dict[int, NDArray[np.float64]]

MOST_OPTIONS = 1000
_CELLS = 4_000_000  # scores held at a time
_SWEEPS = 20


@dataclass(frozen=True, eq=False)
class RankStability:
    """How often each option takes each rank when weights, and figures that are not known, could be anything they may be.

    Attributes
    ----------
    acceptability
        Options by ranks from 1: the part of the draws in which the option has the rank. Rows and columns sum to 1; options that tie
        share the ranks they tie for.
    central_weights
        Options by criteria: the mean of the weights under which the option is first, null where it never is. Whoever weighs things
        like this would choose it.
    confidence
        By option: the part of the draws in which it is first under its central weights. Below 1 only where figures are not known or
        another option is as good.
    draws
        How many weightings were drawn.
    incomplete
        Options some figure of which is not known and was drawn.
    """

    acceptability: pd.DataFrame
    central_weights: pd.DataFrame
    confidence: pd.Series
    draws: int
    incomplete: tuple[Hashable, ...]

    def first_in_words(self, option: Hashable) -> str:
        """How often an option comes first, in words that claim no more than was tried.

        Raises
        ------
        ValueError
            Where there is no such option.

        Examples
        --------
        >>> table = pd.DataFrame({"homes": [90, 40], "months": [60, 20]}, index=["six sites", "depot"])
        >>> from assetplan.scoring import Criterion
        >>> criteria = [
        ...     Criterion("homes", "more is better", "homes", 0, 100, "local plan"),
        ...     Criterion("months", "less is better", "months", 0, 100, "programme"),
        ... ]
        >>> rank_stability(table, criteria).first_in_words("six sites")
        'first in 55% of weightings'
        """
        if option not in self.acceptability.index:
            raise ValueError(
                f"{shown_name(option)}: no such option.{guessed(option, [str(known) for known in self.acceptability.index])}"
            )
        share = float(self.acceptability.at[option, 1])
        percent = f"{share:.0%}"
        if share == 0:
            said = f"first in none of {self.draws:,} weightings tried"
        elif share == 1:
            said = f"first in all {self.draws:,} weightings tried"
        elif percent in {"0%", "100%"}:
            said = f"first in {'less than 1' if percent == '0%' else 'more than 99'}% of weightings"
        else:
            said = f"first in {percent} of weightings"
        return f"{said}, with figures not known drawn over their ranges" if self.incomplete else said


def weight_ranges(weights: Mapping[str, float] | pd.Series, by: float = 0.5) -> dict[str, tuple[float, float]]:
    """Weights that may each be some part smaller or larger than stated, for `rank_stability`.

    Parameters
    ----------
    weights
        By criterion, 0 or more, in any unit; they are scaled to sum to 1.
    by
        How far each may be off, as a part of itself, 0 to 1.

    Returns
    -------
    dict
        Least and greatest weight by criterion, as shares of 1.

    Raises
    ------
    ValueError
        Where a weight is negative or not a number, all are 0, or `by` is not between 0 and 1.

    Examples
    --------
    >>> weight_ranges({"money": 75, "access": 25}, by=0.5)
    {'money': (0.375, 1.0), 'access': (0.125, 0.375)}
    """
    if not 0 <= by <= 1:
        raise ValueError(f"by: a part between 0 and 1 is wanted, not {by!r}.")
    problems: list[str] = []
    names = list(weights.keys())
    shares = shares_of(weights, names, problems)
    refuse(problems)
    return {
        name: (float(share * (1 - by)), float(min(1, share * (1 + by))))
        for name, share in zip(names, shares, strict=True)
    }


def rank_stability(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    weights: Mapping[str, float | tuple[float, float]] | Sequence[str] | None = None,
    *,
    draws: int = 10_000,
    seed: int = 0,
) -> RankStability:
    """How often each option takes each rank when the weights are uncertain.

    Stochastic multicriteria acceptability analysis (Lahdelma, Hokkanen and Salminen 1998; ranks after Lahdelma and Salminen 2001,
    SMAA-2): weights are drawn evenly from all that are allowed, figures that are not known evenly over the range of their criterion,
    and the options ranked each time. With 10,000 draws shares are good to a percentage point. The same seed gives the same answer
    whatever the order of options and criteria.

    Parameters
    ----------
    table, criteria
        As for `score`; at most 1,000 options.
    weights
        What is known of the weights. None: nothing. A sequence of criteria: each counts at least as much as the next; what is not named
        may count anything. A mapping: the least and the greatest weight by criterion as shares of 1, or one number for a weight that is
        sure; what is not named lies between 0 and 1. See `weight_ranges`.
    draws
        How many weightings are tried.
    seed
        Where the draws start.

    Raises
    ------
    ValueError
        As `score` for the table; with all problems of the weights: an unknown criterion, one named twice, a range that is upside down or
        beyond 0 to 1, ranges that no weights summing to 1 fit.

    Notes
    -----
    Weights between bounds are drawn by moving weight between two criteria at a time, evenly within what both bounds allow, twenty times
    through all pairs, from the middle of the bounds: a Gibbs sampler whose stationary distribution is the even one.

    Examples
    --------
    >>> table = pd.DataFrame({"homes": [90, 40], "months": [60, 20]}, index=["six sites", "depot"])
    >>> from assetplan.scoring import Criterion
    >>> criteria = [
    ...     Criterion("homes", "more is better", "homes", 0, 100, "local plan"),
    ...     Criterion("months", "less is better", "months", 0, 100, "programme"),
    ... ]
    >>> rank_stability(table, criteria, ["homes", "months"]).acceptability
                 1    2
    six sites  1.0  0.0
    depot      0.0  1.0
    """
    problems: list[str] = []
    parts = parts_of(table, criteria, problems)
    if len(table) > MOST_OPTIONS:
        problems.append(
            f"table: at most {MOST_OPTIONS:,} options can be ranked, not {len(table):,}. Keep those that score best."
        )
    if not isinstance(draws, int) or draws < 1:
        problems.append(f"draws: a whole number of at least 1 is wanted, not {draws!r}.")
    if not isinstance(seed, int) or seed < 0:
        problems.append(f"seed: a whole number of at least 0 is wanted, not {seed!r}.")
    # In an order of their own, so that the order given makes no difference.
    names = sorted(names_of(criteria))
    bounds, order = _known_of(weights, names, problems)
    refuse(problems)
    by_name = np.array([list(names_of(criteria)).index(name) for name in names], dtype=np.intp)
    by_id = np.array(sorted(range(len(table)), key=lambda i: str(table.index[i])), dtype=np.intp)
    parts = parts[by_id][:, by_name]
    drawn = _weights(np.random.default_rng(seed), draws, bounds, order, len(names))

    n, k = parts.shape
    tally, first = np.zeros((n, n)), np.zeros((n, k))
    for some, chances in _chances(parts, draws, seed):
        ranks, at, option, share = _ranked(_scored(parts, drawn[some], chances))
        tally += ranks
        for j in range(k):
            first[:, j] += np.bincount(option, weights=share * drawn[some][at, j], minlength=n)
    wins = tally[:, :1].reshape(n, 1)
    central = np.divide(first, wins, out=np.full((n, k), np.nan), where=wins > 0)
    confidence = _confidence(parts, central, draws, seed)

    rows, columns = np.argsort(by_id), np.argsort(by_name)
    return RankStability(
        pd.DataFrame((tally / draws)[rows], index=table.index, columns=pd.RangeIndex(1, n + 1)),
        pd.DataFrame(central[rows][:, columns], index=table.index, columns=names_of(criteria)),
        pd.Series(confidence[rows], index=table.index, name="confidence"),
        draws,
        tuple(table.index[np.isnan(parts[rows]).any(axis=1)]),
    )


def _known_of(
    weights: Mapping[str, float | tuple[float, float]] | Sequence[str] | None, names: Sequence[str], problems: list[str]
) -> tuple[Bounds | None, list[int]]:
    """What is known of the weights: least and greatest of each, or the criteria in order of importance, by position in `names`."""
    if weights is None:
        return None, []
    if isinstance(weights, str):
        problems.append("weights: a list of criteria, the most important first, is wanted, not one text.")
        return None, []
    if not isinstance(weights, Mapping | pd.Series):
        order = list(weights)
        refuse_strangers(order, names, problems)
        if twice := sorted({name for name in order if order.count(name) > 1}):
            problems.append(f"weights: {', '.join(map(shown_name, twice))}: named more than once.")
        return None, [names.index(name) for name in order if name in names]
    refuse_strangers(weights.keys(), names, problems)
    low, high = np.zeros(len(names)), np.ones(len(names))
    for j, name in enumerate(names):
        stated = weights.get(name, (0.0, 1.0))
        ends = [number(end) for end in (stated if isinstance(stated, tuple | list) else (stated, stated))]
        least, most = ends if len(ends) == 2 else (None, None)
        if least is None or most is None or not 0 <= least <= most <= 1:
            problems.append(
                f"weights: {shown_name(name)}: a share of 1, or the least and the greatest, is wanted, like (0.2, 0.4), "
                f"not {shown_name(repr(stated))}."
            )
        else:
            low[j], high[j] = least, most
    slack = 1e-9
    if low.sum() > 1 + slack:
        problems.append(f"weights: the least add up to {low.sum():.3g}, more than 1.")
    if high.sum() < 1 - slack:
        problems.append(f"weights: the greatest add up to {high.sum():.3g}, less than 1.")
    return (low, high), []


def _weights(
    rng: np.random.Generator, draws: int, bounds: Bounds | None, order: Sequence[int], k: int
) -> NDArray[np.float64]:
    """Weightings drawn evenly from those allowed, one a row."""
    if bounds is None:
        drawn = rng.standard_exponential((draws, k))
        drawn /= drawn.sum(axis=1, keepdims=True)
        drawn[:, order] = -np.sort(-drawn[:, order], axis=1)
        return drawn
    low, high = bounds
    room = (high - low).sum()
    middle = low + (high - low) * ((1 - low.sum()) / room if room > 0 else 0.0)
    drawn = np.repeat(middle[:, None], draws, axis=1)
    for i, j in [*combinations(np.flatnonzero(high > low), 2)] * _SWEEPS:
        both = drawn[i] + drawn[j]
        least, most = np.maximum(low[i], both - high[j]), np.minimum(high[i], both - low[j])
        drawn[i] = least + (most - least) * rng.random(draws)
        drawn[j] = both - drawn[i]
    return drawn.T


def _chances(parts: NDArray[np.float64], draws: int, seed: int) -> Iterator[tuple[slice, Chances]]:
    """Draws some at a time, each with what the figures not known come out at: by criterion, draws by options that lack it."""
    rng = np.random.default_rng([seed, 1])
    lacking = np.isnan(parts).sum(axis=0)
    step = max(1, _CELLS // max(1, len(parts)))
    for start in range(0, draws, step):
        rows = slice(start, min(start + step, draws))
        yield rows, {int(j): rng.random((rows.stop - start, lacking[j])) for j in np.flatnonzero(lacking)}


def _scored(parts: NDArray[np.float64], weights: NDArray[np.float64], chances: Chances) -> NDArray[np.float64]:
    """Scores out of 1, draws by options."""
    unknown = np.isnan(parts)
    out = weights @ np.where(unknown, 0.0, parts).T
    for j, drawn in chances.items():
        out[:, unknown[:, j]] += weights[:, j : j + 1] * drawn
    return np.asarray(out)


def _ranked(
    scores: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """How often each option has each rank, and who is first: row, option and share of each that is. Ties share their ranks."""
    draws, n = scores.shape
    order = np.argsort(-scores, axis=1, kind="stable")
    ranked = np.take_along_axis(scores, order, axis=1)
    places = np.arange(n)
    leads = np.ones((draws, n), dtype=bool)
    leads[:, 1:] = ranked[:, :-1] - ranked[:, 1:] > TIE
    start = np.maximum.accumulate(np.where(leads, places, 0), axis=1)
    ends = np.append(leads[:, 1:], np.ones((draws, min(n, 1)), dtype=bool), axis=1)
    stop = np.minimum.accumulate(np.where(ends, places + 1, n)[:, ::-1], axis=1)[:, ::-1]
    size = stop - start
    tally = np.zeros((n, n))
    for tied in np.unique(size):
        chosen = size == tied
        cell = order[chosen] * (n + 1) + start[chosen]
        change = np.bincount(cell, minlength=n * (n + 1)) - np.bincount(cell + tied, minlength=n * (n + 1))
        tally += change.reshape(n, n + 1).cumsum(axis=1)[:, :n] / tied
    at, place = np.nonzero(start == 0)
    return tally, at, order[at, place], 1 / size[at, place]


def _confidence(parts: NDArray[np.float64], central: NDArray[np.float64], draws: int, seed: int) -> NDArray[np.float64]:
    """How often each option is first under its central weights, whatever the figures not known come out at."""
    unknown = np.isnan(parts)
    least = np.where(unknown, 0.0, parts) @ central.T
    rivals = (
        least + unknown @ central.T >= least.max(axis=0, initial=-np.inf) - TIE
    )  # who could be first, under whose weights
    out = np.where(np.isnan(central).any(axis=1), np.nan, 0.0)
    for rows, chances in _chances(parts, draws, seed):
        for i in np.flatnonzero(rivals.diagonal()):
            near = rivals[:, i]
            weights = np.repeat(central[i : i + 1], rows.stop - rows.start if chances else 1, axis=0)
            scores = _scored(parts[near], weights, {j: drawn[:, near[unknown[:, j]]] for j, drawn in chances.items()})
            first = scores >= scores.max(axis=1, keepdims=True) - TIE
            mine = first[:, near[:i].sum()] / first.sum(axis=1)
            out[i] += float(mine.mean()) * (rows.stop - rows.start) / draws
    return out

"""What would make an option first: the smallest change of one figure, of one weight, or of two figures, all else as it is.

Scores are sums of points that each figure adds by itself (`assetplan.scoring`), so each change is found exactly, in whole steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.scoring import Criterion

    Floats = NDArray[np.float64]

DIGITS = 6
"""Decimals of a point by which scores are told apart."""
_FINEST = 2_000  # parts of a range; steps are no smaller


@dataclass(frozen=True)
class FigureChange:
    """One figure that would have to change: from `now` (NaN where it is not known) to `then`, by a share of its criterion's range.

    A figure that is not known counts as the worst of the range, and its share is measured from there.
    """

    criterion: Criterion
    now: float
    then: float
    share: float

    @property
    def change(self) -> float:
        """By how much, in the criterion's unit; NaN where the figure is not known now."""
        return self.then - self.now


@dataclass(frozen=True)
class WeightChange:
    """One weight that would have to be another, in per cent, the others keeping their proportions; by a share of all weight."""

    criterion: Criterion
    now_percent: float
    then_percent: float
    share: float


@dataclass(frozen=True)
class _Steps:
    """Where one figure can go: values, the points that each adds to what it adds now, and the share of the range that it takes."""

    criterion: Criterion
    values: Floats
    gains: Floats
    shares: Floats


class Contest:
    """One option against others, by weighted criteria.

    Parameters
    ----------
    own
        Its figures by criterion, NaN where not known.
    others
        Figures of each other option.
    before
        For each of the others, whether the option goes before it where their scores are level.
    criteria
        What counts, with ranges; a figure beyond its range counts as the end.
    weights
        By criterion, 0 or more, in any unit; not all 0.
    steps
        The step that a figure changes by; where none is given, a power of ten of about a hundredth of the range.
    ends
        How far a figure can go at best, where that is less far than the better end of the range.
    """

    def __init__(
        self,
        own: Mapping[str, float],
        others: Sequence[Mapping[str, float]],
        before: Sequence[bool],
        criteria: Sequence[Criterion],
        weights: Mapping[str, float],
        *,
        steps: Mapping[str, float] | None = None,
        ends: Mapping[str, float] | None = None,
    ) -> None:
        self.own, self.criteria = dict(own), tuple(criteria)
        self._steps, self._ends = dict(steps or {}), dict(ends or {})
        self._weights = np.array([float(weights[criterion.name]) for criterion in self.criteria])
        self._weights = self._weights / self._weights.sum()
        self._own = np.array([part(criterion, own[criterion.name]) for criterion in self.criteria])
        rows = [[part(criterion, one[criterion.name]) for criterion in self.criteria] for one in others]
        self._others = np.array(rows, dtype=float).reshape(len(rows), len(self.criteria))
        self._before = np.array(list(before), dtype=bool)
        self.score = float(100 * self._own @ self._weights)
        rivals = np.round(100 * self._others @ self._weights, DIGITS)
        step = 10.0**-DIGITS
        # The least that would do, half of the last decimal below: what lies nearer is rounding.
        self._wanted = float(np.where(self._before, rivals, rivals + step).max(initial=-np.inf)) - step / 2

    @property
    def first(self) -> bool:
        """Whether the option is first as it is."""
        return self.score >= self._wanted

    @property
    def short(self) -> float:
        """Points that it lacks; 0 where it is first."""
        return 0.0 if self.first else max(self._wanted - self.score, 0.0)

    def figures(self) -> tuple[FigureChange, ...]:
        """For each criterion by which that can be done, the smallest change of its figure that makes the option first; the smallest share first."""
        out = []
        for way in self._ways():
            enough = np.flatnonzero(self.score + way.gains >= self._wanted)
            if not self.first and len(enough):
                out.append(self._change(way, int(enough[0])))
        return tuple(sorted(out, key=lambda change: (round(change.share, 9), change.criterion.name)))

    def weights(self) -> tuple[WeightChange, ...]:
        """For each criterion by which that can be done, the nearest whole per cent of its weight that makes the option first."""
        if self.first:
            return ()
        out = []
        for i, criterion in enumerate(self.criteria):
            now = 100 * float(self._weights[i])
            if now > 100 - 1e-9:
                continue  # nothing says in what proportions the others would weigh
            percents = np.arange(101, dtype=float)
            tried = self._weights[None, :] * ((100 - percents) / (100 - now))[:, None]
            tried[:, i] = percents / 100
            own = np.round(100 * tried @ self._own, DIGITS)[:, None]
            others = np.round(100 * tried @ self._others.T, DIGITS)
            wins = ((own > others) | ((own == others) & self._before[None, :])).all(axis=1)
            good = percents[wins]
            if len(good):
                then = float(min(good, key=lambda percent: (round(abs(percent - now), 9), percent)))
                out.append(WeightChange(criterion, now, then, abs(then - now) / 100))
        return tuple(sorted(out, key=lambda change: (round(change.share, 9), change.criterion.name)))

    def two(self) -> tuple[FigureChange, FigureChange] | None:
        """The two figures that together make the option first with the smallest sum of shares; None where one is enough, or no two can."""
        best: tuple[float, FigureChange, FigureChange] | None = None
        if self.first or self.figures():
            return None
        for one, other in combinations(self._ways(), 2):
            place = np.searchsorted(other.gains, self._wanted - self.score - one.gains, side="left")
            can = np.flatnonzero(place < len(other.gains))
            if not len(can):
                continue
            shares = one.shares[can] + other.shares[place[can]]
            at = int(can[int(np.argmin(np.round(shares, 12)))])
            found = (self._change(one, at), self._change(other, int(place[at])))
            total = round(found[0].share + found[1].share, 9)
            if best is None or total < best[0]:
                best = (total, *found)
        return None if best is None else best[1:]

    def fewest(self) -> int | None:
        """How many figures would have to change at least; 0 where the option is first, None where all at their best would not do."""
        if self.first:
            return 0
        gains = sorted((float(way.gains[-1]) for way in self._ways()), reverse=True)
        total = self.score
        for count, gain in enumerate(gains, start=1):
            total += gain
            if total >= self._wanted:
                return count
        return None

    def _change(self, way: _Steps, at: int) -> FigureChange:
        criterion = way.criterion
        return FigureChange(criterion, self.own[criterion.name], float(way.values[at]), float(way.shares[at]))

    def _ways(self) -> list[_Steps]:
        """Where each figure that counts can go, step by step."""
        out = []
        for i, criterion in enumerate(self.criteria):
            sign = 1.0 if criterion.direction == "more is better" else -1.0
            worst, best = (criterion.low, criterion.high)[:: int(sign)]
            if criterion.name in self._ends:
                best = sign * min(sign * best, sign * self._ends[criterion.name])
            now = self.own[criterion.name]
            start = worst if math.isnan(now) else now
            room = sign * (best - start)
            if room <= 0 or self._weights[i] == 0:
                continue
            step = self.step(criterion)
            outside = max(sign * (worst - start), 0.0)  # steps that bring nothing yet
            counts = np.arange(max(math.floor(outside / step), 1), max(math.ceil(room / step - 1e-9), 1) + 1)
            moved = np.minimum(counts * step, room)
            values = start + sign * moved
            values[-1] = best
            parts = np.array([part(criterion, value) for value in values])
            gains = 100 * float(self._weights[i]) * (parts - self._own[i])
            out.append(_Steps(criterion, values, gains, moved / (criterion.high - criterion.low)))
        return out

    def step(self, criterion: Criterion) -> float:
        """The step that a figure of a criterion changes by."""
        span = criterion.high - criterion.low
        step = self._steps.get(criterion.name, 0.0)
        return step if step >= span / _FINEST else float(10.0 ** math.floor(math.log10(span / 100)))


def part(criterion: Criterion, value: float) -> float:
    """The part of a criterion's range that a figure comes to, 1 at the better end; what is not known counts as the worst.

    Examples
    --------
    >>> from assetplan.scoring import Criterion
    >>> part(Criterion("months", "less is better", "months", 0, 48, "assumption"), 12)
    0.75
    """
    if math.isnan(value):
        return 0.0
    gone = (min(max(value, criterion.low), criterion.high) - criterion.low) / (criterion.high - criterion.low)
    return gone if criterion.direction == "more is better" else 1 - gone

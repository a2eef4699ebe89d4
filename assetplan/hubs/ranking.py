"""Options in order: scores by a lens, near-duplicates folded, how far the order hangs on the weights, and what answers could change it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assetplan.declared import guessed
from assetplan.errors import EstateError
from assetplan.hubs.blocking import ARGUABLE, NOT_KNOWN, finding_out
from assetplan.hubs.judging import CRITERIA, Answer
from assetplan.scoring import score
from assetplan.stability import rank_stability
from assetplan.text import visible
from assetplan.weights import read_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assetplan.estate import Estate
    from assetplan.hubs.judging import Colocation
    from assetplan.stability import RankStability
    from assetplan.weights import Lens, Weights

ALIKE = 0.6
"""Options of one host that share so much of all the services they have are much alike ..."""
CLOSE = 5.0
"""... and are folded into one where their scores differ by so few points at most."""
_TOP = 3
_FIGURES = {
    "cash_low_gbp_pa": "It is not known what would be saved in cash a year, every cost taken off.",
    "released_low_m2": "It is not known how much space would be given up.",
    "avoided_gbp": "The backlog of what would be empty is not known.",
    "trip_minutes": "It is not known who would travel further.",
}


def weights_of(estate: Estate, weights: Weights | None) -> Weights:
    """The weights in use: those given, else the folder's, else the package's.

    Raises
    ------
    EstateError
        Where a criterion is none that options are judged by.
    """
    used = weights or estate.option_weights or package_weights()
    for criterion in used.criteria:
        if criterion.name not in CRITERIA:
            raise EstateError(
                f"option_weights.toml: options are not judged by {visible(criterion.name)!r}.{guessed(criterion.name, CRITERIA)} "
                f"Known: {', '.join(CRITERIA)}."
            )
    return used


def package_weights() -> Weights:
    """The weights that come with the package.

    Examples
    --------
    >>> list(package_weights().lenses)
    ['least-regret', 'money', 'access', 'operations']
    """
    return read_weights(Path(__file__).with_name("option_weights.toml"))


def lens_of(weights: Weights, name: str) -> Lens:
    """A lens by its name; the first where none is given.

    Raises
    ------
    EstateError
        Where there is none of that name.
    """
    if name and name not in weights.lenses:
        raise EstateError(f"There is no lens {visible(name)!r} for options.{guessed(name, weights.lenses)}")
    return weights.lenses[name] if name else weights.default


class Scored:
    """Options with their scores by one lens; what lies beyond a criterion's range counts as its end, so that no other option matters."""

    def __init__(self, options: Sequence[Colocation], weights: Weights, lens: Lens) -> None:
        self.options = tuple(options)
        self.every = weights.criteria
        self.criteria = tuple(criterion for criterion in weights.criteria if lens.weights[criterion.name] > 0)
        self.weights = {criterion.name: lens.weights[criterion.name] for criterion in self.criteria}
        self.scores = score(self._frame([one.figures for one in options]), self.criteria, self.weights)
        self.low = self.scores.table["score_low"].to_numpy(dtype=float)

    def _frame(self, figures: Sequence[Mapping[str, float]]) -> pd.DataFrame:
        names = [criterion.name for criterion in self.every]
        frame = pd.DataFrame([{name: one[name] for name in names} for one in figures], columns=names, dtype=float)
        for criterion in self.every:
            frame[criterion.name] = frame[criterion.name].clip(criterion.low, criterion.high)
        frame.index = pd.Index([f"{i}" for i in range(len(frame))], dtype=object)
        return frame

    def at_best(self, i: int) -> float:
        """The score of an option, what is not known taken at the best it can be."""
        high = float(self.scores.table["score_high"].iloc[i])
        for criterion in self.criteria:
            bound = self.options[i].bounds.get(criterion.name)
            if bound is not None:
                part = (min(max(bound, criterion.low), criterion.high) - criterion.low) / (
                    criterion.high - criterion.low
                )
                high -= 100 * float(self.scores.weights[criterion.name]) * (1 - part)
        return high

    def of(self, figures: Mapping[str, float]) -> float:
        """The score of some figures, what is not known taken at its worst: as `assetplan.score` has it, for one option."""
        total = 0.0
        for criterion in self.criteria:
            value = figures[criterion.name]
            if np.isnan(value):
                continue
            part = (min(max(value, criterion.low), criterion.high) - criterion.low) / (criterion.high - criterion.low)
            total += self.weights[criterion.name] * (part if criterion.direction == "more is better" else 1 - part)
        return 100 * total / sum(self.weights.values())

    def stability(self, at: Sequence[int], draws: int, seed: int) -> RankStability:
        """How far the order of some of the options hangs on the weights."""
        frame = self._frame([self.options[i].figures for i in at])
        by_name = {criterion.name: criterion for criterion in self.every}
        for row, i in enumerate(at):
            for name, best in self.options[i].bounds.items():
                if name in by_name:
                    # Known on one side only: midway, which is what draws between its ends come to.
                    worst, best = by_name[name].low, min(max(best, by_name[name].low), by_name[name].high)
                    frame.iloc[row, frame.columns.get_loc(name)] = (worst + best) / 2
        frame.index = pd.Index([self.options[i].option.option_id for i in at], dtype=object)
        return rank_stability(frame, self.every, draws=draws, seed=seed)


def ranked(
    options: Sequence[Colocation],
    weights: Weights,
    lens: Lens,
    *,
    draws: int,
    seed: int,
    apart: Sequence[Colocation] = (),
) -> tuple[list[Colocation], RankStability | None]:
    """Options in order of their score, those much alike folded; and those that something forbids after them, by the score they would have.

    `apart` are kept by themselves, whatever is like them.
    """
    if not options:
        return [], None
    scored = Scored(options, weights, lens)
    order = sorted(
        range(len(options)),
        key=lambda i: (
            options[i].barred,
            -round(float(scored.low[i]), 6),
            options[i].option.host,
            options[i].option.services,
        ),
    )
    folded = _folded(options, scored, order, {one.option.option_id for one in apart})
    open_ = [i for i in folded if not options[i].barred]
    stable = scored.stability(open_, draws, seed) if open_ else None
    out: list[Colocation] = []
    for rank, i in enumerate(folded, start=1):
        one = replace(options[i], variants=folded[i])
        if not one.barred and stable is not None:
            one = replace(one, rank=rank, **_placed(scored, stable, i, one.option.option_id))
        out.append(one)
    lows = {one.option.option_id: float(scored.low[i]) for i, one in zip(folded, out, strict=True) if not one.barred}
    told = [replace(one, answers=_answers(one, scored, lows)) for one in out]
    return told, stable


def _placed(scored: Scored, stable: RankStability, i: int, key: str) -> dict[str, Any]:
    table = scored.scores.table.iloc[i]
    contributions = scored.scores.contributions.iloc[i]
    shares = stable.acceptability.loc[key]
    top = min(1.0, float(shares.iloc[:_TOP].sum()))
    return {
        "score": float(table["score_low"]),
        "score_high": scored.at_best(i),
        "contributions": {name: None if np.isnan(points) else float(points) for name, points in contributions.items()},
        "first_share": float(shares.iloc[0]),
        "top3_share": top,
        "first_in": stable.first_in_words(key),
        "top3_in": _top_in_words(top, stable.draws),
    }


def _top_in_words(share: float, draws: int) -> str:
    if share == 0:
        return f"among the first three in none of {draws:,} weightings tried"
    if share > 1 - 1e-9:
        return f"among the first three in all {draws:,} weightings tried"
    percent = f"{share:.0%}"
    said = {"0%": "less than 1%", "100%": "more than 99%"}.get(percent, percent)
    return f"among the first three in {said} of weightings"


def _folded(
    options: Sequence[Colocation], scored: Scored, order: Sequence[int], apart: set[str]
) -> dict[int, tuple[tuple[str, ...], ...]]:
    """The options that stand for those much alike, in order, each with the services of the others."""
    by_host: dict[str, list[int]] = {}
    out: dict[int, tuple[tuple[str, ...], ...]] = {}
    for i in order:
        one = options[i]
        mine = set(one.option.services)
        if one.option.option_id not in apart:
            for j in by_host.get(one.option.host, ()):
                other = set(options[j].option.services)
                alike = len(mine & other) >= ALIKE * len(mine | other)
                if alike and one.barred == options[j].barred and abs(scored.low[i] - scored.low[j]) <= CLOSE:
                    out[j] = (*out[j], one.option.services)
                    break
            else:
                by_host.setdefault(one.option.host, []).append(i)
                out[i] = ()
            continue
        out[i] = ()
    return out


# ------------------------------------------------------------------------------------------------------- what answers could change


def _answers(one: Colocation, scored: Scored, lows: Mapping[str, float]) -> tuple[Answer, ...]:
    """What is not known of an option, who could find out, and what each answer by itself would do to its place."""
    others = np.array([low for key, low in lows.items() if key != one.option.option_id])

    def place(points: float) -> int:
        return 1 + int((others > points + 1e-9).sum())

    out = []
    for obstacle in one.of_state(NOT_KNOWN, ARGUABLE):
        finding = finding_out(obstacle.kind, obstacle.state)
        good = bad = None
        if not one.barred:
            good = place(scored.of(one.without(obstacle)))
            bad = None if finding.forbids else place(scored.of(one.figures))
        says = _matters(one, good, bad, forbids=finding.forbids)
        out.append(Answer(one.quoted(obstacle), obstacle.kind, obstacle.services, finding, good, bad, *says))
    for name, about in _FIGURES.items():
        if np.isnan(one.figures[name]) and name in scored.weights:
            finding = finding_out("figure")
            good = bad = None
            if not one.barred:
                criterion = next(criterion for criterion in scored.criteria if criterion.name == name)
                best = one.bounds.get(
                    name, criterion.high if criterion.direction == "more is better" else criterion.low
                )
                good, bad = place(scored.of({**one.figures, name: best})), place(scored.of(one.figures))
            says = _matters(one, good, bad, forbids=False)
            out.append(Answer(about, "figure", (), finding, good, bad, *says))
    return tuple(out)


def _matters(one: Colocation, good: int | None, bad: int | None, *, forbids: bool) -> tuple[str, bool]:
    """What the answer to one thing could do to the place of an option, and whether that is a place among the first three."""
    if one.barred or one.rank is None or good is None:
        return "something else forbids it, whatever the answer", False
    said = []
    if good == 1 < one.rank:
        said.append("could make it first")
    elif good <= _TOP < one.rank:
        said.append("could bring it among the first three")
    if forbids and one.rank == 1:
        said.append("could cost it the first place")
    elif forbids and one.rank <= _TOP:
        said.append("could cost it its place among the first three")
    if bad is not None and bad > one.rank and one.rank <= _TOP:
        said.append("could cost it its place")
    if said:
        return " or ".join(said), True
    return (
        "could rule it out, which leaves the first three as they are"
        if forbids
        else "leaves the first three as they are"
    ), False

"""Several appraisals beside one another: what each costs, saves and does to each body, who loses and by how much, least regret first.

What is least regretted is no sum of points. What is refused comes last; of the rest, what fails fewest of three questions comes first: is it
worth doing in nearly every draw of its inputs and under most named stresses, is any body worse off than it would be going alone, would anybody
travel farther. Of those that fail as many, the one comes first by which least is forgone in 19 of 20 draws. Net present value by itself ranks
nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assetplan.appraisal.budgets import SIGNED_FOR
from assetplan.declared import guessed
from assetplan.doubt.uncertainty import DRAWS, SEED
from assetplan.effects.deliverable import AXES
from assetplan.errors import ScenarioError, SubjectError
from assetplan.explaining.explainer import bodies_of, prices_of
from assetplan.figures.explanation import Explanation, Part
from assetplan.ranges import NIL_GBP
from assetplan.results.moved import alone_of, moves_of
from assetplan.results.standing import FORGONE_IN, Standing, farther_of, losses_of, measure_of, stresses_of
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from assetplan.results.result import Appraisal

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Appraisals beside one another, least regret first, those that are refused last.

    Attributes
    ----------
    standings
        Each with its reasons.
    draws, seed
        How many draws of the inputs reasons rest on, and where they start.
    """

    standings: tuple[Standing, ...]
    draws: int
    seed: int

    @property
    def results(self) -> tuple[Appraisal, ...]:
        """The appraisals, in their order here."""
        return tuple(one.result for one in self.standings)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row for each scenario, in order: money as pounds, least, central and most; words for the rest.

        Returns
        -------
        pandas.DataFrame
            Indexed by scenario, with `COLUMNS`. ``worst_off_gbp`` is against what that body would have alone, where such a scenario is compared.
        """
        rows = [_row(one) for one in self.standings]
        frame = pd.DataFrame(rows, columns=["scenario", *COLUMNS], dtype=object)
        return frame.set_index("scenario")

    def losers(self) -> pd.DataFrame:
        """Who is worse off by which scenario, against whom, and by how much.

        Returns
        -------
        pandas.DataFrame
            ``scenario``, ``organisation``, ``against`` (blank: the baseline), ``low_gbp``, ``central_gbp``, ``high_gbp`` (below 0: worse off),
            ``figure_id``.
        """
        rows = [
            (loss.scenario, loss.organisation, loss.against, loss.low, loss.central, loss.high, loss.figure_id)
            for one in self.standings
            for loss in one.losers
        ]
        return pd.DataFrame(
            rows, columns=["scenario", "organisation", "against", "low_gbp", "central_gbp", "high_gbp", "figure_id"]
        )

    def moves(self) -> pd.DataFrame:
        """What moves, by how many of the scenarios have it: moves that stand in many of them are those least regretted.

        Returns
        -------
        pandas.DataFrame
            ``move`` in words, ``scenarios`` that have it and are not refused, ``good_in`` those of them that fail none of the three questions.
        """
        found: dict[str, list[Standing]] = {}
        for one in self.standings:
            if not one.result.refused:
                for move in moves_of(one.result):
                    found.setdefault(move.what, []).append(one)
        rows = [
            (move, tuple(one.name for one in those), tuple(one.name for one in those if one.no_regret))
            for move, those in found.items()
        ]
        rows.sort(key=lambda row: (-len(row[2]), -len(row[1]), row[0]))
        return pd.DataFrame(rows, columns=["move", "scenarios", "good_in"], dtype=object)

    # ------------------------------------------------------------------------------------------- where figures come from

    def figure_ids(self) -> Iterator[str]:
        """Every figure: those of each appraisal after its scenario's name, and those of the comparison."""
        for one in self.standings:
            yield f"{one.name}/good_percent"
            yield from (f"{one.name}/stresses", f"{one.name}/stresses_withstood")
            yield f"{one.name}/forgone_gbp"
            yield from (loss.figure_id for loss in one.losses)
            yield from (f"{one.name}/{figure_id}" for figure_id in one.result.figure_ids())

    def explain(self, figure_id: str) -> Explanation:
        """Where a figure of the comparison, or of one of its appraisals, comes from.

        Parameters
        ----------
        figure_id
            The scenario's name, a stroke, and the figure: ``S2 Town front door/npv_gbp``.

        Raises
        ------
        SubjectError
            Where there is no such figure, with a guess at what was meant.
        """
        named = sorted(
            (one for one in self.standings if figure_id.startswith(f"{one.name}/")), key=lambda one: len(one.name)
        )
        if not named:
            hint = guessed(figure_id.split("/", maxsplit=1)[0], [one.name for one in self.standings])
            raise SubjectError(f"{visible(figure_id)!r} begins with the name of no scenario that is compared.{hint}")
        for one in named[:0:-1]:  # a name may begin with another and a stroke
            if self._knows(one, figure_id.removeprefix(f"{one.name}/")):
                return self._explained(one, figure_id)
        return self._explained(named[0], figure_id)

    def _knows(self, one: Standing, figure: str) -> bool:
        return self._own(one, figure) is not None or one.result.knows(figure)

    def _explained(self, one: Standing, figure_id: str) -> Explanation:
        rest = figure_id.removeprefix(f"{one.name}/")
        own = self._own(one, rest)
        if own is not None:
            return replace(own, figure_id=figure_id, ask=self.explain)
        found = one.result.explain(rest)
        parts = tuple(replace(part, figure_id=f"{one.name}/{part.figure_id}") for part in found.parts)
        return replace(found, figure_id=figure_id, parts=parts, ask=self.explain)

    def _own(self, one: Standing, figure: str) -> Explanation | None:
        inputs = one.result.explain("npv_gbp").inputs
        drawn = f"{self.draws:,} draws of what it rests on (seed {self.seed}), each input between its ends, apart from the others"
        npv = [
            Part(f"{each.name}/npv_gbp", f"net present value of {each.name}", each.result.npv_gbp)
            for each in self.standings
        ]
        if figure == "good_percent":
            how = f"The share of {drawn}, in which its net present value is not below nought."
            own = tuple(part for part in npv if part.figure_id == f"{one.name}/npv_gbp")
            value = 100 * one.good
            return Explanation(
                "", "In how many draws it is worth doing", value, value, value, "percent", "", how, "found", own, inputs
            )
        if figure in {"stresses", "stresses_withstood"}:
            rows = one.result.stress().dropna(subset=["npv_gbp"])
            parts = [
                Part(f"{one.name}/{key}", str(name), float(value))
                for key, name, value in zip(rows["figure_id"], rows["name"], rows["npv_gbp"], strict=True)
            ]
            value = float(one.stressed if figure == "stresses" else one.withstood)
            how = "Named stresses that it is put to" + (
                "." if figure == "stresses" else ", and in which it is still worth doing."
            )
            return Explanation("", how.rstrip("."), value, value, value, "", "", how, "found", tuple(parts), inputs)
        if figure == "forgone_gbp":
            how = (
                f"In each of {drawn}, what the best of those compared that are not refused, or nothing at all, is worth beyond it; "
                f"in 19 of 20 of them it is no more than this."
            )
            value = one.forgone_gbp
            prices = prices_of(one.result, discounted=True)
            return Explanation(
                "", "What is forgone by it", value, None, None, "GBP", prices, how, "found", tuple(npv), inputs
            )
        loss = next((loss for loss in one.losses if loss.figure_id == f"{one.name}/{figure}"), None)
        if loss is None:
            return None
        measure = measure_of(loss.organisation)
        parts = [Part(f"{one.name}/{measure}", f"with {one.name}", one.result.explain(measure).value or 0.0)]
        if loss.against:
            alone = next(each for each in self.standings if each.name == loss.against)
            parts.append(
                Part(
                    f"{alone.name}/{measure}",
                    f"with {alone.name}",
                    alone.result.explain(measure).value or 0.0,
                    times=-1.0,
                )
            )
        body = bodies_of(one.result).get(loss.organisation, loss.organisation)
        against = f"going alone ({loss.against})" if loss.against else "the baseline"
        how = f"Against {against}. Its ends are the worst of the one with the best of the other, which is wider than where they move together."
        return Explanation(
            "", f"What it does to {body}", loss.central, loss.low, loss.high, "GBP", one.result.explain(measure).price_base, how, "sum",
            tuple(parts), inputs,
        )  # fmt: skip


def compare(results: Iterable[Appraisal], *, draws: int = DRAWS, seed: int = SEED) -> Comparison:
    """Compare appraisals: what each costs, saves and does to each body, least regret first.

    Parameters
    ----------
    results
        What `assetplan.appraise_scenarios` gives: of one estate and reader, against one baseline, from one base year.
    draws, seed
        How many draws of the inputs are taken to say how often each is worth doing and what it may forgo, and where they start. The same input has
        the same draws in every scenario.

    Returns
    -------
    Comparison
        With `frame`, `losers` and `moves`. A body is held against the scenario that it would do alone where one is among them, the best for
        it where there are several, and it gains by it; else against the baseline.

    Raises
    ------
    ScenarioError
        Where two have one name, or are reckoned from other years or against other baselines.

    Notes
    -----
    The order is a way to read, not a finding: see the module's words. What is refused is appraised as a question and comes last.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> asked = [
    ...     ap.read_scenario(f"data/malton/scenarios/{name}.toml")
    ...     for name in ("s2-town-front-door", "s1-police-next-door")
    ... ]
    >>> found = ap.compare(ap.appraise_scenarios(estate, asked))
    >>> found.frame.index.tolist()
    ['S1 Police next door', 'S2 Town front door']
    """
    asked = list(results)
    _check(asked)
    npv = _drawn(asked, draws, seed)
    standing = [row for row, one in zip(npv, asked, strict=True) if not one.refused]
    best = np.max([np.zeros(draws), *standing], axis=0)
    alone: dict[str, list[Appraisal]] = {}
    for one in asked:
        body = alone_of(one)
        if body in one.estate.organisations:
            alone.setdefault(body, []).append(one)
    found = [
        Standing(
            one,
            None,
            float(np.mean(row >= -NIL_GBP)),
            *stresses_of(one),
            float(np.percentile(best - row, FORGONE_IN)),
            tuple(losses_of(one, alone)),
            farther_of(one),
        )
        for one, row in zip(asked, npv, strict=True)
    ]
    found.sort(
        key=lambda one: (bool(one.result.refused), one.failed, one.forgone_gbp, one.result.capital_gbp, one.name)
    )
    ranked = [replace(one, rank=None if one.result.refused else rank) for rank, one in enumerate(found, start=1)]
    return Comparison(tuple(ranked), draws, seed)


def _check(asked: Sequence[Appraisal]) -> None:
    problems = []
    names = [one.scenario.name for one in asked]
    problems += [
        f"name: {visible(name)!r} is that of several. Rename all but one."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if len({one.base_year for one in asked}) > 1:
        said = ", ".join(f"{visible(one.scenario.name)} from {one.base_year}" for one in asked)
        problems.append(f"base year: {said}. Give each the same start_year, the earliest of these.")
    for what, of in (
        ("baseline", lambda one: one.baseline),
        ("estate", lambda one: id(one.estate)),
    ):
        if asked and any(of(one) != of(asked[0]) for one in asked):
            problems.append(f"{what}: not the same for all of them. Appraise them together, with one start_year.")
    if problems:
        raise ScenarioError("These cannot be compared", problems)


def _drawn(asked: Sequence[Appraisal], draws: int, seed: int) -> list[Floats]:
    """The net present value of each, draw by draw."""
    return [one.draws(draws, seed).npv_gbp if one.economic.ledger.flows else np.zeros(draws) for one in asked]


_MONEY = {"capital": "capital_gbp", "usable_receipts": "usable_receipts_gbp", "running_cash": "running_cash_change_gbp_pa",
          "running_avoided": "running_avoided_change_gbp_pa", "npv": "npv_gbp"}  # fmt: skip


def _row(one: Standing) -> dict[str, Any]:
    result = one.result
    row: dict[str, Any] = {
        "scenario": one.name,
        "rank": one.rank,
        "refused": tuple(str(problem) for problem in result.refused),
    }
    row["moves"] = tuple(move.told for move in moves_of(result))
    for name, figure in _MONEY.items():
        unit = "gbp_pa" if figure.endswith("_pa") else "gbp"
        row |= dict(zip(_ends(name, unit), result.explain(figure).range or (None, None, None), strict=True))
    for step in range(1, SIGNED_FOR + 1):
        known = step < len(result.years)
        found = result.explain(f"revenue_effect_of_year_gbp/{result.years[step]}").value if known else None
        row[f"revenue_effect_year_{step}_gbp"] = found
    worst, ways = one.worst_off, result.access.total()
    return row | {
        "worst_off": worst.organisation if worst else "",
        "worst_off_against": worst.against if worst else "",
        "worst_off_gbp": worst.central if worst else None,
        "losers": tuple(loss.organisation for loss in one.losers),
        "people_minutes_change": _known(ways["people_minutes_change"]),
        "people_farther": _known(ways["people_farther"]),
        "worst_place": ways["worst_place"],
        "worst_change_min": _known(ways["worst_change_min"]),
        "response": result.response.verdict,
        **{axis.replace(" ", "_"): said for axis, said in result.deliverability.cells.items()},
        "chain_months": result.deliverability.chain.months,
        "good_percent": 100 * one.good,
        "stresses": one.stressed,
        "stresses_withstood": one.withstood,
        "forgone_gbp": one.forgone_gbp,
        "failed": one.failed,
        "to_confirm": result.deliverability.to_confirm,
        "not_counted": len(result.unknown),
    }


def _known(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _ends(name: str, unit: str) -> tuple[str, str, str]:
    return f"{name}_low_{unit}", f"{name}_{unit}", f"{name}_high_{unit}"


_MONEY_UNITS = [(name, "gbp_pa" if figure.endswith("_pa") else "gbp") for name, figure in _MONEY.items()]
COLUMNS = (
    "rank", "refused", "moves", *(end for name, unit in _MONEY_UNITS for end in _ends(name, unit)),
    *(f"revenue_effect_year_{step}_gbp" for step in range(1, SIGNED_FOR + 1)),
    "worst_off", "worst_off_against", "worst_off_gbp", "losers", "people_minutes_change", "people_farther", "worst_place", "worst_change_min",
    "response", *(axis.replace(" ", "_") for axis in AXES), "chain_months",
    "good_percent", "stresses", "stresses_withstood", "forgone_gbp", "failed", "to_confirm", "not_counted",
)  # fmt: skip

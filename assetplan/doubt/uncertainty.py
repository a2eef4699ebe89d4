"""How far a result can be relied on: which input moves it most, where it comes to nothing, and how it spreads when all are drawn at once.

Every sum is linear in each input by itself, so that what one input does alone is exact. Draws take inputs as independent of one another, which
makes their spread too narrow where several go wrong together; the range from all at their worst to all at their best is wider than any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assetplan.appraisal.flow import PUBLIC
from assetplan.declared import guessed
from assetplan.errors import ScenarioError
from assetplan.figures.explanation import in_unit
from assetplan.ranges import NIL_GBP, pounds
from assetplan.text import counted, visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from assetplan.appraisal.economic import Economic
    from assetplan.appraisal.flow import Flow
    from assetplan.figures.inputs import Input

    Floats = NDArray[np.float64]

NPV, PUBLIC_VALUE = "npv_gbp", "public_value_gbp"
TORNADO_COLUMNS = (
    "figure_id", "key", "name", "unit", "low", "central", "high", "low_gbp", "high_gbp", "swing_gbp", "break_even", "within", "possible", "chance",
    "break_even_words",
)  # fmt: skip
DRAWS, SEED = 10_000, 1
MOST_DRAWS = 1_000_000
"""More draws than this are refused: they are held in memory, and say nothing more."""
PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
_NOTHING_GBP = 1e-6
_DRAWN_APART = (
    "The same input has the same number wherever it counts, and in every scenario that has it by the same key. Different inputs are drawn as if they "
    "had nothing to do with one another: costs that rise together, and receipts that fall with them, spread wider than this. The range that is "
    "printed is therefore that with every input at its worst and at its best."
)


def counts_of(case: Economic, of: str) -> Callable[[Flow], float]:
    """How a flow counts in a present value: ``npv_gbp``, ``public_value_gbp``, or ``npv_gbp/`` and a body.

    Raises
    ------
    ScenarioError
        Where it is none of these.
    """
    if of == NPV:
        return case.npv
    if of == PUBLIC_VALUE:
        return case.discounted
    bodies = sorted({flow.organisation for flow in case.ledger.flows})
    known = [NPV, PUBLIC_VALUE, *(f"{NPV}/{body}" for body in bodies)]
    if of not in known:
        hint = guessed(of, known) or f" Known: {', '.join(known)}."
        raise ScenarioError(f"There is no present value {visible(of)!r} here.{hint}")
    body = of.removeprefix(f"{NPV}/")
    return lambda flow: case.discounted(flow) if flow.organisation == body else 0.0


# ------------------------------------------------------------------------------------------------------- tornado


def tornado(case: Economic, of: str = NPV) -> pd.DataFrame:
    """What each input does by itself to a present value, the others in the middle.

    Parameters
    ----------
    case
        The economic case.
    of
        ``npv_gbp``, ``public_value_gbp``, or ``npv_gbp/`` and a body.

    Returns
    -------
    pandas.DataFrame
        One row for each input, the widest swing first, then by key. ``figure_id``, ``key``, ``name``, ``unit``; ``low``, ``central``, ``high`` of
        the input; ``low_gbp`` and ``high_gbp``, the present value with the input at these ends; ``swing_gbp``; ``break_even``, the number of the
        input at which the present value is nought (NaN where it does not depend on it); ``within``, whether that is inside its range, and
        ``possible``, whether the input could be that number at all (both None where there is none); ``chance``, the probability of an input that is
        once 1 and once 0, NaN of any other; ``break_even_words``. Of a chance the break-even is the probability at which the value that is to be
        expected is nought, all else in the middle.
    """
    ledger = case.ledger
    weights = ledger.weights(counts_of(case, of))
    centre = float(ledger.sums(weights)[0, 0])
    ends = ledger.sums(weights, ledger.one_at_a_time())[:, 0].reshape(-1, 2)
    given = list(ledger.inputs.values())
    steps = np.array([max(1.0, abs(one.value.central), one.value.high - one.value.low) for one in given])
    moved = np.repeat(ledger.values(), len(given), axis=0)
    moved[np.diag_indices(len(given))] += steps
    changes = ledger.sums(weights, moved)[:, 0] - centre
    rows = []
    for one, (low, high), change, step in zip(given, ends, changes, steps, strict=True):
        figure_id = f"tornado/{one.key}" if of == NPV else f"tornado/{of}/{one.key}"
        chance = one.chance if one.draw == "chance" else np.nan
        broken = None if abs(change) < _NOTHING_GBP else float(one.value.central - centre * step / change)
        met = (np.nan, None, None) if broken is None else (broken, inside(one, broken), could_be(one, broken))
        row = (figure_id, one.key, one.name, one.unit, *one.value, float(low), float(high), float(abs(high - low)))
        rows.append((*row, *met, chance, _words(one, broken)))
    out = pd.DataFrame(rows, columns=list(TORNADO_COLUMNS)).astype({"within": object, "possible": object})
    return out.sort_values(["swing_gbp", "key"], ascending=[False, True], kind="stable", ignore_index=True)


def inside(given: Input, number: float) -> bool:
    """Whether a number is inside the range of an input; of a chance, whether it is a probability at all."""
    return given.value.low <= number <= given.value.high


def could_be(given: Input, number: float) -> bool:
    """Whether an input could be a number: costs, areas and months are not below 0, shares not above all of it; a benefit may be a loss."""
    if given.draw == "chance" or given.unit == "share of the floor":
        return 0 <= number <= 1
    if given.key.removeprefix("baseline/").startswith("benefit/"):
        return True
    return number >= 0 and (given.unit != "percent" or number <= 100 or given.key.endswith("/optimism"))


def _words(given: Input, broken: float | None) -> str:
    if broken is None:
        return "it makes no difference"
    if not could_be(given, broken):
        return "no number it could be"
    if given.draw == "chance":
        return f"a chance of about {broken:.0%}"
    where = "within its range" if inside(given, broken) else "outside its range"
    return f"{about(broken, given.unit)}, {where}"


def about(number: float, unit: str) -> str:
    """A number that is not known to the pound, with its unit.

    Examples
    --------
    >>> about(1_234_567, "GBP"), about(12_345, "GBP a year"), about(62.3456, "percent"), about(12.34, "GBP/m2")
    ('about £1.2m', 'about £12k a year', 'about 62%', 'about £12/m2')
    """
    if unit.startswith("GBP") and abs(number) >= NIL_GBP:
        return f"about {pounds(number)}{unit.removeprefix('GBP')}"
    rounded = float(f"{number:.2g}")
    return f"about {in_unit(rounded, unit)}"


# ------------------------------------------------------------------------------------------------------- draws


def share_of_draws(share: float, count: int | None = None) -> str:
    """A share of draws in words: all and none are said of the draws, for neither is certain.

    Examples
    --------
    >>> share_of_draws(0.594), share_of_draws(1.0, 10_000), share_of_draws(0.0), share_of_draws(0.9996, 10_000)
    ('59% of draws', 'all of 10,000 draws', 'none of the draws', 'more than 99% of 10,000 draws')
    """
    drawn = "draws" if count is None else f"{count:,} draws"
    if share in {0.0, 1.0}:
        return f"{'all' if share else 'none'} of {'the draws' if count is None else drawn}"
    if share > 0.99:
        return f"more than 99% of {drawn}"
    return f"less than 1% of {drawn}" if share < 0.01 else f"{share:.0%} of {drawn}"


@dataclass(frozen=True)
class Failure:
    """A release that may fail: in which share of draws it did, and what the present value was in these and in the others, on average."""

    key: str
    name: str
    failed: float
    npv_if_fails_gbp: float | None
    npv_if_not_gbp: float | None

    def __str__(self) -> str:
        said = f"{visible(self.name)}: it fails in {share_of_draws(self.failed)}"
        if self.npv_if_fails_gbp is None or self.npv_if_not_gbp is None:
            return said
        return f"{said}; net present value is then about {pounds(self.npv_if_fails_gbp)} on average, else about {pounds(self.npv_if_not_gbp)}"


@dataclass(frozen=True, eq=False)
class Draws:
    """Present values with all inputs drawn at once.

    Attributes
    ----------
    seed
        By which they can be had again.
    npv_gbp, public_value_gbp
        One number for each draw, real pounds of the base year.
    by_organisation
        The same by body: draws by bodies. Rows of the bodies and the exchequer sum to `npv_gbp`.
    failures
        What releases that may fail do.
    drawn
        How many inputs were drawn; the others are taken as certain.
    central_gbp
        Net present value with every input at its central number.
    """

    seed: int
    npv_gbp: Floats
    public_value_gbp: Floats
    by_organisation: pd.DataFrame
    failures: tuple[Failure, ...]
    drawn: int
    central_gbp: float

    def __len__(self) -> int:
        return len(self.npv_gbp)

    @property
    def probability_above_0(self) -> float:
        """The share of draws in which net present value is above nought."""
        return float(np.mean(self.npv_gbp > 0))

    @property
    def standard_error(self) -> float:
        """By how much that share would differ, mostly, with another seed: the standard error of a share."""
        share = self.probability_above_0
        return float(np.sqrt(share * (1 - share) / len(self)))

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """By figure: mean, its standard error, the 5th to the 95th of a hundred, and the share above nought."""
        values = {NPV: self.npv_gbp, PUBLIC_VALUE: self.public_value_gbp}
        values |= {f"{NPV}/{body}": self.by_organisation[body].to_numpy() for body in self.by_organisation}
        rows = {
            name: {
                "mean_gbp": float(np.mean(drawn)),
                "mean_error_gbp": float(np.std(drawn) / np.sqrt(len(drawn))),
                **{f"p{at}_gbp": float(np.percentile(drawn, at)) for at in PERCENTILES},
                "above_0": float(np.mean(drawn > 0)),
            }
            for name, drawn in values.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("figure")

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be read beside them."""
        return (
            f"{counted(len(self), 'draw')} of {counted(self.drawn, 'input')}, seed {self.seed}; each between its ends, its centre the likeliest.",
            _DRAWN_APART,
            *self._lopsided(),
            *(f"{one}." for one in self.failures),
        )

    def _lopsided(self) -> tuple[str, ...]:
        least, middle, most = np.percentile(self.npv_gbp, (25, 50, 75))
        if least <= self.central_gbp <= most:
            return ()
        way = "below" if middle < self.central_gbp else "above"
        side = "worse" if way == "below" else "better"
        said = f"Half of the draws are {way} about {pounds(middle)}, where every input at its central number gives about {pounds(self.central_gbp)}"
        return (f"{said}: the ranges reach further to the side that makes it {side}.",)


def draws(case: Economic, count: int = DRAWS, seed: int = SEED) -> Draws:
    """Draw all inputs at once, many times over.

    Parameters
    ----------
    case
        The economic case.
    count
        How many draws, from 1 to 1,000,000.
    seed
        A whole number, 0 or more; the same gives the same draws.

    Returns
    -------
    Draws

    Raises
    ------
    ScenarioError
        Where one of them is no such number.
    """
    for name, number, least, most in (("count", count, 1, MOST_DRAWS), ("seed", seed, 0, None)):
        if isinstance(number, bool) or not isinstance(number, int) or number < least or (most and number > most):
            wanted = f"from {least:,} to {most:,}" if most else f"{least} or more"
            raise ScenarioError(f"{name}: a whole number, {wanted}, is wanted, not {visible(str(number))}.")
    ledger = case.ledger
    bodies = sorted({flow.organisation for flow in ledger.flows} - {PUBLIC})
    weights = ledger.weights(case.npv, case.discounted, *(counts_of(case, f"{NPV}/{body}") for body in bodies))
    chances = {key: column for key, column in ledger.columns.items() if ledger.inputs[key].draw == "chance"}
    sums, succeeds = [], []
    for rows in ledger.in_blocks(count, seed):
        sums.append(ledger.sums(weights, rows))
        succeeds.append(rows[:, list(chances.values())])
    drawn, went = np.vstack(sums), np.vstack(succeeds) > 0
    failures = tuple(
        Failure(
            key, ledger.inputs[key].name, float(np.mean(~went[:, at])), _mean(drawn[~went[:, at], 0]), _mean(drawn[went[:, at], 0])
        )
        for at, key in enumerate(chances)
    )  # fmt: skip
    frame = pd.DataFrame(drawn[:, 2:], columns=pd.Index(bodies, dtype=object))
    return Draws(seed, drawn[:, 0], drawn[:, 1], frame, failures, sum(one.varies for one in ledger.inputs.values()),
                 float(ledger.sums(weights)[0, 0]))  # fmt: skip


def _mean(values: Floats) -> float | None:
    return float(np.mean(values)) if len(values) else None

"""Scores by hand and by brute force, and rank stability against closed forms: what is not known is never nothing."""

import itertools
import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import assetplan as ap
from assetplan import stability
from assetplan.scoring import DIRECTIONS, SCORE_COLUMNS, Scores
from assetplan.stability import MOST_OPTIONS, RankStability

MORE, LESS = DIRECTIONS
HOMES = ap.Criterion("homes", "more is better", "homes", 0, 100, "local plan")
MONTHS = ap.Criterion("months", "less is better", "months", 0, 60, "programme")
VALUE = ap.Criterion("value_gbp", "more is better", "GBP", -500_000, 500_000, "assumptions")
ALL = (HOMES, MONTHS, VALUE)
WEIGHTS = {"homes": 50, "months": 30, "value_gbp": 20}
TABLE = pd.DataFrame(
    {
        "homes": [90, 40, 10],
        "months": [60, 15, 0],
        "value_gbp": [0.0, 250_000.0, -500_000.0],
        "name": ["Six", "Depot", "Yard"],
    },
    index=pd.Index(["six", "depot", "yard"], name="group"),
)


def plain(k: int) -> list[ap.Criterion]:
    return [ap.Criterion(f"c{j}", "more is better", "points", 0, 1, "test") for j in range(k)]


def options(rows: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        rows, columns=[f"c{j}" for j in range(len(rows[0]))], index=[f"o{i}" for i in range(len(rows))], dtype=float
    )


@st.composite
def tables(draw: st.DrawFn, unknown: bool = True) -> pd.DataFrame:
    """Up to four options by up to three criteria, in quarters, some not known."""
    k = draw(st.integers(1, 3))
    cell = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, *([math.nan, math.nan] if unknown else [])])
    return options(draw(st.lists(st.lists(cell, min_size=k, max_size=k), min_size=1, max_size=4)))


def weightings(k: int) -> st.SearchStrategy[dict[str, int]]:
    return (
        st.lists(st.integers(0, 9), min_size=k, max_size=k)
        .filter(any)
        .map(lambda ws: {f"c{j}": w for j, w in enumerate(ws)})
    )


# ------------------------------------------------------------------------------------------------------------------- scores


def test_scores_by_hand() -> None:
    scores = ap.score(TABLE, ALL, WEIGHTS)
    assert scores.contributions.to_dict("list") == {
        "homes": [45.0, 20.0, 5.0],
        "months": [0.0, 22.5, 30.0],
        "value_gbp": [10.0, 15.0, 0.0],
    }
    assert scores.table["score_low"].to_dict() == {"six": 55.0, "depot": 57.5, "yard": 35.0}
    assert scores.table["rank_best"].tolist() == scores.table["rank_worst"].tolist() == [2, 1, 3]
    assert tuple(scores.table) == SCORE_COLUMNS
    assert scores.table.index.equals(TABLE.index)
    assert scores.weights.to_dict() == {"homes": 0.5, "months": 0.3, "value_gbp": 0.2}
    assert repr(scores) == "<Scores of three options by homes 50%, months 30%, value_gbp 20%; every figure known>"


def test_the_weighted_sum_of_scikit_criteria() -> None:
    """tests/agg/test_simple.py: [[1, 0, 3], [0, 5, 6]] with equal weights sums to 4 and 11, ranks 2 and 1."""
    criteria = [replace(criterion, high=10) for criterion in plain(3)]
    scores = ap.score(options([[1, 0, 3], [0, 5, 6]]), criteria, {"c0": 1, "c1": 1, "c2": 1})
    assert (scores.table["score_low"] * 30 / 100).tolist() == pytest.approx([4, 11])
    assert scores.table["rank_best"].tolist() == [2, 1]


@pytest.mark.parametrize("nothing", [None, math.nan, pd.NA, pd.NaT])
def test_what_is_not_known_makes_a_range(nothing: object) -> None:
    table = TABLE.astype({"months": object})
    table.loc["depot", "months"] = nothing
    scores = ap.score(table, ALL, WEIGHTS)
    assert scores.table.loc["depot"].to_dict() == {
        "score_low": 35.0, "score_high": 65.0, "rank_best": 1, "rank_worst": 2, "missing": ("months",),
    }  # fmt: skip
    assert math.isnan(scores.contributions.at["depot", "months"])
    assert scores.table.loc["six", ["rank_best", "rank_worst"]].tolist() == [1, 2]
    assert scores.table.loc["yard", ["rank_best", "rank_worst"]].tolist() == [2, 3]
    assert "one figure not known" in repr(scores)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_contributions_make_up_the_score_and_ranges_are_those_of_every_possible_figure(data: st.DataObject) -> None:
    table = data.draw(tables())
    weights = data.draw(weightings(table.shape[1]))
    scores = ap.score(table, plain(table.shape[1]), weights)
    assert (scores.contributions.sum(axis=1) == scores.table["score_low"]).all()
    assert scores.contributions.isna().equals(table.isna())
    share = np.array(list(weights.values())) / sum(weights.values())
    gaps = [tuple(at) for at in np.argwhere(table.isna().to_numpy())]
    assume(len(gaps) <= 6)
    seen, ranks = [], []
    for ends in itertools.product((0.0, 1.0), repeat=len(gaps)):
        filled = table.to_numpy(copy=True)
        for at, end in zip(gaps, ends, strict=True):
            filled[at] = end
        points = 100 * filled @ share
        seen.append(points)
        ranks.append(1 + (points[None, :] > points[:, None] + 1e-9).sum(axis=1))
    assert scores.table["score_low"].tolist() == pytest.approx(np.min(seen, axis=0).tolist())
    assert scores.table["score_high"].tolist() == pytest.approx(np.max(seen, axis=0).tolist())
    assert scores.table["rank_best"].tolist() == np.min(ranks, axis=0).tolist()
    assert scores.table["rank_worst"].tolist() == np.max(ranks, axis=0).tolist()


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_units_directions_and_the_scale_of_weights_make_no_difference(data: st.DataObject) -> None:
    table = data.draw(tables())
    k = table.shape[1]
    weights = data.draw(weightings(k))
    before = ap.score(table, plain(k), weights).table
    turned = [replace(criterion, direction=LESS, low=-1000.0, high=0.0) for criterion in plain(k)]
    after = ap.score(-1000 * table, turned, {name: 7 * weight for name, weight in weights.items()}).table
    pd.testing.assert_frame_equal(before, after)


def test_figures_of_any_kind_of_number_and_nothing_is_changed() -> None:
    table = pd.DataFrame(
        {"homes": [Decimal(90), np.int64(40), np.float32(10)], "months": pd.array([60, None, 0], dtype="Int64")}
    )
    kept = table.copy(deep=True)
    scores = ap.score(table, (HOMES, MONTHS), pd.Series({"months": 1, "homes": 1}))
    assert scores.table["score_low"].tolist() == [45.0, 20.0, 55.0]
    assert scores.table["score_high"].tolist() == [45.0, 70.0, 55.0]
    pd.testing.assert_frame_equal(table, kept)


def test_no_options() -> None:
    scores = ap.score(TABLE.iloc[:0], ALL, WEIGHTS)
    assert tuple(scores.table) == SCORE_COLUMNS
    assert list(scores.contributions) == ["homes", "months", "value_gbp"]
    assert scores.table.empty
    found = ap.rank_stability(TABLE.iloc[:0], ALL)
    assert found.acceptability.shape == (0, 0)
    assert found.central_weights.shape == (0, 3)
    assert found.incomplete == ()


def test_all_that_is_wrong_is_told_together() -> None:
    table = TABLE.drop(columns="value_gbp").assign(homes=["many", 140, 1], months=[61, -1, 3], value_gpb=0)
    with pytest.raises(ValueError) as caught:
        ap.score(table, ALL, {"homes": -1, "mnths": 2, "value_gbp": math.nan})
    said = str(caught.value)
    for line in (
        "table: there is no column 'value_gbp'. Did you mean 'value_gpb'?",
        "homes: six: a number is wanted, not 'many'",
        "months: six, depot: beyond the range 0 to 60 months (61). Widen the criterion's range",
        "weights: 'mnths' is no criterion here. Did you mean 'months'?",
        "weights: none is given for months. Write 0 for what shall not count.",
        "weights: homes: a number of 0 or more is wanted, not -1",
        "weights: value_gbp: a number of 0 or more is wanted, not nan",
    ):
        assert line in said, line


@pytest.mark.parametrize(
    ("table", "criteria", "weights", "said"),
    [
        (TABLE, (), {}, "criteria: none is given"),
        (TABLE, (HOMES, HOMES), {"homes": 1}, "criteria: homes: named more than once"),
        (pd.concat([TABLE, TABLE]), (HOMES,), {"homes": 1}, "table: six, depot, yard: named more than once"),
        (TABLE, (HOMES,), {"homes": 0}, "all are 0"),
        (TABLE, (HOMES,), {"homes": True}, "a number of 0 or more is wanted, not True"),
        (TABLE.assign(homes=math.inf), (HOMES,), {"homes": 1}, "beyond the range"),
        (TABLE.assign(homes=10**400), (HOMES,), {"homes": 1}, "beyond the range"),
        (TABLE.assign(homes=True), (HOMES,), {"homes": 1}, "a number is wanted, not True"),
        (pd.DataFrame({"homes": [101] * 9}), (HOMES,), {"homes": 1}, "0, 1, 2, 3, 4 and 4 more: beyond"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    table: pd.DataFrame, criteria: tuple[ap.Criterion, ...], weights: dict[str, float], said: str
) -> None:
    with pytest.raises(ValueError) as caught:
        ap.score(table, criteria, weights)
    assert said in str(caught.value)


def test_criteria_that_are_refused() -> None:
    with pytest.raises(ValueError) as caught:
        ap.Criterion("", "more is beter", "", math.nan, "7", "")
    said = str(caught.value)
    for line in (
        "name: none",
        "unit: none",
        "source: none",
        "Did you mean 'more is better'",
        "low: a finite number",
        "high: a finite number",
    ):
        assert line in said
    with pytest.raises(ValueError, match="low: 5 is not below high, 5"):
        replace(HOMES, low=5, high=5)


# ---------------------------------------------------------------------------------------------------------------- stability


def first(found: RankStability) -> list[float]:
    return found.acceptability[1].tolist()


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=5, unique=True))
@settings(max_examples=20, deadline=None)
def test_two_criteria_against_the_line_of_all_weights(pairs: list[tuple[int, int]]) -> None:
    """With two criteria a weighting is a point of the line from 0 to 1: ranks on a fine grid of it."""
    table = options([[a / 20, b / 20] for a, b in pairs])
    found = ap.rank_stability(table, plain(2), draws=4000)
    grid = (np.arange(5000) + 0.5) / 5000
    scores = np.outer(grid, table["c0"]) + np.outer(1 - grid, table["c1"])
    order = np.argsort(-scores, axis=1)
    expected = np.array([[(order[:, rank] == i).mean() for rank in range(len(pairs))] for i in range(len(pairs))])
    assert np.abs(found.acceptability.to_numpy() - expected).max() < 0.04


def test_two_options_against_the_closed_form() -> None:
    """With weights even on the simplex, P(sum w_j d_j > 0) is the sum over d_j > 0 of d_j^(k-1) / prod over l of (d_j - d_l)."""
    differences = [0.6, -0.35, 0.2, -0.5, 0.1]
    expected = sum(
        d ** (len(differences) - 1) / math.prod(d - other for other in differences if other != d)
        for d in differences
        if d > 0
    )
    table = options([[0.5 + d / 2 for d in differences], [0.5 - d / 2 for d in differences]])
    found = ap.rank_stability(table, plain(5), draws=40_000)
    assert first(found) == pytest.approx([expected, 1 - expected], abs=0.01)


def test_an_order_of_importance_has_the_centroid_weights() -> None:
    """Weights even among those in an order have the rank order centroid for mean: w_i = sum over j >= i of 1/j, over k (Barron and Barrett 1996)."""
    table = options([[1, 1, 1, 1], [0, 0, 0, 0]])
    criteria = plain(4)
    found = ap.rank_stability(table, criteria, ["c2", "c0", "c3", "c1"], draws=40_000)
    centroid = {name: sum(1 / j for j in range(i, 5)) / 4 for i, name in enumerate(["c2", "c0", "c3", "c1"], start=1)}
    assert found.central_weights.loc["o0"].to_dict() == pytest.approx(centroid, abs=0.01)
    assert found.central_weights.loc["o1"].isna().all()
    assert math.isnan(found.confidence["o1"])
    part = ap.rank_stability(options([[1, 0, 0], [0, 1, 0], [0, 0, 1]]), plain(3), ["c0", "c2"], draws=20_000)
    assert part.acceptability.at["o2", 1] == 0
    assert first(part)[0] == pytest.approx(2 / 3, abs=0.015)


@pytest.mark.parametrize(
    "bounds",
    [
        {"c0": (0.2, 0.5), "c1": (0.1, 0.6), "c2": (0.0, 0.4)},
        {"c0": (0.3, 0.9)},
        {"c0": (0.1, 0.3), "c1": (0.2, 0.5), "c2": (0.05, 0.4), "c3": (0.1, 0.6)},
    ],
)
def test_weights_between_bounds_against_rejection(bounds: dict[str, tuple[float, float]]) -> None:
    k = max(3, len(bounds))
    low = np.array([bounds.get(f"c{j}", (0, 1))[0] for j in range(k)])
    high = np.array([bounds.get(f"c{j}", (0, 1))[1] for j in range(k)])
    weights = np.random.default_rng(5).dirichlet(np.ones(k), 400_000)
    weights = weights[((weights >= low) & (weights <= high)).all(axis=1)]
    table = options(np.random.default_rng(6).random((4, k)).tolist())
    expected = np.bincount(np.argmax(weights @ table.to_numpy().T, axis=1), minlength=4) / len(weights)
    found = ap.rank_stability(table, plain(k), bounds, draws=20_000)
    assert first(found) == pytest.approx(expected.tolist(), abs=0.02)
    alone = ap.rank_stability(options([[1.0] * k]), plain(k), bounds, draws=20_000).central_weights.loc["o0"].to_numpy()
    assert alone == pytest.approx(weights.mean(axis=0), abs=0.006)
    assert ((low - 1e-9 <= alone) & (alone <= high + 1e-9)).all()


def test_two_criteria_between_bounds() -> None:
    """The first is ahead where its weight is above one half: of the range 0.2 to 0.6, a quarter; or between 0.4 and 0.6, a half."""
    table = options([[1, 0], [0, 1]])
    assert first(ap.rank_stability(table, plain(2), {"c0": (0.2, 0.6)}))[0] == pytest.approx(0.25, abs=0.015)
    assert first(ap.rank_stability(table, plain(2), {"c0": (0.2, 0.6), "c1": (0.0, 0.6)}))[0] == pytest.approx(
        0.5, abs=0.015
    )
    assert first(ap.rank_stability(table, plain(2), {"c0": 0.6})) == [1.0, 0.0]
    assert first(ap.rank_stability(table, plain(2), {"c0": 0.4, "c1": 0.6})) == [0.0, 1.0]


@given(tables(unknown=False), st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_every_rank_is_had_by_somebody_and_ties_are_shared(table: pd.DataFrame, seed: int) -> None:
    table = pd.concat([table, table.iloc[[0]].rename({"o0": "twin"})])
    found = ap.rank_stability(table, plain(table.shape[1]), draws=300, seed=seed).acceptability
    assert found.sum(axis=0).tolist() == pytest.approx([1.0] * len(table))
    assert found.sum(axis=1).tolist() == pytest.approx([1.0] * len(table))
    assert found.loc["o0"].tolist() == found.loc["twin"].tolist()


def test_ties_by_hand() -> None:
    table = options([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [1, 1], [0, 0]])
    found = ap.rank_stability(table, plain(2), draws=10)
    third = pytest.approx([0, 1 / 3, 1 / 3, 1 / 3, 0])
    assert found.acceptability.values.tolist() == [third, third, third, [1, 0, 0, 0, 0], [0, 0, 0, 0, 1]]
    both = ap.rank_stability(table.iloc[:2], plain(2), draws=10)
    assert both.confidence.tolist() == [0.5, 0.5]
    assert first(both) == [0.5, 0.5]


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_the_order_of_options_and_criteria_makes_no_difference(data: st.DataObject) -> None:
    table = data.draw(tables())
    criteria = data.draw(st.permutations(plain(table.shape[1])))
    rows = data.draw(st.permutations(list(table.index)))
    one = ap.rank_stability(table, plain(table.shape[1]), draws=200)
    other = ap.rank_stability(table.loc[rows], criteria, draws=200)
    assert other.acceptability.index.tolist() == rows
    assert list(other.central_weights) == [criterion.name for criterion in criteria]
    pd.testing.assert_frame_equal(one.acceptability, other.acceptability.loc[table.index])
    pd.testing.assert_frame_equal(
        one.central_weights, other.central_weights.loc[table.index, list(one.central_weights)]
    )
    pd.testing.assert_series_equal(one.confidence, other.confidence.loc[table.index])
    assert set(one.incomplete) == set(other.incomplete) == set(table.index[table.isna().any(axis=1)])


def test_a_loser_taken_away_leaves_the_winners_as_they_were() -> None:
    """After scikit-criteria's tests of rank reversal: with stated ranges a dominated option has no say in who is first."""
    rng = np.random.default_rng(8)
    table = options((rng.random((5, 3)) * 0.5 + 0.5).tolist())
    table.loc["worse"] = table.min() - 0.1
    whole = ap.rank_stability(table, plain(3))
    assert first(whole)[-1] == 0
    assert first(ap.rank_stability(table.drop(index="worse"), plain(3))) == first(whole)[:-1]


def test_the_same_seed_says_the_same_however_the_work_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    table = options(np.random.default_rng(4).random((6, 3)).tolist())
    one = ap.rank_stability(table, plain(3), draws=500)
    monkeypatch.setattr(stability, "_CELLS", 50)
    two = ap.rank_stability(table, plain(3), draws=500)
    pd.testing.assert_frame_equal(one.acceptability, two.acceptability)
    pd.testing.assert_frame_equal(one.central_weights, two.central_weights)
    pd.testing.assert_series_equal(one.confidence, two.confidence)
    assert not one.acceptability.equals(ap.rank_stability(table, plain(3), draws=500, seed=1).acceptability)


def test_what_is_not_known_is_drawn_over_its_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stability, "_CELLS", 9_999)  # several cuts
    found = ap.rank_stability(options([[0.7], [math.nan], [0.2]]), plain(1))
    assert first(found) == pytest.approx([0.7, 0.3, 0.0], abs=0.015)
    assert found.acceptability.at["o1", 3] == pytest.approx(0.2, abs=0.015)
    assert found.confidence.tolist()[:2] == pytest.approx([0.7, 0.3], abs=0.015)
    assert found.incomplete == ("o1",)
    two = ap.rank_stability(options([[math.nan, 0.5], [math.nan, 0.5]]), plain(2))
    assert first(two) == pytest.approx([0.5, 0.5], abs=0.015)
    assert two.confidence.tolist() == pytest.approx([0.5, 0.5], abs=0.015)


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_confidence_by_drawing_again(data: st.DataObject) -> None:
    table = data.draw(tables())
    k = table.shape[1]
    found = ap.rank_stability(table, plain(k), draws=3000)
    rng = np.random.default_rng(99)
    for i, option in enumerate(table.index):
        if math.isnan(found.confidence[option]):
            assert found.acceptability.at[option, 1] == 0
            continue
        cells = np.broadcast_to(table.to_numpy(), (3000, *table.shape))
        drawn = np.where(np.isnan(cells), rng.random(cells.shape), cells) @ found.central_weights.loc[option].to_numpy()
        ahead = drawn >= drawn.max(axis=1, keepdims=True) - 1e-12
        assert found.confidence[option] == pytest.approx(float((ahead[:, i] / ahead.sum(axis=1)).mean()), abs=0.05)


@pytest.mark.parametrize(
    ("weights", "options_", "said"),
    [
        (["homes", "mnths"], {}, "'mnths' is no criterion here. Did you mean 'months'?"),
        (["homes", "homes"], {}, "homes: named more than once"),
        ("homes", {}, "a list of criteria"),
        ({"homse": 0.5}, {}, "'homse' is no criterion here. Did you mean 'homes'?"),
        ({"homes": (0.5, 0.2)}, {}, "not (0.5, 0.2)"),
        ({"homes": (0.1, 0.2, 0.3)}, {}, "not (0.1, 0.2, 0.3)"),
        ({"homes": 40, "months": 60}, {}, "a share of 1"),
        ({"homes": math.nan}, {}, "not nan"),
        ({"homes": (0.7, 1), "months": (0.6, 1)}, {}, "the least add up to 1.3, more than 1"),
        ({"homes": (0, 0.2), "months": (0, 0.3), "value_gbp": (0, 0.1)}, {}, "the greatest add up to 0.6, less than 1"),
        (None, {"draws": 0}, "draws: a whole number of at least 1"),
        (None, {"seed": -1}, "seed: a whole number of at least 0"),
    ],
)
def test_weights_that_are_refused(weights: object, options_: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError) as caught:
        ap.rank_stability(TABLE, ALL, weights, **options_)
    assert said in str(caught.value)


def test_too_many_options_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 1,000 options"):
        ap.rank_stability(pd.DataFrame({"homes": [1] * (MOST_OPTIONS + 1)}), (HOMES,))


def test_ranges_around_weights() -> None:
    assert ap.weight_ranges({"homes": 3, "months": 1}, by=0) == {"homes": (0.75, 0.75), "months": (0.25, 0.25)}
    sure = ap.rank_stability(TABLE, ALL, ap.weight_ranges(WEIGHTS, by=0), draws=50)
    assert first(sure) == [0.0, 1.0, 0.0]
    assert sure.central_weights.loc["depot"].to_dict() == pytest.approx({"homes": 0.5, "months": 0.3, "value_gbp": 0.2})
    for weights, by in ((WEIGHTS, 1.5), (WEIGHTS, math.nan), ({"homes": -1}, 0.5), ({"homes": 0}, 0.5)):
        with pytest.raises(ValueError):
            ap.weight_ranges(weights, by)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "first in none of 10,000 weightings tried"),
        (0.0001, "first in less than 1% of weightings"),
        (0.63, "first in 63% of weightings"),
        (0.9999, "first in more than 99% of weightings"),
        (1.0, "first in all 10,000 weightings tried"),
    ],
)
def test_first_in_words(share: float, said: str) -> None:
    frame = pd.DataFrame({1: [share]}, index=["six"])
    found = RankStability(frame, frame, frame[1], 10_000, ())
    assert found.first_in_words("six") == said
    unknown = replace(found, incomplete=("six",))
    assert unknown.first_in_words("six") == f"{said}, with figures not known drawn over their ranges"
    with pytest.raises(ValueError, match=r"sixx: no such option\. Did you mean 'six'"):
        found.first_in_words("sixx")


def test_results_are_values_that_cannot_be_changed() -> None:
    scores = ap.score(TABLE, ALL, WEIGHTS)
    assert isinstance(scores, Scores)
    with pytest.raises(AttributeError):
        scores.weights = None

"""How well two services would go together, and the pieces of its test on real outcomes: what leaks the answer and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bench_pairing as bench
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

import assetplan as ap
from assetplan.schema import table as columns_of

if TYPE_CHECKING:
    from pathlib import Path

TOML = 'name = "Testham"\n[organisations.a]\nname = "Body A"\n[registers."a.csv"]\norganisation = "a"\n'
REGISTER = "Ref,Name,Easting,Northing,Use\nR1,Town Hall,450000,450000,Offices\n"
strengths = st.sampled_from((1.0, 2.0, 3.0))
metres = st.floats(0, 50_000)


def said(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["function_a", "function_b", "effect", "strength"])


def folder(path: Path, affinities: str) -> Path:
    (path / "registers").mkdir(parents=True)
    (path / "registers" / "a.csv").write_text(REGISTER, encoding="utf-8")
    (path / "estate.toml").write_text(TOML, encoding="utf-8")
    if affinities:
        (path / "affinities.csv").write_text(affinities, encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------------- the package's table


def test_each_pair_of_the_packages_table_is_there_once_with_a_reason_and_a_source_and_its_strength_keeps_the_rule() -> (
    None
):
    table = ap.default_affinities()
    assert list(table) == [name for name in columns_of("affinities") if name != "audience"]
    pairs = [tuple(sorted(pair)) for pair in zip(table["function_a"], table["function_b"], strict=True)]
    assert len(set(pairs)) == len(pairs)
    assert all(one != other for one, other in pairs)
    assert table["affinity_id"].is_monotonic_increasing
    assert table["reason"].str.len().gt(10).all()
    assert table["source"].str.len().gt(10).all()
    assumed = table["source"].str.startswith("assumption")
    affinity = table["effect"] == "affinity"
    assert (table["strength"].eq(1) == assumed)[affinity].all()
    assert assumed[~affinity].all()
    assert table["strength"].isin([1, 2, 3]).all()
    assert table.loc[~affinity, "strength"].max() < 3
    table["strength"] = 0
    assert (ap.default_affinities()["strength"] > 0).all()


def test_the_packages_table_can_be_copied_into_a_folder_as_it_stands(tmp_path: Path) -> None:
    table = ap.default_affinities()
    estate = ap.read_estate(folder(tmp_path, table.assign(illustrative="no").to_csv(index=False)))
    assert estate.affinities["affinity_id"].tolist() == table["affinity_id"].tolist()
    assert estate.issues[estate.issues["file"] == "affinities.csv"].empty


def test_a_folders_own_table_stands_alone_and_a_folder_without_one_has_the_packages(tmp_path: Path) -> None:
    own = "affinity_id,function_a,function_b,effect,strength,reason,audience\nx,library,store,affinity,2,near,a\n"
    estate = ap.read_estate(folder(tmp_path / "own", own))
    assert ap.affinities_of(estate)["affinity_id"].tolist() == ["x"]
    assert len(ap.affinities_of(estate.for_audience("public"))) == len(
        ap.default_affinities()
    )  # x is not public's to see
    none = ap.read_estate(folder(tmp_path / "none", ""))
    pd.testing.assert_frame_equal(ap.affinities_of(none), ap.default_affinities())


# ------------------------------------------------------------------------------------------------- scores


@settings(max_examples=50)
@given(strengths, strengths, metres, metres)
def test_more_affinity_never_lowers_and_farther_never_raises(one: float, other: float, near: float, far: float) -> None:
    weak, strong = sorted((one, other))
    near, far = sorted((near, far))
    tables = [said(("a", "b", "affinity", strength)) for strength in (weak, strong)]
    low, high = (ap.pairing_score("a", "b", distance_m=near, affinities=table) for table in tables)
    assert 0 <= low <= high <= 1
    assert ap.pairing_score("a", "b", distance_m=far, affinities=tables[0]) <= low
    apart = said(("a", "b", "conflict", weak))
    assert ap.pairing_score("b", "a", distance_m=near, affinities=apart) == pytest.approx(-weak / 3)
    assert ap.pairing_score("b", "a", distance_m=far, affinities=apart) == pytest.approx(-weak / 3)
    both = pd.concat([tables[1], apart, tables[0]])
    assert ap.pairing_score("a", "b", distance_m=near, affinities=both) == pytest.approx(-weak / 3)


def test_either_way_round_whatever_the_capitals_and_the_strongest_row_counts() -> None:
    table = said(("Fire  Station", "library", "affinity", 1), ("library", "fire station", "affinity", 3))
    assert ap.pairing_score("LIBRARY ", "fire station", distance_m=0, affinities=table) == 1
    assert ap.pairing_score("fire station", "library", travel_min=10, affinities=table) == 0.5
    assert ap.pairing_score("fire station", "library", travel_min=float("inf"), affinities=table) == 0


def test_what_is_not_known_is_not_nought() -> None:
    nothing = said()
    assert ap.pairing_score("a", "b", distance_m=0, affinities=nothing) is None
    good, bad = said(("a", "b", "affinity", 2)), said(("a", "b", "conflict", 2))
    for unknown in (None, float("nan")):
        assert ap.pairing_score("a", "b", distance_m=unknown, affinities=good) is None
        assert ap.pairing_score("a", "b", distance_m=unknown, affinities=bad) == pytest.approx(-2 / 3)


def test_many_at_once_are_as_one_by_one_and_keep_their_index() -> None:
    pairs = pd.DataFrame(
        {
            "function_a": ["library", "care home", "store"],
            "function_b": ["museum", "fire station", "library"],
            "travel_min": [5.0, None, 0.0],
        },
        index=["x", "z", "y"],
    )
    scores = ap.pairing_scores(pairs)
    assert scores.index.tolist() == ["x", "z", "y"]
    for name, row in pairs.iterrows():
        alone = ap.pairing_score(row["function_a"], row["function_b"], travel_min=row["travel_min"])
        assert scores[name] == alone or (alone is None and np.isnan(scores[name]))
    assert ap.pairing_scores(pairs.iloc[:0]).tolist() == []


@pytest.mark.parametrize(
    ("table", "far", "message"),
    [
        (said(("a", "b", "love", 2)), {"distance_m": 1}, "its effect is love; it is one of affinity, conflict"),
        (said(("a", "b", "affinity", 9)), {"distance_m": 1}, "its strength is 9"),
        (said(("a", "b\n", "affinity", float("nan"))), {"distance_m": 1}, r"a and b\[U\+000A\]: its strength is nan"),
        (said(("a", "b", "affinity", "2")), {"distance_m": 1}, "its strength is 2; it is a number"),
        (said(("a", "b", "affinity", 2)).drop(columns="effect"), {"distance_m": 1}, "no column effect"),
        (said(("a", "b", "affinity", 2)), {"distance_m": -1}, "distance_m is -1"),
        (said(("a", "b", "affinity", 2)), {"distance_m": 1, "travel_min": 1}, "Both distance_m and travel_min"),
    ],
)
def test_what_cannot_be_scored_is_said(table: pd.DataFrame, far: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ap.pairing_score("a", "b", **far, affinities=table)


def test_pairs_without_a_distance_are_refused() -> None:
    with pytest.raises(ValueError, match="either distance_m or travel_min; these have function_a, function_b"):
        ap.pairing_scores(pd.DataFrame({"function_a": ["a"], "function_b": ["b"]}))


# ------------------------------------------------------------------------------------------------- the test on outcomes


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30))
def test_the_area_under_the_curve_is_mann_and_whitneys(units: list[tuple[bool, int]]) -> None:
    shares, score = np.array([one for one, _ in units]), np.array([two for _, two in units], dtype=float)
    found = bench.auc(shares, score)
    if shares.all() or not shares.any():
        assert np.isnan(found)
        return
    u = mannwhitneyu(score[shares], score[~shares], method="asymptotic").statistic
    assert found == pytest.approx(u / (shares.sum() * (~shares).sum()))
    one_group = np.zeros(len(units), dtype=np.intp)
    assert bench.auc_within(shares, score, one_group, np.ones(1, dtype=np.intp)) == pytest.approx(found)


def test_within_a_library_only_its_own_kinds_are_compared() -> None:
    shares = np.array([True, False, True, False])
    score, group = np.array([2.0, 1.0, 9.0, 9.0]), np.array([0, 0, 1, 1])
    assert bench.auc_within(shares, score, group, np.array([1, 1])) == 0.75
    assert bench.auc_within(shares, score, group, np.array([2, 0])) == 1


def test_places_that_hang_together_are_one() -> None:
    points = np.random.default_rng(1).uniform(0, 1500, (120, 2))
    graph = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    far = np.linalg.norm(points[:, None] - points[None], axis=2)
    graph.add_edges_from(zip(*np.nonzero(far <= 100), strict=True))
    means = sorted(tuple(points[list(part)].mean(axis=0).round(6)) for part in nx.connected_components(graph))
    assert [tuple(row) for row in sorted(bench.one_place(points).round(6).tolist())] == means


@pytest.mark.parametrize("partner_at", [0, 40, 400, 1900])
def test_where_a_partner_is_says_nothing_of_the_distance_that_is_used(partner_at: float) -> None:
    r"""The nearest place, wherever it is, gives way to the next; moving it onto the library changes nothing.

    library  partner ----->           next
    0        40 .. 1900               2000
    """
    outcomes = pd.DataFrame({"authority": ["Trafford"], "school": [True]}, index=["lib"])
    spots = pd.DataFrame({"easting": [400_000.0], "northing": [400_000.0]}, index=["lib"])
    schools = np.array([[400_000.0 + partner_at, 400_000.0], [400_000.0 - 2_000, 400_000.0]])
    units = bench.placed_units(outcomes, spots, {"school": (schools, ("Trafford",))})
    assert units["nearest_m"].tolist() == [partner_at]
    assert units["distance_m"].tolist() == [2000]


def test_intervals_come_out_the_same_each_time_and_hold_the_figure() -> None:
    random = np.random.default_rng(4)
    units = pd.DataFrame({"library_id": np.repeat([f"l{n}" for n in range(40)], 3), "shares": random.random(120) < 0.3})
    scores = {"good": units["shares"] + random.normal(0, 0.5, 120), "none": np.zeros(120)}
    found = [
        bench.compare(units, {name: np.asarray(one, dtype=float) for name, one in scores.items()}, draws=60)
        for _ in "ab"
    ]
    assert found[0] == found[1]
    good, none = found[0]["good"], found[0]["none"]
    assert 0.7 < good.low < good.auc < good.high <= 1
    assert (none.auc, none.low, none.high) == (0.5, 0.5, 0.5)
    assert none.ahead_low < none.ahead < none.ahead_high
    assert none.ahead == pytest.approx(good.auc - 0.5)


@pytest.mark.realdata
def test_the_pieces_read_the_real_lists(realdata: Path) -> None:
    """Positives are few, so nothing is asked of the figures but that they can be had: what they are is for people to read."""
    outcomes = bench.read_outcomes(realdata)
    assert len(outcomes) == 2897
    assert outcomes.index.is_unique
    assert not outcomes.loc[~outcomes["shares"], [*bench.KINDS]].any(axis=None)
    spots = bench.place_libraries(outcomes, realdata)
    assert len(spots) == 129
    assert not spots.duplicated().any()
    units = bench.placed_units(outcomes, spots, bench.read_places(realdata))
    assert units["shares"].sum() == 17
    assert (units["distance_m"] >= units["nearest_m"]).all()
    for within in (False, True):
        found = bench.compare(
            units, {"ours": bench.ours(units), "distance": -units["distance_m"].to_numpy()}, within=within, draws=5
        )
        assert all(0 <= one.low <= one.high <= 1 for one in found.values())

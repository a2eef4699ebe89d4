"""Shares of what land is worth together: published examples exactly, the axioms as properties, and brute force over all orders."""

import itertools
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import assetplan as ap
from assetplan.games import MOST_PLAYERS
from assetplan.sharing import MOST_IN_A_CORE, NEGOTIATION_AID, SHARE_COLUMNS

Game = dict[frozenset[str], Fraction]
PLAYERS = "abcde"


def groups(players: str) -> list[frozenset[str]]:
    return [frozenset(group) for size in range(len(players) + 1) for group in itertools.combinations(players, size)]


@st.composite
def games(draw: st.DrawFn, least: int = 1, most: int = 5) -> tuple[str, Game]:
    players = PLAYERS[: draw(st.integers(least, most))]
    numbers = st.integers(-300, 300).map(lambda sixths: Fraction(sixths, 6))
    return players, {group: draw(numbers) if group else Fraction(0) for group in groups(players)}


def graphs(players: str) -> st.SearchStrategy[nx.Graph]:
    def graph(edges: list[tuple[str, str]]) -> nx.Graph:
        out = nx.Graph(edges)
        out.add_nodes_from(players)
        return out

    every = list(itertools.combinations(players, 2))
    return st.lists(st.sampled_from(every), unique=True).map(graph) if every else st.just(graph([]))


def over_all_orders(value: Callable[[frozenset[str]], Fraction], players: str) -> list[Fraction]:
    """Shapley by the definition: what each adds to those before it, over every order."""
    total = dict.fromkeys(players, Fraction(0))
    for order in itertools.permutations(players):
        for i, player in enumerate(order):
            total[player] += value(frozenset(order[: i + 1])) - value(frozenset(order[:i]))
    return [total[player] / math.factorial(len(players)) for player in players]


# ------------------------------------------------------------------------------------------------------- published examples


def airport(costs: list[Fraction]) -> list[Fraction]:
    """Littlechild and Owen 1973, in the form of MatTuGames' ShapleyAirportProb: sh_k = sh_(k-1) + (C_k - C_(k-1)) / users of at least k."""
    out, before, share = [], Fraction(0), Fraction(0)
    for k, cost in enumerate(costs):
        share += (cost - before) / (len(costs) - k)
        before = cost
        out.append(share)
    return out


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        # Littlechild and Owen 1973, A simple expression for the Shapley value in a special case.
        ([Fraction(10), Fraction(20), Fraction(30)], [Fraction(10, 3), Fraction(25, 3), Fraction(55, 3)]),
        # The runways of boriscu/Shapley-Airport-Allocation-Simulator.
        ([Fraction(3, 2), Fraction(5, 2), Fraction(7, 2)], [Fraction(1, 2), Fraction(1), Fraction(2)]),
    ],
)
def test_airport_games(costs: list[Fraction], expected: list[Fraction]) -> None:
    players = range(len(costs))
    found = ap.shapley(lambda group: max((costs[i] for i in group), default=0), players)
    assert found.tolist() == expected == airport(costs)
    assert all(isinstance(share, Fraction) for share in found)


@given(st.lists(st.fractions(0, 100, max_denominator=7), min_size=1, max_size=6).map(sorted))
@settings(max_examples=30, deadline=None)
def test_a_hub_as_large_as_its_largest_partner_is_an_airport(costs: list[Fraction]) -> None:
    found = ap.shapley(lambda group: max((costs[i] for i in group), default=0), range(len(costs)))
    assert found.tolist() == airport(costs)


def test_a_hub_as_large_as_all_its_partners_costs_each_its_own() -> None:
    need = {"rdc": 900, "police": 370, "nycc": 230, "fire": 620, "nhs": 150}
    found = ap.shapley(lambda group: sum(need[owner] for owner in group), list(need))
    assert found.to_dict() == need
    assert found.index.tolist() == list(need)


def test_gloves() -> None:
    """One left glove and two right ones: 2/3, 1/6, 1/6; joined in a row, 1/2, 1/2, 0 (documentation of the package `myerson`)."""

    def pair(group: frozenset[str]) -> bool:
        return "left" in group and len(group) > 1

    players = ["left", "right", "other"]
    assert ap.shapley(pair, players).tolist() == [Fraction(2, 3), Fraction(1, 6), Fraction(1, 6)]
    assert ap.myerson(pair, players, nx.path_graph(players)).tolist() == [Fraction(1, 2), Fraction(1, 2), 0]


def test_the_security_council() -> None:
    """Nine of fifteen votes and none of the five against: 421/2145 for each permanent member, 4/2145 for each other (Shapley and Shubik)."""
    found = ap.shapley(lambda group: len(group) >= 9 and group >= set(range(5)), range(15))
    assert found.tolist() == [Fraction(421, 2145)] * 5 + [Fraction(4, 2145)] * 10


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([], (0, 0, 0)),
        (["12"], (6, 6, 0)),
        (["13"], (3, 0, 3)),
        (["23"], (0, 3, 3)),
        (["12", "13"], (7, 4, 1)),
        (["12", "23"], (4, 7, 1)),
        (["13", "23"], (3, 3, 6)),
        (["12", "13", "23"], (5, 5, 2)),
    ],
)
def test_three_players_on_every_graph(edges: list[str], expected: tuple[int, ...]) -> None:
    """The example of Myerson 1977, Graphs and cooperation in games."""
    worth = {frozenset("12"): 12, frozenset("13"): 6, frozenset("23"): 6, frozenset("123"): 12}
    graph = nx.Graph([tuple(edge) for edge in edges])
    graph.add_nodes_from("123")
    assert tuple(ap.myerson(lambda group: worth.get(group, 0), "123", graph)) == expected


# ------------------------------------------------------------------------------------------------------------------- axioms


@given(games(most=5))
@settings(max_examples=25, deadline=None)
def test_shapley_is_the_mean_over_all_orders(game: tuple[str, Game]) -> None:
    players, worth = game
    assert ap.shapley(worth, players).tolist() == over_all_orders(worth.__getitem__, players)


def test_six_players_by_brute_force() -> None:
    worth = {
        group: Fraction((len(group) * 7 + sum(map(ord, group)) ** 2) % 23) if group else Fraction(0)
        for group in groups("abcdef")
    }
    assert ap.shapley(worth, "abcdef").tolist() == over_all_orders(worth.__getitem__, "abcdef")


@given(games())
@settings(max_examples=25, deadline=None)
def test_all_is_shared_out(game: tuple[str, Game]) -> None:
    players, worth = game
    assert ap.shapley(worth, players).sum() == worth[frozenset(players)]


@given(games(least=2))
@settings(max_examples=25, deadline=None)
def test_players_who_add_the_same_have_the_same(game: tuple[str, Game]) -> None:
    players, worth = game
    swap = {"a": "b", "b": "a"}
    even = {group: worth[group] + worth[frozenset(swap.get(player, player) for player in group)] for group in worth}
    found = ap.shapley({group: float(amount) for group, amount in even.items()}, players)
    assert found["a"] == found["b"]


@given(games(least=2))
@settings(max_examples=25, deadline=None)
def test_who_adds_nothing_has_exactly_nothing(game: tuple[str, Game]) -> None:
    players, worth = game
    without = {group: float(worth[group - {"a"}]) * 1.1 for group in worth}
    assert ap.shapley(without, players)["a"] == 0.0


@given(games(), st.data())
@settings(max_examples=25, deadline=None)
def test_shares_of_two_games_add_up(game: tuple[str, Game], data: st.DataObject) -> None:
    players, worth = game
    other = {group: Fraction(data.draw(st.integers(-45, 45)), 5) if group else Fraction(0) for group in worth}
    both = {group: worth[group] + other[group] for group in worth}
    assert ap.shapley(both, players).tolist() == [
        a + b for a, b in zip(ap.shapley(worth, players), ap.shapley(other, players), strict=True)
    ]


@given(games(), st.data())
@settings(max_examples=25, deadline=None)
def test_names_and_order_make_no_difference(game: tuple[str, Game], data: st.DataObject) -> None:
    players, worth = game
    order = data.draw(st.permutations(players))
    renamed = {frozenset(("site", player) for player in group): amount for group, amount in worth.items()}
    found = ap.shapley(renamed, [("site", player) for player in order])
    assert found.index.tolist() == [("site", player) for player in order]
    assert found.tolist() == ap.shapley(worth, players)[order].tolist()


@given(games(), st.data())
@settings(max_examples=25, deadline=None)
def test_each_part_of_the_graph_shares_its_own_worth(game: tuple[str, Game], data: st.DataObject) -> None:
    players, worth = game
    graph = data.draw(graphs(players))
    found = ap.myerson(worth, players, graph)
    for part in nx.connected_components(graph):
        assert found[list(part)].sum() == worth[frozenset(part)]


@given(games(least=2), st.data())
@settings(max_examples=25, deadline=None)
def test_a_link_is_worth_the_same_to_both_its_ends(game: tuple[str, Game], data: st.DataObject) -> None:
    players, worth = game
    graph = data.draw(graphs(players))
    assume(graph.edges)
    one, other = data.draw(st.sampled_from(sorted(map(tuple, map(sorted, graph.edges)))))
    cut = graph.copy()
    cut.remove_edge(one, other)
    lost = ap.myerson(worth, players, graph) - ap.myerson(worth, players, cut)
    assert lost[one] == lost[other]


@given(games())
@settings(max_examples=30, deadline=None)
def test_where_all_are_joined_myerson_is_shapley(game: tuple[str, Game]) -> None:
    players, worth = game
    assert ap.myerson(worth, players, nx.complete_graph(players)).tolist() == ap.shapley(worth, players).tolist()


# ------------------------------------------------------------------------------------------------------- numbers and refusals


def test_exact_in_exact_out_and_floats_otherwise() -> None:
    def worth(ten: object) -> dict[frozenset[str], object]:
        return {frozenset("a"): 0, frozenset("b"): 0, frozenset("ab"): ten}

    for ten in (10, Fraction(10), Decimal(10), np.int64(10)):
        assert [type(share) for share in ap.shapley(worth(ten), "ab")] == [Fraction, Fraction]
    for part in ("a", "b", "ab"):
        mixed = {**worth(10), frozenset(part): 0.5}
        assert ap.shapley(mixed, "ab").dtype == float
    for ten in (10.0, np.float32(10), np.float64(10)):
        assert ap.shapley(worth(ten), "ab").dtype == float
    large = np.int64(2**62)
    assert ap.shapley(lambda group: large if group else 0, "abc").sum() == 2**62


def test_each_group_is_asked_for_once() -> None:
    asked: list[frozenset[str]] = []

    def worth(group: frozenset[str]) -> int:
        asked.append(group)
        return len(group)

    ap.shapley(worth, "abcd")
    assert len(asked) == len(set(asked)) == 16
    asked.clear()
    ap.compare_shares(worth, "abcd")
    assert len(asked) == len(set(asked)) == 16
    asked.clear()
    ap.myerson(worth, "abcd", nx.path_graph("abcd"))
    assert {"".join(sorted(group)) for group in asked} == {*"abcd", "ab", "bc", "cd", "abc", "bcd", "abcd"}
    assert len(asked) == 10


def test_nobody_and_one() -> None:
    assert ap.shapley({}, []).empty
    assert ap.shapley({frozenset("a"): 7}, "a").tolist() == [7]
    assert ap.least_core({}, []).ranges.empty
    assert ap.least_core({frozenset("a"): 7}, "a").ranges.values.tolist() == [[7.0, 7.0]]
    empty = ap.compare_shares({}, [])
    assert tuple(empty.table) == SHARE_COLUMNS
    assert empty.table.empty
    assert empty.better_alone.empty
    assert ap.equalised_by_area(1.0, {}).empty


@pytest.mark.parametrize(
    ("value", "players", "said"),
    [
        (len, "aba", "a is named more than once"),
        (len, range(MOST_PLAYERS + 1), "at most 20"),
        (lambda group: len(group) + 1, "ab", "nobody together is worth 1, and must be worth 0"),
        (lambda group: math.nan if len(group) == 2 else 0, "abc", "a, b together: a finite number is wanted, not nan"),
        (lambda group: math.inf if group == {"c"} else 0, "abc", "value: c: a finite number is wanted, not inf"),
        (lambda group: Decimal("NaN") if group else 0, "a", "value: a: a finite number is wanted"),
        (lambda group: None if group else 0, "a", "not None"),
        (lambda group: "7" if group else 0, "a", "not '7'"),
        (lambda group: pd.NA if group else 0, "a", "not <NA>"),
        ({frozenset("a"): 1, frozenset("b"): 1}, "ab", "no worth is given for a, b together"),
    ],
)
def test_what_is_no_game_is_refused(value: object, players: object, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        ap.shapley(value, players)
    assert said in str(caught.value)


def test_a_game_of_sites() -> None:
    r"""Sites of three owners; the fire station lies across the road.

    ::

        county1 - police - county2     fire
                              \ . . . . /  (opposite)
    """
    graph = nx.Graph()
    graph.add_edge("county1", "police", relation="touching")
    graph.add_edge("police", "county2", relation="near")
    graph.add_edge("county2", "fire", relation="opposite")
    graph.add_edge("police", "private")
    owners = {"county1": "county", "county2": "county", "police": "police", "fire": "fire"}
    asked = []

    def worth(sites: frozenset[str]) -> int:
        asked.append(sites)
        return len(sites) ** 2

    game = ap.restricted_game(worth, graph, pd.Series(owners))
    assert game(frozenset()) == 0
    assert game(frozenset({"county"})) == 2
    assert game(frozenset({"county", "fire"})) == 3
    assert game(frozenset({"county", "police"})) == 9
    assert ap.shapley(game, ["county", "police", "fire"]).tolist() == [5, 4, 1]
    assert len(asked) == len(set(asked))
    assert frozenset({"county2", "fire"}) not in asked
    with pytest.raises(ValueError, match=r"polce owns none of the sites\. Did you mean 'police'"):
        game(frozenset({"polce"}))


def test_games_of_sites_that_are_refused() -> None:
    graph = nx.path_graph(["x", "y"])
    with pytest.raises(ValueError, match="graph: z is not in it"):
        ap.restricted_game(len, graph, {"x": "a", "z": "b"})
    with pytest.raises(ValueError, match="owner_of_site: x, y has no owner"):
        ap.restricted_game(len, graph, {"x": None, "y": math.nan})
    with pytest.raises(ValueError, match="owner_of_site: x is named more than once"):
        ap.restricted_game(len, graph, pd.Series(["a", "b"], index=["x", "x"]))
    with pytest.raises(ValueError, match="b is not in it"):
        ap.myerson(len, "ab", nx.path_graph("a"))
    with pytest.raises(ValueError, match="x, y together: a finite number is wanted, not nan"):
        ap.shapley(ap.restricted_game(lambda _: math.nan, graph, {"x": "a", "y": "a"}), "a")


# --------------------------------------------------------------------------------------------------------------------- core


def test_who_would_do_better_alone() -> None:
    worth = {"a": 0, "b": 30, "c": 0, "ab": 60, "ac": 10, "bc": 40, "abc": 90}
    game = {frozenset(group): amount for group, amount in worth.items()}
    rows = ap.core_violations({"a": 20, "b": 20, "c": 30}, game, "abc")
    assert rows.values.tolist() == [
        [("a", "b"), 60.0, 40.0, 20.0],
        [("a", "b", "c"), 90.0, 70.0, 20.0],
        [("b",), 30.0, 20.0, 10.0],
    ]
    assert not ap.is_in_core({"a": 20, "b": 20, "c": 30}, game, "abc")
    assert ap.is_in_core({"a": 20, "b": 50, "c": 20}, game, "abc")
    assert not ap.is_in_core({"a": 30, "b": 50, "c": 20}, game, "abc")
    with pytest.raises(ValueError, match="10 more is given than all together are worth"):
        ap.core_violations({"a": 30, "b": 50, "c": 20}, game, "abc")
    with pytest.raises(ValueError, match="nothing is said of c"):
        ap.core_violations({"a": 30, "b": 50}, game, "abc")
    with pytest.raises(ValueError, match="bb is none of the players"):
        ap.is_in_core({"a": 30, "bb": 50, "b": 1, "c": 1}, game, "abc")


def test_of_equal_gains_the_smaller_group_comes_first_then_the_order_of_the_players() -> None:
    worth = {"a": 0, "b": 0, "c": 5, "d": 5, "ab": 5}
    rows = ap.core_violations(dict.fromkeys("abcd", 0), lambda group: worth.get("".join(sorted(group)), 0), "abdc")
    assert rows["coalition"].tolist() == [("d",), ("c",), ("a", "b")]


def test_a_penny_counts_where_all_is_exact_and_rounding_does_not_where_it_is_not() -> None:
    thirds = {frozenset("a"): Fraction(1, 3), frozenset("b"): Fraction(2, 3), frozenset("ab"): Fraction(1)}
    short = {"a": Fraction(1, 3) - Fraction(1, 10**12), "b": Fraction(2, 3) + Fraction(1, 10**12)}
    assert ap.core_violations(short, thirds, "ab")["coalition"].tolist() == [("a",)]
    assert ap.core_violations({name: float(amount) for name, amount in short.items()}, thirds, "ab").empty


@given(games(least=2))
@settings(max_examples=30, deadline=None)
def test_the_least_core_against_its_definition(game: tuple[str, Game]) -> None:
    """No corner of the ranges breaks efficiency; Shapley shares are never better than epsilon; a core share exists just where it is said to."""
    players, worth = game
    solved = ap.least_core(worth, players)
    scale = float(max(map(abs, worth.values()))) or 1.0
    rows = ap.core_violations(ap.shapley(worth, players), worth, players)
    proper = [gain for group, gain in zip(rows["coalition"], rows["gain"], strict=True) if len(group) < len(players)]
    assert solved.epsilon <= max(proper, default=0.0) + 1e-6 * scale
    assert (solved.ranges["low"] <= solved.ranges["high"] + 1e-6 * scale).all()
    assert solved.ranges["low"].sum() <= float(worth[frozenset(players)]) + 1e-6 * scale
    assert solved.ranges["high"].sum() >= float(worth[frozenset(players)]) - 1e-6 * scale
    if not proper:
        assert not solved.empty
    if not solved.empty:
        alone = [float(worth[frozenset(player)]) for player in players]
        assert (solved.ranges["low"] >= np.array(alone) - 1e-6 * scale).all()


@given(games(least=3, most=3))
@settings(max_examples=30, deadline=None)
def test_the_core_of_three_by_balance(game: tuple[str, Game]) -> None:
    """Bondareva 1963, Shapley 1967: for three players the core is not empty just where four sums do not exceed the whole."""
    players, worth = game
    single = [worth[frozenset(player)] for player in players]
    pairs = [worth[frozenset(pair)] for pair in ("bc", "ac", "ab")]
    sums = [sum(single), *(a + bc for a, bc in zip(single, pairs, strict=True)), sum(pairs) / 2]
    short = max(sums) - worth[frozenset(players)]
    assume(short == 0 or abs(short) > Fraction(1, 1000))
    assert ap.least_core(worth, players).empty == (short > 0)


def test_cores_known_by_hand() -> None:
    votes = ap.least_core(lambda group: int(len(group) > 1), "abc")
    assert votes.empty
    assert votes.epsilon == pytest.approx(1 / 3)
    assert votes.ranges.values.tolist() == [pytest.approx([1 / 3, 1 / 3])] * 3
    pair = ap.least_core({frozenset("a"): 100_000, frozenset("b"): 250_000, frozenset("ab"): 500_000}, "ab")
    assert (pair.empty, pair.epsilon) == (False, -75_000.0)
    assert pair.ranges.values.tolist() == [[100_000.0, 250_000.0], [250_000.0, 400_000.0]]
    additive = ap.least_core(lambda group: 0.1 * len(group), range(5))
    assert (additive.empty, additive.epsilon) == (False, 0.0)
    with pytest.raises(ValueError, match="at most 12"):
        ap.least_core(len, range(MOST_IN_A_CORE + 1))


# -------------------------------------------------------------------------------------------------------------- conventions


@given(st.floats(-1e9, 1e9), st.lists(st.floats(0.01, 100), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_equal_areas_have_equal_parts_of_all(total: float, areas: list[float]) -> None:
    found = ap.equalised_by_area(total, {**dict(enumerate(areas)), "twin": areas[0]})
    assert found[0] == found["twin"]
    assert math.fsum(found) == pytest.approx(total)
    assert found.index.tolist() == [*range(len(areas)), "twin"]


@pytest.mark.parametrize("missing", [None, math.nan, pd.NA])
def test_a_missing_area_is_named_and_is_not_nought(missing: object) -> None:
    with pytest.raises(ValueError, match="no area is known for police, fire"):
        ap.equalised_by_area(1.0, {"police": missing, "county": 2.0, "fire": missing})


def test_areas_that_are_refused() -> None:
    for areas, said in (
        ({"a": -1.0, "b": 2.0}, "the area of a is negative"),
        ({"a": 0.0, "b": 0.0}, "every area is 0"),
        ({"a": math.inf}, "areas: a: a finite number is wanted"),
        (pd.Series([1.0, 2.0], index=["a", "a"]), "a is named more than once"),
    ):
        with pytest.raises(ValueError, match=said):
            ap.equalised_by_area(1.0, areas)
    with pytest.raises(ValueError, match="total: a finite number is wanted"):
        ap.equalised_by_area(math.nan, {"a": 1.0})


def test_a_third_of_the_uplift() -> None:
    """Stokes v Cambridge Corporation (1961) 13 P & CR 77."""
    assert ap.ransom_share(900_000) == 300_000
    assert ap.ransom_share(900_000, share=0.5) == 450_000
    assert ap.ransom_share(0) == 0
    for uplift, share in ((-1, 1 / 3), (math.nan, 1 / 3), (1, 1.5), (1, -0.1), (1, math.nan)):
        with pytest.raises(ValueError):
            ap.ransom_share(uplift, share)


# ------------------------------------------------------------------------------------------------------------ side by side

LAND = {"county": 280.0, "police": 60.0, "rdc": 490.0}
AREAS = {"county": 0.8, "police": 0.35, "rdc": 1.4}


def with_the_key(group: frozenset[str]) -> float:
    """Worth apart, and 300 more where the police's access joins all three."""
    return sum(LAND[owner] for owner in group) + (300.0 if len(group) == 3 else 0.0)


def test_conventions_side_by_side() -> None:
    shares = ap.compare_shares(with_the_key, list(LAND), areas=pd.Series(AREAS), key_holders=["police"])
    frame = shares.table
    assert tuple(frame) == SHARE_COLUMNS
    assert frame["apart_gbp"].to_dict() == LAND
    assert frame["shapley_gbp"].to_dict() == pytest.approx({"county": 380.0, "police": 160.0, "rdc": 590.0})
    assert frame["by_area_gbp"].to_dict() == pytest.approx(ap.equalised_by_area(1130.0, AREAS).to_dict())
    assert frame["ransom_gbp"].to_dict() == pytest.approx(
        {"county": 280 + 200 * 0.8 / 2.2, "police": 160.0, "rdc": 490 + 200 * 1.4 / 2.2}
    )
    assert frame["core_low_gbp"].to_dict() == pytest.approx(LAND)
    assert frame["core_high_gbp"].to_dict() == pytest.approx({name: apart + 300 for name, apart in LAND.items()})
    for convention in ("shapley_gbp", "by_area_gbp", "ransom_gbp"):
        assert frame[convention].sum() == pytest.approx(shares.together_gbp)
    assert (shares.together_gbp, shares.apart_gbp, shares.marriage_value_gbp) == (1130.0, 830.0, 300.0)
    assert shares.core_empty is False
    assert shares.notes == (NEGOTIATION_AID,)
    assert "share due" not in " ".join(shares.notes)


def test_two_who_hold_the_key_have_the_third_between_them() -> None:
    shares = ap.compare_shares(with_the_key, list(LAND), areas=AREAS, key_holders=["police", "county"])
    assert shares.table["ransom_gbp"].to_dict() == pytest.approx({"county": 330.0, "police": 110.0, "rdc": 690.0})


def test_who_loses_by_a_convention_is_said() -> None:
    """The county's large and worthless field takes by area what the others' small sites are worth."""
    worth = {"county": 0.0, "police": 300.0, "rdc": 400.0}
    shares = ap.compare_shares(
        lambda group: sum(worth[owner] for owner in group) * (1.1 if len(group) == 3 else 1.0),
        list(worth),
        areas={"county": 6.0, "police": 0.4, "rdc": 0.6},
    )
    assert shares.table["better_alone"].to_dict() == {"county": (), "police": ("by area",), "rdc": ("by area",)}
    rows = shares.better_alone
    assert rows[["convention", "coalition"]].values.tolist() == [
        ["by area", ("police", "rdc")],
        ["by area", ("rdc",)],
        ["by area", ("police",)],
    ]
    assert rows["gain_gbp"].tolist() == pytest.approx([700 - 110, 400 - 66, 300 - 44])


@pytest.mark.parametrize(
    ("options", "null", "said"),
    [
        ({}, ["by_area_gbp", "ransom_gbp"], "the area of county, police, rdc is not known"),
        (
            {"areas": {**AREAS, "police": None}, "key_holders": ["rdc"]},
            ["by_area_gbp", "ransom_gbp"],
            "the area of police is not known",
        ),
        ({"areas": AREAS}, ["ransom_gbp"], "nobody is said to hold the key"),
        ({"areas": AREAS, "key_holders": list(LAND)}, ["ransom_gbp"], "every owner holds a key"),
        (
            {"areas": {**dict.fromkeys(LAND, 0), "rdc": 1}, "key_holders": ["rdc"]},
            ["ransom_gbp"],
            "the others have none",
        ),
    ],
)
def test_what_cannot_be_worked_out_is_null_and_said(options: dict[str, object], null: list[str], said: str) -> None:
    shares = ap.compare_shares(with_the_key, list(LAND), **options)
    assert shares.table.columns[shares.table.isna().all()].tolist() == null
    assert any(said in note for note in shares.notes)
    assert set(shares.better_alone["convention"]) <= {"shapley", "by area"}


def test_land_worth_less_together_has_no_gain_to_share() -> None:
    shares = ap.compare_shares(
        lambda group: 100.0 * len(group) - (50 if len(group) > 1 else 0), "ab", areas={"a": 1, "b": 1}, key_holders="a"
    )
    assert shares.marriage_value_gbp == -50
    assert shares.core_empty is True
    assert shares.table[["core_low_gbp", "core_high_gbp"]].isna().all(axis=None)
    assert shares.table["ransom_gbp"].isna().all()
    assert shares.table["better_alone"].tolist() == [("shapley", "by area")] * 2
    said = " ".join(shares.notes)
    assert "worth no more than apart" in said
    assert "some group of owners does better alone" in said


def test_a_gain_that_is_rounding_is_none() -> None:
    shares = ap.compare_shares(lambda group: 0.1 * len(group), "abc", areas=dict.fromkeys("abc", 1.0), key_holders="a")
    assert shares.table["ransom_gbp"].isna().all()
    assert any("worth no more than apart" in note for note in shares.notes)
    assert shares.core_empty is False


def test_names_that_are_no_owners_are_refused() -> None:
    for options in ({"areas": {**AREAS, "polise": 1.0}}, {"key_holders": ["polise"]}):
        with pytest.raises(ValueError, match=r"polise is none of the players\. Did you mean 'police'"):
            ap.compare_shares(with_the_key, list(LAND), **options)


def test_many_owners_are_shared_among_without_a_core() -> None:
    owners = list(range(MOST_IN_A_CORE + 1))
    shares = ap.compare_shares(lambda group: len(group) ** 2, owners)
    assert shares.core_empty is None
    assert shares.table["core_low_gbp"].isna().all()
    assert shares.table["shapley_gbp"].tolist() == [13.0] * 13
    assert any("not worked out" in note for note in shares.notes)

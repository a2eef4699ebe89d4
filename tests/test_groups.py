"""Connected groups: against every subset tried one by one by networkx."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetplan import groups
from assetplan.groups import connected_subsets, growing_groups


def brute(graph: nx.Graph, smallest: int, largest: int) -> set[tuple[int, ...]]:
    return {
        some
        for size in range(smallest, largest + 1)
        for some in itertools.combinations(sorted(graph), size)
        if nx.is_connected(graph.subgraph(some))
    }


def told(rows: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(np.flatnonzero(row).tolist()) for row in rows]


@st.composite
def graphs(draw: st.DrawFn) -> nx.Graph:
    n = draw(st.integers(1, 9))
    graph = nx.empty_graph(n)
    pairs = list(itertools.combinations(range(n), 2))
    graph.add_edges_from(draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [])
    return graph


@given(graphs(), st.integers(1, 4), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_every_connected_subset_is_found_once_and_no_other(graph: nx.Graph, smallest: int, largest: int) -> None:
    adjacent = nx.to_numpy_array(graph, dtype=bool)
    wanted = brute(graph, smallest, min(largest, len(graph)))
    whole = [group for rows in connected_subsets(adjacent, smallest, largest) for group in told(rows)]
    grown = [
        group
        for rows, _ in growing_groups(adjacent, smallest, largest, lambda rows: np.zeros(len(rows)))
        for group in told(rows)
    ]
    assert sorted(whole) == sorted(grown) == sorted(wanted)


def test_sets_of_more_than_one_half_of_the_table() -> None:
    """A path of 20 sites has 21 - k connected subsets of k sites."""
    adjacent = nx.to_numpy_array(nx.path_graph(20), dtype=bool)
    sizes = np.concatenate([rows.sum(axis=1) for rows in connected_subsets(adjacent, 1, 20)])
    assert [int((sizes == k).sum()) for k in range(1, 21)] == [21 - k for k in range(1, 21)]


def test_too_many_sites_are_refused() -> None:
    with pytest.raises(ValueError, match="26 sites: at most 25"):
        next(connected_subsets(np.zeros((26, 26), dtype=bool), 2, 3))


def test_where_there_are_too_many_the_best_go_on_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "WIDTH", 5)
    adjacent = ~np.eye(10, dtype=bool)
    high = np.arange(10.0)
    seen = {
        int(rows.sum(axis=1)[0]): (told(rows), complete)
        for rows, complete in growing_groups(adjacent, 1, 3, lambda rows: rows @ high)
    }
    assert seen[1][1]
    assert not seen[2][1]
    assert len(seen[2][0]) == 5
    assert (8, 9) in seen[2][0]
    assert (7, 8, 9) in seen[3][0]

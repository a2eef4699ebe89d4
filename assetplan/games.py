"""Games of owners: what every group of them is worth by itself, and what each adds to the worth of the others.

A *game* is the worth of every group of players. `shapley` shares the worth of all by what each adds on average; `myerson` and
`restricted_game` let only what adjoins count as together. Sums are exact: numbers are taken as the fractions they are and rounded
once, at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from assetplan.declared import guessed
from assetplan.relations import joined
from assetplan.text import shown_name

Value = Callable[[frozenset[Any]], Any] | Mapping[frozenset[Any], Any]

MOST_PLAYERS = 20


@dataclass(frozen=True, eq=False)
class Game:
    """The worth of every group of players, by bit mask: bit `i` set where `players[i]` is in."""

    players: tuple[Hashable, ...]
    worths: list[Fraction]
    exact: bool

    def members(self, mask: int) -> tuple[Hashable, ...]:
        """The players of a bit mask, in their order."""
        return tuple(player for i, player in enumerate(self.players) if mask >> i & 1)

    def apart(self) -> list[Fraction]:
        """What each player is worth by itself."""
        return [self.worths[1 << i] for i in range(len(self.players))]

    def index(self, name: str) -> pd.Index:
        """The players as the index of a table."""
        return pd.Index(self.players, tupleize_cols=False, name=name)


def shapley(value: Value, players: Sequence[Hashable]) -> pd.Series:
    """The Shapley value: what each player adds to those before it, averaged over all orders of joining.

    With ``n`` players the value of player `i` is the sum, over groups `S` without `i`, of
    ``|S|! (n - |S| - 1)! / n! * (value(S with i) - value(S))`` (Shapley 1953, A value for n-person games).

    Parameters
    ----------
    value
        Worth of a group: a function of a frozenset of players, or a mapping of frozensets. Asked once of each of the ``2**n`` groups.
        Nobody together must be worth 0; a mapping may leave that out.
    players
        The players, at most 20, each once.

    Returns
    -------
    pandas.Series
        By player, in the order given, in the unit of `value`. Fractions where every worth is an integer, `Fraction` or `Decimal`;
        floats, rounded once, where any is a float.

    Raises
    ------
    ValueError
        Where a player is named twice, there are more than 20, a group has no worth or one that is no finite number, or nobody
        together is worth something.

    Examples
    --------
    Three owners share an access road and need 10, 20 and 30 thousand pounds' worth of it (Littlechild and Owen 1973):

    >>> need = {"police": 10, "fire": 20, "county": 30}
    >>> costs = shapley(lambda group: max((need[owner] for owner in group), default=0), list(need))
    >>> [str(cost) for cost in costs]
    ['10/3', '25/3', '55/3']
    """
    game = game_of(value, players)
    amounts = shapley_amounts(game)
    if game.exact:
        return pd.Series(amounts, index=game.index("player"), name="shapley", dtype=object)
    return pd.Series(list(map(float, amounts)), index=game.index("player"), name="shapley", dtype=float)


def myerson(value: Value, players: Sequence[Hashable], graph: nx.Graph) -> pd.Series:
    """The Myerson value: the Shapley value where only players joined by the graph are together.

    A group is worth the sum of what its connected parts are worth (Myerson 1977, Graphs and cooperation in games).

    Parameters
    ----------
    value, players
        As for `shapley`; the worth is asked of connected groups only.
    graph
        Who is joined to whom; edges whose ``relation`` is ``opposite`` do not join. Nodes that are no players are left out.

    Returns
    -------
    pandas.Series
        By player, as `shapley` gives them.

    Raises
    ------
    ValueError
        As `shapley`, and where a player is not in the graph.

    Examples
    --------
    A left glove and two right ones; the left glove's owner meets the second right one only through the first:

    >>> import networkx
    >>> pair = lambda group: int("left" in group and len(group) > 1)
    >>> shares = myerson(pair, ["left", "right", "other"], networkx.path_graph(["left", "right", "other"]))
    >>> [str(share) for share in shares]
    ['1/2', '1/2', '0']
    """
    check_players(players)
    game = restricted_game(value, graph, {player: player for player in players})
    return shapley(game, players).rename("myerson")


def restricted_game(
    value_of_sites: Value, graph_of_sites: nx.Graph, owner_of_site: Mapping[Any, Hashable] | pd.Series
) -> Callable[[frozenset[Any]], Fraction | float]:
    """The game of owners in which land counts as together only where it adjoins.

    A group of owners is worth the sum of what the connected parts of all their sites are worth, as in Myerson (1977) but with several
    sites to an owner. Its Shapley value is the share of each owner.

    Parameters
    ----------
    value_of_sites
        Worth of a connected group of sites: a function of a frozenset of site identifiers, or a mapping. Asked once of each group.
    graph_of_sites
        The adjacency graph, as `assetplan.adjacency` gives it; edges whose ``relation`` is ``opposite`` do not join.
    owner_of_site
        Owner by site. Sites of the graph that it does not name are no part of the game.

    Returns
    -------
    Callable
        The worth of a frozenset of owners, exact or a float as `shapley` gives it.

    Raises
    ------
    ValueError
        Where a site is not in the graph or has no owner; from the game where a group has no worth or names somebody who owns nothing.

    Examples
    --------
    >>> import networkx
    >>> row = networkx.path_graph(["a", "b", "c"])
    >>> game = restricted_game(lambda sites: len(sites) ** 2, row, {"a": "county", "b": "fire", "c": "county"})
    >>> [int(game(frozenset(group))) for group in (["county"], ["fire"], ["county", "fire"])]
    [2, 1, 9]
    """
    owners = pairs_of(owner_of_site, "owner_of_site")
    if lost := [site for site in owners if site not in graph_of_sites]:
        raise ValueError(f"graph: {named(lost)} is not in it. Give every one a node, also what adjoins nothing.")
    if nobody := [site for site, owner in owners.items() if is_missing(owner)]:
        raise ValueError(f"owner_of_site: {named(nobody)} has no owner. Leave it out, or say who owns it.")
    links = joined(graph_of_sites.subgraph(owners))
    known = set(owners.values())
    found: dict[frozenset[Any], tuple[Fraction, bool]] = {}

    def worth(group: frozenset[Any]) -> Fraction | float:
        if strangers := sorted(map(str, group - known)):
            raise ValueError(
                f"{named(strangers)} owns none of the sites.{guessed(strangers[0], sorted(map(str, known)))}"
            )
        parts = []
        for part in _parts([site for site, owner in owners.items() if owner in group], links):
            if part not in found:
                found[part] = _worth(value_of_sites, [site for site in owners if site in part])
            parts.append(found[part])
        total = sum((amount for amount, _ in parts), start=Fraction(0))
        return total if all(exact for _, exact in parts) else float(total)

    return worth


def check_players(players: Sequence[Hashable]) -> None:
    """Refuses players named twice, and more than can be shared among."""
    if len(players) > MOST_PLAYERS:
        raise ValueError(
            f"players: at most {MOST_PLAYERS} can be shared among, for every group of them is asked for its worth, not {len(players)}. "
            "Join some owners into one."
        )
    if twice := [player for player, times in zip(players, map(list(players).count, players), strict=True) if times > 1]:
        raise ValueError(f"players: {named(dict.fromkeys(twice))} is named more than once.")


def game_of(value: Value, players: Sequence[Hashable]) -> Game:
    """The worth of every group, each asked for once; raises what `shapley` says it raises."""
    check_players(players)
    together = tuple(players)
    worths, exact = [], True
    for mask in range(1 << len(together)):
        group = tuple(player for i, player in enumerate(together) if mask >> i & 1)
        if not mask and isinstance(value, Mapping) and frozenset() not in value:
            worths.append(Fraction(0))
            continue
        worth, whole = _worth(value, group)
        if not mask and worth:
            raise ValueError(
                f"value: nobody together is worth {float(worth):g}, and must be worth 0. Take that off the worth of every group."
            )
        worths.append(worth)
        exact &= whole
    return Game(together, worths, exact)


def _worth(value: Value, group: Sequence[Hashable]) -> tuple[Fraction, bool]:
    """The worth of one group, and whether it was given exactly."""
    key = frozenset(group)
    if isinstance(value, Mapping) and key not in value:
        raise ValueError(f"value: no worth is given for {_together(group)}. Groups are frozensets.")
    raw = value[key] if isinstance(value, Mapping) else value(key)
    amount = _fraction(raw)
    if amount is None:
        raise ValueError(f"value: {_together(group)}: {_UNKNOWN.format(shown_name(repr(raw)))}")
    return amount, is_exact(raw)


def _together(group: Sequence[Hashable]) -> str:
    return f"{named(group)} together" if len(group) > 1 else named(group) or "nobody"


_UNKNOWN = "a finite number is wanted, not {}. What is not known cannot be shared."


def finite(raw: Any, where: str) -> Fraction:
    """A number as the fraction it is.

    Raises
    ------
    ValueError
        Saying where, if it is no finite number.
    """
    amount = _fraction(raw)
    if amount is None:
        raise ValueError(f"{where}: {_UNKNOWN.format(shown_name(repr(raw)))}")
    return amount


def is_exact(raw: Any) -> bool:
    """Whether a number is given as what it is, and not as the float nearest to it."""
    return isinstance(raw, Rational | Decimal | np.bool)


def _fraction(raw: Any) -> Fraction | None:
    if isinstance(raw, np.bool):
        raw = bool(raw)
    elif isinstance(raw, Real) and not isinstance(raw, float | Rational):
        raw = float(raw)  # a float of numpy's of another width
    if isinstance(raw, float | Decimal):
        return Fraction(raw) if math.isfinite(raw) else None
    return Fraction(int(raw.numerator), int(raw.denominator)) if isinstance(raw, Rational) else None


def shapley_amounts(game: Game) -> list[Fraction]:
    """Shapley values in whole numbers: worths over their common denominator, the weights of groups times ``n!``."""
    n = len(game.players)
    common = math.lcm(*(worth.denominator for worth in game.worths))
    whole = np.array([worth.numerator * (common // worth.denominator) for worth in game.worths], dtype=object)
    masks = np.arange(1 << n)
    sizes = np.array([mask.bit_count() for mask in range(1 << n)])
    joining = np.array([0, *(math.factorial(s - 1) * math.factorial(n - s) for s in range(1, n + 1))], dtype=object)
    staying = np.array([*(math.factorial(s) * math.factorial(n - s - 1) for s in range(n)), 0], dtype=object)
    gained, lost = whole * joining[sizes], whole * staying[sizes]
    both, away = gained + lost, lost.sum()
    return [Fraction(both[(masks >> i & 1).astype(bool)].sum() - away, math.factorial(n) * common) for i in range(n)]


def _parts(sites: Sequence[Any], links: nx.Graph) -> list[frozenset[Any]]:
    """The connected parts of some sites, in the order of the first site of each."""
    order = {site: i for i, site in enumerate(sites)}
    parts = map(frozenset, nx.connected_components(links.subgraph(sites)))
    return sorted(parts, key=lambda part: min(order[site] for site in part))


def pairs_of(given: Mapping[Any, Any] | pd.Series, name: str) -> dict[Any, Any]:
    """A mapping or a Series as a dictionary; refuses a Series that says something twice."""
    if isinstance(given, pd.Series) and not given.index.is_unique:
        raise ValueError(f"{name}: {named(given.index[given.index.duplicated()].unique())} is named more than once.")
    return dict(given.items())


def check_names(names: Iterable[Hashable], players: Sequence[Hashable], where: str) -> None:
    """Refuses names that are no player's, with a guess at the first."""
    if strangers := [name for name in names if name not in players]:
        guess = guessed(strangers[0], [str(player) for player in players])
        raise ValueError(f"{where}: {named(strangers)} is none of the players.{guess}")


def named(names: Iterable[Hashable]) -> str:
    """Players as messages name them."""
    return ", ".join(map(shown_name, names))


def is_missing(value: Any) -> bool:
    """Whether a value says that something is not known."""
    return value is None or value is pd.NA or bool(value != value)  # noqa: PLR0124 (NaN is not itself)

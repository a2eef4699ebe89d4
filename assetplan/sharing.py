"""What each owner might ask of what their land is worth together: a negotiation aid, never a valuation.

Beside the Shapley value (`assetplan.games`) stand the two conventions that land owners know, `equalised_by_area` and `ransom_share`,
and the question every way of sharing has to answer: whether an owner, or several, would do better alone (`core_violations`,
`least_core`). `compare_shares` sets all of them side by side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assetplan.games import (
    Game,
    Value,
    check_names,
    finite,
    game_of,
    is_exact,
    is_missing,
    named,
    pairs_of,
    shapley_amounts,
)
from assetplan.schema import table
from assetplan.text import shown_name

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

MOST_IN_A_CORE = 12
NEGOTIATION_AID = "A negotiation aid: rules of thumb side by side, places to start from. None is a valuation, and none says what anybody is owed."
SHARE_COLUMNS = tuple(table("shares"))[1:]  # the owners are the index
# Where floats took part, less than this of the largest worth between two sums is rounding.
_ROUNDING = Fraction(1, 10**9)
_SOLVED_TO = 7  # decimal places to which HiGHS solves, in parts of the largest gain of being together
_VIOLATIONS = ("coalition", "worth", "allocated", "gain")


@dataclass(frozen=True, eq=False)
class LeastCore:
    """How well a worth can be shared so that nobody does better alone.

    Attributes
    ----------
    epsilon
        The smallest amount that, whatever the shares, some group of owners can gain by going alone, in the unit of the game. Zero or
        less: shares exist that no group can better, and less than zero by how much every group is then ahead.
    empty
        Whether no such shares exist, that is, whether the core is empty.
    ranges
        By player, ``low`` and ``high``: the least and the most that it can have in such shares. Where the core is empty, in shares
        that no group can better by more than `epsilon`.
    """

    epsilon: float
    empty: bool
    ranges: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Shares:
    """Ways to share the worth of land together, side by side, with what speaks against each.

    Attributes
    ----------
    table
        One row an owner, columns as ``assetplan columns --table shares`` lists them. What cannot be worked out is null, and `notes`
        says why.
    better_alone
        ``convention, coalition, worth_gbp, allocated_gbp, gain_gbp``: every group of owners that would do better alone than under a
        convention, the largest gain first.
    together_gbp, apart_gbp
        Worth of all together, and the sum of what each is worth apart.
    core_empty
        Whether under every way of sharing some group does better alone; None where there are too many owners to tell.
    notes
        Sentences to show with the figures. The first says that this is a negotiation aid.
    """

    table: pd.DataFrame
    better_alone: pd.DataFrame
    together_gbp: float
    apart_gbp: float
    core_empty: bool | None
    notes: tuple[str, ...]

    @property
    def marriage_value_gbp(self) -> float:
        """Worth together less worth apart; negative where joining loses value."""
        return self.together_gbp - self.apart_gbp


def core_violations(
    allocation: Mapping[Any, Any] | pd.Series, value: Value, players: Sequence[Hashable]
) -> pd.DataFrame:
    """Every group of players, single ones included, that is worth more alone than it is given.

    Shares that leave no such group are in the core (Gillies 1959).

    Parameters
    ----------
    allocation
        Amount by player, in the unit of `value`.
    value, players
        As for `shapley`.

    Returns
    -------
    pandas.DataFrame
        ``coalition, worth, allocated, gain``, the largest gain first, then the smaller group, then the order of the players. All
        players together are a row where less is given than there is. Where floats take part, a gain below a billionth of the largest
        worth is rounding and left out.

    Raises
    ------
    ValueError
        As `shapley`, and where a player has no amount, a name is no player's, or more is given than there is.

    Examples
    --------
    >>> worth = {frozenset("a"): 0, frozenset("b"): 30, frozenset("ab"): 50}
    >>> core_violations({"a": 25, "b": 25}, worth, ["a", "b"])[["coalition", "gain"]].values.tolist()
    [[('b',), 5.0]]
    """
    game = game_of(value, players)
    amounts, exact = _amounts(allocation, game)
    over = sum(amounts, start=Fraction(0)) - game.worths[-1]
    if over > _tolerance(game, exact=exact):
        raise ValueError(f"allocation: {float(over):g} more is given than all together are worth.")
    return _violations(game, amounts, exact=exact)


def is_in_core(allocation: Mapping[Any, Any] | pd.Series, value: Value, players: Sequence[Hashable]) -> bool:
    """Whether shares give away exactly what all together are worth and no group of players would do better alone.

    Parameters and errors as for `core_violations`, but for shares that give more than there is: these are in no core.

    Examples
    --------
    >>> worth = {frozenset("a"): 0, frozenset("b"): 30, frozenset("ab"): 50}
    >>> is_in_core({"a": 10, "b": 40}, worth, "ab"), is_in_core({"a": 25, "b": 25}, worth, "ab")
    (True, False)
    """
    game = game_of(value, players)
    amounts, exact = _amounts(allocation, game)
    over = sum(amounts, start=Fraction(0)) - game.worths[-1]
    return over <= _tolerance(game, exact=exact) and _violations(game, amounts, exact=exact).empty


def least_core(value: Value, players: Sequence[Hashable]) -> LeastCore:
    """Whether any shares leave no group better alone, and how much each player can have in such shares.

    Solves ``min e`` with ``x(S) >= value(S) - e`` for every group `S` but nobody and all, and ``x(all) = value(all)`` (Maschler, Peleg
    and Shapley 1979), then for each player the least and the most of ``x`` with `e` held at the larger of its optimum and 0. Linear
    programs by HiGHS; amounts are good to a ten-millionth of the largest worth of being together.

    Parameters
    ----------
    value, players
        As for `shapley`; at most 12 players.

    Raises
    ------
    ValueError
        As `shapley`, and where there are more than 12 players.

    Examples
    --------
    Of two right gloves and one left the left takes all; of three votes of which two win, any two can outbid the third:

    >>> least_core(lambda group: int("left" in group and len(group) > 1), ["left", "right", "other"]).ranges.round(6)
            low  high
    player
    left    1.0   1.0
    right   0.0   0.0
    other   0.0   0.0
    >>> votes = least_core(lambda group: int(len(group) > 1), "abc")
    >>> votes.empty, round(votes.epsilon, 6)
    (True, 0.333333)
    """
    if len(players) > MOST_IN_A_CORE:
        raise ValueError(
            f"players: at most {MOST_IN_A_CORE} can be solved for, not {len(players)}. Join some owners into one."
        )
    return _least_core(game_of(value, players))


def equalised_by_area(total: float, areas: Mapping[Any, float | None] | pd.Series) -> pd.Series:
    """A total shared by area, as land pooling agreements equalise.

    Which area counts (brought in, allocated or consented) is for the owners to agree.

    Parameters
    ----------
    total
        What is shared, in any unit; may be negative.
    areas
        Area by owner, in hectares, each 0 or more.

    Returns
    -------
    pandas.Series
        By owner, in the order given, in the unit of `total`; sums to it.

    Raises
    ------
    ValueError
        Naming every owner whose area is missing, negative or not finite; where all areas are 0; where the total is no finite number.

    Examples
    --------
    >>> equalised_by_area(900_000, {"county": 2.0, "police": 1.0}).to_dict()
    {'county': 600000.0, 'police': 300000.0}
    """
    pairs = pairs_of(areas, "areas")
    if missing := [owner for owner, area in pairs.items() if is_missing(area)]:
        raise ValueError(
            f"areas: no area is known for {named(missing)}. A missing area is not 0: measure it, or leave this rule out."
        )
    amount, hectares = (
        finite(total, "total"),
        {owner: finite(area, f"areas: {shown_name(owner)}") for owner, area in pairs.items()},
    )
    if wrong := [owner for owner, area in hectares.items() if area < 0]:
        raise ValueError(f"areas: the area of {named(wrong)} is negative. Areas are 0 or more.")
    whole = sum(hectares.values(), start=Fraction(0))
    if pairs and not whole:
        raise ValueError("areas: every area is 0, which shares nothing out.")
    index = pd.Index(list(pairs), tupleize_cols=False, name="player")
    return pd.Series(
        [float(amount * area / whole) for area in hectares.values()], index=index, name="by_area", dtype=float
    )


def ransom_share(uplift: float, share: float = 1 / 3) -> float:
    """What the holder of land without which nothing can be built is conventionally said to ask for.

    A third of the uplift its land releases, after Stokes v Cambridge Corporation (1961) 13 P & CR 77, Lands Tribunal: one decision on
    its own facts, and a starting point only. Another way in, compulsory purchase, or land the holder wants developed lower it.

    Parameters
    ----------
    uplift
        Worth with the key land less worth without it, 0 or more, in any unit.
    share
        Part of the uplift, 0 to 1.

    Raises
    ------
    ValueError
        Where the uplift is negative or the share is not between 0 and 1.

    Examples
    --------
    >>> ransom_share(600_000)
    200000.0
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share: a part between 0 and 1 is wanted, not {share!r}.")
    if finite(uplift, "uplift") < 0:
        raise ValueError(f"uplift: {uplift!r} is a loss, and nobody asks for a part of a loss.")
    return float(uplift * share)


def compare_shares(
    value: Value,
    owners: Sequence[Hashable],
    *,
    areas: Mapping[Any, float | None] | pd.Series | None = None,
    key_holders: Collection[Hashable] = (),
) -> Shares:
    """Ways to share what land is worth together, side by side, and who would do better alone under each.

    Beside what each owner's land is worth apart stand the Shapley value (the Myerson value where the game comes from
    `restricted_game`), equalisation of the whole by area, and the ransom convention: a third of the marriage value to those who hold
    the key, in equal parts, the rest by area to the others, and to each what it is worth apart. Whether a reader may be shown any of
    this is for the caller: see `Estate.released`.

    Parameters
    ----------
    value
        Worth in pounds of a group of owners, as for `shapley`.
    owners
        The owners, at most 20.
    areas
        Area by owner in hectares. None or a missing area leaves what needs it null.
    key_holders
        Owners whose land the group cannot do without.

    Raises
    ------
    ValueError
        As `shapley` and `equalised_by_area`, and where `areas` or `key_holders` name somebody who is no owner here.

    Examples
    --------
    >>> worth = {frozenset("a"): 0.0, frozenset("b"): 30_000.0, frozenset("ab"): 90_000.0}
    >>> shares = compare_shares(worth, ["a", "b"], areas={"a": 2.0, "b": 1.0}, key_holders=["a"])
    >>> shares.table[["apart_gbp", "shapley_gbp", "by_area_gbp", "ransom_gbp", "better_alone"]]
           apart_gbp  shapley_gbp  by_area_gbp  ransom_gbp better_alone
    owner
    a            0.0      30000.0      60000.0     20000.0           ()
    b        30000.0      60000.0      30000.0     70000.0           ()
    """
    game = game_of(value, owners)
    apart, together = sum(game.apart(), start=Fraction(0)), game.worths[-1]
    keys = tuple(dict.fromkeys(key_holders))
    check_names(keys, game.players, "key_holders")
    notes = [NEGOTIATION_AID]
    if together - apart <= _tolerance(game, exact=True) and len(game.players) > 1:
        notes.append("Together the owners are worth no more than apart, so there is no gain to share.")
    core = None
    low = high = [math.nan] * len(game.players)
    if len(game.players) <= MOST_IN_A_CORE:
        core = _least_core(game)
        if not core.empty:
            low, high = core.ranges["low"].tolist(), core.ranges["high"].tolist()
        else:
            notes.append("However the worth is shared, some group of owners does better alone.")
    else:
        notes.append(
            f"With more than {MOST_IN_A_CORE} owners it is not worked out whether any shares leave nobody better alone."
        )
    hectares = _areas(areas, game, notes)
    given = {
        "shapley": list(map(float, shapley_amounts(game))),
        "by area": None if hectares is None else equalised_by_area(float(together), hectares).tolist(),
        "ransom": _ransom(game, hectares, keys, notes),
    }
    better = _better_alone(game, {name: amounts for name, amounts in given.items() if amounts is not None})
    by_themselves = set(zip(better["coalition"], better["convention"], strict=True))
    columns: dict[str, list[Any]] = {
        "apart_gbp": list(map(float, game.apart())),
        **{
            f"{name.replace(' ', '_')}_gbp": amounts or [math.nan] * len(game.players)
            for name, amounts in given.items()
        },
        "core_low_gbp": low,
        "core_high_gbp": high,
    }
    frame = pd.DataFrame(columns, index=game.index("owner"), dtype=float)
    frame["better_alone"] = pd.Series(
        [tuple(name for name in given if ((owner,), name) in by_themselves) for owner in game.players],
        index=frame.index,
        dtype=object,
    )
    return Shares(
        frame[list(SHARE_COLUMNS)],
        better,
        float(together),
        float(apart),
        None if core is None else core.empty,
        tuple(notes),
    )


def _better_alone(game: Game, given: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """The groups that would do better alone, for every convention that could be worked out."""
    found = [
        _violations(game, list(map(Fraction, amounts)), exact=False).assign(convention=name)
        for name, amounts in given.items()
    ]
    rows = pd.concat(found, ignore_index=True)
    return rows.rename(columns={name: f"{name}_gbp" for name in _VIOLATIONS[1:]})[
        ["convention", "coalition", "worth_gbp", "allocated_gbp", "gain_gbp"]
    ]


def _tolerance(game: Game, *, exact: bool) -> Fraction:
    return Fraction(0) if exact and game.exact else _ROUNDING * max(map(abs, game.worths))


def _amounts(allocation: Mapping[Any, Any] | pd.Series, game: Game) -> tuple[list[Fraction], bool]:
    pairs = pairs_of(allocation, "allocation")
    check_names(tuple(pairs), game.players, "allocation")
    if missing := [player for player in game.players if is_missing(pairs.get(player))]:
        raise ValueError(f"allocation: nothing is said of {named(missing)}. Write 0 where that is meant.")
    given = [pairs[player] for player in game.players]
    return (
        [
            finite(raw, f"allocation: the amount of {shown_name(player)}")
            for player, raw in zip(game.players, given, strict=True)
        ],
        all(map(is_exact, given)),
    )


def _violations(game: Game, amounts: Sequence[Fraction], *, exact: bool) -> pd.DataFrame:
    allocated = _sums(amounts)
    bound = _tolerance(game, exact=exact)
    gains = [
        (worth - given, mask)
        for mask, (worth, given) in enumerate(zip(game.worths, allocated, strict=True))
        if worth - given > bound
    ]
    gains.sort(key=lambda gain: (-gain[0], gain[1].bit_count(), [i for i in range(len(amounts)) if gain[1] >> i & 1]))
    return pd.DataFrame(
        {
            "coalition": pd.Series([game.members(mask) for _, mask in gains], dtype=object),
            "worth": pd.Series([float(game.worths[mask]) for _, mask in gains], dtype=float),
            "allocated": pd.Series([float(allocated[mask]) for _, mask in gains], dtype=float),
            "gain": pd.Series([float(gain) for gain, _ in gains], dtype=float),
        },
        columns=list(_VIOLATIONS),
    )


def _sums(amounts: Iterable[Fraction]) -> list[Fraction]:
    """What every group of players has of some amounts, by bit mask."""
    out = [Fraction(0)]
    for amount in amounts:
        out += [amount + before for before in out]
    return out


def _least_core(game: Game) -> LeastCore:
    """Solved for what is gained by being together, in parts of the largest such gain or loss, so that one tolerance fits all games."""
    n, apart = len(game.players), game.apart()
    gains = [worth - alone for worth, alone in zip(game.worths, _sums(apart), strict=True)]
    scale = max(map(abs, gains))
    if scale <= _tolerance(game, exact=True):
        scale = Fraction(0)
    epsilon, low, high = 0.0, [0.0] * n, [0.0] * n
    if scale:
        wanted = np.array([float(gain / scale) for gain in gains])
        inner = slice(1, -1)
        members = (np.arange(1 << n)[:, None] >> np.arange(n) & 1).astype(float)[inner]
        epsilon = _solved(
            np.eye(n + 1)[n], np.column_stack([members, np.ones(len(members))]), wanted[inner], n, wanted[-1]
        )
        # A hair less than the optimum, or rounding could leave nothing to choose from.
        least = wanted[inner] - max(epsilon, 0.0) - 10.0 ** -(_SOLVED_TO + 2)
        for i, one in enumerate(np.eye(n)):
            low[i], high[i] = _solved(one, members, least, n, wanted[-1]), -_solved(-one, members, least, n, wanted[-1])
    ends = {
        name: [float(alone + scale * Fraction(round(end, _SOLVED_TO))) for alone, end in zip(apart, found, strict=True)]
        for name, found in (("low", low), ("high", high))
    }
    epsilon = round(epsilon, _SOLVED_TO)
    return LeastCore(
        float(scale * Fraction(epsilon)), epsilon > 0, pd.DataFrame(ends, index=game.index("player"), dtype=float)
    )


def _solved(
    aim: NDArray[np.float64], rows: NDArray[np.float64], least: NDArray[np.float64], n: int, whole: float
) -> float:
    """The smallest `aim` where every row of sums is at least so much and the first `n` unknowns add up to the whole."""
    from scipy.optimize import linprog  # takes longer to load than all the rest of most commands, and few need it

    amounts = (np.arange(len(aim)) < n).astype(float)
    answer = linprog(aim, -rows, -least, amounts[None, :], [whole], bounds=(None, None), method="highs")
    if not answer.success:
        raise ArithmeticError(f"The core could not be solved for: {answer.message}")
    return float(answer.fun)


def _areas(areas: Mapping[Any, float | None] | pd.Series | None, game: Game, notes: list[str]) -> pd.Series | None:
    """Areas of the owners in their order, or None where not all are known, which is noted."""
    pairs = {} if areas is None else pairs_of(areas, "areas")
    check_names(pairs, game.players, "areas")
    missing = [owner for owner in game.players if is_missing(pairs.get(owner))]
    if missing:
        notes.append(f"Nothing is shared by area: the area of {named(missing)} is not known.")
        return None
    return pd.Series([pairs[owner] for owner in game.players], index=game.index("owner"), dtype=object)


def _ransom(game: Game, areas: pd.Series | None, keys: Collection[Hashable], notes: list[str]) -> list[float] | None:
    """What each has apart, and of what is gained a part to those with the key and the rest to the others by area."""
    apart = game.apart()
    gain = game.worths[-1] - sum(apart, start=Fraction(0))
    others = [owner for owner in game.players if owner not in keys]
    why = ""
    if not keys:
        why = "nobody is said to hold the key"
    elif not others:
        why = "every owner holds a key, and the convention does not say who then has what"
    elif gain <= _tolerance(game, exact=True):
        why = "there is no gain to have a part of"
    elif areas is None:
        why = "the rest goes by area, and not every area is known"
    elif not any(areas.loc[others]):
        why = "the rest goes by area, and the others have none"
    if why or areas is None:
        notes.append(f"No ransom is worked out: {why}.")
        return None
    asked = ransom_share(float(gain))
    rest = equalised_by_area(float(gain) - asked, areas.loc[others])
    return [
        float(alone) + (asked / len(keys) if owner in keys else rest[owner])
        for owner, alone in zip(game.players, apart, strict=True)
    ]

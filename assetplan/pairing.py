"""How well two services would go together, before any building is looked at: their functions, and how far apart they are now.

A first sieve for co-location options and no more. Room, leases, covenants, response times and willingness are judged elsewhere.
Tested on which libraries share a building (``tests/benchmarks/bench_pairing.py``), it foretold this less well than counting how often
libraries elsewhere share with that kind of partner. So it says what to look at first, not what will happen.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assetplan.schema import AUDIENCE
from assetplan.schema import table as columns_of
from assetplan.text import shown_name
from assetplan.vocabulary import EFFECTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from assetplan.estate import Estate

HALF_REACH_M = 800.0
"""Metres at which affinity counts half: ten minutes on foot (Department for Transport, Manual for Streets, 2007; read in an account of it)."""
HALF_REACH_MIN = 10.0
"""Minutes at which affinity counts half, from the same source."""
STRONGEST = 3

_AFFINITY, _CONFLICT = EFFECTS
_NEEDED = ("function_a", "function_b", "effect", "strength")
_Pair = tuple[str, str]


def default_affinities() -> pd.DataFrame:
    """The package's own table of functions that go well together or must be kept apart, for folders that have none.

    Strength follows from what was found, by one rule. An affinity is 3 where a named scheme was decided, carried out or in talks
    and what is shared is plain; 2 where a source names the pair; 1 where it is an assumption, which its `source` then says. Every
    conflict is an assumption, of 1 or 2: the table forbids nothing.

    Returns
    -------
    pandas.DataFrame
        A copy, with the columns of ``assetplan columns --table affinities`` but for the readers; by identifier.

    Examples
    --------
    >>> table = default_affinities().set_index("affinity_id")
    >>> table.at["council-front-desk-library", "strength"]
    np.float64(3.0)
    >>> sorted(set(table["effect"]))
    ['affinity', 'conflict']
    """
    return _default().copy()


def affinities_of(estate: Estate) -> pd.DataFrame:
    """The affinities that hold for an estate: its own, or the package's where it has none that its reader may see.

    An estate's own table stands alone: nothing of the package's is added to it.

    Examples
    --------
    >>> import assetplan as ap
    >>> len(affinities_of(ap.read_estate("data/malton")))
    14
    """
    return estate.affinities if len(estate.affinities) else default_affinities()


def pairing_score(
    function_a: str,
    function_b: str,
    *,
    distance_m: float | None = None,
    travel_min: float | None = None,
    affinities: pd.DataFrame | None = None,
) -> float | None:
    """How well two services would go together, from -1 to 1, before any building is looked at.

    An affinity of strength `s` scores ``s / 3`` times the reach, which is ``2 ** (-distance_m / 800)`` or
    ``2 ** (-travel_min / 10)``: all of it side by side, half of it ten minutes' walk away, nothing where no way leads there (infinite). A conflict of
    strength `s` scores ``-s / 3`` wherever the two are now, since they would be under one roof. Where a pair has both, the conflict
    counts; of several rows of one effect the strongest. So more affinity never lowers a score, and farther never raises it.

    Parameters
    ----------
    function_a, function_b
        Functions of two services, in either order; capitals and spaces do not count.
    distance_m, travel_min
        How far apart the two are now: metres in a straight line, or minutes on foot. One of them, None or NaN where it is not known.
    affinities
        Rows with `function_a`, `function_b`, `effect` and `strength`; the package's own where it is None. See `affinities_of`.

    Returns
    -------
    float or None
        None where nothing is said of the pair, or the distance of two that go together is not known. Neither is a score of nought.

    Raises
    ------
    ValueError
        Where both distances are given, one is below nought, or a row of `affinities` is not of its vocabulary.

    Examples
    --------
    >>> pairing_score("council front desk", "library", distance_m=800)
    0.5
    >>> round(pairing_score("care home", "fire station", distance_m=800), 2)
    -0.67
    >>> pairing_score("library", "hose store", distance_m=0) is None
    True
    """
    if distance_m is not None and travel_min is not None:
        raise ValueError("Both distance_m and travel_min are given: give the one that is to count.")
    far = {"distance_m": [distance_m]} if travel_min is None else {"travel_min": [travel_min]}
    found = pairing_scores(pd.DataFrame({"function_a": [function_a], "function_b": [function_b], **far}), affinities)
    score = float(found.iloc[0])
    return None if np.isnan(score) else score


def pairing_scores(pairs: pd.DataFrame, affinities: pd.DataFrame | None = None) -> pd.Series:
    """Scores of many pairs at once, as `pairing_score` gives them.

    Parameters
    ----------
    pairs
        Columns `function_a`, `function_b`, and one of `distance_m` and `travel_min`.
    affinities
        As for `pairing_score`.

    Returns
    -------
    pandas.Series
        `pairing_score` by the index of `pairs`, from -1 to 1, NaN where it is not known.

    Raises
    ------
    ValueError
        As for `pairing_score`, and where a column is missing.

    Examples
    --------
    >>> pairs = pd.DataFrame(
    ...     {"function_a": ["library", "library"], "function_b": ["museum", "store"], "distance_m": [0.0, 0.0]}
    ... )
    >>> pairing_scores(pairs).round(2).tolist()
    [0.33, nan]
    """
    given = [name for name in ("distance_m", "travel_min") if name in pairs]
    missing = [name for name in ("function_a", "function_b") if name not in pairs]
    if missing or len(given) != 1:
        raise ValueError(
            f"Pairs need function_a, function_b and either distance_m or travel_min; these have {', '.join(map(shown_name, pairs)) or 'none'}."
        )
    far, half = given[0], HALF_REACH_M if given == ["distance_m"] else HALF_REACH_MIN
    apart: NDArray[np.float64] = pairs[far].to_numpy(dtype=float, na_value=np.nan)
    if (apart < 0).any():
        raise ValueError(f"{far} is {apart[apart < 0][0]:g}: it cannot be below nought.")
    said = _said(_default() if affinities is None else affinities)
    sides = ([_name(one) for one in pairs[name]] for name in ("function_a", "function_b"))
    worth = np.array([said.get(_pair(*both), np.nan) for both in zip(*sides, strict=True)], dtype=float)
    scores = np.where(worth < 0, worth, worth * np.exp2(-apart / half))
    return pd.Series(scores, index=pairs.index, name="pairing_score")


@cache
def _default() -> pd.DataFrame:
    columns = columns_of("affinities")
    frame = pd.read_csv(Path(__file__).with_name("affinities.csv"), dtype=str, keep_default_na=False)
    frame["strength"] = frame["strength"].astype(float)
    frame["illustrative"] = frame["illustrative"] == "yes"
    return frame[[name for name in columns if name != AUDIENCE]]


def _said(affinities: pd.DataFrame) -> Mapping[_Pair, float]:
    """What is said of each pair of functions, from -1 to 1."""
    missing = [name for name in _NEEDED if name not in affinities]
    if missing:
        raise ValueError(f"The table of affinities has no column {', '.join(missing)}.")
    out: dict[_Pair, float] = {}
    for one, other, effect, strength in zip(*(affinities[name].tolist() for name in _NEEDED), strict=True):
        _refuse(one, other, effect, strength)
        pair, worth = _pair(_name(one), _name(other)), strength / STRONGEST
        before = out.get(pair, 0.0)
        if effect == _CONFLICT:
            out[pair] = min(before, -worth)
        elif before >= 0:
            out[pair] = max(before, worth)
    return out


def _refuse(one: object, other: object, effect: Any, strength: Any) -> None:
    where = f"Affinity of {shown_name(one)} and {shown_name(other)}"
    if effect not in EFFECTS:
        raise ValueError(f"{where}: its effect is {shown_name(effect)}; it is one of {', '.join(EFFECTS)}.")
    if not isinstance(strength, int | float) or not 0 < strength <= STRONGEST:
        raise ValueError(f"{where}: its strength is {shown_name(strength)}; it is a number from 1 to {STRONGEST}.")


def _pair(one: str, other: str) -> _Pair:
    return (one, other) if one <= other else (other, one)


def _name(function: object) -> str:
    return " ".join(str(function).casefold().split())

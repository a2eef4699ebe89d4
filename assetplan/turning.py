"""What would change the answer about a group of sites: figures at which joining neither adds nor loses, and smaller groups that do better."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from assetplan.assumptions import CASES, HOUSING, Assumptions
from assetplan.groups import connected_subsets
from assetplan.relations import joined
from assetplan.residual import Land, apart_of, mix_of, only
from assetplan.valuation import ends_of, group_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MOVED = ("market_value_gbp_m2", "build_gbp_m2")
TURNING_COLUMNS = ("site_id", "unit", "stated", "turns_at", "tried_low", "tried_high")
# Groups of up to so many sites are gone through for a smaller one that does better; of larger ones one site at a time is left out.
_WHOLE = 12
_STEPS = 10
_HALVINGS = 14
_NOTHING_GBP = 0.5


def turning_points(
    land: Land,
    sites: Iterable[str],
    assumptions: Assumptions,
    mix: str = HOUSING,
    *,
    moved: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The values of figures at which the marriage value of a group changes from a gain to a loss or back, each moved by itself.

    Market value and build cost are tried from half to twice what is stated; what the site that gives up most would fetch as it stands,
    from nothing to twice. All else is central. The crossing nearest to the stated figure is found by bisection.

    Parameters
    ----------
    land, assumptions, mix
        As for `assetplan.group_values`.
    sites
        The group.
    moved
        The figures to move, without what a site fetches as it stands; all of them where none are named.

    Returns
    -------
    pandas.DataFrame
        Indexed by figure, ``as_it_stands_gbp`` with its ``site_id`` last: ``unit``, ``stated``, ``turns_at`` (null where it does not
        within ``tried_low`` and ``tried_high``), in that unit.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> found = turning_points(ap.land_of(estate), ["nhs:ILLUS-04", "nycc:ILLUS-05"], estate.assumptions)
    >>> found.index.tolist()
    ['market_value_gbp_m2', 'build_gbp_m2']
    """
    here = only(land, sorted(set(sites)))
    rows: list[tuple[str, str | None, str, float, float | None, float, float]] = []
    for name in MOVED if moved is None else moved:
        figure = assumptions.figures[name]

        def at(value: float, name: str = name) -> float:
            return _added(here, assumptions.changed({name: value}, source="tried"), mix)

        rows.append((name, None, figure.unit, figure.central, *_turn(at, figure.central, figure.central / 2)))
    apart = apart_of(here, mix_of(assumptions, mix), assumptions, "central", ())
    gives = np.clip(apart.best - apart.cleared, 0.0, None)
    if moved is None and len(gives) and gives.max() > _NOTHING_GBP:
        most = int(gives.argmax())
        site, stated = str(here.sites.index[most]), float(apart.stands[most])

        def standing(value: float) -> float:
            frame = here.sites.copy()
            frame.loc[site, "as_it_stands_gbp"] = value
            return _added(replace(here, sites=frame), assumptions, mix)

        rows.append(("as_it_stands_gbp", site, "GBP", stated, *_turn(standing, stated, 0.0)))
    frame = pd.DataFrame(rows, columns=["figure", *TURNING_COLUMNS]).set_index("figure")
    return frame.astype({"stated": float, "turns_at": float, "tried_low": float, "tried_high": float})


def better_without(
    land: Land, graph: nx.Graph, sites: Iterable[str], assumptions: Assumptions, mix: str = HOUSING
) -> pd.DataFrame:
    """The smaller group within a group that would add most, or lose least, where there is one that does better than the whole.

    Parameters
    ----------
    land, assumptions, mix, sites
        As for `turning_points`.
    graph
        The adjacency graph, from `assetplan.adjacency`.

    Returns
    -------
    pandas.DataFrame
        One row, or none: ``sites``, ``left_out``, ``marriage_low_gbp``, ``marriage_central_gbp``, ``marriage_high_gbp``. Of groups of up
        to 12 sites every connected group of two owners within them is tried, of larger ones those with one site left out.
    """
    members = sorted(set(sites))
    here = only(land, members)
    links = joined(graph).subgraph(members)
    owners = here.sites["organisation"].to_dict()
    if len(members) <= _WHOLE:
        adjacent = nx.to_numpy_array(links, nodelist=members, dtype=bool, weight=None)
        tried = [
            tuple(site for site, is_in in zip(members, row, strict=True) if is_in)
            for rows in connected_subsets(adjacent, 2, len(members) - 1)
            for row in rows
        ]
    else:
        tried = [tuple(site for site in members if site != gone) for gone in members]
        tried = [group for group in tried if nx.is_connected(links.subgraph(group))]
    tried = [group for group in tried if len({owners[site] for site in group}) > 1]
    columns = [f"marriage_{case}_gbp" for case in CASES]
    values = group_values(here, [tuple(members), *tried], assumptions, mix)[columns]
    central = values["marriage_central_gbp"].to_numpy()
    order = sorted(range(1, len(values)), key=lambda i: (-round(central[i], 2), len(tried[i - 1]), tried[i - 1]))
    rows = []
    if order and central[order[0]] > central[0] + _NOTHING_GBP:
        group = tried[order[0] - 1]
        rows.append(
            (group, tuple(site for site in members if site not in group), *map(float, values.iloc[order[0]].tolist()))
        )
    return pd.DataFrame(rows, columns=["sites", "left_out", *columns])


def _added(land: Land, a: Assumptions, mix: str) -> float:
    """The marriage value of all the sites of some land, central."""
    shares = mix_of(a, mix)
    members = np.ones((1, len(land.sites)))
    first, last = ends_of(land, members, apart_of(land, shares, a, "central", ()), shares, a, "central", ())
    return float(last[0] - first[0])


def _turn(added: Callable[[float], float], stated: float, lowest: float) -> tuple[float | None, float, float]:
    """Where gain and loss change over nearest to a stated figure, or nowhere, and the range in which that was looked for."""
    highest = 2 * stated

    def sign(value: float) -> int:
        found = added(value)
        return 0 if abs(found) < _NOTHING_GBP else 1 if found > 0 else -1

    wanted = -sign(stated)
    # The first figure on either way that is on the other side, and the last before it.
    best: tuple[float, float] | None = None
    for end in (lowest, highest):
        last = stated
        for value in np.linspace(stated, end, _STEPS + 1)[1:]:
            if best is not None and abs(value - stated) > abs(best[0] - stated):
                break
            if wanted and sign(float(value)) == wanted:
                best = (float(value), last)
                break
            last = float(value)
    if best is None:
        return None, lowest, highest
    other, same = best
    for _ in range(_HALVINGS):
        middle = (other + same) / 2
        if sign(middle) == wanted:
            other = middle
        else:
            same = middle
    return other, lowest, highest

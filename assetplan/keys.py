"""Who holds the key to a group of sites: what it loses without each site, and without each owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from assetplan.assumptions import CASES, HOUSING, Assumptions
from assetplan.errors import SubjectError
from assetplan.relations import joined
from assetplan.residual import only
from assetplan.text import visible
from assetplan.valuation import group_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assetplan.residual import Land

KEY_COLUMNS = ("organisations", "splits", "holds_the_road", *(f"lost_{case}_gbp" for case in CASES))


def key_holders(
    land: Land,
    graph: nx.Graph,
    sites: Iterable[str],
    assumptions: Assumptions,
    mix: str = HOUSING,
    *,
    by_owner: bool = False,
) -> pd.DataFrame:
    """What a group loses without each of its sites, or without each of its owners.

    Parameters
    ----------
    land, assumptions, mix
        As for `assetplan.group_values`.
    graph
        The adjacency graph, from `assetplan.adjacency`.
    sites
        The group.
    by_owner
        Whether all sites of an owner are left out together.

    Returns
    -------
    pandas.DataFrame
        Indexed by site, or by organisation, those without which most is lost first. ``splits``: without it the rest falls into
        several parts. ``holds_the_road``: without it what is left has not the frontage that a road takes, as far as frontages are
        known. ``lost_low_gbp``, ``lost_central_gbp``, ``lost_high_gbp``: marriage value of the group less that of the parts left (GBP);
        below nothing where the group would gain.

    Raises
    ------
    EstateError
        Where there is no such mix.
    SubjectError
        Where a site is none of the land's.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> graph = ap.adjacency(ap.sites(estate), roads=estate.roads)
    >>> six = ap.find_assemblies(estate, graph)["sites"].iloc[0]
    >>> keys = ap.key_holders(ap.land_of(estate), graph, six, estate.assumptions)
    >>> sorted(keys.index[keys["splits"].astype(bool)])
    ['nhs:ILLUS-04', 'nycc:ILLUS-05', 'police:ILLUS-06']
    """
    members = sorted(set(sites))
    if strange := [site for site in members if site not in land.sites.index]:
        raise SubjectError(f"{visible(strange[0])!r} is none of the sites that are valued.")
    owners = land.sites.loc[members, "organisation"]
    gone = (
        {owner: set(group.index) for owner, group in owners.groupby(owners)}
        if by_owner
        else {site: {site} for site in members}
    )
    links = joined(graph).subgraph(members)
    left = {
        name: sorted(tuple(sorted(part)) for part in nx.connected_components(links.subgraph(set(members) - without)))
        for name, without in gone.items()
    }
    groups = list(dict.fromkeys([tuple(members), *(part for parts in left.values() for part in parts)]))
    values = group_values(only(land, members), groups, assumptions, mix)
    added = {case: dict(zip(groups, values[f"marriage_{case}_gbp"], strict=True)) for case in CASES}
    rows = []
    for name, without in gone.items():
        lost = {
            f"lost_{case}_gbp": float(added[case][tuple(members)] - sum(added[case][part] for part in left[name]))
            for case in CASES
        }
        rows.append(
            {
                "key": name,
                "organisations": tuple(sorted(set(owners[sorted(without)]))),
                "splits": len(left[name]) > 1,
                "holds_the_road": _holds_the_road(land, members, without, assumptions),
                **lost,
            }
        )
    frame = pd.DataFrame(rows, columns=["key", *KEY_COLUMNS]).set_index("key")
    frame.index.name = "organisation" if by_owner else "site_id"
    order = sorted(range(len(frame)), key=lambda i: (-round(frame["lost_central_gbp"].iloc[i], 2), str(frame.index[i])))
    return frame.iloc[order]


def _holds_the_road(land: Land, members: Collection[str], without: set[str], assumptions: Assumptions) -> bool:
    front = land.sites["frontage_m"].astype(float)
    needed = assumptions.value("access_frontage_m")
    rest = [site for site in members if site not in without]
    known = not np.isnan(front[rest]).any()
    return bool(known and front[list(members)].sum() >= needed > front[rest].sum())

"""Groups of adjoining sites that could be considered as one development.

For now one row for each connected component of two or more owners, under the name "largest connected": what lies together,
not what is worth doing together. Scores, marriage value and ransom positions stay null until sites are valued.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.estate import sites as sites_of
from assetplan.relations import components
from assetplan.schema import table
from assetplan.site import UNKNOWN

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

    from assetplan.estate import Estate

ASSEMBLY_COLUMNS = tuple(table("assemblies"))


def find_assemblies(estate: Estate, graph: nx.Graph, max_sites: int = 8) -> pd.DataFrame:
    """Connected groups of sites of two or more owners.

    Sites that are locked, private, disposed of, or whose owner is unknown are taken out of the graph first; relations across a road
    (`opposite`) do not connect.

    Parameters
    ----------
    estate
        The estate, for any reader. Whether that reader may be shown the result is for the caller: see `Estate.released`.
    graph
        The adjacency graph of its sites, from `assetplan.adjacency`.
    max_sites
        Groups of more sites are still listed, and flagged in ``over_max_sites``.

    Returns
    -------
    pandas.DataFrame
        Ranked by number of sites, then area, then identifiers; columns as ``assetplan columns --table assemblies`` lists them.

    Raises
    ------
    ValueError
        Where `max_sites` is less than 2.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> graph = ap.adjacency(ap.sites(estate), roads=estate.roads)
    >>> found = ap.find_assemblies(estate, graph)
    >>> [len(group) for group in found["sites"]]
    [6]
    """
    if max_sites < 2:
        raise ValueError(f"max_sites: a group has at least 2 sites; {max_sites} was asked for.")
    frame = sites_of(estate)
    free = frame[
        frame["developable"].astype(bool)
        & (frame["ownership"] != "private")
        & (frame["organisation"] != UNKNOWN)
        & (frame["status"] != "disposed")
    ]
    groups = [
        group for group in components(graph.subgraph(free.index)) if len(set(free.loc[list(group), "organisation"])) > 1
    ]
    records: list[dict[str, Any]] = []
    for group in groups:
        members = free.loc[list(group)]
        area = members["area_ha"].sum(min_count=len(members))
        records.append(
            {
                "ranking": "largest connected",
                "sites": group,
                "organisations": tuple(sorted(set(members["organisation"]))),
                "area_ha": None if pd.isna(area) else round(float(area), 4),
                "score": None,
                "contributions": None,
                "marriage_value_gbp": None,
                "ransom_sites": None,
                "blockers": _blockers(estate, members),
                "over_max_sites": len(group) > max_sites,
            }
        )
    records.sort(key=lambda record: (-len(record["sites"]), -(record["area_ha"] or 0.0), record["sites"]))
    ranked = [{"rank": rank, **record} for rank, record in enumerate(records, start=1)]
    return pd.DataFrame(ranked, columns=list(ASSEMBLY_COLUMNS), dtype=object)


def _blockers(estate: Estate, members: gpd.GeoDataFrame) -> tuple[str, ...]:
    """What stands in the way, in words: titles to confirm, constraints that bite or may, owners not yet committed."""
    said: list[str] = []
    constraints = estate.constraints.set_index("constraint_id")
    for _, site in members.iterrows():
        if site["holder_status"] == "to confirm":
            said.append(f"{site['name']}: holder to be confirmed")
        for key in site["constraints"]:
            row = constraints.loc[key]
            if row["state"] == "no" or row["designation"] == "development limits":
                continue
            doubt = {
                "yes": "",
                "unknown": ": not known whether it applies",
                "arguable": ": arguable, counsel to advise",
            }[row["state"]]
            only = f" (permits {', '.join(row['permitted_uses'])} only)" if row["permitted_uses"] else ""
            said.append(f"{site['name']}: {row['kind']}, {row['name'] or key}{only}{doubt}")
    for owner in sorted(set(members["organisation"])):
        organisation = estate.organisations[owner]
        if organisation.commitment == "pending":
            said.append(f"{organisation.name}: commitment pending")
    return tuple(said)

"""Groups of adjoining sites that could be considered as one development, in two rankings that are kept apart.

*Largest connected* says what lies together: one row for each connected component of two or more owners. *Best deliverable* says what
might be worth doing together: of all connected groups within the limits, those that differ in kind, by the value they would add or
lose, how long consents take, who is committed, what is not known, and what somebody would give up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from assetplan.assumptions import CASES, HOUSING
from assetplan.declared import guessed
from assetplan.errors import EstateError, SubjectError
from assetplan.estate import sites as sites_of
from assetplan.games import restricted_game
from assetplan.keys import key_holders
from assetplan.land import flags_of, land_of, may_be_part, own_assumptions
from assetplan.relations import components, joined
from assetplan.residual import apart_of, mix_of, only
from assetplan.schema import table
from assetplan.scoring import score
from assetplan.searching import AssemblyLimits, Search, search_groups
from assetplan.sharing import compare_shares
from assetplan.stability import rank_stability
from assetplan.text import visible
from assetplan.turning import better_without, turning_points
from assetplan.valuation import constraint_prices, group_values, value_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import geopandas as gpd

    from assetplan.assumptions import Assumptions
    from assetplan.estate import Estate
    from assetplan.land import Flag
    from assetplan.residual import Land
    from assetplan.scoring import Criterion
    from assetplan.sharing import Shares
    from assetplan.valuation import GroupValue
    from assetplan.weights import Weights

ASSEMBLY_COLUMNS = tuple(table("assemblies"))
LARGEST, DELIVERABLE = "largest connected", "best deliverable"
# What deliverable groups may be scored by, as the criteria of weights.toml name it.
CRITERIA = ("marriage_value_gbp", "marriage_low_gbp", "months", "committed_percent", "unknowns", "given_up_gbp")
_SHOWN = 10


def find_assemblies(
    estate: Estate,
    graph: nx.Graph,
    max_sites: int = 8,
    *,
    limits: AssemblyLimits | None = None,
    assumptions: Assumptions | None = None,
    weights: Weights | None = None,
    lens: str = "",
    mix: str = HOUSING,
    land: Land | None = None,
) -> pd.DataFrame:
    """Connected groups of sites of two or more owners, in two rankings.

    Sites that are locked, private, disposed of, or whose owner is unknown are taken out of the graph first; relations across a road
    (`opposite`) do not connect.

    Parameters
    ----------
    estate
        The estate, for any reader. Whether that reader may be shown the result is for the caller: see `Estate.released`.
    graph
        The adjacency graph of its sites, from `assetplan.adjacency`.
    max_sites
        Most sites of a group that is ranked as deliverable. Larger connected groups are still listed as such, and flagged in
        ``over_max_sites``.
    limits
        What a deliverable group has to be like.
    assumptions, weights
        What values and scores rest on; the estate's own where none are given. Without assumptions nothing is valued, and there is no
        ranking by what is deliverable; without weights deliverable groups stand in order of their marriage value, without a score.
    lens
        The lens of the weights that scores are by; their first where none is named.
    mix
        The mix of uses they are valued for, one of the assumptions'.
    land
        The `assetplan.land_of` the estate by the same assumptions, where it is at hand.

    Returns
    -------
    pandas.DataFrame
        Largest connected groups by number of sites, then area, then identifiers; then deliverable ones by score. Columns as
        ``assetplan columns --table assemblies`` lists them. Values are indicative, not valuations. ``attrs["search"]`` says what was
        gone through and what may have been missed, ``attrs["values"]`` holds the `assetplan.value_group` of each deliverable group.

    Raises
    ------
    ValueError
        Where `max_sites` is less than 2.
    EstateError
        Where there is no such mix or lens.
    SubjectError
        Where the limits name a site that there is not.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> graph = ap.adjacency(ap.sites(estate), roads=estate.roads)
    >>> found = ap.find_assemblies(estate, graph)
    >>> len(found["sites"].iloc[0]), found["ranking"].iloc[0]
    (6, 'largest connected')
    """
    if max_sites < 2:
        raise ValueError(f"max_sites: a group has at least 2 sites; {max_sites} was asked for.")
    limits = limits or AssemblyLimits()
    frame = sites_of(estate)
    if strange := [site for site in (*limits.include, *limits.exclude) if site not in frame.index]:
        raise SubjectError(f"{visible(strange[0])!r} is no site of this estate.")
    free = frame[may_be_part(frame)]
    links = joined(graph.subgraph(free.index))
    parts = [part for part in components(links) if len(set(free.loc[list(part), "organisation"])) > 1]
    largest = [_row(estate, free, part, LARGEST, max_sites) for part in parts]
    largest.sort(key=lambda row: (-len(row["sites"]), -(row["area_ha"] or 0.0), row["sites"]))
    figures = assumptions or estate.land_figures
    search = Search((), 0)
    ranked: list[dict[str, Any]] = []
    values: dict[tuple[str, ...], GroupValue] = {}
    if figures is not None:
        if land is None:
            land = land_of(estate, figures)
        search = search_groups(estate, land, links, parts, figures, mix, limits, max_sites)
        ranked, values = _deliverable(
            estate, free, land, links, search, figures, _lens(weights or estate.weights, lens), mix, max_sites
        )
    rows = [{"rank": rank, **row} for listed in (largest, ranked) for rank, row in enumerate(listed, start=1)]
    out = pd.DataFrame(rows, columns=list(ASSEMBLY_COLUMNS), dtype=object)
    out.attrs |= {"search": search, "values": values}
    return out


def none_adds(rows: Iterable[Mapping[str, Any]]) -> str:
    """That no deliverable group adds value even at the kind end of the figures, where that is so; else nothing."""
    gains = [row["marriage_high_gbp"] for row in rows if row["ranking"] == DELIVERABLE]
    if not gains or max(gains) > 0:
        return ""
    return "By the figures here none of these groups would add value by being joined: the best lose least."


@dataclass(frozen=True, eq=False)
class Assembly:
    """One group of sites looked at closely, for one mix of uses. Indicative, not a valuation; nothing here is legal advice.

    Attributes
    ----------
    value
        What it would be worth apart and together, with reasons and lines: `assetplan.value_group`.
    prices
        What each covenant costs it: `assetplan.constraint_prices`.
    keys, keys_by_owner
        What it loses without each site, and without each owner: `assetplan.key_holders`.
    flags
        What it needs or has to find out: `assetplan.flags_of`.
    shares
        Ways to share what it is worth, as a negotiation aid: `assetplan.compare_shares`. Owners may leave their land as it is, or join it
        in smaller groups, so that none count for less than they would in parts (the superadditive cover of the game).
    given_up
        By organisation: what its sites would fetch as they stand beyond their land cleared, ``low``, ``central`` and ``high`` in GBP.
    turning
        Figures at which joining neither adds nor loses: `assetplan.turning.turning_points`.
    better
        A smaller group within it that does better, if there is one: `assetplan.turning.better_without`.
    """

    value: GroupValue
    prices: pd.DataFrame
    keys: pd.DataFrame
    keys_by_owner: pd.DataFrame
    flags: tuple[Flag, ...]
    shares: Shares
    given_up: pd.DataFrame
    turning: pd.DataFrame
    better: pd.DataFrame


def examine_assembly(
    estate: Estate, graph: nx.Graph, sites: Iterable[str], *, assumptions: Assumptions | None = None, mix: str = HOUSING
) -> Assembly:
    """Look at one group of sites closely: its value in reasons, what constraints cost, who holds the key, what is in the way, shares.

    Parameters
    ----------
    estate, graph, assumptions, mix
        As for `find_assemblies`.
    sites
        The group, of sites that may be part of a scheme.

    Raises
    ------
    SubjectError
        Where a site is none of the estate's, or cannot be part of a scheme: locked, private, disposed of, or of unknown owner; and
        where the sites do not hang together.
    EstateError
        Where there are no assumptions or no such mix.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> graph = ap.adjacency(ap.sites(estate), roads=estate.roads)
    >>> found = ap.examine_assembly(estate, graph, ["nhs:ILLUS-04", "nycc:ILLUS-05"])
    >>> found.shares.table.index.tolist(), found.value.homes > 30
    (['nhs', 'nycc'], True)
    """
    figures = own_assumptions(estate, assumptions)
    members = sorted(set(sites))
    land = land_of(estate, figures)
    if strange := [site for site in members if site not in land.sites.index]:
        raise SubjectError(f"{visible(strange[0])!r} is no site that may be part of a scheme.")
    parts = sorted(tuple(sorted(part)) for part in nx.connected_components(joined(graph).subgraph(members)))
    if len(parts) > 1:
        told = " and ".join(", ".join(map(visible, part)) for part in parts)
        raise SubjectError(
            f"These sites do not hang together, so they are no one scheme: {told}. Look at each part by itself."
        )
    value = value_group(land, members, figures, mix)
    here = only(land, members)
    owners = here.sites["organisation"]

    def worth(group: frozenset[str]) -> float:
        row = group_values(here, [sorted(group)], figures, mix).iloc[0]
        return max(float(row["apart_central_gbp"]), float(row["together_central_gbp"]))

    keys = key_holders(land, graph, members, figures, mix)
    by_owner = key_holders(land, graph, members, figures, mix, by_owner=True)
    game = _at_least_in_parts(restricted_game(worth, joined(graph).subgraph(members), owners.to_dict()))
    areas = sites_of(estate).loc[members, "area_ha"].groupby(owners).sum(min_count=1)
    holders = sorted(by_owner.index[by_owner["splits"].astype(bool) | by_owner["holds_the_road"].astype(bool)])
    shares = compare_shares(game, sorted(set(owners)), areas=areas, key_holders=holders)
    prices = constraint_prices(land, members, figures, mix)
    return Assembly(
        value,
        prices,
        keys,
        by_owner,
        flags_of(estate, members, figures, mix),
        shares,
        _given_up(here, figures, mix),
        turning_points(here, members, figures, mix),
        better_without(here, graph, members, figures, mix),
    )


def _given_up(land: Land, a: Assumptions, mix: str) -> pd.DataFrame:
    """What each owner's sites would fetch as they stand beyond their land cleared, low, central and high."""
    shares = mix_of(a, mix)
    lost = pd.DataFrame(index=land.sites.index)
    for case in CASES:
        apart = apart_of(land, shares, a, case, ())
        lost[case] = (apart.best - apart.cleared).clip(min=0.0)
    return lost.groupby(land.sites["organisation"]).sum().rename_axis("organisation")


def _at_least_in_parts(worth: Callable[[frozenset[Any]], Any]) -> Callable[[frozenset[Any]], Any]:
    """The worth of owners where they need not all join: the best of joining them and of every way to part them in two."""

    @cache
    def best(owners: frozenset[Any]) -> Any:
        others = sorted(owners)[1:]
        halves = (frozenset(half) for size in range(1, len(others) + 1) for half in combinations(others, size))
        return max([worth(owners), *(best(half) + best(owners - half) for half in halves)])

    return best


def _row(
    estate: Estate, free: gpd.GeoDataFrame, group: tuple[str, ...], ranking: str, max_sites: int
) -> dict[str, Any]:
    members = free.loc[list(group)]
    area = members["area_ha"].sum(min_count=len(members))
    return {
        "ranking": ranking,
        "sites": group,
        "organisations": tuple(sorted(set(members["organisation"]))),
        "area_ha": None if pd.isna(area) else round(float(area), 4),
        "blockers": _blockers(estate, members),
        "over_max_sites": len(group) > max_sites,
        **dict.fromkeys(_VALUED),
    }


_VALUED = (
    "score", "contributions", "first_in", "apart_gbp", "together_gbp", "marriage_value_gbp", "marriage_low_gbp", "marriage_high_gbp",
    "homes", "months", "unknowns", "given_up_gbp", "ransom_sites", "variants",
)  # fmt: skip


def _deliverable(
    estate: Estate,
    free: gpd.GeoDataFrame,
    land: Land,
    links: nx.Graph,
    search: Search,
    a: Assumptions,
    weighing: tuple[Sequence[Criterion], Mapping[str, float]] | None,
    mix: str,
    max_sites: int,
) -> tuple[list[dict[str, Any]], dict[tuple[str, ...], GroupValue]]:
    """The groups found, with what each is worth and what stands in its way, in order of their score; and their values."""
    rows: list[dict[str, Any]] = []
    values: dict[tuple[str, ...], GroupValue] = {}
    for group, variants in search.groups[: 3 * _SHOWN]:
        row = _row(estate, free, group, DELIVERABLE, max_sites)
        values[group] = value_group(land, group, a, mix)
        rows.append({**row, **_measured(estate, land, links, values[group], a), "variants": variants})
    if not rows:
        return [], {}
    frame = pd.DataFrame([{**_judged(estate, row), "key": i} for i, row in enumerate(rows)]).set_index("key")
    order = sorted(range(len(rows)), key=lambda i: (-round(rows[i]["marriage_value_gbp"], 2), rows[i]["sites"]))
    if weighing is not None:
        criteria = [_wide_enough(criterion, frame[criterion.name]) for criterion in weighing[0]]
        scores = score(frame, criteria, weighing[1])
        stable = rank_stability(frame, criteria)
        for i, row in enumerate(rows):
            row["score"] = round(float(scores.table["score_low"].iloc[i]), 1)
            row["contributions"] = {
                name: round(float(points), 1) for name, points in scores.contributions.iloc[i].items()
            }
            row["first_in"] = stable.first_in_words(i)
        order = sorted(order, key=lambda i: (-rows[i]["score"], rows[i]["sites"]))
    shown = [rows[i] for i in order[:_SHOWN]]
    return shown, {row["sites"]: values[row["sites"]] for row in shown}


def _measured(estate: Estate, land: Land, links: nx.Graph, value: GroupValue, a: Assumptions) -> dict[str, Any]:
    group, mix = value.sites, value.mix
    flags = flags_of(estate, list(group), a, mix)
    keys = key_holders(land, links, group, a, mix)
    figures = land.sites.loc[list(group)]
    unsaid = int(figures["frontage_m"].isna().sum() + figures["as_it_stands_gbp"].isna().sum())
    return {
        "apart_gbp": round(value.apart_gbp[1]),
        "together_gbp": round(value.together_gbp[1]),
        "marriage_value_gbp": round(value.marriage_value_gbp[1]),
        "marriage_low_gbp": round(min(value.marriage_value_gbp)),
        "marriage_high_gbp": round(max(value.marriage_value_gbp)),
        "homes": round(value.homes, 1),
        "months": max((flag.months[1] for flag in flags if flag.state != "no"), default=0),
        "unknowns": sum(flag.state in {"unknown", "arguable"} for flag in flags) + unsaid,
        "given_up_gbp": round(float((value.by_site["apart"] - value.by_site["cleared"]).clip(lower=0).sum())),
        "ransom_sites": tuple(sorted(keys.index[keys["splits"].astype(bool) | keys["holds_the_road"].astype(bool)])),
    }


def _judged(estate: Estate, row: Mapping[str, Any]) -> dict[str, float]:
    committed = [estate.organisations[owner].commitment == "committed" for owner in row["organisations"]]
    return {
        **{name: row[name] for name in CRITERIA if name in row},
        "committed_percent": 100 * float(np.mean(committed)),
    }


def _lens(weights: Weights | None, name: str) -> tuple[Sequence[Criterion], Mapping[str, float]] | None:
    """The criteria of weights.toml that groups have, and their weights under a lens; None where nothing is weighed."""
    if weights is None:
        if name:
            raise EstateError(f"There is no weights.toml, so no lens {visible(name)!r}.")
        return None
    if name and name not in weights.lenses:
        raise EstateError(f"There is no lens {visible(name)!r} in weights.toml.{guessed(name, weights.lenses)}")
    lens = weights.lenses[name] if name else weights.default
    used = {key: weight for key, weight in lens.weights.items() if key in CRITERIA and weight > 0}
    criteria = [criterion for criterion in weights.criteria if criterion.name in used]
    return (criteria, used) if criteria else None


def _wide_enough(criterion: Criterion, figures: pd.Series) -> Criterion:
    """A criterion whose range holds the groups compared: where the stated range does not, it is widened, and says so."""
    low, high = min(criterion.low, float(figures.min())), max(criterion.high, float(figures.max()))
    if (low, high) == (criterion.low, criterion.high):
        return criterion
    return replace(criterion, low=low, high=high, source=f"{criterion.source}; widened to hold the groups compared")


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

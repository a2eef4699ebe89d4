"""Going through the connected groups of an estate: all of them where that can be done, and those kept that differ in kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from assetplan.estate import sites as sites_of
from assetplan.groups import EXACT, connected_subsets, growing_groups
from assetplan.residual import Apart, Land, apart_of, mix_of, only
from assetplan.valuation import ends_of, most_added

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from assetplan.assumptions import Assumptions
    from assetplan.estate import Estate

# Two groups that share three sites in four, or more, of all they have are variants of one.
ALIKE = 0.75
# So many of the best groups of a component are looked at for what differs in kind, beside the best of each set of owners and size.
_POOL = 2_000


@dataclass(frozen=True)
class AssemblyLimits:
    """What a group of sites has to be like to be ranked as deliverable.

    Attributes
    ----------
    include, exclude
        Sites that every group has, and that no group has.
    min_sites
        Fewest sites of a group, 2 or more.
    min_area_ha, max_area_ha
        Area of a group as drawn (ha).
    min_frontage_m
        Road frontage of a group, its sites' added (m); unknown counts as none.
    committed_only
        Whether only sites of organisations that are committed are taken.
    without_constraints
        Kinds of constraint no site of a group may be under, unless they are known not to apply: ``("consent",)``.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    min_sites: int = 2
    min_area_ha: float = 0.0
    max_area_ha: float = float("inf")
    min_frontage_m: float = 0.0
    committed_only: bool = False
    without_constraints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.min_sites < 2:
            raise ValueError(f"min_sites: a group has at least 2 sites; {self.min_sites} was asked for.")
        for name in ("min_area_ha", "max_area_ha", "min_frontage_m"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name}: a number, 0 or more, is wanted, not {getattr(self, name)!r}.")
        if self.min_area_ha > self.max_area_ha:
            raise ValueError(f"min_area_ha: {self.min_area_ha:g} is more than max_area_ha, {self.max_area_ha:g}.")


@dataclass(frozen=True, eq=False)
class Search:
    """What a search through the groups of an estate found.

    Attributes
    ----------
    groups
        Groups that differ in kind, most marriage value first (central case), each with how many variants of it were folded away.
    seen
        How many connected groups within the limits were valued.
    missed
        Sentences about components too large to go through whole: the most that any group not seen could be worth.
    """

    groups: tuple[tuple[tuple[str, ...], int], ...]
    seen: int
    missed: tuple[str, ...] = ()


def search_groups(
    estate: Estate,
    land: Land,
    links: nx.Graph,
    parts: list[tuple[str, ...]],
    a: Assumptions,
    mix: str,
    limits: AssemblyLimits,
    max_sites: int,
) -> Search:
    """Go through the connected groups of an estate's components, and keep those that differ in kind."""
    frame = sites_of(estate)
    allowed = _allowed(estate, frame, limits)
    shares = mix_of(a, mix)
    apart = apart_of(land, shares, a, "central", ())
    place = {site: i for i, site in enumerate(land.sites.index)}
    pool: list[tuple[float, tuple[str, ...]]] = []
    missed: list[str] = []
    seen = 0
    for part in parts:
        for piece in nx.connected_components(links.subgraph([site for site in part if allowed[site]])):
            members = _in_order(sorted(piece), frame)
            owners = land.sites.loc[members, "organisation"]
            if len(members) < limits.min_sites or owners.nunique() < 2 or not set(limits.include) <= set(members):
                continue
            at = [place[site] for site in members]
            sub = only(land, members)
            here = Apart(apart.cleared[at], apart.stands[at], apart.best[at])

            def worth(rows: NDArray[np.bool_], sub: Land = sub, here: Apart = here) -> NDArray[np.float64]:
                met = np.flatnonzero(rows.any(axis=0))  # groups that come together lie together: few sites of many
                if len(met) < rows.shape[1]:
                    sub = only(sub, list(sub.sites.index[met]))
                    here, rows = Apart(here.cleared[met], here.stands[met], here.best[met]), rows[:, met]
                before, after = ends_of(sub, rows.astype(float), here, shares, a, "central", ())
                return after - before

            keep = _Keep(
                owners.to_numpy(),
                frame.loc[members, "area_ha"].to_numpy(dtype=float),
                sub.sites["frontage_m"].to_numpy(dtype=float),
                limits,
                [members.index(site) for site in limits.include],
            )
            complete = True
            best = _Pool()
            for rows, whole in _groups(links, members, limits.min_sites, max_sites, worth):
                complete &= whole
                rows = rows[keep(rows)]
                if len(rows):
                    seen += len(rows)
                    best.add(rows, worth(rows), owners.to_numpy())
            found = best.groups(members)
            if len(members) <= max_sites and keep(np.ones((1, len(members)), dtype=bool)).any():
                whole_row = np.ones((1, len(members)), dtype=bool)
                found = sorted(
                    {*found, (float(worth(whole_row)[0]), tuple(members))}, key=lambda group: (-group[0], group[1])
                )
            pool += found
            if not complete:
                most = most_added(sub, here, max_sites, shares, a)
                best_seen = max((value for value, _ in found), default=0.0)
                missed.append(
                    _missed(len(members), str(frame.at[members[0], "name"] or members[0]), max_sites, best_seen, most)
                )
    return Search(tuple(_unlike(pool)), seen, tuple(missed))


def _in_order(members: list[str], frame: gpd.GeoDataFrame) -> list[str]:
    """Sites of a component too large to go through whole from south to north, so that groups which come together lie together."""
    if len(members) <= EXACT:
        return members
    north = dict(zip(map(str, frame.index), frame["northing"].tolist(), strict=True))
    return sorted(members, key=lambda site: (north[site], site))


def _missed(number: int, name: str, largest: int, best: float, most: float) -> str:
    """What a search that was not complete may have missed, in words."""
    bound = (
        "how much better another might be is not known"
        if np.isnan(most)
        else f"no group there could add more than £{most:,.0f}"
    )
    return (
        f"{number:,} sites hang together about {name}, too many to go through every group of up to {largest}. The best of those seen adds "
        f"£{best:,.0f}; {bound}."
    )


def _allowed(estate: Estate, frame: gpd.GeoDataFrame, limits: AssemblyLimits) -> dict[str, bool]:
    """Sites that a group may have."""
    kinds = {
        str(row["constraint_id"]): row["kind"]
        for row in estate.constraints.drop(columns="geometry").to_dict("records")
        if row["state"] != "no"
    }
    out = {}
    for site, owner, keys in zip(map(str, frame.index), frame["organisation"], frame["constraints"], strict=True):
        known = estate.organisations.get(owner)
        out[site] = (
            site not in limits.exclude
            and (not limits.committed_only or (known is not None and known.commitment == "committed"))
            and not {kinds.get(key) for key in keys} & set(limits.without_constraints)
        )
    return out


@dataclass(frozen=True, eq=False)
class _Keep:
    """Which groups are within the limits: a row a group, true for its sites."""

    owners: NDArray[np.object_]
    area: NDArray[np.float64]
    front: NDArray[np.float64]
    limits: AssemblyLimits
    include: list[int]

    def __call__(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        counted = rows.astype(float)
        area = counted @ np.nan_to_num(self.area)
        out = (area >= self.limits.min_area_ha) & (area <= self.limits.max_area_ha) & rows[:, self.include].all(axis=1)
        if self.limits.min_frontage_m:
            out &= counted @ np.nan_to_num(self.front) >= self.limits.min_frontage_m
        held = sum(rows[:, self.owners == owner].any(axis=1).astype(int) for owner in sorted(set(self.owners)))
        return np.asarray(out & (held > 1))


def _groups(
    links: nx.Graph,
    members: list[str],
    smallest: int,
    largest: int,
    worth: Callable[[NDArray[np.bool_]], NDArray[np.float64]],
) -> Iterator[tuple[NDArray[np.bool_], bool]]:
    adjacent = nx.to_numpy_array(links.subgraph(members), nodelist=members, dtype=bool, weight=None)
    if len(members) <= EXACT:
        for rows in connected_subsets(adjacent, smallest, largest):
            yield rows, True
    else:
        yield from growing_groups(adjacent, smallest, largest, worth)


class _Pool:
    """The best groups of one component: the best of all, and the best of each set of owners and each size."""

    def __init__(self) -> None:
        self.rows: NDArray[np.bool_] | None = None
        self.worth: NDArray[np.float64] = np.empty(0)

    def add(self, rows: NDArray[np.bool_], worth: NDArray[np.float64], owners: NDArray[np.object_]) -> None:
        """Take some more groups in."""
        if self.rows is not None:
            rows, worth = np.concatenate([self.rows, rows]), np.concatenate([self.worth, worth])
        order = np.argsort(-worth, kind="stable")
        rows, worth = rows[order], worth[order]
        held = np.column_stack(
            [*(rows[:, owners == owner].any(axis=1) for owner in sorted(set(owners))), rows.sum(axis=1)]
        )
        _, first = np.unique(held, axis=0, return_index=True)
        kept = np.union1d(np.arange(min(_POOL, len(rows))), first)
        self.rows, self.worth = rows[kept], worth[kept]

    def groups(self, members: list[str]) -> list[tuple[float, tuple[str, ...]]]:
        """The groups kept, each with its worth, most first, ties by identifier."""
        if self.rows is None:
            return []
        found = [
            (float(value), tuple(sorted(site for site, is_in in zip(members, row, strict=True) if is_in)))
            for row, value in zip(self.rows, self.worth, strict=True)
        ]
        return sorted(found, key=lambda group: (-round(group[0], 2), group[1]))


def _unlike(pool: list[tuple[float, tuple[str, ...]]]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Groups that differ in kind, most worth first, each with the number of its variants."""
    kept: list[tuple[set[str], int]] = []
    by_site: dict[str, list[int]] = {}
    for _, sites in sorted(pool, key=lambda group: (-round(group[0], 2), group[1])):
        like = {i for site in sites for i in by_site.get(site, ())}
        for i in sorted(like):
            other, _ = kept[i]
            if len(other & set(sites)) >= ALIKE * len(other | set(sites)):
                kept[i] = (other, kept[i][1] + 1)
                break
        else:
            for site in sites:
                by_site.setdefault(site, []).append(len(kept))
            kept.append((set(sites), 0))
    for members, variants in kept:
        yield tuple(sorted(members)), variants

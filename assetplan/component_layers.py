"""Groups of sites that hang together on a map: outlines round them, and how many bodies they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from assetplan.grid import geometries_to_degrees
from assetplan.listing import of_each_site, owners_in_words, sites_in_words
from assetplan.page.view import Component
from assetplan.site import UNKNOWN
from assetplan.text import counted
from assetplan.wording import Account, hectares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_MANY_SITES = 2_000
_SKIN_M = 10.0


def components_of(account: Account) -> list[Component]:
    """The groups of sites that hang together, with outlines; of a large estate those of one body stand in the table alone."""
    if account.components is None:
        return []
    names, owner = of_each_site(account, "name"), of_each_site(account, "organisation")
    chosen = []
    for row in account.components.to_dict("records"):
        if any(site not in account.drawn for site in row["sites"]):
            continue  # a group is shown whole or not at all
        owners = {owner[site] for site in row["sites"]}
        if len(owners) > 1 or len(owner) <= _MANY_SITES:
            chosen.append((row, owners))
    shapes = _outlines(account, [row["sites"] for row, _ in chosen])
    outlines = geometries_to_degrees(shapes) if chosen else shapes
    return [
        Component(
            name=f"{len(row['sites']):,} sites, {_bodies_in_words(owners)}",
            mix=_mix(owners),
            sites=[account.drawn[site] for site in row["sites"]],
            text=_component_in_words(account, row, names, owner),
            shape=outline,
        )
        for (row, owners), outline in zip(chosen, outlines, strict=True)
    ]


def _mix(owners: set[str]) -> Literal["one", "two", "more", "unclear"]:
    """Of how many bodies some sites are; where an owner is unknown, fewer than three known ones do not tell."""
    known = len(owners - {UNKNOWN})
    if known > 2:
        return "more"
    return "unclear" if UNKNOWN in owners else "two" if known == 2 else "one"


def _bodies_in_words(owners: set[str]) -> str:
    known = counted(len(owners - {UNKNOWN}), "body", "bodies")
    if UNKNOWN not in owners:
        return known
    return f"{known} and an owner unknown" if len(owners) > 1 else "owner unknown"


def _component_in_words(
    account: Account, row: Mapping[str, Any], names: Mapping[str, str], owner: Mapping[str, str]
) -> str:
    cuts = row["articulation_sites"]
    area = f"{hectares(row['area_ha'])} as drawn" if row["area_ha"] == row["area_ha"] else "area not known"
    held = f" Without {sites_in_words(names, cuts)} it falls apart." if len(cuts) == 1 else ""
    if len(cuts) > 1:
        held = f" Without any one of these it falls apart: {sites_in_words(names, cuts)}."
    number = counted(len(row["sites"]), "site").capitalize()
    return f"{number}, {area}: {owners_in_words(account, (owner[site] for site in row['sites']))}.{held}"


def _outlines(account: Account, groups: list[tuple[str, ...]]) -> NDArray[np.object_]:
    """An outline round each group of sites: a skin round every member, and a neck where two are joined across a gap."""
    group_of = {site: number for number, group in enumerate(groups) for site in group}
    keys = list(group_of)
    drawn = shapely.simplify(np.asarray(account.sites.loc[keys].geometry.to_numpy(), dtype=object), _SKIN_M / 4)
    joined = account.pairs[(account.pairs["relation"] != "opposite") & account.pairs["site_a"].isin(set(keys))]
    at = {site: place for place, site in enumerate(keys)}
    a, b = ([at[site] for site in joined[column]] for column in ("site_a", "site_b"))
    necks = shapely.shortest_line(drawn[a], drawn[b])
    parts = shapely.buffer(np.concatenate([drawn, necks]), _SKIN_M, quad_segs=2)
    number = np.array([group_of[site] for site in (*keys, *joined["site_a"])], dtype=np.int64)
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], np.arange(len(groups) + 1))
    out = np.empty(len(groups), dtype=object)
    for k in range(len(groups)):
        out[k] = shapely.union_all(parts[order[starts[k] : starts[k + 1]]])
    return np.asarray(shapely.simplify(out, _SKIN_M / 4), dtype=object)

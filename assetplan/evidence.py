"""Why two assets or parcels are one site, or are not: the links that were made, told from what a reader may see."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import shapely
from rapidfuzz import process

from assetplan.errors import SubjectError
from assetplan.holding import UNKNOWN, is_estate
from assetplan.merging import KEYS
from assetplan.outlines import TOUCH_TOLERANCE_M
from assetplan.schema import table
from assetplan.text import counted, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from assetplan.estate import Estate
    from assetplan.merging import Link

LINK_COLUMNS = tuple(table("links"))
_KIND = {"a": "asset", "p": "parcel"}


@dataclass(frozen=True)
class Verdict:
    """Whether two subjects are one site, the sites they are on (None where they are on none), and why, in sentences."""

    one_site: bool
    site_a: str | None
    site_b: str | None
    because: tuple[str, ...]


def site_evidence(estate: Estate) -> pd.DataFrame:
    """The links that make assets and parcels one site, one row each.

    The links of a site form a tree: a site of n members has n - 1 of them, and between two members there is one chain. A site of
    one member has none.

    Returns
    -------
    pandas.DataFrame
        ``site_id, member, member_kind, other, other_kind, rule, reason, source``, in order of site, then of the strength of the rule.
        `source` is who says so: that of the fact, or the rows of the registers and parcels that share what joins them.

    Examples
    --------
    >>> import assetplan as ap
    >>> links = ap.site_evidence(ap.read_estate("data/malton"))
    >>> links.loc[links["site_id"] == "police:ILLUS-06", ["member", "other", "reason"]].values.tolist()
    [['police:NYP-0117', 'police:NYP-0118', 'share title ILLUS-06'], ['police:NYP-0117', 'MAL-06', 'share title ILLUS-06']]
    """
    home = _homes(estate._sites)
    row_of, given = _rows(estate), _given(estate)
    rows = []
    for links in estate._merged.links:
        for link in links:
            reason = link.detail or link.reason
            said = link.source if link.rule == "fact" else "; ".join(_sources(row_of, given, link))
            rows.append(
                (
                    home[link.member],
                    link.member[2:],
                    _KIND[link.member[0]],
                    link.other[2:],
                    _KIND[link.other[0]],
                    link.rule,
                    reason,
                    said or None,
                )
            )
    frame = pd.DataFrame(rows, columns=list(LINK_COLUMNS), dtype=object)
    return frame.sort_values("site_id", kind="stable").reset_index(drop=True)


def why_one_site(estate: Estate, a: str, b: str) -> str:
    """Why two assets, parcels or sites are one site, or why they are not, in words.

    Parameters
    ----------
    a, b
        Identifiers of assets, parcels or sites, or the whole name of a site.

    Returns
    -------
    str
        A sentence a line: the chain of links from one to the other; or what keeps them apart, whose they are, and how far apart they
        lie.

    Raises
    ------
    SubjectError
        Where this reader's estate has no such asset, parcel or site; the message guesses.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> print(ap.why_one_site(estate, "police:NYP-0117", "police:NYP-0118"))
    police:NYP-0117 and police:NYP-0118 are one site, police:ILLUS-06...
    """
    return "\n".join(verdict(estate, a, b).because)


def verdict(estate: Estate, a: str, b: str) -> Verdict:
    """Whether two subjects are one site, and why: what `why_one_site` tells, in parts."""
    sites = estate._sites
    home = _homes(sites)
    one, other = (_subject(estate, text) for text in (a, b))
    site_a, site_b = home.get(one, one), home.get(other, other)
    on = tuple(site if site in sites.index else None for site in (site_a, site_b))
    named = " and ".join(item[2:] if item in home else item for item in (one, other))
    if None in on:
        told = [_on_no_site(estate, item) for item, site in zip((one, other), on, strict=True) if site is None]
        return Verdict(False, on[0], on[1], tuple(told))
    if site_a != site_b:
        head = f"{named} are two sites" + ("." if named == f"{site_a} and {site_b}" else f": {site_a} and {site_b}.")
        return Verdict(False, site_a, site_b, (head, *_why_not(estate, site_a, site_b)))
    if one == other or {one, other} & {site_a}:
        return Verdict(True, site_a, site_b, (f"{named} are one site, {site_a}: {sites.at[site_a, 'reason']}.",))
    head = f"{named} are one site, {site_a}:"
    return Verdict(True, site_a, site_b, (head, *_chain(estate, one, other)))


def trail(estate: Estate, site: str) -> str:
    """All that makes a site what it is, in words: its members with their rows, the links, whose it is, and facts in force on it."""
    row = estate._sites.loc[site]
    lines = [f"{site}: {visible(str(row['name']))}", ""]
    members = [*(f"a:{asset}" for asset in row["assets"]), *(f"p:{parcel}" for parcel in row["parcels"])]
    row_of = _rows(estate)
    lines.append(f"Made of {counted(len(row['assets']), 'asset')} and {counted(len(row['parcels']), 'parcel')}:")
    for item in members:
        lines.append(f"  {_KIND[item[0]]} {item[2:]}{_where(estate, row_of, item)}")
    links = site_evidence(estate)
    links = links[links["site_id"] == site]
    lines += ["", "One site because:" if len(links) else f"One site: {row['reason']}."]
    for link in links.itertuples(index=False):
        lines.append(f"  {link.member} and {link.other}: {link.reason}" + (f" [{link.source}]" if link.source else ""))
    lines += [
        "",
        f"Held by: {row['organisation']}" + (f" (freeholder {row['freeholder']})" if row["freeholder"] else ""),
    ]
    if row["claimants"]:
        lines.append(f"  claimed by {' and '.join(row['claimants'])}; a freehold in interests.csv would settle it")
    if row["occupiers"]:
        lines.append(f"  listed or held by {', '.join(row['occupiers'])}")
    held = estate.interests[estate.interests["subject"].isin([item[2:] for item in members])]
    for interest in held.itertuples(index=False):
        lines.append(
            f"  {interest.interest} of {interest.subject}: {interest.holder}"
            + (f" [{interest.source}]" if interest.source else "")
        )
    if kept := _kept_from(estate, set(members)):
        lines += ["", "Kept apart by facts:", *kept]
    return visible_lines(lines)


def visible_lines(lines: list[str]) -> str:
    """Lines as text with nothing hidden in them."""
    return "\n".join(visible(line) for line in lines) + "\n"


# ------------------------------------------------------------------------------------------------------- who is meant


def _homes(sites: gpd.GeoDataFrame) -> dict[str, str]:
    """The site of each member."""
    return {
        f"{kind}:{item}": str(site)
        for kind, column in (("a", "assets"), ("p", "parcels"))
        for site, items in zip(sites.index, sites[column], strict=True)
        for item in items
    }


def _subject(estate: Estate, text: str) -> str:
    """The member or site a text means; one on no site is given as a member all the same."""
    sites = estate._sites
    if text in estate.assets.index:
        return f"a:{text}"
    if text in estate.land.index:
        return f"p:{text}"
    if text in sites.index:
        return text
    hits = [str(site) for site, name in sites["name"].items() if str(name).casefold() == text.casefold()]
    if len(hits) == 1:
        return hits[0]
    names = {str(key): str(key) for key in (*estate.assets.index, *estate.land.index, *sites.index)}
    names |= {f"{site} ({name})": str(name) for site, name in sites["name"].items() if name}
    near = list(dict.fromkeys(str(key) for _, _, key in process.extract(text, names, limit=3, score_cutoff=50)))
    hint = f" Did you mean {' or '.join(near)}?" if near else " List them with: assetplan sites ESTATE"
    what = "Several sites are" if hits else "No asset, parcel or site is"
    raise SubjectError(visible(f"{what} called {text!r}.{hint}"))


def _on_no_site(estate: Estate, item: str) -> str:
    if item.startswith("p:"):
        return f"Parcel {item[2:]} is on no site: no register, fact, interest or constraint claims it."
    row = estate.assets.loc[item[2:]]
    if is_estate(row["kind"], row["ownership"], row["operator"]):
        return f"Asset {item[2:]} is on no site."
    return (
        f"Asset {item[2:]} is on no site: it stands in a {row['kind']} register, ownership {row['ownership'] or 'not stated'}, and "
        "nothing says that it is public estate."
    )


# ------------------------------------------------------------------------------------------------------- why they are


def _sources(row_of: Mapping[str, str], given: Mapping[tuple[str, str], str], link: Link) -> list[str]:
    """The rows that share what joins two members, and the facts that gave it to them."""
    said = []
    for item in (link.member, link.other):
        said += [row_of[item], given.get((item[2:], link.rule), "")]
    return [told for told in dict.fromkeys(said) if told]


def _given(estate: Estate) -> dict[tuple[str, str], str]:
    """The facts in force that give an asset or parcel what it is found by."""
    rules = dict(KEYS)
    facts = estate.facts[estate.facts["in_force"].astype(bool) & estate.facts["field"].isin(rules)]
    return {
        (str(subject), rules[name]): f"fact {fact}" if fact else f"the fact on {subject}"
        for subject, name, fact in zip(facts["subject"], facts["field"], facts["fact_id"], strict=True)
    }


def _rows(estate: Estate) -> dict[str, str]:
    """Where each member comes from: register and line, or what a parcel's outline was taken from."""
    assets, land = estate.assets, estate.land
    told = {
        f"a:{asset}": f"{register}, line {row}"
        for asset, register, row in zip(assets.index, assets["register"], assets["row"], strict=True)
    }
    said = {f"p:{parcel}": f"land: {source}" if source else "" for parcel, source in land["source"].items()}
    return {**told, **said}


def _where(estate: Estate, row_of: Mapping[str, str], item: str) -> str:
    told = [row_of[item]]
    if item.startswith("a:"):
        row = estate.assets.loc[item[2:]]
        told += [str(row["name"] or ""), f"title {row['title_no']}" if row["title_no"] else ""]
        told += [f"on {', '.join(row['parcels'])}: {row['join_reason']}" if row["parcels"] else ""]
    return "".join(f"; {said}" for said in told if said)


def _chain(estate: Estate, one: str, other: str) -> list[str]:
    """The links that lead from one member to another, each in a sentence."""
    near: dict[str, list[Link]] = defaultdict(list)
    for links in estate._merged.links:
        for link in links:
            near[link.member].append(link)
            near[link.other].append(link)
    came: dict[str, tuple[str, Link] | None] = {one: None}
    queue = deque([one])
    while queue and other not in came:
        at = queue.popleft()
        for link in near[at]:
            to = link.other if link.member == at else link.member
            if to not in came:
                came[to] = (at, link)
                queue.append(to)
    steps: list[str] = []
    at = other
    while (step := came[at]) is not None:
        before, link = step
        said = f"; {link.source}" if link.source else ""
        steps.append(f"{before[2:]} and {at[2:]}: {link.detail or link.reason}{said}.")
        at = before
    return steps[::-1]


# ------------------------------------------------------------------------------------------------------- why they are not


def _why_not(estate: Estate, a: str, b: str) -> list[str]:
    sites = estate._sites
    one, other = sites.loc[a], sites.loc[b]
    members = [
        {*(f"a:{asset}" for asset in site["assets"]), *(f"p:{parcel}" for parcel in site["parcels"])}
        for site in (one, other)
    ]
    told = []
    for apart in estate._merged.apart:
        if {apart.one, apart.other} & members[0] and {apart.one, apart.other} & members[1]:
            told.append(
                f"Kept apart: {apart.said} says that {apart.one[2:]} and {apart.other[2:]} are not one site"
                + (f" ({apart.source})." if apart.source else ".")
            )
    for refusal in estate._merged.refused:
        link = refusal.link
        if {link.member, link.other} & members[0] and {link.member, link.other} & members[1]:
            told.append(
                f"They {link.reason}, but to join {link.member[2:]} to {link.other[2:]} by it would bring "
                f"{refusal.apart.one[2:]} and {refusal.apart.other[2:]} together, which {refusal.apart.said} forbids."
            )
    if not told:
        told.append("They share no site reference, title, UPRN or parcel, and no fact joins them.")
    owners = (one["organisation"], other["organisation"])
    if UNKNOWN in owners:
        which = [site for site, owner in zip((a, b), owners, strict=True) if owner == UNKNOWN]
        told.append(f"Who owns {' and '.join(which)} is not known, so land that overlaps is not merged.")
    elif owners[0] != owners[1]:
        told.append(f"Their owners differ: {owners[0]} and {owners[1]}.")
    told.append(_how_they_lie(one, other))
    told.append(f"If they are one, say so in facts.csv: same_as, from {_first(one)} to {_first(other)}.")
    return told


def _first(site: pd.Series) -> str:
    return str((*site["assets"], *site["parcels"])[0])


def _how_they_lie(one: pd.Series, other: pd.Series) -> str:
    precisions = {one["precision"], other["precision"]}
    if "none" in precisions:
        return "How far apart they lie is not known: one of them has no place."
    if "postcode" in precisions:
        return "How far apart they lie is not known: one of them is placed by its postcode."
    gap = float(shapely.distance(one["geometry"], other["geometry"]))
    if "point" in precisions:
        return f"They lie {gap:,.1f} m apart, measured from a point, so whether they touch is not known."
    shared = float(shapely.intersection(one["geometry"], other["geometry"]).area)
    least = min(one["geometry"].area, other["geometry"].area)
    if shared >= 1:
        return f"Their outlines overlap by {shared:,.0f} m2, {shared / least:.0%} of the smaller; half or more in one ownership merges."
    if gap <= TOUCH_TOLERANCE_M:
        return f"They only touch (gap {gap:.2f} m), and touching alone never merges."
    return f"They lie {gap:,.1f} m apart."


def _kept_from(estate: Estate, members: set[str]) -> list[str]:
    return [
        f"  {apart.one[2:]} and {apart.other[2:]}: {apart.said}" + (f" [{apart.source}]" if apart.source else "")
        for apart in estate._merged.apart
        if {apart.one, apart.other} & members
    ]

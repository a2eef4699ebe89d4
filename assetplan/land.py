"""What an estate says of its land that a valuation needs: net area, homes, floor space, access, and what stands in the way.

Land whose owner is unknown or private, that is locked or disposed of, is none of it. Schools, playing fields, parks, churches and the
like, and land under a consent or an open-space designation that has not been ruled out, count as land on which nothing is built, unless
somebody states a net area for them (``net_developable_ha`` in facts.csv, with its source). Land that two sites overlap on counts once, with
the smaller of the two.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from assetplan.errors import EstateError, SubjectError
from assetplan.estate import sites as sites_of
from assetplan.frontage import road_frontage
from assetplan.relations import adjacent_pairs
from assetplan.residual import LAND_COLUMNS, Land, mix_of
from assetplan.site import UNKNOWN
from assetplan.tables import settled
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from assetplan.assumptions import Assumptions
    from assetplan.estate import Estate

_NOT_BUILT_ON = re.compile(
    r"\b(schools?|academ(?:y|ies)|playing fields?|pitch(?:es)?|recreation|parks?|gardens?|open spaces?|allotments?|cemeter(?:y|ies)|"
    r"crematori(?:a|um)|church(?:es)?|chapels?|nature reserves?|woodlands?|commons?|village greens?)\b",
    re.IGNORECASE,
)
# Parks that are no open space: where vehicles stand, and where firms do.
_OTHER_PARK = re.compile(
    r"\b(?:car|lorry|coach|vehicle|trailer|business|retail|office|industrial|enterprise|science|technology) parks?\b|\bpark (?:and|&) ride\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Flag:
    """Something a scheme needs or has to find out: the site, what, the route, about how many months, who can say, and the source.

    `months` is how long such a thing has tended to take, shortest and longest; the cost is always to be confirmed.
    """

    site_id: str
    kind: str
    state: str
    route: str
    months: tuple[int, int]
    cost: str
    who_can_say: str
    source: str


# How long: practice of such consents, to be confirmed for each; the law is named by its short title.
_ROUTES: dict[str, tuple[str, tuple[int, int], str, str]] = {
    "school land": (
        "consent of the Secretary of State to dispose of school land (Academies Act 2010, Schedule 1; other schedules where trustees hold it)",
        (6, 12), "the education authority", "Academies Act 2010, Schedule 1",
    ),
    "playing field": (
        "consent to lose school playing field; Sport England is consulted", (6, 12), "the education authority",
        "School Standards and Framework Act 1998, section 77",
    ),
    "open space": (
        "notice in a local paper for two weeks running and objections considered", (2, 4), "the council's solicitor",
        "Local Government Act 1972, section 123(2A)",
    ),
    "covenant": (
        "release by deed, the Upper Tribunal, insurance, or appropriation with compensation", (6, 18), "counsel, on the wording",
        "Law of Property Act 1925, section 84; Housing and Planning Act 2016, section 203",
    ),
    "flood": ("flood risk assessment and sequential test", (3, 6), "the Environment Agency's map", "National Planning Policy Framework"),
    "heritage": (
        "heritage assessment; consent where a building or monument is protected", (3, 9), "the planning authority's heritage officer",
        "Planning (Listed Buildings and Conservation Areas) Act 1990; Ancient Monuments and Archaeological Areas Act 1979",
    ),
    "trees": (
        "tree survey; consent where an order protects them", (1, 3), "the planning authority",
        "Town and Country Planning Act 1990, section 198",
    ),
    "access": ("highway design and agreement", (3, 9), "the highway authority", "Highways Act 1980, sections 38 and 278"),
    "title": ("the title is read", (1, 2), "HM Land Registry", "the register says who holds it, not the title"),
    "overlap": ("both titles are read together", (1, 3), "HM Land Registry", "the outlines as drawn overlap"),
    "compulsion": (
        "whether the land was taken under compulsion; if so it may have to be offered back", (2, 6), "whoever holds the deeds",
        "Crichel Down Rules",
    ),
    "consent": ("the consent named", (3, 12), "whoever gives it", "the folder's constraints"),
}  # fmt: skip


def land_of(estate: Estate, assumptions: Assumptions | None = None, pairs: pd.DataFrame | None = None) -> Land:
    """What an estate says of the land that may be part of a scheme.

    Parameters
    ----------
    estate
        The estate, for any reader.
    assumptions
        The figures; the estate's own where none are given.
    pairs
        Its `assetplan.adjacent_pairs`, where they are at hand.

    Raises
    ------
    EstateError
        Where there are no assumptions.

    Examples
    --------
    >>> import assetplan as ap
    >>> land = ap.land_of(ap.read_estate("data/malton"))
    >>> float(land.sites.loc["rdc:ILLUS-01", "homes"])
    42.0
    """
    figures = own_assumptions(estate, assumptions)
    frame = sites_of(estate)
    if pairs is None:
        pairs = adjacent_pairs(frame, roads=estate.roads)
    chosen = may_be_part(frame)
    frontage = road_frontage(frame, estate.roads, pairs=pairs)
    kept = frame[chosen]
    rows = _rows(estate, kept, figures, _counted_elsewhere(kept, pairs))
    rows["frontage_m"] = frontage.loc[kept.index, "frontage_m"].astype(float)
    rows["landlocked"] = frontage.loc[kept.index, "landlocked"]
    touching = pairs[pairs["relation"].isin(("touching", "overlapping")) & (pairs["shared_boundary_m"] > 0)]
    inside = touching["site_a"].isin(kept.index) & touching["site_b"].isin(kept.index)
    bonds = touching.loc[inside, ["site_a", "site_b", "shared_boundary_m"]].reset_index(drop=True)
    return Land(rows[list(LAND_COLUMNS)], bonds, _barred(estate, kept, figures))


def may_be_part(sites: gpd.GeoDataFrame) -> pd.Series:
    """Which sites may be part of a scheme: not locked, not private, not disposed of, and of a known owner."""
    return (
        sites["developable"].astype(bool)
        & (sites["organisation"] != UNKNOWN)
        & (sites["ownership"] != "private")
        & (sites["status"] != "disposed")
    )


def own_assumptions(estate: Estate, assumptions: Assumptions | None) -> Assumptions:
    """The assumptions given, else the estate's own."""
    found = assumptions or estate.land_figures
    if found is None:
        raise EstateError(
            f"{estate.name}: there are no assumptions, so nothing is valued. Put its figures into assumptions.toml in the estate folder; "
            "the one of the Malton example shows every figure that is needed."
        )
    return found


def _counted_elsewhere(frame: gpd.GeoDataFrame, pairs: pd.DataFrame) -> pd.Series:
    """Hectares of each site that count with a smaller one it overlaps."""
    out = pd.Series(0.0, index=frame.index)
    over = pairs[
        (pairs["relation"] == "overlapping") & pairs["site_a"].isin(frame.index) & pairs["site_b"].isin(frame.index)
    ]
    taken: dict[str, list[Any]] = defaultdict(list)
    for a, b in zip(over["site_a"], over["site_b"], strict=True):
        larger, smaller = (a, b) if frame.at[a, "area_ha"] > frame.at[b, "area_ha"] else (b, a)
        taken[larger].append(frame.geometry[smaller])
    for site, shapes in taken.items():
        out[site] = shapely.area(shapely.intersection(frame.geometry[site], shapely.union_all(shapes))) / 10_000
    return out


def _rows(estate: Estate, frame: gpd.GeoDataFrame, a: Assumptions, elsewhere: pd.Series) -> pd.DataFrame:
    said = _stated(estate, frame)
    consents = _under_consent(estate, frame)
    area = np.maximum(frame["area_ha"].to_numpy(dtype=float) - elsewhere.to_numpy(), 0.0)
    perimeter = frame.geometry.length.to_numpy(dtype=float)
    strip = a.value("layout_setback_m") * perimeter / 10_000
    ruled = np.maximum(area - strip, 0.0) * a.value("net_developable_percent") / 100
    blocked = np.array(
        [bool(consents[str(site)]) or not_built_on(use) for site, use in zip(frame.index, frame["use"], strict=True)]
    )
    ruled = np.where(blocked, 0.0, np.nan_to_num(ruled))
    stated = said["net_developable_ha"].to_numpy(dtype=float)
    homes = said["homes"].to_numpy(dtype=float)
    by_rule = np.isnan(stated)
    net = np.where(by_rule, ruled, stated)
    # Homes somebody has counted for a site fill it, whatever the density elsewhere; land that is not to be built on takes none.
    counted = ~np.isnan(homes) & ((net > 0) | (homes == 0))
    works = a.value("scheme_fixed_gbp") + a.value("abnormals_gbp_per_ha") * np.nan_to_num(area)
    own = said["abnormals_gbp"].to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "organisation": frame["organisation"].astype(object),
            "net_ha": net,
            "homes": np.where(counted, homes, net * a.value("homes_per_ha")),
            "existing_m2": np.nan_to_num(said["gia_m2"].to_numpy(dtype=float)),
            "abnormals_gbp": np.where(np.isnan(own), works, own),
            "as_it_stands_gbp": said["as_it_stands_gbp"].to_numpy(dtype=float),
            "by_rule": by_rule,
        },
        index=frame.index,
    )


def not_built_on(use: object) -> bool:
    """Whether a use is one whose land is not counted as building land: schools, fields, parks, burial grounds, churches.

    Examples
    --------
    >>> not_built_on("primary school"), not_built_on("country park"), not_built_on("business park"), not_built_on(None)
    (True, True, False, False)
    """
    return bool(use) and bool(_NOT_BUILT_ON.search(_OTHER_PARK.sub("", str(use))))


_FIGURES = ("net_developable_ha", "homes", "gia_m2", "abnormals_gbp", "as_it_stands_gbp")


def _stated(estate: Estate, frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Figures of each site: what a fact says of the whole, else what its assets say, added."""
    about: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for fact in estate.facts[estate.facts["in_force"].astype(bool)].to_dict("records"):
        if fact["field"] in _FIGURES:
            about[str(fact["subject"])].append(fact)
    assets = {name: dict(zip(map(str, estate.assets.index), estate.assets[name], strict=True)) for name in _FIGURES}
    rows = []
    for members, parcels in zip(frame["assets"], frame["parcels"], strict=True):
        facts = [fact for member in (*members, *parcels) for fact in about.get(member, ())]
        row = {}
        for name in _FIGURES:
            whole = settled(facts, name) if facts else None
            parts = [assets[name][asset] for asset in members if assets[name][asset] is not None]
            row[name] = whole["typed"] if whole else sum(map(float, parts)) if parts else None
        rows.append(row)
    return pd.DataFrame(rows, index=frame.index, columns=list(_FIGURES)).astype(float)


def _under_consent(estate: Estate, frame: gpd.GeoDataFrame) -> dict[str, list[str]]:
    """Constraints of each site that keep its land from being counted as building land until somebody rules otherwise."""
    stops = {
        str(row["constraint_id"])
        for row in estate.constraints.drop(columns="geometry").to_dict("records")
        if row["state"] != "no" and (row["kind"] == "consent" or row["designation"] == "open space")
    }
    return {str(site): [key for key in keys if key in stops] for site, keys in frame["constraints"].items()}


def _barred(estate: Estate, frame: gpd.GeoDataFrame, a: Assumptions) -> dict[str, dict[str, frozenset[str]]]:
    """For each site, covenants known to bind it with the uses of the assumptions that each bars."""
    covenants = {
        str(row["constraint_id"]): {str(use).casefold() for use in row["permitted_uses"]}
        for row in estate.constraints.drop(columns="geometry").to_dict("records")
        if row["kind"] == "covenant" and row["state"] == "yes" and row["permitted_uses"]
    }
    bars = {
        key: frozenset(
            use.name
            for use in a.uses.values()
            if not permitted & {word.casefold() for word in (*use.permitted_as, *use.arguable_as)}
        )
        for key, permitted in covenants.items()
    }
    found = {
        str(site): {key: bars[key] for key in keys if bars.get(key)} for site, keys in frame["constraints"].items()
    }
    return {site: keys for site, keys in found.items() if keys}


# ------------------------------------------------------------------------------------------------------- what stands in the way


def flags_of(
    estate: Estate, site_ids: list[str], assumptions: Assumptions | None = None, mix: str = "housing"
) -> tuple[Flag, ...]:
    """What a scheme on these sites needs or has to find out: consents, covenants, flood, heritage, access, titles, compulsion.

    Costs are to be confirmed, and so is how long each takes. Nothing here is legal advice.

    Raises
    ------
    EstateError
        Where there are no assumptions or no such mix.
    SubjectError
        Where a site is none of the estate's.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> sorted({flag.kind for flag in ap.flags_of(estate, ["nycc:ILLUS-02"])})
    ['compulsion', 'playing field', 'school land']
    """
    figures = own_assumptions(estate, assumptions)
    every = sites_of(estate)
    if strange := [site for site in site_ids if site not in every.index]:
        raise SubjectError(f"{visible(str(strange[0]))!r} is no site of this estate.")
    frame = every.loc[sorted(set(site_ids))]
    rows = {str(row["constraint_id"]): row for row in estate.constraints.drop(columns="geometry").to_dict("records")}
    uses = [figures.uses[use] for use in mix_of(figures, mix)]
    out: list[Flag] = []
    pairs = adjacent_pairs(frame, max_gap_m=0.0)
    overlapped = {site for ends in ("site_a", "site_b") for site in pairs.loc[pairs["relation"] == "overlapping", ends]}
    for site, row in zip(map(str, frame.index), frame.drop(columns="geometry").to_dict("records"), strict=True):
        for key in row["constraints"]:
            out += _flag_of(site, rows[key], uses)
        if site in overlapped:
            out.append(_flag(site, "overlap", "unknown"))
        if row["holder_status"] == "to confirm":
            out.append(_flag(site, "title", "unknown"))
        out.append(_flag(site, "compulsion", "unknown"))
    return tuple(sorted(set(out), key=lambda flag: (flag.site_id, flag.kind, flag.state, flag.source)))


def _flag_of(site: str, row: Mapping[str, Any], uses: list[Any]) -> list[Flag]:
    state, said = str(row["state"]), f"{row['name'] or ''} {row['detail'] or ''}".casefold()
    if state == "no" or row["designation"] == "development limits":
        return []
    source = str(row["source"] or "source not stated")
    match row["kind"]:
        case "covenant":
            permitted = {str(use).casefold() for use in row["permitted_uses"]}
            plain = all(permitted & {word.casefold() for word in use.permitted_as} for use in uses)
            arguable = all(
                permitted & {word.casefold() for word in (*use.permitted_as, *use.arguable_as)} for use in uses
            )
            if state == "yes" and permitted and plain:
                return []
            return [_flag(site, "covenant", "arguable" if state == "yes" and permitted and arguable else state, source)]
        case "consent":
            kind = (
                "playing field"
                if "playing field" in said.split(":")[0]
                else "school land"
                if "school" in said
                else "consent"
            )
            return [_flag(site, kind, state, source)]
        case "access limit":
            return [_flag(site, "access", state, source)]
        case "designation":
            kinds = {
                "flood zone": "flood",
                "conservation area": "heritage",
                "scheduled monument": "heritage",
                "open space": "open space",
                "trees": "trees",
            }
            kind = kinds.get(str(row["designation"]), "")
            return [_flag(site, kind, state, source)] if kind else []
        case _:
            return []


def _flag(site: str, kind: str, state: str, source: str = "") -> Flag:
    route, months, who, law = _ROUTES[kind]
    return Flag(site, kind, state, route, months, "to be confirmed", who, f"{law}; {source}" if source else law)

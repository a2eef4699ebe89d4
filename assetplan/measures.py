"""What the graph of adjacent sites says of each component, of each site's place in it, and of each site's neighbourhood.

What each measure means is said once, in `assetplan.schema`. `component_measures` and `site_connections` look at groups of sites and
are analyses: they are shown to a reader only where `Estate.released("assemblies")`. `site_measures` looks at pairs only.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd
import shapely

from assetplan.relations import _check as _check_frame
from assetplan.relations import connected_groups
from assetplan.schema import table
from assetplan.site import UNKNOWN
from assetplan.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

COMPONENT_COLUMNS = tuple(name for name in table("components") if name != "component")
CONNECTION_COLUMNS = tuple(name for name in table("connections") if name != "site_id")
MEASURE_COLUMNS = tuple(name for name in table("measures") if name != "site_id")
_REMARK = re.compile(r"\([^)]*\)")
# Words in a column of uses that name none.
_NO_USE = frozenset({"", "unknown", "not known", "other", "none", "n a", "na", "misc", "miscellaneou", "variou", "tbc"})
_BASES = ("polygon", "point", "postcode")


def component_measures(sites: gpd.GeoDataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The groups of two or more sites that hang together, and what would part them.

    Components are those of `assetplan.connected_groups`: every relation connects but `opposite`, so no group reaches across a
    road. An analysis: whether a reader may be shown it is for the caller (`Estate.released`).

    Parameters
    ----------
    sites
        Sites by identifier, in EPSG:27700, as `assetplan.sites` gives them.
    pairs
        Their relations, from `assetplan.adjacent_pairs`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``component``, from 1: the largest first, ties by identifier; columns as ``assetplan columns --table components``
        lists them. Sites that connect to no other are in none, and have no row. `area_ha` counts once what overlaps.
        Articulation sites and bridges are those of graph theory (Hopcroft and Tarjan 1973), by networkx.

    Raises
    ------
    ValueError
        Where identifiers repeat, the frame is not in EPSG:27700, or `pairs` names a site that is not among `sites`.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> sites = ap.sites(estate)
    >>> found = component_measures(sites, ap.adjacent_pairs(sites, roads=estate.roads))
    >>> found.loc[1, "owner_mix"]
    '3 of nycc, 1 of nhs, 1 of police, 1 of rdc'
    """
    graph = _graph(sites, pairs)
    groups = _groups(sites, pairs)
    owner = dict(zip(sites.index, _owners(sites), strict=True))
    cuts = set(nx.articulation_points(graph))
    bridges: dict[Any, list[tuple[Any, Any]]] = {}
    for a, b in _bridges(graph):
        bridges.setdefault(a, []).append((a, b))
    overlapping = set(pairs.loc[pairs["relation"] == "overlapping", "site_a"])
    area = dict(zip(sites.index, _areas(sites), strict=True))
    shape = dict(zip(sites.index, sites.geometry.to_numpy(), strict=True))
    rows = []
    for group in groups:
        mix = Counter(owner[site] for site in group)
        known = [area[site] for site in group if not np.isnan(area[site])]
        twice = 0.0
        if overlapping.intersection(group):
            outlines = np.array([shape[site] for site in group], dtype=object)
            twice = float(shapely.area(outlines).sum() - shapely.area(shapely.union_all(outlines))) / 10_000
        rows.append(
            {
                "sites": group,
                "organisations": tuple(sorted(name for name in mix if name)),
                "owners": len([name for name in mix if name]),
                "owner_mix": _in_words(mix),
                "area_ha": sum(known) - twice if len(known) == len(group) else np.nan,
                "sites_with_area": len(known),
                "articulation_sites": tuple(site for site in group if site in cuts),
                "bridges": tuple(sorted(pair for site in group for pair in bridges.get(site, ()))),
            }
        )
    index = pd.RangeIndex(1, len(rows) + 1, name="component")
    out = pd.DataFrame(rows, columns=list(COMPONENT_COLUMNS), index=index)
    return out.astype({"area_ha": float, "owners": int, "sites_with_area": int})


def site_connections(sites: gpd.GeoDataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Each site's place in its component: which it is in, and whether the component would come apart without it.

    An analysis, as `component_measures` is, which tells the parameters and errors.

    Returns
    -------
    pandas.DataFrame
        One row a site, indexed by ``site_id`` in the order given; columns as ``assetplan columns --table connections`` lists them. All are None
        for a site that has no place, or only that of its postcode: whether it connects is not known.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from assetplan import adjacent_pairs
    >>> row = [shapely.box(x, 0, x + 10, 10) for x in (0, 10, 20)]
    >>> sites = geopandas.GeoDataFrame(geometry=row, index=["a", "b", "c"], crs=27700)
    >>> site_connections(sites, adjacent_pairs(sites, max_gap_m=5))["articulation"].tolist()
    [False, True, False]
    """
    graph = _graph(sites, pairs)
    number = {site: i for i, group in enumerate(_groups(sites, pairs), start=1) for site in group}
    cuts = set(nx.articulation_points(graph))
    beyond: dict[Any, list[Any]] = {}
    for a, b in _bridges(graph):
        beyond.setdefault(a, []).append(b)
        beyond.setdefault(b, []).append(a)
    placed = np.isin(_basis(sites), ("polygon", "point"))
    rows = [
        (number.get(site), site in cuts, tuple(sorted(beyond.get(site, ()), key=str)))
        if located
        else (None, None, None)
        for site, located in zip(sites.index, placed.tolist(), strict=True)
    ]
    return _by_site(sites, CONNECTION_COLUMNS, rows)


def site_measures(sites: gpd.GeoDataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Each site's neighbours, and the nearest site of another body with the same use.

    Parameters
    ----------
    sites
        Sites by identifier, in EPSG:27700, as `assetplan.sites` gives them; ``organisation`` and ``use`` are read where they are there.
    pairs
        Their relations, from `assetplan.adjacent_pairs`.

    Returns
    -------
    pandas.DataFrame
        One row a site, indexed by ``site_id`` in the order given; columns as ``assetplan columns --table measures`` lists them. Uses are
        parted by ``;`` and compared without case, punctuation, plural and what stands in brackets: "Offices (headquarters)" is
        "office". A site of several uses matches by any. A use or owner that is not known matches none. Of sites equally near the
        one whose identifier sorts first is named.

    Raises
    ------
    ValueError
        As in `component_measures`.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from assetplan import adjacent_pairs
    >>> sites = geopandas.GeoDataFrame(
    ...     {"organisation": ["fire", "fire", "police"], "use": ["Fire station", "Workshop", "Offices; workshops"]},
    ...     geometry=[shapely.box(x, 0, x + 10, 10) for x in (0, 10, 90)],
    ...     index=["a", "b", "c"],
    ...     crs=27700,
    ... )
    >>> found = site_measures(sites, adjacent_pairs(sites))
    >>> found["neighbours"].tolist(), found["nearest_same_use_m"].tolist()
    ([1, 1, 0], [nan, 70.0, 70.0])
    """
    _check(sites, pairs)
    ids, owner, basis = list(sites.index), _owners(sites), _basis(sites)
    known = dict(zip(ids, owner, strict=True))
    all_, others = Counter[Any](), Counter[Any]()
    for a, b in zip(pairs["site_a"], pairs["site_b"], strict=True):
        all_.update((a, b))
        if known[a] and known[b] and known[a] != known[b]:
            others.update((a, b))
    nearest, distance, rests_on = _nearest_same_use(sites, owner, basis)
    rows = []
    for i, site in enumerate(ids):
        placed = basis[i] in {"polygon", "point"}
        rows.append(
            (
                all_[site] if placed else None,
                others[site] if placed and owner[i] else None,
                nearest[i],
                distance[i],
                rests_on[i],
            )
        )
    return _by_site(sites, MEASURE_COLUMNS, rows).astype({"nearest_same_use_m": float})


# ------------------------------------------------------------------------------------------------------- the graph


def _check(sites: gpd.GeoDataFrame, pairs: pd.DataFrame) -> None:
    _check_frame(sites, "sites")
    if not sites.index.is_unique:
        raise ValueError("sites: identifiers repeat. Give each site its own.")
    if not set(pairs["site_a"]) | set(pairs["site_b"]) <= set(sites.index):
        raise ValueError("pairs: they name sites that are not among these. Work both out from one estate.")


def _graph(sites: gpd.GeoDataFrame, pairs: pd.DataFrame) -> nx.Graph:
    """The sites as nodes; as edges the pairs that connect."""
    _check(sites, pairs)
    graph = nx.Graph()
    graph.add_nodes_from(sorted(sites.index, key=str))
    joined = pairs[pairs["relation"] != "opposite"]
    graph.add_edges_from(zip(joined["site_a"], joined["site_b"], strict=True))
    return graph


def _groups(sites: gpd.GeoDataFrame, pairs: pd.DataFrame) -> list[tuple[str, ...]]:
    return [group for group in connected_groups(sites.index, pairs) if len(group) > 1]


def _bridges(graph: nx.Graph) -> list[tuple[Any, Any]]:
    return sorted((a, b) if str(a) < str(b) else (b, a) for a, b in nx.bridges(graph))


def _owners(sites: gpd.GeoDataFrame) -> list[str]:
    """The organisation of each site, blank where it is not known."""
    if "organisation" not in sites:
        return [""] * len(sites)
    return ["" if not isinstance(name, str) or name == UNKNOWN else name for name in sites["organisation"]]


def _areas(sites: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if "area_ha" in sites:
        return sites["area_ha"].to_numpy(dtype=float)
    area = shapely.area(sites.geometry.to_numpy()) / 10_000
    return np.where(_basis(sites) == "polygon", area, np.nan)


def _in_words(mix: Mapping[str, int]) -> str:
    ordered = sorted(mix.items(), key=lambda item: (not item[0], -item[1], item[0]))
    return ", ".join(f"{number:,} of {name or 'unknown owner'}" for name, number in ordered)


def _by_site(sites: gpd.GeoDataFrame, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    index = pd.Index(np.asarray(sites.index, dtype=object), name="site_id", dtype=object)
    return pd.DataFrame(rows, columns=list(names), index=index, dtype=object)


# ------------------------------------------------------------------------------------------------------- the nearest of another body


def _basis(sites: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """What each site's place rests on: polygon, point or postcode; none where it has no place."""
    shapes = sites.geometry.to_numpy()
    out = np.where(np.isin(shapely.get_type_id(shapes), (3, 6)), "polygon", "point").astype(object)
    if "precision" in sites:
        out[(sites["precision"] == "postcode").to_numpy()] = "postcode"
    out[shapely.is_missing(shapes) | shapely.is_empty(shapes)] = "none"
    return out


def _uses(text: object) -> set[str]:
    """The uses that a cell names, as they are compared."""
    if not isinstance(text, str):
        return set()
    return {_use(part) for part in text.split(";")} - _NO_USE


def _use(text: str) -> str:
    bare = words(_REMARK.sub(" ", text)) or words(text) or text.strip().casefold()
    return " ".join(_singular(word) for word in bare.split())


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _nearest_same_use(
    sites: gpd.GeoDataFrame, owner: list[str], basis: NDArray[np.object_]
) -> tuple[list[Any], list[float], list[str | None]]:
    """For each site the nearest of another body with one of its uses, how far it is, and the weaker basis of the two."""
    ids, shapes = list(sites.index), np.asarray(sites.geometry.to_numpy(), dtype=object)
    said: Iterable[object] = sites["use"] if "use" in sites else [None] * len(ids)
    of_use: dict[str, list[int]] = {}
    for i, text in enumerate(said):
        if owner[i] and basis[i] != "none":
            for use in _uses(text):
                of_use.setdefault(use, []).append(i)
    best: dict[int, tuple[float, str, int]] = {}
    for members in of_use.values():
        at = np.array(sorted(members, key=lambda i: str(ids[i])), dtype=np.intp)
        _, body = np.unique(np.array([owner[i] for i in at], dtype=str), return_inverse=True)
        for one, other, metres in _between_bodies(shapes[at], body):
            i, j = int(at[one]), int(at[other])
            best[i] = min(best.get(i, (np.inf, "", i)), (metres, str(ids[j]), j))
    nearest: list[Any] = [None] * len(ids)
    distance = [np.nan] * len(ids)
    rests_on: list[str | None] = [None] * len(ids)
    for i, (metres, _, j) in best.items():
        nearest[i], distance[i] = ids[j], metres
        rests_on[i] = max(str(basis[i]), str(basis[j]), key=_BASES.index)
    return nearest, distance, rests_on


def _between_bodies(shapes: NDArray[np.object_], body: NDArray[np.intp]) -> list[tuple[int, int, float]]:
    """For each shape those of other bodies that are nearest to it or as near as any.

    Where the nearest of all is another body's, that is the answer. For the rest: two bodies differ in some binary digit of their
    numbers, so for each digit the shapes with it are asked for the nearest without it, and the other way round: a few trees,
    however many bodies. Of equal shapes of one body only the first is kept to be found.
    """
    _, alike = np.unique(np.asarray(shapely.to_wkb(shapes), dtype=object), return_inverse=True)
    _, first = np.unique(alike * (body.max() + 1) + body, return_index=True)
    single = np.sort(first)
    shared = np.bincount(alike[single], minlength=len(shapes))[alike] > 1  # another body has the same shape
    found: list[tuple[int, int, float]] = []

    def ask(asked: NDArray[np.intp], sought: NDArray[np.intp], *, exclusive: bool = False) -> NDArray[np.intp]:
        if not len(asked) or not len(sought):
            return asked[:0]
        (one, other), metres = shapely.STRtree(shapes[sought]).query_nearest(
            shapes[asked], return_distance=True, all_matches=True, exclusive=exclusive
        )
        one, other = asked[one], sought[other]
        apart = body[one] != body[other]
        found.extend(zip(one[apart].tolist(), other[apart].tolist(), metres[apart].tolist(), strict=True))
        return np.unique(one[apart])

    rest = np.setdiff1d(np.arange(len(shapes)), ask(np.flatnonzero(~shared), single, exclusive=True))
    for digit in range(int(body.max()).bit_length()):
        has = (body >> digit & 1).astype(bool)
        ask(rest[has[rest]], single[~has[single]])
        ask(rest[~has[rest]], single[has[single]])
    return found

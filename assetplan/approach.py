"""How sites are reached from the roads at hand, in words: what each faces, or that it faces none of the roads given.

Roads that are not in the data are not seen, so nothing here says that a site has no access.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.estate import sites as sites_of
from assetplan.frontage import SILENT_M, UNNAMED, road_frontage
from assetplan.page.view import Fact
from assetplan.relations import OPPOSITE_M
from assetplan.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from assetplan.estate import Estate

LABEL = "Road frontage"


def approaches(estate: Estate, sites: gpd.GeoDataFrame) -> dict[str, Fact]:
    """What is said of each site's road frontage, a line of a card each; nothing where the estate has no roads.

    Parameters
    ----------
    estate
        The estate, for any reader.
    sites
        Some of its sites, or all. What lies between a site and a road may be any site of the estate.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton").for_audience("public")
    >>> approaches(estate, ap.sites(estate))["police:ILLUS-06"]["value"]
    'about 48 m on Old Malton Road'
    """
    roads = estate.roads[(estate.roads["kind"] == "road").to_numpy(dtype=bool)]
    if roads.empty:
        return {}
    frame = sites_of(estate)
    lines = estate.roads
    if len(sites) < len(frame):
        frame, lines = _near(frame, sites, 2 * OPPOSITE_M), _near(lines, sites, SILENT_M)
    found = road_frontage(frame, lines).loc[sites.index]
    names = dict(zip(map(str, frame.index), frame["name"], strict=True))
    sources = sorted({str(source) for source in roads["source"].dropna()})
    source = (
        sources[0]
        if len(sources) == 1
        else f"roads of this estate, from {counted(len(sources), 'source')}"
        if sources
        else ""
    )
    illustrative = bool((roads["illustrative"] == True).any())  # noqa: E712
    out = {}
    for site, row in zip(map(str, found.index), found.to_dict("records"), strict=True):
        said = _said(row, names)
        out[site] = Fact(
            label=LABEL,
            value=said or "unknown",
            source=(source or "roads of this estate") if said else "",
            illustrative=bool(said) and illustrative,
            unknown=not said,
        )
    return out


def _near(frame: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, reach_m: float) -> gpd.GeoDataFrame:
    """The rows of a frame that some site lies within reach of, and the sites themselves."""
    shapes = frame.geometry.to_numpy()
    about = sites.geometry.to_numpy()
    about = about[~shapely.is_missing(about)]
    hit = np.unique(shapely.STRtree(shapes).query(about, predicate="dwithin", distance=reach_m)[1])
    return frame[np.isin(np.arange(len(frame)), hit) | frame.index.isin(sites.index)]


def _said(row: Mapping[str, Any], names: Mapping[str, Any]) -> str:
    if row["landlocked"] is None:
        return ""
    if row["landlocked"]:
        off = (
            f"; the nearest is {_road(row['nearest_road'])}, {row['road_gap_m']:.0f} m off"
            if _known(row["road_gap_m"])
            else ""
        )
        over = ", ".join(str(names.get(site) or site) for site in row["reached_over"])
        return f"faces none of the roads drawn here{off}" + (f"; could be reached over {over}" if over else "")
    roads = ", ".join(_road(name) for name in row["roads"] or ())
    if row["frontage_m"] < 1:
        return f"meets the end or bend of {roads or _road(row['nearest_road'])}"
    return f"about {row['frontage_m']:.0f} m on {roads}"


def _road(name: object) -> str:
    return "a road without a name here" if not name or name == UNNAMED else str(name)


def _known(value: Any) -> bool:
    return value is not None and value == value  # noqa: PLR0124

"""Times as the crow flies, made longer by a factor: what there is for a place without a network."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from assetplan.travel.network import MODES
from assetplan.travel.osm import CYCLE_KPH, WALK_KPH
from assetplan.travel.snapping import DIGITS, in_rows, just_above, limit_of, places_of, tidy
from assetplan.travel.telling import IN_WORDS

if TYPE_CHECKING:
    import pandas as pd

    from assetplan.travel.snapping import Points

# Road distance over straight distance, and the speed by car that goes with it: assumptions where there is no network. Published
# detour factors of road networks lie between about 1.2 and 1.6 (Ballou, Rahardja and Sakai 2002, Transportation Research A 36, 843-848).
DETOUR = 1.3
STRAIGHT_KPH = {"car": 40.0, "foot": WALK_KPH, "cycle": CYCLE_KPH}


def straight_line(
    origins: Points,
    destinations: Points,
    *,
    mode: str = "car",
    detour: float = DETOUR,
    kph: float | None = None,
    max_min: float | None = None,
) -> pd.DataFrame:
    """Minutes from each origin to each destination as the crow flies, made longer by a factor: for a place without a network.

    Rivers, railways and one-way roads are not seen, so that a time across a river without a bridge is far too short.

    Parameters
    ----------
    origins, destinations
        Points by identifier, in EPSG:27700.
    mode
        One of ``car``, ``foot``, ``cycle``; it says the speed where none is given.
    detour
        Distance by road over the straight distance, 1 or more. 1.3 is an assumption, to be set from a network like that of the
        place: published factors of road networks lie between about 1.2 and 1.6 [1]_.
    kph
        Speed in km/h. By default 40 by car, 4.8 on foot and 16 by cycle, which are assumptions as well.
    max_min
        Longest time of interest, in minutes: only pairs within it are given.

    Returns
    -------
    pandas.DataFrame
        As `travel_minutes` gives it; NaN where a point has no place.

    Raises
    ------
    TypeError, ValueError
        Where the points are no frame or series of shapes in EPSG:27700, identifiers repeat, or a figure cannot be used.

    References
    ----------
    .. [1] Ballou, Rahardja and Sakai (2002), Selected country circuity factors for road travel distance estimation,
       Transportation Research Part A 36, 843-848.

    Examples
    --------
    >>> import geopandas, shapely
    >>> ends = geopandas.GeoSeries([shapely.Point(0, 0), shapely.Point(2000, 0)], index=["a", "b"], crs=27700)
    >>> straight_line(ends[:1], ends[1:], detour=1.5, kph=60)["minutes"].round(6).tolist()
    [3.0]
    """
    factor, limit = straight_factor(mode, detour, kph), limit_of(max_min)
    start, stop = places_of(origins, "origins"), places_of(destinations, "destinations")
    if max_min is None:
        return tidy(origins.index, destinations.index, np.round(cdist(start, stop) * factor, DIGITS), None)
    one, other = (np.flatnonzero(np.isfinite(places).all(axis=1)) for places in (start, stop))
    if not (len(one) and len(other)):
        return tidy(origins.index[:0], destinations.index, np.empty((0, len(stop))), None)
    pairs = KDTree(start[one]).sparse_distance_matrix(
        KDTree(stop[other]), just_above(limit / factor), output_type="ndarray"
    )
    minutes = np.round(pairs["v"] * factor, DIGITS)
    keep = minutes <= limit
    row, column, minutes = one[pairs["i"][keep]], other[pairs["j"][keep]], minutes[keep]
    order = np.lexsort((column, row))
    return in_rows(origins.index[row[order]], destinations.index[column[order]], minutes[order])


def straight_factor(mode: str, detour: float, kph: float | None) -> float:
    """Minutes a metre as the crow flies.

    Raises
    ------
    ValueError
        Where there is no such mode, or a figure cannot be used.
    """
    if mode not in MODES:
        raise ValueError(f"mode: {mode!r} is none of {', '.join(MODES)}.")
    speed = STRAIGHT_KPH[mode] if kph is None else kph
    if not (math.isfinite(detour) and detour >= 1):
        raise ValueError(f"detour: {detour!r} is no factor of 1 or more.")
    if not (math.isfinite(speed) and speed > 0):
        raise ValueError(f"kph: {speed!r} is no speed above 0 km/h.")
    return detour * 0.06 / speed


def straight_words(mode: str, detour: float, kph: float | None) -> str:
    """What straight-line times rest on, in a sentence."""
    speed = STRAIGHT_KPH[mode] if kph is None else kph
    return (
        f"Times {IN_WORDS[mode]} are straight lines times {detour:g} at {speed:g} km/h, both assumed; "
        "rivers, railways and one-way roads are not seen."
    )

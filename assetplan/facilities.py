"""Where people go: the services of a kind, where each stands, and where it would stand after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rapidfuzz import fuzz, process

from assetplan.errors import SubjectError
from assetplan.grid import BRITISH_GRID
from assetplan.ground import on_land
from assetplan.text import clean, visible
from assetplan.travelling import knows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assetplan.estate import Estate
    from assetplan.travel.times import Travel

Place: TypeAlias = str | shapely.Point | tuple[float, float]
FACILITY_COLUMNS = ("function", "name", "organisation", "asset_id", "precision")


def facilities_of(estate: Estate, function: str) -> gpd.GeoDataFrame:
    """The services that do one thing and whose place is known.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    function
        What they do, as services.csv says it, in any case.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by ``service_id``, in its order: `function`, `name`, `organisation`, `asset_id`, `precision` of the asset's location
        and the point of the asset, in EPSG:27700. A part stands where its whole does, unless it says otherwise.

    Raises
    ------
    SubjectError
        Where no service known to the reader does that.

    Examples
    --------
    >>> import assetplan as ap
    >>> ap.facilities_of(ap.read_estate("data/malton"), "library")["name"].tolist()
    ['Malton Library', 'Norton community library']
    """
    frame = services_of(estate, function)
    if frame.empty:
        raise no_such_function(estate, function)
    return frame[frame.geometry.notna()]


def services_of(estate: Estate, function: str) -> gpd.GeoDataFrame:
    """The services that do one thing, with the points of their assets as far as known."""
    frame = estate.services
    same = frame["function"].astype(str).str.casefold() == str(function).strip().casefold()
    frame = frame[same].set_index("service_id").sort_index()
    located = [key is not None and key in estate.assets.index for key in frame["asset_id"]]
    shapes = [
        estate.assets.geometry.at[key] if known else None for key, known in zip(frame["asset_id"], located, strict=True)
    ]
    precision = [
        estate.assets.at[key, "location_precision"] if known else "none"
        for key, known in zip(frame["asset_id"], located, strict=True)
    ]
    frame = frame.assign(precision=np.array(precision, dtype=object))[list(FACILITY_COLUMNS)]
    return gpd.GeoDataFrame(frame, geometry=_points(shapes), crs=BRITISH_GRID)


def no_such_function(estate: Estate, function: str) -> SubjectError:
    """What to say where no service known to the reader has a function."""
    known = sorted(set(estate.services["function"]))
    guess = process.extractOne(str(function), known, score_cutoff=60)
    hint = (
        f"Did you mean {visible(guess[0])!r}?" if guess else f"There are: {', '.join(map(visible, known)) or 'none'}."
    )
    return SubjectError(f"No service here has the function {visible(str(function))!r}. {hint}")


def check_service(estate: Estate, key: str, services: gpd.GeoDataFrame, function: str) -> None:
    """Refuse a service that the reader does not know, or that is not of the kind asked about.

    Raises
    ------
    SubjectError
        In either case.
    """
    if key in services.index:
        return
    other = dict(zip(estate.services["service_id"], estate.services["function"], strict=True))
    if key in other:
        raise SubjectError(
            f"{visible(key)} is a service of another kind, {visible(other[key])!r}, not {visible(function)!r}."
        )
    guess = process.extractOne(str(key), list(services.index), score_cutoff=60)
    raise SubjectError(
        f"There is no service {visible(str(key))!r} here." + (f" Did you mean {visible(guess[0])!r}?" if guess else "")
    )


def place_of(estate: Estate, place: Place) -> tuple[str, shapely.Point, str, str]:
    """The identifier of a place, its point, its name and who holds it."""
    if isinstance(place, str):
        for frame in (estate.assets, estate.land):
            if place in frame.index:
                (point,) = _points([frame.geometry.at[place]])
                if point is None:
                    raise ValueError(
                        f"{visible(place)}: nothing says where it lies. Give its place, or eastings and northings."
                    )
                row = frame.loc[place]
                return place, point, str(row["name"] or place), str(row.get("organisation") or "")
        known = [*estate.assets.index, *estate.land.index]
        guess = process.extractOne(place, known, score_cutoff=75)
        raise SubjectError(
            f"There is no asset or parcel {visible(place)!r} here."
            + (f" Did you mean {visible(guess[0])!r}?" if guess else "")
        )
    point = place if isinstance(place, shapely.Point) else _point(place)
    if point.is_empty or not on_land(np.array([point.x]), np.array([point.y]))[0]:
        raise ValueError(
            f"{place}: no place on land in Great Britain. Points are eastings and northings in metres (EPSG:27700)."
        )
    key = f"{point.x:.0f}, {point.y:.0f}"
    return key, shapely.force_2d(point), f"a place at {key}", ""


def _point(place: object) -> shapely.Point:
    try:
        east, north = place  # type: ignore[misc]
        return shapely.Point(float(east), float(north))  # type: ignore[has-type]
    except (TypeError, ValueError):
        raise ValueError(
            f"{place!r}: a place is an asset, a parcel, or a pair of easting and northing in metres."
        ) from None


def _points(shapes: Sequence[Any]) -> Any:
    """A point for each shape: of an area one within it."""
    array = np.array(list(shapes), dtype=object)
    out = np.full(len(array), None, dtype=object)
    placed = ~shapely.is_missing(array) & ~shapely.is_empty(array)
    out[placed] = [shape if shape.geom_type == "Point" else shapely.point_on_surface(shape) for shape in array[placed]]
    return out


def concerned(
    estate: Estate, services: gpd.GeoDataFrame, close: Sequence[str], sites: Sequence[Place], move: Mapping[str, Place]
) -> gpd.GeoDataFrame:
    """The services concerned, where each stands before (`_from`) and after (the geometry)."""
    rows = []
    for key, name, holder, asset, point in zip(
        services.index, services["name"], services["organisation"], services["asset_id"], services.geometry, strict=True
    ):
        what = "closes" if key in close else "moves" if key in move else "stays"
        to, spot = place_of(estate, move[key])[:2] if key in move else (None if key in close else asset, point)
        rows.append((key, name, holder, what, asset, to, point, spot))
    taken = set(services.index)
    for site in sites:
        key, spot, name, holder = place_of(estate, site)
        facility = key if key not in taken else f"{key} (new)"
        if not any(row[0] == facility for row in rows):
            rows.append((facility, name, holder or None, "opens", None, key, None, spot))
    columns = ("facility", "name", "organisation", "what", "place", "place_after", "_from", "geometry")
    frame = pd.DataFrame(rows, columns=columns, dtype=object).set_index("facility")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=BRITISH_GRID)


def lookup(
    travel: Travel, facilities: gpd.GeoDataFrame, place: str, shape: str
) -> tuple[gpd.GeoSeries, dict[str, str]]:
    """Points to travel to by the name that times are looked up by, and the facility that each name stands for."""
    by_key: dict[str, str] = {}
    shapes = {}
    matrix = travel.basis == "matrix"
    rows = zip(facilities.index, facilities["what"], facilities[place], facilities[shape], strict=True)
    for facility, what, at, spot in rows:
        # A service that moves keeps its name, but the times of a matrix under that name are those to where it stood.
        moved = what == "moves" and place == "place_after"
        key = at if matrix and at is not None and (moved or not knows(travel, facility)) else facility
        if (matrix or spot is not None) and key not in by_key:
            by_key[key], shapes[key] = facility, spot
    return gpd.GeoSeries(list(shapes.values()), index=list(shapes), crs=BRITISH_GRID), by_key


def nearest_of(travel: Travel, points: gpd.GeoSeries, there: gpd.GeoSeries, by_key: Mapping[str, str]) -> pd.DataFrame:
    """The nearest facility of each point, and the minutes, from what `lookup` gives."""
    found = travel.nearest(points, there)
    facility = [None if key is None else by_key[key] for key in found["facility"]]
    return found.assign(facility=np.array(facility, dtype=object))


def which_service(estate: Estate, wanted: str) -> str:
    """The identifier of the one service of that identifier or name, whatever its capitals.

    Raises
    ------
    SubjectError
        Where this reader knows none, or several of that name.

    Examples
    --------
    >>> import assetplan as ap
    >>> which_service(ap.read_estate("data/malton"), "malton library")
    'nycc-library'
    """
    known = dict(zip(map(str, estate.services["service_id"]), map(str, estate.services["name"]), strict=True))
    if wanted in known:
        return wanted
    found = [key for key, name in known.items() if name.casefold() == clean(wanted).casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise SubjectError(
            f"Several services are called {visible(wanted)!r}: {', '.join(map(visible, found))}. Say which."
        )
    near = process.extract(wanted, [*known, *known.values()], scorer=fuzz.WRatio, limit=2, score_cutoff=70)
    said = f" Did you mean {' or '.join(visible(str(name)) for name, _, _ in near)}?" if near else ""
    raise SubjectError(f"There is no service {visible(wanted)!r} here.{said}")

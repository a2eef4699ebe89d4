"""Licences of shapes: which outlines may be handed to the public, what must be said beside them, and what is shown instead.

A licence is the owner's to read; what stands here is a cautious reading of the usual ones, and estate.toml may say otherwise.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from assetplan.grid import BRITISH_GRID
from assetplan.issues import Issue
from assetplan.text import words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

COLUMN = "geometry_licence"
OUTLINE_CODE = "outline-under-licence"


@dataclass(frozen=True)
class Licence:
    """A licence of shapes: what to say beside them ({year}: of the estate's date), and whether outlines may be published."""

    name: str
    attribution: str
    publish: bool


# Sources: nationalarchives.gov.uk/doc/open-government-licence/version/3; Ordnance Survey, "Presumption to publish" and "Publishing
# exemption" (property extents are not covered as such; an exemption is asked for); HM Land Registry, conditions of use of the
# INSPIRE Index Polygons (Open Government Licence, but the geometry stays subject to Ordnance Survey's rights);
# openstreetmap.org/copyright.
BUILT_IN = (
    Licence("OGL", "Contains public sector information licensed under the Open Government Licence v3.0", publish=True),
    Licence("OS OpenData", "Contains OS data © Crown copyright and database right {year}", publish=True),
    Licence(
        "OS MasterMap",
        "© Crown copyright and database rights {year} Ordnance Survey AC number to be given",
        publish=False,
    ),
    Licence(
        "HMLR INSPIRE",
        "This information is subject to Crown copyright and database rights {year} and is reproduced with the permission of "
        "HM Land Registry. The polygons (including the associated geometry, namely x, y co-ordinates) are subject to Crown "
        "copyright and database rights {year} Ordnance Survey AC number to be given",
        publish=False,
    ),
    Licence("ODbL", "© OpenStreetMap contributors, Open Database Licence", publish=True),
    Licence("own survey", "", publish=True),
)
_ALSO_CALLED = {
    "open government licence": "OGL",
    "open government licence v3 0": "OGL",
    "open government licence v3": "OGL",
    "open government licence 3 0": "OGL",
    "ogl v3": "OGL",
    "ogl v3 0": "OGL",
    "ogl 3 0": "OGL",
    "os open data": "OS OpenData",
    "os opendata": "OS OpenData",
    "mastermap": "OS MasterMap",
    "os mastermap topography layer": "OS MasterMap",
    "psga": "OS MasterMap",
    "public sector geospatial agreement": "OS MasterMap",
    "inspire": "HMLR INSPIRE",
    "inspire index polygons": "HMLR INSPIRE",
    "openstreetmap": "ODbL",
    "osm": "ODbL",
    "own drawing": "own survey",
    "illustrative": "own survey",
}
_KNOWN = {words(licence.name): licence for licence in BUILT_IN}
_KNOWN |= {called: _KNOWN[words(name)] for called, name in _ALSO_CALLED.items()}


def licence_of(name: str, declared: Mapping[str, Licence]) -> Licence | None:
    """The licence of that name: one that estate.toml declares, else one known here, else none.

    Examples
    --------
    >>> licence_of("PSGA", {}).publish, licence_of("OS OpenData", {}).publish, licence_of("mine", {})
    (False, True, None)
    """
    own = {words(key): licence for key, licence in declared.items()}
    return own.get(words(name)) or _KNOWN.get(words(name))


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is drawn of an estate: sites and assets (indexed by identifier), land, and the other layers by name."""

    sites: gpd.GeoDataFrame
    assets: gpd.GeoDataFrame
    land: gpd.GeoDataFrame
    layers: Mapping[str, gpd.GeoDataFrame]


@dataclass(frozen=True, eq=False)
class Rights:
    """The licences an estate's shapes are under: those declared, and of each register whose rows have shapes of their own."""

    declared: Mapping[str, Licence]
    registers: Mapping[str, str]
    as_of: dt.date | None

    def closed(self, name: object) -> bool:
        """Whether outlines under that licence stay from the public; one that nobody knows does, none stated does not."""
        if not isinstance(name, str) or not name:
            return False
        licence = licence_of(name, self.declared)
        return licence is None or not licence.publish

    def attributions(self, drawn: Drawn) -> tuple[str, ...]:
        """What must be said beside the shapes that are drawn, in order."""
        names: set[str] = set()
        for frame in (drawn.land, *drawn.layers.values()):
            names |= {str(name) for name, shape in zip(frame[COLUMN], frame.geometry, strict=True) if name and shape}
        placed = drawn.assets[drawn.assets["location_precision"] != "none"]
        names |= {self.registers[file] for file in set(placed["register"]) if self.registers.get(file)}
        year = str(self.as_of.year) if self.as_of else "(year not stated)"
        found = (licence_of(name, self.declared) for name in names)
        return tuple(sorted({licence.attribution.format(year=year) for licence in found if licence} - {""}))

    def unknown(self, drawn: Drawn, files: Mapping[str, str]) -> list[Issue]:
        """An issue for each licence named that nobody knows or declares."""
        named = {
            (files.get(layer, layer), str(name))
            for layer, frame in (("land", drawn.land), *drawn.layers.items())
            for name in frame[COLUMN]
            if name
        } | {(file, name) for file, name in self.registers.items() if name}
        return [
            Issue(
                file,
                "",
                COLUMN,
                "unknown-licence",
                name,
                "no licence of this name is known or declared",
                f"Its outlines are not shown to the public. Declare it in estate.toml under [licences], with attribution and publish; "
                f"known: {', '.join(licence.name for licence in BUILT_IN)}.",
            )
            for file, name in sorted(named)
            if licence_of(name, self.declared) is None
        ]

    def kept(self, drawn: Drawn, files: Mapping[str, str], own: Iterable[str]) -> list[Issue]:
        """For the keeper: how many outlines of each file and licence the public is not shown."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for layer, frame in (("land", drawn.land), *drawn.layers.items()):
            instead = "a point stands for each" if layer == "land" else "they are not drawn"
            for name, shape in zip(frame[COLUMN], frame.geometry, strict=True):
                if shape is not None and self.closed(name):
                    counts[files.get(layer, layer), str(name), instead] += 1
        for asset in own:
            file = str(drawn.assets.at[asset, "register"])
            if self.closed(self.registers.get(file)):
                counts[file, self.registers[file], "a point stands for each"] += 1
        return [
            Issue(
                file,
                "",
                COLUMN,
                OUTLINE_CODE,
                name,
                f"{number} shapes are under a licence that does not let them be published",
                f"Withheld from the public: {instead}. Once you may publish them, say publish = true under "
                f'[licences."{name}"] in estate.toml.',
            )
            for (file, name, instead), number in sorted(counts.items())
        ]

    def for_the_public(self, drawn: Drawn, own: Iterable[str]) -> Drawn:
        """What may be drawn for the public: a point for a site, asset or parcel whose outline may not be published.

        Parameters
        ----------
        drawn
            The estate once its sites are formed, so that what was joined by its outline stays joined.
        own
            Assets whose register gave them a polygon; others may have got theirs from the land they stand on.

        Returns
        -------
        Drawn
            Shapes of other layers under such a licence are gone while their rows stay; a place, which is a name at a position and
            nothing more, goes with its position. Areas in hectares stay: a figure is a fact about the land, from which no
            outline can be drawn again.
        """
        held = set(own)
        parcels = {str(parcel) for parcel, name in drawn.land[COLUMN].items() if self.closed(name)}
        closed = {
            str(asset)
            for asset, file, on, precision in zip(
                drawn.assets.index,
                drawn.assets["register"],
                drawn.assets["parcels"],
                drawn.assets["location_precision"],
                strict=True,
            )
            if precision == "polygon"
            and (self.closed(self.registers.get(file)) if asset in held else bool(parcels & set(on)))
        }
        sites = drawn.sites.copy()
        shut = np.array(
            [
                precision == "polygon" and bool(parcels & set(on) or closed & set(assets))
                for precision, on, assets in zip(sites["precision"], sites["parcels"], sites["assets"], strict=True)
            ],
            dtype=bool,
        )
        sites = _to_points(sites, shut)
        sites["precision"] = np.where(shut, "point", sites["precision"])
        at = np.array([str(asset) in closed for asset in drawn.assets.index], dtype=bool)
        assets = _to_points(drawn.assets, at)
        assets["location_precision"] = np.where(at, "point", assets["location_precision"])
        land = _to_points(drawn.land, np.array([str(parcel) in parcels for parcel in drawn.land.index], dtype=bool))
        layers = {}
        for name, frame in drawn.layers.items():
            gone = np.array([self.closed(licence) for licence in frame[COLUMN]], dtype=bool)
            layers[name] = frame[~gone].reset_index(drop=True) if name == "places" else _with_shapes(frame, gone, None)
        return Drawn(sites, assets, land, layers)


def _with_shapes(frame: gpd.GeoDataFrame, which: NDArray[np.bool_], shapes: Any) -> gpd.GeoDataFrame:
    if not which.any():
        return frame.copy()
    geometry = frame.geometry.to_numpy().copy()
    geometry[which] = shapes
    return frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=BRITISH_GRID))


def _to_points(frame: gpd.GeoDataFrame, which: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """A frame with a point inside, to the centimetre, in place of some shapes."""
    if not which.any():
        return frame.copy()
    inner = shapely.point_on_surface(frame.geometry.to_numpy()[which])
    return _with_shapes(frame, which, shapely.points(np.round(shapely.get_coordinates(inner), 2)))


def with_default(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """A layer's table with the layer's licence where a row states none."""
    return frame.assign(**{COLUMN: [given or name or None for given in frame[COLUMN]]}) if name else frame

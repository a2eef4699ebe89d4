"""An estate as files for other programs: GeoPackage with every layer; CSV, GeoJSON and GeoParquet with the sites.

Text stays as it is in the geographic formats; in CSV what a spreadsheet would run as a formula is preceded by an apostrophe. Analyses are
included only where the estate's reader may be shown them. The same estate gives the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from assetplan.assembly import find_assemblies
from assetplan.errors import OutputError
from assetplan.estate import sites as sites_of
from assetplan.grid import BRITISH_GRID, geometries_to_degrees
from assetplan.output import write_whole
from assetplan.relations import adjacency, adjacent_pairs
from assetplan.schema import LAYER_TABLES, table
from assetplan.text import plain_cell, shown_name, visible

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from assetplan.estate import Estate

    Layer = tuple[str, pd.DataFrame, gpd.GeoSeries | None]

FORMATS = (".gpkg", ".csv", ".geojson", ".parquet")
_TABLES = ("interests", "services", "capacity", "affinities", "crews", "standards", "plans")
_DECIMALS = 7  # of a degree: about a centimetre
_CLOCK = "OGR_CURRENT_DATE"
_SYNCED = "OGR_SQLITE_SYNCHRONOUS"
_GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
)


def export(estate: Estate, path: str | os.PathLike[str]) -> Path:
    """Write an estate, as its reader may know it, to a file.

    Parameters
    ----------
    estate
        The estate; choose the reader with `Estate.for_audience` first.
    path
        ``.gpkg``: layers ``assets`` (every located asset), ``sites``, ``relations``, ``land``, ``constraints``, ``places``,
        ``roads``, ``areas``, ``demand``, tables ``facts``, ``interests``, ``services``, ``capacity``, ``affinities``, ``crews``,
        ``standards``, ``plans``, ``issues`` and ``unlocated`` (assets without a place), and ``assemblies``
        where released to the reader; EPSG:27700. ``.csv``: the sites, UTF-8 with a mark that Excel knows. ``.geojson``: the
        sites as RFC 7946 has it, in degrees (WGS84), those without a place with no shape. ``.parquet``: the sites as GeoParquet,
        EPSG:27700.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    OutputError
        Where the suffix is not one of these or the file cannot be written; nothing partial is left.

    Examples
    --------
    >>> import assetplan as ap, tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> estate = ap.read_estate("data/malton").for_audience("public")
    >>> ap.export(estate, folder / "malton.csv").name
    'malton.csv'
    """
    target = Path(path)
    if target.suffix.lower() == ".csv":
        write_whole(target, csv_bytes(sites_table(estate)))
    elif target.suffix.lower() == ".gpkg":
        write_geopackage(estate, _layers(estate), target)
    elif target.suffix.lower() == ".geojson":
        write_whole(target, _geojson(estate))
    elif target.suffix.lower() == ".parquet":
        write_whole(target, _geoparquet(estate))
    else:
        raise OutputError(f"{shown_name(target)}: the suffix says the format; it is one of {', '.join(FORMATS)}.")
    return target


def write_geopackage(estate: Estate, layers: Iterable[Layer], target: Path) -> None:
    """Write layers of an estate as one GeoPackage, whole or not at all, the same bytes for the same estate.

    A layer is its name, its columns, and its shapes in EPSG:27700; of a plain table the shapes are None.

    Raises
    ------
    OutputError
        Where the file cannot be made or written.
    """
    try:
        data = _geopackage(estate, layers)
    except (OSError, *_GDAL_ERRORS) as error:
        raise OutputError(
            f"{shown_name(target)}: cannot be written, for it could not be made in {visible(tempfile.gettempdir())} first "
            f"({visible(str(error))[:200]}). Free some space there."
        ) from error
    write_whole(target, data)


def sites_table(estate: Estate) -> pd.DataFrame:
    """The sites without their shapes, identifier first, in the order of the schema."""
    frame = sites_of(estate)
    return pd.DataFrame(frame.drop(columns="geometry")).reset_index()[list(table("sites"))]


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as CSV (UTF-8 with a byte order mark, CRLF), lists joined by ``;`` and no cell a live formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([plain_cell(visible(str(name))) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        writer.writerow([_csv_cell(value) for value in row])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def _flat(value: Any) -> Any:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {part}" for key, part in value.items())
    if isinstance(value, (tuple, list)):
        return "; ".join(": ".join(part) if isinstance(part, tuple) else str(part) for part in value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _csv_cell(value: Any) -> object:
    value = _flat(value)
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, float, np.number)):
        return value
    return plain_cell(visible(str(value)))


def _storable(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose columns a GeoPackage can hold: text, numbers and booleans."""
    out = {}
    for name in frame.columns:
        values = [_flat(value) for value in frame[name]]
        absent = [value is None or value != value for value in values]  # noqa: PLR0124
        kept = [value for value, gone in zip(values, absent, strict=True) if not gone]
        if kept and all(isinstance(value, (bool, np.bool_)) for value in kept) and not any(absent):
            out[name] = np.array(values, dtype=bool)
        elif kept and all(isinstance(value, (int, float, np.number)) and not isinstance(value, bool) for value in kept):
            out[name] = np.array([np.nan if gone else float(value) for value, gone in zip(values, absent, strict=True)])
        else:
            out[name] = np.array(
                [None if gone else visible(str(value)) for value, gone in zip(values, absent, strict=True)],
                dtype=object,
            )
    return pd.DataFrame(out, columns=list(frame.columns))


def _layers(estate: Estate) -> list[Layer]:
    sites = sites_of(estate)
    pairs = adjacent_pairs(sites, roads=estate.roads)
    located = estate.assets["location_precision"] != "none"
    assets = estate.assets.drop(columns=["easting", "northing"]).assign(
        easting=estate.assets["easting"], northing=estate.assets["northing"]
    )
    inner = sites.geometry.apply(lambda shape: None if shape is None else shapely.point_on_surface(shape))
    links = gpd.GeoSeries(
        [shapely.LineString([inner.at[a], inner.at[b]]) for a, b in zip(pairs["site_a"], pairs["site_b"], strict=True)],
        crs=BRITISH_GRID,
    )
    drawn = sites[~sites.geometry.isna()]
    layers: list[Layer] = [
        ("assets", assets[located].drop(columns="geometry").reset_index(), assets.geometry[located]),
        ("sites", drawn.drop(columns="geometry").reset_index(), drawn.geometry),
        ("relations", pairs, links),
    ]
    for name in (*LAYER_TABLES, "demand"):
        frame: gpd.GeoDataFrame = getattr(estate, name)
        layers.append((name, frame.drop(columns="geometry").reset_index(drop=name != "land"), frame.geometry))
    layers += [
        ("facts", estate.facts.drop(columns="typed"), None),
        *((name, getattr(estate, name), None) for name in _TABLES),
        ("issues", estate.issues, None),
        ("unlocated", assets[~located].drop(columns="geometry").reset_index(), None),
    ]
    if estate.released("assemblies"):
        graph = adjacency(sites, roads=estate.roads)
        found = find_assemblies(estate, graph)
        shapes = gpd.GeoSeries(
            [shapely.union_all(sites.geometry.loc[list(group)].dropna().to_numpy()) for group in found["sites"]],
            crs=BRITISH_GRID,
        )
        layers.append(("assemblies", found, shapes))
    return layers


def _geojson(estate: Estate) -> bytes:
    """The sites as a FeatureCollection, a feature a line."""
    stored = _storable(sites_table(estate))
    shapes = shapely.set_precision(
        geometries_to_degrees(sites_of(estate).geometry.to_numpy()), 10.0**-_DECIMALS, mode="pointwise"
    )
    shapes = shapely.orient_polygons(shapes)  # rings of areas run anticlockwise
    lines = []
    for row, shape in zip(stored.to_dict("records"), shapes, strict=True):
        geometry = "null" if shape is None or shape.is_empty else shapely.to_geojson(shape)
        properties = json.dumps({key: _json_value(value) for key, value in row.items()}, ensure_ascii=False)
        lines.append(f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}')
    title = json.dumps(visible(estate.name), ensure_ascii=False)
    features = ",\n".join(lines)
    return f'{{"type":"FeatureCollection","name":{title},"features":[\n{features}\n]}}\n'.encode()


def _json_value(value: Any) -> object:
    if value is None or value != value:  # noqa: PLR0124
        return None
    return value.item() if isinstance(value, np.generic) else value


def _geoparquet(estate: Estate) -> bytes:
    frame = gpd.GeoDataFrame(
        _storable(sites_table(estate)), geometry=sites_of(estate).geometry.to_numpy(), crs=BRITISH_GRID
    )
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False, geometry_encoding="WKB", schema_version="1.0.0")
    return buffer.getvalue()


def _geopackage(estate: Estate, layers: Iterable[Layer]) -> bytes:
    """The layers as a GeoPackage, its clock set to the estate's date."""
    day = estate.as_of or dt.date(2000, 1, 1)
    before = {option: pyogrio.get_gdal_config_option(option) for option in (_CLOCK, _SYNCED)}
    # The file is read back and goes: nobody waits for the disk to have each of its layers.
    pyogrio.set_gdal_config_options({_CLOCK: f"{day.isoformat()}T00:00:00.000Z", _SYNCED: "OFF"})
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "estate.gpkg"
            for name, frame, geometry in layers:
                stored = _storable(frame)
                if geometry is None:
                    pyogrio.write_dataframe(stored, file, layer=name, driver="GPKG", append=file.exists())
                else:
                    shapes = gpd.GeoSeries(geometry.to_numpy(), crs=BRITISH_GRID)
                    pyogrio.write_dataframe(
                        gpd.GeoDataFrame(stored, geometry=shapes),
                        file,
                        layer=name,
                        driver="GPKG",
                        geometry_type="Unknown",
                        append=file.exists(),
                    )
            return file.read_bytes()
    finally:
        pyogrio.set_gdal_config_options(before)

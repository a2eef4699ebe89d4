"""Opening a vector file of any common format: its layers, as columns of text and shapes.

A file is opened as what its first bytes say, by one driver, and read only. GDAL opens by content, and some of its formats (VRT,
SQLite with virtual tables, addresses that begin /vsicurl/) reach out to other files and hosts: none of them gets that far.
"""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
import warnings
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import shapely

from assetplan.crs import Bounds, bounds_in
from assetplan.errors import EstateError
from assetplan.files import (
    _UNPACKED_LIMIT,
    GEOJSON,
    _absent,
    _features,
    _pairs,
    _plain,
    _text_of,
    decode,
    readable_shapes,
)
from assetplan.grid import WGS84
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray


VECTORS = (".gpkg", *GEOJSON, ".fgb", ".shp", ".zip", ".parquet", ".geoparquet")

_MAGIC = {
    ".gpkg": (b"SQLite format 3\x00", "a GeoPackage"),
    ".fgb": (b"fgb\x03", "a FlatGeobuf file"),
    ".shp": (b"\x00\x00\x27\x0a", "a Shapefile"),
    ".zip": (b"PK\x03\x04", "a zip file"),
    ".parquet": (b"PAR1", "a GeoParquet file"),
    ".geoparquet": (b"PAR1", "a GeoParquet file"),
}
_RTREE = re.compile(r'create\s+virtual\s+table\s+(?:"(?:[^"]|"")*"|\w+)\s+using\s+rtree\s*\(', re.IGNORECASE)
_SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of a file: `fields` names every column, `columns` holds those asked for as text, `shapes` stand in `crs` ("": not said).

    `stated` tells a CRS that the file states from one that its format implies (GeoJSON without a word of it is in degrees).
    """

    name: str
    fields: tuple[str, ...]
    columns: Mapping[str, Sequence[str]]
    shapes: NDArray[np.object_]
    crs: str
    stated: bool = True


def read_layers(
    path: Path,
    name: str,
    *,
    wanted: Callable[[str], bool],
    whole: Callable[[Sequence[str]], bool],
    bounds: Bounds,
    layers: Sequence[str] | None = None,
) -> list[Layer]:
    """The layers of a vector file that hold shapes.

    Parameters
    ----------
    path
        The file: GeoPackage, GeoJSON, FlatGeobuf, Shapefile (its .shp, or zipped) or GeoParquet.
    name
        What to call it in messages.
    wanted
        Whether a column of a given name is to be read.
    whole
        Whether a layer with columns of these names must be read whole, whatever the bounds.
    bounds
        West, south, east and north in metres (EPSG:27700). Features far from them may be left out where the format allows.
    layers
        Names of the layers to read, in any case; None for all.

    Raises
    ------
    EstateError
        Where the file is not there, not what its name says, would compute or fetch something, or lacks a layer named.
    """
    suffix = path.suffix.lower()
    if suffix not in VECTORS:
        raise EstateError(
            f"{name}: {visible(suffix) or 'a file without a suffix'} is not a vector format read here. Formats: {', '.join(VECTORS)}."
        )
    try:
        if not path.is_file():
            raise EstateError(f"{name}: there is no such file. Files on this computer are read, nothing else.")
        if suffix in _MAGIC:
            mark, kind = _MAGIC[suffix]
            with path.open("rb") as file:
                if file.read(len(mark)) != mark:
                    raise EstateError(f"{name}: this is not {kind}, whatever its name says. Save it again.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GDAL grumbles about is judged by the shapes it hands over
            found = list(_OPENERS[suffix](path, name, _Ask(wanted, whole, bounds, layers)))
    except OSError as error:
        raise EstateError(f"{name}: cannot be opened ({error.strerror or error}).") from error
    except (RuntimeError, sqlite3.Error, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise EstateError(
            f"{name}: this does not open ({visible(str(error))}). Save it again, as GeoPackage say."
        ) from error
    if not found:
        raise EstateError(f"{name}: holds no layer of shapes. Save the layers wanted as GeoPackage or GeoJSON.")
    return found


@dataclass(frozen=True)
class _Ask:
    wanted: Callable[[str], bool]
    whole: Callable[[Sequence[str]], bool]
    bounds: Bounds
    layers: Sequence[str] | None

    def chosen(self, titles: Sequence[str], name: str) -> list[str]:
        """The layers asked for among those of the file, in the file's order."""
        if self.layers is None:
            return list(titles)
        asked = {layer.casefold() for layer in self.layers}
        missing = sorted(asked - {title.casefold() for title in titles})
        if missing:
            raise EstateError(
                f"{name}: there is no layer {', '.join(map(repr, map(visible, missing)))}. "
                f"Layers: {', '.join(map(visible, titles)) or 'none'}."
            )
        return [title for title in titles if title.casefold() in asked]


# ------------------------------------------------------------------------------------------------------- formats


def _by_gdal(source: Path, layer: str, title: str, ask: _Ask, **options: str) -> Layer:
    info = pyogrio.read_info(source, layer=layer, **options)
    fields = tuple(map(str, info["fields"]))
    crs = _known(info["crs"])
    box = None if not crs or ask.whole(fields) else bounds_in(crs, ask.bounds)
    columns = [field for field in fields if ask.wanted(field)]
    meta, _, wkb, values = pyogrio.raw.read(source, layer=layer, columns=columns, bbox=box, force_2d=True, **options)
    shapes = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object).reshape(len(wkb))
    texts = dict(zip(map(str, meta["fields"]), map(_texts, values), strict=True))
    return Layer(title, fields, texts, shapes, crs)


def _texts(column: Any) -> list[str]:
    return ["" if _absent(value) else _text_of(_plain(value)) for value in column]


def _known(crs: object) -> str:
    """A CRS as a file states it; nothing where it states none, or that it does not know."""
    return "" if crs is None or "undefined" in str(crs).lower()[:60] else str(crs)


def _geopackage(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    for title in ask.chosen(_tables(path, name), name):
        yield _by_gdal(path, title, title, ask, IMMUTABLE="YES")


def _tables(path: Path, name: str) -> list[str]:
    """The tables of shapes of a GeoPackage; refuses one in which reading would compute or reach elsewhere."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        kinds = {
            str(title): (kind, str(sql or ""))
            for title, kind, sql in database.execute(
                "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view')"
            )
        }
        virtual = any(
            sql[:30].lower().split()[:2] == ["create", "virtual"] and not _RTREE.match(sql) for _, sql in kinds.values()
        )
        if "gpkg_geometry_columns" not in kinds or "gpkg_contents" not in kinds:
            raise EstateError(f"{name}: this is a database, but not a GeoPackage. Save the layers as GeoPackage.")
        titles = [
            str(title)
            for (title,) in database.execute(
                "SELECT c.table_name FROM gpkg_contents c JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
                "WHERE c.data_type = 'features' ORDER BY c.rowid"
            )
        ]
        for title in titles:
            kind, _ = kinds.get(title, ("missing", ""))
            made = database.execute("SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden > 1", (title,)).fetchone()[
                0
            ]
            if kind != "table" or made or virtual:
                raise EstateError(
                    f"{name}: layer {visible(title)!r} is worked out when it is read, by a view, a virtual table or a generated column. "
                    "Save it as a layer of its own."
                )
    return list(dict.fromkeys(titles))


def _flatgeobuf(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    for layer, _ in pyogrio.list_layers(path):
        for title in ask.chosen([str(layer)], name):
            yield _by_gdal(path, title, title, ask)


def _shapefile(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    for title in ask.chosen([path.stem], name):
        yield _by_gdal(path, path.stem, title, ask)


def _zipped(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    """Shapefiles in a zip, unpacked under names of our own."""
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        members = {PurePosixPath(member.filename): member for member in archive.infolist() if not member.is_dir()}
        parts = {at: member for at, member in members.items() if at.suffix.lower() in _SIDECARS}
        if sum(member.file_size for member in parts.values()) > _UNPACKED_LIMIT:
            raise EstateError(
                f"{name}: unpacks to more than {_UNPACKED_LIMIT:,} bytes. Unzip it, and save the area wanted as GeoPackage."
            )
        shapes = sorted(at for at in parts if at.suffix.lower() == ".shp")
        if not shapes:
            raise EstateError(f"{name}: there is no .shp in this zip file. Unzip it and give the file in it.")
        chosen = ask.chosen(sorted({at.stem for at in shapes}), name)
        for number, shape in enumerate(shapes):
            if shape.stem not in chosen:
                continue
            for at, member in parts.items():
                if at.with_suffix("") == shape.with_suffix(""):
                    Path(folder, f"{number}{at.suffix.lower()}").write_bytes(archive.read(member))
            yield _by_gdal(Path(folder, f"{number}.shp"), str(number), shape.stem, ask)


def _geojson(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    text, _ = decode(path.read_bytes(), name)
    try:
        document = json.loads(text, object_pairs_hook=_pairs)
        if not isinstance(document, dict) or not isinstance(document.get("features"), list):
            raise EstateError(f"{name}: a GeoJSON FeatureCollection is wanted here. Export the layer as GeoJSON.")
        fields, rows, texts, _ = _features(document["features"])
    except EstateError:
        raise
    except (ValueError, RecursionError) as error:
        raise EstateError(f"{name}: this is not JSON ({visible(str(error))}). Export it again.") from error
    title = document.get("name")
    stated = document.get("crs")
    named = stated.get("properties") if isinstance(stated, dict) else None
    crs = str(named.get("name")) if isinstance(named, dict) else WGS84
    columns = {field: [row[i] for row in rows] for i, field in enumerate(fields) if ask.wanted(field)}
    for chosen in ask.chosen([title if isinstance(title, str) and title else path.stem], name):
        shapes = readable_shapes(texts, shapely.from_geojson)
        yield Layer(chosen, tuple(fields), columns, shapes, crs, stated=isinstance(named, dict))


def _geoparquet(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    try:
        import geopandas
        import pyarrow.parquet
    except ImportError as error:
        raise EstateError(
            f"{name}: GeoParquet is read where pyarrow is installed, and it is not. pip install pyarrow, or save the file as GeoPackage."
        ) from error
    try:
        schema = pyarrow.parquet.read_schema(path)
        about = json.loads((schema.metadata or {})[b"geo"])
        shapes_in = str(about["primary_column"])
        fields = tuple(field for field in schema.names if field not in about["columns"])
        frame = geopandas.read_parquet(path, columns=[*filter(ask.wanted, fields), shapes_in])
        crs = _known(frame.crs)
    except (KeyError, TypeError, ValueError, pyarrow.ArrowException) as error:
        raise EstateError(
            f"{name}: this does not open as GeoParquet ({visible(str(error))}). Save it again."
        ) from error
    columns = {field: _texts(frame[field].to_numpy(dtype=object)) for field in frame.columns if field != shapes_in}
    for title in ask.chosen([path.stem], name):
        yield Layer(title, fields, columns, np.asarray(frame.geometry.to_numpy(), dtype=object), crs)


_OPENERS: dict[str, Callable[[Path, str, _Ask], Iterator[Layer]]] = {
    ".gpkg": _geopackage,
    **dict.fromkeys(GEOJSON, _geojson),
    ".fgb": _flatgeobuf,
    ".shp": _shapefile,
    ".zip": _zipped,
    **dict.fromkeys((".parquet", ".geoparquet"), _geoparquet),
}

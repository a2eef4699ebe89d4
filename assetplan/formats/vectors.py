"""Opening a vector file of any common format: its layers, as columns of text and shapes.

A file is opened as what its first bytes say, by one driver, and read only. GDAL opens by content, and some of its formats (VRT,
SQLite with virtual tables, addresses that begin /vsicurl/) reach out to other files and hosts: none of them gets that far. What
stands in several files is copied to a folder of its own first, under names of our own, and only the parts that belong to it.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import stat
import tempfile
import warnings
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import shapely

from assetplan.crs import Bounds, bounds_in, epsg_name, is_crs
from assetplan.errors import EstateError
from assetplan.formats.contents import UNPACKED_LIMIT, text_of
from assetplan.formats.records import read_records
from assetplan.text import clean, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

GEOJSON = (".geojson", ".json")
VECTORS = (".gpkg", *GEOJSON, ".fgb", ".shp", ".tab", ".mif", ".zip", ".parquet", ".geoparquet")
# The parts of a format that stands in several files, those it cannot do without first.
SIDECARS = {
    ".shp": (".dbf", ".shx", ".prj", ".cpg"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
}
_NEEDED = {".shp": (".dbf", ".shx"), ".tab": (".dat",), ".mif": (".mid",)}

_MAGIC = {
    ".gpkg": (b"SQLite format 3\x00", "a GeoPackage"),
    ".fgb": (b"fgb\x03", "a FlatGeobuf file"),
    ".shp": (b"\x00\x00\x27\x0a", "a Shapefile"),
    ".tab": (b"!table", "a MapInfo table"),
    ".mif": (b"Version", "a MapInfo interchange file"),
    ".zip": (b"PK\x03\x04", "a zip file"),
    ".parquet": (b"PAR1", "a Parquet file"),
    ".geoparquet": (b"PAR1", "a Parquet file"),
}
_RTREE = re.compile(r'create\s+virtual\s+table\s+(?:"(?:[^"]|"")*"|\w+)\s+using\s+rtree\s*\(', re.IGNORECASE)
_DAMAGE = (
    *(UnicodeDecodeError, RuntimeError, sqlite3.Error, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError),
    UnboundLocalError,  # pyogrio's own, where GDAL cannot write down a CRS
)
_NO_LAYERS = frozenset({"layer_styles", "qgis_projects"})  # what QGIS keeps beside the layers


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of a file: `fields` names every column, `columns` holds those asked for as text, `shapes` stand in `crs` ("": not said).

    `drawn` is false where the layer is a table without shapes, whose `shapes` are then all None. `stated` tells a CRS that the
    file states from one that its format implies (GeoJSON without a word of it is in degrees). `encoding` is the one that the text
    turned out to be in, where that is not the one the file claims.
    """

    name: str
    fields: tuple[str, ...]
    columns: Mapping[str, Sequence[str]]
    shapes: NDArray[np.object_]
    crs: str
    stated: bool = True
    drawn: bool = True
    encoding: str = ""


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
        The file: GeoPackage, GeoJSON, FlatGeobuf, Shapefile (its .shp, or zipped), MapInfo (.tab or .mif) or GeoParquet.
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
    found = _opened(path, name, _Ask(wanted, whole, bounds, layers))
    found = [layer for layer in found if layer.drawn]
    if not found:
        raise EstateError(f"{name}: holds no layer of shapes. Save the layers wanted as GeoPackage or GeoJSON.")
    return found


def read_vector_tables(path: Path, name: str) -> list[Layer]:
    """The layers of a vector file, with or without shapes, whole.

    Raises
    ------
    EstateError
        Where the file is not what its name says, lacks a part, would compute or fetch something, or holds no layer.
    """
    found = _opened(path, name, _Ask(lambda _: True, lambda _: True, (0.0, 0.0, 0.0, 0.0), None, shapeless=True))
    if not found:
        raise EstateError(f"{name}: holds no layer. Save the table wanted as GeoPackage or CSV.")
    return found


def _opened(path: Path, name: str, ask: _Ask) -> list[Layer]:
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
                if file.read(len(mark)).lower() != mark.lower():
                    raise EstateError(f"{name}: this is not {kind}, whatever its name says. Save it again.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GDAL grumbles about is judged by the shapes it hands over
            return list(_OPENERS[suffix](path, name, ask))
    except OSError as error:
        raise EstateError(f"{name}: cannot be opened ({clean(str(error.strerror or error))}).") from error
    except _DAMAGE as error:
        raise EstateError(
            f"{name}: this does not open ({clean(str(error))}). Save it again, as GeoPackage say."
        ) from error


@dataclass(frozen=True)
class _Ask:
    wanted: Callable[[str], bool]
    whole: Callable[[Sequence[str]], bool]
    bounds: Bounds
    layers: Sequence[str] | None
    shapeless: bool = False

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
    """A layer by GDAL; where its text is not in the encoding the file claims, read once more as Windows-1252."""
    try:
        return _read_layer(source, layer, title, ask, "", options)
    except UnicodeDecodeError:
        if source.suffix.lower() not in SIDECARS:
            raise
    return _read_layer(source, layer, title, ask, "cp1252", options)


def _read_layer(source: Path, layer: str, title: str, ask: _Ask, encoding: str, options: Mapping[str, str]) -> Layer:
    info = pyogrio.read_info(source, layer=layer, encoding=encoding or None, **options)
    fields = tuple(map(str, info["fields"]))
    crs = epsg_name(str(info["crs"] or ""))
    box = None if not crs or ask.whole(fields) else bounds_in(crs, ask.bounds)
    columns = [field for field in fields if ask.wanted(field)]
    meta, _, wkb, values = pyogrio.raw.read(
        source, layer=layer, columns=columns, bbox=box, force_2d=True, encoding=encoding or None, **options
    )
    texts = dict(zip(map(str, meta["fields"]), map(_texts, values), strict=True))
    if wkb is None:
        return Layer(title, fields, texts, _none(texts), "", drawn=False)
    return Layer(title, fields, texts, _from_wkb(wkb), crs, encoding=encoding)


def _none(columns: Mapping[str, Sequence[str]]) -> NDArray[np.object_]:
    return np.full(len(next(iter(columns.values()), ())), None, dtype=object)


def _from_wkb(wkb: Any) -> NDArray[np.object_]:
    """Shapes of a column of WKB; what is there and cannot be read as a shape is an empty one."""
    shapes = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object).reshape(len(wkb))
    lost = shapely.is_missing(shapes) & np.array([part is not None for part in wkb], dtype=bool)
    shapes[lost] = shapely.GeometryCollection()
    return shapes


def _texts(column: Any) -> list[str]:
    return [text_of(value) for value in column]


def _geopackage(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    for title in ask.chosen(_tables(path, name, shapeless=ask.shapeless), name):
        yield _by_gdal(path, title, title, ask, IMMUTABLE="YES")


def _tables(path: Path, name: str, *, shapeless: bool) -> list[str]:
    """The tables of a GeoPackage, of shapes or all; refuses one in which reading would compute or reach elsewhere."""
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
            for title, kind, drawn in database.execute(
                "SELECT c.table_name, c.data_type, g.table_name FROM gpkg_contents c "
                "LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name ORDER BY c.rowid"
            )
            if (kind == "features" and drawn is not None) or (shapeless and kind == "attributes")
        ]
        titles = [title for title in dict.fromkeys(titles) if title not in _NO_LAYERS]
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
    return titles


def _flatgeobuf(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    for layer, _ in pyogrio.list_layers(path):
        for title in ask.chosen([str(layer)], name):
            yield _by_gdal(path, title, title, ask)


def _in_parts(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    """A Shapefile or MapInfo file with the files beside it that belong to it, whatever the case of their names."""
    suffix = path.suffix.lower()
    beside = {part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem and part != path}
    missing = [f"{path.stem}{part}" for part in _NEEDED[suffix] if part not in beside]
    if missing:
        raise EstateError(
            f"{name}: {visible(' and '.join(missing))} {'is' if len(missing) == 1 else 'are'} not beside it. "
            f"A {suffix} holds only part of the layer: put its other files into the same folder."
        )
    with tempfile.TemporaryDirectory() as folder:
        for part_suffix in SIDECARS[suffix]:
            if (part := beside.get(part_suffix)) is not None:
                if part.is_symlink():
                    raise EstateError(
                        f"{name}: {visible(part.name)} is a link to another file. Put the file itself there."
                    )
                shutil.copyfile(part, Path(folder, f"0{part_suffix}"))
        copy = Path(folder, f"0{suffix}")
        shutil.copyfile(path, copy)
        for title in ask.chosen([path.stem], name):
            yield _part(copy, title, name, ask)


def _part(copy: Path, title: str, name: str, ask: _Ask) -> Layer:
    if copy.suffix == ".tab":
        _check_table(copy, name)
    stated = copy.with_suffix(".prj")
    if stated.exists() and not is_crs(stated.read_text("latin-1")):
        stated.unlink()  # pyogrio fails on what names no CRS; without it the CRS is not stated, which is true
    return _by_gdal(copy, copy.stem, title, ask)


def _check_table(path: Path, name: str) -> None:
    """Refuse a MapInfo table whose data stand elsewhere: in another file, a database, or behind an address."""
    text = path.read_bytes().decode("latin-1")
    said = [
        line.split()
        for line in re.sub(r"begin_metadata.*?end_metadata", "", text, flags=re.IGNORECASE | re.DOTALL).splitlines()
    ]
    words = [[word.lower() for word in line] for line in said if line]
    native = any(line[:2] == ["type", "native"] for line in words)
    others = [
        line
        for line in words
        if line[0] in {"file", "open", "create", "select"} or (line[0] == "type" and line[1:2] != ["native"])
    ]
    if not native or others:
        raise EstateError(
            f"{name}: this MapInfo table takes its data from elsewhere; only tables of type NATIVE are read. Save a copy as GeoPackage."
        )


def unpack(path: Path, name: str, folder: Path, mains: Sequence[str]) -> list[tuple[str, Path]]:
    """Unpack the files of some suffixes from a zip, with what belongs to them, under names of our own.

    Parameters
    ----------
    path
        The zip file.
    name
        What to call it in messages.
    folder
        Where to put them.
    mains
        The suffixes wanted, in lower case.

    Returns
    -------
    list
        For each file its name in the zip without the folders, and where it is now; in the order of the names.

    Raises
    ------
    EstateError
        Where it would unpack to too much, is locked, or a part is a link.
    """
    with zipfile.ZipFile(path) as archive:
        members = {
            PurePosixPath(member.filename.replace("\\", "/")): member
            for member in archive.infolist()
            if not member.is_dir()
        }
        members = {
            at: member for at, member in members.items() if "__MACOSX" not in at.parts and not at.name.startswith(".")
        }
        chosen = sorted(at for at in members if at.suffix.lower() in mains)
        parts = {
            main: [
                main,
                *(
                    at
                    for at in members
                    if at.with_suffix("") == main.with_suffix("")
                    and at.suffix.lower() in SIDECARS.get(main.suffix.lower(), ())
                ),
            ]
            for main in chosen
        }
        wanted = [members[at] for group in parts.values() for at in group]
        if sum(member.file_size for member in wanted) > UNPACKED_LIMIT:
            raise EstateError(
                f"{name}: unpacks to more than {UNPACKED_LIMIT:,} bytes. Unzip it, and save the area wanted as GeoPackage."
            )
        for member in wanted:
            if stat.S_ISLNK(member.external_attr >> 16):
                raise EstateError(
                    f"{name}: {visible(member.filename)} in it is a link to another file. Zip the file itself."
                )
            if member.flag_bits & 1:
                raise EstateError(f"{name}: the zip file is locked with a password. Save it without one.")
        found = []
        for number, main in enumerate(chosen):
            for at in parts[main]:
                Path(folder, f"{number}{at.suffix.lower()}").write_bytes(archive.read(members[at]))
            found.append((main.name, Path(folder, f"{number}{main.suffix.lower()}")))
    return found


def _zipped(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    """Shapefiles and MapInfo tables in a zip."""
    with tempfile.TemporaryDirectory() as folder:
        found = unpack(path, name, Path(folder), tuple(SIDECARS))
        if not found:
            raise EstateError(
                f"{name}: there is no .shp, .tab or .mif in this zip file. Unzip it and give the file in it."
            )
        titles = {title: Path(title).stem for title, _ in found}
        chosen = ask.chosen(sorted(set(titles.values())), name)
        for title, part in found:
            if titles[title] in chosen:
                yield _part(part, titles[title], name, ask)


def _geojson(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    data = path.read_bytes()
    for table in read_records(data, name):
        if table.shapes is None:
            raise EstateError(f"{name}: a GeoJSON FeatureCollection is wanted here. Export the layer as GeoJSON.")
        columns = {field: [row[i] for row in table.rows] for i, field in enumerate(table.header) if ask.wanted(field)}
        for chosen in ask.chosen([table.title or path.stem], name):
            yield Layer(chosen, tuple(table.header), columns, table.shapes, table.crs, stated=b'"crs"' in data)


def _parquet(path: Path, name: str, ask: _Ask) -> Iterator[Layer]:
    try:
        schema = pyarrow.parquet.read_schema(path)
        if b"geo" not in (schema.metadata or {}):
            if not ask.shapeless:
                raise EstateError(f"{name}: this Parquet file says nothing of shapes. Save it as GeoParquet.")
            table = pyarrow.parquet.read_table(path)
            fields = tuple(schema.names)
            columns = {field: _texts(table.column(i).to_pylist()) for i, field in enumerate(fields)}
            yield Layer(path.stem, fields, columns, _none(columns), "", drawn=False)
            return
        about = json.loads(schema.metadata[b"geo"])
        shapes_in = str(about["primary_column"])
        fields = tuple(field for field in schema.names if field not in about["columns"])
        frame = geopandas.read_parquet(path, columns=[*filter(ask.wanted, fields), shapes_in])
        crs = epsg_name("" if frame.crs is None else str(frame.crs))
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        if isinstance(error, EstateError):
            raise
        raise EstateError(f"{name}: this does not open as Parquet ({clean(str(error))}). Save it again.") from error
    columns = {field: _texts(frame[field].to_numpy(dtype=object)) for field in frame.columns if field != shapes_in}
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    for title in ask.chosen([path.stem], name):
        yield Layer(title, fields, columns, shapes, crs)


_OPENERS: dict[str, Callable[[Path, str, _Ask], Iterator[Layer]]] = {
    ".gpkg": _geopackage,
    **dict.fromkeys(GEOJSON, _geojson),
    ".fgb": _flatgeobuf,
    **dict.fromkeys(SIDECARS, _in_parts),
    ".zip": _zipped,
    **dict.fromkeys((".parquet", ".geoparquet"), _parquet),
}

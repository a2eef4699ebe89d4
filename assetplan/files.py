"""Opening a file: bytes to cells, and nothing more. No meaning is given to any cell here.

Formats: delimited text of any common delimiter and encoding, spreadsheets (XLSX, XLS, ODS), GeoJSON. What is refused is
refused whole, with the place and the mend; nothing reaches out and nothing runs.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import python_calamine
import shapely

from assetplan.errors import EstateError
from assetplan.grid import BRITISH_GRID, WGS84
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

DELIMITED = (".csv", ".tsv", ".txt")
SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
GEOJSON = (".geojson", ".json")
READABLE = DELIMITED + SPREADSHEETS + GEOJSON

CELL_LIMIT = 32_768
_UNPACKED_LIMIT = 1_000_000_000
_SENTINEL = "\x00end of file\x00"


@dataclass(frozen=True, eq=False)
class Cells:
    """A file as cells.

    `rows` are the non-blank rows, `lines` their physical line (text), row (spreadsheet) or feature number, from 1. Where the
    format names its columns (GeoJSON) `header` holds the names, otherwise it is empty and the header is among the rows.
    `shapes` are the geometries as they stand, in `crs`, for formats that carry them. `notes` are remarks as
    (code, value, message, action). `named` are the columns each row names itself, in formats where rows do (GeoJSON).
    """

    rows: list[list[str]]
    lines: list[int]
    header: list[str] = field(default_factory=list)
    shapes: NDArray[np.object_] | None = None
    crs: str = ""
    title: str = ""
    notes: tuple[tuple[str, str, str, str], ...] = ()
    named: list[tuple[str, ...]] = field(default_factory=list)

    def without(self, lines: Container[int]) -> Cells:
        """These cells as if the rows of some lines had never been in the file; the other rows keep their lines."""
        keep = [i for i, line in enumerate(self.lines) if line not in lines]
        rows = [self.rows[i] for i in keep]
        header, named = self.header, [self.named[i] for i in keep] if self.named else []
        if self.named:
            header = list(dict.fromkeys(name for names in named for name in names))
            at = [self.header.index(name) for name in header]
            rows = [[row[position] for position in at] for row in rows]
        shapes = None if self.shapes is None else self.shapes[np.array(keep, dtype=np.intp)]
        return replace(self, rows=rows, lines=[self.lines[i] for i in keep], header=header, shapes=shapes, named=named)


def read_cells(path: Path, name: str, sheet: str = "") -> Cells:
    """The cells of one file.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages.
    sheet
        The sheet of a spreadsheet, where it has more than one with rows.

    Raises
    ------
    EstateError
        Where the file cannot be opened as what its name says.
    """
    suffix = path.suffix.lower()
    try:
        if suffix in SPREADSHEETS:
            return _spreadsheet(path, name, sheet)
        data = path.read_bytes()
    except OSError as error:
        raise EstateError(
            f"{name}: cannot be opened ({error.strerror or error}). Check that the file is there and readable."
        ) from error
    if suffix in GEOJSON:
        return _geojson(data, name)
    if suffix in DELIMITED:
        return _delimited(data, name)
    raise EstateError(
        f"{name}: {suffix or 'a file without a suffix'} is not a format read here. Formats: {', '.join(READABLE)}."
    )


# ------------------------------------------------------------------------------------------------------- delimited text


def decode(data: bytes, name: str) -> tuple[str, str]:
    """Text of a file's bytes and the encoding it was read with: by its mark, else UTF-8, else Windows-1252."""
    if not data.strip(b"\x00 \r\n\t"):
        raise EstateError(f"{name}: the file is empty.")
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _records(text: str, delimiter: str, name: str, *, strict: bool) -> Iterator[tuple[int, list[str]]]:
    """Records with the physical line each starts on. Refuses text whose quoting does not close."""
    sentinel = _SENTINEL
    while sentinel in text:  # a file that holds the mark must not end there
        sentinel += "\x00"
    old_limit = csv.field_size_limit(len(text) + len(sentinel) + 1)
    try:
        reader = csv.reader(io.StringIO(f"{text}\n{sentinel}", newline=""), delimiter=delimiter, strict=strict)
        start = 1
        try:
            for record in reader:
                if record == [sentinel]:
                    return
                if record and sentinel in record[-1]:
                    break
                yield start, record
                start = reader.line_num + 1
        except csv.Error as error:
            raise EstateError(
                f"{name}, line {start}: the quoting is not as CSV has it ({error}). Double the quotation marks inside the cell."
            ) from error
        raise EstateError(
            f"{name}, line {start}: a quotation mark is opened and not closed before the end of the file. Close it."
        )
    finally:
        csv.field_size_limit(old_limit)


def _delimiter(text: str) -> str:
    head = text[:20_000].splitlines()[:40]
    best, best_score = ",", 0.0
    for delimiter in (",", ";", "\t", "|"):
        widths = [len(row) for row in csv.reader(head, delimiter=delimiter) if row]
        common, times = (
            Counter(width for width in widths if width > 1).most_common(1)[0] if any(w > 1 for w in widths) else (1, 0)
        )
        score = times * (1 - 1 / common)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _delimited(data: bytes, name: str) -> Cells:
    text, encoding = decode(data, name)
    if re.match(r"\s*(<!doctype\s+html|<html\b|<\?xml)", text, re.IGNORECASE):
        raise EstateError(
            f"{name}: this is a web page saved under the name of a table. Download the file itself and try again."
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    notes = []
    if encoding in {"cp1252", "latin-1"}:
        notes.append(
            (
                "encoding",
                encoding,
                f"the file is not UTF-8; read as {encoding}",
                "Save it as UTF-8 to be sure of every character.",
            )
        )
    delimiter = _delimiter(text)
    if delimiter != ",":
        notes.append(
            (
                "delimiter",
                delimiter.replace("\t", "tab"),
                "the cells are not parted by commas",
                "Nothing to do: read accordingly.",
            )
        )
    rows, lines = [], []
    for line, record in _records(text, delimiter, name, strict=False):
        if any(cell.strip() for cell in record):
            rows.append(record)
            lines.append(line)
    return Cells(rows, lines, notes=tuple(notes))


@dataclass(frozen=True)
class Fault:
    """Why a record cannot be used. `misplaced` says that its cells cannot be told apart, so not even its label is known."""

    message: str
    misplaced: bool = False


def read_strict_csv(path: Path, name: str) -> tuple[list[str], list[tuple[list[str], Fault | None]]]:
    """The heading and the records of a table of ours: strict UTF-8 CSV.

    Returns
    -------
    tuple
        The heading, and for each record its cells with its fault, if it has one. Bytes that are not UTF-8 are kept as lone
        surrogates, which `assetplan.text.visible` shows.

    Raises
    ------
    EstateError
        Where the quoting does not close, or there is no heading.
    """
    data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    records = [record for _, record in _records(text, ",", name, strict=True) if any(cell.strip() for cell in record)]
    if not records:
        raise EstateError(f"{name}: there is no heading. Write the names of the columns on the first line.")
    header = [cell.strip() for cell in records[0]]
    repeated = sorted({cell for cell in header if header.count(cell) > 1})
    if repeated:
        raise EstateError(f"{name}: the heading names {', '.join(map(visible, repeated))} twice. Keep one of them.")
    return header, [(record, _distrust(record, len(header))) for record in records[1:]]


def swallowed(record: list[str], width: int, delimiters: str) -> bool:
    """Whether a cell of several lines holds what looks like rows of the table itself."""
    fewest = max(1, width - 2)
    return any(part.count(mark) >= fewest for cell in record for part in cell.split("\n")[1:] for mark in delimiters)


def _distrust(record: list[str], width: int) -> Fault | None:
    if len(record) != width:
        return Fault(f"the row has {len(record)} cells where the heading has {width}", misplaced=True)
    if swallowed(record, width, ","):
        return Fault("a cell holds what looks like the next row: a quotation mark is missing", misplaced=True)
    if any("\udc80" <= character <= "\udcff" for cell in record for character in cell):
        return Fault("the row holds bytes that are not UTF-8")
    if any(len(cell) > CELL_LIMIT for cell in record):
        return Fault(f"a cell is longer than {CELL_LIMIT:,} characters")
    return None


# ------------------------------------------------------------------------------------------------------- spreadsheets


def _text_of(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if value != value:  # noqa: PLR0124  (what JSON and spreadsheets write for nothing)
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "" if value is None else str(value)


def _spreadsheet(path: Path, name: str, sheet: str) -> Cells:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(member.file_size for member in archive.infolist())
            if unpacked > _UNPACKED_LIMIT:
                raise EstateError(
                    f"{name}: unpacks to more than {_UNPACKED_LIMIT:,} bytes. Save the sheet wanted as CSV."
                )
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        grids = {title: book.get_sheet_by_name(title) for title in book.sheet_names}
        filled = {title: grid for title, grid in grids.items() if grid.height and grid.width}
    except python_calamine.PasswordError as error:
        raise EstateError(f"{name}: the workbook is locked with a password. Save a copy without one.") from error
    except EstateError:
        raise
    except (python_calamine.CalamineError, zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise EstateError(
            f"{name}: this does not open as a spreadsheet ({error}). Save it again as XLSX or CSV."
        ) from error
    chosen = sheet or (next(iter(filled)) if len(filled) == 1 else "")
    if sheet and sheet not in grids:
        raise EstateError(f"{name}: there is no sheet {sheet!r}. Sheets: {', '.join(map(visible, grids)) or 'none'}.")
    if not chosen:
        if not filled:
            raise EstateError(f"{name}: no sheet holds any cell.")
        raise EstateError(
            f"{name}: {len(filled)} sheets hold cells ({', '.join(map(visible, filled))}). Name one with --sheet, or sheet = in estate.toml."
        )
    grid = [[_text_of(value) for value in row] for row in grids[chosen].to_python(skip_empty_area=False)]
    for (top, left), (bottom, _right) in grids[chosen].merged_cell_ranges or ():
        for row in range(top + 1, min(bottom + 1, len(grid))):
            if left < len(grid[row]) and not grid[row][left]:
                grid[row][left] = grid[top][left]
    rows, lines = [], []
    for line, cells in enumerate(grid, start=1):
        if any(cell.strip() for cell in cells):
            rows.append(cells)
            lines.append(line)
    return Cells(rows, lines)


# ------------------------------------------------------------------------------------------------------- GeoJSON


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise ValueError("an object names a key twice")
    return keys


def _geojson(data: bytes, name: str) -> Cells:
    text, _ = decode(data, name)
    try:
        document = json.loads(text, object_pairs_hook=_pairs)
    except (ValueError, RecursionError) as error:
        raise EstateError(f"{name}: this is not JSON ({error}). Export it again.") from error
    if (
        not isinstance(document, dict)
        or document.get("type") != "FeatureCollection"
        or not isinstance(document.get("features"), list)
    ):
        raise EstateError(f"{name}: a GeoJSON FeatureCollection is wanted here. Export the layer as GeoJSON.")
    try:
        columns, rows, texts, names = _features(document["features"])
    except RecursionError as error:
        raise EstateError(f"{name}: values are nested too deeply to be read. Export it again.") from error
    shapes = readable_shapes(texts, shapely.from_geojson)
    title = document.get("name")
    return Cells(
        rows,
        list(range(1, len(rows) + 1)),
        header=columns,
        shapes=shapes,
        crs=_geojson_crs(document, name),
        title=title if isinstance(title, str) else "",
        named=names,
    )


def _features(
    features: list[Any],
) -> tuple[list[str], list[list[str]], list[str | None], list[tuple[str, ...]]]:
    """The names of all properties, each feature's cells under them, its geometry as text, and the names it has itself."""
    found = [feature if isinstance(feature, dict) else {} for feature in features]
    properties = [feature["properties"] if isinstance(feature.get("properties"), dict) else {} for feature in found]
    columns = list(dict.fromkeys(key for cells in properties for key in cells))
    rows = [[_json_cell(cells.get(column)) for column in columns] for cells in properties]
    texts = [None if feature.get("geometry") is None else json.dumps(feature["geometry"]) for feature in found]
    return columns, rows, texts, [tuple(cells) for cells in properties]


def readable_shapes(texts: list[str | None], read: Callable[..., Any]) -> NDArray[np.object_]:
    """Geometries of texts; none where there is no text, an empty one where the text cannot be read as a shape."""
    shapes = np.asarray(read(np.array(texts, dtype=object), on_invalid="ignore"), dtype=object).reshape(len(texts))
    lost = shapely.is_missing(shapes) & np.array([text is not None for text in texts], dtype=bool)
    shapes[lost] = shapely.GeometryCollection()
    return shapes


def _json_cell(value: object) -> str:
    if isinstance(value, list):
        return ";".join(map(_json_cell, value))
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else _text_of(value)


def _geojson_crs(document: dict[str, Any], name: str) -> str:
    crs = document.get("crs")
    if crs is None:
        return WGS84
    named = crs.get("properties") if isinstance(crs, dict) else None
    stated = str(named.get("name") if isinstance(named, dict) else crs)
    if re.search(r"27700", stated):
        return BRITISH_GRID
    if re.search(r"CRS84|4326", stated):
        return WGS84
    raise EstateError(
        f"{name}: the CRS {visible(stated)!r} is not read here. Export the layer in EPSG:27700 or EPSG:4326."
    )


def read_layer(path: Path, name: str) -> tuple[list[dict[str, str]], NDArray[np.object_], str]:
    """Features of a GeoJSON or GeoPackage layer: the properties each one names, its geometry as it stands, and the CRS.

    Raises
    ------
    EstateError
        Where the file cannot be opened, holds several layers, or is in a CRS not read here.
    """
    if path.suffix.lower() == ".gpkg":
        return _geopackage(path, name)
    cells = read_cells(path, name)
    if cells.shapes is None:
        raise EstateError(f"{name}: shapes are wanted here. Save the layer as GeoJSON or GeoPackage.")
    properties = [dict(zip(cells.header, row, strict=True)) for row in cells.rows]
    return properties, cells.shapes, cells.crs


def _geopackage(path: Path, name: str) -> tuple[list[dict[str, str]], NDArray[np.object_], str]:
    try:
        with path.open(
            "rb"
        ) as file:  # GDAL opens by content, and some of its formats reach out to other files and hosts
            if file.read(16) != b"SQLite format 3\x00":
                raise EstateError(f"{name}: this is not a GeoPackage, whatever its name says. Save it again.")
        layers = [title for title, kind in pyogrio.list_layers(path) if kind is not None]
        if len(layers) != 1:
            raise EstateError(f"{name}: {len(layers)} layers of shapes where one is wanted. Save the layer by itself.")
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=layers[0])
    except OSError as error:
        raise EstateError(f"{name}: cannot be opened ({error.strerror or error}).") from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise EstateError(f"{name}: this does not open as a GeoPackage ({error}). Save it again.") from error
    crs = str(meta["crs"])
    if crs not in {BRITISH_GRID, WGS84}:
        raise EstateError(
            f"{name}: the CRS {visible(crs)} is not read here. Save the layer in EPSG:27700 or EPSG:4326."
        )
    rows = [
        {
            field: "" if _absent(column[i]) else _text_of(_plain(column[i]))
            for field, column in zip(meta["fields"], columns, strict=True)
        }
        for i in range(len(wkb))
    ]
    return rows, np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object).reshape(len(wkb)), crs


def _plain(value: Any) -> object:
    return value.item() if isinstance(value, np.generic) and not isinstance(value, np.datetime64) else value


def _absent(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124  (NaN and NaT are the values that differ from themselves)

"""Opening a file: bytes to tables of cells, and nothing more. No meaning is given to any cell here.

A file is opened as what its first bytes say, whatever its name: delimited text of any common delimiter and encoding, spreadsheets,
JSON and GeoJSON, vector files, Parquet, and any of them packed with gzip or alone in a zip. What is refused is refused whole, with
the place and the mend; nothing reaches out and nothing runs.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assetplan.errors import EstateError
from assetplan.formats.contents import CELL_LIMIT, UNPACKED_LIMIT, Cells, Note
from assetplan.formats.delimited import Fault, read_delimited, read_strict_csv, swallowed
from assetplan.formats.records import read_records, readable_shapes
from assetplan.formats.vectors import GEOJSON, SIDECARS, Layer, read_vector_tables, unpack
from assetplan.formats.workbooks import read_workbook
from assetplan.text import clean, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BESIDE",
    "CELL_LIMIT",
    "READABLE",
    "Cells",
    "Fault",
    "Note",
    "read_cells",
    "read_layer",
    "read_strict_csv",
    "read_tables",
    "readable_shapes",
    "several_tables",
    "swallowed",
]

DELIMITED = (".csv", ".tsv", ".tab", ".txt")
SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
JSON = (*GEOJSON, ".ndjson", ".jsonl", ".geojsonl", ".geojsons")
VECTOR = (".gpkg", ".fgb", ".shp", ".tab", ".mif", ".parquet", ".geoparquet")
_ALONE = tuple(dict.fromkeys((*DELIMITED, *SPREADSHEETS, *JSON, *VECTOR)))
READABLE = (*_ALONE, ".gz", ".zip")
# Parts of files that stand in several, which are no files of their own.
BESIDE = frozenset(suffix for parts in SIDECARS.values() for suffix in parts) | {
    *(".qix", ".sbn", ".sbx", ".qpj", ".qmd", ".fix", ".atx", ".xml")
}

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"SQLite format 3\x00", ".gpkg"),
    (b"fgb\x03", ".fgb"),
    (b"\x00\x00\x27\x0a", ".shp"),
    (b"PAR1", ".parquet"),
    (b"\x1f\x8b", ".gz"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
)
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document; a table in it can only be typed off or asked for as CSV"),
    (b"{\\rtf", "a document of a word processor"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "packed with bzip2"),
    (b"\xfd7zXZ", "packed with xz"),
)
_WEB_PAGE = re.compile(
    rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|table|div|script|meta)\b", re.IGNORECASE | re.DOTALL
)
_XML = re.compile(rb"\s*<\?xml|\s*<[A-Za-z_][\w:.-]*(\s[^<>]*)?>\s*<")
_JSON = re.compile(rb"\s*[\[{]")


def read_tables(path: Path, name: str) -> list[Cells]:
    """Every table of one file: the visible sheets of a workbook, the layers of a vector file, the one table of most others.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages.

    Raises
    ------
    EstateError
        Where the file cannot be opened, or holds no table.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4_096)
        if path.suffix.lower() not in READABLE:
            raise EstateError(
                f"{name}: {path.suffix.lower() or 'a file without a suffix'} is not a format read here. Formats: {', '.join(READABLE)}."
            )
        return _open(path, head, name)
    except OSError as error:
        raise EstateError(
            f"{name}: cannot be opened ({clean(str(error.strerror or error))}). Check that the file is there and readable."
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise EstateError(f"{name}: this does not open ({clean(str(error))}). Pack or save it again.") from error


def read_cells(path: Path, name: str, sheet: str = "") -> Cells:
    """The cells of one file.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages.
    sheet
        The sheet or layer, where the file has more than one with rows.

    Raises
    ------
    EstateError
        Where the file cannot be opened, or several tables leave open which is meant.
    """
    found = read_tables(path, name)
    tables = [table for table in found if not sheet or table.name.casefold() == sheet.casefold()]
    if not tables:
        titles = ", ".join(visible(table.name) for table in found if table.name)
        raise EstateError(
            f"{name}: there is no sheet or layer {visible(sheet)!r}. There are: {titles or 'none with a name'}."
        )
    if len(tables) > 1:
        raise several_tables(tables, name)
    return tables[0]


def several_tables(tables: Sequence[Cells], name: str) -> EstateError:
    """The refusal of a file in which several tables may be meant, telling each by its rows and headings."""
    told = []
    for table in tables[:4]:
        heads = [clean(cell)[:20] for cell in table.header or (table.rows[0] if table.rows else []) if cell.strip()]
        told.append(f"{visible(table.name)[:40]!r} ({len(table.rows):,} rows: {visible(', '.join(heads[:3]))})")
    more = f" and {len(tables) - 4} more" if len(tables) > 4 else ""
    return EstateError(
        f"{name}: {len(tables)} sheets or layers hold rows: {'; '.join(told)}{more}. Name one with --sheet, or sheet = in estate.toml."
    )


# ------------------------------------------------------------------------------------------------------- by first bytes


def _open(path: Path, head: bytes, name: str) -> list[Cells]:
    suffix = path.suffix.lower()
    kind = _kind(path, head, suffix, name)
    if kind in VECTOR:
        if suffix != kind and not {suffix, kind} <= {".parquet", ".geoparquet"}:
            raise _misnamed(name, kind)
        return [_of_layer(layer, path.stem) for layer in read_vector_tables(path, name)]
    if kind == ".zip":
        return _zipped(path, name)
    if kind == ".gz":
        return _unpacked(path, name)
    # No name is given to the bytes here, so that each reader can let go of them once they are text.
    if kind in SPREADSHEETS:
        tables = read_workbook(path.read_bytes(), name)
    elif kind in JSON:
        tables = read_records(path.read_bytes(), name)
    else:
        tables = [read_delimited(path.read_bytes(), name)]
    if _family(kind) != _family(suffix) or (kind in SPREADSHEETS and kind != suffix):
        message = f"the name says {suffix}, the file is {_FAMILIES[_family(kind)]} ({kind})"
        tables = [
            table.noted([Note("format-by-content", suffix, message, f"Read as that. Rename it to end in {kind}.")])
            for table in tables
        ]
    return tables


_FAMILIES = ("delimited text", "a spreadsheet", "JSON", "a vector file", "packed")


def _family(suffix: str) -> int:
    for number, suffixes in enumerate((DELIMITED, SPREADSHEETS, JSON, VECTOR)):
        if suffix in suffixes:
            return number
    return 4


def _misnamed(name: str, kind: str) -> EstateError:
    return EstateError(
        f"{name}: by its first bytes this is a {kind} file, whatever its name says. Rename it to end in {kind}."
    )


def _kind(path: Path, head: bytes, suffix: str, name: str) -> str:
    """The format of a file as a suffix: by its first bytes, and where these are text, by its name.

    Raises
    ------
    EstateError
        Where it is something that holds no table, or a picture of one.
    """
    if not head:
        raise EstateError(f"{name}: the file is empty.")
    for mark, kind in _SIGNATURES:
        if head.startswith(mark):
            return kind
    for mark, what in _REFUSED:
        if head.startswith(mark):
            raise EstateError(f"{name}: this is {what}, not a table. Get the table itself as CSV or XLSX.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path, suffix)
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if _WEB_PAGE.match(text) or (_XML.match(text) and b"html" in text[:400].lower()):
        raise EstateError(
            f"{name}: this is a web page saved under the name of a table. Download the file itself, or open it in a spreadsheet and save it as XLSX."
        )
    if _XML.match(text):
        raise EstateError(
            f"{name}: this is XML, not a table and not a web page. Open it in the program it comes from and save it as XLSX, CSV or GeoPackage."
        )
    if text.lower().startswith(b"!table"):
        return ".tab"
    if suffix == ".mif" and text.lower().startswith(b"version"):
        return ".mif"
    if suffix in JSON:
        return suffix
    if _JSON.match(text) and _is_json(text):
        return ".json"
    if suffix in VECTOR and suffix not in DELIMITED:
        raise EstateError(f"{name}: this is not a {suffix} file, whatever its name says. Save it again.")
    if suffix in {".gz", ".zip"}:
        raise EstateError(f"{name}: this is not packed, whatever its name says. Rename it to what it is.")
    if suffix in SPREADSHEETS and not _looks_like_text(head):
        raise EstateError(f"{name}: this does not open as a spreadsheet. Save it again as XLSX or CSV.")
    return suffix if suffix in DELIMITED and suffix != ".tab" else ".csv"


def _is_json(text: bytes) -> bool:
    return bool(re.match(rb'\s*(\[\s*)?\{\s*"[^"]*"\s*:', text))


def _looks_like_text(head: bytes) -> bool:
    """Whether bytes are text in lines of cells, in an encoding of one byte or in UTF-8."""
    if any(byte < 9 or 13 < byte < 32 for byte in head):
        return head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return any(mark in head for mark in (b",", b";", b"\t", b"|")) and any(end in head for end in (b"\n", b"\r"))


def _kind_of_zip(path: Path, suffix: str) -> str:
    """Which of the formats that are zips inside: a workbook, or files packed together."""
    if not zipfile.is_zipfile(path):
        return suffix if suffix in SPREADSHEETS else ".zip"
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        return ".xlsb"
    if "[Content_Types].xml" in names or any(part.startswith("xl/") for part in names):
        return ".xlsm" if suffix == ".xlsm" else ".xlsx"
    if "content.xml" in names and "META-INF/manifest.xml" in names:
        return ".ods"
    return suffix if suffix in SPREADSHEETS else ".zip"


def _of_layer(layer: Layer, stem: str) -> Cells:
    size = len(layer.shapes)
    columns = [layer.columns[field] for field in layer.fields]
    known: dict[str, str] = {}
    rows = (
        [[known.setdefault(cell, cell) for cell in cells] for cells in zip(*columns, strict=True)]
        if columns
        else [[] for _ in range(size)]
    )
    title = layer.name if layer.name != stem else ""
    notes = []
    if layer.encoding:
        message = f"the text is not in the encoding the file claims; read as {layer.encoding}"
        notes.append(Note("encoding", layer.encoding, message, "Save it as UTF-8 to be sure of every character."))
    return Cells(
        rows,
        list(range(1, size + 1)),
        header=list(layer.fields),
        shapes=layer.shapes if layer.drawn else None,
        crs=layer.crs,
        title=title,
        notes=tuple(notes),
        name=layer.name,
    )


# ------------------------------------------------------------------------------------------------------- packed


def _unpacked(path: Path, name: str) -> list[Cells]:
    """The tables of a file packed with gzip, named by what is left of its name."""
    inner = path.with_suffix("").suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if inner not in _ALONE or inner in SIDECARS:
        inner = ".csv"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, f"0{inner}")
        unpacker = zlib.decompressobj(wbits=31)
        size = 0
        with path.open("rb") as source, target.open("wb") as out:
            while block := source.read(1 << 20):
                while block:
                    part = unpacker.decompress(block, 1 << 24)
                    size += len(part)
                    if size > UNPACKED_LIMIT:
                        raise EstateError(
                            f"{name}: unpacks to more than {UNPACKED_LIMIT:,} bytes. Unpack it, and save the part wanted."
                        )
                    out.write(part)
                    block = unpacker.unconsumed_tail
                    if unpacker.eof:
                        block = unpacker.unused_data
                        if not block.startswith(b"\x1f\x8b"):
                            break
                        unpacker = zlib.decompressobj(wbits=31)
        if not unpacker.eof:
            raise EstateError(f"{name}: the packed file is cut off. Download it again.")
        return read_tables(target, name)


def _zipped(path: Path, name: str) -> list[Cells]:
    """The tables of the files in a zip; several are told apart by the name of the file, and of the sheet or layer in it."""
    with tempfile.TemporaryDirectory() as folder:
        found = unpack(path, name, Path(folder), _ALONE)
        if not found:
            raise EstateError(f"{name}: there is no table in this zip file. Unzip it and give the file in it.")
        found = [
            (title, part)
            for title, part in found
            if len(found) == 1 or not re.match(r"read ?me|licen[cs]e|metadata", title, re.IGNORECASE)
        ]
        tables = []
        for title, part in found:
            stem = Path(title).stem
            for table in read_tables(part, f"{name}, {visible(title)}"):
                own = "" if table.name in {"", "0", part.stem} else table.name
                called = f"{stem}/{own}" if own and len(found) > 1 else own or stem
                tables.append(replace(table, name=called, title=table.title or stem))
    return tables


# ------------------------------------------------------------------------------------------------------- layers of our own


def read_layer(path: Path, name: str) -> tuple[list[dict[str, str]], NDArray[np.object_], str]:
    """Features of a GeoJSON or GeoPackage layer: the properties each one names, its geometry as it stands, and the CRS.

    Raises
    ------
    EstateError
        Where the file cannot be opened, holds several layers, or is no layer of shapes.
    """
    tables = [table for table in read_tables(path, name) if table.shapes is not None]
    if len(tables) != 1:
        raise EstateError(
            f"{name}: {len(tables)} layers of shapes where one is wanted. Save the layer by itself, as GeoJSON or GeoPackage."
        )
    (cells,) = tables
    if cells.shapes is None:
        raise AssertionError(name)
    return [dict(zip(cells.header, row, strict=True)) for row in cells.rows], cells.shapes, cells.crs

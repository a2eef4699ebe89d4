"""Files as bad input comes (spreadsheets, collections of features, archives, containers) made from a few words of Python, and a way to run the command."""

from __future__ import annotations

import io
import json
import struct
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import openpyxl
import pytest

from assetplan.cli import main

HEAD = "Ref,Name,Address,Postcode,Easting,Northing\n"
HALL = "1,Hall,High Street,YO17 7HH,479187,472160\n"
SHOP = "2,Shop,Low Street,YO17 7HL,478532,471953\n"
LIST = HEAD + HALL + SHOP
NATIONAL_GRID = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}


def book(*rows: Iterable[object], also: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    """A workbook with these rows on its first sheet, and whatever else is done to it."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(list(row))
    if also:
        also(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def with_parts(workbook: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A zip file with parts added or replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, data in parts.items():
            new.writestr(name, data)
    return buffer.getvalue()


def claiming_gigabytes(archive: bytes) -> bytes:
    """A zip file whose directory says that every member unpacks to two gigabytes."""
    data = bytearray(archive)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", 0x7FFF_FFFF)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def zipped(**members: bytes) -> bytes:
    """A zip file with members of any name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def opendocument(*rows: Iterable[str]) -> bytes:
    """A spreadsheet as OpenDocument has it."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))  # fmt: skip
    content = f'<?xml version="1.0"?><office:document-content{names}><office:body><office:spreadsheet><table:table table:name="S">{cells}</table:table></office:spreadsheet></office:body></office:document-content>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    return zipped(
        mimetype=kind.encode(), **{"META-INF/manifest.xml": manifest.encode(), "content.xml": content.encode()}
    )


def compound_file(*streams: str) -> bytes:
    """A compound file (MS-CFB), as old Office files and encrypted new ones are, with empty streams of these names."""
    free, end, fat_sector = 0xFFFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFD
    header = struct.pack("<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, 1, 1, 0, 4096, end, 0, end, 0, 0)  # fmt: skip
    header = header.ljust(512, b"\xff")
    fat = struct.pack("<II", fat_sector, end).ljust(512, b"\xff")
    directory = b""
    names = ["Root Entry", *streams]
    for number, name in enumerate(names):
        text = name.encode("utf-16-le") + b"\0\0"
        child = 1 if number == 0 and streams else free
        sibling = number + 1 if 0 < number < len(names) - 1 else free
        directory += struct.pack(
            "<64sHBBIII16sIQQIQ",
            text,
            len(text),
            5 if number == 0 else 2,
            1,
            free,
            sibling,
            child,
            b"",
            0,
            0,
            0,
            end,
            0,
        )
    return header + fat + directory.ljust(512, b"\0")


def collection(*features: tuple[Mapping[str, Any], object], crs: object = None, name: str = "layer") -> bytes:
    """A GeoJSON FeatureCollection of (properties, geometry)."""
    document = {
        "type": "FeatureCollection",
        "name": name,
        "crs": crs,
        "features": [
            {"type": "Feature", "properties": dict(properties), "geometry": geometry}
            for properties, geometry in features
        ],
    }
    return json.dumps({key: value for key, value in document.items() if value is not None}).encode()


def shapes(*geometries: object, crs: object = NATIONAL_GRID) -> bytes:
    """A register of features called A1, A2 and so on."""
    return collection(
        *(({"ref": f"A{i}", "name": f"Hall {i}"}, geometry) for i, geometry in enumerate(geometries, 1)), crs=crs
    )


def polygon(*ring: tuple[float, ...]) -> dict[str, Any]:
    """A polygon as GeoJSON, its ring as given: not closed unless it is."""
    return {"type": "Polygon", "coordinates": [list(map(list, ring))]}


def square(x: float, y: float, side: float = 100.0) -> dict[str, Any]:
    """A square with its corner of least coordinates at a place."""
    return polygon((x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y))


def point(*at: float) -> dict[str, Any]:
    """A point as GeoJSON."""
    return {"type": "Point", "coordinates": list(at)}


def run(*arguments: object) -> tuple[int, str, str]:
    """The exit code, the answer and the talk of one command, run in this process."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["assetplan", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = before
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()

"""Directories of postcodes: ONS Postcode Directory, National Statistics Postcode Lookup, Code-Point Open, or any table like them.

A national directory has 2.7 million rows and fifty columns; three of them are read and kept as sorted arrays, some 60 MB.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import pandas as pd

from assetplan.errors import EstateError
from assetplan.grid import to_grid
from assetplan.places.readings import REACH, readings
from assetplan.schema import table
from assetplan.text import visible, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_CHUNK = 500_000
_LIMIT = 8_000_000_000  # bytes of one unpacked table; ONSPD has 1.4 thousand million
_DEGREES = (("lat", "latitude"), ("long", "longitude", "lon", "lng"))
_FORM = r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}|GIR0AA)"


@dataclass(frozen=True, eq=False)
class Postcodes:
    """Centroids of postcodes in EPSG:27700: `codes` without spaces, sorted, and a row of `points` for each."""

    codes: NDArray[np.bytes_]
    points: Floats

    def __len__(self) -> int:
        return len(self.codes)

    def places(self, postcodes: Sequence[str | None]) -> Floats:
        """Eastings and northings (metres, n by 2) of postcodes, NaN where one is missing or unknown.

        Examples
        --------
        >>> directory = Postcodes(np.array([b"YO177AA"]), np.array([[478_700.0, 471_600.0]]))
        >>> directory.places(["YO17 7AA", None, "YO17 7ZZ"]).tolist()
        [[478700.0, 471600.0], [nan, nan], [nan, nan]]
        """
        out = np.full((len(postcodes), 2), np.nan)
        if not len(self) or not len(postcodes):
            return out
        keys = np.array(
            [b"" if code is None else code.replace(" ", "").encode("ascii", "replace") for code in postcodes],
            dtype="S16",
        )
        at = np.minimum(np.searchsorted(self.codes, keys), len(self) - 1)
        known = self.codes[at] == keys
        out[known] = self.points[at[known]]
        return out


NO_POSTCODES = Postcodes(np.empty(0, dtype="S8"), np.empty((0, 2)))


def read_postcodes(path: Path, name: str) -> Postcodes:
    """Read a directory of postcodes.

    Terminated postcodes are kept, as registers go on naming them; rows that have no place (blank, 0 and 0, latitude 99.999999) are
    passed over, and quality columns are not read. Northern Irish eastings and northings are those of the Irish Grid, as in the directories
    of the ONS, and come onto the National Grid to within some metres. Of a postcode that stands twice the first row counts.

    Parameters
    ----------
    path
        A CSV file with or without a heading, or a folder or zip file that holds such files, as Code-Point Open comes.
    name
        What to call it in messages.

    Raises
    ------
    EstateError
        Where it cannot be opened, or no table in it gives postcodes and places.
    """
    codes: list[NDArray[np.bytes_]] = []
    points: list[Floats] = []
    met = ""
    try:
        for stream in _tables(path, name):
            with stream:
                layout, met = _layout(stream)
                if layout is None:
                    continue
                for chunk in _chunks(stream, layout):
                    some_codes, some_points = _places(chunk)
                    codes.append(some_codes)
                    points.append(some_points)
    except (OSError, zipfile.BadZipFile, pd.errors.ParserError) as error:
        raise EstateError(
            f"{name}: cannot be read as a directory of postcodes ({visible(str(error))[:120]})."
        ) from error
    if not codes:
        raise EstateError(
            f"{name}: columns for postcode, easting and northing (or latitude and longitude) are wanted; the first line "
            f"is {visible(met)[:100]!r}."
        )
    every = np.concatenate(codes)
    unique, first = np.unique(every, return_index=True)
    return Postcodes(unique, np.concatenate(points)[first])


def _tables(path: Path, name: str) -> Iterator[BinaryIO]:
    """The tables of a directory, one after another, each opened; documents about them come along and are told by their heading."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix.lower() in {".csv", ".txt"} and file.is_file():
                yield file.open("rb")
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in sorted(archive.infolist(), key=lambda member: member.filename):
                if not member.filename.lower().endswith((".csv", ".txt")):
                    continue
                if member.file_size > _LIMIT or member.file_size > 1000 * max(member.compress_size, 1):
                    raise EstateError(
                        f"{name}: {visible(member.filename)} is too large unpacked ({member.file_size:,} bytes)."
                    )
                yield io.BytesIO(archive.read(member))
    else:
        yield path.open("rb")


@dataclass(frozen=True)
class _Layout:
    """How many columns a table has and where those wanted stand: pairs of x and y on the grid and in degrees, None where it lacks them."""

    header: bool
    encoding: str
    separator: str
    width: int
    postcode: int
    grid: tuple[int, int] | None
    degrees: tuple[int, int] | None


def _layout(stream: BinaryIO) -> tuple[_Layout | None, str]:
    """How a table is laid out, None where it gives no places; and its first line."""
    start = stream.read(65_536)
    stream.seek(0)
    encoding = "utf-16" if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    line = next((line for line in start.decode(encoding, "replace").splitlines() if line.strip()), "")
    separator = max(",;\t|", key=line.count)
    cells = next(csv.reader([line], delimiter=separator), [])
    heads = [words(cell) for cell in cells]
    columns = table("postcodes")

    def position(names: Sequence[str]) -> int | None:
        return next((heads.index(name) for name in names if name in heads), None)

    code = position(columns["postcode"].headings)
    if code is None:  # Code-Point Open has no heading: postcode, quality, easting, northing, codes
        squeezed = cells[0].replace(" ", "").upper() if cells else ""
        if len(cells) >= 4 and pd.Series([squeezed]).str.fullmatch(_FORM).all() and cells[2].strip().isdigit():
            return _Layout(False, encoding, separator, len(cells), 0, (2, 3), None), line
        return None, line
    plain = tuple(
        position([name for name in columns[axis].headings if name not in (*_DEGREES[0], *_DEGREES[1])])
        for axis in ("easting", "northing")
    )
    degrees = position(_DEGREES[1]), position(_DEGREES[0])
    on_grid = (plain[0], plain[1]) if plain[0] is not None and plain[1] is not None else None
    in_degrees = (degrees[0], degrees[1]) if degrees[0] is not None and degrees[1] is not None else None
    if on_grid is None and in_degrees is None:
        return None, line
    return _Layout(True, encoding, separator, len(cells), code, on_grid, in_degrees), line


def _chunks(stream: BinaryIO, layout: _Layout) -> Iterator[dict[str, NDArray[np.object_] | Floats]]:
    wanted = {"code": layout.postcode}
    for name, pair in (("grid", layout.grid), ("degrees", layout.degrees)):
        if pair is not None:
            wanted |= {f"{name} x": pair[0], f"{name} y": pair[1]}
    reader = pd.read_csv(
        stream,
        header=None,
        names=range(layout.width),  # rows may be shorter than the heading, the first of them too
        index_col=False,
        skiprows=1 if layout.header else 0,
        usecols=sorted(set(wanted.values())),
        sep=layout.separator,
        encoding=layout.encoding,
        encoding_errors="replace",
        dtype=str,
        keep_default_na=False,
        chunksize=_CHUNK,
        on_bad_lines="skip",
    )
    for frame in reader:
        yield {
            name: frame[position].to_numpy(dtype=object)
            if name == "code"
            else pd.to_numeric(frame[position], errors="coerce").to_numpy(dtype=float)
            for name, position in wanted.items()
        }


def _places(chunk: dict[str, NDArray[np.object_] | Floats]) -> tuple[NDArray[np.bytes_], Floats]:
    codes = pd.Series(chunk["code"], dtype=object).str.upper().str.replace(" ", "", regex=False)
    irish = codes.str.startswith("BT").to_numpy(dtype=bool)
    n = len(codes)
    east, north = np.full(n, np.nan), np.full(n, np.nan)
    if "grid x" in chunk:
        x, y = np.asarray(chunk["grid x"], dtype=float), np.asarray(chunk["grid y"], dtype=float)
        small = (np.abs(x) <= 180) & (np.abs(y) <= 180)  # degrees under headings such as x and y
        _set(east, north, ~small & ~irish, x, y)
        _set(east, north, small, *to_grid(np.where(small, x, np.nan), np.where(small, y, np.nan)))
        of_ireland = next(reading for reading in readings(irish=True) if reading.crs == "EPSG:29903")
        _set(east, north, irish & ~small, *of_ireland.points(np.where(irish, x, np.nan), np.where(irish, y, np.nan)))
    if "degrees x" in chunk:
        longitude, latitude = np.asarray(chunk["degrees x"], dtype=float), np.asarray(chunk["degrees y"], dtype=float)
        known = (np.isnan(east) | irish) & (latitude > 49) & (latitude < 62)  # metres, where given, are exact
        _set(east, north, known, *to_grid(np.where(known, longitude, np.nan), np.where(known, latitude, np.nan)))
    with np.errstate(invalid="ignore"):
        good = (
            (east > REACH[0])
            & (east < REACH[2])
            & (north > REACH[1])
            & (north < REACH[3])
            & ((east != 0) | (north != 0))
        )
    good &= codes.str.fullmatch(_FORM).to_numpy(dtype=bool)
    return codes[good].to_numpy().astype("S8"), np.column_stack([east[good], north[good]])


def _set(east: Floats, north: Floats, where: NDArray[np.bool_], x: Floats, y: Floats) -> None:
    east[where], north[where] = x[where], y[where]

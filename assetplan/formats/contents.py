"""What a file holds, before any meaning is given to it: cells, shapes as they stand, and remarks on how they were read."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from numpy.typing import NDArray

CELL_LIMIT = 32_768
UNPACKED_LIMIT = 1_000_000_000  # bytes
_MIDNIGHT = re.compile(r"T00:00:00(\.0+)?(Z|[+-]\d\d:?\d\d)?$")


class Note(NamedTuple):
    """A remark on how a file was read: about the whole file, or about one row (by its line) and what it holds."""

    code: str
    value: str
    message: str
    action: str
    line: int = 0


@dataclass(frozen=True, eq=False)
class Cells:
    """A table of a file as cells.

    `rows` are the non-blank rows, `lines` their physical line (text), row (spreadsheet) or feature number, from 1. Where the
    format names its columns (GeoJSON, GeoPackage, JSON) `header` holds the names, otherwise it is empty and the header is among
    the rows. `shapes` are the geometries as they stand, in `crs` ("": not said), for formats that carry them. `named` are the
    columns each row names itself, in formats where rows do (JSON). `name` is what the file calls the table (a sheet, a layer).
    """

    rows: list[list[str]]
    lines: list[int]
    header: list[str] = field(default_factory=list)
    shapes: NDArray[np.object_] | None = None
    crs: str = ""
    title: str = ""
    notes: tuple[Note, ...] = ()
    named: list[tuple[str, ...]] = field(default_factory=list)
    name: str = ""

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
        notes = tuple(note for note in self.notes if not note.line or note.line not in lines)
        return replace(
            self,
            rows=rows,
            lines=[self.lines[i] for i in keep],
            header=header,
            shapes=shapes,
            named=named,
            notes=notes,
        )

    def noted(self, notes: Iterable[Note]) -> Cells:
        """These cells with further remarks."""
        return replace(self, notes=(*self.notes, *notes))


def text_of(value: object) -> str:
    """A value of a spreadsheet, a database or JSON as the text of a cell: nothing for nothing, days without a time of day.

    Examples
    --------
    >>> text_of(12.0), text_of(True), text_of(None), text_of(float("nan"))
    ('12', 'yes', '', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if number != number:  # noqa: PLR0124  (what JSON and spreadsheets write for nothing)
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else _MIDNIGHT.sub("", re.sub(r"\.0+$", "", str(value)))
    if isinstance(value, dt.datetime):
        return _MIDNIGHT.sub("", value.isoformat())
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (list, tuple, np.ndarray)):
        return ";".join(text_of(part) for part in value)
    return "" if value is None or value != value else str(value)  # noqa: PLR0124  (pandas' marks for nothing)

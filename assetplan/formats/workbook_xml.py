"""What the parts of a workbook say that its cells do not: what is hidden, which formulas have no result, which cells are errors.

Read from the parts themselves (ECMA-376, OASIS OpenDocument 1.3), without entities or anything from elsewhere.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from assetplan.errors import EstateError
from assetplan.formats.contents import UNPACKED_LIMIT

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator
    from typing import IO

_AREA_LIMIT = 30_000_000  # cells, from the first to the last in use
_RATIO_LIMIT = 300  # bytes unpacked for one packed, beyond which a large part is a bomb
_DTD = re.compile(rb"<!\s*(DOCTYPE|ENTITY)|<\0!\0D\0O\0C\0", re.IGNORECASE)
_REF = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


@dataclass(eq=False)
class SheetFacts:
    """What is known of one sheet besides its values, rows and columns counted from 0; `merged` is (top, left, bottom, right)."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    without_value: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    last_row: int = -1
    last_column: int = -1

    def met(self, row: int, column: int) -> None:
        """Note that a cell holds something."""
        self.last_row, self.last_column = max(self.last_row, row), max(self.last_column, column)


@dataclass(frozen=True, eq=False)
class WorkbookFacts:
    """What is known of a workbook: facts of each sheet by its name, and whether it holds macros or links to other workbooks.

    `seen` is false where the format keeps these facts in parts that are not read here (XLS, XLSB).
    """

    sheets: dict[str, SheetFacts] = field(default_factory=dict)
    seen: bool = False
    macros: bool = False
    links: bool = False


def column_letters(position: int) -> str:
    """The letters of a column counted from 0.

    Examples
    --------
    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column(letters: str) -> int:
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - 64
    return position - 1


def check_archive(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse an archive that would unpack to too much, is locked, or whose XML declares entities.

    Raises
    ------
    EstateError
        Saying which.
    """
    members = archive.infolist()
    if sum(member.file_size for member in members) > UNPACKED_LIMIT:
        raise EstateError(f"{name}: unpacks to more than {UNPACKED_LIMIT:,} bytes. Save the sheet wanted as CSV.")
    for member in members:
        if member.flag_bits & 1:
            raise EstateError(f"{name}: the file is locked with a password. Save a copy without one.")
        if member.file_size > 50_000_000 and member.file_size > _RATIO_LIMIT * max(1, member.compress_size):
            raise EstateError(
                f"{name}: a part of it unpacks to {member.file_size:,} bytes, {member.file_size // max(1, member.compress_size):,} times "
                "its size. Save the sheet wanted as CSV."
            )
        if member.filename.endswith((".xml", ".rels", ".vml")) and not member.is_dir():
            with archive.open(member) as part:
                if _DTD.search(part.read(65_536)):
                    raise EstateError(
                        f"{name}: a part of the workbook declares entities of its own, which no spreadsheet program does. Save it again."
                    )


def check_area(rows: int, columns: int, name: str) -> None:
    """Refuse a sheet that spans more cells than can be held, from the first to the last in use.

    Raises
    ------
    EstateError
        Saying how far they reach.
    """
    if rows * columns > _AREA_LIMIT:
        raise EstateError(
            f"{name}: cells in use reach as far as row {rows:,} and column {column_letters(columns - 1)}, which is too much to hold. "
            "Remove the stray cells, or save the sheet as CSV."
        )


def facts_of(archive: zipfile.ZipFile, name: str) -> WorkbookFacts:
    """What the parts of a checked XLSX or ODS archive say; nothing for other workbooks.

    Raises
    ------
    EstateError
        Where a part is no XML, or a sheet spans more cells than can be held.
    """
    parts = set(archive.namelist())
    try:
        if "content.xml" in parts:
            sheets = _ods(archive)
        elif "[Content_Types].xml" in parts:
            sheets = {title: _xlsx_sheet(archive, part) for title, part in _xlsx_parts(archive, parts).items()}
        else:
            return WorkbookFacts()
    except (defusedxml.ElementTree.ParseError, DefusedXmlException, KeyError, ValueError) as error:
        raise EstateError(f"{name}: a part of the workbook is damaged ({error}). Save it again.") from error
    for facts in sheets.values():
        check_area(facts.last_row + 1, facts.last_column + 1, name)
    return WorkbookFacts(
        sheets,
        seen=bool(sheets),
        macros=any(part.lower().endswith("vbaproject.bin") for part in parts),
        links=any(part.startswith("xl/externalLinks/") for part in parts),
    )


def _plain(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _ends(source: IO[bytes]) -> Iterator[Any]:
    for _, element in defusedxml.ElementTree.iterparse(source, events=("end",), forbid_dtd=True):
        yield element


# ------------------------------------------------------------------------------------------------------- XLSX


def _xlsx_parts(archive: zipfile.ZipFile, parts: set[str]) -> dict[str, str]:
    """Sheets by name, with the part that holds each; only those that are there."""
    book = _target(archive, parts, "", "officeDocument") or "xl/workbook.xml"
    if book not in parts or not book.endswith(".xml"):
        return {}
    related = _relations(archive, parts, book)
    found = {}
    with archive.open(book) as source:
        for element in _ends(source):
            if _plain(element.tag) == "sheet":
                key = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
                part = related.get(key, ("", ""))[1]
                if part in parts:
                    found[element.get("name", "")] = part
    return found


def _target(archive: zipfile.ZipFile, parts: set[str], part: str, kind: str) -> str:
    return next((target for type_, target in _relations(archive, parts, part).values() if type_ == kind), "")


def _relations(archive: zipfile.ZipFile, parts: set[str], part: str) -> dict[str, tuple[str, str]]:
    """Relationships of a part that stay within the archive: their kind and target, by id."""
    folder, file = posixpath.split(part)
    at = posixpath.join(folder, "_rels", f"{file}.rels")
    if at not in parts:
        return {}
    found = {}
    with archive.open(at) as source:
        for element in _ends(source):
            if _plain(element.tag) == "Relationship" and element.get("TargetMode") != "External":
                target = element.get("Target", "")
                whole = (
                    target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                )
                found[element.get("Id", "")] = (element.get("Type", "").rsplit("/", 1)[-1], whole)
    return found


def _xlsx_sheet(archive: zipfile.ZipFile, part: str) -> SheetFacts:
    data = archive.read(part)
    columns = {_column(letters.decode()) for letters in set(re.findall(rb'\br="([A-Z]{1,3})\d', data))}
    rows = [int(number) for number in re.findall(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,7})"', data)]
    facts = SheetFacts(last_row=max(rows, default=0) - 1, last_column=max(columns, default=-1))
    large = (facts.last_row + 1) * (facts.last_column + 1) > _AREA_LIMIT
    if not large and not re.search(rb'\bhidden\s*=|<(?:\w+:)?f[\s/>]|\bt\s*=\s*["\']e["\']', data):
        return facts
    del data
    facts.last_row = facts.last_column = -1
    row_number = -1
    with archive.open(part) as source:
        for element in _ends(source):
            tag = _plain(element.tag)
            if tag == "col" and element.get("hidden") in {"1", "true"}:
                first, last = int(element.get("min", "1")), int(element.get("max", "1"))
                facts.hidden_columns.update(range(first - 1, min(last, 16_384)))
            elif tag == "row":
                row_number = int(element.get("r", row_number + 2)) - 1
                if element.get("hidden") in {"1", "true"}:
                    facts.hidden_rows.add(row_number)
                _xlsx_row(element, row_number, facts)
                element.clear()
    return facts


def _xlsx_row(row: Any, number: int, facts: SheetFacts) -> None:
    column = -1
    for cell in row:
        if _plain(cell.tag) != "c":
            continue
        match = _REF.fullmatch(cell.get("r", ""))
        column = _column(match[1]) if match else column + 1
        kinds = {_plain(part.tag): part for part in cell}
        value = kinds["v"].text if "v" in kinds else None
        if value or "is" in kinds:
            facts.met(number, column)
        if cell.get("t") == "e":
            facts.errors.append((number, column, str(value or "#N/A")))
        elif "f" in kinds and not value and cell.get("t") not in {"str", "s", "inlineStr"}:
            facts.without_value.append((number, column))


# ------------------------------------------------------------------------------------------------------- ODS


def _ods(archive: zipfile.ZipFile) -> dict[str, SheetFacts]:
    found: dict[str, SheetFacts] = {}
    facts, row_number, column = SheetFacts(), 0, 0
    with archive.open("content.xml") as source:
        events = defusedxml.ElementTree.iterparse(source, events=("start", "end"), forbid_dtd=True)
        for event, element in events:
            if element.tag == f"{_TABLE}table" and event == "start":
                facts, row_number, column = SheetFacts(), 0, 0
                found[element.get(f"{_TABLE}name", "")] = facts
            elif event == "end" and element.tag == f"{_TABLE}table-column":
                times = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
                if element.get(f"{_TABLE}visibility", "visible") != "visible":
                    facts.hidden_columns.update(range(column, min(column + times, 16_384)))
                column += times
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                times = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                if element.get(f"{_TABLE}visibility", "visible") != "visible":
                    facts.hidden_rows.update(range(row_number, min(row_number + times, 1_048_576)))
                _ods_row(element, row_number, times, facts)
                row_number += times
                element.clear()
    return found


def _ods_row(row: Any, number: int, rows: int, facts: SheetFacts) -> None:
    column = 0
    for cell in row:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        kind = cell.get(f"{_OFFICE}value-type")
        down, right = (int(cell.get(f"{_TABLE}number-{what}-spanned", "1")) for what in ("rows", "columns"))
        if down > 1 or right > 1:
            facts.merged.append((number, column, number + down - 1, column + right - 1))
        if kind:
            facts.met(number + rows - 1, column + times - 1)
        elif cell.get(f"{_TABLE}formula") and not "".join(cell.itertext()).strip():
            facts.without_value.append((number, column))
        column += times

"""Spreadsheets: the visible sheets of a workbook as cells. Values are read as they were stored; no formula and no macro runs."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import python_calamine

from assetplan.errors import EstateError
from assetplan.formats.contents import Cells, Note, text_of
from assetplan.formats.workbook_xml import (
    SheetFacts,
    WorkbookFacts,
    check_archive,
    check_area,
    column_letters,
    facts_of,
)
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

_ERROR = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!)|Err:\d+")
# A workbook with a password is a compound file (of the old Office formats) with the XLSX inside it, encrypted, under this name.
_COMPOUND, _ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1"), "EncryptedPackage".encode("utf-16-le")
_LOCKED = "the workbook is locked with a password. Save a copy without one."
_OTHER_FAULTS = (
    python_calamine.CalamineError,
    zipfile.BadZipFile,
    NotImplementedError,
    OSError,
    ValueError,
    EOFError,
    RuntimeError,
)


def read_workbook(data: bytes, name: str) -> list[Cells]:
    """The visible sheets that hold cells, in the order of the workbook.

    Merged cells are filled: down wherever they are merged down, to the right below the headings. Hidden rows are rows, and are
    told; hidden columns and sheets are not read, and are counted.

    Parameters
    ----------
    data
        The bytes of the file: XLSX, XLSM, XLSB, XLS or ODS.
    name
        What to call it in messages.

    Raises
    ------
    EstateError
        Where the workbook does not open, is locked, would unpack to too much, or no visible sheet holds any cell.
    """
    if data.startswith(_COMPOUND) and _ENCRYPTED in data:
        raise EstateError(f"{name}: {_LOCKED}")
    try:
        facts = _facts(data, name)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        hidden = 0
        tables = []
        for sheet in book.sheets_metadata:
            if sheet.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            if sheet.visible != python_calamine.SheetVisibleEnum.Visible:
                hidden += 1
                continue
            grid = book.get_sheet_by_name(sheet.name)
            if grid.height and grid.width:
                check_area(grid.total_height, grid.total_width, name)
                tables.append(_table(grid, sheet.name, facts.sheets.get(sheet.name)))
    except python_calamine.PasswordError as error:
        raise EstateError(f"{name}: {_LOCKED}") from error
    except EstateError:
        raise
    except _OTHER_FAULTS as error:
        raise EstateError(
            f"{name}: this does not open as a spreadsheet ({visible(str(error))}). Save it again as XLSX or CSV."
        ) from error
    tables = [table for table in tables if table.rows]
    if not tables:
        more = f" {hidden} hidden sheets were not looked into." if hidden else ""
        raise EstateError(f"{name}: no sheet holds any cell.{more}")
    return [table.noted(_of_the_book(facts, hidden)) for table in tables]


def _facts(data: bytes, name: str) -> WorkbookFacts:
    if not data.startswith(b"PK"):
        return WorkbookFacts()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        check_archive(archive, name)
        return facts_of(archive, name)


def _of_the_book(facts: WorkbookFacts, hidden: int) -> Iterator[Note]:
    if hidden:
        message = f"{hidden} {'sheet is' if hidden == 1 else 'sheets are'} hidden in the workbook and not read"
        yield Note("hidden-sheets", str(hidden), message, "Show what belongs to the register, and read it again.")
    if not facts.seen:
        message = "in this format hidden rows and columns, and formulas that are errors, cannot be told from others"
        yield Note(
            "hidden-unseen",
            "",
            message,
            "If anything is hidden that is not meant, save the workbook as XLSX and read that.",
        )
    if facts.macros:
        yield Note("macros", "", "the workbook holds macros; none was run", "Nothing to do if no cell depends on them.")
    if facts.links:
        message = "the workbook links to other workbooks; cells hold what was last brought over from them"
        yield Note("external-links", "", message, "Nothing was fetched. Check that the cells are up to date.")


def _table(grid: Any, title: str, facts: SheetFacts | None) -> Cells:
    """One sheet, blank rows left out, and everything to be said of it."""
    top, left = grid.start or (0, 0)
    # Where the sheet begins below or right of A1, so do the rows calamine hands over one by one.
    found = [[*[""] * left, *map(text_of, row)] for row in grid.to_python(skip_empty_area=True)]
    table: list[list[str]] = [*([] for _ in range(top)), *found]
    width = max((i + 1 for row in table for i in range(len(row) - 1, -1, -1) if row[i].strip()), default=0)
    table = [[*row[:width], *[""] * (width - len(row))] for row in table]
    known = facts or SheetFacts()
    merged = [(first[0], first[1], last[0], last[1]) for first, last in grid.merged_cell_ranges or ()] or known.merged
    _fill(table, merged)
    notes = list(_cell_notes(table, known))
    gone = {
        column for column in known.hidden_columns if any(column < len(row) and row[column].strip() for row in table)
    }
    for row in table:
        for column in gone:
            row[column] = ""
    if gone:
        message = f"{len(gone)} {'column is' if len(gone) == 1 else 'columns are'} hidden in the sheet and not read"
        notes.append(
            Note("hidden-columns", str(len(gone)), message, "Show what belongs to the register, and read it again.")
        )
    notes = [note for note in notes if not gone or note.value.split(" ")[0] not in _refs(gone, note.line)]
    rows, lines = [], []
    for line, cells in enumerate(table, start=1):
        if any(cell.strip() for cell in cells):
            rows.append(cells)
            lines.append(line)
            if line - 1 in known.hidden_rows:
                message = "the row is hidden in the sheet"
                notes.append(
                    Note(
                        "hidden-row",
                        "",
                        message,
                        "Read like any other. Delete it from the file if it is not meant.",
                        line,
                    )
                )
    notes += _side_by_side(rows, gone)
    return Cells(rows, lines, notes=tuple(notes), name=title)


def _refs(columns: set[int], line: int) -> set[str]:
    return {f"{column_letters(column)}{line}" for column in columns}


def _fill(table: list[list[str]], merged: list[tuple[int, int, int, int]]) -> None:
    """Write the value of merged cells into every cell they cover: downwards, and to the right below the row of headings."""
    filled = [sum(1 for cell in row if cell.strip()) for row in table]
    most = max(filled, default=0)
    headings = next((i for i, count in enumerate(filled) if count and count >= 0.9 * most), 0)
    for top, left, bottom, right in merged:
        if top >= len(table) or left >= len(table[top]):
            continue
        last = right if top > headings and filled[top] > 1 else left
        for row in range(top, min(bottom + 1, len(table))):
            for column in range(left, min(last + 1, len(table[row]))):
                if not table[row][column]:
                    table[row][column] = table[top][left]


def _cell_notes(table: list[list[str]], facts: SheetFacts) -> Iterator[Note]:
    """Cells that are errors, which are made blank, and formulas without a result, each with its place."""
    errors = {(row, column): text for row, column, text in facts.errors}
    for row, cells in enumerate(table):
        for column, cell in enumerate(cells):
            if cell[:1] in {"#", "E"} and _ERROR.fullmatch(cell.strip()):
                errors.setdefault((row, column), cell.strip())
                cells[column] = ""
    for (row, column), text in sorted(errors.items()):
        yield Note(
            "error-cell",
            f"{column_letters(column)}{row + 1} {visible(text)[:20]}",
            "the cell holds an error of the spreadsheet, not a value",
            "Cell left unknown; the rest of the row is used. Mend the formula and save again.",
            row + 1,
        )
    for row, column in sorted(facts.without_value):
        yield Note(
            "formula-without-value",
            f"{column_letters(column)}{row + 1}",
            "the cell holds a formula whose result was never stored",
            "Cell left unknown; the rest of the row is used. Open the workbook, let it calculate, and save it.",
            row + 1,
        )


def _side_by_side(rows: list[list[str]], gone: set[int]) -> Iterator[Note]:
    """A remark where blocks of two columns or more stand side by side, parted by blank ones, and do not end on the same row."""
    width = max(map(len, rows), default=0)
    used = [max((i for i, row in enumerate(rows) if row[column].strip()), default=-1) for column in range(width)]
    blank = [-1, *(column for column in range(width) if used[column] < 0 and column not in gone), width]
    blocks = [(after + 1, before) for after, before in pairwise(blank) if before - after > 2]
    ends = {max(used[start:end]) for start, end in blocks}
    if len(blocks) > 1 and len(ends) > 1:
        places = ", ".join(f"{column_letters(start)} to {column_letters(end - 1)}" for start, end in blocks)
        yield Note(
            "tables-side-by-side",
            places,
            "blocks of columns parted by blank ones end on different rows: they may be tables of their own, and were read as one",
            "If they are, put each on a sheet of its own.",
        )

"""Which rows of a register are assets, and why each of the others is set aside."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import shapely

from assetplan.columns.headings import is_known_heading
from assetplan.errors import EstateError
from assetplan.formats.files import CELL_LIMIT, swallowed
from assetplan.issues import Issue
from assetplan.text import clean, unguarded, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assetplan.formats.files import Cells

_TOTAL = re.compile(r"(grand |sub)?[ -]?totals?\b", re.IGNORECASE)
_FIGURE = re.compile(r"[-(]?\s*[£$€]?\s*-?[\d,.]+\s*[)%]?|[-–—]")
_DIGIT = re.compile(r"\d")


class _Reason(NamedTuple):
    """Why a row is set aside: code, the value met, what is wrong, and what mends it."""

    code: str
    value: str
    message: str
    mend: str


def sort_rows(
    file: str, header: list[str], rows: list[list[str]], lines: list[int], drawn: list[str] | None, known: set[int]
) -> tuple[list[int], list[Issue]]:
    """Positions of accepted rows, and an issue for each of the others.

    Parameters
    ----------
    file
        What to call the register in messages.
    header
        The headings.
    rows, lines
        The rows below them, and the line of each.
    drawn
        The shape of each row, where the format has shapes.
    known
        Positions of recognised columns: no cell of any other is told.

    Raises
    ------
    EstateError
        Where every row has more cells than there are headings.
    """
    width = len(header)
    if rows and all(len(row) > width and any(cell.strip() for cell in row[width:]) for row in rows):
        raise EstateError(
            f"{file}: every row has more cells than the heading has names ({width}). A heading is missing; which, only the publisher knows."
        )
    keep: list[int] = []
    issues: list[Issue] = []
    first: dict[int, int] = {}  # by hash: the whole text of a million rows would be held twice
    judge = _Judge(header, known)
    for i, row in enumerate(rows):
        shape = drawn[i] if drawn is not None else None
        whole = "\x1f".join(row if shape is None else (*row, shape))
        reason = judge.fault_of(row, whole, shape, lines[i])
        before = first.setdefault(hash(whole), i)
        if reason is None and before != i and row == rows[before] and (drawn is None or shape == drawn[before]):
            message = f"the row is identical to line {lines[before]}"
            reason = _Reason("identical-row", "", message, "Remove one of the two.")
        if reason is None:
            keep.append(i)
        else:
            issues.append(
                Issue(
                    file,
                    str(lines[i]),
                    "",
                    reason.code,
                    visible(reason.value)[:200],
                    reason.message,
                    f"Row set aside. {reason.mend}",
                )
            )
    return keep, issues


class _Judge:
    """Tells rows that are assets from others, one after the other; remembers only whether another table has begun."""

    def __init__(self, header: list[str], known: set[int]) -> None:
        self.width = len(header)
        self.named = max((i + 1 for i, head in enumerate(header) if head.strip()), default=self.width)
        self.heads = [clean(head) for head in header if head.strip()]
        self.known = known
        self.second = 0

    def _told(self, row: list[str]) -> str:
        return next((clean(cell) for i, cell in enumerate(row) if i in self.known and cell.strip()), "")

    def fault_of(self, row: list[str], whole: str, shape: str | None, line: int) -> _Reason | None:
        if shape is None and (reason := self._as_table(row, whole, line)) is not None:
            return reason
        if not shape and not whole.strip("\x1f \t\n"):
            return _Reason("blank-feature", "", "the feature has neither shape nor properties", "Remove it.")
        width = self.width
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            message = f"the row has more cells than the heading ({width})"
            return _Reason("row-too-long", str(len(row)), message, "Quote the cell that holds a comma.")
        if len(row) < self.named:
            message = f"the row has fewer cells than the heading ({self.named})"
            return _Reason("row-too-short", str(len(row)), message, "Fill the row up.")
        if len(whole) > CELL_LIMIT and max(map(len, row)) > CELL_LIMIT:
            message = f"a cell is longer than {CELL_LIMIT:,} characters"
            return _Reason("cell-too-long", str(max(map(len, row))), message, "Shorten it.")
        if "\x00" in whole:
            message = "a cell holds a NUL byte: the file is damaged here"
            return _Reason("nul-byte", self._told(row)[:60], message, "Export it again.")
        if width > 3 and "\n" in whole and swallowed(row, width, ",;\t|"):
            message = "a cell of several lines holds what looks like the next rows: a quotation mark is missing"
            return _Reason("swallowed-rows", self._told(row), message, "Close the quotation.")
        return self._as_words(row) if shape is None else None

    def _as_table(self, row: list[str], whole: str, line: int) -> _Reason | None:
        """Headings among the rows: those of this table again, or those of another, to which all that follows belongs."""
        if not self.second and not _DIGIT.search(whole):
            texts = [clean(cell) for cell in row if cell.strip()]
            if texts == self.heads and texts:
                return _Reason("repeated-heading", "", "the row repeats the headings", "Remove it.")
            if len(texts) > 2 and 5 * sum(map(is_known_heading, texts)) >= 4 * len(texts):
                self.second = line
        if not self.second:
            return None
        message = (
            f"line {self.second} has headings of its own, so this row belongs to another table than those above it"
        )
        return _Reason(
            "second-table", self._told(row)[:60], message, "Put that table on a sheet or in a file of its own."
        )

    def _as_words(self, row: list[str]) -> _Reason | None:
        """Totals, and headings of a section."""
        said = _first(row)
        first, second = next(said, ""), next(said, "")
        if _TOTAL.match(first) and all(_FIGURE.fullmatch(text) for text in (second, *said) if text):
            mend = "Remove it, or name the asset otherwise."
            return _Reason("looks-like-a-total", self._told(row), "the row looks like a total, not an asset", mend)
        if first and not second and self.width > 3:
            message = "only one cell of the row holds anything: a heading, not an asset"
            return _Reason("section-heading", self._told(row), message, "Give it a name and a place.")
        return None


def _first(row: list[str]) -> Iterator[str]:
    """The cells of a row that hold anything, one after the other."""
    for cell in row:
        if cell.strip():
            yield clean(cell)


# ------------------------------------------------------------------------------------------------------- rows set aside


# The columns before the others in a file of rows set aside, which `assetplan.quality.write_set_aside` writes.
SET_ASIDE = ("Set aside from", "Set aside at line", "Set aside because")


@dataclass(frozen=True)
class Aside:
    """Rows set aside: what stands above the heading, the heading, and each row's line, why it was set aside, and its cells."""

    titles: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[int, str, tuple[str, ...]], ...]


def as_they_stand(
    titles: list[str],
    header: list[str],
    rows: list[list[str]],
    lines: list[int],
    cells: Cells,
    quarantine: list[Issue],
) -> Aside:
    """Rows set aside as the file has them, with their shapes as well-known text where the format carries shapes."""
    why = {int(issue.row): issue.message for issue in quarantine}
    drawn = cells.shapes is not None
    shapes = shapely.to_wkt(cells.shapes, rounding_precision=-1) if drawn else None
    found = [
        (line, why[line], tuple(row) if shapes is None else (*row, str(shapes[i] or "")))
        for i, (row, line) in enumerate(zip(rows, lines, strict=True))
        if line in why
    ]
    return Aside(tuple(titles), (*header, "WKT") if drawn else tuple(header), tuple(found))


def corrected(cells: Cells, file: str) -> tuple[Cells, str]:
    """Cells of a file of rows set aside without the columns that say so, and the register they come from ("" for other files)."""
    at = next((i for i, row in enumerate(cells.rows[:100]) if tuple(row[: len(SET_ASIDE)]) == SET_ASIDE), None)
    if at is None or cells.header:
        return cells, ""
    below = cells.rows[at + 1 :]
    origins = sorted({row[0] for row in below})
    if len(origins) > 1:
        raise EstateError(
            f"{file}: the rows were set aside from several registers ({', '.join(map(visible, origins))}). Keep a file for each."
        )
    rows = [[unguarded(cell) for cell in row[len(SET_ASIDE) :]] for row in cells.rows[at:]]
    above = [[unguarded(cell) for cell in row] for row in cells.rows[:at]]
    return replace(cells, rows=above + rows), origins[0] if origins else ""

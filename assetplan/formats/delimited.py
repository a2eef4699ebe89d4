"""Delimited text: bytes to rows of cells, in any common encoding, delimiter and manner of quoting."""

from __future__ import annotations

import codecs
import csv
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.errors import EstateError
from assetplan.formats.contents import CELL_LIMIT, Cells, Note
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DELIMITERS = (",", ";", "\t", "|", "^", "~")
_REVIEW = 50_000  # rows
_SENTINEL = "\x00end of file\x00"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEP_LINE = re.compile(r'"?sep=(.)"?[ \t,;]*(?:\n|$)', re.IGNORECASE)


# ------------------------------------------------------------------------------------------------------- encoding


def decode(data: bytes, name: str) -> tuple[str, str]:
    """Text of a file's bytes and the encoding it was read with: by its mark, else UTF-8, else UTF-16, else Windows-1252."""
    text, encoding, _ = _decoded(data, name)
    return text, encoding


def _decoded(data: bytes, name: str) -> tuple[str, str, list[int]]:
    """Text, encoding, and the physical lines that are not in that encoding and were read as Windows-1252."""
    if not data.strip(b"\x00 \r\n\t"):
        raise EstateError(f"{name}: the file is empty.")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            if encoding != "utf-8-sig":
                return data.decode(encoding, "replace"), encoding, []
            data = data[len(mark) :]
            break
    else:
        encoding = _unmarked_utf16(data) or "utf-8"
        if encoding != "utf-8":
            return data.decode(encoding, "replace"), encoding, []
    try:
        return data.decode("utf-8"), encoding, []
    except UnicodeDecodeError:
        pass
    return _mixed(data, encoding)


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without its mark, by the zero bytes that Latin letters have in it."""
    head = data[:4_000]
    pairs = len(head) // 2
    if pairs < 4 or len(data) % 2:
        return ""
    even, odd = head[: 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.7 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * pairs and odd < 0.05 * pairs else ""


def _mixed(data: bytes, encoding: str) -> tuple[str, str, list[int]]:
    """Text that is not UTF-8 throughout: some lines of it are not, or none that is more than ASCII is."""
    ends = b"\n" if b"\n" in data else b"\r"
    parts = data.split(ends)
    texts: list[str] = []
    damaged: list[int] = []
    whole = encoding == "utf-8-sig"
    for number, part in enumerate(parts, start=1):
        try:
            texts.append(part.decode("utf-8"))
            whole = whole or not part.isascii()
        except UnicodeDecodeError:
            texts.append(_single_bytes(part)[0])
            damaged.append(number)
    if whole:
        return ends.decode().join(texts), encoding, damaged
    return *_single_bytes(data), []


def _single_bytes(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


# ------------------------------------------------------------------------------------------------------- records


def records(
    text: str, delimiter: str, name: str, *, strict: bool, quoted: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """Records with the physical line each starts on. Refuses text whose quoting does not close."""
    sentinel = _SENTINEL
    while sentinel in text:  # a file that holds the mark must not end there
        sentinel += "\x00"
    old_limit = csv.field_size_limit(len(text) + len(sentinel) + 1)
    try:
        reader = csv.reader(
            _lines(text, sentinel),
            delimiter=delimiter,
            strict=strict,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        )
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


def _lines(text: str, sentinel: str) -> Iterator[str]:
    """The lines of a text, one at a time, so that no second copy of it is made; then the mark of its end."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    yield text[start:] + "\n"
    yield sentinel


def swallowed(record: list[str], width: int, delimiters: str) -> bool:
    """Whether a cell of several lines holds what looks like rows of the table itself."""
    fewest = max(1, width - 2)
    return any(
        part.count(mark) >= fewest
        for cell in record
        if "\n" in cell
        for part in cell.split("\n")[1:]
        for mark in delimiters
    )


def _delimiter(text: str) -> str:
    head = text[:20_000].splitlines()[:40]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(head, delimiter=delimiter) if row]
        common, times = (
            Counter(width for width in widths if width > 1).most_common(1)[0] if any(w > 1 for w in widths) else (1, 0)
        )
        score = times * (1 - 1 / common)
        if score > best_score:
            best, best_score = delimiter, score
    return best


_ESCAPED_QUOTE = re.compile(r'(?<!\\)((?:\\\\)*)\\"')
# A backslash and a doubled mark inside a cell: where marks follow a backslash, a lone mark would end the cell there.
_DOUBLED_INSIDE = re.compile(r'(?<!\\)(?:\\\\)*\\""(?=[^ \t,;|^~\n"])')
_TAIL_OF_CELL = re.compile(r'(?<!\\)((?:\\\\)*)\\"(?=[ \t]*(?:[,;|^~\t\n]|$))')


@dataclass(frozen=True, eq=False)
class _Rows:
    """The records of a text that hold anything, cells met again kept once, with the physical line each starts on."""

    rows: list[list[str]]
    lines: list[int]

    @classmethod
    def of(cls, found: Iterator[tuple[int, list[str]]]) -> _Rows:
        known: list[
            dict[str, str] | None
        ] = []  # by column; None where most cells are met once, so that nothing is saved
        rows, lines = [], []
        for line, record in found:
            if any(record) and any(cell.strip() for cell in record):
                known.extend({} for _ in range(len(record) - len(known)))
                rows.append([cell if met is None else met.setdefault(cell, cell) for cell, met in zip(record, known)])  # noqa: B905
                lines.append(line)
                if len(rows) % _REVIEW == 0:
                    known = [None if met is None or len(met) > 0.8 * len(rows) else met for met in known]
        return cls(rows, lines)

    def faults(self, delimiter: str) -> int:
        """How many records do not have the commonest number of cells, or swallow what looks like records."""
        widths = Counter(map(len, self.rows))
        width = widths.most_common(1)[0][0] if widths else 0
        return sum(len(row) != width or swallowed(row, width, delimiter) for row in self.rows)


def _parsed(text: str, delimiter: str, name: str) -> tuple[_Rows, list[Note]]:
    """The records of a text, in the manner of quoting that its own marks show, with a remark where it is not the usual one.

    Quotation marks inside a cell are doubled (RFC 4180). They are taken to follow a backslash where some do that end no cell and
    the records come out no worse; and to be part of the text, in files parted by other marks than commas and semicolons, where
    the usual reading leaves records of the wrong length or a quotation open and the plain one leaves none.
    """
    refusal: EstateError | None = None
    try:
        usual = _Rows.of(records(text, delimiter, name, strict=False))
        if '"' not in text:
            return usual, []
        faults = usual.faults(delimiter)
    except EstateError as error:
        usual, faults, refusal = _Rows([], []), len(text), error
    if '\\"' in text and len(_ESCAPED_QUOTE.findall(text)) > len(_TAIL_OF_CELL.findall(text)):
        try:
            escaped = _Rows.of(records(_ESCAPED_QUOTE.sub(r'\1""', text), delimiter, name, strict=False))
        except EstateError:
            escaped = None
        if escaped is not None and escaped.faults(delimiter) + bool(_DOUBLED_INSIDE.search(text)) <= faults:
            message = "quotation marks inside cells follow a backslash"
            return escaped, [Note("quoting", '\\"', message, "Nothing to do: read accordingly.")]
    if delimiter not in ",;" and faults:
        plain = _Rows.of(records(text, delimiter, name, strict=False, quoted=False))
        if not plain.faults(delimiter):
            message = "quotation marks are part of the text in this file: they do not close"
            return plain, [Note("quoting", '"', message, "Nothing to do: read accordingly.")]
    if refusal is not None:
        raise refusal
    return usual, []


# ------------------------------------------------------------------------------------------------------- registers


def read_delimited(data: bytes, name: str) -> Cells:
    r"""The cells of delimited text, or of text in columns of fixed width.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        What to call it in messages.

    Raises
    ------
    EstateError
        Where the file is empty, or a quotation does not close.

    Examples
    --------
    >>> read_delimited(b"Ref;Name\nA1;Depot\n", "register.csv").rows
    [['Ref', 'Name'], ['A1', 'Depot']]
    """
    text, encoding, damaged = _decoded(data, name)
    del data
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    notes = []
    if encoding in {"cp1252", "latin-1"}:
        message = f"the file is not UTF-8; read as {encoding}"
        notes.append(Note("encoding", encoding, message, "Save it as UTF-8 to be sure of every character."))
    said = _SEP_LINE.match(text)
    if said:
        text = "\n" + text[said.end() :]
    delimiter = said[1] if said else _delimiter(text)
    cuts = [] if said else _fixed_columns(text, delimiter)
    if cuts:
        table, told = _Rows.of(_sliced(text, cuts)), "fixed width"
    else:
        table, found = _parsed(text, delimiter, name)
        notes += found
        told = visible(delimiter.replace("\t", "tab"))
    del text
    if told != ",":
        message = f"the cells {'stand in columns of fixed width' if cuts else 'are not parted by commas'}"
        notes.append(Note("delimiter", told, message, "Nothing to do: read accordingly."))
        if not cuts:
            notes += _decimal_commas(table.rows)
    notes += [_damage(line, table.lines) for line in damaged]
    return Cells(table.rows, table.lines, notes=tuple(notes))


def _damage(physical: int, lines: list[int]) -> Note:
    line = lines[max(0, bisect_right(lines, physical) - 1)] if lines else physical
    return Note(
        "encoding",
        "cp1252",
        "the row holds bytes that are not UTF-8, as the rest of the file is; they were read as Windows-1252",
        "Check the row's accents, pound and quotation marks, and save the file as UTF-8.",
        line,
    )


def _fixed_columns(text: str, delimiter: str) -> list[int]:
    """Where each column of fixed width begins, where runs of blanks on every line show it; nothing otherwise."""
    lines = [line for line in text.split("\n", 5_001)[:5_000] if line.strip()]
    if len(lines) < 3 or any("\t" in line or len(line) > 4_000 for line in lines):
        return []
    widths = Counter(len(row) for row in csv.reader(lines[:400], delimiter=delimiter))
    width, times = widths.most_common(1)[0]
    if width > 1 and times > 0.8 * len(lines[:400]):
        return []
    blank = list(range(max(map(len, lines))))
    for line in lines:
        blank = [at for at in blank if at >= len(line) or line[at] == " "]
        if not blank:
            return []
    ends = max(len(line.rstrip()) for line in lines)
    gaps = [at for at in blank if at < ends]
    starts = [at + 1 for at, after in zip(gaps, [*gaps[1:], -1], strict=True) if after != at + 1]
    wide = [start for start in starts if start - 2 in gaps and start < ends]
    inside = [
        start for start in wide if sum(len(line) > start and line[start] != " " for line in lines) * 2 >= len(lines)
    ]
    if len(inside) < 2 or any(_crosses(line, inside) for line in text.split("\n")):
        return []
    return [0, *inside]


def _crosses(line: str, starts: list[int]) -> bool:
    return any(line[start - 2 : start].strip() for start in starts)


def _sliced(text: str, cuts: list[int]) -> Iterator[tuple[int, list[str]]]:
    ends = [*cuts[1:], None]
    for number, line in enumerate(text.split("\n"), start=1):
        yield number, [line[start:end].strip() for start, end in zip(cuts, ends, strict=True)]


_WITH_COMMA = re.compile(r"-?[£€$]?\s?\d[\d.,]*,\d+\s?%?")
_CONTINENTAL = re.compile(r"-?[£€$]?\s?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+\s?%?")
_THOUSANDS = re.compile(r"-?[£€$]?\s?\d{1,3}(?:,\d{3})+(?:\.\d+)?\s?%?")
_PAIR = re.compile(r"-?\d{5,},\d{5,}")
_WITH_POINT = re.compile(r"-?[£€$]?\s?(?!\d{1,3}\.\d{3}\b)\d+\.\d+\s?%?")


def _decimal_commas(rows: list[list[str]]) -> list[Note]:
    """Turn decimal commas into points, in place, in columns whose own cells show that commas are that; a remark for each column.

    A column shows it where at least one number has a comma that cannot part thousands (1,5 or 1234,567), none has a comma or a
    point that can only be meant the English way (1,234.5 or 2.75), and none looks like a pair of coordinates.
    """
    notes = []
    for position in range(max(map(len, rows), default=0)):
        shown = english = False
        meant: set[str] = set()
        for row in rows:
            cell = row[position].strip() if position < len(row) else ""
            if not cell or cell in meant or not (cell[-1].isdigit() or cell[-1] == "%"):
                continue
            if _WITH_COMMA.fullmatch(cell):
                meant.add(cell)
                thousands = bool(_THOUSANDS.fullmatch(cell))
                shown = shown or (bool(_CONTINENTAL.fullmatch(cell)) and not thousands)
                english = english or (not _CONTINENTAL.fullmatch(cell)) or bool(_PAIR.fullmatch(cell))
            elif "." in cell and (_THOUSANDS.fullmatch(cell) or _WITH_POINT.fullmatch(cell)):
                english = True
            if english:
                break
        if english or not shown:
            continue
        turned = {cell: cell.replace(".", "").replace(",", ".") for cell in meant}
        for row in rows:
            if position < len(row) and row[position].strip() in turned:
                row[position] = turned[row[position].strip()]
        notes.append(
            Note(
                "decimal-comma",
                f"column {position + 1}",
                "numbers of this column are written with a comma before the decimals",
                "Nothing to do: read accordingly. Write a point to be sure.",
            )
        )
    return notes


# ------------------------------------------------------------------------------------------------------- tables of ours


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
    found = [record for _, record in records(text, ",", name, strict=True) if any(cell.strip() for cell in record)]
    if not found:
        raise EstateError(f"{name}: there is no heading. Write the names of the columns on the first line.")
    header = [cell.strip() for cell in found[0]]
    repeated = sorted({cell for cell in header if header.count(cell) > 1})
    if repeated:
        raise EstateError(f"{name}: the heading names {', '.join(map(visible, repeated))} twice. Keep one of them.")
    return header, [(record, _distrust(record, len(header))) for record in found[1:]]


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

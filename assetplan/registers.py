"""One register, in whatever shape its publisher gave it, as rows of the assets table.

Columns are recognised by their heading and by what their cells hold; every mapping keeps its reason. Every row is accepted or
quarantined with a reason. What is read here depends on this file and its entry in estate.toml alone, so that a register can
be left out for a reader as if it had never been there.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from rapidfuzz import process

from assetplan.cells import MISSING, NOT_APPLICABLE, CellError, Value, parse
from assetplan.errors import EstateError
from assetplan.files import CELL_LIMIT, read_cells, swallowed
from assetplan.headings import ColumnRead, find_header, heading_unit, recognise
from assetplan.issues import Issue
from assetplan.owners import bodies, owners
from assetplan.placing import locate
from assetplan.schema import ASSETS, PLANNING_HEADINGS, Column
from assetplan.sensitive import SensitiveType, sensitive_type
from assetplan.text import clean, digest, heading, visible, words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from assetplan.evidence import Places
    from assetplan.files import Cells

_OF_PLACE = {"easting", "northing", "coordinates", "crs", "wkt"}
_CELL_COLUMNS = tuple(
    column
    for column in ASSETS.values()
    if (column.headings or column.fact) and not column.many and column.name not in {"organisation", "body", *_OF_PLACE}
)
FRAME_COLUMNS = tuple(
    name for name, column in ASSETS.items() if not column.many and name not in _OF_PLACE - {"easting", "northing"}
)


@dataclass(frozen=True)
class Entry:
    """What estate.toml says of one register: only what cannot be recognised from the file."""

    organisation: str = ""
    kind: str = ""
    audience: frozenset[str] = frozenset({"public"})
    illustrative: bool = False
    source: str = ""
    as_of: dt.date | None = None
    sheet: str = ""
    crs: str = ""
    show: tuple[str, ...] = ()
    geometry_licence: str = ""


@dataclass(frozen=True, eq=False)
class Register:
    """One register as read: accepted rows in `rows`, the others in `issues`.

    Where it is open to the public and rows name a sensitive kind of place, `sensitive` holds their lines (0: the whole file) and
    `rest` the register as read from a file that never held them, None where nothing would be left.
    """

    file: str
    title: str
    organisation: str
    organisations: Mapping[str, str]
    kind: str
    entry: Entry
    crs: str
    columns: tuple[ColumnRead, ...]
    rows_read: int
    quarantined: int
    rows: pd.DataFrame
    geometry: NDArray[np.object_]
    issues: tuple[Issue, ...] = field(default=())
    sensitive: Mapping[int, SensitiveType] = field(default_factory=dict)
    rest: Register | None = None

    @property
    def open(self) -> Register | None:
        """The register without its sensitive rows."""
        return self.rest if self.sensitive else self


def read_register(
    path: Path, file: str, entry: Entry, names: Mapping[str, str], place_of: Places | None = None
) -> Register:
    """Read one register.

    Parameters
    ----------
    path
        The file.
    file
        What to call it in messages and in the ``register`` column.
    entry
        What estate.toml says of it.
    names
        Organisations known so far: identifier to name. A column of names is matched against them.
    place_of
        Gives the places of postcodes (`assetplan.postcodes.Postcodes.places`), which are evidence of where rows lie.

    Returns
    -------
    Register
        With ``rows_read == len(rows) + quarantined``.

    Raises
    ------
    EstateError
        Where the file cannot be opened, or no column of it is recognised.
    """
    cells = read_cells(path, file, entry.sheet)
    register = _read(cells, file, entry, names, place_of)
    _check_shown(register)
    if "public" not in entry.audience:  # whoever gave the file readers of its own has thought about it
        return register
    sensitive = _sensitive_lines(cells, register)
    rest = None
    if sensitive and 0 not in sensitive:
        try:
            rest = _read(cells.without(sensitive), file, entry, names, place_of)
        except EstateError:  # what is left is no register
            rest = None
    return replace(register, sensitive=sensitive, rest=rest)


def _sensitive_lines(cells: Cells, register: Register) -> dict[int, SensitiveType]:
    """Lines below the heading with a cell that names a sensitive kind of place; 0 where the title or the file's name does."""
    stem = re.sub(r"[_\-.]+", " ", register.file.rsplit(".", 1)[0])
    whole = sensitive_type(register.title) or sensitive_type(stem)
    if whole is not None:
        return {0: whole}
    found = {}
    _, _, rows, lines, _ = find_header(cells, register.file)
    for row, line in zip(rows, lines, strict=True):
        kind = next((kind for cell in row if (kind := sensitive_type(cell)) is not None), None)
        if kind is not None:
            found[line] = kind
    return found


def _check_shown(register: Register) -> None:
    """Refuse headings under ``show`` that the register lacks."""
    headers = [read.header for read in register.columns]
    for wanted in register.entry.show:
        if not any(_as_shown(wanted) == _as_shown(header) for header in headers):
            guess = process.extractOne(wanted, headers, processor=words, score_cutoff=50)
            raise EstateError(
                f'estate.toml: [registers."{register.file}"].show: {visible(wanted)!r} is no heading of that register.'
                + (f" Did you mean {guess[0]!r}?" if guess else f" Headings: {', '.join(headers[:12])}.")
            )


def _as_shown(head: str) -> str:
    """A heading as it is compared with those to show: as it is told, which is cut off."""
    return words(visible(clean(head))[:80])


def _shown(header: list[str], rows: list[list[str]], entry: Entry) -> list[tuple[tuple[str, str], ...]]:
    """For each row the headings and cells that estate.toml asks to show; blank cells are passed over."""
    wanted = {_as_shown(text) for text in entry.show}
    at = [(visible(clean(head))[:80], i) for i, head in enumerate(header) if _as_shown(head) in wanted]
    return [tuple((head, clean(row[i])) for head, i in at if clean(row[i]).lower() not in MISSING) for row in rows]


def _read(cells: Cells, file: str, entry: Entry, names: Mapping[str, str], place_of: Places | None) -> Register:
    issues = [
        Issue(file, "", "", code, visible(value), message, action) for code, value, message, action in cells.notes
    ]
    titles, header, rows, lines, header_issues = find_header(cells, file)
    chosen, mappings, column_issues = recognise(file, header, rows)
    issues += header_issues + column_issues
    wanted = {_as_shown(text) for text in entry.show}
    mappings = tuple(
        replace(read, column="shown", reason="estate.toml asks to show it")
        if not read.column and _as_shown(header[read.position - 1]) in wanted
        else read
        for read in mappings
    )
    drawn = None if cells.shapes is None else [shapely.to_wkb(shape, hex=True) or "" for shape in cells.shapes]
    keep, quarantine = _sort_rows(
        file, header, rows, lines, drawn, {read.position - 1 for read in mappings if read.column}
    )
    issues += quarantine
    kept_rows, kept_lines = [rows[i] for i in keep], [lines[i] for i in keep]

    values: dict[str, list[Value]] = {}
    for column in _CELL_COLUMNS:
        found = chosen.get(column.name)
        if found is None:
            values[column.name] = [None] * len(keep)
        else:
            values[column.name], cell_issues = _column_values(file, column, found, header, kept_rows, kept_lines)
            issues += cell_issues
    title = clean(" ".join(titles)) or visible(cells.title)
    organisation, found_names, owner = owners(file, title, entry, names, chosen, kept_rows)
    whose = [found_names.get(identifier, "") for identifier in owner]
    codes = [value if isinstance(value, str) else None for value in values["postcode"]]
    located = locate(file, chosen, kept_rows, kept_lines, cells, keep, entry.crs.upper(), whose, codes, place_of)
    geometry = located.geometry
    issues += located.issues
    body = bodies(chosen, kept_rows, entry, names)
    known = {heading(column.header) for column in mappings}
    planning = "ownership" in chosen or sum(heading(text) in known for text in PLANNING_HEADINGS) > 1
    kind = entry.kind or ("planning" if planning else "ownership")
    frame = pd.DataFrame(values, dtype=object)
    xy = np.full((len(keep), 2), np.nan)
    there = ~shapely.is_missing(geometry)
    if there.any():
        xy[there] = shapely.get_coordinates(shapely.point_on_surface(geometry[there]))
    own_cells = [row if drawn is None else [*row, drawn[i]] for row, i in zip(kept_rows, keep, strict=True)]
    ids, id_issues = _asset_ids(file, owner, values["reference"], own_cells, kept_lines)
    issues += id_issues
    frame = frame.assign(
        asset_id=ids,
        organisation=owner,
        body=pd.Series(body, dtype=object),
        register=file,
        row=kept_lines,
        kind=kind,
        easting=xy[:, 0],
        northing=xy[:, 1],
        location_precision=located.precision,
        placed_by=pd.Series(located.placed_by, dtype=object),
        illustrative=entry.illustrative,
        shown=pd.Series(_shown(header, kept_rows, entry), dtype=object),
    )
    register = Register(
        file,
        title,
        organisation,
        found_names,
        kind,
        entry,
        located.crs,
        mappings,
        len(rows),
        len(quarantine),
        frame,
        geometry,
        tuple(sorted(issues, key=_by_line)),
    )
    if register.rows_read != len(register.rows) + register.quarantined:
        raise AssertionError(f"{file}: rows read are not rows accepted and quarantined")
    return register


def _by_line(issue: Issue) -> tuple[int, str, str, str]:
    return (int(issue.row or 0), issue.column, issue.code, issue.value)


# ------------------------------------------------------------------------------------------------------- rows


_TOTAL = re.compile(r"(grand |sub)?[ -]?totals?\b", re.IGNORECASE)
_FIGURE = re.compile(r"[-(]?\s*[£$€]?\s*-?[\d,.]+\s*[)%]?|[-–—]")


def _is_total(texts: list[str]) -> bool:
    """Whether a row says that it is a total and holds nothing else but figures."""
    return bool(_TOTAL.match(texts[0])) and all(_FIGURE.fullmatch(text) for text in texts[1:])


def _sort_rows(
    file: str, header: list[str], rows: list[list[str]], lines: list[int], drawn: list[str] | None, known: set[int]
) -> tuple[list[int], list[Issue]]:
    """Positions of accepted rows, and an issue for each of the others.

    `drawn` is the shape of each row where there are shapes, `known` the positions of recognised columns: no other cell is told.
    """
    width = len(header)
    long = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row[width:])]
    if rows and len(long) == len(rows):
        raise EstateError(
            f"{file}: every row has more cells than the heading has names ({width}). A heading is missing; which, only the publisher knows."
        )
    too_long = set(long)
    keep: list[int] = []
    issues: list[Issue] = []
    first_line: dict[tuple[str, ...], int] = {}

    def quarantine(i: int, code: str, value: str, message: str, mend: str) -> None:
        issues.append(Issue(file, str(lines[i]), "", code, visible(value)[:200], message, f"Row set aside. {mend}"))

    for i, row in enumerate(rows):
        texts = [clean(cell) for cell in row if cell.strip()]
        told = next((clean(cell) for position, cell in enumerate(row) if position in known and cell.strip()), "")
        key = tuple(row) if drawn is None else (*row, drawn[i])
        if not texts and not (drawn and drawn[i]):
            quarantine(i, "blank-feature", "", "the feature has neither shape nor properties", "Remove it.")
        elif i in too_long:
            quarantine(
                i,
                "row-too-long",
                str(len(row)),
                f"the row has more cells than the heading ({width})",
                "Quote the cell that holds a comma.",
            )
        elif len(row) < width:
            quarantine(
                i,
                "row-too-short",
                str(len(row)),
                f"the row has fewer cells than the heading ({width})",
                "Fill the row up.",
            )
        elif any(len(cell) > CELL_LIMIT for cell in row):
            quarantine(
                i,
                "cell-too-long",
                str(max(map(len, row))),
                f"a cell is longer than {CELL_LIMIT:,} characters",
                "Shorten it.",
            )
        elif any("\x00" in cell for cell in row):
            quarantine(
                i,
                "nul-byte",
                told[:60],
                "a cell holds a NUL byte: the file is damaged here",
                "Export it again.",
            )
        elif swallowed(row, width, ",;\t|") and width > 3:
            quarantine(
                i,
                "swallowed-rows",
                told,
                "a cell of several lines holds what looks like the next rows: a quotation mark is missing",
                "Close the quotation.",
            )
        elif texts and drawn is None and _is_total(texts):
            quarantine(
                i,
                "looks-like-a-total",
                told,
                "the row looks like a total, not an asset",
                "Remove it, or name the asset otherwise.",
            )
        elif len(texts) == 1 and width > 3 and drawn is None:
            quarantine(
                i,
                "section-heading",
                told,
                "only one cell of the row holds anything: a heading, not an asset",
                "Give it a name and a place.",
            )
        elif key in first_line:
            quarantine(
                i,
                "identical-row",
                "",
                f"the row is identical to line {first_line[key]}",
                "Remove one of the two.",
            )
        else:
            first_line[key] = lines[i]
            keep.append(i)
    return keep, issues


def _column_values(
    file: str, column: Column, positions: list[int], header: list[str], rows: list[list[str]], lines: list[int]
) -> tuple[list[Value], list[Issue]]:
    """The values of one column: of one position, or of several that are joined (text) or added up (numbers)."""
    issues: list[Issue] = []
    read: list[list[Value]] = []
    for position in positions:
        unit = heading_unit(column, header[position])
        memo: dict[str, Value | CellError] = {}
        values: list[Value] = []
        for row, line in zip(rows, lines, strict=True):
            text = row[position]
            if text not in memo:
                try:
                    memo[text] = parse(column, text, unit)
                except CellError as error:
                    memo[text] = error
            value = memo[text]
            if isinstance(value, CellError):
                issues.append(
                    Issue(
                        file,
                        str(line),
                        visible(clean(header[position]))[:80],
                        value.code,
                        visible(clean(text))[:200],
                        str(value),
                        "Cell left unknown; the rest of the row is used. Correct the cell.",
                    )
                )
                value = None
            values.append(value)
        read.append(values)
    if len(read) == 1:
        return read[0], issues
    if column.kind != "number":
        return [
            ", ".join(str(part) for part in parts if part is not None) or None for parts in zip(*read, strict=True)
        ], issues
    sums: list[Value] = []
    for row, parts in zip(rows, zip(*read, strict=True), strict=True):
        absent = [clean(row[position]).lower() in NOT_APPLICABLE for position in positions]
        complete = all(part is not None or gone for part, gone in zip(parts, absent, strict=True))
        sums.append(
            sum(float(part) for part in parts if isinstance(part, float)) if complete and not all(absent) else None
        )
    return sums, issues


_MARK_DIGITS = 12


def _asset_ids(
    file: str, owner: list[str], references: list[Value], rows: list[list[str]], lines: list[int]
) -> tuple[list[str], list[Issue]]:
    issues = []
    keys = list(zip(owner, references, strict=True))
    times = Counter(keys)
    ids = []
    for (organisation, reference), row, line in zip(keys, rows, lines, strict=True):
        if reference is None:
            mark = digest("\x1f".join(row), _MARK_DIGITS)
            issues.append(
                Issue(
                    file,
                    str(line),
                    "",
                    "no-reference",
                    "",
                    "the row has no reference of its own",
                    f"Named by a hash of its cells ({mark}), which changes with them. Give it a reference.",
                )
            )
            ids.append(f"{organisation}:{mark}")
        elif times[organisation, reference] > 1:
            mark = digest("\x1f".join(row), _MARK_DIGITS)
            issues.append(
                Issue(
                    file,
                    str(line),
                    "",
                    "repeated-reference",
                    str(reference),
                    f"{times[organisation, reference]} rows carry this reference",
                    f"Told apart by a hash of the row's cells ({mark}). Give each its own reference.",
                )
            )
            ids.append(f"{organisation}:{reference}-{mark}")
        else:
            ids.append(f"{organisation}:{reference}")
    return ids, issues


def frame_of(registers: Sequence[Register]) -> tuple[pd.DataFrame, NDArray[Any]]:
    """The accepted rows of several registers as one frame, with their geometry."""
    if not registers:
        return pd.DataFrame({name: pd.Series([], dtype=object) for name in FRAME_COLUMNS}), np.empty(0, dtype=object)
    frame = pd.concat([register.rows for register in registers], ignore_index=True)
    geometry = np.concatenate([register.geometry for register in registers])
    return frame.reindex(columns=list(FRAME_COLUMNS)), geometry

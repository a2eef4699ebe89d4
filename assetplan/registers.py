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
from assetplan.files import Note, read_cells, read_tables, several_tables
from assetplan.headings import ColumnRead, find_header, heading_unit, recognise
from assetplan.issues import Issue
from assetplan.owners import bodies, owners
from assetplan.placing import locate
from assetplan.rows import sort_rows
from assetplan.schema import ASSETS, PLANNING_HEADINGS, Column
from assetplan.sensitive import SensitiveType, is_worth_a_look, sensitive_type
from assetplan.text import clean, digest, heading, visible, words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from assetplan.files import Cells

    Progress = Callable[[str, float], None]

_CELL_COLUMNS = tuple(
    column
    for column in ASSETS.values()
    if (column.headings or column.fact)
    and not column.many
    and column.name not in {"organisation", "body", "easting", "northing", "coordinates", "wkt"}
)
FRAME_COLUMNS = tuple(
    name for name, column in ASSETS.items() if not column.many and column.name not in {"coordinates", "wkt"}
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
    path: Path, file: str, entry: Entry, names: Mapping[str, str], *, progress: Progress | None = None
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
    progress
        Called now and then with `file` and the share of the work that is done, from 0 to 1.

    Returns
    -------
    Register
        With ``rows_read == len(rows) + quarantined``.

    Raises
    ------
    EstateError
        Where the file cannot be opened, or no column of it is recognised.
    """
    tell = progress or _in_silence
    tell(file, 0.0)
    cells = _one_table(path, file, entry.sheet)
    tell(file, 0.3)
    register = _read(cells, file, entry, names, tell)
    tell(file, 1.0)
    _check_shown(register)
    if "public" not in entry.audience:  # whoever gave the file readers of its own has thought about it
        return register
    sensitive = _sensitive_lines(cells, register)
    rest = None
    if sensitive and 0 not in sensitive:
        try:
            rest = _read(cells.without(sensitive), file, entry, names, _in_silence)
        except EstateError:  # what is left is no register
            rest = None
    return replace(register, sensitive=sensitive, rest=rest)


def _one_table(path: Path, file: str, sheet: str) -> Cells:
    """The table of a file that is the register: the one named, the only one, or the only one that is like a register."""
    if sheet:
        return read_cells(path, file, sheet)
    tables = read_tables(path, file)
    if len(tables) == 1:
        return tables[0]
    like = [table for table in tables if _is_like_a_register(table, file)]
    if len(like) != 1:
        raise several_tables(tables, file)
    others = ", ".join(visible(table.name)[:40] for table in tables if table is not like[0])
    message = f"of {len(tables)} sheets or layers only {visible(like[0].name)[:40]!r} has headings of a register with places; it alone was read"
    return like[0].noted(
        [
            Note(
                "other-tables",
                others[:200],
                message,
                "Nothing to do if that is the one. Otherwise name it with --sheet.",
            )
        ]
    )


_PLACES = ("address", "postcode", "uprn", "easting", "coordinates", "wkt", "title_no")


def _is_like_a_register(table: Cells, file: str) -> bool:
    """Whether a table has a heading that is recognised, rows below it, and columns or shapes that say where its rows lie."""
    try:
        _, header, rows, _, _ = find_header(table, file)
        chosen, _, _ = recognise(file, header, rows)
    except EstateError:
        return False
    return bool(rows) and (table.shapes is not None or any(name in chosen for name in _PLACES))


def _sensitive_lines(cells: Cells, register: Register) -> dict[int, SensitiveType]:
    """Lines below the heading with a cell that names a sensitive kind of place; 0 where the title or the file's name does."""
    stem = re.sub(r"[_\-.]+", " ", register.file.rsplit(".", 1)[0])
    whole = sensitive_type(register.title) or sensitive_type(stem)
    if whole is not None:
        return {0: whole}
    found = {}
    _, _, rows, lines, _ = find_header(cells, register.file)
    for row, line in zip(rows, lines, strict=True):
        if not is_worth_a_look("\n".join(row)):
            continue
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


def _in_silence(_file: str, _share: float) -> None:
    pass


def _read(cells: Cells, file: str, entry: Entry, names: Mapping[str, str], tell: Progress) -> Register:
    issues = [
        Issue(file, str(note.line or ""), "", note.code, visible(note.value), note.message, note.action)
        for note in cells.notes
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
    if not rows:
        issues.append(
            Issue(file, "", "", "no-rows", "", "there are headings and no rows below them", "Check the export.")
        )
    keep, quarantine = sort_rows(
        file, header, rows, lines, drawn, {read.position - 1 for read in mappings if read.column}
    )
    issues += quarantine
    kept_rows, kept_lines = [rows[i] for i in keep], [lines[i] for i in keep]

    values: dict[str, list[Value]] = {}
    nothing: list[Value] = [None] * len(keep)  # one for all columns that are not there
    for number, column in enumerate(_CELL_COLUMNS):
        tell(file, 0.4 + 0.5 * number / len(_CELL_COLUMNS))
        found = chosen.get(column.name)
        if found is None:
            values[column.name] = nothing
        else:
            values[column.name], cell_issues = _column_values(file, column, found, header, kept_rows, kept_lines)
            issues += cell_issues
    tell(file, 0.9)
    geometry, crs, place_issues = locate(file, chosen, kept_rows, kept_lines, cells, keep, entry.crs.upper())
    issues += place_issues
    title = clean(" ".join(titles)) or visible(cells.title)
    organisation, found_names, owner = owners(file, title, entry, names, chosen, kept_rows)
    body = bodies(chosen, kept_rows, entry, names)
    known = {heading(column.header) for column in mappings}
    planning = "ownership" in chosen or sum(heading(text) in known for text in PLANNING_HEADINGS) > 1
    kind = entry.kind or ("planning" if planning else "ownership")
    frame = pd.DataFrame(values, dtype=object)
    xy = np.full((len(keep), 2), np.nan)
    located = ~shapely.is_missing(geometry)
    if located.any():
        xy[located] = shapely.get_coordinates(shapely.point_on_surface(geometry[located]))
    precision = np.where(located, np.where(np.isin(shapely.get_type_id(geometry), (3, 6)), "polygon", "point"), "none")
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
        location_precision=precision,
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
        crs,
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


# ------------------------------------------------------------------------------------------------------- values


_MEMO = 50_000  # cells of one column whose values are remembered: columns with more are mostly of cells met once


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
        value: Value | CellError
        for row, line in zip(rows, lines, strict=True):
            text = row[position]
            if text in memo:
                value = memo[text]
            else:
                try:
                    value = parse(column, text, unit)
                except CellError as error:
                    value = error
                if len(memo) < _MEMO:
                    memo[text] = value
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

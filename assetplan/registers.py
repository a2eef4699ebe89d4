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

from assetplan.cells import MISSING, Value
from assetplan.columns.headings import compared, find_header, shown
from assetplan.columns.kinds import ended, kind_of, names_an_owner, operators, private_owners
from assetplan.columns.mapping import TICKED, ColumnRead, recognise
from assetplan.columns.owners import bodies, operated, owners
from assetplan.columns.values import as_given, column_values, deciders, postcodes_in, status_texts, ticked_tenure
from assetplan.errors import EstateError
from assetplan.formats.files import Note, read_cells, read_tables, several_tables
from assetplan.issues import Issue
from assetplan.places.placing import locate
from assetplan.rows import Aside, as_they_stand, corrected, sort_rows
from assetplan.schema import ASSETS
from assetplan.sensitive import SensitiveType, is_worth_a_look, sensitive_type
from assetplan.text import clean, digest, visible, words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from assetplan.formats.files import Cells
    from assetplan.places.evidence import Places

    Progress = Callable[[str, float], None]

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
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Register:
    """One register as read: accepted rows in `rows`, the others in `issues`.

    `origin` is the register whose rows set aside a file holds, "" for any other file. `aside` holds the rows that were set aside as
    they stand. Where it is open to the public and rows name a sensitive kind of
    place, `sensitive` holds their lines (0: the whole file) and `rest` the register as read from a file that never held them, None
    where nothing would be left.
    """

    file: str
    title: str
    organisation: str
    organisations: Mapping[str, str]
    kind: str
    kind_reason: str
    entry: Entry
    crs: str
    columns: tuple[ColumnRead, ...]
    rows_read: int
    quarantined: int
    rows: pd.DataFrame
    geometry: NDArray[np.object_]
    issues: tuple[Issue, ...] = field(default=())
    aside: Aside = field(default_factory=lambda: Aside((), (), ()))
    origin: str = ""
    sensitive: Mapping[int, SensitiveType] = field(default_factory=dict)
    rest: Register | None = None

    @property
    def open(self) -> Register | None:
        """The register without its sensitive rows."""
        return self.rest if self.sensitive else self


def read_register(
    path: Path,
    file: str,
    entry: Entry,
    names: Mapping[str, str],
    place_of: Places | None = None,
    *,
    progress: Progress | None = None,
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
        Gives the places of postcodes (`assetplan.places.postcodes.Postcodes.places`), which are evidence of where rows lie.
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
    cells, origin = corrected(_one_table(path, file, entry.sheet), file)
    tell(file, 0.3)
    register = _read(cells, file, entry, names, origin, place_of, tell)
    tell(file, 1.0)
    _check_shown(register)
    if "public" not in entry.audience:  # whoever gave the file readers of its own has thought about it
        return register
    sensitive = _sensitive_lines(cells, register)
    rest = None
    if sensitive and 0 not in sensitive:
        try:
            rest = _read(cells.without(sensitive), file, entry, names, origin, place_of, _in_silence)
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
    _, _, rows, lines, _ = find_header(cells, register.file, _named(register.entry))
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
        if not any(compared(wanted) == compared(header) for header in headers):
            guess = process.extractOne(wanted, headers, processor=words, score_cutoff=50)
            raise EstateError(
                f'estate.toml: [registers."{register.file}"].show: {visible(wanted)!r} is no heading of that register.'
                + (f" Did you mean {guess[0]!r}?" if guess else f" Headings: {', '.join(headers[:12])}.")
            )


def _named(entry: Entry) -> set[str]:
    """Headings that estate.toml or a caller names."""
    return {compared(head) for head, _ in entry.columns}


def _shown(header: list[str], rows: list[list[str]], entry: Entry) -> list[tuple[tuple[str, str], ...]]:
    """For each row the headings and cells that estate.toml asks to show; blank cells are passed over."""
    wanted = {compared(text) for text in entry.show}
    at = [(shown(head), i) for i, head in enumerate(header) if compared(head) in wanted]
    return [tuple((head, clean(row[i])) for head, i in at if clean(row[i]).lower() not in MISSING) for row in rows]


def _in_silence(_file: str, _share: float) -> None:
    pass


def _read(
    cells: Cells,
    file: str,
    entry: Entry,
    names: Mapping[str, str],
    origin: str,
    place_of: Places | None,
    tell: Progress,
) -> Register:
    issues = [
        Issue(file, str(note.line or ""), "", note.code, visible(note.value), note.message, note.action)
        for note in cells.notes
    ]
    titles, header, rows, lines, header_issues = find_header(cells, file, _named(entry))
    chosen, mappings, column_issues = recognise(file, header, rows, entry.columns, shapes=cells.shapes is not None)
    issues += header_issues + column_issues
    mappings = _with_shown(mappings, header, entry)
    drawn = None if cells.shapes is None else [shapely.to_wkb(shape, hex=True) or "" for shape in cells.shapes]
    if not rows:
        issues.append(
            Issue(file, "", "", "no-rows", "", "there are headings and no rows below them", "Check the export.")
        )
    keep, quarantine = sort_rows(
        file, header, rows, lines, drawn, {read.position - 1 for read in mappings if read.column}
    )
    issues += quarantine
    aside = as_they_stand(titles, header, rows, lines, cells, quarantine)
    kept_rows, kept_lines = [rows[i] for i in keep], [lines[i] for i in keep]

    tell(file, 0.4)
    values, value_issues = _values(file, chosen, mappings, header, kept_rows, kept_lines)
    issues += value_issues
    tell(file, 0.8)
    title = clean(" ".join(titles)) or visible(cells.title)
    recognised = kind_of(entry.kind, file, title, mappings, chosen, kept_rows)
    run_by = operators(recognised, _of_themselves(chosen, kept_rows))
    organisation, found_names, owner = owners(origin or file, title, entry, names, chosen, kept_rows)
    if recognised.kind == "service list" and "organisation" in chosen and not entry.organisation:
        organisation, found_names, owner = operated(
            header[chosen["organisation"][0]], organisation, found_names, owner, run_by
        )
    head = header[chosen["organisation"][0]] if "organisation" in chosen else ""
    if "ownership" not in chosen and head and names_an_owner(head):
        texts = _texts(chosen, "organisation", kept_rows)
        values["ownership"], owner_issues = private_owners(file, shown(head), texts, kept_lines)
        issues += owner_issues
    whose = [found_names.get(identifier, "") for identifier in owner]
    codes = [value if isinstance(value, str) else None for value in values["postcode"]]
    located = locate(file, chosen, kept_rows, kept_lines, cells, keep, entry.crs.upper(), whose, codes, place_of)
    geometry = located.geometry
    issues += located.issues
    body = bodies(chosen, kept_rows, entry, names)
    if recognised.kind == "service list":
        run_by, issues = _without_ended(file, chosen, header, values, run_by, issues, (kept_rows, kept_lines), entry)
    if not {"name", "address", "reference"} & set(chosen) and kept_rows:
        values["name"] = [f"row {line}" for line in kept_lines]
        issues.append(_unnamed(file))
    references = values["reference"]
    frame = _frame_of(values)
    xy = _on_surface(geometry)
    own_cells = [row if drawn is None else [*row, drawn[i]] for row, i in zip(kept_rows, keep, strict=True)]
    ids, id_issues = _asset_ids(file, owner, references, own_cells, kept_lines)
    issues += id_issues
    frame = frame.assign(
        asset_id=ids,
        organisation=owner,
        body=pd.Series(body, dtype=object),
        register=file,
        row=kept_lines,
        kind=recognised.kind,
        operator=pd.Series(run_by, dtype=object),
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
        recognised.kind,
        recognised.reason,
        entry,
        located.crs,
        mappings,
        len(rows),
        len(quarantine),
        frame,
        geometry,
        tuple(sorted(issues, key=_by_line)),
        aside,
        origin,
    )
    if register.rows_read != len(register.rows) + register.quarantined:
        raise AssertionError(f"{file}: rows read are not rows accepted and quarantined")
    return register


def _with_shown(mappings: Sequence[ColumnRead], header: list[str], entry: Entry) -> tuple[ColumnRead, ...]:
    """The mapping of columns, with those that nobody recognised and estate.toml asks to show."""
    wanted = {compared(text) for text in entry.show}
    return tuple(
        replace(read, column="shown", reason="estate.toml asks to show it")
        if not read.column and compared(header[read.position - 1]) in wanted
        else read
        for read in mappings
    )


def _frame_of(values: dict[str, list[Value]]) -> pd.DataFrame:
    """Columns of values as a frame; they are taken out of the dictionary one by one, and those that are one list share an array."""
    arrays: dict[int, NDArray[np.object_]] = {}
    held = list(values.values())  # so that no two lists can have one identity
    columns = {}
    for name in list(values):
        cells = values.pop(name)
        if id(cells) not in arrays:
            array = np.empty(len(cells), dtype=object)
            array[:] = cells
            array.flags.writeable = False
            arrays[id(cells)] = array
        columns[name] = arrays[id(cells)]
    del held
    return pd.DataFrame(columns, dtype=object, copy=False)


def _on_surface(geometry: NDArray[np.object_]) -> NDArray[np.float64]:
    """Easting and northing of a point on each shape; NaN where there is none."""
    xy = np.full((len(geometry), 2), np.nan)
    there = ~shapely.is_missing(geometry)
    if there.any():
        xy[there] = shapely.get_coordinates(shapely.point_on_surface(geometry[there]))
    return xy


def _values(
    file: str,
    chosen: Mapping[str, list[int]],
    mappings: Sequence[ColumnRead],
    header: list[str],
    rows: list[list[str]],
    lines: list[int],
) -> tuple[dict[str, list[Value]], list[Issue]]:
    """The values of every column that is read cell by cell, with the register's own words where a value says less."""
    values: dict[str, list[Value]] = {}
    issues: list[Issue] = []
    nothing: list[Value] = [None] * len(rows)  # one for all columns that are not there
    for column in _CELL_COLUMNS:
        found = chosen.get(column.name)
        if found is None:
            values[column.name] = nothing
        elif mappings[found[0]].reason == TICKED:
            continue  # below
        else:
            values[column.name], cell_issues = column_values(file, column, found, header, rows, lines)
            issues += cell_issues
    if "tenure" not in values:
        ticks = ticked_tenure(file, chosen["tenure"], header, rows, lines)
        values["tenure"], values["tenure_as_given"] = ticks[:2]
        issues += ticks[2]
    if "postcode" not in chosen and "address" in chosen:
        position = chosen["address"][-1]
        values["postcode"], postcode_issues = postcodes_in(
            file, shown(header[position]), [row[position] for row in rows]
        )
        issues += postcode_issues
    for name in ("status", "tenure", "ownership"):
        values.setdefault(f"{name}_as_given", as_given(name, values[name], status_texts(_texts(chosen, name, rows))))
    if "decided_by" not in chosen:
        values["decided_by"] = deciders(_texts(chosen, "status", rows))
    return values, issues


def _without_ended(
    file: str,
    chosen: Mapping[str, list[int]],
    header: list[str],
    values: dict[str, list[Value]],
    run_by: list[str | None],
    issues: list[Issue],
    kept: tuple[list[list[str]], list[int]],
    entry: Entry,
) -> tuple[list[str | None], list[Issue]]:
    """Who runs each row, nobody where the service has ended or not begun; the status in `values` is set to say so."""
    rows, lines = kept
    states, closed = ended(file, status_texts(_texts(chosen, "status", rows)), values["closed"], entry.as_of, lines)
    if "status" in chosen:  # one issue with the count stands for those of single cells
        told = {(shown(header[chosen["status"][0]]), str(n)) for n, state in zip(lines, states, strict=True) if state}
        issues = [issue for issue in issues if (issue.column, issue.row) not in told]
    closing = {"ended": "disposed", "to come": None}
    values["status"] = [closing.get(state, status) for state, status in zip(states, values["status"], strict=True)]
    return [None if state else run for state, run in zip(states, run_by, strict=True)], issues + closed


def _texts(chosen: Mapping[str, list[int]], name: str, rows: list[list[str]]) -> list[str]:
    """The cells of a column as they stand; blank where there is none."""
    return [row[chosen[name][0]] if name in chosen else "" for row in rows]


def _of_themselves(chosen: Mapping[str, list[int]], rows: list[list[str]]) -> list[str]:
    """What rows say of their type, name and provider, each in one text."""
    at = [position for name in ("use", "name", "body") for position in chosen.get(name, [])]
    return [" | ".join(row[position] for position in at) for row in rows]


def _unnamed(file: str) -> Issue:
    return Issue(
        file,
        "",
        "",
        "no-names",
        "",
        "no column names the places: neither a name, nor an address, nor a reference",
        'Each is called by its line, "row 2" and so on. Add a column of names, or say which it is with columns in estate.toml.',
    )


def _by_line(issue: Issue) -> tuple[int, str, str, str]:
    return (int(issue.row or 0), issue.column, issue.code, issue.value)


# ------------------------------------------------------------------------------------------------------- values


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
    return frame.reindex(columns=list(FRAME_COLUMNS)).copy(), geometry  # a register's own columns may share an array

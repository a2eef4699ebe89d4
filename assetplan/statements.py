"""An estate folder as labelled statements: what is said, and which readers may know that it is said.

Nothing here is derived across statements. Filtering comes next (`Statements.known_to`), and only then is anything matched,
counted or drawn (`assetplan.estate`): so an estate for a reader equals one read from a folder that never held the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import shapely
from rapidfuzz import fuzz

from assetplan import grid
from assetplan.assumptions import Assumptions, read_assumptions
from assetplan.crs import way_to_grid
from assetplan.errors import EstateError
from assetplan.formats.files import BESIDE, READABLE, Fault, read_layer, read_strict_csv
from assetplan.formats.vectors import SIDECARS, VECTORS
from assetplan.issues import Issue
from assetplan.personal import cells_without_persons, left_out, personal_issue, register_without_persons
from assetplan.places.postcodes import NO_POSTCODES, Postcodes, read_postcodes
from assetplan.places.readings import check_stated
from assetplan.registers import Entry, Register, read_register
from assetplan.schema import AUDIENCE, LABELLED_TABLES, LAYER_TABLES, table
from assetplan.sensitive import SensitiveType, sensitive_issue, sensitive_type
from assetplan.settings import (
    FOR_ALL_TO_SEE,
    FOR_THE_KEEPER,
    KEEPER,
    PUBLIC,
    Label,
    Organisation,
    Settings,
    as_seen_by,
    may_know,
    parse_label,
    read_settings,
)
from assetplan.text import clean, shown_name, visible, words
from assetplan.vocabulary import FOUND_BY, OVERRIDES
from assetplan.weights import Weights, read_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from assetplan.registers import Progress

__all__ = ["FOR_ALL_TO_SEE", "KEEPER", "PUBLIC", "Organisation", "Row", "Settings", "Statements", "read_statements"]

_DIRECTORIES = ("postcodes.csv", "postcodes.zip")
_OURS = {
    "estate.toml",
    "assumptions.toml",
    "weights.toml",
    "option_weights.toml",
    *_DIRECTORIES,
    "README.md",
    *(f"{name}.csv" for name in LABELLED_TABLES if name not in LAYER_TABLES),
    *(f"{name}{suffix}" for name in LAYER_TABLES for suffix in (".geojson", ".gpkg", ".json")),
}
_BACKDROPS = tuple(f"backdrop{suffix}" for suffix in (*VECTORS, ".shp.zip"))
_BESIDE_BACKDROP = {f"backdrop{suffix}" for suffix in BESIDE}
_NETWORKS = tuple(f"network{suffix}" for suffix in (".geojson", ".gpkg", ".json", ".osm.pbf"))
_TRAVEL_TIMES = ("travel_times.csv",)
_READ_LATER = {*_BACKDROPS, *_BESIDE_BACKDROP, *_NETWORKS, *_TRAVEL_TIMES}


# What a folder's analyses are weighed by: assumptions or weights.
_Weighed = TypeVar("_Weighed", Assumptions, Weights)


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a table of ours: the cells it names, its shape in EPSG:27700, its label, and a fault if it has one.

    `sensitive` is the kind of place that a row names which carries no label of its own; `mended` what was wrong with its shape.
    """

    cells: Mapping[str, str]
    label: Label
    shape: Any = None
    fault: str = ""
    sensitive: SensitiveType | None = None
    mended: str = ""


@dataclass(frozen=True, eq=False)
class Statements:
    """Everything said in an estate folder, each thing under its label; `persons` says that persons were not left out."""

    settings: Settings
    registers: tuple[Register, ...]
    tables: Mapping[str, tuple[Row, ...]]
    files: Mapping[str, str]
    postcodes: Postcodes
    notes: tuple[tuple[Label, Issue], ...] = ()
    persons: bool = True
    backdrop: Path | None = None
    network: Path | None = None
    travel_times: Path | None = None
    assumptions: Assumptions | None = None
    weights: Weights | None = None
    option_weights: Weights | None = None

    def known_to(self, reader: str) -> Statements:
        """The statements `reader` may know, and nothing that tells of the others; persons are left out of them.

        Rows that name a sensitive kind of place, and statements about them, are for the keeper and for whom ``[release]``
        names under ``sensitive``. What looks like a person is left out for whom it does not name under ``personal``.
        """
        release = self.settings.release
        settings = replace(
            self.settings,
            groups=self.settings.groups if reader == KEEPER else self.settings.groups & {reader},
            release=release
            if reader == KEEPER
            else {key: label & as_seen_by(reader) for key, label in release.items()},
        )
        registers = [register for register in self.registers if may_know(register.entry.audience, reader)]
        tables = {name: [row for row in rows if may_know(row.label, reader)] for name, rows in self.tables.items()}
        if reader != KEEPER and not settings.release.get("sensitive"):
            about, called = _only_sensitive(registers)
            registers = [register.open for register in registers if register.open is not None]
            tables = {
                name: [
                    _without_members(name, row, about)
                    for row in rows
                    if row.sensitive is None and not about & _spoken_of(name, row) and not called & _called(name, row)
                ]
                for name, rows in tables.items()
            }
        told = KEEPER in release.get("personal", ()) if reader == KEEPER else bool(settings.release.get("personal"))
        notes = [note for note in self.notes if may_know(note[0], reader)]
        if reader == KEEPER or not told:
            registers = [register_without_persons(register, kept=told) for register in registers]
            for name, rows in tables.items():
                tables[name], found = _without_persons(name, self.files.get(name, name), rows, kept=told)
                notes += [(FOR_ALL_TO_SEE, issue) for issue in found]
        return replace(
            self,
            settings=settings,
            registers=tuple(registers),
            tables={name: tuple(rows) for name, rows in tables.items()},
            notes=tuple(notes),
            persons=told,
            assumptions=_known_to(self.assumptions, settings, reader),
            weights=_known_to(self.weights, settings, reader),
            option_weights=_known_to(self.option_weights, settings, reader),
        )


def _known_to(part: _Weighed | None, settings: Settings, reader: str) -> _Weighed | None:
    """Assumptions or weights, where the reader may know them."""
    label = parse_label(part.audience, settings.organisations) if part is not None else None
    return part if label is not None and may_know(label, reader) else None


def _weighed(folder: Path, name: str, read: Callable[[Path], _Weighed], settings: Settings) -> _Weighed | None:
    """What a file of assumptions or weights says, where the folder has one and its label can be read."""
    if not (folder / name).exists():
        return None
    part = read(folder / name)
    if parse_label(part.audience, settings.organisations) is None:
        raise EstateError(f"{name}: audience: readers parted by ; are wanted; this is blank or names somebody unknown.")
    return part


def _only_sensitive(registers: list[Register]) -> tuple[set[str], set[str]]:
    """Identifiers and references of assets that nothing but withheld rows carry, and their titles, UPRNs and site references."""

    def names(frame: pd.DataFrame) -> tuple[set[str], set[str]]:
        by_reference = {
            f"{owner}:{reference}"
            for owner, reference in zip(frame["organisation"], frame["reference"], strict=True)
            if reference
        }
        found_by = {_folded(str(name)) for column in FOUND_BY if column in frame for name in frame[column] if name}
        return by_reference | set(frame["asset_id"]), found_by

    withheld: tuple[set[str], set[str]] = set(), set()
    left: tuple[set[str], set[str]] = set(), set()
    for register in registers:
        gone = register.rows["row"].isin(register.sensitive) | (0 in register.sensitive)
        told = [(withheld, names(register.rows[gone]))]
        if register.open is not None:
            told.append((left, names(register.open.rows)))
        for sets, more in told:
            for one, other in zip(sets, more, strict=True):
                one |= other
    return withheld[0] - left[0], withheld[1] - left[1]


def _folded(name: str) -> str:
    return "".join(name.split()).casefold().lstrip("0")


def _called(name: str, row: Row) -> set[str]:
    """What an override may name by title, UPRN or site reference, in every way it may be written."""
    if name != "facts" or clean(row.cells.get("field", "")) not in OVERRIDES:
        return set()
    out: set[str] = set()
    for cell in ("subject", "value"):
        text = clean(row.cells.get(cell, ""))
        bare = re.sub(r"^(title|uprn|site reference)\s+", "", text, flags=re.IGNORECASE)
        out |= {_folded(form) for written in (text, bare) for form in (written, written.partition(":")[2])}
    return out - {""}


def _spoken_of(name: str, row: Row) -> set[str]:
    """What a row of a table may name as an asset."""
    cells = ("subject", "value") if name == "facts" else ("subject", "asset_id")
    listed = row.cells.get("subjects", "").split(";") if name == "plans" else []
    return {clean(said) for said in (*(row.cells.get(cell, "") for cell in cells), *listed)}


def _without_members(name: str, row: Row, withheld: set[str]) -> Row:
    """A row of areas whose members do not name what is withheld; any other row as it is."""
    members = row.cells.get("members", "").split(";") if name == "areas" else []
    left = [member for member in members if clean(member) not in withheld]
    return row if left == members else replace(row, cells={**row.cells, "members": ";".join(left)})


def _without_persons(name: str, file: str, rows: list[Row], *, kept: bool) -> tuple[list[Row], list[Issue]]:
    """Rows of a table without persons, and an issue for each cell changed; `kept` only reports."""
    out, issues = [], []
    id_column = _id_column(name)
    for count, row in enumerate(rows, start=1):
        cells, found = cells_without_persons(name, row.cells)
        ref = (visible(clean(row.cells.get(id_column, ""))) if id_column.endswith("_id") else "") or str(count)
        issues += [personal_issue(file, ref, column, what) for column, what in found]
        out.append(replace(row, cells=cells) if found and not kept else row)
    return out, issues


def read_statements(
    path: Path,
    *,
    organisation: str = "",
    sheet: str = "",
    crs: str = "",
    columns: Mapping[str, str] | None = None,
    postcodes: Path | None = None,
    progress: Progress | None = None,
) -> Statements:
    """Read an estate folder, its estate.toml, or a single register file, into labelled statements.

    `postcodes` is a directory of postcodes for a single register; a folder holds its own.

    Raises
    ------
    EstateError
        Naming every problem found in estate.toml, or the file that cannot be opened.
    """
    try:
        if path.name == "estate.toml":
            path = path.parent
        if path.is_dir():
            if columns:
                raise EstateError(
                    f"{shown_name(path.name)}: columns are said for one register. In a folder estate.toml says them: "
                    '[registers."file.csv"] columns = {"Heading" = "column"}.'
                )
            return _read_folder(path, progress)
        there = path.exists()
    except OSError as error:
        raise EstateError(
            f"{shown_name(error.filename or path)}: cannot be opened ({error.strerror or error}). Check its name and that you may read it."
        ) from error
    if not there:
        raise EstateError(f"{shown_name(path)}: there is no such file or folder.")
    if path.suffix.lower() not in READABLE:
        raise EstateError(
            f"{shown_name(path.name)}: not a format read here. Formats: {', '.join(READABLE)}; or an estate folder."
        )
    if wrong := check_stated(crs, "crs"):
        raise EstateError(wrong)
    organisation = clean(organisation)
    entry = Entry(organisation=organisation, sheet=sheet, crs=crs, columns=tuple((columns or {}).items()))
    directory = NO_POSTCODES if postcodes is None else read_postcodes(postcodes, shown_name(postcodes.name))
    register = read_register(
        path,
        shown_name(path.name),
        entry,
        {organisation: organisation} if organisation else {},
        directory.places if len(directory) else None,
        progress=progress,
    )
    whose = register.open.organisations if register.open is not None else {}
    organisations = {key: Organisation(key, name) for key, name in whose.items()}
    name = (
        next(iter(organisations.values())).name if len(organisations) == 1 else register.title or shown_name(path.stem)
    )
    return Statements(
        Settings(left_out(name).text, organisations=organisations),
        (register,),
        dict.fromkeys(LABELLED_TABLES, ()),
        {},
        directory,
        tuple(_sensitive_notes(register)),
    )


def _sensitive_notes(register: Register) -> list[tuple[Label, Issue]]:
    return [
        (FOR_THE_KEEPER, sensitive_issue(register.file, str(line) if line else "", kind))
        for line, kind in sorted(register.sensitive.items())
    ]


def _refuse_links(paths: Iterable[Path]) -> None:
    """Refuse links in an estate folder: what is passed around with the folder could name any file of whoever reads it."""
    for path in paths:
        if path.is_symlink():
            raise EstateError(
                f"{shown_name(path.name)}: this is a link to another file. Put the file itself into the estate folder."
            )


def _read_folder(folder: Path, progress: Progress | None) -> Statements:
    register_folder = folder / "registers" if (folder / "registers").is_dir() else folder
    _refuse_links([*sorted(folder.iterdir()), *sorted(register_folder.iterdir())])
    settings, entries = read_settings(folder)
    names = {key: organisation.name for key, organisation in settings.organisations.items()}
    postcodes = _find_postcodes(folder)
    place_of = postcodes.places if len(postcodes) else None
    registers = []
    notes: list[tuple[Label, Issue]] = []
    wanted = dict(entries)
    for path in sorted(register_folder.iterdir()):
        if path.name.startswith((".", "~")) or path.is_dir() or (register_folder == folder and _is_ours(path)):
            continue
        if path.suffix.lower() in BESIDE and _belongs(path):
            continue
        if path.suffix.lower() not in READABLE:
            notes.append((FOR_THE_KEEPER, _unknown_file(f"registers/{shown_name(path.name)}")))
            continue
        entry = wanted.pop(path.name, None)
        register = read_register(path, shown_name(path.name), entry or Entry(), names, place_of, progress=progress)
        if entry is None and register.origin:
            entry = _entry_of_origin(register, path, entries, register_folder)
            register = read_register(path, register.file, entry, names, place_of, progress=progress)
        registers.append(register)
    if wanted:
        raise EstateError(
            "estate.toml speaks of registers that are not in the folder",
            [
                f"[registers.{shown_name(name)}]: no such file in registers/. Remove the entry or add the file."
                for name in sorted(wanted)
            ],
        )
    for path in sorted(folder.iterdir()):
        if path.is_dir() or path.name.startswith((".", "~")):
            continue
        if not _is_ours(path) and register_folder != folder:
            notes.append((FOR_THE_KEEPER, _unknown_file(shown_name(path.name))))
    found = {
        key: name
        for register in registers
        if register.entry.audience == FOR_ALL_TO_SEE and register.open is not None
        for key, name in register.open.organisations.items()
    }
    organisations = {**{key: Organisation(key, name) for key, name in found.items()}, **settings.organisations}
    settings = replace(settings, organisations=dict(sorted(organisations.items())))
    tables: dict[str, tuple[Row, ...]] = {}
    files: dict[str, str] = {}
    for name in LABELLED_TABLES:
        tables[name], files[name], table_notes = _read_table(folder, name, settings)
        notes += table_notes
    notes += [note for register in registers for note in _sensitive_notes(register)]
    return Statements(
        settings,
        tuple(registers),
        tables,
        files,
        postcodes,
        tuple(notes),
        backdrop=_only(folder, "backdrop", _BACKDROPS),
        network=_only(folder, "network", _NETWORKS),
        travel_times=_only(folder, "travel_times", _TRAVEL_TIMES),
        assumptions=_weighed(folder, "assumptions.toml", read_assumptions, settings),
        weights=_weighed(folder, "weights.toml", read_weights, settings),
        option_weights=_weighed(folder, "option_weights.toml", read_weights, settings),
    )


def _entry_of_origin(register: Register, path: Path, entries: Mapping[str, Entry], folder: Path) -> Entry:
    """What holds for rows set aside that estate.toml does not name: what holds for the register they come from."""
    origin = register.origin
    if not any(shown_name(other.name) == origin for other in folder.iterdir() if other != path):
        raise EstateError(
            f"{register.file}: its rows were set aside from {visible(origin)}, which is not beside it, so their readers are not known. Put "
            f'the two together, or give the file an entry of its own in estate.toml: [registers."{register.file}"].'
        )
    return next((entry for name, entry in entries.items() if shown_name(name) == origin), Entry())


def _belongs(path: Path) -> bool:
    """Whether a file is part of one beside it that stands in several files, such as a Shapefile."""
    return any(
        other.suffix.lower() in SIDECARS and (other.stem == path.stem or path.name.startswith(f"{other.name}."))
        for other in path.parent.iterdir()
    )


def _is_ours(path: Path) -> bool:
    return path.name in _OURS or path.name in _READ_LATER


def _only(folder: Path, what: str, names: Iterable[str]) -> Path | None:
    """The one file of a folder that gives something which is read only when it is wanted, for the reader it is wanted for."""
    found = [folder / name for name in names if (folder / name).is_file()]
    if len(found) > 1:
        raise EstateError(f"{what}: two files give it ({', '.join(path.name for path in found)}). Keep one.")
    return found[0] if found else None


def _unknown_file(name: str) -> Issue:
    return Issue(
        name,
        "",
        "",
        "unknown-file",
        "",
        "a file of this name has no place in an estate folder",
        "Not read. Remove or rename it.",
    )


# ------------------------------------------------------------------------------------------------------- tables


def _read_table(folder: Path, name: str, settings: Settings) -> tuple[tuple[Row, ...], str, list[tuple[Label, Issue]]]:
    """The rows of one table of ours, the name of its file, and notes for the keeper."""
    suffixes = (".geojson", ".gpkg", ".json") if name in LAYER_TABLES else (".csv",)
    found = [folder / f"{name}{suffix}" for suffix in suffixes if (folder / f"{name}{suffix}").exists()]
    if not found:
        return (), f"{name}{suffixes[0]}", []
    if len(found) > 1:
        raise EstateError(f"{name}: two files give this table ({', '.join(path.name for path in found)}). Keep one.")
    path = found[0]
    try:
        raw = _csv_rows(path, name) if path.suffix == ".csv" else _layer_rows(path, name)
    except OSError as error:
        raise EstateError(f"{path.name}: cannot be opened ({error.strerror or error}).") from error
    _refuse_misspelt_label(path.name, {key for cells, *_ in raw for key in cells})
    labelled = any(AUDIENCE in cells for cells, *_ in raw)
    rows, notes = [], []
    unread = "the row's audience is blank or names somebody who is not a reader here"
    for count, (cells, shape, fault, mended) in enumerate(raw, start=1):
        kind = None if labelled else _sensitive_kind(name, cells)
        if kind is not None:
            ref = (visible(clean(cells.get(_id_column(name), ""))) if _id_column(name).endswith("_id") else "") or str(
                count
            )
            notes.append((FOR_THE_KEEPER, sensitive_issue(path.name, ref, kind)))
        label = parse_label(cells.get(AUDIENCE, ""), settings.organisations) if labelled else FOR_ALL_TO_SEE
        if label is None or (fault is not None and fault.misplaced):
            rows.append(Row(cells, FOR_THE_KEEPER, shape, fault.message if fault else unread))
            continue
        rows.append(Row(cells, label, shape, fault.message if fault else "", kind, mended))
        undeclared = sorted(entry for entry in label if "." in entry and entry not in settings.groups)
        if undeclared:
            notes.append(
                (
                    FOR_THE_KEEPER,
                    Issue(
                        path.name,
                        visible(clean(cells.get(_id_column(name), ""))),
                        AUDIENCE,
                        "undeclared-group",
                        "; ".join(undeclared),
                        "the row is for a group that estate.toml does not declare under readers",
                        "Nobody can ask as that group. Declare it, or correct the spelling.",
                    ),
                )
            )
    return tuple(rows), path.name, notes


def _sensitive_kind(name: str, cells: Mapping[str, str]) -> SensitiveType | None:
    """The sensitive kind of place that a text cell of a row names; where it comes from does not count."""
    texts = [
        column.name for column in table(name).values() if column.kind in {"text", "list"} and column.name != "source"
    ]
    return next((kind for text in texts if (kind := sensitive_type(cells.get(text, ""))) is not None), None)


def _refuse_misspelt_label(file: str, keys: set[str]) -> None:
    """Refuse a heading that is all but ``audience``: its rows would count as public."""
    for key in sorted(keys - {AUDIENCE}):
        if fuzz.ratio(words(visible(key).split("[")[0]), AUDIENCE) >= 80:
            raise EstateError(
                f"{file}: the heading {visible(key)!r} is not quite {AUDIENCE!r}, and without that column every row would be "
                f"public. Write {AUDIENCE}, in small letters and without spaces, or name the column otherwise."
            )


def _id_column(name: str) -> str:
    return next(iter(table(name)))


def _csv_rows(path: Path, name: str) -> list[tuple[dict[str, str], Any, Fault | None, str]]:
    header, records = read_strict_csv(path, path.name)
    missing = [column.name for column in table(name).values() if column.required and column.name not in header]
    if missing:
        raise EstateError(f"{path.name}: the heading lacks {', '.join(missing)}. Columns: {', '.join(table(name))}.")
    return [(dict(zip(header, record, strict=False)), None, fault, "") for record, fault in records]


def _layer_rows(path: Path, name: str) -> list[tuple[dict[str, str], Any, Fault | None, str]]:
    properties, shapes, crs = read_layer(path, path.name)
    strange = np.zeros(len(shapes), dtype=bool)
    if crs == grid.WGS84:
        strange = _no_degrees(shapes)
        shapes = shapes.copy()
        shapes[strange] = None
        shapes = grid.geometries_to_grid(shapes)
    elif crs and crs != grid.BRITISH_GRID:
        way = way_to_grid(crs)
        if way is None:
            raise EstateError(
                f"{path.name}: from the CRS {visible(crs)[:60]} no exact way leads to the National Grid here. Save the layer in EPSG:27700."
            )
        shapes = shapely.transform(shapely.force_2d(shapes), lambda xy: np.column_stack(way(xy[:, 0], xy[:, 1])))
    faults = []
    mended_by = [""] * len(shapes)
    for i, shape in enumerate(shapes):
        fault = ""
        if strange[i]:
            fault = "the file says degrees, and the shape's coordinates are none; state the CRS in the file"
        elif shape is None:
            fault = "" if name in {"constraints", "areas"} else "the feature has no shape"
        elif name in {"land", "areas"} and shape.geom_type not in {"Polygon", "MultiPolygon"}:
            fault = "a parcel or an area is a polygon; this is not"
        elif shape.is_empty or not np.isfinite(shape.bounds).all():
            fault = "the shape holds no usable coordinate"
        elif not shape.is_valid:
            mended = _mended(shape)
            if mended.area > 0 and abs(mended.area - shape.area) <= 0.01 * mended.area:
                mended_by[i] = shapely.is_valid_reason(shape).split("[")[0]  # without the coordinate
                shapes[i] = mended
            else:
                fault = "the shape crosses itself"
        faults.append(Fault(fault) if fault else None)
    return list(zip(properties, shapes, faults, mended_by, strict=True))


def _mended(shape: Any) -> Any:
    """A shape that crosses or touches itself, made valid: of land only its areas, without the lines that are left over."""
    mended = shapely.make_valid(shape)
    if mended.geom_type != "GeometryCollection":
        return mended
    areas = [part for part in shapely.get_parts(mended) if part.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.union_all(areas) if areas else mended


def _no_degrees(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which shapes hold a coordinate that is no longitude or latitude the National Grid can be worked out from."""
    places, of = shapely.get_coordinates(shapes, return_index=True)
    out = np.zeros(len(shapes), dtype=bool)
    out[of[~((np.abs(places[:, 0]) < 80) & (np.abs(places[:, 1]) < 89))]] = True
    return out


def _find_postcodes(folder: Path) -> Postcodes:
    found = [folder / name for name in _DIRECTORIES if (folder / name).exists()]
    if len(found) > 1:
        raise EstateError(
            f"postcodes: two files give the directory ({', '.join(path.name for path in found)}). Keep one."
        )
    return read_postcodes(found[0], found[0].name) if found else NO_POSTCODES

"""An estate folder as labelled statements: what is said, and which readers may know that it is said.

Nothing here is derived across statements. Filtering comes next (`Statements.known_to`), and only then is anything matched,
counted or drawn (`assetplan.estate`): so an estate for a reader equals one read from a folder that never held the rest.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from rapidfuzz import fuzz, process

from assetplan import grid
from assetplan.cells import CellError, parse
from assetplan.errors import EstateError
from assetplan.files import READABLE, Fault, read_cells, read_layer, read_strict_csv
from assetplan.issues import Issue
from assetplan.registers import Entry, Register, read_register
from assetplan.schema import AUDIENCE, COMMITMENTS, LABELLED_TABLES, REGISTER_KINDS, SECTORS, table
from assetplan.text import clean, visible, words
from assetplan.vectors import VECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PUBLIC = "public"
KEEPER = "all"
Label = frozenset[str]
FOR_ALL_TO_SEE: Label = frozenset({PUBLIC})
FOR_THE_KEEPER: Label = frozenset({KEEPER})
ANALYSES = ("assemblies", "options", "appraisals")

_IDENTIFIER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_READER = re.compile(rf"{_IDENTIFIER.pattern}(?:\.{_IDENTIFIER.pattern})?")
_KEYS = {
    "": (
        "name",
        "title",
        "banner",
        "as_of",
        "law_as_of",
        "price_base",
        "readers",
        "release",
        "organisations",
        "registers",
    ),
    "organisations": ("name", "sector", "commitment", "body", "from", "to", "successor"),
    "registers": ("organisation", "kind", "audience", "illustrative", "source", "as_of", "sheet", "crs"),
    "release": ANALYSES,
}
_OURS = {"estate.toml", "postcodes.csv", "README.md", *(f"{name}.csv" for name in ("facts", "interests"))} | {
    f"{name}{suffix}"
    for name in ("land", "constraints", "places", "roads")
    for suffix in (".geojson", ".gpkg", ".json")
}
_BACKDROPS = tuple(f"backdrop{suffix}" for suffix in (*VECTORS, ".shp.zip"))
_BESIDE_BACKDROP = {f"backdrop{suffix}" for suffix in (".shx", ".dbf", ".prj", ".cpg")}
_NOT_READ_YET = {"services.csv", "plans.csv", "demand.csv", "areas.geojson", "weights.toml", "assumptions.toml"}


@dataclass(frozen=True)
class Organisation:
    """A public body: identifier, name, sector, commitment, the years it exists, and who follows it."""

    id: str
    name: str
    sector: str = "other"
    commitment: str = "none"
    body: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    successor: str = ""


@dataclass(frozen=True)
class Settings:
    """What estate.toml says of the whole estate."""

    name: str
    title: str = ""
    banner: str = ""
    as_of: dt.date | None = None
    law_as_of: dt.date | None = None
    price_base: str = ""
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    release: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a table of ours: the cells it names, its shape in EPSG:27700, its label, and a fault if it has one."""

    cells: Mapping[str, str]
    label: Label
    shape: Any = None
    fault: str = ""


@dataclass(frozen=True, eq=False)
class Statements:
    """Everything said in an estate folder, each thing under its label."""

    settings: Settings
    registers: tuple[Register, ...]
    tables: Mapping[str, tuple[Row, ...]]
    files: Mapping[str, str]
    postcodes: Mapping[str, tuple[float, float]]
    notes: tuple[tuple[Label, Issue], ...] = ()
    backdrop: Path | None = None

    def known_to(self, reader: str) -> Statements:
        """The statements `reader` may know, and nothing that tells of the others."""
        settings = replace(
            self.settings,
            groups=self.settings.groups if reader == KEEPER else self.settings.groups & {reader},
            release={
                key: label if reader == KEEPER else label & as_seen_by(reader)
                for key, label in self.settings.release.items()
            },
        )
        return Statements(
            settings,
            tuple(register for register in self.registers if may_know(register.entry.audience, reader)),
            {name: tuple(row for row in rows if may_know(row.label, reader)) for name, rows in self.tables.items()},
            self.files,
            self.postcodes,
            tuple(note for note in self.notes if may_know(note[0], reader)),
            self.backdrop,
        )


def as_seen_by(reader: str) -> Label:
    """The label entries that let `reader` in: itself, the organisation it is a group of, and the public.

    Examples
    --------
    >>> sorted(as_seen_by("nycc.adult-services"))
    ['nycc', 'nycc.adult-services', 'public']
    """
    return frozenset({reader, reader.split(".", maxsplit=1)[0], PUBLIC})


def may_know(label: Label, reader: str) -> bool:
    """Whether a reader may know a statement under a label; the keeper (`all`) may know everything."""
    return reader == KEEPER or (KEEPER not in label and bool(label & as_seen_by(reader)))


def parse_label(text: str, organisations: Iterable[str]) -> Label | None:
    """The label a cell gives, or None where it is blank or names somebody who cannot be a reader here.

    A group may be named that estate.toml does not declare: nobody can then ask as that group, so nothing is shown to it.
    """
    entries = frozenset(part for part in (clean(part) for part in text.split(";")) if part)
    known = {PUBLIC, KEEPER, *organisations}
    if not entries or any(not _READER.fullmatch(entry) or entry.split(".")[0] not in known for entry in entries):
        return None
    return entries


def read_statements(path: Path, *, organisation: str = "", sheet: str = "", crs: str = "") -> Statements:
    """Read an estate folder, its estate.toml, or a single register file, into labelled statements.

    Raises
    ------
    EstateError
        Naming every problem found in estate.toml, or the file that cannot be opened.
    """
    if path.name == "estate.toml":
        path = path.parent
    if path.is_dir():
        return _read_folder(path)
    if not path.exists():
        raise EstateError(f"{visible(str(path))}: there is no such file or folder.")
    if path.suffix.lower() not in READABLE:
        raise EstateError(
            f"{visible(path.name)}: not a format read here. Formats: {', '.join(READABLE)}; or an estate folder."
        )
    entry = Entry(organisation=organisation, sheet=sheet, crs=crs)
    register = read_register(path, visible(path.name), entry, {organisation: organisation} if organisation else {})
    organisations = {key: Organisation(key, name) for key, name in register.organisations.items()}
    name = next(iter(organisations.values())).name if len(organisations) == 1 else register.title or visible(path.stem)
    return Statements(
        Settings(name, organisations=organisations), (register,), dict.fromkeys(LABELLED_TABLES, ()), {}, {}
    )


def _read_folder(folder: Path) -> Statements:
    settings, entries = _read_settings(folder)
    names = {key: organisation.name for key, organisation in settings.organisations.items()}
    registers = []
    notes: list[tuple[Label, Issue]] = []
    register_folder = folder / "registers" if (folder / "registers").is_dir() else folder
    wanted = dict(entries)
    for path in sorted(register_folder.iterdir()):
        if path.name.startswith((".", "~")) or path.is_dir() or (register_folder == folder and _is_ours(path)):
            continue
        if path.suffix.lower() not in READABLE:
            notes.append((FOR_THE_KEEPER, _unknown_file(f"registers/{visible(path.name)}")))
            continue
        entry = wanted.pop(path.name, Entry())
        registers.append(read_register(path, visible(path.name), entry, names))
    if wanted:
        raise EstateError(
            "estate.toml speaks of registers that are not in the folder",
            [
                f"[registers.{visible(name)}]: no such file in registers/. Remove the entry or add the file."
                for name in sorted(wanted)
            ],
        )
    for path in sorted(folder.iterdir()):
        if path.is_dir() or path.name.startswith((".", "~")):
            continue
        if path.name in _NOT_READ_YET:
            notes.append(
                (
                    FOR_THE_KEEPER,
                    Issue(
                        visible(path.name),
                        "",
                        "",
                        "not-read-yet",
                        "",
                        "this version does not read such files",
                        "Nothing to do.",
                    ),
                )
            )
        elif not _is_ours(path) and register_folder != folder:
            notes.append((FOR_THE_KEEPER, _unknown_file(visible(path.name))))
    found = {
        key: name
        for register in registers
        if register.entry.audience == FOR_ALL_TO_SEE
        for key, name in register.organisations.items()
    }
    organisations = {**{key: Organisation(key, name) for key, name in found.items()}, **settings.organisations}
    settings = replace(settings, organisations=dict(sorted(organisations.items())))
    tables: dict[str, tuple[Row, ...]] = {}
    files: dict[str, str] = {}
    for name in LABELLED_TABLES:
        tables[name], files[name], table_notes = _read_table(folder, name, settings)
        notes += table_notes
    return Statements(
        settings, tuple(registers), tables, files, _read_postcodes(folder), tuple(notes), _find_backdrop(folder)
    )


def _is_ours(path: Path) -> bool:
    return path.name in _OURS or path.name in _NOT_READ_YET or path.name in _BACKDROPS or path.name in _BESIDE_BACKDROP


def _find_backdrop(folder: Path) -> Path | None:
    """The folder's backdrop, which is read when a map is drawn, for the reader of that map (`assetplan.backdrop`)."""
    found = [folder / name for name in _BACKDROPS if (folder / name).is_file()]
    if len(found) > 1:
        raise EstateError(f"backdrop: two files give it ({', '.join(path.name for path in found)}). Keep one.")
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


# ------------------------------------------------------------------------------------------------------- estate.toml


def _read_settings(folder: Path) -> tuple[Settings, dict[str, Entry]]:
    path = folder / "estate.toml"
    if not path.exists():
        return Settings(visible(folder.resolve().name)), {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EstateError(f"estate.toml is not TOML: {error}") from error
    problems: list[str] = []
    _check_keys(document, "", problems)
    organisations = _read_organisations(document.get("organisations", {}), problems)
    entries = _read_entries(document.get("registers", {}), organisations, problems)
    groups = document.get("readers", [])
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        problems.append('readers: a list of groups is wanted, like readers = ["council.legal"].')
        groups = []
    for group in groups:
        if not _READER.fullmatch(group) or "." not in group or group.split(".")[0] not in organisations:
            problems.append(
                f"readers: {visible(group)!r} is not a group of an organisation here. Write it as organisation.group."
            )
    release: dict[str, Label] = {}
    raw = document.get("release", {})
    _check_keys(raw, "release", problems)
    for key, readers in (raw if isinstance(raw, dict) else {}).items():
        known = {PUBLIC, KEEPER, *organisations, *groups}
        if not isinstance(readers, list) or not set(map(str, readers)) <= known:
            problems.append(f"release.{visible(str(key))}: a list of readers declared in this file is wanted.")
        else:
            release[key] = frozenset(map(str, readers))
    name, title, banner, price_base = (
        _string(document, key, problems) for key in ("name", "title", "banner", "price_base")
    )
    as_of, law_as_of = (_day(document, key, problems) for key in ("as_of", "law_as_of"))
    if not name:
        problems.append('name: the estate has no name. Add name = "...".')
    if problems:
        raise EstateError("estate.toml cannot be used", problems)
    return Settings(
        name, title, banner, as_of, law_as_of, price_base, organisations, frozenset(groups), release
    ), entries


def _check_keys(part: object, where: str, problems: list[str]) -> None:
    label = f"[{where}]" if where else "estate.toml"
    if not isinstance(part, dict):
        problems.append(f"{label}: a table is wanted here.")
        return
    known = _KEYS[where.split(".", maxsplit=1)[0]]
    for key in part:
        if key not in known:
            guess = process.extractOne(key, known, score_cutoff=60)
            problems.append(
                f"{label}: unknown key {visible(key)!r}."
                + (f" Did you mean {guess[0]!r}?" if guess else f" Known: {', '.join(known)}.")
            )


def _string(part: Mapping[str, Any], key: str, problems: list[str], where: str = "") -> str:
    value = part.get(key, "")
    if not isinstance(value, str):
        problems.append(f"{where}{key}: text in quotation marks is wanted, not {visible(str(value))!r}.")
        return ""
    return clean(value)


def _day(part: Mapping[str, Any], key: str, problems: list[str], where: str = "") -> dt.date | None:
    value = part.get(key)
    if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    problems.append(
        f"{where}{key}: a date without quotation marks is wanted, like 2010-06-24, not {visible(str(value))!r}."
    )
    return None


def _one_of(value: str, options: tuple[str, ...], where: str, problems: list[str]) -> str:
    if value and value not in options:
        guess = process.extractOne(value, options, score_cutoff=60)
        problems.append(
            f"{where}: {visible(value)!r} is none of {', '.join(options)}."
            + (f" Did you mean {guess[0]!r}?" if guess else "")
        )
    return value


def _read_organisations(part: object, problems: list[str]) -> dict[str, Organisation]:
    out: dict[str, Organisation] = {}
    if not isinstance(part, dict):
        problems.append("[organisations]: a table for each organisation is wanted, like [organisations.council].")
        return out
    for key, value in part.items():
        where = f"organisations.{visible(key)}"
        _check_keys(value, where, problems)
        if not isinstance(value, dict):
            continue
        if not _IDENTIFIER.fullmatch(key) or key in {PUBLIC, KEEPER, "unknown"}:
            problems.append(
                f"[{where}]: an identifier has small letters, digits and hyphens, and is not public, all or unknown."
            )
        text = {
            name: _string(value, name, problems, f"{where}.")
            for name in ("name", "sector", "commitment", "body", "successor")
        }
        out[key] = Organisation(
            key,
            text["name"] or key,
            _one_of(text["sector"], SECTORS, f"{where}.sector", problems) or "other",
            _one_of(text["commitment"], COMMITMENTS, f"{where}.commitment", problems) or "none",
            text["body"],
            _day(value, "from", problems, f"{where}."),
            _day(value, "to", problems, f"{where}."),
            text["successor"],
        )
    return out


def _read_entries(part: object, organisations: Mapping[str, Organisation], problems: list[str]) -> dict[str, Entry]:
    out: dict[str, Entry] = {}
    if not isinstance(part, dict):
        problems.append('[registers]: a table for each file is wanted, like [registers."council.csv"].')
        return out
    for key, value in part.items():
        where = f"registers.{visible(key)}"
        _check_keys(value, where, problems)
        if not isinstance(value, dict):
            continue
        text = {
            name: _string(value, name, problems, f"{where}.")
            for name in ("organisation", "kind", "audience", "source", "sheet", "crs")
        }
        if text["organisation"] and text["organisation"] not in organisations:
            guess = process.extractOne(text["organisation"], list(organisations), score_cutoff=60)
            problems.append(
                f"{where}.organisation: {visible(text['organisation'])!r} is not declared under [organisations]."
                + (f" Did you mean {guess[0]!r}?" if guess else "")
            )
        _one_of(text["kind"], REGISTER_KINDS, f"{where}.kind", problems)
        label: Label | None = FOR_ALL_TO_SEE
        if "audience" in value:
            label = parse_label(text["audience"], organisations)
            if label is None:
                problems.append(
                    f"{where}.audience: readers parted by ; are wanted; this is blank or names somebody unknown."
                )
        illustrative = value.get("illustrative", False)
        if not isinstance(illustrative, bool):
            problems.append(f"{where}.illustrative: true or false is wanted.")
        if text["crs"].upper() not in {"", grid.BRITISH_GRID, grid.WGS84}:
            problems.append(f"{where}.crs: EPSG:27700 or EPSG:4326 is wanted, not {visible(text['crs'])!r}.")
        out[key] = Entry(
            text["organisation"],
            text["kind"],
            label or FOR_THE_KEEPER,
            bool(illustrative),
            text["source"],
            _day(value, "as_of", problems, f"{where}."),
            text["sheet"],
            text["crs"],
        )
    return out


# ------------------------------------------------------------------------------------------------------- tables


def _read_table(folder: Path, name: str, settings: Settings) -> tuple[tuple[Row, ...], str, list[tuple[Label, Issue]]]:
    """The rows of one table of ours, the name of its file, and notes for the keeper."""
    suffixes = (".csv",) if name in {"facts", "interests"} else (".geojson", ".gpkg", ".json")
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
    _refuse_misspelt_label(path.name, {key for cells, _, _ in raw for key in cells})
    labelled = any(AUDIENCE in cells for cells, _, _ in raw)
    rows, notes = [], []
    unread = "the row's audience is blank or names somebody who is not a reader here"
    for cells, shape, fault in raw:
        label = parse_label(cells.get(AUDIENCE, ""), settings.organisations) if labelled else FOR_ALL_TO_SEE
        if label is None or (fault is not None and fault.misplaced):
            rows.append(Row(cells, FOR_THE_KEEPER, shape, fault.message if fault else unread))
            continue
        rows.append(Row(cells, label, shape, fault.message if fault else ""))
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


def _csv_rows(path: Path, name: str) -> list[tuple[dict[str, str], Any, Fault | None]]:
    header, records = read_strict_csv(path, path.name)
    missing = [column.name for column in table(name).values() if column.required and column.name not in header]
    if missing:
        raise EstateError(f"{path.name}: the heading lacks {', '.join(missing)}. Columns: {', '.join(table(name))}.")
    return [(dict(zip(header, record, strict=False)), None, fault) for record, fault in records]


def _layer_rows(path: Path, name: str) -> list[tuple[dict[str, str], Any, Fault | None]]:
    properties, shapes, crs = read_layer(path, path.name)
    if crs == grid.WGS84:
        shapes = grid.geometries_to_grid(shapes)
    faults = []
    for i, shape in enumerate(shapes):
        fault = ""
        if shape is None:
            fault = "" if name == "constraints" else "the feature has no shape"
        elif name == "land" and shape.geom_type not in {"Polygon", "MultiPolygon"}:
            fault = "a parcel is an area; this is not"
        elif shape.is_empty or not np.isfinite(shape.bounds).all():
            fault = "the shape holds no usable coordinate"
        elif not shape.is_valid:
            mended = shapely.make_valid(shape)
            fault = (
                ""
                if mended.area > 0 and abs(mended.area - shape.area) <= 0.01 * mended.area
                else "the shape crosses itself"
            )
            shapes[i] = mended if not fault else shape
        faults.append(Fault(fault) if fault else None)
    return list(zip(properties, shapes, faults, strict=True))


def _read_postcodes(folder: Path) -> dict[str, tuple[float, float]]:
    """Centroids in EPSG:27700 of the postcodes of postcodes.csv; rows that hold none are passed over, as directories have them."""
    path = folder / "postcodes.csv"
    if not path.exists():
        return {}
    cells = read_cells(path, path.name)
    header = [words(heading) for heading in cells.rows[0]]
    at = {}
    for column in table("postcodes").values():
        position = next((header.index(heading) for heading in column.headings if heading in header), None)
        if position is not None:
            at[column.name] = position
    if not {"postcode", "easting", "northing"} <= set(at):
        raise EstateError(
            f"{path.name}: columns for postcode, easting and northing (or latitude and longitude) are wanted."
        )
    columns = table("postcodes")
    codes, x, y = [], [], []
    for row in cells.rows[1:]:
        try:
            code = parse(columns["postcode"], row[at["postcode"]])
            easting, northing = (parse(columns[name], row[at[name]]) for name in ("easting", "northing"))
        except (CellError, IndexError):
            continue
        if (
            isinstance(code, str)
            and isinstance(easting, float)
            and isinstance(northing, float)
            and (easting or northing)
        ):
            codes.append(code)
            x.append(easting)
            y.append(northing)
    if codes and max(map(abs, (*x, *y))) <= 180:
        east, north = grid.to_grid(x, y)
        x, y = east.tolist(), north.tolist()
    return {
        code: (east, north)
        for code, east, north in zip(codes, x, y, strict=True)
        if 0 < east < 700_000 and 0 < north < 1_300_000
    }

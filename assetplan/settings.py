"""What estate.toml says: the estate's name and dates, who its readers are, what is released to whom, whose each register is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from assetplan.columns.mapping import READABLE_COLUMNS
from assetplan.declared import check_keys, day_of, guessed, one_of, read_toml, text_of
from assetplan.errors import EstateError
from assetplan.licences import Licence
from assetplan.places.readings import check_stated
from assetplan.registers import Entry
from assetplan.schema import LAYER_TABLES
from assetplan.text import clean, shown_name, visible
from assetplan.vocabulary import COMMITMENTS, REGISTER_KINDS, SECTORS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

PUBLIC = "public"
KEEPER = "all"
Label = frozenset[str]
FOR_ALL_TO_SEE: Label = frozenset({PUBLIC})
FOR_THE_KEEPER: Label = frozenset({KEEPER})
ANALYSES = ("assemblies", "benchmarks", "options", "appraisals")
WITHHELD = ("personal", "sensitive")

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
        "licences",
        "layers",
    ),
    "organisations": ("name", "sector", "commitment", "body", "from", "to", "successor"),
    "registers": (
        "organisation",
        "kind",
        "audience",
        "illustrative",
        "source",
        "as_of",
        "sheet",
        "crs",
        "show",
        "geometry_licence",
        "columns",
    ),
    "release": (*ANALYSES, *WITHHELD),
    "licences": ("attribution", "publish"),
    "layers": LAYER_TABLES,
    "layer": ("geometry_licence",),
}


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
    licences: Mapping[str, Licence] = field(default_factory=dict)
    layers: Mapping[str, str] = field(default_factory=dict)


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


def known_rows(labels: Sequence[str], reader: str, organisations: Iterable[str]) -> NDArray[np.intp]:
    """Which rows of a file a reader may know, by their labels as they stand: a blank or unreadable one is for the keeper only.

    Examples
    --------
    >>> known_rows(["public", "", "rdc"], "public", ["rdc"]).tolist()
    [0]
    """
    readers = tuple(organisations)
    found = {text: parse_label(text, readers) or FOR_THE_KEEPER for text in set(labels)}
    return np.flatnonzero([may_know(found[text], reader) for text in labels])


def read_settings(folder: Path) -> tuple[Settings, dict[str, Entry]]:
    """What estate.toml says of the estate and of each register; a folder without one is named by itself.

    Raises
    ------
    EstateError
        Naming every problem found.
    """
    path = folder / "estate.toml"
    if not path.exists():
        return Settings(shown_name(folder.resolve().name)), {}
    document = read_toml(path)
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
                f"readers: {shown_name(group)!r} is not a group of an organisation here. Write it as organisation.group."
            )
    release: dict[str, Label] = {}
    raw = document.get("release", {})
    _check_keys(raw, "release", problems)
    for key, readers in (raw if isinstance(raw, dict) else {}).items():
        known = {PUBLIC, KEEPER, *organisations, *groups}
        if not isinstance(readers, list) or not set(map(str, readers)) <= known:
            problems.append(f"release.{shown_name(key)}: a list of readers declared in this file is wanted.")
        else:
            release[key] = frozenset(map(str, readers))
    licences = _read_licences(document.get("licences", {}), problems)
    layers = _read_layers(document.get("layers", {}), problems)
    name, title, banner, price_base = (
        text_of(document, key, problems) for key in ("name", "title", "banner", "price_base")
    )
    as_of, law_as_of = (day_of(document, key, problems) for key in ("as_of", "law_as_of"))
    if not name:
        problems.append('name: the estate has no name. Add name = "...".')
    if problems:
        raise EstateError("estate.toml cannot be used", problems)
    return Settings(
        name, title, banner, as_of, law_as_of, price_base, organisations, frozenset(groups), release, licences, layers
    ), entries


def _check_keys(part: object, where: str, problems: list[str], known: tuple[str, ...] = ()) -> None:
    label = f"[{where}]" if where else "estate.toml"
    check_keys(part, label, known or _KEYS[where.split(".", maxsplit=1)[0]], problems)


def _read_organisations(part: object, problems: list[str]) -> dict[str, Organisation]:
    out: dict[str, Organisation] = {}
    if not isinstance(part, dict):
        problems.append("[organisations]: a table for each organisation is wanted, like [organisations.council].")
        return out
    for key, value in part.items():
        where = f"organisations.{shown_name(key)}"
        _check_keys(value, where, problems)
        if not isinstance(value, dict):
            continue
        if not _IDENTIFIER.fullmatch(key) or key in {PUBLIC, KEEPER, "unknown"}:
            problems.append(
                f"[{where}]: an identifier has small letters, digits and hyphens, and is not public, all or unknown."
            )
        text = {
            name: text_of(value, name, problems, f"{where}.")
            for name in ("name", "sector", "commitment", "body", "successor")
        }
        out[key] = Organisation(
            key,
            text["name"] or key,
            one_of(text["sector"], SECTORS, f"{where}.sector", problems) or "other",
            one_of(text["commitment"], COMMITMENTS, f"{where}.commitment", problems) or "none",
            text["body"],
            day_of(value, "from", problems, f"{where}."),
            day_of(value, "to", problems, f"{where}."),
            text["successor"],
        )
    return out


def _read_entries(part: object, organisations: Mapping[str, Organisation], problems: list[str]) -> dict[str, Entry]:
    out: dict[str, Entry] = {}
    if not isinstance(part, dict):
        problems.append('[registers]: a table for each file is wanted, like [registers."council.csv"].')
        return out
    for key, value in part.items():
        where = f"registers.{shown_name(key)}"
        _check_keys(value, where, problems)
        if not isinstance(value, dict):
            continue
        text = {
            name: text_of(value, name, problems, f"{where}.")
            for name in ("organisation", "kind", "audience", "source", "sheet", "crs", "geometry_licence")
        }
        if text["organisation"] and text["organisation"] not in organisations:
            problems.append(
                f"{where}.organisation: {visible(text['organisation'])!r} is not declared under [organisations]."
                + guessed(text["organisation"], organisations)
            )
        one_of(text["kind"], REGISTER_KINDS, f"{where}.kind", problems)
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
        show = value.get("show", [])
        if not isinstance(show, list) or not all(isinstance(head, str) and clean(head) for head in show):
            problems.append(f'{where}.show: a list of headings of the register is wanted, like show = ["Ward"].')
            show = []
        columns = value.get("columns", {})
        if not isinstance(columns, dict) or not all(isinstance(name, str) for name in columns.values()):
            problems.append(
                f'{where}.columns: headings with the column each is read as are wanted, like columns = {{"Prem Nm" = "name"}}; '
                '"" leaves one unread.'
            )
            columns = {}
        for head, name in columns.items():
            if name:
                one_of(name, READABLE_COLUMNS, f'{where}.columns."{visible(head)}"', problems)
        if wrong := check_stated(text["crs"], f"{where}.crs"):
            problems.append(wrong)
        out[key] = Entry(
            text["organisation"],
            text["kind"],
            label or FOR_THE_KEEPER,
            bool(illustrative),
            text["source"],
            day_of(value, "as_of", problems, f"{where}."),
            text["sheet"],
            text["crs"],
            tuple(show),
            text["geometry_licence"],
            tuple(columns.items()),
        )
    return out


def _read_licences(part: object, problems: list[str]) -> dict[str, Licence]:
    out: dict[str, Licence] = {}
    if not isinstance(part, dict):
        problems.append('[licences]: a table for each licence is wanted, like [licences."County survey"].')
        return out
    for key, value in part.items():
        where = f"licences.{shown_name(key)}"
        _check_keys(value, where, problems)
        if not isinstance(value, dict):
            continue
        publish = value.get("publish")
        if not isinstance(publish, bool):
            problems.append(f"{where}.publish: true or false is wanted: may outlines under it be published?")
        attribution = text_of(value, "attribution", problems, f"{where}.").replace("{", "(").replace("}", ")")
        out[clean(key)] = Licence(clean(key), attribution, publish=publish is True)
    return out


def _read_layers(part: object, problems: list[str]) -> dict[str, str]:
    _check_keys(part, "layers", problems)
    out: dict[str, str] = {}
    for key, value in (part if isinstance(part, dict) else {}).items():
        where = f"layers.{shown_name(key)}"
        _check_keys(value, where, problems, known=_KEYS["layer"])
        if key in LAYER_TABLES and isinstance(value, dict):
            out[key] = text_of(value, "geometry_licence", problems, f"{where}.")
    return out

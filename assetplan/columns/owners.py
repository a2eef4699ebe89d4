"""Whose the rows of a register are: by what estate.toml says, by a column, or by a body named in its title or file name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assetplan.cells import MISSING
from assetplan.columns.kinds import names_the_area
from assetplan.personal import NAME, left_out
from assetplan.text import clean, slug, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assetplan.registers import Entry

_BODY = re.compile(
    r"\b((?:[A-Z][\w'’.&-]*\s+(?:and\s+|of\s+|upon\s+|the\s+|&\s+)?)+"
    r"(?:Council|Borough|Fire (?:and|&) Rescue(?: Service| Authority)?|Police|Constabulary|NHS (?:Foundation )?Trust|Combined Authority))\b"
)
_GSS = re.compile(r"\b([EWSN]\d{8})\b")


# Words that say what a list is, before those that say whose.
_LIST_WORDS = re.compile(
    r"^((the|a|an|of|and|for|&|by|list|register|schedule|open|data|public|local|authority|transparency|code|land|buildings?|assets?|"
    r"property|properties|estates?)\s+)+(?=\S+\s)",
    re.IGNORECASE,
)


def _organisation_id(name: str, names: Mapping[str, str]) -> str:
    """The identifier of a named organisation: the one known by that name or identifier, else its slug."""
    low = words(name)
    for known, title in names.items():
        if low in {words(known), words(title)}:
            return known
    return slug(name)


def _from_web_address(text: str) -> str:
    """The name at the end of a web address that stands for an organisation; other text as it is.

    Examples
    --------
    >>> _from_web_address("http://opendatacommunities.org/id/district-council/north-dorset")
    'North Dorset District Council'
    """
    match = re.fullmatch(r"https?://[^/]+(?:/[^/]+)*?/([a-z-]+)/([A-Za-z0-9_-]+)/?", text)
    if match is None:
        return text
    kind, name = (part.replace("-", " ").replace("_", " ").title() for part in match.groups())
    return f"{name} {kind}" if kind.lower().endswith(("council", "borough", "authority")) else name


def operated(
    head: str, organisation: str, names: Mapping[str, str], owner: list[str], run_by: Sequence[str | None]
) -> tuple[str, dict[str, str], list[str]]:
    """As `owners` gives them for a list of services: an authority of the area is not the organisation of what others run."""
    if not names_the_area(head):
        return organisation, dict(names), owner
    whose = [name if run == "public" else "unknown" for name, run in zip(owner, run_by, strict=True)]
    left = {name: title for name, title in names.items() if name in whose}
    return (organisation if organisation in left and "unknown" not in whose else ""), left, whose


def owners(
    file: str,
    title: str,
    entry: Entry,
    names: Mapping[str, str],
    chosen: Mapping[str, list[int]],
    rows: list[list[str]],
) -> tuple[str, dict[str, str], list[str]]:
    """The register's one organisation ("" if several), every organisation by name, and the organisation of each row."""
    if entry.organisation:
        return (
            entry.organisation,
            {entry.organisation: names.get(entry.organisation, entry.organisation)},
            [entry.organisation] * len(rows),
        )
    if "organisation" in chosen:
        position = chosen["organisation"][0]
        found: dict[str, str] = {}
        memo: dict[str, str] = {}
        whose = []
        named = chosen["ownership"][0] if "ownership" in chosen else None
        for row in rows:
            text = row[position]
            if named is not None and _BODY.fullmatch(clean(row[named])):
                text = row[named]  # the owner, where the row names it, rather than the publisher
            if text not in memo:
                name = _from_web_address(clean(text))
                nobody = name.lower() in MISSING or NAME in left_out(name).what  # a person is no organisation
                memo[text] = "unknown" if nobody else _organisation_id(name, names) or "unknown"
                if memo[text] != "unknown":
                    found.setdefault(memo[text], names.get(memo[text], name))
            whose.append(memo[text])
        if found or not rows:
            return (next(iter(found)) if len(found) == 1 and "unknown" not in whose else ""), found, whose
    stem = re.sub(r"[_\-]+", " ", re.sub(r"\.\w+$", "", file.rsplit("/", 1)[-1]))
    for text in (title[:1_000], stem.title() if stem.islower() else stem):
        if match := _BODY.search(text):
            name = _LIST_WORDS.sub("", clean(match[1]))
            identifier = _organisation_id(name, names)
            return identifier, {identifier: names.get(identifier, name)}, [identifier] * len(rows)
        if match := _GSS.search(text):
            identifier = match[1].lower()
            return identifier, {identifier: match[1]}, [identifier] * len(rows)
    return "", {}, ["unknown"] * len(rows)


def bodies(
    chosen: Mapping[str, list[int]], rows: list[list[str]], entry: Entry, names: Mapping[str, str]
) -> list[str | None]:
    """The body of each row: a column of its own, or the organisation column where estate.toml names the organisation."""
    positions = chosen.get("body") or (chosen.get("organisation") if entry.organisation else None)
    if not positions:
        return [None] * len(rows)
    own = {words(entry.organisation), words(names.get(entry.organisation, ""))}
    out = []
    for row in rows:
        text = clean(row[positions[0]])
        out.append(None if not text or words(text) in own else text)
    return out

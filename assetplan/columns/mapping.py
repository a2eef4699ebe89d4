"""Which column of a register is which: as a person says, by its heading, by what its cells hold. Every mapping keeps its reason."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rapidfuzz import process

from assetplan.cells import MISSING, CellError, parse
from assetplan.choices import tenure
from assetplan.columns.content import are_places, are_web_addresses, is_shape, look, names_and_addresses, said
from assetplan.columns.headings import REASONS, candidates, compared, heading_unit, misspelt, part_of, shown
from assetplan.dates import reading_of
from assetplan.errors import EstateError
from assetplan.issues import Issue
from assetplan.personal import means_a_person
from assetplan.schema import ASSETS, Column
from assetplan.text import clean, visible, words

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAMPLE = 400
_SAMPLED_ROWS = 5_000
_TITLE_NO = re.compile(r"[A-Z]{0,6}[ -]?\d+[A-Z]?", re.IGNORECASE)
# Columns that cells may be mapped to: those with headings, and those a fact may give.
READABLE_COLUMNS = tuple(
    column.name for column in ASSETS.values() if (column.headings or column.fact) and not column.many
)
TICKED = "a tick in it says the tenure"
_YOU_SAY = "you say so"
_TICKS = frozenset({"x", "y", "yes", "1", "true", "t", "✓", "✔", "☑", "tick", "ticked", "•", "*", "ü", "p"})
_NO_TICKS = frozenset({"n", "no", "0", "false", "f", "✗", "✘", "☐"}) | MISSING
# What marks a column of somewhere or someone else, so that its cells do not place the asset.
_ELSEWHERE = re.compile(
    r"\b(owners?|head office|hq|correspondence|billing|invoice|former|previous|old|nearest|registered|home address|partner|parent|sponsor\w*|ward|"
    r"parish|region|county|district|constituenc\w*|notes?|comments?|remarks?|history|website|url|web|link|uri|reason\w*|hours|religio\w*|trust)\b"
)
_PLACE_WORD = re.compile(
    r"\b(school|academy|college|nursery|hall|centre|center|surgery|medical|practice|library|house|station|depot|land|park|road|street|lane|hospital|"
    r"clinic|office|offices|church|building|pharmacy|car park|garages?|works|mill|farm|field|court|cemetery|pavilion|museum|home|lodge|site|shop|"
    r"workshop|unit|yard|playground|allotments?|toilets?|pool|health|ysgol|canolfan|llyfrgell|neuadd)\b"
)
# Headings of what is told of areas, networks and matrices rather than of places somebody owns.
_NO_ASSETS = re.compile(
    r"\b(lsoa|msoa|oa|lad|lau|wd|ward|ladcd|lsoacd|msoacd|area code|area name|area units|centroid|population|node|link|edge|form of node|"
    r"junction|distance|demand|council area|gss code|utlacd)(\d\d)?(cd|nm)?\b"
)


@dataclass(frozen=True)
class ColumnRead:
    """How one column of a register was read: its position, heading, the column it became ("" for none), and why."""

    position: int
    header: str
    column: str
    reason: str


@dataclass(eq=False)
class _Mapping:
    """What has been found of each column so far."""

    file: str
    header: list[str]
    rows: list[list[str]]
    samples: list[list[str]]
    chosen: dict[str, list[int]] = field(default_factory=dict)
    taken: dict[int, str] = field(default_factory=dict)
    reasons: dict[int, tuple[str, str]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def take(self, name: str, position: int, reason: str) -> None:
        self.chosen.setdefault(name, []).append(position)
        self.taken[position] = name
        self.reasons[position] = (name, reason)

    def leave(self, position: int, reason: str) -> None:
        self.taken[position] = ""
        self.reasons[position] = ("", reason)

    def report(self, head: str, code: str, value: str, message: str, mend: str) -> None:
        self.issues.append(Issue(self.file, "", head, code, value, message, mend))

    def free(self) -> list[int]:
        """Positions nothing claims and no heading of a person bars."""
        return [i for i, head in enumerate(self.header) if i not in self.taken and not means_a_person(head)]


def recognise(
    file: str, header: list[str], rows: list[list[str]], wanted: Sequence[tuple[str, str]] = (), *, shapes: bool = False
) -> tuple[dict[str, list[int]], tuple[ColumnRead, ...], list[Issue]]:
    """Positions chosen for each column, the mapping of each position with its reason, and issues.

    Parameters
    ----------
    file
        What to call it in messages.
    header, rows
        Headings, and the rows below them.
    wanted
        Headings with the columns a person says they are; "" leaves a column unread.
    shapes
        Whether the file has a shape for each row, apart from its cells.

    Raises
    ------
    EstateError
        Where nothing names or places a row, or `wanted` names a heading or a column there is not.
    """
    samples: list[list[str]] = []
    for position in range(len(header)):
        seen = [row[position] for row in rows[:_SAMPLED_ROWS] if position < len(row) and row[position].strip()]
        samples.append(seen[:: max(1, len(seen) // _SAMPLE)][:_SAMPLE])
    found = _Mapping(file, header, rows, samples)
    for position, head in enumerate(header):
        person = means_a_person(head)
        found.reasons[position] = (
            "",
            "the heading means a person"
            if person
            else "no column is known by this heading"
            if head.strip()
            else "no heading",
        )
    _as_wanted(found, wanted)
    _by_ticks(found)
    _by_heading(found)
    _by_part(found)
    _by_misspelt_heading(found)
    _by_cells(found)
    _references(found)
    _check_enough(found, shapes=shapes)
    mappings = tuple(
        ColumnRead(position + 1, shown(head), *found.reasons[position]) for position, head in enumerate(header)
    )
    return found.chosen, mappings, found.issues


# ------------------------------------------------------------------------------------------------------- as a person says


def _as_wanted(found: _Mapping, wanted: Sequence[tuple[str, str]]) -> None:
    heads = [compared(head) for head in found.header]
    for head, name in wanted:
        numbered = re.fullmatch(r"column (\d+)", compared(head))
        if compared(head) in heads:
            position = next((i for i, text in enumerate(heads) if text == compared(head) and i not in found.taken), -1)
        else:
            position = int(numbered[1]) - 1 if numbered and 0 < int(numbered[1]) <= len(heads) else -1
        if position < 0 or position in found.taken:
            told = [shown(text) for text in found.header if text.strip()]
            guess = process.extractOne(head, told, processor=words, score_cutoff=50)
            raise EstateError(
                f"{found.file}: columns: {visible(head)!r} is no heading of that register, or is named twice."
                + (f" Did you mean {guess[0]!r}?" if guess else f" Headings: {', '.join(told[:12])}.")
            )
        if name and name not in READABLE_COLUMNS:
            guess = process.extractOne(name, READABLE_COLUMNS, score_cutoff=50)
            raise EstateError(
                f"{found.file}: columns: {visible(head)!r} cannot be read as {visible(name)!r}, which is no column here."
                + (f" Did you mean {guess[0]!r}?" if guess else f" Columns: {', '.join(READABLE_COLUMNS)}.")
            )
        if not name:
            found.leave(position, "you say that it is to be left unread")
            continue
        if name in found.chosen and ASSETS[name].kind not in {"text", "number"}:
            raise EstateError(
                f"{found.file}: columns: two headings are read as {name}, the second {visible(head)!r}. Name one of them."
            )
        found.take(name, position, _YOU_SAY)


# ------------------------------------------------------------------------------------------------------- by headings


def fits(column: Column, unit: str, texts: Sequence[str]) -> bool:
    """Whether at least half of the cells that say anything can be read as the column's type."""
    if column.name == "title_no":
        parts = [
            part for text in texts for part in re.split(r"[,;/&]|\band\b", text) if clean(part).lower() not in MISSING
        ]
        return 2 * sum(1 for part in parts if _TITLE_NO.fullmatch(clean(part))) >= len(parts)
    if column.name == "wkt":
        shapes = said(texts)
        return 2 * sum(map(is_shape, shapes)) >= len(shapes)
    if column.name == "name":  # a column of bare numbers names nothing
        cells = said(texts)
        return not cells or any(any(map(str.isalpha, cell)) for cell in cells)
    if column.name == "organisation":  # bare numbers are codes that name nobody
        cells = said(texts)
        return not cells or 2 * sum(any(map(str.isalpha, cell)) for cell in cells) >= len(cells)
    if column.kind in {"text", "id", "list"}:
        return True
    if column.kind == "date":
        unit = reading_of(said(texts))
    good = bad = 0
    for text in said(texts):
        try:
            value = parse(column, text, unit)
            good += value != "other"
            bad += value == "other"
        except CellError:
            bad += 1
    return good >= bad


def _by_heading(found: _Mapping) -> None:
    header, rows, samples, taken, reasons = found.header, found.rows, found.samples, found.taken, found.reasons
    claims: dict[str, list[tuple[tuple[int, int, int], int]]] = defaultdict(list)
    for position, head in enumerate(header):
        if position in taken:
            continue
        for name, (level, place) in candidates(head).items():
            if name in found.chosen:
                reasons[position] = ("", f"{name} is read from the column you named")
            elif fits(ASSETS[name], heading_unit(ASSETS[name], head), samples[position]):
                blank = int(bool(rows) and not samples[position])  # blank columns last
                if name == "organisation" and are_web_addresses(samples[position]):
                    place += 1_000  # a web address gives way to a name
                claims[name].append(((blank, level, place), position))
            else:
                reasons[position] = ("", f"the heading says {name}, the cells do not")
    order = sorted(claims, key=lambda name: (min(claims[name])[0], list(ASSETS).index(name)))
    for name in order:
        free = sorted((fit, position) for fit, position in claims[name] if position not in taken)
        if not free:
            continue
        best = [position for fit, position in free if fit == free[0][0]]
        same = all(
            [row[best[0]] for row in rows if len(row) > p] == [row[p] for row in rows if len(row) > p] for p in best[1:]
        )
        if not same:
            head = shown(header[best[0]])
            for position in best:
                found.leave(position, "two columns with this heading hold different cells; neither is used")
            found.report(
                head,
                "tied-columns",
                head,
                f"{len(best)} columns are headed alike and hold different cells for {name}",
                "Neither was used. Rename or remove one of them, or say which with columns in estate.toml.",
            )
            continue
        found.take(name, best[0], REASONS[free[0][0][1]])
        for position in best[1:]:
            found.leave(position, f"repeats column {best[0] + 1} cell for cell")
        for _, position in free:
            if position not in taken:
                reasons[position] = ("", f"{name} is read from column {best[0] + 1}, which fits better")
    if "reference" not in found.chosen and "site_reference" in found.chosen:
        (position,) = found.chosen.pop("site_reference")
        found.take("reference", position, "the only reference there is")


def _by_part(found: _Mapping) -> None:
    whole = set(found.chosen)
    for position, head in enumerate(found.header):
        name = part_of(head)
        if not name or position in found.taken:
            continue
        if ASSETS[name].kind == "number" and name in whole:
            at = found.chosen[name][0] + 1
            found.reasons[position] = ("", f"part of {name}, for which column {at} gives the total")
            continue
        found.take(name, position, "one of the parts that make it up")


def _by_misspelt_heading(found: _Mapping) -> None:
    for position in found.free():
        guess = misspelt(found.header[position])
        if guess is None or guess[0] in found.chosen or not said(found.samples[position]):
            continue
        name, known = guess
        column, texts = ASSETS[name], found.samples[position]
        if column.name in {"reference", "name", "address"} and 2 * len(set(texts)) < len(texts):
            continue  # what names a thing differs from row to row
        if fits(column, heading_unit(column, found.header[position]), texts):
            found.take(name, position, f"heading misspelt, very near to {known!r}, and the cells agree")


# ------------------------------------------------------------------------------------------------------- by ticks


def tick_tenure(head: str) -> tuple[str, str]:
    """The tenure that a tick under a heading says, and how the place is occupied; blank where the heading names no one tenure.

    Examples
    --------
    >>> tick_tenure("Freehold: occupied by LA"), tick_tenure("Leasehold - ground leasehold"), tick_tenure("Name")
    (('freehold', 'occupied by LA'), ('leasehold', 'ground leasehold'), ('', ''))
    """
    text = re.sub(r"^\W*tenure\W+", "", clean(head), flags=re.IGNORECASE)
    match = re.match(r"(free ?hold|lease ?hold|licen[cs]ed?)\b[^A-Za-z]*(.*)$", text, re.IGNORECASE)
    if match:
        return tenure(match[1])[0], match[2].rstrip(" )]")
    low = words(text)
    own = tenure(text)[0] if re.search(r"free ?hold|lease ?hold|ground lease|sub lease|licence", low) else ""
    return ("leasehold" if low.startswith(("ground lease", "sub lease")) else own), ""


def is_ticked(text: str) -> bool:
    """Whether a cell is a tick."""
    return clean(text).lower() in _TICKS


def _by_ticks(found: _Mapping) -> None:
    for position in found.free():
        own, _ = tick_tenure(found.header[position])
        cells = [clean(text).lower() for text in found.samples[position]]
        ticks = sum(cell in _TICKS for cell in cells)
        if own and ticks and all(cell in _TICKS or cell in _NO_TICKS for cell in cells):
            found.take("tenure", position, TICKED)


# ------------------------------------------------------------------------------------------------------- by cells


def _tie(found: _Mapping, positions: Sequence[int], name: str, what: str) -> None:
    heads = ", ".join(shown(found.header[p]) or f"column {p + 1}" for p in positions)
    for position in positions:
        found.leave(position, f"cells look like {what}, and so do those of another column; neither is used")
    found.report(
        heads[:80],
        "tied-columns",
        heads[:200],
        f"{len(positions)} columns hold cells that look like {what}; which is meant for {name}, they do not say",
        'None was used. Say which with columns = {"heading" = "'
        + name.split(" ", maxsplit=1)[0]
        + '"} in estate.toml.',
    )


def _by_cells(found: _Mapping) -> None:
    looks: dict[str, list[int]] = defaultdict(list)
    told: dict[str, str] = {}
    for position in found.free():
        seen = look(found.samples[position])
        if seen is None:
            continue
        column = seen.column or ""
        if seen.what == "eastings or northings":
            column = "grid"
        if not column:
            why = found.reasons[position][1]
            found.reasons[position] = ("", f"{why}; cells look like {seen.what}, which may mean more than one thing")
        elif not _ELSEWHERE.search(words(found.header[position])):
            looks[column].append(position)
            told[column] = seen.what
    grid = looks.pop("grid", [])
    placed = {"coordinates", "wkt"} & set(found.chosen)
    for name, positions in looks.items():
        if name == "northing" and told[name] == "northings" and "northing" not in found.chosen and not placed:
            grid += positions
        elif name in found.chosen or (placed and name in {"easting", "northing", "coordinates", "wkt"}):
            for position in positions:
                found.reasons[position] = ("", f"cells look like {told[name]}, for which another column is read")
        elif len(positions) > 1:
            _tie(found, positions, name, told[name])
        else:
            found.take(name, positions[0], f"cells look like {told[name]}")
    if grid and not placed and not {"coordinates", "wkt"} & set(found.chosen):
        _grid(found, sorted(grid))
    _by_wording(found)


def _grid(found: _Mapping, positions: list[int]) -> None:
    """Columns of six figures: which is the easting only the other column, or figures no easting has, can tell."""
    missing = [name for name in ("easting", "northing") if name not in found.chosen]
    if len(missing) == 1 and len(positions) == 1:
        other = "northing" if missing[0] == "easting" else "easting"
        found.take(
            missing[0],
            positions[0],
            f"cells look like {missing[0]}s, and column {found.chosen[other][0] + 1} is the {other}",
        )
    elif len(missing) == 2 and len(positions) == 2:
        north = [
            p for p in positions if any(float(cell.replace(",", "")) > 660_000 for cell in _figures(found.samples[p]))
        ]
        if len(north) == 1:
            found.take("northing", north[0], "cells look like northings: some are larger than any easting")
            (east,) = set(positions) - set(north)
            found.take("easting", east, f"cells look like eastings, and column {north[0] + 1} is the northing")
        else:
            _tie(found, positions, "easting or northing", "eastings or northings")
    elif missing and len(positions) > 1:
        _tie(found, positions, "easting or northing", "eastings or northings")


def _figures(texts: Sequence[str]) -> list[str]:
    return [text for text in said(texts) if re.fullmatch(r"\d[\d,]*(\.\d+)?", text)]


def _by_wording(found: _Mapping) -> None:
    if "name" in found.chosen and "address" in found.chosen:
        return
    free = {
        position: found.samples[position]
        for position in found.free()
        if not _ELSEWHERE.search(words(found.header[position])) and not candidates(found.header[position])
    }
    known = {name: positions[0] for name, positions in found.chosen.items()}
    chosen, tied = names_and_addresses(free, known)
    if "name" in chosen and not _names_places(found.samples[chosen["name"][0]]):
        del chosen["name"]
    for name, positions in chosen.items():
        if name == "reference" and re.fullmatch(r"column \d+|", words(found.header[positions[0]])) is None:
            continue  # a heading that says something says that it is no reference
        for position in positions:
            found.take(
                name, position, "cells look like " + {"name": "names", "address": "addresses"}.get(name, "references")
            )
    tied = [position for position in tied if _names_places(found.samples[position])]
    if len(tied) > 1 and not {"name", "address"} & set(found.chosen):
        _tie(found, tied, "name", "names")


def _names_places(texts: Sequence[str]) -> bool:
    """Whether enough cells speak of places: two words may also be a person, who is never to be mapped by chance."""
    cells = said(texts)
    return bool(cells) and sum(bool(_PLACE_WORD.search(words(cell))) for cell in cells) >= 0.3 * len(cells)


# ------------------------------------------------------------------------------------------------------- references, and enough


def _references(found: _Mapping) -> None:
    """Numbers of their own under a heading for UPRNs are no UPRNs; they are the reference where nothing else is."""
    at = found.chosen.get("uprn") or [
        position for position, (_, why) in found.reasons.items() if why == "the heading says uprn, the cells do not"
    ]
    if not at or found.reasons[at[0]][1] == _YOU_SAY:
        return
    position, cells = at[0], said(found.samples[at[0]])
    short = len(cells) >= 3 and all(re.fullmatch(r"\d{1,6}(\.0)?", cell) for cell in cells) and len(set(cells)) > 1
    if not cells or not (short or "uprn" not in found.chosen):
        return
    head = shown(found.header[position])
    what = "figures too short for most UPRNs" if short else "no UPRNs"
    if "uprn" in found.chosen and short:
        del found.chosen["uprn"]
    if "reference" in found.chosen:
        found.leave(position, f"the heading says UPRN, the cells hold {what}")
        done = "Left unread."
    else:
        found.take(
            "reference",
            position,
            f"the heading says UPRN, the cells hold {what}: taken for the register's own reference",
        )
        done = "Read as the register's own reference."
    mend = f'{done} If they are UPRNs, say columns = {{"{head}" = "uprn"}} in estate.toml.'
    found.report(head, "not-uprns", visible(cells[0])[:80], f"the heading says UPRN, the cells hold {what}", mend)


def _check_enough(found: _Mapping, *, shapes: bool) -> None:
    """Refuse a table that names and places nothing."""
    chosen, told = found.chosen, [shown(head) for head in found.header if head.strip()]
    named = any(name in chosen for name in ("name", "address", "postcode", "uprn", "title_no"))
    reference = "reference" in chosen and compared(found.header[chosen["reference"][0]]) not in {
        "id",
        "code",
        "identifier",
    }
    placed = shapes or "coordinates" in chosen or "wkt" in chosen
    if {"easting", "northing"} <= set(chosen):
        x, y, some = chosen["easting"][0], chosen["northing"][0], found.rows[:_SAMPLE]
        whole = [row for row in some if len(row) > max(x, y)]
        placed = placed or not some or are_places([row[x] for row in whole], [row[y] for row in whole])
    heads = [words(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", head)) for head in found.header]
    other = [shown(head) for head, text in zip(found.header, heads, strict=True) if _NO_ASSETS.search(text)]
    if named or (reference and not other) or (placed and not other):
        return
    ties = "".join(f" {issue.message}: {issue.value}." for issue in found.issues if issue.code == "tied-columns")
    met = f"Headings met: {', '.join(told[:12])}.{visible(ties)[:200]}"
    if other:
        raise EstateError(
            f"{found.file}: no column is recognised as a name, address, reference, UPRN or postcode, and {other[0]!r} speaks of areas or "
            f"networks, not of land and buildings. {met} Give each place a name, or rename a heading."
        )
    raise EstateError(
        f"{found.file}: no column is recognised as a name, address, reference, UPRN or postcode, and none as a place. {met} Rename one of "
        'them, or say which it is with columns = {"heading" = "name"} in estate.toml.'
    )

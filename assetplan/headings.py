"""Which column of a register is which: by its heading, and by what its cells hold. Every mapping keeps its reason."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from assetplan.cells import MISSING, UNSTATED, CellError, parse
from assetplan.errors import EstateError
from assetplan.issues import Issue
from assetplan.personal import means_a_person
from assetplan.schema import ASSETS, Column
from assetplan.text import clean, heading, parted, visible, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetplan.files import Cells

_HEADER_DEPTH = 40
_SAMPLE = 400
_LONGEST = 200  # characters of a heading with its explanation; what is longer is text
_DBF_WIDTH = 10
_TITLE_NO = re.compile(r"[A-Z]{0,6}[ -]?\d+[A-Z]?", re.IGNORECASE)


@dataclass(frozen=True)
class ColumnRead:
    """How one column of a register was read: its position, heading, the column it became ("" for none), and why."""

    position: int
    header: str
    column: str
    reason: str


def unit_of(text: str) -> str:
    """The unit a heading states: what stands in its brackets, or its last words, where these are units at all."""
    inside = " ".join(re.findall(r"\(([^)]*)\)", text))
    said = words(inside) or words(parted(text))
    for pattern, unit in (
        (r"\bacres?\b", "acres"),
        (r"\b(sq ?ft|ft2|square feet)\b", "sq ft"),
        (r"\b(sq ?m|m2|square metres)\b", "m2"),
        (r"\b(ha|hectares?)\b", "ha"),
        (r"\b(gbp k|k gbp|gbpk|k)\b", "k"),
        (r"\b(gbp )?000s?\b", "000"),
        (r"\bgbp m\b", "m"),
    ):
        if re.search(pattern, said):
            return unit
    return ""


def heading_unit(column: Column, text: str) -> str:
    """The unit for bare numbers under a heading: the one it states; areas of land have no usual one to fall back on."""
    return (unit_of(text) or (UNSTATED if column.unit == "ha" else "")) if column.kind == "number" else ""


@cache
def _known_headings() -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """Columns by heading with the heading's place in the column's list, and columns by heading of a part."""
    whole: dict[str, dict[str, int]] = defaultdict(dict)
    parts: dict[str, str] = {}
    for column in ASSETS.values():
        for place, text in enumerate(column.headings):
            whole[heading(text)].setdefault(column.name, place)
        for text in column.parts:
            parts.setdefault(heading(text), column.name)
    return whole, parts


_UNIT_AT_END = re.compile(
    r"( in)?( (sq ?ft|ft2|square feet|sq ?m|m2|square metres|ha|hectares|acres?|gbp|k|000s?|pa|p a|per annum))+$"
)


@lru_cache(maxsize=10_000)
def _forms(text: str) -> tuple[str, str]:
    """A heading as it is compared, and without what stands in brackets and the unit at its end."""
    bare = words(parted(re.sub(r"\([^)]*\)", " ", text)))
    return heading(text), heading(_UNIT_AT_END.sub("", bare))


def _candidates(text: str) -> dict[str, tuple[int, int]]:
    """Columns a heading may mean, each with how well it fits: (0, place in the list) exact, (1, place) without brackets and unit."""
    if means_a_person(text):
        return {}
    whole, _ = _known_headings()
    full, bare = _forms(text)
    found = {name: (1, place) for name, place in whole.get(bare, {}).items()} if bare else {}
    found |= {name: (0, place) for name, place in whole.get(full, {}).items()}
    return found or _cut_off(clean(text))


@lru_cache(maxsize=10_000)
def _cut_off(text: str) -> dict[str, tuple[int, int]]:
    """The one column whose headings begin with a heading as long as a shapefile's may be; such files cut them off there."""
    if len(text) != _DBF_WIDTH:
        return {}
    whole, _ = _known_headings()
    found = {
        name: (2, place)
        for known, columns in whole.items()
        if known.startswith(heading(text)) and heading(text)
        for name, place in columns.items()
    }
    return found if len(found) == 1 else {}


def _part_of(text: str) -> str:
    if means_a_person(text):
        return ""
    _, parts = _known_headings()
    full, bare = _forms(text)
    return parts.get(full) or (parts.get(bare, "") if bare else "")


def is_known_heading(text: str) -> bool:
    """Whether a cell may head a column that is known."""
    return bool(_candidates(text) or _part_of(text))


_REASONS = ("heading", "heading without its brackets and unit", "heading cut off at ten characters")


def _shown(head: str) -> str:
    return visible(clean(head))[:80]


def find_header(cells: Cells, file: str) -> tuple[list[str], list[str], list[list[str]], list[int], list[Issue]]:
    """Titles above the header, the header, the rows below it, their lines, and issues about what else stands above it."""
    if cells.header or cells.shapes is not None:
        return [], cells.header, cells.rows, cells.lines, []
    if not cells.rows:
        raise EstateError(f"{file}: no cell holds anything.")
    scores = []
    for row in cells.rows[:_HEADER_DEPTH]:
        texts = [cell for cell in row if cell.strip()]
        short = [cell for cell in texts if len(cell) <= _LONGEST and any(map(str.isalpha, cell))]
        known = sum(1 for cell in short if _candidates(cell) or _part_of(cell))
        scores.append(known if len(texts) > 1 or len(row) == 1 else 0)
    best = max(scores)
    if best == 0:
        met = ", ".join(map(_shown, cells.rows[0][:8]))
        raise EstateError(
            f"{file}: no heading is recognised (first line: {met}). One column at least must be headed name, address or reference."
        )
    # The first row that names half as many columns: a row of data may chance to hold more known words than the heading.
    at = next(i for i, score in enumerate(scores) if 2 * score >= best)
    titles, issues = [], []
    for row, line in zip(cells.rows[:at], cells.lines, strict=False):
        texts = [clean(cell) for cell in row if cell.strip()]
        if len(texts) == 1:
            titles.append(texts[0])
        elif any(character.isdigit() for text in texts for character in text):  # else the heading of a group of columns
            message = f"the row stands above the heading (line {cells.lines[at]}) and is not read"
            issues.append(Issue(file, str(line), "", "above-heading", "", message, "Nothing to do if it is no asset."))
    header = list(cells.rows[at])
    while (
        header
        and not header[-1].strip()
        and all(len(row) < len(header) or not row[len(header) - 1].strip() for row in cells.rows[at + 1 :])
    ):
        header.pop()
    return titles, header, cells.rows[at + 1 :], cells.lines[at + 1 :], issues


def _fits(column: Column, unit: str, texts: Sequence[str]) -> bool:
    """Whether at least half of the cells that say anything can be read as the column's type."""
    if column.name == "title_no":
        said = [
            part for text in texts for part in re.split(r"[,;/&]|\band\b", text) if clean(part).lower() not in MISSING
        ]
        return 2 * sum(1 for part in said if _TITLE_NO.fullmatch(clean(part))) >= len(said)
    if column.kind in {"text", "id", "list"}:
        return True
    good = bad = 0
    for text in texts:
        if clean(text).lower() in MISSING:
            continue
        try:
            value = parse(column, text, unit)
            good += value != "other"
            bad += value == "other"
        except CellError:
            bad += 1
    return good >= bad


def recognise(
    file: str, header: list[str], rows: list[list[str]]
) -> tuple[dict[str, list[int]], tuple[ColumnRead, ...], list[Issue]]:
    """Positions chosen for each column, the mapping of each position with its reason, and issues."""
    samples: list[list[str]] = []
    for position in range(len(header)):
        seen = [row[position] for row in rows[:5_000] if position < len(row) and row[position].strip()]
        samples.append(seen[:: max(1, len(seen) // _SAMPLE)][:_SAMPLE])
    claims: dict[str, list[tuple[tuple[int, int, int], int]]] = defaultdict(list)
    reasons = {
        position: ("", "the heading means a person" if means_a_person(head) else "no column is known by this heading")
        for position, head in enumerate(header)
    }
    for position, head in enumerate(header):
        for name, fit in _candidates(head).items():
            if _fits(ASSETS[name], heading_unit(ASSETS[name], head), samples[position]):
                claims[name].append(((int(bool(rows) and not samples[position]), *fit), position))  # blank columns last
            else:
                reasons[position] = ("", f"the heading says {name}, the cells do not")
    issues: list[Issue] = []
    chosen: dict[str, list[int]] = {}
    taken: dict[int, str] = {}
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
            heads = _shown(header[best[0]])
            for position in best:
                reasons[position] = ("", "two columns with this heading hold different cells; neither is used")
            issues.append(
                Issue(
                    file,
                    "",
                    heads,
                    "tied-columns",
                    heads,
                    f"{len(best)} columns are headed alike and hold different cells for {name}",
                    "Neither was used. Rename or remove one of them.",
                )
            )
            taken.update(dict.fromkeys(best, ""))
            continue
        chosen[name] = [best[0]]
        taken[best[0]] = name
        reasons[best[0]] = (name, _REASONS[free[0][0][1]])
        for position in best[1:]:
            taken[position] = ""
            reasons[position] = ("", f"repeats column {best[0] + 1} cell for cell")
        for _, position in free:
            if position not in taken:
                reasons[position] = ("", f"{name} is read from column {best[0] + 1}, which fits better")
    if "reference" not in chosen and "site_reference" in chosen:
        chosen["reference"] = chosen.pop("site_reference")
        reasons[chosen["reference"][0]] = ("reference", "the only reference there is")
    for position, head in enumerate(header):
        name = _part_of(head)
        if not name or position in taken:
            continue
        if ASSETS[name].kind == "number" and name in chosen and not reasons[chosen[name][0]][1].startswith("one of"):
            reasons[position] = ("", f"part of {name}, for which column {chosen[name][0] + 1} gives the total")
            continue
        chosen.setdefault(name, []).append(position)
        taken[position] = name
        reasons[position] = (name, "one of the parts that make it up")
    if not any(name in chosen for name in ("name", "address", "reference", "postcode", "uprn")):
        raise EstateError(
            f"{file}: no column is recognised as a name, address, reference, UPRN or postcode. Headings met: "
            f"{', '.join(map(_shown, header[:12]))}. Rename one of them."
        )
    mappings = tuple(ColumnRead(position + 1, _shown(head), *reasons[position]) for position, head in enumerate(header))
    return chosen, mappings, issues

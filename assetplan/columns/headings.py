"""What a heading may mean, and which row of a file the headings are."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from assetplan.cells import UNSTATED
from assetplan.errors import EstateError
from assetplan.issues import Issue
from assetplan.personal import means_a_person
from assetplan.schema import ASSETS, Column
from assetplan.text import clean, heading, parted, visible, words

if TYPE_CHECKING:
    from collections.abc import Container

    from assetplan.formats.files import Cells

_HEADER_DEPTH = 40
_LONGEST = 200  # characters of a heading with its explanation; what is longer is text
_DBF_WIDTH = 10
_LEAST_TO_MISSPELL = 6


def unit_of(text: str) -> str:
    """The unit a heading states: what stands in its brackets, or its last words, where these are units at all."""
    inside = " ".join(re.findall(r"\(([^)]*)\)", text))
    said = words(inside) or words(parted(text))
    if "%" in text or re.search(r"\b(per ?cent|pct|percentage)\b", words(text)):
        return "percent"
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
    """The unit for bare numbers under a heading: the one it states; areas of land and shares have no usual one to fall back on."""
    return (unit_of(text) or (UNSTATED if column.unit in {"ha", "percent"} else "")) if column.kind == "number" else ""


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


@cache
def _known_singular() -> dict[str, str]:
    """Known headings by their form in the singular."""
    out: dict[str, str] = {}
    for column in ASSETS.values():
        for text in column.headings:
            out.setdefault(_singular(text), heading(text))
    return out


_UNIT_AT_END = re.compile(
    r"( in)?( (sq ?ft|ft2|square feet|sq ?m|m2|square metres|ha|hectares|acres?|gbp|k|000s?|pa|p a|per annum))+$"
)
_SHORT_FORMS = {
    "prop": "property", "bldg": "building", "bld": "building", "prem": "premises", "addr": "address", "desc": "description",
    "descr": "description", "dscr": "description", "coord": "coordinate", "coords": "coordinates", "pcode": "postcode", "org": "organisation",
    "organization": "organisation", "orgn": "organisation", "auth": "authority", "cat": "category", "yr": "year", "est": "establishment",
    "nr": "number", "nbr": "number", "lr": "land registry", "maint": "maintenance", "req": "required", "fh": "freehold",
    "lh": "leasehold", "stat": "status", "typ": "type", "op": "operational", "ten": "tenure", "nm": "name", "lib": "library",
    "hosp": "hospital", "sch": "school", "stn": "station", "ctr": "centre", "loc": "location", "ownr": "owner",
}  # fmt: skip
_BEFORE = [
    "asset",
    "property",
    "properties",
    "site",
    "building",
    "premises",
    "location",
    "station",
    "school",
    "library",
    "land",
    "main",
    "full",
    "current",
    "present",
    "fire",
    "police",
    "practice",
    "facility",
    "hospital",
    "nlpg",
    "llpg",
    "os",
    "bng",
    "osgb",
    "gis",
    "grid",
    "geo",
    "epims",
    "insite",
    "centre",
    "car",
    "park",
    "carpark",
    "garage",
    "depot",
    "home",
    "service",
    "establishment",
    "local",
]
_AFTER = re.compile(
    r" ((of|for) (the )?(asset|property|site|building|premises|land|station|school|library|facility|place)s?( or land)?"
    r"|bng|osgb|osgb ?36|wgs ?84|epsg ?\d+|27700|4326|etrs ?89|national grid|british national grid|os grid|decimal degrees|dd"
    r"|(if|where) (known|applicable|available)|required|mandatory|optional|text|field|value|actual)$"
)
_NUMBERING = re.compile(r"^\W*(\d{1,2}|[a-z]|q\d{1,2})[.):]\s*(?=\S{2})", re.IGNORECASE)
_GROUP = re.compile(r"\s+[-–—>]+\s+|[:|]\s*|\s*/\s+|\.(?=[A-Za-z])")


def _singular(text: str) -> str:
    return heading(" ".join(re.sub(r"(?<=[a-z]{3})(?<![su])s$", "", word) for word in words(parted(text)).split()))


@lru_cache(maxsize=20_000)
def _forms(text: str) -> tuple[str, str]:
    """A heading as it is compared, and without what stands in brackets and the unit at its end."""
    bare = words(parted(re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)))
    return heading(text), heading(_UNIT_AT_END.sub("", bare))


@lru_cache(maxsize=20_000)
def _other_words(text: str) -> tuple[str, ...]:
    """What else a heading may be written as: without its group, numbering, the word for the thing itself, short forms, plural."""
    text = _NUMBERING.sub("", clean(text))
    last = _GROUP.split(text)[-1]
    out: list[str] = []
    for said in dict.fromkeys((text, last)):
        low = _UNIT_AT_END.sub("", words(parted(re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", said))))
        low = " ".join(_SHORT_FORMS.get(word, word) for word in low.split())
        while True:
            out += [heading(low), heading(low).removesuffix("s")]
            if known := _known_singular().get(_singular(low)):
                out.append(known)
            cut = _AFTER.sub("", low)
            if cut == low:
                break
            low = cut
        first, _, rest = low.partition(" ")
        while rest and first in _BEFORE:
            out.append(heading(rest))
            if known := _known_singular().get(_singular(rest)):
                out.append(known)
            first, _, rest = rest.partition(" ")
    return tuple(dict.fromkeys(form for form in out if form))


def candidates(text: str) -> dict[str, tuple[int, int]]:
    """Columns a heading may mean, each with how well it fits: a place in `REASONS`, then one in the column's list of headings.

    Examples
    --------
    >>> candidates("Post Code"), candidates("Property - Post Code"), candidates("Site manager")
    ({'postcode': (0, 0)}, {'postcode': (2, 0)}, {})
    """
    return dict(_candidates(text))


@lru_cache(maxsize=20_000)
def _candidates(text: str) -> dict[str, tuple[int, int]]:
    if means_a_person(text):
        return {}
    whole, parts = _known_headings()
    full, bare = _forms(text)
    found = {name: (1, place) for name, place in whole.get(bare, {}).items()} if bare else {}
    found |= {name: (0, place) for name, place in whole.get(full, {}).items()}
    if found or full in parts or bare in parts:
        return found
    for form in _other_words(text):
        if form in whole:
            return {name: (2, place) for name, place in whole[form].items()}
        if form in parts:
            return {}
    return _cut_off(clean(text))


@lru_cache(maxsize=20_000)
def _cut_off(text: str) -> dict[str, tuple[int, int]]:
    """The one column whose headings begin with a heading as long as a shapefile's may be; such files cut them off there."""
    if len(text) != _DBF_WIDTH:
        return {}
    whole, _ = _known_headings()
    found = {
        name: (3, place)
        for known, columns in whole.items()
        if known.startswith(heading(text)) and heading(text)
        for name, place in columns.items()
    }
    return found if len(set(found)) == 1 else {}


@cache
def _known_by_digits() -> dict[str, list[str]]:
    """Known headings by the digits in them, which no slip of the pen changes."""
    whole, _ = _known_headings()
    out: dict[str, list[str]] = {}
    for known in whole:
        out.setdefault(re.sub(r"\D", "", known), []).append(known)
    return out


@lru_cache(maxsize=20_000)
def misspelt(text: str) -> tuple[str, str] | None:
    """The column of the one known heading that is very nearly this one, with that heading; the cells must then agree.

    Examples
    --------
    >>> misspelt("Postocde"), misspelt("Address 9")
    (('postcode', 'postcode'), None)
    """
    if means_a_person(text):
        return None
    whole, _ = _known_headings()
    _, bare = _forms(text)
    if len(bare) < _LEAST_TO_MISSPELL:
        return None
    if len(clean(text)) == _DBF_WIDTH and any(known.startswith(bare) for known in whole):
        return None  # cut off rather than misspelt
    digits = re.sub(r"\D", "", bare)
    near = process.extract(
        bare,
        [known for known in _known_by_digits().get(digits, ()) if abs(len(known) - len(bare)) <= 2],
        scorer=fuzz.ratio,
        score_cutoff=85,
        limit=3,
    )
    swapped = [known for known in whole if len(known) == len(bare) and sorted(known) == sorted(bare)]
    best = swapped or [known for known, score, _ in near if score >= near[0][1] - 0.01]
    columns = {name for known in best for name in whole[known]}
    return (columns.pop(), best[0]) if len(columns) == 1 else None


def part_of(text: str) -> str:
    """The column that a heading names a part of: a street of an address, the energy of running costs; "" for none."""
    if means_a_person(text):
        return ""
    _, parts = _known_headings()
    full, bare = _forms(text)
    if found := parts.get(full) or (parts.get(bare, "") if bare else ""):
        return found
    if candidates(text):
        return ""
    return next((parts[form] for form in _other_words(text) if form in parts), "")


def is_known_heading(text: str) -> bool:
    """Whether a cell may head a column that is known."""
    return bool(candidates(text) or part_of(text))


REASONS = (
    "heading",
    "heading without its brackets and unit",
    "heading without its group, short forms or plural",
    "heading cut off at ten characters",
)


def shown(head: str) -> str:
    """A heading as it is told."""
    return visible(clean(head))[:80]


def compared(head: str) -> str:
    """A heading as it is compared with those a person names."""
    return words(shown(head)) or shown(head)


# ------------------------------------------------------------------------------------------------------- the row of headings

_VALUE = re.compile(r"-?\d{5,}(\.\d+)?|-?\d+\.\d{3,}|£\s?[\d,.]+|[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2}", re.IGNORECASE)
_TICK_HEADING = re.compile(
    r"\b(free ?hold|lease ?hold|occupied by|ground lease|sub lease|licence|license|vacant|other)", re.IGNORECASE
)


def _is_data(row: list[str]) -> bool:
    """Whether cells of a row are values as no heading is: postcodes, long numbers, sums of money."""
    return any(_VALUE.fullmatch(cell.strip()) for cell in row)


def _again(cell: str, position: int, row: list[str], rows: list[list[str]]) -> bool:
    """Whether a cell stands in its column in two other rows, neither the same row again."""
    return sum(position < len(other) and other[position] == cell and other != row for other in rows) > 1


def find_header(
    cells: Cells, file: str, said: Container[str] = ()
) -> tuple[list[str], list[str], list[list[str]], list[int], list[Issue]]:
    """Titles above the header, the header, the rows below it, their lines, and issues about what else stands above it.

    `said` are headings that a person names, as `compared` writes them. A file none of whose first rows holds a heading is read
    from its first row, its columns called "column 1" and so on.
    """
    if cells.header or cells.shapes is not None:
        return [], cells.header, cells.rows, cells.lines, []
    if not cells.rows:
        raise EstateError(f"{file}: no cell holds anything.")
    scores = []
    top = cells.rows[:_HEADER_DEPTH]
    for row in top:
        texts = [cell for cell in row if cell.strip()]
        short = [cell for cell in texts if len(cell) <= _LONGEST and any(map(str.isalpha, cell))]
        known = sum(1 for cell in short if candidates(cell) or part_of(cell) or compared(cell) in said)
        scores.append(known if (len(texts) > 1 or len(row) == 1) and not _is_data(row) else 0)
        if scores[-1]:  # what stands in a column more than once is no heading of it
            scores[-1] -= sum(
                _again(cell, i, row, top) for i, cell in enumerate(row) if cell in short and candidates(cell)
            )
    best = max(scores)
    if best == 0:
        return _without_header(cells, file)
    # The first row that names half as many columns: a row of data may chance to hold more known words than the heading.
    at = next(i for i, score in enumerate(scores) if 2 * score >= best)
    filled = [sum(bool(cell.strip()) for cell in row) for row in top[: at + 1]]
    if best == 1 and any(number >= filled[at] > 1 for number in filled[:at]):
        return _without_header(cells, file)  # one word of a row that is filled like those above it may be chance
    header, below = _two_rows(cells.rows, at)
    titles, issues = [], []
    group = [] if at == 0 else cells.rows[at - 1]
    for row, line in zip(cells.rows[:at], cells.lines, strict=False):
        texts = [clean(cell) for cell in row if cell.strip()]
        if len(set(texts)) == 1:
            titles.append(texts[0])
        elif any(character.isdigit() for text in texts for character in text):  # else the heading of a group of columns
            message = f"the row stands above the heading (line {cells.lines[at]}) and is not read"
            issues.append(Issue(file, str(line), "", "above-heading", "", message, "Nothing to do if it is no asset."))
    if (
        below == at + 1
        and len({clean(cell) for cell in group if cell.strip()}) > 1
        and not re.search(r"\d", "".join(group))
    ):
        header = _under(group, header)
    rows, lines = cells.rows[below:], cells.lines[below:]
    while (
        header
        and not header[-1].strip()
        and all(len(row) < len(header) or not row[len(header) - 1].strip() for row in rows)
    ):
        header.pop()
    return titles, header, rows, lines, issues


def _spread(group: list[str], width: int) -> list[str]:
    """The headings of groups, each over the blank cells to its right."""
    out, last = [], ""
    for cell in [*group, *[""] * (width - len(group))][:width]:
        last = clean(cell) or last
        out.append(last)
    return out


def _under(group: list[str], header: list[str]) -> list[str]:
    """Headings with that of their group where they say nothing, or nothing of their own, without it."""
    times = Counter(map(heading, header))
    out = []
    for above, cell in zip(_spread(group, len(header)), header, strict=True):
        alone = (candidates(cell) or part_of(cell)) and times[heading(cell)] == 1 and not _TICK_HEADING.search(cell)
        both = f"{above} - {cell}" if cell.strip() else above
        meant = (
            candidates(both)
            or part_of(both)
            or means_a_person(both)
            or _TICK_HEADING.search(both)
            or times[heading(cell)] > 1
        )
        out.append(both if above and above != clean(cell) and meant and (not alone or means_a_person(above)) else cell)
    return out


def _two_rows(rows: list[list[str]], at: int) -> tuple[list[str], int]:
    """The header and the place of the first row below it: of one row, or of a row of groups over a row of headings."""
    top = list(rows[at])
    if at + 1 >= len(rows):
        return top, at + 1
    sub = rows[at + 1]
    texts = [(i, cell) for i, cell in enumerate(sub[: len(top)]) if cell.strip()]
    spread = _spread(top, len(top))
    under = [
        cell for i, cell in texts
        if not top[i].strip() or (i + 1 < len(top) and top[i + 1] in {"", top[i]}) or (i and top[i] == top[i - 1])
    ]  # fmt: skip
    plain = all(len(cell) <= _LONGEST and any(map(str.isalpha, cell)) for _, cell in texts) and not _is_data(sub)
    meant = sum(
        bool(candidates(cell) or part_of(cell) or (_TICK_HEADING.search(cell) and _TICK_HEADING.search(spread[i])))
        for i, cell in texts
    )
    blank_above = any(not top[i].strip() or (i and top[i] == top[i - 1]) for i, _ in texts)
    if not (len(under) >= 2 and 2 * len(under) >= len(texts) and plain and blank_above and 2 * meant >= len(texts)):
        return top, at + 1
    below = {i for i, _ in texts}
    header = _under(top, [sub[i] if i in below else "" for i in range(len(top))])
    return [header[i] if i in below else top[i] for i in range(len(top))], at + 2


def _without_header(cells: Cells, file: str) -> tuple[list[str], list[str], list[list[str]], list[int], list[Issue]]:
    """All rows as data where the first looks like it; else the first row that is filled like the others as headings unknown here."""
    top = cells.rows[:_HEADER_DEPTH]
    filled = [sum(bool(cell.strip()) for cell in row) for row in top]
    at = next(i for i, number in enumerate(filled) if 2 * number >= max(filled))
    first = top[at]
    if not _is_data(first):
        if len(first) < 2 or at + 1 >= len(cells.rows):
            met = ", ".join(map(shown, first[:8]))
            raise EstateError(
                f"{file}: no heading is recognised (first line: {met}). One column at least must be headed name, address or reference."
            )
        titles = [clean(cell) for row in top[:at] for cell in row if cell.strip()]
        return titles, list(first), cells.rows[at + 1 :], cells.lines[at + 1 :], []
    width = Counter(map(len, cells.rows)).most_common(1)[0][0]
    header = [f"column {number}" for number in range(1, width + 1)]
    message = "the first rows hold values and none holds headings; the columns are numbered and read by what their cells look like"
    mend = 'Check the columns. Say which is which with columns = {"column 1" = "reference"} in estate.toml, or add a row of headings.'
    return [], header, cells.rows, cells.lines, [Issue(file, "", "", "no-heading", str(width), message, mend)]

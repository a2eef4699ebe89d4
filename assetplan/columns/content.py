"""What the cells of a column look like, whatever its heading says: evidence from the cells alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.cells import MISSING, CellError, parse
from assetplan.choices import ODS_STATUS, choice
from assetplan.dates import read_day
from assetplan.schema import ASSETS
from assetplan.text import clean, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_MOST = 0.9
_ENOUGH = 100  # cells to judge a form by
_FEWEST = (
    3  # cells of figures or words that are evidence of anything; forms as strict as a postcode's need no more than one
)
# Well-known text, extended or not; GeoJSON; well-known binary as hexadecimal figures, of either byte order.
_SHAPE = re.compile(
    r"(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\s*(Z|M|ZM)?\s*\(|GEOMETRYCOLLECTION\s*\("
    r'|\{.*"coordinates"\s*:|(01[0-9a-f]{2}0000[02468ae]0|00[02468ae]00000)[0-9a-f]{16,}',
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_LAND = re.compile(r"[\d.,]+ ?(ha|hectares?|acres?)\b", re.IGNORECASE)
_MONEY = re.compile(r"-?\(?£\s?[\d,.]+")
_STREET = re.compile(
    r"\w (road|rd|street|st|lane|ln|avenue|ave|close|drive|way|place|square|terrace|crescent|hill|court|gardens|row|gate|green|park|"
    r"walk|parade|grove|mews|yard|quay|embankment|broadway|heol|stryd|ffordd|lon)\b"
)
_WEB = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
# Prefixes of title numbers by district land registry and former county (HM Land Registry), of two letters and more.
_TITLE = re.compile(
    r"(?:AGL|AV|BB|BD|BK|BL|BM|BN|CB|CE|CH|CL|CU|CYM|DN|DT|DU|DY|EGL|ESX|EX|GM|GR|HD|HE|HN|HP|HS|HW|IW|LA|LAN|LL|LM|LN|LT|MAN|MS|MX|"
    r"ND|NGL|NK|NN|NT|NYK|ON|PL|SF|SGL|SH|SK|SL|SN|ST|SX|SY|SYK|TGL|TY|WA|WK|WM|WR|WSX|WT|WYK|YEA|YWE|YY)\d{3,7}"
)


@dataclass(frozen=True)
class Look:
    """A column of the assets table that cells look like ("" where they look like something no column can be told for), in words."""

    column: str
    what: str


def said(texts: Sequence[str]) -> list[str]:
    """The cells that say anything, cleaned."""
    return [text for text in map(clean, texts) if text.lower() not in MISSING]


def is_shape(text: str) -> bool:
    """Whether a text begins as well-known text, GeoJSON or well-known binary in hexadecimal figures does."""
    return bool(_SHAPE.match(text.lstrip()))


def are_web_addresses(texts: Sequence[str]) -> bool:
    """Whether most cells that say anything are web addresses."""
    cells = said(texts)
    return bool(cells) and 2 * sum(bool(_WEB.match(cell)) for cell in cells) > len(cells)


def _reads(column: str) -> Callable[[str], bool]:
    def reads(text: str) -> bool:
        try:
            return parse(ASSETS[column], text) is not None
        except CellError:
            return False

    return reads


def _day(text: str) -> bool:
    try:
        return read_day(text) is not None
    except ValueError:
        return False


def _uprn_like(text: str) -> bool:
    """Eleven or twelve figures as most UPRNs have, or ten that no telephone number begins with."""
    digits = re.sub(r"\.0+$", "", text)
    return bool(re.fullmatch(r"0?[12]\d{10,11}|100\d{7,9}|00?[1-9]\d{9,10}|[3-689]\d{9}", digits)) and not re.fullmatch(
        r"0[1237]\d{9}", digits
    )


def _between(low: float, high: float, decimals: int = 0) -> Callable[[str], bool]:
    def inside(text: str) -> bool:
        match = _NUMBER.fullmatch(text)
        return match is not None and low <= float(text) <= high and len(match[1] or ".") > decimals

    return inside


def _pair(text: str) -> bool:
    try:
        value = parse(ASSETS["coordinates"], text)
    except CellError:
        return False
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    x, y = float(value[0]), float(value[1])
    return (x > 5_000 and y > 5_000) or (49 < max(x, y) < 61.5 and -9 < min(x, y) < 2.5)


def are_places(xs: Sequence[str], ys: Sequence[str]) -> bool:
    """Whether half of the pairs of figures, at least, may be places in Britain, in metres or degrees."""
    pairs = [
        f"{x}, {y}" for x, y in zip(map(clean, xs), map(clean, ys), strict=True) if {x.lower(), y.lower()} - MISSING
    ]
    return bool(pairs) and 2 * sum(map(_pair, pairs)) >= len(pairs)


_GRID_X, _GRID_Y = _between(50_000, 660_000), _between(4_000, 1_225_000)

# What each cell must look like, for how many cells at least, and whether the cells must differ from one another.
_LOOKS: tuple[tuple[Look, Callable[[str], bool], int], ...] = (
    (Look("wkt", "shapes"), is_shape, 1),
    (Look("postcode", "postcodes"), _reads("postcode"), 1),
    (Look("coordinates", "two coordinates"), _pair, 1),
    (Look("title_no", "title numbers"), lambda text: bool(_TITLE.fullmatch(text.upper().replace(" ", ""))), _FEWEST),
    (Look("northing", "latitudes"), _between(49.8, 60.95, 2), _FEWEST),
    (Look("easting", "longitudes"), _between(-8.7, 1.8, 2), _FEWEST),
    (Look("", "dates"), _day, _FEWEST),
    (Look("uprn", "UPRNs"), _uprn_like, _FEWEST),
    (Look("", "money"), lambda text: bool(_MONEY.match(text)), _FEWEST),
    (Look("site_area_ha", "areas in hectares or acres"), lambda text: bool(_LAND.match(text)), _FEWEST),
    (Look("", "web addresses"), lambda text: bool(_WEB.match(text)), _FEWEST),
    (Look("", "e-mail addresses"), lambda text: "@" in text, _FEWEST),
)  # fmt: skip


def look(texts: Sequence[str]) -> Look | None:
    """What the cells of one column look like where they have a form of their own; None where they have none.

    Examples
    --------
    >>> look(["YO17 7HH", "YO17 9RF"])
    Look(column='postcode', what='postcodes')
    >>> look(["£1,250,000", "£3m", "£12"])
    Look(column='', what='money')
    """
    every = said(texts)
    cells = every[:: max(1, len(every) // _ENOUGH)]
    if not cells:
        return None
    needed = _MOST * len(cells)
    for found, test, fewest in _LOOKS:
        if len(cells) >= fewest and sum(map(test, cells)) >= needed:
            if found.column == "uprn" and len(set(cells)) < 0.7 * len(cells):
                continue
            return found
    if len(cells) >= _FEWEST and sum(map(_GRID_X, cells)) >= needed and sum(len(cell) >= 5 for cell in cells) >= needed:
        return Look("", "eastings or northings")
    if len(cells) >= _FEWEST and sum(map(_GRID_Y, cells)) >= needed and sum(len(cell) >= 6 for cell in cells) >= needed:
        return Look("northing", "northings")
    codes = set(map(words, set(every)))
    if {"a", "c"} <= codes <= set(ODS_STATUS) or (
        len(cells) >= _FEWEST
        and 1 < len(codes) <= 12
        and all(len(code) > 2 and choice("status", code) for code in codes)
    ):
        return Look("status", "statuses")
    return None


@dataclass(frozen=True)
class Wording:
    """How the cells of a column that hold words are worded; shares are of the cells that say anything."""

    different: float
    streets: float
    words_each: float
    long: float
    codes: float


def wording(texts: Sequence[str]) -> Wording | None:
    """How cells are worded; None where most hold no words but figures."""
    cells = said(texts)
    if not cells:
        return None
    n = len(cells)
    worded = [words(cell) for cell in cells]
    letters = sum(sum(map(str.isalpha, cell)) >= 3 for cell in cells)
    code = sum(bool(re.fullmatch(r"(?=\S*\d)[A-Za-z0-9/_.\-]{1,20}", cell)) for cell in cells)
    if letters < 0.8 * n and code < _MOST * n:
        return None
    return Wording(
        different=len(set(worded)) / n,
        streets=sum(bool(_STREET.search(low)) or (", " in cell) for low, cell in zip(worded, cells, strict=True)) / n,
        words_each=sum(len(low.split()) for low in worded) / n,
        long=sum(len(cell) > 120 for cell in cells) / n,
        codes=code / n,
    )


def names_and_addresses(
    columns: Mapping[int, Sequence[str]], known: Mapping[str, int]
) -> tuple[dict[str, list[int]], list[int]]:
    """Which columns of words are the name, the address and the reference, by their cells alone.

    Parameters
    ----------
    columns
        Cells of each column nothing else claims, by position.
    known
        Positions of columns already told.

    Returns
    -------
    tuple
        Positions for ``name``, ``address`` and ``reference`` where they can be told, and positions that tie for the name.
    """
    worded = {position: found for position, texts in columns.items() if (found := wording(texts)) is not None}
    text = {p: w for p, w in worded.items() if w.codes < 0.5 and w.long < 0.1 and w.words_each <= 12}
    out: dict[str, list[int]] = {}
    if "address" not in known and "postcode" in known:
        run: list[int] = []
        for position in range(known["postcode"] - 1, -1, -1):  # the lines of an address stand left of its postcode
            if position in text:
                run.insert(0, position)
            elif position not in columns or said(columns[position]):
                break
        elsewhere = any(p not in run and w.different >= 0.6 and w.words_each >= 1.2 for p, w in text.items())
        if run and not elsewhere and "name" not in known and (len(run) > 1 or text[run[0]].streets < 0.5):
            run = run[1:]  # and the name before them
        if run:
            out["address"] = run
    elif "address" not in known:
        streets = [p for p, w in text.items() if w.streets >= 0.6 and w.different >= 0.5]
        if len(streets) == 1:
            out["address"] = streets
    free = {
        p: w for p, w in text.items() if p not in out.get("address", []) and w.different >= 0.6 and w.words_each >= 1.2
    }
    tied: list[int] = []
    if "name" not in known and free:
        best = max(w.different for w in free.values())
        tied = [p for p, w in free.items() if w.different >= best - 0.05]
        if len(tied) == 1:
            out["name"], tied = tied, []
    ids = [p for p, w in worded.items() if w.codes >= _MOST and w.different == 1.0 and len(said(columns[p])) >= _FEWEST]
    if "reference" not in known and len(ids) == 1:
        out["reference"] = ids
    return out, tied

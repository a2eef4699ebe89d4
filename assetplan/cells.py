"""One cell of text into one value of a column's type, or a plain reason why not.

Nothing is guessed: what a cell may mean in more than one way is refused with the reason, and the row keeps its other cells.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING

from assetplan.coordinates import read_coordinate, read_pair
from assetplan.text import clean, words

if TYPE_CHECKING:
    from assetplan.schema import Column

Value = str | float | bool | dt.date | tuple[str, ...] | tuple[float, float] | None

MISSING = frozenset(
    {"", "-", "--", "n/a", "na", "n.a.", "#n/a", "null", "none", "nil", "not applicable", "not known", "unknown", "tbc",
     "to be confirmed", "not available", "not recorded", "."}
)  # fmt: skip
NOT_APPLICABLE = frozenset({"n/a", "na", "n.a.", "not applicable", "nil", "none", "-"})

_NUMBER = re.compile(
    r"^(?P<sign>[-(])?\s*(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(?:[eE](?P<exp>[+-]?\d{1,3}))?"
)
# The last two letters are never C, I, K, M, O or V (Royal Mail, PAF programmer's guide).
_POSTCODE = re.compile(r"^(GIR 0AA|[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2})$")
_TO_M2 = {
    "": 1.0, "m2": 1.0, "sqm": 1.0, "sq m": 1.0, "m": 1.0, "sq metres": 1.0, "square metres": 1.0, "sqft": 0.09290304,
    "sq ft": 0.09290304, "ft2": 0.09290304, "square feet": 0.09290304, "ha": 10_000.0, "hectares": 10_000.0,
    "hectare": 10_000.0, "acres": 4046.8564224, "acre": 4046.8564224,
}  # fmt: skip
_TO_POUNDS = {
    "": 1.0,
    "k": 1e3,
    "000": 1e3,
    "000s": 1e3,
    "m": 1e6,
    "million": 1e6,
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1)
    for name in names.split()
}  # fmt: skip
_LIMIT = 1e12
UNSTATED = "no unit stated"

_STATUS_WORDS = {
    "operational": ("operational", "in use", "open", "occupied", "active", "current", "owner occupied", "retained",
                    "occupied by local authority", "let", "part let", "leased out", "operational asset"),
    "under review": ("under review", "review", "being reviewed", "proposed to close", "open but proposed to close",
                     "for review"),
    "surplus": ("surplus", "declared surplus", "for disposal", "for sale", "to be disposed", "disposal", "surplus to requirements",
                "held for disposal"),
    "vacant": ("vacant", "empty", "void", "unoccupied", "closed", "disused", "non operational vacant"),
    "disposed": ("disposed", "sold", "transferred", "disposed of"),
}  # fmt: skip
_OWNERSHIP_WORDS = {
    "public": ("owned by a public authority", "ownedbyapublicauthority", "public", "public authority", "public ownership",
               "publicly owned", "public authority owned", "owned by public authority", "in public ownership"),
    "private": ("not owned by a public authority", "notownedbyapublicauthority", "private", "private ownership",
                "privately owned", "not owned by public authority", "not public", "not in public ownership",
                "not publicly owned"),
    "unknown": ("unknown ownership", "unkown ownership", "unknown", "unknownownership", "ownership unknown", "unknown owner",
                "mixed ownership", "mixed", "mixed owner", "multiple owners"),
}  # fmt: skip
_WORDS = {"status": _STATUS_WORDS, "ownership": _OWNERSHIP_WORDS}
_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}


class CellError(ValueError):
    """A cell cannot be read as its column's type: a code, and a message that says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse(column: Column, text: str, unit: str = "") -> Value:
    """The value of one cell.

    Parameters
    ----------
    column
        The column of `assetplan.schema` whose type decides.
    text
        The cell as it stands in the file.
    unit
        The unit the heading gives ("acres", "000"), where it gives one; `UNSTATED` where a bare number must be refused
        because the heading gives none.

    Returns
    -------
    Value
        None where the cell says that nothing is known ("", "n/a", "TBC" and the like).

    Raises
    ------
    CellError
        With a code and a reason.

    Examples
    --------
    >>> from assetplan.schema import ASSETS
    >>> parse(ASSETS["site_area_ha"], "0.537 hectares (1.33 acres)")
    0.537
    >>> parse(ASSETS["running_cost_gbp_pa"], "£1,250,000")
    1250000.0
    >>> parse(ASSETS["uprn"], "010000480247")
    '10000480247'
    """
    text = clean(text)
    if column.kind in {"text", "id"}:
        return None if text.lower() in {"", "null", "n/a", "#n/a"} else text
    if text.lower() in MISSING and column.kind not in {"choice", "yes-no"}:
        return () if column.kind == "list" else None
    match column.kind:
        case "number":
            return _number(column, text, unit)
        case "uprn":
            return _uprn(text)
        case "postcode":
            return _postcode(text)
        case "date":
            return _date(text)
        case "yes-no":
            return _yes_no(text)
        case "choice":
            return _choice(column, text)
        case "list":
            return tuple(sorted({part for part in map(clean, text.split(";")) if part}))
        case "pair":
            return _pair(text)
        case "coordinate":
            return _coordinate(text)
        case "crs":
            return _crs(text)
        case _:
            return text


def _number(column: Column, text: str, unit: str) -> float:
    bare = text.replace("£", "").replace("GBP", "").strip()
    match = _NUMBER.match(bare)
    if match is None:
        raise CellError("not-a-number", f"{column.name} should be a number")
    value = float(f"{match['digits'].replace(',', '')}e{match['exp'] or 0}")
    rest = bare[match.end() :].strip()
    if match["sign"] == "(":
        if not rest.startswith(")"):
            raise CellError("not-a-number", f"{column.name}: the bracket of a negative figure does not close")
        rest = rest[1:].strip()
    if match["sign"]:
        value = -value
    aside = rest.split("(")[0].strip(" .,;*")
    tail = words(aside.replace("%", " percent "))
    if aside and not tail:
        raise CellError("not-a-number", f"{column.name}: {aside!r} after the figure is not understood")
    if column.unit in {"m2", "ha"}:
        factors = _TO_M2
        default = column.unit
    elif column.unit.startswith("GBP"):
        factors, default = _TO_POUNDS, ""
        tail = re.sub(r"(^| )(pa|p a|a year|per year|per annum)$", "", tail)
    else:
        factors, default = {"": 1.0}, ""
        tail = "" if tail == words(column.unit) else tail
    stated = tail or unit or default
    if stated == UNSTATED:
        raise CellError("no-unit", f"{column.name}: neither the cell nor the heading gives the unit")
    if stated not in factors:
        raise CellError("unknown-unit", f"{column.name}: {stated!r} is not a unit known for it")
    value *= factors[stated] / (10_000.0 if column.unit == "ha" else 1.0)
    if not math.isfinite(value) or abs(value) > _LIMIT:
        raise CellError("out-of-range", f"{column.name} is too large to be true")
    if value < 0 and (column.unit in {"m2", "ha", "FTE", "months"} or column.unit.startswith("GBP")):
        raise CellError("negative", f"{column.name} cannot be negative")
    return round(value, 9)


def _uprn(text: str) -> str:
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", text):
        raise CellError(
            "uprn-damaged", "a spreadsheet has turned the UPRN into powers of ten; the last digits are lost"
        )
    digits = re.sub(r"\.0+$", "", text.replace(" ", ""))
    if not re.fullmatch(r"[0-9]+", digits):
        raise CellError("not-a-uprn", "a UPRN has digits only")
    digits = digits.lstrip("0")
    if not 1 <= len(digits) <= 12:
        raise CellError("not-a-uprn", "a UPRN has at most 12 digits")
    return digits


def _postcode(text: str) -> str:
    squeezed = re.sub(r"[^A-Z0-9]", "", text.upper())
    code = f"{squeezed[:-3]} {squeezed[-3:]}"
    if not _POSTCODE.match(code):
        raise CellError("not-a-postcode", "this does not have the form of a postcode")
    return code


def _date(text: str) -> dt.date:
    bare = re.sub(r"[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?$", "", text)
    if match := re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", bare):
        year, month, day = (int(part) for part in match.groups())
    elif match := re.fullmatch(r"(\d\d?)[/.\-](\d\d?)[/.\-](\d{4})", bare):  # day first, always
        day, month, year = (int(part) for part in match.groups())
    elif (match := re.fullmatch(r"(\d\d?)(?:st|nd|rd|th)?[ \-]([A-Za-z]+)[ \-,]+(\d{4})", bare)) and match[
        2
    ].lower() in _MONTHS:
        day, month, year = int(match[1]), _MONTHS[match[2].lower()], int(match[3])
    else:
        raise CellError("not-a-date", "a date is written 2010-06-24, 24/06/2010 or 24 June 2010")
    try:
        return dt.date(year, month, day)
    except ValueError as error:
        raise CellError("not-a-date", "no such day") from error


def _yes_no(text: str) -> bool | None:
    low = text.lower()
    if low in _YES:
        return True
    if low in _NO:
        return False
    if low in MISSING:
        return None
    raise CellError("not-yes-or-no", "this should be yes, no or blank")


def _choice(column: Column, text: str) -> str | None:
    low = words(text)
    for option in column.vocabulary:
        if low == words(option):
            return option
    for option, spellings in _WORDS.get(column.name, {}).items():
        if low in spellings:
            return option
    if text.lower() in MISSING:
        return None
    if column.name == "tenure" and low:
        return _tenure(low)
    raise CellError("not-in-vocabulary", f"{column.name} should be one of: {', '.join(column.vocabulary)}")


def _tenure(low: str) -> str:
    """The interest a register's words speak of; what the holder lets to others says nothing about its own."""
    if re.search(r"\b(not|non)\b", low):
        raise CellError("not-in-vocabulary", "tenure is said only by what it is not")
    own = re.sub(r"\b(leased|let|sub ?let) (out|to)\b.*", "", low)
    freehold, leasehold = "freehold" in own, bool(re.search(r"\b(sub|ground|under|head)?lea[sh]", own))
    if freehold and leasehold:
        raise CellError("ambiguous", "tenure names both freehold and leasehold")
    if freehold or leasehold:
        return "freehold" if freehold else "leasehold"
    return "licence" if "licen" in own else "other"


def _coordinate(text: str) -> float:
    """A number of metres or degrees, or the first of two where a whole place stands in the cell."""
    for read in (read_coordinate, lambda cell: read_pair(cell).x):
        try:
            return read(text)
        except ValueError:
            continue
    raise CellError("not-coordinates", "a number is needed: an easting, a northing or degrees")


def _pair(text: str) -> tuple[float, float]:
    try:
        pair = read_pair(text)
    except ValueError as error:
        raise CellError("not-coordinates", str(error)) from error
    return pair.x, pair.y


# Families of coordinate systems by the words registers have for them; a spreadsheet filled downwards counts up the last figures.
_CRS_WORDS = (
    (r"3857|900913|102100|mercator", "EPSG:3857"),
    (r"3035|laea|lambert azimuthal", "EPSG:3035"),
    (r"3034|\blcc\b|lambert conformal", "EPSG:3034"),
    (r"utm\D*(28|29|3[0-2])", "UTM"),
    (r"29902|irish grid|tm65|osi(ni)?\b", "EPSG:29902"),
    (r"29903|29901|tm75", "EPSG:29903"),
    (r"2157|irish transverse|\bitm\b", "EPSG:2157"),
    (r"4936|geocentric|cartesian|xyz", "EPSG:4936"),
    (r"osgb?\s*\d*|ordnance|national grid|\bbng\b|277\d\d|^gb$|british grid", "EPSG:27700"),
    (r"wgs\s*\d*|4326|\bgps\b|lat\w*\W+lon|lon\w*\W+lat|world geodetic", "EPSG:4326"),
    (r"4258", "EPSG:4258"),
    (r"etrs?\s*\d*|european terrestrial", "ETRS89"),
)


def _crs(text: str) -> str:
    """What a label says of the coordinate system: a code, or a family (ETRS89, UTM) that leaves more than one open."""
    low = " ".join(text.lower().replace("_", " ").split())
    if match := re.fullmatch(r"(?:epsg|srid|crs|urn:ogc:def:crs:epsg:\d*)?\W*(258[23]\d|326(?:2[89]|3[0-2]))", low):
        return f"EPSG:{match[1]}"
    for pattern, crs in _CRS_WORDS:
        if re.search(pattern, low):
            return crs
    raise CellError("unknown-crs", "no coordinate system is known by this name")

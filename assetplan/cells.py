"""One cell of text into one value of a column's type, or a plain reason why not.

Nothing is guessed: what a cell may mean in more than one way is refused with the reason, and the row keeps its other cells.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING

from assetplan.choices import choice, decision_in, tenure
from assetplan.coordinates import read_coordinate, read_pair
from assetplan.dates import read_day
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
_SQUARE_YARD = 0.83612736
_SIZES = {
    1.0: ("", "m2", "sqm", "sq m", "m", "sq metres", "sq meters", "sq metre", "square metres", "square metre", "square meters",
          "metres squared", "sq mtrs", "sqmtrs"),
    0.09290304: ("sqft", "sq ft", "ft2", "square feet", "square foot", "sq feet", "sq foot", "sf", "ft sq"),
    _SQUARE_YARD: ("sq yd", "sq yds", "square yards", "yd2"),
    10_000.0: ("ha", "hectares", "hectare", "has"),
    4046.8564224: ("acres", "acre", "ac"),
    1e6: ("km2", "sq km", "square kilometres"),
}  # fmt: skip
_TO_M2 = {unit: factor for factor, units in _SIZES.items() for unit in units}
_TO_POUNDS = {
    "": 1.0, "k": 1e3, "000": 1e3, "000s": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mil": 1e6, "million": 1e6, "bn": 1e9,
    "billion": 1e9, "p": 0.01, "pence": 0.01, "pounds": 1.0,
}  # fmt: skip
_RANGE = re.compile(r"[\d.,]+\s*(k|m|bn|ha|acres|m2|sq ?m|%)?\s*(-|–|—|\bto\b)\s*£?\s*\d", re.IGNORECASE)
# Beyond these a figure is likelier to be in another unit, or wrong, than true: no building of Britain has half a square kilometre of floor,
# no property of it 500 square kilometres in one ownership (the largest, in the Highlands, have about 900 and are no public estate).
_LARGEST = {
    "empty_percent": 100.0,
    "utilisation_percent": 100.0,
    "gia_m2": 500_000.0,
    "nia_m2": 500_000.0,
    "site_area_ha": 50_000.0,
    "fte": 100_000.0,
}
_QUOTED = re.compile(r'^"\s*([^"]+?)\s*"$')  # what a second round of quoting leaves around a whole cell
LOOSE_DATES = frozenset({"opened", "closed"})
_LIMIT = 1e12
_FINANCIAL_YEAR = re.compile(r"^(?P<start>\d{4})(?:\s*[/-]\s*(?P<end>\d{2}|\d{4}))?$", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1900, 2200
UNSTATED = "no unit stated"

_YES, _NO = (
    {"yes", "y", "true", "1", "x", "✓", "✔", "tick", "ie", "ydy"},
    {"no", "n", "false", "0", "✗", "✘", "nac ydy"},
)


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
        text = _QUOTED.sub(r"\1", text)
        return None if text.lower() in {"", "null", "n/a", "#n/a"} else text
    if text.lower() == "nil" and column.unit.startswith("GBP"):
        return 0.0
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
            return _date(column, text, unit)
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
        case "year":
            return _year(column, text)
        case _:
            return text


def _number(column: Column, text: str, unit: str) -> float:
    bare = text.replace("£", "").replace("GBP", "").strip()
    match = _NUMBER.match(bare)
    if _RANGE.match(bare):
        raise CellError("a-range", f"{column.name}: this gives a range, not one figure")
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
        tail = re.sub(r"(^| )(pa|p a|a year|per year|per annum|yearly|annually)$", "", tail)
    elif column.unit == "percent":
        factors, default = dict.fromkeys(("percent", "per cent", "pct"), 1.0), UNSTATED
        if not tail and 0 < value <= 1:
            raise CellError(
                "share-or-percent",
                f"{column.name}: {value:g} may be that many in a hundred or a share of one; write {100 * value:g}% if it is a share",
            )
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
    if value < 0 and column.name not in {"easting", "northing"}:
        raise CellError("negative", f"{column.name} cannot be negative")
    if value > _LARGEST.get(column.name, math.inf):
        raise CellError("implausible", _too_large(column, value))
    return round(value, 9)


def _too_large(column: Column, value: float) -> str:
    """Why a figure is not believed, with the unit it is likelier to be in."""
    if column.unit == "ha":
        return f"{value:,.0f} ha is larger than any one site; the figure is likelier in square metres ({value / 10_000:,.2f} ha)"
    if column.unit == "m2":
        feet = value * 0.09290304
        likelier = f"square feet ({feet:,.0f} m2)" if feet <= _LARGEST[column.name] else "another unit, or a cost"
        return f"{value:,.0f} m2 of floor is more than any building has; the figure is likelier in {likelier}"
    if column.unit == "percent":
        return f"{value:g}% is more than the whole"
    return f"{value:,.0f} {column.unit} is too many for one place"


def _uprn(text: str) -> str:
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", text):
        raise CellError(
            "uprn-damaged", "a spreadsheet has turned the UPRN into powers of ten; the last digits are lost"
        )
    if len(re.findall(r"[0-9]{6,}", text)) > 1:
        raise CellError("several-uprns", "the cell holds several UPRNs; one row is one asset")
    digits = re.sub(r"\.0+$", "", text.replace(" ", "").removeprefix("'"))
    if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+", digits):  # a spreadsheet's thousands
        digits = digits.replace(",", "")
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


def _date(column: Column, text: str, reading: str) -> dt.date:
    try:
        day = read_day(text, reading, loose=column.name in LOOSE_DATES)
    except ValueError as error:
        raise CellError("not-a-date", "no such day") from error
    if day is None:
        raise CellError("not-a-date", "a date is written 2010-06-24, 24/06/2010 or 24 June 2010")
    return day


def _year(column: Column, text: str) -> int:
    match = _FINANCIAL_YEAR.match(text)
    if match is None:
        raise CellError("not-a-year", f"{column.name}: a financial year is written 2010 or 2010/11, by its start")
    year, end = int(match["start"]), match["end"]
    if end is not None and int(end) != (year + 1) % 10 ** len(end):
        raise CellError(
            "not-a-year", f"{column.name}: a financial year ends in the year after its start, as 2010/11 does"
        )
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CellError("out-of-range", f"{column.name}: a year from {FIRST_YEAR} to {LAST_YEAR} is wanted")
    return year


def _yes_no(text: str) -> bool | None:
    low = words(text) or text
    if low in _YES:
        return True
    if low in _NO:
        return False
    if text.lower() in MISSING or low in {"not known", "unknown"}:
        return None
    if re.match(r"(part|partial|partly|in part|mixed|some)\b", low):
        raise CellError("partly", "this says partly, which is neither yes nor no")
    raise CellError("not-yes-or-no", "this should be yes, no or blank")


def _choice(column: Column, text: str) -> str | None:
    low = words(text)
    for option in column.vocabulary:
        if low == words(option):
            return option
    if text.lower() in MISSING and not (column.name == "ownership" and low == "unknown"):
        return None
    if column.name == "tenure" and low:
        found, why = tenure(text)
        if found:
            return found
        raise CellError("ambiguous" if "both" in why else "not-in-vocabulary", why)
    if column.name == "status":
        text = decision_in(text)[0]
    found_choice = choice(column.name, text)
    if found_choice is None:
        raise CellError("not-in-vocabulary", f"{column.name} should be one of: {', '.join(column.vocabulary)}")
    return found_choice


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

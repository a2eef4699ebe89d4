"""Coordinates as people write them: one number, two in one cell, or a lettered reference of the National Grid.

Numbers come back in the order in which they stand; which of them is which, and in which coordinate system, is for
`assetplan.places.readings` to tell from the values of the whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+,\d+|\d+(?:\.\d*)?|\.\d+)"
_LETTER = r"(?:[NSEW](?![A-Za-z]))"
_ASIDE = r"(?:\s*\([^()\d]{0,40}\)|\s+[^\W\d_][^\d]{0,40}|\s*[?*~])?"
_DECIMAL = re.compile(
    rf"(?P<before>[NSEW]\b|[NSEW](?=[\d.+-]))?\s*(?P<sign>[+\-−–])?\s*(?P<number>{_NUMBER})\s*"
    rf"(?P<unit>°|º|deg(?:rees)?\b\.?|km(?![A-Za-z])|m(?:etres|eters)?(?=[NSEW]?\b)\.?)?\s*(?P<after>{_LETTER})?(?P<aside>{_ASIDE})",
    re.IGNORECASE,
)
_SEXAGESIMAL = re.compile(
    r"(?P<before>[NSEW])?\s*(?P<sign>[+\-−–])?\s*(?P<degrees>\d{1,3})\s*(?:°|º|d|deg|:|\s)\s*"
    r"(?P<minutes>\d{1,2}(?:[.,]\d+)?)\s*(?:['′’`]|m|min|:|\s|$|(?=[NSEW]))\s*"
    r"(?:(?P<seconds>\d{1,2}(?:[.,]\d+)?)\s*(?:[\"″”]|''|′′|’’|s|sec)?)?\s*(?P<after>[NSEW])?",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"([HJNOST][A-HJ-Z])\s*(\d+)(?:[\s,./-]+(\d+))?", re.IGNORECASE)
_NORTH_WORDS = r"northings?|lat(?:itude)?\b|y"
_EAST_WORDS = r"eastings?|lon(?:g(?:itude)?)?\b|lng|x"
_LABEL = re.compile(
    rf"\b(?:(?P<north>{_NORTH_WORDS})|(?P<east>{_EAST_WORDS}))\b\.?\s*[:=]?\s*(?=[NSEW]?\s*[+\-−–]?[\d.])",
    re.IGNORECASE,
)
# Where two numbers in one cell part, the surest sign first.
_PARTINGS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\s*[;|]\s*|\s+/\s+|\s+and\s+|\s*&\s*",
        r"\s*,\s+",
        r"(?<=[\d°\"″”'m][NSEW])\s*,?\s*(?=[+\-−–\d])|(?<=[\d°\"″”'m]\s[NSEW])\s*,?\s*(?=[+\-−–\d])",
        r"\s*,?\s*(?=\b[NSEW]\s*[+\-−–]?\d)(?!^)|(?<=\d)(?=[NSEW]\d)",
        r"\s+",
        r",",
        r"/",
    )
)
_BOUNDS = (700_000.0, 1_300_000.0)


@dataclass(frozen=True)
class Pair:
    """Two numbers of one place in the order in which they stand.

    `square_m` is the side of the square that a lettered grid reference names, in metres; None where the numbers are no such
    reference. From a square of 100 m or more its middle is taken, as the corner would lie apart from the place on purpose.
    """

    x: float
    y: float
    square_m: float | None = None


def read_coordinate(text: str, *, aside: bool = True) -> float:
    r"""A number with what people write around it: compass letters, degree signs, minutes and seconds, units, a remark.

    West and south are negative. A comma parts thousands where three figures follow, else decimals. `aside` allows a remark in
    words after the number.

    Raises
    ------
    ValueError
        Where the text is no such number, or says twice, or both ways, on which side it lies.

    Examples
    --------
    >>> (
    ...     read_coordinate("0.789° W"),
    ...     read_coordinate("E 395,522"),
    ...     read_coordinate("-0,789411"),
    ...     read_coordinate("479.2 km"),
    ... )
    (-0.789, 395522.0, -0.789411, 479200.0)
    >>> round(read_coordinate("54°08'21.1\"N"), 6)
    54.139194
    """
    text = text.strip()
    if match := _DECIMAL.fullmatch(text):
        if match["aside"].strip() and not aside:
            raise ValueError("words stand after the number")
        digits = match["number"]
        if re.fullmatch(r"\d+,\d+", digits) and (not re.fullmatch(r"\d{1,3},\d{3}", digits) or digits.startswith("0")):
            value = float(digits.replace(",", "."))
        else:
            value = float(digits.replace(",", ""))
        if (match["unit"] or "").lower() == "km":
            value = round(value * 1000, 6)
    elif (match := _SEXAGESIMAL.fullmatch(text)) and match["minutes"]:
        minutes, seconds = (float((match[name] or "0").replace(",", ".")) for name in ("minutes", "seconds"))
        if minutes >= 60 or seconds >= 60 or (match["seconds"] and minutes % 1):
            raise ValueError("minutes and seconds go up to 59")
        value = int(match["degrees"]) + minutes / 60 + seconds / 3600
    else:
        raise ValueError("this is no number of metres or degrees")
    before, after = (match[name] or "" for name in ("before", "after"))
    negative = match["sign"] not in {None, "", "+"}
    if before and after:
        raise ValueError("letters for two sides of the compass stand at one number")
    if (before or after).upper() in {"W", "S"}:
        if negative:
            raise ValueError("a minus and a letter for west or south say the same twice, or the opposite")
        negative = True
    return -value if negative else value


def read_pair(text: str) -> Pair:
    """Two coordinates in one cell, or a lettered grid reference of two to ten figures.

    Raises
    ------
    ValueError
        Where the text is neither.

    Examples
    --------
    >>> read_pair("SE 795 716")
    Pair(x=479550.0, y=471650.0, square_m=100.0)
    >>> read_pair("POINT(-0.789 54.139)"), read_pair("54.139°N 0.789°W")
    (Pair(x=-0.789, y=54.139, square_m=None), Pair(x=54.139, y=-0.789, square_m=None))
    """
    text = text.strip()
    if match := _REFERENCE.fullmatch(text):
        return _reference(match[1].upper(), match[2], match[3] or "")
    bare = re.sub(r"^\s*(?:SRID=\d+;)?\s*POINT\s*(?:Z|M|ZM)?\s*(?=\()", "", text, flags=re.IGNORECASE)
    labels = [("north" if match["north"] else "east") for match in _LABEL.finditer(bare)]
    bare = re.sub(r"\b([NSEW])\s*[:=]\s*", r"\1", _LABEL.sub(" ", bare), flags=re.IGNORECASE)
    bare = re.sub(r"\s+\([^()\d]*\)$", "", bare.strip()).strip("()[]{} ").strip(",; ")
    for parting in _PARTINGS:
        parts = [part for part in parting.split(bare) if part and part.strip()]
        if parting.pattern == "," and len(parts) == 4:  # 440,715,354,526
            parts = [",".join(parts[:2]), ",".join(parts[2:])]
        if len(parts) != 2:
            continue
        try:
            first, second = (read_coordinate(part.strip(" ,"), aside=False) for part in parts)
        except ValueError:
            continue
        letters = [re.sub(r"[^NSEW]", "", part.upper())[:1] for part in parts]
        if labels == ["north", "east"] or (letters[0] in {"N", "S"} and letters[1] in {"E", "W"}):
            if (
                max(abs(first), abs(second)) > 180
            ):  # metres: said to be north and east, though north is the greater only as a rule
                first, second = second, first
        elif letters[0] and letters[1] and (letters[0] in {"N", "S"}) == (letters[1] in {"N", "S"}):
            raise ValueError("both numbers bear letters of one axis")
        return Pair(first, second)
    raise ValueError("two numbers are needed: easting,northing or latitude,longitude")


def _reference(square: str, first: str, second: str) -> Pair:
    digits = first + second
    if len(digits) % 2 or (second and len(first) != len(second)) or not 2 <= len(digits) <= 10:
        raise ValueError("a grid reference has as many figures each way, one to five")
    major, minor = (ord(letter) - 65 - (letter > "I") for letter in square)
    east = (major % 5 - 2) * 5 + minor % 5
    north = (3 - major // 5) * 5 + 4 - minor // 5
    half = len(digits) // 2
    side = 10.0 ** (5 - half)
    middle = side / 2 if side >= 100 else 0.0
    x, y = east * 1e5 + int(digits[:half]) * side + middle, north * 1e5 + int(digits[half:]) * side + middle
    if not (0 <= x < _BOUNDS[0] and 0 <= y < _BOUNDS[1]):
        raise ValueError("the National Grid has no square of these letters in Great Britain")
    return Pair(x, y, side)

"""Dates as registers write them: the day comes first unless the cells of the column show that the month does."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from assetplan.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

MONTH_FIRST = "month first"
SERIAL = "days of a spreadsheet"

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january ionawr", "feb february chwefror", "mar march mawrth", "apr april ebrill", "may mai", "jun june mehefin",
         "jul july gorffennaf", "aug august awst", "sep sept september medi", "oct october hydref", "nov november tachwedd",
         "dec december rhagfyr"), start=1)
    for name in names.split()
    if name != "mai"  # May in Welsh, but in other languages too
}  # fmt: skip
_TIME = re.compile(r"[T ]+\d\d?:\d\d(:\d\d(\.\d+)?)?\s*([AaPp][Mm])?\s*(Z|[+-]\d\d:?\d\d)?$")
_WEEKDAY = re.compile(r"^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?,?\s+", re.IGNORECASE)
_FIGURES = re.compile(r"(\d\d?)[/.\-](\d\d?)[/.\-](\d{4}|\d\d)")
# Day 0 of a spreadsheet that counts 29 February 1900, as Excel does for the sake of Lotus 1-2-3. Serials are believed from 1927 to 2119.
_DAY_NOUGHT = dt.date(1899, 12, 30)
_SERIALS = range(10_000, 80_000)


def _year(text: str) -> int:
    """A year of two figures as Excel takes it: to 29 this century, from 30 the last."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 30 else 1900)


def bare(text: str) -> str:
    """A date without its time of day, weekday and ordinal letters."""
    text = _WEEKDAY.sub("", _TIME.sub("", clean(text)))
    return re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text, flags=re.IGNORECASE)


def read_day(text: str, reading: str = "", *, loose: bool = False) -> dt.date | None:
    """The day a text names; None where it names none in a form known here.

    Parameters
    ----------
    text
        As in the cell.
    reading
        `MONTH_FIRST`, `SERIAL`, or nothing: what `reading_of` found in the cells of the whole column.
    loose
        Whether a year or month alone is read as its first day, and a year of two figures as Excel takes it.

    Raises
    ------
    ValueError
        Where the form is known and there is no such day.

    Examples
    --------
    >>> read_day("Thursday 24th June 2010"), read_day("24/06/2010"), read_day("06/24/2010", MONTH_FIRST)
    (datetime.date(2010, 6, 24), datetime.date(2010, 6, 24), datetime.date(2010, 6, 24))
    >>> read_day("40353", SERIAL), read_day("2010", loose=True), read_day("2010")
    (datetime.date(2010, 6, 24), datetime.date(2010, 1, 1), None)
    """
    said = bare(text)
    if match := re.fullmatch(r"(\d{4})([/.\-]?)(\d\d)\2(\d\d)", said) or re.fullmatch(
        r"(\d{4})([/.\-])(\d\d?)\2(\d\d?)", said
    ):
        return dt.date(int(match[1]), int(match[3]), int(match[4]))
    if match := _FIGURES.fullmatch(said):
        if len(match[3]) == 2 and not loose:
            return None
        day, month = (match[2], match[1]) if reading == MONTH_FIRST else (match[1], match[2])
        return dt.date(_year(match[3]), int(month), int(day))
    if match := re.fullmatch(r"(\d\d?)[ \-/.]*([A-Za-z]+)[ \-/.,]+(\d{4}|\d\d)", said):
        day, month, year = match.groups()
    elif match := re.fullmatch(r"([A-Za-z]+)\.? (\d\d?),? (\d{4})", said):
        month, day, year = match.groups()
    elif loose and (match := re.fullmatch(r"([A-Za-z]+)[ \-/.,]+(\d{4}|\d\d)", said)):
        (month, year), day = match.groups(), "1"
    else:
        return _loose_or_serial(said, reading, loose=loose)
    number = _MONTHS.get(month.lower())
    return dt.date(_year(year), number, int(day)) if number and (loose or len(year) == 4) else None


def _loose_or_serial(said: str, reading: str, *, loose: bool) -> dt.date | None:
    if reading == SERIAL and (match := re.fullmatch(r"(\d{5})(\.\d*)?", said)) and int(match[1]) in _SERIALS:
        return _DAY_NOUGHT + dt.timedelta(days=int(match[1]))
    if loose and (match := re.fullmatch(r"(?:(\d\d?)[/\-.])?((?:1[5-9]|20)\d\d)(?:\.0)?", said)):
        return dt.date(int(match[2]), int(match[1] or 1), 1)
    return None


def is_vague(text: str) -> bool:
    """Whether a text that was read loosely gives less than a day: a month, a year, or a year of two figures."""
    try:
        return read_day(text) is None
    except ValueError:
        return False


def reading_of(texts: Iterable[str]) -> str:
    """How the cells of one column are to be read: month first where some show it and none the contrary; serials where all are.

    Examples
    --------
    >>> (
    ...     reading_of(["03/04/2025", "04/13/2025"]),
    ...     reading_of(["03/04/2025", "13/04/2025"]),
    ...     reading_of(["40353", "40354"]),
    ... )
    ('month first', '', 'days of a spreadsheet')
    """
    day_first = month_first = serials = other = 0
    for text in texts:
        said = bare(text)
        if match := _FIGURES.fullmatch(said):
            day_first += int(match[1]) > 12 >= int(match[2])
            month_first += int(match[2]) > 12 >= int(match[1])
            other += 1
        elif (match := re.fullmatch(r"(\d{5})(\.\d*)?", said)) and int(match[1]) in _SERIALS:
            serials += 1
    if month_first and not day_first:
        return MONTH_FIRST
    return SERIAL if serials and not other else ""

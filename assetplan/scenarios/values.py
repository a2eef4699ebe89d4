"""What a value of a scenario may be: put into one form by the kind of its field, or told what is wrong with it."""

from __future__ import annotations

import math
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

from assetplan.cells import FIRST_YEAR, LAST_YEAR
from assetplan.declared import guessed
from assetplan.text import clean, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetplan.vocabulary import Column

    Stated = float | Sequence[float] | None

MOST = 1e12
"""No figure of a scenario is larger: sums of them stay finite."""
MOST_MONTHS = 12_000.0
_BLANK: dict[str, Any] = {
    "list": (),
    "number": None,
    "range": None,
    "signed range": None,
    "year": None,
    "yes-no": False,
}


class Range(NamedTuple):
    """A figure from the least it may be to the most."""

    low: float
    central: float
    high: float


if TYPE_CHECKING:

    class Amount:
        """A field that takes one number or three, and holds a range."""

        def __get__(self, instance: object, owner: type | None = None) -> Range | None: ...

        def __set__(self, instance: object, value: Stated) -> None: ...


def blank(column: Column) -> Any:
    """What a field holds where nothing is said."""
    return _BLANK.get(column.kind, "")


def settled(column: Column, value: object) -> tuple[Any, str]:
    """A value in the one form of its field, and what is wrong with it, in words; nothing where nothing is.

    Examples
    --------
    >>> from assetplan.schema import table
    >>> settled(table("scenario.dispose")["receipt_gbp"], 5)
    (Range(low=5.0, central=5.0, high=5.0), '')
    >>> settled(table("scenario.dispose")["by"], "sael")[1]
    "'sael' is none of sale, ground lease, joint venture, transfer, swap. Did you mean 'sale'?"
    """
    empty = blank(column)
    if value is None or (isinstance(value, (str, tuple, list)) and not value):
        return empty, f"none is given. Give {column.meaning}." if column.required else ""
    match column.kind:
        case "year":
            return _year(value)
        case "number":
            found, fault = _number(value, column.unit)
            return found, fault
        case "range":
            return _range(value, column.unit)
        case "signed range":
            return _range(value, column.unit, signed=True)
        case "yes-no":
            return (value, "") if isinstance(value, bool) else (False, f"true or false is wanted, not {_shown(value)}.")
        case "list":
            return _list(value)
    if not isinstance(value, str):
        return "", f"text in quotation marks is wanted, not {_shown(value)}."
    text = clean(value)
    if not text and column.required:
        return "", f"none is given. Give {column.meaning}."
    if text and column.vocabulary and text not in column.vocabulary:
        return "", f"{text!r} is none of {', '.join(column.vocabulary)}.{guessed(text, column.vocabulary)}"
    return text, ""


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(visible(clean(value)[:80]))
    try:
        return visible(str(value))[:80]
    except ValueError:  # a whole number of thousands of digits
        return "a number of very many digits"


def _year(value: object) -> tuple[int | None, str]:
    wanted = "a financial year by its start is wanted, without quotation marks, like 2027 for 2027/28"
    if isinstance(value, bool) or not isinstance(value, int):
        return None, f"{wanted}, not {_shown(value)}."
    if not FIRST_YEAR <= value <= LAST_YEAR:
        return None, f"{wanted}, from {FIRST_YEAR} to {LAST_YEAR}, not {_shown(value)}."
    return value, ""


def _number(value: object, unit: str, *, signed: bool = False) -> tuple[float | None, str]:
    of = f" of {unit}" if unit else ""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None, f"a number{of} is wanted, not {_shown(value)}."
    try:
        number = float(value) + 0.0  # no negative nought
    except OverflowError:
        number = math.inf
    most = {"percent": 100.0, "months": MOST_MONTHS}.get(unit, MOST)
    least = -most if signed else 0
    if not least <= number <= most:
        return None, f"a number{of} from {least:,.0f} to {most:,.0f} is wanted, not {_shown(value)}."
    return number, ""


def _range(value: object, unit: str, *, signed: bool = False) -> tuple[Range | None, str]:
    if isinstance(value, (tuple, list)):
        if len(value) != len(Range._fields):
            return None, f"one number, or three (low, central, high), are wanted, not {len(value)}."
        found = [_number(one, unit, signed=signed) for one in value]
    else:
        found = [_number(value, unit, signed=signed)] * 3
    if faults := [fault for _, fault in found if fault]:
        return None, faults[0]
    low, central, high = (float(number) for number, _ in found if number is not None)
    if not low <= central <= high:
        return None, f"low, central and high are wanted in that order, not {low:g}, {central:g}, {high:g}."
    return Range(low, central, high), ""


def _list(value: object) -> tuple[tuple[str, ...], str]:
    if not isinstance(value, (tuple, list)) or not all(isinstance(one, str) and clean(one) for one in value):
        return (), f'a list of identifiers is wanted, like ["council:1", "council:2"], not {_shown(value)}.'
    names = tuple(clean(one) for one in value)
    twice = sorted({name for name in names if names.count(name) > 1})
    return (names, f"{twice[0]!r} is there twice.") if twice else (names, "")

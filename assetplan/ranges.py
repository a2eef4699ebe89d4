"""Pounds in words: rounded, signed, and as ranges, for no figure here is known to the pound."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NIL_GBP = 50.0
"""Less than this is said to be nothing."""


def pounds(amount: float) -> str:
    """Pounds with their sign: tenths of a million from a million, whole thousands from ten thousand, below that hundreds.

    Examples
    --------
    >>> pounds(-1_037_137), pounds(81_309), pounds(2_665), pounds(-12)
    ('-£1.0m', '£81k', '£2,700', '£0')
    """
    size = abs(amount)
    if size < NIL_GBP:
        return "£0"
    if size >= 999_500:
        said = f"£{int(size / 100_000 + 0.5) / 10:,.1f}m"
    elif size >= 9_950:
        said = f"£{int(size / 1_000 + 0.5):,}k"
    else:
        said = f"£{int(size / 100 + 0.5) * 100:,}"
    return f"-{said}" if amount < 0 else said


def span(amounts: Iterable[float]) -> str:
    """A range in pounds, smaller number first; one that does not vary is said to be about so much.

    Examples
    --------
    >>> span((-1_037_137, -1_000_151, -1_097_721)), span((90_000, 90_000, 90_000)), span((0, 0, 0))
    ('-£1.1m to -£1.0m', 'about £90k', '£0')
    """
    given = [float(amount) for amount in amounts]
    low, high = pounds(min(given)), pounds(max(given))
    if low == high:
        return low if low == "£0" else f"about {low}"
    return f"{low} to {high}"


def either_way(amounts: Iterable[float]) -> tuple[int, str]:
    """Whether a range is a gain (1), a loss (-1), nothing (0) or either (2), and its size in words."""
    given = [float(amount) for amount in amounts]
    if pounds(min(given)) == pounds(max(given)) == "£0":
        return 0, "nothing"
    if pounds(min(given)) == "£0" or min(given) > 0:
        return 1, span(given)
    if pounds(max(given)) == "£0" or max(given) < 0:
        return -1, span(-amount for amount in given)
    return 2, f"anything from a loss of {pounds(-min(given))} to a gain of {pounds(max(given))}"


def comes_to(amounts: Iterable[float]) -> str:
    """What joining sites comes to, as the rest of a sentence: ``adds £27k``, ``loses £1.0m to £1.1m``."""
    way, size = either_way(amounts)
    return {0: "adds nothing", 1: f"adds {size}", -1: f"loses {size}", 2: f"comes to {size}"}[way]

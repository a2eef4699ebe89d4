"""The look of organisations and of statuses, the same on a page and in a picture.

An organisation is told by three cues at once, so that no one needs to see colour: colour, pattern and letter. They come from a
fixed table by sector, else from a hash of the identifier, never from the order of organisations.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Pattern = Literal["diagonal", "counter", "horizontal", "vertical", "cross", "dots", "plain", "unknown"]


@dataclass(frozen=True)
class Look:
    """How an organisation is drawn: colour as ``#rrggbb``, the pattern on it, and a letter."""

    colour: str
    pattern: Pattern
    letter: str


@dataclass(frozen=True)
class Outline:
    """How a status is outlined: weight and dashes in pixels (1/96 inch), dashes and gaps in turn; and how it is said."""

    weight: float
    dashes: tuple[float, ...]
    cap: Literal["round", "butt"]
    text: str


# Colours after Okabe and Ito (2008), told apart in the common forms of colour blindness; pattern and letter are further cues.
_BY_SECTOR: Mapping[str, Look] = MappingProxyType(
    {
        "county": Look("#0072B2", "diagonal", "C"),
        "district": Look("#D55E00", "counter", "D"),
        "unitary": Look("#0072B2", "cross", "U"),
        "nhs": Look("#009E73", "dots", "N"),
        "police": Look("#56B4E9", "horizontal", "P"),
        "fire": Look("#CC79A7", "vertical", "F"),
        "ambulance": Look("#009E73", "cross", "A"),
        "central": Look("#7A5195", "plain", "G"),
        "school": Look("#B8860B", "diagonal", "S"),
    }
)
_HASHED = ("#0072B2", "#D55E00", "#009E73", "#56B4E9", "#CC79A7", "#B8860B", "#7A5195", "#8C564B")
_PATTERNS: tuple[Pattern, ...] = ("diagonal", "counter", "horizontal", "vertical", "cross", "dots", "plain")

NOBODY = Look("#6B7280", "unknown", "?")
"""The look of an owner nobody knows: grey, dashed, never the look of none."""

# In the order of a key. The page's own copy is in page/looks.js.
STATUS_OUTLINES: Mapping[str, Outline] = MappingProxyType(
    {
        "operational": Outline(2, (), "round", "operational"),
        "under review": Outline(2.5, (9, 5), "butt", "under review"),
        "surplus": Outline(5.5, (), "round", "surplus"),
        "vacant": Outline(3, (0.5, 5.5), "round", "vacant"),
        "disposed": Outline(1, (14, 4, 1, 4), "butt", "disposed of"),
        "unknown": Outline(1.4, (2, 4), "butt", "status unknown"),
    }
)
PRECISION_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "polygon": "drawn outline",
        "point": "a point, extent not drawn",
        "postcode": "a postcode only, place approximate",
    }
)


def look_of(organisation_id: str, sector: str, name: str) -> Look:
    """The look of an organisation.

    Parameters
    ----------
    organisation_id
        Its identifier in the estate.
    sector
        Its sector; one without a place in the table is drawn by a hash of the identifier.
    name
        Its name, whose first letter or digit stands for it where the sector has none.

    Returns
    -------
    Look
        The same for the same organisation in every run and every estate.

    Examples
    --------
    >>> look_of("nycc", "county", "North Yorkshire County Council")
    Look(colour='#0072B2', pattern='diagonal', letter='C')
    >>> look_of("parks", "other", "Parks trust").letter
    'P'
    """
    if sector in _BY_SECTOR:
        return _BY_SECTOR[sector]
    number = int(hashlib.sha256(organisation_id.encode()).hexdigest(), 16)
    letter = next((character.upper() for character in name if character.isalnum()), "?")
    return Look(_HASHED[number % len(_HASHED)], _PATTERNS[number // 97 % len(_PATTERNS)], letter)


def outline_of(status: object) -> Outline:
    """The outline of a status; one that is not known has a look of its own.

    Examples
    --------
    >>> outline_of("surplus").weight, outline_of(None).text
    (5.5, 'status unknown')
    """
    return STATUS_OUTLINES.get(str(status), STATUS_OUTLINES["unknown"])


def ink_on(colour: str) -> str:
    """The ink a pattern or letter is drawn in on a ground: white on dark colours, else near black.

    Examples
    --------
    >>> ink_on("#0072B2"), ink_on("#56B4E9")
    ('#ffffff', '#1c252e')
    """
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return "#ffffff" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.32 else "#1c252e"

"""How a service and a host suit one another by one criterion: a small whole number, the larger the worse.

What is not known is never taken for a fit or for a fault: it has numbers of its own, and what counsel has to say another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int8]
    Positions = NDArray[np.intp]

NOT_ASKED, FITS, AFTER_WORKS, GAP, SHORT_NOW, ARGUABLE, UNKNOWN, BLOCKED = range(8)
VERDICTS = ("not asked", "fits", "after works", "gap", "not known", "arguable", "not known", "blocked")
"""The word for each number."""
MOVES = ("fits", "gap", "not known", "blocked")
STAYS = ("here now", "stays")


@dataclass(frozen=True)
class Finding:
    """What one criterion comes to for one service and host, in words: what is wanted, what is offered, a sentence, who says so.

    `brief` stands for it where there is room for a few words only; the criterion's label does where there is none.
    """

    need: str
    offer: str
    says: str
    source: str
    illustrative: bool = False
    brief: str = ""


class Criterion(Protocol):
    """One thing that a host is judged by: numbers for many hosts at once, and words for one of them."""

    name: str
    label: str

    def codes(self, service: Mapping[str, Any], hosts: Positions) -> Codes:
        """The number of each host, by its position."""
        ...

    def told(self, service: Mapping[str, Any], host: int, code: int) -> Finding:
        """The words that go with the number of one host."""
        ...


CLASSES = (0, 1, 2, 2, 3, 3, 3, 4)
"""For each number how grave it is: not asked, fits, a gap, not known, blocked."""


def source_of(row: Mapping[str, Any]) -> str:
    """Who says what a row says."""
    return str(row.get("source") or "source not stated")


def sources(rows: Iterable[Mapping[str, Any]], *more: str) -> str:
    """Who says what some rows say, each once."""
    return "; ".join(dict.fromkeys([*(source_of(row) for row in rows), *more]))

"""A chart told in a table: heads, rows of text, and which figure each cell is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assetplan.charts.canvas import Amount


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and the identity of the figure it is."""

    text: str
    figure: str = ""


@dataclass(frozen=True)
class Told:
    """What a chart shows, in a table; the first column names the row."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[str, ...] = ()


def cell(amount: Amount) -> Cell:
    """An amount of pounds as a cell."""
    return Cell(amount.words, amount.figure)

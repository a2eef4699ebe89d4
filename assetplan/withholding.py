"""What is kept out of outputs, told to the keeper alone: what, where, why, and what would release it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from assetplan import personal, sensitive
from assetplan.licences import OUTLINE_CODE
from assetplan.schema import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assetplan.issues import Issue
    from assetplan.registers import Register

UNKNOWN_COLUMN_CODE = "unknown-column"
_READERS = 'in estate.toml, [release] {} = ["..."] with the readers to whom it is released'
_WHAT = {
    personal.CODE: ("personal data", _READERS.format("personal")),
    sensitive.CODE: ("sensitive type", _READERS.format("sensitive")),
    UNKNOWN_COLUMN_CODE: ("unrecognised column", "nothing: the table has no such column"),
}


def withheld_frame(issues: Iterable[Issue], registers: Iterable[Register]) -> pd.DataFrame:
    """A row for each cell, row, column and layer that is kept back; none for a reader who has neither issues nor registers here."""
    rows = []
    for issue in issues:
        if issue.code == OUTLINE_CODE:
            by = f'in estate.toml, [licences."{issue.value}"] publish = true'
            rows.append((issue.file, issue.row, issue.column, "outline under licence", issue.message, by))
        elif issue.code in _WHAT:
            what, by = _WHAT[issue.code]
            rows.append((issue.file, issue.row, issue.column, what, issue.message, by))
    for register in registers:
        for read in register.columns:
            if not read.column and read.header:
                by = f'in estate.toml, [registers."{register.file}"] show = ["{read.header}"]'
                rows.append((register.file, "", read.header, "unrecognised column", read.reason, by))
    order = sorted(set(rows), key=lambda row: (row[0], int(row[1]) if row[1].isdigit() else 0, *row[1:]))
    return pd.DataFrame(order, columns=list(table("withheld")), dtype=object)


def in_words(frame: pd.DataFrame) -> str:
    """A short paragraph on what is kept back, "" where nothing is."""
    if frame.empty:
        return ""
    counts = frame["what"].value_counts()
    said = {
        "personal data": ("cell with what looks like a person", "cells with what looks like a person"),
        "sensitive type": ("row of a sensitive kind of place", "rows of a sensitive kind of place"),
        "unrecognised column": ("column nobody recognised", "columns nobody recognised"),
        "outline under licence": ("layer of outlines under licence", "layers of outlines under licence"),
    }
    parts = [
        f"{counts[what]:,} {one if counts[what] == 1 else many}" for what, (one, many) in said.items() if what in counts
    ]
    return f"Withheld: {', '.join(parts)}. Persons and unread columns stay out of your own outputs too; --format json says what releases each."

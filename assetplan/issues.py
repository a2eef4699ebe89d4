"""What a person should know about the data: issues, and the rows that were set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.schema import AUDIENCE
from assetplan.text import clean, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ISSUE_COLUMNS = ("file", "row", "column", "code", "value", "message", "action")
QUARANTINE_COLUMNS = ("file", "row", "subject", "field", "value", "source", "as_of", AUDIENCE, "reason")


@dataclass(frozen=True, order=True, slots=True)
class Issue:
    """Something about the data that a person should know: where, what, the value met, what was done and what mends it."""

    file: str
    row: str
    column: str
    code: str
    value: str
    message: str
    action: str


@dataclass(eq=False)
class Findings:
    """What resolving has to report: issues, and the rows of tables that were set aside, as they stand."""

    issues: list[Issue] = field(default_factory=list)
    aside: list[dict[str, str]] = field(default_factory=list)

    def set_aside(
        self,
        file: str,
        ref: str,
        column: str,
        code: str,
        value: str,
        message: str,
        cells: Mapping[str, Any],
        label: str,
    ) -> None:
        """Record a row of a table that is not used, as it stands, with the reason, under its own label."""
        self.issues.append(
            Issue(file, ref, column, code, readable(value)[:200], message, "Row set aside. Correct it and read again.")
        )
        shown = {name: readable(cells.get(name)) for name in ("subject", "field", "value", "source", "as_of")}
        if not shown["value"]:
            shown["value"] = readable(
                " | ".join(
                    str(cell) for name, cell in cells.items() if cell and name not in {*shown, AUDIENCE, "row", "shape"}
                )
            )
        self.aside.append({"file": file, "row": ref, **shown, AUDIENCE: label, "reason": message})


def issue_frame(issues: Iterable[Issue]) -> pd.DataFrame:
    """Issues as a frame, in the order of file and row."""

    def order(issue: Issue) -> tuple[str, int, str, str, str, str, str]:
        line = int(issue.row) if issue.row.isdigit() else 0
        return (issue.file, line, issue.row, issue.column, issue.code, issue.value, issue.message)

    rows = [tuple(getattr(issue, name) for name in ISSUE_COLUMNS) for issue in sorted(issues, key=order)]
    return pd.DataFrame(rows, columns=list(ISSUE_COLUMNS), dtype=object)


def readable(value: object) -> str:
    """A value met, as one line of text with nothing hidden in it."""
    return "" if value is None else visible(clean(str(value)))

"""Each body's own money where something named goes wrong, in figures that can be walked back.

``strain/late/rdc/borrowing_peak_gbp`` is the most that a body owes where receipts come late; beside it stands what it owes as it is written.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from assetplan.figures.explanation import Explanation, Part, financial
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assetplan.results.result import Appraisal

    Row = Mapping[str, Any]

_FIGURES = {
    "financial_npv_gbp": ("own cash at its own cost of capital", "financial_npv_gbp/{body}"),
    "borrowing_peak_gbp": ("the most that it owes", "borrowing_peak_gbp/{body}"),
    "year_5_gbp": ("effect on revenue in {year_5}", "revenue_effect_gbp/{body}/{year_5_start}"),
    "worst_year_gbp": ("effect on revenue in its worst year", ""),
}
_CHANGES = {
    "financial_npv_change_gbp": "financial_npv_gbp",
    "borrowing_peak_change_gbp": "borrowing_peak_gbp",
    "year_5_change_gbp": "year_5_gbp",
}
_WRITTEN = "as written"


class Strained:
    """Figures of what stresses do to each body's own money.

    Parameters
    ----------
    result
        The appraisal.
    names
        Bodies by their identifiers.
    """

    def __init__(self, result: Appraisal, names: Mapping[str, str]) -> None:
        self._result, self._names = result, names

    @cached_property
    def _rows(self) -> Mapping[str, Row]:
        return {str(row["figure_id"]): row for row in records(self._result.stressed_budgets())}

    def ids(self) -> Iterator[str]:
        """The figures."""
        for path, row in self._rows.items():
            yield from (
                f"{path}/{column}" for column in (*_FIGURES, *_CHANGES) if row[column] == row[column] is not None
            )

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        if not figure_id.startswith("strain/"):
            return None
        path, _, column = figure_id.rpartition("/")
        row = self._rows.get(path)
        if row is None or row.get(column) is None or row[column] != row[column]:
            return None
        if column in _CHANGES:
            return self._change(figure_id, path, row, column)
        if column not in _FIGURES:
            return None
        name, as_written = (self._filled(text, row) for text in _FIGURES[column])
        how = f"{self._words(path, row)} The scenario is reckoned again so, with every input in the middle."
        parts = (
            (Part(as_written, "as it is written", self._result.explain(as_written).value or 0.0),)
            if as_written
            and self._result.knows(
                as_written
            )  # what goes wrong may cost a body that has no part in it as it is written
            else ()
        )
        return self._told(
            figure_id, f"{self._body(row)}: {name}: {row['stress']}", float(row[column]), how, "found", parts
        )

    def _change(self, figure_id: str, path: str, row: Row, column: str) -> Explanation:
        figure = _CHANGES[column]
        first = f"strain/{_WRITTEN}/{row['organisation']}/{figure}"
        before = float(row[figure]) - float(row[column])
        name = self._filled(_FIGURES[figure][0], row)
        parts = [Part(f"{path}/{figure}", str(row["stress"]), float(row[figure]))]
        if first.removesuffix(f"/{figure}") in self._rows:
            parts.append(Part(first, "as it is written", before, times=-1.0))
        return self._told(figure_id, f"{self._body(row)}: change of {name}: {row['stress']}", float(row[column]),
                          "What it is then, less what it is as it is written.", "sum", tuple(parts))  # fmt: skip

    @staticmethod
    def _told(figure_id: str, name: str, value: float, how: str, joined: Any, parts: tuple[Part, ...]) -> Explanation:
        return Explanation(figure_id, name, value, None, None, "GBP", "pounds of each year", how, joined, parts)

    def _body(self, row: Row) -> str:
        return self._names.get(str(row["organisation"]), str(row["organisation"]))

    def _words(self, path: str, row: Row) -> str:
        key = path.removesuffix(f"/{row['organisation']}").replace("strain", "stress", 1)
        return self._stress_words[key]

    @cached_property
    def _stress_words(self) -> Mapping[str, str]:
        return {str(row["figure_id"]): str(row["words"]) for row in records(self._result.stress())}

    @staticmethod
    def _filled(text: str, row: Row) -> str:
        year = int(row["year_5"])
        return text.format(body=row["organisation"], year_5=financial(year), year_5_start=year)

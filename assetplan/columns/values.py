"""The values of one column of a register, cell by cell, and what only the whole column shows: dates, ticks, damage."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from assetplan.cells import LOOSE_DATES, NOT_APPLICABLE, CellError, Value, parse
from assetplan.choices import ODS_STATUS, choice_by_owner, decision_in
from assetplan.columns.content import said
from assetplan.columns.headings import heading_unit, shown
from assetplan.columns.mapping import is_ticked, tick_tenure
from assetplan.dates import MONTH_FIRST, SERIAL, is_vague, reading_of
from assetplan.issues import Issue
from assetplan.schema import ASSETS
from assetplan.text import clean, visible, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetplan.schema import Column

_MEMO = 50_000  # cells of one column whose values are remembered: columns with more are mostly of cells met once
_LEFT = "Cell left unknown; the rest of the row is used. Correct the cell."
_POSTCODE_AT_END = re.compile(
    r"\b([A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2})(,? (UK|UNITED KINGDOM|ENGLAND|WALES|SCOTLAND))?\W*$"
)
_ROUNDED = 5  # UPRNs of a column that may end in three noughts by chance


def column_values(
    file: str, column: Column, positions: list[int], header: list[str], rows: list[list[str]], lines: list[int]
) -> tuple[list[Value], list[Issue]]:
    """The values of one column: of one position, or of several that are joined (text) or added up (numbers)."""
    issues: list[Issue] = []
    read: list[list[Value]] = []
    for position in positions:
        texts = [row[position] for row in rows]
        head = shown(header[position])
        unit = heading_unit(column, header[position])
        if column.kind == "date":
            unit = reading_of(said(texts))
            issues += _date_notes(file, column, head, unit, texts)
        if column.name == "status":
            texts = status_texts(texts)
        memo: dict[str, Value | CellError] = {}
        values: list[Value] = []
        value: Value | CellError
        for text, line in zip(texts, lines, strict=True):
            if text in memo:
                value = memo[text]
            else:
                try:
                    value = parse(column, text, unit)
                except CellError as error:
                    value = error
                if len(memo) < _MEMO:
                    memo[text] = value
            if isinstance(value, CellError):
                issues.append(Issue(file, str(line), head, value.code, visible(clean(text))[:200], str(value), _LEFT))
                value = None
            values.append(value)
        if column.kind == "uprn" and _are_rounded(values):
            issues.append(_rounded(file, head, values))
            values = [None] * len(values)
        read.append(values)
    if len(read) == 1:
        return read[0], issues
    if column.kind != "number":
        return [
            ", ".join(str(part) for part in parts if part is not None) or None for parts in zip(*read, strict=True)
        ], issues
    sums: list[Value] = []
    for row, parts in zip(rows, zip(*read, strict=True), strict=True):
        absent = [clean(row[position]).lower() in NOT_APPLICABLE for position in positions]
        complete = all(part is not None or gone for part, gone in zip(parts, absent, strict=True))
        sums.append(
            sum(float(part) for part in parts if isinstance(part, float)) if complete and not all(absent) else None
        )
    return sums, issues


def status_texts(texts: Sequence[str]) -> list[str]:
    """Cells of a status, with the NHS's letters written out where the column holds nothing else."""
    return [ODS_STATUS.get(words(text), text) for text in texts] if _are_ods(texts) else list(texts)


def _are_ods(texts: Sequence[str]) -> bool:
    """Whether a column holds the status codes of the NHS Organisation Data Service and nothing else."""
    codes = {words(text) for text in said(list(set(texts)))}
    return {"a", "c"} <= codes <= set(ODS_STATUS)


def _are_rounded(values: Sequence[Value]) -> bool:
    """Whether a spreadsheet that keeps fifteen figures or fewer, or shows fewer, has cost a column of UPRNs their last digits."""
    present = [str(value) for value in values if value is not None]
    rounded = [value for value in present if len(value) >= 9 and value.endswith("000")]
    return len(rounded) >= _ROUNDED and 2 * len(rounded) > len(present)


def _rounded(file: str, head: str, values: Sequence[Value]) -> Issue:
    example = next(str(value) for value in values if value is not None and str(value).endswith("000"))
    return Issue(
        file,
        "",
        head,
        "uprn-rounded",
        example,
        "most UPRNs of the column end in 000: a spreadsheet has rounded them and the last digits are lost",
        "All are left unknown. Export the column again as text.",
    )


def _date_notes(file: str, column: Column, head: str, reading: str, texts: Sequence[str]) -> list[Issue]:
    notes = []
    if reading == MONTH_FIRST:
        message = "some dates can only have the month first, and none only the day; the column is read month first"
        notes.append(Issue(file, "", head, "month-first", "", message, "Write dates as 2010-06-24 to be sure."))
    elif reading == SERIAL:
        message = "dates stand as a spreadsheet counts days, from 1900"
        notes.append(
            Issue(file, "", head, "date-serials", "", message, "Read so. Format the column as dates to be sure.")
        )
    vague = [
        text
        for text in said(texts)
        if is_vague(text) and not (reading and text.replace(".", "").isdigit() and len(text) > 4)
    ]
    if vague and column.name in LOOSE_DATES:
        message = f"{len(vague)} cells give a month, a year or a year of two figures, not a day"
        mend = "Read as the first day; a year of two figures as Excel does (30 is 1930). Give the day where it matters."
        notes.append(Issue(file, "", head, "vague-date", visible(vague[0])[:80], message, mend))
    return notes


def ticked_tenure(
    file: str, positions: Sequence[int], header: list[str], rows: list[list[str]], lines: list[int]
) -> tuple[list[Value], list[Value], list[Issue]]:
    """Tenure and how the place is occupied, from columns that are ticked."""
    meant = {position: tick_tenure(header[position]) for position in positions}
    issues: list[Issue] = []
    tenures: list[Value] = []
    details: list[Value] = []
    for row, line in zip(rows, lines, strict=True):
        ticked = [meant[position] for position in positions if is_ticked(row[position])]
        own = sorted({tenure for tenure, _ in ticked})
        if len(own) > 1:
            message = f"ticks say {' and '.join(own)}; one row is one interest"
            issues.append(Issue(file, str(line), "tenure", "ambiguous", ", ".join(own), message, _LEFT))
        tenures.append(own[0] if len(own) == 1 else None)
        details.append("; ".join(dict.fromkeys(detail for _, detail in ticked if detail)) or None)
    return tenures, details, issues


def as_given(name: str, values: Sequence[Value], texts: Sequence[str]) -> list[Value]:
    """The register's own words, where a word of a vocabulary was read from them that says less than they do.

    Of private ownership only the words of the vocabulary are kept: others name somebody.
    """

    @cache
    def kept(value: Value, text: str) -> Value:
        said_alike = words(text) == words(str(value))
        names = name == "ownership" and value == "private" and choice_by_owner(text)
        return None if value is None or said_alike or names else clean(text)

    return [kept(value, text) for value, text in zip(values, texts, strict=True)]


def postcodes_in(file: str, head: str, texts: Sequence[str]) -> tuple[list[Value], list[Issue]]:
    """The postcode each address ends in, where the register has no column of postcodes, and an issue with the count."""
    found: list[Value] = []
    for text in texts:
        match = _POSTCODE_AT_END.search(clean(text).upper())
        try:
            found.append(parse(ASSETS["postcode"], match[1]) if match else None)
        except CellError:
            found.append(None)
    if not any(found):
        return found, []
    message = f"no column holds postcodes; {len(found) - found.count(None)} addresses end in one"
    return found, [
        Issue(
            file,
            "",
            head,
            "postcode-from-address",
            "",
            message,
            "Read from there. Give postcodes a column of their own.",
        )
    ]


def deciders(texts: Sequence[str]) -> list[Value]:
    """Who decided the status, where the cells of the status say so."""
    found = {text: decision_in(text)[1] or None for text in set(texts)}
    return [found[text] for text in texts]

"""How well the registers of an estate could be read: the account of every row, what is wrong, and what more would add.

The account stands here as plain values and as words for a terminal; `assetplan.quality_page` makes a page of it. Rows that were set
aside can be written to files, corrected there, and read again.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.errors import ReaderError
from assetplan.output import check_free, write_whole
from assetplan.rows import SET_ASIDE
from assetplan.statements import KEEPER
from assetplan.text import counted, plain_cell, slug

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from assetplan.estate import Estate
    from assetplan.rows import Aside

# What a column lets people see. Where a register lacks it, this is what asking for it would add.
ADDS = {
    "location": "rows on the map, and who their neighbours are",
    "name": "sites that people can find and talk about",
    "address": "a place that people can go to, and names of towns on the map",
    "postcode": "a place for rows without coordinates, and a check on the coordinates of the others",
    "reference": "rows that can be followed from one year's register to the next",
    "use": "what could be shared with what",
    "tenure": "what may be sold, let or shared, and what is only rented",
    "status": "what is surplus or under review",
    "decided_by": "whether surplus is a decision or an opinion",
    "uprn": "the same building in two bodies' registers, and the parcel it stands on",
    "title_no": "the land a building belongs to: its outline, its size, and what it touches",
    "site_area_ha": "the size of sites whose outline is not drawn",
    "gia_m2": "space for each member of staff, and cost for each square metre",
    "fte": "space and cost for each member of staff",
    "running_cost_gbp_pa": "what a building costs to keep, and so what closing it could save",
    "backlog_gbp": "what must be spent if nothing is changed",
}  # fmt: skip

# What issues about the place of a row name as their column, whatever the register calls it.
_OF_PLACES = ("coordinates", "geometry")
_SEVERITY = ("Row set aside", "Row kept, not located", "Cell left unknown")


def account(estate: Estate) -> dict[str, Any]:
    """The account of an estate's registers as plain values, as ``assetplan check --format json`` prints it.

    Returns
    -------
    dict
        ``rows_read``, ``accepted``, ``quarantined``, ``located``, ``located_by`` precision, ``registers`` with the same figures
        and how each column was read, ``issues``, ``coverage`` by organisation and column, ``missing`` columns with what each
        would add, and for the keeper what is ``withheld``. Rows read are always rows accepted and quarantined, in total and for
        each register.

    Examples
    --------
    >>> import assetplan as ap
    >>> found = account(ap.read_estate("data/malton"))
    >>> found["rows_read"] == found["accepted"] + found["quarantined"]
    True
    """
    registers = []
    for row in estate.registers.to_dict("records"):
        reads = [{"position": p, "header": h, "column": c or None, "reason": r} for p, h, c, r in row["columns"]]
        registers.append(
            {
                **{key: row[key] or None for key in ("path", "organisation", "kind", "crs")},
                **{key: row[key] for key in ("rows_read", "accepted", "quarantined", "located")},
                "columns": reads,
            }
        )
    precision = estate.assets["location_precision"].value_counts().to_dict()
    total = {key: int(estate.registers[key].sum()) for key in ("rows_read", "accepted", "quarantined")}
    parts = [row["rows_read"] == row["accepted"] + row["quarantined"] for row in registers]
    if not all(parts) or total["accepted"] != len(estate.assets):
        raise AssertionError("rows read are not rows accepted and quarantined")
    return {
        **total,
        "located": int((estate.assets["location_precision"] != "none").sum()),
        "located_by": {key: int(precision.get(key, 0)) for key in ("polygon", "point", "postcode")},
        "registers": registers,
        "issues": estate.issues.to_dict("records"),
        **({"withheld": estate.withheld.to_dict("records")} if estate.audience == KEEPER else {}),
        "coverage": {
            str(k): {str(c): float(v) for c, v in row.items()} for k, row in estate.coverage().to_dict("index").items()
        },
        "missing": missing_columns(estate).to_dict("records"),
    }


def issues_by_kind(estate: Estate) -> pd.DataFrame:
    """The issues of an estate counted by kind, what sets rows aside first, then what leaves them off the map, then the rest.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``issues`` (how many), ``files`` (how many), and the first of them as an example: ``file``, ``row``, ``column``,
        ``value``, ``message``, ``action``.

    Examples
    --------
    >>> import assetplan as ap
    >>> list(issues_by_kind(ap.read_estate("data/malton")).columns[:3])
    ['code', 'issues', 'files']
    """
    issues = estate.issues
    columns = ["code", "issues", "files", "file", "row", "column", "value", "message", "action"]
    if issues.empty:
        return pd.DataFrame(columns=columns, dtype=object)
    groups = issues.groupby("code", sort=True)
    first = groups.first().assign(issues=groups.size(), files=groups["file"].nunique()).reset_index()
    worst = [
        next((at for at, begins in enumerate(_SEVERITY) if action.startswith(begins)), len(_SEVERITY))
        for action in first["action"]
    ]
    order = sorted(range(len(first)), key=lambda i: (worst[i], -int(first["issues"].iat[i]), first["code"].iat[i]))
    return first.iloc[order].reset_index(drop=True)[columns]


def missing_columns(estate: Estate) -> pd.DataFrame:
    """What registers leave out of an estate, and what each column would add, the most useful first.

    Returns
    -------
    pandas.DataFrame
        ``column``, ``share`` of all assets that have it (0 to 1), ``missing_from`` (organisations of whose assets fewer than half
        have it), ``adds`` (what it would let people see). Columns that at least half the assets of every organisation have are not
        listed.

    Examples
    --------
    >>> import assetplan as ap
    >>> frame = missing_columns(ap.read_estate("data/malton"))
    >>> "uprn" in set(frame["column"])
    True
    """
    coverage = estate.coverage()
    counts = estate.assets["organisation"].astype(object).value_counts()
    rows = []
    for column, adds in ADDS.items():
        if column not in coverage or coverage.empty:
            continue
        lacking = tuple(str(owner) for owner in coverage.index[coverage[column] < 0.5])
        if lacking:
            weights = counts.reindex(coverage.index).astype(float)
            share = float((coverage[column] * weights).sum() / weights.sum())
            rows.append({"column": column, "share": round(share, 4), "missing_from": lacking, "adds": adds})
    return pd.DataFrame(rows, columns=["column", "share", "missing_from", "adds"])


def badly_placed(estate: Estate) -> pd.DataFrame:
    """Assets whose place somebody should look at: what was repaired, what is doubted, what found no place.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``asset_id``: ``register``, ``row``, ``code``, ``value``, ``message``, ``action``. An asset may stand in several rows.

    Examples
    --------
    >>> import assetplan as ap
    >>> len(badly_placed(ap.read_estate("data/malton").for_audience("public")))
    0
    """
    issues = estate.issues[estate.issues["column"].isin(_OF_PLACES) & (estate.issues["row"] != "")]
    assets = estate.assets[["register", "row"]].assign(row=estate.assets["row"].astype(str)).reset_index()
    joined = issues.merge(assets, left_on=["file", "row"], right_on=["register", "row"], how="inner")
    columns = ["register", "row", "code", "value", "message", "action"]
    return joined.set_index("asset_id")[columns].sort_index(kind="stable")


# ------------------------------------------------------------------------------------------------------- rows set aside


def write_set_aside(estate: Estate, folder: str | os.PathLike[str], *, force: bool = False) -> list[Path]:
    """Write the rows that registers set aside as they stand, a CSV for each register, to be corrected and read again.

    Parameters
    ----------
    estate
        The keeper's estate.
    folder
        Where to write. Each file is named after its register.
    force
        Replace files that are there.

    Returns
    -------
    list of pathlib.Path
        The files written; none where nothing was set aside.

    Raises
    ------
    ReaderError
        Where the estate is not the keeper's: the rows hold every cell, also of columns that stay out of outputs.
    OutputError
        Where a file cannot be written or is there already.

    Notes
    -----
    Three columns come first: the register, the line, and why. Correct the rows, put the file beside its register, and read the folder
    again: it takes the readers and the rest of what estate.toml says from the register it names. A cell that a spreadsheet would run
    has an apostrophe before it, which is taken away when the file is read.

    Examples
    --------
    >>> import assetplan as ap
    >>> ap.write_set_aside(ap.read_estate("data/malton"), "nowhere")  # nothing was set aside
    []
    """
    if estate.audience != KEEPER:
        raise ReaderError(
            "Rows set aside hold every cell of their register, so they are written for the keeper alone: read the folder without --audience."
        )
    target = Path(folder)
    wanted = [register for register in estate._statements.registers if register.aside.rows]
    repeated = Counter(slug(Path(register.file).stem) for register in wanted)
    files = []
    for register in wanted:
        file = register.file
        stem = slug(Path(file).stem)
        path = target / f"{slug(file) if repeated[stem] > 1 else stem}-set-aside.csv"
        check_free(path, force=force)
        files.append((path, _aside_csv(register.origin or file, register.aside)))
    for path, data in files:
        write_whole(path, data)
    return [path for path, _ in files]


def _aside_csv(file: str, aside: Aside) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")

    def write(cells: Iterable[str]) -> None:
        writer.writerow([plain_cell(cell) for cell in cells])

    for title in aside.titles:
        write([title])
    write([*SET_ASIDE, *aside.header])
    for line, why, cells in aside.rows:
        write([file, str(line), why, *cells])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8", "surrogatepass")


def where_of(issue: dict[str, str]) -> str:
    """Where an issue is, and the value met: file, row, column."""
    where = ", ".join(
        part for part in (issue["file"], f"row {issue['row']}" if issue["row"] else "", issue["column"]) if part
    )
    return f"{where}: {issue['value']}" if issue["value"] else where


def in_words(estate: Estate, *, most: int = 12) -> Sequence[str]:
    """Kinds of issue and missing columns as lines for a terminal, at most so many kinds."""
    kinds = issues_by_kind(estate)
    if kinds.empty:
        lines = ["No issues."]
    else:
        lines = [
            f"{counted(len(estate.issues), 'issue').capitalize()} of {counted(len(kinds), 'kind')}, the first of each:"
        ]
        for kind in kinds.head(most).to_dict("records"):
            lines.append(f"  {kind['issues']:>7,}  {kind['code']}: {kind['message']}")
            lines.append(f"           {where_of(kind)}. {kind['action']}")
        if len(kinds) > most:
            lines.append(f"  and {counted(len(kinds) - most, 'kind')} more")
    missing = missing_columns(estate).head(4).to_dict("records")
    if missing:
        lines += ["", "What more would add:"]
        lines += [f"  {row['column']} (now {row['share']:.0%} of rows): {row['adds']}" for row in missing]
    return lines

"""How well the registers of an estate could be read: the account of every row, what is wrong, and what more would add.

The same account in three shapes: words for a terminal, JSON for programs, and a page for the colleagues who keep the registers, with
a map of what is badly placed. Rows that were set aside can be written to files, corrected there, and read again.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assetplan.errors import ReaderError
from assetplan.grid import geometries_to_degrees
from assetplan.imprint import attributions_of, dates_of, reader_of, sources_of, stamp_of, title_of
from assetplan.listing import one_table, quarantine_table, registers_table, withheld_table
from assetplan.maps import ground_of, lat_lon, organisations_of, page_map
from assetplan.output import check_free, write_whole
from assetplan.page.shell import page_html
from assetplan.page.view import FactColumn, MapView, PageView, Sites
from assetplan.placing import PLACING_CODES
from assetplan.registers import SET_ASIDE
from assetplan.schema import ASSETS, STATUSES
from assetplan.statements import KEEPER
from assetplan.text import plain_cell, slug
from assetplan.wording import counted

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    import folium

    from assetplan.estate import Estate
    from assetplan.page.view import Table
    from assetplan.registers import Aside

_EXAMPLES = 3
_NAMED = 6

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
    issues = estate.issues[estate.issues["code"].isin(PLACING_CODES) & (estate.issues["row"] != "")]
    assets = estate.assets[["register", "row"]].assign(row=estate.assets["row"].astype(str)).reset_index()
    joined = issues.merge(assets, left_on=["file", "row"], right_on=["register", "row"], how="inner")
    columns = ["register", "row", "code", "value", "message", "action"]
    return joined.set_index("asset_id")[columns].sort_index(kind="stable")


# ------------------------------------------------------------------------------------------------------- the page


def save_quality(estate: Estate, path: str | os.PathLike[str]) -> Path:
    """Write the data-quality page of an estate: one HTML file that loads nothing from anywhere.

    Parameters
    ----------
    estate
        The estate, as its reader may know it: `read_estate` for the keeper.
    path
        Where to write. The file is replaced whole or not at all.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    OutputError
        Where the file cannot be written.

    Examples
    --------
    >>> import assetplan as ap, pathlib, tempfile
    >>> ap.save_quality(ap.read_estate("data/malton"), pathlib.Path(tempfile.mkdtemp()) / "quality.html").name
    'quality.html'
    """
    target = Path(path)
    write_whole(target, page_html(_quality_map(estate)).encode("utf-8"))
    return target


def _quality_map(estate: Estate) -> folium.Map:
    doubted = badly_placed(estate)
    placed = estate.assets[estate.assets["location_precision"] != "none"]
    chosen = placed[placed.index.isin(doubted.index)]
    if len(chosen):
        caption = (
            "Only rows whose place somebody should look at are on this map: what was repaired, and what is doubted."
        )
    else:
        chosen = placed
        doubt = "The rows to look at found no place" if len(doubted) else "Nothing is known to be badly placed"
        caption = f"{doubt}, so every row that has one is on this map, to be looked at as a whole."
    bounds, backdrop, places, file, sources = ground_of(estate, (chosen,))
    numbers = {str(asset): number for number, asset in enumerate(chosen.index)}
    organisations = organisations_of(estate, chosen["organisation"])
    return page_map(
        PageView(
            title=f"How the registers were read: {title_of(estate)}",
            stamp=stamp_of(estate),
            banner=[],
            dates=dates_of(estate),
            summary=_summary(estate, doubted),
            map=MapView(
                organisations=organisations,
                sites=_rows_on_map(chosen, doubted, [one["id"] for one in organisations]),
                context=[],
                relations=[],
                constraints=[],
                assemblies=[],
                backdrop=backdrop,
                places=places,
                bounds=bounds,
            ),
            map_caption=caption,
            attributions=attributions_of(estate, file),
            notes=[],
            tables_title="The account in tables",
            tables=_tables(estate, doubted, numbers),
            sources=[*sources_of(estate), *sources],
        )
    )


def _rows_on_map(chosen: Any, doubted: pd.DataFrame, organisations: list[str]) -> Sites:
    keys = [str(key) for key in chosen.index]
    said = {str(key): rows for key, rows in doubted.groupby(level=0, sort=False)}
    nothing = doubted.iloc[:0]
    lines = [
        ("Register", [f"{file}, line {line}" for file, line in zip(chosen["register"], chosen["row"], strict=True)]),
        ("What is wrong", ["; ".join(dict.fromkeys(said.get(key, nothing)["message"])) for key in keys]),
        ("The cells", ["; ".join(filter(None, dict.fromkeys(said.get(key, nothing)["value"]))) for key in keys]),
        ("What was done", ["; ".join(dict.fromkeys(said.get(key, nothing)["action"])) for key in keys]),
        ("Address", [str(text or "") for text in chosen["address"]]),
        ("Postcode", [str(text or "") for text in chosen["postcode"]]),
    ]
    shapes = np.asarray(chosen.geometry.to_numpy(), dtype=object)
    return Sites(
        id=keys,
        name=[str(name or address or key) for key, name, address in zip(keys, chosen["name"], chosen["address"], strict=True)],
        organisation=[organisations.index(owner) for owner in chosen["organisation"]],
        status=[status if status in STATUSES else "unknown" for status in chosen["status"]],
        precision=list(chosen["location_precision"]),
        use=[str(use or "") for use in chosen["use"]],
        area_ha=[None] * len(keys),
        shape=geometries_to_degrees(shapes) if len(shapes) else np.empty(0, dtype=object),
        at=lat_lon(chosen["easting"], chosen["northing"]),
        facts=[
            FactColumn(label=label, values=values, sources=[""] * len(keys), flags=[0] * len(keys), searched=label in {"Register", "Address"})
            for label, values in lines
            if any(values)
        ],
        notes=[],
    )  # fmt: skip


def _summary(estate: Estate, doubted: pd.DataFrame) -> list[str]:
    found = account(estate)
    kinds = issues_by_kind(estate)
    placed = ", ".join(f"{n:,} by {k}" for k, n in found["located_by"].items() if n) or "none"
    files = counted(len(estate.registers), "register")
    count = f"{found['rows_read']:,} rows of {files} were read: {found['accepted']:,} accepted, {found['quarantined']:,} set aside."
    lines = [f"{count} {found['located']:,} of those accepted have a place ({placed})."]
    if len(kinds):
        lines.append(
            f"{counted(len(estate.issues), 'issue').capitalize()} of {counted(len(kinds), 'kind')}, listed below with examples and what mends each."
        )
    if len(doubted):
        look = doubted.index.nunique()
        off = int((estate.assets.loc[doubted.index.unique(), "location_precision"] == "none").sum())
        on = f", {look - off:,} of them on the map" if 0 < off < look else ""
        lines.append(
            f"The place of {counted(look, 'row')} needs a look{on}. "
            + ("None of them is on the map: they stand in the table." if off == look else "The table has them all.")
        )
    missing = missing_columns(estate)
    if len(missing):
        said = [f"{row['column']} ({row['adds']})" for row in missing.head(3).to_dict("records")]
        lines.append(f"What would add most: {'; '.join(said)}.")
    return lines


def _tables(estate: Estate, doubted: pd.DataFrame, numbers: dict[str, int]) -> list[Table]:
    tables = [
        registers_table(estate),
        _kinds_table(estate),
        _doubted_table(estate, doubted, numbers),
        quarantine_table(estate),
        _coverage_table(estate),
        _missing_table(estate),
        _columns_table(estate),
        withheld_table(estate),
    ]
    return [table for table in tables if table is not None]


def _kinds_table(estate: Estate) -> Table | None:
    kinds = issues_by_kind(estate)
    if kinds.empty:
        return None
    rows = []
    for kind in kinds.to_dict("records"):
        some = estate.issues[estate.issues["code"] == kind["code"]].head(_EXAMPLES).to_dict("records")
        rows.append(
            [kind["code"], f"{kind['issues']:,}", kind["message"], "; ".join(map(where_of, some)), kind["action"]]
        )
    return one_table(
        "kinds",
        f"Issues by kind ({len(kinds):,})",
        "What sets rows aside comes first, then what leaves them off the map. The words are those of the first of its kind.",
        ["Kind", "How many", "What is wrong", "Where, the first of them", "What was done, what mends it"],
        rows,
        numeric=["How many"],
        folded=False,
    )


def where_of(issue: dict[str, str]) -> str:
    """Where an issue is, and the value met: file, row, column."""
    where = ", ".join(
        part for part in (issue["file"], f"row {issue['row']}" if issue["row"] else "", issue["column"]) if part
    )
    return f"{where}: {issue['value']}" if issue["value"] else where


def _doubted_table(estate: Estate, doubted: pd.DataFrame, numbers: dict[str, int]) -> Table | None:
    if doubted.empty:
        return None
    names = {
        str(key): str(name or address or key)
        for key, name, address in zip(estate.assets.index, estate.assets["name"], estate.assets["address"], strict=True)
    }
    rows = [
        [names[str(asset)], f"{row['register']}, line {row['row']}", row["value"] or "-", row["message"], row["action"]]
        for asset, row in zip(doubted.index, doubted.to_dict("records"), strict=True)
    ]
    return one_table(
        "places",
        f"Places to look at ({len(rows):,})",
        "Rows that were placed by repairing what the register says, that lie where they hardly can, or that found no place.",
        ["Row", "Where it stands", "The cells", "What is wrong", "What was done, what mends it"],
        rows,
        sites=[numbers.get(str(asset), -1) for asset in doubted.index],
        folded=False,
    )


def _coverage_table(estate: Estate) -> Table | None:
    coverage = estate.coverage()
    given = [column for column in coverage.columns if coverage[column].any()]
    if coverage.empty or not given:
        return None
    rows = [
        [_named(estate, str(owner)), *(f"{share:.0%}" for share in coverage.loc[owner, given])]
        for owner in coverage.index
    ]
    return one_table(
        "coverage",
        f"What the registers give ({counted(len(rows), 'body', 'bodies')})",
        "Of each body's rows the share that gives a column. Columns that nobody gives are in the next table.",
        ["Body", *given],
        rows,
        numeric=given,
        folded=False,
    )


def _named(estate: Estate, owner: str) -> str:
    found = estate.organisations.get(owner)
    return found.name if found else "owner unknown"


def _lacking(estate: Estate, owners: Sequence[str]) -> str:
    """Bodies that lack a column, in words: all of them, or a few by name."""
    if len(owners) > 1 and len(owners) == estate.assets["organisation"].nunique():
        return "every body"
    rest = f" and {len(owners) - _NAMED:,} more" if len(owners) > _NAMED else ""
    return "; ".join(_named(estate, owner) for owner in owners[:_NAMED]) + rest


def _missing_table(estate: Estate) -> Table | None:
    missing = missing_columns(estate)
    if missing.empty:
        return None
    rows = [
        [
            row["column"],
            ASSETS[row["column"]].meaning if row["column"] in ASSETS else "where it lies",
            row["adds"],
            f"{row['share']:.0%}",
            _lacking(estate, row["missing_from"]),
        ]
        for row in missing.to_dict("records")
    ]
    return one_table(
        "missing",
        f"What more would add ({len(rows):,})",
        "Columns that fewer than half of a body's rows give, and what people could see if they were given.",
        ["Column", "Meaning", "What it would add", "Of all rows", "Ask"],
        rows,
        numeric=["Of all rows"],
        folded=False,
    )


def _columns_table(estate: Estate) -> Table | None:
    rows = [
        [row["path"], str(position), head or "(not told)", column or "-", reason]
        for row in estate.registers.to_dict("records")
        for position, head, column, reason in row["columns"]
    ]
    if not rows:
        return None
    return one_table(
        "columns",
        f"How columns were read ({len(rows):,})",
        "Each column of each register, what it was taken for, and why. Columns nobody recognised reach no output.",
        ["Register", "Position", "Heading", "Read as", "Why"],
        rows,
        numeric=["Position"],
    )


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
            f"Rows set aside hold every cell of their register, so they are written for the keeper alone, not for {reader_of(estate)}."
        )
    target = Path(folder)
    wanted = [(register.file, register.aside) for register in estate._statements.registers if register.aside.rows]
    repeated = Counter(slug(Path(file).stem) for file, _ in wanted)
    files = []
    for file, aside in wanted:
        stem = slug(Path(file).stem)
        path = target / f"{slug(file) if repeated[stem] > 1 else stem}-set-aside.csv"
        check_free(path, force=force)
        files.append((path, _aside_csv(file, aside)))
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

"""Answers of the command line as text: tables for people, JSON and CSV for programs. Nothing here prints."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assetplan.imprint import reader_of, stamp_of
from assetplan.quality import in_words
from assetplan.sentences import relation_in_words
from assetplan.text import shown_name, visible
from assetplan.withholding import in_words as withheld_in_words
from assetplan.wording import day

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from assetplan.assembly_words import Section
    from assetplan.estate import Estate
    from assetplan.neighbourhood import ContactSheet

_SHEET = 100  # characters across a contact sheet that is not for a terminal
_WIDEST = 120  # characters across one that is: longer lines are hard to read
_NAMED = 12  # headings nobody recognised that the account names for each register


def plain(value: Any) -> Any:
    """A value as JSON has it: lists for tuples, null for what is absent, ISO dates, Python numbers."""
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return None if value is None or value != value else value  # noqa: PLR0124


def as_json(value: object) -> str:
    """A value as JSON, a key a line."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_csv(frame: pd.DataFrame) -> str:
    """A frame as CSV in which no cell is a live formula."""
    from assetplan.exporting import csv_bytes  # brings GDAL with it, which the other answers do without

    return csv_bytes(frame).decode("utf-8-sig").replace("\r\n", "\n")


def as_table(frame: pd.DataFrame) -> str:
    """A frame as a table for a terminal, as wide as the terminal is, or 160 characters."""
    if frame.empty:
        return "Nothing to list.\n"
    drawn = Table(show_lines=False, header_style="bold", pad_edge=False)
    numeric = {name: all(isinstance(plain(v), (int, float, type(None))) for v in frame[name]) for name in frame.columns}
    for name in frame.columns:
        drawn.add_column(Text(str(name)), justify="right" if numeric[name] else "left", overflow="fold")
    for row in frame.itertuples(index=False, name=None):
        drawn.add_row(*(Text(_shown(value)) for value in row))
    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 160)
    with console.capture() as capture:
        console.print(drawn)
    return capture.get()


def in_sections(sections: Iterable[Section]) -> str:
    """Parts of an answer one below the other: heading, sentences, table."""
    parts = []
    for section in sections:
        table = [as_table(section.table).rstrip("\n")] if section.table is not None else []
        parts.append("\n".join([*([section.heading.upper()] if section.heading else []), *section.sentences, *table]))
    return "\n\n".join(parts) + "\n"


def _shown(value: Any) -> str:
    value = plain(value)
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return visible("; ".join(map(str, value)) if isinstance(value, list) else str(value))


def in_a_line(estate: Estate, account: dict[str, Any]) -> str:
    """The account of an estate's rows in a sentence; `account` is that of `assetplan.quality.account`."""
    placed = ", ".join(f"{n:,} by {k}" for k, n in account["located_by"].items() if n) or "none"
    return (
        f"{estate.name}: {account['rows_read']:,} rows read, {account['accepted']:,} accepted, "
        f"{account['quarantined']:,} quarantined; {account['located']:,} located ({placed})."
    )


def account_in_words(estate: Estate, account: dict[str, Any], asked: str) -> str:
    """The account of an estate for a terminal: rows, registers, what was not read, kinds of issue, what more would add.

    `asked` is what the person called the estate.
    """
    keys = ["path", "organisation", "kind", "rows_read", "accepted", "quarantined", "located", "crs"]
    if not account["registers"]:
        return (
            f"{estate.name}: there is no register yet. Put each body's file into the folder registers, and check again."
        )
    lines = [
        f"{in_a_line(estate, account)}\n",
        as_table(pd.DataFrame([{key: register[key] for key in keys} for register in account["registers"]])),
    ]
    unread = [
        (r["path"], [c["header"] for c in r["columns"] if not c["column"] and c["header"]])
        for r in account["registers"]
    ]
    told = [
        f"  {path}: {', '.join(heads[:_NAMED])}" + (f" and {len(heads) - _NAMED:,} more" if len(heads) > _NAMED else "")
        for path, heads in unread
        if heads
    ]
    if told:
        lines += ["Columns nobody recognised (kept out of every output):", *told, ""]
    if said := withheld_in_words(estate.withheld):
        lines += [said, ""]
    lines += in_words(estate)
    lines += [
        "",
        f"Everything, with a map of what is badly placed: assetplan check {shown_name(asked)} -o quality.html",
    ]
    return "\n".join(lines)


def pairs_in_words(sites: gpd.GeoDataFrame, pairs: pd.DataFrame) -> str:
    """Pairs of sites for a terminal: both by name and identifier, the relation, and how they lie."""
    names = dict(zip(map(str, sites.index), sites["name"], strict=True))
    columns = ["site", "neighbour", "relation", "how they lie"]
    rows = [
        [
            *(_named(names[pair[end]], pair[end]) for end in ("site_a", "site_b")),
            pair["relation"],
            relation_in_words(pair),
        ]
        for pair in pairs.to_dict("records")
    ]
    return as_table(pd.DataFrame(rows, columns=columns))


def _named(name: object, site: str) -> str:
    return f"{name} ({site})" if name else site


def sheet_in_words(sheet: ContactSheet, *, to_file: bool = False) -> str:
    """A contact sheet for a terminal, as wide as it is, or for a file: the site, each neighbour in order, and what is not covered."""
    estate = sheet.account.estate
    dated = f"; bodies and registers as at {day(estate.as_of)}" if estate.as_of else ""
    known = f"As {reader_of(estate)} may know it{dated}."
    heads = [stamp_of(estate), f"{_named(sheet.name, sheet.site)}: who adjoins", known, estate.banner]
    parts: list[Text | Table] = [*(Text(visible(head)) for head in heads if head), Text(""), _grid(sheet.about.told())]
    parts += [Text(""), Text(visible(sheet.summary))]
    for number, contact in enumerate(sheet.contacts, 1):
        parts += [Text(""), Text(visible(f"{number}. {_named(contact.name, contact.site)}")), _grid(contact.told())]
    if len(sheet.nearest):
        nearest = [
            f"{_named(row['name'], row['site_id'])}, {row['holder']}: {row['gap_m']:,.0f} m away"
            for row in sheet.nearest.to_dict("records")
        ]
        parts += [Text(""), Text("The nearest, which are not neighbours:"), _grid(("-", text) for text in nearest)]
    parts += [Text(""), Text("What this sheet does not cover"), _grid(("-", text) for text in sheet.limits)]
    wide = _SHEET if to_file or not sys.stdout.isatty() else min(Console(file=sys.stdout).width, _WIDEST)
    console = Console(file=sys.stdout, highlight=False, width=wide)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(Text(f"   {label}"), Text(visible(value)))
    return grid

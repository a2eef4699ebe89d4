"""The data-quality page: how the registers of an estate were read, for the colleagues who keep them, with a map of what is badly placed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetplan.imprint import attributions_of, dates_of, sources_of, stamp_of, title_of
from assetplan.listing import one_table, quarantine_table, registers_table, withheld_table
from assetplan.maps import ground_of, in_degrees, lat_lon, organisations_of, page_map, shapes_of
from assetplan.output import write_whole
from assetplan.page.shell import page_html
from assetplan.page.view import FactColumn, MapView, PageView, Sites
from assetplan.quality import account, badly_placed, issues_by_kind, missing_columns, where_of
from assetplan.schema import ASSETS
from assetplan.text import counted
from assetplan.thinning import Lightened, lightened
from assetplan.vocabulary import STATUSES

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import folium
    import pandas as pd

    from assetplan.estate import Estate
    from assetplan.page.view import Table

_EXAMPLES = 3
_NAMED = 6
_OPEN = {"registers", "quarantined"}
# Kinds of place with more rows than this have a table of their own, which says once what is the same of all.
_ALIKE = 4


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
    write_whole(target, page_html(quality_map(estate)).encode("utf-8"))
    return target


def quality_map(estate: Estate) -> folium.Map:
    """The map of the data-quality page, which carries the rest of the page."""
    doubted = badly_placed(estate)
    placed = estate.assets[estate.assets["location_precision"] != "none"]
    chosen = placed[placed.index.isin(doubted.index)]
    if len(chosen):
        title = "Map of the places to look at"
        caption = (
            "Only rows whose place somebody should look at are on this map: what was repaired, and what is doubted. "
            "It reaches as far as all rows do, so that what lies astray stands out."
        )
    else:
        chosen, title = placed, "Map of every row that has a place"
        doubt = "The rows to look at found no place" if len(doubted) else "Nothing is known to be badly placed"
        caption = f"{doubt}, so every row that has one is on this map, to be looked at as a whole."
    bounds, backdrop, places, file, sources = ground_of(estate, (placed,))
    numbers = {str(asset): number for number, asset in enumerate(chosen.index)}
    organisations = organisations_of(estate, chosen["organisation"])
    outlines = lightened(shapes_of(chosen))
    simplified = outlines.in_words("outline")
    return page_map(
        PageView(
            title=f"How the registers were read: {title_of(estate)}",
            stamp=stamp_of(estate),
            banner=[],
            dates=dates_of(estate),
            words_title="What was found",
            summary=[*_summary(estate, doubted), *filter(None, [simplified])],
            map_title=title,
            map=MapView(
                organisations=organisations,
                sites=_rows_on_map(chosen, outlines, doubted, [one["id"] for one in organisations]),
                context=[],
                relations=[],
                reach_m=None,
                constraints=[],
                assemblies=[],
                components=[],
                backdrop=backdrop,
                places=places,
                bounds=bounds,
            ),
            map_caption=caption,
            attributions=attributions_of(estate, file),
            notes=[],
            tables_title="The account in tables",
            tables=_tables(estate, doubted, numbers, chosen),
            sources=[*sources_of(estate), *sources],
        )
    )


def _rows_on_map(chosen: Any, outlines: Lightened, doubted: pd.DataFrame, organisations: list[str]) -> Sites:
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
    return Sites(
        id=keys,
        name=_names(chosen),
        organisation=[organisations.index(owner) for owner in chosen["organisation"]],
        status=[status if status in STATUSES else "unknown" for status in chosen["status"]],
        precision=list(chosen["location_precision"]),
        use=[str(use or "") for use in chosen["use"]],
        area_ha=[None] * len(keys),
        shape=in_degrees(outlines.shapes),
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
        on = counted(look - off, "of them", "of them").capitalize() if look > off else "None of them"
        which = "" if not off else f" {on} {'is' if look - off < 2 else 'are'} on the map;"
        lines.append(
            f"The place of {counted(look, 'row')} needs a look.{which} {'T' if not off else 't'}he tables have "
            f"{'it' if look == 1 else 'them all'}."
        )
    missing = missing_columns(estate)
    if len(missing):
        said = [f"{row['column']} ({row['adds']})" for row in missing.head(3).to_dict("records")]
        lines.append(f"What would add most: {'; '.join(said)}.")
    return lines


def _tables(estate: Estate, doubted: pd.DataFrame, numbers: dict[str, int], chosen: Any) -> list[Table]:
    tables = [
        registers_table(estate),
        _kinds_table(estate),
        *_doubted_tables(estate, doubted, numbers),
        _placed_table(estate, chosen, numbers) if not chosen.index.isin(doubted.index).any() else None,
        quarantine_table(estate),
        _coverage_table(estate),
        _missing_table(estate),
        _columns_table(estate),
        withheld_table(estate),
    ]
    # The account of rows is what this page is for.
    return [{**table, "folded": table["folded"] and table["id"] not in _OPEN} for table in tables if table is not None]


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


def _doubted_tables(estate: Estate, doubted: pd.DataFrame, numbers: dict[str, int]) -> list[Table]:
    """Places to look at: a table for each kind that many rows share, and one for the rest."""
    said = doubted.groupby(["code", "action"], sort=False)["row"].transform("size")
    alike = doubted[said > _ALIKE]
    tables = [
        _doubted_table(estate, group, numbers, f"Places to look at: {code}", f"places-{number}")
        for number, ((code, _), group) in enumerate(alike.groupby(["code", "action"], sort=False), 1)
    ]
    rest = doubted[said <= _ALIKE]
    if len(rest):
        tables.append(
            _doubted_table(
                estate, rest, numbers, "Other places to look at" if tables else "Places to look at", "places"
            )
        )
    return tables


def _doubted_table(estate: Estate, rows: pd.DataFrame, numbers: dict[str, int], caption: str, identity: str) -> Table:
    """Rows and where they stand; what is said of all of them alike is said once, above."""
    columns = {
        "Row": [str(name) for name in _names(estate.assets.loc[rows.index])],
        **_where(estate, rows),
        "The cells": [value or "-" for value in rows["value"]],
        "What is wrong": list(rows["message"]),
        "What was done, what mends it": list(rows["action"]),
    }
    same = [
        columns.pop(head)[0]
        for head in ("What is wrong", "What was done, what mends it")
        if len(rows) > _ALIKE and len(set(columns[head])) == 1
    ]
    note = "Rows that were placed by repairing what the register says, that lie where they hardly can, or that found no place."
    if same:
        note = " ".join(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in same)
    return one_table(
        identity,
        f"{caption} ({len(rows):,})",
        note,
        list(columns),
        [list(row) for row in zip(*columns.values(), strict=True)],
        numeric={"Line"},
        sites=[numbers.get(str(asset), -1) for asset in rows.index],
        folded=False,
    )


def _placed_table(estate: Estate, chosen: Any, numbers: dict[str, int]) -> Table | None:
    """The rows on a map of all that have a place, which no other table of the page lists."""
    if not len(chosen):
        return None
    columns = {
        "Row": _names(chosen),
        **_where(estate, chosen),
        "Address": [text or "-" for text in chosen["address"]],
        "Postcode": [text or "-" for text in chosen["postcode"]],
        "Placed by": list(chosen["location_precision"]),
    }
    return one_table(
        "rows",
        f"Rows on the map ({len(chosen):,})",
        "Every row that has a place.",
        list(columns),
        [list(map(str, row)) for row in zip(*columns.values(), strict=True)],
        numeric={"Line"},
        sites=[numbers[str(asset)] for asset in chosen.index],
    )


def _names(assets: Any) -> list[str]:
    return [
        str(name or address or key)
        for key, name, address in zip(assets.index, assets["name"], assets["address"], strict=True)
    ]


def _where(estate: Estate, rows: Any) -> dict[str, list[str]]:
    """Where rows stand: the line, and the register where there are several."""
    lines = [str(line) for line in rows["row"]]
    if len(estate.registers) == 1:
        return {"Line": lines}
    return {"Where it stands": [f"{file}, line {line}" for file, line in zip(rows["register"], lines, strict=True)]}


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

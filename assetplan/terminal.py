"""Between the command line and the terminal: how an estate is read for a command, and how an answer or a word reaches whoever asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from assetplan.errors import AssetplanError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from assetplan.estate import Estate
    from assetplan.options import Format


# ------------------------------------------------------------------------------------------------------- reading


def asked_for(
    path: Path, audience: str, organisation: str, sheet: str, crs: str, column: list[str] | None, postcodes: Path | None
) -> Estate:
    """The estate a command is asked about, as its reader may know it.

    Raises
    ------
    typer.BadParameter
        Where an option of one register is given with a folder, or a column is not written as HEADING=COLUMN.
    """
    from assetplan.estate import read_estate

    if (organisation or sheet or crs or column or postcodes) and (path.is_dir() or path.name == "estate.toml"):
        raise typer.BadParameter(
            "--organisation, --sheet, --crs, --column and --postcodes are for one register; in a folder estate.toml says them, "
            "and postcodes.csv is the directory"
        )
    columns: dict[str, str] = {}
    for said in column or []:
        heading, equals, name = said.rpartition("=")
        if not equals or not heading.strip():
            raise typer.BadParameter(
                f"{said!r} is not written as HEADING=COLUMN, like 'Prem Nm=name'", param_hint="--column"
            )
        columns[heading.strip()] = name.strip()
    progress = _show_reading if sys.stderr.isatty() else None
    try:
        return read_estate(
            path,
            audience=audience,
            organisation=organisation,
            sheet=sheet,
            crs=crs,
            columns=columns,
            postcodes=postcodes,
            progress=progress,
        )
    except AssetplanError:
        if progress:
            say("")  # the error begins on a line of its own
        raise


def _show_reading(file: str, share: float) -> None:
    show_progress(f"Reading {file[:60]}", share)


def show_progress(what: str, share: float) -> None:
    """One line of a terminal that says how far long work is."""
    typer.echo(f"\r{what}: {share:4.0%}", err=True, nl=share >= 1)


def progress_to() -> Callable[[str, float], None] | None:
    """What tells a person at a terminal how far long work is; nothing where nobody looks on."""
    return show_progress if sys.stderr.isatty() else None


# ------------------------------------------------------------------------------------------------------- answering


def say(text: str) -> None:
    """Talk on standard error; what paths and arguments hide is shown."""
    from assetplan.text import visible

    typer.echo(visible(text), err=True)


def deliver(text: str, output: Path | None, *, force: bool) -> None:
    """Print an answer, or write it to a file that is no page."""
    if output is None:
        typer.echo(text, nl=not text.endswith("\n"))
        return
    from assetplan.output import write_whole

    check_output(output, force=force)
    write_whole(output, text.encode("utf-8"))


def check_output(output: Path | None, *, force: bool) -> None:
    """Refuse a file that an answer must not be written to: one that is there already, or that is taken for a page."""
    if output is None:
        return
    from assetplan.output import check_free

    if output.suffix.lower() in {".html", ".htm", ".svg"}:  # names in it would be read as markup, and run
        raise typer.BadParameter(
            "this answer is no page; name a file that ends with .json, .csv or .txt", param_hint="--output"
        )
    check_free(output, force=force)


def format_of(format: Format, output: Path | None) -> str:
    """The format that is meant: what --format says, else what the suffix of the file to write does."""
    by_suffix: dict[str, str] = {".html": "html", ".json": "json", ".csv": "csv", ".txt": "table"}
    wanted = by_suffix.get(output.suffix.lower(), "") if output and format == "table" else format
    if not wanted:
        raise typer.BadParameter(
            f"the suffix says the format; it is one of {', '.join(by_suffix)}", param_hint="--output"
        )
    return wanted


def answer(frame: pd.DataFrame, format: str, output: Path | None, *, force: bool) -> None:
    """Print a frame as a table, CSV or JSON, or write it."""
    from assetplan.answers import as_csv, as_json, as_table, plain

    if format == "json":
        text = as_json([{key: plain(value) for key, value in row.items()} for row in frame.to_dict("records")])
    else:
        text = as_csv(frame) if format == "csv" else as_table(frame)
    deliver(text, output, force=force)

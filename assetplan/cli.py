"""The command line. Answers go to standard output, talk and progress to standard error; nothing but this and `terminal` prints or exits."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from assetplan import __version__
from assetplan.appraisal_commands import appraise, explain
from assetplan.errors import AssetplanError, OutputError, ReaderError
from assetplan.options import (
    Audience,
    ColumnOption,
    CrsOption,
    EstateArgument,
    Force,
    FormatOption,
    MapOption,
    OrganisationOption,
    OutOption,
    Paper,
    PostcodesOption,
    SheetOption,
)
from assetplan.service_commands import access, areas, benchmark, colocate, duplicates, leases, response, services
from assetplan.site_commands import assemble, neighbours, sites
from assetplan.terminal import answer, asked_for, deliver, format_of, say

app = typer.Typer(
    name="assetplan",
    help="Map the public estate of one place across all the organisations that own it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


# The root of what Typer raises for a command line it cannot use; Typer carries click under a private name.
_WrongUse: Any = typer.BadParameter.__base__


def main() -> None:
    """Run the command line; an expected error is told in its own words and ends with 1 (2 for a wrong use)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names and places are in any script; a code page has not all of them
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except _WrongUse as error:
        told = io.StringIO()
        error.show(file=told)
        say(told.getvalue().rstrip("\n"))
        sys.exit(2)
    except AssetplanError as error:
        say(str(error))
        sys.exit(2 if isinstance(error, (ReaderError, OutputError)) and error.__cause__ is None else 1)
    except typer.Abort:
        sys.exit(1)
    except MemoryError:
        say(
            "There is not enough memory on this computer to read that much at once. Split the register into several files."
        )
        sys.exit(1)
    except OSError as error:
        from assetplan.text import shown_name

        if not isinstance(error, BrokenPipeError):
            say(
                f"{shown_name(error.filename or 'standard output')}: cannot be written or read ({error.strerror or error})."
            )
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still to be flushed has nowhere to go
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def check(
    estate: EstateArgument,
    audience: Audience = "all",
    format: FormatOption = "table",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write to this file instead: .html for the data-quality page, .json for the whole account, .csv for the issues, .txt for the words.",
        ),
    ] = None,
    set_aside: Annotated[
        Path | None,
        typer.Option(
            "--set-aside",
            metavar="FOLDER",
            help="Also write the rows set aside to this folder, a CSV for each register, to be corrected and read again.",
        ),
    ] = None,
    force: Force = False,
    organisation: OrganisationOption = "",
    sheet: SheetOption = "",
    crs: CrsOption = "",
    column: ColumnOption = None,
    postcodes: PostcodesOption = None,
) -> None:
    """Account for every row: read, accepted, quarantined, located; how columns were read; what is wrong and what mends it."""
    from assetplan.answers import account_in_words, as_csv, as_json, in_a_line
    from assetplan.output import check_free
    from assetplan.quality import account, write_set_aside
    from assetplan.travelling import with_travel_issues

    wanted = format_of(format, output)
    if output:
        check_free(output, force=force)
    read = with_travel_issues(asked_for(estate, audience, organisation, sheet, crs, column, postcodes))
    found = account(read)
    if wanted == "html" and output:
        from assetplan.quality_page import save_quality

        save_quality(read, output)
        typer.echo(f"{output}: {in_a_line(read, found)}")
    elif wanted == "json":
        deliver(as_json(found), output, force=force)
    elif wanted == "csv":
        deliver(as_csv(read.issues), output, force=force)
    else:
        deliver(account_in_words(read, found, str(estate)), output, force=force)
    if set_aside:
        files = write_set_aside(read, set_aside, force=force)
        for file in files:
            say(f"{file}: rows set aside. Correct them, put the file beside its register, and read again.")
        if not files:
            say("No row of a register was set aside, so no file was written.")


@app.command(name="map")
def map_(
    estate: EstateArgument,
    scenario: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[SCENARIO...]",
            help="Scenarios' TOML files, or folders of them, to appraise and follow on the map.",
        ),
    ] = None,
    audience: Audience = "public",
    output: MapOption = None,
    paper: Annotated[Paper, typer.Option("--paper", help="For a picture: the sheet, landscape.")] = "A4",
    force: Force = False,
    backdrop: Annotated[
        Path | None,
        typer.Option(
            "--backdrop",
            metavar="FILE",
            help="A vector file to lie behind the sites: OS OpenData, boundaries (GeoPackage, GeoJSON, Shapefile, FlatGeobuf, GeoParquet).",
        ),
    ] = None,
    backdrop_licence: Annotated[
        str, typer.Option("--backdrop-licence", metavar="TEXT", help="What the licence of that file asks to be said.")
    ] = "",
    tiles: Annotated[
        str,
        typer.Option(
            "--tiles",
            metavar="URL",
            help="Tiles to load from https://host/{z}/{x}/{y}.png. None by default: a page with tiles needs the internet, "
            "OpenStreetMap's servers refuse pages opened from a file, and the host learns where readers look.",
        ),
    ] = "",
    tiles_attribution: Annotated[
        str, typer.Option("--tiles-attribution", metavar="TEXT", help="What the licence of the tiles asks to be said.")
    ] = "",
    organisation: OrganisationOption = "",
    sheet: SheetOption = "",
    crs: CrsOption = "",
    column: ColumnOption = None,
    postcodes: PostcodesOption = None,
) -> None:
    """Write the map as one HTML file that opens anywhere, without the internet, or as a picture: PNG, PDF or SVG."""
    from assetplan.output import check_free
    from assetplan.text import shown_name, slug

    suffix = output.suffix.lower() if output else ".html"
    if suffix not in {".html", ".png", ".pdf", ".svg"}:
        raise typer.BadParameter(
            "the suffix says the format; it is one of .html, .png, .pdf, .svg", param_hint="--output"
        )
    if suffix != ".html" and (tiles or tiles_attribution):
        raise typer.BadParameter("tiles belong to a page; a picture has none", param_hint="--tiles")
    if suffix != ".html" and scenario:
        raise typer.BadParameter("scenarios are followed on a page; a picture has none", param_hint="SCENARIO")
    read = asked_for(estate, audience, organisation, sheet, crs, column, postcodes)
    stem = estate.resolve().parent.name if estate.name == "estate.toml" else estate.resolve().stem
    target = (
        output or Path("maps") / f"{slug(stem) or 'estate'}{'' if audience == 'public' else '-' + slug(audience)}.html"
    )
    check_free(target, force=force)
    if suffix == ".html":
        from assetplan.appraisal_commands import appraisals_at
        from assetplan.maps import in_a_sentence, map_estate, notes_of, save_map

        drawn = map_estate(
            read,
            backdrop=backdrop,
            backdrop_licence=backdrop_licence,
            tiles=tiles,
            tiles_attribution=tiles_attribution,
            appraisals=appraisals_at(read, scenario or ()),
        )
        for note in notes_of(drawn):
            say(note)
        save_map(drawn, target)
        typer.echo(f"{shown_name(target)}: {in_a_sentence(read)}")
    else:
        from assetplan.picture.sheet import in_words, save_picture

        save_picture(read, target, paper=paper, backdrop=backdrop, backdrop_licence=backdrop_licence)
        typer.echo(f"{shown_name(target)}: {in_words(read)}")


for command in (
    sites,
    neighbours,
    assemble,
    services,
    colocate,
    benchmark,
    duplicates,
    leases,
    access,
    response,
    areas,
    appraise,
    explain,
):
    app.command()(command)


@app.command()
def export(
    estate: EstateArgument,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help="A .gpkg (every layer), or the sites as .csv, .geojson or .parquet."
        ),
    ],
    audience: Audience = "public",
    force: Force = False,
    organisation: OrganisationOption = "",
    sheet: SheetOption = "",
    crs: CrsOption = "",
    column: ColumnOption = None,
    postcodes: PostcodesOption = None,
) -> None:
    """Write the estate as a GeoPackage with every layer, or its sites as CSV, GeoJSON or GeoParquet."""
    from assetplan.exporting import export as write
    from assetplan.output import check_free
    from assetplan.text import shown_name

    read = asked_for(estate, audience, organisation, sheet, crs, column, postcodes)
    check_free(output, force=force)
    write(read, output)
    typer.echo(
        f"{shown_name(output)}: {len(read.assets):,} assets as {'the keeper' if audience == 'all' else audience} may know them."
    )


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    name: Annotated[str, typer.Option("--name", help="The name of the place; the folder's own name by default.")] = "",
) -> None:
    """Make an estate folder to fill in, with the letter and the form that ask a partner for a register."""
    from assetplan.starting import new_folder

    made = new_folder(folder, name=name)
    typer.echo(
        f"{made}: put each body's register into {made / 'registers'}, send {made / 'data-request'} to who has not given one, then: "
        f"assetplan check {made}"
    )


@app.command()
def columns(
    table: Annotated[str, typer.Option("--table", help="Only this table.")] = "",
    format: FormatOption = "table",
    output: OutOption = None,
    force: Force = False,
) -> None:
    """Print the data dictionary: every column of every table, its type, unit, vocabulary and meaning."""
    import pandas as pd

    from assetplan.schema import COLUMNS

    tables = sorted({column.table for column in COLUMNS})
    if table and table not in tables:
        raise typer.BadParameter(f"no table {table!r}; tables: {', '.join(tables)}", param_hint="--table")
    rows = [
        {
            "table": c.table,
            "column": c.name,
            "type": c.kind,
            "unit": c.unit,
            "vocabulary": c.vocabulary,
            "meaning": c.meaning,
        }
        for c in COLUMNS
        if not table or c.table == table
    ]
    answer(pd.DataFrame(rows), format, output, force=force)

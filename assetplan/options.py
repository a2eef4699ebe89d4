"""What commands are asked by: the options and arguments that several of them share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Literal["table", "csv", "json"]
Paper = Literal["A4", "A3"]

EstateArgument = Annotated[
    Path, typer.Argument(metavar="ESTATE", help="An estate folder, its estate.toml, or one register file.")
]
Audience = Annotated[
    str, typer.Option("--audience", metavar="READER", help="public, all, an organisation, or a group inside one.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
OutOption = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to this file instead.")]
MapOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to this file: .html for the page, .png, .pdf or .svg for a picture.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
OrganisationOption = Annotated[str, typer.Option("--organisation", metavar="ID", help="For one register: whose it is.")]
SheetOption = Annotated[str, typer.Option("--sheet", help="For one file of several sheets or layers: the one to read.")]
PostcodesOption = Annotated[
    Path | None,
    typer.Option(
        "--postcodes",
        metavar="FILE",
        help="For one register: a directory of postcodes (ONSPD, NSPL, Code-Point Open), a file, folder or zip.",
    ),
]
CrsOption = Annotated[
    str, typer.Option("--crs", help="For one register: the coordinates' system, such as EPSG:27700 or EPSG:4326.")
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="HEADING=COLUMN",
        help="For one register: read a heading as a column ('Prem Nm=name'), or leave it unread ('Ward='). May be given again.",
    ),
]

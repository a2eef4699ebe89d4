"""What stands round a map of an estate, in words: title, stamp, dates, sources, and what is and is not drawn."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from assetplan.site import UNKNOWN
from assetplan.statements import KEEPER, PUBLIC
from assetplan.text import counted
from assetplan.wording import day

if TYPE_CHECKING:
    import geopandas as gpd

    from assetplan.backdrop import BackdropFile
    from assetplan.estate import Estate
    from assetplan.wording import Account


def title_of(estate: Estate) -> str:
    """The title estate.toml gives, else the one body's name, else what the data is called and how many bodies it tells of.

    The heading of a single register is what the data is called; of several registers each heading tells of its own alone.

    Examples
    --------
    >>> import assetplan as ap
    >>> title_of(ap.read_estate("data/malton").for_audience("public"))
    'The public estate of Malton and Norton, June 2010'
    """
    if estate.title:
        return estate.title
    owners = {owner for owner in estate.assets["organisation"] if owner != UNKNOWN}
    titles = list(estate.registers["title"])
    if len(owners) == 1:
        return estate.organisations[next(iter(owners))].name
    name = (titles[0] if len(titles) == 1 else "") or estate.name
    if " " not in name:  # the name of a file or folder, its words joined as such names are
        name = " ".join(part for part in re.split(r"[_-]+", name) if part) or name
        name = name[:1].upper() + name[1:]
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
    return sources


def backdrop_sources(estate: Estate, lines: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> list[str]:
    """Where the backdrop comes from that is not the estate's own."""
    own = {
        str(source)
        for frame in (estate.roads, estate.constraints, estate.places)
        for source in frame["source"]
        if source
    }
    found = sorted({str(source) for frame in (lines, places) for source in frame["source"] if source} - own)
    return [f"Backdrop: {source}" for source in found]


def attributions_of(estate: Estate, file: BackdropFile | None, licence: str = "") -> list[str]:
    """What licences ask to be said beside the shapes that are drawn, each once; `licence` is what was said of the file."""
    given = [] if file is None else [licence, *sorted(map(str, file.shapes["licence"].unique()))]
    return [text for text in dict.fromkeys([*estate.attributions, *given]) if text]


def of_account(account: Account) -> Estate:
    """The estate with no other registers, land and constraints than those an account of some of its sites rests on: its sources."""
    estate = account.estate
    assets, parcels = ({key for keys in account.sites[column] for key in keys} for column in ("assets", "parcels"))
    registers = set(estate.assets["register"][estate.assets.index.isin(assets)])
    return replace(
        estate,
        registers=estate.registers[estate.registers["path"].isin(registers)],
        land=estate.land[estate.land.index.isin(parcels)],
        constraints=account.constraints,
    )

"""Services on a map: pins beside the sites they are in, the lines of their cards, and the table that says the same in words.

Everything comes from an estate already filtered for its reader; what is not known is said to be unknown, and never drawn like none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.grid import to_degrees
from assetplan.listing import one_table
from assetplan.page.view import Fact, Service, Table
from assetplan.tables import records
from assetplan.vocabulary import HOURS, SPACES
from assetplan.wording import NOT_KNOWN, Account, source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assetplan.estate import Estate
    from assetplan.page.view import Position

_PLACES = (
    ("vehicle_bays", "bay for vehicles", "bays for vehicles"),
    ("parking_spaces", "parking space", "parking spaces"),
    ("counters", "public counter", "public counters"),
    ("beds", "registered bed", "registered beds"),
    ("pupil_places", "place for pupils", "places for pupils"),
)
_SERVICE_HEADS = (
    "Function",
    "Body",
    "Staff",
    "Peak desks",
    "Space needed",
    "Vehicles and counters",
    "Hours",
    "Where it must be",
    "Who may walk in",
    "Networks",
    "Near and apart",
    "Rule",
)


def service_pins(account: Account, organisations: Sequence[str], at: Any) -> list[Service]:
    """The services that are drawn: those in a site on the map, or in an asset that is placed though no site of the public estate holds it.

    Parameters
    ----------
    account
        The account of the estate.
    organisations
        Identifiers of the organisations of the view, in its order; every organisation that runs a service is among them.
    at
        Latitude and longitude of each site drawn, in the order of ``account.drawn``.

    Returns
    -------
    list
        In the order of ``estate.services``. A service tells of itself by its own pin, or by that of the whole it is a part of where both
        are at the same place.
    """
    rows = records(account.estate.services)
    wholes = _wholes(rows)
    spots = _spots(account, rows, np.asarray(at, dtype=float).reshape(-1, 2))
    by_id = {row["service_id"]: row for row in rows}
    place_of = {key: n for n, key in enumerate(key for key in by_id if key in spots)}
    place = {key: n for n, key in enumerate(organisations)}
    return [
        Service(
            name=str(row["name"]),
            site=spots[key][0],
            organisation=place.get(row["organisation"], -1),
            pin=place_of[_pin_of(key, by_id, spots)],
            at=spots[key][1],
            desks=figure(row["peak_desks"]),
            bays=(row["vehicle_bays"] or 0) > 0,
            facts=service_facts(row, wholes.get(row["part_of"], "")),
        )
        for key, row in by_id.items()
        if key in spots
    ]


def _spots(account: Account, rows: Iterable[Mapping[str, Any]], at: Any) -> dict[str, tuple[int, list[float]]]:
    """The site each service is at, -1 for none, and its latitude and longitude; services without a place are left out."""
    site_of = _site_of(account)
    assets = account.estate.assets
    spots: dict[str, tuple[int, list[float]]] = {}
    for row in rows:
        asset = row["asset_id"]
        site = account.drawn.get(site_of.get(asset, ""), -1)
        if site >= 0:
            spots[row["service_id"]] = (site, at[site].tolist())
        elif asset in assets.index and assets.at[asset, "location_precision"] != "none":
            east, north = (np.array([assets.at[asset, name]], dtype=float) for name in ("easting", "northing"))
            spots[row["service_id"]] = (-1, positions(east, north)[0])
    return spots


def _site_of(account: Account) -> dict[str, str]:
    return {
        asset: str(site)
        for site, assets in zip(account.sites.index, account.sites["assets"], strict=True)
        for asset in assets
    }


def _pin_of(key: str, by_id: Mapping[str, Mapping[str, Any]], spots: Mapping[str, tuple[int, list[float]]]) -> str:
    """The service whose pin tells of one: the farthest whole of it at the same place."""
    place = spots[key]
    while True:
        whole = by_id[key]["part_of"]
        if whole not in spots or spots[whole] != place:
            return key
        key = whole


def positions(easting: Any, northing: Any) -> list[list[float]]:
    """Latitudes and longitudes (WGS84) of eastings and northings in metres (EPSG:27700)."""
    longitude, latitude = to_degrees(easting, northing)
    return [[float(y), float(x)] for y, x in zip(latitude, longitude, strict=True)]


def figure(value: Any) -> float | None:
    """A figure, or None where it is not known."""
    return None if value is None or value != value else float(value)  # noqa: PLR0124


def number_in_words(value: float) -> str:
    """A figure as people write it: whole, or to one decimal.

    Examples
    --------
    >>> number_in_words(1200.0), number_in_words(1.5)
    ('1,200', '1.5')
    """
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def service_facts(row: Mapping[str, Any], whole: str) -> list[Fact]:
    """The lines of the card of a service, in the order in which people ask; four of them are there even where nothing is known.

    `whole` is the name of what it is a part of, empty where it is none.
    """
    said = {
        "Function": str(row["function"]),
        "Body": str(row["body"] or ""),
        "Staff": _amount(row["fte"], "FTE"),
        "Peak desks": _amount(row["peak_desks"], ""),
        "Space needed": _space(row),
        "Vehicles and counters": ", ".join(
            f"{number_in_words(row[name])} {one if row[name] == 1 else many}"
            for name, one, many in _PLACES
            if row[name]
        ),
        "Hours": _hours(row),
        "Where it must be": "; ".join(
            words
            for name, words in (
                ("ground_floor", "ground floor, level access"),
                ("town_centre", "in a town centre"),
                ("main_road", "straight onto a main road"),
            )
            if row[name] is True
        ),
        "Who may walk in": _doors(row),
        "Networks": "; ".join(row["ict"]),
        "Near and apart": "; ".join(
            [
                *(f"near {function}" for function in row["near"]),
                *(f"apart from {function}" for function in row["apart"]),
            ]
        ),
        "Rule": "; ".join(
            part for part in ("stays where it is" if row["fixed"] is True else "", str(row["rule"] or "")) if part
        ),
        "Part of": whole,
    }
    always = {"Staff", "Peak desks", "Space needed", "Hours"}
    source, illustrative = source_of(row), row["illustrative"] is True
    return [
        Fact(
            label=label,
            value=value or NOT_KNOWN,
            source=source if value else "",
            illustrative=bool(value) and illustrative and label not in {"Function", "Body", "Part of"},
            unknown=not value,
        )
        for label, value in said.items()
        if value or label in always
    ]


def _wholes(rows: Iterable[Mapping[str, Any]]) -> dict[str | None, str]:
    """The name of each service, as the card of a part gives it; none of no service."""
    return {None: "", **{row["service_id"]: str(row["name"]) for row in rows}}


def _amount(value: float | None, unit: str) -> str:
    return "" if value is None else f"{number_in_words(value)} {unit}".strip()


def _space(row: Mapping[str, Any]) -> str:
    kinds = [f"{number_in_words(row[f'{space}_m2'])} m2 {space}" for space in SPACES if row[f"{space}_m2"] is not None]
    whole = [f"{number_in_words(row['area_m2'])} m2 in all"] if row["area_m2"] is not None else []
    if not kinds and not whole:
        return ""
    return f"{', '.join([*whole, *kinds])} ({row['area_basis'] or 'basis not stated'})"


def _hours(row: Mapping[str, Any]) -> str:
    words = ", ".join(word for word in HOURS if word in row["hours"])
    week = f"open {number_in_words(row['hours_per_week'])} hours a week" if row["hours_per_week"] is not None else ""
    return "; ".join(part for part in (words, week) if part)


def _doors(row: Mapping[str, Any]) -> str:
    vetting = f"others vetted: {row['vetting']}" if row["vetting"] not in {None, "none"} else ""
    visits = f"{number_in_words(row['visits_per_day'])} visits a day" if row["visits_per_day"] is not None else ""
    return "; ".join(part for part in (str(row["security"] or ""), visits, vetting) if part)


def services_table(account: Account) -> Table | None:
    """Every service known to this reader, drawn or not, with what is known of it and what is not; None where there is no service."""
    frame = account.estate.services
    if frame.empty:
        return None
    site_of, names = _site_of(account), account.sites["name"]
    labelled = "audience" in frame
    rows, sites = [], []
    all_rows = records(frame)
    wholes = _wholes(all_rows)
    for row in all_rows:
        facts = {fact["label"]: fact for fact in service_facts(row, wholes.get(row["part_of"], ""))}
        site = site_of.get(row["asset_id"], "")
        where = str(names[site] or site) if site else _elsewhere(account, row["asset_id"])
        unknown = [label for label, fact in facts.items() if fact["unknown"]]
        sites.append(account.drawn.get(site, -1))
        rows.append(
            [
                str(row["name"]),
                facts["Part of"]["value"] if "Part of" in facts else "-",
                where,
                account.owner(row["organisation"]),
                *(facts[head]["value"] if head in facts else "-" for head in _SERVICE_HEADS),
                ", ".join(label[:1].lower() + label[1:] for label in unknown) or "-",
                source_of(row) + (" (i)" if row["illustrative"] is True else ""),
                *([row["audience"]] if labelled else []),
            ]
        )
    heads = ["Service", "Part of", "Site", "Organisation", *_SERVICE_HEADS, "Not known", "Source"]
    heads += ["Audience"] if labelled else []
    keep = [i for i in range(len(heads)) if i == 0 or any(cells[i] != "-" for cells in rows)]
    note = (
        "Desks are those wanted on the day most attend. A part is also counted in what it is a part of, so nothing here adds up by rows. "
        "(i) marks what is illustrative."
    )
    return one_table(
        "services",
        f"Services ({len(rows):,})",
        note,
        [heads[i] for i in keep],
        [[cells[i] for i in keep] for cells in rows],
        sites=sites,
    )


def _elsewhere(account: Account, asset: str | None) -> str:
    """What stands for a site where a service is in none."""
    assets = account.estate.assets
    if asset is None or asset not in assets.index:
        return NOT_KNOWN
    return f"{assets.at[asset, 'name'] or asset}, not known to be public estate"


def position_of(estate: Estate, key: str) -> Position | None:
    """Latitude and longitude of an asset, or of a point within a parcel; None where nothing says where it is."""
    if key in estate.assets.index:
        row = estate.assets.loc[key]
        if row["location_precision"] == "none":
            return None
        east, north = float(row["easting"]), float(row["northing"])
    else:
        shape = estate.land.geometry.get(key)
        if shape is None or shape.is_empty:
            return None
        point = shapely.point_on_surface(shape)
        east, north = float(point.x), float(point.y)
    longitude, latitude = to_degrees(np.array([east]), np.array([north]))
    return [round(float(latitude[0]), 6), round(float(longitude[0]), 6)]

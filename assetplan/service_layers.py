"""Services and the ways to them on a map: pins beside sites, places people start from, minutes by village, ground within reach.

What a page draws and the tables that say the same in words. Everything comes from an estate already filtered for its reader; what is
not known is said to be unknown, and never drawn like none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.grid import geometries_to_degrees, to_degrees
from assetplan.listing import one_table
from assetplan.page.view import Fact, Minutes, MinutesAt, Reach, Service, Table, Village
from assetplan.tables import records
from assetplan.text import counted
from assetplan.vocabulary import HOURS, SPACES
from assetplan.wording import NOT_KNOWN, Account, source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from assetplan.estate import Estate

_FINE_M = 10.0  # outlines of ground within reach are thinned to this: they rest on roads drawn no finer
_PLACES = (
    ("vehicle_bays", "bay for vehicles", "bays for vehicles"),
    ("parking_spaces", "parking space", "parking spaces"),
    ("counters", "public counter", "public counters"),
    ("beds", "registered bed", "registered beds"),
    ("pupil_places", "place for pupils", "places for pupils"),
)
_PEOPLE = (
    ("under_16", "Under 16"),
    ("over_65", "65 and over"),
    ("disabled", "Disabled"),
    ("no_car", "In homes without a car"),
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


@dataclass(frozen=True)
class Ways:
    """What is known of the ways to services, for the layers of a page.

    Attributes
    ----------
    lines
        What is said of each place people start from beside its people, by ``demand_id``: the nearest library and the minutes there.
    minutes
        Layers of minutes by village.
    reaches
        Ground within so many minutes.
    """

    lines: Mapping[str, Sequence[Fact]] = field(default_factory=dict)
    minutes: Sequence[Minutes] = ()
    reaches: Sequence[Reach] = ()


# ------------------------------------------------------------------------------------------------------- services


def services_of(account: Account, organisations: Sequence[str], at: Any) -> list[Service]:
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
    spots = _spots(account, rows, np.asarray(at, dtype=float).reshape(-1, 2))
    by_id = {row["service_id"]: row for row in rows}
    number = {key: n for n, key in enumerate(key for key in by_id if key in spots)}
    place = {key: n for n, key in enumerate(organisations)}
    return [
        Service(
            name=str(row["name"]),
            site=spots[key][0],
            organisation=place.get(row["organisation"], -1),
            pin=number[_pin_of(key, by_id, spots)],
            at=spots[key][1],
            desks=_figure(row["peak_desks"]),
            bays=(row["vehicle_bays"] or 0) > 0,
            facts=service_facts(account, row),
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
            spots[row["service_id"]] = (-1, _lat_lon(east, north)[0])
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


def _lat_lon(easting: Any, northing: Any) -> list[list[float]]:
    longitude, latitude = to_degrees(easting, northing)
    return [[float(y), float(x)] for y, x in zip(latitude, longitude, strict=True)]


def _figure(value: Any) -> float | None:
    return None if value is None or value != value else float(value)  # noqa: PLR0124


def _number(value: float) -> str:
    """A figure as people write it: whole, or to one decimal.

    Examples
    --------
    >>> _number(1200.0), _number(1.5)
    ('1,200', '1.5')
    """
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def service_facts(account: Account, row: Mapping[str, Any]) -> list[Fact]:
    """The lines of the card of a service, in the order in which people ask; four of them are there even where nothing is known."""
    said = {
        "Function": str(row["function"]),
        "Body": str(row["body"] or ""),
        "Staff": _amount(row["fte"], "FTE"),
        "Peak desks": _amount(row["peak_desks"], ""),
        "Space needed": _space(row),
        "Vehicles and counters": ", ".join(
            f"{_number(row[name])} {one if row[name] == 1 else many}" for name, one, many in _PLACES if row[name]
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
        "Part of": _whole(account, row),
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


def _whole(account: Account, row: Mapping[str, Any]) -> str:
    if row["part_of"] is None:
        return ""
    frame = account.estate.services
    return ", ".join(map(str, frame.loc[frame["service_id"] == row["part_of"], "name"]))


def _amount(value: float | None, unit: str) -> str:
    return "" if value is None else f"{_number(value)} {unit}".strip()


def _space(row: Mapping[str, Any]) -> str:
    kinds = [f"{_number(row[f'{space}_m2'])} m2 {space}" for space in SPACES if row[f"{space}_m2"] is not None]
    whole = [f"{_number(row['area_m2'])} m2 in all"] if row["area_m2"] is not None else []
    if not kinds and not whole:
        return ""
    return f"{', '.join([*whole, *kinds])} ({row['area_basis'] or 'basis not stated'})"


def _hours(row: Mapping[str, Any]) -> str:
    words = ", ".join(word for word in HOURS if word in row["hours"])
    week = f"open {_number(row['hours_per_week'])} hours a week" if row["hours_per_week"] is not None else ""
    return "; ".join(part for part in (words, week) if part)


def _doors(row: Mapping[str, Any]) -> str:
    vetting = f"others vetted: {row['vetting']}" if row["vetting"] not in {None, "none"} else ""
    visits = f"{_number(row['visits_per_day'])} visits a day" if row["visits_per_day"] is not None else ""
    return "; ".join(part for part in (str(row["security"] or ""), visits, vetting) if part)


def services_table(account: Account) -> Table | None:
    """Every service known to this reader, drawn or not, with what is known of it and what is not; None where there is no service."""
    frame = account.estate.services
    if frame.empty:
        return None
    site_of, names = _site_of(account), account.sites["name"]
    labelled = "audience" in frame
    rows, sites = [], []
    for row in records(frame):
        facts = {fact["label"]: fact for fact in service_facts(account, row)}
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


# ------------------------------------------------------------------------------------------------------- ways


def villages_of(estate: Estate, lines: Mapping[str, Sequence[Fact]]) -> list[Village]:
    """The places people start from that have a place, with `lines` of what is said of the ways from there."""
    placed = estate.demand[_placed(estate.demand)]
    return [
        Village(
            name=str(row["name"]),
            people=_people(row),
            at=at,
            facts=[*_people_facts(row), *lines.get(row["demand_id"], ())],
        )
        for row, at in zip(_rows(placed), _points(placed), strict=True)
    ]


def _placed(frame: gpd.GeoDataFrame) -> Any:
    return ~(frame.geometry.isna() | frame.geometry.is_empty)


def _rows(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    return records(frame.drop(columns="geometry"))


def _points(frame: gpd.GeoDataFrame) -> list[list[float]]:
    return _lat_lon(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()) if len(frame) else []


def _people(row: Mapping[str, Any]) -> str:
    return "people not known" if row["population"] is None else f"{_number(row['population'])} people"


def _people_facts(row: Mapping[str, Any]) -> list[Fact]:
    source, illustrative = source_of(row), row["illustrative"] is True
    said = [("People", "" if row["population"] is None else _number(row["population"]))]
    said += [(label, "" if row[name] is None else _number(row[name])) for name, label in _PEOPLE]
    said += [
        ("Deprivation", f"decile {row['imd_decile']:.0f}, 1 the most deprived" if row["imd_decile"] else ""),
        ("Rural", {True: "yes", False: "no"}.get(row["rural"], "")),
    ]
    return [
        Fact(
            label=label,
            value=value or NOT_KNOWN,
            source=source if value else "",
            illustrative=bool(value) and illustrative,
            unknown=not value,
        )
        for label, value in said
    ]


def people_table(estate: Estate, lines: Mapping[str, Sequence[Fact]]) -> Table | None:
    """Every place people start from, drawn or not, and what is said of the ways from there; None where there is none."""
    frame = estate.demand
    if frame.empty:
        return None
    labelled = "audience" in frame
    placed = dict(zip(frame["demand_id"], _placed(frame), strict=True))
    said = list(dict.fromkeys(fact["label"] for facts in lines.values() for fact in facts))
    heads = ["Place", *(fact["label"] for fact in _people_facts(_rows(frame)[0])), *said, "On the map", "Source"]
    rows = []
    for row in _rows(frame):
        ways = {fact["label"]: fact["value"] for fact in lines.get(row["demand_id"], ())}
        rows.append(
            [
                str(row["name"]),
                *(fact["value"] for fact in _people_facts(row)),
                *(ways.get(label, "-") for label in said),
                "yes" if placed[row["demand_id"]] else "no",
                source_of(row) + (" (i)" if row["illustrative"] is True else ""),
                *([row["audience"]] if labelled else []),
            ]
        )
    return one_table(
        "people",
        f"Where people live ({len(rows):,} places)",
        "Places from which the ways to services are measured. (i) marks what is illustrative.",
        [*heads, *(["Audience"] if labelled else [])],
        rows,
        numeric=["People", *(label for _, label in _PEOPLE)],
    )


def minutes_layer(
    estate: Estate,
    name: str,
    note: str,
    times: Mapping[str, tuple[Mapping[str, float], Mapping[str, float] | None]],
    lines: Mapping[str, Sequence[Fact]],
) -> Minutes:
    """A layer of minutes by village.

    Parameters
    ----------
    estate
        Whose places people start from are drawn.
    name
        What the layer is called: "Fire minutes by village".
    note
        What the minutes rest on.
    times
        By words such as "by day": minutes before a change by ``demand_id``, and after it, or None where no change is shown. What is
        missing or not a number is not known.
    lines
        Further lines of a place's card by ``demand_id``: which crew, from where.

    Returns
    -------
    dict
        The layer; of a change all times are shown after it, or none.
    """
    placed = estate.demand[_placed(estate.demand)]
    shown = bool(times) and all(after is not None for _, after in times.values())
    places = []
    for row, at in zip(_rows(placed), _points(placed), strict=True):
        key = row["demand_id"]
        places.append(
            MinutesAt(
                name=str(row["name"]),
                at=at,
                before=[_figure(before.get(key)) for before, _ in times.values()],
                after=[_figure((after or {}).get(key)) for _, after in times.values()] if shown else [],
                facts=list(lines.get(key, ())),
            )
        )
    return Minutes(name=name, times=list(times), note=note, places=places)


def minutes_table(layer: Minutes, number: int) -> Table | None:
    """A layer of minutes as a table; None where it has no places."""
    if not layer["places"]:
        return None
    changed = any(place["after"] for place in layer["places"])
    heads = ["Place"]
    for time in layer["times"]:
        tail = f", {time}" if time else ""
        heads += [f"Before{tail} (min)", f"After{tail} (min)", f"Change{tail} (min)"] if changed else [f"Minutes{tail}"]
    said = list(dict.fromkeys(fact["label"] for place in layer["places"] for fact in place["facts"]))
    rows = []
    for place in layer["places"]:
        cells = [place["name"]]
        for k, before in enumerate(place["before"]):
            cells.append(_minutes(before))
            if changed:
                after = place["after"][k]
                cells += [_minutes(after), _change(before, after)]
        told = {fact["label"]: fact["value"] for fact in place["facts"]}
        rows.append([*cells, *(told.get(label, "-") for label in said)])
    return one_table(
        f"minutes-{number}", f"{layer['name']} ({len(rows):,} places)", layer["note"], [*heads, *said], rows, numeric=heads[1:]
    )  # fmt: skip


def _minutes(value: float | None) -> str:
    """Minutes to the half, as no route is known better."""
    return NOT_KNOWN if value is None else f"{round(value * 2) / 2:g}"


def _change(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return NOT_KNOWN
    change = round((after - before) * 2) / 2
    return f"{change:+g}" if change else "0"


def reaches_of(name: str, note: str, frame: gpd.GeoDataFrame) -> list[Reach]:
    """Ground within so many minutes as a layer draws it, the smallest limit first.

    Parameters
    ----------
    name
        Of what: "of a library, by car".
    note
        What the minutes rest on.
    frame
        Columns ``limit_min`` and the geometry in EPSG:27700; rows without ground are left out. Outlines are thinned to 10 m.
    """
    kept = frame[_placed(frame)].sort_values("limit_min", kind="stable")
    shapes = geometries_to_degrees(shapely.simplify(kept.geometry.to_numpy(), _FINE_M)) if len(kept) else ()
    return [
        Reach(name=name, limit_min=float(limit), text=f"{note} Outline to {_FINE_M:.0f} m.", shape=shape)
        for limit, shape in zip(kept["limit_min"], shapes, strict=True)
    ]


def reaches_table(reaches: Sequence[Reach]) -> Table | None:
    """Ground within so many minutes as a table; None where there is none."""
    if not reaches:
        return None
    rows = [[reach["name"], f"{reach['limit_min']:g}", reach["text"]] for reach in reaches]
    return one_table(
        "reaches", f"Ground within so many minutes ({counted(len(rows), 'outline')})", "", ["Of what", "Minutes", "What it rests on"],
        rows, numeric=["Minutes"],
    )  # fmt: skip


def way_tables(account: Account, ways: Ways) -> list[Table]:
    """The tables that say what these layers draw."""
    tables = [
        services_table(account),
        people_table(account.estate, ways.lines),
        *(minutes_table(layer, number) for number, layer in enumerate(ways.minutes, 1)),
        reaches_table(ways.reaches),
    ]
    return [table for table in tables if table is not None]

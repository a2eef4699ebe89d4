"""The ways to services on a map: places people start from, minutes by village, ground within so many minutes, and tables that say so.

Takes what was worked out elsewhere (`assetplan.ways`); what is not known is said to be unknown, and never drawn like none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.grid import geometries_to_degrees
from assetplan.listing import one_table
from assetplan.page.view import Fact, Minutes, MinutesAt, Reach, Table, Village
from assetplan.service_layers import figure, number_in_words, positions
from assetplan.tables import records
from assetplan.text import counted
from assetplan.wording import NOT_KNOWN, source_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from assetplan.estate import Estate

_FINE_M = 50.0  # outlines of ground within reach are thinned to this: they are as wide as a guess beside each road
_PEOPLE = (
    ("under_16", "Under 16"),
    ("over_65", "65 and over"),
    ("disabled", "Disabled"),
    ("no_car", "In homes without a car"),
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
    return positions(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()) if len(frame) else []


def _people(row: Mapping[str, Any]) -> str:
    people = _said(row, "population")
    return f"{people} people" if people else "people not known"


def _said(row: Mapping[str, Any], name: str) -> str:
    """A figure of a row in words, empty where it is not known."""
    known = figure(row[name])
    return "" if known is None else number_in_words(known)


def _people_facts(row: Mapping[str, Any]) -> list[Fact]:
    source, illustrative = source_of(row), row["illustrative"] is True
    decile = _said(row, "imd_decile")
    said = [("People", _said(row, "population")), *((label, _said(row, name)) for name, label in _PEOPLE)]
    said += [
        ("Deprivation", f"decile {decile}, 1 the most deprived" if decile else ""),
        ("Rural", "yes" if row["rural"] is True else "no" if row["rural"] is False else ""),
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
                before=[figure(before.get(key)) for before, _ in times.values()],
                after=[figure((after or {}).get(key)) for _, after in times.values()] if shown else [],
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
            cells.append(minutes_in_words(before))
            if changed:
                after = place["after"][k]
                cells += [minutes_in_words(after), _change(before, after)]
        told = {fact["label"]: fact["value"] for fact in place["facts"]}
        rows.append([*cells, *(told.get(label, "-") for label in said)])
    return one_table(
        f"minutes-{number}", f"{layer['name']} ({len(rows):,} places)", layer["note"], [*heads, *said], rows, numeric=heads[1:]
    )  # fmt: skip


def minutes_in_words(value: float | None) -> str:
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
        Columns ``limit_min`` and the geometry in EPSG:27700; rows without ground are left out. Outlines are thinned to 50 m.
    """
    kept = frame[_placed(frame)].sort_values("limit_min", kind="stable")
    areas = kept.geometry.to_numpy()
    # What each limit adds to the one before it: thinned together, so that the edges they share stay the same line.
    rings = np.array(
        [shapely.difference(area, areas[k - 1]) if k else area for k, area in enumerate(areas)], dtype=object
    )
    thinned = shapely.coverage_simplify(rings, _FINE_M) if len(rings) else rings
    whole = [shapely.union_all(thinned[: k + 1]) for k in range(len(thinned))]
    shapes = geometries_to_degrees(np.array(whole, dtype=object)) if whole else ()
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


def way_tables(estate: Estate, ways: Ways) -> list[Table]:
    """The tables that say what these layers draw."""
    tables = [
        people_table(estate, ways.lines),
        *(minutes_table(layer, number) for number, layer in enumerate(ways.minutes, 1)),
        reaches_table(ways.reaches),
    ]
    return [table for table in tables if table is not None]

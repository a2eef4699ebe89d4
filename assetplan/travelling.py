"""How people of an estate travel: the times its folder gives, those over its network or its roads, or straight lines.

Comes after the filter: rows of a network or of a matrix that the estate's reader may not know are left out before anything is made of
them, and so is what a matrix says of places the reader does not know.
"""

from __future__ import annotations

import csv
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetplan.crs import on_grid
from assetplan.errors import EstateError
from assetplan.formats.files import read_cells
from assetplan.formats.vectors import VECTORS, read_layers
from assetplan.grid import BRITISH_GRID
from assetplan.issues import Issue, issue_frame
from assetplan.schema import AUDIENCE
from assetplan.settings import KEEPER, known_rows
from assetplan.statements import _refuse_misspelt_label
from assetplan.text import heading, shown_name, visible
from assetplan.travel.matrix import _DESTINATION, _MODE, _ORIGIN, _mode, read_matrix
from assetplan.travel.network import MODES, network_of, read_network
from assetplan.travel.osm import TAGS
from assetplan.travel.snapping import snap
from assetplan.travel.telling import IN_WORDS
from assetplan.travel.times import Travel

if TYPE_CHECKING:
    from collections.abc import Callable

    from assetplan.crs import Bounds
    from assetplan.estate import Estate
    from assetplan.formats.vectors import Layer
    from assetplan.travel.matrix import Matrix
    from assetplan.travel.network import Network

# The estate's own roads are travelled on only where they hang together, and reach the places people start from: this share of each.
ROADS_SHARE = 0.8
# How far beyond the places of an estate its network is read, in metres.
AROUND_M = 10_000.0
_LINES = (1, 2, 5)
_MADE: WeakKeyDictionary[Estate, dict[str, Travel]] = WeakKeyDictionary()


def travel_of(estate: Estate, mode: str = "car") -> Travel:
    """The best times of travel there are for an estate: of a matrix, over a network, or straight lines.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    mode
        One of ``car``, ``foot``, ``cycle``.

    Returns
    -------
    Travel
        The first of these that there is: the folder's ``travel_times.csv``, where it has times for the mode (a file that does not say
        how people travel is taken to be by car); ``network.*``, where something of it is open to the mode; the estate's roads, where
        four fifths of them hang together and reach four fifths of the places people start from; straight lines. `note` says which it
        is and why. Made once for an estate and kept with it.

    Raises
    ------
    EstateError
        Where the file of times or of the network cannot be used.
    ValueError
        Where there is no such mode.

    Examples
    --------
    >>> import assetplan as ap
    >>> travel = ap.travel_of(ap.read_estate("data/malton"), "foot")
    >>> travel.basis, travel.mode
    ('network', 'foot')
    """
    if mode not in MODES:
        raise ValueError(f"mode: {mode!r} is none of {', '.join(MODES)}.")
    made = _MADE.setdefault(estate, {})
    if mode not in made:
        made[mode] = _chosen(estate, mode)
    return made[mode]


def with_travel_issues(estate: Estate) -> Estate:
    """The estate with what is to be told of its network and its matrix of times among its issues.

    These files are read only where times are wanted; who checks an estate is told of them before.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.

    Returns
    -------
    Estate
        The same with more `issues`: those of the two files, and of the places people start from that they do not reach. A file that
        cannot be used is an issue here, and an error where times are wanted. Without such a file the estate itself.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> len(with_travel_issues(estate).issues) - len(estate.issues) == len(ap.travel_of(estate).issues)
    True
    """
    found: dict[Issue, None] = {}
    left = {shown_name(path.name) for path in (estate.travel_times, estate.network) if path is not None}
    demand = estate._statements.files.get("demand", "demand.csv")
    points = gpd.GeoSeries(list(estate.demand.geometry), index=list(estate.demand["demand_id"]), crs=BRITISH_GRID)
    for mode in MODES:
        if not left:
            break
        try:
            travel = travel_of(estate, mode)
        except EstateError as error:
            file, _, text = str(error).partition(": ")
            issue = Issue(file, "", "", "travel-not-read", "", text, "No time of travel is told until it is mended.")
            found[issue] = None
            break
        about = [issue for issue in travel.issues if issue.file in left]
        if source_of(travel) in left:
            about += [replace(issue, file=issue.file or demand) for issue in travel.check(points, "demand point")]
            left -= {source_of(travel)}
        found |= dict.fromkeys(about)
    if not found:
        return estate
    told = [Issue(*row) for row in estate.issues.itertuples(index=False, name=None)]
    return replace(estate, issues=issue_frame([*told, *found]))


def network_behind(travel: Travel) -> Network | None:
    """The network that times rest on, or None where they rest on something else."""
    return getattr(travel.ways, "network", None)


def source_of(travel: Travel) -> str:
    """The file or the lines that times rest on, "" where they rest on none."""
    behind = getattr(travel.ways, "matrix", None) or network_behind(travel)
    return "" if behind is None else str(behind.source)


def knows(travel: Travel, key: str) -> bool:
    """Whether times to or from a place can be looked up by its identifier alone."""
    matrix = getattr(travel.ways, "matrix", None)
    return matrix is not None and any(key in ends for ends in matrix._table[:2])


def _chosen(estate: Estate, mode: str) -> Travel:
    matrix, told = _by_matrix(estate, mode)
    if matrix is not None:
        return replace(matrix, issues=(*told, *matrix.issues))
    why = "nothing here gives a network"
    if estate.network is not None and (network := _of_file(estate, mode)) is not None:
        if len(network.nodes):
            over = Travel.over(network)
            return replace(over, issues=(*told, *over.issues))
        name = shown_name(estate.network.name)
        why = f"nothing of {name} can be travelled {IN_WORDS[mode]}"
        told += [
            *network.issues,
            Issue(name, "", "", "no-way-open", "", f"no way is open {IN_WORDS[mode]}", "Not used for this mode."),
        ]
    if len(estate.roads):
        network = network_of(estate.roads, mode=mode, source="the estate's own roads")
        hanging, reached = network.share_in_largest, _share_reached(estate, network)
        places = "the places people start from" if len(estate.demand) else "the assets"
        if hanging >= ROADS_SHARE and reached >= ROADS_SHARE:
            over = Travel.over(network)
            note = f"{over.note} {hanging:.0%} of them hang together; they reach {reached:.0%} of {places}."
            return replace(over, note=note, issues=(*told, *over.issues))
        if len(network.nodes):
            why += (
                f", and the roads drawn for orientation do not do: {hanging:.0%} of them hang together, and they reach "
                f"{reached:.0%} of {places}"
            )
    straight = Travel.straight(mode)
    return replace(straight, note=f"{straight.note} That is because {why}.", issues=(*told, *straight.issues))


def _share_reached(estate: Estate, network: Network) -> float:
    """The share of the places people start from that join the largest part of a network; of assets where there are none."""
    frame = estate.demand if len(estate.demand) else estate.assets
    points = frame.geometry[frame.geometry.notna()]
    return float((snap(network, points)["component"] == 0).mean()) if len(points) else 1.0


# ------------------------------------------------------------------------------------------------------- a network


def _of_file(estate: Estate, mode: str) -> Network | None:
    """The folder's network as the reader may know it; None where the reader may know nothing of it."""
    path, bounds = estate.network, _around(estate)
    assert path is not None
    name = shown_name(path.name)
    if path.suffix.lower() not in VECTORS:
        return read_network(path, mode=mode, bounds=bounds)
    layers = _layers(path, name, lambda column: column == AUDIENCE, bounds)
    for layer in layers:
        _refuse_misspelt_label(name, set(layer.fields))
    if not any(AUDIENCE in layer.fields for layer in layers):
        return read_network(path, mode=mode, bounds=bounds)
    readers = estate._statements.settings.organisations
    drawn = []
    for layer in _layers(path, name, lambda column: column == AUDIENCE or column.lower() in TAGS, bounds):
        every = np.arange(len(layer.shapes))
        rows = known_rows(layer.columns[AUDIENCE], estate.audience, readers) if AUDIENCE in layer.columns else every
        if np.isin(shapely.get_type_id(layer.shapes[rows]), _LINES).any():
            drawn.append((layer, rows))
    if not drawn:
        return None
    if len(drawn) > 1:
        titles = ", ".join(repr(visible(layer.name)) for layer, _ in drawn)
        raise EstateError(f"{name}: {len(drawn)} layers hold lines: {titles}. Keep the one that is the network.")
    ((layer, rows),) = drawn
    shapes, _ = on_grid(layer.shapes[rows], layer.crs, name, stated=layer.stated)
    tags = {
        column: np.asarray(values, dtype=object)[rows] for column, values in layer.columns.items() if column != AUDIENCE
    }
    index = [f"line {count}" for count in range(1, len(rows) + 1)]
    lines = gpd.GeoDataFrame(pd.DataFrame(tags, index=index), geometry=shapes, crs=BRITISH_GRID)
    return network_of(lines, mode=mode, source=name)


def _layers(path: Path, name: str, wanted: Callable[[str], bool], bounds: Bounds | None) -> list[Layer]:
    return read_layers(
        path,
        name,
        wanted=wanted,
        whole=lambda fields: bounds is None or AUDIENCE in fields,
        bounds=bounds or (0.0, 0.0, 0.0, 0.0),
    )


def _around(estate: Estate) -> Bounds | None:
    """The window in which a network is of interest: the places of an estate, and as much around them as a way round may need."""
    boxes = [frame.total_bounds for frame in (estate.demand, estate.assets) if frame.geometry.notna().any()]
    if not boxes:
        return None
    low, high = np.min([box[:2] for box in boxes], axis=0), np.max([box[2:] for box in boxes], axis=0)
    reach = max(AROUND_M, float((high - low).max()) / 2)
    return float(low[0] - reach), float(low[1] - reach), float(high[0] + reach), float(high[1] + reach)


# ------------------------------------------------------------------------------------------------------- a matrix


def _by_matrix(estate: Estate, mode: str) -> tuple[Travel | None, list[Issue]]:
    """The folder's times for a mode, as the reader may know them, None where there are none; and what is told of rows for no mode."""
    path = estate.travel_times
    if path is None:
        return None, []
    name = shown_name(path.name)
    cells = read_cells(path, name)
    head = cells.header or (cells.rows[0] if cells.rows else [])
    rows = cells.rows if cells.header else cells.rows[1:]
    _refuse_misspelt_label(name, set(head))
    titles = [heading(text) for text in head]
    at = next((i for i, title in enumerate(titles) if title in _MODE), -1)
    if AUDIENCE in head:
        width = head.index(AUDIENCE)
        labels = [row[width] if len(row) > width else "" for row in rows]
        readers = estate._statements.settings.organisations
        rows = [rows[i] for i in known_rows(labels, estate.audience, readers).tolist()]
    long = any(title in _ORIGIN for title in titles) and any(title in _DESTINATION for title in titles)
    columns = [i for i, text in enumerate(head) if text != AUDIENCE]
    if estate.audience != KEEPER:
        known = _known_ids(estate)
        ends = (
            [i for i, title in enumerate(titles) if title in _ORIGIN or title in _DESTINATION] if long else columns[:1]
        )
        rows = [row for row in rows if all(i < len(row) and row[i].strip() in known for i in ends)]
        columns = columns if long else [i for i in columns if i == columns[0] or head[i].strip() in known]
        if not rows or (not long and len(columns) < 2):
            return None, []
    modes = {_mode(row[at]) for row in rows if at < len(row)} if long and at >= 0 else {""}
    strange = sorted(modes - {"", *MODES})
    told = [
        Issue(name, "", "mode", "unknown-word", "; ".join(map(visible, strange))[:200], f"a mode is one of {', '.join(MODES)}",
              "Times for others are not used. Correct the word.")
    ] if strange else []  # fmt: skip
    if mode not in modes and not (mode == "car" and "" in modes):
        return None, told
    asked = mode if mode in modes else ""
    if estate.audience == KEEPER and AUDIENCE not in head:
        matrix = read_matrix(path, mode=asked)
    else:
        matrix = _reread([head, *rows], columns, path, asked)
    travel = Travel.by(matrix)
    if matrix.mode:
        return travel, told
    note = f"{travel.note} The file does not say how people travel; it is taken to be by car."
    return replace(travel, mode=mode, note=note), told


def _reread(rows: list[list[str]], columns: list[int], path: Path, mode: str) -> Matrix:
    """What a file would say that held these rows and columns only."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, path.name).with_suffix(".csv")
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([row[i] if i < len(row) else "" for i in columns] for row in rows)
        return read_matrix(file, mode=mode)


def _known_ids(estate: Estate) -> set[str]:
    """The identifiers of places that the reader knows."""
    frames = ((estate.demand, "demand_id"), (estate.services, "service_id"), (estate.crews, "crew_id"))
    named = {str(key) for frame, column in frames for key in frame[column]}
    return named | set(map(str, estate.assets.index)) | set(map(str, estate.land.index))

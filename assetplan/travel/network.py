"""A travel network of one mode: nodes, links with their minutes, and what is not sure about it.

Lines are cut where they meet (`assetplan.travel.junctions`); whether a mode may use them, in which direction and how fast is told by their
tags (`assetplan.travel.osm`). Times are those of an open road: no queue, no signal, no turn and no level crossing that is closed takes time.
Barriers that stand on a line as points, and turns that are forbidden, are not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rapidfuzz import process
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from assetplan.crs import on_grid
from assetplan.errors import EstateError
from assetplan.formats.vectors import VECTORS, Layer, read_layers
from assetplan.grid import BRITISH_GRID, WGS84
from assetplan.issues import Issue
from assetplan.text import counted, shown_name, visible
from assetplan.travel.junctions import pieces_of, within_grid
from assetplan.travel.osm import CAR_KPH, CYCLE_KPH, TAGS, WALK_KPH, Rules, named, read_osm, rules_of
from assetplan.travel.telling import IN_WORDS, about

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from assetplan.crs import Bounds

    Ints = NDArray[np.int64]
    Shapes = NDArray[np.object_]

MODES = ("car", "foot", "cycle")
# Longest link: so no place on the network is further than half of it from a node.
STEP_M = 100.0
# A part of a network cut off from the rest, with less than this of links, is a scrap: no place that a town stands on.
SCRAP_M = 1_000.0
LINK_COLUMNS = ("a", "b", "minutes", "length_m", "name", "kind", "one_way")
_OSM = (".pbf",)
_LINES = (1, 2, 5)


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """A network that one mode travels.

    Attributes
    ----------
    mode
        One of `MODES`.
    nodes
        Eastings and northings of the nodes, shape (n, 2), in metres (EPSG:27700), in the order of both; no two on one place. A node
        stands where lines meet or end, and along a line so that no link is longer than the step it was made with.
    minutes
        Minutes along the directed link from node i to node j, shape (n, n), sparse; of parallel links the quickest. What is stored
        is finite and above 0; what is not stored is no link.
    links
        One row a link: `a` and `b` are places in `nodes`, `minutes`, `length_m`, `name`, `kind` (class of the way), `one_way` (True
        where it is open from a to b only) and the line, in EPSG:27700.
    component
        Of each node the component it is in, whatever the direction: 0 is the largest.
    issues
        What a person should know of it.
    source
        What it was read from, in words.
    """

    mode: str
    nodes: NDArray[np.float64]
    minutes: csr_array
    links: gpd.GeoDataFrame
    component: Ints
    issues: tuple[Issue, ...]
    source: str

    def __repr__(self) -> str:
        islands = len(np.unique(self.component))
        said = f"{len(self.nodes):,} nodes, {len(self.links):,} links, {counted(islands, 'component')}"
        largest = f", {self.share_in_largest:.1%} of the nodes in the largest" if islands else ""
        return f"<Network {IN_WORDS[self.mode]}: {said}{largest}>"

    @property
    def share_in_largest(self) -> float:
        """The share of the nodes that are in the largest component; NaN where there is none."""
        return float((self.component == 0).mean()) if len(self.component) else float("nan")

    @cached_property
    def backwards(self) -> csr_array:
        """The minutes of every link taken the other way round: from where it leads to where it comes from."""
        return csr_array(self.minutes.T)

    @cached_property
    def tails(self) -> NDArray[np.int32]:
        """The node that each stored link of `minutes` comes from."""
        return _tails(self.minutes)

    @cached_property
    def tails_backwards(self) -> NDArray[np.int32]:
        """The node that each stored link of `backwards` comes from."""
        return _tails(self.backwards)

    @cached_property
    def opens(self) -> NDArray[np.bool_]:
        """At which nodes a journey can begin or end: not on a motorway, which no building opens on to."""
        opens = np.zeros(len(self.nodes), dtype=bool)
        at = ~self.links["kind"].isin(["motorway", "motorway_link"]).to_numpy()
        opens[self.links["a"].to_numpy()[at]] = True
        opens[self.links["b"].to_numpy()[at]] = True
        return opens if opens.any() else np.ones(len(self.nodes), dtype=bool)

    @cached_property
    def doors(self) -> tuple[tuple[NDArray[np.intp], KDTree], ...]:
        """The nodes where journeys begin or end, with a tree to find them by: all but those of scraps, then those of scraps.

        A scrap is a component, not the largest, with less than `SCRAP_M` of links: a yard whose way in is private, or a lane that was
        drawn short of its junction.
        """
        length = np.bincount(
            self.component[self.links["a"].to_numpy()], self.links["length_m"], minlength=len(self.component)
        )
        scrap = (length < SCRAP_M)[self.component] & (self.component > 0)
        found = (np.flatnonzero(self.opens & ~scrap), np.flatnonzero(self.opens & scrap))
        return tuple((nodes, KDTree(self.nodes[nodes])) for nodes in found if len(nodes))


def read_network(
    path: str | PathLike[str],
    *,
    mode: str = "car",
    layer: str = "",
    bounds: Bounds | None = None,
    step_m: float = STEP_M,
    speeds_kph: Mapping[str, float] | None = None,
    progress: Callable[[str], object] | None = None,
) -> Network:
    """The network of a file of roads: an OpenStreetMap extract, or lines in a vector file.

    Parameters
    ----------
    path
        OpenStreetMap PBF (``.osm.pbf``), GeoPackage, GeoJSON, or another vector format read here. Any CRS that leads exactly to
        EPSG:27700; GeoJSON that says nothing is in degrees.
    mode
        One of ``car``, ``foot``, ``cycle``.
    layer
        The layer, where a file holds several layers of lines.
    bounds
        West, south, east and north in metres (EPSG:27700): lines far from them may be left out, which spares time and memory.
    step_m, speeds_kph
        As `network_of` takes them.
    progress
        Called with a word on each part of the work as it begins.

    Returns
    -------
    Network
        In OpenStreetMap lines meet where they share a node, which is told by its place; elsewhere as `network_of` says.

    Raises
    ------
    EstateError
        Where the file is not there or not what its name says, holds no lines, or its CRS is not told.
    ValueError
        Where there is no such mode, or a speed or step is not a positive number.

    Examples
    --------
    >>> read_network("data/malton/roads.geojson", mode="car")  # doctest: +ELLIPSIS
    <Network by car: ... nodes, ... links, ... in the largest>
    """
    _check_asked(mode, step_m, speeds_kph)
    path = Path(path)
    name = shown_name(path.name)
    tell = progress or (lambda _: None)
    tell(f"reading {name}")
    if path.suffix.lower() in _OSM:
        tags, shapes = read_osm(path, name, bounds)
        ids = [f"way {text}" for text in tags.get("osm_id", pd.Series(dtype=object)).tolist()]
        tell(f"placing {len(shapes):,} lines")
        shapes, _ = on_grid(shapes, WGS84, name)
        return _made(tags, shapes, ids, mode, name, step_m, speeds_kph, osm=True, tell=tell)
    if path.suffix.lower() not in VECTORS:
        raise EstateError(
            f"{name}: {visible(path.suffix.lower()) or 'a file without a suffix'} is no format of networks. Formats: .osm.pbf, {', '.join(VECTORS)}."
        )
    found = _line_layer(path, name, layer, bounds)
    tell(f"placing {len(found.shapes):,} lines")
    shapes, remark = on_grid(found.shapes, found.crs, name, stated=found.stated)
    told = (Issue(name, "", "", "crs-told", "", remark, "Taken for that. Save it with its CRS."),) if remark else ()
    tags = pd.DataFrame(
        {key: list(values) for key, values in found.columns.items()}, index=range(len(shapes)), dtype=object
    )
    ids = [f"line {number}" for number in range(1, len(shapes) + 1)]
    return _made(tags, shapes, ids, mode, name, step_m, speeds_kph, osm=False, tell=tell, told=told)


def network_of(
    lines: gpd.GeoDataFrame,
    *,
    mode: str = "car",
    source: str = "",
    step_m: float = STEP_M,
    speeds_kph: Mapping[str, float] | None = None,
) -> Network:
    """The network of a frame of lines.

    Parameters
    ----------
    lines
        Lines in EPSG:27700, such as `Estate.roads`. A ``kind`` of `assetplan.vocabulary.ROAD_KINDS` says what a line is: roads,
        bridges, level crossings and paths become links, rivers and railways never do. Columns read where they are there: ``name``;
        ``class`` or ``highway``, a class of OpenStreetMap or a road number; ``speed_kph``, the speed made good, or ``maxspeed``, a
        limit, for cars; ``one_way`` or ``oneway`` (yes, no, -1 against the line as drawn); ``car``, ``foot`` and ``cycle`` (yes, no);
        further tags of OpenStreetMap (`assetplan.travel.osm.TAGS`), also packed in ``other_tags``.
    mode
        One of ``car``, ``foot``, ``cycle``.
    source
        What the lines are from, in words.
    step_m
        Longest link, in metres: longer ones are cut into equal ones, so that every place on the network has a node near it.
    speeds_kph
        Other speeds than the assumed ones, in km/h: by class of way for cars, by ``foot`` or ``cycle`` for the others.

    Returns
    -------
    Network
        Lines meet where they share a vertex (to a millimetre), and where the end of one lies within 0.5 m of another's course; a
        bridge is met at its ends, or at a vertex it shares. Lines that only cross do not meet, and how many do is told.

    Raises
    ------
    TypeError, ValueError
        Where it is no frame of shapes in EPSG:27700, there is no such mode, or a speed or step is not a positive number.

    Examples
    --------
    >>> import geopandas, shapely
    >>> roads = geopandas.GeoDataFrame(
    ...     {"kind": ["road", "river"], "name": ["Mill Lane", "Derwent"], "speed_kph": [30, None]},
    ...     geometry=[shapely.LineString([(0, 0), (500, 0)]), shapely.LineString([(250, -50), (250, 50)])],
    ...     crs=27700,
    ... )
    >>> network = network_of(roads)
    >>> len(network.nodes), round(float(network.links["minutes"].sum()), 3)
    (6, 1.0)
    """
    _check_asked(mode, step_m, speeds_kph)
    if not isinstance(lines, gpd.GeoDataFrame):
        raise TypeError(f"lines: a GeoDataFrame is wanted, not {type(lines).__name__}.")
    if lines.crs is None:
        raise ValueError("lines: the frame has no CRS. Set it with set_crs, or convert with to_crs(27700).")
    if lines.crs.to_epsg() != 27700:
        raise ValueError(f"lines: times need {BRITISH_GRID}, not {lines.crs.to_string()}. Convert with to_crs(27700).")
    shapes = shapely.force_2d(np.asarray(lines.geometry.to_numpy(), dtype=object))
    tags = pd.DataFrame(lines.drop(columns=lines.geometry.name))
    ids = list(map(str, lines.index))
    return _made(tags, shapes, ids, mode, source, step_m, speeds_kph, osm=False)


def _check_asked(mode: str, step_m: float, speeds_kph: Mapping[str, float] | None) -> None:
    if mode not in MODES:
        raise ValueError(f"mode: {mode!r} is none of {', '.join(MODES)}.")
    if not (np.isfinite(step_m) and step_m > 0):
        raise ValueError(f"step_m: {step_m!r} is no length above 0 m.")
    known = (*CAR_KPH, "foot", "cycle")
    for key, value in (speeds_kph or {}).items():
        if key not in known:
            guess = process.extractOne(str(key), known, score_cutoff=60)
            raise ValueError(
                f"speeds_kph: {key!r} is no class of way." + (f" Did you mean {guess[0]!r}?" if guess else "")
            )
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"speeds_kph: {key} = {value!r} is no speed above 0 km/h.")


def _line_layer(path: Path, name: str, layer: str, bounds: Bounds | None) -> Layer:
    """The one layer of a file that holds lines."""
    found = read_layers(
        path,
        name,
        wanted=lambda column: column.lower() in TAGS,
        whole=lambda _: bounds is None,
        bounds=bounds or (0.0, 0.0, 0.0, 0.0),
        layers=[layer] if layer else None,
    )
    drawn = [one for one in found if np.isin(shapely.get_type_id(one.shapes), _LINES).any()]
    if not drawn:
        kinds = sorted({shape.geom_type for one in found for shape in one.shapes if shape is not None})
        held = f"holds no lines, but {', '.join(kinds)}" if kinds else "holds nothing"
        raise EstateError(f"{name}: {held}. A network needs the lines of roads and paths.")
    if len(drawn) > 1:
        titles = ", ".join(repr(visible(one.name)) for one in drawn)
        raise EstateError(f"{name}: {len(drawn)} layers hold lines: {titles}. Name one with layer=.")
    return drawn[0]


# ------------------------------------------------------------------------------------------------------- making


def _made(
    tags: pd.DataFrame,
    shapes: Shapes,
    ids: Sequence[str],
    mode: str,
    source: str,
    step_m: float,
    speeds_kph: Mapping[str, float] | None,
    *,
    osm: bool,
    tell: Callable[[str], object] = lambda _: None,
    told: tuple[Issue, ...] = (),
) -> Network:
    rules = rules_of(tags, mode, source, ids, {**CAR_KPH, "foot": WALK_KPH, "cycle": CYCLE_KPH, **(speeds_kph or {})})
    lines, of, said = _usable(tags, shapes, ids, rules, source)
    tell(f"cutting {len(lines):,} lines where they meet")
    pieces = pieces_of(lines, ends_join=not osm, bridge=rules.bridge[of], step_m=step_m)
    # From here on a piece knows its line by its place in the frame.
    line = of[pieces.line]
    backward = rules.direction[line] == -1
    shapes = pieces.shapes.copy()
    shapes[backward] = shapely.reverse(shapes[backward])
    a, b = np.where(backward, pieces.b, pieces.a), np.where(backward, pieces.a, pieces.b)
    links = gpd.GeoDataFrame(
        {
            "a": a.astype(np.int64),
            "b": b.astype(np.int64),
            "minutes": pieces.length_m / rules.kph[line] * 0.06,
            "length_m": pieces.length_m,
            "name": rules.name[line],
            "kind": rules.kind[line],
            "one_way": rules.direction[line] != 0,
        },
        geometry=shapes,
        crs=BRITISH_GRID,
    )
    links, copies = _without_copies(links)
    size = len(pieces.nodes)
    minutes = _quickest(links, size)
    component = _by_size(minutes)
    network = Network(mode, pieces.nodes, minutes, links, component, (), source)
    stated = float((pieces.length_m * rules.stated[line]).sum()), float(pieces.length_m.sum())
    issues = (*told, *rules.issues, *said, *about(network, pieces, ids, of, copies, stated, osm=osm))
    return Network(mode, pieces.nodes, minutes, links, component, issues, source)


def _usable(
    tags: pd.DataFrame, shapes: Shapes, ids: Sequence[str], rules: Rules, source: str
) -> tuple[Shapes, NDArray[np.intp], list[Issue]]:
    """The single lines of what the mode may use, and the place of each in the frame; what cannot be drawn is told."""
    issues = []
    kind = tags["kind"].astype(str).str.lower() if "kind" in tags else pd.Series("", index=tags.index)
    marks = (shapely.get_type_id(shapes) == 0) & (
        kind == "level crossing"
    ).to_numpy()  # one of ours is a point on a road
    drawn = np.isin(shapely.get_type_id(shapes), _LINES) & ~shapely.is_empty(shapes)
    placed = np.zeros(len(shapes), dtype=bool)
    placed[drawn] = within_grid(shapes[drawn])
    for where, code, message, action in (
        (
            ~drawn & ~marks & rules.open,
            "no-line",
            "what is drawn is no line",
            "Left out of the network. Draw the line of the way.",
        ),
        (
            drawn & ~placed & rules.open,
            "line-not-placed",
            "a vertex has no place in metres",
            "Left out of the network. Draw the line again, within Great Britain.",
        ),
    ):
        at = np.flatnonzero(where)
        if len(at):
            issues.append(
                Issue(source, named(ids, at), "geometry", code, "", f"{counted(len(at), 'line')}: {message}", action)
            )
    chosen = np.flatnonzero(drawn & placed & rules.open)
    parts, of = shapely.get_parts(shapes[chosen], return_index=True)
    rings = shapely.get_type_id(parts) == 2
    parts[rings] = (
        shapely.linestrings(shapely.get_coordinates(parts[rings]), indices=_index_of(parts[rings]))
        if rings.any()
        else parts[rings]
    )
    full = ~shapely.is_empty(parts) & np.isin(shapely.get_type_id(parts), _LINES)
    return parts[full], chosen[of[full]], issues


def _index_of(shapes: Shapes) -> NDArray[np.intp]:
    return np.asarray(shapely.get_coordinates(shapes, return_index=True)[1])


def _without_copies(links: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """The links without those that repeat another: the same nodes, the same line, the same direction and no quicker."""
    low = np.minimum(links["a"], links["b"])
    keys = pd.DataFrame(
        {"low": low, "high": np.maximum(links["a"], links["b"]), "mm": np.rint(links["length_m"] * 1000)}
    )
    again = keys.duplicated(keep=False).to_numpy()
    if not again.any():
        return links, 0
    some = np.flatnonzero(again)
    keys = keys.iloc[some].assign(
        shape=[shapely.to_wkb(shape) for shape in shapely.normalize(links.geometry.to_numpy()[some])],
        way=np.where(links["one_way"].to_numpy()[some], links["a"].to_numpy()[some], -1),
        minutes=links["minutes"].to_numpy()[some],
        at=some,
    )
    keys = keys.sort_values(["minutes", "at"], kind="stable")
    gone = keys["at"].to_numpy()[keys.duplicated(["low", "high", "mm", "shape", "way"]).to_numpy()]
    keep = np.ones(len(links), dtype=bool)
    keep[gone] = False
    return links[keep].reset_index(drop=True), len(gone)


def _quickest(links: gpd.GeoDataFrame, size: int) -> csr_array:
    """The minutes from node to node; of parallel links the fewest."""
    both = ~links["one_way"].to_numpy()
    a, b, minutes = (links[name].to_numpy() for name in ("a", "b", "minutes"))
    row, column = np.concatenate([a, b[both]]), np.concatenate([b, a[both]])
    value = np.concatenate([minutes, minutes[both]])
    order = np.lexsort((value, column, row))
    row, column, value = row[order], column[order], value[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    return csr_array(
        (
            value[first],
            column[first].astype(np.int32),
            np.searchsorted(row[first], np.arange(size + 1)).astype(np.int32),
        ),
        shape=(size, size),
    )


def _tails(graph: csr_array) -> NDArray[np.int32]:
    return np.repeat(np.arange(graph.shape[0], dtype=np.int32), np.diff(graph.indptr))


def _by_size(minutes: csr_array) -> Ints:
    """The weak component of each node, the largest 0; of equal ones first the one whose first node comes first."""
    if not minutes.shape[0]:
        return np.empty(0, dtype=np.int64)
    _, label = connected_components(minutes, directed=True, connection="weak")
    size = np.bincount(label)
    first = np.full(len(size), len(label))
    np.minimum.at(first, label, np.arange(len(label)))
    rank = np.empty(len(size), dtype=np.int64)
    rank[np.lexsort((first, -size))] = np.arange(len(size))
    return rank[label]

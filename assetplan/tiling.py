"""Pairs of more sites than one machine holds: cut into tiles, paired tile by tile, and the same pairs as of the whole.

The plane is cut into rectangles that hold about as many sites each (a k-d tree on the centres of their boxes). A site stands in every
tile that its box, grown by the reach of a relation, meets; so does a line. A pair belongs to one tile: the one that holds the box of
`site_a` whole, or, where that box crosses an edge, the one that holds the end on `site_a` of the pair's shortest link. The rectangles
are half open and leave nothing out, so there is exactly one such tile; `site_a` stands in it, `site_b` and every line the link crosses
stand in it too, for none is further from that end than the reach. So a tile knows all there is to know about its pairs, and no two
tiles need compare notes. (The reference point of Dittrich and Seeger, "Data redundancy and duplicate detection in spatial join
processing", ICDE 2000, on the link instead of on the boxes.)

::

    tiles/   tiles.json  sites-00000.parquet  sites-00001.parquet ...  lines-00000.parquet ...   GeoParquet, EPSG:27700
    pairs/   pairs.json  pairs-00000.parquet  pairs-00001.parquet ...                            Parquet
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyproj
import shapely

from assetplan.abutting import as_land
from assetplan.errors import EstateError, OutputError
from assetplan.grid import BRITISH_GRID
from assetplan.output import whole_folder
from assetplan.pieces import Piece, lines_of, sites_of
from assetplan.relations import OPPOSITE_M, RELATION_COLUMNS, adjacent_pairs
from assetplan.schema import table
from assetplan.site import TOUCH_TOLERANCE_M
from assetplan.text import shown_name, visible

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SLACK_M = 0.001  # what rounding may move the end of a link by, a thousand times over
_EDITION = 1
_TYPES = {"id": pa.string(), "number": pa.float64(), "list": pa.list_(pa.string())}
_BAD_DATA = (pa.ArrowException, ValueError, LookupError, TypeError)
_MOST_TILES = 500  # each is a file that stays open while sites are cut


def write_tiles(
    sites: gpd.GeoDataFrame | str | os.PathLike[str],
    folder: str | os.PathLike[str],
    tiles: int = 16,
    max_gap_m: float = 25.0,
    roads: gpd.GeoDataFrame | None = None,
) -> Path:
    """Cut sites into tiles of about as many each, as a folder of GeoParquet that `write_pairs` works on tile by tile.

    Parameters
    ----------
    sites
        Sites as `adjacent_pairs` takes them, or a GeoParquet file (or a folder of such files) with a column ``site_id``, shapes in
        EPSG:27700 as WKB and perhaps ``precision``. A file is read a piece at a time: of each site only its identifier and
        the centre of its box are held.
    folder
        Where to write; a new or empty folder.
    tiles
        How many. Enough that the sites of as many tiles as shall run at once fit in memory.
    max_gap_m
        Longest gap that counts as near, in metres; it decides how far beyond its edges a tile looks.
    roads
        Lines as `adjacent_pairs` takes them.

    Returns
    -------
    pathlib.Path
        The folder. ``tiles.json`` tells the edges of each tile (EPSG:27700, metres; null where it has none), how many sites have
        their centre in it, and how many stand in it with those of its surroundings. Nothing of a site but identifier and shape is
        written, and nothing of sites that have no relations (placed by postcode, or not at all).

    Raises
    ------
    ValueError
        Where the frame is not in EPSG:27700, its identifiers repeat or are neither text nor whole numbers, the gap is not a
        positive number, or `tiles` is below 1.
    EstateError
        Where a file is not such GeoParquet.
    OutputError
        Where the folder is not empty or cannot be written; nothing partial is left.

    Examples
    --------
    >>> import assetplan as ap, geopandas, pathlib, shapely, tempfile
    >>> squares = [shapely.box(x, 0, x + 10, 10) for x in (0, 10, 30, 900)]
    >>> sites = geopandas.GeoDataFrame(geometry=squares, index=["a", "b", "c", "d"], crs=27700)
    >>> work = pathlib.Path(tempfile.mkdtemp())
    >>> tiles = ap.write_tiles(sites, work / "tiles", tiles=2)
    >>> ap.read_pairs(ap.write_pairs(tiles, work / "pairs")).equals(ap.adjacent_pairs(sites))
    True
    """
    if isinstance(tiles, bool) or not isinstance(tiles, (int, np.integer)) or not 1 <= tiles <= _MOST_TILES:
        raise ValueError(f"tiles: a whole number from 1 to {_MOST_TILES:,} is wanted, not {tiles!r}.")
    source = sites_of(sites)
    some_roads = None if roads is None or roads.empty else roads
    adjacent_pairs(source.empty, max_gap_m=max_gap_m, roads=some_roads)  # refuses what it would refuse of the whole
    reach = max(float(max_gap_m), TOUCH_TOLERANCE_M, 0.0 if some_roads is None else OPPOSITE_M)

    ids, centres, total = [pa.array([], source.identifier)], [np.empty((0, 2))], 0
    for piece in source.pieces():
        ids.append(piece.columns[0])
        centres.append(_centres(piece.boxes[np.isfinite(piece.boxes).all(axis=1)]))
        total += len(piece.shapes)
    if pc.count_distinct(pa.chunked_array(ids), mode="all").as_py() != total:
        raise ValueError("sites: identifiers repeat. Give each site its own.")
    del ids
    middle = np.concatenate(centres)
    edges = _cut(middle, int(tiles))
    account = [
        {"edges": [None if math.isinf(edge) else edge for edge in rectangle], "centres": held, "sites": 0, "lines": 0}
        for rectangle, held in edges
    ]
    with whole_folder(Path(folder)) as work:
        _place(source.pieces(), account, reach, work, "sites", pa.schema([("site_id", source.identifier)]))
        if some_roads is not None:
            fields = [(name, pa.string()) for name in ("kind", "name") if name in some_roads]
            _place(_one_for_all(lines_of(some_roads)), account, reach, work, "lines", pa.schema(fields))
        manifest = {
            "edition": _EDITION,
            "crs": BRITISH_GRID,
            "max_gap_m": float(max_gap_m),
            "reach_m": reach,
            "lines": some_roads is not None,
            "sites": total,
            "with_relations": len(middle),
            "tiles": account,
        }
        (work / "tiles.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return Path(folder)


def write_pairs(
    tiles: str | os.PathLike[str], folder: str | os.PathLike[str], *, scheduler: object | None = None
) -> Path:
    """Pair the sites of each tile that `write_tiles` wrote, as a folder of Parquet, a file a tile.

    Parameters
    ----------
    tiles
        What `write_tiles` wrote.
    folder
        Where to write; a new or empty folder. Workers on other machines must find both folders under the same names.
    scheduler
        What runs the tiles, as dask calls it: ``"processes"``, ``"threads"``, ``"distributed"`` or a client. This needs
        ``assetplan[scale]``; how many workers there are is dask's to say (``dask.config.set(num_workers=2)``). Without one the tiles
        are run one after another in this process, with no more than one in memory.

    Returns
    -------
    pathlib.Path
        The folder. `read_pairs` reads it whole; a program for larger tables reads its files one by one. The rows of each file
        are in order of the identifiers.

    Raises
    ------
    EstateError
        Where the tiles are not as `write_tiles` left them: one is missing, shorter or of something else. All that is wrong is told.
    OutputError
        Where dask is wanted and not installed, the folder is not empty or cannot be written; nothing partial is left.
    ValueError
        Where dask knows no such scheduler.
    """
    source = Path(tiles).absolute()
    manifest = _manifest(source, "tiles.json", "write_tiles")
    with whole_folder(Path(folder)) as work:
        where = str(source), str(work.absolute())
        if scheduler is None:
            done = [_pair_tile(*where, number) for number in range(len(manifest["tiles"]))]
        else:
            done = _with_dask([(*where, number) for number in range(len(manifest["tiles"]))], scheduler)
        unwritten = [one for one in done if isinstance(one, OutputError)]
        if unwritten:
            raise unwritten[0]
        problems = [str(one) for one in done if isinstance(one, EstateError)]
        if problems:
            raise EstateError(f"{shown_name(tiles)}: the tiles are not as they were written. Cut them again.", problems)
        parts = [one for one in done if isinstance(one, int)]
        account = {"edition": _EDITION, "max_gap_m": manifest["max_gap_m"], "pairs": sum(parts), "parts": parts}
        (work / "pairs.json").write_text(json.dumps(account, indent=1) + "\n", encoding="utf-8")
    return Path(folder)


def read_pairs(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """The pairs that `write_pairs` wrote, all of them: the frame that `adjacent_pairs` gives for all the sites at once.

    Raises
    ------
    EstateError
        Where the folder is not as `write_pairs` left it.
    """
    source = Path(folder)
    manifest = _manifest(source, "pairs.json", "write_pairs")
    parts = [_read(source, f"pairs-{number:05}.parquet", rows) for number, rows in enumerate(manifest["parts"])]
    try:
        whole = pa.concat_tables(parts)
        if not whole.num_rows:
            return adjacent_pairs(gpd.GeoDataFrame(geometry=[], crs=BRITISH_GRID))
        first, second = (_objects(whole[name]) for name in ("site_a", "site_b"))
        rank = {one: place for place, one in enumerate(sorted({*first, *second}, key=str))}
        order = np.lexsort(([rank[one] for one in second], [rank[one] for one in first]))
        return pd.DataFrame(
            {name: _column(whole[name])[order] for name in RELATION_COLUMNS}, columns=list(RELATION_COLUMNS)
        )
    except _BAD_DATA as error:
        raise EstateError(f"{shown_name(folder)}: these are not pairs as write_pairs writes them.") from error


# ------------------------------------------------------------------------------------------------------------------ tiles


def _centres(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def _cut(centres: NDArray[np.float64], tiles: int) -> list[tuple[tuple[float, float, float, float], int]]:
    """Half-open rectangles without gap or overlap that hold about as many centres each, and how many each holds."""

    def cut(held: NDArray[np.float64], edges: tuple[float, float, float, float], share: int) -> None:
        if share == 1:
            found.append((edges, len(held)))
            return
        less, axis = share // 2, 0
        if len(held):
            axis = int(np.argmax(np.ptp(held, axis=0)))
            place = len(held) * less // share
            at = float(np.partition(held[:, axis], place)[place])
        else:  # what holds nothing is cut where it ends, so that one part is as small as can be
            at = next((edge for edge in (edges[0], edges[2]) if math.isfinite(edge)), 0.0)
        low, high = list(edges), list(edges)
        low[axis + 2] = high[axis] = at
        below = held[:, axis] < low[axis + 2]
        cut(held[below], (low[0], low[1], low[2], low[3]), less)
        cut(held[~below], (high[0], high[1], high[2], high[3]), share - less)

    found: list[tuple[tuple[float, float, float, float], int]] = []
    cut(centres, (-np.inf, -np.inf, np.inf, np.inf), tiles)
    return found


def _edges(tile: dict[str, Any]) -> tuple[float, float, float, float]:
    west, south, east, north = (
        open_ if edge is None else float(edge)
        for edge, open_ in zip(tile["edges"], (-np.inf, -np.inf, np.inf, np.inf), strict=True)
    )
    return west, south, east, north


def _meets(
    boxes: NDArray[np.float64], edges: tuple[float, float, float, float], grown: float = 0.0
) -> NDArray[np.bool_]:
    """Which boxes, grown by so many metres, have a part within half-open edges; none where there is nothing within them."""
    west, south, east, north = edges
    if west == east or south == north:
        return np.zeros(len(boxes), dtype=bool)
    return (
        (boxes[:, 2] + grown >= west)
        & (boxes[:, 0] - grown < east)
        & (boxes[:, 3] + grown >= south)
        & (boxes[:, 1] - grown < north)
    )


def _within(boxes: NDArray[np.float64], edges: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Which boxes lie within half-open edges whole."""
    west, south, east, north = edges
    return (boxes[:, 0] >= west) & (boxes[:, 2] < east) & (boxes[:, 1] >= south) & (boxes[:, 3] < north)


def _one_for_all(lines: Iterator[Piece]) -> Iterator[Piece]:
    """The lines, the first of them with a box that meets every tile: it tells a tile far from any that lines were given."""
    first = next(lines)
    boxes = first.boxes.copy()
    boxes[0] = (-np.inf, -np.inf, np.inf, np.inf)
    yield Piece(first.columns, first.shapes, boxes)
    yield from lines


def _place(
    pieces: Iterator[Piece], account: list[dict[str, Any]], reach: float, work: Path, what: str, fields: pa.Schema
) -> None:
    """Write rows to the file of every tile they reach, and enter how many in the account."""
    geo = {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {"encoding": "WKB", "geometry_types": [], "crs": pyproj.CRS(BRITISH_GRID).to_json_dict()}
        },
    }
    schema = fields.append(pa.field("geometry", pa.binary())).with_metadata({"geo": json.dumps(geo)})
    writers = []
    try:
        for number in range(len(account)):
            writers.append(pq.ParquetWriter(work / f"{what}-{number:05}.parquet", schema))
        for piece in pieces:
            for tile, writer in zip(account, writers, strict=True):
                here = piece.where(_meets(piece.boxes, _edges(tile), reach + _SLACK_M))
                if len(here.shapes):
                    shapes = pa.array(shapely.to_wkb(here.shapes), pa.binary())
                    writer.write_table(pa.Table.from_arrays([*here.columns, shapes], schema=schema))
                    tile[what] += len(here.shapes)
    finally:
        for writer in writers:
            writer.close()


# ------------------------------------------------------------------------------------------------------------------ pairs


def _with_dask(calls: list[tuple[str, str, int]], scheduler: object) -> list[int | EstateError | OutputError]:
    try:
        import dask
    except ImportError as error:
        raise OutputError("scheduler: this needs dask. Install assetplan[scale], or leave it out.") from error
    task = dask.delayed(_pair_tile, pure=False)
    return list(dask.compute(*(task(*call) for call in calls), scheduler=scheduler))


def _pair_tile(tiles: str, folder: str, number: int) -> int | EstateError | OutputError:
    """Write the pairs that belong to one tile. How many, or what is wrong: given, not raised, so that the others come to an end."""
    source = Path(tiles)
    try:
        manifest = _manifest(source, "tiles.json", "write_tiles")
        tile = manifest["tiles"][number]
        held = _read(source, f"sites-{number:05}.parquet", tile["sites"])
        shapes = as_land(shapely.from_wkb(held["geometry"].to_numpy()))
        sites = gpd.GeoDataFrame(geometry=shapes, index=_objects(held["site_id"]), crs=BRITISH_GRID)
        roads = None
        if manifest["lines"]:
            lines = _read(source, f"lines-{number:05}.parquet", tile["lines"])
            roads = gpd.GeoDataFrame(
                {
                    name: pd.Series(_objects(lines[name]), dtype=object)
                    for name in lines.column_names
                    if name != "geometry"
                },
                geometry=shapely.from_wkb(lines["geometry"].to_numpy()),
                crs=BRITISH_GRID,
            )
        edges = _edges(tile)
    except EstateError as error:
        return error
    except (shapely.errors.ShapelyError, *_BAD_DATA) as error:
        return EstateError(f"sites-{number:05}.parquet: is not what write_tiles writes ({visible(str(error))[:200]}).")
    pairs = adjacent_pairs(sites, max_gap_m=manifest["max_gap_m"], roads=roads)
    mine = pairs[_belong(pairs, sites, held["geometry"], edges)]
    schema = _pairs_schema(held["site_id"].type)
    columns = [pa.array(mine[name].tolist(), schema.field(name).type) for name in RELATION_COLUMNS]
    name = f"pairs-{number:05}.parquet"
    try:
        pq.write_table(pa.Table.from_arrays(columns, schema=schema), Path(folder) / name)
    except OSError as error:
        return OutputError(
            f"{name}: cannot be written ({error.strerror or error}). Free some space, or choose another folder."
        )
    return len(mine)


def _belong(
    pairs: pd.DataFrame, sites: gpd.GeoDataFrame, stored: pa.ChunkedArray, edges: tuple[float, float, float, float]
) -> NDArray[np.bool_]:
    """Which pairs belong to the tile with these edges."""
    a, b = sites.index.get_indexer(pairs["site_a"]), sites.index.get_indexer(pairs["site_b"])
    boxes = shapely.bounds(sites.geometry.to_numpy())[a]
    mine = _within(boxes, edges)
    across = np.flatnonzero(_meets(boxes, edges) & ~mine)
    # Read once more from what is stored: every tile must get the same link to the last bit, and a shape that was prepared
    # may give another of several that are equally short.
    fresh = stored.to_numpy()
    links = shapely.shortest_line(*(as_land(shapely.from_wkb(fresh[one[across]])) for one in (a, b)))
    ends = shapely.get_coordinates(shapely.get_point(links, 0))
    mine[across] = _within(np.hstack([ends, ends]), edges)
    return mine


def _pairs_schema(identifier: pa.DataType) -> pa.Schema:
    columns = table("relations")
    return pa.schema(
        [
            (name, identifier if columns[name].kind == "id" else _TYPES.get(columns[name].kind, pa.string()))
            for name in RELATION_COLUMNS
        ]
    )


# ---------------------------------------------------------------------------------------------------------------- reading


def _manifest(folder: Path, name: str, writer: str) -> dict[str, Any]:
    shown = shown_name(folder.name)
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
        if found["edition"] != _EDITION:
            raise EstateError(f"{shown}/{name}: written by another edition of assetplan. Write it again with {writer}.")
        if name == "tiles.json":
            for tile in found["tiles"]:
                _edges(tile), tile["sites"] + tile["lines"]
            float(found["max_gap_m"]), bool(found["lines"])
        else:
            sum(found["parts"]), found["parts"][0]
    except EstateError:
        raise
    except OSError as error:
        raise EstateError(f"{shown}: has no {name}. Name a folder that {writer} wrote.") from error
    except _BAD_DATA as error:
        raise EstateError(f"{shown}/{name}: is not what {writer} writes. Write it again.") from error
    return dict(found)


def _read(folder: Path, name: str, rows: int) -> pa.Table:
    """A file of a folder, with as many rows as were written."""
    try:
        with pq.ParquetFile(folder / name) as file:
            found = file.read(use_threads=False)
    except FileNotFoundError as error:
        raise EstateError(f"{name}: is missing.") from error
    except (OSError, pa.ArrowException) as error:
        raise EstateError(f"{name}: cannot be read ({visible(str(error))[:200]}).") from error
    if found.num_rows != rows:
        raise EstateError(f"{name}: {found.num_rows} rows, where {rows} were written.")
    return found


def _objects(values: pa.Array | pa.ChunkedArray) -> NDArray[np.object_]:
    """Values as Python knows them; None where there is none, and lists as tuples."""
    found = [tuple(one) if isinstance(one, list) else one for one in values.to_pylist()]
    return np.asarray(pd.Series(found, dtype=object).to_numpy())


def _column(values: pa.ChunkedArray) -> NDArray[Any]:
    return np.asarray(values.to_numpy()) if pa.types.is_floating(values.type) else _objects(values)

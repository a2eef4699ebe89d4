"""Sites and lines a piece at a time, from a frame or from more GeoParquet than memory holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyproj
import shapely

from assetplan.errors import EstateError
from assetplan.text import shown_name, visible

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

_ROWS = 65_536


@dataclass(frozen=True, eq=False)
class Piece:
    """Some rows: their columns, of which the identifier of sites is the first, their shapes, and the boxes around these.

    The box of a row that has no relations, for want of a shape or because a postcode is all that places it, is no numbers.
    """

    columns: tuple[pa.Array, ...]
    shapes: NDArray[np.object_]
    boxes: NDArray[np.float64]

    def where(self, wanted: NDArray[np.bool_]) -> Piece:
        """The rows that are wanted."""
        at = np.flatnonzero(wanted)
        return Piece(tuple(column.take(pa.array(at)) for column in self.columns), self.shapes[at], self.boxes[at])


@dataclass(frozen=True, eq=False)
class Sites:
    """Sites that can be read, a piece at a time and more than once; `empty` has their CRS and none of them."""

    empty: gpd.GeoDataFrame
    identifier: pa.DataType
    pieces: Callable[[], Iterator[Piece]]


def sites_of(sites: gpd.GeoDataFrame | str | os.PathLike[str]) -> Sites:
    """Sites of a frame by its index, or of a GeoParquet file or a folder of them by the column ``site_id``.

    Raises
    ------
    ValueError
        Where identifiers of a frame are neither text nor whole numbers.
    EstateError
        Where a file is not such GeoParquet; also while it is read, where it is damaged or a site has no identifier.
    """
    return _framed(sites) if isinstance(sites, gpd.GeoDataFrame) else _stored(Path(sites))


def lines_of(roads: gpd.GeoDataFrame) -> Iterator[Piece]:
    """Lines of a frame, with their kind and name where it has them."""
    names = [name for name in ("kind", "name") if name in roads]
    for start in range(0, len(roads), _ROWS):
        part = roads.iloc[start : start + _ROWS]
        texts = ([None if pd.isna(one) else str(one) for one in part[name]] for name in names)
        yield _piece(tuple(pa.array(text, pa.string()) for text in texts), part.geometry.to_numpy(), None)


def _framed(sites: gpd.GeoDataFrame) -> Sites:
    values = sites.index.tolist()
    whole = bool(values) and all(isinstance(one, int) and not isinstance(one, bool) for one in values)
    try:
        ids = pa.array(values, pa.int64() if whole else pa.large_string())
    except (pa.ArrowException, UnicodeError, OverflowError) as error:
        raise ValueError("sites: identifiers are text, or whole numbers, all of one kind.") from error
    if ids.null_count:
        raise ValueError("sites: a site has no identifier. Give each site its own.")

    def pieces() -> Iterator[Piece]:
        for start in range(0, len(sites), _ROWS):
            part = sites.iloc[start : start + _ROWS]
            placed_by = part["precision"].tolist() if "precision" in part else None
            yield _piece((ids.slice(start, _ROWS),), part.geometry.to_numpy(), placed_by)

    return Sites(sites.iloc[:0], ids.type, pieces)


def _stored(path: Path) -> Sites:
    shown = shown_name(path)
    try:
        files = ds.dataset(path, format="parquet")
        names, geo = files.schema.names, json.loads(files.schema.metadata[b"geo"])
        geometry = geo["primary_column"]
        column = geo["columns"][geometry]
        crs = column.get("crs", "OGC:CRS84")  # the format's meaning where it says nothing; null is unknown
        empty = gpd.GeoDataFrame(geometry=[], crs=None if crs is None else pyproj.CRS.from_user_input(crs))
        encoding, identifier = str(column["encoding"]), files.schema.field("site_id").type
    except (OSError, pyproj.exceptions.CRSError, pa.ArrowException, ValueError, LookupError, TypeError) as error:
        raise EstateError(
            f"{shown}: a GeoParquet file with a column site_id is wanted, or a folder of them ({visible(str(error))[:200]})."
        ) from error
    if encoding != "WKB":
        raise EstateError(f"{shown}: shapes are stored as {visible(encoding)}. Store them as WKB.")
    if not any(kind(identifier) for kind in (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer)):
        raise EstateError(f"{shown}: site_id is stored as {visible(str(identifier))}. Store it as text.")
    wanted = ["site_id", geometry, *(name for name in ("precision",) if name in names)]

    def pieces() -> Iterator[Piece]:
        try:
            for rows in files.to_batches(
                columns=wanted,
                batch_size=_ROWS,
                batch_readahead=1,
                fragment_readahead=1,
                use_threads=False,
                fragment_scan_options=ds.ParquetFragmentScanOptions(pre_buffer=False, use_buffered_stream=True),
            ):
                if rows.column("site_id").null_count:
                    raise EstateError(f"{shown}: a site has no site_id. Give each site its own.")
                shapes = shapely.from_wkb(rows.column(geometry).to_numpy(zero_copy_only=False))
                placed_by = rows.column("precision").to_pylist() if "precision" in names else None
                yield _piece((rows.column("site_id"),), shapes, placed_by)
        except (OSError, pa.ArrowException, shapely.errors.ShapelyError) as error:
            raise EstateError(f"{shown}: cannot be read to its end ({visible(str(error))[:200]}).") from error

    return Sites(empty, identifier, pieces)


def _piece(columns: tuple[pa.Array, ...], shapes: NDArray[np.object_], placed_by: list[object] | None) -> Piece:
    boxes = shapely.bounds(shapes)
    if placed_by is not None:
        boxes[[isinstance(one, str) and one == "postcode" for one in placed_by]] = np.nan
    return Piece(columns, shapes, boxes)

"""JSON as tables: GeoJSON and Esri features, and records in lists or on lines of their own, nested objects as parent.child."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.crs import epsg_name, is_crs
from assetplan.errors import EstateError
from assetplan.formats.contents import Cells, text_of
from assetplan.formats.delimited import decode
from assetplan.grid import WGS84
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
_DEEPEST = 4  # how far down a list of records is looked for
_HEX = re.compile(r"0[01][0-9A-Fa-f]{8,}")
_EWKT = re.compile(r"\s*SRID\s*=\s*(\d{4,6})\s*;", re.IGNORECASE)


def parse_json(data: bytes, name: str) -> Any:
    """The document of a JSON file, or the list of its documents where each stands on a line of its own.

    Raises
    ------
    EstateError
        Where it is not JSON, an object names a key twice, or it is nested too deeply.
    """
    text, _ = decode(data, name)
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except RecursionError as error:
        raise EstateError(f"{name}: values are nested too deeply to be read. Export it again.") from error
    except ValueError as error:
        parts = [(number, line.strip(" \t\r\x1e")) for number, line in enumerate(re.split(r"\n", text), start=1)]
        parts = [(number, line) for number, line in parts if line]
        if len(parts) < 2 or not _is_object(parts[0][1]):
            raise EstateError(f"{name}: this is not JSON ({visible(str(error))}). Export it again.") from error
    return [_line(line, number, name) for number, line in parts]


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise ValueError("an object names a key twice")
    return keys


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _line(text: str, number: int, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except (ValueError, RecursionError) as error:
        raise EstateError(
            f"{name}, line {number}: this is not JSON ({visible(str(error))}). Mend the line, or export the file again."
        ) from error


def read_records(data: bytes, name: str) -> list[Cells]:
    """The tables of a JSON file: its features, or each list of objects in it.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        What to call it in messages.

    Raises
    ------
    EstateError
        Where it is not JSON, or holds neither features nor a list of objects.

    Examples
    --------
    >>> (table,) = read_records(b'{"results": [{"name": "Hall", "place": {"postcode": "YO17 7AB"}}]}', "halls.json")
    >>> table.header, table.rows
    (['name', 'place.postcode'], [['Hall', 'YO17 7AB']])
    """
    document = parse_json(data, name)
    try:
        return _tables(document, name)
    except RecursionError as error:
        raise EstateError(f"{name}: values are nested too deeply to be read. Export it again.") from error


def _tables(document: Any, name: str) -> list[Cells]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "Topology":
        raise EstateError(f"{name}: this is TopoJSON, whose shapes share their lines. Export the layer as GeoJSON.")
    if kind == "FeatureCollection" and not isinstance(document.get("features"), list):
        raise EstateError(f"{name}: a FeatureCollection without a list of features. Export the layer as GeoJSON.")
    if kind == "Feature":
        document = {"type": "FeatureCollection", "features": [document]}
    elif isinstance(document, list) and any(_is_feature(part) for part in document):
        document = {"type": "FeatureCollection", "features": document}
    if isinstance(document, dict) and isinstance(document.get("features"), list):
        if any(isinstance(part, dict) and "attributes" in part for part in document["features"]):
            return [_esri(document, name)]
        return [_collection(document, name)]
    found = list(_lists(document, ()))
    if not found:
        raise EstateError(
            f"{name}: neither features nor a list of objects stands in this JSON. Export the layer as GeoJSON, or the table as CSV."
        )
    return [_records(records, ".".join(path)) for path, records in found]


def _is_feature(value: object) -> bool:
    return isinstance(value, dict) and value.get("type") == "Feature" and ("properties" in value or "geometry" in value)


def _lists(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Lists of objects, none of them inside another, with the keys that lead to them."""
    if isinstance(value, list):
        if value and all(isinstance(part, dict) for part in value):
            yield path, value
    elif isinstance(value, dict) and len(path) < _DEEPEST:
        for key, part in value.items():
            yield from _lists(part, (*path, key))


# ------------------------------------------------------------------------------------------------------- tables


def _collection(document: dict[str, Any], name: str) -> Cells:
    columns, rows, texts, named = features(document["features"])
    title = document.get("name")
    return Cells(
        rows,
        list(range(1, len(rows) + 1)),
        header=columns,
        shapes=readable_shapes(texts),
        crs=_stated_crs(document, name),
        title=title if isinstance(title, str) else "",
        named=named,
    )


def features(found: Sequence[Any]) -> tuple[list[str], list[list[str]], list[str | None], list[tuple[str, ...]]]:
    """The names of all properties, each feature's cells under them, its geometry as text, and the names it has itself."""
    objects = [feature if isinstance(feature, dict) else {} for feature in found]
    properties = [
        _flat(feature["properties"]) if isinstance(feature.get("properties"), dict) else {} for feature in objects
    ]
    texts = [None if feature.get("geometry") is None else json.dumps(feature["geometry"]) for feature in objects]
    return *_table(properties), texts, [tuple(cells) for cells in properties]


def _records(objects: list[dict[str, Any]], path: str) -> Cells:
    """Objects as rows. A member that is a GeoJSON geometry in whatever objects have it, and the only one such, is their shape."""
    shaped = {key for record in objects for key, value in record.items() if _is_geometry(value)}
    drawn = ""
    if len(shaped) == 1:
        (key,) = shaped
        if all(record.get(key) is None or _is_geometry(record[key]) for record in objects):
            drawn = key
    flat = [_flat({key: value for key, value in record.items() if key != drawn or not drawn}) for record in objects]
    columns, rows = _table(flat)
    shapes = None
    if drawn:
        shapes = readable_shapes([json.dumps(record[drawn]) if record.get(drawn) else None for record in objects])
    return Cells(
        rows,
        list(range(1, len(rows) + 1)),
        header=columns,
        shapes=shapes,
        crs=WGS84 if drawn else "",
        named=[tuple(cells) for cells in flat],
        name=path,
    )


def _esri(document: dict[str, Any], name: str) -> Cells:
    """Features as ArcGIS servers write them: attributes, and a geometry of x and y, paths or rings."""
    objects = [feature if isinstance(feature, dict) else {} for feature in document["features"]]
    flat = [_flat(feature["attributes"]) if isinstance(feature.get("attributes"), dict) else {} for feature in objects]
    columns, rows = _table(flat)
    reference = document.get("spatialReference")
    stated = (
        (reference.get("latestWkid") or reference.get("wkid") or reference.get("wkt"))
        if isinstance(reference, dict)
        else ""
    )
    crs = f"EPSG:{stated}" if isinstance(stated, int) else str(stated or "")
    if crs and not is_crs(crs):
        raise EstateError(
            f"{name}: the CRS {visible(crs)[:80]!r} is not known. Export the layer in EPSG:27700 or EPSG:4326."
        )
    shapes = np.array([None, *(_esri_shape(feature.get("geometry")) for feature in objects)], dtype=object)[1:]
    return Cells(
        rows,
        list(range(1, len(rows) + 1)),
        header=columns,
        shapes=shapes,
        crs=epsg_name(crs),
        named=[tuple(cells) for cells in flat],
    )


def _esri_shape(geometry: Any) -> Any:
    if geometry is None:
        return None
    try:
        if "x" in geometry:
            return shapely.Point(float(geometry["x"]), float(geometry["y"]))
        if "points" in geometry:
            return shapely.MultiPoint([(float(point[0]), float(point[1])) for point in geometry["points"]])
        if "paths" in geometry:
            return shapely.MultiLineString([_corners(path) for path in geometry["paths"]])
        if (
            "rings" in geometry
        ):  # outer rings run clockwise, holes the other way; which hole is whose, only the shapes tell
            rings = [shapely.Polygon(_corners(ring)) for ring in geometry["rings"]]
            holes = [ring for ring in rings if ring.exterior.is_ccw]
            outer = [ring for ring in rings if not ring.exterior.is_ccw]
            land = shapely.union_all([shapely.make_valid(ring) for ring in outer or holes])
            return (
                shapely.difference(land, shapely.union_all([shapely.make_valid(hole) for hole in holes]))
                if outer
                else land
            )
    except (TypeError, ValueError, KeyError, IndexError, shapely.errors.GEOSException):
        pass
    return shapely.GeometryCollection()


def _corners(path: Any) -> list[tuple[float, float]]:
    return [(float(point[0]), float(point[1])) for point in path]


def _table(flat: list[dict[str, str]]) -> tuple[list[str], list[list[str]]]:
    columns = list(dict.fromkeys(key for cells in flat for key in cells))
    return columns, [[cells.get(column, "") for column in columns] for cells in flat]


def _flat(value: dict[str, Any], before: str = "") -> dict[str, str]:
    """The members of an object as cells; those of objects in it as parent.child, geometries as their text."""
    cells: dict[str, str] = {}
    for key, part in value.items():
        if isinstance(part, dict) and part and not _is_geometry(part):
            for inner, text in _flat(part, f"{before}{key}.").items():
                cells.setdefault(inner, text)
        else:
            cells[f"{before}{key}"] = _cell(part)
    return cells


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ";".join(map(_cell, value))
    return (json.dumps(value, sort_keys=True) if value else "") if isinstance(value, dict) else text_of(value)


def _is_geometry(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("type") in _GEOMETRIES
        and ("coordinates" in value or "geometries" in value)
    )


def _stated_crs(document: dict[str, Any], name: str) -> str:
    crs = document.get("crs")
    if crs is None:
        return WGS84
    named = crs.get("properties") if isinstance(crs, dict) else None
    stated = str(crs)
    if isinstance(named, dict):
        stated = f"EPSG:{named['code']}" if "code" in named and "name" not in named else str(named.get("name"))
    if not is_crs(stated):
        raise EstateError(
            f"{name}: the CRS {visible(stated)[:80]!r} is not known. Export the layer in EPSG:27700 or EPSG:4326."
        )
    return epsg_name(stated)


# ------------------------------------------------------------------------------------------------------- shapes


def readable_shapes(texts: Sequence[str | None]) -> NDArray[np.object_]:
    """Geometries of texts: WKT, EWKT, GeoJSON or hexadecimal WKB, each by its own look.

    None where there is no text, an empty one where the text cannot be read as a shape. What EWKT and EWKB say of their CRS is
    kept (`shapely.get_srid`).

    Examples
    --------
    >>> [
    ...     str(shape)
    ...     for shape in readable_shapes(
    ...         ["SRID=27700;POINT (1 2)", '{"type": "Point", "coordinates": [3, 4]}', None, "x"]
    ...     )
    ... ]
    ['POINT (1 2)', 'POINT (3 4)', 'None', 'GEOMETRYCOLLECTION EMPTY']
    """
    shapes = np.full(len(texts), None, dtype=object)
    kinds: dict[Any, list[int]] = {}
    plain: dict[int, str] = {}
    for i, text in enumerate(texts):
        if text is not None:
            plain[i] = text.strip()
            kinds.setdefault(_reader(plain[i]), []).append(i)
    for read, at in kinds.items():
        said = [_EWKT.match(plain[i]) if read is shapely.from_wkt else None for i in at]
        bare = [plain[i][match.end() :] if match else plain[i] for i, match in zip(at, said, strict=True)]
        found = _read_all(read, bare)
        for i, shape, match in zip(at, found, said, strict=True):
            shape = shapely.GeometryCollection() if shape is None else shape
            shapes[i] = shapely.set_srid(shape, int(match[1])) if match else shape
    return shapes


def _reader(text: str) -> Any:
    if text.startswith("{"):
        return shapely.from_geojson
    return shapely.from_wkb if _HEX.match(text) else shapely.from_wkt


def _read_all(read: Any, texts: list[str]) -> list[Any]:
    try:
        return list(np.atleast_1d(read(np.array(texts, dtype=object), on_invalid="ignore")))
    except (
        NotImplementedError,
        ValueError,
        TypeError,
        shapely.errors.GEOSException,
    ):  # curves have no class in shapely
        return [None] if len(texts) == 1 else [shape for text in texts for shape in _read_all(read, [text])]

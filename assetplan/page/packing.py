"""What a page shows, packed for its script: columns instead of records, each text once, large pages compressed.

`packed` writes one JSON document. Texts stand once in a pool and columns hold their places in it; whole numbers are
written as differences from the one before; shapes are rings of micro-degrees. `assetplan/page/unpack.js` is the other half. Above
`INLINE` sites the numbers go into a stream of bytes behind the JSON and the whole is deflated, which every browser since 2023 can undo;
below that it stays readable in the source, and its bytes do not hang on the version of zlib.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup

from assetplan.page.text import json_for_script, readable
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.page.view import MapView, Minutes, MinutesAt, Service, Table, Village

INLINE = 500
# Beyond this level deflate takes four times as long for a twentieth less.
LEVEL = 4
MICRO = 1_000_000
_DIMENSIONS = np.array([0, 1, 1, 2], dtype=np.int64)  # by GEOS type: point, line, ring, polygon


class _Listed:
    """Whole numbers as lists in the JSON."""

    def add(self, values: Any) -> Any:
        """Differences; a column of one value as that value and how often it stands there."""
        numbers = np.asarray(values, dtype=np.int64)
        if len(numbers) > 2 and (numbers == numbers[0]).all():
            return {"all": int(numbers[0]), "count": len(numbers)}
        return np.diff(numbers, prepend=0).tolist()


class _Streamed(_Listed):
    """Whole numbers as bytes behind the JSON: seven bits a byte, the sign in the lowest bit, the eighth set where more follows."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0

    def add(self, values: Any) -> Any:
        """Where the column's differences begin, and how many they are."""
        numbers = np.asarray(values, dtype=np.int64)
        if len(numbers) > 2 and (numbers == numbers[0]).all():
            return super().add(numbers)
        piece = _sevens(np.diff(numbers, prepend=0))
        at = {"from": self._length, "count": len(numbers)}
        self._pieces.append(piece)
        self._length += len(piece)
        return at

    def bytes(self) -> bytes:
        """The whole stream."""
        return b"".join(self._pieces)


def _sevens(differences: NDArray[np.int64]) -> bytes:
    """Whole numbers as bytes of seven bits, the lowest first.

    Examples
    --------
    >>> list(_sevens(np.array([0, -1, 1, 64])))
    [0, 1, 2, 128, 1]
    """
    plain = ((differences << 1) ^ (differences >> 63)).astype(np.uint64)
    length = np.ones(len(plain), dtype=np.int64)
    for bits in (7, 14, 21, 28, 35):
        length += plain >= np.uint64(1 << bits)
    ends = np.cumsum(length)
    out = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    for place in range(6):
        has = length > place
        part = (plain[has] >> np.uint64(7 * place)) & np.uint64(127)
        more = (length[has] > place + 1).astype(np.uint64) << np.uint64(7)
        out[ends[has] - length[has] + place] = (part | more).astype(np.uint8)
    return out.tobytes()


class _Pool:
    """Texts in the order in which they are met, each once."""

    def __init__(self, numbers: _Listed) -> None:
        self._places: dict[str, int] = {}
        self._numbers = numbers

    def column(self, values: Sequence[str]) -> dict[str, Any]:
        """A column of texts: where each stands in the pool."""
        codes, found = pd.factorize(np.array(values, dtype=object))
        places = self._places
        spots = np.array([places.setdefault(text, len(places)) for text in found], dtype=np.int64)
        return {"text": self._numbers.add(spots[codes] if len(values) else codes)}

    def texts(self) -> list[str]:
        """The pool with hidden characters made visible."""
        texts = list(self._places)
        joined = "\n".join(texts)
        return texts if visible(joined) == joined else [readable(text) for text in texts]


def micro_degrees(geometries: NDArray[np.object_]) -> dict[str, NDArray[np.int64]]:
    """Shapes in degrees as whole micro-degrees: how many parts each has, rings each part, vertices each ring.

    Parameters
    ----------
    geometries
        Geometries in EPSG:4326, x = longitude. Of a mixed collection the parts of the highest dimension count; the vertex that
        closes a ring is left out, because it is the first one again.

    Returns
    -------
    dict
        ``kind`` (0 point, 1 line, 2 polygon) and ``parts`` for each geometry, ``rings`` for each part, ``vertices`` for each ring,
        ``y`` and ``x`` for each vertex.

    Examples
    --------
    >>> square = shapely.from_wkt("POLYGON ((0 50, 0 50.001, 0.001 50.001, 0 50))")
    >>> micro_degrees(np.array([square]))["y"].tolist()
    [50000000, 50001000, 50001000]
    """
    parts, owner = geometries, np.arange(len(geometries))
    while len(parts) and shapely.get_type_id(parts).max() > 3:
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    keep = ~shapely.is_empty(parts)
    parts, owner = parts[keep], owner[keep]
    dimension = _DIMENSIONS[shapely.get_type_id(parts)]
    highest = np.zeros(len(geometries), dtype=np.int64)
    np.maximum.at(highest, owner, dimension)
    keep = dimension == highest[owner]
    parts, owner, dimension = parts[keep], owner[keep], dimension[keep]

    areas = np.flatnonzero(dimension == 2)
    rings, of = shapely.get_rings(parts[areas], return_index=True)
    rest = np.flatnonzero(dimension != 2)
    curves = np.concatenate([rings, parts[rest]])
    of = np.concatenate([areas[of], rest]).astype(np.int64)
    order = np.argsort(of, kind="stable")
    curves, of = curves[order], of[order]
    coordinates, curve = shapely.get_coordinates(curves, return_index=True)  # without heights
    closing = np.zeros(len(coordinates), dtype=bool)
    if len(coordinates):
        last = np.append(curve[1:] != curve[:-1], True)
        closing = last & (dimension[of] == 2)[curve]
    coordinates, curve = coordinates[~closing], curve[~closing]
    micro = np.rint(np.round(coordinates, 6) * MICRO).astype(np.int64).reshape(-1, 2)
    return {
        "kind": highest,
        "parts": np.bincount(owner, minlength=len(geometries)),
        "rings": np.bincount(of, minlength=len(parts)),
        "vertices": np.bincount(curve, minlength=len(curves)),
        "y": micro[:, 1],
        "x": micro[:, 0],
    }


def _shapes(numbers: _Listed, geometries: Iterable[Any]) -> dict[str, Any]:
    listed = list(geometries)
    found = np.empty(len(listed), dtype=object)
    found[:] = listed
    return {name: numbers.add(values) for name, values in micro_degrees(found).items()}


def _positions(numbers: _Listed, positions: Any) -> dict[str, Any]:
    """Positions [latitude, longitude] as micro-degrees."""
    micro = np.rint(np.round(np.asarray(positions, dtype=float).reshape(-1, 2), 6) * MICRO).astype(np.int64)
    return {"y": numbers.add(micro[:, 0]), "x": numbers.add(micro[:, 1])}


def _placed(numbers: _Listed, shapes: NDArray[np.object_], at: NDArray[np.float64]) -> dict[str, Any]:
    """Shapes of sites and the places of their names; a name that stands on the only point of its site is not said twice."""
    micro = micro_degrees(shapes)
    spots = np.rint(np.round(np.asarray(at, dtype=float).reshape(-1, 2), 6) * MICRO).astype(np.int64)
    single = (micro["kind"] == 0) & (micro["parts"] == 1)
    first = np.concatenate([[0], np.cumsum(micro["vertices"])])[np.concatenate([[0], np.cumsum(micro["rings"])])[
        np.concatenate([[0], np.cumsum(micro["parts"])])[:-1]]]  # fmt: skip
    same = single.copy()
    same[single] = (micro["y"][first[single]] == spots[single, 0]) & (micro["x"][first[single]] == spots[single, 1])
    return {
        "shape": {name: numbers.add(values) for name, values in micro.items()},
        "same": numbers.add(same),
        "at": {"y": numbers.add(spots[~same, 0]), "x": numbers.add(spots[~same, 1])},
    }


def _records(pool: _Pool, rows: Sequence[Mapping[str, Any]], texts: Sequence[str]) -> dict[str, Any]:
    """The texts of some records as columns."""
    return {name: pool.column([str(row[name]) for row in rows]) for name in texts}


def _facts(pool: _Pool, numbers: _Listed, columns: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "label": readable(column["label"]),
            "searched": column["searched"],
            "value": pool.column(column["values"]),
            "source": pool.column(column["sources"]),
            "flags": numbers.add(column["flags"]),
        }
        for column in columns
    ]


def _lists(pool: _Pool, numbers: _Listed, lists: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """The lines of some cards, one after the other: how many each has, and what each says."""
    lines = [line for one in lists for line in one]
    return {
        "counts": numbers.add([len(one) for one in lists]),
        **_records(pool, lines, ("label", "value", "source")),
        "flags": numbers.add([line["illustrative"] + 2 * line["unknown"] for line in lines]),
    }


def _tenths(values: Iterable[float | None]) -> list[int]:
    """Figures of nought and more in tenths, a thousand millions at most; -1 where one is not known."""
    return [-1 if value is None else round(min(max(value, 0), 1e8) * 10) for value in values]


def _services(pool: _Pool, numbers: _Listed, rows: Sequence[Service]) -> dict[str, Any]:
    return {
        **_records(pool, rows, ("name",)),
        **{key: numbers.add([int(row[key]) for row in rows]) for key in ("site", "organisation", "pin", "bays")},
        "desks": numbers.add(_tenths(row["desks"] for row in rows)),
        "at": _positions(numbers, [row["at"] for row in rows]),
        "facts": _lists(pool, numbers, [row["facts"] for row in rows]),
    }


def _villages(
    pool: _Pool, numbers: _Listed, rows: Sequence[Village] | Sequence[MinutesAt], texts: Sequence[str]
) -> dict[str, Any]:
    return {
        **_records(pool, rows, texts),
        "at": _positions(numbers, [row["at"] for row in rows]),
        "facts": _lists(pool, numbers, [row["facts"] for row in rows]),
    }


def _minutes(pool: _Pool, numbers: _Listed, layer: Minutes) -> dict[str, Any]:
    places = layer["places"]
    return {
        "title": readable(layer["name"]),
        **readable({"times": layer["times"], "note": layer["note"]}),
        **_villages(pool, numbers, places, ("name",)),
        "before": [numbers.add(_tenths(row["before"][k] for row in places)) for k in range(len(layer["times"]))],
        "after": [
            numbers.add(_tenths(row["after"][k] for row in places))
            for k in range(len(layer["times"]))
            if all(row["after"] for row in places)
        ],
    }


def _ways(view: MapView, pool: _Pool, numbers: _Listed) -> dict[str, Any]:
    """Services, the ways to them, and options that would move them, each only where there is any."""
    packed: dict[str, Any] = {}
    if services := view.get("services"):
        packed["services"] = _services(pool, numbers, services)
    if villages := view.get("villages"):
        packed["villages"] = _villages(pool, numbers, villages, ("name", "people"))
    if minutes := [layer for layer in view.get("minutes", ()) if layer["places"]]:
        packed["minutes"] = [_minutes(pool, numbers, layer) for layer in minutes]
    if reaches := view.get("reaches"):
        packed["reaches"] = {
            **_records(pool, reaches, ("name", "text")),
            "limit": numbers.add(_tenths(row["limit_min"] for row in reaches)),
            "shape": _shapes(numbers, (row["shape"] for row in reaches)),
        }
    if options := view.get("options"):
        packed["options"] = readable(options)
    if reviewing := view.get("reviewing"):
        packed["reviewing"] = readable(reviewing)
    if years := view.get("years"):
        packed["years"] = readable(years)
        packed |= {"years_on": True} if view.get("years_on") else {}
    return packed


def pack(view: MapView, tables: Mapping[int, Table], numbers: _Listed) -> dict[str, Any]:
    """A map and the tables whose rows do not all stand in the page, as one JSON value; `numbers` takes the columns of numbers."""
    pool = _Pool(numbers)
    sites = view["sites"]
    packed = {
        "organisations": readable(view["organisations"]),
        "bounds": view["bounds"],
        **({"relations_on": True} if view.get("relations_on") else {}),
        "sites": {
            "count": len(sites["id"]),
            "id": pool.column(sites["id"]),
            "name": pool.column(sites["name"]),
            "organisation": numbers.add(sites["organisation"]),
            "status": pool.column(sites["status"]),
            "precision": pool.column(sites["precision"]),
            "use": pool.column(sites["use"]),
            "area": numbers.add([-1 if area is None else round(area * 10_000) for area in sites["area_ha"]]),
            **_placed(numbers, sites["shape"], sites["at"]),
            "facts": _facts(pool, numbers, sites["facts"]),
            "notes": {
                "site": numbers.add([site for site, _ in sites["notes"]]),
                "text": pool.column([text for _, text in sites["notes"]]),
            },
        },
        "context": {
            **_records(pool, view["context"], ("name", "text")),
            "at": _positions(numbers, [place["at"] for place in view["context"]]),
        },
        "relations": {
            **_records(pool, view["relations"], ("kind", "text", "measure")),
            "gap": numbers.add([-1 if row["gap_m"] is None else row["gap_m"] for row in view["relations"]]),
            "a": numbers.add([relation["a"] for relation in view["relations"]]),
            "b": numbers.add([relation["b"] for relation in view["relations"]]),
        },
        "reach": view["reach_m"],
        "constraints": {
            **_records(pool, view["constraints"], ("name", "kind", "state", "text", "says", "source")),
            "illustrative": numbers.add([int(row["illustrative"]) for row in view["constraints"]]),
            "shape": _shapes(numbers, (row["shape"] for row in view["constraints"])),
        },
        "assemblies": readable(view["assemblies"]),
        "components": {
            **_records(pool, view["components"], ("name", "mix", "text")),
            "counts": numbers.add([len(row["sites"]) for row in view["components"]]),
            "sites": numbers.add([site for row in view["components"] for site in row["sites"]]),
            "shape": _shapes(numbers, (row["shape"] for row in view["components"])),
        },
        "backdrop": {
            **_records(pool, view["backdrop"], ("kind", "name")),
            "shape": _shapes(numbers, (row["shape"] for row in view["backdrop"])),
        },
        "places": {
            **_records(pool, view["places"], ("name", "kind")),
            "at": _positions(numbers, [place["at"] for place in view["places"]]),
        },
        **_ways(view, pool, numbers),
        "tables": {
            str(number): {
                "columns": [pool.column(column) for column in zip(*table["rows"], strict=True)],
                "sites": numbers.add(table["sites"]),
            }
            for number, table in tables.items()
        },
    }
    return {"pool": pool.texts(), **packed}


def packed(view: MapView, tables: Mapping[int, Table]) -> Markup:
    """The JSON of `pack` as it may stand inside a ``<script>`` element, deflated where it is long."""
    if len(view["sites"]["id"]) <= INLINE and not tables:
        return json_for_script(pack(view, tables, _Listed()))
    numbers = _Streamed()
    value = pack(view, tables, numbers)
    head = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")
    squeezed = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeezed.compress(struct.pack("<I", len(head)) + head + numbers.bytes()) + squeezed.flush()
    return Markup('{"deflate":"' + base64.b64encode(body).decode("ascii") + '"}')  # noqa: S704 -- letters, digits, + / =

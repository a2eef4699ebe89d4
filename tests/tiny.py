"""Small estate folders written from rows: registers by organisation, tables and areas as dictionaries."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

import assetplan as ap

Row = Mapping[str, Any]
EAST, NORTH = 478_000.0, 471_000.0  # dry ground


def tiny_estate(
    path: Path,
    assets: Iterable[Row],
    *,
    toml: str = "as_of = 2025-03-31\n",
    areas: Sequence[tuple[Row, shapely.Geometry | None]] = (),
    land: Sequence[tuple[Row, shapely.Geometry]] = (),
    constraints: Sequence[tuple[Row, shapely.Geometry | None]] = (),
    audience: str = "all",
    **tables: Sequence[Row],
) -> ap.Estate:
    """An estate of assets (`organisation`, `ref` and columns of the schema; `x`, `y` in metres from a corner) and further tables."""
    (path / "registers").mkdir(parents=True, exist_ok=True)
    by_owner: dict[str, list[dict[str, Any]]] = {}
    for asset in assets:
        row = {"Reference": asset["ref"], "Name": asset.get("name", asset["ref"])}
        if "x" in asset:
            row |= {"Easting": EAST + asset["x"], "Northing": NORTH + asset["y"]}
        row |= {_HEADS[name]: value for name, value in asset.items() if name in _HEADS}
        by_owner.setdefault(asset["organisation"], []).append(row)
    organisations = sorted({*by_owner, *(str(row["organisation"]) for row in tables.get("services", ()))})
    text = f'name = "Tiny"\n{toml}'
    text += "".join(f'[organisations.{owner}]\nname = "{owner.title()} Council"\n' for owner in organisations)
    for owner, rows in by_owner.items():
        _write(path / "registers" / f"{owner}.csv", rows)
        text += f'[registers."{owner}.csv"]\norganisation = "{owner}"\n'
    (path / "estate.toml").write_text(text, encoding="utf-8")
    for name, rows in tables.items():
        _write(path / f"{name}.csv", rows)
    for name, features in (("areas", areas), ("land", land), ("constraints", constraints)):
        if features:
            _write_layer(path / f"{name}.geojson", features)
    return ap.read_estate(path, audience=audience)


_HEADS = {
    "use": "Use", "status": "Status", "tenure": "Tenure", "gia_m2": "GIA (m2)", "nia_m2": "NIA (m2)", "fte": "Staff FTE",
    "running_cost_gbp_pa": "Running cost (GBP a year)", "backlog_gbp": "Backlog (GBP)", "lease_expiry": "Lease expiry",
    "utilisation_percent": "Utilisation %", "ownership": "Ownership status", "wkt": "WKT",
}  # fmt: skip


def box(x: float, y: float, w: float, h: float) -> shapely.Polygon:
    """A rectangle, metres from the same corner."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + w, NORTH + y + h)


def _write(path: Path, rows: Sequence[Row]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def _write_layer(path: Path, features: Iterable[tuple[Row, shapely.Geometry | None]]) -> None:
    told = [
        {
            "type": "Feature",
            "properties": dict(row),
            "geometry": json.loads(shapely.to_geojson(shape)) if shape is not None else None,
        }
        for row, shape in features
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": told}), encoding="utf-8")

"""One county of the made-up national estate as an estate folder, the way eight bodies would send it in."""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
import xlsxwriter
from national import BLOCK_M, BODIES, SEED, estate, roads, town_name

from assetplan.grid import geometries_to_degrees, to_degrees

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray


def write_county(folder: Path, sites: int = 10_000, seed: int = SEED) -> gpd.GeoDataFrame:
    """Write the estate folder of one county of the made-up nation, a hundredth of it, as eight bodies would send it in.

    Parameters
    ----------
    folder
        Made if it is not there.
    sites
        About how many: whole campuses are taken, nearest first, from the middle of a town that holds a fifth of the county.
    seed
        The same seed writes the same bytes.

    Returns
    -------
    geopandas.GeoDataFrame
        The sites as `estate` gives them: reading the folder gives as many, of the same owners, from some 4% more rows, for some
        sites have two buildings.

    Notes
    -----
    The registers: comma-separated in cp1252 with pounds and titles (county); a workbook with a title above its headings, UPRNs that the
    parcels carry (district); GeoJSON in degrees with outlines of its own (police); semicolons and eastings and northings in one cell
    (fire); latitude and longitude (ambulance); titles and postcodes alone (hospital); well-known text (academy); tabs and grid references to
    a metre (parish). Beside them parcels, roads, a directory of postcodes, facts and interests.
    """
    nation = estate(100 * sites, seed)
    middle = nation.geometry[nation["town"] == max(1, 500 // int(np.log(100 * sites) - 4))]
    centre = np.median(shapely.get_coordinates(shapely.centroid(middle.to_numpy())), axis=0)
    block = np.floor(nation[["easting", "northing"]].to_numpy() / BLOCK_M)
    far = np.hypot(*((block + 0.5) * BLOCK_M - centre).T)
    here = nation[far <= np.sort(far)[sites - 1]].copy()
    draw = np.random.default_rng(seed)
    registers = folder / "registers"
    registers.mkdir(parents=True, exist_ok=True)
    rows = _rows(here, draw)
    _delimited(registers / "county-property-register.csv", _as_county(rows["county"]), encoding="cp1252")
    _workbook(
        registers / "district-land-and-buildings.xlsx", "Land and building assets", _as_district(rows["district"])
    )
    _features(
        registers / "police-estate.geojson",
        rows["police"][["ref", "name", "address", "postcode", "use", "tenure", "gia", "status"]],
        rows["police"]["shape"].where(rows["police"]["precision"] != "postcode", None),
    )
    _delimited(registers / "fire-stations.csv", _as_fire(rows["fire"]), delimiter=";")
    _delimited(registers / "ambulance-sites.csv", _as_ambulance(rows["ambulance"]))
    _delimited(registers / "hospital-estates-return.csv", _as_hospital(rows["hospital"]))
    _delimited(registers / "academy-premises.csv", _as_academy(rows["academy"]))
    _delimited(registers / "parish-assets.tsv", _as_parish(rows["parish"]), delimiter="\t")
    land = pd.concat([frame for body, frame in rows.items() if body not in {"police", "academy"}])
    land = land[(land["precision"] == "polygon") & land["first"]].sort_values("ref", kind="stable")
    parcels = land.assign(
        parcel_id="P-" + land["ref"], title_no=land["title"], source="made up for a benchmark", precision="made up"
    )
    parcels.loc[parcels["organisation"] != "district", "uprn"] = ""
    _features(
        folder / "land.geojson",
        parcels[["parcel_id", "title_no", "uprn", "source", "precision"]],
        parcels["shape"],
        grid=True,
    )
    lines = roads(here).assign(source="made up for a benchmark")
    _features(folder / "roads.geojson", lines[["name", "kind", "source"]], lines.geometry)
    everything = pd.concat(rows.values())
    codes = everything.drop_duplicates("postcode").sort_values("postcode")
    _delimited(
        folder / "postcodes.csv",
        codes[["postcode", "code_east", "code_north"]].set_axis(["postcode", "easting", "northing"], axis=1),
    )
    _delimited(folder / "facts.csv", _facts(everything))
    _delimited(folder / "interests.csv", _interests(everything))
    (folder / "estate.toml").write_text(_settings(sorted(path.name for path in registers.iterdir())), encoding="utf-8")
    return here


def _rows(sites: gpd.GeoDataFrame, draw: np.random.Generator) -> dict[str, pd.DataFrame]:
    """What each body knows of its assets, one row each; one site in twelve known by its outline has a second building."""
    n = len(sites)
    number = np.array([site.split(":")[1] for site in sites.index], dtype=object)
    square = np.floor(sites[["easting", "northing"]].to_numpy() / (2 * BLOCK_M)).astype(np.int64)
    _, first, code = np.unique(square, axis=0, return_index=True, return_inverse=True)
    code = code.reshape(-1)
    streets = np.floor(sites["northing"].to_numpy() / BLOCK_M).astype(int)
    door = draw.integers(1, 200, n)
    frame = pd.DataFrame(
        {
            "organisation": sites["organisation"].to_numpy(),
            "ref": np.char.add("R", number.astype(str)).astype(object),
            "first": True,
            "name": sites["name"].to_numpy(),
            "address": [
                f"{house} {town_name(street)} Road, {town_name(int(town) + 1)}"
                for house, street, town in zip(door, streets.tolist(), sites["town"], strict=True)
            ],
            "postcode": [_postcode(int(k)) for k in code],
            "code_east": square[first[code], 0] * 2 * BLOCK_M + BLOCK_M,
            "code_north": square[first[code], 1] * 2 * BLOCK_M + BLOCK_M,
            "uprn": [str(200_000_000_000 + int(key)) for key in number],
            "title": np.char.add("XX", number.astype(str)).astype(object),
            "east": sites["easting"].to_numpy(),
            "north": sites["northing"].to_numpy(),
            "use": sites["use"].to_numpy(),
            "status": sites["status"].to_numpy(),
            "tenure": np.array(["Freehold", "Freehold", "Freehold", "Leasehold"], dtype=object)[draw.integers(0, 4, n)],
            "gia": draw.integers(40, 9_000, n),
            "cost": draw.integers(2, 900, n) * 500,
            "backlog": draw.integers(0, 400, n) * 1_000,
            "fte": draw.integers(0, 120, n),
            "precision": sites["precision"].to_numpy(),
            "shape": sites.geometry.to_numpy(),
        }
    )
    second = frame[
        (frame["precision"] == "polygon")
        & ~frame["organisation"].isin(["police", "academy"])
        & (draw.random(n) < 1 / 12)
    ]
    second = second.assign(
        ref=second["ref"] + "B", name=second["name"] + " annexe", first=False, gia=second["gia"] // 4, fte=0
    )
    second["uprn"] = np.where(second["organisation"] == "district", second["uprn"], "")
    both = pd.concat([frame, second]).sort_values("ref", kind="stable")
    return {body[0]: both[both["organisation"] == body[0]] for body in BODIES}


def _postcode(number: int) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    inward = f"{number % 10}{letters[number // 10 % 20]}{letters[number // 200 % 20]}"
    return f"QX{1 + number // 4000} {inward}"


def _placed_only(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The columns as text, blank for what is known by its postcode alone."""
    known = rows["precision"] != "postcode"
    return rows[list(columns)].astype(str).where(known, "")


def _pounds(amounts: pd.Series) -> list[str]:
    return [f"£{amount:,}" for amount in amounts]


def _titled(rows: pd.DataFrame) -> pd.Series:
    return rows["title"].where(rows["precision"] == "polygon", "")


def _as_county(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Property ref": rows["ref"], "Property name": rows["name"], "Address": rows["address"], "Postcode": rows["postcode"],
            "UPRN": rows["uprn"], **_placed_only(rows, "east", "north").set_axis(["Easting", "Northing"], axis=1),
            "Tenure": rows["tenure"], "Use": rows["use"], "Status": rows["status"].str.capitalize(), "GIA (m2)": rows["gia"],
            "Staff FTE": rows["fte"], "Running costs": _pounds(rows["cost"]), "Required maintenance": _pounds(rows["backlog"]),
            "Title number": _titled(rows),
        }
    )  # fmt: skip


def _as_district(rows: pd.DataFrame) -> pd.DataFrame:
    places = rows[["east", "north"]].astype(object).where(rows["precision"] != "postcode", None)
    return pd.DataFrame(
        {
            "Asset reference": rows["ref"], "UPRN": rows["uprn"], "Asset name": rows["name"], "Full address": rows["address"],
            "Postcode": rows["postcode"], "GeoX": places["east"], "GeoY": places["north"], "Tenure type": rows["tenure"],
            "Holding type": rows["use"], "Floor area GIA (m2)": rows["gia"], "Running cost £ pa": rows["cost"], "Asset status": rows["status"],
        }
    )  # fmt: skip


def _as_fire(rows: pd.DataFrame) -> pd.DataFrame:
    places = _placed_only(rows, "east", "north")
    return pd.DataFrame(
        {
            "Station no.": rows["ref"], "Station": rows["name"], "Type": rows["use"], "Address": rows["address"], "Post code": rows["postcode"],
            "Site Co-ordinates": (places["east"] + "," + places["north"]).where(places["east"] != "", ""),
            "GIA (sq m)": rows["gia"], "Ownership": rows["tenure"], "Staff": rows["fte"], "Status": rows["status"],
        }
    )  # fmt: skip


def _as_ambulance(rows: pd.DataFrame) -> pd.DataFrame:
    longitude, latitude = to_degrees(rows["east"].to_numpy(), rows["north"].to_numpy())
    places = _placed_only(rows.assign(lat=latitude.round(7), lon=longitude.round(7)), "lat", "lon")
    return pd.DataFrame(
        {
            "Site code": rows["ref"], "Site name": rows["name"], "Site type": rows["use"], "Address": rows["address"], "Postcode": rows["postcode"],
            "Latitude": places["lat"], "Longitude": places["lon"], "Tenure": rows["tenure"], "Gross internal floor area (m²)": rows["gia"],
            "Status": rows["status"],
        }
    )  # fmt: skip


def _as_hospital(rows: pd.DataFrame) -> pd.DataFrame:
    places = rows[["east", "north"]].astype(str).where(rows["precision"] == "point", "")
    return pd.DataFrame(
        {
            "Trust Name": "Example Hospital Trust", "Site Code": rows["ref"], "Site Name": rows["name"], "Site Type": rows["use"],
            "Address": rows["address"], "Post Code": rows["postcode"], "Tenure": rows["tenure"], "Title number": _titled(rows),
            "Easting": places["east"], "Northing": places["north"], "Gross internal floor area (m²)": rows["gia"],
            "Energy costs (all energy supplies) (£)": rows["cost"] // 3, "Cleaning service cost (£)": rows["cost"] // 5,
            "Cost to eradicate high risk backlog (£)": rows["backlog"], "Status": rows["status"],
        }
    )  # fmt: skip


def _as_academy(rows: pd.DataFrame) -> pd.DataFrame:
    drawn = pd.Series(shapely.to_wkt(rows["shape"].to_numpy(), rounding_precision=3), index=rows.index)
    return pd.DataFrame(
        {
            "URN": rows["ref"], "Premises name": rows["name"], "Address": rows["address"], "Postcode": rows["postcode"], "Use": rows["use"],
            "Tenure": rows["tenure"], "GIA (m2)": rows["gia"], "Status": rows["status"], "WKT": drawn.where(rows["precision"] != "postcode", ""),
        }
    )  # fmt: skip


def _as_parish(rows: pd.DataFrame) -> pd.DataFrame:
    places = _grid_references(rows["east"].to_numpy(), rows["north"].to_numpy())
    return pd.DataFrame(
        {
            "Reference": rows["ref"], "Description": rows["name"], "Location": rows["address"], "Postcode": rows["postcode"],
            "OS grid reference": np.where(rows["precision"] != "postcode", places, ""), "Type": rows["use"], "Tenure": rows["tenure"],
        }
    )  # fmt: skip


def _grid_references(east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.object_]:
    """Two letters and five figures each way: "SE 79187 72160". The letters of "A guide to coordinate systems in Great Britain", section 7."""
    letters = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
    said = []
    for x, y in zip(east.astype(int).tolist(), north.astype(int).tolist(), strict=True):
        column, row = x // 100_000 + 10, y // 100_000 + 5  # counted from square A of the first letter
        first, second = (4 - row // 5) * 5 + column // 5, (4 - row % 5) * 5 + column % 5
        said.append(f"{letters[first]}{letters[second]} {x % 100_000:05d} {y % 100_000:05d}")
    return np.array(said, dtype=object)


def _facts(rows: pd.DataFrame) -> pd.DataFrame:
    """One row in fifty: a floor area measured anew, and a note that the county alone may know."""
    some = rows.iloc[::50]
    subject = some["organisation"] + ":" + some["ref"]
    told = {"source": "made up for a benchmark", "as_of": "2026-04-01"}
    area = pd.DataFrame({"fact_id": "area-" + some["ref"], "subject_kind": "asset", "subject": subject, "field": "gia_m2", "value": some["gia"] + 10, "audience": "public", **told})  # fmt: skip
    note = pd.DataFrame({"fact_id": "note-" + some["ref"], "subject_kind": "asset", "subject": subject, "field": "note", "value": "Due for review.", "audience": "county", **told})  # fmt: skip
    return pd.concat([area, note])


def _interests(rows: pd.DataFrame) -> pd.DataFrame:
    """One row in thirty: the holder's freehold, and a lease to another body."""
    some = rows.iloc[7::30]
    subject = some["organisation"] + ":" + some["ref"]
    told = {"subject": subject, "source": "made up for a benchmark", "as_of": "2026-04-01", "audience": "public"}
    own = pd.DataFrame(
        {"interest_id": "own-" + some["ref"], "holder": some["organisation"], "interest": "freehold", **told}
    )
    others = np.array([body[0] for body in BODIES], dtype=object)[np.arange(len(some)) % len(BODIES)]
    let = pd.DataFrame({"interest_id": "let-" + some["ref"], "holder": others, "interest": "lease", "expiry": "2031-03-31", "rent_gbp_pa": 12_000, **told})  # fmt: skip
    return pd.concat([own, let])


def _settings(registers: list[str]) -> str:
    lines = ['name = "Example county"', "as_of = 2026-04-01", 'price_base = "2026/27"']
    for key, name, sector, *_ in BODIES:
        lines += [f"[organisations.{key}]", f'name = "{name}"', f'sector = "{sector}"', 'commitment = "committed"']
    for file in registers:
        lines += [
            f'[registers."{file}"]',
            f'organisation = "{file.split("-")[0]}"',
            'kind = "ownership"',
            "illustrative = true",
        ]
        lines += ['source = "made up for a benchmark"', "as_of = 2026-04-01"]
    return "\n".join(lines) + "\n"


def _delimited(path: Path, rows: pd.DataFrame, delimiter: str = ",", encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        out = csv.writer(file, delimiter=delimiter)
        out.writerow(rows.columns)
        out.writerows(rows.astype(object).where(rows.notna(), "").itertuples(index=False))


def _workbook(path: Path, title: str, rows: pd.DataFrame) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": dt.datetime(2026, 4, 1, tzinfo=dt.UTC).replace(tzinfo=None)})
        sheet = book.add_worksheet("Assets")
        sheet.write(0, 0, title)
        for line, row in enumerate([list(rows.columns), *rows.itertuples(index=False)], start=2):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(line, column, cell)


def _features(path: Path, rows: pd.DataFrame, shapes: pd.Series, *, grid: bool = False) -> None:
    """GeoJSON in degrees to about a millimetre, or in metres to a millimetre."""
    drawn = np.asarray(shapes, dtype=object)
    drawn = (
        shapely.transform(drawn, lambda xy: xy.round(3))
        if grid
        else shapely.transform(geometries_to_degrees(drawn), lambda xy: xy.round(8))
    )
    features = [
        f'{{"type": "Feature", "properties": {json.dumps(row)}, "geometry": {shape or "null"}}}'
        for row, shape in zip(
            rows.astype(object).where(rows.notna(), None).to_dict("records"), shapely.to_geojson(drawn), strict=True
        )
    ]
    crs = '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}},\n' if grid else ""
    path.write_text(
        f'{{"type": "FeatureCollection",\n{crs}"features": [\n' + ",\n".join(features) + "\n]}\n", encoding="utf-8"
    )

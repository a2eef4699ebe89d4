"""Coverage-guided fuzzing of everything that reads what others wrote.

::

    python tests/fuzz/fuzz_readers.py TARGET [-max_total_time=SECONDS] [-runs=N] [any other flag of libFuzzer]

A target reads bytes as one kind of input. Whatever is raised but an expected error (`AssetplanError`, for cells `CellError`) is
a finding, and so is a row that is not accounted for or a message with a hidden character in it: the run stops there, prints the
bytes and keeps them in a file called crash-... in the working directory (``-artifact_prefix=`` says where else). Seeds are made here,
from small examples; an own folder of seeds may follow the flags.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

with atheris.instrument_imports(include=["assetplan"]):
    from assetplan.cells import CellError, parse
    from assetplan.errors import AssetplanError
    from assetplan.estate import read_estate
    from assetplan.formats.files import readable_shapes
    from assetplan.registers import Entry, read_register
    from assetplan.schema import ASSETS, COLUMNS
    from assetplan.statements import read_statements
    from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

REGISTER = (
    "Property register of Ryedale District Council\n\nRef,Name,Address,Postcode,UPRN,Easting,Northing,Tenure,Status,GIA (m2),Site area (ha),Running cost\n"
    'A1,"Hall, Market Place",High Street,YO17 7HH,10000480247,479187,472160,Freehold,In use,"1,250",0.5,£3m\n'
    "A2,Shop,Low Street,YO17 7HL,1.0E+11,478532,471953,Leasehold,TBC,-,1.2 acres,(500)\nTotal,,,,,,,,,1250,,\n"
)
FACTS = (
    "fact_id,subject_kind,subject,field,value,audience,source,as_of,known_since\n"
    "f1,asset,rdc:A1,status,surplus,public,minute 12,2010-06-24,\nf2,site,P1,note,a note,rdc.legal;rdc,,,\n"
    "f3,parcel,P1,title_no,NYK1,all,,24/06/2010,\nf4,asset,rdc:A1,same_as,P1,,,,\n"
)
SETTINGS = (
    'name = "Malton"\ntitle = "t"\nbanner = "b"\nas_of = 2010-06-24\nlaw_as_of = 2010-06-24\nprice_base = "2025/26"\nreaders = ["rdc.legal"]\n'
    '[release]\nassemblies = ["rdc"]\npersonal = ["all"]\n[organisations.rdc]\nname = "Ryedale"\nsector = "district"\nfrom = 1974-04-01\n'
    '[registers."rdc.csv"]\norganisation = "rdc"\naudience = "rdc; rdc.legal"\nkind = "ownership"\ncrs = "EPSG:27700"\nshow = ["Ward"]\n'
    '[licences."survey"]\nattribution = "a"\npublish = true\n[layers.land]\ngeometry_licence = "survey"\n'
)
POSTCODES = "pcd,oseast1m,osnrth1m,lat,long\nYO177HH,478532,471953,54.1,-0.8\nYO17 7HL,479187,472160,,\n"


def _collection(*geometries: object, crs: object = None) -> bytes:
    features = [
        {"type": "Feature", "properties": {"ref": f"A{i}", "name": f"Hall {i}", "uprn": i, "note": None, "parts": [1, {"a": 2}]}, "geometry": geometry}
        for i, geometry in enumerate(geometries)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "name": "n", "crs": crs, "features": features}).encode()


RING = [[450_000, 449_900], [450_100, 449_900], [450_100, 449_980], [450_000, 449_900]]
SEEDS: dict[str, list[bytes]] = {
    "text": [
        REGISTER.encode(),
        REGISTER.encode("utf-16"),
        REGISTER.replace("\n", "\r").encode("cp1252"),
        REGISTER.replace(",", ";").encode("utf-8-sig"),
        b"Ref\tName\tCoordinates\tOrganisation\n1\tHall\t54.1,-0.8\tRyedale District Council\n2\tShop\tSE 7853 7195\tNULL\n",
        b'Name|WKT|Ownership status|Hazardous substances\nHall|"POLYGON((450000 449900,450100 449900,450100 449980,450000 449900))"|public|\n',
        b"Name,Street,Town,Energy cost,Water cost\nHall,High St,Malton,5,6\nWomen's Refuge,Low St,Norton,n/a,3\n",
    ],
    "geojson": [
        _collection({"type": "Point", "coordinates": [-0.8, 54.1, 3]}, None),
        _collection({"type": "Polygon", "coordinates": [RING]}, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}),
        _collection({"type": "MultiPolygon", "coordinates": [[RING], [RING]]}, {"type": "LineString", "coordinates": RING}, crs="EPSG:27700"),
        _collection({"type": "GeometryCollection", "geometries": [{"type": "MultiPoint", "coordinates": RING}, {"type": "Polygon", "coordinates": [RING[::-1]]}]}, crs="EPSG:27700"),
    ],
    "cells": [b"\x00" + text.encode() for text in ("1,250,000", "£3m", "(500)", "TBC", "0.5 ha (1.2 acres)", "010000480247", "yo177hh", "Freehold let to", "yes", "a; b", "10 sq ft")],
    "coordinates": [text.encode() for text in ("SE 7853 7195", "54.1, -0.8", "0.789° W", "E 395522 N 222000", "(479187; 472160)", "Lat: 54.1 Long: -0.8", "51.9N 2.07W")],
    "shapes": [text.encode() for text in ("SRID=27700;POINT Z (1 2 3)", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", '{"type": "Point", "coordinates": [3, 4]}', "0101000020346C0000000000000000F03F0000000000000040")],
    "dates": [text.encode() for text in ("2010-06-24", "24/06/2010", "24th June 2010", "2010-06-24T00:00:00Z", "1-1-2010", "31.12.1999 10:00", "4 Sept, 2010")],
    "postcodes": [POSTCODES.encode(), POSTCODES.replace("oseast1m,osnrth1m,", "e,n,").encode(), POSTCODES.encode("utf-16")],
    "settings": [SETTINGS.encode(), b'name = "x"\n', SETTINGS.replace("[registers", "[[registers").encode()],
    "facts": [FACTS.encode(), FACTS.replace("rdc.legal;rdc", "public").encode("utf-8-sig"), FACTS.replace("a note", '"two\nlines"').encode()],
    "layers": [
        _collection({"type": "Polygon", "coordinates": [RING]}, crs="EPSG:27700").replace(b'"ref"', b'"parcel_id"'),
        _collection({"type": "Polygon", "coordinates": [RING]}, {"type": "Point", "coordinates": RING[0]}, crs="EPSG:27700").replace(b'"ref": "A0"', b'"parcel_id": "P1", "audience": "rdc"'),
    ],
}  # fmt: skip


@cache
def _folder() -> Path:
    """The estate folder that targets put their bytes into: a district with one register and one parcel."""
    folder = Path(sys.argv[1]) / "estate"
    (folder / "registers").mkdir(parents=True)
    (folder / "estate.toml").write_text('name = "x"\nreaders = ["rdc.legal"]\n[organisations.rdc]\n[registers."rdc.csv"]\norganisation = "rdc"\n', encoding="utf-8")  # fmt: skip
    (folder / "registers" / "rdc.csv").write_text("Ref,Name,Easting,Northing\nA1,Hall,450050,449920\n", encoding="utf-8")  # fmt: skip
    return folder


def _put(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


def _shown(texts: Iterable[object]) -> None:
    """What people are told holds no hidden character, and can be written."""
    for text in map(str, texts):
        for line in text.split("\n"):
            assert line == visible(line), f"hidden characters are told: {text!r}"
        text.encode("utf-8")


def _register(path: Path) -> None:
    register = read_register(path, path.name, Entry(), {"rdc": "Ryedale District Council"})
    aside = [issue for issue in register.issues if issue.action.startswith("Row set aside")]
    assert register.rows_read == len(register.rows) + register.quarantined
    assert register.quarantined == len(aside)
    assert register.rows["asset_id"].is_unique
    for issue in register.issues:
        _shown((issue.file, issue.row, issue.column, issue.code, issue.value, issue.message, issue.action))


def text(data: bytes) -> None:
    """A register as delimited text."""
    _register(_put("register.csv", data))


def geojson(data: bytes) -> None:
    """A register as GeoJSON."""
    _register(_put("register.geojson", data))


def cells(data: bytes) -> None:
    """One cell under every column of every table, in a unit that the first byte chooses."""
    if not data:
        return
    units = ("", "acres", "000", "m", "k", "sq ft", "no unit stated")
    cell = data[1:].decode("utf-8", "surrogateescape")
    for column in COLUMNS:
        try:
            parse(column, cell, units[data[0] % len(units)])
        except CellError as error:
            _shown([error, error.code])


def coordinates(data: bytes) -> None:
    """A coordinate, or two in one cell."""
    cell = data.decode("utf-8", "surrogateescape")
    for column in ("easting", "coordinates"):
        try:
            parse(ASSETS[column], cell)
        except CellError as error:
            _shown([error])


def shapes(data: bytes) -> None:
    """A shape in a cell: well-known text, GeoJSON or well-known binary."""
    (shape,) = readable_shapes([data.decode("utf-8", "surrogateescape")])
    assert shape is not None


def dates(data: bytes) -> None:
    """A date."""
    column = next(column for column in COLUMNS if column.kind == "date")
    try:
        day = parse(column, data.decode("utf-8", "surrogateescape"))
    except CellError as error:
        _shown([error])
    else:
        assert day is None or (isinstance(day, dt.date) and parse(column, day.isoformat()) == day)


def _estate(name: str, data: bytes) -> None:
    path = _put(name, data)
    try:
        estate = read_estate(_folder())
        _shown(estate.issues.to_numpy().ravel())
        for reader in ("public", "rdc.legal"):
            _shown(estate.for_audience(reader).issues.to_numpy().ravel())
    finally:
        path.unlink()


def postcodes(data: bytes) -> None:
    """The directory of postcodes."""
    path = _put("postcodes.csv", data)
    try:
        read_statements(_folder())
    finally:
        path.unlink()


def settings(data: bytes) -> None:
    """An estate.toml."""
    folder = Path(sys.argv[1]) / "settings"
    (folder / "registers").mkdir(parents=True, exist_ok=True)
    (folder / "registers" / "rdc.csv").write_bytes(b"Name,Ward\nHall,W\n")
    (folder / "estate.toml").write_bytes(data)
    statements = read_statements(folder)
    for reader in ("public", "all", *statements.settings.organisations, *statements.settings.groups):
        statements.known_to(reader)


def facts(data: bytes) -> None:
    """A facts.csv, in an estate worked out for the keeper, the public and a group."""
    _estate("facts.csv", data)


def layers(data: bytes) -> None:
    """A land.geojson, in an estate worked out for the keeper, the public and a group."""
    _estate("land.geojson", data)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (text, geojson, cells, coordinates, shapes, dates, postcodes, settings, facts, layers)
}


def _run(target: Callable[[bytes], None], data: bytes) -> None:
    try:
        target(data)
    except AssetplanError as error:
        _shown([error])


def _fuzz(folder: str, name: str, *flags: str) -> None:
    """Fuzz a target in a folder of its own; libFuzzer ends the process."""
    sys.argv[1] = folder
    warnings.simplefilter("error")
    chosen = TARGETS[name]
    atheris.Setup([sys.argv[0], *flags], lambda data: _run(chosen, data))
    atheris.Fuzz()


def _in_a_child(name: str, flags: Iterable[str], told: str = "") -> int:
    """Make a folder with the seeds of a target and fuzz it in a child, which has what is loaded here and ends as libFuzzer ends it."""
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder, "seeds")
        seeds.mkdir()
        for number, seed in enumerate(SEEDS[name]):
            (seeds / str(number)).write_bytes(seed)
        child = os.fork()
        if not child:
            if told:
                file = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(file, 1)
                os.dup2(file, 2)
            _fuzz(folder, name, "-timeout=60", "-rss_limit_mb=4096", *flags, str(seeds))
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _serve() -> None:
    """Fuzz what each line asks for, ``["dates", "file for what it says", "-runs=9"]``, and answer its exit code: all is loaded once."""
    for line in sys.stdin:
        name, told, *flags = json.loads(line)
        sys.stdout.write(f"{_in_a_child(name, flags, told)}\n")
        sys.stdout.flush()


def main() -> int:
    """Fuzz the target that the command line names."""
    if sys.argv[1:] == ["--serve"]:
        _serve()
        return 0
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.stderr.write(f"{__doc__}\nTargets: {', '.join(TARGETS)}\n")
        return 2
    name, *flags = sys.argv[1:]
    return _in_a_child(name, flags)


if __name__ == "__main__":
    if len(sys.argv) > 2 and Path(sys.argv[1]).is_dir():
        _fuzz(*sys.argv[1:])
    else:
        sys.exit(main())

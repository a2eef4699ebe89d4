"""Files that would reach elsewhere, run something or unpack without end: each is refused in a sentence or read without doing so.

A server of our own listens where the addresses in these files point; nothing may ever call it.
"""

import random
import socket
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import assetplan as ap
from assetplan import crs
from assetplan.errors import EstateError
from assetplan.formats.files import read_tables
from assetplan.statements import READABLE


@pytest.fixture
def address() -> Iterator[str]:
    """Where a server listens that fails the test if anybody calls it."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    caller, _ = server.accept()
                except TimeoutError:
                    continue
                calls.append("called")
                caller.close()

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            done.set()
            thread.join()
    assert calls == []


def vector(folder: Path, name: str) -> Path:
    path = folder / name
    data = gpd.GeoDataFrame(
        {"Ref": ["A1", "A2"], "Name": ["Hall", "Depot"]},
        geometry=[shapely.Point(479_000, 471_000), shapely.Point(479_100, 471_000)],
        crs=27700,
    )
    if path.suffix == ".tab":
        data.to_file(path, driver="MapInfo File")
    else:
        data.to_file(path)
    return path


def refused(path: Path, why: str | None = None) -> None:
    with pytest.raises(EstateError, match=why) as caught:
        read_tables(path, path.name)
    assert str(caught.value).startswith(path.name)
    assert "\n" not in str(caught.value)


# ------------------------------------------------------------------------------------------------------- elsewhere


@pytest.mark.parametrize("suffix", READABLE)
def test_virtual_layers_under_any_name_call_nobody(tmp_path: Path, suffix: str, address: str) -> None:
    path = tmp_path / f"register{suffix}"
    source = f"/vsicurl/http://{address}/land.geojson"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    )
    for beside in (".dbf", ".shx", ".dat", ".mid"):
        path.with_suffix(beside).write_bytes(b"")
    refused(path)


@pytest.mark.parametrize("suffix", READABLE)
def test_addresses_alone_in_a_file_call_nobody(tmp_path: Path, suffix: str, address: str) -> None:
    path = tmp_path / f"register{suffix}"
    for text in (
        f"/vsicurl/http://{address}/x.csv\n",
        f"http://{address}/x.csv\n",
        f"WFS:http://{address}/\n",
        f"OAPIF:http://{address}/\n",
    ):
        path.write_text(text)
        with suppress(EstateError):  # refused, or read as a cell of text
            assert all(len(cell) < 100 for table in read_tables(path, path.name) for row in table.rows for cell in row)


@pytest.mark.parametrize(
    "definition",
    [
        'Definition Table\n  File "{elsewhere}"\n  Type NATIVE Charset "Neutral"\n  Fields 2\n    Ref Char (10) ;\n    Name Char (20) ;\n',
        'Definition Table\n  Type LINKED Charset "Neutral"\n  Fields 1\n    Ref Char (10) ;\n',
        'Definition Table\n  File "{elsewhere}"\n  Type "ODBC" Charset "Neutral"\n  Fields 1\n    Ref Char (10) ;\n',
        'Definition Table\n  Type DBF Charset "Neutral"\n  Fields 1\n    Ref Char (10) ;\n',
        'Definition Table\n  File "raster.png"\n  Type "RASTER"\n',
        'create view x as\nopen table "{elsewhere}"\nSelect Ref from y\n',
        "Definition Table\n",
    ],
)
def test_a_mapinfo_table_whose_data_stand_elsewhere_is_refused(tmp_path: Path, definition: str, address: str) -> None:
    path = vector(tmp_path, "register.tab")
    for elsewhere in (f"/vsicurl/http://{address}/x.dat", "/etc/passwd", "..\\other.dat"):
        path.write_text("!table\n!version 300\n!charset Neutral\n\n" + definition.format(elsewhere=elsewhere))
        refused(path, "takes its data from elsewhere")


def test_a_mapinfo_table_with_metadata_is_read(tmp_path: Path) -> None:
    path = vector(tmp_path, "register.tab")
    with path.open("a") as file:
        file.write('begin_metadata\n"\\IsReadOnly" = "FALSE"\n"\\Type" = "x"\nend_metadata\n')
    assert len(read_tables(path, path.name)[0].rows) == 2


@pytest.mark.parametrize("sidecar", [".prj", ".cpg"])
def test_addresses_in_sidecars_call_nobody(tmp_path: Path, sidecar: str, address: str) -> None:
    path = vector(tmp_path, "register.shp")
    for text in (
        f"/vsicurl/http://{address}/x.prj",
        f"http://{address}/x",
        f"+proj=longlat +nadgrids=/vsicurl/http://{address}/x.gsb",
    ):
        path.with_suffix(sidecar).write_text(text)
        (found,) = read_tables(path, path.name)
        assert [row[0] for row in found.rows] == ["A1", "A2"]


@pytest.mark.parametrize(
    "text",
    [
        "+init=/etc/passwd:root",
        "+proj=longlat +nadgrids=@http://{address}/x",
        "http://{address}/crs",
        "/vsicurl/http://{address}/x",
        "@/etc/passwd",
    ],
)
def test_a_crs_is_never_looked_up_elsewhere(text: str, address: str) -> None:
    said = text.format(address=address)
    assert not crs.is_crs(said)
    assert crs.way_to_grid(said) is None


# ------------------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize(("name", "part"), [("register.shp", ".dbf"), ("register.tab", ".dat")])
def test_a_part_that_is_a_link_is_refused(tmp_path: Path, name: str, part: str) -> None:
    path = vector(tmp_path, name)
    elsewhere = tmp_path / "elsewhere"
    path.with_suffix(part).rename(elsewhere)
    path.with_suffix(part).symlink_to(elsewhere)
    refused(path, "is a link to another file")


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("register.csv")
    member.create_system = 3
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    refused(tmp_path / "x.zip", "is a link to another file")


@pytest.mark.parametrize(
    "name",
    ["../../register.csv", "/etc/register.csv", "..\\..\\register.csv", "C:\\register.csv", "a/../../register.csv"],
)
def test_paths_in_a_zip_lead_nowhere(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        archive.writestr(name, "Ref,Name\nA1,Hall\n")
    before = sorted(tmp_path.rglob("*"))
    (found,) = read_tables(folder / "x.zip", "x.zip")
    assert found.rows[1] == ["A1", "Hall"]
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/etc/register.csv").exists()


def test_a_zip_in_a_zip_stays_closed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.writestr("register.csv", "Ref,Name\nA1,Hall\n")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
    refused(tmp_path / "x.zip", "no table in this zip")


def test_a_zip_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assetplan.formats.vectors.UNPACKED_LIMIT", 1_000)
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("register.csv", "Ref,Name\n" * 1_000)
    refused(tmp_path / "x.zip", "unpacks to more than 1,000 bytes")


# ------------------------------------------------------------------------------------------------------- GeoPackage


def test_triggers_of_a_geopackage_do_not_run_and_the_file_stays_as_it_was(tmp_path: Path) -> None:
    path = vector(tmp_path, "register.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("CREATE TRIGGER sly AFTER UPDATE ON register BEGIN DELETE FROM register; END")
    database.close()
    before = path.read_bytes()
    assert len(ap.read_estate(path).assets) == 2
    assert path.read_bytes() == before
    assert sorted(part.name for part in tmp_path.iterdir()) == ["register.gpkg"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW sly AS SELECT * FROM register; UPDATE gpkg_contents SET table_name = 'sly'; UPDATE gpkg_geometry_columns SET table_name = 'sly'",
        "ALTER TABLE register ADD COLUMN sly TEXT AS (upper(Name))",
        "CREATE VIRTUAL TABLE sly USING fts5(x)",
    ],
)
def test_a_geopackage_that_computes_is_refused(tmp_path: Path, statement: str) -> None:
    path = vector(tmp_path, "register.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys = off")
        database.executescript(statement)
    database.close()
    refused(path, "worked out when it is read")


# ------------------------------------------------------------------------------------------------------- damage


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("register.shp", ".shp"), ("register.shp", ".dbf"), ("register.shp", ".shx"), ("register.shp", ".prj"), ("register.tab", ".tab"),
        ("register.tab", ".dat"), ("register.tab", ".map"), ("register.gpkg", ".gpkg"), ("register.fgb", ".fgb"),
        ("register.geojson", ".geojson"), ("register.parquet", ".parquet"),
    ],
)  # fmt: skip
def test_damaged_files_are_read_or_refused_in_a_sentence(tmp_path: Path, name: str, part: str) -> None:
    path = tmp_path / name
    if name.endswith("parquet"):
        gpd.GeoDataFrame({"Ref": ["A1"]}, geometry=[shapely.Point(479_000, 471_000)], crs=27700).to_parquet(path)
    else:
        vector(tmp_path, name)
    damaged = path.with_suffix(part)
    whole = damaged.read_bytes()
    chance = random.Random(f"{name} {part}")
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        damaged.write_bytes(data[: chance.choice([len(data), len(data), chance.randrange(len(data))])])
        message = f"{name}: read"
        try:
            read_tables(path, name)
        except EstateError as error:
            message = str(error)
        assert message.startswith(name)
        assert "\n" not in message

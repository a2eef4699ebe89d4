"""Any input at all: it is read with every row accounted for, or refused in words; the same bytes give the same answer, in any order of rows."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from naughty import NAUGHTY
from payloads import PAYLOADS

from assetplan.columns import headings
from assetplan.errors import AssetplanError, EstateError
from assetplan.estate import read_estate
from assetplan.registers import Entry, Register, read_register
from assetplan.schema import ASSETS, table
from assetplan.statements import read_statements
from assetplan.text import visible

ANY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
NAMES = {"rdc": "Ryedale District Council", "nycc": "North Yorkshire County Council"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TELLING = st.sampled_from(["Hall", "High Street", "YO17 7HH", "1.0E+11", "10000480247", "479187", "472160", "54.1", "-0.79", "SE 7918 7216", "£3m", "(500)", "0.5 ha", "TBC", "Total", "Freehold", "surplus", "2010-06-24", "Women's Refuge", "07700 900123", "POINT (479187 472160)", "nan", "", " "])  # fmt: skip
HOSTILE = st.sampled_from([*PAYLOADS, *(text for texts in NAUGHTY.values() for text in texts if len(text) < 200)])
CELL = st.one_of(TELLING, TELLING, HOSTILE, TEXT)
HEADING = st.one_of(st.sampled_from([text for column in ASSETS.values() for text in (*column.headings[:3], *column.parts[:2])]), CELL)  # fmt: skip


@st.composite
def delimited(draw: st.DrawFn) -> bytes:
    """A table written correctly, in a delimiter, an encoding and a line end of its own, its rows as ragged as they come."""
    delimiter = draw(st.sampled_from([",", ",", ";", "\t", "|"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    width = draw(st.integers(1, 8))
    header = draw(st.lists(HEADING, min_size=width, max_size=width))
    full = st.lists(CELL, min_size=width, max_size=width)
    rows = draw(st.lists(st.one_of(full, full, full, st.lists(CELL, max_size=10)), max_size=8))
    titles = draw(st.lists(st.lists(CELL, max_size=2), max_size=2))
    buffer = io.StringIO(newline="")
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=draw(st.sampled_from(["\r\n", "\n"])))  # fmt: skip
    writer.writerows([*titles, header, *rows])
    return buffer.getvalue().encode(encoding, "replace")


def told_plainly(*texts: object) -> None:
    """What people are told hides nothing and can be written."""
    for text in map(str, texts):
        assert text == visible(text)
        text.encode("utf-8")


def read(path: Path, names: dict[str, str] = NAMES) -> Register | None:
    """A register, every row of it accounted for; None where it is refused in words."""
    try:
        register = read_register(path, path.name, Entry(), names)
    except EstateError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert refused.startswith(path.name)
        told_plainly(*refused.split("\n"))
        return None
    aside = [issue for issue in register.issues if issue.action.startswith("Row set aside")]
    assert register.rows_read == len(register.rows) + register.quarantined
    assert len(aside) == register.quarantined == len({issue.row for issue in aside})
    assert not {issue.row for issue in aside} & {str(row) for row in register.rows["row"]}
    assert register.rows["asset_id"].is_unique
    located = ~shapely.is_missing(register.geometry)
    assert (located == (register.rows["location_precision"] != "none")).all()
    for issue in register.issues:
        told_plainly(issue.file, issue.row, issue.column, issue.code, issue.value, issue.message, issue.action)
    told_plainly(*(read.header for read in register.columns), *(read.reason for read in register.columns))
    return register


def answers(register: Register | None) -> Any:
    """Everything a register says, as it can be compared."""
    if register is None:
        return None
    frame = register.rows.astype(object).where(register.rows.notna(), None).map(str)
    return frame.to_dict("records"), shapely.to_wkt(register.geometry).tolist(), register.issues, register.columns


@settings(ANY, max_examples=150)
@given(data=delimited())
def test_any_table_is_read_or_refused_and_the_same_bytes_say_the_same(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(data)
    assert answers(read(path)) == answers(read(path))


@settings(ANY, max_examples=60)
@given(
    header=st.lists(HEADING, min_size=2, max_size=6),
    rows=st.lists(st.lists(CELL, min_size=6, max_size=6), max_size=8),
    twice=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
@example(header=["Name", "Easting", "Northing", "Organisation"], rows=[["a", "0", "0", "x", "", ""], ["b", "479187", "472160", "y", "", ""]], twice=True, chance=random.Random(1))  # fmt: skip
def test_the_order_of_rows_decides_nothing_but_which_of_two_identical_rows_stays(
    tmp_path: Path, header: list[str], rows: list[list[str]], twice: bool, chance: random.Random
) -> None:
    header = ["Property reference", *header]
    assume(
        not headings._is_data(header)
    )  # a heading that holds a postcode is taken for data, and then another row may be the heading
    body = [[str(i), *row[: len(header) - 1]] for i, row in enumerate(rows)] + ([["0", *rows[0][: len(header) - 1]]] if rows and twice else [])  # fmt: skip

    def accepted(ordered: list[list[str]]) -> Any:
        path = tmp_path / "register.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *ordered])
        register = read(path)
        if register is None:
            return None
        frame = register.rows.drop(columns="row").assign(wkt=shapely.to_wkt(register.geometry))
        codes = sorted(issue.code for issue in register.issues)
        return sorted(map(str, frame.itertuples(index=False, name=None))), register.rows_read, codes

    assert accepted(body) == accepted(chance.sample(body, len(body)))


VALUE = st.one_of(st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.floats(), st.dates(), st.datetimes(), CELL)  # fmt: skip


@settings(ANY, max_examples=30)
@given(header=st.lists(HEADING, min_size=1, max_size=5), rows=st.lists(st.lists(VALUE, max_size=6), max_size=6))
def test_any_workbook_is_read_or_refused(tmp_path: Path, header: list[str], rows: list[list[Any]]) -> None:
    made = openpyxl.Workbook()
    for row in [header, *rows]:
        kept = [None if isinstance(value, float) and not abs(value) < 1e300 else value for value in row]
        made.active.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", v) if isinstance(v, str) else v for v in kept])  # fmt: skip
    path = tmp_path / "register.xlsx"
    made.save(path)
    assert answers(read(path)) == answers(read(path))


NUMBER = st.one_of(st.sampled_from([0.0, -0.79, 54.1, 450_000.0, 450_100.0, 1e9]), st.floats(-1e7, 1e7))
POSITION = st.lists(NUMBER, min_size=0, max_size=3)
LINE = st.lists(POSITION, max_size=5)
JSON = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), CELL), lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(CELL, inner, max_size=3)), max_leaves=8)  # fmt: skip
GEOMETRY = st.one_of(
    st.none(),
    st.builds(lambda at: {"type": "Point", "coordinates": at}, POSITION),
    st.builds(lambda line: {"type": "LineString", "coordinates": line}, LINE),
    st.builds(lambda ring: {"type": "Polygon", "coordinates": [[*ring, *ring[:1]]]}, LINE),
    st.builds(lambda rings: {"type": "MultiPolygon", "coordinates": [rings]}, st.lists(LINE, max_size=2)),
    JSON,
)
FEATURE = st.one_of(
    st.builds(
        lambda properties, geometry: {"type": "Feature", "properties": properties, "geometry": geometry},
        st.one_of(st.dictionaries(HEADING, JSON, max_size=4), JSON),
        GEOMETRY,
    ),
    JSON,
)
CRS = st.sampled_from([None, "EPSG:27700", {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}, 5, {}])  # fmt: skip
DOCUMENT = st.one_of(
    st.builds(lambda features, crs, name: {"type": "FeatureCollection", "features": features, "crs": crs, "name": name}, st.lists(FEATURE, max_size=5), CRS, JSON),
    JSON,
)  # fmt: skip


@settings(ANY, max_examples=120)
@given(document=DOCUMENT)
def test_any_json_is_a_register_or_refused(tmp_path: Path, document: object) -> None:
    path = tmp_path / "register.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert answers(read(path)) == answers(read(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "registers").mkdir()
    (tmp_path / "registers" / "rdc.csv").write_text("Ref,Name,Easting,Northing\nA1,Hall,450050,450050\n", encoding="utf-8")  # fmt: skip
    (tmp_path / "estate.toml").write_text('name = "x"\nreaders = ["rdc.legal"]\n[organisations.rdc]\n[registers."rdc.csv"]\norganisation = "rdc"\n', encoding="utf-8")  # fmt: skip
    return tmp_path


def refused_in_words(error: AssetplanError) -> None:
    told_plainly(*str(error).split("\n"))
    assert len(str(error)) > 20


@settings(ANY, max_examples=40)
@given(document=DOCUMENT)
def test_any_json_is_a_layer_or_refused(folder: Path, document: object) -> None:
    (folder / "land.geojson").write_text(json.dumps(document), encoding="utf-8")
    try:
        read_statements(folder)
    except AssetplanError as error:
        refused_in_words(error)


TOML_KEY = st.sampled_from(["name", "title", "as_of", "readers", "release", "organisations", "registers", "licences", "layers", "rdc", "rdc.csv", "audience", "organisation", "kind", "show", "crs", "publish", "personal", "land", "sector", "from", "nmae"])  # fmt: skip
TOML_VALUE = st.one_of(st.sampled_from(['"x"', '"rdc"', '"rdc.legal"', '["rdc"]', '["all"]', "2010-06-24", "2010-06-24T00:00:00Z", "1", "1e400", "nan", "true", "{}", "[]", '""', '"public; rdc"', "12:00:00"]), CELL.map(json.dumps))  # fmt: skip
TOML_LINE = st.one_of(
    st.builds(lambda key, value: f"{json.dumps(key)} = {value}", TOML_KEY, TOML_VALUE),
    st.builds(lambda keys: "[" + ".".join(map(json.dumps, keys)) + "]", st.lists(TOML_KEY, min_size=1, max_size=3)),
    st.builds(lambda key: f"[[{json.dumps(key)}]]", TOML_KEY),
    CELL,
)


@settings(ANY, max_examples=150)
@given(lines=st.lists(TOML_LINE, max_size=8), named=st.booleans())
@example(lines=["[release]", 'personal = [["all"]]'], named=True)
@example(lines=["[organisations]", 'rdc = "x"'], named=True)
@example(lines=["readers = [1]"], named=True)
def test_any_estate_toml_is_read_or_refused(folder: Path, lines: list[str], named: bool) -> None:
    text = "\n".join([*(['name = "x"'] if named else []), *lines])
    (folder / "estate.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        statements = read_statements(folder)
    except AssetplanError as error:
        refused_in_words(error)
        return
    for reader in ("public", "all", *statements.settings.organisations, *statements.settings.groups):
        statements.known_to(reader)


FACT = {
    "fact_id": st.sampled_from(["f1", "f2", ""]),
    "subject_kind": st.sampled_from(["asset", "site", "parcel", "organisation", "estate", "aset"]),
    "subject": st.sampled_from(["rdc:A1", "P1", "rdc", ""]),
    "field": st.sampled_from(["name", "status", "note", "same_as", "title_no", "gia_m2", "uprn", "postcode", "nothing", "row"]),
    "audience": st.sampled_from(["public", "rdc", "rdc.legal", "all", "", "nobody", "rdc;rdc.legal"]),
    "as_of": st.sampled_from(["2010-06-24", "24/06/2010", "", "0001-01-01", "9999-12-31", "soon"]),
}  # fmt: skip


@settings(ANY, max_examples=25)
@given(
    rows=st.lists(st.tuples(*(st.one_of(FACT[name], FACT[name], CELL) if name in FACT else CELL for name in table("facts"))), max_size=6),
    ragged=st.booleans(),
    damage=st.sampled_from([b"", b"", b"\xff", b'"', b"\x00", b"\r"]),
)  # fmt: skip
def test_any_facts_are_read_set_aside_or_refused(folder: Path, rows: list[tuple[str, ...]], ragged: bool, damage: bytes) -> None:  # fmt: skip
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([list(table("facts")), *rows, *([["f9", "asset"]] if ragged else [])])
    (folder / "facts.csv").write_bytes(buffer.getvalue().encode() + damage)
    try:
        estate = read_estate(folder)
    except AssetplanError as error:
        refused_in_words(error)
        return
    told_plainly(*estate.issues.to_numpy().ravel(), *estate.quarantined.to_numpy().ravel())
    given_rows = len([row for row in rows if any(cell.strip() for cell in row)]) + ragged
    if not damage:
        assert len(estate.facts) + len(estate.quarantined) == given_rows
    for reader in ("public", "rdc", "rdc.legal"):
        estate.for_audience(reader)

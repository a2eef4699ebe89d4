"""Bad input and the right behaviour, case by case: what is wrong is said with its place, its value and the mend, and every row is accounted for.

The numbers are those of the project's list of bad inputs, from 1 (a byte order mark) to 74 (another clock and locale). Cases 1 to 70 are one
table, each a file or a folder that `assetplan check` reads or refuses; 71 to 74 are about the machine and stand in `test_bad_machine`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import pickle
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from bad_files import (
    HALL,
    HEAD,
    LIST,
    NATIONAL_GRID,
    SHOP,
    book,
    claiming_gigabytes,
    collection,
    compound_file,
    opendocument,
    point,
    polygon,
    run,
    shapes,
    square,
    with_parts,
    zipped,
)

import assetplan as ap
from assetplan.text import visible

FOLDER = 'name = "x"\n[organisations.rdc]\n[organisations.nycc]\n'
MINE = FOLDER + '[registers."a.csv"]\norganisation = "rdc"\n'
BOTH = MINE + '[registers."b.csv"]\norganisation = "nycc"\n'


@dataclass
class Answer:
    """What `check` says of an input, and the estate read from it."""

    path: Path
    options: Mapping[str, str]
    account: dict[str, Any]
    _estate: list[ap.Estate] = field(default_factory=list)

    @property
    def estate(self) -> ap.Estate:
        if not self._estate:
            self._estate.append(ap.read_estate(self.path, **self.options))
        return self._estate[0]

    def column(self, name: str) -> list[Any]:
        """The cells of a column of the assets, in the order of the rows."""
        return self.estate.assets.sort_values(["register", "row"])[name].tolist()

    def of(self, row: object) -> list[dict[str, str]]:
        """The issues about one row."""
        return [issue for issue in self.account["issues"] if issue["row"] == str(row)]

    def said(self, *words: str) -> list[dict[str, str]]:
        """The issues that use one of these words anywhere."""
        return [
            i for i in self.account["issues"] if any(word.lower() in " ".join(i.values()).lower() for word in words)
        ]

    def read_as(self) -> dict[str, str | None]:
        """The column that each heading was read as, over all registers."""
        return {c["header"]: c["column"] for register in self.account["registers"] for c in register["columns"]}

    def told(self, row: object, at: tuple[float, float] | None = None) -> bool:
        """Whether a row is set aside, is said not to be located, or lies within a kilometre of a place with an issue that says why."""
        (found,) = self.estate.assets.index[self.estate.assets["row"] == row].tolist() or [None]
        if not self.of(row) and not any(i["row"] == "" for i in self.said("crs", "coordinates", "axes")):
            return False
        if found is None or self.estate.assets.at[found, "location_precision"] == "none":
            return bool(self.of(row))
        here = self.estate.assets.at[found, "geometry"]
        return at is not None and here.distance(shapely.Point(at)) < 1_000


Bytes = bytes | str
Check = Callable[[Answer], object]


@dataclass(frozen=True)
class Case:
    """One bad input: its files, and either what the refusal says, or the rows, the issues and what else must hold."""

    name: str
    files: Mapping[str, Bytes | Callable[[Path], None]]
    rows: tuple[int, int, int] | None = None
    issues: tuple[tuple[str, str, str], ...] = ()
    then: Check | None = None
    refused: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


def one(
    name: str,
    data: Bytes | Callable[[Path], None],
    rows: tuple[int, int, int] | None = None,
    *issues: tuple[str, str, str],
    then: Check | None = None,
    file: str = "register.csv",
    refused: tuple[str, ...] = (),
    **options: str,
) -> Case:
    """A case of one file."""
    return Case(name, {file: data}, rows, issues, then, refused, options)


def folder(
    name: str,
    rows: tuple[int, int, int] | None = None,
    *issues: tuple[str, str, str],
    then: Check | None = None,
    refused: tuple[str, ...] = (),
    **files: Bytes | Callable[[Path], None],
) -> Case:
    """A case of an estate folder; `a__csv` is registers/a.csv, `land_geojson` is land.geojson."""
    placed = {
        f"registers/{key.replace('__', '.')}" if "__" in key else ".".join(key.rsplit("_", 1)): data
        for key, data in files.items()
    }
    return Case(name, {"estate.toml": MINE, "registers/a.csv": LIST, **placed}, rows, issues, then, refused)


def table(*rows: str) -> str:
    """A plain list and further rows."""
    return LIST + "".join(f"{row}\n" for row in rows)


def costs(*cells: str) -> str:
    """A list with running costs, from line 2 on."""
    return "Ref,Name,Running cost\n" + "".join(f'{i},Hall {i},"{cell}"\n' for i, cell in enumerate(cells, 1))


def cells_of(heading: str, *cells: str) -> str:
    """A list with one more column, from line 2 on."""
    return f"Ref,Name,{heading}\n" + "".join(f'{i},Hall {i},"{cell}"\n' for i, cell in enumerate(cells, 1))


METRES = ("479187,472160", "478532,471953", "478600,471900", "478700,471800", "478800,471700")
DEGREES = ("54.1370,-0.7900", "54.1351,-0.8000", "54.1342,-0.7991", "54.1333,-0.7972", "54.1324,-0.7963")
GRID_REFERENCES = ("SE 7918 7216", "SE 7853 7195", "SE 7860 7190", "SE 7870 7180", "SE 7880 7170")


def placed(*cells: str, heads: str = "Easting,Northing") -> str:
    """A list of places, from line 2 on, that begins with five plain ones."""
    plain = {"Easting,Northing": METRES, "Latitude,Longitude": DEGREES, "Grid reference": GRID_REFERENCES}[heads]
    return f"Ref,Name,{heads}\n" + "".join(f"{i},Hall {i},{cell}\n" for i, cell in enumerate([*plain, *cells], 1))


def facts(*rows: str) -> str:
    """A facts.csv about the assets of a plain list."""
    return "fact_id,subject_kind,subject,field,value,audience,source,as_of,known_since\n" + "".join(f"{row}\n" for row in rows)  # fmt: skip


def unlocated(*rows: int) -> Check:
    """That rows have no place, are kept, and are each said to have none."""

    def check(answer: Answer) -> bool:
        assets = answer.estate.assets
        return all(
            (assets["location_precision"][assets["row"] == row] == "none").all()
            and any(issue["action"] for issue in answer.of(row))
            for row in rows
        )

    return check


def everything(*checks: Check) -> Check:
    """All of several checks."""
    return lambda answer: all(check(answer) for check in checks)


def pairs_of(answer: Answer) -> list[dict[str, Any]]:
    code, out, err = run("neighbours", answer.path, "--format", "json")
    assert code == 0, err
    found: list[dict[str, Any]] = json.loads(out)
    return found


# ------------------------------------------------------------------------------------------------------- text and CSV

HEADED_LATER = f"Property of Ryedale District Council\n\nas at June\n{LIST}"
TEXT = [
    one("01-utf8-byte-order-mark", LIST.encode("utf-8-sig"), (2, 2, 0), then=lambda a: a.read_as()["Ref"] == "reference"),
    one("02-windows-1252", LIST.replace("Hall", "Café £").encode("cp1252"), (2, 2, 0), ("encoding", "", "cp1252"), then=lambda a: a.column("name")[0] == "Café £"),
    one("03-utf16-with-mark", LIST.replace(",", "\t").replace("Hall", "Café").encode("utf-16"), (2, 2, 0), then=lambda a: a.column("name")[0] == "Café", file="register.txt"),
    one("03-utf16-big-endian", b"\xfe\xff" + LIST.encode("utf-16-be"), (2, 2, 0)),
    one("04-mixed-encodings", HEAD.encode() + HALL.replace("Hall", "Café").encode() + SHOP.replace("Shop", "Crêche").encode("cp1252"), None,
        then=lambda a: a.column("name")[0] == "Café" and a.of(3)),
    *(one(f"05-delimiter-{name}", LIST.replace(",", mark), (2, 2, 0), ("delimiter", "", mark.replace("\t", "tab"))) for name, mark in (("semicolon", ";"), ("tab", "\t"), ("pipe", "|"))),
    one("06-carriage-returns-only", LIST.replace("\n", "\r"), (2, 2, 0), then=lambda a: a.column("row") == [2, 3]),
    one("07-line-break-in-quotes", HEAD + HALL.replace("Hall", '"Hall\nand yard"') + SHOP, (2, 2, 0), then=lambda a: a.column("row") == [2, 4] and a.column("name")[0] == "Hall and yard"),
    one("08-quotation-not-closed", HEAD + HALL + SHOP.replace("Shop", '"Shop'), refused=("register.csv, line 3", "not closed", "Close it")),
    one("09-row-too-long", table("3,Yard,Low Street,Malton,YO17 7HL,478532,471953"), (3, 2, 1), ("row-too-long", "4", "7")),
    one("10-every-row-too-long", HEAD + HALL.replace(",High", ",x,High") + SHOP.replace(",Low", ",x,Low"), refused=("register.csv", "every row has more cells", "heading is missing")),
    one("11-row-too-short", table("3,Yard"), (3, 2, 1), ("row-too-short", "4", "2")),
    one("12-headings-twice", "Ref,Name,Name\n1,Hall,Shop\n2,Yard,Barn\n", (2, 2, 0), ("tied-columns", "", "Name"), then=lambda a: a.read_as()["Name"] is None and not any(a.column("name"))),
    one("12-headings-twice-cell-for-cell", "Ref,Name,Name\n1,Hall,Hall\n2,Yard,Yard\n", (2, 2, 0), then=lambda a: a.column("name") == ["Hall", "Yard"]),
    one("13-heading-on-line-4", HEADED_LATER, (2, 2, 0), then=lambda a: a.column("row") == [5, 6] and "Ryedale" in a.estate.registers["organisation"].iat[0].title()),
    one("13-blank-heading", LIST.replace("Address", ""), (2, 2, 0), then=lambda a: [c["column"] for c in a.account["registers"][0]["columns"]][2] in (None, "address")),
    one("13-no-heading-known", "Year,Births\n2001,5\n2002,6\n", refused=("register.csv", "Year", "name")),
    one("14-headings-as-they-come", LIST.replace("Name", "\u00a0 PROPERTY  NAME\u200b "), (2, 2, 0),
        then=lambda a: a.read_as().get("PROPERTY NAME[U+200B]") == "name" and all(c["reason"] for c in a.account["registers"][0]["columns"])),
    one("15-nul-byte", table("3,Ya\x00rd,Low Street,YO17 7HL,478532,471953"), (3, 2, 1), ("nul-byte", "4", "3")),
    one("16-cell-of-ten-megabytes", table(f"3,{'x' * 10_000_000},Low Street,,478532,471953"), (3, 2, 1), ("cell-too-long", "4", "10000000")),
    one("17-no-byte", b"", refused=("register.csv", "empty")),
    one("17-heading-alone", HEAD, (0, 0, 0), then=lambda a: a.account["issues"]),
    one("19-words-for-nothing-as-names", "Ref,Name,Organisation\n" + "".join(f"{i},{word},{word}\n" for i, word in enumerate(("NA", "None", "nan", "Null"), 1)) + "9,Hall,Ryedale District Council\n",
        (5, 5, 0), then=lambda a: a.column("name")[:3] == ["NA", "None", "nan"] and set(a.column("organisation")[:2]) == {"unknown"}),
    one("20-total", table("Total,,,,,\n"), (3, 2, 1), ("looks-like-a-total", "4", "Total")),
]  # fmt: skip

# ------------------------------------------------------------------------------------------------------- spreadsheets

ROWS = [row.split(",") for row in LIST.splitlines()]


def merged(made: openpyxl.Workbook) -> None:
    made.active.merge_cells("C2:C3")


def hide(made: openpyxl.Workbook) -> None:
    made.active.row_dimensions[3].hidden = True
    made.active.column_dimensions["C"].hidden = True


def second_sheet(made: openpyxl.Workbook) -> None:
    other = made.create_sheet("Other")
    for row in ROWS:
        other.append(row)


def of_1904(made: openpyxl.Workbook) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    made.epoch = CALENDAR_MAC_1904


DATED = [["Ref", "Name", "Status decided by"], ["1", "Hall", dt.date(2010, 6, 24)], ["2", "Shop", "24/06/2010"]]
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + ']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>'
)


def expands_nothing(answer: Answer) -> bool:
    return all(len(str(cell)) < 1_000 for cell in answer.estate.assets.drop(columns="geometry").to_numpy().ravel())


SPREADSHEETS = [
    one("21-merged-cells", book(*ROWS[:2], ["2", "Shop", None, *ROWS[2][3:]], also=merged), (2, 2, 0), then=lambda a: a.column("address") == ["High Street"] * 2, file="r.xlsx"),
    one("21-blank-is-not-merged", book(*ROWS[:2], ["2", "Shop", None, *ROWS[2][3:]]), (2, 2, 0), then=lambda a: a.column("address") == ["High Street", None], file="r.xlsx"),
    one("22-formula-never-worked-out", book(["Ref", "Name", "GIA (m2)"], ["1", "Hall", "=10+10"], ["2", "Shop", 20]), (2, 2, 0), then=lambda a: a.column("gia_m2") == [None, 20.0] and a.of(2), file="r.xlsx"),
    one("23-error-cells", book(["Ref", "Name", "GIA (m2)", "UPRN"], ["1", "Hall", "#REF!", "#N/A"], ["2", "Shop", 20, 7], ["3", "Yard", 30, 8]), (3, 3, 0), then=lambda a: a.column("gia_m2")[0] is None and a.column("uprn")[0] is None and a.of(2), file="r.xlsx"),
    one("24-dates-of-1900", book(*DATED), (2, 2, 0), then=lambda a: a.column("decided_by") == ["2010-06-24", "24/06/2010"], file="r.xlsx"),
    one("24-dates-of-1904", book(*DATED, also=of_1904), (2, 2, 0), then=lambda a: a.column("decided_by") == ["2010-06-24", "24/06/2010"], file="r.xlsx"),
    folder("24-serial-where-a-date-is-due", None, ("not-a-date", "f1", "40353"), facts_csv=facts("f1,asset,rdc:1,note,a,public,,40353,")),
    folder("25-day-before-month", None, ("not-a-date", "f2", "04/13/2025"), facts_csv=facts("f1,asset,rdc:1,note,a,public,,03/04/2025,", "f2,asset,rdc:1,note,a,public,,04/13/2025,"),
           then=lambda a: a.estate.facts["as_of"].tolist() == [dt.date(2025, 4, 3)]),
    one("26-hidden-columns-stay-out", book(*ROWS, also=hide), (2, 2, 0), then=lambda a: not any(a.column("address")) and a.said("hidden"), file="r.xlsx"),
    one("26-hidden-rows-are-rows", book(*ROWS, also=hide), (2, 2, 0), then=lambda a: a.said("hidden") and "3" in "".join(i["row"] + i["value"] + i["message"] for i in a.said("hidden")), file="r.xlsx"),
    one("27-several-sheets", book(*ROWS, also=second_sheet), refused=("r.xlsx", "Other", "--sheet"), file="r.xlsx"),
    one("27-the-sheet-named", book(*ROWS, also=second_sheet), (2, 2, 0), file="r.xlsx", sheet="Other"),
    one("27-a-sheet-not-there", book(*ROWS, also=second_sheet), refused=("r.xlsx", "no sheet or layer 'Othr'", "Other"), file="r.xlsx", sheet="Othr"),
    one("28-password", compound_file("EncryptedPackage", "EncryptionInfo"), refused=("r.xlsx", "password", "Save a copy"), file="r.xlsx"),
    one("28-xls-that-is-none", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, refused=("r.xls", "XLSX or CSV"), file="r.xls"),
    one("28-xlsb-that-is-none", b"PK\x03\x04" + b"\0" * 100, refused=("r.xlsb", "XLSX"), file="r.xlsb"),
    one("28-opendocument", opendocument(*ROWS), (2, 2, 0), then=lambda a: a.account["located"] == 2, file="r.ods"),
    one("29-zip-bomb", claiming_gigabytes(book(*ROWS)), refused=("r.xlsx", "unpacks to more than", "Save"), file="r.xlsx"),
    one("29-billion-laughs", with_parts(book(*ROWS), {"xl/worksheets/sheet1.xml": LAUGHS.encode()}), then=expands_nothing, file="r.xlsx"),
    one("30-macros-do-not-run", with_parts(book(*ROWS), {"xl/vbaProject.bin": compound_file("VBA")}), (2, 2, 0), file="r.xlsm"),
    one("30-links-to-other-files-are-said", with_parts(book(*ROWS), {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}), (2, 2, 0), then=lambda a: a.said("link"), file="r.xlsx"),
]  # fmt: skip

# ------------------------------------------------------------------------------------------------------- numbers and identifiers

UPRNS = "10000480247", "10000480248", "10000480249"
SAME_UPRN = "Ref,Name,UPRN,Easting,Northing\n{}1,Hall,10000480247,479187,472160\n{}2,Shop,10000480247,479187,472160\n"


def sites_of(answer: Answer) -> list[tuple[str, tuple[str, ...], int]]:
    frame = ap.sites(answer.estate)
    return [(str(row.organisation), tuple(row.occupiers), len(row.assets)) for row in frame.itertuples()]


NUMBERS = [
    one("31-thousands", costs("1,250,000"), (1, 1, 0), then=lambda a: a.column("running_cost_gbp_pa") == [1_250_000.0]),
    one("32-money-as-people-write-it", costs("£3m", "(500)", "-", "TBC", "lots", "1"), (6, 6, 0), ("negative", "3", "(500)"), ("not-a-number", "6", "lots"),
        then=lambda a: a.column("running_cost_gbp_pa") == [3e6, None, None, None, None, 1.0]),
    one("33-figures-that-cannot-be", costs("-5", "1e300", "inf", "NaN", "10", "11", "12", "13"), (8, 8, 0), ("negative", "2", "-5"), ("out-of-range", "3", "1e300"), ("not-a-number", "4", "inf"),
        then=lambda a: a.column("running_cost_gbp_pa") == [None] * 4 + [10.0, 11.0, 12.0, 13.0] and a.of(5)),
    one("34-uprn-in-powers-of-ten", cells_of("UPRN", "1.0E+11", *UPRNS), (4, 4, 0), ("uprn-damaged", "2", "1.0E+11"), then=lambda a: a.column("uprn") == [None, *UPRNS]),
    one("35-uprn-zeros", cells_of("UPRN", "010000480247", *UPRNS[1:]), (3, 3, 0), then=lambda a: a.column("uprn") == list(UPRNS)),
    one("35-uprn-too-long-or-no-number", cells_of("UPRN", *UPRNS, "1000048024712", "1000048O247"), (5, 5, 0), ("not-a-uprn", "5", "1000048024712"), ("not-a-uprn", "6", "1000048O247"),
        then=lambda a: a.column("uprn") == [*UPRNS, None, None]),
    one("36-uprn-twice-in-one-register", SAME_UPRN.format("", ""), (2, 2, 0), then=lambda a: [n for *_, n in sites_of(a)] == [2] and "UPRN" in ap.sites(a.estate)["reason"].iat[0]),
    Case("36-uprn-of-two-organisations", {"estate.toml": BOTH, "registers/a.csv": SAME_UPRN.format("a", "b").split("b2")[0], "registers/b.csv": SAME_UPRN.format("a", "b").replace("a1", "c1").split("b2")[0]}, (2, 2, 0),
         (("two-claimants", "*", "nycc; rdc"),), then=lambda a: sites_of(a) == [("unknown", ("nycc", "rdc"), 2)]),
    one("37-postcodes", cells_of("Postcode", "yo177hh", "YO17  7HL", "Y017 7HH", "YO17 7H"), (4, 4, 0), ("not-a-postcode", "4", "Y017 7HH"), ("not-a-postcode", "5", "YO17 7H"),
        then=lambda a: a.column("postcode") == ["YO17 7HH", "YO17 7HL", None, None]),
    folder("37-unknown-is-not-invalid", (2, 2, 0), ("postcode-not-in-directory", "*", "1"), a__csv="Ref,Name,Postcode\n1,Hall,YO17 7HH\n2,Shop,YO17 9ZZ\n",
           postcodes_csv="postcode,easting,northing\nYO17 7HH,479187,472160\n", then=lambda a: a.column("postcode")[1] == "YO17 9ZZ" and a.column("location_precision") == ["postcode", "none"]),
    one("38-percent-is-no-area", cells_of("GIA (m2)", "45%", "10", "20"), (3, 3, 0), ("unknown-unit", "2", "45%"), then=lambda a: a.column("gia_m2") == [None, 10.0, 20.0]),
    one("39-units", "Ref,Name,GIA (sq ft),Site area\n1,Hall,1000,2500 m2\n2,Shop,200,2500\n3,Yard,300,0.5 ha\n", (3, 3, 0), ("no-unit", "3", "2500"),
        then=lambda a: [round(x, 1) for x in a.column("gia_m2")] == [92.9, 18.6, 27.9] and a.column("site_area_ha") == [0.25, None, 0.5]),
    one("39-magnitude", cells_of("Site area (ha)", "0.5", "1.2", "90000"), (3, 3, 0), then=lambda a: a.column("site_area_ha")[2] is None and a.of(4)),
    one("40-net-is-not-gross", "Ref,Name,NIA (m2)\n1,Hall,100\n", (1, 1, 0), then=lambda a: (a.column("nia_m2"), a.column("gia_m2")) == ([100.0], [None])),
]  # fmt: skip

# ------------------------------------------------------------------------------------------------------- coordinates and shapes

RING = [(450_000, 450_000), (450_100, 450_000), (450_100, 450_100), (450_000, 450_100)]
BOW = polygon((450_000, 450_000), (450_100, 450_100), (450_100, 450_000), (450_000, 450_100), (450_000, 450_000))
CIRCLE = np.round(np.column_stack([np.cos(np.linspace(0, 2 * np.pi, 1_000_000)), np.sin(np.linspace(0, 2 * np.pi, 1_000_000))]) * 5_000 + [450_000, 450_000], 3)  # fmt: skip
PLACE = (479_187.0, 472_160.0)
DIRECTORY = "postcode,easting,northing\nYO17 7HH,479187,472160\nYO17 7HL,478532,471953\n"


def a_million_vertices(path: Path) -> None:
    ring = CIRCLE.tolist()
    path.write_bytes(shapes({"type": "Polygon", "coordinates": [[*ring[:-1], ring[0]]]}, square(450_000, 460_000)))


def drawn_small_and_kept_whole(answer: Answer) -> bool:
    target = answer.path.parent / "out.html"
    code, _, err = run("map", answer.path, "-o", target)
    kept = int(shapely.get_num_coordinates(answer.estate.assets["geometry"]).max())
    return (
        code == 0
        and target.stat().st_size < 3_000_000
        and kept == len(CIRCLE)
        and "vert" in (err + str(answer.said("vert")))
    )


def shapefile(crs: str, *points: tuple[float, float]) -> Callable[[Path], None]:
    """A Shapefile whose .prj states a CRS, whatever its coordinates are."""

    def write(path: Path) -> None:
        frame = gpd.GeoDataFrame({"ref": ["A1", "A2"], "name": ["Hall", "Shop"]}, geometry=gpd.points_from_xy(*zip(*points, strict=True)), crs=crs)  # fmt: skip
        pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile")

    return write


def relation(kind: str, gap: float) -> Check:
    """That the two sites of an estate are one pair of a relation with a gap in metres."""
    return lambda a: [(p["relation"], p["gap_m"]) for p in pairs_of(a)] == [(kind, gap)]


def two_owners(name: str, shift: float, then: Check) -> Case:
    """Two squares of two owners, the second a little off the edge of the first."""
    toml = FOLDER + '[registers."a.geojson"]\norganisation = "rdc"\n[registers."b.geojson"]\norganisation = "nycc"\n'
    files = {"registers/a.geojson": shapes(square(450_000, 450_000)), "registers/b.geojson": shapes(square(450_100 + shift, 450_000))}  # fmt: skip
    return Case(name, {"estate.toml": toml, **files}, (2, 2, 0), then=then)


GEO = {"file": "register.geojson"}
PLACES = [
    folder("41-axes-swapped-against-the-postcode", (2, 2, 0), a__csv="Ref,Name,Postcode,Easting,Northing\n1,Hall,YO17 7HH,472160,479187\n2,Shop,YO17 7HL,471953,478532\n", postcodes_csv=DIRECTORY,
           then=lambda a: a.told(2, PLACE) and a.told(3, (478_532, 471_953))),
    one("42-latitude-and-longitude-swapped-in-one-row", placed("-0.7900,54.1370", heads="Latitude,Longitude"), (6, 6, 0), then=lambda a: a.told(7, (479_145, 471_900)) and a.said("swapped")),
    one("43-degrees-said-to-be-metres", "Ref,Name,Easting,Northing\n1,Hall,-0.79,54.137\n2,Shop,-0.8,54.135\n", (2, 2, 0), then=unlocated(2, 3), crs="EPSG:27700"),
    one("43-shapes-in-degrees-said-to-be-metres", shapes(point(-0.79, 54.137), point(-0.8, 54.135)), (2, 2, 0), ("crs-contradicted", "", "EPSG:27700"), then=lambda a: a.account["located"] == 2, **GEO),
    one("43-shapes-in-metres-said-to-be-degrees", shapes(square(450_000, 450_000), crs=None), (1, 1, 0), ("crs-contradicted", "", "EPSG:4326"), then=lambda a: a.account["located"] == 1, **GEO),
    one("43-one-shape-in-metres-among-degrees", shapes(square(-0.79, 54.1, 0.001), square(-0.8, 54.1, 0.001), square(450_000, 450_000), crs=None), (3, 3, 0), then=unlocated(3), **GEO),
    folder("43-parcel-in-metres-said-to-be-degrees", (2, 2, 0), land_geojson=collection(({"parcel_id": "P1"}, square(450_000, 450_000)), ({"parcel_id": "P2"}, square(-0.79, 54.1, 0.001))),
           then=lambda a: list(a.estate.land.index) == ["P2"] and a.of("P1") and len(a.estate.quarantined) == 1),
    one("44-null-island", placed("0,0"), (6, 6, 0), ("not-in-britain", "7", "0, 0"), then=unlocated(7)),
    one("44-null-island-in-degrees", placed("0,0", heads="Latitude,Longitude"), (6, 6, 0), ("not-in-britain", "7", "0, 0"), then=unlocated(7)),
    one("45-paris", placed("48.8566,2.3522", heads="Latitude,Longitude"), (6, 6, 0), ("not-in-britain", "7", "48.8566"), then=unlocated(7)),
    one("45-jersey", placed("49.1880,-2.1050", heads="Latitude,Longitude"), (6, 6, 0), then=unlocated(7)),
    one("45-belfast", placed("54.5973,-5.9301", heads="Latitude,Longitude"), (6, 6, 0), then=lambda a: a.account["located"] == 6 or a.of(7)),
    one("46-no-crs-but-plain-values", LIST, (2, 2, 0), ("crs-from-values", "", "EPSG:27700"), then=lambda a: "crs" in a.said("crs-from-values")[0]["action"]),
    one("46-a-crs-nobody-knows", LIST, refused=("crs", "EPSG:27700", "EPSG:9999999"), crs="EPSG:9999999"),
    one("46-no-crs-and-values-that-fit-none", "Ref,Name,Easting,Northing\n1,Hall,88000000,99000000\n2,Shop,88000001,99000001\n", (2, 2, 0), then=unlocated(2, 3)),
    Case("47-wrong-prj", {"register.shp": shapefile("EPSG:27700", (-0.79, 54.137), (-0.8, 54.135))}, (2, 2, 0), then=lambda a: a.account["located"] == 2 and a.said("27700")),
    one("48-grid-letters", placed("SE 337 338", "ZZ 337 338", heads="Grid reference"), (7, 7, 0), then=lambda a: a.estate.assets["geometry"].iloc[0].distance(shapely.Point(479_180, 472_160)) < 20 and a.told(7, (433_700, 433_800)) and a.told(8)),
    Case("49-whole-kilometres", {"estate.toml": BOTH, "registers/a.csv": placed("480000,470000"), "registers/b.csv": placed("480000,470000").replace("Hall", "Shop").replace("478", "458").replace("479187", "459187")}, (12, 12, 0),
         then=lambda a: not pairs_of(a) and a.said("kilometre", "1 km")),
    one("50-bow-tie", shapes(BOW), (1, 1, 0), ("shape-mended", "1", "Self-intersection"), then=lambda a: "5000 m2" in a.of(1)[0]["action"] and a.estate.assets["geometry"].iloc[0].is_valid, **GEO),
    folder("50-bow-tie-as-a-parcel", (2, 2, 0), ("row-not-usable", "P1", ""), land_geojson=collection(({"parcel_id": "P1"}, BOW), crs=NATIONAL_GRID), then=lambda a: len(a.estate.land) == 0 and len(a.estate.quarantined) == 1),
    one("51-ring-not-closed", shapes(polygon(*RING), square(450_000, 460_000)), (2, 2, 0), then=lambda a: a.of(1) and (a.account["located"] == 1 or a.estate.assets["geometry"].iloc[0].area == 10_000), **GEO),
    one("51-spike", shapes(polygon(*RING[:3], (450_100, 450_500), (450_100, 450_100), RING[3], RING[0])), (1, 1, 0), ("shape-mended", "1", ""), then=lambda a: abs(a.estate.assets["geometry"].iloc[0].area - 10_000) < 1, **GEO),
    one("51-vertex-twice", shapes(polygon(RING[0], *RING, RING[0])), (1, 1, 0), then=lambda a: a.estate.assets["geometry"].iloc[0].area == 10_000, **GEO),
    one("51-no-area", shapes(polygon(RING[0], RING[1], RING[0], RING[0])), (1, 1, 0), ("empty-shape", "1", ""), then=unlocated(1), **GEO),
    one("52-heights-are-dropped", shapes(point(*PLACE, 30.0)), (1, 1, 0), then=lambda a: not a.estate.assets["geometry"].iloc[0].has_z and a.account["located"] == 1, **GEO),
    one("52-heights-are-said-to-be-dropped", shapes(point(*PLACE, 30.0)), (1, 1, 0), then=lambda a: a.said("height", " Z "), **GEO),
    one("53-collection-of-kinds", shapes({"type": "GeometryCollection", "geometries": [square(450_000, 450_000), point(450_200, 450_200)]}), (1, 1, 0), ("shape-not-area", "1", "GeometryCollection"),
        then=lambda a: a.estate.assets["geometry"].iloc[0].area == 10_000, **GEO),
    one("54-empty-and-missing-shapes", shapes({"type": "Polygon", "coordinates": []}, None, square(450_000, 450_000)), (3, 3, 0), ("empty-shape", "1", ""), then=lambda a: a.account["located"] == 1 and not pairs_of(a), **GEO),
    one("55-nan-in-a-shape", shapes(square(450_000, 450_000)).replace(b"450100.0", b"NaN"), (1, 1, 0), ("empty-shape", "1", ""), then=unlocated(1), **GEO),
    one("55-nan-in-a-cell", placed("nan,472160"), (6, 6, 0), ("not-coordinates", "7", "nan"), then=unlocated(7)),
    one("56-a-million-vertices", a_million_vertices, (2, 2, 0), then=drawn_small_and_kept_whole, **GEO),
    Case("57-one-shape-twice", {"estate.toml": MINE.replace("a.csv", "a.geojson"), "registers/a.geojson": shapes(square(450_000, 450_000), square(450_000, 450_000))}, (2, 2, 0),
         then=lambda a: sites_of(a) == [("rdc", ("rdc",), 2)] and "overlap" in ap.sites(a.estate)["reason"].iat[0] and not pairs_of(a)),
    one("57-one-feature-twice", collection(*[({"ref": "A1", "name": "Hall"}, square(450_000, 450_000))] * 2, crs=NATIONAL_GRID), (2, 1, 1), ("identical-row", "2", ""), **GEO),
    two_owners("58-gap-of-a-millimetre", 0.001, relation("touching", 0.001)),
    two_owners("58-overlap-of-a-millimetre", -0.001, relation("touching", 0.0)),
    two_owners("58-gap-over-the-tolerance", 0.06, relation("near", 0.06)),
    one("59-across-the-dateline", shapes(square(-0.79, 54.1, 0.001), square(-0.8, 54.1, 0.001), polygon((-179, 50), (179, 50), (179, 60), (-179, 60), (-179, 50)), crs=None), (3, 3, 0), then=unlocated(3), **GEO),
    one("59-larger-than-britain", shapes(square(450_000, 450_000), square(-5e6, -5e6, 2e7)), (2, 2, 0), ("not-in-britain", "2", ""), then=unlocated(2), **GEO),
]  # fmt: skip

# ------------------------------------------------------------------------------------------------------- hostile content

MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</script>",
    "${7*191}",
    "\\`${7*191}`",
    "{{7*191}}",
    "{% set x = 7*191 %}{{x}}",
    "{#",
)
FORMULAS = ('=HYPERLINK("https://evil.example","x")', "+1", "-1+cmd", "@SUM(1)", "\t=1", "\r=1")


def hostile(texts: tuple[str, ...]) -> bytes:
    """A register with each text as a name, an address and a heading."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["Ref", "Name", "Address", "Easting", "Northing", *texts])
    for i, text in enumerate(texts):
        writer.writerow([i, text, text, 450_000 + 500 * i, 450_000, *texts])
    return buffer.getvalue().encode()


def shown_as_text(answer: Answer) -> bool:
    target = answer.path.parent / "out.html"
    code, _, err = run("map", answer.path, "-o", target, "--audience", "all")
    page = target.read_text(encoding="utf-8")
    names = set(answer.column("name"))
    return (
        code == 0
        and not err
        and names == set(MARKUP)
        and not any(text in page for text in ("1337", MARKUP[0], MARKUP[1]))
    )


def inert_in_csv(answer: Answer) -> bool:
    target = answer.path.parent / "out.csv"
    run("export", answer.path, "-o", target)
    read = list(csv.reader(io.StringIO(target.read_text(encoding="utf-8-sig"), newline="")))
    return len(read) == 1 + len(FORMULAS) and all(cell[:1] not in set("=+-@\t\r") for row in read for cell in row)


def inside_maps_only(answer: Answer) -> bool:
    before = sorted(answer.path.parent.rglob("*"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(answer.path.parent)
        code, _, err = run("map", answer.path)
        refused = run("map", answer.path, "--audience", "../../x")
    new = sorted(set(answer.path.parent.rglob("*")) - set(before))
    (page,) = (path for path in new if path.is_file())
    return (
        code == 0
        and not err
        and refused[0] == 2
        and page.parent.name == "maps"
        and len(page.name) <= 100
        and page.name.removesuffix(".html").replace("-", "").isalnum()
    )


def linked(path: Path) -> None:
    secret = path.parent.parent / "elsewhere.csv"
    secret.write_text(LIST.replace("Hall", "Secret hall"), encoding="utf-8")
    path.symlink_to(secret)


def output_link_is_refused(answer: Answer) -> bool:
    target, link = answer.path.parent / "target.csv", answer.path.parent / "link.csv"
    target.write_text("mine", encoding="utf-8")
    link.symlink_to(target)
    code, _, err = run("export", answer.path, "-o", link, "--force")
    return code == 2 and "link" in err and target.read_text(encoding="utf-8") == "mine"


def members_stay_inside(answer: Answer) -> bool:
    evil = answer.path.parent / "deep" / "evil.zip"
    evil.parent.mkdir()
    evil.write_bytes(zipped(**{"../evil.shp": b"x", "../../evil.dbf": b"x", "/evil.shx": b"x"}))
    code, _, err = run("map", answer.path, "-o", answer.path.parent / "out.html", "--backdrop", evil)
    return code == 1 and "evil.zip" in err and not list(answer.path.parent.parent.rglob("evil.shp"))


class Trap:
    """What runs when a pickle is opened."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('a pickle was opened')",)


def with_a_view(path: Path) -> None:
    frame = gpd.GeoDataFrame({"parcel_id": ["P1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:27700")
    pyogrio.write_dataframe(frame, path, layer="land", driver="GPKG")
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE copied AS SELECT * FROM land")
        database.execute("ALTER TABLE land RENAME TO behind")
        database.execute("CREATE VIEW land AS SELECT fid, geom, 'from a view' AS parcel_id FROM copied")
        database.commit()


VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/https://evil.example/a.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
HUGE = json.dumps({"type": "FeatureCollection", "features": []})[:-2]
LONG_NAME = "x" * 200 + ".csv"

HOSTILE = [
    one("60-markup-and-script", hostile(MARKUP[:5]), (5, 5, 0), then=lambda a: set(a.column("name")) == set(MARKUP[:5])),
    one("61-templates", hostile(MARKUP), (8, 8, 0), then=shown_as_text),
    one("62-headings-layers-and-files", collection(*(({"ref": i, "name": "Hall", text: text}, point(450_000 + 500 * i, 450_000)) for i, text in enumerate(MARKUP)), crs=NATIONAL_GRID, name="{{7*191}}"), (8, 8, 0),
        then=lambda a: {"{{7*191}}", "</script>"} <= set(a.read_as()) and "1337" not in json.dumps(a.account), file="{{7*191}} ${7*191} <b>.geojson"),
    one("63-formulas", hostile(FORMULAS), (6, 6, 0), then=inert_in_csv),
    one("64-direction-and-the-unseen", table("3,a\u202etxt.exe,b\u200bc,YO17 7HL,478532,471953", "4,Cafe\u0301,d,YO17 7HL,478532,471999"), (4, 4, 0),
        then=lambda a: a.column("name")[2:] == ["a[U+202E]txt.exe", "Café"] and a.column("address")[2] == "b[U+200B]c"),
    one("65-long-name", LIST, (2, 2, 0), then=inside_maps_only, file=LONG_NAME),
    one("65-odd-name", LIST, (2, 2, 0), then=inside_maps_only, file="..%2f CON \\ a;b.csv"),
    one("66-output-that-is-a-link", LIST, (2, 2, 0), then=output_link_is_refused),
    one("66-archive-members-with-dots", LIST, (2, 2, 0), then=members_stay_inside),
    folder("66-register-that-is-a-link", refused=("b.csv", "link"), b__csv=linked),
    folder("66-table-that-is-a-link", refused=("facts.csv", "link"), facts_csv=linked),
    one("67-yaml", "a: &a [x]\nb: !!python/object/apply:os.system [exit]\n", refused=("register.yaml", "not a format read here", ".csv"), file="register.yaml"),
    one("68-json-too-deep", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":' + "[" * 100_000 + "]" * 100_000 + '},"geometry":null}]}', refused=("register.geojson", "Export it again"), **GEO),
    one("68-json-number-too-long", shapes(None).replace(b'"A1"', b"1" * 5_000), refused=("register.geojson", "Export it again"), **GEO),
    one("68-json-key-twice", shapes(None).replace(b'"ref"', b'"name"'), refused=("register.geojson", "a key twice", "Export it again"), **GEO),
    one("68-json-nan", shapes(None).replace(b'"Hall 1"', b"NaN").replace(b'"A1"', b'"A1", "postcode": "YO17 7HH"'), (1, 1, 0), then=lambda a: a.column("name") == [None], **GEO),
    folder("69-view-in-a-geopackage", refused=("land.gpkg", "Save"), land_gpkg=with_a_view),
    folder("69-vrt-under-another-name", refused=("land.gpkg", "XML"), land_gpkg=VRT),
    one("69-vrt", VRT, refused=("register.vrt", "not a format read here"), file="register.vrt"),
    one("70-pickle", pickle.dumps(Trap()), refused=("register.pkl", "not a format read here"), file="register.pkl"),
    one("70-pickle-under-another-name", pickle.dumps(Trap()), refused=("register.csv",)),
    folder("70-pickle-in-a-folder", (2, 2, 0), ("unknown-file", "", ""), b__joblib=pickle.dumps(Trap())),
]  # fmt: skip

CASES = [*TEXT, *SPREADSHEETS, *NUMBERS, *PLACES, *HOSTILE]
ELSEWHERE = {18, 71, 72, 73, 74}  # test_bad_machine


def test_the_table_has_every_number_once_or_more() -> None:
    assert {int(case.name[:2]) for case in CASES} == set(range(1, 75)) - ELSEWHERE
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def prepared(case: Case, folder: Path) -> Path:
    """Write the files of a case and say what to read."""
    for name, data in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(data):
            data(path)
        else:
            path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return folder if "estate.toml" in case.files else folder / next(iter(case.files))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input(case: Case, tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    path = prepared(case, inside)
    code, out, err = run("check", path, *(part for key, value in case.options.items() for part in (f"--{key}", value)), "--format", "json")  # fmt: skip
    assert "Traceback" not in err
    assert err == "\n".join(map(visible, err.split("\n")))
    if case.refused:
        assert (code, out) == (1, "")
        assert [part for part in case.refused if part not in err] == [], err
        return
    if code == 1 and case.rows is None:  # a refusal is as good as a reading that does no harm
        assert path.name in err
        return
    assert code == 0, err
    account = json.loads(out)
    counts = tuple(account[key] for key in ("rows_read", "accepted", "quarantined"))
    assert counts[0] == counts[1] + counts[2]
    assert case.rows is None or counts == case.rows
    for register in account["registers"]:
        assert register["rows_read"] == register["accepted"] + register["quarantined"]
        aside = [i for i in account["issues"] if i["file"] == register["path"] and i["action"].startswith("Row set aside")]  # fmt: skip
        assert len(aside) == register["quarantined"]
    for issue in account["issues"]:
        assert all(issue[key] for key in ("file", "code", "message", "action"))
        assert all(text == visible(text) for text in issue.values())
    for code_, row, value in case.issues:
        found = [
            i for i in account["issues"] if i["code"] == code_ and (row in ("*", i["row"])) and value in i["value"]
        ]
        assert found, (code_, row, value, account["issues"])
    if case.then is not None:
        assert case.then(Answer(path, case.options, account))

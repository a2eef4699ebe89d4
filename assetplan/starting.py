"""A folder to start an estate in, and the request for data that goes to each partner.

The request asks for little first: what it is called, where it is, who holds it and what it is used for. The form is a workbook whose
columns are read back as they stand.
"""

from __future__ import annotations

import datetime as dt
import io
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import xlsxwriter

from assetplan.errors import OutputError
from assetplan.schema import ASSETS, table
from assetplan.text import visible
from assetplan.vocabulary import STATUSES, TENURES

if TYPE_CHECKING:
    import os

_FORM_ROWS = 500


class _Asked(NamedTuple):
    """A column of the form: which of the schema, its heading, how soon it is needed, an example, and what it adds."""

    column: str
    heading: str
    need: str
    example: str
    adds: str


_FIRST, _NEXT, _LATER = "first", "next", "later"
ASKED = (
    _Asked("reference", "Reference", _FIRST, "A0012", "the row can be followed from one year to the next; any reference of your own will do"),
    _Asked("name", "Name of the building, land or both", _FIRST, "Town Hall", "people can find it and talk about it"),
    _Asked("address", "Address", _FIRST, "High Street, Testham", "people can go there"),
    _Asked("postcode", "Postcode", _FIRST, "TS1 1AA", "a rough place where there are no coordinates, a check where there are"),
    _Asked("easting", "Easting", _FIRST, "479225", "it is on the map, and its neighbours can be found (or give a longitude)"),
    _Asked("northing", "Northing", _FIRST, "472239", "it is on the map, and its neighbours can be found (or give a latitude)"),
    _Asked("organisation", "Organisation", _FIRST, "Testham District Council", "whose it is: one body a row"),
    _Asked("use", "Use", _FIRST, "office", "what could be shared with what"),
    _Asked("tenure", "Tenure", _NEXT, "freehold", "what may be sold, let or shared, and what is only rented"),
    _Asked("status", "Status", _NEXT, "operational", "what is surplus or under review; by a decision, not by an opinion"),
    _Asked("decided_by", "Status decided by", _NEXT, "Cabinet, 4 March 2026", "whether surplus is a decision or an opinion"),
    _Asked("uprn", "UPRN", _NEXT, "200001274904", "the same building in two registers is recognised"),
    _Asked("title_no", "Title number", _NEXT, "NYK123456", "the land that goes with it: its outline, its size, and what it touches"),
    _Asked("site_area_ha", "Site area (ha)", _NEXT, "1.4", "its size where the outline is not drawn"),
    _Asked("gia_m2", "Gross internal area (m2)", _LATER, "3300", "space for each member of staff, cost for each square metre"),
    _Asked("fte", "Staff based there (FTE)", _LATER, "170", "space and cost for each member of staff"),
    _Asked("running_cost_gbp_pa", "Running cost (£ a year)", _LATER, "347000", "what it costs to keep"),
    _Asked("backlog_gbp", "Backlog maintenance (£)", _LATER, "1700000", "what must be spent if nothing is changed"),
)  # fmt: skip

_ESTATE_TOML = """\
# What cannot be read from the registers themselves. Lines that begin with # are notes.
name = {name}
# as_of = 2026-04-01             # the date the registers speak of
# law_as_of = 2026-04-01
# price_base = "2025/26"

# An organisation is named by a short identifier, which goes before the reference of each of its assets.
# [organisations.testham]
# name = "Testham District Council"
# sector = "district"            # county, district, unitary, parish, nhs, police, fire, ambulance, school, central, other

# A register is a file in registers/. Nothing need be said of one that tells whose it is in a column, its title or its name.
# [registers."testham-assets.csv"]
# organisation = "testham"
# kind = "ownership"             # ownership, planning, service list
# audience = "testham"           # leave out for public; names of readers, parted by ;

# Analyses are for the keeper alone until they are released here.
# [release]
# assemblies = ["testham"]       # groups of sites that might be joined
# benchmarks = ["testham"]       # space and cost compared across bodies
# options = ["testham"]          # which services could share which buildings
"""

_README = """\
# {name}

An estate folder: what several bodies say of their land and buildings, kept together.

| file | holds |
|---|---|
| `registers/` | each body's own list, as it came: CSV, Excel, ODS, GeoJSON and more. Do not tidy it; what cannot be read is reported |
| `estate.toml` | what the registers do not say themselves: names, dates, readers |
| `facts.csv` | statements that add to a register or correct it, each with a source, a date and its readers |
| `interests.csv` | who holds what: freehold, lease, licence; with expiry, break and notice |
| `land.geojson` | parcels of land, if you have them: `parcel_id`, `title_no`, `source` |
| `services.csv` | what each body does where: staff, desks, space, hours; what it must be near or apart from |
| `capacity.csv` | room that buildings have for others, now and after works; `TBC` where nobody has looked |
| `plans.csv` | plans, pots of money with the year they lapse, what was promised in public, schemes tried before |
| `demand.csv` | villages and quarters with their people |
| `areas.geojson` | wards, parishes, localities |
| `network.geojson` | roads that can be travelled; or `network.osm.pbf`, or `travel_times.csv` |
| `data-request/` | a letter and a form to send to each partner |

`assetplan columns --table services` says what a table's columns mean; so for the others. Only `registers/` is needed to begin with.

Then:

    assetplan check .                    what was read, what was not, and what mends it
    assetplan check . -o quality.html    the same as a page, with a map of what is badly placed
    assetplan map .                      the map, for the public
    assetplan leases .                   breaks and ends of leases ahead; -o leases.ics for a calendar
    assetplan benchmark .                space and cost for each member of staff and desk

Rows of `facts.csv` and `interests.csv` name their readers in `audience`: `public`, an organisation, or `all` for nobody but the
keeper. Whole registers do so in `estate.toml`. Pass on what assetplan writes for a reader, never this folder.
"""

_LETTER = """\
Subject: a list of your land and buildings in {name}

Dear colleague,

We are putting the public estate of {name} on one map: which bodies hold what, and which sites lie side by side. May we
have your list? It can come in whatever form you keep it in. Nothing need be retyped: send the export of your asset system, the
spreadsheet, or the list you publish under the Transparency Code. If there is none, the form register.xlsx beside this letter will do.

What is needed first, for as few as ten rows:
{first}

What helps next:
{next}

What can wait:
{later}

Please leave out anything about persons: names of tenants, telephone numbers, home addresses. Columns that mean a person are not read.

Please say
- as at which date the list holds;
- who may see it: everybody, the partners, or only the people you name. If part of it is for fewer readers, send that part as a file
  of its own. If it names places that must not be found, a refuge say, send those separately or not at all;
- under which licence the outlines are, if you send outlines. Outlines drawn on Ordnance Survey MasterMap may not be published
  without more ado; points can stand for them;
- whom we may ring about it.

You will get back an account of every row: what was read, what was not, and what would mend it.

[your name]
[your telephone number]
"""


def new_folder(path: str | os.PathLike[str], *, name: str = "") -> Path:
    """Make an estate folder to fill in, with a request for data to send to each partner.

    Parameters
    ----------
    path
        The folder to make; it must not be there yet, or be empty.
    name
        The name of the place; the folder's own name by default.

    Returns
    -------
    pathlib.Path
        The folder, which ``assetplan check`` reads as it stands.

    Raises
    ------
    OutputError
        Where something is there already, or the folder cannot be made; nothing is left behind.

    Examples
    --------
    >>> import assetplan as ap, pathlib, tempfile
    >>> folder = ap.new_folder(pathlib.Path(tempfile.mkdtemp()) / "testham", name="Testham")
    >>> ap.read_estate(folder).name
    'Testham'
    """
    target = Path(path)
    shown = visible(str(target))
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise OutputError(f"{shown}: this is not a folder. Name a new one.")
    if target.is_dir() and any(target.iterdir()):
        raise OutputError(
            f"{shown}: there is something in that folder already. Name a new one; nothing here replaces a register."
        )
    title = " ".join((name or target.resolve().name).split()) or "estate"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=target.parent, prefix=".assetplan-"))
        try:
            _fill(made, title)
            made.chmod(0o755)
            if target.is_dir():
                target.rmdir()
            made.replace(target)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"{shown}: cannot be made ({error.strerror or error}). Choose a folder you may write in."
        ) from error
    return target


def _fill(folder: Path, name: str) -> None:
    shown = visible(name)
    (folder / "registers").mkdir()
    (folder / "data-request").mkdir()
    text = {
        "estate.toml": _ESTATE_TOML.format(name=_toml_string(shown)),
        "README.md": _README.format(name=_markdown(shown)),
        "facts.csv": ",".join(table("facts")) + "\n",
        "interests.csv": ",".join(table("interests")) + "\n",
        "data-request/letter.txt": _LETTER.format(
            name=shown, **{need: "\n".join(_asked_lines(need)) for need in (_FIRST, _NEXT, _LATER)}
        ),
    }
    for file, said in text.items():
        (folder / file).write_text(said, encoding="utf-8", newline="\n")
    (folder / "data-request" / "register.xlsx").write_bytes(_form())


def _asked_lines(need: str) -> list[str]:
    return [f"- {one.heading}: {one.adds}" for one in ASKED if one.need == need]


def _toml_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _markdown(text: str) -> str:
    """Text in which nothing is a sign of Markdown."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>()#+-.!|~" else character for character in text)


def _form() -> bytes:
    """The form for a register as a workbook; the same bytes each time."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "Register of land and buildings", "created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#e8edf2"})
    as_text = book.add_format({"num_format": "@"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("Register")
    sheet.freeze_panes(1, 0)
    for place, one in enumerate(ASKED):
        column = ASSETS[one.column]
        # Text, so that no spreadsheet turns a UPRN into powers of ten or a reference into a date.
        form = as_text if column.kind in {"text", "id", "uprn", "postcode"} else None
        sheet.set_column(place, place, max(12, min(34, len(one.heading) + 2)), form)
        sheet.write_string(0, place, one.heading, head)
        choices = {"status": STATUSES, "tenure": TENURES}.get(one.column)
        if choices:
            sheet.data_validation(1, place, _FORM_ROWS, place, {"validate": "list", "source": list(choices), "error_type": "warning",
                                                               "error_message": "Your own words are read too, where they are known."})  # fmt: skip
    about = book.add_worksheet("About the columns")
    about.set_column(0, 0, 30)
    about.set_column(1, 1, 10)
    about.set_column(2, 3, 46)
    for place, text in enumerate(("What it says", "When", "For instance", "What it adds")):
        about.write_string(0, place, text, head)
    for row, one in enumerate(ASKED, start=1):
        for place, text in enumerate((one.heading, one.need, one.example, one.adds)):
            about.write_string(row, place, text, wrapped)
    book.close()
    return buffer.getvalue()

"""The page as a file: nothing remote, the same bytes, the user's map left as it was."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import pytest
from folium.plugins import MarkerCluster
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

import assetplan as ap
from assetplan.imprint import title_of
from assetplan.listing import page_tables
from assetplan.page.figure import elements
from assetplan.page.shell import page_html
from assetplan.page.text import json_for_script
from assetplan.sentences import summary
from assetplan.wording import account_of

if TYPE_CHECKING:
    from collections.abc import Callable

MALTON = Path(__file__).parents[1] / "data" / "malton"


@pytest.fixture(scope="module")
def estate() -> ap.Estate:
    return ap.read_estate(MALTON).for_audience("public")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.addresses: list[str] = []
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.policy = ""
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._script = tag == "script" and values.get("type") != "application/json"
        if self._script:
            self.scripts.append("")
        self.addresses += [
            value for name, value in attrs if name in {"src", "href", "action"} and value and value[0] != "#"
        ]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(values["content"])

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts[-1] += data
        self.text += data


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def test_the_policy_names_the_hash_of_every_script_and_nothing_else(estate: ap.Estate) -> None:
    page = read(page_html(ap.map_estate(estate)))
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in page.scripts}
    assert hashes == set(re.findall(r"'sha256-([^']+)'", page.policy))
    assert "default-src 'none'" in page.policy
    assert "unsafe" not in page.policy.split("script-src")[1].split(";")[0]
    assert not page.handlers
    assert all(address.startswith("data:") for address in page.addresses)


def test_saving_leaves_the_map_as_it_was_and_gives_the_same_bytes(estate: ap.Estate) -> None:
    m = ap.map_estate(estate)
    folium.Marker([54.14, -0.79], popup=ap.safe_text("mine")).add_to(m)
    before = [(element._name, element._id, list(element._children)) for element in elements(m.get_root())]
    first = page_html(m)
    assert [(element._name, element._id, list(element._children)) for element in elements(m.get_root())] == before
    m._repr_html_()
    m.get_root().render()
    assert page_html(m) == first
    assert not re.search(r"_[0-9a-f]{32}\b", first)


@pytest.mark.parametrize(
    "add",
    [
        lambda m: folium.TileLayer("OpenStreetMap").add_to(m),
        lambda m: folium.TileLayer("tiles/{z}/{x}/{y}.png", attr="x").add_to(m),
        lambda m: MarkerCluster().add_to(m),
        lambda m: folium.Marker([54, -0.8], icon=folium.Icon(color="red")).add_to(m),
        lambda m: folium.Marker([54, -0.8], icon=folium.CustomIcon("https://host.example/i.png")).add_to(m),
        lambda m: folium.WmsTileLayer("https://host.example/wms", layers="a").add_to(m),
        lambda m: folium.raster_layers.ImageOverlay("https://host.example/i.png", [[54, -1], [55, 0]]).add_to(m),
        lambda m: folium.Marker([54, -0.8], popup='<img src="https://host.example/x.png">').add_to(m),
        lambda m: folium.Marker([54, -0.8], popup=folium.Popup(folium.IFrame("<b>x</b>"))).add_to(m),
        lambda m: m.get_root().html.add_child(folium.Element('<img src="//host.example/a.png">')),
        lambda m: m.get_root().header.add_child(
            folium.Element('<link rel="stylesheet" href="https://host.example/a.css">')
        ),
        lambda m: m.get_root().header.add_child(folium.Element('<style>@import "a.css"</style>')),
        lambda m: m.get_root().header.add_child(folium.JavascriptLink("https://host.example/a.js")),
    ],
)
def test_what_would_load_from_elsewhere_is_refused(
    add: Callable[[folium.Map], Any], estate: ap.Estate, tmp_path: Path
) -> None:
    m = ap.map_estate(estate)
    add(m)
    with pytest.raises(ap.RemoteAssetError):
        ap.save_map(m, tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_a_notebook_shows_the_sites_too(estate: ap.Estate) -> None:
    html = ap.map_estate(estate).get_root().render()
    assert "Ryedale House" in html
    assert "assetplan.start(" in html


@given(st.text())
def test_safe_text_survives_jinja_and_html_and_reads_as_typed(text: str) -> None:
    safe = str(ap.safe_text(text))
    assert not set(safe) & set("<>\"'`${}\\%\r\n")
    assert Environment(autoescape=False).from_string(safe).render() == safe
    reader = read(f"<p>{safe}</p>")
    assert reader.text == str(read(f"<p>{ap.safe_text(reader.text)}</p>").text)
    if text.isprintable() and text.isascii():
        assert reader.text == text
    assert ap.safe_text(ap.safe_text(text)) == safe


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_json_cannot_end_its_script(value: Any) -> None:
    text = str(json_for_script(value))
    assert not set(text) & set("<>&'`\u2028\u2029")
    assert text.isascii()
    json.loads(text)


# ------------------------------------------------------------------------------------------------------- words


def _register(folder: Path, name: str, *rows: str, head: str = "Ref,Name,Organisation,UPRN,Easting,Northing") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join([head, *rows, ""]), encoding="utf-8")


def test_a_folder_is_called_by_its_own_name_not_by_one_registers_heading(tmp_path: Path) -> None:
    """A GeoJSON file gives its layer a name; a CSV file beside it gives none, and the name is not that of both."""
    point = {"type": "Point", "coordinates": [-0.79, 54.13]}
    layer = {
        "type": "FeatureCollection",
        "name": "libraries_layer",
        "features": [{"type": "Feature", "properties": {"ref": "L1", "name": "Library"}, "geometry": point}],
    }
    registers = tmp_path / "registers"
    _register(registers, "halls.csv", "1,Hall,,,478600,471800")
    (registers / "libraries.geojson").write_text(json.dumps(layer), encoding="utf-8")
    (tmp_path / "estate.toml").write_text('name = "Places of the vale"\n', encoding="utf-8")
    assert title_of(ap.read_estate(tmp_path).for_audience("public")) == "Places of the vale"


def test_the_name_of_a_file_becomes_a_title_in_words(tmp_path: Path) -> None:
    _register(tmp_path, "my_building-list.csv", "1,Hall,,,478600,471800")
    assert title_of(ap.read_estate(tmp_path / "my_building-list.csv").for_audience("public")) == "My building list"


def test_the_summary_counts_every_site_once_and_speaks_of_one_as_of_one(tmp_path: Path) -> None:
    rows = [f"{i},Hall {i},Body {i % 14:02d} Parish Council,,{450050 + 900 * i},450050" for i in range(30)]
    _register(tmp_path, "many.csv", *rows)
    first, placed, *_ = summary(account_of(ap.read_estate(tmp_path / "many.csv")))
    assert first.startswith("30 sites of 14 organisations: ")
    assert "and two other organisations 4." in first
    assert sum(map(int, re.findall(r"(?:Council|organisations) (\d+)", first))) == 30
    assert placed == "30 assets in the registers, each located by a point."

    _register(tmp_path, "one.csv", "1,Hall,Upper Vale Parish Council,,450050,450050")
    assert summary(account_of(ap.read_estate(tmp_path / "one.csv")))[:2] == [
        "One site of one organisation, Upper Vale Parish Council.",
        "One asset in the registers, located by a point.",
    ]

    _register(tmp_path, "nowhere.csv", "1,Hall,,,,", "2,Barn,,,,", "3,Shop,,,450050,450050")
    unowned = summary(account_of(ap.read_estate(tmp_path / "nowhere.csv")))
    assert unowned[0] == "Three sites, grey on the map: nothing here says which organisation owns them."
    assert unowned[1] == (
        "Three assets in the registers, located: 1 by a point; two have no location and are listed below the map."
    )


def test_the_table_holds_every_line_of_every_card(estate: ap.Estate) -> None:
    account = account_of(estate)
    table = page_tables(account)[0]
    for row, lines in zip(table["rows"], account.lines.values(), strict=True):
        told = " | ".join(row)
        for line in lines:
            if line["label"] != "Body and holder" and not line["unknown"]:
                assert line["value"] in told, line["label"]


def test_what_is_known_of_no_site_is_said_once(tmp_path: Path) -> None:
    _register(
        tmp_path, "two.csv", "1,Hall,Vale Council,100012345678,450000,450000", "2,Barn,Vale Council,,460000,450000"
    )
    table = page_tables(account_of(ap.read_estate(tmp_path / "two.csv")))[0]
    assert "m2 per FTE" in table["note"]
    assert "floor area" in table["note"]
    assert not {"Floor area", "Staff", "Also held by"} & set(table["columns"])
    gap = table["columns"].index("Not known")
    gaps = {row[0]: row[gap] for row in table["rows"]}
    assert "UPRN" not in gaps["Hall"]
    assert "UPRN" in gaps["Barn"]
    assert not any("floor area" in text or "staff" in text for text in gaps.values())

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
from assetplan.page.figure import elements
from assetplan.page.shell import page_html
from assetplan.page.text import json_for_script

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

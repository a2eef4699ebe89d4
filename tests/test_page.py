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
import networkx as nx
import numpy as np
import pytest
import shapely
from folium.plugins import MarkerCluster
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from pages import PageData

import assetplan as ap
from assetplan.imprint import title_of
from assetplan.listing import page_tables
from assetplan.maps import page_map, view_of
from assetplan.page.figure import elements
from assetplan.page.shell import page_html
from assetplan.page.text import json_for_script
from assetplan.sentences import summary
from assetplan.vocabulary import BETWEEN
from assetplan.ways import ways_of
from assetplan.wording import account_of, lies_between, measure_in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from assetplan.page.view import PageView

MALTON = Path(__file__).parents[1] / "data" / "malton"


@pytest.fixture(scope="module")
def estate() -> ap.Estate:
    return ap.read_estate(MALTON).for_audience("public")


@pytest.fixture(scope="module")
def view(estate: ap.Estate) -> PageView:
    return view_of(account_of(estate), ways=ways_of(estate))


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


def test_the_policy_names_the_hash_of_every_script_and_nothing_else(drawn: Callable[[str], Path]) -> None:
    page = read(drawn("public").read_bytes().decode("utf-8"))
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in page.scripts}
    assert hashes == set(re.findall(r"'sha256-([^']+)'", page.policy))
    assert "default-src 'none'" in page.policy
    assert "unsafe" not in page.policy.split("script-src")[1].split(";")[0]
    assert not page.handlers
    assert all(address.startswith("data:") for address in page.addresses)


def test_saving_leaves_the_map_as_it_was_and_gives_the_same_bytes(view: PageView) -> None:
    m = page_map(view)
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
    add: Callable[[folium.Map], Any], view: PageView, tmp_path: Path
) -> None:
    m = page_map(view)
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


# ------------------------------------------------------------------------------------------------------- neighbours, and what hangs together


@pytest.mark.parametrize(
    ("relation", "more", "said"),
    [
        ("touching", {"shared_boundary_m": 110.4}, "shares 110 m"),
        ("touching", {}, "meets at a corner"),
        ("overlapping", {"shared_boundary_m": 9.0}, "overlaps as drawn"),
        ("near", {"gap_m": 0.4, "between": ("other land",)}, "less than 1 m away"),
        ("near", {"gap_m": 5.2}, "5 m away"),
        ("near", {"gap_m": 5.2, "basis": "point"}, "5 m away, from a point"),
        ("near", {"basis": "point", "between": ("other land",)}, "at the same place, from a point"),
        ("near", {"gap_m": 12, "between": ("water",), "across": ("River Derwent",)}, "12 m across River Derwent"),
        ("opposite", {"gap_m": 17, "between": ("road",), "across": ("Old Malton Road",)}, "17 m across Old Malton Road"),
        ("opposite", {"gap_m": 17, "between": ("road",), "across": ()}, "17 m across a road"),
        # One name for two kinds does not tell which of them it is.
        ("opposite", {"gap_m": 17, "between": ("road", "rail"), "across": ("A64",)}, "17 m across a road and the railway"),
        ("opposite", {"gap_m": 30, "between": ("road", "water"), "across": ("A64", "Derwent")}, "30 m across A64 and Derwent"),
    ],
)  # fmt: skip
def test_the_measure_beside_a_neighbours_name(relation: str, more: dict[str, Any], said: str) -> None:
    pair = {"relation": relation, "basis": "polygon", "gap_m": 0.0, "shared_boundary_m": 0.0, "between": None, "across": None}  # fmt: skip
    assert measure_in_words(pair | more) == said


def test_every_kind_of_line_has_words() -> None:
    for kind in set(BETWEEN) - {"other land"}:
        assert lies_between({"between": (kind,), "across": ()})
    assert lies_between({"between": ("other land",), "across": ()}) == ""


def test_the_table_of_pairs_says_what_lies_between(estate: ap.Estate, tmp_path: Path) -> None:
    def column(of: ap.Estate) -> set[str]:
        (table,) = [table for table in page_tables(account_of(of)) if table["id"] == "relations"]
        at = table["columns"].index("What lies between")
        return {f"{row[2]}: {row[at]}" for row in table["rows"]}

    assert {"touching: -", "near: other land", "opposite: Old Malton Road"} <= column(estate)
    _register(tmp_path, "two.csv", "1,Hall,Vale Council,,450123,450127", "2,Barn,Vale Council,,450132,450127")
    assert column(ap.read_estate(tmp_path / "two.csv")) == {"near: not known"}


def _blocks(folder: Path, seed: int) -> Path:
    """An estate of 90 sites of three bodies and of nobody, in clumps of squares that touch, and points beside them."""
    draw = np.random.default_rng(seed)
    features: dict[str, list[Any]] = {name: [] for name in ("rdc", "nycc", "nhs", "nobody")}
    for k in range(90):
        x, y = 450_000 + 80 * (k % 10) + int(draw.integers(0, 4)) * 10, 450_000 + 60 * (k // 10)
        shape = shapely.Point(x + 20, y + 9) if draw.random() < 0.2 else shapely.box(x, y, x + 50, y + 30)
        owner = list(features)[int(draw.choice(4, p=[0.5, 0.2, 0.2, 0.1]))]
        properties = {"ref": f"R{k}", "name": f"Site {k}"}
        features[owner].append(
            {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}
        )
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    (folder / "registers").mkdir(parents=True)
    toml = ""
    for name, some in features.items():
        text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": some})
        (folder / "registers" / f"{name}.geojson").write_text(text, encoding="utf-8")
        if name != "nobody":
            toml += (
                f'[organisations.{name}]\nname = "Body {name}"\n[registers."{name}.geojson"]\norganisation = "{name}"\n'
            )
    (folder / "estate.toml").write_text(f'name = "Blocks"\n[release]\nassemblies = ["rdc"]\n{toml}', encoding="utf-8")
    return folder


@pytest.mark.parametrize("seed", range(4))
def test_components_are_what_hangs_together_each_in_one_outline(seed: int, tmp_path: Path) -> None:
    account = account_of(ap.read_estate(_blocks(tmp_path / "blocks", seed)).for_audience("rdc"))
    assert account.components is not None
    graph = nx.Graph((pair.site_a, pair.site_b) for pair in account.pairs.itertuples() if pair.relation != "opposite")
    groups = {frozenset(group) for group in nx.connected_components(graph)}
    assert {frozenset(group) for group in account.components["sites"]} == groups
    assert len(groups) > 3
    for row in account.components.to_dict("records"):
        for site in row["sites"]:
            rest = graph.subgraph(set(row["sites"]) - {site})
            assert (site in row["articulation_sites"]) is not nx.is_connected(rest), site
    inside = view_of(account)["map"]
    shapes, names = inside["sites"]["shape"], [one["id"] for one in inside["organisations"]]
    assert len(inside["components"]) == len(groups)
    mixes = set()
    for component in inside["components"]:
        assert component["shape"].geom_type == "Polygon"
        assert all(component["shape"].covers(shapes[site]) for site in component["sites"])
        owners = {names[inside["sites"]["organisation"][site]] for site in component["sites"]}
        known = len(owners - {"unknown"})
        likely = {1: "one", 2: "two"}.get(known, "more")
        assert component["mix"] == (likely if "unknown" not in owners or known > 2 else "unclear")
        mixes.add(component["mix"])
    assert len(mixes) > 1


def test_of_a_large_estate_components_of_one_body_stand_in_the_table_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of(ap.read_estate(_blocks(tmp_path / "blocks", 1)).for_audience("rdc"))
    few = view_of(account)["map"]["components"]
    monkeypatch.setattr("assetplan.component_layers._MANY_SITES", 10)
    many = view_of(account)["map"]["components"]
    alone = (", one body", ", owner unknown")
    assert [one["name"] for one in many] == [one["name"] for one in few if not one["name"].endswith(alone)]
    assert 0 < len(many) < len(few)
    (table,) = [table for table in page_tables(account) if table["id"] == "components"]
    assert len(table["rows"]) == len(few)


def test_a_page_for_whom_nothing_is_released_holds_no_trace_of_components(tmp_path: Path) -> None:
    """It is, to the byte, the page of a folder that releases nothing to anybody."""
    folder = _blocks(tmp_path / "blocks", 2)
    pages = [page_html(ap.map_estate(ap.read_estate(folder).for_audience(reader))) for reader in ("public", "rdc")]
    said = (folder / "estate.toml").read_text("utf-8").replace('assemblies = ["rdc"]', "assemblies = []")
    (folder / "estate.toml").write_text(said, encoding="utf-8")
    assert page_html(ap.map_estate(ap.read_estate(folder).for_audience("public"))) == pages[0]
    for page, released in zip(pages, (False, True), strict=True):
        components = PageData(page).packed["components"]
        assert bool(PageData(page).texts(components["name"])) is released
        assert bool(PageData(page).numbers(components["sites"])) is released
        assert ('data-id="components"' in page) is released

"""A user's own folium elements with text that was not wrapped: refused before folium evaluates it; plain ones are saved."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import branca.colormap
import folium
import jinja2
import pytest

import assetplan as ap
from assetplan.page.shell import page_html

SPOT = [54.137, -0.79]
EVALUATED = ("{{7*191}}", "a {% raw %} b", "{# gone", "{{ cycler.__init__.__globals__.os.mkdir(this.trap) }}")
SQUARE = [[-0.8, 54.13], [-0.79, 54.13], [-0.79, 54.14], [-0.8, 54.13]]


def geojson(text: str, name: str = "name") -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": [SQUARE]}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {name: text}, "geometry": shape}],
    }


def colours(text: str) -> Callable[[Any], dict[str, str]]:
    return lambda _feature: {"color": text}


def captioned(text: str) -> Any:
    colour_map = branca.colormap.linear.viridis.scale(0, 1)
    colour_map.caption = text
    return colour_map


# Ways of putting text on a map: name, and what puts it there.
WAYS: dict[str, Callable[[folium.Map, str], object]] = {
    "Marker popup": lambda m, t: folium.Marker(SPOT, popup=t).add_to(m),
    "Marker tooltip": lambda m, t: folium.Marker(SPOT, tooltip=t).add_to(m),
    "Popup": lambda m, t: folium.Marker(SPOT, popup=folium.Popup(t)).add_to(m),
    "lazy Popup": lambda m, t: folium.Marker(SPOT, popup=folium.Popup(t, lazy=True)).add_to(m),
    "Popup of parsed text": lambda m, t: folium.Marker(SPOT, popup=folium.Popup(t, parse_html=True)).add_to(m),
    "Popup of Html": lambda m, t: folium.Marker(SPOT, popup=folium.Popup(folium.Html(t))).add_to(m),
    "Popup of Element": lambda m, t: folium.Marker(SPOT, popup=folium.Popup(folium.Element(t))).add_to(m),
    "Circle tooltip": lambda m, t: folium.Circle(SPOT, radius=9, tooltip=folium.Tooltip(t)).add_to(m),
    "PolyLine tooltip": lambda m, t: folium.PolyLine([SPOT, [54.2, -0.8]], tooltip=t).add_to(m),
    "map popup": lambda m, t: folium.Popup(t).add_to(m),
    "Marker title": lambda m, t: folium.Marker(SPOT, title=t).add_to(m),
    "DivIcon": lambda m, t: folium.Marker(SPOT, icon=folium.DivIcon(html=t)).add_to(m),
    "GeoJson value": lambda m, t: folium.GeoJson(geojson(t)).add_to(m),
    "GeoJson name": lambda m, t: folium.GeoJson(geojson("x", t)).add_to(m),
    "GeoJson layer": lambda m, t: folium.GeoJson(geojson("x"), name=t).add_to(m),
    "GeoJson colour": lambda m, t: folium.GeoJson(geojson("x"), style_function=colours(t)).add_to(m),
    "GeoJson highlight": lambda m, t: folium.GeoJson(geojson("x"), highlight_function=colours(t)).add_to(m),
    "GeoJsonTooltip": lambda m, t: folium.GeoJson(geojson(t), tooltip=folium.GeoJsonTooltip(["name"])).add_to(m),
    "GeoJsonPopup alias": lambda m, t: folium.GeoJson(geojson("x"), popup=folium.GeoJsonPopup(["name"], aliases=[t])).add_to(m),
    "FeatureGroup": lambda m, t: folium.FeatureGroup(name=t).add_to(m),
    "in a FeatureGroup": lambda m, t: folium.Marker(SPOT, popup=t).add_to(folium.FeatureGroup(name="g").add_to(m)),
    "Circle colour": lambda m, t: folium.Circle(SPOT, radius=9, color=t).add_to(m),
    "Element on html": lambda m, t: m.get_root().html.add_child(folium.Element(t)),
    "Element on header": lambda m, t: m.get_root().header.add_child(folium.Element(t)),
    "Element on script": lambda m, t: m.get_root().script.add_child(folium.Element(f"// {t}")),
    "caption": lambda m, t: captioned(t).add_to(m),
    "script of JsCode": lambda m, t: folium.GeoJson(geojson("x"), on_each_feature=folium.JsCode(f"() => '{t}'")).add_to(m),
}  # fmt: skip
IN_LITERALS = [name for name in WAYS if ("opup" in name and "alias" not in name) or "tooltip" in name] + [
    "in a FeatureGroup"
]
RUN = ("${window.HIT=1}", "\\\\`+(window.HIT=2)+\\\\`", "a\\u zz", "\\\\${window.HIT=3}")


def fresh() -> folium.Map:
    return folium.Map(location=SPOT, tiles=None)


@pytest.mark.parametrize("way", WAYS)
def test_what_folium_would_evaluate_is_refused_before_it_does(way: str, tmp_path: Path) -> None:
    for text in EVALUATED:
        m = fresh()
        trap = tmp_path / "trap"
        try:
            WAYS[way](m, text.replace("this.trap", repr(str(trap))))
        except (ValueError, SyntaxError, AssertionError):
            continue  # folium itself will not have it
        except jinja2.TemplateError:  # an Element compiles its text at once
            continue
        with pytest.raises(ap.UnsafeTextError, match="safe_text"):
            ap.save_map(m, tmp_path / "page.html")
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("way", IN_LITERALS)
def test_what_would_run_in_a_popup_or_tooltip_is_refused(way: str) -> None:
    for text in RUN:
        m = fresh()
        WAYS[way](m, text)
        with pytest.raises(ap.UnsafeTextError):
            page_html(m)


def test_the_error_names_the_element_and_the_text() -> None:
    m = fresh()
    folium.Marker(SPOT, popup="Depot {{7*191}}\u202e").add_to(m)
    folium.FeatureGroup(name="{% x").add_to(m)
    with pytest.raises(ap.UnsafeTextError) as caught:
        page_html(m)
    assert len(caught.value.problems) == 2
    assert any("popup" in problem and "Depot {{7*191}}[U+202E]" in problem for problem in caught.value.problems)


def test_a_script_in_text_on_the_body_is_refused() -> None:
    m = fresh()
    m.get_root().html.add_child(folium.Element("<h1>Depot<ScRipt>window.HIT=1</script></h1>"))
    with pytest.raises(ap.UnsafeTextError):
        page_html(m)


@pytest.mark.parametrize("way", WAYS)
def test_wrapped_and_plain_text_is_saved(way: str) -> None:
    plain = (
        "Depot",
        "12",
        "Yorke's `Hall` \\ 50%",
        "{not} }} a template $5 {z}/{x}",
        "café 学校",
        ap.safe_text("{{7*191}}${1}`\\<script>"),
    )
    m = fresh()
    for text in plain if way != "Element on script" else plain[:2]:
        if ("tooltip" in way or way in {"Popup of Html", "Popup of Element"}) and "`" in text:
            continue  # folium escapes a backtick for `Popup(text)` alone; here it would end the literal
        try:
            WAYS[way](m, text)
        except (ValueError, AssertionError):
            continue  # folium itself will not have it
    if way == "caption":  # a scale of colours needs d3 from elsewhere
        with pytest.raises(ap.RemoteAssetError):
            page_html(m)
    else:
        assert page_html(m)


def test_a_usual_map_is_saved_and_looked_through_quickly(tmp_path: Path) -> None:
    m = ap.map_estate(ap.read_estate(Path(__file__).parents[2] / "data" / "malton"))
    folium.Marker(SPOT, popup="<b>Depot</b><br>1,200 m2 at £5/m2", tooltip="<i>Depot</i>").add_to(m)
    folium.GeoJson(geojson("Depot"), style_function=colours("#336699"), tooltip=folium.GeoJsonTooltip(["name"])).add_to(
        m
    )
    folium.CircleMarker(SPOT, radius=4, color="red", fill=True, popup=folium.Popup("A", max_width=200)).add_to(m)
    folium.Marker(SPOT, icon=folium.DivIcon(html="<b>7</b>")).add_to(folium.FeatureGroup(name="Mine").add_to(m))
    m.get_root().html.add_child(folium.Element("<h2>Mine</h2><style>.x { color: red }</style>"))
    m.get_root().script.add_child(folium.Element("const x = `${1}`;"))
    folium.LayerControl().add_to(m)
    assert ap.save_map(m, tmp_path / "page.html").stat().st_size > 100_000
    many = {"type": "FeatureCollection", "features": geojson("Depot")["features"] * 20_000}
    big = folium.Map(location=SPOT, tiles=None)
    folium.GeoJson(many, embed=True).add_to(big)
    from assetplan.page.figure import refuse_active

    begun = time.process_time()
    refuse_active(big.get_root())
    assert time.process_time() - begun < 5

"""Every place where text from data reaches the page, with every kind of hostile text: nothing runs, loads or is evaluated.

``python -m pytest tests/browser/test_sinks.py -s`` prints the table.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import pytest
import shapely
from naughty import NAUGHTY
from playwright.sync_api import expect

from assetplan.page.shell import empty_view, estate_layer, page_html
from assetplan.text import plain_cell, visible

if TYPE_CHECKING:
    from collections.abc import Callable

PATTERNS = ("diagonal", "plain", "dots")


def hostile_page(texts: tuple[str, ...], sites: int) -> str:
    """A page with one of the texts in every field a view has, whatever its type says; `sites` says how many sites."""
    n = len(texts)
    view: Any = empty_view(texts[0])
    view["stamp"], view["map_caption"] = texts[1 % n], texts[2 % n]
    view["banner"], view["summary"], view["sources"], view["attributions"] = ([*texts] for _ in range(4))
    view["dates"] = [(text, text) for text in texts]
    inside = view["map"]
    inside["organisations"] = [
        {
            "id": text,
            "name": text,
            "letter": text,
            "colour": text,
            "pattern": text if i % 2 else PATTERNS[i % 3],
            "sites": 1,
        }
        for i, text in enumerate(texts)
    ]
    shapes = np.empty(sites, dtype=object)
    shapes[:] = [
        shapely.box(-0.8 + i / 3000, 54, -0.8 + i / 3000 + 0.0002, 54.0002)
        if i % 2
        else shapely.Point(-0.8 + i / 3000, 54.001)
        for i in range(sites)
    ]
    each = [texts[i % n] for i in range(sites)]
    inside["sites"] = {
        "id": [f"{text} {i}" for i, text in enumerate(each)],
        "name": each,
        "organisation": [i % n for i in range(sites)],
        "status": each,
        "precision": each,
        "use": each,
        "area_ha": [1.0] * sites,
        "shape": shapes,
        "at": np.array([[point.y, point.x] for point in shapely.centroid(shapes)]),
        "facts": [
            {"label": text, "values": each, "sources": each, "flags": [3] * sites, "searched": True}
            for text in texts[:4]
        ],
        "notes": [(i, text) for i, text in enumerate(each)],
    }
    inside["context"] = [{"name": text, "at": [54.002, -0.8 + i / 2000], "text": text} for i, text in enumerate(texts)]
    inside["relations"] = [
        {"a": i, "b": i + 1, "kind": text, "text": text, "measure": text, "gap_m": i}
        for i, text in enumerate(texts[: sites - 1])
    ]
    inside["constraints"] = [
        {
            "name": t,
            "kind": t,
            "state": t,
            "text": t,
            "says": t,
            "source": t,
            "illustrative": True,
            "shape": shapely.box(-0.8, 54, -0.79, 54.003),
        }
        for t in texts
    ]
    inside["assemblies"] = [
        {
            "name": t,
            "ranking": "best deliverable" if i % 2 else t,
            "sites": [0, 1],
            "text": t,
            "facts": [{"label": t, "value": t}],
            "reasons": [t, t],
            "changes": [t],
            "blockers": [t],
        }
        for i, t in enumerate(texts)
    ]
    inside["components"] = [
        {"name": t, "mix": t, "sites": [0, 1], "text": t, "shape": shapely.box(-0.8, 54, -0.79, 54.002)} for t in texts
    ]
    inside["reach_m"] = 25.0
    inside["backdrop"] = [
        {"kind": t, "name": t, "shape": shapely.LineString([(-0.81, 54), (-0.78, 54.01)])} for t in texts
    ]
    inside["places"] = [{"name": t, "kind": t, "at": [54.004, -0.8]} for t in texts]
    said = [
        {"label": t, "value": t, "source": t, "illustrative": True, "unknown": bool(i % 2)}
        for i, t in enumerate(texts[:3])
    ]
    inside["services"] = [
        {"name": t, "site": i % sites, "organisation": i % n, "pin": i - i % 2, "at": [54.001, -0.8 + i / 3000],
         "desks": None if i % 3 else 7.0, "bays": bool(i % 2), "facts": said}
        for i, t in enumerate(texts)
    ]  # fmt: skip
    inside["villages"] = [
        {"name": t, "people": t, "at": [54.005, -0.8 + i / 900], "facts": said} for i, t in enumerate(texts)
    ]
    inside["minutes"] = [
        {"name": t, "times": [t, "x"], "note": t,
         "places": [{"name": t, "at": [54.006, -0.8], "before": [1.0, None], "after": [2.0, 30.0], "facts": said}]}
        for t in texts[:4]
    ]  # fmt: skip
    inside["reaches"] = [
        {"name": t, "limit_min": 5.0, "text": t, "shape": shapely.box(-0.8, 54, -0.79, 54.002)} for t in texts
    ]
    inside["bounds"] = [[53.99, -0.81], [54.01, -0.79]]
    view["tables"] = [
        {"id": texts[0][:60], "caption": t, "note": t, "columns": [t, t], "numeric": [False, True], "rows": [[t, t]] * (600 if i == 1 else 3),
         "sites": [0] * (600 if i == 1 else 3), "folded": bool(i % 2)}
        for i, t in enumerate(texts)
    ]  # fmt: skip
    view["tables"][0]["id"] = "sites"
    m = folium.Map(location=[54, -0.8], tiles=None, zoom_start=13, attributionControl=False)
    m.options["maxZoom"] = 20
    estate_layer(view).add_to(m)
    return page_html(m)


SINKS = ("title, words, sources", "key and layers", "cards", "tables", "finder", "link", "CSV", "print")


@pytest.mark.parametrize(
    ("family", "sites"), [*((family, 12) for family in NAUGHTY), *((family, 260) for family in ("markup", "style"))]
)
def test_no_sink_runs_loads_or_evaluates_anything(
    family: str, sites: int, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    texts = NAUGHTY[family]
    path = tmp_path / "page.html"
    html = hostile_page(texts, sites)
    path.write_bytes(html.encode("utf-8"))
    assert "1337" not in html
    opened = open_page(path, accept_downloads=True, reduced_motion="reduce")
    page = opened.page
    page.set_default_timeout(30_000)
    moved: list[str] = []
    page.on("framenavigated", lambda frame: moved.append(frame.url))
    page.on("popup", lambda other: moved.append(other.url))
    page.on("dialog", lambda dialog: (moved.append(dialog.message), dialog.dismiss()))
    outcome: dict[str, str] = defaultdict(lambda: "ok")

    def calm(sink: str) -> None:
        hit = page.evaluate("window.HIT !== undefined || ({}).polluted !== undefined")
        if hit or not opened.quiet() or any(not url.startswith(path.as_uri()) for url in moved):
            outcome[sink] = f"hit={hit} {opened.requests} {opened.complaints} {moved}"

    short = [text for text in texts if len(text) < 200]
    body = " ".join(page.locator("main").text_content().split())
    for text in short:
        assert " ".join(visible(text.replace("\r\n", "\n")).split()) in body, text
    calm(SINKS[0])
    for box in page.locator("fieldset input[type=checkbox]").all():
        box.uncheck()
        box.check()
    calm(SINKS[1])
    for kind in (
        "path.ap-site",
        ".ap-cover",
        "path.ap-constraint",
        "path.ap-knot",
        "path.ap-assembly",
        "path.ap-together",
        ".ap-step",
        "path.ap-diamond",
        "path.ap-pin",
        "path.ap-village",
        "path.ap-minutes",
        "path.ap-within",
    ):
        page.eval_on_selector_all(
            kind,
            """nodes => nodes.slice(0, 8).forEach((node) => {
              node.dispatchEvent(new MouseEvent('click', { bubbles: true }));
              node.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
            })""",
        )
    calm(SINKS[2])
    for folded in page.locator("main details").all():
        folded.evaluate("node => { node.open = true }")
    for button in page.locator(".ap-show").all()[:4] + page.locator(".ap-tools button:enabled").all()[:6]:
        button.dispatch_event("click")
    calm(SINKS[3])
    for text in short[:4]:
        page.get_by_role("searchbox").fill(text)
        page.keyboard.press("Enter")
    for chooser in page.locator(".ap-field select").all():
        chooser.select_option(index=1)
    page.locator(".ap-find .ap-button").dispatch_event("click")
    expect(page.locator(".ap-find .ap-said")).to_be_empty()
    calm(SINKS[4])
    for text in [*short[:3], "%", "%E0%A4%A", "<img src=x onerror=window.HIT=1>"]:
        page.evaluate("(text) => { location.hash = '#site=' + text }", text)
        page.evaluate("(text) => { location.hash = '#site=' + encodeURIComponent(text + ' 0') }", text)
    calm(SINKS[5])
    with page.expect_download() as waiting:
        page.locator("[data-id=sites] .ap-tools button").nth(1).dispatch_event("click")
    rows = list(csv.reader(io.StringIO(Path(waiting.value.path()).read_bytes().decode("utf-8-sig"), newline="")))
    assert rows[1] == [plain_cell(visible(texts[0]))] * 2
    assert all(part.isalnum() for part in waiting.value.suggested_filename.removesuffix(".csv").split("-"))
    calm(SINKS[6])
    page.emulate_media(media="print")
    page.evaluate("() => { dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint')) }")
    calm(SINKS[7])
    print(  # noqa: T201 -- the table that -s shows
        f"\n{family:26} {sites:4} sites  " + "  ".join(f"{sink}: {outcome[sink]}" for sink in SINKS)
    )
    assert [outcome[sink] for sink in SINKS] == ["ok"] * len(SINKS)

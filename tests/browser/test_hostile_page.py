"""A hostile register in the browser: nothing executes, nothing is evaluated, every character can be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import pytest
from payloads import PAYLOADS, hostile_folder

import assetplan as ap
from assetplan.text import clean, visible

if TYPE_CHECKING:
    from collections.abc import Callable


PRESSED = (
    "path.ap-constraint",
    "path.ap-knot",
    "path.ap-relation",
    "path.ap-assembly",
    "path.ap-together",
    "path.ap-diamond",
    "path.ap-pin",
    "path.ap-village",
    "path.ap-minutes",
    "path.ap-within",
    ".leaflet-marker-icon",
)
# One after another, and after each the page gets to do what it then does: in the page itself, for there are hundreds.
PRESS = """async ([kind, names, most]) => {
  const pause = () => new Promise((done) => { setTimeout(done); });
  let pressed = 0;
  for (; pressed < most; pressed += 1) {
    const node = document.querySelectorAll(kind)[pressed];
    if (!node) break;
    for (const name of names) {
      node.dispatchEvent(new MouseEvent(name, { bubbles: true, cancelable: true, composed: true }));
      await pause();
    }
  }
  return pressed;
}"""


def press_everything(page: Any) -> None:
    for box in page.locator("fieldset input[type=checkbox]").all():
        box.check()
    page.locator("details").evaluate_all("all => { for (const one of all) one.open = true; }")
    page.locator("button.ap-show").first.click()
    assert page.evaluate(PRESS, ["button.ap-show", ["click"], 10_000]) > 10
    for kind in PRESSED:
        page.evaluate(PRESS, [kind, ["mouseover", "click"], 10_000])
        # A card that lists sites leads on to theirs.
        page.evaluate(PRESS, [".ap-step", ["click"], 1])


@pytest.mark.parametrize("reader", ["public", "all"])
def test_a_hostile_estate_is_only_text(reader: str, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    estate = ap.read_estate(hostile_folder(tmp_path / "{{7*191}}<b>"))
    path = ap.save_map(
        ap.map_estate(estate if reader == "all" else estate.for_audience(reader)), tmp_path / "page.html"
    )
    assert "1337" not in path.read_text(encoding="utf-8")
    opened = open_page(path, reduced_motion="reduce")
    press_everything(opened.page)
    assert opened.quiet(), (opened.requests, opened.complaints)
    assert opened.page.evaluate("window.HIT === undefined && ({}).polluted === undefined")
    text = opened.page.locator("body").inner_text()
    assert "1337" not in text
    squeezed = " ".join(text.split())
    for payload in PAYLOADS:
        assert clean(payload) in squeezed, payload
    names = opened.page.locator("#ap-tables table").first.locator("tbody th .ap-cell").all_inner_texts()
    assert {clean(payload) for payload in PAYLOADS} <= {" ".join(name.split()) for name in names}


def test_cards_read_back_as_typed(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    estate = ap.read_estate(hostile_folder(tmp_path / "estate"))
    opened = open_page(ap.save_map(ap.map_estate(estate), tmp_path / "page.html"))
    rows = opened.page.locator("[data-id=sites] tbody button.ap-show").all()
    for row in rows:
        name = row.locator("xpath=..").locator(".ap-cell").inner_text()
        row.dispatch_event("click")
        assert " ".join(name.split()) in " ".join(
            opened.page.locator(".leaflet-popup-content").last.inner_text().split()
        )
    assert rows
    assert opened.page.evaluate("window.HIT === undefined")


def test_a_users_own_marker_wrapped_in_safe_text_is_only_text(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    estate = ap.read_estate(hostile_folder(tmp_path / "estate"))
    m = ap.map_estate(estate)
    for place, payload in enumerate(PAYLOADS):
        spot = [54.0 + place / 1000, -1.3]
        folium.Marker(spot, popup=folium.Popup(ap.safe_text(payload)), tooltip=ap.safe_text(payload)).add_to(m)
        folium.FeatureGroup(name=ap.safe_text(payload)).add_to(m)
    folium.LayerControl(collapsed=False).add_to(m)
    path = ap.save_map(m, tmp_path / "page.html")
    assert "1337" not in path.read_text(encoding="utf-8")
    opened = open_page(path)
    control = opened.page.locator(".leaflet-control-layers").inner_text()
    for payload in PAYLOADS:
        assert visible(payload).split("[")[0] in control
    markers = opened.page.locator("img.leaflet-marker-icon")
    assert markers.count() == len(PAYLOADS)
    assert opened.page.evaluate(PRESS, ["img.leaflet-marker-icon", ["mouseover", "click"], 10_000]) == len(PAYLOADS)
    assert opened.quiet(), (opened.requests, opened.complaints)
    assert opened.page.evaluate("window.HIT === undefined")


def test_what_an_unwrapped_popup_holds_cannot_leave_the_page(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """The second wall: a handler in a user's own markup is blocked by the page's policy."""
    m = ap.map_estate(ap.read_estate(hostile_folder(tmp_path / "estate")))
    folium.Marker(
        [54.0, -1.3],
        popup=folium.Popup("<img src=data:, onerror=window.HIT=1><b onmouseover=window.HIT=2>x</b>", show=True),
    ).add_to(m)
    opened = open_page(ap.save_map(m, tmp_path / "page.html"))
    opened.page.wait_for_timeout(500)
    assert opened.page.evaluate("window.HIT === undefined")
    assert not opened.requests

"""What a page may load: nothing, or tiles from the one host its maker named."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import assetplan as ap

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
# One grey pixel.
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCB9ihHCAAAAABJRU5ErkJggg==")


@pytest.fixture(scope="module")
def estate() -> ap.Estate:
    return ap.read_estate(ROOT / "data" / "malton").for_audience("public")


def test_tiles_come_from_the_host_named_and_from_no_other(estate: ap.Estate, tmp_path: Path, chromium: Any) -> None:
    m = ap.map_estate(estate, tiles="https://{s}.tiles.example/{z}/{x}/{y}.png", tiles_attribution="© <b>Example</b>")
    path = ap.save_map(m, tmp_path / "page.html")
    context = chromium.new_context()
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(status=200, content_type="image/png", body=PIXEL)

    context.route(re.compile("^https?:"), answer)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(path.as_uri())
    page.wait_for_selector(".ap-ready")
    page.wait_for_selector("img.leaflet-tile-loaded")
    assert asked
    assert all(re.fullmatch(r"https://[abc]\.tiles\.example/\d+/\d+/\d+\.png", address) for address in asked)
    assert not complaints
    # Another host is blocked by the page's policy before anything leaves.
    page.evaluate(
        "{ const image = new Image(); image.src = 'https://other.example/x.png'; document.body.append(image) }"
    )
    page.wait_for_timeout(300)
    assert not any("other.example" in address for address in asked)
    assert "© <b>Example</b>" in page.locator(".ap-attributions").inner_text()
    assert "loads map pictures from https://*.tiles.example" in page.locator("footer").inner_text()
    context.close()


@pytest.mark.parametrize(
    "address",
    [
        "http://host.example/{z}/{x}/{y}.png",
        "https://host.example/{z}/{x}.png",
        "https://host.example/{z}/{x}/{y}.png; script-src *",
        "https://host.example/{z}/{x}/{y}.png' 'unsafe-inline",
        "https://host.example/{{7*191}}/{z}/{x}/{y}.png",
        'https://host.example/{z}/{x}/{y}"+alert(1)+".png',
        "javascript:alert(1)//{z}{x}{y}",
        "//host.example/{z}/{x}/{y}.png",
    ],
)
def test_an_address_that_is_none_is_refused(estate: ap.Estate, address: str) -> None:
    with pytest.raises(ap.RemoteAssetError):
        ap.map_estate(estate, tiles=address)


def test_a_backdrop_file_is_drawn_named_and_attributed(
    estate: ap.Estate, tmp_path: Path, drawn: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    line = {"type": "LineString", "coordinates": [[-0.8, 54.13], [-0.78, 54.14]]}
    ring = {"type": "Polygon", "coordinates": [[[-0.81, 54.12], [-0.77, 54.12], [-0.77, 54.15], [-0.81, 54.12]]]}
    features = [
        {"type": "Feature", "properties": {"highway": "primary", "name": "<b>Backdrop Road</b>"}, "geometry": line},
        {"type": "Feature", "properties": {"boundary": "administrative", "name": "Parish"}, "geometry": ring},
    ]
    (tmp_path / "lines.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    m = ap.map_estate(estate, backdrop=tmp_path / "lines.geojson", backdrop_licence="© Somebody 2026")
    opened = open_page(ap.save_map(m, tmp_path / "page.html"))
    plain = open_page(drawn("public"))
    assert opened.page.locator("path.ap-road").count() == plain.page.locator("path.ap-road").count() + 1
    assert opened.page.locator(".ap-map path.ap-boundary").count() == 1
    assert "© Somebody 2026" in opened.page.locator(".ap-attributions").inner_text()
    assert "lines.geojson" in opened.page.locator(".ap-sources").inner_text()
    assert opened.quiet(), opened.complaints
    opened.page.emulate_media(media="print")
    assert "© Somebody 2026" in opened.page.locator(".ap-imprint").inner_text()


def test_a_link_opens_its_site_and_an_unknown_one_says_so(
    drawn: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(drawn("public")).page
    page.evaluate("location.hash = '#site=police%3AILLUS-06'")
    page.wait_for_selector(".ap-card-title")
    assert page.locator(".ap-card-title").inner_text() == "Malton Police Station"
    assert "Malton Police Station" in page.locator("tr.ap-current th").inner_text()
    page.evaluate("location.hash = '#site=nobody'")
    expect(page.locator(".ap-find .ap-said").first).to_contain_text("not on this page")

"""Groups of sites as a reader meets them to whom they are released: cards beside the map, one group drawn at a time; the sheet on its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from pages import AXE, PageData
from playwright.sync_api import expect

import assetplan as ap

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_card_shows_its_group_alone_and_the_rankings_stay_apart(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    opened = open_page(written("rdc"), width=360, height=800, reduced_motion="reduce")
    page = opened.page
    groups = PageData(page.content()).packed["assemblies"]
    cards = page.locator("#ap-groups .ap-group")
    assert cards.count() == sum(group["ranking"] == "best deliverable" for group in groups) > 2
    assert page.locator("path.ap-assembly").count() == 0
    for number in (2, 0):
        card = cards.nth(number)
        name = card.locator("h3").inner_text()
        card.locator(".ap-show-group").click()
        assert page.get_by_role("checkbox", name="Assemblies: best deliverable").is_checked()
        assert page.locator("path.ap-assembly").count() == 1
        shown = page.locator("path.ap-assembly.ap-deliverable")
        (group,) = [group for group in groups if group["name"] == name]
        assert shown.get_attribute("aria-label") == f"Assembly: {name}, {len(group['sites'])} sites"
        assert shown.evaluate("node => node === document.activeElement")
        label = page.locator(".ap-label-assembly:visible")
        assert label.all_inner_texts() in ([name], [])  # where it has room
        shown.press("Enter")
        popup = page.locator(".leaflet-popup .ap-card")
        assert name in popup.inner_text()
        assert "indicative, not a valuation" in popup.inner_text()
        page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Assemblies: largest connected").check()
    assert page.locator("path.ap-assembly.ap-largest").count() == 1
    assert page.locator("path.ap-assembly").count() == 2
    page.get_by_role("checkbox", name="Assemblies: best deliverable").uncheck()
    assert page.locator("path.ap-assembly.ap-deliverable").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert Axe().run(page, context={"include": [["#ap-groups"]]}, options=AXE).response["violations"] == []
    page.emulate_media(media="print")
    assert not page.locator(".ap-show-group").first.is_visible()
    assert cards.first.locator("dl").is_visible()
    assert opened.quiet(), (opened.requests, opened.complaints)


def test_a_submission_sheet_stands_by_itself(malton: ap.Estate, tmp_path: Path, open_page: Callable[..., Any]) -> None:
    estate = malton.for_audience("rdc")
    graph = ap.adjacency(ap.sites(estate), roads=estate.roads)
    path = ap.save_submission(estate, graph, ["police:ILLUS-06", "rdc:ILLUS-01"], tmp_path / "sheet.html")
    opened = open_page(path, width=360, height=800, reduced_motion="reduce")
    page = opened.page
    assert page.locator("path.ap-site").count() == 2
    assert (
        page.locator(".ap-stamp").inner_text().casefold() == "for ryedale district council only. not for publication."
    )
    told = page.locator("[data-id=submission] tbody tr").all_inner_texts()
    for asked in ("Gross area", "Net area", "Homes", "Owners", "Access", "Availability", "Commitment of owners"):
        assert any(row.startswith(asked) for row in told), asked
    page.locator("button.ap-show").first.click()
    assert page.locator(".leaflet-popup .ap-card").is_visible()
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert Axe().run(page, options=AXE).response["violations"] == []
    assert opened.quiet(), (opened.requests, opened.complaints)

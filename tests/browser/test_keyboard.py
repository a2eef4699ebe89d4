"""The page by keyboard alone: everything is reached, operated and left again, and nothing holds the focus fast."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pages import PageData, walk
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("reader", ["public", "rdc"])
def test_tab_goes_through_the_whole_page_and_out_of_it(
    reader: str, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written(reader), reduced_motion="reduce").page
    for box in page.locator("fieldset input[type=checkbox]").all():
        box.check()
    sites = [site["name"] for site in PageData(page.content()).sites]
    stops = walk(page)
    names = [stop["name"] for stop in stops]
    assert names[0] == "Skip to the content"
    for wanted in ("Skip the map", "Find by name", "Body", "Status", "Use", "Area from", "Zoom in", "Zoom out", "Measure", "Print on A4", "Print on A3",
                   "Copy table", "Download CSV", "Sites by organisation", "Constraints", "Neighbours"):  # fmt: skip
        assert any(name.startswith(wanted) for name in names), wanted
    on_map = [stop["name"] for stop in stops if "ap-site" in stop["classes"]]
    assert all(any(name.startswith(site) for name in on_map) for site in sites)
    for kind in ("ap-constraint", "ap-knot", "ap-diamond", *(["ap-assembly"] if reader == "rdc" else [])):
        assert any(kind in stop["classes"] for stop in stops), kind
    for site in sites:
        assert f"Show on map {site}" in [" ".join(name.split()) for name in names], site
    # Every stop has a name, and can be seen to have the focus.
    assert all(stop["name"] for stop in stops)
    unseen = [stop for stop in stops[1:] if stop["outline"].startswith("none") or stop["outline"].endswith(" 0px")]
    assert not unseen, unseen[:3]
    small = [
        s for s in stops if min(s["width"], s["height"]) < 24 and s["tag"] in {"button", "input", "select", "summary"}
    ]
    assert not small, small[:3]


def test_each_site_opens_by_enter_and_gives_the_focus_back(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("rdc"), reduced_motion="reduce").page
    count = page.locator("path.ap-site").count()
    opened = set()
    for index in range(count):
        path = page.locator("path.ap-site").nth(index)
        if path.get_attribute("tabindex") != "0":
            continue
        path.focus()
        name = path.get_attribute("aria-label")
        frame, spot = page.locator(".ap-map").bounding_box(), path.bounding_box()
        assert spot["x"] < frame["x"] + frame["width"], name
        assert spot["x"] + spot["width"] > frame["x"], name
        page.keyboard.press("Enter")
        title = page.locator(".ap-card-title").inner_text()
        assert name.startswith(title)
        assert page.evaluate("document.activeElement.getAttribute('role')") == "dialog"
        page.keyboard.press("Escape")
        page.wait_for_selector(".ap-card-title", state="detached")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name
        opened.add(title)
    assert opened == {site["name"] for site in PageData(page.content()).sites}


THE_MAP = "const map = Object.values(window).find((value) => value instanceof L.Map);"


def test_a_site_that_gets_the_focus_while_the_map_glides_stays_in_view(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("public")).page
    path = page.locator("path.ap-site[tabindex='0']").first
    page.evaluate(
        f"""(node) => {{ {THE_MAP}
            const spot = node.getBoundingClientRect(), frame = map.getContainer().getBoundingClientRect();
            map.panBy([spot.x - frame.x - 40, 0], {{animate: false}});
            map.panBy([400, 0]);
            node.focus(); }}""",
        path.element_handle(),
    )
    page.wait_for_timeout(600)
    frame, spot = page.locator(".ap-map").bounding_box(), path.bounding_box()
    assert frame["x"] <= spot["x"] + spot["width"]
    assert spot["x"] <= frame["x"] + frame["width"]


def test_the_map_does_not_glide_where_less_motion_is_asked_for(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    arrived = f"""() => {{ {THE_MAP} const was = map.getCenter(); map.panBy([200, 0]);
        return Math.abs(map.latLngToContainerPoint(was).x - map.getSize().x / 2 + 200) < 1; }}"""
    assert open_page(written("public"), reduced_motion="reduce").page.evaluate(arrived)
    assert not open_page(written("public"), reduced_motion="no-preference").page.evaluate(arrived)


def test_finding_choosing_and_taking_away_by_keyboard(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("public"), reduced_motion="reduce", accept_downloads=True).page
    page.get_by_label("Find by name, address, UPRN or body").focus()
    page.keyboard.type("NORTON libr")
    expect(page.locator(".ap-find .ap-said")).to_have_text(re.compile("^1 of"))
    shown = page.locator("[data-id=sites] tbody th .ap-cell").all_inner_texts()
    assert shown == ["Norton library building"]
    assert page.locator("path.ap-site").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_selector(".ap-card-title")
    assert page.locator(".ap-card-title").inner_text() == "Norton library building"
    page.locator(".ap-to-row").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "TR"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Download CSV of Sites").focus()
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename == "the-public-estate-of-malton-and-norton-june-2010-sites.csv"
    text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[0] for row in rows] == ["Site", "Norton library building"]
    page.get_by_role("button", name="Show all").focus()
    page.keyboard.press("Enter")
    assert page.locator("[data-id=sites] tbody tr").count() == len(PageData(page.content()).sites)
    page.locator(".ap-field select").first.focus()
    page.keyboard.type("Ryedale")
    expect(page.locator(".ap-find .ap-said")).to_have_text(re.compile("^5 of"))
    page.get_by_role("button", name="Copy table of Sites").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-id=sites] .ap-said")).to_have_text(re.compile("^Copied 5"))


def test_measuring_and_printing_by_keyboard(written: Callable[[str], Path], open_page: Callable[..., Any]) -> None:
    page = open_page(written("public"), reduced_motion="reduce").page
    page.evaluate("() => { window.printed = 0; window.print = () => { window.printed++ } }")
    page.get_by_role("button", name="Measure").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.classList.contains('ap-map')")
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".ap-measured")).to_have_text(re.compile("^about"))
    page.keyboard.press("Backspace")
    assert not page.locator(".ap-measured").inner_text().startswith("about")
    page.keyboard.press("Escape")
    assert page.locator(".ap-measured").count() == 0
    assert page.evaluate("document.activeElement.textContent") == "Measure"
    for size in ("A4", "A3"):
        page.get_by_role("button", name=f"Print on {size}").focus()
        page.keyboard.press("Enter")
        style = page.evaluate("[...document.querySelectorAll('style')].map((s) => s.textContent).join(' ')")
        assert f"size: {size} landscape" in style
        page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("window.printed") == 2


def test_tables_scroll_by_arrows_until_the_last_column_is_seen(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("public"), width=700).page
    region = page.locator("[data-id=sites] .ap-scroll")
    region.focus()
    last = page.locator("[data-id=sites] thead th").last
    for _ in range(120):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    box, frame = last.bounding_box(), region.bounding_box()
    assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 2


def test_a_crowd_is_entered_ring_by_ring_until_single_sites_open(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("crowd"), reduced_motion="reduce").page
    for _ in range(12):
        rings = page.locator(".ap-cover[aria-label*='close together']")
        if not rings.count():
            break
        rings.first.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(150)
    single = page.locator(".ap-cover:not([aria-label*='close together'])").first
    single.focus()
    name = single.get_attribute("aria-label")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ap-card-title")
    assert name.startswith(page.locator(".ap-card-title").inner_text())
    page.keyboard.press("Escape")
    page.wait_for_selector(".ap-card-title", state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name
    page.get_by_label("Find by name, address, UPRN or body").focus()
    page.keyboard.type("number 633")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ap-card-title")
    assert page.locator(".ap-card-title").inner_text() == "Building number 633"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show all").press("Enter")
    later = page.get_by_role("button", name="Next rows of Sites")
    while not later.is_disabled():
        later.focus()
        page.keyboard.press("Enter")
    assert "Rows 601 to 640 of 640" in page.locator("[data-id=sites] .ap-where").inner_text()

"""The page by keyboard alone: everything is reached, operated and left again, and nothing holds the focus fast."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pages import PageData, walk
from playwright.sync_api import expect

import assetplan as ap

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
    for kind in (
        "ap-constraint",
        "ap-knot",
        "ap-diamond",
        "ap-pin",
        "ap-village",
        "ap-minutes",
        "ap-within",
        *(["ap-assembly", "ap-together"] if reader == "rdc" else []),
    ):
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


def step_on(page: Any) -> str:
    """From a card to the first neighbour it lists, by keys alone; the name of that site."""
    while not re.search("neighbours?$", page.evaluate("document.activeElement.textContent")):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    name = str(page.evaluate("document.activeElement.querySelector('.ap-step-name').textContent"))
    page.keyboard.press("Enter")
    return name


def test_one_walks_from_site_to_neighbour_and_back_by_keyboard(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    opened = open_page(written("rdc"), reduced_motion="reduce")
    page = opened.page
    page.locator("path.ap-site[aria-label^='Playing fields']").focus()
    page.keyboard.press("Enter")
    assert page.locator(".ap-walk").inner_text() == "4 neighbours"
    assert page.locator(".ap-around p").all_inner_texts() == ["Across a road (4)"]
    assert "16 m across Old Malton Road" in page.locator(".ap-step").first.inner_text()
    passed = ["Playing fields opposite"]
    for _ in range(3):
        name = step_on(page)
        assert page.locator(".ap-card-title").inner_text() == name
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name
        assert page.get_by_role("button", name=f"Back to {passed[-1]}").count() == 1
        passed.append(name)
    assert page.locator(".leaflet-popup").count() == 1
    for name in (passed[2], passed[1]):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == f"Back to {name}"
        page.keyboard.press("Enter")
        assert page.locator(".ap-card-title").inner_text() == name
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(f"{passed[1]}, ")
    assert page.locator("path.ap-site:focus").count() == 1
    assert opened.quiet(), opened.complaints


def test_one_walks_through_a_crowd_too(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    register = tmp_path / "row.csv"
    rows = [f"{i},Hall {i},Vale Council,{450003 + 15 * i},450007" for i in range(260)]
    register.write_text("\n".join(["Ref,Name,Organisation,Easting,Northing", *rows]), encoding="utf-8")
    path = ap.save_map(ap.map_estate(ap.read_estate(register).for_audience("public")), tmp_path / "row.html")
    page = open_page(path, reduced_motion="reduce").page
    page.get_by_label("Find by name, address, UPRN or body").fill("Hall 0")
    page.keyboard.press("Enter")
    for number in (1, 0, 1):
        assert step_on(page) == f"Hall {number}"
        frame, card = page.locator(".ap-map").bounding_box(), page.locator(".leaflet-popup").bounding_box()
        assert frame["x"] <= card["x"]
        assert frame["y"] <= card["y"]
    # The finder had left only one site on the map; the walk let the others be seen again.
    assert page.locator(".ap-find .ap-said").inner_text() == ""
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Hall 1, ")


def test_kinds_of_neighbours_are_switched_one_by_one(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("rdc"), reduced_motion="reduce").page
    whole = page.get_by_label("Neighbours", exact=True)
    drawn = ".map((e) => /ap-is-([a-z]+)/.exec(e.getAttribute('class'))[1])"

    def kinds() -> Counter[str]:
        return Counter(page.evaluate(f"[...document.querySelectorAll('path.ap-relation')]{drawn}"))

    def distances() -> set[str]:
        shown = "labels => labels.filter((one) => one.style.display !== 'none').map((one) => one.textContent)"
        return set(page.locator(".ap-label-relation").evaluate_all(shown))

    page.evaluate("() => { " + THE_MAP + " map.setZoom(17, {animate: false}); }")
    page.get_by_label("Neighbours: across a road (5)").focus()
    page.keyboard.press("Space")
    assert kinds() == {"opposite": 5}
    assert whole.evaluate("e => [e.checked, e.indeterminate]") == [False, True]
    assert set() < distances() <= {"15 m", "16 m", "17 m"}
    whole.focus()
    page.keyboard.press("Space")
    assert kinds() == {"touching": 5, "opposite": 5, "near": 3}
    assert whole.evaluate("e => [e.checked, e.indeterminate]") == [True, False]
    page.get_by_label("Neighbours: across a road (5)").focus()
    page.keyboard.press("Space")
    assert kinds() == {"touching": 5, "near": 3}
    assert set() < distances() <= {"5 m", "15 m", "20 m"}
    # Both ends of a pair can be gone to from its card.
    page.locator("path.ap-knot").first.focus()
    page.keyboard.press("Enter")
    pair = page.locator(".ap-card-title").inner_text()
    assert " and ".join(page.locator(".ap-step-name").all_inner_texts()) == pair
    page.keyboard.press("Escape")
    whole.uncheck()
    whole.check()
    whole.uncheck()
    assert page.locator("path.ap-relation").count() == 0


def test_the_card_of_a_component_leads_to_its_sites(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("rdc"), reduced_motion="reduce").page
    page.get_by_label("Sites that hang together: three bodies or more (1)").check()
    outline = page.locator("path.ap-together")
    assert outline.get_attribute("aria-label") == "Sites that hang together: 6 sites, four bodies"
    assert "ap-mix-more" in outline.get_attribute("class")
    outline.focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog", name="6 sites, four bodies")
    assert "Without any one of these it falls apart: Malton ambulance station" in card.inner_text()
    assert card.locator(".ap-step").count() == 6
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".ap-card-title").inner_text() == "Malton ambulance station"
    page.get_by_label("Sites that hang together", exact=True).check()
    assert outline.count() == 3


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

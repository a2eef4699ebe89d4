"""Scenarios and appraisals as a reader meets them to whom they are released: the year slider by keyboard, on a telephone, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import AXE, PageData
from small import closing, hub, small_estate

import assetplan as ap

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE = "S5 =1+1 </script><img src=x onerror=window.HIT=1> {{7*7}} ${window.HIT=2} __proto__"


@pytest.fixture(scope="module")
def appraised(drawn: Callable[[str], Path]) -> Path:
    """The district council's page of Malton's scenarios."""
    return drawn("scenarios")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of a small estate with two scenarios, one of a hostile name."""
    folder = tmp_path_factory.mktemp("hostile")
    estate = small_estate(folder)
    asked = [hub(), closing().renamed(HOSTILE)]
    return ap.save_map(ap.map_estate(estate, appraisals=ap.appraise_scenarios(estate, asked)), folder / "page.html")


def test_the_years_are_walked_by_keyboard_on_a_telephone(appraised: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(appraised, width=360, height=800, reduced_motion="reduce")
    page = opened.page
    shown = PageData(page.content()).packed["years"]
    said, slider = page.locator("#ap-years [role=status]"), page.get_by_role("slider", name="Year")
    picker = page.get_by_role("combobox", name="Scenario on the map")
    assert picker.locator("option").all_inner_texts() == [one["name"] for one in shown]
    number = next(k for k, one in enumerate(shown) if one["name"] == "S2 Town front door")
    picker.select_option(label="S2 Town front door")
    first, last = shown[number]["first"], shown[number]["last"]
    assert said.inner_text().startswith("2013/14, after all of it: ")
    assert slider.get_attribute("aria-valuetext") == "2013/14, after all of it"

    slider.focus()
    page.keyboard.press("Home")
    assert said.inner_text() == "Before: services are where they are today."
    assert page.locator(".leaflet-pane path.ap-year-flow").count() == 0
    assert page.get_by_role("button", name="Before the scenario").get_attribute("aria-pressed") == "true"
    seen = {}
    for year in range(first, last + 1):
        page.keyboard.press("ArrowRight")
        seen[year] = (
            page.locator(".leaflet-pane path.ap-year-flow:not(.ap-year-past)").count(),
            page.locator(".leaflet-pane path.ap-year-pin").count(),
        )
        assert page.locator(".ap-year-shown").inner_text() == f"{year}/{(year + 1) % 100}"
    moving = {year for year in seen if any(move["year"] == year for move in shown[number]["moves"])}
    assert {year for year, (arrows, _) in seen.items() if arrows} == moving == {2012}
    assert all(pins == 3 for _, pins in seen.values())
    for year in (2011, 2012, 2013):
        told = " ".join(text for when, text in shown[number]["says"] if when == year)
        page.get_by_role("button", name="Before the scenario").click()
        for _ in range(year - first + 1):
            page.get_by_role("button", name="Later year").click()
        assert told in said.inner_text()
    page.get_by_role("button", name="Later year").dispatch_event("click")  # there is no later one
    assert said.inner_text().startswith("2013/14")

    assert page.locator(".leaflet-pane path.ap-year-past").count() > 0
    assert page.locator(".leaflet-pane path.ap-year-gone").count() == 1
    pin = page.locator(".leaflet-pane path.ap-year-pin").first
    pin.focus()
    page.keyboard.press("Enter")
    assert "in this scenario." in page.locator(".leaflet-popup-content").inner_text()

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    small = page.evaluate(
        "[...document.querySelectorAll('#ap-years button, #ap-years select, #ap-years input')]"
        ".map(node => node.getBoundingClientRect()).filter(box => box.width < 24 || box.height < 24).length"
    )
    assert small == 0
    assert opened.quiet(), (opened.requests, opened.complaints)


def test_the_layer_can_be_put_out_and_a_card_puts_it_on(hostile: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(hostile, reduced_motion="reduce")
    page = opened.page
    layer = page.get_by_role("checkbox", name="Scenario, year by year")
    assert layer.is_checked()
    layer.uncheck()
    shapes = ".leaflet-pane path.ap-year, .leaflet-pane path.ap-year-pin, .leaflet-pane path.ap-year-flow"
    assert page.locator(shapes).count() == 0
    assert "Not on the map" in page.locator("#ap-years [role=status]").inner_text()
    names = page.locator(".ap-scenario h3").all_inner_texts()
    page.locator(".ap-show-scenario").nth(names.index(HOSTILE)).click()
    assert layer.is_checked()
    assert page.locator(".leaflet-pane path.ap-year-pin").count() > 0
    assert page.evaluate("window.HIT === undefined && ({}).polluted === undefined")
    assert page.locator("#ap-years select option:checked").inner_text() == HOSTILE
    assert opened.quiet(), (opened.requests, opened.complaints)


UNFOLD = "for (const one of document.querySelectorAll('#ap-appraisal details')) one.open = true"


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_what_is_appraised_is_accessible(hostile: Path, open_page: Callable[..., Any], width: int, scheme: str) -> None:
    opened = open_page(hostile, width=width, height=900, color_scheme=scheme)
    page = opened.page
    page.evaluate(UNFOLD)
    found = Axe().run(page, context={"include": [["#ap-appraisal"], ["#ap-years"]]}, options=AXE).response["violations"]
    assert found == []


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_of_charts_and_tables_is_cut(appraised: Path, open_page: Callable[..., Any], width: int) -> None:
    """With all of it unfolded: no text of a chart beyond its drawing, and the tables that compare as wide as the page at most."""
    page = open_page(appraised, width=width).page
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    cut = page.evaluate(
        "[...document.querySelectorAll('svg.ap-drawing')].flatMap(svg => { const frame = svg.getBoundingClientRect();"
        " return [...svg.querySelectorAll('text')].filter(node => { const box = node.getBoundingClientRect();"
        " return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1; })"
        ".map(node => node.textContent); })"
    )
    assert cut == []
    assert page.locator("svg.ap-drawing").count() > 30
    scrolled = page.evaluate(
        "[...document.querySelectorAll('#ap-appraisal > .ap-table-block:not([data-id=stresses]) .ap-scroll')]"
        ".filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.getAttribute('aria-label'))"
    )
    assert scrolled == []


def test_paper_shows_the_last_year_with_its_key(appraised: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(appraised, reduced_motion="reduce")
    page = opened.page
    page.get_by_role("button", name="Before the scenario").click()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert not page.locator("#ap-years").is_visible()
    key = page.locator(".ap-key-passing:not([hidden])", has_text="Scenario, year by year")
    assert key.is_visible()
    assert "after all of it" in key.inner_text()
    assert page.locator(".leaflet-pane path.ap-year").count() > 0
    assert page.locator("#ap-appraisal details:not([open])").count() == 0
    seen = page.evaluate(
        "[...document.querySelectorAll('#ap-appraisal .ap-figure')].filter(one => one.checkVisibility()).length"
    )
    assert 0 < seen < page.locator("#ap-appraisal .ap-figure").count() / 2, "on paper are the charts of the first few"
    assert not page.locator('[data-id="deliverability"]').is_visible()
    assert page.locator('[data-id="comparison"]').is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator(".ap-year-shown").inner_text() == "Before"
    assert opened.quiet(), (opened.requests, opened.complaints)


def test_without_a_script_all_is_told_in_words_and_tables(appraised: Path, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(appraised.resolve().as_uri())
    assert page.locator("#ap-years").inner_text() == ""
    assert page.locator('[data-id="scenario-years"] tbody tr').count() > 3
    assert page.locator("#ap-appraisal svg.ap-drawing").count() > 8
    assert page.locator('[data-id="comparison"] tbody tr').count() == 8
    context.close()

"""Services, people, minutes and ground within reach on the page: by keyboard, on paper, in dark and forced colours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pages import PageData
from playwright.sync_api import expect

import assetplan as ap

if TYPE_CHECKING:
    from collections.abc import Callable

FIRE = "Fire minutes by village"
LAYERS = ("Services", "People (demand points)", FIRE, "Within 5, 10, 15 minutes of a library, by car")
FOCUS = "document.activeElement.getAttribute('aria-label')"
# Boxes of marks that are drawn, as they stand on the screen.
BOXES = """(kind) => [...document.querySelectorAll(kind)].map((node) => {
  const box = node.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom];
})"""


def meeting(boxes: list[list[float]], allow: float = 1.0) -> int:
    """How many pairs of boxes cover one another."""
    return sum(
        a[0] + allow < b[2] and b[0] + allow < a[2] and a[1] + allow < b[3] and b[1] + allow < a[3]
        for k, a in enumerate(boxes)
        for b in boxes[k + 1 :]
    )


def test_the_layers_are_off_until_asked_for_and_their_key_comes_and_goes(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("public"), reduced_motion="reduce").page
    for name in LAYERS:
        box = page.get_by_label(name, exact=True)
        assert not box.is_checked(), name
        assert page.locator(".ap-key-passing").filter(visible=True).count() == 0
        box.check()
        assert page.locator(".ap-key-passing").filter(visible=True).count() == 1, name
        box.uncheck()
    assert page.locator("path.ap-pin, path.ap-village, path.ap-minutes, path.ap-within").count() == 0


def test_each_pin_opens_by_enter_tells_its_service_and_gives_the_focus_back(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    opened = open_page(written("rdc"), reduced_motion="reduce")
    page = opened.page
    page.get_by_label("Services", exact=True).check()
    services = PageData(page.content()).services
    pins = [service for i, service in enumerate(services) if service["pin"] == i]
    assert page.locator("path.ap-pin").count() == len(pins) > 10
    told = set()
    for index in range(len(pins)):
        pin = page.locator("path.ap-pin").nth(index)
        pin.focus()
        name = pin.get_attribute("aria-label")
        page.keyboard.press("Enter")
        title = page.locator(".ap-card-title").inner_text()
        text = page.locator(".leaflet-popup-content").inner_text()
        service = next(one for one in pins if one["name"] == title)
        assert name.startswith(f"Service: {title}, ")
        assert ("desks not known" in name) is (service["desks"] < 0)
        assert all(fact["label"] in text and fact["value"] in text for fact in service["facts"]), title
        assert page.evaluate("document.activeElement.getAttribute('role')") == "dialog"
        page.keyboard.press("Escape")
        page.wait_for_selector(".ap-card-title", state="detached")
        assert page.evaluate(FOCUS) == name
        told.add(title)
    assert told == {service["name"] for service in pins}
    assert opened.quiet(), opened.complaints


def test_one_goes_from_a_site_to_its_services_their_parts_and_back(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    opened = open_page(written("rdc"), reduced_motion="reduce")
    page = opened.page
    page.locator("path.ap-site[aria-label^='Ryedale House']").first.focus()
    page.keyboard.press("Enter")
    assert "Services (1)" in page.locator(".leaflet-popup-content h4").all_inner_texts()
    page.get_by_role("button", name="Council headquarters 87 desks").focus()
    page.keyboard.press("Enter")
    assert page.get_by_label("Services", exact=True).is_checked()
    assert page.locator(".ap-card-title").inner_text() == "Council headquarters"
    page.get_by_role("button", name="Council front desk 2 desks").press("Enter")
    assert page.locator(".ap-card-title").inner_text() == "Council front desk"
    page.get_by_role("button", name="Part of Council headquarters").press("Enter")
    assert page.locator(".ap-card-title").inner_text() == "Council headquarters"
    page.get_by_role("button", name="At Ryedale House").press("Enter")
    assert page.locator(".ap-card-title").inner_text().startswith("Ryedale House")
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    assert page.evaluate(FOCUS).startswith("Ryedale House")
    # Sites that are not chosen take their pins with them.
    page.get_by_label("Find by name, address, UPRN or body").fill("Malton Library")
    expect(page.locator("path.ap-pin")).to_have_count(1)
    assert page.locator("path.ap-pin").get_attribute("aria-label").startswith("Service: Malton Library, ")
    assert opened.quiet(), opened.complaints


@pytest.mark.parametrize("width", [1280, 360])
def test_marks_cover_neither_one_another_nor_their_numbers(
    width: int, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("rdc"), width=width, reduced_motion="reduce").page
    page.get_by_label("Services", exact=True).check()
    assert meeting(page.evaluate(BOXES, "path.ap-pin")) == 0
    page.get_by_label(FIRE, exact=True).check()
    page.get_by_role("button", name=f"Show all places of {FIRE}").click()
    marks = page.evaluate(BOXES, "path.ap-pin, path.ap-minutes")
    if width == 1280:
        assert meeting(marks) == 0
        # Every number can be read: it stands in its own mark.
        numbers = page.locator(".ap-label-minutes").filter(visible=True)
        assert numbers.count() == page.locator("path.ap-minutes").count() == 48
    drawn = page.evaluate(BOXES, ".ap-label-minutes, .ap-label-pin, .ap-label-village, .ap-label-site")
    assert meeting([box for box in drawn if box[2] > box[0]]) == 0


@pytest.mark.parametrize("reader", ["public", "rdc"])
def test_minutes_are_told_as_they_are_drawn(
    reader: str, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written(reader), reduced_motion="reduce").page
    page.get_by_label(FIRE, exact=True).check()
    rows = page.locator("[data-id=minutes-1] tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
    )
    names = page.locator("path.ap-minutes").evaluate_all(
        "marks => marks.map((mark) => mark.getAttribute('aria-label'))"
    )
    for place, day, night, *_ in rows:
        for time, told in (("by day", day), ("by night", night)):
            (name,) = [name for name in names if name.startswith(f"{FIRE}, {place}, {time}: ")]
            if told == "unknown":
                assert name.endswith("minutes not known")
            else:
                assert abs(int(name.split(": ")[1].split()[0]) - float(told)) <= 0.75
    assert any("unknown" in row for row in rows) is (reader == "public")
    # By day alone: half the marks, and the names of the villages stay.
    page.get_by_label(f"{FIRE}: by night", exact=False).uncheck()
    assert page.locator("path.ap-minutes").count() == len(rows)
    assert page.locator(".ap-label-village").filter(visible=True).count() > 3


def test_on_paper_the_map_holds_all_places_and_the_key_of_what_is_shown(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("public"), reduced_motion="reduce").page
    page.get_by_label(FIRE, exact=True).check()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    frame = page.locator(".ap-map").bounding_box()
    boxes = page.evaluate(BOXES, "path.ap-minutes")
    assert len(boxes) == 48
    assert all(frame["x"] <= (box[0] + box[2]) / 2 <= frame["x"] + frame["width"] for box in boxes)
    assert all(frame["y"] <= (box[1] + box[3]) / 2 <= frame["y"] + frame["height"] for box in boxes)
    part = page.locator(".ap-key-passing").filter(visible=True)
    assert part.count() == 1
    assert "minutes not known" in part.inner_text()
    assert part.locator("button").filter(visible=True).count() == 0
    assert page.locator("[data-id=services] tbody tr").first.is_visible()
    # Map, key and imprint stand on the first sheet.
    section = page.locator(".ap-map-section").bounding_box()
    assert section["y"] + section["height"] < 720


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"forced_colors": "active"}], ids=["dark", "forced"])
def test_numbers_stand_out_from_their_marks_in_other_colours(
    look: dict[str, str], written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("rdc"), reduced_motion="reduce", **look).page
    page.get_by_label(FIRE, exact=True).check()
    colours = page.evaluate("""() => [0, 1].map((time) => [
        getComputedStyle(document.querySelector(`path.ap-minutes.ap-time-${time}`)).fill,
        getComputedStyle(document.querySelector(`.ap-label-minutes.ap-time-${time}`)).color])""")
    light = [
        [sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3]) / 3 for colour in pair]
        for pair in colours
    ]
    assert all(abs(fill - text) > 120 for fill, text in light)
    assert (light[0][0] > light[0][1]) != (light[1][0] > light[1][1])


def test_many_services_are_told_to_need_a_closer_look(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    folder = tmp_path / "estate"
    (folder / "registers").mkdir(parents=True)
    (folder / "estate.toml").write_text('name = "Vale"\n[organisations.v]\nname = "Vale Council"\n', encoding="utf-8")
    sites = [f"{i},Hall {i},Vale Council,{450000 + 200 * (i % 25)},{450000 + 200 * (i // 25)}" for i in range(400)]
    (folder / "registers" / "v.csv").write_text(
        "\n".join(["Ref,Name,Organisation,Easting,Northing", *sites]), encoding="utf-8"
    )
    rows = [f"s{i},v,Desk {i},desk,v:{i},1,{i % 9},us" for i in range(400)]
    (folder / "services.csv").write_text(
        "\n".join(["service_id,organisation,name,function,asset_id,fte,peak_desks,source", *rows]), encoding="utf-8"
    )
    opened = open_page(
        ap.save_map(ap.map_estate(ap.read_estate(folder)), tmp_path / "page.html"), reduced_motion="reduce"
    )
    page = opened.page
    page.get_by_label("Services", exact=True).check()
    assert "Zoom in to see services" in page.locator(".ap-hint").inner_text()
    assert page.locator("path.ap-pin").count() == 0
    page.locator("[data-id=services]").evaluate("block => { block.querySelector('details').open = true }")
    page.locator("[data-id=services] button.ap-show").first.click()
    assert page.locator(".ap-hint").count() == 0
    assert 0 < page.locator("path.ap-pin").count() < 300
    page.locator(".leaflet-popup").get_by_role("button", name="Desk 0 0 desks").press("Enter")
    assert page.locator(".ap-card-title").inner_text() == "Desk 0"
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    assert page.evaluate(FOCUS).startswith("Service: Desk 0, ")
    assert opened.quiet(), opened.complaints

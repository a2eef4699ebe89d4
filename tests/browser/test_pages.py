"""Each kind of page as a reader meets it: offline, complete, by mouse, by keyboard, at the width of a telephone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import AXE, PageData

import assetplan as ap

if TYPE_CHECKING:
    from collections.abc import Callable

READERS = ("public", "rdc", "all")
PAGES = (*READERS, *(pytest.param(name, marks=pytest.mark.realdata) for name in ("cheltenham", "fire", "stations")))
CHELTENHAM = pytest.param("cheltenham", 1280, marks=pytest.mark.realdata)  # axe takes minutes over larger pages

# What must be drawn when a layer is on: one element at least for each.
DRAWN = {
    "Sites by organisation": "path.ap-site, canvas.ap-crowd",
    "Names of sites": ".ap-label",
    "Backdrop": "path.ap-road, path.ap-graticule",
    "Development limits": "path.ap-limits",
    "Constraints": "path.ap-constraint",
    "Neighbours": "path.ap-relation, .ap-hint",
    "Assemblies": "path.ap-assembly",
    "Sites that hang together": "path.ap-together",
    "Services": "path.ap-pin",
    "People (demand points)": "path.ap-village",
    "Fire minutes by village": "path.ap-minutes",
    "Within 5, 10, 15 minutes of a library, by car": "path.ap-within",
    "Places not known to be public estate": "path.ap-diamond",
}
RELEASED = {"Assemblies", "Sites that hang together"}


def sites_of(page: Any) -> list[dict[str, Any]]:
    return PageData(page.content()).sites


def switch_all_on(page: Any) -> None:
    for box in page.locator("fieldset input[type=checkbox]").all():
        box.check()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_requested_and_nothing_complained_of(
    name: str, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    opened = open_page(written(name))
    switch_all_on(opened.page)
    opened.page.locator("button.ap-show").first.click()
    assert opened.quiet(), (opened.requests, opened.complaints)
    assert opened.page.locator("html").get_attribute("lang") == "en-GB"
    assert opened.page.title()


@pytest.mark.parametrize("name", PAGES)
def test_every_layer_is_there_and_can_be_switched(
    name: str, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written(name)).page
    names = [
        box.evaluate("e => e.labels[0].textContent.trim()")
        for box in page.locator("fieldset input[type=checkbox]").all()
    ]
    kinds = [layer.split(":")[0] for layer in names]
    wanted = {"Sites by organisation", "Status outline", "Names of sites", "Backdrop"}
    if name in READERS:
        wanted |= set(DRAWN) - (RELEASED if name == "public" else set())
    assert wanted <= set(kinds)
    assert RELEASED & set(kinds) == (RELEASED if name in {"rdc", "all"} else set())
    switch_all_on(page)
    for layer, kind in zip(names, kinds, strict=True):
        if kind not in DRAWN:
            continue
        assert page.locator(DRAWN[kind]).count() > 0, layer
        box = page.get_by_label(layer, exact=True)
        before = page.locator(DRAWN[kind]).count()
        box.uncheck()
        assert page.locator(DRAWN[kind]).filter(visible=True).count() < before, layer
        box.check()


@pytest.mark.parametrize("name", ["public", "rdc", "all"])
def test_every_popup_opens_with_its_facts(
    name: str, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    opened = open_page(written(name))
    sites = sites_of(opened.page)
    buttons = opened.page.locator("button.ap-show")
    assert buttons.count() >= len(sites)
    for index, site in enumerate(sites):
        opened.page.locator(f"button.ap-show[data-site='{index}']").first.click()
        card = opened.page.locator(".leaflet-popup-content").last
        text = card.inner_text()
        assert site["name"] in text
        for fact in site["facts"]:
            assert fact["label"] in text
            assert fact["value"] in text
        if any(fact["unknown"] for fact in site["facts"]):
            assert "unknown" in text or "not searched" in text
    assert opened.quiet(), opened.complaints


@pytest.mark.parametrize("name", PAGES)
def test_the_table_holds_every_site(name: str, written: Callable[[str], Path], open_page: Callable[..., Any]) -> None:
    page = open_page(written(name)).page
    names = {site["name"] for site in sites_of(page)}
    table = page.locator("#ap-tables table").first
    cells: set[str] = set()
    later = page.get_by_role("button", name="Next rows of Sites")
    while True:
        cells |= set(table.locator("tbody th .ap-cell").all_inner_texts())
        if not later.count() or later.is_disabled():
            break
        later.click()
    assert names <= cells


# The keeper's page holds all that the district council's does.
@pytest.mark.parametrize(
    ("name", "width"), [*((name, width) for name in ("public", "all") for width in (1280, 360)), CHELTENHAM]
)
def test_axe_finds_nothing(
    name: str, width: int, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written(name), width=width, reduced_motion="reduce").page
    if name in READERS:
        switch_all_on(page)
    for folded in page.locator("details").all()[:8]:
        folded.evaluate("e => { e.open = true }")
    if width == 1280:
        page.locator("button.ap-show").first.click()
        # Contrast is that of the card as it stands, not while it fades in.
        page.wait_for_function("getComputedStyle(document.querySelector('.leaflet-popup')).opacity === '1'")
    found = Axe().run(page, options=AXE)
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found.response["violations"]] == []


@pytest.mark.parametrize("name", ["public", "rdc", PAGES[3]])
def test_the_page_never_scrolls_sideways_on_a_telephone(
    name: str, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written(name), width=360, height=740).page
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("name", PAGES)
def test_the_map_opens_on_its_sites(name: str, written: Callable[[str], Path], open_page: Callable[..., Any]) -> None:
    """At least 95% of the located sites lie inside the map as it opens, which takes more than a look at its bounds."""
    page = open_page(written(name)).page
    sites = sites_of(page)
    inside = _inside(page, sites)
    assert inside >= 0.95 * len(sites)


def _inside(page: Any, sites: list[dict[str, Any]]) -> int:
    """Sites whose mark lies within the map's frame, by where the marks are drawn; a ring stands for as many sites as it says."""
    frame = page.locator(".leaflet-container").bounding_box()
    page.get_by_label("Names of sites", exact=True).uncheck()
    marks = page.eval_on_selector_all(
        "path.ap-site, .ap-cover",
        """marks => marks.map((mark) => {
          const box = mark.getBoundingClientRect();
          const many = /^([0-9]+) sites close together/.exec(mark.getAttribute("aria-label"));
          return [box.x + box.width / 2, box.y + box.height / 2, many ? Number(many[1]) : 1];
        })""",
    )
    scroll = page.evaluate("[scrollX, scrollY]")
    left, top = frame["x"] - scroll[0], frame["y"] - scroll[1]
    return sum(n for x, y, n in marks if left <= x <= left + frame["width"] and top <= y <= top + frame["height"])


def test_sites_are_reached_and_left_by_keyboard(written: Callable[[str], Path], open_page: Callable[..., Any]) -> None:
    page = open_page(written("public")).page
    sites = len(sites_of(page))
    reached: set[str] = set()
    page.locator(".leaflet-container").focus()
    for _ in range(4 * sites):
        page.keyboard.press("Tab")
        label = page.evaluate(
            "document.activeElement.closest('path.ap-site') && document.activeElement.getAttribute('aria-label')"
        )
        if label:
            reached.add(label)
    assert len(reached) >= sites
    page.locator("path.ap-site").nth(3).focus()
    wanted = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup")
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == wanted


def test_print_opens_every_table_and_keeps_the_stamp(
    written: Callable[[str], Path], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    page = open_page(written("rdc")).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("main details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#ap-tables details[open]").count() == 0
    page.pdf(path=str(tmp_path / "page.pdf"), format="A4", landscape=True)
    assert (tmp_path / "page.pdf").stat().st_size > 50_000


def test_a_large_estate_is_printed_as_shapes_over_its_backdrop(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    """A canvas goes to paper without transparency and covers what lies under it."""
    opened = open_page(written("crowd"), color_scheme="dark")
    page = opened.page
    rings = "[...document.querySelectorAll('.ap-cover')].filter(e => /sites close together/.test(e.ariaLabel)).length"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("canvas.ap-crowd").is_visible()
    numbers = page.locator("svg.ap-sheet text")
    assert numbers.count() >= page.evaluate(rings) > 3
    assert sum(int(text.replace(",", "")) for text in numbers.all_text_contents()) > 600
    assert page.locator("path.ap-graticule").count() > 3
    page.emulate_media(media="print", color_scheme="dark")
    # Paper is white whatever the screen was, and so are the inks on it.
    assert numbers.first.evaluate("e => getComputedStyle(e).fill") == "rgb(17, 17, 17)"
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("svg.ap-sheet").count() == 0
    assert page.locator("canvas.ap-crowd").is_visible()
    assert opened.quiet(), opened.complaints


def _many_owners(folder: Path) -> Path:
    path = folder / "owners.csv"
    rows = [
        f"R{i},Building {i},Body {i % 60:02d} Parish Council,hall,{450000 + 97 * i % 7919},{450000 + 61 * i % 7907}"
        for i in range(180)
    ]
    path.write_text("\n".join(["Ref,Name,Organisation,Use,Easting,Northing", *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["public", "rdc", "all", "owners"])
def test_title_map_and_key_share_the_first_sheet(
    name: str, written: Callable[[str], Path], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    if name == "owners":
        estate = ap.read_estate(_many_owners(tmp_path)).for_audience("public")
        path = ap.save_map(ap.map_estate(estate), tmp_path / "owners.html")
    else:
        path = written(name)
    # A4 lying down, its margins taken off, at 96 pixels an inch.
    wide, high = (297 - 22) / 25.4 * 96, (210 - 24) / 25.4 * 96
    page = open_page(path, width=int(wide), height=int(high)).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    first = page.locator("header, .ap-map-section")
    assert sum(box["height"] for box in (part.bounding_box() for part in first.all()) if box) < high
    order = page.evaluate(
        "['.ap-page > header', '.ap-map-section', '#ap-words', '#ap-tables']"
        ".map(one => document.querySelector(one).getBoundingClientRect().top)"
    )
    assert order == sorted(order)
    frame = page.locator(".ap-map-frame").bounding_box()
    owners = page.locator(".ap-key-part").first.locator("li")
    for entry in (owners.first, owners.last):
        box = entry.bounding_box()
        assert box["y"] + box["height"] <= frame["y"] + frame["height"]


def test_no_name_runs_under_a_control(written: Callable[[str], Path], open_page: Callable[..., Any]) -> None:
    for width in (360, 768, 1280):
        page = open_page(written("public"), width=width).page
        hidden = page.evaluate("""() => {
            const box = (node) => node.getBoundingClientRect();
            const controls = [...document.querySelectorAll(".ap-map .leaflet-control")].map(box);
            return [...document.querySelectorAll(".ap-label")]
                .filter((label) => label.style.display !== "none")
                .filter((label) => controls.some((c) => {
                    const l = box(label);
                    return l.left < c.right && l.right > c.left && l.top < c.bottom && l.bottom > c.top;
                }))
                .map((label) => label.textContent);
        }""")
        assert hidden == [], width


def test_a_card_names_each_source_once_at_its_foot(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written("public")).page
    sites = sites_of(page)
    for index, site in enumerate(sites[:6]):
        page.locator(f"button.ap-show[data-site='{index}']").first.click()
        card = page.get_by_role("dialog", name=site["name"], exact=True)
        cited = card.locator(".ap-cited li").all_text_contents()
        assert len(set(cited)) == len(cited) > 0
        told = {}
        for term, value in zip(card.locator("dt").all_text_contents(), card.locator("dd").all(), strict=True):
            marks = value.locator(".ap-source").all_text_contents()
            told[term] = cited[int(marks[0].removeprefix("source ")) - 1] if marks else ""
        assert told == {fact["label"]: fact["source"] for fact in site["facts"]}


def test_a_map_of_no_located_site_says_so(open_page: Callable[..., Any], tmp_path: Path) -> None:
    register = tmp_path / "somewhere.csv"
    register.write_text("Ref,Name,Organisation,Address\n1,Town Hall,Ryedale District Council,High Street\n", "utf-8")
    estate = ap.read_estate(register).for_audience("public")
    page = open_page(ap.save_map(ap.map_estate(estate), tmp_path / "none.html")).page
    assert "Nothing here says where its sites lie" in page.locator(".ap-map").inner_text()


def test_small_marks_can_be_pressed_beside_what_is_drawn(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    """Diamonds and knots are smaller than 24 pixels; a finger that misses one by a little meets it all the same."""
    page = open_page(written("public"), height=1400, reduced_motion="reduce").page
    switch_all_on(page)
    corners = [(dx, dy) for dx in (-11, 11) for dy in (-11, 11)]
    # The room round a mark takes none from a site.
    taken = page.locator("path.ap-site").evaluate_all("""sites => sites.filter((site) => {
        const box = site.getBoundingClientRect();
        return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)?.closest("path.ap-reach");
    }).length""")
    assert taken == 0
    for kind, only in (("path.ap-knot", "Neighbours"), ("path.ap-diamond", "Places not known to be public estate")):
        for box in page.locator("fieldset input[type=checkbox]").all():
            box.set_checked(box.evaluate("e => e.labels[0].textContent").strip().startswith(only))
        free = page.evaluate(
            """([kind, corners]) => [...document.querySelectorAll(kind)].filter((mark) => {
                const box = mark.getBoundingClientRect();
                const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                return corners.every(([dx, dy]) => document.elementFromPoint(x + dx, y + dy)?.closest("path.ap-reach"));
            }).map((mark) => mark.getAttribute("aria-label"))""",
            [kind, corners],
        )
        assert free, kind
        mark = page.locator(kind).and_(page.get_by_label(free[0], exact=True))
        for dx, dy in corners:
            box = mark.bounding_box()
            page.mouse.click(box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy)
            card = page.locator(".leaflet-popup-content .ap-card-title").last.inner_text()
            assert free[0].startswith(card)
            page.keyboard.press("Escape")
            page.wait_for_selector(".leaflet-popup", state="detached")

"""The contact sheet of a site as its readers meet it: offline, on a telephone, on paper; hostile names are only text."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import AXE
from payloads import PAYLOADS

import assetplan as ap

if TYPE_CHECKING:
    from collections.abc import Callable

SITES = {"police": "Malton Police Station", "library": "Malton Library", "hostile": "harm:A0"}


def _harm(folder: Path) -> Path:
    """A register of one body whose sites, a few metres apart, are called what does harm."""
    path = folder / "harm.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["Ref", "Name", "Use", "Easting", "Northing"])
        writer.writerows([f"A{i}", text, text, 479_223 + 3 * i, 472_239] for i, text in enumerate(PAYLOADS[:8]))
    return path


@pytest.fixture(scope="module")
def sheets(malton: ap.Estate, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sheets")
    harm = ap.read_estate(_harm(folder), organisation="harm")
    estates = {"police": malton, "library": malton.for_audience("public"), "hostile": harm}
    return {name: ap.save_contact_sheet(estates[name], site, folder / f"{name}.html") for name, site in SITES.items()}


@pytest.mark.parametrize(("name", "neighbours"), [("police", 3), ("library", 0), ("hostile", 7)])
def test_the_site_and_its_neighbours_are_drawn_and_joined_from_the_start(
    name: str, neighbours: int, sheets: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    opened = open_page(sheets[name])
    page = opened.page
    assert page.locator("path.ap-relation").count() == neighbours
    assert page.locator("path.ap-site").count() == 1 + (neighbours or 3)  # without neighbours the nearest three
    rows = page.locator("[data-id=neighbours] tbody tr, [data-id=nearest] tbody tr, [data-id=site] tbody tr")
    told = set(rows.evaluate_all("rows => rows.map((row) => row.dataset.site)")) - {"-1"}
    assert told == {str(number) for number in range(page.locator("path.ap-site").count())}
    for button in page.locator("button.ap-show").all():
        button.click()
    if neighbours:
        box = page.get_by_label("Neighbours", exact=True)
        assert box.is_checked()
        box.uncheck()
        assert page.locator("path.ap-relation").count() == 0
    assert page.evaluate("window.HIT === undefined && ({}).polluted === undefined")
    assert "1337" not in page.locator("body").inner_text()
    assert opened.quiet(), (opened.requests, opened.complaints)


@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_nothing_runs_off_the_page(
    width: int, sheets: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(sheets["police"], width=width, reduced_motion="reduce").page
    found = Axe().run(page, options=AXE)
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # What is told of each site reads without scrolling sideways, on a telephone too.
    for block in page.locator("[data-id=site] .ap-scroll, [data-id^=neighbour-] .ap-scroll").all():
        assert block.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_title_and_map_share_the_first_sheet(sheets: dict[str, Path], open_page: Callable[..., Any]) -> None:
    wide, high = (297 - 22) / 25.4 * 96, (210 - 24) / 25.4 * 96
    page = open_page(sheets["police"], width=int(wide), height=int(high)).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    first = page.locator("header, .ap-map-section")
    assert sum(box["height"] for box in (part.bounding_box() for part in first.all()) if box) < high
    assert page.locator("main details:not([open])").count() == 0

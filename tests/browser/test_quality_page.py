"""The data-quality page as its readers meet it: offline, by keyboard, on a telephone, on paper, in the dark; hostile cells are only text."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import AXE, walk
from payloads import PAYLOADS

import assetplan as ap
from assetplan.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("malton", "doubtful")


def _doubtful(folder: Path) -> Path:
    """A register of one council: rows in another district, in the sea and nowhere, rows set aside, payloads in cells and headings."""
    path = folder / "doubtful.csv"
    rows: list[list[Any]] = [["Ref", "Name", "Organisation", "Easting", "Northing", "Tenure", "Start date", *PAYLOADS]]
    for i, text in enumerate(PAYLOADS):
        east, north = [(479_225 + 40 * i, 472_239), (218_000 + 40 * i, 213_900), (text, text), (1, 1)][i % 4]
        rows.append([f"A{i}", text, "Ryedale District Council", east, north, text, "31/02/2010", *PAYLOADS])
    rows += [["B1", "Too short"], ["Total", "", "", 5], [*rows[1], "too", "long", PAYLOADS[0]], rows[2]]
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    return path


@pytest.fixture(scope="module")
def quality(malton: ap.Estate, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("quality")
    estates = {"malton": malton, "doubtful": ap.read_estate(_doubtful(folder))}
    return {name: ap.save_quality(estate, folder / f"{name}.html") for name, estate in estates.items()}


def _all_open(page: Any) -> None:
    for folded in page.locator("details").all():
        folded.evaluate("e => { e.open = true }")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_requested_run_or_complained_of(
    name: str, quality: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    opened = open_page(quality[name])
    page = opened.page
    _all_open(page)
    for button in page.locator("button.ap-show").all():
        button.click()
    assert page.evaluate("window.HIT === undefined && ({}).polluted === undefined")
    assert "1337" not in page.locator("body").inner_text()
    assert opened.quiet(), (opened.requests, opened.complaints)


def test_the_parts_are_named_for_what_they_hold(quality: dict[str, Path], open_page: Callable[..., Any]) -> None:
    heads = {name: open_page(path).page.locator("main h2").all_text_contents() for name, path in quality.items()}
    first, last = "What was found", ["The account in tables", "Sources"]
    assert heads["malton"] == [first, "Map of every row that has a place", *last]
    assert heads["doubtful"] == [first, "Map of the places to look at", *last]


def test_all_that_is_on_the_map_stands_in_a_table(quality: dict[str, Path], open_page: Callable[..., Any]) -> None:
    for path in quality.values():
        page = open_page(path).page
        rows = page.locator("[data-id^=places] tbody tr, [data-id=rows] tbody tr")
        told = set(rows.evaluate_all("rows => rows.map((row) => row.dataset.site)")) - {"-1"}
        assert told == {str(number) for number in range(page.locator("path.ap-site").count())}
        assert told


def test_what_is_the_same_of_many_rows_is_said_once(quality: dict[str, Path], open_page: Callable[..., Any]) -> None:
    page = open_page(quality["doubtful"]).page
    blocks = page.locator("[data-id^=places-]")
    assert blocks.count() >= 2
    for block in blocks.all():
        assert "What was done, what mends it" not in block.locator("thead").inner_text()
        assert block.locator(".ap-note").inner_text().endswith(".")
        assert block.locator("tbody tr").count() > 4
    assert page.locator("[data-id=quarantined] tbody tr").count() >= 3
    _all_open(page)
    text = " ".join(page.locator("body").inner_text().split())
    for payload in PAYLOADS:
        assert clean(payload) in text, payload


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("malton", 1280, "light"),
        ("malton", 360, "light"),
        ("doubtful", 1280, "light"),
        ("doubtful", 1280, "dark"),
        ("doubtful", 360, "light"),
    ],
)
def test_axe_finds_nothing(
    name: str, width: int, scheme: str, quality: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(quality[name], width=width, reduced_motion="reduce", color_scheme=scheme).page
    _all_open(page)
    if width == 1280:
        page.locator("button.ap-show").first.click()
        page.wait_for_function("getComputedStyle(document.querySelector('.leaflet-popup')).opacity === '1'")
    found = Axe().run(page, options=AXE)
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", NAMES)
def test_tab_goes_through_the_whole_page_and_out_of_it(
    name: str, quality: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(quality[name], reduced_motion="reduce").page
    stops = walk(page)
    names = [stop["name"] for stop in stops]
    for wanted in ("Skip to the content", "Skip the map", "Find by name", "Zoom in", "Copy table", "Download CSV", "Issues by kind"):  # fmt: skip
        assert any(told.startswith(wanted) for told in names), wanted
    assert all(names)
    unseen = [stop for stop in stops[1:] if stop["outline"].startswith("none") or stop["outline"].endswith(" 0px")]
    assert not unseen, unseen[:3]
    small = [s for s in stops if min(s["width"], s["height"]) < 24 and s["tag"] in {"button", "input", "select", "summary"}]  # fmt: skip
    assert not small, small[:3]


@pytest.mark.parametrize("name", NAMES)
def test_title_and_map_share_the_first_sheet_and_tables_are_open(
    name: str, quality: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    wide, high = (297 - 22) / 25.4 * 96, (210 - 24) / 25.4 * 96
    page = open_page(quality[name], width=int(wide), height=int(high)).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("main details:not([open])").count() == 0
    first = page.locator("header, .ap-map-section")
    assert sum(box["height"] for box in (part.bounding_box() for part in first.all()) if box) < high
    assert page.locator("thead .ap-print-only").filter(visible=True).count() > 2

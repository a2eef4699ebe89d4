"""Co-location options on a page: released readers only, nothing of what others may see, hostile names as text, the same bytes each time."""

from __future__ import annotations

import csv
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import folium
import pytest
from pages import PageData
from payloads import PAYLOADS

import assetplan as ap
from assetplan.option_cards import MOST_CARDS, OptionsFound, options_of
from assetplan.page.shell import empty_view, estate_layer, page_html
from assetplan.reviews import asked
from assetplan.sections import options_in
from assetplan.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

MALTON = Path(__file__).parents[1] / "data" / "malton"
TAGS = {
    "section", "h2", "h3", "h4", "p", "div", "article", "button", "span", "ul", "li", "strong", "details", "summary", "fieldset",
    "legend", "label", "input", "textarea",
}  # fmt: skip
CANARY = "Zanzibar canary unit"


def changed(folder: Path, change: Callable[[list[dict[str, str]]], None]) -> ap.Estate:
    """Malton with other rows of services, as its keeper reads it."""
    shutil.copytree(MALTON, folder)
    path = folder / "services.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    heads = list(rows[0])
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*heads, *(["audience"] if "audience" not in heads else [])], restval="public")
        writer.writeheader()
        writer.writerows(rows)
    return ap.read_estate(folder)


class Section(HTMLParser):
    """The tags and texts of the part of a page that tells of options."""

    def __init__(self, html: str) -> None:
        super().__init__()
        start = html.index('<section id="ap-options"')
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html[start : html.index("</section>", start)])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(estate: ap.Estate) -> str:
    """A page that tells of the options of an estate and of nothing else."""
    found = options_in(estate)
    assert found is not None
    view = empty_view("Malton")
    view["options"] = found.part
    view["map"]["options"], view["map"]["reviewing"] = found.for_map([]), found.reviewing()
    m = folium.Map(location=[54.137, -0.79], tiles=None)
    estate_layer(view).add_to(m)
    return page_html(m)


@pytest.fixture(scope="module")
def rdc() -> ap.Estate:
    return ap.read_estate(MALTON).for_audience("rdc")


@pytest.fixture(scope="module")
def found(rdc: ap.Estate) -> OptionsFound:
    options = options_of(rdc)
    assert options is not None
    return options


def test_cards_tell_of_the_first_options_in_order(rdc: ap.Estate, found: OptionsFound) -> None:
    ranking = ap.find_colocations(rdc)
    ranked = ranking[ranking["verdict"] != "blocked"]
    cards = found.part["cards"]
    assert len(cards) == len(found.shown) == min(MOST_CARDS, len(ranked))
    assert [one.option.option_id for one in found.shown] == ranked["option_id"].tolist()[: len(cards)]
    for card, one in zip(cards, found.shown, strict=True):
        assert card["name"].startswith(f"{one.rank}. ")
        assert len(card["moves"]) == len(one.option.moves)
        assert len(card["changes"]) + len(card["unsettled"]) == len(one.answers)
        told = sum(len(lines) for _, lines in card["obstacles"])
        assert told == len(one.obstacles) - sum(one.state == "not known" for one in one.obstacles)
    for option, one in zip(found.for_map([]), found.shown, strict=True):
        about = asked(rdc, one.option.host, one.option.services)
        assert {key: option[key] for key in about} == about
        assert [move["organisation"] for move in option["moves"]] == [-1] * len(one.option.moves)
        assert option["at"] is None or (54 < option["at"][0] < 55 and -1 < option["at"][1] < 0)


def test_readers_without_release_and_estates_without_services_have_none(rdc: ap.Estate, tmp_path: Path) -> None:
    keeper = ap.read_estate(MALTON)
    assert options_in(keeper.for_audience("public")) is None
    assert options_in(keeper.for_audience("nhs")) is None
    (tmp_path / "halls.csv").write_text("reference,name,easting,northing\n1,Hall,478900,471700\n", encoding="utf-8")
    assert options_in(ap.read_estate(tmp_path / "halls.csv")) is None


def test_what_others_may_see_leaves_no_trace(tmp_path: Path, found: OptionsFound) -> None:
    def add(rows: list[dict[str, str]]) -> None:
        for row in [row for row in rows if row["service_id"] == "police-desk"]:
            rows.append(row | {"service_id": "canary-unit", "name": CANARY, "audience": "nycc", "part_of": ""})

    keeper = changed(tmp_path / "estate", add)
    assert CANARY in set(keeper.services["name"])
    seen = options_of(keeper.for_audience("rdc"))
    assert seen is not None
    assert seen.part == found.part
    assert seen.for_map([]) == found.for_map([])
    assert seen.reviewing() == found.reviewing()


def test_hostile_names_are_text_and_bytes_are_the_same(tmp_path: Path) -> None:
    def name(rows: list[dict[str, str]]) -> None:
        for row, payload in zip(rows, PAYLOADS * 3, strict=False):
            row["name"] = f"{payload} {row['service_id']}"

    estate = changed(tmp_path / "estate", name).for_audience("rdc")
    html = page_of(estate)
    section = Section(html)
    assert section.tags <= TAGS
    assert not {name for name in section.attributes if name.startswith("on") or name in {"src", "style"}}
    names = {move["name"] for option in PageData(html).packed["options"] for move in option["moves"]}
    known = {clean(name) for name in estate.services["name"]}
    assert names
    assert names <= known
    part = html[html.index('<section id="ap-options"') :].split("</section>")[0]
    for payload in ("<script>", "<img", "{{7*191}}", "\u202e", "\x1b"):
        assert payload not in part
    assert html == page_of(estate)

"""Appraised scenarios on a page: released readers alone, figures that can all be explained, hostile names as text, the same bytes each time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import folium
import pytest
from payloads import PAYLOADS

import assetplan as ap
from assetplan.appraisal_charts import one_estate
from assetplan.appraisal_page import appraisal_part
from assetplan.maps import view_of
from assetplan.page.shell import empty_view, estate_layer, page_html
from assetplan.text import clean
from assetplan.wording import account_of

if TYPE_CHECKING:
    from assetplan.results.comparing import Comparison

MALTON = Path(__file__).parents[1] / "data" / "malton"
TAGS = {
    "section", "h2", "h3", "h4", "p", "div", "article", "button", "span", "ul", "li", "details", "summary", "figure", "table", "caption", "thead",
    "tbody", "tr", "th", "td", "svg", "defs", "pattern", "rect", "circle", "path", "line", "text", "tspan",
}  # fmt: skip
POUNDS = re.compile(r"£\d")


class Section(HTMLParser):
    """The tags, figures and texts of the part of a page that tells of appraisals."""

    def __init__(self, html: str) -> None:
        super().__init__()
        start = html.index('<section id="ap-appraisal"')
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.figures: dict[str, list[str]] = {}
        self.bare: list[str] = []
        self._open: list[tuple[str, str]] = []
        self.feed(html[start : html.index("</main>", start)])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.attributes |= set(given)
        figure = given.get("data-figure") or (self._open[-1][1] if self._open else "")
        if given.get("data-figure"):
            self.figures.setdefault(str(figure), [])
        self._open.append((tag, str(figure)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        figure = self._open[-1][1] if self._open else ""
        if figure:
            self.figures.setdefault(figure, []).append(data)
        elif POUNDS.search(data):
            self.bare.append(data)


@pytest.fixture(scope="module")
def estate() -> ap.Estate:
    return ap.read_estate(MALTON)


@pytest.fixture(scope="module")
def compared(estate: ap.Estate) -> Comparison:
    names = ("s1-police-next-door", "s2-town-front-door", "s6-blue-light-fire")
    return ap.compare(
        ap.appraise_scenarios(estate, [ap.read_scenario(MALTON / "scenarios" / f"{name}.toml") for name in names])
    )


def page_of(comparison: Comparison) -> str:
    """A page that tells of appraisals and of nothing else."""
    view = empty_view("Malton")
    view["appraisal"] = appraisal_part(comparison, [])
    m = folium.Map(location=[54.137, -0.79], tiles=None)
    estate_layer(view).add_to(m)
    return page_html(m)


def test_every_figure_of_the_page_can_be_explained_and_every_sum_of_money_is_one(compared: Comparison) -> None:
    found = Section(page_of(compared))
    assert len(found.figures) > 400
    for figure in found.figures:
        assert compared.explain(figure).figure_id == figure
    # What is left bare stands on an axis, or in words of whoever states something: a plan, a consent, money in a scenario.
    part = appraisal_part(compared, [])
    quoted = [row[3] for row in part["tables"][1]["rows"]]
    quoted += [row[-1] for drawn in part["drawings"] if drawn["id"] == "timeline" for row in drawn["table"]["rows"]]
    for text in found.bare:
        assert re.fullmatch(r"-?£[\d,.]+[km]?", text) or any(text.split(": ")[0] in one for one in quoted), text


def test_no_sum_is_told_to_the_pound(compared: Comparison) -> None:
    found = Section(page_of(compared))
    told = [text for texts in found.figures.values() for text in texts]
    assert not [text for text in told if re.search(r"£\d{1,3}(,\d{3}){2}", text) and "at" not in text.lower()]


def test_the_first_screen_says_who_gains_what_turns_it_and_what_stops_it(compared: Comparison) -> None:
    part = appraisal_part(compared, [])
    assert [card["name"] for card in part["cards"]] == [one.name for one in compared.standings]
    for card, one in zip(part["cards"], compared.standings, strict=True):
        assert len(card["turns"]) <= 3
        assert card["turns"] or not one.result.break_evens()
        told = " ".join(words["text"] for line in card["gains"] for words in line)
        assert all(body in told for body in ("North Yorkshire Police Authority",))
    refused = part["cards"][-1]
    assert refused["name"] == "S6 Blue light with fire"
    assert refused["lead"][0][0]["text"].startswith("Cannot be as it is written")
    assert part["tables"][0]["id"] == "comparison"
    assert part["tables"][0]["rows"][-1][1] == "refused: last"


def test_every_drawing_has_a_table_that_says_the_same(compared: Comparison) -> None:
    part = appraisal_part(compared, [])
    assert [drawn["id"] for drawn in part["drawings"]] == ["revenue", "cash", "receipts", "timeline", "fire", "tornado"]
    for drawn in part["drawings"]:
        shown = set(re.findall(r'data-figure="([^"]*)"', "".join(drawn["svgs"])))
        told = {words["figure"] for row in drawn["table"]["words"] for cell in row for words in cell if words["figure"]}
        missing = {figure for figure in shown - told if not figure.endswith("/npv_gbp")}
        assert not {figure for figure in missing if "from_repairs_avoided" not in figure}, drawn["id"]
        assert all(len(row) == len(drawn["table"]["columns"]) for row in drawn["table"]["rows"])


def test_the_page_is_the_same_each_time_and_holds_only_what_it_should(compared: Comparison) -> None:
    html = page_of(compared)
    assert html == page_of(compared)
    found = Section(html)
    assert found.tags <= TAGS
    assert not [name for name in found.attributes if name.startswith("on") or name in {"href", "src", "style"}]


def test_hostile_names_notes_and_sources_are_only_text(estate: ap.Estate) -> None:
    said = [f"{number}: {payload}" for number, payload in enumerate(PAYLOADS)]
    name = " ".join(said[:12])
    works = [
        ap.Refurbish(asset="rdc:A0007", months=12, year=2011, cost_gbp=500_000 + number, source=text, note=text)
        for number, text in enumerate(said)
    ]
    sold = ap.Dispose(
        asset="nycc:NY/0431", by="sale", year=2013, receipt_gbp=200_000, source=said[0], usable_for=said[3]
    )
    moved = ap.Relocate(
        service="nycc-library", to="rdc:A0007", year=2012, cost_gbp=20_000, source=said[1], note=said[2]
    )
    html = page_of(ap.compare([ap.appraise(estate, ap.Scenario(name, [*works, moved, sold], note=said[5]))]))
    found = Section(html)
    assert found.tags <= TAGS
    assert not [attribute for attribute in found.attributes if attribute.startswith("on")]
    start = html.index('<section id="ap-appraisal"')
    part = html[start : html.index("</main>", start)]
    for active in ("{{", "${", "<script", "<img"):
        assert active not in part
    text = " ".join(HTMLText(part).text.split())
    assert all(" ".join(clean(one).split()) in text for one in said[:4])


class HTMLText(HTMLParser):
    """All text of a piece of markup."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_readers_without_release_see_nothing_of_it(estate: ap.Estate, compared: Comparison) -> None:
    mine = estate.for_audience("public")
    assert not mine.released("appraisals")
    account = account_of(mine)
    with pytest.raises(ValueError, match="another reader"):
        view_of(account, appraisals=compared.results)
    public = ap.Scenario("Nothing much", [ap.Retain(asset="rdc:A0007", year=2011)], audience="public")
    quiet, asked = view_of(account), view_of(account, appraisals=[ap.appraise(mine, public)])
    assert set(asked) == set(quiet)
    assert set(asked["map"]) == set(quiet["map"])
    assert (asked["summary"], asked["tables"], asked["sources"]) == (
        quiet["summary"],
        quiet["tables"],
        quiet["sources"],
    )


def test_an_appraisal_of_another_estate_is_refused(estate: ap.Estate, compared: Comparison) -> None:
    one_estate(compared.results, estate)
    with pytest.raises(ValueError, match="S1 Police next door"):
        one_estate(compared.results[:1], ap.read_estate(MALTON))


def test_of_many_scenarios_the_first_have_cards_and_the_table_has_all(
    compared: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assetplan.appraisal_page.MOST_CARDS", 1)
    part = appraisal_part(compared, [])
    assert [card["name"] for card in part["cards"]] == [compared.standings[0].name]
    assert len(part["tables"][0]["rows"]) == 3
    assert any("two more scenarios" in line for line in part["lead"])

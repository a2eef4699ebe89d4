"""Appraised scenarios on a page: released readers alone, figures that can all be explained, hostile names as text, the same bytes each time."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import folium
import pytest
from payloads import PAYLOADS
from scraping import strays

import assetplan as ap
from assetplan.appraisal_charts import one_estate
from assetplan.appraisal_page import appraisal_part
from assetplan.explaining.saying import NUMBERS
from assetplan.maps import view_of
from assetplan.page.shell import empty_view, estate_layer, page_html
from assetplan.ranges import pounds
from assetplan.text import clean
from assetplan.wording import account_of

if TYPE_CHECKING:
    from assetplan.figures.explanation import Explanation
    from assetplan.page.view import AppraisalPart
    from assetplan.results.comparing import Comparison

MALTON = Path(__file__).parents[1] / "data" / "malton"
TAGS = {
    "section", "h2", "h3", "h4", "p", "div", "article", "button", "span", "ul", "li", "details", "summary", "figure", "table", "caption", "thead",
    "tbody", "tr", "th", "td", "svg", "defs", "pattern", "rect", "circle", "path", "line", "text", "tspan",
}  # fmt: skip


class Section(HTMLParser):
    """The tags, figures and texts of the part of a page that tells of appraisals."""

    def __init__(self, html: str) -> None:
        super().__init__()
        start = html.index('<section id="ap-appraisal"')
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.figures: dict[str, list[str]] = {}
        self.bare: list[tuple[str, str]] = []
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
        elif data.strip():
            self.bare.append((self._open[-1][0] if self._open else "", data))


@pytest.fixture(scope="module")
def estate() -> ap.Estate:
    return ap.read_estate(MALTON)


@pytest.fixture(scope="module")
def compared(estate: ap.Estate) -> Comparison:
    names = ("s1-police-next-door", "s2-town-front-door", "s6-blue-light-fire")
    return ap.compare(
        ap.appraise_scenarios(estate, [ap.read_scenario(MALTON / "scenarios" / f"{name}.toml") for name in names])
    )


@pytest.fixture(scope="module")
def part(compared: Comparison) -> AppraisalPart:
    return appraisal_part(compared, [])


@pytest.fixture(scope="module")
def html(compared: Comparison) -> str:
    return page_of(compared)


@pytest.fixture(scope="module")
def found(html: str) -> Section:
    return Section(html)


def page_of(comparison: Comparison) -> str:
    """A page that tells of appraisals and of nothing else."""
    view = empty_view("Malton")
    view["appraisal"] = appraisal_part(comparison, [])
    m = folium.Map(location=[54.137, -0.79], tiles=None)
    estate_layer(view).add_to(m)
    return page_html(m)


def tellings(found: Explanation) -> set[str]:
    """The digits by which a figure and its ends may be told once they are rounded."""
    out: set[str] = set()
    for value in found.range or (found.value or 0.0,):
        size = abs(value)
        out |= {f"{size:,.0f}", f"{size:,.1f}", f"{size:.1f}", f"{size:g}", *NUMBERS.findall(pounds(value))}
        step = 10.0 ** (math.floor(math.log10(size)) - 1) if size else 1.0
        out.add(f"{round(size / step) * step:,.0f}")
    return out


def test_every_number_of_the_page_is_a_figure_that_can_be_explained_or_is_stated(
    compared: Comparison, found: Section, part: AppraisalPart
) -> None:
    """Scraped: texts of figures round what explains them; what belongs to no figure is a year, a mark of an axis, or words from the data."""
    assert len(found.figures) > 1000
    sentences = {turn.sentence for one in compared.results for turn in one.break_evens()}
    wrong = []
    for figure, texts in found.figures.items():
        explained = compared.explain(figure)
        assert explained.figure_id == figure
        known = tellings(explained)
        for text in texts:
            bare = re.sub(r"\b2\d{3}/\d\d\b", " ", text)
            strange = [number for number in NUMBERS.findall(bare.replace("/m2", "")) if number not in known]
            wrong += [(figure, text, strange)] if strange and text not in sentences else []
    assert wrong == []
    assert strays_of(found, part) == []


AXIS = r"^-?\u00a3[\d,.]+[km]?$|^\d+ min$|^\d{4}$"
STATED = (
    r"^\u00a30$",  # of a body to which nothing happens in a year
    r"\b\d of \d\b|\(\d$|^(?:of )?\d\)$|\b[Aa]nd \d+ more\b|\b\d+ more inputs\b",  # places in an order, parts of a drawing, what is left out
    r"\babout \d[\d,]*(?: people)?$",  # who lives in a village, as a table of places states
    r"\b\d+(?:\.\d+)? (?:months?|years?|ha|min)\b|\b\d+(?:\.\d+)?%",  # what actions and the names of stresses state
    r"\bS\d\b",
)


def strays_of(found: Section, part: AppraisalPart) -> list[str]:
    """Numbers of the page that belong to no figure and are of no kind that is stated."""
    told = {table["id"]: table["rows"] for table in part["tables"]}
    quoted = [cell for row in told["deliverability"] for cell in row]
    quoted += [row[-1] for drawn in part["drawings"] if drawn["id"] == "timeline" for row in drawn["table"]["rows"]]
    out = []
    for tag, text in found.bare:
        rest = re.sub(AXIS, " ", text) if tag == "text" else text
        for kind in STATED:
            rest = re.sub(kind, " ", rest)
        if strays(rest, []) and not any(text.strip(" \u2026") in one or text.split(": ")[0] in one for one in quoted):
            out.append(text)
    return out


def test_no_sum_is_told_to_the_pound(found: Section) -> None:
    told = [text for texts in found.figures.values() for text in texts]
    assert not [text for text in told if re.search(r"£\d{1,3}(,\d{3}){2}", text) and "at" not in text.lower()]


def test_the_first_screen_says_who_gains_what_turns_it_and_what_stops_it(
    compared: Comparison, part: AppraisalPart
) -> None:
    assert [card["name"] for card in part["cards"]] == [one.name for one in compared.standings]
    for card, one in zip(part["cards"], compared.standings, strict=True):
        assert len(card["turns"]) <= 3
        assert card["turns"] or not one.result.break_evens()
        told = " ".join(words["text"] for line in card["gains"] for words in line)
        assert all(body in told for body in ("North Yorkshire Police Authority",))
    refused = part["cards"][-1]
    assert refused["name"] == "S6 Blue light with fire"
    assert refused["lead"][0][0]["text"].startswith("Cannot be as it is written")
    assert [table["id"] for table in part["first"]] == ["doing-the-minimum", "comparison"]
    assert part["first"][1]["rows"][-1][1] == "refused: last"


def test_every_drawing_has_a_table_that_says_the_same(part: AppraisalPart) -> None:
    assert [drawn["id"] for drawn in part["drawings"]] == ["revenue", "cash", "receipts", "timeline", "fire", "tornado"]
    for drawn in part["drawings"]:
        shown = set(re.findall(r'data-figure="([^"]*)"', "".join(drawn["svgs"])))
        told = {words["figure"] for row in drawn["table"]["words"] for cell in row for words in cell if words["figure"]}
        missing = {figure for figure in shown - told if not figure.endswith("/npv_gbp")}
        assert not {figure for figure in missing if "from_repairs_avoided" not in figure}, drawn["id"]
        assert all(len(row) == len(drawn["table"]["columns"]) for row in drawn["table"]["rows"])


def test_the_page_is_the_same_each_time_and_holds_only_what_it_should(
    compared: Comparison, html: str, found: Section
) -> None:
    assert html == page_of(compared)
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
    assert len(part["first"][1]["rows"]) == 3
    assert any("two more scenarios" in line for line in part["lead"])


def test_what_goes_wrong_with_budgets_and_what_the_minimum_spends_is_told(
    compared: Comparison, part: AppraisalPart
) -> None:
    tables = {table["id"]: table for table in (*part["first"], *part["tables"])}
    assert [table["id"] for table in part["tables"]] == [
        "revenue-compared", "reach", "budgets-under-stress", "stresses", "hold-or-sell", "deliverability",
    ]  # fmt: skip
    hub = next(one for one in compared.results if one.scenario.name == "S2 Town front door")
    strained = hub.stressed_budgets().set_index("figure_id")
    (row,) = (
        row
        for row in tables["budgets-under-stress"]["words"]
        if [cell[0]["text"] for cell in row[:3]] == ["S2 Town front door", "Ryedale District Council", "Owes at most"]
    )
    heads = tables["budgets-under-stress"]["columns"]
    for key, head, cell in zip(
        ("as written", "late", "lower", "late and lower", "a year later"), heads[3:], row[3:], strict=True
    ):
        figure = f"strain/{key}/rdc"
        assert strained.at[figure, "stress"] == head
        assert cell == [
            {"text": f"about {pounds(strained.at[figure, 'borrowing_peak_gbp'])}",
             "figure": f"S2 Town front door/{figure}/borrowing_peak_gbp"}
        ]  # fmt: skip
    # Of each body the minimum is told of the scenario that is about most of it, and adds up to what is spent there.
    spent = {
        one.scenario.name: one.doing_nothing().groupby("organisation")["spent_gbp"].sum() for one in compared.results
    }
    told: dict[tuple[str, str], float] = {}
    for cells in tables["doing-the-minimum"]["words"]:
        figure = cells[-2][0]["figure"]
        scenario, _, body = figure.split("/")
        told[body, scenario] = told.get((body, scenario), 0.0) + (compared.explain(figure).value or 0.0)
    assert {body for body, _ in told} == {"fire", "nhs", "nycc", "police", "rdc"}
    for (body, scenario), amount in told.items():
        assert amount == pytest.approx(spent[scenario][body])
        assert amount == pytest.approx(max(one.get(body, 0.0) for one in spent.values()))


def test_a_scenario_that_does_nothing_is_compared_but_not_drawn(estate: ap.Estate) -> None:
    asked = [
        ap.read_scenario(MALTON / "scenarios" / f"{name}.toml") for name in ("s0-do-minimum", "s1-police-next-door")
    ]
    part = appraisal_part(ap.compare(ap.appraise_scenarios(estate, asked)), [])
    assert {row[0] for row in part["first"][-1]["rows"]} == {"S0 Do minimum", "S1 Police next door"}
    assert all("S0" not in svg for drawn in part["drawings"] for svg in drawn["svgs"])

"""Charts of an appraisal: every figure with its identity, ranges and not points, unknown never like none, hostile text inert, nothing cut."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads import PAYLOADS

from assetplan.charts.canvas import SMALL_WIDE, Amount, Body, Canvas, Run, lines_of, scale_of, width_of
from assetplan.charts.cash import BodyCash, Cash, cash_scale, cash_svg, cash_told
from assetplan.charts.minutes import FireMinutes, Way, minutes_svg, minutes_told
from assetplan.charts.receipts import Step, Waterfall, waterfall_svg, waterfall_told
from assetplan.charts.revenue import Revenue, revenue_svg, revenue_told
from assetplan.charts.timeline import KINDS, Event, Row, Timeline, timeline_svg, timeline_told
from assetplan.charts.tornado import MOST_BARS, Swing, Tornado, tornado_svg, tornado_told
from assetplan.looks import look_of
from assetplan.text import clean

NAN = float("nan")
TAGS = {"svg", "defs", "pattern", "rect", "circle", "path", "line", "text", "tspan"}
YEARS = tuple(range(2010, 2041))
RDC = Body("rdc", "Ryedale District Council", look_of("rdc", "district", "Ryedale"))
NYCC = Body("nycc", "North Yorkshire County Council", look_of("nycc", "county", "North Yorkshire"))


def about(value: float, figure: str, spread: float = 0.2) -> Amount:
    return Amount(*sorted((value * (1 - spread), value, value * (1 + spread))), figure)


def unknown(figure: str) -> Amount:
    return Amount(NAN, NAN, NAN, figure)


def cash(name: str = "Hub", *, gap: bool = False) -> Cash:
    bodies = tuple(
        BodyCash(
            body,
            tuple(
                unknown(f"y/{n}/{body.key}")
                if gap and n == 2012
                else about(sign * (n - 2011) * 1e5, f"y/{n}/{body.key}")
                for n in YEARS
            ),
        )
        for body, sign in ((RDC, 1), (NYCC, -1.5))
    )
    return Cash(name, YEARS, bodies, tuple(about((n - 2020) * 3e5, f"c/{n}") for n in YEARS), "Pounds, 2010/11 prices.")


def fall(*, gap: bool = False) -> Waterfall:
    return Waterfall(
        "Receipts",
        (
            Step("Gross", about(2e6, "gross"), True),
            Step("Costs", about(1e5, "costs"), False, "At most 4%."),
            Step("Restricted", unknown("restricted") if gap else about(-3e5, "restricted"), False),
            Step("Usable", about(1.6e6, "usable"), True),
        ),
        "Pounds.",
    )


def revenue(*, gap: bool = False) -> list[Revenue]:
    years = tuple(range(2010, 2016))
    return [
        Revenue(
            body,
            years,
            tuple(
                unknown(f"r/{body.key}/{n}") if gap and n == 2013 else about((2012 - n) * 4e4, f"r/{body.key}/{n}")
                for n in years
            ),
        )
        for body in (RDC, NYCC)
    ]


def tornado(count: int = 3) -> Tornado:
    swings = tuple(
        Swing(
            f"Input {n}",
            f"tornado/{n}",
            f"input/{n}",
            "£1,000 a m2",
            "£2,000 a m2",
            8e5 / (n + 1),
            -2e5 / (n + 1),
            "" if n else "about £1,790 a m2, within its range",
        )
        for n in range(count)
    )
    return Tornado("What moves it", Amount(-4e5, 3e5, 9e5, "npv_gbp"), swings, "Pounds.")


def fire(*, gap: bool = False) -> FireMinutes:
    ways = (
        Way("Norton", "about 7,400 people", 9.2, 12.6, "on station", "on call", "m/norton"),
        Way("Malton", "", 5.0, 5.0, "on station", "on station", "m/malton"),
        *((Way("Leavening", "", 21.0, None, "on call", "not known", "m/leavening"), Way("Thixendale", "", None, None, "not known", "not known", "m/t")) if gap else ()),
    )  # fmt: skip
    return FireMinutes("By day", ways, ((11.0, "11 min, average: the service"),), "Modelled.")


def moves() -> Timeline:
    events = tuple(
        Event(kind, 2010 + n % 4, None if kind == "vacate" else 2011 + n % 4, f"{kind} it, £20k to £30k", f"t/{kind}")
        for n, kind in enumerate(KINDS)
    )
    return Timeline("Moves", 2010, 2016, (Row("Library", events), Row("Depot", events[:2])), "Financial years.")


def every_svg(*, gap: bool = False) -> dict[str, str]:
    return {
        "cash": cash_svg(cash(gap=gap), "cash"),
        "receipts": waterfall_svg(fall(gap=gap), "receipts"),
        "revenue": revenue_svg("Revenue", "Pounds.", revenue(gap=gap), "revenue"),
        "tornado": tornado_svg(tornado(), "tornado"),
        "minutes": minutes_svg(fire(gap=gap), "minutes"),
        "timeline": timeline_svg(moves(), "timeline"),
    }


def parsed(svg: str) -> list[ET.Element]:
    root = ET.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"]
    return list(root.iter())


def figures(svg: str) -> set[str]:
    return {node.attrib["data-figure"] for node in parsed(svg) if "data-figure" in node.attrib}


def words(svg: str) -> str:
    return " ".join("".join(node.itertext()) for node in parsed(svg) if node.tag.endswith("text"))


@pytest.mark.parametrize("gap", [False, True], ids=["known", "with gaps"])
def test_every_drawing_is_well_formed_plain_and_always_the_same(gap: bool) -> None:
    for name, svg in every_svg(gap=gap).items():
        nodes = parsed(svg)
        assert {node.tag.removeprefix("{http://www.w3.org/2000/svg}") for node in nodes} <= TAGS, name
        assert not [key for node in nodes for key in node.attrib if key.startswith("on") or key in {"style", "href"}]
        ids = [node.attrib["id"] for node in nodes if "id" in node.attrib]
        assert len(ids) == len(set(ids))
        assert all(one.startswith(f"{name}-") for one in ids)
        assert set(re.findall(r"url\(#([^)]*)\)", svg)) <= set(ids)
        assert svg == every_svg(gap=gap)[name]
        assert not re.search(r"£\d{1,3}(,\d{3}){2}", svg), "no figure to the pound"


def test_what_is_drawn_carries_what_it_is_known_by_and_the_table_has_all_of_it() -> None:
    chart, told = cash(), cash_told(cash())
    given = {amount.figure for body in chart.bodies for amount in body.amounts} | {
        amount.figure for amount in chart.running
    }
    nothing = {amount.figure for body in chart.bodies for amount in body.amounts if amount.central == 0}
    assert figures(cash_svg(chart, "cash")) == given - nothing
    assert {cell.figure for row in told.rows for cell in row if cell.figure} == given
    assert figures(waterfall_svg(fall(), "fall")) == {"gross", "costs", "restricted", "usable"}
    assert {cell.figure for row in waterfall_told(fall()).rows for cell in row if cell.figure} == {
        "gross",
        "costs",
        "restricted",
        "usable",
    }
    effects = {amount.figure for one in revenue() for amount in one.amounts}
    assert figures(revenue_svg("R", "c", revenue(), "r")) == effects
    assert {cell.figure for row in revenue_told(revenue()).rows for cell in row if cell.figure} == effects
    inputs = {f"input/{n}" for n in range(3)} | {f"tornado/{n}/{end}" for n in range(3) for end in ("low", "high")}
    inputs.add("tornado/0/break_even")
    assert figures(tornado_svg(tornado(), "t")) == inputs | {"npv_gbp"}
    assert {cell.figure for row in tornado_told(tornado()).rows for cell in row if cell.figure} == inputs
    assert {f"m/norton/{end}_min" for end in ("before", "after", "change")} <= figures(minutes_svg(fire(), "m"))
    assert {f"t/{kind}" for kind in KINDS} == figures(timeline_svg(moves(), "t"))
    for told in (cash_told(cash()), minutes_told([fire(gap=True)]), timeline_told(moves())):
        assert all(len(row) == len(told.heads) for row in told.rows)


def test_numbers_in_words_are_figures_or_marks_of_an_axis() -> None:
    """A pound sign outside a figure stands on an axis, in the middle of a mark, or in the caption."""
    for name in ("cash", "receipts", "revenue"):
        for node in parsed(every_svg()[name]):
            text = (node.text or "") if node.tag.endswith("text") else ""
            if re.search(r"£\d", text):
                assert node.attrib.get("text-anchor"), text


def test_what_is_not_known_is_told_and_looks_like_nothing_else() -> None:
    drawn = every_svg(gap=True)
    plain = every_svg()
    for name in ("cash", "receipts", "revenue", "minutes"):
        assert words(drawn[name]).count("?") > words(plain[name]).count("?"), name
    assert "y/2012/rdc" not in figures(drawn["cash"])
    assert "not known" in words(drawn["receipts"])
    assert any(cell.text == "not known" for row in cash_told(cash(gap=True)).rows for cell in row)


def test_negative_is_not_only_a_colour() -> None:
    """A loss lies below nought and has a sign; what is taken off a receipt is hatched."""
    svg = revenue_svg("R", "c", revenue(), "r")
    boxes = [node for node in parsed(svg) if node.tag.endswith("rect") and "data-figure" in node.attrib]
    tops = {node.attrib["data-figure"]: float(node.attrib["y"]) for node in boxes}
    assert tops["r/rdc/2014"] > tops["r/rdc/2010"]
    assert "-£" in words(svg)
    assert 'fill="url(#fall-h-diagonal-limit)"' in waterfall_svg(fall(), "fall")


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_hostile_text_is_only_text(payload: str) -> None:
    body = Body(payload, payload, look_of(payload, "other", payload))
    amount = about(1e5, payload)
    svgs = [
        cash_svg(Cash(payload, (2010,), (BodyCash(body, (amount,)),), (amount,), payload), "a"),
        waterfall_svg(Waterfall(payload, (Step(payload, amount, True, payload),), payload), "b"),
        revenue_svg(payload, payload, [Revenue(body, (2010,), (amount,), (Run(payload),))], "c"),
        tornado_svg(
            Tornado(payload, amount, (Swing(payload, payload, payload, payload, payload, 1.0, 2.0, payload),), payload),
            "d",
        ),
        minutes_svg(
            FireMinutes(
                payload, (Way(payload, payload, 1.0, 2.0, "on call", "on call", payload),), ((3.0, payload),), payload
            ),
            "e",
        ),
        timeline_svg(
            Timeline(payload, 2010, 2011, (Row(payload, (Event("sale", 2010, 2010, payload, payload),)),), payload), "f"
        ),
    ]
    for svg in svgs:
        nodes = parsed(svg)
        assert {node.tag.removeprefix("{http://www.w3.org/2000/svg}") for node in nodes} <= TAGS
        assert "{{" not in svg
        assert "${" not in svg
        assert not [key for node in nodes for key in node.attrib if key.startswith("on")]


def test_long_charts_tell_how_much_is_left_to_the_table() -> None:
    svg = tornado_svg(tornado(MOST_BARS + 4), "t")
    assert "4 more inputs stand in the table." in words(svg)
    assert f"Input {MOST_BARS}" not in words(svg)
    assert len(tornado_told(tornado(MOST_BARS + 4)).rows) == MOST_BARS + 4


def test_several_charts_share_a_scale() -> None:
    small = Cash("Small", YEARS, (BodyCash(RDC, tuple(about(1e3, f"s/{n}") for n in YEARS)),), (), "c")
    scale = cash_scale([cash(), small])
    assert scale.low <= cash_scale([cash()]).low
    shared, own = cash_svg(small, "s", scale), cash_svg(small, "s")
    assert shared != own
    assert "£2m" in words(shared)


@given(
    st.lists(st.floats(-1e9, 1e9) | st.just(NAN), max_size=12),
    st.integers(2, 6),
)
@settings(max_examples=60, deadline=None)
def test_a_scale_holds_its_values_and_nought(values: list[float], ticks: int) -> None:
    scale = scale_of(values, ticks=ticks)
    known = [value for value in values if math.isfinite(value)]
    assert scale.low <= min([0.0, *known]) + scale.step * 1e-8
    assert scale.high >= max([0.0, *known]) - scale.step * 1e-8
    assert 2 <= len(scale.ticks) <= ticks + 3
    assert any(abs(tick) < scale.step / 2 for tick in scale.ticks)
    assert all(0 <= scale.share(value) <= 1 for value in known)


@given(st.lists(st.text(max_size=30), max_size=6), st.integers(4, 50), st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_lines_are_no_wider_than_they_may_be_and_lose_nothing(texts: list[str], wide: int, most: int) -> None:
    runs = [Run(text, "f" if n % 3 == 1 else "") for n, text in enumerate(texts)]
    lines = lines_of(runs, wide, most)
    assert len(lines) <= most
    assert all(sum(width_of(run.text.strip()) for run in line) <= wide + 1 for line in lines)
    whole = lines_of(runs, wide, 10_000)
    told = re.sub(r"\s", "", "".join(run.text for line in whole for run in line))
    assert told == re.sub(
        r"\s",
        "",
        "".join(
            "".join(map(clean, re.split(r"\s+", text))) if n % 3 != 1 else clean(text) for n, text in enumerate(texts)
        ),
    )


@given(st.lists(st.tuples(st.integers(2000, 2030), st.integers(0, 6), st.booleans()), max_size=8))
@settings(max_examples=40, deadline=None)
def test_events_of_one_row_never_cover_one_another(given_: list[tuple[int, int, bool]]) -> None:
    events = tuple(
        Event("works", start, None if endless else start + long, "w", f"w/{n}")
        for n, (start, long, endless) in enumerate(given_)
    )
    svg = timeline_svg(Timeline("T", 2000, 2040, (Row("Place", events),), "c"), "t")
    boxes = [
        tuple(float(node.attrib[key].rstrip("%")) for key in ("x", "y", "width", "height"))
        for node in parsed(svg)
        if node.tag.endswith("rect") and "data-figure" in node.attrib
    ]
    assert len(boxes) == len(events)
    for n, (x, y, wide, high) in enumerate(boxes):
        assert x >= 0
        assert x + wide <= 100.01
        for other_x, other_y, other_wide, other_high in boxes[:n]:
            apart = (
                x + wide <= other_x + 0.02
                or other_x + other_wide <= x + 0.02
                or y + high <= other_y
                or other_y + other_high <= y
            )
            assert apart


def test_a_key_that_is_no_name_is_refused() -> None:
    for key in ("", "Cash", "a b", '"><b>', "1"):
        with pytest.raises(ValueError, match="small letters"):
            Canvas(key)


def test_text_fits_the_narrowest_telephone() -> None:
    """Lines of small text are at most so many characters, lines of headings fewer."""
    long: Any = "Refurbishment of the former county library and register office " * 6
    chart = Timeline(long, 2010, 2016, (Row(long, (Event("works", 2011, 2012, long),)),), long)
    for node in parsed(timeline_svg(chart, "t")):
        if node.tag.endswith("text"):
            assert width_of("".join(node.itertext())) <= SMALL_WIDE

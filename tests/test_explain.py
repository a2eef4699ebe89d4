"""Every figure of an appraisal can be walked back to the rows that state it, and adds up on the way; scenarios beside one another."""

from __future__ import annotations

import math
import os
import runpy
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scraping import figures_in_html, printed, strays, wrong
from shared import NAMES, SCENARIOS
from shared import appraised as results
from small import closing, small_estate

import assetplan as ap
from assetplan import appraisal_words as words
from assetplan.answers import in_sections
from assetplan.comparison_words import compared
from assetplan.delivery_words import named
from assetplan.results.comparing import COLUMNS
from assetplan.results.moved import alone_of, moves_of

if TYPE_CHECKING:
    from pathlib import Path

    from assetplan.explaining.saying import Said

DEEP = bool(os.environ.get("ASSETPLAN_DEEP"))
SOME = ("s0-do-minimum", "s2-town-front-door", "s4-extra-care", "s6-blue-light-fire", "s8-go-alone")
"""The scenarios whose first screen every run looks at: nothing done, shares, a build, what is refused, one body alone; a deep run looks at all."""


@cache
def ids(name: str) -> tuple[str, ...]:
    return results()[name].figure_ids()


@cache
def comparison() -> ap.Comparison:
    return ap.compare(results().values(), draws=500)


def check(result: ap.Appraisal, figure_id: str) -> ap.Explanation:
    """That a figure resolves, lies in its range, and is what its parts make; its parts are figures of the same value."""
    found = result.explain(figure_id)
    assert found.figure_id == figure_id
    assert found.name
    assert found.how
    if found.range is not None:
        low, central, high = found.range
        assert low - 1e-6 <= central <= high + 1e-6, figure_id
    for part in found.parts:
        assert result.explain(part.figure_id).value == pytest.approx(part.value, rel=1e-9, abs=1e-9), (figure_id, part)
    if found.value is not None and found.joined == "sum":
        assert found.value == pytest.approx(sum(part.worth for part in found.parts), rel=1e-9, abs=1e-6), figure_id
    if found.value is not None and found.joined == "product":
        made = found.constant * math.prod(part.worth for part in found.parts)
        assert found.value == pytest.approx(made, rel=1e-9, abs=1e-6), figure_id
    return found


# ------------------------------------------------------------------------------------------------------- every figure


def test_every_figure_of_a_small_scenario_resolves_and_adds_up() -> None:
    result = results()["s4-extra-care"]
    assert len(ids("s4-extra-care")) > 1_000
    for figure_id in ids("s4-extra-care")[:: 3 if DEEP else 15]:
        check(result, figure_id)


@settings(max_examples=40 if DEEP else 6, deadline=None)
@given(st.data())
def test_any_figure_of_any_scenario_resolves_and_adds_up(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(("s2-town-front-door", "s3-stay-shrink-share", "s5-blue-light")))
    check(results()[name], data.draw(st.sampled_from(ids(name))))


@pytest.mark.parametrize(
    "figure_id", ["npv_gbp", "financial_npv_gbp/rdc", "revenue_effect_gbp/rdc/2013", "running_cost_change_gbp_pa"]
)
def test_a_walk_down_ends_with_numbers_that_somebody_states(figure_id: str) -> None:
    result = results()["s2-town-front-door"]
    ends, seen, ahead = set(), set(), [figure_id]
    while ahead:
        one = ahead.pop()
        if one in seen:
            continue
        seen.add(one)
        found = check(result, one)
        ahead += [part.figure_id for part in found.parts]
        if not found.parts:
            ends.add(one)
    assert {one.split("/")[0] for one in ends} <= {"input", "discount_factor"}
    stated = [result.explain(one) for one in ends if one.startswith("input/")]
    keys = {given.key for one in stated for given in one.inputs}
    assert {"figure/open_cash_percent", "asset/rdc:A0007/running_cost_gbp_pa"} <= keys
    assert "action/2/cost_gbp" in keys or figure_id == "running_cost_change_gbp_pa"
    for one in stated:
        assert all(given.source and given.where for given in one.inputs), one.figure_id


def test_figures_are_those_of_the_result_and_its_frames() -> None:
    result = results()["s2-town-front-door"]
    for name in ("npv_gbp", "public_value_gbp", "capital_gbp", "receipts_gbp", "running_cost_change_gbp_pa"):
        assert result.explain(name).value == pytest.approx(getattr(result, name)), name
    assert result.explain("npv_gbp").range == pytest.approx(
        (result.npv_range_gbp[0], result.npv_gbp, result.npv_range_gbp[1])
    )
    assert result.explain("bcr").range == pytest.approx(result.bcr)
    frame = result.by_organisation()
    for body, row in frame.iterrows():
        assert result.explain(f"npv_gbp/{body}").value == pytest.approx(row["npv_gbp"])
        if body in result.financial.at_body:
            found = result.explain(f"financial_npv_gbp/{body}")
            assert found.range == pytest.approx(
                (row["financial_npv_low_gbp"], row["financial_npv_gbp"], row["financial_npv_high_gbp"])
            )
            assert result.explain(f"borrowing_peak_gbp/{body}").value == pytest.approx(row["borrowing_peak_gbp"])
            assert result.explain(f"financial_capital_gbp/{body}").value == pytest.approx(row["capital_gbp"])
    for row in result.revenue().to_dict("records"):
        figure = f"revenue_effect_gbp/{row['organisation']}/{row['year']}"
        assert result.explain(figure).range == pytest.approx(
            (row["low_gbp"], row["revenue_effect_gbp"], row["high_gbp"])
        )
        for part in ("running", "one_off", "charges", "vat", "interest", "mrp", "funding"):
            if abs(row[f"{part}_gbp"]) > 0.01:
                assert result.explain(f"{figure}/{part}").value == pytest.approx(row[f"{part}_gbp"]), (figure, part)
    assert sum(row["usable_gbp"] for row in result.receipts().to_dict("records")) == pytest.approx(
        result.explain("usable_receipts_gbp").value
    )
    for row in result.stress().to_dict("records"):
        assert result.explain(row["figure_id"]).value == row["npv_gbp"]
    for row in result.tornado().to_dict("records"):
        assert result.explain(f"{row['figure_id']}/low").value == row["low_gbp"]
    for one in result.break_evens():
        assert result.explain(one.figure_id).value == one.value


def test_net_present_value_is_the_sum_of_lines_at_their_discount_factors() -> None:
    for result in results().values():
        lines = words.lines_of(result)
        economic = lines[lines["case"] == "economic"]
        assert (economic["amount_gbp"] * economic["discount_factor"]).sum() == pytest.approx(result.npv_gbp, abs=0.005)
        by_body = [result.explain(f"npv_gbp/{body}").value for body in (*result.estate.organisations, "exchequer")]
        assert sum(value or 0.0 for value in by_body) == pytest.approx(result.npv_gbp, abs=0.005)
        revenue = (
            lines[(lines["case"] == "financial") & (lines["kind"] == "revenue")]
            .groupby(["organisation", "year"])["amount_gbp"]
            .sum()
        )
        for row in result.revenue().to_dict("records"):
            assert revenue.get((row["organisation"], row["year"]), 0.0) == pytest.approx(
                row["revenue_effect_gbp"], abs=0.05
            )


@pytest.mark.parametrize(
    ("wrong_id", "guess"),
    [("npv_gbp/rcd", "npv_gbp/rdc"), ("npv", "npv_gbp"), ("line/e0", "line/e"), ("npv_gbp/rdc/works/2011/e9999", "npv_gbp/rdc/works/2011"), ("", "npv_gbp"),
     ("input/action/2/cost", "input/action/2/cost_gbp"), ("\x1b[31m", "npv_gbp")],
)  # fmt: skip
def test_a_figure_there_is_not_is_told_with_a_guess(wrong_id: str, guess: str) -> None:
    with pytest.raises(ap.SubjectError) as told:
        results()["s2-town-front-door"].explain(wrong_id)
    assert guess in str(told.value)
    assert "\x1b" not in str(told.value)


def test_an_explanation_is_indented_text_as_deep_as_is_asked() -> None:
    found = results()["s2-town-front-door"].explain("npv_gbp")
    flat, deep = found.tree(0), found.tree(6)
    assert "[npv_gbp/rdc]" not in flat
    assert "[npv_gbp/rdc]" in str(found)
    assert "[input/action/2/cost_gbp]" in deep
    assert "Source: invented for this example" in deep
    assert found.tree(2) == str(found)
    assert str(found).splitlines()[0] == "Net present value to the bodies and the exchequer [npv_gbp]"


def test_a_scenario_that_does_nothing_is_worth_nothing_and_explains_it() -> None:
    estate = results()["s0-do-minimum"].estate
    nothing = ap.appraise(estate, ap.Scenario("Nothing", start_year=2010))
    for figure_id in nothing.figure_ids():
        assert not check(nothing, figure_id).value or figure_id.startswith(
            ("discount", "input", "price", "count", "stress", "cost_of")
        )
    assert nothing.explain("npv_gbp").value == 0
    assert nothing.explain("bcr").value is None


# ------------------------------------------------------------------------------------------------------- what is printed


def data_texts(result: ap.Appraisal) -> list[str]:
    """Texts of the data and of checks that are shown as they are."""
    found = result.deliverability
    out = [
        result.scenario.name,
        result.scenario.note,
        result.scenario.author,
        result.estate.banner,
        result.estate.price_base,
    ]
    out += (
        [str(problem) for problem in result.problems]
        + [stop.says for stop in found.stops]
        + [stop.who for stop in found.stops]
    )
    out += [what for _, what in result.unknown] + [
        words.moving_in_words(result),
        *result.response.unknowns,
        *result.access.unknowns,
    ]
    out += [" ".join(leg["reasons"]) for leg in result.response.legs.to_dict("records")]
    out += [text for column in ("basis", "sources") for text in result.lines[column]]
    out += [named(result, stop.says) for stop in found.stops] + [one.detail for one in found.promised]
    out += list(result.receipts()["hangs_on"])
    out += [move.what for move in moves_of(result)] + [str(name) for name in result.estate.land["name"]]
    out += [str(asset) for asset in result.estate.assets["name"]] + list(result.figures.notes)
    return [text for part in out for text in (part, part.strip().rstrip("."))]


@pytest.mark.parametrize("name", NAMES if DEEP else SOME)
def test_every_number_on_the_first_screen_is_one_that_explain_knows(name: str) -> None:
    result, said = results()[name], list["Said"]()
    sections = words.told(result, said)
    text = printed(sections)
    assert not strays(text, said, [*data_texts(result), "10,000 draws"])
    assert len(said) > 30 or name == "s0-do-minimum"
    assert not wrong(said, result.explain)


def test_every_number_of_a_comparison_is_one_that_explain_knows() -> None:
    found, said = comparison(), list["Said"]()
    sections = compared(found, said)
    text = printed(sections)
    texts = [text for result in found.results for text in data_texts(result)]
    texts += [f"{rank}. {one.name}" for rank, one in enumerate(found.standings, 1)] + [
        str(move) for move in found.moves()["move"]
    ]
    ranks = [f"\n{one.rank} | {one.name}" for one in found.standings]
    assert not strays(text, said, [*ranks, *texts, "500 draws"])
    assert not wrong(said, found.explain)


def test_every_number_by_line_and_by_year_is_one_that_explain_knows() -> None:
    result, said = results()["s4-extra-care"], list["Said"]()
    for section in (words.lines_told(result, said=said), *words.years_told(result, said=said)):
        assert section.table is not None
        assert not strays(printed([section]), said, data_texts(result))
    assert not wrong(said, result.explain)
    assert "£" in in_sections(words.years_told(result))


def test_a_stray_number_is_found() -> None:
    said: list[Said] = []
    words.told(results()["s1-police-next-door"], said)
    assert strays("It costs £12,345 in 2012/13.", said) == ["12,345"]
    assert not strays("In 2012/13 action 3, on 4 June.", said)
    page = '<p><span data-figure="npv_gbp">about <b>£1.1m</b></span> and <i data-figure="bcr">2.1</i><br></p>'
    assert figures_in_html(page) == [("npv_gbp", "about £1.1m"), ("bcr", "2.1")]


# ------------------------------------------------------------------------------------------------------- comparisons


def test_the_least_regretted_come_first_and_what_cannot_be_last() -> None:
    found = comparison()
    ranked = [one for one in found.standings if one.rank is not None]
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    assert (
        [one.name for one in found.standings if one.rank is None]
        == [found.standings[-1].name]
        == ["S6 Blue light with fire"]
    )
    assert [one.failed for one in ranked] == sorted(one.failed for one in ranked)
    assert list(found.frame.columns) == list(COLUMNS)
    assert found.frame.index.tolist() == [one.name for one in found.standings]
    npv = [one.result.npv_gbp for one in ranked]
    assert npv != sorted(npv, reverse=True), "net present value alone would rank otherwise"


def test_the_order_in_which_they_are_given_changes_nothing() -> None:
    other = ap.compare(reversed(list(results().values())), draws=500)
    assert other.frame.astype(str).equals(comparison().frame.astype(str))


def test_what_is_forgone_is_by_draws_of_the_same_inputs() -> None:
    found = comparison()
    drawn = {one.name: one.result.draws(500, found.seed).npv_gbp for one in found.standings}
    best = [max(0.0, *(drawn[one.name][at] for one in found.standings if one.rank is not None)) for at in range(500)]
    for one in found.standings:
        forgone = sorted(top - own for top, own in zip(best, drawn[one.name], strict=True))
        at = 0.95 * 499  # a quantile between two draws
        expected = forgone[int(at)] + (at - int(at)) * (forgone[int(at) + 1] - forgone[int(at)])
        assert one.forgone_gbp == pytest.approx(expected)
        assert found.explain(f"{one.name}/forgone_gbp").value == one.forgone_gbp


def test_who_loses_is_held_against_going_alone_only_where_that_is_better() -> None:
    found = comparison()
    alone = {alone_of(one.result): one for one in found.standings if alone_of(one.result)}
    assert set(alone) == {"rdc"}
    assert alone["rdc"].result.explain("financial_npv_gbp/rdc").value < 0
    assert not any(loss.against for one in found.standings for loss in one.losses), (
        "what nobody would do alone is no measure"
    )
    for one in found.standings:
        for loss in one.losses:
            assert loss.central == pytest.approx(one.result.financial.npv(loss.organisation).central)
            assert check_of(found, loss.figure_id)
    frame = found.losers()
    assert (frame["central_gbp"] < 0).all()
    assert set(frame["scenario"]) == {one.name for one in found.standings if one.losers}


def check_of(found: ap.Comparison, figure_id: str) -> bool:
    told = found.explain(figure_id)
    for part in told.parts:
        assert found.explain(part.figure_id).value == pytest.approx(part.value)
    return told.value == pytest.approx(sum(part.worth for part in told.parts))


def test_a_body_that_gains_alone_is_held_against_that() -> None:
    estate = results()["s0-do-minimum"].estate
    alone = ap.Scenario(
        "Sold alone",
        [
            ap.Dispose(
                asset="rdc:A0012",
                by="sale",
                year=2012,
                receipt_gbp=(100_000, 150_000, 200_000),
                source="invented",
                illustrative=True,
            )
        ],
        start_year=2010,
    )
    places = [str(place) for place in estate.assets.index if str(place).startswith("rdc:")]
    if "rdc:A0012" not in places:
        empty = next(place for place in places if not results()["s0-do-minimum"].run.course.ground.at_home.get(place))
        alone = ap.Scenario(
            "Sold alone", [ap.Dispose(asset=empty, by="sale", year=2012, receipt_gbp=(100_000, 150_000, 200_000), source="invented", illustrative=True)],
            start_year=2010,
        )  # fmt: skip
    hub = results()["s2-town-front-door"].scenario
    one, other = ap.appraise_scenarios(estate, [alone, hub])
    assert alone_of(one) == "rdc"
    found = ap.compare([one, other], draws=200)
    own = next(standing for standing in found.standings if standing.name == hub.name)
    loss = next(loss for loss in own.losses if loss.organisation == "rdc")
    assert loss.against == "Sold alone"
    assert loss.central == pytest.approx(other.financial.npv("rdc").central - one.financial.npv("rdc").central)
    assert loss.low < loss.central < loss.high
    assert check_of(found, loss.figure_id)


def test_a_body_is_held_against_what_it_has_alone_by_a_scenario_in_which_it_has_no_part(tmp_path: Path) -> None:
    estate = small_estate(tmp_path)
    alone = closing().renamed("Town alone")
    shire = ap.Scenario(
        "Shire gives up its offices",
        [ap.Retain(asset="shire:O", year=2026, cost_gbp=50_000, source="invented")],
        start_year=2025,
    )
    results = ap.appraise_scenarios(estate, [replace(alone, start_year=2025), shire])
    assert [alone_of(one) for one in results] == ["town", "shire"]
    assert results[0].financial.npv("town").central > 0
    found = ap.compare(results, draws=100)
    own = next(one for one in found.standings if one.name == shire.name)
    assert "town" not in own.result.financial.at_body
    loss = next(loss for loss in own.losses if loss.organisation == "town")
    assert (loss.against, loss.central) == ("Town alone", pytest.approx(-results[0].financial.npv("town").central))
    assert check_of(found, loss.figure_id)


def test_what_cannot_be_compared_is_told() -> None:
    one = results()["s1-police-next-door"]
    with pytest.raises(ap.ScenarioError, match="that of several"):
        ap.compare([one, one])
    later = ap.appraise(one.estate, ap.Scenario("Later", start_year=2011))
    with pytest.raises(ap.ScenarioError, match="base year"):
        ap.compare([one, later])
    nothing = ap.compare([])
    assert nothing.frame.empty
    assert list(nothing.frame.columns) == list(COLUMNS)
    assert nothing.moves().empty
    with pytest.raises(ap.SubjectError, match="no scenario"):
        nothing.explain("npv_gbp")


def test_the_script_beside_the_scenarios_makes_variants_of_each_with_a_name_of_its_own() -> None:
    made = runpy.run_path(str(SCENARIOS / "compare.py"))["scenarios"]()
    assert len({one.name for one in made}) == len(made) > 2 * len(NAMES)
    assert {result.scenario for result in results().values()} <= set(made)

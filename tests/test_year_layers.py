"""Scenarios on the map year by year: what is drawn agrees with the course, readers see nothing they may not, nothing happens off the record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import assetplan as ap
from assetplan.hub_words import HubNames
from assetplan.scenarios.course import Course
from assetplan.scenarios.ground import Ground
from assetplan.year_layers import years_on_map, years_table

if TYPE_CHECKING:
    from assetplan.page.view import YearScenario

MALTON = Path(__file__).parents[1] / "data" / "malton"
FILES = sorted((MALTON / "scenarios").glob("s*.toml"))


@pytest.fixture(scope="module")
def estate() -> ap.Estate:
    return ap.read_estate(MALTON)


@pytest.fixture(scope="module")
def scenarios() -> list[ap.Scenario]:
    return [ap.read_scenario(file) for file in FILES]


@pytest.fixture(scope="module")
def drawn(estate: ap.Estate, scenarios: list[ap.Scenario]) -> list[YearScenario]:
    return years_on_map(estate, scenarios, list(estate.organisations), {})


def now(rows: list[Any], year: int) -> list[Any]:
    return [row for row in rows if row["first"] <= year and (row["last"] is None or year <= row["last"])]


def test_every_scenario_of_malton_is_followed_from_its_base_year_to_its_last_event(drawn: list[YearScenario]) -> None:
    assert [one["name"] for one in drawn] == [ap.read_scenario(file).name for file in FILES]
    for one in drawn:
        assert one["first"] == 2010
        assert one["says"] == sorted(one["says"], key=lambda said: said[0])
        assert all(one["first"] <= year <= one["last"] for year, _ in one["says"])
        assert all(text.endswith(".") for _, text in one["says"])


def test_services_are_each_year_where_the_course_has_them(
    estate: ap.Estate, scenarios: list[ap.Scenario], drawn: list[YearScenario]
) -> None:
    """Brute force: of every service that moves and every year, the place at its end is among those drawn, and in the last year alone."""
    ground, hosts = Ground(estate), HubNames(estate)
    names = dict(zip(estate.services["service_id"], estate.services["name"], strict=True))
    checked = 0
    for scenario, one in zip(scenarios, drawn, strict=True):
        course = Course(ground, list(enumerate(scenario.actions, start=1)))
        moving = {move.service for move in course.moves}
        assert {stay["name"] for stay in one["stays"]} == {names[key] for key in moving}
        for year in range(one["first"] - 1, one["last"] + 1):
            for service in moving:
                here = [stay for stay in now(one["stays"], year) if stay["name"] == names[service]]
                move = max(
                    (m for m in course.moves if m.service == service and m.year <= year),
                    key=lambda m: m.year,
                    default=None,
                )
                assert len(here) == (2 if move is not None and move.left_in > year else 1)
                at = course.land_of(course.place(service, year))
                assert here[-1]["place"].endswith(hosts.host(at))
                checked += 1
    assert checked > 100


def test_with_double_running_a_service_is_in_both_places_until_it_has_left(estate: ap.Estate) -> None:
    moved = ap.Scenario(
        "Both", [ap.Relocate(service="nycc-library", to="rdc:A0007", year=2012, double_running_months=24)]
    )
    (one,) = years_on_map(estate, [moved], [], {})
    assert one["last"] == 2014
    assert [len(now(one["stays"], year)) for year in range(2010, 2015)] == [1, 1, 2, 2, 1]
    assert "the old place is left" in one["says"][-2][1] or "the old place is left" in one["says"][-1][1]


def test_a_place_is_worked_on_then_open_or_empty_then_gone(estate: ap.Estate) -> None:
    (one,) = years_on_map(estate, [ap.read_scenario(MALTON / "scenarios" / "s2-town-front-door.toml")], [], {})
    library = [state for state in one["states"] if state["place"] == "Malton Library"]
    assert [[state["kind"] for state in now(library, year)] for year in (2011, 2012, 2013, 2014)] == [
        [],
        ["empty"],
        ["gone"],
        ["gone"],
    ]
    host = [state for state in one["states"] if state["place"] == "Community House"]
    assert [[state["kind"] for state in now(host, year)] for year in (2010, 2011, 2012, 2013)] == [
        [],
        ["works"],
        ["open"],
        ["open"],
    ]


def test_sites_are_told_by_their_number_on_the_map(estate: ap.Estate) -> None:
    ground = Ground(estate)
    site = ground.site_of["nycc:NY/0431"]
    sold = ap.read_scenario(MALTON / "scenarios" / "s2-town-front-door.toml")
    (one,) = years_on_map(estate, [sold], ["police", "nycc"], {site: 7})
    assert {state["site"] for state in one["states"] if state["place"] == "Malton Library"} == {7}
    assert {state["site"] for state in one["states"] if state["place"] != "Malton Library"} == {-1}
    numbers = {move["name"]: move["organisation"] for move in one["moves"]}
    assert numbers["Malton Library"] == 1
    assert numbers["Police desk"] == 0
    assert numbers["Council front desk"] == -1


def test_a_reader_gets_only_scenarios_that_are_for_it_and_name_what_it_may_see(
    estate: ap.Estate, scenarios: list[ap.Scenario]
) -> None:
    unseen = estate.for_audience("nhs")
    assert [one["name"] for one in years_on_map(unseen, scenarios, [], {})] == ["S0 Do minimum"]
    hidden = [
        key
        for key in estate.services["service_id"]
        if key not in set(estate.for_audience("public").services["service_id"])
    ]
    assert hidden, "some service of Malton is not for the public"
    public = estate.for_audience("public")
    for service in (*hidden, "no-such-service"):
        asked = ap.Scenario("Asked", [ap.Relocate(service=service, to="rdc:A0007", year=2012)], audience="public")
        assert years_on_map(public, [asked], [], {}) == []


def test_the_page_draws_scenarios_for_released_readers_alone(estate: ap.Estate, scenarios: list[ap.Scenario]) -> None:
    from assetplan.maps import view_of
    from assetplan.wording import account_of

    for reader, released in (("nhs", False), ("public", False)):
        mine = estate.for_audience(reader)
        view = view_of(account_of(mine), scenarios=scenarios)
        assert mine.released("appraisals") is released
        assert "years" not in view["map"]
        assert "appraisal" not in view
        assert view["summary"] == view_of(account_of(mine))["summary"], "the page does not say that there is something"
        assert any("not released" in note for note in view["notes"])


def test_the_table_says_what_the_map_shows(drawn: list[YearScenario]) -> None:
    table = years_table(drawn)
    assert table is not None
    told = {(row[0], row[1]): row[2] for row in table["rows"]}
    for one in drawn:
        for year, text in one["says"]:
            assert text in told[one["name"], f"{year}/{(year + 1) % 100:02d}"]
    assert years_table([]) is None


def test_nothing_happens_in_an_empty_scenario_and_a_long_one_is_cut(estate: ap.Estate) -> None:
    assert years_on_map(estate, [ap.Scenario("Nothing")], [], {}) == []
    late = ap.Scenario(
        "Late", [ap.Relocate(service="nycc-library", to="rdc:A0007", year=year) for year in (2012, 2090)]
    )
    (one,) = years_on_map(estate, [late], [], {})
    assert one["last"] - one["first"] <= 60


def test_what_stands_empty_or_is_gone_on_the_map_is_what_the_timeline_says(
    estate: ap.Estate, scenarios: list[ap.Scenario], drawn: list[YearScenario]
) -> None:
    """One notion of empty: of every place the map has empty in just the years in which the appraisal tells of a void."""
    told = 0
    for scenario, one in zip(scenarios, drawn, strict=True):
        rows = ap.appraise(estate, scenario).timeline()
        voids = {(str(row["name"]), int(row["start_year"])) for _, row in rows[rows["what"] == "void"].iterrows()}
        empty = {(state["place"], state["first"]) for state in one["states"] if state["kind"] == "empty"}
        assert empty == {(name, year) for name, year in voids if year <= one["last"]}
        told += len(empty)
    assert told > 3


def test_what_goes_in_its_last_part_is_gone_and_never_empty(estate: ap.Estate) -> None:
    (one,) = years_on_map(estate, [ap.read_scenario(MALTON / "scenarios" / "s4-extra-care.toml")], [], {})
    home = [state for state in one["states"] if state["place"] == "Ashfield care home"]
    assert [state["kind"] for state in now(home, 2014)] == ["gone"]
    assert not any("stands empty" in text for _, text in one["says"])
    assert any("to the new building at Ashfield care home" in text for _, text in one["says"])

"""Co-location options: Malton as its reader would see it, every set tried on small estates, and what may never change a score."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import run
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import tiny_estate

import assetplan as ap
from assetplan import hub_words, schema
from assetplan.errors import EstateError, SubjectError
from assetplan.hosts.hosting import hosts_of
from assetplan.hosts.verdicts import AFTER_WORKS, BLOCKED, FITS
from assetplan.hubs import blocking
from assetplan.hubs.blocking import finding_out, step_months
from assetplan.hubs.colocation import COLOCATION_COLUMNS
from assetplan.hubs.joint import JointRoom
from assetplan.hubs.judging import CRITERIA, Colocation
from assetplan.hubs.option import option_id
from assetplan.hubs.ranking import Scored, package_weights, weights_of

MALTON = Path(__file__).parents[1] / "data" / "malton"
HQ, COMMUNITY, LIBRARY, EDGE, STATION = "rdc:A0001", "rdc:A0007", "nycc:NY/0431", "MAL-13", "police:NYP-0117"
TOWN_CENTRE = ("nycc-library", "police-desk", "rdc-front-desk")
BLUE_LIGHT = ("nhs-ambulance", "police-response")


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return ap.read_estate(MALTON, audience="rdc")


@pytest.fixture(scope="module")
def found(malton: ap.Estate) -> pd.DataFrame:
    return ap.find_colocations(malton)


def options(found: pd.DataFrame) -> list[Colocation]:
    return list(found.attrs["options"].values())


def row(found: pd.DataFrame, host: str, services: tuple[str, ...]) -> dict[str, Any]:
    rows = found[(found["host"] == host) & (found["services"] == services)].to_dict("records")
    assert len(rows) == 1, f"{host} {services}"
    return rows[0]


# ------------------------------------------------------------------------------------------------------- Malton


def test_the_town_centre_building_takes_front_desk_library_and_police_desk(found: pd.DataFrame) -> None:
    hub = row(found, COMMUNITY, TOWN_CENTRE)
    assert hub["rank"] is not None
    assert hub["organisations"] == ("nycc", "police", "rdc")
    assert hub["affinity"] == 6.0  # 3 for the one counter, 2 and 1 for the police desk; nobody is left behind
    assert hub["closes"] == (LIBRARY,)
    assert any("465 m2 of public space" in said and "405 too little" in said for said in hub["unknowns"])
    assert any("joint facility" in said for said in hub["together_because"])
    assert any("could cost it" in said for said in hub["could_change"])
    assert [said.split(":")[0] for said in hub["instruments"]] == [
        "Malton Library",
        "Police desk",
        "Council front desk",
    ]
    assert "no instrument between bodies" in hub["instruments"][2]
    assert "licence, no exclusive possession" in hub["instruments"][1]


def test_the_gate_decides_whether_the_fire_engine_goes_to_the_edge(malton: ap.Estate, found: pd.DataFrame) -> None:
    with_fire = [one for one in options(found) if one.option.host == EDGE and "fire-malton" in one.option.services]
    assert with_fire
    assert all(one.verdict == "blocked" and one.rank is None for one in with_fire)
    assert {obstacle.kind for one in with_fire for obstacle in one.of_state("forbidden")} == {"response"}
    gate = ap.gate(malton, "fire-malton", EDGE)
    assert gate.verdict == "fails"
    assert any(gate.reasons[0] in obstacle.says for one in with_fire for obstacle in one.of_state("forbidden"))
    without = [one for one in options(found) if one.option.host == EDGE and not one.barred]
    centre = next(one for one in without if set(BLUE_LIGHT) <= set(one.option.services))
    assert centre.rank is not None
    assert {obstacle.state for obstacle in centre.obstacles if obstacle.kind == "response"} == {"to be settled"}
    assert [step.action for step in centre.option.before] == ["acquire", "build"]
    year, months = 2011, sum(step.months for step in centre.option.before)
    assert {action["year"] for action in centre.option.actions(year) if action["action"] == "relocate"} == {
        year + int(months // 12)
    }
    assert centre.measured.months[0] >= step_months("acquire")[0] + step_months("build")[0]
    assert np.isnan(centre.measured.cash_gbp_pa[0])  # what a new building costs to run nobody knows
    assert found["rank"].dropna().tolist() == list(range(1, int(found["rank"].notna().sum()) + 1))
    assert found["rank"].isna().tolist() == sorted(
        found["rank"].isna()
    )  # what is forbidden stands apart, after all others


def test_the_neighbourhood_police_next_door_hang_on_an_arguable_covenant(found: pd.DataFrame) -> None:
    here = row(found, HQ, ("police-neighbourhood",))
    (covenant,) = [said for said in here["blockers"] if said.startswith("arguable: ")]
    assert "Covenant on the Ryedale House site" in covenant
    assert "Executive papers" in covenant
    assert any("Other covenants" in said for said in here["unknowns"])  # not known is told apart from arguable
    assert any("adjoins it" in said for said in here["together_because"])
    assert here["top3_in"].startswith("among the first three in ")
    assert 0 <= here["first_percent"] <= here["top3_percent"] <= 100
    one = next(one for one in options(found) if one.option.option_id == here["option_id"])
    answer = next(answer for answer in one.answers if answer.about.startswith("Covenant on the Ryedale House site"))
    assert answer.finding == finding_out("covenant", "arguable")
    assert answer.rank_if_bad is None
    assert answer.rank_if_good is not None
    assert answer.rank_if_good <= one.rank  # type: ignore[operator]


def test_what_may_never_be_a_host_or_a_guest_is_none(malton: ap.Estate, found: pd.DataFrame) -> None:
    never = {"nhs:B82025", "nhs:INV-0001", "MAL-12", "nycc:NY/0412", "nycc:NY/0413", "nycc:NY/0427"}
    fixed = set(malton.services["service_id"][[flag is True for flag in malton.services["fixed"]]])
    for one in options(found):
        assert one.option.host not in never
        assert not fixed & set(one.option.services)
        kinds = {obstacle.kind for obstacle in one.of_state("forbidden")}
        assert not kinds or kinds == {"response"}
        if one.option.host == HQ:
            assert not one.barred


def test_each_score_is_the_sum_of_its_points_and_ranks_follow(malton: ap.Estate, found: pd.DataFrame) -> None:
    ranked = [one for one in options(found) if one.rank is not None]
    weights = malton.option_weights
    assert weights is not None
    lens = weights.default
    assert lens.name == "least-regret"
    for one in ranked:
        assert sum(points or 0.0 for points in one.contributions.values()) == pytest.approx(one.score)
        by_hand = 0.0
        for criterion in weights.criteria:
            value = one.figures[criterion.name]
            if np.isnan(value):
                assert one.contributions[criterion.name] is None
                continue
            part = (np.clip(value, criterion.low, criterion.high) - criterion.low) / (criterion.high - criterion.low)
            by_hand += lens.weights[criterion.name] * (part if criterion.direction == "more is better" else 1 - part)
        assert one.score == pytest.approx(by_hand)
        assert one.score <= one.score_high + 1e-9
        assert 0 <= one.first_share <= one.top3_share <= 1
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    stable = found.attrs["stability"]
    assert stable.draws == 10_000
    assert sum(one.first_share for one in ranked) == pytest.approx(1)
    assert sum(one.top3_share for one in ranked) == pytest.approx(3)


def test_access_is_that_of_moving_the_services(malton: ap.Estate, found: pd.DataFrame) -> None:
    hub = row(found, COMMUNITY, TOWN_CENTRE)
    functions = {"library": "nycc-library", "police desk": "police-desk", "council front desk": "rdc-front-desk"}
    changes = {name: ap.access_change(malton, function=name, move={key: COMMUNITY}) for name, key in functions.items()}
    total = sum(change.people_minutes_change for change in changes.values())
    assert hub["people_minutes_change"] == pytest.approx(total, abs=0.5)
    losses = [change.total["worst_change_min"] for change in changes.values()]
    assert hub["worst_minutes"] == pytest.approx(max(losses), abs=0.05)
    visits = {"library": 180.0, "police desk": 12.0, "council front desk": 45.0}
    mean = sum(visits[name] * change.people_minutes_change / change.people for name, change in changes.items()) / sum(
        visits.values()
    )
    assert hub["trip_minutes"] == pytest.approx(mean, abs=0.05)


def test_cash_is_counted_only_where_a_building_would_be_empty(malton: ap.Estate, found: pd.DataFrame) -> None:
    buildings = ap.benchmark(malton).buildings
    with_yard = set(malton.services["asset_id"][malton.services["yard_m2"].notna()])
    for one in options(found):
        parts = [move.service for move in one.option.moves if move.part_of is not None]
        low, high = one.measured.cash_gbp_pa
        if not one.measured.closes and not parts and one.option.host_kind == "asset":
            assert (low, high) == (0.0, 0.0)
        # A yard is no floor: it does not follow the services into their host.
        floor_only = not with_yard & set(one.measured.closes)
        if one.measured.closes and not parts and one.option.host_kind == "asset" and floor_only:
            ends = buildings.loc[list(one.measured.closes), ["if_closed_low_gbp_pa", "if_closed_high_gbp_pa"]].sum()
            assert (low, high) == pytest.approx(tuple(ends))
        for asset in one.measured.closes:
            inside = malton.services[malton.services["asset_id"] == asset]
            assert set(inside["service_id"]) <= {*one.option.services}


def test_an_option_not_found_is_examined_with_its_place_among_those_found(malton: ap.Estate) -> None:
    one = ap.examine_colocation(malton, COMMUNITY, ["Adult social care team", "police-desk"])
    assert one.option.services == ("nycc-adult-care", "police-desk")
    assert one.rank is not None
    assert one.score >= 0
    assert {obstacle.state for obstacle in one.obstacles} <= set(blocking.STATES)


@pytest.mark.parametrize(
    ("host", "services", "says"),
    [
        ("nhs:B82025", ["police-desk"], "private premises"),
        (COMMUNITY, ["nycc-norton-hub"], "stays where it is"),
        (HQ, ["rdc-front-desk"], "is there already"),
        (COMMUNITY, ["rdc-hq", "rdc-front-desk"], "a part of the other"),
        (COMMUNITY, ["rdc-front-desk"], "Fewer than two bodies"),
        ("rdc:A9999", ["police-desk"], "is no host"),
        (COMMUNITY, ["police-dusk"], "Did you mean"),
        (COMMUNITY, [], "No service is named"),
    ],
)
def test_what_is_no_option_is_refused(malton: ap.Estate, host: str, services: list[str], says: str) -> None:
    with pytest.raises(SubjectError, match=says):
        ap.examine_colocation(malton, host, services)


# ------------------------------------------------------------------------------------------------------- reviews and weights


def test_reviewers_answers_bar_or_lift_an_option(malton: ap.Estate, found: pd.DataFrame) -> None:
    hub = row(found, COMMUNITY, TOWN_CENTRE)["option_id"]
    edge = next(one for one in options(found) if one.option.host == EDGE and not one.barred)
    again = ap.find_colocations(
        malton, reviews={hub: "not willing", "fire": "willing", edge.option.option_id: "needs work"}
    )
    by_id = again.attrs["options"]
    assert by_id[hub].barred
    assert [obstacle.says for obstacle in by_id[hub].of_state("forbidden")] == ["This option: not willing."]
    assert by_id[hub].rank is None
    assert any(obstacle.kind == "willingness" for obstacle in by_id[edge.option.option_id].of_state("to be settled"))
    stores = next(one for one in options(again) if one.option.services == ("fire-store",))
    before = found.attrs["options"][stores.option.option_id]
    assert (before.willing_percent, stores.willing_percent) == (50.0, 100.0)


def test_reviews_that_cannot_be_used_are_refused_all_together(malton: ap.Estate) -> None:
    with pytest.raises(ValueError, match="no option that was found here") as caught:
        ap.find_colocations(malton, reviews={"polise": "willing", "police": "wiling"})
    assert "Did you mean 'police'?" in str(caught.value)
    assert "Did you mean 'willing'?" in str(caught.value)


def test_weights_and_lenses_that_cannot_be_used_are_refused(malton: ap.Estate) -> None:
    with pytest.raises(EstateError, match="Did you mean 'money'"):
        ap.find_colocations(malton, lens="mony")
    used = malton.option_weights
    assert used is not None
    strange = replace(used, criteria=(replace(used.criteria[0], name="receipt_gbp"), *used.criteria[1:]))
    with pytest.raises(EstateError, match="receipt_gbp"):
        ap.find_colocations(malton, weights=strange)
    for number, value in (("max_guests", 0), ("max_guests", 9), ("max_guests", True), ("reach_km", float("nan"))):
        with pytest.raises(ValueError, match=number):
            ap.find_colocations(malton, **{number: value})


def test_the_packages_own_weights_hold_where_a_folder_has_none(malton: ap.Estate) -> None:
    bare = replace(malton, option_weights=None)
    weights = package_weights()
    assert set(CRITERIA) == {criterion.name for criterion in weights.criteria}
    assert next(iter(weights.lenses)) == "least-regret"
    assert not any("receipt" in criterion.name for criterion in weights.criteria)
    assert weights_of(bare, None) == weights
    assert weights_of(malton, None) is malton.option_weights


# ------------------------------------------------------------------------------------------------------- every set tried

ASSETS = [
    {"organisation": "alder", "ref": "1", "name": "Hall", "x": 0, "y": 0, "use": "Offices", "status": "under review", "fte": 4,
     "gia_m2": 900, "running_cost_gbp_pa": 40_000, "backlog_gbp": 5_000, "tenure": "Freehold"},
    {"organisation": "birch", "ref": "1", "name": "Station", "x": 300, "y": 0, "use": "Offices", "gia_m2": 300, "fte": 8,
     "running_cost_gbp_pa": 30_000, "backlog_gbp": 9_000, "tenure": "Freehold"},
    {"organisation": "cedar", "ref": "1", "name": "Clinic", "x": 600, "y": 0, "use": "Offices", "gia_m2": 400, "fte": 5,
     "running_cost_gbp_pa": 20_000, "backlog_gbp": 0, "tenure": "Freehold"},
]  # fmt: skip
SERVICES = [
    {"service_id": "a1", "organisation": "alder", "name": "Counter", "function": "counter", "asset_id": "alder:1", "fte": 4, "peak_desks": 2,
     "office_m2": 40, "area_basis": "NIA", "hours": "office", "visits_per_day": 20},
    {"service_id": "b1", "organisation": "birch", "name": "Beat", "function": "beat", "asset_id": "birch:1", "fte": 5, "peak_desks": 3,
     "office_m2": 60, "area_basis": "NIA", "hours": "office"},
    {"service_id": "b2", "organisation": "birch", "name": "Desk", "function": "desk", "asset_id": "birch:1", "fte": 3, "peak_desks": 1,
     "office_m2": 20, "area_basis": "NIA", "hours": "office;evening"},
    {"service_id": "c1", "organisation": "cedar", "name": "Nurses", "function": "nurses", "asset_id": "cedar:1", "fte": 5, "peak_desks": 4,
     "office_m2": 50, "area_basis": "NIA", "hours": "evening"},
]  # fmt: skip
CAPACITY = [
    {"subject": "alder:1", "space": "office", "available": 120, "after_works": 200, "area_basis": "NIA"},
    {"subject": "alder:1", "space": "desks", "available": 9, "after_works": 9},
    {"subject": "birch:1", "space": "office", "available": 60, "after_works": 60, "area_basis": "NIA"},
    {"subject": "birch:1", "space": "desks", "available": 3, "after_works": 4},
    {"subject": "cedar:1", "space": "office", "available": "TBC", "area_basis": "NIA"},
    {"subject": "cedar:1", "space": "desks", "available": 5, "after_works": 5},
]
AFFINITIES = [
    {"function_a": "counter", "function_b": "desk", "effect": "affinity", "strength": 3, "reason": "one counter"},
    {"function_a": "beat", "function_b": "nurses", "effect": "affinity", "strength": 1, "reason": "same people"},
    {"function_a": "counter", "function_b": "nurses", "effect": "conflict", "strength": 1, "reason": "noise"},
    {"function_a": "beat", "function_b": "counter", "effect": "conflict", "strength": 3, "reason": "not at all"},
]


def small(path: Path, **changes: Any) -> ap.Estate:
    tables = {"services": SERVICES, "capacity": CAPACITY, "affinities": AFFINITIES, **changes}
    return tiny_estate(path, tables.pop("assets", ASSETS), **tables)


def test_every_set_that_something_links_is_found_and_no_other(tmp_path: Path) -> None:
    estate = small(tmp_path)
    found = ap.find_colocations(estate, max_guests=3)
    seen = {(bundle.host, bundle.services) for bundle in found.attrs["search"].bundles}
    body = {service["service_id"]: service["organisation"] for service in SERVICES}
    at = {service["service_id"]: service["asset_id"] for service in SERVICES}
    links = {frozenset(("a1", "b2")), frozenset(("b1", "c1"))}
    barred = {frozenset(("a1", "b1"))}
    joint = JointRoom(estate, hosts_of(estate))
    expected = set()
    for host in ("alder:1", "birch:1", "cedar:1"):
        there = [key for key in at if at[key] == host]
        away = [key for key in at if at[key] != host]
        for size in (1, 2, 3):
            for guests in combinations(sorted(away), size):
                together = {*guests, *there}
                fits = not joint.refused(guests, host)
                apart = any(pair <= together and pair & set(guests) for pair in barred)
                if not fits or apart or len({body[key] for key in together}) < 2:
                    continue
                if _hangs_together(guests, there, links, at):
                    expected.add((host, guests))
    assert seen == expected
    assert len(seen) > 3


def _hangs_together(guests: tuple[str, ...], there: list[str], links: set[frozenset[str]], at: dict[str, str]) -> bool:
    """Whether a set can be grown: from a guest linked to somebody there, or two linked guests, by links or from one building."""

    def joins(key: str, one: set[str]) -> bool:
        return any(frozenset((key, other)) in links or at[key] == at[other] for other in one)

    seeds = [{key} for key in guests if any(frozenset((key, other)) in links for other in there)]
    seeds += [set(pair) for pair in combinations(guests, 2) if frozenset(pair) in links]
    for seed in seeds:
        grown = set(seed)
        while more := {key for key in guests if key not in grown and joins(key, grown)}:
            grown |= more
        if grown == set(guests):
            return True
    return False


def test_what_services_give_up_and_find_is_worked_out_by_hand(tmp_path: Path) -> None:
    estate = small(tmp_path)
    one = ap.examine_colocation(estate, "alder:1", ["b2"])
    assert one.measured.affinity == 3.0
    assert one.measured.closes == ()
    assert one.measured.released_m2 == (20.0, 20.0)
    both = ap.examine_colocation(estate, "cedar:1", ["b1", "b2"])
    assert both.measured.closes == ("birch:1",)
    assert both.measured.avoided_gbp == (0.0, 9_000.0)
    assert both.measured.affinity == 1.0  # beat and nurses; beat and desk were together before
    low, high = both.measured.cash_gbp_pa
    assert 0 < low < high < 30_000
    assert any(obstacle.kind == "capacity" and obstacle.state == "not known" for obstacle in both.obstacles)
    against = ap.examine_colocation(estate, "alder:1", ["b1"])
    assert [obstacle.kind for obstacle in against.of_state("forbidden")] == ["conflict"]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_room_for_several_is_what_their_hours_leave(data: st.DataObject) -> None:
    """Net areas and desks, all stated: what is wanted at one hour adds up, whatever is wanted at another."""
    hours = ("office", "evening", "weekend", "night")
    wants = [
        (
            data.draw(st.integers(0, 9)),
            data.draw(st.integers(0, 4)),
            data.draw(st.sets(st.sampled_from(hours), min_size=1)),
        )
        for _ in range(3)
    ]
    now = data.draw(st.integers(0, 20)), data.draw(st.integers(0, 9))
    after = now[0] + data.draw(st.integers(0, 10)), now[1] + data.draw(st.integers(0, 5))
    estate = JOINT.estate(wants, now, after)
    joint = JointRoom(estate, JOINT.hosts)
    worst = max((one.code for one in joint.told(["s0", "s1", "s2"], "alder:1")), default=FITS)
    assert joint.refused(["s0", "s1", "s2"], "alder:1") == (worst == BLOCKED)
    most = [max(sum(want[kind] for want in wants if hour in want[2]) for hour in hours) for kind in (0, 1)]
    if all(want <= free for want, free in zip(most, now, strict=True)):
        assert worst == FITS
    elif all(want <= free for want, free in zip(most, after, strict=True)):
        assert worst == AFTER_WORKS
    else:
        assert worst == BLOCKED


class _Joint:
    """One small estate whose services and room are put in place anew for each example."""

    def __init__(self) -> None:
        self.base: ap.Estate | None = None
        self.hosts: Any = None

    def read(self, path: Path) -> None:
        services = [
            {"service_id": f"s{i}", "organisation": "birch", "name": f"S{i}", "function": "team", "asset_id": "birch:1", "office_m2": 1,
             "peak_desks": 1, "area_basis": "NIA", "hours": "office", "fte": 1}
            for i in range(3)
        ]  # fmt: skip
        capacity = [
            {"subject": "alder:1", "space": space, "available": 1, "after_works": 1, "area_basis": "NIA"}
            for space in ("office", "desks")
        ]
        self.base = tiny_estate(path, ASSETS, services=services, capacity=capacity)
        self.hosts = hosts_of(self.base)

    def estate(self, wants: Any, now: tuple[int, int], after: tuple[int, int]) -> ap.Estate:
        assert self.base is not None
        services, capacity = self.base.services.copy(), self.base.capacity.copy()
        for i, (office, desks, at) in enumerate(wants):
            services.at[i, "office_m2"], services.at[i, "peak_desks"] = float(office), float(desks)
            services.at[i, "hours"] = tuple(sorted(at))
        for kind, name in enumerate(("office", "desks")):
            (row_,) = capacity.index[capacity["space"] == name]
            capacity.at[row_, "available"], capacity.at[row_, "after_works"] = float(now[kind]), float(after[kind])
        return replace(self.base, services=services, capacity=capacity)


JOINT = _Joint()


@pytest.fixture(scope="module", autouse=True)
def _read_joint(tmp_path_factory: pytest.TempPathFactory) -> None:
    JOINT.read(tmp_path_factory.mktemp("joint"))


# ------------------------------------------------------------------------------------------------------- what changes nothing


def test_an_unrelated_asset_changes_no_score(tmp_path: Path) -> None:
    before = ap.find_colocations(small(tmp_path / "a"))
    more = [
        *ASSETS,
        {"organisation": "alder", "ref": "9", "name": "Far barn", "x": 30_000, "y": 9_000, "use": "Offices", "gia_m2": 9_000, "fte": 1,
         "running_cost_gbp_pa": 900_000, "backlog_gbp": 9_000_000, "tenure": "Freehold"},
    ]  # fmt: skip
    far = [
        *CAPACITY,
        {"subject": "alder:9", "space": "office", "available": 900, "after_works": 900, "area_basis": "NIA"},
        {"subject": "alder:9", "space": "desks", "available": 90, "after_works": 90},
    ]
    after = ap.find_colocations(small(tmp_path / "b", assets=more, capacity=far))
    assert len(before)
    scores = dict(zip(after["option_id"], zip(after["score"], after["score_high"], strict=True), strict=True))
    for key, low, high in zip(before["option_id"], before["score"], before["score_high"], strict=True):
        assert scores[key] == (low, high)


def test_the_order_of_rows_changes_nothing(malton: ap.Estate, found: pd.DataFrame, tmp_path: Path) -> None:
    folder = tmp_path / "malton"
    shutil.copytree(MALTON, folder)
    for name in ("services.csv", "capacity.csv", "affinities.csv"):
        head, *lines = (folder / name).read_text(encoding="utf-8").splitlines()
        (folder / name).write_text("\n".join([head, *reversed(lines)]) + "\n", encoding="utf-8")
    again = ap.find_colocations(ap.read_estate(folder, audience="rdc"))
    pd.testing.assert_frame_equal(again.drop(columns="contributions"), found.drop(columns="contributions"))
    assert again["contributions"].tolist() == found["contributions"].tolist()


def test_an_identifier_hangs_on_host_and_services_alone() -> None:
    assert option_id("x", ["a", "b"]) == option_id("x", ["b", "a", "a"])
    assert (
        len({option_id("x", ["a", "b"]), option_id("x", ["ab"]), option_id("y", ["a", "b"]), option_id("x", ["a"])})
        == 4
    )


def test_actions_say_what_would_be_done(malton: ap.Estate, found: pd.DataFrame) -> None:
    hub = found.attrs["options"][row(found, COMMUNITY, TOWN_CENTRE)["option_id"]].option
    assert hub.actions() == [
        {"action": "refurbish", "asset": COMMUNITY, "months": 18.0},
        {"action": "split", "service": "rdc-hq", "parts": ["rdc-front-desk"]},
        {"action": "relocate", "service": "rdc-front-desk", "to": COMMUNITY},
        {"action": "share", "host": COMMUNITY, "services": ["nycc-library", "police-desk"], "instrument": "licence"},
    ]
    assert json.loads(json.dumps(hub.actions())) == hub.actions()


def test_every_option_is_a_scenario_that_only_what_forbids_it_refuses(malton: ap.Estate, found: pd.DataFrame) -> None:
    every = options(found)
    scenarios = [one.option.to_scenario(one.option.option_id, 2011, audience="rdc") for one in every]
    for one, problems in zip(every, ap.check_scenarios(malton, scenarios, gate=ap.gates), strict=True):
        refused = [problem for problem in problems if problem.verdict == "refused"]
        assert bool(refused) == one.barred, (one.option.services, refused)


def test_an_answer_counts_as_it_would_if_given(malton: ap.Estate, found: pd.DataFrame) -> None:
    """The rank told for a good answer is the rank once the thing is out of the way."""
    weights = malton.option_weights
    assert weights is not None
    ranked = [one for one in options(found) if one.rank is not None]
    lows = np.array(Scored(ranked, weights, weights.default).low)
    one = ranked[3]
    scored = Scored([one], weights, weights.default)
    assert scored.of(one.figures) == pytest.approx(one.score)
    obstacle = one.of_state("not known")[0]
    (answer,) = [answer for answer in one.answers if answer.about == one.quoted(obstacle)]
    rest = tuple(other for other in one.obstacles if other is not obstacle)
    better = Scored([replace(one, obstacles=rest)], weights, weights.default).low[0]
    assert answer.rank_if_good == 1 + int((np.delete(lows, 3) > better + 1e-9).sum())


def test_an_estate_without_services_gives_the_same_columns(tmp_path: Path) -> None:
    estate = tiny_estate(tmp_path, ASSETS)
    empty = ap.find_colocations(estate)
    assert empty.empty
    assert tuple(empty.columns) == COLOCATION_COLUMNS == tuple(schema.table("colocations"))
    assert "Nothing links services of two bodies" in hub_words.told(estate, empty)[0].sentences[0]


def test_what_a_reader_may_not_know_leaves_no_trace(tmp_path: Path) -> None:
    """Filter, then resolve: options for a reader are those of a folder that never held the rest."""
    hidden = {"b2", "birch:1"}
    services = [{**one, "audience": "birch" if one["service_id"] in hidden else "public"} for one in SERVICES]
    capacity = [{**one, "audience": "birch" if one["subject"] in hidden else "public"} for one in CAPACITY]
    seen = ap.find_colocations(
        tiny_estate(
            tmp_path / "a", ASSETS, services=services, capacity=capacity, affinities=AFFINITIES, audience="alder"
        )
    )
    known = {
        "services": [one for one in services if one["audience"] == "public"],
        "capacity": [one for one in capacity if one["audience"] == "public"],
    }
    never = ap.find_colocations(tiny_estate(tmp_path / "b", ASSETS, **known, affinities=AFFINITIES, audience="alder"))
    assert len(never)
    pd.testing.assert_frame_equal(seen.drop(columns="contributions"), never.drop(columns="contributions"))
    assert seen["contributions"].tolist() == never["contributions"].tolist()
    whole = ap.find_colocations(small(tmp_path / "c"))
    assert len(whole) > len(seen)


# ------------------------------------------------------------------------------------------------------- words and commands


def test_words_tell_the_ranking_what_is_apart_and_what_it_rests_on(malton: ap.Estate, found: pd.DataFrame) -> None:
    sections = hub_words.told(malton, found)
    text = "\n".join("\n".join(section.sentences) for section in sections)
    assert sections[0].heading == "Co-location options"
    assert any(section.heading.startswith("Listed apart") for section in sections)
    assert "least-regret" in text
    assert "not cash" in text
    assert "folded into" in text
    assert "None" not in text
    assert "nan" not in text
    public = ap.read_estate(MALTON, audience="public")
    assert hub_words.told(public, found.head(0))[0].sentences == (hub_words.NOT_RELEASED,)


def test_names_from_data_are_shown_with_nothing_hidden(tmp_path: Path) -> None:
    named = [{**service, "name": f"{service['name']}\u202e<b>"} for service in SERVICES]
    estate = small(tmp_path, services=named)
    found = ap.find_colocations(estate)
    sections = hub_words.told(estate, found)
    told = "\n".join(
        "\n".join((section.heading, *section.sentences, "" if section.table is None else section.table.to_string()))
        for section in sections
    )
    assert "Counter" in told
    assert "\u202e" not in told


def test_the_command_answers_as_table_and_json() -> None:
    done = run("colocate", MALTON, "--audience", "rdc", "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {"rank", "host", "services", "organisations", "score", "contributions", "blockers"} <= set(rows[0])
    assert rows[0]["rank"] == 1
    assert isinstance(rows[0]["contributions"], dict)
    one = run("colocate", MALTON, HQ, "police-neighbourhood", "--audience", "rdc")
    assert one.returncode == 0, one.stderr
    assert "Arguable, for counsel" in one.stdout
    closed = run("colocate", MALTON, "--audience", "fire", "--format", "json")
    assert (closed.returncode, json.loads(closed.stdout)) == (0, [])
    assert "not released" in closed.stderr
    assert run("colocate", MALTON, HQ).returncode == 2
    assert run("colocate", MALTON, "nhs:B82025", "police-desk", "--audience", "rdc").returncode == 1

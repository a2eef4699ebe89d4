"""Room: several services into one host, against every world that the figures allow; by hand; and that no answer depends on the way it is asked."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shared
from hypothesis import given, settings
from hypothesis import strategies as st

import assetplan as ap
from assetplan.space.needs import KIND_NOT_STATED, KINDS, Need, need_of, needs_of
from assetplan.space.room import (
    AFTER_WORKS,
    NOT_KNOWN,
    NOW,
    SHORT_NOW,
    TOO_LITTLE,
    Answer,
    Rooms,
    assumed,
)
from assetplan.space.standards import Factor, published_factors
from assetplan.vocabulary import HOURS, ROOM

LOTS = 1e9
BASES = ("NIA", "GIA", None)
OFFICE = Need("office", 50.0, "NIA", ("office",))


@dataclass(frozen=True)
class Row:
    kind: str
    available: float | None
    after_works: float | None = None
    basis: str | None = "NIA"
    hours: tuple[str, ...] = ()


def rooms_of(*rows: Row, host: str = "h", factors: dict[str, Factor] | None = None) -> Rooms:
    table = [
        {"subject": host, "space": row.kind, "hours": row.hours, "available": row.available, "after_works": row.after_works,
         "area_basis": row.basis, "source": "stated", "illustrative": None}
        for row in rows
    ]  # fmt: skip
    columns = ["subject", "space", "hours", "available", "after_works", "area_basis", "source", "illustrative"]
    return Rooms(pd.DataFrame(table, columns=columns, dtype=object), factors=factors)


def asked(needs: list[Need], *rows: Row) -> Answer:
    return rooms_of(*rows).fit_together(needs, "h")


# ------------------------------------------------------------------------------------------------------- every world


def in_basis(amount: float, own: str, wanted: str, net_of_gross: float) -> float:
    if own == wanted:
        return amount
    return amount * net_of_gross if wanted == "NIA" else amount / net_of_gross


def by_every_world(needs: list[Need], rows: list[Row]) -> str:
    """The answer when every figure not known is tried at its ends: what holds in all worlds, in some, in none.

    A need without a basis is NIA or GIA, one without hours may be at any one hour or at all. A row without a basis is either; what net is of
    gross is at either end for each row; a blank is anything from nothing to a great deal. Where no row speaks there is nothing or a great deal.
    """
    kinds = sorted({need.kind for need in needs})
    factor = published_factors()
    share = {
        "office": factor["office_nia_per_gia"],
        "public": factor["other_nia_per_gia"],
        "desks": Factor("", 1, 1, "", "", ""),
    }
    now_in, after_in = [], []
    bases = [[need.basis] if need.basis else ["NIA", "GIA"] for need in needs]
    hours = [[need.hours] if need.hours else [*((hour,) for hour in HOURS), HOURS] for need in needs]
    amounts = [[need.amount] if need.amount is not None else [0.0, LOTS] for need in needs]
    ways = (list(itertools.product(*some)) for some in (bases, hours, amounts))
    for base, when, amount in itertools.product(*ways):
        wanted = [(kind, hour) for kind in kinds for hour in HOURS
                  if any(n.kind == kind and hour in w and a > 0 for n, w, a in zip(needs, when, amount, strict=True))]  # fmt: skip
        outcomes = []
        for row in rows:
            nows = (
                [row.available]
                if row.available is not None
                else [0.0, LOTS if row.after_works is None else row.after_works]
            )
            afters = [None, LOTS] if row.after_works is None else [row.after_works]
            ends = share.get(row.kind)
            met = set()
            for own, part in itertools.product(
                [row.basis] if row.basis else ["NIA", "GIA"], [ends.low, ends.high] if ends else [1.0]
            ):
                asks = {
                    (kind, hour): sum(
                        in_basis(a, b, own, part)
                        for n, b, w, a in zip(needs, base, when, amount, strict=True)
                        if n.kind == kind and hour in w
                    )
                    for kind, hour in wanted
                    if kind == row.kind and (not row.hours or hour in row.hours)
                }
                for now, after in itertools.product(nows, afters):
                    then = now if after is None else max(now, after)
                    met.add(
                        (
                            frozenset(at for at, ask in asks.items() if now + 1e-6 >= ask),
                            frozenset(at for at, ask in asks.items() if then + 1e-6 >= ask),
                        )
                    )
            outcomes.append(met)
        spoken = {(row.kind, hour) for row in rows for hour in row.hours or HOURS}
        silent = set(wanted) - spoken
        for world in itertools.product(
            *outcomes, [(frozenset(), frozenset()), (frozenset(), frozenset(silent)), (frozenset(silent),) * 2]
        ):
            now_in.append(set(wanted) <= set().union(*(now for now, _ in world)))
            after_in.append(set(wanted) <= set().union(*(now | after for now, after in world)))
    if all(now_in):
        return NOW
    if all(after_in):
        return AFTER_WORKS
    if not any(now_in):
        return SHORT_NOW if any(after_in) else TOO_LITTLE
    return NOT_KNOWN


figures = st.sampled_from([0.0, 40.0, 60.0, 80.0, 100.0, 130.0, 200.0])
some_hours = st.lists(st.sampled_from(HOURS[:3]), max_size=2, unique=True).map(
    lambda given: tuple(hour for hour in HOURS if hour in given)
)


@st.composite
def stated(draw: st.DrawFn, kind: str) -> Row:
    now, more = draw(st.none() | figures), draw(st.none() | figures)
    after = None if more is None else more + (now or 0.0)
    return Row(kind, now, after, "NIA" if kind == "desks" else draw(st.sampled_from(BASES)), draw(some_hours))


@st.composite
def cases(draw: st.DrawFn, most: int = 3) -> tuple[list[Need], list[Row]]:
    kinds = draw(st.sampled_from([("office",), ("office",), ("public",), ("office", "desks")]))
    rows = [row for kind in kinds for row in draw(st.lists(stated(kind), max_size=2))]
    needs, anytime = [], False
    for _ in range(draw(st.integers(1, most))):
        kind, when = draw(st.sampled_from(kinds)), draw(some_hours)
        if not when and anytime:
            when = ("office",)
        # With several needs of which nobody says when, a lack of all of them together may be told as not known.
        anytime |= not when
        needs.append(
            Need(kind, draw(figures.filter(bool)), None if kind == "desks" else draw(st.sampled_from(BASES)), when)
        )
    if len({need.kind for need in needs}) > 1:
        # A need without hours ties the kinds of one service together; kind by kind it is judged at the hour that suits each.
        needs = [replace(need, hours=need.hours or ("office",)) for need in needs]
    return [replace(need, basis="NIA") if need.kind == "desks" else need for need in needs], rows


@given(cases())
@settings(max_examples=80, deadline=None)
def test_several_services_fit_together_where_they_do_in_every_world(case: tuple[list[Need], list[Row]]) -> None:
    needs, rows = case
    assert asked(needs, *rows).room == by_every_world(needs, rows)


@given(st.lists(figures.filter(bool), min_size=2, max_size=3), st.lists(stated("office"), min_size=1, max_size=2))
@settings(max_examples=30, deadline=None)
def test_a_lack_of_services_at_hours_nobody_states_is_never_made_up(sizes: list[float], rows: list[Row]) -> None:
    needs = [Need("office", size, "NIA") for size in sizes]
    answer, truth = asked(needs, *rows).room, by_every_world(needs, rows)
    assert answer == truth or (answer in {NOT_KNOWN, SHORT_NOW} and truth in {SHORT_NOW, TOO_LITTLE})


# ------------------------------------------------------------------------------------------------------- whichever way it is asked


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_neither_order_nor_how_a_need_is_parted_changes_an_answer(
    case: tuple[list[Need], list[Row]], random: Any
) -> None:
    needs, rows = case
    answer = asked(needs, *rows).room
    mixed, turned = [*needs], [*rows]
    random.shuffle(mixed)
    random.shuffle(turned)
    assert asked(mixed, *turned).room == answer
    parted = [replace(need, amount=need.amount / 2) for need in needs if need.hours and need.amount for _ in range(2)]
    assert asked([*parted, *(need for need in needs if not need.hours)], *rows).room == answer


@given(cases(most=2))
@settings(max_examples=30, deadline=None)
def test_another_service_never_helps_and_more_room_never_harms(case: tuple[list[Need], list[Row]]) -> None:
    needs, rows = case
    before = asked(needs, *rows).room
    more = asked([*needs, replace(OFFICE, kind=needs[0].kind)], *rows).room
    if before in {SHORT_NOW, TOO_LITTLE}:
        assert more in {SHORT_NOW, TOO_LITTLE}
    assert (before == NOW) or more != NOW
    assert (before in {NOW, AFTER_WORKS}) or more not in {NOW, AFTER_WORKS}
    larger = [
        replace(one, available=None if one.available is None else one.available + 10,
                after_works=None if one.after_works is None else one.after_works + 10)
        for one in rows
    ]  # fmt: skip
    assert ROOM.index(asked(needs, *larger).room) <= ROOM.index(before)


@given(st.lists(cases(), min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_many_hosts_at_once_have_the_answers_of_each_alone(given_: list[tuple[list[Need], list[Row]]]) -> None:
    needs = given_[0][0]
    table = pd.DataFrame(
        [
            {"subject": f"h{i}", "space": row.kind, "hours": row.hours, "available": row.available, "after_works": row.after_works,
             "area_basis": row.basis, "source": "s", "illustrative": None}
            for i, (_, rows) in enumerate(given_) for row in rows
        ],
        columns=["subject", "space", "hours", "available", "after_works", "area_basis", "source", "illustrative"], dtype=object,
    )  # fmt: skip
    rooms = Rooms(table, {f"h{i}": i for i in range(len(given_))})
    together = [ROOM[code] for code in rooms.together(needs, np.arange(len(given_)))]
    assert together == [asked(needs, *rows).room for _, rows in given_]
    assert together == [rooms.fit_together(needs, f"h{i}").room for i in range(len(given_))]


# ------------------------------------------------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("need", "rows", "room"),
    [
        (OFFICE, [Row("office", 50)], NOW),
        (OFFICE, [Row("office", 49)], SHORT_NOW),
        (OFFICE, [Row("office", 30, 49)], TOO_LITTLE),
        (OFFICE, [Row("office", 0, 60)], AFTER_WORKS),
        (OFFICE, [Row("office", None, 60)], AFTER_WORKS),
        (OFFICE, [Row("office", None)], NOT_KNOWN),
        (OFFICE, [], NOT_KNOWN),
        (OFFICE, [Row("meeting", 99)], NOT_KNOWN),
        (OFFICE, [Row("office", 99, hours=("evening",))], NOT_KNOWN),
        (OFFICE, [Row("office", 99, hours=("evening", "office"))], NOW),
        (OFFICE, [Row("office", 10), Row("office", 60, hours=("office",))], NOW),
        (OFFICE, [Row("office", 60, basis="GIA")], NOT_KNOWN),  # 42 to 51 net
        (OFFICE, [Row("office", 72, basis="GIA")], NOW),
        (OFFICE, [Row("office", 58, basis="GIA")], SHORT_NOW),
        (replace(OFFICE, kind="public"), [Row("public", 72, basis="GIA")], NOT_KNOWN),  # from 43 net
        (replace(OFFICE, kind="yard"), [Row("yard", 50, basis="GIA")], NOW),
        (OFFICE, [Row("office", 50, basis=None)], NOT_KNOWN),
        (OFFICE, [Row("office", 49, basis=None)], SHORT_NOW),
        (replace(OFFICE, basis=None), [Row("office", 50)], NOW),
        (replace(OFFICE, basis=None), [Row("office", 49, basis="GIA")], SHORT_NOW),
        (replace(OFFICE, basis=None), [Row("office", 40)], NOT_KNOWN),  # 35 net, were it gross
        (replace(OFFICE, basis=None), [Row("office", 34)], SHORT_NOW),
        (replace(OFFICE, basis=None), [Row("office", 71, basis="GIA")], NOT_KNOWN),
        (replace(OFFICE, basis=None), [Row("office", 72, basis="GIA")], NOW),
        (replace(OFFICE, basis=None), [Row("office", 71, basis=None)], NOT_KNOWN),
        (replace(OFFICE, basis=None), [Row("office", 34, basis=None)], SHORT_NOW),
        (replace(OFFICE, basis="GIA"), [Row("office", 49, basis=None)], NOT_KNOWN),
        (replace(OFFICE, basis="GIA"), [Row("office", 50, basis=None)], NOW),
        (replace(OFFICE, basis="GIA"), [Row("office", 34, basis=None)], SHORT_NOW),
        (replace(OFFICE, basis="GIA"), [Row("office", 43)], NOW),
        (replace(OFFICE, hours=HOURS), [Row("office", 60, hours=("office",))], NOT_KNOWN),
        (replace(OFFICE, hours=()), [Row("office", 60)], NOW),
        (replace(OFFICE, hours=()), [Row("office", 10), Row("office", 60, hours=("night",))], NOT_KNOWN),
        (replace(OFFICE, amount=None), [Row("office", 999)], NOT_KNOWN),
        (Need("desks", 3, hours=("office",)), [Row("desks", 3)], NOW),
        (Need("beds", 3, hours=("office",)), [Row("office", 300)], NOT_KNOWN),
    ],
)  # fmt: skip
def test_one_need_by_hand(need: Need, rows: list[Row], room: str) -> None:
    assert asked([need], *rows).room == room


def test_needs_add_up_at_each_hour_and_by_kind() -> None:
    by_day, late = replace(OFFICE, amount=60.0), replace(OFFICE, amount=60.0, hours=("evening",))
    assert asked([by_day, late], Row("office", 100)).room == NOW
    both = asked([by_day, late, by_day], Row("office", 100))
    assert both.room == SHORT_NOW
    (office,) = both.short
    assert (office.kind, office.hours, office.need, office.short_now) == (
        "office",
        ("office",),
        (120.0, 120.0),
        (20.0, 20.0),
    )
    assert office.says == "office: 120 m2 needed, 100 free now, after works not known"
    works = asked([by_day, by_day, Need("desks", 5)], Row("office", 100, 130), Row("desks", 2, 4), Row("meeting", 9))
    assert works.room == TOO_LITTLE
    assert {one.kind: (one.room, one.short_now, one.short_after) for one in works.short} == {
        "office": (AFTER_WORKS, (20.0, 20.0), (0.0, 0.0)), "desks": (TOO_LITTLE, (3.0, 3.0), (1.0, 1.0)),
    }  # fmt: skip
    assert works.why == "desks: 5 needed, 2 free now, 4 after works"


def test_too_little_now_of_one_kind_and_unknown_of_another_is_too_little_now() -> None:
    """Works would bring enough of the one; what they would bring of the other nobody knows, so none of it can be now."""
    answer = asked([OFFICE, Need("desks", 5)], Row("office", 20, 80))
    assert answer.room == SHORT_NOW
    assert (
        answer.why == "office: 50 m2 needed, 20 free now, 80 after works; desks: 5 needed, nothing is said of the host"
    )


def test_what_is_there_now_is_there_after_works_of_another_kind() -> None:
    assert asked([OFFICE, Need("desks", 5, "NIA")], Row("office", 60), Row("desks", 2, 5)).room == AFTER_WORKS
    less = Row("office", 60, 20)  # less after works than now is no less than now
    assert asked([OFFICE, Need("desks", 5, "NIA")], less, Row("desks", 2, 5)).room == AFTER_WORKS
    late = replace(OFFICE, hours=("office", "evening"))
    by_hour = [Row("office", 60, hours=("office",)), Row("office", 20, 50, hours=("evening",))]
    assert asked([late], *by_hour).room == AFTER_WORKS


def test_a_need_at_hours_nobody_states_shares_each_hour_with_those_that_are_stated() -> None:
    need, anytime = replace(OFFICE, amount=60.0), replace(OFFICE, amount=60.0, hours=())
    rows = [Row("office", 100, hours=("office",)), Row("office", 50, hours=HOURS[1:])]
    assert asked([need], *rows).room == NOW
    assert asked([anytime], *rows).room == NOT_KNOWN
    assert asked([need, anytime], *rows).room == SHORT_NOW


def test_areas_on_different_bases_add_up_in_the_measure_of_the_host() -> None:
    net, gross, unsaid = OFFICE, replace(OFFICE, basis="GIA"), replace(OFFICE, basis=None)
    assert asked([net, gross], Row("office", 50 + 42.5)).room == NOW
    assert asked([net, gross], Row("office", 50 + 42.4)).room == NOT_KNOWN
    assert asked([net, gross], Row("office", 50 + 34.9)).room == SHORT_NOW
    assert asked([gross, gross], Row("office", 100, basis="GIA")).room == NOW
    (office,) = asked([net, gross, unsaid], Row("office", 100, basis="GIA")).short
    assert office.basis == "GIA"
    assert office.need == pytest.approx((50 / 0.85 + 50 + 50, 50 / 0.7 + 50 + 50 / 0.7))
    assert office.short_now == pytest.approx((50 / 0.85, 50 / 0.7 + 50 / 0.7 - 50))
    assert "measured on another basis or on one not stated" in office.says


def test_factors_of_ones_own_change_what_fits() -> None:
    own = {**published_factors(), "office_nia_per_gia": Factor("", 0.8, 0.8, "", "measured survey", "2026")}
    rows = [Row("office", 62.5, basis="GIA")]
    assert rooms_of(*rows, factors=own).fit_together([OFFICE], "h").room == NOW
    assert rooms_of(*rows).fit_together([OFFICE], "h").room == NOT_KNOWN
    assert "80% to 80%" in assumed(own)
    nothing = {**own, "office_nia_per_gia": Factor("", 0.0, 0.0, "", "made", "2026")}
    assert rooms_of(*rows, factors=nothing).fit_together([OFFICE], "h").room == SHORT_NOW


def test_no_needs_fit_anywhere_and_of_an_unknown_host_nothing_is_known() -> None:
    assert asked([]).room == NOW
    assert asked([]).why == "it needs no space"
    assert asked([replace(OFFICE, amount=0.0)], Row("office", 0, 0)).room == NOW
    assert rooms_of(Row("office", 99)).fit_together([OFFICE], "elsewhere").room == NOT_KNOWN
    (beds,) = asked([Need("beds", 9.0)], Row("office", 9)).short
    assert beds.says == "beds: 9 needed, which no host states room for"
    (space,) = asked(needs_of(None)).short
    assert (space.says, space.unit) == ("space, how much is needed is not stated", "m2")
    assert rooms_of().together([OFFICE], np.array([], dtype=np.intp)).shape == (0,)


# ------------------------------------------------------------------------------------------------------- what services need


@cache
def malton() -> ap.Estate:
    return shared.malton()


def service(**wants: Any) -> dict[str, Any]:
    columns = dict.fromkeys([*malton().services.columns])
    return {**columns, "hours": ("office",), "area_basis": "NIA", "source": "asked", **wants}


def said(needs: list[Need]) -> list[tuple[str, float | None]]:
    return [(need.kind, need.amount) for need in needs]


def test_what_a_service_needs_and_what_of_it_is_not_known() -> None:
    assert said(needs_of(None)) == [("space", None)]
    assert said(needs_of(service())) == [("space", None)]
    assert said(needs_of(service(peak_desks=0.0))) == []
    assert said(needs_of(service(peak_desks=2.0))) == [("desks", 2.0), ("space", None)]
    assert said(needs_of(service(peak_desks=2.0, office_m2=0.0))) == [("desks", 2.0)]
    assert said(needs_of(service(office_m2=20.0))) == [("office", 20.0), ("desks", None)]
    assert said(needs_of(service(office_m2=20.0, peak_desks=2.0, area_m2=50.0))) == [
        ("office", 20.0), ("desks", 2.0), (KIND_NOT_STATED, 30.0),
    ]  # fmt: skip
    assert said(needs_of(service(beds=9.0, peak_desks=0.0))) == [("beds", 9.0)]
    parts = [service(office_m2=5.0, peak_desks=1.0), service(storage_m2=7.0, peak_desks=0.0)]
    assert said(needs_of(service(area_m2=90.0), parts)) == [("office", 5.0), ("desks", 1.0), ("storage", 7.0)]
    assert need_of(service(), "desks") is None
    assert need_of(service(counters=0.0), "counters") is None


def test_malton_s_front_desk_and_police_desk_share_the_community_house_with_what_is_missing() -> None:
    rows = {row["service_id"]: row for row in malton().services.to_dict("records")}
    needs = [need for key in ("rdc-front-desk", "police-desk") for need in needs_of(rows[key])]
    rooms = Rooms(malton().capacity)
    answer = rooms.fit_together(needs, "rdc:A0007")
    assert answer.room == SHORT_NOW
    short = {one.kind: one.short_now for one in answer.short}
    assert short == {"public": (85.0, 85.0), "counters": (4.0, 4.0)}  # 145 m2 and 5 counters against 60 m2 and 1
    assert answer.illustrative
    assert {one.kind for one in answer.kinds} <= set(KINDS)
    everywhere = rooms.together(needs, np.arange(len(rooms.at)))
    assert [rooms.fit_together(needs, host).room for host in rooms.at] == [ROOM[code] for code in everywhere]

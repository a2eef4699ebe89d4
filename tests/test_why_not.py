"""Why an option is not first: what is said would make it so does, a step fewer does not, and every set that frees an option is tried."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, product
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
from assetplan import schema, why_words
from assetplan.errors import SubjectError
from assetplan.hubs.blocking import Obstacle, finding_out
from assetplan.hubs.colocation import Work
from assetplan.hubs.judging import BLOCKED, Colocation
from assetplan.hubs.ranking import ranked
from assetplan.hubs.repairing import Repair, Repairs, cheapest_of, who_could_lift
from assetplan.hubs.reviewing import Willingness
from assetplan.hubs.standing import contest_of, ends_of, explained
from assetplan.hubs.winning import Contest, FigureChange
from assetplan.scoring import Criterion, score

MALTON = Path(__file__).parents[1] / "data" / "malton"
HQ, COMMUNITY, EDGE = "rdc:A0001", "rdc:A0007", "MAL-13"
EIGHTH = 8  # steps of a range in the tables that are gone through in full


# ------------------------------------------------------------------------------------------------------- score tables


@dataclass(frozen=True)
class Game:
    """A table of figures with criteria, weights and the option that is asked about, the first row."""

    figures: pd.DataFrame
    criteria: tuple[Criterion, ...]
    weights: Mapping[str, float]

    @property
    def contest(self) -> Contest:
        rows = [dict(row) for _, row in self.figures.iterrows()]
        steps = {one.name: (one.high - one.low) / EIGHTH for one in self.criteria}
        before = [self.figures.index[0] < key for key in self.figures.index[1:]]
        return Contest(rows[0], rows[1:], before, self.criteria, self.weights, steps=steps)

    def first(self, changed: Mapping[str, float], weights: Mapping[str, float] | None = None) -> bool:
        """Whether the option is first with some figures changed: weighted sums of parts of ranges, ties by name."""
        used = weights or self.weights
        rows = {
            str(key): dict(row) for key, row in zip(self.figures.index, self.figures.to_dict("records"), strict=True)
        }
        mine = str(self.figures.index[0])
        rows[mine] |= changed
        points = dict.fromkeys(rows, 0.0)
        for key, one in product(rows, self.criteria):
            value = rows[key][one.name]
            if not math.isnan(value):
                part = (min(max(value, one.low), one.high) - one.low) / (one.high - one.low)
                points[key] += used[one.name] * (part if one.direction == "more is better" else 1 - part)
        total = sum(used[one.name] for one in self.criteria)
        return min(rows, key=lambda key: (-round(100 * points[key] / total, 6), key)) == mine

    def first_by_score(self) -> bool:
        """The same with no figure changed, by `assetplan.score`."""
        table = self.figures.copy()
        for one in self.criteria:
            table[one.name] = table[one.name].clip(one.low, one.high)
        lows = score(table, self.criteria, self.weights).table["score_low"]
        return bool(min(table.index, key=lambda key: (-round(float(lows[key]), 6), key)) == table.index[0])

    def steps(self, one: Criterion) -> list[tuple[float, float]]:
        """Where a figure can go, step by step, with the share of its range that it takes."""
        sign = 1 if one.direction == "more is better" else -1
        worst, best = (one.low, one.high)[::sign]
        now = float(self.figures.iloc[0][one.name])
        start, step = worst if math.isnan(now) else now, (one.high - one.low) / EIGHTH
        out, room = [], sign * (best - start)
        for count in range(1, math.ceil(room / step - 1e-9) + 1):
            moved = min(count * step, room)
            out.append((start + sign * moved, moved / (one.high - one.low)))
        return out


@st.composite
def games(draw: st.DrawFn) -> Game:
    criteria = []
    for name in "abc"[: draw(st.integers(1, 3))]:
        low = draw(st.sampled_from([-5, 0, 10]))
        direction = draw(st.sampled_from(["more is better", "less is better"]))
        criteria.append(
            Criterion(name, direction, "things", low, low + draw(st.sampled_from([1, 8, 40])), "assumption")
        )
    weights = {one.name: float(draw(st.integers(0, 4))) for one in criteria}
    weights[criteria[0].name] += 1.0
    names = draw(st.permutations(["k", "l", "m", "n"]))[: draw(st.integers(1, 4))]
    rows = [
        {
            one.name: draw(
                st.one_of(st.just(math.nan), st.integers(-3, EIGHTH + 3).map(lambda i, one=one: one.low + i * (one.high - one.low) / EIGHTH),
                          st.floats(one.low, one.high))
            )
            for one in criteria
        }
        for _ in names
    ]  # fmt: skip
    return Game(pd.DataFrame(rows, index=pd.Index(names, dtype=object), dtype=float), tuple(criteria), weights)


@settings(max_examples=40, deadline=None)
@given(games())
def test_the_smallest_change_of_one_figure_is_that_found_by_trying_all(game: Game) -> None:
    contest = game.contest
    assert contest.first == game.first({}) == game.first_by_score()
    found = {change.criterion.name: change for change in contest.figures()}
    for one in game.criteria:
        enough = [(value, share) for value, share in game.steps(one) if game.first({one.name: value})]
        if game.first({}) or not enough:
            assert one.name not in found
            continue
        assert (found[one.name].then, found[one.name].share) == pytest.approx(enough[0])
    shares = [change.share for change in contest.figures()]
    assert shares == sorted(shares)


@settings(max_examples=20, deadline=None)
@given(games())
def test_the_nearest_weight_is_that_found_by_trying_each_per_cent(game: Game) -> None:
    found = {change.criterion.name: change for change in game.contest.weights()}
    total = sum(game.weights.values())
    for one in game.criteria:
        now = 100 * game.weights[one.name] / total
        enough = []
        if now < 100 - 1e-9 and not game.first({}):
            for percent in range(101):
                others = {
                    name: 100 * weight / total * (100 - percent) / (100 - now) for name, weight in game.weights.items()
                }
                if game.first({}, {**others, one.name: float(percent)}):
                    enough.append(percent)
        if not enough:
            assert one.name not in found
            continue
        assert abs(found[one.name].then_percent - now) == pytest.approx(min(abs(percent - now) for percent in enough))
        assert found[one.name].then_percent in enough


@settings(max_examples=20, deadline=None)
@given(games())
def test_two_figures_and_the_fewest_are_those_found_by_trying_all(game: Game) -> None:
    contest = game.contest
    ways = {one.name: game.steps(one) for one in game.criteria if game.weights[one.name] > 0}
    ways = {name: steps for name, steps in ways.items() if steps}
    one_is_enough = any(game.first({name: value}) for name, steps in ways.items() for value, _ in steps)
    enough = [
        one + other
        for a, b in combinations(ways, 2)
        for (x, one), (y, other) in product(ways[a], ways[b])
        if not one_is_enough and game.first({a: x, b: y})
    ]
    two = contest.two()
    if game.first({}) or not enough:
        assert two is None
    else:
        assert two is not None
        assert game.first({change.criterion.name: change.then for change in two})
        assert sum(change.share for change in two) == pytest.approx(min(enough))
    best = {name: steps[-1][0] for name, steps in ways.items()}
    sizes = [
        len(some)
        for some in chain.from_iterable(combinations(best, size) for size in range(len(best) + 1))
        if game.first({name: best[name] for name in some})
    ]
    assert contest.fewest() == min(sizes, default=None)


def test_steps_are_whole_things_or_about_a_hundredth_of_the_range() -> None:
    wide = Criterion("a", "more is better", "GBP a year", -50_000, 200_000, "assumption")
    contest = Contest({"a": 1_234.0}, [{"a": 9_999.0}], [False], [wide], {"a": 1})
    (change,) = contest.figures()
    assert (change.then, change.change) == (10_234.0, 9_000.0)
    assert contest.step(wide) == 1_000.0
    whole = Contest({"a": 1.0}, [{"a": 3.0}], [True], [replace(wide, low=0, high=8)], {"a": 1}, steps={"a": 1.0})
    assert [change.then for change in whole.figures()] == [3.0]  # level is enough for what goes before
    far = Contest({"a": -1e12}, [{"a": 1.0}], [False], [wide], {"a": 1}, steps={"a": 1e-6})
    assert far.figures()[0].share > 1_000_000  # what lies far beyond the range has far to go, and is found at once
    ended = Contest({"a": 0.0}, [{"a": 9_999.0}], [False], [wide], {"a": 1}, ends={"a": 5_000.0})
    assert (ended.figures(), ended.two(), ended.fewest()) == ((), None, None)


def test_an_option_alone_is_first() -> None:
    one = Criterion("a", "more is better", "things", 0, 8, "assumption")
    alone = Contest({"a": math.nan}, [], [], [one], {"a": 1})
    assert (alone.first, alone.short, alone.figures(), alone.weights(), alone.fewest()) == (True, 0.0, (), (), 0)


# ------------------------------------------------------------------------------------------------------- Malton, not first


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return ap.read_estate(MALTON, audience="rdc")


@pytest.fixture(scope="module")
def found(malton: ap.Estate) -> list[Colocation]:
    return list(ap.find_colocations(malton).attrs["options"].values())


@dataclass(frozen=True, eq=False)
class Changed(Colocation):
    """An option some of whose figures are others."""

    changed: Mapping[str, float] = field(default_factory=dict)

    @property
    def figures(self) -> dict[str, float]:
        return {**super().figures, **self.changed}


def rank_of(
    found: Sequence[Colocation], one: Colocation, changed: Mapping[str, float], weights: Any, lens: Any
) -> int | None:
    """The place of an option among others, ranked anew with some of its figures changed."""
    like = Changed(**{**vars(one), "changed": changed})
    options = [like if other is one else other for other in found if not other.barred]
    again, _ = ranked(options, weights, lens, draws=10, seed=0, apart=options)
    return next(other.rank for other in again if other.option.option_id == one.option.option_id)


def test_in_malton_each_change_told_makes_an_option_first_and_a_step_fewer_does_not(
    malton: ap.Estate, found: list[Colocation]
) -> None:
    weights = malton.option_weights
    assert weights is not None
    ones = [one for one in found if not one.barred]
    told = 0
    for lens in (weights.lenses["least-regret"], weights.lenses["operations"]):
        order, _ = ranked(ones, weights, lens, draws=10, seed=0, apart=ones)
        for one in order[:5]:
            bodies = Willingness(malton, None, []).bodies(one.option)
            ends = ends_of(malton, one, weights)
            why = explained(one, order, weights, lens, bodies, ends)
            contest = contest_of(one, [other for other in order if other is not one], weights, lens, bodies, ends)
            assert why.first == (one.rank == 1) == contest.first
            for change in why.figures:
                told += 1
                assert rank_of(order, one, {change.criterion.name: change.then}, weights, lens) == 1
                assert rank_of(order, one, {change.criterion.name: _step_fewer(contest, change)}, weights, lens) != 1
            if why.two is not None:
                told += 1
                assert (
                    rank_of(order, one, {change.criterion.name: change.then for change in why.two}, weights, lens) == 1
                )
                for change, other in (why.two, why.two[::-1]):
                    fewer = {change.criterion.name: _step_fewer(contest, change), other.criterion.name: other.then}
                    assert rank_of(order, one, fewer, weights, lens) != 1
            for weight in why.weights:
                told += 1
                scale = (100 - weight.then_percent) / (100 - weight.now_percent)
                other_weights = {name: percent * scale for name, percent in lens.weights.items()}
                other_weights[weight.criterion.name] = weight.then_percent
                assert rank_of(order, one, {}, weights, replace(lens, weights=other_weights)) == 1
    assert told > 5


def _step_fewer(contest: Contest, change: FigureChange) -> float:
    """The figure one step short of a change; as it is where it is the first step."""
    criterion = change.criterion
    sign = 1 if criterion.direction == "more is better" else -1
    start = change.now if not math.isnan(change.now) else (criterion.low if sign > 0 else criterion.high)
    steps = math.ceil(sign * (change.then - start) / contest.step(criterion) - 1e-9)
    return change.now if steps == 1 else start + sign * (steps - 1) * contest.step(criterion)


def test_why_the_neighbourhood_police_in_ryedale_house_are_not_first(malton: ap.Estate) -> None:
    why = ap.why_not(malton, HQ, ["police-neighbourhood"])
    assert why.option.rank is not None
    assert why.option.rank > 1
    assert why.leader is not None
    assert why.leader.option.host == COMMUNITY
    assert why.short == pytest.approx(why.leader.score - why.option.score, abs=1e-5)
    assert why.option.first_share == 0  # by the draws no weighting makes it first ...
    assert not why.weights  # ... nor does any one weight
    assert (why.figures, why.blockers, why.repairs, why.cheapest) == ((), (), (), None)
    assert why.two is not None
    assert why.fewest == 2
    station = malton.assets.loc["police:NYP-0117"]
    for change in why.two:
        if change.criterion.name == "cash_low_gbp_pa":
            assert change.then <= station["running_cost_gbp_pa"]
        assert change.criterion.name != "trip_minutes"  # nobody comes to it, so no trip gets shorter
    text = words(why_words.told(malton, why))
    assert "No one figure is enough" in text
    assert "The smallest two: it would be first if" in text


def test_why_fire_at_the_edge_is_blocked_and_what_would_free_it(malton: ap.Estate) -> None:
    why = ap.why_not(malton, EDGE, ["Malton Fire Station", "police-response", "nhs-ambulance"])
    assert [blocker.kind for blocker in why.blockers] == ["response"]
    assert why.option.rank is None
    assert math.isnan(why.short)
    assert (why.figures, why.weights, why.two, why.fewest) == ((), (), None, None)
    lifted, left = why.repairs
    assert ([blocker.kind for blocker in lifted.lift], lifted.leave_out) == (["response"], ())
    assert (left.lift, left.leave_out) == ((), ("fire-malton",))
    assert left.then.option.services == ("nhs-ambulance", "police-response")
    assert left.then.verdict == "gap"
    assert lifted.rank is not None
    assert left.rank is not None
    assert why.cheapest == (why.blockers[0], finding_out("response"))
    text = words(why_words.told(malton, why))
    assert "one thing forbids it" in text
    assert "leave Malton fire station where it is" in text
    assert "To take it away may cost more" in text


def test_what_is_first_is_said_to_be(malton: ap.Estate, found: list[Colocation]) -> None:
    weights = malton.option_weights
    assert weights is not None
    best = found[0]
    why = explained(best, found, weights, weights.default, ("rdc",), ends_of(malton, best, weights))
    assert why.first
    assert (why.short, why.figures, why.weights, why.two, why.fewest, why.smallest) == (0.0, (), (), None, 0, None)
    assert "It is first as it is" in words(why_words.told(malton, why))


def test_what_is_no_option_is_refused_as_when_it_is_examined(malton: ap.Estate) -> None:
    with pytest.raises(SubjectError, match="is there already"):
        ap.why_not(malton, HQ, ["rdc-front-desk"])
    with pytest.raises(ValueError, match="no option that was found here"):
        ap.why_not(malton, HQ, ["police-desk"], reviews={"nobody": "willing"})
    with pytest.raises(ValueError, match="max_guests"):
        ap.why_not(malton, HQ, ["police-desk"], max_guests=0)


# ------------------------------------------------------------------------------------------------------- every set that frees an option

ASSETS = [
    {"organisation": "alder", "ref": "1", "name": "Hall", "x": 0, "y": 0, "use": "Offices", "tenure": "Freehold", "gia_m2": 900},
    {"organisation": "birch", "ref": "1", "name": "Station", "x": 300, "y": 0, "use": "Offices", "tenure": "Freehold", "gia_m2": 300},
    {"organisation": "cedar", "ref": "1", "name": "Shop", "x": 600, "y": 0, "use": "Offices", "tenure": "Freehold", "gia_m2": 300},
]  # fmt: skip
SERVICES = [
    {"service_id": key, "organisation": body, "name": key.upper(), "function": key, "asset_id": at, "fte": 1, "peak_desks": 3, "office_m2": 30,
     "area_basis": "NIA", "hours": "office"}
    for key, body, at in (("a", "alder", "alder:1"), ("p", "birch", "birch:1"), ("q", "birch", "birch:1"), ("r", "cedar", "cedar:1"))
]  # fmt: skip
CAPACITY = [
    {"subject": "alder:1", "space": "office", "available": 90, "after_works": 90, "area_basis": "NIA"},
    {"subject": "alder:1", "space": "desks", "available": 9, "after_works": 9},
]
AFFINITIES = [
    {"function_a": one, "function_b": other, "effect": "conflict", "strength": 3, "reason": "not at all"}
    for one, other in (("a", "p"), ("a", "r"), ("p", "r"))
]
HOST, GUESTS = "alder:1", ("p", "q", "r")
ROOM = {"office": (90.0, 60.0, 30.0, 10.0), "desks": (9.0, 6.0, 3.0)}


class _Tiny:
    """One small estate whose room and conflicts are put in place anew for each example."""

    base: ap.Estate


@pytest.fixture(scope="module", autouse=True)
def _read_tiny(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("tiny")
    _Tiny.base = tiny_estate(path, ASSETS, services=SERVICES, capacity=CAPACITY, affinities=AFFINITIES)


@dataclass(frozen=True)
class Bars:
    """What forbids guests a host: room, pairs in conflict, and bodies that are not willing."""

    room: Mapping[str, float]
    conflicts: frozenset[tuple[str, str]]
    unwilling: frozenset[str]

    @property
    def estate(self) -> ap.Estate:
        base = _Tiny.base
        capacity = base.capacity.copy()
        for space, amount in self.room.items():
            (row,) = capacity.index[capacity["space"] == space]
            capacity.at[row, "available"] = capacity.at[row, "after_works"] = amount
        pairs = list(zip(base.affinities["function_a"], base.affinities["function_b"], strict=True))
        kept = base.affinities[[pair in self.conflicts for pair in pairs]].reset_index(drop=True)
        return replace(base, capacity=capacity, affinities=kept)

    @property
    def reviews(self) -> dict[str, str]:
        return dict.fromkeys(sorted(self.unwilling), "not willing")

    def free(self, guests: Sequence[str]) -> bool:
        """Whether nothing forbids some guests, by the rules written here a second time."""
        there = {"a", *guests}
        bodies = {row["organisation"] for row in SERVICES if row["service_id"] in there} | {"alder"}
        return (
            30 * len(guests) <= self.room["office"]
            and 3 * len(guests) <= self.room["desks"]
            and not any({one, other} <= there for one, other in self.conflicts)
            and not bodies & self.unwilling
        )

    def without(self, obstacles: Sequence[Obstacle]) -> Bars:
        """The same once the rows that say so are gone."""
        out = self
        for one in obstacles:
            if one.kind == "capacity":
                spaces = _rooms(one)
                out = replace(out, room={**out.room, **dict.fromkeys(spaces, 1_000.0)})
            elif one.kind == "willingness":
                name = one.says.partition(":")[0].partition(" ")[0].lower()
                out = replace(out, unwilling=out.unwilling - {name})
            else:
                assert one.kind == "conflict"
                gone = {pair for pair in out.conflicts if _says(one, pair)}
                assert gone, one
                out = replace(out, conflicts=out.conflicts - gone)
        return out


def _rooms(one: Obstacle) -> list[str]:
    return [space for space, said in (("office", "office space"), ("desks", "desks in")) if said in one.says]


def _says(one: Obstacle, pair: tuple[str, str]) -> bool:
    """Whether an obstacle is about a pair: whichever of the two are named, and the other in the words."""
    said = one.says.lower().replace(",", " ").replace(".", " ").replace(":", " ").split()
    return all(name in said or name in one.services for name in pair)


@st.composite
def barred(draw: st.DrawFn) -> Bars:
    room = {space: draw(st.sampled_from(amounts)) for space, amounts in ROOM.items()}
    pairs = [(str(row["function_a"]), str(row["function_b"])) for row in AFFINITIES]
    conflicts = draw(st.sets(st.sampled_from(pairs), max_size=2))
    return Bars(room, frozenset(conflicts), frozenset(draw(st.sets(st.sampled_from(["birch", "cedar"]), max_size=1))))


@settings(max_examples=10, deadline=None)
@given(barred())
def test_sets_that_free_an_option_are_all_the_smallest_ones_and_no_others(bars: Bars) -> None:
    repairs = repairs_of(bars)
    assert bool(repairs) == (not bars.free(GUESTS))
    for repair in repairs:
        stays = tuple(service for service in GUESTS if service not in repair.leave_out)
        assert bars.without(repair.lift).free(stays)
        for kept in repair.lift:
            assert not bars.without([one for one in repair.lift if one is not kept]).free(stays)
        for back in repair.leave_out:
            assert not bars.without(repair.lift).free(sorted({*stays, back}))
    assert _as_sets(repairs) == _tried(bars)


@settings(max_examples=2, deadline=None)
@given(barred().filter(lambda bars: not bars.free(GUESTS)))
def test_once_the_rows_of_a_set_are_struck_out_nothing_forbids_the_option(bars: Bars) -> None:
    for repair in repairs_of(bars)[:2]:
        stays = tuple(service for service in GUESTS if service not in repair.leave_out)
        assert ap.examine_colocation(
            bars.without(repair.lift).estate, HOST, stays, reviews=bars.without(repair.lift).reviews
        ).rank
        for kept in repair.lift:
            rest = bars.without([one for one in repair.lift if one is not kept])
            assert ap.examine_colocation(rest.estate, HOST, stays, reviews=rest.reviews).verdict == BLOCKED


def test_the_floor_of_a_building_is_no_blocker_of_its_own_where_stated_room_would_go_before_it(tmp_path: Path) -> None:
    small = [{**ASSETS[0], "gia_m2": 70}, *ASSETS[1:]]
    for unsure in (False, True):
        services = [{**row, **({"peak_desks": ""} if unsure else {})} for row in SERVICES]
        room = [{**CAPACITY[0], "available": 10, "after_works": 10}, CAPACITY[1]]
        estate = tiny_estate(tmp_path / f"{unsure}", small, services=services, capacity=room)
        why = ap.why_not(estate, HOST, GUESTS)
        whole = next(repair for repair in why.repairs if not repair.leave_out)
        assert len(whole.lift) == (2 if unsure else 1)  # desks that nobody states leave sums to go by
        ample = [{**CAPACITY[0], "available": 1_000, "after_works": 1_000}, CAPACITY[1]]
        again = tiny_estate(tmp_path / f"{unsure}-ample", small, services=services, capacity=ample)
        assert (ap.examine_colocation(again, HOST, GUESTS).verdict == BLOCKED) == unsure


def repairs_of(bars: Bars) -> tuple[Repair, ...]:
    work = Work(bars.estate, 10.0, 4, None, None)
    return Repairs(work.bench, work.against(HOST, GUESTS), Willingness(bars.estate, bars.reviews, [])).of(HOST, GUESTS)


Change = tuple[str, ...]


def _as_sets(repairs: Sequence[Repair]) -> set[frozenset[Change]]:
    out = set()
    for repair in repairs:
        changes: set[Change] = {("leave", service) for service in repair.leave_out}
        for one in repair.lift:
            if one.kind == "capacity":
                changes |= {("room", space) for space in _rooms(one)}
            elif one.kind == "willingness":
                changes.add(("unwilling", one.says.partition(" ")[0].lower()))
            else:
                pairs = [(str(row["function_a"]), str(row["function_b"])) for row in AFFINITIES]
                changes |= {("conflict", *pair) for pair in pairs if _says(one, pair)}
        out.add(frozenset(changes))
    return out


def _tried(bars: Bars) -> set[frozenset[Change]]:
    """Every set of rows struck out and guests left out, and of those that are enough the ones of which no part is."""
    every: list[Change] = [("leave", guest) for guest in GUESTS]
    every += [("room", space) for space in ROOM]
    every += [("conflict", *pair) for pair in sorted(bars.conflicts)]
    every += [("unwilling", body) for body in sorted(bars.unwilling)]
    enough: list[frozenset[Change]] = []
    for size in range(len(every) + 1):
        for some in combinations(every, size):
            mine = frozenset(some)
            stays = [guest for guest in GUESTS if ("leave", guest) not in mine]
            if not stays or any(other <= mine for other in enough):
                continue
            then = Bars(
                {space: 1_000.0 if ("room", space) in mine else amount for space, amount in bars.room.items()},
                frozenset(pair for pair in bars.conflicts if ("conflict", *pair) not in mine),
                frozenset(body for body in bars.unwilling if ("unwilling", body) not in mine),
            )
            if then.free(stays):
                enough.append(mine)
    return {one for one in enough if one}


def test_what_is_cheapest_to_find_out_about_is_by_the_table() -> None:
    lease = Obstacle("lease", "forbidden", (), "The lease forbids it.", "lease")
    title = Obstacle("title", "forbidden", (), "No title.", "register")
    unwilling = Obstacle("willingness", "forbidden", (), "Birch: not willing.", "a reviewer's answer")
    assert cheapest_of([lease, title, unwilling]) == (title, finding_out("title"))
    assert who_could_lift(unwilling) is None
    assert cheapest_of([unwilling]) is None


# ------------------------------------------------------------------------------------------------------- words and command


def words(sections: Sequence[Any]) -> str:
    return "\n".join(
        "\n".join((section.heading, *section.sentences, "" if section.table is None else section.table.to_string()))
        for section in sections
    )


def test_rows_hold_the_columns_of_the_table_and_nothing_that_is_no_figure() -> None:
    bars = Bars({"office": 10.0, "desks": 3.0}, frozenset({("p", "r")}), frozenset({"cedar"}))
    estate = bars.estate
    why = ap.why_not(estate, HOST, GUESTS, reviews=bars.reviews)
    rows = why_words.rows_of(estate, why)
    assert tuple(rows.columns) == why_words.WHY_NOT_COLUMNS == tuple(schema.table("why_not"))
    assert rows["kind"].iloc[0] == "as it is"
    assert set(rows["kind"].iloc[1:]) == {"what forbids it"}
    assert len(rows) == 1 + len(why.repairs)
    assert not any(isinstance(value, float) and np.isnan(value) for value in rows.to_numpy().ravel())
    text = words(why_words.told(estate, why))
    assert "take away no. " in text
    assert "ask whoever says so" in text  # nobody else can say whether a body is willing
    assert "None" not in text


def test_a_figure_that_is_not_known_is_told_as_one_to_find_out(malton: ap.Estate, found: list[Colocation]) -> None:
    weights = malton.option_weights
    assert weights is not None
    one = next(
        one for one in found if one.rank is not None and one.rank > 1 and math.isnan(one.figures["cash_low_gbp_pa"])
    )
    why = explained(one, found, weights, weights.default, one.option.organisations, ends_of(malton, one, weights))
    cash = next(criterion for criterion in weights.criteria if criterion.name == "cash_low_gbp_pa")
    assert why_words.figure_in_words(why, FigureChange(cash, math.nan, 30_000.0, 0.3)) == (
        "if it were known that the cash saved is at least £30,000 a year"
    )
    assert why_words.figure_in_words(why, FigureChange(cash, math.nan, -4_000.0, 0.2)) == (
        "if it were known that it costs no more than £4,000 a year in cash"
    )


@pytest.mark.parametrize(
    ("name", "now", "then", "says"),
    [
        ("released_low_m2", 110, 230, "if it released 120 m2 more"),
        ("months", 18, 12, "if it took 6 months fewer"),
        ("unknowns", 2, 1, "if 1 thing fewer was unknown"),
        ("unsettled", 4, 1, "if 3 things fewer had to be settled"),
        ("need", 1, 2, "if 1 more kind of reason pressed it"),
        ("trip_minutes", 1.5, 0.3, "if an average trip to what moves took 1.2 minutes less than it would"),
        ("avoided_gbp", 0, 150_000, "if it avoided £150,000 more of backlog"),
        ("affinity", 1, 3, "if the strengths of who comes together came to 2 more"),
        ("willing_percent", 0, 50, "if 1 more of its two bodies were committed, or willing by a review"),
    ],
)
def test_changes_are_told_with_their_units(
    malton: ap.Estate, found: list[Colocation], name: str, now: float, then: float, says: str
) -> None:
    weights = malton.option_weights
    assert weights is not None
    one = found[1]
    why = explained(one, found, weights, weights.default, ("nycc", "rdc"), ends_of(malton, one, weights))
    criterion = next(criterion for criterion in weights.criteria if criterion.name == name)
    assert why_words.figure_in_words(why, FigureChange(criterion, float(now), float(then), 0.1)) == says


def test_the_command_says_why_the_library_may_not_go_to_ryedale_house() -> None:
    done = run("colocate", MALTON, HQ, "nycc-library", "--why-not", "--audience", "rdc", "--format", "json")
    assert done.returncode == 0, done.stderr
    as_it_is, repair = json.loads(done.stdout)  # nobody would move if the library stayed, so one set alone
    assert as_it_is["says"] == "Not ranked: one thing forbids it."
    assert (as_it_is["rank"], as_it_is["verdict_then"]) == (None, "blocked")
    assert (repair["kind"], repair["leave_out"], repair["verdict_then"]) == ("what forbids it", [], "not known")
    assert "It must be in a town centre, and this is not." in repair["lift"][0]
    assert repair["who"] == ["the body that runs the service"]  # it is the library's own wish
    assert repair["finding_out_high_gbp"] == finding_out("needs").gbp[1]
    assert repair["rank_then"] > 1
    closed = run("colocate", MALTON, HQ, "nycc-library", "--why-not", "--audience", "fire", "--format", "json")
    assert (closed.returncode, json.loads(closed.stdout)) == (0, [])
    alone = run("colocate", MALTON, "--why-not")
    assert alone.returncode == 2
    assert "name the host" in alone.stderr

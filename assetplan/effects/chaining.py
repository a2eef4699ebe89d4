"""What has to wait for what in a scenario, and the longest chain of months: releases and consents, works, and moves one after another.

Months are those that actions state. What is dated earlier and has to come first is taken to; the years between are told as well, since a chain that
is short in months may still be dated over many years.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import networkx as nx

from assetplan.scenarios.actions import (
    Acquire,
    Appropriate,
    Assemble,
    Build,
    Dispose,
    Meanwhile,
    Refurbish,
    Release,
    Relocate,
    Retain,
    Share,
    Split,
    Sublet,
    Surrender,
)
from assetplan.scenarios.course import done_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.course import Course

_TAKES_TIME = (Acquire, Appropriate, Build, Refurbish, Release, Relocate)
_ON_LAND = (Build, Dispose, Refurbish, Sublet, Meanwhile, Assemble)


@dataclass(frozen=True)
class Link:
    """One action of a chain: its number and word, how long it takes (None: not stated), and the years in which it begins and is done.

    `takes_time` is whether it is of a kind that takes months of its own: a sale waits for others and does not.
    """

    action: int
    word: str
    months: float | None
    takes_time: bool
    begins: int
    done: int


@dataclass(frozen=True)
class Chain:
    """The longest chain of a scenario.

    Attributes
    ----------
    links
        Its actions, the first first.
    months
        What those that state months come to.
    not_stated
        How many of its actions take time and do not state how much: the chain is then longer than `months` says.
    circular
        Whether some actions wait for one another in a circle; these are left out of chains.
    """

    links: tuple[Link, ...] = ()
    months: float = 0.0
    not_stated: int = 0
    circular: bool = False

    @property
    def begins(self) -> int | None:
        """The year in which its first action begins."""
        return self.links[0].begins if self.links else None

    @property
    def done(self) -> int | None:
        """The year in which its last action is done."""
        return self.links[-1].done if self.links else None


def longest_chain(course: Course) -> Chain:
    """The longest chain of months among the actions of a course; of those as long that of most actions, then of the lowest numbers.

    Examples
    --------
    >>> import assetplan as ap
    >>> from assetplan.scenarios.checking import course_of
    >>> from assetplan.scenarios.ground import Ground
    >>> hub = ap.read_scenario("data/malton/scenarios/s5-blue-light.toml")
    >>> chain = longest_chain(course_of(Ground(ap.read_estate("data/malton")), hub))
    >>> chain.months, [link.word for link in chain.links]
    (37.0, ['acquire', 'build', 'relocate', 'dispose'])
    """
    actions = dict(course.actions)
    graph = waits(course)
    circles = [group for group in nx.strongly_connected_components(graph) if len(group) > 1]
    graph.remove_nodes_from([at for group in circles for at in group])
    best: dict[int, tuple[float, int, tuple[int, ...]]] = {}
    for at in nx.lexicographical_topological_sort(graph):
        before = max((best[earlier] for earlier in graph.predecessors(at)), key=_longer, default=(0.0, 0, ()))
        best[at] = before[0] + (_months(actions[at]) or 0.0), before[1] + 1, (*before[2], at)
    months, _, path = max(best.values(), key=_longer, default=(0.0, 0, ()))
    links = tuple(
        Link(at, one.word, _months(one), isinstance(one, _TAKES_TIME), one.year, done_in(one))
        for at, one in ((at, actions[at]) for at in path)
    )
    lacking = sum(link.months is None and link.takes_time for link in links)
    return Chain(links, months, lacking, bool(circles))


def _longer(one: tuple[float, int, tuple[int, ...]]) -> tuple[float, int, tuple[int, ...]]:
    return one[0], one[1], tuple(-at for at in one[2])


def _months(action: Action) -> float | None:
    """How long an action takes, as it states it."""
    name = "double_running_months" if isinstance(action, Relocate) else "months"
    months: float | None = getattr(action, name, None) if isinstance(action, _TAKES_TIME) else None
    return months


def waits(course: Course) -> nx.DiGraph:
    """Which action has to be done before which other one: an edge from the earlier to the later, by their numbers."""
    graph = nx.DiGraph()
    actions = [(at, action) for at, action in course.actions if not isinstance(action, Retain)]
    graph.add_nodes_from(at for at, _ in actions)
    sites = _sites(course)
    for (at, first), (then, action) in permutations(actions, 2):
        if done_in(first) <= action.year and _comes_first(course, sites, at, first, then, action):
            graph.add_edge(at, then)
    return graph


@dataclass(frozen=True)
class _Sites:
    """The sites that an action is on, those that services leave by it, and those to which they go."""

    on: Mapping[int, frozenset[str]]
    left: Mapping[int, frozenset[str]]
    reached: Mapping[int, frozenset[str]]


_NOWHERE: frozenset[str] = frozenset()


def _site(course: Course, place: str) -> str:
    land = course.land_of(place)
    return course.ground.site_of.get(land, land)


def _sites(course: Course) -> _Sites:
    ground = course.ground

    on: dict[int, frozenset[str]] = {}
    left: dict[int, set[str]] = defaultdict(set)
    reached: dict[int, set[str]] = defaultdict(set)
    sought = {action.constraint for _, action in course.actions if isinstance(action, Release)}
    bound: dict[str, set[str]] = defaultdict(set)
    for place, rows in ground.bound.items() if sought else ():
        for row in rows:
            if row["constraint_id"] in sought:
                bound[str(row["constraint_id"])].add(_site(course, place))
    for at, action in course.actions:
        match action:
            case Assemble():
                on[at] = frozenset(_site(course, place) for place in action.assets)
            case Release():
                on[at] = frozenset(bound[action.constraint])
            case Surrender():
                on[at] = frozenset({_site(course, str(ground.interests[action.interest]["subject"]))})
            case _:
                asset = getattr(action, "asset", "") or getattr(action, "host", "")
                on[at] = frozenset({_site(course, asset)} if asset else ())
    for move in course.moves:
        if move.origin and move.origin != move.to:
            left[move.at].add(move.origin)
        reached[move.at].add(move.to)
    return _Sites(on, {at: frozenset(s) for at, s in left.items()}, {at: frozenset(s) for at, s in reached.items()})


def _comes_first(course: Course, sites: _Sites, at: int, first: Action, then: int, action: Action) -> bool:
    """Whether an action has to be done before another may begin."""
    moved_to = sites.reached.get(then, _NOWHERE) if isinstance(action, (Relocate, Share)) else _NOWHERE
    if _to_be_left(course, sites.left.get(at, _NOWHERE), action):
        return True
    match first:
        case Acquire() | Assemble() | Release() | Appropriate():  # land is bought, put together or freed first
            on_it = isinstance(action, _ON_LAND) and not isinstance(action, type(first))
            goes_to = {_site(course, place) for place in moved_to}
            return bool(sites.on[at] & ((sites.on[then] if on_it else _NOWHERE) | goes_to))
        case Build() | Refurbish():
            return (getattr(first, "new_asset", "") or first.asset) in moved_to
        case Split():
            return any(move.at == then and move.service in first.parts for move in course.moves)
        case Dispose() if isinstance(
            action, Build
        ):  # whoever builds has the land first; what comes in return is there first
            return (bool(action.built_by) and first.asset == action.asset) or first.swap_for == action.asset
        case Dispose():
            return first.swap_for in moved_to
    return False


def _to_be_left(course: Course, left: frozenset[str], action: Action) -> bool:
    """Whether a place that services leave has to be left before an action: it goes, is given up, let, used meanwhile or has works done on it."""
    match action:
        case Surrender():
            return str(course.ground.interests[action.interest]["subject"]) in left
        case Dispose(area_ha=part) if part is not None:
            return False
        case Build(new_asset=new) if new:
            return False
        case Dispose() | Refurbish() | Build() | Sublet() | Meanwhile():
            return action.asset in left
    return False

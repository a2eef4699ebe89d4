"""What would have to go before nothing forbids an option: every smallest set of what forbids it, and of services left where they are.

Whether a set is enough is found by judging what is left anew, so that room, company and reviewers' answers are those of who would then move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from assetplan.hosts.verdicts import AFTER_WORKS, BLOCKED, FITS
from assetplan.hubs.blocking import FORBIDDEN, NOT_KNOWN, finding_out
from assetplan.hubs.joint import FLOOR
from assetplan.hubs.judging import verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from assetplan.hubs.blocking import Finding, Obstacle, Obstacles
    from assetplan.hubs.judging import Bench, Colocation
    from assetplan.hubs.reviewing import Willingness

    Key = tuple[str, str, str, str]


_OWN_WISH = {"place", "company", "conflict"}
"""What forbids an option because a service asks for it: the body that runs it could say whether it still does."""

_OF_THE_HOST = {"capacity", "covenant", "lease", "title", "consent", "flood", "commitment", "willingness"}
"""What is one thing about a host or a body, for however many services it is said."""


@dataclass(frozen=True, eq=False)
class Repair:
    """One smallest set of changes after which nothing forbids an option.

    Attributes
    ----------
    lift
        What forbids it that would have to go.
    leave_out
        Services that would stay where they are.
    then
        The option as it would then be judged, without a place among others.
    rank, score
        The place and the points it would then have among the options found; None where nobody has looked.
    """

    lift: tuple[Obstacle, ...]
    leave_out: tuple[str, ...]
    then: Colocation
    rank: int | None = None
    score: float | None = None

    @property
    def size(self) -> int:
        """How many things would have to change."""
        return len(self.lift) + len(self.leave_out)


def who_could_lift(obstacle: Obstacle) -> Finding | None:
    """Who could say whether something that forbids an option can go, and what finding that out takes; None where no table says."""
    try:
        return finding_out("needs" if obstacle.kind in _OWN_WISH else obstacle.kind, NOT_KNOWN)
    except KeyError:
        return None


def cheapest_of(blockers: Sequence[Obstacle]) -> tuple[Obstacle, Finding] | None:
    """What costs least to find out about, the most it may cost and take counted; None where nothing says for any."""
    known = [(one, finding) for one in blockers if (finding := who_could_lift(one)) is not None]
    return min(known, key=lambda pair: (pair[1].gbp[1], pair[1].months[1], pair[0].says), default=None)


class Repairs:
    """The smallest sets of changes that would free options of one estate from what forbids them."""

    def __init__(self, bench: Bench, obstacles: Obstacles, reviews: Willingness) -> None:
        self._bench, self._obstacles, self._reviews = bench, obstacles, reviews
        self._by_itself: dict[tuple[str, str], set[tuple[str, str]]] = {}

    def of(self, host: str, services: Sequence[str]) -> tuple[Repair, ...]:
        """Every smallest set for one option, those of fewest changes first; none where nothing forbids it."""
        every = tuple(sorted(services))
        if not self.forbidding(host, every):
            return ()
        against = {stays: self.forbidding(host, _rest(every, stays)) for stays in self._left_out(host, every)}
        changes = {stays: frozenset[object]({*stays, *found}) for stays, found in against.items()}
        least = [stays for stays, mine in changes.items() if not any(other < mine for other in changes.values())]
        out = [self._repair(host, _rest(every, stays), stays, against[stays]) for stays in least]
        return tuple(sorted(out, key=lambda one: (one.size, len(one.leave_out), one.leave_out)))

    def forbidding(self, host: str, services: Sequence[str]) -> dict[Key, Obstacle]:
        """What forbids some services in a host, by what it is; the same thing has the same key for whichever services move.

        What each of several services asks for by itself is a thing for each, though the words are the same.
        """
        option = self._bench.option(host, services)
        bodies = self._reviews.bodies(option)
        found = [*self._reviews.obstacles(option), *self._obstacles.of(host, services, bodies)]
        # How much room is lacking depends on who moves; of which kind of room does not.
        told = self._bench.joint.told(services, host)
        rooms = {one.says: one.kind for one in told}
        # Room that is stated goes before sums: were it enough, the floor of the whole building would not be asked about.
        sure = all(one.code in {FITS, AFTER_WORKS, BLOCKED} for one in told) and not self._bench.joint.unsaid(services)
        lacking = [one for one in told if one.code == BLOCKED and one.kind != FLOOR]
        out: dict[Key, Obstacle] = {}
        for one in found:
            if one.state != FORBIDDEN:
                continue
            if rooms.get(one.says) == FLOOR and lacking and sure:
                continue
            if one.says in rooms:
                out[one.kind, rooms[one.says], "", ""] = one
                continue
            own = [service for service in one.services if (one.kind, one.says) in self._alone(host, service)]
            if own and one.kind not in _OF_THE_HOST:
                out |= {(one.kind, one.says, one.source, service): replace(one, services=(service,)) for service in own}
            else:
                out[one.kind, one.says, one.source, ""] = one
        return out

    def _alone(self, host: str, service: str) -> set[tuple[str, str]]:
        """What would stand in the way of one service by itself."""
        if (host, service) not in self._by_itself:
            found = self._obstacles.of(host, (service,), ())
            self._by_itself[host, service] = {(one.kind, one.says) for one in found}
        return self._by_itself[host, service]

    def _left_out(self, host: str, services: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Sets of services that may stay where they are: somebody moves still, and two bodies are together."""
        for size in range(len(services)):
            for stays in combinations(services, size):
                if len(self._bench.places.bodies(host, _rest(services, stays))) > 1:
                    yield stays

    def _repair(
        self, host: str, services: tuple[str, ...], stays: tuple[str, ...], lifted: Mapping[Key, Obstacle]
    ) -> Repair:
        judged = self._bench.judged(self._bench.option(host, services), self._obstacles, self._reviews)
        rest = tuple(one for one in judged.obstacles if one.state != FORBIDDEN)
        return Repair(in_order(lifted.values()), stays, replace(judged, obstacles=rest, verdict=verdict_of(rest)))


def in_order(blockers: Iterable[Obstacle]) -> tuple[Obstacle, ...]:
    """What forbids an option, in the order in which it is told."""
    return tuple(sorted(blockers, key=lambda one: (one.kind, one.services, one.says)))


def _rest(services: Sequence[str], stays: Sequence[str]) -> tuple[str, ...]:
    return tuple(service for service in services if service not in stays)

"""One option in full: what it would do, what stands in its way, what it needs, and the figures it is weighed by."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.hosts.hosting import hosts_of
from assetplan.hubs.blocking import ARGUABLE, ASKED, FORBIDDEN, NEEDED, NOT_KNOWN, Obstacles, before_moving
from assetplan.hubs.company import Company
from assetplan.hubs.generating import Places
from assetplan.hubs.instruments import NONE, Instruments
from assetplan.hubs.joint import JointRoom
from assetplan.hubs.measuring import Measures, months_of, not_settled
from assetplan.hubs.option import Move, Option

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assetplan.estate import Estate
    from assetplan.hosts.fitting import Suitability
    from assetplan.hubs.blocking import Finding, Obstacle
    from assetplan.hubs.instruments import Instrument
    from assetplan.hubs.measuring import Measured
    from assetplan.hubs.reviewing import Review, Willingness
    from assetplan.travel.times import Travel

CRITERIA = (
    "cash_low_gbp_pa", "released_low_m2", "avoided_gbp", "trip_minutes", "affinity", "willing_percent", "need", "unsettled", "unknowns",
    "months",
)  # fmt: skip
"""What options may be weighed by, as the criteria of option_weights.toml name it."""

BLOCKED = "blocked"
VERDICTS = ("fits", "gap", "arguable", "not known", BLOCKED)


@dataclass(frozen=True)
class Answer:
    """What an answer to something not known could change: who could give it, and the rank the option would then have, each by itself.

    `rank_if_good` and `rank_if_bad` are None where the option would not be ranked; `matters` says in words what that means.
    """

    about: str
    kind: str
    services: tuple[str, ...]
    finding: Finding
    rank_if_good: int | None
    rank_if_bad: int | None
    matters: str
    decides: bool


@dataclass(frozen=True, eq=False)
class Colocation:
    """One co-location option in full. Nothing here is a legal conclusion, a valuation or a decision.

    Attributes
    ----------
    option
        The host and who moves in.
    obstacles
        What stands in the way, the gravest first: `assetplan.hubs.blocking.STATES`.
    instruments
        What each move needs, in the order of the moves.
    measured
        What it would do.
    willing_percent
        Bodies that have a say which are committed, or willing by a review (percent).
    verdict
        fits, gap, arguable, not known or blocked: the gravest thing that stands in its way.
    rank
        Its place among the options found; None where something forbids it.
    score, score_high
        Points out of 100 by the lens, what is not known taken at its worst and at its best; NaN where it is not ranked.
    contributions
        Points that each criterion adds; None where its figure is not known.
    first_share, top3_share
        How often it is first, and among the first three, when weights could be anything: parts of 1.
    first_in, top3_in
        The same in words.
    answers
        What is not known, who could find out, and whether it could change the ranking.
    variants
        Sets of services much like it, folded into it.
    reviews
        What bodies answered of it, with their comments; those of bodies that have no say in it change nothing.
    """

    option: Option
    obstacles: tuple[Obstacle, ...]
    instruments: tuple[Instrument, ...]
    measured: Measured
    willing_percent: float
    verdict: str
    rank: int | None = None
    score: float = math.nan
    score_high: float = math.nan
    contributions: Any = None
    first_share: float = math.nan
    top3_share: float = math.nan
    first_in: str = ""
    top3_in: str = ""
    answers: tuple[Answer, ...] = ()
    variants: tuple[tuple[str, ...], ...] = ()
    reviews: tuple[Review, ...] = ()

    def __deepcopy__(self, memo: object) -> Colocation:
        return self  # a value that nobody changes: a frame copies its attrs with every step

    def of_state(self, *states: str) -> tuple[Obstacle, ...]:
        """The obstacles that stand in the way so far."""
        return tuple(one for one in self.obstacles if one.state in states)

    def said(self, obstacle: Obstacle) -> str:
        """What an obstacle says, with the services it is said of where these are not all that move."""
        names = {move.service: move.name for move in self.option.moves}
        about = [names[service] for service in obstacle.services if service in names]
        return f"{', '.join(about)}: {obstacle.says}" if 0 < len(about) < len(names) else obstacle.says

    def quoted(self, obstacle: Obstacle) -> str:
        """The same with who says so."""
        return f"{self.said(obstacle)} [{obstacle.source}{'; illustrative' if obstacle.illustrative else ''}]"

    @property
    def barred(self) -> bool:
        """Whether something forbids it."""
        return self.verdict == BLOCKED

    @property
    def figures(self) -> dict[str, float]:
        """The figure of each criterion; NaN where it is not known."""
        return figures_of(self.option, self.obstacles, self.instruments, self.measured, self.willing_percent)

    @property
    def bounds(self) -> dict[str, float]:
        """The best that figures which are not known can be, where that is known."""
        low, high = self.measured.cash_gbp_pa
        return {"cash_low_gbp_pa": high} if np.isnan(low) and not np.isnan(high) else {}

    def without(self, obstacle: Obstacle) -> dict[str, float]:
        """The figures if one obstacle were out of the way."""
        rest = tuple(one for one in self.obstacles if one is not obstacle)
        return figures_of(self.option, rest, self.instruments, self.measured, self.willing_percent)


def figures_of(
    option: Option,
    obstacles: Sequence[Obstacle],
    instruments: Sequence[Instrument],
    measured: Measured,
    willing_percent: float,
) -> dict[str, float]:
    """The figure of each criterion of one option; NaN where it is not known."""
    return {
        "cash_low_gbp_pa": measured.cash_gbp_pa[0],
        "released_low_m2": measured.released_m2[0],
        "avoided_gbp": measured.avoided_gbp[1],
        "trip_minutes": measured.trip_minutes,
        "affinity": measured.affinity,
        "willing_percent": willing_percent,
        "need": float(len(measured.need)),
        "unsettled": float(not_settled(obstacles)),
        "unknowns": float(sum(one.state == NOT_KNOWN for one in obstacles)),
        "months": months_of(option, obstacles, instruments)[1],
    }


class Bench:
    """What options of one estate are judged with: made once."""

    def __init__(self, estate: Estate, travel: Travel | None) -> None:
        self.estate = estate
        self.hosts = hosts_of(estate)
        self.company, self.places = Company(estate), Places(estate)
        self.joint = JointRoom(estate, self.hosts)
        self.instruments = Instruments(estate)
        self.measures = Measures(estate, self.company, self.places, travel)

    def option(self, host: str, services: Iterable[str], reasons: Sequence[str] = ()) -> Option:
        """A host and some services as an option."""
        rows, at = self.company.rows, self.hosts.at[host]
        moves = [
            Move(
                key,
                str(rows[key]["name"]),
                str(rows[key]["organisation"]),
                rows[key]["part_of"],
                self.places.at[key],
                host,
            )
            for key in sorted(set(services))
        ]
        return Option(
            host,
            self.hosts.kinds[at],
            str(self.hosts.rows[at]["organisation"]),
            tuple(moves),
            self.places.inside.get(host, ()),
            self.places.bodies(host, [move.service for move in moves]),
            tuple(reasons),
        )

    def obstacles(self, found: Suitability) -> Obstacles:
        """What stands in the way, by what a suitability found."""
        return Obstacles(self.estate, found, self.joint, self.company, self.places)

    def judged(self, option: Option, obstacles: Obstacles, reviews: Willingness) -> Colocation:
        """An option in full, without its place among others."""
        bodies = reviews.bodies(option)
        against = (*reviews.obstacles(option), *obstacles.of(option.host, option.services, bodies))
        option = replace(option, before=before_moving(option.host_kind, against))
        instruments = self.instruments.of(option)
        rights = ("" if what.kind == NONE else what.kind for what in instruments)
        moves = tuple(replace(move, instrument=right) for move, right in zip(option.moves, rights, strict=True))
        option = replace(option, moves=moves)
        measured = self.measures.of(option, against, instruments)
        return Colocation(
            option,
            against,
            instruments,
            measured,
            reviews.percent(option),
            verdict_of(against),
            reviews=reviews.given(option),
        )


def verdict_of(obstacles: Sequence[Obstacle]) -> str:
    """The gravest thing that stands in the way, as one word of `VERDICTS`."""
    states = {one.state for one in obstacles}
    if FORBIDDEN in states:
        return BLOCKED
    if NOT_KNOWN in states:
        return "not known"
    if ARGUABLE in states:
        return "arguable"
    return "gap" if states & {ASKED, NEEDED} else "fits"


def known(value: float) -> float | None:
    """A figure, or None where it is not known."""
    return None if np.isnan(value) else float(value)

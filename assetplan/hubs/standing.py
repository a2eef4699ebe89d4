"""Why an option that somebody proposes is not first: the smallest change that would make it so, or what would have to go before it could be.

Each change is of the option's own figures or of a weight, all else as it is; whether anybody could bring it about is for those who know. Nothing
here is a legal conclusion, a valuation or a decision.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assetplan.facilities import which_service
from assetplan.hubs.colocation import Work, check_move, check_search
from assetplan.hubs.ranking import Scored, lens_of, weights_of
from assetplan.hubs.repairing import Repairs, cheapest_of, in_order
from assetplan.hubs.reviewing import Willingness
from assetplan.hubs.winning import DIGITS, Contest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from assetplan.estate import Estate
    from assetplan.hubs.blocking import Finding, Obstacle
    from assetplan.hubs.judging import Colocation
    from assetplan.hubs.repairing import Repair
    from assetplan.hubs.reviewing import Review
    from assetplan.hubs.winning import FigureChange, WeightChange
    from assetplan.travel.times import Travel
    from assetplan.weights import Lens, Weights

_WHOLE = {"affinity": 1.0, "need": 1.0, "unsettled": 1.0, "unknowns": 1.0, "months": 1.0}
"""Figures that change by whole things."""
_LEAST = {"unsettled": 0.0, "unknowns": 0.0, "months": 0.0}
_MOST = {"need": 4.0, "willing_percent": 100.0}  # kinds of reason there are


@dataclass(frozen=True, eq=False)
class WhyNot:
    """Why an option is not first, and what would make it so.

    Attributes
    ----------
    option
        The option in full, with its place.
    lens
        The lens that scores are by.
    leader
        The first of the other options that nothing forbids; None where there is none.
    ranked
        How many options are ranked, this among them where nothing forbids it.
    bodies
        The bodies that have a say in it.
    short
        Points that it lacks to be first; 0 where it is, NaN where it is not ranked.
    figures
        For each criterion by which that can be done, the smallest change of its one figure that would make it first; the smallest share of the
        criterion's range first.
    weights
        The same for each weight, the others keeping their proportions.
    two
        The smallest change of two figures, where no one figure is enough; None where one is, or no two are.
    fewest
        How many figures would have to change at least; None where it could not be first even with every figure at its best.
    blockers
        What forbids it.
    cheapest
        What of these costs least to find out about, as far as a table says, and who could; None where nothing forbids it or no table says.
    repairs
        Every smallest set of changes after which nothing would forbid it, those of fewest changes first.
    """

    option: Colocation
    lens: Lens
    leader: Colocation | None
    ranked: int
    bodies: tuple[str, ...]
    short: float
    figures: tuple[FigureChange, ...]
    weights: tuple[WeightChange, ...]
    two: tuple[FigureChange, FigureChange] | None
    fewest: int | None
    blockers: tuple[Obstacle, ...]
    cheapest: tuple[Obstacle, Finding] | None
    repairs: tuple[Repair, ...]

    @property
    def first(self) -> bool:
        """Whether it is first as it is."""
        return self.option.rank == 1

    @property
    def smallest(self) -> FigureChange | WeightChange | None:
        """The smallest single change, as a share of a criterion's range or of all weight; of two alike that of a figure."""
        every: list[FigureChange | WeightChange] = [*self.figures, *self.weights]
        return min(every, key=lambda change: round(change.share, 9), default=None)

    def could_be(self, change: FigureChange) -> bool | None:
        """Whether a figure could turn out so by what is known of it now; None where nothing says how far it could go."""
        measured = self.option.measured
        best = {
            "cash_low_gbp_pa": measured.cash_gbp_pa[1],
            "released_low_m2": measured.released_m2[1],
            "months": measured.months[0],
        }.get(change.criterion.name, math.nan)
        if math.isnan(best):
            return None
        return best >= change.then if change.criterion.direction == "more is better" else best <= change.then


def why_not(
    estate: Estate,
    host: str,
    services: Iterable[str],
    *,
    lens: str = "",
    weights: Weights | None = None,
    reviews: Mapping[str, str] | Iterable[Review] | None = None,
    reach_km: float = 10.0,
    max_guests: int = 4,
    travel: Travel | None = None,
    seed: int = 0,
) -> WhyNot:
    """Say why an option that somebody proposes is not first, and what would change that.

    Parameters
    ----------
    estate, host, services, lens, weights, reviews, reach_km, max_guests, travel, seed
        As for `assetplan.examine_colocation`.

    Returns
    -------
    WhyNot
        Where nothing forbids the option: the smallest change of one figure, of one weight or of two figures that would make it first among the
        options found. Where something does: every smallest set of changes after which nothing would.

    Raises
    ------
    SubjectError, EstateError, ValueError
        As `assetplan.examine_colocation`.

    Notes
    -----
    Scores are weighted sums (Department for Communities and Local Government 2009, Multi-criteria analysis: a manual), so a figure that changes by a
    share `s` of its criterion's range adds ``100 w s`` points, and what is wanted follows. Changes are in whole steps: whole things and whole months,
    a whole body, else a power of ten of about a hundredth of the range; a step fewer would not do. A figure that is not known counts as the worst of
    its range. What forbids an option is taken away, or a service is left where it is, and the rest judged anew: a set is listed if it is enough
    and no part of it is.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton").for_audience("rdc")
    >>> why = ap.why_not(estate, "MAL-13", ["police-response", "nhs-ambulance", "fire-malton"])
    >>> [(len(repair.lift), repair.leave_out) for repair in why.repairs]
    [(1, ()), (0, ('fire-malton',))]
    """
    check_search(reach_km, max_guests)
    used = weights_of(estate, weights)
    chosen = lens_of(used, lens)
    names = tuple(sorted({which_service(estate, str(service)) for service in services}))
    work = Work(estate, reach_km, max_guests, travel, None)
    check_move(work, host, names)
    options, _ = work.ranked(used, chosen, reviews, seed, asked=(host, names))
    one = next(one for one in options if one.option.host == host and one.option.services == names)
    given = tuple(reviews) if isinstance(reviews, Mapping) else ()
    answers = Willingness(estate, reviews, [*given, *(other.option.option_id for other in options)])
    repairs = Repairs(work.bench, work.against(host, names), answers)
    blockers = in_order(repairs.forbidding(host, names).values())
    bodies, ends = answers.bodies(one.option), ends_of(estate, one, used)
    return explained(one, options, used, chosen, bodies, ends, blockers=blockers, repairs=repairs.of(host, names))


def explained(
    one: Colocation,
    options: Sequence[Colocation],
    weights: Weights,
    lens: Lens,
    bodies: tuple[str, ...],
    ends: Mapping[str, float],
    *,
    blockers: tuple[Obstacle, ...] = (),
    repairs: Sequence[Repair] = (),
) -> WhyNot:
    """Why one of the options in order is not first, given how far its figures can go, and what would free it."""
    others = [other for other in options if not other.barred and other is not one]
    contest = contest_of(one, others, weights, lens, bodies, ends)
    ranked = not one.barred
    return WhyNot(
        option=one,
        lens=lens,
        leader=others[0] if others else None,
        ranked=len(others) + ranked,
        bodies=bodies,
        short=contest.short if ranked else math.nan,
        figures=contest.figures() if ranked else (),
        weights=contest.weights() if ranked else (),
        two=contest.two() if ranked else None,
        fewest=contest.fewest() if ranked else None,
        blockers=blockers,
        cheapest=cheapest_of(blockers),
        repairs=tuple(_placed(repair, others, weights, lens) for repair in repairs),
    )


def contest_of(
    one: Colocation,
    others: Sequence[Colocation],
    weights: Weights,
    lens: Lens,
    bodies: Sequence[str],
    ends: Mapping[str, float],
) -> Contest:
    """An option against others, with the steps that its figures can have; `ends` is how far they can go at best."""
    steps = {**_WHOLE, "willing_percent": 100 / max(len(bodies), 1)}
    own = _key(one)
    before = [own < _key(other) for other in others]
    figures = [other.figures for other in others]
    return Contest(one.figures, figures, before, weights.criteria, lens.weights, steps=steps, ends=ends)


def ends_of(estate: Estate, one: Colocation, weights: Weights) -> dict[str, float]:
    """How far figures of an option can go at best, where that is known: no further than the buildings that are left cost, hold and need."""
    origins = sorted({move.origin for move in one.option.moves if move.origin is not None})
    left = estate.assets.loc[[origin for origin in origins if origin in estate.assets.index]]
    most = {
        **_MOST,
        "cash_low_gbp_pa": _sum(left["running_cost_gbp_pa"]),
        "avoided_gbp": _sum(left["backlog_gbp"]),
        "released_low_m2": _sum(left[["nia_m2", "gia_m2"]].max(axis=1)),
    }
    out = dict(one.bounds)
    for criterion in weights.criteria:
        end = (most if criterion.direction == "more is better" else _LEAST).get(criterion.name, math.nan)
        if not math.isnan(end):
            out[criterion.name] = min(end, out.get(criterion.name, math.inf))
    if not one.measured.changes and one.measured.people_minutes_change == 0:
        out["trip_minutes"] = one.measured.trip_minutes  # nobody comes, so no trip can get shorter
    return out


def _sum(figures: pd.Series) -> float:
    """What figures of buildings come to; NaN where one is not known."""
    return float(figures.astype(float).sum(skipna=False))


def _placed(repair: Repair, others: Sequence[Colocation], weights: Weights, lens: Lens) -> Repair:
    """The place that an option would have among others once nothing forbids it."""
    rest = [other for other in others if other.option.option_id != repair.then.option.option_id]
    scored = Scored([repair.then, *rest], weights, lens)
    own, *points = [round(float(low), DIGITS) for low in scored.low]
    ahead = sum((-theirs, _key(other)) < (-own, _key(repair.then)) for theirs, other in zip(points, rest, strict=True))
    return replace(repair, rank=1 + ahead, score=own)


def _key(one: Colocation) -> tuple[Any, ...]:
    """What goes first where scores are level: as options are ranked."""
    return one.option.host, one.option.services

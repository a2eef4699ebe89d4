"""Which services of several bodies could share which host: options in order, with what each would do, needs, and has in its way.

Options are grown from what links services and hosts, never by going through every set; they are scored by a lens whose default is least
regret; what something forbids is listed apart. Nothing here is a legal conclusion, a valuation or a decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assetplan.cover.response import gates
from assetplan.errors import SubjectError
from assetplan.estate import sites as sites_of
from assetplan.facilities import which_service
from assetplan.hosts.fitting import suitability
from assetplan.hubs.blocking import ARGUABLE, ASKED, FORBIDDEN, NEEDED, NOT_KNOWN
from assetplan.hubs.generating import OptionSearch, generate
from assetplan.hubs.judging import Bench, known
from assetplan.hubs.ranking import lens_of, ranked, weights_of
from assetplan.hubs.reviewing import Willingness
from assetplan.schema import table
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from assetplan.estate import Estate
    from assetplan.hosts.fitting import Suitability
    from assetplan.hubs.blocking import Obstacles
    from assetplan.hubs.judging import Colocation
    from assetplan.hubs.reviewing import Review
    from assetplan.stability import RankStability
    from assetplan.travel.times import Travel
    from assetplan.weights import Weights

    Progress = Callable[[str, float], None]

COLOCATION_COLUMNS = tuple(table("colocations"))
DRAWS = 10_000
MOST_GUESTS = 8
MEASURED = 300  # options measured
_FARTHEST_KM = 1_000.0


def find_colocations(
    estate: Estate,
    *,
    lens: str = "",
    weights: Weights | None = None,
    reviews: Mapping[str, str] | Iterable[Review] | None = None,
    reach_km: float = 10.0,
    max_guests: int = 4,
    travel: Travel | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Co-location options: services of two or more bodies in one host, the best first, then those that something forbids.

    Parameters
    ----------
    estate
        The estate, for any reader. Whether that reader may be shown the result is for the caller: see `Estate.released` ("options").
    lens
        The lens of the weights that scores are by; their first where none is named.
    weights
        What scores rest on; where none are given the folder's ``option_weights.toml``, else the package's own.
    reviews
        Answers of reviewers: what `assetplan.read_reviews` read, each an answer of one body about one option; or ``willing``, ``not willing``
        or ``needs work`` by ``option_id``, host or body, where an answer about an option goes before one about its host, and that before one
        about a body. A body that has a say and is not willing forbids the option. Options that bodies answered of are looked at whether they
        would have been found or not, and are never folded into others.
    reach_km
        How far off, in a straight line, a host may be from where a service is now.
    max_guests
        Most services that move into one host, 1 to 8.
    travel
        What access rests on; by default the times by car that `assetplan.travel_of` finds.
    seed
        Where the draws of 10,000 weightings start.
    progress
        Called now and then with a word and the share that is done, from 0 to 1.

    Returns
    -------
    pandas.DataFrame
        Columns as ``assetplan columns --table colocations`` lists them; ties in order of host and services. ``attrs["search"]`` says what was gone
        through and what may have been missed, ``attrs["options"]`` holds the `Colocation` of each row by ``option_id``,
        ``attrs["stability"]`` the `assetplan.rank_stability` of those ranked (None where there are none), ``attrs["lens"]`` the lens.

    Raises
    ------
    EstateError
        Where there is no such lens, or a criterion that options are not judged by.
    ValueError
        Where a number cannot be used, or an answer of a reviewer names nothing here or is none of the three.

    Notes
    -----
    A score is the sum over criteria of weight times the part of the range that the figure comes to, out of 100 (`assetplan.score`). A figure
    beyond its range counts as its end: an option's score rests on nothing but itself. A building of which no service is named counts as used by
    the body that lists staff there. Options of one host that share three services in five, and
    whose scores are within five points, are folded into the best of them.

    Examples
    --------
    >>> import assetplan as ap
    >>> found = ap.find_colocations(ap.read_estate("data/malton").for_audience("rdc"))
    >>> bool((found["host"] == "nhs:B82025").any()), found["rank"].iloc[0]
    (False, 1)
    """
    check_search(reach_km, max_guests)
    used = weights_of(estate, weights)
    chosen = lens_of(used, lens)
    work = Work(estate, reach_km, max_guests, travel, progress)
    options, stable = work.ranked(used, chosen, reviews, seed)
    out = rows_of(estate, options)
    out.attrs |= {
        "search": work.search_with(options),
        "options": {one.option.option_id: one for one in options},
        "stability": stable,
        "lens": chosen,
    }
    return out


def examine_colocation(
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
) -> Colocation:
    """Look at one option closely, whether it would have been found or not, and at its place among those found.

    Parameters
    ----------
    estate, lens, weights, reviews, reach_km, max_guests, travel, seed
        As for `find_colocations`.
    host
        An asset, or a parcel for which room is stated.
    services
        Identifiers or names of the services that would move in.

    Returns
    -------
    Colocation
        In full; `rank` is its place among the options found, itself with them, None where something forbids it.

    Raises
    ------
    SubjectError
        Where this reader knows no such host or service; where the place is no host, a service is there already or stays where it is, one is
        a part of another, or fewer than two bodies would be there together.
    EstateError, ValueError
        As `find_colocations`.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton").for_audience("rdc")
    >>> one = ap.examine_colocation(estate, "MAL-13", ["police-response", "nhs-ambulance", "fire-malton"])
    >>> one.verdict, sorted({obstacle.kind for obstacle in one.of_state("forbidden")})
    ('blocked', ['response'])
    """
    check_search(reach_km, max_guests)
    used = weights_of(estate, weights)
    chosen = lens_of(used, lens)
    names = sorted({which_service(estate, str(service)) for service in services})
    work = Work(estate, reach_km, max_guests, travel, None)
    check_move(work, host, names)
    options, _ = work.ranked(used, chosen, reviews, seed, asked=(host, tuple(names)))
    return next(one for one in options if one.option.host == host and one.option.services == tuple(names))


class Work:
    """The options of one estate, found and judged."""

    def __init__(
        self, estate: Estate, reach_km: float, max_guests: int, travel: Travel | None, progress: Progress | None
    ) -> None:
        self.estate, self._progress = estate, progress

        def half(word: str, share: float) -> None:
            if progress is not None:
                progress(word, 0.5 * share)

        self.bench = Bench(estate, travel)
        self._reach_km, self._max_guests, self._half = reach_km, max_guests, half if progress is not None else None
        self.search = OptionSearch(())

    def find(self) -> Suitability:
        """Judge services against hosts, and grow options from what suits."""
        bench = self.bench
        found = suitability(self.estate, reach_km=self._reach_km, gate=gates, progress=self._half)
        stated = {host for host, said in zip(bench.hosts.ids, bench.hosts.stated, strict=True) if said}
        self.search = generate(
            found, stated, bench.joint, bench.company, bench.places, max_guests=self._max_guests, most=MEASURED
        )
        return found

    def ranked(
        self,
        weights: Weights,
        lens: Any,
        answers: Mapping[str, str] | Iterable[Review] | None,
        seed: int,
        asked: tuple[str, tuple[str, ...]] | None = None,
    ) -> tuple[list[Colocation], RankStability | None]:
        """The options found in order, and how far the order hangs on the weights; with one asked for among them."""
        found = self.find()
        bundles = list(self.search.bundles)
        options = {(one.host, one.services): self.bench.option(one.host, one.services, one.reasons) for one in bundles}
        answers = answers if answers is None or isinstance(answers, Mapping) else tuple(answers)
        apart = [] if asked is None else [asked]
        if answers is not None and not isinstance(answers, Mapping):
            apart += [(review.host, tuple(sorted(set(review.services)))) for review in answers]
        extra = {key for key in apart if key not in options or key == asked}
        for host, services in dict.fromkeys(apart):
            if (host, services) not in options:
                check_move(self, host, services)
                options[host, services] = self.bench.option(host, services)
        reviews = Willingness(self.estate, answers, [option.option_id for option in options.values()])
        obstacles = self.bench.obstacles(found)
        judged = []
        for i, (key, option) in enumerate(options.items()):
            against = obstacles
            if key in extra:
                against = self.against(*key)
            judged.append(self.bench.judged(option, against, reviews))
            if self._progress is not None and i % 25 == 24:
                self._progress("options measured", 0.5 + 0.4 * (i + 1) / len(options))
        # What somebody asks or has an answer about is not folded away.
        named = set(answers) if isinstance(answers, Mapping) else set()
        kept = [
            one
            for one in judged
            if (one.option.host, one.option.services) in set(apart) or one.option.option_id in named
        ]
        return ranked(judged, weights, lens, draws=DRAWS, seed=seed, apart=kept)

    def against(self, host: str, services: Sequence[str]) -> Obstacles:
        """What stands in the way of some services in one host, however far off it is."""
        return self.bench.obstacles(
            suitability(self.estate, services=services, hosts=[host], reach_km=_FARTHEST_KM, gate=gates)
        )

    def search_with(self, options: Sequence[Colocation]) -> OptionSearch:
        """What was gone through, with what was folded."""
        folded = {one.option.option_id: one.variants for one in options if one.variants}
        return OptionSearch(
            self.search.bundles, self.search.seen, self.search.too_little_room, self.search.missed, folded
        )


def check_search(reach_km: float, max_guests: int) -> None:
    """Refuse what a search cannot be bounded by."""
    if not (np.isfinite(reach_km) and reach_km >= 0):
        raise ValueError(f"reach_km: a length of nothing or more is wanted, not {reach_km!r}.")
    if isinstance(max_guests, bool) or not isinstance(max_guests, int) or not 1 <= max_guests <= MOST_GUESTS:
        raise ValueError(f"max_guests: a whole number from 1 to {MOST_GUESTS} is wanted, not {max_guests!r}.")


def check_move(work: Work, host: str, services: Sequence[str]) -> None:
    """Refuse what is no co-location option at all."""
    bench = work.bench
    if host not in bench.hosts.at:
        why = dict(zip(bench.hosts.left_out["host"], bench.hosts.left_out["why"], strict=True)).get(host)
        more = f" It is left out: {visible(str(why))}." if why else ""
        raise SubjectError(f"{visible(host)!r} is no host of this estate.{more}")
    if not services:
        raise SubjectError("No service is named. Name those that would move in.")
    rows = bench.company.rows
    for service in services:
        name = visible(str(rows[service]["name"]))
        if rows[service]["fixed"] is True:
            raise SubjectError(f"{name} stays where it is, so no move of it is looked at.")
        if bench.places.at[service] == host:
            raise SubjectError(f"{name} is there already. Name those that would move in.")
        for other in services:
            if other != service and bench.places.alike(service, other):
                raise SubjectError(
                    f"{name} and {visible(str(rows[other]['name']))}: one is a part of the other. Name one."
                )
    if len(bench.places.bodies(host, services)) < 2:
        raise SubjectError("Fewer than two bodies would be there together, so it is no co-location.")


# ------------------------------------------------------------------------------------------------------- rows


def place_names(estate: Estate) -> dict[str, str]:
    """What assets and parcels are called: a parcel as its site is, where that has a name."""
    said: dict[str, Any] = dict(zip(map(str, estate.land.index), estate.land["name"], strict=True))
    sites = sites_of(estate)
    for parcels, name in zip(sites["parcels"], sites["name"], strict=True):
        said |= dict.fromkeys(map(str, parcels), name) if name else {}
    said |= dict(zip(map(str, estate.assets.index), estate.assets["name"], strict=True))
    return {key: str(name or key) for key, name in said.items()}


def rows_of(estate: Estate, options: Iterable[Colocation]) -> pd.DataFrame:
    """Options as rows: the columns of the table ``colocations``."""
    names = place_names(estate)
    return pd.DataFrame([_row(names, one) for one in options], columns=list(COLOCATION_COLUMNS), dtype=object)


def _row(names: Mapping[str, str], one: Colocation) -> dict[str, Any]:
    option, measured = one.option, one.measured
    quoted = {
        FORBIDDEN: "forbidden: ", ARGUABLE: "arguable: ", ASKED: "", NEEDED: "", NOT_KNOWN: "",
    }  # fmt: skip

    def said(*states: str) -> tuple[str, ...]:
        return tuple(f"{quoted[obstacle.state]}{one.quoted(obstacle)}" for obstacle in one.of_state(*states))

    moves = tuple(f"{move.name}: {_place(names, move.origin)} -> {_place(names, option.host)}" for move in option.moves)
    instruments = tuple(
        f"{move.name}: {what.in_words}" for move, what in zip(option.moves, one.instruments, strict=True)
    )
    return {
        "rank": one.rank,
        "option_id": option.option_id,
        "host": option.host,
        "services": option.services,
        "residents": option.residents,
        "organisations": option.organisations,
        "verdict": one.verdict,
        "score": _points(one.score),
        "score_low": _points(one.score),
        "score_high": _points(one.score_high),
        "contributions": None
        if one.contributions is None
        else {name: None if points is None else round(points, 1) for name, points in one.contributions.items()},
        "first_in": one.first_in or None,
        "top3_in": one.top3_in or None,
        "first_percent": _percent(one.first_share),
        "top3_percent": _percent(one.top3_share),
        "moves": moves,
        "together_because": option.reasons,
        "instruments": instruments,
        "blockers": said(FORBIDDEN, ARGUABLE, ASKED),
        "needs": said(NEEDED),
        "unknowns": said(NOT_KNOWN),
        "not_worked_out": measured.notes,
        "could_change": tuple(f"{answer.matters}: {answer.about}" for answer in one.answers if answer.decides),
        "people_minutes_change": _rounded(measured.people_minutes_change),
        "trip_minutes": _rounded(measured.trip_minutes, 1),
        "worst_place": measured.worst_place or None,
        "worst_minutes": _rounded(measured.worst_minutes, 1),
        "closes": measured.closes,
        "space_released_low_m2": _rounded(measured.released_m2[0]),
        "space_released_high_m2": _rounded(measured.released_m2[1]),
        "cash_low_gbp_pa": _rounded(measured.cash_gbp_pa[0]),
        "cash_high_gbp_pa": _rounded(measured.cash_gbp_pa[1]),
        "avoided_gbp": _rounded(measured.avoided_gbp[1]),
        "affinity": measured.affinity,
        "willing_percent": round(one.willing_percent, 1),
        "need": measured.need,
        "why_now": measured.why_now,
        "aspirations": None,
        "least_months": measured.months[0],
        "months": measured.months[1],
        "variants": len(one.variants),
    }


def _place(names: Mapping[str, str], key: str | None) -> str:
    return "not known" if key is None else names.get(key, key)


def _points(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 1)


def _percent(share: float) -> float | None:
    return None if np.isnan(share) else round(100 * share, 1)


def _rounded(value: float, digits: int = 0) -> float | None:
    figure = known(value)
    if figure is None:
        return None
    return round(figure, digits) + 0.0  # no figure is less than nothing by rounding

"""What land would be worth cleared for a mix of uses: apart, site by site, and together as one scheme. Indicative, not a valuation.

The method is the residual one: the value of what would be built, less all it would cost, is what the land could be worth. Value
apart is the better of selling a site as it stands and cleared, and never less than nothing, for nobody has to sell. Value together is
the residual of the sites cleared as one scheme, less than nothing where that is what comes out. Marriage value, the second less the
first, is given in the reasons it comes from, each counted on top of those before it, so that they add up to it exactly:

- *stand-alone value lost*: buildings that would sell for more as they stand than their land cleared;
- *uses placed*: what a covenant bars on one site goes onto another's land;
- *ransom removed*: a site without road frontage pays whoever holds its access; within a group that reaches a road it does not;
- *access*: less frontage than a road needs limits the homes behind it; the frontages of a group are added;
- *threshold*: affordable homes and obligations are asked of schemes from a size; sites below it apart may be above it together;
- *contributions*: the levy is net of existing floor space, and what one site has too much of helps another;
- *layout*: no strip need be kept along a boundary between two sites of one scheme;
- *shared works*: what any scheme costs whatever its size is paid once.

Low and high are every figure at its adverse or at its kind end at once. Vacant possession is assumed: what it costs to move whoever is
there is no part of a land value. All money is in GBP of the assumptions' price base.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assetplan.assumptions import HOUSING, Assumptions, Case
from assetplan.declared import guessed
from assetplan.errors import EstateError
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

REASONS = (
    "stand-alone value lost",
    "uses placed",
    "ransom removed",
    "access",
    "threshold",
    "contributions",
    "layout",
    "shared works",
)
LAND_COLUMNS = (
    "organisation", "net_ha", "homes", "existing_m2", "abnormals_gbp", "as_it_stands_gbp", "frontage_m", "landlocked", "by_rule",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Land:
    """What a valuation rests on, site by site: `assetplan.land_of` makes it from an estate.

    Attributes
    ----------
    sites
        Indexed by site_id: ``organisation``; ``net_ha``, net developable area (ha, 0 where nothing may be built); ``homes`` that fill it;
        ``existing_m2``, floor space that stands there (m2 GIA); ``abnormals_gbp``; ``as_it_stands_gbp`` (null: not known);
        ``frontage_m`` (m; null: not known); ``landlocked`` (yes, no or null); ``by_rule``, whether the net area follows from the outline.
    bonds
        ``site_a, site_b, shared_boundary_m`` (m) of sites that touch.
    barred
        For each site the covenants on it: name of the constraint, with the uses it bars.
    """

    sites: pd.DataFrame
    bonds: pd.DataFrame
    barred: Mapping[str, Mapping[str, frozenset[str]]]


# ------------------------------------------------------------------------------------------------------- the residual


@dataclass(frozen=True, eq=False)
class Scheme:
    """Schemes, one an entry: homes, floor area of each other use (m2), floor space that stands there (m2), cost of works (GBP)."""

    homes: Numbers
    floors: Mapping[str, Numbers]
    existing_m2: Numbers
    abnormals_gbp: Numbers


def lines_of(
    scheme: Scheme, affordable: NDArray[np.bool_], obliged: NDArray[np.bool_], a: Assumptions, case: Case
) -> dict[str, Numbers]:
    """The lines of the residual of each scheme, in GBP, costs below nothing."""

    def of(name: str) -> float:
        return a.value(name, case)

    def share(name: str) -> float:
        return a.value(name, case) / 100

    part = np.where(affordable, share("affordable_percent"), 0.0)
    market_m2 = scheme.homes * (1 - part) * of("market_m2_per_home")
    affordable_m2 = scheme.homes * part * of("affordable_m2_per_home")
    market = market_m2 * of("market_value_gbp_m2")
    below = affordable_m2 * of("market_value_gbp_m2") * share("affordable_value_percent")
    build = (market_m2 + affordable_m2) * of("build_gbp_m2")
    other = np.zeros_like(market)
    profit = market * share("profit_market_percent") + below * share("profit_affordable_percent")
    chargeable, levy = market_m2, market_m2 * of("cil_gbp_m2")
    for use, floor in scheme.floors.items():
        value = floor * of(f"{use}.value_gbp_m2")
        other = other + value
        build = build + floor * of(f"{use}.build_gbp_m2")
        profit = profit + value * share(f"{use}.profit_percent")
        rate = of(f"{use}.cil_gbp_m2")
        chargeable = chargeable + (floor if rate else 0.0)
        levy = levy + floor * rate
    works = build * (1 + share("externals_percent"))
    net = np.divide(
        np.maximum(chargeable - scheme.existing_m2, 0.0),
        chargeable,
        out=np.zeros_like(chargeable),
        where=chargeable > 0,
    )
    return {
        "market homes": market,
        "affordable homes": below,
        "other uses": other,
        "build": -build,
        "externals": -(works - build),
        "fees": -works * share("fees_percent"),
        "contingency": -works * share("contingency_percent"),
        "clearing, ground and services": -scheme.abnormals_gbp,
        "finance": -(market + below + other) * share("finance_percent"),
        "cost of sale": -(market + other) * share("sales_percent"),
        "developer's return": -profit,
        "planning obligations": -np.where(obliged, scheme.homes * of("s106_gbp_per_home"), 0.0),
        "Community Infrastructure Levy": -levy * net,
    }


def residual(
    scheme: Scheme, affordable: NDArray[np.bool_], obliged: NDArray[np.bool_], a: Assumptions, case: Case
) -> Numbers:
    """What each scheme would be worth as land, in GBP."""
    return np.asarray(sum(lines_of(scheme, affordable, obliged, a, case).values()), dtype=float)


def asked(homes: Numbers, a: Assumptions, case: Case) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether affordable homes, and planning obligations, are asked of schemes of that many homes."""
    return homes >= a.value("affordable_threshold_homes", case), homes >= a.value("s106_threshold_homes", case)


BASIS = {
    "market homes": "homes that are not affordable x floor area x value",
    "affordable homes": "affordable homes x floor area x share of market value",
    "other uses": "floor area x value, use by use",
    "build": "floor area x build cost, use by use",
    "externals": "share of build",
    "fees": "share of build and externals",
    "contingency": "share of build and externals",
    "clearing, ground and services": "stated for the site, else per gross hectare; less what is saved by doing it together",
    "finance": "share of the value of all that is built",
    "cost of sale": "share of value, affordable homes apart",
    "developer's return": "share of value, use by use",
    "planning obligations": "per home, from the threshold on",
    "Community Infrastructure Levy": "floor area x rate, net of floor space that stands there",
}


# ------------------------------------------------------------------------------------------------------- what goes where


def _allotted(
    land: Land, sites: Sequence[str], mix: Mapping[str, float], a: Assumptions, case: Case, without: Collection[str]
) -> dict[str, Numbers]:
    """Hectares of each site given to each use of a mix: where they may go, so that the land is worth most.

    A use that would be worth less than nothing is not built: its share of each site is handed over for nothing.
    """
    frame = _rows(land, sites)
    area = frame["net_ha"].to_numpy(dtype=float)
    wanted = {use: percent / 100 for use, percent in mix.items()}
    homes = wanted.get(HOUSING, 0.0) * float(frame["homes"].sum())
    pays = {use: _pays(land, sites, use, a, case) for use in wanted}
    barred = [bars(land, site, without) for site in sites]
    uses, n = [use for use in wanted if pays[use].any()], len(sites)
    out = {use: np.where(pays[use], area * share, 0.0) for use, share in wanted.items()}
    if len(uses) < 2 and not any(bar & set(uses) for bar in barred):
        return out
    from scipy.optimize import linprog  # takes longer to load than most valuations to make, and few need it

    limits = np.zeros((n + len(uses), n * len(uses)))
    for k in range(len(uses)):
        limits[np.arange(n), k * n + np.arange(n)] = 1
        limits[n + k, k * n : (k + 1) * n] = 1
    most = np.concatenate([area * sum(wanted[use] for use in uses), [wanted[use] * area.sum() for use in uses]])
    bounds = [(0.0, 0.0 if use in barred[i] or not pays[use][i] else None) for use in uses for i in range(n)]
    gain = np.concatenate([_worth_per_ha(land, sites, use, homes, a, case) for use in uses])
    found = linprog(-gain / max(float(gain.max()), 1.0), A_ub=limits, b_ub=most, bounds=bounds, method="highs")
    hectares = np.asarray(found.x).reshape(len(uses), n)
    return out | {use: np.where(hectares[k] < 1e-9, 0.0, hectares[k]) for k, use in enumerate(uses)}


def _rows(land: Land, sites: Sequence[str]) -> pd.DataFrame:
    return land.sites if len(sites) == len(land.sites) else land.sites.loc[list(sites)]


def bars(land: Land, site: str, without: Collection[str]) -> frozenset[str]:
    """Uses that covenants on a site bar, those left out of account apart."""
    return frozenset[str]().union(*(uses for key, uses in land.barred.get(site, {}).items() if key not in without))


def _pays(land: Land, sites: Sequence[str], use: str, a: Assumptions, case: Case) -> NDArray[np.bool_]:
    """Whether a use is worth more than nothing on each site before works and levy, and before affordable homes are asked for."""
    return _worth_per_ha(land, sites, use, 0.0, a, case) > 0


def _worth_per_ha(land: Land, sites: Sequence[str], use: str, homes: float, a: Assumptions, case: Case) -> Numbers:
    """What a net hectare of each site is worth in a use before works and levy, which depend on the whole."""
    frame = _rows(land, sites)
    area = frame["net_ha"].to_numpy(dtype=float)
    none = np.zeros(len(area))
    if use == HOUSING:
        density = np.divide(frame["homes"].to_numpy(dtype=float), area, out=np.zeros_like(area), where=area > 0)
        scheme = Scheme(density, {}, np.full(len(area), np.inf), none)
    else:
        scheme = Scheme(
            none, {use: np.full(len(area), a.value(f"{use}.m2_per_ha", case))}, np.full(len(area), np.inf), none
        )
    affordable, obliged = asked(np.full(len(area), homes), a, case)
    return residual(scheme, affordable, obliged, a, case)


def _scheme(land: Land, sites: Sequence[str], given: Mapping[str, Numbers], a: Assumptions, case: Case) -> Scheme:
    """The scheme of each site, whatever its access, with hectares given to uses."""
    frame = _rows(land, sites)
    area = frame["net_ha"].to_numpy(dtype=float)
    share = np.divide(given.get(HOUSING, np.zeros(len(area))), area, out=np.zeros_like(area), where=area > 0)
    return Scheme(
        frame["homes"].to_numpy(dtype=float) * share,
        {use: hectares * a.value(f"{use}.m2_per_ha", case) for use, hectares in given.items() if use != HOUSING},
        frame["existing_m2"].to_numpy(dtype=float),
        frame["abnormals_gbp"].to_numpy(dtype=float),
    )


def _with_homes(scheme: Scheme, homes: Numbers) -> Scheme:
    return Scheme(homes, scheme.floors, scheme.existing_m2, scheme.abnormals_gbp)


def _over(members: Numbers, scheme: Scheme) -> Scheme:
    """The schemes of groups: the sums of those of their sites. `members` has a row for each group and a column for each site."""
    floors = {use: members @ floor for use, floor in scheme.floors.items()}
    return Scheme(members @ scheme.homes, floors, members @ scheme.existing_m2, members @ scheme.abnormals_gbp)


@dataclass(frozen=True, eq=False)
class Apart:
    """Each site by itself: value cleared, value as it stands (0 where not known), and the better of the two, in GBP."""

    cleared: Numbers
    stands: Numbers
    best: Numbers


def _limited(land: Land, homes: Numbers, a: Assumptions, case: Case) -> tuple[Numbers, NDArray[np.bool_]]:
    """Homes as each site's own access allows, and which sites have none."""
    front = land.sites["frontage_m"].to_numpy(dtype=float)
    locked = (land.sites["landlocked"] == True).to_numpy(dtype=bool)  # noqa: E712
    short = ~locked & (front < a.value("access_frontage_m", case))
    return np.where(short, np.minimum(homes, a.value("access_homes_limit", case)), homes), locked


def _after_ransom(value: Numbers, base: Numbers, a: Assumptions, case: Case) -> Numbers:
    """What is left of a value where the uplift over a base is shared with whoever holds the access."""
    return np.where(value > base, base + (1 - a.value("ransom_percent", case) / 100) * (value - base), value)


def apart_of(land: Land, mix: Mapping[str, float], a: Assumptions, case: Case, without: Collection[str]) -> Apart:
    """The value of each site by itself for a mix."""
    sites = list(land.sites.index)
    given = plainly_given(land, mix, a, case)
    for i, site in enumerate(sites):
        if site in land.barred:
            for use, hectares in _allotted(land, [site], mix, a, case, without).items():
                given[use][i] = hectares[0]
    scheme = _scheme(land, sites, given, a, case)
    homes, locked = _limited(land, scheme.homes, a, case)
    stated = land.sites["as_it_stands_gbp"].to_numpy(dtype=float)
    give = a.value("as_it_stands_range_percent") / 100 * {"low": -1, "central": 0, "high": 1}[case]
    stands = np.nan_to_num(stated) * (1 + give)
    cleared = residual(_with_homes(scheme, homes), *asked(homes, a, case), a, case)
    cleared = np.where(locked, _after_ransom(cleared, stands, a, case), cleared)
    cleared = np.where(_buildable(land, scheme), cleared, 0.0)
    return Apart(cleared, stands, np.maximum(np.maximum(cleared, stands), 0.0))


def _buildable(land: Land, scheme: Scheme) -> NDArray[np.bool_]:
    """Sites on which something is built: clearing one for nothing is no scheme."""
    floors = sum(scheme.floors.values(), start=np.zeros(len(land.sites)))
    return np.asarray((scheme.homes > 0) | (floors > 0))


@dataclass(frozen=True, eq=False)
class Whole:
    """Groups as one scheme each: the scheme, whether affordable homes and obligations are asked of it, and its value in GBP.

    `kept_gbp` is the worth of sites on which nothing is built, which stay as they stand; it is part of the value.
    """

    scheme: Scheme
    affordable: NDArray[np.bool_]
    obliged: NDArray[np.bool_]
    kept_gbp: Numbers
    value_gbp: Numbers


@dataclass(frozen=True, eq=False)
class _Site:
    """Sites as parts of a scheme: whether something is built on each, its scheme, and the homes its own access allows."""

    built: NDArray[np.bool_]
    scheme: Scheme
    limited: Numbers
    locked: NDArray[np.bool_]


def _parts(land: Land, given: Mapping[str, Numbers], a: Assumptions, case: Case) -> _Site:
    scheme = _scheme(land, list(land.sites.index), given, a, case)
    built = _buildable(land, scheme)
    standing, works = np.where(built, scheme.existing_m2, 0.0), np.where(built, scheme.abnormals_gbp, 0.0)
    scheme = Scheme(scheme.homes, scheme.floors, standing, works)
    return _Site(built, scheme, *_limited(land, scheme.homes, a, case))


def _through(
    members: Numbers, part: Numbers, value: Numbers, parts: _Site, apart: Apart, a: Assumptions, case: Case
) -> Numbers:
    """Values of groups less what a group of which no site reaches a road pays for access, with what stays as it stands."""
    shut = (members @ parts.locked.astype(float)) == members.sum(axis=1)
    kept = members @ np.where(parts.built, 0.0, apart.stands)
    return np.where(shut, _after_ransom(value, part @ apart.stands, a, case), value) + kept


def _lifted(land: Land, members: Numbers, a: Assumptions, case: Case) -> NDArray[np.bool_]:
    """Groups whose frontages together take a road."""
    front = np.nan_to_num(land.sites["frontage_m"].to_numpy(dtype=float))
    return np.asarray(members @ front >= a.value("access_frontage_m", case))


def _widened(scheme: Scheme, gained_ha: Numbers, mix: Mapping[str, float], a: Assumptions, case: Case) -> Scheme:
    """Schemes with the land gained along the boundaries within them."""
    homes = scheme.homes + gained_ha * mix.get(HOUSING, 0.0) / 100 * a.value("homes_per_ha", case)
    floors = {
        use: floor + gained_ha * mix[use] / 100 * a.value(f"{use}.m2_per_ha", case)
        for use, floor in scheme.floors.items()
    }
    return Scheme(homes, floors, scheme.existing_m2, scheme.abnormals_gbp)


def together_of(
    land: Land,
    members: Numbers,
    given: Mapping[str, Numbers],
    apart: Apart,
    mix: Mapping[str, float],
    a: Assumptions,
    case: Case,
) -> Whole:
    """Groups as one scheme each. `members` has a row for each group, 1 for its sites, and a column for each site of the land."""
    parts = _parts(land, given, a, case)
    part = members * parts.built
    homes = np.where(_lifted(land, members, a, case), part @ parts.scheme.homes, part @ parts.limited)
    scheme = _widened(_with_homes(_over(part, parts.scheme), homes), gained_ha(land, members, a, case), mix, a, case)
    saved = a.value("scheme_fixed_gbp", case) * np.maximum(part.sum(axis=1) - 1, 0)
    scheme = Scheme(scheme.homes, scheme.floors, scheme.existing_m2, np.maximum(scheme.abnormals_gbp - saved, 0.0))
    flags = asked(scheme.homes, a, case)
    value = _through(members, part, residual(scheme, *flags, a, case), parts, apart, a, case)
    return Whole(scheme, *flags, members @ np.where(parts.built, 0.0, apart.stands), value)


def stages_of(
    land: Land,
    members: Numbers,
    given: Mapping[str, Numbers],
    apart: Apart,
    mix: Mapping[str, float],
    a: Assumptions,
    case: Case,
) -> list[Numbers]:
    """Values of groups from the sum of their sites apart to the whole together, one stage more than there are reasons.

    Sites on which nothing is built stay as they stand in every stage: their land is in the group, and is neither cleared nor lost.
    """
    parts = _parts(land, given, a, case)
    part = members * parts.built
    kept = members @ np.where(parts.built, 0.0, apart.stands)

    def own(homes: Numbers) -> Numbers:
        return residual(_with_homes(parts.scheme, homes), *asked(homes, a, case), a, case)

    def through(value: Numbers) -> Numbers:
        return _through(members, part, value, parts, apart, a, case)

    behind = np.where(parts.locked, _after_ransom(own(parts.limited), apart.stands, a, case), own(parts.limited))
    lifted = _lifted(land, members, a, case)
    homes = np.where(lifted, part @ parts.scheme.homes, part @ parts.limited)
    flags = asked(homes, a, case)
    pooled = np.zeros(len(members))
    for wanted in itertools.product((False, True), repeat=3):
        free, affordable, obliged = (np.full(len(parts.built), flag) for flag in wanted)
        scheme = _with_homes(parts.scheme, np.where(free, parts.scheme.homes, parts.limited))
        here = (lifted == wanted[0]) & (flags[0] == wanted[1]) & (flags[1] == wanted[2])
        pooled = np.where(here, part @ residual(scheme, affordable, obliged, a, case), pooled)
    summed = _with_homes(_over(part, parts.scheme), homes)
    wider = _widened(summed, gained_ha(land, members, a, case), mix, a, case)
    return [
        members @ apart.best,
        members @ np.where(parts.built | (apart.cleared != 0), apart.cleared, apart.stands),
        part @ behind + kept,
        through(part @ own(parts.limited)),
        through(np.where(lifted, part @ own(parts.scheme.homes), part @ own(parts.limited))),
        through(pooled),
        through(residual(summed, *flags, a, case)),
        through(residual(wider, *asked(wider.homes, a, case), a, case)),
        together_of(land, members, given, apart, mix, a, case).value_gbp,
    ]


def paying(land: Land, mix: Mapping[str, float], a: Assumptions, case: Case) -> frozenset[str]:
    """Uses of a mix that pay on some site of the land."""
    return frozenset(use for use in mix if _pays(land, list(land.sites.index), use, a, case).any())


def plainly_given(land: Land, mix: Mapping[str, float], a: Assumptions, case: Case) -> dict[str, Numbers]:
    """Hectares of every site of the land given to uses where no covenant bars any."""
    area = land.sites["net_ha"].to_numpy(dtype=float)
    out = {}
    for use, share in mix.items():
        out[use] = np.where(_pays(land, list(land.sites.index), use, a, case), area * share / 100, 0.0)
    return out


def given_to(
    land: Land, member: Numbers, mix: Mapping[str, float], a: Assumptions, case: Case, without: Collection[str]
) -> dict[str, Numbers]:
    """Hectares of every site of the land given to uses, for one group; nothing outside it."""
    at = np.flatnonzero(member)
    found = _allotted(land, [str(land.sites.index[i]) for i in at], mix, a, case, without)
    out = {use: np.zeros(len(member)) for use in mix}
    for use, hectares in found.items():
        out[use][at] = hectares
    return out


def gained_ha(land: Land, members: Numbers, a: Assumptions, case: Case) -> Numbers:
    """Net hectares each group gains, because no strip is kept along boundaries between its sites whose net area follows from the outline."""
    place = {site: i for i, site in enumerate(land.sites.index)}
    ruled = (land.sites["by_rule"].to_numpy(dtype=bool)) & (land.sites["net_ha"].to_numpy(dtype=float) > 0)
    strip = a.value("layout_setback_m", case) * a.value("net_developable_percent", case) / 100 / 10_000
    gained = np.zeros(len(members))
    for one, other, length in land.bonds.itertuples(index=False):
        i, j = place[one], place[other]
        sides = int(ruled[i]) + int(ruled[j])
        if sides:
            gained += members[:, i] * members[:, j] * strip * length * sides
    return gained


def bound_of(land: Land, apart: Apart, largest: int, mix: Mapping[str, float], a: Assumptions, case: Case) -> float:
    """The most that any group of at most `largest` sites could be worth together beyond apart, uses being given plainly."""
    parts = _parts(land, plainly_given(land, mix, a, case), a, case)
    free = Scheme(
        parts.scheme.homes, parts.scheme.floors, np.full(len(parts.built), np.inf), parts.scheme.abnormals_gbp
    )
    ways = [
        residual(_with_homes(free, homes), np.full(len(homes), affordable), np.full(len(homes), obliged), a, case)
        for affordable, obliged in itertools.product((False, True), repeat=2)
        for homes in (parts.scheme.homes, parts.limited)
    ]
    saved = a.value("scheme_fixed_gbp", case)
    alone = np.where(parts.built, np.max(ways, axis=0) + saved - apart.best, apart.stands - apart.best)
    strip = np.zeros(len(alone))
    place = {site: i for i, site in enumerate(land.sites.index)}
    pairs = np.zeros((len(land.bonds), len(alone)))
    for row, (one, other) in enumerate(zip(land.bonds["site_a"], land.bonds["site_b"], strict=True)):
        pairs[row, [place[one], place[other]]] = 1
    homes = gained_ha(land, pairs, a, case) * mix.get(HOUSING, 0.0) / 100 * a.value("homes_per_ha", case)
    floors = {
        use: gained_ha(land, pairs, a, case) * mix[use] / 100 * a.value(f"{use}.m2_per_ha", case)
        for use in parts.scheme.floors
    }
    none = np.zeros(len(homes))
    gain = residual(Scheme(homes, floors, np.full(len(homes), np.inf), none), none > 1, none > 1, a, case)
    strip += pairs.T @ (np.maximum(gain, 0.0) / 2)
    return max(0.0, float(np.sort(np.maximum(alone + strip, 0.0))[::-1][:largest].sum() - saved))


def mix_of(assumptions: Assumptions, mix: str) -> Mapping[str, float]:
    """Shares of the uses of a mix, in a hundred."""
    if mix not in assumptions.mixes:
        raise EstateError(f"There is no mix {visible(mix)!r} in assumptions.toml.{guessed(mix, assumptions.mixes)}")
    return assumptions.mixes[mix]


def only(land: Land, sites: Sequence[str]) -> Land:
    """The land of some sites alone."""
    inside = land.bonds["site_a"].isin(sites) & land.bonds["site_b"].isin(sites)
    barred = {site: land.barred[site] for site in sites if site in land.barred}
    return Land(land.sites.loc[list(sites)], land.bonds[inside.to_numpy(dtype=bool)], barred)

"""What groups of sites would be worth apart and together, why, and what each covenant costs. Indicative, not a valuation.

How the figures come about is told in `assetplan.residual`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assetplan.assumptions import CASES, HOUSING, Assumptions, Case
from assetplan.errors import SubjectError
from assetplan.residual import (
    BASIS,
    REASONS,
    Apart,
    Land,
    apart_of,
    bars,
    bound_of,
    given_to,
    lines_of,
    mix_of,
    only,
    paying,
    plainly_given,
    stages_of,
    together_of,
)
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GroupValue:
    """What a group of sites would be worth for one mix, apart and together.

    Attributes
    ----------
    sites, mix
        What was valued.
    apart_gbp, together_gbp, marriage_value_gbp
        In the low, central and high case, in GBP: every figure at its adverse end, as stated, and at its kind end. Of a difference, as
        marriage value is, the low case need not be the smallest.
    cleared_gbp
        Sum of the sites apart, each cleared, in GBP: low, central and high.
    reasons
        Marriage value in its reasons: one row each, in order, with ``low``, ``central`` and ``high`` in GBP.
    lines
        The residual of the group together: one row a line, with ``low``, ``central``, ``high`` in GBP and ``basis`` in words.
    by_site
        Indexed by site_id: value ``cleared``, ``as_it_stands`` and ``apart`` in the central case, in GBP.
    homes
        Homes of the scheme in the central case.
    """

    sites: tuple[str, ...]
    mix: str
    apart_gbp: tuple[float, float, float]
    cleared_gbp: tuple[float, float, float]
    together_gbp: tuple[float, float, float]
    marriage_value_gbp: tuple[float, float, float]
    reasons: pd.DataFrame
    lines: pd.DataFrame
    by_site: pd.DataFrame
    homes: float


def group_values(
    land: Land,
    groups: Sequence[Sequence[str]],
    assumptions: Assumptions,
    mix: str = HOUSING,
    without: Collection[str] = (),
) -> pd.DataFrame:
    """Values of many groups at once.

    Parameters
    ----------
    land
        What the valuation rests on.
    groups
        Groups of sites of `land`.
    assumptions
        The figures.
    mix
        Name of a mix of the assumptions.
    without
        Constraints left out of account, by identifier.

    Returns
    -------
    pandas.DataFrame
        One row a group in the order given: ``apart_low_gbp``, ``apart_central_gbp``, ``apart_high_gbp``, and so for ``together`` and
        ``marriage``.

    Raises
    ------
    EstateError
        Where there is no such mix.
    SubjectError
        Where a site is none of the land's.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> land = ap.land_of(estate)
    >>> values = ap.group_values(land, [("rdc:ILLUS-01", "police:ILLUS-06")], estate.assumptions)
    >>> bool((values["marriage_central_gbp"] == values["together_central_gbp"] - values["apart_central_gbp"]).all())
    True
    """
    place = {site: i for i, site in enumerate(land.sites.index)}
    if strange := [site for group in groups for site in group if site not in place]:
        raise SubjectError(f"{visible(strange[0])!r} is none of the sites that are valued.")
    members = np.zeros((len(groups), len(place)))
    for row, group in enumerate(groups):
        members[row, [place[site] for site in group]] = 1
    shares = mix_of(assumptions, mix)
    out: dict[str, Numbers] = {}
    for case in CASES:
        apart = apart_of(land, shares, assumptions, case, without)
        first, last = ends_of(land, members, apart, shares, assumptions, case, without)
        out[f"apart_{case}_gbp"], out[f"together_{case}_gbp"] = first, last
    for case in CASES:
        out[f"marriage_{case}_gbp"] = out[f"together_{case}_gbp"] - out[f"apart_{case}_gbp"]
    return pd.DataFrame(out)


def ends_of(
    land: Land,
    members: Numbers,
    apart: Apart,
    mix: Mapping[str, float],
    a: Assumptions,
    case: Case,
    without: Collection[str],
) -> tuple[Numbers, Numbers]:
    """The first and last stage of groups, one by one where uses have to be placed."""
    plain = plainly_given(land, mix, a, case)
    first, last = members @ apart.best, together_of(land, members, plain, apart, mix, a, case).value_gbp
    uses = paying(land, mix, a, case)
    placed = np.array(
        [len(uses) > 1 or bool(bars(land, site, without) & uses) for site in land.sites.index], dtype=float
    )
    for row in np.flatnonzero(members @ placed):
        given = given_to(land, members[row], mix, a, case, without)
        last[row] = together_of(land, members[[row]], given, apart, mix, a, case).value_gbp[0]
    return first, last


def value_group(
    land: Land, sites: Iterable[str], assumptions: Assumptions, mix: str = HOUSING, without: Collection[str] = ()
) -> GroupValue:
    """What a group of sites would be worth for one mix, apart and together, with the reasons and every line.

    Parameters
    ----------
    land, assumptions, mix, without
        As for `group_values`.
    sites
        The group; their order does not matter.

    Raises
    ------
    EstateError
        Where there is no such mix.
    SubjectError
        Where a site is none of the land's.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> found = ap.value_group(ap.land_of(estate), ["rdc:ILLUS-01", "police:ILLUS-06"], estate.assumptions)
    >>> bool(abs(found.reasons["central"].sum() - found.marriage_value_gbp[1]) < 0.01)
    True
    """
    wanted = tuple(sorted(set(sites)))
    if strange := [site for site in wanted if site not in land.sites.index]:
        raise SubjectError(f"{visible(strange[0])!r} is none of the sites that are valued.")
    land = only(land, wanted)
    shares = mix_of(assumptions, mix)
    members = np.ones((1, len(wanted)))
    reasons, lines, ends, cleared = {}, {}, {}, {}
    by_site = pd.DataFrame(index=pd.Index(wanted, name="site_id"))
    homes = 0.0
    for case in CASES:
        apart = apart_of(land, shares, assumptions, case, without)
        given = given_to(land, members[0], shares, assumptions, case, without)
        stages = stages_of(land, members, given, apart, shares, assumptions, case)
        whole = together_of(land, members, given, apart, shares, assumptions, case)
        values = np.array([float(stage[0]) for stage in stages])
        reasons[case] = dict(zip(REASONS, np.diff(values), strict=True))
        ends[case], cleared[case] = (values[0], values[-1]), float(apart.cleared.sum())
        told = {
            name: float(amount[0])
            for name, amount in lines_of(whole.scheme, whole.affordable, whole.obliged, assumptions, case).items()
        }
        built = sum(told.values())
        lines[case] = {**told, "kept as it stands, or paid for access": values[-1] - built}
        if case == "central":
            homes = float(whole.scheme.homes[0])
            by_site = by_site.assign(
                cleared=apart.cleared, as_it_stands=land.sites["as_it_stands_gbp"].astype(float), apart=apart.best
            )
    basis = {
        **BASIS,
        "kept as it stands, or paid for access": "sites on which nothing is built, less what a group without a road pays for access",
    }

    def three(values: Mapping[Case, float]) -> tuple[float, float, float]:
        return values["low"], values["central"], values["high"]

    return GroupValue(
        wanted,
        mix,
        three({case: ends[case][0] for case in CASES}),
        three(cleared),
        three({case: ends[case][1] for case in CASES}),
        three({case: ends[case][1] - ends[case][0] for case in CASES}),
        pd.DataFrame(reasons, index=list(REASONS), columns=list(CASES)).rename_axis("reason"),
        pd.DataFrame(lines, index=list(basis), columns=list(CASES)).assign(basis=basis).rename_axis("line"),
        by_site,
        homes,
    )


def constraint_prices(land: Land, sites: Iterable[str], assumptions: Assumptions, mix: str = HOUSING) -> pd.DataFrame:
    """What each covenant on a group costs it: value together without the covenant, less value together with it.

    Returns
    -------
    pandas.DataFrame
        Indexed by constraint: ``low``, ``central`` and ``high`` in GBP. A covenant that permits all of the mix costs nothing.

    Raises
    ------
    EstateError, SubjectError
        As `value_group`.
    """
    wanted = tuple(sorted(set(sites)))
    keys = sorted({key for site in wanted for key in land.barred.get(site, {})})
    base = value_group(land, wanted, assumptions, mix)
    rows = []
    for key in keys:
        freed = value_group(land, wanted, assumptions, mix, without=(key,))
        rows.append([after - before for after, before in zip(freed.together_gbp, base.together_gbp, strict=True)])
    return pd.DataFrame(
        rows, index=pd.Index(keys, name="constraint_id", dtype=object), columns=list(CASES), dtype=float
    )


def most_added(land: Land, apart: Apart, largest: int, mix: Mapping[str, float], a: Assumptions) -> float:
    """The most that any group of up to so many sites could add together, in GBP (central case): a bound, not a value.

    Each site is taken at the most it can be worth as part of any scheme: its own access or none, with or without affordable homes and
    obligations, no levy, its set-up saved, and all its boundaries regained; the sites that add most are added up. Null where the uses
    of the mix have to be placed, for which there is no such bound.
    """
    if len(paying(land, mix, a, "central")) > 1 or any(land.barred.values()):
        return float("nan")
    return float(bound_of(land, apart, largest, mix, a, "central"))

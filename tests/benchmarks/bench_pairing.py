"""Whether the pairing score foretells what really shares a building: libraries of Greater Manchester and of England, and their partners.

``python tests/benchmarks/bench_pairing.py [REALDATA]`` prints tables: areas under the curve (AUC) with 95% intervals. It gates nothing.

What is asked. The list of public libraries (Arts Council England, 2023) says of each library whether it shares a building and with what kind of
partner. A unit is a library and a kind of partner; it counts as sharing where the list says so. Only libraries in buildings that are open and have
answered yes or no are asked.

What must not leak. Where two services share a building they are at one place, so the distance between them *is* the answer. Nor does asking for
single sites mend it: beside a surgery that shares, every other surgery has one nought metres from the library, which gives the answer away the other
way round. So units are kinds, not sites, and the nearest place of a kind is hidden from *every* unit: of a library that shares it is the partner, of
one that does not it is the one that might have been. What is left is how far the next one is, that is how thick such places are on the ground.
Places of a kind within 100 m of one another are one place, or a partner's second record would stand in for it. What the distance to the nearest would
have scored is printed too, as a figure that knows the answer.

What it is set against. Distance alone (to the next nearest), and how often libraries elsewhere share with that kind (type frequency alone): learned
from about 2,750 answers of the same list outside the place tested. The table of affinities was written from other sources by a rule of its own, and
kept before this was first run; whoever wrote it had seen the list's totals, so it is not blind. After the first run the reading of the lists was put
right (police stations have no points here, a few words and points were misread); that lowered the pairing score from 0.79 to 0.72, and neither it nor
the table was changed. A pair of which the table says nothing ranks between affinity and conflict.

What it cannot show. Whether sharing was a good idea, or what would have happened elsewhere; surgeries, care homes, leisure and children's centres have
places for Trafford alone; schools are those of 2017, and police stations have none; and the list's kinds are
wider than ours (a shared health centre counts as a surgery, parish offices as a council's front desk).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.stats import rankdata

from assetplan.grid import to_grid
from assetplan.pairing import HALF_REACH_M, pairing_scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SEED = 20261126
DRAWS = 1000
ONE_PLACE_M = 100.0
COINCIDENT_M = 15.0
GREATER_MANCHESTER = (
    "Bolton",
    "Bury",
    "Manchester",
    "Oldham",
    "Rochdale",
    "Salford",
    "Stockport",
    "Tameside",
    "Trafford",
    "Wigan",
)


class Kind(NamedTuple):
    """How the list says that a library shares with a kind: a column of crosses, and words in its free text."""

    flag: str
    words: str


KINDS = {
    "adult learning": Kind(
        "",
        r"adult (?:community )?(?:learning|education)|lifelong|learning cent|community (?:education|learning)|\(adult\) learning",
    ),
    "archives": Kind("co_located_archives", r"\barchive|record office"),
    "arts centre": Kind("co_located_artscentre", r"\barts? (?:centre|gallery)|theatre|\bgallery"),
    "care home": Kind("co_located_carehome_hostel", r"care home|extra care|residential care"),
    "children's centre": Kind(
        "",
        r"child\w*['’]?s?\W+(?:centre|service|team)|sure (?:start|steps)|startwell|early years|\bfamily (?:centre|hub)",
    ),
    "community centre": Kind("co_located_community", r"community (?:centre|hub|hall)|(?:village|memorial) hall"),
    "council front desk": Kind(
        "co_located_civic",
        r"(?:town|county) hall|one.stop|customer ?(?:service|contact|first|hub)|(?:district|parish|town|other) council|council (?:office|service|building|customer)|civic",
    ),
    "fire station": Kind("", r"\bfire\b"),
    "housing office": Kind("", r"housing"),
    "jobcentre": Kind("", r"job ?cent|\bdwp\b"),
    "leisure centre": Kind("", r"leisure|\bsports?\b|swimming|\bgym\b|\blido\b|recreation centre"),
    "museum": Kind("co_located_museum", r"museum"),
    "neighbourhood police": Kind("", r"police"),
    "registrars": Kind("", r"regist(?:rar|ry|ration)"),
    "school": Kind("co_located_schools_colleges", ""),
    "surgery": Kind("co_located_health", r"surger|doctor|\bgps?\b|health|clinic\b|medical|\bnhs\b|primary care"),
    "youth work": Kind("", r"youth|young people"),
}


# ------------------------------------------------------------------------------------------------- what is known


def read_outcomes(realdata: Path) -> pd.DataFrame:
    """Open libraries in buildings that say whether they share: `authority`, `name`, `postcode`, and a column of yes or no for each kind."""
    frame = pd.read_csv(
        realdata / "libraries-uk/libraries_england_2023.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False
    )
    frame = frame.apply(lambda column: column.str.strip())
    asked = (
        frame["type"].str.casefold().eq("static library")
        & frame["closed"].eq("")
        & frame["co_located"].str.casefold().isin(["yes", "no"])
    )
    frame = (
        frame[asked].drop_duplicates(["authority", "name", "postcode"]).sort_values(["authority", "name", "postcode"])
    )
    frame.index = pd.Index([f"lib{number:04d}" for number in range(len(frame))], name="library_id")
    shares = frame["co_located"].str.casefold().eq("yes")
    told = {
        name: shares
        & (
            (frame["co_located_other_text"].str.contains(kind.words, case=False) if kind.words else False)
            | (frame[kind.flag].ne("") if kind.flag else False)
        )
        for name, kind in KINDS.items()
    }
    return pd.DataFrame(
        {
            "authority": frame["authority"],
            "name": frame["name"],
            "postcode": frame["postcode"],
            "shares": shares,
            **told,
        }
    )


def place_libraries(outcomes: pd.DataFrame, realdata: Path) -> pd.DataFrame:
    """Easting and northing of those libraries of Greater Manchester that the local list has too: of one name in one postcode sector, or one postcode."""
    local = pd.read_csv(realdata / "greater-manchester-sites/gm_libraries.csv", dtype=str)
    codes = local["postcode"].map(_code)
    told_apart = (
        local.assign(code=codes).groupby(["lon", "lat"])["code"].transform("nunique").eq(1)
    )  # one point for two postcodes is a slip
    local = local[told_apart].reset_index(drop=True)
    east, north = to_grid(local["lon"].astype(float), local["lat"].astype(float))
    out = {}
    for library, row in outcomes[outcomes["authority"].isin(GREATER_MANCHESTER)].iterrows():
        near = local[
            (local["area_name"] == row["authority"])
            & (local["postcode"].map(_code).str[:-2] == _code(row["postcode"])[:-2])
        ]
        name = _bare(row["name"])
        alike = near["name"].map(lambda other, name=name: fuzz.token_sort_ratio(_bare(other), name)).astype(float)
        same = near["postcode"].map(_code).eq(_code(row["postcode"]))
        fits = alike[(alike >= 90) | same]
        if len(fits):
            out[library] = (east[fits.idxmax()], north[fits.idxmax()], fits.max())
    found = pd.DataFrame.from_dict(out, orient="index", columns=["easting", "northing", "alike"]).rename_axis(
        "library_id"
    )
    best = found.sort_values("alike", ascending=False, kind="stable").drop_duplicates(
        ["easting", "northing"]
    )  # a point is one library's
    return best.drop(columns="alike").sort_index()


def read_places(realdata: Path) -> dict[str, tuple[NDArray[np.float64], tuple[str, ...]]]:
    """Points of each kind that has places (EPSG:27700), and the authorities that they cover."""
    trafford = ("Trafford",)
    here = realdata / "greater-manchester-sites"
    sports = pd.read_csv(here / "sports_facilities.csv")
    indoors = sports["facility_type"].isin(["Sports halls", "Swimming pools", "Health and fitness gym stations"])
    return {
        "care home": (_degrees(pd.read_csv(here / "trafford_care_homes.csv")), trafford),
        "children's centre": (_degrees(pd.read_csv(here / "trafford_childrens_centres.csv")), trafford),
        "fire station": (_fire(realdata), GREATER_MANCHESTER),
        "leisure centre": (_degrees(sports[indoors & sports["access_type"].eq("Pay and Play")]), trafford),
        "school": (_schools(realdata), GREATER_MANCHESTER),
        "surgery": (_degrees(pd.read_csv(here / "trafford_general_practices.csv")), trafford),
    }


def _degrees(frame: pd.DataFrame) -> NDArray[np.float64]:
    return np.column_stack(to_grid(frame["lon"].astype(float), frame["lat"].astype(float)))


def _fire(realdata: Path) -> NDArray[np.float64]:
    frame = pd.read_excel(
        realdata / "fire-stations-england/fire-stations-dataset.ods", sheet_name="STATIONS", engine="calamine"
    )
    return (
        frame[["STATION_EASTING", "STATION_NORTHING"]]
        .apply(pd.to_numeric, errors="coerce")
        .dropna()
        .to_numpy(dtype=float)
    )


def _schools(realdata: Path) -> NDArray[np.float64]:
    folder = realdata / "schools-england-2017"
    matched = pd.read_csv(folder / "geoconvert_matched.csv")[["X_BNG1115jul", "Y_BNG1115jul"]].to_numpy(dtype=float)
    found = pd.read_csv(folder / "geocoded_schools.csv")[["X", "Y"]].dropna().to_numpy(dtype=float)
    return np.vstack([matched, found])


def _code(postcode: str) -> str:
    return "".join(str(postcode).upper().split())


def _bare(name: str) -> str:
    return " ".join(word for word in str(name).casefold().replace("&", " ").split() if word not in {"library", "and"})


# ------------------------------------------------------------------------------------------------- units and scores


def one_place(points: NDArray[np.float64], within_m: float = ONE_PLACE_M) -> NDArray[np.float64]:
    """Points with those that hang together within a distance made one, at their mean."""
    pairs = cKDTree(points).query_pairs(within_m, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    count, label = connected_components(links, directed=False)
    sizes = np.bincount(label, minlength=count)
    return np.column_stack([np.bincount(label, weights=points[:, axis], minlength=count) / sizes for axis in (0, 1)])


def placed_units(
    outcomes: pd.DataFrame,
    spots: pd.DataFrame,
    places: Mapping[str, tuple[NDArray[np.float64], tuple[str, ...]]],
    within_m: float = ONE_PLACE_M,
) -> pd.DataFrame:
    """Libraries by kinds that have places: `shares`, metres to the nearest (the answer) and to the next (what may be used)."""
    parts = []
    for kind, (points, covered) in places.items():
        asked = spots[outcomes.loc[spots.index, "authority"].isin(covered)]
        at = asked.to_numpy()
        far = cKDTree(one_place(points, within_m)).query(at, k=2)[0]
        parts.append(pd.DataFrame({
            "library_id": asked.index, "function_a": "library", "function_b": kind, "shares": outcomes.loc[asked.index, kind].to_numpy(),
            "nearest_m": far[:, 0], "distance_m": far[:, 1], "coincident": cKDTree(points).query(at)[0] <= COINCIDENT_M,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def kind_units(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Libraries by every kind of the list, wherever they are: nothing is known of distance, so it is nought for all."""
    long = outcomes[[*KINDS]].reset_index().melt("library_id", var_name="function_b", value_name="shares")
    return long.assign(function_a="library", distance_m=0.0, authority=long["library_id"].map(outcomes["authority"]))


def frequencies(outcomes: pd.DataFrame) -> pd.Series:
    """Share of libraries that share with each kind."""
    return outcomes[[*KINDS]].mean()


def frequencies_elsewhere(units: pd.DataFrame, outcomes: pd.DataFrame) -> NDArray[np.float64]:
    """For each unit the share among libraries of every other authority."""
    by = outcomes.groupby("authority")[[*KINDS]]
    rest = (outcomes[[*KINDS]].sum() - by.sum()).div(len(outcomes) - by.size(), axis=0)
    return rest.stack().reindex(pd.MultiIndex.from_frame(units[["authority", "function_b"]])).to_numpy()


def ours(units: pd.DataFrame) -> NDArray[np.float64]:
    """The pairing score, with pairs of which nothing is said between affinity and conflict."""
    return pairing_scores(units).fillna(0.0).to_numpy()


# ------------------------------------------------------------------------------------------------- how good


def auc(shares: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Chance that a unit that shares scores above one that does not, ties counting half (Hanley and McNeil 1982); NaN without either."""
    yes = int(shares.sum())
    no = len(shares) - yes
    if not yes or not no:
        return np.nan
    return float((rankdata(score)[shares].sum() - yes * (yes + 1) / 2) / (yes * no))


def auc_within(
    shares: NDArray[np.bool_], score: NDArray[np.float64], group: NDArray[np.intp], times: NDArray[np.intp]
) -> float:
    """The same among pairs of units of one group: of a library that shares, is the kind it shares with above the others?"""
    order = np.argsort(group, kind="stable")
    bounds = np.flatnonzero(np.diff(group[order])) + 1
    won = pairs = 0.0
    for part in np.split(order, bounds):
        yes, no = score[part][shares[part]], score[part][~shares[part]]
        if len(yes) and len(no):
            weight = times[group[part[0]]]
            won += weight * float((np.greater.outer(yes, no) + 0.5 * np.equal.outer(yes, no)).sum())
            pairs += weight * len(yes) * len(no)
    return won / pairs if pairs else np.nan


class Found(NamedTuple):
    """An area under the curve, its interval, and how far the first score is above it, with interval."""

    auc: float
    low: float
    high: float
    ahead: float
    ahead_low: float
    ahead_high: float


def compare(
    units: pd.DataFrame,
    scores: Mapping[str, NDArray[np.float64]],
    *,
    within: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
) -> dict[str, Found]:
    """Areas under the curve with 95% percentile intervals from a bootstrap that draws whole libraries, the same ones for every score."""
    shares = units["shares"].to_numpy(dtype=bool)
    group, libraries = pd.factorize(units["library_id"], sort=True)
    members = pd.Series(np.arange(len(units))).groupby(group).indices

    def measured(times: NDArray[np.intp]) -> list[float]:
        if within:
            return [auc_within(shares, score, group, times) for score in scores.values()]
        rows = np.concatenate([np.repeat(members[g], times[g]) for g in np.flatnonzero(times)])
        return [auc(shares[rows], score[rows]) for score in scores.values()]

    point = measured(np.ones(len(libraries), dtype=np.intp))
    random = np.random.default_rng(seed)
    drawn = np.array(
        [
            measured(np.bincount(random.integers(len(libraries), size=len(libraries)), minlength=len(libraries)))
            for _ in range(draws)
        ]
    )
    ends = np.nanpercentile(drawn, [2.5, 97.5], axis=0)
    ahead = np.nanpercentile(drawn[:, :1] - drawn, [2.5, 97.5], axis=0)
    return {name: Found(point[i], *ends[:, i], point[0] - point[i], *ahead[:, i]) for i, name in enumerate(scores)}


# ------------------------------------------------------------------------------------------------- told


def told(title: str, units: pd.DataFrame, found: Mapping[str, Found]) -> None:
    by_kind = units[units["shares"]]["function_b"].value_counts().to_dict()
    print(
        f"\n{title}\n  {len(units):,} units of {units['library_id'].nunique():,} libraries; {int(units['shares'].sum()):,} share: {by_kind}"
    )
    for name, one in found.items():
        ahead = f"   ours less this: {one.ahead:+.2f} ({one.ahead_low:+.2f} to {one.ahead_high:+.2f})"
        print(
            f"  {name:<46} AUC {one.auc:.2f} ({one.low:.2f} to {one.high:.2f}){'' if one.ahead_low == one.ahead_high else ahead}"
        )


def main(realdata: Path) -> None:
    """Ask, and print what was found."""
    outcomes = read_outcomes(realdata)
    local = outcomes["authority"].isin(GREATER_MANCHESTER)
    spots, places = place_libraries(outcomes, realdata), read_places(realdata)
    often = frequencies(outcomes[~local])
    print(
        f"{len(outcomes):,} libraries answered, {int(local.sum())} of them in Greater Manchester, {len(spots)} of those placed."
    )
    print("Share among those elsewhere:", often.sort_values(ascending=False).round(3).to_dict())

    def scores(units: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
        elsewhere = units["function_b"].map(often).to_numpy(dtype=float)
        return {
            "pairing score": ours(units),
            "affinity alone": ours(units.assign(distance_m=0.0)),
            "distance alone": -units["distance_m"].to_numpy(),
            "type frequency alone": elsewhere,
            "type frequency, with the same reach": elsewhere * np.exp2(-units["distance_m"].to_numpy() / HALF_REACH_M),
            "distance to the nearest: knows the answer": -units["nearest_m"].to_numpy(),
        }

    units = placed_units(outcomes, spots, places)
    told("Greater Manchester, kinds that have places", units, compare(units, scores(units)))
    told("The same, within each library: with which kind?", units, compare(units, scores(units), within=True))
    one = units[units["function_b"] == "school"].reset_index(drop=True)
    told("The same, schools alone: which libraries?", one, compare(one, scores(one)))
    one = units[units["library_id"].map(outcomes["authority"]) == "Trafford"].reset_index(drop=True)
    told("The same, Trafford alone (six kinds have places)", one, compare(one, scores(one)))
    one = units[units["function_b"] != "fire station"].reset_index(drop=True)
    told("The same without fire stations, with which none shares", one, compare(one, scores(one)))
    wide = placed_units(outcomes, spots, places, within_m=250)
    told("The same, places within 250 m one place", wide, compare(wide, scores(wide)))
    either = units.assign(shares=units["shares"] | units["coincident"])
    told(
        f"The same, sharing also where a place is within {COINCIDENT_M:.0f} m", either, compare(either, scores(either))
    )
    close = units["nearest_m"] <= ONE_PLACE_M
    print(
        f"\nA place of the kind within {ONE_PLACE_M:.0f} m: {int((close & units['shares']).sum())} of {int(units['shares'].sum())} units that share, "
        f"{int((close & ~units['shares']).sum())} of {int((~units['shares']).sum())} that do not."
    )

    units = kind_units(outcomes[local])
    both = {
        "affinity alone (pairing score side by side)": ours(units),
        "type frequency alone": units["function_b"].map(often).to_numpy(dtype=float),
    }
    told("Greater Manchester, every kind of the list, no distance", units, compare(units, both))
    told("The same, within each library: with which kind?", units, compare(units, both, within=True))
    units = kind_units(outcomes)
    both = {
        "affinity alone (pairing score side by side)": ours(units),
        "type frequency alone": frequencies_elsewhere(units, outcomes),
    }
    told("England, every kind of the list, no distance", units, compare(units, both, draws=200))
    told("The same, within each library: with which kind?", units, compare(units, both, within=True, draws=200))


if __name__ == "__main__":
    default = Path(__file__).parents[3] / "shared" / "realdata"
    main(Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ASSETPLAN_REALDATA", default)))

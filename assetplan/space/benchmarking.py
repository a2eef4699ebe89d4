"""What buildings give for what they hold and cost, like with like: by building, body and locality, against standards, with the prize.

Every measure is an interval, because floor areas are measured in different ways. The prize is split into what would be cash, what would
be avoided and what is only room: nothing but a closed building turns to cash, and a building closes only where all it holds has room
elsewhere. Floor area above a standard is never multiplied by a price.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from assetplan.errors import EstateError
from assetplan.issues import Issue
from assetplan.site import UNKNOWN
from assetplan.space.buildings import OFFICE, PLACES, buildings_of, with_none
from assetplan.space.closing import AFTER, NEW, NOTHING, NOW, NOWHERE, STAYS, UNKNOWN_FIT, could_close
from assetplan.space.standards import Standard, as_nia, cash_if_closed, factors_with, published_standards, standards_of
from assetplan.text import counted, visible
from assetplan.vocabulary import AREA_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assetplan.estate import Estate
    from assetplan.space.standards import Factor

CASHABLE, AVOIDED, NON_CASH = "cashable", "avoided", "non-cash"
FEWEST = 4
"""Fewer buildings or bodies than this have no quartiles."""

PER_FTE = "m2 per FTE"
_LIMIT = "ogc-ipd-2007"
PRIZE_COLUMNS = (
    "organisation", "area", "class", "low_gbp_pa", "high_gbp_pa", "unproven_gbp_pa", "low_gbp", "high_gbp", "low_m2", "high_m2", "desks",
    "rests_on", "buildings", "price_base",
)  # fmt: skip
GROUP_COLUMNS = (
    "group",
    "name",
    "kind",
    "measure",
    "unit",
    "low",
    "high",
    "median_low",
    "median_high",
    "quarter",
    "rests_on",
    "buildings",
)
QUARTILE_COLUMNS = (
    "level", "kind", "measure", "unit", "q1_low", "q1_high", "median_low", "median_high", "q3_low", "q3_high", "rests_on", "of",
)  # fmt: skip
STANDARD_COLUMNS = tuple(Standard.__dataclass_fields__)


@dataclass(frozen=True, eq=False, repr=False)
class Benchmark:
    """How the buildings of an estate compare, and what could be had from it.

    Attributes
    ----------
    buildings
        Indexed by ``asset_id``: kind, area as NIA and GIA, staff, desks, places, each measure with its ends, what is missing and where
        it comes from; for offices the room above the standard (``above_low_m2``, ``above_high_m2``); whether all it holds could go
        elsewhere (``fit``, ``because``); what of its running cost would be cash if it closed (``if_closed_low_gbp_pa``,
        ``if_closed_high_gbp_pa``), and what is so counted (``cash_low_gbp_pa``, ``cash_high_gbp_pa``; NaN where not known).
    groups
        A row for each body (or area), kind and measure: all its buildings together and their median, in which quarter of the bodies it
        lies, and on how many of how many buildings that rests.
    quartiles
        Quartiles of each measure across buildings of one kind and across bodies or areas, as intervals; NaN where fewer than four.
    standards
        The estate's own standards of space, then those of the package, each with source and edition.
    prize
        A row for each body, locality and class: cashable in GBP a year, avoided in GBP once, non-cash in m2 and desks.
    by, area_kind
        What the groups are.
    price_base
        The price year of the figures in pounds; empty where the estate does not say.
    factors
        The assumptions used, by name.
    note
        What the figures rest on and leave out, in sentences.
    issues
        What in the data is doubtful for this purpose.
    """

    buildings: pd.DataFrame
    groups: pd.DataFrame
    quartiles: pd.DataFrame
    standards: pd.DataFrame
    prize: pd.DataFrame
    by: str
    area_kind: str
    price_base: str
    factors: Mapping[str, Factor]
    note: tuple[str, ...]
    issues: tuple[Issue, ...]

    def __repr__(self) -> str:
        offices = self.buildings[self.buildings["kind"] == OFFICE]
        measured = int(offices["m2_per_fte_low"].notna().sum())
        return (
            f"<Benchmark of {len(self.buildings):,} buildings by {self.by}: {measured:,} of {counted(len(offices), 'office')} "
            "measured per FTE>"
        )


def benchmark(
    estate: Estate,
    *,
    by: Literal["organisation", "area"] = "organisation",
    area_kind: str = "ward",
    within_m: float = 5_000.0,
    factors: Mapping[str, Factor] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Benchmark:
    """Compare the buildings of an estate, like with like, and say what could be had, as intervals.

    Parameters
    ----------
    estate
        The estate, for any reader. Whether that reader may be shown the result is for the caller: see `Estate.released` ("benchmarks").
    by
        ``"organisation"`` for bodies or ``"area"`` for localities.
    area_kind
        Which kind of area localities are: ward, parish and so on.
    within_m
        How far off, in metres in a straight line, room counts as within reach.
    factors
        Assumptions of one's own in place of the package's, by name: `assetplan.space.standards.published_factors`.
    progress
        Called now and then with a word and the share that is done, from 0 to 1.

    Returns
    -------
    Benchmark
        Works on any estate, also a single register without services: what is missing is then said of each building.

    Raises
    ------
    EstateError
        Where `by`, `area_kind`, `within_m` or a factor is none that there is.

    Notes
    -----
    Offices: net internal area by FTE and desk. Schools, care homes and stations: gross internal area by pupil place, bed and vehicle bay.
    An interval holds the true figure as long as the truth of every factor lies in the range given for it. Quartiles of intervals are the
    quartiles of their lower and of their upper ends (`numpy.quantile`, linear), between which those of the true figures lie.

    Of what a closed building costs to run, `closed_cash_share` is taken to be cash, less `open_host_share` of the part that moves,
    which the host then spends. It counts only where room elsewhere is stated for all the building holds; what works would cost is not
    taken off. Backlog is avoided only if the building closes, and cash only if somebody would else have spent it.

    Examples
    --------
    >>> import assetplan as ap
    >>> found = ap.benchmark(ap.read_estate("data/malton"))
    >>> hq = found.buildings.loc["rdc:A0001"]
    >>> round(float(hq["m2_per_fte_low"]), 1), round(float(hq["m2_per_fte_high"]), 1), hq["fit"]
    (13.6, 16.5, 'not known')
    """
    if by not in {"organisation", "area"}:
        raise EstateError(f"by: organisation or area is wanted, not {visible(str(by))!r}.")
    if area_kind not in AREA_KINDS:
        raise EstateError(f"area_kind: one of {', '.join(AREA_KINDS)} is wanted, not {visible(str(area_kind))!r}.")
    if not (np.isfinite(within_m) and within_m > 0):
        raise EstateError(f"within_m: a distance above 0 m is wanted, not {within_m!r}.")
    used = factors_with(factors)
    issues: list[Issue] = []
    buildings, others = buildings_of(estate, used, area_kind, issues)
    own, wrong = standards_of(estate.standards)
    issues += [
        Issue("standards.csv", key, "value", "standard-not-used", "", said, "Not used. Correct it.")
        for key, said in wrong
    ]
    standards = (*own, *published_standards())
    _above_standard(buildings, standards, used)
    _closed(buildings, could_close(estate, buildings, used, within_m=within_m, progress=progress), used)
    buildings["price_base"] = _price_bases(estate, buildings)
    groups, quartiles = groups_by(estate, buildings, by, area_kind)
    note = _note(estate, buildings, others, by, area_kind, within_m)
    table = with_none(pd.DataFrame([vars(one) for one in standards], columns=list(STANDARD_COLUMNS)))
    prize = _prize(buildings)
    return Benchmark(
        with_none(buildings),
        groups,
        quartiles,
        table,
        prize,
        by,
        area_kind,
        estate.price_base,
        used,
        note,
        tuple(sorted(issues)),
    )


# ------------------------------------------------------------------------------------------------------- each building


def limit_for(organisation: str, standards: tuple[Standard, ...]) -> Standard:
    """The standard of office space per FTE for a body: its own limit, else the estate's for anybody, else the published one."""
    limits = [
        one
        for one in standards
        if one.measure == PER_FTE and one.basis == "limit" and one.applies_to.casefold().startswith("office")
    ]
    for whose in (organisation, ""):
        for one in limits:
            if one.organisation == whose and (whose or one.standard_id != _LIMIT):
                return one
    return next(one for one in limits if one.standard_id == _LIMIT)


def _above_standard(buildings: pd.DataFrame, standards: tuple[Standard, ...], factors: Mapping[str, Factor]) -> None:
    """Room of each office above the standard, as an interval in m2 NIA; NaN where area or staff is not known."""
    chosen = {owner: limit_for(str(owner), standards) for owner in sorted(set(buildings["organisation"]))}
    ends = {
        owner: (
            as_nia(one.low, one.area_basis or None, factors["office_nia_per_gia"])[0],
            as_nia(one.high, one.area_basis or None, factors["office_nia_per_gia"])[1],
        )
        for owner, one in chosen.items()
    }
    least, most = (np.array([ends[owner][end] for owner in buildings["organisation"]], dtype=float) for end in (0, 1))
    office = (buildings["kind"] == OFFICE).to_numpy()
    whole = np.array(["other uses" not in str(why) for why in buildings["kind_from"]], dtype=bool)
    fte = np.where(office & whole, buildings["fte"].to_numpy(dtype=float), np.nan)
    buildings["standard"] = np.array(
        [
            chosen[owner].standard_id if is_office else None
            for owner, is_office in zip(buildings["organisation"], office, strict=True)
        ],
        dtype=object,
    )
    buildings["above_low_m2"] = np.maximum(buildings["nia_low_m2"].to_numpy(dtype=float) - most * fte, 0.0)
    buildings["above_high_m2"] = np.maximum(buildings["nia_high_m2"].to_numpy(dtype=float) - least * fte, 0.0)


def _closed(buildings: pd.DataFrame, closing: pd.DataFrame, factors: Mapping[str, Factor]) -> None:
    """What of each building's running cost would be cash if it closed, and what counts as such given where its services could go."""
    buildings["fit"], buildings["because"] = closing["fit"], closing["because"]
    buildings["need_low_m2"], buildings["need_high_m2"] = closing["need_m2_low"], closing["need_m2_high"]
    buildings["spare_desks"] = np.maximum(
        buildings["desks"].to_numpy(dtype=float) - closing["need_desks"].to_numpy(dtype=float), 0.0
    )
    fit = closing["fit"].to_numpy(dtype=object)
    cost = buildings["running_cost_gbp_pa"].to_numpy(dtype=float)
    nia = [buildings[f"nia_{end}_m2"].to_numpy(dtype=float) for end in ("low", "high")]
    # Of a building with nothing to move nothing follows.
    nothing = fit == NOTHING
    need = [np.where(nothing, 0.0, closing[f"need_m2_{end}"].to_numpy(dtype=float)) for end in ("low", "high")]
    floor = [np.where(nothing, np.fmax(np.nan_to_num(end, nan=1.0), 1.0), end) for end in nia]
    low, high = cash_if_closed(cost, (need[0], need[1]), (floor[0], floor[1]), factors)
    stays = fit == STAYS
    buildings["if_closed_low_gbp_pa"], buildings["if_closed_high_gbp_pa"] = (
        np.where(stays, np.nan, low),
        np.where(stays, np.nan, high),
    )
    can, cannot = np.isin(fit, (NOW, AFTER, NOTHING)), np.isin(fit, (NOWHERE, STAYS))
    backlog = buildings["backlog_gbp"].to_numpy(dtype=float)
    # Nothing is certain to close, so the lower end is nothing; the upper is not known where nobody knows whether it could.
    for name, most in (("cash_{}_gbp_pa", high), ("avoided_{}_gbp", backlog)):
        upper = np.where(cannot, 0.0, np.where(can, most, np.nan))
        buildings[name.format("low")] = np.where(np.isnan(upper), np.nan, 0.0)
        buildings[name.format("high")] = upper


def _price_bases(estate: Estate, buildings: pd.DataFrame) -> list[str]:
    """The price year of each building's figures: the estate's, else the year of its register, else the register by itself."""
    if estate.price_base:
        return [estate.price_base] * len(buildings)
    registers = dict(zip(estate.registers["path"], estate.registers["as_of"], strict=True))
    of = dict(zip(map(str, estate.assets.index), estate.assets["register"], strict=True))
    return [
        f"as stated, {registers[of[key]].year}" if registers.get(of[key]) is not None else f"as stated in {of[key]}"
        for key in map(str, buildings.index)
    ]


# ------------------------------------------------------------------------------------------------------- groups


def groups_by(estate: Estate, buildings: pd.DataFrame, by: str, area_kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The groups and quartiles of a `Benchmark`, by body or by area, of its buildings."""
    return _grouped(_long(buildings), by, _group_names(estate, by, area_kind))


def _long(buildings: pd.DataFrame) -> pd.DataFrame:
    """A row for each building and measure of its kind: what is divided (low, high), by what, and the result (NaN: not known)."""
    office = (buildings["kind"] == OFFICE).to_numpy()
    nia = [np.where(office, buildings[f"nia_{end}_m2"], np.nan) for end in ("low", "high")]
    gia = [buildings[f"gia_{end}_m2"].to_numpy(dtype=float) for end in ("low", "high")]
    cost = buildings["running_cost_gbp_pa"].to_numpy(dtype=float)
    desks, fte = (np.where(office, buildings[name].to_numpy(dtype=float), np.nan) for name in ("desks", "fte"))
    whole = np.array(["other uses" not in str(why) for why in buildings["kind_from"]], dtype=bool)
    offices = [np.where(whole, area, np.nan) for area in nia]
    staffed = np.where(whole, cost, np.nan)
    use = buildings["utilisation_percent"].to_numpy(dtype=float)
    one = np.ones(len(buildings))
    placed = np.array([kind in PLACES for kind in buildings["kind"]], dtype=bool)
    parts = [
        ("m2 per FTE", "m2 NIA/FTE", office, *offices, fte, fte),
        ("m2 per desk", "m2 NIA/desk", office, *offices, desks, desks),
        ("desks per FTE", "desks/FTE", office, desks, desks, fte, fte),
        ("GBP per FTE", "GBP a year/FTE", office, staffed, staffed, fte, fte),
        ("utilisation", "percent", office, use, use, one, one),
        ("GBP per m2", "GBP a year/m2 NIA", office, cost, cost, *nia[::-1]),
        ("GBP per m2", "GBP a year/m2 GIA", ~office, cost, cost, *gia[::-1]),
        ("m2 per place", "m2 GIA", placed, *gia, *(2 * (buildings["places"].to_numpy(dtype=float),))),
    ]
    frames = []
    for measure, unit, which, top_low, top_high, by_low, by_high in parts:
        frame = buildings.loc[which, ["organisation", "area", "kind", "place", "price_base"]].copy()
        frame["measure"], frame["unit"] = measure, unit
        for name, values in (("top_low", top_low), ("top_high", top_high), ("by_low", by_low), ("by_high", by_high)):
            column = np.where(np.isfinite(values), values, np.nan)[which]
            frame[name] = np.where(column > 0, column, np.nan) if name.startswith("by") else column
        if measure == "m2 per place":
            frame["measure"] = ["m2 per " + str(place) for place in frame["place"]]
            frame["unit"] = ["m2 GIA/" + str(place) for place in frame["place"]]
        frames.append(frame)
    out = pd.concat(frames)
    out["low"], out["high"] = out["top_low"] / out["by_low"], out["top_high"] / out["by_high"]
    return out


def _group_names(estate: Estate, by: str, area_kind: str) -> dict[str, str]:
    if by == "organisation":
        return {key: body.name for key, body in estate.organisations.items()}
    areas = estate.areas[estate.areas["kind"] == area_kind]
    return dict(zip(map(str, areas["area_id"]), map(str, areas["name"]), strict=True))


def _grouped(long: pd.DataFrame, by: str, names: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows: list[dict[str, Any]] = []
    quartiles: list[dict[str, Any]] = []
    for (kind, measure, unit), part in long.groupby(["kind", "measure", "unit"], sort=True):
        known = part[part["low"].notna()]
        quartiles.append(
            {"level": "buildings", "kind": kind, "measure": measure, "unit": unit, **_quartiles(known), "of": len(part)}
        )
        made = []
        for group, mine in part.groupby(by, sort=True, dropna=True):
            good = mine[mine["low"].notna()]
            row = {"group": group, "name": names.get(str(group), str(group)), "kind": kind, "measure": measure, "unit": unit,
                   "rests_on": len(good), "buildings": len(mine), "low": np.nan, "high": np.nan}  # fmt: skip
            if len(good):
                # Pounds of different years are not added; percentages never are.
                if measure != "utilisation" and ("GBP" not in unit or len(set(good["price_base"])) == 1):
                    row["low"] = good["top_low"].sum() / good["by_low"].sum()
                    row["high"] = good["top_high"].sum() / good["by_high"].sum()
                for end in ("low", "high"):
                    row[f"median_{end}"] = float(np.median(good[end]))
            made.append(row)
        bodies = pd.DataFrame([row for row in made if row["group"] != UNKNOWN], columns=[*GROUP_COLUMNS])
        level = bodies[bodies["low"].notna()]
        cuts = _quartiles(level)
        quartiles.append({"level": "bodies" if by == "organisation" else "areas", "kind": kind, "measure": measure, "unit": unit, **cuts,
                          "of": len(bodies)})  # fmt: skip
        rows += [{**row, "quarter": _quarter(row, cuts)} for row in made]
    groups = pd.DataFrame(rows, columns=list(GROUP_COLUMNS))
    numbers = ["low", "high", "median_low", "median_high"]
    groups[numbers] = groups[numbers].astype(float)
    return (
        with_none(groups.sort_values(["kind", "measure", "unit", "group"], kind="stable").reset_index(drop=True)),
        with_none(pd.DataFrame(quartiles, columns=list(QUARTILE_COLUMNS))),
    )


def _quartiles(frame: pd.DataFrame) -> dict[str, Any]:
    """Quartiles of the lower and of the upper ends; NaN where there are fewer than four."""
    out: dict[str, Any] = {"rests_on": len(frame)}
    for end in ("low", "high"):
        cuts = np.quantile(frame[end].astype(float), (0.25, 0.5, 0.75)) if len(frame) >= FEWEST else (np.nan,) * 3
        out |= {f"{name}_{end}": float(cut) for name, cut in zip(("q1", "median", "q3"), cuts, strict=True)}
    return out


def _quarter(row: Mapping[str, Any], cuts: Mapping[str, Any]) -> str:
    """In which quarter of its like a body surely lies, in words."""
    if row["low"] != row["low"] or row["group"] == UNKNOWN:
        return "not known"
    if cuts["q1_low"] != cuts["q1_low"]:
        return f"no quartiles: fewer than {FEWEST}"
    if row["high"] <= cuts["q1_low"]:
        return "lowest quarter"
    if row["low"] >= cuts["q3_high"]:
        return "highest quarter"
    return "between" if row["low"] > cuts["q1_high"] and row["high"] < cuts["q3_low"] else "cannot be told"


# ------------------------------------------------------------------------------------------------------- the prize


def _prize(buildings: pd.DataFrame) -> pd.DataFrame:
    """What each body could have in each locality, by class. Pounds of different price years stand in rows of their own."""
    rows: list[dict[str, Any]] = []
    keyed = buildings.assign(_area=[area or "" for area in buildings["area"]])
    for (owner, area), whole in keyed.groupby(["organisation", "_area"], sort=True):
        place = {"organisation": owner, "area": area or None}
        for price, part in whole.groupby("price_base", sort=True):
            moving = part[part["fit"] != STAYS]
            counts = {"buildings": len(moving), "price_base": price}
            known = moving["cash_high_gbp_pa"].notna()
            # Only where what a building holds is said, and only into buildings that stand, is there anything that might be proved.
            open_ = (moving["fit"] == UNKNOWN_FIT) & moving["need_low_m2"].notna()
            unproven = moving.loc[open_, "if_closed_high_gbp_pa"]
            rows.append({**place, "class": CASHABLE, **_summed(moving, known, "cash_{}_gbp_pa", "{}_gbp_pa"), **counts,
                         "unproven_gbp_pa": float(unproven.sum()) if unproven.notna().any() else np.nan})  # fmt: skip
            known = moving["avoided_high_gbp"].notna()
            rows.append({**place, "class": AVOIDED, **_summed(moving, known, "avoided_{}_gbp", "{}_gbp"), **counts})
        offices = whole[whole["kind"] == OFFICE]
        if len(offices):
            known = offices["above_high_m2"].notna()
            desks = offices["spare_desks"]
            rows.append({**place, "class": NON_CASH, **_summed(offices, known, "above_{}_m2", "{}_m2"), "buildings": len(offices),
                         "desks": float(desks.sum()) if desks.notna().any() else np.nan, "price_base": None})  # fmt: skip
    out = pd.DataFrame(rows, columns=list(PRIZE_COLUMNS))
    numbers = [name for name in PRIZE_COLUMNS if name.endswith(("_pa", "_gbp", "_m2")) or name == "desks"]
    out[numbers] = out[numbers].astype(float)
    return with_none(out)


def _summed(frame: pd.DataFrame, known: pd.Series, columns: str, out: str) -> dict[str, Any]:
    """The ends of those that are known added up, and how many they are; NaN where none is."""
    some = bool(known.any())
    ends = {
        out.format(end): float(frame.loc[known, columns.format(end)].sum()) if some else np.nan
        for end in ("low", "high")
    }
    return {**ends, "rests_on": int(known.sum())}


def _note(
    estate: Estate, buildings: pd.DataFrame, others: int, by: str, area_kind: str, within_m: float
) -> tuple[str, ...]:
    reach = f"{within_m / 1000:g} km"
    offices = (
        "Offices are measured in net internal area (NIA) by staff and desks; schools, care homes and stations in gross internal area (GIA) "
        "by pupil place, bed and vehicle bay. Where the other area is stated, the figure is a range."
    )
    cash = (
        "Only a closed building is cash: rates, energy and cleaning, less what the host then spends. Works, moves and what an empty "
        "building costs until it is sold are not taken off. Room above a standard is room to share, not money."
    )
    closing = (
        f"A building counts as one that could close only where room within {reach} in a straight line is stated for all it holds. "
        "The same room is looked at for each building by itself, so what several would save is at most the sum."
    )
    backlog = (
        "Backlog is avoided only if the building closes, and is cash only if it would really have been spent. "
        "School premises savings stay with the school."
    )
    prices = (
        f"Prices {visible(estate.price_base)}."
        if estate.price_base
        else "Nobody says which year's prices these are, so pounds of registers of different years are not added up."
    )
    said = [offices, cash, closing, backlog, prices]
    if others:
        said.append(f"{counted(others, 'asset').capitalize()} left out: nothing here says there is a building.")
    if not len(estate.services):
        said.append("Nothing here says which services are in these buildings, so whether one could close is not known.")
    if by == "area" and not (estate.areas["kind"] == area_kind).any():
        said.append(f"There are no areas of the kind {area_kind} here, so nothing is grouped by area.")
    elif len(estate.areas) and (outside := int(buildings["area"].isna().sum())):
        said.append(f"{counted(outside, 'building').capitalize()} in no area of the kind {area_kind}, or not placed.")
    unknown = int((buildings["kind"] == "unknown").sum())
    if unknown:
        said.append(f"Of {counted(unknown, 'building')} the kind is not known, so it is compared with none.")
    if (buildings["fit"] == NEW).any():
        said.append(
            "A building to be built has a running cost of its own, which is not known: no saving is counted for moving into one."
        )
    return tuple(said)

"""The buildings of an estate: what kind each is, where it lies, its floor area as an interval, and what it is measured by.

Like is compared with like: offices by staff and desks in net internal area, schools by pupil places, care homes by beds, stations by
vehicle bays, all three in gross internal area. What is not known stays unknown and is named; nobody based there is not unknown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from assetplan.holding import is_estate
from assetplan.issues import Issue
from assetplan.services import AREAS_M2
from assetplan.space.standards import area_interval
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from assetplan.estate import Estate
    from assetplan.space.standards import Factor

OFFICE, SCHOOL, CARE = "office", "school", "care home"
STATIONS = ("ambulance station", "fire station", "police station")
KINDS = (OFFICE, SCHOOL, CARE, *STATIONS, "health", "library", "community", "depot", "housing", "other", "unknown")
PLACES: Mapping[str, tuple[str, str]] = {
    SCHOOL: ("pupil place", "pupil_places"),
    CARE: ("bed", "beds"),
    **dict.fromkeys(STATIONS, ("vehicle bay", "vehicle_bays")),
}
"""What kinds of building other than offices are measured by, and the column of services that says how many there are."""

_KIND_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for kind, words in (
        ("library", r"librar"),
        (SCHOOL, r"schools?\b|academ|nurser(?:y|ies)\b|pupil referral|sixth form|(?:infant|junior|primary|secondary)s?\b"),
        (CARE, r"care home|residential (?:care )?home|nursing home|children.?s home|extra care|home for"),
        *((kind, rf"{kind.split()[0]}(?: (?:and|&) \w+)? stations?\b") for kind in STATIONS),
        ("health", r"hospitals?\b|health\b|clinics?\b|surger(?:y|ies)\b|medical|infirmary"),
        (OFFICE, (r"(?<!ticket )(?<!booking )(?<!box )(?<!post )offices?\b|headquarters|hq\b|civic(?! (?:regalia|amenity|space|pride))|"
                 r"town hall|county hall|council house|guildhall|administrat")),
        ("depot", r"depots?\b|stores?\b|storage|warehouses?\b|workshops?\b|garages?\b|hangar"),
        ("housing", r"hous(?:es?|ing)\b|dwelling|flats?\b|bungalow|cottage|apartment|hostel"),
        ("community", r"communit|cultur|youth|leisure|sports? centre|museum|theatre|galler|day centre|children.?s centre|halls?\b"),
    )
)  # fmt: skip
_NO_BUILDING = re.compile(
    r"\b(?:car parks?|parking|lay-?by|land|fields?|pitch(?:es)?|recreation|open spaces?|allotments?|cemeter|burial|woodland|commons?|verges?|"
    r"highways? land|playgrounds?|play areas?|parks?|gardens?|footpaths?|bridges?|"
    r"street furniture|regalia|artworks?|statues?|cenotaphs?|monuments?|memorials?|bus shelters?|substations?)\b",
    re.IGNORECASE,
)
# Uses that say no more than that there is land, or a building: what it is has to come from elsewhere.
_SAYS_LITTLE = re.compile(
    r"\W*(?:(?:land|buildings?|property|premises|site|other|miscellaneous|misc|operational|non|commercial|general|and|or|assets?)\W*)+",
    re.IGNORECASE,
)
_BUILDING = re.compile(r"\bbuildings?\b", re.IGNORECASE)
_FIGURES = ("nia_m2", "gia_m2", "fte", "desks", "utilisation_percent", "running_cost_gbp_pa", "backlog_gbp")
BUILDING_COLUMNS = (
    "name", "organisation", "area", "kind", "kind_from", "status", "basis", "nia_low_m2", "nia_high_m2", "gia_low_m2", "gia_high_m2",
    "fte", "fte_from", "desks", "place", "places", "utilisation_percent", "running_cost_gbp_pa", "backlog_gbp", "condition",
    "m2_per_fte_low", "m2_per_fte_high", "m2_per_desk_low", "m2_per_desk_high", "desks_per_fte", "m2_per_place_low", "m2_per_place_high",
    "gbp_per_m2_low", "gbp_per_m2_high", "gbp_per_fte", "missing", "sources", "illustrative",
)  # fmt: skip


def kind_in_words(text: object) -> str | None:
    """The kind of building that words of use, function or name tell of; None where they tell of none.

    Examples
    --------
    >>> kind_in_words("Offices and community rooms"), kind_in_words("Police houses (4)"), kind_in_words("Fire station")
    ('office', 'housing', 'fire station')
    >>> kind_in_words("Public toilets") is None
    True
    """
    if not text:
        return None
    return next((kind for kind, words in _KIND_WORDS if words.search(str(text))), None)


def is_mixed(text: object) -> bool:
    """Whether words of use tell of offices and of something else beside them, so that not all of the floor area is offices.

    Examples
    --------
    >>> is_mixed("Offices and community rooms"), is_mixed("Offices (headquarters)"), is_mixed("Library")
    (True, False, False)
    """
    found = {kind for kind, words in _KIND_WORDS if text and words.search(str(text))}
    return OFFICE in found and len(found) > 1


def whole_services(services: pd.DataFrame) -> list[dict[str, Any]]:
    """The services that are no part of another in the same building: what may be added up."""
    rows = records(services)
    at = {row["service_id"]: row["asset_id"] for row in rows}
    return [row for row in rows if row["part_of"] is None or at.get(row["part_of"]) != row["asset_id"]]


def leaf_services(services: pd.DataFrame) -> list[dict[str, Any]]:
    """The services of which no part is named in the same building: what would have to find room elsewhere."""
    rows = records(services)
    parted = {(row["part_of"], row["asset_id"]) for row in rows if row["part_of"] is not None}
    return [row for row in rows if (row["service_id"], row["asset_id"]) not in parted]


def buildings_of(
    estate: Estate, factors: Mapping[str, Factor], area_kind: str, issues: list[Issue]
) -> tuple[pd.DataFrame, int]:
    """The buildings of an estate, and how many of its other assets nothing says to be a building.

    Parameters
    ----------
    estate
        The estate, for any reader.
    factors
        The assumptions that turn one measure of floor area into another.
    area_kind
        The kind of area of the column ``area``.
    issues
        What is doubtful is added here.

    Returns
    -------
    tuple
        A frame indexed by ``asset_id`` with `BUILDING_COLUMNS`, in order of identifier; and a count. What is disposed of, and what is
        not known to be public estate, is neither.
    """
    assets = estate.assets
    public = np.array(
        [is_estate(*row) for row in zip(assets["kind"], assets["ownership"], assets["operator"], strict=True)],
        dtype=bool,
    )
    assets = assets[public & (assets["status"] != "disposed").to_numpy()]
    wholes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for service in whole_services(estate.services):
        if service["asset_id"] is not None:
            wholes[str(service["asset_id"])].append(service)
    keys = [str(asset) for asset in assets.index]
    kinds = [_kind_of(*row, wholes.get(key, [])) for key, row in
             zip(keys, zip(assets["use"], assets["name"], strict=True), strict=True)]  # fmt: skip
    given = assets[list(_FIGURES)].astype(float).to_numpy()
    measured = np.isfinite(given[:, :5]).any(axis=1)
    bare = np.array(
        [
            bool(_NO_BUILDING.search(f"{use or ''} {name or ''}"))
            for use, name in zip(assets["use"], assets["name"], strict=True)
        ],
        dtype=bool,
    )
    built = np.array([bool(use) and bool(_BUILDING.search(str(use))) for use in assets["use"]], dtype=bool)
    told = np.array([kind[0] not in {"unknown", "other"} for kind in kinds], dtype=bool)
    served = np.array([key in wholes for key in keys], dtype=bool)
    chosen = (measured | served | built | (told & ~bare)) if keys else np.zeros(0, dtype=bool)
    frame = pd.DataFrame(
        index=pd.Index([key for key, take in zip(keys, chosen, strict=True) if take], dtype=object, name="asset_id")
    )
    assets = assets[chosen]
    frame["name"] = [
        str(name or address or key)
        for key, name, address in zip(frame.index, assets["name"], assets["address"], strict=True)
    ]
    frame["organisation"] = assets["organisation"].astype(object).to_numpy()
    frame["area"] = areas_of(estate, assets, area_kind, issues)
    picked = [kind for kind, take in zip(kinds, chosen, strict=True) if take]
    frame["kind"] = np.array([kind for kind, _ in picked], dtype=object)
    mixed = np.array(
        [kind == OFFICE and is_mixed(use) for (kind, _), use in zip(picked, assets["use"], strict=True)], dtype=bool
    )
    frame["kind_from"] = np.array(
        [f"{why}; other uses too" if more else why for (_, why), more in zip(picked, mixed, strict=True)], dtype=object
    )
    frame["status"] = assets["status"].astype(object).to_numpy()
    frame["condition"] = assets["condition"].astype(object).to_numpy()
    _measure(frame, assets, wholes, factors)
    by_area = ["m2_per_fte_low", "m2_per_fte_high", "m2_per_desk_low", "m2_per_desk_high", "gbp_per_fte"]
    frame.loc[mixed, by_area] = np.nan
    frame["missing"] = [_missing(row) for row in records(frame)]
    frame["sources"], frame["illustrative"] = _sources(estate, assets)
    for row in records(frame[(frame["nia_low_m2"] > 0) & (frame["basis"] == "NIA above GIA")].reset_index()):
        issues.append(Issue("", str(row["asset_id"]), "nia_m2", "net-above-gross", "", f"{row['name']}: the net internal area is larger than "
                            "the gross", "Taken as measured in an unknown way. Correct one of the two."))  # fmt: skip
    return with_none(frame[list(BUILDING_COLUMNS)]), int((~chosen).sum())


def with_none(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose columns of text hold None where nothing is known, whatever pandas made of them."""
    out = frame.copy()
    for name in [name for name, kind in frame.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]:
        values = [value if known else None for value, known in zip(frame[name], frame[name].notna(), strict=True)]
        out[name] = pd.Series(values, index=frame.index, dtype=object)
    return out


def _kind_of(use: object, name: object, services: list[dict[str, Any]]) -> tuple[str, str]:
    if found := kind_in_words(use):
        return found, "use"
    if services:
        for kind, (_, column) in PLACES.items():
            if any(
                service[column] and (kind not in STATIONS or f"{service['response']} station" == kind)
                for service in services
            ):
                return kind, "services"
        space = {name: sum(service[name] or 0.0 for service in services) for name in AREAS_M2}
        if sum(space.values()) and space["office_m2"] + space["meeting_m2"] > sum(space.values()) / 2:
            return OFFICE, "services"
        if found := kind_in_words("; ".join(str(service["function"]) for service in services)):
            return found, "services"
    vague = not use or _SAYS_LITTLE.fullmatch(str(use))
    if vague and (found := kind_in_words(name)):
        return found, "name"
    return ("unknown", "nothing") if vague else ("other", "use")


def _measure(
    frame: pd.DataFrame, assets: pd.DataFrame, wholes: Mapping[str, list[dict[str, Any]]], factors: Mapping[str, Factor]
) -> None:
    """Areas, staff, desks and places of each building, and its measures."""
    number = {name: assets[name].astype(float).to_numpy() for name in _FIGURES}
    office = (frame["kind"] == OFFICE).to_numpy()
    ends = {
        end: np.where(office, getattr(factors["office_nia_per_gia"], end), getattr(factors["other_nia_per_gia"], end))
        for end in ("low", "high")
    }
    nia, gia = number["nia_m2"], number["gia_m2"]
    for basis in ("NIA", "GIA"):
        low, high = area_interval(nia, gia, ends["low"], ends["high"], basis)
        frame[f"{basis.lower()}_low_m2"], frame[f"{basis.lower()}_high_m2"] = low, high
    stated = [np.isfinite(area) & (area > 0) for area in (nia, gia)]
    frame["basis"] = np.select(
        [stated[0] & stated[1] & (nia > gia), stated[0] & stated[1], stated[0], stated[1]],
        ["NIA above GIA", "NIA and GIA", "NIA", "GIA"],
        "not stated",
    ).astype(object)
    staff = [_added(wholes.get(str(key), []), "fte") for key in frame.index]
    own = np.where(np.isfinite(number["fte"]), number["fte"], np.nan)
    frame["fte"] = np.where(np.isnan(own), np.array(staff, dtype=float), own)
    frame["fte_from"] = np.array(
        [
            "asset" if stated_here else "services" if known else None
            for stated_here, known in zip(~np.isnan(own), frame["fte"].notna(), strict=True)
        ],
        dtype=object,
    )
    frame["desks"] = number["desks"]
    for name in ("utilisation_percent", "running_cost_gbp_pa", "backlog_gbp"):
        frame[name] = number[name]
    frame["place"] = np.array([PLACES[kind][0] if kind in PLACES else None for kind in frame["kind"]], dtype=object)
    frame["places"] = np.array(
        [
            _added(wholes.get(str(key), []), PLACES[kind][1], some=True) if kind in PLACES else np.nan
            for key, kind in zip(frame.index, frame["kind"], strict=True)
        ],
        dtype=float,
    )
    fte, desks = (_divisor(frame[name], office) for name in ("fte", "desks"))
    places = _divisor(frame["places"], ~office)
    for end in ("low", "high"):
        frame[f"m2_per_fte_{end}"] = frame[f"nia_{end}_m2"] / fte
        frame[f"m2_per_desk_{end}"] = frame[f"nia_{end}_m2"] / desks
        frame[f"m2_per_place_{end}"] = frame[f"gia_{end}_m2"] / places
    frame["desks_per_fte"] = np.where(office, frame["desks"], np.nan) / fte
    frame["gbp_per_fte"] = frame["running_cost_gbp_pa"] / fte
    for end, other in (("low", "high"), ("high", "low")):
        area = np.where(office, frame[f"nia_{other}_m2"], frame[f"gia_{other}_m2"])
        frame[f"gbp_per_m2_{end}"] = frame["running_cost_gbp_pa"] / area


def _divisor(values: pd.Series, like: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What to divide by: NaN where it is not known, not of the kind measured so, or 0."""
    numbers = values.to_numpy(dtype=float)
    return np.where(like & (numbers > 0), numbers, np.nan)


def _added(services: list[dict[str, Any]], column: str, *, some: bool = False) -> float:
    """What services have together: not known where one of them does not say, or, with `some`, where none does."""
    known = [float(service[column]) for service in services if service[column] is not None]
    return sum(known) if known and (some or len(known) == len(services)) else float("nan")


def _missing(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What a building would need to be measured like others of its kind, in words."""
    out = []
    if row["kind"] == "unknown":
        out.append("kind of building")
    if np.isnan(row["nia_low_m2"]):
        out.append("floor area")
    if row["kind"] == OFFICE:
        if "other uses" in row["kind_from"]:
            out.append("how much of it is offices")
        if np.isnan(row["fte"]):
            out.append("staff (FTE)")
        elif row["fte"] == 0:
            out.append("nobody based there (0 FTE): nothing is divided by staff")
        if np.isnan(row["desks"]):
            out.append("desks")
        if np.isnan(row["utilisation_percent"]):
            out.append("utilisation")
    if row["kind"] in PLACES and not row["places"] > 0:
        out.append("places for pupils" if row["kind"] == SCHOOL else f"{row['place']}s")
    if np.isnan(row["running_cost_gbp_pa"]):
        out.append("running cost")
    return tuple(out)


def _sources(estate: Estate, assets: pd.DataFrame) -> tuple[list[tuple[str, ...]], list[bool]]:
    """Where what is said of each building comes from: its line of a register, facts and services; and whether any is illustrative."""
    said: dict[str, dict[str, bool]] = defaultdict(dict)
    wanted = {*_FIGURES, "use", "condition"}
    facts = estate.facts
    for subject, name, used, source, mark in zip(
        facts["subject"], facts["field"], facts["in_force"], facts["source"], facts["illustrative"], strict=True
    ):
        if used and name in wanted:
            said[str(subject)][f"{name}: {source or 'source not stated'}"] = mark is True
    for service in whole_services(estate.services):
        if service["asset_id"] is not None:
            text = f"services: {service['source'] or 'source not stated'}"
            before = said[str(service["asset_id"])].get(text, False)
            said[str(service["asset_id"])][text] = before or service["illustrative"] is True
    sources, marks = [], []
    for key, register, line, mark in zip(
        assets.index, assets["register"], assets["row"], assets["illustrative"], strict=True
    ):
        more = said.get(str(key), {})
        sources.append((f"{register}, line {line}", *sorted(more)))
        marks.append(mark is True or any(more.values()))
    return sources, marks


def areas_of(estate: Estate, assets: pd.DataFrame, kind: str, issues: list[Issue]) -> list[str | None]:
    """The area of a kind that each asset lies in or is listed in; None where there is none or the asset is not placed.

    Being listed goes before lying in, and of several the first by identifier holds; that there are several is told.
    """
    areas = estate.areas[estate.areas["kind"] == kind].sort_values("area_id")
    ids = [str(key) for key in areas["area_id"]]
    listed: dict[str, list[str]] = defaultdict(list)
    for key, members in zip(ids, areas["members"], strict=True):
        for member in members:
            listed[str(member)].append(key)
    found: list[list[str]] = [[] for _ in range(len(assets))]
    drawn = areas.geometry.notna().to_numpy()
    if drawn.any() and len(assets):
        points = shapely.point_on_surface(np.asarray(assets.geometry, dtype=object))
        tree = shapely.STRtree(np.asarray(areas.geometry[drawn], dtype=object))
        names = [key for key, is_drawn in zip(ids, drawn, strict=True) if is_drawn]
        for i, j in tree.query(points, predicate="intersects").T.tolist():
            found[i].append(names[j])
    out: list[str | None] = []
    for key, parcels, lies_in in zip(assets.index, assets["parcels"], found, strict=True):
        named = {area for member in (str(key), *parcels) for area in listed.get(member, ())}
        all_ = sorted(named) or sorted(set(lies_in))
        if len(all_) > 1:
            issues.append(Issue("", str(key), "area", "in-several-areas", "; ".join(all_), f"it is in several areas of the kind {kind}",
                                f"Counted in {all_[0]} alone. Keep one, or use another kind of area."))  # fmt: skip
        out.append(all_[0] if all_ else None)
    return out

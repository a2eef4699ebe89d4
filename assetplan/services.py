"""Services, and what is said about room, crews, people who come and plans, made to fit together: what names what, and where it lies.

Comes after the filter. What does not fit is told and taken as not known; nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from assetplan.grid import BRITISH_GRID, to_grid
from assetplan.ground import on_land
from assetplan.issues import Issue, readable
from assetplan.schema import AUDIENCE
from assetplan.tables import records
from assetplan.vocabulary import CREW_HOURS, HOURS, SPACES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from assetplan.issues import Findings

_DAYS_A_MONTH = 365.25 / 12
_GROUPS = ("under_16", "over_65", "disabled", "no_car")
AREAS_M2 = tuple(f"{space}_m2" for space in SPACES)
_ADDED_UP = ("fte", "peak_desks", *AREAS_M2)


def settle(
    tables: Mapping[str, pd.DataFrame],
    files: Mapping[str, str],
    assets: Collection[str],
    parcels: Collection[str],
    organisations: Collection[str],
    found: Findings,
) -> dict[str, pd.DataFrame]:
    """The tables of services, room, affinities, crews, demand, areas, standards and plans, each told what in it does not fit.

    Parameters
    ----------
    tables, files
        Typed tables by name, and the name of the file each comes from.
    assets, parcels, organisations
        Identifiers that the reader knows.
    found
        What does not fit is added here, and rows that cannot be used at all are set aside.

    Returns
    -------
    dict
        New tables by name. What a row names that there is not is None; of ``demand`` the place is a point in EPSG:27700, or None
        where it is none that can be used.
    """
    said = _Said(files, found)
    out = {
        name: tables[name].copy()
        for name in ("services", "capacity", "affinities", "crews", "demand", "standards", "plans")
    }
    known = {*assets, *parcels}
    out["services"] = _services(out["services"], set(assets), set(organisations), said)
    out["capacity"] = _capacity(out["capacity"], known, said)
    out["affinities"] = _affinities(out["affinities"], out["services"], said)
    out["demand"] = _demand(out["demand"], said)
    out["crews"] = _crews(out["crews"], set(out["services"]["service_id"]), set(out["demand"]["demand_id"]), said)
    _standards(out["standards"], set(organisations), said)
    _terms(tables["interests"], said)
    out["plans"] = _plans(out["plans"], known | set(tables["areas"]["area_id"]), set(organisations), said)
    _areas(tables["areas"], known | set(out["demand"]["demand_id"]), said)
    return {name: frame.drop(columns="row") for name, frame in out.items()}


class _Said:
    """What is found out about the tables of one folder."""

    def __init__(self, files: Mapping[str, str], found: Findings) -> None:
        self.files, self.found = files, found

    def __call__(self, table: str, row: Any, column: str, code: str, value: object, message: str, action: str) -> None:
        file = self.files.get(table, f"{table}.csv")
        self.found.issues.append(Issue(file, str(row), column, code, readable(value)[:200], message, action))

    def aside(self, table: str, row: Mapping[str, Any], column: str, code: str, value: str, message: str) -> None:
        file = self.files.get(table, f"{table}.csv")
        self.found.set_aside(file, str(row["row"]), column, code, value, message, row, str(row[AUDIENCE]))


def _services(frame: pd.DataFrame, assets: set[str], organisations: set[str], said: _Said) -> pd.DataFrame:
    if frame.empty:
        return frame
    frame = _words_of(frame, "hours", HOURS, "services", said)
    known = set(frame["service_id"])
    for i, row in zip(frame.index, records(frame), strict=True):
        if row["organisation"] not in organisations:
            said("services", row["row"], "organisation", "unknown-organisation", row["organisation"],
                 "there is no such organisation here", "Row kept under that name. Declare it in estate.toml or correct it.")  # fmt: skip
        if row["asset_id"] is not None and row["asset_id"] not in assets:
            said("services", row["row"], "asset_id", "unknown-subject", row["asset_id"],
                 "there is no such asset here", "Where the service is counts as not known. Correct the asset.")  # fmt: skip
            frame.at[i, "asset_id"] = None
        elif row["asset_id"] is None and row["part_of"] is None:
            said("services", row["row"], "asset_id", "service-in-no-asset", "",
                 "nothing says which asset the service is in", "Kept; its moves and its space cannot be worked out. Give the asset.")  # fmt: skip
        if row["part_of"] is not None and row["part_of"] not in known:
            said("services", row["row"], "part_of", "unknown-service", row["part_of"],
                 "there is no such service here", "Taken as a service of its own. Correct the service.")  # fmt: skip
            frame.at[i, "part_of"] = None
        for name in ("fte", "peak_desks"):
            if row[name] is None and row["part_of"] is None and row["fixed"] is not True:
                said(
                    "services",
                    row["row"],
                    name,
                    "not-known",
                    "",
                    f"{name} is not given",
                    "Counts as not known, never as none.",
                )
    frame = _without_circles(frame, said)
    place = {row["service_id"]: row["asset_id"] for row in records(frame)}
    whole = dict(zip(frame["service_id"], frame["part_of"], strict=True))
    for i, service in zip(frame.index, frame["service_id"], strict=True):
        above = service
        while frame.at[i, "asset_id"] is None and whole[above] is not None:
            above = whole[above]
            frame.at[i, "asset_id"] = place[above]  # a part is where the whole is, unless it says otherwise
    _check_sums(frame, said)
    return frame


def _without_circles(frame: pd.DataFrame, said: _Said) -> pd.DataFrame:
    """The services without links that make one a part of itself."""
    links = frame[frame["part_of"].notna()]
    graph = nx.DiGraph(list(zip(links["service_id"], links["part_of"], strict=True)))
    circled = {service for group in nx.strongly_connected_components(graph) if len(group) > 1 for service in group}
    circled |= {service for service in graph if graph.has_edge(service, service)}
    for i, row in zip(links.index, records(links), strict=True):
        if row["service_id"] in circled:
            said("services", row["row"], "part_of", "part-of-itself", row["part_of"],
                 "going from part to whole comes back to this service", "Taken as a service of its own. Correct part_of.")  # fmt: skip
            frame.at[i, "part_of"] = None
    return frame


def _check_sums(frame: pd.DataFrame, said: _Said) -> None:
    """Tell of a whole that is smaller than its parts together."""
    parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    rows = records(frame)
    for row in rows:
        if row["part_of"] is not None:
            parts[row["part_of"]].append(row)
    for row in rows:
        for name in _ADDED_UP:
            given = [part[name] for part in parts.get(row["service_id"], ()) if part[name] is not None]
            if given and row[name] is not None and sum(given) > row[name] + 1e-9:
                said("services", row["row"], name, "parts-exceed-whole", f"{row[name]:g}",
                     f"its parts together have {sum(given):g}", "Kept as given. Correct the whole or the parts.")  # fmt: skip


def _words_of(frame: pd.DataFrame, column: str, known: tuple[str, ...], table: str, said: _Said) -> pd.DataFrame:
    """A frame whose lists hold words of a vocabulary alone; a row none of whose words is known is set aside, for none means all."""
    keep = []
    for i, row in zip(frame.index, records(frame), strict=True):
        words = tuple(word.lower() for word in row[column] if word.lower() in known)
        strange = "; ".join(word for word in row[column] if word.lower() not in known)
        keep.append(bool(words) or not strange)
        frame.at[i, column] = words
        if strange and words:
            said(table, row["row"], column, "unknown-word", strange, f"{column} is one or more of {', '.join(known)}",
                 "Left out. Correct the word.")  # fmt: skip
        elif strange:
            said.aside(table, row, column, "unknown-word", strange, f"{column} is one or more of {', '.join(known)}")
    return frame[np.array(keep, dtype=bool)].reset_index(drop=True)


def _capacity(frame: pd.DataFrame, known: set[str], said: _Said) -> pd.DataFrame:
    if frame.empty:
        return frame
    frame = _words_of(frame, "hours", HOURS, "capacity", said)
    for row in records(frame):
        if row["subject"] not in known:
            said("capacity", row["row"], "subject", "unknown-subject", row["subject"],
                 "there is no such asset or parcel here", "Row kept; it reaches no host. Correct the subject.")  # fmt: skip
        if row["available"] is not None and row["after_works"] is not None and row["after_works"] < row["available"]:
            said("capacity", row["row"], "after_works", "less-after-works", f"{row['after_works']:g}",
                 f"less room after works than now ({row['available']:g})",
                 "Kept as given. after_works holds all that is free then, with what is free now.")  # fmt: skip
    return _merged(frame, said)


def _merged(frame: pd.DataFrame, said: _Said) -> pd.DataFrame:
    """One row for what is said of one host, kind of room and time: figures that are known stand, the smallest where they differ."""
    out: list[dict[str, Any]] = []
    for (subject, space, _), group in frame.groupby(["subject", "space", "hours"], sort=True):
        rows = records(group)
        merged = dict(rows[0])
        for name in ("available", "after_works", "works_gbp"):
            given = sorted({row[name] for row in rows if row[name] is not None})
            merged[name] = given[-1 if name == "works_gbp" else 0] if given else None
            if len(given) > 1:
                said("capacity", "; ".join(str(row["row"]) for row in rows), name, "capacity-said-twice",
                     "; ".join(f"{number:g}" for number in given), f"rows give {subject} different {space} room at the same hours",
                     f"The {'dearest' if name == 'works_gbp' else 'smallest'} is used. Keep one.")  # fmt: skip
        for name in ("capacity_id", "source"):
            merged[name] = "; ".join(dict.fromkeys(row[name] for row in rows if row[name])) or None
        for name in ("surveyed", "as_of"):
            merged[name] = max((row[name] for row in rows if row[name] is not None), default=None)
        merged["illustrative"] = any(row["illustrative"] is True for row in rows)
        out.append(merged)
    return pd.DataFrame(out, columns=list(frame.columns), dtype=object)


def _affinities(frame: pd.DataFrame, services: pd.DataFrame, said: _Said) -> pd.DataFrame:
    if frame.empty:
        return frame
    keep = []
    functions = sorted(set(services["function"]))
    for row in records(frame):
        good = row["strength"] in {1, 2, 3}
        keep.append(good)
        if not good:
            said.aside("affinities", row, "strength", "out-of-range", f"{row['strength']:g}", "strength is 1, 2 or 3")
        for name in ("function_a", "function_b"):
            near = (
                None
                if row[name] in functions
                else process.extractOne(row[name], functions, scorer=fuzz.ratio, score_cutoff=85)
            )
            if near is not None:
                said("affinities", row["row"], name, "no-such-function", row[name],
                     f"no service here has this function; did you mean {near[0]}?", "Row kept as it stands. Correct the function.")  # fmt: skip
    return frame[np.array(keep, dtype=bool)].reset_index(drop=True)


def _demand(frame: pd.DataFrame, said: _Said) -> gpd.GeoDataFrame:
    if frame.empty:
        return gpd.GeoDataFrame(
            frame, geometry=gpd.GeoSeries([], index=frame.index, crs=BRITISH_GRID), crs=BRITISH_GRID
        )
    east, north = (np.array(frame[name], dtype=float) for name in ("easting", "northing"))
    degrees = (np.abs(east) <= 180) & (np.abs(north) <= 90)
    swapped = degrees & (east > 45) & (np.abs(north) < 12)
    east[swapped], north[swapped] = north[swapped], east[swapped]
    if degrees.any():
        east[degrees], north[degrees] = to_grid(east[degrees], north[degrees])
        said("demand", "", "easting", "degrees", str(int(degrees.sum())), "places are given in degrees",
             "Taken as longitude and latitude (WGS84) and turned into the National Grid.")  # fmt: skip
    dry = on_land(east, north)
    for row, fine in zip(records(frame), dry, strict=True):
        if not fine:
            said("demand", row["row"], "easting", "in-the-sea", f"{row['easting']:g}, {row['northing']:g}",
                 f"{row['name']} would lie in the sea or outside Great Britain",
                 "Its people count; its travel is not known. Correct it.")  # fmt: skip
        if row["population"] is None:
            said("demand", row["row"], "population", "not-known", "", f"nothing says how many people live in {row['name']}",
                 "Travel times are worked out; people-minutes leave it out and say so.")  # fmt: skip
        for name in _GROUPS:
            if row["population"] is not None and (row[name] or 0) > row["population"]:
                said("demand", row["row"], name, "more-than-all", f"{row[name]:g}",
                     f"more than the {row['population']:g} people who live there", "Counts as not known. Correct it.")  # fmt: skip
        if row["imd_decile"] is not None and row["imd_decile"] not in set(range(1, 11)):
            said("demand", row["row"], "imd_decile", "out-of-range", f"{row['imd_decile']:g}",
                 "a decile is a whole number from 1 to 10", "Counts as not known. Correct it.")  # fmt: skip
    people = np.array(frame["population"], dtype=float)
    for name in _GROUPS:
        frame[name] = [None if known and group is not None and group > all_ else group for group, all_, known in
                       zip(frame[name], people, ~np.isnan(people), strict=True)]  # fmt: skip
    frame["imd_decile"] = [decile if decile in set(range(1, 11)) else None for decile in frame["imd_decile"]]
    points = gpd.GeoSeries(gpd.points_from_xy(east, north), index=frame.index, crs=BRITISH_GRID)
    placed = points.where(pd.Series(dry, index=frame.index), None)
    return gpd.GeoDataFrame(frame.assign(easting=east, northing=north), geometry=placed, crs=BRITISH_GRID)


def _crews(frame: pd.DataFrame, services: set[str], demand: set[str], said: _Said) -> pd.DataFrame:
    if frame.empty:
        return frame
    frame = _words_of(frame, "times", CREW_HOURS, "crews", said)
    for i, row in zip(frame.index, records(frame), strict=True):
        if row["service_id"] is not None and row["service_id"] not in services:
            said("crews", row["row"], "service_id", "unknown-service", row["service_id"],
                 "there is no such service here", "The crew has no station unless its place is given.")  # fmt: skip
            frame.at[i, "service_id"] = None
        elif row["service_id"] is None and (row["easting"] is None or row["northing"] is None):
            said("crews", row["row"], "easting", "crew-without-place", row["station"],
                 "neither a service nor a place says where the crew starts from",
                 "Its response is not known, so that of others may be overtaken. Give one.")  # fmt: skip
        if row["needed"] is not None and not row["needed"] >= 1:
            said("crews", row["row"], "needed", "out-of-range", f"{row['needed']:g}", "an engine needs one or more people",
                 "Counts as not known. Correct it.")  # fmt: skip
        strange = [said_of for said_of in row["turn_in"] if turn_in_of(said_of)[0] not in demand]
        if strange:
            said("crews", row["row"], "turn_in", "unknown-place", "; ".join(strange),
                 "there is no such demand point here", "Left out of the turn-in. Write it as place:people.")  # fmt: skip
            frame.at[i, "turn_in"] = tuple(said_of for said_of in row["turn_in"] if said_of not in strange)
        if row["kind"] == "on call" and not frame.at[i, "turn_in"] and row["turn_in_min"] is None:
            said("crews", row["row"], "turn_in", "turn-in-not-known", "",
                 "nothing says from about where an on-call crew comes in",
                 "Its response is not known. Name demand points, or give turn_in_min.")  # fmt: skip
    return frame


def _standards(frame: pd.DataFrame, organisations: set[str], said: _Said) -> None:
    for row in records(frame):
        if row["organisation"] is not None and row["organisation"] not in organisations:
            said("standards", row["row"], "organisation", "unknown-organisation", row["organisation"],
                 "there is no such organisation here", "Row kept under that name.")  # fmt: skip
        if row["value"] is not None and not row["value"] > 0:
            said("standards", row["row"], "value", "out-of-range", f"{row['value']:g}",
                 "a standard is a number above 0", "Not used. Correct it.")  # fmt: skip


def _terms(frame: pd.DataFrame, said: _Said) -> None:
    """Tell of terms whose dates cannot all be right."""
    for row in records(frame):
        for early, late, what in (
            ("start", "expiry", "the term would end before it starts"),
            ("start", "break_date", "the break lies before the start of the term"),
            ("break_date", "expiry", "the break lies after the end of the term"),
        ):
            if row[early] is not None and row[late] is not None and row[early] > row[late]:
                said("interests", row["row"], late, "dates-disagree", f"{row[early]} and {row[late]}", what,
                     "Used as stated, with a word. Correct one of the dates.")  # fmt: skip
        start, end = row["start"], row["break_date"] or row["expiry"]
        if row["notice_months"] is None or start is None or end is None or end < start:
            continue
        if row["notice_months"] > (end - start).days / _DAYS_A_MONTH:
            said("interests", row["row"], "notice_months", "notice-longer-than-term", f"{row['notice_months']:g}",
                 f"notice would have to be served before the start on {start}", "Used as stated. Correct the notice or the dates.")  # fmt: skip


def _areas(frame: pd.DataFrame, known: set[str], said: _Said) -> None:
    for row in records(frame):
        strange = [member for member in row["members"] if member not in known]
        if strange:
            said("areas", row["row"], "members", "unknown-subject", "; ".join(strange),
                 "there is no such asset, parcel or demand point here", "Left out of the area.")  # fmt: skip
        if row["shape"] is None and not row["members"]:
            said("areas", row["row"], "members", "area-of-nothing", row["name"],
                 "the area has neither a shape nor members", "Kept; nothing is in it.")  # fmt: skip


def _plans(frame: pd.DataFrame, known: set[str], organisations: set[str], said: _Said) -> pd.DataFrame:
    for i, row in zip(frame.index, records(frame), strict=True):
        if row["organisation"] not in organisations:
            said("plans", row["row"], "organisation", "unknown-organisation", row["organisation"],
                 "there is no such organisation here", "Row kept under that name. Declare it in estate.toml or correct it.")  # fmt: skip
        strange = [subject for subject in row["subjects"] if subject not in known]
        if strange:
            said("plans", row["row"], "subjects", "unknown-subject", "; ".join(strange),
                 "there is no such asset, parcel or area here", "Left out of what the row is about. Correct the subject.")  # fmt: skip
            frame.at[i, "subjects"] = tuple(subject for subject in row["subjects"] if subject in known)
        if row["from_year"] is not None and row["to_year"] is not None and row["from_year"] > row["to_year"]:
            said("plans", row["row"], "to_year", "dates-disagree", f"{row['from_year']} and {row['to_year']}",
                 "it would end before it starts", "Neither year is used. Correct one of them.")  # fmt: skip
            frame.at[i, "from_year"] = frame.at[i, "to_year"] = None
        given = [row[name] for name in ("low_gbp", "amount_gbp", "high_gbp") if row[name] is not None]
        if given != sorted(given):
            said("plans", row["row"], "amount_gbp", "out-of-order", "; ".join(f"{number:g}" for number in given),
                 "low, amount and high are wanted in that order", "None of them is used. Correct them.")  # fmt: skip
            for name in ("low_gbp", "amount_gbp", "high_gbp"):
                frame.at[i, name] = None
        elif not given and row["kind"] == "funding":
            said("plans", row["row"], "amount_gbp", "not-known", "", "nothing says how much money there is",
                 "Counts as not known, never as none.")  # fmt: skip
    return frame


def turn_in_of(said: str) -> tuple[str, int]:
    """A demand point, and how many on-call people live about there.

    Examples
    --------
    >>> turn_in_of("norton-east:4"), turn_in_of("old-malton")
    (('norton-east', 4), ('old-malton', 1))
    """
    place, _, people = said.rpartition(":")
    return (place.strip(), int(people)) if place and people.strip().isdecimal() else (said, 1)

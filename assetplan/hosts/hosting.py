"""Which assets and parcels of an estate could take services in, and why the others are left out.

A host is public estate, or whatever else a row of capacity.csv states room for. Premises that are private, sold, locked, or lived or taught
in are never hosts, whatever room is stated; what has no building is one only where room is stated.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from assetplan.estate import sites as sites_of
from assetplan.holding import is_estate
from assetplan.land import not_built_on
from assetplan.schema import FIELDS
from assetplan.sensitive import sensitive_type
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.estate import Estate

    Record = dict[str, Any]

LEFT_OUT_COLUMNS = ("host", "why")
_SCHOOLS = re.compile(r"\b(schools?|academ(?:y|ies)|sixth[ -]form|pupil referral)\b", re.IGNORECASE)
_CARE = re.compile(
    r"\b(care homes?|nursing homes?|residential (?:care )?homes?|children'?s homes?|extra[ -]care|hostels?|refuges?|hospices?)\b",
    re.IGNORECASE,
)
_HOMES = re.compile(
    r"\b(houses|dwellings?|flats?|bungalows?|cottages?|sheltered housing|council housing|housing stock|police houses?|staff housing|"
    r"caretaker'?s house|maisonettes?)\b",
    re.IGNORECASE,
)
_NO_BUILDING = re.compile(
    r"\b(car parks?|lorry parks?|coach parks?|park (?:and|&) ride|toilets?|conv\w+ences?|land|verges?|garages?|play ?grounds?|play areas?|"
    r"bus shelters?|subways?|footpaths?|bridges?|ponds?|lay-?bys?|aerials?|masts?|"
    r"roads?|streets?|street furniture|farmland|farms?|smallholdings?|regalia|art|artworks?|statues?|memorials?|monuments?)\b",
    re.IGNORECASE,
)
# What is a building all the same, though it serves a park, homes or a car park.
_BUILDING = re.compile(
    r"\b(buildings?|centres?|clinics?|depots?|halls?|hospitals?|hubs?|librar(?:y|ies)|offices?|pavilions?|stations?|stores?|workshops?)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"(school|academy|church|chapel|cemetery|playing fields?|care home|car park|toilets)$", re.IGNORECASE
)


@dataclass(frozen=True, eq=False)
class Hosts:
    """The hosts of an estate in order of their identifiers, and what is left out.

    Attributes
    ----------
    ids, kinds
        Identifier of each, and whether it is an asset or a parcel.
    rows
        What the assets table says of each asset, an empty dictionary for a parcel; with ``name``, ``organisation`` (blank where no body
        of the estate holds it), ``ownership``, ``site`` and ``constraints`` (those that name or reach its site) for either.
    place
        Easting and northing in metres (EPSG:27700), NaN where nothing says where it is.
    stated
        Whether a row of capacity.csv speaks of it.
    at
        By identifier, its position among `ids`.
    on_site
        By site, the services known to be there.
    left_out
        What is no host, with the reason.
    """

    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[Record, ...]
    place: NDArray[np.float64]
    stated: NDArray[np.bool_]
    at: Mapping[str, int]
    on_site: Mapping[str, tuple[Record, ...]]
    left_out: pd.DataFrame

    @property
    def unbuilt(self) -> NDArray[np.bool_]:
        """Which are land on which nothing stands."""
        return np.array(
            [kind == "parcel" and not row["built"] for kind, row in zip(self.kinds, self.rows, strict=True)], dtype=bool
        )

    def column(self, name: str) -> list[Any]:
        """What the rows say under one name."""
        return [row.get(name) for row in self.rows]


def hosts_of(estate: Estate) -> Hosts:
    """The hosts of an estate, for any reader.

    Examples
    --------
    >>> import assetplan as ap
    >>> hosts = hosts_of(ap.read_estate("data/malton").for_audience("public"))
    >>> "rdc:A0007" in hosts.at, "nycc:NY/0412" in hosts.at, "nhs:B82025" in hosts.at
    (True, False, False)
    """
    sites = sites_of(estate)
    site_rows = {str(site): row for site, row in zip(sites.index, records(sites.drop(columns="geometry")), strict=True)}
    on = {str(item): site for site, row in site_rows.items() for item in (*row["assets"], *row["parcels"])}
    stated = {str(subject) for subject in estate.capacity["subject"]}
    on_site: dict[str, list[Record]] = defaultdict(list)
    in_asset: dict[str, set[str]] = defaultdict(set)
    for service in records(estate.services):
        if service["asset_id"] is not None:
            asset = str(service["asset_id"])
            in_asset[asset].add(str(service["function"]))
            on_site[on.get(asset, f"asset {asset}")].append(service)
    open_land = {
        str(row["constraint_id"])
        for row in records(estate.constraints.drop(columns="geometry"))
        if row["designation"] == "open space" and row["state"] == "yes"
    }
    found: list[tuple[str, str, Record, tuple[float, float]]] = []
    left_out: list[tuple[str, str]] = []
    assets = estate.assets
    points = shapely.point_on_surface(assets.geometry.to_numpy())
    for asset, row, point in zip(map(str, assets.index), records(assets.drop(columns="geometry")), points, strict=True):
        site = site_rows.get(on.get(asset, ""), {})
        why = _why_not(row, site, in_asset[asset], open_land)
        if not why and asset not in stated:
            why = _no_building(row, in_asset[asset])
        if why:
            more = "; capacity.csv states room for it, which is not used" if asset in stated else ""
            left_out.append((asset, why + more))
            continue
        here = {
            **row,
            "site": on.get(asset, f"asset {asset}"),
            "constraints": tuple(site.get("constraints", ())),
            "holder_status": row["holder_status"] or site.get("holder_status"),
        }
        found.append((asset, "asset", here, _spot(point, site)))
    said: dict[str, Record] = defaultdict(dict)
    for fact in records(estate.facts):
        if fact["in_force"] and not FIELDS[fact["field"]].many:
            said[str(fact["subject"])][fact["field"]] = fact["typed"]
    for parcel, row, shape in zip(
        map(str, estate.land.index), records(estate.land.drop(columns="geometry")), estate.land.geometry, strict=True
    ):
        if parcel not in stated:
            continue
        site = site_rows.get(on.get(parcel, ""), {})
        if site and not site["developable"]:
            left_out.append(
                (parcel, "locked: nothing is to be built there; capacity.csv states room for it, which is not used")
            )
            continue
        owner = site.get("organisation")
        here = {
            **said[parcel],
            "name": site.get("name") or row["name"],
            "organisation": owner if owner in estate.organisations else "",
            "ownership": site.get("ownership") or "unknown",
            "holder_status": site.get("holder_status"),
            "site": on.get(parcel, f"parcel {parcel}"),
            "constraints": tuple(site.get("constraints", ())),
            "illustrative": row["illustrative"],
            "built": bool(site.get("assets")),
        }
        found.append((parcel, "parcel", here, _spot(shapely.point_on_surface(shape), site)))
    found.sort(key=lambda host: host[0])
    ids = tuple(host[0] for host in found)
    return Hosts(
        ids,
        tuple(host[1] for host in found),
        tuple(host[2] for host in found),
        np.array([host[3] for host in found], dtype=float).reshape(-1, 2),
        np.array([host in stated for host in ids], dtype=bool),
        {host: i for i, host in enumerate(ids)},
        {site: tuple(services) for site, services in on_site.items()},
        pd.DataFrame(sorted(left_out), columns=list(LEFT_OUT_COLUMNS), dtype=object),
    )


def _spot(point: Any, site: Mapping[str, Any]) -> tuple[float, float]:
    if point is not None and not point.is_empty:
        return float(point.x), float(point.y)
    east, north = site.get("easting"), site.get("northing")
    return (float("nan"),) * 2 if east is None or north is None else (float(east), float(north))


def _said_of(row: Mapping[str, Any], functions: set[str]) -> Sequence[str]:
    """What tells the kind of a place: its use, else the functions in it, else how its name ends."""
    if row["use"]:
        return (str(row["use"]),)
    if functions:
        return sorted(functions)
    name = str(row["name"] or "").strip()
    return (name,) if _ENDS.search(name) else ()


def _why_not(row: Mapping[str, Any], site: Mapping[str, Any], functions: set[str], open_land: set[str]) -> str:
    if not is_estate(row["kind"], row["ownership"], row["operator"]):
        return "not public estate: " + (
            "private premises" if row["ownership"] == "private" else "no source says a public body holds it"
        )
    if row["status"] == "disposed":
        return "disposed of"
    said = _said_of(row, functions)
    if any(sensitive_type(text) for text in (*said, str(row["name"] or ""))):
        return "a place of a sensitive kind"
    if site and not site["developable"]:
        return "locked: nothing is to be changed there"
    if any(_SCHOOLS.search(text) for text in said):
        return "a school"
    if any(_CARE.search(text) for text in said):
        return "people live there in care"
    if any(_HOMES.search(text) and not _BUILDING.search(text) for text in said):
        return "homes"
    if any(not_built_on(text) and not _BUILDING.search(text) for text in said):
        return "open space, a place of worship or a burial ground"
    if open_land & set(site.get("constraints", ())):
        return "open space"
    return ""


def _no_building(row: Mapping[str, Any], functions: set[str]) -> str:
    """Why an asset for which no room is stated has no building to be in; of several uses one may be a building."""
    said = _said_of(row, functions)
    none = bool(said) and all(_NO_BUILDING.search(text) and not _BUILDING.search(text) for text in said)
    return "no building for a service, and no room is stated" if none else ""

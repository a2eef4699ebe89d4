"""What scenarios of one estate have in common, worked out once: its places and who holds them, its services, what binds its land."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.estate import sites as sites_of
from assetplan.hosts.clauses import clause_criteria
from assetplan.hosts.hosting import hosts_of
from assetplan.hosts.premises import premises_criteria
from assetplan.hosts.rooms import room_criteria
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.estate import Estate
    from assetplan.hosts.hosting import Hosts
    from assetplan.hosts.verdicts import Criterion

    Record = Mapping[str, Any]


class Ground:
    """An estate as scenarios ask about it.

    Attributes
    ----------
    estate
        The estate, for any reader.
    services, interests, plans
        Their rows by identifier.
    home
        By service, the asset it is in today; blank where nothing says.
    parts
        By service, the parts of it that this reader knows.
    at_home
        By asset, the services that are in it today.
    sites, site_of, on_site
        The rows of the sites; by asset or parcel its site; by site its assets and its parcels.
    held
        Assets and parcels that a body of the estate is known to hold today.
    names
        What may be named, by kind, in the words of a message.
    """

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.services: dict[str, Record] = {str(row["service_id"]): row for row in records(estate.services)}
        self.interests: dict[str, Record] = {
            str(row["interest_id"]): row for row in records(estate.interests) if row["interest_id"]
        }
        self.plans: dict[str, Record] = {str(row["plan_id"]): row for row in records(estate.plans)}
        self.home = {key: str(row["asset_id"] or "") for key, row in self.services.items()}
        self.at_home: dict[str, list[str]] = defaultdict(list)
        self.parts: dict[str, list[str]] = defaultdict(list)
        for key, row in self.services.items():
            self.at_home[self.home[key]].append(key)
            if row["part_of"]:
                self.parts[str(row["part_of"])].append(key)
        frame = sites_of(estate)
        self.sites: dict[str, Record] = dict(
            zip(map(str, frame.index), records(frame.drop(columns="geometry")), strict=True)
        )
        self.site_of: dict[str, str] = {}
        self.on_site: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self.held: set[str] = set()
        for site, row in self.sites.items():
            places = tuple(map(str, (*row["assets"], *row["parcels"])))
            self.on_site[site] = row["assets"], row["parcels"]
            self.site_of |= dict.fromkeys(places, site)
            if row["organisation"] in estate.organisations and row["ownership"] != "private":
                self.held |= set(places)
        self.names: dict[str, frozenset[str]] = {
            "asset or parcel": frozenset((*map(str, estate.assets.index), *map(str, estate.land.index))),
            "service": frozenset(self.services),
            "constraint": frozenset(map(str, estate.constraints["constraint_id"])),
            "interest": frozenset(self.interests),
            "organisation": frozenset(estate.organisations),
            "plan": frozenset(self.plans),
        }
        self._clauses: dict[frozenset[str], list[Criterion]] = {}

    @cached_property
    def hosts(self) -> Hosts:
        """Which assets and parcels take services in, and why the others do not."""
        return hosts_of(self.estate)

    @cached_property
    def why_no_host(self) -> dict[str, str]:
        """By asset or parcel, why it is no host."""
        return dict(zip(self.hosts.left_out["host"], self.hosts.left_out["why"], strict=True))

    @cached_property
    def _common(self) -> list[Criterion]:
        unbuilt = np.flatnonzero(self.hosts.unbuilt).tolist()
        rooms = room_criteria(self.estate.capacity, self.hosts.at, unbuilt)
        return [*rooms, *premises_criteria(self.estate, self.hosts)]

    @cached_property
    def bound(self) -> dict[str, list[Record]]:
        """The constraints of each asset and parcel, by its site, that are not known to be none."""
        rows: dict[str, Record] = {
            str(row["constraint_id"]): row for row in records(self.estate.constraints.drop(columns="geometry"))
        }
        out: dict[str, list[Record]] = {}
        for site, row in self.sites.items():
            here = [rows[key] for key in row["constraints"] if rows[key]["state"] != "no"]
            out |= dict.fromkeys(map(str, (*self.on_site[site][0], *self.on_site[site][1])), here)
        return out

    @cached_property
    def tenure(self) -> dict[str, str]:
        """The tenure of each asset, as its register has it."""
        assets = self.estate.assets
        return {str(asset): str(tenure or "") for asset, tenure in zip(assets.index, assets["tenure"], strict=True)}

    def judged(self, service: str, host: str, released: frozenset[str] = frozenset()) -> list[tuple[Criterion, int]]:
        """Every criterion with its number for one service and host, as if some constraints were gone."""
        if released not in self._clauses:
            rows = self.estate.constraints
            without = rows.assign(state=rows["state"].where(~rows["constraint_id"].isin(released), "no"))
            self._clauses[released] = clause_criteria(replace(self.estate, constraints=without), self.hosts)
        at = np.array([self.hosts.at[host]], dtype=np.intp)
        row = self.services[service]
        return [(judge, int(judge.codes(row, at)[0])) for judge in (*self._common, *self._clauses[released])]

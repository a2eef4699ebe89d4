"""The cells of an estate and the fields of a scenario as inputs of an appraisal, each with the row that states it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from assetplan.figures.inputs import Input
from assetplan.hubs.colocation import place_names
from assetplan.scenarios.values import Range
from assetplan.services import AREAS_M2
from assetplan.tables import records
from assetplan.wording import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.scenarios.actions import Action
    from assetplan.scenarios.ground import Ground
    from assetplan.scenarios.scenario import Scenario

_HELD_FOR_RENT = {"lease", "long lease", "sublease", "licence", "tenancy at will", "MOTO"}


class Stated:
    """What an estate and a scenario state, as inputs; None where they state nothing.

    Parameters
    ----------
    ground
        The estate, for any reader.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        estate = ground.estate
        self.assets: dict[str, Mapping[str, Any]] = dict(
            zip(map(str, estate.assets.index), records(estate.assets.drop(columns="geometry")), strict=True)
        )
        self._registers = {row["path"]: row for row in records(estate.registers)}
        self._facts: dict[tuple[str, str], Mapping[str, Any]] = {
            (str(row["subject"]), str(row["field"])): row
            for row in records(estate.facts)
            if row["subject_kind"] == "asset" and row["in_force"] is True
        }
        self._names = place_names(estate)
        self._made: dict[tuple[str, str, str], Input | None] = {}
        self._of_asset: dict[str, list[Mapping[str, Any]]] = {}
        for row in ground.interests.values():
            self._of_asset.setdefault(str(row["subject"]), []).append(row)

    def name(self, place: str) -> str:
        """An asset or parcel by its name; its identifier where it has none."""
        return self._names.get(place, place)

    def holder(self, place: str) -> str:
        """The body whose an asset is, or the owner of a parcel's site; blank where that is nobody of the estate."""
        row = self.assets.get(place) or self.ground.sites.get(self.ground.site_of.get(place, ""))
        holder = str(row["organisation"]) if row else ""
        return holder if holder in self.ground.estate.organisations else ""

    def of_asset(self, asset: str, column: str, name: str, unit: str) -> Input | None:
        """A number that a register or a fact gives of an asset."""
        if (asset, column, name) not in self._made:
            self._made[asset, column, name] = self._of_asset_row(asset, column, name, unit)
        return self._made[asset, column, name]

    def _of_asset_row(self, asset: str, column: str, name: str, unit: str) -> Input | None:
        row = self.assets.get(asset)
        value = None if row is None else row[column]
        if row is None or value is None or math.isnan(value):
            return None
        fact = self._facts.get((asset, column))
        register = self._registers.get(row["register"], {})
        if fact is not None:
            where, source, illustrative = f"facts.csv, {fact['fact_id']}", source_of(fact), fact["illustrative"] is True
        else:
            where = f"{row['register']}, row {row['row']:g}"
            source = str(register.get("source") or "the register itself")
            illustrative = row["illustrative"] is True or register.get("illustrative") is True
        number = float(value)
        return Input(
            f"asset/{asset}/{column}", f"{name} of {self.name(asset)}", Range(number, number, number), unit, source=source, where=where,
            illustrative=illustrative,
        )  # fmt: skip

    def rents(self, asset: str) -> list[tuple[Mapping[str, Any], Input]]:
        """The leases and licences on which its own body holds an asset for a rent, each with it."""
        holder = self.holder(asset)
        out = []
        for row in self._of_asset.get(asset, ()):
            rent = row["rent_gbp_pa"]
            if row["interest"] in _HELD_FOR_RENT and row["holder"] == holder and rent is not None and rent > 0:
                out.append((row, self._of_row("interest", str(row["interest_id"]), "rent_gbp_pa", row, f"rent of {row['interest_id']}", "GBP a year",
                                              "interests.csv")))  # fmt: skip
        return out

    def of_service(self, service: str, column: str, name: str, unit: str) -> Input | None:
        """A number that services.csv gives of a service; `area_m2` is the areas added up where none is given in all."""
        row = self.ground.services[service]
        value = row[column]
        if column == "area_m2" and (value is None or math.isnan(value)):
            areas = [
                row[kind]
                for kind in AREAS_M2
                if kind != "yard_m2" and row[kind] is not None and not math.isnan(row[kind])
            ]
            value = sum(areas) if areas else None
        if value is None or math.isnan(value):
            return None
        return self._of_row(
            "service", service, column, {**row, column: value}, f"{name} of {row['name']}", unit, "services.csv"
        )

    def _of_row(
        self, kind: str, key: str, column: str, row: Mapping[str, Any], name: str, unit: str, file: str
    ) -> Input:
        number = float(row[column])
        return Input(
            f"{kind}/{key}/{column}", name, Range(number, number, number), unit, source=source_of(row), where=f"{file}, {key}",
            illustrative=row["illustrative"] is True,
        )  # fmt: skip


def of_entry(kind: str, at: int, entry: Any, field: str, name: str, *, unit: str = "") -> Input | None:
    """A range that an action, a funding or a benefit of a scenario states; ``kind`` says which, ``at`` is its number."""
    value = getattr(entry, field)
    if value is None:
        return None
    bounds = value if isinstance(value, Range) else Range(float(value), float(value), float(value))
    return Input(
        f"{kind}/{at}/{field}", name, bounds, unit or entry.fields()[field].unit, source=entry.source, where=f"the scenario, {kind} {at}",
        illustrative=entry.illustrative, note=entry.note,
    )  # fmt: skip


def of_action(at: int, action: Action, field: str, name: str) -> Input | None:
    """A range that an action states."""
    return of_entry("action", at, action, field, name)


def numbered(scenario: Scenario) -> list[tuple[int, Action]]:
    """The actions of a scenario with their numbers, from 1."""
    return list(enumerate(scenario.actions, start=1))

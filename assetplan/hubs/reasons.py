"""Why now: what gives reason to leave a place, or to settle something there soon, each in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assetplan.leases import lease_events
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from assetplan.estate import Estate

EVENTS_MONTHS = 36
_POOR = {"C", "D"}
_LOOKED_AT = {"under review", "surplus", "vacant"}


class Reasons:
    """Reasons to move, of one estate: its assets that are looked at, in poor condition or hard to get into, and ends of leases."""

    def __init__(self, estate: Estate) -> None:
        assets = estate.assets
        about = records(assets[["name", "status", "condition", "access"]])
        self._assets: dict[str, dict[str, Any]] = {str(key): row for key, row in zip(assets.index, about, strict=True)}
        limited = estate.constraints[estate.constraints["kind"] == "access limit"]
        self._limits = {
            str(row["subject"]): str(row["detail"] or row["name"] or "access is limited")
            for row in records(limited.drop(columns="geometry"))
            if row["subject"] is not None and row["state"] == "yes"
        }
        self._events: dict[str, list[Mapping[str, Any]]] = {}
        if estate.as_of is not None:
            for row in records(lease_events(estate, months=EVENTS_MONTHS)):
                self._events.setdefault(str(row["subject"]), []).append(row)

    def of(self, left: Collection[str], hosts: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Kinds of reason to move, and these in sentences: of the places that services would leave, and of the terms of the hosts."""
        kinds: dict[str, list[str]] = {}
        for asset in sorted(left):
            row, name = self._assets.get(asset), self._name(asset)
            if row is None:
                continue
            if row["status"] in _LOOKED_AT:
                kinds.setdefault("status", []).append(f"{name} is {row['status']}.")
            if row["condition"] in _POOR:
                kinds.setdefault("condition", []).append(f"{name} is in condition {row['condition']}.")
            if row["access"] or asset in self._limits:
                kinds.setdefault("access", []).append(f"{name}: {row['access'] or self._limits[asset]}")
        for asset in sorted({*hosts, *left}):
            for event in self._events.get(asset, ()):
                if event["state"] == "ahead" and event["date"] is not None and event["event"] in {"break", "expiry"}:
                    said = (
                        f"{event['interest']} of {self._name(asset)}: {event['event']} on {event['date'].isoformat()}."
                    )
                    kinds.setdefault("lease event", []).append(said[:1].upper() + said[1:])
        return tuple(sorted(kinds)), tuple(said for kind in sorted(kinds) for said in kinds[kind])

    def _name(self, asset: str) -> str:
        row = self._assets.get(asset)
        return str(row["name"] or asset) if row else asset

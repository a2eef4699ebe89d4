"""What each option would do: who travels further, space and buildings given up, company kept, who is ready, why now, and how long.

Space given up is not cash: cash is counted only where a whole building closes. Backlog is avoided, not saved. What is not known stays so, as
an interval where it has ends and as nothing said where it has none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.access import access_change
from assetplan.errors import AssetplanError
from assetplan.hubs.blocking import ARGUABLE, ASKED, FORBIDDEN, NOT_KNOWN, step_months
from assetplan.hubs.instruments import LEASE, LICENCE, NONE
from assetplan.hubs.option import ACQUIRE, BUILD
from assetplan.hubs.reasons import Reasons
from assetplan.space.buildings import buildings_of
from assetplan.space.standards import as_nia, cash_if_closed, published_factors
from assetplan.tables import records
from assetplan.travelling import travel_of
from assetplan.vocabulary import SPACES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assetplan.access import AccessChange
    from assetplan.estate import Estate
    from assetplan.hubs.blocking import Obstacle
    from assetplan.hubs.company import Company
    from assetplan.hubs.generating import Places
    from assetplan.hubs.instruments import Instrument
    from assetplan.hubs.option import Option
    from assetplan.travel.times import Travel

    Ends = tuple[float, float]

NAN = float("nan")
_ALL_BUT = 0.9  # services with this share of a building's staff are taken to be all it holds, as `assetplan.space.closing` does


@dataclass(frozen=True, eq=False)
class Measured:
    """What an option would do.

    Attributes
    ----------
    people_minutes_change, trip_minutes
        People-minutes of one trip each, one way, after less before, over the functions that people come to; and minutes by which an average
        trip grows, functions weighted by their visits. NaN where not known; 0 where nobody comes to what moves.
    worst_place, worst_minutes
        The place whose trip grows most, and by how much; empty and NaN where none grows.
    changes
        The change of access by function.
    released_m2
        Space given up where services are now, as net internal area, the least and the most (NaN: not known). Not cash.
    closes
        The assets that would be empty.
    cash_gbp_pa, avoided_gbp
        Cash a year from buildings that close less what parting services costs a year, and backlog of those buildings (GBP), least and most.
    affinity
        Strengths of affinities less those of conflicts among services that come together, less what they leave behind.
    need, why_now
        How many kinds of reason there are to move, and these in sentences.
    months
        The least and the most from a decision to moving in, steps that do not wait for one another side by side: assumptions.
    notes
        What could not be worked out, in sentences, each with whether it is a figure somebody could give.
    """

    people_minutes_change: float
    trip_minutes: float
    worst_place: str
    worst_minutes: float
    changes: Mapping[str, AccessChange]
    released_m2: Ends
    closes: tuple[str, ...]
    cash_gbp_pa: Ends
    avoided_gbp: Ends
    affinity: float
    need: tuple[str, ...]
    why_now: tuple[str, ...]
    months: Ends
    notes: tuple[str, ...]


class Measures:
    """Measures options of one estate; what several options ask for is worked out once."""

    def __init__(self, estate: Estate, company: Company, places: Places, travel: Travel | None) -> None:
        self._estate, self._company, self._places, self._travel = estate, company, places, travel
        self._factors = published_factors()
        frame, _ = buildings_of(estate, self._factors, "ward", [])
        self._buildings: dict[str, dict[str, Any]] = {
            str(key): row for key, row in zip(frame.index, records(frame), strict=True)
        }
        assets = estate.assets
        about = records(assets[["name", "backlog_gbp"]])
        self._assets = {str(key): row for key, row in zip(assets.index, about, strict=True)}
        self._reasons = Reasons(estate)
        self._changes: dict[tuple[str, tuple[str, ...], str], AccessChange | str] = {}
        self._others = {
            str(subject)
            for subject, holder, interest in zip(
                estate.interests["subject"], estate.interests["holder"], estate.interests["interest"], strict=True
            )
            if interest not in {"freehold", "option"} and str(holder) != self._places.owner.get(str(subject))
        }

    def of(self, option: Option, obstacles: Sequence[Obstacle], instruments: Sequence[Instrument]) -> Measured:
        """What one option would do, given what stands in its way and what it needs."""
        notes: list[str] = []
        people, trip, place, worst, changes = self._access(option, notes)
        closes, whole = self._closing(option)
        released = self._released(option, whole, notes)
        cash = self._cash(option, closes, notes)
        avoided = self._avoided(closes, notes)
        left = {move.origin for move in option.moves if move.origin is not None}
        need, why = self._reasons.of(left, {option.host})
        return Measured(
            people, trip, place, worst, changes, released, tuple(closes), cash, avoided, self._affinity(option), need, why,
            months_of(option, obstacles, instruments), tuple(notes),
        )  # fmt: skip

    # -- access

    def _access(self, option: Option, notes: list[str]) -> tuple[float, float, str, float, dict[str, AccessChange]]:
        """People-minutes, minutes of an average trip, the place that loses most and by how much, and the changes by function."""
        visited: dict[str, list[str]] = {}
        for service in option.services:
            row = self._company.rows[service]
            if (row["visits_per_day"] or 0) > 0 or (row["visits_per_day"] is None and row["security"] == "open"):
                visited.setdefault(str(row["function"]), []).append(service)
        if not visited:
            return 0.0, 0.0, "", NAN, {}
        if self._estate.demand.empty:
            notes.append("Nothing says where people live, so who would travel further is not known.")
            return NAN, NAN, "", NAN, {}
        changes: dict[str, AccessChange] = {}
        means, visits, people = [], [], 0.0
        place, worst = "", NAN
        for function, services in sorted(visited.items()):
            change = self._change(function, tuple(services), option.host)
            if isinstance(change, str):
                notes.append(f"Who would travel further to {function} is not known: {change}")
                means.append(NAN)
                people = NAN
                continue
            changes[function] = change
            known = float(change.total["people"]) - float(change.total["people_not_known"])
            people += change.people_minutes_change
            means.append(change.people_minutes_change / known if known > 0 else NAN)
            counts = [self._company.rows[service]["visits_per_day"] for service in services]
            visits.append(NAN if None in counts else float(sum(counts)))
            loses = float(change.total["worst_change_min"])
            if not math.isnan(loses) and not loses <= worst:
                place, worst = str(change.total["worst_place"]), loses
        trip = NAN
        if len(means) == 1:
            trip = means[0]
        elif not any(math.isnan(value) for value in (*means, *visits)):
            trip = sum(m * v for m, v in zip(means, visits, strict=True)) / sum(visits)
        elif any(math.isnan(value) for value in visits):
            notes.append(
                "How many people come to each of these services is not known, so an average trip over them is not either."
            )
        return people, trip, place, worst, changes

    def _change(self, function: str, services: tuple[str, ...], host: str) -> AccessChange | str:
        key = (function, services, host)
        if key not in self._changes:
            try:
                if self._travel is None:
                    self._travel = travel_of(self._estate)
                self._changes[key] = access_change(
                    self._estate, function=function, move=dict.fromkeys(services, host), travel=self._travel
                )
            except (AssetplanError, ValueError) as error:
                self._changes[key] = str(error)
        return self._changes[key]

    # -- space and money

    def _closing(self, option: Option) -> tuple[list[str], set[str]]:
        """The buildings that would be empty; and the services of these."""
        moving = set(option.services)
        closes, whole = [], set()
        for asset in sorted({move.origin for move in option.moves if move.origin is not None}):
            inside = self._places.inside.get(asset, ())
            rows = [self._company.rows[service] for service in inside]
            if not inside or not all(self._moves(service, moving) for service in inside) or asset in self._others:
                continue
            staff = [row["fte"] for row in rows]
            fte = self._places.staff.get(asset)
            if fte is not None and None not in staff and sum(staff) < _ALL_BUT * fte:
                continue
            closes.append(asset)
            whole |= set(inside)
        return closes, whole

    def _moves(self, service: str, moving: set[str]) -> bool:
        """Whether a service moves, by itself or with the whole it is a part of."""
        here: str | None = service
        while here is not None:
            if here in moving:
                return True
            here = self._places.whole.get(here)
        return False

    def _released(self, option: Option, whole: set[str], notes: list[str]) -> Ends:
        low = high = 0.0
        closes = {self._places.at[service] for service in whole}
        for asset in sorted(str(asset) for asset in closes):
            building = self._buildings.get(asset)
            ends = (NAN, NAN) if building is None else (building["nia_low_m2"], building["nia_high_m2"])
            low, high = low + ends[0], high + ends[1]
            if math.isnan(ends[0]):
                notes.append(f"The floor area of {self._name(asset)} is not known.")
        for move in option.moves:
            if move.origin is None or move.origin in closes:
                continue
            row = self._company.rows[move.service]
            areas = [row[f"{space}_m2"] for space in SPACES if space != "yard"]
            stated = (
                row["area_m2"]
                if row["area_m2"] is not None
                else (sum(a or 0.0 for a in areas) if any(a is not None for a in areas) else None)
            )
            if stated is None:
                low, high = NAN, NAN
                notes.append(f"What space {move.name} would give up is not stated.")
                continue
            ends = as_nia(float(stated), row["area_basis"], self._factors["other_nia_per_gia"])
            low, high = low + ends[0], high + ends[1]
        return low, high

    def _cash(self, option: Option, closes: Sequence[str], notes: list[str]) -> Ends:
        low = high = 0.0
        for asset in closes:
            row = self._buildings.get(asset)
            cost = None if row is None else row["running_cost_gbp_pa"]
            if row is None or cost is None or math.isnan(cost):
                notes.append(f"What {self._name(asset)} costs to run is not known.")
                low, high = low + 0.0, NAN
                continue
            needs = [self._need(service) for service in self._places.inside[asset]]
            need = (sum(n[0] for n in needs), sum(n[1] for n in needs))
            ends = cash_if_closed(cost, need, (row["nia_low_m2"], row["nia_high_m2"]), self._factors)
            low, high = low + float(ends[0]), high + float(ends[1])
        for move in option.moves:
            if move.part_of is None or move.part_of in option.services:
                continue
            yearly = self._company.rows[move.service]["splitting_gbp_pa"]
            if yearly is None:
                notes.append(f"What it costs a year that {move.name} stands apart from the rest is not stated.")
                low = NAN
            else:
                low, high = low - yearly, high - yearly
        if option.host_kind == "parcel":
            notes.append("A new building has a running cost of its own, which is not known.")
            low = NAN
        return low, high

    def _need(self, service: str) -> Ends:
        row = self._company.rows[service]
        areas = [row[f"{space}_m2"] for space in SPACES if space != "yard"]
        if all(area is None for area in areas):
            return NAN, NAN
        return as_nia(float(sum(area or 0.0 for area in areas)), row["area_basis"], self._factors["other_nia_per_gia"])

    def _avoided(self, closes: Sequence[str], notes: list[str]) -> Ends:
        high = 0.0
        for asset in closes:
            backlog = self._assets[asset]["backlog_gbp"]
            if backlog is None or math.isnan(backlog):
                notes.append(f"The backlog of {self._name(asset)} is not known.")
                high = NAN
            else:
                high += float(backlog)
        return (0.0, high)

    # -- the rest

    def _affinity(self, option: Option) -> float:
        """Company gained less company left, each two services once."""
        company, at = self._company, self._places.at
        out = 0.0
        for i, service in enumerate(option.services):
            others = [other for other in option.services[i + 1 :] if at[other] is None or at[other] != at[service]]
            out += sum(tie.points for other in (*others, *option.residents) for tie in company.between(service, other))
            left = [
                other
                for other in self._places.inside.get(at[service] or "", ())
                if other != service
                and not self._moves(other, set(option.services))
                and not self._places.alike(service, other)
            ]
            out -= sum(tie.points for other in left for tie in company.between(service, other))
        return out

    def _name(self, asset: str) -> str:
        row = self._assets.get(asset)
        return str(row["name"] or asset) if row else asset


def months_of(option: Option, obstacles: Sequence[Obstacle], instruments: Sequence[Instrument]) -> tuple[float, float]:
    """About how many months from a decision to moving in: what must come first in turn, everything else beside it."""
    steps: set[str] = set()
    maybe: set[str] = set()
    for one in instruments:
        if one.kind != NONE:
            steps.add("contracted-out lease" if one.kind == LEASE else LICENCE)
    for obstacle in obstacles:
        if obstacle.state == FORBIDDEN:
            continue
        step = {
            "capacity": "works", "condition": "condition", "networks": "networks", "vetting": "vetting", "response": "response",
            "commitment": "commitment", "consent": "consent", "lease": "consent",
        }.get(obstacle.kind)  # fmt: skip
        if obstacle.state == ARGUABLE:
            steps.add("arguable")
        elif step is not None:
            (maybe if obstacle.state == NOT_KNOWN else steps).add(step)
    if option.host_kind == "parcel":
        steps, maybe = steps - {"works", "condition"}, maybe - {"works", "condition"}
    first = [step_months(step.action) for step in option.before if step.action in {ACQUIRE, BUILD}]
    known = [step_months(step) for step in sorted(steps)]
    open_ = [step_months(step) for step in sorted(steps | maybe)]
    low = max((low for low, _ in known), default=0.0)
    high = max((high for _, high in open_), default=0.0)
    return max(low, sum(low for low, _ in first)), max(high, sum(high for _, high in first))


def not_settled(obstacles: Sequence[Obstacle]) -> int:
    """How many things stand in the way that others have to agree to, or counsel to advise on."""
    return sum(one.state in {ARGUABLE, ASKED} for one in obstacles)

"""A small estate of two bodies on which appraisals can be worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiny import tiny_estate

import assetplan as ap

if TYPE_CHECKING:
    from pathlib import Path

SAID: dict[str, Any] = {"source": "invented"}
BASE = 2025


def small_estate(path: Path, times: int = 1) -> ap.Estate:
    """A hall, a library and a depot of a town, offices of a shire on a lease, a school with land that may be released; money in parts of a pound."""

    def service(key: str, body: str, asset: str, fte: float, area: float) -> dict[str, object]:
        return {
            "service_id": key,
            "organisation": body,
            "name": key,
            "function": key,
            "asset_id": asset,
            "fte": fte,
            "area_m2": area,
            "area_basis": "NIA",
        }

    return tiny_estate(
        path,
        [
            {"organisation": "town", "ref": "H", "x": 0, "y": 0, "use": "Offices", "tenure": "freehold", "status": "Operational", "gia_m2": 1_000,
             "fte": 50, "running_cost_gbp_pa": 100_000 * times, "backlog_gbp": 500_000 * times},
            {"organisation": "town", "ref": "L", "x": 300, "y": 0, "use": "Library", "tenure": "freehold", "status": "Operational", "gia_m2": 400,
             "fte": 4, "running_cost_gbp_pa": 40_000 * times, "backlog_gbp": 100_000 * times},
            {"organisation": "town", "ref": "D", "x": 450, "y": 0, "use": "Depot", "tenure": "freehold", "status": "Operational", "gia_m2": 200,
             "fte": 6, "running_cost_gbp_pa": 20_000 * times},
            {"organisation": "shire", "ref": "O", "x": 600, "y": 0, "use": "Offices", "tenure": "leasehold", "status": "Operational", "gia_m2": 300,
             "fte": 10, "running_cost_gbp_pa": 60_000 * times, "backlog_gbp": 30_000 * times},
            {"organisation": "shire", "ref": "S", "x": 900, "y": 0, "use": "Primary school", "tenure": "freehold", "status": "Operational"},
        ],
        toml="as_of = 2025-06-30\nprice_base = '2025/26'\n",
        services=[
            service("hq", "town", "town:H", 50, 800), service("library", "town", "town:L", 4, 200), service("depot", "town", "town:D", 6, 150),
            service("care", "shire", "shire:O", 10, 100),
        ],
        interests=[
            {"interest_id": "lease", "subject": "shire:O", "holder": "shire", "interest": "lease", "expiry": "2038-06-30", "rent_gbp_pa": 24_000 * times}
        ],
        constraints=[
            ({"constraint_id": "school", "kind": "consent", "name": "School land", "state": "yes", "subject": "shire:S", "source": "law"}, None)
        ],
    )  # fmt: skip


def closing(year: int = 2028, *, sale: int = 1, **more: Any) -> ap.Scenario:
    """The library moves into the hall, its building is sold some years later."""
    receipt = {"receipt_gbp": (150_000, 250_000, 300_000), **more}
    return ap.Scenario(
        "Library into the hall",
        [
            ap.Relocate(service="library", to="town:H", year=year, cost_gbp=(10_000, 20_000, 40_000), **SAID),
            ap.Dispose(asset="town:L", by="sale", year=year + sale, **receipt, **SAID),
        ],
    )


def hub() -> ap.Scenario:
    """The hall is refurbished, the shire's care team shares it, its lease ends, the library's building is sold: capital, receipts, charges."""
    return ap.Scenario(
        "Hub",
        [
            ap.Refurbish(asset="town:H", year=2026, months=24, area_m2=500, cost_gbp=(1_500_000, 2_000_000, 3_000_000), mitigated_percent=50, **SAID),
            ap.Share(host="town:H", services=("care",), instrument="licence", year=2028, charge_gbp_pa=(5_000, 9_000, 12_000), cost_gbp=30_000, **SAID),
            ap.Surrender(interest="lease", by="surrender", year=2028, cost_gbp=(10_000, 15_000, 30_000), **SAID),
            *closing(2028).actions,
        ],
        funding=(
            ap.Funding(kind="grant", organisation="town", year=2026, amount_gbp=50_000, pays_for="revenue", roi_required=5, roi_years=10, **SAID),
            ap.Funding(kind="grant", organisation="town", year=2026, amount_gbp=90_000, pays_for="capital", **SAID),
            ap.Funding(kind="contribution", organisation="town", from_organisation="shire", year=2027, amount_gbp=20_000, pays_for="capital",
                       instrument="capital contribution", **SAID),
        ),
        benefits=(
            ap.Benefit(name="Longer hours", organisation="public", benefit_class="public", year=2029, until=2040, amount_gbp_pa=(-1_000, 3_000, 5_000),
                       basis="hours", **SAID),
        ),
    )  # fmt: skip


def economic(result: ap.Appraisal) -> Any:
    """The lines of the economic case and of the public."""
    return result.lines[result.lines["case"] != "financial"]

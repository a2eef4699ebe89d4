"""Who is asked about what speaks against a scenario: its problems by code, and who could settle them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.hubs.blocking import finding_out

if TYPE_CHECKING:
    from assetplan.hubs.blocking import Finding

_KINDS = {
    "arguable": ("covenant", "arguable"),
    "covenant": ("covenant", "arguable"),
    "forbidden": ("covenant", "arguable"),
    "consent": ("consent", ""),
    "rests-on-release": ("consent", ""),
    "landlord": ("lease", ""),
    "leasehold": ("lease", ""),
    "no-letting": ("lease", ""),
    "date-not-known": ("lease", ""),
    "notice-not-known": ("lease", ""),
    "notice-passed": ("lease", ""),
    "title": ("title", ""),
    "not-held": ("title", ""),
    "response": ("response", ""),
    "over-capacity": ("capacity", ""),
    "works-first": ("capacity", ""),
    "not-known": ("capacity", ""),
    "to-put-right": ("networks", ""),
    "beside": ("company", ""),
    "stays": ("needs", ""),
    "in-the-way": ("needs", ""),
    "occupied": ("needs", ""),
    "homeless": ("needs", ""),
}  # fmt: skip


def asked_of(code: str) -> Finding | None:
    """Who could settle problems of a code, and about what that takes; None where it is for whoever wrote the scenario.

    Examples
    --------
    >>> asked_of("title").who
    "the holder's solicitor, from the register at HM Land Registry"
    >>> asked_of("two-destinations") is None
    True
    """
    if code not in _KINDS:
        return None
    kind, state = _KINDS[code]
    return finding_out(kind, state)


MONEY = frozenset({"lapsed", "no-money", "not-there-yet", "other-purpose", "not-secured", "overdrawn"})
"""Codes of problems that are settled with whoever gives or holds money."""

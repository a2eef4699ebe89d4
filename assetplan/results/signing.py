"""Who has to answer for a scenario's figures before anybody decides by them: an empty list, to be filled in by hand.

Nothing is signed off here, nothing is drafted as anybody's opinion, and nothing is concluded on price, powers or staff.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from assetplan.results.moved import place_name
from assetplan.scenarios.actions import Acquire, Dispose
from assetplan.text import clean, shown_name

if TYPE_CHECKING:
    from assetplan.results.result import Appraisal

NOT_SIGNED_OFF = "not signed off"
NOBODY = "nobody stated"
SIGN_OFF_COLUMNS = ("organisation", "matter", "role", "about", "state")
SALE_COLUMNS = (
    "action",
    "organisation",
    "asset",
    "name",
    "by",
    "year",
    "price_from",
    "illustrative",
    "valued_by",
    "rule",
)
MONEY, POWERS, LAND, STAFF = MATTERS = ("money", "powers", "land", "staff")
_COUNCILS = {"county", "district", "unitary"}
_FINANCE = {
    **dict.fromkeys(_COUNCILS, "section 151 officer"),
    "parish": "responsible financial officer",
    **dict.fromkeys(("police", "fire"), "chief finance officer"),
    **dict.fromkeys(("nhs", "ambulance"), "director of finance"),
}
_LAW = {**dict.fromkeys(_COUNCILS, "monitoring officer"), **dict.fromkeys(("police", "fire"), "monitoring officer")}
_RULES = {
    **dict.fromkeys(_COUNCILS, "best consideration (Local Government Act 1972, section 123), for the council to judge"),
    "parish": "best consideration (Local Government Act 1972, section 127), for the council to judge",
    "police": "rules of its own and value for money, for the body to judge",
    "fire": "rules by its kind of authority, for the body to judge",
    **dict.fromkeys(("nhs", "ambulance"), "rules of NHS estates and market value, for the body to judge"),
}  # fmt: skip
_OTHER_RULE = "whatever binds its holder, for the body to judge"


def sign_offs(result: Appraisal) -> pd.DataFrame:
    """Who has to sign what, body by body: all of it open.

    Returns
    -------
    pandas.DataFrame
        One row for each signature: ``organisation``; ``matter``: money, powers, land or staff; ``role``; ``about``, in words; ``state``, which is
        ``not signed off`` throughout, as nothing here records a signature. Money and powers are of every body whose cash a scenario changes, land of
        bodies that sell, lease, transfer or buy, staff of bodies whose services move with people in them, or whose staff is not stated.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> result = ap.appraise(estate, ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml"))
    >>> sign_offs(result)[["organisation", "role"]].values.tolist()[:2]
    [['nycc', 'section 151 officer'], ['nycc', 'monitoring officer']]
    """
    deals, staff = _deals(result), _staff(result)
    rows = []
    for body in sorted({*result.financial.bodies, *deals, *staff} & set(result.estate.organisations)):
        sector = result.estate.organisations[body].sector
        if body in result.financial.at_body:
            about = "capital, borrowing and the effect on revenue"
            rows.append((body, MONEY, _FINANCE.get(sector, "whoever answers for its finances"), about))
            rows.append(
                (body, POWERS, _LAW.get(sector, "whoever advises it on its powers"), "powers, consents and agreements")
            )
        if body in deals:
            rows.append((body, LAND, "valuer", ", ".join(dict.fromkeys(deals[body]))))
        if body in staff:
            rows.append((body, STAFF, "human resources", ", ".join(dict.fromkeys(staff[body]))))
    return pd.DataFrame([(*row, NOT_SIGNED_OFF) for row in rows], columns=list(SIGN_OFF_COLUMNS))


def sales_of(result: Appraisal) -> pd.DataFrame:
    """What goes, from where its price comes, who valued it, and by which rule its body judges the price.

    Returns
    -------
    pandas.DataFrame
        By action: its number, ``organisation``, ``asset`` and its ``name``, ``by``, ``year``; ``price_from``, the source of its price (blank: none
        is stated), and whether that is ``illustrative``; ``valued_by``, which is ``nobody stated``, as no scenario names a valuer; ``rule``, a flag
        and no conclusion.
    """
    rows = []
    for at, action in enumerate(result.scenario.actions, start=1):
        if isinstance(action, Dispose):
            body = result.groundwork.owner(action.asset)
            sector = result.estate.organisations[body].sector if body in result.estate.organisations else ""
            stated = any(value is not None for value in (action.receipt_gbp, action.rent_gbp_pa, action.value_gbp))
            source = shown_name(clean(action.source or "source not stated")) if stated else ""
            rows.append((at, body, action.asset, place_name(result, action.asset), action.by, action.year, source, action.illustrative, NOBODY,
                         _RULES.get(sector, _OTHER_RULE)))  # fmt: skip
    return pd.DataFrame(rows, columns=list(SALE_COLUMNS))


def _deals(result: Appraisal) -> dict[str, list[str]]:
    """By body the places that it disposes of or buys."""
    out: dict[str, list[str]] = {}
    for action in result.scenario.actions:
        if isinstance(action, Dispose):
            out.setdefault(result.groundwork.owner(action.asset), []).append(place_name(result, action.asset))
        elif isinstance(action, Acquire):
            out.setdefault(action.organisation, []).append(place_name(result, action.asset))
    return out


def _staff(result: Appraisal) -> dict[str, list[str]]:
    """By body its services that end up elsewhere with staff in them, or of which nobody states how many."""
    services, out = result.groundwork.ground.services, dict[str, list[str]]()
    moving = dict.fromkeys(move.service for move in result.run.course.moves)
    for service in moving:
        row = services[service]
        if str(row["part_of"] or "") in moving:
            continue  # a part goes along with its whole
        if row["fte"] is None or math.isnan(row["fte"]) or row["fte"] > 0:
            out.setdefault(str(row["organisation"]), []).append(result.groundwork.name(service))
    return out

"""Taxes on what bodies buy, build and exchange: VAT that stays with the buyer, and stamp duty land tax, as dated data.

A tax is a cost to the body that pays it and a gain to the exchequer: a transfer, in the financial case only. So are business rates: what an
occupier saves by leaving, the exchequer and the councils that keep a share do without. Nothing here is tax advice.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.errors import ScenarioError
from assetplan.figures.inputs import Input
from assetplan.scenarios.values import Range
from assetplan.text import visible

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

PURCHASES = ("works", "fees", "equipment", "services")
"""What VAT is on: building works, professional fees, equipment and ICT, services such as moving."""
_OPEN = np.inf


@cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("taxes.toml").read_text(encoding="utf-8"))


def _on(day: dt.date | None, rows: list[dict[str, Any]], what: str) -> dict[str, Any]:
    held = [row for row in rows if day is None or row["from"] <= day]
    if not held:
        raise ScenarioError(f"{what} is not known for {day}; the earliest known is of {rows[0]['from']}.")
    return max(held, key=lambda row: row["from"])


def vat_rate_percent(day: dt.date | None = None) -> float:
    """The standard rate of VAT on a day, the newest known where none is given.

    Examples
    --------
    >>> import datetime as dt
    >>> vat_rate_percent(), vat_rate_percent(dt.date(2010, 6, 24))
    (20.0, 17.5)
    """
    return float(_on(day, _document()["vat"]["rates"], "The rate of VAT")["percent"])


def _stuck(sector: str) -> Mapping[str, Any]:
    groups: Mapping[str, Mapping[str, Any]] = _document()["vat"]["stuck"]
    return next((part for part in groups.values() if sector in part["sectors"]), groups["unknown"])


def vat_stuck_percent(sector: str, what: str = "works") -> Range:
    """What of the VAT on a purchase a body of a sector cannot recover, in percent of the VAT.

    Parameters
    ----------
    sector
        One of the sectors of estate.toml; where nothing is laid down for it nothing is counted on as recovered.
    what
        ``works``, ``fees``, ``equipment`` or ``services``, for its activities that are no business.

    Raises
    ------
    ScenarioError
        Where there is no such kind of purchase.

    Examples
    --------
    >>> vat_stuck_percent("police").central, vat_stuck_percent("nhs").central, tuple(vat_stuck_percent("other"))
    (0.0, 100.0, (0.0, 100.0, 100.0))
    """
    if what not in PURCHASES:
        raise ScenarioError(f"VAT: {visible(what)!r} is none of {', '.join(PURCHASES)}.")
    return Range(*(float(end) for end in _stuck(sector)[what]))


def vat_stuck(sector: str, what: str = "works") -> Input:
    """What `vat_stuck_percent` gives, as an input with its source.

    Examples
    --------
    >>> vat_stuck("nhs", "works").key
    'tax/vat_stuck_percent/nhs/works'
    """
    part, vat = _stuck(sector), _document()["vat"]
    return Input(
        f"tax/vat_stuck_percent/{sector or 'unknown'}/{what}",
        f"share of the VAT on {what} that stays with the body",
        vat_stuck_percent(sector, what),
        "percent",
        f"{part['basis']} ({vat['source']})",
        vat["edition"],
        "assetplan's own figures",
    )


def stamp_duty_gbp(consideration_gbp: ArrayLike, day: dt.date | None = None) -> NDArray[np.float64]:
    """Stamp duty land tax on an acquisition of land that is not residential, in GBP.

    Parameters
    ----------
    consideration_gbp
        What is given for it, in GBP; any shape. VAT charged on it counts.
    day
        The day of the transaction; the newest bands known where none is given.

    Returns
    -------
    ndarray
        GBP, of the same shape; NaN where the consideration is not known.

    Raises
    ------
    ScenarioError
        Where something less than nothing is given, or no bands are known so early.

    Notes
    -----
    Finance Act 2003, section 55. No relief is taken: see `stamp_duty_relief`.

    Examples
    --------
    >>> import datetime as dt
    >>> float(stamp_duty_gbp(300_000)), float(stamp_duty_gbp(300_000, dt.date(2010, 6, 24)))
    (4500.0, 9000.0)
    """
    given = np.asarray(consideration_gbp, dtype=float)
    if np.any(given < 0):
        raise ScenarioError(f"Stamp duty: 0 pounds or more are wanted, not {float(np.nanmin(given)):,.0f}.")
    schedule = _on(day, _document()["stamp_duty"]["schedules"], "Stamp duty land tax")
    tops = np.array([float(band.get("to", _OPEN)) for band in schedule["bands"]])
    rates = np.array([float(band["percent"]) for band in schedule["bands"]]) / 100
    if schedule["slab"]:
        duty = given * rates[np.searchsorted(tops, np.nan_to_num(given), side="left")]
    else:
        floors = np.concatenate(([0.0], tops[:-1]))
        within = np.clip(given[..., None], floors, tops) - floors
        duty = within @ rates
    return np.asarray(duty, dtype=float)


def exchange_duty_gbp(
    first_gbp: ArrayLike, second_gbp: ArrayLike, day: dt.date | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Stamp duty land tax of an exchange of land: two transactions, each on the market value of what is acquired.

    Parameters
    ----------
    first_gbp, second_gbp
        Market value of what the first and the second body acquire, in GBP. Equality money does not lessen it.

    Returns
    -------
    tuple of ndarray
        What the first and what the second body pays, in GBP.

    Examples
    --------
    >>> [float(duty) for duty in exchange_duty_gbp(250_000, 1_900_000)]
    [2000.0, 84500.0]
    """
    return stamp_duty_gbp(first_gbp, day), stamp_duty_gbp(second_gbp, day)


def stamp_duty_relief(sector: str) -> str:
    """The relief that a buyer of a sector may have, in words; blank where none is known.

    Examples
    --------
    >>> stamp_duty_relief("nhs"), stamp_duty_relief("district")
    ('NHS bodies may be exempt (section 67A): to be checked', '')
    """
    return str(_document()["stamp_duty"]["reliefs"].get(sector, ""))

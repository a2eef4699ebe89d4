"""Discounting in real terms by dated schedules of falling rates: what a pound of a later year is worth in the base year."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from assetplan.declared import guessed
from assetplan.errors import ScenarioError
from assetplan.text import visible

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from numpy.typing import NDArray

DEFAULT_SCHEDULE = "green-book-2018"


@dataclass(frozen=True)
class Schedule:
    """Rates by year, of one edition.

    Attributes
    ----------
    schedule_id
        By which it is named.
    kind
        What it is for: ``standard``, ``health``.
    since
        The day from which it holds.
    bands
        Last year of each band, counted from the base year, and its rate in percent a year; None where a band has no last year.
    source, edition, checked, note
        Where it comes from, how far it was read there, and what is to be said beside it.
    """

    schedule_id: str
    kind: str
    since: dt.date
    bands: tuple[tuple[int | None, float], ...]
    source: str
    edition: str
    checked: str
    note: str

    def percent(self, year: int) -> float:
        """The rate of a year, counted from the base year.

        Raises
        ------
        ScenarioError
            Where the schedule does not reach so far.
        """
        for last, rate in self.bands:
            if last is None or year <= last:
                return rate
        last = self.bands[-1][0]
        raise ScenarioError(
            f"Schedule {self.schedule_id} ends with year {last}; year {year} cannot be discounted by it."
        )


@cache
def discount_schedules() -> Mapping[str, Schedule]:
    """The schedules that come with the package, by name, newest first.

    Examples
    --------
    >>> list(discount_schedules())[0], discount_schedules()["green-book-2018-health"].percent(31)
    ('green-book-2018', 1.29)
    """
    document = tomllib.loads(Path(__file__).with_name("discounting.toml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            key: Schedule(
                key,
                part["kind"],
                part["from"],
                tuple((band.get("last"), float(band["percent"])) for band in part["bands"]),
                part["source"],
                part["edition"],
                part["checked"],
                part["note"],
            )
            for key, part in document.items()
        }
    )


def _schedule(name: str) -> Schedule:
    known = discount_schedules()
    if name not in known:
        hint = guessed(name, known) or f" Known: {', '.join(known)}."
        raise ScenarioError(f"There is no discount schedule {visible(name)!r}.{hint}")
    return known[name]


def discount_factors(years: int, schedule: str = DEFAULT_SCHEDULE) -> NDArray[np.float64]:
    """What a pound of each year is worth in the base year.

    Parameters
    ----------
    years
        Years after the base year.
    schedule
        One of `discount_schedules`.

    Returns
    -------
    ndarray of shape (years + 1,)
        1 for the base year, and for each later year that of the year before, discounted by the rate of its own band: rates step down for
        further years only and never for nearer ones.

    Raises
    ------
    ScenarioError
        Where there is no such schedule, it does not reach so far, or the years are fewer than none.

    Notes
    -----
    The Green Book, HM Treasury, annex 6. Money in it is real, of one price year.

    Examples
    --------
    >>> discount_factors(31)[[0, 1, 30, 31]].round(4).tolist()
    [1.0, 0.9662, 0.3563, 0.3459]
    """
    if years < 0:
        raise ScenarioError(f"A number of years, 0 or more, is wanted, not {years}.")
    found = _schedule(schedule)
    rates = [found.percent(year) for year in range(1, years + 1)]
    return np.concatenate(([1.0], np.cumprod(1 / (1 + np.array(rates, dtype=float) / 100))))


def discount_factor(year: int, schedule: str = DEFAULT_SCHEDULE) -> float:
    """What a pound of one year, counted from the base year, is worth in the base year; years before it are not discounted.

    Examples
    --------
    >>> round(discount_factor(10), 4), discount_factor(-5)
    (0.7089, 1.0)
    """
    return float(discount_factors(max(year, 0), schedule)[-1])


def schedule_in_force(day: dt.date, kind: str = "standard") -> Schedule:
    """The schedule of a kind that held on a day.

    Raises
    ------
    ScenarioError
        Where none is known that early.

    Examples
    --------
    >>> import datetime as dt
    >>> schedule_in_force(dt.date(2010, 6, 24)).schedule_id
    'green-book-2003'
    """
    held = [one for one in discount_schedules().values() if one.kind == kind and one.since <= day]
    if not held:
        raise ScenarioError(f"No discount schedule of kind {visible(kind)!r} is known for {day.isoformat()}.")
    return max(held, key=lambda one: one.since)

"""Standards of space with their sources, and floor areas measured in different ways as intervals of one and the same measure.

An area stated as net internal (NIA) is exact as NIA; one stated as gross internal (GIA) becomes an interval of NIA, and the other way
round; one of which nobody says how it was measured may be either. What turns one into the other is an assumption that says so.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from assetplan.errors import EstateError
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

Basis = Literal["NIA", "GIA"]
MEASURES = ("m2 per FTE", "m2 per desk", "desks per FTE", "utilisation percent")
"""The measures that a standard of space may be of."""

_OFFICES = "offices"


@dataclass(frozen=True)
class Standard:
    """A standard, or a figure others have reached: a range of one measure, for whom, and where it comes from.

    `basis` is ``"limit"`` for what is not to be exceeded and ``"comparison"`` for what others have. `checked` says how far the figure was
    read in its source. `organisation` is empty where it is anybody's.
    """

    standard_id: str
    measure: str
    low: float
    high: float
    unit: str
    area_basis: str
    applies_to: str
    organisation: str
    basis: str
    source: str
    edition: str
    checked: str
    illustrative: bool = False


@dataclass(frozen=True)
class Factor:
    """An assumption: a range, its unit, its source and its edition."""

    name: str
    low: float
    high: float
    unit: str
    source: str
    edition: str

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 1:
            raise EstateError(
                f"{visible(self.name)}: two numbers from 0 to 1 are wanted, the smaller first, not {self.low!r} and {self.high!r}."
            )


@cache
def _document() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    return tomllib.loads(Path(__file__).with_name("standards.toml").read_text(encoding="utf-8"))


def published_standards() -> tuple[Standard, ...]:
    """The standards that come with the package, in order of measure and identifier.

    Examples
    --------
    >>> [(s.low, s.high) for s in published_standards() if s.standard_id == "ogc-ipd-2007-range"]
    [(13.3, 21.9)]
    """
    blank = {"area_basis": "", "organisation": ""}
    out = [
        Standard(standard_id=key, **{**blank, **part, "low": float(part["low"]), "high": float(part["high"])})  # type: ignore[arg-type]
        for key, part in _document()["standards"].items()
    ]
    return tuple(sorted(out, key=lambda one: (MEASURES.index(one.measure), one.standard_id)))


def published_factors() -> dict[str, Factor]:
    """The assumptions that come with the package, by name.

    Examples
    --------
    >>> factor = published_factors()["office_nia_per_gia"]
    >>> factor.low, factor.high, factor.source.split(":")[0]
    (0.7, 0.85, 'assumption, to be checked')
    """
    return {
        name: Factor(name, **part)  # type: ignore[arg-type]
        for name, part in _document()["factors"].items()
    }


def factors_with(given: Mapping[str, Factor] | None) -> dict[str, Factor]:
    """The package's assumptions with some of one's own in place.

    Raises
    ------
    EstateError
        Where there is no assumption of that name.
    """
    out = published_factors()
    for name, factor in (given or {}).items():
        if name not in out:
            raise EstateError(f"There is no factor {visible(str(name))!r}. Known: {', '.join(out)}.")
        out[name] = replace(factor, name=name)
    return out


def standards_of(table: pd.DataFrame) -> tuple[tuple[Standard, ...], tuple[tuple[str, str], ...]]:
    """An estate's own standards of space, and what was wrong with those that cannot be used.

    Parameters
    ----------
    table
        The standards of an estate. Rows of measures that are not of space (response times, say) are passed over.

    Returns
    -------
    tuple
        The standards in order of measure and identifier; and identifiers with what is wrong, in words.
    """
    out, wrong = [], []
    for row in table.to_dict("records"):
        measure = str(row["measure"]).strip()
        if measure not in MEASURES:
            continue
        value = float("nan") if row["value"] is None else float(row["value"])
        key = str(row["standard_id"])
        if not (np.isfinite(value) and value > 0):
            wrong.append((key, f"a number above 0 is wanted, not {value:g}"))
            continue
        out.append(
            Standard(
                key,
                measure,
                value,
                value,
                str(row["unit"] or ""),
                str(row["area_basis"] or ""),
                str(row["applies_to"] or _OFFICES),
                str(row["organisation"] or ""),
                str(row["basis"] or "comparison"),
                str(row["source"] or ""),
                str(row["edition"] or "no edition"),
                "the estate's own",
                row["illustrative"] is True,
            )
        )
    return tuple(sorted(out, key=lambda one: (MEASURES.index(one.measure), one.standard_id))), tuple(wrong)


def area_interval(
    nia_m2: ArrayLike, gia_m2: ArrayLike, low: ArrayLike, high: ArrayLike, wanted: Basis
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Floor areas as intervals of one measure.

    Parameters
    ----------
    nia_m2, gia_m2
        Areas as stated, in m2; NaN where not stated.
    low, high
        The least and the most NIA to each m2 GIA.
    wanted
        The measure wanted.

    Returns
    -------
    tuple of ndarray
        Lower and upper ends in m2. What is stated in the measure wanted is exact. Where both are stated and the NIA is the larger,
        which cannot be, either might be the one that is right, or be measured as the other. NaN where neither is stated.

    Examples
    --------
    >>> [float(end[0]) for end in area_interval([np.nan], [1000.0], 0.7, 0.85, "NIA")]
    [700.0, 850.0]
    """
    nia, gia, least, most = np.broadcast_arrays(
        *(np.asarray(part, dtype=float) for part in (nia_m2, gia_m2, low, high))
    )
    nia, gia = (np.where(np.isfinite(part) & (part > 0), part, np.nan) for part in (nia, gia))
    if wanted == "NIA":
        lower, upper = np.where(np.isnan(nia), gia * least, nia), np.where(np.isnan(nia), gia * most, nia)
    else:
        lower, upper = np.where(np.isnan(gia), nia / most, gia), np.where(np.isnan(gia), nia / least, gia)
    crossed = nia > gia  # False where either is not known
    a, b = unknown_basis(np.fmin(nia, gia), least, most, wanted)
    c, d = unknown_basis(np.fmax(nia, gia), least, most, wanted)
    return np.where(crossed, np.fmin(a, c), lower), np.where(crossed, np.fmax(b, d), upper)


def unknown_basis(
    area_m2: ArrayLike, low: ArrayLike, high: ArrayLike, wanted: Basis
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """An area of which nobody says how it was measured: NIA or GIA, so anything that either would make of it.

    Examples
    --------
    >>> [float(end) for end in unknown_basis(1000.0, 0.75, 0.85, "NIA")]
    [750.0, 1000.0]
    """
    area, least, _ = np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in (area_m2, low, high)))
    return (area * least, area.copy()) if wanted == "NIA" else (area.copy(), area / least)


def as_nia(area_m2: float, basis: str | None, factor: Factor) -> tuple[float, float]:
    """One area as an interval of NIA.

    Examples
    --------
    >>> factor = published_factors()["office_nia_per_gia"]
    >>> as_nia(100, "NIA", factor), as_nia(100, "GIA", factor), as_nia(100, None, factor)
    ((100.0, 100.0), (70.0, 85.0), (70.0, 100.0))
    """
    if basis == "NIA":
        return float(area_m2), float(area_m2)
    return area_m2 * factor.low, area_m2 * factor.high if basis == "GIA" else float(area_m2)


def cash_if_closed(
    cost_gbp_pa: ArrayLike,
    need_m2: tuple[ArrayLike, ArrayLike],
    nia_m2: tuple[ArrayLike, ArrayLike],
    factors: Mapping[str, Factor],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What of a building's running cost would be cash a year if it closed, less what its services then cost in the host: at least and at most.

    Parameters
    ----------
    cost_gbp_pa
        What the building costs to run, in GBP a year.
    need_m2, nia_m2
        The least and the most of what its services need and of its floor, as net internal area. Where either is not known, anything from none
        to all of the building's cost may follow the services.
    factors
        The assumptions: `closed_cash_share` and `open_host_share`.

    Examples
    --------
    >>> low, high = cash_if_closed(100_000.0, (50.0, 50.0), (100.0, 100.0), published_factors())
    >>> float(low), float(high)
    (35000.0, 65000.0)
    """
    cost = np.asarray(cost_gbp_pa, dtype=float)
    (need_low, need_high), (nia_low, nia_high) = (
        tuple(np.asarray(end, dtype=float) for end in ends) for ends in (need_m2, nia_m2)
    )
    moves_low = np.nan_to_num(np.minimum(need_low / nia_high, 1.0), nan=0.0)
    moves_high = np.nan_to_num(np.minimum(need_high / nia_low, 1.0), nan=1.0)
    closed, host = factors["closed_cash_share"], factors["open_host_share"]
    return (
        np.maximum(cost * (closed.low - host.high * moves_high), 0.0),
        np.maximum(cost * (closed.high - host.low * moves_low), 0.0),
    )

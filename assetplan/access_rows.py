"""The rows of tables on access, as text: places, groups and areas, who is far; and how minutes and people are written."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.rollups import LEAST_MIN
from assetplan.tables import records
from assetplan.text import clean, counted, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assetplan.access import AccessChange

NOT_KNOWN = "not known"


def place_heads(change: AccessChange) -> list[str]:
    """Heads of the table of places."""
    if not change.proposes:
        return ["place", "people", "nearest", "minutes"]
    return ["place", "people", "nearest before", "minutes before", "nearest after", "minutes after", "change"]


def place_rows(change: AccessChange, most: int | None = None) -> list[list[str]]:
    """Places by how far things change for them, those that lose first; as they are now the farthest first; unknown ones last."""
    names = {key: plain(name) for key, name in change.facilities["name"].items()}
    frame = change.places
    if change.proposes:
        key = frame["change_min"].abs() if most is not None else frame["change_min"]
    else:
        key = frame["before_min"]
    frame = frame.assign(_key=-key, _id=frame["demand_id"].astype(str)).sort_values(["_key", "_id"], na_position="last")
    if most is not None and change.proposes:
        frame = frame[(frame["change_min"].abs() >= LEAST_MIN) | frame["change_min"].isna()]
    frame = frame.head(most) if most is not None else frame
    if change.proposes:
        frame = frame.assign(_key=-frame["change_min"]).sort_values(["_key", "_id"], na_position="last")
    rows = []
    for row in records(frame):
        now = [names.get(row["facility_before"], NOT_KNOWN), in_minutes(row["before_min"])]
        then = [names.get(row["facility_after"], NOT_KNOWN), in_minutes(row["after_min"]), _signed(row["change_min"])]
        rows.append([plain(row["name"]), _number(row["population"]), *now, *(then if change.proposes else [])])
    return rows


def rollup_heads(change: AccessChange, first: str) -> list[str]:
    """Heads of the table of groups or areas."""
    if not change.proposes:
        return [first, "people", "not known", "mean minutes", "longest trip"]
    return [
        first,
        "people",
        "not known",
        "farther",
        "nearer",
        "mean before",
        "mean after",
        "people-minutes",
        "loses most",
        "longest after",
    ]


def rollup_rows(change: AccessChange, frame: pd.DataFrame, first: str) -> list[list[str]]:
    """Groups or areas as text, without those in which no place is."""
    rows = []
    for row in records(frame):
        if not row["places"]:
            continue
        uncounted = row["places_uncounted"] == row["places"]
        longest = _at(row["longest_place"], in_minutes(row["longest_after_min"]))
        head = [
            plain(row[first]),
            _people(row["people"], uncounted=uncounted),
            _unknown(row["people_not_known"], row["places_uncounted"]),
        ]
        if not change.proposes:
            rows.append([*head, _mean(row, "mean_before_min"), longest])
            continue
        worst = row["worst_change_min"]
        loses = _at(row["worst_place"], _signed(worst)) if not math.isnan(worst) and worst >= LEAST_MIN else "-"
        change_ = row["people_minutes_change"]
        moved = [_people(row[f"people_{what}"], uncounted=uncounted) for what in ("farther", "nearer")]
        means = [_mean(row, "mean_before_min"), _mean(row, "mean_after_min")]
        rows.append(
            [
                *head,
                *moved,
                *means,
                NOT_KNOWN if math.isnan(change_) or uncounted else f"{'+' if change_ >= 0.5 else ''}{about(change_)}",
                loses,
                longest,
            ]
        )
    return rows


def _at(place: Any, measure: str) -> str:
    return "-" if place is None or pd.isna(place) else f"{plain(place)}, {measure}"


def far_heads(change: AccessChange) -> list[str]:
    """Heads of the table of those who are far."""
    if not change.proposes:
        return ["farther than", "who", "people", "farther", "not known"]
    return ["farther than", "who", "people", "farther before", "farther after", "not known after"]


def far_rows(change: AccessChange, over_min: Sequence[float]) -> list[list[str]]:
    """Those who are far, as text."""
    places = change.places
    ruled = any(said is True or said is False for said in places["rural"])
    rows = []
    for row in records(change.isolation(over_min)):
        asked = places["no_car" if "without a car" in row["group"] else "population"]
        uncounted = bool(len(places)) and (asked.isna().all() or ("rural" in row["group"] and not ruled))
        after = [_people(row["people_after"], uncounted=uncounted)] if change.proposes else []
        rows.append(
            [
                f"{row['over_min']:g} min",
                row["group"],
                _people(row["people"], uncounted=uncounted),
                _people(row["people_before"], uncounted=uncounted),
                *after,
                _unknown(row["people_not_known_after"], row["places_uncounted"]),
            ]
        )
    return rows


# ------------------------------------------------------------------------------------------------------- figures


def minutes(value: float) -> str:
    """Minutes to the nearest half, in words.

    Examples
    --------
    >>> minutes(7.3), minutes(1.1), minutes(0.1), minutes(float("nan"))
    ('7.5 minutes', '1 minute', 'under half a minute', 'not known')
    """
    if math.isnan(value):
        return NOT_KNOWN
    half = _half(value)
    if half == 0:
        return "under half a minute"
    return f"{half:g} minute{'' if half == 1 else 's'}"


def mean(value: float) -> str:
    """A mean of minutes to a tenth, in words: over many people a tenth tells."""
    return NOT_KNOWN if math.isnan(value) else f"{value:.1f} minutes"


def about(value: float) -> str:
    """A sum of minutes to three figures.

    Examples
    --------
    >>> about(56785.0), about(-412.4)
    ('56,800', '-412')
    """
    return f"{float(f'{value:.3g}'):,.0f}"


def people(number: float) -> str:
    """A number of people, in words.

    Examples
    --------
    >>> people(1.0), people(0.0), people(18140.0)
    ('1 person', 'nobody', '18,140 people')
    """
    shown = f"{number:,.0f}"
    return "nobody" if number == 0 else f"{shown} {'person' if shown == '1' else 'people'}"


def _half(value: float) -> float:
    return math.floor(value * 2 + 0.5) / 2


def in_minutes(value: float) -> str:
    """Minutes to the nearest half, as a figure."""
    return NOT_KNOWN if math.isnan(value) else f"{_half(value):g}"


def _mean(row: Mapping[str, Any], which: str) -> str:
    """A mean to a tenth; never so that it looks longer than the longest trip, which is to the nearest half."""
    value = row[which]
    if math.isnan(value):
        return NOT_KNOWN
    tenth = round(value, 1)
    return (
        in_minutes(value)
        if row["places"] == 1 or tenth > _half(row["longest_after_min"]) >= _half(value)
        else f"{tenth:.1f}"
    )


def _people(number: float, *, uncounted: bool) -> str:
    """People of some places, where nobody has counted them in any the word for it: not known is never none."""
    return NOT_KNOWN if uncounted else f"{number:,.0f}"


def _unknown(number: float, places: int) -> str:
    """People whose trip is not known, and places whose people are not."""
    said = [f"{number:,.0f}"] if number or not places else []
    return " + ".join([*said, *([f"people of {counted(places, 'place')}"] if places else [])])


def _signed(value: float) -> str:
    if math.isnan(value):
        return NOT_KNOWN
    half = math.copysign(_half(abs(value)), value)
    return f"{half:+g}" if half else "0"


def _number(value: float) -> str:
    return NOT_KNOWN if math.isnan(value) else f"{value:,.0f}"


def people_of(row: Mapping[str, Any] | pd.Series) -> str:
    """The people of a place, in words."""
    return "people not counted" if math.isnan(row["population"]) else people(row["population"])


def plain(text: Any) -> str:
    """A name from the data, safe to show on one line."""
    return visible(clean(str(text)))

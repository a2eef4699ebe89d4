"""Access in words and tables: who goes how far for a service, who gains and who loses, what that rests on.

What is written comes from an estate already filtered for its reader. A change is a proposal: it is shown only to readers to whom options
are released, which whoever shows it sees to. No conclusion on equality is drawn: the figures are there so that a screening can begin.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.access import GAP_M, ONE_TRIP
from assetplan.assembly_words import Section, listed
from assetplan.listing import one_table
from assetplan.network_words import IN_WORDS
from assetplan.rollups import ISOLATION_MIN, LEAST_MIN
from assetplan.tables import records
from assetplan.text import clean, counted, visible
from assetplan.vocabulary import AREA_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assetplan.access import AccessChange
    from assetplan.page.view import Table

NOT_RELEASED = "What would change for people if services closed, opened or moved is not released to this reader."
SCREENING = (
    "Groups are shown so that a screening can begin; nothing here concludes one. Age, disability, cars, deprivation and rural places are "
    "here as far as the data has them; other protected characteristics are not."
)
NO_CAR = "People in homes without a car are timed by car like everyone, which is not how they travel: ask for foot or cycle as well."
BARRED = "These minutes take level crossings to be open and roads to be clear."
_NOT_KNOWN = "not known"
_SHOWN = 12


def told(change: AccessChange, *, over_min: Sequence[float] = ISOLATION_MIN) -> list[Section]:
    """What a terminal shows of access, or of a change of it.

    Parameters
    ----------
    change
        What `assetplan.access_change` gives.
    over_min
        Minutes that count as far.

    Returns
    -------
    list of Section
        What happens and what it comes to; the places that lose or gain most; groups; areas; who is far from it; what it rests on.
    """
    kind = _kind(change)
    sections = [
        Section(heading_of(change), tuple(summary_of(change))),
        Section("By place", (_places_note(change, _SHOWN),), _frame(_place_rows(change, _SHOWN), _place_heads(change))),
        Section(
            "By group",
            (SCREENING,),
            _frame(_rollup_rows(change, change.by_group(), "group"), _rollup_heads(change, "group")),
        ),
    ]
    if kind:
        rows = _rollup_rows(change, change.by_area(kind), "name")
        sections.append(Section(f"By {kind}", (), _frame(rows, _rollup_heads(change, kind))))
    sections.append(Section("Far from it", (_far_note(),), _frame(_far_rows(change, over_min), _far_heads(change))))
    sections.append(Section("What this rests on", tuple(basis_of(change))))
    return sections


def tables(change: AccessChange, *, over_min: Sequence[float] = ISOLATION_MIN) -> list[Table]:
    """The same for a page: every place, groups, areas of the kinds the estate has, who is far from it.

    Parameters
    ----------
    change, over_min
        As `told` takes them.
    """
    title = heading_of(change)
    basis = " ".join(basis_of(change))
    out = [
        _table(
            "places",
            f"{title}: every place ({len(change.places):,})",
            f"{ONE_TRIP} {basis}",
            _place_heads(change),
            _place_rows(change),
        ),
        _table(
            "groups",
            f"{title}: by group",
            SCREENING,
            _rollup_heads(change, "group"),
            _rollup_rows(change, change.by_group(), "group"),
        ),
    ]
    for kind in AREA_KINDS:
        if (change.areas["kind"] == kind).any():
            rows = _rollup_rows(change, change.by_area(kind), "name")
            note = "Each place counts in one area only, so that the people of all rows are everyone."
            out.append(_table(f"areas-{kind}", f"{title}: by {kind}", note, _rollup_heads(change, kind), rows))
    out.append(_table("far", f"{title}: far from it", _far_note(), _far_heads(change), _far_rows(change, over_min)))
    return out


# ------------------------------------------------------------------------------------------------------- sentences


def heading_of(change: AccessChange) -> str:
    """What a heading says of a change."""
    what = "Change of access" if change.proposes else "Access"
    return f"{what}: {_name(change.function)}, {IN_WORDS.get(change.mode, change.mode)}"


def summary_of(change: AccessChange) -> list[str]:
    """What happens, and what it comes to, in sentences."""
    said = [_happens(change)] if change.proposes else []
    if not len(change.places):
        return [*said, "Nothing says where people start from, so nothing can be said of their trips. Give demand.csv."]
    total = change.total
    if change.nowhere[1]:
        said.append(
            "No service of the kind would be left here." if change.proposes else "No service of the kind is known here."
        )
    said.append(_totals(change, total))
    said.append(ONE_TRIP)
    if change.proposes:
        said += [*_winners(total), *_worst(change)]
    elif "longest before" in change.worst.index:
        row = change.worst.loc["longest before"]
        said.append(f"The longest trip is from {_name(row['name'])}: {minutes(row['before_min'])}.")
    return [*said, *_unknown(change, total)]


def basis_of(change: AccessChange) -> list[str]:
    """What the times rest on, and what is not sure about them, in sentences."""
    said = [change.note]
    if change.mode == "car":
        said.append(NO_CAR)
    gaps = change.places[change.places["snap_gap_m"] > GAP_M]
    if len(gaps):
        shown = [
            f"{_name(row['name'])} ({row['snap_gap_m']:,.0f} m)" for row in records(gaps.nlargest(5, "snap_gap_m"))
        ]
        more = f" and {len(gaps) - 5:,} more" if len(gaps) > 5 else ""
        said.append(
            f"Further than {GAP_M:g} m from the nearest way, which takes no time here: {', '.join(shown)}{more}."
        )
    said += [f"{_sentence(issue.message)} {visible(issue.row)}{': ' if issue.row else ''}{issue.action}" for issue in change.issues
             if issue.code in _TOLD]  # fmt: skip
    return said


# Of the issues those that bear on the minutes themselves and are told nowhere else.
_TOLD = frozenset(
    {"service-not-placed", "service-at-postcode", "network-in-parts", "point-off-network", "point-on-island", "point-without-place",
     "point-not-in-matrix", "matrix-holes", "no-such-function"}
)  # fmt: skip


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}."


def _happens(change: AccessChange) -> str:
    frame = change.facilities
    said = []
    for what, word in (("closes", "Closes"), ("opens", "Opens"), ("moves", "Moves")):
        names = [_named(row, moves=what == "moves") for row in records(frame[frame["what"] == what])]
        if names:
            said.append(f"{word}: {listed(names)}.")
    stay = int((frame["what"] == "stays").sum())
    return f"{' '.join(said)} {_sentence(counted(stay, 'service') + ' of the kind ' + ('stays' if stay == 1 else 'stay') + ' as now')}"


def _named(row: Mapping[str, Any], *, moves: bool) -> str:
    return _name(row["name"]) + (f" to {_name(row['place_after'])}" if moves else "")


def _totals(change: AccessChange, total: Mapping[str, Any]) -> str:
    timed = total["people"] - total["people_not_known"]
    over = f"Over {timed:,.0f} of {people(total['people'])} in {counted(total['places'], 'place')}"
    if not timed:
        return f"Of none of {people(total['people'])} in {counted(total['places'], 'place')} are the times known."
    if not change.proposes:
        return f"{over} the mean trip is {mean(total['mean_before_min'])}."
    way = _way(total["people_minutes_change"], total["people_minutes_before"])
    return (
        f"{over} the mean trip is {mean(total['mean_before_min'])} before and {mean(total['mean_after_min'])} after: "
        f"{about(total['people_minutes_before'])} person-minutes before, {about(total['people_minutes_after'])} after, {way}."
    )


def _way(change: float, before: float) -> str:
    if abs(change) < 0.5:
        return "no change"
    share = f" ({abs(change) / before:.0%})" if before > 0 else ""
    return f"{'up' if change > 0 else 'down'} by {about(abs(change))}{share}"


def _winners(total: Mapping[str, Any]) -> list[str]:
    farther, nearer, same = (total[f"people_{what}"] for what in ("farther", "nearer", "same"))
    first = f"Farther by half a minute or more: {people(farther)}. Nearer: {people(nearer)}. About the same: {people(same)}."
    left = total["people_left_without"]
    return [first, *([f"Without any way to one that is known, where there was one: {people(left)}."] if left else [])]


def _worst(change: AccessChange) -> list[str]:
    worst = change.worst
    said = []
    for what, word in (("loses most", "Loses most"), ("gains most", "Gains most")):
        if what in worst.index and abs(worst.at[what, "change_min"]) >= LEAST_MIN:
            row = worst.loc[what]
            said.append(
                f"{word}: {_name(row['name'])}, from {minutes(row['before_min'])} to {minutes(row['after_min'])} ({_people_of(row)})."
            )
    if "longest after" in worst.index:
        row = worst.loc["longest after"]
        was = f" ({minutes(row['before_min'])} before)" if not math.isnan(row["before_min"]) else ""
        said.append(f"Longest trip after: from {_name(row['name'])}, {minutes(row['after_min'])}{was}.")
    return said


def _unknown(change: AccessChange, total: Mapping[str, Any]) -> list[str]:
    said = []
    places = change.places
    if total["people_not_known"]:
        open_ = places[places["before_min"].isna() | places["after_min"].isna()]
        said.append(
            f"Not known: the trip of {people(total['people_not_known'])}, in {_few(open_['name'])}. They are in no mean and no sum of minutes."
        )
    if total["places_uncounted"]:
        bare = places[places["population"].isna()]
        said.append(f"Nobody has counted the people of {_few(bare['name'])}: they are in no figure of people.")
    return said


def _few(names: Iterable[Any], most: int = 5) -> str:
    shown = [_name(name) for name in names]
    return listed(shown) if len(shown) <= most else f"{', '.join(shown[:most])} and {len(shown) - most:,} more"


# ------------------------------------------------------------------------------------------------------- rows


def _place_heads(change: AccessChange) -> list[str]:
    if not change.proposes:
        return ["place", "people", "nearest", "minutes"]
    return ["place", "people", "nearest before", "minutes before", "nearest after", "minutes after", "change"]


def _place_rows(change: AccessChange, most: int | None = None) -> list[list[str]]:
    """Places by how far things change for them, those that lose first; as they are now the farthest first; unknown ones last."""
    names = {key: _name(name) for key, name in change.facilities["name"].items()}
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
        now = [names.get(row["facility_before"], _NOT_KNOWN), _minutes(row["before_min"])]
        then = [names.get(row["facility_after"], _NOT_KNOWN), _minutes(row["after_min"]), _signed(row["change_min"])]
        rows.append([_name(row["name"]), _number(row["population"]), *now, *(then if change.proposes else [])])
    return rows


def _places_note(change: AccessChange, most: int) -> str:
    if not change.proposes:
        return (
            f"The {most} farthest of {counted(len(change.places), 'place')}."
            if len(change.places) > most
            else "Every place, the farthest first."
        )
    return (
        f"The places where it changes most, {most} at most, those that lose first; and those of which it is not known."
    )


def _rollup_heads(change: AccessChange, first: str) -> list[str]:
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
        "person-minutes",
        "loses most",
        "longest after",
    ]


def _rollup_rows(change: AccessChange, frame: pd.DataFrame, first: str) -> list[list[str]]:
    rows = []
    for row in records(frame):
        if not row["places"]:
            continue
        uncounted = f" + {counted(row['places_uncounted'], 'place')}" if row["places_uncounted"] else ""
        longest = _at(row["longest_place"], _minutes(row["longest_after_min"]))
        head = [_name(row[first]), f"{row['people']:,.0f}", f"{row['people_not_known']:,.0f}{uncounted}"]
        if not change.proposes:
            rows.append([*head, _mean(row["mean_before_min"]), longest])
            continue
        worst = row["worst_change_min"]
        loses = _at(row["worst_place"], _signed(worst)) if not math.isnan(worst) and worst >= LEAST_MIN else "-"
        change_ = row["people_minutes_change"]
        moved = [f"{row['people_farther']:,.0f}", f"{row['people_nearer']:,.0f}"]
        means = [_mean(row["mean_before_min"]), _mean(row["mean_after_min"])]
        rows.append(
            [
                *head,
                *moved,
                *means,
                _NOT_KNOWN if math.isnan(change_) else f"{'+' if change_ >= 0.5 else ''}{about(change_)}",
                loses,
                longest,
            ]
        )
    return rows


def _at(place: Any, measure: str) -> str:
    return "-" if place is None or pd.isna(place) else f"{_name(place)}, {measure}"


def _far_note() -> str:
    return (
        "People whose trip is longer than so many minutes. The steps are convenient ones: no standard says what is far."
    )


def _far_heads(change: AccessChange) -> list[str]:
    if not change.proposes:
        return ["farther than", "who", "people", "farther", "not known"]
    return ["farther than", "who", "people", "farther before", "farther after", "not known after"]


def _far_rows(change: AccessChange, over_min: Sequence[float]) -> list[list[str]]:
    rows = []
    for row in records(change.isolation(over_min)):
        uncounted = f" + {counted(row['places_uncounted'], 'place')}" if row["places_uncounted"] else ""
        after = [f"{row['people_after']:,.0f}"] if change.proposes else []
        unknown = f"{row['people_not_known_after']:,.0f}{uncounted}"
        rows.append(
            [
                f"{row['over_min']:g} min",
                row["group"],
                f"{row['people']:,.0f}",
                f"{row['people_before']:,.0f}",
                *after,
                unknown,
            ]
        )
    return rows


def _frame(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(heads), dtype=object)


def _table(name: str, caption: str, note: str, heads: Sequence[str], rows: list[list[str]]) -> Table:
    words = {
        "place",
        "group",
        "who",
        "nearest",
        "nearest before",
        "nearest after",
        "longest trip",
        "longest after",
        "loses most",
        *AREA_KINDS,
    }
    return one_table(
        f"access-{name}", caption, note, heads, rows, numeric=[head for head in heads if head not in words]
    )


def _kind(change: AccessChange) -> str:
    """The kind of area to tell of: wards, or else the first kind there is."""
    kinds = set(change.areas["kind"])
    return next((kind for kind in AREA_KINDS if kind in kinds), "")


# ------------------------------------------------------------------------------------------------------- figures


def minutes(value: float) -> str:
    """Minutes to the nearest half, in words.

    Examples
    --------
    >>> minutes(7.3), minutes(1.1), minutes(0.1), minutes(float("nan"))
    ('7.5 minutes', '1 minute', 'under half a minute', 'not known')
    """
    if math.isnan(value):
        return _NOT_KNOWN
    half = _half(value)
    if half == 0:
        return "under half a minute"
    return f"{half:g} minute{'' if half == 1 else 's'}"


def mean(value: float) -> str:
    """A mean of minutes to a tenth, in words: over many people a tenth tells."""
    return _NOT_KNOWN if math.isnan(value) else f"{value:.1f} minutes"


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


def _minutes(value: float) -> str:
    return _NOT_KNOWN if math.isnan(value) else f"{_half(value):g}"


def _mean(value: float) -> str:
    return _NOT_KNOWN if math.isnan(value) else f"{value:.1f}"


def _signed(value: float) -> str:
    if math.isnan(value):
        return _NOT_KNOWN
    half = math.copysign(_half(abs(value)), value)
    return f"{half:+g}" if half else "0"


def _number(value: float) -> str:
    return _NOT_KNOWN if math.isnan(value) else f"{value:,.0f}"


def _people_of(row: Mapping[str, Any] | pd.Series) -> str:
    return "people not counted" if math.isnan(row["population"]) else people(row["population"])


def _name(text: Any) -> str:
    return visible(clean(str(text)))

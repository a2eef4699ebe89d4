"""Access in words and tables: who goes how far for a service, who gains and who loses, what that rests on.

What is written comes from an estate already filtered for its reader. A change is a proposal: it is shown only to readers to whom options
are released, which whoever shows it sees to. No conclusion on equality is drawn: the figures are there so that a screening can begin.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.access import GAP_M, ONE_TRIP
from assetplan.access_rows import (
    about,
    far_heads,
    far_rows,
    in_minutes,
    mean,
    minutes,
    people,
    people_of,
    place_heads,
    place_rows,
    plain,
    rollup_heads,
    rollup_rows,
)
from assetplan.assembly_words import Section, listed
from assetplan.listing import one_table
from assetplan.rollups import ISOLATION_MIN, LEAST_MIN
from assetplan.tables import records
from assetplan.text import counted, visible
from assetplan.travel.telling import IN_WORDS
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
    first = Section(heading_of(change), tuple(summary_of(change)))
    change, kind = _one_sided(change), _kind(change)
    sections = [
        first,
        Section("By place", (_places_note(change, _SHOWN),), _frame(place_rows(change, _SHOWN), place_heads(change))),
        Section(
            "By group",
            (SCREENING,),
            _frame(rollup_rows(change, change.by_group(), "group"), rollup_heads(change, "group")),
        ),
    ]
    if kind:
        rows = rollup_rows(change, change.by_area(kind), "name")
        sections.append(Section(f"By {kind}", (), _frame(rows, rollup_heads(change, kind))))
    sections.append(Section("Far from it", (_far_note(change),), _frame(far_rows(change, over_min), far_heads(change))))
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
    change = _one_sided(change)
    out = [
        _table(
            "places",
            f"{title}: every place ({len(change.places):,})",
            f"{ONE_TRIP} {basis}",
            place_heads(change),
            place_rows(change),
        ),
        _table(
            "groups",
            f"{title}: by group",
            SCREENING,
            rollup_heads(change, "group"),
            rollup_rows(change, change.by_group(), "group"),
        ),
    ]
    for kind in AREA_KINDS:
        if change._belongs.get(kind):
            rows = rollup_rows(change, change.by_area(kind), "name")
            note = "Each place counts in one area only, so that the people of all rows are everyone."
            out.append(_table(f"areas-{kind}", f"{title}: by {kind}", note, rollup_heads(change, kind), rows))
    out.append(_table("far", f"{title}: far from it", _far_note(change), far_heads(change), far_rows(change, over_min)))
    return out


# ------------------------------------------------------------------------------------------------------- sentences


def heading_of(change: AccessChange) -> str:
    """What a heading says of a change."""
    what = "Change of access" if change.proposes else "Access"
    return f"{what}: {plain(change.function)}, {IN_WORDS.get(change.mode, plain(change.mode))}"


def _one_sided(change: AccessChange) -> AccessChange:
    """The change as tables show it: where there is no service before or none after, the side on which there is one, by itself."""
    if change.nowhere[0] == change.nowhere[1]:
        return change
    told, other = ("after", "before") if change.nowhere[0] else ("before", "after")
    copied = {f"{other}_min": change.places[f"{told}_min"], f"facility_{other}": change.places[f"facility_{told}"]}
    return replace(
        change,
        places=change.places.assign(**copied),
        nowhere=(False, False),
        facilities=change.facilities.assign(what="stays"),
    )


def summary_of(change: AccessChange) -> list[str]:
    """What happens, and what it comes to, in sentences."""
    said = [_happens(change)] if change.proposes else []
    if not len(change.places):
        return [*said, "Nothing says where people start from, so nothing can be said of their trips. Give demand.csv."]
    if change.nowhere != (False, False):
        return [*said, *_one_side(change)]
    total = change.total
    said += [_totals(change, total), ONE_TRIP]
    if change.proposes:
        said += [*_winners(total), *_worst(change)]
    else:
        said += _longest(change.worst, "longest before", "The longest trip is")
    return [*said, *_unknown(change, total)]


def _one_side(change: AccessChange) -> list[str]:
    """What is said where there is no service of the kind before, after, or at all."""
    if all(change.nowhere):
        return ["No service of the kind is known here."]
    first = (
        "No service of the kind is known here before."
        if change.nowhere[0]
        else "No service of the kind would be left here."
    )
    when = "Tables show trips as they would be then." if change.nowhere[0] else "Tables show trips as they are before."
    shown = _one_sided(change)
    return [first, when, *summary_of(shown)]


def basis_of(change: AccessChange) -> list[str]:
    """What the times rest on, and what is not sure about them, in sentences."""
    said = [visible(change.note), *map(visible, change.sources)]
    if change.mode == "car":
        said.append(NO_CAR)
    gaps = change.places[change.places["snap_gap_m"] > GAP_M]
    if len(gaps):
        shown = [
            f"{plain(row['name'])} ({row['snap_gap_m']:,.0f} m)" for row in records(gaps.nlargest(5, "snap_gap_m"))
        ]
        more = f" and {len(gaps) - 5:,} more" if len(gaps) > 5 else ""
        said.append(
            f"Gaps of more than {GAP_M:g} m to the nearest way, which take no time here: {', '.join(shown)}{more}."
        )
    for issue in change.issues:
        if issue.code in _TOLD:
            where = f": {visible(issue.row)}" if issue.row else ""
            said.append(f"{_sentence(visible(issue.message) + where)} {issue.action}")
    return said


# Of the issues those that bear on the minutes themselves and are told nowhere else.
_TOLD = frozenset(
    {"service-not-placed", "service-said-to-stay", "service-at-postcode", "network-in-parts",
     "point-off-network", "point-on-island", "point-without-place",
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
    if stay:
        said.append(_sentence(f"{counted(stay, 'service')} of the kind {'stays' if stay == 1 else 'stay'} as now"))
    return " ".join(said)


def _named(row: Mapping[str, Any], *, moves: bool) -> str:
    return plain(row["name"]) + (f" to {plain(row['place_after'])}" if moves else "")


def _totals(change: AccessChange, total: Mapping[str, Any]) -> str:
    timed = total["people"] - total["people_not_known"]
    of_all = people(total["people"]) if timed == total["people"] else f"{timed:,.0f} of {people(total['people'])}"
    over = f"Over {of_all} in {counted(total['places'], 'place')}"
    if not timed:
        return f"No time is known for any of {people(total['people'])} in {counted(total['places'], 'place')}."
    if not change.proposes:
        return f"{over} the mean trip is {mean(total['mean_before_min'])}."
    way = _way(total["people_minutes_change"], total["people_minutes_before"])
    return (
        f"{over} the mean trip is {mean(total['mean_before_min'])} before and {mean(total['mean_after_min'])} after: "
        f"{about(total['people_minutes_before'])} people-minutes before, {about(total['people_minutes_after'])} after, {way}."
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
    worst, moved = change.worst, change.places["change_min"]
    said = []
    for what, word, verb in (("loses most", "Loses most", "lose"), ("gains most", "Gains most", "gain")):
        if what in worst.index and abs(worst.at[what, "change_min"]) >= LEAST_MIN:
            row = worst.loc[what]
            alike = int(((moved - row["change_min"]).abs() < LEAST_MIN / 2).sum()) - 1
            more = (
                f"; {counted(alike, 'other place')} {verb + ('s' if alike == 1 else '')} about as much" if alike else ""
            )
            said.append(
                f"{word}: {plain(row['name'])}, from {in_minutes(row['before_min'])} to {minutes(row['after_min'])} ({people_of(row)}){more}."
            )
    ends = [worst.loc[f"longest {when}"] for when in ("before", "after") if f"longest {when}" in worst.index]
    if len(ends) == 2 and ends[0]["demand_id"] == ends[1]["demand_id"]:
        row = ends[0]
        said.append(
            f"Longest trip: from {plain(row['name'])}, {minutes(row['before_min'])} before and {minutes(row['after_min'])} after."
        )
        return said
    return [
        *said,
        *_longest(worst, "longest before", "Longest trip before:"),
        *_longest(worst, "longest after", "Longest trip after:"),
    ]


def _longest(worst: pd.DataFrame, what: str, word: str) -> list[str]:
    if what not in worst.index:
        return []
    row = worst.loc[what]
    return [f"{word} from {plain(row['name'])}, {minutes(row[what.removeprefix('longest ') + '_min'])}."]


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
    shown = [plain(name) for name in names]
    return listed(shown) if len(shown) <= most else f"{', '.join(shown[:most])} and {len(shown) - most:,} more"


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


def _far_note(change: AccessChange) -> str:
    note = (
        "People whose trip is longer than so many minutes. The steps are convenient ones: no standard says what is far."
    )
    unsaid = change.places[[said is not True and said is not False for said in change.places["rural"]]]
    if len(unsaid):
        note += f" Of {_few(unsaid['name'])} nothing says whether it is rural: not counted as rural."
    return note

"""What a move does to emergency response, in words: who is later and who sooner, against which standard, and who decides.

What is written comes from an estate already filtered for its reader; nothing is filtered in this module.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.assembly_words import Section, capital
from assetplan.cover.crews import TIMES
from assetplan.cover.gating import minutes_in_words, some_of
from assetplan.listing import one_table
from assetplan.tables import records
from assetplan.text import counted, visible
from assetplan.wording import NOT_KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.cover.response import ResponseChange
    from assetplan.page.view import Table

NOT_RELEASED = "What a move would do to emergency response is not released to this reader."
_VERDICTS = {
    "fails": "By what is modelled here this move does not pass the gate for {response} response.",
    "holds": "By what is modelled here this move passes the gate for {response} response.",
    "not known": "Whether this move passes the gate for {response} response is not known.",
    "to be asked": "There is no gate for {response} response that minutes from the station could settle: it is to be asked about.",
}
_PLACE_HEADS = ("place", "people", "by day", "by night", "first crew")
_STANDARD_HEADS = ("standard", "time", "now", "after", "met now", "met after")


def told(change: ResponseChange) -> list[Section]:
    """A change of response for the terminal: the verdict, who is later or sooner, standards, on-call people, what it rests on."""
    sections = [Section(_title(change), tuple(verdict_in_words(change)))]
    changed = pd.concat([change.lost, change.gained])
    said = [*_summaries(change.lost, "later"), *_summaries(change.gained, "sooner"), *_rest(change)]
    frame = pd.DataFrame(_place_rows(change, changed), columns=list(_PLACE_HEADS)) if len(changed) else None
    sections.append(Section("Place by place", tuple(said), frame))
    if len(change.standards):
        frame = pd.DataFrame(_standard_rows(change), columns=list(_STANDARD_HEADS))
        sections.append(Section("Against the standard", tuple(_sources(change)), frame))
    if len(change.turn_in):
        sections.append(Section("On-call people", tuple(_turn_in_in_words(row) for row in records(change.turn_in))))
    sections.append(Section("Why", tuple(f"{reason.text} [{reason.source}]" for reason in change.reasons)))
    sections.append(Section("Not known, and not modelled", change.unknowns))
    sections.append(Section("", (change.note, change.decides)))
    return sections


def cover_told(times: pd.DataFrame, response: str) -> list[Section]:
    """Cover as it is for the terminal: the minutes of the first crew at each place by day and by night, those that wait longest first.

    Parameters
    ----------
    times
        What `assetplan.response_times` gives.
    response
        Whose cover it is.

    Examples
    --------
    >>> import assetplan as ap
    >>> [section] = cover_told(ap.response_times(ap.read_estate("data/malton")), "fire")
    >>> section.table.iloc[0].tolist()[:4]
    ['Hovingham', '400', '16.2 min', '17.7 min']
    """
    by_place: dict[str, dict[str, dict[str, Any]]] = {}
    for row in records(times):
        by_place.setdefault(row["demand_id"], {})[row["time"]] = row

    def longest(key: str) -> tuple[float, str]:
        minutes = [row["minutes"] for row in by_place[key].values()]
        return (-math.inf if any(map(math.isnan, minutes)) else -max(minutes)), key

    rows = []
    for place in sorted(by_place, key=longest):
        found = by_place[place]
        first = found[TIMES[0]]
        people = NOT_KNOWN if math.isnan(first["population"]) else f"{first['population']:,.0f}"
        crews = [
            NOT_KNOWN if row["crew_id"] is None else visible(f"{row['station']}, {row['kind']}")
            for row in found.values()
        ]
        rows.append([visible(str(first["name"])), people, *map(_at_best, found.values()), *crews])
    heads = ["place", "people", *(f"by {time}" for time in TIMES), *(f"first crew by {time}" for time in TIMES)]
    said = (
        (str(times.attrs["note"]),)
        if rows
        else (str(times.attrs["note"]), "Nothing says where people are: give demand.csv.")
    )
    return [
        Section(f"{capital(response)} response as it is", said, pd.DataFrame(rows, columns=heads) if rows else None)
    ]


def _at_best(row: Mapping[str, Any]) -> str:
    """The minutes of the first crew; where they are not known, how many it takes at least, at most, and why."""
    if not math.isnan(row["minutes"]):
        return minutes_in_words(row["minutes"])
    ends = [
        f"{word} {row[name]:.1f} min"
        for word, name in (("at least", "at_least_min"), ("at most", "at_most_min"))
        if row[name] > 0
    ]
    why = f" ({visible(str(row['why']))})" if row["why"] else ""
    return f"{NOT_KNOWN}{': ' if ends else ''}{', '.join(ends)}{why}"


def tables(change: ResponseChange) -> list[Table]:
    """A change of response as tables of a page: minutes by place, and standards where there are any."""
    verdict = " ".join(verdict_in_words(change))
    changed = pd.concat([change.lost, change.gained])
    rest = change.places[~change.places["demand_id"].isin(changed["demand_id"])]
    out = [
        one_table(
            "response-places",
            _title(change),
            f"{verdict} {change.note}",
            ["Place", "People", "By day", "By night", "First crew"],
            _place_rows(change, pd.concat([changed, rest])),
            numeric=["People"],
        )
    ]
    if len(change.standards):
        out.append(
            one_table(
                "response-standards",
                f"{capital(change.response)} response against its standards",
                " ".join([*_sources(change), change.decides]),
                [capital(head) for head in _STANDARD_HEADS],
                _standard_rows(change),
                numeric=["Now", "After"],
            )
        )
    return out


def verdict_in_words(change: ResponseChange) -> list[str]:
    """The verdict, the first reason for it or what is to be asked, and who decides."""
    said = [_VERDICTS[change.verdict].format(response=change.response)]
    if change.rule.hard:
        said += [reason.text for reason in change.reasons[:1]]
    else:
        said += [
            f"To be asked of {change.organisation}: {' '.join(change.rule.asks)}",
            "The minutes below are from the station, for information.",
        ]
    return [*said, change.decides]


def cover_in_words(change: ResponseChange, demand_id: str) -> str:
    """How cover to one place changes by day and by night, in a sentence.

    Raises
    ------
    KeyError
        Where the change has no such place.
    """
    rows = {row["time"]: row for row in records(change.places[change.places["demand_id"] == demand_id])}
    if not rows:
        raise KeyError(demand_id)
    name = visible(str(rows[TIMES[0]]["name"]))
    parts = [f"by {time} {_way(row)}" for time, row in rows.items()]
    return f"{capital(change.response)} cover to {name}: {'; '.join(parts)}."


# ------------------------------------------------------------------------------------------------------- parts


def _title(change: ResponseChange) -> str:
    return f"{change.service} to {change.host_name}: {change.response} response"


def _way(row: Mapping[str, Any]) -> str:
    if row["result"] == "not known":
        return f"not known ({row['why']})"
    if row["result"] == "same":
        return f"much as now, {minutes_in_words(row['after_min'])}"
    return f"about {abs(row['change_min']):.1f} min {row['result']}, {row['before_min']:.1f} to {row['after_min']:.1f}"


def _place_rows(change: ResponseChange, places: pd.DataFrame) -> list[list[str]]:
    """One row for each place, in the order given: both times stand in it, whichever of them it is there for."""
    by_place: dict[str, dict[str, dict[str, Any]]] = {}
    for row in records(change.places):
        by_place.setdefault(row["demand_id"], {})[row["time"]] = row
    rows = []
    for key in dict.fromkeys(places["demand_id"]):
        times = by_place[key]
        first = times[TIMES[0]]
        people = NOT_KNOWN if math.isnan(first["population"]) else f"{first['population']:,.0f}"
        rows.append([visible(str(first["name"])), people, *(_span(times[time]) for time in TIMES), _crews(times)])
    return rows


def _span(row: Mapping[str, Any]) -> str:
    """Minutes before and after with the change."""
    now, then = (NOT_KNOWN if math.isnan(row[name]) else f"{row[name]:.1f}" for name in ("before_min", "after_min"))
    if NOT_KNOWN in {now, then}:
        return NOT_KNOWN if now == then else f"{now} to {then}"
    change = row["change_min"]
    return f"{now} to {then} min ({'no change' if abs(change) < 0.05 else f'{change:+.1f}'})"


def _crews(times: Mapping[str, Mapping[str, Any]]) -> str:
    """Which kind of crew is first, before and after, by day and by night."""
    said = []
    for time, row in times.items():
        now, then = (row[name] or NOT_KNOWN for name in ("kind_before", "kind_after"))
        before, after = (row[name] for name in ("crew_before", "crew_after"))
        other = (
            f", {visible(str(after))} instead of {visible(str(before))}" if before and after and before != after else ""
        )
        said.append(f"{time}: {now if now == then else f'{now} to {then}'}{other}")
    return "; ".join(said)


def _summaries(places: pd.DataFrame, word: str) -> list[str]:
    """How many places and people are later or sooner by day and by night, and which the most."""
    said = []
    for time in TIMES:
        rows = places[places["time"] == time]
        if rows.empty:
            continue
        known = rows["population"].dropna()
        people = f" with {known.sum():,.0f} people" if len(known) else ""
        blank = len(rows) - len(known)
        people += f" and {counted(blank, 'place')} of unknown population" if blank and len(known) else ""
        first = rows.iloc[0]
        most = f"{visible(str(first['name']))}, by about {abs(first['change_min']):.1f} min"
        said.append(
            f"By {time} {counted(len(rows), 'place')}{people} {'is' if len(rows) == 1 else 'are'} {word}, most of all {most}."
        )
    return said


def _rest(change: ResponseChange) -> list[str]:
    """How many places are much as now, and of which it is not known, those with one reason together."""
    number = {
        time: int(((change.places["result"] == "same") & (change.places["time"] == time)).sum()) for time in TIMES
    }
    same = " and ".join(f"{counted(places, 'place')} by {time}" for time, places in number.items() if places)
    said = [f"Within {change.beyond_min:g} min of now: {same}."] if same else []
    lost = change.places[change.places["result"] == "not known"]
    for (why, time), rows in lost.groupby(["why", "time"], sort=True):
        said.append(f"Not known by {time}: {some_of([visible(str(name)) for name in rows['name']])} ({why}).")
    return said


def _standard_rows(change: ResponseChange) -> list[list[str]]:
    answer = {True: "yes", False: "no", None: NOT_KNOWN}
    return [
        [
            f"{row['basis']} of {row['value_min']:g} min{' to ' + visible(row['applies_to']) if row['applies_to'] else ''}",
            row["time"],
            *(NOT_KNOWN if math.isnan(row[name]) else f"{row[name]:.1f}" for name in ("before_min", "after_min")),
            answer[row["met_before"]],
            answer[row["met_after"]],
        ]
        for row in records(change.standards)
    ]


def _sources(change: ResponseChange) -> list[str]:
    """Who says what the standards are, each once, and who is counted."""
    said = [f"{capital(source)}." for source in dict.fromkeys(change.standards["source"])]
    first = change.standards.iloc[0]
    if first["people"] < first["people_in_all"]:
        said.append(
            f"Averages are over {first['people']:,.0f} of {first['people_in_all']:,.0f} people; of the others times are not known."
        )
    return said


def _turn_in_in_words(row: Mapping[str, Any]) -> str:
    crew = visible(row["crew_id"])
    if row["named"] is None or row["needed"] is None:
        return f"{crew}: how its people would come in is not known."
    now, then = (minutes_in_words(row[name]) for name in ("turn_in_before_min", "turn_in_after_min"))
    return (
        f"{crew}: {row['within_before']} of {row['named']} people are within {row['limit_min']:g} min of the station now, "
        f"{row['within_after']} after the move; the {row['needed']} it needs are in after {now} now, after {then} then."
    )

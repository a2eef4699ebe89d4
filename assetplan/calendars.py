"""Lease events as a calendar file (iCalendar, RFC 5545): what an asset manager's calendar shows, with reminders before notice is due.

The same estate gives the same bytes. A calendar goes to telephones and shared mailboxes: it names assets and organisations of the estate,
never another holder, no clause, and nobody who holds, manages or attends anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetplan.assembly_words import capital
from assetplan.errors import OutputError
from assetplan.imprint import reader_of, stamp_of
from assetplan.leases import MONTHS, lease_events, terms_not_known
from assetplan.output import write_whole
from assetplan.statements import PUBLIC
from assetplan.tables import records
from assetplan.text import clean, counted, digest, shown_name
from assetplan.wording import day, thousands

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from assetplan.estate import Estate

ALARM_DAYS = (90, 30)
_LINE_OCTETS = 75
_ESCAPES = {ord("\\"): "\\\\", ord(";"): "\\;", ord(","): "\\,"}
_TITLES = {"notice by": "Last day to serve notice", "break": "Break", "expiry": "End of term"}


def save_calendar(
    estate: Estate, path: str | os.PathLike[str], *, months: int = MONTHS, since: dt.date | None = None
) -> Path:
    """Write the lease events ahead as a calendar file that Outlook, Google and others take.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    path
        Where to write; the name ends with ``.ics``. The file is replaced whole or not at all.
    months, since
        As `assetplan.lease_events` takes them.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    EstateError
        Where nothing says from which day to count.
    OutputError
        Where the name does not end with ``.ics``, or the file cannot be written.
    ValueError
        Where the number of months is none that can be used.

    Notes
    -----
    Every event is a whole day, keeps its identifier when the calendar is written anew, takes no time in the diary, and is confidential
    unless it is for the public. Last days to serve notice, ends of terms, and breaks whose notice is not known carry reminders 90 and
    30 days before. What has no day (a notice of unknown length, a licence that may be ended at any time) is in the table only, and is
    counted on the first day.

    Examples
    --------
    >>> import assetplan as ap, pathlib, tempfile
    >>> estate = ap.read_estate("data/malton").for_audience("nycc")
    >>> ap.save_calendar(estate, pathlib.Path(tempfile.mkdtemp()) / "leases.ics").name
    'leases.ics'
    """
    target = Path(path)
    if target.suffix.lower() != ".ics":
        raise OutputError(f"{shown_name(target)}: a calendar file's name ends with .ics.")
    write_whole(target, calendar_bytes(estate, lease_events(estate, months=months, since=since)))
    return target


def calendar_bytes(estate: Estate, events: pd.DataFrame) -> bytes:
    """The calendar file of an estate's `assetplan.lease_events`: those that have a day and are ahead."""
    ahead = records(events[events["state"] == "ahead"])
    since: dt.date = events.attrs["since"]
    stamp = f"{_basic(since)}T000000Z"
    secret = "PUBLIC" if estate.audience == PUBLIC else "CONFIDENTIAL"
    marks = [part for part in (stamp_of(estate), estate.banner) if part]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//assetplan//lease events//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(f'Lease events: {estate.name}, for {reader_of(estate)}')}",
        f"X-WR-CALDESC:{escaped(' '.join(marks))}",
    ]
    for entry in (_first_day(estate, events, since), *(_entry(estate, row) for row in ahead)):
        lines += _component(entry, stamp, secret, marks)
    return folded([*lines, "END:VCALENDAR"])


def escaped(text: str) -> str:
    r"""Text as a value of iCalendar: on one line, with nothing hidden in it, and nothing that would end or part it.

    Examples
    --------
    >>> print(escaped("Hall; rooms 1, 2\r\nBEGIN:VALARM"))
    Hall\; rooms 1\, 2 BEGIN:VALARM
    """
    return clean(text).translate(_ESCAPES)


def folded(lines: Iterable[str]) -> bytes:
    r"""Lines as a file of iCalendar: each at most 75 octets long, goes on after a line break and a space, and parts no character.

    Examples
    --------
    >>> folded(["SUMMARY:" + "é" * 40]).count(b"\r\n ")
    1
    """
    out = bytearray()
    for line in lines:
        rest, room = line.encode("utf-8"), _LINE_OCTETS
        while len(rest) > room:
            cut = room
            while rest[cut] & 0xC0 == 0x80:  # within a character
                cut -= 1
            out += rest[:cut] + b"\r\n "
            rest, room = rest[cut:], _LINE_OCTETS - 1
        out += rest + b"\r\n"
    return bytes(out)


# ------------------------------------------------------------------------------------------------------- entries


def _first_day(estate: Estate, events: pd.DataFrame, since: dt.date) -> dict[str, Any]:
    """An entry on the day the calendar counts from: how many events it holds, and what it cannot hold. A calendar must hold something."""
    counts = events["state"].value_counts()
    number, until = int(counts.get("ahead", 0)), day(events.attrs["until"])
    said = [f"{capital(counted(number, 'event'))} known until {until}."]
    for state, what in (
        ("not known", "last day to serve notice that cannot be reckoned"),
        ("passed", "day that has gone by"),
        ("at any time", "lease or licence that may be ended at any time"),
    ):
        if counts.get(state, 0):
            said.append(f"Not here: {counted(int(counts[state]), what, _many(what))}.")
    unknown = len(terms_not_known(estate))
    if unknown:
        ends = "it ends" if unknown == 1 else "they end"
        said.append(f"Of {counted(unknown, 'lease or licence', 'leases and licences')} nothing says when {ends}.")
    return {
        "uid": f"{estate.name}\x1fcalendar",
        "date": since,
        "title": f"Lease events as known on {day(since)}",
        "said": said,
        "alarms": (),
    }


def _many(what: str) -> str:
    first, rest = what.split(" that ", maxsplit=1)
    first = {"lease or licence": "leases and licences", "day": "days"}.get(first, first.replace("day", "days"))
    return f"{first} that {rest.replace('has gone', 'have gone')}"


def _entry(estate: Estate, row: Mapping[str, Any]) -> dict[str, Any]:
    own = estate.organisations.get(row["holder"])
    held = f"{row['interest']}, {own.name}" if own else f"{row['interest']} of another holder"
    rent = [] if row["rent_gbp_pa"] is None else [f"Rent about {thousands(row['rent_gbp_pa'])} a year."]
    marks = ["Illustrative."] if row["illustrative"] is True else []
    key = row["interest_id"] or f"{row['subject']}\x1f{row['holder']}\x1f{row['interest']}"
    unsure = row["event"] == "break" and row["notice_months"] is None
    return {
        "uid": "\x1f".join((estate.name, str(key), row["event"])),
        "date": row["date"],
        "title": f"{_TITLES[row['event']]}: {row['name']} ({held})",
        "said": [row["what_to_do"], *rent, f"Asset {row['subject']}.", f"Source: {row['source']}.", *marks],
        "alarms": ALARM_DAYS if unsure or row["event"] in {"notice by", "expiry"} else (),
    }


def _component(entry: Mapping[str, Any], stamp: str, secret: str, marks: Iterable[str]) -> Iterator[str]:
    title = escaped(entry["title"])
    yield from (
        "BEGIN:VEVENT",
        f"UID:{digest(entry['uid'], 32)}@assetplan",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{_basic(entry['date'])}",
        f"SUMMARY:{title}",
        "DESCRIPTION:" + "\\n".join(escaped(part) for part in (*entry["said"], *marks)),
        f"CLASS:{secret}",
        "TRANSP:TRANSPARENT",
    )
    for before in entry["alarms"]:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-P{before}D", f"DESCRIPTION:{title}", "END:VALARM")
    yield "END:VEVENT"


def _basic(date: dt.date) -> str:
    """A day as iCalendar writes it; ``strftime`` leaves out the noughts of years before 1000."""
    return date.isoformat().replace("-", "")

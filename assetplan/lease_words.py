"""Lease events in words and tables: what ends, when, by when notice has to be served, and what is not known.

What is written here comes from an estate already filtered for its reader; nothing is filtered in this module, and nothing in it is legal
advice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.assembly_words import Section, capital
from assetplan.leases import lease_events, terms_not_known
from assetplan.listing import one_table
from assetplan.site import UNKNOWN
from assetplan.tables import records
from assetplan.text import counted, visible
from assetplan.wording import NOT_KNOWN, day, thousands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.estate import Estate
    from assetplan.page.view import Table

RECKONED = (
    "Last days to serve notice are reckoned by the corresponding day of the month, a day earlier to be safe. The lease may say otherwise: "
    "each is to be confirmed against it."
)
ACT_1954 = (
    "Whether the Landlord and Tenant Act 1954 protects a tenancy is not known here. Where it does, in England and Wales, a business tenancy "
    "may run on past its term, and notices to end or renew it are served 6 to 12 months before (sections 25 and 26): ask a solicitor."
)
_WORDS = {
    "notice by": "last day to serve notice",
    "break": "break",
    "expiry": "end of term",
    "on notice": "can be ended on notice",
}
_NAMED = 6  # assets named whose terms nobody states


def told(estate: Estate, events: pd.DataFrame | None = None) -> list[Section]:
    """Lease events for a terminal: the table, and what stands beside it in sentences.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    events
        Its `assetplan.lease_events`; those of the 36 months after its ``as_of`` where none are given.

    Examples
    --------
    >>> import assetplan as ap
    >>> told(ap.read_estate("data/malton").for_audience("public"))[0].heading
    'Lease events, 24 June 2010 to 24 June 2013'
    """
    events = lease_events(estate) if events is None else events
    if events.empty:
        return [Section(heading_of(events), ("No lease event is known in these months.", *notes_of(estate, events)))]
    frame = text_table(estate, events)
    todo = [f"{n}. {said}" for n, said in enumerate(frame["what to do"], start=1)]
    frame.insert(0, "no.", [str(n) for n in range(1, len(frame) + 1)])
    return [
        Section(heading_of(events), tuple(notes_of(estate, events)), frame.drop(columns=["what to do", "clauses"])),
        Section("What to do", tuple(todo)),
    ]


def tables(estate: Estate, events: pd.DataFrame | None = None) -> list[Table]:
    """Lease events as a table of a page; none where there is nothing to tell and nothing unknown."""
    events = lease_events(estate) if events is None else events
    unknown = terms_not_known(estate)
    if events.empty and unknown.empty:
        return []
    frame = text_table(estate, events)
    heads = [name[:1].upper() + name[1:] for name in frame.columns]
    return [
        one_table(
            "lease-events",
            f"{heading_of(events)} ({len(events):,})",
            " ".join(notes_of(estate, events)),
            heads,
            frame.to_numpy().tolist(),
            numeric=["Days left", "Rent a year"],
            folded=False,
        )
    ]


def heading_of(events: pd.DataFrame) -> str:
    """The months that some events are of."""
    return f"Lease events, {day(events.attrs['since'])} to {day(events.attrs['until'])}"


def notes_of(estate: Estate, events: pd.DataFrame) -> list[str]:
    """What stands beside lease events: how days are reckoned, what law is not looked at, whose dates nobody states."""
    said = []
    if (events["event"] == "notice by").any():
        said.append(RECKONED)
    if events["interest"].isin(("lease", "sublease", "long lease")).any():
        said.append(ACT_1954)
    unknown = terms_not_known(estate)
    if len(unknown):
        names = list(dict.fromkeys(visible(str(name)) for name in unknown["name"]))
        more = f"; and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        of = counted(len(unknown), "lease or licence", "leases and licences")
        said.append(
            f"Of {of} nothing here says when {'it ends' if len(unknown) == 1 else 'they end'}: {', '.join(names[:_NAMED])}{more}."
        )
    older = events.attrs["ended_before"]
    if older:
        said.append(f"{capital(counted(older, 'term'))} ended earlier, and nothing here says what followed.")
    if events["illustrative"].eq(True).any():
        said.append("(i) marks what is illustrative.")
    return said


def text_table(estate: Estate, events: pd.DataFrame) -> pd.DataFrame:
    """Lease events as a table of text."""
    names = {key: organisation.name for key, organisation in estate.organisations.items()}
    rows = [_cells(row, names) for row in records(events)]
    columns = [
        "date",
        "days left",
        "event",
        "asset",
        "body",
        "held by",
        "interest",
        "rent a year",
        "what to do",
        "clauses",
        "source",
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _cells(row: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    date = {"not known": NOT_KNOWN, "at any time": "at any time"}.get(row["state"]) or day(row["date"])
    cells = [
        f"{date} (gone by)" if row["state"] == "passed" else date,
        "-" if row["days_left"] is None else f"{row['days_left']:,}",
        _WORDS[row["event"]],
        str(row["name"]),
        names.get(row["organisation"] or UNKNOWN, str(row["organisation"] or "owner unknown")),
        names.get(row["holder"], str(row["holder"])),
        row["interest"],
        NOT_KNOWN if row["rent_gbp_pa"] is None else thousands(row["rent_gbp_pa"]),
        row["what_to_do"],
        str(row["clauses"] or "-"),
        row["source"] + (" (i)" if row["illustrative"] is True else ""),
    ]
    return [visible(cell) for cell in cells]

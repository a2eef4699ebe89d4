"""The same function run twice nearby, in words and tables. Nothing here says that two services ought to be one.

What is written here comes from an estate already filtered for its reader; whether the reader may be shown it is asked here, nothing else.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.assembly_words import Section, capital
from assetplan.duplication import find_duplicates
from assetplan.listing import one_table
from assetplan.ranges import pounds
from assetplan.tables import records
from assetplan.text import visible
from assetplan.wording import NOT_KNOWN, prices_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.estate import Estate
    from assetplan.page.view import Table

NOT_RELEASED = "Duplicates are not released to this reader, so none are listed."
LISTED = 100
"""Pairs that words and pages list; `assetplan.find_duplicates` gives all."""
NOTE = (
    "The same function, run by different bodies within reach of one another. That two are alike is no reason by itself to join them; interests, "
    "covenants and what each service has to be near are looked at apart from this. Room is what the folder states, and what is not stated is "
    "not known. Only a whole building that would be empty saves cash."
)


def told(estate: Estate, found: pd.DataFrame | None = None) -> list[Section]:
    """Duplicates for a terminal, where they are released to the estate's reader.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    found
        Its `assetplan.find_duplicates`; worked out as by default where none are given.

    Examples
    --------
    >>> import assetplan as ap
    >>> told(ap.read_estate("data/malton").for_audience("public"))[0].sentences
    ('Duplicates are not released to this reader, so none are listed.',)
    """
    if not estate.released("options"):
        return [Section("Duplicates", (NOT_RELEASED,))]
    found = find_duplicates(estate) if found is None else found
    if found.empty:
        return [
            Section(
                "Duplicates",
                ("No function is run by two bodies within reach of one another.", *notes_of(estate, found)),
            )
        ]
    first = found.head(LISTED)
    frame = text_table(estate, first)
    why = [f"{row['rank']}. {_why(row)}" for row in records(first)]
    short = frame.drop(columns=["room, why", "other way round", "whole building", "note", "source"])
    return [Section("Duplicates", (NOTE, *notes_of(estate, found)), short), Section("Why", tuple(why))]


def tables(estate: Estate, found: pd.DataFrame | None = None) -> list[Table]:
    """Duplicates as a table of a page; none where they are not released to the estate's reader, or there are none."""
    if not estate.released("options"):
        return []
    found = find_duplicates(estate) if found is None else found
    if found.empty:
        return []
    frame = text_table(estate, found.head(LISTED))
    heads = [capital(name) for name in frame.columns]
    return [
        one_table(
            "duplicates",
            f"The same function nearby ({len(found):,} {'pair' if len(found) == 1 else 'pairs'})",
            " ".join([NOTE, *notes_of(estate, found)]),
            heads,
            frame.to_numpy().tolist(),
            numeric=["Rank", "Releases m2", "Running cost a year"],
            folded=False,
        )
    ]


def notes_of(estate: Estate, found: pd.DataFrame) -> list[str]:
    """What times rest on, and how many services were not compared, by the reason."""
    reasons = Counter(why for _, why in found.attrs["left_out"])
    said = [str(found.attrs["note"])]
    if len(found) > LISTED:
        said.append(f"The first {LISTED:,} of {len(found):,} pairs are listed.")
    if reasons:
        each = "; ".join(f"{why}: {number:,}" for why, number in sorted(reasons.items()))
        said.append(f"Not compared: {each}.")
    if found["running_cost_gbp_pa"].notna().any():
        said.append(prices_in_words(estate))
    if found["illustrative"].eq(True).any():
        said.append("(i) marks what is illustrative.")
    return said


def text_table(estate: Estate, found: pd.DataFrame) -> pd.DataFrame:
    """Duplicates as a table of text."""
    owners = {key: organisation.name for key, organisation in estate.organisations.items()}
    assets = dict(zip(map(str, estate.assets.index), estate.assets["name"], strict=True))
    names = {asset: str(name or asset) for asset, name in assets.items()}
    services = {**names, **dict(zip(estate.services["service_id"], estate.services["name"], strict=True))}
    columns = [
        "rank", "function", "one", "other", "apart", "moves", "into", "room", "releases m2", "running cost a year", "room, why", "other way round",
        "whole building", "note", "source",
    ]  # fmt: skip
    rows = []
    for row in records(found):
        one, other = (
            f"{services[row[f'service_{x}']]} ({owners.get(row[f'organisation_{x}'], row[f'organisation_{x}'])})"
            for x in "ab"
        )
        reach = f"{row['straight_m']:,.0f} m" if row["minutes"] is None else _minutes(row["minutes"])
        area = NOT_KNOWN if row["releasable_m2"] is None else f"{row['releasable_m2']:,.0f} ({row['releasable_basis']})"
        cells = [
            str(row["rank"]), row["function"], one, other, reach, services[row["moves"]], names[row["host"]], row["room"], area, _cost(row),
            row["room_why"], f"{row['other_room']}: {row['other_why']}", f"{row['empties']}: {row['empties_why']}", row["note"] or "-",
            row["source"] + (" (i)" if row["illustrative"] is True else ""),
        ]  # fmt: skip
        rows.append([visible(str(cell)) for cell in cells])
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _minutes(minutes: float) -> str:
    return "under 1 min" if minutes < 1 else f"about {minutes:.0f} min"


def _cost(row: Mapping[str, Any]) -> str:
    if row["empties"] == "no":
        return "none: part of a building"
    if row["empties"] == "not known" or row["running_cost_gbp_pa"] is None:
        return NOT_KNOWN
    return f"about {pounds(row['running_cost_gbp_pa'])}"


def _why(row: Mapping[str, Any]) -> str:
    note = f" {capital(row['note'])}." if row["note"] else ""
    text = (
        f"{capital(row['room'])}: {row['room_why']}. The other way round, {row['other_room']}: {row['other_why']}. "
        f"A whole building empty: {row['empties']}, {row['empties_why']}.{note} Source: {row['source']}."
    )
    return visible(text + (" (i)" if row["illustrative"] is True else ""))

"""The contact sheet of one site: who adjoins it, how, who holds what, what is known and what is not.

What is written here comes from an estate already filtered for its reader: a site the reader may not know is absent, and in no count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from rapidfuzz import process

from assetplan.errors import SubjectError
from assetplan.estate import sites as sites_of
from assetplan.listing import in_text
from assetplan.measures import site_measures
from assetplan.relations import OPPOSITE_M, adjacent_pairs
from assetplan.schema import table
from assetplan.sentences import relation_in_words
from assetplan.text import counted
from assetplan.vocabulary import RELATIONS
from assetplan.wording import Account, account_about, constraint_in_words, rows_of, source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from assetplan.estate import Estate

CONTACT_COLUMNS = (*table("relations"), *table("contacts"))
NEAREST_COLUMNS = tuple(table("nearest"))
_NEAREST = 3
_TOLD = ("Body and holder", "Address", "Use", "Status", "Interest", "Title", "Road frontage", "Constraints")
_ALIKE = "Same use, another body"
_HOW = {"overlapping": "overlapping", "touching": "touching", "opposite": "across a road", "near": "near"}


@dataclass(frozen=True)
class Contact:
    """What is told of one site on a contact sheet.

    Attributes
    ----------
    site, name
        Its identifier and name.
    lines
        What is told of it: label, value and source; the source only where it is another than `source`.
    unknown
        What nothing here says of it.
    source
        The lines of registers it rests on.
    relation, how
        How it lies to the site of the sheet, as a word and as a sentence; empty for that site itself.
    """

    site: str
    name: str
    lines: tuple[tuple[str, str, str], ...]
    unknown: tuple[str, ...]
    source: str
    relation: str = ""
    how: str = ""

    def told(self) -> list[tuple[str, str]]:
        """All that is told of the site, as pairs of a label and a text in which sources stand in brackets."""
        how = [(self.relation.capitalize(), self.how)] if self.relation else []
        said = [(label, value + (f" [{source}]" if source else "")) for label, value, source in self.lines]
        unknown = ", ".join(self.unknown) or "nothing that registers are asked for"
        return [*how, *said, ("Not known", unknown), ("Source", self.source)]


@dataclass(frozen=True, eq=False, repr=False)
class ContactSheet:
    """One site with all its neighbours, as one reader may know them.

    Attributes
    ----------
    site, name
        The site's identifier and name.
    about
        What is told of the site itself.
    contacts
        What is told of each neighbour, in the order of `neighbours`.
    neighbours
        One row a neighbour, overlapping ones first, then touching ones by shared boundary, then those across a road and those near by
        gap; ties by identifier. Columns as ``assetplan columns --table relations`` and ``--table contacts`` list them.
    nearest
        Where there is no neighbour, the three nearest sites; columns as ``assetplan columns --table nearest`` lists them.
    summary
        How many neighbours there are, and how they lie.
    limits
        What the sheet does not cover, in sentences.
    """

    site: str
    name: str
    about: Contact
    contacts: tuple[Contact, ...]
    neighbours: pd.DataFrame
    nearest: pd.DataFrame
    summary: str
    limits: tuple[str, ...]
    account: Account = field(repr=False)

    def __repr__(self) -> str:
        return f"<ContactSheet of {self.name!r} ({self.site}) for {self.account.estate.audience}: {self.summary}>"


def contact_sheet(estate: Estate, site: str, max_gap_m: float = 25.0) -> ContactSheet:
    """Who adjoins a site, how, who holds what, what is known and what is not.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    site
        The site: its identifier, one of its assets or parcels, or its whole name.
    max_gap_m
        Longest gap that still counts as near, in metres. Across a road it is 40 m, as everywhere.

    Raises
    ------
    SubjectError
        Where this reader knows no such site, or several of that name; the message names what may be meant.
    ValueError
        Where the gap is not a number of metres, 0 or more.

    Examples
    --------
    >>> import assetplan as ap
    >>> sheet = ap.contact_sheet(ap.read_estate("data/malton").for_audience("public"), "Malton Police Station")
    >>> sheet.neighbours[["neighbour", "relation"]].values.tolist()
    [['rdc:ILLUS-01', 'touching'], ['unknown:MAL-12', 'opposite'], ['nhs:ILLUS-04', 'near']]
    """
    frame = sites_of(estate)
    wanted = site_called(frame, site)
    pairs = _pairs_of(estate, frame, wanted, max_gap_m)
    others = [str(other) for other in pairs["neighbour"]]
    nearest = pd.DataFrame(columns=list(NEAREST_COLUMNS), dtype=object)
    if pairs.empty:
        nearest = _nearest(frame, wanted)
    shown = frame.loc[[wanted, *others, *nearest["site_id"]]]
    account = account_about(estate, shown, pairs[list(table("relations"))])
    rows = rows_of(shown)
    bites = _constraints_that_bite(account, rows)
    about = _contact(account, rows[wanted], wanted, bites)
    about = replace(about, lines=(*about.lines, (_ALIKE, _same_use(account, frame, wanted, pairs), "")))
    contacts = tuple(
        _contact(account, rows[other], other, bites, pair)
        for other, pair in zip(others, pairs.to_dict("records"), strict=True)
    )
    nearest = nearest.assign(
        name=[_name(rows[key], key) for key in nearest["site_id"]],
        holder=[account.owner(rows[key]["organisation"]) for key in nearest["site_id"]],
    )[list(NEAREST_COLUMNS)]
    return ContactSheet(
        site=wanted,
        name=about.name,
        about=about,
        contacts=contacts,
        neighbours=_told(pairs, contacts),
        nearest=nearest,
        summary=_summary(pairs, frame.loc[wanted], max_gap_m, roads=not estate.roads.empty),
        limits=tuple(_limits(estate, frame, (about, *contacts))),
        account=account,
    )


def site_called(sites: gpd.GeoDataFrame, wanted: str) -> str:
    """The site a person means: by identifier, by one of its assets or parcels, or by its whole name.

    Raises
    ------
    SubjectError
        Where there is none, or several; only sites of the frame are named or guessed.

    Examples
    --------
    >>> import assetplan as ap
    >>> site_called(ap.sites(ap.read_estate("data/malton")), "malton library")
    'nycc:ILLUS-08'
    """
    if wanted in sites.index:
        return wanted
    low = wanted.casefold().strip()
    hits = [
        str(site)
        for site, name, assets, parcels in zip(
            sites.index, sites["name"], sites["assets"], sites["parcels"], strict=True
        )
        if wanted in assets or wanted in parcels or str(name or "").casefold() == low
    ]
    if len(hits) == 1:
        return hits[0]
    if hits:
        more = f" and {len(hits) - 6:,} more" if len(hits) > 6 else ""
        raise SubjectError(
            f"Several sites are called {wanted!r}. Give one by its identifier: {', '.join(hits[:6])}{more}."
        )
    ids, called = list(map(str, sites.index)), [str(name or "") for name in sites["name"]]
    found = process.extract(wanted, dict(enumerate([*ids, *called])), limit=3, score_cutoff=50)
    near = sorted({key % len(ids) for _, _, key in found}, key=lambda place: ids[place])
    told = [f"{ids[place]} ({called[place]})" if called[place] else ids[place] for place in near]
    hint = f" Did you mean {' or '.join(told)}?" if told else " List them with: assetplan sites ESTATE"
    raise SubjectError(f"No site is called {wanted!r}.{hint}")


# ------------------------------------------------------------------------------------------------------- relations


def _pairs_of(estate: Estate, frame: gpd.GeoDataFrame, wanted: str, max_gap_m: float) -> pd.DataFrame:
    """The pairs a site is one of, in the order of the sheet; only sites within reach are compared."""
    shape = frame.geometry.loc[wanted]
    reach = max(max_gap_m, OPPOSITE_M)
    within = np.zeros(len(frame), dtype=bool)
    if shape is not None and not shape.is_empty:
        within = np.asarray(shapely.dwithin(frame.geometry.to_numpy(), shape, reach))
    within |= np.asarray(frame.index == wanted)
    pairs = adjacent_pairs(frame[within], max_gap_m=max_gap_m, roads=estate.roads)
    pairs = pairs[(pairs["site_a"] == wanted) | (pairs["site_b"] == wanted)]
    other = np.where(pairs["site_a"] == wanted, pairs["site_b"], pairs["site_a"])
    pairs = pairs.assign(neighbour=other.astype(object), rank=[RELATIONS.index(kind) for kind in pairs["relation"]])
    pairs["shared_first"] = -pairs["shared_boundary_m"]
    order = ["rank", "shared_first", "gap_m", "neighbour"]
    return pairs.sort_values(order, kind="stable").drop(columns=["rank", "shared_first"]).reset_index(drop=True)


def _nearest(frame: gpd.GeoDataFrame, wanted: str) -> pd.DataFrame:
    """The few sites nearest to one that has no neighbour; none where its own place is not known well enough to measure."""
    measured = _is_measured(frame)
    if not measured[frame.index.get_loc(wanted)]:
        return pd.DataFrame(columns=["site_id", "gap_m"], dtype=object)
    others = frame[measured & np.asarray(frame.index != wanted)]
    gaps = shapely.distance(others.geometry.to_numpy(), frame.geometry.loc[wanted])
    found = pd.DataFrame({"site_id": list(map(str, others.index)), "gap_m": gaps})
    return found.sort_values(["gap_m", "site_id"], kind="stable").head(_NEAREST).reset_index(drop=True)


def _same_use(account: Account, frame: gpd.GeoDataFrame, wanted: str, pairs: pd.DataFrame) -> str:
    """The nearest site of another body with the same use: what a partner might share, or duplicate."""
    found = site_measures(frame, pairs[list(table("relations"))]).loc[wanted]
    other = found["nearest_same_use_other_body"]
    if other is None:
        return "none found; a use, owner or place that is not known matches none"
    name, gap = frame.at[other, "name"] or other, float(found["nearest_same_use_m"])
    far = f"{gap:,.0f} m" if gap < 1_000 else f"{gap / 1_000:,.1f} km"
    return f"{name}, {account.owner(frame.at[other, 'organisation'])}, {far} away in a straight line"


def _is_measured(frame: gpd.GeoDataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which sites have a place good enough for relations: an outline or a point."""
    shapes = frame.geometry.to_numpy()
    placed = np.asarray(frame["precision"].isin(["polygon", "point"]))
    return np.asarray(placed & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))


# ------------------------------------------------------------------------------------------------------- words


def _name(row: Mapping[str, Any], site: str) -> str:
    return str(row["name"] or site)


def _constraints_that_bite(account: Account, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """Of each site the constraints that apply, may apply, or of which nobody knows, each with its source."""
    said = {
        row["constraint_id"]: (
            constraint_in_words(row) + (" (i)" if row["illustrative"] is True else ""),
            source_of(row),
        )
        for row in account.constraints.drop(columns="geometry").to_dict("records")
        if row["state"] != "no" and row["designation"] != "development limits"
    }
    return {site: [said[key] for key in row["constraints"] if key in said] for site, row in rows.items()}


def _contact(
    account: Account,
    row: Mapping[str, Any],
    site: str,
    bites: Mapping[str, list[tuple[str, str]]],
    pair: Mapping[str, Any] | None = None,
) -> Contact:
    lines = {line["label"].split(" (")[0]: line for line in account.lines[site]}
    own = account.sources[site]
    said = []
    for label in (label for label in _TOLD if label in lines):
        line = lines[label]
        value, source = line["value"], line["source"]
        if label == "Constraints" and not line["unknown"]:
            value = "; ".join(text for text, _ in bites[site]) or "none recorded here stands in the way; not searched"
            source = "; ".join(sorted({source for _, source in bites[site]}))
        elif line["illustrative"]:
            value += " (i)"
        elif label == "Body and holder" and line["unknown"]:
            value = "owner unknown: nothing here says whose it is"
        said.append((label, value, _beside(source, own)))
    said += [("Note", note, "") for note in account.notes[site]]
    return Contact(
        site=site,
        name=_name(row, site),
        lines=tuple(said),
        unknown=tuple(in_text(label) for label, line in lines.items() if line["unknown"] and label != "Constraints"),
        source=own,
        relation=pair["relation"] if pair else "",
        how=relation_in_words(pair) if pair else "",
    )


def _beside(source: str, own: str) -> str:
    """What of a line's sources is not among those of its site."""
    known = own.split("; ")
    return "; ".join(part for part in source.split("; ") if part not in known)


def _told(pairs: pd.DataFrame, contacts: Iterable[Contact]) -> pd.DataFrame:
    """The pairs with what is told of each neighbour, for programs: what is not known is null."""
    records = []
    for contact in contacts:
        known = {label: value for label, value, _ in contact.lines if in_text(label) not in contact.unknown}
        records.append(
            {
                "neighbour": contact.site,
                "name": contact.name,
                "in_words": contact.how,
                "holder": known.get("Body and holder"),
                "address": known.get("Address"),
                "use": known.get("Use"),
                "status": known.get("Status"),
                "interest": known.get("Interest"),
                "constraints": known.get("Constraints"),
                "notes": tuple(value for label, value, _ in contact.lines if label == "Note"),
                "not_known": contact.unknown,
                "source": contact.source,
            }
        )
    told = pd.DataFrame(records, columns=list(table("contacts")), dtype=object)
    return pd.concat([pairs[list(table("relations"))], told], axis=1)[list(CONTACT_COLUMNS)]


def _summary(pairs: pd.DataFrame, site: Mapping[str, Any], max_gap_m: float, *, roads: bool) -> str:
    reach = f"{max_gap_m:g} m" + (f", or {OPPOSITE_M:g} m across a road" if max_gap_m < OPPOSITE_M and roads else "")
    if len(pairs):
        kinds = Counter(pairs["relation"])
        said = ", ".join(counted(kinds[kind], how, how) for kind, how in _HOW.items() if kinds[kind])
        return f"{counted(len(pairs), 'neighbour').capitalize()} within {reach}: {said}."
    if site["precision"] == "postcode":
        return "The site is placed by its postcode only, so it is not known who adjoins it."
    if site["precision"] == "none":
        return "Nothing here says where the site lies, so it is not known who adjoins it."
    return f"No site known here lies within {reach}."


def _limits(estate: Estate, frame: gpd.GeoDataFrame, contacts: Iterable[Contact]) -> list[str]:
    """What a contact sheet of this estate does not cover."""
    said = [
        (
            "Only sites of the registers here are listed. Who owns other land that adjoins is not known here; "
            "HM Land Registry can say so of registered land."
        )
    ]
    number = Counter(frame["precision"])
    unmeasured = [
        f"{counted(number[kind], 'site')} {how}"
        for kind, how in (("postcode", "placed by postcode only"), ("none", "with no known place"))
        if number[kind]
    ]
    if unmeasured:
        said.append(f"Not measured, so never listed as neighbours: {' and '.join(unmeasured)}.")
    if number["point"]:
        points = counted(number["point"], "site is", "sites are").capitalize()
        said.append(f"{points} known by a point alone: such a site is only ever near, and may in truth touch.")
    context = len(estate.context())
    if context:
        said.append(f"Left out: {counted(context, 'listed place')} not known to be public estate.")
    if estate.roads.empty:
        said.append(
            "No roads, railways or water are given, so nothing is said of what lies between and none is across a road."
        )
    if any("(i)" in value for contact in contacts for _, value, _ in contact.lines):
        said.append("(i) marks what is illustrative.")
    return said

"""The map of an estate in sentences: its summary, and how sites lie to one another and together.

What is written here comes from an estate already filtered for its reader; nothing is filtered in this module.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from assetplan.assembly import DELIVERABLE, LARGEST, none_adds
from assetplan.estate import sites as sites_of
from assetplan.ranges import span
from assetplan.site import UNKNOWN
from assetplan.statements import KEEPER
from assetplan.text import counted
from assetplan.vocabulary import STATUSES
from assetplan.wording import Account, hectares

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from assetplan.estate import Estate

_GROUPS = 5  # groups that lie together of which the summary tells; the table has them all


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def in_a_sentence(estate: Estate) -> str:
    """What the page for this estate's reader shows, in one sentence.

    Examples
    --------
    >>> import assetplan as ap
    >>> in_a_sentence(ap.read_estate("data/malton").for_audience("public")).split(",")[0]
    'the page for public shows 22 sites of five organisations'
    """
    frame = sites_of(estate)
    who = "the keeper" if estate.audience == KEEPER else estate.audience
    owners = {owner for owner in frame["organisation"] if owner != UNKNOWN}
    off = int((estate.assets["location_precision"] == "none").sum())
    unowned = int((frame["organisation"] == UNKNOWN).sum())
    context = len(estate.context())
    shown = f"{len(frame):,} sites of {counted(len(owners), 'organisation')}" if owners else f"{len(frame):,} sites"
    unowned_too = (
        f", {unowned:,} of unknown owner among them"
        if unowned and owners
        else ", all of unknown owner"
        if unowned
        else ""
    )
    rest = [f"{counted(context, 'listed place')} not known to be public estate"] if context else []
    if off:
        rest.append(f"{counted(off, 'asset')} without a location, listed below the map")
    return f"the page for {who} shows {shown}{unowned_too}{'; ' if rest else ''}{'; '.join(rest)}."


# What lies between two sites, as a person says it, and how names of that kind are joined to a sentence.
_BETWEEN = {
    "road": "a road",
    "bridge": "a bridge",
    "level crossing": "a level crossing",
    "rail": "a railway",
    "water": "water",
    "path": "a path",
}
_ROAD_NUMBER = re.compile(r"[ABM]\d")
_NAMED_WITH_THE = re.compile(r"river\b|.*\b(canal|navigation|railway|line)$", re.IGNORECASE)


def relation_in_words(pair: Mapping[str, Any]) -> str:
    """How two sites lie to one another, as a person would say it of both.

    Parameters
    ----------
    pair
        A row of `assetplan.adjacent_pairs`. Where its ``between`` is None nothing is said of what lies between.

    Examples
    --------
    >>> pair = {"relation": "opposite", "basis": "polygon", "gap_m": 17.1, "shared_boundary_m": 0.0}
    >>> relation_in_words({**pair, "between": ("road",), "across": ("Old Malton Road",)})
    'They face one another across Old Malton Road, 17 m apart.'
    >>> relation_in_words({**pair, "relation": "near", "between": ("water",), "across": ("River Derwent",)})
    'They lie 17 m apart, with the River Derwent between.'
    """
    shared, point = pair["shared_boundary_m"], " (measured from a point)" if pair["basis"] == "point" else ""
    match pair["relation"]:
        case "overlapping":
            return "They overlap as drawn."
        case "touching" if shared:
            return f"They share a boundary of {'about ' if shared >= 1 else ''}{_metres(shared)}."
        case "touching":
            return "They meet at a corner."
    if not pair["gap_m"]:
        return f"They lie at the same place{point}."
    kinds = tuple(pair.get("between") or ())
    names = tuple(pair.get("across") or ())
    apart = f"{_metres(pair['gap_m'])} apart{point}"
    if pair["relation"] == "opposite":
        return f"They face one another across {_lines_in_words(kinds or ('road',), names)}, {apart}."
    if kinds == ("other land",):
        return f"They lie {apart}; no road, railway or water is drawn between them."
    if "level crossing" in kinds:
        return f"They lie {apart}, at {_at_level_crossing(kinds, names)}."
    return f"They lie {apart}, with {_lines_in_words(kinds, names)} between." if kinds else f"They lie {apart}."


def _at_level_crossing(kinds: tuple[str, ...], names: tuple[str, ...]) -> str:
    """A level crossing and what else is crossed there, a railway always; its own name is the one that says so."""
    crossings = [name for name in names if "crossing" in name.casefold()]
    others = tuple(name for name in names if name not in crossings)
    also = tuple(kind for kind in _BETWEEN if kind in {*kinds, "rail"} and kind != "level crossing")
    if also == ("rail",) and crossings:
        return f"{_joined(crossings)}, with {_lines_in_words(also, others)} between"
    told = f": {'; '.join(names)}" if names else ""
    return f"a level crossing, with {_joined(_BETWEEN[kind] for kind in also)} between{told}"


def _metres(metres: float) -> str:
    return f"{metres:,.0f} m" if metres >= 1 else "less than 1 m"


def _joined(parts: Iterable[str]) -> str:
    """Parts of a sentence in a row: ``a``, ``a and b``, ``a, b and c``."""
    *most, last = [*parts] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _lines_in_words(kinds: tuple[str, ...], names: tuple[str, ...]) -> str:
    """Lines that are crossed: by name where all are of one kind; of several kinds nothing says which has which name, so both are told."""
    said = _joined(_BETWEEN.get(kind, kind) for kind in kinds)
    if not names:
        return said
    if len(kinds) > 1:
        return f"{said} ({'; '.join(names)})"
    (kind,) = kinds
    return _joined(
        f"the {name}"
        if (kind == "road" and _ROAD_NUMBER.match(name)) or (kind in {"rail", "water"} and _NAMED_WITH_THE.match(name))
        else name
        for name in names
    )


def summary(account: Account) -> list[str]:
    """The map in sentences."""
    estate, frame = account.estate, account.sites
    by_owner = Counter(frame["organisation"])
    unknown = by_owner.pop(UNKNOWN, 0)
    if by_owner:
        order = sorted(by_owner.items(), key=lambda item: (-item[1], item[0]))
        said = [_owners_in_words(account, order)]
        if unknown:
            who = f"{_capital(counted(unknown, 'further site'))}, grey on the map,"
            said.append(f"{who} {_is(unknown)} not known to belong to any of them.")
    elif unknown:
        whom = "it" if unknown == 1 else "them"
        said = [
            f"{_capital(counted(unknown, 'site'))}, grey on the map: nothing here says which organisation owns {whom}."
        ]
    else:
        said = ["There is no site to show."]
    confirm = int((frame["holder_status"] == "to confirm").sum())
    if confirm:
        said.append(f"The holder of {counted(confirm, 'site')} is still to be confirmed.")
    said.append(_placed_in_words(estate))
    if len(estate.land):
        said.append(_drawn_in_words(frame))
    invented = sum(any(line["illustrative"] for line in lines) for lines in account.lines.values())
    if invented:
        said.append(
            f"Something said of {invented:,} of the {counted(len(frame), 'site')} is illustrative; each such line carries the mark (i)."
        )
    statuses = Counter(status or "not recorded" for status in frame["status"])
    if set(statuses) - {"not recorded"}:
        ranked = [*STATUSES, *sorted(set(statuses) - {*STATUSES, "not recorded"}), "not recorded"]
        said.append(f"Status: {', '.join(f'{key} {statuses[key]:,}' for key in ranked if statuses[key])}.")
    if len(account.pairs):
        kinds = Counter(account.pairs["relation"])
        how = {
            "overlapping": "overlapping",
            "touching": "touching",
            "opposite": "across a road from one another",
            "near": "near one another (25 m or less apart)",
        }
        said.append(
            f"Pairs of neighbouring sites: {', '.join(f'{kinds[key]:,} {what}' for key, what in how.items() if kinds[key])}."
        )
    if account.assemblies is not None:
        rows = account.assemblies.to_dict("records")
        largest = [row for row in rows if row["ranking"] == LARGEST]
        said += [assembly_in_words(account, row) for row in largest[:_GROUPS]]
        if len(largest) > _GROUPS:
            said.append(
                f"{_capital(counted(len(largest) - _GROUPS, 'further group'))} of adjoining sites: see the table."
            )
        said += [_first_in_words(account, row) for row in rows if row["ranking"] == DELIVERABLE and row["rank"] == 1]
        said += [none for none in (none_adds(rows),) if none]
    if not estate.labelled:
        said.append("Nothing in this data says who may see it, so all of it counts as public.")
    return said


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _owners_in_words(account: Account, order: list[tuple[str, int]]) -> str:
    """How many sites whose, those with the most first; of many owners the first twelve are named."""
    number = sum(count for _, count in order)
    if len(order) == 1:
        return f"{_capital(counted(number, 'site'))} of one organisation, {account.owner(order[0][0])}."
    named = [f"{account.owner(owner)} {count:,}" for owner, count in order[:12]]
    if len(order) > 12:
        rest = counted(len(order) - 12, "other organisation")
        named.append(f"and {rest} {sum(count for _, count in order[12:]):,}")
    return f"{_capital(counted(number, 'site'))} of {counted(len(order), 'organisation')}: {', '.join(named)}."


def _placed_in_words(estate: Estate) -> str:
    precision = Counter(estate.assets["location_precision"])
    total, off = len(estate.assets), precision["none"]
    assets = f"{_capital(counted(total, 'asset'))} in the registers"
    how = {"polygon": "by an outline", "point": "by a point", "postcode": "by a postcode only"}
    placed = [(precision[key], what) for key, what in how.items() if precision[key]]
    if not placed:
        return f"{assets}; nothing says where {'it lies' if total == 1 else 'they lie'}." if off else f"{assets}."
    if not off and len(placed) == 1:
        return f"{assets}, each located {placed[0][1]}." if total > 1 else f"{assets}, located {placed[0][1]}."
    listed = ", ".join(f"{number:,} {what}" for number, what in placed)
    rest = f"; {counted(off, 'has', 'have')} no location and {_is(off)} listed below the map" if off else ""
    return f"{assets}, located: {listed}{rest}."


def _drawn_in_words(frame: gpd.GeoDataFrame) -> str:
    """How the map shows its sites, which land may draw more exactly than registers place their assets."""
    precision = Counter(frame["precision"])
    how = {"polygon": "with an outline", "point": "as a point", "postcode": "near their postcode"}
    drawn = [f"{precision[key]:,} {what}" for key, what in how.items() if precision[key]]
    return f"Sites on the map: {', '.join(drawn) or 'none'}."


def _first_in_words(account: Account, row: Mapping[str, Any]) -> str:
    """The first of the groups that might be worth doing together, in a sentence."""
    weights = account.estate.weights
    by = (
        f"by the lens {weights.default.name}"
        if weights is not None and row["score"] is not None
        else "by marriage value"
    )
    marriage = span((row["marriage_low_gbp"], row["marriage_value_gbp"], row["marriage_high_gbp"]))
    names = ", ".join(account.sites.loc[list(row["sites"]), "name"])
    return (
        f"Of the groups that might be worth doing together the first {by} is {names}: worth together less worth apart {marriage}, "
        "indicative, not a valuation."
    )


def assembly_in_words(account: Account, row: Mapping[str, Any]) -> str:
    """A group of adjoining sites in a sentence: how many, how large, whose."""
    members = account.sites.loc[list(row["sites"])]
    confirm = int((members["holder_status"] == "to confirm").sum())
    area = f", {hectares(row['area_ha'])} as drawn," if row["area_ha"] is not None else ""
    note = f" ({counted(confirm, 'title')} to confirm)" if confirm else ""
    owners = counted(len(row["organisations"]), "body", "bodies")
    return (
        f"{_capital(counted(len(members), 'site'))}{area} adjoin, held by {owners}{note}: {', '.join(members['name'])}."
    )

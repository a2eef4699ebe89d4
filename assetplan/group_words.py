"""One group of sites looked at closely, in words and as plain data: worth, reasons, keys, covenants, needs, who gives up, negotiation aid.

Nothing here is a valuation or legal advice, and no figure in words is given to the pound.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.assembly_words import (
    BOTH_ENDS,
    INDICATIVE,
    Names,
    Section,
    capital,
    joining_in_words,
    keys_in_words,
    listed,
    reasons_in_words,
    turning_in_words,
)
from assetplan.assumptions import CASES, HOUSING
from assetplan.estate import sites as sites_of
from assetplan.land import own_assumptions
from assetplan.ranges import NIL_GBP, either_way, pounds, span
from assetplan.text import counted, visible
from assetplan.wording import NOT_KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from assetplan.assembly import Assembly
    from assetplan.assumptions import Assumptions, Use
    from assetplan.estate import Estate
    from assetplan.land import Flag
    from assetplan.valuation import GroupValue

AID = "Negotiation aid"
_CONVENTIONS = {
    "apart_gbp": "Worth apart",
    "shapley_gbp": "Added on average (Shapley, Myerson)",
    "by_area_gbp": "Equalised by area",
    "ransom_gbp": "Ransom convention",
    "core": "Nobody better alone",
}
_NAMED = 6  # groups of owners named for one convention


def told(estate: Estate, assembly: Assembly, assumptions: Assumptions | None = None) -> list[Section]:
    """One group of sites looked at closely, in words: `assetplan.examine_assembly`."""
    figures, names = own_assumptions(estate, assumptions), Names(estate)
    value = assembly.value
    frame = sites_of(estate).loc[list(value.sites)]
    owners = sorted(set(frame["organisation"]))
    area = frame["area_ha"].sum(min_count=len(frame))
    drawn = f", {area:,.2f} ha as drawn" if pd.notna(area) else ", area not known"
    about = (
        f"{capital(counted(len(frame), 'site'))}{drawn}, of {names.owners(owners)}: {names.sites(value.sites)}.",
        f"Valued for {visible(value.mix)}; about {value.homes:,.0f} homes. Prices {visible(figures.price_base)}. {INDICATIVE} {BOTH_ENDS}",
    )
    sections = [
        Section("The group", (about[0], *_without_education(frame, assembly.flags), *about[1:])),
        Section("Worth apart and together", _worth(value), _apart_table(names, value)),
        Section("Why", (joining_in_words(value), *reasons_in_words(value))),
        Section("Who holds the key", _keys(names, assembly), _keys_table(names, assembly)),
        Section("What covenants cost", tuple(covenants_in_words(estate, assembly, figures))),
        Section("Needed, or to be found out", (_LENGTHS,), flags_frame(names, assembly.flags)),
        Section("Who gives up what", tuple(given_up_in_words(names, assembly))),
        Section(
            "What would change the answer",
            tuple(turning_in_words(names, value, assembly.turning, assembly.better, figures)),
        ),
    ]
    if len(owners) > 1:
        sections.append(Section(AID, tuple(aid_in_words(names, assembly)), aid_table(names, assembly)))
    return sections


_LENGTHS = "How long each takes, and what it costs, is to be confirmed by whoever can say. None of it is legal advice."


def _without_education(frame: gpd.GeoDataFrame, flags: Iterable[Flag]) -> list[str]:
    """How much of a group needs no education consent, where some of it does and areas are known."""
    needing = {flag.site_id for flag in flags if flag.kind in {"school land", "playing field"}}
    rest = frame.loc[[str(site) not in needing for site in frame.index], "area_ha"]
    if not needing or rest.empty or rest.isna().any():
        return []
    return [f"About {rest.sum():,.1f} ha could be released without education consent, as far as is recorded here."]


def _worth(value: GroupValue) -> tuple[str, ...]:
    return (
        f"Apart, each site at the better of as it stands and cleared: {span(value.apart_gbp)}.",
        f"Together, cleared as one scheme: {span(value.together_gbp)}.",
        f"Marriage value, together less apart: {span(value.marriage_value_gbp)}.",
    )


def _apart_table(names: Names, value: GroupValue) -> pd.DataFrame:
    rows = []
    for site, row in value.by_site.iterrows():
        stands = row["as_it_stands"]
        known = pd.notna(stands)
        better = "as it stands" if known and row["apart"] > row["cleared"] + NIL_GBP else "cleared"
        if row["apart"] < NIL_GBP:
            better = "neither: nothing is built here" if row["cleared"] > -NIL_GBP else "neither"
        rows.append(
            {
                "site": names.site(str(site)),
                "owner": names.owner_of(str(site)),
                "as it stands": f"about {pounds(stands)}" if known else NOT_KNOWN,
                "cleared": f"about {pounds(row['cleared'])}" if abs(row["cleared"]) >= NIL_GBP else "£0",
                "the better": better,
            }
        )
    return pd.DataFrame(rows)


def _keys(names: Names, assembly: Assembly) -> tuple[str, ...]:
    keys = assembly.keys
    held = sorted(keys.index[keys["splits"].astype(bool) | keys["holds_the_road"].astype(bool)])
    return (keys_in_words(names, held),)


def _keys_table(names: Names, assembly: Assembly) -> pd.DataFrame:
    rows = []
    for what, frame in (("site", assembly.keys), ("owner", assembly.keys_by_owner)):
        for key, row in frame.iterrows():
            effects = [
                word
                for word, is_so in (
                    ("the rest falls apart", row["splits"]),
                    ("no road is reached", row["holds_the_road"]),
                )
                if is_so
            ]
            lost = [row[f"lost_{case}_gbp"] for case in CASES]
            way, size = either_way(lost)
            rows.append(
                {
                    "without": names.site(str(key)) if what == "site" else f"all land of {names.owner(str(key))}",
                    "effect": "; ".join(effects) or "the rest hangs together",
                    "the group": {
                        0: "loses nothing",
                        1: f"loses {size}",
                        -1: f"is better off by {size}",
                        2: f"changes by {span(-x for x in lost)}",
                    }[way],
                }
            )
    return pd.DataFrame(rows)


def covenants_in_words(estate: Estate, assembly: Assembly, assumptions: Assumptions) -> list[str]:
    """What each covenant known to bind a site of the group costs it, and that others are not known."""
    value = assembly.value
    rows = {str(row["constraint_id"]): row for row in estate.constraints.drop(columns="geometry").to_dict("records")}
    reached = {key for keys in sites_of(estate).loc[list(value.sites), "constraints"] for key in keys}
    uses = [assumptions.uses[use] for use in assumptions.mixes[value.mix]]
    said = []
    for key in sorted(reached):
        row = rows[key]
        if row["kind"] == "covenant" and row["state"] != "no":
            prices = assembly.prices.loc[key, list(CASES)] if key in assembly.prices.index else (0.0, 0.0, 0.0)
            said.append(_covenant_in_words(row, prices, uses, value.mix))
    return said or ["No covenant on these sites is recorded here; that is not that there is none."]


def _covenant_in_words(row: Mapping[str, Any], prices: Iterable[float], uses: Sequence[Use], mix: str) -> str:
    name = visible(str(row["name"] or row["constraint_id"]))
    permitted = {str(use).casefold() for use in row["permitted_uses"]}
    if row["state"] == "arguable":
        return f"{name}: arguable, counsel to advise. Not priced."
    if row["state"] != "yes" or not permitted:
        return f"{name}: not known; a search of the title would say. Not priced."
    outside = [use for use in uses if not permitted & {word.casefold() for word in use.permitted_as}]
    doubtful = [use for use in outside if permitted & {word.casefold() for word in use.arguable_as}]
    scheme = "a housing scheme" if mix == HOUSING else "this scheme"
    if not outside:
        return f"{_named(uses)} within the covenant ({name}): it costs {scheme} nothing."
    way, size = either_way(prices)
    cost = (
        "as reckoned here it costs this scheme nothing"
        if way == 0
        else f"without it this scheme would be worth {size} more"
    )
    if doubtful:
        return f"{_named(doubtful)} arguable under the covenant ({name}), counsel to advise; {cost}."
    return f"{_named(outside)} outside the covenant ({name}); {cost}."


def _named(uses: Sequence[Use]) -> str:
    """Uses with their verb: ``Housing is``, ``Housing and health are``."""
    return f"{capital(listed([visible(use.name) for use in uses]))} {'is' if len(uses) == 1 else 'are'}"


def flags_frame(names: Names, flags: Iterable[Flag]) -> pd.DataFrame:
    """What a scheme needs or has to find out, sites with the same need together."""
    grouped: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for flag in flags:
        grouped[flag.kind, flag.state, flag.route, flag.months, flag.cost, flag.who_can_say, flag.source].append(
            flag.site_id
        )
    states = {"yes": "needed", "unknown": "not known", "arguable": "arguable, counsel to advise"}
    order = sorted(grouped, key=lambda key: (key[1] != "yes", -key[3][1], key[0], key[6]))
    return pd.DataFrame(
        [
            {
                "what": key[0],
                "sites": names.sites(sorted(set(grouped[key]))),
                "state": states.get(key[1], key[1]),
                "route": visible(key[2]),
                "months": f"{key[3][0]} to {key[3][1]}",
                "cost": key[4],
                "who can say": visible(key[5]),
                "source": visible(key[6]),
            }
            for key in order
        ],
        columns=["what", "sites", "state", "route", "months", "cost", "who can say", "source"],
    )


def given_up_in_words(names: Names, assembly: Assembly) -> list[str]:
    """Which owners would give up more than their land cleared is worth, and how much; that the others do not."""
    said, none = [], []
    by_site = assembly.value.by_site
    for owner, row in assembly.given_up.iterrows():
        way, size = either_way(row[list(CASES)])
        if way == 0:
            none.append(names.owner(str(owner)))
            continue
        mine = by_site[[names.owner_key(str(site)) == owner for site in by_site.index]]
        lost = [str(site) for site in mine.index[mine["apart"] > mine["cleared"].clip(lower=0) + NIL_GBP]]
        why = (
            f": {names.sites(lost)} would sell for more as it stands than its land cleared"
            if lost
            else ", at the adverse end of the figures"
        )
        amount = f"up to {pounds(row.max())}" if pounds(row.min()) == "£0" else size
        said.append(f"{names.owner(str(owner))} would give up {amount}{why}.")
    if said:
        said.append(
            "A body cannot be bound against its wishes: whoever gives up has to be made whole, or their land left out."
        )
    if none:
        said.append(
            f"{listed(none)}: nothing by the figures here; a value as it stands that is not known counts as none."
        )
    return said


def aid_in_words(names: Names, assembly: Assembly) -> list[str]:
    """The sentences that go with ways to share, and who would do better alone under each."""
    shares = assembly.shares
    said = list(shares.notes)
    better = shares.better_alone
    labels = {
        "shapley": "what each adds on average",
        "by area": "equalisation by area",
        "ransom": "the ransom convention",
    }
    for convention, label in labels.items():
        rows = better[better["convention"] == convention]
        if rows.empty:
            continue
        groups = [
            f"{listed([names.owner(str(owner)) for owner in row['coalition']])} by about {pounds(row['gain_gbp'])}"
            for row in rows.head(_NAMED).to_dict("records")
        ]
        more = f"; and {counted(len(rows) - _NAMED, 'other group')} of owners" if len(rows) > _NAMED else ""
        said.append(f"By {label} these would do better alone: {'; '.join(groups)}{more}.")
    return said


def aid_table(names: Names, assembly: Assembly) -> pd.DataFrame:
    """Ways to share side by side, a row an owner, rounded."""
    rows = []
    for owner, row in assembly.shares.table.iterrows():
        told_of = {"owner": names.owner(str(owner))}
        for column, label in _CONVENTIONS.items():
            if column == "core":
                low, high = row["core_low_gbp"], row["core_high_gbp"]
                told_of[label] = "-" if pd.isna(low) else span((low, high))
            else:
                told_of[label] = "-" if pd.isna(row[column]) else f"about {pounds(row[column])}"
        told_of["Does better alone under"] = ", ".join(row["better_alone"]) or "none"
        rows.append(told_of)
    return pd.DataFrame(rows)


# ------------------------------------------------------------------------------------------------------- for programs


def as_record(estate: Estate, assembly: Assembly, assumptions: Assumptions | None = None) -> dict[str, Any]:
    """One group looked at closely as plain data: figures in GBP as low, central and high, and the sentences."""
    figures = own_assumptions(estate, assumptions)
    value = assembly.value
    frame = sites_of(estate).loc[list(value.sites)]
    area = frame["area_ha"].sum(min_count=len(frame))
    keys = assembly.keys
    shares = assembly.shares

    def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
        return table.reset_index().to_dict("records")

    return {
        "sites": value.sites,
        "organisations": tuple(sorted(set(frame["organisation"]))),
        "area_ha": round(float(area), 4) if pd.notna(area) else None,
        "mix": value.mix,
        "price_base": figures.price_base,
        "homes": round(value.homes, 1),
        "apart_range_gbp": tuple(map(round, value.apart_gbp)),
        "cleared_range_gbp": tuple(map(round, value.cleared_gbp)),
        "together_range_gbp": tuple(map(round, value.together_gbp)),
        "marriage_value_gbp": round(value.marriage_value_gbp[1]),
        "marriage_range_gbp": tuple(map(round, value.marriage_value_gbp)),
        "ransom_sites": tuple(sorted(keys.index[keys["splits"].astype(bool) | keys["holds_the_road"].astype(bool)])),
        "reasons": rows(value.reasons.round(0)),
        "lines": rows(value.lines.round(0)),
        "by_site": rows(value.by_site.round(0)),
        "keys": rows(keys.round(0)),
        "keys_by_owner": rows(assembly.keys_by_owner.round(0)),
        "covenant_prices": rows(assembly.prices.round(0)),
        "flags": [vars(flag) for flag in assembly.flags],
        "given_up": rows(assembly.given_up.round(0)),
        "turning_points": rows(assembly.turning.round(1)),
        "better_without": rows(assembly.better.round(0)),
        "negotiation_aid": {
            "notes": shares.notes,
            "by_owner": rows(shares.table.round(0)),
            "better_alone": rows(shares.better_alone.round(0)),
        },
        "in_words": {section.heading: section.sentences for section in told(estate, assembly, figures)},
    }


def as_rows(estate: Estate, assembly: Assembly, assumptions: Assumptions | None = None) -> pd.DataFrame:
    """One group looked at closely as one table: figures in GBP with low, central and high, then the sentences, a row each."""
    names, value = Names(estate), assembly.value
    parts = {
        "worth": {"apart": value.apart_gbp, "together": value.together_gbp, "marriage value": value.marriage_value_gbp},
        "reason": {str(key): row[list(CASES)] for key, row in value.reasons.iterrows()},
        "line": {str(key): row[list(CASES)] for key, row in value.lines.iterrows()},
        "price of a covenant": {str(key): row[list(CASES)] for key, row in assembly.prices.iterrows()},
        "lost without the site": {
            names.site(str(key)): [row[f"lost_{case}_gbp"] for case in CASES] for key, row in assembly.keys.iterrows()
        },
        "given up by": {names.owner(str(key)): row[list(CASES)] for key, row in assembly.given_up.iterrows()},
    }
    rows = [
        (part, item, *(round(float(x)) for x in three), "")
        for part, items in parts.items()
        for item, three in items.items()
    ]
    rows += [
        (section.heading, "", None, None, None, sentence)
        for section in told(estate, assembly, assumptions)
        for sentence in section.sentences
    ]
    columns = ["part", "item", *(f"{case}_gbp" for case in CASES), "in_words"]
    return pd.DataFrame(rows, columns=columns, dtype=object)

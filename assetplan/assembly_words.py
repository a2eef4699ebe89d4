"""Groups of sites in words: what they would be worth in ranges, why, who holds the key, what is in the way, what would change the answer.

Nothing here is a valuation or legal advice, and no figure is given to the pound. What is written comes from an estate already filtered
for its reader; nothing is filtered in this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.assembly import DELIVERABLE, LARGEST, none_adds
from assetplan.assumptions import CASES
from assetplan.estate import sites as sites_of
from assetplan.ranges import NIL_GBP, comes_to, either_way, pounds, span
from assetplan.searching import Search
from assetplan.text import counted, visible
from assetplan.wording import NOT_KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assetplan.assumptions import Assumptions, Figure
    from assetplan.estate import Estate
    from assetplan.valuation import GroupValue
    from assetplan.weights import Weights
    from assetplan.wording import Account

INDICATIVE = "Indicative, not a valuation: a decision needs a registered valuer's report. Legal points are for counsel; nothing here settles one."
BOTH_ENDS = (
    "Ranges run from every figure at its adverse end to every figure at its kind end; vacant possession is assumed."
)
NOT_RELEASED = "Assemblies are not released to this reader, so none are listed."
LARGEST_NOTE = "What lies together: two owners or more; locked and private land, and land of unknown owner, left out. Not a proposal, and not valued."
DELIVERABLE_NOTE = (
    "What might be worth doing together, groups that differ in kind; near variants are folded into one. Marriage value is worth together less "
    "worth apart, the better of cleared and as it stands; below nothing where joining loses."
)
REASON_WORDS = {
    "stand-alone value lost": "buildings that sell for more as they stand than their land cleared are given up",
    "uses placed": "what a covenant bars on one site goes onto another's land",
    "ransom removed": "a site without a road no longer pays for its access",
    "access": "frontages count together, so that more homes can be served",
    "threshold": "affordable homes and obligations are asked of the whole that are not asked of small sites apart",
    "contributions": "floor space that stands on one site counts against the levy on another",
    "layout": "no strip is kept along the boundaries between the sites",
    "shared works": "what any scheme costs whatever its size is paid once",
}
_LOST = "stand-alone value lost"


@dataclass(frozen=True, eq=False)
class Section:
    """A part of an answer: a heading, sentences, and a table of text where there is one."""

    heading: str
    sentences: tuple[str, ...] = ()
    table: pd.DataFrame | None = None


# ------------------------------------------------------------------------------------------------------- names


class Names:
    """What the sites and owners of an estate are called, made safe to show."""

    def __init__(self, estate: Estate) -> None:
        frame = sites_of(estate)
        self._sites = dict(zip(map(str, frame.index), frame["name"], strict=True))
        self._owner = dict(zip(map(str, frame.index), frame["organisation"], strict=True))
        self._owners = {key: organisation.name for key, organisation in estate.organisations.items()}

    def site(self, key: str) -> str:
        """The name of a site."""
        return visible(str(self._sites.get(key) or key))

    def owner(self, key: str) -> str:
        """The name of an organisation."""
        return visible(str(self._owners.get(key) or key))

    def owner_of(self, site: str) -> str:
        """The name of the owner of a site."""
        return self.owner(self.owner_key(site))

    def owner_key(self, site: str) -> str:
        """The identifier of the owner of a site."""
        return str(self._owner[site])

    def sites(self, keys: Iterable[str]) -> str:
        """The names of some sites."""
        return listed([self.site(key) for key in keys])

    def owners(self, keys: Iterable[str]) -> str:
        """The names of some organisations."""
        return listed([self.owner(key) for key in keys])


def listed(words: Sequence[str]) -> str:
    """Words in a list as people write it."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def capital(text: str) -> str:
    """A text with its first letter large."""
    return text[:1].upper() + text[1:]


# ------------------------------------------------------------------------------------------------------- reasons


def joining_in_words(value: GroupValue) -> str:
    """What joining a group does, as cleared land and once buildings that sell as they stand are counted."""
    reasons = value.reasons
    rest = reasons.drop(index=_LOST)
    told = [f"{name} {span(row[list(CASES)])}" for name, row in rest.iterrows() if either_way(row[list(CASES)])[0] != 0]
    parts = f" ({', '.join(told)})" if told else ""
    cleared = [float(rest[case].sum()) for case in CASES]
    first = f"Joining these sites {comes_to(cleared)} as cleared land{parts}"
    if either_way(reasons.loc[_LOST, list(CASES)])[0] == 0:
        return f"{first}; none of them is known to sell for more as it stands."
    ways = either_way(cleared)[0], either_way(value.marriage_value_gbp)[0]
    link = "and" if ways[0] == ways[1] else "but"
    return f"{first}, {link} {comes_to(value.marriage_value_gbp)} once buildings that sell as they stand are counted."


def reasons_in_words(value: GroupValue) -> list[str]:
    """Each reason that matters to the marriage value of a group, with its range."""
    said = []
    for name, row in value.reasons.iterrows():
        way, _ = either_way(row[list(CASES)])
        if way != 0:
            said.append(f"{capital(str(name))}, {span(row[list(CASES)])}: {REASON_WORDS[str(name)]}.")
    return said or ["Joining these sites neither adds nor loses anything by the figures here."]


def marriage_in_words(value: GroupValue) -> str:
    """The marriage value of a group as a range."""
    return span(value.marriage_value_gbp)


def keys_in_words(names: Names, sites: Iterable[str]) -> str:
    """Who holds the key to a group, in a sentence."""
    keys = list(sites)
    if not keys:
        return "No one site holds the key: without any one of them the rest still hang together, and reach a road as far as is known."
    held = listed([f"{names.site(key)} ({names.owner_of(key)})" for key in keys])
    return f"Without {'this site' if len(keys) == 1 else 'any one of these'} the rest falls apart or reaches no road: {held}."


# ------------------------------------------------------------------------------------------------------- what would change the answer

_FIGURES = {"market_value_gbp_m2": "The sale value of market homes", "build_gbp_m2": "The build cost of homes"}


def turning_in_words(
    names: Names, value: GroupValue, turning: pd.DataFrame, better: pd.DataFrame, assumptions: Assumptions
) -> list[str]:
    """Which figures would turn a gain into a loss or a loss into a gain, at which value, and which smaller group does better."""
    gains = value.marriage_value_gbp[1] > 0
    said = [
        _standing_in_words(names, row, gains=gains)
        if figure == "as_it_stands_gbp"
        else _figure_in_words(assumptions.figures[str(figure)], row, gains=gains)
        for figure, row in turning.iterrows()
    ]
    for row in better.to_dict("records"):
        left = names.sites(row["left_out"])
        were = "were" if len(row["left_out"]) > 1 else "was"
        said.append(
            f"If {left} {were} left out, joining the rest {_would(row[f'marriage_{case}_gbp'] for case in CASES)}."
        )
    if better.empty and len(value.sites) > 2:
        said.append("No smaller group among these sites would add more, or lose less.")
    return said


def _standing_in_words(names: Names, row: Mapping[str, Any], *, gains: bool) -> str:
    here = f"What {names.site(str(row['site_id']))} fetches as it stands: about {pounds(row['stated'])} here"
    if pd.isna(row["turns_at"]):
        return f"{here}; however little, or up to twice as much, joining {'adds' if gains else 'does not add'}."
    return f"{here}; at about {pounds(row['turns_at'])} joining would neither add nor lose."


def _figure_in_words(figure: Figure, row: Mapping[str, Any], *, gains: bool) -> str:
    unit, ranged = figure.unit.removeprefix("GBP"), figure.low < figure.high
    here = f"{_FIGURES[figure.name]}: £{row['stated']:,.0f}{unit} here, "
    here += f"{figure.low:,.0f} to {figure.high:,.0f} in its range" if ranged else "no range given"
    if pd.isna(row["turns_at"]):
        turned = "a loss" if gains else "a gain"
        return f"{here}; nowhere from £{row['tried_low']:,.0f} to £{row['tried_high']:,.0f}{unit} does joining come to {turned}."
    at = row["turns_at"]
    within = f" {'within' if figure.low <= at <= figure.high else 'outside'} that range," if ranged else ""
    return f"{here}; at about £{_two_figures(at):,.0f}{unit},{within} joining would neither add nor lose."


def _would(amounts: Iterable[float]) -> str:
    way, size = either_way(amounts)
    return {0: "would add nothing", 1: f"would add {size}", -1: f"would lose {size}", 2: f"might come to {size}"}[way]


def _two_figures(number: float) -> float:
    """A rate to the nearest ten, or to two figures where it is small: it is no more certain than that."""
    return float(f"{number:.2g}") if number < 1_000 else round(number, -1)


# ------------------------------------------------------------------------------------------------------- the two rankings


def rankings(estate: Estate, found: pd.DataFrame, *, weights: Weights | None, lens: str, mix: str) -> list[Section]:
    """The two rankings of `assetplan.find_assemblies`, kept apart, with what they rest on."""
    names = Names(estate)
    largest = [row for row in found.to_dict("records") if row["ranking"] == LARGEST]
    best = [row for row in found.to_dict("records") if row["ranking"] == DELIVERABLE]
    first = ["No group of two owners or more lies together here."] if not largest else [LARGEST_NOTE]
    sections = [Section(capital(LARGEST), tuple(first), largest_table(names, largest) if largest else None)]
    if estate.land_figures is None:
        said = (
            "Nothing is valued, because there are no assumptions here: so there is no ranking by what is deliverable."
        )
        return [*sections, Section(capital(DELIVERABLE), (said,))]
    if not best:
        sections.append(Section(capital(DELIVERABLE), ("No group is within the limits asked for.",)))
    else:
        sections.append(
            Section(
                capital(DELIVERABLE),
                tuple(said for said in (DELIVERABLE_NOTE, none_adds(best)) if said),
                deliverable_table(names, best, found.attrs["values"]),
            )
        )
    return [*sections, Section("", tuple(basis_in_words(estate, found, weights=weights, lens=lens, mix=mix)))]


def largest_table(names: Names, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Largest connected groups as a table of text."""
    return pd.DataFrame(
        [
            {
                "rank": str(row["rank"]),
                "sites": _with_flag(names, row),
                "owners": names.owners(row["organisations"]),
                "ha": _area(row["area_ha"]),
                "in the way": blockers_in_words(row["blockers"]),
            }
            for row in rows
        ]
    )


def _with_flag(names: Names, row: Mapping[str, Any]) -> str:
    more = " (more sites than asked for)" if row["over_max_sites"] else ""
    return f"{', '.join(names.site(site) for site in row['sites'])}{more}"


def given_up_by(names: Names, value: GroupValue) -> str:
    """Who would give up more than their land cleared is worth, and about how much: central figures."""
    by_site = value.by_site
    lost = (by_site["apart"] - by_site["cleared"]).clip(lower=0)
    by_owner = lost.groupby([names.owner_key(str(site)) for site in lost.index]).sum()
    said = [
        f"{names.owner(str(owner))} about {pounds(amount)}" for owner, amount in by_owner.items() if amount >= NIL_GBP
    ]
    return "; ".join(said) or "nobody, by the central figures"


def deliverable_table(
    names: Names, rows: Iterable[Mapping[str, Any]], values: Mapping[tuple[str, ...], GroupValue]
) -> pd.DataFrame:
    """Deliverable groups as a table of text; `values` are those of `assetplan.find_assemblies`."""
    return pd.DataFrame(
        [
            {
                "rank": str(row["rank"]),
                "sites": ", ".join(names.site(site) for site in row["sites"]),
                "owners": names.owners(row["organisations"]),
                "ha": _area(row["area_ha"]),
                "homes": f"{row['homes']:,.0f}",
                "marriage value": span((row["marriage_low_gbp"], row["marriage_value_gbp"], row["marriage_high_gbp"])),
                "score": "-" if row["score"] is None else f"{row['score']:.0f}",
                "first in": (row["first_in"] or "-").removeprefix("first in "),
                "months": f"up to {row['months']}" if row["months"] else "none known",
                "unknowns": str(row["unknowns"]),
                "who gives up": given_up_by(names, values[row["sites"]]),
            }
            for row in rows
        ]
    )


def _area(area: float | None) -> str:
    return NOT_KNOWN if pd.isna(area) else f"{area:,.2f}"


def blockers_in_words(blockers: Sequence[str]) -> str:
    """What stands in the way of a group; that nothing is recorded is not that nothing is there."""
    return "; ".join(map(visible, blockers)) or "none recorded here; not searched"


def group_facts(account: Account, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a card says of a deliverable group, label by label; nothing of a group that is only known to lie together."""
    figures = account.estate.land_figures
    if row["ranking"] != DELIVERABLE or figures is None or account.assemblies is None:
        return []
    names = Names(account.estate)
    marriage = span((row["marriage_low_gbp"], row["marriage_value_gbp"], row["marriage_high_gbp"]))
    months = f"up to {row['months']} months, to be confirmed" if row["months"] else "none known of; not searched"
    facts = [
        ("Marriage value", f"{marriage}, {visible(figures.price_base)} prices; indicative, not a valuation"),
        ("Homes", f"about {row['homes']:,.0f}"),
        ("Consents", months),
        ("Not known", counted(row["unknowns"], "thing")),
        ("Who gives up", given_up_by(names, account.assemblies.attrs["values"][row["sites"]])),
        ("Who holds the key", keys_in_words(names, row["ransom_sites"])),
    ]
    if row["score"] is not None:
        facts.insert(1, ("Score", f"{row['score']:.0f} of 100; {row['first_in']}"))
    return facts


def group_reasons(account: Account, row: Mapping[str, Any]) -> list[str]:
    """Why a deliverable group would be worth more or less together, in sentences."""
    if account.assemblies is None or row["ranking"] != DELIVERABLE:
        return []
    value = account.assemblies.attrs["values"][row["sites"]]
    return [joining_in_words(value), *reasons_in_words(value)]


def group_changes(account: Account, row: Mapping[str, Any]) -> list[str]:
    """What would change the answer about a deliverable group, in sentences."""
    figures = account.estate.land_figures
    if (
        row["sites"] not in account.changes
        or row["ranking"] != DELIVERABLE
        or figures is None
        or account.assemblies is None
    ):
        return []
    value = account.assemblies.attrs["values"][row["sites"]]
    return turning_in_words(Names(account.estate), value, *account.changes[row["sites"]], figures)


def basis_in_words(estate: Estate, found: pd.DataFrame, *, weights: Weights | None, lens: str, mix: str) -> list[str]:
    """What a ranking by what is deliverable rests on: how far was searched, prices, lens, and that it is no valuation."""
    search = found.attrs.get("search", Search((), 0))
    said = [visible(sentence) for sentence in search.missed]
    said.append(f"{capital(counted(search.seen, 'connected group'))} within the limits valued.")
    if estate.land_figures is not None:
        base = visible(estate.land_figures.price_base)
        said.append(f"{INDICATIVE} Prices {base}; mix: {visible(mix)}. {BOTH_ENDS}")
    if weights is not None:
        chosen = weights.lenses[lens] if lens else weights.default
        meaning = f" ({visible(chosen.meaning)})" if chosen.meaning else ""
        said.append(
            f"Scores out of 100 by the lens {visible(chosen.name)}{meaning}; author: {visible(chosen.author)}; {visible(chosen.source)}; as of "
            f"{chosen.as_of.day} {chosen.as_of:%B %Y}. Another lens may rank otherwise."
        )
    return said

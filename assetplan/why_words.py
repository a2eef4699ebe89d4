"""Why an option is not first, in words and rows: the smallest change that would make it so, or what would have to go.

What is written comes from an estate already filtered for its reader; nothing is filtered in this module.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.assembly_words import Section, capital, listed
from assetplan.hub_words import NOT_A_DECISION, NOT_RELEASED, HubNames, by_lens, criterion_in_words
from assetplan.hubs.repairing import who_could_lift
from assetplan.hubs.winning import FigureChange, WeightChange
from assetplan.ranges import span
from assetplan.schema import table
from assetplan.text import counted, visible
from assetplan.wording import NOT_KNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetplan.estate import Estate
    from assetplan.hubs.blocking import Finding, Obstacle
    from assetplan.hubs.judging import Colocation
    from assetplan.hubs.repairing import Repair
    from assetplan.hubs.standing import WhyNot

WHY_NOT_COLUMNS = tuple(table("why_not"))
ALL_ELSE = (
    "All else as it is, in whole steps: one step fewer would not do. No figure goes further than the buildings left cost, hold or need. "
    "Whether anybody could bring it about is for those "
    "who know the place. Nothing else is sought that the change would bring with it."
)
MAY_COST_MORE = "Cost and time are those of finding out whether it can go, an assumption to be checked. To take it away may cost more: nobody says."
_SETS = 8  # sets of changes told


# ------------------------------------------------------------------------------------------------------- for a terminal


def told(estate: Estate, why: WhyNot) -> list[Section]:
    """What `assetplan.why_not` found, for a terminal."""
    if not estate.released("options"):
        return [Section("", (NOT_RELEASED,))]
    names = HubNames(estate)
    heading = f"Why not {_named(names, why.option)}"
    sections = _blocked(names, why, heading) if why.option.barred else _behind(names, why, heading)
    return [*sections, Section("", (by_lens(why.lens), NOT_A_DECISION))]


def _named(names: HubNames, one: Colocation) -> str:
    return f"{names.services(one.option.services)} in {names.host(one.option.host)}"


def _behind(names: HubNames, why: WhyNot, heading: str) -> list[Section]:
    one, leader = why.option, why.leader
    place = (
        f"It is {_ordinal(one.rank or 0)} of {counted(why.ranked, 'option')} ranked, with {one.score:.1f} of 100 points"
    )
    if why.first or leader is None:
        after = "" if leader is None else f"; the next is {_named(names, leader)}, with {leader.score:.1f}"
        return [Section(heading, (f"{place}{after}. It is first as it is.",))]
    head = [f"{place}, {_points(why.short)} short of the first: {_named(names, leader)}, with {leader.score:.1f}."]
    smallest = why.smallest
    if smallest is not None:
        head.append(f"The smallest change: it would be first {change_in_words(why, smallest)}.")
    if not why.figures:
        head.append(_no_one_figure(why))
    sections = [Section(heading, tuple(head)), Section("Where the points are", (), _against(one, leader))]
    if why.figures:
        rows = [_in_a_row(why, change) for change in why.figures]
        sections.append(Section("One figure: it would be first", (ALL_ELSE,), pd.DataFrame(rows)))
    if why.two is not None:
        rows = [_in_a_row(why, change) for change in why.two]
        said = f"Both together. {ALL_ELSE}"
        sections.append(Section("Two figures: it would be first", (said,), pd.DataFrame(rows)))
    if why.weights:
        weights = [
            {
                "criterion": criterion_in_words(change.criterion.name),
                "weighs now": f"{change.now_percent:g}%",
                "would have to weigh": f"{change.then_percent:g}%",
            }
            for change in why.weights
        ]
        said = "The other weights keep their proportions. Weights are for those who decide, not for those who propose."
        sections.append(Section("One weight: it would be first", (said,), pd.DataFrame(weights)))
    else:
        sections.append(Section("", ("No one weight would make it first, the others keeping their proportions.",)))
    return sections


def _standing(names: HubNames, why: WhyNot) -> list[str]:
    """Where an option stands and the smallest change that would make it first, in sentences."""
    one, leader = why.option, why.leader
    if one.barred:
        return [
            f"Not ranked: {counted(len(why.blockers), 'thing')} {'forbids' if len(why.blockers) == 1 else 'forbid'} it."
        ]
    place = (
        f"It is {_ordinal(one.rank or 0)} of {counted(why.ranked, 'option')} ranked, with {one.score:.1f} of 100 points"
    )
    if why.first or leader is None:
        after = "" if leader is None else f"; the next is {_named(names, leader)}, with {leader.score:.1f}"
        return [f"{place}{after}. It is first as it is."]
    head = [f"{place}, {_points(why.short)} short of the first: {_named(names, leader)}, with {leader.score:.1f}."]
    smallest = why.smallest
    if smallest is not None:
        head.append(f"The smallest change: it would be first {change_in_words(why, smallest)}.")
    if not why.figures:
        head.append(_no_one_figure(why))
    return head


def _no_one_figure(why: WhyNot) -> str:
    if why.two is not None:
        one, other = why.two
        return (
            f"No one figure is enough within its range. The smallest two: it would be first {figure_in_words(why, one)}, "
            f"and {figure_in_words(why, other)}."
        )
    if why.fewest is None:
        return "It would not be first even with every figure at the best of its range."
    return f"Neither one figure nor two are enough: at least {counted(why.fewest, 'figure')} would have to change."


def _against(one: Colocation, leader: Colocation) -> pd.DataFrame:
    """Points by criterion beside those of the first, the widest gap first."""
    mine, theirs = one.contributions, leader.contributions
    rows = [(name, mine[name], theirs[name]) for name in mine]
    rows.sort(key=lambda row: ((row[1] or 0.0) - (row[2] or 0.0), row[0]))
    return pd.DataFrame(
        [
            {
                "criterion": criterion_in_words(name),
                "its points": _tenths(own),
                "points of the first": _tenths(other),
                "gap": f"{round((own or 0.0) - (other or 0.0), 1) + 0.0:+.1f}",
            }
            for name, own, other in rows
        ]
    )


def _in_a_row(why: WhyNot, change: FigureChange) -> dict[str, str]:
    able = why.could_be(change)
    return {
        "change": figure_in_words(why, change),
        "now": NOT_KNOWN if math.isnan(change.now) else _amount(change.now, change.criterion.unit),
        "then": _amount(change.then, change.criterion.unit),
        "share of its range": f"{change.share:.0%}",
        "within what is known": {True: "could be so", False: "beyond what is thought possible", None: "not stated"}[
            able
        ],
    }


def _blocked(names: HubNames, why: WhyNot, heading: str) -> list[Section]:
    one = why.option
    alone = len(why.blockers) == 1
    head = _standing(names, why)
    if why.cheapest is not None:
        blocker, finding = why.cheapest
        which = (
            "To find out whether it can go"
            if alone
            else f"The cheapest to find out about is this: {visible(one.said(blocker))} That"
        )
        head.append(f"{which}: {_who(finding)}.")
    rows = [
        {
            "no.": str(number),
            "what forbids it": visible(one.said(blocker)),
            "who says so": visible(blocker.source) + (" [illustrative]" if blocker.illustrative else ""),
            "who could say whether it can go": _who(who_could_lift(blocker)),
        }
        for number, blocker in enumerate(why.blockers, start=1)
    ]
    sections = [Section(heading, tuple(head)), Section("What forbids it", (MAY_COST_MORE,), pd.DataFrame(rows))]
    least = [
        {
            "what would have to change": visible(repair_in_words(names, repair, why.blockers)),
            "verdict then": repair.then.verdict,
            "place then": NOT_KNOWN if repair.rank is None else f"{_ordinal(repair.rank)}, {repair.score:.1f} points",
        }
        for repair in why.repairs[:_SETS]
    ]
    if not least:
        return sections
    more = len(why.repairs) - _SETS
    cut = (f"{capital(counted(more, 'further set'))} of changes; --format json has all.",) if more > 0 else ()
    said = (
        "Any one of these sets is enough, and nothing of it can be spared. What is arguable, for others to agree to or not known stays.",
        *cut,
    )
    return [*sections, Section("The least that would have to change", said, pd.DataFrame(least))]


def repair_in_words(names: HubNames, repair: Repair, numbered: Sequence[Obstacle] = ()) -> str:
    """A set of changes after which nothing forbids an option, as a phrase; what is numbered is named by its number."""
    said = []
    if repair.leave_out:
        where = "it is" if len(repair.leave_out) == 1 else "they are"
        said.append(f"leave {names.services(repair.leave_out)} where {where}")
    number = {(blocker.says, blocker.services): str(i) for i, blocker in enumerate(numbered, start=1)}
    short = [number[key] for key in ((blocker.says, blocker.services) for blocker in repair.lift) if key in number]
    if short:
        said.append(f"take away no. {listed(short)}")
    said += [
        f"take away: {repair.then.said(blocker)}"
        for blocker in repair.lift
        if (blocker.says, blocker.services) not in number
    ]
    return "; and ".join(said)


# ------------------------------------------------------------------------------------------------------- changes


def change_in_words(why: WhyNot, change: FigureChange | WeightChange) -> str:
    """A change that would make an option first, as a clause that begins with "if"."""
    if isinstance(change, WeightChange):
        name = criterion_in_words(change.criterion.name)
        return f"if {name} weighed {change.then_percent:g} instead of {change.now_percent:g} per cent"
    return figure_in_words(why, change)


def figure_in_words(why: WhyNot, change: FigureChange) -> str:
    """A change of one figure, as a clause that begins with "if", with its unit."""
    name, unit = change.criterion.name, change.criterion.unit
    if math.isnan(change.now):
        if name == "cash_low_gbp_pa" and change.then < 0:
            return f"if it were known that it costs no more than {_amount(-change.then, unit)} in cash"
        bound = "at least" if change.criterion.direction == "more is better" else "at most"
        return f"if it were known that {_KNOWN[name]} is {bound} {_amount(change.then, unit)}"
    by = abs(change.change)
    more = change.change > 0
    if name == "willing_percent":
        count = max(round(by * len(why.bodies) / 100), 1)
        return f"if {count} {'more' if more else 'fewer'} of its {counted(len(why.bodies), 'body', 'bodies')} were committed, or willing by a review"
    empty = "" if why.option.measured.closes or not more else ", for which a building would first have to be empty"
    few, little = ("more", "more") if more else ("fewer", "less")
    said = {
        "cash_low_gbp_pa": f"if it saved {_amount(by, unit)} {little} in cash{empty}",
        "released_low_m2": f"if it released {_amount(by, unit)} {little}",
        "avoided_gbp": f"if it avoided {_amount(by, unit)} {little} of backlog",
        "trip_minutes": f"if an average trip to what moves took {_amount(by, unit)} {little} than it would",
        "affinity": f"if the strengths of who comes together came to {by:g} {few}",
        "need": f"if {by:g} {few} {'kind' if by == 1 else 'kinds'} of reason pressed it",
        "unsettled": f"if {by:g} {'thing' if by == 1 else 'things'} {few} had to be settled",
        "unknowns": f"if {by:g} {'thing' if by == 1 else 'things'} {few} were unknown" if by != 1 else f"if 1 thing {few} was unknown",
        "months": f"if it took {by:g} {'month' if by == 1 else 'months'} {few}",
    }  # fmt: skip
    return said[name]


_KNOWN = {
    "cash_low_gbp_pa": "the cash saved",
    "released_low_m2": "the space given up",
    "avoided_gbp": "the backlog avoided",
    "trip_minutes": "what an average trip grows by",
}


# ------------------------------------------------------------------------------------------------------- rows


def rows_of(estate: Estate, why: WhyNot) -> pd.DataFrame:
    """What `assetplan.why_not` found, as rows: the columns of the table ``why_not``; rows of one ``way`` go together."""
    names = HubNames(estate)
    option = why.option.option
    base = {"option_id": option.option_id, "host": option.host, "services": option.services, "rank": why.option.rank,
            "points_short": None if math.isnan(why.short) else round(why.short, 6)}  # fmt: skip
    rows: list[dict[str, Any]] = [
        {
            "way": 0,
            "kind": "as it is",
            "says": " ".join(_standing(names, why)),
            "rank_then": why.option.rank,
            "verdict_then": why.option.verdict,
        }
    ]
    singles: list[FigureChange | WeightChange] = [*why.figures, *why.weights]
    singles.sort(key=lambda change: round(change.share, 9))
    for way, change in enumerate(singles, start=1):
        rows.append({"way": way, **_change_row(why, change, "figure")})
    rows += [{"way": len(singles) + 1, **_change_row(why, change, "two figures")} for change in why.two or ()]
    for way, repair in enumerate(why.repairs, start=1):
        rows.append({"way": way, "kind": "what forbids it", **_repair_row(names, repair)})
    out = pd.DataFrame([base | row for row in rows], columns=list(WHY_NOT_COLUMNS), dtype=object)
    return out.where(out.notna(), None)


def _change_row(why: WhyNot, change: FigureChange | WeightChange, kind: str) -> dict[str, Any]:
    weight = isinstance(change, WeightChange)
    now, then = (change.now_percent, change.then_percent) if weight else (change.now, change.then)  # type: ignore[union-attr]
    return {
        "kind": "weight" if weight else kind,
        "criterion": change.criterion.name,
        "unit": "percent" if weight else change.criterion.unit,
        "now": None if math.isnan(now) else round(now, 6),
        "then": round(then, 6),
        "share_percent": round(100 * change.share, 2),
        "says": change_in_words(why, change),
        "rank_then": 1,
    }


def _repair_row(names: HubNames, repair: Repair) -> dict[str, Any]:
    findings = [who_could_lift(blocker) for blocker in repair.lift]
    known = [finding for finding in findings if finding is not None]
    whole = bool(known) and len(known) == len(findings)
    return {
        "lift": tuple(repair.then.quoted(blocker) for blocker in repair.lift),
        "leave_out": repair.leave_out,
        "says": repair_in_words(names, repair),
        "who": tuple(dict.fromkeys(finding.who for finding in known)),
        "finding_out_low_gbp": sum(finding.gbp[0] for finding in known) if whole else None,
        "finding_out_high_gbp": sum(finding.gbp[1] for finding in known) if whole else None,
        "finding_out_months": max(finding.months[1] for finding in known) if whole else None,
        "rank_then": repair.rank,
        "verdict_then": repair.then.verdict,
    }


# ------------------------------------------------------------------------------------------------------- figures


def _who(finding: Finding | None) -> str:
    if finding is None:
        return "nobody is named in the table of who finds things out: ask whoever says so"
    low, high = (f"{end:g}" for end in finding.months)
    months = low if low == high else f"{low} to {high}"
    return f"{finding.who}, about {span(finding.gbp).removeprefix('about ')} and {months} months"


def _amount(value: float, unit: str) -> str:
    """A figure with its unit, as people write it."""
    rounded = round(value, 6)
    number = f"{rounded:,.0f}" if rounded == round(rounded) else f"{rounded:,.2f}".rstrip("0").rstrip(".")
    if unit.startswith("GBP"):
        sign = "-" if rounded < 0 else ""
        return f"{sign}£{number.removeprefix('-')}{unit.removeprefix('GBP')}"
    if unit == "percent":
        return f"{number}%"
    return f"{number} {visible(unit.removesuffix('s') if number == '1' else unit)}"


def _tenths(points: float | None) -> str:
    return NOT_KNOWN if points is None else f"{points:.1f}"


def _points(points: float) -> str:
    return f"{points:.1f} points" if points >= 0.05 else "less than 0.1 points"


def _ordinal(place: int) -> str:
    end = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{end}"

"""Comparisons of scenarios in words for a terminal: what each costs and does, who loses, why in this order, what they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from assetplan.appraisal.budgets import SIGNED_FOR
from assetplan.appraisal_words import (
    NOT_A_DECISION,
    REPAIRS,
    WITHOUT_REPAIRS,
    heads_of,
    moving_in_words,
    prices_told,
    spares_repairs,
)
from assetplan.assembly_words import Section, capital, listed
from assetplan.delivery_words import COUNTS, body_name
from assetplan.doubt.uncertainty import share_of_draws
from assetplan.explaining.saying import Sayer
from assetplan.figures.explanation import financial
from assetplan.results.moved import in_names
from assetplan.text import counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assetplan.explaining.saying import Said
    from assetplan.results.comparing import Comparison
    from assetplan.results.result import Appraisal
    from assetplan.results.standing import Standing

ORDER = (
    "Least regret first, which is not net present value: by how many of three questions a scenario fails, then by what it forgoes. Is it worth "
    "doing in nearly every draw and under most named stresses? Is every body as well off as it would be alone? Has nobody a longer way or a later "
    "engine? What is not known counts as failed, and what cannot be as it is written comes last. Draws take each figure apart from the others, "
    "which is narrower than the ranges."
)
_MOVES_TOLD = 8


def compared(comparison: Comparison, said: list[Said] | None = None) -> list[Section]:
    """A comparison for a terminal: money, people and delivery in a row for each scenario, who loses, why in this order, moves in common."""
    sayer = Sayer(comparison, said)
    estate = comparison.results[0].estate
    standings = comparison.standings
    sections = [
        Section(
            "Scenarios compared",
            (*heads_of(estate), ORDER),
            pd.DataFrame([_money_row(sayer, one) for one in standings]),
        ),
        Section(
            "Effect on revenue, all bodies in each year",
            (f"Pounds of each year; above 0 is good. Added up to be read: no body pays for another. {REPAIRS}",),
            pd.DataFrame([row for one in standings for row in _revenue_rows(sayer, one)]),
        ),
        Section("What they move, whom they reach, what they take", tuple(_reach(sayer, one) for one in standings)),
        Section("Who loses, and by how much", _losing(sayer, comparison)),
        Section("Why in this order", tuple(_reason(sayer, comparison, one) for one in standings)),
        Section("Moves that several have", _in_common(comparison)),
    ]
    sections.append(Section("", (*prices_told(comparison.results[0]), NOT_A_DECISION)))
    return sections


def _money_row(sayer: Sayer, one: Standing) -> dict[str, str]:
    name = one.name
    worst = one.worst_off
    return {
        "": str(one.rank) if one.rank is not None else "refused",
        "scenario": visible(name),
        "capital": sayer.span(f"{name}/capital_gbp"),
        "receipts, usable": sayer.span(f"{name}/usable_receipts_gbp"),
        "running cost a year: cash": sayer.span(f"{name}/running_cash_change_gbp_pa"),
        "avoided or not cash": sayer.span(f"{name}/running_other_change_gbp_pa"),
        "net present value": sayer.whole(f"{name}/npv_gbp"),
        "worst-off body": "-"
        if worst is None or not (worst.low or worst.central or worst.high)
        else f"{body_name(one.result, worst.organisation)}: {sayer.whole(worst.figure_id)}",
    }


def _revenue_rows(sayer: Sayer, one: Standing) -> Iterator[dict[str, str]]:
    result, name = one.result, one.name
    signed = result.years[1 : SIGNED_FOR + 1]
    row = {"scenario": visible(name)}
    row |= {financial(year): sayer.span(f"{name}/revenue_effect_of_year_gbp/{year}") for year in signed}
    bodies = sorted(result.financial.bodies, key=lambda body: (_worst_year(result, body)[1], body))
    if bodies:
        year, _ = _worst_year(result, bodies[0])
        row["hardest year of a body"] = (
            f"{body_name(result, bodies[0])}, {financial(year)}: {sayer.whole(f'{name}/revenue_effect_gbp/{bodies[0]}/{year}')}"
        )
    else:
        row["hardest year of a body"] = "-"
    yield row
    if any(spares_repairs(result, body, signed) for body in bodies):
        without = {financial(year): sayer.span(f"{name}/without_repairs_avoided_of_year_gbp/{year}") for year in signed}
        yield {"scenario": WITHOUT_REPAIRS, **without, "hardest year of a body": ""}


def _worst_year(result: Appraisal, body: str) -> tuple[int, float]:
    """The year among those for which a finance officer signs in which a body's revenue is down most."""
    frame = result.revenue()
    mine = frame[
        (frame["organisation"] == body) & (frame["year"] <= result.years[min(SIGNED_FOR, len(result.years) - 1)])
    ]
    at = int(mine["revenue_effect_gbp"].to_numpy().argmin())
    return int(mine["year"].iloc[at]), float(mine["revenue_effect_gbp"].iloc[at])


def _reach(sayer: Sayer, one: Standing) -> str:
    """What a scenario moves, whom it reaches and what it takes, in a paragraph."""
    result = one.result
    cells = result.deliverability.cells
    counts = [f"{one.name}/{figure}" for figure in COUNTS]
    ways = [f"{one.name}/people_minutes_change/car", f"{one.name}/worst_change_min/car"]
    said = [f"{visible(one.name)}: {moving_in_words(result)}.", sayer.within(visible(result.access.in_words()), ways)]
    if result.response.verdict:
        said.append(f"Emergency response: {result.response.verdict}.")
    said += [f"{capital(axis)}: {sayer.within(visible(cell), counts)}." for axis, cell in cells.items()]
    return " ".join(said)


def _losing(sayer: Sayer, comparison: Comparison) -> tuple[str, ...]:
    out = []
    for one in comparison.standings:
        told = [
            f"{body_name(one.result, loss.organisation)} {sayer.whole(loss.figure_id)}"
            + (f" against going alone ({visible(loss.against)})" if loss.against else "")
            for loss in one.losers
        ]
        may = [body_name(one.result, loss.organisation) for loss in one.losses if loss.may_lose and not loss.loses]
        worst = f" At the worst of every figure {'also ' if told else ''}{listed(may)}." if may else ""
        out.append(
            f"{visible(one.name)}: {'; '.join(told) if told else 'nobody, with every figure in the middle'}.{worst}"
        )
    out.append(
        "Held against what each body would have alone where such a scenario is compared and does better by it; else against the baseline."
    )
    return tuple(out)


def _reason(sayer: Sayer, comparison: Comparison, one: Standing) -> str:
    name = visible(one.name)
    share = sayer.sentence(f"{one.name}/good_percent", share_of_draws(one.good, comparison.draws))
    if one.rank is None:
        because = "; ".join(in_names(one.result, problem.message) for problem in one.result.refused)
        return f"{name}, last: it cannot be as it is written: {because}"
    stresses, withstood = sayer.measured(f"{one.name}/stresses"), f"{one.name}/stresses_withstood"
    stood = sayer.measured(withstood) if one.withstood else sayer.sentence(withstood, "none")
    asked = [
        f"worth doing in {share} and under {stood} of {stresses} stresses",
        f"{counted(len(one.losers), 'body', 'bodies')} worse off" if one.losers else "nobody worse off",
        _FARTHER[one.farther],
    ]
    return f"{one.rank}. {name}: {', '.join(asked)}; forgoes at most {sayer.about(f'{one.name}/forgone_gbp')} in 19 of 20 draws."


_FARTHER = {
    True: "some have a longer way or a later engine",
    False: "nobody has a longer way",
    None: "whether ways or waits grow is not known",
}


def _in_common(comparison: Comparison) -> tuple[str, ...]:
    frame = comparison.moves()
    rows = [
        (str(row["move"]), row["scenarios"], row["good_in"])
        for row in frame.to_dict("records")
        if len(row["scenarios"]) > 1
    ]
    told = []
    for move, those, good in rows[:_MOVES_TOLD]:
        well = f"{counted(len(good), 'scenario')} without regret" if good else "none of them without regret"
        told.append(f"{move}: in {counted(len(those), 'scenario')}, {well}")
    if not told:
        return ("No move stands in more than one of them.",)
    more = len(rows) - len(told)
    return (*told, *((f"and {counted(more, 'further move')}",) if more else ()))

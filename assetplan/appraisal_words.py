"""Appraisals in words for a terminal: what a scenario is worth, who gains and who loses, what would make one withdraw it, what is not counted.

Every figure is said through a `Sayer`, so that each can be walked back. None is given to the pound but in lists of lines, which add up. Nothing
here is a valuation or legal advice; what is written comes from an estate already filtered for its reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from assetplan.appraisal.budgets import SIGNED_FOR
from assetplan.appraisal.explaining import bodies_of, prices_of
from assetplan.appraisal.explanation import financial, in_unit
from assetplan.appraisal.flow import PUBLIC
from assetplan.appraisal.moved import kept_by, moves_of, place_name
from assetplan.appraisal.postings import FINANCIAL_LINES
from assetplan.appraisal.saying import Sayer
from assetplan.assembly_words import Section, capital, listed
from assetplan.imprint import reader_of, stamp_of
from assetplan.text import counted, visible
from assetplan.wording import day, prices_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assetplan.appraisal.comparing import Comparison, Standing
    from assetplan.appraisal.result import Appraisal
    from assetplan.appraisal.saying import Said
    from assetplan.estate import Estate

NOT_RELEASED = "Appraisals are not released to this reader, so none are shown."
NONE_HERE = "There is no scenario here for this reader."
ORDER = (
    "Least regret first, which is not net present value: what cannot be comes last; then by how many of three questions a scenario fails (worth doing in "
    "nearly every draw and under most named stresses; no body worse off than it would be alone; nobody with a longer way or a later engine; what is "
    "not known counts as failed); then "
    "by what it forgoes. Draws take each figure apart from the others, which is narrower than the ranges."
)
NOT_A_DECISION = (
    "Indicative: no valuation, no legal, equality or audit opinion. Signs: above 0 is good for whoever it is about; a change of running cost below 0 is a "
    "saving."
)
FOR_ADDING = "Figures by line are given to the pound so that they add up; none is known to the pound."
REPAIRS = "It counts what repairs avoided would have charged, which is cash only as far as these are in the programme."
BREAK_EVENS = 3
_MOVES_TOLD = 8
_STOPS_TOLD = 8


# ------------------------------------------------------------------------------------------------------- several


def compared(comparison: Comparison, said: list[Said] | None = None) -> list[Section]:
    """A comparison for a terminal: money, people and delivery in a row for each scenario, who loses, why in this order, moves in common."""
    sayer = Sayer(comparison, said)
    estate = comparison.results[0].estate
    standings = comparison.standings
    sections = [
        Section(
            "Scenarios compared", (*_heads(estate), ORDER), pd.DataFrame([_money_row(sayer, one) for one in standings])
        ),
        Section(
            "Effect on revenue, all bodies in each year",
            (f"Pounds of each year; above 0 is good. Added up to be read: no body pays for another. {REPAIRS}",),
            pd.DataFrame([_revenue_row(sayer, one) for one in standings]),
        ),
        Section("What they move, whom they reach, what they take", tuple(_reach(sayer, one) for one in standings)),
        Section("Who loses, and by how much", _losing(sayer, comparison)),
        Section("Why in this order", tuple(_reason(sayer, comparison, one) for one in standings)),
        Section("Moves that several have", _in_common(comparison)),
    ]
    sections.append(Section("", (*_prices(comparison.results[0]), NOT_A_DECISION)))
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
        if worst is None
        else f"{_body(one.result, worst.organisation)}: {sayer.whole(worst.figure_id)}",
    }


def _revenue_row(sayer: Sayer, one: Standing) -> dict[str, str]:
    result, name = one.result, one.name
    signed = result.years[1 : SIGNED_FOR + 1]
    row = {"scenario": visible(name)}
    row |= {financial(year): sayer.about(f"{name}/revenue_effect_of_year_gbp/{year}") for year in signed}
    bodies = sorted(result.financial.bodies, key=lambda body: (_worst_year(result, body)[1], body))
    if bodies:
        year, _ = _worst_year(result, bodies[0])
        row["hardest year of a body"] = (
            f"{_body(result, bodies[0])}, {financial(year)}: {sayer.whole(f'{name}/revenue_effect_gbp/{bodies[0]}/{year}')}"
        )
    else:
        row["hardest year of a body"] = "-"
    return row


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
    counts = [f"{one.name}/{figure}" for figure in _COUNTS]
    ways = [f"{one.name}/people_minutes_change/car", f"{one.name}/worst_change_min/car"]
    said = [f"{visible(one.name)}: {moving_in_words(result)}.", sayer.within(visible(result.access.in_words()), ways)]
    if result.response.verdict:
        said.append(f"Emergency response: {result.response.verdict}.")
    said += [f"{capital(axis)}: {sayer.within(visible(cell), counts)}." for axis, cell in cells.items()]
    return " ".join(said)


_COUNTS = (
    "count/refused", "count/to_confirm", "count/consents_sought", "count/consents_not_sought", "count/bodies", "count/bodies_ready", "count/figures",
    "count/figures_sourced", "count/figures_illustrative", "count/plans", "chain_months",
)  # fmt: skip


def _losing(sayer: Sayer, comparison: Comparison) -> tuple[str, ...]:
    out = []
    for one in comparison.standings:
        told = [
            f"{_body(one.result, loss.organisation)} {sayer.whole(loss.figure_id)}"
            + (f" against going alone ({visible(loss.against)})" if loss.against else "")
            for loss in one.losers
        ]
        may = [_body(one.result, loss.organisation) for loss in one.losses if loss.may_lose and not loss.loses]
        worst = f" At the worst of every figure also {listed(may)}." if may else ""
        out.append(
            f"{visible(one.name)}: {'; '.join(told) if told else 'nobody, with every figure in the middle'}.{worst}"
        )
    out.append(
        "Held against what each body would have alone where such a scenario is compared and does better by it; else against the baseline."
    )
    return tuple(out)


def _reason(sayer: Sayer, comparison: Comparison, one: Standing) -> str:
    name = visible(one.name)
    share = sayer.measured(f"{one.name}/good_percent")
    if one.rank is None:
        because = "; ".join(visible(str(problem)) for problem in one.result.refused)
        return f"{name}, last: it cannot be as it is written. {because}"
    stood, stresses = (sayer.measured(f"{one.name}/{figure}") for figure in ("stresses_withstood", "stresses"))
    asked = [
        f"worth doing in {share} of {comparison.draws:,} draws and under {stood} of {stresses} stresses",
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


# ------------------------------------------------------------------------------------------------------- one


def told(result: Appraisal, said: list[Said] | None = None, *, alone: bool = True) -> list[Section]:
    """One appraisal for a terminal: what a finance officer and a member ask first.

    ``alone`` is whether nothing stands before it that says for whom it is.
    """
    sayer = Sayer(result, said)
    scenario = result.scenario
    head = _heads(result.estate) if alone else []
    if scenario.author:
        head.append(f"Written by {visible(scenario.author)}.")
    if scenario.note:
        head.append(visible(scenario.note))
    head.append(f"It moves: {moving_in_words(result)}.")
    head.append(
        f"Held against: {visible(result.baseline.name)}. Years {financial(result.base_year)} to {financial(result.years[-1])}."
    )
    if result.refused:
        head.append("It cannot be as it is written, and is reckoned as a question only:")
        head += [f"- {visible(str(problem))}" for problem in result.refused]
    return [
        Section(visible(scenario.name), tuple(head)),
        Section("What it is worth", (), _worth(sayer)),
        Section(
            "Who gains, who loses",
            (f"Own cash and revenue in pounds of each year; revenue above 0 is good for the body. {REPAIRS}",),
            _bodies(result, sayer),
        ),
        Section("What sales leave", tuple(_receipts(result, sayer))),
        Section(*_withdrawing(result, sayer)),
        Section("If something goes wrong", tuple(_stressed(result, sayer)), _stress_table(result, sayer)),
        *_granted(result, sayer),
        Section("What could stop it", tuple(_stops(result, sayer))),
        Section("People", tuple(_people(result, sayer))),
        Section("What is not counted", tuple(_not_counted(result))),
        Section("What it rests on", tuple(_basis(result, sayer))),
    ]


def _worth(sayer: Sayer) -> pd.DataFrame:
    rows = [
        ("net present value, bodies and exchequer", sayer.whole("npv_gbp"), "npv_gbp"),
        ("the same with what the public gains or loses", sayer.whole("public_value_gbp"), "public_value_gbp"),
        ("benefits for each pound of costs", sayer.ratio("bcr"), "bcr"),
        ("paid back by", sayer.year("payback_year"), "payback_year"),
        ("capital, with optimism bias", sayer.whole("capital_gbp"), "capital_gbp"),
        ("receipts from outside, net", sayer.whole("receipts_gbp"), "receipts_gbp"),
        ("running cost a year: cash", sayer.whole("running_cash_change_gbp_pa"), "running_cash_change_gbp_pa"),
        (
            "running cost a year: not cash",
            sayer.whole("running_not_cash_change_gbp_pa"),
            "running_not_cash_change_gbp_pa",
        ),
    ]
    return pd.DataFrame(rows, columns=["what", "about (from worst to best)", "explain"])


def _bodies(result: Appraisal, sayer: Sayer) -> pd.DataFrame:
    """Each body's own cash, its part of the whole, its revenue in the years for which a finance officer signs, and what it owes at most."""
    case = result.financial
    yearly = [body for body in result.economic.yearly.index if body not in case.at_body]
    signed = result.years[: SIGNED_FOR + 1]
    rows = []
    for body in [*sorted(case.bodies, key=lambda body: (-case.npv(body).central, body)), *yearly]:
        own = body in case.at_body
        row = {
            "body": _body(result, body),
            "own cash, present value": sayer.whole(f"financial_npv_gbp/{body}") if own else "-",
            "part of the whole": sayer.about(f"public_value_gbp/{body}"),
        }
        row |= {
            f"revenue {financial(year)}": sayer.about(f"revenue_effect_gbp/{body}/{year}") if own else "-"
            for year in signed
        }
        row["most owed"] = sayer.about(f"borrowing_peak_gbp/{body}") if own else "-"
        rows.append(row)
    return pd.DataFrame(rows)


def _receipts(result: Appraisal, sayer: Sayer) -> list[str]:
    """What sales leave to be used: gross, net, by whom and for what."""
    out = []
    for row in result.receipts().to_dict("records"):
        path = f"receipt/{row['organisation']}/{row['action']}/{row['subject']}"
        if not result.knows(f"{path}/gross"):
            continue
        what = f"{place_name(result, str(row['subject']))} ({_body(result, row['organisation'])}, {financial(row['year'])})"
        use = f"for {visible(str(row['usable_for']))}" if row["usable_for"] else "no use is stated"
        hangs = f" It hangs on {visible(str(row['hangs_on']))}." if row["hangs_on"] else ""
        said = f"{what}: gross {sayer.whole(f'{path}/gross')}, net {sayer.about(f'{path}/net')}, of it usable {sayer.about(f'{path}/usable')}"
        out.append(f"{said}, {use}.{hangs}")
    for row in result.self_funding().to_dict("records"):
        figure = "/".join(
            part for part in (f"self_funding_percent/{row['organisation']}", str(row["pot"]).replace(" ", "-")) if part
        )
        if row["share_percent"] == row["share_percent"] and not row["illustration"]:  # noqa: PLR0124 - not known is not equal to itself
            pot = f", {visible(str(row['pot']))}" if row["pot"] else ""
            out.append(
                f"Usable receipts meet {sayer.measured(figure)} of the capital of {_body(result, row['organisation'])}{pot}."
            )
    return out or ["Nothing is sold."]


def _withdrawing(result: Appraisal, sayer: Sayer) -> tuple[str, tuple[str, ...]]:
    """The three things that would change the answer first; which way depends on the answer."""
    heading = (
        "What would make you withdraw it" if result.npv_gbp > 0 else "What would have to be so for it to be worth it"
    )
    said = tuple(sayer.sentence(one.figure_id, visible(one.sentence)) for one in result.break_evens()[:BREAK_EVENS])
    return heading, said or ("It is worth neither more nor less than the baseline.",)


def _stressed(result: Appraisal, sayer: Sayer) -> Iterable[str]:
    drawn = result.draws()
    if result.economic.ledger.flows:
        ends = " to ".join(sayer.about(f"draws/npv_gbp/{end}_gbp") for end in ("p5", "p95"))
        yield f"In nine of ten of {len(drawn):,} draws net present value is {ends}, narrower than the range, as figures are drawn one apart from another."
        yield from (visible(f"{one}.") for one in drawn.failures)


def _stress_table(result: Appraisal, sayer: Sayer) -> pd.DataFrame:
    rows = []
    for row in result.stress().to_dict("records"):
        told = row["npv_gbp"] == row["npv_gbp"]  # noqa: PLR0124 - what cannot be reckoned is not equal to itself
        rows.append(
            {
                "if": visible(str(row["name"])),
                "net present value": sayer.whole(str(row["figure_id"])) if told else "cannot be",
                "what is meant": sayer.sentence(str(row["figure_id"]), visible(str(row["words"])))
                if told
                else visible(str(row["words"])),
            }
        )
    return pd.DataFrame(rows)


def _granted(result: Appraisal, sayer: Sayer) -> list[Section]:
    rows = result.grants().to_dict("records")
    said = tuple(sayer.sentence(f"{row['figure_id']}/grant_gbp", visible(str(row["words"]))) for row in rows)
    return [Section("What its grants ask", said)] if rows else []


def _stops(result: Appraisal, sayer: Sayer) -> Iterable[str]:
    found = result.deliverability
    cells = found.cells
    for axis in ("willingness", "need", "aspirations", "deliverability", "consents and months"):
        yield f"{capital(axis)}: {sayer.within(visible(cells[axis]), _COUNTS)}."
    for stop in found.stops[:_STOPS_TOLD]:
        yield f"- {stop.verdict}: {visible(stop.says)}{f' ({visible(stop.who)})' if stop.who else ''}"
    if len(found.stops) > _STOPS_TOLD:
        yield f"- and {counted(len(found.stops) - _STOPS_TOLD, 'further kind')} of things"


def _people(result: Appraisal, sayer: Sayer) -> Iterable[str]:
    for mode in ("car", "foot"):
        yield sayer.within(
            visible(result.access.in_words(mode)), [f"people_minutes_change/{mode}", f"worst_change_min/{mode}"]
        )
    yield from (visible(unknown) for unknown in result.access.unknowns)
    if result.response.verdict:
        yield f"Emergency response: {result.response.verdict}."
        for leg in result.response.legs.to_dict("records"):
            yield f"- {visible(leg['name'])}: {leg['verdict']}. {visible(' '.join(leg['reasons']))} {visible(leg['decides'])}"
    yield from (visible(unknown) for unknown in result.response.unknowns)
    yield "No equality conclusion is drawn: that is for the assessment that each body owes."


def _not_counted(result: Appraisal) -> list[str]:
    out = [f"Action {action}: {visible(what)}" if action else visible(what) for action, what in result.unknown]
    return out or ["Nothing that an action needs is missing."]


def _basis(result: Appraisal, sayer: Sayer) -> list[str]:
    sure = result.deliverability.confidence
    said = [*_prices(result), f"Confidence: {sayer.within(visible(sure.in_words), _COUNTS)}."]
    said += [visible(note) for note in result.figures.notes]
    sources = dict.fromkeys(given.source for given in result.inputs.values() if given.source)
    if sources:
        said.append(
            f"Its figures come from {counted(len(sources), 'source')}; --lines tells those of each line, assetplan explain those of any figure."
        )
    return [*said, NOT_A_DECISION]


# ------------------------------------------------------------------------------------------------------- lines and years


def lines_told(result: Appraisal, organisation: str = "", said: list[Said] | None = None) -> Section:
    """Every line with its basis and sources."""
    sayer = Sayer(result, said)
    rows = [
        {
            "line": row["line_id"],
            "year": financial(row["year"]),
            "body": _body(result, row["organisation"]),
            "case": row["case"],
            "what": FINANCIAL_LINES.get(row["line"], row["line"]),
            "class": row["benefit_class"],
            "amount": sayer.exact(f"line/{row['line_id']}"),
            "basis": visible(row["basis"]),
            "sources": visible(row["sources"]),
        }
        for row in lines_of(result, organisation).to_dict("records")
    ]
    return Section(f"Lines of {visible(result.scenario.name)}", (FOR_ADDING,), pd.DataFrame(rows))


def lines_of(result: Appraisal, organisation: str = "") -> pd.DataFrame:
    """The lines of a result, of one body where one is named, with the discount factor of their year."""
    lines = result.lines
    lines = lines.assign(discount_factor=[result.economic.factors.get(int(year), 0.0) for year in lines["year"]])
    return lines[lines["organisation"] == organisation].reset_index(drop=True) if organisation else lines


def years_told(result: Appraisal, organisation: str = "", said: list[Said] | None = None) -> Section:
    """What each body saves and receives less what it spends, year by year, and all of them so far."""
    sayer = Sayer(result, said)
    yearly = result.economic.yearly
    rows = []
    for year in result.years:
        row = {"year": financial(year)}
        for body in yearly.index:
            if organisation in ("", body):
                figure = f"yearly_gbp/{year}/{body}"
                row[_body(result, body)] = sayer.about(figure) if body != PUBLIC and result.knows(figure) else "£0"
        if not organisation:
            row["so far, all but the public"] = sayer.about(f"cumulative_gbp/{year}")
        rows.append(row)
    return Section(
        "Year by year", (f"Saved and received less spent; {prices_of(result)}, undiscounted.",), pd.DataFrame(rows)
    )


# ------------------------------------------------------------------------------------------------------- words in common


def moving_in_words(result: Appraisal) -> str:
    """What a scenario does, in a line."""
    kept = kept_by(result)
    said = [move.told for move in moves_of(result)]
    said += [f"{counted(kept, 'place')} kept as they are"] if kept else []
    return "; ".join(said) or "nothing"


def _body(result: Appraisal, key: str) -> str:
    return visible(bodies_of(result).get(key, key))


def _heads(estate: Estate) -> list[str]:
    dated = f"; bodies and registers as at {day(estate.as_of)}" if estate.as_of else ""
    heads = [stamp_of(estate), visible(estate.banner), f"As {reader_of(estate)} may know it{dated}."]
    return [head for head in heads if head]


def _prices(result: Appraisal) -> list[str]:
    law = f" Law as at {day(result.estate.law_as_of)}." if result.estate.law_as_of else ""
    return [
        f"{prices_in_words(result.estate)} Present values are at the Green Book's rates, in pounds of {financial(result.base_year)}.{law}",
    ]

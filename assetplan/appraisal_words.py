"""Appraisals in words for a terminal: what a scenario is worth, who gains and who loses, what would make one withdraw it, what is not counted.

Every figure is said through a `Sayer`, so that each can be walked back. None is given to the pound but in lists of lines, which add up. Nothing
here is a valuation or legal advice; what is written comes from an estate already filtered for its reader.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from assetplan.appraisal.budgets import SIGNED_FOR
from assetplan.appraisal.flow import PUBLIC
from assetplan.appraisal.postings import FINANCIAL_LINES
from assetplan.assembly_words import Section, capital, listed
from assetplan.delivery_words import COUNTS, body_name, delivery_told, set_otherwise, under_people
from assetplan.explaining.do_minimum_figures import part_of
from assetplan.explaining.explainer import prices_of
from assetplan.explaining.saying import Sayer
from assetplan.figures.explanation import financial
from assetplan.imprint import reader_of, stamp_of
from assetplan.ranges import NIL_GBP
from assetplan.results.moved import constraint_name, in_names, kept_by, moves_of, place_name
from assetplan.scenarios.actions import Release
from assetplan.text import counted, visible
from assetplan.wording import day, prices_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assetplan.doubt.uncertainty import Failure
    from assetplan.estate import Estate
    from assetplan.explaining.saying import Said
    from assetplan.results.result import Appraisal

NOT_RELEASED = "Appraisals are not released to this reader, so none are shown."
NONE_HERE = "There is no scenario here for this reader."
NOT_A_DECISION = (
    "Indicative: no valuation, no legal, equality or audit opinion. Signs: above 0 is good for whoever it is about; a change of running cost below "
    "0 is a saving."
)
FOR_ADDING = "Figures by line are given to the pound so that they add up; none is known to the pound."
WITHOUT_REPAIRS = "  without repairs avoided"
REPAIRS = "It counts what repairs avoided would have charged, which is cash only as far as these are in the programme."
BREAK_EVENS = 3
PAYS_FOR_CAPITAL = (
    "grant_gbp", "developer_contribution_gbp", "contribution_gbp", "reserve_gbp", "capital_receipts_gbp", "revenue_gbp", "usable_receipts_gbp",
    "borrowing_gbp", "to_find_gbp",
)  # fmt: skip
# ------------------------------------------------------------------------------------------------------- one


def told(result: Appraisal, said: list[Said] | None = None, *, alone: bool = True) -> list[Section]:
    """One appraisal for a terminal: what a finance officer and a member ask first.

    ``alone`` is whether nothing stands before it that says for whom it is.
    """
    sayer = Sayer(result, said)
    scenario = result.scenario
    head = heads_of(result.estate) if alone else []
    if scenario.author:
        head.append(f"Written by {visible(scenario.author)}.")
    if scenario.note:
        head.append(visible(scenario.note))
    moves = moves_by_year(result)
    head += ["What it does:", *(f"- {when}: {'; '.join(what)}" for when, what in moves.items())] if moves else []
    kept = kept_by(result)
    head += (
        [f"{counted(kept, 'place').capitalize()} kept as they are."] if kept else [] if moves else ["It does nothing."]
    )
    head.append(
        f"Held against: {visible(result.baseline.name)}. Years {financial(result.base_year)} to {financial(result.years[-1])}."
    )
    if result.refused:
        head.append("It cannot be as it is written, and is reckoned as a question only:")
        head += [
            f"- action {problem.action}: {under_people(problem.message)}"
            if problem.code == "response"
            else f"- {in_names(result, str(problem))}"
            for problem in result.refused
        ]
    return [
        Section(visible(scenario.name), tuple(head)),
        Section("What it is worth", _lacking(result), _worth(result, sayer)),
        Section(
            "Who gains, who loses", ("Own cash and what is owed are in pounds of each year.",), _bodies(result, sayer)
        ),
        Section(
            "Effect on revenue",
            (f"Pounds of each year; above 0 is good for the body. {REPAIRS}",),
            _revenue(result, sayer),
        ),
        Section("If nothing is done", tuple(_nothing_done(result)), _nothing_table(result, sayer)),
        _capital(result, sayer),
        Section("What sales leave", tuple(_receipts(result, sayer))),
        Section(*_withdrawing(result, sayer)),
        Section("If something goes wrong", tuple(_stressed(result, sayer)), _stress_table(result, sayer)),
        *_granted(result, sayer),
        *delivery_told(result, sayer),
        Section("What is not counted", tuple(_not_counted(result))),
        Section("What it rests on", tuple(_basis(result, sayer))),
    ]


def _worth(result: Appraisal, sayer: Sayer) -> pd.DataFrame:
    rows = [
        ("net present value, bodies and exchequer", sayer.whole("npv_gbp"), "npv_gbp"),
        ("the same with what the public gains or loses", sayer.whole("public_value_gbp"), "public_value_gbp"),
        ("benefits for each pound of costs", sayer.ratio("bcr"), "bcr"),
        ("paid back by", _payback(result, sayer), "payback_year"),
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


def _payback(result: Appraisal, sayer: Sayer) -> str:
    if result.payback_year is None and not result.owes:
        return "nothing to pay back"
    never = f"not by {financial(result.years[-1])}"
    middle = never if result.payback_year is None else sayer.year("payback_year")
    worst, best = (never if year is None else financial(year) for year in reversed(result.payback_range))
    return middle if {worst, best} == {middle} else f"{middle} ({worst} to {best})"


def _lacking(result: Appraisal) -> tuple[str, ...]:
    """That something is not stated, before figures in which it is missing."""
    if not result.unknown:
        return ()
    return (
        "Nothing is counted for what nobody states, told below: a figure may lack it, and £0 may stand for what is not known.",
    )


def _bodies(result: Appraisal, sayer: Sayer) -> pd.DataFrame:
    """Each body's own cash, its part of the whole, and what it owes at most."""
    case = result.financial
    yearly = [body for body in result.economic.yearly.index if body not in case.at_body]
    rows = []
    for body in [*_by_cash(result), *yearly]:
        own = body in case.at_body
        rows.append(
            {
                "body": body_name(result, body),
                "own cash, present value": sayer.whole(f"financial_npv_gbp/{body}") if own else "-",
                "part of the whole": sayer.whole(f"public_value_gbp/{body}"),
                "most owed": sayer.whole(f"borrowing_peak_gbp/{body}") if own else "-",
            }
        )
    return pd.DataFrame(rows)


def _by_cash(result: Appraisal) -> list[str]:
    case = result.financial
    return sorted(case.bodies, key=lambda body: (-case.npv(body).central, body))


def _revenue(result: Appraisal, sayer: Sayer) -> pd.DataFrame:
    """The effect on each body's revenue in the years for which a finance officer signs, and the same without repairs avoided."""
    signed = result.years[: SIGNED_FOR + 1]
    rows = []
    for body in _by_cash(result):
        effects = {financial(year): sayer.span(f"revenue_effect_gbp/{body}/{year}") for year in signed}
        rows.append({"body": body_name(result, body), **effects})
        if spares_repairs(result, body, signed):
            without = {financial(year): sayer.span(f"without_repairs_avoided_gbp/{body}/{year}") for year in signed}
            rows.append({"body": WITHOUT_REPAIRS, **without})
    return pd.DataFrame(rows)


def spares_repairs(result: Appraisal, body: str, years: Iterable[int]) -> bool:
    """Whether anything of the effect on a body's revenue in some years is repairs avoided."""
    spared = (result.explain(f"from_repairs_avoided_gbp/{body}/{year}").value or 0.0 for year in years)
    return any(abs(value) >= NIL_GBP for value in spared)


def _nothing_done(result: Appraisal) -> list[str]:
    """What the baseline is, and what is not counted there."""
    prices = prices_of(result)
    said = [
        f"What the baseline itself spends on the places concerned, {prices}, not discounted. All other figures are differences from it."
    ]
    if result.undone.years and not result.least.given:
        said.append(
            "Everything stays, the backlog that registers state is spent, and nothing after that: no renewal later, no rise of backlog."
        )
    return said + [f"Not counted there: {visible(what)}" for _, what in result.undone.unknown]


def _nothing_table(result: Appraisal, sayer: Sayer) -> pd.DataFrame:
    """By body, what running costs in the first year, repairs by year, and what else a baseline of one's own spends."""
    undone = result.undone
    signed = result.years[: SIGNED_FOR + 1]
    rows = []
    for body in undone.bodies:
        first = f"baseline_running_gbp/{body}/{result.base_year}"
        row = {
            "body": body_name(result, body),
            f"running {financial(result.base_year)}": sayer.whole(first) if result.knows(first) else "£0",
        }
        for year in signed[1:]:
            repairs = f"baseline_repairs_gbp/{body}/{year}"
            row[f"repairs {financial(year)}"] = sayer.span(repairs) if result.knows(repairs) else "£0"
        for name, what in (("repairs", "repairs, all years"), ("other", "what else, all years")):
            figure = f"baseline_{name}_gbp/{body}"
            if name == "repairs" or any(part_of(flow) == "other" for flow in undone.flows):
                row[what] = sayer.whole(figure)
        rows.append(row)
    return pd.DataFrame(rows)


def _capital(result: Appraisal, sayer: Sayer) -> Section:
    """Where the capital comes from, body by body, and what plans say of it."""
    table, heading = _capital_table(result, sayer), "Where the capital comes from"
    return Section(heading, tuple(_paid(result)), table) if len(table) else Section(heading, ("No capital is spent.",))


def _paid(result: Appraisal) -> list[str]:
    said = [
        "Pounds of each year, with contingency in place of optimism bias, and with VAT that sticks. What nothing else pays for is borrowed."
    ]
    plans = dict.fromkeys(one.plan for one in result.scenario.funding if one.plan and one.pays_for == "capital")
    pots = []
    for plan in plans:
        row = result.groundwork.ground.plans.get(plan)
        name, standing = (str(row["name"] or plan), str(row["status"] or "")) if row is not None else (plan, "")
        pots.append(f"{visible(name)} ({visible(standing) or 'standing not known'})")
    if pots:
        said.append(f"Some of it is to come, by plans.csv, from {listed(pots)}.")
    if not plans:
        said.append("No plan or programme is named for it.")
    return said


def _capital_table(result: Appraisal, sayer: Sayer) -> pd.DataFrame:
    """What each body spends as capital in each year, and what pays for it."""
    rows = []
    for row in result.capital().to_dict("records"):
        if abs(row["capital_gbp"]) < NIL_GBP:
            continue
        where = f"{row['organisation']}/{row['year']}"
        told = {
            "body": body_name(result, row["organisation"]),
            "year": financial(row["year"]),
            "capital": sayer.rough(f"financial_capital_gbp/{where}"),
        }
        for source in PAYS_FOR_CAPITAL:
            if source in row and abs(row[source]) >= NIL_GBP:
                name = source.removesuffix("_gbp").replace("_", "-")
                path = "borrowing" if name == "to-find" else name
                told[name.replace("-", " ")] = sayer.rough(f"capital_paid_gbp/{where}/{path}")
        rows.append(told)
    return pd.DataFrame(rows).fillna("-")


def _receipts(result: Appraisal, sayer: Sayer) -> list[str]:
    """What sales leave to be used: gross, net, by whom and for what."""
    out = []
    for row in result.receipts().to_dict("records"):
        path = f"receipt/{row['organisation']}/{row['action']}/{row['subject']}"
        if not result.knows(f"{path}/gross"):
            continue
        what = f"{place_name(result, str(row['subject']))} ({body_name(result, row['organisation'])}, {financial(row['year'])})"
        use = f"for {visible(str(row['usable_for']))}" if row["usable_for"] else "no use is stated"
        hangs_on = sayer.sentence(f"{path}/usable", visible(str(row["hangs_on"])))
        hangs = f" It hangs on {hangs_on}." if row["hangs_on"] else ""
        net, usable = sayer.span(f"{path}/net"), sayer.span(f"{path}/usable")
        left = f"net and usable {net}" if net == usable else f"net {net}, of it usable {usable}"
        said = f"{what}: gross {sayer.whole(f'{path}/gross')}, {left}"
        out.append(f"{said}, {use}.{hangs}")
    if not out:
        return ["Nothing is sold."]
    for row in result.self_funding().to_dict("records"):
        figure = "/".join(
            part for part in (f"self_funding_percent/{row['organisation']}", str(row["pot"]).replace(" ", "-")) if part
        )
        if row["share_percent"] == row["share_percent"] and not row["illustration"]:
            pot = f", {visible(str(row['pot']))}" if row["pot"] else ""
            out.append(
                f"Usable receipts meet {sayer.measured(figure)} of the capital of {body_name(result, row['organisation'])}{pot}."
            )
    return out


def _withdrawing(result: Appraisal, sayer: Sayer) -> tuple[str, tuple[str, ...]]:
    """The three things that would change the answer first; which way depends on the answer."""
    heading = (
        "What would make you withdraw it" if result.npv_gbp > 0 else "What would have to be so for it to be worth it"
    )
    said = tuple(sayer.sentence(one.figure_id, visible(one.sentence)) for one in result.break_evens()[:BREAK_EVENS])
    if not said and abs(result.npv_gbp) >= NIL_GBP:
        return heading, (
            "No one thing that is looked at would bring it to nought by itself, with all else in the middle.",
        )
    return heading, said or ("It is worth neither more nor less than the baseline.",)


def _stressed(result: Appraisal, sayer: Sayer) -> Iterable[str]:
    drawn = result.draws()
    if result.economic.ledger.flows:
        ends = " to ".join(sayer.about(f"draws/npv_gbp/{end}_gbp") for end in ("p5", "p95"))
        yield f"In nine of ten of {len(drawn):,} draws net present value is {ends}: narrower than the range, as figures are drawn apart."
        for one in drawn.failures:
            yield sayer.sentence(f"draws/failed/{one.key}", capital(visible(f"{_release(result, one)}.")))
    worst = [
        row
        for row in result.stressed_budgets().to_dict("records")
        if str(row["figure_id"]).startswith("strain/late and lower/")
    ]
    if worst:
        yield f"{visible(str(worst[0]['stress']))}, in pounds of each year:"
    for row in worst:
        told = row["financial_npv_gbp"] == row["financial_npv_gbp"]
        name, said = (
            visible(str(row["organisation"])),
            visible(str(row["words"])).replace(f"{visible(str(row['organisation']))}: ", "", 1),
        )
        words = sayer.sentence(f"{row['figure_id']}/financial_npv_gbp", said) if told else said
        yield f"- {body_name(result, name)}: {words}"


def _release(result: Appraisal, failure: Failure) -> str:
    """A release that may fail, its constraint by name."""
    for action in result.scenario.actions:
        if isinstance(action, Release) and failure.name.endswith(f" {action.constraint} succeeds"):
            return str(replace(failure, name=f"release of {constraint_name(result, action.constraint)}"))
    return str(failure)


def _stress_table(result: Appraisal, sayer: Sayer) -> pd.DataFrame:
    rows, before = [], ""
    for row in result.stress().to_dict("records"):
        figure, known = str(row["figure_id"]), row["npv_gbp"] == row["npv_gbp"]
        name, words = visible(str(row["name"])), visible(str(row["words"]))
        said = "as above" if words == before else "" if figure in _SAID_BY_NAME else words
        before = words
        rows.append(
            {
                "if": sayer.sentence(figure, name) if known else name,
                "net present value": sayer.whole(figure) if known else "cannot be",
                "what is meant": sayer.sentence(figure, said) if known and said else said,
            }
        )
    return pd.DataFrame(rows)


_SAID_BY_NAME = {"stress/as written", "stress/lower"}


def _granted(result: Appraisal, sayer: Sayer) -> list[Section]:
    rows = result.grants().to_dict("records")
    said = tuple(
        sayer.sentence(figure, words) if result.knows(figure) else words  # a grant of nothing is no figure
        for figure, words in ((f"{row['figure_id']}/grant_gbp", visible(str(row["words"]))) for row in rows)
    )
    return [Section("What its grants ask", said)] if rows else []


def _not_counted(result: Appraisal) -> list[str]:
    out = [f"Action {action}: {visible(what)}" if action else visible(what) for action, what in result.unknown]
    return out or ["Nothing that an action needs is missing."]


def _basis(result: Appraisal, sayer: Sayer) -> list[str]:
    sure = result.deliverability.confidence
    said = [*prices_told(result), f"Confidence: {sayer.within(visible(sure.in_words), COUNTS)}."]
    said += [visible(note) for note in result.figures.notes]
    for figure, what, one in set_otherwise(result):
        value = f"is {sayer.measured(figure)} here" if figure else "is another here, and nothing rests on it"
        said.append(f"Set otherwise: {what} {value}. {visible(one.reason)} ({visible(one.author)}).")
    said += _notes(result, sayer)
    sources = result.explain("count/sources").value
    if sources:
        told = sayer.within(counted(int(sources), "source"), ["count/sources"])
        said.append(
            f"Its figures come from {told}; --lines tells those of each line, assetplan explain those of any figure."
        )
    return [*said, NOT_A_DECISION]


def _notes(result: Appraisal, sayer: Sayer) -> list[str]:
    """What is to be told beside the bodies' figures; what is told of several alike once."""
    found: dict[str, list[str]] = {}
    for body, what in result.financial.notes:
        found.setdefault(_NUMBERED.sub("", what), []).append(body)
    out = []
    for what, those in found.items():
        note = f"{listed([body_name(result, body) for body in dict.fromkeys(those)])}: {visible(what)}"
        figure = f"financial_npv_gbp/{those[0]}"  # a body may only give, and have no cash of its own
        out.append(sayer.sentence(figure, note) if result.knows(figure) else note)
    return out


_NUMBERED = re.compile(r"^Funding \d+: ")


# ------------------------------------------------------------------------------------------------------- lines and years


def lines_told(result: Appraisal, organisation: str = "", said: list[Said] | None = None) -> Section:
    """Every line with its basis and sources."""
    sayer = Sayer(result, said)
    rows = [
        {
            "line": row["line_id"],
            "year": financial(row["year"]),
            "body": body_name(result, row["organisation"]),
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


def years_told(result: Appraisal, organisation: str = "", said: list[Said] | None = None) -> list[Section]:
    """What each body saves and receives less what it spends, year by year and so far; and what that does to its revenue."""
    sayer = Sayer(result, said)
    yearly, case = result.economic.yearly, result.financial
    saved, effects = [], []
    spared = {body for body in case.bodies if spares_repairs(result, body, result.years)}
    for year in result.years:
        row = {"year": financial(year)}
        for body in yearly.index:
            if organisation in ("", body):
                figure = f"yearly_public_gbp/{year}" if body == PUBLIC else f"yearly_gbp/{year}/{body}"
                row[body_name(result, body)] = sayer.span(figure) if result.knows(figure) else "£0"
        if not organisation:
            row["so far, all but the public"] = sayer.span(f"cumulative_gbp/{year}")
        saved.append(row)
        mine = [body for body in case.bodies if organisation in ("", body)]
        effect = {}
        for body in mine:
            effect[body_name(result, body)] = sayer.whole(f"revenue_effect_gbp/{body}/{year}")
            if body in spared:
                without = f"without_repairs_avoided_gbp/{body}/{year}"
                effect[f"{body_name(result, body)}, without repairs avoided"] = sayer.span(without)
        effects.append({"year": financial(year), **effect})
    return [
        Section(
            "Year by year", (f"Saved and received less spent; {prices_of(result)}, undiscounted.",), pd.DataFrame(saved)
        ),
        Section(
            "Effect on revenue, year by year",
            (f"Pounds of each year, from worst to best; above 0 is good for the body. {REPAIRS}",),
            pd.DataFrame(effects),
        ),
    ]


# ------------------------------------------------------------------------------------------------------- words in common


def moves_by_year(result: Appraisal) -> dict[str, list[str]]:
    """What a scenario does by financial year, the first year first."""
    found: dict[str, list[str]] = {}
    for move in moves_of(result):
        found.setdefault(move.told[len(move.what) + 2 : -1], []).append(move.what)
    return dict(sorted(found.items()))


def moving_in_words(result: Appraisal) -> str:
    """What a scenario does, in a line."""
    kept = kept_by(result)
    said = [f"{when}: {', '.join(what)}" for when, what in moves_by_year(result).items()]
    said += [f"{counted(kept, 'place')} kept as they are"] if kept else []
    return "; ".join(said) or "nothing"


def heads_of(estate: Estate) -> list[str]:
    """For whom an answer is, and as at when."""
    dated = f"; bodies and registers as at {day(estate.as_of)}" if estate.as_of else ""
    heads = [stamp_of(estate), visible(estate.banner), f"As {reader_of(estate)} may know it{dated}."]
    return [head for head in heads if head]


def prices_told(result: Appraisal) -> list[str]:
    """Of which year pounds are, and under which law."""
    law = f" Law as at {day(result.estate.law_as_of)}." if result.estate.law_as_of else ""
    begins = financial(result.base_year)
    rise = f" Pounds of each year are these prices in {begins}, whatever they were then, and rise from there."
    return [
        f"{prices_in_words(result.estate)} Present values are discounted to {begins} at the Green Book's rates.{rise}{law}",
    ]

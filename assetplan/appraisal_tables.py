"""Appraised scenarios in tables of a page: money, what they move and take, each budget, what goes wrong, what doing the minimum spends.

Every figure in a cell carries what `assetplan.Comparison.explain` knows it by.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.appraisal.budgets import SIGNED_FOR
from assetplan.appraisal_charts import amount_of, figure_of
from assetplan.assembly_words import capital
from assetplan.delivery_words import COUNTS
from assetplan.explaining.explainer import bodies_of, prices_of
from assetplan.explaining.saying import NUMBERS, Sayer
from assetplan.figures.explanation import financial
from assetplan.listing import one_table
from assetplan.page.view import Words
from assetplan.ranges import NIL_GBP, either_way, pounds
from assetplan.results.moved import in_names, moves_of
from assetplan.tables import records
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assetplan.charts.tabling import Told
    from assetplan.page.view import Table
    from assetplan.results.result import Appraisal
    from assetplan.results.standing import Standing

    Line = list[Words]

_MOVES = 6
_WAYS = ("people_minutes_change/car", "worst_change_min/car")
_STRAINS = ("as written", "late", "lower", "late and lower", "a year later")
"""What a body's own money is put to on the page; the appraisal has more."""
_HELD = (1, 2, 5)
_MEASURES = {
    "borrowing_peak_gbp": "Owes at most",
    "worst_year_gbp": "Its worst year",
    "year_5_gbp": "Its revenue in {}",
}
_SPENT = {"running": "running its places", "repairs": "repairs", "other": "what else is done"}


# ------------------------------------------------------------------------------------------------------- cells


def words(text: str, figure: str = "") -> Words:
    """Words, and which figure they are."""
    return Words(text=text, figure=figure)


def span_of(result: Appraisal, figure: str) -> Line:
    """A figure in pounds as a range."""
    amount = amount_of(result, figure)
    return [words(amount.words, amount.figure if amount.known else "")]


def either(low: float, high: float, figure: str) -> Line:
    """Gains or loses so much, or either."""
    if math.isnan(low) or math.isnan(high):
        return [words("gains or loses: not known")]
    way, size = either_way((low, high))
    verb = {0: "neither gains nor loses", 1: "gains ", -1: "loses ", 2: "may have "}[way]
    return [words(verb)] if way == 0 else [words(verb), words(size, figure)]


def within(result: Appraisal, text: str, figures: Iterable[str]) -> Line:
    """A text that tells some figures: its numbers that are one of them carry it."""
    sayer = Sayer(result)
    text = visible(sayer.within(text, figures))
    known: dict[str, list[str]] = {}
    for said in sayer.said:
        known.setdefault(said.text, []).append(said.figure_id)
    out, at = [], 0
    for found in NUMBERS.finditer(text):
        of = known.get(found[0])
        if of:
            figure = (
                of.pop(0) if len(of) > 1 else of[0]
            )  # where two figures are one number, the first told is the first of them
            out += [words(text[at : found.start()]), words(found[0], figure_of(result, figure))]
            at = found.end()
    return [part for part in (*out, words(text[at:])) if part["text"]]


def _body(result: Appraisal, key: str) -> str:
    name = visible(bodies_of(result).get(key, key))
    return f"{name[:1].upper()}{name[1:]}"


def _one(result: Appraisal, figure: str, amount: Any, *, about: bool = True) -> Line:
    """An amount with every input in the middle: it has no ends."""
    if amount is None or pd.isna(amount):
        return [words("cannot be")]
    told = pounds(float(amount))
    return [words(told if told == "£0" or not about else f"about {told}", figure_of(result, figure))]


# ------------------------------------------------------------------------------------------------------- compared


def money_table(standings: Sequence[Standing]) -> Table:
    """What scenarios cost and bring, a row for each in their order: as many columns as stand beside one another on a screen and a sheet."""
    result = standings[0].result if standings else None
    heads = [
        "Scenario",
        "Order",
        "Net present value, whole purse",
        "Worst-off body",
        "Capital",
        "Receipts, usable",
        "Running cost a year, cash",
        "Running cost a year, avoided or not cash",
    ]
    last = None if result is None else _signed(result)[-1]
    if last is not None:
        heads.append(f"Effect on revenue, {financial(last)}, all bodies")
    rows = []
    for one in standings:
        of = one.result
        row = [
            [words(visible(one.name))],
            [words("refused: last" if one.rank is None else f"{one.rank} of {len(standings)}")],
            span_of(of, "npv_gbp"),
            _worst_off(one),
            span_of(of, "capital_gbp"),
            span_of(of, "usable_receipts_gbp"),
            span_of(of, "running_cash_change_gbp_pa"),
            span_of(of, "running_other_change_gbp_pa"),
        ]
        rows.append([*row, span_of(of, f"revenue_effect_of_year_gbp/{last}")] if last is not None else row)
    note = "Pounds as ranges; above nought is good, but capital, which is spent. Costs below nought are savings."
    return worded("comparison", "The scenarios compared: money", note, heads, rows, folded=False)


def _signed(result: Appraisal) -> tuple[int, ...]:
    """The years after the base year for which a finance officer signs; the base year where there is none after it."""
    return result.years[1 : SIGNED_FOR + 1] or result.years[:1]


def _worst_off(one: Standing) -> Line:
    worst = one.worst_off
    if worst is None or not (worst.low or worst.central or worst.high):
        return [words("none")]
    against = f" against going alone ({visible(worst.against)})" if worst.against else ""
    told = either(worst.low, worst.high, worst.figure_id)
    return [words(f"{_body(one.result, worst.organisation)} "), *told, words(against)]


def revenue_table(standings: Sequence[Standing]) -> Table:
    """The effect on revenue in each year for which a finance officer signs, of all bodies together, and of the body it is hardest for."""
    years = _signed(standings[0].result) if standings else ()
    heads = ("Scenario", *map(financial, years), "Hardest year of a body")
    rows = []
    for one in standings:
        cells = [span_of(one.result, f"revenue_effect_of_year_gbp/{year}") for year in years]
        rows.append([[words(visible(one.name))], *cells, _hardest(one.result, years)])
    note = (
        "Pounds of each year, above nought is good. Added up to be read: no body pays for another. Each body's own years are drawn below. What "
        "repairs avoided bring counts only if they are in a programme."
    )
    return worded("revenue-compared", "Effect on revenue by year, all bodies", note, heads, rows, folded=False)


def _hardest(result: Appraisal, years: Sequence[int]) -> Line:
    frame = result.revenue()
    mine = [row for row in records(frame) if row["year"] in {result.base_year, *years}]
    worst = min(mine, key=lambda row: (row["revenue_effect_gbp"], row["year"], row["organisation"]), default=None)
    if worst is None or worst["revenue_effect_gbp"] > -NIL_GBP:
        return [words("none")]
    body, year = str(worst["organisation"]), int(worst["year"])
    figure = f"revenue_effect_gbp/{body}/{year}"
    return [words(f"{_body(result, body)}, {financial(year)}: "), *span_of(result, figure)]


def reach_table(standings: Sequence[Standing]) -> Table:
    """What scenarios move, whom they reach, what they take, and how sure their figures are."""
    heads = ("Scenario", "What moves", "Access and response", "Consents and months", "Deliverability", "Confidence")
    rows = []
    for one in standings:
        result, cells = one.result, one.result.deliverability.cells
        moves = [visible(move.told) for move in moves_of(result)]
        moved = f"{'; '.join(moves[:_MOVES])}{f'; and {len(moves) - _MOVES} more' if len(moves) > _MOVES else ''}"
        verdict = f" Emergency response: {result.response.verdict}." if result.response.verdict else ""
        rows.append(
            [
                [words(visible(one.name))],
                [words(moved or "nothing")],
                within(result, f"{result.access.in_words()}{verdict}", _WAYS),
                *(
                    within(result, text, COUNTS)
                    for text in (cells["consents and months"], result.deliverability.in_words, cells["confidence"])
                ),
            ]
        )
    caption = "What they move, whom they reach, what they take"
    return worded("reach", caption, "", heads, rows, folded=False)


def spoken_table(standings: Sequence[Standing]) -> Table:
    """What speaks for and against each scenario: who is willing, what presses, what could stop it, consents, how sure its figures are."""
    heads = ("Scenario", "Question", "Verdict", "What is said", "Who is asked", "Months", "Source")
    rows = []
    for one in standings:
        for row in records(one.result.deliverability.rows()):
            low, high = row["months_low"], row["months_high"]
            months = "-" if pd.isna(low) else f"{low:g}" if low == high else f"{low:g} to {high:g}"
            told = (
                row["axis"],
                row["verdict"] or "-",
                in_names(one.result, row["says"]),
                row["who"] or "-",
                months,
                row["source"] or "-",
            )
            rows.append([[words(visible(str(cell)))] for cell in (one.name, *told)])
    return worded("deliverability", "What speaks for and against each scenario", "", heads, rows)


# ------------------------------------------------------------------------------------------------------- where it goes wrong


def strain_table(results: Sequence[Appraisal]) -> Table | None:
    """Whether each body still pays its bills where receipts come late or lower, or all a year later; None where no budget is touched."""
    rows: list[list[Line]] = []
    said: dict[str, str] = {}
    for result in results:
        found: dict[str, dict[str, Mapping[str, Any]]] = {}
        for row in records(result.stressed_budgets()):
            key = str(row["figure_id"]).split("/")[1]
            if key in _STRAINS:
                said[key] = str(row["stress"])
                found.setdefault(str(row["organisation"]), {})[key] = row
        for body, every in found.items():
            for measure, name in _MEASURES.items():
                if any(abs(row[measure]) >= NIL_GBP for row in every.values()):
                    told = name.format(financial(int(next(iter(every.values()))["year_5"])))
                    cells = [_strained(result, every.get(key), measure) for key in _STRAINS]
                    named = [[words(visible(result.scenario.name))], [words(_body(result, body))], [words(told)]]
                    rows.append([*named, *cells])
    shown = [key for key in _STRAINS if key in said]
    if not rows:
        return None
    kept = [place for place, key in enumerate(_STRAINS, 3) if key in said]
    note = "Pounds of each year, every input in the middle; above nought its budget is better off. A dash: nothing is sold that could be late."
    return worded(
        "budgets-under-stress",
        "If receipts come late and lower, or all a year later: does each body still pay its bills?",
        note,
        ("Scenario", "Body", "What", *(said[key] for key in shown)),
        [[*row[:3], *(row[place] for place in kept)] for row in rows],
    )


def _strained(result: Appraisal, row: Mapping[str, Any] | None, measure: str) -> Line:
    if row is None:
        return [words("-")]
    told = _one(result, f"{row['figure_id']}/{measure}", row[measure])
    if measure == "worst_year_gbp" and not pd.isna(row["worst_year"]):
        return [words(f"{financial(int(row['worst_year']))}: "), *told]
    return told


def stress_table(results: Sequence[Appraisal]) -> Table | None:
    """What each scenario is worth where something named goes wrong: a row for each thing, a column for each scenario."""
    found: dict[str, tuple[str, str, dict[int, Mapping[str, Any]]]] = {}
    every = [(number, records(result.stress())) for number, result in enumerate(results)]
    for number, those in sorted(every, key=lambda one: -len(one[1])):  # in the order of the one that has most
        for row in those:
            told = found.setdefault(str(row["figure_id"]), (str(row["name"]), str(row["words"]), {}))
            told[2][number] = row
    drawn = [number for number, result in enumerate(results) if result.economic.ledger.flows]
    if not drawn:
        return None
    rows = []
    for figure, (name, meant, of) in found.items():
        cells = [
            [words("-")]
            if number not in of
            else [words("cannot be")]
            if pd.isna(of[number]["npv_gbp"])
            else span_of(results[number], figure)
            for number in drawn
        ]
        rows.append([[words(visible(name))], *cells, [words(visible(meant))]])
    heads = ("If", *(visible(results[number].scenario.name) for number in drawn), "What is meant")
    note = "Net present value to the whole purse, from every input at its worst to every input at its best. A dash: it has no bearing on it."
    return worded("stresses", "What each is worth where something goes wrong", note, heads, rows)


def hold_table(results: Sequence[Appraisal]) -> Table | None:
    """Holding on to what is sold, against selling it; None where nothing is sold."""
    rows = []
    for result in results:
        for row in records(result.hold_or_sell()):
            if row["held_years"] not in _HELD:
                continue
            path, held = str(row["figure_id"]), int(row["held_years"])
            growth = row["growth_percent_pa"]
            rows.append([
                [words(visible(result.scenario.name))],
                [words(f"{visible(capital(str(row['name'])))}, {financial(int(row['sold_in']))}")],
                [words("1 year" if held == 1 else f"{held} years")],
                *(_one(result, f"{path}/{name}", row[name]) for name in ("holding_gbp", "change_gbp")),
                [words("not known" if pd.isna(growth) else f"about {growth:.1f}% a year",
                       "" if pd.isna(growth) else figure_of(result, f"{path}/growth_percent_pa"))],
            ])  # fmt: skip
    if not rows:
        return None
    heads = (
        "Scenario",
        "What is sold",
        "Held longer by",
        "Holding costs",
        "Net present value changes by",
        "To come to the same, its price rises by",
    )
    note = "Sold later at the same price, every input in the middle. The rise is beyond prices in general; indicative, not a valuation."
    return worded("hold-or-sell", "Hold or sell", note, heads, rows)


# ------------------------------------------------------------------------------------------------------- the minimum


def minimum_table(results: Sequence[Appraisal]) -> Table | None:
    """What doing the minimum itself spends, by body and year; of each body where most of its places are looked at. None where it is nothing."""
    most: dict[str, tuple[float, Appraisal]] = {}
    for result in results:
        spent = result.doing_nothing().groupby("organisation")["spent_gbp"].sum()
        for body, amount in spent.items():
            if amount > max(NIL_GBP, most.get(str(body), (0.0, result))[0]):
                most[str(body)] = (float(amount), result)
    if not most:
        return None
    rows = []
    years: tuple[int, ...] = ()
    for body, (_, result) in sorted(most.items()):
        years = result.years[: SIGNED_FOR + 1]
        for part, name in _SPENT.items():
            figure = f"baseline_{part}_gbp/{body}"
            if not result.knows(figure) or not result.explain(figure).value:
                continue
            cells = [
                span_of(result, f"{figure}/{year}") if result.knows(f"{figure}/{year}") else [words("-")]
                for year in years
            ]
            rows.append([[words(_body(result, body))], [words(name)], *cells, span_of(result, figure),
                         [words(visible(result.scenario.name))]])  # fmt: skip
    unknown = list(dict.fromkeys(what for _, result in most.values() for _, what in result.undone.unknown))
    note = (
        f"{capital(prices_of(next(iter(most.values()))[1]))}, not discounted: costs of the baseline itself, against which all else here is told. "
        "Of each body: the places that the scenario named last is about, as that is about most of them."
        + "".join(f" {capital(visible(what))}" for what in unknown)
    )
    last = next(iter(most.values()))[1].years[-1]
    heads = ("Body", "Spends on", *map(financial, years), f"All years to {financial(last)}", "Its places, as in")
    return worded("doing-the-minimum", "What doing the minimum itself spends, by body and year", note, heads, rows)


# ------------------------------------------------------------------------------------------------------- made


def worded(
    identity: str, caption: str, note: str, heads: Sequence[str], rows: Sequence[Sequence[Line]], *, folded: bool = True
) -> Table:
    """A table whose cells tell which figures they hold."""
    texts = [["".join(part["text"] for part in cell) for cell in row] for row in rows]
    table = one_table(identity, caption, note, heads, texts, folded=folded)
    table["words"] = [[list(cell) for cell in row] for row in rows]
    table["stacked"] = True
    return table


def in_rows(identity: str, caption: str, tables: Sequence[tuple[str, Told]]) -> Table:
    """What several charts show in one table, the scenario of each row first; what one has no column of is a dash."""
    heads = list(dict.fromkeys(head for _, told in tables for head in told.heads))
    rows: list[list[Line]] = []
    for name, told in tables:
        for row in told.rows:
            cells = dict(zip(told.heads, row, strict=True))
            rows.append([
                [words(name)],
                *([words(cells[head].text, cells[head].figure)] if head in cells else [words("-")] for head in heads),
            ])  # fmt: skip
    numeric = {head for _, told in tables for head in told.numeric}
    table = worded(identity, caption, "", ("Scenario", *heads), rows)
    table["numeric"] = [False, *(head in numeric for head in heads)]
    table["stacked"] = False
    return table

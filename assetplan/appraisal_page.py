"""Appraised scenarios on a page: cards first, then the table that compares them, then their charts, each with its table.

Made of appraisals of one estate, already filtered for its reader, and only where appraisals are released to that reader. Every figure carries
what `assetplan.Comparison.explain` knows it by.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from assetplan.appraisal.flow import EXCHEQUER, PUBLIC
from assetplan.appraisal_charts import (
    amount_of,
    cash_chart,
    fire_charts,
    receipt_charts,
    revenue_charts,
    timeline_chart,
    tornado_chart,
)
from assetplan.assembly_words import capital
from assetplan.charts.cash import cash_scale, cash_svg, cash_told
from assetplan.charts.minutes import minutes_scale, minutes_svg, minutes_told
from assetplan.charts.receipts import waterfall_svg, waterfall_told
from assetplan.charts.revenue import revenue_svg, revenue_told
from assetplan.charts.timeline import timeline_svg, timeline_told
from assetplan.charts.tornado import tornado_svg, tornado_told
from assetplan.effects.timing import months_in_words
from assetplan.explaining.explainer import bodies_of
from assetplan.figures.explanation import financial
from assetplan.listing import one_table
from assetplan.page.view import AppraisalCard, AppraisalPart, Drawings, Words
from assetplan.ranges import either_way
from assetplan.results.moved import moves_of, place_name, service_name
from assetplan.scenarios.problem import REFUSED
from assetplan.tables import records
from assetplan.text import counted, visible
from assetplan.wording import prices_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetplan.charts.tabling import Told
    from assetplan.charts.timeline import Row, Timeline
    from assetplan.page.view import Table, YearScenario
    from assetplan.results.comparing import Comparison
    from assetplan.results.result import Appraisal
    from assetplan.results.standing import Loss, Standing

    Line = list[Words]

MOST_CARDS = 12
"""Scenarios told of in cards and drawn; the table that compares has all."""
_FEW, _MOVES = 3, 6
_ON_A_SHEET, _WAYS = 18, 8
"""Rows and events of a timeline, and villages, that one drawing takes so that it fits a sheet of paper."""
NOT_RELEASED = "Appraisals are not released to this reader, so none is shown."
INDICATIVE = (
    "Indicative, for whoever decides: not a decision, not a valuation, not legal advice. Figures are ranges, from every input at its worst to "
    "every input at its best. What is refused is told as a question and comes last."
)
ORDER = (
    "Least regret first: what is worth doing in nearly every draw of its inputs, makes no body worse off than going alone, and sends nobody "
    "farther. Net present value alone ranks nothing."
)
_ALIKE = 6.0
"""Up to so many times as large as the smallest may the largest of some charts be for them to share a scale."""
WITHDRAW = "What would make you withdraw this"
TO_BE_TRUE = "What would have to be true for it to be worth it"
_HEADS = (
    "Scenario",
    "Order",
    "What moves",
    "Capital",
    "Receipts, usable",
    "Running cost a year, cash",
    "Running cost a year, repairs avoided",
    "Effect on revenue, years 1 to 5",
    "Net present value, whole purse",
    "Worst-off body",
    "Access",
    "Consents and months",
    "Deliverability",
    "Confidence",
)


def words(text: str, figure: str = "") -> Words:
    """Words, and which figure they are."""
    return Words(text=text, figure=figure)


def span_of(result: Appraisal, figure: str) -> Line:
    """A figure in pounds as a range."""
    amount = amount_of(result, figure)
    return [words(amount.words, amount.figure if amount.known else "")]


def appraisal_part(comparison: Comparison, years: Sequence[YearScenario]) -> AppraisalPart:
    """What scenarios would do, for a page.

    Parameters
    ----------
    comparison
        The appraisals, compared; one alone is compared with none.
    years
        The scenarios that the map follows, in its order.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> hub = ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml")
    >>> part = appraisal_part(ap.compare([ap.appraise(estate, hub)]), [])
    >>> part["cards"][0]["name"], [drawn["id"] for drawn in part["drawings"]]
    ('S2 Town front door', ['revenue', 'cash', 'receipts', 'timeline', 'tornado'])
    """
    standings = comparison.standings
    shown = standings[:MOST_CARDS]
    on_map = {one["scenario_id"]: number for number, one in enumerate(years)}
    lead = [INDICATIVE, *([ORDER] if len(standings) > 1 else [])]
    if standings:
        lead.append(prices_in_words(standings[0].result.estate))
    rest = len(standings) - len(shown)
    if rest > 0:
        lead.append(f"The first {len(shown)} have cards and charts; {counted(rest, 'more scenario')} in the table.")
    return AppraisalPart(
        title="What the scenarios would do" if len(standings) > 1 else "What the scenario would do",
        lead=lead,
        cards=[_card(one, on_map.get(one.name, -1)) for one in shown],
        tables=[_comparison(standings), _spoken(standings)],
        drawings=_drawings([one.result for one in shown]),
    )


# ------------------------------------------------------------------------------------------------------- cards


def _card(one: Standing, scenario: int) -> AppraisalCard:
    result = one.result
    found = result.deliverability
    stops = found.stops
    lead: list[Line] = []
    if result.refused:
        lead.append(
            [
                words(
                    f"Cannot be as it is written: {counted(len(result.refused), 'thing')} refused. Appraised as a question."
                )
            ]
        )
    lead.append([words("Net present value to the whole purse: "), *span_of(result, "npv_gbp"), words(".")])
    sure = f"{one.name}/good_percent"
    if result.economic.ledger.flows:
        drawn = " of draws of its inputs, each drawn apart, which is narrower than the range."
        lead.append([words("Worth doing in "), words(f"{100 * one.good:.0f}%", sure), words(drawn)])
    return AppraisalCard(
        name=visible(one.name),
        scenario=scenario,
        lead=lead,
        gains=[_gain(result, loss) for loss in sorted(one.losses, key=lambda loss: (-loss.central, loss.organisation))]
        + _others(result),
        turns_title=WITHDRAW if result.npv_gbp >= 0 else TO_BE_TRUE,
        turns=[[words(visible(turn.sentence), f"{one.name}/{turn.figure_id}")] for turn in result.break_evens()[:_FEW]],
        stops=_few([_named(result, stop.says) for stop in stops]),
        needs=_few(_needs(result)),
    )


def _few(said: Sequence[str]) -> list[Line]:
    """The first few of some sentences, and how many more the table tells."""
    out = [[words(one)] for one in said[:_FEW]]
    if len(said) > _FEW:
        out.append([words(f"And {len(said) - _FEW} more, in the table of what speaks for and against.")])
    return out


def _named(result: Appraisal, text: str) -> str:
    """A sentence in which what stands between quotes is called by its name, where it has one."""

    def name(match: re.Match[str]) -> str:
        key = match[1]
        services = result.run.course.ground.services
        if key in services:
            return service_name(result, key)
        land = result.run.course.land_of(key)
        return place_name(result, land) if land in result.run.course.ground.site_of else match[0]

    return capital(visible(re.sub(r"'([^']+)'", name, text)))


def _gain(result: Appraisal, loss: Loss) -> Line:
    body = bodies_of(result).get(loss.organisation, loss.organisation)
    against = f", against going alone ({visible(loss.against)})" if loss.against else ""
    return [words(f"{visible(body)} "), *_either(loss.low, loss.high, loss.figure_id), words(f"{against}.")]


def _either(low: float, high: float, figure: str) -> Line:
    """Gains or loses so much, or either."""
    if math.isnan(low) or math.isnan(high):
        return [words("gains or loses: not known")]
    way, size = either_way((low, high))
    verb = {0: "neither gains nor loses", 1: "gains ", -1: "loses ", 2: "may have "}[way]
    return [words(verb)] if way == 0 else [words(verb), words(size, figure)]


def _others(result: Appraisal) -> list[Line]:
    """What the exchequer and the public gain or lose, where it is anything."""
    out = []
    for key, name in (
        (EXCHEQUER, "The exchequer, by taxes and business rates,"),
        (PUBLIC, "The public, by what has a price,"),
    ):
        figure = f"npv_gbp/{key}" if key == EXCHEQUER else f"public_value_gbp/{key}"
        amount = amount_of(result, figure)
        if amount.known and either_way((amount.low, amount.high))[0]:
            out.append([words(f"{name} "), *_either(amount.low, amount.high, amount.figure), words(".")])
    return out


def _needs(result: Appraisal) -> list[str]:
    """What is needed, and of whom: consents, answers of bodies, what somebody has to settle."""
    found = result.deliverability
    out = []
    for consent in found.consents:
        months = f", {months_in_words(consent.months)}" if consent.months is not None else ""
        who = f", {consent.who}" if consent.who else ""
        sought = "" if consent.sought else "; this scenario does not seek it"
        out.append(visible(f"{consent.what}: {consent.route}{months}{who}{sought}."))
    out += [
        visible(f"{stance.name}: {stance.says}.")
        for stance in found.stances
        if stance.says not in {"willing", "committed"}
    ]
    out += [
        visible(f"{stop.who[:1].upper()}{stop.who[1:]}: {stop.fix}")
        for stop in found.stops
        if stop.verdict != REFUSED and stop.fix
    ]
    return list(dict.fromkeys(out))


# ------------------------------------------------------------------------------------------------------- tables


def _comparison(standings: Sequence[Standing]) -> Table:
    told = [_row(one, len(standings)) for one in standings]
    note = "Pounds as ranges; above nought is good for the body, but capital, which is spent. Costs below nought are savings."
    return _worded("comparison", "The scenarios compared", note, _HEADS, told, folded=False)


def _row(one: Standing, count: int) -> list[Line]:
    result = one.result
    cells = result.deliverability.cells
    worst = one.worst_off
    body = visible(bodies_of(result).get(worst.organisation, worst.organisation)) if worst else ""
    against = f" against going alone ({visible(worst.against)})" if worst and worst.against else ""
    moves = [visible(move.told) for move in moves_of(result)]
    moved = f"{'; '.join(moves[:_MOVES])}{f'; and {len(moves) - _MOVES} more' if len(moves) > _MOVES else ''}"
    return [
        [words(visible(one.name))],
        [words("refused: last" if one.rank is None else f"{one.rank} of {count}")],
        [words(moved or "nothing")],
        span_of(result, "capital_gbp"),
        span_of(result, "usable_receipts_gbp"),
        span_of(result, "running_cash_change_gbp_pa"),
        span_of(result, "running_avoided_change_gbp_pa"),
        _by_year(result),
        span_of(result, "npv_gbp"),
        [words(f"{body} "), *_either(worst.low, worst.high, worst.figure_id), words(against)]
        if worst
        else [words("none")],
        [words(visible(result.access.in_words()))],
        [words(visible(cells["consents and months"]))],
        [words(visible(result.deliverability.in_words))],
        [words(visible(cells["confidence"]))],
    ]


def _by_year(result: Appraisal) -> Line:
    """The effect on the revenue of all bodies together in each of the five years after the base year."""
    out: Line = []
    for year in result.years[1:6]:
        out += [
            words(f"{'; ' if out else ''}{financial(year)} "),
            *span_of(result, f"revenue_effect_of_year_gbp/{year}"),
        ]
    return out


def _spoken(standings: Sequence[Standing]) -> Table:
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
                _named(one.result, row["says"]),
                row["who"] or "-",
                months,
                row["source"] or "-",
            )
            rows.append([[words(visible(str(cell)))] for cell in (one.name, *told)])
    return _worded("deliverability", "What speaks for and against each scenario", "", heads, rows)


def _worded(
    identity: str, caption: str, note: str, heads: Sequence[str], rows: Sequence[Sequence[Line]], *, folded: bool = True
) -> Table:
    """A table whose cells tell which figures they hold."""
    texts = [["".join(part["text"] for part in cell) for cell in row] for row in rows]
    table = one_table(identity, caption, note, heads, texts, folded=folded)
    table["words"] = [[list(cell) for cell in row] for row in rows]
    table["stacked"] = not folded
    return table


def _told(identity: str, caption: str, tables: Sequence[tuple[str, Told]]) -> Table:
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
    table = _worded(identity, caption, "", ("Scenario", *heads), rows)
    table["numeric"] = [False, *(head in numeric for head in heads)]
    return table


# ------------------------------------------------------------------------------------------------------- charts


def _drawings(results: Sequence[Appraisal]) -> list[Drawings]:
    return [
        drawn
        for drawn in (
            _revenue(results),
            _cash(results),
            _receipts(results),
            _timelines(results),
            _fire(results),
            _tornado(results),
        )
        if drawn is not None
    ]


def _cash(results: Sequence[Appraisal]) -> Drawings | None:
    charts = [chart for chart in map(cash_chart, results) if chart.bodies]
    if not charts:
        return None
    scales = [cash_scale([chart]) for chart in charts]
    sizes = [scale.high - scale.low for scale in scales]
    alike = max(sizes) <= _ALIKE * min(sizes)
    scales = [cash_scale(charts)] * len(charts) if alike else scales
    says = (
        "All charts here are on one scale."
        if alike
        else "Scenarios differ so much in size that each chart has a scale of its own."
    )
    return Drawings(
        id="cash",
        title="Cash by year",
        says=[says] if len(charts) > 1 else [],
        svgs=[
            cash_svg(chart, f"cash-{number}", scale)
            for number, (chart, scale) in enumerate(zip(charts, scales, strict=True))
        ],
        table=_told("cash-by-year", "Cash by year, in a table", [(chart.title, cash_told(chart)) for chart in charts]),
    )


def _revenue(results: Sequence[Appraisal]) -> Drawings | None:
    found = [(visible(result.scenario.name), revenue_charts(result)) for result in results]
    found = [(name, charts) for name, charts in found if charts]
    if not found:
        return None
    caption = "Pounds of each year, against the baseline. Columns show the middle, whiskers the range."
    return Drawings(
        id="revenue",
        title="Effect on each body's revenue, by year",
        says=["Each scenario has a scale of its own, the same for all its bodies."] if len(found) > 1 else [],
        svgs=[revenue_svg(name, caption, charts, f"revenue-{number}") for number, (name, charts) in enumerate(found)],
        table=_told(
            "revenue", "Effect on revenue, in a table", [(name, revenue_told(charts)) for name, charts in found]
        ),
    )


def _receipts(results: Sequence[Appraisal]) -> Drawings | None:
    charts = [chart for result in results for chart in receipt_charts(result)]
    if not charts:
        return None
    return Drawings(
        id="receipts",
        title="Receipts, from gross to usable",
        says=["Each sale has a scale of its own. What is usable by one body is not another's capital."],
        svgs=[waterfall_svg(chart, f"receipt-{number}") for number, chart in enumerate(charts)],
        table=_told("receipts", "Receipts, in a table", [(chart.title, waterfall_told(chart)) for chart in charts]),
    )


def _tornado(results: Sequence[Appraisal]) -> Drawings | None:
    charts = [chart for chart in map(tornado_chart, results) if chart is not None]
    if not charts:
        return None
    return Drawings(
        id="tornado",
        title="What moves the result most, and where it turns",
        says=["Each scenario has a scale of its own."] if len(charts) > 1 else [],
        svgs=[tornado_svg(chart, f"tornado-{number}") for number, chart in enumerate(charts)],
        table=_told(
            "tornado", "What moves the result, in a table", [(chart.title, tornado_told(chart)) for chart in charts]
        ),
    )


def _timelines(results: Sequence[Appraisal]) -> Drawings | None:
    charts = [chart for chart in map(timeline_chart, results) if chart.rows]
    if not charts:
        return None
    pieces = [piece for chart in charts for piece in _in_pieces(chart)]
    return Drawings(
        id="timeline",
        title="What happens when",
        says=[],
        svgs=[timeline_svg(piece, f"timeline-{number}") for number, piece in enumerate(pieces)],
        table=_told(
            "timeline", "What happens when, in a table", [(chart.title, timeline_told(chart)) for chart in charts]
        ),
    )


def _in_pieces(chart: Timeline) -> list[Timeline]:
    """A timeline in pieces that fit a sheet of paper, each with the same years."""
    pieces: list[list[Row]] = [[]]
    for row in chart.rows:
        if pieces[-1] and sum(len(one.events) + 1 for one in pieces[-1]) + len(row.events) >= _ON_A_SHEET:
            pieces.append([])
        pieces[-1].append(row)
    return [
        replace(chart, rows=tuple(rows), title=_nth(chart.title, number, len(pieces)))
        for number, rows in enumerate(pieces, 1)
    ]


def _nth(title: str, number: int, count: int) -> str:
    return title if count == 1 else f"{title} ({number} of {count})"


def _fire(results: Sequence[Appraisal]) -> Drawings | None:
    found = [(visible(result.scenario.name), fire_charts(result)) for result in results]
    charts = [chart for _, mine in found for chart in mine]
    if not charts:
        return None
    scale = minutes_scale(charts)
    pieces = [
        replace(chart, ways=ways, title=_nth(chart.title, number, len(parts)))
        for chart in charts
        for parts in [[chart.ways[start : start + _WAYS] for start in range(0, max(1, len(chart.ways)), _WAYS)]]
        for number, ways in enumerate(parts, 1)
    ]
    return Drawings(
        id="fire",
        title="Minutes of the first fire engine, by village",
        says=[],
        svgs=[minutes_svg(piece, f"fire-{number}", scale) for number, piece in enumerate(pieces)],
        table=_told(
            "fire-minutes",
            "Minutes by village, in a table",
            [(name, minutes_told(mine)) for name, mine in found if mine],
        ),
    )

"""Appraised scenarios on a page: what they are told against, the table that compares them, cards, more tables, charts with theirs.

Made of appraisals of one estate, already filtered for its reader, and only where appraisals are released to that reader. Every figure carries
what `assetplan.Comparison.explain` knows it by.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
from assetplan.appraisal_tables import (
    either,
    hold_table,
    in_rows,
    minimum_table,
    money_table,
    reach_table,
    revenue_table,
    span_of,
    spoken_table,
    strain_table,
    stress_table,
    words,
)
from assetplan.assembly_words import listed
from assetplan.charts.cash import cash_scale, cash_svg, cash_told
from assetplan.charts.minutes import minutes_scale, minutes_svg, minutes_told
from assetplan.charts.receipts import waterfall_svg, waterfall_told
from assetplan.charts.revenue import revenue_svg, revenue_told
from assetplan.charts.timeline import timeline_svg, timeline_told
from assetplan.charts.tornado import tornado_svg, tornado_told
from assetplan.doubt.uncertainty import share_of_draws
from assetplan.effects.timing import months_in_words
from assetplan.explaining.explainer import bodies_of
from assetplan.page.view import AppraisalCard, AppraisalPart, Drawings
from assetplan.ranges import either_way
from assetplan.results.moved import in_names, moves_of
from assetplan.scenarios.problem import REFUSED
from assetplan.text import counted, visible
from assetplan.wording import prices_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetplan.charts.tabling import Told
    from assetplan.charts.timeline import Row, Timeline
    from assetplan.page.view import Table, Words, YearScenario
    from assetplan.results.comparing import Comparison
    from assetplan.results.result import Appraisal
    from assetplan.results.standing import Loss, Standing

    Line = list[Words]

MOST_CARDS = 12
"""Scenarios told of in cards and drawn; the table that compares has all."""
_FEW = 3
ON_PAPER = 3
"""Scenarios of which a printed page has the charts of one kind; more are for a screen."""
_ON_A_SHEET, _WAYS = 18, 7
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
    doing = [one.result for one in shown if moves_of(one.result)]
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
        first=[*_those(minimum_table([one.result for one in standings])), money_table(standings)],
        tables=[
            revenue_table(standings),
            reach_table(standings),
            *_those(strain_table(doing), stress_table(doing), hold_table(doing)),
            spoken_table(standings),
        ],
        drawings=_drawings(doing),
    )


def _those(*tables: Table | None) -> list[Table]:
    return [table for table in tables if table is not None]


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
        drawn = ", each input drawn apart, which is narrower than the range."
        lead.append([words("Worth doing in "), words(share_of_draws(one.good), sure), words(drawn)])
    return AppraisalCard(
        name=visible(one.name),
        scenario=scenario,
        lead=lead,
        gains=[_gain(result, loss) for loss in sorted(one.losses, key=lambda loss: (-loss.central, loss.organisation))]
        + _others(result),
        turns_title=WITHDRAW if result.npv_gbp >= 0 else TO_BE_TRUE,
        turns=[[words(visible(turn.sentence), f"{one.name}/{turn.figure_id}")] for turn in result.break_evens()[:_FEW]],
        stops=_few([in_names(result, stop.says) for stop in stops]),
        needs=_few(_needs(result)),
    )


def _few(said: Sequence[str]) -> list[Line]:
    """The first few of some sentences, and how many more the table tells."""
    out = [[words(one)] for one in said[:_FEW]]
    if len(said) > _FEW:
        out.append([words(f"And {len(said) - _FEW} more, in the table of what speaks for and against.")])
    return out


def _gain(result: Appraisal, loss: Loss) -> Line:
    body = bodies_of(result).get(loss.organisation, loss.organisation)
    against = f", against going alone ({visible(loss.against)})" if loss.against else ""
    return [words(f"{visible(body)} "), *either(loss.low, loss.high, loss.figure_id), words(f"{against}.")]


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
            out.append([words(f"{name} "), *either(amount.low, amount.high, amount.figure), words(".")])
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


# ------------------------------------------------------------------------------------------------------- charts


def _drawings(results: Sequence[Appraisal]) -> list[Drawings]:
    """The six kinds of charts, those of which there is any: what a finance officer signs stands open, the rest is folded."""
    made = (_revenue, _cash, _receipts, _timelines, _fire, _tornado)
    return [drawn for drawn in (one(results) for one in made) if drawn is not None]


def _drawn(
    identity: str, title: str, says: list[str], svgs: Sequence[tuple[str, str]], told: Sequence[tuple[str, Told]]
) -> Drawings:
    """Drawings, each with the name of its scenario: on paper are those of the first few that have any."""
    names = list(dict.fromkeys(name for name, _ in svgs))
    many = len(names) > ON_PAPER
    return Drawings(
        id=identity,
        title=title,
        says=says,
        paper=f"On paper: {listed(names[:ON_PAPER])}, the first that have such a chart." if many else "",
        svgs=[svg for _, svg in svgs],
        on_paper=[name in names[:ON_PAPER] for name, _ in svgs],
        folded=identity != "revenue",
        table=in_rows(f"{identity}-told", f"{title}: in a table", told),
    )


def _name(result: Appraisal) -> str:
    return visible(result.scenario.name)


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
    captions = list(dict.fromkeys(chart.caption for chart in charts))
    charts = [replace(chart, caption="") for chart in charts]  # what holds of all of them stands above them
    svgs = [
        (chart.title, cash_svg(chart, f"cash-{number}", scale))
        for number, (chart, scale) in enumerate(zip(charts, scales, strict=True))
    ]
    told = [(chart.title, cash_told(chart)) for chart in charts]
    return _drawn("cash", "Cash by year", [*captions, *([says] if len(charts) > 1 else [])], svgs, told)


def _revenue(results: Sequence[Appraisal]) -> Drawings | None:
    found = [(_name(result), revenue_charts(result)) for result in results]
    found = [(name, charts) for name, charts in found if charts]
    if not found:
        return None
    caption = (
        "Pounds of each year, against the baseline. Columns show the middle, whiskers the range. Above nought the budget is better off, below "
        "it worse."
    )
    says = (
        [caption, "Each scenario has a scale of its own, the same for all its bodies."] if len(found) > 1 else [caption]
    )
    svgs = [(name, revenue_svg(name, "", charts, f"revenue-{number}")) for number, (name, charts) in enumerate(found)]
    told = [(name, revenue_told(charts)) for name, charts in found]
    return _drawn("revenue", "Effect on each body's revenue, by year", says, svgs, told)


def _receipts(results: Sequence[Appraisal]) -> Drawings | None:
    charts = [(_name(result), chart) for result in results for chart in receipt_charts(result)]
    if not charts:
        return None
    says = ["Each sale has a scale of its own. What is usable by one body is not another's capital."]
    svgs = [(name, waterfall_svg(chart, f"receipt-{number}")) for number, (name, chart) in enumerate(charts)]
    told = [(chart.title, waterfall_told(chart)) for _, chart in charts]
    return _drawn("receipts", "Receipts, from gross to usable", says, svgs, told)


def _tornado(results: Sequence[Appraisal]) -> Drawings | None:
    charts = [chart for chart in map(tornado_chart, results) if chart is not None]
    if not charts:
        return None
    says = ["Each scenario has a scale of its own."] if len(charts) > 1 else []
    captions = list(dict.fromkeys(chart.caption for chart in charts))
    charts = [replace(chart, caption="") for chart in charts]  # what holds of all of them stands above them
    svgs = [(chart.title, tornado_svg(chart, f"tornado-{number}")) for number, chart in enumerate(charts)]
    told = [(chart.title, tornado_told(chart)) for chart in charts]
    return _drawn("tornado", "What moves the result most, and where it turns", [*captions, *says], svgs, told)


def _timelines(results: Sequence[Appraisal]) -> Drawings | None:
    charts = [chart for chart in map(timeline_chart, results) if chart.rows]
    if not charts:
        return None
    pieces = [(chart.title, piece) for chart in charts for piece in _in_pieces(chart)]
    svgs = [(name, timeline_svg(piece, f"timeline-{number}")) for number, (name, piece) in enumerate(pieces)]
    return _drawn("timeline", "What happens when", [], svgs, [(chart.title, timeline_told(chart)) for chart in charts])


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
    found = [(_name(result), fire_charts(result)) for result in results]
    charts = [(name, chart) for name, mine in found for chart in mine]
    if not charts:
        return None
    scale = minutes_scale([chart for _, chart in charts])
    pieces = [
        (name, replace(chart, ways=ways, title=_nth(chart.title, number, len(parts))))
        for name, chart in charts
        for parts in [[chart.ways[start : start + _WAYS] for start in range(0, max(1, len(chart.ways)), _WAYS)]]
        for number, ways in enumerate(parts, 1)
    ]
    svgs = [(name, minutes_svg(piece, f"fire-{number}", scale)) for number, (name, piece) in enumerate(pieces)]
    told = [(name, minutes_told(mine)) for name, mine in found if mine]
    return _drawn("fire", "Minutes of the first fire engine, by village", [], svgs, told)

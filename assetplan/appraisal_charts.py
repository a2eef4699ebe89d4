"""The charts of appraised scenarios: from what was appraised to what `assetplan.charts` draws; every figure by what explains it.

On a page that tells of several scenarios a figure is known by the scenario's name, a stroke, and what it is known by in its appraisal: by that
`assetplan.compare` explains it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from assetplan.appraisal.flow import EXCHEQUER, PUBLIC
from assetplan.assembly_words import capital
from assetplan.charts.canvas import Amount, Body, Run
from assetplan.charts.cash import BodyCash, Cash
from assetplan.charts.minutes import Crew, FireMinutes, Way
from assetplan.charts.receipts import Step, Waterfall
from assetplan.charts.revenue import Revenue
from assetplan.charts.timeline import KINDS, Event, Kind, Row, Timeline
from assetplan.charts.tornado import Swing, Tornado
from assetplan.effects.responding import ANY
from assetplan.explaining.explainer import bodies_of, prices_of
from assetplan.figures.explanation import financial, in_unit
from assetplan.looks import NOBODY, Look, look_of
from assetplan.ranges import NIL_GBP, pounds
from assetplan.results.moved import in_names, place_name
from assetplan.tables import records
from assetplan.text import shown_name, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assetplan.results.result import Appraisal

EXCHEQUER_LOOK = Look("#4b5661", "plain", "\u00a3")
PUBLIC_LOOK = Look("#8C564B", "dots", "*")
_FEW = 4
_SIGNED = 5
"""A finance officer signs for the base year and so many after it."""
_CREWS: tuple[Crew, ...] = get_args(Crew)


def figure_of(result: Appraisal, figure: str) -> str:
    """What a figure of an appraisal is known by on a page of several."""
    return f"{result.scenario.name}/{figure}"


def amount_of(result: Appraisal, figure: str) -> Amount:
    """A figure of an appraisal with its ends; not known where there is none of that name or it has no value."""
    known = figure_of(result, figure)
    found = result.explain(figure) if result.knows(figure) else None
    if found is None or found.value is None:
        return Amount(math.nan, math.nan, math.nan, known)
    low, central, high = found.range or (found.value, found.value, found.value)
    return Amount(low, central, high, known)


def bodies_drawn(result: Appraisal) -> Mapping[str, Body]:
    """The bodies of an estate as charts show them, with the exchequer and the public."""
    looks = {EXCHEQUER: EXCHEQUER_LOOK, PUBLIC: PUBLIC_LOOK}
    names = bodies_of(result)
    of = result.estate.organisations
    return {
        key: Body(
            key,
            visible(name[:1].upper() + name[1:]),
            look_of(key, of[key].sector, of[key].name) if key in of else looks.get(key, NOBODY),
        )
        for key, name in names.items()
    }


def cash_chart(result: Appraisal) -> Cash:
    """Cash by year of a scenario, by body, with what it adds up to: undiscounted, against the baseline.

    Examples
    --------
    >>> import assetplan as ap
    >>> hub = ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml")
    >>> chart = cash_chart(ap.appraise(ap.read_estate("data/malton"), hub))
    >>> chart.years[0], [one.body.key for one in chart.bodies]
    (2010, ['nycc', 'police', 'rdc', 'exchequer'])
    """
    bodies = bodies_drawn(result)
    yearly = result.economic.yearly
    drawn = [key for key in yearly.index if key != PUBLIC]
    drawn.sort(key=lambda key: (key == EXCHEQUER, key))
    return Cash(
        title=visible(result.scenario.name),
        years=result.years,
        bodies=tuple(
            BodyCash(
                bodies.get(key, Body(key, key, NOBODY)),
                tuple(_of_year(result, key, year, touched=bool(yearly.at[key, year])) for year in result.years),
            )
            for key in drawn
        ),
        running=tuple(amount_of(result, f"cumulative_gbp/{year}") for year in result.years),
        caption=f"Pounds a year against the baseline: {prices_of(result)}, not discounted, works with optimism bias. Columns show the middle; "
        "thin lines the range.",
    )


def revenue_charts(result: Appraisal, bodies: Iterable[str] = ()) -> list[Revenue]:
    """The effect on each body's revenue in the base year and the five after it, in pounds of each year; bodies that nothing happens to are left out.

    Parameters
    ----------
    result
        An appraisal.
    bodies
        Those to draw, by default all.

    Examples
    --------
    >>> import assetplan as ap
    >>> hub = ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml")
    >>> [chart.body.key for chart in revenue_charts(ap.appraise(ap.read_estate("data/malton"), hub))]
    ['nycc', 'police', 'rdc']
    """
    drawn = bodies_drawn(result)
    years = tuple(year for year in result.years if year <= result.base_year + _SIGNED)
    by_body: dict[str, dict[int, Mapping[str, Any]]] = defaultdict(dict)
    for row in records(result.revenue()):
        by_body[row["organisation"]][int(row["year"])] = row
    out = []
    for key in dict.fromkeys(bodies or by_body):
        rows = by_body.get(key, {})
        amounts = tuple(
            Amount(
                rows[year]["low_gbp"],
                rows[year]["revenue_effect_gbp"],
                rows[year]["high_gbp"],
                figure_of(result, f"revenue_effect_gbp/{key}/{year}"),
            )
            for year in years
            if year in rows
        )
        if len(amounts) < len(years) or not any(amount.low or amount.high for amount in amounts):
            continue
        spared = float(rows[years[-1]]["from_repairs_avoided_gbp"])
        says: tuple[Run, ...] = ()
        if abs(spared) >= NIL_GBP:
            figure = figure_of(result, f"from_repairs_avoided_gbp/{key}/{years[-1]}")
            says = (Run(f"Of that in {financial(years[-1])}, by repairs avoided if they are in the programme: "),
                    Run(f"about {pounds(spared)}", figure), Run("."))  # fmt: skip
        out.append(Revenue(drawn[key], years, amounts, says))
    return out


_OFF = {
    "clawback": "Less what a former funder takes back",
    "met": "Less the cost of disposing that the receipt bears",
    "small": "Less what is too small to be capital, and is revenue",
    "restricted": "Less what is for a restricted use",
}


def _ends(ends: Sequence[float], figure: str) -> Amount:
    low, central, high = ends
    return Amount(low, central, high, figure)


def receipt_charts(result: Appraisal) -> list[Waterfall]:
    """Each sale from its gross receipt to what of it is usable, for what, by whom and from when.

    Examples
    --------
    >>> import assetplan as ap
    >>> hub = ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml")
    >>> (chart,) = receipt_charts(ap.appraise(ap.read_estate("data/malton"), hub))
    >>> [step.label for step in chart.steps]
    ['Gross receipt', 'Less the cost of disposing that the receipt bears', 'Usable']
    """
    names = bodies_of(result)
    out = []
    for row in records(result.receipts()):
        path = figure_of(result, f"receipt/{row['organisation']}/{row['action']}/{row['subject']}")
        restricted = bool(row["pot"])
        net, nothing = (row["net_low_gbp"], row["net_gbp"], row["net_high_gbp"]), (0.0, 0.0, 0.0)
        off = {
            "clawback": _ends([abs(row["clawback_gbp"])] * 3, f"{path}/clawback"),
            "met": _ends([abs(row["costs_met_gbp"])] * 3, f"{path}/met"),
            "small": _ends([abs(row["revenue_gbp"])] * 3, f"{path}/small"),
            "restricted": _ends(net if restricted else nothing, f"{path}/restricted"),
        }
        usable = _ends(nothing if restricted else net, f"{path}/usable")
        whose = names.get(row["usable_by"], row["usable_by"])
        use = f"For {row['usable_for']}, by {whose}, from {financial(int(row['usable_from']))}: {row['because']}."
        hangs = f" It hangs on: {row['hangs_on']}." if row["hangs_on"] else ""
        note = visible(f"{use}{hangs}")
        out.append(
            Waterfall(
                title=visible(
                    f"{result.scenario.name}: {place_name(result, str(row['subject']))}, {financial(int(row['year']))}"
                ),
                steps=(
                    Step(
                        "Gross receipt",
                        Amount(row["gross_low_gbp"], row["gross_gbp"], row["gross_high_gbp"], f"{path}/gross"),
                        stands=True,
                    ),
                    *(
                        Step(_OFF[step], amount, stands=False, note=note if step == "restricted" else "")
                        for step, amount in off.items()
                        if not amount.known or round(amount.central)
                    ),
                    Step("Usable", usable, stands=True, note="" if restricted else note),
                ),
                caption=f"Pounds of the year of the sale, to {visible(names.get(row['organisation'], row['organisation']))}.",
            )
        )
    return out


def tornado_chart(result: Appraisal) -> Tornado | None:
    """How far each input by itself moves the net present value, widest first; None where nothing does.

    Examples
    --------
    >>> import assetplan as ap
    >>> hub = ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml")
    >>> chart = tornado_chart(ap.appraise(ap.read_estate("data/malton"), hub))
    >>> chart.swings[0].name, chart.swings[0].break_even.split(",")[-1]
    ('Cost of refurbishing Community House', ' within its range')
    """
    swings = tuple(
        Swing(
            name=visible(f"{row['name'][:1].upper()}{row['name'][1:]}"),
            figure=figure_of(result, row["figure_id"]),
            given=figure_of(result, f"input/{row['key']}"),
            low_said=_stated(row["low"], row["unit"]),
            high_said=_stated(row["high"], row["unit"]),
            at_low_gbp=float(row["low_gbp"]),
            at_high_gbp=float(row["high_gbp"]),
            break_even=str(row["break_even_words"]) if row["possible"] else "",
        )
        for row in records(result.tornado())
        if round(row["swing_gbp"])
    )
    if not swings:
        return None
    caption = (
        f"Net present value to the whole purse: {prices_of(result, discounted=True)}. Each input alone is moved from one end of its range to "
        "the other, all else in the middle."
    )
    return Tornado(visible(result.scenario.name), amount_of(result, "npv_gbp"), swings, caption)


def _stated(value: float, unit: str) -> str:
    """The end of an input in words: pounds rounded, like all other pounds of a chart."""
    return pounds(value) if unit == "GBP" else in_unit(value, unit)


def _of_year(result: Appraisal, body: str, year: int, *, touched: bool) -> Amount:
    """What a body pays or gets in a year; where nothing of it is otherwise, nothing, of which there is no figure."""
    return amount_of(result, f"yearly_gbp/{year}/{body}") if touched else Amount(0.0, 0.0, 0.0, "")


def timeline_chart(result: Appraisal) -> Timeline:
    """What happens in which year of a scenario, place by place; what has no known year is named under the title.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> hub = ap.appraise(estate, ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml"))
    >>> [row.subject for row in timeline_chart(hub).rows][-1]
    'Police desk'
    """
    rows: dict[str, list[Event]] = defaultdict(list)
    undated: list[str] = []
    kept: dict[tuple[int, int | None], list[str]] = defaultdict(list)
    frame = records(result.timeline())
    money = {
        (one.kind, one.organisation, one.year): figure_of(result, f"input/funding/{number}/amount_gbp")
        for number, one in enumerate(result.scenario.funding, start=1)
    }
    void = {(row["subject"], row["start_year"]) for row in frame if row["what"] == "void"}
    for row in frame:
        kind = _kind(row)
        if kind is None or (row["what"] == "vacated" and (row["subject"], row["start_year"]) in void):
            continue
        name = capital(shown_name(row["name"] or row["subject"]))
        start, end = _year(row["start_year"]), _year(row["end_year"])
        if start is None:
            undated.append(_shortened(in_names(result, str(row["label"])), ""))
        elif row["what"] == "retain":
            kept[start, end].append(name)
        else:
            mark = " (illustrative)" if row["illustrative"] is True else ""
            figure = money.get((row["what"], row["organisation"], start), "") if kind == "money" else ""
            rows[name].append(
                Event(kind, start, end, f"{_shortened(in_names(result, str(row['label'])), name)}{mark}", figure)
            )
    for (start, end), names in kept.items():
        told = f"{', '.join(names[:_FEW])}{f' and {len(names) - _FEW} more' if len(names) > _FEW else ''}"
        rows["Kept in use"].append(Event("works", start, end, told))
    ends = [event.start for events in rows.values() for event in events]
    ends += [event.end for events in rows.values() for event in events if event.end is not None]
    known = f" Of which no year is known: {'; '.join(undated)}." if undated else ""
    return Timeline(
        title=visible(result.scenario.name),
        first=min([result.base_year, *ends]),
        last=max([result.base_year, *ends]),
        rows=tuple(Row(name, tuple(events)) for name, events in rows.items()),
        caption=f"Financial years by their start.{known}",
    )


def _year(value: Any) -> int | None:
    """A year of a frame; None where there is none."""
    return None if value is None or pd.isna(value) else int(value)


def _kind(row: Mapping[str, Any]) -> Kind | None:
    """As what a row of a timeline is drawn; None where it is not."""
    if row["kind"] == "funding":
        return "funding" if row["what"] == "lapses" else "money"
    if row["what"] == "double running":
        return "double"
    return next((kind for kind in KINDS if kind == row["kind"]), None)


def _shortened(label: str, name: str) -> str:
    """The first sentence of a label, without the name that stands over it."""
    rest = label.removeprefix(f"{name}: ").removeprefix(f"{name} ").removeprefix(f"{name}, ") if name else label
    return visible(rest.split(". ", maxsplit=1)[0]).rstrip(".")


def fire_charts(result: Appraisal) -> list[FireMinutes]:
    """Minutes of the first fire engine by village, before and after, one chart for each time of day; none where no fire crew moves.

    Other services that respond wait elsewhere than at their stations, so nothing is drawn of them.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> blue = ap.appraise(estate, ap.read_scenario("data/malton/scenarios/s6-blue-light-fire.toml"))
    >>> [chart.title for chart in fire_charts(blue)]
    ['S6 Blue light with fire: by day', 'S6 Blue light with fire: by night']
    """
    effect = result.response
    rows = [row for row in records(effect.places) if row["crews"] == ANY and row["response"] == "fire"]
    standards: dict[str, dict[tuple[float, str], None]] = defaultdict(dict)
    fire = {row["step"] for row in records(effect.legs) if row["response"] == "fire"}
    for row in records(effect.standards):
        if row["step"] in fire:
            words = f"{row['value_min']:g} min, {row['basis']} to {row['applies_to']}: {visible(str(row['source']))}"
            standards[str(row["time"])][float(row["value_min"]), words] = None
    note = " ".join(effect.notes[:1]).split(". ")[0].rstrip(".")
    out = []
    for time in dict.fromkeys(str(row["time"]) for row in rows):
        mine = [row for row in rows if row["time"] == time]
        mine.sort(key=lambda row: (-_known(row["change_min"]), str(row["name"])))
        out.append(
            FireMinutes(
                title=f"{visible(result.scenario.name)}: by {time}",
                ways=tuple(_way(result, row) for row in mine),
                standards=tuple(standards[time]),
                caption=f"Minutes from the call to the first engine. {note}. A standard that is an average is no limit for each village.",
            )
        )
    return out


def _known(value: Any) -> float:
    return -math.inf if value is None or not math.isfinite(value) else float(value)


def _way(result: Appraisal, row: Mapping[str, Any]) -> Way:
    def crew(value: Any) -> Crew:
        return next((one for one in _CREWS if one == value), "not known")

    before, after = (
        None if value is None or not math.isfinite(value) else float(value)
        for value in (row["before_min"], row["after_min"])
    )
    people = row["population"]
    return Way(
        village=shown_name(row["name"]),
        people=f"about {people:,.0f} people" if people is not None and math.isfinite(people) else "",
        before_min=before,
        after_min=after,
        before_crew=crew(row["kind_before"]),
        after_crew=crew(row["kind_after"]),
        figure=figure_of(result, f"response/{row['response']}/{ANY}/{row['time']}/{row['demand_id']}"),
    )


def one_estate(results: Iterable[Appraisal], estate: object) -> None:
    """Refuse appraisals of another estate, or for another reader.

    Raises
    ------
    ValueError
        Naming the first of them.
    """
    for result in results:
        if result.estate is not estate:
            message = (
                f"appraisal of {visible(result.scenario.name)!r}: it was made of another estate or for another reader than this page. "
                "Appraise the scenario on the estate that the page is of."
            )
            raise ValueError(message)

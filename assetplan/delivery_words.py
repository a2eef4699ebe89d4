"""What an appraisal says beside money: what could stop a scenario, what was promised before, whom it reaches, and who has still to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from assetplan.assembly_words import Section, capital, listed
from assetplan.effects.journeys import about
from assetplan.effects.wards import ACCESS, ALL, KINDS, NO_BUSES, RESPONSE
from assetplan.explaining.explainer import bodies_of
from assetplan.explaining.ward_figures import ward_figure
from assetplan.figures.explanation import financial
from assetplan.results.moved import in_names, place_name
from assetplan.results.signing import MATTERS, sales_of, sign_offs
from assetplan.rollups import LEAST_MIN
from assetplan.tables import records
from assetplan.text import counted, visible
from assetplan.wording import day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any

    from assetplan.explaining.saying import Sayer
    from assetplan.results.result import Appraisal
    from assetplan.scenarios.scenario import Override

    Row = Mapping[str, Any]

COUNTS = (
    "count/refused", "count/to_confirm", "count/consents_sought", "count/consents_not_sought", "count/bodies", "count/bodies_ready", "count/figures",
    "count/figures_sourced", "count/figures_general", "count/figures_illustrative", "count/plans", "chain_months",
)  # fmt: skip
"""Figures that words about delivery tell."""
_STOPS_TOLD = 8
_WARDS_TOLD = 6
_OF_CREWS = "Minutes of the first crew are means of everybody there, today and after."
_MOST_AHEAD = "Worst first by car; JSON and --by-ward have all, with how many people that is not known of."


def delivery_told(result: Appraisal, sayer: Sayer) -> list[Section]:
    """What could stop it, what was promised, whom it reaches, and who has still to sign."""
    return [
        Section("What could stop it", tuple(_stops(result, sayer))),
        Section("Promised and tried before", tuple(_promised(result))),
        Section("People", tuple(_people(result, sayer))),
        *_wards(result, sayer),
        *_signed(result),
    ]


def body_name(result: Appraisal, key: str) -> str:
    """What a body is called."""
    return visible(bodies_of(result).get(key, key))


def under_people(says: str) -> str:
    """What is told of emergency response without its reasons, which are told once."""
    return f"{visible(says.partition(': ')[0])}: see People."


# ------------------------------------------------------------------------------------------------------- what could stop it


def _stops(result: Appraisal, sayer: Sayer) -> Iterable[str]:
    found = result.deliverability
    cells = found.cells
    for axis in ("willingness", "need", "aspirations", "deliverability", "consents and months"):
        yield f"{capital(axis)}: {sayer.within(visible(cells[axis]), COUNTS)}."
    for stop in found.stops[:_STOPS_TOLD]:
        asked = f" ({visible(stop.who)})" if stop.who else ""
        says = under_people(stop.says) if stop.code == "response" else in_names(result, stop.says)
        yield f"- {stop.verdict}: {says}{asked}"
    if len(found.stops) > _STOPS_TOLD:
        yield f"- and {counted(len(found.stops) - _STOPS_TOLD, 'further kind')} of things"


def _promised(result: Appraisal) -> Iterator[str]:
    """Commitments and earlier schemes for its places, of the rows that this reader may know."""
    found = result.deliverability
    if found.aspirations is None:
        yield "No plans are recorded here, so what has been promised is not known."
        return
    if not found.promised:
        yield "plans.csv has no promise and no earlier scheme for its places."
    for one in found.promised:
        later = " Later: nobody knew it then." if one.later else ""
        detail = f" {visible(one.detail)}" if one.detail else ""
        source = "; ".join(
            (
                visible(one.source) or "source not stated",
                day(one.said_on),
                *(["illustrative"] if one.illustrative else []),
            )
        )
        yield f"- {capital(one.kind)}, {body_name(result, one.organisation)}: {visible(one.name)}.{detail} ({source}){later}"


def set_otherwise(result: Appraisal) -> Iterator[tuple[str, str, Override]]:
    """The figures that a scenario sets otherwise: what each is known by, blank where nothing rests on it, and what it is and where, in words."""
    for one in result.scenario.overrides:
        given = result.figures.input(one.figure, one.asset)
        where = f" at {place_name(result, one.asset)}" if one.asset else ""
        figure = f"input/{given.key}"
        yield figure if result.knows(figure) else "", f"{capital(visible(given.name))}{where}", one


# ------------------------------------------------------------------------------------------------------- people


def _people(result: Appraisal, sayer: Sayer) -> Iterable[str]:
    for mode in ("car", "foot"):
        yield sayer.within(
            visible(result.access.in_words(mode)), [f"people_minutes_change/{mode}", f"worst_change_min/{mode}"]
        )
    if len(result.access.functions):
        yield NO_BUSES
    yield from (visible(unknown) for unknown in result.access.unknowns)
    if result.response.verdict:
        yield f"Emergency response: {result.response.verdict}."
        for leg in result.response.legs.to_dict("records"):
            reasons = visible(" ".join(leg["reasons"]))
            yield f"- {visible(leg['name'])}: {leg['verdict']}. {reasons} {visible(leg['decides'])}"
    yield from (visible(unknown) for unknown in result.response.unknowns)
    yield "No equality conclusion is drawn: that is for the assessment that each body owes."


def _wards(result: Appraisal, sayer: Sayer) -> list[Section]:
    """Ways and crews by ward, or by parish where there are no wards; nothing where nothing moves that people come to or that answers them."""
    if not len(result.access.functions) and not len(result.response.legs):
        return []
    rows = records(result.by_ward.frame)
    kind = next((kind for kind in KINDS if any(row["kind"] == kind for row in rows)), "")
    if not kind:
        return [
            Section(
                "Ward by ward",
                (
                    "What it means for each ward is not known: no wards or parishes are drawn here, or nobody is in them.",
                ),
            )
        ]
    by_area: dict[str, list[Row]] = {}
    for row in rows:
        if row["kind"] == kind:
            by_area.setdefault(str(row["area_id"]), []).append(row)
    ordered = sorted(by_area.values(), key=lambda mine: (_further(mine), str(mine[0]["area"])))
    legs = result.response.legs
    hard = set(legs["response"][legs["hard"].eq(True)])  # others do not set out from where they are based
    table = pd.DataFrame([_ward_row(sayer, mine, kind, hard) for mine in ordered[:_WARDS_TOLD]]).fillna("-")
    more = len(ordered) - len(table)
    left_out = f" {capital(counted(more, f'{kind} is', f'{kind}s are'))} left out here." if more else ""
    said = (
        "People-minutes a trip of everybody there, one way, after less before: above 0 they go further.",
        *([_OF_CREWS] if any(row["of"] == RESPONSE and row["function"] in hard for row in rows) else []),
        f"{_MOST_AHEAD}{left_out}",
    )
    return [Section(f"{capital(kind)} by {kind}", said, table)]


def _further(rows: Iterable[Row]) -> float:
    """By which wards are sorted: what people go further by car, the most first; those of which it is not known last."""
    change = next((row["people_minutes_change"] for row in rows if (row["by"], row["function"]) == ("car", ALL)), None)
    return 0.0 if change is None or change != change else -float(change)  # noqa: PLR0124 - what is not known is no number


def _ward_row(sayer: Sayer, rows: Iterable[Row], kind: str, hard: Collection[str]) -> dict[str, str]:
    mine = list(rows)
    out = {kind: visible(str(mine[0]["area"]))}
    for row in mine:
        if row["of"] == ACCESS and row["function"] == ALL:
            way = "by car" if row["by"] == "car" else "on foot" if row["by"] == "foot" else f"by {row['by']}"
            out[way], out[f"worst {way}"] = _change(sayer, row), _worst(sayer, row)
        elif row["of"] == RESPONSE and row["function"] in hard:
            out[f"{row['function']} crew by {row['by']}"] = _crew(sayer, row)
    return out


def _change(sayer: Sayer, row: Row) -> str:
    change = row["people_minutes_change"]
    if change is None or change != change:  # noqa: PLR0124 - what is not known is no number
        return "not known"
    return sayer.within(about(change), [ward_figure(row, "people_minutes_change")])


def _worst(sayer: Sayer, row: Row) -> str:
    change = row["worst_change_min"]
    if row["worst_place"] is None or change is None or not change >= LEAST_MIN:
        return "nobody" if not row["people_not_known"] else "not known of all"
    said = f"{visible(row['worst_place'])} +{change:.1f} min ({visible(row['worst_function'])})"
    return sayer.within(said, [ward_figure(row, "worst_change_min")])


def _crew(sayer: Sayer, row: Row) -> str:
    before, after = row["mean_before_min"], row["mean_after_min"]
    if before is None or after is None or before != before or after != after:  # noqa: PLR0124 - what is not known is no number
        return "not known"
    return sayer.within(
        f"{before:.1f}, then {after:.1f} min", [ward_figure(row, f"mean_{end}_min") for end in ("before", "after")]
    )


# ------------------------------------------------------------------------------------------------------- who signs


def _signed(result: Appraisal) -> list[Section]:
    """An empty list of who has to sign, and of each sale that nobody valued it."""
    frame = sign_offs(result)
    if frame.empty:
        return []
    table = []
    for body, rows in frame.groupby("organisation", sort=False):
        cells = {row["matter"]: f"{row['role']}: {row['state']}" for row in records(rows)}
        table.append({"body": body_name(result, str(body)), **{matter: cells.get(matter, "-") for matter in MATTERS}})
    said = ["Nothing here is signed off, and nothing is written as anybody's opinion.", *_valued(result)]
    return [Section("Who has still to sign", tuple(said), pd.DataFrame(table))]


def _valued(result: Appraisal) -> Iterator[str]:
    """By body, what goes, from where its prices come and that nobody valued it."""
    for body, rows in sales_of(result).groupby("organisation", sort=True):
        sold = records(rows)
        what = listed(
            list(dict.fromkeys(f"{row['name']} ({row['by']}, {financial(int(row['year']))})" for row in sold))
        )
        sources = list(dict.fromkeys(visible(row["price_from"]) for row in sold if row["price_from"]))
        prices = f"prices from: {'; '.join(sources)}" if sources else "no price is stated"
        valued = ", ".join(dict.fromkeys(row["valued_by"] for row in sold))
        rule = "; ".join(dict.fromkeys(row["rule"] for row in sold))
        yield f"- {body_name(result, str(body)) if body else 'Holder not known'}: {what}: {prices}; valued by: {valued}; {rule}."

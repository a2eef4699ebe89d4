"""The benchmark in words: what each building, body and locality gives for its space, what could be had, and on what that rests.

Ranges, with their sources, and never pounds for room above a standard. What is written comes from an estate already filtered for its
reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.assembly_words import Section, capital
from assetplan.benchmark_figure import ends_in_words, rests_on
from assetplan.listing import one_table
from assetplan.ranges import pounds, span
from assetplan.site import UNKNOWN
from assetplan.space import benchmarking
from assetplan.space.benchmarking import PER_FTE, groups_by, limit_for
from assetplan.space.buildings import OFFICE, PLACES
from assetplan.space.closing import AFTER, NEW, NOTHING, NOW, NOWHERE, STAYS, UNKNOWN_FIT
from assetplan.space.standards import Standard
from assetplan.tables import records
from assetplan.text import visible
from assetplan.wording import NOT_KNOWN

if TYPE_CHECKING:
    from assetplan.estate import Estate
    from assetplan.page.view import Table
    from assetplan.space.benchmarking import Benchmark

NOT_RELEASED = "Benchmarks are not released to this reader, so none are shown."
MARK = "(i) marks what rests on figures that are illustrative."
FIT_WORDS = {
    NOW: "yes, by the room that is stated",
    AFTER: "yes, after works",
    NEW: "only into a new building",
    UNKNOWN_FIT: "not known",
    NOWHERE: "no",
    STAYS: "it stays",
    NOTHING: "nothing to move",
}
_SHOWN = 40  # buildings of a terminal's table


def told(estate: Estate, found: Benchmark) -> list[Section]:
    """The benchmark for a terminal: the one office that matters most, space, groups, closing, the prize, standards, and what it rests on.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> "13.6 to 16.5 m2 NIA per FTE against at most 12" in told(estate, ap.benchmark(estate))[0].sentences[0]
    True
    """
    if not estate.released("benchmarks"):
        return [Section("", (NOT_RELEASED,))]
    if found.buildings.empty:
        return [Section("", ("Nothing here says there is a building, so there is nothing to compare.", *found.note))]
    marked = (MARK,) if found.buildings["illustrative"].any() else ()
    sections = [
        Section("In a sentence", headlines(found)),
        *_by_kind(estate, found, marked),
        Section(
            "Bodies" if found.by == "organisation" else "Localities",
            (_quartiles_note(found),),
            groups_table(estate, found),
        ),
        *_to_be_had(estate, found),
        Section("Standards", (), standards_table(found)),
        Section(
            "What this rests on",
            (*found.note, *_assumptions(found), *(f"{issue.message}. {issue.action}" for issue in found.issues[:10])),
        ),
    ]
    return [section for section in sections if section.sentences or section.table is not None]


def _to_be_had(estate: Estate, found: Benchmark) -> list[Section]:
    """Which buildings could close and what that and the rest would bring; in a sentence where nothing is known of it."""
    known = found.buildings[["running_cost_gbp_pa", "backlog_gbp", "above_low_m2"]].notna().any(axis=None)
    if not known:
        said = "Not known: nothing here says what these buildings cost to run, what their upkeep is behind by, or how many work in them."
        return [Section("What could be had", (said,))]
    return [
        Section("Could it close", (_CLOSING,), closing_table(estate, found).head(_SHOWN)),
        Section("What could be had", tuple(_PRIZE), prize_table(estate, found)),
    ]


_OFFICE_HEADS = ("m2 per FTE", "m2 per desk", "desks per FTE", "£ a year per FTE")


def _by_kind(estate: Estate, found: Benchmark, marked: tuple[str, ...]) -> list[Section]:
    """Offices, and other buildings, each with the measures of its kind alone."""
    table = buildings_table(estate, found)
    office = table["kind"] == OFFICE
    out = []
    for heading, part, without in (
        ("Offices", table[office], ("kind", "m2 per place")),
        ("Other buildings", table[~office], _OFFICE_HEADS),
    ):
        if len(part):
            more = (
                (f"The {_SHOWN} that cost most to run; {len(part) - _SHOWN:,} more are in the file.",)
                if len(part) > _SHOWN
                else ()
            )
            out.append(Section(heading, (*marked, *more), part.drop(columns=list(without)).head(_SHOWN)))
    return out


_CLOSING = "Whether all that a building holds could find room elsewhere; what of its running cost would be cash if it closed, and only then."
_PRIZE = (
    "Cashable is a year, avoided is once, non-cash is room and not money; the three are never added up.",
    "The lower end is nothing, because nothing is certain to close; where nobody knows whether a building could, that is said.",
)


def headlines(found: Benchmark) -> tuple[str, ...]:
    """The office with most room above its standard in a sentence or two; what is missing where no office can be measured."""
    offices = found.buildings[found.buildings["kind"] == OFFICE]
    if offices.empty:
        return ("No building here is known to be an office, so nothing is measured by staff or desks.",)
    measured = offices[offices["m2_per_fte_low"].notna()]
    if measured.empty:
        missing = sorted({what for row in offices["missing"] for what in row if what in {"floor area", "staff (FTE)"}})
        none = "The one office cannot be" if len(offices) == 1 else f"Of {len(offices):,} offices none can be"
        return (f"{none} measured by staff: {' and '.join(missing) or 'staff'} not known.",)
    key = measured.assign(_key=[str(key) for key in measured.index]).sort_values(
        ["above_high_m2", "running_cost_gbp_pa", "_key"], ascending=[False, False, True], kind="stable"
    ).index[0]  # fmt: skip
    return building_in_words(found, str(key))


def building_in_words(found: Benchmark, key: str) -> tuple[str, ...]:
    """An office in sentences: its space against the standard, and what would be cash if it closed."""
    row = found.buildings.loc[key]
    standard = limit_for(str(row["organisation"]), tuple(Standard(**one) for one in records(found.standards)))
    name = f"{visible(str(row['name']))}{' (i)' if row['illustrative'] else ''}"
    space = ends_in_words(row["m2_per_fte_low"], row["m2_per_fte_high"])
    source = f"{visible(standard.source.split(':')[0])}, {visible(standard.edition)}"
    above = square_metres(row["above_low_m2"], row["above_high_m2"])
    room = "nothing above it" if above == "no m2" else f"{above} above it, which is room to share, not money"
    first = f"{name}: {space} m2 NIA per FTE against at most {standard.low:g} ({source}): {room}."
    said = [first]
    cost = row["running_cost_gbp_pa"]
    if pd.notna(cost):
        price = f" at {found.price_base} prices" if found.price_base else ", price year not stated,"
        if row["fit"] == STAYS:
            said.append(
                f"Nothing of its running cost of {pounds(cost)} a year{price} is counted: {visible(str(row['because']))}."
            )
        else:
            could = {UNKNOWN_FIT: "whether all it holds could go elsewhere is not known", NOWHERE: "not all it holds could go elsewhere",
                     NEW: "room is stated only in a building yet to be built"}.get(row["fit"], FIT_WORDS[row["fit"]])  # fmt: skip
            ends = span((row["if_closed_low_gbp_pa"], row["if_closed_high_gbp_pa"])).removeprefix("about ")
            said.append(
                f"Of its running cost of {pounds(cost)} a year{price} about {ends} would be cash, and only if it closed; "
                f"{could} ({visible(str(row['because']))})."
            )
    else:
        said.append("What it costs to run is not known, so neither is what closing it would save.")
    if pd.notna(row["backlog_gbp"]) and row["fit"] != STAYS:
        said.append(
            f"Its backlog of about {pounds(row['backlog_gbp'])} would be avoided then; it is cash only if it would have been spent."
        )
    return tuple(said)


def square_metres(low: float, high: float) -> str:
    """A range of floor area in words, to two figures or tens: ``270 to 770 m2``.

    Examples
    --------
    >>> square_metres(270.0, 765.0), square_metres(0.0, 0.0), square_metres(float("nan"), 1.0)
    ('270 to 770 m2', 'no m2', 'unknown')
    """
    if pd.isna(low) or pd.isna(high):
        return NOT_KNOWN
    ends = [f"{int(end / 10 + 0.5) * 10 if end >= 100 else int(end + 0.5):,}" for end in (low, high)]
    if ends == ["0", "0"]:
        return "no m2"
    return f"{ends[0]} m2" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} m2"


# ------------------------------------------------------------------------------------------------------- tables of text


def _measure(low: float, high: float) -> str:
    return NOT_KNOWN if pd.isna(low) or pd.isna(high) else ends_in_words(low, high)


def _owner(estate: Estate, key: object) -> str:
    body = estate.organisations.get(str(key))
    return visible(body.name if body else "owner not known" if key == UNKNOWN else str(key))


def _areas(estate: Estate, found: Benchmark) -> dict[str, str]:
    frame = estate.areas[estate.areas["kind"] == found.area_kind]
    return {str(key): visible(str(name)) for key, name in zip(frame["area_id"], frame["name"], strict=True)}


def _order(found: Benchmark) -> list[dict[str, Any]]:
    """Buildings with the dearest first, those of unknown cost last."""
    frame = found.buildings.reset_index()
    return records(
        frame.sort_values(
            ["running_cost_gbp_pa", "asset_id"], ascending=[False, True], na_position="last", kind="stable"
        )
    )


def buildings_table(estate: Estate, found: Benchmark) -> pd.DataFrame:
    """Each building, its kind, area as stated and in the measure of its kind, and its measures."""
    areas = _areas(estate, found)
    rows = []
    for row in _order(found):
        office = row["kind"] == OFFICE
        measure = "nia" if office else "gia"
        area = square_metres(row[f"{measure}_low_m2"], row[f"{measure}_high_m2"])
        rows.append(
            {
                "building": visible(row["name"]) + (" (i)" if row["illustrative"] else ""),
                "body": _owner(estate, row["organisation"]),
                "locality": areas.get(row["area"] or "", "-"),
                "kind": row["kind"],
                "floor area": area if area == NOT_KNOWN else f"{area} {measure.upper()}",
                "stated as": row["basis"],
                "m2 per FTE": _measure(row["m2_per_fte_low"], row["m2_per_fte_high"]) if office else "-",
                "m2 per desk": _measure(row["m2_per_desk_low"], row["m2_per_desk_high"]) if office else "-",
                "desks per FTE": _measure(row["desks_per_fte"], row["desks_per_fte"]) if office else "-",
                "m2 per place": f"{_measure(row['m2_per_place_low'], row['m2_per_place_high'])} ({row['place']})" if row["kind"] in PLACES else "-",
                "£ a year per m2": _measure(row["gbp_per_m2_low"], row["gbp_per_m2_high"]),
                "£ a year per FTE": (NOT_KNOWN if pd.isna(row["gbp_per_fte"]) else pounds(row["gbp_per_fte"])) if office else "-",
                "used": f"{row['utilisation_percent']:.0f}%" if pd.notna(row["utilisation_percent"]) else NOT_KNOWN,
                "not known": "; ".join(row["missing"]) or "-",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def groups_table(estate: Estate, found: Benchmark, by: str = "") -> pd.DataFrame:
    """Bodies or localities: all their buildings of a kind together, their median, their quarter, and on how many buildings it rests."""
    groups = found.groups if not by or by == found.by else groups_by(estate, found.buildings, by, found.area_kind)[0]
    head = "body" if (by or found.by) == "organisation" else "locality"
    rows = [
        {
            head: _owner(estate, row["group"]) if head == "body" else visible(str(row["name"])),
            "kind": row["kind"],
            "measure": row["unit"],
            "together": _measure(row["low"], row["high"]),
            "median": _measure(row["median_low"], row["median_high"]),
            "quarter": row["quarter"],
            "rests on": rests_on(row),
        }
        for row in records(groups)
    ]
    return pd.DataFrame(rows, columns=[head, "kind", "measure", "together", "median", "quarter", "rests on"])


def closing_table(estate: Estate, found: Benchmark) -> pd.DataFrame:
    """Each building: whether all it holds could go elsewhere, why, what it costs, and what would be cash if it closed."""
    rows = [
        {
            "building": visible(row["name"]) + (" (i)" if row["illustrative"] else ""),
            "body": _owner(estate, row["organisation"]),
            "could all it holds go elsewhere": FIT_WORDS[row["fit"]],
            "why": visible(str(row["because"])),
            "running cost a year": NOT_KNOWN
            if pd.isna(row["running_cost_gbp_pa"])
            else pounds(row["running_cost_gbp_pa"]),
            "cash if it closed, a year": "-"
            if row["fit"] == STAYS
            else _span(row["if_closed_low_gbp_pa"], row["if_closed_high_gbp_pa"]),
            "backlog": NOT_KNOWN if pd.isna(row["backlog_gbp"]) else pounds(row["backlog_gbp"]),
        }
        for row in _order(found)
    ]
    return pd.DataFrame(rows)


def _span(low: float, high: float) -> str:
    return NOT_KNOWN if pd.isna(low) or pd.isna(high) else span((low, high))


def prize_table(estate: Estate, found: Benchmark) -> pd.DataFrame:
    """What each body could have in each locality: a row for each class, with what is not known beside what is."""
    areas = _areas(estate, found)
    rows = []
    for row in records(found.prize):
        match row["class"]:
            case benchmarking.CASHABLE:
                amount = _span(row["low_gbp_pa"], row["high_gbp_pa"])
                amount += "" if amount == NOT_KNOWN else " a year"
                more = (
                    f"at most {pounds(row['unproven_gbp_pa'])} a year more, if the rest could close"
                    if row["unproven_gbp_pa"] >= 1
                    else "-"
                )
            case benchmarking.AVOIDED:
                amount, more = _span(row["low_gbp"], row["high_gbp"]), "-"
                amount += "" if amount == NOT_KNOWN else " once"
            case _:
                amount = square_metres(row["low_m2"], row["high_m2"])
                amount += "" if amount == NOT_KNOWN else " NIA above the standard"
                more = (
                    f"{row['desks']:,.0f} desks more than are wanted on the day most attend"
                    if pd.notna(row["desks"])
                    else "desks not known"
                )
        rows.append(
            {
                "body": _owner(estate, row["organisation"]),
                "locality": areas.get(row["area"] or "", "-"),
                "class": row["class"],
                "how much": amount,
                "beside that": more,
                "rests on": rests_on(row),
                "prices": visible(str(row["price_base"])) if row["price_base"] else "-",
            }
        )
    return pd.DataFrame(rows, columns=["body", "locality", "class", "how much", "beside that", "rests on", "prices"])


def standards_table(found: Benchmark) -> pd.DataFrame:
    """Standards and comparators, each with its source, its edition, and how far the figure was read in its source."""
    return pd.DataFrame(
        [
            {
                "measure": row["measure"],
                "standard": f"{row['low']:g}" if row["low"] == row["high"] else f"{row['low']:g} to {row['high']:g}",
                "measured as": visible(row["area_basis"]) or "-",
                "what it is": visible(row["basis"]),
                "source": visible(row["source"]) + (" (i)" if row["illustrative"] else ""),
                "edition": visible(row["edition"]),
                "read where": visible(row["checked"]),
            }
            for row in records(found.standards)
        ]
    )


def _quartiles_note(found: Benchmark) -> str:
    level = "bodies" if found.by == "organisation" else "areas"
    cuts = found.quartiles[(found.quartiles["measure"] == PER_FTE) & (found.quartiles["level"] == level)]
    if cuts.empty:
        return "No office here is measured by staff."
    row = cuts.iloc[0]
    if pd.isna(row["q1_low"]):
        return f"Offices of {row['rests_on']:,} of {row['of']:,} {level} are measured by staff: with fewer than four there are no quartiles."
    return (
        f"m2 NIA per FTE across {row['rests_on']:,} of {row['of']:,} {level}: lower quartile {_measure(row['q1_low'], row['q1_high'])}, "
        f"median {_measure(row['median_low'], row['median_high'])}, upper quartile {_measure(row['q3_low'], row['q3_high'])}."
    )


def _assumptions(found: Benchmark) -> list[str]:
    words = {
        "office_nia_per_gia": "NIA of an office for each m2 GIA",
        "other_nia_per_gia": "NIA of other buildings for each m2 GIA",
        "closed_cash_share": "share of a closed building's running cost that is cash",
        "open_host_share": "share of it that the host then spends for what moves in",
    }
    return [
        f"{capital(words[name])}: {factor.low:g} to {factor.high:g} ({visible(factor.source)})."
        for name, factor in found.factors.items()
    ]


# ------------------------------------------------------------------------------------------------------- for a page


def tables(estate: Estate, found: Benchmark) -> list[Table]:
    """The tables of a page: buildings, bodies, localities, closing, the prize, standards; none for a reader to whom they are not released."""
    if not estate.released("benchmarks") or found.buildings.empty:
        return []
    note = " ".join([*(found.note), *([MARK] if found.buildings["illustrative"].any() else [])])
    parts = [
        ("benchmark", f"Buildings compared like with like ({len(found.buildings):,})", note, buildings_table(estate, found)),
        ("benchmark-bodies", "Bodies: buildings of one kind together", _quartiles_note(found) if found.by == "organisation" else "",
         groups_table(estate, found, "organisation")),
        ("benchmark-localities", "Localities: buildings of one kind together", "", groups_table(estate, found, "area")),
        ("benchmark-closing", "Which buildings could close, and what would then be cash", _CLOSING, closing_table(estate, found)),
        ("benchmark-prize", "What could be had, by body and locality", " ".join([*_PRIZE, *_assumptions(found)]), prize_table(estate, found)),
        ("benchmark-standards", "Standards of space, with their sources", "", standards_table(found)),
    ]  # fmt: skip
    return [_table(*part) for part in parts if len(part[3])]


def _table(identity: str, caption: str, note: str, frame: pd.DataFrame) -> Table:
    heads = [name if name[:2] in {"m2", "£ "} else capital(name) for name in frame.columns]
    return one_table(
        identity, caption, note, heads, frame.astype(str).to_numpy().tolist(), folded=identity != "benchmark"
    )


def as_record(estate: Estate, found: Benchmark) -> dict[str, Any]:
    """The benchmark as plain data for a program: every frame as rows, None where not known, the assumptions, and the sentences.

    Nothing but that it is not released for a reader to whom it is not.
    """
    in_words = {section.heading: section.sentences for section in told(estate, found)}
    if not estate.released("benchmarks"):
        return {"in_words": in_words}

    def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
        known = frame.round(2).astype(object)
        return records(known.where(known.notna(), None))

    return {
        "by": found.by,
        "area_kind": found.area_kind,
        "price_base": found.price_base or None,
        "buildings": rows(found.buildings.reset_index()),
        "groups": rows(found.groups),
        "quartiles": rows(found.quartiles),
        "prize": rows(found.prize),
        "standards": rows(found.standards),
        "factors": {
            name: {key: value for key, value in vars(factor).items() if key != "name"}
            for name, factor in found.factors.items()
        },
        "in_words": in_words,
    }

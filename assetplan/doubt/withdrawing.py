"""What would make one withdraw a scenario, or what would have to be true for it to be worth it: one thing at a time, in plain words.

Each is the number at which net present value is nought with all else in the middle. It is a question to ask of the figures, never an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.appraisal.flow import PUBLIC, classed
from assetplan.doubt.stress import dated_otherwise, delivered, pinned, rests_on, sales, sold_later
from assetplan.doubt.uncertainty import about, tornado
from assetplan.ranges import NIL_GBP, pounds
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assetplan.appraisal.cases import Cases
    from assetplan.appraisal.economic import Ends
    from assetplan.appraisal.flow import Flow

LATEST = 10
"""Delays of more years than this are not looked at."""
FIRST = 3
"""Break-evens that are shown first; no two of them are about the same thing."""
_CAPITAL = {"works", "build", "land"}
_MOST_TIMES = 5.0
"""What would have to grow by more than so many times itself is no break-even that tells anybody anything; by itself once, where it has no range."""


@dataclass(frozen=True)
class BreakEven:
    """One thing that would bring net present value to nought, all else in the middle.

    Attributes
    ----------
    figure_id
        What it is known by.
    name
        What has to be otherwise, in words.
    value, unit
        The number at which it comes to nothing: of an input in its own unit; else percent by which something changes, or years.
    central
        What is taken now, in the same unit: 0 where `value` is a change.
    within
        Whether that is inside the range that is given; None where none is given for it.
    told
        How far off it is against its own range: below 1 it is inside; None where no range is given.
    about
        What it is about: capital, savings, receipts, time, or an input by its key.
    sentence
        All of it in words.
    """

    figure_id: str
    name: str
    value: float
    unit: str
    central: float
    within: bool | None
    told: float | None
    about: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def break_evens_of(result: Cases) -> list[BreakEven]:
    """Everything that by itself would bring the net present value of a scenario to nought, the three most telling first.

    Most telling is what is least far off against its own range; the first three are about three things. Where net present value is above nought
    they say what would make one withdraw it, where it is below, what would have to be true for it to be worth it. Empty where it is nought.
    """
    if abs(result.npv_gbp) < NIL_GBP:
        return []
    found = [*_sums(result), *_shares(result), *_times(result), *_inputs(result)]
    ordered = sorted(
        found, key=lambda one: (one.told is None, one.told if one.told is not None else _apart(one), one.figure_id)
    )
    first: list[BreakEven] = []
    for one in ordered:
        if len(first) < FIRST and one.about not in {other.about for other in first}:
            first.append(one)
    return [*first, *(one for one in ordered if one not in first)]  # where there are not three things, one thing twice


def _apart(one: BreakEven) -> float:
    return abs(one.value - one.central) / max(1e-9, abs(one.central)) if one.central else abs(one.value)


def _ends_with(result: Cases) -> str:
    return (
        "it would no longer be worth it on these figures"
        if result.npv_gbp > 0
        else "it would be worth it on these figures"
    )


# ------------------------------------------------------------------------------------------------------- sums of lines


def _sums(result: Cases) -> Iterator[BreakEven]:
    """Capital, savings and receipts as wholes."""
    case = result.economic
    receipts = list(sales(result.flows).values())

    def capital(flow: Flow) -> float:
        return (
            case.npv(flow)
            if flow.kind == "capital" and flow.line in _CAPITAL and flow.benefit_class != "transfer"
            else 0.0
        )

    def savings(flow: Flow) -> float:
        return case.npv(flow) if flow.kind == "revenue" and classed(flow) == "cashable" else 0.0

    def received(flow: Flow) -> float:
        return case.npv(flow) if rests_on(flow, receipts) else 0.0

    for key, name, count in (
        ("capital", "capital cost", capital), ("savings", "cashable savings and income", savings), ("receipts", "receipts", received),
    ):  # fmt: skip
        found = _of_sum(result, key, name, case.ends(count))
        if found is not None:
            yield found


def _of_sum(result: Cases, key: str, name: str, ends: Ends) -> BreakEven | None:
    if abs(ends.central) < NIL_GBP:
        return None
    change = -result.npv_gbp / ends.central  # share by which the sum has to grow
    if not -1 <= change <= _MOST_TIMES:
        return None
    bound = ends.high if change * ends.central > 0 else ends.low
    own = abs(bound - ends.central)
    told = abs(change * ends.central) / own if own > NIL_GBP else None
    verb = "were" if key != "capital" else "was"
    said = f"about {abs(change):.0%} {'more' if change > 0 else 'less'} than is put here" if change != -1 else "nothing"
    sentence = (
        f"If {name} {verb} {said}, present value about {pounds(abs(ends.central * (1 + change)))} instead of "
        f"{pounds(abs(ends.central))}, {_ends_with(result)}{_whether(told)}."
    )
    return BreakEven(
        f"break_even/{key}",
        name,
        100 * change,
        "percent",
        0.0,
        None if told is None else told <= 1,
        told,
        key,
        sentence,
    )


def _whether(told: float | None) -> str:
    if told is None:
        return "; no range is given for it"
    return "; that is inside its range" if told <= 1 else "; that is outside its range"


# ------------------------------------------------------------------------------------------------------- shares delivered


def _shares(result: Cases) -> Iterator[BreakEven]:
    """Savings and receipts that come to a share only, as those of a national programme did."""
    if result.npv_gbp < 0:
        return
    figures = result.figures
    none = [pinned(figures.input(f"{name}_delivered_percent"), 0.0) for name in ("benefits", "receipts")]
    case = result.economic
    without = type(case)(delivered(result, *none), result.base_year, result.years)
    rest = float(without.total(without.npv)[0])
    if rest >= 0:
        return
    share = 100 * -rest / (result.npv_gbp - rest)
    least = figures.input("benefits_delivered_percent").value.central
    told = (100 - share) / (100 - least)
    sentence = (
        f"If less than about {share:.0f}% of each body's net saving in running cost and of receipts came, {_ends_with(result)}; a national programme "
        f"delivered {least:g}% of the savings it had forecast by one account, in other places and years."
    )
    yield BreakEven(
        "break_even/delivered",
        "share of savings and receipts that comes",
        share,
        "percent",
        100.0,
        told <= 1,
        told,
        "delivered",
        sentence,
    )


# ------------------------------------------------------------------------------------------------------- time


def _times(result: Cases) -> Iterator[BreakEven]:
    """Years by which receipts, or everything, may be late."""
    if result.npv_gbp < 0:
        return
    receipts = list(sales(result.flows).values())
    scale = max(1.0, result.figures.input("receipt_late_years").value.central)

    def received_late(years: int) -> float | None:
        late, _ = sold_later(result, years)
        return _npv(result, late.flows)

    def all_late(years: int) -> float | None:
        late = dated_otherwise(result, lambda: result.scenario.delayed(years))
        return _npv(result, None if late.run is None else late.flows)

    asked: list[tuple[str, str, Callable[[int], float | None]]] = []
    if receipts:
        asked.append(("receipts late", "receipts come", received_late))
    asked.append(("delay", "everything comes", all_late))
    for key, name, worth in asked:
        years = _first_below(worth)
        if years is not None:
            sentence = f"If {name} {years} {'year' if years == 1 else 'years'} late, {_ends_with(result)}."
            yield BreakEven(f"break_even/{key}", f"years by which {name} late", float(years), "years", 0.0, None, years / scale, "receipts" if key ==
                            "receipts late" else "time", sentence)  # fmt: skip


def _npv(result: Cases, flows: tuple[Flow, ...] | None) -> float | None:
    if flows is None:
        return None
    factors = result.economic.factors
    return sum(
        flow.amount() * factors.get(flow.year, 0.0) * _bias(flow)
        for flow in flows
        if flow.economic and flow.organisation != PUBLIC
    )


def _bias(flow: Flow) -> float:
    return 1.0 if flow.bias is None else flow.bias.at("central")


def _first_below(worth: Callable[[int], float | None]) -> int | None:
    """The fewest years of delay at which nothing is left, up to the latest; a delay that cannot be is passed over."""
    for years in range(1, LATEST + 1):
        value = worth(years)
        if value is not None and value <= 0:
            return years
    return None


# ------------------------------------------------------------------------------------------------------- inputs


def _inputs(result: Cases) -> Iterator[BreakEven]:
    """Each input by itself; shares of a floor follow from areas, and are left out."""
    groups = _groups(result)
    for row in tornado(result.economic).to_dict("records"):
        key, value, central = str(row["key"]), float(row["break_even"]), float(row["central"])
        most = (1 + (_MOST_TIMES if row["high"] > row["low"] else 1.0)) * central
        far = central > 0 and value > most and not row["within"]
        if row["possible"] is not True or far or row["unit"] == "share of the floor":
            continue
        name = visible(str(row["name"]))
        name = name if name[:1].isupper() else f"the {name}"
        told: float | None
        if row["chance"] == row["chance"]:
            told, sentence = _chance(result, name, value, float(row["chance"]))
        else:
            own = float(row["high"] if value > central else row["low"]) - central
            told = abs((value - central) / own) if own else None
            said = f"{about(value, row['unit'])} or {'more' if value > central else 'less'}"
            sentence = (
                f"If {name} was {said} instead of {about(central, row['unit'])}, {_ends_with(result)}{_whether(told)}."
            )
        within = None if told is None else told <= 1
        figure_id, group = f"break_even/input/{key}", groups.get(key, key)
        yield BreakEven(figure_id, name, value, str(row["unit"]), central, within, told, group, sentence)


def _chance(result: Cases, name: str, value: float, given: float) -> tuple[float, str]:
    """How far off a chance is at which nothing is left on average, and that in words."""
    told = abs(1 - value) / max(1e-9, 1 - given)
    if told <= 1:
        return told, (
            f"With the chance of {name} put at {given:.0%}, {_ends_with(result)} on average, all else as it is put here: from about {value:.0%} "
            "on it is the other way round."
        )
    return (
        told,
        f"If the chance of {name} was below about {value:.0%}, and not {given:.0%}, {_ends_with(result)} on average.",
    )


def _groups(result: Cases) -> dict[str, str]:
    """What inputs that are factors of capital or receipts alone are about."""
    groups: dict[str, set[str]] = {}
    receipts = list(sales(result.flows).values())
    for flow in result.economic.ledger.flows:
        capital = flow.line in _CAPITAL and flow.kind == "capital"
        group = "capital" if capital else "receipts" if rests_on(flow, receipts) else ""
        for factor in (*flow.factors, flow.bias) if flow.bias is not None else flow.factors:
            groups.setdefault(factor.input.key, set()).add(group)
    return {key: next(iter(found)) for key, found in groups.items() if len(found) == 1 and "" not in found}

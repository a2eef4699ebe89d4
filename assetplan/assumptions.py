"""What assumptions.toml says: the figures a valuation and an appraisal rest on, each with its range, unit, source and edition.

Nothing here has a default. A figure of a valuation that a folder does not give is missing, and what needs it is refused until it is
given: a default would be a figure without a source. Those of an appraisal may be left out: what stands in for them is published with
its own source, in the appraisal's figures.toml.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

from assetplan.declared import check_keys, guessed, read_toml, text_of
from assetplan.errors import EstateError
from assetplan.text import clean, shown_name, visible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Case = Literal["low", "central", "high"]
CASES: tuple[Case, ...] = ("low", "central", "high")
HOUSING = "housing"
_FIGURE_KEYS = ("low", "central", "high", "unit", "source", "edition", "illustrative", "note")
_USE_WORDS = ("permitted_as", "arguable_as")


@dataclass(frozen=True)
class Spec:
    """What a figure is: its unit, whether land is worth more or less where it is larger, and its meaning.

    `helps` is +1 where a larger figure makes land worth more, -1 where it makes it worth less, and 0 where that depends, so that
    the central figure serves in every case.
    """

    unit: str
    helps: Literal[-1, 0, 1]
    meaning: str


FIGURES: dict[str, Spec] = {
    "net_developable_percent": Spec("percent", 0, "share of a site, after the strip along its boundary, that homes and gardens may cover"),
    "layout_setback_m": Spec("m", 0, "strip along a boundary with somebody else's land on which nothing can be built"),
    "homes_per_ha": Spec("homes/ha", 0, "homes on a net developable hectare"),
    "market_m2_per_home": Spec("m2", 0, "floor area of a market home"),
    "affordable_m2_per_home": Spec("m2", 0, "floor area of an affordable home"),
    "market_value_gbp_m2": Spec("GBP/m2", 1, "sale value of market homes"),
    "affordable_value_percent": Spec("percent", 1, "value of affordable homes as a share of market value"),
    "affordable_percent": Spec("percent", -1, "share of homes that are affordable, at and above the threshold"),
    "affordable_threshold_homes": Spec("homes", 1, "homes in a scheme from which affordable homes are asked for"),
    "build_gbp_m2": Spec("GBP/m2", -1, "build cost of homes"),
    "externals_percent": Spec("percent", -1, "roads, drains and landscape, on build cost"),
    "fees_percent": Spec("percent", -1, "professional fees, on build and externals"),
    "contingency_percent": Spec("percent", -1, "contingency, on build and externals"),
    "finance_percent": Spec("percent", -1, "cost of finance, on the value of all that is built"),
    "sales_percent": Spec("percent", -1, "cost of sale, on market value"),
    "profit_market_percent": Spec("percent", -1, "developer's return, on market value"),
    "profit_affordable_percent": Spec("percent", -1, "developer's return, on affordable value"),
    "s106_gbp_per_home": Spec("GBP/home", -1, "planning obligations, paid out of land value"),
    "s106_threshold_homes": Spec("homes", 1, "homes in a scheme from which planning obligations are asked for"),
    "cil_gbp_m2": Spec("GBP/m2", -1, "Community Infrastructure Levy on market homes, net of existing floor space"),
    "abnormals_gbp_per_ha": Spec("GBP/ha", 0, "clearing, ground and services of a gross hectare beyond that, where a site has no figure of its own"),
    "scheme_fixed_gbp": Spec("GBP", 0, "part of the cost of clearing, ground and services that any scheme has whatever its size"),
    "access_frontage_m": Spec("m", 0, "road frontage that takes a road which may be adopted"),
    "access_homes_limit": Spec("homes", 0, "homes that may be served by less than that"),
    "ransom_percent": Spec("percent", 0, "share of the uplift that goes to whoever holds the only access"),
    "as_it_stands_range_percent": Spec("percent", 0, "how far either way a stated value as it stands may be out"),
}  # fmt: skip
USE_FIGURES: dict[str, Spec] = {
    "m2_per_ha": Spec("m2/ha", 1, "floor area on a net developable hectare"),
    "value_gbp_m2": Spec("GBP/m2", 1, "value of what is built"),
    "build_gbp_m2": Spec("GBP/m2", -1, "build cost"),
    "profit_percent": Spec("percent", -1, "developer's return, on value"),
    "cil_gbp_m2": Spec("GBP/m2", -1, "Community Infrastructure Levy"),
}
APPRAISAL_FIGURES: dict[str, Spec] = {
    "appraisal_years": Spec("years", 0, "years after the base year over which an appraisal reckons"),
    "backlog_years": Spec("years", 0, "years over which doing the minimum spends the backlog, evenly, from the year after the base year"),
    "backlog_spent_percent": Spec("percent", 0, "share of the backlog that doing the minimum would really spend"),
    "leaving_backlog_percent": Spec("percent", 0, "share of a building's backlog that is spent all the same before it is left"),
    "cash_percent": Spec("percent", 0, "share of a building's running cost that turns to cash where it closes"),
    "open_cash_percent": Spec("percent", 0, "share of an open building's running cost that space given up or taken in it changes in cash"),
    "rates_percent": Spec("percent", 0, "business rates as a share of what of the running cost of a building turns to cash"),
    "void_percent": Spec("percent", 0, "cost of holding an empty building, business rates apart, as a share of its running cost in use"),
    "empty_rates_free_months": Spec("months", 0, "months for which an empty building pays no business rates"),
    "new_running_gbp_m2": Spec("GBP/m2 a year", 0, "running cost of a new building, by gross internal area"),
    "move_gbp_fte": Spec("GBP/FTE", 0, "cost of moving a member of staff, fitting and ICT apart"),
    "ict_gbp_desk": Spec("GBP/desk", 0, "network, telephony and equipment of a desk at a new place"),
    "disturbance_gbp_fte_pa": Spec("GBP/FTE a year", 0, "excess travel paid to a member of staff whose place of work moves"),
    "disturbance_years": Spec("years", 0, "years for which excess travel is paid"),
    "works_refurbish_gbp_m2": Spec("GBP/m2", 0, "refitting an office, by gross internal area, all in"),
    "works_civic_gbp_m2": Spec("GBP/m2", 0, "new offices and civic space, by gross internal area, all in"),
    "works_blue_light_gbp_m2": Spec("GBP/m2", 0, "new police, fire or ambulance stations, by gross internal area, all in"),
    "works_contingency_percent": Spec("percent", 0, "contingency on works in the financial case, in place of optimism bias"),
    "sale_cost_percent": Spec("percent", 0, "cost of a disposal as a share of its receipt, where none is stated"),
    "disposal_cap_percent": Spec("percent", 0, "most of a council's receipt that may pay for the cost of the disposal"),
    "inflation_percent": Spec("percent", 0, "general inflation a year"),
    "borrowing_percent": Spec("percent", 0, "interest a year on long borrowing from the Public Works Loan Board"),
    "pdc_percent": Spec("percent", 0, "public dividend capital dividend of an NHS body, a year, on its average net relevant assets"),
    "life_building_years": Spec("years", 0, "years over which a new building is paid for out of revenue"),
    "life_refurbishment_years": Spec("years", 0, "years over which a refurbishment is paid for out of revenue"),
    "life_land_years": Spec("years", 0, "years over which land is paid for out of revenue"),
    "life_equipment_years": Spec("years", 0, "years over which ICT and equipment are paid for out of revenue"),
    "benefits_delivered_percent": Spec("percent", 0, "share of forecast savings that a programme delivered: for stress, not a rate"),
    "receipts_delivered_percent": Spec("percent", 0, "share of forecast receipts that a programme delivered: for stress, not a rate"),
    "receipt_fall_percent": Spec("percent", 0, "how much lower receipts are, for stress"),
    "receipt_late_years": Spec("years", 0, "how many years later receipts come, for stress"),
}  # fmt: skip
MOST_YEARS = 125


@dataclass(frozen=True)
class Figure:
    """One assumption: a range in its own numbers, and where it comes from."""

    name: str
    low: float
    central: float
    high: float
    unit: str
    source: str
    edition: str
    illustrative: bool
    helps: int
    meaning: str

    def at(self, case: Case) -> float:
        """The figure in a case for the land: its adverse end in the low one, its kind end in the high one."""
        if case == "central" or not self.helps:
            return self.central
        return self.low if (case == "low") == (self.helps > 0) else self.high


@dataclass(frozen=True)
class Use:
    """A use of land that is not housing for sale: the words by which a covenant permits it, or arguably does."""

    name: str
    permitted_as: tuple[str, ...]
    arguable_as: tuple[str, ...]


@dataclass(frozen=True)
class Assumptions:
    """The figures of one estate, by name; a figure of a use is called ``use.figure``.

    Attributes
    ----------
    price_base
        The price year of every figure in pounds.
    figures
        Those that value land, by name; none where a file states those of an appraisal only.
    uses
        Uses of land, ``housing`` always among them.
    mixes
        Named mixes of uses: shares of the net developable area, in a hundred.
    audience
        Who may know them, as the file says: readers parted by ``;``, everybody where it says nothing.
    appraisal
        Figures of an appraisal that go before those published with the package, by name; none needs to be given.
    """

    price_base: str
    figures: Mapping[str, Figure]
    uses: Mapping[str, Use]
    mixes: Mapping[str, Mapping[str, float]]
    audience: str = "public"
    appraisal: Mapping[str, Figure] = field(default_factory=dict)

    def value(self, name: str, case: Case = "central") -> float:
        """A figure in one case.

        Raises
        ------
        EstateError
            Where there is no such figure.
        """
        if name not in self.figures:
            raise EstateError(f"assumptions.toml: there is no figure {visible(name)!r}.{guessed(name, self.figures)}")
        return self.figures[name].at(case)

    def changed(self, figures: Mapping[str, float], source: str) -> Assumptions:
        """These assumptions with some figures set to one number each, and who says so.

        Raises
        ------
        EstateError
            Naming every figure that there is not, or that cannot have that number.

        Examples
        --------
        >>> import assetplan as ap
        >>> own = ap.read_estate("data/malton").assumptions
        >>> own.changed({"market_value_gbp_m2": 3600}, source="district valuer, by telephone").value(
        ...     "market_value_gbp_m2"
        ... )
        3600.0
        """
        problems: list[str] = []
        if not clean(source):
            problems.append("source: who says so is wanted: a figure without a source is not used.")
        out = dict(self.figures)
        for name, number in figures.items():
            if name not in out:
                problems.append(f"{visible(name)}: there is no such figure.{guessed(name, out)}")
                continue
            if said := wrong_number(number, out[name].unit):
                problems.append(f"{name}: {said}")
                continue
            one = float(number)
            out[name] = replace(
                out[name], low=one, central=one, high=one, source=source, edition="", illustrative=False
            )
        if problems:
            raise EstateError("These assumptions cannot be used", problems)
        return replace(self, figures=out)


def wrong_number(number: object, unit: str) -> str:
    """What is wrong with a number of a unit, in words; nothing if nothing is."""
    if isinstance(number, bool) or not isinstance(number, Real):
        return f"a number is wanted, not {visible(str(number))!r}."
    if not math.isfinite(number) or float(number) < 0:
        return f"a number of {unit}, 0 or more, is wanted, not {number!r}."
    if unit == "percent" and float(number) > 100:
        return f"a percentage from 0 to 100 is wanted, not {number!r}."
    if unit == "years" and not (float(number).is_integer() and 1 <= float(number) <= MOST_YEARS):
        return f"whole years from 1 to {MOST_YEARS} are wanted, not {number!r}."
    return ""


def read_assumptions(path: Path) -> Assumptions:
    """Read assumptions.toml.

    Raises
    ------
    EstateError
        Naming every problem found: figures missing, unknown or out of range, uses and mixes that do not fit.
    """
    document = read_toml(path)
    problems: list[str] = []
    check_keys(
        document, "assumptions.toml", ("price_base", "audience", "figures", "uses", "mixes", "appraisal"), problems
    )
    base = document.get("price_base", "")
    if not isinstance(base, str) or not clean(base):
        problems.append('price_base: the price year of the figures is wanted, like price_base = "2025/26".')
        base = ""
    no_land = "appraisal" in document and not document.keys() & {"figures", "uses", "mixes"}
    figures = {} if no_land else _figures(_part(document, "figures", problems), FIGURES, "figures", "", problems)
    uses = {HOUSING: Use(HOUSING, (HOUSING,), ())}
    for name, part in _part(document, "uses", problems).items():
        where = f"uses.{shown_name(name)}"
        use = clean(name)
        if not isinstance(part, dict):
            problems.append(f"[{where}]: a table is wanted here.")
            continue
        words = {key: _words(part.get(key, []), f"{where}.{key}", problems) for key in _USE_WORDS}
        uses[use] = Use(use, words["permitted_as"] or (use,), words["arguable_as"])
        if use != HOUSING:
            rest = {key: value for key, value in part.items() if key not in _USE_WORDS}
            figures |= _figures(rest, USE_FIGURES, where, f"{use}.", problems)
        else:
            check_keys(part, f"[{where}]", _USE_WORDS, problems)
    mixes = _mixes(_part(document, "mixes", problems), uses, problems)
    own = _part(document, "appraisal", problems)
    appraisal = _figures(own, APPRAISAL_FIGURES, "appraisal", "", problems, optional=True)
    audience = text_of(document, "audience", problems) if "audience" in document else "public"
    if problems:
        raise EstateError("assumptions.toml cannot be used", problems)
    return Assumptions(clean(base), figures, uses, mixes, audience, appraisal)


def _part(document: Mapping[str, Any], key: str, problems: list[str]) -> dict[str, Any]:
    part = document.get(key, {})
    if isinstance(part, dict):
        return part
    problems.append(f"[{key}]: a table is wanted here.")
    return {}


def _words(value: object, where: str, problems: list[str]) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(word, str) and clean(word) for word in value):
        return tuple(clean(word) for word in value)
    problems.append(f'{where}: a list of words is wanted, like ["housing"].')
    return ()


def _figures(
    part: Mapping[str, Any],
    specs: Mapping[str, Spec],
    where: str,
    prefix: str,
    problems: list[str],
    *,
    optional: bool = False,
) -> dict[str, Figure]:
    check_keys(part, f"[{where}]", tuple(specs), problems)
    out: dict[str, Figure] = {}
    for name, spec in specs.items():
        if name not in part:
            if not optional:
                problems.append(f"[{where}.{name}]: missing. Give {spec.meaning}, in {spec.unit}, with its source.")
            continue
        figure = _figure(part[name], f"{prefix}{name}", spec, f"{where}.{name}", problems)
        if figure is not None:
            out[f"{prefix}{name}"] = figure
    return out


def _figure(part: object, name: str, spec: Spec, where: str, problems: list[str]) -> Figure | None:
    if not isinstance(part, dict):
        problems.append(f"[{where}]: a table with central, unit and source is wanted here.")
        return None
    before = len(problems)
    check_keys(part, f"[{where}]", _FIGURE_KEYS, problems)
    if "central" not in part:
        problems.append(f"[{where}]: central is missing.")
    numbers: dict[str, float] = {}
    for key in CASES:
        number = part.get(key, part.get("central"))
        if number is None:
            continue
        if said := wrong_number(number, spec.unit):
            problems.append(f"{where}.{key}: {said}")
        else:
            numbers[key] = float(number)
    if len(numbers) == len(CASES) and not numbers["low"] <= numbers["central"] <= numbers["high"]:
        problems.append(
            f"{where}: low, central and high are wanted in that order, not {numbers['low']:g}, {numbers['central']:g}, {numbers['high']:g}."
        )
    unit, source, edition = (part.get(key, "") for key in ("unit", "source", "edition"))
    if unit != spec.unit:
        problems.append(f"{where}.unit: {spec.unit!r} is wanted, not {visible(str(unit))!r}.")
    for word, said in (("source", source), ("edition", edition)):
        if not isinstance(said, str) or (word == "source" and not clean(said)):
            problems.append(
                f"{where}.{word}: text in quotation marks is wanted: a figure without a source is not used."
            )
    illustrative = part.get("illustrative", False)
    if not isinstance(illustrative, bool):
        problems.append(f"{where}.illustrative: true or false is wanted.")
    if len(problems) > before:
        return None
    return Figure(
        name,
        numbers["low"],
        numbers["central"],
        numbers["high"],
        spec.unit,
        clean(source),
        clean(edition),
        illustrative,
        spec.helps,
        spec.meaning,
    )


def _mixes(part: Mapping[str, Any], uses: Mapping[str, Use], problems: list[str]) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {HOUSING: {HOUSING: 100.0}}
    for name, shares in part.items():
        where = f"mixes.{shown_name(name)}"
        if not isinstance(shares, dict) or not shares:
            problems.append(f'[{where}]: uses with their shares are wanted, like housing = 80 and "extra care" = 20.')
            continue
        good: dict[str, float] = {}
        for use, share in shares.items():
            if use not in uses:
                hint = guessed(use, uses) or f" Known: {', '.join(uses)}."
                problems.append(f"{where}: {shown_name(use)!r} is not a use given under [uses].{hint}")
            elif said := wrong_number(share, "percent"):
                problems.append(f"{where}.{shown_name(use)}: {said}")
            else:
                good[use] = float(share)
        if len(good) == len(shares) and abs(sum(good.values()) - 100) > 1e-9:
            problems.append(f"[{where}]: the shares add up to {sum(good.values()):g}, not to 100.")
        out[clean(name)] = good
    return out

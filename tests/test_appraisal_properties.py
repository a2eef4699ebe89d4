"""What holds of every appraisal, and one of Malton worked out a second time from its registers, by rules written here."""

from __future__ import annotations

import csv
import io
import json
import os
import tomllib
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared import FOLDER, appraised
from small import BASE, SAID, economic, small_estate

import assetplan as ap
from assetplan.figures.published import published_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TABLE = {1: 0.9662, 2: 0.9335, 3: 0.9019, 5: 0.8420, 10: 0.7089, 20: 0.5026, 25: 0.4231, 30: 0.3563}
"""What a pound is worth so many years on, at 3.5 percent, as the tables of the Green Book have it."""
ANNUITY = {5: 4.5151, 10: 8.3166, 15: 11.5174, 20: 14.2124, 25: 16.4815, 30: 18.3920}
few = settings(
    max_examples=10 if os.environ.get("ASSETPLAN_DEEP") else 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def factor(years: int) -> float:
    return 1.035 ** -min(years, 30) * 1.03 ** -max(0, years - 30)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    return small_estate(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def dear(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    """The same estate with its money in thousandths of a pound."""
    return small_estate(tmp_path_factory.mktemp("dear"), times=1_000)


# ------------------------------------------------------------------------------------------------------- present values


def test_the_tables_hold() -> None:
    assert {years: round(factor(years), 4) for years in TABLE} == TABLE
    assert round(factor(31), 4) == 0.3459
    assert round(factor(75), 4) == 0.0942


@pytest.mark.parametrize("years", sorted(ANNUITY))
def test_a_saving_of_a_thousand_a_year_is_the_annuity_of_the_tables(small: ap.Estate, years: int) -> None:
    saving = ap.Benefit(name="saved", organisation="town", benefit_class="cashable", year=BASE + 1, until=BASE + years, amount_gbp_pa=1_000, basis="x",
                        **SAID)  # fmt: skip
    result = ap.appraise(small, ap.Scenario("saved", benefits=(saving,)))
    assert result.npv_gbp == pytest.approx(1_000 * ANNUITY[years], abs=0.051)
    first = ap.appraise(small, ap.Scenario("saved", benefits=(replace(saving, year=BASE, until=BASE + years - 1),)))
    assert first.npv_gbp == pytest.approx(result.npv_gbp * 1.035)


def test_sixty_years_are_discounted_at_two_rates(small: ap.Estate) -> None:
    saving = ap.Benefit(
        name="saved",
        organisation="town",
        benefit_class="cashable",
        year=BASE + 1,
        amount_gbp_pa=1_000,
        basis="x",
        **SAID,
    )
    longer = ap.Override(figure="appraisal_years", value=60, reason="a bridge", author="test")
    result = ap.appraise(small, ap.Scenario("saved", benefits=(saving,), overrides=(longer,)))
    assert result.npv_gbp == pytest.approx(25_375.3, abs=0.06)


def test_malton_s_npv_is_its_lines_times_the_factors_of_the_tables() -> None:
    for name in ("s2-town-front-door", "s4-extra-care"):
        result = appraised()[name]
        lines = result.lines[result.lines["case"] == "economic"]
        assert sum(row.amount_gbp * factor(row.year - 2010) for row in lines.itertuples()) == pytest.approx(
            result.npv_gbp, abs=0.005
        )
        public = result.lines[result.lines["case"] == "public"]
        more = sum(row.amount_gbp * factor(row.year - 2010) for row in public.itertuples())
        assert result.public_value_gbp - result.npv_gbp == pytest.approx(more, abs=0.005)


# ------------------------------------------------------------------------------------------------------- a second engine


def registers() -> dict[str, dict[str, float]]:
    """What the registers of Malton say of four buildings, read without the library."""
    folder = FOLDER / "registers"

    def number(text: str) -> float:
        return float("".join(sign for sign in text if sign.isdigit() or sign == "."))

    out = {}
    for row in csv.reader(io.StringIO((folder / "rdc-land-and-building-assets.csv").read_bytes().decode("cp1252"))):
        if row[3] in {"A0001", "A0007"}:
            out[f"rdc:{row[3]}"] = {"gia": number(row[14]), "run": number(row[16]), "backlog": number(row[17])}
    for feature in json.loads((folder / "police-estate.geojson").read_text())["features"]:
        told = feature["properties"]
        out[f"police:{told['PropertyRef']}"] = {
            "gia": told["GIA_sqm"],
            "run": told["Cost_pa"],
            "backlog": told["Backlog"],
        }
    book = openpyxl.load_workbook(folder / "nycc-property-register.xlsx", read_only=True, data_only=True)
    cells = [[str(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    heads = next(row for row in cells if any("GIA" in cell for cell in row))
    columns = {key: next(at for at, head in enumerate(heads) if word in head.lower()) for key, word in
               (("gia", "gia"), ("run", "cost"), ("backlog", "backlog"))}  # fmt: skip
    library = next(row for row in cells if "NY/0431" in row)
    out["nycc:NY/0431"] = {key: number(library[column]) for key, column in columns.items()}
    return out


def test_the_town_front_door_worked_out_again_from_the_registers() -> None:
    """The front desk, the library and the police desk in Community House: by hand rules, to the pound."""
    place = registers()
    with (FOLDER / "services.csv").open(encoding="utf-8") as file:
        service = {row["service_id"]: row for row in csv.DictReader(file)}
    actions = tomllib.loads((FOLDER / "scenarios" / "s2-town-front-door.toml").read_text(encoding="utf-8"))["actions"]
    works, share, sale = (
        next(one for one in actions if one["action"] == word) for word in ("refurbish", "share", "dispose")
    )
    hq, house, police, library = (place[key] for key in ("rdc:A0001", "rdc:A0007", "police:NYP-0117", "nycc:NY/0431"))
    desk = service["rdc-front-desk"]

    def area(name: str) -> float:
        return float(
            service[name]["area_m2"]
            or sum(float(service[name][kind] or 0) for kind in ("office_m2", "public_m2", "meeting_m2"))
        )

    cash: dict[int, float] = defaultdict(float)
    for year in range(2012, 2041):
        cash[year] += library["run"] * (
            1 - 0.625 * 0.40
        )  # all of it but business rates, which are nothing to the whole
        cash[year] += 0.25 * area("rdc-front-desk") / hq["gia"] * hq["run"]
        cash[year] += 0.25 * area("police-desk") / police["gia"] * police["run"]
        cash[year] -= (
            0.25 * sum(map(area, ("rdc-front-desk", "nycc-library", "police-desk"))) / house["gia"] * house["run"]
        )
        cash[year] -= float(desk["splitting_gbp_pa"])
    cash[2012] -= 0.20 * library["run"]  # empty until it is sold
    cash[sale["year"]] += sale["receipt_gbp"][1] * (1 - 0.025)
    for year in range(2012, 2016):
        cash[year] += library["backlog"] / 5
        cash[year] -= 250 * float(desk["fte"])
    for year in range(2011, 2016):
        cash[year] += house["backlog"] / 5 * works["area_m2"] / house["gia"]
    cash[works["year"]] -= works["cost_gbp"][1] * (1 + 0.51 * (1 - works["mitigated_percent"] / 100))
    cash[2012] -= (
        share["cost_gbp"][1]
        + float(desk["splitting_gbp"])
        + 500 * float(desk["fte"])
        + 1_500 * float(desk["peak_desks"])
    )

    result = appraised()["s2-town-front-door"]
    assert result.npv_gbp == pytest.approx(sum(amount * factor(year - 2010) for year, amount in cash.items()), abs=0.5)


# ------------------------------------------------------------------------------------------------------- any scenario

MONEY = st.integers(0, 900).map(lambda number: number * 1_000.0)
RANGES = st.lists(MONEY, min_size=3, max_size=3).map(lambda numbers: tuple(sorted(numbers)))


@st.composite
def scenarios(draw: Callable[[st.SearchStrategy[Any]], Any]) -> ap.Scenario:
    """Some of: the library closes and is sold, the depot closes, the care team shares the hall, the hall is refurbished, money passes."""
    actions: list[Any] = []
    year = draw(st.integers(2027, 2031))
    if draw(st.booleans()):
        actions.append(ap.Relocate(service="library", to="town:H", year=year, cost_gbp=draw(RANGES), **SAID))
        if draw(st.booleans()):
            actions.append(ap.Dispose(asset="town:L", by="sale", year=year + draw(st.integers(0, 4)), receipt_gbp=draw(RANGES),
                                      clawback_percent=draw(st.sampled_from([None, (0, 10, 50)])), **SAID))  # fmt: skip
    if draw(st.booleans()):
        actions.append(
            ap.Relocate(
                service="depot", to="town:H", year=draw(st.integers(2027, 2033)), saving_gbp_pa=draw(RANGES), **SAID
            )
        )
    if draw(st.booleans()):
        actions.append(ap.Share(host="town:H", services=("care",), instrument="licence", year=year, charge_gbp_pa=draw(RANGES),
                                cost_gbp=draw(RANGES), ict_gbp=draw(RANGES), **SAID))  # fmt: skip
        if draw(st.booleans()):
            actions.append(ap.Surrender(interest="lease", by="surrender", year=year, cost_gbp=draw(RANGES), **SAID))
    if draw(st.booleans()):
        actions.append(ap.Refurbish(asset="town:H", year=2025, months=draw(st.sampled_from([6, 12, 18, 24])), area_m2=draw(st.sampled_from([None, 300])),
                                    cost_gbp=draw(st.none() | RANGES), mitigated_percent=draw(st.sampled_from([None, 40])), **SAID))  # fmt: skip
    funding, benefits = [], []
    if draw(st.booleans()):
        funding.append(ap.Funding(kind="grant", organisation="town", year=2027, amount_gbp=draw(RANGES), pays_for="revenue", roi_required=5, roi_years=8,
                                  **SAID))  # fmt: skip
    if draw(st.booleans()):
        benefits.append(ap.Benefit(name="open longer", organisation=draw(st.sampled_from(["town", "shire"])), benefit_class=draw(st.sampled_from(
            ["cashable", "non-cash", "avoided"])), year=2027, until=draw(st.sampled_from([None, 2040])), amount_gbp_pa=draw(RANGES), basis="x", **SAID))  # fmt: skip
    return ap.Scenario("Any", actions, funding=tuple(funding), benefits=tuple(benefits))


def booked(result: ap.Appraisal, *, years: int = 0, least: float = 0.005) -> Counter[tuple[Any, ...]]:
    """Lines without the numbers of actions and the words, so many years later; those of nothing left out."""
    return Counter(
        (
            row.year + years,
            row.organisation,
            row.case,
            row.line,
            row.benefit_class,
            row.kind,
            row.subject,
            round(row.amount_gbp, 2),
        )
        for row in economic(result).itertuples()
        if abs(row.amount_gbp) > least
    )


@few
@given(scenarios(), st.randoms(use_true_random=False))
def test_of_any_scenario(
    small: ap.Estate, tmp_path_factory: pytest.TempPathFactory, scenario: ap.Scenario, chance: Any
) -> None:
    path = tmp_path_factory.mktemp("written") / "any.toml"
    ap.write_scenario(scenario, path)
    shuffled = list(scenario.actions)
    chance.shuffle(shuffled)
    asked = [scenario, ap.read_scenario(path), replace(scenario, actions=tuple(shuffled))]
    result, again, other = ap.appraise_scenarios(small, asked)
    lines = economic(result)

    # Transfers come to nothing in every year, bodies and exchequer to the whole, lines to the present value.
    transfers = lines[lines["benefit_class"] == "transfer"].groupby("year")["amount_gbp"].sum()
    assert transfers.abs().max() < 0.005 or transfers.empty
    whole = lines[lines["case"] == "economic"]
    by_body = {
        body: sum(row.amount_gbp * factor(row.year - BASE) for row in rows.itertuples())
        for body, rows in whole.groupby("organisation")
    }
    assert sum(by_body.values()) == pytest.approx(result.npv_gbp, abs=0.005)

    # The middle of the ranges is the figure, and the ends are on either side of it.
    case = result.economic
    assert case.total(case.npv, case.ledger.values())[0] == pytest.approx(result.npv_gbp)
    for low, central, high in (
        (result.npv_range_gbp[0], result.npv_gbp, result.npv_range_gbp[1]), result.public_value_range_gbp, result.capital_range_gbp,
        result.receipts_range_gbp, result.running_cost_change_range_gbp_pa, result.bcr or (0, 0, 0),
    ):  # fmt: skip
        assert low - 0.005 <= central <= high + 0.005
    drawn = result.draws(50, seed=1).npv_gbp
    assert result.npv_range_gbp[0] - 0.005 <= drawn.min()
    assert drawn.max() <= result.npv_range_gbp[1] + 0.005

    # Read back from its file it is the same appraisal; against itself, funding apart, it is nothing; in another order it comes to the same.
    assert again.lines.equals(result.lines)
    assert (again.npv_gbp, again.npv_range_gbp, again.inputs) == (result.npv_gbp, result.npv_range_gbp, result.inputs)
    unpaid = replace(scenario, funding=())  # what pays for a baseline is not looked at
    itself = ap.appraise(small, unpaid, baseline=unpaid)
    assert itself.npv_gbp == 0
    assert set(itself.lines["line"]) <= {"grant"}  # what pays for what a baseline does is not looked at
    bare = replace(scenario, funding=())
    assert ap.appraise(small, bare, baseline=bare).lines.empty
    assert booked(other) == booked(result)
    assert other.npv_gbp == pytest.approx(result.npv_gbp, abs=0.005)
    assert other.npv_range_gbp == pytest.approx(result.npv_range_gbp, abs=0.005)


@few
@given(scenarios(), st.integers(1, 6))
def test_a_delay_shifts_lines_and_makes_none(small: ap.Estate, scenario: ap.Scenario, years: int) -> None:
    """Repairs apart, whose years the do-minimum sets: every line so many years later, those after the last year cut off.

    Inside the years that are discounted at 3.5 percent, present value is then what is not cut off, times 1.035 to the power of minus the years.
    """
    unrepaired = replace(
        scenario, overrides=(ap.Override(figure="backlog_spent_percent", value=0, reason="no repairs", author="test"),)
    )
    now, late = ap.appraise_scenarios(small, [unrepaired, unrepaired.delayed(years)])
    last = now.years[-1]
    ended = {one.name: one.until for one in unrepaired.benefits}
    shifted = Counter({
        key: count for key, count in booked(now, years=years).items() if key[0] <= last and not (key[6] in ended and key[0] > (ended[key[6]] or last) + years)
    })  # fmt: skip
    assert booked(late) == shifted
    kept = now.lines[(now.lines["case"] == "economic") & (now.lines["year"] + years <= last)]
    worth = sum(row.amount_gbp * factor(row.year - BASE) for row in kept.itertuples())
    assert late.npv_gbp == pytest.approx(worth * 1.035**-years, abs=0.005)


def in_thousandths(scenario: ap.Scenario) -> ap.Scenario:
    """All money of a scenario, and of the figures it rests on, in thousandths of a pound."""

    def scaled(entry: Any) -> Any:
        columns: Mapping[str, Any] = entry.fields()
        money = {
            name: getattr(entry, name)
            for name, column in columns.items()
            if "GBP" in column.unit and getattr(entry, name) is not None
        }
        return replace(entry, **{name: tuple(number * 1_000 for number in value) for name, value in money.items()})

    figures = tuple(
        ap.Override(
            figure=name,
            value=(one.low * 1_000, one.central * 1_000, one.high * 1_000),
            reason="other unit",
            author="test",
        )
        for name, one in published_figures().items()
        if "GBP" in one.unit
    )
    parts = {name: tuple(scaled(one) for one in getattr(scenario, name)) for name in ("actions", "funding", "benefits")}
    return replace(scenario, overrides=figures, **parts)


@few
@given(scenarios())
def test_the_unit_of_money_changes_nothing_but_the_unit(
    small: ap.Estate, dear: ap.Estate, scenario: ap.Scenario
) -> None:
    one, other = ap.appraise(small, scenario), ap.appraise(dear, in_thousandths(scenario))
    for name in (
        "npv_gbp",
        "public_value_gbp",
        "capital_gbp",
        "receipts_gbp",
        "running_cost_change_gbp_pa",
        "npv_range_gbp",
    ):
        scaled = pytest.approx(
            1_000 * getattr(one, name) if name != "npv_range_gbp" else tuple(1_000 * end for end in one.npv_range_gbp),
            rel=1e-9,
            abs=1,
        )
        assert getattr(other, name) == scaled, name
    assert (other.payback_year, other.roi_gross, other.roi_net) == (
        one.payback_year,
        pytest.approx(one.roi_gross),
        pytest.approx(one.roi_net),
    )
    assert (
        other.bcr == pytest.approx(one.bcr, rel=1e-6)
        if one.bcr and min(one.bcr) > 0.01 and -one.benefit("cost").high > 10_000
        else True
    )
    told = {row["key"]: row for row in one.tornado().to_dict("records")}
    for row in other.tornado().to_dict("records"):
        assert row["swing_gbp"] == pytest.approx(1_000 * told[row["key"]]["swing_gbp"], rel=1e-9, abs=1)
        if "GBP" not in row["unit"] and abs(one.npv_gbp) > 100 and told[row["key"]]["swing_gbp"] > 100:
            assert row["break_even"] == pytest.approx(told[row["key"]]["break_even"], rel=1e-6, nan_ok=True)


@few
@given(scenarios(), RANGES, RANGES)
def test_what_passes_between_bodies_never_changes_the_whole(
    small: ap.Estate, scenario: ap.Scenario, amount: Any, charge: Any
) -> None:
    passes = ap.Funding(kind="contribution", organisation="town", from_organisation="shire", year=2028, amount_gbp=amount, pays_for="capital",
                        instrument="rent", **SAID)  # fmt: skip
    grant = ap.Funding(kind="grant", organisation="shire", year=2029, amount_gbp=amount, pays_for="revenue", **SAID)
    charged = tuple(
        replace(one, charge_gbp_pa=charge) if isinstance(one, ap.Share) else one for one in scenario.actions
    )
    public = ap.Benefit(
        name="shorter ways",
        organisation="public",
        benefit_class="public",
        year=2030,
        amount_gbp_pa=amount,
        basis="x",
        **SAID,
    )
    asked = [scenario, replace(scenario, actions=charged).plus(passes, grant), scenario.plus(public)]
    before, after, seen = ap.appraise_scenarios(small, asked)
    assert after.npv_gbp == pytest.approx(before.npv_gbp, abs=0.005)
    assert after.npv_range_gbp == pytest.approx(before.npv_range_gbp, abs=0.005)
    assert (after.capital_gbp, after.receipts_gbp) == pytest.approx(
        (before.capital_gbp, before.receipts_gbp), abs=0.005
    )
    assert after.bcr == (before.bcr if before.bcr is None else pytest.approx(before.bcr))
    lines = economic(after)
    town = lines.loc[(lines["organisation"] == "town") & (lines["line"] == "contribution"), "amount_gbp"].sum()
    assert town == pytest.approx(amount[1], abs=0.005)
    assert seen.npv_gbp == pytest.approx(before.npv_gbp, abs=0.005)
    more = amount[1] * sum(factor(year - BASE) for year in range(2030, 2056))
    assert seen.public_value_gbp == pytest.approx(before.public_value_gbp + more, abs=0.01)

"""The financial case: bodies' own money by hand on a small estate, debt by a second method, and everything closing to the penny."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared import appraised
from tiny import tiny_estate

import assetplan as ap
from assetplan.appraisal.accounts import Pot, Tranche
from assetplan.appraisal.bridging import gap_of
from assetplan.appraisal.financing import BORROWED, RECEIPTS, SOURCES, Means, charged, financed
from assetplan.appraisal.postings import FINANCIAL_LINES
from assetplan.appraisal.receipts import GENERAL, SCHOOLS
from assetplan.figures.borrowing import borrowing_charges, nhs_charges
from assetplan.results.appraising import appraise_scenarios

SAID = {"source": "invented"}
RISE, RATE, PDC = 1.02, 0.055, 0.035
CONTINGENCY, VAT = 0.10, 0.20
"""The central figures that come with the package."""
BASE, END = 2025, 2055
SECTORS = {"town": "district", "shire": "county", "trust": "nhs", "guild": "other"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    """A hall and a library of a town, a school of a shire, a clinic of an NHS trust, a house of a guild of which nothing is laid down."""

    def asset(body: str, ref: str, x: float, use: str, cost: float, backlog: float) -> dict[str, object]:
        return {"organisation": body, "ref": ref, "x": x, "y": 0, "use": use, "tenure": "freehold", "status": "Operational", "gia_m2": 1_000,
                "fte": 10, "running_cost_gbp_pa": cost, "backlog_gbp": backlog}  # fmt: skip

    def service(key: str, body: str, asset: str) -> dict[str, object]:
        return {
            "service_id": key,
            "organisation": body,
            "name": key,
            "function": key,
            "asset_id": asset,
            "fte": 10,
            "area_m2": 100,
            "area_basis": "NIA",
        }

    estate = tiny_estate(
        tmp_path_factory.mktemp("money"),
        [
            asset("town", "H", 0, "Offices", 100_000, 0), asset("town", "L", 300, "Library", 40_000, 100_000),
            asset("shire", "S", 600, "Primary school", 0, 0), asset("shire", "F", 1_500, "Offices", 0, 0), asset("trust", "C", 900, "Clinic", 0, 0), asset("guild", "G", 1_200, "Offices", 0, 0),
        ],
        toml="as_of = 2025-06-30\nprice_base = '2025/26'\nlaw_as_of = 2026-11-01\n",
        services=[service("hq", "town", "town:H"), service("library", "town", "town:L"), service("pupils", "shire", "shire:S")],
    )  # fmt: skip
    bodies = {key: dataclasses.replace(one, sector=SECTORS[key]) for key, one in estate.organisations.items()}
    return dataclasses.replace(estate, organisations=bodies)


def build(asset: str, year: int = 2026, **more: object) -> ap.Build:
    fields = {
        "new_asset": f"{asset}-NEW",
        "cost_gbp": 1_000_000,
        "use": "offices",
        "running_cost_gbp_pa": 0,
        "months": 12,
        **more,
    }
    return ap.Build(asset=asset, year=year, **SAID, **fields)  # type: ignore[arg-type]


def sell(asset: str = "town:L", year: int = 2028, **more: object) -> ap.Dispose:
    return ap.Dispose(
        **{"asset": asset, "by": "sale", "year": year, "receipt_gbp": 250_000, "cost_gbp": 15_000, **SAID, **more}
    )  # type: ignore[arg-type]


def fund(kind: str, amount: float, year: int = 2026, **more: object) -> ap.Funding:
    return ap.Funding(
        **{
            "kind": kind,
            "organisation": "town",
            "year": year,
            "amount_gbp": amount,
            "pays_for": "capital",
            **SAID,
            **more,
        }
    )  # type: ignore[arg-type]


def scenario(*actions: object, funding: tuple[ap.Funding, ...] = (), name: str = "Money") -> ap.Scenario:
    return ap.Scenario(name, list(actions), funding=funding)  # type: ignore[arg-type]


MOVE = ap.Relocate(service="library", to="town:H", year=2027, cost_gbp=20_000, **SAID)


def lines_of(result: ap.Appraisal, body: str, **wanted: object) -> pd.DataFrame:
    frame = result.lines
    frame = frame[(frame["case"] == "financial") & (frame["organisation"] == body)]
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    return frame


def closes(result: ap.Appraisal) -> None:
    """Lines add up to revenue; capital, receipts and funding to nothing; sources to capital; every bridge closes; ends enclose the middle."""
    frame = result.lines[result.lines["case"] == "financial"]
    sums = frame.pivot_table(
        index=["organisation", "year"], columns="kind", values="amount_gbp", aggfunc="sum", fill_value=0.0
    )
    sums = sums.reindex(columns=["revenue", "capital", "receipt", "funding"], fill_value=0.0)
    assert (sums[["capital", "receipt", "funding"]].sum(axis=1).abs() < 0.005).all()
    revenue = result.revenue().set_index(["organisation", "year"])
    effect = revenue["revenue_effect_gbp"]
    assert ((sums["revenue"].reindex(effect.index, fill_value=0.0) - effect).abs() < 0.005).all()
    parts = revenue[[f"{part}_gbp" for part in ("running", "one_off", "charges", "vat", "interest", "mrp", "funding")]]
    assert ((parts.sum(axis=1) - effect).abs() < 0.005).all()
    assert (revenue["low_gbp"] <= effect + 0.005).all()
    assert (revenue["high_gbp"] >= effect - 0.005).all()
    capital = result.capital()
    assert ((capital.iloc[:, 3 : 4 + len(SOURCES)].sum(axis=1) - capital["capital_gbp"]).abs() < 0.005).all()
    for body in result.estate.organisations:
        assert gap_of(result.bridge(body)) < 0.005, body
    assert (frame["low_gbp"] <= frame["amount_gbp"] + 0.005).all()
    assert (frame["high_gbp"] >= frame["amount_gbp"] - 0.005).all()


# ------------------------------------------------------------------------------------------------------- by hand


def test_vat_sticks_by_sector_and_is_a_line_of_its_own(small: ap.Estate) -> None:
    """One building of 1.0m with 10% contingency: none of the VAT stays with a council, all of it with a trust; of a guild nobody knows."""
    for body, asset, least, central, most in (
        ("town", "town:H", 0, 0, 0), ("trust", "trust:C", 0.8 * 210_000, 220_000, 230_000), ("guild", "guild:G", 0, 220_000, 230_000),
    ):  # fmt: skip
        result = ap.appraise(small, scenario(build(asset, organisation=body)))
        vat = lines_of(result, body, line="vat")
        assert -vat["amount_gbp"].sum() == pytest.approx(central)
        assert (-vat["high_gbp"].sum(), -vat["low_gbp"].sum()) == (pytest.approx(least), pytest.approx(most))
        assert set(vat["kind"]) <= {"capital"}
        spent = 1_000_000 * (1 + CONTINGENCY) * RISE + central * RISE
        assert result.capital()["capital_gbp"].sum() == pytest.approx(spent)
        assert not lines_of(result, body)["line"].isin(["optimism"]).any()
        closes(result)
    assert [body for body, _ in result.financial.notes] == ["guild"]
    assert "sector" in result.financial.notes[0][1]


def test_a_transfer_between_two_bodies_is_the_same_money_to_both(small: ap.Estate) -> None:
    """Land for 300,000 in 2027: a receipt of the town, capital of the shire, borrowed over 50 years from 2028."""
    moved = ap.Dispose(
        asset="town:H", by="transfer", recipient="shire", year=2027, area_ha=0.1, receipt_gbp=300_000, **SAID
    )
    rent = ap.Relocate(service="library", to="shire:F", year=2027, cost_gbp=0, charge_gbp_pa=5_000, **SAID)
    given = fund("contribution", 60_000, 2028, from_organisation="shire", instrument="overage", pays_for="revenue")
    result = ap.appraise(small, scenario(moved, rent, funding=(given,)))
    paid = 300_000 * RISE**2
    receipt = result.receipts().set_index("organisation").loc["town"]
    assert receipt["net_gbp"] == pytest.approx(paid)
    capital = result.capital().set_index(["organisation", "year"])
    assert capital.loc[("shire", 2027), "borrowing_gbp"] == pytest.approx(paid)
    revenue = result.revenue().set_index(["organisation", "year"])
    assert revenue.loc[("shire", 2027), "interest_gbp"] == pytest.approx(-paid * RATE / 2)
    assert revenue.loc[("shire", 2028), ["interest_gbp", "mrp_gbp"]].tolist() == pytest.approx(
        [-paid * RATE, -paid / 50]
    )
    assert revenue.loc[("shire", 2029), "interest_gbp"] == pytest.approx(-paid * 49 / 50 * RATE)
    assert revenue.loc[("town", 2028), "funding_gbp"] == 60_000, "stated as paid: prices do not raise it"
    assert revenue.loc[("shire", 2028), "funding_gbp"] == -60_000
    assert revenue.loc[("town", 2030), "charges_gbp"] == pytest.approx(-5_000 * RISE**5)
    both = result.lines[
        (result.lines["case"] == "financial")
        & result.lines["line"].isin(["receipt", "charge", "contribution", "inflation"])
    ]
    both = both[(both["line"] != "inflation") | both["subject"].isin(["receipt", "charge", "contribution"])]
    assert both.groupby("year")["amount_gbp"].sum().abs().max() < 0.005
    closes(result)


def by_a_second_method(
    spent: dict[int, float], first: int, life: int, repaid: dict[int, float]
) -> dict[int, tuple[float, float]]:
    """Year by year, one loan for each year of spending: what is due, and interest, half a year of it on what comes or goes in the year."""
    owed: list[float] = []
    out = {}
    for year in range(BASE, END + 1):
        opening = sum(owed)
        due = [each / (life - (year - first)) if first <= year < first + life else 0.0 for each in owed]
        owed = [each - part for each, part in zip(owed, due, strict=True)]
        if year in spent:
            owed.append(spent[year])
        paid = min(repaid.get(year, 0.0), sum(owed))
        owed = [each * (1 - paid / sum(owed)) for each in owed] if paid else owed
        out[year] = sum(due), RATE * (opening + (spent.get(year, 0.0) - paid) / 2)
    return out


def test_interest_and_provision_by_a_second_method(small: ap.Estate) -> None:
    """Two years of building, in use from 2028, so first charged in 2029; a receipt of 2030 repays a part of what was borrowed."""
    result = ap.appraise(small, scenario(build("town:H", months=24, organisation="town"), MOVE, sell(year=2030)))
    spent = {year: 500_000 * (1 + CONTINGENCY) * RISE ** (year - BASE) for year in (2026, 2027)}
    gross = 250_000 * RISE**5
    met = min(15_000 * RISE**5, 0.04 * gross)
    assert met == pytest.approx(0.04 * gross), "more than may be met from it"
    expected = by_a_second_method(spent, 2029, 50, {2030: gross - met})
    revenue = result.revenue()
    own = revenue[revenue["organisation"] == "town"].set_index("year")
    frame = lines_of(result, "town", kind="revenue")
    for year, (provision, interest) in expected.items():
        of_year = (
            frame[(frame["year"] == year) & (frame["benefit_class"] == "cost")].groupby("line")["amount_gbp"].sum()
        )
        assert -of_year.get("provision", 0.0) == pytest.approx(provision, abs=0.005), year
        assert -of_year.get("interest", 0.0) == pytest.approx(interest, abs=0.005), year
    assert own["from_repairs_avoided_gbp"].gt(0).any()
    peak, year = result.financial.peaks["town"]
    assert (peak.central, year) == (pytest.approx(sum(spent.values())), 2027)
    sale = result.receipts().iloc[0]
    assert (sale["gross_gbp"], sale["costs_met_gbp"], sale["net_gbp"]) == pytest.approx((gross, met, gross - met))
    assert own.loc[2030, "one_off_gbp"] == pytest.approx(-15_000 * RISE**5 + met, abs=0.01), (
        "the rest of the cost is revenue"
    )
    closes(result)


def test_repairs_avoided_are_told_apart(small: ap.Estate) -> None:
    """100,000 of backlog, 20,000 a year from 2026: left in 2027, of four fifths 30% less what was spent is still spent."""
    result = ap.appraise(small, scenario(MOVE, sell()))
    revenue = result.revenue()
    own = revenue[revenue["organisation"] == "town"].set_index("year")
    assert (
        own["from_repairs_avoided_gbp"] + own["without_repairs_avoided_gbp"] - own["revenue_effect_gbp"]
    ).abs().max() < 0.005
    capital = result.capital()
    avoided = capital.set_index("year")["repairs_avoided_gbp"]
    tranches = {
        Tranche("life", year + 1): np.array(
            [[avoided.get(at, 0.0) if at == year else 0.0 for at in range(BASE, END + 1)]]
        )
        for year in avoided.index
    }
    alone = charged(tranches, range(BASE, END + 1), {"life": np.array([25.0])}, np.array([RATE]), "provision")
    assert own["from_repairs_avoided_gbp"].to_numpy() == pytest.approx((alone.provision + alone.interest)[0])
    saved = lines_of(result, "town", benefit_class="avoided", kind="revenue")["amount_gbp"].sum()
    assert saved == pytest.approx(own["from_repairs_avoided_gbp"].sum())


def test_an_nhs_body_finds_capital_and_pays_depreciation_and_dividend(small: ap.Estate) -> None:
    result = ap.appraise(
        small, scenario(build("trust:C", organisation="trust"), sell("trust:C", 2028, area_ha=0.05, cost_gbp=20_000))
    )
    spent = 1_000_000 * 1.1 * 1.2 * RISE
    by_year = np.zeros((1, END - BASE + 1))
    by_year[0, 1] = spent
    expected = nhs_charges(by_year, 3.5, 50, in_use=2)
    revenue = result.revenue()
    own = revenue[revenue["organisation"] == "trust"]
    assert -own["mrp_gbp"].to_numpy() == pytest.approx(expected.provision[0])
    assert -own["interest_gbp"].to_numpy() == pytest.approx(expected.interest[0])
    assert set(lines_of(result, "trust", kind="revenue")["line"]) >= {"depreciation", "dividend"}
    assert lines_of(result, "trust", line="borrowing").empty
    assert not lines_of(result, "trust", line="capital to find").empty
    sale = result.receipts().iloc[0]
    assert sale["net_gbp"] == pytest.approx((250_000 - 20_000) * RISE**3), "no cap on what it may net off"
    assert "CDEL" in sale["usable_for"]
    assert result.capital()[["borrowing_gbp", "to_find_gbp"]].sum().tolist() == pytest.approx([0.0, spent])
    assert result.by_organisation().loc["trust", "borrowing_peak_gbp"] == 0
    told = [words for body, words in result.financial.notes if body == "trust"]
    assert any("book value" in words for words in told)
    assert any("stay in hand" in words for words in told)
    by = np.array([(1 + PDC) ** -(year - BASE) for year in range(BASE, END + 1)])
    cash = np.zeros(END - BASE + 1)
    cash[1], cash[3] = -spent, (250_000 - 20_000) * RISE**3
    assert result.by_organisation().loc["trust", "financial_npv_gbp"] == pytest.approx((cash * by).sum())
    closes(result)


def test_school_land_goes_back_to_schools_and_pays_for_nothing_else(small: ap.Estate) -> None:
    """The shire sells school land and builds offices: the pot stays apart. Where it builds a school instead, the pot pays for it."""
    sale = sell("shire:S", 2026, area_ha=0.1, receipt_gbp=200_000)
    offices = ap.appraise(small, scenario(sale, build("shire:S", 2027, organisation="shire", new_asset="shire:N")))
    school = ap.appraise(
        small, scenario(sale, build("shire:S", 2027, organisation="shire", new_asset="shire:N", use="primary school"))
    )
    net = 200_000 * 0.96 * RISE
    assert offices.capital()["usable_receipts_gbp"].sum() == 0
    assert school.capital()["usable_receipts_gbp"].sum() == pytest.approx(net)
    for result, paid in ((offices, 0.0), (school, 1_100_000 * RISE**2)):
        row = result.receipts().iloc[0]
        assert (row["pot"], row["usable_gbp"], row["restricted_gbp"]) == (SCHOOLS, 0.0, pytest.approx(net))
        tested = result.self_funding().set_index(["organisation", "pot"])
        assert tested.loc[("shire", GENERAL), "receipts_gbp"] == 0
        assert tested.loc[("shire", SCHOOLS), "capital_gbp"] == pytest.approx(paid)
        assert tested["illustration"].tolist() == [False, False, True]
        closes(result)
    stated = ap.appraise(small, scenario(dataclasses.replace(sale, usable_for="capital or debt")))
    assert stated.receipts().iloc[0]["pot"] == GENERAL


def test_fundings_are_used_in_order_and_lapse(small: ap.Estate) -> None:
    spent = 1_100_000 * RISE
    used = (
        fund("reserve", 100_000),
        fund("grant", 50_000),
        fund("revenue", 10_000),
        fund("developer contribution", 40_000),
    )
    result = ap.appraise(small, scenario(build("town:H", organisation="town"), funding=used))
    row = result.capital().iloc[0]
    assert row[["grant_gbp", "developer_contribution_gbp", "reserve_gbp", "revenue_gbp"]].tolist() == [
        50_000,
        40_000,
        100_000,
        10_000,
    ]
    assert row["borrowing_gbp"] == pytest.approx(spent - 200_000)
    revenue = result.revenue().set_index(["organisation", "year"])
    assert revenue.loc[("town", 2026), "funding_gbp"] == -10_000
    npv = result.by_organisation().loc["town", "financial_npv_gbp"]
    assert npv == pytest.approx((90_000 - spent) / (1 + RATE)), "its own money is no gain, what comes from outside is"
    closes(result)
    lapsed = ap.appraise(
        small, scenario(build("town:H", organisation="town"), funding=(fund("grant", 50_000, expires=2025),))
    )
    assert lapsed.capital().iloc[0]["grant_gbp"] == 0
    assert any("lapsed" in words for _, words in lapsed.financial.notes)
    assert lapsed.by_organisation().loc["town", "financial_npv_gbp"] == pytest.approx(-spent / (1 + RATE))
    closes(lapsed)
    more = ap.appraise(
        small,
        scenario(build("town:H", organisation="town", cost_gbp=30_000), funding=(fund("grant", 50_000, expires=2026),)),
    )
    assert lines_of(more, "town", line="given back")["amount_gbp"].sum() == pytest.approx(33_000 * RISE - 50_000)
    assert any("given back" in words for _, words in more.financial.notes)
    closes(more)


def test_a_small_receipt_is_revenue(small: ap.Estate) -> None:
    result = ap.appraise(small, scenario(MOVE, sell(receipt_gbp=9_000, cost_gbp=500)))
    row = result.receipts().iloc[0]
    assert (row["net_gbp"], row["costs_met_gbp"]) == (0, 0)
    assert row["revenue_gbp"] == pytest.approx(9_000 * RISE**3)
    closes(result)


def test_who_loses_and_when(small: ap.Estate) -> None:
    result = ap.appraise(small, scenario(build("town:H", organisation="town"), MOVE, sell()))
    losers = result.losers()
    row = losers.iloc[0]
    npv = result.by_organisation().loc["town", "financial_npv_gbp"]
    assert (row["organisation"], row["verdict"], row["year_5"]) == ("town", "worse off", 2030)
    assert row["financial_npv_gbp"] == npv < 0
    assert row["npv_low_gbp"] <= npv <= row["npv_high_gbp"]
    assert result.worst_off is not None
    assert result.worst_off.gbp == npv
    assert ap.appraise(small, scenario(MOVE)).worst_off is None
    with pytest.raises(ap.ScenarioError, match="town"):
        result.bridge("twon")


def test_nothing_changes_where_nothing_is_done_and_short_horizons_do(small: ap.Estate) -> None:
    result = ap.appraise(small, scenario())
    assert result.worst_off is None
    for frame in (result.revenue(), result.receipts(), result.capital(), result.losers(), result.lines):
        assert frame.empty
    assert result.self_funding()["illustration"].tolist() == [True]
    assert result.bridge("town")["total_gbp"].dropna().tolist() == [0.0, 0.0, 0.0]
    short = ap.Override(figure="appraisal_years", value=3, reason="lease", author="town")
    brief = ap.appraise(small, ap.Scenario("Brief", [MOVE, sell()], overrides=(short,)))
    assert brief.by_organisation()["revenue_effect_year_4_gbp"].isna().all()
    closes(brief)


# ------------------------------------------------------------------------------------------------------- debt


def test_debt_is_charged_as_borrowing_charges_has_it() -> None:
    """With nothing but borrowing, the year by year reckoning is the matrix of `borrowing_charges`, life by life."""
    rng = np.random.default_rng(4)
    years = range(2025, 2056)
    capital = np.where(np.arange(31) < 5, rng.uniform(0, 1e6, (3, 31)), 0.0)
    rates = np.array([0.04, 0.055, 0.07])
    for life in (7, 25, 50):
        lives = {"life": np.full(3, float(life))}
        found = charged({Tranche("life", 2031): capital}, years, lives, rates, "provision")
        for row, rate in enumerate(rates):
            one = borrowing_charges(capital[row], rate * 100, life, in_use=5)
            assert found.provision[row] == pytest.approx(one.provision)
            assert found.interest[row] == pytest.approx(one.interest)
            assert found.outstanding[row] == pytest.approx(one.outstanding, abs=1e-6)


money = st.lists(st.integers(0, 1_000_000), min_size=6, max_size=6)


@settings(max_examples=40)
@given(money, money, money, money, st.sampled_from(["provision", "NHS", "none"]), st.integers(2025, 2032))
def test_all_capital_is_paid_for_and_no_money_is_lost(
    one: list[int], two: list[int], grant: list[int], receipt: list[int], charging: str, expires: int
) -> None:
    years = range(2025, 2031)

    def rows(amounts: list[int]) -> np.ndarray:
        return np.array([amounts, amounts[::-1]], dtype=float)

    capital = {Tranche("short", 2028): rows(one), Tranche("long", 2031, SCHOOLS): rows(two)}
    means = Means(
        [Pot(1, "grant", 2025, expires, external=True)],
        {1: rows(grant)},
        {GENERAL: rows(receipt), SCHOOLS: rows(grant[::-1])},
    )
    lives = {"short": np.array([2.0, 3.0]), "long": np.array([40.0, 50.0])}
    done = financed(capital, means, years, lives, np.array([0.05, 0.06]), charging)  # type: ignore[arg-type]
    spent = rows(one) + rows(two)
    assert sum(done.used.values()) == pytest.approx(spent, abs=1e-3)
    receipts = rows(receipt) + rows(grant[::-1])
    assert done.used[RECEIPTS].sum(axis=1) + done.held[GENERAL][:, -1] + done.held[SCHOOLS][:, -1] == pytest.approx(
        receipts.sum(axis=1), abs=1e-3
    )
    assert done.used["grant"].sum(axis=1) + done.lost.sum(axis=1) + done.held["stated"][:, -1] == pytest.approx(
        rows(grant).sum(axis=1), abs=1e-3
    )
    assert (done.held[GENERAL] >= -1e-6).all()
    assert (done.charge.outstanding >= -1e-6).all()
    if charging == "provision":
        owed = np.cumsum(done.used[BORROWED] - done.charge.provision, axis=1)
        assert done.charge.outstanding == pytest.approx(owed, abs=1e-3)
    late = [at for at, year in enumerate(years) if year > expires]
    assert not done.used["grant"][:, late].any()


# ------------------------------------------------------------------------------------------------------- whole scenarios


def test_malton_closes(malton_results: list[ap.Appraisal]) -> None:
    for result in malton_results:
        closes(result)
        by = result.by_organisation()
        assert by["npv_gbp"].sum() == pytest.approx(result.npv_gbp, abs=0.005)
        transfers = result.lines[(result.lines["case"] == "financial") & (result.lines["benefit_class"] == "transfer")]
        between = transfers[transfers["line"].isin(["charge", "contribution"])]
        assert between.groupby("year")["amount_gbp"].sum().abs().max() < 0.005 or between.empty
        tested = result.self_funding()
        assert tested.loc[tested["organisation"] == "all bodies", "illustration"].all()


@pytest.fixture(scope="module")
def malton_results() -> list[ap.Appraisal]:
    return [appraised()[name] for name in ("s2-town-front-door", "s7-full-package")]


def test_draws_are_the_same_again_and_lie_within_the_ends(malton_results: list[ap.Appraisal]) -> None:
    case = malton_results[1].financial
    once, again = (case.drawn(400, 7, lambda found: found.npv) for _ in range(2))
    assert np.array_equal(once, again)
    assert np.array_equal(once[:150], case.drawn(400, 7, lambda found: found.npv, block=150)[:150])
    for b, body in enumerate(case.bodies):
        ends = case.npv(body)
        assert ends.low - 0.01 <= once[:, b].min(), body
        assert once[:, b].max() <= ends.high + 0.01, body


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(20_000, 900_000), st.integers(1_000, 90_000), st.integers(2026, 2033))
def test_transfers_never_change_the_whole(small: ap.Estate, price: int, given_gbp: int, year: int) -> None:
    plain = scenario(build("town:H", organisation="town"), MOVE)
    moved = ap.Dispose(
        asset="town:H", by="transfer", recipient="shire", year=year, area_ha=0.1, receipt_gbp=price, **SAID
    )
    gift = fund("contribution", given_gbp, year, from_organisation="shire", instrument="overage")
    more = ap.Scenario("More", [*plain.actions, moved], funding=(gift,))
    without, with_ = appraise_scenarios(small, [plain, more])
    assert with_.npv_gbp == pytest.approx(without.npv_gbp, abs=0.005)
    cash = [result.financial.central.series["cash"][0].sum(axis=0) for result in (without, with_)]
    assert cash[0] == pytest.approx(cash[1], abs=0.005), "what one body pays another is nothing to both, in every year"
    closes(with_)


def test_a_thousand_times_the_money_is_a_thousand_times_everything(tmp_path: Path) -> None:
    def appraised(times: int) -> ap.Appraisal:
        estate = tiny_estate(
            tmp_path / str(times),
            [{"organisation": "town", "ref": ref, "x": x, "y": 0, "use": "Offices", "tenure": "freehold", "status": "Operational", "gia_m2": 1_000, "fte": 10,
              "running_cost_gbp_pa": 40_000 * times, "backlog_gbp": 100_000 * times} for ref, x in (("H", 0), ("L", 300))],
            toml="as_of = 2025-06-30\nprice_base = '2025/26'\n",
            services=[{"service_id": "library", "organisation": "town", "name": "L", "function": "library", "asset_id": "town:L", "fte": 10, "area_m2": 100}],
        )  # fmt: skip
        actions = (
            build("town:H", organisation="town", cost_gbp=1_000_000 * times), dataclasses.replace(MOVE, cost_gbp=20_000 * times),
            sell(receipt_gbp=(200_000 * times, 250_000 * times, 260_000 * times), cost_gbp=15_000 * times),
        )  # fmt: skip
        return ap.appraise(
            estate,
            scenario(
                *actions, funding=(fund("grant", 50_000 * times), fund("reserve", 70_000 * times, pays_for="revenue"))
            ),
        )

    once, thousand = appraised(1), appraised(1_000)
    for name in ("revenue", "receipts", "capital", "self_funding", "by_organisation", "losers"):
        before, after = getattr(once, name)(), getattr(thousand, name)()
        for column in before.columns:
            if column.endswith("_gbp"):
                assert after[column].to_numpy(dtype=float) == pytest.approx(
                    1_000 * before[column].to_numpy(dtype=float), abs=0.5, nan_ok=True
                ), (name, column)
            elif before[column].dtype.kind in "fi":
                assert after[column].to_numpy(dtype=float) == pytest.approx(
                    before[column].to_numpy(dtype=float), nan_ok=True
                ), (name, column)


def test_every_line_says_why_and_from_what(malton_results: list[ap.Appraisal]) -> None:
    frame = malton_results[1].lines
    frame = frame[frame["case"] == "financial"]
    assert frame["basis"].str.len().min() > 0
    wanted = frame[
        frame["line"].isin(["interest", "provision", "inflation", "vat", "contingency", "dividend", "depreciation"])
    ]
    assert wanted["sources"].str.len().min() > 0
    interest = wanted[
        (wanted["line"] == "interest") & (wanted["benefit_class"] == "cost") & (wanted["year"] == 2014)
    ].iloc[0]
    assert "5.5%" in interest["basis"]
    assert "2025/26" in interest["basis"]
    assert "pounds at the start" in interest["basis"]
    assert "Public Works Loan Board" in interest["sources"]
    assert frame["line_id"].is_unique
    assert set(frame["line"]) <= set(FINANCIAL_LINES)
    assert set(frame.loc[frame["kind"] == "funding", "line"]) == {"borrowing", "capital to find", "held", "reserve"}

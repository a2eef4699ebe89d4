"""Loans, provision, capital charges and taxes: against closed forms, a reckoning year by year, and cases by hand."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetplan.errors import ScenarioError
from assetplan.figures.borrowing import annuity_payment, borrowing_charges, capital_rules, loan, nhs_charges
from assetplan.figures.taxes import (
    PURCHASES,
    exchange_duty_gbp,
    stamp_duty_gbp,
    stamp_duty_relief,
    vat_rate_percent,
    vat_stuck,
    vat_stuck_percent,
)
from assetplan.vocabulary import SECTORS

RATES = st.floats(0, 12)
LIVES = st.integers(1, 60)


def test_a_hub_of_seven_million_costs_about_440_thousand_a_year() -> None:
    assert float(annuity_payment(7_000_000, 5.5, 40)) == pytest.approx(440_000, rel=0.01)


@given(RATES, LIVES, st.sampled_from(["annuity", "equal instalments", "maturity"]), st.sampled_from([1, 2]))
@settings(max_examples=40, deadline=None)
def test_a_loan_is_paid_off_and_its_payments_are_worth_what_was_lent(
    rate: float, years: int, repaid: Any, payments: int
) -> None:
    found = loan(1000, rate, years, repaid, payments)
    assert len(found.owed) == years
    assert found.principal.sum() == pytest.approx(1000)
    assert found.owed[-1] == pytest.approx(0, abs=1e-6)
    owed, interest, each = 1000.0, [], rate / payments / 100
    for year in range(years):  # period by period, by the rule of its kind
        paid = 0.0
        for period in range(payments):
            left = years * payments - year * payments - period
            interest_due = owed * each
            if repaid == "maturity":
                down = owed if left == 1 else 0.0
            elif repaid == "equal instalments":
                down = 1000 / (years * payments)
            else:
                down = float(annuity_payment(1000, rate / payments, years * payments)) - interest_due
            paid, owed = paid + interest_due, owed - down
        interest.append(paid)
    assert found.interest == pytest.approx(interest, abs=1e-6)
    if payments == 1:
        worth = (found.payment / (1 + rate / 100) ** np.arange(1, years + 1)).sum()
        assert worth == pytest.approx(1000)


@given(RATES, LIVES, st.integers(0, 6), st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_an_annuity_provision_and_its_interest_are_the_level_payment_of_a_loan(
    rate: float, life: int, spent: int, in_use: int
) -> None:
    capital = np.zeros(70)
    capital[spent] = 1000.0
    found = borrowing_charges(capital, rate, life, in_use, "annuity")
    first = max(spent, in_use) + 1
    level = loan(1000, rate, life).payment
    assert found.total[first : first + life] == pytest.approx(level)
    assert not found.provision[:first].any()
    assert found.interest[spent + 1 : first] == pytest.approx(np.full(first - spent - 1, 10 * rate))
    assert found.total[first + life :] == pytest.approx(0, abs=1e-6)


@given(st.lists(st.floats(-1e6, 1e7), min_size=1, max_size=5), RATES, st.integers(1, 40), st.booleans(), st.data())
@settings(max_examples=40, deadline=None)
def test_all_capital_is_charged_once(
    spending: list[float], rate: float, life: int, annuity: bool, data: st.DataObject
) -> None:
    capital = np.array(spending + [0.0] * 50)
    in_use = data.draw(st.none() | st.integers(0, 6))
    how: Any = "annuity" if annuity else "equal instalments"
    found = borrowing_charges(capital, rate, life, in_use, how)
    assert found.provision.sum() == pytest.approx(capital.sum(), abs=0.01)
    owed = 0.0
    for year, spent in enumerate(capital):
        assert found.interest[year] == pytest.approx((owed + spent / 2) * rate / 100, abs=0.01)
        owed += spent - found.provision[year]
        assert found.outstanding[year] == pytest.approx(owed, abs=0.01)
    many = borrowing_charges(np.stack([capital, 2 * capital]), rate, life, in_use, how)
    assert many.total[1] == pytest.approx(2 * found.total)


def test_what_is_still_owed_at_the_end_is_said() -> None:
    found = borrowing_charges([0, 1200, 0, 0], 5, 12, in_use=2)
    assert found.provision.tolist() == [0, 0, 0, 100]
    assert found.outstanding.tolist() == [0, 1200, 1200, 1100]
    assert found.interest.tolist() == [0, 30, 60, 60]
    assert borrowing_charges([0.0, 100.0], 5, 1, first_year_share=0).interest.tolist() == [0, 0]


def test_capital_charges_of_an_nhs_body_by_hand() -> None:
    found = nhs_charges([1000, 0, 0, 0], 3.5, 2)
    assert found.provision.tolist() == [0, 500, 500, 0]
    assert found.outstanding.tolist() == [1000, 500, 0, 0]
    assert found.interest.tolist() == pytest.approx([17.5, 26.25, 8.75, 0])  # means 500, 750, 250


def test_every_sector_has_its_rules_or_is_said_not_to_be_known() -> None:
    borrows = {sector for sector in SECTORS if capital_rules(sector).charges == "provision"}
    assert borrows == {"county", "district", "unitary", "police", "fire"}
    assert [sector for sector in SECTORS if capital_rules(sector).borrows is None] == ["other"]
    for sector in SECTORS:
        for what in PURCHASES:
            low, central, high = vat_stuck_percent(sector, what)
            assert 0 <= low <= central <= high <= 100
            assert vat_stuck(sector, what).source
    assert tuple(vat_stuck_percent("", "works")) == (0, 100, 100)


@pytest.mark.parametrize(("rate", "years"), [(-1, 5), (float("nan"), 5), (5, 0), (5, 2.5), (101, 5)])
def test_what_cannot_be_borrowed_is_refused(rate: float, years: Any) -> None:
    with pytest.raises(ScenarioError, match=r"is wanted|are wanted"):
        annuity_payment(100, rate, years)
    with pytest.raises(ScenarioError, match=r"is wanted|are wanted"):
        borrowing_charges([100.0], rate, years)


def test_ways_that_there_are_not_are_refused() -> None:
    bad: Any = "bullet"
    with pytest.raises(ScenarioError, match="bullet"):
        loan(100, 5, 5, bad)
    with pytest.raises(ScenarioError, match="bullet"):
        borrowing_charges([100.0], 5, 5, provision=bad)
    with pytest.raises(ScenarioError, match="1 or 2 payments"):
        loan(-100, 5, 5)
    with pytest.raises(ScenarioError, match="none of works"):
        vat_stuck_percent("police", "wroks")


def test_vat_on_works_by_hand() -> None:
    """Works of a million pounds net: 200,000 of VAT, kept by nobody who recovers, all of it borne by the ambulance trust."""
    vat = 1_000_000 * vat_rate_percent() / 100
    assert vat == 200_000
    assert vat * vat_stuck_percent("police").central / 100 == 0
    assert vat * vat_stuck_percent("ambulance").central / 100 == 200_000
    assert [vat * end / 100 for end in vat_stuck_percent("school")] == [0, 0, 200_000]
    assert vat_rate_percent(dt.date(2010, 6, 24)) == 17.5
    with pytest.raises(ScenarioError, match="not known for 1980-01-01"):
        vat_rate_percent(dt.date(1980, 1, 1))


def test_stamp_duty_by_hand() -> None:
    assert stamp_duty_gbp([150_000, 275_000]).tolist() == [0, 3_250]  # the second is HMRC's own example of a freehold
    june_2010 = dt.date(2010, 6, 24)
    assert stamp_duty_gbp([150_000, 150_001, 250_000, 500_000, 600_000], june_2010) == pytest.approx(
        [0, 1_500.01, 2_500, 15_000, 24_000]
    )
    assert np.isnan(stamp_duty_gbp(float("nan")))
    assert np.isnan(stamp_duty_gbp(float("nan"), june_2010))
    assert [float(duty) for duty in exchange_duty_gbp(1_900_000, 250_000)] == [84_500, 2_000]
    assert "to be checked" in stamp_duty_relief("nhs")
    with pytest.raises(ScenarioError, match="0 pounds or more"):
        stamp_duty_gbp(-1)


@given(st.floats(0, 1e9), st.floats(0, 1e9))
@settings(max_examples=25, deadline=None)
def test_more_pays_no_less_duty_and_never_more_than_a_twentieth(one: float, other: float) -> None:
    less, more = stamp_duty_gbp(sorted((one, other)))
    assert 0 <= less <= more
    assert more <= max(one, other) * 0.05

"""Discounting and optimism bias, against published tables and worked examples and against a reckoning of their own."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetplan.errors import ScenarioError
from assetplan.figures.discounting import (
    discount_factor,
    discount_factors,
    discount_schedules,
    schedule_in_force,
)
from assetplan.figures.optimism import optimism_bias, optimism_bounds

PUBLISHED = {
    1: 0.9662, 2: 0.9335, 3: 0.9019, 5: 0.8420, 10: 0.7089, 20: 0.5026, 25: 0.4231, 30: 0.3563, 31: 0.3459, 40: 0.2651,
    60: 0.1468, 75: 0.0942, 76: 0.0919, 125: 0.0274,
    -5: 1.0, 0: 1.0,
}  # fmt: skip
ANNUITIES = {5: 4.5151, 10: 8.3166, 15: 11.5174, 20: 14.2124, 25: 16.4815, 30: 18.3920, 60: 25.3753}


@pytest.mark.parametrize("schedule", ["green-book-2018", "green-book-2003"])
def test_published_factors_and_annuities(schedule: str) -> None:
    for year, factor in PUBLISHED.items():
        assert discount_factor(year, schedule) == pytest.approx(factor, abs=6e-5), year
    for years, annuity in ANNUITIES.items():
        assert discount_factors(years, schedule)[1:].sum() == pytest.approx(annuity, abs=6e-5)
    # Rail: counted from 2014, for 2160, in the values of 2010.
    assert discount_factor(2160 - 2014, schedule) / 1.035**4 == pytest.approx(0.0158, abs=6e-5)
    assert discount_factors(9, schedule).sum() == pytest.approx(8.6077, abs=6e-5)  # years 0 to 9


@given(st.sampled_from(sorted(discount_schedules())), st.integers(0, 125))
@settings(max_examples=25, deadline=None)
def test_factors_fall_by_the_rate_of_their_own_year(schedule: str, years: int) -> None:
    found, own = discount_factors(years, schedule), discount_schedules()[schedule]
    assert found[0] == 1
    assert np.all(np.diff(found) < 0)
    value = 1.0
    for year in range(1, years + 1):
        value /= 1 + own.percent(year) / 100
    assert found[-1] == pytest.approx(value, rel=1e-12)
    assert discount_factor(years, schedule) == found[-1]


def test_schedules_are_dated_and_say_what_was_not_read() -> None:
    assert schedule_in_force(dt.date(2010, 6, 24)).schedule_id == "green-book-2003"
    newest = schedule_in_force(dt.date(2026, 11, 1))
    assert newest.schedule_id == "green-book-2018"
    assert "check which rate is in force" in newest.note
    health = schedule_in_force(dt.date(2026, 11, 1), "health")
    assert [health.percent(year) for year in (30, 31, 76)] == [1.5, 1.29, 1.07]
    for schedule in discount_schedules().values():
        lasts = [last for last, _ in schedule.bands]
        assert lasts == sorted(lasts, key=lambda last: last or 10**6)
        assert all(text for text in (schedule.source, schedule.edition, schedule.checked))
    with pytest.raises(ScenarioError, match="is known for 2001-01-01"):
        schedule_in_force(dt.date(2001, 1, 1))


def test_what_cannot_be_discounted_is_refused() -> None:
    with pytest.raises(ScenarioError, match="Did you mean 'green-book-2018'"):
        discount_factors(3, "grene-book-2018")
    with pytest.raises(ScenarioError, match="ends with year 125; year 126"):
        discount_factors(126, "green-book-2018-reduced")
    with pytest.raises(ScenarioError, match="0 or more, is wanted, not -1"):
        discount_factors(-1)


def test_worked_examples_of_optimism_bias() -> None:
    shares = {"non-standard building": 30, "standard building": 70}
    assert optimism_bias(shares).high == pytest.approx(15.3 + 16.8)
    assert optimism_bias(shares, of="duration").high == pytest.approx(11.7 + 2.8)
    mitigated = optimism_bias({"non-standard building": 100}, mitigated_percent=92)
    assert round(100 * (1 + mitigated.central / 100)) == 104
    assert tuple(optimism_bias({"outsourcing": 100}, of="opex")) == (0, 41, 41)


@given(st.floats(0, 100), st.floats(0, 100), st.sampled_from(["capex", "duration"]))
@settings(max_examples=25, deadline=None)
def test_optimism_bias_stays_within_its_bounds(share: float, mitigated: float, of: str) -> None:
    kinds = list(optimism_bounds(of))  # type: ignore[arg-type]
    low, central, high = optimism_bias({kinds[0]: share, kinds[1]: 100 - share}, mitigated, of)  # type: ignore[arg-type]
    assert low <= central <= high
    fully = optimism_bias({kinds[0]: share, kinds[1]: 100 - share}, 100, of)  # type: ignore[arg-type]
    assert fully.central == pytest.approx(low)


def test_bad_shares_are_told_together() -> None:
    with pytest.raises(ScenarioError) as told:
        optimism_bias({"standard bulding": 60, "equipment": -5}, mitigated_percent=130)
    assert len(told.value.problems) == 3
    assert "Did you mean 'standard building'" in told.value.problems[0]
    with pytest.raises(ScenarioError, match="add up to 90, not to 100"):
        optimism_bias({"standard building": 90})
    with pytest.raises(ScenarioError, match="nan"):
        optimism_bias({"standard building": float("nan")})

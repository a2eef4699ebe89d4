"""plans.csv: what is planned, set aside, promised or was tried, for whom; and whether what pays for a scenario is there."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import shared
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import tiny_estate

import assetplan as ap
from assetplan.cells import CellError, parse
from assetplan.exporting import csv_bytes
from assetplan.scenarios.problem import CONFIRM, REFUSED
from assetplan.schema import table

if TYPE_CHECKING:
    from pathlib import Path

ASSETS = [
    {"organisation": "town", "ref": "H", "x": 0, "y": 0, "use": "Offices"},
    {"organisation": "shire", "ref": "R", "x": 100, "y": 0, "use": "Women's refuge"},
]


def row(key: str, **more: Any) -> dict[str, Any]:
    said = {
        "plan_id": key,
        "kind": "funding",
        "organisation": "town",
        "name": f"Pot {key}",
        "subjects": "town:H",
        "from_year": "2026/27",
    }
    said |= {
        "to_year": "2028",
        "amount_gbp": "100000",
        "low_gbp": "",
        "high_gbp": "",
        "pays_for": "capital",
        "status": "approved",
    }
    return {**said, "decided_by": "council", "source": "programme", "as_of": "2025-01-01", "audience": "public", **more}


def estate(path: Path, *rows: dict[str, Any]) -> ap.Estate:
    return tiny_estate(path, ASSETS, plans=rows)


def told(found: ap.Estate) -> set[tuple[str, str]]:
    issues = found.issues[found.issues["file"] == "plans.csv"]
    return set(zip(issues["row"], issues["code"], strict=True))


def test_a_plan_is_typed_by_its_columns(tmp_path: Path) -> None:
    found = estate(tmp_path, row("a", subjects="town:H;nothing", status="", amount_gbp="£1.5m"))
    plan = found.plans.iloc[0]
    assert (plan["from_year"], plan["to_year"], plan["amount_gbp"]) == (2026, 2028, 1_500_000)
    assert plan["subjects"] == ("town:H",)
    assert plan["status"] is None
    assert plan["as_of"] == dt.date(2025, 1, 1)
    assert told(found) == {("a", "unknown-subject")}
    assert list(found.for_audience("public").plans.columns) == [name for name in table("plans") if name != "audience"]


@pytest.mark.parametrize(
    ("more", "code", "aside"),
    [
        ({"organisation": "nobody"}, "unknown-organisation", False),
        ({"from_year": "2030"}, "dates-disagree", False),
        ({"low_gbp": "200000"}, "out-of-order", False),
        ({"amount_gbp": ""}, "not-known", False),
        ({"amount_gbp": "TBC", "high_gbp": "5"}, "not-known-yet", False),
        ({"amount_gbp": "-5"}, "negative", True),
        ({"from_year": "soon"}, "not-a-year", True),
        ({"to_year": "2030/32"}, "not-a-year", True),
        ({"to_year": "1066"}, "out-of-range", True),
        ({"kind": "hope"}, "not-in-vocabulary", True),
        ({"status": "likely"}, "not-in-vocabulary", True),
        ({"source": ""}, "blank", True),
    ],
)
def test_what_does_not_fit_is_told_with_its_row(tmp_path: Path, more: dict[str, Any], code: str, aside: bool) -> None:
    found = estate(tmp_path, row("a", **more), row("b"))
    assert ("a", code) in told(found)
    assert list(found.plans["plan_id"]) == (["b"] if aside else ["a", "b"])
    assert len(found.quarantined) == aside
    if code in {"dates-disagree", "out-of-order"}:
        pair = ["from_year", "to_year"] if code == "dates-disagree" else ["low_gbp", "amount_gbp", "high_gbp"]
        assert found.plans.iloc[0][pair].isna().all()


@pytest.mark.parametrize(
    ("text", "year"), [("2010", 2010), ("2010/11", 2010), ("2010-2011", 2010), ("1999/00", 1999), ("tbc", None)]
)
def test_a_financial_year_is_written_by_its_start(text: str, year: int | None) -> None:
    assert parse(table("plans")["from_year"], text) == year


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("0129/- xé٣"), max_size=9))
def test_no_text_is_a_year_by_accident(text: str) -> None:
    try:
        year = parse(table("plans")["to_year"], text)
    except CellError:
        return
    assert year is None or (isinstance(year, int) and text.strip().startswith(str(year)))


def test_a_row_about_a_place_that_is_kept_secret_goes_with_it(tmp_path: Path) -> None:
    some = estate(tmp_path, row("a", subjects="town:H;shire:R"), row("b", name="Women's refuge", audience="town"))
    assert list(some.plans["plan_id"]) == ["a", "b"]
    assert list(some.for_audience("public").plans["plan_id"]) == []
    assert "shire:R" not in some.for_audience("public").issues.to_json()


def test_an_area_does_not_tell_of_a_place_that_is_kept_secret(tmp_path: Path) -> None:
    some = tiny_estate(
        tmp_path,
        ASSETS,
        areas=[({"area_id": "q", "name": "Quarter", "kind": "locality", "members": "town:H;shire:R"}, None)],
    )
    public = some.for_audience("public")
    assert public.areas["members"].tolist() == [("town:H",)]
    assert "shire:R" not in public.issues.to_json()


# ------------------------------------------------------------------------------------------------------- what pays


@pytest.fixture(scope="module")
def pots(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    return estate(
        tmp_path_factory.mktemp("pots"), row("works"), row("change", pays_for="revenue", status="bid"), row("any", pays_for="either", to_year=""),
        row("gone", status="withdrawn"), row("later", as_of="2026-01-01"), row("wide", low_gbp="80000", high_gbp="120000"),
        row("plan", kind="plan", pays_for=""), row("secret", audience="town"),
    )  # fmt: skip


def draw(plan: str, amount: Any = 50_000, year: int = 2026, **more: Any) -> ap.Funding:
    said = {
        "kind": "reserve",
        "organisation": "town",
        "plan": plan,
        "year": year,
        "amount_gbp": amount,
        "pays_for": "capital",
    }
    return ap.Funding(**{**said, "source": "programme", **more})


CASES: list[tuple[str, list[ap.Funding], list[tuple[str, str, str]]]] = [
    ("there", [draw("works")], []),
    ("no pot", [draw("", 10**9)], []),
    ("all of it", [draw("works"), draw("works")], []),
    ("more than all", [draw("works"), draw("works", 50_001)], [(REFUSED, "funding 2: amount_gbp", "overdrawn")]),
    ("perhaps more", [draw("works", (50_000, 100_000, 150_000))], [(CONFIRM, "funding 1: amount_gbp", "overdrawn")]),
    ("perhaps less there", [draw("wide", 90_000)], [(CONFIRM, "funding 1: amount_gbp", "overdrawn")]),
    ("lapsed", [draw("works", year=2029)], [(REFUSED, "funding 1: year", "lapsed")]),
    ("extended", [draw("works", year=2029, expires=2030)], []),
    ("lapses by itself", [draw("", year=2029, expires=2028)], [(REFUSED, "funding 1: year", "lapsed")]),
    ("never lapses", [draw("any", year=2060, pays_for="revenue")], []),
    ("too early", [draw("works", year=2025)], [(REFUSED, "funding 1: year", "not-there-yet")]),
    ("other purpose", [draw("works", pays_for="revenue")], [(REFUSED, "funding 1: pays_for", "other-purpose")]),
    ("a bid", [draw("change", pays_for="revenue")], [(CONFIRM, "funding 1: plan", "not-secured")]),
    ("withdrawn", [draw("gone")], [(REFUSED, "funding 1: plan", "gone")]),
    ("not known then", [draw("later")], [(CONFIRM, "funding 1: plan", "not-known-then")]),
    ("no money", [draw("plan")], [(REFUSED, "funding 1: plan", "no-money")]),
]


@pytest.mark.parametrize(("funding", "codes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_pays_has_to_be_there(
    pots: ap.Estate, funding: list[ap.Funding], codes: list[tuple[str, str, str]]
) -> None:
    found = ap.check_scenario(pots, ap.Scenario("one", funding=tuple(funding)))
    assert [(one.verdict, one.where, one.code) for one in found] == codes


def test_a_pot_that_is_hidden_and_one_that_is_not_are_told_in_the_same_words(pots: ap.Estate) -> None:
    public = pots.for_audience("public")
    said = [
        [
            str(one).replace(name, "*")
            for one in ap.check_scenario(public, ap.Scenario("x", funding=(draw(name),), audience="public"))
        ]
        for name in ("secret", "sexret")
    ]
    assert said[0] == said[1] == ["funding 1: plan: '*' is no plan of this estate."]


# ------------------------------------------------------------------------------------------------------- Malton


def test_the_public_of_malton_learns_of_no_talks() -> None:
    malton = shared.malton()
    public = malton.for_audience("public")
    text = csv_bytes(public.plans).decode().lower()
    for word in (
        "extra care",
        "package",
        "fast-response",
        "tandem",
        "eden",
        "talks",
        "mal-13",
        "adjacent",
        "neighbouring",
    ):
        assert word not in text, word
    known = [
        plan for plan, day in zip(public.plans["plan_id"], public.plans["as_of"], strict=True) if day <= malton.as_of
    ]
    assert known
    assert not [plan for plan in known if plan.startswith("later")]
    assert all(plan in known or plan.startswith("later") for plan in public.plans["plan_id"])
    assert all(malton.plans.loc[malton.plans["kind"] == "funding", "illustrative"])
    assert malton.issues[malton.issues["file"] == "plans.csv"].empty
    assert {"one-package", "fast-response"} <= set(malton.for_audience("nycc.adult-services").plans["plan_id"])
    assert not {"one-package", "fast-response", "extra-care"} & set(malton.for_audience("nycc").plans["plan_id"])

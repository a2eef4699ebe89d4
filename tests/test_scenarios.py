"""Scenarios: values that scripts make, flat files both ways, and what speaks against one on an estate."""

import dataclasses
import datetime as dt
import itertools
import random
import re
import runpy
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import shared
from commands import run
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import box, tiny_estate

import assetplan as ap
from assetplan.scenarios.actions import ACTIONS, Action
from assetplan.scenarios.course import Course
from assetplan.scenarios.ground import Ground
from assetplan.scenarios.problem import CONFIRM, REFUSED
from assetplan.schema import table
from assetplan.text import clean
from assetplan.vocabulary import Column

FOLDER = Path(__file__).parents[1] / "data" / "malton"
FILES = sorted((FOLDER / "scenarios").glob("*.toml"))


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> ap.Estate:
    return folder(tmp_path_factory.mktemp("small"), {"public", "shire", "town"})


def folder(path: Path, readers: set[str]) -> ap.Estate:
    """A hall H (covenant: council use), a library L, a depot D, offices O on a lease of the county; a parcel P in private hands."""

    def rows(*some: dict[str, Any]) -> list[dict[str, Any]]:
        return [row for row in some if row["audience"] in readers]

    return tiny_estate(
        path,
        [
            {"organisation": "town", "ref": "H", "x": 0, "y": 0, "use": "Offices", "tenure": "freehold", "wkt": box(0, 0, 50, 50).wkt},
            {"organisation": "town", "ref": "L", "x": 100, "y": 0, "use": "Library", "tenure": "freehold", "wkt": box(100, 0, 50, 50).wkt},
            {"organisation": "town", "ref": "D", "x": 200, "y": 0, "use": "Depot", "tenure": "freehold", "wkt": box(200, 0, 50, 50).wkt},
            {"organisation": "shire", "ref": "O", "x": 300, "y": 0, "use": "Offices", "tenure": "leasehold"},
            {"organisation": "shire", "ref": "S", "x": 400, "y": 0, "use": "Primary school", "tenure": "freehold"},
        ],
        land=[({"parcel_id": "LP", "source": "drawn"}, box(95, 0, 50, 50)), ({"parcel_id": "P", "source": "drawn"}, box(500, 0, 40, 40)), ({"parcel_id": "F", "source": "drawn"}, box(600, 0, 40, 40))],
        facts=rows(
            {"fact_id": "p", "subject_kind": "parcel", "subject": "P", "field": "ownership", "value": "private", "audience": "public", "as_of": "2025-01-01"},
        ),
        services=rows(
            _service("hq", "town", "town:H", 10, "council headquarters"),
            _service("hq-front", "town", "town:H", 2, "front desk", part_of="hq"),
            _service("hq-back", "town", "town:H", 8, "council offices", part_of="hq"),
            _service("lib", "town", "town:L", 3, "library"),
            _service("store", "town", "town:D", 1, "store"),
            _service("care", "shire", "shire:O", 5, "social care", office_m2=50),
            _service("works", "shire", "shire:O", 5, "highways", audience="shire"),
        ),
        interests=rows(
            {"interest_id": "lease", "subject": "shire:O", "holder": "shire", "interest": "lease", "start": "2020-04-01", "expiry": "2030-03-31",
             "break_date": "2027-09-29", "notice_months": 6, "audience": "public"},
            {"interest_id": "own", "subject": "town:H", "holder": "town", "interest": "freehold", "audience": "public"},
            {"interest_id": "secret", "subject": "town:L", "holder": "a club", "interest": "licence", "audience": "town"},
        ),
        capacity=rows(
            {"capacity_id": "c1", "subject": "town:H", "space": "office", "available": 20, "after_works": 80, "area_basis": "NIA", "audience": "public"},
            {"capacity_id": "c2", "subject": "town:D", "space": "office", "available": 10, "after_works": 20, "area_basis": "NIA", "audience": "public"},
            {"capacity_id": "c3", "subject": "P", "space": "office", "available": 0, "after_works": 90, "area_basis": "NIA", "audience": "public"},
        ),
        constraints=[
            ({"constraint_id": "cov", "kind": "covenant", "name": "Old covenant", "state": "yes", "subject": "town:H", "permitted_uses": "housing", "source": "deed"}, None),
            ({"constraint_id": "lock", "kind": "lock", "name": "Field", "state": "yes", "subject": "F", "source": "plan"}, None),
            ({"constraint_id": "school", "kind": "consent", "name": "School land", "state": "yes", "subject": "shire:S", "source": "law"}, None),
        ],
    )  # fmt: skip


def _service(name: str, body: str, asset: str, fte: float, function: str, **more: Any) -> dict[str, Any]:
    row = {
        "service_id": name,
        "organisation": body,
        "name": name,
        "function": function,
        "part_of": "",
        "asset_id": asset,
        "fte": fte,
    }
    return {**row, "office_m2": "", "audience": "public", **more}


def move(service: str, to: str, year: int = 2026, **more: Any) -> ap.Relocate:
    return ap.Relocate(service=service, to=to, year=year, **more)


def sale(asset: str, year: int = 2026, **more: Any) -> ap.Dispose:
    return ap.Dispose(asset=asset, by="sale", year=year, **more)


def grant(**more: Any) -> ap.Funding:
    said = {
        "kind": "grant",
        "organisation": "town",
        "year": 2012,
        "amount_gbp": 50_000,
        "pays_for": "revenue",
        "expires": 2014,
    }
    return ap.Funding(**{**said, "source": "offer letter", **more})


def loss(**more: Any) -> ap.Benefit:
    said = {"name": "A longer way", "organisation": "public", "benefit_class": "public", "year": 2013, "until": 2020}
    return ap.Benefit(
        **{**said, "amount_gbp_pa": (-9_000, -5_000, 2_000), "basis": "minutes", "source": "reckoning", **more}
    )


def found(estate: ap.Estate, *actions: Action, **more: Any) -> list[ap.ScenarioProblem]:
    return ap.check_scenario(estate, ap.Scenario("one", actions, start_year=2025, **more))


def refused(estate: ap.Estate, *actions: Action, **more: Any) -> list[tuple[int, str]]:
    return [(one.action, one.code) for one in found(estate, *actions, **more) if one.verdict == REFUSED]


# ------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize("word", ACTIONS)
def test_the_table_of_fields_is_that_of_the_values(word: str) -> None:
    kind = ACTIONS[word]
    assert {field.name for field in dataclasses.fields(kind)} == set(table(f"scenario.{word}")) == set(kind.fields())
    assert kind.word == word == kind.__name__.lower()
    told = ap.scenario_fields()
    assert told.loc[told["table"] == f"scenario.{word}", "name"].tolist() == list(kind.fields())


def test_the_public_table_has_the_fields_of_all(tmp_path: Path) -> None:
    told = ap.scenario_fields()
    tables = {"funding": ap.Funding, "benefits": ap.Benefit, "overrides": ap.Override}
    assert set(told["table"]) == {"scenario", *(f"scenario.{word}" for word in (*ACTIONS, *tables))}
    assert {f.name for f in dataclasses.fields(ap.Scenario)} - {"actions", *tables} == set(table("scenario"))
    for name, kind in tables.items():
        assert {f.name for f in dataclasses.fields(kind)} == set(table(f"scenario.{name}"))
    answer = run("columns", "--table", "scenario.dispose", "--format", "csv")
    assert answer.returncode == 0
    assert "receipt_gbp,range,GBP" in answer.stdout


def test_a_scenario_is_a_value(malton: ap.Estate) -> None:
    base = ap.Scenario("Base", [move("rdc-front-desk", "rdc:A0007", 2012)], audience=" rdc ; public;rdc")
    assert base.audience == "public;rdc"
    assert base == ap.Scenario("Base", (move("rdc-front-desk", "rdc:A0007", 2012),), audience="rdc;public")
    assert len({base, base.plus().renamed("Base"), base.renamed("Other")}) == 2
    some = [base.plus(sale("nycc:NY/0431", year)).renamed(f"{year}") for year in range(2012, 2015)]
    assert [len(one.actions) for one in some] == [2, 2, 2]
    assert len(base.actions) == 1
    assert some[0].without(sale("nycc:NY/0431", 2012)) == some[1].without(ap.Dispose).renamed("2012")
    with pytest.raises(ap.ScenarioError, match="sale"):
        base.without(sale("nycc:NY/0431", 2012))
    with pytest.raises(ap.ScenarioError, match="Build"):
        base.without(ap.Build)
    assert [action.year for action in some[2].delayed(3).actions] == [2015, 2017]
    assert repr(some[1]) == "<Scenario '2013': 2 actions, 2012 to 2013, for public, rdc>"
    assert repr(ap.Scenario("None")) == "<Scenario 'None': 0 actions, for all>"
    with pytest.raises(dataclasses.FrozenInstanceError):
        base.name = "x"  # type: ignore[misc]


def test_funding_and_benefits_are_values_of_a_scenario() -> None:
    some = (grant(), loss(), move("rdc-front-desk", "rdc:A0007", 2012))
    whole = ap.Scenario("Whole").plus(*some)
    assert (whole.funding, whole.benefits, whole.actions) == tuple((one,) for one in some)
    assert repr(whole) == "<Scenario 'Whole': 1 action, funding 1, benefits 1, 2012 to 2013, for all>"
    assert whole.without(ap.Funding).without(loss()).without(ap.Action) == ap.Scenario("Whole")
    with pytest.raises(ap.ScenarioError, match="Benefit"):
        ap.Scenario("x").without(ap.Benefit)
    later = whole.delayed(2)
    assert (later.funding[0].year, later.funding[0].expires) == (2014, 2014)  # no delay makes money last longer
    assert (later.benefits[0].year, later.benefits[0].until) == (2015, 2022)
    assert later.delayed(-2) == whole
    assert loss().amount_gbp_pa == (-9_000, -5_000, 2_000)
    with pytest.raises(TypeError, match="can be added"):
        whole.plus("relocate")  # type: ignore[arg-type]


def test_a_plan_is_the_keepers_until_somebody_is_named() -> None:
    assert not ap.Scenario("x").is_for("public")
    assert ap.Scenario("x").is_for("all")
    assert ap.Scenario("x", audience="nycc").is_for("nycc.libraries")
    assert not ap.Scenario("x", audience="nycc.libraries").is_for("nycc")


def test_money_is_a_range_with_a_source() -> None:
    one = sale("a", receipt_gbp=5, source="agent")
    assert one.receipt_gbp == ap.Range(5, 5, 5)
    assert sale("a", receipt_gbp=[1, 2, 3.5], source="agent").receipt_gbp == (1, 2, 3.5)
    assert sale("a").receipt_gbp is None  # not known, never nothing
    with pytest.raises(ap.ScenarioError, match="without a source is not used"):
        sale("a", receipt_gbp=5)


BAD: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (ap.Dispose, {"asset": "a", "by": "sale", "year": "2026/27"}, "year: a financial year by its start"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": dt.date(2026, 4, 1)}, "like 2027 for 2027/28"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": True}, "year: "),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 26}, "from 1900 to 2200"),
    (ap.Dispose, {"asset": "a", "by": "sael", "year": 2026}, "Did you mean 'sale'?"),
    (ap.Dispose, {"asset": " ", "by": "sale", "year": 2026}, "asset: none is given"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "overage_percent": 150}, "from 0 to 100 is wanted, not 150"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "cost_gbp": -1, "source": "s"}, "cost_gbp: a number of GBP from 0"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "cost_gbp": (3, 2, 1), "source": "s"}, "in that order, not 3, 2, 1"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "cost_gbp": (1, 2), "source": "s"}, "three (low, central, high), are wanted, not 2"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "cost_gbp": float("nan"), "source": "s"}, "not nan"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "cost_gbp": float("inf"), "source": "s"}, "not inf"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "cost_gbp": 10**5000, "source": "s"}, "very many digits"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "area_ha": "0.2"}, "area_ha: a number of ha is wanted, not '0.2'"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "illustrative": "no"}, "true or false"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "recipient": "Mr J. Smith"}, "not a person"),
    (ap.Dispose, {"asset": "a", "by": "swap", "year": 2026}, "swap_for: none is given"),
    (ap.Dispose, {"asset": "a", "by": "sale", "swap_for": "b", "year": 2026}, "nothing comes in return"),
    (ap.Dispose, {"asset": "a", "by": "sale", "year": 2026, "overage_months": 12}, "overage_percent: none is given"),
    (ap.Assemble, {"assets": ("a",), "year": 2026}, "one alone is no assembly"),
    (ap.Assemble, {"assets": ("a", "a"), "year": 2026}, "'a' is there twice"),
    (ap.Assemble, {"assets": "a;b", "year": 2026}, "a list of identifiers"),
    (ap.Build, {"asset": "a", "year": 2026, "months": None}, "months: none is given"),
    (ap.Override, {"figure": "f", "reason": "r", "author": "a"}, "value: none is given"),
    (ap.Override, {"figure": "f", "value": 1, "reason": "r", "author": "Dr A. Jones"}, "a body or a post"),
    (ap.Scenario, {"name": ""}, "name: none is given"),
    (ap.Scenario, {"name": "n", "author": "Mrs Ann Brown"}, "a body or a post"),
    (ap.Scenario, {"name": "n", "audience": "Somebody!"}, "readers parted by ;"),
    (ap.Scenario, {"name": "n", "actions": "relocate"}, "actions: a tuple"),
    (ap.Scenario, {"name": "n", "funding": (1,)}, "funding: a tuple of them is wanted, like (assetplan.Funding(...),)."),
    (grant, {"kind": "gift"}, "kind: 'gift' is none of grant, reserve"),
    (grant, {"source": ""}, "source: none is given"),
    (grant, {"amount_gbp": None}, "amount_gbp: none is given"),
    (grant, {"amount_gbp": -1}, "amount_gbp: a number of GBP from 0"),
    (grant, {"from_organisation": "shire"}, "from_organisation: only a contribution has one"),
    (grant, {"instrument": "rent"}, "instrument: only a contribution has one"),
    (grant, {"kind": "contribution", "instrument": "rent"}, "from_organisation: none is given"),
    (grant, {"kind": "contribution", "from_organisation": "shire"}, "instrument: none is given"),
    (grant, {"kind": "contribution", "from_organisation": "town", "instrument": "rent"}, "from_organisation: a body contributes to another"),
    (grant, {"roi_required": 5}, "roi_years: none is given, and roi_required is"),
    (grant, {"roi_required": 5, "roi_years": 0}, "roi_years: a number above 0"),
    (grant, {"pays_for": "capital", "roi_required": 5, "roi_years": 5}, "roi_required: a return is never asked for on building capital"),
    (grant, {"kind": "reserve", "roi_required": 5, "roi_years": 5}, "roi_required: only the giver of a grant"),
    (loss, {"amount_gbp_pa": "much"}, "amount_gbp_pa: a number of GBP a year is wanted"),
    (loss, {"amount_gbp_pa": -1e13}, "from -1,000,000,000,000 to 1,000,000,000,000"),
    (loss, {"amount_gbp_pa": (-1, -2, -3)}, "in that order"),
    (loss, {"basis": " "}, "basis: none is given"),
    (loss, {"until": 2012}, "until: the last year is before the first, 2013"),
    (loss, {"organisation": "town"}, "benefit_class: public goes with organisation public"),
    (loss, {"benefit_class": "cashable"}, "benefit_class: public goes with organisation public"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "said"), BAD)
def test_bad_values_are_refused_where_they_are_made(
    kind: Callable[..., Any], fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(ap.ScenarioError) as caught:
        kind(**fields)
    assert len(caught.value.problems) == 1
    assert said in caught.value.problems[0]


def test_an_action_is_of_a_kind() -> None:
    with pytest.raises(TypeError, match="relocate"):
        ap.Action(year=2026)


# ------------------------------------------------------------------------------------------------------- files

_ODD = (
    "é",
    'a "b" \\n',
    "\\u0041",
    "\u202e",
    "\ud800",
    "\x7f",
    "\ufffe",
    "]\n[x]",
    "\U0001f3db",
    "#",
    "'''",
    "\x00",
    "e\u0301",
    " \u2028 ",
)
_TEXT = st.lists(st.sampled_from(_ODD), max_size=3).map(lambda some: clean(f"x{''.join(some)}"))
_MONEY = st.floats(0, 1e9) | st.integers(0, 10**9)
_BODIES = st.sampled_from(["", "registered provider", "county council"])


def _values(column: Column) -> st.SearchStrategy[Any]:
    if column.vocabulary:
        return st.sampled_from(column.vocabulary if column.required else ("", *column.vocabulary))
    some = {
        "text": _BODIES if column.name in {"recipient", "built_by", "author"} else _TEXT,
        "id": _TEXT,
        "list": st.lists(_TEXT, min_size=2, max_size=3, unique=True).map(tuple),
        "year": st.integers(1900, 2200),
        "number": st.floats(0, 100),
        "yes-no": st.booleans(),
        "signed range": st.floats(-1e9, 1e9) | st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3).map(sorted),
        "range": st.floats(0, 100)
        | st.lists(st.floats(0, 100) if column.unit == "percent" else _MONEY, min_size=3, max_size=3).map(sorted),
    }[column.kind]
    return some if column.required else some | st.none()


@st.composite
def actions(draw: st.DrawFn) -> Action:
    kind = draw(st.sampled_from(list(ACTIONS.values())))
    said = {name: draw(_values(column)) for name, column in kind.fields().items()} | {"source": "source"}
    if kind is ap.Dispose:
        said |= {"swap_for": "other" if said["by"] == "swap" else ""} | (
            {"overage_percent": 5} if said["overage_months"] is not None else {}
        )
    return kind(**said)


@st.composite
def funding(draw: st.DrawFn) -> ap.Funding:
    said = {name: draw(_values(column)) for name, column in ap.Funding.fields().items()} | {"roi_required": None}
    if said["kind"] == "contribution":
        said |= {"from_organisation": f"{said['organisation']}2", "instrument": said["instrument"] or "rent"}
    else:
        said |= {"from_organisation": None, "instrument": ""}
    said["roi_years"] = None
    if said["kind"] == "grant" and said["pays_for"] == "revenue" and draw(st.booleans()):
        said |= {"roi_required": draw(st.floats(0.5, 9)), "roi_years": draw(st.integers(1, 30))}
    return ap.Funding(**said)


@st.composite
def benefits(draw: st.DrawFn) -> ap.Benefit:
    said = {name: draw(_values(column)) for name, column in ap.Benefit.fields().items()}
    if said["benefit_class"] == "public":
        said["organisation"] = "public"
    if said["until"] is not None:
        said["until"] = max(said["year"], said["until"])
    return ap.Benefit(**said)


OVERRIDE = st.builds(
    ap.Override, figure=_TEXT, value=_MONEY, reason=_TEXT, author=st.just("county council"), asset=st.none() | _TEXT
)
SCENARIO = st.builds(
    ap.Scenario, _TEXT, st.lists(actions(), max_size=4).map(tuple), author=_BODIES, audience=st.sampled_from(["all", "a;b.c", "public"]),
    start_year=st.none() | st.integers(1900, 2200), note=_TEXT | st.none(), overrides=st.lists(OVERRIDE, max_size=2).map(tuple),
    funding=st.lists(funding(), max_size=2).map(tuple), benefits=st.lists(benefits(), max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(SCENARIO)
def test_what_is_written_reads_back_as_itself(tmp_path_factory: pytest.TempPathFactory, scenario: ap.Scenario) -> None:
    file = tmp_path_factory.getbasetemp() / "round.toml"
    ap.write_scenario(scenario, file)
    first = file.read_bytes()
    again = ap.read_scenario(file)
    assert again == scenario
    assert hash(again) == hash(scenario)
    ap.write_scenario(again, file)
    assert file.read_bytes() == first
    names: dict[str, Any] = {kind.__name__: kind for kind in ACTIONS.values()}
    names |= {"Funding": ap.Funding, "Benefit": ap.Benefit}
    for parts in (scenario.actions, scenario.funding, scenario.benefits):
        assert tuple(eval(repr(part), names) for part in parts) == parts


def test_everything_wrong_in_a_file_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        """
        nam = "Hub"
        audience = "rdc"
        start_year = "2010"
        [[actions]]
        action = "relcoate"
        [[actions]]
        action = "dispose"
        aset = "rdc:A0001"
        by = "sale"
        year = 2026-04-01
        overage_percent = 120
        receipt_gbp = [5, 4, 3]
        [[actions]]
        acton = "share"
        [[actions]]
        action = "share"
        host = 5
        services = "a;b"
        instrument = "licence"
        year = 2026
        [[funding]]
        kind = "grnat"
        organisation = "rdc"
        amount_gbp = 5
        pay_for = "capital"
        year = 2026
        source = "letter"
        [[benefits]]
        organisation = "public"
        benefit_class = "public"
        year = 2026
        until = "2030"
        amount_gbp_pa = -5
        basis = "counted"
        source = "own"
        [[overrides]]
        figure = "build_gbp_m2"
        value = "much"
        """,
        encoding="utf-8",
    )
    with pytest.raises(ap.ScenarioError) as caught:
        ap.read_scenario(file)
    told = "\n".join(caught.value.problems)
    for said in (
        "bad.toml: unknown key 'nam'. Did you mean 'name'?",
        "name: none is given",
        "start_year: a financial year by its start is wanted, without quotation marks",
        "action 1: action: 'relcoate' is none. Did you mean 'relocate'?",
        "action 2, dispose: unknown key 'aset'. Did you mean 'asset'?",
        "action 2, dispose: asset: none is given",
        "action 2, dispose: year: a financial year by its start is wanted, without quotation marks, like 2027 for 2027/28, not 2026-04-01",
        "action 2, dispose: overage_percent: a number of percent from 0 to 100 is wanted, not 120",
        "action 2, dispose: receipt_gbp: low, central and high are wanted in that order, not 5, 4, 3",
        "action 3: action: none is given",
        "Did you mean 'action' by 'acton'?",
        "action 4, share: host: text in quotation marks is wanted, not 5",
        "action 4, share: services: a list of identifiers is wanted",
        "funding 1: kind: 'grnat' is none of grant, reserve, capital receipts, revenue, developer contribution, contribution. Did you mean 'grant'?",
        "funding 1: unknown key 'pay_for'. Did you mean 'pays_for'?",
        "funding 1: pays_for: none is given",
        "benefit 1: name: none is given",
        "benefit 1: until: a financial year by its start is wanted, without quotation marks",
        "override 1: value: a number is wanted, not 'much'",
        "override 1: reason: none is given",
        "override 1: author: none is given",
    ):
        assert said in told, said
    assert len(caught.value.problems) == 20
    assert str(caught.value).startswith("bad.toml cannot be used\n- ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "is not TOML"),
        ("actions = 5\nname='x'", r"\[\[actions\]\]"),
        ("actions = [5]\nname='x'", "action 1: a table is wanted"),
        ("overrides = ['x']\nname='x'", "override 1: a table is wanted"),
        ("funding = ['x']\nname='x'", "funding 1: a table is wanted"),
        ("benefits = 5\nname='x'", r"\[\[benefits\]\]"),
        ("name='x'\n[[actions]]\naction = ['relocate']", "is none"),
        (
            "name='x'\n[[actions]]\naction = 'build'\nyear = 2020\nasset = 'a'\nmonths = 0x" + "f" * 9000,
            "very many digits",
        ),
        (
            "name='x'\n[[actions]]\naction = 'build'\nself = 1\nyear = 2020\nasset = 'a'\nmonths = 5",
            "unknown key 'self'",
        ),
        ("name='x'\n[extends]\nfile='other.toml'", "unknown key 'extends'"),
        ('name="x\\u202Etxt"\naudience="\\u202E"', "audience"),
        ("\ufeffname = 'x'", "is not TOML"),
    ],
)
def test_hostile_files_are_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "hostile.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ap.ScenarioError, match=said):
        ap.read_scenario(file)


def test_files_that_cannot_be_opened_or_are_scripts(tmp_path: Path) -> None:
    with pytest.raises(ap.ScenarioError, match="cannot be opened"):
        ap.read_scenario(tmp_path / "none.toml")
    with pytest.raises(ap.ScenarioError, match="run it"):
        ap.read_scenario(FOLDER / "scenarios" / "variants.py")


def test_a_scenario_that_cannot_be_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "kept.toml"
    ap.write_scenario(ap.Scenario("Kept"), file)
    with pytest.raises(ap.ScenarioError):
        ap.write_scenario(ap.Scenario("Kept", [sale("a", year=1)]), file)
    assert ap.read_scenario(file).name == "Kept"
    with pytest.raises(ap.OutputError):
        ap.write_scenario(ap.Scenario("Kept"), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.toml"]


# ------------------------------------------------------------------------------------------------------- names


def test_what_is_hidden_and_what_there_is_not_are_told_in_the_same_words(small: ap.Estate) -> None:
    public = small.for_audience("public")
    whole = {"audience": "public"}
    for hidden, never, make in (
        ("works", "wxrks", lambda name: move(name, "town:D")),
        ("secret", "sexret", lambda name: ap.Surrender(interest=name, by="surrender", year=2026)),
    ):
        told = [found(public, make(name), **whole) for name in (hidden, never)]
        assert [len(problems) for problems in told] == [1, 1]
        assert str(told[0][0]).replace(hidden, "*") == str(told[1][0]).replace(never, "*")
        assert hidden not in str(told[1][0])
        assert not [one for one in found(small, make(hidden)) if one.code.startswith("unknown")]


def test_what_a_reader_is_told_is_what_a_folder_without_the_rest_would_tell(small: ap.Estate, tmp_path: Path) -> None:
    """The law of the reader, over every case of this file."""
    never = folder(tmp_path, {"public"})
    some = [ap.Scenario(name, acts, start_year=2025, audience="public") for name, acts, _ in CASES]
    told = ap.check_scenarios(small.for_audience("public"), some)
    assert told == ap.check_scenarios(never, some)
    assert sum(map(len, told)) > 50
    assert told != ap.check_scenarios(small, some)


def test_everything_that_is_named_is_looked_for(small: ap.Estate) -> None:
    every: list[Action] = [
        move("nothing", "nowhere", organisation="nobody"),
        ap.Share(host="x1", services=("x2", "lib"), instrument="licence", year=2026),
        ap.Split(service="x1", parts=("x2",), year=2026),
        ap.Dispose(asset="x1", by="swap", swap_for="x2", year=2026),
        ap.Assemble(assets=("x1", "town:H"), year=2026),
        ap.Release(constraint="x1", route="consent", months=1, year=2026),
        ap.Surrender(interest="x1", by="break", year=2026),
    ]
    told = Counter(one.action for one in found(small, *every) if one.code.startswith("unknown"))
    assert told == {1: 3, 2: 2, 3: 2, 4: 2, 5: 1, 6: 1, 7: 1}
    assert "Did you mean 'lib'?" in str(found(small, move("libb", "town:D"))[0])
    assert refused(small, ap.Acquire(asset="P", acquired_as="lease", year=2026)) == []


def test_what_money_names_is_looked_for(small: ap.Estate) -> None:
    money = {
        "funding": (
            grant(),
            grant(organisation="tonw", plan="pot"),
            grant(kind="contribution", from_organisation="x", instrument="rent"),
        )
    }
    told = found(small, benefits=(loss(), loss(organisation="nobody", benefit_class="avoided")), **money)
    assert [(one.where, one.code) for one in told] == [
        ("benefit 2: organisation", "unknown-organisation"),
        ("funding 2: organisation", "unknown-organisation"),
        ("funding 2: plan", "unknown-plan"),
        ("funding 3: from_organisation", "unknown-organisation"),
    ]
    assert "Did you mean 'town'?" in told[1].message


def test_what_goes_somewhere_unknown_is_not_said_to_stay(small: ap.Estate) -> None:
    assert refused(small, move("lib", "nowhere"), sale("town:L", 2027)) == [(1, "unknown-asset")]


def test_a_scenario_for_others_is_refused_whole(small: ap.Estate) -> None:
    told = found(small.for_audience("town"), move("nothing", "nowhere"), audience="shire")
    assert [one.code for one in told] == ["not-for-this-reader"]
    assert [one.code for one in found(small, audience="stranger")] == ["unknown-reader"]


def test_overrides(malton: ap.Estate) -> None:
    def told(**fields: Any) -> list[str]:
        given = {"figure": "build_gbp_m2", "value": 1_800, "reason": "tender", "author": "estates", **fields}
        return [str(one) for one in ap.check_scenario(malton, ap.Scenario("o", overrides=(ap.Override(**given),)))]

    assert told() == told(asset="rdc:A0001") == []
    assert "Did you mean 'build_gbp_m2'?" in told(figure="build_gpb_m2")[0]
    assert told(asset="rdc:A9999")[0].startswith("override 1: asset: 'rdc:A9999' is no asset or parcel of this estate.")
    assert "percentage from 0 to 100" in told(figure="affordable_percent", value=[35, 40, 120])[0]


# ------------------------------------------------------------------------------------------------------- clashes

CASES: list[tuple[str, tuple[Action, ...], list[tuple[int, str]]]] = [
    ("sold after the last has left", (move("lib", "town:D", 2026), sale("town:L", 2026)), []),
    ("sold while occupied", (sale("town:L", 2026), move("lib", "town:D", 2027)), [(1, "occupied")]),
    ("still running both", (move("lib", "town:D", 2026, double_running_months=12), sale("town:L", 2026)), [(2, "occupied")]),
    ("its only parcel sold", (ap.Dispose(asset="LP", by="sale", year=2026),), [(1, "occupied")]),
    ("sold over both, told once", (move("lib", "town:D"), sale("town:L", 2026), ap.Dispose(asset="LP", by="sale", year=2027)), [(3, "disposed-of-twice")]),
    ("part of it sold", (sale("town:L", 2026, area_ha=0.1),), []),
    ("transferred with its service", (ap.Dispose(asset="town:L", by="transfer", year=2026),), []),
    ("the whole takes its parts", (move("hq", "town:D", 2026), sale("town:H", 2026)), []),
    ("a part is left behind", (move("hq-front", "town:D", 2026), sale("town:H", 2026)), [(2, "occupied")]),
    ("all parts gone one by one", (move("hq-front", "town:D", 2026), move("hq-back", "town:L", 2027), sale("town:H", 2027)), []),
    ("a part comes back", (move("hq", "town:D", 2026), move("hq-front", "town:H", 2027), sale("town:H", 2028)), [(3, "occupied")]),
    ("two destinations", (move("lib", "town:D"), move("lib", "shire:O")), [(2, "two-destinations")]),
    ("the same twice", (move("lib", "town:D"), move("lib", "town:D")), [(2, "stated-twice"), (2, "two-destinations")]),
    ("circle of two", (move("lib", "town:D"), move("store", "town:L")), [(1, "circle-of-moves")]),
    ("circle over two years", (move("lib", "town:D", 2026), move("store", "town:L", 2027)), []),
    ("sold twice", (move("lib", "town:D"), sale("town:L", 2026), sale("town:L", 2030)), [(3, "disposed-of-twice")]),
    ("lease, then reversion", (move("lib", "town:D"), ap.Dispose(asset="town:L", by="ground lease", year=2026), sale("town:L", 2030)), []),
    ("moved into what is gone", (move("lib", "town:D"), sale("town:L", 2027), move("store", "town:L", 2028)), [(3, "gone")]),
    ("works on what is gone", (move("lib", "town:D"), sale("town:L", 2027), ap.Refurbish(asset="town:L", months=6, year=2028)), [(3, "gone")]),
    ("sold during works", (move("lib", "town:D"), ap.Refurbish(asset="town:L", months=24, year=2026), sale("town:L", 2027)), [(2, "gone-meanwhile")]),
    ("kept and sold", (ap.Retain(asset="town:L", months=60, year=2026), move("lib", "town:D"), sale("town:L", 2028)), [(1, "gone-meanwhile")]),
    ("moved before works end", (ap.Refurbish(asset="town:D", months=18, year=2026), move("lib", "town:D", 2026)), [(2, "not-open")]),
    ("moved once works end", (ap.Refurbish(asset="town:D", months=18, year=2026), move("lib", "town:D", 2027)), []),
    ("moved before it is built", (ap.Build(asset="town:D", new_asset="new", months=12, year=2026), move("lib", "new", 2026)), [(2, "not-open")]),
    ("moved once built", (ap.Build(asset="town:D", new_asset="new", months=12, year=2026), move("lib", "new", 2027)), []),
    ("a taken name", (ap.Build(asset="town:D", new_asset="town:L", months=12, year=2026),), [(1, "name-taken")]),
    ("built twice", (ap.Build(asset="town:D", new_asset="n", months=1, year=2026), ap.Build(asset="town:L", new_asset="n", months=1, year=2026)), [(2, "clash")]),
    ("private land", (ap.Build(asset="P", months=12, year=2026),), [(1, "not-held")]),
    ("bought too late", (ap.Acquire(asset="P", months=12, year=2026), ap.Build(asset="P", months=12, year=2026)), [(2, "not-acquired")]),
    ("bought in time", (ap.Acquire(asset="P", year=2026), ap.Build(asset="P", months=12, year=2026), move("care", "P", 2027)), []),
    ("nothing built", (ap.Acquire(asset="P", year=2026), move("care", "P", 2027)), [(2, "nothing-there"), (2, "works-first")]),
    ("had by a swap", (move("lib", "town:D"), ap.Dispose(asset="town:L", by="swap", swap_for="P", year=2026), ap.Build(asset="P", months=1, year=2027)), []),
    ("locked", (ap.Build(asset="F", months=12, year=2026),), [(1, "locked"), (1, "not-held")]),
    ("two sites", (ap.Assemble(assets=("town:H", "town:L"), year=2026),), []),
    ("too little room", (move("care", "town:D"),), [(1, "over-capacity")]),
    ("room after works", (move("care", "town:H"),), [(1, "forbidden"), (1, "works-first")]),
    ("a school", (move("care", "shire:S"),), [(1, "no-host")]),
    ("forbidden use", (ap.Refurbish(asset="town:H", months=1, year=2025), move("care", "town:H")), [(2, "forbidden")]),
    ("released first", (ap.Release(constraint="cov", route="deed of release", months=12, year=2025), ap.Refurbish(asset="town:H", months=1, year=2025), move("care", "town:H")), []),
    ("released too late", (ap.Release(constraint="cov", route="deed of release", months=24, year=2025), ap.Refurbish(asset="town:H", months=1, year=2025), move("care", "town:H")), [(3, "forbidden")]),
    ("only looked into", (ap.Release(constraint="cov", route="search or advice", months=1, year=2025), ap.Refurbish(asset="town:H", months=1, year=2025), move("care", "town:H")), [(3, "forbidden")]),
    ("a new building on bound land", (ap.Build(asset="town:H", new_asset="new", use="housing", months=1, year=2025), move("care", "new")), [(2, "forbidden")]),
    ("a larger building in place", (ap.Build(asset="town:D", months=1, year=2025), move("care", "town:D")), []),
    ("forbidden building", (ap.Build(asset="town:H", use="cinema", months=12, year=2026),), [(1, "forbidden")]),
    ("permitted building", (ap.Build(asset="town:H", use="housing", months=12, year=2026),), []),
    ("no part of it", (ap.Split(service="hq", parts=("lib",), year=2026),), [(1, "no-part")]),
    ("parted too late", (ap.Split(service="hq", parts=("hq-front",), year=2028), move("hq-front", "town:D", 2026)), [(2, "not-split-yet")]),
    ("parted twice", (ap.Split(service="hq", parts=("hq-front",), year=2026), ap.Split(service="hq", parts=("hq-front",), year=2027)), [(2, "clash")]),
    ("homeless at the break", (ap.Surrender(interest="lease", by="break", year=2027),), [(1, "homeless")]),
    ("not the year of the break", (ap.Surrender(interest="lease", by="break", year=2028), move("care", "town:L"), move("works", "town:L")), [(1, "not-then")]),
    ("the end of the term", (ap.Surrender(interest="lease", by="expiry", year=2029), move("care", "town:L"), move("works", "town:L")), []),
    ("after the end", (ap.Surrender(interest="lease", by="surrender", year=2031),), [(1, "ended-before"), (1, "homeless")]),
    ("a freehold", (ap.Surrender(interest="own", by="surrender", year=2027),), [(1, "freehold"), (1, "homeless")]),
    ("before the start", (move("lib", "town:D", 2024),), [(1, "before-the-start")]),
]  # fmt: skip


@pytest.mark.parametrize(("acts", "codes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_cannot_be(small: ap.Estate, acts: tuple[Action, ...], codes: list[tuple[int, str]]) -> None:
    assert sorted(refused(small, *acts)) == codes


def test_what_is_to_be_confirmed(small: ap.Estate) -> None:
    def codes(*acts: Action) -> set[str]:
        return {one.code for one in found(small, *acts) if one.verdict == CONFIRM}

    assert "occupied" in codes(ap.Dispose(asset="town:L", by="transfer", year=2026))
    assert "leasehold" in codes(move("care", "town:L"), move("works", "town:L"), sale("shire:O", 2027))
    assert "consent" in codes(sale("shire:S", 2027))
    chance = ap.Release(constraint="school", route="consent", months=12, year=2025, probability_percent=(20, 40, 60))
    told = [one for one in found(small, chance, sale("shire:S", 2027)) if one.code == "rests-on-release"]
    assert "chance 20 to 60%, action 1" in str(told[0])
    assert "covenant" in codes(ap.Build(asset="town:H", months=12, year=2026))
    assert "in-the-way" in codes(ap.Build(asset="town:L", months=12, year=2026))
    assert "landlord" in codes(ap.Sublet(asset="shire:O", instrument="licence", year=2026))
    assert "landlord" not in codes(ap.Sublet(asset="town:D", instrument="licence", year=2026))
    assert "no-move" in codes(move("lib", "town:L"))


def test_two_assets_of_one_site_are_no_assembly(malton: ap.Estate) -> None:
    pair = ap.Assemble(assets=("police:NYP-0117", "police:NYP-0118"), year=2026)
    assert refused(malton, pair) == [(1, "one-site")]


def test_who_cannot_see_the_other_parts_is_not_told_that_the_whole_has_left(malton: ap.Estate) -> None:
    acts = (move("rdc-front-desk", "rdc:A0007", 2012), sale("rdc:A0001", 2013))
    public = ap.check_scenario(malton.for_audience("public"), ap.Scenario("x", acts, audience="public"))
    told = [one for one in public if one.code == "occupied"]
    assert [one.verdict for one in told] == [REFUSED]
    assert "rdc-hq" in told[0].message
    assert "back-office" not in " ".join(map(str, public))


def test_room_and_response_are_asked_of_whoever_is_given(malton: ap.Estate) -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def room(estate: ap.Estate, host: str, services: Iterable[str]) -> list[str]:
        asked.append((host, tuple(services)))
        return ["there is room for one of them."] if len(tuple(services)) > 1 else []

    hub = ap.read_scenario(FOLDER / "scenarios" / "s2-town-front-door.toml")
    told = [str(one) for one in ap.check_scenario(malton, hub, room=room) if one.verdict == REFUSED]
    assert asked == [("rdc:A0007", ("nycc-library", "police-desk", "rdc-front-desk"))]
    assert told[0].startswith("action 4, share: host: there is room for one of them.")
    fire = ap.read_scenario(FOLDER / "scenarios" / "s6-blue-light-fire.toml")
    told = [str(one) for one in ap.check_scenario(malton, fire, gate=ap.gates) if one.verdict == REFUSED]
    assert len(told) == 1
    assert "fire response, fails" in told[0]


# ------------------------------------------------------------------------------------------------------- properties

SERVICES, PLACES = ("hq", "hq-front", "hq-back", "lib", "store", "care"), ("town:H", "town:L", "town:D", "shire:O")
MOVES = st.builds(move, st.sampled_from(SERVICES), st.sampled_from(PLACES), st.integers(2025, 2029))
SALES = st.builds(sale, st.sampled_from(PLACES), st.integers(2025, 2029))


@settings(max_examples=25, deadline=None)
@given(st.lists(MOVES, max_size=5, unique_by=lambda one: (one.service, one.year)), st.lists(SALES, max_size=2))
def test_where_services_are_and_what_is_sold_over_their_heads(
    small: ap.Estate, moves: list[ap.Relocate], sales: list[ap.Dispose]
) -> None:
    """Against a plain replay, year after year, of who is where."""
    here = {
        "hq-front": "town:H",
        "hq-back": "town:H",
        "lib": "town:L",
        "store": "town:D",
        "care": "shire:O",
        "works": "shire:O",
    }
    whole, parts = "town:H", ("hq-front", "hq-back")
    course = Course(Ground(small), list(enumerate([*moves, *sales], start=1)))
    wrong = set()
    for year in range(2025, 2030):
        own = {one.service: one.to for one in moves if one.year == year}
        if "hq" in own:
            here |= {part: own["hq"] for part in parts if here[part] == whole}
            whole = own["hq"]
        here |= {service: to for service, to in own.items() if service != "hq"}
        assert {service: course.place(service, year) for service in here} == here
        wrong |= {
            (at, year)
            for at, one in enumerate(sales, start=len(moves) + 1)
            if one.year == year and one.asset in here.values()
        }
    told = {(one.action, one.year) for one in found(small, *moves, *sales) if one.code == "occupied"}
    assert told == wrong


@settings(max_examples=12, deadline=None)
@given(st.lists(MOVES | SALES, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_writing_does_not_matter(small: ap.Estate, acts: list[Action], shuffle: random.Random) -> None:
    def told(some: list[Action]) -> Counter[tuple[str, str]]:
        return Counter((one.code, one.verdict) for one in found(small, *some))

    again = list(dict.fromkeys(acts))
    acts = list(again)
    shuffle.shuffle(again)
    assert told(acts) == told(again)


def test_a_delay_of_all_shifts_what_is_wrong(small: ap.Estate) -> None:
    acts = [sale("town:L", 2026), move("lib", "town:D", 2027), move("hq-front", "town:L", 2028)]
    one = ap.Scenario("one", acts, start_year=2025)
    first, later = (ap.check_scenario(small, each) for each in (one, one.delayed(4)))
    assert first
    assert [(p.action, p.code, (p.year or 0) + 4) for p in first] == [(p.action, p.code, p.year) for p in later]


def test_any_scenario_is_judged_without_a_crash(malton: ap.Estate) -> None:
    pick = random.Random(9)
    places = [*map(str, malton.assets.index), *map(str, malton.land.index), "new"]
    ids = {
        "service": malton.services["service_id"].tolist(), "constraint": malton.constraints["constraint_id"].tolist(),
        "interest": malton.interests["interest_id"].tolist(), "organisation": ["", *malton.organisations],
    }  # fmt: skip
    ids |= {"services": ids["service"], "parts": ids["service"]}
    for _ in range(8):
        acts = []
        for kind in ACTIONS.values():
            said: dict[str, Any] = {"year": pick.randint(2009, 2016), "source": "s"}
            for name, column in kind.fields().items():
                some = ids.get(name, places)
                if column.kind == "choice":
                    said[name] = pick.choice(column.vocabulary)
                elif column.kind == "id" and (column.required or pick.random() < 0.3):
                    said[name] = pick.choice(some)
                elif column.kind == "list":
                    said[name] = tuple(pick.sample(some, 3))
                elif column.kind == "number" and (column.required or pick.random() < 0.5):
                    said[name] = pick.randint(0, 30)
                elif column.name in {"use", "to_purpose"}:
                    said[name] = pick.choice(["housing", "extra care", "x"])
            if kind is ap.Dispose:
                said |= {"swap_for": "MAL-13" if said["by"] == "swap" else "", "overage_percent": 5}
            acts.append(kind(**said))
        told = ap.check_scenario(malton, ap.Scenario("any", acts))
        assert all(one.message and str(one) for one in told)
        assert told == ap.check_scenario(malton, ap.Scenario("any", acts))


# ------------------------------------------------------------------------------------------------------- Malton


def test_malton_has_nine_and_each_is_in_the_one_form(tmp_path: Path) -> None:
    assert [file.name.split("-")[0] for file in FILES] == [f"s{i}" for i in range(9)]
    for file in FILES:
        scenario = ap.read_scenario(file)
        ap.write_scenario(scenario, tmp_path / file.name)
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()
        money = [*(a for a in scenario.actions if a.source), *scenario.funding, *scenario.benefits]
        assert all(part.illustrative for part in money)


def test_each_reader_of_a_scenario_of_malton_may_know_what_it_names(malton: ap.Estate) -> None:
    some = [ap.read_scenario(file) for file in FILES]
    for reader in sorted({"all", *(reader for one in some for reader in one.audience.split(";"))}):
        theirs = [one for one in some if reader == "all" or reader in one.audience.split(";")]
        for one, told in zip(theirs, ap.check_scenarios(malton.for_audience(reader), theirs), strict=True):
            assert not [str(problem) for problem in told if problem.verdict == REFUSED], (one.name, reader)


def test_what_is_to_be_confirmed_of_malton_is_what_practice_expects(malton: ap.Estate) -> None:
    def codes(start: str) -> set[tuple[str, str]]:
        file = next(file for file in FILES if file.name.startswith(start))
        return {(one.code, one.value) for one in ap.check_scenario(malton, ap.read_scenario(file))}

    assert not codes("s0")
    assert ("arguable", "rdc:A0001") in codes("s1")  # the covenant, with counsel to advise
    assert ("not-known", "rdc:A0007") in codes("s2")  # nobody knows how much it takes after works
    assert {("stays", "nycc-care-home"), ("covenant", "hq-covenant")} <= codes("s4")
    assert ("response", "MAL-13") in codes("s5")
    assert {("title", "nycc:NY/0413"), ("rests-on-release", "malton-primary-school-land")} <= codes("s7")
    assert {("not-secured", "change-money"), ("not-secured", "care-programme")} <= codes("s7")
    assert ("not-secured", "offices-reserve") not in codes("s7")


def test_the_grant_of_malton_pays_for_no_building_and_lapses_where_all_is_late(malton: ap.Estate) -> None:
    package = ap.read_scenario(next(file for file in FILES if file.name.startswith("s7")))
    grants = [one for one in package.funding if one.kind == "grant"]
    assert {one.pays_for for one in grants} == {"revenue"}
    asked = [one.amount_gbp.central * one.roi_required for one in grants if one.amount_gbp and one.roi_required]
    assert sum(asked) == 3_750_000
    late = [one for one in ap.check_scenario(malton, package.delayed(1)) if one.code == "lapsed"]
    assert {one.value for one in late} == {"change-money"}
    assert {one.year for one in late} == {2015}


def test_a_script_makes_fifty_of_one(malton: ap.Estate) -> None:
    script = runpy.run_path(str(FOLDER / "scenarios" / "variants.py"))
    some = script["variants"]()
    assert len({*some}) == len({one.name for one in some}) == 50
    for one, early in itertools.product((some[0], some[-1]), (True, False)):
        sold_early = "2011" in one.name
        if sold_early == early:
            told = ap.check_scenario(malton, one)
            assert any(problem.code == "occupied" for problem in told) == early


def test_the_readmes_scenarios_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```py\n(.*?)```", text, re.DOTALL)
    (tmp_path / "data").symlink_to(FOLDER.parent)
    monkeypatch.chdir(tmp_path)
    exec(compile(script, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("<Scenario '0 years later': 5 actions, funding 1, 2011 to 2013,")
    assert ap.read_scenario("two-years-later.toml").actions[0].year == 2014

"""Scenarios that mean harm, or cannot be: text that would be taken for something else, and numbers, names and files nobody can use."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import run, run_process
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naughty import NAUGHTY
from pages import all_text
from payloads import PAYLOADS
from random_scenarios import coherent, random_known, random_scenario
from tiny import tiny_estate

import assetplan as ap
from assetplan import appraisal_words as words
from assetplan import comparison_words
from assetplan.answers import as_json, in_sections, plain
from assetplan.errors import ScenarioError
from assetplan.results.comparing import compare
from assetplan.results.records import as_record, explained

DEEP = bool(os.environ.get("ASSETPLAN_DEEP"))
FEW = settings(
    max_examples=100 if DEEP else 1, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
SAID: dict[str, Any] = {"source": "invented"}
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
NO_NUMBER = re.compile(r"(?<![A-Za-z])(nan|inf|NaN|NaT|None)(?![A-Za-z])")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hall, a library and offices on a lease, with three services in them."""
    path = tmp_path_factory.mktemp("small") / "estate"

    def service(key: str, body: str, asset: str, fte: float, area: float) -> dict[str, object]:
        return {
            "service_id": key,
            "organisation": body,
            "name": key,
            "function": key,
            "asset_id": asset,
            "fte": fte,
            "area_m2": area,
            "area_basis": "NIA",
        }

    tiny_estate(
        path,
        [
            {"organisation": "town", "ref": "H", "x": 0, "y": 0, "use": "Offices", "tenure": "freehold", "status": "Operational", "gia_m2": 1_000,
             "fte": 50, "running_cost_gbp_pa": 100_000, "backlog_gbp": 500_000},
            {"organisation": "town", "ref": "L", "x": 300, "y": 0, "use": "Library", "tenure": "freehold", "status": "Operational", "gia_m2": 400,
             "fte": 4, "running_cost_gbp_pa": 40_000, "backlog_gbp": 100_000},
            {"organisation": "shire", "ref": "O", "x": 600, "y": 0, "use": "Offices", "tenure": "leasehold", "status": "Operational", "gia_m2": 300,
             "fte": 10, "running_cost_gbp_pa": 60_000, "backlog_gbp": 30_000},
        ],
        toml="as_of = 2025-06-30\nprice_base = '2025/26'\n",
        services=[service("hq", "town", "town:H", 50, 800), service("library", "town", "town:L", 4, 200), service("care", "shire", "shire:O", 10, 100)],
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def estate(folder: Path) -> ap.Estate:
    return ap.read_estate(folder)


# ------------------------------------------------------------------------------------------------------- text


def filled(text: str) -> ap.Scenario:
    """A scenario with a text wherever it may hold one."""
    said: dict[str, Any] = {"source": text, "note": text}
    return ap.Scenario(
        text,
        [
            ap.Relocate(service="library", to="town:H", year=2026, cost_gbp=[1_000, 2_000, 5_000], charge_gbp_pa=100, **said),
            ap.Dispose(asset="town:L", by="sale", year=2028, receipt_gbp=[1e5, 2e5, 3e5], recipient=text, **said),
            ap.Build(asset="town:H", new_asset=text, months=12, year=2026, use=text, built_by=text, organisation="town", cost_gbp=3, **said),
            ap.Relocate(service="care", to=text, year=2028, **said),
            ap.Meanwhile(asset="town:L", use=text, months=3, year=2026, income_gbp_pa=5, **said),
        ],
        author=text,
        note=text,
        funding=[ap.Funding(kind="grant", organisation="town", year=2026, amount_gbp=5e3, pays_for="revenue", roi_required=5, roi_years=5, **said)],
        benefits=[ap.Benefit(name=text, organisation="town", benefit_class="cashable", year=2027, amount_gbp_pa=[-5, 10, 40], basis=text, **said)],
        overrides=[ap.Override(figure="cash_percent", value=40, reason=text, author=text)],
    )  # fmt: skip


_SOME = [
    "=1+1", "<script>window.HIT=1</script>", "</script><img src=x onerror=window.HIT=3>", "\"'><svg onload=window.HIT=6>", "{{7*191}}${7*191}",
    "x\x1b[31my", "abc\u202etxt.exe", "a\u200bb\u2066", "https://evil.example/x", "</text></svg><a href=https://evil.example>", "a/b\\c",
]  # fmt: skip
ALL_AT_ONCE = " ".join(_SOME)
TEXTS = [ALL_AT_ONCE]
if DEEP:
    TEXTS += ["L" * 20_000, *PAYLOADS, *(text for some in NAUGHTY.values() for text in some)]


class _Tags(HTMLParser):
    """The elements of a page with the names of their attributes, and every address and handler in it."""

    def __init__(self, page: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: set[tuple[str, tuple[str, ...]]] = set()
        self.active: set[tuple[str, str | None]] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.active |= {
            (name, value) for name, value in attrs if name in {"href", "src", "style"} or name.startswith("on")
        }


@pytest.fixture(scope="module")
def harmful(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a scenario with all of what means harm, made within this process."""
    path = tmp_path_factory.mktemp("harmful")
    ap.write_scenario(filled(ALL_AT_ONCE), path / "s.toml")
    assert run("appraise", folder, path / "s.toml", "-o", path / "out.html").returncode == 0
    return path / "out.html"


@pytest.fixture(scope="module")
def harmless(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> _Tags:
    """The page of the same scenario with words that mean nothing."""
    path = tmp_path_factory.mktemp("harmless")
    ap.write_scenario(filled("plain words"), path / "s.toml")
    assert run("appraise", folder, path / "s.toml", "-o", path / "out.html").returncode == 0
    return _Tags(path / "out.html")


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text)[:24])
def test_text_of_a_scenario_harms_no_answer(
    folder: Path, harmless: _Tags, harmful: Path, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "s.toml"
    scenario = filled(text)
    ap.write_scenario(scenario, file)
    assert ap.read_scenario(file) == scenario
    rest = (["--year-by-year"], ["--format", "csv"]) if DEEP else ()
    for more in (["--lines"], ["--format", "csv", "--lines"], ["--format", "json"], *rest):
        done = run("appraise", folder, file, "--draws", "100", *more, PYTHONIOENCODING="utf-8")
        assert done.returncode == 0, done.stderr
        assert not HIDDEN.search(done.stdout.replace("\r\n", "\n")), more
        if "csv" in more:
            for cell in (cell for row in csv.reader(io.StringIO(done.stdout)) for cell in row if cell):
                assert cell[0] not in "=+-@\t\r＝" or re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", cell), cell[:80]
        if "json" in more:
            _strict(done.stdout)
    for more in ([], ["npv_gbp", "--depth", "9"], [f"benefits_gbp/{text[:200]}"]) if DEEP else ([],):
        done = run("explain", folder, file, *more, PYTHONIOENCODING="utf-8")
        assert not HIDDEN.search((done.stdout + done.stderr).replace("\r\n", "\n")), more
    page = harmful
    if text != ALL_AT_ONCE:
        page = tmp_path / "out.html"
        assert run("appraise", folder, file, "-o", page).returncode == 0
    told = _Tags(page)
    assert told.seen <= harmless.seen, told.seen - harmless.seen
    assert not {one for one in told.active - harmless.active if "evil" in str(one) or one[0].startswith("on")}
    assert not HIDDEN.search(page.read_text(encoding="utf-8"))
    assert "1337" not in all_text(page.read_text(encoding="utf-8"))


def test_answers_are_the_same_bytes_under_another_locale_and_another_hash_seed(
    folder: Path, harmful: Path, tmp_path: Path
) -> None:
    """One scenario, in this process and in another; in a deep run several together too, in two of them."""
    page = tmp_path / "out.html"
    strange = {"PYTHONHASHSEED": "77", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}
    done = run_process("appraise", folder, harmful.with_name("s.toml"), "-o", page, **strange)
    assert done.returncode == 0, done.stderr
    assert page.read_bytes() == harmful.read_bytes()
    if not DEEP:
        return
    (tmp_path / "s").mkdir()
    ap.write_scenario(filled(ALL_AT_ONCE), tmp_path / "s" / "a.toml")
    ap.write_scenario(filled("plain words"), tmp_path / "s" / "b.toml")
    pages = []
    for at, environment in enumerate(({"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}, strange)):
        page = tmp_path / f"{at}.html"
        done = run_process("appraise", folder, tmp_path / "s", "-o", page, **environment)
        assert done.returncode == 0, done.stderr
        pages.append(page.read_bytes())
    assert run("appraise", folder, tmp_path / "s", "-o", tmp_path / "again.html").returncode == 0
    assert {(tmp_path / "again.html").read_bytes()} == set(pages)


# ------------------------------------------------------------------------------------------------------- what cannot be

HEAD = 'name = "x"\nstart_year = 2025\n'
MOVE = '[[actions]]\naction = "relocate"\nservice = "library"\nto = "town:H"\nyear = 2026\n'
GRANT = '[[funding]]\nkind = "grant"\norganisation = "town"\nyear = 2026\namount_gbp = 5\npays_for = "revenue"\nsource = "s"\n'


def override(figure: str, value: object, **more: str) -> str:
    rest = "".join(f'{key} = "{text}"\n' for key, text in more.items())
    return f'[[overrides]]\nfigure = "{figure}"\nvalue = {value}\nreason = "r"\nauthor = "a"\n{rest}'


REFUSED: dict[str, tuple[str, tuple[str, ...]]] = {
    "everything at once": (
        HEAD + "colour = 1\n" + MOVE + "yaer = 2027\ncost_gbp = inf\n" + MOVE.replace("2026", '"2026"') + override("cash_percent", "[0, 0]")
        + '[[actions]]\naction = "refurbish"\nasset = "town:H"\nmonths = 12_001\nyear = 2026\nbacklog_percent = 101\n',
        ("unknown key 'colour'", "action 1, relocate: unknown key 'yaer'. Did you mean 'year'?", "action 1, relocate: cost_gbp:", "action 2, relocate: year:",
         "action 3, refurbish: months:", "action 3, refurbish: backlog_percent:", "override 1: value: one number, or three"),
    ),
    "unknown names": (
        HEAD + MOVE.replace("town:H", "town:HH").replace('"library"', '"libary"') + override("cash_precent", 5, asset="town:LL"),
        ("'libary' is no service of this estate. Did you mean 'library'?", "'town:HH' is no asset or parcel of this estate. Did you mean 'town:H'?",
         "'town:LL' is no asset", "'cash_precent' is no figure", "Did you mean 'cash_percent'?"),
    ),
    "no number": (HEAD + MOVE + 'cost_gbp = nan\nsource = "s"\n', ("cost_gbp: a number of GBP",)),
    "more than all there is": (HEAD + MOVE + f'cost_gbp = {"9" * 400}\nsource = "s"\n', ("cost_gbp: a number of GBP",)),
    "digits without end": (HEAD + MOVE + f'cost_gbp = {"9" * 5_000}\nsource = "s"\n', ("is not TOML",)),
    "brackets without end": (f"{HEAD}note = {'[' * 2_000}{']' * 2_000}\n", ("is not TOML",)),
    "a year long gone": (HEAD + MOVE.replace("2026", "1900"), ("1900 is before 2025",)),
    "no year": (HEAD + MOVE.replace("2026", "2201"), ("from 1900 to 2200",)),
    "two destinations": (HEAD + MOVE + MOVE.replace("town:H", "shire:O"), ("moves to 'town:H' in 2026 by action 1 already",)),
    "a circle": (
        HEAD + MOVE + MOVE.replace("library", "hq").replace("town:H", "shire:O") + MOVE.replace("library", "care").replace("town:H", "town:L"),
        ("each of these waits for another place to be left",),
    ),
    "a percentage over all": (HEAD + override("cash_percent", "[0, 0, 101]"), ("a percentage from 0 to 100 is wanted",)),
    "no years at all": (HEAD + override("appraisal_years", 0), ("whole years from 1 to 125 are wanted",)),
    "one place twice": (HEAD + override("cash_percent", 4) * 2, ("override 1 sets 'cash_percent' for the same place already",)),
    "built on each other": (
        HEAD + "".join(f'[[actions]]\naction = "build"\nasset = "{a}"\nnew_asset = "{b}"\nmonths = 1\nyear = 2026\n' for a, b in (("n2", "n1"), ("n1", "n2"))),
        ("action 1, build: asset:",),
    ),
    "built on itself": (HEAD + '[[actions]]\naction = "build"\nasset = "n1"\nnew_asset = "n1"\nmonths = 1\nyear = 2026\n', ("action 1, build: asset:",)),
    "a person": (HEAD + 'author = "Mr John Smith"\n', ("author: a body or a post is wanted",)),
    "nobody": (HEAD + 'audience = "zzz"\n', ("audience: this names somebody who is no reader",)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_told_all_at_once_with_its_place_and_nothing_is_written(
    folder: Path, tmp_path: Path, name: str
) -> None:
    text, told = REFUSED[name]
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    done = run("appraise", folder, tmp_path / "s.toml", "-o", tmp_path / "out.json")
    said = " ".join(done.stderr.split())
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in said
    assert [part for part in told if part not in said] == [], done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["s.toml"]
    assert "s.toml: s.toml" not in said
    assert all(len(line) < 1_000 for line in done.stderr.splitlines())


def test_files_that_are_none_are_told_together(folder: Path, tmp_path: Path) -> None:
    where = tmp_path / "some"
    where.mkdir()
    (where / "folder.toml").mkdir()
    (where / "latin.toml").write_bytes('name = "café"\n'.encode("latin-1"))
    (where / "dangling.toml").symlink_to("nothing-there")
    (where / "loop.toml").symlink_to(where / "loop.toml")
    (where / "empty.toml").write_bytes(b"")
    done = run("appraise", folder, where, tmp_path / "nothing.toml", "-o", tmp_path / "out.html")
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    for part in ("folder.toml: cannot be opened", "latin.toml is not TOML", "dangling.toml: cannot be opened", "loop.toml: cannot be opened", "empty.toml: name:",
                 "nothing.toml: cannot be opened"):  # fmt: skip
        assert part in said, part
    assert not (tmp_path / "out.html").exists()


# ------------------------------------------------------------------------------------------------------- what just can be

SALE = '[[actions]]\naction = "dispose"\nasset = "town:L"\nby = "sale"\nyear = 2028\nreceipt_gbp = {}\nsource = "s"\n'
STRANGE: dict[str, str] = {
    "the last year there is": HEAD + MOVE.replace("2026", "2200") + SALE.format(5).replace("2028", "2200"),
    "everything in the base year": HEAD + MOVE.replace("2026", "2025") + SALE.format(5e5).replace("2028", "2025"),
    "from the last year there is": HEAD.replace("2025", "2200") + MOVE.replace("2026", "2200"),
    "from long ago": HEAD.replace("2025", "1900") + MOVE.replace("2026", "1905"),
    "as much as can be": HEAD + MOVE + "cost_gbp = 1e12\ncharge_gbp_pa = 1e12\nsaving_gbp_pa = [0, 1e-9, 1e12]\nsource = 's'\n" + SALE.format(1e12),
    "a thousand years": HEAD + MOVE + "double_running_months = 12_000\n"
    '[[actions]]\naction = "refurbish"\nasset = "town:H"\nmonths = 12_000\nyear = 2030\ncost_gbp = 1e6\nsource = "s"\n',
    "money for nothing": HEAD + GRANT + "roi_required = 1e12\nroi_years = 1e12\n" + GRANT.replace("amount_gbp = 5", "amount_gbp = 0") + "roi_required = 5\nroi_years = 3\n",
    "money that has lapsed": HEAD + MOVE + GRANT + "expires = 2025\n",
    "prices that double": HEAD + MOVE + SALE.format("[1, 2, 1e9]") + override("inflation_percent", 100) + override("borrowing_percent", 100),
    "a century and a quarter": HEAD + MOVE + SALE.format(5e5) + override("appraisal_years", 125),
    "a single year": HEAD + MOVE + SALE.format(5e5) + override("appraisal_years", 1),
    "of its own at a site": HEAD + MOVE + SALE.format(5e5) + override("cash_percent", "[0, 0, 100]", asset="town:L") + override("void_percent", 100, asset="town:L"),
    "nothing": HEAD,
}  # fmt: skip


SAID_OF = {"from the last year there is", "as much as can be", "money for nothing", "prices that double", "nothing"}
"""Those of which every run looks at the words too; a deep run looks at those of all."""


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_strange_but_can_be_gives_numbers_only(estate: ap.Estate, tmp_path: Path, name: str) -> None:
    (tmp_path / "s.toml").write_text(STRANGE[name], encoding="utf-8")
    result = ap.appraise(estate, ap.read_scenario(tmp_path / "s.toml"))
    holds(result)
    if DEEP or name in SAID_OF:
        says_numbers_only([result], random.Random(1), figures=5)


def _strict(text: str) -> Any:
    def no_number(name: str) -> None:
        raise AssertionError(name)

    return json.loads(text, parse_constant=no_number)


def says_numbers_only(results: list[ap.Appraisal], rng: random.Random, figures: int) -> None:
    """Every answer is words and finite numbers; figures explain themselves, and their parts too."""
    comparison = compare(results, draws=100)
    sections = comparison_words.compared(comparison) if len(results) > 1 else []
    for one in comparison.results:
        sections += words.told(one, alone=len(results) == 1)
    said = in_sections(sections)
    assert not (found := NO_NUMBER.search(said)), said[max(0, found.start() - 200) : found.end() + 50]
    _strict(as_json([plain(as_record(one, comparison)) for one in comparison.standings]))
    for one in results:
        known = one.figure_ids()
        for figure in [*known[:4], *rng.sample(known, min(figures, len(known)))]:
            found_out = one.explain(figure)
            assert found_out.value is None or np.isfinite(found_out.value), figure
            _strict(as_json(plain(explained(found_out, 2))))
            assert all(one.knows(part.figure_id) for part in found_out.parts), figure


def holds(result: ap.Appraisal) -> None:
    """What is true of any appraisal: lines have words and ends in order, add up to what is reported, and transfers to nothing."""
    lines = result.lines
    money = lines[["low_gbp", "amount_gbp", "high_gbp"]].to_numpy(float)
    near = 1e-6 * max(1.0, float(np.abs(money).sum()))
    assert np.isfinite(money).all()
    assert (np.diff(money, axis=1) >= -near).all(), (
        lines[(np.diff(money, axis=1) < -near).any(axis=1)].iloc[0].to_dict()
    )
    assert lines["line_id"].is_unique
    assert lines["basis"].astype(bool).all()
    assert lines["sources"].astype(bool).all(), lines[~lines["sources"].astype(bool)].iloc[0].to_dict()
    factors = np.array([result.economic.factors[year] for year in lines["year"]])
    discounted = money[:, 1] * factors
    whole = float(discounted[lines["case"] == "economic"].sum())
    assert whole == pytest.approx(result.npv_gbp, abs=near)
    assert discounted[lines["case"].isin(["economic", "public"])].sum() == pytest.approx(
        result.public_value_gbp, abs=near
    )
    assert result.by_organisation()["npv_gbp"].sum() == pytest.approx(result.npv_gbp, abs=near)
    passed = lines[(lines["case"] == "economic") & (lines["benefit_class"] == "transfer")]
    assert (passed.groupby("year")["amount_gbp"].sum().abs() <= near).all()
    for low, central, high in (
        (result.npv_range_gbp[0], result.npv_gbp, result.npv_range_gbp[1]), result.public_value_range_gbp, result.capital_range_gbp,
        result.receipts_range_gbp, result.running_cost_change_range_gbp_pa, result.bcr or (0.0, 0.0, 0.0),
    ):  # fmt: skip
        assert low - near <= central <= high + near
    own = (
        lines[(lines["case"] == "financial") & (lines["kind"] == "revenue")]
        .groupby(["organisation", "year"])["amount_gbp"]
        .sum()
    )
    for row in result.revenue().to_dict("records"):
        at = row["organisation"], row["year"]
        assert row["revenue_effect_gbp"] == pytest.approx(own.get(at, 0.0), abs=max(0.02, near)), at
        assert row["low_gbp"] - near <= row["revenue_effect_gbp"] <= row["high_gbp"] + near, at
    paid = (
        lines[(lines["case"] == "financial") & (lines["kind"] != "revenue")]
        .groupby(["organisation", "year"])["amount_gbp"]
        .sum()
    )
    assert (paid.abs() <= max(0.05, near)).all(), "all capital is paid for by something"


@FEW
@given(st.integers(1, 10**6))
def test_whatever_is_appraised_holds_together_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = random.Random(seed)
    known = random_known(rng)
    estate = ap.read_estate(known.write(tmp_path_factory.mktemp("random") / "estate"))
    results = []
    for number in range(2 if DEEP else 1):
        one = coherent(estate, rng, known, f"S{number}") or random_scenario(rng, known, f"S{number}")
        try:
            results.append(ap.appraise(estate, one))
        except ScenarioError:
            continue
    for result in results:
        holds(result)
    if results:
        says_numbers_only(results, rng, figures=5)

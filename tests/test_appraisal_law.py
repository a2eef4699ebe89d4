"""The law of the reader for appraisals: what a reader is told equals what is told of a folder that never held the rest."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from commands import run
from pages import all_text
from random_estates import may_know
from random_scenarios import LABELS, READERS, Known, coherent, random_known, random_scenario

import assetplan as ap
from assetplan import appraisal_words as words
from assetplan.answers import as_json, in_sections, plain
from assetplan.comparison_words import compared
from assetplan.errors import AssetplanError
from assetplan.page.shell import page_html
from assetplan.results.comparing import compare
from assetplan.results.records import as_record, explained, years_of

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "CANARY"
DEEP = bool(os.environ.get("ASSETPLAN_DEEP"))
"""Whether this is the longer run that `.ci/run deep` makes: the same checks of more estates, and of figures that take a while."""
ENOUGH = (1,)
"""Of the estates of a deep run, one that holds what is not for its reader and scenarios that can be appraised."""


def told(estate: ap.Estate, scenarios: list[ap.Scenario], *, deep: bool = True) -> dict[str, Any]:
    """Everything an appraisal says to the reader of an estate, as text: of what cannot be, why."""
    out: dict[str, Any] = {}
    results = []
    for one in scenarios:
        try:
            results.append(ap.appraise(estate, one))
        except AssetplanError as error:
            out[f"why not {one.name}"] = str(error)
        out[f"check {one.name}"] = [str(found) for found in ap.check_scenario(estate, one)]
    for result in results:
        name = result.scenario.name
        known = result.figure_ids()
        frames = {
            "lines": result.lines, "bodies": result.by_organisation(), "revenue": result.revenue(), "receipts": result.receipts(), "timeline": result.timeline(),
            "years": years_of(result), "worse off": result.losers(), "self-funding": result.self_funding(),
        }  # fmt: skip
        if deep:
            frames |= {
                "tornado": result.tornado(),
                "stress": result.stress(),
                "held": result.hold_or_sell(),
                "grants": result.grants(),
            }
            out[f"break-evens {name}"] = repr(result.break_evens())
            out[f"draws {name}"] = repr(result.draws(200).npv_gbp.tolist())
        out |= {f"{part} {name}": frame.to_csv() for part, frame in frames.items()}
        out[f"access {name}"] = (
            result.access.in_words(),
            result.access.functions.to_csv(),
            result.access.places.to_csv(),
            result.access.groups.to_csv(),
        )
        out[f"response {name}"] = (result.response.verdict, result.response.in_words)
        out[f"delivery {name}"] = (dict(result.deliverability.cells), repr(result.deliverability))
        out[f"ids {name}"] = known
        some = [*known[:6], *random.Random(len(known)).sample(known, min(12 if deep else 4, len(known)))]
        out[f"walks {name}"] = [result.explain(one).tree(6) for one in some]
        out[f"as data {name}"] = [json.dumps(plain(explained(result.explain(one), 3)), sort_keys=True) for one in some]
        out[f"guess {name}"] = [
            _guess(result, one) for one in ("npv_gbb", "input/asset/a:R1/gia", "line/e0", "input/service/s0/ft")
        ]
        out[f"unknown {name}"] = result.unknown
    if results:
        comparison = compare(results, draws=100)
        sections = compared(comparison) if len(results) > 1 else []
        for result in comparison.results:
            sections += [*words.told(result, alone=len(results) == 1), *words.years_told(result)]
        out["words"] = in_sections(sections)
        out["data"] = as_json([plain(as_record(one, comparison)) for one in comparison.standings])
        out["table"] = comparison.frame.to_csv()
    return out


def _guess(result: ap.Appraisal, figure: str) -> str:
    try:
        return result.explain(figure).tree(1)
    except AssetplanError as error:
        return str(error)


def scenarios_for(rng: random.Random, less: Known, full: Known, estate: ap.Estate, reader: str) -> list[ap.Scenario]:
    """Two (in a short run one) that a reader can be shown, one that names what is not there or is not the reader's, one that may be anybody's."""
    some = [coherent(estate, rng, less, f"S{n}", "public") for n in range(2 if DEEP else 1)]
    other = random_scenario(rng, full, "other", rng.choice(("public", reader)))
    return [*(one for one in some if one is not None), other, random_scenario(rng, less, "whose", rng.choice(LABELS))]


@pytest.mark.parametrize("batch", range(8 if DEEP else 1))
def test_an_appraisal_for_a_reader_is_that_of_a_folder_that_never_held_the_rest(batch: int, tmp_path: Path) -> None:
    appraised = altered = 0
    for number in range(3) if DEEP else ENOUGH:
        rng = random.Random(61_000 + 10 * batch + number)
        full = random_known(rng)
        reader = rng.choice(READERS)
        less = full.known_to(reader)
        whole = ap.read_estate(full.write(tmp_path / f"{number}-full"))
        seen = whole.for_audience(reader)
        wanted = ap.read_estate(less.write(tmp_path / f"{number}-less"), audience=reader)
        scenarios = scenarios_for(rng, less, full, wanted, reader)
        ours, theirs = (told(estate, scenarios, deep=DEEP) for estate in (seen, wanted))
        assert ours == theirs, (batch, number, reader, [part for part in theirs if ours.get(part) != theirs[part]])
        appraised += "words" in ours
        altered += [str(one) for one in ap.check_scenario(whole, scenarios[-2])] != ours["check other"]
    assert appraised >= 1
    assert altered >= 1


def test_pages_with_scenarios_are_the_same_bytes(tmp_path: Path) -> None:
    pages = refused = 0
    for number in range(4 if DEEP else 1):
        rng = random.Random(62_000 + number)
        full = replace(random_known(rng, CANARY), release=("a", "b"))
        reader = rng.choice(("a", "b"))
        less = full.known_to(reader)
        whole = ap.read_estate(full.write(tmp_path / f"{number}-full"))
        wanted = ap.read_estate(less.write(tmp_path / f"{number}-less"), audience=reader)
        some = range(2 if DEEP else 1)
        scenarios = [one for n in some if (one := coherent(wanted, rng, less, f"S{n}", "public")) is not None]
        kept = ap.Scenario(f"{CANARY}kept", audience="d")
        made = []
        for estate in (whole.for_audience(reader), wanted):
            results = [ap.appraise(estate, one) for one in scenarios]
            made.append(page_html(ap.map_estate(estate, scenarios=[*scenarios, kept], appraisals=results)))
        assert made[0] == made[1], (number, reader)
        text = all_text(made[0])
        assert f"{CANARY}kept" not in text
        assert all(f"{CANARY}{mark}" not in text for mark in _kept_from(reader)), reader
        pages += bool(scenarios)
        for one in scenarios:
            try:
                result = ap.appraise(whole, one)
            except AssetplanError:
                continue  # something that is not the reader's stands in its way
            refused += 1
            with pytest.raises(ValueError, match="for another reader"):
                ap.map_estate(whole.for_audience(reader), appraisals=[result])
    assert pages
    assert refused


def _kept_from(reader: str) -> set[str]:
    """The marks of labels that a reader may not know, but for those that begin one that it may."""
    marks = {label: label.replace(";", "and").replace(".", "dot") or "blank" for label in {*LABELS, "b;c", "all"}}
    seen = {mark for label, mark in marks.items() if may_know(label, reader)}
    return {
        mark
        for label, mark in marks.items()
        if not may_know(label, reader) and not any(known.startswith(mark) for known in seen)
    }


@pytest.mark.parametrize("seed", range(6 if DEEP else 1))
def test_planted_words_are_in_nothing_that_a_reader_is_told(seed: int, tmp_path: Path) -> None:
    rng = random.Random(63_000 + seed)
    full = random_known(rng, CANARY)
    whole = ap.read_estate(full.write(tmp_path / "estate"))
    some = range(2 if DEEP else 1)
    scenarios = [one for n in some if (one := coherent(whole, rng, full, f"S{n}", "public")) is not None]
    assert CANARY in ap.appraise(whole, scenarios[0]).lines.to_csv()
    scenarios += [random_scenario(rng, full, f"T{n}", "public") for n in some]
    other = rng.choice(READERS[1:])
    for reader in ("public", other) if DEEP else (other,):
        text = json.dumps(told(whole.for_audience(reader), scenarios, deep=False))
        assert all(f"{CANARY}{mark}" not in text for mark in _kept_from(reader)), reader


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An estate whose appraisals are released to a body and to one of its groups, but not to the others."""
    known = random_known(random.Random(64_000))
    path = tmp_path_factory.mktemp("shown")
    replace(known, release=("a", "a.g")).write(path / "estate")
    estate = ap.read_estate(path / "estate", audience="a")
    for folder in ("full", "less"):
        rng = random.Random(1)
        (path / folder).mkdir()
        for number in range(2):
            one = coherent(estate, rng, known.known_to("a"), f"S{number}", "a")
            assert one is not None
            ap.write_scenario(one, path / folder / f"s{number}.toml")
    kept = path / "full"
    ap.write_scenario(ap.Scenario(f"{CANARY} whole", audience="b"), kept / "k1.toml")
    ap.write_scenario(ap.Scenario("S0", audience="all", note=CANARY), kept / "k2.toml")  # named as another is
    (kept / "k3.toml").write_text(
        f'name = "{CANARY}"\naudience = "b;c"\n{CANARY} = 1\n[[actions]]\naction = "{CANARY}"\n'
    )
    (kept / "k4.toml").write_text(f'name = "{CANARY}"\n[[actions]]\nasset = "{CANARY}"\n')  # nobody but the keeper
    return path


@pytest.mark.parametrize("more", [[], ["--format", "json"], *([["--format", "csv", "--lines"]] if DEEP else [])])
def test_a_folder_of_scenarios_is_for_a_reader_as_if_it_held_no_others(shown: Path, more: list[str]) -> None:
    both = [run("appraise", shown / "estate", shown / folder, "--audience", "a", *more) for folder in ("full", "less")]
    assert both[0].returncode == both[1].returncode == 0, both[1].stderr
    assert (both[0].stdout, both[0].stderr) == (both[1].stdout, both[1].stderr)
    assert "S0" in both[0].stdout or "S1" in both[0].stdout


def test_pages_of_a_folder_of_scenarios_hold_none_that_is_not_for_their_reader(shown: Path, tmp_path: Path) -> None:
    for command in ("appraise", "map") if DEEP else ("appraise",):
        pages = []
        for folder in ("full", "less"):
            page = tmp_path / f"{command}-{folder}.html"
            done = run(command, shown / "estate", shown / folder, "--audience", "a", "-o", page)
            assert done.returncode == 0, done.stderr
            pages.append(page.read_text(encoding="utf-8"))
        assert pages[0] == pages[1]
        assert CANARY not in all_text(pages[0])
        assert "S0" in all_text(pages[0])


@pytest.mark.parametrize("name", ["k1", "k2", "k3", "k4"])
def test_a_scenario_that_is_not_for_a_reader_is_refused_in_the_same_words_whatever_it_holds(
    shown: Path, name: str
) -> None:
    ways: list[tuple[str, list[Any]]] = [
        ("appraise", []),
        ("explain", ["npv_gbp"]),
        ("map", []),
        ("appraise", ["--baseline", shown / "full" / "s0.toml"]),
    ]
    for command, more in ways if DEEP or name == "k4" else ways[:1]:
        file, out = shown / "full" / f"{name}.toml", shown / "never.html"
        paths = [file] if not more or command == "explain" else [shown / "full" / "s1.toml"]
        if "--baseline" in more:
            more = ["--baseline", file]
        done = run(
            command, shown / "estate", *paths, *more, "--audience", "a", *(["-o", out] if command != "explain" else [])
        )
        assert done.returncode == 1
        assert CANARY not in done.stdout + done.stderr
        assert "audience: this scenario is not for a." in done.stderr, (command, done.stderr)
        assert not out.exists()


def test_what_does_not_say_for_whom_it_is_tells_a_reader_nothing_of_itself(shown: Path, tmp_path: Path) -> None:
    for text in (f'name = "{CANARY}\n', f'name = "{CANARY}"\naudience = ["{CANARY}"]\n'):
        (tmp_path / "s.toml").write_text(text)
        for path in (tmp_path, tmp_path / "s.toml") if DEEP else (tmp_path,):
            done = run("appraise", shown / "estate", path, "--audience", "a")
            assert done.returncode == 1
            assert CANARY not in done.stdout + done.stderr
            assert "for whom it is cannot be made out" in " ".join(done.stderr.split())
        keeper = run("appraise", shown / "estate", tmp_path / "s.toml")
        assert keeper.returncode == 1
        assert "s.toml" in keeper.stderr
        assert "for whom it is cannot be made out" not in " ".join(keeper.stderr.split())


@pytest.mark.parametrize("reader", ["public", "b.h"])
def test_readers_to_whom_appraisals_are_not_released_get_none_of_any_kind(
    shown: Path, reader: str, tmp_path: Path
) -> None:
    scenario = shown / "full" / "s0.toml"
    for more, nothing in (([], "Nothing to list."), (["--format", "json"], "[]"), (["--format", "csv"], "scenario,")):
        done = run("appraise", shown / "estate", scenario, "--audience", reader, *more)
        assert done.returncode == 0
        assert done.stdout.startswith(nothing)
        assert "not released" in done.stderr
        assert len(done.stdout.splitlines()) == 1
    done = run("explain", shown / "estate", scenario, "npv_gbp", "--audience", reader)
    assert (done.returncode, done.stdout.strip()) == (0, "Nothing to list.")
    if reader == "public" or DEEP:
        plain_page, page = tmp_path / "plain.html", tmp_path / "page.html"
        run("map", shown / "estate", "--audience", reader, "-o", plain_page)
        assert run("map", shown / "estate", scenario, "--audience", reader, "-o", page).returncode == 0
        assert page.read_text(encoding="utf-8") == plain_page.read_text(encoding="utf-8")


def test_groups_are_shown_what_is_released_to_them_and_readers_are_by_default_the_keeper(shown: Path) -> None:
    scenario = shown / "full" / "s0.toml"
    of_group = run("appraise", shown / "estate", scenario, "--audience", "a.g", "--format", "json")
    assert json.loads(of_group.stdout)[0]["scenario"] == "S0"
    default, keeper = (
        run("appraise", shown / "estate", scenario, *more, "--format", "json") for more in ([], ["--audience", "all"])
    )
    assert default.stdout == keeper.stdout

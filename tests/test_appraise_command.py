"""`assetplan appraise` and `assetplan explain` as people use them: what they print, for whom, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from commands import ROOT, run
from naughty import NAUGHTY
from scraping import numbers_in
from shared import malton
from small import closing, hub, small_estate

import assetplan as ap
from assetplan.answers import as_json, plain
from assetplan.explaining.ward_figures import ward_figure
from assetplan.results.comparing import COLUMNS
from assetplan.results.records import as_record
from assetplan.schema import table

if TYPE_CHECKING:
    from pathlib import Path

DEEP = bool(os.environ.get("ASSETPLAN_DEEP"))
"""Whether this is the longer run that `.ci/run deep` makes."""
MALTON = ROOT / "data" / "malton"
S2, S3 = (MALTON / "scenarios" / f"{name}.toml" for name in ("s2-town-front-door", "s3-stay-shrink-share"))
UTF = {"PYTHONIOENCODING": "utf-8"}
RELEASE = 'as_of = 2025-06-30\nprice_base = "2025/26"\n[release]\nappraisals = ["town"]\n'


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small estate, released to the town, and three scenarios: two for the town, one for the shire, one of them refused."""
    folder = tmp_path_factory.mktemp("small")
    small_estate(folder / "e")
    toml = (folder / "e" / "estate.toml").read_text(encoding="utf-8")
    head = "as_of = 2025-06-30\nprice_base = '2025/26'\n"
    assert head in toml
    (folder / "e" / "estate.toml").write_text(toml.replace(head, RELEASE), encoding="utf-8")
    for name, scenario, readers in (
        ("a", closing(), "town"),
        ("b", hub(), "town"),
        ("c", closing().renamed("For the shire"), "shire"),
    ):
        (folder / "s").mkdir(exist_ok=True)
        ap.write_scenario(replace(scenario, audience=readers, start_year=2025), folder / "s" / f"{name}.toml")
    return folder


def strict(text: str) -> Any:
    """JSON as other programs read it: no infinity, and nothing that is no number."""

    def refuse(name: str) -> Any:
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


@pytest.fixture(scope="module")
def both(small: Path) -> Any:
    """The JSON of two scenarios."""
    return strict(
        run(
            "appraise",
            small / "e",
            small / "s" / "a.toml",
            small / "s" / "b.toml",
            "--draws",
            "200",
            "--format",
            "json",
            **UTF,
        ).stdout
    )


# ------------------------------------------------------------------------------------------------------- answers


def test_json_is_what_the_design_says_and_adds_up(both: Any) -> None:
    for row in both:
        assert {"scenario", "base_year", "npv_gbp", "public_value_gbp", "bcr", "roi_gross", "payback_year", "capital_gbp", "receipts_gbp",
                "running_cost_change_gbp_pa", "npv_range_gbp", "by_organisation", "lines"} <= set(row)  # fmt: skip
        factors = row["discount_factors"]
        economic = [line for line in row["lines"] if line["case"] == "economic"]
        assert sum(line["amount_gbp"] * factors[str(line["year"])] for line in economic) == pytest.approx(
            row["npv_gbp"], abs=0.005
        )
        assert sum(body["npv_gbp"] for body in row["by_organisation"].values()) == pytest.approx(
            row["npv_gbp"], abs=0.005
        )
        assert row["npv_range_gbp"][0] <= row["npv_gbp"] <= row["npv_range_gbp"][1]
        named = {key for line in row["lines"] for key in line["source_ids"]}
        assert named == set(row["sources"])
        assert len(set(row["sources"].values())) == len(row["sources"]) > 0
        for body, found in row["by_organisation"].items():
            if "revenue_effect_gbp" not in found:
                continue
            assert {"borrowing_peak_gbp", "financial_npv_gbp"} <= set(found)
            revenue = [
                line
                for line in row["lines"]
                if (line["case"], line["organisation"], line["kind"]) == ("financial", body, "revenue")
            ]
            for year, effect in found["revenue_effect_gbp"].items():
                assert sum(line["amount_gbp"] for line in revenue if line["year"] == int(year)) == pytest.approx(
                    effect, abs=0.05
                )


ITSELF = {
    "npv_gbp",
    "public_value_gbp",
    "bcr",
    "payback_year",
    "capital_gbp",
    "receipts_gbp",
    "running_cost_change_gbp_pa",
    "roi_gross",
    "roi_net",
}


def figure_at(path: str, row: dict[str, Any]) -> str | None:
    """What a number of the JSON is known by, by where it stands; blank for numbers that are none of an appraisal's figures."""
    match path.split("/"):
        case [name] if name in ITSELF:
            return name
        case ["npv_range_gbp" | "bcr_range", _]:
            return "npv_gbp/range" if path.startswith("npv") else "bcr/range"
        case ["by_organisation", body, ("npv_gbp" | "financial_npv_gbp" | "borrowing_peak_gbp") as name]:
            return f"{name}/{body}"
        case ["by_organisation", body, "capital_gbp"]:
            return f"financial_capital_gbp/{body}"
        case ["by_organisation", body, "revenue_effect_gbp", year]:
            return f"revenue_effect_gbp/{body}/{year}"
        case ["by_organisation", body, "revenue_effect_without_repairs_avoided_gbp", year]:
            return f"without_repairs_avoided_gbp/{body}/{year}"
        case ["lines", at, "amount_gbp"]:
            return f"line/{row['lines'][int(at)]['line_id']}"
        case ["discount_factors", year]:
            return f"discount_factor/{year}"
        case ["by_ward", at, ("people_minutes_change" | "worst_change_min") as name]:
            return ward_figure(row["by_ward"][int(at)], name)
        case ["access", "people_minutes_change"]:
            return "people_minutes_change/car"
        case ["doing_nothing", "spent", at, ("running_gbp" | "repairs_gbp") as name] if row["doing_nothing"]["spent"][
            int(at)
        ][name]:
            spent = row["doing_nothing"]["spent"][int(at)]
            return f"baseline_{name}/{spent['organisation']}/{spent['year']}"
        case ["stress", at, "npv_gbp"]:
            return str(row["stress"][int(at)]["figure_id"])
        case ["break_evens", at, "value"]:
            return str(row["break_evens"][int(at)]["figure"])
    return None


OTHERWISE = re.compile(
    r"base_year|payback_year_range/\d|sales/\d+/(?:action|year)|by_ward/.*|.*(?:low_gbp|high_gbp|range_gbp|bcr_range).*|(?:lines|problems|not_counted)/\d+/(?:year|action)|standing/.*|break_evens/\d+/now"
    r"|doing_nothing/spent/\d+/(?:year|running_gbp|repairs_gbp|other_gbp|spent_gbp)|stress/\d+/(?:change_gbp|public_value_gbp)|grants/.*|by_organisation/[^/]+/(?:borrowing_peak_year|worst_year|worst_year_revenue_effect_gbp"
    r"|capital_avoided_gbp|receipts_gbp|usable_receipts_gbp|restricted_receipts_gbp)"
)
"""Numbers of the JSON that are years, ends of a figure beside it, numbers of entries, or sums of figures that are there themselves."""


def test_every_number_of_the_json_is_a_figure_or_of_a_stated_kind(small: Path, both: Any) -> None:
    estate = ap.read_estate(small / "e")
    asked = [ap.read_scenario(small / "s" / f"{name}.toml") for name in "ab"]
    results = {one.scenario.name: one for one in ap.appraise_scenarios(estate, asked)}
    for row in both:
        result = results[row["scenario"]]
        for path, number in numbers_in(row):
            figure = figure_at(path, row)
            if figure is None or figure.endswith("/range"):
                assert OTHERWISE.fullmatch(path), path
                continue
            assert result.explain(figure).value == pytest.approx(number), path


def test_csv_has_a_row_for_each_scenario_line_or_year(small: Path, both: Any) -> None:
    def rows(*more: str) -> list[dict[str, str]]:
        done = run(
            "appraise",
            small / "e",
            small / "s" / "a.toml",
            small / "s" / "b.toml",
            "--draws",
            "200",
            "--format",
            "csv",
            *more,
            **UTF,
        )
        assert done.returncode == 0
        return list(csv.DictReader(io.StringIO(done.stdout)))

    first = rows()
    assert list(first[0]) == ["scenario", *COLUMNS] == list(table("comparison"))
    assert [row["scenario"] for row in first] == [row["scenario"] for row in both]
    lines, years = rows("--lines"), rows("--year-by-year", "--organisation", "town")
    assert (list(lines[0]), list(years[0])) == (list(table("appraisal_lines")), list(table("appraisal_years")))
    for name, vocabulary in (
        (name, column.vocabulary) for name, column in table("appraisal_lines").items() if column.vocabulary
    ):
        assert {line[name] for line in lines} <= set(vocabulary)
    assert {row["organisation"] for row in years} == {"town"}
    assert rows("--by-ward") == [], "no wards are drawn here"
    for row, told in zip(first, both, strict=True):
        assert float(row["npv_gbp"]) == pytest.approx(told["npv_gbp"])
        mine = [line for line in lines if line["scenario"] == told["scenario"] and line["case"] == "economic"]
        assert sum(float(line["amount_gbp"]) * float(line["discount_factor"]) for line in mine) == pytest.approx(
            told["npv_gbp"], abs=0.005
        )
        by_year = {year["year"]: year for year in years if year["scenario"] == told["scenario"]}
        for year, effect in told["by_organisation"]["town"]["revenue_effect_gbp"].items():
            assert float(by_year[year]["revenue_effect_gbp"]) == pytest.approx(effect)


def test_the_first_screen_says_what_a_finance_officer_asks() -> None:
    done = run("appraise", MALTON, S2, "--lines", "--year-by-year", **UTF)
    assert (done.returncode, done.stderr) == (0, "")
    heads = ["WHAT IT IS WORTH", "WHO GAINS, WHO LOSES", "WHAT SALES LEAVE", "WHAT WOULD HAVE TO BE SO FOR IT TO BE WORTH IT", "IF SOMETHING GOES WRONG",
             "WHAT COULD STOP IT", "WHAT IS NOT COUNTED", "WHAT IT RESTS ON", "YEAR BY YEAR", "LINES OF S2 TOWN FRONT DOOR"]  # fmt: skip
    at = [done.stdout.index(f"\n{head}\n") for head in heads]
    assert at == sorted(at)
    assert "2025/26" in done.stdout
    assert not re.search(r"£\d{1,3},\d{3},\d{3}", done.stdout[: at[-1]]), "a figure to the pound"
    assert not re.search(r"\b(nan|NaN|inf|NaT|None)\b", done.stdout)
    assert "COMPARED" not in done.stdout


def test_several_are_compared_first_of_a_folder_all_and_a_baseline_may_be_named(small: Path) -> None:
    done = run("appraise", small / "e", small / "s", "--draws", "100", **UTF)
    assert done.returncode == 0
    assert done.stdout.startswith("SCENARIOS COMPARED\n")
    assert set(re.findall(r"(?m)^(?:HUB|LIBRARY INTO THE HALL|FOR THE SHIRE)$", done.stdout)) == {
        "HUB",
        "LIBRARY INTO THE HALL",
        "FOR THE SHIRE",
    }
    assert "\nLINES OF" not in done.stdout
    one = small / "s" / "a.toml"
    against = strict(
        run("appraise", small / "e", one, "--baseline", one, "--draws", "100", "--format", "json", **UTF).stdout
    )
    assert against[0]["npv_gbp"] == 0
    assert against[0]["lines"] == []


def test_explain_walks_from_a_figure_to_rows_and_lists_all_figures(small: Path) -> None:
    hall = small / "s" / "b.toml"
    done = run("explain", small / "e", hall, "npv_gbp/town/works", "--depth", "4", **UTF)
    assert done.returncode == 0
    assert "[input/action/1/cost_gbp]" in done.stdout
    assert "Source: invented; the scenario, action 1" in done.stdout
    told = strict(run("explain", small / "e", hall, "npv_gbp", "--format", "json", **UTF).stdout)
    assert told["value"] == pytest.approx(sum(part["value"] for part in told["parts"]))
    assert all("explained" in part for part in told["parts"])
    every = run("explain", small / "e", hall, **UTF).stdout.splitlines()
    assert {"npv_gbp", "npv_gbp/town", "bcr", "borrowing_peak_gbp/town", "revenue_effect_gbp/town/2028"} <= set(every)
    done = run("explain", small / "e", hall, "npv_gbp/twon", **UTF)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Did you mean 'npv_gbp/town'?" in done.stderr


# ------------------------------------------------------------------------------------------------------- for whom


@pytest.mark.parametrize("reader", ["public", "shire"])
def test_what_is_not_released_is_a_sentence_an_empty_answer_and_no_error(reader: str, small: Path) -> None:
    for more in ((), ("--lines",), ("--year-by-year",)):
        done = run("appraise", small / "e", small / "s", "--audience", reader, "--format", "csv", *more)
        assert done.stdout.startswith("scenario,")
        assert done.stdout.count("\n") == 1
        assert done.stderr == "Appraisals are not released to this reader, so none are shown.\n"
    for wrong in (small / "s", small / "no such.toml", small / "e" / "estate.toml"):
        done = run("appraise", small / "e", wrong, "--audience", reader, "--format", "json")
        assert (done.returncode, strict(done.stdout)) == (0, []), "whether there is such a file is not told"
    done = run(
        "explain", small / "e", small / "s" / "a.toml", "no such figure", "--audience", reader, "--format", "json"
    )
    assert (done.returncode, strict(done.stdout)) == (0, [])


def test_malton_releases_its_appraisals_to_those_who_may_have_them() -> None:
    assert malton().for_audience("rdc").released("appraisals")
    assert not malton().for_audience("public").released("appraisals")


def test_a_reader_is_shown_the_scenarios_for_it_and_others_are_refused(small: Path, tmp_path: Path) -> None:
    found = strict(
        run(
            "appraise", small / "e", small / "s", "--audience", "town", "--draws", "100", "--format", "json", **UTF
        ).stdout
    )
    assert {row["scenario"] for row in found} == {"Hub", "Library into the hall"}
    hidden = run(
        "appraise", small / "e", small / "s" / "c.toml", "--audience", "town", "-o", tmp_path / "a.json", **UTF
    )
    assert (hidden.returncode, hidden.stdout) == (1, "")
    assert hidden.stderr == "These scenarios cannot be used\n- c.toml: audience: this scenario is not for town.\n"
    assert not list(tmp_path.iterdir())
    (tmp_path / "none").mkdir()
    shutil.copy(small / "s" / "c.toml", tmp_path / "none" / "c.toml")
    nothing = run("appraise", small / "e", tmp_path / "none", "--audience", "town", "--format", "json", **UTF)
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (
        0,
        "[]\n",
        "There is no scenario here for this reader.\n",
    )


def test_for_a_reader_all_is_as_if_the_estate_had_never_held_what_is_restricted(tmp_path: Path) -> None:
    less = tmp_path / "malton"
    shutil.copytree(MALTON, less)
    (less / "registers" / "nycc-sensitive.csv").unlink()
    toml = (less / "estate.toml").read_text(encoding="utf-8")
    kept = re.sub(r'\[registers\."nycc-sensitive\.csv"\]\n(?:.+\n)+', "", toml)
    assert kept != toml
    (less / "estate.toml").write_text(kept, encoding="utf-8")
    told, refused = [], []
    sold = ap.Scenario(
        "Sold", [ap.Dispose(asset="nycc:NY/0990", by="sale", year=2012)], audience="rdc", start_year=2010
    )
    for estate in (malton().for_audience("rdc"), ap.read_estate(less, audience="rdc")):
        found = ap.compare([ap.appraise(estate, ap.read_scenario(S2))], draws=100)
        told.append(as_json(plain(as_record(found.standings[0], found))))
        with pytest.raises(ap.ScenarioError) as error:
            ap.appraise(estate, sold)
        refused.append(str(error.value))
    assert told[0] == told[1]
    assert refused[0] == refused[1]
    assert "is no asset or parcel of this estate" in refused[0]
    assert ap.appraise(malton(), sold).npv_gbp != 0, "the keeper has it"


# ------------------------------------------------------------------------------------------------------- what is wrong


def test_a_bad_scenario_tells_everything_at_once_and_writes_nothing(small: Path, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'name = "A"\nauthr = "x"\n[[actions]]\naction = "relocat"\n[[actions]]\naction = "relocate"\nservice = "library"\nto = "town:H"\n'
        'year = "soon"\n',
        encoding="utf-8",
    )
    (tmp_path / "b.toml").write_text("name = \n", encoding="utf-8")
    done = run("appraise", small / "e", tmp_path, "-o", tmp_path / "out.json", **UTF)
    assert (done.returncode, done.stdout) == (1, "")
    for said in ("a.toml", "'author'", "'relocate'", "soon", "b.toml"):
        assert said in done.stderr, said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.toml", "b.toml"]
    (tmp_path / "b.toml").unlink()
    (tmp_path / "a.toml").write_text(
        'name = "A"\nstart_year = 2025\n[[actions]]\naction = "relocate"\nservice = "libary"\nto = "town:H"\nyear = 2027\n'
        '[[actions]]\naction = "dispose"\nasset = "town:D"\nby = "sale"\nyear = 2027\n',
        encoding="utf-8",
    )
    done = run("appraise", small / "e", tmp_path / "a.toml", **UTF)
    assert done.returncode == 1
    assert "Did you mean 'library'?" in done.stderr
    assert "still in it at the end of that year: depot" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("appraise", "e"), 2, "SCENARIO"),
        (("appraise", "e", MALTON / "scenarios" / "variants.py"), 1, "A script makes scenarios"),
        (("appraise", "e", "s/a.toml", "--organisation", "twon"), 2, "Did you mean 'town'?"),
        (("appraise", "e", "s/a.toml", "--draws", "0"), 2, "100"),
        (("appraise", "e", "s/a.toml", "--seed", "-1"), 2, "0"),
        (("appraise", "e", "s/a.toml", "-o", "a.docx"), 2, ".csv"),
        (("appraise", "e", "s/a.toml", "s/a.toml"), 1, "named twice"),
        (("appraise", "e", "e/registers"), 1, "no scenario in this folder"),
        (("appraise", "e", "s/a.toml", "--audience", "nobody"), 2, "nobody"),
        (("explain", "e", "s/a.toml", "npv_gbp", "-o", "a.csv"), 2, ".json"),
        (("explain", "e", "s/a.toml", "npv_gbp", "--depth", "-1"), 2, "0"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked_is_told_with_what_could(
    arguments: tuple[object, ...], code: int, said: str, small: Path
) -> None:
    done = run(*arguments, cwd=small, PYTHONIOENCODING="utf-8", COLUMNS="400")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


# ------------------------------------------------------------------------------------------------------- hostile names


def test_hostile_names_are_shown_not_obeyed_and_the_bytes_are_the_same_twice(small: Path, tmp_path: Path) -> None:
    texts = [text[:60] for kind, several in NAUGHTY.items() if kind != "length" for text in several]
    starts = [
        text[:60] for text in NAUGHTY["spreadsheet"] + NAUGHTY["markup"][:2] + NAUGHTY["direction and the unseen"][:4]
    ]
    made = 0
    for turn in range(0, len(starts), 5):
        name, source, reason, author = (starts[turn:] + starts)[:4]
        note = " | ".join(texts[turn::4])
        move, sale = (replace(action, source=source, note=note) for action in closing().actions)
        benefit = ap.Benefit(
            name=reason,
            organisation="town",
            benefit_class="cashable",
            year=2029,
            amount_gbp_pa=100,
            basis=note,
            source=source,
        )
        hostile = ap.Scenario(
            name, (move, sale), author=author, audience="town", start_year=2025, note=note, benefits=(benefit,)
        )
        ap.write_scenario(hostile, tmp_path / f"{made}.toml")
        made += 1
    assert made == 3
    forms: list[tuple[str, ...]] = [("table",), ("csv", "--lines"), ("json",), *([("csv",)] if DEEP else [])]
    for form, *more in forms:
        if form == "table" and not DEEP:  # long notes take a while to lay out
            command: tuple[object, ...] = ("appraise", small / "e", tmp_path / "1.toml", "--draws", "100")
        else:
            command = ("appraise", small / "e", tmp_path, "--draws", "100", "--format", form, *more)
        once = run(*command, **UTF)
        again = run(*command, **UTF) if more or (DEEP and form == "csv") else once
        assert (once.returncode, once.stderr) == (0, "")
        assert once.stdout == again.stdout != ""
        assert not UNSEEN & set(once.stdout)
        if form == "json":
            assert len(strict(once.stdout)) == made
        elif form == "csv":
            for line in csv.reader(io.StringIO(once.stdout, newline="")):
                assert not [cell for cell in line if re.match(r"[=+@\t]|-(?![\d.])", cell)], line
    done = run("explain", small / "e", tmp_path / "0.toml", "npv_gbp", "--depth", "5", **UTF)
    assert done.returncode == 0
    assert not UNSEEN & set(done.stdout)


UNSEEN = set("\x1b\x07\u202e\u200b\u2028\x00")

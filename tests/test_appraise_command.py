"""`assetplan appraise` and `assetplan explain` as people use them: what they print, for whom, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from commands import ROOT, run
from naughty import NAUGHTY
from scraping import numbers_in

import assetplan as ap
from assetplan.appraisal.comparing import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

MALTON = ROOT / "data" / "malton"
SCENARIOS = MALTON / "scenarios"
S1, S2, S3, S4, S6 = (SCENARIOS / f"{name}.toml" for name in (
    "s1-police-next-door", "s2-town-front-door", "s3-stay-shrink-share", "s4-extra-care", "s6-blue-light-fire"))  # fmt: skip
UTF = {"PYTHONIOENCODING": "utf-8"}


def strict(text: str) -> Any:
    """JSON as other programs read it: no infinity, and nothing that is no number."""

    def refuse(name: str) -> Any:
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


@cache
def both() -> Any:
    return strict(run("appraise", MALTON, S1, S4, "--draws", "200", "--format", "json", **UTF).stdout)


# ------------------------------------------------------------------------------------------------------- answers


def test_json_is_what_the_design_says_and_adds_up() -> None:
    for row in both():
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


def figure_at(path: str, row: dict[str, Any]) -> str | None:
    """What a number of the JSON is known by, by where it stands; blank for numbers that are none of an appraisal's figures."""
    match path.split("/"):
        case [
            (
                "npv_gbp"
                | "public_value_gbp"
                | "bcr"
                | "payback_year"
                | "capital_gbp"
                | "receipts_gbp"
                | "running_cost_change_gbp_pa"
            ) as name
        ]:
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
        case ["access", "people_minutes_change"]:
            return "people_minutes_change/car"
        case ["stress", at, "npv_gbp"]:
            return str(row["stress"][int(at)]["figure_id"])
        case ["doing_nothing", "spent", at, ("running_gbp" | "repairs_gbp" | "other_gbp") as name]:
            spent = row["doing_nothing"]["spent"][int(at)]
            return f"baseline_{name}/{spent['organisation']}/{spent['year']}" if spent[name] else None
        case ["break_evens", at, "value"]:
            return str(row["break_evens"][int(at)]["figure"])
    return None


RANGES = ("low_gbp", "high_gbp", "_range_gbp", "/range", "bcr_range")
OTHERWISE = re.compile(
    r"base_year|.*(?:low_gbp|high_gbp|range_gbp|bcr_range).*|(?:lines|problems|not_counted)/\d+/(?:year|action)|standing/.*|break_evens/\d+/now"
    r"|doing_nothing/spent/\d+/(?:year|spent_gbp|(?:running|repairs|other)_gbp)|stress/\d+/(?:change_gbp|public_value_gbp)|grants/.*|by_organisation/[^/]+/(?:borrowing_peak_year|worst_year|worst_year_revenue_effect_gbp"
    r"|capital_avoided_gbp|receipts_gbp|usable_receipts_gbp|restricted_receipts_gbp)"
)
"""Numbers of the JSON that are years, ends of a figure beside it, numbers of entries, or sums of figures that are there themselves."""


def test_every_number_of_the_json_is_a_figure_or_of_a_stated_kind() -> None:
    estate = ap.read_estate(MALTON)
    results = {
        one.scenario.name: one for one in ap.appraise_scenarios(estate, [ap.read_scenario(path) for path in (S1, S4)])
    }
    for row in both():
        result = results[row["scenario"]]
        for path, number in numbers_in(row):
            figure = figure_at(path, row)
            if figure is None or figure.endswith("/range"):
                assert OTHERWISE.fullmatch(path), path
                continue
            assert result.explain(figure).value == pytest.approx(number), path


def test_csv_has_a_row_for_each_scenario_line_or_year() -> None:
    def rows(*more: str) -> list[dict[str, str]]:
        done = run("appraise", MALTON, S1, S4, "--draws", "200", "--format", "csv", *more, **UTF)
        assert done.returncode == 0
        return list(csv.DictReader(io.StringIO(done.stdout)))

    first = rows()
    assert list(first[0]) == ["scenario", *COLUMNS]
    assert [row["scenario"] for row in first] == [row["scenario"] for row in both()]
    for row, told in zip(first, both(), strict=True):
        assert float(row["npv_gbp"]) == pytest.approx(told["npv_gbp"])
    lines = rows("--lines")
    for told in both():
        mine = [row for row in lines if row["scenario"] == told["scenario"] and row["case"] == "economic"]
        assert sum(float(row["amount_gbp"]) * float(row["discount_factor"]) for row in mine) == pytest.approx(
            told["npv_gbp"], abs=0.005
        )
    years = rows("--year-by-year", "--organisation", "police")
    assert {row["organisation"] for row in years} == {"police"}
    for told in both():
        effects = told["by_organisation"]["police"].get("revenue_effect_gbp", {})
        mine = {row["year"]: row for row in years if row["scenario"] == told["scenario"]}
        for year, effect in effects.items():
            assert float(mine[year]["revenue_effect_gbp"]) == pytest.approx(effect)


def test_the_first_screen_says_what_a_finance_officer_asks() -> None:
    done = run("appraise", MALTON, S2, **UTF)
    assert (done.returncode, done.stderr) == (0, "")
    heads = ["WHAT IT IS WORTH", "WHO GAINS, WHO LOSES", "WHAT SALES LEAVE", "WHAT WOULD HAVE TO BE SO FOR IT TO BE WORTH IT", "IF SOMETHING GOES WRONG",
             "WHAT COULD STOP IT", "WHAT IS NOT COUNTED", "WHAT IT RESTS ON"]  # fmt: skip
    at = [done.stdout.index(f"\n{head}\n") for head in heads]
    assert at == sorted(at)
    assert "2025/26" in done.stdout
    assert not re.search(r"£\d{1,3},\d{3},\d{3}", done.stdout), "a figure to the pound"
    assert not re.search(r"\b(nan|NaN|inf|NaT|None)\b", done.stdout)
    assert "COMPARED" not in done.stdout
    assert "\nLINES OF" not in done.stdout
    more = run("appraise", MALTON, S2, "--lines", "--year-by-year", **UTF).stdout
    assert "\nLINES OF S2 TOWN FRONT DOOR\n" in more
    assert "\nYEAR BY YEAR\n" in more


def test_several_are_compared_first_and_what_is_refused_is_shown_last() -> None:
    done = run("appraise", MALTON, S6, S4, S1, "--draws", "200", **UTF)
    assert done.returncode == 0
    assert done.stdout.startswith("SCENARIOS COMPARED\n")
    order = re.findall(r"(?m)^(S\d [A-Z ]+)$", done.stdout)
    assert order == ["S4 EXTRA CARE", "S1 POLICE NEXT DOOR", "S6 BLUE LIGHT WITH FIRE"]
    assert (
        "S6 Blue light with fire, last: it cannot be as it is written. action 6, relocate: to: fire response, fails"
        in done.stdout
    )


def test_a_folder_of_scenarios_is_all_of_them_and_a_baseline_may_be_named() -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(run("appraise", MALTON, SCENARIOS, "--draws", "100", "--format", "csv", **UTF).stdout)
        )
    )
    assert len(rows) == len(list(SCENARIOS.glob("*.toml"))) == 9
    against = strict(run("appraise", MALTON, S1, "--baseline", S1, "--draws", "100", "--format", "json", **UTF).stdout)
    assert against[0]["npv_gbp"] == 0
    assert against[0]["lines"] == []


def test_explain_walks_from_a_figure_to_rows_and_lists_all_figures() -> None:
    done = run("explain", MALTON, S2, "npv_gbp/rdc/works", "--depth", "4", **UTF)
    assert done.returncode == 0
    assert "[input/action/2/cost_gbp]" in done.stdout
    assert "Source: invented for this example; the scenario, action 2; illustrative" in done.stdout
    told = strict(run("explain", MALTON, S2, "npv_gbp", "--format", "json", **UTF).stdout)
    assert told["value"] == pytest.approx(sum(part["value"] for part in told["parts"]))
    assert all("explained" in part for part in told["parts"])
    every = run("explain", MALTON, S2, **UTF).stdout.splitlines()
    assert {"npv_gbp", "npv_gbp/rdc", "bcr", "borrowing_peak_gbp/rdc", "revenue_effect_gbp/rdc/2013"} <= set(every)
    done = run("explain", MALTON, S2, "npv_gbp/rcd", **UTF)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Did you mean 'npv_gbp/rdc'?" in done.stderr


# ------------------------------------------------------------------------------------------------------- for whom


@pytest.mark.parametrize("reader", ["public", "nycc.libraries", "fire"])
def test_what_is_not_released_is_a_sentence_an_empty_answer_and_no_error(reader: str) -> None:
    done = run("appraise", MALTON, SCENARIOS, "--audience", reader, "--format", "json")
    assert (done.returncode, strict(done.stdout)) == (0, [])
    assert done.stderr == "Appraisals are not released to this reader, so none are shown.\n"
    for more in ((), ("--lines",), ("--year-by-year",)):
        done = run("appraise", MALTON, SCENARIOS, "--audience", reader, "--format", "csv", *more)
        assert done.stdout.startswith("scenario,")
        assert done.stdout.count("\n") == 1
    done = run("explain", MALTON, S2, "no such figure", "--audience", reader, "--format", "json")
    assert (done.returncode, strict(done.stdout)) == (0, [])
    for wrong in (MALTON / "no such.toml", MALTON / "README.md"):
        assert run("appraise", MALTON, wrong, "--audience", reader).returncode == 0, (
            "whether there is such a file is not told"
        )


def test_a_reader_is_shown_the_scenarios_for_it_and_others_are_refused_as_what_there_is_not(tmp_path: Path) -> None:
    names = [
        row["scenario"]
        for row in strict(
            run("appraise", MALTON, SCENARIOS, "--audience", "rdc", "--draws", "100", "--format", "json", **UTF).stdout
        )
    ]
    assert "S2 Town front door" in names
    assert "S3 Stay, shrink, share" not in names
    hidden = run("appraise", MALTON, S3, "--audience", "rdc", "-o", tmp_path / "a.json", **UTF)
    assert (hidden.returncode, hidden.stdout) == (1, "")
    assert hidden.stderr.startswith("This cannot be appraised\n- S3 Stay, shrink, share: audience: ")
    assert "nycc" not in hidden.stderr
    assert not list(tmp_path.iterdir())


def test_a_restricted_asset_is_refused_in_the_words_for_one_that_there_is_not(tmp_path: Path) -> None:
    def refused(asset: str) -> str:
        file = tmp_path / "one.toml"
        file.write_text(
            f'name = "One"\naudience = "rdc"\nstart_year = 2010\n[[actions]]\naction = "dispose"\nby = "sale"\nyear = 2012\nasset = "{asset}"\n',
            encoding="utf-8",
        )
        done = run("appraise", MALTON, file, "--audience", "rdc", **UTF)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr.replace(asset, "THE ASSET")

    assert refused("nycc:NY/0990") == refused("nycc:NY/0993")
    assert "is no asset or parcel of this estate" in refused("nycc:NY/0990")


def test_an_appraisal_for_a_reader_is_that_of_an_estate_that_never_held_the_rest(tmp_path: Path) -> None:
    less = tmp_path / "malton"
    shutil.copytree(MALTON, less)
    (less / "registers" / "nycc-sensitive.csv").unlink()
    toml = (less / "estate.toml").read_text(encoding="utf-8")
    kept = re.sub(r'\[registers\."nycc-sensitive\.csv"\]\n(?:.+\n)+', "", toml)
    assert kept != toml
    (less / "estate.toml").write_text(kept, encoding="utf-8")
    one, other = (
        run("appraise", folder, S2, "--audience", "rdc", "--format", "json", **UTF).stdout for folder in (MALTON, less)
    )
    assert one == other != ""


# ------------------------------------------------------------------------------------------------------- what is wrong


def test_a_bad_scenario_tells_everything_at_once_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'name = "A"\nauthr = "x"\n[[actions]]\naction = "relocat"\n[[actions]]\naction = "relocate"\nservice = "rdc-front-desk"\nto = "rdc:A0007"\n'
        'year = "soon"\n',
        encoding="utf-8",
    )
    (tmp_path / "b.toml").write_text("name = \n", encoding="utf-8")
    done = run("appraise", MALTON, tmp_path, "-o", tmp_path / "out.json", **UTF)
    assert (done.returncode, done.stdout) == (1, "")
    for said in ("a.toml", "'author'", "'relocate'", "soon", "b.toml"):
        assert said in done.stderr, said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.toml", "b.toml"]
    (tmp_path / "b.toml").unlink()
    (tmp_path / "a.toml").write_text(
        'name = "A"\nstart_year = 2010\n[[actions]]\naction = "relocate"\nservice = "rdc-front-dsk"\nto = "rdc:A0007"\nyear = 2012\n'
        '[[actions]]\naction = "dispose"\nasset = "nycc:NY/0431"\nby = "sale"\nyear = 2012\n',
        encoding="utf-8",
    )
    done = run("appraise", MALTON, tmp_path / "a.toml", **UTF)
    assert done.returncode == 1
    assert "Did you mean 'rdc-front-desk'?" in done.stderr
    assert "still in it at the end of that year: nycc-library" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("appraise", MALTON), 2, "SCENARIO"),
        (("appraise", MALTON, SCENARIOS / "variants.py"), 1, "A script makes scenarios"),
        (("appraise", MALTON, S2, "--organisation", "rcd"), 2, "Did you mean 'rdc'?"),
        (("appraise", MALTON, S2, "--draws", "0"), 2, "100"),
        (("appraise", MALTON, S2, "--seed", "-1"), 2, "0"),
        (("appraise", MALTON, S2, "-o", "a.docx"), 2, ".csv"),
        (("appraise", MALTON, S2, S2), 1, "named twice"),
        (("appraise", MALTON, MALTON / "registers"), 1, "no scenario in this folder"),
        (("appraise", MALTON, S2, "--audience", "nobody"), 2, "nobody"),
        (("explain", MALTON, S2, "npv_gbp", "-o", "a.csv"), 2, ".json"),
        (("explain", MALTON, S2, "npv_gbp", "--depth", "-1"), 2, "0"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked_is_told_with_what_could(arguments: tuple[object, ...], code: int, said: str) -> None:
    done = run(*arguments, PYTHONIOENCODING="utf-8", COLUMNS="400")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


# ------------------------------------------------------------------------------------------------------- hostile names


def test_hostile_names_are_shown_not_obeyed_and_the_bytes_are_the_same_twice(tmp_path: Path) -> None:
    texts = [text[:200] for kind, several in NAUGHTY.items() if kind != "length" for text in several]
    base = ap.read_scenario(S1)
    for turn in range(0, len(texts), 9):
        name, note, source, author, *_ = texts[turn:] + texts
        actions = [one if not one.source else type(one)(**{**{key: getattr(one, key) for key in type(one).fields()}, "source": source})
                   for one in base.actions]  # fmt: skip
        try:
            hostile = ap.Scenario(name, actions, author=author, audience="rdc", start_year=2010, note=note)
        except ap.ScenarioError:
            continue  # a name of nothing, or a person's
        file = tmp_path / f"{turn}.toml"
        ap.write_scenario(hostile, file)
    forms = (("table", "--lines"), ("csv",), ("csv", "--lines"), ("json",))
    for form, *more in forms:
        once, again = (
            run("appraise", MALTON, tmp_path, "--draws", "100", "--format", form, *more, **UTF) for _ in range(2)
        )
        assert (once.returncode, once.stderr) == (0, "")
        assert once.stdout == again.stdout != ""
        assert not set("\x1b\x07\u202e\u200b\u2028\x00") & set(once.stdout)
        if form == "json":
            assert len(strict(once.stdout)) > 4
        elif form == "csv":
            for line in csv.reader(io.StringIO(once.stdout, newline="")):
                assert not [cell for cell in line if re.match(r"[=+@\t]|-(?![\d.])", cell)], line
    told = strict(run("appraise", MALTON, tmp_path, "--draws", "100", "--format", "json", **UTF).stdout)
    for file in sorted(tmp_path.glob("*.toml"))[:2]:
        done = run("explain", MALTON, file, "npv_gbp", "--depth", "5", **UTF)
        assert done.returncode == 0
        assert not set("\x1b\x07\u202e\u200b\u2028\x00") & set(done.stdout)
    assert told

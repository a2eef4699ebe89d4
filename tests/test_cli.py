"""The command line as other programs and people rely on it."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ROOT, run, run_process

from assetplan.schema import COLUMNS, table

MALTON = str(ROOT / "data" / "malton")


def answer(*arguments: str) -> object:
    done = run(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_check_answers_in_the_promised_shape() -> None:
    done = run_process("check", MALTON, "--format", "json")
    assert done.returncode == 0, done.stderr
    account = json.loads(done.stdout)
    assert isinstance(account, dict)
    assert set(account) == {
        "rows_read",
        "accepted",
        "quarantined",
        "located",
        "located_by",
        "registers",
        "issues",
        "coverage",
        "missing",
        "withheld",
    }
    assert account["rows_read"] == account["accepted"] + account["quarantined"] == 25
    assert account["located"] == sum(account["located_by"].values()) == 24
    for register in account["registers"]:
        assert set(register) == {
            "path", "organisation", "kind", "rows_read", "accepted", "quarantined", "located", "crs", "columns",
        }  # fmt: skip
        assert register["rows_read"] == register["accepted"] + register["quarantined"]
        assert all(set(column) == {"position", "header", "column", "reason"} for column in register["columns"])
    assert all(
        set(issue) == {"file", "row", "column", "code", "value", "message", "action"} for issue in account["issues"]
    )
    assert set(account["coverage"]) == {"nycc", "rdc", "nhs", "police", "fire"}
    assert all(0 <= share <= 1 for shares in account["coverage"].values() for share in shares.values())


def test_sites_neighbours_and_assemble_answer_in_the_promised_shape() -> None:
    sites = answer("sites", MALTON)
    assert isinstance(sites, list)
    assert {tuple(site) for site in sites} == {
        ("site_id", "organisation", "occupiers", "name", "easting", "northing", "area_ha", "precision", "assets")
    }
    assert [site["site_id"] for site in sites] == sorted(site["site_id"] for site in sites)
    pairs = answer("neighbours", MALTON)
    assert isinstance(pairs, list)
    assert {tuple(pair) for pair in pairs} == {tuple(table("relations"))}
    groups = answer("assemble", MALTON)
    assert isinstance(groups, list)
    group = groups[0]
    assert {tuple(one) for one in groups} == {tuple(table("assemblies"))}
    assert [one["ranking"] for one in groups] == ["largest connected"] + ["best deliverable"] * (len(groups) - 1)
    assert all(isinstance(one["contributions"], dict) for one in groups[1:])
    assert list(group)[:10] == [
        "rank", "ranking", "sites", "organisations", "area_ha", "score", "contributions", "marriage_value_gbp", "ransom_sites", "blockers",
    ]  # fmt: skip
    assert len(group["sites"]) == 6
    assert group["score"] is None


def test_neighbours_of_one_site_by_id_asset_parcel_or_name() -> None:
    wanted = answer("neighbours", MALTON, "rdc:ILLUS-01")
    for name in ("rdc:A0001", "MAL-01", "ryedale house – district council offices"):
        assert answer("neighbours", MALTON, name) == wanted
    assert len(wanted) == 2  # type: ignore[arg-type]
    done = run("neighbours", MALTON, "Ryedale Hose")
    assert done.returncode == 1
    assert "No site is called 'Ryedale Hose'" in done.stderr
    assert "rdc:ILLUS-01" in done.stderr


def test_an_analysis_not_released_is_an_empty_list_a_sentence_and_no_failure() -> None:
    done = run("assemble", MALTON, "--audience", "nhs", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert done.stderr.strip() == "Assemblies are not released to this reader, so none are listed."


def test_csv_holds_the_same_sites() -> None:
    done = run("sites", MALTON, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["site_id"] for row in rows] == [site["site_id"] for site in answer("sites", MALTON)]  # type: ignore[union-attr]


def test_tables_are_plain_text_for_people(tmp_path: Path) -> None:
    for command in ("check", "sites", "neighbours", "assemble"):
        done = run(command, MALTON, NO_COLOR="1")
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout
        assert "Malton" in done.stdout or "ILLUS" in done.stdout


def test_columns_prints_every_column() -> None:
    rows = answer("columns")
    assert isinstance(rows, list)
    assert len(rows) == len(COLUMNS)
    assert run("columns", "--table", "nonsense").returncode == 2


def test_map_says_what_it_wrote_and_defaults_to_the_public(tmp_path: Path) -> None:
    done = run("map", MALTON, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "maps/malton.html: the page for public shows 22 sites of five organisations".replace(
            "/", "\\" if sys.platform == "win32" else "/"
        )
    )
    assert run("map", MALTON, "--audience", "rdc", cwd=tmp_path).returncode == 0
    public, district = (
        (tmp_path / "maps" / name).read_text(encoding="utf-8") for name in ("malton.html", "malton-rdc.html")
    )
    assert "Not for publication" not in public
    assert "For Ryedale District Council only. Not for publication." in district
    assert {path.name for path in (tmp_path / "maps").iterdir()} == {"malton.html", "malton-rdc.html"}


def test_a_file_that_is_there_is_replaced_only_under_maps_or_by_force(tmp_path: Path) -> None:
    target = tmp_path / "out.html"
    target.write_text("mine", encoding="utf-8")
    done = run("map", MALTON, "-o", str(target))
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert target.read_text(encoding="utf-8") == "mine"
    assert run("map", MALTON, "-o", str(target), "--force").returncode == 0
    assert target.read_text(encoding="utf-8") != "mine"
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "out.html").write_text("old", encoding="utf-8")
    assert run("map", MALTON, "-o", str(tmp_path / "maps" / "out.html")).returncode == 0


def test_export_is_for_the_public_unless_said_otherwise(tmp_path: Path) -> None:
    assert run("export", MALTON, "-o", str(tmp_path / "public.csv")).returncode == 0
    assert run("export", MALTON, "-o", str(tmp_path / "all.csv"), "--audience", "all").returncode == 0
    public, everything = ((tmp_path / name).read_text(encoding="utf-8-sig") for name in ("public.csv", "all.csv"))
    assert "NY/0990" not in public
    assert "NY/0990" in everything
    assert run("export", MALTON, "-o", str(tmp_path / "out.docx")).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("check", "nowhere"), 1, "there is no such file or folder"),
        (("check", MALTON, "--audience", "nycc.adult-servces"), 2, "There is no reader"),
        (("check", MALTON, "--organisation", "rdc"), 2, "for one register"),
        (("check",), 2, "Missing argument"),
        (("chek", MALTON), 2, "No such command"),
        (("neighbours", MALTON, "--max-gap", "-1"), 2, "--max-gap"),
        (("assemble", MALTON, "--max-sites", "1"), 2, "--max-sites"),
    ],
)
def test_expected_errors_have_no_traceback(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_errors_never_name_groups() -> None:
    done = run("map", MALTON, "--audience", "nycc.adult")
    assert "adult-services" not in done.stderr
    assert "libraries" not in done.stderr


def test_a_broken_estate_toml_is_refused_with_every_problem_at_once(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MALTON, tmp_path / "malton"))
    text = (folder / "estate.toml").read_text(encoding="utf-8")
    text = text.replace('price_base = "2025/26"', "price_bse = 3").replace('sector = "county"', 'sector = "conty"')
    (folder / "estate.toml").write_text(
        text.replace("as_of = 2010-06-24\nlaw", 'as_of = "June"\nlaw', 1), encoding="utf-8"
    )
    done = run("check", str(folder))
    assert done.returncode == 1
    for words in ("Did you mean 'price_base'?", "Did you mean 'county'?", "as_of: a date without quotation marks"):
        assert words in done.stderr


@pytest.mark.skipif(
    sys.platform == "win32", reason="a terminal is made of a pair of file descriptors, which Windows has not"
)
def test_progress_is_shown_on_a_terminal_alone(tmp_path: Path) -> None:
    import pty

    (tmp_path / "council.csv").write_text("Ref,Name,Postcode\nA1,Hall,YO17 7AB\n")
    (tmp_path / "bad.csv").write_text("1,2,3\n")
    assert "%" not in run("check", str(tmp_path / "council.csv")).stderr
    for name, code in (("council.csv", 0), ("bad.csv", 1)):
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "assetplan", "check", str(tmp_path / name)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, text=True, check=False, cwd=ROOT)
        os.close(theirs)
        told = os.read(ours, 10_000).decode()
        os.close(ours)
        assert done.returncode == code
        assert f"Reading {name}:   0%" in told
        assert "%" not in done.stdout.split("\n")[0]
        assert told.endswith("100%\r\n") if code == 0 else "\r\nbad.csv: no heading" in told


def test_version_and_help() -> None:
    assert run_process("--version").stdout.strip() == "0.1.0"
    done = run("--help")
    for command in ("check", "map", "sites", "neighbours", "assemble", "export", "columns"):
        assert f"  {command} " in done.stdout
        assert run(command, "--help").returncode == 0


def test_help_loads_none_of_the_heavy_libraries() -> None:
    code = "import sys\nfrom typer.testing import CliRunner\nfrom assetplan.cli import app\nCliRunner().invoke(app, ['--help'])\n"
    code += "print(sorted({'pandas', 'geopandas', 'shapely', 'folium', 'networkx', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_importing_the_package_is_cheap_and_its_names_are_there() -> None:
    code = "import sys, assetplan as ap\nassert not {'pandas', 'folium', 'shapely'} & set(sys.modules)\n"
    code += "assert all(callable(getattr(ap, name)) for name in ap.__all__)\n"
    code += "ap.read_estate\nimport assetplan.relations, assetplan.site\nassert callable(ap.sites) and callable(ap.adjacency)\n"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_person_says_which_column_is_which(tmp_path: Path) -> None:
    register = tmp_path / "list.csv"
    register.write_text("Nm,Zone,Ward\nHall,YO17 7HH,North\nShop,YO17 9RF,South\n", encoding="utf-8")
    account = answer("check", str(register), "--column", "Zone=", "--column", "Ward=name", "--column", "column 1=use")
    assert isinstance(account, dict)
    (read,) = account["registers"]
    assert [column["column"] for column in read["columns"]] == ["use", None, "name"]
    wrong = run("check", str(register), "--column", "Wrad=name")
    assert (wrong.returncode, wrong.stderr.count("Did you mean 'Ward'?")) == (1, 1)
    assert run("check", str(register), "--column", "Ward").returncode == 2
    assert run("check", MALTON, "--column", "Ward=name").returncode == 2


def test_an_answer_that_is_no_page_is_not_written_as_one(tmp_path: Path) -> None:
    """Names from registers stand in such an answer as they are: a browser would run them."""
    register = tmp_path / "depots.csv"
    register.write_text("Asset reference,Name,Easting,Northing\n1,<script>alert(1)</script>,479000,472000\n")
    page = tmp_path / "out.html"
    for asked in (
        ("sites", str(register)),
        ("sites", str(register), "<script>alert(1)</script>"),
        ("neighbours", str(register), "--format", "json"),
        ("columns",),
    ):
        done = run(*asked, "-o", str(page))
        assert done.returncode == 2, asked
        assert ".json, .csv or .txt" in " ".join(done.stderr.split())
        assert not page.exists()


def test_the_suffix_of_the_file_says_how_sites_are_written(tmp_path: Path) -> None:
    for suffix, first in ((".csv", "site_id,"), (".json", "["), (".txt", "┏")):
        file = tmp_path / f"sites{suffix}"
        assert run("sites", MALTON, "-o", str(file)).returncode == 0
        assert file.read_text(encoding="utf-8").startswith(first)

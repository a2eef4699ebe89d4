"""The commands about services as people use them: formats, files, readers, names and options that are wrong, and hostile names."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from commands import ROOT, run
from defusedxml import ElementTree
from payloads import PAYLOADS
from tiny import box, tiny_estate

from assetplan.schema import table

if TYPE_CHECKING:
    from collections.abc import Iterable

MALTON = ROOT / "data" / "malton"
MOVE = ("response", MALTON, "fire-malton", "--to", "MAL-13")
CLOSE = ("access", MALTON, "library", "--close", "nycc-library")
PROPOSALS = [(("services", MALTON), "suitability"), (("duplicates", MALTON), "duplicates"), (CLOSE, "access_change"),
             (MOVE, "response_changes")]  # fmt: skip
# Commands on the tiny estate below, and the table that their answers are rows of.
ANSWERS = [
    (("services",), "suitability"),
    (("services", "lib"), "suitability"),
    (("duplicates",), "duplicates"),
    (("leases",), "lease_events"),
    (("access", "library"), "access"),
    (("access", "library", "--close", "lib"), "access_change"),
    (("response",), "response_times"),
    (("response", "sb", "--to", "a:1"), "response_changes"),
    (("areas",), "localities"),
]
FILES = [*(command for command, _ in ANSWERS), ("areas", "w"), ("benchmark",)]


def strict(text: str) -> Any:
    """JSON as other programs read it: no infinity, and nothing that is no number."""

    def refuse(name: str) -> Any:
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


# ------------------------------------------------------------------------------------------------------- answers


def test_json_and_csv_have_the_columns_that_are_documented(tmp_path: Path) -> None:
    hosts(tmp_path)
    for (first, *rest), of in ANSWERS:
        rows = strict(run(first, tmp_path, *rest, "--format", "json", PYTHONIOENCODING="utf-8").stdout)
        assert rows
        assert all(list(row) == list(table(of)) for row in rows), (first, rest)
        lines = list(csv.reader(io.StringIO(run(first, tmp_path, *rest, "--format", "csv").stdout)))
        assert lines[0] == list(table(of))
        assert len(lines) == len(rows) + 1
    lines = list(csv.reader(io.StringIO(run("benchmark", tmp_path, "--format", "csv").stdout)))
    assert lines[0] == list(table("buildings"))
    found = strict(run("benchmark", tmp_path, "--format", "json").stdout)
    assert [row["asset_id"] for row in found["buildings"]] == [line[0] for line in lines[1:]]


def test_words_are_plain_where_nobody_sees_colours() -> None:
    for command in ((*CLOSE,), (*MOVE,), ("services", MALTON), ("services", MALTON, "police-desk"), ("benchmark", MALTON), ("duplicates", MALTON),
                    ("leases", MALTON), ("access", MALTON, "library"), ("response", MALTON), ("areas", MALTON), ("areas", MALTON, "Norton West")):  # fmt: skip
        done = run(*command, NO_COLOR="1", PYTHONIOENCODING="utf-8")
        assert done.returncode == 0, command
        assert done.stdout.strip()
        assert "\x1b" not in done.stdout
        blank = re.search(r"\b(nan|NaN|inf|NaT|None)\b(?! that this reader knows)", done.stdout)
        assert blank is None, (command, "a blank of the program's own shows")
        if re.search(r"running cost|backlog", done.stdout, re.IGNORECASE):
            assert "2025/26" in done.stdout, (command, "pounds without their year")


@pytest.mark.parametrize(("command", "of"), PROPOSALS, ids=lambda part: part if isinstance(part, str) else "")
@pytest.mark.parametrize("reader", ["public", "nycc.libraries"])
def test_what_is_not_released_is_a_sentence_an_empty_answer_and_no_error(
    command: tuple[object, ...], of: str, reader: str
) -> None:
    done = run(*command, "--audience", reader, "--format", "json")
    assert (done.returncode, strict(done.stdout)) == (0, [])
    assert done.stderr.count("\n") == 1
    assert "not released" in done.stderr
    done = run(*command, "--audience", reader, "--format", "csv")
    assert done.stdout.strip() == ",".join(table(of))


@pytest.mark.parametrize("wrong", [("services", MALTON, "no such"), (*CLOSE[:-1], "no such"), ("access", MALTON, "library", "--open", "no such"),
                                   (*MOVE[:-1], "no such")], ids=str)  # fmt: skip
def test_a_reader_to_whom_nothing_is_released_cannot_find_out_what_there_is(wrong: tuple[object, ...]) -> None:
    done = run(*wrong, "--audience", "public", "--format", "json")
    assert (done.returncode, done.stdout.strip()) == (0, "[]")
    done = run(*wrong)
    assert done.returncode == 1
    assert "no such" in done.stderr


def test_to_whom_it_is_released_the_same_answers_are_shown(tmp_path: Path) -> None:
    def answers(release: str) -> list[Any]:
        folder = tmp_path / (release or "none")
        toml = f'as_of = 2025-03-31\n[release]\noptions = ["{release}"]\n' if release else "as_of = 2025-03-31\n"
        hosts(folder, toml=toml)
        commands = (["services"], ["duplicates"], ["access", "library", "--close", "lib"])
        return [
            strict(run(first, folder, *rest, "--audience", "a", "--format", "json").stdout) for first, *rest in commands
        ]

    assert answers("") == [[], [], []]
    assert answers("b") == [[], [], []]
    assert all(answers("a"))


# ------------------------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("access", MALTON, "libary"), 1, "Did you mean 'library'?"),
        (("areas", MALTON, "Maltn"), 1, "Did you mean Malton"),
        (("areas", MALTON, "--kind", "wrad"), 2, "ward, parish"),
        (("benchmark", MALTON, "--by", "area", "--area-kind", "wrad"), 2, "ward, parish"),
        (("benchmark", MALTON, "--by", "owner"), 2, "organisation"),
        (("duplicates", MALTON, "--minutes", "0"), 2, "0.1"),
        (("duplicates", MALTON, "--minutes", "nan"), 2, "600"),
        (("services", MALTON, "--reach", "-1"), 2, "0"),
        (("leases", MALTON, "--months", "0"), 2, "1"),
        (("leases", MALTON, "--since", "tomorrow"), 2, "2026-04-01"),
        (("leases", MALTON, "--since", "2026-02-30"), 2, "2026-04-01"),
        (("response", MALTON, "fire-malton"), 2, "SERVICE --to ASSET"),
        (("response", MALTON, "--to", "MAL-13"), 2, "SERVICE --to ASSET"),
        (("response", MALTON, "rdc-front-desk", "--to", "MAL-13"), 1, "no emergency response"),
        (("response", MALTON, "--engine-factor", "0"), 2, "0.1"),
        (("response", MALTON, "--kind", "army"), 2, "ambulance"),
        (("access", MALTON, "library", "--move", "nycc-library"), 2, "SERVICE=ASSET"),
        (("access", MALTON, "library", "--close", "fire-malton"), 1, "another kind"),
        ((*CLOSE, "--move", "nycc-library=rdc:A0007"), 2, "Name it once"),
        (("access", MALTON, "library", "--mode", "fly"), 2, "foot"),
        (("leases", MALTON, "--audience", "nobody"), 2, "nobody"),
        (("areas", MALTON, "-o", "areas.docx"), 2, ".csv"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_told_with_what_could(arguments: tuple[object, ...], code: int, said: str) -> None:
    done = run(*arguments, PYTHONIOENCODING="utf-8", COLUMNS="400")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_an_estate_of_one_register_has_answers_that_say_what_is_missing(tmp_path: Path) -> None:
    register = tmp_path / "council.csv"
    register.write_text("Ref,Name,Easting,Northing,Use\nR1,Town Hall,450000,450000,Offices\n", encoding="utf-8")
    for command, said in (
        (("services", register), "services.csv"),
        (("duplicates", register), "No function is run by two bodies"),
        (("benchmark", register), "The one office cannot be measured by staff"),
        (("leases", register, "--since", "2025-01-01"), "No lease event is known"),
        (("response", register), "demand.csv"),
        (("areas", register), "areas.geojson"),
    ):
        done = run(*command, PYTHONIOENCODING="utf-8")
        assert done.returncode == 0, command
        assert said in done.stdout, command
        again = run(*command, "--format", "json", PYTHONIOENCODING="utf-8")
        assert again.returncode == 0, command
        assert strict(again.stdout) == [] or command[0] == "benchmark"
    for command, said in ((("leases", register), "--since"), (("access", register, "library"), "There are: none")):
        done = run(*command)
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr


# ------------------------------------------------------------------------------------------------------- files


def test_answers_are_written_whole_and_twice_the_same_and_never_over_a_file_unasked(tmp_path: Path) -> None:
    hosts(tmp_path / "e")
    for first, *rest in FILES:
        command = (first, tmp_path / "e", *rest)
        for suffix in (".json", ".txt"):
            one, other = tmp_path / f"one{suffix}", tmp_path / f"other{suffix}"
            assert (
                run(*command, "-o", one, "--force").returncode == run(*command, "-o", other, "--force").returncode == 0
            )
            assert one.read_bytes() == other.read_bytes() != b"", command
            assert str(tmp_path) not in one.read_text(encoding="utf-8"), command
        one.write_bytes(b"mine")
        done = run(*command, "-o", one)
        assert (done.returncode, one.read_bytes()) == (2, b"mine"), command
        assert "--force" in done.stderr
        for name in ("page.html", *([] if first == "benchmark" else ["picture.svg"])):
            done = run(*command, "-o", tmp_path / name)
            assert done.returncode == 2, command
            assert not (tmp_path / name).exists(), command


def test_pictures_and_calendars_are_the_same_bytes_twice(tmp_path: Path) -> None:
    hosts(tmp_path / "e")
    for command, name in (("benchmark", "a.svg"), ("benchmark", "a.png"), ("benchmark", "a.pdf"), ("leases", "a.ics")):
        found = []
        for place in ("one", "other"):
            path = tmp_path / place / name
            assert run(command, tmp_path / "e", "-o", path).returncode == 0
            found.append(path.read_bytes())
        assert found[0] == found[1], name
        assert run(command, tmp_path / "e", "-o", path).returncode == 2, "it is there already"
    done = run("benchmark", MALTON, "--audience", "public", "-o", tmp_path / "not.svg")
    assert "not released" in done.stderr
    assert not (tmp_path / "not.svg").exists()


# ------------------------------------------------------------------------------------------------------- hostile names


def hosts(path: Path, toml: str = "as_of = 2025-03-31\n", texts: Iterable[str] = ("plain",)) -> None:
    """Two bodies with a store and a library each, near one another; one text after the other wherever a text may stand."""
    more = itertools.cycle(texts)

    def row(**cells: Any) -> dict[str, Any]:
        return {name: next(more) if value is TEXT else value for name, value in cells.items()} | {"source": next(more)}

    def service(key: str, owner: str, asset: str, function: str, **cells: Any) -> dict[str, Any]:
        return row(
            service_id=key,
            organisation=owner,
            name=TEXT,
            function=function,
            asset_id=asset,
            fte=1,
            peak_desks=1,
            rule=TEXT,
            **cells,
        )

    tiny_estate(
        path,
        [
            row(organisation="a", ref="1", name=TEXT, x=0, y=0, use="Office", gia_m2=500, fte=20, running_cost_gbp_pa=9000),
            row(organisation="b", ref="2", name=TEXT, x=200, y=0, use="Store", gia_m2=80, running_cost_gbp_pa=900),
        ],
        toml=toml,
        areas=[(row(area_id="w", name=TEXT, kind="ward"), box(-500, -500, 1500, 1500))],
        services=[
            service("sa", "a", "a:1", "store", storage_m2=40),
            service("sb", "b", "b:2", "store", storage_m2=40, response="fire"),
            service("lib", "a", "a:1", "library", public_m2=40),
            service("lib2", "b", "b:2", "library", public_m2=40),
        ],
        capacity=[row(capacity_id="c", subject="a:1", space="storage", available=60), row(capacity_id="d", subject="b:2", space="public", available=60)],
        affinities=[row(affinity_id="f", function_a="store", function_b="library", effect="conflict", strength=2, reason=TEXT)],
        crews=[row(crew_id="k", response="fire", service_id="sb", kind="on station", turnout_min=1),
               row(crew_id="l", response="fire", station=TEXT, easting=479000, northing=471000, kind="on call", turnout_min=1)],
        demand=[row(demand_id=f"v{n}", name=TEXT, easting=478000 + 400 * n, northing=471000, population=100, no_car=10, rural="yes") for n in range(3)],
        interests=[row(interest_id="i", subject="a:1", holder=TEXT, interest="lease", expiry="2026-03-24", break_date="2025-12-25", notice_months=6,
                       rent_gbp_pa=100, clauses=TEXT)],
        standards=[row(standard_id="n", measure="first engine", value=10, unit="min", basis="average", applies_to=TEXT)],
    )  # fmt: skip


TEXT = object()
HOSTILE = (
    *PAYLOADS,
    "x\r\nEND:VCALENDAR\r\nBEGIN:VEVENT",
    "=1+1",
    "\x1b]0;title\x07red\x1b[31m",
    "[bold red]x[/bold red]",
    ":smile:",
    "-->",
)


@pytest.mark.parametrize("turn", range(0, len(HOSTILE), 14))
def test_names_from_the_data_are_shown_not_obeyed(turn: int, tmp_path: Path) -> None:
    hosts(tmp_path / "e", texts=HOSTILE[turn:] + HOSTILE[:turn])
    for first, *rest in FILES:
        for form in ("table", "csv"):
            done = run(first, tmp_path / "e", *rest, "--format", form, PYTHONIOENCODING="utf-8")
            assert done.returncode == 0, (first, rest, done.stderr)
            assert done.stdout.strip()
            unseen = set("\x1b\x07\u202e\u200b\u2028") & set(done.stdout + done.stderr)
            assert not unseen, (first, rest, form)

        for line in csv.reader(io.StringIO(done.stdout, newline="")):
            assert not [cell for cell in line if re.match(r"[=+@\t]|-(?![\d.])", cell)], (first, rest)


def test_a_calendar_and_a_picture_hold_hostile_names_as_text(tmp_path: Path) -> None:
    for turn in range(0, len(HOSTILE), 3):
        hosts(tmp_path / str(turn), texts=HOSTILE[turn:] + HOSTILE[:turn])
        calendar, picture = tmp_path / f"{turn}.ics", tmp_path / f"{turn}.svg"
        assert run("leases", tmp_path / str(turn), "-o", calendar).returncode == 0
        lines = calendar.read_bytes().decode("utf-8").split("\r\n")
        assert lines.count("END:VCALENDAR") == 1
        assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") > 0
        assert all(len(line.encode()) <= 75 and line.isprintable() for line in lines)
        if turn % 9 == 0:
            assert run("benchmark", tmp_path / str(turn), "-o", picture).returncode == 0
            for element in ElementTree.fromstring(picture.read_text(encoding="utf-8")).iter():
                assert str(element.tag).rpartition("}")[2] not in {
                    "script",
                    "img",
                    "image",
                    "iframe",
                    "a",
                    "foreignObject",
                }
                assert not [name for name in element.attrib if name.lower().startswith("on")]

"""What errors, issues and talk may not tell: cells of columns nobody recognised, other readers' groups, statements kept from a reader.

And what they must tell readably: names of files and arguments, whatever hides in them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bad_files import HALL, HEAD, LIST, SHOP, book, run, shapes, square
from commands import run as command_run
from commands import run_process

from assetplan.text import visible

ROOT = Path(__file__).parents[2]
CANARY = "Zanzibarfink"
GROUP = "rdc.kanarie-group"

# Registers with the canary in every cell of columns nobody recognises, each with another thing wrong.
ROW = f"{CANARY} 1,07700 900{CANARY},{CANARY}"
HEADED = HEAD.rstrip("\n") + ",Caretaker,Alarm code,Zzz\n"
ONE, TWO = HALL.rstrip("\n") + f",{ROW}\n", SHOP.rstrip("\n") + f",{ROW}\n"
FAULTS: dict[str, str | bytes] = {
    "nothing": HEADED + ONE + TWO,
    "row too long": HEADED + ONE + TWO.rstrip("\n") + f",{CANARY}\n",
    "row too short": HEADED + ONE + f"3,Yard,,,,,{CANARY}\n",
    "every row too long": HEADED + ONE.rstrip("\n") + f",{CANARY}\n",
    "identical rows": HEADED + ONE + ONE,
    "nul byte": HEADED + ONE + TWO.replace(CANARY, f"{CANARY}\x00"),
    "cell too long": HEADED + ONE + TWO.replace(CANARY, CANARY * 5_000),
    "quotation not closed": HEADED + ONE + TWO.replace(CANARY, f'"{CANARY}', 1),
    "swallowed rows": HEADED + ONE + TWO.rstrip("\n").replace(f",{CANARY}\n", "") + ',"\n' + TWO + '"\n',
    "section heading": HEADED + ONE + f",,,,,,,,{CANARY}\n",
    "total": HEADED + ONE + f"Total,,,,,,,,{CANARY}\n",
    "total of figures": HEADED + ONE + "Total,,,,,,,,70077007\n",
    "headings twice": HEADED.replace("Alarm code", "Caretaker") + ONE + TWO,
    "known headings twice": HEADED.replace("Address", "Name") + ONE + TWO,
    "damaged coordinates": HEADED + ONE + TWO.replace("478532", "here"),
    "not UTF-8": (HEADED + ONE).encode() + TWO.replace(CANARY, f"é{CANARY}").encode("cp1252"),
    "two delimiters": HEADED + ONE + TWO.replace(",", ";"),
    "row above the heading": f"{CANARY},7,{CANARY}\n" + HEADED + ONE,
    "no heading known": f"Aaa,Bbb\n{CANARY},{CANARY}\n",
}
FEW = (["check"], ["check", "--format", "json"], ["export", "-o", "out.gpkg"])
ALL = (*FEW, ["check", "--format", "csv"], ["map", "-o", "out.html"], ["export", "-o", "out.csv"], ["sites"], ["neighbours"], ["assemble"])  # fmt: skip


def everything_told(path: Path, *options: str, by: tuple[list[str], ...] = ALL) -> str:
    """All that commands answer, say and write about an estate."""
    told = []
    for command, *rest in by:
        target = path.parent / rest[1] if "-o" in rest else None
        told += map(str, run(command, path, *(["-o", target, "--force"] if target else rest), *options))
        if target and target.exists():
            told.append(target.read_bytes().decode("latin-1"))
            target.unlink()
    return "\n".join(told)


@pytest.mark.parametrize("fault", FAULTS)
def test_cells_of_columns_nobody_recognised_are_told_nowhere(tmp_path: Path, fault: str) -> None:
    data = FAULTS[fault]
    path = tmp_path / "register.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    told = everything_told(path, "--audience", "all", by=ALL if fault == "nothing" else FEW)
    assert CANARY.lower() not in told.lower()
    assert "70077007" not in told


def test_cells_of_workbooks_and_features_nobody_recognised_are_told_nowhere(tmp_path: Path) -> None:
    rows = [line.split(",") for line in (HEADED + ONE + TWO).splitlines()]
    (tmp_path / "r.xlsx").write_bytes(book(*rows, rows[2], ["Total", *[None] * 7, CANARY]))
    features = shapes(square(450_000, 450_000), square(0, 0, 1), None, {"type": CANARY, "coordinates": []})
    (tmp_path / "r.geojson").write_bytes(features.replace(b'"name": "Hall', f'"alarm": "{CANARY}", "{"x" * 30}": ["{CANARY}"], "name": "Hall'.encode()))  # fmt: skip
    for name in ("r.xlsx", "r.geojson"):
        assert CANARY.lower() not in everything_told(tmp_path / name, "--audience", "all", by=FEW).lower()


FACTS = "fact_id,subject_kind,subject,field,value,audience,source,as_of,known_since\n"
SECRET_FACTS = {
    "fit for use": f"{CANARY}1,asset,rdc:1,note,{CANARY},{{0}},{CANARY},2010-06-24,\n",
    "no such field": f"{CANARY}1,asset,rdc:1,{CANARY},x,{{0}},,,\n",
    "no such subject": f"{CANARY}1,asset,rdc:{CANARY},note,x,{{0}},,,\n",
    "no such value": f"{CANARY}1,asset,rdc:1,gia_m2,{CANARY},{{0}},,,\n",
    "no such date": f"{CANARY}1,asset,rdc:1,note,x,{{0}},,{CANARY},\n",
    "a title of its own": f"{CANARY}1,asset,rdc:1,title_no,{CANARY},{{0}},,,\n",
    "two that differ": f"{CANARY}1,asset,rdc:1,status,surplus,{{0}},,,\n{CANARY}2,asset,rdc:1,status,vacant,{{0}},{CANARY},,\n",
    "too short": f"{CANARY}1,asset,{{0}}\n",
    "not UTF-8": f"{CANARY}1,asset,rdc:1,note,\udcff{CANARY},{{0}},,,\n",
}
LABELS = {"a group": GROUP, "the keeper": "all", "another organisation": "nycc", "blank": "", "nobody": "kanarie-nobody"}  # fmt: skip


def estate_folder(folder: Path, facts: str = "") -> Path:
    (folder / "registers").mkdir()
    (folder / "registers" / "a.csv").write_text(LIST, encoding="utf-8")
    (folder / "registers" / "secret.csv").write_text(HEAD + SHOP.replace("Shop", CANARY).replace("2,", f"{CANARY},"), encoding="utf-8")  # fmt: skip
    (folder / "estate.toml").write_text(
        f'name = "x"\nreaders = ["{GROUP}"]\n[organisations.rdc]\n[organisations.nycc]\n[registers."a.csv"]\norganisation = "rdc"\n'
        f'[registers."secret.csv"]\norganisation = "nycc"\naudience = "{GROUP}"\nsource = "{CANARY}"\n[release]\nassemblies = ["{GROUP}"]\n',
        encoding="utf-8",
    )
    if facts:
        (folder / "facts.csv").write_bytes((FACTS + facts).encode("utf-8", "surrogateescape"))
    return folder


@pytest.mark.parametrize("label", LABELS)
def test_statements_for_others_are_told_nowhere(tmp_path: Path, label: str) -> None:
    folder = tmp_path / "estate"
    folder.mkdir()
    estate_folder(folder, "".join(SECRET_FACTS.values()).format(*[LABELS[label]] * 2))
    for reader, by in (("public", ALL), ("rdc", FEW)):
        told = everything_told(folder, "--audience", reader, by=by).lower()
        assert CANARY.lower() not in told
        assert "kanarie" not in told


@pytest.mark.parametrize("reader", ["kanarie-group", "rdc.kanarie-grup", "rdc.", "rdc.x", "nycc.kanarie-group", "RDC.KANARIE-GROUP", ""])  # fmt: skip
def test_no_error_names_or_guesses_a_group(tmp_path: Path, reader: str) -> None:
    folder = estate_folder(tmp_path)
    for command in ("check", "map"):
        code, out, err = run(command, folder, "--audience", reader)
        assert code == 2
        assert out == ""
        assert GROUP not in (out + err).replace(reader, "?" if reader else "")


HIDDEN = (
    "a\u202etxt.exe",
    "b\x1b[31mred\x1b]0;title\x07",
    "c\u200bd",
    "e\nEverything is fine.",
    "f\udcff",
    "\x9bg",
    "h\ri",
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such names")
@pytest.mark.parametrize("name", HIDDEN)
def test_what_hides_in_names_and_arguments_is_shown(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    register, folder = tmp_path / f"{name}.csv", tmp_path / "estate"
    register.write_text(LIST, encoding="utf-8")
    (tmp_path / f"{name}.xyz").write_text("x", encoding="utf-8")
    (tmp_path / f"{name}.gpkg").write_text("x", encoding="utf-8")
    folder.mkdir()
    estate_folder(folder)
    (folder / "registers" / f"{name}.csv").write_text(LIST, encoding="utf-8")
    (folder / "registers" / f"{name}.xyz").write_text(LIST, encoding="utf-8")
    broken = tmp_path / "broken"
    (broken / "registers").mkdir(parents=True)
    (broken / "registers" / f"{name}.csv").write_text("", encoding="utf-8")
    commands: list[tuple[object, ...]] = [
        ("check", register), ("check", folder), ("check", broken), ("check", f"{name}.none"), ("check", f"{name}.xyz"),
        ("check", register, "--audience", name), ("check", register, "--sheet", name), ("check", register, "--organisation", name),
        ("check", register, "--crs", name), ("check", register, "--format", name), ("check", register, name), ("check", register, f"--{name}"),
        (name,), ("map", register, "-o", f"{name}.html"), ("map", register, "-o", f"{name}.html"), ("map", register, "-o", f"{name}.doc"),
        ("map", register, "-o", tmp_path / name / "x.html"), ("map", register, "-o", f"{name}.csv/x.html"), ("map", register, "--backdrop", f"{name}.gpkg"),
        ("export", register, "-o", f"{name}.csv"), ("export", register, "-o", f"{name}.gpkg", "--force"), ("export", register, "-o", f"{name}.x"),
        ("sites", register, "-o", f"{name}.csv"), ("sites", register), ("neighbours", register, name), ("columns", "--table", name),
    ]  # fmt: skip
    hidden = next(c for c in name if c != visible(c) or c == "\n")
    mark = f"[U+{ord(hidden):04X}]"
    said = 0
    for command in commands:
        code, out, err = run(*command)
        assert hidden == "\n" or hidden not in out + err, command
        assert out + err == visible(out + err), command
        assert "\nEverything is fine." not in out + err, command
        said += mark in out + err or repr(hidden)[1:-1] in out + err
        assert "Traceback" not in err
        assert code in (0, 1, 2)
    assert said > len(commands) / 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_names_in_any_script_are_answered_on_any_terminal(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "学校 Ω.csv").write_text(LIST.replace("Hall", "学校 Ω \U0001f600"), encoding="utf-8")
    listed, nowhere = "学校 Ω.csv", "nowhere-学"
    for started, command in (
        (run_process, ("check", listed)),
        (command_run, ("sites", listed)),
        (command_run, ("sites", listed, "--format", "json")),
        (command_run, ("map", listed, "-o", "ü学.html")),
        (run_process, ("check", "", nowhere)),
    ):
        done = started(*command, cwd=tmp_path, PYTHONIOENCODING=encoding)
        said = done.stdout + done.stderr
        assert "Traceback" not in said
        assert done.returncode == (2 if nowhere in command else 0)
        assert "学" in said or "located" in said

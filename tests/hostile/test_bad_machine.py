"""Bad machines: too little memory, a full disk, a kill in the middle, two runs at once, folders that cannot be written, other clocks and locales.

These are the cases 18 and 71 to 74 of the project's list of bad inputs. An output is the old file or the new one, never a part of one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bad_files import HALL, HEAD, LIST, SHOP
from bad_files import run as run_here

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="limits, signals and mounts are those of POSIX")
COMMANDS = {"map": "out.html", "export": "out.gpkg", "sites": "out.csv"}


STARTED = """
import json, os, sys, threading
import assetplan.maps, assetplan.exporting
from assetplan.cli import main


def keep(end, file):
    with os.fdopen(end, "rb") as said, open(file, "wb") as kept:
        kept.write(said.read())


for line in sys.stdin:
    arguments, before, out, err = json.loads(line)
    pipes = [os.pipe(), os.pipe()]  # what a child says is in no file, which may be limited
    child = os.fork()
    if not child:
        for stream, (_, end) in zip((1, 2), pipes):
            os.dup2(end, stream)
        sys.stdout, sys.stderr = (open(stream, "w", buffering=1, encoding="utf-8", closefd=False) for stream in (1, 2))
        sys.argv = ["assetplan", *arguments]
        exec(before)
        main()
    for _, end in pipes:
        os.close(end)
    readers = [threading.Thread(target=keep, args=(end, file)) for (end, _), file in zip(pipes, (out, err))]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One command in a process of its own, after a few words of Python that bring the machine into a bad state.

    Each is a child of one process that has all loaded, where there are such things.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if not hasattr(os, "fork"):
        yield lambda *arguments: subprocess.run([sys.executable, "-m", "assetplan", *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", check=False, env=environment)  # fmt: skip
        return
    told = [tmp_path_factory.mktemp("told") / name for name in ("out", "err")]
    with subprocess.Popen([sys.executable, "-c", STARTED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as started:  # fmt: skip
        asked, answer = started.stdin, started.stdout
        assert asked
        assert answer

        def one(*arguments: object, before: str = "") -> subprocess.CompletedProcess[str]:
            command = [str(argument) for argument in arguments]
            asked.write(json.dumps([command, before, *map(str, told)]) + "\n")
            asked.flush()
            code = answer.readline()
            assert code, "the process ended"
            return subprocess.CompletedProcess(command, int(code), *(path.read_text(encoding="utf-8") for path in told))

        yield one
        asked.close()


@pytest.fixture
def register(tmp_path: Path) -> Path:
    (tmp_path / "register.csv").write_text(LIST, encoding="utf-8")
    return tmp_path / "register.csv"


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, check=False) if shutil.which("mount") else None  # fmt: skip
    if done is None or done.returncode:
        pytest.skip("no disk may be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=False)


@posix
def test_18_five_million_rows_where_memory_is_short(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "many.csv"
    path.write_text(HEAD + SHOP * 5_000_000, encoding="utf-8")
    short = "import resource\nused = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize() if sys.platform == 'linux' else 2 ** 31\nresource.setrlimit(resource.RLIMIT_AS, (used + 2 ** 28,) * 2)"
    done = run("check", path, before=short)
    path.unlink()
    assert done.returncode == 1
    assert done.stdout == ""
    assert "not enough memory" in done.stderr
    assert "Split the register" in done.stderr
    assert "Traceback" not in done.stderr


@posix
@pytest.mark.parametrize("command", COMMANDS)
def test_71_disk_full(register: Path, mount: Path, command: str, run: Run) -> None:
    target = mount / COMMANDS[command]
    target.write_text("old", encoding="utf-8")
    with (mount / "filler").open("wb") as filler:
        for size in (4096, 1):
            try:
                while True:
                    os.write(filler.fileno(), b"x" * size)
            except OSError:
                continue
    done = run(command, register, "-o", target, "--force", *(["--format", "csv"] if command == "sites" else []))
    assert done.returncode == 1, done.stderr
    assert target.name in done.stderr
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert target.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in mount.iterdir()) == sorted([target.name, "filler"])


@posix
@pytest.mark.parametrize("command", COMMANDS)
def test_71_quota(register: Path, command: str, run: Run) -> None:
    target = register.parent / COMMANDS[command]
    target.write_text("old", encoding="utf-8")
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))"
    done = run(command, register, "-o", target, "--force", *(["--format", "csv"] if command == "sites" else []), before=limited)  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert target.name in done.stderr
    assert "Traceback" not in done.stderr
    assert target.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in register.parent.iterdir()) == sorted([target.name, "register.csv"])


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_71_standard_output_full(register: Path) -> None:
    code = "import sys\nfrom assetplan.cli import main\nmain()"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", code, "check", str(register)], stdout=full, stderr=subprocess.PIPE, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "standard output: cannot be written or read (No space left on device).\n"


KILLED = """
import os, random, signal, sys, time
import assetplan.maps, assetplan.exporting
from pathlib import Path
from assetplan.cli import main

command, target, old, new, seed = sys.argv[1:]
chance = random.Random(int(seed))
def child(register):
    process = os.fork()
    if process:
        return process
    sys.stdout = sys.stderr = open(os.devnull, "w")
    sys.argv = ["assetplan", command, register, "-o", target, "--force"]
    try:
        main()
    finally:
        os._exit(0)
whole = []
for register in (new, old):
    started = time.monotonic()
    os.waitpid(child(register), 0)
    length = time.monotonic() - started
    whole.append(Path(target).read_bytes())
assert whole[0] != whole[1]
for turn in range(10):
    process = child((new, old)[turn % 2])
    if turn % 2:
        time.sleep(chance.uniform(0, length))
    else:  # wait until the writing begins
        while not list(Path(target).parent.glob(".assetplan-*")) and os.waitpid(process, os.WNOHANG) == (0, 0):
            pass
        time.sleep(chance.uniform(0, 0.002))
    try:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
    met = Path(target).read_bytes()
    assert met in whole, f"a part of a file is left: {len(met)} bytes of {list(map(len, whole))}"
"""


@posix
@pytest.mark.parametrize("command", ["map", "export"])
def test_72_killed_at_random_moments(tmp_path: Path, command: str, run: Run) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (tmp_path / "old.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "new.csv").write_text(HEAD + HALL, encoding="utf-8")
    target = folder / COMMANDS[command]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, command, target, tmp_path / "old.csv", tmp_path / "new.csv", str(random.randrange(10**6))],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    left = {path.name for path in folder.iterdir()} - {target.name}
    assert all(name.startswith(".assetplan-") and name.endswith(".part") for name in left)
    # What a kill leaves behind is not in the way of the next run, nor taken for a register.
    assert run(command, tmp_path / "old.csv", "-o", target, "--force").returncode == 0


def test_72_two_runs_at_once(register: Path, run: Run) -> None:
    target = register.parent / "out.gpkg"
    code = "import sys\nfrom assetplan.cli import main\nmain()"
    command = [sys.executable, "-c", code, "export", str(register), "-o", str(target), "--force"]
    both = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE) for _ in range(2)]  # fmt: skip
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    data = target.read_bytes()
    assert run("export", register, "-o", target, "--force").returncode == 0
    assert target.read_bytes() == data
    assert sorted(path.name for path in register.parent.iterdir()) == ["out.gpkg", "register.csv"]


@posix
def test_73_read_only_folder(register: Path, request: pytest.FixtureRequest, run: Run) -> None:
    folder = register.parent / "closed"
    folder.mkdir()
    (folder / "out.html").write_text("old", encoding="utf-8")
    if os.geteuid():
        folder.chmod(0o555)
    elif subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)], capture_output=True, check=False).returncode:  # fmt: skip
        pytest.skip("the superuser writes everywhere, and nothing may be mounted here")
    else:
        request.addfinalizer(lambda: subprocess.run(["umount", str(folder)], check=False))
    done = run("map", register, "-o", folder / "new.html")
    assert done.returncode == 1
    assert "new.html: cannot be written" in done.stderr
    assert "choose another folder" in done.stderr
    assert not (folder / "new.html").exists()


def test_73_paths_as_people_have_them(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "Estates & Property £ (copy)" / "café ünïcode 'quoted'"
    folder.mkdir(parents=True)
    register = folder / "Register of land £ 2026.csv"
    register.write_text(LIST, encoding="utf-8")
    target = folder / "the map.html"
    done = run("map", register, "-o", target)
    assert done.returncode == 0, done.stderr
    assert target.exists()
    assert done.stdout.startswith(str(target))


@pytest.mark.parametrize("length", [256, 5_000])
def test_73_names_too_long(register: Path, length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(register.parent)
    for arguments in (("check", register.parent / ("x" * length)), ("map", register, "-o", f"{'x' * length}.html"), ("export", register, "-o", register.parent / f"{'x' * length}.csv")):  # fmt: skip
        code, _, said = run_here(*arguments)
        assert code == 1, said[-300:]
        assert "cannot be" in said or "no such file" in said
    assert [path.name for path in register.parent.iterdir()] == ["register.csv"]


def test_74_another_clock_locale_and_hash_seed(tmp_path: Path) -> None:
    """The same bytes under another time zone, locale and hash seed, seconds later, from another folder."""
    out = []
    for number, (zone, locale, seed) in enumerate([("UTC", "C", "0"), ("Asia/Kathmandu", "tr_TR.UTF-8", "4711")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "register.csv").write_text(LIST, encoding="utf-8")
        code = "import sys, locale, contextlib\nfrom assetplan.cli import main\nwith contextlib.suppress(locale.Error):\n    locale.setlocale(locale.LC_ALL, '')\n"
        code += "for command in (['map', 'register.csv', '-o', 'a.html'], ['export', 'register.csv', '-o', 'a.gpkg'], ['export', 'register.csv', '-o', 'a.csv'], ['check', 'register.csv', '--format', 'json', '-o', 'a.json']):\n"
        code += "    sys.argv = ['assetplan', *command]\n    try:\n        main()\n    except SystemExit as ended:\n        assert not ended.code\n"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed}  # fmt: skip
        subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, env=environment)
        out.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert sorted(out[0]) == ["a.csv", "a.gpkg", "a.html", "a.json", "register.csv"]
    for name, data in out[0].items():
        assert data == out[1][name], name

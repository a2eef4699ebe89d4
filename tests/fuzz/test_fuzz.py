"""Each target of `fuzz_readers` for a bounded number of runs; longer runs are made by hand."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HARNESS = Path(__file__).with_name("fuzz_readers.py")
RUNS = {
    "text": 150,
    "geojson": 300,
    "cells": 300,
    "coordinates": 3_000,
    "shapes": 3_000,
    "dates": 3_000,
    "postcodes": 300,
    "settings": 300,
    "facts": 20,
    "layers": 20,
}


@pytest.fixture(scope="module")
def fuzz() -> Iterator[Callable[..., tuple[int, str]]]:
    """Runs a target in a child of one process that has all loaded: its exit code and what it said."""
    if importlib.util.find_spec("atheris") is None:
        message = "atheris is not installed: there are wheels of it for Linux on x86-64 only"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    command = [sys.executable, str(HARNESS), "--serve"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdin
        assert server.stdout

        def run(target: str, told: Path, *flags: str) -> tuple[int, str]:
            server.stdin.write(json.dumps([target, str(told), *flags]) + "\n")
            server.stdin.flush()
            code = server.stdout.readline()
            assert code, "the harness ended"
            return int(code), told.read_text(encoding="utf-8", errors="replace")

        yield run
        server.stdin.close()


@pytest.mark.parametrize("target", RUNS)
def test_a_target_finds_nothing(target: str, fuzz: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    flags = (f"-runs={RUNS[target]}", "-seed=1", f"-artifact_prefix={tmp_path}/")
    code, said = fuzz(target, tmp_path / "said.txt", *flags)
    assert code == 0, said[-3_000:]
    assert f"Done {RUNS[target]} runs" in said


def test_the_harness_finds_what_it_should(tmp_path: Path) -> None:
    """A seed that makes a target raise is a finding: a harness that swallowed everything would find nothing for ever."""
    pytest.importorskip("atheris")
    code = (
        f"import sys\nsys.argv = ['x', {str(tmp_path)!r}, 'dates', '-runs=50', '-artifact_prefix={tmp_path}/']\n"
        "import pathlib\nsource = pathlib.Path({!r}).read_text().replace('def dates(data: bytes) -> None:', 'def dates(data: bytes) -> None:\\n    data[9999]')\n"
        "exec(compile(source, 'fuzz_readers.py', 'exec'))\n"
    ).replace("{!r}", repr(str(HARNESS)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, errors="replace", check=False, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert done.returncode != 0
    assert "IndexError" in done.stdout + done.stderr
    assert list(tmp_path.glob("crash-*"))

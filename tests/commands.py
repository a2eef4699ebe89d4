"""One command of the command line: within this process, or in one of its own where the process itself is what is tested."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from io import TextIOWrapper
from pathlib import Path
from unittest import mock

import pytest

from assetplan.cli import main

ROOT = Path(__file__).parents[1]


def run_process(*arguments: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, which takes seconds to load what it needs."""
    return subprocess.run(
        [sys.executable, "-m", "assetplan", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", check=False, cwd=cwd or ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def run(*arguments: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in this process, answering into files as into a pipe; what it raises beside its exit code fails the test."""
    command = ["assetplan", *map(str, arguments)]
    encoding = environment.get("PYTHONIOENCODING", "ascii")  # less than any answer holds: the command has to see to it
    with contextlib.ExitStack() as stack:
        out, err = (TextIOWrapper(stack.enter_context(tempfile.TemporaryFile()), encoding=encoding) for _ in range(2))
        stack.enter_context(contextlib.chdir(cwd or ROOT))
        stack.enter_context(mock.patch.dict(os.environ, {"COLUMNS": "80", **environment}))
        stack.enter_context(mock.patch.object(sys, "argv", command))
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        with pytest.raises(SystemExit) as ended:
            main()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, int(ended.value.code or 0), out.read(), err.read())

"""The samples in maps/ and the README are true of the program as it stands."""

from __future__ import annotations

import hashlib
import os
import re
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from make_samples import MAPS, PAGES, PICTURE, ROOT, SCENARIOS, make_pages, picture_hash

if TYPE_CHECKING:
    from collections.abc import Callable


def _other_versions() -> list[str]:
    """Pinned packages that are installed here in another version."""
    pins = re.findall(
        r"^([A-Za-z0-9_.-]+)==(\S+)$", (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    other = []
    for name, version in pins:
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if found != version:
            other.append(f"{name} {found}")
    return other


def test_pages_are_fresh_to_the_byte(tmp_path: Path, drawn: Callable[[str], Path]) -> None:
    other = _other_versions()
    if other and not os.environ.get("CI"):
        pytest.skip(f"installed without .ci/constraints.txt: {', '.join(other)}")
    assert not other
    for name, path in make_pages(tmp_path).items():
        assert path.read_bytes() == (MAPS / name).read_bytes(), f"{name} is stale: run python tests/make_samples.py"
        assert path.stat().st_size < 1_000_000
    page = drawn("scenarios").read_bytes()
    assert page == (MAPS / SCENARIOS).read_bytes(), f"{SCENARIOS} is stale: run python tests/make_samples.py"
    assert len(page) < 3_000_000


def test_the_picture_shows_the_public_page_beside_it() -> None:
    page = (MAPS / "malton.html").read_bytes()
    assert picture_hash((MAPS / PICTURE).read_bytes()) == hashlib.sha256(page).hexdigest(), (
        "run python tests/make_samples.py"
    )


def test_nothing_else_lies_in_maps() -> None:
    assert {path.name for path in MAPS.iterdir()} == {*PAGES, SCENARIOS, PICTURE}


def test_the_readmes_script_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    exec(compile(script, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert said.startswith("largest connected 1 5.87 ha, nhs, nycc, police, rdc")
    assert "stand-alone value lost" in said
    assert "They face one another across Old Malton Road, 17 m apart." in said
    assert (tmp_path / "maps" / "malton-rdc.html").exists()
    assert len([line for line in script.splitlines() if line.strip()]) <= 13

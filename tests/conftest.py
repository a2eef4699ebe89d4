"""Fixtures shared by all tests."""

import gc
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

MALTON = Path(__file__).parents[1] / "data" / "malton"


def pytest_configure(config: pytest.Config) -> None:
    """Examples in docstrings lie outside this folder, so that what they share is registered for all."""
    import examples

    config.pluginmanager.register(examples, "examples")


def pytest_collection_finish() -> None:
    """Leave what importing and collecting made out of every later search for garbage, which otherwise takes about a tenth of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each process gets one stretch of the tests, the rest as it is done: so what a module shares is mostly made once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _one_command_line() -> Iterator[None]:
    """Typer makes its commands anew for every call, which takes longer than many of the hundreds of commands that are run here."""
    import typer.main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real registers. Where it is absent tests skip, saying so; in CI they may not."""
    folder = Path(os.environ.get("ASSETPLAN_REALDATA") or Path(__file__).parents[2] / "shared" / "realdata")
    if not folder.is_dir():
        message = "no real registers here: ASSETPLAN_REALDATA names no folder"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Malton's page for a reader, made once in a run of the tests, however many processes share it: nobody may write into it.

    ``scenarios`` is the district council's page of all scenarios that it may know.
    """
    from make_samples import make_scenarios

    import assetplan as ap

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "malton-drawn"
    folder.mkdir(exist_ok=True)

    def page(reader: str) -> Path:
        path = folder / f"{reader}.html"
        if not path.exists():
            made = folder / f"{reader}-{os.getpid()}.html"
            if reader == "scenarios":
                make_scenarios(made)
            else:
                ap.save_map(ap.map_estate(ap.read_estate(MALTON).for_audience(reader)), made)
            made.replace(path)
        return path

    return page

"""Fixtures shared by all tests."""

import gc
import os
from pathlib import Path

import pytest


def pytest_collection_finish() -> None:
    """Leave what importing and collecting made out of every later search for garbage, which otherwise takes about a tenth of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


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

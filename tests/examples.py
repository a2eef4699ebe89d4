"""What the examples in docstrings share: many of them read Malton, which is done once for all of them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@cache
def _read() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """How an estate is read, anew and once for all."""
    import assetplan as ap

    return ap.read_estate, cache(ap.read_estate)


def _shared(path: Any, **options: Any) -> Any:
    anew, once = _read()
    return (once if path == "data/malton" and set(options) <= {"audience"} else anew)(path, **options)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Estates change in nothing, so an example is shown the one that another has read; in a deep run each reads its own."""
    if not isinstance(item, pytest.DoctestItem) or os.environ.get("ASSETPLAN_DEEP"):
        return (yield)
    _read()
    with mock.patch("assetplan.read_estate", _shared):
        return (yield)

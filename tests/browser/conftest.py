"""Real Chromium with the network blocked, and an account of everything a page asked for or complained of."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shared
from pages import crowd

import assetplan as ap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
REALDATA = Path(os.environ.get("ASSETPLAN_REALDATA", ROOT / ".." / "shared" / "realdata"))
REAL = {
    "cheltenham": "cheltenham-assets/local_authority_land_and_assets_2023.csv",
    "fire": "fire-stations-england/fire-stations-dataset.ods",
    "stations": "greater-manchester-sites/gm_fire_stations.geojson",
}
CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass
class Opened:
    """A page in the browser, what it requested beside itself, and what it printed to the console or threw."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def quiet(self) -> bool:
        """Whether the page asked for nothing and complained of nothing."""
        return not self.requests and not self.complaints


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is absent, and in CI browser tests may not skip")
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Opened]]:
    contexts = []

    def opener(path: Path, width: int = 1280, height: int = 900, **options: Any) -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": height}, offline=True, **options)
        contexts.append(context)
        address = path.resolve().as_uri()
        opened = Opened(context.new_page())
        opened.page.on(
            "request",
            lambda r: opened.requests.append(r.url) if r.url != address and not r.url.startswith("data:") else None,
        )
        opened.page.on(
            "console", lambda m: opened.complaints.append(m.text) if m.type in {"error", "warning"} else None
        )
        opened.page.on("pageerror", lambda e: opened.complaints.append(str(e)))
        opened.page.goto(address)
        opened.page.wait_for_selector(".ap-ready")
        return opened

    yield opener
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def malton() -> ap.Estate:
    """Malton as its keeper reads it."""
    return shared.malton()


@pytest.fixture(scope="session")
def written(drawn: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Pages, each made once: of Malton by the name of its reader, of a crowd of sites, and of real registers by name, for the public."""
    folder = tmp_path_factory.mktemp("pages")

    def write(name: str) -> Path:
        path = folder / f"{name}.html"
        if path.exists():
            return path
        if name not in {*REAL, "crowd"}:
            return drawn(name)
        if name in REAL:
            if not REALDATA.is_dir():
                if os.environ.get("CI"):
                    pytest.fail("real registers are absent, and in CI their tests may not skip")
                pytest.skip(f"there are no real registers at {REALDATA}")
            estate = ap.read_estate(REALDATA / REAL[name]).for_audience("public")
        else:
            estate = ap.read_estate(crowd(folder)).for_audience("public")
        return ap.save_map(ap.map_estate(estate), path)

    return write

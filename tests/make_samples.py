"""Make the samples in maps/ anew: ``python tests/make_samples.py``.

The picture is a view of the public page in Chromium; it carries the hash of that page's bytes, so that a test can tell
whether it shows the page that lies beside it.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

import assetplan as ap

ROOT = Path(__file__).parents[1]
MAPS = ROOT / "maps"
PAGES = {"malton.html": "public", "malton-rdc.html": "rdc"}
SCENARIOS = "malton-scenarios.html"
"""What the district council sees of all scenarios that it may know, appraised and compared."""
PICTURE = "malton.png"
HASH_KEY = "page-sha256"


def make_pages(folder: Path) -> dict[str, Path]:
    """Write the sample pages into a folder, but that of scenarios."""
    estate = ap.read_estate(ROOT / "data" / "malton")
    return {
        name: ap.save_map(ap.map_estate(estate.for_audience(reader)), folder / name) for name, reader in PAGES.items()
    }


def make_scenarios(path: Path) -> Path:
    """Write the page of scenarios."""
    estate = ap.read_estate(ROOT / "data" / "malton").for_audience("rdc")
    asked = [ap.read_scenario(file) for file in sorted((ROOT / "data" / "malton" / "scenarios").glob("s*.toml"))]
    results = ap.appraise_scenarios(estate, [one for one in asked if one.is_for("rdc")])
    return ap.save_map(ap.map_estate(estate, appraisals=results), path)


def picture_hash(png: bytes) -> str:
    """The hash of the page that a picture was taken of, from its text chunk."""
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"tEXt" and body.startswith(HASH_KEY.encode() + b"\0"):
            return body.split(b"\0")[1].decode()
        at += 12 + length
    return ""


def _with_hash(png: bytes, digest: str) -> bytes:
    body = HASH_KEY.encode() + b"\0" + digest.encode()
    chunk = struct.pack(">I", len(body)) + b"tEXt" + body + struct.pack(">I", zlib.crc32(b"tEXt" + body))
    header_end = 8 + 12 + struct.unpack(">I", png[8:12])[0]
    return png[:header_end] + chunk + png[header_end:]


def make_picture(page: Path, picture: Path) -> None:
    """Take the README's picture: the map of a page with its key."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_context(
            viewport={"width": 1280, "height": 1000}, offline=True, reduced_motion="reduce"
        ).new_page()
        tab.goto(page.resolve().as_uri())
        tab.wait_for_selector("path.leaflet-interactive")
        png = tab.locator("section:has(.folium-map)").first.screenshot()
        browser.close()
    picture.write_bytes(_with_hash(png, hashlib.sha256(page.read_bytes()).hexdigest()))


if __name__ == "__main__":
    make_scenarios(MAPS / SCENARIOS)
    make_picture(make_pages(MAPS)["malton.html"], MAPS / PICTURE)

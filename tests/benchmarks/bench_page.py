"""Pages of 1,000 to 100,000 sites: folium's GeoJson, geopandas' explore, and ours, in one run on one machine.

``python tests/benchmarks/bench_page.py [--sizes 1000,10000,100000] [--kinds points,polygons]``. Prints a table: seconds of processor time to
build the file, its size, seconds until the map can be used in Chromium, heap, seconds for one step of zoom, and the 95th percentile of
the time between frames while the map is dragged. The seconds are of the machine; what is claimed is the ratio to folium.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
from estates import OWNERS, frame, postcodes
from xstatic.pkg import jquery, leaflet

from assetplan.page.shell import empty_view, estate_layer, page_html

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

ROOT = Path(__file__).parents[2]
REALDATA = Path(os.environ.get("ASSETPLAN_REALDATA", ROOT / ".." / "shared" / "realdata"))
FIELDS = ["name", "organisation", "status", "use", "uprn", "gia_m2", "site_ha"]
LABELS = {"uprn": "UPRN", "gia_m2": "Floor area (m2 GIA)", "site_ha": "Site area (ha)", "use": "Use"}
COLOURS = ("#0072B2", "#D55E00", "#CC79A7", "#56B4E9", "#009E73", "#7A5195", "#B8860B", "#8C564B")
PATTERNS = ("diagonal", "counter", "vertical", "horizontal", "dots", "cross", "plain", "dots")


def ours(sites: gpd.GeoDataFrame) -> str:
    """The page as assetplan composes it from what it knows of the sites."""
    west, south, east, north = sites.total_bounds
    m = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_start=8,
        max_zoom=20,
        attributionControl=False,
    )
    m.options["maxZoom"] = 20
    estate_layer(view_of(sites)).add_to(m)
    return page_html(m)


def view_of(sites: gpd.GeoDataFrame) -> Any:
    """The page's view of a frame of sites: every field in the card and in the table."""
    west, south, east, north = sites.total_bounds
    middle = sites.geometry.representative_point() if (sites.geom_type != "Point").any() else sites.geometry
    texts = {field: sites[field].astype(str).tolist() for field in FIELDS}
    view = empty_view(f"{len(sites):,} sites")
    view["map"]["organisations"] = [
        {
            "id": f"o{i}",
            "name": name,
            "letter": name[0],
            "colour": COLOURS[i],
            "pattern": PATTERNS[i],
            "sites": int((sites["organisation"] == name).sum()),
        }
        for i, name in enumerate(OWNERS)
    ]
    view["map"]["sites"] = {
        "id": sites["site_id"].tolist(),
        "name": texts["name"],
        "organisation": [OWNERS.index(name) for name in sites["organisation"]],
        "status": texts["status"],
        "precision": ["point" if kind == "Point" else "polygon" for kind in sites.geom_type],
        "use": texts["use"],
        "area_ha": sites["site_ha"].tolist(),
        "shape": sites.geometry.to_numpy(),
        "at": np.column_stack([middle.y, middle.x]),
        "facts": [
            {
                "label": label,
                "values": texts[field],
                "sources": ["made up"] * len(sites),
                "flags": [1] * len(sites),
                "searched": field in {"uprn", "use"},
            }
            for field, label in LABELS.items()
        ],
        "notes": [],
    }
    view["map"]["bounds"] = [[south, west], [north, east]]
    view["tables"] = [
        {
            "id": "sites",
            "caption": "Sites",
            "note": "",
            "columns": ["Site", "Body", "Status", *LABELS.values()],
            "numeric": [False, False, False, False, True, True, False],
            "rows": [
                list(row)
                for row in zip(
                    texts["name"],
                    texts["organisation"],
                    texts["status"],
                    *(texts[field] for field in LABELS),
                    strict=True,
                )
            ],
            "sites": list(range(len(sites))),
            "folded": False,
        }
    ]
    return view


def folium_geojson(sites: gpd.GeoDataFrame) -> str:
    """The usual way: one GeoJson layer with a tooltip and a popup."""
    west, south, east, north = sites.total_bounds
    m = folium.Map(tiles=None, prefer_canvas=True)
    m.options["maxZoom"] = 20
    folium.GeoJson(
        sites,
        marker=folium.CircleMarker(radius=5),
        tooltip=folium.GeoJsonTooltip(["name"]),
        popup=folium.GeoJsonPopup(FIELDS),
    ).add_to(m)
    m.fit_bounds([[south, west], [north, east]])
    return str(m.get_root().render())


def explore(sites: gpd.GeoDataFrame) -> str:
    """What geopandas makes of it."""
    m = sites[[*FIELDS, "geometry"]].explore(tiles=None, prefer_canvas=True, popup=True)
    m.options["maxZoom"] = 20
    return str(m.get_root().render())


def serve(route: Any) -> None:
    """The files folium asks other hosts for, from their installed packages; what it does not need, empty."""
    address = route.request.url
    local = {
        "leaflet.js": Path(leaflet.BASE_DIR) / "leaflet.js",
        "leaflet.css": Path(leaflet.BASE_DIR) / "leaflet.css",
        "jquery": Path(jquery.BASE_DIR) / "jquery.min.js",
    }
    if address.startswith("file:"):
        route.continue_()
        return
    path = next((path for key, path in local.items() if key in address.rsplit("/", 1)[-1]), None)
    kind = "text/css" if ".css" in address else "text/javascript"
    route.fulfill(status=200, content_type=kind, body=path.read_text(encoding="utf-8") if path else "")


_FRAMES = """async (steps) => {
  const box = document.querySelector('.leaflet-container'); const rect = box.getBoundingClientRect();
  const at = (i) => ({clientX: rect.x + rect.width / 2 + 260 * Math.sin(i / 9), clientY: rect.y + rect.height / 2 + 160 * Math.sin(i / 13), bubbles: true, button: 0, buttons: 1});
  const pane = box.querySelector('.leaflet-map-pane');
  box.dispatchEvent(new MouseEvent('mousedown', at(0)));
  const gaps = []; let last = performance.now();
  for (let i = 1; i <= steps; i++) {
    document.dispatchEvent(new MouseEvent('mousemove', at(i)));
    await new Promise(requestAnimationFrame);
    const now = performance.now(); gaps.push(now - last); last = now;
  }
  document.dispatchEvent(new MouseEvent('mouseup', at(steps)));
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length * 0.95)];
}"""


def measure(browser: Any, path: Path, *, own: bool, patience_s: int) -> dict[str, float | None]:
    """Load a page, drag its map, step its zoom."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(patience_s * 1000)
    page.route("**/*", serve)
    out: dict[str, float | None] = dict.fromkeys(("load_s", "heap_mb", "zoom_s", "frame95_ms"))
    begun = time.perf_counter()
    try:
        page.goto(path.as_uri(), wait_until="load")
        page.wait_for_selector(".ap-ready" if own else ".leaflet-container .leaflet-overlay-pane canvas")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        out["load_s"] = time.perf_counter() - begun
        session = context.new_cdp_session(page)
        session.send("Performance.enable")
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        out["heap_mb"] = metrics["JSHeapUsedSize"] / 1e6
        page.locator(".leaflet-container").scroll_into_view_if_needed()
        out["frame95_ms"] = page.evaluate(_FRAMES, 90)
        begun = time.perf_counter()
        page.evaluate("document.querySelector('.leaflet-control-zoom-in').click()")
        page.wait_for_timeout(0)
        page.evaluate(
            "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 260))"
        )
        out["zoom_s"] = time.perf_counter() - begun - 0.26
    except Exception as error:  # noqa: BLE001 -- a peer that never loads is a result
        print(f"  {path.name}: {type(error).__name__}")
    context.close()
    return out


def main() -> None:
    """Run and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sizes", default="1000,10000,100000")
    arguments.add_argument("--kinds", default="points,polygons")
    arguments.add_argument("--ways", default="folium GeoJson,explore,ours")
    arguments.add_argument("--patience", type=int, default=180)
    asked = arguments.parse_args()
    from playwright.sync_api import sync_playwright

    spots = postcodes(REALDATA) if REALDATA.is_dir() else None
    ways: dict[str, Callable[[gpd.GeoDataFrame], str]] = {
        "folium GeoJson": folium_geojson,
        "explore": explore,
        "ours": ours,
    }
    print(
        f"{'kind':9} {'sites':>7} {'way':15} {'build s':>8} {'MB':>7} {'load s':>7} {'heap MB':>8} {'zoom s':>7} {'frame ms':>8}"
    )
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for kind in asked.kinds.split(","):
            for size in map(int, asked.sizes.split(",")):
                sites = frame(size, polygons=kind == "polygons", spots=spots)
                for name in asked.ways.split(","):
                    begun = time.process_time()
                    html = ways[name](sites)
                    build = time.process_time() - begun
                    path = Path(folder) / f"{kind}-{size}-{name.replace(' ', '-')}.html"
                    path.write_text(html, encoding="utf-8")
                    found = measure(browser, path, own=name == "ours", patience_s=asked.patience)
                    shown = [f"{value:.2f}" if value is not None else "never" for value in found.values()]
                    print(
                        f"{kind:9} {size:7,} {name:15} {build:8.2f} {path.stat().st_size / 1e6:7.2f} "
                        f"{shown[0]:>7} {shown[1]:>8} {shown[2]:>7} {shown[3]:>8}",
                        flush=True,
                    )
                    path.unlink()
        browser.close()


if __name__ == "__main__":
    main()

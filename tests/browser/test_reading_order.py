"""What a screen reader meets, in its order, and that words and tables say all that the map shows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import AXE, PageData

import assetplan as ap
from assetplan.wording import account_of

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
TOLD = {
    "heading",
    "region",
    "search",
    "table",
    "banner",
    "main",
    "contentinfo",
    "button",
    "checkbox",
    "searchbox",
    "group",
    "dialog",
    "combobox",
}


def tree(page: Any) -> list[tuple[str, str]]:
    """Role and name of everything in the accessibility tree, in reading order."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}
    out: list[tuple[str, str]] = []
    stack = [nodes[0]["nodeId"]]
    while stack:
        node = by_id.get(stack.pop())
        if node is None:
            continue
        if not node.get("ignored"):
            out.append((node["role"]["value"], str(node.get("name", {}).get("value", ""))))
        stack.extend(reversed(node.get("childIds", [])))
    return out


@pytest.mark.parametrize("reader", ["public", "rdc"])
def test_a_screen_reader_goes_from_title_to_sources(
    reader: str, malton: ap.Estate, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    estate = malton.for_audience(reader)
    page = open_page(written(reader)).page
    nodes = [node for node in tree(page) if node[0] in TOLD]
    names = [name for _, name in nodes]
    order = [
        ("heading", estate.title),
        ("heading", "In words"),
        ("heading", "Map"),
        ("search", "Find sites"),
        ("searchbox", "Find by name, address, UPRN or body"),
        ("group", f"Map of {estate.title}"),
        ("checkbox", "Sites by organisation"),
        ("heading", "Key"),
        ("heading", "In tables: the map"),
        ("table", "Sites"),
        ("heading", "Sources"),
        ("contentinfo", ""),
    ]
    at = -1
    for role, name in order:
        at = next(i for i in range(at + 1, len(nodes)) if nodes[i][0] == role and nodes[i][1].startswith(name))
    # Each site is a named button inside the map, and each control has a name.
    sites = PageData(page.content()).sites
    for site in sites:
        assert any(role == "button" and name.startswith(f"{site['name']}, ") for role, name in nodes), site["name"]
    assert all(
        name for role, name in nodes if role in {"button", "checkbox", "searchbox", "combobox", "table", "search"}
    )
    # Headings go down one level at a time.
    levels = page.eval_on_selector_all("h1, h2, h3, h4", "nodes => nodes.map((node) => Number(node.tagName[1]))")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert names.count(estate.title) == 1


@pytest.mark.parametrize("reader", ["public", "rdc", "all"])
def test_words_and_tables_say_all_that_the_map_shows(
    reader: str, malton: ap.Estate, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    estate = malton if reader == "all" else malton.for_audience(reader)
    page = open_page(written(reader)).page
    rows = {
        block.get_attribute("data-id"): block.locator("tbody tr").evaluate_all(
            "rows => rows.map((row) => row.textContent)"
        )
        for block in page.locator(".ap-table-block").all()
    }
    data = PageData(page.content())
    for number, site in enumerate(data.sites):
        row = page.locator(f"[data-id=sites] tbody tr[data-site='{number}']").text_content()
        assert site["organisation"]["name"].lower() in row.lower()
        for fact in site["facts"]:
            if fact["label"] not in {"UPRN", "Title", "Access", "Opening hours", "Body and holder"}:
                assert fact["value"] in row, (site["name"], fact)
    account = account_of(estate)
    names = account.sites["name"]
    for pair in account.pairs.to_dict("records"):
        one, other = names[pair["site_a"]], names[pair["site_b"]]
        assert any(one in row and other in row and pair["relation"] in row for row in rows["relations"]), pair
    constraints = data.packed["constraints"]
    for name, state in zip(data.texts(constraints["name"]), data.texts(constraints["state"]), strict=True):
        assert any(name in row and state in row for row in rows["constraints"]), name
    for name in data.texts(data.packed["context"]["name"]):
        assert any(name in row for row in rows["context"]), name
    for assembly in data.packed["assemblies"]:
        members = [data.sites[i]["name"] for i in assembly["sites"]]
        which = "deliverable" if assembly["ranking"] == "best deliverable" else "assemblies"
        assert any(all(member in row for member in members) for row in rows[which])
    assert bool(data.packed["assemblies"]) is (reader != "public")
    components = data.packed["components"]
    assert ("components" in rows) is bool(data.texts(components["name"])) is (reader != "public")
    members = iter(data.numbers(components["sites"]))
    for count in data.numbers(components["counts"]):
        together = [data.sites[next(members)]["name"] for _ in range(count)]
        assert any(all(member in row for member in together) for row in rows["components"])


@pytest.mark.parametrize("state", ["crowd", "dark", "chosen and measuring", "nothing located"])
def test_axe_finds_nothing_in_other_states(
    state: str, tmp_path: Path, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    if state == "nothing located":
        (tmp_path / "none.csv").write_text("Ref,Name,Use\n1,Hall,office\n2,Depot,depot\n", encoding="utf-8")
        estate = ap.read_estate(tmp_path / "none.csv").for_audience("public")
        path = ap.save_map(ap.map_estate(estate), tmp_path / "page.html")
    else:
        path = written("crowd" if state == "crowd" else "public")
    page = open_page(path, reduced_motion="reduce", color_scheme="dark" if state == "dark" else "light").page
    if state == "chosen and measuring":
        page.get_by_label("Find by name, address, UPRN or body").fill("norton")
        page.locator(".ap-offer").first.wait_for()
        page.get_by_role("button", name="Measure").click()
    found = Axe().run(page, options=AXE)
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found.response["violations"]] == []


@pytest.mark.parametrize("reader", ["public", "crowd"])
def test_the_page_reflows_at_four_hundred_per_cent(
    reader: str, written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(written(reader), width=320, height=256).page
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_name_from_right_to_left_leaves_its_number_beside_it(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    """Bodies with Hebrew and Arabic names, one of which holds markup: each count stands to the right of its name."""
    names = ["\u05e2\u05d9\u05e8\u05d9\u05d9\u05ea \u05d0 <b>12", "\u0628\u0644\u062f\u064a\u0629", "Vale Council"]
    rows = [f"R{i},Hall {i},{names[i % 3]},{450000 + 300 * i},450000" for i in range(17)]
    register = tmp_path / "turned.csv"
    register.write_text("\n".join(["Ref,Name,Organisation,Easting,Northing", *rows]), encoding="utf-8")
    estate = ap.read_estate(register).for_audience("public")
    opened = open_page(ap.save_map(ap.map_estate(estate), tmp_path / "page.html"), reduced_motion="reduce")
    page = opened.page
    turned = page.locator("#ap-words bdi")
    assert sorted(turned.all_text_contents()) == sorted(names[:2])
    after = turned.evaluate_all("""names => names.map((name) => {
        const text = name.nextSibling, range = document.createRange();
        range.setStart(text, 0);
        range.setEnd(text, /^ [0-9]+/.exec(text.data)[0].length);
        return range.getBoundingClientRect().right - name.getBoundingClientRect().right;
    })""")
    assert all(gap > 4 for gap in after)
    assert "6, " in page.locator("#ap-words p").first.text_content()
    page.locator("button.ap-show").first.click()
    page.wait_for_function("getComputedStyle(document.querySelector('.leaflet-popup')).opacity === '1'")
    assert Axe().run(page, options=AXE).response["violations"] == []
    assert opened.quiet(), opened.complaints

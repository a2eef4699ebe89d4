"""The page's scripts: modules that become one script, and read what Python packed to the last vertex."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pages import PageData
from payloads import PAYLOADS

from assetplan.page import inliner
from assetplan.page.packing import INLINE, packed
from assetplan.page.shell import empty_view
from assetplan.text import visible

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "assetplan" / "page"
NAME = re.compile(r"^(?:export )?(?:async )?(?:function|const|let) (\w+)", re.MULTILINE)
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z]+\.js)";$', re.MULTILINE)
READ = """
import { readFileSync } from "node:fs";
import { load } from "%s";
const { inflate, readView } = await load("unpack.js");
const source = JSON.parse(readFileSync(process.argv[1], "utf8"));
const { sites, backdrop, context } = readView(source.deflate ? await inflate(source) : source);
const all = (count, of) => Array.from({ length: count }, (_, i) => of(i));
console.log(JSON.stringify({
  shapes: all(sites.count, (i) => [sites.shape.kind(i), sites.shape.nested(i)]),
  at: all(sites.count, (i) => sites.at.at(i)),
  names: all(sites.count, (i) => sites.name.at(i)),
  facts: all(sites.count, (i) => sites.facts(i)),
  owners: all(sites.count, (i) => sites.owner(i).name),
  areas: all(sites.count, (i) => sites.area(i)),
  backdrop: backdrop.map((part) => [part.shape.type, part.shape.parts]),
  context: context.map((place) => [place.name, place.at]),
}));
"""


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("node is absent, and in CI tests of the page's scripts may not skip")
        pytest.skip("there is no node on this machine")
    return found


def modules() -> dict[str, str]:
    return {name: (FOLDER / name).read_text(encoding="utf-8") for name in inliner.SCRIPTS}


def test_every_script_of_the_folder_is_part_of_the_page_and_imports_what_is_there() -> None:
    texts = modules()
    assert set(texts) == {path.name for path in FOLDER.glob("*.js")}
    exported = {
        name: set(re.findall(r"^export (?:async )?(?:function|const|let) (\w+)", text, re.MULTILINE))
        for name, text in texts.items()
    }
    for name, text in texts.items():
        for names, source in IMPORT.findall(text):
            wanted = {part.strip() for part in names.split(",") if part.strip()}
            assert wanted <= exported[source], (name, source)
        assert len(IMPORT.findall(text)) == len(re.findall(r"^import\b", text, re.MULTILINE)), name


def test_names_are_told_apart_in_the_one_scope_they_share() -> None:
    owners: dict[str, str] = {}
    for module, text in modules().items():
        for name in NAME.findall(text):
            assert name not in owners, f"{name} of {module} is also in {owners.get(name)}"
            owners[name] = module


def test_the_joined_script_parses_and_touches_no_markup(node: str, tmp_path: Path) -> None:
    script = inliner.page_script()
    (tmp_path / "page.js").write_text(script, encoding="utf-8")
    subprocess.run([node, "--check", tmp_path / "page.js"], check=True, capture_output=True)
    assert not re.search(r"^\s*(?:import|export)\b", script, re.MULTILINE)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", script)


def test_no_text_of_a_script_goes_over_a_line() -> None:
    """So that lines may lose what they are set in by."""
    for name, text in modules().items():
        assert not [line for line in text.splitlines() if line.count("`") % 2], name
        assert "\\\n" not in text, name


def test_the_scripts_stay_small() -> None:
    """Every page carries them; little above what they weigh today, so that growth is a decision."""
    assert len(inliner.page_script().encode()) < 155_000
    assert len(inliner.page_style().encode()) < 42_000


def any_shape(draw: np.random.Generator) -> Any:
    """A shape of any kind anywhere on the globe, its corners at any number of decimals."""
    x, y = draw.uniform(-179, 179), draw.uniform(-89, 89)

    def ring(size: float) -> np.ndarray:
        turn = np.sort(draw.uniform(0, 2 * np.pi, int(draw.integers(3, 12))))
        return np.column_stack([x + size * np.cos(turn), y + size * np.sin(turn)])

    point = shapely.Point(x, y)
    line = shapely.LineString(ring(0.4))
    area = shapely.Polygon(ring(0.5))
    square = shapely.box(x - 0.3, y - 0.3, x + 0.3, y + 0.3)
    holed = shapely.Polygon(square.exterior.coords, [shapely.box(x - 0.1, y - 0.1, x + 0.1, y + 0.1).exterior.coords])
    many = shapely.MultiPolygon([holed, shapely.box(x + 0.5, y, x + 0.6, y + 0.1)])
    kinds = [
        point,
        line,
        area,
        holed,
        many,
        shapely.MultiPoint(ring(0.2)),
        shapely.MultiLineString([ring(0.2), ring(0.3)]),
        shapely.GeometryCollection([point, line]),
        shapely.force_3d(area, 7.0),
        shapely.Point(-180, 90),
        shapely.Point(180, -90),
    ]
    return kinds[int(draw.integers(len(kinds)))]


def expected(shape: Any) -> tuple[str, list[Any]]:
    """Kind and parts of a shape, straight from shapely: the parts of highest dimension, rings not closed, six decimals."""
    parts = list(shapely.get_parts(shape))
    top = max(shapely.get_dimensions(part) for part in parts)
    parts = [part for part in parts if shapely.get_dimensions(part) == top]

    def places(coordinates: Any) -> list[list[float]]:
        return [[round(c[1], 6), round(c[0], 6)] for c in coordinates]

    if top == 2:
        return "polygon", [[places(ring.coords[:-1]) for ring in (p.exterior, *p.interiors)] for p in parts]
    return ("point", "line")[top], [[places(part.coords)] for part in parts]


@pytest.mark.parametrize("count", [0, 1, 60, INLINE, INLINE + 60], ids=lambda n: f"{n} sites")
def test_every_vertex_and_every_text_equals_pythons(count: int, node: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(count)
    shapes = [any_shape(draw) for _ in range(count)]
    texts = [PAYLOADS[i % len(PAYLOADS)] + ("" if i % 3 else str(i)) for i in range(count)]
    spots = [shapely.get_coordinates(shape)[0] for shape in shapes]
    view = empty_view("x")
    inside = view["map"]
    inside["organisations"] = [
        {"id": str(i), "name": f"o{i}", "letter": "O", "colour": "#000000", "pattern": "plain", "sites": 1}
        for i in range(3)
    ]
    holder = np.empty(count, dtype=object)
    holder[:] = shapes
    areas = [None if i % 4 == 0 else round(float(draw.uniform(0, 90)), 4) for i in range(count)]
    inside["sites"] = {
        "id": [f"i{i}" for i in range(count)],
        "name": texts,
        "organisation": [int(n) for n in draw.integers(0, 3, count)],
        "status": ["surplus"] * count,
        "precision": ["point"] * count,
        "use": texts[::-1],
        "area_ha": areas,
        "shape": holder,
        "at": np.array([[y, x + (0.25 if i % 2 else 0)] for i, (x, y) in enumerate(spots)]).reshape(-1, 2),
        "facts": [
            {
                "label": "A",
                "values": texts,
                "sources": ["s"] * count,
                "flags": [i % 4 for i in range(count)],
                "searched": True,
            }
        ],
        "notes": [],
    }
    inside["backdrop"] = [{"kind": "road", "name": "n", "shape": shape} for shape in shapes[:40]]
    inside["context"] = [{"name": text, "at": [1.25, -0.000001], "text": "t"} for text in texts[:5]]
    source = str(packed(inside, {}))
    assert ("deflate" in json.loads(source)) is (count > INLINE)
    (tmp_path / "view.json").write_text(source, encoding="utf-8")
    script = READ % (ROOT / "tests" / "page" / "load.mjs").as_uri()
    done = subprocess.run(
        [node, "--input-type=module", "-e", script, "view.json"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    read = json.loads(done.stdout)
    assert [tuple(pair) for pair in read["shapes"]] == [expected(shape) for shape in shapes]
    assert [tuple(pair) for pair in read["backdrop"]] == [expected(shape) for shape in shapes[:40]]
    assert read["at"] == [[round(float(y), 6), round(float(x), 6)] for y, x in inside["sites"]["at"]]
    assert read["names"] == [visible(text) for text in texts]
    assert read["areas"] == areas
    assert read["owners"] == [f"o{n}" for n in inside["sites"]["organisation"]]
    facts = [fact for site in read["facts"] for fact in site]
    assert [fact["value"] for fact in facts] == [visible(text) for text in texts]
    assert [(fact["illustrative"], fact["unknown"]) for fact in facts] == [
        (bool(i & 1), bool(i & 2)) for i in range(count)
    ]
    assert read["context"] == [[visible(text), [1.25, -0.000001]] for text in texts[:5]]
    # The tests' own decoder reads the same.
    data = PageData(f'<script type="application/json" id="ap-data">{source}</script>')
    kinds = ("point", "line", "polygon")
    again = [
        (kinds[kind], [[[list(spot) for spot in ring] for ring in part] for part in parts])
        for kind, parts in data.shapes(data.packed["sites"]["shape"])
    ]
    assert again == [expected(shape) for shape in shapes]

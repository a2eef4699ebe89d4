"""What a written page says to its script, read back in Python: a second hand beside assetplan/page/unpack.js."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from itertools import accumulate
from pathlib import Path
from typing import Any

_DATA = re.compile(r'<script type="application/json" id="ap-data">(.*?)</script>', re.DOTALL)


def raw_data(html: str) -> tuple[dict[str, Any], bytes]:
    """The packed view as JSON, and the stream of numbers behind it (empty for a small page)."""
    match = _DATA.search(html)
    assert match, "the page carries no data"
    packed = json.loads(match[1])
    if "deflate" not in packed:
        return packed, b""
    body = zlib.decompress(base64.b64decode(packed["deflate"]), -zlib.MAX_WBITS)
    (length,) = struct.unpack("<I", body[:4])
    return json.loads(body[4 : 4 + length]), body[4 + length :]


def all_text(html: str) -> str:
    """Everything a page holds in a form that can be searched: its source, and its data where that is deflated."""
    packed, stream = raw_data(html)
    return html + (json.dumps(packed, ensure_ascii=False) if stream else "")


def spelt_out(html: str) -> str:
    """All a page holds as text that can be searched, coordinates as ``latitude,longitude`` too."""
    data = PageData(html)
    packed = data.packed
    shapes = [
        shape
        for part in ("sites", "constraints", "components", "backdrop", "reaches")
        if part in packed
        for _, shape in data.shapes(packed[part]["shape"])
    ]
    corners = [f"{y},{x}" for shape in shapes for part in shape for ring in part for y, x in ring]
    spots = [
        f"{y / 1e6},{x / 1e6}"
        for part in (
            "sites",
            "context",
            "places",
            "services",
            "villages",
        )  # of sites only those whose name stands elsewhere than on their point
        if part in packed
        for y, x in zip(*(data.numbers(packed[part]["at"][axis]) for axis in ("y", "x")), strict=True)
    ]
    return "\n".join([all_text(html), *corners, *spots])


class PageData:
    """The view of a page: `sites` as records, other parts as columns of texts."""

    def __init__(self, html: str) -> None:
        self.packed, self._stream = raw_data(html)

    def numbers(self, column: Any) -> list[int]:
        if isinstance(column, list):
            return list(accumulate(column))
        if "all" in column:
            return [column["all"]] * column["count"]
        out, at = [], column["from"]
        for _ in range(column["count"]):
            plain = shift = 0
            while True:
                byte = self._stream[at]
                at += 1
                plain |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            out.append((plain >> 1) ^ -(plain & 1))
        return list(accumulate(out))

    def texts(self, column: Any) -> list[str]:
        return [self.packed["pool"][place] for place in self.numbers(column["text"])]

    def shapes(self, column: Any) -> list[tuple[int, list[list[list[tuple[float, float]]]]]]:
        """Kind (0 point, 1 line, 2 polygon) and parts of rings of (latitude, longitude) of each shape."""
        kinds, parts, rings, vertices, ys, xs = (
            iter(self.numbers(column[name])) for name in ("kind", "parts", "rings", "vertices", "y", "x")
        )
        return [
            (
                kind,
                [
                    [[(next(ys) / 1e6, next(xs) / 1e6) for _ in range(next(vertices))] for _ in range(next(rings))]
                    for _ in range(next(parts))
                ],
            )
            for kind in kinds
        ]

    @property
    def sites(self) -> list[dict[str, Any]]:
        packed = self.packed["sites"]
        columns = {name: self.texts(packed[name]) for name in ("id", "name", "status", "precision", "use")}
        owners = self.numbers(packed["organisation"])
        facts = [
            (f["label"], self.texts(f["value"]), self.texts(f["source"]), self.numbers(f["flags"]))
            for f in packed["facts"]
        ]
        return [
            {
                **{name: column[i] for name, column in columns.items()},
                "organisation": self.packed["organisations"][owners[i]],
                "facts": [
                    {
                        "label": label,
                        "value": values[i],
                        "source": sources[i],
                        "illustrative": bool(flags[i] & 1),
                        "unknown": bool(flags[i] & 2),
                    }
                    for label, values, sources, flags in facts
                    if values[i]
                ],
            }
            for i in range(packed["count"])
        ]

    @property
    def services(self) -> list[dict[str, Any]]:
        """The services drawn, in the order of the page, each with the lines of its card; none where the page has no such layer."""
        packed = self.packed.get("services")
        if packed is None:
            return []
        columns = {key: self.numbers(packed[key]) for key in ("site", "organisation", "pin", "bays", "desks")}
        names, facts = self.texts(packed["name"]), self.lines(packed["facts"])
        return [
            {"name": name, "facts": facts[i], **{key: column[i] for key, column in columns.items()}}
            for i, name in enumerate(names)
        ]

    def lines(self, packed: Any) -> list[list[dict[str, Any]]]:
        """The lines of some cards: what each says, and whether it is illustrative or unknown."""
        texts = [self.texts(packed[key]) for key in ("label", "value", "source")]
        each = iter(zip(*texts, self.numbers(packed["flags"]), strict=True))
        return [
            [
                {"label": label, "value": value, "source": source, "illustrative": bool(flag & 1), "unknown": flag > 1}
                for label, value, source, flag in (next(each) for _ in range(count))
            ]
            for count in self.numbers(packed["counts"])
        ]


def crowd(folder: Path) -> Path:
    """A register of 640 sites of one town, more than are drawn one by one."""
    path = folder / "crowd.csv"
    lines = ["Ref,Name,Organisation,Use,Easting,Northing"]
    lines += [
        f"R{i},Building number {i},{'County' if i % 3 else 'District'} Council,{'office' if i % 2 else 'depot'},"
        f"{450000 + 37 * (i % 40)},{450000 + 41 * (i // 40)}"
        for i in range(640)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    # Of what passes one node is told, not all: naming them takes as long as all the checks.
    "resultTypes": ["violations"],
}
FOCUSED = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const box = node.getBoundingClientRect();
  const style = getComputedStyle(node);
  const described = node.getAttribute('aria-label') || (node.labels && node.labels[0] && node.labels[0].textContent) || node.textContent;
  return {tag: node.tagName.toLowerCase(), name: described.trim().slice(0, 120), x: box.x + box.width / 2, y: box.y + box.height / 2,
          width: box.width, height: box.height, outline: style.outlineStyle + ' ' + style.outlineWidth, classes: node.getAttribute('class') || '',
          inside: Boolean(node.closest('.ap-map'))};
}"""


def walk(page: Any, most: int = 900) -> list[dict[str, Any]]:
    """What Tab reaches from the top of the page to its end, in order."""
    page.locator("a.ap-skip").first.focus()
    stops = [page.evaluate(FOCUSED)]
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError("Tab never left the page")

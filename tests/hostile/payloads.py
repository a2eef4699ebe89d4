"""Strings that do harm where text is taken for markup, script, template, formula or direction, and an estate full of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

PAYLOADS = (
    "<script>window.HIT=1</script>",
    "</script><script>window.HIT=2</script>",
    "<img src=x onerror=window.HIT=3>",
    "${window.HIT=4}${7*191}",
    "`+(window.HIT=5)+`",
    "{{7*191}}{% raw %}{#",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
    "\"'><svg onload=window.HIT=6>",
    "\\`\\\"\\'\\",
    "a\u202eb\u200bc\x1bd\u2028e",
    "]]><!--<script>",
    "javascript:window.HIT=7",
    "url(https://evil.example/x)",
    "#000;background:url(https://evil.example/y)",
    "__proto__",
    'x" onfocus="window.HIT=9',
    "&lt;b&gt;&#60;",
    '=HYPERLINK("https://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "café \U0001f600 £",
)


def hostile_folder(path: Path) -> Path:
    """An estate folder with a payload in every text a register, table or estate.toml may hold, headings and file names too."""
    (path / "registers").mkdir(parents=True)
    count = len(PAYLOADS)
    quoted = [
        json.dumps(text, ensure_ascii=False).replace("\x1b", "\\u001b").replace("\u2028", "\\u2028")
        for text in PAYLOADS
    ]
    file = "{{7*191}} <img src=x onerror=alert(1)> ${1}.csv"
    (path / "estate.toml").write_text(
        f"name = {quoted[0]}\ntitle = {quoted[2]}\nbanner = {quoted[3]}\nprice_base = {quoted[5]}\nas_of = 2020-01-01\n"
        f'[organisations.a]\nname = {quoted[1]}\nbody = {quoted[6]}\nsector = "police"\n'
        f"[organisations.b]\nname = {quoted[7]}\n"
        f'[registers.{json.dumps(file)}]\norganisation = "a"\nsource = {quoted[4]}\nillustrative = true\n',
        encoding="utf-8",
    )
    headings = [
        "Ref",
        "Name",
        "Address",
        "Use",
        "Tenure",
        "Status",
        "Status decided by",
        "Easting",
        "Northing",
        "GIA (m2)",
        *PAYLOADS,
    ]
    with (path / "registers" / file).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(headings)
        for i, text in enumerate(PAYLOADS):
            texts = [PAYLOADS[(i + k) % count] for k in range(6)]
            writer.writerow(
                [
                    f"R{i} {text}",
                    text,
                    *texts[1:3],
                    "Freehold",
                    texts[3],
                    texts[4],
                    450_000 + 60 * i,
                    450_000,
                    "lots " + text,
                    *PAYLOADS,
                ]
            )
    with (path / "facts.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(
            ["fact_id", "subject_kind", "subject", "field", "value", "audience", "source", "as_of", "known_since"]
        )
        for i, text in enumerate(PAYLOADS):
            writer.writerow([f"f{i} {text}", "parcel", "P1", "note", text, "public", text, "2020-01-01", ""])
            writer.writerow([f"g{i}", "asset", text, text, text, "public", text, text, ""])
    with (path / "interests.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["interest_id", "subject", "holder", "interest", "clauses", "decided_by", "source"])
        writer.writerows([[text, "P1", text, "lease", text, text, text] for text in PAYLOADS])
    tables = {
        "services": [
            {"service_id": f"S{i} {text}", "organisation": "a", "body": text, "name": text, "function": text, "asset_id": f"a:R{i} {text}",
             "counters": "1", "near": text, "apart": text, "ict": text, "rule": text, "source": text}
            for i, text in enumerate(PAYLOADS)
        ],
        "demand": [
            {"demand_id": f"D{i} {text}", "name": text, "easting": str(450_000 + 90 * i), "northing": "450300", "population": "9",
             "source": text}
            for i, text in enumerate(PAYLOADS)
        ],
        "crews": [
            {"crew_id": text, "response": "fire", "station": text, "easting": "450000", "northing": "450300", "kind": "on station",
             "turnout_min": "1", "source": text}
            for text in PAYLOADS
        ],
        "plans": [
            {"plan_id": text, "kind": "plan", "organisation": "a", "name": text, "subjects": text, "decided_by": text, "detail": text, "source": text}
            for text in PAYLOADS
        ],
    }  # fmt: skip
    for name, rows in tables.items():
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            table = csv.DictWriter(handle, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    box = {
        "type": "Polygon",
        "coordinates": [
            [[450_000, 449_900], [450_100, 449_900], [450_100, 449_980], [450_000, 449_980], [450_000, 449_900]]
        ],
    }
    line = {"type": "LineString", "coordinates": [[449_900, 449_990], [451_500, 449_990]]}
    point = {"type": "Point", "coordinates": [450_050, 449_950]}
    layers = {
        "land": [({"parcel_id": "P1", "name": PAYLOADS[2], "source": PAYLOADS[3], "title_no": PAYLOADS[4], PAYLOADS[5]: PAYLOADS[6]}, box)],
        "constraints": [
            ({"constraint_id": text, "kind": "covenant", "name": text, "state": "yes", "subject": "P1", "permitted_uses": text,
              "detail": text, "source": text}, box if i % 2 else None)
            for i, text in enumerate(PAYLOADS)
        ],
        "places": [({"name": text, "kind": text, "source": text}, point) for text in PAYLOADS],
        "roads": [({"name": text, "kind": "road", "class": text, "source": text}, line) for text in PAYLOADS],
    }  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    for name, rows in layers.items():
        features = [
            {"type": "Feature", "properties": properties, "geometry": geometry} for properties, geometry in rows
        ]
        document = {"type": "FeatureCollection", "name": PAYLOADS[0], "crs": crs, "features": features}
        (path / f"{name}.geojson").write_text(json.dumps(document), encoding="utf-8")
    return path

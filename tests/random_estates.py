"""Random estate folders with labels, and the folder that never held what a reader may not know.

The rule of who may know what is written here a second time, from its definition, so that the program's own is not its judge.
"""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

ORGANISATIONS = ("a", "b", "c")
GROUPS = ("a.g", "b.h")
READERS = ("public", *ORGANISATIONS, *GROUPS)
LABELS = ("public", "a", "b", "b;c", "a.g", "a.g;c", "b.h", "all", "", "zzz", "b;a.undeclared", "public;zzz")
FACT_COLUMNS = ("fact_id", "subject_kind", "subject", "field", "value", "audience", "source", "as_of", "known_since")
INTEREST_COLUMNS = (
    "interest_id", "subject", "holder", "interest", "start", "expiry", "break_date", "notice_months", "rent_gbp_pa",
    "clauses", "decided_by", "source", "as_of", "audience",
)  # fmt: skip
REGISTER_COLUMNS = (
    "Ref",
    "Property name",
    "UPRN",
    "Title number",
    "Postcode",
    "Easting",
    "Northing",
    "GIA (m2)",
    "Tenure",
    "Status",
    "Use",
)
COLUMNS = {
    "facts": FACT_COLUMNS,
    "interests": INTEREST_COLUMNS,
    "services": ("service_id", "organisation", "name", "function", "part_of", "asset_id", "fte", "peak_desks", "office_m2", "hours", "near", "source", "audience"),
    "capacity": ("capacity_id", "subject", "space", "hours", "available", "after_works", "source", "audience"),
    "affinities": ("affinity_id", "function_a", "function_b", "effect", "strength", "reason", "source", "audience"),
    "crews": ("crew_id", "response", "service_id", "station", "easting", "northing", "kind", "times", "turnout_min", "needed", "turn_in", "source", "audience"),
    "demand": ("demand_id", "name", "easting", "northing", "population", "over_65", "imd_decile", "rural", "source", "audience"),
    "standards": ("standard_id", "measure", "value", "unit", "organisation", "source", "audience"),
    "plans": ("plan_id", "kind", "organisation", "name", "subjects", "from_year", "to_year", "amount_gbp", "low_gbp", "status", "detail", "source", "audience"),
    "travel_times": ("origin", "destination", "minutes", "audience"),
}  # fmt: skip
READ_LATER = ("network", "travel_times")
SENSITIVE = ("Children's home", "Women's refuge")
LICENCES = ("", "", "OGL", "OS MasterMap", "nobody's")


def may_know(label: str, reader: str) -> bool:
    """Readers are parted by ; and public is everyone; a group sees what its organisation sees, and not the reverse."""
    entries = [entry.strip() for entry in label.split(";") if entry.strip()]
    unreadable = not entries or any(entry.split(".")[0] not in {"public", "all", *ORGANISATIONS} for entry in entries)
    if reader == "all":
        return True
    if unreadable or "all" in entries:
        return False
    return any(entry in {"public", reader, reader.split(".", maxsplit=1)[0]} for entry in entries)


@dataclass(frozen=True)
class Folder:
    """An estate folder as plain data: registers with the label of the file, tables with the label of each row."""

    registers: dict[str, tuple[str, str, list[dict[str, str]]]]
    tables: dict[str, list[dict[str, Any]]]
    groups: tuple[str, ...] = GROUPS
    release: tuple[str, ...] = ()
    labelled: frozenset[str] = field(default_factory=frozenset)
    sensitive: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()

    def known_to(self, reader: str) -> Folder:
        """The folder that never held what `reader` may not know: those files and entries, those rows, those groups.

        A blank line stands for a sensitive row, so that the lines below it keep their numbers.
        """
        registers = {name: register for name, register in self.registers.items() if may_know(register[1], reader)}
        tables = {
            name: [row for row in rows if name not in self.labelled or may_know(row["audience"], reader)]
            for name, rows in self.tables.items()
        }
        sensitive = tuple(entry for entry in self.sensitive if may_know(entry, reader))
        if reader != "all" and not sensitive:
            gone, left = set(), set()
            hidden, seen = set(), set()
            for name, (owner, label, rows) in registers.items():
                secret = [row["Use"] in SENSITIVE and label == "public" for row in rows]
                gone |= {f"{owner}:{row['Ref']}" for row, hide in zip(rows, secret, strict=True) if hide}
                left |= {f"{owner}:{row['Ref']}" for row, hide in zip(rows, secret, strict=True) if not hide}
                for row, hide in zip(rows, secret, strict=True):
                    (hidden if hide else seen).update({row["Title number"], row["UPRN"]} - {""})
                shown = [{} if hide else row for row, hide in zip(rows, secret, strict=True)]
                registers[name] = (owner, label, shown)
            gone -= left
            hidden -= seen
            tables = {
                name: [
                    {**row, "members": ";".join(m for m in row["members"].split(";") if m not in gone)}
                    if name == "areas"
                    else row
                    for row in rows
                    if not {row.get("subject"), row.get("asset_id"), *row.get("subjects", "").split(";")} & gone
                    and (name != "facts" or row["value"] not in gone)
                    and (name in self.labelled or row.get("name") not in SENSITIVE)
                    and not (row.get("field") in {"same_as", "not_same_as"} and hidden & {row["subject"], row["value"]})
                ]
                for name, rows in tables.items()
            }
        return replace(
            self,
            registers=registers,
            tables=tables,
            groups=tuple(group for group in self.groups if group == reader),
            release=tuple(entry for entry in self.release if may_know(entry, reader)),
            sensitive=sensitive,
            personal=tuple(entry for entry in self.personal if may_know(entry, reader)),
        )

    def write(self, path: Path) -> Path:
        (path / "registers").mkdir(parents=True)
        lines = ['name = "Testham"', "as_of = 2020-01-01", f"readers = {json.dumps(list(self.groups))}", "[release]"]
        for key, readers in (("assemblies", self.release), ("sensitive", self.sensitive), ("personal", self.personal)):
            lines.append(f"{key} = {json.dumps(list(readers))}")
        lines += ["[layers.roads]", 'geometry_licence = "OS OpenData"']
        for organisation in ORGANISATIONS:
            lines += [f"[organisations.{organisation}]", f'name = "Body {organisation.upper()}"', 'sector = "other"']
        for name, (owner, label, rows) in self.registers.items():
            lines += [f'[registers."{name}"]', f'organisation = "{owner}"', f'audience = "{label}"']
            (path / "registers" / name).write_text(_csv(REGISTER_COLUMNS, rows), encoding="utf-8")
        (path / "estate.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        for name, rows in self.tables.items():
            if name in READ_LATER and not rows:
                continue
            if name in COLUMNS:
                kept = [column for column in COLUMNS[name] if column != "audience" or name in self.labelled]
                (path / f"{name}.csv").write_text(_csv(kept, rows), encoding="utf-8")
            else:
                (path / f"{name}.geojson").write_text(json.dumps(_collection(rows)), encoding="utf-8")
        return path


def _csv(columns: Any, rows: list[dict[str, Any]]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[row.get(column, "") for column in columns] for row in rows])
    return buffer.getvalue()


def _collection(rows: list[dict[str, Any]]) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": {k: v for k, v in row.items() if k != "geometry"},
            "geometry": row["geometry"],
        }
        for row in rows
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    return {"type": "FeatureCollection", "crs": crs, "features": features}


def _box(x: float, y: float, w: float, h: float) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]]}


def random_folder(rng: random.Random, canary: str = "") -> Folder:
    """A small estate on a grid of 20 m plots, so that things meet: shared titles, UPRNs and plots, facts that disagree."""

    def word(kind: str) -> str:
        return f"{kind} {rng.randrange(6)}"

    def marked(row: dict[str, Any], column: str) -> dict[str, Any]:
        """Plant the canary, with the label, in rows that somebody may not know."""
        label = row["audience"]
        if canary:
            row[column] = f"{row[column]} {canary}{label.replace(';', 'and').replace('.', 'dot') or 'blank'}"
        return row

    def plot() -> tuple[float, float]:
        return 450_000.0 + 20 * rng.randrange(8), 450_000.0 + 20 * rng.randrange(4)

    registers = {}
    for number in range(rng.randrange(2, 5)):
        label = rng.choice(("public", "public", "a", "b;c", "a.g", "all"))
        rows = []
        for line in range(rng.randrange(1, 5)):
            x, y = plot()
            name = word("Hall")
            if canary and label != "public":
                name += f" {canary}{label.replace(';', 'and').replace('.', 'dot')}"
            rows.append({
                "Ref": rng.choice((f"R{rng.randrange(6)}", f"R{number}{line}", "")), "Property name": name,
                "UPRN": rng.choice(("", "", str(100 + rng.randrange(4)))), "Title number": rng.choice(("", "", f"T{rng.randrange(4)}")),
                "Postcode": rng.choice(("", "YO17 7AA", "not one")), "Easting": rng.choice((str(x + 7), str(x + 7), "")), "Northing": str(y + 7),
                "GIA (m2)": rng.choice(("", "100", "1,200", "lots")), "Tenure": rng.choice(("Freehold", "Leasehold", "")),
                "Status": rng.choice(("", "Operational", "Surplus", "sleepy")),
                "Use": rng.choice(("Office", "Office", "", "12 Refuge Street", "Depot, ring Mr J Smith on 01653 600666", *SENSITIVE)),
            })  # fmt: skip
        registers[f"register{number}.csv"] = (rng.choice(ORGANISATIONS), label, rows)
    assets = [f"{owner}:{row['Ref']}" for owner, _, rows in registers.values() for row in rows if row["Ref"]] or [
        "a:R1"
    ]
    parcels = [f"P{n}" for n in range(8)]
    subjects = [*assets, *parcels, "a:nothing"]
    facts = [
        marked({
            "fact_id": rng.choice((f"f{n}", f"f{n}", "f0", "")), "subject_kind": rng.choice(("asset", "parcel", "site", "site", "estate")),
            "subject": rng.choice(subjects), "field": (name := rng.choice(("name", "note", "gia_m2", "same_as", "not_same_as", "ownership", "title_no", "holder_status", "colour"))),
            "value": {"gia_m2": str(rng.randrange(90, 93)), "same_as": rng.choice((*subjects, "T1", "100")), "not_same_as": rng.choice((*subjects, "T2", "101")),
                      "ownership": rng.choice(("private", "public", "odd")), "title_no": f"T{rng.randrange(4)}", "holder_status": "to confirm"}.get(name, word("Saying")),
            "audience": rng.choice(LABELS), "source": "somebody", "as_of": rng.choice(("2019-01-01", "2020-01-01", "soon")), "known_since": "",
        }, "source")
        for n in range(rng.randrange(2, 9))
    ]  # fmt: skip
    interests = [
        marked({
            "interest_id": f"i{n}", "subject": rng.choice(subjects), "holder": rng.choice((*ORGANISATIONS, "A trust")),
            "interest": rng.choice(("freehold", "lease", "freehold", "loan")), "rent_gbp_pa": rng.choice(("", "10", "dear")),
            "source": "somebody", "as_of": "2020-01-01", "audience": rng.choice(LABELS),
        }, "source")
        for n in range(rng.randrange(0, 4))
    ]  # fmt: skip
    land = []
    for parcel in parcels[: rng.randrange(2, 8)]:
        x, y = plot()
        row = {
            "parcel_id": rng.choice((parcel, parcel, parcel, "P0")), "title_no": rng.choice(("", f"T{rng.randrange(4)}")), "name": rng.choice((word("Land"), word("Land"), SENSITIVE[0])),
            "source": "drawn", "geometry_licence": rng.choice(LICENCES), "audience": rng.choice(LABELS), "geometry": _box(x, y, rng.choice((20, 20, 33)), 20),
        }  # fmt: skip
        land.append(marked(row, "source"))
    constraints = [
        marked({
            "constraint_id": f"k{n}", "kind": rng.choice(("lock", "covenant", "designation", "spell")), "name": word("Rule"),
            "state": rng.choice(("yes", "no", "unknown")), "subject": rng.choice((*subjects, "", "")), "permitted_uses": "", "detail": word("Detail"), "geometry_licence": rng.choice(LICENCES),
            "source": "somebody", "audience": rng.choice(LABELS), "geometry": _box(*plot(), 40, 40) if rng.random() < 0.5 else None,
        }, "source")
        for n in range(rng.randrange(0, 4))
    ]  # fmt: skip
    roads = []
    for _ in range(rng.randrange(0, 3)):
        x, y = plot()
        line = {"type": "LineString", "coordinates": [[x - 200, y + 20.5], [x + 200, y + 21]]}
        road = {
            "name": word("Street"),
            "kind": rng.choice(("road", "river")),
            "source": "drawn",
            "geometry_licence": rng.choice(LICENCES),
            "audience": rng.choice(LABELS),
            "geometry": line,
        }
        roads.append(marked(road, "name"))
    tables: dict[str, list[dict[str, Any]]] = {
        "facts": facts, "interests": interests, "land": land, "constraints": constraints, "roads": roads,
    }  # fmt: skip
    labelled = frozenset(name for name in tables if rng.random() < 0.9)
    for name, rows in tables.items():
        if name not in labelled:
            for row in rows:
                del row["audience"]
                if canary:
                    row["source"] = "somebody"
                    if name == "roads":
                        row["name"] = "Street"
    more = _about_services(rng, canary, assets, subjects)
    labelled |= {name for name in more if rng.random() < 0.9}
    for name in more.keys() - labelled:
        for row in more[name]:
            del row["audience"]
            row["source"] = "somebody"
    tables |= more
    if rng.random() < 0.5:
        tables["network"] = [marked(row, "name") for row in _ways(rng)]
        labelled |= {"network"}
    if rng.random() < 0.5:
        tables["travel_times"] = [
            marked(row, "minutes") if row["minutes"] == "soon" else row for row in _times(rng, tables)
        ]
        labelled |= {"travel_times"}
    release = tuple(entry for entry in READERS if rng.random() < 0.3)
    sensitive, personal = (tuple(entry for entry in READERS if rng.random() < 0.15) for _ in range(2))
    return Folder(registers, tables, GROUPS, release, labelled, sensitive, personal)


def _about_services(
    rng: random.Random, canary: str, assets: list[str], subjects: list[str]
) -> dict[str, list[dict[str, Any]]]:
    """Services, room, affinities, crews, demand, areas, standards and plans that name one another, some of them wrongly."""

    def sourced(row: dict[str, Any]) -> dict[str, Any]:
        label = rng.choice(LABELS)
        mark = f" {canary}{label.replace(';', 'and').replace('.', 'dot') or 'blank'}" if canary else ""
        return {**row, "source": f"somebody{mark}", "audience": label}

    def place() -> tuple[str, str]:
        return str(450_000 + 20 * rng.randrange(8)), rng.choice(
            (str(450_000 + 20 * rng.randrange(4)), "52.1", "-900000")
        )

    functions = ("library", "front desk", "store", "fire station")
    services = [f"s{n}" for n in range(5)]
    points = [f"d{n}" for n in range(4)]
    some = lambda most: range(rng.randrange(most))  # noqa: E731
    return {
        "services": [sourced({
            "service_id": rng.choice((service, service, "s0")), "organisation": rng.choice((*ORGANISATIONS, "nobody")), "name": f"Team {rng.randrange(6)}",
            "function": rng.choice(functions), "part_of": rng.choice(("", "", *services)), "asset_id": rng.choice((*assets, *assets, "", "a:nothing")),
            "fte": rng.choice(("", "12", "-3", "TBC")), "peak_desks": rng.choice(("", "5")), "office_m2": rng.choice(("", "90")),
            "hours": rng.choice(("office", "office;night", "noon")), "near": rng.choice(("", *functions)),
        }) for service in services[: rng.randrange(6)]],
        "capacity": [sourced({
            "capacity_id": f"c{n}", "subject": rng.choice(subjects), "space": rng.choice(("office", "desks", "office", "attic")),
            "hours": rng.choice(("", "evening")), "available": rng.choice(("", "40", "50", "TBC")), "after_works": rng.choice(("", "45", "TBC")),
        }) for n in some(5)],
        "affinities": [sourced({
            "affinity_id": f"w{n}", "function_a": rng.choice(functions), "function_b": rng.choice((*functions, "libary")),
            "effect": rng.choice(("affinity", "conflict", "love")), "strength": rng.choice(("1", "3", "9")), "reason": "they meet",
        }) for n in some(3)],
        "crews": [sourced({
            "crew_id": f"crew{n}", "response": "fire", "service_id": rng.choice(("", *services)), "station": "Elsewhere", "easting": (spot := place())[0],
            "northing": spot[1], "kind": rng.choice(("on call", "on station")), "times": rng.choice(("", "day", "noon")), "turnout_min": rng.choice(("1.5", "")),
            "needed": "2", "turn_in": rng.choice(("", "d0:2;d1", "d9:4")),
        }) for n in some(3)],
        "demand": [sourced({
            "demand_id": rng.choice((point, point, "d0")), "name": f"Village {rng.randrange(9)}", "easting": (spot := place())[0], "northing": spot[1],
            "population": rng.choice(("", "200", "many")), "over_65": rng.choice(("", "40", "400")), "imd_decile": rng.choice(("", "3", "12")), "rural": rng.choice(("", "yes")),
        }) for point in points[: rng.randrange(5)]],
        "areas": [sourced({
            "area_id": f"area{n}", "name": f"Ward {rng.randrange(4)}", "kind": rng.choice(("ward", "ward", "realm")), "geometry_licence": rng.choice(LICENCES),
            "members": rng.choice(("", "d0;P1", "a:nothing", "d9", ";".join(assets[:3]))), "geometry": _box(450_000 + 40 * rng.randrange(3), 450_000, 60, 60) if rng.random() < 0.7 else None,
        }) for n in some(3)],
        "standards": [sourced({
            "standard_id": f"n{n}", "measure": "m2 per FTE", "value": rng.choice(("12", "")), "unit": "m2", "organisation": rng.choice(("", "a", "nobody")),
        }) for n in some(2)],
        "plans": [sourced({
            "plan_id": rng.choice((f"l{n}", f"l{n}", "l0")), "kind": rng.choice(("plan", "funding", "hope")), "organisation": rng.choice(("a", "b", "nobody")),
            "name": rng.choice(("Scheme", SENSITIVE[0])), "subjects": ";".join(rng.sample([*subjects, "area0"], rng.randrange(3))), "from_year": rng.choice(("", "2010", "2011/12", "soon")),
            "to_year": rng.choice(("", "2010", "2014")), "amount_gbp": rng.choice(("", "5", "-5")), "low_gbp": rng.choice(("", "7")), "status": rng.choice(("idea", "bid", "spent")), "detail": "as said",
        }) for n in some(4)],
    }  # fmt: skip


def _ways(rng: random.Random) -> list[dict[str, Any]]:
    """A few roads between the plots, some of them for some readers only, not all of them joined."""
    return [{
        "name": f"Way {n}", "highway": rng.choice(("residential", "tertiary", "footway")), "oneway": rng.choice(("", "yes")),
        "audience": rng.choice(("public", *LABELS)),
        "geometry": {"type": "LineString", "coordinates": [[450_000.0 + 40 * rng.randrange(4), 450_000.0], [450_000.0 + 40 * rng.randrange(4), 450_060.0]]},
    } for n in range(rng.randrange(1, 7))]  # fmt: skip


def _times(rng: random.Random, tables: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """A matrix with holes, from places to services and their assets, told to some readers only."""
    starts = sorted({row["demand_id"] for row in tables["demand"]}) or ["d0"]
    ends = sorted({row[name] for row in tables["services"] for name in ("service_id", "asset_id") if row[name]}) or [
        "s0"
    ]
    return [{
        "origin": rng.choice(starts), "destination": rng.choice(ends), "minutes": rng.choice(("4", "7.5", "0", "-1", "soon")),
        "audience": rng.choice(("public", *LABELS)),
    } for _ in range(rng.randrange(4, 16))]  # fmt: skip

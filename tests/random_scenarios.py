"""Random estates with money, labelled for readers, and random scenarios on them, some of which can be and many of which cannot."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from random_estates import may_know

import assetplan as ap

ORGANISATIONS = {"a": "county", "b": "district", "c": "nhs", "d": "police"}
GROUPS = ("a.g", "b.h")
READERS = ("public", *ORGANISATIONS, *GROUPS)
LABELS = ("public",) * 8 + ("a", "b", "b;c", "a.g", "a.g;c", "all", "")
SENSITIVE = "Children's home"
EAST, NORTH = 478_013, 471_027
_HEADS = ("Ref", "Property name", "Easting", "Northing", "GIA (m2)", "Tenure", "Status", "Use", "Staff FTE", "Running cost (GBP a year)", "Backlog (GBP)",
          "Site area (ha)", "Condition")  # fmt: skip
_NAMING = ("subject", "asset_id", "service_id", "part_of", "subjects")
_GEOJSON = ("constraints",)


@dataclass(frozen=True)
class Known:
    """An estate folder as plain data: registers with their body and label, labelled rows of tables, assumptions with their label."""

    registers: dict[str, tuple[str, str, list[dict[str, Any]]]]
    tables: dict[str, list[dict[str, Any]]]
    assumptions: tuple[str, dict[str, float], str] | None
    release: tuple[str, ...]
    groups: tuple[str, ...] = GROUPS

    def known_to(self, reader: str) -> Known:
        """The folder that never held what a reader may not know; a blank line stands for a sensitive row, so that lines keep their numbers."""
        registers, gone = {}, set()
        for name, (owner, label, rows) in self.registers.items():
            if not may_know(label, reader):
                continue
            secret = [row["Use"] == SENSITIVE and label == "public" for row in rows]
            gone |= {f"{owner}:{row['Ref']}" for row, hide in zip(rows, secret, strict=True) if hide}
            registers[name] = owner, label, [{} if hide else row for row, hide in zip(rows, secret, strict=True)]
        tables = {
            name: [
                row
                for row in rows
                if may_know(row["audience"], reader)
                and not {part for key in _NAMING for part in str(row.get(key, "")).split(";")} & gone
            ]
            for name, rows in self.tables.items()
        }
        assumptions = self.assumptions if self.assumptions and may_know(self.assumptions[0], reader) else None
        return Known(
            registers,
            tables,
            assumptions,
            tuple(one for one in self.release if may_know(one, reader)),
            tuple(group for group in self.groups if group == reader),
        )

    def write(self, path: Path) -> Path:
        """The folder on disk."""
        (path / "registers").mkdir(parents=True)
        lines = [
            'name = "Testham"',
            "as_of = 2020-06-01",
            'price_base = "2025/26"',
            f"readers = {json.dumps(list(self.groups))}",
            "[release]",
        ]
        lines += [f"{analysis} = {json.dumps(list(self.release))}" for analysis in ("appraisals", "options")]
        for body, sector in ORGANISATIONS.items():
            lines += [
                f"[organisations.{body}]",
                f'name = "Body {body.upper()}"',
                f'sector = "{sector}"',
                'commitment = "committed"',
            ]
        for name, (owner, label, rows) in self.registers.items():
            lines += [f'[registers."{name}"]', f'organisation = "{owner}"', f'audience = "{label}"']
            _write(path / "registers" / name, _HEADS, rows)
        (path / "estate.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        for name, rows in self.tables.items():
            if name in _GEOJSON:
                features = [{"type": "Feature", "properties": row, "geometry": None} for row in rows]
                crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
                text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})
                (path / f"{name}.geojson").write_text(text, encoding="utf-8")
            else:
                _write(
                    path / f"{name}.csv",
                    list(dict.fromkeys([*(key for row in rows for key in row), *_LEAST[name]])),
                    rows,
                )
        if self.assumptions is not None:
            label, figures, source = self.assumptions
            said = [f"audience = {json.dumps(label)}", 'price_base = "2025/26"']
            for figure, value in figures.items():
                said += [
                    f"[appraisal.{figure}]",
                    f"central = {value}",
                    f'unit = "{UNITS[figure]}"',
                    f"source = {json.dumps(source)}",
                    'edition = "1"',
                ]
            (path / "assumptions.toml").write_text("\n".join(said) + "\n", encoding="utf-8")
        return path


UNITS = {
    "cash_percent": "percent",
    "void_percent": "percent",
    "move_gbp_fte": "GBP/FTE",
    "inflation_percent": "percent",
    "backlog_years": "years",
}
_LEAST = {
    "services": ("service_id", "organisation", "name", "function", "asset_id", "audience"),
    "interests": ("interest_id", "subject", "holder", "interest", "audience"),
    "facts": ("fact_id", "subject_kind", "subject", "field", "value", "audience"),
    "capacity": ("capacity_id", "subject", "space", "audience"),
    "plans": ("plan_id", "kind", "organisation", "name", "source", "audience"),
    "demand": ("demand_id", "name", "easting", "northing", "audience"),
    "crews": ("crew_id", "response", "kind", "turnout_min", "audience"),
}


def _write(path: Path, heads: Any, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows([[row.get(head, "") for head in heads] for row in rows])


def random_known(rng: random.Random, canary: str = "") -> Known:
    """A small estate in which things have to do with one another: services in buildings with money, leases, plans, consents, people, crews."""

    def mark(label: str) -> str:
        return f" {canary}{label.replace(';', 'and').replace('.', 'dot') or 'blank'}" if canary else ""

    def labelled(row: dict[str, Any], column: str = "source") -> dict[str, Any]:
        label = rng.choice(LABELS)
        return {**row, "source": "somebody", column: f"{row.get(column, 'somebody')}{mark(label)}", "audience": label}

    registers: dict[str, tuple[str, str, list[dict[str, Any]]]] = {}
    assets: list[str] = []
    for body in ORGANISATIONS:
        for label in ("public", rng.choice(("a", "b;c", "a.g", "all", "public"))):
            rows = []
            for _ in range(rng.randrange(1, 4) if label == "public" else rng.randrange(2)):
                ref = f"R{len(assets)}"
                use = (
                    SENSITIVE
                    if rng.random() < 0.08
                    else rng.choice(("Offices", "Offices", "Library", "Depot", "Fire station"))
                )
                gia = rng.choice((200, 450, 900))
                rows.append({
                    "Ref": ref, "Property name": f"Hall {len(assets)}{mark(label)}", "Easting": EAST + 90 * (len(assets) % 5), "Northing": NORTH + 90 * (len(assets) // 5),
                    "GIA (m2)": rng.choice((gia, gia, "")), "Tenure": rng.choice(("Freehold", "Freehold", "Leasehold")), "Status": "Operational", "Use": use,
                    "Staff FTE": rng.choice((10, 20, "")), "Running cost (GBP a year)": rng.choice((gia * 90, gia * 70, "")),
                    "Backlog (GBP)": rng.choice((gia * 150, "", 0)), "Site area (ha)": rng.choice((0.3, "")), "Condition": rng.choice(("B", "C", "")),
                })  # fmt: skip
                assets.append(f"{body}:{ref}")
            registers[f"{body}{len(registers)}.csv"] = body, label, rows
    functions = ("library", "front desk", "office", "fire station", "care team")
    services = [f"s{n}" for n in range(rng.randrange(4, 8))]
    points = [f"d{n}" for n in range(4)]
    tables: dict[str, list[dict[str, Any]]] = {
        "services": [labelled({
            "service_id": key, "organisation": rng.choice(list(ORGANISATIONS)), "name": f"Team {key}", "function": rng.choice(functions),
            "part_of": rng.choice(("", "", "", *services[:n])), "asset_id": rng.choice(assets), "fte": rng.choice((2, 5, 10, "")), "peak_desks": rng.choice(("", 3)),
            "area_m2": rng.choice((60, 200, "")), "area_basis": "NIA", "visits_per_day": rng.choice(("", 30)),
            "response": "",
        }, rng.choice(("source", "name"))) for n, key in enumerate(services)],
        "interests": [labelled({
            "interest_id": f"i{n}", "subject": rng.choice(assets), "holder": rng.choice(list(ORGANISATIONS)), "interest": rng.choice(("lease", "licence", "freehold")),
            "expiry": rng.choice(("2023-03-31", "2024-06-30", "")), "break_date": rng.choice(("", "2022-09-01")), "notice_months": rng.choice(("", 6)),
            "rent_gbp_pa": rng.choice(("", 12_000, 5_000)), "sharing": rng.choice(("yes", "no", "unknown")),
        }) for n in range(5)],
        "facts": [labelled({
            "fact_id": f"f{n}", "subject_kind": "asset", "subject": rng.choice(assets), "field": (field := rng.choice(("gia_m2", "fte", "running_cost_gbp_pa", "backlog_gbp", "status"))),
            "value": {"gia_m2": 555, "fte": 7, "running_cost_gbp_pa": 33_333, "backlog_gbp": 77_777, "status": "Surplus"}[field], "as_of": "2020-05-01",
        }) for n in range(6)],
        "capacity": [labelled({
            "capacity_id": f"c{n}", "subject": rng.choice(assets), "space": rng.choice(("office", "desks")), "available": rng.choice((300, 20)),
        }) for n in range(4)],
        "plans": [labelled({
            "plan_id": f"p{n}", "kind": rng.choice(("funding", "plan", "previous scheme")), "organisation": rng.choice(list(ORGANISATIONS)), "name": "Scheme",
            "subjects": rng.choice(("", *assets)), "to_year": rng.choice(("", 2021, 2026)), "amount_gbp": rng.choice(("", 90_000)), "status": rng.choice(("idea", "approved")),
        }, rng.choice(("source", "name"))) for n in range(4)],
        "demand": [labelled({
            "demand_id": point, "name": f"Village {point}", "easting": EAST + rng.randrange(-4_000, 4_000), "northing": NORTH + rng.randrange(-4_000, 4_000),
            "population": rng.choice((400, 900, "")), "over_65": rng.choice((100, "")),
        }, rng.choice(("source", "name"))) for point in points],
        "crews": [labelled({
            "crew_id": f"w{n}", "response": "fire", "service_id": rng.choice(services), "kind": rng.choice(("on call", "on station")), "turnout_min": 1.5, "needed": 4,
            "turn_in": rng.choice(("", "d0:2;d1:3")),
        }) for n in range(2)],
        "constraints": [labelled({
            "constraint_id": f"k{n}", "kind": rng.choice(("consent", "covenant", "lock", "consent")), "name": "Rule", "state": rng.choice(("yes", "unknown")),
            "subject": rng.choice(assets), "permitted_uses": rng.choice(("", "housing")), "detail": "as said",
        }, rng.choice(("source", "detail", "name"))) for n in range(3)],
    }  # fmt: skip
    label = rng.choice(("public", "a", "b;c", "all"))
    figures = {
        "cash_percent": 40,
        "void_percent": 11,
        "move_gbp_fte": 777,
        "inflation_percent": 1.5,
        "backlog_years": 3,
    }
    some = {name: value for name, value in figures.items() if rng.random() < 0.6}
    assumptions = (label, some, f"own reckoning{mark(label)}") if some and rng.random() < 0.7 else None
    return Known(registers, tables, assumptions, tuple(one for one in READERS if rng.random() < 0.7))


def names_of(known: Known) -> dict[str, list[str]]:
    """What there is to be named in a folder."""
    return {
        "asset": [f"{body}:{row['Ref']}" for body, _, rows in known.registers.values() for row in rows if row],
        **{
            kind: [row[key] for row in known.tables[table]]
            for kind, table, key in (
                ("service", "services", "service_id"),
                ("interest", "interests", "interest_id"),
                ("constraint", "constraints", "constraint_id"),
                ("plan", "plans", "plan_id"),
            )
        },
    }


def random_scenario(
    rng: random.Random, known: Known, name: str, audience: str = "all", *, said: str = "invented"
) -> ap.Scenario:
    """A scenario of up to seven actions, which mostly fit one another: what is left is disposed of later, what is built is moved into."""
    there = names_of(known)
    assets, services = there["asset"] or ["a:R0"], there["service"] or ["s0"]
    source: dict[str, Any] = {"source": said, "note": said}

    def money(most: float) -> Any:
        if rng.random() < 0.15:
            return None
        ends = sorted(round(rng.random() * most, 2) for _ in range(3))
        return rng.choice((ends, ends[1]))

    def year() -> int:
        return rng.randrange(2020, 2026)

    def relocate() -> list[ap.Action]:
        service, to, at = rng.choice(services), rng.choice(assets), year()
        home = next((row["asset_id"] for row in known.tables["services"] if row["service_id"] == service), assets[0])
        out: list[ap.Action] = [ap.Relocate(service=service, to=to, year=at, instrument=rng.choice(("", "licence")), double_running_months=rng.choice((None, 3, 14)),
                                            charge_gbp_pa=money(9e3), saving_gbp_pa=money(2e4), redundancy_gbp=money(3e4), cost_gbp=money(5e4), **source)]  # fmt: skip
        if rng.random() < 0.5 and home != to:
            out.append(ap.Dispose(asset=home, by=rng.choice(("sale", "sale", "ground lease", "transfer")), year=at + 2, receipt_gbp=money(4e5),
                                  recipient="", **source))  # fmt: skip
        return out

    def build() -> list[ap.Action]:
        at, new = year(), f"new-{rng.randrange(99)}"
        out: list[ap.Action] = [ap.Build(asset=rng.choice(assets), new_asset=new, months=rng.choice((6, 12, 30)), year=at, use="office", gia_m2=rng.choice((None, 500)),
                                         running_cost_gbp_pa=money(6e4), cost_gbp=money(2e6), organisation=rng.choice(("", *ORGANISATIONS)),
                                         mitigated_percent=rng.choice((None, 40)), **source)]  # fmt: skip
        return [*out, ap.Relocate(service=rng.choice(services), to=new, year=at + 3, cost_gbp=money(1e4), **source)]

    makers = [
        relocate, relocate, relocate, build,
        lambda: [ap.Retain(asset=rng.choice(assets), year=year(), months=rng.choice((None, 24)), cost_gbp=money(1e5), **source)],
        lambda: [ap.Refurbish(asset=rng.choice(assets), year=year(), months=rng.choice((0, 12, 18)), area_m2=rng.choice((None, 100)), cost_gbp=money(5e5),
                              saving_gbp_pa=money(9e3), **source)],
        lambda: [ap.Share(host=rng.choice(assets), services=rng.sample(services, min(2, len(services))), instrument="licence", year=year(), charge_gbp_pa=money(2e4),
                          cost_gbp=money(5e4), **source)],
        lambda: [ap.Surrender(interest=rng.choice(there["interest"] or ["i0"]), by=rng.choice(("break", "expiry", "surrender")), year=year(), cost_gbp=money(3e4), **source)],
        lambda: [ap.Release(constraint=rng.choice(there["constraint"] or ["k0"]), route="consent", months=12, year=year(), probability_percent=rng.choice((None, [20, 40, 60])),
                            cost_gbp=money(9e3), **source)],
        lambda: [ap.Sublet(asset=rng.choice(assets), instrument="licence", year=year(), rent_gbp_pa=money(2e4), **source)],
        lambda: [ap.Acquire(asset=rng.choice(assets), year=year(), cost_gbp=money(3e5), organisation=rng.choice(list(ORGANISATIONS)), **source)],
        lambda: [ap.Meanwhile(asset=rng.choice(assets), use="car park", months=24, year=year(), income_gbp_pa=money(9e3), **source)],
    ]  # fmt: skip
    actions = [one for _ in range(rng.randrange(1, 4)) for one in rng.choice(makers)()]
    bodies = list(ORGANISATIONS)
    funding = [
        ap.Funding(kind=rng.choice(("grant", "reserve", "revenue")), organisation=rng.choice(bodies), year=year(), amount_gbp=money(2e5) or 1, pays_for=rng.choice(("capital", "revenue")),
                   plan=rng.choice(("", "", *there["plan"])), expires=rng.choice((None, 2022)), **source)
        for _ in range(rng.randrange(2))
    ]  # fmt: skip
    benefits = [
        ap.Benefit(name=f"benefit {said}", organisation=body, benefit_class="public" if body == "public" else rng.choice(("cashable", "non-cash", "avoided")), year=year(),
                   amount_gbp_pa=money(9e3) or -5, basis=said, **source)
        for body in rng.sample(["public", *bodies], rng.randrange(2))
    ]  # fmt: skip
    overrides = [
        ap.Override(
            figure="cash_percent", value=[30, 35, 60], reason=said, author="the board", asset=rng.choice(("", *assets))
        )
        for _ in range(rng.randrange(2))
    ]
    return ap.Scenario(
        name,
        tuple(actions),
        audience=audience,
        overrides=tuple(overrides),
        funding=tuple(funding),
        benefits=tuple(benefits),
        note=said,
    )


def coherent(
    estate: ap.Estate,
    rng: random.Random,
    known: Known,
    name: str,
    audience: str = "all",
    *,
    said: str = "invented",
    tries: int = 40,
) -> ap.Scenario | None:
    """A scenario that can be appraised on an estate, with as many of its parts as can: those that stand in the way are left out."""
    for _ in range(tries):
        one = random_scenario(rng, known, name, audience, said=said)
        for _ in range(6):
            wrong = {found.action for found in ap.check_scenario(estate, one) if found.verdict == "refused"}
            if not wrong:
                break
            if 0 in wrong:
                one = replace(one, funding=(), benefits=one.benefits, overrides=())
            one = replace(
                one, actions=tuple(action for at, action in enumerate(one.actions, start=1) if at not in wrong)
            )
        if one.actions and not any(found.verdict == "refused" for found in ap.check_scenario(estate, one)):
            return one
    return None

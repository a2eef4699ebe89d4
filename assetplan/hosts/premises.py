"""What the premises and the services already in them mean for a service that might come: floor, place, access, networks, company."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from assetplan.hosts.verdicts import BLOCKED, FITS, GAP, NOT_ASKED, UNKNOWN, Finding, source_of, sources
from assetplan.tables import records
from assetplan.text import number
from assetplan.vocabulary import VETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from assetplan.estate import Estate
    from assetplan.hosts.hosting import Hosts
    from assetplan.hosts.verdicts import Codes, Criterion, Positions

    Record = Mapping[str, Any]

BUS_M = 400.0
"""The longest walk to a bus stop that passes: a common rule of transport planning, to be checked against the local one."""
BESIDE_M = 100.0
"""Places up to so far apart, in a straight line, count as beside one another: an assumption."""
PARTED = 3
"""The strength of a conflict that forbids a place rather than speaking against it."""


def premises_criteria(estate: Estate, hosts: Hosts) -> list[Criterion]:
    """The criteria that are about the premises and who is in them."""
    facts = _Facts(estate, hosts)
    company = _Company(estate, hosts)
    return [
        _Must(facts, "ground_floor", "ground floor", "on the ground floor with level access"),
        _Must(facts, "town_centre", "town centre", "in a town centre"),
        _Must(facts, "main_road", "main road", "straight onto a main road"),
        _Bus(facts),
        _Condition(facts),
        _Networks(facts),
        _Vetting(facts),
        _Entrance(company),
        _Near(company),
        _Affinity(company),
        _Apart(company),
        _Commitment(estate, hosts),
    ]


class _Facts:
    """What is stated of each host, and by whom."""

    def __init__(self, estate: Estate, hosts: Hosts) -> None:
        self.hosts = hosts
        self._facts = {
            (str(row["subject"]), str(row["field"])): row
            for row in records(estate.facts)
            if row["in_force"] and row["subject_kind"] in {"asset", "parcel", "site"}
        }

        self.unbuilt = hosts.unbuilt

    def column(self, name: str) -> list[Any]:
        return self.hosts.column(name)

    def source(self, host: int, name: str) -> tuple[str, bool]:
        """Who says it, and whether it is invented for the example."""
        row = self._facts.get((self.hosts.ids[host], name))
        if row is not None:
            return source_of(row), row["illustrative"] is True
        about = self.hosts.rows[host]
        if about.get(name) is None or not about.get("register"):
            return "nothing states it", False
        return f"register {about['register']}", about.get("illustrative") is True

    def finding(self, service: Record, host: int, name: str, need: str, says: str) -> Finding:
        value = self.hosts.rows[host].get(name)
        offer = "not known" if value is None else ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if isinstance(value, float):
            offer = f"{number(value)} m"
        source, illustrative = self.source(host, name)
        return Finding(need, offer, says, sources([service], source), illustrative or service["illustrative"] is True)


class _Must:
    """Something that the place has or has not, and that a service may have to have."""

    def __init__(self, facts: _Facts, name: str, label: str, words: str) -> None:
        self.name, self.label = name, label
        self._facts, self._words = facts, words
        known = {"yes": FITS, "no": BLOCKED}
        self._codes = np.array([known.get(str(value), UNKNOWN) for value in facts.column(name)], dtype=np.int8)
        if name == "ground_floor":
            self._codes[facts.unbuilt & (self._codes == UNKNOWN)] = GAP

    def codes(self, service: Record, hosts: Positions) -> Codes:
        return self._codes[hosts] if service[self.name] is True else np.zeros(len(hosts), dtype=np.int8)

    def told(self, service: Record, host: int, code: int) -> Finding:
        says = {
            FITS: f"It is {self._words}, as wanted.",
            GAP: f"Nothing is built there: it would have to be built {self._words}.",
            BLOCKED: f"It must be {self._words}, and this is not.",
        }.get(code, f"It must be {self._words}; whether that is so here is not known.")
        return self._facts.finding(service, host, self.name, self._words, says)


class _Bus:
    name, label = "bus", "walk from a bus"

    def __init__(self, facts: _Facts) -> None:
        self._facts = facts
        walk = np.array([np.nan if value is None else value for value in facts.column("bus_stop_m")], dtype=float)
        self._codes = np.where(np.isnan(walk), UNKNOWN, np.where(walk > BUS_M, GAP, FITS)).astype(np.int8)

    def codes(self, service: Record, hosts: Positions) -> Codes:
        return self._codes[hosts] if (service["visits_per_day"] or 0) > 0 else np.zeros(len(hosts), dtype=np.int8)

    def told(self, service: Record, host: int, code: int) -> Finding:
        walk = self._facts.hosts.rows[host].get("bus_stop_m")
        says = (
            "How far the nearest bus stop is is not known."
            if code == UNKNOWN
            else f"The nearest bus stop is {walk:,.0f} m off."
        )
        need = f"at most {BUS_M:.0f} m to a bus stop (an assumption), for {service['visits_per_day']:,.0f} visits a day"
        return self._facts.finding(service, host, "bus_stop_m", need, says)


class _Condition:
    name, label = "condition", "condition"

    def __init__(self, facts: _Facts) -> None:
        self._facts = facts
        grades = {"A": FITS, "B": FITS, "C": GAP, "D": GAP}
        found = [grades.get(str(value), UNKNOWN) for value in facts.column("condition")]
        self._codes = np.array(found, dtype=np.int8)
        self._codes[[kind == "parcel" for kind in facts.hosts.kinds]] = NOT_ASKED

    def codes(self, service: Record, hosts: Positions) -> Codes:  # noqa: ARG002 - the protocol's
        return self._codes[hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:
        says = {
            FITS: "The building is in satisfactory condition.",
            GAP: "The building is in poor condition: works are to be paid for first.",
        }
        text = says.get(code, "In what condition the building is is not known.")
        return self._facts.finding(service, host, "condition", "A or B", text)


class _Networks:
    name, label = "ict", "networks"

    def __init__(self, facts: _Facts) -> None:
        self._facts = facts
        self._there = [
            None if value is None else {str(one).casefold() for one in value} for value in facts.column("ict")
        ]
        self._found: dict[tuple[str, ...], Codes] = {}

    def codes(self, service: Record, hosts: Positions) -> Codes:
        wanted = tuple(sorted({str(one).casefold() for one in service["ict"] or ()}))
        if not wanted:
            return np.zeros(len(hosts), dtype=np.int8)
        if wanted not in self._found:
            found = [UNKNOWN if there is None else FITS if set(wanted) <= there else GAP for there in self._there]
            self._found[wanted] = np.array(found, dtype=np.int8)
            self._found[wanted][self._facts.unbuilt & (self._found[wanted] == UNKNOWN)] = GAP
        return self._found[wanted][hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:
        there = self._there[host]
        lacking = [one for one in service["ict"] if there is None or str(one).casefold() not in there]
        says = {FITS: "The networks wanted are there.", GAP: f"To be brought in: {', '.join(lacking)}."}.get(
            code, "Which networks are there is not known."
        )
        return self._facts.finding(service, host, "ict", ", ".join(service["ict"]), says)


class _Vetting:
    """Vetting that a service asks of those beside it, and that a building asks of everybody in it."""

    name, label = "vetting", "vetting"

    def __init__(self, facts: _Facts) -> None:
        self._facts = facts
        self._owners = facts.column("organisation")
        asked = facts.column("vetting")
        self._level = np.array([-1 if value is None else VETTINGS.index(value) for value in asked])
        self._own = {owner: np.array([owner == other for other in self._owners]) for owner in set(self._owners)}

    def codes(self, service: Record, hosts: Positions) -> Codes:
        level = self._level[hosts]
        wanted = 0 if service["vetting"] is None else VETTINGS.index(service["vetting"])
        own = self._own.get(service["organisation"])
        same = np.zeros(len(hosts), dtype=bool) if own is None else own[hosts]
        stricter = (level > wanted) & ~same
        if wanted == 0:
            return np.where(stricter, GAP, NOT_ASKED).astype(np.int8)
        unsaid = np.where(self._facts.unbuilt[hosts], GAP, UNKNOWN)
        return np.where(stricter, GAP, np.where(level < 0, unsaid, np.where(level >= wanted, FITS, GAP))).astype(
            np.int8
        )

    def told(self, service: Record, host: int, code: int) -> Finding:
        here = self._facts.hosts.rows[host].get("vetting")
        wanted = service["vetting"] or "none"
        if code == FITS:
            says = "Everybody who works there is vetted as it asks."
        elif code == UNKNOWN:
            says = f"It asks {wanted} of others in its space; what is asked there is not known, so it needs a part it can lock."
        elif self._facts.unbuilt[host]:
            says = f"It asks {wanted} of others in its space: a part it can lock would have to be built."
        elif VETTINGS.index(here or "none") > VETTINGS.index(wanted):
            says = f"The building asks {here} of everybody who works there: its staff would have to be vetted, or kept apart."
        else:
            says = f"It asks {wanted} of others in its space, the building asks {here}: it needs a part it can lock, or the others are vetted."
        return self._facts.finding(service, host, "vetting", wanted, says)


# ------------------------------------------------------------------------------------------------------- company


class _Company:
    """Which services are on the site of each host, and which functions go together or not."""

    def __init__(self, estate: Estate, hosts: Hosts) -> None:
        self.hosts = hosts
        self.there = [hosts.on_site.get(str(row["site"]), ()) for row in hosts.rows]
        empty = [row.get("status") == "vacant" or bare for row, bare in zip(hosts.rows, hosts.unbuilt, strict=True)]
        self.unsaid = np.array(
            [not services and not bare for services, bare in zip(self.there, empty, strict=True)], dtype=bool
        )
        self._effects: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for row in records(estate.affinities):
            for one, other in {(row["function_a"], row["function_b"]), (row["function_b"], row["function_a"])}:
                self._effects[row["effect"], one].append({**row, "other": other})
        at: dict[str, list[int]] = defaultdict(list)
        for i, services in enumerate(self.there):
            for function in {str(service["function"]) for service in services}:
                at[function].append(i)
        self._at = {function: np.array(positions, dtype=np.intp) for function, positions in at.items()}
        spots = dict(zip(map(str, estate.assets.index), spots_of(estate.assets.geometry.to_numpy()), strict=True))
        self._spots: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for function, asset in zip(estate.services["function"], estate.services["asset_id"], strict=True):
            if asset is not None:
                self._spots[str(function)].append(spots.get(str(asset), (np.nan, np.nan)))
        self._beside: dict[str, Codes] = {}

    def effects(self, effect: str, function: str) -> list[Record]:
        """The rows of affinities.csv that speak of a function, ``other`` the one it is paired with."""
        return self._effects.get((effect, function), [])

    def at(self, function: str) -> Positions:
        """The hosts on whose site a function is."""
        return self._at.get(function, np.zeros(0, dtype=np.intp))

    def beside(self, function: str) -> Codes:
        """Whether a function is on each host's site or beside it; not known where nothing says where that function is."""
        if function not in self._beside:
            known = np.array([spot for spot in self._spots.get(function, ()) if spot[0] == spot[0]]).reshape(-1, 2)
            placed = ~np.isnan(self.hosts.place).any(axis=1)
            near = np.zeros(len(self.there), dtype=bool)
            near[self.at(function)] = True
            if len(known) and placed.any():
                near[placed] |= cKDTree(known).query(self.hosts.place[placed])[0] <= BESIDE_M
            sure = placed & (len(known) == len(self._spots.get(function, ())) > 0)
            self._beside[function] = np.where(near, FITS, np.where(sure, GAP, UNKNOWN)).astype(np.int8)
        return self._beside[function]

    def who(self, host: int, function: str) -> list[Record]:
        """The services of a function on a host's site."""
        return [service for service in self.there[host] if service["function"] == function]


class _Entrance:
    """A public counter and a secure service on one site."""

    name, label = "entrance", "who may walk in"

    def __init__(self, company: _Company) -> None:
        self._company = company
        self._found = {
            wanted: np.array(
                [
                    unknown if unsaid else GAP if any(service["security"] == other for service in services) else FITS
                    for services, unsaid in zip(company.there, company.unsaid, strict=True)
                ],
                dtype=np.int8,
            )
            # Who may walk in matters to the secure service: one that comes has to know who is there, one that is there is listed.
            for wanted, other, unknown in (("open", "secure", NOT_ASKED), ("secure", "open", UNKNOWN))
        }

    def codes(self, service: Record, hosts: Positions) -> Codes:
        found = self._found.get(service["security"])
        return np.zeros(len(hosts), dtype=np.int8) if found is None else found[hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:
        other = "secure" if service["security"] == "open" else "open"
        rows = [row for row in self._company.there[host] if row["security"] == other]
        names = ", ".join(str(row["name"]) for row in rows)
        says = {
            FITS: "No service known to be there stands against it.",
            GAP: f"It is {service['security']} and {names} {other}: they need doors of their own.",
        }.get(code, "Nothing says which services are there.")
        return _together(service, rows, service["security"], names, says)


class _Near:
    """Functions that a service should be beside."""

    name, label = "near", "what it should be beside"

    def __init__(self, company: _Company) -> None:
        self._company = company

    def codes(self, service: Record, hosts: Positions) -> Codes:
        out = np.zeros(len(hosts), dtype=np.int8)
        for function in service["near"] or ():
            out = np.maximum(out, self._company.beside(function)[hosts])
        return out

    def told(self, service: Record, host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        said = {
            FITS: "{} is there or within {:.0f} m.",
            GAP: "{} is not there, nor within {:.0f} m, as the services are now.",
            UNKNOWN: "Whether {} is there or within {:.0f} m is not known.",
        }
        found = [(function, int(self._company.beside(function)[host])) for function in service["near"]]
        says = " ".join(
            said[here].format(function if here == UNKNOWN else _capital(function), BESIDE_M) for function, here in found
        )
        rows = [row for function, _ in found for row in self._company.who(host, function)]
        return _together(service, rows, f"beside {', '.join(service['near'])}", _names(rows), says)


class _Affinity:
    """Functions on the site that go well with a service: never a fault where there is none."""

    name, label = "affinity", "good company"

    def __init__(self, company: _Company) -> None:
        self._company = company
        self._found: dict[str, Codes] = {}

    def codes(self, service: Record, hosts: Positions) -> Codes:
        function = str(service["function"])
        if function not in self._found:
            found = np.zeros(len(self._company.there), dtype=np.int8)
            for row in self._company.effects("affinity", function):
                found[self._company.at(row["other"])] = FITS
            self._found[function] = found
        return self._found[function][hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        rows = [
            row
            for row in self._company.effects("affinity", service["function"])
            if self._company.who(host, row["other"])
        ]
        rows.sort(key=lambda row: (-row["strength"], row["other"]))
        says = " ".join(f"With {row['other']}, strength {row['strength']:.0f} of 3: {row['reason']}." for row in rows)
        return _together(None, rows, "", ", ".join(row["other"] for row in rows), says)


class _Apart:
    """Functions on the site that a service must be kept from, by its own list or by affinities.csv."""

    name, label = "apart", "what it must be apart from"

    def __init__(self, company: _Company) -> None:
        self._company = company
        self._found: dict[tuple[str, tuple[str, ...]], Codes] = {}

    def codes(self, service: Record, hosts: Positions) -> Codes:
        key = str(service["function"]), tuple(service["apart"] or ())
        if key not in self._found:
            company = self._company
            conflicts = company.effects("conflict", key[0])
            listed = set(key[1]) | {
                function
                for services in company.there
                for row in services
                if key[0] in (row["apart"] or ())
                for function in [row["function"]]
            }
            found = np.zeros(len(company.there), dtype=np.int8)
            if conflicts or listed:
                found[:] = np.where(company.unsaid, UNKNOWN, FITS)
            for row in conflicts:
                where = company.at(row["other"])
                found[where] = np.maximum(found[where], BLOCKED if row["strength"] >= PARTED else GAP)
            for function in listed:
                found[company.at(function)] = BLOCKED
            self._found[key] = found
        return self._found[key][hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:
        company = self._company
        there = company.there[host]
        rows = [row for row in company.effects("conflict", service["function"]) if company.who(host, row["other"])]
        listed = [
            row
            for row in there
            if row["function"] in (service["apart"] or ()) or service["function"] in (row["apart"] or ())
        ]
        said = [f"{row['name']} is there, and the two must be apart." for row in listed]
        said += [
            f"{_capital(row['other'])} is there, strength {row['strength']:.0f} of 3 against it: {row['reason']}."
            for row in rows
        ]
        default = (
            "Nothing says which services are there."
            if code == UNKNOWN
            else "Nothing known to be there speaks against it."
        )
        others = sorted(
            {*(service["apart"] or ()), *(row["other"] for row in company.effects("conflict", service["function"]))}
        )
        names = ", ".join(dict.fromkeys([*(str(row["name"]) for row in listed), *(row["other"] for row in rows)]))
        return _together(
            service,
            [*listed, *rows],
            f"apart from {', '.join(others)}" if others else "",
            names,
            " ".join(said) or default,
        )


class _Commitment:
    """Whether both bodies have committed themselves; a body's own building asks for no commitment."""

    name, label = "commitment", "commitment of the bodies"

    def __init__(self, estate: Estate, hosts: Hosts) -> None:
        self._bodies = estate.organisations
        self._owners = [str(owner) for owner in hosts.column("organisation")]
        self._found: dict[str, Codes] = {}

    def codes(self, service: Record, hosts: Positions) -> Codes:
        body = str(service["organisation"])
        if body not in self._found:
            found = [
                NOT_ASKED if owner == body else GAP if self._lacking(body, owner) else FITS for owner in self._owners
            ]
            self._found[body] = np.array(found, dtype=np.int8)
        return self._found[body][hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        lacking = self._lacking(str(service["organisation"]), self._owners[host])
        says = " ".join(f"{name}: {what}." for name, what in lacking) or "Both bodies have committed themselves."
        return Finding("both bodies committed", "", says, "estate.toml")

    def _lacking(self, *bodies: str) -> list[tuple[str, str]]:
        out = []
        for body in bodies:
            if not body:
                continue
            organisation = self._bodies.get(body)
            commitment = "none" if organisation is None else organisation.commitment
            if commitment != "committed":
                name = body if organisation is None else organisation.name
                out.append((name, "commitment pending" if commitment == "pending" else "no commitment is recorded"))
        return out


def spots_of(shapes: NDArray[np.object_]) -> list[tuple[float, float]]:
    """A point inside each shape: easting and northing, NaN where there is no shape."""
    points = shapely.point_on_surface(shapes)
    return [(float("nan"),) * 2 if point is None or point.is_empty else (point.x, point.y) for point in points]


def _together(service: Record | None, rows: Iterable[Record], need: str, offer: str, says: str) -> Finding:
    about = [*([] if service is None else [service]), *rows]
    return Finding(need, offer, says, sources(about), any(row["illustrative"] is True for row in about))


def _names(rows: Iterable[Record]) -> str:
    return ", ".join(str(row["name"]) for row in rows)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

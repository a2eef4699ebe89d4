"""The districts of the United Kingdom, past and present: codes, names and extents, and which of them a body is the council of.

The table, districts.csv, is made by ``tests/make_districts.py`` from facts of the Office for National Statistics (Open Government
Licence v3; contains National Statistics and OS data, Crown copyright and database right): each extent is the smallest box of whole
kilometres of the National Grid around a district. In Scotland, Wales and Northern Ireland it is a generous square around the centroid, marked
rough.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from assetplan.text import words

Bounds = tuple[float, float, float, float]

_GSS = re.compile(r"(?<![A-Z0-9])([EWSNK]\d{8})(?!\d)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’`]")
# What a name says beside the place: kind of body, rank, service.
_RANKS = re.compile(
    r"\b(the|council|councils|borough|boro|district|county|city|metropolitan|unitary|authority|corporation|royal|london|mbc|mdc|bc|dc|cc|lbc?|"
    r"rbc?|ua|gss|of|combined|mayoral|local|planning|comhairle|cyngor)\b"
)
_SERVICES = re.compile(
    r"\b(police( and crime commissioner)?|constabulary|fire( and rescue)?|fire brigade|service|authority|office of the)\b"
)


@dataclass(frozen=True)
class District:
    """One district: GSS code, name, successor's code where it is abolished, extent in metres (EPSG:27700), and whether that is rough."""

    code: str
    name: str
    successor: str
    extent: Bounds
    rough: bool

    @property
    def irish(self) -> bool:
        """Whether the district is in Northern Ireland, where other grids are in use."""
        return self.code.startswith("N")


def plain_name(text: str) -> str:
    """A body's name as names are compared: without what says its kind or rank.

    Examples
    --------
    >>> (
    ...     plain_name("City of York Council"),
    ...     plain_name("Rotherham MBC"),
    ...     plain_name("LB Camden"),
    ...     plain_name("Telford & Wrekin"),
    ... )
    ('york', 'rotherham', 'camden', 'telford and wrekin')
    """
    low = words(_POSSESSIVE.sub("", text.replace("&", " and ")))
    return " ".join(_RANKS.sub(" ", low).split()) or low


@cache
def _table() -> tuple[dict[str, District], dict[str, tuple[str, ...]]]:
    """Districts by code, and codes by plain name."""
    by_code: dict[str, District] = {}
    by_name: dict[str, set[str]] = defaultdict(set)
    with Path(__file__).with_name("districts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            box = tuple(float(row[side]) for side in ("west", "south", "east", "north"))
            extent = (box[0], box[1], box[2], box[3])
            by_code[row["code"]] = District(row["code"], row["name"], row["successor"], extent, row["rough"] == "yes")
            for name in (row["name"], *row["also"].split(";")):
                if plain_name(name):
                    by_name[plain_name(name)].add(row["code"])
    return by_code, {name: tuple(sorted(codes)) for name, codes in by_name.items()}


def _overlap(one: Bounds, other: Bounds) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@lru_cache(maxsize=10_000)
def find_district(text: str) -> District | None:
    """The district that a GSS code or the name of its council, police or fire service names; None where none or several do.

    A name that an old and a new district share gives the extent of both.

    Examples
    --------
    >>> find_district("E07000167").name, find_district("Ryedale District Council").code
    ('Ryedale', 'E07000167')
    >>> find_district("Derbyshire Fire & Rescue Service").name, find_district("A Housing Association") is None
    ('Derbyshire', True)
    """
    by_code, by_name = _table()
    named = [by_code[code] for code in map(str.upper, _GSS.findall(text)) if code in by_code]
    if named:
        return named[0] if len({district.code for district in named}) == 1 else None
    plain = plain_name(text)
    codes = by_name.get(plain)
    if codes is None and _SERVICES.search(plain):
        codes = by_name.get(plain_name(" ".join(_SERVICES.sub(" ", plain).split())))
    if not codes:
        return None
    found = [by_code[code] for code in codes]
    if not all(_overlap(found[0].extent, other.extent) for other in found[1:]):
        return None
    west, south, east, north = zip(*(district.extent for district in found), strict=True)
    return replace(found[0], extent=(min(west), min(south), max(east), max(north)))

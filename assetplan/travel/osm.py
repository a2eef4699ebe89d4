"""What the tags of a line say of travel along it: whether a mode may use it, in which direction, and how fast.

Tags are those of OpenStreetMap (https://wiki.openstreetmap.org/wiki/Map_features), the columns of OS Open Roads, and our own
(`assetplan.vocabulary.ROAD_KINDS`). What a tag does not say is taken from the class of the line, by the tables below; what it says
and nobody understands is told, and taken for not said.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyogrio
import shapely

from assetplan.crs import bounds_in
from assetplan.errors import EstateError
from assetplan.formats.contents import text_of
from assetplan.grid import WGS84
from assetplan.issues import Issue, readable
from assetplan.text import clean, words
from assetplan.vocabulary import ROAD_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.crs import Bounds

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# Travel speeds by class of road where no speed is stated, in km/h. An assumption, the one of the car profile of the Open Source
# Routing Machine (OSRM 5, profiles/car.lua): speeds made good on an open road, without queues. `road` is a road of no known class.
CAR_KPH: dict[str, float] = {
    "motorway": 90.0, "motorway_link": 45.0, "trunk": 85.0, "trunk_link": 40.0, "primary": 65.0, "primary_link": 30.0,
    "secondary": 55.0, "secondary_link": 25.0, "tertiary": 40.0, "tertiary_link": 20.0, "unclassified": 25.0, "residential": 25.0,
    "living_street": 10.0, "service": 15.0, "road": 25.0, "track": 10.0, "pedestrian": 10.0, "busway": 25.0, "bridleway": 10.0,
    "cycleway": 10.0, "footway": 10.0, "path": 10.0,
}  # fmt: skip
# One speed on foot and one on a cycle, those of the Journey Time Statistics of the Department for Transport. An assumption too.
WALK_KPH = 4.8
CYCLE_KPH = 16.0
# The share of a speed limit that is made good, again that of OSRM's car profile.
LIMIT_SHARE = 0.8
KPH_PER_MPH = 1.609344
_LEAST_KPH, _MOST_KPH = 1.0, 200.0

_MOTORWAYS = frozenset({"motorway", "motorway_link"})
_PATHS = frozenset({"footway", "path", "bridleway", "cycleway", "pedestrian", "steps", "track"})
_CAR = frozenset(CAR_KPH) - _PATHS - {"busway"}
# Which classes a mode may use where no tag says so: in England and Wales a bridleway is open to cycles, a footpath is not.
OPEN: dict[str, frozenset[str]] = {
    "car": _CAR,
    "foot": (_CAR | _PATHS) - _MOTORWAYS,
    "cycle": (_CAR - _MOTORWAYS) | {"cycleway", "bridleway", "track"},
}
_CLASSES = frozenset(CAR_KPH) | _PATHS
_NO_CLASSES = frozenset(
    {"construction", "proposed", "planned", "abandoned", "razed", "raceway", "platform", "corridor", "elevator", "rest_area",
     "services", "bus_guideway", "bus_stop", "escape", "via_ferrata", "no", "emergency_bay"}
)  # fmt: skip
# How other registers of roads call a class: ours, and the road function and classification of OS Open Roads.
_OTHER_CLASSES = {
    "a road": "primary", "b road": "secondary", "minor road": "tertiary", "classified unnumbered": "tertiary",
    "local road": "residential", "local street": "residential", "minor": "tertiary", "local access road": "service",
    "restricted local access road": "service", "secondary access road": "service", "private road publicly accessible": "service",
    "private road restricted access": "service", "alley": "service", "way in": "service", "lane": "unclassified", "street": "residential",
    "not classified": "service", "unknown": "road", "classified": "tertiary", "footpath": "footway", "cycle track": "cycleway",
    "pedestrianised street": "pedestrian", "single carriageway": "road", "dual carriageway": "road", "path": "path",
}  # fmt: skip
_NUMBERED = re.compile(r"(m\d+\b|a\d+ ?\(?m\)?$)|(a\d+)|(b\d+)", re.IGNORECASE)

_ACCESS: dict[str, tuple[str, ...]] = {
    "car": ("car", "motorcar", "motor_vehicle", "vehicle", "access"),
    "foot": ("foot", "access"),
    "cycle": ("cycle", "bicycle", "vehicle", "access"),
}
_YES = frozenset({"yes", "true", "1", "designated", "permissive", "official", "public", "destination", "customers", "delivery",
                  "residents", "y"})  # fmt: skip
_NO = frozenset({"no", "false", "0", "private", "agricultural", "forestry", "agricultural;forestry", "emergency", "military",
                 "restricted", "dismount", "use_sidepath", "psv", "bus", "permit", "n"})  # fmt: skip
_NOT_SAID = frozenset({"", "unknown", "variable", "none", "null", "nan"})
_FORWARD = frozenset({"yes", "true", "1", "forward", "y", "in direction"})
_BACKWARD = frozenset({"-1", "reverse", "backward", "in opposite direction"})
_BOTH = frozenset({"", "no", "false", "0", "both", "n", "alternating", "none", "both directions"})
_CONTRAFLOW = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
_OSM_TAGS = ("name", "ref", "highway", "railway", "waterway", "junction", "area", "maxspeed", "oneway", "oneway:bicycle", "oneway:foot",
             *_CONTRAFLOW, "motorcar", "motor_vehicle", "vehicle", "foot", "bicycle", "access")  # fmt: skip
TAGS = (*_OSM_TAGS, "kind", "class", "road_function", "road_classification", "name_1", "speed_kph", "one_way", "car",
        "cycle", "other_tags")  # fmt: skip
_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*(?:"((?:[^"\\]|\\.)*)"|NULL)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPEED = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph|kmph)?", re.IGNORECASE)
_SPEED_WORDS: dict[str, float | None] = {
    "walk": 5.0, "gb:nsl_single": 60 * KPH_PER_MPH, "gb:nsl_dual": 70 * KPH_PER_MPH, "gb:motorway": 70 * KPH_PER_MPH,
    "gb:nsl_restricted": 30 * KPH_PER_MPH, "gb:urban": 30 * KPH_PER_MPH, "gb:national": None, "national": None, "none": None,
    "signals": None, "variable": None, "unknown": None, "default": None, "": None,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Rules:
    """What holds for each line of a frame, in one mode.

    `open` says whether the mode may use it, `direction` is 0 both ways, 1 as drawn, -1 against it; `kph` the speed and `stated`
    whether the data states one that can be used; `kind` the class by which the rest was told, and `bridge` whether it passes over.
    """

    open: Flags
    direction: NDArray[np.int8]
    kph: Floats
    stated: Flags
    kind: NDArray[np.object_]
    bridge: Flags
    name: NDArray[np.object_]
    issues: tuple[Issue, ...]


def hstore(text: str) -> dict[str, str]:
    r"""The tags of an ``other_tags`` column as GDAL writes it, hstore text; what is no pair is passed over.

    Examples
    --------
    >>> hstore(r'"oneway"=>"yes","note"=>"a \"b\", c=>d"')
    {'oneway': 'yes', 'note': 'a "b", c=>d'}
    """
    return {_ESCAPED.sub(r"\1", key): _ESCAPED.sub(r"\1", value or "") for key, value in _PAIR.findall(text)}


def kph_of(text: str) -> float | None:
    """A speed limit as OpenStreetMap writes it, in km/h; the lowest of several; None where it is one of the words that name no figure.

    Raises
    ------
    ValueError
        Where it is no speed, or one that no road has.

    Examples
    --------
    >>> kph_of("30 mph"), kph_of("50"), kph_of("national"), round(kph_of("60 mph;40 mph"), 1)
    (48.28032, 50.0, None, 64.4)
    """
    found = []
    for part in text.lower().split(";"):
        part = part.strip()
        if part in _SPEED_WORDS:
            if (known := _SPEED_WORDS[part]) is not None:
                found.append(known)
            continue
        match = _SPEED.fullmatch(part)
        if match is None:
            raise ValueError("it is no speed")
        value = float(match[1]) * (KPH_PER_MPH if (match[2] or "").lower() == "mph" else 1.0)
        if not _LEAST_KPH <= value <= _MOST_KPH:
            raise ValueError(f"it is not between {_LEAST_KPH:g} and {_MOST_KPH:g} km/h")
        found.append(value)
    return min(found, default=None)


def read_osm(path: Path, name: str, bounds: Bounds | None) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """The ways with a ``highway`` tag of an OpenStreetMap PBF: their tags as text, and their lines in degrees (WGS84).

    Only these ways and tags are kept in memory. Ways that cross the bounds come whole.

    Raises
    ------
    EstateError
        Where it is not there, or not such a file.
    """
    try:
        if not path.is_file():
            raise EstateError(f"{name}: there is no such file. Files on this computer are read, nothing else.")
        with path.open("rb") as file:
            if file.read(64)[4:15] != b"\n\tOSMHeader":
                raise EstateError(
                    f"{name}: this is not an OpenStreetMap PBF, whatever its name says. Download it again."
                )
        box = None if bounds is None else bounds_in(WGS84, bounds)
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # By GDAL's own settings a roundabout around a pond is an area and no line: these keep every closed way a line.
            settings = Path(folder, "osm.ini")
            settings.write_text(
                "closed_ways_are_polygons=\nattribute_name_laundering=no\nreport_all_ways=no\n"
                f"[lines]\nosm_id=yes\nattributes={','.join(_OSM_TAGS)}\nother_tags=no\n",
                encoding="ascii",
            )
            meta, _, wkb, values = pyogrio.raw.read(
                path, layer="lines", where="highway IS NOT NULL", bbox=box, force_2d=True, CONFIG_FILE=str(settings)
            )
    except OSError as error:
        raise EstateError(f"{name}: cannot be opened ({clean(str(error.strerror or error))}).") from error
    except (RuntimeError, UnicodeDecodeError) as error:
        raise EstateError(f"{name}: this does not open ({clean(str(error))}). Download it again.") from error
    tags = pd.DataFrame(dict(zip(map(str, meta["fields"]), values, strict=True)), dtype=object)
    return tags, np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object).reshape(len(wkb))


def rules_of(frame: pd.DataFrame, mode: str, source: str, ids: Sequence[str], speeds_kph: Mapping[str, float]) -> Rules:
    """What the columns of a frame say of each line, for one mode.

    Parameters
    ----------
    frame
        Columns among `TAGS`, as text or as they come; ``other_tags`` is opened.
    mode
        One of ``car``, ``foot``, ``cycle``.
    source
        The file, as issues name it.
    ids
        What to call each line in issues.
    speeds_kph
        Speeds by class, complete; on foot and by cycle by ``foot`` and ``cycle``.
    """
    asked = _Tags(frame, source, ids)
    kind, bridge = _classes(asked)
    known = np.array([text in _CLASSES for text in kind], dtype=bool)
    by_class = known & np.isin(kind, sorted(OPEN[mode]))
    said = _access(asked, mode, known & (kind != ""))
    usable = known & np.where(said == 0, by_class, said > 0)
    area = asked.text("area")
    usable &= area != "yes"
    direction = _direction(asked, mode, usable)
    usable &= direction != 2
    kph, stated = _speeds(asked, mode, kind, usable, speeds_kph)
    names = [asked.text(column, raw=True) for column in ("name", "name_1", "ref")]
    name = np.where(names[0] != "", names[0], np.where(names[1] != "", names[1], names[2]))
    return Rules(usable, direction, kph, stated, kind, bridge, name, tuple(asked.issues))


class _Tags:
    """The columns of a frame as tidy text, and what is to be told of them."""

    def __init__(self, frame: pd.DataFrame, source: str, ids: Sequence[str]) -> None:
        self.source, self.ids, self.size = source, ids, len(frame)
        self.issues: list[Issue] = []
        self._columns: dict[str, NDArray[np.object_]] = {}
        for column in frame.columns:
            if str(column).lower() in TAGS:
                self._columns.setdefault(
                    str(column).lower(), np.array([text_of(v) for v in frame[column].tolist()], dtype=object)
                )
        packed = self._columns.pop("other_tags", None)
        if packed is not None:
            opened: dict[str, NDArray[np.object_]] = {}
            for place, text in enumerate(packed.tolist()):
                for key, value in hstore(text).items() if text else ():
                    if key in TAGS and key not in self._columns:
                        opened.setdefault(key, np.full(self.size, "", dtype=object))[place] = value
            self._columns |= opened
        self._tidy: dict[str, NDArray[np.object_]] = {}

    def __contains__(self, column: str) -> bool:
        return column in self._columns

    def text(self, column: str, *, raw: bool = False) -> NDArray[np.object_]:
        """A column, blank where it is not there; in lower case unless it is asked for raw."""
        if column not in self._columns:
            return np.full(self.size, "", dtype=object)
        if raw:
            return self.each(self._columns[column], clean)
        if column not in self._tidy:
            self._tidy[column] = self.each(self._columns[column], lambda text: clean(text).lower())
        return self._tidy[column]

    def each(self, column: NDArray[np.object_], of: Callable[[str], object]) -> NDArray[np.object_]:
        """A function of each value, worked out once for each value there is."""
        code, values = pd.factorize(column)
        found = np.empty(len(values), dtype=object)
        found[:] = [of(value) for value in values]
        return found[code] if len(values) else np.empty(self.size, dtype=object)

    def first(self, *columns: str) -> NDArray[np.object_]:
        """Of several columns the first that says something, line by line."""
        found = np.full(self.size, "", dtype=object)
        for column in columns:
            found = np.where(found == "", self.text(column), found)
        return found

    def tell(
        self, where: Flags, column: str, code: str, message: str, action: str, values: NDArray[np.object_] | None = None
    ) -> None:
        """One issue for all lines of which a thing is to be told, naming the first few and what stands there."""
        at = np.flatnonzero(where)
        if len(at):
            value = (self.text(column, raw=True) if values is None else values)[at]
            shown = ", ".join(dict.fromkeys(readable(text)[:40] for text in value[:200].tolist() if text))[:120]
            lines = f"{len(at):,} of {self.size:,} lines: " if self.size > 1 else ""
            self.issues.append(Issue(self.source, named(self.ids, at), column, code, shown, lines + message, action))


def named(ids: Sequence[str], at: NDArray[np.intp], most: int = 5) -> str:
    """The first few of some lines by what they are called."""
    more = f" and {len(at) - most:,} more" if len(at) > most else ""
    return ", ".join(readable(ids[i])[:60] for i in at[:most].tolist()) + more


# ------------------------------------------------------------------------------------------------------- classes


def class_of(text: str) -> str:
    """The class of a road as OpenStreetMap calls it, from how a register does; "" where nobody knows.

    Examples
    --------
    >>> class_of("A64"), class_of("A1(M)"), class_of("Local Road"), class_of("B1257"), class_of("towpath")
    ('primary', 'motorway', 'residential', 'secondary', '')
    """
    low = text.strip().lower()
    if low in _CLASSES:
        return low
    if match := _NUMBERED.match(low):
        return "motorway" if match[1] else "primary" if match[2] else "secondary"
    return _OTHER_CLASSES.get(words(low), "")


def _classes(tags: _Tags) -> tuple[NDArray[np.object_], Flags]:
    """The class of each line, "" where it is no way at all, and which are bridges of our own kind.

    What has a kind goes by it, and by its class where it is a road. What has none goes by its class: one of OpenStreetMap must be
    known, one of another register need not be.
    """
    kind, highway = tags.text("kind"), tags.text("highway")
    own = tags.first("class", "road_function", "road_classification")
    told = np.where(own != "", own, highway)
    found = tags.each(told, class_of)
    road = np.where(found == "", "road", found)
    way = np.isin(kind, ("road", "bridge", "level crossing"))
    by_kind = np.where(np.isin(found, sorted(_PATHS)), found, "path")
    by_kind = np.where(kind == "path", by_kind, np.where(np.isin(kind, ROAD_KINDS), "", tags.each(kind, class_of)))
    plain = (highway != "") & (own == "")
    by_class = np.where(
        plain, np.where(np.isin(highway, sorted(_CLASSES)), highway, ""), np.where(told == "", "", road)
    )
    kinds = np.where(way, road, np.where(kind != "", by_kind, by_class)).astype(object)
    if not any(column in tags for column in ("kind", "class", "highway", "road_function", "road_classification")):
        bare = (tags.text("railway") == "") & (tags.text("waterway") == "")
        kinds[bare] = "road"
        tags.tell(bare, "kind", "kind-unknown", "nothing says what the lines are",
                  "Taken for roads of no known class. Give each a kind or a class.")  # fmt: skip
    said = " or a road number."
    tags.tell((kind == "") & plain & (kinds == "") & ~np.isin(highway, sorted(_NO_CLASSES)), "highway", "road-class-unknown",
              "this class of way is not known", "Left out of the network. Use a class of OpenStreetMap.")  # fmt: skip
    tags.tell((way | ((kind == "") & ~plain)) & (told != "") & (found == ""), "class", "road-class-unknown",
              "this class of road is not known", "Taken for a road of no known class. Use a class of OpenStreetMap," + said, told)  # fmt: skip
    tags.tell((kind != "") & ~np.isin(kind, ROAD_KINDS) & (kinds == ""), "kind", "kind-unknown",
              f"the kind is none of {', '.join(ROAD_KINDS)}", "Left out of the network. Give the kind.")  # fmt: skip
    silent = (kind == "") & (told == "") & (kinds == "") & ("highway" not in tags)
    tags.tell(silent, "kind", "kind-unknown", "nothing says what the line is",
              "Left out of the network. Give it a kind, or a class of OpenStreetMap" + said)  # fmt: skip
    return kinds, kind == "bridge"


# ------------------------------------------------------------------------------------------------------- rights and ways


def _access(tags: _Tags, mode: str, way: Flags) -> NDArray[np.int8]:
    """What tags say of each line for a mode: 1 open, -1 closed, 0 nothing. The tag closest to the mode holds; ``access`` opens nothing.

    That all may go where they may go (``access=yes``) does not make a footpath a road.
    """
    said = np.zeros(tags.size, dtype=np.int8)
    for column in _ACCESS[mode]:
        if column not in tags:
            continue
        text = tags.text(column)
        value = tags.each(text, _said).astype(np.int8)
        tags.tell(way & (value == 2), column, "access-not-understood", f"{column} says nothing that is understood",
                  "Taken for not said. Write yes, no or private.")  # fmt: skip
        value[value == 2] = 0
        if column in {"access", "vehicle"}:
            value[value > 0] = 0
        said = np.where(said == 0, value, said)
    return said


def _said(text: str) -> int:
    if text in _NO:
        return -1
    if text in _YES:
        return 1
    if text in _NOT_SAID:
        return 0
    parts = {_said(part.strip()) for part in text.split(";")} if ";" in text else {2}
    return parts.pop() if len(parts) == 1 else -1 if -1 in parts else 2


def _direction(tags: _Tags, mode: str, usable: Flags) -> NDArray[np.int8]:
    """The direction of each line: 0 both, 1 as drawn, -1 against it, 2 changing, which no time of travel can rest on."""
    if mode == "foot":
        own = tags.text("oneway:foot")
        return np.where(np.isin(own, sorted(_FORWARD)), 1, np.where(np.isin(own, sorted(_BACKWARD)), -1, 0)).astype(
            np.int8
        )
    column = "one_way" if "one_way" in tags else "oneway"
    told = tags.first("one_way", "oneway")
    # In OpenStreetMap a line is drawn the way the traffic goes; other registers of roads do not promise that.
    implied = np.isin(tags.text("junction"), ("roundabout", "circular"))
    implied |= np.isin(tags.text("highway"), sorted(_MOTORWAYS))
    direction = np.where(implied & (told == ""), 1, 0).astype(np.int8)
    direction[np.isin(told, sorted(_FORWARD))] = 1
    direction[np.isin(told, sorted(_BACKWARD))] = -1
    changing = np.isin(told, ("reversible", "tidal"))
    strange = usable & (told != "") & ~changing & ~np.isin(told, sorted(_FORWARD | _BACKWARD | _BOTH))
    tags.tell(strange, column, "one-way-not-understood", f"{column} is neither yes, no nor -1",
              "Taken for open both ways. Write yes, no, or -1 where it runs against the line as drawn.", told)  # fmt: skip
    if mode == "cycle":
        against = np.isin(tags.text("oneway:bicycle"), ("no", "false", "0"))
        for tag in _CONTRAFLOW:
            against |= np.array([str(text).startswith("opposite") for text in tags.text(tag)], dtype=bool)
        changing &= ~against
        direction[against] = 0
    tags.tell(usable & changing, column, "one-way-changing", "the direction changes by the time of day",
              "Left out of the network. Say yes, -1 or no for the time that matters.", told)  # fmt: skip
    direction[changing] = 2
    return direction


def _speeds(
    tags: _Tags, mode: str, kind: NDArray[np.object_], usable: Flags, speeds_kph: Mapping[str, float]
) -> tuple[Floats, Flags]:
    """The speed on each line, and whether the data states it: a travel speed as it stands, or of a limit the share made good."""
    if mode != "car":
        return np.full(tags.size, speeds_kph[mode]), np.zeros(tags.size, dtype=bool)
    kph = np.array([speeds_kph.get(text, speeds_kph["road"]) for text in kind], dtype=np.float64)
    stated = np.zeros(tags.size, dtype=bool)
    for column, share in (("maxspeed", LIMIT_SHARE), ("speed_kph", 1.0)):
        if column not in tags:
            continue
        value = tags.each(tags.text(column), _speed)
        bad = np.array([isinstance(one, str) for one in value], dtype=bool)
        at = np.array([isinstance(one, float) for one in value], dtype=bool)
        tags.tell(usable & bad, column, "speed-not-usable", f"of {column} it holds: {_first_of(value[usable & bad])}",
                  "The speed of its class is used. Correct it, or leave it blank.")  # fmt: skip
        kph[at] = value[at].astype(np.float64) * share
        stated |= at
    return kph, stated


def _speed(text: str) -> float | str | None:
    try:
        return kph_of(text)
    except ValueError as error:
        return str(error)


def _first_of(values: NDArray[np.object_]) -> str:
    return "; ".join(sorted({str(value) for value in values}))

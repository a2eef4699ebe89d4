"""What the layers and columns of map products are called, and what each is on the backdrop.

Ordnance Survey's open products (OpenMap Local, Open Roads, Open Rivers, Open Zoomstack, Open Names, Boundary-Line), boundaries of
the Office for National Statistics, and OpenStreetMap as GDAL, osmnx and Geofabrik write it. Names are compared as
`assetplan.text.words` writes them, so case, underscores and tile prefixes do not matter.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from assetplan.text import clean, parted, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# In the order of the rows of a backdrop.
KINDS = (
    "road", "rail", "river", "bridge", "level crossing", "limits", "coast", "graticule", "boundary", "water", "woodland", "building",
    "path", "other",
)  # fmt: skip
# From what a map needs most to what it can do without: the end goes first where there is too much.
IMPORTANCE = (
    "coast", "river", "rail", "main road", "limits", "boundary", "water", "bridge", "level crossing", "road", "minor road",
    "woodland", "building", "path", "other",
)  # fmt: skip
SETTLEMENTS = {
    "capital": "city", "city": "city", "town": "town", "populated place": "settlement", "village": "village",
    "suburban area": "suburb", "suburb": "suburb", "hamlet": "hamlet", "small settlements": "hamlet", "other settlement": "hamlet",
    "settlement": "settlement",
}  # fmt: skip
PLACE_IMPORTANCE = ("city", "town", "settlement", "village", "suburb", "hamlet")

_NAMES = (
    "name", "name1", "name 1", "distinctive name", "distname", "watercourse name", "text", "textstring", "text string",
    "area name", "road name", "roadname", "street", "title", "label", "roadnumber", "road number", "road classification number", "ref",
)  # fmt: skip
_OFFICIAL_NAME = re.compile(r"[a-z]{2,6}\d\dnm")
_CLASSES = (
    "kind", "fclass", "class", "classification", "classifica", "road classification", "roadclassification", "road function", "function",
    "local type", "type", "featuretype", "feature type", "level", "description",
)  # fmt: skip
_MAIN = r"motorway|trunk|primary|secondary|a road|b road|national|regional"
_MINOR = r"residential|tertiary|unclassified|service|living street|local|minor|restricted|access|not classified|unknown|guided busway"
_ON_FOOT = r"footway|footpath|path|cycleway|steps|bridleway|pedestrian|track|corridor"

# OpenStreetMap: column, pattern of its value, kind; a blank kind is not drawn. The first that matches speaks.
_TAGS = (
    ("highway", _ON_FOOT, "path"),
    ("highway", rf"({_MAIN})( link)?", "main road"),
    ("highway", r"proposed|construction|crossing|stop|give way|traffic signals|street lamp|bus stop", ""),
    ("highway", r".+", "minor road"),
    ("railway", r"level crossing|crossing", "level crossing"),
    ("railway", r"rail|light rail|tram|subway|narrow gauge|preserved|monorail", "rail"),
    ("railway", r".+", ""),
    ("waterway", r"river|canal|stream|drain|ditch|brook|tidal channel", "river"),
    ("waterway", r"riverbank|dock", "water"),
    ("waterway", r".+", ""),
    ("natural", r"water|bay|strait", "water"),
    ("natural", r"wood", "woodland"),
    ("natural", r"coastline", "coast"),
    ("natural", r".+", ""),
    ("man made", r"bridge", "bridge"),
    ("building", r"no", ""),
    ("building", r".+", "building"),
    ("landuse", r"forest", "woodland"),
    ("landuse", r"reservoir|basin", "water"),
    ("landuse", r".+", ""),
    ("boundary", r".+", "boundary"),
    ("leisure", r".+", ""),
    ("amenity", r".+", ""),
)  # fmt: skip
_TAG_COLUMNS = {column for column, _, _ in _TAGS}

_BOUNDARIES = (
    r"bound(?:ary|aries)|wards?|parish|parishes|county|counties|districts?|boroughs?|unitary|regions?|constituency|constituencies|"
    r"local authority|local authorities|divisions?|national parks?|lads?|wd ?\d*|lsoas?|msoas?|oas?|output areas?|"
    r"polling districts?|const"
)

# Layers: a pattern found among the words of the name, kind. The first that matches speaks.
_LAYERS = (
    (r"level crossings?", "level crossing"),
    (r"(road|hydro) ?nodes?|motorway junctions?|railway stations?|named ?places?|names|places|charging points?|pois?|contours?|spot heights?", ""),
    (r"electricity transmission lines?|etl|foreshore|functional ?sites?|urban areas|greenspace|airports|^land$|^sites$", ""),
    (r"roads? national|roads? regional|motorways?", "main road"),
    (r"roads? local", "minor road"),
    (r"roads?|road ?links?|highways?|streets?|carriageways?|roundabouts?", "road"),
    (r"rail|rails|railways?|railway ?tracks?|railway ?tunnels?|tramways?", "rail"),
    (r"bridges?", "bridge"),
    (r"(development|settlement) (limits?|boundary|boundaries)|limits", "limits"),
    (r"coast|coasts|coastlines?|high water|tidal ?boundary", "coast"),
    (r"surface ?water ?line|watercourse ?links?|watercourses?|rivers?|waterways?|waterlines?|streams?|canals?", "river"),
    (r"surface ?waters?|surface ?water ?area|tidal ?water|water|waters|lakes?|reservoirs?|sea", "water"),
    (r"woodlands?|woods?|forests?", "woodland"),
    (r"buildings?|important ?buildings?|glasshouses?|footprints?", "building"),
    (_BOUNDARIES, "boundary"),
    (r"paths?|footpaths?|rights of way|cycleways?", "path"),
)  # fmt: skip

# Kinds told by a class where the layer's name says nothing.
_VALUES = (
    (_ON_FOOT, "path"),
    (rf"({_MAIN})( (link|road))?", "main road"),
    (r"residential|tertiary|unclassified|service|living street", "minor road"),
    (r"((restricted )?local|local access|secondary access|minor) road", "minor road"),
    (r"road", "road"),
    (r"rail|railway|light rail|tram|subway", "rail"),
    (r"river|canal|stream|drain|inland river|tidal river|lake outflow", "river"),
    (r"water|reservoir|lake|riverbank|wetland|dock", "water"),
    (r"forest|wood|woodland|woodland or forest", "woodland"),
    (r"coast|coastline|high water", "coast"),
    (r"building", "building"),
)  # fmt: skip

# Layers by which a product may be told for certain, and the words its publisher asks for.
_OS_LAYERS = (
    r"road ?links?|road ?nodes?|watercourse ?links?|hydro ?nodes?|surface ?water ?(area|line)|tidal ?(water|boundary)|"
    r"functional ?sites?|important ?buildings?|named ?places?|railway ?tracks?|local buildings|district buildings|"
    r"roads (local|regional|national)|waterlines|surfacewater|urban areas|boundary line|(district|county|unitary).*region|"
    r"oproad|opmplc|oprvrs|opname|high water polyline"
)
_OS_SAYS = (
    "This looks like Ordnance Survey OpenData, whose licence (Open Government Licence v3) asks for the words: "
    "Contains OS data © Crown copyright and database right, and the year."
)
_OSM_SAYS = "This looks like OpenStreetMap, whose licence (ODbL) asks for the words: © OpenStreetMap contributors."
_OSM_COLUMNS = {"osm id", "osmid", "osm way id"}
_ATTRIBUTIONS = ((_OS_LAYERS, _OS_SAYS), (r"gis osm|osm", _OSM_SAYS))


def is_wanted(column: str) -> bool:
    """Whether a column may hold a name or say what its features are."""
    column = _plain(column)
    return (
        column in {*_NAMES, *_CLASSES, *_TAG_COLUMNS, *_OSM_COLUMNS, "place"}
        or _OFFICIAL_NAME.fullmatch(column) is not None
    )


def _plain(column: str) -> str:
    return words(parted(column)) if column != column.upper() else words(column)


def plain_columns(row: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row that are not blank, by their columns as these tables have them.

    Examples
    --------
    >>> plain_columns({"DISTNAME": "Sale", "roadFunction": "", "Road_Classification": "A Road"})
    {'distname': 'Sale', 'road classification': 'A Road'}
    """
    return {_plain(column): value for column, value in row.items() if value.strip()}


def name_of(row: Mapping[str, str]) -> str:
    """The name a row gives, on one line, hidden characters made visible; at most 120 characters."""
    found = next((row[column] for column in _NAMES if column in row), "")
    if not found:
        found = next((value for column, value in row.items() if _OFFICIAL_NAME.fullmatch(column)), "")
    return clean(found)[:120]


def kind_of(layer: str, row: Mapping[str, str]) -> str:
    """What a feature is, one of `IMPORTANCE`, by its row (`plain_columns`) and the name of its layer; blank: not drawn.

    Examples
    --------
    >>> kind_of("SE_SurfaceWater_Area", {}), kind_of("edges", {"highway": "residential"}), kind_of("anything", {})
    ('water', 'minor road', 'other')
    """
    own = row.get("kind", "").casefold()
    if own in KINDS:
        return own
    undrawn = set()
    for column, pattern, kind in _TAGS:
        if column in row and column not in undrawn and re.fullmatch(pattern, words(row[column])):
            if kind:
                return kind
            undrawn.add(column)
    if undrawn:
        return ""
    by_layer = kind_of_layer(layer)
    values = [words(row[column]) for column in _CLASSES if column in row]
    if by_layer is None:
        return next((kind for value in values for pattern, kind in _VALUES if re.fullmatch(pattern, value)), "other")
    if by_layer == "road":
        if any(re.fullmatch(_ON_FOOT, value) for value in values):
            return "path"
        if any(re.match(rf"({_MAIN})\b", value) for value in values):
            return "main road"
        if any(re.match(rf"({_MINOR})\b", value) for value in values):
            return "minor road"
    return by_layer


@cache
def kind_of_layer(layer: str) -> str | None:
    """What the features of a layer are, by its name alone; None where the name does not say."""
    title = words(parted(layer)) if layer != layer.upper() else words(layer)
    if title.startswith("gis osm"):
        title = " ".join(title.split()[2:3])
    return next((kind for pattern, kind in _LAYERS if re.search(rf"\b({pattern})\b", title)), None)


def settlement_of(row: Mapping[str, str]) -> str:
    """The kind of settlement a named point says it is; blank where it is none."""
    values = (words(row[column]) for column in ("place", *_CLASSES) if column in row)
    return next((SETTLEMENTS[value] for value in values if value in SETTLEMENTS), "")


def attribution_of(layers: Iterable[str], columns: Iterable[str]) -> str:
    """What the publisher of a product asks to be written, where layers or columns (`plain_columns`) tell the product; else blank."""
    titles = [words(parted(layer)) for layer in layers]
    if _OSM_COLUMNS & set(columns):
        titles.append("osm")
    return next(
        (text for pattern, text in _ATTRIBUTIONS if any(re.search(rf"\b({pattern})\b", title) for title in titles)), ""
    )

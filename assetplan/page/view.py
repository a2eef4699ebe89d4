"""What a page shows, as plain data: the only thing that passes from the estate to the HTML.

`assetplan.maps` fills a `PageView` from an estate (already filtered for its reader); `assetplan.page.shell` turns it
into HTML. Every string is raw text as it stands in the data: escaping is the business of the page, in one place.
Coordinates are WGS84 ``[latitude, longitude]`` rounded to six decimals, as Leaflet wants them.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Colour = str
Position = list[float]


class Fact(TypedDict):
    """One line of a popup or card: a label, its value, and where the value comes from."""

    label: str
    value: str
    source: str
    illustrative: bool
    unknown: bool


class Organisation(TypedDict):
    """One entry of the legend. `letter` and `pattern` are the second and third cue beside `colour`."""

    id: str
    name: str
    letter: str
    colour: Colour
    pattern: Literal["diagonal", "counter", "horizontal", "vertical", "cross", "dots", "plain", "unknown"]
    sites: int


class Shape(TypedDict):
    """A geometry for Leaflet: rings of a polygon, lines, or points, each a list of positions."""

    type: Literal["polygon", "line", "point"]
    parts: list[list[list[Position]]]
    """Polygons: one list of rings for each polygon. Lines: one ring-like list for each line. Points: one position
    each."""


class Site(TypedDict):
    """One site on the map and in the table."""

    id: str
    anchor: str
    name: str
    organisation: str
    status: Literal["operational", "under review", "surplus", "vacant", "disposed", "unknown"]
    precision: Literal["polygon", "point", "postcode"]
    shape: Shape
    label_at: Position
    developable: bool
    facts: list[Fact]
    notes: list[str]
    missing: str


class Context(TypedDict):
    """A place a register lists that is not known to be public estate (a private surgery, say)."""

    name: str
    at: Position
    text: str


class Relation(TypedDict):
    """Two sites and how they lie to one another, drawn along their shortest link."""

    a: str
    b: str
    kind: Literal["overlapping", "touching", "opposite", "near"]
    text: str
    line: list[Position]
    label: NotRequired[str]
    """What is written beside the line, such as "12 m"."""


class Constraint(TypedDict):
    """A constraint with a shape. `state` unknown is drawn in a look of its own, never like none."""

    id: str
    name: str
    kind: str
    state: Literal["yes", "no", "arguable", "unknown"]
    text: str
    shape: Shape
    facts: list[Fact]


class Assembly(TypedDict):
    """A group of sites released to this reader."""

    name: str
    sites: list[str]
    text: str
    blockers: list[str]


class Backdrop(TypedDict):
    """A line or area of the backdrop: road, rail, river, bridge, level crossing, coast, graticule, limits."""

    kind: str
    name: str
    shape: Shape


class Place(TypedDict):
    """A name on the backdrop."""

    name: str
    kind: str
    at: Position


class Table(TypedDict):
    """A table of the page: the map in words. `rows` hold text; `anchors` the site each row belongs to, if any."""

    id: str
    caption: str
    note: str
    columns: list[str]
    numeric: list[bool]
    rows: list[list[str]]
    anchors: NotRequired[list[str]]
    folded: bool


class MapView(TypedDict):
    """The part of a page that its script needs."""

    organisations: list[Organisation]
    sites: list[Site]
    context: list[Context]
    relations: list[Relation]
    constraints: list[Constraint]
    assemblies: list[Assembly]
    backdrop: list[Backdrop]
    places: list[Place]
    bounds: list[Position]


class PageView(TypedDict):
    """A whole page."""

    title: str
    stamp: str
    banner: list[str]
    dates: list[tuple[str, str]]
    summary: list[str]
    map: MapView
    map_caption: str
    tables: list[Table]
    sources: list[str]

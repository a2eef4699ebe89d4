"""What a page shows, as plain data: the only thing that passes from the estate to the HTML.

`assetplan.maps` fills a `PageView` from an estate (already filtered for its reader); `assetplan.page.shell` turns it
into HTML. Every string is raw text as it stands in the data: escaping is the business of the page, in one place.
Positions are WGS84 ``[latitude, longitude]``, shapes geometries in EPSG:4326; `assetplan.page.packing` rounds both to six decimals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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


class FactColumn(TypedDict):
    """One line of every site's card: what is said of each site, where it comes from, and how sure it is.

    `values` is empty for a site of which the line says nothing. `flags` adds 1 for illustrative and 2 for unknown. `searched` lines are
    looked through when somebody looks for a site.
    """

    label: str
    values: list[str]
    sources: list[str]
    flags: list[int]
    searched: bool


class Sites(TypedDict):
    """The sites on the map, column by column: entry *i* of each belongs to the same site.

    `organisation` counts the view's organisations from 0. `status` is operational, under review, surplus, vacant, disposed or unknown,
    `precision` polygon, point or postcode. `area_ha` is for choosing sites by size. `shape` holds geometries in EPSG:4326 (x = longitude),
    `at` the places of names as latitude and longitude. `notes` are sentences with the site they speak of.
    """

    id: list[str]
    name: list[str]
    organisation: list[int]
    status: list[str]
    precision: list[str]
    use: list[str]
    area_ha: list[float | None]
    shape: NDArray[np.object_]
    at: NDArray[np.float64]
    facts: list[FactColumn]
    notes: list[tuple[int, str]]


class Context(TypedDict):
    """A place a register lists that is not known to be public estate (a private surgery, say)."""

    name: str
    at: Position
    text: str


class Relation(TypedDict):
    """Two sites, counted from 0, and how they lie to one another."""

    a: int
    b: int
    kind: Literal["overlapping", "touching", "opposite", "near"]
    text: str
    measure: str
    """What stands beside the name of the one on the card of the other, such as "12 m away"."""
    gap_m: int | None
    """Whole metres, as written beside the line between them; None where they meet."""


class Constraint(TypedDict):
    """A constraint with a shape in EPSG:4326. `state` unknown is drawn in a look of its own, never like none."""

    name: str
    kind: str
    state: Literal["yes", "no", "arguable", "unknown"]
    text: str
    says: str
    source: str
    illustrative: bool
    shape: Any


class Labelled(TypedDict):
    """A few words under a label."""

    label: str
    value: str


class Assembly(TypedDict):
    """A group of sites released to this reader, in one of two rankings; `facts`, `reasons`, `changes` only of one that is valued."""

    name: str
    ranking: Literal["largest connected", "best deliverable"]
    sites: list[int]
    text: str
    facts: list[Labelled]
    reasons: list[str]
    changes: list[str]
    blockers: list[str]


class Component(TypedDict):
    """Sites that hang together, shown only to readers to whom analyses are released. `mix` tells of how many bodies they are.

    `shape` is an outline round them in EPSG:4326.
    """

    name: str
    mix: Literal["one", "two", "more", "unclear"]
    sites: list[int]
    text: str
    shape: Any


class Backdrop(TypedDict):
    """A line or area of the backdrop, in EPSG:4326: road, rail, river, bridge, level crossing, coast, graticule, limits."""

    kind: str
    name: str
    shape: Any


class Place(TypedDict):
    """A name on the backdrop."""

    name: str
    kind: str
    at: Position


class Words(TypedDict):
    """Words that go together; those that are a figure carry its identity."""

    text: str
    figure: str


class Table(TypedDict):
    """A table of the page: the map in words. `rows` hold text; `sites` the site on the map each row is about, counted from 0, or -1.

    `words` are the cells again, with the figures among them told by their identity; a table that is `stacked` stands on a telephone as a
    card for each row.
    """

    id: str
    caption: str
    note: str
    columns: list[str]
    numeric: list[bool]
    rows: list[list[str]]
    sites: list[int]
    folded: bool
    words: NotRequired[list[list[list[Words]]]]
    stacked: NotRequired[bool]


class Service(TypedDict):
    """A service on the map. `site` and `organisation` count those of the view from 0; `site` is -1 where it lies in none that is drawn.

    `pin` is the place in the list of the service whose pin tells of it: its own, or that of the whole it is a part of at the same
    place. `desks` sets the size of the pin, None where the number is not known. `facts` are the lines of its card.
    """

    name: str
    site: int
    organisation: int
    pin: int
    at: Position
    desks: float | None
    bays: bool
    facts: list[Fact]


class Village(TypedDict):
    """A place people start from, how many live there in words, and what is said of the way from there."""

    name: str
    people: str
    at: Position
    facts: list[Fact]


class MinutesAt(TypedDict):
    """The minutes at one place, one for each of the layer's times; None where not known. `after` is empty where no change is shown."""

    name: str
    at: Position
    before: list[float | None]
    after: list[float | None]
    facts: list[Fact]


class Minutes(TypedDict):
    """A layer of minutes by village: `times` are words such as "by day", one empty word where there is one time alone.

    `note` says what the minutes rest on.
    """

    name: str
    times: list[str]
    note: str
    places: list[MinutesAt]


class Reach(TypedDict):
    """The ground within so many minutes. `name` tells of what, the same for all limits of one layer; `shape` is in EPSG:4326."""

    name: str
    limit_min: float
    text: str
    shape: Any


class Chart(TypedDict):
    """A picture of the page: sentences that say what it shows, and markup of ours (SVG) in which every text is escaped."""

    id: str
    title: str
    says: list[str]
    svg: str


class Flow(TypedDict):
    """One service that would move: its name, the organisation that runs it, counted from 0 (-1: none of the view), and where it is now.

    `at` is latitude and longitude; None where nothing says where it is.
    """

    name: str
    organisation: int
    at: Position | None


class Option(TypedDict):
    """A co-location option as the map draws it and answers name it: `shown` is the digest of what is known of it.

    `at` is where the host is; None where nothing says so.
    """

    option_id: str
    host: str
    services: list[str]
    shown: str
    name: str
    at: Position | None
    moves: list[Flow]


class Reviewing(TypedDict):
    """What a file of answers starts with, and for which bodies it may speak: identifiers and names."""

    heading: dict[str, str | int | None]
    bodies: list[tuple[str, str]]
    most: tuple[int, int]
    """How many characters a comment may have, and a post."""


class OptionCard(TypedDict):
    """A co-location option told of in a card, in sentences. `drawn` tells whether the map can show it."""

    name: str
    drawn: bool
    lead: list[str]
    moves: list[tuple[str, str, str]]
    """Of each service that moves: its name, where it is now, and the instrument it needs."""
    does: list[str]
    obstacles: list[tuple[str, list[str]]]
    """How far things stand in the way, and these, each with its source."""
    unsettled: list[str]
    changes: list[str]
    reasons: list[str]


class OptionsPart(TypedDict):
    """Co-location options on a page: what they rest on, the first few in cards, how many more there are, those that something forbids."""

    lead: list[str]
    cards: list[OptionCard]
    more: str
    apart: list[str]
    basis: list[str]
    bodies: list[tuple[str, str]]
    most: tuple[int, int]


class YearStay(TypedDict):
    """A service of a scenario at a place in some financial years, by their start; `last` is None where it stays.

    `organisation` counts those of the view from 0 (-1: none of it); `at` is None where nothing says where the place is.
    """

    name: str
    organisation: int
    place: str
    at: Position | None
    first: int
    last: int | None
    text: str


class YearMove(TypedDict):
    """A service that moves in a financial year: from where to where, by name and by latitude and longitude."""

    name: str
    organisation: int
    origin: str
    to: str
    start: Position | None
    end: Position | None
    year: int


class YearState(TypedDict):
    """What a place is in some financial years of a scenario and not today. `site` counts those of the view from 0; -1 is none of them."""

    kind: Literal["works", "open", "empty", "gone"]
    place: str
    label: str
    site: int
    at: Position | None
    first: int
    last: int | None


class YearScenario(TypedDict):
    """A scenario on the map, year by year, from its first to its last year in which anything happens.

    `says` are sentences with the year they speak of.
    """

    scenario_id: str
    name: str
    first: int
    last: int
    stays: list[YearStay]
    moves: list[YearMove]
    states: list[YearState]
    says: list[tuple[int, str]]


class AppraisalCard(TypedDict):
    """A scenario on the first screen of what is appraised, in sentences made of words.

    They say who gains and who loses, what would turn the answer, what could stop it, and what is needed. `scenario` counts those of the
    map from 0; -1 where it is not drawn.
    """

    name: str
    scenario: int
    lead: list[list[Words]]
    gains: list[list[Words]]
    turns_title: str
    turns: list[list[Words]]
    stops: list[list[Words]]
    needs: list[list[Words]]


class Drawings(TypedDict):
    """Drawings of one kind under one heading, and the table that says the same. `svgs` are markup of ours in which every text is escaped.

    `on_paper` tells of each whether a printed page has it, `paper` says so there.
    """

    id: str
    title: str
    says: list[str]
    svgs: list[str]
    on_paper: list[bool]
    paper: str
    folded: bool
    table: Table


class AppraisalPart(TypedDict):
    """What scenarios would do, on a page: what it rests on, tables above the cards, cards, further tables, and charts, each with its table."""

    title: str
    lead: list[str]
    first: list[Table]
    cards: list[AppraisalCard]
    tables: list[Table]
    drawings: list[Drawings]


class MapView(TypedDict):
    """The part of a page that its script needs.

    `reach_m` is the gap up to which sites count as near, in metres; None where no neighbours were looked for. `relations_on` tells
    whether neighbours are drawn from the start. Services and what concerns the ways to them are left out where there are none.
    """

    organisations: list[Organisation]
    sites: Sites
    context: list[Context]
    relations: list[Relation]
    reach_m: float | None
    constraints: list[Constraint]
    assemblies: list[Assembly]
    components: list[Component]
    backdrop: list[Backdrop]
    places: list[Place]
    bounds: list[Position]
    relations_on: NotRequired[bool]
    services: NotRequired[list[Service]]
    villages: NotRequired[list[Village]]
    minutes: NotRequired[list[Minutes]]
    reaches: NotRequired[list[Reach]]
    options: NotRequired[list[Option]]
    reviewing: NotRequired[Reviewing]
    years: NotRequired[list[YearScenario]]
    years_on: NotRequired[bool]


class PageView(TypedDict):
    """A whole page.

    `words_title`, `map_title` and `tables_title` head the parts of the page. `attributions` are the lines that licences ask to stand
    by the map, on the screen and on paper; `notes` what its maker should know, which the page does not say.
    """

    title: str
    stamp: str
    banner: list[str]
    dates: list[tuple[str, str]]
    words_title: str
    summary: list[str]
    map_title: str
    map: MapView
    map_caption: str
    attributions: list[str]
    notes: list[str]
    charts: NotRequired[list[Chart]]
    options: NotRequired[OptionsPart]
    appraisal: NotRequired[AppraisalPart]
    tables_title: str
    tables: list[Table]
    sources: list[str]

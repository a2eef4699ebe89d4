"""Rendering folium's own part of a page: the same bytes every time, and the user's map left as it was.

folium names every element with random digits and changes its elements while it renders. Here a map is rendered from a
clean state, put back afterwards, and its random names replaced by numbers in the order in which they appear.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.raster_layers import TileLayer
from folium.utilities import JsCode

from assetplan.errors import RemoteAssetError, UnsafeTextError
from assetplan.page.inliner import refuse_remote, script_addresses
from assetplan.page.text import safe_text
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What folium adds to every map. Leaflet and jQuery are inlined from their packages, the rest is not needed.
_REPLACED = frozenset(
    {
        "leaflet",
        "jquery",
        "bootstrap",
        "awesome_markers",
        "leaflet_css",
        "bootstrap_css",
        "glyphicons_css",
        "awesome_markers_font_css",
        "awesome_markers_css",
        "awesome_rotate_css",
    }
)
_RANDOM_ID = re.compile(r"(?<=_)[0-9a-f]{32}(?![0-9a-f])")
_ADDRESS = re.compile(r"(?:(?:https?|ftp|wss?|file|blob):|//)\S+", re.IGNORECASE)
# folium compiles what it has rendered as a template once more: this in any text would be evaluated while the page is made.
_TEMPLATE = re.compile(r"\{[{%#]")
# The text of a popup or tooltip stands in a template literal: this would end it, run in it, or break the script.
_LITERAL = re.compile(
    r"(?<!\\)(?:\\\\)*(?:`|\$\{|\\(?:u(?![0-9a-fA-F]{4}|\{[0-9a-fA-F]{1,6}\})|x(?![0-9a-fA-F]{2})|[1-9]|0[0-9]))"
)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_NOT_LOADED = frozenset({"attr", "attribution", "layer_name", "tile_name", "name", "text", "_name"})


_TILES = re.compile(
    r"https://(?P<host>(?:\{s\}\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?)/(?:[A-Za-z0-9._~/?=&:@+-]|\{(?:s|z|x|y|r)\})+"
)


class GivenTiles(TileLayer):
    """Tiles from an address the user gives: the one thing a page may load, and only from that host.

    Parameters
    ----------
    address
        ``https://host/.../{z}/{x}/{y}.png``; ``{s}`` before the host and ``{r}`` are known too.
    attribution
        What the tiles' licence asks to be said.

    Raises
    ------
    RemoteAssetError
        If the address is not of this form.

    Examples
    --------
    >>> GivenTiles("https://tiles.example.org/{z}/{x}/{y}.png", "Example").host
    'https://tiles.example.org'
    """

    def __init__(self, address: str, attribution: str) -> None:
        match = _TILES.fullmatch(address)
        if not match or not all(part in address for part in ("{z}", "{x}", "{y}")):
            raise RemoteAssetError(
                "the tiles' address is not of the form https://host/{z}/{x}/{y}.png, in plain letters and digits."
            )
        super().__init__(address, attr=safe_text(attribution or "see the page"), max_zoom=20)
        self.host = "https://" + match["host"].replace("{s}.", "*.")


@dataclass(frozen=True)
class FigureParts:
    """The pieces of a rendered folium figure, with stable names.

    Attributes
    ----------
    map_name
        Name of the map: its variable in `script` and the id its element must have.
    header, html
        What elements other than the map put into the head and the body.
    script
        The script that builds the map and everything on it.
    hosts
        Hosts of tiles the user asked for.
    """

    map_name: str
    header: str
    html: str
    script: str
    hosts: tuple[str, ...] = ()


def elements(root: Element) -> list[Element]:
    """An element and all it holds, as children or as attributes, each once, parents first."""
    found: dict[int, Element] = {}
    stack = [root]
    while stack:
        element = stack.pop()
        if id(element) in found:
            continue
        found[id(element)] = element
        held = [value for name, value in vars(element).items() if name not in {"_parent", "_children"}]
        stack.extend(reversed([*element._children.values(), *_elements_in(held)]))
    return list(found.values())


def render_figure(m: folium.Map) -> FigureParts:
    """Render the figure a map stands in.

    Raises
    ------
    RemoteAssetError
        If something on the map would be loaded from another host or from a file beside the page.
    UnsafeTextError
        If an element holds text that folium would evaluate or run; nothing has been rendered by then.
    ValueError
        If the figure holds more than one map.

    Examples
    --------
    >>> m = folium.Map(location=[54.137, -0.79], tiles=None)
    >>> render_figure(m).map_name
    'map_1'
    """
    with _figure_of(m) as figure, _unchanged(figure):
        for element in elements(figure):
            _drop_rendered(element)
        tree = elements(figure)
        if sum(isinstance(element, folium.Map) for element in tree) > 1:
            message = "a page holds one map, but this figure holds several: save each map on its own."
            raise ValueError(message)
        refuse_active(figure)
        refuse_remote(_remote(tree, m), "an element on the map")
        figure.render()
        refuse_remote(_links(figure), "a plugin on the map")
        own = {m.get_name(), "meta_http"}
        header = _text(figure.header, own)
        html = _text(figure.html, own)
        script = _text(figure.script, set())
        names = {element._id for element in elements(figure)}
        name = m.get_name()
        hosts = tuple(dict.fromkeys(element.host for element in tree if isinstance(element, GivenTiles)))
    refuse_remote(script_addresses(script), "text in a popup or tooltip")
    if "L.AwesomeMarkers" in script:
        refuse_remote(["Leaflet.awesome-markers"], "folium.Icon")
    name, header, html, script = _numbered([name, header, html, script], names)
    return FigureParts(map_name=name, header=header, html=html, script=script, hosts=hosts)


def refuse_active(figure: Figure) -> None:
    """Refuse text that folium would run, before anything is rendered.

    That is ``{{``, ``{%`` and ``{#`` in whatever an element holds, for folium compiles its output as a template; what runs in, ends or
    breaks a template literal in the text of a popup or tooltip; and ``<script>`` in text put on the body of the figure. Elements whose
    class says `inert` do not pass through folium's templates.

    Raises
    ------
    UnsafeTextError
        Naming each such element and text.
    """
    literal = {
        id(inner)
        for element in elements(figure)
        if isinstance(element, folium.Popup)
        for inner in elements(element.html)
    }
    body = {id(child) for child in figure.html._children.values()}
    problems: dict[str, None] = {}
    for element in elements(figure):
        if getattr(type(element), "inert", False):
            continue
        inside = id(element) in literal or isinstance(element, folium.Tooltip)
        for text in _texts_of(element):
            found = (
                _TEMPLATE.search(text)
                or (inside and _LITERAL.search(text))
                or (type(element) is Element and id(element) in body and _SCRIPT.search(text))
            )
            if found:
                name = "popup" if id(element) in literal else element._name
                problems[f"{name}: {visible(text[max(0, found.start() - 20) : found.end() + 40])!r}"] = None
    if problems:
        raise UnsafeTextError(
            "the map carries text that folium would run as a template or a script, on this machine or in the page. Wrap text from data "
            "in assetplan.safe_text before it is given to folium, values and names of properties of GeoJson too; a script of your own "
            "belongs on the figure's script, and a template in a branca MacroElement",
            list(problems)[:20],
        )


def _texts_of(element: Element) -> Iterator[str]:
    """Every string an element holds or makes of what it holds, however deep, but those of elements in it."""
    stack: list[Any] = [value for name, value in vars(element).items() if name not in {"_parent", "_children", "_id"}]
    for name in ("style_function", "highlight_function"):
        function, data = getattr(element, name, None), getattr(element, "data", None)
        if callable(function) and isinstance(data, dict):
            stack += [function(feature) for feature in data.get("features") or []]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield str.__str__(value)
        elif isinstance(value, JsCode):
            stack.append(value.js_code)
        elif isinstance(value, dict):
            stack += [*value, *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            stack += value


@contextmanager
def _figure_of(m: folium.Map) -> Iterator[Figure]:
    """The figure of a map; a passing one for a map that was taken out of its own."""
    standing: Any = m
    if standing._parent is None:
        figure = Figure()
        figure.add_child(m)
        try:
            yield figure
        finally:
            standing._parent = None
        return
    root = m.get_root()
    if not isinstance(root, Figure):
        message = f"the map stands in a {type(root).__name__}, which is not a page: add it to a branca Figure."
        raise TypeError(message)
    yield root


@contextmanager
def _unchanged(figure: Figure) -> Iterator[None]:
    """Put every element of a figure back as it was, for rendering adds children and attributes."""
    before = [(element, dict(vars(element)), list(element._children.items())) for element in elements(figure)]
    try:
        yield
    finally:
        for element, attributes, children in before:
            vars(element).clear()
            vars(element).update(attributes)
            element._children.clear()
            element._children.update(children)


def _drop_rendered(element: Element) -> None:
    """Take away what an earlier rendering (in a notebook, say) left among an element's children."""
    kept = [(name, child) for name, child in element._children.items() if not _is_rendered(name, child)]
    element._children = OrderedDict(kept)


def _is_rendered(name: str, child: Element) -> bool:
    if isinstance(child, folium.Marker.SetIcon):
        return True
    return name != child.get_name() and _RANDOM_ID.search(name) is not None


def _elements_in(values: Iterable[Any]) -> Iterator[Element]:
    """The elements among some attributes and, one level down, in their lists and dictionaries."""
    for value in values:
        if isinstance(value, Element):
            yield value
        elif isinstance(value, dict):
            yield from (item for item in value.values() if isinstance(item, Element))
        elif isinstance(value, list | tuple):
            yield from (item for item in value if isinstance(item, Element))


def _links(figure: Figure) -> Iterator[str]:
    """Addresses of scripts and style sheets in the head that are neither inlined nor superfluous."""
    for name, child in figure.header._children.items():
        if isinstance(child, JavascriptLink | CssLink) and name not in _REPLACED and not child.url.startswith("data:"):
            yield child.url


def _remote(tree: Iterable[Element], m: folium.Map) -> Iterator[str]:
    """Addresses that elements would load while the map is looked at."""
    for element in tree:
        if element is m or isinstance(element, JavascriptLink | CssLink):
            continue
        if isinstance(element, GivenTiles):
            continue
        if isinstance(element, TileLayer) and not str(element.tiles).startswith("data:"):
            yield str(element.tiles)
            continue
        attributes = dict(vars(element))
        for options in [value for value in attributes.values() if isinstance(value, dict)]:
            attributes.update({str(name): value for name, value in options.items()})
        for name, value in attributes.items():
            if isinstance(value, str) and name not in _NOT_LOADED and _ADDRESS.fullmatch(value.strip()):
                yield value.strip()


def _text(part: Element, without: set[str]) -> str:
    """The rendered text of one part of a figure."""
    texts = [
        child.render()
        for name, child in part._children.items()
        if name not in without and not (name in _REPLACED and isinstance(child, JavascriptLink | CssLink))
    ]
    return "\n".join(text for text in texts if text and text.strip())


def _numbered(texts: list[str], names: set[str]) -> list[str]:
    """The texts with folium's random digits replaced by numbers, in the order in which they appear."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        digits = match.group()
        return numbers.setdefault(digits, str(len(numbers) + 1)) if digits in names else digits

    return [_RANDOM_ID.sub(number, text) for text in texts]

"""The page around a map: one HTML document that loads nothing, and the layer that carries the estate's sites.

Two ways out of one `folium.Map`. Saved by folium or shown in a notebook, the layer brings the page's script and data
with it and the map works with folium's own Leaflet. Composed by `page_html`, the map stands in a full page with its
words, key and tables, everything inlined under a Content-Security-Policy.
"""

from __future__ import annotations

import itertools
import re
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
from branca.element import Element, Figure, MacroElement
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assetplan.page import inliner
from assetplan.page.figure import FigureParts, elements, render_figure
from assetplan.page.packing import packed
from assetplan.page.text import css_string, isolated, json_for_script, safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assetplan.page.view import PageView, Table

_USES_JQUERY = re.compile(r"(?<![\w$.])(?:\$|jQuery)\s*[(.]")
_DATA_ID = "ap-data"
# A table of up to LISTED rows stands in the page whole; of a longer one the FIRST rows do, and the script pages through the rest.
LISTED = 500
FIRST = 100
# A table of more columns than this is set on paper row by row.
MANY = 8


class _Block(Markup):
    """Markup, script or style that this module has assembled: the only thing the template does not escape."""

    __slots__ = ()


class _Raw(Element):
    """An element whose text goes into the figure as it is, never through a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Raw"
        self._text = text

    def render(self, **_kwargs: Any) -> str:
        """Give the text."""
        return self._text


class EstateLayer(MacroElement):
    """The sites of an estate on a `folium.Map`, with their backdrop, constraints and relations.

    Made by `estate_layer`. No data passes through a template: the view is written as JSON and shown by the page's
    script with `textContent`.

    Attributes
    ----------
    view
        What the page shows.
    inert
        That none of it passes through folium's templates.
    """

    inert = True

    def __init__(self, view: PageView) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca leaves MacroElement.__init__ unannotated
        self._name = "EstateLayer"
        self.view = view
        self._composed = False

    def map_name(self) -> str:
        """Name of the map this layer stands on.

        Raises
        ------
        ValueError
            If it stands on none.
        """
        parent: Element | None = self._parent
        while parent is not None and not isinstance(parent, folium.Map):
            parent = parent._parent
        if parent is None:
            message = "the estate layer must stand on a folium.Map before it can be drawn: layer.add_to(m)"
            raise ValueError(message)
        return str(parent.get_name())

    def render(self, **kwargs: Any) -> str:
        """Add the layer's script to the figure: alone it brings the page's script, style and data with it."""
        figure = self.get_root()
        if not isinstance(figure, Figure):
            message = f"the estate layer stands in a {type(figure).__name__}, which is not a page."
            raise TypeError(message)
        name = self.get_name()
        if self._composed:
            script = f'globalThis.assetplan.start({self.map_name()}, "{_DATA_ID}");'
        else:
            own = inliner.inline_script(inliner.page_script())
            script = f"{own}\nglobalThis.assetplan.start({self.map_name()}, {packed(self.view['map'], {})});"
            figure.header.add_child(_Raw(f"<style>{inliner.page_style()}</style>"), name=f"{name}_style")
        figure.script.add_child(_Raw(script), name=name)
        for child in self._children.values():
            child.render(**kwargs)
        return ""


def _look(cells: Iterable[str], *, is_number: bool) -> str:
    """The class of a column: numbers stand to the right, and long texts get room so that rows stay low."""
    longest = max(map(len, cells), default=0)
    width = "ap-wide" if longest > 160 else "ap-broad" if longest > 36 else ""
    return " ".join(part for part in ("ap-number" if is_number else "", width) if part)


def empty_view(title: str) -> PageView:
    """A view that shows nothing but its title, to be filled in.

    Examples
    --------
    >>> empty_view("Malton")["title"]
    'Malton'
    """
    return {
        "title": title,
        "stamp": "",
        "banner": [],
        "dates": [],
        "words_title": "In words",
        "summary": [],
        "map_title": "Map",
        "map": {
            "organisations": [],
            "sites": {
                "id": [],
                "name": [],
                "organisation": [],
                "status": [],
                "precision": [],
                "use": [],
                "area_ha": [],
                "shape": np.empty(0, dtype=object),
                "at": np.empty((0, 2)),
                "facts": [],
                "notes": [],
            },
            "context": [],
            "relations": [],
            "reach_m": None,
            "constraints": [],
            "assemblies": [],
            "components": [],
            "backdrop": [],
            "places": [],
            "bounds": [],
        },
        "map_caption": "",
        "attributions": [],
        "notes": [],
        "tables_title": "",
        "tables": [],
        "sources": [],
    }


def estate_layer(view: PageView) -> EstateLayer:
    """The layer that shows an estate; add it to a `folium.Map`.

    Parameters
    ----------
    view
        What to show, already filtered for its reader.

    Examples
    --------
    >>> m = folium.Map(location=[54.137, -0.79], tiles=None)
    >>> layer = estate_layer(empty_view("Malton")).add_to(m)
    >>> layer.map_name() == m.get_name()
    True
    """
    return EstateLayer(view)


def page_html(m: folium.Map) -> str:
    """One HTML document with everything in it, for a map and what was added to it.

    Parameters
    ----------
    m
        A map, usually from `assetplan.map_estate`. It may carry further folium elements: `Marker`, `CircleMarker`,
        `Polygon`, `GeoJson`, `FeatureGroup`, `LayerControl`. It is left unchanged.

    Returns
    -------
    str
        The same text for the same map, however often it was rendered before.

    Raises
    ------
    RemoteAssetError
        If an element would be loaded from elsewhere: tiles, plugins, `folium.Icon`, pictures by address, frames.
    UnsafeTextError
        If an element holds text that folium would evaluate as a template or run as a script.
    ValueError
        If the map carries more than one estate layer, or its figure more than one map.

    Notes
    -----
    folium puts the text of popups, tooltips and layer names into the page as HTML *and* as JavaScript, and compiles both as templates.
    What would be evaluated or run is refused before anything is rendered, and the page's Content-Security-Policy stops event handlers
    and requests. But this function cannot tell text from markup in what others added, nor from script in what they put on the figure's
    script or header: wrap any text from data in `assetplan.safe_text`.

    Examples
    --------
    >>> m = folium.Map(location=[54.137, -0.79], tiles=None)
    >>> html = page_html(m)
    >>> "https://cdn" in html, html == page_html(m), html.startswith("<!DOCTYPE html>")
    (False, True, True)
    """
    layers = [element for element in elements(m) if isinstance(element, EstateLayer)]
    if len(layers) > 1:
        message = f"a page shows one estate, but this map carries {len(layers)} estate layers: use one map for each."
        raise ValueError(message)
    layer = layers[0] if layers else None
    with _composed(layer):
        parts = render_figure(m)
    view = layer.view if layer else empty_view(str(getattr(m.get_root(), "title", None) or "Map"))
    return _compose(m, parts, view, with_estate=layer is not None)


@contextmanager
def _composed(layer: EstateLayer | None) -> Iterator[None]:
    """While a page is composed, the layer leaves script, style and data to the page."""
    if layer is None:
        yield
        return
    layer._composed = True
    try:
        yield
    finally:
        layer._composed = False


@cache
def _templates() -> Environment:
    """The page's templates, compiled once: that takes longer than to fill them in for most registers."""
    return Environment(
        loader=FileSystemLoader(inliner.HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _compose(m: folium.Map, parts: FigureParts, view: PageView, *, with_estate: bool) -> str:
    header = parts.header.replace("\r\n", "\n").replace("\r", "\n")
    html = parts.html.replace("\r\n", "\n").replace("\r", "\n")
    foreign: list[str] = []
    for markup in (header, html):
        scripts, addresses = inliner.markup_parts(markup)
        foreign.extend(scripts)
        inliner.refuse_remote(addresses, "markup added to the map's figure")

    head_scripts = []
    switches = m.global_switches
    if switches.no_touch or switches.disable_3d:
        head_scripts.append(
            f"L_NO_TOUCH = {json_for_script(switches.no_touch)};\n"
            f"L_DISABLE_3D = {json_for_script(switches.disable_3d)};"
        )
    head_scripts.append(inliner.leaflet_script())
    if _USES_JQUERY.search(parts.script) or any(_USES_JQUERY.search(script) for script in foreign):
        head_scripts.append(inliner.jquery_script())
    if with_estate:
        head_scripts.append(inliner.page_script())
    # Line ends stand inside the element, so they are part of what is hashed.
    leading = [inliner.inline_script(f"\n{script}\n") for script in head_scripts]
    drawing = inliner.inline_script(f"\n{parts.script}\n")

    shell = _templates().get_template("shell.html")
    return shell.render(
        policy=inliner.content_policy([*leading, *foreign, drawing], parts.hosts),
        hosts=parts.hosts,
        styles=[_Block(f"\n{style}\n") for style in (inliner.leaflet_style(), inliner.page_style(), _sheet(view))],
        header=_Block(header),
        html=_Block(html),
        data_id=_DATA_ID,
        data=_Block(
            packed(
                view["map"],
                {number: table for number, table in enumerate(_every_table(view), 1) if len(table["rows"]) > LISTED},
            )
        ),
        leading=[_Block(script) for script in leading],
        drawing=_Block(drawing),
        map_name=parts.map_name,
        view=view,
        summary=[_Block(isolated(line, _named(view))) for line in view["summary"]],
        groups=_groups(view),
        options=view.get("options"),
        years=bool(view["map"].get("years")),
        appraisal=_appraisal(view),
        charts=[{**chart, "svg": _Block(chart["svg"])} for chart in view.get("charts", ())],
        tables=[_table(table, number) for number, table in enumerate(view["tables"], 1)],
        with_estate=with_estate,
    )


def _every_table(view: PageView) -> list[Table]:
    """All tables of a page, in the order of their numbers."""
    part = view.get("appraisal")
    more = [*part["first"], *part["tables"], *(drawings["table"] for drawings in part["drawings"])] if part else []
    return [*view["tables"], *more]


def _appraisal(view: PageView) -> dict[str, Any] | None:
    """What is appraised, for the template: its drawings as markup, its tables numbered after those of the page."""
    part = view.get("appraisal")
    if part is None:
        return None
    numbers = itertools.count(len(view["tables"]) + 1)
    first, tables = ([_table(table, next(numbers)) for table in part[where]] for where in ("first", "tables"))
    drawings = [
        {
            **drawn,
            "svgs": [(_Block(svg), paper) for svg, paper in zip(drawn["svgs"], drawn["on_paper"], strict=True)],
            "tables": [_table(drawn["table"], next(numbers))],
        }
        for drawn in part["drawings"]
    ]
    return {**part, "first": first, "tables": tables, "drawings": drawings}


def _groups(view: PageView) -> list[dict[str, Any]]:
    """The groups told of in cards, each with its place among the groups of the map."""
    return [
        {**group, "number": number}
        for number, group in enumerate(view["map"]["assemblies"])
        if group["ranking"] == "best deliverable"
    ]


def _named(view: PageView) -> list[str]:
    """The names that the words of a page may hold: of bodies, and of sites that adjoin."""
    shown = view["map"]
    together = {site for assembly in shown["assemblies"] for site in assembly["sites"]}
    return [
        *(one["name"] for one in shown["organisations"]),
        *(shown["sites"]["name"][site] for site in sorted(together)),
    ]


def _sheet(view: PageView) -> str:
    """What stands in the margin of every printed sheet: title, for whom, page number."""
    foot = css_string(". ".join(text for text in (view["title"], view["stamp"]) if text))
    return (
        f"@page {{ @bottom-left {{ content: {foot}; font: 8pt sans-serif; }} "
        '@bottom-right { content: counter(page) " of " counter(pages); font: 8pt sans-serif; } }'
    )


def _escaped(value: object) -> Markup:
    """What the template writes for a value: everything is escaped, except what this module assembled."""
    return value if isinstance(value, _Block) else safe_text(value)


def _table(table: Table, number: int) -> dict[str, Any]:
    """A table for the template: its columns with their look, and the rows that stand in the page."""
    rows = table["rows"]
    looks = [
        _look((cells[place] for cells in rows), is_number=is_number) for place, is_number in enumerate(table["numeric"])
    ]
    shown = rows if len(rows) <= LISTED else rows[:FIRST]
    return {
        "number": number,
        "id": table["id"],
        "caption": table["caption"],
        "note": table["note"],
        "columns": [{"text": text, "look": look} for text, look in zip(table["columns"], looks, strict=True)],
        "looks": looks,
        "rows": [
            {"cells": cells, "site": site, "words": words}
            for cells, site, words in zip(
                shown, table["sites"], table.get("words") or itertools.repeat(()), strict=False
            )
        ],
        "stacked": table.get("stacked", False),
        "count": len(rows),
        "rest": len(rows) - len(shown),
        "many": len(looks) > MANY and not table.get("stacked", False),
        "folded": table["folded"],
    }

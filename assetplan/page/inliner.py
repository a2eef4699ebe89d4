"""The files of Leaflet and jQuery, read from their installed packages and made part of the page.

Nothing is fetched and nothing is copied into this repository: XStatic-Leaflet and XStatic-jQuery carry the files
that folium links to on other hosts.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from xstatic.pkg import jquery, leaflet

from assetplan.errors import RemoteAssetError

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
# ES modules in the order they build on one another.
SCRIPTS = (
    "looks.js",
    "unpack.js",
    "paths.js",
    "labels.js",
    "ground.js",
    "sites.js",
    "vector.js",
    "crowd.js",
    "walk.js",
    "between.js",
    "marks.js",
    "ways.js",
    "cards.js",
    "legend.js",
    "tables.js",
    "options.js",
    "years.js",
    "finding.js",
    "measure.js",
    "paper.js",
    "page.js",
)

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[a-z]+\.js";\n', re.MULTILINE)
_COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)
_INDENT = re.compile(r"^\s+", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |const |let )", re.MULTILINE)
_LEAFLET = Path(leaflet.BASE_DIR)
_JQUERY = Path(jquery.BASE_DIR)
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_CSS_URL = re.compile(r"url\(\s*[\"']?(?!data:|#)([^\"')\s]+)[\"']?\s*\)", re.IGNORECASE)
_CSS_IMPORT = re.compile(r"@import\b", re.IGNORECASE)
_MARKUP_URL = re.compile(
    r"<(img|script|link|iframe|frame|video|audio|source|track|object|embed|image|use|input)\b[^>]*?"
    r"\b(?:src|srcset|href|data|poster)\s*=\s*\\?[\"']?(?!\\?[\"']?(?:data:|\#))([^\"'\s>]+)",
    re.IGNORECASE,
)
_FRAME = re.compile(r"<(?:iframe|frame|object|embed)\b", re.IGNORECASE)
_ENDS_SCRIPT = re.compile(r"<(?=/script|!--|script)", re.IGNORECASE)
_LOADING = {"src", "srcset", "poster", "data", "background", "action", "formaction", "xlink:href"}
_NAVIGATION = {"a", "area"}


@cache
def page_script() -> str:
    """The page's own modules as one script, for a page that may load nothing cannot load modules.

    They share one scope: lines that import from one another fall away, and so do the word ``export``, lines of comment and what lines are set in
    by: no text of theirs goes over a line.
    """
    modules = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    body = _INDENT.sub("", _EXPORT.sub("", _COMMENT.sub("", _IMPORT.sub("", modules))))
    return f'(() => {{\n"use strict";\n{body}\nglobalThis.assetplan = {{ start }};\n}})();'


@cache
def page_style() -> str:
    """The page's own style sheet."""
    return (HERE / "page.css").read_text(encoding="utf-8")


@cache
def leaflet_script() -> str:
    """Leaflet, and the pictures of its default marker as data addresses."""
    text = (_LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    icons = ", ".join(
        f'{option}: "{_data_address(_LEAFLET / "images" / name)}"'
        for option, name in (
            ("iconUrl", "marker-icon.png"),
            ("iconRetinaUrl", "marker-icon-2x.png"),
            ("shadowUrl", "marker-shadow.png"),
        )
    )
    own = f'L.Icon.Default.imagePath = ""; L.Icon.Default.mergeOptions({{{icons}}});'
    return f"{_SOURCE_MAP.sub('', text).strip()}\n{own}"


@cache
def leaflet_style() -> str:
    """Leaflet's style sheet with its pictures as data addresses."""
    text = (_LEAFLET / "leaflet.css").read_text(encoding="utf-8")
    return _CSS_URL.sub(lambda match: f'url("{_data_address(_LEAFLET / match[1])}")', text)


@cache
def jquery_script() -> str:
    """The jQuery that folium's popups need."""
    return _SOURCE_MAP.sub("", (_JQUERY / "jquery.min.js").read_text(encoding="utf-8")).strip()


def inline_script(text: str) -> str:
    r"""A script as it may stand inside ``<script>``: no end tag or comment in one of its strings can close the element.

    Examples
    --------
    >>> inline_script('a = "</script>";')
    'a = "\\x3c/script>";'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return _ENDS_SCRIPT.sub(r"\\x3c", text)


def content_policy(scripts: Iterable[str], hosts: Iterable[str] = ()) -> str:
    """A Content-Security-Policy that allows exactly these inline scripts, and pictures from these hosts: usually none.

    Examples
    --------
    >>> content_policy([]).split(";")[0]
    "default-src 'none'"
    """
    hashes = [base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii") for script in scripts]
    sources = " ".join(f"'sha256-{digest}'" for digest in dict.fromkeys(hashes)) or "'none'"
    return (
        f"default-src 'none'; script-src {sources}; style-src 'unsafe-inline'; "
        f"img-src {' '.join(['data:', *hosts])}; font-src data:; base-uri 'none'; form-action 'none'"
    )


class _Markup(HTMLParser):
    """Collects the inline scripts of a piece of markup and every address it would load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.addresses: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in {"script", "style"} else None
        if tag == "script":
            self.scripts.append("")
        if tag in {"iframe", "frame", "object", "embed"}:
            self.addresses.append(dict(attrs).get("src") or dict(attrs).get("data") or f"<{tag}>")
            return
        for name, value in attrs:
            loads = name in _LOADING or (name == "href" and tag not in _NAVIGATION)
            if loads and value and not value.startswith(("data:", "#")):
                self.addresses.append(value)
            if name == "style" and value:
                self.addresses.extend(style_addresses(value))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside == "style":
            self.addresses.extend(style_addresses(data))


def markup_parts(markup: str) -> tuple[list[str], list[str]]:
    """The inline scripts of a piece of markup, and the addresses it would load.

    Examples
    --------
    >>> markup_parts('<p>hello</p><script>f()</script><img src="https://example.org/a.png">')
    (['f()'], ['https://example.org/a.png'])
    """
    parser = _Markup()
    parser.feed(markup)
    parser.close()
    return parser.scripts, parser.addresses


def style_addresses(style: str) -> list[str]:
    """The addresses a style sheet would load.

    Examples
    --------
    >>> style_addresses("p { background: url(https://example.org/a.png) }")
    ['https://example.org/a.png']
    """
    found = _CSS_URL.findall(style)
    return found + ["@import"] * len(_CSS_IMPORT.findall(style))


def script_addresses(script: str) -> list[str]:
    """The addresses that markup inside a script's strings would load once it is shown, and the frames it would open.

    Examples
    --------
    >>> script_addresses('popup.setContent("<img src=https://example.org/a.png>")')
    ['https://example.org/a.png']
    """
    frames = [f"a frame ({match.group()}>)" for match in _FRAME.finditer(script)]
    return [match[2] for match in _MARKUP_URL.finditer(script)] + frames


def refuse_remote(addresses: Iterable[str], what: str) -> None:
    """Raise a `RemoteAssetError` that names each address, if there is any."""
    problems = list(dict.fromkeys(_place(address) for address in addresses))
    if problems:
        message = (
            f"the page may load nothing, but {what} would load {problems[0]}. A page made by assetplan is one "
            "file that works without a network: remove that element, embed the file as a data: address, or draw the "
            "same thing with folium's own vector layers (Marker, CircleMarker, Polygon, GeoJson)."
        )
        raise RemoteAssetError(message, problems[1:])


def _place(address: str) -> str:
    """The host and file of an address, as an error may name it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address[:120]
    return f"{parts.netloc}{parts.path}"[:120] if parts.netloc else address[:120]


def _data_address(path: Path) -> str:
    """A picture file as a data: address."""
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"

"""Text on its way into HTML or a script: one escaper, used for every value the page shows.

folium compiles what it is given twice as Jinja templates and pastes it into JavaScript template literals, so escaping
for HTML alone is not enough: braces, dollars, backticks, backslashes and per cents must go as well. Written as numeric
entities they are inert in all three languages and read as typed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENTITIES = {ord(character): f"&#{ord(character)};" for character in "&<>\"'`${}\\%#\r\n\u2028\u2029"}
_INERT = re.compile("(?:[^&<>\"'`${}\\\\%#\r\n\u2028\u2029]|&#[0-9]+;)*")
# Hebrew, Arabic, Syriac, Thaana, N'Ko, Adlam and the scripts beside them.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_SCRIPT_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'`"}


class SafeText(Markup):
    """Text that `safe_text` has made inert. Never make one by hand: `safe_text` checks it and would escape it again."""

    __slots__ = ()


def safe_text(text: object) -> SafeText:
    r"""Text made inert for HTML, JavaScript template literals and Jinja, and readable to the last character.

    Parameters
    ----------
    text
        Anything; `None` gives empty text. Raw text as it stands in the data, never ready-made HTML: there is no way to
        pass HTML through.

    Returns
    -------
    SafeText
        A `markupsafe.Markup`, so Jinja's autoescape leaves it alone. Active characters are numeric entities; controls,
        zero-width and bidi characters and lone surrogates are written as ``[U+202E]``.

    Notes
    -----
    What this function returned may be passed again and comes back unchanged; it is recognised by its type *and* by its
    characters. Any other string, also a `Markup` from elsewhere, is raw text to it.

    Do not use the result where folium escapes again (``parse_html=True``, ``title=``, ``alt=``): entities would show.

    Examples
    --------
    >>> str(safe_text("Fish & Chips {{7*191}}"))
    'Fish &#38; Chips &#123;&#123;7*191&#125;&#125;'
    >>> str(safe_text("abc\u202etxt"))
    'abc[U+202E]txt'
    >>> str(safe_text(safe_text("<b>"))), str(safe_text(Markup("<b>")))
    ('&#60;b&#62;', '&#60;b&#62;')
    """
    if text is None:
        return SafeText("")
    if isinstance(text, SafeText) and _INERT.fullmatch(text):
        return text
    # str.__str__ gives the bare characters of a str subclass, whatever its own __str__ or __html__ says.
    raw = str.__str__(text) if isinstance(text, str) else str(text)
    # A layer called __proto__ would replace the prototype of the object that folium lists layers in.
    return SafeText(visible(raw.translate(_ENTITIES).replace("__", "&#95;&#95;")))


def isolated(text: str, names: Iterable[str]) -> Markup:
    r"""Text made inert, in which names that are written from right to left leave what stands beside them where it is.

    Parameters
    ----------
    text
        A sentence, raw.
    names
        Names that may stand in it, raw. Those with a letter of Hebrew, Arabic and the like are put in ``<bdi>``: else the number after
        such a name would be shown before it.

    Examples
    --------
    >>> str(isolated("A 5, \u05d0\u05d1 7 <b>", ["A", "\u05d0\u05d1"])).encode("unicode_escape").decode()
    'A 5, <bdi>\\u05d0\\u05d1</bdi> 7 &#60;b&#62;'
    """
    turned = sorted({name for name in names if _RIGHT_TO_LEFT.search(name)}, key=lambda name: (-len(name), name))
    if not turned:
        return safe_text(text)
    pieces = re.split(f"({'|'.join(map(re.escape, turned))})", text)
    return Markup("").join(
        Markup("<bdi>%s</bdi>") % safe_text(piece) if place % 2 else safe_text(piece)
        for place, piece in enumerate(pieces)
    )


def json_for_script(value: object) -> Markup:
    r"""JSON that may stand inside a ``<script>`` element, as data or as an expression.

    Every string, keys included, has its hidden characters made visible, because a script will show it as text. The
    order of keys is kept. ASCII only; ``< > & '`` and the backtick are written as escapes, so no end tag and no template
    can be closed.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> str(json_for_script({"name": "</script>", "at": [54.1, None]}))
    '{"name":"\\u003c/script\\u003e","at":[54.1,null]}'
    """
    text = json.dumps(readable(value), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(_SCRIPT_ESCAPES))  # noqa: S704 -- every character that could end a script is escaped


def css_string(text: str) -> Markup:
    r"""Text as a string of a style sheet: every character but letters, digits and spaces as its code.

    Examples
    --------
    >>> str(css_string('a "</style>'))
    '"a \\22 \\3c \\2f style\\3e "'
    """
    plain = visible(" ".join(str.__str__(text).split()))
    inert = "".join(c if c == " " or (c.isascii() and c.isalnum()) else f"\\{ord(c):x} " for c in plain)
    return Markup(f'"{inert}"')  # noqa: S704 -- nothing but letters, digits, spaces and codes is left


def readable(value: Any) -> Any:
    r"""The same value with the hidden characters of every string in it, keys included, made visible.

    Examples
    --------
    >>> readable({"name": ["a\u202eb", 1]})
    {'name': ['a[U+202E]b', 1]}
    """
    if isinstance(value, str):
        return visible(str.__str__(value).replace("\r\n", "\n"))
    if isinstance(value, dict):
        return {readable(str(key)): readable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [readable(item) for item in value]
    return value

"""What text from data may look like, before anything else is done with it.

Text from a register is never trusted. Characters that hide or reorder other characters are made visible here once, on the
way in; writers escape for their own format (`assetplan.page.text.safe_text` for HTML, `plain_cell` for spreadsheets).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

# C0 and C1 controls (tab and line feed aside), soft hyphen, zero-width and bidi controls, line and paragraph separators,
# interlinear annotation, byte order mark, layout controls of scripts and scores, tags, noncharacters and lone surrogates:
# none has a glyph, several change how others read.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U00013438"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
_SPACES = re.compile(r"[ \t\n\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+")
_LONG = {
    "no": "number",
    "num": "number",
    "ref": "reference",
    "sqm": "m2",
    "sq m": "m2",
    "sq metres": "m2",
    "post code": "postcode",
    "co ordinates": "coordinates",
    "a year": "pa",
    "p a": "pa",
    "per annum": "pa",
}
_SHORT = re.compile(rf"\b({'|'.join(_LONG)})\b")
_NUMBER_WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def visible(text: str) -> str:
    r"""Text with every character that has no glyph of its own written as its code point.

    Examples
    --------
    >>> visible("abc\u202etxt.exe")
    'abc[U+202E]txt.exe'
    """
    return _HIDDEN.sub(lambda match: f"[U+{ord(match.group()):04X}]", text)


def shown_name(name: object) -> str:
    r"""The name of a file as messages tell it: on one line, with nothing hidden in it.

    Examples
    --------
    >>> shown_name("council\nregister\x1b[31m.csv")
    'council[U+000A]register[U+001B][31m.csv'
    """
    return visible(str(name)).replace("\n", "[U+000A]").replace("\t", "[U+0009]")


def clean(text: str) -> str:
    r"""One line of readable text: NFC, hidden characters made visible, runs of white space one space, ends trimmed.

    Examples
    --------
    >>> clean("  Freehold\u00a0\n ")
    'Freehold'
    """
    if text.isascii() and text.isprintable():
        tidy = " ".join(text.split())
        return text if tidy == text else tidy  # most cells are tidy: one copy of each is enough
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return visible(_SPACES.sub(" ", text).strip())


def parted(text: str) -> str:
    """A heading with the words of names like ``grossAreaHa`` and ``site_area`` parted.

    Examples
    --------
    >>> parted("siteAreaHa")
    'site Area Ha'
    """
    return _HUMP.sub(" ", text)


def words(text: str) -> str:
    """Text as a heading is compared: lower case, accents and punctuation dropped, words parted by one space.

    Examples
    --------
    >>> words("Gross internal floor area (m²)")
    'gross internal floor area m2'
    """
    folded = unicodedata.normalize("NFKD", text.replace("£", " gbp ")).encode("ascii", "ignore").decode().lower()
    return _NOT_WORD.sub(" ", folded).strip()


def heading(text: str) -> str:
    """A heading as headings are compared: run together, with common short forms written out.

    Examples
    --------
    >>> heading("PropertyRef"), heading("Station no."), heading("GIA (sq m)")
    ('propertyreference', 'stationnumber', 'giam2')
    """
    return _SHORT.sub(lambda match: _LONG[match.group()], words(parted(text))).replace(" ", "")


def slug(text: str) -> str:
    """An identifier made of text: its words joined by hyphens, or a hash where no word is left.

    Examples
    --------
    >>> slug("Cheltenham Borough Council")
    'cheltenham-borough-council'
    """
    name = words(text).replace(" ", "-")
    if len(name) > 60 or (not name and text):
        name = f"{name[:50]}-{digest(text)}".strip("-")
    return name


def digest(text: str, digits: int = 8) -> str:
    """Hexadecimal digits that stand for a text (SHA-256); eight tell a few thousand texts apart, twelve a few million."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]


def number(value: float) -> str:
    """A figure as people write it: thousands parted, a part of one kept.

    Examples
    --------
    >>> number(1170.0), number(1.5)
    ('1,170', '1.5')
    """
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}".rstrip("0").rstrip(".")


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun, small numbers as words.

    Examples
    --------
    >>> counted(1, "site"), counted(6, "site"), counted(40, "body", "bodies")
    ('one site', 'six sites', '40 bodies')
    """
    word = _NUMBER_WORDS[number] if number < len(_NUMBER_WORDS) else f"{number:,}"
    return f"{word} {one if number == 1 else many or one + 's'}"


_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")


def plain_cell(text: str) -> str:
    r"""Text that a spreadsheet will show rather than run: an apostrophe before what would start a formula.

    Follows the OWASP advice on CSV injection. Numbers are written as numbers and never pass here.

    Examples
    --------
    >>> plain_cell('=HYPERLINK("http://example.org")')
    '\'=HYPERLINK("http://example.org")'
    """
    return f"'{text}" if text.startswith(_RUNS) else text


def unguarded(text: str) -> str:
    """Text from which the apostrophe of `plain_cell` is taken again.

    Examples
    --------
    >>> unguarded(plain_cell("=1+1")), unguarded("'s-Gravenhage")
    ('=1+1', "'s-Gravenhage")
    """
    return text[1:] if text[:1] == "'" and text[1:].startswith(_RUNS) else text

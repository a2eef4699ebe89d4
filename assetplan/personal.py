"""What looks like a person in free text: e-mail addresses, telephone numbers, names under a title. Found, and left out.

Only what can be told from the text itself is found: a name without a title is not. Headings that mean a person are never read as
columns at all. Numbers that are something else (UPRNs, titles, references, grid references, sums, dates) are left as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from assetplan.issues import Issue
from assetplan.schema import ASSETS, FIELDS, table
from assetplan.text import parted, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.registers import Register

CODE = "personal-data"
EMAIL, TELEPHONE, NAME = "e-mail", "telephone", "name"
SOMEBODY = "a private person"
# Text columns that hold identifiers of things: nothing is looked for in them.
_IDENTIFIERS = {
    "reference",
    "title_no",
    "parcel_id",
    "site_reference",
    "register",
    "join_reason",
    "subject",
    "geometry_licence",
}
# Text columns that name places, where "Dr Jenner" or "Sir John Deane" is a place.
_PLACES = {"name", "address"}


@dataclass(frozen=True)
class Found:
    """A text without what looked like a person, and what was left out of it."""

    text: str
    what: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------------- headings

_PERSON_WORDS = re.compile(
    r"\b(contacts?|officers?|manager|managers|managed by|surveyors?|headteachers?|head ?teachers?|head of (school|centre|service)|principal|"
    r"persons?|caretakers?|keyholders?|key ?holders?|custodians?|wardens?|clerks?|councillors?|cllr|chair|chairman|chairperson|"
    r"secretary|trustees?|applicants?|agents?|tenants?|occupiers?|lessees?|licensees?|landlords?|residents?|proprietors?|"
    r"e ?mails?|telephones?|phones?|tel|mobiles?|fax|surnames?|forenames?|first ?names?|last ?names?|initials|salutation|"
    r"staff names?|named|author|entered by|updated by|created by|modified by|surveyed by|inspected by|lead|head)\b"
)
# Headings in which such a word speaks of something else than a person.
_NOT_A_PERSON = re.compile(
    r"^(tenanted|owner occupied)\b|\b(tenant|occupier)s? (type|status|class)\b|\bmobiles? (library|stop|phone mast)\b"
)


@lru_cache(maxsize=10_000)
def means_a_person(heading: str) -> bool:
    """Whether a heading says that its cells are about a person, whatever else it says.

    Examples
    --------
    >>> means_a_person("Site Manager"), means_a_person("Site (responsible officer)"), means_a_person("Site name")
    (True, True, False)
    """
    low = words(parted(heading))
    return bool(_PERSON_WORDS.search(low)) and not _NOT_A_PERSON.search(low)


# ------------------------------------------------------------------------------------------------------- e-mail, telephone

_EMAIL_PART = r"[^\s@＠﹫<>(),;:\"|/\[\]]"
_HIDDEN = r"(?:\[U\+[0-9A-F]{4,6}\])"
_EMAIL = re.compile(
    rf"(?:{_EMAIL_PART}|{_HIDDEN})+[@＠﹫](?:{_EMAIL_PART}|{_HIDDEN})+\.(?:[^\W\d_]|{_HIDDEN}){{2,}}"
    r"|[\w.+-]+\s?[(\[]\s?at\s?[)\]]\s?[\w-]+(?:\s?(?:\.|[(\[]\s?dot\s?[)\]])\s?[\w-]+)+",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w£$€#.,/+-])(?P<number>(?:(?:\+|00)\s?44[\s().-]{0,3}(?:\(?0\)?[\s.-]{0,2})?|\(?0)(?:[\s().-]{0,3}[0-9]){9,10})(?![\w]|[.,]\d)"
    r"(?:\s?/\s?[0-9]{3,8}\b)?(?:,?\s?(?:ext(?:n|ension)?\.?|x)\s?[0-9]{1,5}\b)?",
    re.IGNORECASE,
)
_SAID_TO_BE_A_NUMBER = re.compile(
    r"\b(?P<word>(?:tel(?:ephone)?|phone|mob(?:ile)?|fax)(?:\s?(?:no|number))?[.:]{0,2}\s{0,2})(?P<number>\(?[0-9][0-9 ()-]{4,14}[0-9])(?![\w])",
    re.IGNORECASE,
)
_AREA = re.compile(r"0(1[1-9]|2[03489]|3[0347]|7[1-9]|8[0478])")
# What a bare run of figures, or figures after a grid square, is when these words stand before it.
_OTHER_NUMBER = re.compile(
    r"\b(uprn|usrn|refs?|reference|no|nos|number|title|titles|id|urn|uai|account|code|file|plan|asset|deed|easting|northing|[HJNOSThjnost][A-Za-z])"
    r"\W{0,3}$",
    re.IGNORECASE,
)


def _is_telephone(text: str, before: str) -> bool:
    """Whether figures have the form of a number of the UK plan: its area, its length, and groups as people write them."""
    abroad = re.match(r"(?:\+|00)\s?44", text)
    national = text[abroad.end() :] if abroad else text
    groups = re.findall(r"[0-9]+", national)
    if abroad:
        digits = "0" + "".join(groups).removeprefix("0")
        return 10 <= len(digits) <= 11 and bool(_AREA.match(digits))
    digits = "".join(groups)
    if not _AREA.match(digits) or not 10 <= len(digits) <= 11 or (len(digits) == 10 and digits[1] not in "18"):
        return False
    if len(groups) == 1:
        return len(digits) == 11 and not _OTHER_NUMBER.search(before)
    if re.search(r"\b[HJNOST][A-Z]\s?$", before):
        return False
    return 3 <= len(groups[0]) <= 6 and len(groups) <= 5 and all(len(group) >= 2 for group in groups)


# ------------------------------------------------------------------------------------------------------- names

_TITLE = r"(?:Mrs?|MRS?|Ms|Miss|Mx|Messrs|MESSRS|Dr|DR|Cllr|CLLR|Councillor|COUNCILLOR|Sir|SIR|Dame|Revd?|Prof|Professor)\b\.?"
_WORD = r"(?:[A-Z][\w'’`-]*\.?|[A-Z]\.)"
_NAME = re.compile(
    rf"\b{_TITLE}(?:\s*(?:&|and|/|,)\s*{_TITLE})*\s+{_WORD}(?:(?:\s*(?:&|and)\s*{_WORD})?(?:\s+{_WORD}){{0,3}})"
)
_SOFT = re.compile(r"(Dr|DR|Sir|SIR|Dame|Prof|Professor|Revd?)\b")
_INITIAL = re.compile(r"\s+[A-Z]\.?(\s|$)")
# A word of these beside the name makes it the name of a place or a body.
_PLACE_WORD = re.compile(
    r"\b(house|houses|school|schools|college|academy|nursery|hall|centre|center|park|playing|field|fields|wood|woods|garden|gardens|"
    r"trust|charity|charities|foundation|almshouses?|hospital|surgery|practice|rooms?|ward|building|buildings|library|memorial|"
    r"bequest|partners|ltd|limited|plc|cafe|caf|pub|inn|arms|street|st|road|rd|lane|ln|close|avenue|ave|drive|way|walk|court|"
    r"terrace|place|row|square|crescent|mews|green|grove|yard|farm|cottage|cottages|lodge|bridge|hill|estate|allotments?|home|"
    r"homes|primary|secondary|infant|infants|junior|grammar|barracks|statue|museum|gallery|institute|church|chapel|depot|"
    r"ground|recreation|pavilion|scanner|clinic|medical|pharmacy|chemist|suite|block|wing|society)\b",
    re.IGNORECASE,
)
_BODY_WORD = re.compile(
    r"\b(council|trust|limited|ltd|plc|llp|charity|club|society|association|company|co|school|college|parish|practice|partners|board|"
    r"authority|church|bank|fund|university|hospital|nhs|police|group|services)\b",
    re.IGNORECASE,
)
_ESQUIRE = re.compile(rf"{_WORD}(?:\s+{_WORD}){{1,3}},?\s+Esq(?:uire)?\b\.?")


def _names_a_place(match: re.Match[str], *, place: bool) -> bool:
    """Whether a name under a title is that of a place, a street or a body rather than of somebody."""
    said = match.group()
    if place and (_SOFT.match(said) or re.search(r"\bformer(ly)?\s+$", match.string[: match.start()], re.IGNORECASE)):
        return True
    if said[:2].isupper() and said.split()[0].rstrip(".") in {"MR", "DR", "SIR"} and not _INITIAL.search(said):
        return True  # MR is also a scanner and DR a drive
    after = match.string[match.end() : match.end() + 40]
    owned = re.search(r"['’`]s?\b|s['’`]", said) or re.match(r"['’`]", after)
    following = re.match(r"\s+(?:and\s+|&\s+)?(\w+)", after)
    return bool(owned or _PLACE_WORD.search(said) or (following and _PLACE_WORD.fullmatch(following[1])))


_WORTH_A_LOOK = re.compile(
    r"[@＠﹫]|[(\[]\s?at\s?[)\]]|[0-9](?:\W{0,3}[0-9]){8}|\b(?:tel|phone|mob|fax)|"
    r"\b(?:M[rRsSx]|Miss|Messrs|MESSRS|D[rR]|C(?:ouncillo|OUNCILLO|ll|LL)[rR]|Sir|SIR|Dame|Rev|Prof|Esq)",
    re.IGNORECASE,
)


@lru_cache(maxsize=50_000)
def left_out(text: str, *, place: bool = False) -> Found:
    """A text without the e-mail addresses, telephone numbers and titled names in it.

    Parameters
    ----------
    text
        A cell of free text, as `assetplan.text.clean` leaves it.
    place
        Whether the cell names a place: there a doctor or a knight is who the place is named after.

    Examples
    --------
    >>> left_out("Ring Mr J Smith on 01653 600666").text
    'Ring [name left out] on [telephone left out]'
    >>> left_out("Dr Jenner's House, UPRN 010012345678, £1,234,567").what
    ()
    """
    if not _WORTH_A_LOOK.search(text):
        return Found(text)
    what: set[str] = set()

    def email(_: re.Match[str]) -> str:
        what.add(EMAIL)
        return f"[{EMAIL} left out]"

    def telephone(match: re.Match[str]) -> str:
        if not _is_telephone(match["number"], match.string[max(0, match.start() - 20) : match.start()]):
            return match.group()
        what.add(TELEPHONE)
        return f"[{TELEPHONE} left out]"

    def said(match: re.Match[str]) -> str:
        what.add(TELEPHONE)
        return f"{match['word']}[{TELEPHONE} left out]"

    def name(match: re.Match[str]) -> str:
        if match.re is _NAME and _names_a_place(match, place=place):
            return match.group()
        what.add(NAME)
        return f"[{NAME} left out]"

    text = _EMAIL.sub(email, text)
    text = _SAID_TO_BE_A_NUMBER.sub(said, _NUMBER.sub(telephone, text))
    text = _ESQUIRE.sub(name, _NAME.sub(name, text))
    return Found(text, tuple(sorted(what)))


def holder_left_out(text: str) -> Found:
    """A holder of an interest; one who is a person and nothing else is called so.

    Examples
    --------
    >>> holder_left_out("Mr & Mrs J Smith").text, holder_left_out("Sir John Deane's College").text
    ('a private person', "Sir John Deane's College")
    """
    found = left_out(text)
    return Found(SOMEBODY, found.what) if NAME in found.what and not _BODY_WORD.search(text) else found


# ------------------------------------------------------------------------------------------------------- statements

REGISTER_TEXTS = tuple(
    name for name, column in ASSETS.items() if column.kind == "text" and not column.many and name not in _IDENTIFIERS
)


def personal_issue(file: str, row: str, column: str, what: tuple[str, ...]) -> Issue:
    """That a cell holds what looks like a person; the text itself is not repeated."""
    return Issue(
        file,
        row,
        column,
        CODE,
        "",
        f"the cell holds what looks like a person's {' and '.join(what)}",
        "Left out of every output. Take it out of the cell, or name readers under [release] personal in estate.toml.",
    )


def register_without_persons(register: Register, *, kept: bool = False) -> Register:
    """A register whose free text holds no person, with an issue for each cell changed; `kept` only reports."""
    headers = {read.column: read.header for read in register.columns if read.column}
    rows = register.rows.copy()
    issues: list[Issue] = []
    for column in (*REGISTER_TEXTS, "shown"):
        if column not in rows:
            continue
        values, changed = [], False
        for value, line in zip(rows[column], rows["row"], strict=True):
            pairs = value if isinstance(value, tuple) else ((headers.get(column, column), value),)
            new = []
            for head, cell in pairs:
                found = left_out(cell, place=column in _PLACES) if isinstance(cell, str) else Found("")
                new.append((head, found.text if found.what else cell))
                if found.what:
                    changed = True
                    issues.append(personal_issue(register.file, str(line), head, found.what))
            values.append(tuple(new) if isinstance(value, tuple) else new[0][1])
        if changed and not kept:
            rows[column] = pd.Series(values, index=rows.index, dtype=object)
    title = register.title if kept else left_out(register.title).text
    if not issues and title == register.title:
        return register
    return replace(register, rows=rows, title=title, issues=(*register.issues, *issues))


def cells_without_persons(
    name: str, cells: Mapping[str, str]
) -> tuple[dict[str, str], list[tuple[str, tuple[str, ...]]]]:
    """The cells of a row of one of our tables without persons, and what was left out of which column."""
    columns = table(name)
    out, changed = dict(cells), []
    given = FIELDS.get(cells.get("field", "").strip())
    for key, cell in cells.items():
        column = columns.get(key)
        if column is None or column.kind != "text" or key in _IDENTIFIERS:
            continue
        if (
            name == "facts"
            and key == "value"
            and given is not None
            and (given.kind != "text" or given.name in _IDENTIFIERS)
        ):
            continue
        if key == "holder":
            found = holder_left_out(cell)
        else:
            found = left_out(
                cell, place=key in _PLACES or (key == "value" and given is not None and given.name in _PLACES)
            )
        if found.what:
            out[key] = found.text
            changed.append((key, found.what))
    return out, changed


def issue_without_persons(issue: Issue) -> Issue:
    """An issue whose value, message and heading hold no person."""
    if issue.code == "not-a-uprn":
        return issue
    return replace(
        issue,
        value=left_out(issue.value, place=True).text,
        message=left_out(issue.message, place=True).text,
        column=left_out(issue.column, place=True).text,
    )

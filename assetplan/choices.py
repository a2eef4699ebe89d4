"""The words registers use for status, tenure and ownership, and which word of the vocabulary each stands for.

The spellings were gathered from published registers; what is misspelt is taken for the nearest of them only where it is very near
and no other word of the vocabulary is as near.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

from assetplan.text import clean, words

_CLOSE = 91.0  # per cent alike: one wrong letter in eleven

STATUS_WORDS = {
    "operational": ("operational", "in use", "open", "occupied", "active", "current", "owner occupied", "retained", "in operation",
                    "occupied by local authority", "let", "part let", "leased out", "operational asset", "live", "trading",
                    "open but proposed to close partially", "existing", "weithredol", "ar agor"),
    "under review": ("under review", "review", "being reviewed", "proposed to close", "open but proposed to close",
                     "for review", "option appraisal", "options appraisal", "under consideration", "subject to review"),
    "surplus": ("surplus", "declared surplus", "for disposal", "for sale", "to be disposed", "disposal", "surplus to requirements",
                "held for disposal", "on the market", "under offer", "sold subject to contract", "sold stc", "to be sold",
                "awaiting disposal", "surplus asset", "asset held for sale", "held for sale"),
    "vacant": ("vacant", "empty", "void", "unoccupied", "closed", "disused", "non operational vacant", "mothballed", "not in use",
               "unused", "out of use", "derelict", "temporarily closed", "dormant", "inactive", "gwag", "ar gau"),
    "disposed": ("disposed", "sold", "transferred", "disposed of", "demolished", "asset transferred", "lease ended",
                 "lease surrendered", "surrendered", "lease expired", "freehold sold"),
}  # fmt: skip
# What the spellings say of a service rather than of premises: it has ended, or has not begun.
_ENDED = re.compile(
    r"\b(closed|ceased|dormant|disposed|demolished|sold|decommissioned|dissolved|de registered|deregistered|inactive|ar gau)\b"
)
_TO_COME = re.compile(
    r"^(proposed|planned|proposed to open|not yet open|under construction|pipeline|pending approval)$"
)
_GOES_ON = re.compile(r"\b(but|proposed|temporar|part|to be|reopen)")
# Status codes of the NHS Organisation Data Service.
ODS_STATUS = {"a": "Active", "c": "Closed", "d": "Dormant", "p": "Proposed"}

OWNERSHIP_WORDS = {
    "public": ("owned by a public authority", "public", "public authority", "public ownership", "publicly owned",
               "public authority owned", "owned by public authority", "in public ownership", "public sector", "public body",
               "owned by a public body", "public land", "publicly owned land", "wholly owned by a public authority",
               "council owned", "owned by the council", "council ownership", "local authority owned", "la owned",
               "owned by local authority", "crown", "crown land", "government owned"),
    "private": ("not owned by a public authority", "private", "private ownership", "privately owned", "private sector",
                "not owned by public authority", "not public", "not in public ownership", "not publicly owned",
                "privately owned land", "private land", "private owner", "not public authority", "non public", "private individual",
                "not owned by a public body", "no public ownership"),
    "unknown": ("unknown ownership", "unknown", "ownership unknown", "unknown owner", "ownership not known",
                "mixed ownership", "mixed", "mixed owner", "multiple owners", "multiple ownership", "multiple", "various",
                "various owners", "various ownership", "part public", "partly public", "part public part private",
                "partly owned by a public authority", "part owned by a public authority", "public private", "public and private",
                "joint ownership", "mixed public private", "unregistered", "unregistered land"),
}  # fmt: skip
_WORDS = {"status": STATUS_WORDS, "ownership": OWNERSHIP_WORDS}

_PUBLIC_BODY = re.compile(
    r"\b(council|county hall|local authority|borough|nhs|primary care trust|pct|health board|integrated care board|crown estate|"
    r"ministry of|department (for|of)|home office|police|constabulary|fire (and )?rescue|fire (authority|service)|ambulance|homes england|hca|"
    r"homes and communities agency|environment agency|natural england|forestry england|highways? (england|agency|services?)|"
    r"national highways|network rail|transport for (london|greater manchester|wales|the north)|combined authority|hm (government|treasury|courts)|"
    r"secretary of state|scottish government|welsh government|natural resources wales|cyngor|integrated transport authority|"
    r"national park authority|development corporation|mod)\b"
)
_COMPANY = re.compile(r"\b(ltd|limited|plc|llp|p l c|inc)\b")
_PERSON = re.compile(r"\b(mr|mrs|miss|ms|executors?|esq)\b")
_FORMER = re.compile(r"\b(ex|former|formerly|previously|leased from|adjacent|next)\b")
_PART = re.compile(r"\b(part|partly|partially|mixed|various|joint|jointly|multiple|including)\b")

_TENURE_SHORT = {
    "f h": "freehold", "fh": "freehold", "f": "freehold", "l h": "leasehold", "lh": "leasehold", "l": "leasehold", "lic": "licence",
    "owned": "freehold", "owner": "freehold", "outright": "freehold", "owned outright": "freehold", "heritable": "freehold",
    "heritably owned": "freehold", "council owned": "freehold", "rented": "leasehold", "tenancy": "leasehold", "tenanted": "leasehold",
    "rhydd ddaliad": "freehold", "rhydd ddaliadol": "freehold", "rhyddfraint": "freehold", "prydlesol": "leasehold", "prydles": "leasehold",
    "trwydded": "licence",
}  # fmt: skip


def status_in_services(text: str) -> str:
    """What a status says of a service: "ended", "to come", or nothing of either.

    Examples
    --------
    >>> [status_in_services(text) for text in ("Closed", "Open, but proposed to close", "Proposed to open", "Open")]
    ['ended', '', 'to come', '']
    """
    low = words(text)
    if _TO_COME.search(low):
        return "to come"
    return "ended" if _ENDED.search(low) and not _GOES_ON.search(low) else ""


def decision_in(text: str) -> tuple[str, str]:
    """A status and who decided it, where one cell says both.

    Examples
    --------
    >>> (
    ...     decision_in("Declared surplus by Cabinet, 12 May 2010"),
    ...     decision_in("Surplus (Executive 3 June 2014)"),
    ...     decision_in("Vacant"),
    ... )
    (('Declared surplus', 'Cabinet, 12 May 2010'), ('Surplus', 'Executive 3 June 2014'), ('Vacant', ''))
    """
    said = clean(text)
    body = r"(?:.*\b(?:cabinet|executive|committee|board|council|trust|commissioner|authority|delegated|officer decision|minute)\b.*)"
    for form in (rf"(.+?) by (?:the )?({body})", rf"(.+?) ?[(\[]({body})[)\]]", rf"(.+?) [-–:] ({body})"):
        if match := re.fullmatch(form, said, re.IGNORECASE):
            return match[1], match[2]
    return said, ""


@lru_cache(maxsize=10_000)
def choice(name: str, text: str) -> str | None:
    """The word of a column's vocabulary that a text stands for; None where it stands for none.

    Examples
    --------
    >>> choice("ownership", "Not owned by a public authoritity."), choice("ownership", "Part Kent County Council")
    ('private', 'unknown')
    """
    low = words(text)
    spelt = _WORDS.get(name, {})
    run = low.replace(" ", "")
    squeezed = {spelling.replace(" ", ""): option for option, spellings in spelt.items() for spelling in spellings}
    if run in squeezed:
        return squeezed[run]
    near: dict[str, float] = {}
    if len(run) >= 6:
        for spelling, option in squeezed.items():
            near[option] = max(near.get(option, 0.0), fuzz.ratio(run, spelling))
    best = sorted(near.items(), key=lambda item: -item[1])[:2]
    if best and best[0][1] >= _CLOSE and (len(best) == 1 or best[0][1] > best[1][1]):
        return best[0][0]
    if name == "ownership":
        aside = re.split(r" [-–:] |\(", clean(text))[0]
        return choice(name, aside) if words(aside) not in {low, ""} else _owner(low)
    return None


def _owner(low: str) -> str | None:
    """Ownership where the cell names the owner: a public body, a company or a person; of several kinds it is unknown."""
    kinds = {"public"} if _PUBLIC_BODY.search(low) and not _FORMER.search(low) else set()
    if _COMPANY.search(low) or _PERSON.search(low):
        kinds.add("private")
    if kinds and (_PART.search(low) or len(kinds) > 1):
        return "unknown"
    return kinds.pop() if kinds else None


def choice_by_owner(text: str) -> bool:
    """Whether a cell for ownership names a company or a person."""
    low = words(text)
    return bool(_COMPANY.search(low) or _PERSON.search(low))


def names_a_private_owner(text: str) -> bool:
    """Whether a cell for the owner names a company, a person or a landlord, and no public body beside.

    Examples
    --------
    >>> (
    ...     names_a_private_owner("Example Estates Ltd"),
    ...     names_a_private_owner("GP partners"),
    ...     names_a_private_owner("Example Council"),
    ... )
    (True, True, False)
    """
    low = words(text)
    private = (
        _COMPANY.search(low) or _PERSON.search(low) or re.search(r"\b(private|landlord|partners|partnership)\b", low)
    )
    return bool(private) and not _PUBLIC_BODY.search(low)


def tenure(text: str) -> tuple[str, str]:
    """The interest a register's words speak of, or "" and why none can be told.

    What the holder lets to others says nothing about its own interest.

    Examples
    --------
    >>> tenure("Freehold - leased out"), tenure("Leashold"), tenure("Owned")
    (('freehold', ''), ('leasehold', ''), ('freehold', ''))
    """
    low = words(text)
    if low in _TENURE_SHORT:
        return _TENURE_SHORT[low], ""
    if re.search(r"\b(not|non)\b", low):
        return "", "tenure is said only by what it is not"
    own = re.sub(r"\b(leased|let|sub ?let) (out|to)\b.*", "", low)
    near = {
        found
        for word in own.split()
        for found in ("freehold", "leasehold", "licence")
        if fuzz.ratio(word, found) >= 87  # two letters in sixteen
    }
    freehold = "freehold" in own or "freehold" in near
    leasehold = bool(re.search(r"\b(sub|ground|under|head)?lea[sh]", own)) or "leasehold" in near
    if freehold and leasehold:
        return "", "tenure names both freehold and leasehold"
    if freehold or leasehold:
        return "freehold" if freehold else "leasehold", ""
    return "licence" if "licen" in own or "licence" in near else "other", ""

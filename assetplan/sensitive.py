"""Kinds of place whose very existence at an address is sensitive, and the words by which a register gives them away.

The list is data: a name, the words, and the reason in a line. Words are compared as `assetplan.text.words` writes them, one cell at a
time. A word that may also be a street ("Refuge Street") or a place of another kind ("children's centre") does not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assetplan.issues import Issue
from assetplan.text import words

CODE = "sensitive-type"


@dataclass(frozen=True)
class SensitiveType:
    """A kind of place that is kept from readers: its name, a pattern for its words, and why."""

    name: str
    pattern: str
    why: str


SENSITIVE_TYPES = (
    SensitiveType(
        "domestic abuse refuge",
        r"(domestic (abuse|violence)|women ?s|woman ?s|men ?s|family|families) refuges?|^refuges?$|refuge (accommodation|for women)"
        r"|domestic (abuse|violence) (safe )?(accommodation|shelter)|women ?s aid (refuge|accommodation)|battered wives",
        "people there are hidden from someone who has harmed them",
    ),
    SensitiveType(
        "children's home",
        r"child(ren)? ?s (residential |care |community )?homes?|childs home|residential child ?(care|ren ?s) (homes?|units?)"
        r"|residential (care )?homes? for child(ren)?|homes? for looked after child(ren)?|child(ren)? ?s residential (care|homes?|units?|care homes?)"
        r"|child(ren)? ?s secure (homes?|units?)|secure child(ren)? ?s (homes?|units?|centres?|accommodation)|secure homes? for child(ren)?",
        "a child in care can be found through the address",
    ),
    SensitiveType(
        "covert police premises",
        r"(covert|undercover) (police|policing|premises|operations?|units?|teams?|base|office|surveillance|accommodation|property|site)"
        r"|police (covert|undercover)|unmarked police|police unmarked",
        "officers and sources are at risk once the place is known",
    ),
    SensitiveType(
        "safe house",
        r"safe ?houses?|witness protection|protected persons? (unit|service|accommodation)",
        "people there are hidden from someone who would harm them",
    ),
    SensitiveType(
        "approved premises or probation hostel",
        r"(probation|bail)( and (probation|bail))? hostels?|(?<!marriage )(?<!wedding )(?<!civil )approved premises"
        r"(?!.*(marriage|wedding|civil|ceremon))",
        "residents, and neighbours near them, are at risk of being sought out",
    ),
    SensitiveType(
        "asylum accommodation",
        r"asylum (seekers? ?s? ?)?(dispersal|contingency|initial)? ?(accommodation|hostels?|housing|hotels?)|asylum seekers? (centre|house)s?"
        r"|dispersal accommodation",
        "such places have been attacked",
    ),
    SensitiveType(
        "firearms or ammunition store",
        r"(firearms?|ammunition|munitions?|explosives?|weapons?) (stores?|storage|armoury|depot|magazine)|police armoury|armoury store",
        "what is kept there is worth stealing to do harm",
    ),
    SensitiveType(
        "secure data centre or emergency control",
        r"(secure|emergency services?|police) data cent(re|er)s?|emergency (control|command|planning) (bunker|room|centre)s?|control bunkers?",
        "the loss of it would stop emergency services",
    ),
    SensitiveType(
        "CCTV control room",
        r"c ?c ?t ?v (control|monitoring|operations?) (rooms?|centres?|suites?)",
        "councils usually refuse its address (Freedom of Information Act 2000, s31): without it the cameras are blind",
    ),
)

_LONGEST = 200  # characters; what is longer is prose, which speaks of other places and of the past
# After the words these make a street or a building named after something; before them the place is no longer what it was.
_STREET = (
    r"(?! (streets?|st|roads?|rd|lanes?|ln|closes?|avenues?|ave|drives?|ways?|walk|hill|terrace|place|row|square|crescent|"
    r"gardens?|court|mews|green|grove|yard|field|fields|wood|woods|farm|bridge|inn|pub|museum)\b)"
)
_NO_LONGER = "".join(
    f"(?<!{word} )"
    for word in (
        "former",
        "formerly",
        "old",
        "ex",
        "disused",
        "closed",
        "site of",
        "site of the",
        "from",
        "from a",
        "demolition of",
    )
)
_PATTERNS = tuple(
    (kind, re.compile(rf"{_NO_LONGER}(?<![a-z0-9])(?:{kind.pattern})(?![a-z0-9]){_STREET}")) for kind in SENSITIVE_TYPES
)
_WORTH_A_LOOK = re.compile(
    r"refuge|child|looked after|covert|under-?cover|unmarked|safe|witness|protected|approved|probation|bail|asylum|dispersal|"
    r"firearm|ammunition|munition|explosive|weapon|armoury|data|control|command|battered|women|woman|c\W?c\W?t\W?v",
    re.IGNORECASE,
)
# The same in small letters is found ten times as soon. These are the only other characters that re.IGNORECASE takes for a letter of ASCII.
_IN_SMALL_LETTERS = re.compile(_WORTH_A_LOOK.pattern)
_ODD_LETTERS = re.compile("[\u0130\u0131\u017f\u212a]")


def is_worth_a_look(text: str) -> bool:
    """Whether any cell in a text of several may name a sensitive kind of place; most rows hold no word that could.

    Examples
    --------
    >>> is_worth_a_look("Women's Refuge"), is_worth_a_look("Town Hall")
    (True, False)
    """
    if _ODD_LETTERS.search(text):
        return _WORTH_A_LOOK.search(text) is not None
    return _IN_SMALL_LETTERS.search(text.lower()) is not None


@lru_cache(maxsize=100_000)
def sensitive_type(text: str) -> SensitiveType | None:
    """The sensitive kind of place that a cell names, if it names one.

    Examples
    --------
    >>> sensitive_type("Women's Refuge").name
    'domestic abuse refuge'
    >>> sensitive_type("12 Refuge Street"), sensitive_type("Children's Centre and Nursery")
    (None, None)
    """
    if len(text) > _LONGEST or not is_worth_a_look(text):
        return None
    low = words(text)
    return next((kind for kind, pattern in _PATTERNS if pattern.search(low)), None)


def sensitive_issue(file: str, row: str, kind: SensitiveType) -> Issue:
    """For the keeper: that a row, or a whole file, is withheld from every other reader, and what would release it."""
    return Issue(
        file,
        row,
        "",
        CODE,
        kind.name,
        f"{'the row names' if row else 'the name or title of the file says'} a kind of place whose existence is sensitive: {kind.why}",
        "Withheld from every reader but you. To release: name readers under [release] sensitive in estate.toml, or give the "
        "statement an audience of its own.",
    )

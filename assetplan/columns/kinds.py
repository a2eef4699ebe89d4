"""What kind of register a file is, why, and for a list of services who runs each: told from headings, title and cells.

An ownership register lists what its publisher holds, a planning register land with or for permission, a service list places where something is
done for the public. Fire, police and ambulance stations, libraries and schools the state pays for are public bodies' premises whoever
holds the title; general practices, pharmacies and private care homes are not public estate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.choices import names_a_private_owner, status_in_services
from assetplan.columns.content import said
from assetplan.issues import Issue
from assetplan.text import heading, parted, words
from assetplan.vocabulary import PLANNING_HEADINGS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from assetplan.cells import Value
    from assetplan.columns.mapping import ColumnRead

PUBLIC, OTHER = "public", "other"
_SERVICE, _PLANNING, _OWNERSHIP = "service list", "planning", "ownership"
_SAMPLE = 1_000


@dataclass(frozen=True)
class Sector:
    """What a list of services is of, who runs such services as a rule (blank: either), and the words that tell it."""

    name: str
    operator: str
    words: re.Pattern[str]


_SECTORS = (
    Sector("pharmacies", OTHER, re.compile(r"\b(pharmac(y|ies)|chemists?|dispensar(y|ies)|edispensary|epharmacy)\b")),
    Sector("dentists and opticians", OTHER, re.compile(r"\b(dentists?|dental|orthodont\w+|opticians?|optometrists?|egdpprac)\b")),
    Sector("general practices", OTHER, re.compile(
        r"\b(gps?|surger(y|ies)|general practices?|practice (code|name)|"
        r"(medical|group|family|doctors) (practices?|centres?)|health centre|prescribing|"
        r"epraccur|ebranchs)\b")),
    Sector("care homes", OTHER, re.compile(
        r"\b(care homes?|nursing homes?|residential (care )?homes?|cqc (location )?id|care home name|domiciliary)\b")),
    Sector("childcare", OTHER, re.compile(r"\b(childminders?|day nurser(y|ies)|childcare|pre ?schools?|playgroups?)\b")),
    Sector("fire stations", PUBLIC, re.compile(r"\b(fire (and rescue )?stations?|fire and rescue( services?)?|frs|fire authority|fire service)\b")),
    Sector("police stations", PUBLIC, re.compile(r"\b(police( stations?| forces?| offices?)?|constabulary|custody suites?)\b")),
    Sector("ambulance stations", PUBLIC, re.compile(r"\bambulance( stations?)?\b")),
    Sector("libraries", PUBLIC, re.compile(r"\b(librar(y|ies)|llyfrgell(oedd)?)\b")),
    Sector("children's centres", PUBLIC, re.compile(r"\b(childrens?( s)? centres?|sure start|family (hubs?|centres?))\b")),
    Sector("schools and colleges", PUBLIC, re.compile(
        r"\b(schools?|academ(y|ies)|colleges?|establishment (name|number|status)|type of establishment|gias|edubase|sixth form|ysgol(ion)?)\b")),
    Sector("hospitals and clinics", "", re.compile(r"\b(hospitals?|clinics?|infirmary|hospices?)\b")),
)  # fmt: skip
# What makes a list one of services without saying which.
_OF_SERVICES = re.compile(r"\b(services|facilit(y|ies)|providers?|locations|outlets|points of interest|pois?|venues)\b")
_PRIVATELY_RUN = re.compile(
    r"\b(independent (school|special|hospital|sector|provider|library)|other independent|private|privately|non maintained|"
    r"(community|volunteer|charity) (run|managed|led)|charity|charitable|city technology college|british schools overseas|university)\b"
)
_PUBLICLY_RUN = re.compile(
    r"\b(local authority|council|county|borough|la (run|maintained)|nhs (foundation )?trust|nhs sector|state|maintained)\b"
)
# A heading or title that only a register of what somebody owns has.
_ASSET_WORDS = re.compile(
    r"\b(assets?|uai|holding type|terrier|property (ref|reference|id|number|code|name|register|list)|land and (buildings?|property|assets?)|"
    r"land holdings?|estates? (register|list|return|code)|premises (ref|reference|cost)|reason for holding|freehold|leasehold)\b"
)
_OWNED_COLUMNS = (
    "tenure", "title_no", "lease_expiry", "gia_m2", "nia_m2", "backlog_gbp", "running_cost_gbp_pa", "fte", "site_area_ha",
)  # fmt: skip
_OWNER_WORDS = re.compile(r"\b(owner|owned|owning|freeholder|landowner|holder|held|holding|perchennog)\b")
_AREA_WORDS = re.compile(r"\b(authority|council|awdurdod|la|publisher)\b")


@dataclass(frozen=True)
class RegisterKind:
    """The kind of a register, the reason, and for a list of services what they are."""

    kind: str
    reason: str
    sector: Sector | None = None


def kind_of(
    stated: str,
    file: str,
    title: str,
    columns: Sequence[ColumnRead],
    chosen: Mapping[str, list[int]],
    rows: Sequence[Sequence[str]],
) -> RegisterKind:
    """The kind of a register: as stated, else by its headings, title, file name and cells.

    Parameters
    ----------
    stated
        What estate.toml says; "" for nothing.
    file, title
        The file's name, and the text above the headings.
    columns, chosen
        How its columns were read.
    rows
        Its rows, of which the first thousand are looked at.
    """
    heads = {column.header: words(parted(column.header)) for column in columns}
    stem = words(parted(re.sub(r"\.\w+$", "", file.rsplit("/", 1)[-1])))
    label = f"{stem} {words(title[:500])}"
    sector, why = _sector(label, columns, heads, chosen, rows[:_SAMPLE])
    if stated:
        return RegisterKind(stated, "estate.toml says so", sector if stated == _SERVICE else None)
    planning = [head for head in heads if heading(head) in {heading(text) for text in PLANNING_HEADINGS}]
    owned = [column.header for column in columns if column.column in _OWNED_COLUMNS and column.column != "site_area_ha"]
    owned += [c.header for c in columns if c.column != "uprn" and _ASSET_WORDS.search(heads[c.header])]
    if sector is None or sector.operator != OTHER:  # who holds a surgery's premises may be anybody
        owned += [c.header for c in columns if c.column == "organisation" and names_an_owner(c.header)]
    if len(planning) > 1 or ("ownership" in chosen and not owned):
        told = planning or [column.header for column in columns if column.column == "ownership"]
        return RegisterKind(
            _PLANNING, f"the headings {_listed(told)} tell of land for development, whoever owns it"
            if len(planning) > 1 else f"the heading {_listed(told)} says row by row whether the land is public, and none tells of assets held",
        )  # fmt: skip
    if owned:
        return RegisterKind(_OWNERSHIP, f"the headings {_listed(owned)} tell of what its publisher holds")
    if _ASSET_WORDS.search(label):
        return RegisterKind(_OWNERSHIP, "its name or title speaks of assets held")
    if sector is not None:
        run = {
            PUBLIC: "run by public bodies as a rule, so they are shown as public estate of unknown tenure",
            OTHER: "not run by public bodies as a rule, so they are context unless a row says otherwise",
            "": "run by public bodies and others, so they are context unless a row says which",
        }[sector.operator]
        return RegisterKind(
            _SERVICE, f"a list of {sector.name} ({why}) in which no heading says who owns; {run}", sector
        )
    if _OF_SERVICES.search(label):
        return RegisterKind(
            _SERVICE,
            "its name or title speaks of services, and no heading says who owns; what it names is context "
            "unless a row says that it is a public body's",
        )
    return RegisterKind(_OWNERSHIP, "nothing marks it as a planning register or a list of services")


def _listed(heads: Sequence[str]) -> str:
    return ", ".join(repr(head) for head in dict.fromkeys(heads[:3]))


def _sector(
    label: str,
    columns: Sequence[ColumnRead],
    heads: Mapping[str, str],
    chosen: Mapping[str, list[int]],
    rows: Sequence[Sequence[str]],
) -> tuple[Sector | None, str]:
    for name, what in (("use", "its types say so"), ("name", "its names say so")):
        for position in chosen.get(name, [])[:1]:
            cells = [words(cell) for cell in said([row[position] for row in rows if position < len(row)])]
            for sector in _SECTORS:
                if cells and sum(bool(sector.words.search(cell)) for cell in cells) >= 0.6 * len(cells):
                    return sector, what
    told = " | ".join(heads[column.header] for column in columns if column.column)
    for text, what in ((label, "its name or title says so"), (told, "its headings say so")):
        found = [sector for sector in _SECTORS if sector.words.search(text)]
        if len(found) == 1 or (found and text is label):
            return found[0], what
    return None, ""


def operators(found: RegisterKind, rows: Sequence[str]) -> list[str | None]:
    """For each row of a list of services whether a public body runs what it names ("public", "other"); None where that is not told.

    `rows` is what each row says of itself: its type, its name, who provides it.
    """
    if found.kind != _SERVICE:
        return [None] * len(rows)
    out: list[str | None] = []
    for text in map(words, rows):
        sector = found.sector or next((sector for sector in _SECTORS if sector.words.search(text)), None)
        if _PRIVATELY_RUN.search(text):
            out.append(OTHER)
        elif _PUBLICLY_RUN.search(text) and sector is not None and sector.operator != OTHER:
            out.append(PUBLIC)
        else:
            out.append((sector.operator if sector else "") or None)
    return out


def names_an_owner(head: str) -> bool:
    """Whether a heading for an organisation says that it owns or holds."""
    return bool(_OWNER_WORDS.search(words(parted(head))))


def names_the_area(head: str) -> bool:
    """Whether a heading for an organisation names the authority of the area rather than an owner."""
    low = words(parted(head))
    return bool(_AREA_WORDS.search(low)) and not names_an_owner(head)


def private_owners(file: str, head: str, texts: Sequence[str], lines: Sequence[int]) -> tuple[list[Value], list[Issue]]:
    """Ownership by a column that names owners: private where a company, a person or a landlord is named; an issue with the count."""
    found: list[Value] = ["private" if names_a_private_owner(text) else None for text in texts]
    at = [line for line, value in zip(lines, found, strict=True) if value]
    message = f"{len(at)} rows, the first at line {at[0] if at else 0}, name a company or person as owner"
    mend = "Kept as context, not as sites. If a public body owns the company, say so by a fact: ownership, public."
    return found, [Issue(file, "", head, "private-owners", str(len(at)), message, mend)] if at else []


def ended(
    file: str, given: Sequence[str], closed: Sequence[Value], as_of: dt.date | None, lines: Sequence[int]
) -> tuple[list[str], list[Issue]]:
    """For each row of a list of services "ended", "to come" or "", by its status, else by its day of closing; and an issue with the count.

    `given` are the cells of the status, blank where there is no such column. A day of closing after the list's own date is to come.
    """
    out = []
    for text, day in zip(given, closed, strict=True):
        said_so = status_in_services(text)
        past = day is not None and (as_of is None or not isinstance(day, type(as_of)) or day <= as_of)
        out.append(said_so or ("ended" if past and not words(text) else ""))
    issues = []
    for what, code, told in (
        ("ended", "closed-entries", "services that have closed"),
        ("to come", "proposed-entries", "services that have not opened"),
    ):
        at = [line for line, state in zip(lines, out, strict=True) if state == what]
        if at:
            message = f"{len(at)} rows, the first at line {at[0]}, are of {told}"
            mend = "Kept as context, not as sites: the list does not say what became of the premises."
            issues.append(Issue(file, "", "status", code, str(len(at)), message, mend))
    return out, issues

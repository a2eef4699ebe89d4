"""What interests, covenants and other constraints of a host say about letting a service in. Nothing here is legal advice.

Only what the tables state is read: clauses themselves are for the lawyer who has the deed. A covenant's permitted uses are compared word by
word with what the service's body does; where a covenant permits what another public body does, the point is arguable and goes to counsel.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from assetplan.hosts.verdicts import ARGUABLE, BLOCKED, FITS, GAP, NOT_ASKED, UNKNOWN, Finding, source_of, sources
from assetplan.tables import records
from assetplan.vocabulary import SPACES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from assetplan.estate import Estate
    from assetplan.hosts.hosting import Hosts
    from assetplan.hosts.verdicts import Codes, Criterion, Positions

    Record = Mapping[str, Any]

MIN_TERM_YEARS = 5.0
"""Less than this left of a lease is told as a gap: an assumption, about what a fit-out takes to pay back."""

_COUNCIL = ("local government", "council", "council offices", "council use", "local authority", "municipal", "civic")
_OWN_WORDS = {
    "county": _COUNCIL,
    "district": _COUNCIL,
    "unitary": _COUNCIL,
    "parish": _COUNCIL,
    "nhs": ("health", "health centre", "hospital", "clinic", "medical"),
    "police": ("police", "police station", "policing"),
    "fire": ("fire", "fire station", "fire and rescue"),
    "ambulance": ("ambulance", "ambulance station", "health"),
    "school": ("education", "school"),
    "central": ("government", "central government", "crown"),
}
_ANY_BODY = (
    "public",
    "public use",
    "public purposes",
    "public services",
    "emergency services",
    "community",
    "community use",
)
_PUBLIC = frozenset(word for words in (*_OWN_WORDS.values(), _ANY_BODY) for word in words)
_OFFICES = frozenset(("office", "offices", "business", "shared offices"))
_EXCLUSIVE = ("long lease", "lease", "sublease", "PFI", "trust", "MOTO")
_HELD_BY_TERM = (*_EXCLUSIVE, "licence", "tenancy at will")
_HIGHLY = "police, ambulance and fire stations count as highly vulnerable"
_MORE = "homes, health and teaching count as more vulnerable"
_FLOOD_LAW = "National Planning Policy Framework, flood risk vulnerability classification"


def clause_criteria(estate: Estate, hosts: Hosts) -> list[Criterion]:
    """The criteria that are about interests and constraints of the hosts."""
    held = _Held(estate, hosts)
    bound = _Bound(estate, hosts)
    return [
        _Title(hosts),
        _Holding(held),
        _Term(held),
        _Covenant(estate, bound, read=True),
        _Covenant(estate, bound, read=False),
        _Limit(bound, "consent", "consent", "consents and locks"),
        _Limit(bound, "access limit", "access", "access"),
        _Flood(bound),
    ]


# ------------------------------------------------------------------------------------------------------- interests


class _Title:
    name, label = "title", "title"

    def __init__(self, hosts: Hosts) -> None:
        self._rows = hosts.rows
        confirm = [status == "to confirm" for status in hosts.column("holder_status")]
        self._codes = np.where(confirm, UNKNOWN, NOT_ASKED).astype(np.int8)

    def codes(self, service: Record, hosts: Positions) -> Codes:  # noqa: ARG002 - the protocol's
        return self._codes[hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        row = self._rows[host]
        return Finding(
            "who holds it", "title to be confirmed", "Who holds it is to be confirmed at HM Land Registry.",
            _register(row), row.get("illustrative") is True,
        )  # fmt: skip


class _Held:
    """Who holds each host, and what they may do with it."""

    def __init__(self, estate: Estate, hosts: Hosts) -> None:
        self.rows, self.kinds, self.as_of = hosts.rows, hosts.kinds, estate.as_of
        self.names = {key: organisation.name for key, organisation in estate.organisations.items()}
        by_subject: dict[str, list[Record]] = defaultdict(list)
        for row in records(estate.interests):
            by_subject[str(row["subject"])].append(row)
        self.own: list[list[Record]] = []
        self.others: list[list[Record]] = []
        for host, row in zip(hosts.ids, hosts.rows, strict=True):
            about = [
                said for subject in (host, *(row.get("parcels") or ())) for said in by_subject.get(str(subject), ())
            ]
            owner = row["organisation"]
            self.own.append([said for said in about if said["holder"] == owner])
            self.others.append([said for said in about if said["holder"] != owner])

    def name(self, holder: str) -> str:
        return str(self.names.get(holder, holder))


class _Holding:
    name, label = "holding", "leave to let others in"

    def __init__(self, held: _Held) -> None:
        self._held = held
        self._found: dict[str, Codes] = {}

    def codes(self, service: Record, hosts: Positions) -> Codes:
        body = str(service["organisation"])
        if body not in self._found:
            found = [max(code for code, _, _ in self._reasons(body, i)) for i in range(len(self._held.rows))]
            self._found[body] = np.array(found, dtype=np.int8)
        return self._found[body][hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        kept = sorted(self._reasons(str(service["organisation"]), host), key=lambda reason: -reason[0])
        rows = [row for _, _, row in kept if row is not None]
        clauses = "; ".join(str(row["clauses"]) for row in rows if row.get("clauses"))
        source = sources(rows) or _register(self._held.rows[host])
        told = any(row["illustrative"] is True for row in rows) or (
            not rows and self._held.rows[host].get("illustrative") is True
        )
        return Finding("leave to be there", clauses, " ".join(says for _, says, _ in kept), source, told)

    def _reasons(self, body: str, host: int) -> list[tuple[int, str, Record | None]]:
        """Each thing that bears on it: number, sentence, row of interests."""
        held = self._held
        row, own = held.rows[host], [said for said in held.own[host] if not _ended(said, held.as_of)]
        owner = str(row["organisation"])
        if held.kinds[host] == "parcel" and (not owner or row["ownership"] != "public"):
            whose = "It is private land" if row["ownership"] == "private" else "Whose land it is is not known"
            return [
                (
                    GAP if row["ownership"] == "private" else UNKNOWN,
                    f"{whose}: it would first have to be bought or leased.",
                    None,
                )
            ]
        out: list[tuple[int, str, Record | None]] = []
        by_term = [said for said in held.own[host] if said["interest"] in _HELD_BY_TERM]
        if body == owner:
            out.append((FITS, "It is held by the same body.", None))
        elif any(said["interest"] == "freehold" for said in own):
            free = next(said for said in own if said["interest"] == "freehold")
            out.append(
                (FITS, f"{held.name(owner)} holds the freehold as stated: a licence or lease is theirs to grant.", free)
            )
        elif by_term:
            out += [_shared(said, held.name(owner)) for said in by_term]
        else:
            out.append(_by_tenure(row, held.name(owner)))
        for said in held.others[host]:
            holder = held.name(said["holder"])
            if said["holder"] == body:
                continue
            if said["interest"] == "freehold" and not by_term and body != owner:
                out.append(
                    (
                        UNKNOWN,
                        f"{holder} holds the freehold; by what right {held.name(owner)} is there is not stated.",
                        said,
                    )
                )
            if said["interest"] in {"licence", "tenancy at will"} and not _ended(said, held.as_of):
                until = f" until {said['expiry'].isoformat()}" if said["expiry"] else ""
                out.append((FITS, f"{holder} is there by {said['interest']}{until}.", said))
            if said["interest"] in _EXCLUSIVE:
                if _ended(said, held.as_of):
                    out.append(
                        (
                            UNKNOWN,
                            f"The {said['interest']} of {holder} has run out; whether they are still there is not known.",
                            said,
                        )
                    )
                else:
                    code, says, _ = _shared(said, holder)
                    whole = "; whether of the whole is not stated" if code > FITS else ""
                    out.append((code, f"{holder} holds a {said['interest']}{whole}. {says}", said))
        return out


def _shared(row: Record, holder: str) -> tuple[int, str, Record]:
    """Whether a holder may let others in, and whether somebody has to consent."""
    what = f"the {row['interest']} of {holder}"
    code, says = {
        "yes": (FITS, f"{what} allows sharing"),
        "no": (BLOCKED, f"{what} does not allow sharing"),
        "arguable": (ARGUABLE, f"whether {what} allows sharing is arguable, for counsel"),
    }.get(row["sharing"], (UNKNOWN, f"whether {what} allows sharing is not known"))
    if code != BLOCKED:
        more, also = {
            "yes": (GAP, "with consent, which is to be asked for"),
            "no": (FITS, "without anybody's consent" if code == FITS else ""),
            "arguable": (ARGUABLE, "whether consent is needed is arguable, for counsel"),
        }.get(row["consent"], (UNKNOWN, "whether consent is needed is not known" if code == FITS else ""))
        says += f"; {also}" if also and row["consent"] != "no" else f" {also}" if also else ""
        code = max(code, more)
    return code, f"{says[:1].upper()}{says[1:]}.", row


def _by_tenure(row: Record, owner: str) -> tuple[int, str, None]:
    match row.get("tenure"):
        case "freehold":
            return FITS, f"The register has it as freehold of {owner}: a licence or lease is theirs to grant.", None
        case "leasehold" | "licence":
            return (
                UNKNOWN,
                f"The register has it as {row['tenure']}; whether {owner} may let others in is not stated.",
                None,
            )
        case _:
            return UNKNOWN, f"By what right {owner} holds it is not stated.", None


class _Term:
    name, label = "term", "years left"

    def __init__(self, held: _Held) -> None:
        self._held = held
        self._reasons = [self._reason(i) for i in range(len(held.rows))]
        self._codes = np.array([code for code, *_ in self._reasons], dtype=np.int8)

    def codes(self, service: Record, hosts: Positions) -> Codes:  # noqa: ARG002 - the protocol's
        return self._codes[hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        _, offer, says, row = self._reasons[host]
        source = source_of(row) if row is not None else _register(self._held.rows[host])
        told = row["illustrative"] is True if row is not None else self._held.rows[host].get("illustrative") is True
        return Finding(f"at least {MIN_TERM_YEARS:g} years (an assumption)", offer, says, source, told)

    def _reason(self, host: int) -> tuple[int, str, str, Record | None]:
        held = self._held
        row, own = held.rows[host], held.own[host]
        if held.kinds[host] == "parcel" or any(said["interest"] == "freehold" for said in own):
            return NOT_ASKED, "", "", None
        by_term = [said for said in own if said["interest"] in _HELD_BY_TERM]
        if by_term:
            return max(
                (self._of(said["expiry"], said["break_date"], said) for said in by_term), key=lambda reason: reason[0]
            )
        if row.get("tenure") == "freehold" or (
            row.get("tenure") not in {"leasehold", "licence"} and row.get("lease_expiry") is None
        ):
            return NOT_ASKED, "", "", None
        return self._of(row.get("lease_expiry"), None, None)

    def _of(
        self, expiry: dt.date | None, break_: dt.date | None, row: Record | None
    ) -> tuple[int, str, str, Record | None]:
        as_of = self._held.as_of
        if expiry is None:
            return UNKNOWN, "", "When the term ends is not stated.", row
        offer = f"ends {expiry.isoformat()}" + (f", break {break_.isoformat()}" if break_ else "")
        if row is not None and row["notice_months"] is not None:
            offer += f" on {row['notice_months']:g} months' notice"
        if as_of is None:
            return UNKNOWN, offer, "The estate says no date, so what is left of the term cannot be told.", row
        if expiry < as_of:
            return BLOCKED, offer, f"The term ended on {expiry.isoformat()}.", row
        left = years_between(as_of, expiry)
        if left < MIN_TERM_YEARS:
            return GAP, offer, f"Only {left:.1f} years of the term are left.", row
        if break_ is not None and as_of <= break_ and years_between(as_of, break_) < MIN_TERM_YEARS:
            return GAP, offer, f"It could end at the break, {years_between(as_of, break_):.1f} years from now.", row
        return FITS, offer, f"{left:.0f} years of the term are left.", row


def years_between(start: dt.date, end: dt.date) -> float:
    """Years from one day to another.

    Examples
    --------
    >>> import datetime
    >>> years_between(datetime.date(2010, 6, 24), datetime.date(2015, 6, 24))
    5.0
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return (months + (end.day - start.day) / 31) / 12


def _ended(row: Record, as_of: dt.date | None) -> bool:
    return as_of is not None and row["expiry"] is not None and row["expiry"] < as_of


# ------------------------------------------------------------------------------------------------------- constraints


class _Bound:
    """The constraints that name or reach each host's site, by kind."""

    def __init__(self, estate: Estate, hosts: Hosts) -> None:
        every = {str(row["constraint_id"]): row for row in records(estate.constraints.drop(columns="geometry"))}
        self.count = len(hosts.ids)
        self.on: dict[int, list[Record]] = defaultdict(list)
        for i, keys in enumerate(hosts.column("constraints")):
            for key in keys:
                if every[key]["state"] != "no":
                    self.on[i].append(every[key])

    def codes(self, of: Callable[[Record], int]) -> Codes:
        """For each host the worst of its constraints."""
        out = np.zeros(self.count, dtype=np.int8)
        for host, rows in self.on.items():
            out[host] = max(of(row) for row in rows)
        return out

    def told(self, host: int, of: Callable[[Record], int], need: str, says: Callable[[Record, int], str]) -> Finding:
        """The words for one host's constraints, the worst first."""
        judged = sorted(
            ((of(row), row) for row in self.on[host] if of(row)),
            key=lambda pair: (-pair[0], str(pair[1]["constraint_id"])),
        )
        rows = [row for _, row in judged]
        return Finding(
            need,
            "; ".join(_named(row) for row in rows),
            " ".join(says(row, code) for code, row in judged),
            sources(rows),
            any(row["illustrative"] is True for row in rows),
        )


class _Covenant:
    """Covenants whose permitted uses are stated, or those of which nobody has read what they permit."""

    def __init__(self, estate: Estate, bound: _Bound, *, read: bool) -> None:
        self.name, self.label = ("covenant", "covenant") if read else ("unread_covenant", "covenants nobody has read")
        self._read, self._bound = read, bound
        self._sectors = {key: organisation.sector for key, organisation in estate.organisations.items()}
        self._names = {key: organisation.name for key, organisation in estate.organisations.items()}
        self._uses = {} if estate.assumptions is None else estate.assumptions.uses
        self._found: dict[tuple[Any, ...], Codes] = {}

    def codes(self, service: Record, hosts: Positions) -> Codes:
        words = self._words(service)
        if words not in self._found:
            self._found[words] = self._bound.codes(lambda row: self._judged(row, *words))
        return self._found[words][hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        words = self._words(service)
        body = str(self._names.get(service["organisation"], service["organisation"]))
        use = f"{service['function']} of {body}"

        def says(row: Record, code: int) -> str:
            name = _named(row)
            return {
                FITS: f"{name}: permits this use by its words as stated.",
                ARGUABLE: f"{name}: whether it permits {use} is arguable; counsel to advise, also on a licence of part.",
                BLOCKED: f"{name}: by its words as stated it does not permit {use}.",
            }.get(code, f"{name}: what is permitted, or whether it binds, is not known.")

        return self._bound.told(host, lambda row: self._judged(row, *words), f"use as {use}", says)

    def _words(self, service: Record) -> tuple[frozenset[str], frozenset[str], bool]:
        sector, function = self._sectors.get(service["organisation"], "other"), str(service["function"]).casefold()
        own = {function, *_OWN_WORDS.get(sector, ())}
        arguable: set[str] = set()
        for use in (self._uses[name] for name in sorted(own) if name in self._uses):
            own |= {word.casefold() for word in use.permitted_as}
            arguable |= {word.casefold() for word in use.arguable_as}
        wanted = {space for space in SPACES if (service[f"{space}_m2"] or 0) > 0}
        return (
            frozenset(own),
            frozenset(arguable),
            bool(wanted) and wanted <= {"office", "meeting"} and not service["counters"],
        )

    def _judged(self, row: Record, own: frozenset[str], arguable: frozenset[str], offices: bool) -> int:  # noqa: FBT001 - a cached key
        if row["kind"] != "covenant":
            return NOT_ASKED
        permitted = {str(use).casefold() for use in row["permitted_uses"]}
        unread = not permitted or row["state"] == "unknown"
        if unread == self._read:
            return NOT_ASKED
        plainly = bool(permitted & own) or (offices and bool(permitted & _OFFICES))
        if plainly:
            return FITS
        if unread:
            return UNKNOWN
        if row["state"] == "arguable" or permitted & (arguable | _PUBLIC):
            return ARGUABLE
        return BLOCKED


class _Limit:
    """Constraints of one kind that ask for something, whatever the service; a lock or open space in doubt counts as a consent."""

    def __init__(self, bound: _Bound, kind: str, name: str, label: str) -> None:
        self.name, self.label = name, label
        self._bound, self._kind = bound, kind
        self._codes = bound.codes(self._judged)

    def codes(self, service: Record, hosts: Positions) -> Codes:  # noqa: ARG002 - the protocol's
        return self._codes[hosts]

    def told(self, service: Record, host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        def says(row: Record, code: int) -> str:
            detail = f" {row['detail']}" if row["detail"] else ""
            doubt = {
                GAP: "",
                ARGUABLE: " Whether it applies is arguable.",
                UNKNOWN: " Whether it applies is not known.",
            }[code]
            return f"{row['name'] or row['kind']}.{doubt}{detail}"

        return self._bound.told(host, self._judged, "none in the way", says)

    def _judged(self, row: Record) -> int:
        as_consent = row["kind"] == "lock" or row["designation"] == "open space"
        if row["kind"] != self._kind and not (self._kind == "consent" and as_consent):
            return NOT_ASKED
        return {"yes": GAP, "arguable": ARGUABLE}.get(str(row["state"]), UNKNOWN)


class _Flood:
    name, label = "flood", "flood zone"

    def __init__(self, bound: _Bound) -> None:
        self._bound = bound
        self._codes = bound.codes(self._judged)

    def codes(self, service: Record, hosts: Positions) -> Codes:
        return self._codes[hosts] if self._why(service) else np.zeros(len(hosts), dtype=np.int8)

    def told(self, service: Record, host: int, code: int) -> Finding:  # noqa: ARG002 - the protocol's
        def says(row: Record, code: int) -> str:
            doubt = "It lies in" if code == GAP else "Whether it lies in the following is not known:"
            return f"{doubt} {row['name'] or 'a flood zone'}; {self._why(service)}."

        found = self._bound.told(host, self._judged, "out of flood zones", says)
        return Finding(found.need, found.offer, found.says, f"{found.source}; {_FLOOD_LAW}", found.illustrative)

    @staticmethod
    def _why(service: Record) -> str:
        if service["response"]:
            return _HIGHLY
        lived_in = any(
            (service[name] or 0) > 0
            for name in ("residential_m2", "clinical_m2", "teaching_m2", "beds", "pupil_places")
        )
        return _MORE if lived_in else ""

    @staticmethod
    def _judged(row: Record) -> int:
        if row["designation"] != "flood zone":
            return NOT_ASKED
        return {"yes": GAP, "arguable": ARGUABLE}.get(str(row["state"]), UNKNOWN)


def _named(row: Record) -> str:
    only = f" (permits {', '.join(row['permitted_uses'])} only)" if row["permitted_uses"] else ""
    return f"{row['name'] or row['kind']}{only}"


def _register(row: Record) -> str:
    return f"register {row['register']}" if row.get("register") else "land of this estate"

"""Which legal instrument each move would need, and why. What is named is to be settled by lawyers: nothing here is a conclusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.hosts.verdicts import source_of
from assetplan.tables import records
from assetplan.vocabulary import SPACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.estate import Estate
    from assetplan.hubs.option import Move, Option

NONE, LICENCE, LEASE = "none", "licence", "contracted-out lease"
SETTLED_BY = "to be settled by lawyers"
_TO_ITSELF = ("secure", "garage", "storage", "clinical", "teaching", "residential", "yard")
_TERMS = ("service-charge share by area or desk, with a cap", "exit terms")
_LEASED = {"lease", "long lease", "sublease", "tenancy at will", "licence", "PFI", "trust"}
_CUSTOM = "practice: what public bodies commonly agree between them"


@dataclass(frozen=True)
class Instrument:
    """What one move would need: the kind, why, what goes with it, and what that rests on."""

    service: str
    kind: str
    why: str
    with_it: tuple[str, ...]
    source: str

    @property
    def in_words(self) -> str:
        """The instrument with its reason, as a phrase."""
        said = {
            NONE: "no instrument between bodies",
            LICENCE: "licence, no exclusive possession",
            LEASE: "lease of part, contracted out of the Landlord and Tenant Act 1954",
        }[self.kind]
        more = f"; {', '.join(self.with_it)}" if self.with_it else ""
        return f"{said} ({self.why}){more}"


class Instruments:
    """What moves between the bodies of an estate would need."""

    def __init__(self, estate: Estate) -> None:
        self._rows = {str(row["service_id"]): row for row in records(estate.services)}
        self._names = {key: body.name for key, body in estate.organisations.items()}
        self._council = {
            key
            for key, body in estate.organisations.items()
            if body.sector in {"county", "district", "unitary", "parish"}
        }
        assets = estate.assets
        self._tenure = {str(key): tenure for key, tenure in zip(assets.index, assets["tenure"], strict=True)}
        self._held: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for row in records(estate.interests):
            self._held.setdefault((str(row["subject"]), str(row["holder"])), []).append(row)

    def of(self, option: Option) -> tuple[Instrument, ...]:
        """What each move of an option would need, in the order of its moves."""
        return tuple(self._one(option, move) for move in option.moves)

    def _one(self, option: Option, move: Move) -> Instrument:
        row = self._rows[move.service]
        if move.organisation == option.owner:
            why = "the body's own building: a re-charge inside it, or appropriation where the purpose changes"
            return Instrument(move.service, NONE, why, self._leased(option), source_of(row))
        apart = [space for space in SPACES if space in _TO_ITSELF and (row[f"{space}_m2"] or 0) > 0]
        locked = row["security"] == "secure" or row["vetting"] == "police vetting"
        needs = [
            *(f"{space} space" for space in apart),
            *(("a part it can lock",) if locked and "secure" not in apart else ()),
        ]
        kind = LEASE if needs else LICENCE
        why = (
            f"it needs {_listed(needs)} to itself"
            if needs
            else "nothing it wants is stated as needing a part to itself: desks, rooms or a counter among others"
        )
        terms = [*_TERMS, *self._leased(option)]
        if kind == LEASE and option.owner in self._council:
            terms.append(
                "more than 7 years counts as a disposal at best consideration (Local Government Act 1972, section 123)"
            )
        if option.host_kind == "parcel":
            terms.append("an agreement between the bodies about who buys, builds and holds it")
        return Instrument(move.service, kind, why, tuple(terms), f"{source_of(row)}; {_CUSTOM}")

    def _leased(self, option: Option) -> tuple[str, ...]:
        """What a host that is itself held by lease asks for besides."""
        held = [row for row in self._held.get((option.host, option.owner), []) if row["interest"] in _LEASED]
        if held:
            said = [
                f"consent of the landlord and the clause on sharing ({row['clauses'] or 'not stated here'})"
                for row in held
            ]
            return tuple(dict.fromkeys(said))
        if self._tenure.get(option.host) in {"leasehold", "licence"}:
            return ("consent of the landlord and the clause on sharing (not stated here)",)
        return ()


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)

"""One co-location option: a host, the services that would move in, and who would be there together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.text import digest, slug

if TYPE_CHECKING:
    from collections.abc import Iterable

ACQUIRE, BUILD, REFURBISH = "acquire", "build", "refurbish"


@dataclass(frozen=True)
class Move:
    """One service that moves in, whole or a part of another; `origin` is the asset it is in now, None where nothing says."""

    service: str
    name: str
    organisation: str
    part_of: str | None
    origin: str | None
    host: str


@dataclass(frozen=True)
class Option:
    """A host, the services that would move into it, and the bodies that would be there together.

    Attributes
    ----------
    host, host_kind
        An asset or a parcel, and which of these it is.
    owner
        The body that lists the host; empty where no body of the estate does.
    moves
        The services that move in, by identifier.
    residents
        Services that are there already, by identifier.
    organisations
        The bodies that would be there together.
    reasons
        Why these are looked at together, in sentences.
    before
        What the host needs before anybody moves in, in this order, as far as is known: acquire, build, refurbish.
    """

    host: str
    host_kind: str
    owner: str
    moves: tuple[Move, ...]
    residents: tuple[str, ...]
    organisations: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @property
    def services(self) -> tuple[str, ...]:
        """The services that move in."""
        return tuple(move.service for move in self.moves)

    @property
    def option_id(self) -> str:
        """An identifier made of the host and the services that move in, whatever their order."""
        return option_id(self.host, self.services)

    def actions(self) -> list[dict[str, Any]]:
        """What would be done, step by step, as plain dictionaries: ``action`` and what it names.

        Returns
        -------
        list of dict
            ``acquire``, ``build`` or ``refurbish`` of the host where that comes first; ``split`` of each service of which only a part
            moves; ``relocate`` of each service that moves; ``share`` of the host with guests of other bodies than its own.
        """
        kind = {"parcel": "parcel"}.get(self.host_kind, "asset")
        out: list[dict[str, Any]] = [{"action": step, kind: self.host} for step in self.before]
        wholes = sorted({move.part_of for move in self.moves if move.part_of is not None})
        out += [{"action": "split", "service": whole} for whole in wholes]
        out += [{"action": "relocate", "service": move.service, "to": self.host} for move in self.moves]
        guests = [move.service for move in self.moves if move.organisation != self.owner]
        if guests:
            out.append({"action": "share", "host": self.host, "services": guests})
        return out


def option_id(host: str, services: Iterable[str]) -> str:
    """The identifier of an option.

    Examples
    --------
    >>> option_id("rdc:A0007", ["nycc-library", "police-desk"]) == option_id(
    ...     "rdc:A0007", ["police-desk", "nycc-library"]
    ... )
    True
    """
    return f"{slug(host)}-{digest(chr(31).join((host, *sorted(set(services)))))}"

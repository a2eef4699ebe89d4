"""One co-location option: a host, the services that would move in, and who would be there together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.scenarios.actions import ACTIONS
from assetplan.scenarios.scenario import Scenario
from assetplan.settings import KEEPER
from assetplan.text import digest, slug

if TYPE_CHECKING:
    from collections.abc import Iterable

ACQUIRE, BUILD, REFURBISH = "acquire", "build", "refurbish"


@dataclass(frozen=True)
class Step:
    """What a host needs before anybody moves in: acquire, build or refurbish, and about how many months it takes at most."""

    action: str
    months: float


@dataclass(frozen=True)
class Move:
    """One service that moves in, whole or a part of another.

    `origin` is the asset it is in now, None where nothing says; `instrument` by what right it would be there, empty in its own body's building.
    """

    service: str
    name: str
    organisation: str
    part_of: str | None
    origin: str | None
    host: str
    instrument: str = ""


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
        What the host needs before anybody moves in, one after the other, as far as is known.
    """

    host: str
    host_kind: str
    owner: str
    moves: tuple[Move, ...]
    residents: tuple[str, ...]
    organisations: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    before: tuple[Step, ...] = ()

    @property
    def services(self) -> tuple[str, ...]:
        """The services that move in."""
        return tuple(move.service for move in self.moves)

    @property
    def option_id(self) -> str:
        """An identifier made of the host and the services that move in, whatever their order."""
        return option_id(self.host, self.services)

    def actions(self, start_year: int | None = None) -> list[dict[str, Any]]:
        """What would be done, step by step, as plain dictionaries: ``action`` and what it names.

        Parameters
        ----------
        start_year
            The financial year in which it begins; with it each action has a ``year``, months taken at their most.

        Returns
        -------
        list of dict
            ``acquire``, ``build`` or ``refurbish`` of the host where that comes first; ``split`` of each service of which only parts move;
            ``share`` where the host's own body lets services of others in, by instrument; ``relocate`` of each service otherwise.
        """
        gone = 0.0
        out: list[dict[str, Any]] = []

        def year() -> dict[str, int]:
            return {} if start_year is None else {"year": start_year + int(gone // 12)}

        for step in self.before:
            out.append({"action": step.action, "asset": self.host, "months": step.months, **year()})
            gone += step.months
        for whole in sorted({move.part_of for move in self.moves if move.part_of is not None}):
            parts = [move.service for move in self.moves if move.part_of == whole]
            out.append({"action": "split", "service": whole, "parts": parts, **year()})
        let_in: dict[str, list[str]] = {}
        for move in self.moves:
            if move.instrument and self.host_kind == "asset" and self.owner in self.organisations:
                let_in.setdefault(move.instrument, []).append(move.service)
            else:
                right = {"instrument": move.instrument} if move.instrument else {}
                out.append({"action": "relocate", "service": move.service, "to": self.host, **right, **year()})
        for instrument, services in sorted(let_in.items()):
            out.append({"action": "share", "host": self.host, "services": services, "instrument": instrument, **year()})
        return out

    def to_scenario(self, name: str, start_year: int, *, author: str = "", audience: str = KEEPER) -> Scenario:
        """The option as a scenario: its `actions`, dated; whatever they cost is not known and left open.

        Parameters
        ----------
        name
            What the scenario is called.
        start_year
            The financial year, by its start, in which it begins.
        author
            The body or post that proposes it, never a person.
        audience
            Readers who may know of it, parted by ``;``; nobody but the keeper where none is named.

        Examples
        --------
        >>> import assetplan as ap
        >>> estate = ap.read_estate("data/malton").for_audience("rdc")
        >>> option = ap.examine_colocation(estate, "rdc:A0001", ["police-neighbourhood"]).option
        >>> option.to_scenario("Police next door", 2011, audience="rdc;police").actions[-1].word
        'share'
        """
        steps = [dict(action) for action in self.actions(start_year)]
        actions = [ACTIONS[step.pop("action")](**step) for step in steps]
        return Scenario(name, tuple(actions), author=author, audience=audience, start_year=start_year)


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

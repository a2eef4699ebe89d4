"""Which services go together, and which do not: affinities, what each should be beside or apart from, what they do alike."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.hosts.premises import PARTED
from assetplan.hosts.verdicts import source_of
from assetplan.pairing import affinities_of
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assetplan.estate import Estate

    Record = Mapping[str, Any]


@dataclass(frozen=True)
class Tie:
    """Something between two services: how much it speaks for their being together (below nothing against), in a sentence, and who says so.

    `parts` says that the two must not be in one place.
    """

    points: float
    says: str
    source: str
    illustrative: bool
    parts: bool = False


class Company:
    """What there is between the services of an estate, two by two; by the package's affinities where the folder has none."""

    def __init__(self, estate: Estate) -> None:
        self.rows: dict[str, Record] = {str(row["service_id"]): row for row in records(estate.services)}
        self._effects: dict[frozenset[str], list[Record]] = defaultdict(list)
        for row in records(affinities_of(estate)):
            self._effects[frozenset((str(row["function_a"]), str(row["function_b"])))].append(row)
        self._found: dict[tuple[str, str], tuple[Tie, ...]] = {}

    def between(self, a: str, b: str) -> tuple[Tie, ...]:
        """What there is between two services, whichever is named first."""
        key = (a, b) if a <= b else (b, a)
        if key not in self._found:
            self._found[key] = tuple(self._ties(self.rows[key[0]], self.rows[key[1]]))
        return self._found[key]

    def linked(self, a: str, b: str) -> bool:
        """Whether something speaks for the two being together, and nothing forbids it."""
        ties = self.between(a, b)
        return any(tie.points >= 0 and not tie.parts for tie in ties) and not any(tie.parts for tie in ties)

    def parted(self, a: str, b: str) -> bool:
        """Whether the two must not be in one place."""
        return any(tie.parts for tie in self.between(a, b))

    def _ties(self, a: Record, b: Record) -> Iterable[Tie]:
        one, other = str(a["function"]), str(b["function"])
        for row in self._effects.get(frozenset((one, other)), ()):
            conflict, strength = row["effect"] == "conflict", float(row["strength"])
            says = f"{_capital(one)} and {other}, strength {strength:.0f} of 3 {'against' if conflict else 'for'} them: {row['reason']}."
            yield Tie(
                -strength if conflict else strength,
                says,
                source_of(row),
                row["illustrative"] is True,
                conflict and strength >= PARTED,
            )
        for first, second in ((a, b), (b, a)):
            marked = first["illustrative"] is True
            if second["function"] in (first["near"] or ()):
                yield Tie(0.0, f"{first['name']} should be beside {second['function']}.", source_of(first), marked)
            if second["function"] in (first["apart"] or ()):
                says = f"{first['name']} must be apart from {second['function']}."
                yield Tie(-float(PARTED), says, source_of(first), marked, parts=True)
        if a["organisation"] != b["organisation"]:
            source = "; ".join(dict.fromkeys((source_of(a), source_of(b))))
            marked = a["illustrative"] is True or b["illustrative"] is True
            if one == other:
                yield Tie(0.0, f"{a['name']} and {b['name']} do the same for two bodies: {one}.", source, marked)
            if a["response"] is not None and b["response"] is not None:
                yield Tie(0.0, f"{a['name']} and {b['name']} both answer emergencies.", source, marked)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

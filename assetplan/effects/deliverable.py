"""What is said of whether a scenario can be delivered: values, a few words for a table, and the longer list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.effects.timing import months_in_words, years_in_words
from assetplan.hubs.reviewing import NEEDS_WORK, NOT_WILLING, WILLING
from assetplan.scenarios.problem import REFUSED
from assetplan.text import counted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from assetplan.effects.chaining import Chain

NOT_KNOWN = "not known"
ROW_COLUMNS = ("axis", "verdict", "says", "who", "months_low", "months_high", "actions", "source")
AXES = ("willingness", "need", "aspirations", "deliverability", "consents and months", "confidence")
GRAVEST = (NOT_WILLING, NEEDS_WORK, "no commitment recorded", "pending", "committed", WILLING)
_CALLED = {
    "plan": ("plan", "plans"),
    "funding": ("pot of money", "pots of money"),
    "commitment": ("commitment", "commitments"),
    "previous scheme": ("scheme tried before", "schemes tried before"),
}
PROMISE_COLUMNS = ("plan", "kind", "organisation", "name", "detail", "source", "said_on", "later", "illustrative")
_PROMISES = ("commitment", "previous scheme")
SURE_SHARE = (0.5, 0.8)
"""Shares of figures with a source of their own from which confidence is said to be medium, and high: a convention of this program."""


@dataclass(frozen=True)
class Stance:
    """How one body stands to a scenario: the gravest that it answered, else its commitment; comments as they were given, never trusted."""

    body: str
    name: str
    says: str
    source: str
    comments: tuple[str, ...] = ()
    ends: str = ""


@dataclass(frozen=True)
class Aspiration:
    """What a body plans, has money for, promised or tried before, by a row of plans.csv; `later` where it was said after the estate's date."""

    plan: str
    kind: str
    says: str
    later: bool
    source: str
    illustrative: bool
    organisation: str = ""
    name: str = ""
    detail: str = ""
    said_on: dt.date | None = None


@dataclass(frozen=True)
class Consent:
    """Something that somebody has to agree to: what, by which route, by whom, how long, how likely, and whether the scenario seeks it."""

    what: str
    route: str
    who: str
    months: float | None
    chance: str
    action: int | None
    sought: bool
    source: str


@dataclass(frozen=True)
class Stop:
    """What could stop a scenario: problems of one kind together, what mends them, and who is asked."""

    verdict: str
    code: str
    count: int
    actions: tuple[int, ...]
    says: str
    fix: str
    who: str
    months: tuple[float, float] | None


@dataclass(frozen=True)
class Confidence:
    """How sure the figures of a scenario are.

    `wanted` is how many there should be, `own` of how many somebody of the place or about it is the source, `illustrative` how many are
    invented for an example, `general` how many come with assetplan and are of no place; `not_stated` names what nobody states.
    """

    wanted: int
    own: int
    illustrative: int
    not_stated: tuple[str, ...]
    general: int = 0

    @property
    def level(self) -> str:
        """High, medium or low, by the share of figures that have a source of their own; not known where no figure is wanted."""
        if not self.wanted:
            return NOT_KNOWN
        share = self.own / self.wanted
        return "high" if share >= SURE_SHARE[1] else "medium" if share >= SURE_SHARE[0] else "low"

    @property
    def in_words(self) -> str:
        """The same with what it rests on."""
        if not self.wanted:
            return f"{NOT_KNOWN}: it states no figure and wants none"
        gone = f"; {counted(len(self.not_stated), 'figure')} not stated" if self.not_stated else ""
        general = f", {self.general} general ones of assetplan" if self.general else ""
        return f"{self.level}: {self.own} of {self.wanted} figures have a source of their own{general}, {self.illustrative} illustrative{gone}"


@dataclass(frozen=True, eq=False, repr=False)
class Deliverability:
    """Whether a scenario can be delivered.

    Attributes
    ----------
    stances
        How each body that it needs stands to it.
    need
        Kinds of reason to leave the places it leaves, or to settle something where it goes.
    need_says
        The same in sentences.
    aspirations
        What bodies plan for its places; None where this reader knows of no row that says what anybody plans.
    stops
        What could stop it, the worst first.
    consents
        What has to be agreed to, in the order of its actions; then what it does not seek.
    chain
        The longest chain of its months.
    confidence
        How sure its figures are.
    """

    stances: tuple[Stance, ...]
    need: tuple[str, ...]
    need_says: tuple[str, ...]
    aspirations: tuple[Aspiration, ...] | None
    stops: tuple[Stop, ...]
    consents: tuple[Consent, ...]
    chain: Chain
    confidence: Confidence

    @property
    def refused(self) -> int:
        """How many problems it cannot be with."""
        return sum(stop.count for stop in self.stops if stop.verdict == REFUSED)

    @property
    def to_confirm(self) -> int:
        """How many problems somebody has to settle."""
        return sum(stop.count for stop in self.stops if stop.verdict != REFUSED)

    @property
    def cells(self) -> dict[str, str]:
        """A few words for each of `AXES`."""
        said: dict[str, list[str]] = {word: [] for word in GRAVEST}
        for stance in self.stances:
            said[stance.says].append(stance.name)
        ready = len(said[WILLING]) + len(said["committed"])
        words = [
            f"{ready} of {len(self.stances)} bodies willing or committed"
            if self.stances
            else "no body is known to be concerned"
        ]
        words += [f"{word}: {', '.join(said[word])}" for word in GRAVEST[:4] if said[word]]
        if self.refused:
            can = f"cannot be as it stands: {counted(self.refused, 'thing')} refused"
        elif self.to_confirm:
            can = f"{counted(self.to_confirm, 'thing')} to be confirmed"
        else:
            can = "nothing known stops it"
        return {
            "willingness": "; ".join(words),
            "need": ", ".join(self.need) if self.need else "no reason is recorded",
            "aspirations": self._planned(),
            "deliverability": can,
            "consents and months": self._months(),
            "confidence": self.confidence.in_words,
        }

    def _planned(self) -> str:
        if self.aspirations is None:
            return f"{NOT_KNOWN}: no plans are recorded here"
        kinds = Counter(one.kind for one in self.aspirations if not one.later)
        said = [counted(kinds[kind], *_CALLED[kind]) for kind in _CALLED if kinds[kind]]
        listed = " and ".join(part for part in (", ".join(said[:-1]), *said[-1:]) if part)
        return f"{listed} for its places" if said else "no plan recorded is about its places"

    def _months(self) -> str:
        sought = [one for one in self.consents if one.sought]
        rest = len(self.consents) - len(sought)
        said = [f"{counted(len(sought), 'consent')} sought" if sought else "no consent sought"]
        said += [f"{rest} not sought"] if rest else []
        chain = self.chain
        if chain.links:
            more = " and what is not stated" if chain.not_stated else ""
            years = (
                f", {years_in_words(chain.begins)} to {years_in_words(chain.done)}"
                if chain.begins is not None and chain.done is not None
                else ""
            )
            said.append(f"longest chain {months_in_words(chain.months)}{more}{years}")
        return "; ".join(said)

    @property
    def promised(self) -> tuple[Aspiration, ...]:
        """What was promised in public or tried before at its places, the promises first; what was said later comes last."""
        found = [one for one in self.aspirations or () if one.kind in _PROMISES]
        return tuple(sorted(found, key=lambda one: (one.later, _PROMISES.index(one.kind), one.plan)))

    def promises(self) -> pd.DataFrame:
        """The same as rows.

        Returns
        -------
        pandas.DataFrame
            ``plan``, the row of plans.csv; ``kind``: commitment or previous scheme; ``organisation``, ``name``, ``detail``, ``source``, ``said_on``
            (a date or nothing); ``later``, whether it was said after the estate's date and nobody knew it then; ``illustrative``.
        """
        rows = [tuple(getattr(one, column) for column in PROMISE_COLUMNS) for one in self.promised]
        return pd.DataFrame(rows, columns=list(PROMISE_COLUMNS), dtype=object)

    @property
    def in_words(self) -> str:
        """The paper's four questions as one cell of a table says them."""
        cells = self.cells
        return " ".join(f"{axis[:1].upper()}{axis[1:]}: {cells[axis]}." for axis in AXES[:4])

    def rows(self) -> pd.DataFrame:
        """The longer list: one row for each thing that is said, by `AXES`; of what could stop it the worst first.

        Returns
        -------
        pandas.DataFrame
            ``axis``, ``verdict``, ``says``, ``who`` is asked, ``months_low`` and ``months_high`` that asking takes or that are stated (NaN: not
            known), ``actions`` by number, ``source``.
        """
        return pd.DataFrame(list(self._rows()), columns=list(ROW_COLUMNS), dtype=object).astype(
            {"months_low": "float64", "months_high": "float64"}
        )

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for stance in self.stances:
            told = "".join(f", “{comment}”" for comment in stance.comments)
            ends = f" {stance.ends}" if stance.ends else ""
            yield (
                "willingness",
                stance.says,
                f"{stance.name}: {stance.says}{told}.{ends}",
                stance.name,
                None,
                None,
                (),
                stance.source,
            )
        for said in self.need_says or ("No reason to leave these places now is recorded.",):
            yield "need", "" if self.need_says else NOT_KNOWN, said, "", None, None, (), ""
        if self.aspirations is None:
            yield "aspirations", NOT_KNOWN, "No plans of bodies are recorded here.", "each body", None, None, (), ""
        for one in self.aspirations or ():
            verdict = "not known then" if one.later else one.kind
            source = f"{one.source}; illustrative" if one.illustrative else one.source
            yield "aspirations", verdict, one.says, "", None, None, (), source
        for stop in self.stops:
            low, high = stop.months or (None, None)
            says = f"{stop.says} {stop.fix}".strip()
            yield "deliverability", stop.verdict, says, stop.who, low, high, stop.actions, ""
        for consent in self.consents:
            says = f"{consent.what}: {consent.route}{f', {consent.chance}' if consent.chance else ''}"
            verdict = "sought" if consent.sought else "not sought"
            numbers = (consent.action,) if consent.action else ()
            yield (
                "consents and months",
                verdict,
                says,
                consent.who,
                consent.months,
                consent.months,
                numbers,
                consent.source,
            )
        for link in self.chain.links:
            long = (
                ("months not stated" if link.takes_time else "no time of its own")
                if link.months is None
                else months_in_words(link.months)
            )
            says = f"longest chain: action {link.action}, {link.word}, {years_in_words(link.begins)}: {long}"
            yield "consents and months", "", says, "", link.months, link.months, (link.action,), ""
        yield "confidence", self.confidence.level, self.confidence.in_words, "", None, None, (), ""
        for said in self.confidence.not_stated:
            yield "confidence", NOT_KNOWN, said, "", None, None, (), ""

    def __repr__(self) -> str:
        return f"<Deliverability: {self.in_words}>"

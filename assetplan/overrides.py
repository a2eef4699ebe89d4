"""What facts.csv says of sites, `same_as` and `not_same_as`, brought to the assets and parcels it speaks of.

An override names each of its two sides by an asset or a parcel, or, so that it holds when next year's register comes, by what
stays on the ground when rows change: a title, a UPRN or a site reference. A side so named stands for every asset and parcel that
carries it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz, process

from assetplan.cells import CellError, parse
from assetplan.issues import Issue
from assetplan.schema import ASSETS, AUDIENCE
from assetplan.text import visible
from assetplan.vocabulary import OVERRIDES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from assetplan.issues import Findings

_KINDS = ("title", "UPRN", "site reference")
_PREFIX = re.compile(r"(title|uprn|site reference)\s+(?=\S)", re.IGNORECASE)
_COLUMN = {"title": "title_no", "UPRN": "uprn", "site reference": "site_reference"}


@dataclass(frozen=True, slots=True)
class Override:
    """One row of facts.csv about sites: the members on its two sides, and who says so from when.

    Members are asset and parcel identifiers with ``a:`` and ``p:`` before them.
    """

    field: str
    fact_id: str
    source: str
    as_of: dt.date | None
    one: tuple[str, ...]
    other: tuple[str, ...]
    subject: str
    value: str

    @property
    def said(self) -> str:
        """The row as a person would look it up in facts.csv."""
        return f"fact {self.fact_id}" if self.fact_id else f"the fact on {self.subject}"


def overrides_of(
    facts: pd.DataFrame, assets: pd.DataFrame, land: pd.DataFrame, file: str, found: Findings
) -> tuple[pd.DataFrame, list[Override]]:
    """Facts without the overrides that cannot be used, each of which is set aside with the reason, and the overrides.

    Parameters
    ----------
    facts
        Typed facts with the ``row`` each stands in.
    assets, land
        As facts have corrected them, with ``asset_id`` and ``parcel_id``.
    file
        What the table of facts is called.
    found
        Takes the rows set aside and the issues.
    """
    about = facts["field"].isin(OVERRIDES).to_numpy()
    if not about.any():
        return facts, []
    names = _Names(assets, land)
    keep = [True] * len(facts)
    overrides = []
    for i, fact in enumerate(facts.to_dict("records")):
        if not about[i]:
            continue
        cells = {name: value for name, value in fact.items() if name not in {"typed", "in_force"}}
        sides: list[tuple[str, ...]] = []
        for cell in ("subject", "value"):
            members, problem = names.members(str(fact[cell] or ""))
            if problem is None and fact["subject_kind"] not in {"asset", "parcel", "site"}:
                problem = ("not-about-a-site", f"{fact['field']} is about an asset, a parcel or a site")
            if problem is not None:
                found.set_aside(
                    file, fact["row"], cell, problem[0], str(fact[cell] or ""), problem[1], cells, fact[AUDIENCE]
                )
                break
            sides.append(members)
        if len(sides) == 2 and (itself := _same(fact["field"], sides)):
            found.set_aside(
                file, fact["row"], "value", "names-itself", str(fact["value"]), itself, cells, fact[AUDIENCE]
            )
            sides = []
        if len(sides) < 2:
            keep[i] = False
            continue
        overrides.append(
            Override(
                fact["field"],
                str(fact["fact_id"] or ""),
                str(fact["source"] or ""),
                fact["as_of"],
                sides[0],
                sides[1],
                str(fact["subject"]),
                str(fact["value"]),
            )
        )
    kept = facts[keep].reset_index(drop=True)
    return kept, sorted(overrides, key=_order)


def without_site(overrides: list[Override], nodes: set[str], file: str) -> list[Issue]:
    """An issue for each side of an override that stands on no site, since nothing says the land is public estate."""
    return [
        Issue(
            file,
            override.fact_id,
            column,
            "override-reaches-no-site",
            visible(told),
            f"{override.field} names what is on no site: nothing says that it is public estate",
            "Row kept, without effect. Say who owns it, with ownership or an interest, or remove the row.",
        )
        for override in overrides
        for column, told, side in (
            ("subject", override.subject, override.one),
            ("value", override.value, override.other),
        )
        if not nodes & set(side)
    ]


def _order(override: Override) -> tuple[Any, ...]:
    """The latest first, then by what is said: never by the order of the rows."""
    latest = -(override.as_of or dt.date.min).toordinal()
    return (latest, override.field, override.one, override.other, override.fact_id, override.source)


def _same(name: str, sides: list[tuple[str, ...]]) -> str:
    """What is wrong with two sides that share members, or nothing."""
    shared = set(sides[0]) & set(sides[1])
    if shared and name == "not_same_as":
        return f"both sides name {min(shared)[2:]}, which cannot be kept apart from itself"
    return "both sides name the same" if set(sides[0]) == set(sides[1]) else ""


class _Names:
    """What members are called: identifiers first, then titles, UPRNs and site references."""

    def __init__(self, assets: pd.DataFrame, land: pd.DataFrame) -> None:
        self.ids = {str(asset): f"a:{asset}" for asset in assets["asset_id"]}
        self.parcels = {str(parcel): f"p:{parcel}" for parcel in land["parcel_id"]}
        self.called: dict[str, dict[str, list[tuple[str, str]]]] = {kind: defaultdict(list) for kind in _KINDS}
        for kind, column in _COLUMN.items():
            owners = assets["organisation"]
            for asset, owner, name in zip(assets["asset_id"], owners, assets[column], strict=True):
                if name:
                    self.called[kind][_folded(str(name))].append((f"a:{asset}", str(owner)))
        for kind in ("title", "UPRN"):
            for parcel, name in zip(land["parcel_id"], land[_COLUMN[kind]], strict=True):
                if name:
                    self.called[kind][_folded(str(name))].append((f"p:{parcel}", ""))

    def members(self, text: str) -> tuple[tuple[str, ...], tuple[str, str] | None]:
        """The members a text names, in order, or what is wrong with it: a code and a sentence."""
        exact = {node for node in (self.ids.get(text), self.parcels.get(text)) if node}
        if len(exact) == 2:
            return (), ("ambiguous-subject", "an asset and a parcel are both called so")
        if exact:
            return tuple(exact), None
        if not text:
            return (), ("unknown-subject", "it is blank; an asset, parcel, title, UPRN or site reference is wanted")
        kinds: tuple[str, ...] = _KINDS
        bare = text
        if prefix := _PREFIX.match(text):
            kinds = tuple(kind for kind in _KINDS if kind.casefold() == prefix[1].casefold())
            bare = text[prefix.end() :]
        readings = self._readings(kinds, bare)
        if not readings:
            return (), ("unknown-subject", self._lost(text))
        if len(set(readings.values())) > 1:
            said = " and ".join(f"{what} ({len(members)})" for what, members in sorted(readings.items()))
            return (), (
                "ambiguous-subject",
                f"it may mean {said}; write title, UPRN or site reference before it, or organisation: for one body's",
            )
        return next(iter(readings.values())), None

    def _readings(self, kinds: tuple[str, ...], bare: str) -> Mapping[str, tuple[str, ...]]:
        """What a text may mean, each with its members; a site reference is that of one organisation."""
        out: dict[str, tuple[str, ...]] = {}
        owner, colon, rest = bare.partition(":")
        for kind in kinds:
            met = self._met(kind, bare)
            if colon and not met:
                met = [(node, of) for node, of in self._met(kind, rest) if of in {"", owner}]
                met = met if any(of == owner for _, of in met) else []
            groups: dict[str, list[str]] = defaultdict(list)
            for node, of in met:
                groups[f"the {kind} of {of}" if kind == "site reference" else f"the {kind}"].append(node)
            out.update({what: tuple(sorted(set(nodes))) for what, nodes in groups.items()})
        return out

    def _met(self, kind: str, name: str) -> list[tuple[str, str]]:
        if kind == "UPRN":
            try:
                name = str(parse(ASSETS["uprn"], name))
            except CellError:
                return []
        return self.called[kind].get(_folded(name), [])

    def _lost(self, text: str) -> str:
        guess = process.extractOne(text, [*self.ids, *self.parcels], scorer=fuzz.ratio, score_cutoff=80)
        return (
            "there is no such asset, parcel, title, UPRN or site reference here"
            + (f"; did you mean {visible(guess[0])}?" if guess else "")
            + "; what is named by a hash of its row changes with the row, so name its title, UPRN or site reference"
        )


def _folded(name: str) -> str:
    return "".join(name.split()).casefold()

"""What weights.toml says: the criteria that options are judged by, and the lenses they are looked at through.

::

    [criteria.marriage_value_gbp]
    direction = "more is better"
    unit = "GBP"
    low = -500_000
    high = 2_000_000
    source = "range of the sites' residual values, assumptions.toml"
    meaning = "worth together less worth apart"

    [criteria.consent_months]
    direction = "less is better"
    unit = "months"
    low = 0
    high = 60
    source = "the county's programme"

    [lenses.least-regret]
    author = "district council, asset management"
    source = "members' workshop"
    as_of = 2010-06-24
    meaning = "moves that are good in nearly every case"
    weights = { marriage_value_gbp = 40, consent_months = 60 }  # per cent

An author is a body or a post, not a person. The first lens is the one used where none is named.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.declared import check_keys, day_of, guessed, read_toml, text_of
from assetplan.errors import EstateError
from assetplan.scoring import Criterion, faults, number
from assetplan.text import shown_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_CRITERION = re.compile(r"[a-z][a-z0-9_]*")
_LENS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PARTS = ("criteria", "lenses")
_KEYS = ("audience", *_PARTS)
_CRITERION_KEYS = ("direction", "unit", "low", "high", "source", "meaning")
_LENS_KEYS = ("author", "source", "as_of", "meaning", "weights")
_WHOLE = 0.05  # thirds of 100 are written 33.3


@dataclass(frozen=True)
class Lens:
    """One way of weighing things: weights in per cent by criterion, whose they are, what they rest on, and as of when."""

    name: str
    author: str
    source: str
    as_of: dt.date
    weights: Mapping[str, float]
    meaning: str = ""


@dataclass(frozen=True)
class Weights:
    """The criteria and lenses of a weights.toml, in the file's order."""

    criteria: tuple[Criterion, ...]
    lenses: Mapping[str, Lens]
    audience: str = "public"

    @property
    def default(self) -> Lens:
        """The lens used where none is named: the first of the file."""
        return next(iter(self.lenses.values()))


def read_weights(path: Path) -> Weights:
    """What a weights.toml says.

    Raises
    ------
    EstateError
        Naming every problem found: a key, criterion or direction nobody knows, with a guess; what is not given; a weight that is no
        number, negative or over 100 per cent; weights of a lens that do not add up to 100 per cent; a file that is not TOML.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "weights.toml")
    >>> _ = file.write_text('''
    ... [criteria.homes]
    ... direction = "more is better"
    ... unit = "homes"
    ... low = 0
    ... high = 100
    ... source = "local plan"
    ... [lenses.money]
    ... author = "council"
    ... source = "workshop"
    ... as_of = 2010-06-24
    ... weights = { homes = 100 }
    ... ''')
    >>> weights = read_weights(file)
    >>> weights.criteria[0].unit, weights.default.weights
    ('homes', {'homes': 100.0})
    """
    document = read_toml(path)
    problems: list[str] = []
    name = shown_name(path.name)
    check_keys(document, name, _KEYS, problems)
    parts = {key: document.get(key, {}) for key in _PARTS}
    for key, part in parts.items():
        if not isinstance(part, dict) or not part:
            problems.append(
                f"{key}: a table for each is wanted, like [{key}.{'homes' if key == 'criteria' else 'money'}]."
            )
            parts[key] = {}
    criteria = [_criterion(key, part, problems) for key, part in parts["criteria"].items()]
    lenses = [_lens(key, part, list(parts["criteria"]), problems) for key, part in parts["lenses"].items()]
    audience = text_of(document, "audience", problems) if "audience" in document else "public"
    if problems:
        raise EstateError(f"{name} cannot be used", problems)
    return Weights(
        tuple(criterion for criterion in criteria if criterion),
        {lens.name: lens for lens in lenses if lens is not None},
        audience,
    )


def _criterion(key: str, part: Any, problems: list[str]) -> Criterion | None:
    where = f"criteria.{shown_name(key)}"
    check_keys(part, f"[{where}]", _CRITERION_KEYS, problems)
    if not isinstance(part, dict):
        return None
    if not _CRITERION.fullmatch(key):
        problems.append(f"[{where}]: a column's name is wanted: small letters, digits and underscores.")
    text = {name: text_of(part, name, problems, f"{where}.") for name in ("direction", "unit", "source", "meaning")}
    low, high = part.get("low"), part.get("high")
    wrong = faults(key, text["direction"], text["unit"], low, high, text["source"])
    told = {name for name in text if not isinstance(part.get(name, ""), str)}
    problems.extend(f"{where}.{name}: {fault}" for name, fault in wrong.items() if name not in told)
    if wrong:
        return None
    return Criterion(key, text["direction"], text["unit"], float(low), float(high), text["source"], text["meaning"])  # type: ignore[arg-type]


def _lens(key: str, part: Any, criteria: Sequence[str], problems: list[str]) -> Lens | None:
    where = f"lenses.{shown_name(key)}"
    check_keys(part, f"[{where}]", _LENS_KEYS, problems)
    if not isinstance(part, dict):
        return None
    if not _LENS.fullmatch(key):
        problems.append(f"[{where}]: a name of small letters, digits and hyphens is wanted.")
    text = {name: text_of(part, name, problems, f"{where}.") for name in ("author", "source", "meaning")}
    as_of = day_of(part, "as_of", problems, f"{where}.")
    blank = [name for name in ("author", "source") if not text[name] and isinstance(part.get(name, ""), str)]
    problems.extend(f"{where}.{name}: none is given." for name in (*blank, *(() if "as_of" in part else ("as_of",))))
    weights = _weights(part.get("weights"), f"{where}.weights", criteria, problems)
    return Lens(key, text["author"], text["source"], as_of, weights, text["meaning"]) if as_of else None


def _weights(part: Any, where: str, criteria: Sequence[str], problems: list[str]) -> dict[str, float]:
    if not isinstance(part, dict):
        problems.append(f"{where}: per cent by criterion are wanted, like {{ homes = 60, months = 40 }}.")
        return {}
    before = len(problems)
    for name, stated in part.items():
        if name not in criteria:
            problems.append(f"{where}: {shown_name(name)!r} is no criterion of this file.{guessed(name, criteria)}")
        weight = number(stated)
        if weight is None or math.isnan(weight):
            problems.append(
                f"{where}.{shown_name(name)}: a number of per cent is wanted, not {shown_name(repr(stated))}."
            )
        elif not 0 <= weight <= 100:
            problems.append(f"{where}.{shown_name(name)}: {weight:g} per cent is not between 0 and 100.")
    problems.extend(
        f"{where}: none is given for {shown_name(name)}. Write 0 for what shall not count."
        for name in criteria
        if name not in part
    )
    if len(problems) > before:
        return {}
    out = {name: float(part[name]) for name in criteria}
    if abs(math.fsum(out.values()) - 100) > _WHOLE:
        problems.append(f"{where}: the weights add up to {math.fsum(out.values()):g} per cent, not 100.")
    return out

"""What the flat TOML files of an estate folder declare: keys known or guessed at, values of the kind wanted, all problems together.

Each function takes the list of problems found so far and adds to it, so that a file is refused once with everything that is wrong.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import TYPE_CHECKING, Any

from rapidfuzz import process

from assetplan.errors import EstateError
from assetplan.text import clean, shown_name, visible

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


def read_toml(path: Path) -> dict[str, Any]:
    """The document a TOML file holds.

    Raises
    ------
    EstateError
        Where the file cannot be opened, is not TOML or not UTF-8.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EstateError(f"{shown_name(path.name)}: cannot be opened ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:  # also figures and brackets beyond what Python reads
        raise EstateError(f"{shown_name(path.name)} is not TOML: {error}") from error


def guessed(word: object, known: Collection[str]) -> str:
    """The end of a message about a word that is not known: what may have been meant, else nothing.

    Examples
    --------
    >>> guessed("wieghts", ["weights", "source"])
    " Did you mean 'weights'?"
    >>> guessed("xyz", ["weights", "source"])
    ''
    """
    guess = process.extractOne(str(word), list(known), score_cutoff=60)
    return f" Did you mean {guess[0]!r}?" if guess else ""


def check_keys(part: object, label: str, known: Collection[str], problems: list[str]) -> None:
    """Tells of every key of a table that is not among those known, and of what is no table."""
    if not isinstance(part, dict):
        problems.append(f"{label}: a table is wanted here.")
        return
    for key in part:
        if key not in known:
            problems.append(
                f"{label}: unknown key {shown_name(key)!r}." + (guessed(key, known) or f" Known: {', '.join(known)}.")
            )


def text_of(part: Mapping[str, Any], key: str, problems: list[str], where: str = "") -> str:
    """The text of a key, cleaned; blank where there is none."""
    value = part.get(key, "")
    if not isinstance(value, str):
        problems.append(f"{where}{key}: text in quotation marks is wanted, not {visible(str(value))!r}.")
        return ""
    return clean(value)


def day_of(part: Mapping[str, Any], key: str, problems: list[str], where: str = "") -> dt.date | None:
    """The date of a key, or None where there is none."""
    value = part.get(key)
    if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    problems.append(
        f"{where}{key}: a date without quotation marks is wanted, like 2010-06-24, not {visible(str(value))!r}."
    )
    return None


def one_of(value: str, options: tuple[str, ...], where: str, problems: list[str]) -> str:
    """A word given back, told of where it is none of a vocabulary."""
    if value and value not in options:
        problems.append(f"{where}: {visible(value)!r} is none of {', '.join(options)}.{guessed(value, options)}")
    return value

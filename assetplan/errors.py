"""The errors a caller may catch, one root and few leaves, each also a built-in type.

::

    AssetplanError
    ├── EstateError       (ValueError)   an estate folder, register or table is refused
    ├── ReaderError       (LookupError)  no such reader
    ├── SubjectError      (LookupError)  no such site or asset in what this reader may see
    ├── ScenarioError     (ValueError)   a scenario, or an action of one, is refused
    ├── OutputError       (OSError)      an output cannot be written, or would replace a file
    ├── RemoteAssetError  (ValueError)   a page would have to load something from another host
    └── UnsafeTextError   (ValueError)   text on a map would be run as a template or a script

Each message says what is wrong, where, the value met, and what to do about it. `problems` holds every problem found, not
only the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class AssetplanError(Exception):
    """Root of all expected errors of this package."""

    def __init__(self, message: str, problems: Iterable[str] = ()) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        lines = [message, *(f"- {problem}" for problem in self.problems)]
        super().__init__("\n".join(lines))

    def __str__(self) -> str:
        return str(self.args[0])


class EstateError(AssetplanError, ValueError):
    """An estate folder, a register or a table is refused; nothing of it was used."""


class ReaderError(AssetplanError, LookupError):
    """The named reader does not exist in this estate. Never names or guesses other readers."""


class SubjectError(AssetplanError, LookupError):
    """The named site or asset is not in what this reader may see."""


class ScenarioError(AssetplanError, ValueError):
    """A scenario, or an action of one, is refused; nothing of it was used."""


class OutputError(AssetplanError, OSError):
    """An output cannot be written as asked; nothing partial was left behind."""


class RemoteAssetError(AssetplanError, ValueError):
    """A map carries an element that would make the page load something from another host."""


class UnsafeTextError(AssetplanError, ValueError):
    """A map carries text that folium would run as a template or a script."""

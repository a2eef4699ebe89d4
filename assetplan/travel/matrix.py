"""A travel-time matrix from a file: minutes from place to place, as another program worked them out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assetplan.errors import EstateError
from assetplan.formats.files import read_cells
from assetplan.issues import Issue, readable
from assetplan.text import counted, heading, shown_name, visible
from assetplan.travel.osm import named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Times of a pair there and back that differ by no more than this are the same, in minutes.
SAME_MIN = 0.01
_ORIGIN = ("origin", "from", "fromid", "originid", "home", "start")
_DESTINATION = ("destination", "to", "toid", "destinationid", "dest", "facility", "end")
_MINUTES = (
    "minutes",
    "mins",
    "min",
    "timemin",
    "timemins",
    "timeminutes",
    "traveltimeminutes",
    "traveltime",
    "traveltimep50",
)
_MODE = ("mode",)
_MODES = {"car": "car", "drive": "car", "driving": "car", "foot": "foot", "walk": "foot", "walking": "foot", "on foot": "foot",
          "cycle": "cycle", "bicycle": "cycle", "cycling": "cycle", "bike": "cycle"}  # fmt: skip
_BLANK = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})


@dataclass(frozen=True, eq=False, repr=False)
class Matrix:
    """Minutes from origins to destinations.

    Attributes
    ----------
    minutes
        `origin`, `destination` and `minutes`, the pairs that are known, in the order of their texts.
    mode
        How people travel, as far as the file says; "" where it does not.
    issues
        What a person should know of it.
    source
        The file.
    """

    minutes: pd.DataFrame
    mode: str
    issues: tuple[Issue, ...]
    source: str

    def __repr__(self) -> str:
        sizes = (self.minutes[name].nunique() for name in ("origin", "destination"))
        said = " x ".join(f"{size:,}" for size in sizes)
        return f"<Matrix {said} of {self.source}: {counted(len(self.minutes), 'time')}, {counted(len(self.issues), 'issue')}>"

    def between(self, origins: Sequence[object], destinations: Sequence[object]) -> Floats:
        """Minutes from each of some origins to each of some destinations, by identifier as text; NaN where none is known.

        Examples
        --------
        >>> import pandas
        >>> pairs = pandas.DataFrame({"origin": ["a"], "destination": ["b"], "minutes": [7.0]})
        >>> Matrix(pairs, "car", (), "times.csv").between(["a", "b"], ["b"]).tolist()
        [[7.0], [nan]]
        """
        rows, columns, known = self._table
        row, column = rows.get_indexer(list(map(str, origins))), columns.get_indexer(list(map(str, destinations)))
        return np.asarray(known[row][:, column])  # what is not there is at -1, which is never filled

    @cached_property
    def _table(self) -> tuple[pd.Index, pd.Index, Floats]:
        rows, columns = (pd.Index(sorted(set(self.minutes[name])), dtype=object) for name in ("origin", "destination"))
        known = np.full((len(rows) + 1, len(columns) + 1), np.nan)
        row, column = rows.get_indexer(self.minutes["origin"]), columns.get_indexer(self.minutes["destination"])
        known[row, column] = self.minutes["minutes"].to_numpy()
        return rows, columns, known


def read_matrix(path: str | PathLike[str], *, mode: str = "") -> Matrix:
    r"""The matrix of travel times in a file.

    Parameters
    ----------
    path
        CSV or a spreadsheet. Either a row a pair, with columns ``origin``, ``destination``, ``minutes`` and perhaps ``mode``; or a
        row an origin, its identifier first, and a column a destination, headed by its identifier. Times are in minutes.
    mode
        The mode wanted, where the file holds several.

    Returns
    -------
    Matrix
        The times that can be used. Of these are issues and the time is not known: text, less than 0, not finite, one given twice
        that differs. These are issues and stay: 0 between two places, a time from a place to itself, there and back that
        differ, pairs of which none is given.

    Raises
    ------
    EstateError
        Where it is no table, lacks a column, or holds several modes of which none or one that is not there is asked for.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "times.csv")
    >>> _ = file.write_text("origin,destination,minutes\nNorton,Malton,6\nNorton,Eden Camp,soon\n")
    >>> matrix = read_matrix(file)
    >>> matrix
    <Matrix 1 x 1 of times.csv: one time, two issues>
    """
    path = Path(path)
    name = shown_name(path.name)
    cells = read_cells(path, name)
    if cells.header:
        head, rows, lines = cells.header, cells.rows, cells.lines
    elif cells.rows:
        head, rows, lines = cells.rows[0], cells.rows[1:], cells.lines[1:]
    else:
        raise EstateError(f"{name}: the file is empty. A matrix has columns origin, destination and minutes.")
    names = [heading(text) for text in head]
    if any(text in _ORIGIN for text in names) and any(text in _DESTINATION for text in names):
        long = _long(head, names, rows, lines, name, mode)
    else:
        long = _wide(head, rows, lines, name, mode)
    return _checked(*long, name)


# ------------------------------------------------------------------------------------------------------- the two forms

_Table = tuple[list[str], list[str], list[str], list[str], str]


def _long(head: list[str], names: list[str], rows: list[list[str]], lines: list[int], name: str, mode: str) -> _Table:
    at = {}
    for what, known in (("origin", _ORIGIN), ("destination", _DESTINATION), ("minutes", _MINUTES), ("mode", _MODE)):
        found = [known.index(text) for text in names if text in known]
        at[what] = names.index(known[min(found)]) if found else -1
    if at["minutes"] < 0:
        raise EstateError(
            f"{name}: no column of times in minutes is known among {', '.join(visible(text)[:40] for text in head[:12])}. Head it minutes."
        )
    width = max(at.values()) + 1
    kept = [(str(line), [*row, *[""] * (width - len(row))]) for line, row in zip(lines, rows, strict=True)]
    told = mode
    if at["mode"] >= 0:
        modes = sorted({_mode(row[at["mode"]]) for _, row in kept})
        wanted = _mode(mode)
        if (mode and wanted not in modes) or (not mode and len(modes) > 1):
            held = ", ".join(visible(one) or "blank" for one in modes)
            raise EstateError(f"{name}: the file holds times for {held}. Ask for one of them with mode=.")
        told = wanted if mode else "".join(modes)
        kept = [(line, row) for line, row in kept if _mode(row[at["mode"]]) == told]
    ids = [[row[at[what]].strip() for _, row in kept] for what in ("origin", "destination")]
    return ids[0], ids[1], [row[at["minutes"]] for _, row in kept], [f"row {line}" for line, _ in kept], told


def _mode(text: str) -> str:
    low = text.strip().lower()
    return _MODES.get(low, low)


def _wide(head: list[str], rows: list[list[str]], lines: list[int], name: str, mode: str) -> _Table:
    ends = [text.strip() for text in head[1:]]
    while ends and not ends[-1]:
        ends.pop()
    if not ends or not all(ends):
        raise EstateError(
            f"{name}: this is no matrix of times. Give columns origin, destination and minutes, or a column for each destination."
        )
    repeated = sorted({text for text in ends if ends.count(text) > 1}) if len(set(ends)) < len(ends) else []
    if repeated:
        raise EstateError(
            f"{name}: destinations are named twice: {', '.join(map(visible, repeated[:5]))}. Give each one column."
        )
    for at, end in enumerate(ends, start=1):
        held = [row[at] for row in rows if at < len(row) and row[at].strip().lower() not in _BLANK]
        if held and all(_number(cell) is None for cell in held):
            raise EstateError(
                f"{name}: column {visible(end)[:40]!r} holds no time. Give columns origin, destination and minutes, or times only."
            )
    origin, destination, minutes, where = [], [], [], []
    for line, row in zip(lines, rows, strict=True):
        start, *times = [*row, *[""] * (len(ends) + 1 - len(row))]
        for end, time in zip(ends, times, strict=False):
            origin.append(start.strip())
            destination.append(end)
            minutes.append(time)
            where.append(f"row {line}, {end}")
    return origin, destination, minutes, where, _mode(mode)


def _number(text: str) -> float | None:
    try:
        value = float(text.strip().replace(",", ""))
    except ValueError:
        return None
    return None if math.isnan(value) else value


# ------------------------------------------------------------------------------------------------------- checking


def _checked(
    origin: list[str], destination: list[str], texts: list[str], where: list[str], mode: str, name: str
) -> Matrix:
    issues: list[Issue] = []

    def tell(at: Sequence[int] | NDArray[np.intp], code: str, value: str, message: str, action: str) -> None:
        if len(at):
            rows = named(where, np.asarray(at, dtype=np.intp))
            issues.append(Issue(name, rows, "minutes", code, readable(value)[:80], message, action))

    values, by_text = {text: _number(text) for text in set(texts)}, np.array(texts, dtype=object)
    minutes = np.array([math.nan if values[text] is None else values[text] for text in texts], dtype=np.float64)
    blank = np.array([text.strip().lower() in _BLANK for text in texts], dtype=bool)
    unnamed = np.array([not a or not b for a, b in zip(origin, destination, strict=True)], dtype=bool)
    for bad, code, message in (
        (np.isnan(minutes) & ~blank, "minutes-not-a-number", "is no number"),
        (minutes < 0, "minutes-negative", "is less than 0"),
        (np.isinf(minutes) & (minutes > 0), "minutes-not-finite", "is not finite"),
    ):
        at = np.flatnonzero(bad)
        shown = ", ".join(dict.fromkeys(map(str, by_text[at[:5]])))
        tell(at, code, shown, f"{counted(len(at), 'time')} that {message}", "The time is not known. Correct it.")
    at = np.flatnonzero(unnamed)
    tell(
        at,
        "pair-without-name",
        "",
        f"{counted(len(at), 'row')} without an origin or a destination",
        "Left out. Name both.",
    )
    usable = np.isfinite(minutes) & (minutes >= 0) & ~unnamed
    frame = pd.DataFrame(
        {"origin": origin, "destination": destination, "minutes": minutes, "at": np.arange(len(origin))}, dtype=object
    )
    frame["minutes"] = minutes
    origins, destinations = sorted(set(frame.loc[~unnamed, "origin"])), sorted(set(frame.loc[~unnamed, "destination"]))
    frame = frame[usable]
    pair = ["origin", "destination"]
    apart = (
        frame.groupby(pair, sort=False)["minutes"].transform(lambda times: times.max() - times.min()).astype(np.float64)
    )
    differ = (apart > 0).to_numpy()
    at = frame["at"].to_numpy(dtype=np.intp)[differ]
    most = f"up to {apart[differ].max():.1f} minutes apart" if differ.any() else ""
    tell(at, "pair-disagrees", most, f"{counted(len(at), 'row')} give a pair again with another time",
         "The time of the pair is not known. Keep one row.")  # fmt: skip
    frame = frame[~differ].drop_duplicates(pair).sort_values(pair, kind="stable")
    same = (frame["origin"] == frame["destination"]).to_numpy()
    at, time = frame["at"].to_numpy(dtype=np.intp), frame["minutes"].to_numpy(dtype=np.float64)
    zero, stays = at[(time == 0) & ~same], at[(time > 0) & same]
    tell(zero, "minutes-zero", "0", f"{counted(len(zero), 'pair')} of two places with 0 minutes between them",
         "Used as it stands. Correct it where they are not in one place.")  # fmt: skip
    tell(stays, "minutes-to-itself", "", f"{counted(len(stays), 'place')} with a time to itself that is not 0",
         "Used as it stands.")  # fmt: skip
    both = len(set(origins) & set(destinations))
    holes = len(origins) * len(destinations) - both - int((~same).sum())
    if holes:
        issues.append(Issue(name, "", "minutes", "matrix-holes", f"{holes:,}", f"of {counted(holes, 'pair')} no time is known",
                            "No time is told for them. Work them out, or check that no way leads there."))  # fmt: skip
    issues += _asymmetry(frame, name)
    if not len(frame):
        issues.append(
            Issue(
                name,
                "",
                "minutes",
                "matrix-empty",
                "",
                "no time in it can be used",
                "No time is known. Correct the file.",
            )
        )
    frame = frame[[*pair, "minutes"]].reset_index(drop=True).astype({"minutes": np.float64})
    return Matrix(frame, mode, tuple(issues), name)


def _asymmetry(frame: pd.DataFrame, name: str) -> list[Issue]:
    """How many pairs take another time back than there, and by how much."""
    back = frame.rename(columns={"origin": "destination", "destination": "origin", "minutes": "back"})
    both = frame.merge(back[["origin", "destination", "back"]], on=["origin", "destination"])
    both = both[both["origin"] < both["destination"]]
    gap = (both["minutes"].astype(float) - both["back"].astype(float)).abs()
    differ = gap > SAME_MIN
    if not differ.any():
        return []
    worst = both.loc[gap.idxmax()]
    message = f"{int(differ.sum()):,} of {counted(len(both), 'pair')} take another time back than there, by up to {gap.max():.1f} minutes"
    return [Issue(name, "", "minutes", "matrix-asymmetric", readable(f"{worst['origin']}, {worst['destination']}")[:80], message,
                  "Used as it stands, each direction by itself.")]  # fmt: skip

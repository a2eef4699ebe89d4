"""Points from the numbers of a register's rows, by the reading that evidence speaks for.

The evidence, the surest first: the row's own postcode, the district of its body, the rest of the file, the coast. A reading that
numbers of their size can hardly escape (`assetplan.places.readings.Reading.natural`) needs none; any other is taken where the evidence
is for it and against what stands there, with an issue that says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assetplan import grid
from assetplan.cells import MISSING, CellError, parse
from assetplan.coordinates import Pair, read_coordinate, read_pair
from assetplan.ground import on_land
from assetplan.issues import Issue
from assetplan.places.evidence import (
    CONFIRMS_M,
    FAR_FROM_REST_M,
    FAR_M,
    POSTCODE_M,
    Evidence,
    beyond,
    extent_of_the_rest,
)
from assetplan.places.readings import REACH, Reading, readings, readings_of, said_by
from assetplan.schema import ASSETS
from assetplan.text import clean, counted, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_GREATEST = 1e9  # no coordinate of any system is greater
_EXACT_M = 10.0
_COARSE_M = 100.0
_TOO_COARSE_M = 10_000.0
_MOST_TRIED = 1_000  # rows for which slips of the pen are sought: a file with more is wrong in another way


# ------------------------------------------------------------------------------------------------------- numbers


@dataclass(frozen=True, eq=False)
class Numbers:
    """The two numbers of each row as they stand, NaN where there are none, and what the cells say.

    `square_m` is the side of the square a lettered grid reference names, NaN where the numbers come from none. `rows` are the cells, `at`
    the positions of a column for each number, `whole` that of a column for both, from which `of_whole` says which rows were read.
    """

    first: Floats
    second: Floats
    square_m: Floats
    pair: bool
    rows: list[list[str]]
    at: tuple[int, ...]
    whole: int
    of_whole: NDArray[np.bool_]

    @classmethod
    def of(cls, chosen: Mapping[str, list[int]], rows: list[list[str]]) -> Numbers | None:
        """The numbers in the columns chosen for a place; None where there is no such column."""
        two = "easting" in chosen and "northing" in chosen
        one = chosen.get("coordinates")
        if not two and not one and "easting" not in chosen:
            return None
        n = len(rows)
        first, second, square = (np.full(n, np.nan) for _ in range(3))
        of_whole = np.zeros(n, dtype=bool)
        memo: dict[tuple[str, str], Pair | None] = {}
        if "easting" in chosen:
            x = [row[chosen["easting"][0]] for row in rows]
            y = [row[chosen["northing"][0]] for row in rows] if two else [""] * n
            if two:
                first, second = _plain(x), _plain(y)
            for i in np.flatnonzero(np.isnan(first) | np.isnan(second)).tolist():
                key = (x[i], y[i])
                if key not in memo and not (_blank(x[i]) and _blank(y[i])):
                    memo[key] = _two_cells(*key)
                _set(i, memo.get(key), first, second, square)
        if one:
            for i in np.flatnonzero(np.isnan(first) | np.isnan(second)).tolist():
                text = rows[i][one[0]]
                if _blank(text):
                    continue
                of_whole[i] = True
                if (text, "") not in memo:
                    memo[text, ""] = _read_pair(text)
                _set(i, memo[text, ""], first, second, square)
        at = tuple(chosen[name][0] for name in ("easting", "northing") if name in chosen)
        return cls(first, second, square, not two, rows, at, one[0] if one else -1, of_whole)

    def text(self, i: int) -> str:
        """The cells that a row's numbers were read from."""
        if self.of_whole[i]:
            return self.rows[i][self.whole]
        return ", ".join(part for part in (self.rows[i][position] for position in self.at) if not _blank(part))


def _set(i: int, pair: Pair | None, first: Floats, second: Floats, square: Floats) -> None:
    if pair is None or not max(abs(pair.x), abs(pair.y)) < _GREATEST:
        first[i] = second[i] = np.nan
    else:
        first[i], second[i] = pair.x, pair.y
        square[i] = np.nan if pair.square_m is None else pair.square_m


def _blank(text: str) -> bool:
    return clean(text).lower() in MISSING


def _plain(texts: list[str]) -> Floats:
    """Cells that are plain numbers; NaN for all others."""
    numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(dtype=float)
    return np.where(np.abs(numbers) < _GREATEST, numbers, np.nan)


def _read_pair(text: str) -> Pair | None:
    try:
        return read_pair(clean(text))
    except ValueError:
        return None


def _two_cells(x: str, y: str) -> Pair | None:
    """The place that two cells name between them: a number in each, or a whole place in one of them, or half a reference in each."""
    try:
        return Pair(read_coordinate(clean(x)), read_coordinate(clean(y)))
    except ValueError:
        whole = [pair for text in (x, y) if not _blank(text) and (pair := _read_pair(text)) is not None]
        if whole and (len(whole) == 1 or whole[0] == whole[1]):
            other = [clean(text) for text in (x, y) if not _blank(text)]
            return whole[0] if len(other) == 1 or len(whole) == 2 else None
        return _read_pair(f"{clean(x)} {clean(y)}")


def labels_of(chosen: Mapping[str, list[int]], rows: list[list[str]]) -> tuple[list[str], NDArray[np.intp]]:
    """The coordinate systems that labels say ("" for none or none known), and the one of each row by position."""
    if "crs" not in chosen:
        return [""], np.zeros(len(rows), dtype=np.intp)
    position = chosen["crs"][0]
    codes, texts = pd.factorize(pd.Series([row[position] for row in rows], dtype=object))
    said = []
    for text in texts:
        try:
            value = parse(ASSETS["crs"], text)
        except CellError:
            value = ""
        said.append(value if isinstance(value, str) else "")
    kinds = sorted(set(said) | {""})
    return kinds, np.array([kinds.index(label) for label in said], dtype=np.intp)[codes]


# ------------------------------------------------------------------------------------------------------- points


class Points:
    """The rows of one file on their way from numbers to points."""

    def __init__(
        self,
        file: str,
        lines: list[int],
        numbers: Numbers,
        labels: tuple[list[str], NDArray[np.intp]],
        evidence: Evidence,
        stated: str,
        wanted: NDArray[np.bool_],
        issues: list[Issue],
    ) -> None:
        n = len(lines)
        self.file, self.lines, self.numbers, self.evidence, self.stated, self.issues = (
            file, lines, numbers, evidence, stated, issues,
        )  # fmt: skip
        self.kinds, self.label = labels
        self.lettered = ~np.isnan(numbers.square_m)
        self.wanted = wanted
        self.there = wanted & ~np.isnan(numbers.first) & ~np.isnan(numbers.second)
        self.east, self.north = np.full(n, np.nan), np.full(n, np.nan)
        self.choice = np.full(n, -1, dtype=np.intp)
        self.placed_by = np.full(n, "", dtype=object)
        self.precision = np.full(n, "none", dtype=object)
        self.blurred = np.zeros(n, dtype=bool)
        self.tried = 0
        self.rest: tuple[float, float, float, float] | None = None
        self.readings: tuple[Reading, ...] = ()
        self.places: list[tuple[Floats, Floats]] = []
        self.score: NDArray[np.int8] = np.empty((0, n), dtype=np.int8)

    def place(self) -> str:
        """Place every row that can be; the CRS of most of them."""
        self._read_all()
        main, weak = self._main()
        if main >= 0:
            self._choose(main, weak=weak)
        for i in np.flatnonzero(self.choice >= 0).tolist():
            self.east[i], self.north[i] = (axis[i] for axis in self.places[self.choice[i]])
        self._tell_how()
        self._mend_figures()
        self._tell_of_main(main)
        self._tell_of_others(main)
        self._tell_of_labels()
        self._tell_of_contradictions()
        self._tell_of_unplaced()
        self._judge_precision()
        return self.readings[main].crs if main >= 0 else ""

    def _read_all(self) -> None:
        irish = self.evidence.irish or any("2990" in kind or "2157" in kind for kind in self.kinds)
        tried = readings_of(self.stated) if self.stated else readings(irish=irish)
        first, second = self.numbers.first, self.numbers.second
        kept, scores = [], []
        for reading in tried:
            fits = self.there & (
                np.where(
                    self.lettered, reading.crs == grid.BRITISH_GRID and reading.natural, reading.fits(first, second)
                )
            )
            if not fits.any():
                continue
            east, north = np.full(len(first), np.nan), np.full(len(first), np.nan)
            east[fits], north[fits] = reading.points(first[fits], second[fits])
            if np.isnan(east).all():
                continue
            kept.append(reading)
            self.places.append((east, north))
            scores.append(self.evidence.weigh(east, north)[0])
        self.readings = tuple(kept)
        self.score = np.array(scores, dtype=np.int8).reshape(len(kept), len(first))

    def _likely(self, position: int) -> NDArray[np.bool_]:
        """Rows whose numbers or label need no evidence for a reading."""
        reading = self.readings[position]
        return ~np.isnan(self.places[position][0]) & (reading.natural | self._said(position)[self.label])

    def _said(self, position: int) -> NDArray[np.bool_]:
        """Which labels say a reading as it stands."""
        reading = self.readings[position]
        mended = reading.lost_minus or reading.scale != 1 or (reading.swapped and not reading.natural)
        return np.array([bool(kind) and not mended and said_by(kind, reading) for kind in self.kinds])

    def _main(self) -> tuple[int, bool]:
        """The reading of most rows, -1 where there is none; whether nothing but the coast or the numbers' size speaks for it."""
        if not self.readings:
            return -1, True
        votes = (self.score == 1).sum(axis=1)
        likely = [int(self._likely(position).sum()) for position in range(len(self.readings))]
        if votes.any():
            best = _most(votes.tolist(), 1.2)
            if not likely[best] and 2 * votes[best] < self.there.sum():  # too few rows to speak for the whole file
                best = _most([a + b for a, b in zip(likely, votes.tolist(), strict=True)], 1.0)
            return best, False
        land = [int(on_land(*place).sum()) for place in self.places]
        said = [int((self._said(k)[self.label] & ~np.isnan(place[0])).sum()) for k, place in enumerate(self.places)]
        best = _most([a + 2 * min(a, b) + c for a, b, c in zip(likely, land, said, strict=True)], 1.0)
        other = _most(land, 2.0)
        # Without a district the coast alone may say that a whole file is read wrong: most of it in the sea as it stands.
        if land[other] >= 3 and land[other] > 2 * land[best] and 10 * land[other] >= 9 * int(self.there.sum()):
            return other, True
        return (best if likely[best] else -1), True

    def _choose(self, main: int, *, weak: bool) -> None:
        """The reading of each row: the file's where nothing speaks against it, else one that the evidence is for."""
        valid = np.array([~np.isnan(place[0]) for place in self.places])
        if weak:
            self._weigh_by_the_rest(main, valid)
        self.choice[valid[main]] = main
        doubtful = self.there & (~valid[main] | (self.score[main] == -1))
        # A lost minus near the meridian moves a row by a few kilometres only: nothing against the row, but more for the other side.
        lost = np.array(
            [reading.lost_minus and reading.swapped == self.readings[main].swapped for reading in self.readings]
        )
        doubtful |= self.there & (self.score[main] == 0) & (self.score[lost] == 1).any(axis=0) & self._strict()
        for position in range(len(self.readings) - 1, -1, -1):  # the likeliest last, so that it stands
            self.choice[doubtful & valid[position] & (self.score[position] == 1) & (position != main)] = position
        if weak:
            for position in range(len(self.readings) - 1, -1, -1):
                rows = self._said(position)[self.label] & ~self._said(main)[self.label] & valid[position]
                self.choice[rows & (self.score[main] != 1) & on_land(*self.places[position])] = position
        left = self.there & (self.choice < 0)
        for position in range(len(self.readings) - 1, -1, -1):
            self.choice[left & self._likely(position)] = position

    def _strict(self) -> NDArray[np.bool_]:
        """Rows whose district's extent is exact, so that some kilometres outside it count where another reading lies inside."""
        exact = np.array([not district.rough for district in self.evidence.districts] or [False])
        return np.asarray((self.evidence.district >= 0) & exact[self.evidence.district])

    def _weigh_by_the_rest(self, main: int, valid: NDArray[np.bool_]) -> None:
        """Where neither district nor postcode says anything, a compact file's own extent is what its other rows say."""
        self.rest = extent_of_the_rest(*(np.where(valid[main], axis, np.nan) for axis in self.places[main]))
        if self.rest is None:
            return
        silent = np.isnan(self.evidence.centroid[:, 0]) & (self.evidence.district < 0)
        for position, (east, north) in enumerate(self.places):
            off = beyond(east, north, self.rest)
            with np.errstate(invalid="ignore"):
                score = np.where(off == 0, 1, np.where(off > FAR_FROM_REST_M, -1, 0))
            self.score[position] = np.where(silent & valid[position], score, self.score[position])

    # -------------------------------------------------------------------------------------------------- words

    def _issue(self, i: int | None, code: str, value: str, message: str, action: str) -> None:
        row = "" if i is None else str(self.lines[i])
        self.issues.append(Issue(self.file, row, "coordinates", code, visible(clean(value))[:100], message, action))

    def _reason(self, i: int) -> str:
        """What evidence there is for the place of a row."""
        if not np.isnan(self.evidence.centroid[i, 0]):
            return f"near its postcode, {self.evidence.postcodes[i]}"
        if self.evidence.district[i] >= 0:
            return f"in {self.evidence.districts[self.evidence.district[i]].name}"
        return "where its label says" if self.rest is None else "near the other rows"

    def _tell_how(self) -> None:
        for position, reading in enumerate(self.readings):
            name = reading.name
            if reading.name == "latitude and longitude" and not self.numbers.pair:
                name = "latitude and longitude, axes swapped"
            self.placed_by[self.choice == position] = name if "," in name else f"{name} as given"
        self.placed_by[(self.choice >= 0) & self.lettered] = "grid reference"

    def _tell_of_main(self, main: int) -> None:
        if main < 0 or self.stated or not (self.choice == main).any() or self.lettered[self.choice == main].all():
            return
        reading = self.readings[main]
        rows = int((self.choice == main).sum())
        if reading.natural:
            what = {
                grid.BRITISH_GRID: "eastings and northings of the National Grid",
                grid.WGS84: "degrees of latitude and longitude",
            }.get(reading.crs, reading.name)
            said = "the file does not say which coordinates it holds"
            if any(self.kinds[k] for k in np.unique(self.label)):
                said = "what the rows say of their coordinates is not relied on"
            self.issues.append(
                Issue(self.file, "", "", "crs-from-values", reading.crs, f"{said}; the values are {what}",
                      "Read so. State crs in estate.toml to be sure.")
            )  # fmt: skip
        else:
            inside = int(((self.score[main] == 1) & (self.choice == main)).sum())
            where = self._where(self.choice == main)
            self.issues.append(
                Issue(self.file, "", "", "coordinates-reread", reading.crs,
                      f"the coordinates are read as {reading.name}: so {inside or rows} of {int(self.there.sum())} rows lie {where}",
                      "Read so. Correct the columns, or state crs in estate.toml.")
            )  # fmt: skip

    def _where(self, rows: NDArray[np.bool_]) -> str:
        places = sorted({self.evidence.districts[k].name for k in np.unique(self.evidence.district[rows]) if k >= 0})
        if not places:
            return "near their postcodes" if (~np.isnan(self.evidence.centroid[rows, 0])).any() else "on land"
        return f"in {places[0]}" if len(places) == 1 else "in their own districts"

    def _tell_of_others(self, main: int) -> None:
        for position, reading in enumerate(self.readings):
            rows = np.flatnonzero((self.choice == position) & ~self.lettered).tolist()
            if position == main or not len(rows):
                continue
            if reading.natural:
                most = self.readings[main]
                turned = (
                    ", axes swapped"
                    if main >= 0 and reading.crs == most.crs and reading.swapped != most.swapped
                    else ""
                )
                said = f"{counted(len(rows), 'row')} {'holds' if len(rows) == 1 else 'hold'} {reading.name}{turned}"
                self._issue(None, "mixed-coordinates", reading.crs,
                            f"{said}, unlike most of the file: {_ranges([self.lines[i] for i in rows])}",
                            "Read so. Bring the file into one coordinate system.")  # fmt: skip
                continue
            for i in rows:
                self._issue(i, "coordinates-reread", self.numbers.text(i),
                            f"read as {reading.name}: so the row lies {self._reason(i)}, and not as most rows are read",
                            "Placed so. Correct the row.")  # fmt: skip

    def _tell_of_labels(self) -> None:
        """Labels that say otherwise than the rows are read: one issue for each label and reading."""
        for k, kind in enumerate(self.kinds):
            if not kind:
                continue
            for position, reading in enumerate(self.readings):
                rows = np.flatnonzero((self.label == k) & (self.choice == position) & ~self.lettered)
                if len(rows) and not said_by(kind, reading):
                    self._issue(None, "crs-label-contradicted", kind,
                                f"{len(rows)} rows are labelled {kind}; their values are {reading.name}: {_ranges([self.lines[i] for i in rows])}",
                                "The values are followed. Correct the label.")  # fmt: skip

    def _tell_of_contradictions(self) -> None:
        """Rows whose numbers their postcode, their district, the others or the coast contradict.

        They stay where the numbers say, but not in the open sea, where no postcode and no district bears them out, and not where one
        number stands for both.
        """
        placed = ~np.isnan(self.east)
        _, from_postcode, outside = self.evidence.weigh(self.east, self.north)
        known = ~np.isnan(self.evidence.centroid[:, 0])
        alone = placed & ~known & (self.evidence.district < 0)
        with np.errstate(invalid="ignore"):
            off_postcode, off_district = from_postcode > POSTCODE_M, ~known & (outside > FAR_M)
        off_rest = np.zeros(len(placed), dtype=bool)
        if self.rest is not None:
            off_rest = alone & (beyond(self.east, self.north, self.rest) > FAR_FROM_REST_M)
        in_sea = placed & ~on_land(self.east, self.north)
        with np.errstate(invalid="ignore"):
            borne_out = (from_postcode <= POSTCODE_M) | ((self.evidence.district >= 0) & (outside == 0))
            twice = self.numbers.first == self.numbers.second
        contradicted = off_postcode | off_district | off_rest | in_sea
        nowhere = (in_sea & ~borne_out) | (twice & contradicted)
        for i in np.flatnonzero(placed & contradicted).tolist():
            hint = self._digits(i)
            if off_postcode[i]:
                code, message = (
                    "far-from-postcode",
                    f"the point lies {from_postcode[i] / 1000:.1f} km from the middle of its postcode, {self.evidence.postcodes[i]}",
                )
            elif off_district[i]:
                name = self.evidence.districts[self.evidence.district[i]].name
                code, message = "outside-own-district", f"the point lies {outside[i] / 1000:.0f} km outside {name}"
            elif off_rest[i]:
                code, message = "far-from-the-rest", "the point lies more than 100 km from where the other rows are"
            else:
                code, message = "in-the-sea", "the point lies in the sea"
            if in_sea[i] and code != "in-the-sea":
                message += ", in the sea"
            if twice[i]:
                message += "; one number stands twice"
            action = "Placed as the numbers say. Check the coordinates."
            if nowhere[i]:
                action = "Row kept, not located. Correct the coordinates."
                self.east[i] = self.north[i] = np.nan
                self.placed_by[i] = f"not placed: {message}"
            self._issue(i, code, self.numbers.text(i), f"{message}{hint}", action)

    def _tell_of_unplaced(self) -> None:
        for i in np.flatnonzero(self.wanted & np.isnan(self.east)).tolist():
            text = self.numbers.text(i)
            if _blank(text) or not text or self.placed_by[i].startswith("not placed"):
                continue
            x, y = self.numbers.first[i], self.numbers.second[i]
            code, message = (
                "not-in-britain",
                "the coordinates do not lie in the United Kingdom as the other rows are read",
            )
            if np.isnan(x) or np.isnan(y):
                code, message = "not-coordinates", "the cells do not hold two numbers of one place"
            elif x == 0 and y == 0:
                message = "0, 0 stands for a place that is not known"
            elif _in_channel_islands(x, y):
                message = "the point lies in the Channel Islands, which the National Grid does not reach"
            self._issue(i, code, text, f"{message}{self._digits(i)}",
                        "Row kept, not located. Check for swapped axes, a lost sign or lost digits.")  # fmt: skip
            self.placed_by[i] = f"not placed: {message}"

    def _judge_precision(self) -> None:
        """Coarse places are not points: they are drawn hollow, kept out of adjacency, and said to be coarse."""
        side = np.where(np.isnan(self.east), np.nan, 1.0)
        side[self.lettered] = self.numbers.square_m[self.lettered]
        for position, reading in enumerate(self.readings):
            rows = (self.choice == position) & ~self.lettered
            if not rows.any():
                continue
            first, second = reading.axes(self.numbers.first[rows], self.numbers.second[rows])
            unit = 0.01 if reading.crs == grid.WGS84 else 1000.0
            whole = np.all([np.abs(axis / unit - np.round(axis / unit)) < 1e-7 for axis in (first, second)], axis=0)
            side[np.flatnonzero(rows)[whole]] = 1000.0
        placed = ~np.isnan(self.east)
        self.precision[placed] = np.where(self.blurred[placed], "postcode", "point")
        for i in np.flatnonzero(placed & (side >= _COARSE_M)).tolist():
            said = f"{side[i] / 1000:g} km" if side[i] >= 1000 else f"{side[i]:g} m"
            if side[i] >= _TOO_COARSE_M:
                self.east[i] = self.north[i] = np.nan
                self.precision[i] = "none"
                self.placed_by[i] = f"not placed: known to {said} only"
                action = "Row kept, not located. Give more figures."
            else:
                self.precision[i] = "postcode"
                self.placed_by[i] = f"{self.placed_by[i]}, to {said}"
                action = (
                    "Placed, but as exactly as a postcode only, and no neighbours are found for it. Give more figures."
                )
            self._issue(i, "coarse-coordinates", self.numbers.text(i),
                        f"the coordinates are rounded to {said}", action)  # fmt: skip

    # -------------------------------------------------------------------------------------------------- figures

    def _slipped(self, i: int) -> Floats:
        """The places (n by 2) that a slip of one figure would explain, and that the row's postcode or district confirms."""
        x, y = self.numbers.first[i], self.numbers.second[i]
        centroid, district = self.evidence.centroid[i], self.evidence.district[i]
        numbers = not self.lettered[i] and np.isfinite([x, y]).all() and min(x, y) > 0 and max(x, y) >= 1000
        if not numbers or (np.isnan(centroid[0]) and district < 0):
            return np.empty((0, 2))
        variants = np.array([(v, y) for v in _slips(x)] + [(x, v) for v in _slips(y)]).reshape(-1, 2)
        if np.isnan(centroid[0]):
            return variants[beyond(variants[:, 0], variants[:, 1], self.evidence.districts[district].extent) == 0]
        far = np.hypot(*(variants - centroid).T)
        return variants[far <= CONFIRMS_M][np.argsort(far[far <= CONFIRMS_M], kind="stable")]

    def _mend_figures(self) -> None:
        """Rows that their postcode puts elsewhere, where one figure too many or too few explains it in one way only."""
        from_postcode = self.evidence.weigh(self.east, self.north)[1]
        astray = self.there & ~np.isnan(self.evidence.centroid[:, 0]) & ~(from_postcode <= POSTCODE_M)
        for i in np.flatnonzero(astray)[:_MOST_TRIED].tolist():
            places = self._slipped(i)
            if not len(places) or np.ptp(places, axis=0).max() > _COARSE_M:
                continue
            self.east[i], self.north[i] = places[0]
            self.choice[i] = -1
            self.blurred[i] = np.ptp(places, axis=0).max() > _EXACT_M
            self.placed_by[i] = "eastings and northings, one figure mended as the postcode says"
            self._issue(i, "figure-mended", self.numbers.text(i),
                        f"read as {places[0][0]:.0f}, {places[0][1]:.0f}: so the row lies {self._reason(i)}, and not as it stands",
                        "Placed so. Correct the row.")  # fmt: skip

    def _digits(self, i: int) -> str:
        """What a slip of one figure in eastings and northings would explain, as words to end a message with."""
        self.tried += 1
        places = self._slipped(i) if self.tried <= _MOST_TRIED else np.empty((0, 2))
        if not len(places):
            return ""
        if np.ptp(places, axis=0).max() > 2 * CONFIRMS_M:
            return f"; a figure missing, doubled or wrong would explain it, for it would lie {self._reason(i)}"
        place = f"{places[0][0]:.0f}, {places[0][1]:.0f}"
        return f"; {place} would lie {self._reason(i)}: a figure missing or doubled, or a point lost, would explain it"


def _slips(value: float) -> list[float]:
    """Numbers that a slip of one figure may have made `value` of: one dropped, one doubled, the point lost."""
    digits = str(int(value))
    fewer = {float(digits[:k] + digits[k + 1 :]) for k in range(len(digits)) if len(digits) > 1}
    more = {float(digits[:k] + figure + digits[k:]) for k in range(len(digits) + 1) for figure in "0123456789"}
    return sorted({float(v) for v in fewer | more | {value / 10, value / 100, value * 10} if 0 < v < REACH[3]})


def _in_channel_islands(x: float, y: float) -> bool:
    return any(-2.8 < lon < -1.9 and 49.0 < lat < 49.8 for lon, lat in ((x, y), (y, x)))


def _most(counts: Sequence[int], lead: float) -> int:
    """The position of the greatest count; one that stands before another wins unless the other is greater by `lead` times."""
    best = 0
    for position, count in enumerate(counts):
        if count > lead * counts[best] or (count > counts[best] == 0):
            best = position
    return best


def _ranges(lines: Sequence[int]) -> str:
    """Lines as runs, the first few of them: ``lines 2-40, 45``."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    told = ", ".join(f"{a}-{b}" if a != b else str(a) for a, b in runs[:20])
    return f"{'line' if len(lines) == 1 else 'lines'} {told}{' and others' if len(runs) > 20 else ''}"

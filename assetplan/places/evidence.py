"""What speaks for the place of a row: its own postcode, the district of its body, and where the rest of a file lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assetplan.places.districts import District, find_district

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = Callable[[Sequence[str | None]], Floats]

INSIDE_M = 2_000.0  # extents are whole kilometres, and a site may lie across the boundary
FAR_M = 25_000.0  # councils own land beyond their boundary: reservoirs, estates, crematoria; seldom farther away
# The centroid of a unit of 15 addresses. In the Highlands units stretch some kilometres; farther off than this it is another place.
POSTCODE_M = 5_000.0
CONFIRMS_M = 1_000.0
FAR_FROM_REST_M = 100_000.0
_COMPACT_M = 80_000.0
_ENOUGH_ROWS = 10


@dataclass(frozen=True, eq=False)
class Evidence:
    """What speaks for the place of each row: its district (position in `districts`, -1 for none) and its postcode's centroid."""

    districts: tuple[District, ...]
    district: NDArray[np.intp]
    centroid: Floats
    postcodes: Sequence[str | None]

    @classmethod
    def of(
        cls,
        file: str,
        bodies: Sequence[str],
        postcodes: Sequence[str | None],
        place_of: Places | None,
        n: int,
    ) -> Evidence:
        """The evidence for `n` rows; a GSS code in the file's name counts where a row's body has no district."""
        of_file = find_district(file.rsplit("/", 1)[-1]) if any(map(str.isdigit, file)) else None
        codes, names = pd.factorize(pd.Series(list(bodies) or [""] * n, dtype=object))
        found = [find_district(name) or of_file for name in names]
        districts = tuple({district: None for district in found if district is not None})
        index = np.array([districts.index(d) if d is not None else -1 for d in found] or [-1], dtype=np.intp)
        centroid = np.full((n, 2), np.nan)
        if place_of is not None and len(postcodes):
            centroid = place_of(postcodes)
        return cls(districts, index[codes] if n else np.empty(0, dtype=np.intp), centroid, postcodes)

    @property
    def irish(self) -> bool:
        """Whether a district of Northern Ireland is among them."""
        return any(district.irish for district in self.districts)

    def weigh(self, east: Floats, north: Floats) -> tuple[NDArray[np.int8], Floats, Floats]:
        """For each row 1, 0 or -1 as the evidence speaks for a point, not at all or against it; metres from postcode and district."""
        from_postcode = np.hypot(east - self.centroid[:, 0], north - self.centroid[:, 1])
        outside = np.full(len(east), np.nan)
        for position, district in enumerate(self.districts):
            at = self.district == position
            outside[at] = beyond(east[at], north[at], district.extent)
        with np.errstate(invalid="ignore"):
            score = np.where(outside <= INSIDE_M, 1, np.where(outside > FAR_M, -1, 0)).astype(np.int8)
            score = np.where(from_postcode <= POSTCODE_M, 1, np.where(from_postcode > POSTCODE_M, -1, score))
        return np.where(np.isnan(east), -1, score).astype(np.int8), from_postcode, outside


def beyond(east: Floats, north: Floats, extent: tuple[float, float, float, float]) -> Floats:
    """How far points lie outside an extent, in metres."""
    west, south, far_east, far_north = extent
    zero = np.zeros(len(east))
    return np.hypot(
        np.maximum(np.maximum(west - east, east - far_east), zero),
        np.maximum(np.maximum(south - north, north - far_north), zero),
    )


def extent_of_the_rest(east: Floats, north: Floats) -> tuple[float, float, float, float] | None:
    """The extent of most points of a compact file, None where it is small or spread out."""
    known = ~np.isnan(east)
    if known.sum() < _ENOUGH_ROWS:
        return None
    low, high = (np.percentile(np.column_stack([east[known], north[known]]), part, axis=0) for part in (10, 90))
    if (high - low > _COMPACT_M).any():
        return None
    margin = (high - low) / 2 + 10_000
    (west, south), (far_east, far_north) = (low - margin).tolist(), (high + margin).tolist()
    return west, south, far_east, far_north

"""What a person should know of a network as a whole: where its speeds come from, what did not join, its islands and traps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import connected_components

from assetplan.issues import Issue
from assetplan.text import counted
from assetplan.travel.junctions import JOIN_M, MISS_M, Pieces
from assetplan.travel.osm import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from assetplan.travel.network import Network

IN_WORDS = {"car": "by car", "foot": "on foot", "cycle": "by cycle"}


def about(
    network: Network,
    pieces: Pieces,
    ids: Sequence[str],
    of: NDArray[np.intp],
    copies: int,
    stated: tuple[float, float],
    *,
    osm: bool,
) -> list[Issue]:
    """What a person should know of the network as a whole."""
    found: list[Issue] = []

    def tell(code: str, value: str, message: str, action: str, row: str = "") -> None:
        found.append(Issue(network.source, row, "", code, value, message, action))

    way = IN_WORDS[network.mode]
    if not len(network.nodes):
        tell(
            "network-empty",
            "",
            f"no line can be travelled {way}",
            "No time is known. Give the lines of roads and paths.",
        )
        return found
    if network.mode == "car":
        share = stated[0] / stated[1]
        if share < 0.9995:
            tell("speed-assumed", f"{share:.0%} stated", f"the data states a speed for {share:.0%} of the length",
                 "Elsewhere the speed assumed for its class of road is used. Give speeds with speed_kph, or with speeds_kph=.")  # fmt: skip
    else:
        kph = float(network.links["length_m"].iloc[0] / network.links["minutes"].iloc[0] * 0.06)
        tell(
            "speed-assumed",
            f"{kph:g} km/h",
            f"all go at one speed {way}, {kph:g} km/h",
            "Assumed. Give another with speeds_kph=.",
        )
    if len(pieces.pointless):
        tell("line-without-length", "", f"{counted(len(pieces.pointless), 'line')} of no length",
             "Left out; what met there still meets.", named(ids, of[pieces.pointless]))  # fmt: skip
    if copies:
        tell(
            "line-repeated",
            "",
            f"{counted(copies, 'link')} drawn more than once along the same course",
            "The quickest is used.",
        )
    if pieces.joined:
        tell("ends-joined", "", f"{counted(pieces.joined, 'end')} of lines within {JOIN_M:g} m of another line, on no vertex of it",
             "Joined there. Draw the line to a vertex to be sure.")  # fmt: skip
    if len(pieces.crossings):
        tell("crossing-not-joined", _spots(pieces.crossings),
             f"lines cross at {counted(len(pieces.crossings), 'place')} without sharing a vertex",
             "Not joined: one may pass over the other. Where they meet give both a vertex there.")  # fmt: skip
    if len(pieces.misses):
        tell("end-near-line", _spots(pieces.misses),
             f"{counted(len(pieces.misses), 'line')} end within {MISS_M:g} m of another line without meeting it",
             "Not joined. Where they meet draw the line to a vertex of the other.")  # fmt: skip
    islands = int(network.component.max()) + 1
    if islands > 1:
        outside = 1 - network.share_in_largest
        told = f"{outside:.1%}" if outside >= 0.0005 else "under 0.1%"
        sizes = np.bincount(network.component)
        spot = network.nodes[
            [int(np.flatnonzero(network.component == number)[0]) for number in range(1, min(islands, 6))]
        ]
        tell("network-in-parts", _spots(spot),
             f"the network is in {islands:,} parts with no way between them: {told} of its nodes are not in the largest, "
             f"the next has {int(sizes[1]):,}",
             "Between parts no time is known. Join the lines, or add the bridge that is missing.")  # fmt: skip
    trapped = _trapped(network)
    if len(trapped):
        tell("one-way-trap", _spots(network.nodes[trapped]),
             f"{counted(len(trapped), 'node')} of the largest part cannot be both reached from and left for the rest of it",
             "Kept as drawn: times to or from there may not be known. "
             + ("Often a road cut by the edge of the extract. " if osm else "") + "Check the one-way roads.")  # fmt: skip
    return found


def _trapped(network: Network) -> NDArray[np.intp]:
    """Nodes of the largest part that are not strongly connected to most of it."""
    _, strong = connected_components(network.minutes, directed=True, connection="strong")
    inside = network.component == 0
    main = np.bincount(strong[inside]).argmax()
    return np.flatnonzero(inside & (strong != main))


def _spots(spots: NDArray[np.float64], most: int = 5) -> str:
    """The first few of some places, as eastings and northings."""
    more = f" and {len(spots) - most:,} more" if len(spots) > most else ""
    return "; ".join(f"{east:.0f} {north:.0f}" for east, north in spots[:most].tolist()) + more

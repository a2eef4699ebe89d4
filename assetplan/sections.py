"""What an estate's page tells beyond its map: leases and areas to whoever may know the rows; space, hosts, options, duplicates where released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan import area_words, benchmark_words, duplicate_words, fitting_words, lease_words
from assetplan.benchmark_figure import in_svg
from assetplan.cover.response import gates
from assetplan.duplication import find_duplicates
from assetplan.hosts.fitting import suitability
from assetplan.leases import lease_events
from assetplan.option_cards import OptionsFound, options_of
from assetplan.page.view import Chart, Table
from assetplan.space.benchmarking import benchmark

if TYPE_CHECKING:
    from assetplan.estate import Estate

_MOST_SERVICES = 300
"""Services beyond which a page does not judge hosts or look for duplicates: that takes a while, and nobody reads a page of it."""


def options_in(estate: Estate) -> OptionsFound | None:
    """The co-location options of a page, where they are released to the reader and services are known, though not too many."""
    if not (estate.released("options") and 0 < len(estate.services) <= _MOST_SERVICES):
        return None
    return options_of(estate)


def beyond_the_map(estate: Estate) -> tuple[list[Chart], list[Table]]:
    """The pictures and tables of a page that tell of more than its map, those of analyses only where they are released to the reader."""
    charts: list[Chart] = []
    out: list[Table] = []
    if estate.released("benchmarks"):
        found = benchmark(estate)
        if found.buildings[["fte", "desks", "places", "running_cost_gbp_pa"]].notna().any(axis=None):
            out += benchmark_words.tables(estate, found)
        if found.buildings[["m2_per_fte_low", "m2_per_desk_low", "m2_per_place_low"]].notna().any(axis=None):
            says = list(benchmark_words.headlines(found))
            charts.append(Chart(id="benchmark", title="Space compared", says=says, svg=in_svg(estate, found)))
    if estate.released("options") and 0 < len(estate.services) <= _MOST_SERVICES:
        out += fitting_words.tables(estate, suitability(estate, gate=gates))
        out += duplicate_words.tables(estate, find_duplicates(estate))
    if len(estate.interests) and estate.as_of is not None:
        out += lease_words.tables(estate, lease_events(estate))
    if len(estate.areas):
        out += area_words.tables(estate)
    return charts, [table for table in out if table["rows"]]

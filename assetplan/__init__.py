"""Map the public estate of one place across all the organisations that own it.

>>> import assetplan as ap
>>> estate = ap.read_estate("data/malton").for_audience("public")
>>> pairs = ap.adjacent_pairs(ap.sites(estate), roads=estate.roads)

Names are loaded when first used, so that importing the package is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assetplan.access import AccessChange, access_change, access_to, reach
    from assetplan.assembly import examine_assembly, find_assemblies
    from assetplan.benchmark_chart import save_benchmark_chart
    from assetplan.calendars import save_calendar
    from assetplan.cover.response import Gate, ResponseChange, gate, gates, minutes_by_place, response_change
    from assetplan.cover.times import response_times
    from assetplan.doubt.grants import roi_required
    from assetplan.doubt.uncertainty import Draws
    from assetplan.doubt.withdrawing import BreakEven
    from assetplan.duplication import find_duplicates
    from assetplan.errors import (
        AssetplanError,
        EstateError,
        OutputError,
        ReaderError,
        RemoteAssetError,
        ScenarioError,
        SubjectError,
        UnsafeTextError,
    )
    from assetplan.estate import Estate, read_estate, sites
    from assetplan.evidence import site_evidence, why_one_site
    from assetplan.exporting import export
    from assetplan.facilities import facilities_of
    from assetplan.figures.explanation import Explanation
    from assetplan.frontage import road_frontage
    from assetplan.games import myerson, restricted_game, shapley
    from assetplan.hosts.fitting import Suitability, suitability
    from assetplan.hubs.colocation import examine_colocation, find_colocations
    from assetplan.hubs.judging import Colocation
    from assetplan.hubs.option import Option
    from assetplan.hubs.standing import WhyNot, why_not
    from assetplan.keys import key_holders
    from assetplan.land import flags_of, land_of
    from assetplan.leases import lease_events
    from assetplan.localities import area_extract, by_area
    from assetplan.maps import map_estate, save_map
    from assetplan.measures import component_measures, site_connections, site_measures
    from assetplan.neighbourhood import ContactSheet, contact_sheet
    from assetplan.neighbourhood_page import save_contact_sheet
    from assetplan.page.text import safe_text
    from assetplan.pairing import affinities_of, default_affinities, pairing_score, pairing_scores
    from assetplan.picture.sheet import draw_map, save_picture
    from assetplan.quality import write_set_aside
    from assetplan.quality_page import save_quality
    from assetplan.relations import adjacency, adjacent_pairs, connected_groups
    from assetplan.results.appraising import appraise, appraise_scenarios
    from assetplan.results.comparing import Comparison, compare
    from assetplan.results.result import Appraisal
    from assetplan.reviews import Reviews, read_reviews
    from assetplan.scenarios.actions import (
        Acquire,
        Action,
        Appropriate,
        Assemble,
        Build,
        Dispose,
        Meanwhile,
        Refurbish,
        Release,
        Relocate,
        Retain,
        Share,
        Split,
        Sublet,
        Surrender,
    )
    from assetplan.scenarios.checking import check_scenario, check_scenarios
    from assetplan.scenarios.files import read_scenario, write_scenario
    from assetplan.scenarios.funding import Benefit, Funding
    from assetplan.scenarios.problem import ScenarioProblem
    from assetplan.scenarios.scenario import Override, Scenario, scenario_fields
    from assetplan.scenarios.values import Range
    from assetplan.scoring import Criterion, score
    from assetplan.searching import AssemblyLimits
    from assetplan.sharing import (
        compare_shares,
        core_violations,
        equalised_by_area,
        is_in_core,
        least_core,
        ransom_share,
    )
    from assetplan.space.benchmarking import Benchmark, benchmark
    from assetplan.stability import rank_stability, weight_ranges
    from assetplan.starting import new_folder
    from assetplan.submission import save_submission
    from assetplan.tiling import read_pairs, write_pairs, write_tiles
    from assetplan.travel.matrix import Matrix, read_matrix
    from assetplan.travel.network import Network, network_of, read_network
    from assetplan.travel.routing import isochrone, travel_minutes
    from assetplan.travel.times import Travel
    from assetplan.travelling import travel_of
    from assetplan.valuation import constraint_prices, group_values, value_group
    from assetplan.weights import read_weights

__version__ = "0.1.0"

_HOMES = {
    "Appraisal": "results.result",
    "BreakEven": "doubt.withdrawing",
    "Draws": "doubt.uncertainty",
    "roi_required": "doubt.grants",
    "Comparison": "results.comparing",
    "compare": "results.comparing",
    "Explanation": "figures.explanation",
    "appraise": "results.appraising",
    "appraise_scenarios": "results.appraising",
    "Benchmark": "space.benchmarking",
    "benchmark": "space.benchmarking",
    "save_benchmark_chart": "benchmark_chart",
    "AssetplanError": "errors",
    "EstateError": "errors",
    "OutputError": "errors",
    "ReaderError": "errors",
    "RemoteAssetError": "errors",
    "ScenarioError": "errors",
    "SubjectError": "errors",
    "UnsafeTextError": "errors",
    "ContactSheet": "neighbourhood",
    "contact_sheet": "neighbourhood",
    "save_contact_sheet": "neighbourhood_page",
    "Estate": "estate",
    "read_estate": "estate",
    "sites": "estate",
    "adjacency": "relations",
    "adjacent_pairs": "relations",
    "connected_groups": "relations",
    "component_measures": "measures",
    "site_connections": "measures",
    "site_measures": "measures",
    "road_frontage": "frontage",
    "examine_assembly": "assembly",
    "read_pairs": "tiling",
    "write_pairs": "tiling",
    "write_tiles": "tiling",
    "find_assemblies": "assembly",
    "Colocation": "hubs.judging",
    "Option": "hubs.option",
    "examine_colocation": "hubs.colocation",
    "find_colocations": "hubs.colocation",
    "WhyNot": "hubs.standing",
    "why_not": "hubs.standing",
    "export": "exporting",
    "Suitability": "hosts.fitting",
    "suitability": "hosts.fitting",
    "site_evidence": "evidence",
    "why_one_site": "evidence",
    "map_estate": "maps",
    "save_map": "maps",
    "safe_text": "page.text",
    "save_quality": "quality_page",
    "save_submission": "submission",
    "write_set_aside": "quality",
    "new_folder": "starting",
    "draw_map": "picture.sheet",
    "save_picture": "picture.sheet",
    "affinities_of": "pairing",
    "default_affinities": "pairing",
    "pairing_score": "pairing",
    "pairing_scores": "pairing",
    "AssemblyLimits": "searching",
    "key_holders": "keys",
    "land_of": "land",
    "flags_of": "land",
    "lease_events": "leases",
    "save_calendar": "calendars",
    "find_duplicates": "duplication",
    "by_area": "localities",
    "area_extract": "localities",
    "constraint_prices": "valuation",
    "group_values": "valuation",
    "value_group": "valuation",
    "shapley": "games",
    "myerson": "games",
    "restricted_game": "games",
    "core_violations": "sharing",
    "is_in_core": "sharing",
    "least_core": "sharing",
    "equalised_by_area": "sharing",
    "ransom_share": "sharing",
    "compare_shares": "sharing",
    "response_times": "cover.times",
    "Gate": "cover.response",
    "ResponseChange": "cover.response",
    "gate": "cover.response",
    "gates": "cover.response",
    "minutes_by_place": "cover.response",
    "response_change": "cover.response",
    "Acquire": "scenarios.actions",
    "Action": "scenarios.actions",
    "Appropriate": "scenarios.actions",
    "Assemble": "scenarios.actions",
    "Build": "scenarios.actions",
    "Dispose": "scenarios.actions",
    "Meanwhile": "scenarios.actions",
    "Refurbish": "scenarios.actions",
    "Release": "scenarios.actions",
    "Relocate": "scenarios.actions",
    "Retain": "scenarios.actions",
    "Share": "scenarios.actions",
    "Split": "scenarios.actions",
    "Sublet": "scenarios.actions",
    "Surrender": "scenarios.actions",
    "Benefit": "scenarios.funding",
    "Funding": "scenarios.funding",
    "Override": "scenarios.scenario",
    "Scenario": "scenarios.scenario",
    "scenario_fields": "scenarios.scenario",
    "Range": "scenarios.values",
    "ScenarioProblem": "scenarios.problem",
    "read_scenario": "scenarios.files",
    "write_scenario": "scenarios.files",
    "check_scenario": "scenarios.checking",
    "check_scenarios": "scenarios.checking",
    "Criterion": "scoring",
    "score": "scoring",
    "rank_stability": "stability",
    "weight_ranges": "stability",
    "Reviews": "reviews",
    "read_reviews": "reviews",
    "read_weights": "weights",
    "Network": "travel.network",
    "network_of": "travel.network",
    "read_network": "travel.network",
    "Matrix": "travel.matrix",
    "read_matrix": "travel.matrix",
    "Travel": "travel.times",
    "AccessChange": "access",
    "access_change": "access",
    "access_to": "access",
    "facilities_of": "facilities",
    "reach": "access",
    "travel_of": "travelling",
    "isochrone": "travel.routing",
    "travel_minutes": "travel.routing",
}

__all__ = [
    "AccessChange",
    "Acquire",
    "Action",
    "Appraisal",
    "Appropriate",
    "Assemble",
    "AssemblyLimits",
    "AssetplanError",
    "Benchmark",
    "Benefit",
    "BreakEven",
    "Build",
    "Colocation",
    "Comparison",
    "ContactSheet",
    "Criterion",
    "Dispose",
    "Draws",
    "Estate",
    "EstateError",
    "Explanation",
    "Funding",
    "Gate",
    "Matrix",
    "Meanwhile",
    "Network",
    "Option",
    "OutputError",
    "Override",
    "Range",
    "ReaderError",
    "Refurbish",
    "Release",
    "Relocate",
    "RemoteAssetError",
    "ResponseChange",
    "Retain",
    "Reviews",
    "Scenario",
    "ScenarioError",
    "ScenarioProblem",
    "Share",
    "Split",
    "SubjectError",
    "Sublet",
    "Suitability",
    "Surrender",
    "Travel",
    "UnsafeTextError",
    "WhyNot",
    "access_change",
    "access_to",
    "adjacency",
    "adjacent_pairs",
    "affinities_of",
    "appraise",
    "appraise_scenarios",
    "area_extract",
    "benchmark",
    "by_area",
    "check_scenario",
    "check_scenarios",
    "compare",
    "compare_shares",
    "component_measures",
    "connected_groups",
    "constraint_prices",
    "contact_sheet",
    "core_violations",
    "default_affinities",
    "draw_map",
    "equalised_by_area",
    "examine_assembly",
    "examine_colocation",
    "export",
    "facilities_of",
    "find_assemblies",
    "find_colocations",
    "find_duplicates",
    "flags_of",
    "gate",
    "gates",
    "group_values",
    "is_in_core",
    "isochrone",
    "key_holders",
    "land_of",
    "lease_events",
    "least_core",
    "map_estate",
    "minutes_by_place",
    "myerson",
    "network_of",
    "new_folder",
    "pairing_score",
    "pairing_scores",
    "rank_stability",
    "ransom_share",
    "reach",
    "read_estate",
    "read_matrix",
    "read_network",
    "read_pairs",
    "read_reviews",
    "read_scenario",
    "read_weights",
    "response_change",
    "response_times",
    "restricted_game",
    "road_frontage",
    "roi_required",
    "safe_text",
    "save_benchmark_chart",
    "save_calendar",
    "save_contact_sheet",
    "save_map",
    "save_picture",
    "save_quality",
    "save_submission",
    "scenario_fields",
    "score",
    "shapley",
    "site_connections",
    "site_evidence",
    "site_measures",
    "sites",
    "suitability",
    "travel_minutes",
    "travel_of",
    "value_group",
    "weight_ranges",
    "why_not",
    "why_one_site",
    "write_pairs",
    "write_scenario",
    "write_set_aside",
    "write_tiles",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'assetplan' has no attribute {name!r}")
    value = getattr(import_module(f"assetplan.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

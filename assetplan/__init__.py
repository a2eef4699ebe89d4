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
    from assetplan.assembly import find_assemblies
    from assetplan.errors import (
        AssetplanError,
        EstateError,
        OutputError,
        ReaderError,
        RemoteAssetError,
        SubjectError,
        UnsafeTextError,
    )
    from assetplan.estate import Estate, read_estate, sites
    from assetplan.evidence import site_evidence, why_one_site
    from assetplan.exporting import export
    from assetplan.maps import map_estate, save_map
    from assetplan.page.text import safe_text
    from assetplan.picture.sheet import draw_map, save_picture
    from assetplan.quality import write_set_aside
    from assetplan.quality_page import save_quality
    from assetplan.relations import adjacency, adjacent_pairs
    from assetplan.starting import new_folder

__version__ = "0.1.0"

_HOMES = {
    "AssetplanError": "errors",
    "EstateError": "errors",
    "OutputError": "errors",
    "ReaderError": "errors",
    "RemoteAssetError": "errors",
    "SubjectError": "errors",
    "UnsafeTextError": "errors",
    "Estate": "estate",
    "read_estate": "estate",
    "sites": "estate",
    "adjacency": "relations",
    "adjacent_pairs": "relations",
    "find_assemblies": "assembly",
    "export": "exporting",
    "site_evidence": "evidence",
    "why_one_site": "evidence",
    "map_estate": "maps",
    "save_map": "maps",
    "safe_text": "page.text",
    "save_quality": "quality_page",
    "write_set_aside": "quality",
    "new_folder": "starting",
    "draw_map": "picture.sheet",
    "save_picture": "picture.sheet",
}

__all__ = [
    "AssetplanError",
    "Estate",
    "EstateError",
    "OutputError",
    "ReaderError",
    "RemoteAssetError",
    "SubjectError",
    "UnsafeTextError",
    "adjacency",
    "adjacent_pairs",
    "draw_map",
    "export",
    "find_assemblies",
    "map_estate",
    "new_folder",
    "read_estate",
    "safe_text",
    "save_map",
    "save_picture",
    "save_quality",
    "site_evidence",
    "sites",
    "why_one_site",
    "write_set_aside",
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

"""Malton with the smallest estate.toml: nothing that its files say themselves need be said again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import assetplan as ap

MALTON = Path(__file__).parents[2] / "data" / "malton"

# Identifiers, because facts.csv speaks of assets by them; two readers inside the county; whose the files are that do not say so; and
# who may know the one that is not for everybody.
SMALLEST = """
readers = ["nycc.adult-services", "nycc.libraries"]

[organisations]
nycc.name = "North Yorkshire County Council"
rdc.name = "Ryedale District Council"
nhs.name = "NHS bodies in Malton"
police.name = "North Yorkshire Police Authority"
fire.name = "North Yorkshire Fire and Rescue Authority"

[registers]
"nycc-sensitive.csv" = {organisation = "nycc", audience = "nycc"}
"nhs-estates-return.csv" = {organisation = "nhs"}
"police-estate.geojson" = {organisation = "police"}
"fire-stations.csv" = {organisation = "fire"}
"gp-practices.csv" = {organisation = "nhs"}
"""


@pytest.fixture
def smallest(tmp_path: Path) -> ap.Estate:
    folder = Path(shutil.copytree(MALTON, tmp_path / "malton"))
    (folder / "estate.toml").write_text('name = "Malton and Norton"\n' + SMALLEST, encoding="utf-8")
    return ap.read_estate(folder)


@pytest.mark.parametrize("reader", ["all", "public", "rdc", "nycc.adult-services"])
def test_the_sites_and_what_adjoins_are_the_same(smallest: ap.Estate, reader: str) -> None:
    full = ap.read_estate(MALTON).for_audience(reader)
    small = smallest.for_audience(reader)
    told = [
        "organisation",
        "occupiers",
        "name",
        "use",
        "status",
        "holder_status",
        "ownership",
        "area_ha",
        "assets",
        "parcels",
        "constraints",
    ]
    pd.testing.assert_frame_equal(pd.DataFrame(ap.sites(full))[told], pd.DataFrame(ap.sites(small))[told])
    assert ap.sites(full).geometry.geom_equals(ap.sites(small).geometry).all()
    pd.testing.assert_frame_equal(
        ap.adjacent_pairs(ap.sites(full), roads=full.roads), ap.adjacent_pairs(ap.sites(small), roads=small.roads)
    )
    assert list(full.context().index) == list(small.context().index)
    assert list(full.registers["rows_read"]) == list(small.registers["rows_read"])

"""Assemblies: what lies together, what might be worth doing together, who holds the key; Malton, planted cases, and every group tried."""

import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
import shared

import assetplan as ap
from assetplan import groups, searching
from assetplan.assembly import ASSEMBLY_COLUMNS, CRITERIA, _at_least_in_parts
from assetplan.assumptions import read_assumptions
from assetplan.errors import EstateError, SubjectError
from assetplan.land import not_built_on
from assetplan.residual import Land, only
from assetplan.valuation import group_values

MALTON = Path(__file__).parents[1] / "data" / "malton"
OWN = read_assumptions(MALTON / "assumptions.toml")
HQ, POLICE, AMBULANCE, CARE = "rdc:ILLUS-01", "police:ILLUS-06", "nhs:ILLUS-04", "nycc:ILLUS-05"
SCHOOLS = ("nycc:ILLUS-02", "nycc:ILLUS-03")
SIX = tuple(sorted((HQ, POLICE, AMBULANCE, CARE, *SCHOOLS)))


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def graph(malton: ap.Estate) -> nx.Graph:
    return ap.adjacency(ap.sites(malton), roads=malton.roads)


@pytest.fixture(scope="module")
def land(malton: ap.Estate) -> Land:
    return ap.land_of(malton)


@pytest.fixture(scope="module")
def found(malton: ap.Estate, graph: nx.Graph) -> pd.DataFrame:
    return ap.find_assemblies(malton, graph)


# ------------------------------------------------------------------------------------------------------- Malton


def test_the_six_sites_lie_together_and_rank_where_their_value_puts_them(found: pd.DataFrame) -> None:
    largest = found[found["ranking"] == "largest connected"]
    assert largest["sites"].tolist() == [SIX]
    assert largest[["score", "marriage_value_gbp"]].isna().all(axis=None)
    best = found[found["ranking"] == "best deliverable"]
    assert best["rank"].tolist() == list(range(1, len(best) + 1))
    six = best[best["sites"] == SIX]
    assert len(six) == 1
    # Joined they add something as cleared land, but police houses and stations sell for more as they stand.
    assert six["marriage_value_gbp"].item() < 0
    assert six["given_up_gbp"].item() > 900_000
    assert six["rank"].item() > 1
    assert best["sites"].map(len).max() == 6


def test_nothing_locked_private_or_of_unknown_owner_is_in_a_group(found: pd.DataFrame) -> None:
    named = {site for group in found["sites"] for site in group}
    assert not {site for site in named if site.startswith("unknown:")}
    assert named <= set(
        SIX
    )  # the depot, the fields, the car park and the schools elsewhere adjoin no site of another owner


def test_schools_are_not_valued_as_building_land(malton: ap.Estate, land: Land) -> None:
    assert land.sites.loc[list(SCHOOLS), "homes"].tolist() == [0, 0]
    value = ap.value_group(land, SIX, malton.assumptions)
    assert value.by_site.loc[list(SCHOOLS), "cleared"].tolist() == [0, 0]
    assert land.sites["homes"].loc[[HQ, POLICE, AMBULANCE, CARE]].sum() == 82


@pytest.mark.parametrize(
    ("use", "built"),
    [
        ("Park and ride", True), ("Retail Park", True), ("Lorry park", True), ("Car parks", True), ("Offices", True), (None, True),
        ("Park", False), ("Country park; car park", False), ("Playing Fields", False), ("Primary school", False), ("Cemetery", False),
    ],
)  # fmt: skip
def test_parks_where_firms_or_vehicles_stand_are_no_open_space(use: str | None, built: bool) -> None:
    assert not_built_on(use) is not built


def test_a_net_area_that_somebody_states_is_taken_with_its_source(tmp_path: Path) -> None:
    shutil.copytree(MALTON, tmp_path / "malton")
    with (tmp_path / "malton" / "facts.csv").open("a", encoding="utf-8") as handle:
        handle.write(
            'strip,site,nycc:NY/0412,net_developable_ha,0.2,public,"head of property: a strip beside the care home",2010-06-25,,yes\n'
        )
    estate = ap.read_estate(tmp_path / "malton")
    land = ap.land_of(estate)
    assert land.sites.at["nycc:ILLUS-02", "net_ha"] == 0.2
    assert land.sites.at["nycc:ILLUS-02", "homes"] == pytest.approx(0.2 * OWN.value("homes_per_ha"))
    assert not land.sites.at["nycc:ILLUS-02", "by_rule"]
    assert "head of property" in " ".join(estate.facts.loc[estate.facts["fact_id"] == "strip", "source"])


def test_the_six_are_worth_what_arithmetic_on_the_folder_says(malton: ap.Estate, land: Land) -> None:
    """From outlines, facts and assumptions alone, none of it through the package's valuation."""
    v = {name: figure.central for name, figure in malton.assumptions.figures.items()}
    sites = ap.sites(malton)
    built = {
        HQ: (42, 3_300, 450_000),
        POLICE: (10, 750 + 360, 160_000),
        AMBULANCE: (6, 350, 80_000),
        CARE: (24, 1_500, 250_000),
    }
    shapes = sites.geometry
    sides = {
        (HQ, POLICE): 2,
        (AMBULANCE, CARE): 2,
        (SCHOOLS[0], CARE): 1,
    }  # the school keeps its own side of the boundary
    shared = {
        pair: shapes[pair[0]].boundary.intersection(shapes[pair[1]].boundary.buffer(0.05)).length for pair in sides
    }
    gained = (
        sum(shared[pair] * side for pair, side in sides.items())
        * v["layout_setback_m"]
        * v["net_developable_percent"]
        / 100
        / 10_000
    )
    homes = sum(n for n, _, _ in built.values()) + gained * v["homes_per_ha"]
    sold, let = homes * (1 - v["affordable_percent"] / 100), homes * v["affordable_percent"] / 100
    market = sold * v["market_m2_per_home"] * v["market_value_gbp_m2"]
    below = let * v["affordable_m2_per_home"] * v["market_value_gbp_m2"] * v["affordable_value_percent"] / 100
    built_m2 = sold * v["market_m2_per_home"] + let * v["affordable_m2_per_home"]
    works = built_m2 * v["build_gbp_m2"] * (1 + v["externals_percent"] / 100)
    levy = max(0.0, sold * v["market_m2_per_home"] - sum(m2 for _, m2, _ in built.values())) * v["cil_gbp_m2"]
    costs = (
        works * (1 + (v["fees_percent"] + v["contingency_percent"]) / 100)
        + sum(w for _, _, w in built.values())
        - 3 * v["scheme_fixed_gbp"]
    )
    costs += (
        (market + below) * v["finance_percent"] / 100
        + market * v["sales_percent"] / 100
        + levy
        + homes * v["s106_gbp_per_home"]
    )
    costs += market * v["profit_market_percent"] / 100 + below * v["profit_affordable_percent"] / 100
    found = ap.value_group(land, SIX, malton.assumptions)
    assert found.together_gbp[1] == pytest.approx(
        market + below - costs, abs=2_000
    )  # a corner of a boundary within 5 cm
    apart = (
        485_489 + 1_060_000 + 227_837 + 284_565
    )  # cleared; the police houses and station as they stand; cleared; cleared
    assert found.apart_gbp[1] == pytest.approx(apart, abs=1_000)


def test_the_covenant_costs_housing_nothing_and_health_something(malton: ap.Estate, land: Land) -> None:
    for group in ([HQ], SIX):
        assert ap.constraint_prices(land, group, malton.assumptions).to_numpy().tolist() == [[0, 0, 0]]
        assert ap.constraint_prices(land, group, malton.assumptions, "homes and extra care").to_numpy().tolist() == [
            [0, 0, 0]
        ]
    assert ap.constraint_prices(land, [HQ], malton.assumptions, "homes and health").at["hq-covenant", "central"] > 0


def test_flags_name_the_route_and_leave_the_cost_open(malton: ap.Estate) -> None:
    flags = ap.flags_of(malton, list(SIX))
    kinds = {(flag.site_id, flag.kind) for flag in flags}
    for school in SCHOOLS:
        assert {(school, "school land"), (school, "playing field")} <= kinds
    assert (SCHOOLS[1], "title") in kinds
    assert (HQ, "covenant") in kinds  # further covenants are not known of; housing is within the one that is
    assert {site for site, kind in kinds if kind == "compulsion"} == set(SIX)
    assert {flag.cost for flag in flags} == {"to be confirmed"}
    assert ap.flags_of(malton, [*SIX, *SIX]) == flags
    assert all(
        0 < flag.months[0] <= flag.months[1] and flag.route and flag.who_can_say and flag.source for flag in flags
    )
    health = [flag for flag in ap.flags_of(malton, [HQ], mix="homes and health") if flag.kind == "covenant"]
    assert {flag.state for flag in health} == {"yes", "unknown"}
    care = [flag for flag in ap.flags_of(malton, [HQ], mix="homes and extra care") if flag.kind == "covenant"]
    assert {flag.state for flag in care} == {"arguable", "unknown"}


def test_keys_are_those_without_which_the_group_falls_apart(malton: ap.Estate, land: Land, graph: nx.Graph) -> None:
    keys = ap.key_holders(land, graph, SIX, malton.assumptions)
    links = nx.Graph((a, b) for a, b, relation in graph.subgraph(SIX).edges(data="relation") if relation != "opposite")
    assert set(keys.index[keys["splits"].astype(bool)]) == set(nx.articulation_points(links))
    for site, row in keys.iterrows():
        rest = [tuple(part) for part in nx.connected_components(links.subgraph(set(SIX) - {site}))]
        values = group_values(land, [SIX, *rest], OWN)["marriage_central_gbp"]
        assert row["lost_central_gbp"] == pytest.approx(values[0] - values[1:].sum())
    owners = ap.key_holders(land, graph, SIX, malton.assumptions, by_owner=True)
    assert set(owners.index) == {"nhs", "nycc", "police", "rdc"}
    assert keys["lost_central_gbp"].is_monotonic_decreasing


def test_a_group_looked_at_closely_agrees_with_its_parts(malton: ap.Estate, land: Land, graph: nx.Graph) -> None:
    found = ap.examine_assembly(malton, graph, SIX)
    assert found.value.marriage_value_gbp == pytest.approx(ap.value_group(land, SIX, OWN).marriage_value_gbp)
    assert found.prices.equals(ap.constraint_prices(land, SIX, OWN))
    shares = found.shares.table
    assert list(shares.index) == ["nhs", "nycc", "police", "rdc"]
    # The county's three sites adjoin one another, so alone it may join them; the others hold one site each.
    county = group_values(land, [(CARE, *SCHOOLS)], OWN).iloc[0]
    apart = found.value.by_site["apart"]
    alone = [
        apart[AMBULANCE],
        max(county["together_central_gbp"], county["apart_central_gbp"]),
        apart[POLICE],
        apart[HQ],
    ]
    assert shares["apart_gbp"].to_numpy() == pytest.approx(alone)
    # All six joined would lose value, so together they count for what they are worth in parts, and nobody does better alone.
    assert shares["shapley_gbp"].to_numpy() == pytest.approx(alone)
    assert found.shares.core_empty is False
    assert not shares["better_alone"].map(lambda names: "shapley" in names).any()
    for wrong in ("unknown:MAL-12", "town hall"):
        with pytest.raises(SubjectError):
            ap.examine_assembly(malton, graph, [HQ, wrong])


def test_each_reader_who_may_see_groups_has_those_of_what_it_knows(malton: ap.Estate) -> None:
    rdc = malton.for_audience("rdc")
    found = ap.find_assemblies(rdc, ap.adjacency(ap.sites(rdc), roads=rdc.roads))
    assert SIX in found["sites"].tolist()
    police = malton.for_audience("fire")
    assert not police.released("assemblies")


def test_without_assumptions_only_what_lies_together_is_told(malton: ap.Estate, graph: nx.Graph) -> None:
    found = ap.find_assemblies(replace(malton, assumptions=None), graph)
    assert found["ranking"].tolist() == ["largest connected"]
    assert list(found.columns) == list(ASSEMBLY_COLUMNS)


def test_limits_are_kept(malton: ap.Estate, graph: nx.Graph) -> None:
    def best(**limits: object) -> list[tuple[str, ...]]:
        found = ap.find_assemblies(malton, graph, limits=ap.AssemblyLimits(**limits))  # type: ignore[arg-type]
        return found.loc[found["ranking"] == "best deliverable", "sites"].tolist()

    assert all(HQ in group for group in best(include=(HQ,)))
    assert not any(POLICE in group for group in best(exclude=(POLICE,)))
    assert all(len(group) >= 3 for group in best(min_sites=3))
    assert not any(set(SCHOOLS) & set(group) for group in best(without_constraints=("consent",)))
    areas = ap.sites(malton)["area_ha"]
    assert all(1.0 <= areas[list(group)].sum() <= 3.0 for group in best(min_area_ha=1.0, max_area_ha=3.0))
    assert best(include=(HQ,), exclude=(POLICE,)) == []
    assert best(min_frontage_m=10_000) == []
    with pytest.raises(SubjectError, match="no site of this estate"):
        best(include=("town hall",))
    for wrong in (
        {"min_sites": 1},
        {"min_area_ha": -1},
        {"min_area_ha": 3, "max_area_ha": 2},
        {"min_frontage_m": float("nan")},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            ap.AssemblyLimits(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 2 sites"):
        ap.find_assemblies(malton, graph, max_sites=1)


def test_scores_are_told_in_parts_and_the_first_place_in_weightings(
    malton: ap.Estate, graph: nx.Graph, found: pd.DataFrame
) -> None:
    best = found[found["ranking"] == "best deliverable"]
    assert best["score"].is_monotonic_decreasing
    for row in best.to_dict("records"):
        assert set(row["contributions"]) == set(CRITERIA)
        assert sum(row["contributions"].values()) == pytest.approx(row["score"], abs=0.4)
        assert row["first_in"].startswith("first in ")
    money = ap.find_assemblies(malton, graph, lens="money").query("ranking == 'best deliverable'")
    one, other = (dict(zip(frame["sites"], frame["contributions"], strict=True)) for frame in (money, best))
    assert all(
        one[group]["marriage_value_gbp"] == pytest.approx(3 * other[group]["marriage_value_gbp"], abs=0.2)
        for group in one
    )
    with pytest.raises(EstateError, match="Did you mean 'money'"):
        ap.find_assemblies(malton, graph, lens="mony")


def test_without_weights_groups_stand_by_what_they_would_add(malton: ap.Estate, graph: nx.Graph) -> None:
    best = ap.find_assemblies(replace(malton, weights=None), graph).query("ranking == 'best deliverable'")
    assert best["marriage_value_gbp"].is_monotonic_decreasing
    assert best["score"].isna().all()


# ------------------------------------------------------------------------------------------------------- planted


def estate_of(
    tmp_path: Path, rows: list[tuple[str, str, shapely.Polygon, str]], roads: list[shapely.LineString] = ()
) -> ap.Estate:  # type: ignore[assignment]
    """An estate whose sites are given as name, owner, outline and further cells."""
    folder = tmp_path / "registers"
    folder.mkdir(parents=True)
    owners = sorted({owner for _, owner, _, _ in rows})
    organisations = "".join(f'[organisations.{owner}]\nname = "{owner.title()}"\n' for owner in owners)
    (tmp_path / "estate.toml").write_text(
        f'name = "Planted"\n{organisations}'
        + "".join(f'[registers."{owner}.csv"]\norganisation = "{owner}"\n' for owner in owners),
        encoding="utf-8",
    )
    for owner in owners:
        lines = [f'{name},{name},Freehold,{use},"{shape.wkt}"' for name, who, shape, use in rows if who == owner]
        (folder / f"{owner}.csv").write_text(
            "Reference,Name,Tenure,Use,WKT\n" + "\n".join(lines) + "\n", encoding="utf-8"
        )
    figures = (MALTON / "assumptions.toml").read_text(encoding="utf-8")
    (tmp_path / "assumptions.toml").write_text(re.sub("audience = .*", "", figures), encoding="utf-8")
    if len(roads):
        frame = gpd.GeoDataFrame(
            {"name": ["High Street"] * len(roads), "kind": ["road"] * len(roads)}, geometry=list(roads), crs=27700
        )
        frame.to_file(tmp_path / "roads.gpkg", driver="GPKG")
    return ap.read_estate(tmp_path)


def square(x: float, y: float, side: float = 100.0) -> shapely.Polygon:
    return shapely.box(479_000 + x, 472_000 + y, 479_000 + x + side, 472_000 + y + side)


def test_one_owner_s_large_estate_does_not_win_for_its_size(tmp_path: Path) -> None:
    """Five joined sites of one owner, and elsewhere two of two owners."""
    rows = [(f"depot{i}", "county", square(100 * i, 0), "depot") for i in range(5)]
    rows += [("yard", "county", square(2_000, 0), "depot"), ("store", "police", square(2_100, 0), "depot")]
    estate = estate_of(tmp_path, rows)
    found = ap.find_assemblies(estate, ap.adjacency(ap.sites(estate)))
    assert set(found["sites"]) == {("county:yard", "police:store")}


def test_removing_a_frontage_makes_a_ransom_position(tmp_path: Path) -> None:
    """A road along both sites, then along one alone: the other lies behind.

    ::

        +------+------+        +------+------+
        | back | front|        | back | front|
        +------+------+        +------+------+
        ===============               ========
    """
    rows = [("back", "county", square(0, 0), "depot"), ("front", "police", square(100, 0), "depot")]
    at = {"both": (-200, 400), "one": (150, 400)}
    dear = OWN.changed({"market_value_gbp_m2": 3_800}, source="this test")
    values = {}
    for name, (start, end) in at.items():
        road = shapely.LineString([(479_000 + start, 471_992), (479_000 + end, 471_992)])
        estate = estate_of(tmp_path / name, rows, [road])
        land, graph = ap.land_of(estate), ap.adjacency(ap.sites(estate), roads=estate.roads)
        sites = ["county:back", "police:front"]
        values[name] = ap.value_group(land, sites, dear)
        keys = ap.key_holders(land, graph, sites, OWN)
        assert bool(keys.at["police:front", "holds_the_road"]) == (name == "one")
        assert not keys.at["county:back", "holds_the_road"]
    assert values["one"].together_gbp == pytest.approx(values["both"].together_gbp)
    assert values["one"].reasons.at["ransom removed", "central"] > 0
    assert values["both"].reasons.at["ransom removed", "central"] == 0
    assert values["one"].marriage_value_gbp[1] > values["both"].marriage_value_gbp[1]


def test_land_that_two_sites_overlap_on_counts_once(tmp_path: Path) -> None:
    rows = [("large", "county", square(0, 0, 120), "depot"), ("small", "police", square(100, 0), "depot")]
    estate = estate_of(tmp_path, rows)
    land = ap.land_of(estate)
    strip, share = OWN.value("layout_setback_m"), OWN.value("net_developable_percent") / 100
    assert land.sites.at["police:small", "net_ha"] == pytest.approx((1.0 - strip * 400 / 10_000) * share)
    assert land.sites.at["county:large", "net_ha"] == pytest.approx((1.44 - 0.2 - strip * 480 / 10_000) * share)
    kinds = {(flag.site_id, flag.kind) for flag in ap.flags_of(estate, ["county:large", "police:small"])}
    assert {("county:large", "overlap"), ("police:small", "overlap")} <= kinds
    assert not any(flag.kind == "overlap" for flag in ap.flags_of(estate, ["county:large"]))


def test_nobody_is_said_to_hold_the_road_where_another_front_is_not_known() -> None:
    land, graph = grid(4, 1)
    sites = land.sites.assign(frontage_m=[0.0, 40.0, 0.0, 0.0])
    for unknown in (False, True):
        if unknown:
            sites.loc["s00", "frontage_m"] = np.nan
        keys = ap.key_holders(replace(land, sites=sites), graph, sorted(graph), OWN)
        assert bool(keys.at["s01", "holds_the_road"]) is not unknown


def test_owners_may_part_in_more_than_two() -> None:
    """Each of four is worth one alone and nothing joined: together they are worth four."""
    worth = _at_least_in_parts(lambda owners: float(len(owners) == 1))
    assert [worth(frozenset("abcd"[:n])) for n in range(5)] == [0, 1, 2, 3, 4]


def test_near_duplicates_are_folded_and_counted(tmp_path: Path) -> None:
    rows = [(f"s{i:02d}", "county" if i % 2 else "police", square(100 * i, 0), "depot") for i in range(14)]
    estate = estate_of(tmp_path, rows)
    graph = ap.adjacency(ap.sites(estate))
    dear = OWN.changed({"market_value_gbp_m2": 3_800}, source="this test")
    best = ap.find_assemblies(estate, graph, max_sites=6, assumptions=dear).query("ranking == 'best deliverable'")
    assert len(best) == 10
    for one, other in itertools.combinations(map(set, best["sites"]), 2):
        assert len(one & other) < searching.ALIKE * len(one | other)
    assert best["variants"].sum() > 0


# ------------------------------------------------------------------------------------------------------- the search


def grid(n: int, seed: int) -> tuple[Land, nx.Graph]:
    """A made-up component: sites of a grid with figures at random."""
    draw = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(n)))
    plain = nx.grid_2d_graph(side, side)
    names = {node: f"s{i:02d}" for i, node in enumerate(sorted(plain))}
    graph = nx.relabel_nodes(plain, names).subgraph([f"s{i:02d}" for i in range(n)]).copy()
    net = draw.uniform(0, 0.8, n).round(2)
    frame = pd.DataFrame(
        {
            "organisation": draw.choice(["county", "police", "nhs"], n), "net_ha": net, "homes": net * 30, "existing_m2": draw.uniform(0, 2_000, n).round(),
            "abnormals_gbp": draw.uniform(30_000, 200_000, n).round(), "as_it_stands_gbp": np.where(draw.random(n) < 0.3, 300_000.0, np.nan),
            "frontage_m": draw.choice([0.0, 6.0, 40.0], n), "landlocked": False, "by_rule": True,
        },
        index=[f"s{i:02d}" for i in range(n)],
    )  # fmt: skip
    frame["landlocked"] = frame["frontage_m"] == 0
    bonds = pd.DataFrame(
        [(a, b, 50.0) for a, b in sorted(map(sorted, graph.edges))], columns=["site_a", "site_b", "shared_boundary_m"]
    )
    return Land(frame, bonds, {}), graph


def every_group(land: Land, graph: nx.Graph, largest: int) -> Iterator[tuple[str, ...]]:
    for size in range(2, largest + 1):
        for group in itertools.combinations(sorted(graph), size):
            if len(set(land.sites.loc[list(group), "organisation"])) > 1 and nx.is_connected(graph.subgraph(group)):
                yield group


class _Plain:
    """As much of an estate as a search needs."""

    def __init__(self, land: Land) -> None:
        self.constraints = gpd.GeoDataFrame({"constraint_id": [], "kind": [], "state": []}, geometry=[], crs=27700)
        self.organisations: dict[str, object] = {}
        self.frame = land.sites.assign(
            constraints=[()] * len(land.sites), area_ha=1.0, name=land.sites.index, northing=0.0
        )


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch):
    def go(land: Land, graph: nx.Graph, largest: int) -> searching.Search:
        plain = _Plain(land)
        monkeypatch.setattr(searching, "sites_of", lambda _: plain.frame)
        return searching.search_groups(
            plain, land, graph, [tuple(sorted(graph))], OWN, "housing", ap.AssemblyLimits(), largest
        )  # type: ignore[arg-type]

    return go


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_best_group_is_the_best_of_all_tried_one_by_one(search, seed: int) -> None:
    land, graph = grid(10, seed)
    tried = list(every_group(land, graph, 6))
    added = group_values(land, tried, OWN)["marriage_central_gbp"]
    found = search(land, graph, 6)
    assert found.seen == len(tried)
    assert found.missed == ()
    assert group_values(land, [found.groups[0][0]], OWN)["marriage_central_gbp"].item() == pytest.approx(added.max())


def test_a_component_of_25_sites_is_gone_through_whole(search) -> None:
    land, graph = grid(25, 7)
    tried = list(every_group(land, graph, 3))
    found = search(land, graph, 3)
    assert found.seen == len(tried)
    best = group_values(land, tried, OWN)["marriage_central_gbp"].max()
    assert group_values(land, [found.groups[0][0]], OWN)["marriage_central_gbp"].item() == pytest.approx(best)
    assert search(land, graph, 8).missed == ()


def test_what_a_search_may_have_missed_is_bounded(search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "EXACT", 5)
    monkeypatch.setattr(groups, "WIDTH", 6)
    land, graph = grid(12, 5)
    found = search(land, graph, 6)
    (said,) = found.missed
    bound = int(said.rsplit("£", 1)[1].rstrip(".").replace(",", ""))
    added = group_values(land, list(every_group(land, graph, 6)), OWN)["marriage_central_gbp"]
    assert bound >= added.max()
    assert found.seen < len(added)
    assert "12 sites hang together" in said


def test_the_land_of_some_sites_is_their_part_of_the_whole() -> None:
    land, _ = grid(9, 1)
    part = only(land, ["s00", "s01", "s05"])
    assert list(part.sites.index) == ["s00", "s01", "s05"]
    assert part.bonds[["site_a", "site_b"]].to_numpy().tolist() == [["s00", "s01"]]


# ------------------------------------------------------------------------------------------------------- what is asked for wrongly


def test_a_mix_that_there_is_not_drops_no_covenant_in_silence(malton: ap.Estate) -> None:
    """Of no uses a covenant would permit all: a misspelt mix must be refused, not answered."""
    states = [flag.state for flag in ap.flags_of(malton, [HQ], mix="homes and leisure") if flag.kind == "covenant"]
    assert sorted(states) == ["unknown", "yes"]
    with pytest.raises(EstateError, match="Did you mean 'homes and leisure'"):
        ap.flags_of(malton, [HQ], mix="homes and leisur")


def test_a_site_that_there_is_not_is_refused_in_a_sentence(malton: ap.Estate, graph: nx.Graph, land: Land) -> None:
    for ask in (
        lambda: ap.flags_of(malton, ["rdc:none"]),
        lambda: ap.key_holders(land, graph, [HQ, "rdc:none"], OWN),
        lambda: group_values(land, [(HQ, "rdc:none")], OWN),
    ):
        with pytest.raises(SubjectError, match="'rdc:none' is no"):
            ask()


def test_no_table_of_groups_is_larger_than_the_cells_that_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of 400 sites: however many hang together, groups come some at a time, and the same ones."""
    n = 400
    chain = np.eye(n, k=1, dtype=bool) | np.eye(n, k=-1, dtype=bool)

    def of(cells: int) -> tuple[np.ndarray, int]:
        monkeypatch.setattr(groups, "_CELLS", cells)
        some = [rows for rows, _ in groups.growing_groups(chain, 2, 4, lambda rows: rows.sum(axis=1).astype(float))]
        return np.concatenate(some), max(rows.size for rows in some)

    (whole, _), (parted, most) = of(1 << 25), of(20 * n)
    assert most <= 20 * n
    assert np.array_equal(whole, parted)
    assert len(whole) == 3 * n - 6

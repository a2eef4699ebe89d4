"""Groups of sites in words: ranges, never a figure to the pound; hostile names; what the command prints, and for whom."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shared
from hypothesis import given
from hypothesis import strategies as st
from test_cli import MALTON, answer, run

import assetplan as ap
from assetplan.answers import as_csv, in_sections
from assetplan.assembly import Assembly, none_adds
from assetplan.assembly_words import Section, joining_in_words, rankings
from assetplan.group_words import AID, as_record, as_rows, told
from assetplan.ranges import either_way, pounds, span
from assetplan.relations import graph_of
from assetplan.residual import REASONS, only
from assetplan.sentences import summary
from assetplan.turning import better_without, turning_points
from assetplan.valuation import group_values
from assetplan.wording import account_of

HQ, POLICE, AMBULANCE, CARE = "rdc:ILLUS-01", "police:ILLUS-06", "nhs:ILLUS-04", "nycc:ILLUS-05"
SCHOOLS = ("nycc:ILLUS-02", "nycc:ILLUS-03")
SIX = tuple(sorted((HQ, POLICE, AMBULANCE, CARE, *SCHOOLS)))
# Pounds to the pound, or to more than three figures.
TOO_SURE = re.compile(r"£[\d,]*[1-9]\d{3}\b|£\d{1,3},\d{3},\d{3}|£\d{2,},\d{3}\b|\.\d\d+[mk]\b")


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def graph(malton: ap.Estate) -> nx.Graph:
    return ap.adjacency(ap.sites(malton), roads=malton.roads)


@pytest.fixture(scope="module")
def six(malton: ap.Estate, graph: nx.Graph) -> Assembly:
    return ap.examine_assembly(malton, graph, SIX)


def text_of(sections: list[Section]) -> str:
    return in_sections(sections)


# ------------------------------------------------------------------------------------------------------- ranges


@given(st.floats(-9e9, 9e9))
def test_pounds_are_rounded_and_keep_their_sign(amount: float) -> None:
    said = pounds(amount)
    assert said == "£0" or said.startswith("-£" if amount < 0 else "£")
    number = float(re.sub(r"[£,mk]", "", said)) * (1e6 if said.endswith("m") else 1e3 if said.endswith("k") else 1)
    step = 1e5 if said.endswith("m") else 1e3 if said.endswith("k") else 100
    assert abs(number - amount) <= step / 2 + 1e-6
    assert len(re.sub(r"\D", "", said.split(".")[0])) <= 4


@given(st.lists(st.floats(-5e6, 5e6), min_size=3, max_size=3))
def test_a_range_runs_from_the_least_to_the_most_whatever_the_order_of_cases(amounts: list[float]) -> None:
    assert span(amounts) == span(sorted(amounts))
    assert span(amounts) in {f"{pounds(min(amounts))} to {pounds(max(amounts))}", f"about {pounds(min(amounts))}", "£0"}
    way, size = either_way(amounts)
    assert (way == 0) is (pounds(min(amounts)) == pounds(max(amounts)) == "£0")
    if way in {1, -1}:
        assert "-" not in size
    else:
        assert size == "nothing" or (min(amounts) < 0 < max(amounts) and "loss" in size and "gain" in size)


# ------------------------------------------------------------------------------------------------------- what would change the answer


def test_at_its_turning_point_a_figure_changes_gain_into_loss(malton: ap.Estate) -> None:
    land, own = ap.land_of(malton), malton.assumptions
    assert own is not None
    seen = 0
    for group in (SIX, (POLICE, HQ), (AMBULANCE, CARE)):
        here = only(land, sorted(group))
        now = group_values(here, [tuple(sorted(group))], own)["marriage_central_gbp"].iloc[0]
        for name, row in turning_points(land, group, own).iterrows():
            if pd.isna(row["turns_at"]) or name == "as_it_stands_gbp":
                continue
            seen += 1
            ends = [
                group_values(here, [tuple(sorted(group))], own.changed({str(name): row["turns_at"] * factor}, "tried"))
                for factor in (0.999, 1.001)
            ]
            signs = [np.sign(end["marriage_central_gbp"].iloc[0]) for end in ends]
            assert sorted(signs) == [-1, 1]
            assert np.sign(now) == (signs[0] if row["stated"] < row["turns_at"] else signs[1])
            assert row["tried_low"] <= row["turns_at"] <= row["tried_high"]
    assert seen >= 3


def test_what_a_site_fetches_as_it_stands_has_a_turning_point_too(malton: ap.Estate) -> None:
    own, land = malton.assumptions, ap.land_of(malton)
    assert own is not None
    row = turning_points(land, (POLICE, HQ), own).loc["as_it_stands_gbp"]
    assert row["site_id"] == POLICE
    land.sites.loc[POLICE, "as_it_stands_gbp"] = row["turns_at"]
    assert group_values(land, [(POLICE, HQ)], own)["marriage_central_gbp"].iloc[0] == pytest.approx(0, abs=5)


def test_the_smaller_group_that_does_better_is_the_best_of_all(malton: ap.Estate, graph: nx.Graph) -> None:
    own, land = malton.assumptions, ap.land_of(malton)
    assert own is not None
    (row,) = better_without(land, graph, SIX, own).to_dict("records")
    assert set(row["sites"]) | set(row["left_out"]) == set(SIX)
    assert POLICE in row["left_out"]
    tried = [tuple(site for k, site in enumerate(SIX) if number >> k & 1) for number in range(1, 2 ** len(SIX) - 1)]
    tried = [
        group
        for group in tried
        if len({site.split(":")[0] for site in group}) > 1 and nx.is_connected(graph.subgraph(group))
    ]
    best = group_values(only(land, SIX), tried, own)["marriage_central_gbp"].max()
    assert row["marriage_central_gbp"] == pytest.approx(best)
    assert better_without(land, graph, row["sites"], own).empty


def test_land_and_pairs_at_hand_find_the_same_groups(malton: ap.Estate, graph: nx.Graph) -> None:
    sites = ap.sites(malton)
    pairs = ap.adjacent_pairs(sites, roads=malton.roads)
    same = graph_of(sites, pairs)
    assert list(same.nodes) == list(graph.nodes)
    assert list(same.edges(data=True)) == list(graph.edges(data=True))
    found = ap.find_assemblies(malton, same, land=ap.land_of(malton, pairs=pairs))
    pd.testing.assert_frame_equal(found, ap.find_assemblies(malton, graph))
    assert set(found.attrs["values"]) == set(found.loc[found["ranking"] == "best deliverable", "sites"])


# ------------------------------------------------------------------------------------------------------- the six of Malton


def test_the_six_are_told_as_people_of_such_estates_would(malton: ap.Estate, six: Assembly) -> None:
    sections = told(malton, six)
    said = {section.heading: " ".join(section.sentences) for section in sections}
    assert said["The group"].startswith("Six sites, 5.87 ha as drawn, of ")
    assert "Indicative, not a valuation" in said["The group"]
    assert "About 3.0 ha could be released without education consent" in said["The group"]
    assert "Prices 2025/26" in said["The group"]
    assert "-£1.1m to -£1.0m" in said["Worth apart and together"]
    assert said["Why"].startswith("Joining these sites ")
    assert " as cleared land (threshold " in said["Why"]
    assert "but loses £1.0m to £1.1m once buildings that sell as they stand are counted." in said["Why"]
    assert "it costs a housing scheme nothing" in said["What covenants cost"]
    assert "Other covenants on the Ryedale House site: not known" in said["What covenants cost"]
    assert "North Yorkshire Police Authority would give up £877k to £1.1m" in said["Who gives up what"]
    assert "Malton Police Station" in said["Who holds the key"]
    assert "left out, joining the rest would lose" in said["What would change the answer"]
    assert said[AID].startswith("A negotiation aid: ")
    flags = next(section.table for section in sections if section.heading.startswith("Needed"))
    assert flags is not None
    assert set(flags["cost"]) == {"to be confirmed"}
    assert (flags["who can say"] != "").all()


def test_no_figure_is_to_the_pound_and_no_share_is_called_due_or_fair(
    malton: ap.Estate, six: Assembly, graph: nx.Graph
) -> None:
    found = ap.find_assemblies(malton, graph)
    text = text_of([*told(malton, six), *rankings(malton, found, weights=malton.weights, lens="", mix="housing")])
    assert not TOO_SURE.search(re.sub(r"£[\d,]+/m2", "", text)), TOO_SURE.search(text)
    assert "£" in text
    for word in ("share due", "fair", "owed to", "complies", "entitled"):
        assert word not in text.casefold(), word
    assert "unknown" in text


def test_the_reasons_in_words_add_up_to_what_is_said_of_cleared_land(six: Assembly) -> None:
    value = six.value
    rest = value.reasons.drop(index="stand-alone value lost")
    assert [*value.reasons.index] == [*REASONS]
    cleared = rest.sum()
    assert cleared["low"] == pytest.approx(
        value.marriage_value_gbp[0] - value.reasons.at["stand-alone value lost", "low"]
    )
    said = joining_in_words(value)
    assert pounds(cleared.max()) in said
    assert pounds(-cleared.min()) in said


def test_a_mix_outside_the_covenant_names_its_price(malton: ap.Estate, graph: nx.Graph) -> None:
    pair = ap.examine_assembly(malton, graph, (POLICE, HQ), mix="homes and health")
    said = " ".join(next(s for s in told(malton, pair) if s.heading == "What covenants cost").sentences)
    assert "costs a housing scheme nothing" not in said
    assert "outside the covenant" in said or "arguable under the covenant" in said
    if pair.prices["central"].max() > 100:
        assert f"worth {span(pair.prices.iloc[0])} more" in said


def test_where_no_group_adds_value_it_is_said(malton: ap.Estate, graph: nx.Graph) -> None:
    rows = ap.find_assemblies(malton, graph).to_dict("records")
    assert (
        none_adds(rows)
        == "By the figures here none of these groups would add value by being joined: the best lose least."
    )
    assert none_adds(rows) in summary(account_of(malton))
    assert not none_adds([{**row, "marriage_high_gbp": 1} for row in rows])
    assert not none_adds([row for row in rows if row["ranking"] == "largest connected"])


def test_sites_that_do_not_hang_together_are_no_group(malton: ap.Estate, graph: nx.Graph) -> None:
    with pytest.raises(ap.SubjectError, match=r"do not hang together.*nycc:ILLUS-08 and police:ILLUS-06"):
        ap.examine_assembly(malton, graph, (POLICE, "nycc:ILLUS-08"))
    together = ap.examine_assembly(malton, graph, (POLICE, HQ))
    assert "education consent" not in text_of(told(malton, together))


def test_the_record_and_the_rows_hold_the_figures_of_the_analysis(malton: ap.Estate, six: Assembly) -> None:
    record = as_record(malton, six)
    assert record["sites"] == SIX
    assert record["marriage_range_gbp"][1] == record["marriage_value_gbp"] == round(six.value.marriage_value_gbp[1])
    assert sum(row["central"] for row in record["reasons"]) == pytest.approx(record["marriage_value_gbp"], abs=8)
    assert {flag["cost"] for flag in record["flags"]} == {"to be confirmed"}
    assert list(record["in_words"]) == [section.heading for section in told(malton, six)]
    rows = as_rows(malton, six)
    reasons = rows[rows["part"] == "reason"]
    assert reasons["item"].tolist() == list(REASONS)
    assert rows[rows["item"] == "marriage value"]["central_gbp"].iloc[0] == record["marriage_value_gbp"]


# ------------------------------------------------------------------------------------------------------- the command


def test_two_rankings_stand_apart_with_what_they_rest_on() -> None:
    done = run("assemble", MALTON, COLUMNS="160")
    assert done.returncode == 0, done.stderr
    largest, best = done.stdout.index("LARGEST CONNECTED"), done.stdout.index("BEST DELIVERABLE")
    assert largest < best
    assert "marriage value" not in done.stdout[largest:best]
    for said in (
        "Indicative, not a valuation",
        "Prices 2025/26",
        "lens least-regret",
        "author: for this example",
        "more than 99% of",
    ):
        assert said in done.stdout[best:], said
    assert "Ashfield" in done.stdout  # by name, not by identifier
    assert "ILLUS" not in done.stdout


def test_a_ranking_keeps_to_the_limits_asked_for() -> None:
    def groups(*options: str) -> list[dict[str, object]]:
        found = answer("assemble", MALTON, *options)
        assert isinstance(found, list)
        return [group for group in found if group["ranking"] == "best deliverable"]

    kept = groups("--include", "Malton Police Station", "--exclude", "nycc:ILLUS-02", "--max-sites", "3")
    assert kept
    for group in kept:
        assert POLICE in group["sites"]  # type: ignore[operator]
        assert "nycc:ILLUS-02" not in group["sites"]  # type: ignore[operator]
        assert len(group["sites"]) <= 3  # type: ignore[arg-type]
    assert all(1 <= group["area_ha"] <= 3 for group in groups("--min-area", "1", "--max-area", "3"))  # type: ignore[operator]
    by_score = [[group["score"] for group in groups("--lens", lens)] for lens in ("money", "operations")]
    assert by_score[0] != by_score[1]
    assert all(one >= other for scores in by_score for one, other in pairwise(scores))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--lens", "monny"), 1, "'monny'"),
        (("--mix", "homes and helth"), 1, "homes and health"),
        (("--exclude", "Ryedale Hose"), 1, "No site is called 'Ryedale Hose'"),
        (("--min-area", "3", "--max-area", "2"), 2, "--min-area"),
        (("Malton Library", "Malton Police Station", "--committed-only"), 2, "not for one group"),
        (("rdc:ILLUS-01", "rdc:ILLUS-99"), 1, "No site is called 'rdc:ILLUS-99'"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run("assemble", MALTON, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("reader", "form"), [("public", "table"), ("nhs", "csv"), ("fire", "json")])
def test_a_reader_to_whom_nothing_is_released_is_told_nothing_of_a_group(reader: str, form: str) -> None:
    done = run("assemble", MALTON, "Malton Police Station", HQ, "--audience", reader, "--format", form)
    assert done.returncode == 0
    assert done.stderr.strip() == "Assemblies are not released to this reader, so none are listed."
    assert "£" not in done.stdout
    assert "Police Station" not in done.stdout
    if form == "json":
        assert json.loads(done.stdout) == []


def test_one_group_is_looked_at_by_the_names_people_use() -> None:
    by_name = answer(
        "assemble", MALTON, "malton police station", "Ryedale House – district council offices", "--audience", "rdc"
    )
    assert by_name == answer("assemble", MALTON, HQ, POLICE, "--audience", "rdc")
    (record,) = by_name  # type: ignore[misc]
    assert record["sites"] == [POLICE, HQ]


STATION = '=HYPERLINK("http://x.example")\x1b[31mred {{7*7}}'
COVENANT = "<script>alert(1)</script>\x1b[2J ${x} a\u202eb"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Malton with a police station and a covenant that are called what nothing ought to be called."""
    folder = tmp_path_factory.mktemp("hostile") / "malton"
    shutil.copytree(MALTON, folder)
    for file, old, new in (
        ("registers/police-estate.geojson", "Malton Police Station", STATION),
        ("constraints.geojson", "Covenant on the Ryedale House site", COVENANT),
    ):
        said = (folder / file).read_text("utf-8")
        assert f'"{old}"' in said
        (folder / file).write_text(said.replace(f'"{old}"', json.dumps(new)), encoding="utf-8")
    return folder


def test_hostile_names_are_inert_in_every_answer(hostile: Path) -> None:
    estate = ap.read_estate(hostile)
    graph = ap.adjacency(ap.sites(estate), roads=estate.roads)
    found = ap.find_assemblies(estate, graph)
    pair = ap.examine_assembly(estate, graph, (POLICE, HQ))
    texts = [
        text_of(rankings(estate, found, weights=estate.weights, lens="", mix="housing")),
        text_of(told(estate, pair)),
        as_csv(found),
        as_csv(as_rows(estate, pair)),
        run("assemble", str(hostile), HQ, POLICE).stdout,
    ]
    for text in texts:
        assert "HYPERLINK" in text or "script" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
    for table in (found, as_rows(estate, pair)):
        cells = [cell for row in csv.reader(io.StringIO(as_csv(table))) for cell in row]
        assert not any(cell.startswith(("=", "+", "@")) for cell in cells)

"""The law of the reader for appraisals: what a reader is told equals what is told of a folder that never held the rest."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from commands import run
from pages import all_text
from random_estates import may_know
from random_scenarios import LABELS, READERS, Known, coherent, random_known, random_scenario

import assetplan as ap
from assetplan import appraisal_words as words
from assetplan.answers import as_json, in_sections, plain
from assetplan.appraisal.comparing import compare
from assetplan.appraisal.records import as_record, explained, years_of
from assetplan.errors import AssetplanError
from assetplan.page.shell import page_html

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "CANARY"


def told(estate: ap.Estate, scenarios: list[ap.Scenario], *, deep: bool = True) -> dict[str, Any]:
    """Everything an appraisal says to the reader of an estate, as text: of what cannot be, why."""
    out: dict[str, Any] = {}
    results = []
    for one in scenarios:
        try:
            results.append(ap.appraise(estate, one))
        except AssetplanError as error:
            out[f"why not {one.name}"] = str(error)
        out[f"check {one.name}"] = [str(found) for found in ap.check_scenario(estate, one)]
    for result in results:
        name = result.scenario.name
        known = result.figure_ids()
        frames = {
            "lines": result.lines, "bodies": result.by_organisation(), "revenue": result.revenue(), "receipts": result.receipts(), "timeline": result.timeline(),
            "years": years_of(result), "worse off": result.losers(), "self-funding": result.self_funding(),
        }  # fmt: skip
        if deep:
            frames |= {"tornado": result.tornado(), "stress": result.stress(), "held": result.hold_or_sell(), "grants": result.grants()}
            out[f"break-evens {name}"] = repr(result.break_evens())
            out[f"draws {name}"] = repr(result.draws(200).npv_gbp.tolist())
        out |= {f"{part} {name}": frame.to_csv() for part, frame in frames.items()}
        out[f"access {name}"] = (result.access.in_words(), result.access.functions.to_csv(), result.access.places.to_csv(), result.access.groups.to_csv())
        out[f"response {name}"] = (result.response.verdict, result.response.in_words)
        out[f"delivery {name}"] = (dict(result.deliverability.cells), repr(result.deliverability))
        out[f"ids {name}"] = known
        some = [*known[:6], *random.Random(len(known)).sample(known, min(12, len(known)))]
        out[f"walks {name}"] = [result.explain(one).tree(6) for one in some]
        out[f"as data {name}"] = [json.dumps(plain(explained(result.explain(one), 3)), sort_keys=True) for one in some]
        out[f"guess {name}"] = [_guess(result, one) for one in ("npv_gbb", "input/asset/a:R1/gia", "line/e0", "input/service/s0/ft")]
        out[f"unknown {name}"] = result.unknown
    if results:
        comparison = compare(results, draws=100)
        sections = words.compared(comparison) if len(results) > 1 else []
        for result in comparison.results:
            sections += [*words.told(result, alone=len(results) == 1), words.years_told(result)]
        out["words"] = in_sections(sections)
        out["data"] = as_json([plain(as_record(one, comparison)) for one in comparison.standings])
        out["table"] = comparison.frame.to_csv()
    return out


def _guess(result: ap.Appraisal, figure: str) -> str:
    try:
        return result.explain(figure).tree(1)
    except AssetplanError as error:
        return str(error)


def scenarios_for(rng: random.Random, less: Known, full: Known, estate: ap.Estate, reader: str) -> list[ap.Scenario]:
    """Two that a reader can be shown, one that names what is not there or is not the reader's, one that may be anybody's."""
    some = [coherent(estate, rng, less, f"S{n}", "public") for n in range(2)]
    other = random_scenario(rng, full, "other", rng.choice(("public", reader)))
    return [*(one for one in some if one is not None), other, random_scenario(rng, less, "whose", rng.choice(LABELS))]


@pytest.mark.parametrize("batch", range(3))
def test_an_appraisal_for_a_reader_is_that_of_a_folder_that_never_held_the_rest(batch: int, tmp_path: Path) -> None:
    appraised = altered = 0
    for number in range(3):
        rng = random.Random(61_000 + 10 * batch + number)
        full = random_known(rng)
        reader = rng.choice(READERS)
        less = full.known_to(reader)
        whole = ap.read_estate(full.write(tmp_path / f"{number}-full"))
        seen = whole.for_audience(reader)
        wanted = ap.read_estate(less.write(tmp_path / f"{number}-less"), audience=reader)
        scenarios = scenarios_for(rng, less, full, wanted, reader)
        ours, theirs = told(seen, scenarios), told(wanted, scenarios)
        assert ours == theirs, (batch, number, reader, [part for part in theirs if ours.get(part) != theirs[part]])
        appraised += "words" in ours
        altered += told(whole, scenarios, deep=False) != told(seen, scenarios, deep=False)
    assert appraised >= 2
    assert altered >= 2

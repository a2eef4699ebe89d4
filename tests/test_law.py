"""The law of the reader: an estate for a reader equals one read from a folder that never held the rest."""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from pages import all_text
from random_estates import READERS, Folder, may_know, random_folder

import assetplan as ap
from assetplan import access_words, area_words, benchmark_words, duplicate_words, fitting_words, lease_words
from assetplan.answers import plain
from assetplan.estate import Estate
from assetplan.localities import kinds_of
from assetplan.page.shell import page_html
from assetplan.quality import account
from assetplan.quality_page import quality_map
from assetplan.travelling import with_travel_issues

if TYPE_CHECKING:
    from pathlib import Path

    from assetplan.assembly_words import Section

CANARY = "CANARY"
DEEP = bool(os.environ.get("ASSETPLAN_DEEP"))
"""Whether this is the longer run that `.ci/run deep` makes: the same checks of more estates."""
_FRAMES = (
    "assets",
    "land",
    "interests",
    "facts",
    "constraints",
    "places",
    "roads",
    "services",
    "capacity",
    "affinities",
    "crews",
    "demand",
    "areas",
    "standards",
    "plans",
    "registers",
    "issues",
    "quarantined",
    "withheld",
)


def snapshot(estate: Estate) -> dict[str, Any]:
    """Everything a reader can get out of an estate, as text."""
    sites = ap.sites(estate)
    pairs = ap.adjacent_pairs(sites, roads=estate.roads)
    found = (
        ap.find_assemblies(estate, ap.adjacency(sites, roads=estate.roads)) if estate.released("assemblies") else None
    )
    return {
        **{name: _text(getattr(estate, name)) for name in _FRAMES},
        "sites": _text(sites),
        "links": _text(ap.site_evidence(estate)),
        "apart": repr((estate._merged.apart, estate._merged.refused)),
        "pairs": _text(pairs),
        "assemblies": None if found is None else _text(found),
        "check": json.dumps(_plain_all(account(estate)), sort_keys=True, default=str),
        "labels": (estate.audience, estate.labelled, estate.name, sorted(estate.organisations), estate.attributions),
        "groups": sorted(estate._statements.settings.groups),
    }


def analyses(estate: Estate) -> dict[str, Any]:
    """What is worked out of services, space, leases, areas and travel, as frames and as words; released or not, for it is all of the estate."""
    fits, space = ap.suitability(estate), ap.benchmark(estate)
    twice, events = ap.find_duplicates(estate), ap.lease_events(estate)
    out: dict[str, Any] = {
        "fits": _text(fits.pairs),
        "fits in words": _said(fitting_words.told(estate, fits)),
        "space": [_text(getattr(space, name)) for name in ("buildings", "groups", "quartiles", "prize")],
        "space notes": repr((space.note, space.issues)),
        "space in words": _said(benchmark_words.told(estate, space)),
        "twice": _text(twice),
        "twice in words": [*_said(duplicate_words.told(estate, twice)), repr(twice.attrs)],
        "events": _text(events),
        "events in words": _said(lease_words.told(estate, events)),
        "areas": [_text(ap.by_area(estate, kind=kind)) for kind in kinds_of(estate)],
        "areas in words": _said(area_words.told(estate)),
    }
    for mode in ("car", "foot"):
        travel = ap.travel_of(estate, mode)
        out[f"travel {mode}"] = repr((travel.basis, travel.note, travel.issues))
    for function in sorted(set(estate.services["function"]))[:2]:
        change = ap.access_change(estate, function=function)
        out[function] = _text(change.places)
        out[f"{function} in words"] = _said(access_words.told(change))
    times = ap.response_times(estate)
    out |= {"response": _text(times), "response in words": repr(times.attrs)}
    return {**out, "check": _text(with_travel_issues(estate).issues)}


def _said(sections: list[Section]) -> list[str]:
    return [
        f"{part.heading}: {' '.join(part.sentences)} {'' if part.table is None else _text(part.table)}"
        for part in sections
    ]


def _text(frame: pd.DataFrame) -> str:
    frame = pd.DataFrame(frame).reset_index()
    return json.dumps(
        [
            list(map(str, frame.columns)),
            [[repr(value) for value in row] for row in frame.itertuples(index=False, name=None)] if len(frame) else [],
        ]
    )


def _plain_all(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain_all(part) for key, part in value.items()}
    return [_plain_all(part) for part in value] if isinstance(value, list) else plain(value)


@pytest.mark.parametrize("batch", range(20 if DEEP else 10))
def test_reading_for_a_reader_equals_reading_what_the_reader_may_know(batch: int, tmp_path: Path) -> None:
    """250 random estates, 500 of them in a deep run: frames, identifiers, issues and JSON."""
    altered = 0
    for number in range(25):
        rng = random.Random(1000 * batch + number)
        folder = random_folder(rng)
        reader = rng.choice(READERS)
        full = ap.read_estate(folder.write(tmp_path / f"{number}-full"))
        known = folder.known_to(reader)
        less = ap.read_estate(known.write(tmp_path / f"{number}-less"), audience=reader)
        seen, wanted = snapshot(full.for_audience(reader)), snapshot(less)
        for part, text in wanted.items():
            assert seen[part] == text, (batch, number, reader, part)
        altered += (known.registers, known.tables) != (folder.registers, folder.tables)
    assert altered >= 0.9 * 25, "the estates hold too little that is not for everybody"


@pytest.mark.parametrize("batch", range(4))
def test_what_is_worked_out_for_a_reader_is_worked_out_of_what_the_reader_may_know(batch: int, tmp_path: Path) -> None:
    """24 random estates: services in hosts, space, duplicates, leases, areas, access and response, over whatever there is to travel on."""
    altered, bases = 0, set()
    for number in range(6):
        rng = random.Random(31_000 + 10 * batch + number)
        folder = random_folder(rng)
        reader = rng.choice(READERS)
        full = ap.read_estate(folder.write(tmp_path / f"{number}-full"))
        less = ap.read_estate(folder.known_to(reader).write(tmp_path / f"{number}-less"))
        seen, wanted = analyses(full.for_audience(reader)), analyses(less.for_audience(reader))
        assert seen == wanted, (batch, number, reader, [part for part in wanted if seen.get(part) != wanted[part]])
        altered += any(
            _text(getattr(full, name)) != _text(getattr(less, name)) for name in ("services", "demand", "assets")
        )
        bases.add(ap.travel_of(less).basis)
    assert altered >= 5, "too little is worked out of what is not for everybody"
    assert len(bases) > 1


@pytest.mark.parametrize("batch", range(5))
def test_pages_are_the_same_bytes(batch: int, tmp_path: Path) -> None:
    """25 random estates, to the byte of the page."""
    altered = 0
    for number in range(5):
        rng = random.Random(77_000 + 10 * batch + number)
        folder = random_folder(rng)
        reader = rng.choice(READERS)
        full = ap.read_estate(folder.write(tmp_path / f"{number}-full"))
        less = ap.read_estate(folder.known_to(reader).write(tmp_path / f"{number}-less"))
        page = page_html(ap.map_estate(full.for_audience(reader)))
        assert page == page_html(ap.map_estate(less.for_audience(reader))), (batch, number, reader)
        told = page_html(quality_map(full.for_audience(reader)))
        assert told == page_html(quality_map(less.for_audience(reader))), (batch, number, reader)
        altered += page != page_html(ap.map_estate(full))
    assert altered >= 4


@pytest.mark.parametrize("seed", range(6))
def test_reading_for_a_reader_at_once_is_reading_and_then_filtering(seed: int, tmp_path: Path) -> None:
    folder = random_folder(random.Random(4_400 + seed)).write(tmp_path / "estate")
    full = ap.read_estate(folder)
    for reader in READERS:
        once = ap.read_estate(folder, audience=reader)
        assert snapshot(once) == snapshot(full.for_audience(reader)), reader
        with pytest.raises(ap.ReaderError, match="already the one for"):
            once.for_audience("all")
    with pytest.raises(ap.ReaderError, match="no reader 'nobody'"):
        ap.read_estate(folder, audience="nobody")


@pytest.mark.parametrize("seed", range(12 if DEEP else 8))
def test_planted_words_are_absent_from_a_readers_outputs(seed: int, tmp_path: Path) -> None:
    folder = random_folder(random.Random(9_000 + seed), canary=CANARY)
    estate = ap.read_estate(folder.write(tmp_path / "estate"))
    whole = _outputs(estate, tmp_path / "all", worked_out=seed < 4)
    assert CANARY in whole
    for reader in READERS:
        out = _outputs(estate.for_audience(reader), tmp_path / reader, worked_out=seed < 4)
        for label in _planted(folder):
            mark = f"{CANARY}{label.replace(';', 'and').replace('.', 'dot') or 'blank'}"
            if not may_know(label, reader):
                assert not _holds(out, mark), (reader, label)


def _planted(folder: Folder) -> set[str]:
    labels = {label for _, label, _ in folder.registers.values()}
    return labels | {row["audience"] for name in folder.labelled for row in folder.tables[name]}


def _holds(text: str, mark: str) -> bool:
    """Whether the text holds the mark itself, not only one that begins with it."""
    at = text.find(mark)
    while at >= 0:
        after = text[at + len(mark) : at + len(mark) + 1]
        if not after.isalpha():
            return True
        at = text.find(mark, at + 1)
    return False


def _outputs(estate: Estate, path: Path, *, worked_out: bool) -> str:
    path.mkdir(parents=True)
    pages = [all_text(page_html(made(estate))) for made in (ap.map_estate, quality_map)]
    files = [ap.export(estate, path / f"out{suffix}") for suffix in (".gpkg", ".csv", ".geojson", ".parquet")]
    told = json.dumps([snapshot(estate), analyses(estate) if worked_out else {}])
    return "\n".join([told, *pages, *(file.read_bytes().decode("latin-1") for file in files)])


def test_an_estate_for_one_reader_cannot_become_one_for_another(tmp_path: Path) -> None:
    estate = ap.read_estate(random_folder(random.Random(1)).write(tmp_path / "estate"))
    public = estate.for_audience("public")
    assert snapshot(public.for_audience("public")) == snapshot(public)
    with pytest.raises(ap.ReaderError, match="already the one for public"):
        public.for_audience("a")
    with pytest.raises(ap.ReaderError, match="already the one for public"):
        public.for_audience("all")


def test_an_unknown_reader_is_refused_without_naming_groups(tmp_path: Path) -> None:
    estate = ap.read_estate(random_folder(random.Random(2)).write(tmp_path / "estate"))
    for name in ("a.gg", "nobody", "a.undeclared", ""):
        with pytest.raises(ap.ReaderError) as caught:
            estate.for_audience(name)
        assert "a.g'" not in str(caught.value).replace(repr(name), "")
        assert "b.h" not in str(caught.value)


def test_shuffled_rows_change_no_answer(tmp_path: Path) -> None:
    """Line numbers aside, which the issues and the register's row column hold."""
    for seed in range(15):
        folder = random_folder(random.Random(500 + seed))
        for row in [row for rows in folder.tables.values() for row in rows]:
            row.update({key: value or f"{key}-{id(row)}" for key, value in row.items() if key == "fact_id"})
        mixed = random_folder(random.Random(500 + seed))
        rng = random.Random(seed)
        for name, rows in mixed.tables.items():
            for old, new in zip(folder.tables[name], rows, strict=True):
                new.update(old)
            rng.shuffle(rows)
        for _, _, rows in mixed.registers.values():
            rng.shuffle(rows)
        one = snapshot(ap.read_estate(folder.write(tmp_path / f"{seed}-one")))
        other = snapshot(ap.read_estate(mixed.write(tmp_path / f"{seed}-other")))
        for part in (
            "land",
            "interests",
            "facts",
            "constraints",
            "places",
            "roads",
            "sites",
            "pairs",
            "assemblies",
            "labels",
        ):
            assert one[part] == other[part], (seed, part)

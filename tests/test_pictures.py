"""The map as a picture: the same bytes, nothing but what the reader may know, text as text, and a sheet that can be read."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pandas as pd
import pytest
import shapely
import shared
from commands import run
from matplotlib.figure import Figure
from matplotlib.text import Text
from payloads import PAYLOADS, hostile_folder
from random_estates import READERS, may_know, random_folder

import assetplan as ap
from assetplan import imprint, looks, maps
from assetplan.estate import Estate
from assetplan.picture import lettering
from assetplan.picture.marks import content_of, marks_of
from assetplan.picture.sheet import SUFFIXES, in_words
from assetplan.wording import account_of

ROOT = Path(__file__).parents[1]
MALTON = ROOT / "data" / "malton"


@pytest.fixture(scope="module")
def whole() -> Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def figures(whole: Estate) -> dict[str, Figure]:
    return {
        reader: ap.draw_map(whole if reader == "all" else whole.for_audience(reader))
        for reader in ("public", "rdc", "all")
    }


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_gid() != "halo"]


def digests(estate: Estate, folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    return {
        suffix: hashlib.sha256(ap.save_picture(estate, folder / f"out{suffix}").read_bytes()).hexdigest()
        for suffix in SUFFIXES
    }


def register(
    path: Path,
    rows: list[list[object]],
    heading: tuple[str, ...] = ("Ref", "Property name", "Easting", "Northing", "Tenure"),
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([heading, *rows])
    return path


def several(path: Path, owners: int, each: int, names: str = "Body number {} of the Counties") -> Estate:
    """An estate of several owners whose sites lie on a lattice, each place held by all of them."""
    lines = ['name = "Testham"', "as_of = 2020-01-01"]
    for owner in range(owners):
        lines += [f"[organisations.o{owner}]", f'name = "{names.format(owner)}"', 'sector = "other"']
        lines += [f'[registers."r{owner}.csv"]', f'organisation = "o{owner}"']
        rows: list[list[object]] = [
            [f"R{n}", f"Hall {n}", 450_000 + 900 * (n % 40), 450_000 + 900 * (n // 40), "Freehold"] for n in range(each)
        ]
        register(path / "registers" / f"r{owner}.csv", rows)
    (path / "estate.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ap.read_estate(path)


# ------------------------------------------------------------------------------------------------------- the same bytes


def test_the_same_estate_gives_the_same_bytes(whole: Estate, tmp_path: Path) -> None:
    one = digests(whole.for_audience("public"), tmp_path / "one")
    assert one == digests(ap.read_estate(MALTON).for_audience("public"), tmp_path / "two")
    script = (
        "import sys, pathlib; sys.path[:0] = sys.argv[2:]; import test_pictures as t, assetplan as ap; "
        f"print(t.digests(ap.read_estate({str(MALTON)!r}).for_audience('public'), pathlib.Path(sys.argv[1])))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(ROOT)}
    folders = [str(ROOT / "tests"), str(ROOT / "tests" / "hostile")]
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "three"), *folders],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert done.stdout.strip() == str(one)


def test_a_callers_settings_neither_matter_nor_change(whole: Estate, tmp_path: Path) -> None:
    public = whole.for_audience("public")
    plain = digests(public, tmp_path / "plain")
    with mpl.rc_context(
        {
            "font.size": 30,
            "axes.facecolor": "red",
            "hatch.linewidth": 9,
            "svg.fonttype": "none",
            "lines.scale_dashes": False,
        }
    ):
        before = dict(mpl.rcParams)
        assert digests(public, tmp_path / "odd") == plain
        assert dict(mpl.rcParams) == before


def test_no_pyplot_and_nothing_at_import() -> None:
    script = (
        "import sys, assetplan, assetplan.cli; assert not any(m.startswith('matplotlib') for m in sys.modules); "
        f"assetplan.draw_map(assetplan.read_estate({str(MALTON)!r})); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


# ------------------------------------------------------------------------------------------------------- the law of the reader


def test_pictures_for_a_reader_equal_those_of_a_folder_that_never_held_the_rest(tmp_path: Path) -> None:
    altered = 0
    for number in range(6):
        rng = random.Random(41_000 + number)
        folder = random_folder(rng)
        reader = "public" if number < 3 else rng.choice(READERS)
        full = ap.read_estate(folder.write(tmp_path / f"{number}-full"))
        less = ap.read_estate(folder.known_to(reader).write(tmp_path / f"{number}-less"))
        seen = digests(full.for_audience(reader), tmp_path / "seen")
        assert seen == digests(less.for_audience(reader), tmp_path / "wanted"), (number, reader)
        altered += seen != digests(full, tmp_path / "all")
    assert altered >= 5


def test_what_the_public_may_not_know_is_in_no_text(whole: Estate, figures: dict[str, Figure], tmp_path: Path) -> None:
    public, rdc = (set(ap.sites(whole.for_audience(reader))["name"]) for reader in ("public", "rdc"))
    secret = (rdc | set(ap.sites(whole)["name"])) - public
    assert secret, "Malton holds nothing that is not for everybody"
    assert any(name in " ".join(texts(figures["rdc"])) for name in rdc - public)
    said = " ".join(texts(figures["public"]))
    svg = ap.save_picture(figures["public"], tmp_path / "public.svg").read_text(encoding="utf-8")
    for name in secret:
        for word in (name, *name.split()):
            if len(word) > 4 and word not in " ".join(public) + " ".join(
                map(str, whole.for_audience("public").places["name"])
            ):
                assert word not in said
                assert word not in svg


@pytest.mark.parametrize("seed", range(3))
def test_planted_words_are_absent(seed: int, tmp_path: Path) -> None:
    folder = random_folder(random.Random(9_000 + seed), canary="CANARY")
    estate = ap.read_estate(folder.write(tmp_path / "estate"))
    seen = 0
    for reader in ("public", "a", "b.h"):
        figure = ap.draw_map(estate.for_audience(reader))
        # Words of an SVG's text stand in comments beside the shapes.
        said = " ".join(texts(figure)) + ap.save_picture(figure, tmp_path / "out.svg").read_text(encoding="utf-8")
        for mark in set(re.findall(r"CANARY\w+", said)):
            label = mark.removeprefix("CANARY").replace("and", ";").replace("dot", ".").replace("blank", "")
            assert may_know(label, reader), (reader, mark)
            seen += 1
    assert seen


def test_the_words_round_the_map_are_those_of_the_page(whole: Estate, figures: dict[str, Figure]) -> None:
    for reader in ("public", "rdc", "nycc.adult-services", "all"):
        estate = whole if reader == "all" else whole.for_audience(reader)
        view = maps.view_of(account_of(estate))
        assert imprint.title_of(estate) == view["title"]
        assert imprint.stamp_of(estate) == view["stamp"]
        assert imprint.dates_of(estate) == view["dates"]
        assert imprint.sources_of(estate) == view["sources"]
    assert "For Ryedale District Council only. Not for publication." in texts(figures["rdc"])
    assert "For the keeper. Not for publication." in texts(figures["all"])
    assert not any("Not for publication" in text for text in texts(figures["public"]))


def test_assemblies_are_never_drawn(whole: Estate, figures: dict[str, Figure]) -> None:
    assert whole.for_audience("rdc").released("assemblies")
    assert not re.search("assembl|connected|rank", " ".join(texts(figures["rdc"])), re.IGNORECASE)


# ------------------------------------------------------------------------------------------------------- text is text


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    estate = ap.read_estate(hostile_folder(tmp_path / "estate"))
    figure = ap.draw_map(estate)
    drawn = [text for text in figure.findobj(Text) if text.get_text()]
    assert not any(text.get_parse_math() for text in drawn)
    assert not any(
        re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", text.get_text()) for text in drawn
    )
    assert any("${window.HIT=4}" in text.get_text() for text in drawn)
    for suffix in (".png", ".pdf"):
        ap.save_picture(figure, tmp_path / f"out{suffix}")
    harmless(ap.save_picture(figure, tmp_path / "out.svg").read_bytes())


def harmless(svg: bytes) -> None:
    assert b"<!DOCTYPE" not in svg
    assert b"<!ENTITY" not in svg
    for node in ET.fromstring(svg).iter():
        tag = node.tag.rpartition("}")[2]
        assert tag.lower() not in {"script", "foreignobject", "image", "iframe", "a", "animate", "set"}
        for name, value in node.attrib.items():
            assert not name.rpartition("}")[2].lower().startswith("on"), name
            if name.endswith("href"):
                assert value.startswith("#"), value
            for address in re.findall(r"url\(([^)]*)\)", value):
                assert address.startswith("#"), address


def test_dollars_and_foreign_letters_are_shown_as_they_are(tmp_path: Path) -> None:
    path = register(
        tmp_path / "odd.csv",
        [["1", r"$\frac{1}{2}$ Hall", 450_000, 450_000, ""], ["2", "漢字 \U0001f600 \u202eHall", 450_500, 450_100, ""]],
    )
    said = texts(ap.draw_map(ap.read_estate(path)))
    assert r"$\frac{1}{2}$ Hall" in " ".join(said)
    assert "[U+6F22]" in " ".join(said)
    assert "[U+202E]" in " ".join(said)
    assert lettering.shown("$a_b$ £5 – é") == "$a_b$ £5 – é"


def test_every_payload_as_title(tmp_path: Path) -> None:
    for n, text in enumerate(PAYLOADS):
        path = register(tmp_path / f"{n}.csv", [["1", text, 450_000, 450_000, ""]])
        harmless(ap.save_picture(ap.read_estate(path), tmp_path / f"{n}.svg").read_bytes())


# ------------------------------------------------------------------------------------------------------- the sheet


@pytest.mark.parametrize("reader", ["public", "rdc"])
@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_names_and_words_lie_on_the_sheet_and_not_on_one_another(whole: Estate, reader: str, paper: Any) -> None:
    figure = ap.draw_map(whole.for_audience(reader), paper=paper)
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    page = figure.bbox
    names = [text for text in figure.axes[0].texts if text.get_gid() == "name"]
    assert len(names) > 15
    others = [
        text
        for axes in figure.axes
        for text in axes.texts
        if text.get_gid() not in {"name", "halo"} and len(text.get_text()) > 1
    ]
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in others}
    for text, box in boxes.items():
        assert page.x0 <= box.x0 <= box.x1 <= page.x1, text
        assert page.y0 <= box.y0 <= box.y1 <= page.y1, text
    apart(names, renderer)
    apart(others, renderer)
    frame = figure.axes[0].get_window_extent(renderer)
    for name in names:
        box = name.get_window_extent(renderer)
        assert frame.x0 <= box.x0 <= box.x1 <= frame.x1, name.get_text()


def apart(drawn: list[Text], renderer: Any) -> None:
    """No two texts meet by more than a pixel, which hinting may add; nor do lines of one name by more than their leading."""
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in drawn]
    for n, (text, box) in enumerate(boxes):
        for other_text, other in boxes[n + 1 :]:
            wide = min(box.x1, other.x1) - max(box.x0, other.x0)
            high = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert wide <= 2 or high <= 0.25 * min(box.height, other.height) + 1, (text, other_text)


def test_the_map_is_in_metres_and_the_scale_bar_is_right(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        axes = figure.axes[0]
        figure.draw_without_rendering()
        bars = [patch for patch in axes.patches if patch.get_gid() == "scale-bar"]
        across = shapely.MultiPoint([tuple(corner) for bar in bars for corner in bar.get_path().vertices]).bounds  # type: ignore[attr-defined]
        metres = across[2] - across[0]
        (said,) = (text.get_text() for text in axes.texts if re.fullmatch(r"[\d.]+ k?m", text.get_text()))
        number, unit = said.split()
        assert metres == pytest.approx(float(number) * (1000 if unit == "km" else 1))
        (west, south), (east, north) = axes.transData.transform([(0, 0), (1000, 1000)])
        assert east - west == pytest.approx(north - south)
        (scale,) = (text.get_text() for text in axes.texts if text.get_text().startswith("1:"))
        denominator = int(re.sub(r"\D", "", scale.removeprefix("1:").split(" at ")[0]))
        assert 1000 / denominator == pytest.approx((east - west) / figure.dpi * 0.0254)


def test_every_site_lies_in_the_frame(whole: Estate, figures: dict[str, Figure]) -> None:
    axes = figures["all"].axes[0]
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    bounds = ap.sites(whole).total_bounds
    assert west < bounds[0]
    assert south < bounds[1]
    assert bounds[2] < east
    assert bounds[3] < north


def test_every_owner_is_in_the_key_with_its_count(whole: Estate, figures: dict[str, Figure]) -> None:
    for reader, figure in figures.items():
        estate = whole if reader == "all" else whole.for_audience(reader)
        said = " ".join(texts(figure))
        for organisation, number in ap.sites(estate)["organisation"].value_counts().items():
            name = estate.organisations[organisation].name if organisation in estate.organisations else "Owner unknown"
            assert all(word in said for word in name.split())
            assert str(number) in texts(figure)


def test_many_owners_take_columns_and_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    fits = texts(ap.draw_map(several(tmp_path / "eleven", 11, 1)))
    assert sum("of the Counties" in text or text.startswith("Body number") for text in fits) >= 11
    assert not any("more organisation" in text for text in fits)
    said = " ".join(texts(ap.draw_map(several(tmp_path / "many", 120, 2))))
    more, sites = (int(n) for n in re.search(r"and (\d+) more organisations with (\d+) sites", said).groups())  # type: ignore[union-attr]
    assert sites == 2 * more
    assert len(set(re.findall(r"Body number \d+", said))) == 120 - more


def test_sites_at_one_place_are_one_pie_of_their_owners(tmp_path: Path) -> None:
    estate = several(tmp_path / "estate", 3, 4)
    content = content_of(estate)
    marks = marks_of(content, 20.0, 6.4)
    assert [mark.count for mark in marks] == [3] * 4
    assert {mark.precision for mark in marks} == {"several"}
    assert all(dict(mark.owners) == {"o0": 1, "o1": 1, "o2": 1} for mark in marks)


def test_too_many_sites_are_counted_by_squares_and_none_is_lost(tmp_path: Path) -> None:
    estate = several(tmp_path / "estate", 2, 800)
    content = content_of(estate)
    assert content.is_crowded
    marks = marks_of(content, 200.0, 6.4)
    assert sum(mark.count for mark in marks) == 1600
    assert {mark.precision for mark in marks} == {"square"}
    figure = ap.draw_map(estate)
    said = texts(figure)
    assert any("squares of" in text for text in said)
    numbers = [
        int(text.get_text().replace(",", ""))
        for text in figure.axes[0].texts
        if text.get_gid() != "halo" and re.fullmatch(r"[\d,]+", text.get_text())
    ]
    assert sum(numbers) >= 1600


def test_an_unknown_owner_has_a_look_of_its_own() -> None:
    assert looks.NOBODY.pattern == "unknown"
    for sector in ("county", "nhs", "other", ""):
        assert looks.look_of("a", sector, "A").pattern != "unknown"
    assert looks.look_of("constructor", "", "") == looks.look_of("constructor", "", "")


def test_looks_are_those_of_the_page(whole: Estate) -> None:
    for view in maps.view_of(account_of(whole))["map"]["organisations"]:
        found = whole.organisations.get(view["id"])
        look = looks.look_of(view["id"], found.sector, found.name) if found else looks.NOBODY
        assert (look.colour, look.pattern, look.letter) == (view["colour"], view["pattern"], view["letter"])
    script = (ROOT / "assetplan" / "page" / "looks.js").read_text(encoding="utf-8")
    for status, outline in looks.STATUS_OUTLINES.items():
        name = f'"{status}"' if " " in status else status
        dashes = f'"{" ".join(f"{dash:g}" for dash in outline.dashes)}"' if outline.dashes else "null"
        assert (
            f'{name}: {{ weight: {outline.weight:g}, dashArray: {dashes}, lineCap: "{outline.cap}", text: "{outline.text}" }}'
            in script
        )


def test_nothing_located_still_gives_a_picture(tmp_path: Path) -> None:
    path = register(tmp_path / "nowhere.csv", [["1", "Hall", "", "", ""], ["2", "Barn", "", "", ""]])
    estate = ap.read_estate(path)
    figure = ap.draw_map(estate)
    assert any("no location" in text for text in texts(figure))
    assert ap.save_picture(figure, tmp_path / "out.pdf").stat().st_size > 5_000
    empty = ap.read_estate(register(tmp_path / "empty.csv", []))
    ap.draw_map(empty)
    assert in_words(empty) == "No sites."


def test_one_site_alone(tmp_path: Path) -> None:
    path = register(tmp_path / "one.csv", [["1", "Hall", 450_000, 450_000, "Freehold"]])
    assert "Hall" in texts(ap.draw_map(ap.read_estate(path)))


# ------------------------------------------------------------------------------------------------------- files


def test_files_say_what_they_are(whole: Estate, tmp_path: Path) -> None:
    public = whole.for_audience("public")
    png = ap.save_picture(public, tmp_path / "a" / "out.PNG").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == pytest.approx(297 / 25.4 * 150, abs=1)
    pdf = ap.save_picture(public, tmp_path / "out.pdf", paper="A3").read_bytes()
    assert b"/CreationDate" not in pdf
    assert b"/Producer" not in pdf
    assert b"/Title (The public estate of Malton and Norton, June 2010)" in pdf
    assert b"/Lang (en-GB)" in pdf
    width, height = map(float, re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf).groups())  # type: ignore[union-attr]
    assert (width, height) == (pytest.approx(1190.55, abs=0.1), pytest.approx(841.89, abs=0.1))
    svg = ap.save_picture(public, tmp_path / "out.svg").read_text(encoding="utf-8")
    assert "<title>The public estate of Malton and Norton, June 2010</title>" in svg
    harmless(svg.encode())


def test_other_suffixes_and_papers_are_refused_by_name(whole: Estate, tmp_path: Path) -> None:
    with pytest.raises(ap.OutputError, match=r"\.png, \.pdf, \.svg"):
        ap.save_picture(whole, tmp_path / "out.gif")
    with pytest.raises(ap.OutputError, match="A4, A3"):
        ap.draw_map(whole, paper="A5")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_user_can_go_on_with_the_figure(whole: Estate, tmp_path: Path) -> None:
    figure = ap.draw_map(whole.for_audience("public"))
    plain = ap.save_picture(figure, tmp_path / "plain.png").read_bytes()
    again = ap.save_picture(figure, tmp_path / "again.png").read_bytes()
    assert plain == again == ap.save_picture(whole.for_audience("public"), tmp_path / "estate.png").read_bytes()
    figure.axes[0].plot([478_500, 479_500], [471_500, 472_000], linewidth=4)
    assert ap.save_picture(figure, tmp_path / "more.png").read_bytes() != plain


def test_the_command_writes_what_the_suffix_says(tmp_path: Path) -> None:
    done = run("map", MALTON, "-o", tmp_path / "out.svg", "--paper", "A3")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path / 'out.svg'}: 22 sites of five organisations")
    assert 'width="1190.55' in (tmp_path / "out.svg").read_text(encoding="utf-8")
    done = run("map", MALTON, "-o", tmp_path / "out.docx")
    assert done.returncode == 2
    assert ".html, .png, .pdf, .svg" in re.sub(r"[\s│]+", " ", done.stderr)
    assert not (tmp_path / "out.docx").exists()


@pytest.mark.realdata
def test_real_registers(realdata: Path, tmp_path: Path) -> None:
    for file in (
        "cheltenham-assets/local_authority_land_and_assets_2023.csv",
        "greater-manchester-sites/gm_hospitals.geojson",
    ):
        estate = ap.read_estate(realdata / file)
        figure = ap.draw_map(estate)
        assert isinstance(ap.sites(estate), pd.DataFrame)
        apart([text for text in figure.axes[0].texts if text.get_gid() == "name"], figure.canvas.get_renderer())  # type: ignore[attr-defined]

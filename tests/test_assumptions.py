"""Reading assumptions.toml: what is right is read with its source, what is wrong is refused all together, with its place and a guess."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import assetplan as ap
from assetplan.assumptions import CASES, FIGURES, USE_FIGURES, Assumptions, read_assumptions
from assetplan.errors import EstateError

MALTON = Path(__file__).parents[1] / "data" / "malton" / "assumptions.toml"
GOOD = MALTON.read_text(encoding="utf-8")


def read(tmp_path: Path, text: str) -> Assumptions:
    path = tmp_path / "assumptions.toml"
    path.write_text(text, encoding="utf-8")
    return read_assumptions(path)


def problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(EstateError) as told:
        read(tmp_path, text)
    return told.value.problems or (str(told.value),)


def without(name: str) -> str:
    """Malton's file without one figure."""
    return re.sub(rf"\[figures\.{name}\]\n(?:[^\[\n].*\n)*", "", GOOD)


def with_line(name: str, line: str, old: str) -> str:
    """Malton's file with one line of a figure replaced."""
    return re.sub(rf"(\[figures\.{name}\]\n(?:[^\[\n].*\n)*?){old} = .*\n", rf"\g<1>{line}\n", GOOD)


def test_every_figure_of_malton_has_a_unit_a_source_and_an_edition() -> None:
    found = read_assumptions(MALTON)
    assert found.price_base == "2025/26"
    assert set(FIGURES) <= set(found.figures)
    for use in set(found.uses) - {"housing"}:
        assert {f"{use}.{name}" for name in USE_FIGURES} <= set(found.figures)
    for figure in found.figures.values():
        assert figure.unit
        assert figure.source
        assert figure.edition
        assert figure.low <= figure.central <= figure.high
        assert figure.illustrative == (
            "invented" in figure.source or "to be checked" in figure.source or "rounded" in figure.source
        ), figure.name


def test_the_low_case_takes_the_adverse_end(tmp_path: Path) -> None:
    text = with_line("build_gbp_m2", "low = 1500\ncentral = 1650\nhigh = 1900", "central")
    found = read(tmp_path, text)
    assert [found.value("build_gbp_m2", case) for case in CASES] == [1900, 1650, 1500]
    assert [found.value("market_value_gbp_m2", case) for case in CASES] == [3350, 3500, 3650]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (without("homes_per_ha"), "[figures.homes_per_ha]: missing. Give homes on a net developable hectare, in homes/ha"),
        (with_line("build_gbp_m2", "central = -1", "central"), "figures.build_gbp_m2.low: a number of GBP/m2, 0 or more"),
        (with_line("affordable_percent", "central = 135", "central"), "a percentage from 0 to 100 is wanted, not 135"),
        (with_line("affordable_percent", "central = nan", "central"), "not nan"),
        (with_line("affordable_percent", "central = true", "central"), "a number is wanted, not 'True'"),
        (with_line("affordable_percent", 'central = "TBC"', "central"), "a number is wanted, not 'TBC'"),
        (with_line("affordable_percent", 'unit = "share"', "unit"), "figures.affordable_percent.unit: 'percent' is wanted, not 'share'"),
        (with_line("affordable_percent", 'source = ""', "source"), "a figure without a source is not used"),
        (with_line("affordable_percent", "sauce = 1", "edition"), "unknown key 'sauce'. Did you mean 'source'?"),
        (with_line("market_value_gbp_m2", "low = 9000", "low"), "low, central and high are wanted in that order, not 9000, 3500, 3650"),
        (GOOD.replace("[figures.homes_per_ha]", "[figures.homes_per_hectare]"), "Did you mean 'homes_per_ha'?"),
        (GOOD.replace("health = 25", "helth = 25"), "mixes.homes and health: 'helth' is not a use given under [uses]. Did you mean 'health'?"),
        (GOOD.replace("health = 25", "health = 30"), "the shares add up to 105, not to 100"),
        (GOOD.replace("health = 25", "health = -25"), "mixes.homes and health.health"),
        (GOOD.replace('price_base = "2025/26"', ""), "price_base: the price year"),
        (GOOD.replace("[uses.health.m2_per_ha]", "[uses.health.m2_per_acre]"), "[uses.health.m2_per_ha]: missing"),
        (GOOD + "\n[figurs]\n", "unknown key 'figurs'. Did you mean 'figures'?"),
        (GOOD + "\n[[figures]]\n", "is not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in problem for problem in problems(tmp_path, text)), problems(tmp_path, text)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = (
        without("homes_per_ha").replace("health = 25", "health = 250").replace('unit = "GBP/home"', 'unit = "pounds"')
    )
    assert len(problems(tmp_path, text)) == 3


def test_names_in_messages_hide_nothing(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, GOOD + '\n["\\u202Eevil\\u0007"]\nx = 1\n')
    assert "\u202e" not in said
    assert "\x07" not in said


def test_a_folder_with_bad_assumptions_is_refused(tmp_path: Path) -> None:

    (tmp_path / "registers").mkdir()
    (tmp_path / "registers" / "council.csv").write_text("Name,Easting,Northing\nHall,479000,472000\n", encoding="utf-8")
    (tmp_path / "estate.toml").write_text('name = "Place"\n', encoding="utf-8")
    assert ap.read_estate(tmp_path).assumptions is None
    with pytest.raises(EstateError, match="there are no assumptions, so nothing is valued"):
        ap.land_of(ap.read_estate(tmp_path))
    (tmp_path / "assumptions.toml").write_text(without("homes_per_ha"), encoding="utf-8")
    with pytest.raises(EstateError, match="homes_per_ha"):
        ap.read_estate(tmp_path)


@pytest.mark.parametrize("name", ["assumptions.toml", "weights.toml"])
def test_only_those_it_names_know_a_file_of_figures(tmp_path: Path, name: str) -> None:
    """The uses that a file of assumptions names can tell of an idea, and weights of what matters to whom."""
    folder = Path(shutil.copytree(MALTON.parent, tmp_path / "malton"))
    part = name.partition(".")[0]
    estate = ap.read_estate(folder)
    for reader in ("rdc", "police", "nycc.adult-services", "all"):
        assert getattr(estate.for_audience(reader), part) is not None, reader
    (folder / name).unlink()
    never = ap.read_estate(folder)
    for reader in ("public", "nycc", "nhs", "fire", "nycc.libraries"):
        assert getattr(estate.for_audience(reader), part) is getattr(never.for_audience(reader), part) is None, reader


@pytest.mark.parametrize("said", ['""', '"rdc;somebody"', "7"])
def test_a_label_nobody_can_read_refuses_the_estate(tmp_path: Path, said: str) -> None:
    folder = Path(shutil.copytree(MALTON.parent, tmp_path / "malton"))
    for name in ("assumptions.toml", "weights.toml"):
        good = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(re.sub('audience = ".*"', f"audience = {said}", good), encoding="utf-8")
        with pytest.raises(EstateError, match="audience"):
            ap.read_estate(folder)
        (folder / name).write_text(good, encoding="utf-8")


def test_a_changed_figure_has_a_source_and_may_be_any_kind_of_number() -> None:
    own = read_assumptions(MALTON)
    assert own.changed({"fees_percent": np.int64(9)}, source="a valuer").value("fees_percent") == 9.0
    for source in ("", "  "):
        with pytest.raises(EstateError, match="a figure without a source is not used"):
            own.changed({"fees_percent": 9}, source=source)
    for wrong in (True, np.bool_(True), "9", None, float("nan"), -1, 101):
        with pytest.raises(EstateError, match="fees_percent: "):
            own.changed({"fees_percent": wrong}, source="a valuer")

"""weights.toml: read whole, or refused with everything that is wrong in it."""

from pathlib import Path

import pandas as pd
import pytest

import assetplan as ap
from assetplan.weights import Weights

GOOD = """
[criteria.homes]
direction = "more is better"
unit = "homes"
low = 0
high = 100
source = "local plan"
meaning = "homes that fit"

[criteria.consent_months]
direction = "less is better"
unit = "months"
low = 0.0
high = 60
source = "programme"

[lenses.least-regret]
author = "district council, asset management"
source = "members' workshop"
as_of = 2010-06-24
meaning = "good in nearly every case"
weights = { consent_months = 60, homes = 40 }

[lenses.money]
author = "county council, finance"
source = "budget book"
as_of = 2010-03-31
[lenses.money.weights]
homes = 66.7
consent_months = 33.3
"""


def read(folder: Path, text: str) -> Weights:
    path = folder / "weights.toml"
    path.write_text(text, encoding="utf-8")
    return ap.read_weights(path)


def refused(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ap.EstateError) as caught:
        read(folder, text)
    assert "weights.toml" in str(caught.value)
    return caught.value.problems


def test_a_good_file(tmp_path: Path) -> None:
    weights = read(tmp_path, GOOD)
    assert weights.criteria == (
        ap.Criterion("homes", "more is better", "homes", 0, 100, "local plan", "homes that fit"),
        ap.Criterion("consent_months", "less is better", "months", 0, 60, "programme"),
    )
    assert list(weights.lenses) == ["least-regret", "money"]
    assert weights.default is weights.lenses["least-regret"]
    assert (weights.default.author, weights.default.as_of.isoformat()) == (
        "district council, asset management",
        "2010-06-24",
    )
    assert list(weights.default.weights.items()) == [("homes", 40.0), ("consent_months", 60.0)]


def test_what_is_read_scores_and_ranks(tmp_path: Path) -> None:
    weights = read(tmp_path, GOOD)
    table = pd.DataFrame({"homes": [90, 40], "consent_months": [48, 12]}, index=["six", "depot"])
    scores = ap.score(table, weights.criteria, weights.default.weights)
    assert scores.table["score_low"].tolist() == pytest.approx([36 + 12, 16 + 48])
    found = ap.rank_stability(table, weights.criteria, ap.weight_ranges(weights.default.weights, by=0.5))
    assert 0.8 < found.acceptability.at["depot", 1] < 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("high = 100\n", "", "criteria.homes.high: none is given."),
        ("high = 100\n", "high = -3\n", "criteria.homes.low: 0 is not below high, -3."),
        ("high = 100\n", 'high = "100"\n', "criteria.homes.high: a finite number is wanted, not '100'."),
        ("high = 100\n", "high = true\n", "criteria.homes.high: a finite number is wanted, not True."),
        ("high = 100\n", "high = inf\n", "criteria.homes.high: a finite number is wanted, not inf."),
        ("high = 100\n", f"high = 1{'0' * 400}\n", "criteria.homes.high: a finite number is wanted, not 1"),
        ('unit = "homes"\n', "", "criteria.homes.unit: none is given."),
        ('unit = "homes"\n', "unit = 3\n", "criteria.homes.unit: text in quotation marks is wanted, not '3'."),
        ('source = "local plan"\n', 'source = ""\n', "criteria.homes.source: none is given."),
        (
            '"more is better"',
            '"more is beter"',
            "criteria.homes.direction: 'more is beter' is none of more is better, less is better. Did you mean",
        ),
        ("[criteria.homes]", "[criteria.Homes]", "[criteria.Homes]: a column's name is wanted"),
        ("meaning = ", "meening = ", "[criteria.homes]: unknown key 'meening'. Did you mean 'meaning'?"),
        ("homes = 66.7\n", "", "lenses.money.weights: none is given for homes. Write 0 for what shall not count."),
        ("homes = 66.7\n", "homes = -5\n", "lenses.money.weights.homes: -5 per cent is not between 0 and 100."),
        ("homes = 66.7\n", "homes = 130\n", "lenses.money.weights.homes: 130 per cent is not between 0 and 100."),
        ("homes = 66.7\n", "homes = 60\n", "lenses.money.weights: the weights add up to 93.3 per cent, not 100."),
        ("homes = 66.7\n", "homes = nan\n", "lenses.money.weights.homes: a number of per cent is wanted, not nan."),
        (
            "homes = 66.7\n",
            'homes = "most"\n',
            "lenses.money.weights.homes: a number of per cent is wanted, not 'most'.",
        ),
        ("homes = 66.7\n", "homes = false\n", "lenses.money.weights.homes: a number of per cent is wanted, not False."),
        (
            "homes = 66.7\n",
            "hmes = 66.7\n",
            "lenses.money.weights: 'hmes' is no criterion of this file. Did you mean 'homes'?",
        ),
        ('author = "county council, finance"\n', "", "lenses.money.author: none is given."),
        ('source = "budget book"\n', 'source = " "\n', "lenses.money.source: none is given."),
        ("as_of = 2010-03-31\n", "", "lenses.money.as_of: none is given."),
        ("as_of = 2010-03-31\n", 'as_of = "2010"\n', "lenses.money.as_of: a date without quotation marks is wanted"),
        ("[lenses.money]", "[lenses.Money]", "[lenses.Money]: a name of small letters"),
        (
            "[lenses.money.weights]",
            "[lenses.money.wieghts]",
            "[lenses.money]: unknown key 'wieghts'. Did you mean 'weights'?",
        ),
        ("[lenses.money.weights]", "[lenses.money.wieghts]", "lenses.money.weights: per cent by criterion are wanted"),
        (
            "[criteria.homes]",
            "[lences.x]\n[criteria.homes]",
            "weights.toml: unknown key 'lences'. Did you mean 'lenses'?",
        ),
        ("[criteria.homes]", "[criteria.x]\n[criteria.homes]", "criteria.x.direction: none is given."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    problems = refused(tmp_path, GOOD.replace(old, new, 1))
    assert any(problem.startswith(said) for problem in problems), problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "criteria: a table for each is wanted"),
        ("", "lenses: a table for each is wanted"),
        ("criteria = 3\nlenses = []", "criteria: a table for each is wanted"),
        ("[criteria]\nhomes = 3", "[criteria.homes]: a table is wanted here."),
        ("[lenses]\nmoney = 3", "[lenses.money]: a table is wanted here."),
    ],
)
def test_files_of_another_shape(tmp_path: Path, text: str, said: str) -> None:
    assert any(problem.startswith(said) for problem in refused(tmp_path, text))


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace("high = 60\n", "")
        .replace("homes = 40", "homes = -40")
        .replace('author = "county', 'athor = "county')
    )
    problems = refused(tmp_path, text)
    assert sorted(problem.split(":")[0] for problem in problems) == [
        "[lenses.money]",
        "criteria.consent_months.high",
        "lenses.least-regret.weights.homes",
        "lenses.money.author",
    ]


@pytest.mark.parametrize("content", [b"homes = ", b"\xff\xfe\x00", b"x = " + b"[" * 20_000, b"x = " + b"9" * 5000])
def test_what_is_not_toml(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.toml"
    path.write_bytes(content)
    with pytest.raises(ap.EstateError, match=r"weights\.toml is not TOML"):
        ap.read_weights(path)


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ap.EstateError, match=r"weights\.toml: cannot be opened"):
        ap.read_weights(tmp_path / "weights.toml")
    with pytest.raises(ap.EstateError, match="cannot be opened"):
        ap.read_weights(tmp_path)


def test_hostile_names_are_shown_and_change_nothing(tmp_path: Path) -> None:
    text = (
        GOOD
        + '\n[lenses."a\\u202eb\\n"]\nauthor = "x"\nsource = "x"\nas_of = 2010-01-01\nweights = { "h\\u0007s" = 1 }\n'
    )
    said = "\n".join(refused(tmp_path, text))
    assert "a[U+202E]b[U+000A]" in said
    assert "h[U+0007]s" in said
    assert "\u202e" not in said

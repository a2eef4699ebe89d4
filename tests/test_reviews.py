"""Reviewers' answers: read back as they were saved, counted where a body has a say, and refused whole where anything is amiss."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shared
from commands import run

import assetplan as ap
from assetplan.hub_words import HubNames, answers_in_words
from assetplan.hubs.blocking import ASKED, FORBIDDEN
from assetplan.hubs.reviewing import ANSWERS
from assetplan.reviews import COMMENT, LARGEST, POST, asked, bodies_of, heading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

MALTON = Path(__file__).parents[1] / "data" / "malton"
HOST = "rdc:A0007"
GUESTS = ("nycc-library", "police-desk", "rdc-front-desk")


@pytest.fixture(scope="module")
def keeper() -> ap.Estate:
    return shared.malton()


@pytest.fixture(scope="module")
def rdc(keeper: ap.Estate) -> ap.Estate:
    return keeper.for_audience("rdc")


@pytest.fixture(scope="module")
def before(rdc: ap.Estate) -> pd.DataFrame:
    """What is found without any answers."""
    return ap.find_colocations(rdc)


def saved(
    estate: ap.Estate, answers: Mapping[tuple[str, tuple[str, ...]], tuple[str, str]], body: str = "rdc", post: str = ""
) -> dict[str, Any]:
    """What a page would save: answers and comments by host and services."""
    out: dict[str, Any] = {}
    for (host, services), (answer, comment) in answers.items():
        about = asked(estate, host, services)
        key = about.pop("option_id")
        out[key] = about | {"answer": answer, "comment": comment}
    return heading(estate) | {"body": body, "post": post, "answers": out}


def write(folder: Path, document: Any, name: str = "answers.json") -> Path:
    path = folder / name
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return path


@pytest.fixture(scope="module")
def good(rdc: ap.Estate) -> dict[str, Any]:
    return saved(rdc, {(HOST, GUESTS): ("willing", "if the counter stays"), (HOST, GUESTS[:2]): ("needs work", "")})


# ------------------------------------------------------------------------------------------------------- read back


def test_answers_come_back_as_they_were_given(tmp_path: Path, rdc: ap.Estate, good: dict[str, Any]) -> None:
    read = ap.read_reviews(write(tmp_path, good | {"post": "Head of property"}), rdc)
    assert (read.audience, read.body, read.post, len(read)) == ("rdc", "rdc", "Head of property", 2)
    by_services = {one.services: one for one in read}
    first = by_services[GUESTS]
    assert (first.host, first.answer, first.comment, first.body, first.post) == (
        HOST, "willing", "if the counter stays", "rdc", "Head of property",
    )  # fmt: skip
    assert by_services[GUESTS[:2]].answer == "needs work"
    assert [one.option_id for one in read] == sorted(good["answers"])


def test_the_keeper_reads_answers_of_any_reader_and_readers_their_own_alone(
    tmp_path: Path, keeper: ap.Estate, rdc: ap.Estate, good: dict[str, Any]
) -> None:
    path = write(tmp_path, good)
    assert ap.read_reviews(path, keeper).answers == ap.read_reviews(path, rdc).answers
    police = keeper.for_audience("police")
    with pytest.raises(ap.EstateError, match="another reader") as refused:
        ap.read_reviews(path, police)
    assert "rdc" not in str(refused.value).replace("'rdc'", "")  # only the word of the file itself
    assert bodies_of(police) == ("police",)
    assert bodies_of(keeper.for_audience("nycc.libraries")) == ("nycc",)
    assert bodies_of(keeper.for_audience("public")) == ()
    assert set(bodies_of(keeper)) == set(keeper.organisations)


def test_text_stays_text_and_what_looks_like_a_person_is_left_out(tmp_path: Path, rdc: ap.Estate) -> None:
    said = "=1+1 <script>alert(1)</script> {{7*7}} ring Mr J Smith on 01653 600666"
    read = ap.read_reviews(write(tmp_path, saved(rdc, {(HOST, GUESTS): ("willing", said)})), rdc)
    assert read.answers[0].comment == (
        "=1+1 <script>alert(1)</script> {{7*7}} ring [name left out] on [telephone left out]"
    )
    lines = ap.read_reviews(write(tmp_path, saved(rdc, {(HOST, GUESTS): ("willing", "one\n two")})), rdc)
    assert lines.answers[0].comment == "one two"


def test_a_body_that_is_not_willing_bars_an_option_and_is_quoted(
    tmp_path: Path, rdc: ap.Estate, before: pd.DataFrame
) -> None:
    best = before.iloc[0]
    key = (best["host"], best["services"])
    no = ap.read_reviews(
        write(tmp_path, saved(rdc, {key: ("not willing", "lease ends first")}, post="Head of property")), rdc
    )
    after = ap.find_colocations(rdc, reviews=no)
    row = after[after["option_id"] == best["option_id"]].iloc[0]
    assert (row["verdict"], row["rank"]) == ("blocked", None)
    assert any(
        "Ryedale District Council: not willing, “lease ends first” [a reviewer's answer: Head of property]" in said
        for said in row["blockers"]
    )
    work = ap.read_reviews(write(tmp_path, saved(rdc, {key: ("needs work", "the counter")})), rdc)
    found = ap.find_colocations(rdc, reviews=work).attrs["options"][best["option_id"]]
    (obstacle,) = (one for one in found.obstacles if one.kind == "willingness")
    assert (obstacle.state, found.barred) == (ASKED, False)
    assert found.score < best["score"]  # one more thing to settle


def test_an_answer_of_a_body_without_a_say_changes_nothing_and_is_told(tmp_path: Path, keeper: ap.Estate) -> None:
    fire = saved(keeper, {(HOST, GUESTS): ("not willing", "")}, body="fire")
    read = ap.read_reviews(write(tmp_path, fire), keeper)
    one = ap.find_colocations(keeper, reviews=read).attrs["options"][read.answers[0].option_id]
    assert not any(obstacle.kind == "willingness" for obstacle in one.obstacles)
    (said,) = answers_in_words(HubNames(keeper), one)
    assert said.endswith("not willing. It has no say in this, so nothing changes.")


def test_answers_make_a_pending_body_willing_and_the_gravest_of_several_counts(
    tmp_path: Path, keeper: ap.Estate
) -> None:
    host = next(
        row for row in ap.suitability(keeper, services=["fire-malton"]).pairs["host"] if str(row).startswith("police:")
    )
    option = (str(host), ("fire-malton",))
    yes = ap.read_reviews(write(tmp_path, saved(keeper, {option: ("willing", "")}, body="fire"), "yes.json"), keeper)
    no = ap.read_reviews(write(tmp_path, saved(keeper, {option: ("not willing", "x")}, body="fire"), "no.json"), keeper)
    key = yes.answers[0].option_id

    def willing(reviews: Any) -> Any:
        return ap.find_colocations(keeper, reviews=reviews).attrs["options"][key]

    alone, both = willing(yes), willing([*yes, *no])
    assert alone.willing_percent == 100.0
    assert both.willing_percent < 100.0
    assert any(one.state == FORBIDDEN and one.kind == "willingness" for one in both.obstacles)


def test_what_was_answered_is_looked_at_whether_found_or_not(
    tmp_path: Path, rdc: ap.Estate, before: pd.DataFrame
) -> None:
    found = set(before["option_id"])
    option = (HOST, ("police-desk",))
    key = asked(rdc, *option)["option_id"]
    assert key not in found  # folded into another
    read = ap.read_reviews(write(tmp_path, saved(rdc, {option: ("willing", "")})), rdc)
    again = ap.find_colocations(rdc, reviews=read)
    assert again["option_id"].tolist().count(key) == 1
    one = again.attrs["options"][key]
    assert one.reviews == read.answers
    assert answers_in_words(HubNames(rdc), one) == ["Answered: Ryedale District Council: willing."]


def test_the_command_reads_answers_and_refuses_bad_ones(tmp_path: Path, rdc: ap.Estate, good: dict[str, Any]) -> None:
    path = write(tmp_path, saved(rdc, {(HOST, GUESTS): ("not willing", "=cmd|'x'")}))
    other = write(tmp_path, saved(rdc, {(HOST, GUESTS[:2]): ("willing", "")}), "more.json")
    done = run("colocate", MALTON, "--audience", "rdc", "--reviews", path, "--reviews", other, "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = {row["option_id"]: row for row in json.loads(done.stdout)}
    key = asked(rdc, HOST, GUESTS)["option_id"]
    assert rows[key]["verdict"] == "blocked"
    assert any("=cmd|'x'" in said for said in rows[key]["blockers"])
    bad = write(tmp_path, good | {"version": 2}, "bad.json")
    refused = run("colocate", MALTON, "--audience", "rdc", "--reviews", bad)
    assert refused.returncode == 1
    assert "nothing of them is used" in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr


# ------------------------------------------------------------------------------------------------------- refused


def _without(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda good: {name: value for name, value in good.items() if name != key}


def _with(**more: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda good: good | more


def _in_first(**more: Any) -> Callable[[dict[str, Any]], Any]:
    def change(good: dict[str, Any]) -> dict[str, Any]:
        good["answers"][min(good["answers"])] |= more
        return good

    return change


def _less_of_first(key: str) -> Callable[[dict[str, Any]], Any]:
    def change(good: dict[str, Any]) -> dict[str, Any]:
        del good["answers"][min(good["answers"])][key]
        return good

    return change


def _first_is(value: Any) -> Callable[[dict[str, Any]], Any]:
    def change(good: dict[str, Any]) -> dict[str, Any]:
        good["answers"][min(good["answers"])] = value
        return good

    return change


def _renamed(key: str) -> Callable[[dict[str, Any]], Any]:
    def change(good: dict[str, Any]) -> dict[str, Any]:
        good["answers"][key] = good["answers"].pop(min(good["answers"]))
        return good

    return change


def _text(change: Callable[[str], str | bytes]) -> Callable[[dict[str, Any]], bytes]:
    def changed(good: dict[str, Any]) -> bytes:
        out = change(json.dumps(good))
        return out if isinstance(out, bytes) else out.encode()

    return changed


BAD: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "empty": (lambda _: b"", "not JSON"),
    "blank": (lambda _: b"  \n", "not JSON"),
    "not JSON": (lambda _: b"answers", "not JSON"),
    "a page": (lambda _: b"<!DOCTYPE html><html></html>", "not JSON"),
    "a zip": (lambda _: b"PK\x03\x04" + bytes(40), "not"),
    "truncated": (_text(lambda text: text[:-20]), "not JSON"),
    "cut in the middle": (_text(lambda text: text[: len(text) // 2]), "not JSON"),
    "more after it": (_text(lambda text: text + "{}"), "not JSON"),
    "two documents": (_text(lambda text: f"{text}\n{text}"), "not JSON"),
    "byte order mark": (_text(lambda text: b"\xef\xbb\xbf" + text.encode()), "byte order mark"),
    "UTF-16": (_text(lambda text: text.encode("utf-16")), "byte order mark"),
    "UTF-16 without mark": (_text(lambda text: text.encode("utf-16-le")), "not JSON"),
    "Latin-1": (_text(lambda text: text.replace("counter", "caf\u00e9").encode("latin-1")), "not UTF-8"),
    "too large": (_text(lambda text: text + " " * LARGEST), "larger than"),
    "too deep": (lambda _: b"[" * 400_000, "too deeply"),
    "a deep answer": (_text(lambda text: text.replace('"willing"', "[" * 100_000 + "]" * 100_000)), "deeply|wanted"),
    "a list": (lambda _: [], "table is wanted"),
    "a text": (lambda _: "willing", "table is wanted"),
    "null": (lambda _: None, "table is wanted"),
    "a number": (lambda _: 1, "table is wanted"),
    "NaN": (_text(lambda text: text.replace('"version": 1', '"version": NaN')), "no number"),
    "infinity": (_text(lambda text: text.replace('"version": 1', '"version": -Infinity')), "no number"),
    "a vast number": (_text(lambda text: text.replace('"version": 1', f'"version": {"9" * 5000}')), "not JSON"),
    "a key twice": (_text(lambda text: text.replace("{", '{"post": "", ', 1)), "named twice"),
    "an option twice": (
        lambda good: (
            json.dumps(good).replace('"answers": {', f'"answers": {{"{min(good["answers"])}": {{}}, ').encode()
        ),
        "named twice",
    ),
    "a raw control": (_text(lambda text: text.replace("counter", "coun\x07ter")), "not JSON"),
    "no format": (_without("format"), "format is missing"),
    "another format": (_with(format="assetplan answers"), "no file of answers"),
    "no version": (_without("version"), "version is missing"),
    "version 2": (_with(version=2), "version: 1 is wanted"),
    "version as text": (_with(version="1"), "version: 1 is wanted"),
    "version true": (_with(version=True), "version: 1 is wanted"),
    "version 1.0": (_with(version=1.0), "version: 1 is wanted"),
    "another estate": (_with(estate="Pickering"), "another estate"),
    "estate as a number": (_with(estate=7), "another estate"),
    "another date": (_with(as_of="2011-06-24"), "another date"),
    "no date": (_with(as_of=None), "another date"),
    "another reader": (_with(audience="police"), "another reader"),
    "the keeper's page": (_with(audience="all"), "another reader"),
    "no such reader": (_with(audience="mi5"), "another reader"),
    "reader as a list": (_with(audience=["rdc"]), "another reader"),
    "another body": (_with(body="police"), "body: one of"),
    "no body": (_with(body=""), "body: one of"),
    "body as a number": (_with(body=5), "body: one of"),
    "body missing": (_without("body"), "body is missing"),
    "a person as post": (_with(post="Mr J Smith"), "looks like a person"),
    "an address as post": (_with(post="j.smith@example.org"), "looks like a person"),
    "post too long": (_with(post="x" * (POST + 1)), "characters at most"),
    "post as a number": (_with(post=12), "post: text is wanted"),
    "post null": (_with(post=None), "post: text is wanted"),
    "an unknown key": (_with(anwsers={}), "unknown key"),
    "many unknown keys": (lambda good: good | {f"k{i}": i for i in range(500)}, "more"),
    "a vast key": (lambda good: good | {"k" * 900_000: 1}, "unknown key"),
    "a vast option": (_renamed("x" * 900_000), "no such option"),
    "prototype": (lambda good: good | {"__proto__": {"willing": True}}, "unknown key"),
    "no answers": (_with(answers={}), "there is none"),
    "answers as a list": (_with(answers=[1]), "answers: an object"),
    "answers null": (_with(answers=None), "answers: an object"),
    "an option as a text": (_first_is("willing"), "a table is wanted"),
    "an option as null": (_first_is(None), "a table is wanted"),
    "an unknown key in an option": (_in_first(rank=1), "unknown key"),
    "answer missing": (_less_of_first("answer"), "answer is missing"),
    "digest missing": (_less_of_first("shown"), "shown is missing"),
    "no such answer": (_in_first(answer="perhaps"), "willing, not willing, needs work is wanted"),
    "answer in capitals": (_in_first(answer="WILLING"), "is wanted"),
    "answer true": (_in_first(answer=True), "is wanted"),
    "answer as an object": (_in_first(answer={"willing": 1}), "is wanted"),
    "comment too long": (_in_first(comment="x" * (COMMENT + 1)), "characters at most"),
    "comment as a number": (_in_first(comment=3), "comment: text is wanted"),
    "comment null": (_in_first(comment=None), "comment: text is wanted"),
    "a control in a comment": (_in_first(comment="a\x1b[31mb"), "cannot be seen"),
    "a turned comment": (_in_first(comment="abc\u202etxt"), "cannot be seen"),
    "half a character": (_in_first(comment="\ud83d"), "cannot be seen"),
    "a nought in a comment": (_in_first(comment="a\x00b"), "cannot be seen"),
    "another host": (_in_first(host="rdc:A0001"), "no such option"),
    "no such host": (_in_first(host="rdc:A9999"), "no such option"),
    "a host out of sight": (_in_first(host="nycc:SAFE-1"), "no such option"),
    "host as a number": (_in_first(host=7), "host: text is wanted"),
    "no such service": (_in_first(services=["nycc-library", "x"]), "no such option"),
    "other services": (_in_first(services=["police-response"]), "no such option"),
    "services turned round": (_in_first(services=["police-desk", "nycc-library"]), "no such option"),
    "a service twice": (_in_first(services=["nycc-library", "nycc-library"]), "no such option"),
    "no services": (_in_first(services=[]), "services: a list"),
    "services as a text": (_in_first(services="nycc-library"), "services: a list"),
    "services of numbers": (_in_first(services=[1, 2]), "services: a list"),
    "stale": (_in_first(shown="0123456789abcdef"), "has changed since"),
    "digest as a number": (_in_first(shown=1), "shown: text is wanted"),
    "no such option": (_renamed("rdc-a0007-00000000"), "no such option"),
    "an option of hostile name": (_renamed("<img src=x onerror=alert(1)>\x1b[2J"), "no such option"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_whole(name: str, tmp_path: Path, rdc: ap.Estate, good: dict[str, Any]) -> None:
    change, says = BAD[name]
    path = write(tmp_path, change(copy.deepcopy(good)))
    with pytest.raises(ap.EstateError, match="the answers are refused, and nothing of them is used") as refused:
        ap.read_reviews(path, rdc)
    said = str(refused.value)
    assert any(part in said for part in says.split("|")), said
    assert len(said) < 9000
    assert not {"\x1b", "\u202e", "\x00", "\x07"} & set(said)


def test_there_are_fifty_of_them() -> None:
    assert len(BAD) >= 50


def test_one_bad_answer_refuses_the_good_ones_with_it(tmp_path: Path, rdc: ap.Estate, good: dict[str, Any]) -> None:
    bad = copy.deepcopy(good)
    bad["answers"][max(bad["answers"])]["answer"] = "yes"
    bad["post"] = 4
    with pytest.raises(ap.EstateError) as refused:
        ap.read_reviews(write(tmp_path, bad), rdc)
    assert len(refused.value.problems) == 2  # all that is wrong at once


def test_what_is_no_file_is_refused(tmp_path: Path, rdc: ap.Estate) -> None:
    for path in (tmp_path, tmp_path / "none.json", Path("/dev/zero")):
        with pytest.raises(ap.EstateError, match="no such file"):
            ap.read_reviews(path, rdc)


def test_a_reader_without_release_reads_none(tmp_path: Path, keeper: ap.Estate) -> None:
    nhs = keeper.for_audience("nhs")
    path = write(tmp_path, saved(nhs, {(HOST, GUESTS): ("willing", "")}, body="nhs"))
    for reader in (nhs, keeper):
        with pytest.raises(ap.EstateError, match="another reader"):
            ap.read_reviews(path, reader)


def test_a_change_of_host_or_services_makes_answers_stale_and_other_changes_do_not(
    tmp_path: Path, rdc: ap.Estate
) -> None:
    before = asked(rdc, HOST, GUESTS)
    assert asked(rdc, HOST, reversed(GUESTS)) == before
    assert asked(rdc, HOST, GUESTS[:2])["shown"] != before["shown"]

    def after(table: str, old: str, new: str) -> str:
        import shutil

        folder = tmp_path / f"{table}-{abs(hash(new))}"
        shutil.copytree(MALTON, folder)
        path = next(folder.rglob(table))
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return str(asked(ap.read_estate(folder).for_audience("rdc"), HOST, GUESTS)["shown"])

    assert after("services.csv", "Police desk", "Police counter") != before["shown"]
    assert after("services.csv", "Malton ambulance station", "Ambulances") == before["shown"]


def test_answers_are_the_three() -> None:
    assert ANSWERS == ("willing", "not willing", "needs work")

"""Co-location options as a reader meets them to whom they are released: cards, moves on the map, and answers saved as a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from pages import AXE, PageData

import assetplan as ap

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE = "=1+1 </script><img src=x onerror=alert(1)> {{7*7}}"


def test_options_are_marked_saved_and_read_back(
    malton: ap.Estate, written: Callable[[str], Path], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    opened = open_page(written("rdc"), width=360, height=800, reduced_motion="reduce", accept_downloads=True)
    page = opened.page
    shown = PageData(page.content()).packed["options"]
    cards = page.locator(".ap-option")
    assert cards.count() == len(shown) > 5
    save = page.get_by_role("button", name="Save answers")
    status = page.locator("#ap-answers [role=status]")
    assert status.inner_text() == f"0 of {len(shown)} options marked."
    save.click()
    assert "Nothing is marked yet" in status.inner_text()

    first = cards.nth(0).get_by_role("group", name="Your answer")
    radios = first.get_by_role("radio")
    assert radios.count() == 3
    radios.first.focus()
    page.keyboard.press("ArrowDown")  # by keyboard alone
    assert first.get_by_role("radio", name="Not willing").is_checked()
    first.get_by_role("textbox").fill("the lease\nends first\u202e")
    second = cards.nth(1).get_by_role("group", name="Your answer")
    second.get_by_role("textbox").fill(HOSTILE)
    assert status.inner_text() == f"1 of {len(shown)} options marked. 1 comment without a mark."
    save.click()
    assert "has no mark" in status.inner_text()
    second.get_by_role("radio", name="Needs work").check()
    third = cards.nth(2).get_by_role("group", name="Your answer")
    third.get_by_role("radio", name="Willing", exact=True).check()
    third.get_by_role("button", name="Take back").click()
    assert status.inner_text() == f"2 of {len(shown)} options marked."
    page.get_by_role("textbox", name="Your post, not your name").fill("Head of property")
    with page.expect_download() as started:
        save.click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert path.suffix == ".json"
    assert status.inner_text().startswith("2 answers in answers-")

    document = json.loads(path.read_text(encoding="utf-8"))
    assert set(document["answers"]) == {shown[0]["option_id"], shown[1]["option_id"]}
    estate = malton.for_audience("rdc")
    for reader in (estate, malton):
        read = ap.read_reviews(path, reader)
        by_id = {one.option_id: one for one in read}
        assert (read.body, read.post) == ("rdc", "Head of property")
        assert by_id[shown[0]["option_id"]].answer == "not willing"
        assert by_id[shown[0]["option_id"]].comment == "the lease ends first"
        assert by_id[shown[1]["option_id"]].comment == HOSTILE
    found = ap.find_colocations(estate, reviews=read).attrs["options"]
    assert found[shown[0]["option_id"]].barred
    assert not found[shown[1]["option_id"]].barred

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert Axe().run(page, context={"include": [["#ap-options"]]}, options=AXE).response["violations"] == []
    page.emulate_media(media="print")
    assert not save.is_visible()
    assert radios.first.evaluate("node => getComputedStyle(node).appearance") == "none"
    assert opened.quiet(), (opened.requests, opened.complaints)


def test_a_card_draws_its_moves_alone(written: Callable[[str], Path], open_page: Callable[..., Any]) -> None:
    opened = open_page(written("rdc"), reduced_motion="reduce")
    page = opened.page
    shown = PageData(page.content()).packed["options"]
    assert page.locator("path.ap-flow").count() == 0
    layer = page.get_by_role("checkbox", name="Moves of a co-location option")
    for number in (2, 0):
        page.locator(".ap-show-option").nth(number).click()
        assert layer.is_checked()
        drawn = [move for move in shown[number]["moves"] if move["at"]]
        assert page.locator("path.ap-flow").count() == page.locator("path.ap-flow-head").count() == len(drawn)
        assert page.locator("path.ap-flow-host").count() == 1
        labels = page.locator(".ap-label-flow:visible").all_inner_texts()
        assert set(labels) <= {move["name"] for move in drawn}
        assert labels
    layer.uncheck()
    assert page.locator("path.ap-flow").count() == 0
    assert page.locator(".ap-label-flow:visible").count() == 0
    assert opened.quiet(), (opened.requests, opened.complaints)


def test_the_keeper_says_for_which_body(
    malton: ap.Estate, written: Callable[[str], Path], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    opened = open_page(written("all"), accept_downloads=True)
    page = opened.page
    page.locator(".ap-option").first.get_by_role("radio", name="Willing", exact=True).check()
    save = page.get_by_role("button", name="Save answers")
    save.click()
    assert page.locator("#ap-answers [role=status]").inner_text() == "Choose the body that answers."
    page.get_by_role("combobox", name="For which body").select_option("fire")
    with page.expect_download() as started:
        save.click()
    started.value.save_as(tmp_path / "fire.json")
    assert [one.body for one in ap.read_reviews(tmp_path / "fire.json", malton)] == ["fire"]
    assert opened.quiet(), (opened.requests, opened.complaints)


def test_readers_without_release_see_nothing_of_it(
    written: Callable[[str], Path], open_page: Callable[..., Any]
) -> None:
    for reader in ("public", "nhs"):
        html = written(reader).read_text(encoding="utf-8")
        packed = PageData(html).packed
        assert "options" not in packed
        assert "reviewing" not in packed
        assert 'id="ap-options"' not in html
    opened = open_page(written("public"))
    assert opened.page.get_by_role("checkbox", name="Moves of a co-location option").count() == 0
    assert opened.quiet(), (opened.requests, opened.complaints)

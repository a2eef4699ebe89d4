"""A file is written whole or not at all, and never over another by accident."""

import os
import stat
from pathlib import Path

import pytest

from assetplan.errors import OutputError
from assetplan.output import check_free, write_whole


def test_a_new_file_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "map.html"
    check_free(path, force=False)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_the_file_has_the_rights_new_files_have(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_whole(tmp_path / "ours", b"")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_an_existing_file_needs_force_outside_maps(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text("old")
    with pytest.raises(OutputError, match="--force"):
        check_free(path, force=False)
    check_free(path, force=True)
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "map.html").write_text("old")
    check_free(tmp_path / "maps" / "map.html", force=False)
    (tmp_path / "maps").joinpath("..").resolve()
    with pytest.raises(OutputError, match="--force"):
        check_free(tmp_path / "maps" / ".." / "map.html", force=False)


def test_a_file_called_maps_is_not_a_folder_called_maps(tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("old")
    with pytest.raises(OutputError, match="--force"):
        check_free(tmp_path / "maps", force=False)


def test_links_and_folders_are_refused_even_with_force(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    link = tmp_path / "map.html"
    link.symlink_to(tmp_path / "secret")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for path in (link, tmp_path / "dangling", tmp_path):
        with pytest.raises(OutputError):
            check_free(path, force=True)
        with pytest.raises(OutputError):
            write_whole(path, b"new")
    assert (tmp_path / "secret").read_text() == "secret"
    assert not (tmp_path / "nowhere").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "map.html", "secret"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_the_old_file_stays_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "map.html"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os if step == "fsync" else Path, step, full)
    with pytest.raises(OutputError, match="No space left"):
        write_whole(path, b"new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole(tmp_path / "file" / "map.html", b"new")


def test_names_are_shown_readable(tmp_path: Path) -> None:
    path = tmp_path / "map\u202e.html"
    path.write_text("old")
    with pytest.raises(OutputError, match=r"map\[U\+202E\]\.html"):
        check_free(path, force=False)

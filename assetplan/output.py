"""Writing a file, or a folder of files, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assetplan.errors import OutputError
from assetplan.text import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_free(path: Path, *, force: bool) -> None:
    """Refuse to replace a file, unless it is one under a folder called maps, or the caller insists.

    Raises
    ------
    OutputError
        Naming the file and what to do.
    """
    shown = shown_name(path)
    try:
        if path.is_symlink():
            raise OutputError(f"{shown}: this is a link to another file. Name the file itself.")
        if path.is_dir():
            raise OutputError(f"{shown}: this is a folder. Name a file in it.")
        if path.exists() and not force and "maps" not in path.resolve().parts[:-1]:
            raise OutputError(f"{shown}: there is such a file already. Use --force to replace it.")
    except OutputError:
        raise
    except OSError as error:  # a name too long for the file system, a folder that may not be entered
        raise OutputError(
            f"{shown}: cannot be written ({error.strerror or error}). Choose another name or folder."
        ) from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file by way of a temporary one beside it, so that a reader meets the old file or the new one.

    Raises
    ------
    OutputError
        Where the folder cannot be written; the old file is left as it was.
    """
    temporary = ""
    try:
        if path.is_symlink():
            raise OutputError(f"{shown_name(path)}: this is a link to another file. Name the file itself.")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".assetplan-", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
        temporary = ""
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{shown_name(path)}: cannot be written ({error.strerror or error}). Close it elsewhere, or choose another folder."
        ) from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, beside where it shall stand; it stands there once all is in it, and is removed where anything fails.

    Raises
    ------
    OutputError
        Where there is something at `path` other than an empty folder, or the folder cannot be written.
    """
    shown = shown_name(path)
    temporary = ""
    try:
        if path.is_symlink():
            raise OutputError(f"{shown}: this is a link to another folder. Name the folder itself.")
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise OutputError(f"{shown}: there is such a file or folder already. Remove it, or name another.")
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.mkdtemp(dir=path.parent, prefix=".assetplan-", suffix=".part")
        yield Path(temporary)
        Path(temporary).chmod(0o777 & ~_umask())
        if path.exists():
            path.rmdir()
        Path(temporary).replace(path)
        temporary = ""
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{shown}: cannot be written ({error.strerror or error}). Free some space, or choose another folder."
        ) from error
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

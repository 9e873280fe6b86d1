"""A copy of the embedded database, made while the server works on it: whole or not there at all."""

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.storage.database import Database
from qbwc_server.storage.driver_words import sentence_of


class BackupError(RuntimeError):
    """The copy was not made, and nothing was left behind; the sentence says why."""


def back_up(database: Database, target: Path, *, replace: bool = False) -> int:
    """Copy a SQLite database as it stands after the last commit.

    Nobody waits for it: it reads as any reader does, and what is committed meanwhile is not in it. The copy is
    looked through before it gets its name, is readable by the owner only and needs no file beside it.

    Args:
        replace: overwrite `target` if it is there.

    Returns:
        The size of the copy in bytes.

    Raises:
        BackupError: `target` is there, or is the database itself, or cannot be written, or there is nothing to copy.
        DatabaseUnavailable: the database cannot be read.
    """
    _check_target(database, target, replace)
    if database.revision() is None:
        raise BackupError("there is nothing to back up: the database is empty")
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _fill(database, draft)
        _check_target(database, target, replace)
        draft.replace(target)
        _sync(target.parent)
    except OSError as error:
        # of the draft nobody has heard
        raise BackupError(f"{target}: the copy cannot be written there ({error.strerror})") from None
    finally:
        with suppress(OSError):  # a folder that is none
            draft.unlink(missing_ok=True)
    return target.stat().st_size


def _check_target(database: Database, target: Path, replace: bool) -> None:
    source = database.path
    if source is None or not source.exists():
        raise BackupError(f"there is nothing to back up: {source or 'the database'} is not a file")
    if target.exists():
        if target.samefile(source):
            raise BackupError(f"{target} is the database itself")
        if not replace:
            raise BackupError(f"{target} is there already; --force overwrites it")


def _fill(database: Database, draft: Path) -> None:
    try:
        with closing(sqlite3.connect(draft)) as copy:
            database.copy_into(copy)
            # one file: it must not be taken for damaged because a companion was not moved with it
            copy.execute("PRAGMA journal_mode=DELETE")
            (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"the copy could not be written: {sentence_of(error)}") from None
    if verdict != "ok":
        raise DatabaseUnavailable(f"the database is damaged: {verdict}")
    _sync(draft)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return  # Windows has no handle for a folder
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""One server a SQLite file: a lock beside it that lasts as long as a process of the server, however that ends."""

import contextlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from qbwc_server.config import Config, ConfigError, database_file

PATIENCE = 3.0
"""How long the workers of a server that was killed may take to end, in seconds."""

_logger = logging.getLogger(__name__)


@contextmanager
def sole_server(config: Config) -> Iterator[None]:
    """Keep other servers from the database while this one is at work; one that is no SQLite file is for many.

    Raises:
        ConfigError: another server is at work on it.
    """
    database = database_file(config)
    if database is None:
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(_open(database.with_name(f"{database.stem}-serving.lock")))
        except OSError as error:  # a folder nobody can write to has worse to say, and says it itself
            _logger.warning("nothing keeps a second server from %s: %s", database, error.strerror)
        else:
            _take(file, database, config.public_url)
        yield


def _open(path: Path) -> IO[str]:
    # not "w": what it says belongs to whoever holds it
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+", encoding="utf-8")


def _take(file: IO[str], database: Path, address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _locked(file):
        if time.monotonic() > deadline:
            raise ConfigError(
                f"{database}: another server is at work on this database ({_holder(file)}). End it first. For more "
                "processes start one server with --workers; several servers need PostgreSQL"
            )
        time.sleep(0.1)
    file.truncate(0)
    file.write(f"{address}, process {os.getpid()}")
    file.flush()


def _holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read() or "it has just been started"


if sys.platform == "win32":
    import msvcrt

    _PLACE = 2**20
    """Far behind what the file says, which can be read all the while."""

    def _locked(file: IO[str]) -> bool:
        file.seek(_PLACE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True
else:
    import fcntl

    def _locked(file: IO[str]) -> bool:
        # Workers inherit it by fork: as long as one of them lives, the database is served.
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:  # a file system without locks
            _logger.warning("nothing keeps a second server from this database: %s", error.strerror)
        return True

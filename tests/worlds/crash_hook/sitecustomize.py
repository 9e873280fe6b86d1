"""Kills the server at one of its commits: put on PYTHONPATH, it is imported before anything else.

``FAULTS_CRASH_AT=before:7`` ends the whole server with SIGKILL when its seventh transaction is about to be
committed, ``after:7`` when it has just been committed and nothing has been answered yet.

``FAULTS_COURIER_LEASE=2`` has the courier claim an endpoint for so many seconds, so that the one after it need not
wait half a minute.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count


def _install(side: str, at: int) -> None:
    from sqlalchemy import Connection

    from qbwc_server.storage.database import Database

    begin, numbers = Database.begin, count(1)

    @contextmanager
    def crashing(self: Database) -> Iterator[Connection]:
        number = next(numbers)
        with begin(self) as connection:
            yield connection
            if (side, at) == ("before", number):
                os.killpg(0, signal.SIGKILL)
        if (side, at) == ("after", number):
            os.killpg(0, signal.SIGKILL)

    Database.begin = crashing  # type: ignore[method-assign]


def _shorten(seconds: float) -> None:
    from datetime import timedelta

    from qbwc_server.courier import delivering

    delivering.LEASE = timedelta(seconds=seconds)
    delivering.SENDING_SECONDS = seconds / 2


if "FAULTS_COURIER_LEASE" in os.environ:
    _shorten(float(os.environ["FAULTS_COURIER_LEASE"]))
if "FAULTS_CRASH_AT" in os.environ:
    _side, _number = os.environ["FAULTS_CRASH_AT"].split(":")
    _install(_side, int(_number))

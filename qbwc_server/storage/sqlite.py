"""How SQLite is opened: its file private, its log ahead of it, its transactions begun by us."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from qbwc_server.storage import prepared
from qbwc_server.storage.failures import sqlite_code

WAIT_SECONDS = 30
"""How long one who writes waits for another."""


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database; None for one in memory."""
    name = url.database or ""
    if name in ("", ":memory:") or "mode=memory" in name or url.query.get("mode") == "memory":
        return None
    return Path(name.removeprefix("file:").partition("?")[0])


def prepare(engine: Engine) -> None:
    """Have every connection of an engine opened, and every transaction begun, as we need it."""
    path = None if (engine.url.database or "").startswith("file:") else file_of(engine.url)

    @event.listens_for(engine, "do_connect")
    def _make_private(*_: Any) -> None:
        # SQLite would make the file readable by every user of the machine; its companions copy its mode
        if path is not None and path.parent.is_dir() and not path.exists():
            with suppress(OSError):  # somebody else was faster, or SQLite says what is wrong with the place
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: ConnectionPoolEntry) -> None:
        # the driver must not begin transactions by itself: `_on_begin` does
        connection.isolation_level = None
        _use_wal(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # take the write lock at once: a transaction that reads first and writes later could otherwise find
        # that what it read has changed, and would have to be repeated
        options = connection.get_execution_options()
        if not options.get("glances"):
            prepared.say(connection, "BEGIN" if options.get("only_reads") else "BEGIN IMMEDIATE")


def _use_wal(connection: Any) -> None:
    """Have readers and the writer not wait for each other; the file remembers it.

    Of two processes that make the file at the same moment SQLite lets one wait for the other with everything but
    this.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if sqlite_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)

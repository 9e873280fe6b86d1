"""What a database could not do, as one of the faults of the domain."""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from qbwc_server.domain.faults import Conflict, DatabaseUnavailable, NoRoom
from qbwc_server.storage.constraints import broken_rule
from qbwc_server.storage.driver_words import sentence_of

_NOT_WRITTEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}
"""SQLite's primary result codes for a write that failed because of the file or its disk."""

_DISK_FULL, _READ_ONLY = "53100", "25006"
"""PostgreSQL's SQLSTATEs for the same."""


def cause_of(error: SQLAlchemyError) -> BaseException:
    """What the driver said."""
    return getattr(error, "orig", None) or error


def fault_of(error: SQLAlchemyError) -> Conflict | DatabaseUnavailable:
    """What it means for whoever wanted something of the database."""
    cause = cause_of(error)
    broken = broken_rule(cause)
    if broken is not None:
        return Conflict(broken)
    return (NoRoom if is_full(cause) else DatabaseUnavailable)(sentence_of(cause))


def is_not_written(error: BaseException) -> bool:
    """Whether a write failed because of the file, its disk or the server's mode: nothing a request could help."""
    if isinstance(error, sqlite3.Error):
        return sqlite_code(error) in _NOT_WRITTEN
    return getattr(error, "sqlstate", None) in (_DISK_FULL, _READ_ONLY)


def is_full(error: BaseException) -> bool:
    """Whether a write failed for want of room."""
    if isinstance(error, sqlite3.Error):
        return sqlite_code(error) == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == _DISK_FULL


def is_taken(error: BaseException) -> bool:
    """Whether SQLite's one place for a writer is taken."""
    return isinstance(error, sqlite3.Error) and sqlite_code(error) in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    )


def sqlite_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, 0 for an error of the driver itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF

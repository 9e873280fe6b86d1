"""Why a write failed: for want of room, or because nothing can be written there at all."""

import sqlite3

_NOT_WRITTEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}
"""SQLite's primary result codes for a write that failed because of the file or its disk."""

_DISK_FULL, _READ_ONLY = "53100", "25006"
"""PostgreSQL's SQLSTATEs for the same."""


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


def sqlite_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, 0 for an error of the driver itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF

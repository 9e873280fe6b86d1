"""What a database or its driver said, as a sentence for whoever runs the server."""

import sqlite3
from collections.abc import Mapping

_SQLITE: Mapping[int, str] = {
    sqlite3.SQLITE_NOTADB: "the file is not a database",
    sqlite3.SQLITE_CORRUPT: "the database is damaged: stop the server and put a backup in its place",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened: is its folder there, and may this user read and write it?",
    sqlite3.SQLITE_READONLY: "the database is read-only",
    sqlite3.SQLITE_FULL: "the database or its disk is full",
    sqlite3.SQLITE_IOERR: "the disk of the database cannot be read or written",
    sqlite3.SQLITE_BUSY: "another program holds the database (database is locked): try again, or end that program",
    sqlite3.SQLITE_LOCKED: "another program holds the database (database is locked): try again, or end that program",
}

_POSTGRES: Mapping[str, str] = {
    "28P01": "the database server does not accept the user name and password of the database URL",
    "28000": "the database server does not let this user in",
    "3D000": "the database server has no database of that name: create it, or correct the database URL",
    "53100": "the disk of the database server is full",
    "53300": "the database server has too many connections: end some, or allow more",
    "25006": "the database is read-only",
    "42501": "the user of the database URL may not do that in this database",
    "57P03": "the database server is starting up or shutting down: try again",
}
"""By SQLSTATE."""

_CONNECTING: tuple[tuple[str, str], ...] = (
    ("28P01", "password authentication failed"),
    ("28P01", "no password supplied"),
    ("28000", "no pg_hba.conf entry"),
    ("28000", 'role "'),
    ("3D000", 'database "'),
    ("53300", "too many"),
    ("57P03", "starting up"),
)
"""What libpq says when a connection is refused, for which it gives no SQLSTATE."""

_NO_ANSWER = (
    "the database server does not answer: is it running, and are host and port of the database URL right?"
)


def sentence_of(error: BaseException) -> str:
    """What happened and what to do about it; of what is not foreseen the database's own words, as a quotation."""
    if isinstance(error, sqlite3.Error):
        known = _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    else:
        known = _POSTGRES.get(getattr(error, "sqlstate", None) or "") or _connecting(error)
    return known or f"the database could not do it; it says “{_first_line(error)}”"


def _connecting(error: BaseException) -> str | None:
    text = str(error)
    if "connection" not in text or getattr(error, "sqlstate", None) is not None:
        return None
    return next((_POSTGRES[state] for state, words in _CONNECTING if words in text), _NO_ANSWER)


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]

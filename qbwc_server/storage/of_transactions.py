"""What is kept in memory of a transaction, by its connection; it ends with the transaction, at the latest with the
connection.

A connection of our own lives as long as its transaction. One that a host lends us (`storage.lent`) goes on afterwards:
nothing that is kept of it may outlive what it was lent for.
"""

from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

T = TypeVar("T")

Kept = WeakKeyDictionary[Connection, T]
"""Transaction → what is kept of it."""

_all: list[Kept[Any]] = []


def by_transaction() -> Kept[Any]:
    """A place to keep something of transactions; made once, by a module."""
    made: Kept[Any] = WeakKeyDictionary()
    _all.append(made)
    return made


def forget(conn: Connection) -> None:
    """Keep nothing of a transaction any more."""
    for each in _all:
        each.pop(conn, None)

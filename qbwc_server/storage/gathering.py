"""Writes of a transaction that are kept back, so that those of many rows are one statement.

Whoever judges fifty answers one after the other writes what becomes of each as it is judged; the database is told of
all of them together. Nothing can miss them: whatever else is said to the database within the transaction, its commit
included, is said behind them.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event

from qbwc_server.storage import memory
from qbwc_server.storage.of_transactions import Kept, by_transaction

T = TypeVar("T")

_KeptBack = dict[Callable[[Connection, Any], object], list[Any]]
_kept: Kept[_KeptBack] = by_transaction()
"""Transaction → how something is written → what is kept back of it."""


@contextmanager
def gathered(conn: Connection) -> Iterator[None]:
    """Keep writes back until the block ends; after an exception, until the transaction goes on or is committed.

    What is read within the block is remembered: what is not, is written at once (see `memory`).
    """
    if conn in _kept:
        yield
        return
    _kept[conn] = {}
    with memory.remembering(conn):
        yield
        write(conn)
    del _kept[conn]


def is_on(conn: Connection) -> bool:
    """Whether writes of this transaction are kept back."""
    return conn in _kept


def keep_back(conn: Connection, writing: Callable[[Connection, list[T]], object], *items: T) -> None:
    """Write these with all others that are written so; at once where nothing is kept back.

    Args:
        writing: one and the same function each time. What is kept back first is written first.
    """
    kept = _kept.get(conn)
    if kept is None:
        writing(conn, list(items))
    else:
        kept.setdefault(writing, []).extend(items)


def together(changes: Iterable[tuple[Hashable, Mapping[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Changes of rows as an update is executed with them: those of one row together, then all of the same columns.

    Args:
        changes: what tells a row (in the update it is called ``which``), and the columns to be set.
    """
    rows: dict[Hashable, dict[str, Any]] = {}
    for which, values in changes:
        rows.setdefault(which, {"which": which}).update(values)
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows.values():
        alike.setdefault(tuple(sorted(row)), []).append(row)
    return list(alike.values())


Writing = TypeVar("Writing", bound=Callable[..., object])
_last: set[Callable[..., object]] = set()


def comes_last(writing: Writing) -> Writing:
    """Have what is written so written behind all else: it tells of it."""
    _last.add(writing)
    return writing


def write(conn: Connection) -> None:
    """Write what is kept back."""
    kept = _kept.get(conn)
    if kept:
        _kept[conn] = {}
        for writing in sorted(kept, key=_last.__contains__):
            writing(conn, kept[writing])


def attend(engine: Engine) -> None:
    """Have nothing said to the database in front of what is kept back."""

    @event.listens_for(engine, "before_cursor_execute")
    def _before_anything_else(conn: Connection, *_: Any) -> None:
        write(conn)

    @event.listens_for(engine, "commit")
    def _before_the_end(conn: Connection) -> None:
        write(conn)

    @event.listens_for(engine, "rollback")
    def _forget(conn: Connection) -> None:
        _kept.pop(conn, None)


@contextmanager
def attending(conn: Connection) -> Iterator[None]:
    """The same of one connection, until the block ends; then all is written."""

    def before_anything_else(conn: Connection, *_: Any) -> None:
        write(conn)

    event.listen(conn, "before_cursor_execute", before_anything_else)
    try:
        yield
        write(conn)
    finally:
        event.remove(conn, "before_cursor_execute", before_anything_else)

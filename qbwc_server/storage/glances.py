"""Connections for looks at a SQLite database that must cost next to nothing: they stay open from one to the next."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from qbwc_server.storage import of_transactions

MOST = 4
"""So many of a SQLite file are kept: more requests are hardly ever looking at the same time."""


class Glances:
    """The connections through which nobody looks just now.

    Args:
        most: so many are kept; none of what belongs to others, or may break off while nobody looks.
    """

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine, self._most = engine, most
        self._idle: deque[Connection] = deque()

    @contextmanager
    def one(self) -> Iterator[Connection]:
        """A connection outside of any transaction; one that failed is not used again."""
        conn = self._taken()
        try:
            yield conn
            if conn.in_transaction():  # something was asked that is not `prepared`
                conn.rollback()
        except BaseException:
            conn.close()
            raise
        finally:
            of_transactions.forget(conn)
        if len(self._idle) < self._most:
            self._idle.append(conn)
        else:
            conn.close()

    def _taken(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect().execution_options(only_reads=True, glances=True)

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()

"""Statements that are put with nearly every call: compiled once, and then told to SQLite's driver without a detour.

SQLAlchemy looks at a statement, its parameters and its result anew each time, which takes several times as long as
SQLite takes for the answer. PostgreSQL, whose driver prepares statements by itself, is asked as usual.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import CompoundSelect, Connection, Dialect, Insert, Select
from sqlalchemy.exc import DBAPIError

Statement = Select[Any] | CompoundSelect[Any] | Insert
_Process = Callable[[Any], Any]


class Prepared:
    """A statement with named parameters, none of which is a list that is written out (see `bulk.one_of`).

    An INSERT is for the columns it is first given values of, and is given values of the same ones ever after.
    """

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._made: WeakKeyDictionary[Dialect, _Compiled] = WeakKeyDictionary()

    def rows(self, conn: Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows it answers, each as the values of its columns in their order.

        Raises:
            SQLAlchemyError: as `Connection.execute` does.
        """
        compiled = self._compiled(conn, values)
        if compiled is None:
            return conn.execute(self._statement, values).all()
        return compiled.rows(conn, values)

    def row(self, conn: Connection, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The first row it answers, or None; as `rows` does."""
        found = self.rows(conn, values)
        return found[0] if found else None

    def write(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for each of several sets of values; there is one at least.

        Raises:
            SQLAlchemyError: as `Connection.execute` does.
        """
        compiled = self._compiled(conn, rows[0])
        if compiled is None:
            conn.execute(self._statement, rows)
        else:
            compiled.write(conn, rows)

    def _compiled(self, conn: Connection, values: Mapping[str, Any]) -> "_Compiled | None":
        if conn.dialect.name != "sqlite":
            return None
        found = self._made.get(conn.dialect)
        if found is None:
            found = self._made[conn.dialect] = _Compiled(self._statement, conn.dialect, values)
        return found


class _Compiled:
    """A statement as SQLite's driver takes it."""

    def __init__(self, statement: Statement, dialect: Dialect, values: Mapping[str, Any]) -> None:
        is_insert = isinstance(statement, Insert)
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(values) if is_insert else None)
        if compiled.post_compile_params:
            raise TypeError("a list that is written out cannot be prepared")
        self._text = str(compiled)
        self._usual = compiled.construct_params(_check=False)
        types = [compiled.binds[name].type.dialect_impl(dialect) for name in compiled.positiontup]
        names = compiled.positiontup
        # of a single name a getter gives the bare value
        self._in_order = (
            itemgetter(*names) if len(names) > 1 else lambda values: [values[name] for name in names]
        )
        self._parameters = _processes(each.bind_processor(dialect) for each in types)
        self._is_for: frozenset[str] = frozenset(names if is_insert else ())
        answered = () if isinstance(statement, Insert) else statement.selected_columns
        types = [column.type.dialect_impl(dialect) for column in answered]
        self._answers = _processes(each.result_processor(dialect, None) for each in types)

    def rows(self, conn: Connection, values: Mapping[str, Any]) -> list[list[Any]]:
        told = self._told(values)
        with _cursor(conn, self._text, told) as cursor:
            found = list(map(list, cursor.execute(self._text, told)))
        for place, process in self._answers:
            for row in found:
                row[place] = process(row[place])
        return found

    def write(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        are_plain = not self._parameters and all(row.keys() == self._is_for for row in rows)
        told = list(map(self._in_order if are_plain else self._told, rows))
        with _cursor(conn, self._text, told, is_many=True) as cursor:
            cursor.executemany(self._text, told)

    def _told(self, values: Mapping[str, Any]) -> list[Any]:
        if self._is_for and values.keys() != self._is_for:
            raise ValueError("an INSERT is given values of other columns than before")
        told = list(self._in_order({**self._usual, **values}))
        for place, process in self._parameters:
            told[place] = process(told[place])
        return told


def say(conn: Connection, text: str) -> None:
    """Tell SQLite something that has no parameters and no answer.

    Raises:
        SQLAlchemyError: as `Connection.execute` does.
    """
    with _cursor(conn, text, ()) as cursor:
        cursor.execute(text)


@contextmanager
def _cursor(conn: Connection, text: str, told: Any, *, is_many: bool = False) -> Iterator[Any]:
    """A cursor; what it fails with is what SQLAlchemy would make of it."""
    cursor = conn.connection.cursor()
    try:
        # `gathering` is among them, which writes what was kept back
        for heard in conn.dispatch.before_cursor_execute:
            heard(conn, cursor, text, told, None, is_many)
        yield cursor
    except sqlite3.Error as error:
        raise DBAPIError.instance(text, told, error, sqlite3.Error, dialect=conn.dialect) from error
    finally:
        cursor.close()


def _processes(found: Iterable[_Process | None]) -> list[tuple[int, _Process]]:
    """What is to be done with a value, by its place; with most there is nothing to do."""
    return [(place, process) for place, process in enumerate(found) if process is not None]

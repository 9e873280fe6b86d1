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

from sqlalchemy import CompoundSelect, Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError

Statement = Select[*tuple[Any, ...]] | CompoundSelect[Any] | Insert | Update | Delete
_Process = Callable[[Any], Any]


class Prepared:
    """A statement with named parameters, none of which is a list that is written out (see `bulk.one_of`).

    An INSERT is for the columns it is first given values of, and is given values of the same ones ever after; an
    UPDATE sets the columns whose values it is given.
    """

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._made: WeakKeyDictionary[Dialect, dict[frozenset[str], _Compiled]] = WeakKeyDictionary()

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

    def named(self, conn: Connection, values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The rows it answers, each as its columns by their names; as `rows` does."""
        compiled = self._compiled(conn, values)
        if compiled is None:
            return [row._asdict() for row in conn.execute(self._statement, values)]
        return [dict(zip(compiled.names, row, strict=True)) for row in compiled.rows(conn, values)]

    def value(self, conn: Connection, values: Mapping[str, Any]) -> Any:
        """The first column of the first row it answers, or None; as `rows` does."""
        found = self.rows(conn, values)
        return found[0][0] if found else None

    def write(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute it for each of several sets of values, with the same names; there is one at least.

        Returns:
            How many rows it wrote.

        Raises:
            SQLAlchemyError: as `Connection.execute` does.
        """
        compiled = self._compiled(conn, rows[0])
        if compiled is None:
            return conn.execute(self._statement, rows).rowcount
        return compiled.write(conn, rows)

    def _compiled(self, conn: Connection, values: Mapping[str, Any]) -> "_Compiled | None":
        if conn.dialect.name != "sqlite":
            return None
        made = self._made.get(conn.dialect)
        if made is None:
            made = self._made[conn.dialect] = {}
        # of an UPDATE there is one for each set of columns
        which = frozenset(values) if isinstance(self._statement, Update) else _ANY
        found = made.get(which)
        if found is None:
            found = made[which] = _Compiled(self._statement, conn.dialect, values)
        return found


_ANY: frozenset[str] = frozenset()


class _Compiled:
    """A statement as SQLite's driver takes it."""

    def __init__(self, statement: Statement, dialect: Dialect, values: Mapping[str, Any]) -> None:
        is_insert = isinstance(statement, Insert)
        names = list(values) if isinstance(statement, Insert | Update) else None
        compiled: Any = statement.compile(dialect=dialect, column_keys=names)
        if any(name in values for name in _written_out(compiled)):
            raise TypeError("a list that is written out cannot be prepared")
        # lists that the statement itself has in it are written out
        whole = compiled.construct_expanded_state(dict(values))
        self._text, names = whole.statement, whole.positiontup
        self._usual = {
            name: value
            for name, value in (compiled.construct_params(_check=False) | whole.parameters).items()
            if name in names and name not in values
        }
        # of a single name a getter gives the bare value
        self._in_order = (
            itemgetter(*names) if len(names) > 1 else lambda values: [values[name] for name in names]
        )
        of_lists = {each: of for of, some in whole.parameter_expansion.items() for each in some}
        types = [compiled.binds[of_lists.get(name, name)].type.dialect_impl(dialect) for name in names]
        self._parameters = _processes(each.bind_processor(dialect) for each in types)
        self._is_for: frozenset[str] = frozenset(names if is_insert else ())
        answered = statement.exported_columns if _answers(statement) else ()
        self.names = tuple(str(column.key) for column in answered)
        types = [column.type.dialect_impl(dialect) for column in answered]
        self._answers = _processes(each.result_processor(dialect, None) for each in types)

    def rows(self, conn: Connection, values: Mapping[str, Any]) -> list[list[Any]]:
        told = self._told(values)
        with _cursor(conn, self._text, told) as cursor:
            found = list(map(list, cursor.execute(self._text, told)))
        for place, process in self._answers:
            for row in found:
                if row[place] is not None:  # what is absent is so in every type
                    row[place] = process(row[place])
        return found

    def write(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        told = list(map(self._told, rows))
        with _cursor(conn, self._text, told, is_many=True) as cursor:
            cursor.executemany(self._text, told)
            written: int = cursor.rowcount
        return written

    def _told(self, values: Mapping[str, Any]) -> Sequence[Any]:
        if self._is_for and values.keys() != self._is_for:
            raise ValueError("an INSERT is given values of other columns than before")
        told = self._in_order({**self._usual, **values} if self._usual else values)
        if self._parameters:
            told = list(told)
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


def _answers(statement: Statement) -> bool:
    """Whether it answers rows."""
    return not isinstance(statement, Insert | Update | Delete) or bool(statement.exported_columns)


def _written_out(compiled: Any) -> list[str]:
    """The parameters of a compiled statement that are lists."""
    return [bind.key for bind in compiled.post_compile_params]

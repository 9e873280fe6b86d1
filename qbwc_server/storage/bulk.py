"""Many rows and many values at a time.

SQLAlchemy's own ways look at every single value, which takes longer than the database needs for all of them.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    Insert,
    Integer,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)

T = TypeVar("T")


def batched(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """The values in lists of `size`, the last one perhaps shorter."""
    left = iter(values)
    while batch := list(islice(left, size)):
        yield batch


def among(conn: Connection, column: Column[Any], texts: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column holds one of these texts; any number of them is one parameter."""
    given = list(texts)
    if conn.dialect.name == "sqlite":
        values = func.json_each(json.dumps(given)).table_valued("value")
        return column.in_(select(values.c.value))
    return column == any_(bindparam(None, given, type_=ARRAY(Text)))


def among_ids(conn: Connection, column: Column[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether a column holds one of these row ids; any number of them is one parameter."""
    given = list(ids)
    if conn.dialect.name == "sqlite":
        values = func.json_each(json.dumps(given)).table_valued("value")
        return column.in_(select(values.c.value))
    return column == any_(bindparam(None, given, type_=ARRAY(Integer)))


def rows_asked(
    conn: Connection, columns: Sequence[Column[Any]], rows: Iterable[tuple[Any, ...]]
) -> tuple[FromClause, ColumnElement[bool]]:
    """These rows as a table, and the condition by which a query is joined to it whose columns hold one of them.

    `tuple_(…).in_(…)` says the same, but SQLite looks for that by the first column only, and for more than one row
    through the whole table; here each row is looked up in the index that has all columns.
    """
    given, names = list(dict.fromkeys(rows)), [f"asked_{number}" for number in range(len(columns))]
    if conn.dialect.name == "sqlite":
        each = func.json_each(bindparam(None, json.dumps(given), type_=Text, unique=True)).table_valued(
            "value"
        )
        read = [
            func.json_extract(each.c.value, f"$[{number}]").label(name) for number, name in enumerate(names)
        ]
        found: Any = select(*read).select_from(each).subquery()
    else:
        kinds = [Integer if isinstance(column.type, Integer) else Text for column in columns]
        lists = zip(*given, strict=True) if given else [[]] * len(columns)
        arrays = [
            bindparam(None, list(values), type_=ARRAY(kind), unique=True)
            for values, kind in zip(lists, kinds, strict=True)
        ]
        found = func.unnest(*arrays).table_valued(*names).render_derived()
    return found, and_(*(column == found.c[name] for column, name in zip(columns, names, strict=True)))


def some_of(
    conn: Connection, table: Table, condition: ColumnElement[bool], limit: int
) -> ColumnElement[bool]:
    """Whether a row is one of some for which a condition holds, to write so many at a time."""
    keys: list[ColumnElement[Any]] = list(table.primary_key.columns)
    if conn.dialect.name == "sqlite" and table.dialect_options["sqlite"].get("with_rowid") is not False:
        # of a key of several columns SQLite would look for the first one only
        keys = [literal_column("rowid", Integer)]
    some = select(*keys).select_from(table).where(condition).limit(limit)
    return tuple_(*keys).in_(some) if len(keys) > 1 else keys[0].in_(some)


def one_of(dialect: str, column: Column[Any], parameter: str) -> ColumnElement[bool]:
    """Whether a column holds one of the values of a parameter, which is given as `listed`: for queries that are built
    once and asked often."""
    if dialect == "sqlite":
        values = func.json_each(bindparam(parameter, type_=Text)).table_valued("value")
        return column.in_(select(values.c.value))
    kind = Integer if isinstance(column.type, Integer) else Text
    return column == any_(bindparam(parameter, type_=ARRAY(kind)))


def listed(conn: Connection, values: Iterable[str] | Iterable[int]) -> Any:
    """Values for a parameter of `one_of`, however many."""
    given = list(values)
    return json.dumps(given) if conn.dialect.name == "sqlite" else given


def write_many(conn: Connection, query: Insert, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert rows that are given by column, whose values the driver takes as they are: text, numbers, booleans, None.

    A column in which no row has a value is left out, and SQLite is told booleans as the numbers it keeps: its driver
    takes longer over a value it has no type for than over all the others of a row.

    Args:
        query: one and the same object each time; it is compiled once for the same columns.
    """
    told = {name: values for name, values in columns.items() if values.count(None) < len(values)}
    if conn.dialect.name == "sqlite":
        told |= {name: list(map(int, told[name])) for name in _booleans(query) if name in told}
    text, names, by_name = _compiled(query, conn.dialect, frozenset(told))
    rows = zip(*(told[name] for name in names), strict=True)
    conn.exec_driver_sql(
        text, [dict(zip(names, row, strict=True)) for row in rows] if by_name else list(rows)
    )


def for_driver(conn: Connection, column: Column[Any], value: Any) -> Any:
    """A value of a column as the driver takes it."""
    process = column.type.bind_processor(conn.dialect)
    return value if process is None else process(value)


@lru_cache(maxsize=64)
def _booleans(query: Insert) -> tuple[str, ...]:
    """The columns that always say yes or no."""
    columns = query.table.columns.values()
    return tuple(each.name for each in columns if isinstance(each.type, Boolean) and not each.nullable)


@lru_cache(maxsize=64)
def _compiled(query: Insert, dialect: Dialect, columns: Collection[str]) -> tuple[str, Sequence[str], bool]:
    """The text of a query for these columns, its parameters, and whether the driver takes them by name."""
    compiled = query.compile(dialect=dialect, column_keys=columns)
    return str(compiled), compiled.positiontup or tuple(columns), not compiled.positional

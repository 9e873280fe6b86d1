"""Records by the keys that references name them by."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    union_all,
)

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, RecordField, State
from qbwc_server.storage import memory
from qbwc_server.storage.bulk import among_ids, listed, one_of
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.records.rows import value, value_of
from qbwc_server.storage.schema import record as table
from qbwc_server.storage.schema import record_key


def by_keys(conn: Connection, connector_id: int, kind: Kind, keys: Iterable[str]) -> list[Record]:
    """The records that are found by one of these keys and are not cancelled, the oldest first."""
    wanted = frozenset(keys)
    if not wanted:
        return []
    return memory.recall(
        conn, kind, (connector_id, "keys", wanted), lambda: _by_keys(conn, connector_id, kind, wanted)
    )


def _by_keys(conn: Connection, connector_id: int, kind: Kind, keys: Collection[str]) -> list[Record]:
    having = select(record_key.c.record_id).where(
        record_key.c.connector_id == connector_id, record_key.c.kind == kind, record_key.c.key.in_(keys)
    )
    query = select(table).where(table.c.id.in_(having), table.c.state != State.CANCELLED)
    return [value(row) for row in conn.execute(query.order_by(table.c.id))]


Question = tuple[Kind, RecordField]
"""A kind, and what its records are looked up by."""


def look_up(
    conn: Connection, connector_id: int, wanted: Mapping[Question, Collection[str]]
) -> dict[Question, list[tuple[str, Record]]]:
    """The records that have these keys, each with the key it was found by, the oldest first.

    However many questions and keys, it is one statement.
    """
    found: dict[Question, list[tuple[str, Record]]] = {question: [] for question in wanted}
    if not found:
        return found
    questions = tuple(found)
    keys = {f"keys_{number}": listed(conn, wanted[question]) for number, question in enumerate(questions)}
    query = _looking_up(conn.dialect.name, questions)
    for number, asked, *columns in query.rows(conn, {"connector_id": connector_id, **keys}):
        found[questions[number]].append((asked, value_of(columns)))
    for items in found.values():
        items.sort(key=lambda item: item[1].id)
    return found


@lru_cache(maxsize=256)
def _looking_up(dialect: str, questions: Sequence[Question]) -> Prepared:
    return Prepared(parts_of(dialect, questions))


def parts_of(
    dialect: str, questions: Sequence[Question], *more: ColumnElement[Any]
) -> CompoundSelect[Any] | Select[Any]:
    """The rows that answer several questions, each with the number of its question, and `more` of each record."""
    parts = [_part(dialect, number, *question, more) for number, question in enumerate(questions)]
    return union_all(*parts) if len(parts) > 1 else parts[0]


def _part(
    dialect: str, number: int, kind: Kind, by: RecordField, more: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    column = record_key.c.key if by == "key" else table.c[by]
    query = select(
        literal_column(str(number)).label("question"), column.label("asked"), *table.c, *more
    ).where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.kind == kind,
        one_of(dialect, column, f"keys_{number}"),
    )
    if by == "external_id":
        return query
    query = query.where(table.c.state != State.CANCELLED)
    if by != "key":
        return query
    return query.where(
        record_key.c.record_id == table.c.id,
        record_key.c.connector_id == bindparam("connector_id"),
        record_key.c.kind == kind,
    )


def set_keys(conn: Connection, record: Record, keys: Iterable[str]) -> None:
    """Let a record be found by exactly these keys."""
    set_keys_of_all(conn, record.connector_id, [(record, set(keys))], are_new=False)


def set_keys_of_all(
    conn: Connection, connector_id: int, keys: Sequence[tuple[Record, Collection[str]]], *, are_new: bool
) -> None:
    """Let records be found by exactly these keys; those that are new had none."""
    if not keys:
        return
    memory.forget(conn, *(each for record, _ in keys for each in (record.kind, ("keys", record.kind))))
    if not are_new:
        ids = [record.id for record, _ in keys]
        conn.execute(delete(record_key).where(among_ids(conn, record_key.c.record_id, ids)))
    rows = [
        {"record_id": record.id, "connector_id": connector_id, "kind": record.kind, "key": key}
        for record, some in keys
        for key in sorted(some)
    ]
    if rows:
        conn.execute(_NEW_KEY, rows)


_NEW_KEY = insert(record_key)

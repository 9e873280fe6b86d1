"""The open error records of given records."""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    select,
    union_all,
)

from qbwc_server.domain.causes import restore
from qbwc_server.domain.errors import OpenCause, QuickBooksAnswer, StoredError
from qbwc_server.domain.records import Record
from qbwc_server.storage import memory
from qbwc_server.storage.bulk import batched, listed, one_of
from qbwc_server.storage.errors.rows import OF_CONNECTOR, key, read, value, whole
from qbwc_server.storage.schema import connector
from qbwc_server.storage.schema import error as table

_other = table.alias("other")


def of_record(conn: Connection, connector_id: int, record_id: int) -> list[StoredError]:
    """The open error records of a record, oldest first."""
    return memory.recall(conn, key(record_id), "open", lambda: find(conn, connector_id, record_id=record_id))


def read_ahead(conn: Connection, record_ids: Collection[int]) -> None:
    """Read the open error records of records that are about to be looked at one by one, where that is remembered."""
    if not record_ids:
        return
    found: dict[int | None, list[StoredError]] = {record_id: [] for record_id in record_ids}
    query = whole().where(table.c.record_id.in_(record_ids), table.c.closed_at.is_(None))
    for row in conn.execute(query):
        found[row.record_id].append(value(row))
    for record_id, items in found.items():
        memory.keep(conn, key(record_id), "open", items)


def causes_of(conn: Connection, record_ids: Iterable[int]) -> list[tuple[int, OpenCause]]:
    """The open error records of these records, each with its record's id, the oldest first; in one statement."""
    query = _causes_of(conn.dialect.name)
    found = []
    for row in conn.execute(query, {"ids": listed(conn, record_ids)}):
        answer = None
        if row.quickbooks_code is not None:
            answer = QuickBooksAnswer(row.quickbooks_code, row.quickbooks_severity, row.quickbooks_message)
        found.append((row.record_id, OpenCause(row.id, restore(row.cause, row.data), row.cause_key, answer)))
    return found


@lru_cache
def _causes_of(dialect: str) -> Select[Any]:
    columns = (
        "record_id",
        "id",
        "cause",
        "cause_key",
        "data",
        "quickbooks_code",
        "quickbooks_severity",
        "quickbooks_message",
    )
    query = select(*(table.c[name] for name in columns))
    query = query.where(one_of(dialect, table.c.record_id, "ids"), table.c.closed_at.is_(None))
    return query.order_by(table.c.id)


def find(
    conn: Connection,
    connector_id: int | None = None,
    *,
    open_only: bool = True,
    cause: str | None = None,
    cause_keys: Sequence[str] | None = None,
    record_id: int | None = None,
    ids: Sequence[int] | None = None,
    about: Record | None = None,
    connector_wide: bool = False,
) -> list[StoredError]:
    """Error records, oldest first; every argument narrows. Without any connector those of all but removed ones.

    Args:
        record_id: what stands in the way of this record.
        about: the same, and that it was refused when it was handed over anew.
    """
    narrowing = {
        # a record has its own connector; asked for both, SQLite would look at all that the connector has
        "connector_id": connector_id if about is None else None,
        "cause": cause,
        "cause_keys": cause_keys,
        "record_id": record_id,
        "ids": ids,
    }
    given = {name: value for name, value in narrowing.items() if value is not None}
    dialect = None if about is None else conn.dialect.name
    query = _narrowed(tuple(given), dialect, open_only=open_only, connector_wide=connector_wide)
    return read(conn, query, given if about is None else {**given, **_marks(conn, [about])})


@lru_cache
def _narrowed(
    names: Sequence[str], dialect: str | None, *, open_only: bool, connector_wide: bool
) -> Select[Any]:
    """Error records, narrowed by each of these; with the name of a dialect by the marks of records, too."""
    query = whole().where(*(_NARROWING[name] for name in names))
    if dialect is None and "connector_id" not in names:
        query = query.where(connector.c.removed_at.is_(None))
    if open_only:
        query = query.where(table.c.closed_at.is_(None))
    if connector_wide:
        query = query.where(OF_CONNECTOR)
    return query if dialect is None else query.where(_concerns(dialect))


_NARROWING = {
    "connector_id": table.c.connector_id == bindparam("connector_id"),
    "cause": table.c.cause == bindparam("cause"),
    "cause_keys": table.c.cause_key.in_(bindparam("cause_keys", expanding=True)),
    "record_id": table.c.record_id == bindparam("record_id"),
    "ids": table.c.id.in_(bindparam("ids", expanding=True)),
}


def of_connectors(conn: Connection, connector_ids: Collection[int]) -> dict[int, list[StoredError]]:
    """What is open of each of these connectors as a whole, oldest first."""
    found: dict[int, list[StoredError]] = {connector_id: [] for connector_id in connector_ids}
    for some in batched(connector_ids):
        query = whole().where(table.c.connector_id.in_(some), OF_CONNECTOR, table.c.closed_at.is_(None))
        for item in read(conn, query):
            found[item.connector_id].append(item)
    return found


def open_of(conn: Connection, concerned: Iterable[Record]) -> dict[int, list[StoredError]]:
    """The open error records of each of these records, oldest first, also that they were refused when they were
    handed over anew; by the record's id, those without any are not in it."""
    found: dict[int, list[StoredError]] = {}
    ours = list(concerned)
    if not ours:
        return found
    for item in read(conn, _open_of(conn.dialect.name), _marks(conn, ours)):
        if item.about_id is not None:
            found.setdefault(item.about_id, []).append(item)
    return found


@lru_cache
def _open_of(dialect: str) -> Select[Any]:
    return whole().where(table.c.closed_at.is_(None), _concerns(dialect))


def _concerns(dialect: str) -> ColumnElement[bool]:
    """Whether an error record is of one of some records, or tells that it was refused; each has its own index."""
    of_record = select(_other.c.id).where(one_of(dialect, _other.c.record_id, "record_ids"))
    is_refused = select(_other.c.id).where(
        one_of(dialect, _other.c.connector_id, "connector_ids"),
        one_of(dialect, _other.c.refused_kind, "kinds"),
        one_of(dialect, _other.c.refused_id, "external_ids"),
    )
    return table.c.id.in_(union_all(of_record, is_refused))


def _marks(conn: Connection, concerned: Collection[Record]) -> dict[str, Any]:
    """The parameters that `_concerns` is given."""
    return {
        "connector_ids": listed(conn, {record.connector_id for record in concerned}),
        "kinds": listed(conn, {record.kind.value for record in concerned}),
        "external_ids": listed(conn, [record.external_id for record in concerned]),
        "record_ids": listed(conn, [record.id for record in concerned]),
    }

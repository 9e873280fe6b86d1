"""What records wait for."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import gathering, memory
from qbwc_server.storage.bulk import batched, listed, one_of
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.records.changing import change
from qbwc_server.storage.records.rows import kept, key, value, value_of
from qbwc_server.storage.schema import record as table
from qbwc_server.storage.schema import record_wait as wait


def set_waits(conn: Connection, record: Record, on: Iterable[int], *, now: datetime) -> Record:
    """Let a record wait for exactly these others."""
    targets = tuple(sorted(set(on)))
    if record.waiting or targets:
        gathering.keep_back(conn, _store_waits, (record.id, targets))
    return change(conn, record, now=now, waiting=len(targets))


def _store_waits(conn: Connection, waits: Sequence[tuple[int, Sequence[int]]]) -> None:
    # of what is said twice the last counts
    newest = dict(waits)
    _no_waits(conn.dialect.name).write(conn, [{"ids": listed(conn, newest)}])
    rows = [
        {"record_id": record_id, "on_record_id": target}
        for record_id, targets in newest.items()
        for target in targets
    ]
    if rows:
        _NEW_WAIT.write(conn, rows)


_NEW_WAIT = Prepared(insert(wait))


@lru_cache
def _no_waits(dialect: str) -> Prepared:
    return Prepared(delete(wait).where(one_of(dialect, wait.c.record_id, "ids")))


def waits_of(conn: Connection, record_id: int) -> list[Record]:
    """The records this one waits for."""
    query = select(table).join(wait, wait.c.on_record_id == table.c.id).where(wait.c.record_id == record_id)
    return [value(row) for row in conn.execute(query.order_by(table.c.id))]


def waits_of_all(conn: Connection, record_ids: Collection[int]) -> dict[int, list[Record]]:
    """The records each of these waits for; those that wait for none are not in it."""
    found: dict[int, list[Record]] = {}
    for some in batched(record_ids):
        query: Select[Any] = select(*table.c, wait.c.record_id.label("waiter")).join(
            wait, wait.c.on_record_id == table.c.id
        )
        query = query.where(wait.c.record_id.in_(some)).order_by(table.c.id)
        for row in conn.execute(query):
            found.setdefault(row.waiter, []).append(value(row))
    return found


def end_waits(conn: Connection, record_ids: Collection[int]) -> dict[int, list[int]]:
    """End all waiting for these records; the ids of those that waited for each that any waited for."""
    ended: dict[int, list[int]] = {}
    for on, waiter in _end_waits(conn.dialect.name).rows(conn, {"ids": listed(conn, record_ids)}):
        ended.setdefault(on, []).append(waiter)
    waits = Counter(waiter for waiters in ended.values() for waiter in waiters)
    if waits:
        _WAITS_LESS.write(conn, [{"which": waiter, "ended": number} for waiter, number in waits.items()])
    for waiter, number in waits.items():
        known: Record | None = memory.known(conn, key(waiter), "row")
        if known is not None:
            kept(conn, known._replace(waiting=known.waiting - number))
    return {on: sorted(waiters) for on, waiters in ended.items()}


@lru_cache
def _end_waits(dialect: str) -> Prepared:
    query = delete(wait).where(one_of(dialect, wait.c.on_record_id, "ids"))
    return Prepared(query.returning(wait.c.on_record_id, wait.c.record_id))


_WAITS_LESS = Prepared(
    update(table)
    .where(table.c.id == bindparam("which"))
    .values(waiting=table.c.waiting - bindparam("ended", type_=Integer))
)


def waiting_only_for(
    conn: Connection, on: Sequence[int], *, kinds: Sequence[Kind], limit: int
) -> list[Record]:
    """Queued records of these kinds that wait for nothing but (some of) the given records."""
    if not on:
        return []
    query = _waiting_only_for(conn.dialect.name, tuple(kinds))
    return [value_of(columns) for columns in query.rows(conn, {"on": listed(conn, on), "limit": limit})]


@lru_cache
def _waiting_only_for(dialect: str, kinds: tuple[Kind, ...]) -> Prepared:
    part = (
        select(wait.c.record_id, func.count().label("number"))
        .where(one_of(dialect, wait.c.on_record_id, "on"))
        .group_by(wait.c.record_id)
        .subquery()
    )
    query = select(table).join(part, part.c.record_id == table.c.id)
    query = query.where(
        table.c.state == State.QUEUED, table.c.waiting == part.c.number, table.c.kind.in_(kinds)
    )
    return Prepared(query.order_by(table.c.kind_rank, table.c.id).limit(bindparam("limit")))

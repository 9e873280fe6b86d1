"""What may be sent next, and what is on its way."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    union_all,
    update,
)

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import memory
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.records.rows import value_of
from qbwc_server.storage.schema import record as table
from qbwc_server.storage.schema import request


def on_their_way(conn: Connection, connector_id: int, kind: Kind, session_id: int) -> dict[int, str | None]:
    """Records of a kind that QuickBooks may hold at any moment, though it is not known to hold them yet: the number
    that the host gave each, by id.

    They are sent or uncertain, or their number was found to be free in this session.
    """
    given = {"connector_id": connector_id, "session_id": session_id}
    rows = sorted(map(tuple, _ON_THEIR_WAY.rows(conn, given)))
    return {each: ref_number for each, of, linked_to, ref_number in rows if of == kind and linked_to is None}


# two queries of which each has its index: one with "or" looks through everything that waits, and so may one that also
# asks for the kind
_NUMBERED = select(table.c.id, table.c.kind, table.c.quickbooks_id, table.c.content["ref_number"].as_string())
_ON_THEIR_WAY = Prepared(
    union_all(
        _NUMBERED.where(
            table.c.connector_id == bindparam("connector_id"),
            table.c.state.in_((State.SENT, State.UNCERTAIN)),
        ),
        _NUMBERED.where(
            table.c.connector_id == bindparam("connector_id"),
            table.c.state == State.QUEUED,
            table.c.probed_session_id == bindparam("session_id"),
        ),
    )
)


def sendable(
    conn: Connection,
    connector: Connector,
    kinds: Sequence[Kind],
    *,
    now: datetime,
    limit: int,
    after: Record | None = None,
) -> list[Record]:
    """Queued records that wait for nothing, in the order of sending, starting behind `after`.

    Records that are being isolated are not among them: see `isolated`.
    """
    query = _sendable(tuple(kinds), is_behind=after is not None)
    given = {**_given(connector, now), **_place(after), "limit": limit}
    return [value_of(columns) for columns in query.rows(conn, given)]


def perhaps_asked_first(
    conn: Connection,
    connector: Connector,
    kinds: Sequence[Kind],
    *,
    now: datetime,
    session_id: int,
    after: Record,
    among: int,
    limit: int,
) -> list[Record]:
    """Of so many that `sendable` would give, those of which QuickBooks may have to be asked before they are sent: not
    new list records, which are most of a first load, nor documents that it was asked for in this session."""
    given = {
        **_given(connector, now),
        **_place(after),
        "among": among,
        "session_id": session_id,
        "limit": limit,
    }
    query = _perhaps_asked_first(tuple(kinds))
    return [value_of(columns) for columns in query.rows(conn, given)]


def count_sendable(
    conn: Connection, connector: Connector, kinds: Sequence[Kind], *, now: datetime, most: int
) -> int:
    """How many records `sendable` would give; no more than `most` are counted."""
    given = {**_given(connector, now), "limit": most}
    counted: int = _count_sendable(tuple(kinds)).value(conn, given)
    return counted


def isolated(conn: Connection, connector: Connector, kinds: Sequence[Kind], *, now: datetime) -> list[Record]:
    """The records of a refused message set among which the culprit is; empty when nothing is being isolated."""
    given = _given(connector, now)
    first = _first_isolated(tuple(kinds)).value(conn, given)
    if first is None:
        return []
    query = _isolated(tuple(kinds))
    return [value_of(columns) for columns in query.rows(conn, {**given, "first": first})]


def suspicion(set_id: int, *, last: bool = False) -> str:
    """The mark of the records among which is what made a message set fail.

    Args:
        last: they go behind everything else, as whatever they do to QuickBooks ends the session.
    """
    return f"{_LAST if last else ''}{set_id:012}"


def goes_last(record: Record) -> bool:
    """Whether a record that is being isolated goes behind everything else."""
    return (record.isolation or "").startswith(_LAST)


_LAST = "z"
"""Begins the marks that go last: a letter, as those are sorted behind digits by every database."""


def end_isolation(conn: Connection, connector_id: int) -> None:
    """Clear all suspicion: what was being isolated may travel with any others again."""
    marked = and_(table.c.connector_id == connector_id, table.c.isolation.is_not(None))
    memory.forget_all(conn)
    conn.execute(update(table).where(marked).values(isolation=None))


# --- the queries, built once for the kinds that a connector posts ----------------------------------------------


def _given(connector: Connector, now: datetime) -> dict[str, Any]:
    return {"connector_id": connector.id, "now": now}


def _place(after: Record | None) -> dict[str, Any]:
    """Where a record stands in the order of sending."""
    if after is None:
        return {}
    return {"rank": KINDS[after.kind].rank, "priority": after.priority, "record_id": after.id}


_Kinds = tuple[Kind, ...]

_READY = and_(
    table.c.connector_id == bindparam("connector_id"),
    table.c.state == State.QUEUED,
    table.c.waiting == 0,
    table.c.claimed_id.is_(None),
    or_(table.c.not_before.is_(None), table.c.not_before <= bindparam("now")),
)
_RANK, _PRIORITY = bindparam("rank", type_=Integer), bindparam("priority", type_=Integer)
_BEHIND = or_(
    table.c.kind_rank > _RANK,
    and_(table.c.kind_rank == _RANK, table.c.priority > _PRIORITY),
    and_(table.c.kind_rank == _RANK, table.c.priority == _PRIORITY, table.c.id > bindparam("record_id")),
)
_ORDER = (table.c.kind_rank, table.c.priority, table.c.id)


def _free(kinds: _Kinds) -> ColumnElement[bool]:
    return and_(_READY, table.c.kind.in_(kinds), table.c.isolation.is_(None))


def _held(kinds: _Kinds) -> ColumnElement[bool]:
    return and_(_READY, table.c.kind.in_(kinds), table.c.isolation.is_not(None))


@lru_cache
def _sendable(kinds: _Kinds, *, is_behind: bool) -> Prepared:
    query = select(table).where(_free(kinds)).order_by(*_ORDER).limit(bindparam("limit"))
    return Prepared(query.where(_BEHIND) if is_behind else query)


@lru_cache
def _count_sendable(kinds: _Kinds) -> Prepared:
    some = select(table.c.id).where(_free(kinds)).limit(bindparam("limit"))
    return Prepared(select(func.count()).select_from(some.subquery()))


@lru_cache
def _first_isolated(kinds: _Kinds) -> Prepared:
    return Prepared(select(func.min(table.c.isolation)).where(_held(kinds)))


@lru_cache
def _isolated(kinds: _Kinds) -> Prepared:
    query = select(table).where(_held(kinds), table.c.isolation == bindparam("first"))
    return Prepared(query.order_by(table.c.kind_rank, table.c.id))


_UNASKED = or_(table.c.probed_session_id.is_(None), table.c.probed_session_id != bindparam("session_id"))
_WAS_SENT = select(request.c.id).where(request.c.record_id == table.c.id).exists()


@lru_cache
def _perhaps_asked_first(kinds: _Kinds) -> Prepared:
    next_ones = select(table.c.id).where(_free(kinds), _BEHIND).order_by(*_ORDER).limit(bindparam("among"))
    is_document = table.c.kind.in_([kind for kind in kinds if kind.is_document])
    query: Select[Any] = select(table).where(
        table.c.id.in_(select(next_ones.subquery().c.id)),
        or_(table.c.quickbooks_id.is_not(None), and_(_UNASKED, or_(is_document, _WAS_SENT))),
    )
    return Prepared(query.order_by(*_ORDER).limit(bindparam("limit")))

"""Rows of requests that somebody has written themselves, and the pages of their answers."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, Unpack

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from qbwc_server.domain.raw_requests import RawRequest, RawState
from qbwc_server.storage.columns import RawRequestColumns
from qbwc_server.storage.schema import raw_page as pages
from qbwc_server.storage.schema import raw_request as table

_OVER = tuple(state.value for state in RawState if state.is_over)


def _value(row: Row[Any]) -> RawRequest:
    return RawRequest(**{**row._mapping, "state": RawState(row.state)})


def add(
    conn: Connection,
    connector_id: int,
    *,
    name: str,
    writes: bool,
    follow: bool,
    text: str,
    actor: str,
    now: datetime,
) -> RawRequest:
    """Store a new request, queued."""
    query = insert(table).values(
        connector_id=connector_id,
        name=name,
        writes=writes,
        follow=follow,
        state=RawState.QUEUED,
        text=text,
        actor=actor,
        created_at=now,
        updated_at=now,
        tries=0,
        alone=False,
        pages=0,
        size=0,
    )
    return _value(conn.execute(query.returning(*table.c)).one())


def get(conn: Connection, connector_id: int, raw_id: int) -> RawRequest | None:
    """The connector's request with this id, or None."""
    query = select(table).where(table.c.connector_id == connector_id, table.c.id == raw_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else _value(row)


def get_all(conn: Connection, connector_id: int, raw_ids: Collection[int]) -> dict[int, RawRequest]:
    """The connector's requests with these ids, by them."""
    query = select(table).where(table.c.connector_id == connector_id, table.c.id.in_(raw_ids))
    return {row.id: _value(row) for row in conn.execute(query)}


def change(conn: Connection, raw: RawRequest, *, now: datetime, **values: Unpack[RawRequestColumns]) -> None:
    """Set columns of a request, and leave it in its state."""
    conn.execute(update(table).where(table.c.id == raw.id).values(updated_at=now, **values))


def move(
    conn: Connection,
    raw: RawRequest,
    state: RawState,
    *,
    now: datetime,
    **values: Unpack[RawRequestColumns],
) -> None:
    """Put a request into another state, and set columns with it."""
    conn.execute(update(table).where(table.c.id == raw.id).values(updated_at=now, state=state, **values))


def waiting(conn: Connection, connector_id: int, *, with_writes: bool, limit: int) -> list[RawRequest]:
    """What may be sent next: those whose next page is to be asked for, then the queued ones, in their order."""
    query = _in_order(with_writes=with_writes)
    return [_value(row) for row in conn.execute(query, {"connector_id": connector_id, "limit": limit})]


def any_waiting(conn: Connection, connector_id: int, *, with_writes: bool) -> bool:
    """Whether there is any."""
    query = _any_waiting(with_writes=with_writes)
    return bool(conn.execute(query, {"connector_id": connector_id}).scalar_one())


@lru_cache
def _in_order(*, with_writes: bool) -> Select[Any]:
    query = select(table).where(*_waiting(with_writes=with_writes))
    is_queued = table.c.state == RawState.QUEUED
    return query.order_by(is_queued, table.c.id).limit(bindparam("limit"))


@lru_cache
def _any_waiting(*, with_writes: bool) -> Select[bool]:
    return select(exists().where(*_waiting(with_writes=with_writes)))


def _waiting(*, with_writes: bool) -> list[Any]:
    # one that is sent and has no requestID is between two pages; what is on its way is never sent again
    is_next = or_(table.c.state == RawState.QUEUED, table.c.request_id.is_(None))
    # in words, so that SQLite knows that the index of these rows will do
    which = [
        table.c.connector_id == bindparam("connector_id"),
        text("raw_request.state IN ('queued', 'sent')"),
        is_next,
    ]
    return which if with_writes else [*which, table.c.writes.is_(False)]


def count_waiting(conn: Connection, connector_id: int) -> int:
    """How many wait for QuickBooks."""
    query = select(func.count()).where(*_waiting(with_writes=True))
    return conn.execute(query, {"connector_id": connector_id}).scalar_one()


def page(
    conn: Connection,
    connector_id: int,
    *,
    states: Collection[RawState] = (),
    before: int | None = None,
    limit: int,
) -> list[RawRequest]:
    """The connector's requests from the newest back, or from the one before an id."""
    query = select(table).where(table.c.connector_id == connector_id)
    if states:
        query = query.where(table.c.state.in_(list(states)))
    if before is not None:
        query = query.where(table.c.id < before)
    return [_value(row) for row in conn.execute(query.order_by(table.c.id.desc()).limit(limit))]


def keep_page(conn: Connection, raw: RawRequest, text: str) -> None:
    """Keep the answer, or the next page of it."""
    conn.execute(
        insert(pages).values(
            raw_request_id=raw.id, position=raw.pages, connector_id=raw.connector_id, text=text
        )
    )


def drop_pages(conn: Connection, raw: RawRequest) -> None:
    """Forget what was read of an answer."""
    conn.execute(delete(pages).where(pages.c.raw_request_id == raw.id))


def pages_of(conn: Connection, raw_id: int) -> list[str]:
    """The answer to a request, page by page."""
    query = select(pages.c.text).where(pages.c.raw_request_id == raw_id).order_by(pages.c.position)
    return list(conn.execute(query).scalars())


def forget(conn: Connection, connector_id: int, *, before: datetime, but: Collection[int] = ()) -> None:
    """Remove what was over before a moment, with its answers.

    Args:
        but: those that somebody has to look at yet.
    """
    conn.execute(
        delete(table).where(
            table.c.connector_id == connector_id,
            table.c.state.in_(_OVER),
            table.c.updated_at < before,
            table.c.id.not_in(but),
        )
    )

"""What was asked about a record, and what was answered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    Connection,
    select,
)

from qbwc_server.domain.operations import Operation, Request
from qbwc_server.domain.sessions import SetState
from qbwc_server.storage.bulk import listed, one_of
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import message_set, request
from qbwc_server.storage.sessions.requests import request_of


@dataclass(frozen=True, slots=True)
class Addition:
    """A request that was to create a record.

    Attributes:
        sent_at: when it was sent, for the last time if it was sent again.
        status_code, status_severity: what QuickBooks answered to it; None when it never did.
    """

    request: Request
    sent_at: datetime
    status_code: int | None
    status_severity: str | None


def additions(conn: Connection, record_ids: Collection[int]) -> list[Addition]:
    """The requests that were to create one of these records, oldest first, without those in refused sets."""
    if not record_ids:
        return []
    rows = _additions(conn.dialect.name).named(conn, {"record_ids": listed(conn, record_ids)})
    return [
        Addition(request_of(row), row["sent_at"], row["status_code"], row["status_severity"]) for row in rows
    ]


@lru_cache
def _additions(dialect: str) -> Prepared:
    return Prepared(
        select(request, message_set.c.sent_at)
        .join(message_set, message_set.c.id == request.c.message_set_id)
        .where(
            one_of(dialect, request.c.record_id, "record_ids"),
            request.c.operation == Operation.ADD,
            message_set.c.state != SetState.REFUSED,
        )
        .order_by(request.c.message_set_id, request.c.position)
    )


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message set a record travelled in, with the answer to its own request."""

    message_set_id: int
    session_id: int
    request_id: str
    operation: Operation
    sent_at: datetime
    answered_at: datetime | None
    text: str
    response: str | None
    status_code: int | None
    status_severity: str | None
    status_message: str | None
    hresult: str | None


def exchanges_of(
    conn: Connection, record_id: int, *, before: int | None = None, limit: int | None = None
) -> list[Exchange]:
    """The message sets a record travelled in, oldest first; with a limit the newest so many of them.

    Args:
        before: only those before the message set with this id.
    """
    query = (
        select(
            message_set.c.id,
            message_set.c.session_id,
            request.c.id.label("request_id"),
            request.c.operation,
            message_set.c.sent_at,
            message_set.c.answered_at,
            message_set.c.text,
            message_set.c.response,
            request.c.status_code,
            request.c.status_severity,
            request.c.status_message,
            message_set.c.hresult,
        )
        .join(request, request.c.message_set_id == message_set.c.id)
        .where(request.c.record_id == record_id)
        .order_by(message_set.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(message_set.c.id < before)
    return [
        Exchange(
            message_set_id=row.id,
            session_id=row.session_id,
            request_id=row.request_id,
            operation=Operation(row.operation),
            sent_at=row.sent_at,
            answered_at=row.answered_at,
            text=row.text,
            response=row.response,
            status_code=row.status_code,
            status_severity=row.status_severity,
            status_message=row.status_message,
            hresult=row.hresult,
        )
        for row in reversed(conn.execute(query).all())
    ]

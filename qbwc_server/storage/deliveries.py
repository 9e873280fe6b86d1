"""Rows of deliveries: what was sent to the endpoints of webhooks, what they answered, and what is wanted to be sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from qbwc_server.domain.webhooks import Delivery
from qbwc_server.storage.schema import webhook_delivery as table

_ANSWER = ("at", "duration_ms", "status", "answer", "failure", "next_try_at")
_SENT = (
    update(table)
    .where(table.c.id == bindparam("which"))
    .values({name: bindparam(f"new_{name}") for name in _ANSWER})
)


def _value(row: Row[Any]) -> Delivery:
    return Delivery(**row._mapping)


def add_all(conn: Connection, sent: Sequence[Mapping[str, Any]]) -> None:
    """Note what was sent, by its columns."""
    if sent:
        conn.execute(insert(table), list(sent))


def want(conn: Connection, wanted: Mapping[str, Any]) -> Delivery:
    """Note what is to be sent at the next opportunity, by its columns."""
    return _value(conn.execute(insert(table).values(**wanted).returning(*table.c)).one())


def sent(conn: Connection, answers: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Note what became of deliveries that were wanted: id, and the columns of the answer."""
    rows = [
        {"which": which, **{f"new_{name}": columns.get(name) for name in _ANSWER}}
        for which, columns in answers
    ]
    if rows:
        conn.execute(_SENT, rows)


def wanted(conn: Connection, webhook_id: int, *, limit: int) -> list[Delivery]:
    """What is to be sent to an endpoint as somebody wants it, in the order it was asked for."""
    query = select(table).where(table.c.webhook_id == webhook_id, table.c.duration_ms.is_(None))
    return [_value(row) for row in conn.execute(query.order_by(table.c.id).limit(limit))]


def count_wanted(conn: Connection, webhook_id: int, *, most: int) -> int:
    """How many are yet to be sent, counted up to a number."""
    query = select(table.c.id).where(table.c.webhook_id == webhook_id, table.c.duration_ms.is_(None))
    return len(conn.execute(query.limit(most)).all())


def find(conn: Connection, webhook_id: int, delivery_id: int) -> Delivery | None:
    """One delivery to an endpoint, or None."""
    query = select(table).where(table.c.webhook_id == webhook_id, table.c.id == delivery_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else _value(row)


def newest(conn: Connection, webhook_id: int, *, before: int | None, limit: int) -> list[Delivery]:
    """The deliveries to an endpoint from the newest back, or from the one before an id."""
    query = select(table).where(table.c.webhook_id == webhook_id)
    if before is not None:
        query = query.where(table.c.id < before)
    return [_value(row) for row in conn.execute(query.order_by(table.c.id.desc()).limit(limit))]


def forget(conn: Connection, connector_id: int, *, before: datetime) -> None:
    """Forget what was sent for a connector before a moment."""
    old = (table.c.connector_id == connector_id) & (table.c.at < before) & table.c.duration_ms.is_not(None)
    conn.execute(delete(table).where(old))

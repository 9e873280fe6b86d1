"""Rows of events: what happened to records and connectors, in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from qbwc_server.domain.records import State

from .schema import event as table


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        what: for a record the meaning of its transition, for a connector what was done to it.
        actor: ``host``, ``quickbooks``, ``server``, or the name of a user.
    """

    id: int
    connector_id: int
    record_id: int | None
    at: datetime
    what: str
    from_state: State | None
    to_state: State | None
    revision: int | None
    actor: str
    detail: str | None


def _value(row: Row[Any]) -> Event:
    values = dict(row._mapping)
    for name in ("from_state", "to_state"):
        values[name] = State(values[name]) if values[name] else None
    return Event(**values)


def add(
    conn: Connection,
    connector_id: int,
    what: str,
    *,
    at: datetime,
    actor: str,
    record_id: int | None = None,
    from_state: State | None = None,
    to_state: State | None = None,
    revision: int | None = None,
    detail: str | None = None,
) -> None:
    """Note that something happened."""
    conn.execute(
        insert(table).values(
            connector_id=connector_id,
            record_id=record_id,
            at=at,
            what=what,
            from_state=from_state,
            to_state=to_state,
            revision=revision,
            actor=actor,
            detail=detail,
        )
    )


def of_record(conn: Connection, record_id: int) -> list[Event]:
    """The life of a record, oldest first."""
    return [
        _value(row)
        for row in conn.execute(select(table).where(table.c.record_id == record_id).order_by(table.c.id))
    ]


def of_connector(conn: Connection, connector_id: int, *, after: int = 0, limit: int = 100) -> list[Event]:
    """The feed of a connector after an event's id, oldest first."""
    query = select(table).where(table.c.connector_id == connector_id, table.c.id > after)
    return [_value(row) for row in conn.execute(query.order_by(table.c.id).limit(limit))]

"""Rows of events: what happened to records and connectors, in order."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from qbwc_server.domain.events import Event, NewEvent
from qbwc_server.domain.records import State

from . import gathering
from .schema import event as table


def _value(row: Row[Any]) -> Event:
    values = dict(row._mapping)
    for name in ("from_state", "to_state"):
        values[name] = State(values[name]) if values[name] else None
    return Event(**values)


def add_all(conn: Connection, happened: Sequence[NewEvent]) -> None:
    """Note several things that happened, in their order, in one statement."""
    if happened:
        gathering.keep_back(conn, _store, *happened)


def _store(conn: Connection, happened: Sequence[NewEvent]) -> None:
    conn.execute(_NEW, [{name: getattr(item, name) for name in _NAMES} for item in happened])


_NEW = insert(table)
_NAMES = tuple(field.name for field in fields(NewEvent))


def add(
    conn: Connection,
    connector_id: int,
    what: str,
    *,
    at: datetime,
    actor: str,
    record_id: int | None = None,
    detail: str | None = None,
) -> None:
    """Note that something happened that is no change of a record's state."""
    add_all(conn, [NewEvent(connector_id, what, at, actor, record_id=record_id, detail=detail)])


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


def last_of_connector(conn: Connection, connector_id: int) -> datetime | None:
    """When anything last happened to a connector as a whole."""
    query = select(table.c.at).where(table.c.connector_id == connector_id, table.c.record_id.is_(None))
    return conn.execute(query.order_by(table.c.id.desc()).limit(1)).scalar_one_or_none()


def newest(
    conn: Connection, connector_id: int, *, before: int | None = None, limit: int = 100
) -> list[Event]:
    """The feed of a connector from its newest event back, or from the one before an event's id."""
    query = select(table).where(table.c.connector_id == connector_id)
    if before is not None:
        query = query.where(table.c.id < before)
    return [_value(row) for row in conn.execute(query.order_by(table.c.id.desc()).limit(limit))]

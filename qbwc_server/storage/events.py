"""Rows of events: what happened to records and connectors, in order."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, false, func, insert, select, union_all

from qbwc_server.domain.event_types import ConnectorHappening, type_of_connector
from qbwc_server.domain.events import EVERYTHING, Event, NewEvent, Wanted
from qbwc_server.domain.events import of_connector as of_the_connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import days, gathering, news, opened_errors
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import connector, record
from qbwc_server.storage.schema import event as table


def _value(row: Sequence[Any]) -> Event:
    """The columns of the table are what an event has, in the same order."""
    values = list(row)
    for place in _STATES_AT:
        values[place] = _STATES[values[place]]
    return Event(*values)


_STATES_AT = [place for place, name in enumerate(table.c.keys()) if name in ("from_state", "to_state")]
# looked up here, as rows are many and an enumeration takes its time to find a member
_STATES: Mapping[str | None, State | None] = {None: None, **{state.value: state for state in State}}


def add_all(conn: Connection, happened: Sequence[NewEvent]) -> None:
    """Note several things that happened, in their order, in one statement."""
    if happened:
        gathering.keep_back(conn, _store, *happened)
        _count(conn, happened)


def _count(conn: Connection, happened: Sequence[NewEvent]) -> None:
    """Add to the days what came to be in QuickBooks, and what came to be blocked."""
    came = Counter(
        (item.connector_id, item.to_state) for item in happened if item.from_state is not item.to_state
    )
    for connector_id in {owner for owner, state in came if state in _COUNTED}:
        numbers = {"synced": came[connector_id, State.SYNCED], "blocked": came[connector_id, State.BLOCKED]}
        days.add(conn, connector_id, happened[0].at, **numbers)


_COUNTED = (State.SYNCED, State.BLOCKED)


@gathering.comes_last
def _store(conn: Connection, happened: Sequence[NewEvent]) -> None:
    _NEW.write(conn, [_row(conn, item) for item in happened])
    news.BELL.set()


def _row(conn: Connection, item: NewEvent) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(item, name) for name in _NAMES}
    if item.reasons:
        told = [
            reason.as_data(reason.error_id or opened_errors.find(conn, item.record_id, reason.cause))
            for reason in item.reasons[:MOST_REASONS]
        ]
        row["data"] = {**item.data, "errors": told, "error_count": len(item.reasons)}
    return row


_NAMES = tuple(field.name for field in fields(NewEvent) if field.name != "reasons")
_NEW = Prepared(insert(table))

MOST_REASONS = 20
"""So many error records are told of by one event at most; a document of a thousand lines may have as many."""


def add(
    conn: Connection,
    connector_id: int,
    happening: ConnectorHappening,
    *,
    at: datetime,
    actor: str,
    detail: str | None = None,
    changes: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Note that something happened to a connector as a whole; `changes` are as in `domain.events.of_connector`."""
    told = of_the_connector(connector_id, happening, at=at, actor=actor, detail=detail, changes=changes)
    add_all(conn, [told])


def found(conn: Connection, query: Select[Any]) -> list[Event]:
    """The events that a query of all their columns finds."""
    return [_value(row) for row in conn.execute(query)]


def of_record(
    conn: Connection, record_id: int, *, before: int | None = None, limit: int | None = None
) -> list[Event]:
    """The life of a record, oldest first; with a limit the newest so many events of it.

    Args:
        before: only those before the event with this id.
    """
    query = select(table).where(table.c.record_id == record_id)
    if before is not None:
        query = query.where(table.c.id < before)
    found = conn.execute(query.order_by(table.c.id.desc()).limit(limit))
    return [_value(row) for row in reversed(found.all())]


def of_connector(
    conn: Connection,
    connector_id: int,
    *,
    after: int = 0,
    up_to: int | None = None,
    limit: int = 100,
    wanted: Wanted = EVERYTHING,
) -> list[Event]:
    """The feed of a connector after an event's id, oldest first, without what is not wanted.

    Args:
        up_to: the id of the last event that is looked at.
    """
    within = [table.c.id > after]
    if up_to is not None:
        within.append(table.c.id <= up_to)
    mine = table.c.connector_id == connector_id
    if wanted.external_id is not None:
        query = select(table).where(*within, _of_record(connector_id, wanted), table.c.type.in_(wanted.meant))
    elif wanted.meant < EVERYTHING.types:
        query = _of_types([mine, *within], sorted(wanted.meant), limit)
    else:
        query = select(table).where(mine, *within)
    return [_value(row) for row in conn.execute(query.order_by(table.c.id).limit(limit))]


def _of_record(connector_id: int, wanted: Wanted) -> ColumnElement[bool]:
    kinds = tuple(Kind) if wanted.kind is None else (wanted.kind,)
    named = select(record.c.id).where(
        record.c.connector_id == connector_id,
        record.c.kind.in_(kinds),
        record.c.external_id == wanted.external_id,
    )
    return table.c.record_id.in_(named)


def _of_types(within: Sequence[ColumnElement[bool]], types: Sequence[str], limit: int) -> Select[Any]:
    """The first of each type are read from their index and then merged: however rare they are among how many others,
    only so many are looked at."""
    if not types:
        return select(table).where(false())
    parts = [
        select(table.c.id).where(*within, table.c.type == each).order_by(table.c.id).limit(limit)
        for each in types
    ]
    # SQLite takes a part with an order only as a table of its own
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    first = select(found.c.id).order_by(found.c.id).limit(limit)
    return select(table).where(table.c.id.in_(first))


def one(conn: Connection, connector_id: int, event_id: int) -> Event | None:
    """The event of a connector with this id; None when there is none."""
    query = select(table).where(table.c.id == event_id, table.c.connector_id == connector_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else _value(row)


def last_full_reset(conn: Connection, connector_id: int) -> datetime | None:
    """When a connector was started over last, as far as that is still known; None: never."""
    is_reset = table.c.type == type_of_connector(ConnectorHappening.FULL_RESET)
    query = select(table.c.at).where(table.c.connector_id == connector_id, is_reset)
    return conn.execute(query.order_by(table.c.id.desc()).limit(1)).scalar_one_or_none()


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


def newest_ids(conn: Connection, connector_ids: Collection[int]) -> dict[int, int]:
    """The id of the newest event of each of these connectors that has any, in one statement."""
    newest = select(func.max(table.c.id)).where(table.c.connector_id == connector.c.id).scalar_subquery()
    query = select(connector.c.id, newest).where(connector.c.id.in_(connector_ids))
    return {connector_id: event_id for connector_id, event_id in conn.execute(query) if event_id is not None}


def records_touched(conn: Connection, connector_id: int, *, after: int, up_to: int) -> set[int]:
    """The ids of the records that these events are about."""
    within = (table.c.connector_id == connector_id, table.c.id > after, table.c.id <= up_to)
    query = select(table.c.record_id).where(*within, table.c.record_id.is_not(None))
    return set(conn.execute(query).scalars())

"""What a connector is doing now, in few and cheap questions: a page that is watched asks them every few seconds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal_column, select

from qbwc_server.domain.event_types import ConnectorHappening, Happening, of_kind, type_of, type_of_connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import State
from qbwc_server.domain.sessions import SessionState
from qbwc_server.storage.schema import (
    connector,
    error,
    event,
    message_set,
    record,
    record_look,
    request,
    session,
)

# --- whether anything has changed ---------------------------------------------------------------------------


def mark(conn: Connection, connector_name: str) -> str | None:
    """What differs as soon as anything has happened to a connector; None when there is none of this name.

    What is told of a connector changes with an event, a call of its Web Connector (let in or not), or a record that was
    looked at again.
    """
    row = conn.execute(_MARK, {"name": connector_name}).one_or_none()
    return None if row is None else ".".join("-" if value is None else str(value) for value in row)


_NEWEST_SESSION = (
    select(session.c.id)
    .where(session.c.connector_id == connector.c.id)
    .order_by(session.c.id.desc())
    .limit(1)
    .correlate(connector)
    .scalar_subquery()
)
_OPEN_AS_A_WHOLE = (error.c.record_id.is_(None), error.c.refused_kind.is_(None), error.c.closed_at.is_(None))
_MARK = select(
    connector.c.id,
    connector.c.last_seen_at,
    select(func.max(event.c.id)).where(event.c.connector_id == connector.c.id).scalar_subquery(),
    select(session.c.last_call_at).where(session.c.id == _NEWEST_SESSION).scalar_subquery(),
    # a message set that is out is no call yet
    select(func.max(message_set.c.id)).where(message_set.c.session_id == _NEWEST_SESSION).scalar_subquery(),
    select(func.sum(error.c.times))
    .where(error.c.connector_id == connector.c.id, *_OPEN_AS_A_WHOLE)
    .scalar_subquery(),
    select(func.min(record_look.c.record_id))
    .where(record_look.c.connector_id == connector.c.id)
    .scalar_subquery(),
).where(connector.c.name == bindparam("name"), connector.c.removed_at.is_(None))


# --- how far a visit has come -------------------------------------------------------------------------------

_SETTLED = tuple(
    type_of(kind, happening)
    for kind in Kind
    for happening in (Happening.SYNCED, Happening.VOIDED)
    if type_of(kind, happening) in of_kind(kind)
)
_RELEASED = tuple(type_of(kind, Happening.RELEASED) for kind in Kind)
_VISIT_ENDED = type_of_connector(ConnectorHappening.VISIT_ENDED)
_RESYNC = type_of_connector(ConnectorHappening.RESYNC_REQUESTED)
_RESYNC_DONE = type_of_connector(ConnectorHappening.RESYNC_DONE)


def settled_since_last_visit(conn: Connection, connector_id: int) -> int:
    """How often a record came to be in QuickBooks as the host wants it since the last visit ended."""
    ended = select(func.max(event.c.id)).where(
        event.c.connector_id == connector_id, event.c.type == _VISIT_ENDED
    )
    # an index alone answers it: the events that are counted are not looked at
    query = select(func.count()).where(
        event.c.connector_id == connector_id,
        event.c.type.in_(_SETTLED),
        event.c.id > func.coalesce(ended.scalar_subquery(), 0),
    )
    return conn.execute(query).scalar_one()


@dataclass(frozen=True, slots=True)
class Writes:
    """What the latest message sets of a visit wrote, and from when to when."""

    number: int
    began_at: datetime
    ended_at: datetime


def latest_writes(conn: Connection, session_id: int, *, sets: int) -> Writes | None:
    """What the latest message sets of a session wrote that were answered; None when there were none."""
    some = (
        select(message_set.c.id, message_set.c.sent_at, message_set.c.answered_at)
        .where(
            message_set.c.session_id == session_id,
            message_set.c.writes.is_(True),
            message_set.c.answered_at.is_not(None),
        )
        .order_by(message_set.c.id.desc())
        .limit(sets)
        .subquery()
    )
    query = (
        select(func.count(), func.min(some.c.sent_at), func.max(some.c.answered_at))
        .select_from(some)
        .join(request, request.c.message_set_id == some.c.id)
        .where(request.c.operation.in_([each for each in Operation if each.writes]))
    )
    number, began_at, ended_at = conn.execute(query).one()
    return Writes(number, began_at, ended_at) if number else None


# --- a Resync -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """The Resync that was asked for last.

    Attributes:
        event_id: the event that tells it.
        done_at: when the last of its lists had been read; None: not yet, or it was dropped.
        to_look_at: how many records are still to be looked at, whyever.
        obstacle: the cause that holds the connector up as a whole; None when none does.
        session_id: the visit that is going on; None when none is.
    """

    event_id: int
    at: datetime
    actor: str
    done_at: datetime | None
    to_look_at: int
    obstacle: str | None
    session_id: int | None


def newest_resync(conn: Connection, connector_id: int) -> Asked | None:
    """The Resync that was asked for last, as far as events are kept; None when there was none."""
    row = conn.execute(_NEWEST_RESYNC, {"connector_id": connector_id}).one_or_none()
    return None if row is None else Asked(*row)


_ID: ColumnElement[int] = bindparam("connector_id")
_DONE = event.alias("done")
_NEWEST_RESYNC = (
    select(
        event.c.id,
        event.c.at,
        event.c.actor,
        select(_DONE.c.at)
        .where(_DONE.c.connector_id == _ID, _DONE.c.type == _RESYNC_DONE, _DONE.c.id > event.c.id)
        .order_by(_DONE.c.id.desc())
        .limit(1)
        .scalar_subquery(),
        select(func.count()).where(record_look.c.connector_id == _ID).scalar_subquery(),
        select(error.c.cause)
        .where(error.c.connector_id == _ID, *_OPEN_AS_A_WHOLE)
        .order_by(error.c.id.desc())
        .limit(1)
        .scalar_subquery(),
        select(session.c.id)
        .where(session.c.connector_id == _ID, session.c.state == literal_column(f"'{SessionState.OPEN}'"))
        .scalar_subquery(),
    )
    .where(event.c.connector_id == _ID, event.c.type == _RESYNC)
    .order_by(event.c.id.desc())
    .limit(1)
)


def released_since(conn: Connection, connector_id: int, event_id: int) -> dict[State, int]:
    """Where the records are now that the server itself has released since an event."""
    query = (
        select(record.c.state, func.count(event.c.record_id.distinct()))
        .join_from(event, record, record.c.id == event.c.record_id)
        .where(
            event.c.connector_id == connector_id,
            event.c.type.in_(_RELEASED),
            event.c.id > event_id,
            event.c.actor == literal_column("'server'"),
        )
        .group_by(record.c.state)
    )
    return {State(state): number for state, number in conn.execute(query)}

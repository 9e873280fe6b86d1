"""Sessions: begun, looked up, and what each of them did."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    case,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    union_all,
    update,
)

from qbwc_server.domain.operations import Operation
from qbwc_server.domain.sessions import Session, SessionState
from qbwc_server.storage import gathering
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.columns import SessionColumns
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import IS_SYNCED, event, message_set, request, session


def session_of_row(row: Row[Any]) -> Session:
    """A row as the session it is."""
    return _session(row._asdict())


def _session(columns: Mapping[str, Any]) -> Session:
    values = dict(columns)
    del values["ticket_digest"]
    values["state"] = SessionState(values["state"])
    return Session(**values)


def open_session(
    conn: Connection, connector_id: int, ticket_digest: str, *, now: datetime, address: str | None = None
) -> Session:
    """Store a new live session; the connector's former one must have ended."""
    values = {
        "connector_id": connector_id,
        "ticket_digest": ticket_digest,
        "state": SessionState.OPEN,
        "opened_at": now,
        "last_call_at": now,
        "quarantined": False,
        "last_error": "",
        "connection_errors": 0,
        "address": address,
    }
    return session_of_row(conn.execute(_OPEN, values).one())


_OPEN = insert(session).returning(*session.c)


def by_ticket(conn: Connection, ticket_digest: str) -> Session | None:
    """The session with this ticket, live or not, or None."""
    found = _BY_TICKET.named(conn, {"ticket_digest": ticket_digest})
    return _session(found[0]) if found else None


_BY_TICKET = Prepared(select(session).where(session.c.ticket_digest == bindparam("ticket_digest")))


def last_call(conn: Connection, connector_id: int) -> datetime | None:
    """When the Web Connector last called within any session of a connector; None when there never was one."""
    latest: datetime | None = conn.execute(_LAST_CALL, {"connector_id": connector_id}).scalar_one()
    return latest


_LAST_CALL = select(func.max(session.c.last_call_at)).where(
    session.c.connector_id == bindparam("connector_id")
)


def live(conn: Connection, connector_id: int) -> Session | None:
    """The connector's live session, or None."""
    row = conn.execute(_LIVE, {"connector_id": connector_id}).one_or_none()
    return None if row is None else session_of_row(row)


_LIVE = select(session).where(
    session.c.connector_id == bindparam("connector_id"), session.c.state == SessionState.OPEN
)


def with_live(conn: Connection, connector_ids: Collection[int]) -> set[int]:
    """Those of these connectors that have a live session."""
    these = among_ids(conn, session.c.connector_id, connector_ids)
    query = select(session.c.connector_id).where(
        these, session.c.state == literal_column(f"'{SessionState.OPEN}'")
    )
    return set(conn.execute(query).scalars())


def latest(conn: Connection, connector_id: int) -> Session | None:
    """The connector's newest session, live or not, or None."""
    row = conn.execute(_LATEST, {"connector_id": connector_id}).one_or_none()
    return None if row is None else session_of_row(row)


_LATEST = (
    select(session)
    .where(session.c.connector_id == bindparam("connector_id"))
    .order_by(session.c.id.desc())
    .limit(1)
)


def recent(
    conn: Connection, connector_id: int, *, before: int | None = None, limit: int = 20
) -> list[Session]:
    """The connector's sessions from the newest back, or from the one before an id."""
    query = select(session).where(session.c.connector_id == connector_id)
    if before is not None:
        query = query.where(session.c.id < before)
    return [session_of_row(row) for row in conn.execute(query.order_by(session.c.id.desc()).limit(limit))]


@dataclass(frozen=True, slots=True)
class Tally:
    """So many requests of one operation in a session; `refused` of them QuickBooks answered with an error."""

    operation: Operation
    requests: int
    refused: int


def tallies(conn: Connection, session_ids: Sequence[int]) -> dict[int, list[Tally]]:
    """What sessions asked QuickBooks for, by session."""
    refused = func.count(case((request.c.status_severity == "Error", 1)))
    query = (
        select(message_set.c.session_id, request.c.operation, func.count(), refused)
        .join(request, request.c.message_set_id == message_set.c.id)
        .where(message_set.c.session_id.in_(session_ids))
        .group_by(message_set.c.session_id, request.c.operation)
    )
    found: dict[int, list[Tally]] = {session_id: [] for session_id in session_ids}
    for session_id, operation, number, wrong in conn.execute(query):
        found[session_id].append(Tally(Operation(operation), number, wrong))
    return found


def change(conn: Connection, session_id: int, **values: Unpack[SessionColumns]) -> None:
    """Set columns of a session."""
    gathering.keep_back(conn, _store_session_changes, (session_id, values))


def _store_session_changes(conn: Connection, changes: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    for rows in gathering.together(changes):
        _CHANGE_SESSION.write(conn, rows)


_CHANGE_SESSION = Prepared(update(session).where(session.c.id == bindparam("which")))
"""What it sets are the names of the values it is executed with."""


def sets_of(conn: Connection, session_id: int) -> tuple[int, bool]:
    """How many message sets a session has carried, and whether the newest was sent for want of anything else."""
    ((number, is_over),) = _SETS_OF.rows(conn, {"session_id": session_id})
    return number, bool(is_over)


_SETS_OF = Prepared(
    select(
        func.count(),
        select(request.c.id)
        .where(
            request.c.message_set_id
            == select(func.max(message_set.c.id))
            .where(message_set.c.session_id == bindparam("session_id"))
            .correlate(None)
            .scalar_subquery(),
            request.c.operation == Operation.GREETING,
        )
        .exists(),
    ).where(message_set.c.session_id == bindparam("session_id"))
)


def work_of(conn: Connection, session_value: Session) -> tuple[int, int]:
    """What a session did: message sets carried, records that became synced while it lasted."""
    return work_of_all(conn, [session_value])[session_value.id]


def work_of_all(conn: Connection, session_values: Sequence[Session]) -> dict[int, tuple[int, int]]:
    """What each of these sessions did, by its id, in one statement."""
    if not session_values:
        return {}
    sets = (
        select(message_set.c.session_id, func.count(), literal(0))
        .where(message_set.c.session_id.in_([item.id for item in session_values]))
        .group_by(message_set.c.session_id)
    )
    found = [synced_in(each).subquery() for each in session_values]
    synced = [select(each.c[0], literal(0), each.c[1]) for each in found]
    done = {item.id: (0, 0) for item in session_values}
    for session_id, carried, number in conn.execute(union_all(sets, *synced)):
        done[session_id] = (done[session_id][0] + carried, done[session_id][1] + number)
    return done


def synced_in(session_value: Session) -> Select[int, int]:
    """How many records came to be in QuickBooks while a session lasted, behind its id."""
    synced = select(literal(session_value.id), func.count()).where(
        event.c.connector_id == session_value.connector_id,
        event.c.at >= session_value.opened_at,
        # word for word as the index has it, which alone is read
        text(IS_SYNCED),
    )
    if session_value.ended_at is not None:
        synced = synced.where(event.c.at <= session_value.ended_at)
    return synced

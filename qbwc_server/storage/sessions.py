"""Rows of sessions, of the message sets they carry, and of the requests in those."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    or_,
    select,
    union_all,
    update,
)

from qbwc_server.domain.operations import Operation, Request, purpose_of
from qbwc_server.domain.records import State
from qbwc_server.domain.sessions import MessageSet, Session, SessionState, SetState

from . import gathering, memory
from .bulk import among, among_ids
from .columns import SessionColumns, SetColumns
from .schema import event, message_set, record, request, session

# --- sessions -----------------------------------------------------------------------------------------------


def _session(row: Row[Any]) -> Session:
    values = dict(row._mapping)
    del values["ticket_digest"]
    values["state"] = SessionState(values["state"])
    return Session(**values)


def open_session(
    conn: Connection, connector_id: int, ticket_digest: str, *, now: datetime, address: str | None = None
) -> Session:
    """Store a new live session; the connector's former one must have ended."""
    query = insert(session).values(
        connector_id=connector_id,
        ticket_digest=ticket_digest,
        state=SessionState.OPEN,
        opened_at=now,
        last_call_at=now,
        quarantined=False,
        last_error="",
        connection_errors=0,
        address=address,
    )
    return _session(conn.execute(query.returning(*session.c)).one())


def by_ticket(conn: Connection, ticket_digest: str) -> Session | None:
    """The session with this ticket, live or not, or None."""
    row = conn.execute(select(session).where(session.c.ticket_digest == ticket_digest)).one_or_none()
    return None if row is None else _session(row)


def last_call(conn: Connection, connector_id: int) -> datetime | None:
    """When the Web Connector last called within any session of a connector; None when there never was one."""
    query = select(func.max(session.c.last_call_at)).where(session.c.connector_id == connector_id)
    latest: datetime | None = conn.execute(query).scalar_one()
    return latest


def live(conn: Connection, connector_id: int) -> Session | None:
    """The connector's live session, or None."""
    query = select(session).where(
        session.c.connector_id == connector_id, session.c.state == SessionState.OPEN
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _session(row)


def with_live(conn: Connection, connector_ids: Collection[int]) -> set[int]:
    """Those of these connectors that have a live session."""
    these = among_ids(conn, session.c.connector_id, connector_ids)
    query = select(session.c.connector_id).where(
        these, session.c.state == literal_column(f"'{SessionState.OPEN}'")
    )
    return set(conn.execute(query).scalars())


def latest(conn: Connection, connector_id: int) -> Session | None:
    """The connector's newest session, live or not, or None."""
    query = select(session).where(session.c.connector_id == connector_id)
    row = conn.execute(query.order_by(session.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _session(row)


def recent(
    conn: Connection, connector_id: int, *, before: int | None = None, limit: int = 20
) -> list[Session]:
    """The connector's sessions from the newest back, or from the one before an id."""
    query = select(session).where(session.c.connector_id == connector_id)
    if before is not None:
        query = query.where(session.c.id < before)
    return [_session(row) for row in conn.execute(query.order_by(session.c.id.desc()).limit(limit))]


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
        conn.execute(_CHANGE_SESSION, rows)


_CHANGE_SESSION = update(session).where(session.c.id == bindparam("which"))
"""What it sets are the names of the values it is executed with."""


def sets_of(conn: Connection, session_id: int) -> tuple[int, bool]:
    """How many message sets a session has carried, and whether the newest was sent for want of anything else."""
    number, is_over = conn.execute(_SETS_OF, {"session_id": session_id}).one()
    return number, bool(is_over)


_SETS_OF = select(
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


def work_of(conn: Connection, session_value: Session) -> tuple[int, int]:
    """What a session did: message sets carried, records that became synced while it lasted."""
    return work_of_all(conn, [session_value])[session_value.id]


def work_of_all(conn: Connection, session_values: Sequence[Session]) -> dict[int, tuple[int, int]]:
    """What each of these sessions did, by its id."""
    if not session_values:
        return {}
    sets = (
        select(message_set.c.session_id, func.count())
        .where(message_set.c.session_id.in_([item.id for item in session_values]))
        .group_by(message_set.c.session_id)
    )
    carried = {session_id: int(number) for session_id, number in conn.execute(sets)}
    synced = {
        session_id: int(number)
        for session_id, number in conn.execute(union_all(*map(_synced_in, session_values)))
    }
    return {item.id: (carried.get(item.id, 0), synced[item.id]) for item in session_values}


def _synced_in(session_value: Session) -> Select[int, int]:
    of_connector = event.c.connector_id == session_value.connector_id
    # events are in the order of time: only those of the session itself are looked at, however many there are
    before = select(event.c.id).where(of_connector, event.c.at < session_value.opened_at)
    newest_before = before.order_by(event.c.id.desc()).limit(1).scalar_subquery()
    synced = select(literal(session_value.id), func.count()).where(
        of_connector, event.c.id > func.coalesce(newest_before, 0), event.c.to_state == State.SYNCED
    )
    if session_value.ended_at is not None:
        synced = synced.where(event.c.at <= session_value.ended_at)
    return synced


# --- message sets -------------------------------------------------------------------------------------------


def _set(row: Row[Any]) -> MessageSet:
    values = row._mapping
    return MessageSet(
        id=values["id"],
        connector_id=values["connector_id"],
        session_id=values["session_id"],
        state=SetState(values["state"]),
        name=values["name"],
        writes=values["writes"],
        resent=values["resent"],
        text=values["text"],
        sent_at=values["sent_at"],
        progress=values["progress"],
    )


def add_set(
    conn: Connection, session_value: Session, *, name: str | None, writes: bool, now: datetime
) -> MessageSet:
    """Store a message set that is about to be sent; its text follows, as it holds ids made from this row's."""
    query = insert(message_set).values(
        connector_id=session_value.connector_id,
        session_id=session_value.id,
        state=SetState.SENT,
        name=name,
        writes=writes,
        resent=False,
        text="",
        sent_at=now,
    )
    return _set(conn.execute(query.returning(*message_set.c)).one())


def change_set(conn: Connection, set_id: int, **values: Unpack[SetColumns]) -> None:
    """Set columns of a message set."""
    memory.forget(conn, _SET)
    gathering.keep_back(conn, _store_set_changes, (set_id, values))


def _store_set_changes(conn: Connection, changes: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    for rows in gathering.together(changes):
        conn.execute(_CHANGE_SET, rows)


_CHANGE_SET = update(message_set).where(message_set.c.id == bindparam("which"))
"""What it sets are the names of the values it is executed with."""


def get_set(conn: Connection, set_id: int) -> MessageSet:
    """The message set with this id, which must exist."""
    found = _set(conn.execute(select(message_set).where(message_set.c.id == set_id)).one())
    memory.keep(conn, _SET, set_id, found.resent)
    return found


def is_resent(conn: Connection, set_id: int) -> bool:
    """Whether a message set was sent again; asked for every write, so its long text is left where it is."""
    query = select(message_set.c.resent).where(message_set.c.id == set_id)
    return memory.recall(conn, _SET, set_id, lambda: bool(conn.execute(query).scalar_one()))


_SET = "resent"
"""What the answer of `is_resent` depends on, for `memory`."""


def unanswered(conn: Connection, session_id: int) -> MessageSet | None:
    """The session's message set whose answer is awaited, or None."""
    query = select(message_set).where(
        message_set.c.session_id == session_id, message_set.c.state == SetState.SENT
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    memory.keep(conn, _SET, row.id, row.resent)
    return _set(row)


def newest_answered(conn: Connection, session_id: int) -> MessageSet | None:
    """The session's message set that was answered last, or None."""
    query = select(message_set).where(
        message_set.c.session_id == session_id, message_set.c.progress.is_not(None)
    )
    row = conn.execute(
        query.order_by(message_set.c.answered_at.desc(), message_set.c.id.desc()).limit(1)
    ).one_or_none()
    return None if row is None else _set(row)


def newest_set(conn: Connection, session_id: int) -> int | None:
    """The id of the session's message set that was sent last, or None."""
    return conn.execute(_NEWEST_SET, {"session_id": session_id}).scalar_one_or_none()


_NEWEST_SET = (
    select(message_set.c.id)
    .where(message_set.c.session_id == bindparam("session_id"))
    .order_by(message_set.c.sent_at.desc(), message_set.c.id.desc())
    .limit(1)
)


def sets_in(conn: Connection, connector_id: int, *states: SetState) -> list[MessageSet]:
    """The connector's message sets in these states, oldest first."""
    query = select(message_set).where(
        message_set.c.connector_id == connector_id, message_set.c.state.in_(states)
    )
    return [_set(row) for row in conn.execute(query.order_by(message_set.c.id))]


def forget_texts(conn: Connection, connector_id: int, *, before: datetime) -> None:
    """Remove the texts of message sets sent before a moment that nothing can depend on any more."""
    done = (SetState.ANSWERED, SetState.REFUSED, SetState.SETTLED)
    conn.execute(
        update(message_set)
        .where(
            message_set.c.connector_id == connector_id,
            message_set.c.state.in_(done),
            message_set.c.sent_at < before,
        )
        .values(text="", response=None)
    )


@dataclass(frozen=True, slots=True)
class Document:
    """A message set as it was sent, and its answer as it came; "" and None once they have been removed."""

    set: MessageSet
    answered_at: datetime | None
    hresult: str | None
    hresult_message: str | None
    response: str | None


def document(conn: Connection, connector_id: int, set_id: int) -> Document | None:
    """A message set of a connector with its answer, or None."""
    query = select(message_set).where(message_set.c.connector_id == connector_id, message_set.c.id == set_id)
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    values = row._mapping
    return Document(
        _set(row), values["answered_at"], values["hresult"], values["hresult_message"], values["response"]
    )


# --- requests -----------------------------------------------------------------------------------------------


def _request(row: Row[Any]) -> Request:
    values = row._mapping
    return Request(
        id=values["id"],
        message_set_id=values["message_set_id"],
        connector_id=values["connector_id"],
        operation=Operation(values["operation"]),
        record_id=values["record_id"],
        revision=values["revision"],
        purpose=purpose_of(Operation(values["operation"]), values["data"]),
        settled=values["settled"],
        absent=values["absent"],
    )


def add_requests(conn: Connection, requests: Sequence[Request]) -> None:
    """Store the requests of a message set, in their order."""
    rows = [
        {
            "id": item.id,
            "message_set_id": item.message_set_id,
            "connector_id": item.connector_id,
            "position": position,
            "operation": item.operation,
            "record_id": item.record_id,
            "revision": item.revision,
            "data": item.purpose.json(),
            "settled": item.settled,
            "absent": item.absent,
        }
        for position, item in enumerate(requests)
    ]
    conn.execute(insert(request), rows)


def requests_of(conn: Connection, set_id: int) -> list[Request]:
    """The requests of a message set, in their order."""
    ids = memory.known(conn, _MEMBERS, set_id)
    if ids is not None:
        return [memory.known(conn, _ROW, request_id) for request_id in ids]
    query = select(request).where(request.c.message_set_id == set_id).order_by(request.c.position)
    found = _remembered(conn, map(_request, conn.execute(query)))
    memory.keep(conn, _MEMBERS, set_id, [item.id for item in found])
    return found


def find_request(conn: Connection, connector_id: int, request_id: str) -> Request | None:
    """The connector's request with this requestID, or None."""
    return find_requests(conn, connector_id, [request_id]).get(request_id)


def find_requests(conn: Connection, connector_id: int, request_ids: Iterable[str]) -> dict[str, Request]:
    """The connector's requests with these requestIDs, by them."""
    wanted = list(request_ids)
    found = {request_id: memory.known(conn, _ROW, request_id) for request_id in wanted}
    unread = [request_id for request_id in wanted if found[request_id] is None]
    if unread:
        query = select(request).where(
            request.c.connector_id == connector_id, among(conn, request.c.id, unread)
        )
        found |= {item.id: item for item in _remembered(conn, map(_request, conn.execute(query)))}
    return {
        request_id: item
        for request_id, item in found.items()
        if item is not None and item.connector_id == connector_id
    }


_MEMBERS, _ROW = "requests of a message set", "request"
"""What answers about requests depend on, for `memory`."""


def _remembered(conn: Connection, found: Iterable[Request]) -> list[Request]:
    read = list(found)
    for item in read:
        memory.keep(conn, _ROW, item.id, item)
    return read


def settle(
    conn: Connection, request_id: str, code: int | None, severity: str | None, message: str | None
) -> bool:
    """Note a request's answer. False when it had been settled before: an answer counts once."""
    answer = {"status_code": code, "status_severity": severity, "status_message": message}
    known: Request | None = memory.known(conn, _ROW, request_id)
    if known is not None:
        if not known.settled:
            _change(conn, known, settled=True, **answer)
        return not known.settled
    query = update(request).where(request.c.id == request_id, request.c.settled.is_(False))
    return conn.execute(query.values(settled=True, **answer)).rowcount == 1


def unsettle(conn: Connection, request_id: str) -> None:
    """Take a request for unanswered after all: its answer did not say what is needed."""
    _change_all(conn, [request_id], settled=False)


def settle_all(conn: Connection, request_ids: Iterable[str]) -> None:
    """Mark requests as settled that never got an answer of their own."""
    _change_all(conn, list(request_ids), settled=True)


def mark_absent(conn: Connection, request_id: str) -> None:
    """Note that QuickBooks does not hold what this request wrote."""
    _change_all(conn, [request_id], absent=True)


def forget_absence(conn: Connection, set_id: int) -> None:
    """The set is sent once more: whether QuickBooks holds what it writes has to be asked anew if need be."""
    memory.forget(conn, _MEMBERS, _ROW)
    conn.execute(update(request).where(request.c.message_set_id == set_id).values(absent=False))


def _change_all(conn: Connection, request_ids: Sequence[str], **values: bool) -> None:
    known = [memory.known(conn, _ROW, request_id) for request_id in request_ids]
    if all(known):
        for item in known:
            _change(conn, item, **values)
        return
    memory.forget(conn, _MEMBERS, _ROW)
    conn.execute(update(request).where(request.c.id.in_(request_ids)).values(**values))


def _change(conn: Connection, known: Request, **values: Any) -> None:
    """Set columns of a request that is remembered."""
    of_value = {name: value for name, value in values.items() if name in ("settled", "absent")}
    memory.keep(conn, _ROW, known.id, replace(known, **of_value))
    gathering.keep_back(conn, _store_changes, (known.id, values))


def _store_changes(conn: Connection, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    for rows in gathering.together(changes):
        conn.execute(_CHANGE_REQUEST, rows)


_CHANGE_REQUEST = update(request).where(request.c.id == bindparam("which"))
"""What it sets are the names of the values it is executed with."""


def uncertain_writes(conn: Connection, connector_id: int, *, now: datetime, limit: int) -> list[Request]:
    """Attempts whose answer was lost and that QuickBooks has not been asked about yet, oldest first."""
    query = (
        select(request)
        .join(record, record.c.id == request.c.record_id)
        .where(
            record.c.connector_id == connector_id,
            record.c.state == State.UNCERTAIN,
            request.c.settled.is_(False),
            request.c.absent.is_(False),
            or_(record.c.not_before.is_(None), record.c.not_before <= now),
        )
        .order_by(request.c.message_set_id, request.c.position)
        .limit(limit)
    )
    return [_request(row) for row in conn.execute(query)]


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
    query = (
        select(request, message_set.c.sent_at)
        .join(message_set, message_set.c.id == request.c.message_set_id)
        .where(
            request.c.record_id.in_(record_ids),
            request.c.operation == Operation.ADD,
            message_set.c.state != SetState.REFUSED,
        )
        .order_by(request.c.message_set_id, request.c.position)
    )
    return [
        Addition(_request(row), row.sent_at, row.status_code, row.status_severity)
        for row in conn.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message set a record travelled in, with the answer to its own request."""

    message_set_id: int
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


def exchanges_of(conn: Connection, record_id: int) -> list[Exchange]:
    """The message sets that wrote a record, oldest first."""
    query = (
        select(
            message_set.c.id,
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
        .order_by(message_set.c.id)
    )
    return [
        Exchange(
            message_set_id=row.id,
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
        for row in conn.execute(query)
    ]
